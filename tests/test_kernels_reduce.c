/* SPDX-License-Identifier: MIT */
/*
 * The kernels of tinyinfer_reduce.h that reduce, and those along an axis: rows
 * in any pieces, byte for byte; seeded shapes against naive versions; and every
 * condition that a check refuses.
 */
#include "floats.h"
#include "tinyinfer_reduce.h"

/* ---- Reductions --------------------------------------------------------- */

static tin_reduce_shape random_shape(void)
{
    tin_reduce_shape s = {between(1, 3), {1, 1, 1, 1, 1}};

    for (int i = 0; i < TIN_DIMS; i++)
        s.dim[i] = next_random() % 3 ? between(1, 5) : 1;
    return s;
}

static int32_t row_elems(const tin_reduce_shape *s)
{
    return s->dim[0] * s->dim[1] * s->dim[2] * s->dim[3] * s->dim[4];
}

/* Where the accumulator of element i of a row lies. */
static int32_t kept_at(const tin_reduce_shape *s, int32_t i)
{
    const int32_t e = i % s->dim[4], c = i / s->dim[4] / s->dim[3] % s->dim[2];
    const int32_t a = i / s->dim[4] / s->dim[3] / s->dim[2] / s->dim[1];

    return (a * s->dim[2] + c) * s->dim[4] + e;
}

static double combine(int32_t op, double acc, double x)
{
    switch (op) {
    case TIN_REDUCE_MAX: return x > acc ? x : acc;
    case TIN_REDUCE_MIN: return x < acc ? x : acc;
    case TIN_REDUCE_PROD: return acc * x;
    default: return acc + x;
    }
}

/* Output row y in double. */
static void naive_reduce(const tin_reduce_shape *s, int32_t op,
                         const tin_rows *in, int is_float, int32_t y,
                         double *acc)
{
    const int32_t n = row_elems(s);

    for (int32_t i = 0; i < tin_reduce_kept(s); i++)
        acc[i] = op == TIN_REDUCE_MAX    ? -1e30
                 : op == TIN_REDUCE_MIN  ? 1e30
                 : op == TIN_REDUCE_PROD ? 1
                                         : 0;
    for (int32_t r = 0; r < s->in_h * n; r++) {
        const void *row = tin_row(in, y * s->in_h + r / n);
        const double x = is_float ? (double)((const float *)row)[r % n]
                                  : (double)((const int8_t *)row)[r % n];
        double *to = &acc[kept_at(s, r % n)];

        *to = combine(op, *to, x);
    }
}

Test(reduce_f32, seeded_shapes)
{
    double acc[256];

    for (int i = 0; i < 400; i++) {
        const tin_reduce_f32_params p = {random_shape(), i % 5};
        const int32_t n = between(1, 3), kept = tin_reduce_kept(&p.shape);
        tin_rows in = ring_random(n * p.shape.in_h, row_elems(&p.shape), 1, 4);
        const job j =
            job_of_steps(tin_reduce_f32, &p, &in, p.shape.in_h,
                         tin_reduce_f32_scratch_size(&p), n, 4 * kept);
        tin_rows out;

        cr_assert_eq(tin_reduce_f32_check(&p, NULL), TIN_OK);
        out = run_job(&j);
        for (int32_t k = 0; k < n * kept; k++) {
            const double got = (double)((float *)out.base)[k];
            double want;

            if (k % kept == 0)
                naive_reduce(&p.shape, p.op, &in, 1, k / kept, acc);
            want = acc[k % kept];
            if (p.op == TIN_REDUCE_MEAN)
                want /= tin_reduce_count(&p.shape);
            cr_assert(fabs(got - want) <= 1e-5 * fabs(want) + 1e-4,
                      "case %d: %g, not %g", i, got, want);
        }
        ring_free(&in), ring_free(&out);
    }
}

/* A sum of scale 1: (m, s) = quantized(1). Products of 1 byte have scale 1 in
 * 16 bits, 32767 / 32768: the vectors hold these. */
static tin_reduce_int_params random_int(int i)
{
    tin_reduce_int_params p = {.op = i % 3, .elem_bytes = 1, .shift = 1};

    p.shape = random_shape();
    p.multiplier = 1 << 30;
    p.in_zero = between(-128, 127);
    p.out_zero = between(-128, 127);
    return p;
}

