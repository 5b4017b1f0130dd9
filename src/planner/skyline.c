/* SPDX-License-Identifier: MIT */
/*
 * skyline.c: a partial plan and what follows from it.
 *
 * Rects are placed from the bottom up: in every slice, what is to come lies
 * above what is there. So each slice has a floor, and each rect to come a
 * lowest offset:
 *
 *     low[i]   >= floor[k] for the slices k of i      (lift_rects)
 *     floor[k] >= the least low of the rects in k     (lift_floors)
 *
 * A slice is a dead end when what is to come no longer fits. That is asked not
 * only of all its rects together, but also of those above any height:
 *
 *     low[i] + the sizes of the rects in k with low >= low[i]  <=  capacity
 *
 * A third rule compares two slices side by side, see match_step.
 *
 * Floors, rests, owners and lows lie in one array. Every change is written to
 * a trail, and going back is reading it backwards.
 */
#include "skyline.h"

#include <string.h>

enum {
    TRAIL_PER_RECT = 256,
    STEP_RECTS = 10 /* match_step tries up to 2^STEP_RECTS sets */
};

void tin_skyline_take(tin_skyline *s, tin_plan_memory *memory, int32_t n)
{
    const size_t count = (size_t)n;
    const size_t size = sizeof(int32_t);

    s->floor = tin_plan_take(memory, 4 * count, size);
    s->cap_trail = n * TRAIL_PER_RECT;
    s->trail = tin_plan_take(memory, (size_t)s->cap_trail, sizeof *s->trail);
    s->next = tin_plan_take(memory, count + 1, size);
    s->prev = tin_plan_take(memory, count + 1, size);
    s->placed = tin_plan_take(memory, count, size);
    s->offset = tin_plan_take(memory, count, size);
    s->begins = tin_plan_take(memory, count + 1, size);
    s->ends = tin_plan_take(memory, count + 1, size);
    s->by_end = tin_plan_take(memory, count, size);
    s->by_low = tin_plan_take(memory, count, size);
    s->above = tin_plan_take(memory, count, size);
    s->failures = tin_plan_take(memory, count, size);
}

/* What begins and what ends at each slice. */
static void count_borders(tin_skyline *s)
{
    const tin_rects *r = s->problem;
    int32_t i, k;

    memset(s->begins, 0, ((size_t)r->n_slices + 1) * sizeof *s->begins);
    memset(s->ends, 0, ((size_t)r->n_slices + 1) * sizeof *s->ends);
    for (i = 0; i < r->n; i++) {
        s->begins[r->rects[i].first + 1]++;
        s->ends[r->rects[i].end]++;
    }
    for (k = 1; k <= r->n_slices; k++) {
        s->begins[k] += s->begins[k - 1];
        s->ends[k] += s->ends[k - 1];
    }
    for (i = r->n - 1; i >= 0; i--)
        s->by_end[--s->ends[r->rects[i].end]] = i;
}

void tin_skyline_open(tin_skyline *s, const tin_rects *problem)
{
    const int32_t n = problem->n_slices;
    int32_t i;

    s->problem = problem;
    s->rest = s->floor + n;
    s->owner = s->rest + n;
    s->low = s->owner + n;
    count_borders(s);
    memset(s->failures, 0, (size_t)n * sizeof *s->failures);
    for (i = 0; i < problem->n; i++)
        s->by_low[i] = i;
}

/* ---- Changes and the way back ------------------------------------------- */

static void set(tin_skyline *s, int32_t *slot, int32_t value)
{
    if (s->n_trail < s->cap_trail) {
        s->trail[s->n_trail].slot = (int32_t)(slot - s->floor);
        s->trail[s->n_trail++].old = *slot;
    } else {
        s->overflow = 1;
    }
    *slot = value;
}

void tin_skyline_undo_to(tin_skyline *s, int32_t n_placed, int32_t n_trail)
{
    while (s->n_trail > n_trail) {
        const tin_skyline_undo *u = &s->trail[--s->n_trail];

        s->floor[u->slot] = u->old;
    }
    while (s->n_placed > n_placed) {
        const int32_t i = s->placed[--s->n_placed];

        s->next[s->prev[i]] = s->prev[s->next[i]] = i;
        s->offset[i] = -1;
    }
}

int tin_skyline_fail(tin_skyline *s, int32_t slice, int64_t miss)
{
    if (miss < s->excess)
        s->excess = miss;
    s->failures[slice]++;
    return 0;
}

static int64_t padded(const tin_skyline *s, int32_t i, int32_t slice)
{
    return tin_plan_round_up(s->problem->rects[i].bytes,
                             s->problem->slices[slice].unit);
}

