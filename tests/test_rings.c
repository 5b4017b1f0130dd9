/* SPDX-License-Identifier: MIT */
/* test_rings.c: which tensors lie in the memory of others, and how. That all
 * give the right bytes there is for test_streaming.c. */
#include "graph_builder.h"

#include <criterion/criterion.h>
#include <string.h>

static const builder_window k1 = {.kernel_h = 1, .kernel_w = 1};
static const builder_window k3 = {.kernel_h = 3, .kernel_w = 3};

static int32_t image(graph_builder *b, int32_t h, int32_t w, int32_t c)
{
    int32_t shape[4] = {1, 0, 0, 0};

    shape[1] = h, shape[2] = w, shape[3] = c;
    return builder_input(b, TIN_S8, 4, shape);
}

static const tin_program *compile(graph_builder *b, int32_t out, int resident)
{
    const tin_program *p = NULL;
    tin_compile_options o;
    tin_diag diag = {TIN_OK, 0, 0, ""};
    tin_graph *graph;

    memset(&o, 0, sizeof o);
    o.resident = resident;
    builder_output(b, out);
    graph = builder_graph(b);
    cr_assert_not_null(graph);
    cr_assert_eq(tin_compile_graph(graph, &o, &p, &diag), TIN_OK, "%s",
                 diag.message);
    return p;
}

/* Rings in the same bytes as one before them, but with row 0 elsewhere. */
static int32_t count_shared(const tin_model *m)
{
    int32_t n = 0, i, k;

    for (i = 0; i < m->n_tensors; i++)
        for (k = 0; k < i; k++) {
            const tin_tensor *a = &m->tensors[k], *b = &m->tensors[i];

            n += !a->data && !b->data && a->offset == b->offset &&
                 a->rows == b->rows && a->row_bytes == b->row_bytes &&
                 a->first != b->first;
        }
    return n;
}

/* A 3x3 layer has used up a row when the 1x1 layer behind it makes one. */
Test(rings, share_slots_where_rows_follow_each_other)
{
    tin_pool *pool = tin_pool_new();
    graph_builder b;
    const tin_program *p;
    int32_t x, i;

    builder_init(&b, pool, 1);
    x = builder_conv(&b, image(&b, 40, 10, 3), 16, &k3);
    for (i = 0; i < 2; i++)
        x = builder_conv(&b, builder_dwconv(&b, x, 1, &k3), 16, &k1);
    p = compile(&b, builder_mean(&b, x, 1, 2, 0), 0);
    cr_expect_geq(count_shared(&p->model), 1);
    // 5 slots for two rings of 3 rows, one for what lies between them
    cr_expect_leq(p->plan.peak_bytes, 40 * 10 * 3 + 6 * 160 + 64);
    tin_pool_free(pool);
}

/* Rows 5 .. 8 of ten. */
static int32_t slice_rows(graph_builder *b, int32_t in)
{
    static const int32_t begin[4] = {0, 5, 0, 0}, one[4] = {1, 1, 1, 1};
    static const int32_t count[4] = {1, 4, 6, 8};

    return builder_slice(b, in, begin, count, one);
}

Test(rings, rows_of_a_tensor_are_a_view)
{
    tin_pool *pool = tin_pool_new();
    graph_builder b;
    const tin_program *p;
    const tin_tensor *in, *part;
    int32_t x;

    builder_init(&b, pool, 1);
    x = builder_conv(&b, image(&b, 10, 6, 2), 8, &k1);
    x = builder_conv(&b, slice_rows(&b, x), 8, &k3);
    p = compile(&b, x, 1);
    cr_assert_eq(p->model.n_steps, 2);
    cr_expect_str_eq(p->layers[1].kernel, "view");
    in = &p->model.tensors[p->model.args[p->model.steps[0].first_arg + 1]];
    part = &p->model.tensors[p->model.args[p->model.steps[1].first_arg]];
    cr_expect_eq(part->offset, in->offset + 5 * 6 * 8);
    cr_expect_eq(part->rows, 4);
    tin_pool_free(pool);
}

