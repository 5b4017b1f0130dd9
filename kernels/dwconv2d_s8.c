/* SPDX-License-Identifier: MIT */
/* tin_dwconv2d_s8: see tinyinfer_kernels.h. One channel of one output point at
 * a time. */
#include "tinyinfer_kernels.h"

/* What all points of an output row share, and the point at hand. */
typedef struct {
    const tin_dwconv2d_s8_params *p;
    const tin_rows *in;
    tin_patch patch;
    int32_t per_input;  /* output channels of an input channel */
    int32_t x_step;     /* from tap to tap in the input */
    int32_t filter_row; /* weights of one kernel row, all channels */
} point;

/* bias and products of output channel oc, which reads channel ic. */
TIN_NOINLINE static int32_t add_point(const point *q, int32_t ic, int32_t oc)
{
    const tin_dwconv2d_s8_params *p = q->p;
    const tin_patch *v = &q->patch;
    const int32_t cols = v->kx1 - v->kx0, zero = p->in_zero;
    const int32_t x_step = q->x_step, w_step = p->window.out_c;
    const int8_t *w_row = p->weights + oc + v->kx0 * w_step;
    int32_t sum = p->bias ? p->bias[oc] : 0;
    int32_t row = v->row;

    for (int32_t ky = v->ky0; ky < v->ky1; ky++) {
        const int8_t *x = tin_row(q->in, row);
        const int8_t *w = w_row + ky * q->filter_row;

        x += v->col * p->window.in_c + ic;
        for (int32_t kx = 0; kx < cols; kx++) // |sum| < 2^31, see Needs
            sum += (x[kx * x_step] - zero) * w[kx * w_step];
        row = tin_ring_next(row, p->window.dilation_h, q->in->rows);
    }
    return sum;
}

static int8_t finish(const tin_dwconv2d_s8_params *p, int32_t sum, int32_t oc)
{
    return tin_output_s8(sum, p->multiplier[oc], p->shift[oc], p->out_zero,
                         p->act_min, p->act_max);
}

static void dwconv_row(point *q, const tin_rows *out, int32_t y)
{
    const tin_window *w = &q->p->window;
    int8_t *restrict dst = tin_row(out, y);

    tin_patch_rows(&q->patch, w, q->in->rows, y);
    for (int32_t ox = 0; ox < w->out_w; ox++) {
        int32_t oc = 0;

        tin_patch_cols(&q->patch, w, ox);
        for (int32_t ic = 0; ic < w->in_c; ic++) {
            for (int32_t end = oc + q->per_input; oc < end; oc++)
                *dst++ = finish(q->p, add_point(q, ic, oc), oc);
        }
    }
}

void tin_dwconv2d_s8(const void *params, const tin_rows *in,
                     const tin_rows *out, int32_t y0, int32_t y1, void *scratch)
{
    const tin_dwconv2d_s8_params *p = params;
    const tin_window *w = &p->window;
    point q;

    (void)scratch;
    q.p = p;
    q.in = in;
    q.per_input = w->out_c / w->in_c;
    q.x_step = w->dilation_w * w->in_c;
    q.filter_row = w->kernel_w * w->out_c;
    for (int32_t y = y0; y < y1; y++)
        dwconv_row(&q, out, y);
}

static tin_status check_filters(const tin_dwconv2d_s8_params *p,
                                const char **why)
{
    const tin_window *w = &p->window;
    const tin_filters f = {
        .weights = p->weights,
        .bias = p->bias,
        .multiplier = p->multiplier,
        .shift = p->shift,
        .channels = w->out_c,
        .taps = (int64_t)w->kernel_h * w->kernel_w,
        .channel_step = 1,
        .tap_step = w->out_c,
    };

    return tin_filters_check(&f, why);
}

tin_status tin_dwconv2d_s8_check(const void *params, const char **why)
{
    const tin_dwconv2d_s8_params *p = params;
    const tin_window *w = &p->window;
    tin_status status;

    if ((status = tin_window_check(w, why)) != TIN_OK ||
        (status = tin_zero_check(p->in_zero, why)) != TIN_OK ||
        (status = tin_zero_check(p->out_zero, why)) != TIN_OK ||
        (status = tin_act_check(p->act_min, p->act_max, why)) != TIN_OK)
        return status;
    if ((int64_t)w->dilation_w * w->in_c > INT32_MAX)
        return TIN_WHY(why, "dilation_w * in_c is too large"), TIN_ERR_OVERFLOW;
    if (w->out_c % w->in_c)
        return TIN_WHY(why, "out_c is not a multiple of in_c"), TIN_ERR_SHAPE;
    return check_filters(p, why);
}
