/* SPDX-License-Identifier: MIT */
/* lower_elementwise.c: operators that treat elements, or the elements of one
 * position, by themselves. */
#include "lower.h"

#include <string.h>

int32_t tin_row_elements(const tin_value *v)
{
    const int32_t c = v->rank >= 1 ? v->shape[v->rank - 1] : 1;

    return v->rank >= 4 ? c * v->shape[v->rank - 2] : c;
}

tin_status tin_check_unary(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    tin_status status;

    status = tin_want_type(lo, out, in->type, "output");
    if (status != TIN_OK)
        return status;
    return tin_want_shape(lo, out, in->rank, in->shape);
}

/* ---- Unary operators on bytes: 256 entries say it all ------------------- */

tin_status tin_add_table_step(tin_lowering *lo, const uint8_t *table)
{
    tin_table_x8_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->row_elems = tin_row_elements(tin_in(lo, 0));
        p->table = table;
    }
    return tin_add_simple_step(lo, TIN_KERNEL_table_x8, p, &tin_need_same);
}

/* A change of scale and zero point with a clamp. */
static tin_status rescale_s8(tin_lowering *lo, tin_activation activation)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    uint8_t *table = tin_new_constant(lo, TIN_U8, 256, "table");
    int32_t act_min, act_max;
    tin_multiplier m;

    if (!table)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    if (!tin_quantize_multiplier((double)in->scales[0] / (double)out->scales[0],
                                 &m))
        return tin_refuse(lo, TIN_ERR_QUANT, "scales too far apart");
    tin_act_range_s8(activation, out->scales[0], out->zero_points[0], &act_min,
                     &act_max);
    tin_requant_table_s8(table, in->zero_points[0], out->zero_points[0],
                         m.multiplier, m.shift, act_min, act_max);
    return tin_add_table_step(lo, table);
}

static tin_status clamp_f32(tin_lowering *lo, tin_activation activation)
{
    tin_clamp_f32_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->row_elems = tin_row_elements(tin_in(lo, 0));
        tin_act_range_f32(activation, &p->min, &p->max);
    }
    return tin_add_simple_step(lo, TIN_KERNEL_clamp_f32, p, &tin_need_same);
}

static tin_status lower_activation(tin_lowering *lo, tin_activation activation)
{
    const tin_status status = tin_check_unary(lo);

    if (status != TIN_OK)
        return status;
    if (tin_in(lo, 0)->type == TIN_S8)
        return rescale_s8(lo, activation);
    return clamp_f32(lo, activation);
}

tin_status tin_lower_relu(tin_lowering *lo)
{
    return lower_activation(lo, TIN_ACT_RELU);
}

tin_status tin_lower_relu6(tin_lowering *lo)
{
    return lower_activation(lo, TIN_ACT_RELU6);
}

/* ---- LOGISTIC ----------------------------------------------------------- */

static tin_status logistic_s8(tin_lowering *lo)
{
    enum { INTEGER_BITS = 4 };
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    uint8_t *table = tin_new_constant(lo, TIN_U8, 256, "table");
    tin_multiplier m;

    if (!table)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    if (out->scales[0] != 1.0f / 256 || out->zero_points[0] != -128)
        return tin_refuse(lo, TIN_ERR_QUANT,
                          "the output must have scale 1/256 "
                          "and zero point -128");
    if (!tin_quantize_multiplier(
            (double)in->scales[0] * (double)(1 << (31 - INTEGER_BITS)), &m))
        return tin_refuse(lo, TIN_ERR_QUANT, "input scale too large");
    tin_logistic_table_s8(table, in->zero_points[0], m.multiplier, m.shift,
                          tin_input_radius(INTEGER_BITS, m.shift));
    return tin_add_table_step(lo, table);
}

static tin_status logistic_f32(tin_lowering *lo)
{
    tin_logistic_f32_params *p = tin_new(lo, sizeof *p);

    if (p)
        p->row_elems = tin_row_elements(tin_in(lo, 0));
    return tin_add_simple_step(lo, TIN_KERNEL_logistic_f32, p, &tin_need_same);
}

tin_status tin_lower_logistic(tin_lowering *lo)
{
    const tin_status status = tin_check_unary(lo);

    if (status != TIN_OK)
        return status;
    if (tin_in(lo, 0)->type == TIN_S8)
        return logistic_s8(lo);
    return logistic_f32(lo);
}

