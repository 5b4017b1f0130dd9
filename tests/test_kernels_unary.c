/* SPDX-License-Identifier: MIT */
/*
 * The kernels of tinyinfer_unary.h that are one function: rows in any pieces
 * and in place, byte for byte; every function against one in double; NaN, Inf
 * and ends of the range; and every condition that a check refuses. What is
 * exact to the last bit is tested by golden vectors.
 */
#include "listed.h"

/* ---- Functions of floats ------------------------------------------------ */

static double d_elu(double x)
{
    return x < 0 ? expm1(x) : x;
}
static double d_gelu(double x)
{
    return x * erfc(-x / sqrt(2)) / 2;
}
static double d_gelu_tanh(double x)
{
    return x * (1 + tanh(sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x))) / 2;
}
static double d_hard_swish(double x)
{
    return x * fmin(6, fmax(0, x + 3)) / 6;
}
static double d_rsqrt(double x)
{
    return 1 / sqrt(x);
}
static double d_square(double x)
{
    return x * x;
}
static double d_negative(double x)
{
    return -x;
}
static double d_sign(double x)
{
    return (x > 0) - (x < 0);
}

/* A kernel, the function, its domain, and what it makes of NaN (n: NaN), Inf
 * (i, -i as j), -Inf, -0.0 (z: -0.0). */
static const struct {
    tin_kernel_id kernel;
    double (*f)(double);
    float lo, hi;
    const char *special; /* "NaN Inf -Inf -0" */
} functions[] = {
    {TIN_KERNEL_tanh_f32, tanh, -9, 9, "n+-z"},
    {TIN_KERNEL_elu_f32, d_elu, -9, 9, "ni-z"},
    {TIN_KERNEL_gelu_f32, d_gelu, -5, 5, "ninz"},
    {TIN_KERNEL_gelu_tanh_f32, d_gelu_tanh, -5, 5, "ninz"},
    {TIN_KERNEL_hard_swish_f32, d_hard_swish, -5, 5, "ninz"},
    {TIN_KERNEL_exp_f32, exp, -9, 9, "ni0+"},
    {TIN_KERNEL_log_f32, log, 0.01f, 90, "ninj"},
    {TIN_KERNEL_sqrt_f32, sqrt, 0, 90, "ninz"},
    {TIN_KERNEL_rsqrt_f32, d_rsqrt, 0.01f, 90, "n0nj"},
    {TIN_KERNEL_square_f32, d_square, -9, 9, "nii0"},
    {TIN_KERNEL_abs_f32, fabs, -9, 9, "nii0"},
    {TIN_KERNEL_neg_f32, d_negative, -9, 9, "nji0"},
    {TIN_KERNEL_floor_f32, floor, -9, 9, "nijz"},
    {TIN_KERNEL_ceil_f32, ceil, -9, 9, "nijz"},
    {TIN_KERNEL_round_f32, rint, -9, 9, "nijz"},
    {TIN_KERNEL_sin_f32, sin, -9, 9, "nnnz"},
    {TIN_KERNEL_cos_f32, cos, -9, 9, "nnn+"},
    {TIN_KERNEL_sign_f32, d_sign, -9, 9, "0+-0"},
};

static char describe(float x)
{
    if (x != x)
        return 'n';
    if (isinf(x))
        return x > 0 ? 'i' : 'j';
    if (x == 0)
        return signbit(x) ? 'z' : '0';
    return x == 1 ? '+' : x == -1 ? '-' : '?';
}

Test(unary, functions_of_floats)
{
    for (size_t k = 0; k < sizeof functions / sizeof *functions; k++) {
        const char *name = tin_kernel_infos[functions[k].kernel].name;
        const tin_unary_params p = {between(1, 20)};
        tin_rows in = random_rows(p.row_elems, TIN_CAST_F32, functions[k].lo,
                                  functions[k].hi);
        tin_rows out =
            run_listed(functions[k].kernel, &p, &in, p.row_elems * 4);

        for (int32_t i = 0; i < ROWS * p.row_elems; i++) {
            const double x = (double)((float *)in.base)[i];
            const float got = ((float *)out.base)[i];

            cr_assert(near((double)got, functions[k].f(x), 1e-6), "%s(%g): %g",
                      name, x, (double)got);
        }
        ring_free(&in), ring_free(&out);
    }
}

