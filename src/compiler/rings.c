/* SPDX-License-Identifier: MIT */
/* rings.c: see simulate.h. How long rings are, and which share their slots. */
#include "simulate.h"

/* The root that is made by step i of the stage; i = first - 1: that which is
 * pushed into it. */
static int32_t root_made(const tin_simulation *sim, int32_t i)
{
    return tin_output_root(sim->s, i < sim->first ? -1 : i);
}

static int32_t first_maker(const tin_simulation *sim)
{
    return sim->first - sim->pushing;
}

/* The rows that a tensor holds when its maker adds n. */
static int32_t rows_with_next(const tin_simulation *sim, int32_t root,
                              int32_t n)
{
    const tin_root *r = &sim->s->roots[root];

    if (r->maker >= 0 && sim->s->model->steps[r->maker].at_end)
        return r->rows;
    return (tin_written(sim, root) - tin_dead(sim, root)) / r->row_bytes + n;
}

int64_t tin_find_rings(tin_simulation *sim)
{
    const tin_schedule *s = sim->s;
    int64_t moments = 0;
    tin_moment m;
    int32_t i;

    for (i = first_maker(sim); i < sim->end; i++)
        s->rings[root_made(sim, i)].own = 0;
    while (tin_sim_next(sim, &m)) {
        const int32_t out = tin_output_root(s, m.step);
        const int32_t rows = rows_with_next(sim, out, m.n);

        if (rows > s->rings[out].own)
            s->rings[out].own = rows;
        tin_sim_count(sim, &m);
        moments++;
    }
    tin_part_rings(sim);
    return moments;
}

void tin_part_rings(const tin_simulation *sim)
{
    int32_t i;

    for (i = first_maker(sim); i < sim->end; i++) {
        const int32_t root = root_made(sim, i);
        tin_ring *r = &sim->s->rings[root];

        r->rows = r->own;
        r->first = r->shift = 0;
        r->host = root;
        r->next = -1;
    }
}

int tin_ring_is_empty(const tin_simulation *sim, int32_t root)
{
    const tin_ring *rings = sim->s->rings;
    int32_t i;

    for (i = rings[root].host; i >= 0; i = rings[i].next)
        if (tin_dead(sim, i) < tin_written(sim, i))
            return 0;
    return 1;
}

/* ---- Which may share ---------------------------------------------------- */

static int are_alike(const tin_schedule *s, int32_t a, int32_t b)
{
    return s->roots[a].row_bytes == s->roots[b].row_bytes &&
           tin_root_align(s, a) == tin_root_align(s, b);
}

static tin_lag *lag_of(const tin_schedule *s, int32_t ahead, int32_t behind)
{
    return &s->lags[s->rings[ahead].member * TIN_SHARE_MAX +
                    s->rings[behind].member];
}

/* Lists the rings in the order of their makers. A ring of one row mostly holds
 * it for a moment only, and does better with bytes that others have at other
 * moments. Returns how many there are. */
static int32_t list_members(const tin_simulation *sim)
{
    const tin_schedule *s = sim->s;
    const tin_lag never = {INT32_MAX, INT32_MIN};
    int32_t n = 0, i;

    for (i = first_maker(sim); i < sim->end; i++) {
        const int32_t root = root_made(sim, i);

        s->rings[root].member = -1;
        if (n == TIN_SHARE_MAX || !tin_is_ring(sim, root) ||
            s->rings[root].own < 2)
            continue;
        s->rings[root].member = n;
        s->members[n++] = root;
    }
    for (i = 0; i < n * TIN_SHARE_MAX; i++)
        s->lags[i] = never;
    return n;
}

static int have_alike(const tin_schedule *s, int32_t n)
{
    int32_t i, k;

    for (i = 0; i < n; i++)
        for (k = 0; k < i; k++)
            if (are_alike(s, s->members[i], s->members[k]))
                return 1;
    return 0;
}

/* Ring `out` is about to hold its rows up to `end`, while `other` has some. */
static void note_lag(const tin_simulation *sim, int32_t other, int32_t out,
                     int32_t end)
{
    const tin_schedule *s = sim->s;
    const int32_t row_bytes = s->roots[out].row_bytes;
    const int32_t begin = tin_dead(sim, out) / row_bytes;
    const int32_t from = tin_dead(sim, other) / row_bytes;
    const int32_t to = tin_written(sim, other) / row_bytes;
    const int is_ahead = s->rings[other].member < s->rings[out].member;
    tin_lag *lag = is_ahead ? lag_of(s, other, out) : lag_of(s, out, other);
    const int32_t gap = is_ahead ? from - end : begin - to;
    const int32_t span = is_ahead ? to - begin : end - from;

    if (from == to)
        return;
    if (gap < lag->gap)
        lag->gap = gap;
    if (span > lag->span)
        lag->span = span;
}

