/* SPDX-License-Identifier: MIT */
/* tin_l2norm_f32: see tinyinfer_reduce.h. */
#include <math.h>
#include "tinyinfer_reduce.h"

static void normalize(const float *in, int32_t c, float *out)
{
    float length = sqrtf(tin_dot_f32(0, in, in, c));

    if (length < 1e-6f)
        length = 1e-6f;
    for (int32_t i = 0; i < c; i++)
        out[i] = in[i] / length;
}

void tin_l2norm_f32(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_l2norm_f32_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const float *from = tin_row(in, y);
        float *to = tin_row(out, y);

        for (int32_t g = 0; g < p->groups; g++, from += p->c, to += p->c)
            normalize(from, p->c, to);
    }
}

tin_status tin_l2norm_f32_check(const void *params, const char **why)
{
    const tin_l2norm_f32_params *p = params;

    if (p->groups < 1 || p->c < 1)
        return TIN_WHY(why, "groups or c is not positive"), TIN_ERR_SHAPE;
    return tin_bytes_check(tin_size_mul(p->groups, p->c), 4, why);
}
