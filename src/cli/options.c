/* SPDX-License-Identifier: MIT */
/* options.c: the command line, read and explained by one table. See cli.h. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* ---- Help --------------------------------------------------------------- */

enum { HELP_COLUMN = 26 };

/* Text that may have lines, from the help column on. */
static void print_help_text(const char *text)
{
    for (; *text; text++) {
        putchar(*text);
        if (*text == '\n')
            printf("%*s", HELP_COLUMN, "");
    }
    putchar('\n');
}

static void print_option(const tin_option *o)
{
    char left[64];
    char letter[8] = "";

    if (o->letter)
        snprintf(letter, sizeof letter, "-%c, ", o->letter);
    snprintf(left, sizeof left, "  %s%s%s%s", letter, o->name,
             o->value ? " " : "", o->value ? o->value : "");
    if (strlen(left) + 2 > HELP_COLUMN)
        printf("%s\n%*s", left, HELP_COLUMN, "");
    else
        printf("%-*s", HELP_COLUMN, left);
    print_help_text(o->help);
}

static void print_help(const tin_cli_command *c)
{
    const tin_option help = {.name = "--help",
                             .letter = 'h',
                             .kind = TIN_OPTION_FLAG,
                             .help = "print this text"};

    printf("usage: tinyinfer %s %s%s [options]\n\n%s\noptions:\n", c->name,
           c->operand, c->many ? "..." : "", c->about);
    for (const tin_option *o = c->options; o->name; o++)
        print_option(o);
    for (const tin_option *o = c->shared; o && o->name; o++)
        print_option(o);
    print_option(&help);
    for (const char *const *note = c->notes; note && *note; note++)
        printf("\n%s", *note);
}

/* ---- Values ------------------------------------------------------------- */

static int in_range(const tin_option *o, double x)
{
    return (o->min == 0 && o->max == 0) || (x >= o->min && x <= o->max);
}

static int bad_value(const tin_cli_command *c, const tin_option *o,
                     const char *text, const char *what)
{
    if (o->min == 0 && o->max == 0)
        return tin_cli_usage(c->name, "%s takes %s, not '%s'", o->name, what,
                             text);
    return tin_cli_usage(c->name, "%s takes %s from %.6g to %.6g, not '%s'",
                         o->name, what, o->min, o->max, text);
}

/* strtoll and strtod skip leading space, which hides a quoting mistake. */
static int starts_number(const char *text)
{
    return *text && strchr("+-.0123456789", *text) != NULL;
}

static int set_int(const tin_cli_command *c, const tin_option *o, void *to,
                   const char *text)
{
    char *end = NULL;
    long long n;

    errno = 0;
    n = strtoll(text, &end, 10);
    if (!starts_number(text) || *end || errno || !in_range(o, (double)n))
        return bad_value(c, o, text, "a whole number");
    *(int64_t *)to = n;
    return TIN_CLI_GO_ON;
}

static int set_size(const tin_cli_command *c, const tin_option *o, int64_t *to,
                    const char *text)
{
    *to = tin_read_size(text);
    if (*to == 0)
        return tin_cli_usage(c->name,
                             "%s takes bytes, such as 65536, 64K or 1M, not "
                             "'%s'",
                             o->name, text);
    return TIN_CLI_GO_ON;
}

static int set_float(const tin_cli_command *c, const tin_option *o, void *to,
                     const char *text)
{
    char *end = NULL;
    const double x = strtod(text, &end);

    if (!starts_number(text) || *end || !isfinite(x) || !in_range(o, x))
        return bad_value(c, o, text, "a number");
    *(double *)to = x;
    return TIN_CLI_GO_ON;
}

static int add_to_list(const tin_cli_command *c, const tin_option *o,
                       tin_cli_list *list, const char *text)
{
    if (list->count == TIN_CLI_LIST_MAX)
        return tin_cli_usage(c->name, "more than %d times %s", TIN_CLI_LIST_MAX,
                             o->name);
    list->at[list->count++] = text;
    return TIN_CLI_GO_ON;
}

/* The words are those of o->value, with | between them. */
static int set_word(const tin_cli_command *c, const tin_option *o, int *to,
                    const char *text)
{
    const size_t n = strlen(text);
    const char *word = o->value;

    for (int i = 0; *word; i++) {
        const size_t length = strcspn(word, "|");

        if (length == n && memcmp(word, text, n) == 0) {
            *to = i;
            return TIN_CLI_GO_ON;
        }
        word += length + (word[length] == '|');
    }
    return tin_cli_usage(c->name, "%s takes one of %s, not '%s'", o->name,
                         o->value, text);
}

