/* SPDX-License-Identifier: MIT */
/* tin_floor_f32: see tinyinfer_unary.h. */
#include <math.h>
#include "tinyinfer_unary.h"

TIN_MAP(floor_f32, f32, floorf)
