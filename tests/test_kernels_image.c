/* SPDX-License-Identifier: MIT */
/*
 * The kernels of tinyinfer_image.h: against naive versions on seeded shapes,
 * at once and row by row between rings that hold no row too many; and every
 * condition that a check refuses.
 */
#include "tinyinfer_image.h"
#include "floats.h"
#include "naive_s8.h"
#include "windows.h"

static int32_t *random_ints(int32_t n, int32_t lo, int32_t hi)
{
    int32_t *x = malloc((size_t)n * sizeof *x);

    for (int32_t i = 0; i < n; i++)
        x[i] = between(lo, hi);
    return x;
}

/* ---- Resize ------------------------------------------------------------- */

static void nearest_rows(const void *params, int k, int32_t y, int32_t *first,
                         int32_t *last)
{
    const tin_resize_nearest_params *p = params;

    (void)k;
    *first = *last = y / p->out_h * p->in_h + p->rows[y % p->out_h];
}

Test(resize_nearest, equals_naive)
{
    for (int i = 0; i < 100; i++) {
        int16_t rows[12], cols[12];
        tin_resize_nearest_params p = {between(1, 9),
                                       between(1, 9),
                                       between(1, 12),
                                       between(1, 12),
                                       between(1, 9),
                                       rows,
                                       cols};
        const int32_t images = between(1, 3), row = p.in_w * p.pixel_bytes;
        uint8_t *in = random_bytes(images * p.in_h * row), *out, *at;
        const job j = job_on(tin_resize_nearest, &p, nearest_rows, in, row,
                             images * p.out_h, p.out_w * p.pixel_bytes);

        for (int32_t y = 0; y < p.out_h; y++)
            rows[y] = (int16_t)(y * p.in_h / p.out_h);
        for (int32_t x = 0; x < p.out_w; x++)
            cols[x] = (int16_t)between(0, p.in_w - 1);
        cr_assert_eq(tin_resize_nearest_check(&p, NULL), TIN_OK);
        out = at = run(&j);
        for (int32_t y = 0; y < images * p.out_h; y++)
            for (int32_t x = 0; x < p.out_w; x++, at += p.pixel_bytes)
                cr_assert_arr_eq(
                    at,
                    in + (y / p.out_h * p.in_h + rows[y % p.out_h]) * row +
                        cols[x] * p.pixel_bytes,
                    (size_t)p.pixel_bytes);
        free(in), free(out);
    }
}

Test(resize_nearest, check)
{
    const int16_t rows[] = {0, 1, 2}, down[] = {0, 2, 1}, high[] = {0, 1, 3};
    const int16_t low[] = {-1, 0, 1};
    const tin_resize_nearest_params good = {3, 3, 3, 3, 4, rows, rows};
    tin_resize_nearest_params p;

    REFUSE(p.in_h = 0, tin_resize_nearest_check, TIN_ERR_SHAPE);
    REFUSE(p.in_w = 32768, tin_resize_nearest_check, TIN_ERR_SHAPE);
    REFUSE(p.out_h = -1, tin_resize_nearest_check, TIN_ERR_SHAPE);
    REFUSE(p.out_w = 0, tin_resize_nearest_check, TIN_ERR_SHAPE);
    REFUSE(p.pixel_bytes = 0, tin_resize_nearest_check, TIN_ERR_SHAPE);
    REFUSE(p.pixel_bytes = INT32_MAX, tin_resize_nearest_check,
           TIN_ERR_OVERFLOW);
    REFUSE(p.rows = NULL, tin_resize_nearest_check, TIN_ERR_ARG);
    REFUSE(p.cols = NULL, tin_resize_nearest_check, TIN_ERR_ARG);
    REFUSE(p.rows = high, tin_resize_nearest_check, TIN_ERR_SHAPE);
    REFUSE(p.cols = low, tin_resize_nearest_check, TIN_ERR_SHAPE);
    REFUSE(p.rows = down, tin_resize_nearest_check, TIN_ERR_SHAPE);
    REFUSE((p.cols = down, p.rows = high), tin_resize_nearest_check,
           TIN_ERR_SHAPE);
}

static void int_rows(const void *params, int k, int32_t y, int32_t *first,
                     int32_t *last)
{
    const tin_resize_bilinear_int_params *p = params;
    const int32_t at = tin_resize_at(y, p->step_h, p->first_h, p->in_h);

    (void)k;
    *first = at / 1024;
    *last = (at + 1023) / 1024;
}

/* Pixel (y, x) of an image, in 1/1024 pixels, from an image of whole numbers.
 */
