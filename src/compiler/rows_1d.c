/* SPDX-License-Identifier: MIT */
/*
 * rows_1d.c: a pass for networks over one dimension, such as time. Converters
 * write them as images of one row, [n][1][t][c], which nothing could stream row
 * by row. The same bytes are an image of t rows, [n][t][1][c], and weights
 * [oc][1][k][ic] are [oc][k][1][ic]: so height and width change places where
 * all heights are 1.
 */
#include "lower.h"

/* Broadcasting lines shapes up at their ends: of another rank only a vector of
 * channels still does after the change. */
static int lines_up(const tin_graph *g, const tin_node *n)
{
    int32_t k;

    for (k = 0; k < n->n_in; k++) {
        const tin_value *v = &g->values[n->in[k]];

        if (v->rank > 1 && v->rank != 4 &&
            tin_value_elements(v) != v->shape[v->rank - 1])
            return 0;
    }
    return 1;
}

/* Without one of the two axes, what is left would have to be [.., 1, ..] in
 * another place. */
static int keeps_order(const tin_graph *g, const tin_node *n)
{
    const tin_value *list = &g->values[n->in[1]];
    uint32_t axes = 0;
    int32_t i;

    if (!list->data || list->type != TIN_S32)
        return 0;
    for (i = 0; i < tin_value_elements(list); i++) {
        const int64_t axis = tin_const_int(list, i);

        if (axis < -4 || axis > 3)
            return 0;                      // for the lowering to refuse
        axes |= (uint32_t)1 << (axis & 3); // -1 is 3
    }
    return (axes & 6) == 6 || (n->attr.keep_dims && (axes & 6) == 0);
}

/* Operators that treat both axes alike, or have one kernel row only. */
static int is_one_row(const tin_graph *g, const tin_node *n)
{
    const tin_attributes *a = &n->attr;

    if (tin_op_broadcasts(n->op)) // a vector goes with the images in SELECT
        return n->op != TIN_OP_SELECT && lines_up(g, n);
    switch (n->op) {
    case TIN_OP_CONV_2D:
    case TIN_OP_DEPTHWISE_CONV_2D: {
        const tin_value *w = &g->values[n->in[1]];

        return w->rank == 4 && w->shape[1] == 1 &&
               a->padding != TIN_PADDING_EXPLICIT;
    }
    case TIN_OP_AVERAGE_POOL_2D:
    case TIN_OP_L2_POOL_2D:
    case TIN_OP_MAX_POOL_2D: return a->filter_h == 1;
    case TIN_OP_MEAN: return keeps_order(g, n);
    case TIN_OP_EXPAND_DIMS:
    case TIN_OP_FULLY_CONNECTED:
    case TIN_OP_L2_NORMALIZATION:
    case TIN_OP_LOCAL_RESPONSE_NORMALIZATION:
    case TIN_OP_LOG_SOFTMAX:
    case TIN_OP_RESHAPE:
    case TIN_OP_SOFTMAX:
    case TIN_OP_SQUEEZE: return 1;
    // lists of axes would have to change places as well
    default: return tin_op_is_map(n->op);
    }
}

/* An activation of rank 4. */
static int is_image(const tin_value *v)
{
    return v->rank == 4 && !v->data;
}

static int is_one_dimensional(const tin_graph *g)
{
    int32_t i, k, found = 0;

    for (i = 0; i < g->n_nodes; i++) {
        const tin_node *n = &g->nodes[i];
        int images = 0;

        for (k = 0; k < n->n_in + n->n_out; k++) {
            const int32_t v = k < n->n_in ? n->in[k] : n->out[k - n->n_in];

            if (v < 0 || !is_image(&g->values[v]))
                continue;
            images = 1;
            if (g->values[v].shape[1] != 1)
                return 0;
            found |= g->values[v].shape[2] > 1;
        }
        if (images && !is_one_row(g, n))
            return 0;
    }
    return found;
}

static void swap(int32_t *a, int32_t *b)
{
    const int32_t old = *a;

    *a = *b;
    *b = old;
}

static void swap_window(tin_attributes *a)
{
    swap(&a->stride_h, &a->stride_w);
    swap(&a->dilation_h, &a->dilation_w);
    swap(&a->filter_h, &a->filter_w);
}

