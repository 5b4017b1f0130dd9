/* SPDX-License-Identifier: MIT */
/*
 * test_fpu_networks.c: float networks for a Cortex-M4 give the outputs of the
 * portable kernels, however they are planned, and none of its kernels makes the
 * arena larger. The kernels are C on this machine.
 */
#include "graph_builder.h"
#include "lower.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NETWORKS = 60 };

/* 3x3 convolutions, most of which Winograd's transform serves, with a shortcut,
 * strides and depthwise ones among them, and a dense layer behind. */
static tin_graph *make_graph(graph_builder *b, tin_pool *pool, uint32_t seed)
{
    builder_window w = {
        .kernel_h = 3, .kernel_w = 3, .activation = TIN_ACT_RELU};
    int32_t shape[4], x, shortcut, i, layers;

    builder_init(b, pool, seed);
    shape[0] = 1 + builder_random(b, 2);
    shape[1] = 3 + builder_random(b, 14);
    shape[2] = 1 + builder_random(b, 14);
    shape[3] = 1 + builder_random(b, 10);
    shortcut = x = builder_input(b, TIN_F32, 4, shape);
    layers = 2 + builder_random(b, 4);
    for (i = 0; i < layers; i++) {
        w.stride_h = w.stride_w = builder_random(b, 5) ? 1 : 2;
        x = builder_conv(b, x, 8 * (1 + builder_random(b, 2)), &w);
        if (builder_random(b, 4) == 0)
            x = builder_dwconv(b, x, 1, &w);
        if (builder_add(b, x, shortcut, TIN_ACT_NONE) >= 0)
            x = builder_add(b, x, shortcut, TIN_ACT_NONE);
        if (builder_random(b, 2))
            shortcut = x;
    }
    builder_output(b, x);
    builder_output(b, builder_dense(b, x, 8, 0, TIN_ACT_NONE));
    return builder_graph(b);
}

typedef struct {
    tin_pool *pool;
    const tin_program *program; /* NULL: refused */
    uint8_t *arena;
    tin_net net;
} network;

static network compile(uint32_t seed, const char *target, tin_optimize optimize,
                       int stream_input)
{
    tin_diag diag = {TIN_OK, 0, 0, ""};
    tin_compile_options o;
    graph_builder b;
    network n = {tin_pool_new(), NULL, NULL, {0}};
    tin_graph *g;
    tin_status status;

    memset(&o, 0, sizeof o);
    o.target = target;
    o.optimize = optimize;
    o.stream_input = stream_input;
    o.plan_work_limit = 50;
    g = make_graph(&b, n.pool, seed);
    cr_assert_not_null(g);
    status = tin_compile_graph(g, &o, &n.program, &diag);
    if (status == TIN_ERR_UNSUPPORTED && stream_input)
        n.program = NULL;
    else
        cr_assert_eq(status, TIN_OK, "seed %u: %s", (unsigned)seed,
                     diag.message);
    return n;
}

static void run(network *n)
{
    const tin_model *m = &n->program->model;
    const size_t bytes = (size_t)(m->arena_bytes + m->arena_align);
    const int32_t floats = m->inputs[0].bytes / 4;
    float *x = malloc((size_t)m->inputs[0].bytes);

    n->arena = malloc(bytes);
    cr_assert_eq(tin_net_open(&n->net, m, n->arena, bytes, NULL), TIN_OK);
    for (int32_t i = 0; i < floats; i++)
        x[i] = (float)((i * 7919 + i / 3) % 201 - 100) / 100;
    if (m->pushed_rows > 0) {
        tin_stream_begin(&n->net);
        tin_stream_push_rows(&n->net, x, m->pushed_rows);
    } else {
        memcpy(tin_net_input(&n->net, 0), x, (size_t)m->inputs[0].bytes);
        tin_net_run(&n->net);
    }
    free(x);
}

static void free_network(network *n)
{
    free(n->arena);
    tin_pool_free(n->pool);
}

/* Within 1e-4 of the largest value. */
static void compare(const network *want, const network *got, uint32_t seed)
{
    for (int32_t k = 0; k < 2; k++) {
        const float *a = tin_net_output(&want->net, k);
        const float *b = tin_net_output(&got->net, k);
        const int32_t n = want->program->model.outputs[k].bytes / 4;
        double most = 1;

        for (int32_t i = 0; i < n; i++)
            most = fmax(most, fabs((double)a[i]));
        for (int32_t i = 0; i < n; i++)
            cr_assert(fabs((double)a[i] - (double)b[i]) <= 1e-4 * most,
                      "seed %u, output %d, %d: %.9g, not %.9g", (unsigned)seed,
                      (int)k, (int)i, (double)b[i], (double)a[i]);
    }
}