static int64_t naive_bilinear(const tin_resize_bilinear_int_params *p,
                              const int32_t *in, int32_t y, int32_t x,
                              int32_t c)
{
    int64_t sum = 0;

    for (int32_t iy = 0; iy < p->in_h; iy++)
        for (int32_t ix = 0; ix < p->in_w; ix++) {
            const int32_t dy = abs(y - 1024 * iy), dx = abs(x - 1024 * ix);

            if (dy < 1024 && dx < 1024)
                sum += (int64_t)in[(iy * p->in_w + ix) * p->c + c] *
                       (1024 - dy) * (1024 - dx);
        }
    return (sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20);
}

static void test_bilinear_int(int32_t elem)
{
    tin_resize_bilinear_int_params p = {
        between(1, 6),    between(1, 6),     between(1, 13),
        between(1, 13),   between(1, 5),     between(0, 3000),
        between(0, 3000), between(-512, 99), between(-512, 99)};
    const int32_t n = p.in_h * p.in_w * p.c;
    uint8_t *in = random_bytes(n * elem), *out;
    const job j = job_on(
        elem == 1 ? tin_resize_bilinear_s8 : tin_resize_bilinear_s16, &p,
        int_rows, in, p.in_w * p.c * elem, p.out_h, p.out_w * p.c * elem);
    int32_t *wide = malloc((size_t)n * sizeof *wide);

    for (int32_t i = 0; i < n; i++)
        wide[i] = elem == 1 ? ((int8_t *)in)[i] : ((int16_t *)(void *)in)[i];
    cr_assert_eq(tin_resize_bilinear_s8_check(&p, NULL), TIN_OK);
    cr_assert_eq(tin_resize_bilinear_s16_check(&p, NULL), TIN_OK);
    out = run(&j);
    for (int32_t i = 0; i < p.out_h * p.out_w * p.c; i++) {
        const int32_t oy = i / (p.out_w * p.c), ox = i / p.c % p.out_w;
        const int64_t want = naive_bilinear(
            &p, wide, tin_resize_at(oy, p.step_h, p.first_h, p.in_h),
            tin_resize_at(ox, p.step_w, p.first_w, p.in_w), i % p.c);

        cr_assert_eq(
            elem == 1 ? ((int8_t *)out)[i] : ((int16_t *)(void *)out)[i], want);
    }
    free(in), free(out), free(wide);
}

Test(resize_bilinear_int, equals_naive)
{
    for (int i = 0; i < 200; i++)
        test_bilinear_int(1 + i % 2);
}

Test(resize_bilinear_int, check)
{
    const tin_resize_bilinear_int_params good = {2,   3,   4,    6,   2,
                                                 512, 512, -256, -256};
    tin_resize_bilinear_int_params p;

    REFUSE(p.in_h = 0, tin_resize_bilinear_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.in_w = 1 << 21, tin_resize_bilinear_s16_check, TIN_ERR_SHAPE);
    REFUSE(p.out_h = 0, tin_resize_bilinear_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.out_w = -5, tin_resize_bilinear_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 0, tin_resize_bilinear_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.step_h = -1, tin_resize_bilinear_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.step_w = INT32_MAX, tin_resize_bilinear_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.first_h = -513, tin_resize_bilinear_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.first_w = INT32_MAX, tin_resize_bilinear_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.c = INT32_MAX / 3, tin_resize_bilinear_s8_check, TIN_ERR_OVERFLOW);
    REFUSE((p.out_w = 3, p.c = INT32_MAX / 4), tin_resize_bilinear_s16_check,
           TIN_ERR_OVERFLOW);
}

static void f32_rows(const void *params, int k, int32_t y, int32_t *first,
                     int32_t *last)
{
    const tin_resize_bilinear_f32_params *p = params;
    const tin_resize_place at = tin_resize_find(y, p->step_h, p->half, p->in_h);

    (void)k;
    *first = at.first;
    *last = at.next;
}

static double clamped(double x, int32_t size)
{
    return x < 0 ? 0 : x > size - 1 ? size - 1 : x;
}

/* The pixel at (y, x): the weights of all others are 0. */
static double naive_f32(const tin_resize_bilinear_f32_params *p,
                        const float *in, double y, double x, int32_t c)
{
    double sum = 0;

    for (int32_t iy = 0; iy < p->in_h; iy++)
        for (int32_t ix = 0; ix < p->in_w; ix++)
            sum += (double)in[(iy * p->in_w + ix) * p->c + c] *
                   fmax(0, 1 - fabs(y - iy)) * fmax(0, 1 - fabs(x - ix));
    return sum;
}

