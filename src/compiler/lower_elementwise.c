/* SPDX-License-Identifier: MIT */
/* lower_elementwise.c: operators that treat elements, or the elements of one
 * position, by themselves. */
#include "lower.h"

#include <math.h>
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

/* An earlier table of the same bytes in place of the last constant. */
static const uint8_t *shared_table(tin_lowering *lo, const uint8_t *table)
{
    const int32_t last = lo->n_constants - 1;
    int32_t i;

    for (i = 0; i < last && lo->constants[last].data == table; i++) {
        const tin_constant *c = &lo->constants[i];

        if (c->type == TIN_U8 && c->count == 256 &&
            memcmp(c->data, table, 256) == 0) {
            lo->n_constants--;
            return c->data;
        }
    }
    return table;
}

tin_status tin_add_table_step(tin_lowering *lo, const uint8_t *table)
{
    tin_table_x8_params *p = tin_new(lo, sizeof *p);

    table = shared_table(lo, table);
    if (p) {
        p->row_elems = tin_row_elements(tin_in(lo, 0));
        p->table = table;
    }
    return tin_add_simple_step(lo, TIN_KERNEL_table_x8, p, &tin_need_same);
}

/* The zero point of a tensor of bytes, as if it were int8. */
static int32_t zero_s8(const tin_value *v)
{
    return v->zero_points[0] - (v->type == TIN_U8 ? 128 : 0);
}

/* The table of int8 bytes becomes one of the bytes that come and go. */
static void flip_table(tin_lowering *lo, uint8_t *table)
{
    const int32_t flip = tin_in(lo, 0)->type == TIN_U8 ? 128 : 0;
    const int32_t add = tin_out(lo, 0)->type == TIN_U8 ? 128 : 0;
    uint8_t old[256];
    int32_t i;

    memcpy(old, table, sizeof old);
    for (i = 0; i < 256; i++)
        table[i] = (uint8_t)(old[i ^ flip] ^ add);
}

/* The rescaling of an input of CONCATENATION in uint8: in float, rounded half
 * away from zero. Every operation is rounded to float by itself. */
static void rescale_table_u8(uint8_t *table, const tin_value *in,
                             const tin_value *out)
{
    const int32_t in_zero = in->zero_points[0] + 128;
    const int32_t out_zero = out->zero_points[0];
    const float inverse = 1.0f / out->scales[0];
    const float scale = in->scales[0] * inverse;
    const float bias = (float)-in_zero * scale;
    int32_t i;

    for (i = 0; i < 256; i++) {
        const float product = (float)i * scale;
        const float y = product + bias;
        const int32_t q = tin_clamp(tin_round((double)y), -65536, 65536);

        table[i ^ 128] = (uint8_t)tin_clamp(q + out_zero, -128, 127);
    }
}

/* A change of scale and zero point with a clamp. */
static tin_status rescale_s8(tin_lowering *lo, tin_activation activation)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    uint8_t *table = tin_new_constant(lo, TIN_U8, 256, "table");
    const float quotient = in->scales[0] / out->scales[0];
    // RELU_N1_TO_1 and RELU_0_TO_1 of the reference divide floats
    const double ratio = lo->node->op == TIN_OP_RELU_N1_TO_1 ||
                                 lo->node->op == TIN_OP_RELU_0_TO_1
                             ? (double)quotient
                             : (double)in->scales[0] / (double)out->scales[0];
    int32_t act_min, act_max;
    tin_multiplier m;

    if (!table)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    if (!tin_quantize_multiplier(ratio, &m))
        return tin_refuse(lo, TIN_ERR_QUANT, "scales too far apart");
    tin_act_range_s8(activation, out->scales[0], zero_s8(out), &act_min,
                     &act_max);
    tin_requant_table_s8(table, zero_s8(in), zero_s8(out), m.multiplier,
                         m.shift, act_min, act_max);
    flip_table(lo, table);
    if (lo->node->attr.in_float)
        rescale_table_u8(table, in, out);
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
    if (tin_in(lo, 0)->type == TIN_S16)
        return tin_rescale_s16(lo, activation);
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

tin_status tin_lower_relu_n1_to_1(tin_lowering *lo)
{
    return lower_activation(lo, TIN_ACT_RELU_N1_TO_1);
}

tin_status tin_lower_relu_0_to_1(tin_lowering *lo)
{
    return lower_activation(lo, TIN_ACT_RELU_0_TO_1);
}

/* ---- LOGISTIC ----------------------------------------------------------- */

/* uint8 has the function itself, rounded to the byte. */
static void logistic_table_u8(uint8_t *table, const tin_value *in)
{
    int32_t q;

    for (q = -128; q < 128; q++) {
        const float x = in->scales[0] * (float)(q - in->zero_points[0]);
        const float e = expf(-x);
        const float y = 1.0f / (1.0f + e);

        table[q & 255] =
            (uint8_t)(tin_clamp(tin_round((double)y * 256.0), 0, 255) - 128);
    }
}

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
    if (lo->node->attr.was_u8)
        logistic_table_u8(table, in);
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
    if (tin_in(lo, 0)->type == TIN_S16)
        return tin_sigmoid_s16_step(lo, 0);
    return logistic_f32(lo);
}

/* ---- QUANTIZE, DEQUANTIZE ----------------------------------------------- */

static tin_status check_conversion(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0);

    return tin_want_shape(lo, tin_out(lo, 0), in->rank, in->shape);
}

static int is_bytes(const tin_value *v)
{
    return v->type == TIN_S8 || v->type == TIN_U8;
}

tin_status tin_lower_quantize(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    tin_quantize_f32_s8_params *p;
    tin_status status = check_conversion(lo);

    if (status == TIN_OK && out->type != TIN_S16 &&
        (out->type != TIN_S32 || in->type == TIN_F32) &&
        !(is_bytes(in) && is_bytes(out)))
        status = tin_want_type(lo, out, TIN_S8, "output");
    if (status != TIN_OK)
        return status;
    if (is_bytes(in) && is_bytes(out))
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
