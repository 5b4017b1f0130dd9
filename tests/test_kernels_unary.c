/* SPDX-License-Identifier: MIT */
/*
 * The kernels of tinyinfer_unary.h: rows made in pieces, between short rings
 * and in place equal rows made at once, byte for byte; every function against
 * one in double; NaN, Inf and ends of the range; and every condition that a
 * check refuses. What is exact to the last bit is tested by golden vectors.
 */
#include <math.h>
#include "lowered.h"
#include "tinyinfer_unary.h"
#include "rings.h"

/* ---- Running a kernel on rows ------------------------------------------- */

enum { ROWS = 7 };

static void same_rows(const char *name, const char *how, const tin_rows *got,
                      const tin_rows *want)
{
    const size_t bytes = (size_t)want->rows * (size_t)want->row_bytes;

    cr_assert_eq(memcmp(got->base, want->base, bytes), 0, "%s %s", name, how);
}

/* Row y from rings of one row into a ring of two. */
static void run_alone(const tin_kernel_info *k, const void *params,
                      const tin_rows *in, int32_t y, const tin_rows *want)
{
    tin_rows one = ring_new(1, in[0].row_bytes);
    tin_rows two = ring_new(2, want->row_bytes);
    tin_rows operands[2] = {one, in[1]};

    memcpy(one.base, tin_row(in, y), (size_t)one.row_bytes);
    k->run(params, operands, &two, y, y + 1, NULL);
    cr_assert_eq(
        memcmp(tin_row(&two, y), tin_row(want, y), (size_t)want->row_bytes), 0,
        "%s: row %d differs when made alone", k->name, (int)y);
    for (int32_t i = 0; i < two.row_bytes; i++)
        cr_assert_eq(((unsigned char *)tin_row(&two, y + 1))[i], EMPTY);
    ring_free(&one);
    ring_free(&two);
}

/* All rows at once; then the same in pieces, alone, and in place where that is
 * allowed. in[1] is read in place, if the kernel has two inputs. */
static tin_rows run_both(tin_kernel_id kernel, const void *params,
                         const tin_rows in[2], int32_t out_bytes)
{
    const tin_kernel_info *k = &tin_kernel_infos[kernel];
    const int32_t rows = in[0].rows;
    tin_rows whole = ring_new(rows, out_bytes);
    tin_rows pieces = ring_new(rows, out_bytes);
    const char *why = "";

    cr_assert_eq(k->check(params, &why), TIN_OK, "%s: %s", k->name, why);
    k->run(params, in, &whole, 0, rows, NULL);
    for (int32_t y = 0, end; y < rows; y = end) {
        end = between(y, rows);
        k->run(params, in, &pieces, y, end, NULL);
    }
    same_rows(k->name, "in pieces", &pieces, &whole);
    for (int32_t y = 0; y < rows; y++)
        run_alone(k, params, in, y, &whole);
    if (k->in_place) {
        tin_rows operands[2] = {pieces, in[1]};

        memcpy(pieces.base, in[0].base, (size_t)rows * (size_t)in[0].row_bytes);
        k->run(params, operands, &pieces, 0, rows, NULL);
        same_rows(k->name, "in place", &pieces, &whole);
    }
    ring_free(&pieces);
    return whole;
}

/* The same of a kernel with one input. */
static tin_rows run(tin_kernel_id kernel, const void *params,
                    const tin_rows *in, int32_t out_bytes)
{
    const tin_rows both[2] = {*in, *in};

    return run_both(kernel, params, both, out_bytes);
}

/* ROWS rows of n elements; `type` as tin_cast has it. */
static tin_rows random_rows(int32_t n, int32_t type, float lo, float hi)
{
    const int32_t bytes[] = {4, 1, 1, 2, 4, 8, 1};
    tin_rows r = ring_new(ROWS, n * bytes[type]);
    unsigned char *byte = r.base;

    for (int32_t i = 0; i < r.rows * r.row_bytes; i++)
        byte[i] = (unsigned char)(type == TIN_CAST_BOOL ? next_random() & 1
                                                        : next_random());
    for (int32_t i = 0; type == TIN_CAST_F32 && i < ROWS * n; i++)
        ((float *)r.base)[i] =
            lo + (hi - lo) * (float)(next_random() % 65536) / 65536.0f;
    return r;
}

