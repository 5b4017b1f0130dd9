/* SPDX-License-Identifier: MIT */
/*
 * The float kernels with weights: rows in any pieces, bit for bit; seeded
 * shapes against naive versions in double; NaN, Inf and -0.0; and every
 * condition that a check refuses.
 */
#include "windows_f32.h"

/* ---- Convolution -------------------------------------------------------- */

static void check_conv(const void *params, const float *in, int32_t y,
                       int32_t ox, int32_t oc, float got)
{
    const tin_conv2d_f32_params *p = params;
    const tin_window *w = &p->window;
    const int32_t gc = w->in_c / p->groups;
    const int32_t first = oc / (w->out_c / p->groups) * gc;
    const float *weight = p->weights + oc * w->kernel_h * w->kernel_w * gc;
    double sum = p->bias ? (double)p->bias[oc] : 0, size = fabs(sum);

    for (int32_t k = 0; k < w->kernel_h * w->kernel_w; k++, weight += gc) {
        const float *x = tap(w, in, y, ox, k / w->kernel_w, k % w->kernel_w);

        for (int32_t ic = 0; x && ic < gc; ic++) {
            sum += (double)x[first + ic] * (double)weight[ic];
            size += fabs((double)x[first + ic] * (double)weight[ic]);
        }
    }
    expect_near(got, clamp(sum, p->act_min, p->act_max), size);
}

Test(conv2d_f32, seeded_shapes)
{
    for (int i = 0; i < 400; i++) {
        const int32_t images = between(1, 2);
        tin_conv2d_f32_params p;
        float *in, *weights, *bias, *out;
        job j;

        p.window = random_window(i % 2);
        p.groups = between(1, 3);
        p.window.in_c = p.groups * between(1, 5);
        p.window.out_c = p.groups * between(1, 9);
        p.act_min = i % 3 ? -INFINITY : 0;
        p.act_max = i % 5 ? INFINITY : 6;
        in = random_floats(images * p.window.in_h * p.window.in_w *
                           p.window.in_c);
        p.weights = weights =
            random_floats(p.window.out_c * p.window.kernel_h *
                          p.window.kernel_w * p.window.in_c / p.groups);
        bias = random_floats(p.window.out_c);
        p.bias = i % 4 ? bias : NULL;
        cr_assert_eq(tin_conv2d_f32_check(&p, NULL), TIN_OK);
        j = window_job(tin_conv2d_f32, &p, in, 4, images);
        out = run(&j);
        check_values(&j, &p.window, out, check_conv);
        free(in), free(weights), free(bias), free(out);
    }
}

