/* SPDX-License-Identifier: MIT */
/*
 * The kernels of tinyinfer_image.h that resize: against naive versions on
 * seeded shapes, rows in any pieces; and every condition that a check refuses.
 */
#include "tinyinfer_image.h"
#include "floats.h"
#include "naive_s8.h"

/* ---- Nearest ------------------------------------------------------------ */

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

/* ---- Bilinear ----------------------------------------------------------- */

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
