/* SPDX-License-Identifier: MIT */
/* test_kernels_s16.c: the int16 kernels by themselves: against the formulas of
 * their header, in pieces, in rings, and each of their needs refused. */
#include "tinyinfer_s16.h"
#include "rings.h"

static void fill(int16_t *to, int32_t n, int32_t most)
{
    for (int32_t i = 0; i < n; i++)
        to[i] = (int16_t)between(-most - 1, most);
}

/* ---- Windows ------------------------------------------------------------ */

enum { MOST = 4096 };

/* A small window, SAME or VALID as it comes. */
static tin_window draw_window(int32_t in_c, int32_t out_c, int32_t dilations)
{
    tin_window w = {.in_h = between(1, 7), .in_w = between(1, 7), .in_c = in_c};

    w.out_c = out_c;
    w.kernel_h = between(1, w.in_h < 3 ? w.in_h : 3);
    w.kernel_w = between(1, w.in_w < 3 ? w.in_w : 3);
    w.stride_h = between(1, 2);
    w.stride_w = between(1, 2);
    w.dilation_h = w.dilation_w = 1;
    if (dilations && (w.kernel_h - 1) * 2 < w.in_h)
        w.dilation_h = between(1, 2);
    w.pad_top = between(0, w.kernel_h - 1);
    w.pad_left = between(0, w.kernel_w - 1);
    w.out_h = (w.in_h + w.pad_top - (w.kernel_h - 1) * w.dilation_h - 1) /
                  w.stride_h +
              1;
    w.out_w = (w.in_w + w.pad_left - w.kernel_w) / w.stride_w + 1;
    return w;
}

/* Runs a window kernel row by row from a ring that holds just what a row
 * needs, into a ring of one row. */
