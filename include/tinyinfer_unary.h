/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer_unary.h: operators of one input, element by element, and those
 * beside them: PRELU, CAST, LOG_SOFTMAX.
 *
 * A function of one int8 value has no kernel: its 256 values are a table for
 * tin_table_x8, filled in by a tin_xxx_table_s8 of the last chapter. RELU,
 * RELU6, LOGISTIC and QUANTIZE are in tinyinfer_kernels.h.
 *
 * What holds for every kernel here whose comment says nothing else:
 *
 *   in   [n][row_elems] of the type that ends its name
 *   out  [n][row_elems] of the same type
 *
 *   Needs: 1 <= row_elems, rows of at most 2^31 - 1 bytes.
 *   Alias: out may equal in or begin before it. Scratch: none.
 *   Stack: under 200 bytes.
 */
#ifndef TINYINFER_UNARY_H
#define TINYINFER_UNARY_H

#include "tinyinfer_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Functions of one element ------------------------------------------- */

typedef struct {
    int32_t row_elems;
} tin_unary_params;

static inline void tin_map_f32(const void *params, const tin_rows *in,
                               const tin_rows *out, int32_t y0, int32_t y1,
                               float (*f)(float))
{
    const tin_unary_params *p = (const tin_unary_params *)params;

    for (int32_t y = y0; y < y1; y++) {
        const float *from = (const float *)tin_row(in, y);
        float *to = (float *)tin_row(out, y);

        for (int32_t i = 0; i < p->row_elems; i++)
            to[i] = f(from[i]);
    }
}

static inline void tin_map_s32(const void *params, const tin_rows *in,
                               const tin_rows *out, int32_t y0, int32_t y1,
                               int32_t (*f)(int32_t))
{
    const tin_unary_params *p = (const tin_unary_params *)params;

    for (int32_t y = y0; y < y1; y++) {
        const int32_t *from = (const int32_t *)tin_row(in, y);
        int32_t *to = (int32_t *)tin_row(out, y);

        for (int32_t i = 0; i < p->row_elems; i++)
            to[i] = f(from[i]);
    }
}

static inline tin_status tin_unary_check(const void *params, int32_t elem_bytes,
                                         const char **why)
{
    return tin_row_check(((const tin_unary_params *)params)->row_elems,
                         elem_bytes, why);
}

/* Defines the kernel tin_NAME and its check, out[i] = f(in[i]); type: f32 or
 * s32. */
#define TIN_MAP(name, type, f)                                                 \
 void tin_##name(const void *params, const tin_rows *in, const tin_rows *out,  \
                 int32_t y0, int32_t y1, void *scratch)                        \
 {                                                                             \
  (void)scratch;                                                               \
  tin_map_##type(params, in, out, y0, y1, f);                                  \
 }                                                                             \
 tin_status tin_##name##_check(const void *params, const char **why)           \
 {                                                                             \
  return tin_unary_check(params, 4, why);                                      \
 }

/*
 * The hyperbolic tangent.
 *
 *   out[i] = tanh(in[i])
 *
 * Libm: tanhf.
 * Exact: as tanhf. NaN: passes through.
 * Source: TANH of TensorFlow Lite.
 */
tin_kernel tin_tanh_f32;
tin_check tin_tanh_f32_check;

/*
 * The exponential linear unit.
 *
 *   out[i] = in[i] < 0 ? exp(in[i]) - 1 : in[i]
 *
 * Libm: expm1f.
 * Exact: as expm1f. NaN: passes through.
 * Source: ELU of TensorFlow Lite.
 */
tin_kernel tin_elu_f32;
tin_check tin_elu_f32_check;

/*
 * The Gaussian error linear unit.
 *
 *   out[i] = in[i] * (1 + erf(in[i] / sqrt(2))) / 2
 *          = in[i] * erfc(-in[i] / sqrt(2)) / 2
 *
 * Libm: erfcf.
 * Exact: within 4 ulp above -2, if erfcf is within 1 ulp; below, the rounding
 *   of its argument x adds about x * x ulp. NaN: passes through; -Inf gives
 *   NaN.
 * Source: GELU of TensorFlow Lite with approximate = false.
 */