Test(resize_bilinear_f32, equals_naive)
{
    for (int i = 0; i < 100; i++) {
        tin_resize_bilinear_f32_params p = {between(1, 6),
                                            between(1, 6),
                                            between(1, 13),
                                            between(1, 13),
                                            between(1, 5),
                                            (float)between(0, 300) / 100.0f,
                                            (float)between(0, 300) / 100.0f,
                                            i % 2 ? 0.5f : 0.0f};
        float *in = random_floats(p.in_h * p.in_w * p.c), *out;
        const job j = job_on(tin_resize_bilinear_f32, &p, f32_rows, in,
                             p.in_w * p.c * 4, p.out_h, p.out_w * p.c * 4);
        const double half = (double)p.half;

        cr_assert_eq(tin_resize_bilinear_f32_check(&p, NULL), TIN_OK);
        out = run(&j);
        for (int32_t k = 0; k < p.out_h * p.out_w * p.c; k++) {
            const int32_t oy = k / (p.out_w * p.c), ox = k / p.c % p.out_w;
            const double y = (oy + half) * (double)p.step_h - half;
            const double x = (ox + half) * (double)p.step_w - half;

            // beyond the last pixel weights may be large: see the header
            cr_assert_float_eq((double)out[k],
                               naive_f32(&p, in, clamped(y, p.in_h),
                                         clamped(x, p.in_w), k % p.c),
                               2e-3);
        }
        free(in), free(out);
    }
}

/* The float kernel on the same bytes, rounded; on this CPU its operations are
 * rounded to float as well, or nearly. */
Test(resize_bilinear_u8, equals_float)
{
    for (int i = 0; i < 100; i++) {
        const int32_t h = between(1, 6), w = between(1, 6), c = between(1, 5);
        const int32_t oh = between(1, 13), ow = between(1, 13);
        const tin_resize_bilinear_f32_params p = {h,
                                                  w,
                                                  oh,
                                                  ow,
                                                  c,
                                                  (float)h / (float)oh,
                                                  (float)w / (float)ow,
                                                  i % 2 ? 0.5f : 0.0f};
        int8_t *in = random_bytes(h * w * c), *out;
        float *wide = malloc((size_t)(h * w * c) * sizeof *wide), *want;
        const job j =
            job_on(tin_resize_bilinear_u8, &p, f32_rows, in, w * c, oh, ow * c);
        const job f = job_on(tin_resize_bilinear_f32, &p, f32_rows, wide,
                             w * c * 4, oh, ow * c * 4);

        for (int32_t k = 0; k < h * w * c; k++)
            wide[k] = (float)(in[k] + 128);
        cr_assert_eq(tin_resize_bilinear_u8_check(&p, NULL), TIN_OK);
        out = run(&j);
        want = run(&f);
        for (int32_t k = 0; k < oh * ow * c; k++)
            cr_assert_float_eq((double)(out[k] + 128), (double)want[k], 0.501);
        free(in), free(out), free(wide), free(want);
    }
}

Test(resize_bilinear_f32, check)
{
    const tin_resize_bilinear_f32_params good = {2, 3,    4,    6,
                                                 2, 0.5f, 0.5f, 0.5f};
    tin_resize_bilinear_f32_params p;

    REFUSE(p.in_h = 0, tin_resize_bilinear_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.in_w = 1 << 25, tin_resize_bilinear_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.out_h = 0, tin_resize_bilinear_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.out_w = -1, tin_resize_bilinear_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 0, tin_resize_bilinear_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.step_h = NAN, tin_resize_bilinear_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.step_w = -0.5f, tin_resize_bilinear_u8_check, TIN_ERR_SHAPE);
    REFUSE(p.step_w = 1e9f, tin_resize_bilinear_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.half = 0.25f, tin_resize_bilinear_f32_check, TIN_ERR_ARG);
    REFUSE(p.half = NAN, tin_resize_bilinear_f32_check, TIN_ERR_ARG);
    REFUSE(p.c = INT32_MAX / 8, tin_resize_bilinear_f32_check,
           TIN_ERR_OVERFLOW);
}

/* ---- Transposed convolution --------------------------------------------- */

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
    int32_t end;

    (void)k;
    tin_transconv_taps(y + w->pad_top, w->stride_h, w->kernel_h, w->in_h, first,
                       &end);
    *last = end - 1;
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