/* Gaps are least and spans largest when a ring gains rows. */
static void note_lags(tin_simulation *sim, int32_t n)
{
    const tin_schedule *s = sim->s;
    tin_moment m;
    int32_t i;

    while (tin_sim_next(sim, &m)) {
        const int32_t out = tin_output_root(s, m.step);

        for (i = 0; s->rings[out].member >= 0 && i < n; i++)
            if (s->members[i] != out && are_alike(s, s->members[i], out))
                note_lag(sim, s->members[i], out, m.y + m.n);
        tin_sim_count(sim, &m);
    }
}

/* ---- Sharing ------------------------------------------------------------ */

/* The shift that puts `root` behind all rings of the host; INT32_MAX: it never
 * holds rows while they do. */
static int32_t shift_behind(const tin_schedule *s, int32_t host, int32_t root)
{
    int32_t shift = INT32_MAX, i;

    for (i = host; i >= 0; i = s->rings[i].next) {
        const int32_t gap = lag_of(s, i, root)->gap;

        if (gap < INT32_MAX && s->rings[i].shift + gap < shift)
            shift = s->rings[i].shift + gap;
    }
    return shift;
}

/* The slots that the host's rings and, behind them, `root` need together. */
static int32_t slots_with(const tin_schedule *s, int32_t host, int32_t root,
                          int32_t shift)
{
    int32_t slots = s->rings[host].rows, i;

    if (s->rings[root].own > slots)
        slots = s->rings[root].own;
    for (i = host; i >= 0; i = s->rings[i].next) {
        const tin_lag *lag = lag_of(s, i, root);

        if (lag->gap < INT32_MAX &&
            lag->span + s->rings[i].shift - shift > slots)
            slots = lag->span + s->rings[i].shift - shift;
    }
    return slots;
}

static void join(const tin_schedule *s, int32_t host, int32_t root,
                 int32_t shift)
{
    tin_ring *r = &s->rings[root];

    s->rings[host].rows = slots_with(s, host, root, shift);
    r->host = host;
    r->shift = shift;
    r->next = s->rings[host].next;
    s->rings[host].next = root;
}

/* How many slots the host's rings and `root` save together. */
static int32_t saved_slots(const tin_schedule *s, int32_t host, int32_t root,
                           int32_t shift)
{
    const int32_t slots = slots_with(s, host, root, shift);

    if (slots > INT16_MAX ||
        (int64_t)slots * s->roots[host].row_bytes > INT32_MAX)
        return 0;
    return s->rings[host].rows + s->rings[root].own - slots;
}

/* Joins `root` to the host where that saves most slots; 0: to none. */
static int join_best(const tin_schedule *s, int32_t root)
{
    int32_t best = -1, most = 0, i;

    for (i = 0; i < s->rings[root].member; i++) {
        const int32_t host = s->members[i];
        const int32_t shift = shift_behind(s, host, root);
        int32_t saved;

        if (s->rings[host].host != host || shift == INT32_MAX)
            continue;
        saved = saved_slots(s, host, root, shift);
        if (saved > most) {
            most = saved;
            best = host;
        }
    }
    if (best < 0)
        return 0;
    join(s, best, root, shift_behind(s, best, root));
    return 1;
}

/* Now that it is known how many slots there are: where row 0 lies. */
static void set_first(tin_ring *r, int32_t slots)
{
    r->rows = slots;
    r->first = r->shift % slots;
    if (r->first < 0)
        r->first += slots;
}

int tin_may_share_rings(const tin_simulation *sim)
{
    // what slides has no end: its rings are not seen as they will be
    return tin_is_streamed(sim->s, sim->first, sim->end) &&
           !sim->s->lo->apart && !sim->s->lo->spans &&
           have_alike(sim->s, list_members(sim));
}

void tin_find_lags(tin_simulation *sim)
{
    sim->n_members = list_members(sim);
    note_lags(sim, sim->n_members);
}

int tin_share_rings(const tin_simulation *sim)
{
    const tin_schedule *s = sim->s;
    int32_t i;
    int any = 0;

    for (i = 1; i < sim->n_members; i++)
        any |= join_best(s, s->members[i]);
    for (i = 0; i < sim->n_members; i++) {
        tin_ring *r = &s->rings[s->members[i]];

        set_first(r, s->rings[r->host].rows);
    }
    return any;
}
