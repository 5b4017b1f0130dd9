/* SPDX-License-Identifier: MIT */
/*
 * orders.c: plans by placing buffers one after the other, each at the lowest
 * offset that the ones before it leave free; what is searched is the order. It
 * starts with the largest, the longest or the largest area first and then moves
 * buffers that reach the peak to earlier places.
 */
#include "planner.h"

#include <string.h>

enum {
    TRIES = 500,           /* orders per part */
    TRY_STEPS = 100000000, /* pairs of buffers looked at in all tries */
    ORDERS = 3
};

typedef struct {
    tin_plan_part *part;
    int32_t *order, *trial;   /* placing orders of the part */
    int32_t *placed, *offset; /* by offset; per buffer */
} orders;

/* ---- Sorting ------------------------------------------------------------- */

static int64_t sort_key(const tin_plan_buffer *b, int by)
{
    const int64_t life = (int64_t)b->upper - b->lower;

    switch (by) {
    case BY_BYTES: return -(int64_t)b->bytes;
    case BY_LIFE: return -life;
    case BY_AREA: return -life * b->bytes;
    default: return b->lower;
    }
}

void tin_plan_sort(const tin_plan_buffer *b, int32_t *ids, int32_t n, int by)
{
    int32_t gap = 1, i, k;

    while (gap < n / 3)
        gap = 3 * gap + 1;
    for (; gap > 0; gap /= 3)
        for (i = gap; i < n; i++) {
            const int32_t id = ids[i];
            const int64_t key = sort_key(&b[id], by);

            for (k = i; k >= gap && sort_key(&b[ids[k - gap]], by) > key;
                 k -= gap)
                ids[k] = ids[k - gap];
            ids[k] = id;
        }
}

/* ---- Placing ------------------------------------------------------------- */

/* The lowest offset for buffer i that n_placed others leave free: starting at
 * 0, each other that is in the way raises it to where that one is not. */
static int64_t lowest_offset(const orders *p, int32_t i, int32_t n_placed)
{
    const tin_plan_buffer *b = p->part->b;
    int64_t at = 0;
    int32_t k, moved = 1;

    while (moved) {
        moved = 0;
        for (k = 0; k < n_placed; k++) {
            const int32_t q = p->placed[k];
            const int64_t above =
                (int64_t)p->offset[q] + tin_plan_distance(p->part, q, i);

            if (at >= above || !tin_plan_meet(&b[q], &b[i]) ||
                at + tin_plan_distance(p->part, i, q) <= p->offset[q])
                continue;
            at = tin_plan_round_up(above, b[i].align);
            moved = 1;
        }
    }
    return at;
}

/* Keeps `placed` sorted by offset: lowest_offset then needs few rounds. */
static void insert(orders *p, int32_t i, int32_t n_placed)
{
    int32_t k = n_placed;

    for (; k > 0 && p->offset[p->placed[k - 1]] > p->offset[i]; k--)
        p->placed[k] = p->placed[k - 1];
    p->placed[k] = i;
}

/* The peak of placing in this order; stops above `limit`. */
static int64_t place(orders *p, const int32_t *order, int64_t limit)
{
    int64_t peak = 0;
    int32_t k;

    for (k = 0; k < p->part->n && peak <= limit; k++) {
        const int32_t i = order[k];
        const int64_t at = lowest_offset(p, i, k);

        if (at + p->part->b[i].bytes > peak)
            peak = at + p->part->b[i].bytes;
        if (peak > INT32_MAX)
            return peak;
        p->offset[i] = (int32_t)at;
        insert(p, i, k);
    }
    return peak;
}

/* ---- Searching ----------------------------------------------------------- */

static int32_t draw(orders *p, int32_t below)
{
    return (int32_t)(tin_plan_random(&p->part->random) % (uint32_t)below);
}

/* Moves a buffer that reaches the peak to an earlier place in `trial`. */
static void disturb(orders *p)
{
    const tin_plan_part *part = p->part;
    int32_t from = 0, to, k, i;

    for (k = 0; k < part->n; k++) {
        i = p->trial[k];
        if ((int64_t)part->best[i] + part->b[i].bytes == part->peak)
            from = k;
    }
    if (draw(p, 2))
        from = draw(p, part->n);
    to = draw(p, from + 1);
    i = p->trial[from];
    memmove(p->trial + to + 1, p->trial + to,
            (size_t)(from - to) * sizeof *p->trial);
    p->trial[to] = i;
}

/* Tries `trial`; keeps it if it is no worse. */
static void try_order(orders *p)
{
    tin_plan_part *part = p->part;
    const int64_t peak = place(p, p->trial, part->peak);
    int32_t k;

    part->work++;
    if (peak > part->peak)
        return;
    part->peak = peak;
    memcpy(p->order, p->trial, (size_t)part->n * sizeof *p->order);
    for (k = 0; k < part->n && peak <= INT32_MAX; k++)
        part->best[part->ids[k]] = p->offset[part->ids[k]];
}

void tin_plan_try_orders(tin_plan_part *part, int64_t target, int32_t *work)
{
    orders o, *p = &o;
    const size_t bytes = (size_t)part->n * sizeof *p->order;
    const int64_t pairs = (int64_t)part->n * part->n;
    int32_t tries = 0;

    o.part = part;
    o.order = work;
    o.trial = o.order + part->stride;
    o.placed = o.trial + part->stride;
    o.offset = o.placed + part->stride;
    part->peak = INT64_MAX;
    for (; tries < ORDERS && part->peak > target; tries++) {
        memcpy(p->trial, part->ids, bytes);
        tin_plan_sort(part->b, p->trial, part->n, tries);
        try_order(p);
    }
    for (; tries < TRIES && tries < TRY_STEPS / pairs && part->n > 1 &&
           part->peak > target && part->work < part->work_limit;
         tries++) {
        memcpy(p->trial, p->order, bytes);
        disturb(p);
        try_order(p);
    }
}
