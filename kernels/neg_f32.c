/* SPDX-License-Identifier: MIT */
/* tin_neg_f32: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

static float negative(float x)
{
    return -x;
}

TIN_MAP(neg_f32, f32, negative)