tin_kernel tin_gelu_f32;
tin_check tin_gelu_f32_check;

/*
 * The approximation of tin_gelu_f32 by tanh.
 *
 *   out[i] = in[i] * (1 + tanh(sqrt(2 / pi) *
 *                              (in[i] + 0.044715 * in[i]^3))) / 2
 *
 * Libm: tanhf.
 * Exact: within 2^-22 * |in[i]|, if tanhf is within 1 ulp. NaN: passes
 *   through; -Inf gives NaN.
 * Source: GELU of TensorFlow Lite with approximate = true.
 */
tin_kernel tin_gelu_tanh_f32;
tin_check tin_gelu_tanh_f32_check;

/*
 * out[i] = in[i] * min(6, max(0, in[i] + 3)) / 6
 *
 * Exact: bit for bit on all targets. NaN: passes through; -Inf gives NaN.
 * Source: HARD_SWISH of TensorFlow Lite.
 */
tin_kernel tin_hard_swish_f32;
tin_check tin_hard_swish_f32_check;

/*
 * out[i] = exp(in[i])
 *
 * Libm: expf.
 * Exact: as expf. NaN: passes through.
 * Source: EXP of TensorFlow Lite.
 */
tin_kernel tin_exp_f32;
tin_check tin_exp_f32_check;

/*
 * out[i] = ln(in[i])
 *
 * Libm: logf.
 * Exact: as logf. NaN: passes through; 0 gives -Inf, less gives NaN.
 * Source: LOG of TensorFlow Lite.
 */
tin_kernel tin_log_f32;
tin_check tin_log_f32_check;

/*
 * The square root, by an instruction where the CPU has one.
 *
 *   out[i] = sqrt(in[i])
 *
 * Libm: sqrtf.
 * Exact: bit for bit on all targets. NaN: passes through; below 0 gives NaN.
 * Source: SQRT of TensorFlow Lite.
 */
tin_kernel tin_sqrt_f32;
tin_check tin_sqrt_f32_check;

/*
 * out[i] = 1 / sqrt(in[i])
 *
 * Libm: sqrtf.
 * Exact: bit for bit on all targets, two roundings. NaN: passes through; 0
 *   gives Inf, less gives NaN.
 * Source: RSQRT of TensorFlow Lite.
 */
tin_kernel tin_rsqrt_f32;
tin_check tin_rsqrt_f32_check;

/*
 * out[i] = in[i] * in[i]
 *
 * Exact: bit for bit on all targets. NaN: passes through.
 * Source: SQUARE of TensorFlow Lite.
 */
tin_kernel tin_square_f32;
tin_check tin_square_f32_check;

/*
 * out[i] = |in[i]|
 *
 * Libm: fabsf.
 * Exact: bit for bit on all targets; compilers make it one instruction. NaN:
 *   passes through. -0.0 becomes 0.0.
 * Source: ABS of TensorFlow Lite.
 */
tin_kernel tin_abs_f32;
tin_check tin_abs_f32_check;

/*
 * out[i] = -in[i]
 *
 * Exact: bit for bit on all targets. NaN: passes through, its sign changed.
 * Source: NEG of TensorFlow Lite.
 */
tin_kernel tin_neg_f32;
tin_check tin_neg_f32_check;

/*
 * The largest whole number that is not above in[i].
 *
 * Libm: floorf.
 * Exact: bit for bit on all targets. NaN: passes through.
 * Source: FLOOR of TensorFlow Lite.
 */
tin_kernel tin_floor_f32;
tin_check tin_floor_f32_check;

/*
 * The smallest whole number that is not below in[i].
 *
 * Libm: ceilf.
 * Exact: bit for bit on all targets. NaN: passes through.
 * Source: CEIL of TensorFlow Lite.
 */
tin_kernel tin_ceil_f32;
tin_check tin_ceil_f32_check;

