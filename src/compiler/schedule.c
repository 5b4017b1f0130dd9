/* SPDX-License-Identifier: MIT */
/* schedule.c: see schedule.h. Roots, uses, and the simulation of a stage. */
#include "schedule.h"

#include <string.h>

/* What a stage does to one of its internal tensors. */
typedef struct tin_ring {
    int32_t rows; /* most that are needed at once */
} tin_ring;

/* One moment: `step` computes rows y .. y + n - 1 of its work, or the caller
 * pushes row y (step -1, n 1). */
typedef struct {
    int32_t step, y, n;
} moment;

/* The state of a stage. */
typedef struct {
    const tin_schedule *s;
    int32_t first, end;
    int32_t pushing; /* 1: the caller pushes rows into this stage */
    int32_t pushed;  /* rows */
    int32_t latest;  /* no step after this one can run */
} simulation;

/* ---- Setting up --------------------------------------------------------- */

static void find_roots(tin_schedule *s)
{
    const tin_lowering *lo = s->lo;
    int32_t i;

    for (i = 0; i < lo->n_drafts; i++) {
        const tin_draft *d = &lo->drafts[i];
        tin_root *r = &s->roots[i];

        r->bytes = d->rows * d->row_bytes;
        r->rows = d->rows;
        r->row_bytes = d->row_bytes;
        r->maker = r->last_use = r->user = r->value = -1;
    }
    for (i = 0; i < lo->graph->n_values; i++)
        if (lo->tensor_of[i] >= 0 &&
            s->roots[lo->drafts[lo->tensor_of[i]].root].value < 0)
            s->roots[lo->drafts[lo->tensor_of[i]].root].value = i;
}

static int32_t root_of(const tin_lowering *lo, int32_t tensor)
{
    const tin_draft *d = &lo->drafts[tensor];

    return d->data || tin_variable_of(lo, tensor) >= 0 ? -1 : d->root;
}

/* The output of a step: its rows are the rows of the root from here on. */
static void note_maker(tin_schedule *s, int32_t step, int32_t tensor)
{
    const tin_draft *d = &s->lo->drafts[tensor];
    tin_root *r = &s->roots[d->root];

    if (r->maker >= 0)
        r->many_makers = 1;
    else
        r->maker = step;
    r->rows = d->rows;
    r->row_bytes = d->row_bytes;
    if (r->last_use < step)
        r->last_use = step;
    if (d->variable >= 0) { // what it holds is for the next inference
        s->whole[step] = 1;
        r->last_use = s->model->n_steps;
    }
}

static void note_use(tin_schedule *s, int32_t step, int32_t arg)
{
    const int32_t tensor = s->lo->args[arg];
    tin_use *u = &s->uses[arg];

    u->root = root_of(s->lo, tensor);
    u->row_bytes = s->lo->drafts[tensor].row_bytes;
    u->rows = s->lo->drafts[tensor].rows;
    u->need = s->lo->needs[arg];
    if (u->root < 0)
        return;
    u->step = step;
    u->other = s->roots[u->root].user;
    s->roots[u->root].user = arg;
    s->roots[u->root].last_use = step;
    // rows of another length than the maker's cannot be told one by one
    if (u->row_bytes != s->roots[u->root].row_bytes)
        u->need = tin_need_all;
}

/* Counters of a stage have 16 bits, and what is written in parts by several
 * steps is not there row by row. */
static int runs_whole(const tin_schedule *s, int32_t step)
{
    const tin_step *st = &s->model->steps[step];
    int32_t k;

    if (st->rows > INT16_MAX)
        return 1;
    for (k = 0; k < st->n_in + st->n_out; k++) {
        const tin_use *u = &s->uses[st->first_arg + k];

        if (u->root >= 0 && s->roots[u->root].many_makers)
            return 1;
        if (k < st->n_in && u->need.reach != INT32_MAX &&
            (u->need.stride > INT16_MAX || u->need.reach > INT16_MAX ||
             u->need.reach < INT16_MIN))
            return 1;
    }
    return 0;
}

