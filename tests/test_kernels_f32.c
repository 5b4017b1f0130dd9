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
        const job j =
            job_on(tin_softmax_f32, &p, need_same, in, 4 * row, n, 4 * row);

        cr_assert_eq(tin_softmax_f32_check(&p, NULL), TIN_OK);
        out = run(&j);
        run_in_place(&j, 0, out);
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

/* ---- Add ---------------------------------------------------------------- */

/* Strides of a dense input with the extents of `dim` whose bit is set in
 * `kept`, broadcast in the others. Returns the elements of a row. */
static int32_t make_strides(const int32_t *dim, uint32_t kept, int32_t *stride)
{
    int32_t size = 1, row = 0;

    for (int i = TIN_DIMS - 1; i >= 0; i--) {
        if (i == 2) { // rows begin
            row = size;
            size = 1;
        }
        stride[i] = kept >> i & 1 ? size : 0;
        size *= kept >> i & 1 ? dim[i] : 1;
    }
    return row;
}

static int32_t count_rows(const int32_t *dim, uint32_t kept)
{
    int32_t rows = 1;

    for (int i = 0; i < 3; i++)
        rows *= kept >> i & 1 ? dim[i] : 1;
    return rows;
}

static void need_broadcast(const void *params, int k, int32_t y, int32_t *first,
                           int32_t *last)
{
    const tin_add_f32_params *p = params;
    const tin_broadcast *s = &p->shape;
    const int32_t *stride = k ? s->stride_b : s->stride_a;

    *first = *last = y / (s->dim[1] * s->dim[2]) * stride[0] +
                     y / s->dim[2] % s->dim[1] * stride[1] +
                     y % s->dim[2] * stride[2];
}

static float broadcast_at(const job *j, int k, int32_t i)
{
    const tin_add_f32_params *p = j->params;
    const int32_t *dim = p->shape.dim;
    const int32_t *stride = k ? p->shape.stride_b : p->shape.stride_a;
    int32_t row, ignored;

    need_broadcast(p, k, i / (dim[3] * dim[4]), &row, &ignored);
    return ((const float *)tin_row(
        &j->in[k],
        row))[i / dim[4] % dim[3] * stride[3] + i % dim[4] * stride[4]];
}

Test(add_f32, seeded_shapes)
{
    for (int i = 0; i < 600; i++) {
        const uint32_t kept_a = i % 3 ? 31 : next_random() % 32;
        const uint32_t kept_b = i % 2 ? 31 : next_random() % 32;
        tin_add_f32_params p;
        float *a, *b, *out;
        int32_t elems_a, elems_b;
        job j = {tin_add_f32, &p, need_broadcast, 2, {{0}}, 1, 4};

        for (int d = 0; d < TIN_DIMS; d++) {
            p.shape.dim[d] = between(1, 4);
            *(d < 3 ? &j.out_rows : &j.out_bytes) *= p.shape.dim[d];
        }
        p.act_min = i % 3 ? -INFINITY : 0;
        p.act_max = i % 5 ? INFINITY : 6;
        elems_a = make_strides(p.shape.dim, kept_a, p.shape.stride_a);
        elems_b = make_strides(p.shape.dim, kept_b, p.shape.stride_b);
        a = random_floats(count_rows(p.shape.dim, kept_a) * elems_a);
        b = random_floats(count_rows(p.shape.dim, kept_b) * elems_b);
        j.in[0] = resident(a, 4 * elems_a);
        j.in[1] = resident(b, 4 * elems_b);
        cr_assert_eq(tin_add_f32_check(&p, NULL), TIN_OK);
        out = run(&j);
        for (int32_t k = 0; k < j.out_rows * j.out_bytes / 4; k++) {
            const float sum = broadcast_at(&j, 0, k) + broadcast_at(&j, 1, k);

            cr_assert(bits(out[k]) ==
                      bits(tin_clampf(sum, p.act_min, p.act_max)));
        }
        if (kept_a == 31)
            run_in_place(&j, 0, out);
        if (kept_b == 31)
            run_in_place(&j, 1, out);
        free(a), free(b), free(out);
    }
}

