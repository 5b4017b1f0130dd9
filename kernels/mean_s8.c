/* SPDX-License-Identifier: MIT */
/* tin_mean_s8: see tinyinfer_pool.h. */
#include "tinyinfer_pool.h"

static void add_row(const int8_t *restrict x, int32_t w, int32_t c,
                    int32_t *restrict sum)
{
    for (int32_t ix = 0; ix < w; ix++) {
        for (int32_t i = 0; i < c; i++)
            sum[i] += x[i]; // |sum| <= 2^23 * 128
        x += c;
    }
}

static void finish(const tin_mean_s8_params *p, const int32_t *restrict sum,
                   int8_t *restrict dst)
{
    const int32_t zeros = p->in_h * p->in_w * p->in_zero;

    for (int32_t i = 0; i < p->c; i++)
        dst[i] = tin_output_s8(sum[i] - zeros, p->multiplier, p->shift,
                               p->out_zero, -128, 127);
}

void tin_mean_s8(const void *params, const tin_rows *in, const tin_rows *out,
                 int32_t y0, int32_t y1, void *scratch)
{
    const tin_mean_s8_params *p = params;
    int32_t *sum = scratch;

    for (int32_t y = y0; y < y1; y++) {
        const int32_t image = y / p->in_h, iy = y - image * p->in_h;

        for (int32_t i = 0; iy == 0 && i < p->c; i++)
            sum[i] = 0;
        add_row(tin_row(in, y), p->in_w, p->c, sum);
        if (iy == p->in_h - 1)
            finish(p, sum, tin_row(out, image));
    }
}

tin_status tin_mean_s8_check(const void *params, const char **why)
{
    const tin_mean_s8_params *p = params;
    tin_status status;

    if (p->in_h < 1 || p->in_w < 1 || p->c < 1)
        return TIN_WHY(why, "sizes must be positive"), TIN_ERR_SHAPE;
    if ((int64_t)p->in_h * p->in_w > (int32_t)1 << 23)
        return TIN_WHY(why, "a sum can exceed 32 bits"), TIN_ERR_OVERFLOW;
    if ((int64_t)p->in_w * p->c > INT32_MAX || p->c > INT32_MAX / 4)
        return TIN_WHY(why, "row or scratch over 2 GiB"), TIN_ERR_OVERFLOW;
    if ((status = tin_zero_check(p->in_zero, why)) != TIN_OK ||
        (status = tin_zero_check(p->out_zero, why)) != TIN_OK)
        return status;
    return tin_scale_check(p->multiplier, p->shift, 30, why);
}

int32_t tin_mean_s8_scratch_size(const void *params)
{
    const tin_mean_s8_params *p = params;

    return p->c * (int32_t)sizeof(int32_t);
}
