/* SPDX-License-Identifier: MIT */
/*
 * tin_zconv2d_s8, convolution whose weights have a zero point: against a naive
 * version on seeded shapes, rows in any pieces; and every condition that its
 * check refuses.
 */
#include "tinyinfer_image.h"
#include "naive_s8.h"
#include "windows.h"

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
    static const int8_t ones[8] = {1, 1, 1, 1, 1, 1, 1, 1};
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
