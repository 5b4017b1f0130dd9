/* SPDX-License-Identifier: MIT */
/*
 * layout.c: gives every tensor, every step's scratch and every stage's counts
 * their places in the arena. Time 0 is when the caller writes the inputs, the
 * last time is when the outputs are read, and between them lie three times for
 * each row that is computed, see schedule.h.
 */
#include "layout.h"

#include <string.h>

/* ---- Recording the trace ------------------------------------------------ */

static void record_live(tin_tracer *t, int32_t time, int32_t buffer,
                        tin_extent e)
{
    layout *l = (layout *)(void *)t;
    life *x = &l->lives[buffer];
    void *array = l->changes;
    change *c;

    if (x->first < 0 && e.lo == e.hi)
        return;
    if (!tin_grow(l->lo, &array, l->n_changes, &l->cap_changes, sizeof *c)) {
        l->failed = 1;
        return;
    }
    l->changes = array;
    c = &l->changes[l->n_changes];
    c->time = time;
    c->live = e;
    c->next = -1;
    if (x->first < 0) {
        x->first = l->n_changes;
        x->lower = time;
    } else {
        l->changes[x->last].next = l->n_changes;
    }
    x->last = l->n_changes++;
    x->upper = e.hi == 0 ? time : INT32_MAX;
    if (e.hi > x->bytes)
        x->bytes = e.hi;
}

static int record_moment(tin_tracer *t, int32_t time, int32_t step)
{
    layout *l = (layout *)(void *)t;
    void *array = l->layer_at;

    while (l->n_times < time + 3) {
        if (!tin_grow(l->lo, &array, l->n_times, &l->cap_times,
                      sizeof *l->layer_at)) {
            l->failed = 1;
            return 0;
        }
        l->layer_at = array;
        l->layer_at[l->n_times++] = step < 0 ? -1 : l->lo->layer_of[step];
    }
    return 1;
}

