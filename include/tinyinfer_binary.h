/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer_binary.h: the kernels of two inputs, element by element, either of
 * which may be broadcast: arithmetic, comparisons, and SELECT.
 *
 * tin_broadcast (tinyinfer_kernels.h) says how the inputs walk along with the
 * output; tin_binary_rows walks, and leaves stretches of elements to a loop of
 * the kernel. Below, a and b are the elements of in[0] and in[1] that go with
 * out[i]:
 *
 * in[0]  a, rows as far as stride_a reaches
 * in[1]  b, rows as far as stride_b reaches
 * out    [dim[0] * dim[1] * dim[2]][dim[3] * dim[4]]
 *
 * ADD of int8 and float32 is in tinyinfer_kernels.h. An int8 operator one of
 * whose inputs is a constant of one element needs none of this: the compiler
 * makes it a tin_table_x8.
 */
#ifndef TINYINFER_BINARY_H
#define TINYINFER_BINARY_H

#include "tinyinfer_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The walk ----------------------------------------------------------- */

/* n elements side by side; from one to the next the inputs move by a step in
 * elements, 0 where they are broadcast. */
typedef struct {
    const void *a, *b;
    void *out;
    int32_t step_a, step_b, n;
} tin_binary_run;

/* Of a kernel. It may copy its params first: an output of bytes could lie in
 * them, for all that a compiler knows, and would have them read again for each
 * element. */
typedef void tin_binary_loop(const void *params, const tin_binary_run *run);

/* Does an input move evenly through a whole row? */
static inline int tin_broadcast_even(const tin_broadcast *s,
                                     const int32_t stride[TIN_DIMS])
{
    return s->dim[3] == 1 || stride[3] == s->dim[4] * stride[4];
}

/* Output rows y0 .. y1 - 1 in stretches as long as can be: rows if both inputs
 * move evenly, which is nearly always, else extent 4. Elements have in_bytes
 * and out_bytes. */
static inline void tin_binary_rows(const tin_broadcast *s, int32_t in_bytes,
                                   int32_t out_bytes, tin_binary_loop *loop,
                                   const void *params, const tin_rows *in,
                                   const tin_rows *out, int32_t y0, int32_t y1)
{
    const int even = tin_broadcast_even(s, s->stride_a) &&
                     tin_broadcast_even(s, s->stride_b);
    const int32_t runs = even ? 1 : s->dim[3];
    const int32_t n = even ? s->dim[3] * s->dim[4] : s->dim[4];

    for (int32_t y = y0; y < y1; y++) {
        const unsigned char *a = (unsigned char *)tin_row(
            &in[0], tin_broadcast_row(s, s->stride_a, y));
        const unsigned char *b = (unsigned char *)tin_row(
            &in[1], tin_broadcast_row(s, s->stride_b, y));
        unsigned char *to = (unsigned char *)tin_row(out, y);

        for (int32_t i = 0; i < runs; i++) {
            const tin_binary_run run = {
                a + i * s->stride_a[3] * in_bytes,
                b + i * s->stride_b[3] * in_bytes,
                to + i * n * out_bytes,
                s->stride_a[4],
                s->stride_b[4],
                n,
            };

            loop(params, &run);
        }
    }
}

/* Element i of signed integers of 1, 2, 4 or 8 bytes. Those of 8 bytes may lie
 * at a multiple of 4. */
static inline int64_t tin_load_int(const void *from, int32_t i,
                                   int32_t elem_bytes)
{
    const unsigned char *byte = (const unsigned char *)from;
    int64_t x;

    switch (elem_bytes) {
    case 1: return ((const int8_t *)from)[i];
    case 2: return ((const int16_t *)from)[i];
    case 4: return ((const int32_t *)from)[i];
    default:
        byte += (size_t)i * sizeof x;
        for (size_t k = 0; k < sizeof x; k++)
            ((unsigned char *)&x)[k] = byte[k];
        return x;
    }
}

