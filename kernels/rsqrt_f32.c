/* SPDX-License-Identifier: MIT */
/* tin_rsqrt_f32: see tinyinfer_unary.h. */
#include <math.h>
#include "tinyinfer_unary.h"

static float rsqrt(float x)
{
    return 1.0f / sqrtf(x);
}

TIN_MAP(rsqrt_f32, f32, rsqrt)