/* Elements in the middle of a row are copied only where they are no run. */
Test(rings, columns_of_a_tensor_are_copied)
{
    static const int32_t begin[4] = {0, 0, 2, 0}, one[4] = {1, 1, 1, 1};
    static const int32_t count[4] = {1, 10, 3, 8};
    tin_pool *pool = tin_pool_new();
    graph_builder b;
    int32_t x;

    builder_init(&b, pool, 1);
    x = builder_conv(&b, image(&b, 10, 6, 2), 8, &k1);
    x = builder_slice(&b, x, begin, count, one);
    x = builder_conv(&b, x, 8, &k3);
    cr_expect_eq(compile(&b, x, 1)->model.n_steps, 3);
    tin_pool_free(pool);
}

/* Of 64 rows one is needed: the others' memory is given away at once. */
Test(rings, rows_that_nobody_needs_are_free)
{
    static const int32_t begin[4] = {0, 0, 0, 0}, one[4] = {1, 1, 1, 1};
    static const int32_t count[4] = {1, 1, 8, 8};
    tin_pool *pool = tin_pool_new();
    graph_builder b;
    const tin_program *p;
    int32_t x;

    builder_init(&b, pool, 1);
    x = builder_conv(&b, image(&b, 64, 8, 1), 8, &k1);
    x = builder_slice(&b, x, begin, count, one);
    x = builder_resize(&b, TIN_OP_RESIZE_NEAREST_NEIGHBOR, x, 64, 8, 0, 0);
    p = compile(&b, x, 1);
    cr_expect_leq(p->plan.peak_bytes, 64 * 8 * 8 + 64 * 8);
    tin_pool_free(pool);
}

/* Two layers write the two halves of what the third one reads; the second one
 * reads the first half, too. */
Test(rings, parts_of_a_join_are_made_in_place)
{
    tin_pool *pool = tin_pool_new();
    graph_builder b;
    const tin_program *p;
    const tin_tensor *first, *second, *whole;
    int32_t parts[2], x;

    builder_init(&b, pool, 1);
    x = image(&b, 6, 5, 3);
    parts[0] = builder_conv(&b, x, 8, &k3);
    parts[1] = builder_conv(&b, parts[0], 8, &k3);
    x = builder_concat(&b, parts, 2, 1);
    p = compile(&b, builder_conv(&b, x, 4, &k3), 1);
    cr_assert_eq(p->model.n_steps, 3);
    cr_expect_str_eq(p->layers[2].kernel, "view");
    first = &p->model.tensors[p->model.args[p->model.steps[0].first_arg + 1]];
    second = &p->model.tensors[p->model.args[p->model.steps[1].first_arg + 1]];
    whole = &p->model.tensors[p->model.args[p->model.steps[2].first_arg]];
    cr_expect_eq(first->offset, whole->offset);
    cr_expect_eq(second->offset, whole->offset + 6 * 5 * 8);
    cr_expect_eq(whole->rows, 12);
    tin_pool_free(pool);
}

/* The parts of channels, and an input of the network, are copied. */
Test(rings, parts_that_nobody_can_make_in_place_are_copied)
{
    tin_pool *pool = tin_pool_new();
    graph_builder b;
    int32_t parts[2], x;

    builder_init(&b, pool, 1);
    parts[0] = image(&b, 6, 5, 8);
    parts[1] = builder_conv(&b, parts[0], 8, &k3);
    x = builder_concat(&b, parts, 2, 1);
    parts[0] = parts[1] = builder_conv(&b, x, 8, &k3);
    x = builder_concat(&b, parts, 2, 1);
    parts[0] = builder_conv(&b, x, 8, &k3);
    parts[1] = builder_conv(&b, x, 8, &k1);
    x = builder_concat(&b, parts, 2, 3);
    cr_expect_eq(compile(&b, x, 1)->model.n_steps, 7);
    tin_pool_free(pool);
}
