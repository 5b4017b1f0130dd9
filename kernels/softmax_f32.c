/* SPDX-License-Identifier: MIT */
/* tin_softmax_f32: see tinyinfer_kernels.h. */
#include <math.h>
#include "tinyinfer_kernels.h"

/* One softmax. Subtracting the maximum keeps every power in 0 .. 1. An
 * infinite maximum gives Inf - Inf = NaN, which the sum then spreads. */
static void softmax(const float *in, int32_t c, float beta, float *out)
{
    float max = in[0], sum = 0;

    for (int32_t i = 1; i < c; i++)
        max = in[i] > max ? in[i] : max;
    for (int32_t i = 0; i < c; i++) {
        out[i] = expf((in[i] - max) * beta);
        sum += out[i];
    }
    for (int32_t i = 0; i < c; i++)
        out[i] /= sum;
}

void tin_softmax_f32(const void *params, const tin_rows *in,
                     const tin_rows *out, int32_t y0, int32_t y1, void *scratch)
{
    const tin_softmax_f32_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const float *from = tin_row(in, y);
        float *to = tin_row(out, y);

        for (int32_t g = 0; g < p->groups; g++, from += p->c, to += p->c)
            softmax(from, p->c, p->beta, to);
    }
}

tin_status tin_softmax_f32_check(const void *params, const char **why)
{
    const tin_softmax_f32_params *p = params;

    if (p->groups < 1 || p->c < 1) {
        TIN_WHY(why, "groups or c is not positive");
        return TIN_ERR_SHAPE;
    }
    if (!(p->beta > 0 && p->beta < INFINITY)) {
        TIN_WHY(why, "beta is not positive and finite");
        return TIN_ERR_ARG;
    }
    return tin_bytes_check(tin_size_mul(p->groups, p->c), 4, why);
}
