/* SPDX-License-Identifier: MIT */
/* tin_gavgpool2d_s8: see tinyinfer_pool.h. */
#include "tinyinfer_pool.h"

/* Adds a row to the sums, four channels at a time: their sums stay in
 * registers, which costs 3 cycles an input on Cortex-M4, not 9. */
static void add_row(const int8_t *restrict x, int32_t w, int32_t c,
                    int32_t *restrict sum)
{
    int32_t i = 0;

    for (; i + 4 <= c; i += 4) {
        int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0; // |sum| <= 2^23 * 128
        const int8_t *p = x + i;

        for (int32_t ix = 0; ix < w; ix++, p += c) {
            s0 += p[0];
            s1 += p[1];
            s2 += p[2];
            s3 += p[3];
        }
        sum[i] += s0;
        sum[i + 1] += s1;
        sum[i + 2] += s2;
        sum[i + 3] += s3;
    }
    for (; i < c; i++)
        for (int32_t ix = 0; ix < w; ix++)
            sum[i] += x[ix * c + i];
}

static void finish(const tin_gavgpool2d_s8_params *p,
                   const int32_t *restrict sum, int8_t *restrict dst)
{
    const int32_t taps = p->in_h * p->in_w;

    for (int32_t i = 0; i < p->c; i++) {
        const int32_t y = tin_average_s8(sum[i], taps, p->origin);

        dst[i] = (int8_t)tin_clamp(y, p->act_min, p->act_max);
    }
}

void tin_gavgpool2d_s8(const void *params, const tin_rows *in,
                       const tin_rows *out, int32_t y0, int32_t y1,
                       void *scratch)
{
    const tin_gavgpool2d_s8_params *p = params;
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

tin_status tin_gavgpool2d_s8_check(const void *params, const char **why)
{
    const tin_gavgpool2d_s8_params *p = params;
    tin_status status;

    if (p->in_h < 1 || p->in_w < 1 || p->c < 1)
        return TIN_WHY(why, "sizes must be positive"), TIN_ERR_SHAPE;
    status = tin_average_check((int64_t)p->in_h * p->in_w, p->origin, why);
    if (status != TIN_OK)
        return status;
    if ((int64_t)p->in_w * p->c > INT32_MAX || p->c > INT32_MAX / 4)
        return TIN_WHY(why, "row or scratch over 2 GiB"), TIN_ERR_OVERFLOW;
    return tin_act_check(p->act_min, p->act_max, why);
}

int32_t tin_gavgpool2d_s8_scratch_size(const void *params)
{
    const tin_gavgpool2d_s8_params *p = params;

    return p->c * (int32_t)sizeof(int32_t);
}