static inline tin_status tin_broadcast_check(const tin_broadcast *s,
                                             int32_t elem_bytes,
                                             const char **why)
{
    if (tin_broadcast_ok(s, elem_bytes))
        return TIN_OK;
    return TIN_WHY(why, "an extent or stride is out of range"), TIN_ERR_SHAPE;
}

/* The operators that kernels have in common. */
typedef enum {
    TIN_BINARY_ADD,
    TIN_BINARY_SUB,
    TIN_BINARY_MUL,
    TIN_BINARY_DIV,
    TIN_BINARY_MINIMUM,
    TIN_BINARY_MAXIMUM,
    TIN_BINARY_SQUARED_DIFFERENCE,
    TIN_BINARY_FLOOR_DIV,
    TIN_BINARY_FLOOR_MOD,
    TIN_BINARY_POW,
    TIN_BINARY_AND,
    TIN_BINARY_OR,
    TIN_BINARY_COUNT
} tin_binary_op;

/* That `op` is one of the bits of `allowed`. */
static inline tin_status tin_binary_op_check(int32_t op, uint32_t allowed,
                                             const char **why)
{
    if (0 <= op && op < TIN_BINARY_COUNT && (allowed >> op & 1u))
        return TIN_OK;
    return TIN_WHY(why, "the kernel does not have this operator"), TIN_ERR_ARG;
}

/* ---- Arithmetic: float32 ------------------------------------------------ */

typedef struct {
    tin_broadcast shape;
    int32_t op; /* a tin_binary_op */
    float act_min, act_max;
} tin_binary_f32_params;

/*
 * Computes with two tensors, either of which may be broadcast.
 *
 *   SUB                 out[i] = clamp(a - b, act_min, act_max)
 *   MUL                 out[i] = clamp(a * b, act_min, act_max)
 *   DIV                 out[i] = clamp(a / b, act_min, act_max)
 *   MINIMUM             out[i] = clamp(a < b ? a : b, act_min, act_max)
 *   MAXIMUM             out[i] = clamp(a > b ? a : b, act_min, act_max)
 *   SQUARED_DIFFERENCE  out[i] = clamp((a - b) * (a - b), act_min, act_max)
 *
 * in, out as above, f32
 *
 * Needs: tin_broadcast_ok for 4 bytes, op one of these, act_min <= act_max.
 * Alias: out may equal an input that is not broadcast, or begin before it.
 * Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets with IEEE 754 division.
 * NaN: passes through, except that MINIMUM and MAXIMUM take b when either is
 *   NaN. A result of -0.0 becomes 0.0 where act_min is 0.
 * Source: the operators of these names of TensorFlow Lite.
 */
tin_kernel tin_binary_f32;
tin_check tin_binary_f32_check;

typedef struct {
    tin_broadcast shape;
} tin_broadcast_params;

/*
 * Raises to a power.
 *
 *   out[i] = powf(a, b)
 *
 * in, out as above, f32
 *
 * Needs: tin_broadcast_ok for 4 bytes.
 * Alias: out may equal an input that is not broadcast, or begin before it.
 * Scratch: none. Stack: under 300 bytes.
 * Libm: powf.
 * Exact: as powf. NaN: as powf.
 * Source: POW of TensorFlow Lite.
 */
tin_kernel tin_pow_f32;
tin_check tin_pow_f32_check;

/*
 * Divides and rounds down.
 *
 *   out[i] = floorf(a / b)
 *
 * in, out as above, f32
 *
 * Needs: tin_broadcast_ok for 4 bytes.
 * Alias: out may equal an input that is not broadcast, or begin before it.
 * Scratch: none. Stack: under 300 bytes.
 * Libm: floorf.
 * Exact: bit for bit on all targets with IEEE 754 division.
 * NaN: passes through; division by 0 gives an infinity or NaN.
 * Source: FLOOR_DIV of TensorFlow Lite, which stops at a divisor of 0.
 */
tin_kernel tin_floor_div_f32;
tin_check tin_floor_div_f32_check;