/* Traces the whole inference with these stages. */
static tin_status record(layout *l, const tin_stage *stages, int32_t n_stages)
{
    const tin_schedule *s = l->s;
    const tin_model *m = s->model;
    int32_t time = 1, i;

    l->n_changes = l->n_times = 0;
    for (i = 0; i < l->n_lives; i++) {
        memset(&l->lives[i], 0, sizeof *l->lives);
        l->lives[i].first = -1;
    }
    for (i = 0; i < s->lo->n_drafts; i++) {
        memset(&l->tracer.rings[i], 0, sizeof *l->tracer.rings);
        l->tracer.rings[i].host = i;
        l->tracer.rings[i].next = -1;
    }
    (void)record_moment(&l->tracer, -2, -1);
    for (i = 0; i < m->n_inputs; i++) {
        const int32_t root = l->lo->drafts[m->inputs[i].tensor].root;
        const tin_extent all = {0, s->roots[root].bytes}, none = {0, 0};

        if (root == s->pushed)
            continue;
        record_live(&l->tracer, 0, root, all);
        if (s->roots[root].last_use < 0)
            record_live(&l->tracer, 1, root, none);
    }
    for (i = 0; i < n_stages; i++)
        time = tin_trace_stage(s, stages[i].first,
                               stages[i].first + stages[i].n, time, &l->tracer);
    (void)record_moment(&l->tracer, time - 2, -1);
    for (i = 0; i < l->n_lives; i++) {
        if (l->lives[i].upper == INT32_MAX || l->lo->spans)
            l->lives[i].upper = time + 1;
        if (l->lo->spans) // what slides never ends, and has no beginning
            l->lives[i].lower = 0;
    }
    if (l->failed)
        return tin_fail(l->lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    return TIN_OK;
}

/* ---- What may overlap --------------------------------------------------- */

/* The largest of a's live end minus b's live start over all times: how far
 * above the start of a that of b must be. */
static int32_t distance(const layout *l, const life *a, const life *b)
{
    int32_t ca = a->first, cb = b->first, most = 0;
    tin_extent ea = {0, 0}, eb = {0, 0};

    while (ca >= 0 || cb >= 0) {
        const int32_t ta = ca >= 0 ? l->changes[ca].time : INT32_MAX;
        const int32_t tb = cb >= 0 ? l->changes[cb].time : INT32_MAX;
        const int32_t now = ta < tb ? ta : tb;

        // all changes of one time happen together
        for (; ca >= 0 && l->changes[ca].time == now; ca = l->changes[ca].next)
            ea = l->changes[ca].live;
        for (; cb >= 0 && l->changes[cb].time == now; cb = l->changes[cb].next)
            eb = l->changes[cb].live;
        if (ea.hi > 0 && eb.hi > 0 && ea.hi - eb.lo > most)
            most = ea.hi - eb.lo;
    }
    return most;
}

static void add_overlap(layout *l, int32_t below, int32_t above)
{
    const life *a = &l->lives[l->life_of[below]];
    const life *b = &l->lives[l->life_of[above]];
    const int32_t least = distance(l, a, b);
    void *array = l->overlaps;
    tin_plan_overlap *o;

    if (least >= a->bytes)
        return;
    if (!tin_grow(l->lo, &array, l->n_overlaps, &l->cap_overlaps, sizeof *o)) {
        l->failed = 1;
        return;
    }
    l->overlaps = array;
    o = &l->overlaps[l->n_overlaps++];
    o->below = below;
    o->above = above;
    o->distance = least;
}

/* A buffer that has one extent as long as it lives is a rectangle. */
static int is_rectangle(const layout *l, const life *x)
{
    const change *c = &l->changes[x->first];

    return c->next < 0 ||
           (c->next == x->last &&
            l->changes[x->last].live.lo == l->changes[x->last].live.hi);
}

static void find_overlaps(layout *l)
{
    int32_t i, k;

    l->n_overlaps = 0;
    if (l->n_buffers > TIN_PLAN_OVERLAP_MAX || l->lo->spans)
        return;
    for (i = 0; i < l->n_buffers; i++)
        for (k = 0; k < l->n_buffers; k++) {
            const life *a = &l->lives[l->life_of[i]];
            const life *b = &l->lives[l->life_of[k]];

            if (i != k && a->lower < b->upper && b->lower < a->upper &&
                !(is_rectangle(l, a) && is_rectangle(l, b)))
                add_overlap(l, i, k);
        }
}

/* ---- Placing ------------------------------------------------------------ */

/* Scratch needs 4, counts of rows 2. */
static int32_t alignment_of(const layout *l, int32_t buffer)
{
    if (buffer >= tin_progress_buffer(l->s, 0))
        return 2;
    if (buffer >= tin_scratch_buffer(l->s, 0))
        return 4;
    return tin_root_align(l->s, buffer);
}

static void list_buffers(layout *l)
{
    int32_t i;

    l->n_buffers = 0;
    for (i = 0; i < l->n_lives; i++) {
        tin_plan_buffer *b = &l->buffers[l->n_buffers];

        if (l->lives[i].first < 0)
            continue;
        b->lower = l->lives[i].lower;
        b->upper = l->lives[i].upper;
        b->bytes = l->lives[i].bytes;
        b->align = alignment_of(l, i);
        l->lives[i].planned = l->n_buffers;
        l->life_of[l->n_buffers++] = i;
    }
}

static tin_status place(layout *l, int64_t bound, int64_t work_limit,
                        tin_plan_result *result)
{
    enum { MOST_WORK = 1000000 };
    tin_status status;

    if (l->failed)
        return tin_fail(l->lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    // many plans are made for one network: none may take long
    if (work_limit == 0)
        work_limit = MOST_WORK / (l->n_buffers + 1);
    status = tin_place_buffers(l, (int32_t)bound, work_limit, result);
    if (status == TIN_ERR_MEMORY)
        return tin_fail(l->lo->diag, status, -1, "out of memory");
    if (status != TIN_OK)
        return tin_fail(l->lo->diag, status, -1,
                        "the network's tensors do not fit in 2 GiB");
    result->lower_bound_bytes = (int32_t)bound;
    result->optimal = result->peak_bytes == bound;
    return TIN_OK;
}

tin_status tin_try_stages(layout *l, const tin_stage *stages, int32_t n_stages,
                          int64_t bound, int64_t work_limit,
                          tin_plan_result *result)
{
    tin_status status = record(l, stages, n_stages);

    if (status != TIN_OK)
        return status;
    list_buffers(l);
    find_overlaps(l);
    return place(l, bound, work_limit, result);
}

/* ---- The search --------------------------------------------------------- */

static tin_status init(layout *l, tin_lowering *lo, const tin_schedule *s)
{
    size_t n;

    memset(l, 0, sizeof *l);
    l->tracer.live = record_live;
    l->tracer.moment = record_moment;
    l->lo = lo;
    l->s = s;
    l->n_lives = tin_count_buffers(s);
    n = (size_t)l->n_lives;
    l->lives = tin_new(lo, n * sizeof *l->lives);
    l->buffers = tin_new(lo, n * sizeof *l->buffers);
    l->life_of = tin_new(lo, n * sizeof *l->life_of);
    l->tracer.rings =
        tin_new(lo, (size_t)lo->n_drafts * sizeof *l->tracer.rings);
    l->trial = tin_new(lo, ((size_t)s->model->n_steps + 1) * sizeof *l->trial);
    if (!l->lives || !l->buffers || !l->life_of || !l->tracer.rings ||
        !l->trial)
        return tin_fail(lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    return TIN_OK;
}

/* Plans the cuts with the fewest calls that need at most `limit` at any
 * moment, and keeps the plan in `best` if its arena is at most `most` and it is
 * better: with fewer calls, or in less memory. */
static tin_status try_limit(layout *l, tin_stages *t, int64_t limit,
                            int64_t most, int64_t bound, int64_t work_limit,
                            plan *best)
{
    const size_t n = (size_t)l->s->model->n_steps;
    const int32_t count = tin_cut_stages(t, limit, l->trial);
    const int64_t calls = t->best[n];
    tin_plan_result result;
    tin_status status =
        tin_try_stages(l, l->trial, count, bound, work_limit, &result);

    if (status == TIN_OK && result.peak_bytes <= most &&
        (calls < best->calls || result.peak_bytes < best->plan.peak_bytes)) {
        best->plan = result;
        best->calls = calls;
        best->n_stages = count;
        memcpy(best->stages, l->trial, n * sizeof *l->trial);
    }
    return status;
}

/* Tries the cuts with ever larger loads, until loads reach the best arena. */
static tin_status minimise(layout *l, tin_stages *t, int64_t bound,
                           int64_t work_limit, plan *best)
{
    enum { MOST_TRIES = 12 };
    int64_t limit = bound;
    int32_t tries;
    tin_status status = TIN_OK;

    best->plan.peak_bytes = INT32_MAX;
    for (tries = 0; tries < MOST_TRIES && status == TIN_OK &&
                    limit < best->plan.peak_bytes;
         tries++, limit = tin_next_load(t, limit))
        status = try_limit(l, t, limit, (int64_t)best->plan.peak_bytes - 1,
                           bound, work_limit, best);
    return status;
}

/* Each layer runs as a whole; where there is no room for that, as many as it
 * takes run row by row. */
static tin_status plan_whole(layout *l, tin_stages *t, int64_t bound,
                             int64_t work_limit, plan *best)
{
    const int64_t room = l->lo->room;
    const tin_status status =
        try_limit(l, t, INT64_MAX - 1, INT32_MAX, bound, work_limit, best);

    if (status != TIN_OK || room == 0 || best->plan.peak_bytes <= room)
        return status;
    tin_cut_stages(t, room, l->trial);
    if (t->best[l->s->model->n_steps] - best->calls > l->lo->more_calls)
        return TIN_OK;
    return try_limit(l, t, room, room, bound, work_limit, best);
}

/* The first stage must run row by row, with the first step at least. */
static tin_status refuse_stream(const layout *l)
{
    return tin_fail(l->lo->diag, TIN_ERR_UNSUPPORTED, l->lo->layer_of[0],
                    "layer %d '%.80s' (%s) cannot run row by row, so the input "
                    "cannot be streamed",
                    (int)l->lo->layer_of[0],
                    l->lo->layers[l->lo->layer_of[0]].name,
                    l->lo->layers[l->lo->layer_of[0]].op);
}

/* Calls of several rows cost less a row, but rings hold more rows then: gives
 * each step the most that leave the arena as it is. */
static tin_status enlarge_calls(layout *l, const plan *best, int64_t work_limit)
{
    const int32_t most = best->plan.peak_bytes;
    tin_plan_result result = best->plan;
    tin_status status = TIN_OK;
    int32_t i;

    for (i = 0; i < l->lo->n_steps && status == TIN_OK; i++) {
        uint8_t *rows_log2 = &l->lo->steps[i].rows_log2;
        const uint8_t least = *rows_log2;

        *rows_log2 = tin_useful_rows_log2(
            (tin_kernel_id)(l->lo->kernels[i] - tin_kernel_infos));
        for (; *rows_log2 > least; --*rows_log2) {
            status = tin_try_stages(l, best->stages, best->n_stages, most,
                                    work_limit, &result);
            if (status != TIN_OK || result.peak_bytes <= most)
                break;
        }
    }
    return status;
}

/* May the arena be larger than it must, for fewer calls? */
static int takes_more(const tin_compile_options *o)
{
    return !o->resident && (o->optimize == TIN_OPTIMIZE_BALANCED ||
                            o->optimize == TIN_OPTIMIZE_FLASH);
}

static tin_status search(layout *l, const tin_compile_options *o, plan *best)
{
    tin_stages t;
    int64_t bound, work = o->plan_work_limit;
    tin_status status = tin_stages_init(&t, l->s);

    if (status != TIN_OK)
        return status;
    // counts of rows have 16 bits
    if (l->s->pushed >= 0 && l->s->roots[l->s->pushed].rows > INT16_MAX)
        return tin_fail(l->lo->diag, TIN_ERR_UNSUPPORTED, -1,
                        "the input has %d rows, but at most %d can be streamed",
                        (int)l->s->roots[l->s->pushed].rows, INT16_MAX);
    bound = tin_least_load(&t);
    if (l->s->pushed >= 0 && bound > INT32_MAX)
        return refuse_stream(l);
    if (bound > INT32_MAX)
        return tin_fail(l->lo->diag, TIN_ERR_OVERFLOW, -1,
                        "the network's tensors do not fit in 2 GiB");
    best->calls = INT64_MAX;
    if (o->optimize == TIN_OPTIMIZE_SPEED || o->resident)
        status = plan_whole(l, &t, bound, work, best);
    else
        status = minimise(l, &t, bound, work, best);
    if (status == TIN_OK && takes_more(o)) {
        const int64_t most = (int64_t)best->plan.peak_bytes * 11 / 10;

        status = try_limit(l, &t, most, most, bound, work, best);
    }
    if (status == TIN_OK && l->lo->enlarge)
        status = enlarge_calls(l, best, work);
    if (status != TIN_OK)
        return status;
    status = tin_try_stages(l, best->stages, best->n_stages, bound, work,
                            &best->plan);
    return status;
}

/* Moves the buffers behind the variables in the memory where those are. */
static tin_status make_room_for_state(layout *l, tin_program *p)
{
    const int32_t room = tin_room_for_state(l);
    int32_t *bytes = l->state_region ? &p->model.more_bytes[l->state_region - 1]
                                     : &p->model.arena_bytes;
    int32_t i;

    if (room > INT32_MAX - p->plan.peak_bytes)
        return tin_fail(l->lo->diag, TIN_ERR_OVERFLOW, -1,
                        "the network's tensors do not fit in 2 GiB");
    for (i = 0; i < l->n_buffers; i++)
        if (l->lives[l->life_of[i]].region == l->state_region)
            l->buffers[i].offset += room;
    *bytes += room;
    p->plan.peak_bytes += room;
    p->plan.lower_bound_bytes += l->state_bytes;
    p->plan.optimal = p->plan.optimal && room == l->state_bytes;
    return TIN_OK;
}

tin_status tin_layout(tin_lowering *lo, tin_program *program,
                      const tin_compile_options *options)
{
    tin_model *m = &program->model;
    const size_t n = (size_t)m->n_steps + 1;
    tin_schedule s;
    layout l;
    plan best;
    tin_status status;

    memset(&best, 0, sizeof best);
    best.stages = tin_new(lo, n * sizeof *best.stages);
    if (!best.stages)
        return tin_fail(lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    status = tin_schedule_init(&s, lo, m,
                               options->stream_input || lo->spans != NULL);
    if (status == TIN_OK)
        status = init(&l, lo, &s);
    if (status == TIN_OK)
        status = tin_size_state(&l);
    if (status == TIN_OK && s.pushed >= 0 && m->n_steps == 0)
        return tin_fail(lo->diag, TIN_ERR_UNSUPPORTED, -1,
                        "no layer computes anything, so there is nothing to "
                        "push rows into");
    if (status == TIN_OK)
        status = lo->spans ? tin_plan_sliding(&l, &best)
                           : search(&l, options, &best);
    if (status != TIN_OK)
        return status;
    program->plan = best.plan;
    m->stages = best.stages;
    m->n_stages = best.n_stages;
    m->arena_bytes = best.plan.peak_bytes;
    if (options->n_regions > 0)
        status = tin_spread(&l, options, m);
    if (status == TIN_OK)
        status = make_room_for_state(&l, program);
    if (status != TIN_OK)
        return status;
    m->pushed_rows = s.pushed < 0 ? 0 : s.roots[s.pushed].rows;
    status = tin_write_layout(&l, program, best.stages);
    if (status == TIN_OK && lo->spans)
        status = tin_write_sliding(&l, m);
    return status;
}