/*
 * The nearest whole number, from halves the even one. The rounding mode must
 * be C's default.
 *
 * Libm: rintf.
 * Exact: bit for bit on all targets. NaN: passes through.
 * Source: ROUND of TensorFlow Lite.
 */
tin_kernel tin_round_f32;
tin_check tin_round_f32_check;

/*
 * out[i] = sin(in[i])
 *
 * Libm: sinf.
 * Exact: as sinf. NaN: passes through; Inf gives NaN.
 * Source: SIN of TensorFlow Lite.
 */
tin_kernel tin_sin_f32;
tin_check tin_sin_f32_check;

/*
 * out[i] = cos(in[i])
 *
 * Libm: cosf.
 * Exact: as cosf. NaN: passes through; Inf gives NaN.
 * Source: COS of TensorFlow Lite.
 */
tin_kernel tin_cos_f32;
tin_check tin_cos_f32_check;

/*
 * out[i] = 1 where in[i] > 0, -1 where in[i] < 0, else 0
 *
 * Exact: bit for bit on all targets. NaN: gives 0.
 * Source: SIGN of TensorFlow Lite.
 */
tin_kernel tin_sign_f32;
tin_check tin_sign_f32_check;

/*
 * out[i] = 1 where in[i] > 0, -1 where in[i] < 0, else 0
 *
 * Exact: bit for bit on all targets. Source: SIGN of TensorFlow Lite.
 */
tin_kernel tin_sign_s32;
tin_check tin_sign_s32_check;

/*
 * out[i] = |in[i]| modulo 2^32: -2^31 stays
 *
 * Exact: bit for bit on all targets. Source: ABS of TensorFlow Lite.
 */
tin_kernel tin_abs_s32;
tin_check tin_abs_s32_check;

/*
 * out[i] = -in[i] modulo 2^32: -2^31 stays
 *
 * Exact: bit for bit on all targets. Source: NEG of TensorFlow Lite.
 */
tin_kernel tin_neg_s32;
tin_check tin_neg_s32_check;

typedef struct {
    int32_t row_elems;
} tin_neg_s64_params;

/*
 * out[i] = -in[i] modulo 2^64: -2^63 stays
 *
 * Exact: bit for bit on all targets. Source: NEG of TensorFlow Lite.
 */
tin_kernel tin_neg_s64;
tin_check tin_neg_s64_check;

/* ---- Slopes for negative numbers ---------------------------------------- */

typedef struct {
    int32_t row_elems;
    float alpha;
} tin_leaky_relu_f32_params;

/*
 * out[i] = in[i] > 0 ? in[i] : in[i] * alpha
 *
 * Needs: as above, alpha finite.
 * Exact: bit for bit on all targets. NaN: passes through; -Inf gives NaN where
 *   alpha is 0.
 * Source: LEAKY_RELU of TensorFlow Lite.
 */
tin_kernel tin_leaky_relu_f32;
tin_check tin_leaky_relu_f32_check;

typedef struct {
    int32_t row_elems;
    int32_t multiplier, shift;         /* of numbers >= 0 */
    int32_t neg_multiplier, neg_shift; /* of numbers < 0 */
    int32_t act_min, act_max;
} tin_leaky_relu_s16_params;

