/* SPDX-License-Identifier: MIT */
/* bench.c: the bench program: how fast kernels and networks are here. */
#include <stdio.h>
#include <string.h>

#include "bench.h"

static const char default_model[] = "examples/mnist/mnist_int8.tflite";

/* ---- Help --------------------------------------------------------------- */

static void print_help(void)
{
    printf("tinyinfer-bench %s: how fast kernels and networks are here\n\n"
           "usage: tinyinfer-bench [options] [MODEL...]\n\n"
           "Without options: every kernel on its standard shapes, then the\n"
           "MODELs, by default %s.\n\n"
           "options:\n"
           "  --kernel NAME   only this kernel, on its standard shapes\n"
           "  --shape SHAPE   only this shape; what it does not name is as in\n"
           "                  the kernel's first standard shape\n"
           "  --model FILE    only this network, layer by layer and the total\n"
           "  --runs N        samples to take; default 50\n"
           "  --warmup N      runs before the first sample; default 5\n"
           "  --target NAME   lower networks for this machine; default %s\n"
           "  --optimize ram|balanced|flash|speed  as `tinyinfer compile`\n"
           "  --csv, --json   instead of text\n"
           "  --list          the kernels, with their keys and a shape\n"
           "  --steps         of MODELs: which step runs which layer, as CSV\n"
           "  --help          print this text\n\n"
           "A SHAPE is a list of keys, as in h=32,w=32,c=16,oc=16,k=3,s=1:\n",
           TIN_VERSION, default_model, tin_targets[0]);
    for (const tin_bench_key *k = tin_bench_keys; k->name; k++)
        printf("  %-5s %s\n", k->name, k->about);
    printf(
        "\nEvery figure is the time of a whole call: a kernel computes all\n"
        "rows of its output. Inputs and weights are pseudo-random, the same\n"
        "in every run, and lie in the caches when the clock starts; branches\n"
        "of small layers are learned by then, too. Where a call is too short\n"
        "for the clock, a sample is the mean of several.\n"
        "The median tells what to expect, the minimum what the code can do\n"
        "when nothing disturbs it. Taps in the padding count as MACs, as\n"
        "everywhere; kernels without any count elements.\n\n"
        "The exit status is 0 for success, 1 where a file or shape is\n"
        "wrong, 2 where the command line is.\n");
}

static int print_list(void)
{
    char shape[TIN_BENCH_SHAPE_TEXT];

    for (const tin_bench_kernel *k = tin_bench_kernels; k->name; k++) {
        tin_bench_shape s = tin_bench_shape_neutral();
        const char *keys = k->family->keys;

        if (tin_bench_shape_read(&s, k->family->shapes[0], keys))
            return TIN_BENCH_FAILED;
        printf("%-18s %-8s %-28s %s\n", k->name, k->isa, keys + 1,
               tin_bench_shape_print(shape, &s, keys));
    }
    return TIN_BENCH_OK;
}

/* ---- Kernels ------------------------------------------------------------ */

/* Measures one kernel on one shape. */
static int bench_case(tin_bench_report *r, const tin_bench_kernel *kernel,
                      const tin_bench_shape *shape, tin_pool *pool)
{
    tin_bench_case *c = pool ? tin_pool_alloc(pool, sizeof *c) : NULL;
    char text[TIN_BENCH_SHAPE_TEXT];
    tin_measurement m;
    tin_status status;

    if (!c)
        return tin_bench_fail(TIN_BENCH_FAILED, "out of memory");
    tin_bench_shape_print(text, shape, kernel->family->keys);
    status = tin_bench_build(c, pool, kernel, shape);
    if (status == TIN_OK)
        status = tin_measure(pool, &c->model, r->runs, r->warmup, &m);
    if (status != TIN_OK)
        return tin_bench_fail(TIN_BENCH_FAILED, "%s %s: %s", kernel->name, text,
                              c->error ? c->error : "out of memory");
    tin_bench_add(r, &(tin_bench_result){"kernels", -1, NULL, kernel->name,
                                         text, c->macs, c->elements, m.total});
    return TIN_BENCH_OK;
}

