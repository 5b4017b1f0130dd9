/* SPDX-License-Identifier: MIT */
/* schedule.c: see schedule.h. Roots, uses and buffers. */
#include "simulate.h"

#include <string.h>

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

/* The output of a step: its rows are the rows of the root from here on, unless
 * it is a part of that. */
static void note_maker(tin_schedule *s, int32_t step, int32_t tensor)
{
    const tin_draft *d = &s->lo->drafts[tensor];
    tin_root *r = &s->roots[d->root];

    r->in_parts |= d->rows * d->row_bytes < r->bytes;
    r->many_makers |= r->maker >= 0 || r->in_parts;
    if (r->maker < 0)
        r->maker = step;
    r->last_maker = step;
    r->rows = r->in_parts ? 1 : d->rows;
    r->row_bytes = r->in_parts ? r->bytes : d->row_bytes;
    if (r->last_use < step)
        r->last_use = step;
    if (d->variable >= 0) { // what it holds is for the next inference
        s->whole[step] = 1;
        r->last_use = s->model->n_steps;
    }
}

/* Which rows of the root the tensor has. Those of another length than the
 * maker's cannot be told one by one. */
static void note_rows(const tin_schedule *s, tin_use *u, const tin_draft *d)
{
    const tin_root *r = &s->roots[u->root];

    u->base = 0;
    u->end = r->rows;
    if (u->row_bytes != r->row_bytes || d->offset % r->row_bytes != 0) {
        u->need = tin_need_all;
        return;
    }
    u->base = d->offset / r->row_bytes;
    u->end = u->base + d->rows;
}

static void note_use(tin_schedule *s, int32_t step, int32_t arg)
{
    const tin_draft *d = &s->lo->drafts[s->lo->args[arg]];
    tin_use *u = &s->uses[arg];

    u->root = root_of(s->lo, s->lo->args[arg]);
    u->row_bytes = d->row_bytes;
    u->base = u->end = 0;
    u->need = s->lo->needs[arg];
    if (u->root < 0)
        return;
    u->step = step;
    u->other = s->roots[u->root].user;
    s->roots[u->root].user = arg;
    s->roots[u->root].last_use = step;
    note_rows(s, u, d);
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
            (u->need.stride > INT16_MAX ||
             (int64_t)u->need.reach + u->base > INT16_MAX ||
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

/* All but `pushed`. */
static int allocate(tin_schedule *s, tin_lowering *lo, const tin_model *model)
{
    s->lo = lo;
    s->model = model;
    s->roots = tin_new(lo, (size_t)lo->n_drafts * sizeof *s->roots);
    s->uses = tin_new(lo, (size_t)lo->n_args * sizeof *s->uses);
    s->whole = tin_new(lo, (size_t)lo->n_steps);
    s->done = tin_new(lo, (size_t)lo->n_steps * sizeof *s->done);
    s->noted = tin_new(lo, TIN_NOTED_MAX * sizeof *s->noted);
    s->at_once = tin_new(lo, (size_t)lo->n_steps * sizeof *s->at_once);
    s->parts = tin_new(lo, (size_t)lo->n_drafts * sizeof *s->parts);
    s->rings = tin_new(lo, (size_t)lo->n_drafts * sizeof *s->rings);
    s->members = tin_new(lo, TIN_SHARE_MAX * sizeof *s->members);
    s->lags = tin_new(lo, TIN_SHARE_MAX * TIN_SHARE_MAX * sizeof *s->lags);
    s->extents = tin_new(lo, (size_t)tin_count_buffers(s) * sizeof *s->extents);
    return s->roots && s->uses && s->whole && s->done && s->noted &&
           s->at_once && s->parts && s->rings && s->members && s->lags &&
           s->extents;
}

tin_status tin_schedule_init(tin_schedule *s, tin_lowering *lo,
                             const tin_model *model, int stream_input)
{
    int32_t i, k;

    if (!allocate(s, lo, model))
        return tin_fail(lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    s->pushed = stream_input && model->n_inputs > 0
                    ? root_of(lo, model->inputs[0].tensor)
                    : -1;
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

int32_t tin_root_align(const tin_schedule *s, int32_t root)
{
    const int32_t value = s->roots[root].value;

    return value < 0 ? 4 : tin_type_bytes(s->lo->graph->values[value].type);
}

tin_extent tin_live_before(const tin_schedule *s, int32_t first, int32_t root)
{
    const tin_root *r = &s->roots[root];
    tin_extent e = {0, 0};
    tin_simulation sim;

    if (s->lo->drafts[root].root != root || s->lo->drafts[root].data ||
        s->lo->drafts[root].variable >= 0 || r->maker >= first ||
        r->last_use < first || (root == s->pushed && first == 0))
        return e;
    tin_sim_begin(&sim, s, first, first);
    tin_sim_look(&sim, root);
    return tin_live_part(&sim, root);
}
