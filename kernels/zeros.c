/* SPDX-License-Identifier: MIT */
/* tin_zeros: see tinyinfer_unary.h. */

#include <string.h>
#include "tinyinfer_unary.h"

void tin_zeros(const void *params, const tin_rows *in, const tin_rows *out,
               int32_t y0, int32_t y1, void *scratch)
{
    const tin_zeros_params *p = params;

    (void)in, (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        memset(tin_row(out, y), 0, (size_t)p->row_bytes);
}

tin_status tin_zeros_check(const void *params, const char **why)
{
    return tin_row_check(((const tin_zeros_params *)params)->row_bytes, 1, why);
}