/* The outputs of a network that slides are rings like any other tensor. */
static void note_outputs(tin_schedule *s)
{
    int32_t i;

    for (i = 0; !s->lo->spans && i < s->model->n_outputs; i++) {
        const int32_t r = root_of(s->lo, s->model->outputs[i].tensor);

        if (r >= 0)
            s->roots[r].last_use = s->model->n_steps;
    }
}

tin_status tin_schedule_init(tin_schedule *s, tin_lowering *lo,
                             const tin_model *model, int stream_input)
{
    int32_t i, k;

    s->lo = lo;
    s->model = model;
    s->roots = tin_new(lo, (size_t)lo->n_drafts * sizeof *s->roots);
    s->uses = tin_new(lo, (size_t)lo->n_args * sizeof *s->uses);
    s->whole = tin_new(lo, (size_t)lo->n_steps);
    s->done = tin_new(lo, (size_t)lo->n_steps * sizeof *s->done);
    s->rings = tin_new(lo, (size_t)lo->n_drafts * sizeof *s->rings);
    s->pushed = stream_input && model->n_inputs > 0
                    ? root_of(lo, model->inputs[0].tensor)
                    : -1;
    if (!s->roots || !s->uses || !s->whole || !s->done || !s->rings)
        return tin_fail(lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    find_roots(s);
    for (i = 0; i < model->n_steps; i++) {
        const tin_step *st = &model->steps[i];

        for (k = 0; k < st->n_in; k++)
            note_use(s, i, st->first_arg + k);
        for (; k < st->n_in + st->n_out; k++) {
            note_maker(s, i, lo->args[st->first_arg + k]);
            s->uses[st->first_arg + k].root =
                lo->drafts[lo->args[st->first_arg + k]].root;
        }
    }
    note_outputs(s);
    for (i = 0; i < model->n_steps; i++)
        s->whole[i] |= (uint8_t)runs_whole(s, i);
    return TIN_OK;
}

/* ---- Buffers ------------------------------------------------------------ */

int32_t tin_count_buffers(const tin_schedule *s)
{
    return s->lo->n_drafts + 2 * s->model->n_steps;
}

int32_t tin_scratch_buffer(const tin_schedule *s, int32_t step)
{
    return s->lo->n_drafts + step;
}

int32_t tin_progress_buffer(const tin_schedule *s, int32_t first)
{
    return s->lo->n_drafts + s->model->n_steps + first;
}

int tin_is_streamed(const tin_schedule *s, int32_t first, int32_t end)
{
    return end - first > 1 || (first == 0 && s->pushed >= 0);
}

tin_extent tin_live_before(const tin_schedule *s, int32_t first, int32_t root)
{
    const tin_root *r = &s->roots[root];
    tin_extent e = {0, 0};

    if (s->lo->drafts[root].root == root && !s->lo->drafts[root].data &&
        s->lo->drafts[root].variable < 0 && r->maker < first &&
        r->last_use >= first && !(root == s->pushed && first == 0))
        e.hi = r->bytes;
    return e;
}

/* ---- Simulating a stage ------------------------------------------------- */

static void begin(simulation *sim, const tin_schedule *s, int32_t first,
                  int32_t end)
{
    sim->s = s;
    sim->first = first;
    sim->end = end;
    sim->pushing = first == 0 && s->pushed >= 0;
    sim->pushed = 0;
    sim->latest = end - 1;
    memset(s->done + first, 0, (size_t)(end - first) * sizeof *s->done);
}

/* Rows of a root that are there, as its maker sees them. */
static int32_t rows_there(const simulation *sim, int32_t root)
{
    const tin_root *r = &sim->s->roots[root];
    const tin_step *maker;

    if (root == sim->s->pushed && sim->pushing)
        return sim->pushed;
    if (r->maker < sim->first)
        return r->rows;
    maker = &sim->s->model->steps[r->maker];
    if (!maker->at_end)
        return sim->s->done[r->maker];
    return sim->s->done[r->maker] == maker->rows ? r->rows : 0;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Rows that the step computes next, at once. A step that runs as a whole is
 * looked at in not too many pieces. */
static int32_t rows_at_once(const simulation *sim, int32_t step)
{
    enum { MOST_PIECES = 1024 };
    const tin_step *st = &sim->s->model->steps[step];
    int32_t rows = 1 << st->rows_log2;

    if (!tin_is_streamed(sim->s, sim->first, sim->end)) {
        rows *= st->rows / MOST_PIECES / rows + 1;
        if (sim->s->lo->kernels[step]->joint)
            rows = st->rows;
    }
    return (int32_t)least(rows, st->rows - sim->s->done[step]);
}

static int can_run(const simulation *sim, int32_t step)
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
        needed = ((int64_t)y * u->need.stride >> u->need.shift) + u->need.reach;
        if (rows_there(sim, u->root) <
            least(needed, sim->s->roots[u->root].rows))
            return 0;
    }
    return 1;
}

