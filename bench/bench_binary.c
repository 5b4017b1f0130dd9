/* SPDX-License-Identifier: MIT */
/* bench_binary.c: layers of the kernels of tinyinfer_binary.h. See bench.h. */
#include <math.h>

#include "bench.h"

/* n inputs of one shape, and the output. */
static tin_broadcast make_images(tin_bench_case *c, const tin_bench_shape *s,
                                 int n, tin_type in, tin_type out)
{
    const tin_broadcast b = {
        {1, 1, s->h, s->w, s->c}, {0, 0, 1, s->c, 1}, {0, 0, 1, s->c, 1}};

    for (int i = 0; i < n; i++)
        tin_bench_add_in(c, in, s->h, (int64_t)s->w * s->c);
    tin_bench_add_out(c, out, s->h, (int64_t)s->w * s->c);
    return b;
}

static void make_binary_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.binary_f32 = (tin_binary_f32_params){
        .shape = make_images(c, s, 2, TIN_F32, TIN_F32),
        .op = TIN_BINARY_MUL,
        .act_max = INFINITY,
    };
}

static void make_broadcast(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.pow_f32.shape = make_images(c, s, 2, TIN_F32, TIN_F32);
}

static void make_binary_int(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.binary_int = (tin_binary_int_params){
        .shape = make_images(c, s, 2, TIN_S32, TIN_S32),
        .op = TIN_BINARY_MUL,
        .elem_bytes = 4,
        .act_min = INT32_MIN,
        .act_max = INT32_MAX,
    };
}

/* What 16 bits allow, too. Input scales 1, output scale 2. */
static void make_binary_quant(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.binary_s8 = (tin_binary_quant_params){
        .shape = make_images(c, s, 2, TIN_S16, TIN_S16),
        .op = TIN_BINARY_SUB,
        .left_shift = 15,
        .a_multiplier = 1 << 30,
        .b_multiplier = 1 << 30,
        .out_multiplier = 1 << 30,
        .out_shift = -14,
        .act_min = -128,
        .act_max = 127,
    };
}

static void make_muldiv(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.mul_s8 = (tin_muldiv_params){
        .shape = make_images(c, s, 2, TIN_S16, TIN_S16),
        .multiplier = 1 << 30,
        .shift = -7,
        .act_min = -128,
        .act_max = 127,
    };
}

static void make_compare_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.compare_f32 = (tin_compare_f32_params){
        .shape = make_images(c, s, 2, TIN_F32, TIN_BOOL),
        .accept = TIN_COMPARE_LESS,
    };
}

static void make_compare_int(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.compare_int = (tin_compare_int_params){
        .shape = make_images(c, s, 2, TIN_S32, TIN_BOOL),
        .accept = TIN_COMPARE_LESS,
        .elem_bytes = 4,
    };
}

static void make_compare_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.compare_s8 = (tin_compare_s8_params){
        .shape = make_images(c, s, 2, TIN_S8, TIN_BOOL),
        .accept = TIN_COMPARE_LESS,
        .a_multiplier = 1 << 30,
        .b_multiplier = 1 << 30,
    };
}

static void make_select(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.select = (tin_select_params){
        .shape = make_images(c, s, 3, TIN_S8, TIN_S8),
        .stride_c = {0, 0, 1, s->c, 1},
        .elem_bytes = 1,
    };
}

static void make_add_n_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    (void)make_images(c, s, 3, TIN_S8, TIN_S8);
    c->params.add_n_s8 = (tin_add_n_s8_params){
        .row_elems = s->w * s->c,
        .n_in = 3,
        .left_shift = 20,
        .in_multiplier = 1 << 30,
        .out_multiplier = 1 << 30,
        .out_shift = -19,
    };
}

static const char *const shapes[] = {"h=32,w=32,c=16", "h=8,w=8,c=64", NULL};

#define FAMILY(name)                                                           \
 const tin_bench_family tin_bench_##name = {make_##name, " h w c ", shapes};
FAMILY(binary_f32)
FAMILY(broadcast)
FAMILY(binary_int)
FAMILY(binary_quant)
FAMILY(muldiv)
FAMILY(compare_f32)
FAMILY(compare_int)
FAMILY(compare_s8)
FAMILY(select)
FAMILY(add_n_s8)
