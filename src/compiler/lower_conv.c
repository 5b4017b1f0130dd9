/* SPDX-License-Identifier: MIT */
/* lower_conv.c: CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED. */
#include "lower.h"

#include <math.h>

/* The type of weights that goes with an input. */
static tin_type weight_type(const tin_value *in)
{
    return in->type == TIN_S16 ? TIN_S8 : in->type;
}

/* ---- Weights and bias --------------------------------------------------- */

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

/* multiplier and shift of every output channel: in * weight / out. */
static tin_status requantization(tin_lowering *lo, int32_t channels,
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
    return requantization(lo, channels, multiplier, shift);
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

static tin_status add_window_step(tin_lowering *lo, tin_kernel_id kernel,
                                  const void *params, const tin_window *w)
{
    const tin_need need = tin_window_need(w, tin_in(lo, 0)->shape[0]);

    return tin_add_simple_step(lo, kernel, params, &need);
}

/* Convolution with int16 activations, depthwise along axis 3. */
static tin_status conv2d_s16(tin_lowering *lo, const tin_window *w,
                             int32_t groups, int32_t channel_axis)
{
    tin_conv2d_s16_params *p;
    const tin_status status =
        tin_make_conv2d_s16(lo, w, groups, channel_axis, &p);

    if (status != TIN_OK)
        return status;
    return add_window_step(lo, TIN_KERNEL_conv2d_s16, p, w);
}

/* ---- Weights with a zero point ------------------------------------------ */

/* The step's params; the layer may be depthwise or dense, too. */
static tin_status make_zconv(tin_lowering *lo, const tin_window *w,
                             int32_t groups, tin_zconv2d_s8_params **params)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const tin_value *bias = tin_in(lo, 2);
    const int by_channel = lo->node->op == TIN_OP_DEPTHWISE_CONV_2D;
    const int32_t gc = w->in_c / groups;
    tin_zconv2d_s8_params *p = *params = tin_new(lo, sizeof *p);
    tin_status status;
    int8_t shift;

    if (!p)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    p->window = *w;
    p->groups = groups;
    p->channel_step =
        by_channel ? 1 : tin_value_elements(tin_in(lo, 1)) / w->out_c;
    p->tap_step = by_channel ? w->out_c : gc;
    p->in_zero = in->zero_points[0];
    p->weight_zero = lo->node->attr.weight_zero;
    p->out_zero = out->zero_points[0];
    tin_act_range_s8(lo->node->attr.activation, out->scales[0], p->out_zero,
                     &p->act_min, &p->act_max);
    p->weights = tin_host_constant(lo, tin_in(lo, 1), "weights");
    p->bias = bias ? tin_host_constant(lo, bias, "bias") : NULL;
    if (!p->weights || (bias && !p->bias))
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    status = requantization(lo, 1, &p->multiplier, &shift);
    p->shift = shift;
    return status;
}

static tin_status zconv2d_s8(tin_lowering *lo, const tin_window *w,
                             int32_t groups)
{
    tin_zconv2d_s8_params *p;
    const tin_status status = make_zconv(lo, w, groups, &p);

    if (status != TIN_OK)
        return status;
    return add_window_step(lo, TIN_KERNEL_zconv2d_s8, p, w);
}

/* ---- CONV_2D ------------------------------------------------------------ */

static tin_status conv2d_s8(tin_lowering *lo, const tin_window *w,
                            int32_t groups)
{
    tin_conv2d_s8_params *p = tin_new(lo, sizeof *p);
    tin_s8_filter f;
    const tin_status status = tin_make_s8_filter(lo, w->out_c, 0, &f);

    if (status != TIN_OK)
        return status;
    if (p)
        *p = (tin_conv2d_s8_params){
            *w,        groups,    f.in_zero, f.out_zero,   f.act_min,
            f.act_max, f.weights, f.bias,    f.multiplier, f.shift};
    return add_window_step(lo, TIN_KERNEL_conv2d_s8, p, w);
}

static tin_status conv2d_f32(tin_lowering *lo, const tin_window *w,
                             int32_t groups)
{
    tin_conv2d_f32_params *p = tin_new(lo, sizeof *p);
    tin_f32_filter f;
    const tin_status status = tin_make_f32_filter(lo, &f);

    if (status != TIN_OK)
        return status;
    if (p)
        *p = (tin_conv2d_f32_params){*w,        groups,    f.act_min,
                                     f.act_max, f.weights, f.bias};
    return add_window_step(lo, TIN_KERNEL_conv2d_f32, p, w);
}

