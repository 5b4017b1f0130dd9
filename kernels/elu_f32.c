/* SPDX-License-Identifier: MIT */
/* tin_elu_f32: see tinyinfer_unary.h. */
#include <math.h>
#include "tinyinfer_unary.h"

static float elu(float x)
{
    return x < 0 ? expm1f(x) : x;
}

TIN_MAP(elu_f32, f32, elu)
