/* SPDX-License-Identifier: MIT */
/* tin_sign_f32: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

static float sign(float x)
{
    return (float)((x > 0) - (x < 0));
}

TIN_MAP(sign_f32, f32, sign)
