/* SPDX-License-Identifier: MIT */
/*
 * tin_transconv2d_s16: see tinyinfer_s16.h. Each output gathers the inputs that
 * reach it, tap by tap.
 */
#include "tinyinfer_s16.h"

/* The inputs iy0 .. iy1 - 1 and ix0 .. ix1 - 1 that reach a point. */
typedef struct {
    int32_t oy, ox; /* with the padding */
    int32_t image;
    int32_t iy0, iy1, ix0, ix1;
} point;

/* |sum| < 2^47, see Needs. */
static int64_t add_tap(int64_t sum, const int16_t *x, const int8_t *w,
                       int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        sum += x[i] * w[i];
    return sum;
}

/* The sum of output channel oc. */
static int64_t sum_of(const tin_transconv2d_s16_params *p, const tin_rows *in,
                      const point *q, int32_t oc)
{
    const tin_window *w = &p->window;
    const int8_t *f = p->weights + (size_t)oc * (size_t)p->channel_step;
    int64_t sum = p->bias ? p->bias[oc] : 0;

    for (int32_t iy = q->iy0; iy < q->iy1; iy++) {
        const int16_t *x = tin_row(in, q->image * w->in_h + iy);
        const int32_t ky = q->oy - iy * w->stride_h;

        for (int32_t ix = q->ix0; ix < q->ix1; ix++) {
            const int32_t tap = ky * w->kernel_w + q->ox - ix * w->stride_w;

            sum = add_tap(sum, x + ix * w->in_c,
                          f + (size_t)tap * (size_t)p->tap_step, w->in_c);
        }
    }
    return sum;
}

static void make_row(const tin_transconv2d_s16_params *p, const tin_rows *in,
                     const tin_rows *out, int32_t y)
{
    const tin_window *w = &p->window;
    int16_t *dst = tin_row(out, y);
    point q;

    q.image = y / w->out_h;
    q.oy = y - q.image * w->out_h + w->pad_top;
    tin_transconv_taps(q.oy, w->stride_h, w->kernel_h, w->in_h, &q.iy0, &q.iy1);
    for (int32_t ox = 0; ox < w->out_w; ox++) {
        q.ox = ox + w->pad_left;
        tin_transconv_taps(q.ox, w->stride_w, w->kernel_w, w->in_w, &q.ix0,
                           &q.ix1);
        for (int32_t oc = 0; oc < w->out_c; oc++)
            *dst++ = tin_output_s16(p, sum_of(p, in, &q, oc), oc);
    }
}

void tin_transconv2d_s16(const void *params, const tin_rows *in,
                         const tin_rows *out, int32_t y0, int32_t y1,
                         void *scratch)
{
    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        make_row(params, in, out, y);
}

tin_status tin_transconv2d_s16_check(const void *params, const char **why)
{
    const tin_transconv2d_s16_params *p = params;
    const tin_status status = tin_transconv_check(&p->window, why);

    if (status != TIN_OK)
        return status;
    if (p->groups != 1)
        return TIN_WHY(why, "there are several groups"), TIN_ERR_SHAPE;
    return tin_filters_check_s16(p, why);
}
