/* SPDX-License-Identifier: MIT */
/* tin_avgpool2d_s8: see tinyinfer_pool.h. A tap is added to the sums of a
 * block of channels, which lie one after the other. */
#include "tinyinfer_pool.h"

enum { BLOCK = 16 };

/* Adds a tap to n sums; |sum| <= 2^23 * 128. */
TIN_NOINLINE static void add_tap(const int8_t *restrict x, int32_t n,
                                 int32_t *restrict sum)
{
    for (int32_t i = 0; i < n; i++)
        sum[i] += x[i];
}

/* Channels c .. c + n - 1 of the output point that sees the patch v. */
static void pool_block(const tin_pool2d_s8_params *p, const tin_rows *in,
                       const tin_patch *v, int32_t c, int32_t n, int8_t *dst)
{
    const int32_t taps = (v->ky1 - v->ky0) * (v->kx1 - v->kx0);
    const int32_t in_c = p->window.in_c;
    int32_t row = v->row, sum[BLOCK] = {0};

    for (int32_t ky = v->ky0; ky < v->ky1; ky++) {
        const int8_t *x = tin_row(in, row);

        x += v->col * in_c + c;
        for (int32_t kx = v->kx0; kx < v->kx1; kx++)
            add_tap(x + (kx - v->kx0) * in_c, n, sum);
        row = tin_ring_next(row, 1, in->rows);
    }
    for (int32_t i = 0; i < n; i++) {
        const int32_t y = tin_average_s8(sum[i], taps, p->origin);

        dst[c + i] = (int8_t)tin_clamp(y, p->act_min, p->act_max);
    }
}

static void pool_row(const tin_pool2d_s8_params *p, const tin_rows *in,
                     const tin_rows *out, int32_t y)
{
    const tin_window *w = &p->window;
    int8_t *dst = tin_row(out, y);
    tin_patch v;

    tin_patch_rows(&v, w, in->rows, y);
    for (int32_t ox = 0; ox < w->out_w; ox++) {
        tin_patch_cols(&v, w, ox);
        for (int32_t c = 0; c < w->in_c; c += BLOCK) {
            const int32_t left = w->in_c - c;

            pool_block(p, in, &v, c, left < BLOCK ? left : BLOCK, dst);
        }
        dst += w->out_c;
    }
}

void tin_avgpool2d_s8(const void *params, const tin_rows *in,
                      const tin_rows *out, int32_t y0, int32_t y1,
                      void *scratch)
{
    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        pool_row(params, in, out, y);
}

tin_status tin_avgpool2d_s8_check(const void *params, const char **why)
{
    const tin_pool2d_s8_params *p = params;
    const tin_window *w = &p->window;
    tin_status status = tin_pool_check(w, why);

    if (status == TIN_OK)
        status = tin_average_check((int64_t)w->kernel_h * w->kernel_w,
                                   p->origin, why);
    if (status != TIN_OK)
        return status;
    return tin_act_check(p->act_min, p->act_max, why);
}
