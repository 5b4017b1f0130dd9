/* SPDX-License-Identifier: MIT */
/* tin_softmax_s8: see tinyinfer_kernels.h. */
#include "tinyinfer_kernels.h"

/* exp(beta * in_scale * diff) in Q0.31, diff <= 0. It is long, and called from
 * two places. */
TIN_NOINLINE static int32_t exp_of(const tin_softmax_s8_params *p, int32_t diff)
{
    return tin_exp_q31(tin_requantize(diff, p->multiplier, p->shift), 5);
}

static int32_t max_of(const int8_t *x, int32_t n)
{
    int32_t max = -128;

    for (int32_t i = 0; i < n; i++)
        max = x[i] > max ? x[i] : max;
    return max;
}

/* The sum of exponentials in Q12.19. It is at least 1 and at most c, so the
 * bound on c keeps it in 32 bits. */
static int32_t sum_of(const tin_softmax_s8_params *p, const int8_t *x,
                      int32_t max)
{
    int32_t sum = 0;

    for (int32_t i = 0; i < p->c; i++) {
        if (x[i] - max >= p->diff_min)
            sum += tin_shift_round(exp_of(p, x[i] - max), 12);
    }
    return sum;
}

/* With the sum 2^(12 - zeros) * (1 + f), 0 <= f < 1, an output is
 * 256 * exp / (1 + f) / 2^(12 - zeros). From a sum of 512 on, that is where
 * the shift leaves 31 bits, all of them round to 0. */
static void softmax(const tin_softmax_s8_params *p, const int8_t *x,
                    int8_t *dst)
{
    const int32_t max = max_of(x, p->c);
    uint32_t sum = (uint32_t)sum_of(p, x, max);
    int32_t zeros = 0, scale, shift;

    while (!(sum & 0x80000000u)) {
        sum <<= 1;
        zeros++;
    }
    scale = tin_reciprocal_q31((int32_t)(sum & 0x7fffffffu));
    shift = 31 - 8 + 12 - zeros;
    for (int32_t i = 0; i < p->c; i++) {
        const int32_t diff = x[i] - max;
        int32_t y = 0;

        if (diff >= p->diff_min && shift <= 31)
            y = tin_shift_round(tin_mul_high(scale, exp_of(p, diff)), shift);
        dst[i] = (int8_t)tin_clamp(y - 128, -128, 127);
    }
}

void tin_softmax_s8(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_softmax_s8_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int8_t *x = tin_row(in, y);
        int8_t *dst = tin_row(out, y);

        for (int32_t g = 0; g < p->groups; g++) {
            softmax(p, x, dst);
            x += p->c;
            dst += p->c;
        }
    }
}

tin_status tin_softmax_s8_check(const void *params, const char **why)
{
    const tin_softmax_s8_params *p = params;

    if (p->groups < 1 || p->c < 1)
        return TIN_WHY(why, "a count is not positive"), TIN_ERR_SHAPE;
    if (p->c > 4095)
        return TIN_WHY(why, "over 4095 elements: the sum of their "
                            "exponentials can exceed 32 bits"),
               TIN_ERR_OVERFLOW;
    if ((int64_t)p->groups * p->c > INT32_MAX)
        return TIN_WHY(why, "row over 2 GiB"), TIN_ERR_OVERFLOW;
    if (tin_scale_check(p->multiplier, p->shift, 30, why) || p->shift < 0)
        return TIN_WHY(why, "multiplier or shift out of range"), TIN_ERR_QUANT;
    if (p->diff_min > 0 || p->diff_min < INT32_MIN >> p->shift)
        return TIN_WHY(why, "diff_min is positive, or overflows shifted"),
               TIN_ERR_QUANT;
    return TIN_OK;
}
