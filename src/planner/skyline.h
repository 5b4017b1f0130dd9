/* SPDX-License-Identifier: MIT */
/*
 * skyline.h: what the files of the search for parts without overlaps share.
 * A buffer then is a rectangle of times and bytes, and a plan is a packing.
 *
 *   rects.c     the part as rectangles and slices of time
 *   skyline.c   a partial plan, and what follows from it
 *   seen.c      partial plans that were met before
 *   valleys.c   the search
 */
#ifndef TIN_SKYLINE_H
#define TIN_SKYLINE_H

#include "planner.h"

/* ---- rects.c ------------------------------------------------------------ */

/* A buffer. */
typedef struct {
    int32_t first, end; /* live in the slices first .. end - 1 */
    int32_t bytes, align;
    int32_t id;
} tin_rect;

/* A time at which as many buffers are live as can be: none more at another. */
typedef struct {
    int32_t time;
    int32_t unit;  /* the smallest alignment of its buffers */
    int32_t spare; /* the most padding that one of them has */
    int64_t load;  /* their sizes, each padded to a multiple of unit */
} tin_slice;

/* A part; rects are sorted by first slice, then end, then size. */
typedef struct {
    tin_rect *rects;
    tin_slice *slices;
    int32_t n, n_slices; /* at least one slice, at most n */
} tin_rects;

/* Hands out a block of memory; without a base it only adds up. */
typedef struct {
    unsigned char *base;
    size_t used;
} tin_plan_memory;

void *tin_plan_take(tin_plan_memory *memory, size_t count, size_t size);

void tin_rects_take(tin_rects *r, tin_plan_memory *memory, int32_t n);
void tin_rects_build(tin_rects *r, const tin_plan_part *part);

/* Raises the part's bound to what the slices need. */
void tin_rects_bound(const tin_rects *r, tin_plan_part *part);

/* ---- skyline.c ---------------------------------------------------------- */

/* One value before it was changed. */
typedef struct {
    int32_t slot, old;
} tin_skyline_undo;

typedef struct {
    const tin_rects *problem;
    int64_t capacity; /* the peak must not exceed it */
    int64_t excess;   /* every dead end missed it by that or more */

    /* These change by `set` alone, so that they can be set back. */
    int32_t *floor; /* per slice: whatever comes there lies above */
    int32_t *rest;  /* per slice: padded sizes of what is to come */
    int32_t *owner; /* per slice: the last one placed, or -1 */
    int32_t *low;   /* per rect to come: its offset is at least that */
    tin_skyline_undo *trail;
    int32_t n_trail, cap_trail;
    int overflow; /* the trail is full: there is no way back */

    int32_t *next, *prev; /* rects to come, a ring with n as its head */
    int32_t *placed;      /* rects in the order of placing */
    int32_t n_placed;
    int32_t *offset; /* per rect; -1: it is to come */

    int32_t *begins;   /* per slice: how many rects begin before it */
    int32_t *ends;     /* per slice: how many of by_end end before it */
    int32_t *by_end;   /* rects by their ends */
    int32_t *by_low;   /* rects, see lift_floors */
    int32_t *above;    /* per slice, see lift_floors */
    int32_t *failures; /* per slice: dead ends there */
} tin_skyline;

void tin_skyline_take(tin_skyline *s, tin_plan_memory *memory, int32_t n);
void tin_skyline_open(tin_skyline *s, const tin_rects *problem);

/* The next four return 0 at a dead end. */

/* Nothing is placed. */
int tin_skyline_reset(tin_skyline *s, int64_t capacity);

/* Places a rect at its low. */
int tin_skyline_place(tin_skyline *s, int32_t rect);

/* Says that nothing more will lie below `floor` in this slice. */
int tin_skyline_raise(tin_skyline *s, int32_t slice, int64_t floor);

/* Counts a dead end in this slice, where `miss` bytes more were needed. */
int tin_skyline_fail(tin_skyline *s, int32_t slice, int64_t miss);

void tin_skyline_undo_to(tin_skyline *s, int32_t n_placed, int32_t n_trail);

/* Bytes that may still be wasted in a slice. */
static inline int64_t tin_skyline_slack(const tin_skyline *s, int32_t slice)
{
    return s->capacity + s->problem->slices[slice].spare -
           (int64_t)s->floor[slice] - s->rest[slice];
}

/* ---- seen.c ------------------------------------------------------------- */

typedef struct {
    uint32_t *words;
    int32_t n_words, n_rows;
    int32_t stride; /* words of a row */
    int32_t tops;   /* the first of a row that is the top of a slice */
} tin_seen;

void tin_seen_take(tin_seen *m, tin_plan_memory *memory, int32_t n);
void tin_seen_open(tin_seen *m, const tin_rects *problem);

/* Whether run number `run` has met a partial plan that is as good as this or
 * better. If not, this one is noted. */
int tin_seen_before(tin_seen *m, const tin_skyline *s, uint32_t run);

/* ---- valleys.c ---------------------------------------------------------- */

enum {
    TIN_PLAN_FILL_MAX = 2048 /* buffers of a part that tin_plan_fill takes */
};

/* Bytes of work memory, aligned to 8, for a part of n buffers. */
size_t tin_plan_fill_size(int32_t n);

/*
 * Improves the plan of a part until its peak is at most `target` or minimal,
 * or until work_limit. Afterwards the plan is minimal if peak == bound.
 *
 * Needs: no overlaps in the part; 0 < n <= TIN_PLAN_FILL_MAX; best and peak
 * hold a plan, bound holds a bound.
 */
void tin_plan_fill(tin_plan_part *part, int64_t target, void *work);

#endif /* TIN_SKYLINE_H */
