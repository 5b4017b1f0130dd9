/* SPDX-License-Identifier: MIT */
/* bench_options.c: the command line of the bench program. See bench.h. */
#include <stdlib.h>
#include <string.h>

#include "../src/cli/guess.h"
#include "bench.h"

static int add_model(tin_bench_options *o, const char *path)
{
    if (o->n_models == TIN_BENCH_MODELS)
        return tin_bench_fail(TIN_BENCH_USAGE, "more than %d models",
                              (int)TIN_BENCH_MODELS);
    o->models[o->n_models++] = path;
    return TIN_BENCH_OK;
}

/* "unknown option '--kernl': did you mean --kernel?" */
static int unknown(const char *what, const char *text, const tin_guess *g,
                   const char *see)
{
    if (g->best)
        return tin_bench_fail(TIN_BENCH_USAGE,
                              "unknown %s '%s': did you mean %s? (see %s)",
                              what, text, g->best, see);
    return tin_bench_fail(TIN_BENCH_USAGE, "unknown %s '%s'; see %s", what,
                          text, see);
}

static int read_number(int32_t *to, const char *name, const char *text,
                       long min, long max)
{
    char *end;
    const long x = strtol(text, &end, 10);

    if (end == text || *end || x < min || x > max)
        return tin_bench_fail(TIN_BENCH_USAGE, "%s takes %ld .. %ld, not '%s'",
                              name, min, max, text);
    *to = (int32_t)x;
    return TIN_BENCH_OK;
}

/* Options without a value, and those with one. */
static const char *const flags[] = {"--csv",   "--json", "--list",
                                    "--steps", "--help", "-h"};
static const char *const known[] = {"--kernel",  "--shape",  "--model",
                                    "--runs",    "--warmup", "--target",
                                    "--optimize"};
enum { N_FLAGS = sizeof flags / sizeof *flags };
enum { N_KNOWN = sizeof known / sizeof *known };

/* The place of the name of n characters in the list; n_list: it is not there.
 */
static int find(const char *const *list, int n_list, const char *name, size_t n)
{
    int i = 0;

    while (i < n_list &&
           (strlen(list[i]) != n || strncmp(list[i], name, n) != 0))
        i++;
    return i;
}

/* Returns 1 when it is an option without a value. */
static int read_flag(tin_bench_options *o, const char *name)
{
    switch (find(flags, N_FLAGS, name, strlen(name))) {
    case 0: o->format = TIN_BENCH_CSV; return 1;
    case 1: o->format = TIN_BENCH_JSON; return 1;
    case 2: o->list = 1; return 1;
    case 3: o->steps = 1; return 1;
    case N_FLAGS: return 0;
    default: o->help = 1; return 1;
    }
}

static int read_optimize(tin_bench_options *o, const char *text)
{
    static const char *const words[] = {"ram", "balanced", "flash", "speed"};
    int i;

    for (i = 0; i < 4 && strcmp(words[i], text) != 0; i++) {
    }
    if (i == 4)
        return tin_bench_fail(TIN_BENCH_USAGE,
                              "--optimize takes ram, balanced, flash or "
                              "speed, not '%s'",
                              text);
    o->optimize = (tin_optimize)i;
    return TIN_BENCH_OK;
}

static int set_option(tin_bench_options *o, int which, const char *name,
                      const char *text)
{
    switch (which) {
    case 0: o->kernel = text; return TIN_BENCH_OK;
    case 1: o->shape = text; return TIN_BENCH_OK;
    case 2: o->only_models = 1; return add_model(o, text);
    case 3: return read_number(&o->runs, name, text, 1, 100000);
    case 4: return read_number(&o->warmup, name, text, 0, 1000000);
    case 5: o->target = text; return TIN_BENCH_OK;
    default: return read_optimize(o, text);
    }
}

static int unknown_option(const char *text)
{
    tin_guess guess;

    tin_guess_start(&guess, text);
    for (int i = 0; i < N_KNOWN; i++)
        tin_guess_try(&guess, known[i]);
    for (int i = 0; i < N_FLAGS; i++)
        tin_guess_try(&guess, flags[i]);
    return unknown("option", text, &guess, "--help");
}

/* `--name value` or `--name=value`; sets *used to the arguments it takes. */
static int read_option(tin_bench_options *o, char **argv, int *used)
{
    const size_t n = strcspn(argv[0], "=");
    const char *text = argv[0][n] ? argv[0] + n + 1 : argv[1];
    const int i = find(known, N_KNOWN, argv[0], n);

    if (i == N_KNOWN)
        return unknown_option(argv[0]);
    if (!text)
        return tin_bench_fail(TIN_BENCH_USAGE, "%s needs a value", known[i]);
    *used = argv[0][n] ? 1 : 2;
    return set_option(o, i, known[i], text);
}

static int read_all(tin_bench_options *o, int argc, char **argv)
{
    int status = TIN_BENCH_OK;
    int used;

    for (int i = 1; i < argc && status == TIN_BENCH_OK; i += used) {
        used = 1;
        if (argv[i][0] != '-')
            status = add_model(o, argv[i]);
        else if (!read_flag(o, argv[i]))
            status = read_option(o, argv + i, &used);
    }
    return status;
}

static int check_kernel(const char *name)
{
    tin_guess guess;

    tin_guess_start(&guess, name);
    for (const tin_bench_kernel *k = tin_bench_kernels; k->name; k++) {
        if (strcmp(k->name, name) == 0)
            return TIN_BENCH_OK;
        tin_guess_try(&guess, k->name);
    }
    return unknown("kernel", name, &guess, "--list");
}

static int check_options(const tin_bench_options *o)
{
    if (o->shape && !o->kernel)
        return tin_bench_fail(TIN_BENCH_USAGE, "--shape needs --kernel");
    if (o->steps && !o->n_models)
        return tin_bench_fail(TIN_BENCH_USAGE, "--steps needs a model");
    return o->kernel ? check_kernel(o->kernel) : TIN_BENCH_OK;
}

int tin_bench_read_options(tin_bench_options *o, int argc, char **argv)
{
    const int status = read_all(o, argc, argv);

    return status == TIN_BENCH_OK && !o->help ? check_options(o) : status;
}
