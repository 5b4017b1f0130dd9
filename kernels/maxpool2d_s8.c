/* SPDX-License-Identifier: MIT */
/* tin_maxpool2d_s8: see tinyinfer_pool.h. The maxima grow in the output
 * itself, from act_min on. */
#include "tinyinfer_pool.h"

/* Raises c maxima to the values of a tap. */
TIN_NOINLINE static void add_tap(const int8_t *restrict x, int32_t c,
                                 int8_t *restrict max)
{
    for (int32_t i = 0; i < c; i++)
        max[i] = x[i] > max[i] ? x[i] : max[i];
}

/* All channels of the output point that sees the patch v. */
static void pool_point(const tin_pool2d_s8_params *p, const tin_rows *in,
                       const tin_patch *v, int8_t *dst)
{
    const int32_t c = p->window.in_c, act_max = p->act_max;
    int32_t row = v->row;

    for (int32_t i = 0; i < c; i++)
        dst[i] = (int8_t)p->act_min;
    for (int32_t ky = v->ky0; ky < v->ky1; ky++) {
        const int8_t *x = tin_row(in, row);

        for (int32_t kx = v->kx0; kx < v->kx1; kx++)
            add_tap(x + (v->col + kx - v->kx0) * c, c, dst);
        row = tin_ring_next(row, 1, in->rows);
    }
    for (int32_t i = 0; act_max < 127 && i < c; i++)
        dst[i] = dst[i] < act_max ? dst[i] : (int8_t)act_max;
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
        pool_point(p, in, &v, dst);
        dst += w->out_c;
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
