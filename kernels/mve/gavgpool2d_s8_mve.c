/* SPDX-License-Identifier: MIT */
/* tin_gavgpool2d_s8_mve: see tinyinfer_pool.h. Rows are added to the sums
 * four channels at a time. */
#include "tinyinfer_pool.h"

#if TIN_HAVE_MVE

# include <arm_mve.h>

/* The sums of an image's first row begin at 0. */
static void add_row(const int8_t *x, int32_t w, int32_t c, int32_t *sum,
                    int first)
{
    for (int32_t left = c; left > 0; left -= 4) {
        const mve_pred16_t mask = vctp32q((uint32_t)left);
        const int8_t *from = x;
        int32x4_t s = vdupq_n_s32(0);

        if (!first)
            s = vldrwq_z_s32(sum, mask);
        if (left >= 4) {
            for (int32_t i = w; i > 0; i--) {
                s = vaddq_s32(s, vldrbq_s32(from)); // |s| <= 2^23 * 128
                from += c;
            }
        } else {
            for (int32_t i = w; i > 0; i--) {
                s = vaddq_s32(s, vldrbq_z_s32(from, mask));
                from += c;
            }
        }
        vstrwq_p_s32(sum, s, mask);
        x += 4;
        sum += 4;
    }
}

static void finish(const tin_gavgpool2d_s8_params *p, const int32_t *sum,
                   int8_t *dst)
{
    const int32_t taps = p->in_h * p->in_w;

    for (int32_t i = 0; i < p->c; i++) {
        const int32_t y = tin_average_s8(sum[i], taps, p->origin);

        dst[i] = (int8_t)tin_clamp(y, p->act_min, p->act_max);
    }
}

void tin_gavgpool2d_s8_mve(const void *params, const tin_rows *in,
                           const tin_rows *out, int32_t y0, int32_t y1,
                           void *scratch)
{
    const tin_gavgpool2d_s8_params *p = params;

    for (int32_t y = y0; y < y1; y++) {
        const int32_t image = y / p->in_h, iy = y - image * p->in_h;

        add_row(tin_row(in, y), p->in_w, p->c, scratch, iy == 0);
        if (iy == p->in_h - 1)
            finish(p, scratch, tin_row(out, image));
    }
}

#endif /* TIN_HAVE_MVE */
