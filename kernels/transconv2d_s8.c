/* SPDX-License-Identifier: MIT */
/*
 * tin_transconv2d_s8: see tinyinfer_image.h.
 *
 * Each output point gathers the inputs that reach it, tap by tap, into the
 * sums of a block of output channels.
 */
#include "tinyinfer_image.h"

enum { BLOCK = 16 }; /* a multiple of 4 */

/* The inputs iy0 .. iy1 - 1 and ix0 .. ix1 - 1 that reach a point. */
typedef struct {
    int32_t oy, ox; /* with the padding */
    int32_t image;
    int32_t iy0, iy1, ix0, ix1;
} point;

/* Adds the products of an input with n filters to n sums; |sum| < 2^31, see
 * Needs. */
static void add_tap(const int8_t *x, const int8_t *w, int32_t filter,
                    int32_t elems, int32_t offset, int32_t n, int32_t *sum)
{
    for (int32_t c = 0; c < n; c += 4) {
        tin_dots_s8(sum + c, x, offset, w + (size_t)c * (size_t)filter, filter,
                    n - c < 4 ? n - c : 4, elems);
    }
}

/* Output channels oc .. oc + n - 1 of a point. */
static void make_block(const tin_transconv2d_s8_params *p, const tin_rows *in,
                       const point *q, int32_t oc, int32_t n, int8_t *dst)
{
    const tin_window *w = &p->window;
    const int32_t filter = w->kernel_h * w->kernel_w * w->in_c;
    const int8_t *f = p->weights + (size_t)oc * (size_t)filter;
    int32_t sum[BLOCK] = {0};

    for (int32_t c = 0; p->bias && c < n; c++)
        sum[c] = p->bias[oc + c];
    for (int32_t iy = q->iy0; iy < q->iy1; iy++) {
        const int8_t *x = tin_row(in, q->image * w->in_h + iy);
        const int32_t ky = q->oy - iy * w->stride_h;

        for (int32_t ix = q->ix0; ix < q->ix1; ix++) {
            const int32_t kx = q->ox - ix * w->stride_w;

            add_tap(x + ix * w->in_c, f + (ky * w->kernel_w + kx) * w->in_c,
                    filter, w->in_c, -p->in_zero, n, sum);
        }
    }
    for (int32_t c = 0; c < n; c++) {
        dst[oc + c] =
            tin_output_s8(sum[c], p->multiplier[oc + c], p->shift[oc + c],
                          p->out_zero, p->act_min, p->act_max);
    }
}

static void make_row(const tin_transconv2d_s8_params *p, const tin_rows *in,
                     const tin_rows *out, int32_t y)
{
    const tin_window *w = &p->window;
    int8_t *dst = tin_row(out, y);
    point q;

    q.image = y / w->out_h;
    q.oy = y - q.image * w->out_h + w->pad_top;
    tin_transconv_taps(q.oy, w->stride_h, w->kernel_h, w->in_h, &q.iy0, &q.iy1);
    for (int32_t ox = 0; ox < w->out_w; ox++, dst += w->out_c) {
        q.ox = ox + w->pad_left;
        tin_transconv_taps(q.ox, w->stride_w, w->kernel_w, w->in_w, &q.ix0,
                           &q.ix1);
        for (int32_t oc = 0; oc < w->out_c; oc += BLOCK) {
            const int32_t left = w->out_c - oc;

            make_block(p, in, &q, oc, left < BLOCK ? left : BLOCK, dst);
        }
    }
}

void tin_transconv2d_s8(const void *params, const tin_rows *in,
                        const tin_rows *out, int32_t y0, int32_t y1,
                        void *scratch)
{
    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        make_row(params, in, out, y);
}

tin_status tin_transconv2d_s8_check(const void *params, const char **why)
{
    const tin_transconv2d_s8_params *p = params;
    const tin_window *w = &p->window;
    tin_filters f = {.weights = p->weights,
                     .bias = p->bias,
                     .multiplier = p->multiplier,
                     .shift = p->shift,
                     .channels = w->out_c,
                     .tap_step = 1};
    tin_status status;

    if ((status = tin_transconv_check(w, why)) != TIN_OK ||
        (status = tin_zero_check(p->in_zero, why)) != TIN_OK ||
        (status = tin_zero_check(p->out_zero, why)) != TIN_OK ||
        (status = tin_act_check(p->act_min, p->act_max, why)) != TIN_OK)
        return status;
    f.taps = (int64_t)w->kernel_h * w->kernel_w * w->in_c;
    f.channel_step = (int32_t)f.taps;
    return tin_filters_check(&f, why);
}
