/* SPDX-License-Identifier: MIT */
/*
 * row_jobs.h: the row contract. Rows that a kernel makes at once, in pieces,
 * and one by one between rings that hold no row too many are the same.
 */
#ifndef ROW_JOBS_H
#define ROW_JOBS_H

#include "rings.h"

/* What is beside the rows of an input: NaN in float, which spreads. */
enum { BESIDE = 0xff };

/* The input rows that output row y needs of input k. */
typedef void need(const void *params, int k, int32_t y, int32_t *first,
                  int32_t *last);

typedef struct {
    tin_kernel *run;
    const void *params;
    need *need;
    int n_in;
    tin_rows in[2]; /* resident */
    int32_t out_rows, out_bytes;
} job;

/* A ring that holds nothing but rows first .. last of input k, and begins
 * anywhere. */
static inline tin_rows window_of(const job *j, int k, int32_t first,
                                 int32_t last)
{
    tin_rows ring = ring_of(last - first + 1, j->in[k].row_bytes, BESIDE);

    ring.first = between(0, ring.rows - 1);
    for (int32_t y = first; y <= last; y++) {
        memcpy(tin_row(&ring, y), tin_row(&j->in[k], y),
               (size_t)ring.row_bytes);
    }
    return ring;
}

/* Output row y from rings that hold no row too many into a ring of two. */
static inline void run_row(const job *j, int32_t y, const void *expected)
{
    tin_rows in[2], out = ring_new(2, j->out_bytes);
    tin_rows untouched = ring_new(1, j->out_bytes);

    out.first = between(0, 1);
    for (int k = 0; k < j->n_in; k++) {
        int32_t first, last;

        j->need(j->params, k, y, &first, &last);
        in[k] = window_of(j, k, first, last);
    }
    j->run(j->params, in, &out, y, y + 1, NULL);
    cr_assert_arr_eq(tin_row(&out, y), expected, (size_t)j->out_bytes);
    cr_assert_arr_eq(tin_row(&out, y + 1), untouched.base,
                     (size_t)j->out_bytes);
    for (int k = 0; k < j->n_in; k++)
        ring_free(&in[k]);
    ring_free(&out), ring_free(&untouched);
}

/* Runs a job at once, in pieces, and row by row between short rings. Returns
 * the rows, to be given to ring_free. */
static inline tin_rows run_job(const job *j)
{
    tin_rows whole = ring_new(j->out_rows, j->out_bytes);
    tin_rows pieces = ring_new(j->out_rows, j->out_bytes);

    j->run(j->params, j->in, &whole, 0, j->out_rows, NULL);
    for (int32_t y = 0, end; y < j->out_rows; y = end) {
        end = between(y, j->out_rows);
        j->run(j->params, j->in, &pieces, y, end, NULL);
    }
    cr_assert_arr_eq(pieces.base, whole.base,
                     (size_t)j->out_rows * (size_t)j->out_bytes);
    for (int32_t y = 0; y < j->out_rows; y++)
        run_row(j, y, tin_row(&whole, y));
    ring_free(&pieces);
    return whole;
}

/* What run_job gives, to be freed. */
static inline void *run(const job *j)
{
    const size_t bytes = (size_t)j->out_rows * (size_t)j->out_bytes;
    tin_rows whole = run_job(j);
    void *result = malloc(bytes);

    memcpy(result, whole.base, bytes);
    ring_free(&whole);
    return result;
}

/* All rows that there are, one after the other. */
static inline tin_rows resident(const void *base, int32_t row_bytes)
{
    const tin_rows r = {.base = (void *)(uintptr_t)base,
                        .row_bytes = row_bytes,
                        .rows = INT32_MAX};

    return r;
}

/* A job of one input. */
static inline job job_on(tin_kernel *kernel, const void *params, need *rows,
                         const void *in, int32_t in_bytes, int32_t out_rows,
                         int32_t out_bytes)
{
    const job j = {.run = kernel,
                   .params = params,
                   .need = rows,
                   .n_in = 1,
                   .in = {resident(in, in_bytes)},
                   .out_rows = out_rows,
                   .out_bytes = out_bytes};

    return j;
}

/* Rows that need the row of their own number. */
static inline void need_same(const void *params, int k, int32_t y,
                             int32_t *first, int32_t *last)
{
    (void)params, (void)k;
    *first = *last = y;
}

#endif /* ROW_JOBS_H */
