/* SPDX-License-Identifier: MIT */
/*
 * rings.h: what tests of kernels share: random numbers, rings of rows between
 * guards, and checks that refuse.
 */
#ifndef RINGS_H
#define RINGS_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include "tinyinfer.h"

/* ---- Random numbers ----------------------------------------------------- */

static uint32_t seed = 1;

static inline uint32_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

static inline int32_t between(int32_t lo, int32_t hi)
{
    return lo + (int32_t)(next_random() % (uint32_t)(hi - lo + 1));
}

/* ---- Rings -------------------------------------------------------------- */

enum { GUARD = 64, EMPTY = 0xa5 };

/* A ring of rows between two guards, all of it bytes `fill`. */
static inline tin_rows ring_of(int32_t rows, int32_t row_bytes, int fill)
{
    const size_t bytes = (size_t)rows * (size_t)row_bytes;
    unsigned char *mem = malloc(bytes + 2 * GUARD);
    const tin_rows r = {
        .base = mem + GUARD, .row_bytes = row_bytes, .rows = rows};

    memset(mem, fill, bytes + 2 * GUARD);
    return r;
}

static inline tin_rows ring_new(int32_t rows, int32_t row_bytes)
{
    return ring_of(rows, row_bytes, EMPTY);
}

static inline void ring_free(tin_rows *r)
{
    unsigned char *mem = (unsigned char *)r->base - GUARD;
    const size_t bytes = (size_t)r->rows * (size_t)r->row_bytes;

    for (size_t i = 0; i < GUARD; i++) {
        cr_assert_eq(mem[i], mem[0], "a byte before the ring was written");
        cr_assert_eq(mem[GUARD + bytes + i], mem[0],
                     "a byte behind the ring was written");
    }
    free(mem);
}

static inline void ring_fill(tin_rows *r)
{
    unsigned char *byte = r->base;

    for (int32_t i = 0; i < r->rows * r->row_bytes; i++)
        byte[i] = (unsigned char)next_random();
}

static inline void refused(const char *change, tin_status got, tin_status want,
                           const char *why)
{
    cr_assert_eq(got, want, "%s: status %d, not %d", change, (int)got,
                 (int)want);
    cr_assert_not_null(why, "%s: no reason", change);
#if !defined(TIN_NO_ERRMSG)
    cr_assert_gt(strlen(why), 5);
#endif
}

/* `change`, made to a copy p of `good`, is refused with `status`. */
#define REFUSE(change, check, status)                                          \
 do {                                                                          \
  const char *why = NULL;                                                      \
  tin_status got;                                                              \
  p = good;                                                                    \
  cr_assert_eq(check(&p, &why), TIN_OK, "%s", why);                            \
  change;                                                                      \
  got = check(&p, &why);                                                       \
  refused(#change, got, status, why);                                          \
  cr_assert_eq(check(&p, NULL), status);                                       \
 } while (0)

#endif /* RINGS_H */
