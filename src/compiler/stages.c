/* SPDX-License-Identifier: MIT */
/*
 * stages.c: where the steps are cut into stages. The load of a stage does not
 * depend on where the others are cut, so the best cuts of the steps 0 .. j - 1
 * are those of 0 .. i - 1 for some i, and the stage i .. j - 1.
 */
#include "schedule.h"

#include <string.h>

static int may_share_stage(const tin_schedule *s, int32_t first, int32_t end)
{
    int32_t i;

    if (!tin_is_streamed(s, first, end))
        return 1;
    for (i = first; i < end; i++)
        if (s->whole[i])
            return 0;
    return end - first <= TIN_STAGE_MAX;
}

/* The bytes of all tensors that live before step `first`. */
static int64_t load_before(tin_stages *t, int32_t first)
{
    int64_t *load = &t->before[first];
    int32_t i;

    if (*load >= 0)
        return *load;
    *load = 0;
    for (i = 0; i < t->s->lo->n_drafts; i++) {
        const tin_extent e = tin_live_before(t->s, first, i);

        *load += e.hi - e.lo;
    }
    return *load;
}

/* Simulates a stage whose key was just made: only the tensors that it touches
 * are looked at. */
static void simulate(tin_stages *t, int32_t first, int32_t end, int64_t limit,
                     tin_measure *m)
{
    tin_gauge g;
    int32_t i;

    tin_gauge_init(&g, t->s, t->extents, limit);
    for (i = 0; i < t->n_named; i++)
        g.tracer.live(&g.tracer, 0, t->named[i],
                      tin_live_before(t->s, first, t->named[i]));
    g.load = 0; // and what there is besides
    g.peak = INT64_MIN / 2;
    (void)tin_trace_stage(t->s, first, end, 0, &g.tracer);
    m->peak = g.peak;
    m->limit = limit;
    m->simulated = g.tracer.simulated;
    m->calls = g.moments;
    m->is_known = 1;
}

/* The load of a stage; INT64_MAX if it is impossible or above `limit`. */
static int64_t stage_load(tin_stages *t, int32_t first, int32_t end,
                          int64_t limit, int32_t *calls, int64_t *simulated)
{
    const int64_t before = load_before(t, first);
    tin_measure *m;

    if (!may_share_stage(t->s, first, end))
        return INT64_MAX;
    m = tin_measured_at(t->s->lo->measured, tin_stage_key_of(t, first, end));
    if (!m->is_known || (m->peak > m->limit && m->limit < limit - before))
        simulate(t, first, end, limit - before, m);
    *calls = tin_is_streamed(t->s, first, end) ? m->calls : 1;
    *simulated = m->simulated;
    return m->peak <= limit - before ? m->peak + before : INT64_MAX;
}

/* ---- Tables of all stages ----------------------------------------------- */

