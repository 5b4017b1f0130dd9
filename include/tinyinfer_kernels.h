/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer_kernels.h: the kernels of libtinyinfer.
 *
 * This header and one file of kernels/ are all that a firmware needs to use
 * one kernel on its own. It includes nothing but <stdint.h> and <stddef.h>.
 *
 * The family contract, told once for a placeholder name xxx:
 *
 *   tin_xxx_params        what the layer is: sizes, quantization, weights.
 *                         Trusted: built by the compiler or by you.
 *   tin_xxx               computes output rows y0 .. y1 - 1. Checks nothing,
 *                         cannot fail, allocates nothing, reads and writes no
 *                         byte outside the rows it is given.
 *   tin_xxx_check         TIN_OK when the params keep every condition listed
 *                         under "Needs:", else a status and a reason.
 *   tin_xxx_scratch_size  bytes of scratch, where the kernel needs any.
 *
 * All kernels have one type, tin_kernel, and all checks have one type,
 * tin_check, so that a network is a table of steps. Their first argument
 * points to the kernel's own tin_xxx_params.
 *
 * Layouts. Activations are NHWC and a tensor is handed over as rows, see
 * tin_rows. Brackets give the order of indices, the last one fastest:
 * in [n * in_h][in_w][in_c]. A tensor of rank 4 has n * h rows of w * c
 * elements; of rank 3, n * t rows of c; of rank 2, n rows of c; of rank 1,
 * one row. Counts are elements unless a name ends in _bytes.
 *
 * Exactness. int8 kernels follow the TensorFlow Lite 8-bit quantization
 * specification with the double rounding of its reference kernels, and give
 * the same bytes on every target. A right shift of a negative number must be
 * arithmetic, as it is on every compiler for the targets named in the README.
 * Float kernels fix the order of their operations, so that rows made in
 * pieces equal rows made at once; last bits differ between targets only where
 * a compiler fuses a product with a sum, as clang does unless told
 * -ffp-contract=off, or computes in wider registers. They need IEEE 754
 * comparisons: never compile them with -ffast-math. A kernel that calls libm
 * says so in a line "Libm:" and calls nothing else there.
 *
 * Stack. What "Stack:" promises holds for gcc at -O2 and -Os and leaves out
 * libm's part; clang at -O2 takes up to a quarter more.
 */
#ifndef TINYINFER_KERNELS_H
#define TINYINFER_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Status and small macros -------------------------------------------- */

/* Negative numbers are errors. A number is never given a new meaning. */
typedef enum {
    TIN_OK = 0,
    TIN_ERR_ARG = -1,         /* the caller's argument is wrong */
    TIN_ERR_FORMAT = -2,      /* a file is damaged or contradicts itself */
    TIN_ERR_UNSUPPORTED = -3, /* well-formed, but not handled here */
    TIN_ERR_SHAPE = -4,       /* sizes do not fit each other */
    TIN_ERR_QUANT = -5,       /* quantization parameters out of range */
    TIN_ERR_ARENA = -6,       /* the arena is too small */
    TIN_ERR_MEMORY = -7,      /* the host has no memory left */
    TIN_ERR_IO = -8,          /* a file cannot be read or written */
    TIN_ERR_OVERFLOW = -9     /* a size exceeds 2^31 - 1 */
} tin_status;

#if defined(__GNUC__)
# define TIN_WARN_UNUSED __attribute__((warn_unused_result))
#else
# define TIN_WARN_UNUSED
#endif

/* Tags an inner loop that must not share registers with what surrounds it, and
 * likewise a function of a header, which not every file calls. */
#if defined(__GNUC__)
# define TIN_NOINLINE __attribute__((noinline))
# define TIN_OUTLINE __attribute__((noinline, unused)) static
#else
# define TIN_NOINLINE
# define TIN_OUTLINE static inline
#endif

/* What the target can do, decided here once; -DTIN_HAVE_xxx=0 or 1 overrides.
 * Files of kernels/dsp and kernels/mve are empty where theirs is 0, those of
 * kernels/fpu are C. */
#if !defined(TIN_HAVE_DSP) /* Armv7E-M, Armv8-M with DSP: SMLAD, SXTB16 .. */
# if defined(__ARM_FEATURE_DSP) && __ARM_ARCH_PROFILE == 'M'
#  define TIN_HAVE_DSP 1
# else
#  define TIN_HAVE_DSP 0
# endif
#endif
#if !defined(TIN_HAVE_MVE) /* Armv8.1-M with Helium */
# if defined(__ARM_FEATURE_MVE)
#  define TIN_HAVE_MVE 1
# else
#  define TIN_HAVE_MVE 0
# endif
#endif
#if !defined(TIN_HAVE_MUL64) /* 32 x 32 -> 64 bits; not Armv6-M */
# if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1
#  define TIN_HAVE_MUL64 0
# else
#  define TIN_HAVE_MUL64 1
# endif
#endif
#if !defined(TIN_HAVE_FPU) /* Armv7E-M, Armv8-M with single precision */
# if defined(__ARM_FP) && __ARM_ARCH_PROFILE == 'M'
#  define TIN_HAVE_FPU ((__ARM_FP & 4) != 0)
# else
#  define TIN_HAVE_FPU 0
# endif
#endif

/* TIN_WHY(why, text) leaves the reason of a failed check in *why, if asked
 * for. -DTIN_NO_ERRMSG keeps the texts out of the image. */
#if defined(TIN_NO_ERRMSG)
# define TIN_WHY(why, text) ((why) ? (void)(*(why) = "") : (void)0)
#else
# define TIN_WHY(why, text) ((why) ? (void)(*(why) = (text)) : (void)0)
#endif

/* ---- Rows --------------------------------------------------------------- */

/*
 * A tensor in memory is a ring of rows: row y lies at base +
 * ((first + y) % rows) * row_bytes. A ring as long as the tensor is an ordinary
 * resident tensor, a shorter one a sliding window over it. Its base is
 * aligned to the size of an element: that of an int8 tensor may lie anywhere.
 */
typedef struct {
    void *base;
    int32_t row_bytes;
    int32_t rows;
    int32_t first; /* 0 .. rows - 1: where row 0 lies. 0, except in a ring that
                      several tensors share, or is a part of another one */
} tin_rows;

/* The place of row y in its ring, 0 <= y, first + y < 2^31. */
static inline int32_t tin_slot(const tin_rows *r, int32_t y)
{
    y += r->first;
    return y < r->rows ? y : y % r->rows;
}

/* The address of row y, 0 <= y. */
static inline void *tin_row(const tin_rows *r, int32_t y)
{
    return (unsigned char *)r->base +
           (size_t)tin_slot(r, y) * (size_t)r->row_bytes;
}

/*
 * Computes rows y0 .. y1 - 1 from in[0], in[1] .. into out[0] ... `params`
 * is the kernel's own struct, `scratch` is NULL where it needs none. Calls
 * for one inference go through the rows in ascending order and skip none.
 */
typedef void tin_kernel(const void *params, const tin_rows *in,
                        const tin_rows *out, int32_t y0, int32_t y1,
                        void *scratch);

/* TIN_OK, or an error whose reason is left in *why unless why is NULL. */
typedef tin_status tin_check(const void *params, const char **why);

/* Bytes of scratch that the kernel needs for these params, aligned to 4. */
typedef int32_t tin_scratch_size(const void *params);

/* ---- Fixed-point arithmetic --------------------------------------------- */

