/* SPDX-License-Identifier: MIT */
/*
 * bench_reduce.c: the layers that kernels along an axis, norms and products of
 * matrices are measured on. See bench.h.
 */
#include "bench.h"

/* Of an image the sum over its channels: rows of [w][c]. */
static tin_reduce_shape over_channels(const tin_bench_shape *s)
{
    return (tin_reduce_shape){1, {1, 1, s->w, s->c, 1}};
}

static void add_image(tin_bench_case *c, const tin_bench_shape *s,
                      tin_type type, tin_type out_type, int32_t out_c)
{
    tin_bench_add_in(c, type, s->h, (int64_t)s->w * s->c);
    tin_bench_add_out(c, out_type, s->h, (int64_t)s->w * out_c);
}

static void make_reduce_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.reduce_f32 =
        (tin_reduce_f32_params){over_channels(s), TIN_REDUCE_SUM};
    add_image(c, s, TIN_F32, TIN_F32, 1);
    tin_bench_add_scratch(c, (int64_t)4 * s->w);
}

/* Sums, of which an eighth is taken. */
static void make_reduce_int(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.reduce_int = (tin_reduce_int_params){
        .shape = over_channels(s),
        .op = TIN_REDUCE_SUM,
        .elem_bytes = 1,
        .multiplier = 1 << 30,
        .shift = -2,
    };
    add_image(c, s, TIN_S8, TIN_S8, 1);
    tin_bench_add_scratch(c, (int64_t)4 * s->w);
}

static void make_argmax(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.argmax = (tin_argmax_params){
        .axis = {s->w, s->c, 1},
        .type = TIN_KEY_S8,
        .index_bytes = 4,
    };
    add_image(c, s, TIN_S8, TIN_S32, 1);
}

static void make_topk(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.topk = (tin_topk_params){
        .groups = s->w,
        .c = s->c,
        .k = s->oc,
        .type = TIN_KEY_S8,
    };
    add_image(c, s, TIN_S8, TIN_S8, s->oc);
}

static void make_cumsum_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.cumsum_f32.axis = (tin_axis){s->w, s->c, 1};
    add_image(c, s, TIN_F32, TIN_F32, s->c);
}

static void make_cumsum_s32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.cumsum_s32.axis = (tin_axis){s->w, s->c, 1};
    add_image(c, s, TIN_S32, TIN_S32, s->c);
}

/* Input scale 1, output scale 16: (m, s) = quantized(2^-23). */
static void make_cumsum_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.cumsum_s8 = (tin_cumsum_s8_params){
        .axis = {s->w, s->c, 1},
        .multiplier = 1 << 30,
        .shift = -22,
    };
    add_image(c, s, TIN_S8, TIN_S8, s->c);
}

static void make_l2norm_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.l2norm_f32 = (tin_l2norm_f32_params){s->w, s->c};
    add_image(c, s, TIN_F32, TIN_F32, s->c);
}

static void make_l2norm_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.l2norm_s8 = (tin_l2norm_s8_params){s->w, s->c, -1};
    add_image(c, s, TIN_S8, TIN_S8, s->c);
}

static void make_lrn_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.lrn_f32 = (tin_lrn_f32_params){s->w, s->c, 2, 1.0f, 1e-4f, 0.75f};
    add_image(c, s, TIN_F32, TIN_F32, s->c);
}

/* n products of h x c by c x w. */
static tin_matmul_shape make_matrices(tin_bench_case *c,
                                      const tin_bench_shape *s, tin_type type)
{
    c->taps = s->c;
    tin_bench_add_in(c, type, s->n, (int64_t)s->h * s->c);
    tin_bench_add_in(c, type, s->n, (int64_t)s->c * s->w);
    tin_bench_add_out(c, type, s->n, (int64_t)s->h * s->w);
    return (tin_matmul_shape){
        .batch = {1, 1, s->n},
        .stride_a = {0, 0, 1},
        .stride_b = {0, 0, 1},
        .m = s->h,
        .k = s->c,
        .n = s->w,
        .lines = s->h,
    };
}

static void make_matmul_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.matmul_f32.shape = make_matrices(c, s, TIN_F32);
}

static void make_matmul_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.matmul_s8 = (tin_matmul_s8_params){
        .shape = make_matrices(c, s, TIN_S8),
        .a_zero = -1,
        .b_zero = -1,
        .out_zero = -1,
        .multiplier = 1 << 30,
        .shift = -9,
    };
}

static void make_matmul_s16(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.matmul_s16 = (tin_matmul_s16_params){
        .shape = make_matrices(c, s, TIN_S16),
        .multiplier = 1 << 30,
        .shift = -15,
    };
}

static const char *const images[] = {"h=16,w=16,c=32", "h=1,w=1,c=1000", NULL};
static const char *const picks[] = {"h=1,w=1,c=1000,oc=5", "h=8,w=8,c=64,oc=3",
                                    NULL};
static const char *const matrices[] = {"n=4,h=32,w=32,c=16",
                                       "n=4,h=32,w=16,c=32", NULL};

#define FAMILY(name, keys, shapes)                                             \
 const tin_bench_family tin_bench_##name = {make_##name, keys, shapes};

FAMILY(argmax, " h w c ", images)
FAMILY(cumsum_f32, " h w c ", images)
FAMILY(cumsum_s32, " h w c ", images)
FAMILY(cumsum_s8, " h w c ", images)
FAMILY(l2norm_f32, " h w c ", images)
FAMILY(l2norm_s8, " h w c ", images)
FAMILY(lrn_f32, " h w c ", images)
FAMILY(matmul_f32, " n h w c ", matrices)
FAMILY(matmul_s16, " n h w c ", matrices)
FAMILY(matmul_s8, " n h w c ", matrices)
FAMILY(reduce_f32, " h w c ", images)
FAMILY(reduce_int, " h w c ", images)
FAMILY(topk, " h w c oc ", picks)
