/* SPDX-License-Identifier: MIT */
/*
 * The int8 kernels with weights: seeded shapes against naive versions, rows in
 * any pieces, examples worked out by hand, and every condition that a check
 * refuses.
 */
#include "windows_s8.h"

/* ---- Seeded shapes ------------------------------------------------------ */

/* Per output channel; for 64 channels at most. */
static int32_t biases[64], multipliers[64];
static int8_t shifts[64];

static void random_channels(int32_t out_c)
{
    for (int32_t c = 0; c < out_c; c++) {
        biases[c] = between(-20000, 20000);
        multipliers[c] = between(1 << 30, INT32_MAX - 1);
        shifts[c] = (int8_t)between(-13, -6);
    }
    if (out_c > 2) {
        multipliers[1] = 0;
        shifts[2] = (int8_t)between(0, 2);
    }
}

static int8_t naive_conv(const void *params, const int8_t *in,
                         const int32_t at[3], int32_t oc)
{
    const tin_conv2d_s8_params *p = params;
    const tin_window *w = &p->window;
    const int32_t gc = w->in_c / p->groups;
    const int32_t first = oc / (w->out_c / p->groups) * gc;
    int32_t sum = p->bias ? p->bias[oc] : 0, i = oc * gc;

    i *= w->kernel_h * w->kernel_w;
    for (int32_t ky = 0; ky < w->kernel_h; ky++)
        for (int32_t kx = 0; kx < w->kernel_w; kx++)
            for (int32_t c = 0; c < gc; c++)
                sum += p->weights[i++] *
                       tap(w, in, p->in_zero, at, ky, kx, first + c);
    return naive_output(sum, p->multiplier[oc], p->shift[oc], p->out_zero,
                        p->act_min, p->act_max);
}

static int8_t naive_dwconv(const void *params, const int8_t *in,
                           const int32_t at[3], int32_t oc)
{
    const tin_dwconv2d_s8_params *p = params;
    const tin_window *w = &p->window;
    const int32_t ic = oc / (w->out_c / w->in_c);
    int32_t sum = p->bias ? p->bias[oc] : 0, i = oc;

    for (int32_t ky = 0; ky < w->kernel_h; ky++)
        for (int32_t kx = 0; kx < w->kernel_w; kx++, i += w->out_c)
            sum += p->weights[i] * tap(w, in, p->in_zero, at, ky, kx, ic);
    return naive_output(sum, p->multiplier[oc], p->shift[oc], p->out_zero,
                        p->act_min, p->act_max);
}

Test(conv2d_s8, equals_naive)
{
    for (int i = 0; i < 300; i++) {
        const int32_t groups = i % 3 ? 1 : between(1, 4);
        tin_conv2d_s8_params p;
        int8_t *weights;

        p.window = random_window(groups * between(1, 5), i % 2 ? 1 : 3);
        p.window.out_c = groups * between(1, 5);
        p.groups = groups;
        p.in_zero = random_zero();
        p.out_zero = random_zero();
        random_clamp(&p.act_min, &p.act_max);
        random_channels(p.window.out_c);
        weights = random_bytes(p.window.out_c * 16 * p.window.in_c / groups);
        p.weights = weights;
        p.bias = i % 5 ? biases : NULL;
        p.multiplier = multipliers;
        p.shift = shifts;
        check_points(tin_conv2d_s8, tin_conv2d_s8_check, &p, between(1, 3),
                     naive_conv);
        free(weights);
    }
}

/* One row, whose output ends `trail` bytes above the start of its input, as
 * the planner lays it. */
static void test_trail(const tin_conv2d_s8_params *p, int32_t trail)
{
    const tin_window *w = &p->window;
    const int32_t in_bytes = w->in_w * w->in_c, out_bytes = w->out_w * w->out_c;
    const int32_t above = out_bytes - trail;
    const int32_t bytes =
        out_bytes > above + in_bytes ? out_bytes : above + in_bytes;
    tin_rows both = ring_new(1, bytes), in = ring_new(1, in_bytes);
    tin_rows want = ring_new(1, out_bytes), got = both, over = both;

    ring_fill(&in);
    tin_conv2d_s8(p, &in, &want, 0, 1, NULL);
    over.base = (uint8_t *)both.base + above;
    over.row_bytes = in_bytes;
    got.row_bytes = out_bytes;
    memcpy(over.base, in.base, (size_t)in_bytes);
    tin_conv2d_s8(p, &over, &got, 0, 1, NULL);
    cr_assert_eq(memcmp(got.base, want.base, (size_t)out_bytes), 0);
    ring_free(&both), ring_free(&in), ring_free(&want);
}

