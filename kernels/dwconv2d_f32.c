/* SPDX-License-Identifier: MIT */
/*
 * tin_dwconv2d_f32: see tinyinfer_kernels.h.
 *
 * The sums grow in the output row itself: each tap adds its products to the
 * channels of a point, with one output channel per input channel in a plain
 * loop over three contiguous arrays.
 */
#include "tinyinfer_kernels.h"

/* Sums become values: bias and clamp. */
static void end_row(const tin_dwconv2d_f32_params *p, float *restrict out)
{
    const float lo = p->act_min, hi = p->act_max;
    const int32_t c = p->window.out_c;

    for (int32_t ox = 0; ox < p->window.out_w; ox++, out += c) {
        for (int32_t oc = 0; oc < c; oc++) {
            const float bias = p->bias ? p->bias[oc] : 0;

            out[oc] = tin_clampf(out[oc] + bias, lo, hi);
        }
    }
}

/* Adds one tap to one point; each input channel feeds `multiplier` output
 * channels that follow one another. */
static void add_tap(const float *restrict in, const float *restrict w,
                    int32_t in_c, int32_t multiplier, float *restrict out)
{
    if (multiplier == 1) {
        for (int32_t c = 0; c < in_c; c++)
            out[c] += in[c] * w[c];
        return;
    }
    for (int32_t c = 0; c < in_c; c++, w += multiplier, out += multiplier) {
        for (int32_t m = 0; m < multiplier; m++)
            out[m] += in[c] * w[m];
    }
}

/* Adds the share of a kernel row, whose weights begin at w, to a row. */
static void add_row(const tin_window *win, int32_t multiplier, const float *in,
                    const float *w, float *out)
{
    const size_t in_c = (size_t)win->in_c, out_c = (size_t)win->out_c;

    for (int32_t ox = 0; ox < win->out_w; ox++, out += out_c) {
        const int32_t ix = ox * win->stride_w - win->pad_left;
        int32_t k0, k1;

        tin_window_clip(ix, win->kernel_w, win->dilation_w, win->in_w, &k0,
                        &k1);
        for (int32_t kx = k0; kx < k1; kx++) {
            add_tap(in + (size_t)(ix + kx * win->dilation_w) * in_c,
                    w + (size_t)kx * out_c, win->in_c, multiplier, out);
        }
    }
}

static void make_row(const tin_dwconv2d_f32_params *p, int32_t multiplier,
                     const tin_rows *in, int32_t y, float *out)
{
    const tin_window *win = &p->window;
    const int32_t image = y / win->out_h;
    const int32_t iy = (y - image * win->out_h) * win->stride_h - win->pad_top;
    const size_t row_weights = (size_t)win->kernel_w * (size_t)win->out_c;
    int32_t k0, k1;

    tin_window_clip(iy, win->kernel_h, win->dilation_h, win->in_h, &k0, &k1);
    for (int32_t i = 0; i < win->out_w * win->out_c; i++)
        out[i] = 0;
    for (int32_t ky = k0; ky < k1; ky++) {
        const int32_t row = image * win->in_h + iy + ky * win->dilation_h;

        add_row(win, multiplier, tin_row(in, row),
                p->weights + (size_t)ky * row_weights, out);
    }
    end_row(p, out);
}

void tin_dwconv2d_f32(const void *params, const tin_rows *in,
                      const tin_rows *out, int32_t y0, int32_t y1,
                      void *scratch)
{
    const tin_dwconv2d_f32_params *p = params;
    const int32_t multiplier = p->window.out_c / p->window.in_c;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        make_row(p, multiplier, in, y, tin_row(out, y));
}

tin_status tin_dwconv2d_f32_check(const void *params, const char **why)
{
    return tin_dwconv2d_check_f32(params, why);
}