Test(unary, special_floats)
{
    for (size_t k = 0; k < sizeof functions / sizeof *functions; k++) {
        const tin_kernel_info *info = &tin_kernel_infos[functions[k].kernel];
        const tin_unary_params p = {4};
        float x[4] = {NAN, INFINITY, -INFINITY, -0.0f}, y[4];
        const tin_rows in = {x, sizeof x, 1, 0}, out = {y, sizeof y, 1, 0};

        info->run(&p, &in, &out, 0, 1, NULL);
        for (int i = 0; i < 4; i++)
            cr_assert_eq(describe(y[i]), functions[k].special[i],
                         "%s of %g: %g", info->name, (double)x[i],
                         (double)y[i]);
    }
}

Test(unary, halves_round_to_even)
{
    const tin_unary_params p = {6};
    float x[6] = {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f}, y[6];
    const float want[6] = {0, 2, 2, 0, -2, -2};
    const tin_rows in = {x, sizeof x, 1, 0}, out = {y, sizeof y, 1, 0};

    tin_round_f32(&p, &in, &out, 0, 1, NULL);
    for (int i = 0; i < 6; i++)
        cr_assert_eq(y[i], want[i]);
}

/* ---- Functions of whole numbers ----------------------------------------- */

static int64_t abs_of(int64_t x)
{
    return x < 0 ? -x : x;
}
static int64_t neg_of(int64_t x)
{
    return -x;
}
static int64_t sign_of(int64_t x)
{
    return (x > 0) - (x < 0);
}

Test(unary, functions_of_int32)
{
    const struct {
        tin_kernel_id kernel;
        int64_t (*f)(int64_t);
    } all[] = {{TIN_KERNEL_abs_s32, abs_of},
               {TIN_KERNEL_neg_s32, neg_of},
               {TIN_KERNEL_sign_s32, sign_of}};

    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        const tin_unary_params p = {9};
        tin_rows in = random_rows(9, TIN_CAST_S32, 0, 0), out;
        int32_t *x = in.base;

        x[0] = 0, x[1] = INT32_MIN, x[2] = INT32_MAX, x[3] = -1;
        out = run_listed(all[k].kernel, &p, &in, 36);
        for (int32_t i = 0; i < ROWS * 9; i++)
            cr_assert_eq((uint32_t)((int32_t *)out.base)[i],
                         (uint32_t)(uint64_t)all[k].f(x[i]), "%s(%d)",
                         tin_kernel_infos[all[k].kernel].name, (int)x[i]);
        ring_free(&in), ring_free(&out);
    }
}

Test(unary, neg_s64)
{
    const tin_neg_s64_params p = {5};
    tin_rows in = random_rows(5, TIN_CAST_S64, 0, 0), out;
    uint64_t *x = in.base;

    x[0] = 0, x[1] = (uint64_t)INT64_MIN;
    out = run_listed(TIN_KERNEL_neg_s64, &p, &in, 40);
    for (int32_t i = 0; i < ROWS * 5; i++)
        cr_assert_eq(((uint64_t *)out.base)[i], 0 - x[i]);
    ring_free(&in), ring_free(&out);
}

/* ---- int16 -------------------------------------------------------------- */

/* Every int16, in rows of 256. */
static tin_rows every_s16(void)
{
    tin_rows r = ring_new(256, 512);

    for (int32_t i = 0; i < 65536; i++)
        ((int16_t *)r.base)[i] = (int16_t)(i - 32768);
    return r;
}

/* Runs a kernel on them; each output must be that of the function of scale *
 * in, in steps of 1 / out_scale, clamped, within `off` steps. */
