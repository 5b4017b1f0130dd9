/* SPDX-License-Identifier: MIT */
/* tin_hard_swish_f32: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

static float hard_swish(float x)
{
    return x * tin_clampf(x + 3.0f, 0.0f, 6.0f) / 6.0f;
}

TIN_MAP(hard_swish_f32, f32, hard_swish)
