/* SPDX-License-Identifier: MIT */
/*
 * The int8 kernels of elements and rows, and fixed-point arithmetic: seeded
 * shapes against naive versions, rows in any pieces, examples worked out by
 * hand, and every condition that a check refuses.
 */
#include <math.h>
#include "naive_s8.h"

/* ---- Fixed point -------------------------------------------------------- */

static void check_requantize(int32_t x, int32_t multiplier, int32_t shift)
{
    cr_assert_eq(tin_requantize(x, multiplier, shift),
                 naive_requantize(x, multiplier, shift), "%d * %d, %d", x,
                 multiplier, shift);
}

Test(fixed_point, requantizes_like_its_definition)
{
    for (int i = 0; i < 100000; i++) {
        const int32_t bits = between(0, 31), shift = between(-31, 8);
        const int32_t multiplier = between(0, INT32_MAX - 1);
        int32_t x = (int32_t)(next_random() >> bits);

        if (shift > 0)
            x %= (int32_t)1 << 22;
        check_requantize(x, multiplier, shift);
    }
}

Test(fixed_point, requantizes_ties_like_its_definition)
{
    for (int32_t right = 0; right <= 31; right++) {
        check_requantize(INT32_MIN, INT32_MAX, -right);
        check_requantize(INT32_MAX, INT32_MAX, -right);
        for (int i = -300; i < 300; i++) {
            // at and beside k * 2^right, whose half is a tie where k is odd
            const uint32_t x = ((uint32_t)(i / 3) << right) + (uint32_t)(i % 3);

            check_requantize((int32_t)x, 1 << 30, -right);
        }
    }
}

/* What cores without a product of 64 bits compute. */
Test(fixed_point, multiplies_halves_like_wholes)
{
    static const int32_t edge[] = {
        INT32_MIN,  INT32_MIN + 1, -0x10000, -0xffff, -1,      0,
        1,          0x7fff,        0x8000,   0xffff,  0x10000, 0x40000000,
        0x7fff0000, INT32_MAX - 1, INT32_MAX};
    enum { N = sizeof edge / sizeof *edge };

    for (int i = 0; i < N * N + 100000; i++) {
        const int random = i >= N * N;
        const int32_t a = random ? (int32_t)next_random() : edge[i / N];
        const int32_t b = random ? (int32_t)next_random() : edge[i % N];

        if (a == INT32_MIN && b == INT32_MIN)
            continue;
        cr_assert_eq(tin_mul_round_halves(a, b), tin_mul_high(a, b), "%d * %d",
                     a, b);
    }
}

Test(fixed_point, rounds_twice)
{
    // 11.499 becomes 11.5, then 12
    cr_assert_eq(tin_requantize(7984, 1583594044, -9), 12);
    // 0.25 becomes 0.5, then 1
    cr_assert_eq(tin_requantize(1, 1 << 30, -1), 1);
    cr_assert_eq(tin_requantize(-1, 1 << 30, -1), 0);
    cr_assert_eq(tin_requantize(-3, 1 << 30, 0), -1);  // -1.5, half up
    cr_assert_eq(tin_requantize(-6, 1 << 30, -1), -2); // -1.5, half away
    cr_assert_eq(tin_requantize(INT32_MIN, INT32_MAX, -31), -1);
}

Test(fixed_point, saturates)
{
    cr_assert_eq(tin_mul_high(INT32_MIN, INT32_MIN), INT32_MAX);
    cr_assert_eq(tin_shift_left_sat(1, 31), INT32_MAX);
    cr_assert_eq(tin_shift_left_sat(-2, 31), INT32_MIN);
    cr_assert_eq(tin_shift_left_sat(-1, 31), INT32_MIN);
    cr_assert_eq(tin_output_s8(INT32_MAX, INT32_MAX, 0, 127, -128, 127), 127);
    cr_assert_eq(tin_output_s8(INT32_MIN, INT32_MAX, 0, -128, -128, 127), -128);
}

