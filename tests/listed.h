/* SPDX-License-Identifier: MIT */
/*
 * listed.h: what tests share that take their kernels from the compiler's list:
 * tin_kernel_infos says what each checks, and whether it works in place.
 */
#ifndef LISTED_H
#define LISTED_H

#include "floats.h"
#include "lowered.h"
#include "tinyinfer_unary.h"

enum { ROWS = 7 };

/* ROWS rows of n elements; `type` as tin_cast has it. */
static inline tin_rows random_rows(int32_t n, int32_t type, float lo, float hi)
{
    const int32_t bytes[] = {4, 1, 1, 2, 4, 8, 1};
    tin_rows r = ring_new(ROWS, n * bytes[type]);
    unsigned char *byte = r.base;

    for (int32_t i = 0; i < r.rows * r.row_bytes; i++)
        byte[i] = (unsigned char)(type == TIN_CAST_BOOL ? next_random() & 1
                                                        : next_random());
    for (int32_t i = 0; type == TIN_CAST_F32 && i < ROWS * n; i++)
        ((float *)r.base)[i] =
            lo + (hi - lo) * (float)(next_random() % 65536) / 65536.0f;
    return r;
}

static inline int near(double got, double want, double tolerance)
{
    return fabs(got - want) <= tolerance * fmax(1.0, fabs(want));
}

/* All rows in every way; `in` has them, of which the kernel changes each into
 * one of so many bytes. */
static inline tin_rows run_listed(tin_kernel_id kernel, const void *params,
                                  const tin_rows *in, int32_t out_bytes)
{
    const tin_kernel_info *k = &tin_kernel_infos[kernel];
    job j = job_on(k->run, params, need_same, in->base, in->row_bytes, in->rows,
                   out_bytes);
    const char *why = "";

    cr_assert_eq(k->check(params, &why), TIN_OK, "%s: %s", k->name, why);
    j.name = k->name;
    j.in_place = k->in_place ? 1 : 0;
    return run_job(&j);
}

#endif /* LISTED_H */
