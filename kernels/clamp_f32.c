/* SPDX-License-Identifier: MIT */
/* tin_clamp_f32: see tinyinfer_kernels.h. */
#include "tinyinfer_kernels.h"

void tin_clamp_f32(const void *params, const tin_rows *in, const tin_rows *out,
                   int32_t y0, int32_t y1, void *scratch)
{
    const tin_clamp_f32_params *p = params;
    const float lo = p->min, hi = p->max;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const float *from = tin_row(in, y);
        float *to = tin_row(out, y);

        for (int32_t i = 0; i < p->row_elems; i++)
            to[i] = tin_clampf(from[i], lo, hi);
    }
}

tin_status tin_clamp_f32_check(const void *params, const char **why)
{
    const tin_clamp_f32_params *p = params;
    const tin_status status = tin_row_check(p->row_elems, 4, why);

    return status != TIN_OK ? status : tin_act_check_f32(p->min, p->max, why);
}