Test(fixed_point, exp_and_reciprocal_are_close)
{
    for (int32_t x = 0; x > -(31 << 26); x -= 76543) {
        const double y = tin_exp_q31(x, 5) / 2147483648.0;

        cr_assert_float_eq(y, exp(x / 67108864.0), 5e-7, "%d", x);
    }
    for (int64_t x = 0; x <= INT32_MAX; x += 765432) {
        const double y = tin_reciprocal_q31((int32_t)x) / 2147483648.0;

        cr_assert_float_eq(y, 1 / (1 + (double)x / 2147483648.0), 1e-8);
    }
    cr_assert_eq(tin_exp_q31(0, 5), INT32_MAX);
    cr_assert_eq(tin_exp_q31(INT32_MIN, 5), 0);
}

/* ---- Add on seeded shapes ----------------------------------------------- */

/* How the extents of `shape` of one input lie in memory: strides in rows and
 * elements, 0 where an extent of 1 is broadcast. */
static void set_strides(const int32_t shape[TIN_DIMS], int32_t stride[TIN_DIMS])
{
    int32_t rows = 1, elems = 1;

    for (int i = TIN_DIMS - 1; i >= 0; i--) {
        int32_t *size = i >= 3 ? &elems : &rows;

        stride[i] = shape[i] > 1 ? *size : 0;
        *size *= shape[i];
    }
}

/* Input rows of an input that is never broadcast along its rows. */
static tin_rows add_input(const int32_t shape[TIN_DIMS])
{
    const int32_t rows = shape[0] * shape[1] * shape[2];
    const int32_t row_bytes = shape[3] * shape[4];

    return resident(random_bytes(rows * row_bytes), row_bytes);
}

static void need_add(const void *params, int k, int32_t y, int32_t *first,
                     int32_t *last)
{
    const tin_broadcast *s = params;

    *first = tin_broadcast_row(s, k ? s->stride_b : s->stride_a, y);
    *last = *first;
}

