/* SPDX-License-Identifier: MIT */
/* simulate.c: see simulate.h. */
#include "simulate.h"

/* Rows of a root that are there, as its maker sees them. */
static int32_t rows_there(const tin_simulation *sim, int32_t root)
{
    const tin_root *r = &sim->s->roots[root];
    const tin_step *maker;

    if (root == sim->s->pushed && sim->pushing)
        return sim->pushed;
    if (r->maker < sim->first)
        return r->rows;
    maker = &sim->s->model->steps[r->maker];
    if (r->in_parts)
        return sim->s->done[r->maker] > 0;
    if (!maker->at_end)
        return sim->s->done[r->maker];
    return sim->s->done[r->maker] == maker->rows ? r->rows : 0;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Rows that the step computes at once, while there are so many. A step that
 * runs as a whole is looked at in not too many pieces. */
static int32_t find_at_once(const tin_simulation *sim, int32_t step)
{
    enum { MOST_PIECES = 1024 };
    const tin_step *st = &sim->s->model->steps[step];
    const int32_t rows = 1 << st->rows_log2;

    if (tin_is_streamed(sim->s, sim->first, sim->end))
        return rows;
    if (sim->s->lo->kernels[step]->joint)
        return st->rows;
    return rows * (st->rows / MOST_PIECES / rows + 1);
}

static int32_t rows_at_once(const tin_simulation *sim, int32_t step)
{
    const int32_t rows = sim->s->at_once[step];
    const int32_t left = sim->s->model->steps[step].rows - sim->s->done[step];

    return rows < left ? rows : left;
}

static int can_run(const tin_simulation *sim, int32_t step)
{
    const tin_step *st = &sim->s->model->steps[step];
    const int32_t y = sim->s->done[step] + rows_at_once(sim, step) - 1;
    int32_t k;

    if (sim->s->done[step] == st->rows)
        return 0;
    for (k = 0; k < st->n_in; k++) {
        const tin_use *u = &sim->s->uses[st->first_arg + k];
        int64_t needed;

        if (u->root < 0)
            continue;
        needed = ((int64_t)y * u->need.stride >> u->need.shift) + u->base +
                 u->need.reach;
        if (rows_there(sim, u->root) < least(needed, u->end))
            return 0;
    }
    return 1;
}

static void begin_moment(const tin_simulation *sim, tin_moment *m, int32_t step)
{
    m->step = step;
    m->y = step < 0 ? sim->pushed : sim->s->done[step];
    m->n = step < 0 ? 1 : rows_at_once(sim, step);
}

/* The next moment, not yet counted as done. Returns 0 at the end. */
int tin_sim_next(const tin_simulation *sim, tin_moment *m)
{
    int32_t i;

    if (sim->at < sim->n_noted) {
        i = sim->s->noted[sim->at];
        begin_moment(sim, m, i == 0 ? -1 : sim->first + i - 1);
        return 1;
    }
    // the caller writes the first row before anything runs
    for (i = sim->pushing && sim->pushed == 0 ? -1 : sim->latest;
         i >= sim->first; i--)
        if (can_run(sim, i)) {
            begin_moment(sim, m, i);
            return 1;
        }
    begin_moment(sim, m, -1);
    return sim->pushing && sim->pushed < sim->s->roots[sim->s->pushed].rows;
}

/* Bytes that may have been written. What is there at the end may have been
 * written at any time, unless it is a single row. */
static int32_t find_written(const tin_simulation *sim, int32_t root)
{
    const tin_root *r = &sim->s->roots[root];

    if (r->maker >= sim->first && r->rows > 1 &&
        sim->s->model->steps[r->maker].at_end)
        return sim->s->done[r->maker] > 0 ? r->bytes : 0;
    return rows_there(sim, root) * r->row_bytes;
}

/* Rows of its work that a use has done. */
static int32_t done_by_use(const tin_simulation *sim, const tin_use *u)
{
    if (u->step < sim->first)
        return sim->s->model->steps[u->step].rows;
    return u->step < sim->end ? sim->s->done[u->step] : 0;
}

static int is_done(const tin_simulation *sim, const tin_use *u)
{
    return done_by_use(sim, u) == sim->s->model->steps[u->step].rows;
}

/* Bytes in front of what this use still needs. */
static int32_t dead_by_use(const tin_simulation *sim, const tin_use *u)
{
    int64_t rows;

    if (is_done(sim, u))
        return sim->s->roots[u->root].bytes;
    rows = ((int64_t)done_by_use(sim, u) * u->need.stride >> u->need.shift) +
           u->need.low;
    rows = least(rows < 0 ? u->base : u->base + rows, u->end);
    return (int32_t)rows * sim->s->roots[u->root].row_bytes;
}

/* Does the network's user need it, or the next inference, or has a step still
 * to write a part of it? */
static int is_kept(const tin_simulation *sim, int32_t root)
{
    const tin_schedule *s = sim->s;
    const tin_root *r = &s->roots[root];

    return r->last_use == s->model->n_steps ||
           (r->many_makers &&
            (r->last_maker >= sim->end ||
             (r->last_maker >= sim->first &&
              s->done[r->last_maker] < s->model->steps[r->last_maker].rows)));
}

static void look_at_maker(const tin_simulation *sim, int32_t root)
{
    const tin_schedule *s = sim->s;
    const tin_root *r = &s->roots[root];
    tin_part *part = &s->parts[root];

    part->written = find_written(sim, root);
    part->dead = part->used < part->written ? part->used : part->written;
    if (is_kept(sim, root) ||
        (r->maker >= sim->first && s->model->steps[r->maker].at_end &&
         rows_there(sim, root) == 0))
        part->dead = 0;
}

void tin_sim_look(const tin_simulation *sim, int32_t root)
{
    const tin_schedule *s = sim->s;
    int32_t used = INT32_MAX, i;

    for (i = s->roots[root].user; i >= 0; i = s->uses[i].other) {
        const int32_t bytes = dead_by_use(sim, &s->uses[i]);

        if (bytes < used)
            used = bytes;
    }
    s->parts[root].used = used;
    look_at_maker(sim, root);
}

/* Where that ends which uses still need; 0: they need nothing. */
static int32_t needed(const tin_simulation *sim, int32_t root)
{
    const tin_schedule *s = sim->s;
    int32_t rows = 0, i;

    if (is_kept(sim, root))
        return s->roots[root].bytes;
    for (i = s->roots[root].user; i >= 0; i = s->uses[i].other)
        if (!is_done(sim, &s->uses[i]) && s->uses[i].end > rows)
            rows = s->uses[i].end;
    return rows * s->roots[root].row_bytes;
}

tin_extent tin_live_part(const tin_simulation *sim, int32_t root)
{
    const tin_extent none = {0, 0};
    tin_extent e;

    e.lo = tin_dead(sim, root);
    e.hi = tin_written(sim, root);
    if (e.hi < sim->s->roots[root].bytes)
        return e; // the rest is to come
    e.hi = needed(sim, root);
    return e.lo < e.hi ? e : none;
}

/* ---- Running ------------------------------------------------------------ */

/* At what a step reads and writes. */
static void look_at_step(const tin_simulation *sim, int32_t step)
{
    const tin_step *st = &sim->s->model->steps[step];
    const tin_use *u = &sim->s->uses[st->first_arg];
    int32_t k;

    for (k = 0; k < st->n_in; k++)
        if (u[k].root >= 0)
            tin_sim_look(sim, u[k].root);
    look_at_maker(sim, tin_output_root(sim->s, step));
}

void tin_sim_begin(tin_simulation *sim, const tin_schedule *s, int32_t first,
                   int32_t end)
{
    int32_t i;

    sim->s = s;
    sim->first = first;
    sim->end = end;
    sim->pushing = first == 0 && s->pushed >= 0;
    sim->n_noted = 0;
    for (i = first; i < end; i++)
        s->at_once[i] = find_at_once(sim, i);
    tin_sim_again(sim);
}

void tin_sim_again(tin_simulation *sim)
{
    const tin_schedule *s = sim->s;
    int32_t i;

    sim->at = 0;
    sim->pushed = 0;
    sim->latest = sim->end - 1;
    for (i = sim->first; i < sim->end; i++)
        s->done[i] = 0;
    if (sim->pushing)
        tin_sim_look(sim, s->pushed);
    for (i = sim->first; i < sim->end; i++) {
        tin_sim_look(sim, tin_output_root(s, i));
        look_at_step(sim, i);
    }
}

/* The first time, notes what runs. */
static void note(tin_simulation *sim, int32_t step)
{
    if (sim->at == sim->n_noted && sim->at < TIN_NOTED_MAX)
        sim->s->noted[sim->n_noted++] =
            (uint16_t)(step < 0 ? 0 : step - sim->first + 1);
    sim->at++;
}

void tin_sim_count(tin_simulation *sim, const tin_moment *m)
{
    const int32_t last_use =
        sim->s->roots[tin_output_root(sim->s, m->step)].last_use;

    note(sim, m->step);
    if (m->step < 0) {
        sim->pushed++;
        tin_sim_look(sim, sim->s->pushed);
    } else {
        sim->s->done[m->step] += m->n;
        look_at_step(sim, m->step);
    }
    // only the users of what was made can have become able to run
    sim->latest = (int32_t)least(last_use, sim->end - 1);
    if (m->step < 0 && sim->pushed == 1)
        sim->latest = sim->end - 1;
}