static inline int32_t tin_clamp(int32_t x, int32_t lo, int32_t hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

/* NaN stays NaN: a comparison with it is false. Equal numbers become the
 * bound, so that a lower bound of 0 turns -0.0 into 0.0. */
static inline float tin_clampf(float x, float lo, float hi)
{
    return x <= lo ? lo : x >= hi ? hi : x;
}

/* sum + a[0] * b[0] + .. + a[n - 1] * b[n - 1], added in this order. */
static inline float tin_dot_f32(float sum, const float *a, const float *b,
                                int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* The same for sum[0] .. sum[3], whose b lie `step` floats apart: side by
 * side they use what is loaded of a four times, and none waits for another.
 * Two steps at a time: loads that follow each other take one cycle each. */
static inline void tin_dot4_f32(float *sum, const float *a, const float *b,
                                size_t step, int32_t n)
{
    const float *b1 = b + step, *b2 = b1 + step, *b3 = b2 + step;
    const float *end = a + (n & ~1);
    float s0 = sum[0], s1 = sum[1], s2 = sum[2], s3 = sum[3];

    while (a != end) {
        const float x = a[0], y = a[1];
        const float x0 = b[0], y0 = b[1], x1 = b1[0], y1 = b1[1];
        const float x2 = b2[0], y2 = b2[1], x3 = b3[0], y3 = b3[1];

        a += 2;
        b += 2;
        b1 += 2;
        b2 += 2;
        b3 += 2;
        s0 = s0 + x * x0 + y * y0;
        s1 = s1 + x * x1 + y * y1;
        s2 = s2 + x * x2 + y * y2;
        s3 = s3 + x * x3 + y * y3;
    }
    if (n & 1) {
        s0 += *a * *b;
        s1 += *a * *b1;
        s2 += *a * *b2;
        s3 += *a * *b3;
    }
    sum[0] = s0;
    sum[1] = s1;
    sum[2] = s2;
    sum[3] = s3;
}

/*
 * Adds (x[0] + offset) * w[0] + .. + (x[n - 1] + offset) * w[n - 1], 0 < n, to
 * sum[0], and the same with w + step to sum[1]: two use what is loaded of x.
 * One index for all three, which counts up to 0, saves registers.
 */
TIN_OUTLINE void tin_dots2_s8(int32_t *sum, const int8_t *x, int32_t offset,
                              const int8_t *w, int32_t step, int32_t n)
{
    const int8_t *w0 = w + n, *w1 = w0 + step;
    int32_t s0 = sum[0], s1 = sum[1];
    int32_t i = -n;

    x += n;
    do {
        const int32_t value = x[i] + offset;

        s0 += value * w0[i];
        s1 += value * w1[i];
    } while (++i);
    sum[0] = s0;
    sum[1] = s1;
}

/* The same for four. */
TIN_OUTLINE void tin_dots4_s8(int32_t *sum, const int8_t *x, int32_t offset,
                              const int8_t *w, int32_t step, int32_t n)
{
    const int8_t *w0 = w + n, *w1 = w0 + step, *w2 = w1 + step, *w3 = w2 + step;
    int32_t s0 = sum[0], s1 = sum[1], s2 = sum[2], s3 = sum[3];
    int32_t i = -n;

    x += n;
    do {
        const int32_t value = x[i] + offset;

        s0 += value * w0[i];
        s1 += value * w1[i];
        s2 += value * w2[i];
        s3 += value * w3[i];
    } while (++i);
    sum[0] = s0;
    sum[1] = s1;
    sum[2] = s2;
    sum[3] = s3;
}

/* The same for sum[0] .. sum[filters - 1], filters <= 4. An odd last one has
 * itself for a second, which writes to the next sum. */
static inline void tin_dots_s8(int32_t sum[4], const int8_t *x, int32_t offset,
                               const int8_t *w, int32_t step, int32_t filters,
                               int32_t n)
{
    if (filters == 4) {
        tin_dots4_s8(sum, x, offset, w, step, n);
        return;
    }
    for (; filters > 0; filters -= 2) {
        tin_dots2_s8(sum, x, offset, w, filters > 1 ? step : 0, n);
        sum += 2;
        w += (ptrdiff_t)2 * step;
    }
}

/* a * b, or -1 where that exceeds 2^31 - 1 or a factor is negative: sizes
 * may be multiplied in a chain and looked at once. */
static inline int32_t tin_size_mul(int32_t a, int32_t b)
{
    const int64_t size = (int64_t)a * b;

    return a < 0 || b < 0 || size > INT32_MAX ? -1 : (int32_t)size;
}

/* floor((a * b + 2^30) / 2^31) from the four products of halves, for cores
 * whose products have 32 bits. Not both are INT32_MIN, and likewise below. */
TIN_OUTLINE int32_t tin_mul_round_halves(int32_t a, int32_t b)
{
    const int32_t a1 = a >> 16, a0 = a & 0xffff;
    const int32_t b1 = b >> 16, b0 = b & 0xffff;
    /* in units of 2^16, their magnitude < 2^31; what p carries goes to q */
    const int32_t p = a1 * b0 + (int32_t)((uint32_t)a0 * (uint32_t)b0 >> 16);
    const int32_t q = a0 * b1 + (p & 0xffff) + 0x4000;
    const int32_t high = a1 * b1 + (p >> 16);

    return (int32_t)(((uint32_t)high << 1) + (uint32_t)(q >> 15));
}

static inline int32_t tin_mul_round(int32_t a, int32_t b)
{
#if TIN_HAVE_MUL64
    return (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
#else
    return tin_mul_round_halves(a, b);
#endif
}

/* The high half of 2 * a * b, rounded half up, saturated: the reference's
 * SaturatingRoundingDoublingHighMul. Its rounding is floor((ab + 2^30) / 2^31)
 * for both signs. */
static inline int32_t tin_mul_high(int32_t a, int32_t b)
{
    return a == INT32_MIN && b == INT32_MIN ? INT32_MAX : tin_mul_round(a, b);
}

/* x / 2^exponent, rounded half away from zero, 0 <= exponent <= 31: the
 * reference's RoundingDivideByPOT. */
static inline int32_t tin_shift_round(int32_t x, int32_t exponent)
{
    const int32_t mask = (int32_t)(((uint32_t)1 << exponent) - 1u);
    const int32_t rest = x & mask;
    const int32_t half = (mask >> 1) + (x < 0 ? 1 : 0);

    return (x >> exponent) + (rest > half ? 1 : 0);
}

/* x * 2^n modulo 2^32, 0 <= n <= 31. */
static inline int32_t tin_shift_left(int32_t x, int32_t n)
{
    return (int32_t)((uint32_t)x << n);
}

/*
 * x * multiplier * 2^(shift - 31) with the reference's two roundings.
 * 0 <= multiplier, -31 <= shift <= 30.
 *
 * Below, (multiplier, shift) = quantized(d) says how both come from a real
 * factor d >= 0 in double precision. With d = f * 2^e, 1/2 <= f < 1 (frexp):
 * multiplier = floor(f * 2^31 + 1/2), shift = e, and if that is 2^31, then
 * 2^30 and e + 1. If e < -31, or d is 0, both are 0. Scales are read as float
 * and computed with as double.
 */
static inline int32_t tin_requantize(int32_t x, int32_t multiplier,
                                     int32_t shift)
{
    if (shift >= 0)
        return tin_mul_round(tin_shift_left(x, shift), multiplier);
    /* tin_shift_round by -shift: halves below 0 are moved down, then all are
     * rounded up. No product is INT32_MIN. */
    x = tin_mul_round(x, multiplier);
    return (((x - (x < 0)) >> (-shift - 1)) + 1) >> 1;
}

/*
 * x * multiplier * 2^(shift - 31) for the wide sums of int16 networks, with
 * the reference's one rounding, half up, of a multiplier of 16 bits, and
 * modulo 2^32. |x| <= 2^47, 0 <= multiplier, -31 <= shift <= 14.
 */
static inline int32_t tin_requantize_s64(int64_t x, int32_t multiplier,
                                         int32_t shift)
{
    const int32_t m = (int32_t)(((int64_t)multiplier + 0x8000) >> 16);
    const int32_t right = 15 - shift; // 1 .. 46

    x = x * (m > 0x7fff ? 0x7fff : m) + ((int64_t)1 << (right - 1));
    return (int32_t)(uint32_t)(uint64_t)(x >> right);
}

/* The output byte for a sum: requantized, moved to the zero point, clamped. It
 * clamps before it adds, so that nothing overflows. */
static inline int8_t tin_output_s8(int32_t sum, int32_t multiplier,
                                   int32_t shift, int32_t zero, int32_t act_min,
                                   int32_t act_max)
{
    const int32_t y = tin_requantize(sum, multiplier, shift);

    return (int8_t)(tin_clamp(y, act_min - zero, act_max - zero) + zero);
}

/* x * 2^n, saturated, 0 <= n <= 31. */
static inline int32_t tin_shift_left_sat(int32_t x, int32_t n)
{
    if (x > INT32_MAX >> n)
        return INT32_MAX;
    if (x < INT32_MIN >> n)
        return INT32_MIN;
    return tin_shift_left(x, n);
}

/*
 * exp(x) in Q0.31 for x <= 0 with `integer_bits` (1 .. 5) bits in front of
 * the point; 1 becomes 2^31 - 1. The definition of gemmlowp: with
 * x = r - k / 4, -1/4 <= r < 0, exp(r) is a polynomial around -1/8, and each
 * bit of k multiplies by a constant. All products are tin_mul_high.
 */
static inline int32_t tin_exp_q31(int32_t x, int32_t integer_bits)
{
    /* exp(-2^(i - 2)) in Q0.31 */
    static const int32_t factor[7] = {
        1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    const int32_t exp_eighth = 1895147668, third = 715827883;
    const int32_t quarter = (int32_t)1 << (29 - integer_bits);
    const int32_t rest = (x & (quarter - 1)) - quarter; /* r */
    const uint32_t k = (uint32_t)(rest - x) / (uint32_t)quarter;
    int32_t r, r2, r3, r4, sum;

    if (x == 0)
        return INT32_MAX;
    r = tin_shift_left(rest, integer_bits) + ((int32_t)1 << 28); /* + 1/8 */
    r2 = tin_mul_high(r, r);
    r3 = tin_mul_high(r2, r);
    r4 = tin_shift_round(tin_mul_high(r2, r2), 2);
    sum = tin_shift_round(tin_mul_high(r4 + r3, third) + r2, 1);
    sum = exp_eighth + tin_mul_high(exp_eighth, r + sum);
    for (int i = 0; k >> i; i++) {
        if (k >> i & 1u)
            sum = tin_mul_high(sum, factor[i]);
    }
    return sum;
}

/*
 * 2 / (1 + x) in Q2.29 for 0 <= x < 1 in Q0.31, by the division of gemmlowp:
 * with d = (1 + x) / 2, three steps of Newton's method from 48/17 - 32/17 * d
 * give 1 / d.
 */
static inline int32_t tin_reciprocal_q29(int32_t x)
{
    const int32_t half = (int32_t)((1 + (int64_t)x + INT32_MAX) >> 1);
    int32_t y = 1515870810 + tin_mul_high(half, -1010580540);

    for (int i = 0; i < 3; i++) {
        const int32_t error = ((int32_t)1 << 29) - tin_mul_high(half, y);

        y += tin_shift_left_sat(tin_mul_high(y, error), 2);
    }
    return y;
}

/* 1 / (1 + x) in Q0.31. */
static inline int32_t tin_reciprocal_q31(int32_t x)
{
    return tin_shift_left_sat(tin_reciprocal_q29(x), 1);
}

/* ---- Windows ------------------------------------------------------------ */

/* The geometry that convolutions and pools share. Output row y of image n
 * (y = n * out_h + oy) looks at the input rows
 * n * in_h + oy * stride_h - pad_top + ky * dilation_h, 0 <= ky < kernel_h,
 * as far as they lie in the image; columns likewise. */
typedef struct {
    int32_t in_h, in_w, in_c;
    int32_t out_h, out_w, out_c;
    int32_t kernel_h, kernel_w;
    int32_t stride_h, stride_w;
    int32_t dilation_h, dilation_w;
    int32_t pad_top, pad_left;
} tin_window;

/* The taps k0 .. k1 - 1 of a window at `origin` that lie in 0 .. size - 1;
 * k0 == k1 where none does. */
static inline void tin_window_clip(int32_t origin, int32_t kernel,
                                   int32_t dilation, int32_t size, int32_t *k0,
                                   int32_t *k1)
{
    int32_t first = 0, end = kernel;

    if (origin < 0)
        first = (dilation - 1 - origin) / dilation;
    if (origin + (kernel - 1) * dilation >= size)
        end = origin < size ? (size - origin + dilation - 1) / dilation : 0;
    if (first > end)
        first = end;
    *k0 = first;
    *k1 = end;
}

/* What every user of a tin_window checks: 1 when all sizes are positive, the
 * pads not negative, and no product or window end leaves 32 bits. */
static inline int tin_window_ok(const tin_window *w)
{
    const int64_t limit = INT32_MAX;

    if (w->in_h < 1 || w->in_w < 1 || w->in_c < 1 || w->out_h < 1 ||
        w->out_w < 1 || w->out_c < 1 || w->kernel_h < 1 || w->kernel_w < 1 ||
        w->stride_h < 1 || w->stride_w < 1 || w->dilation_h < 1 ||
        w->dilation_w < 1 || w->pad_top < 0 || w->pad_left < 0)
        return 0;
    return (int64_t)w->in_w * w->in_c <= limit &&
           (int64_t)w->out_w * w->out_c <= limit &&
           (int64_t)w->kernel_h * w->kernel_w <= limit &&
           (int64_t)w->out_h * w->stride_h +
                   (int64_t)w->kernel_h * w->dilation_h + w->pad_top <=
               limit - w->in_h &&
           (int64_t)w->out_w * w->stride_w +
                   (int64_t)w->kernel_w * w->dilation_w + w->pad_left <=
               limit - w->in_w;
}

/* What one output point sees of an image: the taps ky0 .. ky1 - 1 of
 * kx0 .. kx1 - 1. Tap (ky0, kx0) lies in row `row` of the input's ring and in
 * column `col`; both are 0 where there is no tap. */
typedef struct {
    int32_t ky0, ky1, kx0, kx1;
    int32_t row, col;
} tin_patch;

/* The rows of the patches of output row y, 0 <= y, in a ring of ring_rows. */
static inline void tin_patch_rows(tin_patch *v, const tin_window *w,
                                  int32_t ring_rows, int32_t y)
{
    const int32_t n = y / w->out_h;
    const int32_t origin = (y - n * w->out_h) * w->stride_h - w->pad_top;

    tin_window_clip(origin, w->kernel_h, w->dilation_h, w->in_h, &v->ky0,
                    &v->ky1);
    v->row = 0;
    if (v->ky0 < v->ky1)
        v->row = (n * w->in_h + origin + v->ky0 * w->dilation_h) % ring_rows;
}

/* The columns of the patch of output column ox. */
static inline void tin_patch_cols(tin_patch *v, const tin_window *w, int32_t ox)
{
    const int32_t origin = ox * w->stride_w - w->pad_left;

    tin_window_clip(origin, w->kernel_w, w->dilation_w, w->in_w, &v->kx0,
                    &v->kx1);
    v->col = v->kx0 < v->kx1 ? origin + v->kx0 * w->dilation_w : 0;
}

/* The ring row `step` rows after `row`, step <= ring_rows: kernels walk down
 * a patch without dividing. */
static inline int32_t tin_ring_next(int32_t row, int32_t step,
                                    int32_t ring_rows)
{
    const int32_t left = ring_rows - row;

    return step < left ? row + step : step - left;
}

/*
 * Transposed convolutions: the window lies in the *output*, as if that were the
 * input of a convolution and the input its output: input (iy, ix) adds to the
 * outputs (iy * stride_h - pad_top + ky, ix * stride_w - pad_left + kx), as far
 * as there are any. in_h, in_w, in_c and out_h, out_w, out_c are what they are
 * called; dilations are 1.
 */

/* The inputs first .. end - 1 of `size` that reach output at - pad of an
 * axis, 0 <= at; input i meets tap at - i * stride. */
static inline void tin_transconv_taps(int32_t at, int32_t stride,
                                      int32_t kernel, int32_t size,
                                      int32_t *first, int32_t *end)
{
    *first = at < kernel ? 0 : (at - kernel) / stride + 1;
    *end = at / stride + 1 < size ? at / stride + 1 : size;
    if (*first > *end)
        *first = *end;
}

/* ---- What the checks of int8 kernels share ------------------------------ */

static inline tin_status tin_window_check(const tin_window *w, const char **why)
{
    if (tin_window_ok(w))
        return TIN_OK;
    return TIN_WHY(why, "a size of the window is not positive or too large"),
           TIN_ERR_SHAPE;
}

/* Of a transposed convolution: the window is sound, and no position leaves 32
 * bits. */
static inline tin_status tin_transconv_check(const tin_window *w,
                                             const char **why)
{
    const tin_status status = tin_window_check(w, why);

    if (status != TIN_OK)
        return status;
    if (w->dilation_h != 1 || w->dilation_w != 1)
        return TIN_WHY(why, "a dilation is not 1"), TIN_ERR_SHAPE;
    if ((int64_t)w->out_h + w->pad_top > INT32_MAX ||
        (int64_t)w->out_w + w->pad_left > INT32_MAX)
        return TIN_WHY(why, "the output is too large"), TIN_ERR_OVERFLOW;
    return TIN_OK;
}

static inline tin_status tin_zero_check(int32_t zero, const char **why)
{
    if (-128 <= zero && zero <= 127)
        return TIN_OK;
    return TIN_WHY(why, "a zero point is not within -128 .. 127"),
           TIN_ERR_QUANT;
}

static inline tin_status tin_act_check(int32_t act_min, int32_t act_max,
                                       const char **why)
{
    if (-128 <= act_min && act_min <= act_max && act_max <= 127)
        return TIN_OK;
    return TIN_WHY(why, "the output clamp is empty or not within -128 .. 127"),
           TIN_ERR_QUANT;
}

/* What tin_requantize takes, with shifts of at most max_shift. */
static inline tin_status tin_scale_check(int32_t multiplier, int32_t shift,
                                         int32_t max_shift, const char **why)
{
    if (0 <= multiplier && -31 <= shift && shift <= max_shift)
        return TIN_OK;
    return TIN_WHY(why, "a multiplier or shift is out of range"), TIN_ERR_QUANT;
}

/* The weights of a layer and what belongs to each output channel: weight t of
 * channel c is weights[c * channel_step + t * tap_step]. */
typedef struct {
    const int8_t *weights;
    const int32_t *bias, *multiplier;
    const int8_t *shift;
    int32_t channels, channel_step, tap_step;
    int64_t taps;
} tin_filters;

/* 1 when the sum of a channel's products with values of -255 .. 255, and its
 * bias, stays within 32 bits. */
static inline int tin_filter_ok(const tin_filters *f, int32_t channel)
{
    const int8_t *w = f->weights + (size_t)channel * (size_t)f->channel_step;
    const int64_t bias = f->bias ? f->bias[channel] : 0;
    int64_t worst = bias < 0 ? -bias : bias;

    for (int64_t t = 0; t < f->taps; t++) {
        const int32_t weight = w[(size_t)t * (size_t)f->tap_step];

        worst += 255 * (weight < 0 ? -weight : weight);
    }
    return worst <= INT32_MAX;
}

static inline tin_status tin_filters_check(const tin_filters *f,
                                           const char **why)
{
    if (!f->weights || !f->multiplier || !f->shift)
        return TIN_WHY(why, "weights, multiplier or shift is NULL"),
               TIN_ERR_ARG;
    if (f->taps > INT32_MAX / f->channels)
        return TIN_WHY(why, "the weights take more than 2^31 - 1 bytes"),
               TIN_ERR_OVERFLOW;
    for (int32_t c = 0; c < f->channels; c++) {
        if (tin_scale_check(f->multiplier[c], f->shift[c], 30, why))
            return TIN_ERR_QUANT;
        if (!tin_filter_ok(f, c))
            return TIN_WHY(why, "a sum of products can exceed 32 bits"),
                   TIN_ERR_QUANT;
    }
    return TIN_OK;
}

/* ---- What the checks of the other kernels share ------------------------- */

static inline tin_status tin_act_check_f32(float act_min, float act_max,
                                           const char **why)
{
    if (act_min <= act_max) // neither is NaN
        return TIN_OK;
    return TIN_WHY(why, "the output clamp is empty or NaN"), TIN_ERR_ARG;
}

/* FLT_MAX without <float.h>; the comparisons refuse NaN. */
static inline tin_status tin_scale_check_f32(float scale, const char **why)
{
    if (0 < scale && scale <= 3.40282347e+38f)
        return TIN_OK;
    return TIN_WHY(why, "a scale is not positive and finite"), TIN_ERR_QUANT;
}

/* That `count` elements, as tin_size_mul gives it, make a row or weights. */
static inline tin_status tin_bytes_check(int32_t count, int32_t elem_bytes,
                                         const char **why)
{
    if (tin_size_mul(count, elem_bytes) >= 0)
        return TIN_OK;
    return TIN_WHY(why, "a row or the weights take more than 2^31 - 1 bytes"),
           TIN_ERR_OVERFLOW;
}

/* What float kernels with a window check of their rows and clamp. */
static inline tin_status tin_rows_check_f32(const tin_window *w, float act_min,
                                            float act_max, const char **why)
{
    tin_status status = tin_bytes_check(w->in_w * w->in_c, 4, why);

    if (status == TIN_OK)
        status = tin_bytes_check(w->out_w * w->out_c, 4, why);
    if (status == TIN_OK)
        status = tin_act_check_f32(act_min, act_max, why);
    return status;
}

static inline tin_status tin_row_check(int32_t row_elems, int32_t elem_bytes,
                                       const char **why)
{
    if (row_elems > 0)
        return tin_bytes_check(row_elems, elem_bytes, why);
    return TIN_WHY(why, "a row has no elements"), TIN_ERR_SHAPE;
}

/* A tensor of extents d, all of it in 32 bits: rows, and bytes in a row. */
static inline tin_status tin_dims_check(const int32_t d[5], int32_t elem_bytes,
                                        const char **why)
{
    if (elem_bytes != 1 && elem_bytes != 2 && elem_bytes != 4 &&
        elem_bytes != 8)
        return TIN_WHY(why, "elements are not of 1, 2, 4 or 8 bytes"),
               TIN_ERR_ARG;
    if (d[0] < 1 || d[1] < 1 || d[2] < 1 || d[3] < 1 || d[4] < 1)
        return TIN_WHY(why, "an extent is not positive"), TIN_ERR_SHAPE;
    if (tin_size_mul(tin_size_mul(d[0], d[1]), d[2]) < 0)
        return TIN_WHY(why, "there are more than 2^31 - 1 rows"),
               TIN_ERR_OVERFLOW;
    return tin_bytes_check(tin_size_mul(d[3], d[4]), elem_bytes, why);
}

/* Every tensor as five extents for the kernels that go by position: rows are
 * d[0] * d[1] * d[2], a row is d[3] * d[4]. Rank 4 is [1][n][h][w][c], rank 3
 * [1][n][t][1][c], rank 2 [1][1][n][1][c], rank 1 [1][1][1][1][c]. */
enum { TIN_DIMS = 5 };

/* ---- Requantization with one floor -------------------------------------- */

/*
 * What ISA variants use in place of tin_output_s8, computed where their
 * constants are packed:
 *
 *   out = clamp(floor((x * multiplier + c * 2^32) / 2^(32 + right)), -128, 127)
 *   with x = sum * 2^left, c = sum < 0 ? offset - sign : offset
 *
 * Both roundings of tin_requantize are floors: tin_mul_high is
 * h = floor((sum * m + 2^30) / 2^31), and tin_shift_round by r is
 * floor((h + 2^(r - 1) - (h < 0)) / 2^r). Nested floors merge, which gives
 * offset = 2^(s - 1) + 2^(right - 1) + zero * 2^right, without the middle
 * term if r = 0, with s = right - r >= 1 and sign = 2^s, or 0 if r = 0. (h < 0
 * and sum < 0 differ only where h is 0, and so is the result.)
 *
 * `right` may be chosen: one number for all channels of a layer becomes an
 * immediate operand. Where act_min >= out_zero, the term with `sign` may be
 * left out: a sum below 0 comes out at or below out_zero with it or without.
 * The caller clamps to act_min .. act_max where these are not -128 .. 127.
 */
typedef struct {
    int32_t multiplier, offset, sign;
    int32_t left, right;
} tin_requant;

/*
 * 1, and *q, if one floor with this `right` (0: the least that can serve)
 * equals tin_output_s8(sum, multiplier, shift, zero, -128, 127) for all sums
 * of lo .. hi, with left <= most_left; else 0. What is tested: sum * 2^left
 * and all that is added to its product stay within 32 bits. lo and hi are
 * within 32 bits, right <= 23.
 */
static inline int tin_requant_make(tin_requant *q, int64_t lo, int64_t hi,
                                   int32_t multiplier, int32_t shift,
                                   int32_t zero, int32_t right,
                                   int32_t most_left)
{
    const int32_t r = shift < 0 ? -shift : 0;
    const int64_t worst = -lo > hi ? -lo : hi;
    int64_t product;

    q->right = right ? right : r < 22 ? r + 1 : 23;
    if (shift > 0 && worst >> (31 - shift))
        return 0;
    q->left = 0;
    q->sign = q->multiplier = 0;
    q->offset = tin_requantize((int32_t)lo, multiplier, shift);
    if (q->offset == tin_requantize((int32_t)hi, multiplier, shift)) {
        // whatever the sum is: a dead channel, or nearly so
        q->offset = tin_clamp(q->offset, -128 - zero, 127 - zero) + zero;
        q->offset *= (int32_t)1 << q->right;
        return 1;
    }
    q->left = 1 + q->right + shift;
    if (q->right <= r || q->left > most_left || worst >> (31 - q->left))
        return 0;
    q->multiplier = multiplier;
    q->offset = zero * ((int32_t)1 << q->right);
    q->offset += (int32_t)1 << (q->right - r - 1); // < 2^31: 2^30 + 2^22
    if (r > 0) {
        q->offset += (int32_t)1 << (q->right - 1);
        q->sign = (int32_t)1 << (q->right - r);
    }
    product = ((worst << q->left) * multiplier >> 32) + 1;
    return product + q->offset <= INT32_MAX &&
           -product + q->offset - q->sign >= INT32_MIN;
}

/* The bias of a channel with the zero point folded in, bias - zero * sum of
 * weights, and in lo .. hi what it can become when products with inputs of
 * -128 .. 127 are added. */
static inline int64_t tin_filter_range(const tin_filters *f, int32_t channel,
                                       int32_t zero, int64_t *lo, int64_t *hi)
{
    const int8_t *w = f->weights + (size_t)channel * (size_t)f->channel_step;
    int64_t bias = f->bias ? f->bias[channel] : 0;
    int64_t below = 0, above = 0; // products of -128 .. 127

    for (int64_t t = 0; t < f->taps; t++) {
        const int32_t weight = w[(size_t)t * (size_t)f->tap_step];

        bias -= zero * weight;
        below += weight < 0 ? 127 * weight : -128 * weight;
        above += weight < 0 ? -128 * weight : 127 * weight;
    }
    *lo = bias + below;
    *hi = bias + above;
    return bias;
}

/* ---- Cortex-M with DSP: shared helpers ---------------------------------- */

/*
 * Weights in pairs: a halfword holds 256 * high + low, the weights of two
 * output channels. SMLAD of such words and the inputs sums 256 * H + L, SMLAD
 * of their SXTB16 sums L; then H = (difference) / 256. Exact modulo 2^32, so
 * -2^23 <= H < 2^23 with its bias, and -32768 <= 256 * high + low: high = -128
 * may not meet a negative low.
 */
static inline int tin_pair_ok(int32_t low, int32_t high)
{
    return 256 * high + low >= -32768;
}

/* `right` of the fast requantization of convolutions, see tin_requant. */
enum { TIN_CONV2D_DSP_RIGHT = 12 };

/* The word of channels (low, high) for inputs 0 and 1. */
static inline int32_t tin_pair_word(int32_t low0, int32_t high0, int32_t low1,
                                    int32_t high1)
{
    const uint32_t first = (uint32_t)(256 * high0 + low0) & 0xffffu;

    return (int32_t)(first | (uint32_t)(256 * high1 + low1) << 16);
}

#if TIN_HAVE_DSP

/* c + the high word of a * b, which compilers do not find by themselves. */
static inline int32_t tin_smmla(int32_t a, int32_t b, int32_t c)
{
    int32_t sum;

    __asm__("smmla %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(b), "r"(c));
    return sum;
}

/* x clamped to -128 .. 127, which compilers do in 4 instructions. */
static inline int32_t tin_ssat8(int32_t x)
{
    int32_t byte;

    __asm__("ssat %0, #8, %1" : "=r"(byte) : "r"(x));
    return byte;
}

static inline int32_t tin_smlad(int32_t a, int32_t b, int32_t c)
{
    int32_t sum;

    __asm__("smlad %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(b), "r"(c));
    return sum;
}

/* The output for x = sum * 2^left, see tin_requant. With a constant `right`
 * it is SMMLA and SSAT, and the first one needs act_min >= out_zero. */
static inline int32_t tin_requant_relu_dsp(int32_t x, int32_t multiplier,
                                           int32_t offset, int32_t right)
{
    return tin_ssat8(tin_smmla(x, multiplier, offset) >> right);
}

static inline int32_t tin_requant_dsp(int32_t x, int32_t multiplier,
                                      int32_t offset, int32_t sign,
                                      int32_t right)
{
    return tin_requant_relu_dsp(x, multiplier, offset - (sign & (x >> 31)),
                                right);
}

/* A word at any address. */
static inline uint32_t tin_load_word(const void *at)
{
    uint32_t word;

    __builtin_memcpy(&word, at, sizeof word);
    return word;
}

/* Four bytes as signed halfwords: 0 and 2, and 1 and 3. */
static inline int32_t tin_sxtb16(uint32_t bytes)
{
    int32_t halves;

    __asm__("sxtb16 %0, %1" : "=r"(halves) : "r"(bytes));
    return halves;
}

static inline int32_t tin_sxtb16_odd(uint32_t bytes)
{
    int32_t halves;

    __asm__("sxtb16 %0, %1, ror #8" : "=r"(halves) : "r"(bytes));
    return halves;
}

/* Clamps n bytes, four at a time: SSUB8 tells which are the greater ones, SEL
 * picks them. */
static inline void tin_clamp_dsp(int8_t *x, int32_t n, int32_t lo, int32_t hi)
{
    const uint32_t low = (uint32_t)(lo & 0xff) * 0x01010101u;
    const uint32_t high = (uint32_t)(hi & 0xff) * 0x01010101u;

    for (; n >= 4; n -= 4, x += 4) {
        uint32_t four = tin_load_word(x), rest;

        __asm__("ssub8 %1, %0, %2\n\tsel %0, %0, %2\n\t"
                "ssub8 %1, %3, %0\n\tsel %0, %0, %3"
                : "+&r"(four), "=&r"(rest)
                : "r"(low), "r"(high)
                : "cc");
        __builtin_memcpy(x, &four, sizeof four);
    }
    for (; n > 0; n--, x++)
        *x = (int8_t)tin_clamp(*x, lo, hi);
}

/* memset and memcpy, which some libraries keep small rather than quick: the
 * empty assembly keeps compilers from calling them. */
static inline void tin_fill_dsp(int8_t *to, int32_t n, int32_t value)
{
    const uint32_t word = 0x01010101u * (uint8_t)value;

    for (; n >= 4; n -= 4, to += 4) {
        __builtin_memcpy(to, &word, 4);
        __asm__ volatile("" ::: "memory");
    }
    while (n-- > 0)
        *to++ = (int8_t)value;
}

static inline void tin_copy_dsp(int8_t *to, const int8_t *from, int32_t n)
{
    for (; n >= 16; n -= 16, to += 16, from += 16) {
        const uint32_t x0 = tin_load_word(from), x1 = tin_load_word(from + 4);
        const uint32_t x2 = tin_load_word(from + 8);
        const uint32_t x3 = tin_load_word(from + 12);

        __asm__ volatile("" ::: "memory");
        __builtin_memcpy(to, &x0, 4);
        __builtin_memcpy(to + 4, &x1, 4);
        __builtin_memcpy(to + 8, &x2, 4);
        __builtin_memcpy(to + 12, &x3, 4);
    }
    while (n-- > 0)
        *to++ = *from++;
}

/* `pixels` pixels of an input row from column x on, `pixel` bytes apart, with
 * `zero` in those beside the image; from is NULL where all are. */
static inline void tin_patch_copy_dsp(int8_t *to, int32_t pixel, int32_t pixels,
                                      const int8_t *from, int32_t x,
                                      const tin_window *w, int32_t zero)
{
    const int32_t x0 = from ? tin_clamp(-x, 0, pixels) : pixels;
    const int32_t x1 = from ? tin_clamp(w->in_w - x, x0, pixels) : pixels;
    const int32_t in_c = w->in_c, n = in_c == pixel ? x1 - x0 : 1;

    tin_fill_dsp(to, x0 * pixel, zero);
    for (int32_t j = x0; j < x1; j += n)
        tin_copy_dsp(to + j * pixel, from + (x + j) * in_c, n * in_c);
    tin_fill_dsp(to + x1 * pixel, (pixels - x1) * pixel, zero);
}

#endif /* TIN_HAVE_DSP */

/* ---- Convolution -------------------------------------------------------- */

typedef struct {
    tin_window window;
    int32_t groups;            /* in_c and out_c are multiples of it */
    int32_t in_zero, out_zero; /* zero points */
    int32_t act_min, act_max;  /* output clamp, in quantized units */
    const int8_t *weights;
    const int32_t *bias;       /* or NULL */
    const int32_t *multiplier; /* per output channel, for tin_requantize */
    const int8_t *shift;       /* per output channel, for tin_requantize */
} tin_conv2d_s8_params;

/*
 * Convolves with a kernel of int8 weights.
 *
 *   acc = bias[oc] + sum over ky, kx, ic of
 *         (in[iy][ix][g * gc + ic] - in_zero) * weights[oc][ky][kx][ic]
 *   out[oy][ox][oc] = clamp(requantize(acc, multiplier[oc], shift[oc])
 *                           + out_zero, act_min, act_max)
 *   with gc = in_c / groups, g = oc / (out_c / groups), iy and ix as
 *   tin_window says; taps outside the image contribute nothing.
 *
 * in          [n * in_h][in_w][in_c] s8
 * weights     [out_c][kernel_h][kernel_w][in_c / groups] s8, zero point 0
 * bias        [out_c] s32 or NULL, scale in * weight
 * multiplier  [out_c] s32, shift [out_c] s8
 * out         [n * out_h][out_w][out_c] s8
 *
 * Needs: tin_window_ok, 1 <= groups, in_c and out_c multiples of groups,
 *   -128 <= in_zero, out_zero <= 127, -128 <= act_min <= act_max <= 127,
 *   0 <= multiplier, -31 <= shift <= 30, and for every output channel
 *   sum |weights| * 255 + |bias| < 2^31, so that no sum can overflow;
 *   dilation_w * in_c < 2^31, fewer than 2^31 weights, an input ring with
 *   room for all rows of a window.
 *   (multiplier, shift) = quantized(in_scale * weight_scale / out_scale).
 * Alias: no overlap, but for one row of a 1x1 window of strides 1, which may
 *   end up to (out_w - 1) * min(in_c, out_c) bytes above the start of in.
 *   Scratch: none. Stack: under 500 bytes (300 on Cortex-M).
 * Exact: bit for bit on all targets, double rounding.
 * Source: CONV_2D of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_conv2d_s8;
tin_check tin_conv2d_s8_check;

typedef struct {
    tin_conv2d_s8_params conv; /* weights .. shift are not read: see packed */
    const int32_t *packed;     /* by tin_conv2d_s8_dsp_pack */
} tin_conv2d_s8_dsp_params;

/* What of its scratch goes to what. */
typedef struct {
    int32_t steps;     /* pairs of inputs of a window, 16 bytes each for 4
                          points: inputs 0 and 2, 1 and 3 of four; 0 and 1 of
                          the last two */
    int32_t tiles;     /* of 4 points, gathered before they are made */
    int32_t ring_rows; /* copies of input rows with their padding, or 0 */
    int32_t ring_bytes;
    int32_t edge_bytes; /* a row of padding alone, or runs under a kernel row
                           that are put together */
    int32_t tables;     /* output rows that a tile may lie in, or one more: 2 or
                           4; 1 + kernel_h words each */
} tin_conv2d_s8_dsp_room;

static inline tin_conv2d_s8_dsp_room tin_conv2d_s8_dsp_plan(const tin_window *w)
{
    const int32_t run = w->kernel_w * w->in_c, taps = w->kernel_h * run;
    const int32_t gaps = w->dilation_w > 1 && w->kernel_w > 1;
    const int32_t bottom = (w->out_h - 1) * w->stride_h - w->pad_top +
                           (w->kernel_h - 1) * w->dilation_h;
    const int32_t right = (w->out_w - 1) * w->stride_w - w->pad_left +
                          (w->kernel_w - 1) * w->dilation_w;
    tin_conv2d_s8_dsp_room r = {0, 1, 0, 0, 0, w->out_w < 3 ? 4 : 2};
    int32_t rgb = 0;

    r.steps = (taps + 1) >> 1;
    if (w->in_c <= 4 && !gaps && (taps > w->in_c || run < 4)) {
        // all rows of a tile, which may begin in one row and end in another
        r.ring_rows = (w->kernel_h - 1) * w->dilation_h + 1;
        if (w->out_w & 3)
            r.ring_rows += (w->out_w + 2) / w->out_w * w->stride_h;
        r.ring_bytes = (right + w->pad_left + 1) * w->in_c;
        r.edge_bytes = r.ring_bytes;
        rgb = w->kernel_h == 3 && run == 9;
    } else if (w->pad_top > 0 || w->pad_left > 0 || bottom >= w->in_h ||
               right >= w->in_w || gaps || run < 4) {
        r.edge_bytes = 5 * run;
    }
    // 1 KB, of one row; 1x1 and 3x3x3 are gathered a tile in its turn
    if (w->out_w >= 8 && (taps == w->in_c ? taps & 3 : !rgb))
        r.tiles = tin_clamp(64 / r.steps, 1, w->out_w >> 2);
    return r;
}

/*
 * tin_conv2d_s8 for Cortex-M with DSP instructions: the same bytes.
 *
 * Rows at once: 4, or all. Any number gives the same bytes; but points are made
 *   4 at a time, across rows, and where out_w is not a multiple of 4 fewer rows
 *   waste some.
 * Needs: as tin_conv2d_s8, groups = 1, and packed weights.
 * FPU: holds inputs if the compiler has one; else a step takes 16 cycles, not
 *   15.
 * Alias: no overlap. Scratch: 8 bytes per input of a window, for small windows
 *   of more than one column up to 1 KB; for up to 4 channels as many input rows
 *   as a window is high; for more, where windows reach over the border or have
 *   gaps, 5 bytes per input of a kernel row. Stack: under 512 bytes.
 * Exact: bit for bit, as the portable kernel.
 */
tin_kernel tin_conv2d_s8_dsp;
tin_check tin_conv2d_s8_dsp_check;
tin_scratch_size tin_conv2d_s8_dsp_scratch_size;

/*
 * Bytes of the packed constants for a tin_conv2d_s8_params, or a tin_status:
 * TIN_ERR_UNSUPPORTED where the variant cannot give the same bytes.
 */
int32_t tin_conv2d_s8_dsp_packed_size(const void *params);

/*
 * Packs weights, bias and requantization of a tin_conv2d_s8_params, two output
 * channels after the other:
 *
 *   packed[0]        1: weights are wide, else pairs; 2: requantization is of
 *                    the general form; or both
 *   of two channels  2 biases, the zero point folded in
 *                    weights of 2 inputs at a time: 1 word of pairs (see
 *                    tin_pair_ok) or 2 words of 2 halfwords
 *                    their requantization: see conv2d_s8_dsp_pack.c
 *
 * Wide are the weights of windows of up to 40 inputs, which saves time, and
 * those that cannot be paired.
 */
void tin_conv2d_s8_dsp_pack(const void *params, int32_t *packed);

/* The same with all weights wide: twice the bytes for 1 to 8 percent less
 * time. The kernel takes either. */
int32_t tin_conv2d_s8_dsp_wide_packed_size(const void *params);
void tin_conv2d_s8_dsp_wide_pack(const void *params, int32_t *packed);

typedef tin_conv2d_s8_dsp_params tin_conv2d_s8_p1_dsp_params;

/*
 * tin_conv2d_s8_dsp one point at a time: a tenth of its code, and half as much
 * again of its time. Its params and its packed weights are the same.
 *
 * Needs: as tin_conv2d_s8_dsp.
 * Alias: no overlap. Scratch: 3 bytes per input of a window. Stack: under 300
 *   bytes.
 * Exact: bit for bit, as the portable kernel.
 */
tin_kernel tin_conv2d_s8_p1_dsp;
tin_scratch_size tin_conv2d_s8_p1_dsp_scratch_size;

typedef struct {
    tin_window window;
    int32_t groups;
    float act_min, act_max; /* output clamp; -INFINITY, INFINITY for none */
    const float *weights;
    const float *bias; /* or NULL */
} tin_conv2d_f32_params;

/*
 * Convolves in float.
 *
 *   out[oy][ox][oc] = clamp(bias[oc] + sum over ky, kx, ic of
 *                           in[iy][ix][g * gc + ic] * weights[oc][ky][kx][ic],
 *                           act_min, act_max)
 *   with gc, g, iy and ix as in tin_conv2d_s8; taps outside the image
 *   contribute nothing.
 *
 * in       [n * in_h][in_w][in_c] f32
 * weights  [out_c][kernel_h][kernel_w][in_c / groups] f32
 * bias     [out_c] f32 or NULL
 * out      [n * out_h][out_w][out_c] f32
 *
 * Needs: tin_window_ok, 1 <= groups, in_c and out_c multiples of groups, rows
 *   and weights of at most 2^31 - 1 bytes, act_min <= act_max.
 * Alias: no overlap. Scratch: none. Stack: under 500 bytes.
 * Exact: the bits of TensorFlow Lite Micro's reference kernel: one sum from 0
 *   in the order of ky, kx, ic, then the bias.
 * NaN: a NaN under a tap makes all channels of its group NaN.
 * Source: CONV_2D of TensorFlow Lite.
 */
tin_kernel tin_conv2d_f32;
tin_check tin_conv2d_f32_check;

/* The check of this kernel, for its variants, too. */
static inline tin_status tin_conv2d_check_f32(const tin_conv2d_f32_params *p,
                                              const char **why)
{
    const tin_window *win = &p->window;
    tin_status status = tin_window_check(win, why);
    int32_t filter;

    if (status != TIN_OK)
        return status;
    if (p->groups < 1 || win->in_c % p->groups || win->out_c % p->groups) {
        TIN_WHY(why, "the channels do not divide into groups");
        return TIN_ERR_SHAPE;
    }
    if (!p->weights) {
        TIN_WHY(why, "weights is NULL");
        return TIN_ERR_ARG;
    }
    filter = tin_size_mul(win->kernel_h * win->kernel_w, win->in_c / p->groups);
    status = tin_bytes_check(tin_size_mul(filter, win->out_c), 4, why);
    if (status == TIN_OK)
        status = tin_rows_check_f32(win, p->act_min, p->act_max, why);
    return status;
}

/* ---- Depthwise convolution ---------------------------------------------- */

typedef struct {
    tin_window window; /* out_c is a multiple of in_c */
    int32_t in_zero, out_zero;
    int32_t act_min, act_max;
    const int8_t *weights;
    const int32_t *bias;       /* or NULL */
    const int32_t *multiplier; /* per output channel, for tin_requantize */
    const int8_t *shift;       /* per output channel, for tin_requantize */
} tin_dwconv2d_s8_params;

/*
 * Convolves each channel by itself with int8 weights.
 *
 *   acc = bias[oc] + sum over ky, kx of
 *         (in[iy][ix][oc / m] - in_zero) * weights[ky][kx][oc]
 *   out[oy][ox][oc] = clamp(requantize(acc, multiplier[oc], shift[oc])
 *                           + out_zero, act_min, act_max)
 *   with m = out_c / in_c, iy and ix as tin_window says; taps outside the
 *   image contribute nothing.
 *
 * in          [n * in_h][in_w][in_c] s8
 * weights     [kernel_h][kernel_w][out_c] s8, zero point 0
 * bias        [out_c] s32 or NULL, scale in * weight
 * multiplier  [out_c] s32, shift [out_c] s8
 * out         [n * out_h][out_w][out_c] s8
 *
 * Needs: out_c a multiple of in_c, and as tin_conv2d_s8.
 * Alias: no overlap. Scratch: none. Stack: under 400 bytes
 *   (250 on Cortex-M).
 * Exact: bit for bit on all targets, double rounding.
 * Source: DEPTHWISE_CONV_2D of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_dwconv2d_s8;
tin_check tin_dwconv2d_s8_check;

typedef struct {
    tin_window window;
    float act_min, act_max;
    const float *weights;
    const float *bias;
} tin_dwconv2d_f32_params;

/*
 * Convolves each channel by itself, in float.
 *
 *   out[oy][ox][oc] = clamp(bias[oc] + sum over ky, kx of
 *                           in[iy][ix][oc / m] * weights[ky][kx][oc],
 *                           act_min, act_max)
 *   with m = out_c / in_c, iy and ix as tin_window says; taps outside the
 *   image contribute nothing.
 *
 * in       [n * in_h][in_w][in_c] f32
 * weights  [kernel_h][kernel_w][out_c] f32
 * bias     [out_c] f32 or NULL
 * out      [n * out_h][out_w][out_c] f32
 *
 * Needs: tin_window_ok, out_c a multiple of in_c, rows and weights of at most
 *   2^31 - 1 bytes, act_min <= act_max.
 * Alias: no overlap. Scratch: none. Stack: under 400 bytes.
 * Exact: the bits of TensorFlow Lite Micro's reference kernel: one sum from 0
 *   in the order of ky, kx, then the bias.
 * NaN: a NaN under a tap makes its channels NaN.
 * Source: DEPTHWISE_CONV_2D of TensorFlow Lite.
 */
tin_kernel tin_dwconv2d_f32;
tin_check tin_dwconv2d_f32_check;

/* The check of this kernel, for its variants, too. */
static inline tin_status tin_dwconv2d_check_f32(
    const tin_dwconv2d_f32_params *p, const char **why)
{
    const tin_window *win = &p->window;
    tin_status status = tin_window_check(win, why);
    int32_t taps;

    if (status != TIN_OK)
        return status;
    if (win->out_c % win->in_c) {
        TIN_WHY(why, "out_c is not a multiple of in_c");
        return TIN_ERR_SHAPE;
    }
    if (!p->weights) {
        TIN_WHY(why, "weights is NULL");
        return TIN_ERR_ARG;
    }
    taps = win->kernel_h * win->kernel_w;
    status = tin_bytes_check(tin_size_mul(taps, win->out_c), 4, why);
    if (status == TIN_OK)
        status = tin_rows_check_f32(win, p->act_min, p->act_max, why);
    return status;
}

/* ---- Depthwise convolution on Cortex-M with DSP ------------------------- */

enum {
    TIN_DWCONV2D_DSP_RIGHT = 10, /* channels with this `right` (see tin_requant)
                                    are the fastest, of 3x3 kernels */
    TIN_DWCONV2D_DSP_3X3 = 11    /* words of a channel of those */
};

typedef struct {
    tin_dwconv2d_s8_params conv; /* weights .. shift are not read */
    const int32_t *packed;       /* by tin_dwconv2d_s8_xxx_dsp_pack */
} tin_dwconv2d_s8_dsp_params;

/* 1 where tin_dwconv2d_s8_any_dsp serves: sizes with which nothing leaves 32
 * bits. */
static inline int tin_dwconv2d_any_dsp_window_ok(const tin_window *w)
{
    return w->in_c == w->out_c && w->in_c >= 4 && w->kernel_h <= 4096 &&
           w->kernel_w <= 4096 && w->stride_w <= 4096 && w->dilation_w <= 4096;
}

/* 1 where tin_dwconv2d_s8_dsp serves: of those, kernels of 3x3 whose outputs
 * move by one or two columns of the input, counted in steps that divide both
 * stride_w and dilation_w. */
static inline int tin_dwconv2d_dsp_window_ok(const tin_window *w)
{
    return tin_dwconv2d_any_dsp_window_ok(w) && w->kernel_h == 3 &&
           w->kernel_w == 3 && 2 * w->dilation_w % w->stride_w == 0;
}

/*
 * tin_dwconv2d_s8 of a 3x3 kernel where out_c = in_c, by SMLAD: in blocks of
 * rows, five or six columns at a time.
 *
 * packed  [out_c][11] s32, see the .c
 *
 * Rows at once: 24, for which 26 input rows are widened, not 72; any number is
 * exact.
 * Needs: as tin_dwconv2d_s8, tin_dwconv2d_dsp_window_ok, a `packed` made for
 *   these params.
 * FPU: holds a channel's constants if the compiler has one; else six outputs
 *   take 89 cycles, not 87.
 * Alias: no overlap. Scratch: tin_dwconv2d_s8_dsp_scratch_size, aligned to 4:
 *   at most 1980 bytes with stride 1 and 3116 with stride 2.
 * Stack: under 500 bytes.
 * Exact: bit for bit as tin_dwconv2d_s8.
 */
tin_kernel tin_dwconv2d_s8_dsp;
tin_check tin_dwconv2d_s8_dsp_check;
tin_scratch_size tin_dwconv2d_s8_dsp_scratch_size;

/* Bytes of `packed` for a tin_dwconv2d_s8_params that passes its check, or
 * TIN_ERR_UNSUPPORTED where the variant is not exact: another window, or a
 * channel that tin_requant_make refuses. */
int32_t tin_dwconv2d_s8_dsp_packed_size(const void *params);
void tin_dwconv2d_s8_dsp_pack(const void *params, int32_t *packed);

typedef tin_dwconv2d_s8_dsp_params tin_dwconv2d_s8_any_dsp_params;

/*
 * tin_dwconv2d_s8 of any kernel where out_c = in_c, by SMLAD: a row, four
 * columns at a time. A product of a 5x5 kernel takes about 5 cycles, where one
 * of tin_dwconv2d_s8_dsp takes 2.
 *
 * packed  [out_c][5 + kernel_h * (kernel_w / 2 + 1) * 2] s32, see the .c
 *
 * Rows at once: any number costs the same.
 * Needs: as tin_dwconv2d_s8, tin_dwconv2d_any_dsp_window_ok, a `packed` made
 *   for these params.
 * Alias: no overlap. Scratch: tin_dwconv2d_s8_any_dsp_scratch_size, aligned to
 *   4.
 * Stack: under 500 bytes.
 * Exact: bit for bit as tin_dwconv2d_s8.
 */
tin_kernel tin_dwconv2d_s8_any_dsp;
tin_check tin_dwconv2d_s8_any_dsp_check;
tin_scratch_size tin_dwconv2d_s8_any_dsp_scratch_size;

/* As tin_dwconv2d_s8_dsp_packed_size, of these windows less those that
 * tin_dwconv2d_s8_dsp serves. */
int32_t tin_dwconv2d_s8_any_dsp_packed_size(const void *params);
void tin_dwconv2d_s8_any_dsp_pack(const void *params, int32_t *packed);

/* Rows of the output are made of tiles of so many columns; how many of them at
 * once bounds scratch. */
enum {
    TIN_DWCONV2D_ROW_DSP_TILE = 6,
    TIN_DWCONV2D_ROW_DSP_COLUMNS = 48, /* of the input, at once */
    TIN_DWCONV2D_ROW_DSP_CHANNEL = 10, /* words of the packed stream */
    TIN_DWCONV2D_ROW_DSP_TABLES = 120  /* bytes */
};

static inline int32_t tin_dwconv2d_row_dsp_tiles(const tin_window *w)
{
    const int32_t tile = TIN_DWCONV2D_ROW_DSP_TILE;
    const int32_t most = TIN_DWCONV2D_ROW_DSP_COLUMNS / tile / w->stride_w;
    const int32_t all = (w->out_w - 1) / tile + 1;

    return all < most ? all : most;
}

/* 1 where tin_dwconv2d_s8_row_dsp serves. */
static inline int tin_dwconv2d_row_dsp_window_ok(const tin_window *w)
{
    return w->in_c == w->out_c && w->in_c >= 4 && w->kernel_h == 3 &&
           w->kernel_w == 3 && w->stride_w <= 2 && w->dilation_w == 1;
}

typedef tin_dwconv2d_s8_dsp_params tin_dwconv2d_s8_row_dsp_params;

/*
 * tin_dwconv2d_s8 of a 3x3 kernel, a row at a time: calls of one row take two
 * thirds of the time of tin_dwconv2d_s8_dsp, those of many rows a sixth more.
 *
 * packed  [out_c][10] s32, see the .c
 *
 * Rows at once: any number costs the same.
 * Needs: as tin_dwconv2d_s8, tin_dwconv2d_row_dsp_window_ok, a `packed` made
 *   for these params.
 * Alias: no overlap. Scratch: tin_dwconv2d_s8_row_dsp_scratch_size, aligned to
 *   4: at most 1340 bytes and one for a channel.
 * Stack: under 400 bytes.
 * Exact: bit for bit as tin_dwconv2d_s8.
 */
tin_kernel tin_dwconv2d_s8_row_dsp;
tin_check tin_dwconv2d_s8_row_dsp_check;
tin_scratch_size tin_dwconv2d_s8_row_dsp_scratch_size;

/* As tin_dwconv2d_s8_dsp_packed_size, of these windows. */
int32_t tin_dwconv2d_s8_row_dsp_packed_size(const void *params);
void tin_dwconv2d_s8_row_dsp_pack(const void *params, int32_t *packed);

typedef tin_dwconv2d_s8_dsp_params tin_dwconv2d_s8_narrow_dsp_params;

/* 1 where tin_dwconv2d_s8_narrow_dsp serves: rows of 3 to 5 columns, as many
 * in the output, kernels of 3x3 with a column beside the image at each end. */
static inline int tin_dwconv2d_dsp_is_narrow(const tin_window *w)
{
    return w->in_c == w->out_c && 3 <= w->in_w && w->in_w <= 5 &&
           w->out_w == w->in_w && w->kernel_h == 3 && w->kernel_w == 3 &&
           w->stride_w == 1 && w->dilation_w == 1 && w->pad_left == 1;
}

/*
 * tin_dwconv2d_s8 for narrow images.
 *
 * packed  as for tin_dwconv2d_s8_dsp
 *
 * Rows at once: any number costs the same.
 * Needs: as tin_dwconv2d_s8, tin_dwconv2d_dsp_is_narrow, a `packed` made for
 *   these params.
 * Alias: no overlap. Scratch: in_c bytes. Stack: under 300 bytes.
 * Exact: bit for bit as tin_dwconv2d_s8.
 */
tin_kernel tin_dwconv2d_s8_narrow_dsp;
tin_check tin_dwconv2d_s8_narrow_dsp_check;
tin_scratch_size tin_dwconv2d_s8_narrow_dsp_scratch_size;

/* As tin_dwconv2d_s8_dsp_packed_size. TIN_ERR_UNSUPPORTED also where outputs
 * are clamped other than to int8, or out_zero is not -128, or a channel cannot
 * be requantized with TIN_DWCONV2D_DSP_RIGHT. */
int32_t tin_dwconv2d_s8_narrow_dsp_packed_size(const void *params);
void tin_dwconv2d_s8_narrow_dsp_pack(const void *params, int32_t *packed);

/* ---- Dense -------------------------------------------------------------- */

typedef struct {
    int32_t in_c, out_c;
    int32_t in_zero, out_zero;
    int32_t act_min, act_max;
    const int8_t *weights;
    const int32_t *bias;       /* or NULL */
    const int32_t *multiplier; /* per output channel, for tin_requantize */
    const int8_t *shift;       /* per output channel, for tin_requantize */
} tin_dense_s8_params;

/*
 * Multiplies each row by a matrix of int8 weights.
 *
 *   acc = bias[oc] + sum over ic of (in[y][ic] - in_zero) * weights[oc][ic]
 *   out[y][oc] = clamp(requantize(acc, multiplier[oc], shift[oc]) + out_zero,
 *                      act_min, act_max)
 *
 * in          [n][in_c] s8
 * weights     [out_c][in_c] s8, zero point 0
 * bias        [out_c] s32 or NULL, scale in * weight
 * multiplier  [out_c] s32, shift [out_c] s8: all alike where the weights have
 *             one scale
 * out         [n][out_c] s8
 *
 * Needs: 1 <= in_c, out_c, in_c * out_c < 2^31, and zero points, clamp,
 *   multipliers, shifts and sums as in tin_conv2d_s8.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit on all targets, double rounding.
 * Source: FULLY_CONNECTED of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_dense_s8;
tin_check tin_dense_s8_check;

typedef struct {
    int32_t in_c, out_c;
    float act_min, act_max;
    const float *weights;
    const float *bias;
} tin_dense_f32_params;

/*
 * Multiplies each row by a matrix, in float.
 *
 *   out[y][oc] = clamp(bias[oc] + sum over ic of in[y][ic] * weights[oc][ic],
 *                      act_min, act_max)
 *
 * in       [n][in_c] f32
 * weights  [out_c][in_c] f32
 * bias     [out_c] f32 or NULL
 * out      [n][out_c] f32
 *
 * Needs: 1 <= in_c, out_c, weights of at most 2^31 - 1 bytes,
 *   act_min <= act_max.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: the bits of TensorFlow Lite Micro's reference kernel: one sum from 0
 *   in the order of ic, then the bias.
 * NaN: a NaN in a row makes all of its outputs NaN.
 * Source: FULLY_CONNECTED of TensorFlow Lite.
 */
tin_kernel tin_dense_f32;
tin_check tin_dense_f32_check;

/* ---- Dense on Cortex-M with DSP ----------------------------------------- */

typedef struct {
    tin_dense_s8_params dense; /* weights .. shift are not read */
    const int32_t *packed;     /* by tin_dense_s8_dsp_pack */
} tin_dense_s8_dsp_params;

/*
 * tin_dense_s8 by SMLAD, eight output channels at a time as four pairs.
 *
 * packed  s32, as dense_s8_dsp_pack.c says: the weights' bytes and 4 a channel,
 *         20 more where the channels' multipliers or shifts differ
 *
 * Rows at once: 1.
 * Needs: as tin_dense_s8, a `packed` made for these params.
 *   tin_dense_s8_dsp_packed_size tells what cannot be packed.
 * Alias: no overlap. Scratch: tin_dense_s8_dsp_scratch_size, aligned to 4.
 * Stack: under 250 bytes.
 * Exact: bit for bit as tin_dense_s8.
 */
tin_kernel tin_dense_s8_dsp;
tin_check tin_dense_s8_dsp_check;
tin_scratch_size tin_dense_s8_dsp_scratch_size;

/* Bytes of `packed` for a tin_dense_s8_params that passes its check, or
 * TIN_ERR_UNSUPPORTED where the variant is not exact: a channel that
 * tin_requant_make refuses; an odd channel whose sum can leave -2^23 ..
 * 2^23 - 1, or whose weight -128 meets a negative one of the channel before. */
int32_t tin_dense_s8_dsp_packed_size(const void *params);
void tin_dense_s8_dsp_pack(const void *params, int32_t *packed);

/* ---- Softmax ------------------------------------------------------------ */

typedef struct {
    int32_t groups;            /* softmaxes in a row */
    int32_t c;                 /* elements of each */
    int32_t multiplier, shift; /* beta * in_scale in Q5.26 */
    int32_t diff_min; /* differences to the maximum below it count as 0 */
} tin_softmax_s8_params;

/*
 * Turns each group of c numbers into probabilities of scale 1/256 and zero
 * point -128.
 *
 *   d(i) = in[i] - max(in)
 *   e(i) = tin_exp_q31(requantize(d(i), multiplier, shift), 5), but 0 where
 *          d(i) < diff_min
 *   sum = sum over j of tin_shift_round(e(j), 12)
 *       = 2^(31 - k) * (1 + f), 0 <= f < 1
 *   out[i] = clamp(tin_shift_round(tin_mul_high(tin_reciprocal_q31(f), e(i)),
 *                                  35 - k) - 128, -128, 127)
 *   and -128 where 35 - k > 31, that is for all i if sum >= 512 * 2^19; the
 *   reference stops there.
 *
 * in   [n][groups][c] s8
 * out  [n][groups][c] s8
 *
 * (multiplier, shift) = quantized(min(beta * in_scale * 2^26, 2^31 - 1)), and
 * diff_min = -floor(31 * 2^26 / 2^shift). in_scale * beta >= 2^-26.
 *
 * Needs: 1 <= groups, 1 <= c <= 4095 (the sum stays below 2^31),
 *   groups * c < 2^31, 0 <= multiplier, 0 <= shift <= 30,
 *   -2^31 / 2^shift <= diff_min <= 0.
 * Alias: out may equal in or begin before it. Scratch: none.
 * Stack: under 300 bytes.
 * Exact: bit for bit on all targets. Source: SOFTMAX of TensorFlow Lite
 * Micro's reference kernels, fixed-point functions of gemmlowp.
 */
tin_kernel tin_softmax_s8;
tin_check tin_softmax_s8_check;

typedef struct {
    tin_softmax_s8_params softmax;
    const int32_t *packed; /* by tin_softmax_s8_dsp_pack */
} tin_softmax_s8_dsp_params;

/*
 * tin_softmax_s8 for Cortex-M with DSP instructions, by a table.
 *
 * packed  [2 + last] s32: last, 0 <= last <= 255; e(i) of tin_softmax_s8 for
 *         d(i) = 0, -1 .. -last. What is below counts as the last one, which
 *         is 0 unless last is 255
 *
 * Needs: 1 <= groups, 1 <= c <= 4095, groups * c < 2^31, a `packed` made for
 *   these params.
 * Alias: out may equal in or begin before it. Scratch: none.
 * Stack: under 150 bytes.
 * Exact: bit for bit tin_softmax_s8.
 */
tin_kernel tin_softmax_s8_dsp;
tin_check tin_softmax_s8_dsp_check;

/* Bytes of `packed` for a tin_softmax_s8_params that passes its check. */
int32_t tin_softmax_s8_dsp_packed_size(const void *params);
void tin_softmax_s8_dsp_pack(const void *params, int32_t *packed);

typedef struct {
    int32_t groups, c;
    float beta;
} tin_softmax_f32_params;

/*
 * Turns each group of c numbers into probabilities.
 *
 *   out[i] = e(i) / sum over j of e(j), e(i) = exp((in[i] - max(in)) * beta)
 *
 * in   [n][groups][c] f32
 * out  [n][groups][c] f32
 *
 * Needs: 1 <= groups, c, rows of at most 2^31 - 1 bytes, 0 < beta < infinity.
 * Alias: out may equal in or begin before it. Scratch: none.
 * Stack: under 200 bytes.
 * Libm: expf.
 * Exact: the bits of TensorFlow Lite Micro's reference
 * kernel with the same expf: the sum in the order of i, then one division. NaN:
 * a NaN or +Inf in a group, or nothing but -Inf, makes all of it NaN. Source:
 * SOFTMAX of TensorFlow Lite.
 */
tin_kernel tin_softmax_f32;
tin_check tin_softmax_f32_check;

/* ---- Add ---------------------------------------------------------------- */

/* How an elementwise operator of two inputs walks them: extents of the
 * output, and per extent how far an input moves, 0 where it is broadcast.
 * Strides of extents 0 .. 2 count rows, those of 3 and 4 elements. */
typedef struct {
    int32_t dim[TIN_DIMS];
    int32_t stride_a[TIN_DIMS], stride_b[TIN_DIMS];
} tin_broadcast;

/* The row of an input that goes with output row y; `stride` is stride_a or
 * stride_b. */
static inline int32_t tin_broadcast_row(const tin_broadcast *s,
                                        const int32_t stride[TIN_DIMS],
                                        int32_t y)
{
    const int32_t image = y / s->dim[2];

    return image / s->dim[1] * stride[0] + image % s->dim[1] * stride[1] +
           y % s->dim[2] * stride[2];
}

/* 1 when all extents are positive, the strides not negative, and no row,
 * count of rows or place in an input leaves 32 bits. */
static inline int tin_broadcast_ok(const tin_broadcast *s, int32_t elem_bytes)
{
    int64_t size = 1, last_a = 0, last_b = 0;

    for (int i = 0; i < TIN_DIMS; i++) {
        const int64_t steps = (int64_t)s->dim[i] - 1;
        const int64_t limit = i < 3 ? INT32_MAX : INT32_MAX / elem_bytes;

        if (s->dim[i] < 1 || s->stride_a[i] < 0 || s->stride_b[i] < 0)
            return 0;
        // rows are done where elements begin
        size = (i == 3 ? 1 : size) * s->dim[i];
        last_a = (i == 3 ? 0 : last_a) + steps * s->stride_a[i];
        last_b = (i == 3 ? 0 : last_b) + steps * s->stride_b[i];
        if (size > limit || last_a >= limit || last_b >= limit)
            return 0;
    }
    return 1;
}

typedef struct {
    tin_broadcast shape;
    int32_t a_zero, b_zero, out_zero;
    int32_t left_shift;
    int32_t a_multiplier, a_shift;
    int32_t b_multiplier, b_shift;
    int32_t out_multiplier, out_shift;
    int32_t act_min, act_max;
} tin_add_s8_params;

/*
 * Adds two tensors, either of which may be broadcast.
 *
 *   ra = requantize((a[place of i] - a_zero) * 2^left_shift, a_multiplier,
 *                   a_shift), rb likewise
 *   out[i] = clamp(requantize(ra + rb, out_multiplier, out_shift) + out_zero,
 *                  act_min, act_max)
 *   with i over the five extents `dim` and places as the strides say.
 *
 * in[0]  a, rows of s8, as far as stride_a reaches
 * in[1]  b, rows of s8, as far as stride_b reaches
 * out    [dim[0] * dim[1] * dim[2]][dim[3] * dim[4]] s8
 *
 * With twice = 2 * max(a_scale, b_scale), all in double:
 *   left_shift = 20
 *   (a_multiplier, a_shift) = quantized(a_scale / twice), b likewise
 *   (out_multiplier, out_shift) = quantized(twice / (2^20 * out_scale)), which
 *   is below 1 or the network cannot be had.
 *
 * Needs: tin_broadcast_ok for 1 byte, 9 <= left_shift <= 21, all zero points
 *   within -128 .. 127, 0 <= multipliers, -31 <= shifts <= 0,
 *   -128 <= act_min <= act_max <= 127.
 * Alias: out may equal an input that is not broadcast, or begin before it.
 * Scratch: none. Stack: under 600 bytes (400 on Cortex-M).
 * Exact: bit for bit on all targets, double rounding.
 * Source: ADD of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_add_s8;
tin_check tin_add_s8_check;

typedef struct {
    tin_broadcast shape;
    float act_min, act_max;
} tin_add_f32_params;

/*
 * Adds two tensors, either of which may be broadcast.
 *
 *   out[i] = clamp(a[place of i] + b[place of i], act_min, act_max)
 *   with i over the five extents `dim` and places as the strides say.
 *
 * in[0]  a, rows of f32, as far as stride_a reaches
 * in[1]  b, rows of f32, as far as stride_b reaches
 * out    [dim[0] * dim[1] * dim[2]][dim[3] * dim[4]] f32
 *
 * Needs: tin_broadcast_ok for 4 bytes, act_min <= act_max.
 * Alias: out may equal an input that is not broadcast, or begin before it.
 * Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets.
 * NaN: passes through, and Inf - Inf is NaN. A sum of -0.0 becomes 0.0 where
 *   act_min is 0.
 * Source: ADD of TensorFlow Lite.
 */
tin_kernel tin_add_f32;
tin_check tin_add_f32_check;

/* ---- Add on Cortex-M with DSP ------------------------------------------- */

enum { TIN_ADD_DSP_RIGHT = 20 };

typedef struct {
    tin_add_s8_params add;
    const int32_t *packed; /* by tin_add_s8_dsp_pack */
} tin_add_s8_dsp_params;

/*
 * tin_add_s8 of two inputs that are not broadcast within a row, by tables.
 *
 * packed  [1 + 2 * 256] s32: 1 if the tables hold parts of the output, 0 if
 *         rescaled inputs; the table of a, that of b, by byte as uint8_t
 *
 * Rows at once: 1.
 * Needs: as tin_add_s8, rows of both inputs as long as those of the output and
 *   in its order, a `packed` made for these params.
 * Alias: out may equal an input that is not broadcast, or begin before it.
 * Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit as tin_add_s8; parts are only packed where all of the
 *   65536 pairs of bytes were tried.
 */
tin_kernel tin_add_s8_dsp;
tin_check tin_add_s8_dsp_check;
tin_scratch_size tin_add_s8_dsp_scratch_size; /* 0 */

/* Bytes of `packed` for a tin_add_s8_params that passes its check, or
 * TIN_ERR_UNSUPPORTED for an input that is broadcast within a row. */
int32_t tin_add_s8_dsp_packed_size(const void *params);
void tin_add_s8_dsp_pack(const void *params, int32_t *packed);

/* ---- Unary operators ---------------------------------------------------- */

/* Any function of one byte: RELU, RELU6, LOGISTIC, a change of scale. */
typedef struct {
    int32_t row_elems;
    const uint8_t *table; /* [256], indexed by the input byte as uint8_t */
} tin_table_x8_params;

/*
 * Looks up every byte in a table.
 *
 *   out[i] = table[in[i]], bytes as uint8_t
 *
 * in   [n][row_elems] s8 or u8
 * out  [n][row_elems] s8 or u8
 *
 * Needs: 1 <= row_elems.
 * Alias: out may equal in or begin before it; the table overlaps neither.
 * Scratch: none. Stack: under 100 bytes.
 * Exact: bit for bit on all targets.
 */
tin_kernel tin_table_x8;
tin_check tin_table_x8_check;

/*
 * tin_table_x8 for Cortex-M with DSP instructions; its params are those of
 * tin_table_x8, and nothing is packed. 16 bytes at a time, by words.
 *
 * Needs, Alias: as tin_table_x8. Scratch: none. Stack: under 150 bytes.
 * Exact: bit for bit tin_table_x8.
 */
tin_kernel tin_table_x8_dsp;

/*
 * Fills the table of 1 / (1 + exp(-x)), output scale 1/256, zero point -128.
 *
 *   d = in - in_zero
 *   table[in] = -128 where d <= -range_radius, 127 where d >= range_radius,
 *   else clamp(tin_shift_round(logistic(requantize(d, multiplier, shift)), 23)
 *              - 128, -128, 127)
 *   with logistic(x) of x in Q4.27 = tin_reciprocal_q31(tin_exp_q31(-x, 4))
 *   for x > 0, 2^30 for x = 0, 2^31 - 1 - logistic(-x) for x < 0
 *
 * (multiplier, shift) = quantized(in_scale * 2^27), and
 * range_radius = floor(15 * 2^27 / 2^shift).
 *
 * Needs: -128 <= in_zero <= 127, 0 <= multiplier, -31 <= shift <= 30,
 *   0 <= range_radius, range_radius * 2^shift < 2^31.
 * Stack: under 300 bytes.
 * Exact: bit for bit on all targets.
 * Source: LOGISTIC of TensorFlow Lite Micro's reference kernels.
 */
void tin_logistic_table_s8(uint8_t table[256], int32_t in_zero,
                           int32_t multiplier, int32_t shift,
                           int32_t range_radius);

/*
 * Fills the table of a change of scale, with a clamp.
 *
 *   table[in] = clamp(requantize(in - in_zero, multiplier, shift) + out_zero,
 *                     act_min, act_max)
 *
 * (multiplier, shift) = quantized(in_scale / out_scale) is QUANTIZE from int8
 * to int8 with -128 .. 127, and RELU with max(-128, out_zero) .. 127. RELU6
 * of the reference takes both tensors to have the input's scale and zero
 * point: quantized(1), in_zero .. min(127, in_zero + round(6 / in_scale)).
 *
 * Needs: zero points within -128 .. 127, 0 <= multiplier,
 *   -31 <= shift <= 30, -128 <= act_min <= act_max <= 127; and
 *   255 * 2^shift < 2^31, or the reference's product wraps.
 * Stack: under 200 bytes.
 * Exact: bit for bit on all targets, double rounding.
 * Source: QUANTIZE, RELU and RELU6 of TensorFlow Lite Micro's reference
 *   kernels.
 */
void tin_requant_table_s8(uint8_t table[256], int32_t in_zero, int32_t out_zero,
                          int32_t multiplier, int32_t shift, int32_t act_min,
                          int32_t act_max);

typedef struct {
    int32_t row_elems;
    float min, max;
} tin_clamp_f32_params;

/*
 * Limits every element: RELU with min 0, max INFINITY, RELU6 with 0 and 6.
 *
 *   out[i] = in[i] <= min ? min : in[i] >= max ? max : in[i]
 *
 * in   [n][row_elems] f32
 * out  [n][row_elems] f32
 *
 * Needs: 1 <= row_elems, rows of at most 2^31 - 1 bytes, min <= max.
 * Alias: out may equal in or begin before it. Scratch: none.
 * Stack: under 200 bytes.
 * Exact: bit for bit on all targets. With min 0 -0.0 becomes 0.0. NaN:
 * passes through. Source: RELU, RELU6, RELU_N1_TO_1 of TensorFlow Lite, which
 * keeps -0.0.
 */
tin_kernel tin_clamp_f32;
tin_check tin_clamp_f32_check;

typedef struct {
    int32_t row_elems;
} tin_logistic_f32_params;

/*
 * Maps every element to 0 .. 1.
 *
 *   out[i] = 1 / (1 + exp(-in[i])), but exp(in[i]) where in[i] < -9
 *
 * in   [n][row_elems] f32
 * out  [n][row_elems] f32
 *
 * Needs: 1 <= row_elems, rows of at most 2^31 - 1 bytes.
 * Alias: out may equal in or begin before it. Scratch: none.
 * Stack: under 200 bytes.
 * Libm: expf.
 * Exact: within 2^-22 relative, if expf is within 1 ulp.
 * NaN: passes through; -Inf gives 0, Inf gives 1.
 * Source: LOGISTIC of TensorFlow Lite's reference kernels, whose short cut
 *   below -9 (off by up to 1.3e-4 relative) is part of the definition here.
 */
tin_kernel tin_logistic_f32;
tin_check tin_logistic_f32_check;

/* ---- Quantize and dequantize -------------------------------------------- */

typedef struct {
    int32_t row_elems;
    float scale;
    int32_t zero;
} tin_quantize_f32_s8_params;

/*
 * Converts real numbers to int8.
 *
 *   out[i] = clamp(round(in[i] / scale) + zero, -128, 127), where round goes
 *   to the nearest integer, from halves away from zero
 *
 * in   [n][row_elems] f32
 * out  [n][row_elems] s8
 *
 * Needs: 1 <= row_elems, rows of at most 2^31 - 1 bytes,
 *   0 < scale < infinity, -128 <= zero <= 127.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit on all targets; the quotient is rounded to f32 first.
 * NaN: gives zero, which stands for 0.0; Inf gives 127, -Inf -128.
 * Source: QUANTIZE of TensorFlow Lite, where NaN and Inf are not defined.
 */
tin_kernel tin_quantize_f32_s8;
tin_check tin_quantize_f32_s8_check;

typedef struct {
    int32_t row_elems;
    float scale;
    int32_t zero;
} tin_dequantize_s8_f32_params;

/*
 * Converts int8 to the real numbers it stands for.
 *
 *   out[i] = scale * (in[i] - zero)
 *
 * in   [n][row_elems] s8
 * out  [n][row_elems] f32
 *
 * Needs: 1 <= row_elems, rows of at most 2^31 - 1 bytes,
 *   0 < scale < infinity, -128 <= zero <= 127.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit on all targets; one rounding.
 * NaN: none comes out; a scale over FLT_MAX / 255 may give Inf.
 * Source: DEQUANTIZE of TensorFlow Lite.
 */
tin_kernel tin_dequantize_s8_f32;
tin_check tin_dequantize_s8_f32_check;

/* ---- Data movement ------------------------------------------------------ */

typedef struct {
    int32_t elem_bytes; /* 1, 2, 4 or 8 */
    int32_t in_dim[TIN_DIMS], out_dim[TIN_DIMS];
    int32_t before[TIN_DIMS]; /* elements added in front, >= 0 */
    uint8_t value[8];         /* of the elements added, elem_bytes of it */
} tin_pad_params;

/*
 * Surrounds a tensor with copies of one value.
 *
 *   out[i] = in[i - before] where i - before lies in in_dim, else value
 *   with i over the five extents out_dim.
 *
 * in   [in_dim[0] * in_dim[1] * in_dim[2]][in_dim[3] * in_dim[4]], any type
 *      of elem_bytes bytes
 * out  [out_dim[0] * out_dim[1] * out_dim[2]][out_dim[3] * out_dim[4]]
 *
 * Needs: elem_bytes 1, 2, 4 or 8, all extents positive, 0 <= before,
 *   before + in_dim <= out_dim, fewer than 2^31 rows, rows of at most
 *   2^31 - 1 bytes. `value` is in memory order; elements need no alignment.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit on all targets. NaN: elements are bytes, copied as such.
 * Source: PAD and PADV2 of TensorFlow Lite.
 */
tin_kernel tin_pad;
tin_check tin_pad_check;

enum { TIN_CONCAT_MAX = 7 };

typedef struct {
    int32_t elem_bytes;
    int32_t dim[TIN_DIMS];          /* of the output */
    int32_t axis;                   /* 0 .. 4 */
    int32_t first;                  /* where on the axis in[0] begins */
    int32_t n_in;                   /* 1 .. TIN_CONCAT_MAX */
    int32_t extent[TIN_CONCAT_MAX]; /* of each input along the axis */
} tin_concat_params;

/*
 * Joins tensors along an axis, or makes a part of a wider join.
 *
 *   out[i] = in[k][i, less where in[k] begins on the axis]
 *   with i over the five extents `dim`; in[0] begins at `first`, in[k + 1]
 *   where in[k] ends. What lies before the first input or after the last is
 *   another step's: it is neither written nor read.
 *
 * in[k]  as out, but with extent[k] along the axis, any type of elem_bytes
 *        bytes
 * out    [dim[0] * dim[1] * dim[2]][dim[3] * dim[4]]
 *
 * Rows: on axis 3 and 4 row y takes a piece of row y of every input; on axis
 *   0 .. 2 it is a copy of one row of one input, or not this step's.
 * Needs: elem_bytes 1, 2, 4 or 8, all extents positive, 0 <= axis <= 4,
 *   1 <= n_in <= TIN_CONCAT_MAX, 0 <= first,
 *   first + sum of extent <= dim[axis], fewer than 2^31 rows, rows of at most
 *   2^31 - 1 bytes. Elements need no alignment.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit on all targets. NaN: elements are bytes, copied as such.
 * Source: CONCATENATION of TensorFlow Lite.
 */
tin_kernel tin_concat;
tin_check tin_concat_check;

/* ---- Cortex-M55 with MVE ------------------------------------------------ */

/*
 * The params of an _mve kernel: the portable ones, whose weights, bias,
 * multiplier and shift it does not read, and what its _pack made of them. A
 * dot product of 16 bytes is one instruction (VMLADAVA.S8), so filters are
 * stored in vectors of 16: a filter's first vector holds what is left when
 * all others are full, filled up with zeros, and its inputs are loaded under a
 * mask. Bias and zero point are one number.
 *
 * tin_xxx_mve_packed_size gives the bytes of that stream, a multiple of 4, or
 * an error where this variant cannot do the layer and the portable kernel
 * must; tin_xxx_mve_pack fills it, on any machine, for the target. Both take
 * tin_xxx_params that tin_xxx_check accepts; tin_xxx_mve_check and
 * tin_xxx_mve_scratch_size take tin_xxx_mve_params.
 */
typedef tin_conv2d_s8_dsp_params tin_conv2d_s8_mve_params;
typedef tin_dwconv2d_s8_dsp_params tin_dwconv2d_s8_mve_params;
typedef tin_dense_s8_dsp_params tin_dense_s8_mve_params;

/*
 * tin_conv2d_s8 for the M55. Where the patches of an output row do not lie in
 * one piece in the input, that is unless kernel_h is 1 and nothing is padded,
 * they are first laid out in scratch: a strip [column][ky][in_c] of the rows
 * under the window, padding included, in which the patch of each pixel is one
 * piece. Two pixels meet three filters at a time.
 *
 * packed  for filters of up to 64 taps
 *         [channels / 4] of filters, [0 and 2, 1 and 3][vector][2][16] s8, and
 *         bias, multiplier, shift, [4] s32 each; for longer ones
 *         [channels / 4][bias, multiplier, shift][4] s32
 *         [group of 3 or 2 filters][vector][filter][16] s8; taps in the order
 *         kx, ky, ic
 *
 * Needs: as tin_conv2d_s8, and groups == 1, no shift above 0.
 * Alias: no overlap. Scratch: see tin_conv2d_s8_mve_scratch_size; sums of two
 *   pixels, and kernel_h * in_c bytes for each column of the strip.
 * Stack: under 500 bytes. Rows at once: any number.
 * Exact: bit for bit tin_conv2d_s8.
 */
tin_kernel tin_conv2d_s8_mve;
tin_check tin_conv2d_s8_mve_check;
int32_t tin_conv2d_s8_mve_packed_size(const void *params);
void tin_conv2d_s8_mve_pack(const void *params, int32_t *packed);
tin_scratch_size tin_conv2d_s8_mve_scratch_size;

/*
 * tin_dwconv2d_s8 for the M55. Up to 16 channels of the rows under the window
 * are transposed into scratch, [channel][column][row], padding included: there
 * the taps of an output lie in a few vectors. Windows of up to 16 inputs of
 * two rows of outputs are done in blocks of two by two outputs.
 *
 * packed  [1] s32: 1 if a shift is below -23
 *         [4][16] u8, only for blocks: which tap each byte of a vector meets,
 *         for the four outputs
 *         [channel] of bias, multiplier, shift, s32, and the filter, s8, taps
 *         in the order kx, ky, with zeros behind them
 *
 * Needs: as tin_dwconv2d_s8, and out_c == in_c, no shift above 0, strips of
 *   at most 4369 bytes a channel.
 * Alias: no overlap. Scratch: see tin_dwconv2d_s8_mve_scratch_size; for each
 *   of up to 16 channels kernel_h or kernel_h + stride_h bytes a column.
 * Stack: under 450 bytes. Rows at once: 2 for the full speed.
 * Exact: bit for bit tin_dwconv2d_s8.
 */
tin_kernel tin_dwconv2d_s8_mve;
tin_check tin_dwconv2d_s8_mve_check;
int32_t tin_dwconv2d_s8_mve_packed_size(const void *params);
void tin_dwconv2d_s8_mve_pack(const void *params, int32_t *packed);
tin_scratch_size tin_dwconv2d_s8_mve_scratch_size;

/*
 * tin_dense_s8 for the M55: four output channels at a time.
 *
 * packed  [channels / 4] of filters, [vector][4][16] s8, and bias, multiplier,
 *         shift, [4] s32 each
 *
 * Needs: as tin_dense_s8, and no shift above 0.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes. Rows at once: any
 *   number.
 * Exact: bit for bit tin_dense_s8.
 */
tin_kernel tin_dense_s8_mve;
tin_check tin_dense_s8_mve_check;
int32_t tin_dense_s8_mve_packed_size(const void *params);
void tin_dense_s8_mve_pack(const void *params, int32_t *packed);

/*
 * tin_add_s8 for the M55, four elements at a time; its params are those of
 * tin_add_s8, and nothing is packed.
 *
 * Needs, Alias: as tin_add_s8. Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit tin_add_s8.
 */
tin_kernel tin_add_s8_mve;

/*
 * tin_table_x8 for the M55, 16 bytes at a time; its params are those of
 * tin_table_x8, and nothing is packed.
 *
 * Needs, Alias: as tin_table_x8. Scratch: none. Stack: under 100 bytes.
 * Exact: bit for bit tin_table_x8.
 */
tin_kernel tin_table_x8_mve;

/*
 * tin_softmax_s8 for the M55, four elements at a time; its params are those of
 * tin_softmax_s8_dsp, and so is the table.
 *
 * Needs, Alias: as tin_softmax_s8_dsp. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit tin_softmax_s8.
 */
tin_kernel tin_softmax_s8_mve;

/* Vectors of 16 that hold n taps, and how many taps the first one holds. */
static inline int32_t tin_vectors_mve(int32_t n)
{
    return n / 16 + (n % 16 ? 1 : 0);
}

static inline int32_t tin_head_mve(int32_t n)
{
    return (n - 1) % 16 + 1;
}

/* Where tap t of n lies in its filter, when vectors lie `step` bytes apart. */
static inline size_t tin_tap_mve(int32_t t, int32_t n, int32_t step)
{
    const int32_t head = tin_head_mve(n);

    if (t < head)
        return (size_t)t;
    t -= head;
    return (size_t)(1 + t / 16) * (size_t)step + (size_t)(t % 16);
}

/* Stores byte i of a stream of words where a little-endian CPU reads it. The
 * stream is zero before. */
static inline void tin_stream_put(int32_t *words, size_t i, int8_t value)
{
    const uint32_t byte = (uint32_t)(uint8_t)value << (8 * (i % 4));

    words[i / 4] = (int32_t)((uint32_t)words[i / 4] | byte);
}

/* Bias, multiplier and shift of channel oc into to[0], to[step] and
 * to[2 * step]. The bias has the zero point folded in:
 * |bias| + 128 * sum |weights| < 2^31. */
static inline void tin_channel_mve(const tin_filters *f, int32_t zero,
                                   int32_t oc, int32_t *to, int32_t step)
{
    const int8_t *w = f->weights + (size_t)oc * (size_t)f->channel_step;
    int32_t bias = f->bias ? f->bias[oc] : 0;

    for (int64_t t = 0; t < f->taps; t++)
        bias -= zero * w[(size_t)t * (size_t)f->tap_step];
    to[0] = bias;
    to[step] = f->multiplier[oc];
    to[2 * step] = f->shift[oc];
}

/* 1 if all of n shifts go right: others would cost every layer, and scales of
 * 1 and more hardly exist. */
static inline int tin_shifts_ok_mve(const int8_t *shift, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        if (shift[i] > 0)
            return 0;
    }
    return 1;
}

#ifdef __cplusplus
}
#endif

#endif /* TINYINFER_KERNELS_H */
