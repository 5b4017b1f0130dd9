/* SPDX-License-Identifier: MIT */
/*
 * CAST and ZEROS_LIKE: rows in any pieces, byte for byte; every pair of types
 * against long double; NaN and Inf; and every condition that a check refuses.
 */
#include "listed.h"

static long double element(const void *base, int32_t type, int32_t i)
{
    switch (type) {
    case TIN_CAST_F32: return (long double)((const float *)base)[i];
    case TIN_CAST_S8: return ((const int8_t *)base)[i];
    case TIN_CAST_S16: return ((const int16_t *)base)[i];
    case TIN_CAST_S32: return ((const int32_t *)base)[i];
    case TIN_CAST_S64: return (long double)((const int64_t *)base)[i];
    default: return ((const uint8_t *)base)[i];
    }
}

/* The same number where the type can hold it; saturated from floats, whose
 * range here is -300 .. 300, else modulo. */
static long double cast_of(long double x, int32_t from, int32_t to)
{
    static const int bits[] = {0, 8, 8, 16, 32, 64, 1};
    const int is_signed = to != TIN_CAST_U8;
    const long double modulus = ldexpl(1, bits[to]);
    const long double least = is_signed ? -modulus / 2 : 0;

    if (to == TIN_CAST_BOOL)
        return x != 0;
    if (to == TIN_CAST_F32)
        return (long double)(float)x;
    x = truncl(x);
    if (from == TIN_CAST_F32)
        return fmaxl(least, fminl(x, least + modulus - 1));
    x = fmodl(x, modulus);
    return x < least ? x + modulus : x >= least + modulus ? x - modulus : x;
}

Test(cast, every_pair_of_types)
{
    static const int32_t bytes[] = {4, 1, 1, 2, 4, 8, 1};

    for (int32_t from = 0; from <= TIN_CAST_BOOL; from++) {
        for (int32_t to = 0; to <= TIN_CAST_BOOL; to++) {
            // below, at and above the chunks that it works in
            const tin_cast_params p = {between(28, 70), from, to};
            tin_rows in = random_rows(p.row_elems, from, -300, 300), out;

            if (from == TIN_CAST_F32)
                ((float *)in.base)[0] = 0.25f;
            out = run_listed(TIN_KERNEL_cast, &p, &in, p.row_elems * bytes[to]);
            for (int32_t i = 0; i < ROWS * p.row_elems; i++)
                cr_assert(element(out.base, to, i) ==
                              cast_of(element(in.base, from, i), from, to),
                          "%d to %d, element %d", (int)from, (int)to, (int)i);
            ring_free(&in), ring_free(&out);
        }
    }
}

Test(cast, of_no_number)
{
    float x[3] = {NAN, INFINITY, -INFINITY};
    int64_t y[3];
    const tin_rows in = {x, sizeof x, 1, 0}, out = {y, sizeof y, 1, 0};
    const tin_cast_params to_s64 = {3, TIN_CAST_F32, TIN_CAST_S64};
    const tin_cast_params to_bool = {3, TIN_CAST_F32, TIN_CAST_BOOL};

    tin_cast(&to_s64, &in, &out, 0, 1, NULL);
    cr_assert(y[0] == 0 && y[1] == INT64_MAX && y[2] == INT64_MIN);
    tin_cast(&to_bool, &in, &out, 0, 1, NULL);
    cr_assert_arr_eq(y, "\1\1\1", 3);
}

Test(zeros, are_zeros)
{
    const tin_zeros_params p = {11};
    tin_rows in = random_rows(11, TIN_CAST_S8, 0, 0);
    tin_rows out = run_listed(TIN_KERNEL_zeros, &p, &in, 11);

    for (int32_t i = 0; i < ROWS * 11; i++)
        cr_assert_eq(((char *)out.base)[i], 0);
    ring_free(&in), ring_free(&out);
}

Test(cast, check)
{
    const tin_cast_params good = {7, TIN_CAST_F32, TIN_CAST_BOOL};
    tin_cast_params p;

    REFUSE(p.from = -1, tin_cast_check, TIN_ERR_ARG);
    REFUSE(p.from = TIN_CAST_BOOL + 1, tin_cast_check, TIN_ERR_ARG);
    REFUSE(p.to = -1, tin_cast_check, TIN_ERR_ARG);
    REFUSE(p.to = TIN_CAST_BOOL + 1, tin_cast_check, TIN_ERR_ARG);
}