Test(reduce_int, seeded_shapes)
{
    double acc[256];

    for (int i = 0; i < 400; i++) {
        const tin_reduce_int_params p = random_int(i);
        const int32_t n = between(1, 3), kept = tin_reduce_kept(&p.shape);
        tin_rows in = ring_random(n * p.shape.in_h, row_elems(&p.shape), 0, 1);
        const job j = job_of_steps(tin_reduce_int, &p, &in, p.shape.in_h,
                                   tin_reduce_int_scratch_size(&p), n, kept);
        tin_rows out;

        cr_assert_eq(tin_reduce_int_check(&p, NULL), TIN_OK);
        out = run_job(&j);
        for (int32_t k = 0; k < n * kept; k++) {
            double want;

            if (k % kept == 0)
                naive_reduce(&p.shape, p.op, &in, 0, k / kept, acc);
            want = acc[k % kept];
            if (p.op == TIN_REDUCE_SUM)
                want += p.out_zero - tin_reduce_count(&p.shape) * p.in_zero;
            want = want < -128 ? -128 : want > 127 ? 127 : want;
            cr_assert_eq(((int8_t *)out.base)[k], (int)want);
        }
        ring_free(&in), ring_free(&out);
    }
}

/* What wraps does so alike everywhere. */
Test(reduce_int, wraps)
{
    int32_t x[3] = {INT32_MAX, 2, 5}, y, scratch;
    const tin_rows in = {x, sizeof x, 1, 0}, out = {&y, sizeof y, 1, 0};
    tin_reduce_int_params p = {{1, {1, 1, 1, 3, 1}}, 0, 4, 0, 0, 0, 0};

    p.op = TIN_REDUCE_SUM;
    tin_reduce_int(&p, &in, &out, 0, 1, &scratch);
    cr_assert_eq(y, INT32_MIN + 6);
    p.op = TIN_REDUCE_PROD;
    tin_reduce_int(&p, &in, &out, 0, 1, &scratch);
    cr_assert_eq(y, -10);
}

/* Means of whole numbers, some of them the largest there are, do not overflow,
 * and are rounded towards 0. */
Test(reduce_int, means)
{
    enum { ROWS = 3, MOST = 9 };
    int32_t x[ROWS * MOST], y, scratch[2];

    for (int i = 0; i < 2000; i++) {
        const int32_t n = between(1, MOST);
        const tin_reduce_int_params p = {
            {ROWS, {1, 1, 1, n, 1}}, TIN_REDUCE_MEAN, 4, 0, 0, 0, 0};
        const tin_rows in = {x, n * 4, ROWS, 0}, out = {&y, 4, 1, 0};
        int64_t sum = 0;

        for (int32_t k = 0; k < ROWS * n; k++) {
            const int32_t edge = k & 1 && i & 1 ? INT32_MAX : INT32_MIN;

            x[k] = i % 3 ? between(-9, 9) : edge;
            sum += x[k];
        }
        cr_assert_eq(tin_reduce_int_check(&p, NULL), TIN_OK);
        cr_assert_eq(tin_reduce_int_scratch_size(&p), 8);
        for (int32_t k = 0; k < ROWS; k++)
            tin_reduce_int(&p, &in, &out, k, k + 1, scratch);
        cr_assert_eq(y, (int32_t)(sum / (ROWS * n)));
    }
}

/* ---- Along an axis ------------------------------------------------------ */

static tin_axis random_axis(void)
{
    const tin_axis a = {between(1, 4), between(1, 6), between(1, 4)};

    return a;
}

Test(argmax, seeded_shapes)
{
    for (int i = 0; i < 400; i++) {
        const tin_argmax_params p = {random_axis(), i % 5, i / 5 % 2,
                                     i / 10 % 2 ? 8 : 4};
        const tin_axis *a = &p.axis;
        const int32_t bytes = tin_key_bytes(p.type), n = a->outer * a->inner;
        tin_rows in =
            ring_random(3, tin_axis_elems(a), p.type == TIN_KEY_F32, bytes);
        const job j = job_on(tin_argmax, &p, need_same, in.base, in.row_bytes,
                             3, n * p.index_bytes);
        tin_rows out;

        cr_assert_eq(tin_argmax_check(&p, NULL), TIN_OK);
        out = run_job(&j);
        for (int32_t k = 0; k < 3 * n; k++) {
            const void *row = tin_row(&in, k / n);
            const int32_t o = k % n / a->inner, c = k % a->inner;
            const size_t first = (size_t)(o * a->extent * a->inner + c);
            int64_t place = 0;

            memcpy(&place, (char *)out.base + k * p.index_bytes,
                   (size_t)p.index_bytes);
            for (int32_t e = 0; e < a->extent; e++) {
                const int32_t best =
                    tin_key(row, first + (size_t)(place * a->inner), p.type);
                const int32_t key =
                    tin_key(row, first + (size_t)(e * a->inner), p.type);

                cr_assert(p.minimum ? key >= best : key <= best);
                cr_assert(key != best || place <= e);
            }
        }
        ring_free(&in), ring_free(&out);
    }
}

