/* SPDX-License-Identifier: MIT */
/* bench_unary.c: layers for the kernels of tinyinfer_unary.h. See bench.h. */
#include "bench.h"

/* An image and one made of it, element by element. */
static int32_t add_images(tin_bench_case *c, const tin_bench_shape *s,
                          tin_type in, tin_type out)
{
    const int32_t row_elems = s->w * s->c;

    tin_bench_add_in(c, in, s->h, row_elems);
    tin_bench_add_out(c, out, s->h, row_elems);
    return row_elems;
}

static void make_unary(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.tanh_f32.row_elems = add_images(c, s, TIN_F32, TIN_F32);
}

static void make_neg_s64(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.neg_s64.row_elems = add_images(c, s, TIN_S64, TIN_S64);
}

static void make_leaky_relu_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.leaky_relu_f32.row_elems = add_images(c, s, TIN_F32, TIN_F32);
    c->params.leaky_relu_f32.alpha = 0.1f;
}

static void make_leaky_relu_s16(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.leaky_relu_s16 = (tin_leaky_relu_s16_params){
        .row_elems = add_images(c, s, TIN_S16, TIN_S16),
        .multiplier = 1431655765, // 2/3
        .neg_multiplier = 1 << 30,
        .neg_shift = -3,
        .act_min = -32768,
        .act_max = 32767,
    };
}

/* An image and a row of slopes, one a channel. */
static tin_broadcast make_slopes(tin_bench_case *c, const tin_bench_shape *s,
                                 tin_type type)
{
    const tin_broadcast b = {.dim = {1, 1, s->h, s->w, s->c},
                             .stride_a = {0, 0, 1, s->c, 1},
                             .stride_b = {0, 0, 0, 0, 1}};

    tin_bench_add_in(c, type, s->h, (int64_t)s->w * s->c);
    tin_bench_add_in(c, type, 1, s->c);
    tin_bench_add_out(c, type, s->h, (int64_t)s->w * s->c);
    return b;
}

static void make_prelu_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.prelu_f32.shape = make_slopes(c, s, TIN_F32);
}

static void make_prelu_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.prelu_s8 = (tin_prelu_s8_params){
        .shape = make_slopes(c, s, TIN_S8),
        .in_zero = -1,
        .multiplier = 1 << 30,
        .shift = 1,
        .neg_multiplier = 1 << 30,
        .neg_shift = -6,
    };
}

static void make_sigmoid_s16(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.sigmoid_s16.row_elems = add_images(c, s, TIN_S16, TIN_S16);
    c->params.sigmoid_s16.multiplier = 3;
}

static void make_table_s16(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.table_s16.row_elems = add_images(c, s, TIN_S16, TIN_S16);
    c->params.table_s16.table =
        (const int16_t *)(const void *)tin_bench_random_s32(c, 257, INT32_MIN,
                                                            INT32_MAX);
}

static void make_rsqrt_s16(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.rsqrt_s16 = (tin_rsqrt_s16_params){
        .row_elems = add_images(c, s, TIN_S16, TIN_S16),
        .multiplier = 1 << 30,
        .shift = 14,
    };
}

static void make_log_softmax_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    (void)add_images(c, s, TIN_F32, TIN_F32);
    c->params.log_softmax_f32.groups = s->w;
    c->params.log_softmax_f32.c = s->c;
}

/* Input scale 1/16: 2^22 in Q5.26, and its inverse. */
static void make_log_softmax_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    (void)add_images(c, s, TIN_S8, TIN_S8);
    c->params.log_softmax_s8 = (tin_log_softmax_s8_params){
        .groups = s->w,
        .c = s->c,
        .multiplier = 1 << 30,
        .shift = 23,
        .reverse_multiplier = 1 << 30,
        .reverse_shift = -21,
        .diff_min = -248,
    };
}

/* The slowest of pairs: bytes to floats. */
static void make_cast(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.cast = (tin_cast_params){
        .row_elems = add_images(c, s, TIN_U8, TIN_F32),
        .from = TIN_CAST_U8,
        .to = TIN_CAST_F32,
    };
}

static void make_zeros(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.zeros.row_bytes = add_images(c, s, TIN_S8, TIN_S8);
}

static const char *const image_shapes[] = {"h=32,w=32,c=16", "h=1,w=1,c=10",
                                           NULL};
static const char *const class_shapes[] = {"h=1,w=1,c=10", "h=1,w=1,c=1000",
                                           NULL};

#define FAMILY(name, shapes)                                                   \
 const tin_bench_family tin_bench_##name = {make_##name, " h w c ", shapes}

FAMILY(unary, image_shapes);
FAMILY(neg_s64, image_shapes);
FAMILY(leaky_relu_f32, image_shapes);
FAMILY(leaky_relu_s16, image_shapes);
FAMILY(prelu_f32, image_shapes);
FAMILY(prelu_s8, image_shapes);
FAMILY(sigmoid_s16, image_shapes);
FAMILY(table_s16, image_shapes);
FAMILY(rsqrt_s16, image_shapes);
FAMILY(log_softmax_f32, class_shapes);
FAMILY(log_softmax_s8, class_shapes);
FAMILY(cast, image_shapes);
FAMILY(zeros, image_shapes);
