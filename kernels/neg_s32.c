/* SPDX-License-Identifier: MIT */
/* tin_neg_s32: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

static int32_t negative(int32_t x)
{
    return (int32_t)(0 - (uint32_t)x);
}

TIN_MAP(neg_s32, s32, negative)
