/* SPDX-License-Identifier: MIT */
/* Packing for tin_softmax_s8_dsp: see tinyinfer_kernels.h. */
#include "tinyinfer_kernels.h"

/* An exponential below 2^11 in Q0.31 is 0 in a sum, and 0 as an output: that is
 * at most 256 * 2^-20 of a sum of 1 or more. */
enum { LEAST = 1 << 11 };

/* The exponential of -diff, 0 where it does not count. */
static int32_t exp_of(const tin_softmax_s8_params *p, int32_t diff)
{
    int32_t e = 0;

    if (-diff >= p->diff_min)
        e = tin_exp_q31(tin_requantize(-diff, p->multiplier, p->shift), 5);
    return e < LEAST ? 0 : e;
}

/* The first difference from which on all exponentials are 0, or 255. */
static int32_t last_of(const tin_softmax_s8_params *p)
{
    int32_t last = 255;

    while (last > 0 && !exp_of(p, last) && !exp_of(p, last - 1))
        last--;
    return last;
}

int32_t tin_softmax_s8_dsp_packed_size(const void *params)
{
    return 4 * (2 + last_of(params));
}

void tin_softmax_s8_dsp_pack(const void *params, int32_t *packed)
{
    const tin_softmax_s8_params *p = params;

    packed[0] = last_of(p);
    for (int32_t i = 0; i <= packed[0]; i++)
        packed[1 + i] = exp_of(p, i);
}

tin_status tin_softmax_s8_dsp_check(const void *params, const char **why)
{
    const tin_softmax_s8_dsp_params *p = params;

    if (p->softmax.groups < 1 || p->softmax.c < 1)
        return TIN_WHY(why, "a count is not positive"), TIN_ERR_SHAPE;
    if (p->softmax.c > 4095)
        return TIN_WHY(why, "over 4095 elements: the sum of their "
                            "exponentials can exceed 32 bits"),
               TIN_ERR_OVERFLOW;
    if ((int64_t)p->softmax.groups * p->softmax.c > INT32_MAX)
        return TIN_WHY(why, "row over 2 GiB"), TIN_ERR_OVERFLOW;
    if (!p->packed)
        return TIN_WHY(why, "packed is NULL"), TIN_ERR_ARG;
    return TIN_OK;
}
