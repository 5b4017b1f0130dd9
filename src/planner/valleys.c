/* SPDX-License-Identifier: MIT */
/*
 * valleys.c: is there a plan of at most `capacity` bytes?
 *
 * Floors of one height side by side, with higher ones or nothing to come on
 * both sides, are a valley. What crosses its rim lies above the rim, so only
 * the rects inside can come to rest on its floor. Take any slice of a valley:
 * either one of the few rects of that kind lies there next, at its low, or none
 * does. Then the floor of the slice rises to the least height that is left:
 *
 *   - a rect that crosses the rim lies at its own low or above;
 *   - one inside has to rest on something that does not reach this slice and
 *     is still to come; it lies no lower than that one's low plus its size.
 *
 * So the options are complete. The slice with the fewest is taken: often there
 * is just one. A partial plan is refused, moreover, if
 *
 *   - a rect does not rest on the ground or on another: it could sink;
 *   - the second of two equal rects was placed first: they could swap names;
 *   - another one has been met that is at least as good, see seen.c.
 *
 * Sinking and renaming what is to come leave what is placed as it is. So a
 * partial plan that can be completed at all can be completed by these rules.
 *
 * A search that comes to no end starts again after a while, with other
 * preferences, and with more attention to the slices where it failed. The
 * lengths of the runs are 1 1 2 1 1 2 4 1 1 2 1 1 2 4 8 ...: Luby's sequence,
 * never far from the best one when nothing is known of how long a run takes.
 */
#include "skyline.h"

#include <string.h>

enum {
    OPTIONS_PER_RECT = 32,
    RUN_NODES = 512, /* of the shortest run */
    RAISE = -1       /* the option that nothing lies there next */
};

typedef enum { FOUND, NONE, UNDECIDED } outcome;

/* A choice with options left to try. */
typedef struct {
    int32_t options; /* how many */
    int32_t slice;
    int64_t floor; /* of the slice if RAISE is taken */
    int32_t n_placed, n_trail;
} choice;

typedef struct {
    tin_rects problem;
    tin_skyline sky;
    tin_seen seen;
    choice *choices;
    int32_t n_choices;
    int32_t *options; /* of all choices: rects, or RAISE */
    int32_t n_options, cap_options;
    int32_t *valley, *valley_end; /* per slice; -1: it is in none */
    int32_t *count;               /* per slice: rects ready to be placed */
    int64_t *preference;          /* per rect: higher ones are tried first */
    uint8_t *ready;               /* per rect */
    uint32_t random;
    int32_t runs;
} search;

static void take_memory(search *s, tin_plan_memory *memory, int32_t n)
{
    const size_t count = (size_t)n;

    tin_rects_take(&s->problem, memory, n);
    tin_skyline_take(&s->sky, memory, n);
    tin_seen_take(&s->seen, memory, n);
    s->cap_options = n * OPTIONS_PER_RECT;
    s->options = tin_plan_take(memory, (size_t)s->cap_options, sizeof(int32_t));
    s->choices = tin_plan_take(memory, count + 1, sizeof *s->choices);
    s->valley = tin_plan_take(memory, count, sizeof *s->valley);
    s->valley_end = tin_plan_take(memory, count, sizeof *s->valley_end);
    s->count = tin_plan_take(memory, count, sizeof *s->count);
    s->preference = tin_plan_take(memory, count, sizeof *s->preference);
    s->ready = tin_plan_take(memory, count, sizeof *s->ready);
}

size_t tin_plan_fill_size(int32_t n)
{
    tin_plan_memory memory = {NULL, 0};
    search s;

    take_memory(&s, &memory, n);
    return memory.used;
}

/* ---- Valleys ------------------------------------------------------------ */

/* Is slice k higher than `floor`, or is nothing to come there? */
static int is_rim(const tin_skyline *t, int32_t k, int32_t floor)
{
    return k < 0 || k == t->problem->n_slices || !t->rest[k] ||
           t->floor[k] > floor;
}

