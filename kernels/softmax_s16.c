/* SPDX-License-Identifier: MIT */
/* tin_softmax_s16: see tinyinfer_s16.h. */
#include "tinyinfer_s16.h"

/* exp(beta * in_scale * diff) in Q0.15, diff <= 0. */
static int32_t exp_of(const tin_softmax_s16_params *p, int32_t diff)
{
    const int32_t x = tin_requantize(diff, p->multiplier, p->shift);

    return tin_lookup_s16(p->exp, x < -65535 ? -32768 : x + 32767);
}

static int32_t leading_zeros(uint32_t x)
{
    int32_t n = 0;

    for (; !(x >> 31); x <<= 1)
        n++;
    return n;
}

/* Exponentials are computed twice, not kept: that takes no memory. The largest
 * of them is at least 2^14, so is the sum. */
static void softmax(const tin_softmax_s16_params *p, const int16_t *x,
                    int16_t *dst)
{
    int32_t max = x[0], sum = 0, zeros, fraction, scale;

    for (int32_t i = 1; i < p->c; i++)
        max = x[i] > max ? x[i] : max;
    for (int32_t i = 0; i < p->c; i++)
        sum += exp_of(p, x[i] - max);
    zeros = leading_zeros((uint32_t)sum);
    // 1 + f in Q1.16, rounded; the table begins at f = 0
    fraction =
        (int32_t)((((int64_t)sum << zeros) + (1 << 14)) >> 15) - (3 << 15);
    scale = tin_lookup_s16(p->reciprocal, tin_clamp(fraction, -32768, 32767));
    for (int32_t i = 0; i < p->c; i++) {
        const int32_t right = 31 - zeros;
        const int64_t y = (int64_t)exp_of(p, x[i] - max) * scale;

        dst[i] = (int16_t)tin_clamp(
            (int32_t)((y + ((int64_t)1 << (right - 1))) >> right), 0, 32767);
    }
}

void tin_softmax_s16(const void *params, const tin_rows *in,
                     const tin_rows *out, int32_t y0, int32_t y1, void *scratch)
{
    const tin_softmax_s16_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int16_t *x = tin_row(in, y);
        int16_t *dst = tin_row(out, y);

        for (int32_t g = 0; g < p->groups; g++)
            softmax(p, x + g * p->c, dst + g * p->c);
    }
}

tin_status tin_softmax_s16_check(const void *params, const char **why)
{
    const tin_softmax_s16_params *p = params;

    if (p->groups < 1 || p->c < 1)
        return TIN_WHY(why, "groups or c is not positive"), TIN_ERR_SHAPE;
    if (p->c > 65535)
        return TIN_WHY(why, "the sum of exponentials can exceed 32 bits"),
               TIN_ERR_OVERFLOW;
    if (!p->exp || !p->reciprocal)
        return TIN_WHY(why, "a table is NULL"), TIN_ERR_ARG;
    if (p->exp[511] < 1 << 14 || p->exp[512] < 1 << 14)
        return TIN_WHY(why, "the exponential of 0 is below a half"),
               TIN_ERR_ARG;
    if (tin_scale_check(p->multiplier, p->shift, 14, why))
        return TIN_ERR_QUANT;
    return tin_bytes_check(tin_size_mul(p->groups, p->c), 2, why);
}
