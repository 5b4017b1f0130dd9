/* SPDX-License-Identifier: MIT */
/* tin_neg_s64: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

void tin_neg_s64(const void *params, const tin_rows *in, const tin_rows *out,
                 int32_t y0, int32_t y1, void *scratch)
{
    const tin_neg_s64_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int64_t *from = tin_row(in, y);
        int64_t *to = tin_row(out, y);

        for (int32_t i = 0; i < p->row_elems; i++)
            to[i] = (int64_t)(0 - (uint64_t)from[i]);
    }
}

tin_status tin_neg_s64_check(const void *params, const char **why)
{
    return tin_row_check(((const tin_neg_s64_params *)params)->row_elems, 8,
                         why);
}
