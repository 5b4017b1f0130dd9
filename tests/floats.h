/* SPDX-License-Identifier: MIT */
/*
 * floats.h: what tests of float kernels share: random numbers, running a
 * kernel, and comparing.
 */
#ifndef FLOATS_H
#define FLOATS_H

#include <math.h>
#include "row_jobs.h"

static inline float random_float(void)
{
    return (float)between(-1000000, 1000000) / 250000.0f;
}

/* n random floats, to be freed. */
static inline float *random_floats(int32_t n)
{
    float *x = malloc((size_t)n * sizeof(float));

    for (int32_t i = 0; i < n; i++)
        x[i] = random_float();
    return x;
}

/* A ring of small floats, or of any bytes. */
static inline tin_rows ring_random(int32_t rows, int32_t row_elems,
                                   int is_float, int32_t elem_bytes)
{
    tin_rows r = ring_new(rows, row_elems * elem_bytes);

    ring_fill(&r);
    for (int32_t i = 0; is_float && i < rows * row_elems; i++)
        ((float *)r.base)[i] = (float)between(-40, 40) * 0.037f;
    return r;
}

/* One row through an elementwise kernel. */
static inline void run_one(tin_kernel *kernel, const void *params,
                           const float *in, float *out, int32_t n)
{
    const tin_rows from = resident(in, 4 * n), to = resident(out, 4 * n);

    kernel(params, &from, &to, 0, 1, NULL);
}

static inline uint32_t bits(float x)
{
    uint32_t u;

    memcpy(&u, &x, sizeof u);
    return u;
}

static inline double clamp(double x, float lo, float hi)
{
    return x <= (double)lo ? (double)lo : x >= (double)hi ? (double)hi : x;
}

/* Within 1e-5 of `size`, the magnitude of what went into a value. */
static inline void expect_near(float got, double want, double size)
{
    cr_assert(fabs((double)got - want) <= 1e-5 * size, "%.9g is not %.9g",
              (double)got, want);
}

#endif /* FLOATS_H */