static void try_s16(tin_kernel_id kernel, const void *params, double scale,
                    double (*f)(double), double steps, double off)
{
    tin_rows in = every_s16(), out = run_listed(kernel, params, &in, 512);

    for (int32_t x = -32768; x < 32768; x++) {
        const double want = fmax(-32768, fmin(32767, f(scale * x) * steps));
        const int16_t got = ((int16_t *)out.base)[x + 32768];

        cr_assert_leq(fabs(got - want), off, "%s(%d): %d, not %g",
                      tin_kernel_infos[kernel].name, (int)x, got, want);
    }
    ring_free(&in), ring_free(&out);
}

static double d_logistic(double x)
{
    return 1 / (1 + exp(-x));
}
static double d_leaky(double x)
{
    return x < 0 ? x / 8 : x;
}
static double d_same(double x)
{
    return x;
}
static double d_rsqrt_of(double x)
{
    return x > 0 ? 1 / sqrt(x) : 1e9;
}

Test(unary, functions_of_int16)
{
    const tin_sigmoid_s16_params logistic = {256, 3, 0, 0};
    const tin_sigmoid_s16_params tangent = {256, 3, 0, 1};
    const tin_sigmoid_s16_params fine = {256, 24576, 15, 0};
    const tin_leaky_relu_s16_params leaky = {256, 1 << 30, 1,    1 << 30,
                                             -2,  -32768,  32767};
    const tin_leaky_relu_s16_params magnitude = {256, 1 << 30, 1,    -(1 << 30),
                                                 1,   -32768,  32767};
    const tin_rsqrt_s16_params rsqrt = {256, 1 << 30, 11};
    int16_t identity[513];
    const tin_table_s16_params table = {256, identity};

    for (int32_t i = 0; i < 513; i++)
        identity[i] = (int16_t)(i == 512 ? 32767 : 128 * (i - 256));
    try_s16(TIN_KERNEL_sigmoid_s16, &logistic, 1 / 4096.0, d_logistic, 32768,
            2);
    try_s16(TIN_KERNEL_sigmoid_s16, &tangent, 1 / 4096.0, tanh, 32768, 4);
    try_s16(TIN_KERNEL_sigmoid_s16, &fine, 1 / 16384.0, d_logistic, 32768, 2);
    try_s16(TIN_KERNEL_leaky_relu_s16, &leaky, 1, d_leaky, 1, 0.5);
    try_s16(TIN_KERNEL_leaky_relu_s16, &magnitude, 1, fabs, 1, 0);
    try_s16(TIN_KERNEL_rsqrt_s16, &rsqrt, 1, d_rsqrt_of, 1024, 1);
    try_s16(TIN_KERNEL_table_s16, &table, 1, d_same, 1, 1);
}

/* ---- int8 by tables ----------------------------------------------------- */

static void try_table(const char *name, const uint8_t table[256], double scale,
                      int32_t zero, double (*f)(double), double steps,
                      int32_t out_zero, double off)
{
    for (int32_t x = -128; x < 128; x++) {
        const double y = f(scale * (x - zero)) * steps + out_zero;
        const double want = fmax(-128, fmin(127, y));
        const int8_t got = (int8_t)table[(uint8_t)x];

        cr_assert_leq(fabs(got - want), off, "%s(%d): %d, not %g", name, (int)x,
                      got, want);
    }
}