tin_status tin_lower_conv2d(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *w = tin_in(lo, 1);
    tin_window window;
    tin_status status = tin_check_operands(lo, 4);

    if (status == TIN_OK)
        status =
            tin_make_window(lo, w->shape[1], w->shape[2], w->shape[0], &window);
    if (status == TIN_OK)
        status = tin_check_bias(lo, window.out_c);
    if (status != TIN_OK)
        return status;
    if (window.in_c % w->shape[3] != 0 ||
        window.out_c % (window.in_c / w->shape[3]) != 0)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "%d input channels, %d output "
                          "channels and weights for %d do not make groups",
                          (int)window.in_c, (int)window.out_c,
                          (int)w->shape[3]);
    tin_account_weights(lo, (int64_t)w->shape[1] * w->shape[2] * w->shape[3]);
    if (lo->node->attr.weight_zero != 0)
        return zconv2d_s8(lo, &window, window.in_c / w->shape[3]);
    if (in->type == TIN_S8)
        return conv2d_s8(lo, &window, window.in_c / w->shape[3]);
    if (in->type == TIN_S16)
        return conv2d_s16(lo, &window, window.in_c / w->shape[3], 0);
    return conv2d_f32(lo, &window, window.in_c / w->shape[3]);
}

/* ---- DEPTHWISE_CONV_2D -------------------------------------------------- */

static tin_status dwconv2d_s8(tin_lowering *lo, const tin_window *w)
{
    tin_dwconv2d_s8_params *p = tin_new(lo, sizeof *p);
    tin_s8_filter f;
    const tin_status status = tin_make_s8_filter(lo, w->out_c, 3, &f);

    if (status != TIN_OK)
        return status;
    if (p)
        *p = (tin_dwconv2d_s8_params){*w,        f.in_zero,    f.out_zero,
                                      f.act_min, f.act_max,    f.weights,
                                      f.bias,    f.multiplier, f.shift};
    return add_window_step(lo, TIN_KERNEL_dwconv2d_s8, p, w);
}

static tin_status dwconv2d_f32(tin_lowering *lo, const tin_window *w)
{
    tin_dwconv2d_f32_params *p = tin_new(lo, sizeof *p);
    tin_f32_filter f;
    const tin_status status = tin_make_f32_filter(lo, &f);

    if (status != TIN_OK)
        return status;
    if (p)
        *p = (tin_dwconv2d_f32_params){*w, f.act_min, f.act_max, f.weights,
                                       f.bias};
    return add_window_step(lo, TIN_KERNEL_dwconv2d_f32, p, w);
}

tin_status tin_lower_dwconv2d(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *w = tin_in(lo, 1);
    const int32_t multiplier = lo->node->attr.depth_multiplier;
    tin_window window;
    tin_status status = tin_check_operands(lo, 4);

    if (status == TIN_OK)
        status =
            tin_make_window(lo, w->shape[1], w->shape[2], w->shape[3], &window);
    if (status == TIN_OK)
        status = tin_check_bias(lo, window.out_c);
    if (status != TIN_OK)
        return status;
    if (w->shape[0] != 1 || window.out_c % window.in_c != 0 ||
        (multiplier != 0 && multiplier != window.out_c / window.in_c))
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "%d input channels, %d output "
                          "channels and depth multiplier %d do not fit",
                          (int)window.in_c, (int)window.out_c, (int)multiplier);
    tin_account_weights(lo, (int64_t)w->shape[1] * w->shape[2]);
    if (lo->node->attr.weight_zero != 0)
        return zconv2d_s8(lo, &window, window.in_c);
    if (in->type == TIN_S8)
        return dwconv2d_s8(lo, &window);
    if (in->type == TIN_S16)
        return conv2d_s16(lo, &window, window.in_c, 3);
    return dwconv2d_f32(lo, &window);
}

/* ---- FULLY_CONNECTED ---------------------------------------------------- */

/* Dense works on rows of in_c elements, however the tensors are shaped. */
static tin_status add_dense_step(tin_lowering *lo, tin_kernel_id kernel,
                                 const void *params, int32_t rows)
{
    int32_t args[2];

    args[0] = tin_view_of(lo, lo->node->in[0], rows);
    args[1] = tin_view_of(lo, lo->node->out[0], rows);
    return tin_add_step(lo, kernel, params, args, &tin_need_same, 1, rows);
}