/*
 * The remainder of tin_floor_div_f32: it has the sign of the divisor.
 *
 *   r = fmodf(a, b)
 *   out[i] = r != 0 and (b < 0) != (r < 0) ? r + b : r
 *
 * in, out as above, f32
 *
 * Needs: tin_broadcast_ok for 4 bytes.
 * Alias: out may equal an input that is not broadcast, or begin before it.
 * Scratch: none. Stack: under 300 bytes.
 * Libm: fmodf.
 * Exact: bit for bit on all targets.
 * NaN: passes through, and a divisor of 0 gives NaN.
 * Source: FLOOR_MOD of TensorFlow Lite, which stops at a divisor of 0.
 */
tin_kernel tin_floor_mod_f32;
tin_check tin_floor_mod_f32_check;

/* ---- Arithmetic: whole numbers as they are ------------------------------ */

typedef struct {
    tin_broadcast shape;
    int32_t op; /* a tin_binary_op */
    int32_t elem_bytes;
    int32_t act_min, act_max; /* INT32_MIN and INT32_MAX: no bound */
} tin_binary_int_params;

/*
 * Computes with signed integers of 1, 2, 4 or 8 bytes, as shapes and indices
 * need it. For bits of n = 8 * elem_bytes:
 *
 *   ADD SUB MUL         out[i] = clamp(wrap(a + b)), - and * likewise, with
 *                       wrap(x) the n-bit number that equals x modulo 2^n
 *   SQUARED_DIFFERENCE  out[i] = clamp(wrap((a - b) * (a - b)))
 *   MINIMUM MAXIMUM     out[i] = clamp(the smaller, the greater of a and b)
 *   DIV                 out[i] = clamp(wrap(a / b)), rounded towards 0
 *   FLOOR_DIV           the same, rounded down
 *   FLOOR_MOD           out[i] = clamp(a - b * FLOOR_DIV): has the sign of b
 *   POW                 out[i] = clamp(wrap(a to the power of b)), 1 / a to
 *                       the power of -b being rounded towards 0
 *   AND OR              out[i] = a != 0 and (or) b != 0, as 0 or 1
 *
 * Division by 0 gives 0, and so does the power -1 of 0.
 *
 * in, out as above, s8, s16, s32 or s64
 *
 * Needs: tin_broadcast_ok for elem_bytes, elem_bytes 1, 2, 4 or 8, op one of
 *   these, act_min <= act_max.
 * Alias: out may equal an input that is not broadcast, or begin before it.
 * Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets.
 * Source: the operators of these names of TensorFlow Lite for int32 and int64;
 *   MINIMUM and MAXIMUM for int8 and int16, too; LOGICAL_AND, LOGICAL_OR. Where
 *   it overflows, TensorFlow Lite says nothing; a divisor of 0 or a negative
 *   exponent stops it.
 */
tin_kernel tin_binary_int;
tin_check tin_binary_int_check;

/* ---- Arithmetic: quantized ---------------------------------------------- */

typedef struct {
    tin_broadcast shape;
    int32_t op; /* a tin_binary_op */
    int32_t a_zero, b_zero, out_zero;
    int32_t left_shift;
    int32_t a_multiplier, a_shift;
    int32_t b_multiplier, b_shift;
    int32_t out_multiplier, out_shift;
    int32_t act_min, act_max;
} tin_binary_quant_params;

/* tin_requantize whose left shift saturates. */
static inline int32_t tin_requantize_sat(int32_t x, int32_t multiplier,
                                         int32_t shift)
{
    if (shift > 0)
        return tin_mul_high(tin_shift_left_sat(x, shift), multiplier);
    return tin_requantize(x, multiplier, shift);
}

/* The scaled output for a sum or a product: clamped before the zero point is
 * added, so that nothing overflows. */
static inline int32_t tin_binary_output(int32_t x, int32_t multiplier,
                                        int32_t shift, int32_t zero, int32_t lo,
                                        int32_t hi)
{
    const int32_t y = tin_requantize_sat(x, multiplier, shift);

    return tin_clamp(y, lo - zero, hi - zero) + zero;
}

