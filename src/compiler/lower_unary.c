/* SPDX-License-Identifier: MIT */
/* lower_unary.c: operators of one input, element by element, beyond those of
 * lower_elementwise.c; PRELU, CAST, LOG_SOFTMAX. */
#include "lower.h"

#include <math.h>

tin_status tin_add_map_step(tin_lowering *lo, tin_kernel_id kernel)
{
    tin_unary_params *p = tin_new(lo, sizeof *p);

    if (p)
        p->row_elems = tin_row_elements(tin_in(lo, 0));
    return tin_add_simple_step(lo, kernel, p, &tin_need_same);
}

/* ---- Functions that a kernel of this very type computes ------------------ */

typedef struct {
    tin_op op;
    tin_type type;
    tin_kernel_id kernel;
} map;

static const map maps[] = {
    {TIN_OP_ABS, TIN_F32, TIN_KERNEL_abs_f32},
    {TIN_OP_ABS, TIN_S32, TIN_KERNEL_abs_s32},
    {TIN_OP_CEIL, TIN_F32, TIN_KERNEL_ceil_f32},
    {TIN_OP_COS, TIN_F32, TIN_KERNEL_cos_f32},
    {TIN_OP_ELU, TIN_F32, TIN_KERNEL_elu_f32},
    {TIN_OP_EXP, TIN_F32, TIN_KERNEL_exp_f32},
    {TIN_OP_FLOOR, TIN_F32, TIN_KERNEL_floor_f32},
    {TIN_OP_HARD_SWISH, TIN_F32, TIN_KERNEL_hard_swish_f32},
    {TIN_OP_LOG, TIN_F32, TIN_KERNEL_log_f32},
    {TIN_OP_NEG, TIN_F32, TIN_KERNEL_neg_f32},
    {TIN_OP_NEG, TIN_S32, TIN_KERNEL_neg_s32},
    {TIN_OP_ROUND, TIN_F32, TIN_KERNEL_round_f32},
    {TIN_OP_RSQRT, TIN_F32, TIN_KERNEL_rsqrt_f32},
    {TIN_OP_SIGN, TIN_F32, TIN_KERNEL_sign_f32},
    {TIN_OP_SIGN, TIN_S32, TIN_KERNEL_sign_s32},
    {TIN_OP_SIN, TIN_F32, TIN_KERNEL_sin_f32},
    {TIN_OP_SQRT, TIN_F32, TIN_KERNEL_sqrt_f32},
    {TIN_OP_SQUARE, TIN_F32, TIN_KERNEL_square_f32},
    {TIN_OP_TANH, TIN_F32, TIN_KERNEL_tanh_f32},
};

tin_status tin_add_own_step(tin_lowering *lo)
{
    const tin_type type = tin_in(lo, 0)->type;

    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        if (maps[i].op == lo->node->op && maps[i].type == type)
            return tin_add_map_step(lo, maps[i].kernel);
    return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "type %s is not supported",
                      tin_type_name(type));
}

tin_status tin_lower_map(tin_lowering *lo)
{
    const tin_status status = tin_check_unary(lo);

    return status != TIN_OK ? status : tin_add_own_step(lo);
}

static tin_status neg_s64(tin_lowering *lo)
{
    tin_neg_s64_params *p = tin_new(lo, sizeof *p);

    if (p)
        p->row_elems = tin_row_elements(tin_in(lo, 0));
    return tin_add_simple_step(lo, TIN_KERNEL_neg_s64, p, &tin_need_same);
}

tin_status tin_lower_neg(tin_lowering *lo)
{
    const tin_status status = tin_check_unary(lo);

    if (status != TIN_OK)
        return status;
    return tin_in(lo, 0)->type == TIN_S64 ? neg_s64(lo) : tin_add_own_step(lo);
}

/* ---- Two slopes: LEAKY_RELU, ABS, RELU of int16 -------------------------- */

/* tin_quantize_multiplier for both signs. */
static int quantize_signed(double real, tin_multiplier *m)
{
    const int ok = tin_quantize_multiplier(fabs(real), m);

    if (real < 0)
        m->multiplier = -m->multiplier;
    return ok;
}

/* The factors of numbers >= 0 and < 0. */
static tin_status set_slopes(tin_lowering *lo, double above, double below,
                             tin_leaky_relu_s16_params *p)
{
    tin_multiplier m, neg;

    if (!quantize_signed(above, &m) || !quantize_signed(below, &neg) ||
        m.shift > 15 || neg.shift > 15)
        return tin_refuse(lo, TIN_ERR_QUANT, "scales too far apart");
    p->row_elems = tin_row_elements(tin_in(lo, 0));
    p->multiplier = m.multiplier;
    p->shift = m.shift;
    p->neg_multiplier = neg.multiplier;
    p->neg_shift = neg.shift;
    return TIN_OK;
}

