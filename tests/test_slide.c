/* SPDX-License-Identifier: MIT */
/*
 * test_slide.c: a window that slides over an endless input gives, after each
 * hop, what a run over the whole window gives.
 */
#include "graph_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOWS = 300 };

/* Builds a network; `seed` draws its weights. */
typedef void make_network(graph_builder *b);

static const tin_program *compile(tin_pool *pool, make_network *make,
                                  int32_t hop, tin_diag *diag)
{
    tin_compile_options options;
    const tin_program *program = NULL;
    graph_builder b;
    tin_graph *g;

    memset(&options, 0, sizeof options);
    options.hop = hop;
    builder_init(&b, pool, 7);
    make(&b);
    g = builder_graph(&b);
    cr_assert_not_null(g);
    if (tin_compile_graph(g, &options, &program, diag) != TIN_OK)
        return NULL;
    return program;
}

static void open_net(tin_pool *pool, tin_net *net, const tin_program *p)
{
    size_t bytes;
    void *arena;

    cr_assert_eq(tin_net_open(net, &p->model, NULL, 0, &bytes), TIN_ERR_ARENA);
    arena = tin_pool_alloc(pool, bytes + 16);
    cr_assert_eq(tin_net_open(net, &p->model, arena, bytes + 16, NULL), TIN_OK);
}

/* Row y of the endless input. */
static void fill_row(uint8_t *row, int32_t bytes, int32_t y, tin_type type)
{
    int32_t i;

    srand((unsigned)y + 1);
    if (type == TIN_F32) {
        for (i = 0; i < bytes / 4; i++) {
            const float x = (float)(rand() % 2000) / 1000.0f - 1.0f;

            memcpy(row + 4 * i, &x, sizeof x);
        }
        return;
    }
    for (i = 0; i < bytes; i++)
        row[i] = (uint8_t)rand();
}

static void check(make_network *make, int32_t hop)
{
    tin_pool *pool = tin_pool_new();
    tin_diag diag = {0};
    const tin_program *whole = compile(pool, make, 0, &diag);
    const tin_program *slides = compile(pool, make, hop, &diag);
    tin_net a, b;
    int32_t k, y, pushed = 0, rows, bytes;
    uint8_t *row;

    cr_assert_not_null(whole, "%s", diag.message);
    cr_assert_not_null(slides, "%s", diag.message);
    open_net(pool, &a, whole);
    open_net(pool, &b, slides);
    rows = slides->model.pushed_rows;
    bytes = whole->model.inputs[0].bytes / rows;
    cr_assert_eq(slides->model.hop_rows, hop);
    cr_assert_eq(
        slides->model.tensors[slides->model.inputs[0].tensor].row_bytes, bytes);
    row = tin_pool_alloc(pool, (uint64_t)bytes);
    tin_stream_begin(&b);
    for (k = 0; k < WINDOWS; k++) {
        for (; pushed < rows + k * hop; pushed++) {
            fill_row(row, bytes, pushed, whole->model.inputs[0].type);
            cr_assert_eq(tin_stream_push_rows(&b, row, 1), 1);
        }
        for (y = 0; y < rows; y++)
            fill_row((uint8_t *)tin_net_input(&a, 0) + y * bytes, bytes,
                     k * hop + y, whole->model.inputs[0].type);
        tin_net_run(&a);
        cr_assert_eq(memcmp(tin_net_output(&a, 0), tin_net_output(&b, 0),
                            (size_t)whole->model.outputs[0].bytes),
                     0, "hop %d, window %d", (int)hop, (int)k);
    }
    tin_pool_free(pool);
}

static void refuse(make_network *make, int32_t hop, const char *why)
{
    tin_pool *pool = tin_pool_new();
    tin_diag diag = {0};

    cr_assert_null(compile(pool, make, hop, &diag));
    cr_assert_not_null(strstr(diag.message, why), "%s", diag.message);
    tin_pool_free(pool);
}

static builder_window window(int32_t kh, int32_t kw, int32_t sh, int32_t sw,
                             tin_padding padding)
{
    builder_window w;

    memset(&w, 0, sizeof w);
    w.kernel_h = kh;
    w.kernel_w = kw;
    w.stride_h = sh;
    w.stride_w = sw;
    w.padding = padding;
    w.activation = TIN_ACT_RELU;
    return w;
}

/* ---- Networks ----------------------------------------------------------- */

