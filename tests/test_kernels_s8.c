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
        const job j = job_over(tin_softmax_s8, &p, in, row, 3);
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
    const job j = job_over(tin_table_x8, &p, x, 64, 4);
    tin_rows out;

    for (int i = 0; i < 256; i++) {
        x[i] = (uint8_t)i;
        table[i] = (uint8_t)(i * 7 + 3);
    }
    cr_assert_eq(tin_table_x8_check(&p, NULL), TIN_OK);
    out = run_job(&j);
    cr_assert_arr_eq(out.base, table, 256);
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

Test(check, table_x8)
{
    const uint8_t table[256] = {0};
    const tin_table_x8_params good = {1, table};
    tin_table_x8_params p;

    REFUSE(p.row_elems = 0, tin_table_x8_check, TIN_ERR_SHAPE);
    REFUSE(p.table = NULL, tin_table_x8_check, TIN_ERR_ARG);
}
