/* SPDX-License-Identifier: MIT */
/*
 * plan.c: see tinyinfer.h. Buffers are placed one after the other, each at the
 * lowest offset that the ones before it leave free; what is searched is the
 * order. It starts with the largest first and then moves buffers that reach
 * the peak to earlier places.
 */
#include "tinyinfer.h"

#include <string.h>

typedef struct {
    int64_t from, to; /* offsets from + 1 .. to - 1 are taken */
} gap;

typedef struct {
    tin_plan_buffer *b;
    int32_t n;
    int32_t *order, *trial; /* placing orders */
    int32_t *offset, *best;
    gap *gaps;
    int32_t *distance; /* [n][n]: of the start of the second above that of the
                          first; NULL: the first's size */
    uint32_t random;
} planner;

static size_t matrix_entries(int32_t n)
{
    return n <= TIN_PLAN_OVERLAP_MAX ? (size_t)n * (size_t)n : 0;
}

size_t tin_plan_work_size(int32_t n)
{
    return (size_t)n * (4 * sizeof(int32_t) + sizeof(gap)) +
           matrix_entries(n) * sizeof(int32_t) + 8;
}

static int meet(const tin_plan_buffer *a, const tin_plan_buffer *b)
{
    return a->lower < b->upper && b->lower < a->upper;
}

static int64_t distance(const planner *p, int32_t below, int32_t above)
{
    if (p->distance)
        return p->distance[(size_t)below * (size_t)p->n + (size_t)above];
    return p->b[below].bytes;
}

static int64_t round_up(int64_t x, int32_t align)
{
    return (x + align - 1) / align * align;
}

/* ---- Placing ------------------------------------------------------------ */

/* What the buffers placed already take away from buffer i, sorted by `from`. */
static int32_t find_gaps(planner *p, int32_t i, const int32_t *placed,
                         int32_t n_placed)
{
    int32_t count = 0, k, j;

    for (k = 0; k < n_placed; k++) {
        const int32_t q = placed[k];
        gap g;

        if (!meet(&p->b[q], &p->b[i]) || !p->b[q].bytes || !p->b[i].bytes)
            continue;
        g.from = p->offset[q] - distance(p, i, q);
        g.to = p->offset[q] + distance(p, q, i);
        for (j = count++; j > 0 && p->gaps[j - 1].from > g.from; j--)
            p->gaps[j] = p->gaps[j - 1];
        p->gaps[j] = g;
    }
    return count;
}

static int64_t lowest_offset(planner *p, int32_t i, const int32_t *placed,
                             int32_t n_placed)
{
    const int32_t count = find_gaps(p, i, placed, n_placed);
    int64_t at = 0;
    int32_t k;

    for (k = 0; k < count && p->gaps[k].from < at; k++)
        if (at < p->gaps[k].to)
            at = round_up(p->gaps[k].to, p->b[i].align);
    return at;
}

/* The peak of placing in this order; stops above `limit`. */
static int64_t place(planner *p, const int32_t *order, int64_t limit)
{
    int64_t peak = 0;
    int32_t k;

    for (k = 0; k < p->n && peak <= limit; k++) {
        const int32_t i = order[k];
        const int64_t at = lowest_offset(p, i, order, k);

        if (at + p->b[i].bytes > peak)
            peak = at + p->b[i].bytes;
        if (peak > INT32_MAX)
            return peak;
        p->offset[i] = (int32_t)at;
    }
    return peak;
}

/* ---- Searching ---------------------------------------------------------- */

static uint32_t next_random(planner *p, uint32_t below)
{
    p->random ^= p->random << 13;
    p->random ^= p->random >> 17;
    p->random ^= p->random << 5;
    return p->random % below;
}

/* Moves a buffer that reaches the peak to an earlier place in `trial`. */
static void disturb(planner *p, int64_t peak)
{
    int32_t from = 0, to, k, i;

    for (k = 0; k < p->n; k++) {
        i = p->trial[k];
        if (p->best[i] + p->b[i].bytes == peak)
            from = k;
    }
    if (next_random(p, 2))
        from = (int32_t)next_random(p, (uint32_t)p->n);
    to = (int32_t)next_random(p, (uint32_t)from + 1u);
    i = p->trial[from];
    memmove(p->trial + to + 1, p->trial + to,
            (size_t)(from - to) * sizeof *p->trial);
    p->trial[to] = i;
}

