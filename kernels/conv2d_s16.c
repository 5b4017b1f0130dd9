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

static int16_t finish(const tin_conv2d_s16_params *p, int64_t sum, int32_t oc)
{
    const int32_t m = p->multiplier[oc], shift = p->shift[oc];
    const int32_t y = p->narrow
                          ? tin_requantize((int32_t)(uint32_t)sum, m, shift)
                          : tin_requantize_s64(sum, m, shift);

    return (int16_t)tin_clamp(y, p->act_min, p->act_max);
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

            *dst++ = finish(q->p, sum_of(q, oc, first), oc);
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

/* May the sum of a channel reach 2^47? */
static int too_large(const tin_conv2d_s16_params *p, int32_t oc)
{
    const tin_window *w = &p->window;
    const int8_t *f = p->weights + (size_t)oc * (size_t)p->channel_step;
    const int64_t most = (int64_t)1 << 47;
    int64_t sum = 0;

    for (int32_t t = 0; t < w->kernel_h * w->kernel_w; t++)
        for (int32_t i = 0; i < w->in_c / p->groups; i++) {
            const int32_t x = f[(size_t)t * (size_t)p->tap_step + (size_t)i];

            sum += x < 0 ? -x : x; // below 2^31 * 128
        }
    if (sum >= most >> 15)
        return 1;
    sum *= 32768;
    return p->bias && (p->bias[oc] >= most - sum || p->bias[oc] <= sum - most);
}

static tin_status check_channels(const tin_conv2d_s16_params *p,
                                 const char **why)
{
    for (int32_t oc = 0; oc < p->window.out_c; oc++) {
        if (tin_scale_check(p->multiplier[oc], p->shift[oc], p->narrow ? 30 : 7,
                            why))
            return TIN_ERR_QUANT;
        if (!p->narrow && too_large(p, oc))
            return TIN_WHY(why, "a sum of products can exceed 47 bits"),
                   TIN_ERR_QUANT;
    }
    return TIN_OK;
}

tin_status tin_conv2d_s16_check(const void *params, const char **why)
{
    const tin_conv2d_s16_params *p = params;
    const tin_window *w = &p->window;
    const tin_status status = tin_window_check(w, why);
    int32_t group;

    if (status != TIN_OK)
        return status;
    if ((int64_t)w->dilation_w * w->in_c > INT32_MAX)
        return TIN_WHY(why, "dilation_w * in_c is too large"), TIN_ERR_OVERFLOW;
    if (p->groups < 1 || w->in_c % p->groups || w->out_c % p->groups)
        return TIN_WHY(why, "the channels do not divide into groups"),
               TIN_ERR_SHAPE;
    if (!p->weights || !p->multiplier || !p->shift)
        return TIN_WHY(why, "weights, multiplier or shift is NULL"),
               TIN_ERR_ARG;
    if (p->channel_step < 0 || p->tap_step < 0)
        return TIN_WHY(why, "a step of the weights is negative"), TIN_ERR_ARG;
    group = tin_size_mul(w->kernel_h * w->kernel_w, w->in_c / p->groups);
    if (tin_bytes_check(tin_size_mul(group, w->out_c), 1, why) ||
        tin_bytes_check(w->in_w * w->in_c, 2, why) ||
        tin_bytes_check(w->out_w * w->out_c, 2, why))
        return TIN_ERR_OVERFLOW;
    if (tin_act_check_s16(p->act_min, p->act_max, why))
        return TIN_ERR_QUANT;
    return check_channels(p, why);
}
