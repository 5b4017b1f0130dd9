/* SPDX-License-Identifier: MIT */
/* tin_log_softmax_f32: see tinyinfer_unary.h. */
#include <math.h>
#include "tinyinfer_unary.h"

static void log_softmax(const float *in, int32_t c, float *out)
{
    float max = in[0], sum = 0, log;

    for (int32_t i = 1; i < c; i++)
        max = in[i] > max ? in[i] : max;
    for (int32_t i = 0; i < c; i++)
        sum += expf(in[i] - max);
    log = logf(sum);
    for (int32_t i = 0; i < c; i++)
        out[i] = in[i] - max - log;
}

void tin_log_softmax_f32(const void *params, const tin_rows *in,
                         const tin_rows *out, int32_t y0, int32_t y1,
                         void *scratch)
{
    const tin_log_softmax_f32_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const float *from = tin_row(in, y);
        float *to = tin_row(out, y);

        for (int32_t g = 0; g < p->groups; g++, from += p->c, to += p->c)
            log_softmax(from, p->c, to);
    }
}

tin_status tin_log_softmax_f32_check(const void *params, const char **why)
{
    const tin_log_softmax_f32_params *p = params;

    if (p->groups < 1 || p->c < 1)
        return TIN_WHY(why, "groups or c is not positive"), TIN_ERR_SHAPE;
    return tin_bytes_check(tin_size_mul(p->groups, p->c), 4, why);
}