/* The input byte at the place of output element i. */
static int32_t add_place(const tin_rows *in, const tin_broadcast *s,
                         const int32_t stride[TIN_DIMS], int32_t i)
{
    int32_t row = 0, elem = 0;

    for (int k = TIN_DIMS - 1; k >= 0; k--) {
        *(k >= 3 ? &elem : &row) += i % s->dim[k] * stride[k];
        i /= s->dim[k];
    }
    return ((const int8_t *)in->base)[row * in->row_bytes + elem];
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

static tin_add_s8_params random_add(void)
{
    tin_add_s8_params p;

    memset(&p, 0, sizeof p);
    p.a_zero = random_zero();
    p.b_zero = random_zero();
    p.out_zero = random_zero();
    p.left_shift = between(0, 3) ? 20 : between(9, 21);
    p.a_multiplier = between(1, INT32_MAX - 1);
    p.b_multiplier = between(1, INT32_MAX - 1);
    p.out_multiplier = between(1 << 30, INT32_MAX - 1);
    p.a_shift = between(-4, 0);
    p.b_shift = between(-4, 0);
    p.out_shift = between(1 - p.left_shift, 4 - p.left_shift);
    random_clamp(&p.act_min, &p.act_max);
    return p;
}

static void test_add(tin_add_s8_params *p, const int32_t shape_a[TIN_DIMS],
                     const int32_t shape_b[TIN_DIMS])
{
    tin_broadcast *s = &p->shape;
    job j = {tin_add_s8, p, need_add, 2, {{0}, {0}}, 0, 0};
    const int8_t *got;
    tin_rows out;

    set_strides(shape_a, s->stride_a);
    set_strides(shape_b, s->stride_b);
    j.in[0] = add_input(shape_a);
    j.in[1] = add_input(shape_b);
    j.out_rows = s->dim[0] * s->dim[1] * s->dim[2];
    j.out_bytes = s->dim[3] * s->dim[4];
    cr_assert_eq(tin_add_s8_check(p, NULL), TIN_OK);
    out = run_job(&j);
    got = out.base;
    for (int32_t i = 0; i < j.out_rows * j.out_bytes; i++)
        cr_assert_eq(got[i],
                     naive_add(p, add_place(&j.in[0], s, s->stride_a, i),
                               add_place(&j.in[1], s, s->stride_b, i)));
    free(j.in[0].base), free(j.in[1].base);
    ring_free(&out);
}

Test(add_s8, equals_naive_with_any_broadcast)
{
    for (int i = 0; i < 300; i++) {
        tin_add_s8_params p = random_add();
        int32_t shape_a[TIN_DIMS], shape_b[TIN_DIMS];

        for (int k = 0; k < TIN_DIMS; k++) {
            const int32_t broadcast = i % 2 ? between(0, 4) : 0;

            p.shape.dim[k] = between(1, 4);
            shape_a[k] = broadcast == 1 ? 1 : p.shape.dim[k];
            shape_b[k] = broadcast == 2 ? 1 : p.shape.dim[k];
        }
        test_add(&p, shape_a, shape_b);
    }
}

Test(add_s8, works_in_place)
{
    tin_add_s8_params p = random_add();
    const int32_t shape[TIN_DIMS] = {1, 1, 3, 5, 7};
    tin_rows a = add_input(shape), b = add_input(shape);
    tin_rows in[2], out = ring_new(3, 35);

    memcpy(p.shape.dim, shape, sizeof shape);
    set_strides(shape, p.shape.stride_a);
    set_strides(shape, p.shape.stride_b);
    in[0] = a;
    in[1] = b;
    tin_add_s8(&p, in, &out, 0, 3, NULL);
    tin_add_s8(&p, in, &a, 0, 3, NULL);
    cr_assert_arr_eq(a.base, out.base, 105);
    free(a.base), free(b.base);
    ring_free(&out);
}

/* ---- Softmax and tables ------------------------------------------------- */

/* The parameters for a scale, as the header derives them. */
static tin_softmax_s8_params softmax_params(int32_t groups, int32_t c,
                                            double scale)
{
    tin_softmax_s8_params p;
    int shift;

    p.groups = groups;
    p.c = c;
    p.multiplier =
        (int32_t)floor(frexp(scale * 67108864.0, &shift) * 2147483648.0 + 0.5);
    p.shift = shift;
    p.diff_min = -(int32_t)floor(31.0 * 67108864.0 / ldexp(1.0, shift));
    return p;
}

Test(softmax_s8, is_close_and_keeps_the_row_contract)
{
    for (int i = 0; i < 100; i++) {
        const double scale =
            ldexp(1.0 + between(0, 1023) / 1024.0, between(-9, 1));
        const tin_softmax_s8_params p =
            softmax_params(between(1, 3), between(1, 40), scale);
        const int32_t row = p.groups * p.c;
        int8_t *in = random_bytes(3 * row);
        const job j = job_on(tin_softmax_s8, &p, need_same, in, row, 3, row);
        tin_rows out = run_job(&j);
        const int8_t *got = out.base;

        cr_assert_eq(tin_softmax_s8_check(&p, NULL), TIN_OK);
        for (int32_t k = 0; k < 3 * row; k++) {
            const int8_t *group = in + k / p.c * p.c;
            double sum = 0, y;

            for (int32_t n = 0; n < p.c; n++)
                sum += exp(scale * (group[n] - in[k]));
            y = 256 / sum - 128;
            cr_assert_float_eq(got[k], y > 127 ? 127 : y, 0.501);
        }
        free(in);
        ring_free(&out);
    }
}

Test(softmax_s8, works_in_place_and_at_the_ends)
{
    const tin_softmax_s8_params p = softmax_params(1, 4, 0.1);
    int8_t x[] = {-128, 127, 127, -128}, one[] = {5};
    tin_softmax_s8_params single = softmax_params(1, 1, 0.1);
    tin_rows rows = resident(x, 4), row = resident(one, 1);

    tin_softmax_s8(&p, &rows, &rows, 0, 1, NULL);
    cr_assert_eq(x[0], -128);
    cr_assert_eq(x[1], 0);
    cr_assert_eq(x[2], 0);
    cr_assert_eq(x[3], -128);
    tin_softmax_s8(&single, &row, &row, 0, 1, NULL);
    cr_assert_eq(one[0], 127); // 256 - 128, clamped
}

/* 512 equal numbers: half a unit each, and the reference stops. */
Test(softmax_s8, of_very_many_equal_numbers)
{
    const int32_t counts[] = {511, 512, 4095};

    for (int i = 0; i < 3; i++) {
        const tin_softmax_s8_params p = softmax_params(1, counts[i], 0.1);
        int8_t x[4095] = {0};
        tin_rows rows = resident(x, counts[i]);

        cr_assert_eq(tin_softmax_s8_check(&p, NULL), TIN_OK);
        tin_softmax_s8(&p, &rows, &rows, 0, 1, NULL);
        cr_assert_eq(x[0], i == 0 ? -127 : -128);
        cr_assert_eq(x[counts[i] - 1], x[0]);
    }
}

Test(table_x8, maps_all_bytes_and_works_in_place)
{
    uint8_t table[256], x[256];
    const tin_table_x8_params p = {64, table};
    const job j = job_on(tin_table_x8, &p, need_same, x, 64, 4, 64);
    tin_rows out;

    for (int i = 0; i < 256; i++) {
        x[i] = (uint8_t)i;
        table[i] = (uint8_t)(i * 7 + 3);
    }
    cr_assert_eq(tin_table_x8_check(&p, NULL), TIN_OK);
    out = run_job(&j);
    cr_assert_arr_eq(out.base, table, 256);
    tin_table_x8(&p, j.in, j.in, 0, 4, NULL);
    cr_assert_arr_eq(x, table, 256);
    ring_free(&out);
}

Test(table_x8, logistic_is_close)
{
    for (int e = -9; e < 1; e++) {
        const double scale = 1.37 * ldexp(1.0, e);
        const int32_t zero = random_zero();
        uint8_t table[256];
        int shift;
        const double f = frexp(scale * 134217728.0, &shift);

        tin_logistic_table_s8(
            table, zero, (int32_t)floor(f * 2147483648.0 + 0.5), shift,
            (int32_t)floor(15.0 * 134217728.0 / ldexp(1.0, shift)));
        for (int32_t x = -128; x < 128; x++) {
            const double y = 256 / (1 + exp(-scale * (x - zero))) - 128;

            cr_assert_float_eq((int8_t)table[(uint8_t)x], y > 127 ? 127 : y,
                               0.51);
        }
    }
}

Test(table_x8, logistic_of_zero_and_far_out)
{
    uint8_t table[256];

    tin_logistic_table_s8(table, 0, 1 << 30, 28, 7); // scale 1
    cr_assert_eq((int8_t)table[0], 0);
    cr_assert_eq((int8_t)table[(uint8_t)-128], -128);
    cr_assert_eq((int8_t)table[127], 127);
}

Test(table_x8, requant_table_clamps_and_rounds)
{
    uint8_t table[256];

    tin_requant_table_s8(table, 0, 0, 1 << 30, 1, -128, 127); // factor 1
    for (int i = 0; i < 256; i++)
        cr_assert_eq(table[i], i);
    tin_requant_table_s8(table, -128, -128, 1 << 30, 0, -100, 100); // 1/2
    cr_assert_eq((int8_t)table[(uint8_t)-128], -100);
    cr_assert_eq((int8_t)table[0], -64);
    cr_assert_eq((int8_t)table[1], -63); // 64.5 rounds up
    tin_requant_table_s8(table, -128, 0, 1 << 30, 3, -128, 127); // 4
    cr_assert_eq((int8_t)table[0], 127);
}

/* ---- Worked by hand ----------------------------------------------------- */

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

/* ---- What the checks refuse --------------------------------------------- */

Test(check, softmax_s8)
{
    const tin_softmax_s8_params good = softmax_params(2, 10, 0.1);
    tin_softmax_s8_params p;

    REFUSE(p.groups = 0, tin_softmax_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 0, tin_softmax_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 4096, tin_softmax_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.groups = 1 << 30, tin_softmax_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.multiplier = -1, tin_softmax_s8_check, TIN_ERR_QUANT);
    REFUSE(p.shift = -1, tin_softmax_s8_check, TIN_ERR_QUANT);
    REFUSE(p.shift = 31, tin_softmax_s8_check, TIN_ERR_QUANT);
    REFUSE(p.diff_min = 1, tin_softmax_s8_check, TIN_ERR_QUANT);
    REFUSE(p.diff_min = INT32_MIN, tin_softmax_s8_check, TIN_ERR_QUANT);
}

Test(check, add_s8)
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

Test(check, table_x8)
{
    const uint8_t table[256] = {0};
    const tin_table_x8_params good = {1, table};
    tin_table_x8_params p;

    REFUSE(p.row_elems = 0, tin_table_x8_check, TIN_ERR_SHAPE);
    REFUSE(p.table = NULL, tin_table_x8_check, TIN_ERR_ARG);
}
