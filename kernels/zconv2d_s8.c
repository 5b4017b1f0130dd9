/* SPDX-License-Identifier: MIT */
/*
 * tin_zconv2d_s8: see tinyinfer_matrix.h. Each tap in the image is added to
 * the sums of a block of output channels.
 */
#include "tinyinfer_matrix.h"

enum { BLOCK = 16 };

/* What all points of a call share. */
typedef struct {
    const tin_zconv2d_s8_params *p;
    const tin_rows *in;
    int32_t in_gc, out_gc; /* channels of a group */
    int32_t filter;        /* weights of an output channel */
} layer;

/* |sum| < 2^31, see Needs. */
static int32_t dot(int32_t sum, const int8_t *restrict x,
                   const int8_t *restrict w, int32_t n, int32_t x_zero,
                   int32_t w_zero)
{
    for (int32_t i = 0; i < n; i++)
        sum += (x[i] - x_zero) * (w[i] - w_zero);
    return sum;
}

/* Adds a pixel x to the sums of output channels oc .. oc + n - 1; w are the
 * weights of its tap for the first of them. */
TIN_NOINLINE static void add_tap(const layer *l, const int8_t *x,
                                 const int8_t *w, int32_t oc, int32_t n,
                                 int32_t *sum)
{
    int32_t left = l->out_gc - oc % l->out_gc; // channels in this group

    x += oc / l->out_gc * l->in_gc;
    for (int32_t c = 0; c < n; c++) {
        sum[c] = dot(sum[c], x, w + c * l->filter, l->in_gc, l->p->in_zero,
                     l->p->weight_zero);
        if (--left == 0) {
            left = l->out_gc;
            x += l->in_gc;
        }
    }
}

/* Output channels oc .. oc + n - 1 of the point that sees the patch v. */
static void make_block(const layer *l, const tin_patch *v, int32_t oc,
                       int32_t n, int8_t *dst)
{
    const tin_zconv2d_s8_params *p = l->p;
    const tin_window *w = &p->window;
    const int8_t *f = p->weights + (size_t)oc * (size_t)l->filter;
    int32_t row = v->row, sum[BLOCK];

    for (int32_t c = 0; c < n; c++)
        sum[c] = p->bias ? p->bias[oc + c] : 0;
    for (int32_t ky = v->ky0; ky < v->ky1; ky++) {
        const int8_t *x = tin_row(l->in, row);

        x += v->col * w->in_c;
        for (int32_t kx = v->kx0; kx < v->kx1; kx++) {
            add_tap(l, x, f + (ky * w->kernel_w + kx) * l->in_gc, oc, n, sum);
            x += w->dilation_w * w->in_c;
        }
        row = tin_ring_next(row, w->dilation_h, l->in->rows);
    }
    for (int32_t c = 0; c < n; c++)
        dst[oc + c] = tin_output_s8(sum[c], p->multiplier, p->shift,
                                    p->out_zero, p->act_min, p->act_max);
}

static void make_row(const layer *l, const tin_rows *out, int32_t y)
{
    const tin_window *w = &l->p->window;
    int8_t *dst = tin_row(out, y);
    tin_patch v;

    tin_patch_rows(&v, w, l->in->rows, y);
    for (int32_t ox = 0; ox < w->out_w; ox++, dst += w->out_c) {
        tin_patch_cols(&v, w, ox);
        for (int32_t oc = 0; oc < w->out_c; oc += BLOCK) {
            const int32_t left = w->out_c - oc;

            make_block(l, &v, oc, left < BLOCK ? left : BLOCK, dst);
        }
    }
}

void tin_zconv2d_s8(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_zconv2d_s8_params *p = params;
    const tin_window *w = &p->window;
    layer l;

    (void)scratch;
    l.p = p;
    l.in = in;
    l.in_gc = w->in_c / p->groups;
    l.out_gc = w->out_c / p->groups;
    l.filter = w->kernel_h * w->kernel_w * l.in_gc;
    for (int32_t y = y0; y < y1; y++)
        make_row(&l, out, y);
}

/* Does the sum of a channel stay within 32 bits? */
static int filter_ok(const tin_zconv2d_s8_params *p, int32_t oc, int32_t taps)
{
    const int8_t *w = p->weights + (size_t)oc * (size_t)taps;
    const int64_t bias = p->bias ? p->bias[oc] : 0;
    int64_t worst = bias < 0 ? -bias : bias;

    for (int32_t i = 0; i < taps; i++) {
        const int32_t weight = w[i] - p->weight_zero;

        worst += 255 * (weight < 0 ? -weight : weight);
    }
    return worst <= INT32_MAX;
}

static tin_status check_filters(const tin_zconv2d_s8_params *p,
                                const char **why)
{
    const tin_window *w = &p->window;
    const int32_t taps =
        tin_size_mul(w->kernel_h * w->kernel_w, w->in_c / p->groups);

    if (!p->weights)
        return TIN_WHY(why, "weights is NULL"), TIN_ERR_ARG;
    if (tin_size_mul(taps, w->out_c) < 0)
        return TIN_WHY(why, "the weights take more than 2^31 - 1 bytes"),
               TIN_ERR_OVERFLOW;
    for (int32_t oc = 0; oc < w->out_c; oc++) {
        if (!filter_ok(p, oc, taps))
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
