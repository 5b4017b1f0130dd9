/* SPDX-License-Identifier: MIT */
/* tin_sin_f32: see tinyinfer_unary.h. */
#include <math.h>
#include "tinyinfer_unary.h"

TIN_MAP(sin_f32, f32, sinf)
