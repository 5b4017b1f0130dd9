/* SPDX-License-Identifier: MIT */
/* tin_tanh_table_s8: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

/* tanh(x) in Q0.31, x in Q4.27; the exponential is that of 2 * x. */
static int32_t hyperbolic_tangent(int32_t x)
{
    const int32_t magnitude = x < 0 ? x : -x; // never overflows
    const int32_t twice = tin_reciprocal_q29(tin_exp_q31(magnitude, 5));
    const int32_t y = tin_shift_left_sat(twice - ((int32_t)1 << 29), 2);

    return x == 0 ? 0 : x < 0 ? -y : y;
}

void tin_tanh_table_s8(uint8_t table[256], int32_t in_zero, int32_t multiplier,
                       int32_t shift, int32_t range_radius)
{
    for (int32_t x = -128; x < 128; x++) {
        const int32_t centered = x - in_zero;
        int32_t y;

        if (centered <= -range_radius) {
            y = -128;
        } else if (centered >= range_radius) {
            y = 127;
        } else {
            y = hyperbolic_tangent(tin_requantize(centered, multiplier, shift));
            y = tin_clamp(tin_shift_round(y, 24), -128, 127);
        }
        table[(uint8_t)x] = (uint8_t)y;
    }
}
