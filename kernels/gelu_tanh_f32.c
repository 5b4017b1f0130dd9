/* SPDX-License-Identifier: MIT */
/* tin_gelu_tanh_f32: see tinyinfer_unary.h. */
#include <math.h>
#include "tinyinfer_unary.h"

static float gelu(float x)
{
    const float root = 0.797884561f; // sqrt(2 / pi)

    return 0.5f * x * (1.0f + tanhf(root * (x + 0.044715f * x * x * x)));
}

TIN_MAP(gelu_tanh_f32, f32, gelu)
