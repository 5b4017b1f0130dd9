/* SPDX-License-Identifier: MIT */
/*
 * The kernels of quantized inputs, two or more: seeded shapes, broadcast in
 * every way, against one naive definition each; hostile values; and every
 * condition that a check refuses.
 */
#include "broadcasts.h"
#include "naive_s8.h"

/* ---- The definitions, of one element ------------------------------------ */

static int64_t naive_quant(const tin_binary_quant_params *p, int64_t a,
                           int64_t b)
{
    const int64_t left = (int64_t)1 << p->left_shift;
    const int64_t ra =
        naive_requantize((a - p->a_zero) * left, p->a_multiplier, p->a_shift);
    const int64_t rb =
        naive_requantize((b - p->b_zero) * left, p->b_multiplier, p->b_shift);
    const int64_t d = ra - rb;
    const int64_t x = p->op == TIN_BINARY_ADD   ? ra + rb
                      : p->op == TIN_BINARY_SUB ? d
                                                : d * d;

    return naive_clamp(naive_requantize(x, p->out_multiplier, p->out_shift) +
                           p->out_zero,
                       p->act_min, p->act_max);
}

static void expect_quant_s8(const any_params *p, const void *a, const void *b,
                            void *out)
{
    put(out, 1, naive_quant(&p->quant, get(a, 1), get(b, 1)));
}

static void expect_quant_s16(const any_params *p, const void *a, const void *b,
                             void *out)
{
    put(out, 2, naive_quant(&p->quant, get(a, 2), get(b, 2)));
}

static int64_t naive_mul(const tin_muldiv_params *p, int64_t a, int64_t b)
{
    const int64_t product = (a - p->a_zero) * (b - p->b_zero);

    return naive_clamp(naive_requantize(product, p->multiplier, p->shift) +
                           p->out_zero,
                       p->act_min, p->act_max);
}

static void expect_mul_s8(const any_params *p, const void *a, const void *b,
                          void *out)
{
    put(out, 1, naive_mul(&p->muldiv, get(a, 1), get(b, 1)));
}

static void expect_mul_s16(const any_params *p, const void *a, const void *b,
                           void *out)
{
    put(out, 2, naive_mul(&p->muldiv, get(a, 2), get(b, 2)));
}

static void expect_div_s8(const any_params *p, const void *a, const void *b,
                          void *out)
{
    const tin_muldiv_params *q = &p->muldiv;
    const double x = (double)(get(a, 1) - q->a_zero);
    const double d = (double)(get(b, 1) - q->b_zero);
    const double y =
        d == 0 ? x * 1e9 : x / d * ldexp(q->multiplier, q->shift - 31);
    const double low = q->act_min, high = q->act_max;

    put(out, 1, (int64_t)fmin(fmax(round(y) + q->out_zero, low), high));
}

static int8_t naive_add(const tin_add_s8_params *p, int32_t a, int32_t b)
{
    const int32_t unit = (int32_t)1 << p->left_shift;
    const int32_t sum =
        naive_requantize((a - p->a_zero) * unit, p->a_multiplier, p->a_shift) +
        naive_requantize((b - p->b_zero) * unit, p->b_multiplier, p->b_shift);

    return naive_output(sum, p->out_multiplier, p->out_shift, p->out_zero,
                        p->act_min, p->act_max);
}

static void expect_add_s8(const any_params *p, const void *a, const void *b,
                          void *out)
{
    put(out, 1, naive_add(&p->add_s8, (int32_t)get(a, 1), (int32_t)get(b, 1)));
}

/* ---- Random params, but for the shape ----------------------------------- */

