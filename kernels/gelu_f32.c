/* SPDX-License-Identifier: MIT */
/* tin_gelu_f32: see tinyinfer_unary.h. */
#include <math.h>
#include "tinyinfer_unary.h"

/* erfc keeps its digits where 1 + erf would lose them. */
static float gelu(float x)
{
    return 0.5f * x * erfcf(x * -0.707106781f);
}

TIN_MAP(gelu_f32, f32, gelu)