static int32_t keyword_front(graph_builder *b, tin_type type, int32_t stride)
{
    const int32_t shape[] = {1, 31, 10, 2};
    const builder_window first = window(5, 4, stride, 2, TIN_PADDING_VALID);
    const builder_window depth = window(3, 3, 1, 1, TIN_PADDING_VALID);
    const builder_window point = window(1, 1, 1, 1, TIN_PADDING_SAME);
    int32_t x = builder_input(b, type, 4, shape);

    x = builder_conv(b, x, 8, &first);
    x = builder_dwconv(b, x, 1, &depth);
    return builder_conv(b, x, 12, &point);
}

static void finish(graph_builder *b, int32_t x)
{
    x = builder_dense(b, x, 5, 0, TIN_ACT_NONE);
    builder_output(b, builder_unary(b, TIN_OP_SOFTMAX, x));
}

static void with_mean(graph_builder *b)
{
    finish(b, builder_mean(b, keyword_front(b, TIN_S8, 1), 1, 2, 0));
}

static void with_mean_f32(graph_builder *b)
{
    finish(b, builder_mean(b, keyword_front(b, TIN_F32, 1), 1, 2, 1));
}

static void with_stride(graph_builder *b)
{
    finish(b, builder_mean(b, keyword_front(b, TIN_S8, 2), 1, 2, 0));
}

static void with_global_pool(graph_builder *b)
{
    const int32_t x = keyword_front(b, TIN_S8, 1);
    const builder_window all =
        window(builder_value(b, x)->shape[1], builder_value(b, x)->shape[2], 1,
               1, TIN_PADDING_VALID);
    const int32_t vector[] = {1, 12};

    finish(b, builder_reshape(b, builder_avgpool(b, x, &all), 2, vector));
}

static void with_flatten(graph_builder *b)
{
    const int32_t x = keyword_front(b, TIN_S8, 2);
    const int32_t vector[] = {1, tin_value_elements(builder_value(b, x))};

    finish(b, builder_reshape(b, x, 2, vector));
}

static void with_residual(graph_builder *b)
{
    const builder_window point = window(1, 1, 1, 1, TIN_PADDING_SAME);
    int32_t x = keyword_front(b, TIN_S8, 1);
    const int32_t y = builder_conv(b, x, 12, &point);

    x = builder_add(b, x, y, TIN_ACT_RELU);
    finish(b, builder_mean(b, x, 1, 2, 0));
}

/* A network over time as converters write it: images of one row. */
static void one_dimensional(graph_builder *b)
{
    const int32_t shape[] = {1, 1, 40, 6};
    const builder_window first = window(1, 5, 1, 2, TIN_PADDING_VALID);
    const builder_window next = window(1, 3, 1, 1, TIN_PADDING_VALID);
    int32_t x = builder_input(b, TIN_S8, 4, shape);

    x = builder_conv(b, x, 8, &first);
    x = builder_conv(b, x, 8, &next);
    finish(b, builder_mean(b, x, 1, 2, 0));
}

static void nothing_to_do(graph_builder *b)
{
    const int32_t shape[] = {1, 1, 4}, vector[] = {1, 4};
    const int32_t x = builder_input(b, TIN_S8, 3, shape);

    builder_output(b, builder_reshape(b, x, 2, vector));
}

/* One window fits 31 bits, a few do not. */
static void too_large(graph_builder *b)
{
    const int32_t shape[] = {1, 4, 200000000, 1};

    finish(b, builder_mean(b, builder_input(b, TIN_S8, 4, shape), 1, 2, 0));
}

static void pads_rows(graph_builder *b)
{
    const int32_t shape[] = {1, 20, 6, 2};
    const builder_window w = window(3, 3, 1, 1, TIN_PADDING_SAME);
    const int32_t x = builder_input(b, TIN_S8, 4, shape);

    finish(b, builder_mean(b, builder_conv(b, x, 4, &w), 1, 2, 0));
}

Test(slide, mean)
{
    check(with_mean, 1);
    check(with_mean, 3);
    check(with_mean_f32, 2);
}

Test(slide, stride)
{
    check(with_stride, 2);
    check(with_stride, 6);
    refuse(with_stride, 3, "the hop is no multiple of its stride");
}

Test(slide, global_pool)
{
    check(with_global_pool, 1);
    check(with_global_pool, 5);
}

Test(slide, flatten)
{
    check(with_flatten, 2);
    check(with_flatten, 4);
}

Test(slide, residual)
{
    check(with_residual, 1);
}

Test(slide, one_dimensional)
{
    check(one_dimensional, 2);
    check(one_dimensional, 4);
}

Test(slide, refused)
{
    refuse(pads_rows, 1, "layer 0");
    refuse(pads_rows, 1, "it pads the rows of its input");
    refuse(nothing_to_do, 1, "no layer computes anything");
    refuse(too_large, 4, "too large to slide");
}
