/* SPDX-License-Identifier: MIT */
/*
 * The kernels of tinyinfer_matmul.h: rows in any pieces, byte for byte; seeded
 * shapes against a naive version; and every condition that a check refuses.
 */
#include "floats.h"
#include "tinyinfer_matmul.h"

/* Two batches, of which either may be one matrix for all. */
static tin_matmul_shape random_product(void)
{
    tin_matmul_shape s = {.batch = {1, 1, between(1, 3)}};

    s.stride_a[2] = between(0, 1);
    s.stride_b[2] = between(0, 1);
    s.m = between(1, 5), s.k = between(1, 6), s.n = between(1, 5);
    s.adj_a = between(0, 1), s.adj_b = between(0, 1);
    s.lines = s.adj_a || between(0, 1) ? s.m : 1;
    return s;
}

/* Element (i, j) of matrix b of the output, with operands as doubles. */
static double naive_product(const tin_matmul_shape *s, const int8_t *a,
                            const int8_t *b, int32_t at, int32_t za, int32_t zb)
{
    const int32_t matrix = at / s->n / s->m, l = at / s->n % s->m;
    const int32_t j = at % s->n;
    double sum = 0;

    a += matrix * s->stride_a[2] * s->m * s->k;
    b += matrix * s->stride_b[2] * s->k * s->n;
    for (int32_t i = 0; i < s->k; i++)
        sum += (a[s->adj_a ? i * s->m + l : l * s->k + i] - za) *
               (b[s->adj_b ? j * s->k + i : i * s->n + j] - zb);
    return sum;
}

/* A copy of a ring of bytes with elements of int16, or of floats. */
static tin_rows widened(const tin_rows *r, int32_t elem_bytes)
{
    const tin_rows wide = ring_new(r->rows, r->row_bytes * elem_bytes);

    for (int32_t i = 0; i < r->rows * r->row_bytes; i++) {
        const int8_t x = ((int8_t *)r->base)[i];

        if (elem_bytes == 2)
            ((int16_t *)wide.base)[i] = x;
        else
            ((float *)wide.base)[i] = x;
    }
    return wide;
}

static void need_matrices(const void *params, int k, int32_t y, int32_t *first,
                          int32_t *last)
{
    const tin_matmul_shape *s = params;
    const int32_t rows = s->m / s->lines, matrix = y / rows;

    *first = *last =
        k ? matrix * s->stride_b[2] : matrix * s->stride_a[2] * rows + y % rows;
}

/* A job on elements of so many bytes. */
static job product_of(tin_kernel *kernel, const tin_matmul_shape *s,
                      const tin_rows *a, const tin_rows *b, int32_t elem_bytes)
{
    const job j = {.run = kernel,
                   .params = s, // the first member of all params
                   .need = need_matrices,
                   .n_in = 2,
                   .in = {*a, *b},
                   .out_rows = s->batch[2] * s->m / s->lines,
                   .out_bytes = s->lines * s->n * elem_bytes};

    return j;
}

Test(matmul, seeded_shapes)
{
    for (int i = 0; i < 400; i++) {
        const tin_matmul_shape s = random_product();
        const tin_matmul_f32_params pf = {s};
        const tin_matmul_s16_params pw = {s, 1 << 30, -6};
        const tin_matmul_s8_params pb = {s, 3, -7, 11, 1 << 30, -6}; // 2^-7
        const int32_t rows = s.batch[2] * s.m / s.lines;
        tin_rows a = ring_random(rows, s.lines * s.k, 0, 1);
        tin_rows b = ring_random(s.batch[2], s.k * s.n, 0, 1);
        tin_rows in[4] = {widened(&a, 4), widened(&b, 4), widened(&a, 2),
                          widened(&b, 2)};
        const job jobs[3] = {
            product_of(tin_matmul_s8, &pb.shape, &a, &b, 1),
            product_of(tin_matmul_s16, &pw.shape, &in[2], &in[3], 2),
            product_of(tin_matmul_f32, &pf.shape, &in[0], &in[1], 4)};
        tin_rows out[3];

        cr_assert_eq(tin_matmul_f32_check(&pf, NULL), TIN_OK);
        cr_assert_eq(tin_matmul_s16_check(&pw, NULL), TIN_OK);
        cr_assert_eq(tin_matmul_s8_check(&pb, NULL), TIN_OK);
        for (int k = 0; k < 3; k++)
            out[k] = run_job(&jobs[k]);
        for (int32_t k = 0; k < rows * s.lines * s.n; k++) {
            const int32_t sum =
                (int32_t)naive_product(&s, a.base, b.base, k, 3, -7);
            const double plain = naive_product(&s, a.base, b.base, k, 0, 0);

            cr_assert_eq(((int8_t *)out[0].base)[k],
                         tin_output_s8(sum, 1 << 30, -6, 11, -128, 127));
            cr_assert_eq(((int16_t *)out[1].base)[k], floor(plain / 128 + 0.5));
            cr_assert_eq(((float *)out[2].base)[k], (float)plain);
        }
        ring_free(&a), ring_free(&b);
        for (int k = 0; k < 4; k++)
            ring_free(&in[k]);
        for (int k = 0; k < 3; k++)
            ring_free(&out[k]);
    }
}

/* ---- What the checks refuse --------------------------------------------- */

enum { LARGE = 0x20000000 };

Test(matmul, check)
{
    const tin_matmul_s8_params good = {
        {{1, 2, 3}, {0, 3, 1}, {0, 0, 1}, 4, 5, 6, 1, 0, 1},
        -128,
        127,
        0,
        1 << 30,
        30};
    const tin_matmul_f32_params wide = {
        {{1, 1, 1}, {0}, {0}, 1, LARGE, 1, 1, 0, 0}};
    tin_matmul_s8_params p;

    cr_assert_eq(tin_matmul_f32_check(&wide, NULL), TIN_ERR_OVERFLOW);
    REFUSE(p.shape.m = 0, tin_matmul_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.k = 0, tin_matmul_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.n = -1, tin_matmul_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.lines = 2, tin_matmul_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.adj_a = 1, tin_matmul_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.batch[0] = 0, tin_matmul_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.stride_b[1] = -1, tin_matmul_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.batch[0] = LARGE, tin_matmul_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.shape.stride_a[1] = LARGE, tin_matmul_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.shape.k = 33026, tin_matmul_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.shape.n = LARGE, tin_matmul_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.a_zero = -129, tin_matmul_s8_check, TIN_ERR_QUANT);
    REFUSE(p.b_zero = 128, tin_matmul_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_zero = 128, tin_matmul_s8_check, TIN_ERR_QUANT);
    REFUSE(p.multiplier = -1, tin_matmul_s8_check, TIN_ERR_QUANT);
    REFUSE(p.shift = 31, tin_matmul_s8_check, TIN_ERR_QUANT);
}

Test(matmul_s16, check)
{
    const tin_matmul_s16_params good = {
        {{1, 2, 3}, {0, 2, 1}, {0, 0, 1}, 4, 5, 6, 4, 1, 1}, 1 << 30, 14};
    tin_matmul_s16_params p;

    REFUSE(p.shape.n = 0, tin_matmul_s16_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.k = (1 << 17) + 1, tin_matmul_s16_check, TIN_ERR_OVERFLOW);
    REFUSE(p.shape.n = LARGE, tin_matmul_s16_check, TIN_ERR_OVERFLOW);
    REFUSE(p.multiplier = -1, tin_matmul_s16_check, TIN_ERR_QUANT);
    REFUSE(p.shift = 15, tin_matmul_s16_check, TIN_ERR_QUANT);
}
