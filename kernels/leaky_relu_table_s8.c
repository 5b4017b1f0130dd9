/* SPDX-License-Identifier: MIT */
/* tin_leaky_relu_table_s8: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

void tin_leaky_relu_table_s8(uint8_t table[256], int32_t in_zero,
                             int32_t out_zero,
                             const tin_leaky_relu_s16_params *p)
{
    for (int32_t x = -128; x < 128; x++) {
        const int negative = x < in_zero;

        table[(uint8_t)x] = (uint8_t)tin_output_s8(
            x - in_zero, negative ? p->neg_multiplier : p->multiplier,
            negative ? p->neg_shift : p->shift, out_zero, -128, 127);
    }
}
