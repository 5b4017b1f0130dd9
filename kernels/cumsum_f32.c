/* SPDX-License-Identifier: MIT */
/* tin_cumsum_f32: see tinyinfer_reduce.h. */
#include "tinyinfer_reduce.h"

/* One line along the axis; inner is the distance of its elements. */
static void add_up(const tin_cumsum_f32_params *p, const float *in, float *out)
{
    float sum = 0;

    for (int32_t i = 0; i < p->axis.extent; i++) {
        const size_t at = tin_axis_at(&p->axis, i, p->reverse);
        const float before = sum;

        sum += in[at];
        out[at] = p->exclusive ? before : sum;
    }
}

void tin_cumsum_f32(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_cumsum_f32_params *p = params;
    const size_t block = (size_t)p->axis.extent * (size_t)p->axis.inner;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const float *from = tin_row(in, y);
        float *to = tin_row(out, y);

        for (int32_t o = 0; o < p->axis.outer; o++, from += block, to += block)
            for (int32_t i = 0; i < p->axis.inner; i++)
                add_up(p, from + i, to + i);
    }
}

tin_status tin_cumsum_f32_check(const void *params, const char **why)
{
    const tin_cumsum_f32_params *p = params;

    return tin_axis_check(&p->axis, 4, why);
}
