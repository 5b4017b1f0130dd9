/* SPDX-License-Identifier: MIT */
/*
 * planner.h: what the halves of the planner share; see tinyinfer.h for the
 * problem. orders.c finds good plans, search.c and, where no buffers overlap,
 * valleys.c find the best.
 *
 * Buffers of 0 bytes lie at 0 and constrain nothing. The others are divided
 * into parts, such that no two buffers of different parts live at one time.
 */
#ifndef TIN_PLANNER_H
#define TIN_PLANNER_H

#include "tinyinfer.h"

/* One part, and the best plan of it so far. */
typedef struct {
    const tin_plan_buffer *b; /* all buffers */
    const int32_t *distance;  /* [stride][stride], or NULL: the sizes */
    int32_t stride;
    const int32_t *ids; /* the part's buffers, by increasing `lower` */
    int32_t n;
    int32_t *best; /* per buffer: its offset in the best plan */
    int64_t peak;  /* of the best plan */
    int64_t bound; /* no plan of this part is smaller */
    int32_t binding_time;
    int64_t work, work_limit; /* search nodes so far, and at most */
    uint32_t random;
} tin_plan_part;

/* How far above the start of buffer `below` that of `above` must be, if it is
 * above at all. */
static inline int32_t tin_plan_distance(const tin_plan_part *p, int32_t below,
                                        int32_t above)
{
    if (p->distance)
        return p->distance[(size_t)below * (size_t)p->stride + (size_t)above];
    return p->b[below].bytes;
}

static inline int tin_plan_meet(const tin_plan_buffer *a,
                                const tin_plan_buffer *b)
{
    return a->lower < b->upper && b->lower < a->upper;
}

/* For x >= 0 and align a power of two. */
static inline int64_t tin_plan_round_up(int64_t x, int32_t align)
{
    return (x + align - 1) & -(int64_t)align;
}

static inline uint32_t tin_plan_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

enum { BY_BYTES, BY_LIFE, BY_AREA, BY_LOWER };

/* Sorts indices of buffers: the largest, the longest, those of the largest
 * area, or those of the least lower first. */
void tin_plan_sort(const tin_plan_buffer *b, int32_t *ids, int32_t n, int by);

/* Makes a plan of a part, at best of `target` bytes; 4 * stride ints of work.
 * Above 2^31 bytes there is a peak but no plan. */
void tin_plan_try_orders(tin_plan_part *p, int64_t target, int32_t *work);

/* Bytes of work memory, aligned to 8, for a part of n buffers. */
size_t tin_plan_search_size(int32_t n);

/* Sets bound and binding_time to what the bytes live at one time need. */
void tin_plan_bound(tin_plan_part *p, void *work);

/*
 * Improves the plan of a part until its peak is at most `target` or minimal,
 * or until work_limit. Afterwards the plan is minimal if peak == bound.
 *
 * Needs: 0 < n <= TIN_PLAN_OVERLAP_MAX; best and peak hold a plan.
 */
void tin_plan_search(tin_plan_part *p, int64_t target, void *work);

#endif /* TIN_PLANNER_H */
