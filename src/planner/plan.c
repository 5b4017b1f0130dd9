/* SPDX-License-Identifier: MIT */
/*
 * plan.c: see tinyinfer.h. Checks the problem, divides it into parts, and plans
 * each: first by orders.c; what is then not known to be minimal goes to an
 * exact search: that of valleys.c, or if buffers may overlap, of search.c.
 */
#include "planner.h"
#include "skyline.h"

#include <string.h>

/* Search nodes for one buffer; their cost grows with the number of buffers. */
enum { DEFAULT_WORK = 100000000, DEFAULT_FILL_WORK = 300000000 };

typedef struct {
    tin_plan_part part;
    int32_t *ids; /* all buffers that have bytes, by lower */
    int32_t n;
    int32_t *orders; /* work of orders.c */
    int32_t *distance;
    void *search; /* work of search.c */
} planner;

static int32_t at_most(int32_t x, int32_t most)
{
    return x < most ? x : most;
}

static size_t round_to_8(size_t x)
{
    return (x + 7) & ~(size_t)7;
}

static size_t matrix_bytes(int32_t n)
{
    if (n > TIN_PLAN_OVERLAP_MAX)
        return 0;
    return round_to_8((size_t)n * (size_t)n * sizeof(int32_t));
}

/* For whichever of the two searches is used. */
static size_t search_bytes(int32_t n)
{
    const size_t a = tin_plan_search_size(at_most(n, TIN_PLAN_OVERLAP_MAX));
    const size_t b = tin_plan_fill_size(at_most(n, TIN_PLAN_FILL_MAX));

    return a > b ? a : b;
}

size_t tin_plan_work_size(int32_t n)
{
    return round_to_8((size_t)n * 6 * sizeof(int32_t)) + matrix_bytes(n) +
           search_bytes(n) + 8;
}

/* ---- Parts -------------------------------------------------------------- */

/* The part whose first buffer is number `from` of those sorted by lower: up to
 * the first that begins when all before it have ended. Returns its end. */
static int32_t take_part(planner *p, int32_t from)
{
    const tin_plan_buffer *b = p->part.b;
    int32_t end = b[p->ids[from]].upper, i;

    for (i = from + 1; i < p->n && b[p->ids[i]].lower < end; i++)
        if (b[p->ids[i]].upper > end)
            end = b[p->ids[i]].upper;
    p->part.ids = p->ids + from;
    p->part.n = i - from;
    return i;
}

/* The most bytes live at one time, without overlaps. */
static void find_load(planner *p)
{
    tin_plan_part *part = &p->part;
    int32_t *live = p->orders;
    int64_t load = 0;
    int32_t count = 0, i, k;

    part->bound = 0;
    for (i = 0; i < part->n; i++) {
        const tin_plan_buffer *b = &part->b[part->ids[i]];

        for (k = 0; k < count;) {
            if (part->b[live[k]].upper > b->lower) {
                k++;
                continue;
            }
            load -= part->b[live[k]].bytes;
            live[k] = live[--count];
        }
        live[count++] = part->ids[i];
        load += b->bytes;
        if (load > part->bound) {
            part->bound = load;
            part->binding_time = b->lower;
        }
    }
}

static void find_bound(planner *p)
{
    if (p->part.n <= TIN_PLAN_OVERLAP_MAX)
        tin_plan_bound(&p->part, p->search);
    else
        find_load(p);
}

