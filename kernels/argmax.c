/* SPDX-License-Identifier: MIT */
/* tin_argmax: see tinyinfer_reduce.h. */
#include <string.h>
#include "tinyinfer_reduce.h"

/* The place of the best element along the axis that begins at element `at`. */
static int32_t best_of(const tin_argmax_params *p, const void *row, size_t at)
{
    int32_t best = 0, best_key = tin_key(row, at, p->type);

    for (int32_t i = 1; i < p->axis.extent; i++) {
        int32_t key;

        at += (size_t)p->axis.inner;
        key = tin_key(row, at, p->type);
        if (p->minimum ? key < best_key : key > best_key) {
            best = i;
            best_key = key;
        }
    }
    return best;
}

void tin_argmax(const void *params, const tin_rows *in, const tin_rows *out,
                int32_t y0, int32_t y1, void *scratch)
{
    const tin_argmax_params *p = params;
    const tin_axis *a = &p->axis;
    const int32_t n = a->outer * a->inner;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const void *from = tin_row(in, y);
        void *to = tin_row(out, y);

        for (int32_t i = 0; i < n; i++) {
            const size_t block = (size_t)(i / a->inner) * (size_t)a->extent;
            const size_t at = block * (size_t)a->inner + (size_t)(i % a->inner);
            const int32_t best = best_of(p, from, at);
            const int64_t wide = best;

            if (p->index_bytes == 4)
                ((int32_t *)to)[i] = best;
            else // rows of 64 bits are aligned to 4 bytes
                memcpy((char *)to + 8 * (size_t)i, &wide, sizeof wide);
        }
    }
}

tin_status tin_argmax_check(const void *params, const char **why)
{
    const tin_argmax_params *p = params;
    tin_status status;

    if (p->type < TIN_KEY_S8 || p->type > TIN_KEY_F32)
        return TIN_WHY(why, "no such type"), TIN_ERR_ARG;
    if (p->index_bytes != 4 && p->index_bytes != 8)
        return TIN_WHY(why, "indices are not of 4 or 8 bytes"), TIN_ERR_ARG;
    status = tin_axis_check(&p->axis, tin_key_bytes(p->type), why);
    if (status != TIN_OK)
        return status;
    return tin_bytes_check(tin_size_mul(p->axis.outer, p->axis.inner),
                           p->index_bytes, why);
}
