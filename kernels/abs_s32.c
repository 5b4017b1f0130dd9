/* SPDX-License-Identifier: MIT */
/* tin_abs_s32: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

static int32_t magnitude(int32_t x)
{
    return x < 0 ? (int32_t)(0 - (uint32_t)x) : x;
}

TIN_MAP(abs_s32, s32, magnitude)
