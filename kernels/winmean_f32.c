/* SPDX-License-Identifier: MIT */
/* tin_winmean_f32: see tinyinfer_pool.h. */
#include "tinyinfer_pool.h"

/* The mean of channel c over the window of output row y: a sum in the order of
 * rows and positions, then one division, as tin_mean_f32. */
static float mean_channel(const tin_winmean_f32_params *p, const tin_rows *in,
                          int32_t y, int32_t c)
{
    float sum = 0;

    for (int32_t k = 0; k < p->window_h; k++) {
        const float *x = tin_row(in, y * p->stride_h + k);

        for (int32_t ix = 0; ix < p->in_w; ix++)
            sum += x[ix * p->c + c];
    }
    return sum / (float)(p->window_h * p->in_w);
}

void tin_winmean_f32(const void *params, const tin_rows *in,
                     const tin_rows *out, int32_t y0, int32_t y1, void *scratch)
{
    const tin_winmean_f32_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        float *dst = tin_row(out, y);

        for (int32_t c = 0; c < p->c; c++)
            dst[c] = mean_channel(p, in, y, c);
    }
}

tin_status tin_winmean_f32_check(const void *params, const char **why)
{
    const tin_winmean_f32_params *p = params;

    if (p->window_h < 1 || p->in_w < 1 || p->c < 1 || p->stride_h < 1) {
        TIN_WHY(why, "a size is not positive");
        return TIN_ERR_SHAPE;
    }
    if (tin_size_mul(p->window_h, p->in_w) < 0) {
        TIN_WHY(why, "a window has more than 2^31 - 1 points");
        return TIN_ERR_OVERFLOW;
    }
    return tin_bytes_check(tin_size_mul(p->in_w, p->c), 4, why);
}
