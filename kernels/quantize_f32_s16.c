/* SPDX-License-Identifier: MIT */
/* tin_quantize_f32_s16: see tinyinfer_s16.h. */
#include "tinyinfer_s16.h"

/* x rounded half away from zero, for |x| <= 2^23: the rest after truncation
 * is exact. */
static int32_t round_away(float x)
{
    const int32_t whole = (int32_t)x;
    const float rest = x - (float)whole;

    return whole + (rest >= 0.5f ? 1 : rest <= -0.5f ? -1 : 0);
}

/* Clamped before the conversion, which is undefined outside of int32_t: with
 * |zero| <= 32768, 65536 is as good as infinity. A division, not a reciprocal:
 * it decides which side of a half a value falls. */
static int16_t quantize(float x, float scale, int32_t zero)
{
    const float scaled = tin_clampf(x / scale, -65536.0f, 65536.0f);

    if (scaled != scaled) // NaN
        return (int16_t)zero;
    return (int16_t)tin_clamp(round_away(scaled) + zero, -32768, 32767);
}

void tin_quantize_f32_s16(const void *params, const tin_rows *in,
                          const tin_rows *out, int32_t y0, int32_t y1,
                          void *scratch)
{
    const tin_quantize_f32_s16_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const float *restrict from = tin_row(in, y);
        int16_t *restrict to = tin_row(out, y);

        for (int32_t i = 0; i < p->row_elems; i++)
            to[i] = quantize(from[i], p->scale, p->zero);
    }
}

tin_status tin_quantize_f32_s16_check(const void *params, const char **why)
{
    const tin_quantize_f32_s16_params *p = params;
    tin_status status = tin_row_check(p->row_elems, 4, why);

    if (status == TIN_OK)
        status = tin_scale_check_f32(p->scale, why);
    if (status == TIN_OK)
        status = tin_zero_check_s16(p->zero, why);
    return status;
}
