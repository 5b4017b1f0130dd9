/* SPDX-License-Identifier: MIT */
/* tin_resize_bilinear_f32: see tinyinfer_matrix.h. */
#include "tinyinfer_matrix.h"

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

static int is_size(int32_t n)
{
    return 1 <= n && n <= 1 << 24;
}

static int is_step(float step)
{
    return 0 <= step && step <= 16777216.0f; // neither is NaN
}

tin_status tin_resize_bilinear_f32_check(const void *params, const char **why)
{
    const tin_resize_bilinear_f32_params *p = params;
    tin_status status;

    if (!is_size(p->in_h) || !is_size(p->in_w) || !is_size(p->out_h) ||
        !is_size(p->out_w) || p->c < 1)
        return TIN_WHY(why, "a size is not within 1 .. 2^24"), TIN_ERR_SHAPE;
    if (!is_step(p->step_h) || !is_step(p->step_w) ||
        !(p->half <= 0.0f || p->half >= 0.5f) ||
        !(0.0f <= p->half && p->half <= 0.5f))
        return TIN_WHY(why, "a step or half is out of range"), TIN_ERR_ARG;
    status = tin_bytes_check(tin_size_mul(p->in_w, p->c), 4, why);
    if (status == TIN_OK)
        status = tin_bytes_check(tin_size_mul(p->out_w, p->c), 4, why);
    return status;
}
