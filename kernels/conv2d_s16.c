/* SPDX-License-Identifier: MIT */
/* tin_conv2d_s16: see tinyinfer_s16.h. */
#include "tinyinfer_s16.h"

/* What an output row looks at. */
typedef struct {
    const tin_conv2d_s16_params *p;
    const tin_rows *in;
    tin_patch patch;
    int32_t in_gc, out_gc; /* channels of a group */
} place;

/* |sum| < 2^47, see Needs. */
static int64_t add_tap(int64_t sum, const int16_t *x, const int8_t *w,
                       int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        sum += x[i] * w[i];
    return sum;
}

/* The sum of output channel oc, whose group begins with input channel first. */
static int64_t sum_of(const place *q, int32_t oc, int32_t first)
{
    const tin_conv2d_s16_params *p = q->p;
    const tin_window *win = &p->window;
    const tin_patch *v = &q->patch;
    const int8_t *w = p->weights + (size_t)oc * (size_t)p->channel_step;
    int64_t sum = p->bias ? p->bias[oc] : 0;
    int32_t row = v->row;

    for (int32_t ky = v->ky0; ky < v->ky1; ky++) {
        const int16_t *x = tin_row(q->in, row);

        x += v->col * win->in_c + first;
        for (int32_t kx = v->kx0; kx < v->kx1; kx++) {
            const int32_t tap = ky * win->kernel_w + kx;

            sum = add_tap(sum, x, w + (size_t)tap * (size_t)p->tap_step,
                          q->in_gc);
            x += win->dilation_w * win->in_c;
        }
        row = tin_ring_next(row, win->dilation_h, q->in->rows);
    }
    return sum;
}

static void conv_row(place *q, const tin_rows *out, int32_t y)
{
    const tin_window *win = &q->p->window;
    int16_t *dst = tin_row(out, y);

    tin_patch_rows(&q->patch, win, q->in->rows, y);
    for (int32_t ox = 0; ox < win->out_w; ox++) {
        tin_patch_cols(&q->patch, win, ox);
        for (int32_t oc = 0; oc < win->out_c; oc++) {
            const int32_t first = oc / q->out_gc * q->in_gc;

            *dst++ = tin_output_s16(q->p, sum_of(q, oc, first), oc);
        }
    }
}

void tin_conv2d_s16(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_conv2d_s16_params *p = params;
    place q;

    (void)scratch;
    q.p = p;
    q.in = in;
    q.in_gc = p->window.in_c / p->groups;
    q.out_gc = p->window.out_c / p->groups;
    for (int32_t y = y0; y < y1; y++)
        conv_row(&q, out, y);
}

tin_status tin_conv2d_s16_check(const void *params, const char **why)
{
    const tin_conv2d_s16_params *p = params;
    const tin_window *w = &p->window;
    const tin_status status = tin_window_check(w, why);

    if (status != TIN_OK)
        return status;
    if ((int64_t)w->dilation_w * w->in_c > INT32_MAX)
        return TIN_WHY(why, "dilation_w * in_c is too large"), TIN_ERR_OVERFLOW;
    if (p->groups < 1 || w->in_c % p->groups || w->out_c % p->groups)
        return TIN_WHY(why, "the channels do not divide into groups"),
               TIN_ERR_SHAPE;
    return tin_filters_check_s16(p, why);
}
