/* SPDX-License-Identifier: MIT */
/* tin_strided_copy: see tinyinfer_move.h. */
#include <string.h>
#include "tinyinfer_move.h"

enum { LAST = TIN_COPY_DIMS - 1 };

/* A place of the input. */
typedef struct {
    int32_t row, elem;
} place;

/* Sizes that the compiler knows are copied without a call. */
static void copy_elem(unsigned char *out, const unsigned char *from,
                      size_t size)
{
    switch (size) {
    case 1: *out = *from; break;
    case 2: memcpy(out, from, 2); break;
    case 4: memcpy(out, from, 4); break;
    default: memcpy(out, from, 8); break;
    }
}

/* Copies the run along the last extent that begins at `from`. */
static void copy_run(const tin_strided_copy_params *p, const tin_rows *in,
                     place from, unsigned char *out)
{
    const size_t size = (size_t)p->elem_bytes;
    const int32_t n = p->dim[LAST];
    const int32_t row_step = p->row_step[LAST], step = p->elem_step[LAST];
    const unsigned char *row = tin_row(in, from.row);

    if (row_step == 0 && step == 1) {
        memcpy(out, row + (size_t)from.elem * size, (size_t)n * size);
        return;
    }
    for (int32_t i = 0; i < n; i++, out += size) {
        if (row_step != 0)
            row = tin_row(in, from.row + i * row_step);
        copy_elem(out, row + (size_t)(from.elem + i * step) * size, size);
    }
}

/* Where output row y begins. */
static place first_place(const tin_strided_copy_params *p, int32_t y)
{
    place at = {p->row, p->elem};

    for (int k = TIN_COPY_ROWS - 1; k >= 0 && y > 0; k--) {
        const int32_t i = y % p->dim[k];

        y /= p->dim[k];
        at.row += i * p->row_step[k];
        at.elem += i * p->elem_step[k];
    }
    return at;
}

/* Moves on along extent `k` or, at its end, back to its start and along the
 * one in front of it. Returns 0 at the end of the row. */
static int next_run(const tin_strided_copy_params *p, int32_t *index, place *at)
{
    for (int k = LAST - 1; k >= TIN_COPY_ROWS; k--) {
        const int32_t by = ++index[k] < p->dim[k] ? 1 : 1 - p->dim[k];

        at->row += by * p->row_step[k];
        at->elem += by * p->elem_step[k];
        if (by == 1)
            return 1;
        index[k] = 0;
    }
    return 0;
}

void tin_strided_copy(const void *params, const tin_rows *in,
                      const tin_rows *out, int32_t y0, int32_t y1,
                      void *scratch)
{
    const tin_strided_copy_params *p = params;
    const size_t run_bytes = (size_t)p->dim[LAST] * (size_t)p->elem_bytes;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        int32_t index[TIN_COPY_DIMS] = {0};
        unsigned char *to = tin_row(out, y);
        place at = first_place(p, y);

        do {
            copy_run(p, in, at, to);
            to += run_bytes;
        } while (next_run(p, index, &at));
    }
}

/* Do all places lie in 0 .. size - 1 that `first` and steps lead to? */
static int within(const int32_t *dim, const int32_t *step, int32_t first,
                  int32_t size)
{
    int64_t low = first, high = first;

    for (int k = 0; k < TIN_COPY_DIMS; k++) {
        const int64_t way = (int64_t)(dim[k] - 1) * step[k];

        if (way < -INT32_MAX || way > INT32_MAX)
            return 0;
        low += way < 0 ? way : 0;
        high += way > 0 ? way : 0;
    }
    return 0 <= low && high < size;
}

static tin_status check_sizes(const tin_strided_copy_params *p,
                              const char **why)
{
    int32_t rows = 1, elems = 1;

    for (int k = 0; k < TIN_COPY_DIMS; k++) {
        if (p->dim[k] < 1)
            return TIN_WHY(why, "an extent is not positive"), TIN_ERR_SHAPE;
        if (k < TIN_COPY_ROWS)
            rows = tin_size_mul(rows, p->dim[k]);
        else
            elems = tin_size_mul(elems, p->dim[k]);
    }
    if (rows < 0)
        return TIN_WHY(why, "there are more than 2^31 - 1 rows"),
               TIN_ERR_OVERFLOW;
    return tin_bytes_check(elems, p->elem_bytes, why);
}

tin_status tin_strided_copy_check(const void *params, const char **why)
{
    const tin_strided_copy_params *p = params;
    tin_status status = tin_elem_check(p->elem_bytes, why);

    if (status == TIN_OK)
        status = tin_row_check(p->in_elems, p->elem_bytes, why);
    if (status == TIN_OK)
        status = check_sizes(p, why);
    if (status != TIN_OK)
        return status;
    if (p->in_rows < 1 || !within(p->dim, p->row_step, p->row, p->in_rows) ||
        !within(p->dim, p->elem_step, p->elem, p->in_elems))
        return TIN_WHY(why, "the steps leave the input"), TIN_ERR_SHAPE;
    return TIN_OK;
}
