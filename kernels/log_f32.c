/* SPDX-License-Identifier: MIT */
/* tin_log_f32: see tinyinfer_unary.h. */
#include <math.h>
#include "tinyinfer_unary.h"

TIN_MAP(log_f32, f32, logf)