tin_status tin_stages_init(tin_stages *t, const tin_schedule *s)
{
    const size_t n = (size_t)s->model->n_steps;
    const size_t roots = (size_t)s->lo->n_drafts;
    size_t i;

    t->s = s;
    t->load = tin_new(s->lo, n * TIN_STAGE_MAX * sizeof *t->load);
    t->calls = tin_new(s->lo, n * TIN_STAGE_MAX * sizeof *t->calls);
    t->best = tin_new(s->lo, (n + 1) * sizeof *t->best);
    t->from = tin_new(s->lo, (n + 1) * sizeof *t->from);
    t->extents =
        tin_new(s->lo, (size_t)tin_count_buffers(s) * sizeof *t->extents);
    t->before = tin_new(s->lo, n * sizeof *t->before);
    t->named = tin_new(s->lo, roots * sizeof *t->named);
    t->name_of = tin_new(s->lo, roots * sizeof *t->name_of);
    if (!t->load || !t->calls || !t->best || !t->from || !t->extents ||
        !t->before || !t->named || !t->name_of)
        return tin_fail(s->lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    for (i = 0; i < n; i++)
        t->before[i] = -1;
    return TIN_OK;
}

static size_t entry(int32_t first, int32_t end)
{
    return (size_t)first * TIN_STAGE_MAX + (size_t)(end - first - 1);
}

/* A single step is always measured, longer stages while there is time. One that
 * is given up early has had its rings found all the same, which is quicker than
 * all of it by a few times. What is known already counts as if it were
 * simulated: what is tried is to depend on the network alone. */
static void measure(tin_stages *t, int32_t first, int32_t end, int64_t limit)
{
    const size_t e = entry(first, end);
    int64_t simulated = 0, work;

    t->load[e] = INT64_MAX;
    *t->s->lo->work_left -= t->s->lo->n_drafts / 16;
    if (*t->s->lo->work_left < 0 && end - first > 1) {
        t->s->lo->measured->left_out = 1;
        return;
    }
    t->load[e] = stage_load(t, first, end, limit, &t->calls[e], &simulated);
    work = simulated / 4;
    *t->s->lo->work_left -= work > t->calls[e] ? work : t->calls[e];
    if (t->s->lo->progress)
        t->s->lo->progress(t->s->lo->progress_context);
}

/* Might stages be longer than those that are tried? */
static int has_longer_stages(const tin_schedule *s)
{
    int32_t n = 0, i;

    for (i = 0; i < s->model->n_steps && n <= TIN_STAGE_MAX; i++)
        n = s->whole[i] ? 0 : n + 1;
    return n > TIN_STAGE_MAX;
}

/* The inputs that the caller writes before anything runs. */
static int64_t input_load(const tin_schedule *s)
{
    const tin_model *m = s->model;
    int64_t load = 0;
    int32_t i, k;

    for (i = 0; i < m->n_inputs; i++) {
        const int32_t root = s->lo->drafts[m->inputs[i].tensor].root;

        for (k = 0; k < i; k++)
            if (s->lo->drafts[m->inputs[k].tensor].root == root)
                break;
        if (k == i && root != s->pushed)
            load += s->roots[root].bytes;
    }
    return load;
}

int64_t tin_least_load(tin_stages *t)
{
    const int32_t n = t->s->model->n_steps;
    int64_t limit = 0;
    int32_t i, j;

    // one stage a step is always possible, unless the input is streamed
    for (i = 0; i < n; i++) {
        measure(t, i, i + 1, INT64_MAX);
        if (t->load[entry(i, i + 1)] > limit)
            limit = t->load[entry(i, i + 1)];
    }
    if (has_longer_stages(t->s))
        t->s->lo->measured->left_out = 1;
    t->best[0] = input_load(t->s);
    for (j = 1; j <= n; j++) {
        t->best[j] = INT64_MAX;
        for (i = j - 1; i >= 0 && i >= j - TIN_STAGE_MAX; i--) {
            int64_t load;

            if (i < j - 1)
                measure(t, i, j, limit);
            load = t->load[entry(i, j)];
            if (load < t->best[i])
                load = t->best[i];
            if (load < t->best[j])
                t->best[j] = load;
        }
    }
    return t->best[n];
}

/* ---- Choosing ----------------------------------------------------------- */

int64_t tin_next_load(const tin_stages *t, int64_t above)
{
    const int32_t n = t->s->model->n_steps;
    int64_t next = INT64_MAX;
    int32_t i, j;

    for (i = 0; i < n; i++)
        for (j = i + 1; j <= n && j - i <= TIN_STAGE_MAX; j++)
            if (t->load[entry(i, j)] > above && t->load[entry(i, j)] < next)
                next = t->load[entry(i, j)];
    return next;
}

int32_t tin_cut_stages(tin_stages *t, int64_t limit, tin_stage *stages)
{
    const int32_t n = t->s->model->n_steps;
    int32_t i, j, count = 0;

    t->best[0] = 0; // here: kernel calls
    for (j = 1; j <= n; j++) {
        t->best[j] = INT64_MAX;
        for (i = j - 1; i >= 0 && i >= j - TIN_STAGE_MAX; i--) {
            const size_t e = entry(i, j);

            if (t->load[e] <= limit && t->best[i] < INT64_MAX &&
                t->best[i] + t->calls[e] < t->best[j]) {
                t->best[j] = t->best[i] + t->calls[e];
                t->from[j] = i;
            }
        }
    }
    if (t->best[n] == INT64_MAX)
        return 0;
    for (j = n; j > 0; j = t->from[j])
        count++;
    for (j = n, i = count; j > 0; j = t->from[j]) {
        i--;
        stages[i].first = (uint16_t)t->from[j];
        stages[i].n = (uint16_t)(j - t->from[j]);
        stages[i].progress = -1;
    }
    return count;
}