static void find_valleys(search *s)
{
    const tin_skyline *t = &s->sky;
    const int32_t n = t->problem->n_slices;
    int32_t lo, hi, k;

    for (lo = 0; lo < n; lo = hi) {
        const int32_t floor = t->floor[lo];
        int deep = t->rest[lo] > 0;

        hi = lo + 1;
        while (deep && !is_rim(t, hi, floor) && t->floor[hi] == floor)
            hi++;
        deep = deep && is_rim(t, lo - 1, floor) && is_rim(t, hi, floor);
        for (k = lo; k < hi; k++) {
            s->valley[k] = deep ? lo : -1;
            s->valley_end[k] = hi;
            s->count[k] = 0;
        }
    }
}

static int is_inside(const search *s, int32_t i)
{
    const tin_rect *x = &s->problem.rects[i];

    return s->valley[x->first] >= 0 && s->valley_end[x->first] >= x->end;
}

/* Is the rect before this one its equal, and to come as well? */
static int has_twin(const tin_skyline *t, int32_t i)
{
    const tin_rect *a = &t->problem->rects[i], *b = a - 1;

    return i > 0 && t->offset[i - 1] < 0 && a->first == b->first &&
           a->end == b->end && a->bytes == b->bytes && a->align == b->align;
}

/* Does the rect, at its low, rest on the ground or on another one? */
static int rests(const tin_skyline *t, int32_t i)
{
    const tin_rect *rects = t->problem->rects, *x = &rects[i];
    int64_t top = 0;
    int32_t k;

    for (k = x->first; k < x->end; k++) {
        const int32_t q = t->owner[k];

        if (q >= 0 && t->offset[q] + (int64_t)rects[q].bytes > top)
            top = t->offset[q] + (int64_t)rects[q].bytes;
    }
    return tin_plan_round_up(top, x->align) == t->low[i];
}

/* Finds what can be placed, and counts it in every slice. */
static void find_ready(search *s)
{
    const tin_skyline *t = &s->sky;
    const int32_t head = t->problem->n;
    int32_t i, k;

    for (i = t->next[head]; i != head; i = t->next[i]) {
        const tin_rect *x = &t->problem->rects[i];

        s->ready[i] = is_inside(s, i) && !has_twin(t, i) && rests(t, i);
        for (k = x->first; s->ready[i] && k < x->end; k++)
            s->count[k]++;
    }
}

/* ---- Choices ------------------------------------------------------------ */

/* Rather choose at slice a than at b? Few options are good, failures so far,
 * and little that may be wasted. */
static int is_better(const search *s, int32_t a, int32_t b)
{
    const tin_skyline *t = &s->sky;
    const int64_t slack_a = tin_skyline_slack(t, a);
    const int64_t slack_b = tin_skyline_slack(t, b);
    const int64_t options_a = s->count[a] + (slack_a > 0);
    const int64_t options_b = s->count[b] + (slack_b > 0);
    const int64_t x = options_a < 2 ? 0 : options_a * (1 + t->failures[b]);
    const int64_t y = options_b < 2 ? 0 : options_b * (1 + t->failures[a]);

    return x != y ? x < y : slack_a < slack_b;
}

/* A slice of a valley: the lowest floor of all is that of one. */
static int32_t choose_slice(const search *s)
{
    int32_t best = -1, k;

    for (k = 0; k < s->problem.n_slices; k++)
        if (s->valley[k] >= 0 && (best < 0 || is_better(s, k, best)))
            best = k;
    return best;
}

/* The floor of slice k if none of the rects inside lies there next. */
static int64_t raised_floor(const search *s, int32_t k)
{
    const tin_skyline *t = &s->sky;
    const tin_rect *rects = t->problem->rects;
    const int32_t head = t->problem->n;
    int64_t least = INT64_MAX;
    int32_t i;

    for (i = t->next[head]; i != head && rects[i].first < s->valley_end[k];
         i = t->next[i]) {
        const int reaches = rects[i].first <= k && k < rects[i].end;
        const int64_t height = t->low[i] + (int64_t)rects[i].bytes;

        if (rects[i].end <= s->valley[k] || (reaches && is_inside(s, i)))
            continue;
        if (reaches && t->low[i] < least)
            least = t->low[i];
        if (!reaches && height < least)
            least = height;
    }
    return least;
}

static int can_raise(search *s, int32_t k, int64_t floor)
{
    const int64_t more = s->sky.rest[k] - s->problem.slices[k].spare;
    const int64_t miss = floor + (more > 0 ? more : 0) - s->sky.capacity;

    return miss <= 0 || tin_skyline_fail(&s->sky, k, miss);
}

