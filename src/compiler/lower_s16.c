/* SPDX-License-Identifier: MIT */
/*
 * lower_s16.c: operators with int16 activations and int8 weights. The shapes
 * are checked where the other types of the operator are lowered.
 */
#include "lower.h"

#include <math.h>

/* ---- CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, TRANSPOSE_CONV -------- */

/* A bias of int32 says that the reference sums up in 32 bits, but in
 * TRANSPOSE_CONV. Returns 0 without memory. */
static int take_bias(tin_lowering *lo, tin_conv2d_s16_params *p)
{
    const tin_value *bias = tin_in(lo, 2);
    int64_t *wide;
    int32_t i;

    p->narrow =
        bias && bias->type == TIN_S32 && lo->node->op != TIN_OP_TRANSPOSE_CONV;
    p->bias = NULL;
    if (!bias)
        return 1;
    wide = tin_new_constant(lo, TIN_S64, p->window.out_c, "bias");
    for (i = 0; wide && i < p->window.out_c; i++)
        wide[i] = tin_const_int(bias, i);
    p->bias = wide;
    return wide != NULL;
}

tin_status tin_make_conv2d_s16(tin_lowering *lo, const tin_window *w,
                               int32_t groups, int32_t channel_axis,
                               tin_conv2d_s16_params **params)
{
    tin_conv2d_s16_params *p = tin_new(lo, sizeof *p);
    const int32_t taps = w->kernel_h * w->kernel_w;
    tin_weights t;
    tin_status status = tin_make_weights(lo, w->out_c, channel_axis, &t);

    *params = p;
    if (status != TIN_OK)
        return status;
    if (!p)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    p->window = *w;
    p->groups = groups;
    p->tap_step = channel_axis ? w->out_c : w->in_c / groups;
    p->channel_step = channel_axis ? 1 : taps * p->tap_step;
    p->weights = t.weights;
    p->multiplier = t.multiplier;
    p->shift = t.shift;
    if (!take_bias(lo, p))
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    tin_act_range_s16(lo->node->attr.activation, tin_out(lo, 0)->scales[0],
                      &p->act_min, &p->act_max);
    return TIN_OK;
}

/* ---- Pools -------------------------------------------------------------- */

tin_status tin_pool_s16(tin_lowering *lo, const tin_window *w,
                        tin_kernel_id kernel)
{
    const tin_value *out = tin_out(lo, 0);
    const tin_need need = tin_window_need(w, out->shape[0]);
    tin_pool2d_s16_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->window = *w;
        tin_act_range_s16(lo->node->attr.activation, out->scales[0],
                          &p->act_min, &p->act_max);
    }
    return tin_add_simple_step(lo, kernel, p, &need);
}

/* ---- SOFTMAX ------------------------------------------------------------ */

static float exponential(float x)
{
    return expf(x);
}

static float reciprocal(float x)
{
    return 1.0f / (1.0f + x);
}

/* A value in Q0.15, whole. */
static float in_q15(float (*f)(float), float x)
{
    return roundf(f(x) * 32768.0f);
}

/* Values of f at 512 steps of low .. high, each moved by half of what the
 * straight line to the next one misses in the middle, and the last. */
static void fill_table(int16_t table[513], float (*f)(float), float low,
                       float high)
{
    const float step = (high - low) / 512.0f;
    int32_t i;

    for (i = 0; i < 512; i++) {
        const float x = low + (float)i * step;
        const float here = in_q15(f, x);
        const float next = f(low + (float)(i + 1) * step) * 32768.0f;
        const float line = roundf((next + here) / 2.0f);
        const float middle = in_q15(f, x + step / 2.0f);
        const float y = here - roundf((line - middle) / 2.0f);

        table[i] = (int16_t)tin_clamp((int32_t)y, -32768, 32767);
    }
    table[512] = (int16_t)tin_clamp((int32_t)in_q15(f, high), -32768, 32767);
}

tin_status tin_softmax_lower_s16(tin_lowering *lo, int32_t groups, int32_t c)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const double real =
        (double)lo->node->attr.beta * (double)in->scales[0] / (10.0 / 65535.0);
    tin_softmax_s16_params *p = tin_new(lo, sizeof *p);
    int16_t *exp_table = tin_new_constant(lo, TIN_S16, 513, "exp");
    int16_t *reciprocals = tin_new_constant(lo, TIN_S16, 513, "reciprocal");
    tin_multiplier m;

    if (!p || !exp_table || !reciprocals)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    if (out->scales[0] != 1.0f / 32768)
        return tin_refuse(lo, TIN_ERR_QUANT,
                          "the output must have scale 1/32768");
    if (!(real >= 0) || !tin_quantize_multiplier(real, &m) || m.shift > 14)
        return tin_refuse(lo, TIN_ERR_QUANT,
                          "beta times input scale is out of range");
    fill_table(exp_table, exponential, -10.0f, 0.0f);
    fill_table(reciprocals, reciprocal, 0.0f, 1.0f);
    p->groups = groups;
    p->c = c;
    p->multiplier = m.multiplier;
    p->shift = m.shift;
    p->exp = exp_table;
    p->reciprocal = reciprocals;
    return tin_add_simple_step(lo, TIN_KERNEL_softmax_s16, p, &tin_need_same);
}

/* ---- QUANTIZE, DEQUANTIZE ----------------------------------------------- */

tin_status tin_add_rescale_step(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    tin_rescale_params *p = tin_new(lo, sizeof *p);
    tin_multiplier m;

    if (in->n_scales < 1 || out->n_scales < 1)
        return tin_refuse(lo, TIN_ERR_QUANT, "a tensor without a scale");
    if (!tin_quantize_multiplier((double)in->scales[0] / (double)out->scales[0],
                                 &m))
        return tin_refuse(lo, TIN_ERR_QUANT, "scales too far apart");
    if (p) {
        p->row_elems = tin_row_elements(in);
        p->in_bytes = tin_type_bytes(in->type);
        p->out_bytes = tin_type_bytes(out->type);
        p->in_zero = in->zero_points[0];
        p->out_zero = out->zero_points[0];
        p->multiplier = m.multiplier;
        p->shift = m.shift;
    }
    return tin_add_simple_step(lo, TIN_KERNEL_rescale, p, &tin_need_same);
}

tin_status tin_quantize_to_s16(tin_lowering *lo)
{
    const tin_value *out = tin_out(lo, 0);
    tin_quantize_f32_s16_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->row_elems = tin_row_elements(tin_in(lo, 0));
        p->scale = out->scales[0];
        p->zero = out->zero_points[0];
    }
    return tin_add_simple_step(lo, TIN_KERNEL_quantize_f32_s16, p,
                               &tin_need_same);
}

tin_status tin_dequantize_from_s16(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0);
    tin_dequantize_s16_f32_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->row_elems = tin_row_elements(in);
        p->scale = in->scales[0];
        p->zero = in->zero_points[0];
    }
    return tin_add_simple_step(lo, TIN_KERNEL_dequantize_s16_f32, p,
                               &tin_need_same);
}