static void draw_quant(any_params *p, int32_t bytes)
{
    tin_binary_quant_params *q = &p->quant;
    const int32_t top = bytes == 1 ? 127 : 32767;

    q->op = (int32_t[]){TIN_BINARY_ADD, TIN_BINARY_SUB,
                        TIN_BINARY_SQUARED_DIFFERENCE}[between(0, 2)];
    q->left_shift = bytes == 1 ? 20 : 15;
    if (q->op == TIN_BINARY_SQUARED_DIFFERENCE)
        q->left_shift = bytes == 1 ? 7 : 0;
    q->a_zero = bytes == 1 ? between(-128, 127) : 0;
    q->b_zero = bytes == 1 ? between(-128, 127) : 0;
    q->out_zero = bytes == 1 ? between(-128, 127) : 0;
    q->a_multiplier = between(1 << 29, 1 << 30);
    q->b_multiplier = between(1 << 29, 1 << 30);
    q->a_shift = between(-5, 0);
    q->b_shift = between(-5, 0);
    q->out_multiplier = between(1 << 30, INT32_MAX);
    q->out_shift = between(-22, -8);
    q->act_min = between(-top - 1, 0);
    q->act_max = between(0, top);
}

static void draw_muldiv(any_params *p, int32_t bytes)
{
    tin_muldiv_params *q = &p->muldiv;
    const int32_t top = bytes == 1 ? 127 : 32767;

    q->a_zero = bytes == 1 ? between(-128, 127) : 0;
    q->b_zero = bytes == 1 ? between(-128, 127) : 0;
    q->out_zero = bytes == 1 ? between(-128, 127) : 0;
    q->multiplier = between(1 << 30, INT32_MAX);
    q->shift = between(-20, 3);
    q->act_min = between(-top - 1, 0);
    q->act_max = between(0, top);
}

static void draw_add_s8(any_params *params, int32_t bytes)
{
    tin_add_s8_params *p = &params->add_s8;

    (void)bytes;
    p->a_zero = random_zero();
    p->b_zero = random_zero();
    p->out_zero = random_zero();
    p->left_shift = between(0, 3) ? 20 : between(9, 21);
    p->a_multiplier = between(1, INT32_MAX - 1);
    p->b_multiplier = between(1, INT32_MAX - 1);
    p->out_multiplier = between(1 << 30, INT32_MAX - 1);
    p->a_shift = between(-4, 0);
    p->b_shift = between(-4, 0);
    p->out_shift = between(1 - p->left_shift, 4 - p->left_shift);
    random_clamp(&p->act_min, &p->act_max);
}

/* ---- Every kernel ------------------------------------------------------- */

static const subject subjects[] = {
    KERNEL(add_s8, draw_add_s8, expect_add_s8, 1, 1, 0, 1, 0),
    KERNEL(binary_s8, draw_quant, expect_quant_s8, 1, 1, 0, 1, 0),
    KERNEL(binary_s16, draw_quant, expect_quant_s16, 2, 2, 0, 1, 0),
    KERNEL(mul_s8, draw_muldiv, expect_mul_s8, 1, 1, 0, 1, 0),
    KERNEL(mul_s16, draw_muldiv, expect_mul_s16, 2, 2, 0, 1, 0),
    KERNEL(div_s8, draw_muldiv, expect_div_s8, 1, 1, 0, 1, 1),
};

TRY_SUBJECTS(binary_s8, subjects, 600)

/* ---- Values ------------------------------------------------------------- */

Test(div_s8, zeros)
{
    int8_t a[4] = {5, -5, 0, 0}, b[4] = {0, 0, 0, 9}, out[4];
    const int8_t want[4] = {100, -90, 3, 3};
    const tin_muldiv_params p = {four, 0, 0, 3, 1 << 30, 1, -90, 100};

    run_four(tin_div_s8, &p, a, b, 1, out, 1);
    cr_assert_arr_eq(out, want, 4);
}

/* A left shift beyond 32 bits saturates. */
Test(mul_s8, large_factor)
{
    int8_t a[4] = {127, -128, 1, 0}, b[4] = {127, 127, 1, 9}, out[4];
    const int8_t want[4] = {127, -128, 127, 0};
    const tin_muldiv_params p = {four, 0, 0, 0, INT32_MAX, 30, -128, 127};

    run_four(tin_mul_s8, &p, a, b, 1, out, 1);
    cr_assert_arr_eq(out, want, 4);
}