static tin_status add_slopes(tin_lowering *lo, double above, double below,
                             tin_activation activation)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    tin_leaky_relu_s16_params *p = tin_new(lo, sizeof *p);
    uint8_t *table;
    tin_status status;

    if (!p)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    status = set_slopes(lo, above, below, p);
    if (status != TIN_OK)
        return status;
    if (in->type == TIN_S16) {
        tin_act_range_s16(activation, out->scales[0], &p->act_min, &p->act_max);
        return tin_add_simple_step(lo, TIN_KERNEL_leaky_relu_s16, p,
                                   &tin_need_same);
    }
    table = tin_new_constant(lo, TIN_U8, 256, "table");
    if (!table)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    tin_leaky_relu_table_s8(table, in->zero_points[0], out->zero_points[0], p);
    return tin_add_table_step(lo, table);
}

tin_status tin_rescale_s16(tin_lowering *lo, tin_activation activation)
{
    const double same =
        (double)tin_in(lo, 0)->scales[0] / (double)tin_out(lo, 0)->scales[0];

    return add_slopes(lo, same, same, activation);
}

tin_status tin_lower_leaky_relu(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const float alpha = lo->node->attr.alpha;
    const tin_status status = tin_check_unary(lo);
    tin_leaky_relu_f32_params *p;

    if (status != TIN_OK)
        return status;
    if (!isfinite(alpha))
        return tin_refuse(lo, TIN_ERR_ARG, "alpha is not finite");
    if (in->type != TIN_F32) {
        const float from = in->scales[0], to = out->scales[0];

        return add_slopes(lo, tin_scale_ratio(lo, from, 1.0f, to),
                          tin_scale_ratio(lo, from, alpha, to), TIN_ACT_NONE);
    }
    p = tin_new(lo, sizeof *p);
    if (p) {
        p->row_elems = tin_row_elements(in);
        p->alpha = alpha;
    }
    return tin_add_simple_step(lo, TIN_KERNEL_leaky_relu_f32, p,
                               &tin_need_same);
}

tin_status tin_lower_abs(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const tin_status status = tin_check_unary(lo);
    double same;

    if (status != TIN_OK)
        return status;
    if (in->type != TIN_S8 && in->type != TIN_S16)
        return tin_add_own_step(lo);
    same = (double)in->scales[0] / (double)out->scales[0];
    return add_slopes(lo, same, -same, TIN_ACT_NONE);
}

/* ---- PRELU --------------------------------------------------------------- */

static tin_status prelu_s8(tin_lowering *lo, const tin_broadcast *shape,
                           const int32_t rows[3])
{
    const tin_value *x = tin_in(lo, 0), *alpha = tin_in(lo, 1);
    const tin_value *out = tin_out(lo, 0);
    const float from = x->scales[0], to = out->scales[0];
    tin_prelu_s8_params *p = tin_new(lo, sizeof *p);
    tin_multiplier m, neg;

    if (alpha->n_scales != 1)
        return tin_refuse(lo, TIN_ERR_QUANT, "alpha has scales per channel");
    if (!tin_quantize_multiplier(tin_scale_ratio(lo, from, 1.0f, to), &m) ||
        !tin_quantize_multiplier(
            tin_scale_ratio(lo, from, alpha->scales[0], to), &neg))
        return tin_refuse(lo, TIN_ERR_QUANT, "scales too far apart");
    if (p) {
        p->shape = *shape;
        p->in_zero = x->zero_points[0];
        p->alpha_zero = alpha->zero_points[0];
        p->out_zero = out->zero_points[0];
        p->multiplier = m.multiplier;
        p->shift = m.shift;
        p->neg_multiplier = neg.multiplier;
        p->neg_shift = neg.shift;
    }
    return tin_add_binary_step(lo, TIN_KERNEL_prelu_s8, p, rows);
}

tin_status tin_lower_prelu(tin_lowering *lo)
{
    const tin_value *x = tin_in(lo, 0);
    tin_prelu_f32_params *p;
    tin_broadcast shape;
    int32_t rows[3];
    tin_status status;

    status = tin_want_type(lo, tin_in(lo, 1), x->type, "input");
    if (status == TIN_OK)
        status = tin_want_type(lo, tin_out(lo, 0), x->type, "output");
    if (status == TIN_OK)
        status = tin_make_broadcast(lo, &shape, rows);
    if (status != TIN_OK)
        return status;
    if (x->type == TIN_S8)
        return prelu_s8(lo, &shape, rows);
    p = tin_new(lo, sizeof *p);
    if (p)
        p->shape = shape;
    return tin_add_binary_step(lo, TIN_KERNEL_prelu_f32, p, rows);
}

