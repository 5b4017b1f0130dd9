/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer_reduce.h: kernels that look along an axis.
 *
 * Reductions (maximum, minimum, sum, product, mean), the place of the largest
 * element, the k largest, running sums, and norms. With tinyinfer_kernels.h,
 * whose contracts hold here, it is all that one of these files needs.
 *
 * A kernel that goes along one axis sees a row as [outer][extent][inner],
 * extent being that axis. An axis that lies across rows is taken by seeing
 * the tensor as fewer, longer rows: rows that follow each other in memory are
 * one row.
 */
#ifndef TINYINFER_REDUCE_H
#define TINYINFER_REDUCE_H

#include "tinyinfer_pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Reductions --------------------------------------------------------- */

/*
 * Which axes go. in_h rows of the input become one row of the output, and in
 * a row dim[1] and dim[3] go:
 *
 * in   [n * in_h][dim[0]][dim[1]][dim[2]][dim[3]][dim[4]]
 * out  [n][dim[0]][dim[2]][dim[4]]
 *
 * That is any set of axes of a tensor of rank 6: neighbours of which both go
 * or both stay are one axis. The rows of a call are *input* rows: row y
 * belongs to output row y / in_h, which is written together with the last of
 * its rows, and not touched before. What is known until then lies in scratch.
 */
typedef struct {
    int32_t in_h;
    int32_t dim[TIN_DIMS];
} tin_reduce_shape;

/* What becomes of the elements. Not every kernel has all of them. */
enum {
    TIN_REDUCE_MAX = 0,
    TIN_REDUCE_MIN = 1,
    TIN_REDUCE_SUM = 2,
    TIN_REDUCE_PROD = 3,
    TIN_REDUCE_MEAN = 4
};

/* Elements of an output row; -1: 2^31 or more. */
static inline int32_t tin_reduce_kept(const tin_reduce_shape *s)
{
    return tin_size_mul(tin_size_mul(s->dim[0], s->dim[2]), s->dim[4]);
}

/* Elements that become one; -1: 2^31 or more. */
static inline int32_t tin_reduce_count(const tin_reduce_shape *s)
{
    return tin_size_mul(tin_size_mul(s->in_h, s->dim[1]), s->dim[3]);
}

/* n elements x, which lie side by side, go into acc[0] if step is 0, into
 * acc[0] .. acc[n - 1] if it is 1. */
typedef void tin_fold(const void *params, void *acc, const void *x, int32_t n,
                      int32_t step);

/* One input row goes into the accumulators of 4 bytes, of which there are
 * tin_reduce_kept. */
static inline void tin_reduce_row(const tin_reduce_shape *s, const void *params,
                                  const void *row, int32_t elem_bytes,
                                  void *acc, tin_fold *fold)
{
    // along the axis that goes if nothing stays behind it
    const int32_t step = s->dim[4] > 1;
    const int32_t run = step ? s->dim[4] : s->dim[3];
    const int32_t runs = step ? s->dim[3] : 1;
    const size_t line = (size_t)s->dim[4] * 4, bytes = (size_t)elem_bytes;
    const unsigned char *x = (const unsigned char *)row;

    for (int32_t i = 0; i < s->dim[0] * s->dim[1]; i++) {
        const int32_t block = i / s->dim[1] * s->dim[2];

        for (int32_t b = block; b < block + s->dim[2]; b++)
            for (int32_t r = 0; r < runs; r++, x += (size_t)run * bytes)
                fold(params, (unsigned char *)acc + (size_t)b * line, x, run,
                     step);
    }
}

static inline tin_status tin_reduce_check(const tin_reduce_shape *s,
                                          int32_t elem_bytes, const char **why)
{
    int32_t elems = 1;

    for (int i = 0; i < TIN_DIMS; i++) {
        if (s->dim[i] < 1 || s->in_h < 1)
            return TIN_WHY(why, "an extent is not positive"), TIN_ERR_SHAPE;
        elems = tin_size_mul(elems, s->dim[i]);
    }
    if (tin_reduce_count(s) < 0)
        return TIN_WHY(why, "2^31 or more elements become one"),
               TIN_ERR_OVERFLOW;
    // the accumulators, too
    if (tin_size_mul(tin_reduce_kept(s), 4) < 0)
        return TIN_WHY(why, "scratch over 2 GiB"), TIN_ERR_OVERFLOW;
    return tin_bytes_check(elems, elem_bytes, why);
}

