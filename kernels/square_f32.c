/* SPDX-License-Identifier: MIT */
/* tin_square_f32: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

static float square(float x)
{
    return x * x;
}

TIN_MAP(square_f32, f32, square)
