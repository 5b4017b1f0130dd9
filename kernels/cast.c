/* SPDX-License-Identifier: MIT */
/* tin_cast: see tinyinfer_unary.h. */
#include <string.h>
#include "tinyinfer_unary.h"

/*
 * Not a loop for each of 49 pairs of types, but one for each type to numbers
 * of 64 bits and one from them, over a few elements at a time.
 */
enum { CHUNK = 32 };

typedef struct {
    int64_t least, most;
} limits;

/* What a type can hold; f32 and s64: everything. */
static limits limits_of(int32_t type)
{
    static const limits of[] = {
        [TIN_CAST_F32] = {INT64_MIN, INT64_MAX},
        [TIN_CAST_S8] = {-128, 127},
        [TIN_CAST_U8] = {0, 255},
        [TIN_CAST_S16] = {-32768, 32767},
        [TIN_CAST_S32] = {INT32_MIN, INT32_MAX},
        [TIN_CAST_S64] = {INT64_MIN, INT64_MAX},
        [TIN_CAST_BOOL] = {0, 1},
    };

    return of[type];
}

static int32_t bytes_of(int32_t type)
{
    static const uint8_t of[] = {4, 1, 1, 2, 4, 8, 1};

    return of[type];
}

/* Towards 0, saturated. The limits as floats are powers of two, or one too
 * large; both mean the limit itself. Most fit in 32 bits, for which CPUs have
 * an instruction. */
static int64_t whole(float x, const limits *l, float lo, float hi)
{
    if (x != x)
        return 0;
    if (x <= lo)
        return l->least;
    if (x >= hi)
        return l->most;
    return x > -2147483648.0f && x < 2147483648.0f ? (int32_t)x : (int64_t)x;
}

static float to_float(int64_t x)
{
    const int32_t narrow = (int32_t)(uint32_t)(uint64_t)x;

    return narrow == x ? (float)narrow : (float)x;
}

#define LOAD(type)                                                             \
 for (int32_t i = 0; i < n; i++)                                               \
 x[i] = ((const type *)from)[i]

static void load(const void *from, int32_t type, int32_t n, int64_t *x)
{
    switch (type) {
    case TIN_CAST_S8: LOAD(int8_t); break;
    case TIN_CAST_S16: LOAD(int16_t); break;
    case TIN_CAST_S32: LOAD(int32_t); break;
    case TIN_CAST_S64: LOAD(int64_t); break;
    default: LOAD(uint8_t); break;
    }
}

static void load_f32(const float *from, int32_t type, int32_t n, int64_t *x)
{
    const limits l = limits_of(type);
    const float lo = (float)l.least, hi = (float)l.most;

    for (int32_t i = 0; i < n; i++)
        x[i] =
            type == TIN_CAST_BOOL ? from[i] != 0 : whole(from[i], &l, lo, hi);
}

#define STORE(type, bits)                                                      \
 for (int32_t i = 0; i < n; i++)                                               \
 ((type *)to)[i] = (type)(bits)x[i]

static void store(void *to, int32_t type, int32_t n, const int64_t *x)
{
    switch (type) {
    case TIN_CAST_F32:
        for (int32_t i = 0; i < n; i++)
            ((float *)to)[i] = to_float(x[i]);
        break;
    case TIN_CAST_S16: STORE(int16_t, uint16_t); break;
    case TIN_CAST_S32: STORE(int32_t, uint32_t); break;
    case TIN_CAST_S64: STORE(int64_t, int64_t); break;
    case TIN_CAST_BOOL:
        for (int32_t i = 0; i < n; i++)
            ((uint8_t *)to)[i] = x[i] != 0;
        break;
    default: STORE(uint8_t, uint8_t); break; // S8 as well: the same bytes
    }
}

static void cast_row(const tin_cast_params *p, const uint8_t *from, uint8_t *to)
{
    int64_t x[CHUNK];

    for (int32_t i = 0; i < p->row_elems; i += CHUNK) {
        const int32_t left = p->row_elems - i;
        const int32_t n = left < CHUNK ? left : CHUNK;

        if (p->from == TIN_CAST_F32)
            load_f32((const void *)from, p->to, n, x);
        else
            load(from, p->from, n, x);
        store(to, p->to, n, x);
        from += n * bytes_of(p->from);
        to += n * bytes_of(p->to);
    }
}

void tin_cast(const void *params, const tin_rows *in, const tin_rows *out,
              int32_t y0, int32_t y1, void *scratch)
{
    const tin_cast_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        if (p->from == p->to) // floats would not survive
            memcpy(tin_row(out, y), tin_row(in, y),
                   (size_t)(p->row_elems * bytes_of(p->to)));
        else
            cast_row(p, tin_row(in, y), tin_row(out, y));
    }
}

tin_status tin_cast_check(const void *params, const char **why)
{
    const tin_cast_params *p = params;

    if (p->from < TIN_CAST_F32 || p->from > TIN_CAST_BOOL ||
        p->to < TIN_CAST_F32 || p->to > TIN_CAST_BOOL)
        return TIN_WHY(why, "no such type"), TIN_ERR_ARG;
    return tin_row_check(p->row_elems, 8, why);
}