Test(conv2d_f32, nan_stays_in_its_group)
{
    const float in[4] = {1, NAN, 3, 4}, weights[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    tin_conv2d_f32_params p = {
        {1, 1, 4, 1, 1, 4, 1, 1, 1, 1, 1, 1, 0, 0}, 2, 0, 6, weights, NULL};
    float out[4];

    run_one(tin_conv2d_f32, &p, in, out, 4);
    cr_assert(isnan(out[0]) && isnan(out[1]) && out[2] == 6 && out[3] == 6);
}

Test(conv2d_f32, window_beside_the_image_gives_bias)
{
    const float in[1] = {1}, weights[1] = {1}, bias[1] = {0.5f};
    const tin_conv2d_f32_params p = {
        {1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 0, 1}, 1, -1, 9, weights, bias};
    float out[3];

    run_one(tin_conv2d_f32, &p, in, out, 3);
    cr_assert(out[0] == 0.5f && out[1] == 1.5f && out[2] == 0.5f);
}

Test(conv2d_f32, check)
{
    const float weights[64] = {0};
    const tin_conv2d_f32_params good = {plain_window, 2, 0, 1, weights, NULL};
    tin_conv2d_f32_params p;

    REFUSE_WINDOW_F32(tin_conv2d_f32_check);
    REFUSE(p.groups = 0, tin_conv2d_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.groups = 3, tin_conv2d_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.window.in_c = 3, tin_conv2d_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.window.out_c = 3, tin_conv2d_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.weights = NULL, tin_conv2d_f32_check, TIN_ERR_ARG);
    REFUSE(p.act_min = NAN, tin_conv2d_f32_check, TIN_ERR_ARG);
    REFUSE(p.window.in_w = many, tin_conv2d_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.window.out_w = many, tin_conv2d_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.window.kernel_h = many, tin_conv2d_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.window.kernel_h = p.window.kernel_w = 0x4000, tin_conv2d_f32_check,
           TIN_ERR_OVERFLOW);
    REFUSE((p.window.in_w = 1, p.window.in_c = 0x10000000, p.window.out_w = 1,
            p.window.out_c = 0x10000000),
           tin_conv2d_f32_check, TIN_ERR_OVERFLOW);
}

/* ---- Depthwise convolution ---------------------------------------------- */

static void check_dwconv(const void *params, const float *in, int32_t y,
                         int32_t ox, int32_t oc, float got)
{
    const tin_dwconv2d_f32_params *p = params;
    const tin_window *w = &p->window;
    double sum = p->bias ? (double)p->bias[oc] : 0, size = fabs(sum);

    for (int32_t k = 0; k < w->kernel_h * w->kernel_w; k++) {
        const float *x = tap(w, in, y, ox, k / w->kernel_w, k % w->kernel_w);

        if (x) {
            const double product = (double)x[oc / (w->out_c / w->in_c)] *
                                   (double)p->weights[k * w->out_c + oc];

            sum += product;
            size += fabs(product);
        }
    }
    expect_near(got, clamp(sum, p->act_min, p->act_max), size);
}

Test(dwconv2d_f32, seeded_shapes)
{
    for (int i = 0; i < 400; i++) {
        const int32_t images = between(1, 2);
        tin_dwconv2d_f32_params p;
        float *in, *weights, *bias, *out;
        job j;

        p.window = random_window(i % 2);
        p.window.out_c = p.window.in_c * between(1, 3);
        p.act_min = i % 3 ? -INFINITY : 0;
        p.act_max = i % 5 ? INFINITY : 6;
        in = random_floats(images * p.window.in_h * p.window.in_w *
                           p.window.in_c);
        p.weights = weights = random_floats(p.window.kernel_h *
                                            p.window.kernel_w * p.window.out_c);
        bias = random_floats(p.window.out_c);
        p.bias = i % 4 ? bias : NULL;
        cr_assert_eq(tin_dwconv2d_f32_check(&p, NULL), TIN_OK);
        j = window_job(tin_dwconv2d_f32, &p, in, 4, images);
        out = run(&j);
        check_values(&j, &p.window, out, check_dwconv);
        free(in), free(weights), free(bias), free(out);
    }
}

Test(dwconv2d_f32, nan_stays_in_its_channel)
{
    const float in[2] = {NAN, 1}, weights[4] = {0, 1, 2, 3};
    const tin_dwconv2d_f32_params p = {
        {1, 1, 2, 1, 1, 4, 1, 1, 1, 1, 1, 1, 0, 0}, 0, 6, weights, NULL};
    float out[4];

    run_one(tin_dwconv2d_f32, &p, in, out, 4);
    cr_assert(isnan(out[0]) && isnan(out[1]) && out[2] == 2 && out[3] == 3);
}

Test(dwconv2d_f32, check)
{
    const float weights[16] = {0};
    const tin_dwconv2d_f32_params good = {plain_window, 0, 1, weights, NULL};
    tin_dwconv2d_f32_params p;

    REFUSE_WINDOW_F32(tin_dwconv2d_f32_check);
    REFUSE(p.window.out_c = 6, tin_dwconv2d_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.window.out_c = 2, tin_dwconv2d_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.weights = NULL, tin_dwconv2d_f32_check, TIN_ERR_ARG);
    REFUSE(p.act_min = NAN, tin_dwconv2d_f32_check, TIN_ERR_ARG);
    REFUSE(p.window.in_w = many, tin_dwconv2d_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.window.out_w = many, tin_dwconv2d_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.window.kernel_h = many, tin_dwconv2d_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.window.kernel_h = p.window.kernel_w = 0x4000,
           tin_dwconv2d_f32_check, TIN_ERR_OVERFLOW);
}

/* ---- Dense -------------------------------------------------------------- */

Test(dense_f32, seeded_shapes)
{
    for (int i = 0; i < 200; i++) {
        tin_dense_f32_params p = {between(1, 40), between(1, 20), 0, 0, 0, 0};
        const int32_t n = between(1, 4);
        float *in = random_floats(n * p.in_c), *bias = random_floats(p.out_c);
        float *weights = random_floats(p.out_c * p.in_c), *out;
        const job j = job_on(tin_dense_f32, &p, need_same, in, 4 * p.in_c, n,
                             4 * p.out_c);

        p.act_min = i % 3 ? -INFINITY : 0;
        p.act_max = i % 5 ? INFINITY : 6;
        p.weights = weights;
        p.bias = i % 4 ? bias : NULL;
        cr_assert_eq(tin_dense_f32_check(&p, NULL), TIN_OK);
        out = run(&j);
        for (int32_t k = 0; k < n * p.out_c; k++) {
            const float *x = in + k / p.out_c * p.in_c;
            const float *w = weights + k % p.out_c * p.in_c;
            double sum = p.bias ? (double)bias[k % p.out_c] : 0;
            double size = fabs(sum);

            for (int32_t ic = 0; ic < p.in_c; ic++) {
                sum += (double)x[ic] * (double)w[ic];
                size += fabs((double)x[ic] * (double)w[ic]);
            }
            expect_near(out[k], clamp(sum, p.act_min, p.act_max), size);
        }
        free(in), free(bias), free(weights), free(out);
    }
}

Test(dense_f32, nan_and_infinity)
{
    const float weights[5] = {0, 0, 0, 0, 0};
    const tin_dense_f32_params p = {5, 1, 0, 6, weights, NULL};
    float in[5] = {0, 0, 0, 0, NAN}, out[1] = {0};

    run_one(tin_dense_f32, &p, in, out, 5);
    cr_assert(isnan(out[0]));
    in[4] = INFINITY; // 0 * Inf
    run_one(tin_dense_f32, &p, in, out, 5);
    cr_assert(isnan(out[0]));
}

Test(dense_f32, check)
{
    const float weights[6] = {0};
    const tin_dense_f32_params good = {2, 3, 0, 1, weights, NULL};
    tin_dense_f32_params p;

    REFUSE(p.in_c = 0, tin_dense_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.out_c = -1, tin_dense_f32_check, TIN_ERR_SHAPE);
    REFUSE((p.in_c = 32768, p.out_c = 16384), tin_dense_f32_check,
           TIN_ERR_OVERFLOW);
    REFUSE((p.in_c = INT32_MAX, p.out_c = INT32_MAX), tin_dense_f32_check,
           TIN_ERR_OVERFLOW);
    REFUSE(p.weights = NULL, tin_dense_f32_check, TIN_ERR_ARG);
    REFUSE(p.act_min = 2, tin_dense_f32_check, TIN_ERR_ARG);
    REFUSE(p.act_max = NAN, tin_dense_f32_check, TIN_ERR_ARG);
}