/* How many rims the rect touches, and with how many of them it is level: each
 * leaves one corner less. */
static int64_t fit(const search *s, int32_t i, int32_t k)
{
    const tin_skyline *t = &s->sky;
    const tin_rect *x = &t->problem->rects[i];
    const int64_t top = t->low[i] + (int64_t)x->bytes;
    const int32_t lo = s->valley[k] - 1, hi = s->valley_end[k];
    int64_t points = 0;

    if (x->first == lo + 1)
        points += 1 + (lo >= 0 && t->rest[lo] && t->floor[lo] == top);
    if (x->end == hi)
        points += 1 + (hi < t->problem->n_slices && t->rest[hi] &&
                       t->floor[hi] == top);
    return points;
}

static int64_t value(const search *s, int32_t i, int32_t k)
{
    return s->preference[i] * (4 + fit(s, i, k));
}

/* Options are taken from the end: the preferred one comes last. */
static void insert_option(search *s, int32_t first, int32_t i, int32_t k)
{
    int32_t at = s->n_options++;

    for (; at > first && s->options[at - 1] != RAISE &&
           value(s, s->options[at - 1], k) > value(s, i, k);
         at--)
        s->options[at] = s->options[at - 1];
    s->options[at] = i;
}

/* Lists the options at slice k; returns how many there are. */
static int32_t list_options(search *s, int32_t k, int64_t floor)
{
    const tin_skyline *t = &s->sky;
    const tin_rect *rects = t->problem->rects;
    const int32_t head = t->problem->n, first = s->n_options;
    int32_t i;

    if (floor < INT64_MAX && can_raise(s, k, floor))
        s->options[s->n_options++] = RAISE;
    for (i = t->next[head]; i != head && rects[i].first <= k; i = t->next[i])
        if (s->ready[i] && rects[i].end > k)
            insert_option(s, first, i, k);
    return s->n_options - first;
}

/* Opens a choice at the best slice; returns 0 if that has no option. */
static int open_choice(search *s)
{
    tin_skyline *t = &s->sky;
    const int32_t k = choose_slice(s);
    choice *c = &s->choices[s->n_choices];

    if (s->n_options + t->problem->n >= s->cap_options) {
        t->overflow = 1;
        return 0;
    }
    c->slice = k;
    c->floor = raised_floor(s, k);
    if (c->floor < INT64_MAX)
        c->floor = tin_plan_round_up(c->floor, s->problem.slices[k].unit);
    c->options = list_options(s, k, c->floor);
    c->n_placed = t->n_placed;
    c->n_trail = t->n_trail;
    s->n_choices += c->options > 0;
    return c->options > 0;
}

/* Goes back to the last choice and takes its next option. A choice without
 * further ones is forgotten. So a choice that is kept has placed a rect, as
 * RAISE comes last, and there are no more of them than rects. */
static int take_option(search *s)
{
    choice *c = &s->choices[s->n_choices - 1];
    const int32_t option = s->options[--s->n_options];

    tin_skyline_undo_to(&s->sky, c->n_placed, c->n_trail);
    if (--c->options == 0)
        s->n_choices--;
    if (option == RAISE)
        return tin_skyline_raise(&s->sky, c->slice, c->floor);
    return tin_skyline_place(&s->sky, option) &&
           !tin_seen_before(&s->seen, &s->sky, (uint32_t)s->runs + 1);
}

/* ---- Runs --------------------------------------------------------------- */

/* Looks for a plan of at most `capacity`, for so many nodes. */
static outcome run(search *s, int64_t capacity, int64_t nodes, int64_t *work)
{
    tin_skyline *t = &s->sky;
    int alive = tin_skyline_reset(t, capacity);

    s->n_choices = s->n_options = 0;
    for (;;) {
        if (alive && t->n_placed == t->problem->n)
            return FOUND;
        if (alive) {
            find_valleys(s);
            find_ready(s);
            alive = open_choice(s);
        }
        if (t->overflow || nodes-- == 0)
            return UNDECIDED;
        if (s->n_choices == 0)
            return NONE;
        alive = take_option(s);
        ++*work;
    }
}