/* As the definition has it: every input is spread over the output. */
static void scatter_s8(const tin_transconv2d_s8_params *p, const int8_t *in,
                       int32_t *sums)
{
    const tin_window *w = &p->window;
    const int32_t taps = w->kernel_h * w->kernel_w;

    for (int32_t i = 0; i < w->in_h * w->in_w; i++)
        for (int32_t t = 0; t < taps; t++)
            for (int32_t k = 0; meets(w, i, t) >= 0 && k < w->out_c * w->in_c;
                 k++) {
                const int32_t oc = k / w->in_c, ic = k % w->in_c;

                sums[meets(w, i, t) * w->out_c + oc] +=
                    (in[i * w->in_c + ic] - p->in_zero) *
                    p->weights[(oc * taps + t) * w->in_c + ic];
            }
}

Test(transconv2d_s8, equals_naive)
{
    for (int i = 0; i < 150; i++) {
        const tin_window w = random_trans_window();
        const int32_t n = w.out_h * w.out_w * w.out_c;
        int8_t *weights =
            random_bytes(w.kernel_h * w.kernel_w * w.in_c * w.out_c);
        int32_t *bias = random_ints(w.out_c, -9999, 9999);
        int32_t *multiplier = random_ints(w.out_c, 1 << 30, INT32_MAX);
        int8_t *shift = malloc((size_t)w.out_c);
        tin_transconv2d_s8_params p = {
            w,       between(-128, 127),  between(-128, 127), -100, 110,
            weights, i % 3 ? bias : NULL, multiplier,         shift};
        int8_t *in = random_bytes(w.in_h * w.in_w * w.in_c), *out;
        const job j = job_on(tin_transconv2d_s8, &p, trans_rows, in,
                             w.in_w * w.in_c, w.out_h, w.out_w * w.out_c);
        int32_t *sums = calloc((size_t)n, sizeof *sums);

        for (int32_t c = 0; c < w.out_c; c++)
            shift[c] = (int8_t)between(-11, -8);
        cr_assert_eq(tin_transconv2d_s8_check(&p, NULL), TIN_OK);
        out = run(&j);
        scatter_s8(&p, in, sums);
        for (int32_t k = 0; k < n; k++) {
            const int32_t c = k % w.out_c;

            cr_assert_eq(out[k], tin_output_s8(sums[k] + (p.bias ? bias[c] : 0),
                                               multiplier[c], shift[c],
                                               p.out_zero, -100, 110));
        }
        free(weights), free(bias), free(multiplier), free(shift);
        free(in), free(out), free(sums);
    }
}

static void scatter_f32(const tin_transconv2d_f32_params *p, const float *in,
                        float *sums)
{
    const tin_window *w = &p->window;
    const int32_t taps = w->kernel_h * w->kernel_w;

    for (int32_t i = 0; i < w->in_h * w->in_w; i++)
        for (int32_t t = 0; t < taps; t++)
            for (int32_t k = 0; meets(w, i, t) >= 0 && k < w->out_c * w->in_c;
                 k++) {
                const int32_t oc = k / w->in_c, ic = k % w->in_c;

                sums[meets(w, i, t) * w->out_c + oc] +=
                    in[i * w->in_c + ic] *
                    p->weights[(oc * taps + t) * w->in_c + ic];
            }
}

Test(transconv2d_f32, equals_naive)
{
    for (int i = 0; i < 150; i++) {
        const tin_window w = random_trans_window();
        const int32_t n = w.out_h * w.out_w * w.out_c;
        float *weights =
            random_floats(w.kernel_h * w.kernel_w * w.in_c * w.out_c);
        float *bias = random_floats(w.out_c);
        tin_transconv2d_f32_params p = {w, -50.0f, 60.0f, weights,
                                        i % 3 ? bias : NULL};
        float *in = random_floats(w.in_h * w.in_w * w.in_c), *out;
        const job j =
            job_on(tin_transconv2d_f32, &p, trans_rows, in, w.in_w * w.in_c * 4,
                   w.out_h, w.out_w * w.out_c * 4);
        float *sums = calloc((size_t)n, sizeof *sums);

        cr_assert_eq(tin_transconv2d_f32_check(&p, NULL), TIN_OK);
        out = run(&j);
        scatter_f32(&p, in, sums);
        for (int32_t k = 0; k < n; k++) {
            const float b = p.bias ? bias[k % w.out_c] : 0;

            cr_assert_float_eq(out[k], tin_clampf(sums[k] + b, -50.0f, 60.0f),
                               1e-4f);
        }
        free(weights), free(bias), free(in), free(out), free(sums);
    }
}

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

/* ---- Weights with a zero point ------------------------------------------ */

