/* SPDX-License-Identifier: MIT */
/*
 * tin_transconv2d_f32: see tinyinfer_image.h. The sums grow in the output row
 * itself: each output point gathers the inputs that reach it, tap by tap.
 */
#include "tinyinfer_image.h"

/* Adds an input to all channels of an output point. */
static void add_tap(const tin_window *w, const float *x, const float *f,
                    float *restrict out)
{
    const size_t filter =
        (size_t)w->kernel_h * (size_t)w->kernel_w * (size_t)w->in_c;
    int32_t oc = 0;

    for (; oc < w->out_c - 3; oc += 4)
        tin_dot4_f32(out + oc, x, f + (size_t)oc * filter, filter, w->in_c);
    for (; oc < w->out_c; oc++)
        out[oc] = tin_dot_f32(out[oc], x, f + (size_t)oc * filter, w->in_c);
}

/* Adds an input row, whose taps have kernel row ky, to an output row. */
static void add_row(const tin_transconv2d_f32_params *p, const float *in,
                    int32_t ky, float *out)
{
    const tin_window *w = &p->window;
    const float *f =
        p->weights + (size_t)ky * (size_t)w->kernel_w * (size_t)w->in_c;

    for (int32_t ox = 0; ox < w->out_w; ox++, out += w->out_c) {
        const int32_t at = ox + w->pad_left;
        int32_t ix, end;

        tin_transconv_taps(at, w->stride_w, w->kernel_w, w->in_w, &ix, &end);
        for (; ix < end; ix++)
            add_tap(w, in + (size_t)ix * (size_t)w->in_c,
                    f + (size_t)(at - ix * w->stride_w) * (size_t)w->in_c, out);
    }
}

static void make_row(const tin_transconv2d_f32_params *p, const tin_rows *in,
                     int32_t y, float *out)
{
    const tin_window *w = &p->window;
    const int32_t image = y / w->out_h;
    const int32_t at = y - image * w->out_h + w->pad_top;
    int32_t iy, end, i, oc = 0;

    for (i = 0; i < w->out_w * w->out_c; i++)
        out[i] = 0;
    tin_transconv_taps(at, w->stride_h, w->kernel_h, w->in_h, &iy, &end);
    for (; iy < end; iy++)
        add_row(p, tin_row(in, image * w->in_h + iy), at - iy * w->stride_h,
                out);
    for (i = 0; i < w->out_w * w->out_c; i++) {
        out[i] = tin_clampf(out[i] + (p->bias ? p->bias[oc] : 0), p->act_min,
                            p->act_max);
        oc = oc + 1 < w->out_c ? oc + 1 : 0;
    }
}

void tin_transconv2d_f32(const void *params, const tin_rows *in,
                         const tin_rows *out, int32_t y0, int32_t y1,
                         void *scratch)
{
    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        make_row(params, in, y, tin_row(out, y));
}

tin_status tin_transconv2d_f32_check(const void *params, const char **why)
{
    const tin_transconv2d_f32_params *p = params;
    const tin_window *w = &p->window;
    tin_status status = tin_transconv_check(w, why);
    int32_t filter;

    if (status != TIN_OK)
        return status;
    if (!p->weights)
        return TIN_WHY(why, "weights is NULL"), TIN_ERR_ARG;
    filter = tin_size_mul(w->kernel_h * w->kernel_w, w->in_c);
    status = tin_bytes_check(tin_size_mul(filter, w->out_c), 4, why);
    if (status != TIN_OK)
        return status;
    return tin_rows_check_f32(w, p->act_min, p->act_max, why);
}