static void sort_by_size(planner *p)
{
    int32_t i, k;

    for (i = 0; i < p->n; i++) {
        for (k = i; k > 0 && p->b[p->order[k - 1]].bytes < p->b[i].bytes; k--)
            p->order[k] = p->order[k - 1];
        p->order[k] = i;
    }
}

static int64_t search(planner *p, int64_t goal, int64_t tries, int64_t *work)
{
    const size_t bytes = (size_t)p->n * sizeof *p->order;
    int64_t best = place(p, p->order, INT64_MAX);

    memcpy(p->best, p->offset, bytes);
    for (*work = 1; best > goal && *work < tries; ++*work) {
        int64_t peak;

        memcpy(p->trial, p->order, bytes);
        disturb(p, best);
        peak = place(p, p->trial, best);
        if (peak > best)
            continue;
        memcpy(p->order, p->trial, bytes);
        memcpy(p->best, p->offset, bytes);
        best = peak;
    }
    return best;
}

/* ---- The bound ---------------------------------------------------------- */

static void fill_distances(planner *p, const tin_plan_overlap *o, int32_t n_o)
{
    int32_t i, k;

    for (i = 0; i < p->n; i++)
        for (k = 0; k < p->n; k++)
            p->distance[(size_t)i * (size_t)p->n + (size_t)k] = p->b[i].bytes;
    for (i = 0; i < n_o; i++)
        p->distance[(size_t)o[i].below * (size_t)p->n + (size_t)o[i].above] =
            o[i].distance;
}

/* Bytes live at a time; where buffers may overlap, only the largest. */
static int64_t load_at(const planner *p, int32_t time, int overlaps)
{
    int64_t load = 0;
    int32_t i;

    for (i = 0; i < p->n; i++) {
        if (p->b[i].lower > time || time >= p->b[i].upper)
            continue;
        if (!overlaps)
            load += p->b[i].bytes;
        else if (p->b[i].bytes > load)
            load = p->b[i].bytes;
    }
    return load;
}

static void find_bound(const planner *p, int overlaps, tin_plan_result *r)
{
    int64_t bound = 0;
    int32_t i;

    r->binding_time = 0;
    for (i = 0; i < p->n; i++) {
        const int64_t load = load_at(p, p->b[i].lower, overlaps);

        if (load > bound) {
            bound = load;
            r->binding_time = p->b[i].lower;
        }
    }
    r->lower_bound_bytes = bound > INT32_MAX ? INT32_MAX : (int32_t)bound;
}

static int is_power_of_two(int32_t x)
{
    return x > 0 && (x & (x - 1)) == 0;
}

static int buffers_ok(const tin_plan_buffer *b, int32_t n)
{
    int32_t i;

    for (i = 0; i < n; i++)
        if (b[i].lower >= b[i].upper || b[i].bytes < 0 ||
            !is_power_of_two(b[i].align))
            return 0;
    return 1;
}

tin_status tin_plan(tin_plan_buffer *buffers, int32_t n,
                    const tin_plan_overlap *overlaps, int32_t n_overlaps,
                    int32_t goal_bytes, int64_t work_limit, void *work,
                    size_t work_bytes, tin_plan_result *result)
{
    planner p;
    int64_t peak, goal = goal_bytes;
    int32_t i;

    if (n < 0 || work_bytes < tin_plan_work_size(n) || !buffers_ok(buffers, n))
        return TIN_ERR_ARG;
    p.b = buffers;
    p.n = n;
    p.gaps = work;
    p.order = (int32_t *)(void *)(p.gaps + n);
    p.trial = p.order + n;
    p.offset = p.trial + n;
    p.best = p.offset + n;
    p.distance = n <= TIN_PLAN_OVERLAP_MAX ? p.best + n : NULL;
    p.random = 2463534242u;
    if (p.distance)
        fill_distances(&p, overlaps, n_overlaps);
    find_bound(&p, p.distance && n_overlaps > 0, result);
    if (goal < result->lower_bound_bytes)
        goal = result->lower_bound_bytes;
    sort_by_size(&p);
    peak = search(&p, goal,
                  n < 2        ? 1
                  : work_limit ? work_limit
                               : 2000,
                  &result->work);
    if (peak > INT32_MAX)
        return TIN_ERR_OVERFLOW;
    for (i = 0; i < n; i++)
        buffers[i].offset = p.best[i];
    result->peak_bytes = (int32_t)peak;
    result->optimal = peak <= result->lower_bound_bytes;
    return TIN_OK;
}
