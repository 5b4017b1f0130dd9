/* SPDX-License-Identifier: MIT */
/* tin_table_x8: see tinyinfer_kernels.h. */
#include "tinyinfer_kernels.h"

void tin_table_x8(const void *params, const tin_rows *in, const tin_rows *out,
                  int32_t y0, int32_t y1, void *scratch)
{
    const tin_table_x8_params *p = params;
    const uint8_t *table = p->table;
    const int32_t n = p->row_elems;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const uint8_t *x = tin_row(in, y);
        uint8_t *dst = tin_row(out, y);

        for (int32_t i = 0; i < n; i++)
            dst[i] = table[x[i]];
    }
}

tin_status tin_table_x8_check(const void *params, const char **why)
{
    const tin_table_x8_params *p = params;

    if (p->row_elems < 1)
        return TIN_WHY(why, "a row has no elements"), TIN_ERR_SHAPE;
    if (!p->table)
        return TIN_WHY(why, "table is NULL"), TIN_ERR_ARG;
    return TIN_OK;
}