/* The next moment, not yet counted as done. Returns 0 at the end. */
static int next(const simulation *sim, moment *m)
{
    int32_t i;

    // the caller writes the first row before anything runs
    for (i = sim->pushing && sim->pushed == 0 ? -1 : sim->latest;
         i >= sim->first; i--)
        if (can_run(sim, i)) {
            m->step = i;
            m->y = sim->s->done[i];
            m->n = rows_at_once(sim, i);
            return 1;
        }
    m->step = -1;
    m->y = sim->pushed;
    m->n = 1;
    return sim->pushing && sim->pushed < sim->s->roots[sim->s->pushed].rows;
}

static int32_t output_root(const tin_schedule *s, int32_t step)
{
    const tin_step *st;

    if (step < 0)
        return s->pushed;
    st = &s->model->steps[step];
    return s->uses[st->first_arg + st->n_in].root;
}

static void count_done(simulation *sim, const moment *m)
{
    const int32_t last_use =
        sim->s->roots[output_root(sim->s, m->step)].last_use;

    if (m->step < 0)
        sim->pushed++;
    else
        sim->s->done[m->step] += m->n;
    // only the users of what was made can have become able to run
    sim->latest = (int32_t)least(last_use, sim->end - 1);
    if (m->step < 0 && sim->pushed == 1)
        sim->latest = sim->end - 1;
}

/* Is the tensor made and used up inside the stage? */
static int is_internal(const simulation *sim, int32_t root)
{
    const tin_root *r = &sim->s->roots[root];

    if (r->last_use >= sim->end)
        return 0;
    if (r->maker < 0)
        return root == sim->s->pushed && sim->pushing;
    return r->maker >= sim->first;
}

static int is_ring(const simulation *sim, int32_t root)
{
    return tin_is_streamed(sim->s, sim->first, sim->end) &&
           is_internal(sim, root) &&
           sim->s->rings[root].rows < sim->s->roots[root].rows;
}

/* Bytes that may have been written. What is there at the end may have been
 * written at any time, unless it is a single row. */
static int32_t written(const simulation *sim, int32_t root)
{
    const tin_root *r = &sim->s->roots[root];

    if (r->maker >= sim->first && r->rows > 1 &&
        sim->s->model->steps[r->maker].at_end)
        return sim->s->done[r->maker] > 0 ? r->bytes : 0;
    return rows_there(sim, root) * r->row_bytes;
}

/* Bytes in front of what this use still needs. */
static int32_t dead_by_use(const simulation *sim, const tin_use *u)
{
    const int32_t y = sim->s->done[u->step];
    int64_t rows;

    if (y == sim->s->model->steps[u->step].rows)
        return u->rows * u->row_bytes;
    rows = ((int64_t)y * u->need.stride >> u->need.shift) + u->need.low;
    return rows < 0 ? 0 : (int32_t)least(rows, u->rows) * u->row_bytes;
}

