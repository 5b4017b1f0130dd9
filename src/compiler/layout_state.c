/* SPDX-License-Identifier: MIT */
/*
 * layout_state.c: the part of the arena that the network keeps from one
 * inference to the next. Variables lie side by side at the start of a memory,
 * those with the strictest alignment first, and everything else behind them: so
 * no plan can overlap them, and a caller can save them as one block.
 */
#include "layout.h"

/* The tensor of a variable; -1 if no step reads or writes it. */
static int32_t draft_of(const tin_lowering *lo, int32_t variable)
{
    return lo->tensor_of[lo->graph->variables[variable].value];
}

static int32_t align_of(const tin_lowering *lo, int32_t variable)
{
    const tin_variable *x = &lo->graph->variables[variable];
    const int32_t size = tin_type_bytes(lo->graph->values[x->value].type);

    return size < 4 ? size : 4;
}

/* Sizes are multiples of their alignment, so that nothing lies between. */
tin_status tin_size_state(layout *l)
{
    const tin_lowering *lo = l->lo;
    const tin_graph *g = lo->graph;
    int64_t end = 0;
    int32_t align, i;

    l->state_offsets =
        tin_new(l->lo, (size_t)g->n_variables * sizeof *l->state_offsets);
    if (!l->state_offsets)
        return tin_fail(lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    for (align = 4; align > 0; align /= 2)
        for (i = 0; i < g->n_variables; i++) {
            if (align_of(lo, i) != align || draft_of(lo, i) < 0)
                continue;
            l->state_offsets[i] = (int32_t)end;
            end += tin_value_bytes(&g->values[g->variables[i].value]);
            if (end > INT32_MAX)
                return tin_fail(lo->diag, TIN_ERR_OVERFLOW, -1,
                                "the network's variables do not fit in 2 GiB");
            if (align > l->state_align)
                l->state_align = align;
            l->n_states++;
        }
    l->state_bytes = (int32_t)end;
    return TIN_OK;
}

int32_t tin_room_for_state(const layout *l)
{
    int32_t align = 1, i;

    for (i = 0; i < l->n_buffers; i++)
        if (l->buffers[i].align > align)
            align = l->buffers[i].align;
    return (int32_t)(((int64_t)l->state_bytes + align - 1) & -(int64_t)align);
}

tin_status tin_write_state(layout *l, tin_model *m)
{
    const tin_graph *g = l->lo->graph;
    tin_state *states = tin_new(l->lo, (size_t)l->n_states * sizeof *states);
    int32_t i, n = 0;

    if (!states)
        return tin_fail(l->lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    for (i = 0; i < g->n_variables; i++) {
        const tin_variable *x = &g->variables[i];
        const tin_value *v = &g->values[x->value];
        tin_state *state = &states[n];

        if (draft_of(l->lo, i) < 0)
            continue;
        state->tensor = draft_of(l->lo, i);
        if (v->type == TIN_S8 && v->n_scales > 0)
            state->fill = (uint8_t)v->zero_points[0];
        if (x->initial >= 0)
            state->data = l->lo->constant_of[x->initial];
        n++;
    }
    m->states = n ? states : NULL;
    m->n_states = n;
    m->state_bytes = l->state_bytes;
    return TIN_OK;
}
