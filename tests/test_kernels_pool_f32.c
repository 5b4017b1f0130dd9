/* SPDX-License-Identifier: MIT */
/*
 * The float pools and mean: rows in any pieces, bit for bit; seeded shapes
 * against naive versions in double; NaN, Inf and -0.0; and every condition that
 * a check refuses.
 */
#include "tinyinfer_reduce.h"
#include "windows_f32.h"

/* ---- Pools -------------------------------------------------------------- */

static void check_avgpool(const void *params, const float *in, int32_t y,
                          int32_t ox, int32_t oc, float got)
{
    const tin_pool2d_f32_params *p = params;
    const tin_window *w = &p->window;
    double sum = 0, size = 0;
    int32_t taps = 0;

    for (int32_t k = 0; k < w->kernel_h * w->kernel_w; k++) {
        const float *x = tap(w, in, y, ox, k / w->kernel_w, k % w->kernel_w);

        if (x) {
            sum += (double)x[oc];
            size += fabs((double)x[oc]);
            taps++;
        }
    }
    expect_near(got, clamp(sum / taps, p->act_min, p->act_max), size / taps);
}

static void check_maxpool(const void *params, const float *in, int32_t y,
                          int32_t ox, int32_t oc, float got)
{
    const tin_pool2d_f32_params *p = params;
    const tin_window *w = &p->window;
    double max = -HUGE_VAL;

    for (int32_t k = 0; k < w->kernel_h * w->kernel_w; k++) {
        const float *x = tap(w, in, y, ox, k / w->kernel_w, k % w->kernel_w);

        if (x && (double)x[oc] > max)
            max = (double)x[oc];
    }
    cr_assert((double)got == clamp(max, p->act_min, p->act_max));
}

static void check_l2pool(const void *params, const float *in, int32_t y,
                         int32_t ox, int32_t oc, float got)
{
    const tin_pool2d_f32_params *p = params;
    const tin_window *w = &p->window;
    double sum = 0, want;
    int32_t taps = 0;

    for (int32_t k = 0; k < w->kernel_h * w->kernel_w; k++) {
        const float *x = tap(w, in, y, ox, k / w->kernel_w, k % w->kernel_w);

        if (x) {
            sum += (double)x[oc] * (double)x[oc];
            taps++;
        }
    }
    want = sqrt(sum / taps);
    expect_near(got, clamp(want, p->act_min, p->act_max), want);
}

static void try_pool(tin_kernel *kernel, tin_check *check, value_check *values)
{
    for (int i = 0; i < 400; i++) {
        const int32_t images = between(1, 2);
        tin_pool2d_f32_params p;
        float *in, *out;
        job j;

        p.act_min = i % 3 ? -INFINITY : 0;
        p.act_max = i % 5 ? INFINITY : 1;
        do {
            p.window = random_window(0);
        } while (check(&p, NULL) != TIN_OK);
        in = random_floats(images * p.window.in_h * p.window.in_w *
                           p.window.in_c);
        j = window_job(kernel, &p, in, 4, images);
        out = run(&j);
        check_values(&j, &p.window, out, values);
        free(in), free(out);
    }
}

Test(avgpool2d_f32, seeded_shapes)
{
    try_pool(tin_avgpool2d_f32, tin_avgpool2d_f32_check, check_avgpool);
}

Test(maxpool2d_f32, seeded_shapes)
{
    try_pool(tin_maxpool2d_f32, tin_maxpool2d_f32_check, check_maxpool);
}

Test(l2pool2d_f32, seeded_shapes)
{
    try_pool(tin_l2pool2d_f32, tin_l2pool2d_f32_check, check_l2pool);
}

static const tin_pool2d_f32_params row_pool = {
    {1, 6, 1, 1, 3, 1, 1, 2, 1, 2, 1, 1, 0, 0}, -INFINITY, INFINITY};

Test(maxpool2d_f32, special_values)
{
    const float in[6] = {NAN, 1, 2, NAN, -INFINITY, -INFINITY};
    const float zeros[6] = {-0.0f, 0.0f, 0.0f, -0.0f, -0.0f, -1};
    tin_pool2d_f32_params p = row_pool;
    float out[6];

    run_one(tin_maxpool2d_f32, &p, in, out, 6);
    cr_assert(isnan(out[0]) && isnan(out[1]) && out[2] == -INFINITY);
    run_one(tin_maxpool2d_f32, &p, zeros, out, 6);
    cr_assert(bits(out[0]) == bits(-0.0f) && bits(out[1]) == 0 &&
              bits(out[2]) == bits(-0.0f));
    p.act_min = 0;
    run_one(tin_maxpool2d_f32, &p, zeros, out, 6);
    cr_assert(bits(out[0]) == 0 && bits(out[1]) == 0 && bits(out[2]) == 0);
}