/* Bytes in front of what this or a later stage still needs. */
static int32_t dead(const simulation *sim, int32_t root)
{
    const tin_schedule *s = sim->s;
    const tin_root *r = &s->roots[root];
    int32_t bytes = written(sim, root), i;

    if (r->last_use >= sim->end)
        return 0;
    if (r->maker >= sim->first && s->model->steps[r->maker].at_end &&
        rows_there(sim, root) == 0)
        return 0;
    for (i = r->user; i >= 0; i = s->uses[i].other)
        if (s->uses[i].step >= sim->first)
            bytes = (int32_t)least(bytes, dead_by_use(sim, &s->uses[i]));
    return bytes;
}

/* ---- Tracing a stage ---------------------------------------------------- */

static int32_t root_count(const tin_schedule *s, int32_t step)
{
    return step < 0 ? 1 : s->model->steps[step].n_in + 1;
}

/* The roots that a step touches, the output as the last one; -1 for none. */
static int32_t root_at(const tin_schedule *s, int32_t step, int32_t k)
{
    return step < 0 ? s->pushed
                    : s->uses[s->model->steps[step].first_arg + k].root;
}

/* The rows that an internal tensor holds when its maker adds n. */
static int32_t rows_with_next(const simulation *sim, int32_t root, int32_t n)
{
    const tin_root *r = &sim->s->roots[root];

    if (r->maker >= 0 && sim->s->model->steps[r->maker].at_end)
        return r->rows;
    return (written(sim, root) - dead(sim, root)) / r->row_bytes + n;
}

static void forget_rings(const simulation *sim)
{
    const tin_ring none = {0};
    int32_t i, k;

    if (sim->pushing)
        sim->s->rings[sim->s->pushed] = none;
    for (i = sim->first; i < sim->end; i++)
        for (k = 0; k < root_count(sim->s, i); k++)
            if (root_at(sim->s, i, k) >= 0)
                sim->s->rings[root_at(sim->s, i, k)] = none;
}

/* The first of two passes: how long each ring must be. Returns its moments. */
static int64_t find_rings(simulation *sim)
{
    const tin_schedule *s = sim->s;
    int64_t moments = 0;
    moment m;

    forget_rings(sim);
    while (next(sim, &m)) {
        const int32_t out = output_root(s, m.step);
        const int32_t rows = rows_with_next(sim, out, m.n);

        if (rows > s->rings[out].rows)
            s->rings[out].rows = rows;
        count_done(sim, &m);
        moments++;
    }
    return moments;
}

/* A variable lives for ever, wherever the trace is. */
static void tell(const simulation *sim, tin_tracer *t, int32_t time,
                 int32_t buffer, int32_t lo, int32_t hi)
{
    const tin_lowering *lowering = sim->s->lo;
    tin_extent e;

    if (buffer < lowering->n_drafts && lowering->drafts[buffer].variable >= 0)
        return;

    e.lo = lo;
    e.hi = hi;
    t->live(t, time, buffer, e);
}

/* Sums that go on from row to row stay; other scratch serves one call. */
static int keeps_scratch(const tin_step *st)
{
    return st->at_end;
}

static void tell_scratch(const simulation *sim, const moment *m, int32_t time,
                         tin_tracer *t)
{
    const tin_schedule *s = sim->s;
    const tin_step *st;

    if (m->step < 0)
        return;
    st = &s->model->steps[m->step];
    if (st->scratch > 0 && (m->y == 0 || !keeps_scratch(st)))
        tell(sim, t, time, tin_scratch_buffer(s, m->step), 0, st->scratch);
}

/* The output grows. A ring takes all its room as soon as it holds a row. */
static void tell_growth(const simulation *sim, const moment *m, int32_t time,
                        tin_tracer *t, int32_t dead_before)
{
    const tin_schedule *s = sim->s;
    const int32_t out = output_root(s, m->step);

    if (!is_ring(sim, out))
        tell(sim, t, time, out, dead_before, written(sim, out));
    else
        tell(sim, t, time, out, 0,
             s->rings[out].rows * s->roots[out].row_bytes);
}

/* May the output's row y take the place of this input's row y? A ring of
 * several rows would have to be in step with the output's. */