/* Zero points and clamp of a type of 8 or 16 bits. In 16 bits, zero points
 * are 0. */
static inline tin_status tin_binary_range_check(const int32_t zero[3],
                                                int32_t act_min,
                                                int32_t act_max, int32_t bits,
                                                const char **why)
{
    const int32_t top = ((int32_t)1 << (bits - 1)) - 1;

    for (int i = 0; i < 3; i++)
        if (bits == 8 ? tin_zero_check(zero[i], NULL) != TIN_OK : zero[i] != 0)
            return TIN_WHY(why, "a zero point is out of range"), TIN_ERR_QUANT;
    if (-top - 1 <= act_min && act_min <= act_max && act_max <= top)
        return TIN_OK;
    return TIN_WHY(why, "the output clamp is empty or out of range"),
           TIN_ERR_QUANT;
}

/* The output of tin_binary_s8 and tin_binary_s16. */
static inline int32_t tin_binary_quant(const tin_binary_quant_params *p,
                                       int32_t a, int32_t b)
{
    const int32_t ra =
        tin_requantize(tin_shift_left(a - p->a_zero, p->left_shift),
                       p->a_multiplier, p->a_shift);
    const int32_t rb =
        tin_requantize(tin_shift_left(b - p->b_zero, p->left_shift),
                       p->b_multiplier, p->b_shift);
    int32_t x = p->op == TIN_BINARY_ADD ? ra + rb : ra - rb;

    if (p->op == TIN_BINARY_SQUARED_DIFFERENCE)
        x *= x;
    return tin_binary_output(x, p->out_multiplier, p->out_shift, p->out_zero,
                             p->act_min, p->act_max);
}

/* What both kernels check: `bits` are 8 or 16. Factors of the inputs are 1/2 at
 * most, so that sums stay within 32 bits, and squares of differences, too. */
static inline tin_status tin_binary_quant_check(
    const tin_binary_quant_params *p, int32_t bits, const char **why)
{
    const int32_t zero[3] = {p->a_zero, p->b_zero, p->out_zero};
    const int32_t most = p->op != TIN_BINARY_SQUARED_DIFFERENCE ? 31 - bits
                         : bits == 8                            ? 7
                                                                : 0;
    const int32_t half = (int32_t)1 << 30;
    const uint32_t allowed = 1u << TIN_BINARY_ADD | 1u << TIN_BINARY_SUB |
                             1u << TIN_BINARY_SQUARED_DIFFERENCE;
    tin_status status;

    if ((status = tin_broadcast_check(&p->shape, bits / 8, why)) ||
        (status = tin_binary_op_check(p->op, allowed, why)) ||
        (status = tin_scale_check(p->a_multiplier, p->a_shift, 0, why)) ||
        (status = tin_scale_check(p->b_multiplier, p->b_shift, 0, why)) ||
        (status = tin_scale_check(p->out_multiplier, p->out_shift, 30, why)))
        return status;
    if (p->left_shift < 0 || p->left_shift > most ||
        (p->a_shift == 0 && p->a_multiplier > half) ||
        (p->b_shift == 0 && p->b_multiplier > half))
        return TIN_WHY(why, "a sum or square can exceed 32 bits"),
               TIN_ERR_QUANT;
    return tin_binary_range_check(zero, p->act_min, p->act_max, bits, why);
}

