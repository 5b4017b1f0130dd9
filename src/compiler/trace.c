/* SPDX-License-Identifier: MIT */
/* trace.c: see schedule.h. What lives when, while a stage runs. */
#include "simulate.h"

#include <string.h>

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

/* A variable lives for ever, wherever the trace is. */
static void tell(const tin_simulation *sim, tin_tracer *t, int32_t time,
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

static void tell_part(const tin_simulation *sim, int32_t time, tin_tracer *t,
                      int32_t root)
{
    const tin_extent e = tin_live_part(sim, root);

    tell(sim, t, time, root, e.lo, e.hi);
}

/* Sums that go on from row to row stay; other scratch serves one call. */
static int keeps_scratch(const tin_step *st)
{
    return st->at_end;
}

static void tell_scratch(const tin_simulation *sim, const tin_moment *m,
                         int32_t time, tin_tracer *t)
{
    const tin_schedule *s = sim->s;
    const tin_step *st;

    if (m->step < 0)
        return;
    st = &s->model->steps[m->step];
    if (st->scratch > 0 && (m->y == 0 || !keeps_scratch(st)))
        tell(sim, t, time, tin_scratch_buffer(s, m->step), 0, st->scratch);
}

/* The output grows. A ring takes all its room as soon as it holds a row, and
 * so does one that others share. */
static void tell_growth(const tin_simulation *sim, const tin_moment *m,
                        int32_t time, tin_tracer *t, int32_t dead_before)
{
    const tin_schedule *s = sim->s;
    const int32_t out = tin_output_root(s, m->step);

    if (!tin_is_ring(sim, out)) {
        tell(sim, t, time, out, dead_before, tin_written(sim, out));
        return;
    }
    if (tin_written(sim, out) == m->n * s->roots[out].row_bytes)
        s->rings[out].lower = time;
    tell(sim, t, time, s->rings[out].host, 0,
         s->rings[out].rows * s->roots[out].row_bytes);
}

/* How many bytes of the output's row y may lie above the start of this input's
 * row y, which is read before they are written. A ring of several rows would
 * have to be in step with the output's. */
static int32_t trail_of(const tin_simulation *sim, int32_t step, int32_t k)
{
    const tin_schedule *s = sim->s;
    const tin_kernel_info *kernel = s->lo->kernels[step];
    const tin_use *u = &s->uses[s->model->steps[step].first_arg + k];
    int is_ring;

    if (u->root < 0 || (!kernel->trail && !kernel->in_place) ||
        u->need.stride != 1 || u->need.shift != 0 || u->need.low != 0)
        return 0;
    is_ring = tin_is_ring(sim, u->root);
    if (is_ring && s->rings[u->root].rows > 1)
        return 0;
    if (kernel->trail && is_ring)
        return kernel->trail(s->model->steps[step].params);
    return kernel->in_place &&
                   u->row_bytes == s->roots[tin_output_root(s, step)].row_bytes
               ? u->row_bytes
               : 0;
}

/* The rows of an input that the output's rows are now written over: they are
 * not live, but what lies there is not free either. So an extent is left,
 * perhaps empty, that begins where the output may end, for that to stay below.
 */
static void tell_overwritten(const tin_simulation *sim, const tin_moment *m,
                             int32_t time, tin_tracer *t, int32_t k)
{
    const tin_use *u =
        &sim->s->uses[sim->s->model->steps[m->step].first_arg + k];
    const int32_t row_bytes = sim->s->roots[u->root].row_bytes;
    const int32_t read = (u->base + sim->s->done[m->step]) * row_bytes;
    const int32_t dead = tin_dead(sim, u->root);
    tin_extent e = tin_live_part(sim, u->root);

    e.lo = read < dead ? read : dead;
    if (e.hi < e.lo)
        e.hi = e.lo;
    if (!tin_is_ring(sim, u->root))
        tell(sim, t, time, u->root, e.lo, e.hi);
    else if (dead == tin_written(sim, u->root))
        tell(sim, t, time, u->root, trail_of(sim, m->step, k), row_bytes);
}

/* A ring is given away only while it holds no row, nor do those that share its
 * slots. */
static void tell_dead_ring(const tin_simulation *sim, int32_t time,
                           tin_tracer *t, int32_t root)
{
    tin_ring *r = &sim->s->rings[root];

    if (tin_dead(sim, root) < tin_written(sim, root))
        return;
    r->upper = time;
    if (tin_ring_is_empty(sim, root))
        tell(sim, t, time, r->host, 0, 0);
}

/* What is dead, of all that the moment touched. */
static void tell_deaths(const tin_simulation *sim, const tin_moment *m,
                        int32_t time, tin_tracer *t)
{
    const tin_schedule *s = sim->s;
    int32_t k;

    for (k = 0; k < root_count(s, m->step); k++) {
        const int32_t root = root_at(s, m->step, k);

        if (root < 0)
            continue;
        if (tin_is_ring(sim, root))
            tell_dead_ring(sim, time, t, root);
        else
            tell_part(sim, time, t, root);
    }
}

static void tell_ends(const tin_simulation *sim, const tin_moment *m,
                      int32_t time, tin_tracer *t)
{
    const tin_schedule *s = sim->s;
    const tin_step *st;

    if (m->step < 0)
        return;
    st = &s->model->steps[m->step];
    if (st->scratch > 0 && (m->y + m->n == st->rows || !keeps_scratch(st)))
        tell(sim, t, time, tin_scratch_buffer(s, m->step), 0, 0);
}

static void tell_rings(const tin_simulation *sim, tin_ring *rings)
{
    const tin_schedule *s = sim->s;
    int32_t i;

    if (sim->pushing && tin_is_internal(sim, s->pushed))
        rings[s->pushed] = s->rings[s->pushed];
    for (i = sim->first; i < sim->end; i++)
        if (tin_is_ring(sim, tin_output_root(s, i)))
            rings[tin_output_root(s, i)] = s->rings[tin_output_root(s, i)];
}

/* The moments of a stage whose rings are known; returns the time after the last
 * one. */
static int32_t trace_moments(tin_simulation *sim, int32_t time, tin_tracer *t)
{
    const int32_t progress = tin_progress_buffer(sim->s, sim->first);
    const int streamed = tin_is_streamed(sim->s, sim->first, sim->end);
    tin_moment m;
    int32_t k;

    if (streamed)
        tell(sim, t, time, progress, 0, 2 * (sim->end - sim->first));
    for (; tin_sim_next(sim, &m); time += 3) {
        const int32_t before = tin_dead(sim, tin_output_root(sim->s, m.step));

        tell_scratch(sim, &m, time, t);
        tin_sim_count(sim, &m);
        for (k = 0; m.step >= 0 && k < sim->s->model->steps[m.step].n_in; k++)
            if (trail_of(sim, m.step, k) > 0)
                tell_overwritten(sim, &m, time + 1, t, k);
        tell_growth(sim, &m, time + 1, t, before);
        if (!t->moment(t, time, m.step))
            return time;
        tell_deaths(sim, &m, time + 2, t);
        tell_ends(sim, &m, time + 2, t);
    }
    if (streamed)
        tell(sim, t, time, progress, 0, 0);
    return time;
}

/* ---- Adding up what lives ----------------------------------------------- */

static void gauge_live(tin_tracer *t, int32_t time, int32_t buffer,
                       tin_extent e)
{
    tin_gauge *g = (tin_gauge *)(void *)t;
    tin_extent *old = &g->extents[buffer];

    (void)time;
    g->load += (e.hi - e.lo) - (old->hi - old->lo);
    *old = e;
}

static int gauge_moment(tin_tracer *t, int32_t time, int32_t step)
{
    tin_gauge *g = (tin_gauge *)(void *)t;

    (void)time, (void)step;
    g->moments++;
    if (g->load > g->peak)
        g->peak = g->load;
    return g->peak <= g->limit;
}

void tin_gauge_init(tin_gauge *g, const tin_schedule *s, tin_extent *extents,
                    int64_t limit)
{
    memset(g, 0, sizeof *g);
    g->tracer.live = gauge_live;
    g->tracer.moment = gauge_moment;
    g->extents = extents;
    g->limit = limit;
    memset(extents, 0, (size_t)tin_count_buffers(s) * sizeof *extents);
}

/* ---- Whether to share rings --------------------------------------------- */

/* The most bytes that live at once, of those that the stage touches; or some
 * number above `limit`. */
static int64_t find_peak(tin_simulation *sim, int64_t limit)
{
    tin_gauge g;

    tin_gauge_init(&g, sim->s, sim->s->extents, limit);
    tin_sim_again(sim);
    (void)trace_moments(sim, 0, &g.tracer);
    return g.peak;
}

/* A ring that shares takes the slots of all for as long as one of them holds a
 * row: that may be no gain. Returns the moments simulated. */
static int64_t choose_rings(tin_simulation *sim)
{
    const int64_t moments = tin_find_rings(sim);
    int64_t shared;

    if (!tin_may_share_rings(sim))
        return moments;
    tin_sim_again(sim);
    tin_find_lags(sim);
    if (!tin_share_rings(sim))
        return 4 * moments;
    shared = find_peak(sim, INT64_MAX);
    tin_part_rings(sim);
    if (find_peak(sim, shared) > shared)
        (void)tin_share_rings(sim);
    return 4 * moments;
}

int32_t tin_trace_stage(const tin_schedule *s, int32_t first, int32_t end,
                        int32_t time, tin_tracer *t)
{
    tin_simulation sim;

    tin_sim_begin(&sim, s, first, end);
    t->simulated += choose_rings(&sim);
    tin_sim_again(&sim);
    time = trace_moments(&sim, time, t);
    if (t->rings)
        tell_rings(&sim, t->rings);
    return time;
}
