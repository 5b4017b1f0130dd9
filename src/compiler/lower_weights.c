/* SPDX-License-Identifier: MIT */
/* lower_weights.c: what all layers with weights have in common. */
#include "lower.h"

#include <math.h>

/* The type of weights that goes with an input. */
static tin_type weight_type(const tin_value *in)
{
    return in->type == TIN_S16 ? TIN_S8 : in->type;
}

tin_status tin_check_operands(tin_lowering *lo, int32_t weight_rank)
{
    const tin_value *in = tin_in(lo, 0), *w = tin_in(lo, 1);
    const tin_value *out = tin_out(lo, 0);
    tin_status status;

    if (!w->data)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "weights '%.60s' must be constant", w->name);
    status = tin_want_type(lo, out, in->type, "output");
    if (status == TIN_OK)
        status = tin_want_type(lo, w, weight_type(in), "weights");
    if (status == TIN_OK && w->rank != weight_rank)
        status = tin_refuse(lo, TIN_ERR_SHAPE,
                            "weights must have rank %d, "
                            "not %d",
                            (int)weight_rank, (int)w->rank);
    return status;
}

/* int16 layers have biases of int64, or, unless depthwise, of int32. */
tin_status tin_check_bias(tin_lowering *lo, int32_t channels)
{
    const tin_value *bias = tin_in(lo, 2);
    const tin_type in = tin_in(lo, 0)->type;
    tin_type type = in == TIN_F32 ? TIN_F32 : TIN_S32;

    if (in == TIN_S16 && bias &&
        (bias->type == TIN_S64 || lo->node->op == TIN_OP_DEPTHWISE_CONV_2D))
        type = TIN_S64;

    if (!bias)
        return TIN_OK;
    if (!bias->data)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "bias must be constant");
    if (tin_value_elements(bias) != channels)
        return tin_refuse(lo, TIN_ERR_SHAPE, "bias has %d elements, not %d",
                          (int)tin_value_elements(bias), (int)channels);
    if (bias->n_scales > 1 && bias->n_scales != channels)
        return tin_refuse(lo, TIN_ERR_QUANT,
                          "bias has %d scales for %d channels",
                          (int)bias->n_scales, (int)channels);
    return tin_want_type(lo, bias, type, "bias");
}

void tin_account_weights(tin_lowering *lo, int64_t macs_per_output)
{
    tin_layer *layer = &lo->layers[lo->node->layer];
    const tin_value *w = tin_in(lo, 1), *bias = tin_in(lo, 2);

    layer->live_macs = macs_per_output * tin_value_elements(tin_out(lo, 0));
    if (lo->spans) // the output has the rows of several windows
        layer->live_macs = layer->macs;
    layer->weight_bytes =
        (int64_t)tin_value_elements(w) * tin_type_bytes(w->type);
    if (bias)
        layer->weight_bytes +=
            (int64_t)tin_value_elements(bias) * tin_type_bytes(bias->type);
}

static tin_status bias_scale_fits(tin_lowering *lo, int32_t c, double product)
{
    const tin_value *bias = tin_in(lo, 2);
    const double out_scale = (double)tin_out(lo, 0)->scales[0];
    double scale;

    // of int16 layers the reference does not ask it
    if (!bias || bias->n_scales == 0 || tin_in(lo, 0)->type == TIN_S16)
        return TIN_OK;
    scale = (double)bias->scales[bias->n_scales > 1 ? c : 0];
    if (fabs(scale - product) / out_scale <= 0.02)
        return TIN_OK;
    return tin_refuse(lo, TIN_ERR_QUANT,
                      "the scale of bias %d is not input "
                      "scale times weight scale",
                      (int)c);
}

/* Input times weight scale as the reference has it for uint8. */
static float float_product(const tin_lowering *lo)
{
    const float product = tin_in(lo, 0)->scales[0] * tin_in(lo, 1)->scales[0];

    return product;
}

tin_status tin_make_requantization(tin_lowering *lo, int32_t channels,
                                   int32_t *multiplier, int8_t *shift)
{
    const tin_value *w = tin_in(lo, 1);
    const double in_scale = (double)tin_in(lo, 0)->scales[0];
    const double out_scale = (double)tin_out(lo, 0)->scales[0];
    int32_t c;

    for (c = 0; c < channels; c++) {
        const double product =
            in_scale * (double)w->scales[w->n_scales > 1 ? c : 0];
        tin_multiplier m;
        tin_status status = bias_scale_fits(lo, c, product);

        if (status != TIN_OK)
            return status;
        if (!tin_quantize_multiplier(
                (lo->node->attr.was_u8 ? (double)float_product(lo) : product) /
                    out_scale,
                &m))
            return tin_refuse(lo, TIN_ERR_QUANT,
                              "the scales of channel %d "
                              "give a factor beyond 2^30",
                              (int)c);
        multiplier[c] = m.multiplier;
        shift[c] = (int8_t)m.shift;
    }
    return TIN_OK;
}

/* Weights stay where the file has them: they are bytes. */
tin_status tin_make_weights(tin_lowering *lo, int32_t channels,
                            int32_t channel_axis, tin_weights *t)
{
    const tin_value *w = tin_in(lo, 1);
    int32_t *multiplier, i;
    int8_t *shift;

    if (w->n_scales > 1 && w->quant_axis != channel_axis)
        return tin_refuse(lo, TIN_ERR_QUANT,
                          "weights are quantized along "
                          "axis %d, not %d",
                          (int)w->quant_axis, (int)channel_axis);
    for (i = 0; i < w->n_scales; i++)
        if (w->zero_points[i] != 0)
            return tin_refuse(lo, TIN_ERR_QUANT,
                              "int8 weights must have zero point 0");
    t->weights = tin_host_constant(lo, w, "weights");
    multiplier = tin_new_constant(lo, TIN_S32, channels, "multiplier");
    shift = tin_new_constant(lo, TIN_S8, channels, "shift");
    t->multiplier = multiplier;
    t->shift = shift;
    if (!t->weights || !multiplier || !shift)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    return tin_make_requantization(lo, channels, multiplier, shift);
}

tin_status tin_make_s8_filter(tin_lowering *lo, int32_t channels,
                              int32_t channel_axis, tin_s8_filter *f)
{
    const tin_value *bias = tin_in(lo, 2), *out = tin_out(lo, 0);
    tin_weights w;
    const tin_status status = tin_make_weights(lo, channels, channel_axis, &w);

    if (status != TIN_OK)
        return status;
    f->in_zero = tin_in(lo, 0)->zero_points[0];
    f->out_zero = out->zero_points[0];
    tin_act_range_s8(lo->node->attr.activation, out->scales[0], f->out_zero,
                     &f->act_min, &f->act_max);
    f->bias = bias ? tin_host_constant(lo, bias, "bias") : NULL;
    if (bias && !f->bias)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    f->weights = w.weights;
    f->multiplier = w.multiplier;
    f->shift = w.shift;
    return TIN_OK;
}

tin_status tin_make_f32_filter(tin_lowering *lo, tin_f32_filter *f)
{
    const tin_value *bias = tin_in(lo, 2);

    tin_act_range_f32(lo->node->attr.activation, &f->act_min, &f->act_max);
    f->weights = tin_host_constant(lo, tin_in(lo, 1), "weights");
    f->bias = bias ? tin_host_constant(lo, bias, "bias") : NULL;
    if (!f->weights || (bias && !f->bias))
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    return TIN_OK;
}
