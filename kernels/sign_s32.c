/* SPDX-License-Identifier: MIT */
/* tin_sign_s32: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

static int32_t sign(int32_t x)
{
    return (x > 0) - (x < 0);
}

TIN_MAP(sign_s32, s32, sign)
