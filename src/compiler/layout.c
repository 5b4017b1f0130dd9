/* SPDX-License-Identifier: MIT */
/*
 * layout.c: gives every tensor and every step's scratch its place in the
 * arena. Time 0 is when the caller writes the inputs, time i + 1 is step i,
 * and the outputs are read at time n_steps + 1.
 */
#include "lower.h"

#include <string.h>

typedef struct {
    tin_plan_buffer *buffers; /* one for each root tensor, then scratch */
    int32_t n_buffers;
    int32_t *buffer_of; /* per draft, of its root; -1: not in the arena */
} arena;

/* 4 for what is read as int32 or float; bytes may lie anywhere. */
static int32_t alignment(const tin_lowering *lo, int32_t value)
{
    const int32_t size = tin_type_bytes(lo->graph->values[value].type);

    return size > 4 ? 4 : size;
}

static void touch(tin_plan_buffer *b, int32_t time)
{
    if (b->lower == b->upper || time < b->lower)
        b->lower = time;
    if (time + 1 > b->upper)
        b->upper = time + 1;
}

/* A buffer for each root tensor that is not constant; lifetimes still empty. */
static void make_buffers(tin_lowering *lo, arena *a)
{
    const tin_graph *g = lo->graph;
    int32_t i;

    for (i = 0; i < lo->n_drafts; i++) {
        const tin_draft *d = &lo->drafts[i];

        a->buffer_of[i] = -1;
        if (d->data || d->root != i)
            continue;
        a->buffer_of[i] = a->n_buffers;
        a->buffers[a->n_buffers].bytes = d->row_bytes * d->rows;
        a->buffers[a->n_buffers++].align = 1;
    }
    for (i = 0; i < g->n_values; i++) {
        const int32_t t = lo->tensor_of[i];
        tin_plan_buffer *b;

        if (t < 0 || a->buffer_of[lo->drafts[t].root] < 0)
            continue;
        b = &a->buffers[a->buffer_of[lo->drafts[t].root]];
        if (alignment(lo, i) > b->align)
            b->align = alignment(lo, i);
    }
}

static void touch_tensor(const tin_lowering *lo, arena *a, int32_t tensor,
                         int32_t time)
{
    const int32_t b = a->buffer_of[lo->drafts[tensor].root];

    if (b >= 0)
        touch(&a->buffers[b], time);
}

/* A tensor lives from its first to its last use, and views prolong it. */
static void find_lifetimes(const tin_lowering *lo, const tin_model *m, arena *a)
{
    int32_t i, k;

    for (i = 0; i < m->n_inputs; i++)
        touch_tensor(lo, a, m->inputs[i].tensor, 0);
    for (i = 0; i < m->n_steps; i++) {
        const tin_step *s = &m->steps[i];

        for (k = 0; k < s->n_in + s->n_out; k++)
            touch_tensor(lo, a, m->args[s->first_arg + k], i + 1);
    }
    for (i = 0; i < m->n_outputs; i++)
        touch_tensor(lo, a, m->outputs[i].tensor, m->n_steps + 1);
}

/* Scratch of step i becomes a buffer of its own; `scratch` keeps its index
 * until there is an offset. */
static void add_scratch(tin_lowering *lo, arena *a)
{
    int32_t i;

    for (i = 0; i < lo->n_steps; i++) {
        tin_plan_buffer *b = &a->buffers[a->n_buffers];

        if (lo->steps[i].scratch == 0) {
            lo->steps[i].scratch = -1;
            continue;
        }
        b->bytes = lo->steps[i].scratch;
        b->align = 4;
        touch(b, i + 1);
        lo->steps[i].scratch = a->n_buffers++;
    }
}

/* A tensor that nothing touches needs no room but an offset in the arena. */
static void revive_untouched(arena *a)
{
    int32_t i;

    for (i = 0; i < a->n_buffers; i++)
        if (a->buffers[i].lower == a->buffers[i].upper)
            touch(&a->buffers[i], 0);
}

static void write_offsets(tin_lowering *lo, const arena *a, tin_model *m)
{
    tin_tensor *tensors = lo->tensors;
    int32_t i;

    m->arena_align = 1;
    for (i = 0; i < a->n_buffers; i++)
        if (a->buffers[i].align > m->arena_align)
            m->arena_align = a->buffers[i].align;
    for (i = 0; i < lo->n_drafts; i++) {
        const int32_t b = a->buffer_of[lo->drafts[i].root];

        if (b >= 0)
            tensors[i].offset = a->buffers[b].offset;
    }
    for (i = 0; i < lo->n_steps; i++)
        if (lo->steps[i].scratch >= 0)
            lo->steps[i].scratch = a->buffers[lo->steps[i].scratch].offset;
}

static tin_status place(tin_lowering *lo, arena *a, tin_program *program,
                        int64_t work_limit)
{
    const size_t work_bytes = tin_plan_work_size(a->n_buffers);
    void *work = tin_pool_alloc(lo->pool, work_bytes);
    tin_status status;

    if (!work)
        return tin_fail(lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    status = tin_plan(a->buffers, a->n_buffers, 0, work_limit, work, work_bytes,
                      &program->plan);
    if (status != TIN_OK)
        return tin_fail(lo->diag, status, -1,
                        "the network's tensors do not fit in 2 GiB");
    program->model.arena_bytes = program->plan.peak_bytes;
    return TIN_OK;
}

tin_status tin_layout(tin_lowering *lo, tin_program *program,
                      int64_t work_limit)
{
    const int32_t most = lo->n_drafts + lo->n_steps;
    arena a;
    tin_status status;

    memset(&a, 0, sizeof a);
    a.buffers = tin_new(lo, (size_t)most * sizeof *a.buffers);
    a.buffer_of = tin_new(lo, (size_t)lo->n_drafts * sizeof *a.buffer_of);
    if (!a.buffers || !a.buffer_of)
        return tin_fail(lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    make_buffers(lo, &a);
    find_lifetimes(lo, &program->model, &a);
    add_scratch(lo, &a);
    revive_untouched(&a);
    status = place(lo, &a, program, work_limit);
    if (status == TIN_OK)
        write_offsets(lo, &a, &program->model);
    return status;
}