/*
 * Two slopes, and a clamp.
 *
 *   out[i] = clamp(requantize(in[i], multiplier, shift), act_min, act_max),
 *   where in[i] < 0 with neg_multiplier and neg_shift
 *
 * Zero points are 0. In double, with same = in_scale / out_scale and
 * (m, s) = quantized(|x|), m negative where x is:
 *   RELU, RELU6, QUANTIZE  (m, s) of same for both, clamped
 *   LEAKY_RELU             (m, s) of same, of alpha * same
 *   ABS                    (m, s) of same, of -same
 *
 * Needs: as above, |multipliers| < 2^31, -31 <= shifts <= 15, so that
 *   in[i] * 2^shift does not overflow, -32768 <= act_min <= act_max <= 32767.
 * Exact: bit for bit on all targets, double rounding.
 * Source: these operators of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_leaky_relu_s16;
tin_check tin_leaky_relu_s16_check;

typedef struct {
    tin_broadcast shape;
} tin_prelu_f32_params;

/*
 * A slope of its own for each negative number, mostly one for each channel.
 *
 *   out[i] = x >= 0 ? x : x * alpha[place of i], x = in[0][place of i],
 *   with i over the five extents `dim` and places as the strides say: see
 *   tin_broadcast.
 *
 * in[0]  x, rows of f32, as far as stride_a reaches
 * in[1]  alpha, rows of f32, as far as stride_b reaches
 * out    [dim[0] * dim[1] * dim[2]][dim[3] * dim[4]] f32
 *
 * Needs: tin_broadcast_ok for 4 bytes.
 * Alias: out may equal an input that is not broadcast, or begin before it.
 * Exact: bit for bit on all targets. NaN: passes through.
 * Source: PRELU of TensorFlow Lite.
 */
tin_kernel tin_prelu_f32;
tin_check tin_prelu_f32_check;

typedef struct {
    tin_broadcast shape;
    int32_t in_zero, alpha_zero, out_zero;
    int32_t multiplier, shift;         /* of numbers >= 0 */
    int32_t neg_multiplier, neg_shift; /* of numbers < 0 times alpha */
} tin_prelu_s8_params;

/*
 * tin_prelu_f32 for int8.
 *
 *   d = in[0][place of i] - in_zero, a = in[1][place of i] - alpha_zero
 *   y = d >= 0 ? requantize(d, multiplier, shift)
 *              : requantize(d * a, neg_multiplier, neg_shift)
 *   out[i] = clamp(y + out_zero, -128, 127)
 *
 * (multiplier, shift) = quantized(in_scale / out_scale), the others
 * quantized(in_scale * alpha_scale / out_scale).
 *
 * Needs: tin_broadcast_ok for 1 byte, zero points within -128 .. 127,
 *   0 <= multipliers, -31 <= shift <= 22, -31 <= neg_shift <= 14, so that no
 *   product overflows.
 * Alias: out may equal an input that is not broadcast, or begin before it.
 * Exact: bit for bit on all targets, double rounding.
 * Source: PRELU of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_prelu_s8;
tin_check tin_prelu_s8_check;

/* ---- int16 by tables and integers --------------------------------------- */

typedef struct {
    int32_t row_elems;
    int32_t multiplier, shift;
    int32_t is_tanh; /* 1: TANH, 0: LOGISTIC */
} tin_sigmoid_s16_params;

/*
 * LOGISTIC or TANH of int16, from 256 values of the sigmoid and straight lines
 * between them.
 *
 *   x = (in[i] * multiplier + 2^(shift - 1)) / 2^shift, rounded down
 *   LOGISTIC: table index and fraction are the digits of |x| / 2^9
 *   TANH:     those of |x| / 2^8, for tanh(x) = 2 * logistic(2 * x) - 1
 *   out[i] of scale 2^-15, which saturates from index 255 on.
 *
 * x has scale 1 / (3 * 2^12): with 12288 * in_scale = m * 2^-s,
 * 16383 < m <= 32767, (multiplier, shift) = (floor(m), s), s <= 31. The scale
 * 2^-12 (for TANH also 2^-11, whose multiplier is 6) has (3, 0).
 *
 * Needs: as above, 0 <= multiplier <= 32767, 0 <= shift <= 31, is_tanh 0 or 1.
 * Exact: bit for bit on all targets.
 * Source: LOGISTIC and TANH of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_sigmoid_s16;
tin_check tin_sigmoid_s16_check;

typedef struct {
    int32_t row_elems;
    const int16_t *table; /* [513] */
} tin_table_s16_params;

