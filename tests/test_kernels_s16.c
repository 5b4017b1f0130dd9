/* SPDX-License-Identifier: MIT */
/*
 * The int16 kernels: against the formulas of their header on seeded shapes,
 * rows in any pieces; and every condition that a check refuses.
 */
#include "tinyinfer_s16.h"
#include "windows_s8.h"

enum { MOST = 4096 };

static void fill(int16_t *to, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        to[i] = (int16_t)between(-32768, 32767);
}

/* ---- conv2d ------------------------------------------------------------- */

static int64_t naive_sum(const tin_conv2d_s16_params *p, const int16_t *in,
                         int32_t oy, int32_t ox, int32_t oc)
{
    const tin_window *w = &p->window;
    const int32_t in_gc = w->in_c / p->groups;
    const int32_t first = oc / (w->out_c / p->groups) * in_gc;
    int64_t sum = p->bias ? p->bias[oc] : 0;

    for (int32_t ky = 0; ky < w->kernel_h; ky++)
        for (int32_t kx = 0; kx < w->kernel_w; kx++) {
            const int32_t iy =
                oy * w->stride_h - w->pad_top + ky * w->dilation_h;
            const int32_t ix =
                ox * w->stride_w - w->pad_left + kx * w->dilation_w;

            if (iy < 0 || iy >= w->in_h || ix < 0 || ix >= w->in_w)
                continue;
            for (int32_t i = 0; i < in_gc; i++)
                sum += (int64_t)in[(iy * w->in_w + ix) * w->in_c + first + i] *
                       p->weights[oc * p->channel_step +
                                  (ky * w->kernel_w + kx) * p->tap_step + i];
        }
    return sum;
}

Test(conv2d_s16, is_its_formula_in_any_pieces)
{
    static int16_t in[MOST];
    static int8_t weights[MOST], shift[8];
    static int64_t bias[8];
    static int32_t multiplier[8];

    for (int32_t round = 0; round < 200; round++) {
        const int32_t depthwise = round & 1, c = between(1, 3) * 2;
        const int32_t out_c = depthwise ? c : between(1, 4) * 2;
        const char *why = "";
        tin_conv2d_s16_params p = {.window = random_window(c, 2),
                                   .groups = depthwise ? c : between(1, 2),
                                   .act_min = -30000,
                                   .act_max = 32767,
                                   .weights = weights,
                                   .bias = round % 3 ? bias : NULL,
                                   .multiplier = multiplier,
                                   .shift = shift};
        const tin_window *w = &p.window;
        int16_t *out;
        job j;

        p.window.out_c = out_c;
        p.tap_step = depthwise ? c : c / p.groups;
        p.channel_step = depthwise ? 1 : w->kernel_h * w->kernel_w * p.tap_step;
        p.narrow = round % 5 == 0;
        fill(in, w->in_h * w->in_w * c);
        for (int32_t i = 0; i < MOST; i++)
            weights[i] = (int8_t)between(-128, 127);
        for (int32_t i = 0; i < 8; i++) {
            bias[i] = between(-1000000, 1000000);
            multiplier[i] = between(1 << 30, INT32_MAX);
            shift[i] = (int8_t)between(-12, -6);
        }
        cr_assert_eq(tin_conv2d_s16_check(&p, &why), TIN_OK, "%s", why);
        j = window_job(tin_conv2d_s16, &p, in, 2, 1);
        out = run(&j);
        for (int32_t i = 0; i < w->out_h * w->out_w * out_c; i++) {
            const int32_t oc = i % out_c, ox = i / out_c % w->out_w;
            const int64_t sum = naive_sum(&p, in, i / out_c / w->out_w, ox, oc);
            const int32_t y =
                p.narrow
                    ? tin_requantize((int32_t)sum, multiplier[oc], shift[oc])
                    : tin_requantize_s64(sum, multiplier[oc], shift[oc]);

            cr_assert_eq(out[i], tin_clamp(y, -30000, 32767), "round %d",
                         round);
        }
        free(out);
    }
}