Test(conv2d_s8, writes_behind_what_it_reads)
{
    for (int i = 0; i < 100; i++) {
        const int32_t in_c = between(1, 40), out_c = between(1, 40);
        const int32_t groups = in_c % 2 || out_c % 2 ? 1 : 2, w = between(1, 9);
        int8_t *weights = random_bytes(in_c * out_c);
        const tin_conv2d_s8_params p = {
            {1, w, in_c, 1, w, out_c, 1, 1, 1, 1, 1, 1, 0, 0},
            groups,
            random_zero(),
            random_zero(),
            -128,
            127,
            weights,
            biases,
            multipliers,
            shifts};

        random_channels(out_c);
        test_trail(&p, (w - 1) * (in_c < out_c ? in_c : out_c));
        free(weights);
    }
}

Test(dwconv2d_s8, equals_naive)
{
    for (int i = 0; i < 300; i++) {
        tin_dwconv2d_s8_params p;
        int8_t *weights;

        p.window = random_window(between(1, 9), i % 2 ? 1 : 3);
        p.window.out_c *= i % 3 ? 1 : between(1, 4);
        p.in_zero = random_zero();
        p.out_zero = random_zero();
        random_clamp(&p.act_min, &p.act_max);
        random_channels(p.window.out_c);
        weights = random_bytes(16 * p.window.out_c);
        p.weights = weights;
        p.bias = i % 5 ? biases : NULL;
        p.multiplier = multipliers;
        p.shift = shifts;
        check_points(tin_dwconv2d_s8, tin_dwconv2d_s8_check, &p, between(1, 3),
                     naive_dwconv);
        free(weights);
    }
}

static tin_dense_s8_params dense_params(int32_t in_c, int32_t out_c,
                                        const int8_t *weights)
{
    tin_dense_s8_params p;

    p.in_c = in_c;
    p.out_c = out_c;
    p.in_zero = random_zero();
    p.out_zero = random_zero();
    random_clamp(&p.act_min, &p.act_max);
    p.weights = weights;
    p.bias = biases;
    p.multiplier = multipliers;
    p.shift = shifts;
    return p;
}

static void test_dense(const tin_dense_s8_params *p, int32_t n)
{
    int8_t *in = random_bytes(n * p->in_c);
    const job j = job_on(tin_dense_s8, p, need_same, in, p->in_c, n, p->out_c);
    tin_rows out = run_job(&j);
    const int8_t *got = out.base;

    cr_assert_eq(tin_dense_s8_check(p, NULL), TIN_OK);
    for (int32_t i = 0; i < n * p->out_c; i++) {
        const int32_t y = i / p->out_c, oc = i % p->out_c;
        int32_t sum = p->bias ? p->bias[oc] : 0;

        for (int32_t ic = 0; ic < p->in_c; ic++)
            sum += (in[y * p->in_c + ic] - p->in_zero) *
                   p->weights[oc * p->in_c + ic];
        cr_assert_eq(got[i], naive_output(sum, p->multiplier[oc], p->shift[oc],
                                          p->out_zero, p->act_min, p->act_max));
    }
    free(in);
    ring_free(&out);
}

Test(dense_s8, equals_naive)
{
    for (int i = 0; i < 100; i++) {
        const int32_t in_c = between(1, 70), out_c = between(1, 20);
        int8_t *weights = random_bytes(in_c * out_c);
        tin_dense_s8_params p = dense_params(in_c, out_c, weights);

        random_channels(out_c);
        if (i % 5 == 0)
            p.bias = NULL;
        test_dense(&p, between(1, 4));
        free(weights);
    }
}

