/* SPDX-License-Identifier: MIT */
/*
 * The transposed convolutions: against a definition that spreads every input
 * over the output, on seeded shapes, rows in any pieces; and every condition
 * that a check refuses.
 */
#include "tinyinfer_image.h"
#include "tinyinfer_s16.h"
#include "floats.h"
#include "naive_s8.h"

/* ---- The definition ----------------------------------------------------- */

static tin_window random_trans_window(void)
{
    tin_window w = {between(1, 5),
                    between(1, 5),
                    between(1, 6),
                    between(1, 11),
                    between(1, 11),
                    between(1, 37),
                    between(1, 5),
                    between(1, 5),
                    between(1, 4),
                    between(1, 4),
                    1,
                    1,
                    0,
                    0};

    w.pad_top = between(0, w.kernel_h);
    w.pad_left = between(0, w.kernel_w);
    return w;
}

/* Params begin with the window. */
static void trans_rows(const void *params, int k, int32_t y, int32_t *first,
                       int32_t *last)
{
    const tin_window *w = params;
    const int32_t before = y / w->out_h * w->in_h;
    int32_t end;

    (void)k;
    tin_transconv_taps(y % w->out_h + w->pad_top, w->stride_h, w->kernel_h,
                       w->in_h, first, &end);
    *first += before;
    *last = before + end - 1;
}

/* For every input and tap: the output that they meet at, or -1. */
static int32_t meets(const tin_window *w, int32_t input, int32_t tap)
{
    const int32_t oy =
        input / w->in_w * w->stride_h - w->pad_top + tap / w->kernel_w;
    const int32_t ox =
        input % w->in_w * w->stride_w - w->pad_left + tap % w->kernel_w;

    if (oy < 0 || oy >= w->out_h || ox < 0 || ox >= w->out_w)
        return -1;
    return oy * w->out_w + ox;
}

enum { IMAGES = 2 };

typedef enum { S8, S16, F32 } type;

static double value_at(const void *x, type t, int32_t i)
{
    switch (t) {
    case S8: return ((const int8_t *)x)[i];
    case S16: return ((const int16_t *)x)[i];
    default: return (double)((const float *)x)[i];
    }
}

/* What every input, less `zero`, gives to the output where it is spread over
 * it: sums to be freed. */
static double *spread(const tin_window *w, const void *in, type of_in,
                      int32_t zero, const void *weights, type of_weights)
{
    const int32_t taps = w->kernel_h * w->kernel_w;
    const int32_t pixels = w->in_h * w->in_w, n = w->out_h * w->out_w;
    double *sums = calloc((size_t)(IMAGES * n * w->out_c), sizeof *sums);

    for (int32_t i = 0; i < IMAGES * pixels * taps; i++) {
        const int32_t at = i / taps, tap = i % taps;
        const int32_t to = meets(w, at % pixels, tap);

        for (int32_t k = 0; to >= 0 && k < w->out_c * w->in_c; k++) {
            const int32_t oc = k / w->in_c, ic = k % w->in_c;

            sums[(at / pixels * n + to) * w->out_c + oc] +=
                (value_at(in, of_in, at * w->in_c + ic) - zero) *
                value_at(weights, of_weights, (oc * taps + tap) * w->in_c + ic);
        }
    }
    return sums;
}

/* Images through a kernel, to be freed. */
static void *run_trans(tin_kernel *kernel, const void *params, const void *in,
                       int32_t elem_bytes)
{
    const tin_window *w = params;
    const job j =
        job_on(kernel, params, trans_rows, in, w->in_w * w->in_c * elem_bytes,
               IMAGES * w->out_h, w->out_w * w->out_c * elem_bytes);

    return run(&j);
}

/* Shifts of n channels, to be freed. */
static int8_t *random_shifts(int32_t n)
{
    int8_t *x = malloc((size_t)n);

    for (int32_t i = 0; i < n; i++)
        x[i] = (int8_t)between(-11, -8);
    return x;
}

/* ---- Seeded shapes ------------------------------------------------------ */