/* text is NULL for a flag. */
static int set_option(const tin_cli_command *c, const tin_option *o, void *to,
                      const char *text)
{
    switch (o->kind) {
    case TIN_OPTION_FLAG: *(int *)to = 1; break;
    case TIN_OPTION_STRING: *(const char **)to = text; break;
    case TIN_OPTION_LIST: return add_to_list(c, o, to, text);
    case TIN_OPTION_INT: return set_int(c, o, to, text);
    case TIN_OPTION_FLOAT: return set_float(c, o, to, text);
    case TIN_OPTION_WORD: return set_word(c, o, to, text);
    case TIN_OPTION_SIZE: return set_size(c, o, to, text);
    case TIN_OPTION_REGION: return tin_region_add(c->name, to, text);
    }
    return TIN_CLI_GO_ON;
}

/* ---- Arguments ---------------------------------------------------------- */

/* Where the parser stands. */
typedef struct {
    const tin_cli_command *command;
    int argc, at;
    char **argv;
    char *args;
} parser;

/* The option that an argument names: "--name", "--name=value", "-n" or
 * "-nvalue"; *value is what stands behind the name, or NULL. */
static const tin_option *find_option(const tin_option *options, const char *arg,
                                     const char **value)
{
    for (const tin_option *o = options; o && o->name; o++) {
        const size_t n = strlen(o->name);

        if (strncmp(arg, o->name, n) == 0 && (!arg[n] || arg[n] == '=')) {
            *value = arg[n] ? arg + n + 1 : NULL;
            return o;
        }
        if (o->letter && arg[1] == o->letter) {
            *value = arg[2] ? arg + 2 : NULL;
            return o;
        }
    }
    return NULL;
}

static int unknown_option(const tin_cli_command *c, const char *arg)
{
    tin_guess guess;

    tin_guess_start(&guess, arg);
    for (const tin_option *o = c->options; o->name; o++)
        tin_guess_try(&guess, o->name);
    for (const tin_option *o = c->shared; o && o->name; o++)
        tin_guess_try(&guess, o->name);
    tin_guess_try(&guess, "--help");
    return tin_cli_unknown(c->name, "option", arg, &guess);
}

static int parse_option(parser *p)
{
    const char *arg = p->argv[p->at++];
    const char *value = NULL;
    const tin_option *o = find_option(p->command->options, arg, &value);
    char *args = p->args;

    if (!o) {
        o = find_option(p->command->shared, arg, &value);
        args += p->command->shared_offset;
    }
    if (!o)
        return unknown_option(p->command, arg);
    if (o->kind == TIN_OPTION_FLAG && value)
        return tin_cli_usage(p->command->name, "%s takes no value", o->name);
    if (o->kind != TIN_OPTION_FLAG && !value) {
        if (p->at == p->argc)
            return tin_cli_usage(p->command->name, "%s needs a value: %s",
                                 o->name, o->value);
        value = p->argv[p->at++];
    }
    return set_option(p->command, o, args + o->offset, value);
}

static int add_operand(const tin_cli_command *c, tin_cli_list *list,
                       const char *arg)
{
    if (list->count == TIN_CLI_LIST_MAX)
        return tin_cli_usage(c->name, "more than %d times %s", TIN_CLI_LIST_MAX,
                             c->operand);
    list->at[list->count++] = arg;
    return TIN_CLI_GO_ON;
}

static int parse_operand(parser *p)
{
    const tin_cli_command *c = p->command;
    const char **operand = (void *)(p->args + c->operand_offset);
    const char *arg = p->argv[p->at++];

    if (c->many)
        return add_operand(c, (void *)(p->args + c->operand_offset), arg);
    if (*operand)
        return tin_cli_usage(c->name, "one %s at a time: '%s' is too much",
                             c->operand, arg);
    *operand = arg;
    return TIN_CLI_GO_ON;
}

static int wants_help(const tin_cli_command *c, int argc, char **argv)
{
    int32_t i;

    for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help(c);
            return 1;
        }
    }
    return 0;
}

int tin_cli_parse(const tin_cli_command *command, int argc, char **argv,
                  void *args)
{
    parser p = {command, argc, 1, argv, args};
    int options = 1;
    int status = TIN_CLI_GO_ON;

    if (wants_help(command, argc, argv))
        return TIN_CLI_OK;
    while (p.at < argc && status == TIN_CLI_GO_ON) {
        const char *arg = argv[p.at];

        if (options && strcmp(arg, "--") == 0) {
            options = 0;
            p.at++;
        } else if (options && arg[0] == '-' && arg[1]) {
            status = parse_option(&p);
        } else {
            status = parse_operand(&p);
        }
    }
    // a list begins with its first member
    if (status == TIN_CLI_GO_ON && !command->optional &&
        !*(const char **)(void *)(p.args + command->operand_offset))
        return tin_cli_usage(command->name, "no %s given", command->operand);
    return status;
}