/* ---- Worked by hand ----------------------------------------------------- */

static const int32_t unit_multiplier[4] = {1 << 30, 1 << 30, 1 << 30, 1 << 30};
static const int8_t unit_shift[4] = {1, 1, 1, 1};

/* 1 x 1 images of one channel, kernel 3 x 3 padded by 1: the centre counts. */
static tin_conv2d_s8_params one_pixel(const int8_t weights[9])
{
    const tin_conv2d_s8_params p = {{1, 1, 1, 1, 1, 1, 3, 3, 1, 1, 1, 1, 1, 1},
                                    1,
                                    -128,
                                    127,
                                    -128,
                                    127,
                                    weights,
                                    NULL,
                                    unit_multiplier,
                                    unit_shift};
    return p;
}

Test(conv2d_s8, of_one_pixel)
{
    const int8_t weights[9] = {9, 9, 9, 9, -1, 9, 9, 9, 9};
    const tin_conv2d_s8_params p = one_pixel(weights);
    int8_t x[3] = {-128, 72, 127}, y[3] = {1, 1, 1};
    const tin_rows in = resident(x, 1), out = resident(y, 1);

    cr_assert_eq(tin_conv2d_s8_check(&p, NULL), TIN_OK);
    tin_conv2d_s8(&p, &in, &out, 0, 3, NULL);
    cr_assert_eq(y[0], 127);  // 0 + 127
    cr_assert_eq(y[1], -73);  // -200 + 127
    cr_assert_eq(y[2], -128); // -255 + 127
}

Test(conv2d_s8, keeps_groups_apart)
{
    const int8_t weights[4] = {1, 2, 3, 4};
    const tin_conv2d_s8_params p = {{1, 1, 2, 1, 1, 4, 1, 1, 1, 1, 1, 1, 0, 0},
                                    2,
                                    0,
                                    0,
                                    -128,
                                    127,
                                    weights,
                                    NULL,
                                    unit_multiplier,
                                    unit_shift};
    const int8_t expected[4] = {5, 10, 21, 28};
    int8_t x[2] = {5, 7}, y[4];
    const tin_rows in = resident(x, 2), out = resident(y, 4);

    cr_assert_eq(tin_conv2d_s8_check(&p, NULL), TIN_OK);
    tin_conv2d_s8(&p, &in, &out, 0, 1, NULL);
    cr_assert_arr_eq(y, expected, 4);
}

Test(dense_s8, at_the_limit_of_the_sum)
{
    const int32_t in_c = 66311; // * 255 * 127 = 2^31 - 2,113 or so
    int8_t *w = malloc((size_t)in_c), *x = malloc((size_t)in_c), y = 0;
    int32_t bias = INT32_MAX - 66311 * 255 * 127;
    const tin_dense_s8_params p = {
        in_c,           1, -128, 127, -128, 127, w, &bias, unit_multiplier,
        (int8_t[]){-31}};
    const tin_rows in = resident(x, in_c), out = resident(&y, 1);
    const char *why = NULL;

    memset(w, 127, (size_t)in_c);
    memset(x, 127, (size_t)in_c);
    cr_assert_eq(tin_dense_s8_check(&p, &why), TIN_OK, "%s", why);
    tin_dense_s8(&p, &in, &out, 0, 1, NULL);
    cr_assert_eq(y, 127); // 0.5 rounds to 1, 1 + 127 is clamped
    bias++;
    cr_assert_eq(tin_dense_s8_check(&p, &why), TIN_ERR_QUANT);
    free(w), free(x);
}

/* ---- What the checks refuse --------------------------------------------- */

