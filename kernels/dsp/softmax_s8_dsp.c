/* SPDX-License-Identifier: MIT */
/* tin_softmax_s8_dsp: see tinyinfer_kernels.h. An exponential is looked up,
 * and what tin_softmax_s8 rounds twice is rounded once. */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_DSP

/* exp(x - max). What is below the last one counts as that one. */
static inline int32_t exp_of(const int32_t *exps, int32_t last, int32_t x,
                             int32_t max)
{
    const int32_t diff = max - x;

    return exps[diff < last ? diff : last];
}

static int32_t max_of(const int8_t *x, int32_t n)
{
    int32_t max = -128;

    for (int32_t i = 0; i < n; i++)
        max = x[i] > max ? x[i] : max;
    return max;
}

/* The sum of exponentials in Q12.19, each rounded: 2^19 <= sum < 2^31. */
static uint32_t sum_of(const int32_t *exps, int32_t last, const int8_t *x,
                       int32_t n, int32_t max)
{
    uint32_t sum = 0;

    for (int32_t i = 0; i < n; i++) {
        const uint32_t e = (uint32_t)exp_of(exps, last, x[i], max);

        sum += (e >> 12) + (e >> 11 & 1);
    }
    return sum;
}

/*
 * tin_shift_round(tin_mul_high(scale, e), shift) is, as neither factor is
 * negative, floor((floor((scale * e + 2^30) / 2^31) + 2^(shift - 1)) /
 * 2^shift), of which the inner floor can be left out. 23 <= shift <= 31, and
 * scale * e + half < 2^62 + 2^61 + 2^30.
 */
static void softmax(const tin_softmax_s8_dsp_params *p, const int8_t *x,
                    int8_t *dst)
{
    const int32_t last = p->packed[0], *exps = p->packed + 1;
    const int32_t n = p->softmax.c, max = max_of(x, n);
    const uint32_t sum = sum_of(exps, last, x, n, max);
    const int32_t zeros = __builtin_clz(sum);
    const int32_t shift = zeros < 4 ? 31 : 35 - zeros;
    const int64_t half = ((int64_t)1 << 30) + ((int64_t)1 << (shift + 30));
    int32_t scale = 0; // for a sum of 512 or more: see tin_softmax_s8

    if (zeros >= 4)
        scale = tin_reciprocal_q31((int32_t)(sum << zeros & 0x7fffffffu));
    for (int32_t i = 0; i < n; i++) {
        const int32_t e = exp_of(exps, last, x[i], max);
        const int64_t y = (int64_t)scale * e + half;

        dst[i] = (int8_t)tin_ssat8(((int32_t)(y >> 32) >> (shift - 1)) - 128);
    }
}

void tin_softmax_s8_dsp(const void *params, const tin_rows *in,
                        const tin_rows *out, int32_t y0, int32_t y1,
                        void *scratch)
{
    const tin_softmax_s8_dsp_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int8_t *x = tin_row(in, y);
        int8_t *dst = tin_row(out, y);

        for (int32_t g = 0; g < p->softmax.groups; g++) {
            softmax(p, x, dst);
            x += p->softmax.c;
            dst += p->softmax.c;
        }
    }
}

#endif /* TIN_HAVE_DSP */