/* A convolution of 1x1 where each row of the batch is a row of one pixel. */
static tin_window dense_window(int32_t in_c, int32_t out_c, int32_t rows)
{
    const tin_window w = {.in_h = rows,
                          .in_w = 1,
                          .in_c = in_c,
                          .out_h = rows,
                          .out_w = 1,
                          .out_c = out_c,
                          .kernel_h = 1,
                          .kernel_w = 1,
                          .stride_h = 1,
                          .stride_w = 1,
                          .dilation_h = 1,
                          .dilation_w = 1};

    return w;
}

static tin_status zdense_s8(tin_lowering *lo, int32_t in_c, int32_t out_c,
                            int32_t rows)
{
    const tin_window w = dense_window(in_c, out_c, rows);
    tin_zconv2d_s8_params *p;
    const tin_status status = make_zconv(lo, &w, 1, &p);

    if (status != TIN_OK)
        return status;
    return add_dense_step(lo, TIN_KERNEL_zconv2d_s8, p, rows);
}

static tin_status dense_s8(tin_lowering *lo, int32_t in_c, int32_t out_c,
                           int32_t rows)
{
    tin_dense_s8_params *p = tin_new(lo, sizeof *p);
    tin_s8_filter f;
    const tin_status status = tin_make_s8_filter(lo, out_c, 0, &f);

    if (status != TIN_OK)
        return status;
    if (p)
        *p = (tin_dense_s8_params){
            in_c,      out_c,     f.in_zero, f.out_zero,   f.act_min,
            f.act_max, f.weights, f.bias,    f.multiplier, f.shift};
    return add_dense_step(lo, TIN_KERNEL_dense_s8, p, rows);
}

static tin_status dense_s16(tin_lowering *lo, int32_t in_c, int32_t out_c,
                            int32_t rows)
{
    const tin_window w = dense_window(in_c, out_c, rows);
    tin_conv2d_s16_params *p;
    const tin_status status = tin_make_conv2d_s16(lo, &w, 1, 0, &p);

    if (status != TIN_OK)
        return status;
    return add_dense_step(lo, TIN_KERNEL_conv2d_s16, p, rows);
}

static tin_status dense_f32(tin_lowering *lo, int32_t in_c, int32_t out_c,
                            int32_t rows)
{
    tin_dense_f32_params *p = tin_new(lo, sizeof *p);
    tin_f32_filter f;
    const tin_status status = tin_make_f32_filter(lo, &f);

    if (status != TIN_OK)
        return status;
    if (p)
        *p = (tin_dense_f32_params){in_c,      out_c,     f.act_min,
                                    f.act_max, f.weights, f.bias};
    return add_dense_step(lo, TIN_KERNEL_dense_f32, p, rows);
}

/* The output is [rows][out_c], or the input's shape with out_c at its end. */
static tin_status check_dense_output(tin_lowering *lo, int32_t rows,
                                     int32_t out_c)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    int32_t shape[TIN_MAX_RANK], i;

    if (!lo->node->attr.keep_dims) {
        shape[0] = rows;
        shape[1] = out_c;
        return tin_want_shape(lo, out, 2, shape);
    }
    for (i = 0; i < in->rank; i++)
        shape[i] = in->shape[i];
    shape[in->rank - 1] = out_c;
    return tin_want_shape(lo, out, in->rank, shape);
}

tin_status tin_lower_dense(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *w = tin_in(lo, 1);
    int32_t in_c, out_c, rows;
    tin_status status = tin_check_operands(lo, 2);

    if (status != TIN_OK)
        return status;
    out_c = w->shape[0];
    in_c = w->shape[1];
    if (tin_value_elements(in) % in_c != 0 ||
        (lo->node->attr.keep_dims &&
         (in->rank < 1 || in->shape[in->rank - 1] != in_c)))
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "an input of %d elements is not "
                          "a batch of %d",
                          (int)tin_value_elements(in), (int)in_c);
    rows = tin_value_elements(in) / in_c;
    status = check_dense_output(lo, rows, out_c);
    if (status == TIN_OK)
        status = tin_check_bias(lo, out_c);
    if (status != TIN_OK)
        return status;
    tin_account_weights(lo, in_c);
    if (lo->node->attr.weight_zero != 0)
        return zdense_s8(lo, in_c, out_c, rows);
    if (in->type == TIN_S8)
        return dense_s8(lo, in_c, out_c, rows);
    if (in->type == TIN_S16)
        return dense_s16(lo, in_c, out_c, rows);
    return dense_f32(lo, in_c, out_c, rows);
}
