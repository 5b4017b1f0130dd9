/* SPDX-License-Identifier: MIT */
/* tin_resize_bilinear_f32: see tinyinfer_image.h. */
#include "tinyinfer_image.h"

static void make_pixel(const float *restrict upper, const float *restrict lower,
                       int32_t right, float fy, float fx, int32_t c,
                       float *restrict dst)
{
    const float gy = 1.0f - fy, gx = 1.0f - fx;

    for (int32_t i = 0; i < c; i++)
        dst[i] = upper[i] * gy * gx + lower[i] * fy * gx +
                 upper[i + right] * gy * fx + lower[i + right] * fy * fx;
}

static void make_row(const tin_resize_bilinear_f32_params *p,
                     const tin_rows *in, int32_t image, int32_t oy, float *dst)
{
    const tin_resize_place y = tin_resize_find(oy, p->step_h, p->half, p->in_h);
    const float *upper = tin_row(in, image * p->in_h + y.first);
    const float *lower = tin_row(in, image * p->in_h + y.next);

    for (int32_t ox = 0; ox < p->out_w; ox++, dst += p->c) {
        const tin_resize_place x =
            tin_resize_find(ox, p->step_w, p->half, p->in_w);
        const int32_t first = x.first * p->c;

        make_pixel(upper + first, lower + first, (x.next - x.first) * p->c,
                   y.rest, x.rest, p->c, dst);
    }
}

void tin_resize_bilinear_f32(const void *params, const tin_rows *in,
                             const tin_rows *out, int32_t y0, int32_t y1,
                             void *scratch)
{
    const tin_resize_bilinear_f32_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int32_t image = y / p->out_h;

        make_row(p, in, image, y - image * p->out_h, tin_row(out, y));
    }
}

tin_status tin_resize_bilinear_f32_check(const void *params, const char **why)
{
    return tin_resize_bilinear_check_f32(params, 4, why);
}
