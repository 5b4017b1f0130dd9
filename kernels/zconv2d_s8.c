/* SPDX-License-Identifier: MIT */
/*
 * tin_zconv2d_s8: see tinyinfer_image.h.
 *
 * Each tap in the image is added to the sums of a block of output channels:
 * of a group, which share their inputs, two at a time; or, where each channel
 * is a group, with an input for each.
 */
#include "tinyinfer_image.h"

enum { BLOCK = 16 }; /* even */

/* What all points of a call share. */
typedef struct {
    const tin_zconv2d_s8_params *p;
    const tin_rows *in;
    int32_t in_gc, out_gc; /* channels of a group */
    int32_t single;        /* 1: both are 1 */
} layer;

/* Adds the products of n inputs with two filters, w and w + next, to two sums:
 * side by side they use what is loaded twice. |sum| < 2^31, see Needs. */
TIN_NOINLINE static void add_pair(const int8_t *restrict x,
                                  const int8_t *restrict w, int32_t n,
                                  int32_t next, const layer *l, int32_t sum[2])
{
    const int32_t x_zero = l->p->in_zero, w_zero = l->p->weight_zero;
    const int8_t *const end = x + n;
    int32_t sum0 = sum[0], sum1 = sum[1];

    while (x != end) {
        const int32_t value = *x++ - x_zero;

        sum0 += value * (w[0] - w_zero);
        sum1 += value * (w[next] - w_zero);
        w++;
    }
    sum[0] = sum0;
    sum[1] = sum1;
}

/* Adds a tap to n sums of a group. An odd last one has itself for a second. */
static void add_group(const layer *l, const int8_t *x, const int8_t *w,
                      int32_t n, int32_t *sum)
{
    const int32_t step = l->p->channel_step;

    for (int32_t c = 0; c < n; c += 2) {
        add_pair(x, w, l->in_gc, c + 1 < n ? step : 0, l, sum + c);
        w += c + 2 < n ? 2 * step : 0;
    }
}

/* Adds a tap to the sums of n groups of one channel. */
TIN_NOINLINE static void add_singles(const layer *l, const int8_t *restrict x,
                                     const int8_t *restrict w, int32_t n,
                                     int32_t *restrict sum)
{
    const int32_t x_zero = l->p->in_zero, w_zero = l->p->weight_zero;
    const int32_t step = l->p->channel_step;

    for (int32_t c = 0; c < n; c++, w += step)
        sum[c] += (x[c] - x_zero) * (*w - w_zero);
}

/* Output channels oc .. oc + n - 1 of the point that sees the patch v; they
 * read input channels from ic on. */
static void make_block(const layer *l, const tin_patch *v, int32_t ic,
                       int32_t oc, int32_t n, int8_t *dst)
{
    const tin_zconv2d_s8_params *p = l->p;
    const tin_window *w = &p->window;
    const int8_t *f = p->weights + (size_t)oc * (size_t)p->channel_step;
    int32_t row = v->row, sum[BLOCK] = {0};

    for (int32_t c = 0; p->bias && c < n; c++)
        sum[c] = p->bias[oc + c];
    for (int32_t ky = v->ky0; ky < v->ky1; ky++) {
        const int8_t *x = tin_row(l->in, row);

        x += v->col * w->in_c + ic;
        for (int32_t kx = v->kx0; kx < v->kx1; kx++) {
            (l->single ? add_singles : add_group)(
                l, x, f + (ky * w->kernel_w + kx) * p->tap_step, n, sum);
            x += w->dilation_w * w->in_c;
        }
        row = tin_ring_next(row, w->dilation_h, l->in->rows);
    }
    for (int32_t c = 0; c < n; c++)
        dst[oc + c] = tin_output_s8(sum[c], p->multiplier, p->shift,
                                    p->out_zero, p->act_min, p->act_max);
}

/* Output channels first .. end - 1, which share their inputs or have one each.
 */
static void make_channels(const layer *l, const tin_patch *v, int32_t ic,
                          int32_t first, int32_t end, int8_t *dst)
{
    for (int32_t oc = first; oc < end; oc += BLOCK)
        make_block(l, v, l->single ? oc : ic, oc,
                   end - oc < BLOCK ? end - oc : BLOCK, dst);
}