/*
 * Any function of int16, by straight lines between 513 values.
 *
 *   k = 256 + floor(in[i] / 2^7), f = in[i] modulo 2^7
 *   out[i] = table[k] + floor(((table[k + 1] - table[k]) * f + 64) / 2^7)
 *   where the difference and the sum wrap to 16 bits.
 *
 * Needs: as above, a table.
 * Exact: bit for bit on all targets.
 * Source: the table lookup of TensorFlow Lite for EXP and LOG of int16.
 */
tin_kernel tin_table_s16;
tin_check tin_table_s16_check;

/*
 * 1 / sqrt(x) as multiplier * 2^(shift - 31), x >= 1, as the reference has it:
 * five steps of Newton's method from 1 for x * 4^k within 1/4 .. 1.
 */
static inline void tin_inv_sqrt(int32_t x, int32_t *multiplier, int32_t *shift)
{
    const int32_t half_three = ((int32_t)1 << 28) + ((int32_t)1 << 27);
    const int32_t half_sqrt2 = 1518500250; /* sqrt(1/2) in Q0.31 */
    int32_t exponent = 11, half, y = (int32_t)1 << 28;

    *multiplier = INT32_MAX;
    *shift = 0;
    if (x <= 1)
        return;
    for (; x >= (int32_t)1 << 29; x /= 4)
        exponent++;
    for (; x < (int32_t)1 << 27; x *= 4)
        exponent--;
    x >>= 1; /* Q3.28 */
    half = tin_shift_round(x, 1);
    for (int i = 0; i < 5; i++) {
        const int32_t y3 =
            tin_shift_left_sat(tin_mul_high(tin_mul_high(y, y), y), 6);

        y = tin_shift_left_sat(
            tin_mul_high(half_three, y) - tin_mul_high(half, y3), 3);
    }
    y = tin_mul_high(y, half_sqrt2);
    if (exponent < 0) {
        y = tin_shift_left(y, -exponent);
        exponent = 0;
    }
    *multiplier = y;
    *shift = -exponent;
}

/* requantize(1 / sqrt(x), multiplier, shift) for x >= 1, with 20 bits behind
 * the point on the way. */
static inline int32_t tin_rsqrt(int32_t x, int32_t multiplier, int32_t shift)
{
    int32_t inverse, inverse_shift;

    tin_inv_sqrt(x, &inverse, &inverse_shift);
    return tin_requantize(tin_requantize(1, inverse, inverse_shift + 20),
                          multiplier, shift - 20);
}

typedef struct {
    int32_t row_elems;
    int32_t multiplier, shift;
} tin_rsqrt_s16_params;

/*
 * The inverse of the square root.
 *
 *   out[i] = min(requantize(requantize(1, inv_sqrt(in[i]), 20 more bits),
 *                           multiplier, shift - 20), 32767)
 *   and 32767 where in[i] <= 0: see tin_rsqrt.
 *
 * (multiplier, shift) = quantized(1 / (sqrt(in_scale) * out_scale)); zero
 * points are 0.
 *
 * Needs: as above, 0 <= multiplier, -11 <= shift <= 30.
 * Exact: bit for bit on all targets, double rounding.
 * Source: RSQRT of TensorFlow Lite Micro's reference kernels, which stop at
 *   numbers below 0.
 */
tin_kernel tin_rsqrt_s16;
tin_check tin_rsqrt_s16_check;

/* ---- Logarithm of softmax ----------------------------------------------- */

typedef struct {
    int32_t groups, c;
} tin_log_softmax_f32_params;

/*
 * The logarithms of the probabilities of each group of c numbers.
 *
 *   out[i] = in[i] - max(in) - ln(sum over j of exp(in[j] - max(in)))
 *
 * in   [n][groups][c] f32
 * out  [n][groups][c] f32
 *
 * Needs: 1 <= groups, c, rows of at most 2^31 - 1 bytes.
 * Libm: expf, logf.
 * Exact: as the formula in float, the sum in the order of j. NaN: a NaN or
 *   +Inf in a group, or nothing but -Inf, makes all of it NaN.
 * Source: LOG_SOFTMAX of TensorFlow Lite.
 */
