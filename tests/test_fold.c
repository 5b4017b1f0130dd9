/* SPDX-License-Identifier: MIT */
/*
 * test_fold.c: what is known before a network runs is computed then, and what
 * would cost too much is not.
 */
#include "graph_builder.h"
#include "lower.h"

#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

static const builder_window window_3x3 = {.kernel_h = 3, .kernel_w = 3};

static const tin_program *compile(graph_builder *b, int32_t out)
{
    const tin_program *program = NULL;
    tin_diag diag = {TIN_OK, 0, 0, ""};
    tin_graph *g;

    builder_output(b, out);
    g = builder_graph(b);
    cr_assert_not_null(g);
    cr_assert_eq(tin_compile_graph(g, NULL, &program, &diag), TIN_OK, "%s",
                 diag.message);
    return program;
}

static int is_folded(const tin_program *p, int32_t layer)
{
    return strcmp(p->layers[layer].kernel, "folded") == 0;
}

/* Whole layers of constants, one after the other. */
Test(fold, constants)
{
    static const int32_t shape[4] = {1, 6, 6, 4};
    static const int32_t begin[4] = {0, 1, 0, 0}, count[4] = {1, 2, 3, 4};
    static const int32_t stride[4] = {1, 2, 2, 1};
    static const int32_t pads[8] = {0, 0, 2, 2, 1, 2, 0, 0};
    tin_pool *pool = tin_pool_new();
    const tin_program *p;
    graph_builder b;
    int32_t x, y;

    builder_init(&b, pool, 1);
    x = builder_input(&b, TIN_F32, 4, shape);
    y = builder_constant(&b, TIN_F32, 4, shape);
    y = builder_slice(&b, y, begin, count, stride);
    y = builder_pad(&b, y, pads);
    y = builder_conv(&b, y, 4, &window_3x3);
    p = compile(&b, builder_add(&b, x, y, TIN_ACT_NONE));
    cr_assert_eq(p->model.n_steps, 1);
    cr_assert(is_folded(p, 0) && is_folded(p, 1) && is_folded(p, 2));
    cr_assert(!is_folded(p, 3));
    tin_pool_free(pool);
}

/* A convolution of a constant image would take seconds: it is left to run. */
Test(fold, work_is_limited)
{
    static const int32_t shape[4] = {1, 256, 256, 8};
    tin_pool *pool = tin_pool_new();
    const clock_t start = clock();
    const tin_program *p;
    graph_builder b;
    int32_t x;

    builder_init(&b, pool, 1);
    (void)builder_input(&b, TIN_S8, 4, shape);
    x = builder_constant(&b, TIN_S8, 4, shape);
    p = compile(&b, builder_conv(&b, x, 8, &window_3x3));
    cr_assert_eq(p->model.n_steps, 1);
    cr_assert(!is_folded(p, 0));
    cr_assert_lt((double)(clock() - start) / CLOCKS_PER_SEC, 20.0);
    tin_pool_free(pool);
}

/* A small constant that would become a large one is made when it is used. */
Test(fold, growth_is_limited)
{
    static const int32_t shape[4] = {1, 1, 1, 4};
    static const int32_t pads[8] = {0, 0, 200, 200, 200, 200, 0, 0};
    tin_pool *pool = tin_pool_new();
    const tin_program *p;
    graph_builder b;
    int32_t x;

    builder_init(&b, pool, 1);
    (void)builder_input(&b, TIN_S8, 4, shape);
    x = builder_constant(&b, TIN_S8, 4, shape);
    p = compile(&b, builder_pad(&b, x, pads));
    cr_assert_eq(p->model.n_steps, 1);
    cr_assert(!is_folded(p, 0));
    tin_pool_free(pool);
}

/* What a node refuses it refuses as it would without folding. */
Test(fold, errors_are_those_of_the_layer)
{
    static const int32_t shape[4] = {1, 4, 4, 2}, pads[4] = {0, 0, 1, 1};
    static const int32_t two[2] = {2, 2};
    tin_pool *pool = tin_pool_new();
    const tin_program *program;
    tin_diag diag = {TIN_OK, 0, 0, ""};
    graph_builder b;
    tin_graph *g;
    int32_t x;

    builder_init(&b, pool, 1);
    (void)builder_input(&b, TIN_S8, 4, shape);
    x = builder_constant(&b, TIN_S8, 2, two);
    x = builder_pad(&b, x, pads);
    builder_output(&b, x);
    g = builder_graph(&b);
    cr_assert_not_null(g);
    g->values[x].shape[1]++;
    cr_assert_eq(tin_compile_graph(g, NULL, &program, &diag), TIN_ERR_SHAPE);
    cr_assert_eq(diag.layer, 0);
    cr_assert_not_null(strstr(diag.message, "(PAD)"));
    tin_pool_free(pool);
}
