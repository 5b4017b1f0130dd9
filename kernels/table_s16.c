/* SPDX-License-Identifier: MIT */
/* tin_table_s16: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

static int16_t look_up(const int16_t *table, int32_t x)
{
    const int32_t k = 256 + (x >> 7), f = x & 127;
    const int32_t slope = (int16_t)(uint16_t)(table[k + 1] - table[k]);

    return (int16_t)(uint16_t)(table[k] + ((slope * f + 64) >> 7));
}

void tin_table_s16(const void *params, const tin_rows *in, const tin_rows *out,
                   int32_t y0, int32_t y1, void *scratch)
{
    const tin_table_s16_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int16_t *from = tin_row(in, y);
        int16_t *to = tin_row(out, y);

        for (int32_t i = 0; i < p->row_elems; i++)
            to[i] = look_up(p->table, from[i]);
    }
}

tin_status tin_table_s16_check(const void *params, const char **why)
{
    const tin_table_s16_params *p = params;

    if (!p->table)
        return TIN_WHY(why, "table is NULL"), TIN_ERR_ARG;
    return tin_row_check(p->row_elems, 2, why);
}
