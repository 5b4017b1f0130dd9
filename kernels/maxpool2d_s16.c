/* SPDX-License-Identifier: MIT */
/* tin_maxpool2d_s16: see tinyinfer_s16.h. */
#include "tinyinfer_s16.h"

static int16_t largest(const tin_pool2d_s16_params *p, const tin_rows *in,
                       const tin_patch *v, int32_t c)
{
    const int32_t in_c = p->window.in_c;
    int32_t row = v->row, max = p->act_min;

    for (int32_t ky = v->ky0; ky < v->ky1; ky++) {
        const int16_t *x = tin_row(in, row);

        x += v->col * in_c + c;
        for (int32_t kx = v->kx0; kx < v->kx1; kx++, x += in_c)
            max = *x > max ? *x : max;
        row = tin_ring_next(row, 1, in->rows);
    }
    return (int16_t)(max < p->act_max ? max : p->act_max);
}

void tin_maxpool2d_s16(const void *params, const tin_rows *in,
                       const tin_rows *out, int32_t y0, int32_t y1,
                       void *scratch)
{
    const tin_pool2d_s16_params *p = params;
    tin_patch v;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        int16_t *dst = tin_row(out, y);

        tin_patch_rows(&v, &p->window, in->rows, y);
        for (int32_t ox = 0; ox < p->window.out_w; ox++) {
            tin_patch_cols(&v, &p->window, ox);
            for (int32_t c = 0; c < p->window.in_c; c++)
                *dst++ = largest(p, in, &v, c);
        }
    }
}

tin_status tin_maxpool2d_s16_check(const void *params, const char **why)
{
    const tin_pool2d_s16_params *p = params;
    const tin_status status = tin_pool_check(&p->window, why);

    if (status != TIN_OK)
        return status;
    if (tin_bytes_check(p->window.in_w * p->window.in_c, 2, why))
        return TIN_ERR_OVERFLOW;
    return tin_act_check_s16(p->act_min, p->act_max, why);
}
