/* SPDX-License-Identifier: MIT */
/*
 * The norms along the last axis: L2_NORMALIZATION, LOCAL_RESPONSE_NORMALIZATION
 * and LOG_SOFTMAX. Rows in any pieces and in place, byte for byte; seeded
 * shapes against naive versions; and every condition that a check refuses.
 */
#include "listed.h"
#include "tinyinfer_reduce.h"

/* The int8 kernel is within one unit of the float one. */
Test(l2norm, seeded_shapes)
{
    for (int i = 0; i < 300; i++) {
        const int32_t c = i < 50 ? between(1, 3) : between(1, 300);
        const tin_l2norm_s8_params pb = {between(1, 3), c, between(-128, 127)};
        const tin_l2norm_f32_params pf = {pb.groups, c};
        const int32_t n = pb.groups * c;
        tin_rows narrow = ring_random(2, n, 0, 1), wide = ring_new(2, 4 * n);
        const job jb = job_over(tin_l2norm_s8, &pb, narrow.base, n, 2);
        const job jf = job_over(tin_l2norm_f32, &pf, wide.base, 4 * n, 2);
        tin_rows bytes, floats;

        for (int32_t k = 0; k < 2 * n; k++)
            ((float *)wide.base)[k] =
                (float)(((int8_t *)narrow.base)[k] - pb.in_zero);
        cr_assert_eq(tin_l2norm_s8_check(&pb, NULL), TIN_OK);
        cr_assert_eq(tin_l2norm_f32_check(&pf, NULL), TIN_OK);
        bytes = run_job(&jb), floats = run_job(&jf);
        for (int32_t k = 0; k < 2 * n; k++)
            cr_assert(fabsf((float)((int8_t *)bytes.base)[k] -
                            fminf(127, 128 * ((float *)floats.base)[k])) <= 1);
        ring_free(&bytes), ring_free(&floats);
        ring_free(&narrow), ring_free(&wide);
    }
}

Test(lrn_f32, seeded_shapes)
{
    for (int i = 0; i < 100; i++) {
        const tin_lrn_f32_params p = {between(1, 3), between(1, 12), i % 5, 1,
                                      0.3f,          0.75f};
        const int32_t n = p.groups * p.c;
        tin_rows in = ring_random(2, n, 1, 4), out;
        const job j =
            job_on(tin_lrn_f32, &p, need_same, in.base, 4 * n, 2, 4 * n);

        cr_assert_eq(tin_lrn_f32_check(&p, NULL), TIN_OK);
        out = run_job(&j);
        for (int32_t k = 0; k < 2 * n; k++) {
            const float *x = (float *)in.base + k / p.c * p.c;
            double sum = 0, want;

            for (int32_t c = 0; c < p.c; c++)
                if (abs(c - k % p.c) <= p.radius)
                    sum += (double)x[c] * (double)x[c];
            want = (double)x[k % p.c] / pow(1 + (double)p.alpha * sum, 0.75);
            cr_assert(fabs((double)((float *)out.base)[k] - want) <=
                      1e-5 * fabs(want));
        }
        ring_free(&in), ring_free(&out);
    }
}

/* out[i] - x[i] must be the same number in a group: -ln(sum of exp(x)). */
static double log_sum(const double *x, int32_t n)
{
    double sum = 0;

    for (int32_t i = 0; i < n; i++)
        sum += exp(x[i]);
    return log(sum);
}

