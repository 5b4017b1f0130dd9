/* SPDX-License-Identifier: MIT */
/* The host's part of tin_conv2d_s8_mve: see tinyinfer_kernels.h. */
#include "tinyinfer_kernels.h"

/* Columns of the strip: a stretch of the input where patches overlap or
 * touch, else those of each patch; -1 where they are too many. */
static int32_t strip_columns(const tin_window *w)
{
    if (w->dilation_w == 1 && w->kernel_w >= w->stride_w)
        return (w->out_w - 1) * w->stride_w + w->kernel_w;
    return tin_size_mul(w->out_w, w->kernel_w);
}

static int is_direct(const tin_window *w)
{
    return w->kernel_h == 1 && (w->dilation_w == 1 || w->kernel_w == 1) &&
           w->pad_top == 0 && w->pad_left == 0 &&
           (w->out_h - 1) * w->stride_h < w->in_h &&
           (w->out_w - 1) * w->stride_w + w->kernel_w <= w->in_w;
}

int32_t tin_conv2d_s8_mve_scratch_size(const void *params)
{
    const tin_conv2d_s8_mve_params *p = params;
    const tin_window *w = &p->conv.window;
    int32_t strip = 0;

    if (!is_direct(w)) {
        strip = tin_size_mul(strip_columns(w), w->kernel_h);
        strip = tin_size_mul(strip, w->in_c);
    }
    return 2 * 4 * ((w->out_c + 3) / 4 * 4) + (strip + 3) / 4 * 4;
}

/* Filters with those that fill up the last group. */
static int32_t stored_filters(int32_t out_c, int64_t taps)
{
    if (taps <= 64)
        return (out_c + 3) / 4 * 4;
    return out_c == 1 ? 2 : out_c;
}

/* The stream's bytes, -1 where they or the scratch are more than 32 bits hold
 * well, which is far more than any M55 has. */
static int32_t stream_bytes(const tin_window *w)
{
    const int32_t columns = tin_size_mul(strip_columns(w), w->kernel_h);
    const int32_t strip = tin_size_mul(columns, w->in_c);
    const int64_t taps = (int64_t)w->kernel_h * w->kernel_w * w->in_c;
    const int64_t bytes =
        (int64_t)((w->out_c + 3) / 4) * 48 +
        stored_filters(w->out_c, taps) * ((taps + 15) / 16 * 16);

    if (strip < 0 || strip > INT32_MAX / 2 || w->out_c > INT32_MAX / 32 ||
        bytes > INT32_MAX)
        return -1;
    return (int32_t)bytes;
}

int32_t tin_conv2d_s8_mve_packed_size(const void *params)
{
    const tin_conv2d_s8_params *p = params;
    const int32_t bytes = stream_bytes(&p->window);

    if (p->groups != 1 || bytes < 0 ||
        !tin_shifts_ok_mve(p->shift, p->window.out_c))
        return TIN_ERR_UNSUPPORTED;
    return bytes;
}

tin_status tin_conv2d_s8_mve_check(const void *params, const char **why)
{
    const tin_conv2d_s8_mve_params *p = params;
    const tin_conv2d_s8_params *q = &p->conv;
    tin_status status;

    if ((status = tin_window_check(&q->window, why)) != TIN_OK ||
        (status = tin_zero_check(q->in_zero, why)) != TIN_OK ||
        (status = tin_zero_check(q->out_zero, why)) != TIN_OK ||
        (status = tin_act_check(q->act_min, q->act_max, why)) != TIN_OK)
        return status;
    if (q->groups != 1)
        return TIN_WHY(why, "there is more than one group"),
               TIN_ERR_UNSUPPORTED;
    if (stream_bytes(&q->window) < 0)
        return TIN_WHY(why, "the window is too large"), TIN_ERR_OVERFLOW;
    if (!p->packed)
        return TIN_WHY(why, "packed is NULL"), TIN_ERR_ARG;
    return TIN_OK;
}

/* Filter oc, taps turned to the order kx, ky, ic; its vectors lie step bytes
 * apart from byte `at` on. */
static void pack_filter(const tin_conv2d_s8_params *p, int32_t oc,
                        int32_t *packed, size_t at, int32_t step)
{
    const tin_window *w = &p->window;
    const int32_t taps = w->kernel_h * w->kernel_w * w->in_c;
    const int8_t *from = p->weights + (size_t)oc * (size_t)taps;

    for (int32_t ky = 0; ky < w->kernel_h; ky++) {
        for (int32_t i = 0; i < w->kernel_w * w->in_c; i++) {
            const int32_t kx = i / w->in_c, ic = i % w->in_c;
            const int32_t t = (kx * w->kernel_h + ky) * w->in_c + ic;

            tin_stream_put(packed, at + tin_tap_mve(t, taps, step), *from++);
        }
    }
}

/* Blocks of four channels: filters 0 and 2, then 1 and 3, the order in which
 * sums go to the lanes of a vector. */
static void pack_short(const tin_conv2d_s8_params *p, const tin_filters *f,
                       int32_t *packed)
{
    const int32_t filter = 4 * tin_vectors_mve((int32_t)f->taps);

    for (int32_t oc = 0; oc < f->channels; oc++) {
        int32_t *to = packed + oc / 4 * (4 * filter + 12);

        pack_filter(p, oc, to + oc % 2 * 2 * filter, (size_t)(oc % 4 / 2) * 16,
                    32);
        to += 4 * filter + oc % 4;
        tin_channel_mve(f, p->in_zero, oc, to, 4);
    }
}

void tin_conv2d_s8_mve_pack(const void *params, int32_t *packed)
{
    const tin_conv2d_s8_params *p = params;
    const tin_window *w = &p->window;
    const int32_t taps = w->kernel_h * w->kernel_w * w->in_c;
    const int32_t filter = 16 * tin_vectors_mve(taps);
    const int32_t words = tin_conv2d_s8_mve_packed_size(params) / 4;
    const tin_filters f = {
        .weights = p->weights,
        .bias = p->bias,
        .multiplier = p->multiplier,
        .shift = p->shift,
        .channels = w->out_c,
        .channel_step = taps,
        .tap_step = 1,
        .taps = taps,
    };
    size_t at = (size_t)((w->out_c + 3) / 4) * 48;

    for (int32_t i = 0; i < words; i++)
        packed[i] = 0;
    if (filter <= 64) {
        pack_short(p, &f, packed);
        return;
    }
    for (int32_t oc = 0; oc < w->out_c; oc++) {
        tin_channel_mve(&f, p->in_zero, oc, packed + oc / 4 * 12 + oc % 4, 4);
    }
    for (int32_t oc = 0; oc < w->out_c;) {
        const int32_t left = w->out_c - oc;
        const int32_t n = left > 4 || left == 3 ? 3 : 2;

        for (int32_t i = 0; i < n && i < left; i++)
            pack_filter(p, oc + i, packed, at + 16 * (size_t)i, 16 * n);
        at += (size_t)n * (size_t)filter;
        oc += n;
    }
}
