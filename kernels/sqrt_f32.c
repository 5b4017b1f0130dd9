/* SPDX-License-Identifier: MIT */
/* tin_sqrt_f32: see tinyinfer_unary.h. */
#include <math.h>
#include "tinyinfer_unary.h"

TIN_MAP(sqrt_f32, f32, sqrtf)