static int is_overwritten(const simulation *sim, int32_t step, int32_t k)
{
    const tin_schedule *s = sim->s;
    const tin_step *st;
    const tin_use *u;

    if (step < 0 || k == s->model->steps[step].n_in ||
        !s->lo->kernels[step]->in_place)
        return 0;
    st = &s->model->steps[step];
    u = &s->uses[st->first_arg + k];
    return u->need.stride == 1 && u->need.shift == 0 && u->need.low == 0 &&
           u->row_bytes == s->roots[output_root(s, step)].row_bytes &&
           (!is_ring(sim, u->root) || s->rings[u->root].rows == 1);
}

/* The rows of inputs that the output's rows are now written over: they are
 * not live, but what lies there is not free either. So an extent is left that
 * is empty and ends where the buffer does, for the output to stay below. */
static void tell_overwritten(const simulation *sim, const moment *m,
                             int32_t time, tin_tracer *t)
{
    const tin_schedule *s = sim->s;
    int32_t k;

    for (k = 0; k < root_count(s, m->step); k++) {
        const int32_t root = root_at(s, m->step, k);

        if (root < 0 || !is_overwritten(sim, m->step, k))
            continue;
        if (!is_ring(sim, root))
            tell(sim, t, time, root, dead(sim, root), written(sim, root));
        else if (dead(sim, root) == written(sim, root))
            tell(sim, t, time, root, s->roots[root].row_bytes,
                 s->roots[root].row_bytes);
    }
}

/* What is dead, of all that the moment touched. */
static void tell_deaths(const simulation *sim, const moment *m, int32_t time,
                        tin_tracer *t)
{
    const tin_schedule *s = sim->s;
    int32_t k;

    for (k = 0; k < root_count(s, m->step); k++) {
        const int32_t root = root_at(s, m->step, k);
        int32_t from, to;

        if (root < 0)
            continue;
        from = dead(sim, root);
        to = written(sim, root);
        if (from == to && (is_ring(sim, root) || to == s->roots[root].bytes))
            tell(sim, t, time, root, 0, 0);
        else if (!is_ring(sim, root))
            tell(sim, t, time, root, from, to);
    }
}

static void tell_ends(const simulation *sim, const moment *m, int32_t time,
                      tin_tracer *t)
{
    const tin_schedule *s = sim->s;
    const tin_step *st;

    if (m->step < 0)
        return;
    st = &s->model->steps[m->step];
    if (st->scratch > 0 && (m->y + m->n == st->rows || !keeps_scratch(st)))
        tell(sim, t, time, tin_scratch_buffer(s, m->step), 0, 0);
}

static void tell_ring_rows(const simulation *sim, int32_t *ring_rows)
{
    const tin_schedule *s = sim->s;
    int32_t i;

    if (sim->pushing && is_internal(sim, s->pushed))
        ring_rows[s->pushed] = s->rings[s->pushed].rows;
    for (i = sim->first; i < sim->end; i++)
        if (is_ring(sim, output_root(s, i)))
            ring_rows[output_root(s, i)] = s->rings[output_root(s, i)].rows;
}

int32_t tin_trace_stage(const tin_schedule *s, int32_t first, int32_t end,
                        int32_t time, tin_tracer *t)
{
    const int32_t progress = tin_progress_buffer(s, first);
    simulation sim;
    moment m;

    begin(&sim, s, first, end);
    t->simulated += find_rings(&sim);
    begin(&sim, s, first, end);
    if (tin_is_streamed(s, first, end))
        tell(&sim, t, time, progress, 0, 2 * (end - first));
    for (; next(&sim, &m); time += 3) {
        const int32_t before = dead(&sim, output_root(s, m.step));

        tell_scratch(&sim, &m, time, t);
        count_done(&sim, &m);
        tell_overwritten(&sim, &m, time + 1, t);
        tell_growth(&sim, &m, time + 1, t, before);
        if (!t->moment(t, time, m.step))
            return time;
        tell_deaths(&sim, &m, time + 2, t);
        tell_ends(&sim, &m, time + 2, t);
    }
    if (tin_is_streamed(s, first, end))
        tell(&sim, t, time, progress, 0, 0);
    if (t->ring_rows)
        tell_ring_rows(&sim, t->ring_rows);
    return time;
}
