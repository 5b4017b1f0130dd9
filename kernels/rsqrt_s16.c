/* SPDX-License-Identifier: MIT */
/* tin_rsqrt_s16: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

void tin_rsqrt_s16(const void *params, const tin_rows *in, const tin_rows *out,
                   int32_t y0, int32_t y1, void *scratch)
{
    const tin_rsqrt_s16_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int16_t *from = tin_row(in, y);
        int16_t *to = tin_row(out, y);

        for (int32_t i = 0; i < p->row_elems; i++) {
            int32_t r = 32767;

            if (from[i] > 0)
                r = tin_rsqrt(from[i], p->multiplier, p->shift);
            to[i] = (int16_t)tin_clamp(r, -32768, 32767);
        }
    }
}

tin_status tin_rsqrt_s16_check(const void *params, const char **why)
{
    const tin_rsqrt_s16_params *p = params;

    if (p->multiplier < 0 || p->shift < -11 || p->shift > 30)
        return TIN_WHY(why, "multiplier or shift out of range"), TIN_ERR_QUANT;
    return tin_row_check(p->row_elems, 2, why);
}
