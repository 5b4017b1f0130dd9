/* SPDX-License-Identifier: MIT */
/*
 * tin_concat: see tinyinfer_kernels.h.
 *
 * Along extents 3 and 4 every output row has a piece of each input's row;
 * along 0 .. 2 it is one row of one input.
 */
#include <string.h>
#include "tinyinfer_kernels.h"

/* Joins the inputs' rows y to output row y. What extents 3 and 4 make of a
 * row is `runs` runs, in each of which the inputs' pieces lie one after the
 * other, extent[k] times `unit` bytes long. */
static void join_row(const tin_concat_params *p, const tin_rows *in, int32_t y,
                     unsigned char *out)
{
    const size_t elem = (size_t)p->elem_bytes;
    const size_t unit = p->axis == 3 ? (size_t)p->dim[4] * elem : elem;
    const size_t step = (size_t)p->dim[4] * elem;
    const int32_t runs = p->axis == 3 ? 1 : p->dim[3];

    out += (size_t)p->first * unit;
    for (int32_t k = 0; k < p->n_in; k++) {
        const unsigned char *from = tin_row(&in[k], y);
        const size_t n = (size_t)p->extent[k] * unit;

        for (int32_t i = 0; i < runs; i++)
            memcpy(out + (size_t)i * step, from + (size_t)i * n, n);
        out += n;
    }
}

/* Copies to output row y the one row that belongs there, if that is one of
 * this step's: row `place` along the axis of input k. */
static void copy_row(const tin_concat_params *p, const tin_rows *in, int32_t y,
                     const tin_rows *out)
{
    const int32_t rows_inside =
        (p->axis < 1 ? p->dim[1] : 1) * (p->axis < 2 ? p->dim[2] : 1);
    const int32_t inner = y % rows_inside;
    const int32_t outer = y / rows_inside / p->dim[p->axis];
    int32_t place = y / rows_inside % p->dim[p->axis] - p->first;
    int32_t k = 0;

    while (k < p->n_in && place >= p->extent[k])
        place -= p->extent[k++];
    if (place >= 0 && k < p->n_in) {
        const int32_t row =
            (outer * p->extent[k] + place) * rows_inside + inner;

        memcpy(tin_row(out, y), tin_row(&in[k], row),
               (size_t)p->dim[3] * (size_t)p->dim[4] * (size_t)p->elem_bytes);
    }
}

void tin_concat(const void *params, const tin_rows *in, const tin_rows *out,
                int32_t y0, int32_t y1, void *scratch)
{
    const tin_concat_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        if (p->axis < 3)
            copy_row(p, in, y, out);
        else
            join_row(p, in, y, tin_row(out, y));
    }
}

/* The inputs, one after the other, within the output along the axis. */
static tin_status check_axis(const tin_concat_params *p, const char **why)
{
    int64_t end = p->first;

    if (p->axis < 0 || p->axis >= TIN_DIMS || p->n_in < 1 ||
        p->n_in > TIN_CONCAT_MAX) {
        TIN_WHY(why, "axis is outside 0 .. 4 or n_in outside 1 .. 7");
        return TIN_ERR_ARG;
    }
    for (int32_t k = 0; k < p->n_in; k++) {
        if (p->extent[k] < 1) {
            TIN_WHY(why, "an input is empty");
            return TIN_ERR_SHAPE;
        }
        end += p->extent[k];
    }
    if (p->first < 0 || end > p->dim[p->axis]) {
        TIN_WHY(why, "the inputs leave the output");
        return TIN_ERR_SHAPE;
    }
    return TIN_OK;
}

tin_status tin_concat_check(const void *params, const char **why)
{
    const tin_concat_params *p = params;
    tin_status status = tin_dims_check(p->dim, p->elem_bytes, why);

    if (status == TIN_OK)
        status = check_axis(p, why);
    return status;
}
