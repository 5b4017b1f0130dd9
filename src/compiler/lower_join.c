/* SPDX-License-Identifier: MIT */
/* lower_join.c: operators that put their inputs side by side. */
#include "lower.h"

/* What an input must be to be joined: of the output's type, its scale, and
 * its shape but for the axis; with `new_axis` without the axis. Returns in
 * *extent how long it is along the axis. */
static tin_status check_input(tin_lowering *lo, int32_t i, int32_t axis,
                              int new_axis, int32_t *extent)
{
    const tin_value *in = tin_in(lo, i), *out = tin_out(lo, 0);
    const tin_status status = tin_want_alike(lo, out, in);
    int32_t k;

    if (status != TIN_OK)
        return status;
    *extent = new_axis ? 1 : in->shape[axis];
    for (k = 0; k < out->rank; k++)
        if (in->rank != out->rank - new_axis ||
            (k != axis &&
             in->shape[k - (new_axis && k > axis)] != out->shape[k]))
            return tin_refuse(lo, TIN_ERR_SHAPE,
                              "input %d does not have the output's shape",
                              (int)i);
    return TIN_OK;
}

/* The output as five extents, one of which is the axis, whatever its rank:
 * what lies before the axis among the rows is one extent, so is what follows
 * there. */
static void fold_shape(const tin_value *out, int32_t axis, tin_concat_params *p)
{
    const int32_t inner = out->rank >= 4 ? 2 : 1, rows = out->rank - inner;
    int32_t i;

    for (i = 0; i < TIN_DIMS; i++)
        p->dim[i] = 1;
    for (i = 0; i < rows; i++)
        p->dim[axis >= rows || i < axis ? 0
               : i == axis              ? 1
                                        : 2] *= out->shape[i];
    for (; i < out->rank; i++)
        p->dim[i + TIN_DIMS - out->rank] = out->shape[i];
    p->axis = axis < rows ? 1 : axis + TIN_DIMS - out->rank;
}

/* One step joins inputs i .. i + n - 1, from `first` on along the axis. */
static tin_status join(tin_lowering *lo, int32_t axis, int new_axis, int32_t i,
                       int32_t n, int32_t first)
{
    const tin_value *out = tin_out(lo, 0);
    tin_concat_params *p = tin_new(lo, sizeof *p);
    tin_need needs[TIN_CONCAT_MAX];
    int32_t args[TIN_CONCAT_MAX + 1], k;

    if (!p)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    p->elem_bytes = tin_type_bytes(out->type);
    fold_shape(out, axis, p);
    p->first = first;
    p->n_in = n;
    for (k = 0; k < n; k++) {
        const int32_t value = lo->node->in[i + k];
        int32_t rows = tin_rows_of(p->dim);

        p->extent[k] = new_axis ? 1 : tin_in(lo, i + k)->shape[axis];
        if (p->axis == 1)
            rows = rows / p->dim[1] * p->extent[k];
        args[k] = tin_view_of(lo, value, rows);
        needs[k] = p->axis >= 3 ? tin_need_same : tin_need_all;
    }
    args[n] = tin_tensor_of(lo, lo->node->out[0]);
    return tin_add_step(lo, TIN_KERNEL_concat, p, args, needs, n,
                        tin_rows_of(p->dim));
}

/* The root that holds just this value, which a step has made; or -1. */
static int32_t own_root(const tin_lowering *lo, int32_t value)
{
    const tin_graph *g = lo->graph;
    const int32_t tensor = lo->tensor_of[value];
    const tin_draft *d = &lo->drafts[tensor < 0 ? 0 : tensor];
    int32_t i;

    if (tensor < 0 || d->data || tin_variable_of(lo, tensor) >= 0)
        return -1;
    for (i = 0; i < g->n_inputs; i++) {
        const int32_t input = lo->tensor_of[g->inputs[i]];

        if (input >= 0 && lo->drafts[input].root == d->root)
            return -1;
    }
    d = &lo->drafts[d->root];
    return d->rows * d->row_bytes == tin_value_bytes(&g->values[value])
               ? (int32_t)(d - lo->drafts)
               : -1;
}

/* Do the inputs lie one after the other in the output, and may each be made
 * there? */
static int can_hold(const tin_lowering *lo, int32_t axis)
{
    const tin_value *out = tin_out(lo, 0);
    int32_t i, k;

    for (i = 0; i < axis; i++)
        if (out->shape[i] != 1)
            return 0;
    for (i = 0; i < lo->node->n_in; i++) {
        const int32_t root = own_root(lo, lo->node->in[i]);

        if (root < 0)
            return 0;
        for (k = 0; k < i; k++)
            if (own_root(lo, lo->node->in[k]) == root)
                return 0;
    }
    return !lo->spans; // what slides lies elsewhere each time
}

/* The inputs become parts of the output. */
static tin_status hold(tin_lowering *lo)
{
    const int32_t whole = tin_tensor_of(lo, lo->node->out[0]);
    int32_t start = 0, i, k;

    if (whole < 0)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    for (i = 0; i < lo->node->n_in; i++) {
        const int32_t root = own_root(lo, lo->node->in[i]);

        for (k = 0; k < lo->n_drafts; k++)
            if (lo->drafts[k].root == root) {
                lo->drafts[k].root = whole;
                lo->drafts[k].offset += start;
            }
        start += tin_value_bytes(tin_in(lo, i));
    }
    lo->layers[lo->node->layer].kernel = "view";
    return TIN_OK;
}

/* Without a copy, if that leaves the arena no larger: parts are not made row by
 * row. */
static int wants_view(tin_lowering *lo, int32_t axis)
{
    uint8_t *lean = &lo->lean[lo->node->layer];

    if (!can_hold(lo, axis))
        return 0;
    if (*lean != TIN_LEAN_NOT)
        *lean = TIN_LEAN_FELT;
    return *lean == TIN_LEAN_NOT;
}

static tin_status join_all(tin_lowering *lo, int new_axis)
{
    const tin_value *out = tin_out(lo, 0);
    int32_t axis = 0, i, k, extent = 0;
    int64_t sum = 0;
    tin_status status =
        tin_want_axis(lo, lo->node->attr.axis, out->rank, &axis);

    for (i = 0; i < lo->node->n_in && status == TIN_OK; i++) {
        status = check_input(lo, i, axis, new_axis, &extent);
        sum += extent;
    }
    if (status != TIN_OK)
        return status;
    if (sum != out->shape[axis])
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "the inputs do not fill the output's axis %d",
                          (int)axis);
    if (lo->node->n_in == 1)
        return tin_add_view(lo, lo->node->in[0], lo->node->out[0]);
    if (wants_view(lo, axis))
        return hold(lo);
    sum = 0;
    for (i = 0; i < lo->node->n_in && status == TIN_OK; i = k) {
        const int32_t end = lo->node->n_in - i;
        const int32_t first = (int32_t)sum;

        for (k = i; k < i + tin_clamp(end, 1, TIN_CONCAT_MAX); k++)
            sum += new_axis ? 1 : tin_in(lo, k)->shape[axis];
        status = join(lo, axis, new_axis, i, k - i, first);
    }
    return status;
}

tin_status tin_lower_concatenation(tin_lowering *lo)
{
    if (lo->node->attr.activation != TIN_ACT_NONE)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "a fused activation");
    return join_all(lo, 0);
}

tin_status tin_lower_pack(tin_lowering *lo)
{
    return join_all(lo, 1);
}