Test(add_f32, every_other_element)
{
    const tin_add_f32_params p = {
        {{1, 1, 1, 2, 2}, {0, 0, 0, 4, 2}, {0, 0, 0, 2, 1}}, -99, 99};
    const float a[8] = {1, NAN, 2, NAN, 3, NAN, 4, NAN};
    const float b[4] = {10, 20, 30, 40}, want[4] = {11, 22, 33, 44};
    const tin_rows in[2] = {resident(a, sizeof a), resident(b, sizeof b)};
    const tin_rows swapped[2] = {in[1], in[0]};
    float sum[4];
    const tin_rows out = resident(sum, sizeof sum);
    tin_add_f32_params q = p;

    tin_add_f32(&p, in, &out, 0, 1, NULL);
    cr_assert_arr_eq(sum, want, sizeof sum);
    memcpy(q.shape.stride_a, p.shape.stride_b, sizeof q.shape.stride_a);
    memcpy(q.shape.stride_b, p.shape.stride_a, sizeof q.shape.stride_b);
    tin_add_f32(&q, swapped, &out, 0, 1, NULL);
    cr_assert_arr_eq(sum, want, sizeof sum);
}

static const tin_add_f32_params plain_add = {
    {{1, 1, 1, 1, 4}, {0, 0, 0, 0, 1}, {0, 0, 0, 0, 1}}, 0, INFINITY};

Test(add_f32, special_values)
{
    const float a[4] = {NAN, INFINITY, -0.0f, -INFINITY};
    const float b[4] = {1, -INFINITY, -0.0f, 1};
    const tin_rows in[2] = {resident(a, sizeof a), resident(b, sizeof b)};
    float sum[4];
    const tin_rows out = resident(sum, sizeof sum);

    tin_add_f32(&plain_add, in, &out, 0, 1, NULL);
    cr_assert(isnan(sum[0]) && isnan(sum[1]) && bits(sum[2]) == 0 &&
              bits(sum[3]) == 0);
}

Test(add_f32, check)
{
    const tin_add_f32_params good = plain_add;
    tin_add_f32_params p;

    for (int i = 0; i < TIN_DIMS; i++) {
        REFUSE(p.shape.dim[i] = 0, tin_add_f32_check, TIN_ERR_SHAPE);
        REFUSE(p.shape.stride_a[i] = -1, tin_add_f32_check, TIN_ERR_SHAPE);
        REFUSE(p.shape.stride_b[i] = -1, tin_add_f32_check, TIN_ERR_SHAPE);
        REFUSE((p.shape.dim[i] = 3, p.shape.stride_b[i] = 1 << 30),
               tin_add_f32_check, TIN_ERR_SHAPE);
    }
    REFUSE((p.shape.dim[0] = p.shape.dim[1] = 65536), tin_add_f32_check,
           TIN_ERR_SHAPE);
    REFUSE(p.shape.dim[3] = 0x8000000, tin_add_f32_check, TIN_ERR_SHAPE);
    REFUSE((p.shape.dim[3] = 0x10000, p.shape.stride_a[3] = 0x2001),
           tin_add_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.act_max = -1, tin_add_f32_check, TIN_ERR_ARG);
    REFUSE(p.act_min = NAN, tin_add_f32_check, TIN_ERR_ARG);
}

/* ---- Clamp and logistic ------------------------------------------------- */

Test(clamp_f32, seeded_shapes)
{
    for (int i = 0; i < 100; i++) {
        tin_clamp_f32_params p = {between(1, 40), 0, 0};
        const int32_t n = between(1, 4);
        float *in = random_floats(n * p.row_elems), *out;
        const job j = job_on(tin_clamp_f32, &p, need_same, in, 4 * p.row_elems,
                             n, 4 * p.row_elems);

        p.min = i % 3 ? -1 : 0;
        p.max = i % 2 ? INFINITY : 1;
        cr_assert_eq(tin_clamp_f32_check(&p, NULL), TIN_OK);
        out = run(&j);
        run_in_place(&j, 0, out);
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
        const job j = job_on(tin_logistic_f32, &p, need_same, in,
                             4 * p.row_elems, n, 4 * p.row_elems);

        cr_assert_eq(tin_logistic_f32_check(&p, NULL), TIN_OK);
        for (int32_t k = 0; k < n * p.row_elems; k++)
            in[k] *= i % 3 ? 1.0f : 20.0f;
        out = run(&j);
        run_in_place(&j, 0, out);
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