Test(transconv2d_s8, equals_naive)
{
    for (int i = 0; i < 150; i++) {
        const tin_window w = random_trans_window();
        int8_t *weights =
            random_bytes(w.kernel_h * w.kernel_w * w.in_c * w.out_c);
        int32_t *bias = random_ints(w.out_c, -9999, 9999);
        int32_t *multiplier = random_ints(w.out_c, 1 << 30, INT32_MAX);
        int8_t *shift = random_shifts(w.out_c);
        const tin_transconv2d_s8_params p = {
            w,       between(-128, 127),  between(-128, 127), -100, 110,
            weights, i % 3 ? bias : NULL, multiplier,         shift};
        int8_t *in = random_bytes(IMAGES * w.in_h * w.in_w * w.in_c), *out;
        double *sums = spread(&w, in, S8, p.in_zero, weights, S8);

        cr_assert_eq(tin_transconv2d_s8_check(&p, NULL), TIN_OK);
        out = run_trans(tin_transconv2d_s8, &p, in, 1);
        for (int32_t k = 0; k < IMAGES * w.out_h * w.out_w * w.out_c; k++) {
            const int32_t c = k % w.out_c, b = p.bias ? bias[c] : 0;

            cr_assert_eq(out[k],
                         tin_output_s8((int32_t)sums[k] + b, multiplier[c],
                                       shift[c], p.out_zero, -100, 110));
        }
        free(weights), free(bias), free(multiplier), free(shift);
        free(in), free(out), free(sums);
    }
}

Test(transconv2d_s16, equals_naive)
{
    for (int i = 0; i < 200; i++) {
        const tin_window w = random_trans_window();
        const int32_t filter = w.kernel_h * w.kernel_w * w.in_c;
        int8_t *weights = random_bytes(filter * w.out_c);
        int64_t *bias = malloc((size_t)w.out_c * sizeof *bias);
        int32_t *multiplier = random_ints(w.out_c, 1 << 30, INT32_MAX);
        int8_t *shift = random_shifts(w.out_c);
        const tin_conv2d_s16_params p = {.window = w,
                                         .groups = 1,
                                         .channel_step = filter,
                                         .tap_step = w.in_c,
                                         .act_min = -30000,
                                         .act_max = 32767,
                                         .weights = weights,
                                         .bias = i % 3 ? bias : NULL,
                                         .multiplier = multiplier,
                                         .shift = shift};
        int16_t *in = random_bytes(2 * IMAGES * w.in_h * w.in_w * w.in_c), *out;
        double *sums = spread(&w, in, S16, 0, weights, S8);
        const char *why = "";

        for (int32_t c = 0; c < w.out_c; c++)
            bias[c] = between(-1000000, 1000000);
        cr_assert_eq(tin_transconv2d_s16_check(&p, &why), TIN_OK, "%s", why);
        out = run_trans(tin_transconv2d_s16, &p, in, 2);
        for (int32_t k = 0; k < IMAGES * w.out_h * w.out_w * w.out_c; k++) {
            const int32_t c = k % w.out_c;
            const int64_t b = p.bias ? bias[c] : 0;

            cr_assert_eq(out[k], tin_output_s16(&p, (int64_t)sums[k] + b, c));
        }
        free(weights), free(bias), free(multiplier), free(shift);
        free(in), free(out), free(sums);
    }
}

Test(transconv2d_f32, equals_naive)
{
    for (int i = 0; i < 150; i++) {
        const tin_window w = random_trans_window();
        float *weights =
            random_floats(w.kernel_h * w.kernel_w * w.in_c * w.out_c);
        float *bias = random_floats(w.out_c);
        const tin_transconv2d_f32_params p = {w, -50.0f, 60.0f, weights,
                                              i % 3 ? bias : NULL};
        float *in = random_floats(IMAGES * w.in_h * w.in_w * w.in_c), *out;
        double *sums = spread(&w, in, F32, 0, weights, F32);

        cr_assert_eq(tin_transconv2d_f32_check(&p, NULL), TIN_OK);
        out = run_trans(tin_transconv2d_f32, &p, in, 4);
        for (int32_t k = 0; k < IMAGES * w.out_h * w.out_w * w.out_c; k++) {
            const double b = p.bias ? (double)bias[k % w.out_c] : 0;

            cr_assert_float_eq((double)out[k], clamp(sums[k] + b, -50, 60),
                               1e-4);
        }
        free(weights), free(bias), free(in), free(out), free(sums);
    }
}

/* ---- What the checks refuse --------------------------------------------- */

static const int8_t ones[8] = {1, 1, 1, 1, 1, 1, 1, 1};
static const int32_t halves[2] = {1 << 30, 1 << 30};

