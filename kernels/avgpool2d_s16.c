/* SPDX-License-Identifier: MIT */
/* tin_avgpool2d_s16: see tinyinfer_s16.h. */
#include "tinyinfer_s16.h"

/* The average of channel c; |sum| < 2^16 * 2^15. */
static int16_t average(const tin_pool2d_s16_params *p, const tin_rows *in,
                       const tin_patch *v, int32_t c)
{
    const int32_t taps = (v->ky1 - v->ky0) * (v->kx1 - v->kx0);
    const int32_t in_c = p->window.in_c;
    int32_t row = v->row, sum = 0;

    for (int32_t ky = v->ky0; ky < v->ky1; ky++) {
        const int16_t *x = tin_row(in, row);

        x += v->col * in_c + c;
        for (int32_t kx = v->kx0; kx < v->kx1; kx++, x += in_c)
            sum += *x;
        row = tin_ring_next(row, 1, in->rows);
    }
    sum += sum > 0 ? taps / 2 : -(taps / 2);
    return (int16_t)tin_clamp(sum / taps, p->act_min, p->act_max);
}

void tin_avgpool2d_s16(const void *params, const tin_rows *in,
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
                *dst++ = average(p, in, &v, c);
        }
    }
}

tin_status tin_avgpool2d_s16_check(const void *params, const char **why)
{
    const tin_pool2d_s16_params *p = params;
    const tin_window *w = &p->window;
    const tin_status status = tin_pool_check(w, why);

    if (status != TIN_OK)
        return status;
    if (tin_bytes_check(w->in_w * w->in_c, 2, why))
        return TIN_ERR_OVERFLOW;
    if ((int64_t)w->kernel_h * w->kernel_w > 65535)
        return TIN_WHY(why, "the sum of a window can exceed 32 bits"),
               TIN_ERR_OVERFLOW;
    return tin_act_check_s16(p->act_min, p->act_max, why);
}
