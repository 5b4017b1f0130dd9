/* SPDX-License-Identifier: MIT */
/* lower_binary.c: arithmetic of two inputs, element by element; see
 * tinyinfer_binary.h. */
#include "lower.h"

/* ---- Arithmetic: quantized ---------------------------------------------- */

static tin_status far_apart(tin_lowering *lo)
{
    return tin_refuse(lo, TIN_ERR_QUANT, "scales too far apart");
}

static void act_range(const tin_lowering *lo, int32_t *lo_bound,
                      int32_t *hi_bound)
{
    const tin_value *out = tin_out(lo, 0);
    const tin_activation act = lo->node->attr.activation;

    if (out->type == TIN_S8)
        tin_act_range_s8(act, out->scales[0], out->zero_points[0], lo_bound,
                         hi_bound);
    else
        tin_act_range_s16(act, out->scales[0], lo_bound, hi_bound);
}

/* Both inputs are brought to twice the larger scale, with extra bits: 20 of
 * them, or what a square and 16 bits leave. */
static tin_status rescaled(tin_lowering *lo, tin_binary_op op,
                           tin_binary_quant_params *p)
{
    const tin_value *x = tin_in(lo, 0), *y = tin_in(lo, 1);
    const tin_value *out = tin_out(lo, 0);
    const double sx = (double)x->scales[0], sy = (double)y->scales[0];
    const double common = 2.0 * (sx > sy ? sx : sy);
    const int square = op == TIN_BINARY_SQUARED_DIFFERENCE;
    const int32_t bits = x->type == TIN_S8 ? square ? 7 : 20 : square ? 0 : 15;
    double scale = common / ((double)(1 << bits) * (double)out->scales[0]);
    tin_multiplier mx, my, mo;

    if (square)
        scale *= common / (double)(1 << bits);
    if (!tin_quantize_multiplier(sx / common, &mx) ||
        !tin_quantize_multiplier(sy / common, &my) ||
        !tin_quantize_multiplier(scale, &mo) || (!square && mo.shift > 0))
        return far_apart(lo);
    p->op = (int32_t)op;
    p->a_zero = x->zero_points[0];
    p->b_zero = y->zero_points[0];
    p->out_zero = out->zero_points[0];
    p->left_shift = bits;
    p->a_multiplier = mx.multiplier;
    p->a_shift = mx.shift;
    p->b_multiplier = my.multiplier;
    p->b_shift = my.shift;
    p->out_multiplier = mo.multiplier;
    p->out_shift = mo.shift;
    act_range(lo, &p->act_min, &p->act_max);
    return TIN_OK;
}

/* ADD of int8 has a kernel of its own, and variants of that. */
static tin_status add_s8(tin_lowering *lo, const tin_binary_quant_params *q,
                         const int32_t rows[3])
{
    tin_add_s8_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->shape = q->shape;
        p->a_zero = q->a_zero;
        p->b_zero = q->b_zero;
        p->out_zero = q->out_zero;
        p->left_shift = q->left_shift;
        p->a_multiplier = q->a_multiplier;
        p->a_shift = q->a_shift;
        p->b_multiplier = q->b_multiplier;
        p->b_shift = q->b_shift;
        p->out_multiplier = q->out_multiplier;
        p->out_shift = q->out_shift;
        p->act_min = q->act_min;
        p->act_max = q->act_max;
    }
    return tin_add_binary_step(lo, TIN_KERNEL_add_s8, p, rows);
}

static tin_status lower_rescaled(tin_lowering *lo, tin_binary_op op,
                                 const tin_broadcast *shape,
                                 const int32_t rows[3])
{
    const int narrow = tin_in(lo, 0)->type == TIN_S8;
    tin_binary_quant_params *p = tin_new(lo, sizeof *p);
    tin_status status;

    if (!p)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    p->shape = *shape;
    status = rescaled(lo, op, p);
    if (status != TIN_OK)
        return status;
    if (narrow && op == TIN_BINARY_ADD)
        return add_s8(lo, p, rows);
    return tin_add_binary_step(
        lo, narrow ? TIN_KERNEL_binary_s8 : TIN_KERNEL_binary_s16, p, rows);
}

static tin_status lower_muldiv(tin_lowering *lo, tin_binary_op op,
                               const tin_broadcast *shape,
                               const int32_t rows[3])
{
    const tin_value *x = tin_in(lo, 0), *y = tin_in(lo, 1);
    const tin_value *out = tin_out(lo, 0);
    const float sx = x->scales[0], sy = y->scales[0], so = out->scales[0];
    const double ratio = op == TIN_BINARY_MUL
                             ? tin_scale_ratio(lo, sx, sy, so)
                             : (double)sx / ((double)sy * (double)so);
    tin_muldiv_params *p = tin_new(lo, sizeof *p);
    tin_multiplier m;

    if (!tin_quantize_multiplier(ratio, &m))
        return far_apart(lo);
    if (p) {
        p->shape = *shape;
        p->a_zero = x->zero_points[0];
        p->b_zero = y->zero_points[0];
        p->out_zero = out->zero_points[0];
        p->multiplier = m.multiplier;
        p->shift = m.shift;
        act_range(lo, &p->act_min, &p->act_max);
    }
    return tin_add_binary_step(lo,
                               op == TIN_BINARY_DIV ? TIN_KERNEL_div_s8
                               : x->type == TIN_S8  ? TIN_KERNEL_mul_s8
                                                    : TIN_KERNEL_mul_s16,
                               p, rows);
}

