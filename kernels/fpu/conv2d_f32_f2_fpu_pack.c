/* SPDX-License-Identifier: MIT */
/*
 * tin_conv2d_f32_f2_fpu_pack and what belongs to it: see tinyinfer_fpu.h.
 *
 * The transformed weights G w G^T are computed in double, so that each is
 * rounded once.
 */
#include "tinyinfer_fpu.h"

enum { POINTS = 16, OUTS = 8, CHANNELS = 4, TILES = 2 };

static const double g_rows[4][3] = {
    {1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};

/* Input channels, filled up to whole fours. */
static int32_t padded(const tin_window *w)
{
    return (w->in_c + CHANNELS - 1) / CHANNELS * CHANNELS;
}

static int is_fit(const tin_conv2d_f32_params *p)
{
    const tin_window *w = &p->window;

    return w->kernel_h == 3 && w->kernel_w == 3 && w->stride_h == 1 &&
           w->stride_w == 1 && w->dilation_h == 1 && w->dilation_w == 1 &&
           p->groups == 1;
}

int32_t tin_conv2d_f32_f2_fpu_packed_size(const void *params)
{
    const tin_conv2d_f32_params *p = params;
    const tin_window *w = &p->window;
    const int32_t blocks = (int32_t)(((int64_t)w->out_c + OUTS - 1) / OUTS);
    int32_t bytes;

    if (!is_fit(p) || w->out_c < 4 * ((int64_t)blocks * OUTS - w->out_c))
        return TIN_ERR_UNSUPPORTED;
    if (w->in_c > TIN_FPU_CHANNELS)
        return TIN_ERR_OVERFLOW;
    bytes = tin_size_mul(4 * OUTS * (POINTS * padded(w) + 1), blocks);
    return bytes < 0 ? TIN_ERR_OVERFLOW : bytes;
}

static float weight(const tin_conv2d_f32_params *p, int32_t point, int32_t oc,
                    int32_t ic)
{
    const double *gy = g_rows[point / 4], *gx = g_rows[point % 4];
    const size_t in_c = (size_t)p->window.in_c;
    const float *w = p->weights + (size_t)oc * 9 * in_c + ic;
    double sum = 0;

    for (size_t t = 0; t < 9; t++)
        sum += gy[t / 3] * gx[t % 3] * (double)w[t * in_c];
    return (float)sum;
}

void tin_conv2d_f32_f2_fpu_pack(const void *params, float *packed)
{
    const tin_conv2d_f32_params *p = params;
    const tin_window *w = &p->window;
    const int32_t in_c = padded(w);

    for (int32_t oc = 0; oc < w->out_c; oc += OUTS) {
        const int32_t n = w->out_c - oc < OUTS ? w->out_c - oc : OUTS;

        for (int32_t c = 0; c < OUTS; c++)
            *packed++ = c < n && p->bias ? p->bias[oc + c] : 0;
        for (int32_t i = 0; i < POINTS * in_c; i++)
            for (int32_t c = 0; c < OUTS; c++)
                *packed++ = c < n && i % in_c < w->in_c
                                ? weight(p, i / in_c, oc + c, i % in_c)
                                : 0;
    }
}

tin_status tin_conv2d_f32_f2_fpu_check(const void *params, const char **why)
{
    const tin_conv2d_f32_f2_fpu_params *p = params;
    const tin_conv2d_f32_params *c = &p->conv;
    const tin_window *w = &c->window;
    tin_status status;

    if ((status = tin_window_check(w, why)) != TIN_OK ||
        (status = tin_bytes_check(w->in_w * w->in_c, 4, why)) != TIN_OK ||
        (status = tin_bytes_check(w->out_w * w->out_c, 4, why)) != TIN_OK ||
        (status = tin_act_check_f32(c->act_min, c->act_max, why)) != TIN_OK)
        return status;
    if (!is_fit(c))
        return TIN_WHY(why, "not a 3x3 convolution of stride 1, one group"),
               TIN_ERR_UNSUPPORTED;
    if (w->in_c > TIN_FPU_CHANNELS)
        return TIN_WHY(why, "in_c is too large"), TIN_ERR_OVERFLOW;
    if (!p->packed)
        return TIN_WHY(why, "packed is NULL"), TIN_ERR_ARG;
    return TIN_OK;
}

/* Transformed inputs of two tiles, and their products with the weights of
 * eight channels. */
int32_t tin_conv2d_f32_f2_fpu_scratch_size(const void *params)
{
    const tin_conv2d_f32_f2_fpu_params *p = params;

    return 4 * POINTS * TILES * (padded(&p->conv.window) + OUTS);
}