static int near(double got, double want, double tolerance)
{
    return fabs(got - want) <= tolerance * fmax(1.0, fabs(want));
}

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
        tin_rows out = run(functions[k].kernel, &p, &in, p.row_elems * 4);

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
        out = run(all[k].kernel, &p, &in, 36);
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
    out = run(TIN_KERNEL_neg_s64, &p, &in, 40);
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
    tin_rows in = every_s16(), out = run(kernel, params, &in, 512);

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

/* ---- LEAKY_RELU, PRELU -------------------------------------------------- */

Test(unary, leaky_relu_f32)
{
    const tin_leaky_relu_f32_params p = {6, -0.25f};
    tin_rows in = random_rows(6, TIN_CAST_F32, -3, 3), out;
    float *x = in.base;

    x[0] = NAN, x[1] = -0.0f, x[2] = INFINITY, x[3] = -INFINITY;
    out = run(TIN_KERNEL_leaky_relu_f32, &p, &in, 24);
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

Test(unary, prelu)
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
        tin_rows out_f = run_both(TIN_KERNEL_prelu_f32, &pf, f, n * 4);
        tin_rows out_s = run_both(TIN_KERNEL_prelu_s8, &ps, s, n);

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

/* ---- LOG_SOFTMAX -------------------------------------------------------- */

/* out[i] - x[i] must be the same number in a group: -ln(sum of exp(x)). */
static double log_sum(const double *x, int32_t n)
{
    double sum = 0;

    for (int32_t i = 0; i < n; i++)
        sum += exp(x[i]);
    return log(sum);
}

Test(unary, log_softmax)
{
    const tin_log_softmax_f32_params pf = {3, 5};
    // 1/16: 2^22 in Q5.26
    const tin_log_softmax_s8_params ps = {3,       5,   1 << 30, 23,
                                          1 << 30, -21, -248};
    tin_rows f = random_rows(15, TIN_CAST_F32, -9, 9);
    tin_rows s = random_rows(15, TIN_CAST_S8, 0, 0);
    tin_rows out_f = run(TIN_KERNEL_log_softmax_f32, &pf, &f, 60);
    tin_rows out_s = run(TIN_KERNEL_log_softmax_s8, &ps, &s, 15);

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

/* ---- CAST, ZEROS_LIKE --------------------------------------------------- */

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

Test(unary, cast)
{
    static const int32_t bytes[] = {4, 1, 1, 2, 4, 8, 1};

    for (int32_t from = 0; from <= TIN_CAST_BOOL; from++) {
        for (int32_t to = 0; to <= TIN_CAST_BOOL; to++) {
            // below, at and above the chunks that it works in
            const tin_cast_params p = {between(28, 70), from, to};
            tin_rows in = random_rows(p.row_elems, from, -300, 300), out;

            if (from == TIN_CAST_F32)
                ((float *)in.base)[0] = 0.25f;
            out = run(TIN_KERNEL_cast, &p, &in, p.row_elems * bytes[to]);
            for (int32_t i = 0; i < ROWS * p.row_elems; i++)
                cr_assert(element(out.base, to, i) ==
                              cast_of(element(in.base, from, i), from, to),
                          "%d to %d, element %d", (int)from, (int)to, (int)i);
            ring_free(&in), ring_free(&out);
        }
    }
}

Test(unary, cast_of_no_number)
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

Test(unary, zeros)
{
    const tin_zeros_params p = {11};
    tin_rows in = random_rows(11, TIN_CAST_S8, 0, 0);
    tin_rows out = run(TIN_KERNEL_zeros, &p, &in, 11);

    for (int32_t i = 0; i < ROWS * 11; i++)
        cr_assert_eq(((char *)out.base)[i], 0);
    ring_free(&in), ring_free(&out);
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

Test(unary_check, slopes)
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

Test(unary_check, prelu)
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

Test(unary_check, log_softmax)
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

Test(unary_check, cast)
{
    const tin_cast_params good = {7, TIN_CAST_F32, TIN_CAST_BOOL};
    tin_cast_params p;

    REFUSE(p.from = -1, tin_cast_check, TIN_ERR_ARG);
    REFUSE(p.from = TIN_CAST_BOOL + 1, tin_cast_check, TIN_ERR_ARG);
    REFUSE(p.to = -1, tin_cast_check, TIN_ERR_ARG);
    REFUSE(p.to = TIN_CAST_BOOL + 1, tin_cast_check, TIN_ERR_ARG);
}
