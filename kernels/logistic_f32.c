/* SPDX-License-Identifier: MIT */
/* tin_logistic_f32: see tinyinfer_kernels.h. */
#include <math.h>
#include "tinyinfer_kernels.h"

/* Far left 1 + e^-x would overflow; the reference takes e^x from -9 on, so we
 * do. NaN fails the comparison and passes through. */
static float logistic(float x)
{
    return x < -9.0f ? expf(x) : 1.0f / (1.0f + expf(-x));
}

void tin_logistic_f32(const void *params, const tin_rows *in,
                      const tin_rows *out, int32_t y0, int32_t y1,
                      void *scratch)
{
    const tin_logistic_f32_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const float *from = tin_row(in, y);
        float *to = tin_row(out, y);

        for (int32_t i = 0; i < p->row_elems; i++)
            to[i] = logistic(from[i]);
    }
}

tin_status tin_logistic_f32_check(const void *params, const char **why)
{
    const tin_logistic_f32_params *p = params;

    return tin_row_check(p->row_elems, 4, why);
}
