/* SPDX-License-Identifier: MIT */
/*
 * The float kernels of elements and rows: rows in any pieces, bit for bit;
 * seeded shapes against naive versions in double; NaN, Inf and -0.0; and every
 * condition that a check refuses.
 */
#include "floats.h"

/* ---- Softmax ------------------------------------------------------------ */

Test(softmax_f32, seeded_shapes)
{
    for (int i = 0; i < 200; i++) {
        const tin_softmax_f32_params p = {between(1, 4), between(1, 20),
                                          i % 2 ? 1 : 0.25f};
        const int32_t n = between(1, 3), row = p.groups * p.c;
        float *in = random_floats(n * row), *out;
        const job j = job_over(tin_softmax_f32, &p, in, 4 * row, n);

        cr_assert_eq(tin_softmax_f32_check(&p, NULL), TIN_OK);
        out = run(&j);
        for (int32_t k = 0; k < n * row; k++) {
            const float *x = in + k / p.c * p.c;
            double sum = 0, want;

            for (int32_t c = 0; c < p.c; c++)
                sum += exp((double)x[c] * (double)p.beta);
            want = exp((double)in[k] * (double)p.beta) / sum;
            expect_near(out[k], want, want);
        }
        free(in), free(out);
    }
}

/* Three groups of three; the expected outcome of each: all NaN or none. */
Test(softmax_f32, special_values)
{
    const tin_softmax_f32_params p = {3, 3, 1};
    const float bad[9] = {1,         2,         NAN,       INFINITY, 0,
                          -INFINITY, -INFINITY, -INFINITY, -INFINITY};
    const float fine[9] = {1000, 1000,  -INFINITY, 3e38f, -3e38f,
                           0,    -1000, -1100,     -5000};
    float out[9];

    run_one(tin_softmax_f32, &p, bad, out, 9);
    for (int i = 0; i < 9; i++)
        cr_assert(isnan(out[i]));
    run_one(tin_softmax_f32, &p, fine, out, 9);
    cr_assert(out[0] == 0.5f && out[1] == 0.5f && bits(out[2]) == 0);
    cr_assert(out[3] == 1 && out[4] == 0 && out[5] == 0);
    cr_assert(out[6] == 1 && out[7] < 1e-37f && out[8] == 0);
}

Test(softmax_f32, nan_in_front_or_maximum_later)
{
    const tin_softmax_f32_params p = {1, 3, 1};
    const float in[3] = {NAN, 1, 2}, later[3] = {0, 1000, 0};
    float out[3];

    run_one(tin_softmax_f32, &p, later, out, 3);
    cr_assert(out[0] == 0 && out[1] == 1 && out[2] == 0);
    run_one(tin_softmax_f32, &p, in, out, 3);
    cr_assert(isnan(out[0]) && isnan(out[1]) && isnan(out[2]));
}

Test(softmax_f32, check)
{
    const tin_softmax_f32_params good = {2, 3, 1};
    tin_softmax_f32_params p;

    REFUSE(p.groups = 0, tin_softmax_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 0, tin_softmax_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 0x10000000, tin_softmax_f32_check, TIN_ERR_OVERFLOW);
    REFUSE((p.c = INT32_MAX, p.groups = INT32_MAX), tin_softmax_f32_check,
           TIN_ERR_OVERFLOW);
    REFUSE(p.beta = 0, tin_softmax_f32_check, TIN_ERR_ARG);
    REFUSE(p.beta = NAN, tin_softmax_f32_check, TIN_ERR_ARG);
    REFUSE(p.beta = INFINITY, tin_softmax_f32_check, TIN_ERR_ARG);
}

/* ---- Clamp and logistic ------------------------------------------------- */

Test(clamp_f32, seeded_shapes)
{
    for (int i = 0; i < 100; i++) {
        tin_clamp_f32_params p = {between(1, 40), 0, 0};
        const int32_t n = between(1, 4);
        float *in = random_floats(n * p.row_elems), *out;
        const job j = job_over(tin_clamp_f32, &p, in, 4 * p.row_elems, n);

        p.min = i % 3 ? -1 : 0;
        p.max = i % 2 ? INFINITY : 1;
        cr_assert_eq(tin_clamp_f32_check(&p, NULL), TIN_OK);
        out = run(&j);
        for (int32_t k = 0; k < n * p.row_elems; k++)
            cr_assert((double)out[k] == clamp((double)in[k], p.min, p.max));
        free(in), free(out);
    }
}

Test(clamp_f32, special_values)
{
    const float in[6] = {NAN, -0.0f, INFINITY, -INFINITY, 0.0f, 6.5f};
    tin_clamp_f32_params p = {6, 0, 6};
    float out[6];

    run_one(tin_clamp_f32, &p, in, out, 6);
    cr_assert(isnan(out[0]) && bits(out[1]) == 0 && out[2] == 6);
    cr_assert(bits(out[3]) == 0 && bits(out[4]) == 0 && out[5] == 6);
    p.max = INFINITY;
    run_one(tin_clamp_f32, &p, in, out, 6);
    cr_assert(isnan(out[0]) && out[2] == INFINITY && out[5] == 6.5f);
    p.min = -1;
    run_one(tin_clamp_f32, &p, in, out, 6);
    cr_assert(bits(out[1]) == bits(-0.0f) && out[3] == -1);
}

Test(clamp_f32, check)
{
    const tin_clamp_f32_params good = {4, 0, 0};
    tin_clamp_f32_params p;

    REFUSE(p.row_elems = 0, tin_clamp_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.row_elems = -4, tin_clamp_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.row_elems = 0x20000000, tin_clamp_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.min = 1, tin_clamp_f32_check, TIN_ERR_ARG);
    REFUSE(p.min = NAN, tin_clamp_f32_check, TIN_ERR_ARG);
    REFUSE(p.max = NAN, tin_clamp_f32_check, TIN_ERR_ARG);
}

Test(logistic_f32, seeded_shapes)
{
    for (int i = 0; i < 100; i++) {
        const tin_logistic_f32_params p = {between(1, 40)};
        const int32_t n = between(1, 4);
        float *in = random_floats(n * p.row_elems), *out;
        const job j = job_over(tin_logistic_f32, &p, in, 4 * p.row_elems, n);

        cr_assert_eq(tin_logistic_f32_check(&p, NULL), TIN_OK);
        for (int32_t k = 0; k < n * p.row_elems; k++)
            in[k] *= i % 3 ? 1.0f : 20.0f;
        out = run(&j);
        for (int32_t k = 0; k < n * p.row_elems; k++) {
            const double e = exp((double)in[k]);
            const double want = in[k] < -9 ? e : e / (1 + e);

            expect_near(out[k], want, want);
        }
        free(in), free(out);
    }
}

Test(logistic_f32, special_values)
{
    const float in[8] = {NAN, INFINITY, -INFINITY, 0.0f, -0.0f, 100, -200, -9};
    const tin_logistic_f32_params p = {8};
    float out[8];

    run_one(tin_logistic_f32, &p, in, out, 8);
    expect_near(out[7], 1 / (1 + exp(9)), 1 / (1 + exp(9)));
    cr_assert(isnan(out[0]) && out[1] == 1 && bits(out[2]) == 0);
    cr_assert(out[3] == 0.5f && out[4] == 0.5f && out[5] == 1 &&
              bits(out[6]) == 0);
}

Test(logistic_f32, check)
{
    const tin_logistic_f32_params good = {4};
    tin_logistic_f32_params p;

    REFUSE(p.row_elems = 0, tin_logistic_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.row_elems = 0x20000000, tin_logistic_f32_check, TIN_ERR_OVERFLOW);
}
