/* SPDX-License-Identifier: MIT */
/*
 * plan_problems.h: buffers to plan, random or cut from a packing that is known
 * to fit, and what a plan of them must be.
 */
#ifndef PLAN_PROBLEMS_H
#define PLAN_PROBLEMS_H

#include "tinyinfer.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 10000, MOST_OVERLAPS = 1000 };

static tin_plan_buffer buffers[MOST];
static tin_plan_overlap overlaps[MOST_OVERLAPS];

static uint32_t random_state;

static inline int32_t draw(int32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return (int32_t)(random_state % (uint32_t)below);
}

/* A rectangle of time and bytes. */
typedef struct {
    int32_t t0, t1, y0, y1;
} rectangle;

/* Cuts r in two; 0: it is too small. */
static inline int32_t cut_straight(rectangle r, rectangle *out)
{
    const int32_t w = r.t1 - r.t0, h = r.y1 - r.y0;
    const int across = draw(2);

    out[0] = out[1] = r;
    if (across && h > 1)
        out[0].y1 = out[1].y0 = r.y0 + 1 + draw(h - 1);
    else if (!across && w > 1)
        out[0].t1 = out[1].t0 = r.t0 + 1 + draw(w - 1);
    else
        return 0;
    return 2;
}

/* Cuts r in four around a fifth, which no sequence of straight cuts does. */
static inline int32_t cut_pinwheel(rectangle r, rectangle *out)
{
    const int32_t w = r.t1 - r.t0, h = r.y1 - r.y0;
    int32_t t, u, y, z;

    if (w < 3 || h < 3)
        return 0;
    t = r.t0 + 1 + draw(w - 2);
    u = t + 1 + draw(r.t1 - t - 1);
    y = r.y0 + 1 + draw(h - 2);
    z = y + 1 + draw(r.y1 - y - 1);
    out[0] = (rectangle){r.t0, u, r.y0, y};
    out[1] = (rectangle){u, r.t1, r.y0, z};
    out[2] = (rectangle){t, r.t1, z, r.y1};
    out[3] = (rectangle){r.t0, t, y, r.y1};
    out[4] = (rectangle){t, u, y, z};
    return 5;
}

/* A full packing of times x bytes into about n buffers, in random order. */
static inline int32_t make_packing(tin_plan_buffer *b, int32_t n, int32_t times,
                                   int32_t bytes, uint32_t seed)
{
    static rectangle r[MOST];
    int32_t count = 1, tries, i;

    random_state = seed * 2654435761u + 1;
    r[0] = (rectangle){0, times, 0, bytes};
    for (tries = 0; count < n && tries < 100 * n; tries++) {
        rectangle out[5];
        int32_t a = draw(count), c = draw(count), parts;
        const double sa = (double)(r[a].t1 - r[a].t0) * (r[a].y1 - r[a].y0);
        const double sc = (double)(r[c].t1 - r[c].t0) * (r[c].y1 - r[c].y0);

        if (sc > sa)
            a = c;
        parts = draw(3) ? cut_straight(r[a], out) : cut_pinwheel(r[a], out);
        if (parts == 0)
            continue;
        r[a] = out[0];
        for (i = 1; i < parts; i++)
            r[count++] = out[i];
    }
    for (i = 0; i < count; i++) {
        const int32_t k = draw(i + 1);

        b[i] = b[k];
        b[k] = (tin_plan_buffer){r[i].t0, r[i].t1, r[i].y1 - r[i].y0, 1, -1};
    }
    return count;
}

/* ---- Checking ----------------------------------------------------------- */

static inline int meet(const tin_plan_buffer *a, const tin_plan_buffer *b)
{
    return a->lower < b->upper && b->lower < a->upper;
}

static inline int32_t distance(const tin_plan_buffer *b,
                               const tin_plan_overlap *o, int32_t n_o,
                               int32_t below, int32_t above)
{
    int32_t least = b[below].bytes, i;

    for (i = 0; i < n_o; i++)
        if (o[i].below == below && o[i].above == above && o[i].distance < least)
            least = o[i].distance;
    return least;
}

/* May both have these offsets? */
static inline int agree(const tin_plan_buffer *b, const tin_plan_overlap *o,
                        int32_t n_o, int32_t i, int32_t k)
{
    return !meet(&b[i], &b[k]) || b[i].bytes == 0 || b[k].bytes == 0 ||
           b[k].offset >= b[i].offset + distance(b, o, n_o, i, k) ||
           b[i].offset >= b[k].offset + distance(b, o, n_o, k, i);
}

static inline void check_plan(const tin_plan_buffer *b, int32_t n,
                              const tin_plan_overlap *o, int32_t n_o,
                              const tin_plan_result *r)
{
    int32_t peak = 0, i, k;

    for (i = 0; i < n; i++) {
        cr_assert(b[i].offset >= 0 && b[i].offset % b[i].align == 0);
        if (b[i].offset + b[i].bytes > peak)
            peak = b[i].offset + b[i].bytes;
        for (k = 0; k < i; k++)
            cr_assert(agree(b, o, n_o, i, k), "buffers %d and %d", (int)k,
                      (int)i);
    }
    cr_assert_eq(r->peak_bytes, peak);
    cr_assert_leq(r->lower_bound_bytes, peak);
    cr_assert_eq(r->optimal, r->lower_bound_bytes == peak);
}

/* Plans and checks the plan. */
static inline tin_plan_result plan(tin_plan_buffer *b, int32_t n,
                                   const tin_plan_overlap *o, int32_t n_o,
                                   int32_t goal, int64_t work_limit)
{
    const size_t bytes = tin_plan_work_size(n);
    unsigned char *work = malloc(bytes + 8);
    tin_plan_result r;

    cr_assert_not_null(work);
    memset(work, 0xA5, bytes + 8);
    cr_assert_eq(tin_plan(b, n, o, n_o, goal, work_limit, work, bytes, &r),
                 TIN_OK);
    cr_assert_eq(work[bytes], 0xA5);
    cr_assert_eq(work[bytes + 7], 0xA5);
    free(work);
    check_plan(b, n, o, n_o, &r);
    return r;
}

/* ---- Random problems ---------------------------------------------------- */

static inline int32_t make_random(tin_plan_buffer *b, int32_t n, int32_t times,
                                  int32_t bytes, int32_t align_log2)
{
    int32_t i;

    for (i = 0; i < n; i++) {
        b[i].lower = draw(times);
        b[i].upper = b[i].lower + 1 + draw(times - b[i].lower);
        b[i].bytes = draw(bytes + 1);
        b[i].align = 1 << draw(align_log2 + 1);
        b[i].offset = -1;
    }
    return n;
}

static inline int32_t make_overlaps(const tin_plan_buffer *b, int32_t n,
                                    tin_plan_overlap *o, int32_t count)
{
    int32_t i;

    for (i = 0; i < count; i++) {
        o[i].below = draw(n);
        o[i].above = draw(n);
        o[i].distance = draw(b[o[i].below].bytes + 1);
        if (draw(4) == 0)
            o[i].distance = 0;
    }
    return count;
}

#endif /* PLAN_PROBLEMS_H */