/* ---- Arithmetic: float and whole numbers -------------------------------- */

static tin_status lower_float(tin_lowering *lo, tin_binary_op op,
                              const tin_broadcast *shape, const int32_t rows[3])
{
    tin_binary_f32_params *p = tin_new(lo, sizeof *p);
    tin_add_f32_params *add = tin_new(lo, sizeof *add);

    if (!p || !add)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    p->shape = add->shape = *shape;
    p->op = (int32_t)op;
    tin_act_range_f32(lo->node->attr.activation, &p->act_min, &p->act_max);
    add->act_min = p->act_min;
    add->act_max = p->act_max;
    switch (op) { // of the last three, params that begin with the shape
    case TIN_BINARY_ADD:
        return tin_add_binary_step(lo, TIN_KERNEL_add_f32, add, rows);
    case TIN_BINARY_POW:
        return tin_add_binary_step(lo, TIN_KERNEL_pow_f32, p, rows);
    case TIN_BINARY_FLOOR_DIV:
        return tin_add_binary_step(lo, TIN_KERNEL_floor_div_f32, p, rows);
    case TIN_BINARY_FLOOR_MOD:
        return tin_add_binary_step(lo, TIN_KERNEL_floor_mod_f32, p, rows);
    default: return tin_add_binary_step(lo, TIN_KERNEL_binary_f32, p, rows);
    }
}

static tin_status lower_int(tin_lowering *lo, tin_binary_op op,
                            const tin_broadcast *shape, const int32_t rows[3])
{
    const tin_activation act = lo->node->attr.activation;
    tin_binary_int_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->shape = *shape;
        p->op = (int32_t)op;
        p->elem_bytes = tin_type_bytes(tin_in(lo, 0)->type);
        p->act_min = act == TIN_ACT_NONE           ? INT32_MIN
                     : act == TIN_ACT_RELU_N1_TO_1 ? -1
                                                   : 0;
        p->act_max = act == TIN_ACT_RELU6          ? 6
                     : act == TIN_ACT_RELU_N1_TO_1 ? 1
                                                   : INT32_MAX;
    }
    return tin_add_binary_step(lo, TIN_KERNEL_binary_int, p, rows);
}

/* ---- The operators ------------------------------------------------------ */

/* Both inputs of one type, and how they walk. */
static tin_status check_binary(tin_lowering *lo, tin_type out_type,
                               tin_broadcast *shape, int32_t rows[3])
{
    tin_status status =
        tin_want_type(lo, tin_in(lo, 1), tin_in(lo, 0)->type, "input");

    if (status == TIN_OK)
        status = tin_want_type(lo, tin_out(lo, 0), out_type, "output");
    if (status == TIN_OK)
        status = tin_make_broadcast(lo, shape, rows);
    return status;
}

/* Quantized types have one scale each: lower.c lets constants have more. */
static tin_status check_scales(tin_lowering *lo)
{
    if (tin_in(lo, 0)->n_scales == 1 && tin_in(lo, 1)->n_scales == 1)
        return TIN_OK;
    return tin_refuse(lo, TIN_ERR_QUANT, "inputs must have one scale each");
}

static tin_status lower_arithmetic(tin_lowering *lo, tin_binary_op op)
{
    const tin_type type = tin_in(lo, 0)->type;
    tin_broadcast shape;
    int32_t rows[3];
    const int quantized = type == TIN_S8 || type == TIN_S16;
    tin_status status = check_binary(lo, type, &shape, rows);

    if (status == TIN_OK && quantized)
        status = check_scales(lo);
    if (status != TIN_OK)
        return status;
    if (type == TIN_F32)
        return lower_float(lo, op, &shape, rows);
    if (!quantized)
        return lower_int(lo, op, &shape, rows);
    switch (op) {
    case TIN_BINARY_ADD:
    case TIN_BINARY_SUB:
    case TIN_BINARY_SQUARED_DIFFERENCE:
        return lower_rescaled(lo, op, &shape, rows);
    case TIN_BINARY_MUL:
    case TIN_BINARY_DIV: return lower_muldiv(lo, op, &shape, rows);
    default: return lower_int(lo, op, &shape, rows); // of the bytes as such
    }
}

