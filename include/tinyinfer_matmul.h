/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer_matmul.h: products of matrices, both of which are computed, as in
 * attention. (The product with constant weights is tin_dense_xxx.) With
 * tinyinfer_kernels.h, whose contracts hold here, it is all that one of these
 * files needs.
 */
#ifndef TINYINFER_MATMUL_H
#define TINYINFER_MATMUL_H

#include "tinyinfer_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TIN_MATMUL_BATCH = 3 };

/*
 * Matrices [m][n] = [m][k] * [k][n], as many as batch[0] * batch[1] * batch[2].
 * a and b have as many or fewer: strides say how many matrices further the next
 * one is along each of the three extents, 0 where the same one serves again.
 *
 * a    [matrices * m / lines][lines][k], with adj_a [matrices][k][m]
 * b    [matrices][k][n], with adj_b [matrices][n][k]
 * out  [matrices * m / lines][lines][n]
 *
 * A row of a and out is some lines of a matrix: with 1 a product is computed
 * line by line, with m it is one row.
 */
typedef struct {
    int32_t batch[TIN_MATMUL_BATCH];
    int32_t stride_a[TIN_MATMUL_BATCH], stride_b[TIN_MATMUL_BATCH];
    int32_t m, k, n;
    int32_t lines; /* 1 or m; m with adj_a */
    int32_t adj_a, adj_b;
} tin_matmul_shape;

/* Which matrix of a or b goes with matrix i of the output. */
static inline int32_t tin_matmul_matrix(const tin_matmul_shape *s,
                                        const int32_t *stride, int32_t i)
{
    const int32_t inner = i / s->batch[2];

    return inner / s->batch[1] * stride[0] + inner % s->batch[1] * stride[1] +
           i % s->batch[2] * stride[2];
}

/* How to walk: element i of line l of a is a[l * a_line + i * a_step], that
 * for column j of b is b[j * b_column + i * b_step]. */
typedef struct {
    size_t a_line, a_step, b_column, b_step;
} tin_matmul_walk;

static inline tin_matmul_walk tin_matmul_steps(const tin_matmul_shape *s)
{
    tin_matmul_walk w;

    w.a_line = s->adj_a ? 1 : (size_t)s->k;
    w.a_step = s->adj_a ? (size_t)s->m : 1;
    w.b_column = s->adj_b ? (size_t)s->k : 1;
    w.b_step = s->adj_b ? 1 : (size_t)s->n;
    return w;
}

/* The rows of a and b from which row y of the output is made. */
static inline void tin_matmul_rows(const tin_matmul_shape *s,
                                   const tin_rows *in, int32_t y,
                                   const void **a, const void **b)
{
    const int32_t rows = s->m / s->lines, i = y / rows;
    const int32_t first = tin_matmul_matrix(s, s->stride_a, i) * rows;

    *a = tin_row(&in[0], first + y % rows);
    *b = tin_row(&in[1], tin_matmul_matrix(s, s->stride_b, i));
}

static inline tin_status tin_matmul_check(const tin_matmul_shape *s,
                                          int32_t elem_bytes, const char **why)
{
    int64_t matrices = 1, last_a = 0, last_b = 0;

    if (s->m < 1 || s->k < 1 || s->n < 1 ||
        (s->lines != s->m && (s->lines != 1 || s->adj_a)))
        return TIN_WHY(why, "m, k, n or lines is out of range"), TIN_ERR_SHAPE;
    for (int i = 0; i < TIN_MATMUL_BATCH; i++) {
        if (s->batch[i] < 1 || s->stride_a[i] < 0 || s->stride_b[i] < 0)
            return TIN_WHY(why, "an extent is not positive"), TIN_ERR_SHAPE;
        matrices *= s->batch[i];
        last_a += (int64_t)(s->batch[i] - 1) * s->stride_a[i];
        last_b += (int64_t)(s->batch[i] - 1) * s->stride_b[i];
        if (matrices * s->m > INT32_MAX || last_a > INT32_MAX / s->m - 1 ||
            last_b >= INT32_MAX)
            return TIN_WHY(why, "there are more than 2^31 - 1 rows"),
                   TIN_ERR_OVERFLOW;
    }
    if (tin_size_mul(tin_size_mul(s->lines, s->k), elem_bytes) < 0 ||
        tin_size_mul(tin_size_mul(s->lines, s->n), elem_bytes) < 0)
        return tin_bytes_check(-1, elem_bytes, why);
    return tin_bytes_check(tin_size_mul(s->k, s->n), elem_bytes, why);
}

typedef struct {
    tin_matmul_shape shape;
} tin_matmul_f32_params;

/*
 * Multiplies matrices.
 *
 *   out[l][j] = sum over i of a[l][i] * b[i][j]
 *
 * a, b, out  f32, see tin_matmul_shape
 *
 * Needs: 1 <= m, k, n, batch[i], 0 <= strides, lines = m, or 1 without adj_a,
 *   less than 2^31 rows, rows of at most 2^31 - 1 bytes.
 * Alias: no overlap. Scratch: none. Stack: under 300 bytes.
 * Exact: the bits of TensorFlow Lite Micro's reference kernel: the sum in the
 *   order of i. NaN: as sums and products have it.
 * Source: BATCH_MATMUL of TensorFlow Lite.
 */
tin_kernel tin_matmul_f32;
tin_check tin_matmul_f32_check;

typedef struct {
    tin_matmul_shape shape;
    int32_t a_zero, b_zero, out_zero;
    int32_t multiplier, shift; /* a_scale * b_scale / out_scale */
} tin_matmul_s8_params;

/*
 * Multiplies matrices.
 *
 *   sum = sum over i of (a[l][i] - a_zero) * (b[i][j] - b_zero)
 *   out[l][j] = clamp(requantize(sum, multiplier, shift) + out_zero, -128, 127)
 *
 * a, b, out  s8, see tin_matmul_shape
 *
 * Needs: those of tin_matmul_f32, k <= 33025 (so that k * 255^2 < 2^31),
 *   -128 <= a_zero, b_zero, out_zero <= 127, 0 <= multiplier,
 *   -31 <= shift <= 30.
 * Alias: no overlap. Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets, double rounding.
 * Source: BATCH_MATMUL of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_matmul_s8;
tin_check tin_matmul_s8_check;

typedef struct {
    tin_matmul_shape shape;
    int32_t multiplier, shift; /* a_scale * b_scale / out_scale */
} tin_matmul_s16_params;

/*
 * Multiplies matrices.
 *
 *   sum = sum over i of a[l][i] * b[i][j], in 64 bits
 *   out[l][j] = clamp(tin_requantize_s64(sum, multiplier, shift),
 *                     -32768, 32767)
 *
 * a, b, out  s16, see tin_matmul_shape
 *
 * Needs: those of tin_matmul_f32, k <= 131072 (so that |sum| <= 2^47),
 *   0 <= multiplier, -31 <= shift <= 14.
 * Alias: no overlap. Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets.
 * Source: BATCH_MATMUL of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_matmul_s16;
tin_check tin_matmul_s16_check;

#ifdef __cplusplus
}
#endif

#endif /* TINYINFER_MATMUL_H */
