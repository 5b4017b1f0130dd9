/* SPDX-License-Identifier: MIT */
/* tin_round_f32: see tinyinfer_unary.h. */
#include <math.h>
#include "tinyinfer_unary.h"

TIN_MAP(round_f32, f32, rintf)