/* What all kernels with weights refuse. Channel 1 is the second of two. */
#define REFUSE_WEIGHTS(check)                                                  \
 do {                                                                          \
  static const int32_t negative[2] = {1, -1};                                  \
  static const int32_t heavy[2] = {0, INT32_MAX}, light[2] = {0, INT32_MIN};   \
  static const int8_t too_low[2] = {0, -32}, too_high[2] = {0, 31};            \
  REFUSE(p.weights = NULL, check, TIN_ERR_ARG);                                \
  REFUSE(p.multiplier = NULL, check, TIN_ERR_ARG);                             \
  REFUSE(p.shift = NULL, check, TIN_ERR_ARG);                                  \
  REFUSE(p.multiplier = negative, check, TIN_ERR_QUANT);                       \
  REFUSE(p.shift = too_low, check, TIN_ERR_QUANT);                             \
  REFUSE(p.shift = too_high, check, TIN_ERR_QUANT);                            \
  REFUSE(p.bias = heavy, check, TIN_ERR_QUANT);                                \
  REFUSE(p.bias = light, check, TIN_ERR_QUANT);                                \
  REFUSE(p.in_zero = 128, check, TIN_ERR_QUANT);                               \
  REFUSE(p.in_zero = -129, check, TIN_ERR_QUANT);                              \
  REFUSE(p.out_zero = 128, check, TIN_ERR_QUANT);                              \
  REFUSE(p.out_zero = -129, check, TIN_ERR_QUANT);                             \
 } while (0)

static const int8_t some_weights[64] = {1, 1, 1, 1, [18] = 1};

Test(check, conv2d_s8)
{
    const tin_conv2d_s8_params good = {
        {4, 4, 2, 4, 4, 2, 3, 3, 1, 1, 1, 1, 1, 1},
        1,
        0,
        0,
        -128,
        127,
        some_weights,
        NULL,
        unit_multiplier,
        unit_shift};
    tin_conv2d_s8_params p;

    REFUSE_WINDOW_S8(tin_conv2d_s8_check);
    REFUSE_WEIGHTS(tin_conv2d_s8_check);
    REFUSE(p.groups = 0, tin_conv2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.groups = -2, tin_conv2d_s8_check, TIN_ERR_SHAPE);
    REFUSE((p.groups = 2, p.window.out_c = 3), tin_conv2d_s8_check,
           TIN_ERR_SHAPE);
    REFUSE((p.groups = 2, p.window.in_c = 3), tin_conv2d_s8_check,
           TIN_ERR_SHAPE);
    REFUSE((p.window.kernel_h = 40000, p.window.kernel_w = 40000),
           tin_conv2d_s8_check, TIN_ERR_OVERFLOW);
    REFUSE((p.window.in_c = 1 << 20, p.window.dilation_w = 1 << 20),
           tin_conv2d_s8_check, TIN_ERR_OVERFLOW);
}

Test(check, dwconv2d_s8)
{
    const tin_dwconv2d_s8_params good = {
        {4, 4, 2, 4, 4, 2, 3, 3, 1, 1, 1, 1, 1, 1},
        0,
        0,
        -128,
        127,
        some_weights,
        NULL,
        unit_multiplier,
        unit_shift};
    tin_dwconv2d_s8_params p;

    REFUSE_WINDOW_S8(tin_dwconv2d_s8_check);
    REFUSE_WEIGHTS(tin_dwconv2d_s8_check);
    REFUSE(p.window.out_c = 3, tin_dwconv2d_s8_check, TIN_ERR_SHAPE);
    REFUSE((p.window.kernel_h = 40000, p.window.kernel_w = 40000),
           tin_dwconv2d_s8_check, TIN_ERR_OVERFLOW);
    REFUSE((p.window.in_c = p.window.out_c = 1 << 20,
            p.window.dilation_w = 1 << 20),
           tin_dwconv2d_s8_check, TIN_ERR_OVERFLOW);
}

Test(check, dense_s8)
{
    const tin_dense_s8_params good = {
        2, 2, 0, 0, -128, 127, some_weights, NULL, unit_multiplier, unit_shift};
    tin_dense_s8_params p;

    REFUSE_WEIGHTS(tin_dense_s8_check);
    REFUSE(p.in_c = 0, tin_dense_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.out_c = 0, tin_dense_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.in_c = INT32_MAX, tin_dense_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.act_min = -129, tin_dense_s8_check, TIN_ERR_QUANT);
    REFUSE((p.act_min = 1, p.act_max = 0), tin_dense_s8_check, TIN_ERR_QUANT);
}