/*
 * Adds or subtracts two tensors, or squares their difference; either may be
 * broadcast.
 *
 *   ra = requantize((a - a_zero) * 2^left_shift, a_multiplier, a_shift), rb
 *        likewise
 *   x = ra + rb (ADD), ra - rb (SUB), (ra - rb)^2 (SQUARED_DIFFERENCE)
 *   out[i] = clamp(requantize(x, out_multiplier, out_shift) + out_zero,
 *                  act_min, act_max)
 *
 * in, out as above, s8
 *
 * With twice = 2 * max(a_scale, b_scale), all in double:
 *   left_shift = 20 or, for SQUARED_DIFFERENCE, 7
 *   (a_multiplier, a_shift) = quantized(a_scale / twice), b likewise
 *   (out_multiplier, out_shift) = quantized(twice / (2^20 * out_scale)) or, for
 *   SQUARED_DIFFERENCE, quantized(twice^2 / (2^14 * out_scale))
 *
 * Needs: tin_broadcast_ok for 1 byte, op one of these, 0 <= left_shift <= 23
 *   (SQUARED_DIFFERENCE: 7), all zero points within -128 .. 127, 0 <=
 *   multipliers, those of the inputs at most 2^30 where their shift is 0,
 *   -31 <= shifts of the inputs <= 0, -31 <= out_shift <= 30, -128 <= act_min
 *   <= act_max <= 127. So |ra|, |rb| < 2^30, and for SQUARED_DIFFERENCE
 *   |ra - rb| <= 255 * 2^7.
 * Alias: out may equal an input that is not broadcast, or begin before it.
 * Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets, double rounding.
 * Source: SUB and SQUARED_DIFFERENCE of TensorFlow Lite Micro's reference
 *   kernels. (ADD is tin_add_s8.)
 */
tin_kernel tin_binary_s8;
tin_check tin_binary_s8_check;

/*
 * The same for 16 bits, where zero points are 0.
 *
 * in, out as above, s16
 *
 * left_shift = 15 or, for SQUARED_DIFFERENCE, 0, and what follows from it.
 *
 * Needs: as tin_binary_s8, but tin_broadcast_ok for 2 bytes, left_shift <= 15
 *   (SQUARED_DIFFERENCE: 0), zero points 0, -32768 <= act_min <= act_max <=
 *   32767.
 * Alias: out may equal an input that is not broadcast, or begin before it.
 * Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets, double rounding.
 * Source: ADD, SUB and SQUARED_DIFFERENCE of TensorFlow Lite Micro's reference
 *   kernels. TensorFlow Lite may take another way for scales that are powers
 *   of two (pot_scale_int16); TensorFlow Lite Micro does not, and rounds less.
 */
tin_kernel tin_binary_s16;
tin_check tin_binary_s16_check;

typedef struct {
    tin_broadcast shape;
    int32_t a_zero, b_zero, out_zero;
    int32_t multiplier, shift;
    int32_t act_min, act_max;
} tin_muldiv_params;

/* What their kernels check: `bits` are 8 or 16. */
static inline tin_status tin_muldiv_check(const tin_muldiv_params *p,
                                          int32_t bits, const char **why)
{
    const int32_t zero[3] = {p->a_zero, p->b_zero, p->out_zero};
    tin_status status;

    if ((status = tin_broadcast_check(&p->shape, bits / 8, why)) ||
        (status = tin_scale_check(p->multiplier, p->shift, 30, why)))
        return status;
    return tin_binary_range_check(zero, p->act_min, p->act_max, bits, why);
}