tin_kernel tin_log_softmax_f32;
tin_check tin_log_softmax_f32_check;

typedef struct {
    int32_t groups, c;
    int32_t multiplier, shift;                 /* in_scale in Q5.26 */
    int32_t reverse_multiplier, reverse_shift; /* its inverse */
    int32_t diff_min; /* differences to the maximum below it count as 0 */
} tin_log_softmax_s8_params;

/*
 * tin_log_softmax_f32 for int8, of scale 1/16 and zero point 127.
 *
 *   d(i) = in[i] - max(in), r(i) = requantize(d(i), multiplier, shift)
 *   sum  = sum of tin_shift_round(tin_exp_q31(r(i), 5), 12) where
 *          d(i) >= diff_min
 *   log  = ln(sum) in Q5.26, by a rational approximation around the nearest
 *          power of sqrt(2)
 *   least = max(diff_min - 1, requantize(log - 2^31, reverse_multiplier,
 *                                        reverse_shift))
 *   out[i] = clamp(tin_shift_round(r(i) - log, 22) + 127, -128, 127), but -128
 *            where d(i) <= least
 *
 * in   [n][groups][c] s8
 * out  [n][groups][c] s8
 *
 * (multiplier, shift) = quantized(min(in_scale * 2^26, 2^31 - 1)),
 * (reverse_multiplier, reverse_shift) = quantized(2^(31 - shift) / multiplier),
 * diff_min = -floor(31 * 2^26 / 2^shift). in_scale >= 2^-25.
 *
 * Needs: 1 <= groups, 1 <= c <= 4095, groups * c < 2^31, 0 <= multipliers,
 *   0 <= shift <= 30, -31 <= reverse_shift <= 0,
 *   -2^31 / 2^shift <= diff_min <= 0.
 * Stack: under 300 bytes.
 * Exact: bit for bit on all targets. Source: LOG_SOFTMAX of TensorFlow Lite
 * Micro's reference kernels, fixed-point functions of gemmlowp.
 */
tin_kernel tin_log_softmax_s8;
tin_check tin_log_softmax_s8_check;

/* ---- Other types -------------------------------------------------------- */

/* The types that tin_cast knows, by numbers of their own. */
enum {
    TIN_CAST_F32 = 0,
    TIN_CAST_S8 = 1,
    TIN_CAST_U8 = 2,
    TIN_CAST_S16 = 3,
    TIN_CAST_S32 = 4,
    TIN_CAST_S64 = 5,
    TIN_CAST_BOOL = 6
};

typedef struct {
    int32_t row_elems;
    int32_t from, to; /* TIN_CAST_xxx */
} tin_cast_params;

/*
 * Converts numbers, not what they stand for: scales play no part.
 *
 *   to f32   the nearest float
 *   to bool  1 where in[i] is not 0 (NaN is not), else 0
 *   from f32 to whole numbers: towards 0, saturated
 *   else     modulo 2^bits of the new type
 *
 * in   [n][row_elems] of type `from`; bool: a byte, 0 or 1
 * out  [n][row_elems] of type `to`
 *
 * Needs: as above for elements of 8 bytes, types of the list.
 * Alias: no overlap.
 * Stack: under 500 bytes.
 * Exact: bit for bit on all targets. NaN: to f32 it passes through, to whole
 *   numbers it gives 0.
 * Source: CAST of TensorFlow Lite, where numbers out of range are not defined.
 */
tin_kernel tin_cast;
tin_check tin_cast_check;

typedef struct {
    int32_t row_bytes;
} tin_zeros_params;

/*
 * out[i] = 0; the input is not looked at.
 *
 * in   [n] rows of anything
 * out  [n][row_bytes]
 *
 * Needs: 1 <= row_bytes.
 * Alias: any overlap.
 * Exact: bit for bit on all targets. Source: ZEROS_LIKE of TensorFlow Lite.
 */
tin_kernel tin_zeros;
tin_check tin_zeros_check;

