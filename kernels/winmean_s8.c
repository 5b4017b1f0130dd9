/* SPDX-License-Identifier: MIT */
/* tin_winmean_s8: see tinyinfer_pool.h. */
#include "tinyinfer_pool.h"

enum { BLOCK = 16 };

/* Adds n channels of a row of w positions to n sums. */
static void add_row(const int8_t *restrict x, int32_t w, int32_t c, int32_t n,
                    int32_t *restrict sum)
{
    for (int32_t ix = 0; ix < w; ix++) {
        for (int32_t i = 0; i < n; i++)
            sum[i] += x[i]; // |sum| <= 2^23 * 128
        x += c;
    }
}

/* Channels c0 .. c0 + n - 1 of output row y. */
static void mean_block(const tin_winmean_s8_params *p, const tin_rows *in,
                       int32_t y, int32_t c0, int32_t n, int8_t *dst)
{
    const int32_t zeros = p->window_h * p->in_w * p->in_zero;
    int32_t sum[BLOCK] = {0};

    for (int32_t k = 0; k < p->window_h; k++) {
        const int8_t *x = tin_row(in, y * p->stride_h + k);

        add_row(x + c0, p->in_w, p->c, n, sum);
    }
    for (int32_t i = 0; i < n; i++)
        dst[c0 + i] = tin_output_s8(sum[i] - zeros, p->multiplier, p->shift,
                                    p->out_zero, -128, 127);
}

void tin_winmean_s8(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_winmean_s8_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        for (int32_t c = 0; c < p->c; c += BLOCK)
            mean_block(p, in, y, c, p->c - c < BLOCK ? p->c - c : BLOCK,
                       tin_row(out, y));
}

tin_status tin_winmean_s8_check(const void *params, const char **why)
{
    const tin_winmean_s8_params *p = params;
    tin_status status;

    if (p->window_h < 1 || p->in_w < 1 || p->c < 1 || p->stride_h < 1)
        return TIN_WHY(why, "sizes must be positive"), TIN_ERR_SHAPE;
    if ((int64_t)p->window_h * p->in_w > (int32_t)1 << 23)
        return TIN_WHY(why, "a sum can exceed 32 bits"), TIN_ERR_OVERFLOW;
    if ((int64_t)p->in_w * p->c > INT32_MAX)
        return TIN_WHY(why, "row over 2 GiB"), TIN_ERR_OVERFLOW;
    if ((status = tin_zero_check(p->in_zero, why)) != TIN_OK ||
        (status = tin_zero_check(p->out_zero, why)) != TIN_OK)
        return status;
    return tin_scale_check(p->multiplier, p->shift, 30, why);
}