Test(conv2d_s16, check)
{
    static const int8_t weights[64] = {127}, shift[4] = {0}, left[4] = {8};
    static const int32_t multiplier[4] = {1 << 30}, minus[4] = {-1};
    static const int64_t bias[4] = {(int64_t)1 << 47};
    const tin_conv2d_s16_params good = {
        .window = {4, 4, 2, 3, 3, 4, 2, 2, 1, 1, 1, 1, 0, 0},
        .groups = 2,
        .channel_step = 4,
        .tap_step = 1,
        .act_min = -32768,
        .act_max = 32767,
        .weights = weights,
        .multiplier = multiplier,
        .shift = shift};
    tin_conv2d_s16_params p;

    REFUSE(p.window.in_h = 0, tin_conv2d_s16_check, TIN_ERR_SHAPE);
    REFUSE(p.groups = 0, tin_conv2d_s16_check, TIN_ERR_SHAPE);
    REFUSE(p.groups = 3, tin_conv2d_s16_check, TIN_ERR_SHAPE);
    REFUSE(p.weights = NULL, tin_conv2d_s16_check, TIN_ERR_ARG);
    REFUSE(p.multiplier = NULL, tin_conv2d_s16_check, TIN_ERR_ARG);
    REFUSE(p.shift = NULL, tin_conv2d_s16_check, TIN_ERR_ARG);
    REFUSE(p.tap_step = -1, tin_conv2d_s16_check, TIN_ERR_ARG);
    REFUSE(p.act_min = -32769, tin_conv2d_s16_check, TIN_ERR_QUANT);
    REFUSE(p.act_max = 32768, tin_conv2d_s16_check, TIN_ERR_QUANT);
    REFUSE(p.multiplier = minus, tin_conv2d_s16_check, TIN_ERR_QUANT);
    REFUSE(p.shift = left, tin_conv2d_s16_check, TIN_ERR_QUANT);
    REFUSE(p.bias = bias, tin_conv2d_s16_check, TIN_ERR_QUANT);
    REFUSE(p.window.in_w = 1 << 30, tin_conv2d_s16_check, TIN_ERR_SHAPE);
    p = good;
    p.narrow = 1;
    p.shift = left;
    cr_expect_eq(tin_conv2d_s16_check(&p, NULL), TIN_OK);
}

/* ---- Pools -------------------------------------------------------------- */

Test(pool2d_s16, is_its_formula_in_any_pieces)
{
    static int16_t in[MOST];

    for (int32_t round = 0; round < 200; round++) {
        const int32_t c = between(1, 4);
        const tin_pool2d_s16_params p = {random_window(c, 1), -30000, 30000};
        const tin_window *w = &p.window;
        const int32_t n = w->out_h * w->out_w * c;
        const job average = window_job(tin_avgpool2d_s16, &p, in, 2, 1);
        const job maximum = window_job(tin_maxpool2d_s16, &p, in, 2, 1);
        int16_t *out[2];

        if (tin_avgpool2d_s16_check(&p, NULL) != TIN_OK)
            continue;
        fill(in, w->in_h * w->in_w * c);
        out[0] = run(&average), out[1] = run(&maximum);
        for (int32_t i = 0; i < n; i++) {
            const int32_t ox = i / c % w->out_w, oy = i / c / w->out_w;
            int32_t sum = 0, max = -30000, taps = 0;

            for (int32_t k = 0; k < w->kernel_h * w->kernel_w; k++) {
                const int32_t iy =
                    oy * w->stride_h - w->pad_top + k / w->kernel_w;
                const int32_t ix =
                    ox * w->stride_w - w->pad_left + k % w->kernel_w;
                int32_t x;

                if (iy < 0 || iy >= w->in_h || ix < 0 || ix >= w->in_w)
                    continue;
                x = in[(iy * w->in_w + ix) * c + i % c];
                sum += x;
                max = x > max ? x : max;
                taps++;
            }
            sum = (sum + (sum > 0 ? taps / 2 : -(taps / 2))) / taps;
            cr_assert_eq(out[0][i], tin_clamp(sum, -30000, 30000));
            cr_assert_eq(out[1][i], tin_clamp(max, -30000, 30000));
        }
        free(out[0]), free(out[1]);
    }
}

Test(pool2d_s16, check)
{
    const tin_pool2d_s16_params good = {
        {4, 4, 2, 3, 3, 2, 2, 2, 1, 1, 1, 1, 0, 0}, -32768, 32767};
    tin_pool2d_s16_params p;

    REFUSE(p.window.out_c = 3, tin_avgpool2d_s16_check, TIN_ERR_SHAPE);
    REFUSE(p.window.out_c = 3, tin_maxpool2d_s16_check, TIN_ERR_SHAPE);
    REFUSE(p.act_max = 40000, tin_avgpool2d_s16_check, TIN_ERR_QUANT);
    REFUSE(p.act_min = 32767 + 1, tin_maxpool2d_s16_check, TIN_ERR_QUANT);
    REFUSE((p.window.in_h = p.window.in_w = p.window.kernel_h =
                p.window.kernel_w = 256,
            p.window.out_h = p.window.out_w = 1),
           tin_avgpool2d_s16_check, TIN_ERR_OVERFLOW);
}

