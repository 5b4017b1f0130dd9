/* SPDX-License-Identifier: MIT */
/* quant.c: see quant.h. */
#include "quant.h"

#include <math.h>

int tin_quantize_multiplier(double real, tin_multiplier *m)
{
    int exponent;
    double fraction;
    int64_t fixed;

    m->multiplier = 0;
    m->shift = 0;
    if (!(real >= 0.0 && real < 1073741824.0))
        return 0;
    fraction = frexp(real, &exponent);
    fixed = (int64_t)floor(fraction * 2147483648.0 + 0.5);
    if (fixed == (int64_t)1 << 31) {
        fixed /= 2;
        exponent++;
    }
    if (exponent > 30)
        return 0;
    if (fixed != 0 && exponent >= -31) {
        m->multiplier = (int32_t)fixed;
        m->shift = exponent;
    }
    return 1;
}

int32_t tin_round(double x)
{
    const double r = x < 0 ? ceil(x - 0.5) : floor(x + 0.5);

    if (!(r == r))
        return 0;
    if (r <= (double)INT32_MIN)
        return INT32_MIN;
    if (r >= (double)INT32_MAX)
        return INT32_MAX;
    return (int32_t)r;
}

/* What a real number is in an int8 tensor, not yet clamped to int8. The
 * division is in float, as in the reference. */
static int32_t quantized(float real, float scale, int32_t zero)
{
    const float steps = real / scale;
    const int32_t q = tin_clamp(tin_round((double)steps), -65536, 65536);

    return q + zero;
}

/* The clamp within what the type can hold, lo .. hi. */
static void act_range(tin_activation act, float scale, int32_t zero, int32_t lo,
                      int32_t hi, int32_t *act_min, int32_t *act_max)
{
    *act_min = lo;
    *act_max = hi;
    if (act == TIN_ACT_RELU || act == TIN_ACT_RELU6)
        *act_min = tin_clamp(zero, lo, hi);
    if (act == TIN_ACT_RELU_N1_TO_1) {
        *act_min = tin_clamp(quantized(-1.0f, scale, zero), lo, hi);
        *act_max = tin_clamp(quantized(1.0f, scale, zero), lo, hi);
    }
    if (act == TIN_ACT_RELU6)
        *act_max = tin_clamp(quantized(6.0f, scale, zero), lo, hi);
}

void tin_act_range_s8(tin_activation act, float scale, int32_t zero,
                      int32_t *act_min, int32_t *act_max)
{
    act_range(act, scale, zero, -128, 127, act_min, act_max);
}

void tin_act_range_s16(tin_activation act, float scale, int32_t *act_min,
                       int32_t *act_max)
{
    act_range(act, scale, 0, -32768, 32767, act_min, act_max);
}

void tin_act_range_f32(tin_activation act, float *act_min, float *act_max)
{
    *act_min = -INFINITY;
    *act_max = INFINITY;
    if (act == TIN_ACT_RELU || act == TIN_ACT_RELU6)
        *act_min = 0.0f;
    if (act == TIN_ACT_RELU_N1_TO_1)
        *act_min = -1.0f;
    if (act == TIN_ACT_RELU6)
        *act_max = 6.0f;
    if (act == TIN_ACT_RELU_N1_TO_1)
        *act_max = 1.0f;
}

int32_t tin_input_radius(int32_t integer_bits, int32_t shift)
{
    const double largest = ((double)((int64_t)1 << integer_bits) - 1.0) *
                           (double)((int64_t)1 << (31 - integer_bits));

    return tin_round(floor(ldexp(largest, -shift)));
}
