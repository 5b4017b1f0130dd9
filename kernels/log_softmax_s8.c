/* SPDX-License-Identifier: MIT */
/* tin_log_softmax_s8: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

static int32_t leading_zeros(int32_t x)
{
    int32_t n = 0;

    while (n < 32 && !((uint32_t)x << n & 0x80000000u))
        n++;
    return n;
}

/*
 * ln(z) in Q5.26 for z in Q12.19, 1 <= z, as gemmlowp would write it. z is
 * r * 2^k with r near 2^(-1/4), of two candidates: z itself shifted, times
 * sqrt(1/2), and z shifted after that product. Then ln(r * 2^(1/4)) is a
 * quotient of polynomials in q = 2 * (r - 2^(-1/4)), and k - 1/4 counts ln(2).
 */
static int32_t log_q26(int32_t z)
{
    const int32_t ln2 = 1488522236, root2 = 1518500250, root4 = 1805811301;
    const int32_t quarter = (int32_t)1 << 23; // in Q6.25
    const int32_t zeros_a = leading_zeros(z);
    const int32_t zeros_b = leading_zeros(tin_mul_high(z, root2)) - 1;
    const int32_t shifted = tin_shift_left_sat(z, zeros_a - 1);
    const int32_t r_a = tin_shift_left_sat(tin_mul_high(shifted, root2), 1);
    const int32_t r_b = tin_shift_left_sat(z, zeros_b);
    const int32_t r = r_a < r_b ? r_a : r_b;
    const int32_t k_a = tin_shift_left(12 - zeros_a, 25) + quarter;
    const int32_t k_b = tin_shift_left(12 - zeros_b, 25) - quarter;
    const int32_t k = k_a > k_b ? k_a : k_b;
    const int32_t p = (int32_t)(((int64_t)r + root4 + 1) >> 1);
    const int32_t q = 2 * (r - root4), q2 = tin_mul_high(q, q);
    const int32_t above =
        tin_mul_high(q, r) + tin_mul_high(tin_mul_high(q, q2), 117049297);
    const int32_t below =
        tin_mul_high(p, 1057819769 + q + tin_mul_high(127690142, q2)) +
        tin_mul_high(638450708, q);
    const int32_t quotient =
        tin_mul_high(tin_shift_round(above, 6), tin_reciprocal_q31(below));

    return tin_shift_left_sat(tin_mul_high(k, ln2) + quotient, 1);
}

static int32_t scaled(const tin_log_softmax_s8_params *p, int32_t diff)
{
    return tin_requantize(diff, p->multiplier, p->shift);
}

/* At least 1, for the largest element adds 1; at most c. */
static int32_t sum_of(const tin_log_softmax_s8_params *p, const int8_t *x,
                      int32_t max)
{
    int32_t sum = 0;

    for (int32_t i = 0; i < p->c; i++) {
        if (x[i] - max >= p->diff_min)
            sum += tin_shift_round(tin_exp_q31(scaled(p, x[i] - max), 5), 12);
    }
    return sum;
}

static void log_softmax(const tin_log_softmax_s8_params *p, const int8_t *x,
                        int8_t *out)
{
    int32_t max = x[0], log, least;

    for (int32_t i = 1; i < p->c; i++)
        max = x[i] > max ? x[i] : max;
    log = log_q26(sum_of(p, x, max));
    least = tin_requantize(log + INT32_MIN, p->reverse_multiplier,
                           p->reverse_shift);
    if (least < p->diff_min - 1)
        least = p->diff_min - 1;
    for (int32_t i = 0; i < p->c; i++) {
        const int32_t diff = x[i] - max;
        int32_t y = -128;

        if (diff > least)
            y = tin_shift_round(scaled(p, diff) - log, 22) + 127;
        out[i] = (int8_t)tin_clamp(y, -128, 127);
    }
}

void tin_log_softmax_s8(const void *params, const tin_rows *in,
                        const tin_rows *out, int32_t y0, int32_t y1,
                        void *scratch)
{
    const tin_log_softmax_s8_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int8_t *from = tin_row(in, y);
        int8_t *to = tin_row(out, y);

        for (int32_t g = 0; g < p->groups; g++, from += p->c, to += p->c)
            log_softmax(p, from, to);
    }
}

tin_status tin_log_softmax_s8_check(const void *params, const char **why)
{
    const tin_log_softmax_s8_params *p = params;

    if (p->groups < 1 || p->c < 1)
        return TIN_WHY(why, "groups or c is not positive"), TIN_ERR_SHAPE;
    if (p->c > 4095)
        return TIN_WHY(why, "over 4095 elements: the sum of their "
                            "exponentials can exceed 32 bits"),
               TIN_ERR_OVERFLOW;
    if (tin_size_mul(p->groups, p->c) < 0)
        return TIN_WHY(why, "row over 2 GiB"), TIN_ERR_OVERFLOW;
    if (tin_scale_check(p->multiplier, p->shift, 30, why) || p->shift < 0 ||
        tin_scale_check(p->reverse_multiplier, p->reverse_shift, 0, why))
        return TIN_WHY(why, "multiplier or shift out of range"), TIN_ERR_QUANT;
    if (p->diff_min > 0 || p->diff_min < INT32_MIN >> p->shift)
        return TIN_WHY(why, "diff_min is positive, or overflows shifted"),
               TIN_ERR_QUANT;
    return TIN_OK;
}