typedef struct {
    tin_reduce_shape shape;
    int32_t op;
} tin_reduce_f32_params;

/*
 * Reduces to the largest or smallest element, the sum, product or mean.
 *
 * in   [n * in_h][dim[0]][dim[1]][dim[2]][dim[3]][dim[4]] f32
 * out  [n][dim[0]][dim[2]][dim[4]] f32
 *
 * Needs: 1 <= in_h, dim[i], in_h * dim[1] * dim[3] < 2^31, rows of at most
 *   2^31 - 1 bytes, op one of TIN_REDUCE_xxx; scratch left alone from the
 *   first of in_h rows to the last.
 * Alias: no overlap. Scratch: 4 bytes for each element of an output row,
 *   aligned to 4. Stack: under 200 bytes.
 * Exact: the bits of TensorFlow Lite Micro's reference kernels: elements in
 *   the order of the input, the mean one division of the sum.
 * NaN: a NaN makes sum, product and mean NaN; maximum and minimum pass over
 *   it, and are -FLT_MAX and FLT_MAX if there is nothing else, or nothing
 *   beyond that.
 * Source: REDUCE_MAX, REDUCE_MIN, SUM, REDUCE_PROD and MEAN of TensorFlow
 *   Lite.
 */
tin_kernel tin_reduce_f32;
tin_check tin_reduce_f32_check;
tin_scratch_size tin_reduce_f32_scratch_size;

typedef struct {
    tin_reduce_shape shape;
    int32_t op;
    int32_t elem_bytes; /* 1: s8 or bool; 2: s16; 4: s32 */
    int32_t in_zero, out_zero;
    int32_t multiplier, shift;
} tin_reduce_int_params;

/*
 * Reduces to the largest or smallest element, the sum, product or mean.
 *
 *   MAX, MIN  out = the element itself: a bool's maximum is "any", its
 *             minimum "all"
 *   SUM       out = clamp(requantize(sum of (in - in_zero), multiplier, shift)
 *                         + out_zero)
 *   PROD      p = in - in_zero for the first element, then
 *             p = scaled(p * (in - in_zero)); out = clamp(scaled(p) +
 * out_zero), scaled(x) = tin_requantize_s64(x, multiplier, shift)
 *   MEAN      out = the sum of 4 bytes each, without overflow, divided by
 *             count and rounded towards 0
 *
 * clamp to all that elem_bytes hold. Elements of 4 bytes have no zeros and no
 * scales: their sums and products are those modulo 2^32.
 *
 * in   [n * in_h][dim[0]][dim[1]][dim[2]][dim[3]][dim[4]] of elem_bytes
 * out  [n][dim[0]][dim[2]][dim[4]] of elem_bytes
 *
 * For a sum (multiplier, shift) = quantized(in_scale / out_scale); for a mean
 * it is a sum, and they are those of tin_mean_s8 with n = count; for a product
 * they are quantized(in_scale / out_scale^(1 / count)), with
 * count = in_h * dim[1] * dim[3].
 *
 * Needs: 1 <= in_h, dim[i], in_h * dim[1] * dim[3] < 2^31, rows of at most
 *   2^31 - 1 bytes, elem_bytes 1, 2 or 4, op one of TIN_REDUCE_xxx,
 *   TIN_REDUCE_MEAN for 4 bytes only; for sum and product of 1 or 2 bytes zeros
 *   that the type holds, for 2 bytes 0, 0 <= multiplier, -31 <= shift <= 30,
 *   for a product <= 14, and for a sum count <= 2^23 or 2^16; scratch left
 *   alone from the first of in_h rows to the last.
 * Alias: no overlap. Scratch: 4 bytes for each element of an output row, 8 for
 *   TIN_REDUCE_MEAN, aligned to 4. Stack: under 400 bytes.
 * Exact: bit for bit on all targets, double rounding in a sum.
 * Source: REDUCE_MAX, REDUCE_MIN, SUM, REDUCE_PROD, MEAN, REDUCE_ANY and
 *   REDUCE_ALL of TensorFlow Lite; the int8 and int16 sums and means those of
 *   TensorFlow Lite Micro's reference kernels, the products and the int32 mean
 *   those of TensorFlow's.
 */
