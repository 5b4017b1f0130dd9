/* SPDX-License-Identifier: MIT */
/* tin_ceil_f32: see tinyinfer_unary.h. */
#include <math.h>
#include "tinyinfer_unary.h"

TIN_MAP(ceil_f32, f32, ceilf)
