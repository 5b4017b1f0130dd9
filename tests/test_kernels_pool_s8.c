/* SPDX-License-Identifier: MIT */
/*
 * The int8 pools and means: seeded shapes against naive versions, rows in any
 * pieces, examples worked out by hand, and every condition that a check
 * refuses.
 */
#include "windows_s8.h"

/* ---- Pools and mean on seeded shapes ------------------------------------ */

enum { OUTSIDE = -1000 }; /* less than any byte */

static int8_t naive_avgpool(const void *params, const int8_t *in,
                            const int32_t at[3], int32_t c)
{
    const tin_pool2d_s8_params *p = params;
    const tin_window *w = &p->window;
    int32_t sum = 0, count = 0;

    for (int32_t i = 0; i < w->kernel_h * w->kernel_w; i++) {
        const int32_t ky = i / w->kernel_w, kx = i % w->kernel_w;
        const int32_t x = tap(w, in, OUTSIDE, at, ky, kx, c) + OUTSIDE;

        if (x == OUTSIDE)
            continue;
        sum += x;
        count++;
    }
    sum = (int32_t)divide_away(sum + p->origin * count, count) - p->origin;
    return (int8_t)tin_clamp(sum, p->act_min, p->act_max);
}

static int8_t naive_maxpool(const void *params, const int8_t *in,
                            const int32_t at[3], int32_t c)
{
    const tin_pool2d_s8_params *p = params;
    const tin_window *w = &p->window;
    int32_t max = OUTSIDE;

    for (int32_t i = 0; i < w->kernel_h * w->kernel_w; i++) {
        const int32_t ky = i / w->kernel_w, kx = i % w->kernel_w;
        const int32_t x = tap(w, in, OUTSIDE, at, ky, kx, c) + OUTSIDE;

        max = x > max ? x : max;
    }
    return (int8_t)tin_clamp(max, p->act_min, p->act_max);
}

Test(pool2d_s8, equals_naive)
{
    for (int i = 0; i < 300; i++) {
        tin_pool2d_s8_params p;

        p.window = random_window(between(1, 9), 1);
        random_clamp(&p.act_min, &p.act_max);
        p.origin = 128 * between(0, 1);
        if (i % 2)
            check_points(tin_maxpool2d_s8, tin_maxpool2d_s8_check, &p,
                         between(1, 3), naive_maxpool);
        else
            check_points(tin_avgpool2d_s8, tin_avgpool2d_s8_check, &p,
                         between(1, 3), naive_avgpool);
    }
}

Test(mean_s8, equals_naive_in_any_pieces)
{
    for (int i = 0; i < 100; i++) {
        const int32_t images = between(1, 3);
        tin_mean_s8_params p = {between(1, 7), between(1, 7),
                                between(1, 9), random_zero(),
                                random_zero(), between(1 << 29, INT32_MAX - 1),
                                between(-9, 0)};
        const int32_t n = p.in_h * p.in_w;
        int8_t *in = random_bytes(images * n * p.c);
        const tin_rows rows = resident(in, p.in_w * p.c);
        const job j = job_of_steps(tin_mean_s8, &p, &rows, p.in_h,
                                   tin_mean_s8_scratch_size(&p), images, p.c);
        tin_rows out;

        cr_assert_eq(tin_mean_s8_check(&p, NULL), TIN_OK);
        out = run_job(&j);
        for (int32_t o = 0; o < images * p.c; o++) {
            int32_t sum = -n * p.in_zero;

            for (int32_t k = 0; k < n; k++)
                sum += in[(o / p.c * n + k) * p.c + o % p.c];
            cr_assert_eq(((int8_t *)out.base)[o],
                         naive_output(sum, p.multiplier, p.shift, p.out_zero,
                                      -128, 127));
        }
        free(in);
        ring_free(&out);
    }
}

/* ---- Worked by hand ----------------------------------------------------- */

static int8_t pool_from(int32_t origin, tin_kernel *kernel, int8_t a, int8_t b,
                        int8_t c, int8_t d)
{
    const tin_pool2d_s8_params p = {
        {2, 2, 1, 1, 1, 1, 2, 2, 1, 1, 1, 1, 0, 0}, -128, 127, origin};
    int8_t x[4], y = 0;
    const tin_rows in = resident(x, 2), out = resident(&y, 1);

    x[0] = a, x[1] = b, x[2] = c, x[3] = d;
    kernel(&p, &in, &out, 0, 1, NULL);
    return y;
}

static int8_t pool_of(tin_kernel *kernel, int8_t a, int8_t b, int8_t c,
                      int8_t d)
{
    return pool_from(0, kernel, a, b, c, d);
}