/* ---- The others --------------------------------------------------------- */

Test(softmax_s16, check_and_in_place)
{
    static int16_t line[513];
    static const int16_t zeros[513];
    const tin_softmax_s16_params good = {2, 3, 1 << 30, 1, line, line};
    tin_softmax_s16_params p = good;
    int16_t x[6] = {5, -7, 9000, 1, 2, 3}, apart[6];
    const tin_rows in = {x, 12, 1, 0}, out = {apart, 12, 1, 0};

    for (int32_t i = 0; i < 513; i++)
        line[i] = (int16_t)(i < 512 ? i * 64 : 32767);
    tin_softmax_s16(&p, &in, &out, 0, 1, NULL);
    tin_softmax_s16(&p, &in, &in, 0, 1, NULL);
    cr_expect_arr_eq(x, apart, sizeof x);
    REFUSE(p.groups = 0, tin_softmax_s16_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 0, tin_softmax_s16_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 65536, tin_softmax_s16_check, TIN_ERR_OVERFLOW);
    REFUSE(p.groups = 1 << 30, tin_softmax_s16_check, TIN_ERR_OVERFLOW);
    REFUSE(p.exp = NULL, tin_softmax_s16_check, TIN_ERR_ARG);
    REFUSE(p.exp = zeros, tin_softmax_s16_check, TIN_ERR_ARG);
    REFUSE(p.reciprocal = NULL, tin_softmax_s16_check, TIN_ERR_ARG);
    REFUSE(p.shift = 15, tin_softmax_s16_check, TIN_ERR_QUANT);
}

Test(rescale, saturates_and_checks)
{
    const tin_rescale_params good = {4, 2, 1, 0, -3, 1 << 30, -3};
    tin_rescale_params p = good;
    const int16_t x[4] = {32767, -32768, 100, -100};
    int8_t y[4];
    const tin_rows in = {(void *)x, 8, 1, 0}, out = {y, 4, 1, 0};

    tin_rescale(&p, &in, &out, 0, 1, NULL);
    cr_expect_eq(y[0], 127);
    cr_expect_eq(y[1], -128);
    cr_expect_eq(y[2], tin_requantize(100, 1 << 30, -3) - 3);
    cr_expect_eq(y[3], tin_requantize(-100, 1 << 30, -3) - 3);
    REFUSE(p.row_elems = 0, tin_rescale_check, TIN_ERR_SHAPE);
    REFUSE(p.in_bytes = 3, tin_rescale_check, TIN_ERR_ARG);
    REFUSE(p.out_bytes = 8, tin_rescale_check, TIN_ERR_ARG);
    REFUSE(p.out_zero = 128, tin_rescale_check, TIN_ERR_QUANT);
    REFUSE(p.in_zero = 32768, tin_rescale_check, TIN_ERR_QUANT);
    REFUSE(p.multiplier = -1, tin_rescale_check, TIN_ERR_QUANT);
    REFUSE(p.shift = 31, tin_rescale_check, TIN_ERR_QUANT);
}

Test(quantize_s16, check)
{
    const tin_quantize_f32_s16_params good = {4, 0.5f, 0};
    tin_quantize_f32_s16_params p;

    REFUSE(p.row_elems = 0, tin_quantize_f32_s16_check, TIN_ERR_SHAPE);
    REFUSE(p.scale = 0, tin_quantize_f32_s16_check, TIN_ERR_QUANT);
    REFUSE(p.zero = 32768, tin_quantize_f32_s16_check, TIN_ERR_QUANT);
}

Test(dequantize_s16, check)
{
    const tin_dequantize_s16_f32_params good = {4, 0.5f, 0};
    tin_dequantize_s16_f32_params p;

    REFUSE(p.row_elems = 0, tin_dequantize_s16_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.scale = -1, tin_dequantize_s16_f32_check, TIN_ERR_QUANT);
    REFUSE(p.zero = -32769, tin_dequantize_s16_f32_check, TIN_ERR_QUANT);
}
