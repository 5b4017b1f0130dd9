/* SPDX-License-Identifier: MIT */
/*
 * quant.h: from real scales to the integers that kernels multiply by. The
 * definitions are those of TensorFlow Lite's 8-bit quantization, computed in
 * double as its reference kernels compute them.
 */
#ifndef TIN_QUANT_H
#define TIN_QUANT_H

#include "graph.h"

/* A positive real number as multiplier * 2^(shift - 31). */
typedef struct {
    int32_t multiplier; /* 2^30 .. 2^31 - 1, or 0 */
    int32_t shift;      /* -31 .. 30 */
} tin_multiplier;

/* Rounds `real` >= 0 to 31 bits. Numbers below 2^-32 become 0. Returns 0 when
 * `real` is too large (2^30 and above) or not a number. */
int tin_quantize_multiplier(double real, tin_multiplier *m);

/* x rounded half away from zero, saturated to 32 bits; NaN gives 0. */
int32_t tin_round(double x);

/* The clamp of an int8 output for a fused activation. */
void tin_act_range_s8(tin_activation act, float scale, int32_t zero,
                      int32_t *act_min, int32_t *act_max);
/* The same for an int16 output, whose zero point is 0. */
void tin_act_range_s16(tin_activation act, float scale, int32_t *act_min,
                       int32_t *act_max);
/* The same for a float output. */
void tin_act_range_f32(tin_activation act, float *act_min, float *act_max);

/* The largest |x| such that x * 2^shift stays inside a fixed-point number
 * with `integer_bits` integer bits out of 31: the reference's
 * CalculateInputRadius. */
int32_t tin_input_radius(int32_t integer_bits, int32_t shift);

#endif /* TIN_QUANT_H */