/*
 * Multiplies two tensors, either of which may be broadcast.
 *
 *   out[i] = clamp(requantize((a - a_zero) * (b - b_zero), multiplier, shift)
 *                  + out_zero, act_min, act_max)
 *
 * in, out as above, s8
 *
 * (multiplier, shift) = quantized(a_scale * b_scale / out_scale), in double.
 *
 * Needs: tin_broadcast_ok for 1 byte, all zero points within -128 .. 127,
 *   0 <= multiplier, -31 <= shift <= 30, -128 <= act_min <= act_max <= 127.
 *   Products are within +-255 * 255; shifted left they saturate.
 * Alias: out may equal an input that is not broadcast, or begin before it.
 * Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets, double rounding.
 * Source: MUL of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_mul_s8;
tin_check tin_mul_s8_check;

/*
 * The same for 16 bits, where zero points are 0.
 *
 * in, out as above, s16
 *
 * Needs: as tin_mul_s8, but tin_broadcast_ok for 2 bytes, zero points 0,
 *   -32768 <= act_min <= act_max <= 32767. Products are within 2^30.
 * Alias: out may equal an input that is not broadcast, or begin before it.
 * Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets, double rounding.
 * Source: MUL of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_mul_s16;
tin_check tin_mul_s16_check;

/*
 * Divides two tensors, either of which may be broadcast.
 *
 *   x = a - a_zero, d = b - b_zero, both with the other sign if d < 0
 *   q = x / d, with 1 / d in Q0.31 by tin_reciprocal_q31 and x shifted to the
 *       left of 32 bits; rounded as tin_mul_high does
 *   out[i] = clamp(requantize(q, multiplier, shift) + out_zero,
 *                  act_min, act_max)
 *
 * Where d is 0, x / d is as large as can be, with the sign of x; 0 / 0 is 0.
 *
 * in, out as above, s8
 *
 * (multiplier, shift) = quantized(a_scale / (b_scale * out_scale)), in double.
 *
 * Needs: as tin_mul_s8, but shift <= 22.
 * Alias: out may equal an input that is not broadcast, or begin before it.
 * Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets, double rounding.
 * Source: DIV of TensorFlow Lite Micro's reference kernels. These do not say
 *   what division by 0 gives, and shift by more than 31 bits where q, with
 *   which they scale, would be rounded to 0.
 */
tin_kernel tin_div_s8;
tin_check tin_div_s8_check;

/* ---- Comparisons -------------------------------------------------------- */

/* What an operator accepts: the sum of those that hold for its pairs. */
enum {
    TIN_COMPARE_LESS = 1,
    TIN_COMPARE_EQUAL = 2,
    TIN_COMPARE_GREATER = 4,
    TIN_COMPARE_NAN = 8 /* either is NaN */
};

/* Which of them a pair of numbers is. */
static inline int32_t tin_compare_is(int less, int greater)
{
    return less      ? TIN_COMPARE_LESS
           : greater ? TIN_COMPARE_GREATER
                     : TIN_COMPARE_EQUAL;
}

static inline tin_status tin_compare_check(const tin_broadcast *s,
                                           int32_t elem_bytes, int32_t accept,
                                           const char **why)
{
    if (0 <= accept && accept <= 15)
        return tin_broadcast_check(s, elem_bytes, why);
    return TIN_WHY(why, "accept is no sum of TIN_COMPARE_.."), TIN_ERR_ARG;
}

typedef struct {
    tin_broadcast shape;
    int32_t accept; /* TIN_COMPARE_.. added up */
} tin_compare_f32_params;

/*
 * Compares.
 *
 *   out[i] = 1 if a < b and accept has LESS, or a == b and EQUAL, or a > b and
 *            GREATER, or neither of them and NAN; else 0
 *
 * in as above, f32; out as above, bool: one byte, 0 or 1
 *
 * Needs: tin_broadcast_ok for 4 bytes, 0 <= accept <= 15.
 * Alias: no overlap. Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets. NaN: see above.
 * Source: EQUAL (2), NOT_EQUAL (13), GREATER (4), GREATER_EQUAL (6), LESS (1)
 *   and LESS_EQUAL (3) of TensorFlow Lite.
 */
tin_kernel tin_compare_f32;
tin_check tin_compare_f32_check;

typedef struct {
    tin_broadcast shape;
    int32_t accept; /* TIN_COMPARE_.. added up */
    int32_t elem_bytes;
} tin_compare_int_params;

/*
 * The same for signed integers of 1, 2, 4 or 8 bytes as they are, and for bool.
 *
 * in as above, s8, s16, s32 or s64; out as above, bool
 *
 * Needs: tin_broadcast_ok for elem_bytes, elem_bytes 1, 2, 4 or 8,
 *   0 <= accept <= 15.
 * Alias: no overlap. Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets.
 * Source: the comparisons of TensorFlow Lite.
 */
tin_kernel tin_compare_int;
tin_check tin_compare_int_check;

typedef struct {
    tin_broadcast shape;
    int32_t accept; /* TIN_COMPARE_.. added up */
    int32_t a_zero, b_zero;
    int32_t a_multiplier, a_shift;
    int32_t b_multiplier, b_shift;
} tin_compare_s8_params;

