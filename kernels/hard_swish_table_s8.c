/* SPDX-License-Identifier: MIT */
/* tin_hard_swish_table_s8: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

/* a * b in Q0.15, rounded half up. */
static int32_t mul_high_16(int32_t a, int32_t b)
{
    return tin_clamp((a * b + (1 << 14)) >> 15, -32768, 32767);
}

static int32_t shift_left_16(int32_t x, int32_t n)
{
    return tin_clamp(tin_shift_left_sat(x, n), -32768, 32767);
}

/* h * 2^shift * multiplier in 16 bits: a left shift in two parts, around the
 * product. */
static int32_t relu_ish(int32_t h, int32_t multiplier, int32_t shift)
{
    if (shift > 0)
        h = shift_left_16(h, shift - 1);
    h = mul_high_16(h, multiplier);
    if (shift > 0)
        return shift_left_16(h, 1);
    return tin_shift_round(h, -shift);
}

void tin_hard_swish_table_s8(uint8_t table[256], int32_t in_zero,
                             int32_t out_zero, int32_t multiplier,
                             int32_t shift, int32_t relu_multiplier,
                             int32_t relu_shift)
{
    for (int32_t x = -128; x < 128; x++) {
        const int32_t h = (x - in_zero) * 128; // |h| < 2^15
        const int32_t r =
            (relu_ish(h, relu_multiplier, relu_shift) + 32768) >> 1;
        const int32_t product = r * mul_high_16(h, multiplier) / 32768;
        const int32_t y = tin_shift_round(product, -shift) + out_zero;

        table[(uint8_t)x] = (uint8_t)tin_clamp(y, -128, 127);
    }
}
