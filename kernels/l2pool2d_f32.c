/* SPDX-License-Identifier: MIT */
/* tin_l2pool2d_f32: see tinyinfer_reduce.h. */
#include <math.h>
#include "tinyinfer_reduce.h"

/* All channels of one output point. */
static void make_point(const tin_pool2d_f32_params *p, const tin_rows *in,
                       const tin_patch *v, float *out)
{
    const int32_t c = p->window.in_c;
    const float taps = (float)((v->ky1 - v->ky0) * (v->kx1 - v->kx0));
    int32_t row = v->row;

    for (int32_t i = 0; i < c; i++)
        out[i] = 0;
    for (int32_t ky = v->ky0; ky < v->ky1; ky++) {
        const float *x = tin_row(in, row);

        x += (size_t)v->col * (size_t)c;
        for (int32_t kx = v->kx0; kx < v->kx1; kx++, x += c)
            for (int32_t i = 0; i < c; i++)
                out[i] += x[i] * x[i];
        row = tin_ring_next(row, 1, in->rows);
    }
    for (int32_t i = 0; i < c; i++)
        out[i] = tin_clampf(sqrtf(out[i] / taps), p->act_min, p->act_max);
}

void tin_l2pool2d_f32(const void *params, const tin_rows *in,
                      const tin_rows *out, int32_t y0, int32_t y1,
                      void *scratch)
{
    const tin_pool2d_f32_params *p = params;
    const tin_window *win = &p->window;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        float *to = tin_row(out, y);
        tin_patch v;

        tin_patch_rows(&v, win, in->rows, y);
        for (int32_t ox = 0; ox < win->out_w; ox++, to += win->out_c) {
            tin_patch_cols(&v, win, ox);
            make_point(p, in, &v, to);
        }
    }
}

tin_status tin_l2pool2d_f32_check(const void *params, const char **why)
{
    const tin_pool2d_f32_params *p = params;
    const tin_status status = tin_pool_check(&p->window, why);

    if (status != TIN_OK)
        return status;
    return tin_rows_check_f32(&p->window, p->act_min, p->act_max, why);
}