/* Measures one kernel on a standard shape, changed as `change` says. */
static int bench_shape(tin_bench_report *r, const tin_bench_kernel *kernel,
                       const char *standard, const char *change)
{
    const char *keys = kernel->family->keys;
    tin_bench_shape shape = tin_bench_shape_neutral();
    tin_pool *pool;
    int status = tin_bench_shape_read(&shape, standard, keys);

    if (status == TIN_BENCH_OK && change)
        status = tin_bench_shape_read(&shape, change, keys);
    if (status != TIN_BENCH_OK)
        return status;
    pool = tin_pool_new();
    status = bench_case(r, kernel, &shape, pool);
    tin_pool_free(pool);
    return status;
}

static int bench_kernel(tin_bench_report *r, const tin_bench_kernel *kernel,
                        const char *change)
{
    const char *const *shapes = kernel->family->shapes;
    int status;

    if (change)
        return bench_shape(r, kernel, shapes[0], change);
    for (; *shapes; shapes++) {
        status = bench_shape(r, kernel, *shapes, NULL);
        if (status != TIN_BENCH_OK)
            return status;
    }
    return TIN_BENCH_OK;
}

/* The kernels that the options ask for. */
static int bench_kernels(tin_bench_report *r, const tin_bench_options *o)
{
    int status = TIN_BENCH_OK;

    for (const tin_bench_kernel *k = tin_bench_kernels;
         k->name && status == TIN_BENCH_OK; k++) {
        if (!o->kernel || strcmp(o->kernel, k->name) == 0)
            status = bench_kernel(r, k, o->shape);
    }
    return status;
}

/* ---- The program -------------------------------------------------------- */

/* Where nobody names a network, the standard table takes the example, if the
 * program runs where it lies. */
static void add_default_model(tin_bench_options *o)
{
    FILE *file;

    if (o->n_models || o->kernel)
        return;
    file = fopen(default_model, "rb");
    if (!file) {
        fprintf(stderr, "tinyinfer-bench: no %s here, only kernels\n",
                default_model);
        return;
    }
    fclose(file);
    o->models[o->n_models++] = default_model;
}

static int measure_all(const tin_bench_options *o,
                       const tin_program *const *programs)
{
    tin_bench_report r = {o->format, o->runs, o->warmup, o->target, NULL, 0};
    int status = TIN_BENCH_OK;

    if (o->kernel || !o->only_models)
        status = bench_kernels(&r, o);
    for (int32_t i = 0; i < o->n_models && status == TIN_BENCH_OK; i++)
        status = tin_bench_network(&r, o->models[i], programs[i]);
    tin_bench_end(&r);
    return status;
}

/* Loads all networks before it measures anything: mistakes show at once. */
static int bench(const tin_bench_options *o, tin_pool *pool)
{
    const tin_compile_options options = {.target = o->target,
                                         .optimize = o->optimize};
    const tin_program *programs[TIN_BENCH_MODELS];
    int status = TIN_BENCH_OK;

    if (!pool)
        return tin_bench_fail(TIN_BENCH_FAILED, "out of memory");
    for (int32_t i = 0; i < o->n_models && status == TIN_BENCH_OK; i++)
        status = tin_bench_load(pool, o->models[i], &options, &programs[i]);
    if (status != TIN_BENCH_OK)
        return status;
    if (!o->steps)
        return measure_all(o, programs);
    for (int32_t i = 0; i < o->n_models; i++)
        tin_bench_steps(programs[i]);
    return TIN_BENCH_OK;
}

static int run(int argc, char **argv)
{
    tin_bench_options o = {.runs = 50, .warmup = 5, .target = tin_targets[0]};
    int status = tin_bench_read_options(&o, argc, argv);
    tin_pool *pool;

    if (status == TIN_BENCH_OK && o.help) {
        print_help();
        return TIN_BENCH_OK;
    }
    if (status != TIN_BENCH_OK)
        return status;
    if (o.list)
        return print_list();
    add_default_model(&o);
    pool = tin_pool_new();
    status = bench(&o, pool);
    tin_pool_free(pool);
    return status;
}

int main(int argc, char **argv)
{
    const int status = run(argc, argv);

    // a full disk or a closed pipe shows only here
    if ((fflush(stdout) != 0 || ferror(stdout)) && status == TIN_BENCH_OK)
        return tin_bench_fail(TIN_BENCH_FAILED,
                              "cannot write to standard output");
    return status;
}
