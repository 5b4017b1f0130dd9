/* SPDX-License-Identifier: MIT */
/* variants_mve_map.c: what kernels/mve has for rows that may be made in place:
 * the table operator and softmax; see variants.h. */
#include "variants.h"

#if TIN_HAVE_MVE

# include <string.h>

enum { CASES = 400 };

/* Where the kernel writes: a tensor of its own, a ring of one row, the input
 * itself, or some bytes before it. */
enum { APART, RING, IN_PLACE, BEFORE, PLACES };

typedef struct {
    const char *name;
    tin_kernel *portable, *mve;
    const void *params, *mve_params;
    int32_t rows, row_bytes;
} job;

/* Row by row, from a ring that begins anywhere to a single row. */
static void in_rings(const job *j, const tin_rows *in, const tin_rows *got)
{
    const tin_rows one = variants_tensor(1, j->row_bytes);
    tin_rows ring = variants_tensor(3, j->row_bytes);

    ring.first = variants_range(0, 2);
    for (int32_t y = 0; y < j->rows; y++) {
        memcpy(tin_row(&ring, y), tin_row(in, y), (size_t)j->row_bytes);
        variants_run(j->mve, j->mve_params, &ring, &one, y, y + 1, NULL);
        memcpy(tin_row(got, y), one.base, (size_t)j->row_bytes);
    }
}

/* The input moved to the end of a larger buffer, in which the output begins
 * `before` bytes before it. */
static tin_rows overlapped(const job *j, const tin_rows *in, int32_t before)
{
    const size_t bytes = (size_t)(j->rows * j->row_bytes);
    tin_rows got = variants_tensor(j->rows * j->row_bytes + before, 1),
             moved = *in;

    moved.base = (int8_t *)got.base + before;
    memcpy(moved.base, in->base, bytes);
    got.rows = j->rows;
    got.row_bytes = j->row_bytes;
    variants_run(j->mve, j->mve_params, &moved, &got, 0, j->rows, NULL);
    return got;
}

static void compare(variants_report *r, const job *j, int place)
{
    const tin_rows in = variants_tensor(j->rows, j->row_bytes);
    const tin_rows want = variants_tensor(j->rows, j->row_bytes);
    tin_rows got = variants_tensor(j->rows, j->row_bytes);
    const int32_t y = variants_range(0, j->rows);

    if (variants_random() % 4 == 0) // all alike, or of few values
        for (int32_t i = 0; i < j->rows * j->row_bytes; i++)
            ((int8_t *)in.base)[i] = (int8_t)(100 + variants_range(0, 1) * 9);
    j->portable(j->params, &in, &want, 0, j->rows, NULL);
    if (place == RING) {
        in_rings(j, &in, &got);
    } else if (place == APART) {
        variants_run(j->mve, j->mve_params, &in, &got, 0, y, NULL);
        variants_run(j->mve, j->mve_params, &in, &got, y, j->rows, NULL);
    } else {
        got = overlapped(j, &in, place == BEFORE ? variants_range(1, 40) : 0);
    }
    variants_check(r, j->name, want.base, got.base,
                   (uint32_t)(j->rows * j->row_bytes));
}

static void table_x8(variants_report *r, uint32_t seed)
{
    tin_table_x8_params p;
    job j = {"table_x8_mve", tin_table_x8, tin_table_x8_mve, &p, &p, 0, 0};

    variants_begin(seed);
    j.rows = 1 + (int32_t)seed % 5;
    j.row_bytes = 1 + (int32_t)(seed % 100);
    p.row_elems = j.row_bytes;
    p.table = variants_buffer(256, variants_random() % 16);
    compare(r, &j, (int)(seed / 5) % PLACES);
}

/* Scales from hardly any difference to a wide one, and sums so large that all
 * outputs round to 0. */
static void softmax_s8(variants_report *r, uint32_t seed)
{
    tin_softmax_s8_dsp_params p;
    tin_softmax_s8_params *q = &p.softmax;
    job j = {"softmax_s8_mve", tin_softmax_s8, tin_softmax_s8_mve, q, &p, 0, 0};
    int32_t *packed;

    variants_begin(seed);
    q->c = seed % 20 == 0 ? variants_range(500, 4095) : 1 + (int32_t)seed % 70;
    q->groups = seed % 20 == 0 ? 1 : variants_range(1, 5);
    q->shift = variants_range(seed % 3 ? 19 : 0, seed % 3 ? 28 : 30);
    q->multiplier = variants_range(seed % 7 ? 1 << 30 : 0, INT32_MAX);
    q->diff_min = -(int32_t)(((int64_t)31 << 26) >> q->shift);
    if (seed % 11 == 0)
        q->diff_min = q->diff_min < -300 ? -variants_range(0, 300) : 0;
    r->failed += tin_softmax_s8_check(q, NULL) != TIN_OK;
    packed = variants_buffer((uint32_t)tin_softmax_s8_dsp_packed_size(q), 0);
    tin_softmax_s8_dsp_pack(q, packed);
    p.packed = packed;
    j.rows = seed % 20 == 0 ? 1 : variants_range(1, 4);
    j.row_bytes = q->groups * q->c;
    compare(r, &j, (int)(seed / 5) % PLACES);
}

#endif /* TIN_HAVE_MVE */

void variants_mve_map(variants_report *r)
{
#if TIN_HAVE_MVE
    for (uint32_t seed = 0; seed < CASES; seed++) {
        table_x8(r, seed);
        softmax_s8(r, seed);
    }
#else
    r->unavailable++;
#endif
}
