/* SPDX-License-Identifier: MIT */
/*
 * row_jobs.h: the row contract. Rows that a kernel makes at once, in pieces,
 * one by one between rings that hold no row too many, and in place are the
 * same.
 */
#ifndef ROW_JOBS_H
#define ROW_JOBS_H

#include "rings.h"

/* What is beside the rows of an input: NaN in float, which spreads. */
enum { BESIDE = 0xff };

enum { JOB_INPUTS = 7 };

/* The input rows that row y of the work needs of input k; none of them where
 * last < first. */
typedef void need(const void *params, int k, int32_t y, int32_t *first,
                  int32_t *last);

typedef struct {
    const char *name; /* or NULL: for kernels of a list */
    tin_kernel *run;
    const void *params;
    need *need;
    int n_in;
    tin_rows in[JOB_INPUTS]; /* resident */
    int32_t out_rows, out_bytes;
    int32_t steps;         /* rows of work for a row of output; 0: one */
    int32_t scratch_bytes; /* 0: none */
    unsigned in_place;     /* bit k: the output may lie where input k does */
} job;

/* Rows of work that make so many of the output. */
static inline int32_t work_of(const job *j, int32_t rows)
{
    return rows * (j->steps ? j->steps : 1);
}

static inline void same_bytes(const job *j, const char *how, const void *got,
                              const void *want, int32_t rows)
{
    cr_assert_arr_eq(got, want, (size_t)rows * (size_t)j->out_bytes,
                     "%s: not the same %s", j->name ? j->name : "the kernel",
                     how);
}

/* A ring that holds nothing but rows first .. last of input k, and begins
 * anywhere. */
static inline tin_rows window_of(const job *j, int k, int32_t first,
                                 int32_t last)
{
    tin_rows ring = ring_of(first <= last ? last - first + 1 : 1,
                            j->in[k].row_bytes, BESIDE);

    ring.first = between(0, ring.rows - 1);
    for (int32_t y = first; y <= last; y++) {
        memcpy(tin_row(&ring, y), tin_row(&j->in[k], y),
               (size_t)ring.row_bytes);
    }
    return ring;
}

/* Row y of the work, from rings that hold no row too many. */
static inline void run_step(const job *j, int32_t y, const tin_rows *out,
                            void *scratch)
{
    tin_rows in[JOB_INPUTS];

    for (int k = 0; k < j->n_in; k++) {
        int32_t first, last;

        j->need(j->params, k, y, &first, &last);
        in[k] = window_of(j, k, first, last);
    }
    j->run(j->params, in, out, y, y + 1, scratch);
    for (int k = 0; k < j->n_in; k++)
        ring_free(&in[k]);
}

/* Output row y from such rings into a ring of two, of which it is written with
 * the last row of its work. */
static inline void run_row(const job *j, int32_t y, const void *expected,
                           void *scratch)
{
    tin_rows out = ring_new(2, j->out_bytes);
    tin_rows untouched = ring_new(1, j->out_bytes);

    out.first = between(0, 1);
    for (int32_t step = work_of(j, y); step < work_of(j, y + 1); step++) {
        same_bytes(j, "before", tin_row(&out, y), untouched.base, 1);
        run_step(j, step, &out, scratch);
    }
    same_bytes(j, "row by row", tin_row(&out, y), expected, 1);
    same_bytes(j, "in the row beside", tin_row(&out, y + 1), untouched.base, 1);
    ring_free(&out), ring_free(&untouched);
}

/* The output over input k. */
static inline void run_in_place(const job *j, int k, const void *expected,
                                void *scratch)
{
    tin_rows in[JOB_INPUTS], out = ring_new(j->out_rows, j->out_bytes);

    memcpy(in, j->in, sizeof in);
    memcpy(out.base, in[k].base, (size_t)j->out_rows * (size_t)j->out_bytes);
    in[k] = out;
    j->run(j->params, in, &out, 0, work_of(j, j->out_rows), scratch);
    same_bytes(j, "in place", out.base, expected, j->out_rows);
    ring_free(&out);
}

/* Runs a job at once, in pieces, row by row between short rings, and in place.
 * Returns the rows, to be given to ring_free. */
static inline tin_rows run_job(const job *j)
{
    const int32_t work = work_of(j, j->out_rows);
    tin_rows whole = ring_new(j->out_rows, j->out_bytes);
    tin_rows pieces = ring_new(j->out_rows, j->out_bytes);
    tin_rows memory = ring_new(1, j->scratch_bytes);
    void *const scratch = j->scratch_bytes ? memory.base : NULL;

    j->run(j->params, j->in, &whole, 0, work, scratch);
    for (int32_t y = 0, end; y < work; y = end) {
        end = between(y, work);
        j->run(j->params, j->in, &pieces, y, end, scratch);
    }
    same_bytes(j, "in pieces", pieces.base, whole.base, j->out_rows);
    for (int32_t y = 0; y < j->out_rows; y++)
        run_row(j, y, tin_row(&whole, y), scratch);
    for (int k = 0; k < j->n_in; k++)
        if (j->in_place >> k & 1)
            run_in_place(j, k, whole.base, scratch);
    ring_free(&pieces), ring_free(&memory);
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

/* A job whose kernel makes one row of output of `steps` of input. */
static inline job job_of_steps(tin_kernel *kernel, const void *params,
                               const tin_rows *in, int32_t steps,
                               int32_t scratch_bytes, int32_t out_rows,
                               int32_t out_bytes)
{
    job j = job_on(kernel, params, need_same, in->base, in->row_bytes, out_rows,
                   out_bytes);

    j.steps = steps;
    j.scratch_bytes = scratch_bytes;
    return j;
}

/* A job that changes rows, which it may do in place. */
static inline job job_over(tin_kernel *kernel, const void *params,
                           const void *in, int32_t row_bytes, int32_t rows)
{
    job j = job_on(kernel, params, need_same, in, row_bytes, rows, row_bytes);

    j.in_place = 1;
    return j;
}

#endif /* ROW_JOBS_H */