/* Large rects first, by area, by size or by length; from the second run on
 * with noise. */
static void set_preferences(search *s)
{
    int32_t i;

    for (i = 0; i < s->problem.n; i++) {
        const tin_rect *x = &s->problem.rects[i];
        const int64_t length = x->end - x->first;
        int64_t p = length * x->bytes;

        if (s->runs % 4 == 1)
            p = x->bytes;
        if (s->runs % 4 == 3)
            p = (length << 20) + (x->bytes >> 11);
        if (s->runs > 0)
            p *= 80 + tin_plan_random(&s->random) % 41;
        s->preference[i] = p;
    }
}

/* Number n, from 1, of the sequence 1 1 2 1 1 2 4 ... */
static int64_t luby(int32_t n)
{
    int32_t whole = 1;

    for (;;) {
        while (whole < n)
            whole = 2 * whole + 1;
        if (whole == n)
            return (whole + 1) / 2;
        n -= whole / 2;
        whole = 1;
    }
}

/* How far above the least peak that may be possible to aim next. Proofs that
 * succeed make longer steps, plans that are found shorter ones. Without either
 * the least is tried, and in between something easier, so that the plan gets
 * better even if no proof ends. */
static int64_t next_reach(int64_t reach, outcome last, int64_t gap,
                          int32_t runs)
{
    if (last == NONE)
        reach = 2 * reach + gap / 16;
    else if (last == FOUND)
        reach = reach / 2;
    else
        reach = runs % 4 == 3 ? gap - (gap >> (1 + runs / 4 % 6)) : 0;
    return reach < gap ? reach : gap;
}

static void keep(const search *s, tin_plan_part *part)
{
    int32_t i;

    part->peak = 0;
    for (i = 0; i < s->problem.n; i++) {
        const tin_rect *x = &s->problem.rects[i];
        const int64_t top = s->sky.offset[i] + (int64_t)x->bytes;

        part->best[x->id] = s->sky.offset[i];
        if (top > part->peak)
            part->peak = top;
    }
}

/* There is no plan up to `capacity`, nor up to the excess above that. */
static void raise_bound(const search *s, tin_plan_part *part, int64_t capacity)
{
    part->bound = part->peak;
    if (s->sky.excess < part->peak - capacity)
        part->bound = capacity + s->sky.excess;
}

static void seek(search *s, tin_plan_part *part, int64_t target)
{
    outcome last = UNDECIDED;
    int64_t reach = 0;
    int32_t k;

    for (s->runs = 0; part->peak > part->bound && part->peak > target &&
                      part->work < part->work_limit;
         s->runs++) {
        const int64_t least = part->bound > target ? part->bound : target;
        const int64_t left = part->work_limit - part->work;
        const int64_t nodes = RUN_NODES * luby(s->runs + 1);

        set_preferences(s);
        for (k = 0; k < s->problem.n_slices; k++)
            s->sky.failures[k] /= 2;
        reach = next_reach(reach, last, part->peak - 1 - least, s->runs);
        last = run(s, least + reach, nodes < left ? nodes : left, &part->work);
        if (last == FOUND)
            keep(s, part);
        else if (last == NONE)
            raise_bound(s, part, least + reach);
    }
}

/* Do all sums of the search fit in 32 bits? */
static int is_small(const tin_rects *r, int64_t peak)
{
    int64_t most = peak;
    int32_t unit = 1, k;

    for (k = 0; k < r->n_slices; k++) {
        if (r->slices[k].load > most)
            most = r->slices[k].load;
        if (r->slices[k].unit > unit)
            unit = r->slices[k].unit;
    }
    return most + unit <= INT32_MAX;
}

void tin_plan_fill(tin_plan_part *part, int64_t target, void *work)
{
    tin_plan_memory memory = {NULL, 0};
    search s;

    memory.base = work;
    take_memory(&s, &memory, part->n);
    s.random = 2463534242u;
    tin_rects_build(&s.problem, part);
    tin_rects_bound(&s.problem, part);
    if (!is_small(&s.problem, part->peak))
        return;
    tin_skyline_open(&s.sky, &s.problem);
    tin_seen_open(&s.seen, &s.problem);
    seek(&s, part, target);
}
