/* SPDX-License-Identifier: MIT */
/* bench_options.c: the command line of the bench program. See bench.h. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static int add_model(tin_bench_options *o, const char *path)
{
    if (o->n_models == TIN_BENCH_MODELS)
        return tin_bench_fail(TIN_BENCH_USAGE, "more than %d models",
                              (int)TIN_BENCH_MODELS);
    o->models[o->n_models++] = path;
    return TIN_BENCH_OK;
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

/* An option without a value: returns 1 when it is one. */
static int read_flag(tin_bench_options *o, const char *name)
{
    if (strcmp(name, "--csv") == 0)
        o->format = TIN_BENCH_CSV;
    else if (strcmp(name, "--json") == 0)
        o->format = TIN_BENCH_JSON;
    else if (strcmp(name, "--list") == 0)
        o->list = 1;
    else if (strcmp(name, "--steps") == 0)
        o->steps = 1;
    else if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        o->help = 1;
    else
        return 0;
    return 1;
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

/* `--name value` or `--name=value`; sets *used to the arguments it takes. */
static int read_option(tin_bench_options *o, char **argv, int *used)
{
    static const char *const known[] = {"--kernel",  "--shape",  "--model",
                                        "--runs",    "--warmup", "--target",
                                        "--optimize"};
    enum { N_KNOWN = sizeof known / sizeof *known };
    const size_t n = strcspn(argv[0], "=");
    const char *text = argv[0][n] ? argv[0] + n + 1 : argv[1];
    int i = 0;

    while (i < N_KNOWN &&
           (strlen(known[i]) != n || strncmp(known[i], argv[0], n) != 0))
        i++;
    if (i == N_KNOWN)
        return tin_bench_fail(TIN_BENCH_USAGE,
                              "unknown option '%s'; see --help", argv[0]);
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

static int check_options(const tin_bench_options *o)
{
    const tin_bench_kernel *k = tin_bench_kernels;

    if (o->shape && !o->kernel)
        return tin_bench_fail(TIN_BENCH_USAGE, "--shape needs --kernel");
    while (o->kernel && k->name && strcmp(k->name, o->kernel) != 0)
        k++;
    if (!k->name)
        return tin_bench_fail(TIN_BENCH_USAGE,
                              "unknown kernel '%s'; see --list", o->kernel);
    if (o->steps && !o->n_models)
        return tin_bench_fail(TIN_BENCH_USAGE, "--steps needs a model");
    return TIN_BENCH_OK;
}

int tin_bench_read_options(tin_bench_options *o, int argc, char **argv)
{
    const int status = read_all(o, argc, argv);

    return status == TIN_BENCH_OK && !o->help ? check_options(o) : status;
}