static void run_in_rings(tin_kernel *run, const void *params,
                         const tin_window *w, int16_t *in, int16_t *out)
{
    const int32_t in_row = w->in_w * w->in_c, out_row = w->out_w * w->out_c;
    const int32_t need = (w->kernel_h - 1) * w->dilation_h + 1;
    static int16_t ring[MOST], one[MOST];
    tin_rows from = {ring, in_row * 2, need, 0}, to = {one, out_row * 2, 1, 0};
    int32_t filled = 0;

    for (int32_t y = 0; y < w->out_h; y++) {
        const int32_t end = y * w->stride_h - w->pad_top + need;

        for (; filled < end && filled < w->in_h; filled++)
            memcpy(tin_row(&from, filled), in + filled * in_row,
                   (size_t)in_row * 2);
        run(params, &from, &to, y, y + 1, NULL);
        memcpy(out + y * out_row, one, (size_t)out_row * 2);
    }
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
    static int16_t in[MOST], out[MOST], rings[MOST];
    static int8_t weights[MOST], shift[8];
    static int64_t bias[8];
    static int32_t multiplier[8];

    for (int32_t round = 0; round < 200; round++) {
        const int32_t depthwise = round & 1, c = between(1, 3) * 2;
        const int32_t out_c = depthwise ? c : between(1, 4) * 2;
        const char *why = "";
        tin_conv2d_s16_params p = {.window = draw_window(c, out_c, 1),
                                   .groups = depthwise ? c : between(1, 2),
                                   .act_min = -30000,
                                   .act_max = 32767,
                                   .weights = weights,
                                   .bias = round % 3 ? bias : NULL,
                                   .multiplier = multiplier,
                                   .shift = shift};
        const tin_window *w = &p.window;
        tin_rows from = {in, w->in_w * c * 2, w->in_h, 0};
        tin_rows to = {out, w->out_w * out_c * 2, w->out_h, 0};

        p.tap_step = depthwise ? c : c / p.groups;
        p.channel_step = depthwise ? 1 : w->kernel_h * w->kernel_w * p.tap_step;
        p.narrow = round % 5 == 0;
        fill(in, w->in_h * w->in_w * c, 32767);
        for (int32_t i = 0; i < MOST; i++)
            weights[i] = (int8_t)between(-128, 127);
        for (int32_t i = 0; i < 8; i++) {
            bias[i] = between(-1000000, 1000000);
            multiplier[i] = between(1 << 30, INT32_MAX);
            shift[i] = (int8_t)between(-12, -6);
        }
        cr_assert_eq(tin_conv2d_s16_check(&p, &why), TIN_OK, "%s", why);
        tin_conv2d_s16(&p, &from, &to, 0, w->out_h, NULL);
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
        run_in_rings(tin_conv2d_s16, &p, w, in, rings);
        cr_assert_arr_eq(rings, out, (size_t)(w->out_h * w->out_w * out_c) * 2);
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

/* ---- transconv2d -------------------------------------------------------- */

/* As the definition has it: every input is spread over the output. */
static void scatter(const tin_conv2d_s16_params *p, const int16_t *in,
                    int64_t *sums)
{
    const tin_window *w = &p->window;
    const int32_t taps = w->kernel_h * w->kernel_w;

    for (int32_t i = 0; i < w->in_h * w->in_w * taps; i++) {
        const int32_t at = i / taps, tap = i % taps;
        const int32_t oy =
            at / w->in_w * w->stride_h - w->pad_top + tap / w->kernel_w;
        const int32_t ox =
            at % w->in_w * w->stride_w - w->pad_left + tap % w->kernel_w;

        if (oy < 0 || oy >= w->out_h || ox < 0 || ox >= w->out_w)
            continue;
        for (int32_t k = 0; k < w->out_c * w->in_c; k++) {
            const int32_t oc = k / w->in_c, ic = k % w->in_c;

            sums[(oy * w->out_w + ox) * w->out_c + oc] +=
                (int64_t)in[at * w->in_c + ic] *
                p->weights[oc * p->channel_step + tap * p->tap_step + ic];
        }
    }
}

/* Into a ring of one row, from one with just the rows that an output needs. */
static void transpose_in_rings(const tin_conv2d_s16_params *p, int16_t *in,
                               int16_t *out)
{
    const tin_window *w = &p->window;
    const int32_t in_row = w->in_w * w->in_c, out_row = w->out_w * w->out_c;
    static int16_t ring[MOST], one[MOST];
    tin_rows from = {ring, in_row * 2, (w->kernel_h - 1) / w->stride_h + 1, 0};
    tin_rows to = {one, out_row * 2, 1, 0};
    int32_t filled = 0;

    for (int32_t y = 0; y < w->out_h; y++) {
        int32_t first, end;

        tin_transconv_taps(y + w->pad_top, w->stride_h, w->kernel_h, w->in_h,
                           &first, &end);
        for (; filled < end; filled++)
            memcpy(tin_row(&from, filled), in + filled * in_row,
                   (size_t)in_row * 2);
        tin_transconv2d_s16(p, &from, &to, y, y + 1, NULL);
        memcpy(out + y * out_row, one, (size_t)out_row * 2);
    }
}

static tin_window draw_trans_window(void)
{
    tin_window w = {.in_h = between(1, 5),
                    .in_w = between(1, 5),
                    .in_c = between(1, 5),
                    .out_c = between(1, 5),
                    .kernel_h = between(1, 4),
                    .kernel_w = between(1, 4),
                    .stride_h = between(1, 3),
                    .stride_w = between(1, 3),
                    .dilation_h = 1,
                    .dilation_w = 1};

    w.pad_top = between(0, w.kernel_h - 1);
    w.pad_left = between(0, w.kernel_w - 1);
    w.out_h = between(1, w.in_h * w.stride_h + w.kernel_h);
    w.out_w = between(1, w.in_w * w.stride_w + w.kernel_w);
    return w;
}

Test(transconv2d_s16, is_its_formula_in_any_pieces)
{
    static int16_t in[MOST], out[MOST], rings[MOST];
    static int8_t weights[MOST], shift[8];
    static int64_t bias[8], sums[MOST];
    static int32_t multiplier[8];

    for (int32_t round = 0; round < 200; round++) {
        const char *why = "";
        tin_conv2d_s16_params p = {.window = draw_trans_window(),
                                   .groups = 1,
                                   .act_min = -30000,
                                   .act_max = 32767,
                                   .weights = weights,
                                   .bias = round % 3 ? bias : NULL,
                                   .multiplier = multiplier,
                                   .shift = shift};
        const tin_window *w = &p.window;
        const int32_t n = w->out_h * w->out_w * w->out_c;
        tin_rows from = {in, w->in_w * w->in_c * 2, w->in_h, 0};
        tin_rows to = {out, w->out_w * w->out_c * 2, w->out_h, 0};

        p.tap_step = w->in_c;
        p.channel_step = w->kernel_h * w->kernel_w * w->in_c;
        fill(in, w->in_h * w->in_w * w->in_c, 32767);
        for (int32_t i = 0; i < MOST; i++)
            weights[i] = (int8_t)between(-128, 127);
        for (int32_t i = 0; i < 8; i++) {
            bias[i] = between(-1000000, 1000000);
            multiplier[i] = between(1 << 30, INT32_MAX);
            shift[i] = (int8_t)between(-12, -6);
        }
        cr_assert_eq(tin_transconv2d_s16_check(&p, &why), TIN_OK, "%s", why);
        tin_transconv2d_s16(&p, &from, &to, 0, w->out_h, NULL);
        memset(sums, 0, sizeof sums);
        scatter(&p, in, sums);
        for (int32_t i = 0; i < n; i++) {
            const int32_t oc = i % w->out_c;

            cr_assert_eq(
                out[i],
                tin_output_s16(&p, sums[i] + (p.bias ? bias[oc] : 0), oc),
                "round %d", round);
        }
        transpose_in_rings(&p, in, rings);
        cr_assert_arr_eq(rings, out, (size_t)n * 2);
    }
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

/* ---- Pools -------------------------------------------------------------- */

Test(pool2d_s16, is_its_formula_in_any_pieces)
{
    static int16_t in[MOST], out[2][MOST], rings[MOST];

    for (int32_t round = 0; round < 200; round++) {
        const int32_t c = between(1, 4);
        const tin_pool2d_s16_params p = {draw_window(c, c, 0), -30000, 30000};
        const tin_window *w = &p.window;
        const int32_t n = w->out_h * w->out_w * c;
        tin_rows from = {in, w->in_w * c * 2, w->in_h, 0};
        tin_rows to[2];

        if (tin_avgpool2d_s16_check(&p, NULL) != TIN_OK)
            continue;
        fill(in, w->in_h * w->in_w * c, 32767);
        for (int k = 0; k < 2; k++)
            to[k] = (tin_rows){out[k], w->out_w * c * 2, w->out_h, 0};
        tin_avgpool2d_s16(&p, &from, &to[0], 0, w->out_h, NULL);
        tin_maxpool2d_s16(&p, &from, &to[1], 0, w->out_h, NULL);
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
        run_in_rings(tin_avgpool2d_s16, &p, w, in, rings);
        cr_assert_arr_eq(rings, out[0], (size_t)n * 2);
        run_in_rings(tin_maxpool2d_s16, &p, w, in, rings);
        cr_assert_arr_eq(rings, out[1], (size_t)n * 2);
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