/* Keys have the order of the numbers. */
Test(key, order_of_floats)
{
    const float x[10] = {-INFINITY, -3e38f, -1.5f, -1e-40f, -0.0f,
                         0.0f,      1e-40f, 2,     3e38f,   INFINITY};

    for (size_t i = 1; i < 10; i++)
        cr_assert_eq(tin_key(x, i - 1, TIN_KEY_F32) <
                         tin_key(x, i, TIN_KEY_F32),
                     x[i - 1] < x[i]);
}

Test(topk, seeded_shapes)
{
    for (int i = 0; i < 300; i++) {
        const int32_t c = between(1, 12);
        tin_topk_params p = {between(1, 3), c, between(1, c), i % 5, 0};
        const int32_t bytes = tin_key_bytes(p.type);
        tin_rows in =
            ring_random(2, p.groups * c, p.type == TIN_KEY_F32, bytes);
        job j = job_on(tin_topk, &p, need_same, in.base, in.row_bytes, 2,
                       p.groups * p.k * bytes);
        tin_rows values, places;

        cr_assert_eq(tin_topk_check(&p, NULL), TIN_OK);
        values = run_job(&j);
        p.indices = 1;
        j.out_bytes = p.groups * p.k * 4;
        places = run_job(&j);
        for (int32_t k = 0; k < 2 * p.groups * p.k; k++) {
            const int32_t *place = (int32_t *)places.base + k;
            const size_t at = (size_t)(k / p.k * c + *place);
            const int32_t key = tin_key(in.base, at, p.type);

            cr_assert_eq(tin_key(values.base, (size_t)k, p.type), key);
            if (k % p.k > 0) { // after the one before it
                const int32_t before =
                    tin_key(values.base, (size_t)k - 1, p.type);

                cr_assert(key < before ||
                          (key == before && place[0] > place[-1]));
            }
        }
        ring_free(&in), ring_free(&values), ring_free(&places);
    }
}

/* Sums of one kernel against those of the next wider one. */
Test(cumsum, seeded_shapes)
{
    for (int i = 0; i < 200; i++) {
        const tin_axis a = random_axis();
        const tin_cumsum_f32_params pf = {a, i & 1, i >> 1 & 1};
        const tin_cumsum_s32_params pi = {a, i & 1, i >> 1 & 1};
        const tin_cumsum_s8_params pb = {a, i & 1,   i >> 1 & 1, -7,
                                         5, 1 << 30, -18}; // scale 1
        const int32_t n = tin_axis_elems(&a);
        tin_rows in[3] = {ring_new(2, 4 * n), ring_new(2, 4 * n),
                          ring_random(2, n, 0, 1)};
        const job jobs[3] = {
            job_on(tin_cumsum_f32, &pf, need_same, in[0].base, 4 * n, 2, 4 * n),
            job_on(tin_cumsum_s32, &pi, need_same, in[1].base, 4 * n, 2, 4 * n),
            job_on(tin_cumsum_s8, &pb, need_same, in[2].base, n, 2, n)};
        tin_rows outs[3];

        for (int32_t k = 0; k < 2 * n; k++) {
            ((float *)in[0].base)[k] = (float)(((int8_t *)in[2].base)[k] + 7);
            ((int32_t *)in[1].base)[k] = ((int8_t *)in[2].base)[k] + 7;
        }
        for (int k = 0; k < 3; k++)
            outs[k] = run_job(&jobs[k]);
        for (int32_t k = 0; k < 2 * n; k++) {
            const int32_t sum = ((int32_t *)outs[1].base)[k];

            cr_assert_eq(((float *)outs[0].base)[k], (float)sum);
            // the int8 kernel begins with one -in_zero more
            cr_assert_eq(((int8_t *)outs[2].base)[k],
                         tin_clamp(sum + 7 + 5, -128, 127));
        }
        for (int k = 0; k < 3; k++)
            ring_free(&in[k]), ring_free(&outs[k]);
    }
}

/* ---- What the checks refuse --------------------------------------------- */

enum { LARGE = 0x20000000 };

Test(reduce_f32, check)
{
    const tin_reduce_f32_params good = {{1, {1, 2, 3, 4, 5}}, TIN_REDUCE_MEAN};
    tin_reduce_f32_params p;

    REFUSE(p.op = -1, tin_reduce_f32_check, TIN_ERR_ARG);
    REFUSE(p.op = 5, tin_reduce_f32_check, TIN_ERR_ARG);
    REFUSE(p.shape.in_h = 0, tin_reduce_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.dim[3] = 0, tin_reduce_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.in_h = LARGE, tin_reduce_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.shape.dim[1] = LARGE, tin_reduce_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.shape.dim[4] = LARGE, tin_reduce_f32_check, TIN_ERR_OVERFLOW);
}

