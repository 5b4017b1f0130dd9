/* SPDX-License-Identifier: MIT */
/* tin_resize_bilinear_s8: see tinyinfer_image.h. */
#include "tinyinfer_image.h"

/* A pixel of c channels from the two of an upper row and the two of a lower
 * one; `right` elements lie between neighbours, weights are of 1024. */
static void make_pixel(const int8_t *restrict upper,
                       const int8_t *restrict lower, int32_t right, int32_t fy,
                       int32_t fx, int32_t c, int8_t *restrict dst)
{
    for (int32_t i = 0; i < c; i++) {
        const int32_t a = upper[i] * (1024 - fx) + upper[i + right] * fx;
        const int32_t b = lower[i] * (1024 - fx) + lower[i + right] * fx;
        const int32_t sum =
            (int32_t)a * (1024 - fy) + (int32_t)b * fy; // |sum| <= 2^27
        const int32_t half = sum > 0 ? 1 << 19 : -(1 << 19);

        dst[i] = (int8_t)((sum + half) / (1 << 20));
    }
}

static void make_row(const tin_resize_bilinear_int_params *p,
                     const tin_rows *in, int32_t image, int32_t oy,
                     int8_t *restrict dst)
{
    const int32_t y = tin_resize_at(oy, p->step_h, p->first_h, p->in_h);
    const int32_t iy = image * p->in_h + y / 1024, fy = y % 1024;
    const int8_t *upper = tin_row(in, iy);
    const int8_t *lower = tin_row(in, fy > 0 ? iy + 1 : iy);

    for (int32_t ox = 0; ox < p->out_w; ox++, dst += p->c) {
        const int32_t x = tin_resize_at(ox, p->step_w, p->first_w, p->in_w);
        const int32_t first = x / 1024 * p->c;

        make_pixel(upper + first, lower + first, x % 1024 ? p->c : 0, fy,
                   x % 1024, p->c, dst);
    }
}

void tin_resize_bilinear_s8(const void *params, const tin_rows *in,
                            const tin_rows *out, int32_t y0, int32_t y1,
                            void *scratch)
{
    const tin_resize_bilinear_int_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int32_t image = y / p->out_h;

        make_row(p, in, image, y - image * p->out_h, tin_row(out, y));
    }
}

tin_status tin_resize_bilinear_s8_check(const void *params, const char **why)
{
    return tin_resize_bilinear_check(params, 1, why);
}