tin_kernel tin_reduce_int;
tin_check tin_reduce_int_check;
tin_scratch_size tin_reduce_int_scratch_size;

/* ---- Elements in order -------------------------------------------------- */

/* The types that kernels compare by their keys. */
enum {
    TIN_KEY_S8 = 0,
    TIN_KEY_U8 = 1, /* and bool */
    TIN_KEY_S16 = 2,
    TIN_KEY_S32 = 3,
    TIN_KEY_F32 = 4
};

static inline int32_t tin_key_bytes(int32_t type)
{
    return type <= TIN_KEY_U8 ? 1 : type == TIN_KEY_S16 ? 2 : 4;
}

/* A whole number in the order of the elements. That of a float is its bits,
 * those of negative ones turned round: NaN is beyond infinity. */
static inline int32_t tin_key(const void *x, size_t i, int32_t type)
{
    union {
        float f;
        int32_t bits;
    } real;

    switch (type) {
    case TIN_KEY_S8: return ((const int8_t *)x)[i];
    case TIN_KEY_U8: return ((const uint8_t *)x)[i];
    case TIN_KEY_S16: return ((const int16_t *)x)[i];
    case TIN_KEY_S32: return ((const int32_t *)x)[i];
    default: real.f = ((const float *)x)[i];
    }
    // INT32_MIN, the bits of -0.0, becomes 0
    return real.bits < 0 ? INT32_MIN - real.bits : real.bits;
}

/* A row as [outer][extent][inner]. */
typedef struct {
    int32_t outer, extent, inner;
} tin_axis;

/* Elements of such a row; -1: 2^31 or more. */
static inline int32_t tin_axis_elems(const tin_axis *a)
{
    return tin_size_mul(tin_size_mul(a->outer, a->extent), a->inner);
}

static inline tin_status tin_axis_check(const tin_axis *a, int32_t elem_bytes,
                                        const char **why)
{
    if (a->outer < 1 || a->extent < 1 || a->inner < 1)
        return TIN_WHY(why, "an extent is not positive"), TIN_ERR_SHAPE;
    return tin_bytes_check(tin_axis_elems(a), elem_bytes, why);
}

typedef struct {
    tin_axis axis;
    int32_t type;        /* TIN_KEY_xxx */
    int32_t minimum;     /* 1: of the smallest element */
    int32_t index_bytes; /* 4: s32; 8: s64 */
} tin_argmax_params;

/*
 * Finds the place of the largest or smallest element along an axis: the first
 * one if there are several.
 *
 * in   [n][outer][extent][inner] of the type
 * out  [n][outer][inner] s32 or s64, aligned to 4
 *
 * Needs: 1 <= outer, extent, inner, type one of TIN_KEY_xxx, index_bytes 4 or
 *   8, rows of in and out of at most 2^31 - 1 bytes.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit on all targets. NaN: counts as larger than infinity, as
 *   smaller than -infinity if its sign is set; the reference's answer depends
 *   on where it stands.
 * Source: ARG_MAX and ARG_MIN of TensorFlow Lite.
 */
tin_kernel tin_argmax;
tin_check tin_argmax_check;

typedef struct {
    int32_t groups, c, k;
    int32_t type;    /* TIN_KEY_xxx */
    int32_t indices; /* 1: where they stood instead of themselves */
} tin_topk_params;

