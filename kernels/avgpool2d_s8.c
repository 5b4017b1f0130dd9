/* SPDX-License-Identifier: MIT */
/* tin_avgpool2d_s8: see tinyinfer_kernels.h. */
#include "tinyinfer_kernels.h"

/* The sum of one channel over a patch; col is where it begins in a row. */
TIN_NOINLINE static int32_t add_patch(const tin_rows *in, const tin_patch *v,
                                      int32_t col, int32_t step)
{
    const int32_t cols = v->kx1 - v->kx0;
    int32_t row = v->row, sum = 0;

    for (int32_t ky = v->ky0; ky < v->ky1; ky++) {
        const int8_t *x = tin_row(in, row);

        x += col;
        for (int32_t kx = 0; kx < cols; kx++)
            sum += x[kx * step]; // |sum| <= 2^23 * 128
        row = tin_ring_next(row, 1, in->rows);
    }
    return sum;
}

static void pool_row(const tin_pool2d_s8_params *p, const tin_rows *in,
                     const tin_rows *out, int32_t y)
{
    const tin_window *w = &p->window;
    int8_t *restrict dst = tin_row(out, y);
    tin_patch v;

    tin_patch_rows(&v, w, in->rows, y);
    for (int32_t ox = 0; ox < w->out_w; ox++) {
        int32_t count;

        tin_patch_cols(&v, w, ox);
        count = (v.ky1 - v.ky0) * (v.kx1 - v.kx0);
        for (int32_t c = 0; c < w->in_c; c++) {
            int32_t sum = add_patch(in, &v, v.col * w->in_c + c, w->in_c);

            sum += sum > 0 ? count / 2 : -(count / 2);
            *dst++ = (int8_t)tin_clamp(sum / count, p->act_min, p->act_max);
        }
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
    const tin_status status = tin_pool_check(w, why);

    if (status != TIN_OK)
        return status;
    if ((int64_t)w->kernel_h * w->kernel_w > (int32_t)1 << 23)
        return TIN_WHY(why, "the sum of a window can exceed 32 bits"),
               TIN_ERR_OVERFLOW;
    return tin_act_check(p->act_min, p->act_max, why);
}