#define ARITHMETIC(name, op)                                                   \
 tin_status tin_lower_##name(tin_lowering *lo)                                 \
 {                                                                             \
  return lower_arithmetic(lo, TIN_BINARY_##op);                                \
 }
ARITHMETIC(add, ADD)
ARITHMETIC(sub, SUB)
ARITHMETIC(mul, MUL)
ARITHMETIC(div, DIV)
ARITHMETIC(minimum, MINIMUM)
ARITHMETIC(maximum, MAXIMUM)
ARITHMETIC(squared_difference, SQUARED_DIFFERENCE)
ARITHMETIC(floor_div, FLOOR_DIV)
ARITHMETIC(floor_mod, FLOOR_MOD)
ARITHMETIC(pow, POW)
ARITHMETIC(logical_and, AND)
ARITHMETIC(logical_or, OR)
#undef ARITHMETIC

/* ---- ADD_N -------------------------------------------------------------- */

/* The inputs one after the other, by way of tensors of our own. */
static tin_status add_chain(tin_lowering *lo)
{
    const tin_value *out = tin_out(lo, 0);
    const int32_t n = lo->node->n_in, row = tin_row_elements(out);
    const int32_t rows = tin_value_elements(out) / row;
    const tin_broadcast shape = {
        {1, 1, rows, 1, row}, {0, 0, 1, 0, 1}, {0, 0, 1, 0, 1}};
    tin_binary_int_params *p = tin_new(lo, sizeof *p);
    tin_add_f32_params *f = tin_new(lo, sizeof *f);
    const tin_need needs[2] = {tin_need_same, tin_need_same};
    int32_t args[3], i;
    tin_status status = TIN_OK;

    if (!p || !f)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    p->shape = f->shape = shape;
    p->op = TIN_BINARY_ADD;
    p->elem_bytes = tin_type_bytes(out->type);
    p->act_min = INT32_MIN;
    p->act_max = INT32_MAX;
    tin_act_range_f32(TIN_ACT_NONE, &f->act_min, &f->act_max);
    args[2] = tin_tensor_of(lo, lo->node->in[0]);
    for (i = 1; i < n && status == TIN_OK; i++) {
        args[0] = args[2];
        args[1] = tin_tensor_of(lo, lo->node->in[i]);
        args[2] = i == n - 1 ? tin_tensor_of(lo, lo->node->out[0])
                             : tin_new_tensor(lo, tin_value_bytes(out), rows);
        status = out->type == TIN_F32 ? tin_add_step(lo, TIN_KERNEL_add_f32, f,
                                                     args, needs, 2, rows)
                                      : tin_add_step(lo, TIN_KERNEL_binary_int,
                                                     p, args, needs, 2, rows);
    }
    return status;
}

/* In 8 bits the sum must be kept wider, so that there is one kernel for all. */
static tin_status add_n_s8(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const int32_t n = lo->node->n_in, row = tin_row_elements(out);
    const double twice = 2.0 * (double)in->scales[0];
    tin_add_n_s8_params *p = tin_new(lo, sizeof *p);
    tin_need needs[TIN_ADD_N_MAX];
    int32_t args[TIN_ADD_N_MAX + 1], i;
    tin_multiplier m;

    if (n > TIN_ADD_N_MAX)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "%d inputs of int8, at most %d are supported", (int)n,
                          TIN_ADD_N_MAX);
    if (!tin_quantize_multiplier(
            twice / ((double)(1 << 20) * (double)out->scales[0]), &m) ||
        m.shift > 0)
        return far_apart(lo);
    if (p) {
        p->row_elems = row;
        p->n_in = n;
        p->in_zero = in->zero_points[0];
        p->out_zero = out->zero_points[0];
        p->left_shift = 20;
        p->in_multiplier = 1 << 30;
        p->out_multiplier = m.multiplier;
        p->out_shift = m.shift;
    }
    for (i = 0; i < n; i++) {
        needs[i] = tin_need_same;
        args[i] = tin_tensor_of(lo, lo->node->in[i]);
    }
    args[n] = tin_tensor_of(lo, lo->node->out[0]);
    return tin_add_step(lo, TIN_KERNEL_add_n_s8, p, args, needs, n,
                        tin_value_elements(out) / row);
}

tin_status tin_lower_add_n(tin_lowering *lo)
{
    const tin_value *first = tin_in(lo, 0), *out = tin_out(lo, 0);
    tin_status status = tin_want_type(lo, out, first->type, "output");
    int32_t i;

    for (i = 0; i < lo->node->n_in && status == TIN_OK; i++) {
        const tin_value *in = tin_in(lo, i);

        status = tin_want_type(lo, in, first->type, "input");
        if (status == TIN_OK)
            status = tin_want_same_quant(lo, first, in);
        if (status == TIN_OK)
            status = tin_want_shape(lo, out, in->rank, in->shape);
    }
    if (status != TIN_OK)
        return status;
    return first->type == TIN_S8 ? add_n_s8(lo) : add_chain(lo);
}