int tin_skyline_reset(tin_skyline *s, int64_t capacity)
{
    const tin_rects *r = s->problem;
    int32_t i, k;

    s->capacity = capacity;
    s->excess = INT64_MAX;
    s->overflow = 0;
    s->n_placed = s->n_trail = 0;
    for (i = 0; i <= r->n; i++) {
        s->next[i] = i < r->n ? i + 1 : 0;
        s->prev[i] = i > 0 ? i - 1 : r->n;
    }
    for (i = 0; i < r->n; i++) {
        s->low[i] = 0;
        s->offset[i] = -1;
    }
    for (k = 0; k < r->n_slices; k++) {
        s->floor[k] = 0;
        s->owner[k] = -1;
        s->rest[k] = (int32_t)r->slices[k].load;
        if (tin_skyline_slack(s, k) < 0)
            return tin_skyline_fail(s, k, -tin_skyline_slack(s, k));
    }
    return 1;
}

/* ---- What follows ------------------------------------------------------- */

/* Slices lo .. hi - 1, where something has changed. */
typedef struct {
    int32_t lo, hi;
} window;

static int lift(tin_skyline *s, int32_t i, int64_t to, window *w)
{
    const tin_rect *x = &s->problem->rects[i];
    const int64_t low = tin_plan_round_up(to, x->align);

    if (low + x->bytes > s->capacity)
        return tin_skyline_fail(s, x->first, low + x->bytes - s->capacity);
    set(s, &s->low[i], (int32_t)low);
    if (x->first < w->lo)
        w->lo = x->first;
    if (x->end > w->hi)
        w->hi = x->end;
    return 1;
}

/* Rects lie above the floors of the window, which grows by those lifted. */
static int lift_rects(tin_skyline *s, window *w)
{
    const int32_t lo = w->lo, hi = w->hi, head = s->problem->n;
    const tin_rect *rects = s->problem->rects;
    int32_t i, k;

    for (i = s->next[head]; i != head && rects[i].first < hi; i = s->next[i]) {
        int32_t to = s->low[i];

        k = rects[i].first > lo ? rects[i].first : lo;
        for (; k < rects[i].end && k < hi; k++)
            if (s->floor[k] > to)
                to = s->floor[k];
        if (to > s->low[i] && !lift(s, i, to, w))
            return 0;
    }
    return 1;
}

/* Puts by_low in descending order of low. It was so before the last changes,
 * and insertion then has little to do. */
static void sort_by_low(tin_skyline *s)
{
    int32_t i, k;

    for (i = 1; i < s->problem->n; i++) {
        const int32_t x = s->by_low[i], low = s->low[x];

        for (k = i; k > 0 && s->low[s->by_low[k - 1]] < low; k--)
            s->by_low[k] = s->by_low[k - 1];
        s->by_low[k] = x;
    }
}

/* Adds a rect to those that lie no lower, and sees whether they fit. */
static int stack(tin_skyline *s, int32_t i, window w)
{
    const tin_rect *x = &s->problem->rects[i];
    const int64_t low = s->low[i];
    int32_t k = x->first > w.lo ? x->first : w.lo;

    for (; k < x->end && k < w.hi; k++) {
        const int64_t have = s->capacity + s->problem->slices[k].spare;

        s->above[k] += (int32_t)padded(s, i, k);
        if (low + s->above[k] > have)
            return tin_skyline_fail(s, k, low + s->above[k] - have);
        if (s->above[k] == s->rest[k] && low > s->floor[k])
            set(s, &s->floor[k], (int32_t)low); // the last is the lowest
    }
    return 1;
}

/* The floors of the window rise to the lowest rects there. */
static int lift_floors(tin_skyline *s, window w)
{
    int32_t i;

    sort_by_low(s);
    memset(s->above + w.lo, 0, (size_t)(w.hi - w.lo) * sizeof *s->above);
    for (i = 0; i < s->problem->n; i++)
        if (s->offset[s->by_low[i]] < 0 && !stack(s, s->by_low[i], w))
            return 0;
    return 1;
}

/* ---- Steps -------------------------------------------------------------- */

/* The floors of slices k - 1 and k differ. Rects that live on from one to the
 * other must find the same height in both. Below the lowest of them lie some
 * of the rects that end here and some of those that begin here: two sets whose
 * sums make up for the step, save for what may be wasted. */
typedef struct {
    int64_t floor[2]; /* of slices k - 1 and k */
    int64_t slack[2];
    int64_t size[STEP_RECTS];
    int32_t side[STEP_RECTS]; /* 0: it ends here, 1: it begins here */
    int32_t n;
} step;

/* Adds a rect to a side of the step at k; returns its size there. */
static int64_t add_to_step(const tin_skyline *s, step *st, int32_t i, int32_t k,
                           int32_t side)
{
    const int64_t size = padded(s, i, k - 1 + side);

    if (s->offset[i] >= 0)
        return 0;
    if (st->n < STEP_RECTS) {
        st->size[st->n] = size;
        st->side[st->n] = side;
    }
    st->n++;
    return size;
}

