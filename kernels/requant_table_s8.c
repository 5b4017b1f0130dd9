/* SPDX-License-Identifier: MIT */
/* tin_requant_table_s8: see tinyinfer_kernels.h. */
#include "tinyinfer_kernels.h"

void tin_requant_table_s8(uint8_t table[256], int32_t in_zero, int32_t out_zero,
                          int32_t multiplier, int32_t shift, int32_t act_min,
                          int32_t act_max)
{
    for (int32_t x = -128; x < 128; x++) {
        table[(uint8_t)x] = (uint8_t)tin_output_s8(
            x - in_zero, multiplier, shift, out_zero, act_min, act_max);
    }
}