Test(add_s8, of_equal_scales)
{
    // scales 1, 1 -> 1: twice = 2, factors 1/2, 1/2, 2^-19
    const tin_add_s8_params p = {{{1, 1, 1, 1, 3}, {0, 0, 0, 0, 1}, {0}},
                                 -128,
                                 127,
                                 5,
                                 20,
                                 1 << 30,
                                 0,
                                 1 << 30,
                                 0,
                                 1 << 30,
                                 -18,
                                 -128,
                                 100};
    const int8_t expected[3] = {-55, -54, 100};
    int8_t a[3] = {-128, -127, 127}, b[1] = {67}, y[3];
    const tin_rows in[2] = {resident(a, 3), resident(b, 1)};
    const tin_rows out = resident(y, 3);

    cr_assert_eq(tin_add_s8_check(&p, NULL), TIN_OK);
    tin_add_s8(&p, in, &out, 0, 1, NULL);
    cr_assert_arr_eq(y, expected, 3);
}

Test(add_n_s8, sums)
{
    enum { ROWS = 3, ELEMS = 5 };
    tin_add_n_s8_params p = {ELEMS, 0, 0, 0, 20, 1 << 30, 0, 0, 0};

    for (int i = 0; i < 200; i++) {
        tin_rows in[TIN_ADD_N_MAX], out = ring_new(ROWS, ELEMS), last;

        p.n_in = between(1, TIN_ADD_N_MAX);
        p.in_zero = between(-128, 127);
        p.out_zero = between(-128, 127);
        p.out_multiplier = between(1 << 30, INT32_MAX);
        p.out_shift = between(-22, -15);
        for (int32_t k = 0; k < p.n_in; k++) {
            in[k] = ring_new(ROWS, ELEMS);
            fill(&in[k], 1, 0);
        }
        cr_assert_eq(tin_add_n_s8_check(&p, NULL), TIN_OK);
        tin_add_n_s8(&p, in, &out, 0, 1, NULL);
        tin_add_n_s8(&p, in, &out, 1, ROWS, NULL);
        for (int32_t k = 0; k < ROWS * ELEMS; k++) {
            int64_t sum = naive_requantize(-p.in_zero * (1 << 20), 1 << 30, 0);

            for (int32_t n = 0; n < p.n_in; n++)
                sum += naive_requantize(
                    (((int8_t *)in[n].base)[k] - p.in_zero) * (1 << 20),
                    1 << 30, 0);
            sum = naive_requantize(sum, p.out_multiplier, p.out_shift) +
                  p.out_zero;
            cr_assert_eq(((int8_t *)out.base)[k], naive_clamp(sum, -128, 127));
        }
        last = in[p.n_in - 1];
        tin_add_n_s8(&p, in, &last, 0, ROWS, NULL);
        cr_assert_arr_eq(last.base, out.base, ROWS * ELEMS);
        for (int32_t k = 0; k < p.n_in; k++)
            ring_free(&in[k]);
        ring_free(&out);
    }
}

/* ---- Checks ------------------------------------------------------------- */

Test(binary_s8, check_quantized)
{
    const tin_binary_quant_params good = {
        four, TIN_BINARY_SUB, 0, 0,       0,   15,   1 << 30,
        0,    1 << 30,        0, 1 << 30, -14, -128, 127};
    tin_binary_quant_params p;
    tin_check *const checks[] = {tin_binary_s8_check, tin_binary_s16_check};

    for (int i = 0; i < 2; i++) {
        tin_check *check = checks[i];
        const int32_t top = i ? 32767 : 127;

        REFUSE(p.op = TIN_BINARY_MUL, check, TIN_ERR_ARG);
        REFUSE(p.a_zero = i ? 1 : 128, check, TIN_ERR_QUANT);
        REFUSE(p.b_zero = i ? -1 : -129, check, TIN_ERR_QUANT);
        REFUSE(p.out_zero = i ? 1 : 128, check, TIN_ERR_QUANT);
        REFUSE(p.left_shift = -1, check, TIN_ERR_QUANT);
        REFUSE(p.left_shift = i ? 16 : 24, check, TIN_ERR_QUANT);
        REFUSE(p.op = TIN_BINARY_SQUARED_DIFFERENCE, check, TIN_ERR_QUANT);
        REFUSE(p.a_multiplier = -1, check, TIN_ERR_QUANT);
        REFUSE(p.a_multiplier = (1 << 30) + 1, check, TIN_ERR_QUANT);
        REFUSE(p.b_multiplier = (1 << 30) + 1, check, TIN_ERR_QUANT);
        REFUSE(p.a_shift = 1, check, TIN_ERR_QUANT);
        REFUSE(p.b_shift = -32, check, TIN_ERR_QUANT);
        REFUSE(p.out_shift = 31, check, TIN_ERR_QUANT);
        REFUSE(p.act_min = -top - 2, check, TIN_ERR_QUANT);
        REFUSE(p.act_max = top + 1, check, TIN_ERR_QUANT);
        REFUSE(p.act_max = -129, check, TIN_ERR_QUANT);
    }
}