/* ---- Tables for int8 ---------------------------------------------------- */

/*
 * Fills the table of tanh(x), output scale 1/128, zero point 0.
 *
 *   d = in - in_zero
 *   table[in] = -128 where d <= -range_radius, 127 where d >= range_radius,
 *   else min(tin_shift_round(tanh(requantize(d, multiplier, shift)), 24), 127)
 *   with tanh(x) of x in Q4.27 = (1 - e) / (1 + e), e = tin_exp_q31(-x, 5),
 *   for x > 0, 0 for x = 0, -tanh(-x) for x < 0
 *
 * (multiplier, shift) and range_radius as tin_logistic_table_s8 has them.
 *
 * Needs: as tin_logistic_table_s8.
 * Stack: under 300 bytes.
 * Exact: bit for bit on all targets.
 * Source: TANH of TensorFlow Lite Micro's reference kernels.
 */
void tin_tanh_table_s8(uint8_t table[256], int32_t in_zero, int32_t multiplier,
                       int32_t shift, int32_t range_radius);

/*
 * Fills the table of two slopes, with the multipliers of
 * tin_leaky_relu_s16_params; its clamp and row_elems do not matter.
 *
 *   d = in - in_zero
 *   table[in] = clamp(requantize(d, multiplier, shift) + out_zero, -128, 127),
 *   where d < 0 with neg_multiplier and neg_shift
 *
 * Needs: zero points within -128 .. 127, |multipliers| < 2^31,
 *   -31 <= shifts <= 22.
 * Exact: bit for bit on all targets, double rounding.
 * Source: LEAKY_RELU and ABS of TensorFlow Lite Micro's reference kernels.
 */
void tin_leaky_relu_table_s8(uint8_t table[256], int32_t in_zero,
                             int32_t out_zero,
                             const tin_leaky_relu_s16_params *p);

/*
 * Fills the table of x * min(6, max(0, x + 3)) / 6, in 16 bits.
 *
 *   h = (in - in_zero) * 2^7
 *   r = h * 2^relu_shift * relu_multiplier, to -1 .. 1 in Q0.15, saturated
 *   table[in] = clamp(tin_shift_round((r + 2^15) / 2 * (h * multiplier),
 *                                     -shift) + out_zero, -128, 127)
 *   with products in Q0.15: those by a multiplier round as tin_mul_high does,
 *   the one of the last line towards 0.
 *
 * With high(m) = min((m + 2^15) / 2^16, 32767), m of quantized(x), x a float:
 * multiplier and shift are those of (in_scale / 128) / out_scale, relu_.. of
 * (in_scale / 128) / (3 / 2^15).
 *
 * Needs: zero points within -128 .. 127, multipliers within 0 .. 32767,
 *   -31 <= shift <= 0, -31 <= relu_shift <= 30.
 * Exact: bit for bit on all targets.
 * Source: HARD_SWISH of TensorFlow Lite Micro's reference kernels.
 */
void tin_hard_swish_table_s8(uint8_t table[256], int32_t in_zero,
                             int32_t out_zero, int32_t multiplier,
                             int32_t shift, int32_t relu_multiplier,
                             int32_t relu_shift);

/*
 * Fills the table of 1 / sqrt(x).
 *
 *   d = in - in_zero
 *   table[in] = min(tin_rsqrt(d, multiplier, shift) + out_zero, 127), and 127
 *   where d <= 0
 *
 * (multiplier, shift) as tin_rsqrt_s16 has them.
 *
 * Needs: zero points within -128 .. 127, 0 <= multiplier, -11 <= shift <= 30.
 * Exact: bit for bit on all targets, double rounding.
 * Source: RSQRT of TensorFlow Lite Micro's reference kernels, which stop where
 *   d < 0.
 */
void tin_rsqrt_table_s8(uint8_t table[256], int32_t in_zero, int32_t out_zero,
                        int32_t multiplier, int32_t shift);

#ifdef __cplusplus
}
#endif

#endif /* TINYINFER_UNARY_H */
