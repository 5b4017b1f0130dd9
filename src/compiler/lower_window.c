/* SPDX-License-Identifier: MIT */
/* lower_window.c: where the window of a convolution or pool lies. */
#include "lower.h"

/* One axis of a window: the output extent, or -1, and the padding in front,
 * which is given if it is EXPLICIT. */
static int64_t window_axis(tin_padding padding, int64_t in, int64_t kernel,
                           int64_t stride, int64_t dilation,
                           const int32_t pads[2], int32_t *before)
{
    const int64_t span = (kernel - 1) * dilation + 1;
    int64_t out, total;

    *before = 0;
    if (span > INT32_MAX)
        return -1;
    if (padding == TIN_PADDING_EXPLICIT) {
        *before = pads[0];
        in += (int64_t)pads[0] + pads[1];
    }
    if (padding != TIN_PADDING_SAME)
        return span > in ? -1 : (in - span) / stride + 1;
    out = (in + stride - 1) / stride;
    total = (out - 1) * stride + span - in;
    if (total > 2 * (int64_t)INT32_MAX)
        return -1;
    *before = total > 0 ? (int32_t)(total / 2) : 0;
    return out;
}

tin_status tin_make_window(tin_lowering *lo, int32_t kernel_h, int32_t kernel_w,
                           int32_t out_c, tin_window *w)
{
    const tin_attributes *a = &lo->node->attr;
    const tin_value *in = tin_in(lo, 0);
    int32_t shape[4];
    int64_t h, v;

    if (in->rank != 4)
        return tin_refuse(lo, TIN_ERR_SHAPE, "input must have rank 4, not %d",
                          (int)in->rank);
    if (a->stride_h < 1 || a->stride_w < 1 || a->dilation_h < 1 ||
        a->dilation_w < 1 || kernel_h < 1 || kernel_w < 1)
        return tin_refuse(lo, TIN_ERR_ARG,
                          "stride, dilation and kernel must be at least 1");
    w->in_h = in->shape[1];
    w->in_w = in->shape[2];
    w->in_c = in->shape[3];
    w->kernel_h = kernel_h;
    w->kernel_w = kernel_w;
    w->stride_h = a->stride_h;
    w->stride_w = a->stride_w;
    w->dilation_h = a->dilation_h;
    w->dilation_w = a->dilation_w;
    h = window_axis(a->padding, w->in_h, kernel_h, w->stride_h, w->dilation_h,
                    a->pad_h, &w->pad_top);
    v = window_axis(a->padding, w->in_w, kernel_w, w->stride_w, w->dilation_w,
                    a->pad_w, &w->pad_left);
    if (h < 1 || v < 1)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "the kernel of %dx%d does not fit "
                          "an input of %dx%d",
                          (int)kernel_h, (int)kernel_w, (int)w->in_h,
                          (int)w->in_w);
    shape[0] = in->shape[0];
    shape[1] = w->out_h = (int32_t)h;
    shape[2] = w->out_w = (int32_t)v;
    shape[3] = w->out_c = out_c;
    return tin_want_shape(lo, tin_out(lo, 0), 4, shape);
}

tin_need tin_window_need(const tin_window *w, int32_t batch)
{
    tin_need need;

    if (batch > 1) // windows do not cross images: rows are not in step
        return tin_need_all;
    need.stride = w->stride_h;
    need.low = -w->pad_top;
    need.reach = (w->kernel_h - 1) * w->dilation_h + 1 - w->pad_top;
    need.shift = 0;
    return need;
}

/* num / den as stride / 2^shift: exactly if a small shift does it, else as
 * near as 15 bits come from below. Over 2^15 rows that is less than a row. */
static void line_of(int32_t num, int32_t den, tin_need *need)
{
    int32_t shift = 0;

    while (shift < 15 && ((int64_t)num << shift) % den != 0 &&
           ((int64_t)num << (shift + 1)) / den <= INT16_MAX)
        shift++;
    need->shift = shift;
    need->stride = (int32_t)(((int64_t)num << shift) / den);
}

tin_need tin_range_need(tin_row_range *range, const void *params, int32_t rows,
                        int32_t num, int32_t den)
{
    tin_need need = {0, INT32_MAX, INT32_MIN, 0};
    int32_t y;

    if (rows > INT16_MAX || num / den > INT16_MAX) // not row by row anyway
        return tin_need_all;
    line_of(num, den, &need);
    for (y = 0; y < rows; y++) {
        const int32_t line = y * need.stride >> need.shift;
        int32_t first, end;

        range(params, y, &first, &end);
        if (first - line < need.low)
            need.low = first - line;
        if (end - line > need.reach)
            need.reach = end - line;
    }
    return need;
}