Test(binary_s8, check_muldiv)
{
    const tin_muldiv_params good = {four, 0, 0, 0, 1 << 30, 0, -128, 127};
    tin_muldiv_params p;
    tin_check *const checks[] = {tin_mul_s8_check, tin_div_s8_check,
                                 tin_mul_s16_check};

    for (int i = 0; i < 3; i++) {
        tin_check *check = checks[i];
        const int32_t top = i == 2 ? 32767 : 127;

        REFUSE(p.a_zero = i == 2 ? 1 : 128, check, TIN_ERR_QUANT);
        REFUSE(p.b_zero = i == 2 ? -1 : -129, check, TIN_ERR_QUANT);
        REFUSE(p.out_zero = i == 2 ? 1 : 128, check, TIN_ERR_QUANT);
        REFUSE(p.multiplier = -1, check, TIN_ERR_QUANT);
        REFUSE(p.shift = -32, check, TIN_ERR_QUANT);
        REFUSE(p.shift = i == 1 ? 23 : 31, check, TIN_ERR_QUANT);
        REFUSE(p.act_min = -top - 2, check, TIN_ERR_QUANT);
        REFUSE(p.act_max = top + 1, check, TIN_ERR_QUANT);
    }
}

Test(add_s8, check)
{
    const tin_add_s8_params good = {
        {{1, 2, 3, 4, 5}, {0, 3, 1, 5, 1}, {0, 3, 1, 5, 1}},
        0,
        0,
        0,
        20,
        1 << 30,
        0,
        1 << 30,
        0,
        1 << 30,
        -18,
        -128,
        127};
    tin_add_s8_params p;

    REFUSE(p.shape.dim[0] = 0, tin_add_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.stride_a[1] = -1, tin_add_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.stride_b[4] = INT32_MAX, tin_add_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.a_zero = 128, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.b_zero = -129, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_zero = 128, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.left_shift = 8, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.left_shift = 22, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.a_multiplier = -1, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.b_multiplier = -1, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_multiplier = -1, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.a_shift = 1, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.b_shift = -32, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_shift = 1, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.act_min = -129, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE((p.act_min = 1, p.act_max = 0), tin_add_s8_check, TIN_ERR_QUANT);
}

Test(add_n_s8, check)
{
    const tin_add_n_s8_params good = {4, 2, 0, 0, 20, 1 << 30, 0, 1, -9};
    tin_add_n_s8_params p;

    REFUSE(p.row_elems = 0, tin_add_n_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.n_in = 0, tin_add_n_s8_check, TIN_ERR_ARG);
    REFUSE(p.n_in = 8, tin_add_n_s8_check, TIN_ERR_ARG);
    REFUSE(p.in_zero = 128, tin_add_n_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_zero = -129, tin_add_n_s8_check, TIN_ERR_QUANT);
    REFUSE(p.left_shift = 21, tin_add_n_s8_check, TIN_ERR_QUANT);
    REFUSE(p.in_multiplier = (1 << 30) + 1, tin_add_n_s8_check, TIN_ERR_QUANT);
    REFUSE(p.in_shift = 1, tin_add_n_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_multiplier = -1, tin_add_n_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_shift = 31, tin_add_n_s8_check, TIN_ERR_QUANT);
}
