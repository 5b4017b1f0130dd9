/* SPDX-License-Identifier: MIT */
/* tin_leaky_relu_f32: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

void tin_leaky_relu_f32(const void *params, const tin_rows *in,
                        const tin_rows *out, int32_t y0, int32_t y1,
                        void *scratch)
{
    const tin_leaky_relu_f32_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const float *from = tin_row(in, y);
        float *to = tin_row(out, y);

        for (int32_t i = 0; i < p->row_elems; i++)
            to[i] = from[i] > 0 ? from[i] : from[i] * p->alpha;
    }
}

tin_status tin_leaky_relu_f32_check(const void *params, const char **why)
{
    const tin_leaky_relu_f32_params *p = params;

    if (p->alpha - p->alpha != 0) // NaN or infinite
        return TIN_WHY(why, "alpha is not finite"), TIN_ERR_ARG;
    return tin_row_check(p->row_elems, 4, why);
}
