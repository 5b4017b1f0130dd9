/* SPDX-License-Identifier: MIT */
/* tin_dequantize_s16_f32: see tinyinfer_s16.h. */
#include "tinyinfer_s16.h"

void tin_dequantize_s16_f32(const void *params, const tin_rows *in,
                            const tin_rows *out, int32_t y0, int32_t y1,
                            void *scratch)
{
    const tin_dequantize_s16_f32_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int16_t *restrict from = tin_row(in, y);
        float *restrict to = tin_row(out, y);

        for (int32_t i = 0; i < p->row_elems; i++)
            to[i] = p->scale * (float)(from[i] - p->zero);
    }
}

tin_status tin_dequantize_s16_f32_check(const void *params, const char **why)
{
    const tin_dequantize_s16_f32_params *p = params;
    tin_status status = tin_row_check(p->row_elems, 4, why);

    if (status == TIN_OK)
        status = tin_scale_check_f32(p->scale, why);
    if (status == TIN_OK)
        status = tin_zero_check_s16(p->zero, why);
    return status;
}
