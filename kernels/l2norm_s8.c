/* SPDX-License-Identifier: MIT */
/*
 * tin_l2norm_s8: see tinyinfer_reduce.h.
 *
 * 1 / sqrt(sum) as gemmlowp's fixed point has it: sum = u * 4^e with u in
 * 1/4 .. 1 (in Q3.28: 2^26 .. 2^28), five steps of Newton's method
 * x = x * 3/2 - x^3 * u/2 from x = 1, all in Q3.28.
 */
#include "tinyinfer_reduce.h"

/* 1 / sqrt(sum) as multiplier * 2^*shift in the sense of tin_requantize. */
static int32_t reciprocal_root(int32_t sum, int32_t *shift)
{
    const int32_t three_halves = (int32_t)3 << 27; // Q3.28
    const int32_t root_half = 1518500250;          // sqrt(1/2) in Q0.31
    int32_t x = (int32_t)1 << 28, right = 11, half;

    *shift = 0;
    if (sum <= 1)
        return INT32_MAX;
    for (; sum >= (int32_t)1 << 29; right++)
        sum /= 4;
    for (; sum < (int32_t)1 << 27; right--)
        sum *= 4;
    half = tin_shift_round(sum >> 1, 1);
    for (int i = 0; i < 5; i++) {
        const int32_t cube =
            tin_shift_left_sat(tin_mul_high(tin_mul_high(x, x), x), 6);

        x = tin_shift_left_sat(
            tin_mul_high(three_halves, x) - tin_mul_high(half, cube), 3);
    }
    x = tin_mul_high(x, root_half);
    if (right < 0) {
        x = tin_shift_left(x, -right);
        right = 0;
    }
    *shift = -right;
    return x;
}

static void normalize(const tin_l2norm_s8_params *p, const int8_t *in,
                      int8_t *out)
{
    int32_t sum = 0, multiplier, shift;

    for (int32_t i = 0; i < p->c; i++) {
        const int32_t x = in[i] - p->in_zero;

        sum += x * x; // <= 33025 * 255^2 < 2^31
    }
    multiplier = reciprocal_root(sum, &shift);
    for (int32_t i = 0; i < p->c; i++)
        out[i] = tin_output_s8(in[i] - p->in_zero, multiplier, shift + 7, 0,
                               -128, 127);
}

void tin_l2norm_s8(const void *params, const tin_rows *in, const tin_rows *out,
                   int32_t y0, int32_t y1, void *scratch)
{
    const tin_l2norm_s8_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int8_t *from = tin_row(in, y);
        int8_t *to = tin_row(out, y);

        for (int32_t g = 0; g < p->groups; g++, from += p->c, to += p->c)
            normalize(p, from, to);
    }
}

tin_status tin_l2norm_s8_check(const void *params, const char **why)
{
    const tin_l2norm_s8_params *p = params;

    if (p->groups < 1 || p->c < 1)
        return TIN_WHY(why, "groups or c is not positive"), TIN_ERR_SHAPE;
    if (p->c > 33025)
        return TIN_WHY(why, "a sum of squares can exceed 32 bits"),
               TIN_ERR_OVERFLOW;
    if (tin_size_mul(p->groups, p->c) < 0)
        return TIN_WHY(why, "a row has more than 2^31 - 1 bytes"),
               TIN_ERR_OVERFLOW;
    return tin_zero_check(p->in_zero, why);
}