static int32_t naive_zconv(const tin_zconv2d_s8_params *p, const int8_t *in,
                           int32_t oy, int32_t ox, int32_t oc)
{
    const tin_window *w = &p->window;
    const int32_t gc = w->in_c / p->groups, g = oc / (w->out_c / p->groups);
    int32_t sum = p->bias ? p->bias[oc] : 0;

    for (int32_t k = 0; k < w->kernel_h * w->kernel_w * gc; k++) {
        const int32_t ky = k / gc / w->kernel_w, kx = k / gc % w->kernel_w;
        const int32_t iy = oy * w->stride_h - w->pad_top + ky * w->dilation_h;
        const int32_t ix = ox * w->stride_w - w->pad_left + kx * w->dilation_w;

        if (iy >= 0 && iy < w->in_h && ix >= 0 && ix < w->in_w)
            sum += (in[(iy * w->in_w + ix) * w->in_c + g * gc + k % gc] -
                    p->in_zero) *
                   (p->weights[oc * p->channel_step + k / gc * p->tap_step +
                               k % gc] -
                    p->weight_zero);
    }
    return tin_output_s8(sum, p->multiplier, p->shift, p->out_zero, p->act_min,
                         p->act_max);
}

Test(zconv2d_s8, equals_naive)
{
    for (int i = 0; i < 150; i++) {
        const int32_t groups = between(1, i % 4 == 1 ? 40 : 4);
        const int32_t gc = i % 2 ? 1 : between(1, 4);
        const int by_channel = i % 8 == 5 || i % 8 == 7;
        const tin_window w = {
            between(1, 7), between(1, 7),
            groups * gc,   between(1, 5),
            between(1, 5), groups * (i % 4 == 1 ? 1 : between(1, 9)),
            between(1, 4), between(1, 4),
            between(1, 3), between(1, 3),
            between(1, 2), between(1, 2),
            between(0, 2), between(0, 2)};
        const int32_t filter = w.kernel_h * w.kernel_w * w.in_c / groups;
        int8_t *weights = random_bytes(filter * w.out_c);
        int32_t *bias = random_ints(w.out_c, -9999, 9999);
        const tin_zconv2d_s8_params p = {w,
                                         groups,
                                         by_channel ? 1 : filter,
                                         by_channel ? w.out_c : gc,
                                         between(-128, 127),
                                         between(-128, 127),
                                         between(-128, 127),
                                         -120,
                                         127,
                                         between(1 << 30, INT32_MAX),
                                         between(-11, -8),
                                         weights,
                                         i % 3 ? bias : NULL};
        int8_t *in = random_bytes(w.in_h * w.in_w * w.in_c), *out;
        const job j = window_job(tin_zconv2d_s8, &p, in, 1, 1);

        cr_assert_eq(tin_zconv2d_s8_check(&p, NULL), TIN_OK);
        out = run(&j);
        for (int32_t k = 0; k < w.out_h * w.out_w * w.out_c; k++)
            cr_assert_eq(out[k],
                         naive_zconv(&p, in, k / w.out_c / w.out_w,
                                     k / w.out_c % w.out_w, k % w.out_c));
        free(weights), free(bias), free(in), free(out);
    }
}

Test(zconv2d_s8, check)
{
    static const int32_t large[2] = {0, INT32_MAX - 500};
    const tin_zconv2d_s8_params good = {
        {2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0},
        2,
        1,
        1,
        0,
        0,
        0,
        -128,
        127,
        1 << 30,
        0,
        ones,
        NULL};
    tin_zconv2d_s8_params p;

    REFUSE(p.window.in_h = 0, tin_zconv2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.groups = 0, tin_zconv2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.groups = 3, tin_zconv2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.window.out_c = 3, tin_zconv2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.tap_step = 3, tin_zconv2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.channel_step = 2, tin_zconv2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.in_zero = 128, tin_zconv2d_s8_check, TIN_ERR_QUANT);
    REFUSE(p.weight_zero = -129, tin_zconv2d_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_zero = 999, tin_zconv2d_s8_check, TIN_ERR_QUANT);
    REFUSE(p.act_max = -129, tin_zconv2d_s8_check, TIN_ERR_QUANT);
    REFUSE(p.weights = NULL, tin_zconv2d_s8_check, TIN_ERR_ARG);
    REFUSE(p.multiplier = -1, tin_zconv2d_s8_check, TIN_ERR_QUANT);
    REFUSE(p.shift = 31, tin_zconv2d_s8_check, TIN_ERR_QUANT);
    REFUSE((p.bias = large, p.weight_zero = -2), tin_zconv2d_s8_check,
           TIN_ERR_QUANT);
    REFUSE(p.window.dilation_w = 1 << 30, tin_zconv2d_s8_check,
           TIN_ERR_OVERFLOW);
    REFUSE(p.window.kernel_h = 1 << 30, tin_zconv2d_s8_check, TIN_ERR_OVERFLOW);
}