/*
 * Picks the k largest elements of each group, the largest first; of equal ones
 * the one that stood first. Their places are another step with `indices`.
 *
 * in   [n][groups][c] of the type
 * out  [n][groups][k] of the type, or s32 with `indices`
 *
 * Looks k times through a group, which is fast for the few that are asked for,
 * and takes no memory.
 *
 * Needs: 1 <= groups, 1 <= k <= c, type one of TIN_KEY_xxx, rows of in and out
 *   of at most 2^31 - 1 bytes.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit on all targets. NaN: as for tin_argmax.
 * Source: TOPK_V2 of TensorFlow Lite.
 */
tin_kernel tin_topk;
tin_check tin_topk_check;

/* ---- Running sums ------------------------------------------------------- */

/* Where the element of step i along an axis lies, for sums that run up or, if
 * `reverse`, down. */
static inline size_t tin_axis_at(const tin_axis *a, int32_t i, int32_t reverse)
{
    return (size_t)(reverse ? a->extent - 1 - i : i) * (size_t)a->inner;
}

typedef struct {
    tin_axis axis;
    int32_t exclusive; /* 1: an element is not part of its own sum */
    int32_t reverse;   /* 1: from the last element to the first */
} tin_cumsum_f32_params;

/*
 * Adds up along an axis.
 *
 *   out[o][i][c] = sum over j <= i of in[o][j][c], or over j < i if exclusive;
 *   with `reverse` over j >= i or j > i
 *
 * in   [n][outer][extent][inner] f32
 * out  [n][outer][extent][inner] f32
 *
 * Needs: 1 <= outer, extent, inner, rows of at most 2^31 - 1 bytes.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: the bits of TensorFlow Lite Micro's reference kernel: added in this
 *   order, beginning with 0. NaN: all sums that it is part of become NaN.
 * Source: CUMSUM of TensorFlow Lite.
 */
tin_kernel tin_cumsum_f32;
tin_check tin_cumsum_f32_check;

typedef struct {
    tin_axis axis;
    int32_t exclusive, reverse; /* as tin_cumsum_f32's */
} tin_cumsum_s32_params;

/*
 * Adds up along an axis, modulo 2^32, like tin_cumsum_f32.
 *
 * in   [n][outer][extent][inner] s32
 * out  [n][outer][extent][inner] s32
 *
 * Needs: 1 <= outer, extent, inner, rows of at most 2^31 - 1 bytes.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit on all targets. Source: CUMSUM of TensorFlow Lite.
 */
tin_kernel tin_cumsum_s32;
tin_check tin_cumsum_s32_check;

typedef struct {
    tin_axis axis;
    int32_t exclusive, reverse; /* as tin_cumsum_f32's */
    int32_t in_zero, out_zero;
    int32_t multiplier, shift; /* 2 * in_scale / (2^20 * out_scale) */
} tin_cumsum_s8_params;

/*
 * Adds up along an axis.
 *
 *   x(j) = (in[o][j][c] - in_zero) * 2^19
 *   sum  = -in_zero * 2^19 + the sum over j of x(j) as for tin_cumsum_f32,
 *          modulo 2^32
 *   out[o][i][c] = clamp(requantize(sum, multiplier, shift) + out_zero,
 *                        -128, 127)
 *
 * The first term of the sum is the reference's: it begins with the byte 0, not
 * with the number 0.
 *
 * in   [n][outer][extent][inner] s8
 * out  [n][outer][extent][inner] s8
 *
 * Needs: 1 <= outer, extent, inner, rows of at most 2^31 - 1 bytes,
 *   -128 <= in_zero, out_zero <= 127, 0 <= multiplier, -31 <= shift <= 0.
 * Alias: no overlap. Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets, double rounding.
 * Source: CUMSUM of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_cumsum_s8;
tin_check tin_cumsum_s8_check;

/* ---- Norms -------------------------------------------------------------- */

typedef struct {
    int32_t groups, c;
} tin_l2norm_f32_params;