Test(reduce_int, check)
{
    const tin_reduce_int_params good = {
        {1, {1, 2, 3, 4, 5}}, TIN_REDUCE_SUM, 1, -128, 127, 1 << 30, 14};
    tin_reduce_int_params p;

    REFUSE(p.op = TIN_REDUCE_MEAN, tin_reduce_int_check, TIN_ERR_ARG);
    REFUSE(p.op = TIN_REDUCE_MEAN + 1, tin_reduce_int_check, TIN_ERR_ARG);
    REFUSE((p.op = TIN_REDUCE_MEAN, p.elem_bytes = 4, p.shape.dim[0] = 1 << 24),
           tin_reduce_int_check, TIN_ERR_OVERFLOW);
    REFUSE(p.elem_bytes = 3, tin_reduce_int_check, TIN_ERR_ARG);
    REFUSE(p.elem_bytes = 8, tin_reduce_int_check, TIN_ERR_ARG);
    REFUSE(p.elem_bytes = 2, tin_reduce_int_check, TIN_ERR_QUANT);
    REFUSE(p.in_zero = -129, tin_reduce_int_check, TIN_ERR_QUANT);
    REFUSE(p.out_zero = 128, tin_reduce_int_check, TIN_ERR_QUANT);
    REFUSE(p.multiplier = -1, tin_reduce_int_check, TIN_ERR_QUANT);
    REFUSE(p.shift = 31, tin_reduce_int_check, TIN_ERR_QUANT);
    REFUSE((p.op = TIN_REDUCE_PROD, p.shift = 15), tin_reduce_int_check,
           TIN_ERR_QUANT);
    REFUSE(p.shape.in_h = 1 << 21, tin_reduce_int_check, TIN_ERR_OVERFLOW);
    REFUSE(p.shape.dim[4] = LARGE, tin_reduce_int_check, TIN_ERR_OVERFLOW);
    REFUSE(p.shape.dim[0] = 0, tin_reduce_int_check, TIN_ERR_SHAPE);
}

Test(argmax, check)
{
    const tin_argmax_params good = {{2, 3, 4}, TIN_KEY_F32, 0, 8};
    tin_argmax_params p;

    REFUSE(p.axis.outer = 0, tin_argmax_check, TIN_ERR_SHAPE);
    REFUSE(p.axis.extent = 0, tin_argmax_check, TIN_ERR_SHAPE);
    REFUSE(p.axis.inner = -1, tin_argmax_check, TIN_ERR_SHAPE);
    REFUSE(p.axis.extent = LARGE, tin_argmax_check, TIN_ERR_OVERFLOW);
    REFUSE((p.type = TIN_KEY_S8, p.axis = (tin_axis){LARGE, 1, 1}),
           tin_argmax_check, TIN_ERR_OVERFLOW);
    REFUSE(p.type = 5, tin_argmax_check, TIN_ERR_ARG);
    REFUSE(p.type = -1, tin_argmax_check, TIN_ERR_ARG);
    REFUSE(p.index_bytes = 2, tin_argmax_check, TIN_ERR_ARG);
}

Test(topk, check)
{
    const tin_topk_params good = {2, 5, 5, TIN_KEY_S8, 1};
    tin_topk_params p;

    REFUSE(p.groups = 0, tin_topk_check, TIN_ERR_SHAPE);
    REFUSE(p.k = 0, tin_topk_check, TIN_ERR_SHAPE);
    REFUSE(p.k = 6, tin_topk_check, TIN_ERR_SHAPE);
    REFUSE(p.groups = LARGE, tin_topk_check, TIN_ERR_OVERFLOW);
    REFUSE((p.c = 1 << 30, p.k = LARGE), tin_topk_check, TIN_ERR_OVERFLOW);
    REFUSE(p.type = 5, tin_topk_check, TIN_ERR_ARG);
}

Test(cumsum, check)
{
    const tin_cumsum_s8_params good = {{2, 3, 4}, 0, 0, -128, 127, 1 << 30, 0};
    const tin_cumsum_f32_params large = {{2, LARGE, 1}, 0, 0};
    const tin_cumsum_s32_params none = {{2, 0, 1}, 0, 0};
    tin_cumsum_s8_params p;

    cr_assert_eq(tin_cumsum_f32_check(&large, NULL), TIN_ERR_OVERFLOW);
    cr_assert_eq(tin_cumsum_s32_check(&none, NULL), TIN_ERR_SHAPE);
    REFUSE(p.axis.outer = 0, tin_cumsum_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.axis.outer = LARGE, tin_cumsum_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.in_zero = 128, tin_cumsum_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_zero = -129, tin_cumsum_s8_check, TIN_ERR_QUANT);
    REFUSE(p.multiplier = -1, tin_cumsum_s8_check, TIN_ERR_QUANT);
    REFUSE(p.shift = 1, tin_cumsum_s8_check, TIN_ERR_QUANT);
}