/* Returns 0 if there is no step, nothing that crosses it, or too much to
 * try. */
static int describe_step(const tin_skyline *s, int32_t k, step *st)
{
    int64_t begin = 0;
    int32_t i;

    if (s->floor[k - 1] == s->floor[k] || !s->rest[k - 1] || !s->rest[k])
        return 0;
    st->n = 0;
    for (i = 0; i < 2; i++) {
        st->floor[i] = s->floor[k - 1 + i];
        st->slack[i] = tin_skyline_slack(s, k - 1 + i);
    }
    for (i = s->begins[k]; i < s->begins[k + 1]; i++)
        begin += add_to_step(s, st, i, k, 1);
    for (i = s->ends[k]; i < s->ends[k + 1]; i++)
        (void)add_to_step(s, st, s->by_end[i], k, 0);
    return st->n <= STEP_RECTS && begin < s->rest[k];
}

/* The least height at which the two sides can meet. All sets are tried in the
 * order of a Gray code: from one to the next, one rect comes or goes. *miss
 * is the least slack for want of which sets were refused. */
static int64_t match_step(const step *st, int64_t *miss)
{
    int64_t side[2], best = INT64_MAX;
    uint32_t chosen = 0, count = 0;

    side[0] = st->floor[0];
    side[1] = st->floor[1];
    *miss = INT64_MAX;
    for (;;) {
        const int64_t rise = side[1] - side[0];
        const int64_t top = rise > 0 ? side[1] : side[0];
        const int64_t lack =
            rise > 0 ? rise - st->slack[0] : -rise - st->slack[1];
        int32_t bit = 0;

        if (lack <= 0 && top < best)
            best = top;
        if (lack > 0 && lack < *miss)
            *miss = lack;
        if (++count == (uint32_t)1 << st->n)
            return best;
        while (!(count >> bit & 1u))
            bit++;
        chosen ^= (uint32_t)1 << bit;
        side[st->side[bit]] +=
            chosen >> bit & 1u ? st->size[bit] : -st->size[bit];
    }
}

/* Lifts what crosses from slice k - 1 to k. */
static int lift_crossing(tin_skyline *s, int32_t k, int64_t to, int64_t miss,
                         window *w)
{
    const int32_t head = s->problem->n;
    const tin_rect *rects = s->problem->rects;
    int32_t i;

    for (i = s->next[head]; i != head && rects[i].first < k; i = s->next[i]) {
        if (rects[i].end <= k || s->low[i] >= to)
            continue;
        if (to > s->capacity)
            return tin_skyline_fail(s, k, miss);
        if (miss < s->excess)
            s->excess = miss; // with so much more this might not follow
        if (!lift(s, i, to, w))
            return 0;
    }
    return 1;
}

/* Looks at the steps in the window and at its ends, and leaves in *w what has
 * changed. */
static int match_steps(tin_skyline *s, window *w)
{
    const window old = *w;
    int32_t k;

    w->lo = s->problem->n_slices;
    w->hi = 0;
    for (k = old.lo; k <= old.hi; k++) {
        step st;
        int64_t miss, to;

        if (k == 0 || k == s->problem->n_slices || !describe_step(s, k, &st))
            continue;
        to = match_step(&st, &miss);
        if (to > st.floor[0] && to > st.floor[1] &&
            !lift_crossing(s, k, to, miss, w))
            return 0;
    }
    return 1;
}

/* All that follows from higher floors in lo .. hi - 1. */
static int settle(tin_skyline *s, int32_t lo, int32_t hi)
{
    window w;

    w.lo = lo;
    w.hi = hi;
    if (!lift_rects(s, &w))
        return 0;
    while (w.lo < w.hi)
        if (!lift_floors(s, w) || !match_steps(s, &w))
            return 0;
    return 1;
}

/* ---- Moves -------------------------------------------------------------- */

int tin_skyline_place(tin_skyline *s, int32_t i)
{
    const tin_rect *x = &s->problem->rects[i];
    int32_t k;

    s->offset[i] = s->low[i];
    s->placed[s->n_placed++] = i;
    s->next[s->prev[i]] = s->next[i];
    s->prev[s->next[i]] = s->prev[i];
    for (k = x->first; k < x->end; k++) {
        const int32_t size = (int32_t)padded(s, i, k);

        set(s, &s->owner[k], i);
        set(s, &s->rest[k], s->rest[k] - size);
        set(s, &s->floor[k], s->low[i] + size);
    }
    return settle(s, x->first, x->end);
}

int tin_skyline_raise(tin_skyline *s, int32_t slice, int64_t floor)
{
    set(s, &s->floor[slice], (int32_t)floor);
    return settle(s, slice, slice + 1);
}
