/* SPDX-License-Identifier: MIT */
/* lower_transconv.c: TRANSPOSE_CONV, whose operands the importer has put in the
 * order of a convolution's: image, weights, bias, then the output's shape. */
#include "lower.h"

/* The padding in front of an axis: that of the convolution from output to
 * input. -1: too large. */
static int32_t pad_before(const tin_attributes *a, int32_t out, int32_t kernel,
                          int32_t stride)
{
    const int64_t steps = ((int64_t)out + stride - 1) / stride;
    const int64_t total = (steps - 1) * stride + kernel - out;

    if (a->padding != TIN_PADDING_SAME || total <= 0)
        return 0;
    return total / 2 > INT32_MAX ? -1 : (int32_t)(total / 2);
}

/* The output's shape is said twice: by its tensor and by an operand. */
static tin_status check_said_shape(tin_lowering *lo)
{
    const tin_value *said = tin_in(lo, 3);
    int32_t shape[4], i;
    tin_status status = tin_want_type(lo, said, TIN_S32, "output shape");

    if (status != TIN_OK)
        return status;
    if (!said->data)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "the output's shape must be constant");
    if (tin_value_elements(said) != 4)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "the output's shape has %d extents",
                          (int)tin_value_elements(said));
    for (i = 0; i < 4; i++)
        shape[i] = (int32_t)tin_const_int(said, i);
    return tin_want_shape(lo, tin_out(lo, 0), 4, shape);
}

static tin_status make_window(tin_lowering *lo, tin_window *w)
{
    const tin_attributes *a = &lo->node->attr;
    const tin_value *in = tin_in(lo, 0), *filter = tin_in(lo, 1);
    const tin_value *out = tin_out(lo, 0);

    if (in->rank != 4 || in->shape[0] != out->shape[0] ||
        in->shape[3] != filter->shape[3] || out->shape[3] != filter->shape[0])
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "input, weights and output do not fit each other");
    if (a->stride_h < 1 || a->stride_w < 1)
        return tin_refuse(lo, TIN_ERR_ARG, "a stride is below 1");
    w->in_h = in->shape[1];
    w->in_w = in->shape[2];
    w->in_c = in->shape[3];
    w->out_h = out->shape[1];
    w->out_w = out->shape[2];
    w->out_c = out->shape[3];
    w->kernel_h = filter->shape[1];
    w->kernel_w = filter->shape[2];
    w->stride_h = a->stride_h;
    w->stride_w = a->stride_w;
    w->dilation_h = w->dilation_w = 1;
    w->pad_top = pad_before(a, w->out_h, w->kernel_h, w->stride_h);
    w->pad_left = pad_before(a, w->out_w, w->kernel_w, w->stride_w);
    return TIN_OK;
}

/* ---- Steps -------------------------------------------------------------- */

static void input_rows(const void *window, int32_t y, int32_t *first,
                       int32_t *end)
{
    const tin_window *w = window;

    tin_transconv_taps(y + w->pad_top, w->stride_h, w->kernel_h, w->in_h, first,
                       end);
}

/* The window is sound when the kernel's check has passed: until then nothing
 * is computed from it. */
static tin_status add_step(tin_lowering *lo, tin_kernel_id kernel,
                           const void *params, const tin_window *w)
{
    tin_need need = tin_need_all;

    if (tin_in(lo, 0)->shape[0] == 1 && tin_transconv_check(w, NULL) == TIN_OK)
        need = tin_range_need(input_rows, w, w->out_h, 1, w->stride_h);
    return tin_add_simple_step(lo, kernel, params, &need);
}

static tin_status transconv2d_s8(tin_lowering *lo, const tin_window *w)
{
    tin_transconv2d_s8_params *p = tin_new(lo, sizeof *p);
    tin_s8_filter f;
    const tin_status status = tin_make_s8_filter(lo, w->out_c, 0, &f);

    if (status != TIN_OK)
        return status;
    if (p)
        *p = (tin_transconv2d_s8_params){*w,        f.in_zero,    f.out_zero,
                                         f.act_min, f.act_max,    f.weights,
                                         f.bias,    f.multiplier, f.shift};
    return add_step(lo, TIN_KERNEL_transconv2d_s8, p, w);
}

static tin_status transconv2d_s16(tin_lowering *lo, const tin_window *w)
{
    tin_conv2d_s16_params *p;
    const tin_status status = tin_make_conv2d_s16(lo, w, 1, 0, &p);

    if (status != TIN_OK)
        return status;
    return add_step(lo, TIN_KERNEL_transconv2d_s16, p, w);
}

static tin_status transconv2d_f32(tin_lowering *lo, const tin_window *w)
{
    tin_transconv2d_f32_params *p = tin_new(lo, sizeof *p);
    tin_f32_filter f;
    const tin_status status = tin_make_f32_filter(lo, &f);

    if (status != TIN_OK)
        return status;
    if (p)
        *p = (tin_transconv2d_f32_params){*w, f.act_min, f.act_max, f.weights,
                                          f.bias};
    return add_step(lo, TIN_KERNEL_transconv2d_f32, p, w);
}

tin_status tin_lower_transconv2d(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *weights = tin_in(lo, 1);
    tin_window w;
    tin_status status = tin_check_operands(lo, 4);

    if (status == TIN_OK)
        status = check_said_shape(lo);
    if (status == TIN_OK)
        status = make_window(lo, &w);
    if (status == TIN_OK)
        status = tin_check_bias(lo, w.out_c);
    if (status != TIN_OK)
        return status;
    tin_account_weights(lo, 0);
    lo->layers[lo->node->layer].live_macs =
        (int64_t)tin_value_elements(weights) *
        (tin_value_elements(in) / w.in_c);
    if (in->type == TIN_S8)
        return transconv2d_s8(lo, &w);
    if (in->type == TIN_S16)
        return transconv2d_s16(lo, &w);
    return transconv2d_f32(lo, &w);
}
