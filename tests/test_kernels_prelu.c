/* SPDX-License-Identifier: MIT */
/*
 * LEAKY_RELU and PRELU: rows in any pieces and in place, byte for byte; slopes
 * broadcast in every way, against the formula; and every condition that a check
 * refuses.
 */
#include "broadcasts.h"
#include "listed.h"

Test(leaky_relu, f32)
{
    const tin_leaky_relu_f32_params p = {6, -0.25f};
    tin_rows in = random_rows(6, TIN_CAST_F32, -3, 3), out;
    float *x = in.base;

    x[0] = NAN, x[1] = -0.0f, x[2] = INFINITY, x[3] = -INFINITY;
    out = run_listed(TIN_KERNEL_leaky_relu_f32, &p, &in, 24);
    for (int32_t i = 1; i < ROWS * 6; i++)
        cr_assert_eq(((float *)out.base)[i], x[i] > 0 ? x[i] : x[i] * -0.25f);
    cr_assert(isnan(*(float *)out.base));
    ring_free(&in), ring_free(&out);
}

/* dim[2] = ROWS rows of dim[3] x dim[4], and slopes for bits of these. */
static tin_broadcast slopes(int32_t w, int32_t c, unsigned bits)
{
    tin_broadcast b = {.dim = {1, 1, ROWS, w, c}, .stride_a = {0, 0, 1, c, 1}};

    b.stride_b[2] = bits & 1 ? 1 : 0;
    b.stride_b[3] = bits & 2 ? (bits & 4 ? c : 1) : 0;
    b.stride_b[4] = bits & 4 ? 1 : 0;
    return b;
}

/* Rows of n elements of both inputs, to the one of the output. */
static tin_rows run_prelu(tin_kernel *kernel, const void *params,
                          const tin_rows in[2])
{
    const job j = {.run = kernel,
                   .params = params,
                   .need = need_broadcast,
                   .n_in = 2,
                   .in = {in[0], in[1]},
                   .out_rows = ROWS,
                   .out_bytes = in[0].row_bytes,
                   .in_place = 1};

    return run_job(&j);
}

Test(prelu, any_broadcast)
{
    for (unsigned bits = 0; bits < 8; bits++) {
        const tin_broadcast b = slopes(between(1, 4), between(1, 5), bits);
        const int32_t n = b.dim[3] * b.dim[4];
        const tin_prelu_f32_params pf = {b};
        const tin_prelu_s8_params ps = {b, 3, -5, 2, 1 << 30, 1, 1 << 30, -4};
        tin_rows f[2] = {random_rows(n, TIN_CAST_F32, -3, 3),
                         random_rows(n, TIN_CAST_F32, -3, 3)};
        tin_rows s[2] = {random_rows(n, TIN_CAST_S8, 0, 0),
                         random_rows(n, TIN_CAST_S8, 0, 0)};
        tin_rows out_f = run_prelu(tin_prelu_f32, &pf, f);
        tin_rows out_s = run_prelu(tin_prelu_s8, &ps, s);

        cr_assert_eq(tin_prelu_f32_check(&pf, NULL), TIN_OK);
        cr_assert_eq(tin_prelu_s8_check(&ps, NULL), TIN_OK);
        for (int32_t i = 0; i < ROWS * n; i++) {
            const int32_t at = i / n * b.stride_b[2], in_row = i % n;
            const int32_t k = in_row / b.dim[4] * b.stride_b[3] +
                              in_row % b.dim[4] * b.stride_b[4];
            const float x = ((float *)f[0].base)[i];
            const float alpha = ((float *)tin_row(&f[1], at))[k];
            const int32_t d = ((int8_t *)s[0].base)[i] - 3;
            const double a = (((int8_t *)tin_row(&s[1], at))[k] + 5) / 32.0;
            const double y = (d < 0 ? d * a : d) + 2;

            cr_assert_eq(((float *)out_f.base)[i], x < 0 ? x * alpha : x);
            // rounded twice, to a 16th first
            cr_assert_leq(
                fabs(((int8_t *)out_s.base)[i] - fmax(-128, fmin(127, y))),
                0.5 + 1 / 32.0, "bits %u, element %d", bits, (int)i);
        }
        ring_free(&f[0]), ring_free(&f[1]), ring_free(&out_f);
        ring_free(&s[0]), ring_free(&s[1]), ring_free(&out_s);
    }
}

Test(leaky_relu, check)
{
    const tin_leaky_relu_f32_params good_f = {7, 0.1f};
    tin_leaky_relu_f32_params f = good_f;
    const tin_leaky_relu_s16_params good = {7, 9, 15, -9, -31, -32768, 32767};
    tin_leaky_relu_s16_params p;

    f.alpha = NAN;
    cr_assert_eq(tin_leaky_relu_f32_check(&f, NULL), TIN_ERR_ARG);
    f.alpha = -INFINITY;
    cr_assert_eq(tin_leaky_relu_f32_check(&f, NULL), TIN_ERR_ARG);
    REFUSE(p.multiplier = INT32_MIN, tin_leaky_relu_s16_check, TIN_ERR_QUANT);
    REFUSE(p.neg_multiplier = INT32_MIN, tin_leaky_relu_s16_check,
           TIN_ERR_QUANT);
    REFUSE(p.shift = 16, tin_leaky_relu_s16_check, TIN_ERR_QUANT);
    REFUSE(p.shift = -32, tin_leaky_relu_s16_check, TIN_ERR_QUANT);
    REFUSE(p.neg_shift = 16, tin_leaky_relu_s16_check, TIN_ERR_QUANT);
    REFUSE(p.neg_shift = -32, tin_leaky_relu_s16_check, TIN_ERR_QUANT);
    REFUSE(p.act_min = -32769, tin_leaky_relu_s16_check, TIN_ERR_QUANT);
    REFUSE(p.act_max = 32768, tin_leaky_relu_s16_check, TIN_ERR_QUANT);
    REFUSE(p.act_max = -32769, tin_leaky_relu_s16_check, TIN_ERR_QUANT);
}

Test(prelu, check)
{
    const tin_prelu_s8_params good = {
        slopes(2, 3, 4), -128, 127, -128, 9, 22, 9, 14};
    tin_prelu_s8_params p;
    tin_prelu_f32_params f = {slopes(2, 3, 4)};

    cr_assert_eq(tin_prelu_f32_check(&f, NULL), TIN_OK);
    f.shape.dim[2] = 0;
    cr_assert_eq(tin_prelu_f32_check(&f, NULL), TIN_ERR_SHAPE);
    REFUSE(p.shape.dim[4] = 0, tin_prelu_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.in_zero = 128, tin_prelu_s8_check, TIN_ERR_QUANT);
    REFUSE(p.alpha_zero = 128, tin_prelu_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_zero = -129, tin_prelu_s8_check, TIN_ERR_QUANT);
    REFUSE(p.multiplier = -1, tin_prelu_s8_check, TIN_ERR_QUANT);
    REFUSE(p.shift = 23, tin_prelu_s8_check, TIN_ERR_QUANT);
    REFUSE(p.neg_multiplier = -1, tin_prelu_s8_check, TIN_ERR_QUANT);
    REFUSE(p.neg_shift = 15, tin_prelu_s8_check, TIN_ERR_QUANT);
}
