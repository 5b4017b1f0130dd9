/* SPDX-License-Identifier: MIT */
/*
 * naive_s8.h: what tests of int8 kernels share: random parameters, and
 * requantization as its definition has it.
 */
#ifndef NAIVE_S8_H
#define NAIVE_S8_H

#include "row_jobs.h"

/* One of the zero points that break careless code, or any. */
static inline int32_t random_zero(void)
{
    static const int8_t hard[] = {-128, 127, 0};
    const int32_t i = between(0, 3);

    return i < 3 ? hard[i] : between(-128, 127);
}

/* n random bytes, to be freed. */
static inline void *random_bytes(int32_t n)
{
    int8_t *x = malloc((size_t)n);

    for (int32_t i = 0; i < n; i++)
        x[i] = (int8_t)between(-128, 127);
    return x;
}

/* The same of ints. */
static inline int32_t *random_ints(int32_t n, int32_t lo, int32_t hi)
{
    int32_t *x = malloc((size_t)n * sizeof *x);

    for (int32_t i = 0; i < n; i++)
        x[i] = between(lo, hi);
    return x;
}

static inline void random_clamp(int32_t *act_min, int32_t *act_max)
{
    *act_min = between(0, 1) ? -128 : between(-128, 0);
    *act_max = between(0, 1) ? 127 : between(0, 127);
}

static inline int64_t naive_clamp(int64_t x, int64_t lo, int64_t hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

/* a / b for b > 0, rounded half away from zero. */
static inline int64_t divide_away(int64_t a, int64_t b)
{
    return a < 0 ? -((-a + b / 2) / b) : (a + b / 2) / b;
}

/* A left shift that saturates; then both roundings as their definition has
 * them: a nudge by the sign and a division that truncates; half away from zero.
 */
static inline int32_t naive_requantize(int64_t x, int32_t multiplier,
                                       int32_t shift)
{
    const int64_t left = (int64_t)1 << (shift > 0 ? shift : 0);
    const int64_t right = (int64_t)1 << (shift < 0 ? -shift : 0);
    const int64_t product =
        naive_clamp(x * left, INT32_MIN, INT32_MAX) * multiplier;
    const int64_t half = (int64_t)1 << 30;
    const int64_t nudge = product < 0 ? 1 - half : half;

    return (int32_t)divide_away((product + nudge) / (half * 2), right);
}

static inline int8_t naive_output(int32_t x, int32_t multiplier, int32_t shift,
                                  int32_t zero, int32_t lo, int32_t hi)
{
    const int64_t y = (int64_t)naive_requantize(x, multiplier, shift) + zero;

    return (int8_t)naive_clamp(y, lo, hi);
}

#endif /* NAIVE_S8_H */
