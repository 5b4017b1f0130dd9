/* SPDX-License-Identifier: MIT */
/* tin_rsqrt_table_s8: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

void tin_rsqrt_table_s8(uint8_t table[256], int32_t in_zero, int32_t out_zero,
                        int32_t multiplier, int32_t shift)
{
    for (int32_t x = -128; x < 128; x++) {
        int32_t y = 127 - out_zero;

        if (x > in_zero)
            y = tin_rsqrt(x - in_zero, multiplier, shift);
        table[(uint8_t)x] =
            (uint8_t)(tin_clamp(y, -128 - out_zero, 127 - out_zero) + out_zero);
    }
}