/* ---- QUANTIZE, DEQUANTIZE ----------------------------------------------- */

static tin_status check_conversion(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0);

    return tin_want_shape(lo, tin_out(lo, 0), in->rank, in->shape);
}

tin_status tin_lower_quantize(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    tin_quantize_f32_s8_params *p;
    tin_status status = check_conversion(lo);

    if (status == TIN_OK && out->type != TIN_S16 &&
        (out->type != TIN_S32 || in->type == TIN_F32))
        status = tin_want_type(lo, out, TIN_S8, "output");
    if (status != TIN_OK)
        return status;
    if (in->type == TIN_S8 && out->type == TIN_S8)
        return rescale_s8(lo, TIN_ACT_NONE);
    if (in->type != TIN_F32)
        return tin_add_rescale_step(lo);
    if (out->type == TIN_S16)
        return tin_quantize_to_s16(lo);
    p = tin_new(lo, sizeof *p);
    if (p) {
        p->row_elems = tin_row_elements(in);
        p->scale = out->scales[0];
        p->zero = out->zero_points[0];
    }
    return tin_add_simple_step(lo, TIN_KERNEL_quantize_f32_s8, p,
                               &tin_need_same);
}

tin_status tin_lower_dequantize(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    tin_dequantize_s8_f32_params *p;
    tin_status status = check_conversion(lo);

    if (status == TIN_OK)
        status = tin_want_type(lo, out, TIN_F32, "output");
    if (status != TIN_OK)
        return status;
    if (in->type == TIN_S16)
        return tin_dequantize_from_s16(lo);
    if (in->type != TIN_S8) // float16 is folded, unless it is no constant
        return tin_want_type(lo, in, TIN_S8, "input");
    p = tin_new(lo, sizeof *p);
    if (p) {
        p->row_elems = tin_row_elements(in);
        p->scale = in->scales[0];
        p->zero = in->zero_points[0];
    }
    return tin_add_simple_step(lo, TIN_KERNEL_dequantize_s8_f32, p,
                               &tin_need_same);
}

/* ---- SOFTMAX ------------------------------------------------------------ */

static tin_status softmax_s8(tin_lowering *lo, int32_t groups, int32_t c)
{
    enum { INTEGER_BITS = 5 };
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const double largest = 2147483647.0;
    double real = (double)lo->node->attr.beta * (double)in->scales[0] *
                  (double)(1 << (31 - INTEGER_BITS));
    tin_softmax_s8_params *p = tin_new(lo, sizeof *p);
    tin_multiplier m;

    if (out->scales[0] != 1.0f / 256 || out->zero_points[0] != -128)
        return tin_refuse(lo, TIN_ERR_QUANT,
                          "the output must have scale 1/256 "
                          "and zero point -128");
    if (real > largest)
        real = largest;
    if (!(real > 1.0) || !tin_quantize_multiplier(real, &m))
        return tin_refuse(lo, TIN_ERR_QUANT,
                          "beta times input scale is out of "
                          "range");
    if (p) {
        p->groups = groups;
        p->c = c;
        p->multiplier = m.multiplier;
        p->shift = m.shift;
        p->diff_min = -tin_input_radius(INTEGER_BITS, m.shift);
    }
    return tin_add_simple_step(lo, TIN_KERNEL_softmax_s8, p, &tin_need_same);
}

tin_status tin_lower_softmax(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0);
    tin_softmax_f32_params *p;
    const tin_status status = tin_check_unary(lo);
    int32_t c;

    if (status != TIN_OK)
        return status;
    if (in->rank < 1)
        return tin_refuse(lo, TIN_ERR_SHAPE, "the input has no axis");
    c = in->shape[in->rank - 1];
    if (in->type == TIN_S16)
        return tin_softmax_lower_s16(lo, tin_row_elements(in) / c, c);
    if (in->type == TIN_S8)
        return softmax_s8(lo, tin_row_elements(in) / c, c);
    p = tin_new(lo, sizeof *p);
    if (p) {
        p->groups = tin_row_elements(in) / c;
        p->c = c;
        p->beta = lo->node->attr.beta;
    }
    return tin_add_simple_step(lo, TIN_KERNEL_softmax_f32, p, &tin_need_same);
}