Test(avgpool2d_f32, special_values)
{
    const float in[6] = {NAN, 1, INFINITY, -INFINITY, INFINITY, 1};
    tin_pool2d_f32_params p = row_pool;
    float out[6];

    run_one(tin_avgpool2d_f32, &p, in, out, 6);
    cr_assert(isnan(out[0]) && isnan(out[1]) && out[2] == INFINITY);
    p.act_min = 0;
    p.act_max = 6;
    run_one(tin_avgpool2d_f32, &p, in, out, 6);
    cr_assert(isnan(out[0]) && isnan(out[1]) && out[2] == 6);
}

static void refuse_pool(tin_check *check)
{
    const tin_pool2d_f32_params good = {plain_window, 0, 1};
    tin_pool2d_f32_params p;

    REFUSE_WINDOW_F32(check);
    REFUSE(p.window.out_c = 8, check, TIN_ERR_SHAPE);
    REFUSE(p.window.dilation_h = 2, check, TIN_ERR_SHAPE);
    REFUSE(p.window.dilation_w = 2, check, TIN_ERR_SHAPE);
    REFUSE(p.window.pad_top = 2, check, TIN_ERR_SHAPE);
    REFUSE(p.window.pad_left = 2, check, TIN_ERR_SHAPE);
    REFUSE(p.window.stride_h = 2, check, TIN_ERR_SHAPE);
    REFUSE(p.window.stride_w = 2, check, TIN_ERR_SHAPE);
    REFUSE(p.window.in_w = many, check, TIN_ERR_OVERFLOW);
    REFUSE((p.window.in_w = 1, p.window.out_w = 1, p.window.in_c = 4 * many,
            p.window.out_c = 4 * many),
           check, TIN_ERR_OVERFLOW);
    REFUSE((p.window.in_w = 1, p.window.out_w = p.window.kernel_w = 0x8000,
            p.window.pad_left = 0x7fff,
            p.window.in_c = p.window.out_c = 0x4000),
           check, TIN_ERR_OVERFLOW);
    REFUSE(p.act_min = NAN, check, TIN_ERR_ARG);
}

Test(avgpool2d_f32, check)
{
    refuse_pool(tin_avgpool2d_f32_check);
}

Test(l2pool2d_f32, check)
{
    refuse_pool(tin_l2pool2d_f32_check);
}

Test(maxpool2d_f32, check)
{
    refuse_pool(tin_maxpool2d_f32_check);
}

/* ---- Mean --------------------------------------------------------------- */

static void check_mean(const tin_mean_f32_params *p, const float *in,
                       const float *out, int32_t images)
{
    const int32_t points = p->in_h * p->in_w;

    for (int32_t i = 0; i < images * p->c; i++) {
        const float *x = in + i / p->c * points * p->c + i % p->c;
        double sum = 0, size = 0;

        for (int32_t k = 0; k < points; k++) {
            sum += (double)x[k * p->c];
            size += fabs((double)x[k * p->c]);
        }
        expect_near(out[i], sum / points, size / points);
    }
}

Test(mean_f32, seeded_shapes)
{
    for (int i = 0; i < 200; i++) {
        const tin_mean_f32_params p = {between(1, 6), between(1, 6),
                                       between(1, 9)};
        const int32_t images = between(1, 3), rows = images * p.in_h;
        float *x = random_floats(rows * p.in_w * p.c);
        const tin_rows in = resident(x, 4 * p.in_w * p.c);
        const job j =
            job_of_steps(tin_mean_f32, &p, &in, p.in_h,
                         tin_mean_f32_scratch_size(&p), images, 4 * p.c);
        tin_rows out;

        cr_assert_eq(tin_mean_f32_check(&p, NULL), TIN_OK);
        cr_assert_eq(tin_mean_f32_scratch_size(&p), 4 * p.c);
        out = run_job(&j);
        check_mean(&p, x, out.base, images);
        ring_free(&out);
        free(x);
    }
}

Test(mean_f32, output_is_untouched_before_the_last_row)
{
    const tin_mean_f32_params p = {2, 1, 1};
    const float x[2] = {1, NAN};
    const tin_rows in = resident(x, 4);
    float mean[1] = {7}, sum[1];
    const tin_rows out = resident(mean, 4);

    tin_mean_f32(&p, &in, &out, 0, 1, sum);
    cr_assert(mean[0] == 7);
    tin_mean_f32(&p, &in, &out, 1, 2, sum);
    cr_assert(isnan(mean[0]));
}

Test(mean_f32, check)
{
    const tin_mean_f32_params good = {2, 3, 4};
    tin_mean_f32_params p;

    REFUSE(p.in_h = 0, tin_mean_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.in_w = 0, tin_mean_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 0, tin_mean_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.in_h = INT32_MAX, tin_mean_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.in_w = 0x10000000, tin_mean_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.c = INT32_MAX, tin_mean_f32_check, TIN_ERR_OVERFLOW);
}