/* ---- LOG_SOFTMAX --------------------------------------------------------- */

static tin_status log_softmax_s8(tin_lowering *lo, int32_t groups, int32_t c)
{
    enum { INTEGER_BITS = 5 };
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const double largest = 2147483647.0;
    double real = (double)in->scales[0] * (double)(1 << (31 - INTEGER_BITS));
    tin_log_softmax_s8_params *p = tin_new(lo, sizeof *p);
    tin_multiplier m, reverse;

    if (out->scales[0] != 16.0f / 256 || out->zero_points[0] != 127)
        return tin_refuse(lo, TIN_ERR_QUANT,
                          "the output must have scale 1/16 and zero point 127");
    if (real > largest)
        real = largest;
    // below 2 the inverse would not be less than 1
    if (!(real >= 2.0) || !tin_quantize_multiplier(real, &m) ||
        !tin_quantize_multiplier(
            ldexp(1.0, 31 - m.shift) / (double)m.multiplier, &reverse))
        return tin_refuse(lo, TIN_ERR_QUANT, "input scale out of range");
    if (p) {
        p->groups = groups;
        p->c = c;
        p->multiplier = m.multiplier;
        p->shift = m.shift;
        p->reverse_multiplier = reverse.multiplier;
        p->reverse_shift = reverse.shift;
        p->diff_min = -tin_input_radius(INTEGER_BITS, m.shift);
    }
    return tin_add_simple_step(lo, TIN_KERNEL_log_softmax_s8, p,
                               &tin_need_same);
}

tin_status tin_lower_log_softmax(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0);
    const tin_status status = tin_check_unary(lo);
    tin_log_softmax_f32_params *p;
    int32_t c;

    if (status != TIN_OK)
        return status;
    if (in->rank < 1)
        return tin_refuse(lo, TIN_ERR_SHAPE, "the input has no axis");
    c = in->shape[in->rank - 1];
    if (in->type == TIN_S8)
        return log_softmax_s8(lo, tin_row_elements(in) / c, c);
    p = tin_new(lo, sizeof *p);
    if (p) {
        p->groups = tin_row_elements(in) / c;
        p->c = c;
    }
    return tin_add_simple_step(lo, TIN_KERNEL_log_softmax_f32, p,
                               &tin_need_same);
}

/* ---- CAST, LOGICAL_NOT, ZEROS_LIKE --------------------------------------- */

/* TIN_CAST_xxx of a type; -1: none. */
static int32_t cast_type(tin_type type)
{
    switch (type) {
    case TIN_F32: return TIN_CAST_F32;
    case TIN_S8: return TIN_CAST_S8;
    case TIN_U8: return TIN_CAST_U8;
    case TIN_S16: return TIN_CAST_S16;
    case TIN_S32: return TIN_CAST_S32;
    case TIN_S64: return TIN_CAST_S64;
    case TIN_BOOL: return TIN_CAST_BOOL;
    default: return -1;
    }
}

tin_status tin_lower_cast(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const tin_status status = tin_want_shape(lo, out, in->rank, in->shape);
    tin_cast_params *p;

    if (status != TIN_OK)
        return status;
    if (cast_type(out->type) < 0)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "output type %s is not supported",
                          tin_type_name(out->type));
    p = tin_new(lo, sizeof *p);
    if (p) {
        p->row_elems = tin_row_elements(in);
        p->from = cast_type(in->type);
        p->to = cast_type(out->type);
    }
    return tin_add_simple_step(lo, TIN_KERNEL_cast, p, &tin_need_same);
}

tin_status tin_lower_logical_not(tin_lowering *lo)
{
    const tin_status status = tin_check_unary(lo);
    uint8_t *table;

    if (status != TIN_OK)
        return status;
    table = tin_new_constant(lo, TIN_U8, 256, "table");
    if (!table)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    table[0] = 1; // all else is true
    return tin_add_table_step(lo, table);
}

tin_status tin_lower_zeros_like(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0);
    const tin_status status = tin_check_unary(lo);
    tin_zeros_params *p;

    if (status != TIN_OK)
        return status;
    p = tin_new(lo, sizeof *p);
    if (p)
        p->row_bytes = tin_row_elements(in) * tin_type_bytes(in->type);
    return tin_add_simple_step(lo, TIN_KERNEL_zeros, p, &tin_need_same);
}