static void make_row(const layer *l, const tin_rows *out, int32_t y)
{
    const tin_window *w = &l->p->window;
    int8_t *dst = tin_row(out, y);
    tin_patch v;

    tin_patch_rows(&v, w, l->in->rows, y);
    for (int32_t ox = 0; ox < w->out_w; ox++, dst += w->out_c) {
        tin_patch_cols(&v, w, ox);
        if (l->single)
            make_channels(l, &v, 0, 0, w->out_c, dst);
        for (int32_t g = 0; !l->single && g < l->p->groups; g++)
            make_channels(l, &v, g * l->in_gc, g * l->out_gc,
                          (g + 1) * l->out_gc, dst);
    }
}

void tin_zconv2d_s8(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_zconv2d_s8_params *p = params;
    layer l;

    (void)scratch;
    l.p = p;
    l.in = in;
    l.in_gc = p->window.in_c / p->groups;
    l.out_gc = p->window.out_c / p->groups;
    l.single = l.in_gc == 1 && l.out_gc == 1;
    for (int32_t y = y0; y < y1; y++)
        make_row(&l, out, y);
}

/* Does the sum of a channel stay within 32 bits? */
static int filter_ok(const tin_zconv2d_s8_params *p, int32_t oc, int32_t taps,
                     int32_t gc)
{
    const int8_t *w = p->weights + (size_t)oc * (size_t)p->channel_step;
    const int64_t bias = p->bias ? p->bias[oc] : 0;
    int64_t worst = bias < 0 ? -bias : bias;

    for (int32_t i = 0; i < taps * gc; i++) {
        const int32_t weight =
            w[(size_t)(i / gc) * (size_t)p->tap_step + (size_t)(i % gc)] -
            p->weight_zero;

        worst += 255 * (weight < 0 ? -weight : weight);
    }
    return worst <= INT32_MAX;
}

static tin_status check_filters(const tin_zconv2d_s8_params *p,
                                const char **why)
{
    const tin_window *w = &p->window;
    const int32_t gc = w->in_c / p->groups, taps = w->kernel_h * w->kernel_w;
    const int32_t filter = tin_size_mul(taps, gc);

    if (!p->weights)
        return TIN_WHY(why, "weights is NULL"), TIN_ERR_ARG;
    if (tin_size_mul(filter, w->out_c) < 0)
        return TIN_WHY(why, "the weights take more than 2^31 - 1 bytes"),
               TIN_ERR_OVERFLOW;
    if ((p->channel_step != filter || p->tap_step != gc) &&
        (p->channel_step != 1 || p->tap_step != w->out_c || gc != 1))
        return TIN_WHY(why, "the steps are of neither layout"), TIN_ERR_SHAPE;
    for (int32_t oc = 0; oc < w->out_c; oc++) {
        if (!filter_ok(p, oc, taps, gc))
            return TIN_WHY(why, "a sum of products can exceed 32 bits"),
                   TIN_ERR_QUANT;
    }
    return tin_scale_check(p->multiplier, p->shift, 30, why);
}

tin_status tin_zconv2d_s8_check(const void *params, const char **why)
{
    const tin_zconv2d_s8_params *p = params;
    const tin_window *w = &p->window;
    tin_status status;

    if ((status = tin_window_check(w, why)) != TIN_OK ||
        (status = tin_zero_check(p->in_zero, why)) != TIN_OK ||
        (status = tin_zero_check(p->weight_zero, why)) != TIN_OK ||
        (status = tin_zero_check(p->out_zero, why)) != TIN_OK ||
        (status = tin_act_check(p->act_min, p->act_max, why)) != TIN_OK)
        return status;
    if ((int64_t)w->dilation_w * w->in_c > INT32_MAX)
        return TIN_WHY(why, "dilation_w * in_c is too large"), TIN_ERR_OVERFLOW;
    if (p->groups < 1 || w->in_c % p->groups || w->out_c % p->groups)
        return TIN_WHY(why, "the channels do not divide into groups"),
               TIN_ERR_SHAPE;
    return check_filters(p, why);
}
