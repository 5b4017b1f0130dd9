/* SPDX-License-Identifier: MIT */
/*
 * search.c: the best plan of one part, by branch and bound: depth first, with
 * the decisions so far as a trail of changes. The proof is in boxes.h.
 */
#include "boxes.h"

/* ---- Choosing ------------------------------------------------------------ */

/* Can no box still to be placed come to lie below box i? */
static int is_lowest(const tin_boxes *s, const tin_box *x)
{
    int32_t k;

    if (x->placed || x->deferred || x->low > x->floor)
        return 0;
    for (k = x->first; k <= x->last; k++)
        if (s->sections[k].low < x->floor)
            return 0;
    return 1;
}

/* Must another decision come before that about box i? */
static int has_to_wait(const tin_boxes *s, int32_t i)
{
    const tin_box *x = &s->boxes[i];
    int32_t k;

    if (x->twin >= 0 && !s->boxes[x->twin].placed &&
        !s->boxes[x->twin].deferred)
        return 1;
    for (k = x->start; k < x->end && s->zeros; k++) {
        const tin_box *y = &s->boxes[s->near[k]];

        if (!y->placed && y->low == x->floor &&
            tin_box_comes_first(s, s->near[k], i))
            return 1;
    }
    return 0;
}

/* Does one of the sections of this box have no other choice? */
static int is_forced(const tin_boxes *s, const tin_box *x)
{
    int32_t k;

    for (k = x->first; k <= x->last; k++) {
        const tin_section *y = &s->sections[k];

        if (y->count == 1 && y->slack < y->next - y->low)
            return 1;
    }
    return 0;
}

static int64_t preference(tin_boxes *s, int32_t i)
{
    const tin_box *x = &s->boxes[i];
    const int64_t life = x->last - x->first + 1;

    if (s->strategy > 3 && tin_plan_random(&s->random) % 8 == 0)
        return INT32_MAX;
    switch (s->strategy % 4) {
    case 0: return x->bytes;
    case 1: return life;
    case 2: return life * x->bytes;
    default: return tin_plan_random(&s->random) % 1024;
    }
}

/* The box to decide about: one that is forced, or a lowest one; -1: none. */
static int32_t choose(tin_boxes *s)
{
    int32_t best = -1, least = INT32_MAX, i;
    int64_t most = -1;

    for (i = 0; i < s->n_boxes; i++) {
        const tin_box *x = &s->boxes[i];
        int32_t rank;
        int64_t value;

        if (!is_lowest(s, x) || has_to_wait(s, i))
            continue;
        rank = is_forced(s, x) ? -1 : x->floor;
        if (rank > least)
            continue;
        value = preference(s, i);
        if (rank < least || value > most) {
            best = i;
            least = rank;
            most = value;
        }
    }
    return best;
}

/* ---- Running ------------------------------------------------------------- */

typedef enum { FOUND, EXHAUSTED, STOPPED } outcome;

/* Decides about the next box, or goes up. */
static int step(tin_boxes *s)
{
    const int32_t i = choose(s);

    if (i < 0)
        return tin_boxes_raise(s);
    return tin_box_place(s, i);
}

/* Looks for a plan of at most `capacity`, for `budget` nodes. */
static outcome run(tin_boxes *s, int64_t capacity, int64_t budget)
{
    const tin_sections all = {0, s->n_sections - 1};
    int ok;

    s->capacity = capacity;
    s->excess = INT64_MAX;
    tin_boxes_reset(s);
    ok = tin_boxes_update(s, all);
    while (s->left > 0 || !ok) {
        // one step remembers each box at most twice
        if (budget-- <= 0 || s->n_trail + 2 * s->n_boxes + 1 > s->cap_trail)
            return STOPPED;
        s->p->work++;
        if (ok) {
            ok = step(s);
        } else {
            const int32_t i = tin_boxes_undo(s);

            if (i < 0)
                return EXHAUSTED;
            ok = tin_box_defer(s, i);
        }
    }
    return FOUND;
}

static void keep(tin_boxes *s)
{
    tin_plan_part *p = s->p;
    int32_t i;

    p->peak = 0;
    for (i = 0; i < s->n_boxes; i++) {
        const tin_box *x = &s->boxes[i];

        p->best[p->ids[i]] = x->floor;
        if ((int64_t)x->floor + x->bytes > p->peak)
            p->peak = (int64_t)x->floor + x->bytes;
    }
}

/* One run: a plan found lowers the peak, an exhausted search raises the bound
 * to the least peak that was cut off. Returns whether it was finished. */
static int attempt(tin_boxes *s, int64_t capacity, int64_t budget)
{
    const int64_t left = s->p->work_limit - s->p->work;
    const outcome o = run(s, capacity, budget < left ? budget : left);

    if (o == FOUND)
        keep(s);
    if (o == EXHAUSTED)
        s->p->bound = s->excess < s->p->peak ? s->excess : s->p->peak;
    return o != STOPPED;
}

/* Runs at the bound, which either prove it too low or end the search, take
 * turns with runs just below the peak, ever longer. */
void tin_plan_search(tin_plan_part *p, int64_t target, void *work)
{
    enum { FIRST_BUDGET = 2000 };
    int64_t budget = FIRST_BUDGET;
    int64_t bound;
    tin_boxes s;

    tin_plan_bound(p, work);
    bound = p->bound;
    tin_boxes_build(&s, p, work);
    tin_boxes_find_twins(&s);
    tin_boxes_find_circle(&s);
    while (p->peak > target && p->peak > p->bound && p->work < p->work_limit) {
        const int64_t low = p->bound > target ? p->bound : target;

        if (attempt(&s, low, budget))
            continue;
        if (low < p->peak - 1)
            (void)attempt(&s, p->peak - 1, budget);
        s.strategy++;
        budget += budget / 2;
    }
    if (s.circle)
        p->bound = bound;
}
