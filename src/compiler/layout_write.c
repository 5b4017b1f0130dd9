/* SPDX-License-Identifier: MIT */
/* layout_write.c: from a plan to the tables of the model and of the report. */
#include "layout.h"

/* What input `arg` of a step in this stage has to wait for. */
static tin_flow flow_of(const tin_schedule *s, const tin_stage *stage,
                        const tin_use *u)
{
    const tin_root *r = &s->roots[u->root < 0 ? 0 : u->root];
    tin_flow f = {TIN_MAKER_NONE, 0, 0, 0, 0};
    const tin_step *maker;
    int at_end;

    if (u->root >= 0 && u->root == s->pushed && stage->first == 0)
        f.maker = TIN_MAKER_CALLER;
    else if (u->root >= 0 && r->maker >= stage->first)
        f.maker = (uint16_t)r->maker;
    else
        return f;
    maker = &s->model->steps[f.maker == TIN_MAKER_CALLER ? 0 : r->maker];
    at_end = f.maker != TIN_MAKER_CALLER && maker->at_end;
    f.limit = (uint16_t)(at_end ? maker->rows : u->end);
    if (u->need.reach == INT32_MAX || at_end) {
        f.reach = (int16_t)f.limit;
    } else {
        f.stride = (int16_t)u->need.stride;
        f.reach = (int16_t)(u->base + u->need.reach);
        f.shift = (uint16_t)u->need.shift;
    }
    return f;
}

