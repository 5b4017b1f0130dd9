/* SPDX-License-Identifier: MIT */
/*
 * tin_conv2d_f32: see tinyinfer_kernels.h.
 *
 * The sums grow in the output row itself: each kernel row that lies in the
 * image adds its share to all points of the row, so that an input row is
 * looked up once and read in one go. What one kernel row adds at one point to
 * one channel is a dot product; where the taps lie side by side in memory it
 * is a single one over all of them.
 */
#include "tinyinfer_kernels.h"

/* What the inner loops need, worked out once a call. */
typedef struct {
    int32_t groups, group_in, group_out; /* channels of one group */
    int32_t side_by_side;                /* taps of a kernel row: 1 or 0 */
    size_t tap_step;                     /* floats from one tap to the next */
    size_t filter;                       /* weights of an output channel */
} walk;

/* Sums become values: bias and clamp. */
static void end_row(const tin_conv2d_f32_params *p, float *restrict out)
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

/* Adds `taps` taps of a kernel row to the channels of a group, at one point. */
static void add_group(const walk *k, const float *in, const float *w,
                      int32_t taps, float *restrict out)
{
    const int32_t pieces = k->side_by_side ? 1 : taps;
    const int32_t n = k->side_by_side ? taps * k->group_in : k->group_in;

    for (int32_t i = 0; i < pieces; i++) {
        const float *x = in + (size_t)i * k->tap_step;
        const float *v = w + (size_t)i * (size_t)n;
        int32_t oc = 0;

        for (; oc < k->group_out - 3; oc += 4)
            tin_dot4_f32(out + oc, x, v + (size_t)oc * k->filter, k->filter, n);
        for (; oc < k->group_out; oc++)
            out[oc] = tin_dot_f32(out[oc], x, v + (size_t)oc * k->filter, n);
    }
}

/* The same for all groups. */
static void add_point(const walk *k, const float *in, const float *w,
                      int32_t taps, float *restrict out)
{
    const size_t weights = (size_t)k->group_out * k->filter;

    for (int32_t g = 0; g < k->groups; g++) {
        add_group(k, in + (size_t)g * (size_t)k->group_in,
                  w + (size_t)g * weights, taps,
                  out + (size_t)g * (size_t)k->group_out);
    }
}

/* Adds the share of a kernel row, whose weights begin at w, to a row. */
static void add_row(const tin_window *win, const walk *k, const float *in,
                    const float *w, float *restrict out)
{
    for (int32_t ox = 0; ox < win->out_w; ox++, out += win->out_c) {
        const int32_t ix = ox * win->stride_w - win->pad_left;
        int32_t k0, k1;

        tin_window_clip(ix, win->kernel_w, win->dilation_w, win->in_w, &k0,
                        &k1);
        if (k0 < k1) {
            const int32_t first = ix + k0 * win->dilation_w;

            add_point(k, in + (size_t)first * (size_t)win->in_c,
                      w + (size_t)k0 * (size_t)k->group_in, k1 - k0, out);
        }
    }
}

static void make_row(const tin_conv2d_f32_params *p, const walk *k,
                     const tin_rows *in, int32_t y, float *out)
{
    const tin_window *win = &p->window;
    const int32_t image = y / win->out_h;
    const int32_t iy = (y - image * win->out_h) * win->stride_h - win->pad_top;
    const size_t row_weights = (size_t)win->kernel_w * (size_t)k->group_in;
    int32_t k0, k1;

    tin_window_clip(iy, win->kernel_h, win->dilation_h, win->in_h, &k0, &k1);
    for (int32_t i = 0; i < win->out_w * win->out_c; i++)
        out[i] = 0;
    for (int32_t ky = k0; ky < k1; ky++) {
        const int32_t row = image * win->in_h + iy + ky * win->dilation_h;

        add_row(win, k, tin_row(in, row), p->weights + (size_t)ky * row_weights,
                out);
    }
    end_row(p, out);
}

void tin_conv2d_f32(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_conv2d_f32_params *p = params;
    const tin_window *win = &p->window;
    walk k;

    (void)scratch;
    k.groups = p->groups;
    k.group_in = win->in_c / p->groups;
    k.group_out = win->out_c / p->groups;
    k.side_by_side = p->groups == 1 && win->dilation_w == 1;
    k.tap_step = (size_t)win->dilation_w * (size_t)win->in_c;
    k.filter =
        (size_t)win->kernel_h * (size_t)win->kernel_w * (size_t)k.group_in;
    for (int32_t y = y0; y < y1; y++)
        make_row(p, &k, in, y, tin_row(out, y));
}

tin_status tin_conv2d_f32_check(const void *params, const char **why)
{
    return tin_conv2d_check_f32(params, why);
}
