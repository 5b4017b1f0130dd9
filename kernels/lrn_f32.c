/* SPDX-License-Identifier: MIT */
/* tin_lrn_f32: see tinyinfer_reduce.h. */
#include <math.h>
#include "tinyinfer_reduce.h"

static void normalize(const tin_lrn_f32_params *p, const float *in, float *out)
{
    for (int32_t i = 0; i < p->c; i++) {
        const int32_t first = i > p->radius ? i - p->radius : 0;
        const int32_t after = p->c - i > p->radius ? i + p->radius + 1 : p->c;
        const float sum = tin_dot_f32(0, in + first, in + first, after - first);

        out[i] = in[i] * powf(p->bias + p->alpha * sum, -p->beta);
    }
}

void tin_lrn_f32(const void *params, const tin_rows *in, const tin_rows *out,
                 int32_t y0, int32_t y1, void *scratch)
{
    const tin_lrn_f32_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const float *from = tin_row(in, y);
        float *to = tin_row(out, y);

        for (int32_t g = 0; g < p->groups; g++, from += p->c, to += p->c)
            normalize(p, from, to);
    }
}

tin_status tin_lrn_f32_check(const void *params, const char **why)
{
    const tin_lrn_f32_params *p = params;

    if (p->groups < 1 || p->c < 1 || p->radius < 0)
        return TIN_WHY(why, "groups or c is not positive, or radius negative"),
               TIN_ERR_SHAPE;
    if (p->bias != p->bias || p->alpha != p->alpha || p->beta != p->beta)
        return TIN_WHY(why, "bias, alpha or beta is NaN"), TIN_ERR_ARG;
    return tin_bytes_check(tin_size_mul(p->groups, p->c), 4, why);
}
