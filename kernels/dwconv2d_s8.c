/* SPDX-License-Identifier: MIT */
/*
 * tin_dwconv2d_s8: see tinyinfer_kernels.h.
 *
 * Taps are added to the sums of a block of output channels: inputs, weights
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

/* Where a tap is, and the way to the next one in its row. */
typedef struct {
    const int8_t *x, *w;
    int32_t x_step, w_step;
} tap;

/* Adds a tap to n sums; |sum| < 2^31, see Needs. One index for all streams,
 * which counts up to 0, saves registers. */
TIN_NOINLINE static void add_tap(const tap *t, int32_t n, int32_t offset,
                                 int32_t *restrict sum)
{
    const int8_t *x = t->x + n, *w = t->w + n;
    int32_t c = -n;

    sum += n;
    do {
        sum[c] += (x[c] + offset) * w[c];
    } while (++c);
}

/* The same for three taps of a row, while the sums are at hand. */
TIN_NOINLINE static void add_three(const tap *t, int32_t n, int32_t offset,
                                   int32_t *restrict sum)
{
    const int8_t *x0 = t->x + n, *w0 = t->w + n;
    const int8_t *x1 = x0 + t->x_step, *w1 = w0 + t->w_step;
    const int8_t *x2 = x1 + t->x_step, *w2 = w1 + t->w_step;
    int32_t c = -n;

    sum += n;
    do {
        int32_t s = sum[c];

        s += (x0[c] + offset) * w0[c];
        s += (x1[c] + offset) * w1[c];
        s += (x2[c] + offset) * w2[c];
        sum[c] = s;
    } while (++c);
}

/* Adds a tap to n sums where an input has per_input weights; `skip` of those
 * of the first belong to the block before. */
static void add_spread(const tap *t, int32_t n, int32_t offset,
                       int32_t *restrict sum, int32_t per_input, int32_t skip)
{
    const int8_t *x = t->x;

    for (int32_t c = 0; c < n; c++) {
        sum[c] += (*x + offset) * t->w[c];
        if (++skip == per_input) {
            skip = 0;
            x++;
        }
    }
}

static void advance(tap *t, int32_t taps)
{
    t->x += (ptrdiff_t)taps * t->x_step;
    t->w += (ptrdiff_t)taps * t->w_step;
}

/* Adds the taps of a row, beginning with t, to the sums of output channels
 * oc .. oc + n - 1. */
static void add_row(const point *q, tap t, int32_t oc, int32_t n, int32_t *sum)
{
    const int32_t m = q->per_input, offset = -q->p->in_zero;
    int32_t taps = q->patch.kx1 - q->patch.kx0;

    for (; m == 1 && taps >= 3; taps -= 3) {
        add_three(&t, n, offset, sum);
        advance(&t, 3);
    }
    for (; taps > 0; taps--) {
        if (m == 1)
            add_tap(&t, n, offset, sum);
        else
            add_spread(&t, n, offset, sum, m, oc % m);
        advance(&t, 1);
    }
}

/* Adds all taps to the sums of output channels oc .. oc + n - 1. */
static void add_point(const point *q, int32_t oc, int32_t n, int32_t *sum)
{
    const tin_window *w = &q->p->window;
    const tin_patch *v = &q->patch;
    const int32_t x =
        v->col * w->in_c + (q->per_input == 1 ? oc : oc / q->per_input);
    int32_t row = v->row;
    tap t;

    t.x_step = w->dilation_w * w->in_c;
    t.w_step = w->out_c;
    for (int32_t ky = v->ky0; ky < v->ky1; ky++) {
        t.x = (const int8_t *)tin_row(q->in, row) + x;
        t.w = q->p->weights + (ky * w->kernel_w + v->kx0) * w->out_c + oc;
        add_row(q, t, oc, n, sum);
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
