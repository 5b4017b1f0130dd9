/* SPDX-License-Identifier: MIT */
/* lower_conv.c: CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED. */
#include "lower.h"

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
    status = tin_make_requantization(lo, 1, &p->multiplier, &shift);
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
