/* SPDX-License-Identifier: MIT */
/* tin_gather: see tinyinfer_move.h. */
#include <string.h>
#include "tinyinfer_move.h"

/* The element of the input at which block `n` of the output begins, counted
 * over batch, outer and count. */
static int32_t block_at(const tin_gather_params *p, const tin_rows *index,
                        int32_t n)
{
    const int32_t i = n % p->count, image = n / p->count;
    const int32_t b = image / p->outer, o = image % p->outer;
    const size_t first =
        ((size_t)b * (size_t)p->count + (size_t)i) * (size_t)p->depth;
    int32_t at = b * p->batch_step + o * p->outer_step;

    for (int32_t k = 0; k < p->depth; k++) {
        const int32_t x = tin_index_at(index->base, p->index_bytes,
                                       first + (size_t)k, p->extent[k]);

        at += tin_clamp(x, 0, p->extent[k] - 1) * p->step[k];
    }
    return at;
}

/* Blocks need not begin where rows do: a row has parts of blocks, or a block
 * parts in several rows. */
void tin_gather(const void *params, const tin_rows *in, const tin_rows *out,
                int32_t y0, int32_t y1, void *scratch)
{
    const tin_gather_params *p = params;
    const unsigned char *data = in[0].base;
    const size_t size = (size_t)p->elem_bytes;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        unsigned char *to = tin_row(out, y);
        int32_t block = y * p->row_elems / p->inner;
        int32_t skip = y * p->row_elems % p->inner;

        for (int32_t left = p->row_elems, n; left > 0; left -= n) {
            const int32_t from = block_at(p, &in[1], block++) + skip;

            n = p->inner - skip < left ? p->inner - skip : left;
            memcpy(to, data + (size_t)from * size, (size_t)n * size);
            to += (size_t)n * size;
            skip = 0;
        }
    }
}

/* All places of the formula lie within the input. */
static tin_status check_places(const tin_gather_params *p, const char **why)
{
    int64_t end = p->inner;

    end += (int64_t)(p->batch - 1) * p->batch_step;
    if (p->batch_step < 0 || p->outer_step < 0 || end > INT32_MAX)
        return TIN_WHY(why, "the steps leave the input"), TIN_ERR_SHAPE;
    end += (int64_t)(p->outer - 1) * p->outer_step;
    for (int32_t k = 0; k < p->depth; k++) {
        if (p->extent[k] < 1)
            return TIN_WHY(why, "an extent is not positive"), TIN_ERR_SHAPE;
        if (p->step[k] < 0 || end > INT32_MAX)
            return TIN_WHY(why, "the steps leave the input"), TIN_ERR_SHAPE;
        end += (int64_t)(p->extent[k] - 1) * p->step[k];
    }
    if (end > p->in_elems)
        return TIN_WHY(why, "the steps leave the input"), TIN_ERR_SHAPE;
    return TIN_OK;
}

tin_status tin_gather_check(const void *params, const char **why)
{
    const tin_gather_params *p = params;
    const int32_t blocks =
        tin_size_mul(tin_size_mul(p->batch, p->outer), p->count);
    tin_status status;

    if (p->batch < 1 || p->outer < 1 || p->count < 1 || p->inner < 1)
        return TIN_WHY(why, "a count is not positive"), TIN_ERR_SHAPE;
    if (p->depth < 1 || p->depth > TIN_GATHER_MAX)
        return TIN_WHY(why, "an index does not have 1 .. 6 numbers"),
               TIN_ERR_ARG;
    status =
        tin_indexed_check(p->elem_bytes, p->index_bytes,
                          tin_size_mul(blocks, p->inner), p->row_elems, why);
    if (status == TIN_OK)
        status = tin_row_check(p->in_elems, p->elem_bytes, why);
    if (status == TIN_OK)
        status = check_places(p, why);
    return status;
}