static int64_t find_peak(const tin_plan_part *p)
{
    int64_t peak = 0;
    int32_t k;

    for (k = 0; k < p->n; k++) {
        const int32_t i = p->ids[k];

        if ((int64_t)p->best[i] + p->b[i].bytes > peak)
            peak = (int64_t)p->best[i] + p->b[i].bytes;
    }
    return peak;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Plans each part by itself; the bound is that of the worst part. */
static int64_t plan_orders(planner *p, int64_t goal, tin_plan_result *r)
{
    int64_t bound = 0, peak = 0;
    int32_t from = 0;

    while (from < p->n) {
        from = take_part(p, from);
        find_bound(p);
        tin_plan_try_orders(&p->part, larger(goal, p->part.bound), p->orders);
        if (p->part.peak > INT32_MAX)
            return p->part.peak;
        peak = larger(peak, p->part.peak);
        if (p->part.bound > bound) {
            bound = p->part.bound;
            r->binding_time = p->part.binding_time;
        }
    }
    r->lower_bound_bytes = (int32_t)bound;
    return peak;
}

/* May two buffers of the part overlap? */
static int has_overlaps(const tin_plan_part *p)
{
    int32_t i, k;

    for (i = 0; i < p->n && p->distance; i++)
        for (k = 0; k < p->n; k++) {
            const int32_t below = p->ids[i], above = p->ids[k];

            if (tin_plan_distance(p, below, above) < p->b[below].bytes &&
                tin_plan_meet(&p->b[below], &p->b[above]))
                return 1;
        }
    return 0;
}

static void search_part(planner *p, int64_t target)
{
    find_bound(p);
    if (p->part.n <= TIN_PLAN_FILL_MAX && !has_overlaps(&p->part))
        tin_plan_fill(&p->part, target, p->search);
    else if (p->part.n <= TIN_PLAN_OVERLAP_MAX)
        tin_plan_search(&p->part, target, p->search);
}

/* Improves the parts that lie above the bound of all parts. */
static int64_t plan_exactly(planner *p, int64_t goal, tin_plan_result *r)
{
    tin_plan_part *part = &p->part;
    int64_t peak = 0;
    int32_t from = 0;

    while (from < p->n) {
        from = take_part(p, from);
        part->peak = find_peak(part);
        if (part->peak > larger(goal, r->lower_bound_bytes)) {
            search_part(p, larger(goal, r->lower_bound_bytes));
            if (part->bound > r->lower_bound_bytes) {
                r->lower_bound_bytes = (int32_t)part->bound;
                r->binding_time = part->binding_time;
            }
        }
        peak = larger(peak, part->peak);
    }
    return peak;
}

/* ---- The interface ------------------------------------------------------ */

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

static int overlaps_ok(const tin_plan_overlap *o, int32_t n_o, int32_t n)
{
    int32_t i;

    for (i = 0; i < n_o; i++)
        if (o[i].below < 0 || o[i].below >= n || o[i].above < 0 ||
            o[i].above >= n || o[i].distance < 0)
            return 0;
    return n_o >= 0;
}

static void fill_distances(planner *p, int32_t n, const tin_plan_overlap *o,
                           int32_t n_o)
{
    int32_t i, k;

    for (i = 0; i < n; i++)
        for (k = 0; k < n; k++)
            p->distance[i * n + k] = p->part.b[i].bytes;
    for (i = 0; i < n_o; i++)
        if (o[i].distance < p->distance[o[i].below * n + o[i].above])
            p->distance[o[i].below * n + o[i].above] = o[i].distance;
}

/* Search nodes for about as much time, whatever the number of buffers. */
static int64_t default_work(int64_t n, int overlaps)
{
    if (overlaps)
        return DEFAULT_WORK / (n + 1);
    return 1 + DEFAULT_FILL_WORK / (50 + n + n * n / 500);
}

/* Divides the work memory. */
static void init(planner *p, const tin_plan_buffer *b, int32_t n, void *work)
{
    int32_t i;

    memset(p, 0, sizeof *p);
    p->ids = work;
    p->part.best = p->ids + n;
    p->orders = p->part.best + n;
    p->distance = p->orders + 4 * (size_t)n;
    p->search = (char *)work + round_to_8((size_t)n * 6 * sizeof(int32_t)) +
                matrix_bytes(n);
    p->part.b = b;
    p->part.stride = n;
    p->part.random = 2463534242u;
    for (i = 0; i < n; i++) {
        p->part.best[i] = 0;
        if (b[i].bytes > 0)
            p->ids[p->n++] = i;
    }
    tin_plan_sort(b, p->ids, p->n, BY_LOWER);
}

tin_status tin_plan(tin_plan_buffer *buffers, int32_t n,
                    const tin_plan_overlap *overlaps, int32_t n_overlaps,
                    int32_t goal_bytes, int64_t work_limit, void *work,
                    size_t work_bytes, tin_plan_result *result)
{
    planner p;
    int64_t peak;
    int32_t i;

    if (n < 0 || work_bytes < tin_plan_work_size(n) ||
        !buffers_ok(buffers, n) || !overlaps_ok(overlaps, n_overlaps, n))
        return TIN_ERR_ARG;
    init(&p, buffers, n, work);
    if (n <= TIN_PLAN_OVERLAP_MAX && n_overlaps > 0) {
        fill_distances(&p, n, overlaps, n_overlaps);
        p.part.distance = p.distance;
    }
    p.part.work_limit =
        work_limit > 0 ? work_limit : default_work(n, p.part.distance != NULL);
    memset(result, 0, sizeof *result);
    peak = plan_orders(&p, goal_bytes, result);
    if (peak > INT32_MAX)
        return TIN_ERR_OVERFLOW;
    peak = plan_exactly(&p, goal_bytes, result);
    for (i = 0; i < n; i++)
        buffers[i].offset = p.part.best[i];
    result->peak_bytes = (int32_t)peak;
    result->optimal = peak <= result->lower_bound_bytes;
    result->work = p.part.work;
    return TIN_OK;
}
