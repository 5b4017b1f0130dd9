/* SPDX-License-Identifier: MIT */
/*
 * tin_maxpool2d_f32: see tinyinfer_pool.h.
 *
 * The maxima grow in the output row itself, one window row after the other.
 */
#include <math.h>
#include "tinyinfer_pool.h"

/* The larger of `best`, seen before, and x; NaN wins and then stays. */
static float larger(float best, float x)
{
    return x > best || x != x ? x : best;
}

/* Lets a window row compete at all points of an output row. */
static void add_row(const tin_window *win, const float *restrict in,
                    float *restrict out)
{
    const int32_t c = win->in_c;

    for (int32_t ox = 0; ox < win->out_w; ox++, out += c) {
        const int32_t ix = ox * win->stride_w - win->pad_left;
        int32_t k0, k1;

        tin_window_clip(ix, win->kernel_w, 1, win->in_w, &k0, &k1);
        for (int32_t x = ix + k0; x < ix + k1; x++) {
            const float *tap = in + (size_t)x * (size_t)c;

            for (int32_t i = 0; i < c; i++)
                out[i] = larger(out[i], tap[i]);
        }
    }
}

static void make_row(const tin_pool2d_f32_params *p, const tin_rows *in,
                     int32_t y, float *out)
{
    const tin_window *win = &p->window;
    const float lo = p->act_min, hi = p->act_max;
    const int32_t image = y / win->out_h;
    const int32_t iy = (y - image * win->out_h) * win->stride_h - win->pad_top;
    const int32_t n = win->out_w * win->out_c;
    int32_t k0, k1;

    tin_window_clip(iy, win->kernel_h, 1, win->in_h, &k0, &k1);
    for (int32_t i = 0; i < n; i++)
        out[i] = -INFINITY;
    for (int32_t ky = k0; ky < k1; ky++)
        add_row(win, tin_row(in, image * win->in_h + iy + ky), out);
    for (int32_t i = 0; i < n; i++)
        out[i] = tin_clampf(out[i], lo, hi);
}

void tin_maxpool2d_f32(const void *params, const tin_rows *in,
                       const tin_rows *out, int32_t y0, int32_t y1,
                       void *scratch)
{
    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        make_row(params, in, y, tin_row(out, y));
}

tin_status tin_maxpool2d_f32_check(const void *params, const char **why)
{
    const tin_pool2d_f32_params *p = params;
    const tin_status status = tin_pool_check(&p->window, why);

    if (status != TIN_OK)
        return status;
    return tin_rows_check_f32(&p->window, p->act_min, p->act_max, why);
}