Test(log_softmax, one_number_less_in_a_group)
{
    const tin_log_softmax_f32_params pf = {3, 5};
    // 1/16: 2^22 in Q5.26
    const tin_log_softmax_s8_params ps = {3,       5,   1 << 30, 23,
                                          1 << 30, -21, -248};
    tin_rows f = random_rows(15, TIN_CAST_F32, -9, 9);
    tin_rows s = random_rows(15, TIN_CAST_S8, 0, 0);
    tin_rows out_f = run_listed(TIN_KERNEL_log_softmax_f32, &pf, &f, 60);
    tin_rows out_s = run_listed(TIN_KERNEL_log_softmax_s8, &ps, &s, 15);

    for (int32_t g = 0; g < ROWS * 3; g++) {
        double x[5], q[5];

        for (int32_t i = 0; i < 5; i++) {
            x[i] = (double)((float *)f.base)[5 * g + i];
            q[i] = ((int8_t *)s.base)[5 * g + i] / 16.0;
        }
        for (int32_t i = 0; i < 5; i++) {
            const double want = fmax(-128, 127 + 16 * (q[i] - log_sum(q, 5)));

            cr_assert(near((double)((float *)out_f.base)[5 * g + i],
                           x[i] - log_sum(x, 5), 1e-6));
            cr_assert_leq(fabs(((int8_t *)out_s.base)[5 * g + i] - want), 0.51);
        }
    }
    ring_free(&f), ring_free(&out_f);
    ring_free(&s), ring_free(&out_s);
}

/* ---- What the checks refuse --------------------------------------------- */

enum { LARGE = 0x20000000 };

Test(norms, check)
{
    const tin_l2norm_s8_params good = {2, 33025, 127};
    const tin_l2norm_f32_params none = {2, 0}, large = {2, LARGE};
    tin_l2norm_s8_params p;

    cr_assert_eq(tin_l2norm_f32_check(&none, NULL), TIN_ERR_SHAPE);
    cr_assert_eq(tin_l2norm_f32_check(&large, NULL), TIN_ERR_OVERFLOW);
    REFUSE(p.groups = 0, tin_l2norm_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 33026, tin_l2norm_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.groups = LARGE, tin_l2norm_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.in_zero = -129, tin_l2norm_s8_check, TIN_ERR_QUANT);
}

Test(lrn_f32, check)
{
    const tin_lrn_f32_params good = {2, 3, 0, 1, 1, 1};
    tin_lrn_f32_params p;

    REFUSE(p.groups = 0, tin_lrn_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 0, tin_lrn_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.radius = -1, tin_lrn_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.c = LARGE, tin_lrn_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.bias = NAN, tin_lrn_f32_check, TIN_ERR_ARG);
    REFUSE(p.alpha = NAN, tin_lrn_f32_check, TIN_ERR_ARG);
    REFUSE(p.beta = NAN, tin_lrn_f32_check, TIN_ERR_ARG);
}

Test(log_softmax, check)
{
    const tin_log_softmax_s8_params good = {3, 4095, 9, 30, 9, -31, -2};
    tin_log_softmax_s8_params p;
    tin_log_softmax_f32_params f = {1, 0};

    cr_assert_eq(tin_log_softmax_f32_check(&f, NULL), TIN_ERR_SHAPE);
    f.c = 1, f.groups = 0;
    cr_assert_eq(tin_log_softmax_f32_check(&f, NULL), TIN_ERR_SHAPE);
    f.c = 65536, f.groups = 8192;
    cr_assert_eq(tin_log_softmax_f32_check(&f, NULL), TIN_ERR_OVERFLOW);
    REFUSE(p.groups = 0, tin_log_softmax_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 0, tin_log_softmax_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 4096, tin_log_softmax_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.groups = 600000, tin_log_softmax_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.multiplier = -1, tin_log_softmax_s8_check, TIN_ERR_QUANT);
    REFUSE(p.shift = -1, tin_log_softmax_s8_check, TIN_ERR_QUANT);
    REFUSE(p.shift = 31, tin_log_softmax_s8_check, TIN_ERR_QUANT);
    REFUSE(p.reverse_multiplier = -1, tin_log_softmax_s8_check, TIN_ERR_QUANT);
    REFUSE(p.reverse_shift = 1, tin_log_softmax_s8_check, TIN_ERR_QUANT);
    REFUSE(p.diff_min = 1, tin_log_softmax_s8_check, TIN_ERR_QUANT);
    REFUSE(p.diff_min = -3, tin_log_softmax_s8_check, TIN_ERR_QUANT);
}