Test(transconv2d_s8, check)
{
    static const int32_t wrong[2] = {1 << 30, -1}, large[2] = {0, INT32_MAX};
    static const int8_t far[2] = {0, 31};
    const tin_transconv2d_s8_params good = {
        {2, 2, 1, 4, 4, 2, 2, 2, 2, 2, 1, 1, 0, 0},
        0,
        0,
        -128,
        127,
        ones,
        NULL,
        halves,
        ones};
    tin_transconv2d_s8_params p;

    REFUSE(p.window.in_h = 0, tin_transconv2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.window.stride_w = 0, tin_transconv2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.window.pad_top = -1, tin_transconv2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.window.dilation_h = 2, tin_transconv2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.window.out_h = INT32_MAX, tin_transconv2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.in_zero = -129, tin_transconv2d_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_zero = 128, tin_transconv2d_s8_check, TIN_ERR_QUANT);
    REFUSE(p.act_min = 128, tin_transconv2d_s8_check, TIN_ERR_QUANT);
    REFUSE(p.weights = NULL, tin_transconv2d_s8_check, TIN_ERR_ARG);
    REFUSE(p.multiplier = NULL, tin_transconv2d_s8_check, TIN_ERR_ARG);
    REFUSE(p.shift = NULL, tin_transconv2d_s8_check, TIN_ERR_ARG);
    REFUSE(p.multiplier = wrong, tin_transconv2d_s8_check, TIN_ERR_QUANT);
    REFUSE(p.shift = far, tin_transconv2d_s8_check, TIN_ERR_QUANT);
    REFUSE(p.bias = large, tin_transconv2d_s8_check, TIN_ERR_QUANT);
    REFUSE((p.window.kernel_h = 3, p.window.out_c = INT32_MAX / 4),
           tin_transconv2d_s8_check, TIN_ERR_OVERFLOW);
}

Test(transconv2d_s16, check)
{
    static const int8_t w[16] = {1}, ok[2] = {0, 7}, left[2] = {0, 8};
    static const int32_t m[2] = {1, INT32_MAX}, minus[2] = {1, -1};
    static const int64_t bias[2] = {0, (int64_t)1 << 47};
    const tin_conv2d_s16_params good = {
        .window = {2, 2, 1, 4, 4, 2, 2, 2, 2, 2, 1, 1, 0, 0},
        .groups = 1,
        .channel_step = 4,
        .tap_step = 1,
        .act_min = -32768,
        .act_max = 32767,
        .weights = w,
        .multiplier = m,
        .shift = ok};
    tin_conv2d_s16_params p;

    REFUSE(p.window.in_h = 0, tin_transconv2d_s16_check, TIN_ERR_SHAPE);
    REFUSE(p.window.dilation_w = 2, tin_transconv2d_s16_check, TIN_ERR_SHAPE);
    REFUSE(p.groups = 2, tin_transconv2d_s16_check, TIN_ERR_SHAPE);
    REFUSE(p.weights = NULL, tin_transconv2d_s16_check, TIN_ERR_ARG);
    REFUSE(p.tap_step = -1, tin_transconv2d_s16_check, TIN_ERR_ARG);
    REFUSE(p.act_min = -32769, tin_transconv2d_s16_check, TIN_ERR_QUANT);
    REFUSE(p.multiplier = minus, tin_transconv2d_s16_check, TIN_ERR_QUANT);
    REFUSE(p.shift = left, tin_transconv2d_s16_check, TIN_ERR_QUANT);
    REFUSE(p.bias = bias, tin_transconv2d_s16_check, TIN_ERR_QUANT);
}

Test(transconv2d_f32, check)
{
    static const float weights[8];
    const tin_transconv2d_f32_params good = {
        {2, 2, 1, 4, 4, 2, 2, 2, 2, 2, 1, 1, 0, 0}, -1, 1, weights, NULL};
    tin_transconv2d_f32_params p;

    REFUSE(p.window.kernel_w = 0, tin_transconv2d_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.window.dilation_w = 3, tin_transconv2d_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.weights = NULL, tin_transconv2d_f32_check, TIN_ERR_ARG);
    REFUSE(p.act_min = 2, tin_transconv2d_f32_check, TIN_ERR_ARG);
    REFUSE(p.act_max = NAN, tin_transconv2d_f32_check, TIN_ERR_ARG);
    REFUSE(p.window.out_c = INT32_MAX / 8, tin_transconv2d_f32_check,
           TIN_ERR_OVERFLOW);
    REFUSE(p.window.in_c = INT32_MAX / 4, tin_transconv2d_f32_check,
           TIN_ERR_OVERFLOW);
}