/* The axes of a mean stay the same set if they are both or neither; else the
 * list is written anew. */
static int swap_axes(tin_graph *g, tin_node *n)
{
    const tin_value old = g->values[n->in[1]];
    const int32_t count = tin_value_elements(&old);
    uint8_t *data = tin_pool_alloc(g->pool, (uint64_t)count * 4);
    int32_t *operands = tin_pool_alloc(g->pool, 2 * sizeof *operands);
    tin_value *values =
        tin_pool_alloc(g->pool, ((uint64_t)g->n_values + 1) * sizeof *values);
    int32_t i;

    if (!data || !operands || !values)
        return 0;
    for (i = 0; i < count; i++) {
        const int64_t axis = tin_const_int(&old, i);

        data[4 * i] = (uint8_t)(axis == 1 || axis == -3   ? 2
                                : axis == 2 || axis == -2 ? 1
                                : axis < 0                ? axis + 4
                                                          : axis);
    }
    for (i = 0; i < g->n_values; i++)
        values[i] = g->values[i];
    values[g->n_values] = old;
    values[g->n_values].data = data;
    g->values = values;
    operands[0] = n->in[0];
    operands[1] = g->n_values++;
    n->in = operands;
    return 1;
}

/* A reshape's own idea of the new shape is out of date. */
static int forget_shape(tin_graph *g, tin_node *n)
{
    int32_t *operands = tin_pool_alloc(g->pool, 2 * sizeof *operands);

    if (!operands)
        return 0;
    operands[0] = n->in[0];
    operands[1] = -1;
    n->in = operands;
    n->attr.n_list = 0;
    return 1;
}

/* Squeezing axis 1 of [n][1][t][c] is squeezing axis 2 of [n][t][1][c]. */
static void swap_squeeze(const tin_graph *g, tin_node *n)
{
    int32_t i;

    for (i = 0; i < n->attr.n_list && is_image(&g->values[n->in[0]]); i++) {
        int32_t *axis = &n->attr.list[i];

        if (*axis < 0)
            *axis += 4;
        *axis = *axis == 1 ? 2 : *axis == 2 ? 1 : *axis;
    }
}

static int swap_node(tin_graph *g, tin_node *n)
{
    const tin_value *in = &g->values[n->in[0]];

    switch (n->op) {
    case TIN_OP_CONV_2D:
    case TIN_OP_DEPTHWISE_CONV_2D:
    case TIN_OP_AVERAGE_POOL_2D:
    case TIN_OP_L2_POOL_2D:
    case TIN_OP_MAX_POOL_2D: swap_window(&n->attr); return 1;
    case TIN_OP_MEAN: return !is_image(in) || swap_axes(g, n);
    case TIN_OP_EXPAND_DIMS: // the new axis may change places
        n->op = TIN_OP_RESHAPE;
        return forget_shape(g, n);
    case TIN_OP_RESHAPE: return forget_shape(g, n);
    case TIN_OP_SQUEEZE: swap_squeeze(g, n); return 1;
    default: return 1;
    }
}

/* Constants of rank 4 are weights, or operands of the same shape. */
static void swap_shapes(tin_graph *g)
{
    int32_t i;

    for (i = 0; i < g->n_values; i++) {
        tin_value *v = &g->values[i];

        if (v->rank == 4 && v->shape[1] == 1)
            swap(&v->shape[1], &v->shape[2]);
    }
}

/* A list of constant axes or a shape must be known. */
static int can_swap(const tin_graph *g)
{
    int32_t i;

    for (i = 0; i < g->n_nodes; i++) {
        const tin_node *n = &g->nodes[i];

        if (n->op == TIN_OP_MEAN &&
            (!g->values[n->in[1]].data || g->values[n->in[1]].type != TIN_S32))
            return 0;
        if (n->op == TIN_OP_RESHAPE && n->in[1] >= 0 &&
            !g->values[n->in[1]].data)
            return 0;
    }
    return 1;
}

tin_status tin_turn_rows_1d(tin_graph *g, tin_diag *diag)
{
    int32_t i;

    if (!is_one_dimensional(g) || !can_swap(g))
        return TIN_OK;
    for (i = 0; i < g->n_nodes; i++)
        if (!swap_node(g, &g->nodes[i]))
            return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    swap_shapes(g);
    return TIN_OK;
}