static tin_status write_flows(layout *l, tin_model *m)
{
    tin_flow *flows = tin_new(l->lo, (size_t)m->n_args * sizeof *flows);
    int32_t i, j, k;

    if (!flows)
        return tin_fail(l->lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    for (i = 0; i < m->n_stages; i++) {
        const tin_stage *stage = &m->stages[i];

        for (j = stage->first; j < stage->first + stage->n; j++)
            for (k = 0; k < m->steps[j].n_in; k++) {
                const int32_t arg = m->steps[j].first_arg + k;

                flows[arg] = flow_of(l->s, stage, &l->s->uses[arg]);
            }
        if (stage->progress >= 0)
            m->flows = flows;
    }
    return TIN_OK;
}

static int32_t offset_of(const layout *l, int32_t buffer)
{
    if (l->lives[buffer].first < 0)
        return 0;
    return l->buffers[l->lives[buffer].planned].offset;
}

/* Where the rows of a tensor are in a ring that it is all or a part of. */
static void write_ring(tin_tensor *t, const tin_ring *r, const tin_draft *d)
{
    const int32_t base = d->offset / d->row_bytes;

    t->offset -= d->offset;
    t->rows = r->rows;
    t->first = (uint16_t)((base + r->first) % r->rows);
}

/* Rings are shorter than their tensors. */
static void write_tensors(layout *l, const tin_ring *rings)
{
    tin_lowering *lo = l->lo;
    int32_t i;

    for (i = 0; i < lo->n_drafts; i++) {
        const int32_t root = lo->drafts[i].root;

        if (lo->drafts[root].data)
            continue;
        if (lo->drafts[root].variable >= 0) {
            lo->tensors[i].offset = l->state_offsets[lo->drafts[root].variable];
            lo->tensors[i].region = l->state_region;
            continue;
        }
        lo->tensors[i].offset =
            offset_of(l, rings[root].host) + lo->drafts[i].offset;
        lo->tensors[i].region = l->lives[rings[root].host].region;
        if (rings[root].rows > 0 && rings[root].own < l->s->roots[root].rows)
            write_ring(&lo->tensors[i], &rings[root], &lo->drafts[i]);
    }
}

/* The last step of the stage that reads an output of step i. */
static int32_t last_user(const tin_schedule *s, const tin_stage *stage,
                         int32_t i)
{
    const tin_step *step = &s->model->steps[i];
    const int32_t last = stage->first + stage->n - 1;
    int32_t user = i, k;

    for (k = 0; k < step->n_out; k++) {
        const int32_t root = s->uses[step->first_arg + step->n_in + k].root;

        if (s->roots[root].last_use > user)
            user = s->roots[root].last_use;
    }
    return user < last ? user : last;
}

static void write_steps(layout *l, tin_model *m, tin_stage *stages)
{
    int32_t i, k;

    m->arena_align = l->state_align > 1 ? l->state_align : 1;
    for (i = 0; i < l->n_buffers; i++)
        if (l->buffers[i].align > m->arena_align)
            m->arena_align = l->buffers[i].align;
    for (i = 0; i < m->n_steps; i++) {
        tin_step *step = &l->lo->steps[i];

        step->scratch =
            step->scratch ? offset_of(l, tin_scratch_buffer(l->s, i)) : -1;
    }
    for (i = 0; i < m->n_stages; i++) {
        for (k = stages[i].first; k < stages[i].first + stages[i].n; k++)
            l->lo->steps[k].last_user =
                (uint16_t)last_user(l->s, &stages[i], k);
        if (tin_is_streamed(l->s, stages[i].first,
                            stages[i].first + stages[i].n))
            stages[i].progress =
                offset_of(l, tin_progress_buffer(l->s, stages[i].first));
    }
}

static void describe_place(const layout *l, int32_t buffer,
                           const tin_ring *rings, tin_place *p)
{
    const tin_schedule *s = l->s;
    int32_t step = buffer - tin_scratch_buffer(s, 0);

    p->kind = TIN_PLACE_SCRATCH;
    if (buffer < tin_scratch_buffer(s, 0)) {
        step = s->roots[buffer].maker;
        p->all_rows = p->rows = s->roots[buffer].rows;
        if (rings[buffer].rows > 0)
            p->rows = rings[buffer].own;
        p->kind = p->rows < p->all_rows ? TIN_PLACE_RING : TIN_PLACE_TENSOR;
        p->name = s->roots[buffer].value < 0
                      ? ""
                      : l->lo->graph->values[s->roots[buffer].value].name;
    } else if (buffer >= tin_progress_buffer(s, 0)) {
        step = buffer - tin_progress_buffer(s, 0);
        p->kind = TIN_PLACE_PROGRESS;
    }
    p->layer = step < 0 ? -1 : l->lo->layer_of[step];
    if (!p->name)
        p->name = l->lo->layers[p->layer].name;
}

/* Variables are there before the first time and after the last. */
static void describe_state(const layout *l, int32_t variable, tin_place *p)
{
    const tin_graph *g = l->lo->graph;
    const tin_value *v = &g->values[g->variables[variable].value];

    p->kind = TIN_PLACE_STATE;
    p->name = v->name;
    p->layer = -1;
    p->upper = l->n_times;
    p->offset = l->state_offsets[variable];
    p->bytes = tin_value_bytes(v);
    p->region = l->state_region;
}

/* A ring whose slots others share is there while it holds rows itself. */
static void describe_shared(const layout *l, int32_t root, tin_place *p)
{
    const tin_ring *r = &l->tracer.rings[root];
    const tin_plan_buffer *b = &l->buffers[l->lives[r->host].planned];

    p->offset = b->offset;
    p->bytes = b->bytes;
    p->region = l->lives[r->host].region;
    p->lower = r->lower;
    p->upper = r->upper;
    describe_place(l, root, l->tracer.rings, p);
    p->slots = r->rows;
}

static void describe_buffer(const layout *l, int32_t i, tin_place *p)
{
    const int32_t buffer = l->life_of[i];

    if (buffer < l->lo->n_drafts && l->tracer.rings[buffer].next >= 0) {
        describe_shared(l, buffer, p);
        return;
    }
    p->lower = l->buffers[i].lower;
    p->upper = l->buffers[i].upper;
    p->offset = l->buffers[i].offset;
    p->bytes = l->buffers[i].bytes;
    p->region = l->lives[buffer].region;
    describe_place(l, buffer, l->tracer.rings, p);
}

static tin_status write_places(layout *l, tin_program *program)
{
    const tin_graph *g = l->lo->graph;
    const tin_ring *rings = l->tracer.rings;
    const size_t most =
        (size_t)l->n_buffers + (size_t)l->n_states + (size_t)l->lo->n_drafts;
    tin_place *p = tin_new(l->lo, most * sizeof *p);
    int32_t i;

    if (!p)
        return tin_fail(l->lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    program->places = p;
    for (i = 0; i < l->n_buffers; i++)
        describe_buffer(l, i, p++);
    for (i = 0; i < l->lo->n_drafts; i++)
        if (rings[i].host != i)
            describe_shared(l, i, p++);
    for (i = 0; i < g->n_variables; i++)
        if (l->lo->tensor_of[g->variables[i].value] >= 0)
            describe_state(l, i, p++);
    program->n_places = (int32_t)(p - program->places);
    program->layer_at = l->layer_at;
    program->n_times = l->n_times;
    return TIN_OK;
}

/* Stages of one step that follow each other are one stage without progress. */
static void join_stages(tin_model *m, tin_stage *stages)
{
    int32_t i, kept = 0;

    for (i = 0; i < m->n_stages; i++) {
        if (kept > 0 && stages[i].progress < 0 && stages[kept - 1].progress < 0)
            stages[kept - 1].n = (uint16_t)(stages[kept - 1].n + stages[i].n);
        else
            stages[kept++] = stages[i];
    }
    m->n_stages = kept;
}

tin_status tin_write_layout(layout *l, tin_program *program, tin_stage *stages)
{
    const tin_ring *rings = l->tracer.rings;
    const int32_t pushed = l->s->pushed;
    tin_status status;

    if (pushed >= 0 && l->s->roots[pushed].last_use < stages[0].n)
        program->model.pushed_user = l->s->roots[pushed].last_use;
    else if (pushed >= 0)
        program->model.pushed_user = stages[0].n - 1;
    write_steps(l, &program->model, stages);
    write_tensors(l, rings);
    status = tin_write_state(l, &program->model);
    if (status == TIN_OK)
        status = write_flows(l, &program->model);
    join_stages(&program->model, stages);
    if (status == TIN_OK)
        status = write_places(l, program);
    return status;
}
