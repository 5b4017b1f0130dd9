/* SPDX-License-Identifier: MIT */
/* main.c: the `tinyinfer` command: a table of subcommands. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const struct {
    const char *name;
    const char *about;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"inspect", "what a network costs: layers, memory, work", tin_cmd_inspect},
    {"report", "the same as a page to look at: memory map, chips",
     tin_cmd_report},
    {"plan", "place any buffers; share one arena among networks", tin_cmd_plan},
    {"compile", "print a network as C for your firmware", tin_cmd_compile},
    {"run", "run a network on one input", tin_cmd_run},
    {"eval", "run a network on many inputs: accuracy, outputs", tin_cmd_eval},
    {"bench", "how long each layer takes", tin_cmd_bench},
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

static int print_help(void)
{
    printf("tinyinfer %s: neural networks on small machines\n\n"
           "usage: tinyinfer COMMAND MODEL [options]\n\ncommands:\n",
           TIN_VERSION);
    for (size_t i = 0; i < N_COMMANDS; i++)
        printf("  %-10s%s\n", commands[i].name, commands[i].about);
    printf("\noptions:\n"
           "  --help    print this text\n"
           "  --version print the version\n\n"
           "MODEL is a TensorFlow Lite file. `tinyinfer COMMAND --help` says\n"
           "everything about a command. The exit status is 0 for success, 1\n"
           "where a file or value is wrong, 2 where the command line is.\n");
    return TIN_CLI_OK;
}

static int unknown_command(const char *arg)
{
    tin_guess guess;

    tin_guess_start(&guess, arg);
    for (size_t i = 0; i < N_COMMANDS; i++)
        tin_guess_try(&guess, commands[i].name);
    tin_guess_try(&guess, "--help");
    tin_guess_try(&guess, "--version");
    return tin_cli_unknown(NULL, arg[0] == '-' ? "option" : "command", arg,
                           &guess);
}

static int run_command(int argc, char **argv)
{
    if (argc < 1)
        return tin_cli_usage(NULL, "no command given");
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)
        return print_help();
    if (strcmp(argv[0], "--version") == 0) {
        printf("tinyinfer %s\n", TIN_VERSION);
        return TIN_CLI_OK;
    }
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(argv[0], commands[i].name) == 0)
            return commands[i].run(argc, argv);
    }
    return unknown_command(argv[0]);
}

/* `tinyinfer help COMMAND`, as people type it, becomes `COMMAND --help`. */
static void read_help(int argc, char **argv)
{
    static char help[] = "--help";

    if (argc < 2 || strcmp(argv[1], "help") != 0)
        return;
    argv[1] = help;
    if (argc > 2) {
        argv[1] = argv[2];
        argv[2] = help;
    }
}

int main(int argc, char **argv)
{
    int status;

    read_help(argc, argv);
    status = run_command(argc - 1, argv + 1);

    // A full disk or a closed pipe shows only here.
    if ((fflush(stdout) != 0 || ferror(stdout)) && status == TIN_CLI_OK)
        return tin_cli_fail(NULL, "cannot write to standard output");
    return status;
}