Test(avgpool2d_s8, rounds_half_up_from_128)
{
    cr_assert_eq(pool_from(128, tin_avgpool2d_s8, -1, -2, -3, -4), -2);
    cr_assert_eq(pool_from(128, tin_avgpool2d_s8, 1, 2, 3, 4), 3);
    cr_assert_eq(pool_from(128, tin_avgpool2d_s8, -1, -2, -3, -3), -2);
    cr_assert_eq(pool_from(128, tin_avgpool2d_s8, -128, -128, -128, -128),
                 -128);
    cr_assert_eq(pool_from(128, tin_avgpool2d_s8, 127, 127, 127, 127), 127);
}

Test(avgpool2d_s8, rounds_half_away_from_zero)
{
    cr_assert_eq(pool_of(tin_avgpool2d_s8, -1, -2, -3, -4), -3); // -2.5
    cr_assert_eq(pool_of(tin_avgpool2d_s8, 1, 2, 3, 4), 3);      // 2.5
    cr_assert_eq(pool_of(tin_avgpool2d_s8, -1, -2, -3, -3), -2); // -2.25
    cr_assert_eq(pool_of(tin_avgpool2d_s8, -1, 1, 0, 0), 0);
    cr_assert_eq(pool_of(tin_avgpool2d_s8, -128, -128, -128, -128), -128);
    cr_assert_eq(pool_of(tin_avgpool2d_s8, 127, 127, 127, 127), 127);
    cr_assert_eq(pool_of(tin_maxpool2d_s8, -128, -128, -128, -128), -128);
    cr_assert_eq(pool_of(tin_maxpool2d_s8, -5, 127, 3, -128), 127);
}

Test(avgpool2d_s8, counts_no_padding)
{
    const tin_pool2d_s8_params p = {
        {1, 1, 1, 1, 1, 1, 3, 3, 1, 1, 1, 1, 1, 1}, -128, 127, 0};
    int8_t x = -77, y = 0;
    const tin_rows in = resident(&x, 1), out = resident(&y, 1);

    tin_avgpool2d_s8(&p, &in, &out, 0, 1, NULL);
    cr_assert_eq(y, -77);
}

/* n = 3 does not divide 2^31: the multiplier is cut, not the sum. */
Test(mean_s8, divides_the_multiplier)
{
    const tin_mean_s8_params p = {
        1, 3, 1, 0, 0, (int32_t)(((int64_t)1 << 31) / 3), 0};
    int8_t x[3] = {1, 2, 2}, y = 0;
    int32_t scratch;
    const tin_rows in = resident(x, 3), out = resident(&y, 1);

    tin_mean_s8(&p, &in, &out, 0, 1, &scratch);
    cr_assert_eq(y, 2); // 1.67
    x[0] = 127, x[1] = 127, x[2] = 127;
    tin_mean_s8(&p, &in, &out, 0, 1, &scratch);
    cr_assert_eq(y, 127);
}

/* ---- What the checks refuse --------------------------------------------- */

/* One window of 2 x 2 that reaches past both edges stays allowed. */
Test(check, pool2d_s8)
{
    const tin_pool2d_s8_params good = {
        {3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 0, 0}, -128, 127, 0};
    tin_pool2d_s8_params p;

    REFUSE_WINDOW_S8(tin_avgpool2d_s8_check);
    REFUSE_WINDOW_S8(tin_maxpool2d_s8_check);
    REFUSE(p.window.out_c = 4, tin_avgpool2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.window.dilation_h = 2, tin_avgpool2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.window.dilation_w = 2, tin_maxpool2d_s8_check, TIN_ERR_SHAPE);
    // windows without a tap
    REFUSE(p.window.pad_top = 2, tin_avgpool2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.window.pad_left = 2, tin_maxpool2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.window.out_h = 3, tin_avgpool2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.window.out_w = 3, tin_maxpool2d_s8_check, TIN_ERR_SHAPE);
    REFUSE((p.window.kernel_h = 1 << 12, p.window.kernel_w = 1 << 12),
           tin_avgpool2d_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.origin = 1, tin_avgpool2d_s8_check, TIN_ERR_QUANT);
}

Test(check, mean_s8)
{
    const tin_mean_s8_params good = {4, 4, 2, 0, 0, 1 << 30, 0};
    tin_mean_s8_params p;

    REFUSE(p.in_h = 0, tin_mean_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.in_w = 0, tin_mean_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 0, tin_mean_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.in_h = 1 << 22, tin_mean_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.c = 1 << 29, tin_mean_s8_check, TIN_ERR_OVERFLOW);
    REFUSE((p.in_w = 1, p.c = 1 << 29), tin_mean_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.in_zero = 128, tin_mean_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_zero = -129, tin_mean_s8_check, TIN_ERR_QUANT);
    REFUSE(p.multiplier = -1, tin_mean_s8_check, TIN_ERR_QUANT);
    REFUSE(p.shift = 31, tin_mean_s8_check, TIN_ERR_QUANT);
    REFUSE(p.shift = -32, tin_mean_s8_check, TIN_ERR_QUANT);
}
