/* SPDX-License-Identifier: MIT */
/*
 * lower_variable.c: variables that a network reads and writes.
 *
 * Reading is a view of the variable's own memory. So before it is written, all
 * values that lie there and are still to be read move to memory of their own;
 * as a rule there are none. Handles and CALL_ONCE are gone since the import.
 */
#include "lower.h"

#include <string.h>

static tin_status out_of_memory(tin_lowering *lo)
{
    return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
}

tin_status tin_lower_handle(tin_lowering *lo)
{
    return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "it is no layer");
}

/* Are what is read or written and the variable alike? */
static tin_status check_alike(tin_lowering *lo, const tin_value *variable,
                              const tin_value *v)
{
    tin_status status;

    if (!variable->variable)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "'%.60s' is no variable",
                          variable->name);
    status = tin_want_type(lo, v, variable->type, "value");
    if (status == TIN_OK && (v->rank != variable->rank ||
                             memcmp(v->shape, variable->shape,
                                    (size_t)v->rank * sizeof *v->shape) != 0))
        status =
            tin_refuse(lo, TIN_ERR_SHAPE,
                       "'%.60s' has another shape than the variable", v->name);
    if (status == TIN_OK && v->n_scales > 0 && variable->n_scales > 0 &&
        (v->scales[0] != variable->scales[0] ||
         v->zero_points[0] != variable->zero_points[0]))
        status = tin_refuse(lo, TIN_ERR_QUANT,
                            "'%.60s' and the variable must have the same "
                            "scale and zero point",
                            v->name);
    return status;
}

tin_status tin_lower_read_variable(tin_lowering *lo)
{
    const int32_t out = lo->node->out[0];
    const tin_status status = check_alike(lo, tin_in(lo, 0), tin_out(lo, 0));

    if (status != TIN_OK)
        return status;
    lo->layers[lo->node->layer].kernel = "view";
    lo->tensor_of[out] = tin_tensor_of(lo, lo->node->in[0]);
    return lo->tensor_of[out] < 0 ? out_of_memory(lo) : TIN_OK;
}

/* Copies a tensor to another one of as many rows. */
static tin_status add_copy(tin_lowering *lo, int32_t from, int32_t to)
{
    tin_concat_params *p = tin_new(lo, sizeof *p);
    const tin_draft *d = &lo->drafts[from];
    int32_t args[2];

    args[0] = from;
    args[1] = to;
    if (p) {
        p->elem_bytes = 1;
        p->dim[0] = p->dim[1] = p->dim[3] = 1;
        p->dim[2] = d->rows;
        p->dim[4] = d->row_bytes;
        p->axis = 4;
        p->n_in = 1;
        p->extent[0] = d->row_bytes;
    }
    return tin_add_step(lo, TIN_KERNEL_concat, p, args, &tin_need_same, 1,
                        d->rows);
}

/* Moves a value out of the variable that is about to be written, if it lies
 * there. */
static tin_status rescue(tin_lowering *lo, int32_t value, int32_t variable)
{
    const int32_t tensor = value < 0 ? -1 : lo->tensor_of[value];
    const tin_draft *d;

    if (tensor < 0 || lo->graph->values[value].variable ||
        tin_variable_of(lo, tensor) != variable)
        return TIN_OK;
    d = &lo->drafts[tensor];
    lo->tensor_of[value] = tin_new_tensor(lo, d->rows * d->row_bytes, d->rows);
    if (lo->tensor_of[value] < 0)
        return out_of_memory(lo);
    return add_copy(lo, tensor, lo->tensor_of[value]);
}

static tin_status rescue_all(tin_lowering *lo, int32_t variable)
{
    const tin_graph *g = lo->graph;
    const tin_node *end = g->nodes + g->n_nodes, *n;
    tin_status status = TIN_OK;
    int32_t i;

    for (n = lo->node + 1; n < end; n++)
        for (i = 0; i < n->n_in && status == TIN_OK; i++)
            status = rescue(lo, n->in[i], variable);
    for (i = 0; i < g->n_outputs && status == TIN_OK; i++)
        status = rescue(lo, g->outputs[i], variable);
    return status;
}

/* in[0]: the variable before, in[1]: what it becomes, out[0]: the variable
 * after, in the same memory. */
tin_status tin_lower_assign_variable(tin_lowering *lo)
{
    const tin_value *variable = tin_in(lo, 0);
    int32_t from, to;
    tin_status status = check_alike(lo, variable, tin_in(lo, 1));

    if (status != TIN_OK)
        return status;
    from = tin_tensor_of(lo, lo->node->in[1]);
    to = tin_tensor_of(lo, lo->node->out[0]);
    if (from < 0 || to < 0)
        return out_of_memory(lo);
    lo->layers[lo->node->layer].kernel = "view";
    if (tin_variable_of(lo, from) == variable->variable - 1)
        return TIN_OK; // it keeps what it has
    status = rescue_all(lo, variable->variable - 1);
    if (status != TIN_OK)
        return status;
    return add_copy(lo, from, to);
}
