/* SPDX-License-Identifier: MIT */
/* tin_logistic_table_s8: see tinyinfer_kernels.h. */
#include "tinyinfer_kernels.h"

/* 1 / (1 + exp(-x)) in Q0.31, x in Q4.27. */
static int32_t logistic(int32_t x)
{
    const int32_t magnitude = x < 0 ? x : -x; // never overflows
    const int32_t y = tin_reciprocal_q31(tin_exp_q31(magnitude, 4));

    if (x == 0)
        return (int32_t)1 << 30;
    return x < 0 ? INT32_MAX - y : y;
}

void tin_logistic_table_s8(uint8_t table[256], int32_t in_zero,
                           int32_t multiplier, int32_t shift,
                           int32_t range_radius)
{
    for (int32_t x = -128; x < 128; x++) {
        const int32_t centered = x - in_zero;
        int32_t y;

        if (centered <= -range_radius) {
            y = -128;
        } else if (centered >= range_radius) {
            y = 127;
        } else {
            y = logistic(tin_requantize(centered, multiplier, shift));
            y = tin_clamp(tin_shift_round(y, 23) - 128, -128, 127);
        }
        table[(uint8_t)x] = (uint8_t)y;
    }
}