Test(unary, tables_of_int8)
{
    const tin_leaky_relu_s16_params p = {
        .multiplier = 1 << 30, .neg_multiplier = 1 << 30, .neg_shift = -3};
    uint8_t table[256];

    // 1/16 in Q4.27 is 2^23
    tin_tanh_table_s8(table, 5, 1 << 30, 24, 120);
    try_table("tanh", table, 1 / 16.0, 5, tanh, 128, 0, 0.51);
    // half of x, and 1/16 of it
    tin_leaky_relu_table_s8(table, -7, 9, &p);
    try_table("leaky_relu", table, 0.5, -7, d_leaky, 1, 9, 0.5);
    // 1/16 -> 1/16: 2^-7, and 2^-11 / (3 * 2^-15) = 16/3
    tin_hard_swish_table_s8(table, 3, -4, 16384, -6, 21845, 3);
    try_table("hard_swish", table, 1 / 16.0, 3, d_hard_swish, 16, -4, 0.6);
    tin_rsqrt_table_s8(table, -100, 2, 1 << 30, 6);
    try_table("rsqrt", table, 1, -100, d_rsqrt_of, 32, 2, 0.51);
}

/* ---- What checks refuse ------------------------------------------------- */

/* Every kernel whose params begin with row_elems. */
Test(unary_check, rows)
{
    static const int16_t table[513];
    const struct {
        tin_kernel_id kernel;
        int32_t most; /* elements of a row */
    } all[] = {
        {TIN_KERNEL_tanh_f32, INT32_MAX / 4},
        {TIN_KERNEL_abs_s32, INT32_MAX / 4},
        {TIN_KERNEL_neg_s64, INT32_MAX / 8},
        {TIN_KERNEL_leaky_relu_f32, INT32_MAX / 4},
        {TIN_KERNEL_leaky_relu_s16, INT32_MAX / 2},
        {TIN_KERNEL_sigmoid_s16, INT32_MAX / 2},
        {TIN_KERNEL_rsqrt_s16, INT32_MAX / 2},
        {TIN_KERNEL_cast, INT32_MAX / 8},
        {TIN_KERNEL_zeros, INT32_MAX},
    };
    int32_t p[16] = {0}; // all else may be 0

    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        tin_check *check = tin_kernel_infos[all[k].kernel].check;

        p[0] = all[k].most;
        cr_assert_eq(check(p, NULL), TIN_OK);
        p[0] = 0;
        cr_assert_eq(check(p, NULL), TIN_ERR_SHAPE);
        p[0] = all[k].most;
        if (p[0] == INT32_MAX)
            continue;
        p[0]++;
        cr_assert_eq(check(p, NULL), TIN_ERR_OVERFLOW);
    }
    const tin_table_s16_params good = {7, table};
    tin_table_s16_params t = good;

    cr_assert_eq(tin_table_s16_check(&t, NULL), TIN_OK);
    t.row_elems = 0;
    cr_assert_eq(tin_table_s16_check(&t, NULL), TIN_ERR_SHAPE);
    t = good, t.table = NULL;
    cr_assert_eq(tin_table_s16_check(&t, NULL), TIN_ERR_ARG);
}

Test(unary_check, int16)
{
    const tin_sigmoid_s16_params good = {7, 32767, 31, 1};
    tin_sigmoid_s16_params p;
    tin_rsqrt_s16_params r = {7, 9, 30};

    REFUSE(p.multiplier = 32768, tin_sigmoid_s16_check, TIN_ERR_QUANT);
    REFUSE(p.multiplier = -1, tin_sigmoid_s16_check, TIN_ERR_QUANT);
    REFUSE(p.shift = 32, tin_sigmoid_s16_check, TIN_ERR_QUANT);
    REFUSE(p.shift = -1, tin_sigmoid_s16_check, TIN_ERR_QUANT);
    REFUSE(p.is_tanh = 2, tin_sigmoid_s16_check, TIN_ERR_ARG);
    cr_assert_eq(tin_rsqrt_s16_check(&r, NULL), TIN_OK);
    r.shift = 31;
    cr_assert_eq(tin_rsqrt_s16_check(&r, NULL), TIN_ERR_QUANT);
    r.shift = -12;
    cr_assert_eq(tin_rsqrt_s16_check(&r, NULL), TIN_ERR_QUANT);
    r.shift = 0, r.multiplier = -1;
    cr_assert_eq(tin_rsqrt_s16_check(&r, NULL), TIN_ERR_QUANT);
}