/*
 * Divides each group of c numbers by its length.
 *
 *   out[i] = in[i] / max(sqrt(sum over j of in[j]^2), 10^-6)
 *
 * in   [n][groups][c] f32
 * out  [n][groups][c] f32
 *
 * Needs: 1 <= groups, c, rows of at most 2^31 - 1 bytes.
 * Alias: out may equal in or begin before it. Scratch: none. Stack: under 200
 *   bytes.
 * Libm: sqrtf.
 * Exact: the bits of TensorFlow Lite Micro's reference kernel: the sum in the
 *   order of j, then divisions. NaN: a NaN in a group makes all of it NaN.
 * Source: L2_NORMALIZATION of TensorFlow Lite.
 */
tin_kernel tin_l2norm_f32;
tin_check tin_l2norm_f32_check;

typedef struct {
    int32_t groups, c;
    int32_t in_zero;
} tin_l2norm_s8_params;

/*
 * Divides each group of c numbers by its length, to scale 1/128 and zero point
 * 0.
 *
 *   sum = sum over j of (in[j] - in_zero)^2 = u * 4^e, 1/4 <= u < 1
 *   out[i] = clamp(requantize(in[i] - in_zero, multiplier, 7 + shift),
 *                  -128, 127)
 *
 * where multiplier * 2^shift is 1 / sqrt(sum) in fixed point by Newton's
 * method, and 1 where the sum is 0 or 1: see the file.
 *
 * in   [n][groups][c] s8
 * out  [n][groups][c] s8
 *
 * Needs: 1 <= groups, 1 <= c <= 33025 (so that c * 255^2 < 2^31),
 *   groups * c < 2^31, -128 <= in_zero <= 127.
 * Alias: out may equal in or begin before it. Scratch: none. Stack: under 300
 *   bytes.
 * Exact: bit for bit on all targets, double rounding.
 * Source: L2_NORMALIZATION of TensorFlow Lite Micro's reference kernels,
 *   fixed-point functions of gemmlowp.
 */
tin_kernel tin_l2norm_s8;
tin_check tin_l2norm_s8_check;

/*
 * The root of the mean of squares over a window. Params: tin_pool2d_f32_params.
 *
 *   out[y][x][c] = clamp(sqrt((sum over the taps in the image of in^2)
 *                             / their number), act_min, act_max)
 *
 * in   [n * in_h][in_w][c] f32
 * out  [n * out_h][out_w][c] f32
 *
 * Needs: those of tin_avgpool2d_f32.
 * Alias: no overlap. Scratch: none. Stack: under 300 bytes.
 * Libm: sqrtf.
 * Exact: the bits of TensorFlow Lite Micro's reference kernel: the sum in the
 *   order of ky, kx. NaN: a NaN under the window makes the result NaN.
 * Source: L2_POOL_2D of TensorFlow Lite.
 */
tin_kernel tin_l2pool2d_f32;
tin_check tin_l2pool2d_f32_check;

typedef struct {
    int32_t groups, c;
    int32_t radius;
    float bias, alpha, beta;
} tin_lrn_f32_params;

/*
 * Divides each number by what its neighbours among the channels amount to.
 *
 *   s = sum over j, |i - j| <= radius, 0 <= j < c, of in[j]^2
 *   out[i] = in[i] * (bias + alpha * s)^-beta
 *
 * in   [n][groups][c] f32
 * out  [n][groups][c] f32
 *
 * Needs: 1 <= groups, c, 0 <= radius, rows of at most 2^31 - 1 bytes; no NaN
 *   in bias, alpha, beta.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Libm: powf.
 * Exact: within 2 ulp of powf, the sum in the order of j. NaN: makes NaN of
 *   what has it among its neighbours.
 * Source: LOCAL_RESPONSE_NORMALIZATION of TensorFlow and TensorFlow Lite,
 *   whose reference kernel leaves out the neighbour i + radius.
 */
tin_kernel tin_lrn_f32;
tin_check tin_lrn_f32_check;

#ifdef __cplusplus
}
#endif

#endif /* TINYINFER_REDUCE_H */
