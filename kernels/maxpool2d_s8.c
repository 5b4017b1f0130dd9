/* SPDX-License-Identifier: MIT */
/* tin_maxpool2d_s8: see tinyinfer_kernels.h. */
#include "tinyinfer_kernels.h"

/* The maximum of one channel over a patch; col is where it begins in a row. */
TIN_NOINLINE static int32_t max_patch(const tin_rows *in, const tin_patch *v,
                                      int32_t col, int32_t step)
{
    const int32_t cols = v->kx1 - v->kx0;
    int32_t row = v->row, max = -128;

    for (int32_t ky = v->ky0; ky < v->ky1; ky++) {
        const int8_t *x = tin_row(in, row);

        x += col;
        for (int32_t kx = 0; kx < cols; kx++)
            max = x[kx * step] > max ? x[kx * step] : max;
        row = tin_ring_next(row, 1, in->rows);
    }
    return max;
}

static void pool_row(const tin_pool2d_s8_params *p, const tin_rows *in,
                     const tin_rows *out, int32_t y)
{
    const tin_window *w = &p->window;
    int8_t *restrict dst = tin_row(out, y);
    tin_patch v;

    tin_patch_rows(&v, w, in->rows, y);
    for (int32_t ox = 0; ox < w->out_w; ox++) {
        tin_patch_cols(&v, w, ox);
        for (int32_t c = 0; c < w->in_c; c++) {
            int32_t max = max_patch(in, &v, v.col * w->in_c + c, w->in_c);

            *dst++ = (int8_t)tin_clamp(max, p->act_min, p->act_max);
        }
    }
}

void tin_maxpool2d_s8(const void *params, const tin_rows *in,
                      const tin_rows *out, int32_t y0, int32_t y1,
                      void *scratch)
{
    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        pool_row(params, in, out, y);
}

tin_status tin_maxpool2d_s8_check(const void *params, const char **why)
{
    const tin_pool2d_s8_params *p = params;
    const tin_status status = tin_pool_check(&p->window, why);

    if (status != TIN_OK)
        return status;
    return tin_act_check(p->act_min, p->act_max, why);
}
