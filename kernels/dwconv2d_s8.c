/* SPDX-License-Identifier: MIT */
/*
 * tin_dwconv2d_s8: see tinyinfer_kernels.h.
 *
 * A tap is added to the sums of a block of output channels: inputs, weights
 * and sums lie one after the other.
 */
#include "tinyinfer_kernels.h"

enum { BLOCK = 16 };

/* What all points of an output row share, and the point at hand. */
typedef struct {
    const tin_dwconv2d_s8_params *p;
    const tin_rows *in;
    int32_t per_input; /* output channels of an input channel */
    tin_patch patch;
} point;

/* Adds a tap to n sums; |sum| < 2^31, see Needs. */
TIN_NOINLINE static void add_tap(const int8_t *restrict x,
                                 const int8_t *restrict w, int32_t n,
                                 int32_t zero, int32_t *restrict sum)
{
    for (int32_t c = 0; c < n; c++)
        sum[c] += (x[c] - zero) * w[c];
}

/* The same where an input has per_input weights; `skip` of those of the first
 * belong to the block before. */
static void add_tap_spread(const int8_t *restrict x, const int8_t *restrict w,
                           int32_t n, int32_t zero, int32_t *restrict sum,
                           int32_t per_input, int32_t skip)
{
    for (int32_t c = 0; c < n; c++) {
        sum[c] += (*x - zero) * w[c];
        if (++skip == per_input) {
            skip = 0;
            x++;
        }
    }
}

/* Adds all taps to the sums of output channels oc .. oc + n - 1. */
static void add_point(const point *q, int32_t oc, int32_t n, int32_t *sum)
{
    const tin_window *w = &q->p->window;
    const tin_patch *v = &q->patch;
    const int32_t m = q->per_input, zero = q->p->in_zero;
    const int32_t ic = m == 1 ? oc : oc / m;
    int32_t row = v->row;

    for (int32_t ky = v->ky0; ky < v->ky1; ky++) {
        const int8_t *x = tin_row(q->in, row);
        const int8_t *f = q->p->weights + ky * w->kernel_w * w->out_c + oc;

        x += v->col * w->in_c + ic;
        for (int32_t kx = v->kx0; kx < v->kx1; kx++) {
            if (m == 1)
                add_tap(x, f + kx * w->out_c, n, zero, sum);
            else
                add_tap_spread(x, f + kx * w->out_c, n, zero, sum, m, oc % m);
            x += w->dilation_w * w->in_c;
        }
        row = tin_ring_next(row, w->dilation_h, q->in->rows);
    }
}

/* Output channels oc .. oc + n - 1 of a point. */
static void dwconv_block(const point *q, int32_t oc, int32_t n,
                         int8_t *restrict dst)
{
    const tin_dwconv2d_s8_params *p = q->p;
    int32_t sum[BLOCK];

    for (int32_t c = 0; c < n; c++)
        sum[c] = p->bias ? p->bias[oc + c] : 0;
    add_point(q, oc, n, sum);
    for (int32_t c = 0; c < n; c++) {
        dst[oc + c] =
            tin_output_s8(sum[c], p->multiplier[oc + c], p->shift[oc + c],
                          p->out_zero, p->act_min, p->act_max);
    }
}

static void dwconv_row(point *q, const tin_rows *out, int32_t y)
{
    const tin_window *w = &q->p->window;
    int8_t *dst = tin_row(out, y);

    tin_patch_rows(&q->patch, w, q->in->rows, y);
    for (int32_t ox = 0; ox < w->out_w; ox++) {
        tin_patch_cols(&q->patch, w, ox);
        for (int32_t oc = 0; oc < w->out_c; oc += BLOCK) {
            const int32_t left = w->out_c - oc;

            dwconv_block(q, oc, left < BLOCK ? left : BLOCK, dst);
        }
        dst += w->out_c;
    }
}

void tin_dwconv2d_s8(const void *params, const tin_rows *in,
                     const tin_rows *out, int32_t y0, int32_t y1, void *scratch)
{
    const tin_dwconv2d_s8_params *p = params;
    point q;

    (void)scratch;
    q.p = p;
    q.in = in;
    q.per_input = p->window.out_c / p->window.in_c;
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
