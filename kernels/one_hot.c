/* SPDX-License-Identifier: MIT */
/* tin_one_hot: see tinyinfer_move.h. */
#include <string.h>
#include "tinyinfer_move.h"

void tin_one_hot(const void *params, const tin_rows *in, const tin_rows *out,
                 int32_t y0, int32_t y1, void *scratch)
{
    const tin_one_hot_params *p = params;
    const size_t size = (size_t)p->elem_bytes;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int32_t first = y * p->row_elems;
        int32_t i = first % p->inner;
        int32_t d = first / p->inner % p->depth;
        int32_t o = first / p->inner / p->depth;
        unsigned char *to = tin_row(out, y);

        for (int32_t k = 0; k < p->row_elems; k++, to += size) {
            const size_t at = (size_t)o * (size_t)p->inner + (size_t)i;
            const int32_t index =
                tin_index_at(in->base, p->index_bytes, at, p->depth);

            memcpy(to, index == d ? p->on : p->off, size);
            if (++i == p->inner) {
                i = 0;
                d++;
            }
            if (d == p->depth) {
                d = 0;
                o++;
            }
        }
    }
}

tin_status tin_one_hot_check(const void *params, const char **why)
{
    const tin_one_hot_params *p = params;
    const int32_t elems =
        tin_size_mul(tin_size_mul(p->outer, p->depth), p->inner);

    if (p->outer < 1 || p->depth < 1 || p->inner < 1)
        return TIN_WHY(why, "a count is not positive"), TIN_ERR_SHAPE;
    return tin_indexed_check(p->elem_bytes, p->index_bytes, elems, p->row_elems,
                             why);
}
