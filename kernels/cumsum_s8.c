/* SPDX-License-Identifier: MIT */
/* tin_cumsum_s8: see tinyinfer_reduce.h. */
#include "tinyinfer_reduce.h"

/* One line along the axis; inner is the distance of its elements. */
static void add_up(const tin_cumsum_s8_params *p, const int8_t *in, int8_t *out)
{
    const uint32_t zero = (uint32_t)p->in_zero << 19;
    uint32_t sum = 0 - zero; // wraps, as the reference's does

    for (int32_t i = 0; i < p->axis.extent; i++) {
        const size_t at = tin_axis_at(&p->axis, i, p->reverse);
        const uint32_t before = sum;

        sum += ((uint32_t)in[at] << 19) - zero;
        out[at] =
            tin_output_s8((int32_t)(p->exclusive ? before : sum), p->multiplier,
                          p->shift, p->out_zero, -128, 127);
    }
}

void tin_cumsum_s8(const void *params, const tin_rows *in, const tin_rows *out,
                   int32_t y0, int32_t y1, void *scratch)
{
    const tin_cumsum_s8_params *p = params;
    const size_t block = (size_t)p->axis.extent * (size_t)p->axis.inner;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int8_t *from = tin_row(in, y);
        int8_t *to = tin_row(out, y);

        for (int32_t o = 0; o < p->axis.outer; o++, from += block, to += block)
            for (int32_t i = 0; i < p->axis.inner; i++)
                add_up(p, from + i, to + i);
    }
}

tin_status tin_cumsum_s8_check(const void *params, const char **why)
{
    const tin_cumsum_s8_params *p = params;
    tin_status status = tin_axis_check(&p->axis, 1, why);

    if (status == TIN_OK)
        status = tin_zero_check(p->in_zero, why);
    if (status == TIN_OK)
        status = tin_zero_check(p->out_zero, why);
    if (status == TIN_OK)
        status = tin_scale_check(p->multiplier, p->shift, 0, why);
    return status;
}