/*
 * Compares two quantized tensors by what their numbers stand for, rounded to
 * 1/256.
 *
 *   ra = requantize((a - a_zero) * 2^8, a_multiplier, a_shift), rb likewise
 *   out[i] as tin_compare_f32 has it, of ra and rb
 *
 * in as above, s8; out as above, bool
 *
 * (a_multiplier, a_shift) = quantized(a_scale), b likewise. Shifted left they
 * saturate.
 *
 * Needs: tin_broadcast_ok for 1 byte, 0 <= accept <= 15, all zero points within
 *   -128 .. 127, 0 <= multipliers, -31 <= shifts <= 30.
 * Alias: out may equal an input that is not broadcast, or begin before it.
 * Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets, double rounding.
 * Source: the comparisons of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_compare_s8;
tin_check tin_compare_s8_check;

/* ---- Select ------------------------------------------------------------- */

typedef struct {
    tin_broadcast shape;        /* of in[1] and in[2] */
    int32_t stride_c[TIN_DIMS]; /* of in[0] */
    int32_t elem_bytes;
} tin_select_params;

/*
 * Takes each element from one of two tensors. All three inputs may be
 * broadcast.
 *
 *   out[i] = c ? a : b
 *
 * in[0]  c, rows of bool (one byte, 0 or not) as far as stride_c reaches
 * in[1]  a, rows as far as stride_a reaches
 * in[2]  b, rows as far as stride_b reaches
 * out    [dim[0] * dim[1] * dim[2]][dim[3] * dim[4]]
 *
 * Needs: tin_broadcast_ok for elem_bytes, and with stride_c in place of
 *   stride_a for 1 byte; elem_bytes 1, 2, 4 or 8.
 * Alias: out may equal an input that is not broadcast, or begin before it.
 * Scratch: none. Stack: under 300 bytes.
 * Exact: copies bytes. Source: SELECT and SELECT_V2 of TensorFlow Lite.
 */
tin_kernel tin_select;
tin_check tin_select_check;

/* ---- Sum of many -------------------------------------------------------- */

enum { TIN_ADD_N_MAX = 7 };

typedef struct {
    int32_t row_elems;
    int32_t n_in;
    int32_t in_zero, out_zero;
    int32_t left_shift;
    int32_t in_multiplier, in_shift;
    int32_t out_multiplier, out_shift;
} tin_add_n_s8_params;

/*
 * Adds up to seven tensors of one shape and quantization.
 *
 *   r(x) = requantize((x - in_zero) * 2^left_shift, in_multiplier, in_shift)
 *   sum = r(0) + r(in[0][i]) + r(in[1][i]) + ..
 *   out[i] = clamp(requantize(sum, out_multiplier, out_shift) + out_zero,
 *                  -128, 127)
 *
 * in[k]  [n][row_elems] s8
 * out    [n][row_elems] s8
 *
 * left_shift = 20, (in_multiplier, in_shift) = quantized(1/2),
 * (out_multiplier, out_shift) = quantized(2 * in_scale / (2^20 * out_scale)).
 *
 * Needs: 1 <= row_elems, 1 <= n_in <= 7, 0 <= left_shift <= 20, zero points
 *   within -128 .. 127, 0 <= multipliers, -31 <= shifts, in_shift <= 0,
 *   out_shift <= 30, in_multiplier at most 2^30 where in_shift is 0. So the
 *   sum is within 8 * 255 * 2^19 < 2^30.
 * Alias: out may equal any input or begin before it. Scratch: none.
 * Stack: under 200 bytes.
 * Exact: bit for bit on all targets, double rounding.
 * Source: ADD_N of TensorFlow Lite Micro's reference kernels. That the sum
 *   begins with r(0), the zero point once too often, is theirs.
 */
tin_kernel tin_add_n_s8;
tin_check tin_add_n_s8_check;

#ifdef __cplusplus
}
#endif

#endif /* TINYINFER_BINARY_H */