static int has_kernel(const tin_program *p, const char *name)
{
    for (int32_t i = 0; i < p->model.n_steps; i++)
        if (strcmp(p->lowered->kernels[i]->name, name) == 0)
            return 1;
    return 0;
}

/* Returns 1 if Winograd's transform has a part in it. */
static int check_setting(uint32_t seed, tin_optimize optimize, int stream)
{
    network want = compile(seed, "generic", optimize, stream);
    network got = compile(seed, "cortex-m4", optimize, stream);
    int f2 = 0;

    cr_assert_eq(!want.program, !got.program);
    if (want.program) {
        cr_assert_leq(got.program->model.arena_bytes,
                      want.program->model.arena_bytes, "seed %u",
                      (unsigned)seed);
        run(&want);
        run(&got);
        compare(&want, &got, seed);
        f2 = has_kernel(got.program, "conv2d_f32_f2_fpu");
        cr_assert(optimize == TIN_OPTIMIZE_SPEED || !f2);
    }
    free_network(&want);
    free_network(&got);
    return f2;
}

Test(fpu_networks, outputs_and_arena)
{
    int f2 = 0;

    for (uint32_t seed = 0; seed < NETWORKS; seed++)
        for (int stream = 0; stream < 2; stream++) {
            check_setting(seed, TIN_OPTIMIZE_RAM, stream);
            check_setting(seed, TIN_OPTIMIZE_BALANCED, stream);
            check_setting(seed, TIN_OPTIMIZE_FLASH, stream);
            f2 += check_setting(seed, TIN_OPTIMIZE_SPEED, stream);
        }
    cr_assert_gt(f2, NETWORKS / 4, "%d", f2);
}

/* ---- Room for Winograd's transform -------------------------------------- */

/* The shortcut and what the convolution behind it reads fill the arena, but for
 * two rows. */
static tin_graph *make_shortcut(graph_builder *b, tin_pool *pool)
{
    static const int32_t shape[4] = {1, 16, 16, 8};
    const builder_window w = {
        .kernel_h = 3, .kernel_w = 3, .activation = TIN_ACT_RELU};
    int32_t x, y;

    builder_init(b, pool, 1);
    x = builder_conv(b, builder_input(b, TIN_F32, 4, shape), 16, &w);
    y = builder_conv(b, builder_conv(b, x, 16, &w), 16, &w);
    builder_output(b, builder_add(b, x, y, TIN_ACT_RELU));
    return builder_graph(b);
}

typedef struct {
    int32_t arena;
    int64_t cycles;
    int winograd; /* steps that it serves */
    int by_row;   /* stages that run row by row */
} outcome;

static outcome compile_shortcut(const char *target, int resident)
{
    const tin_compile_options o = {
        .target = target, .optimize = TIN_OPTIMIZE_SPEED, .resident = resident};
    tin_pool *pool = tin_pool_new();
    const tin_program *p;
    outcome result = {0, 0, 0, 0};
    graph_builder b;

    cr_assert_not_null(make_shortcut(&b, pool));
    cr_assert_eq(tin_compile_graph(&b.graph, &o, &p, NULL), TIN_OK);
    result.arena = p->model.arena_bytes;
    result.cycles = p->cycles;
    for (int32_t i = 0; i < p->model.n_steps; i++)
        if (strcmp(p->lowered->kernels[i]->name, "conv2d_f32_f2_fpu") == 0)
            result.winograd++;
    for (int32_t i = 0; i < p->model.n_stages; i++)
        result.by_row += p->model.stages[i].progress >= 0;
    tin_pool_free(pool);
    return result;
}

Test(fpu_networks, rows_make_room)
{
    const outcome portable = compile_shortcut("generic", 0);
    const outcome whole = compile_shortcut("cortex-m4", 1);
    const outcome by_row = compile_shortcut("cortex-m4", 0);

    cr_expect_eq(portable.winograd, 0);
    cr_expect_lt(whole.winograd, 3);
    cr_expect_eq(by_row.winograd, 3);
    cr_expect_eq(portable.by_row, 0);
    cr_expect_eq(whole.by_row, 0);
    cr_expect_gt(by_row.by_row, 0);
    cr_expect_eq(whole.arena, portable.arena);
    cr_expect_leq(by_row.arena, whole.arena);
    cr_expect_lt(by_row.cycles, whole.cycles);
}
