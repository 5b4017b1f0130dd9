/* SPDX-License-Identifier: MIT */
/*
 * tin_conv2d_s8_p1_dsp: see tinyinfer_kernels.h. The window of a point is put
 * together, widened, and multiplied with two channels' weights at a time.
 */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_DSP

# include <string.h>

/* Halfwords of n inputs, in the order of the packed weights: inputs 0 and 2, 1
 * and 3 of each four; of the last two 0 and 1. */
static void widen(const int8_t *src, int32_t n, int32_t *x)
{
    for (; n >= 4; n -= 4, src += 4) {
        const uint32_t word = tin_load_word(src);

        *x++ = tin_sxtb16(word);
        *x++ = tin_sxtb16_odd(word);
    }
    if (n == 3) {
        *x++ = tin_pair_word(src[0], 0, src[2], 0);
        *x++ = tin_pair_word(src[1], 0, 0, 0);
    } else if (n > 0) {
        *x++ = tin_pair_word(src[0], 0, n > 1 ? src[1] : 0, 0);
    }
}

/* The inputs of a window: in the image, if they lie together there, or put
 * together with zero points in place of those beside it. */
static const int8_t *find_window(const tin_conv2d_s8_params *p,
                                 const tin_patch *v, const tin_rows *in,
                                 int8_t *copy)
{
    const tin_window *w = &p->window;
    const int32_t in_c = w->in_c, run = w->kernel_w * in_c;
    const size_t step = (size_t)w->dilation_w * (size_t)in_c;
    int32_t row = v->row;

    if (w->kernel_h * run == in_c && v->ky0 < v->ky1 && v->kx0 < v->kx1)
        return (int8_t *)tin_row(in, row) + v->col * in_c;
    memset(copy, p->in_zero, (size_t)(w->kernel_h * run));
    for (int32_t ky = v->ky0; ky < v->ky1; ky++) {
        const int8_t *from = (int8_t *)tin_row(in, row) + v->col * in_c;

        for (int32_t kx = v->kx0; kx < v->kx1; kx++, from += step)
            memcpy(copy + ky * run + kx * in_c, from, (size_t)in_c);
        row = tin_ring_next(row, w->dilation_h, in->rows);
    }
    return copy;
}

void tin_conv2d_s8_p1_dsp(const void *params, const tin_rows *in,
                          const tin_rows *out, int32_t y0, int32_t y1,
                          void *scratch)
{
    const tin_conv2d_s8_dsp_params *d = params;
    const tin_conv2d_s8_params *p = &d->conv;
    const tin_window *w = &p->window;
    const int32_t taps = w->kernel_h * w->kernel_w * w->in_c;
    const int32_t steps = tin_conv2d_s8_dsp_plan(w).steps;
    int32_t *x = scratch;

    for (int32_t y = y0; y < y1; y++) {
        int8_t *row = tin_row(out, y), *dst = row;
        tin_patch v;

        tin_patch_rows(&v, w, in->rows, y);
        for (int32_t ox = 0; ox < w->out_w; ox++, dst += w->out_c) {
            tin_patch_cols(&v, w, ox);
            widen(find_window(p, &v, in, (int8_t *)(x + steps)), taps, x);
            tin_conv2d_point_dsp(d->packed + 1, x, 1, steps, w->out_c, dst);
        }
        if (p->act_min > -128 || p->act_max < 127)
            tin_clamp_dsp(row, w->out_w * w->out_c, p->act_min, p->act_max);
    }
}

#endif /* TIN_HAVE_DSP */
