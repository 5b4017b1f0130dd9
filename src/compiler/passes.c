/* SPDX-License-Identifier: MIT */
/* passes.c: graph -> graph. */
#include "lower.h"

/* ---- PAD into convolutions ---------------------------------------------- */

/* A PAD of height and width with what a convolution takes for zero. */
static int is_window_pad(const tin_graph *g, const tin_node *n)
{
    const tin_value *in, *out, *pads;

    if (n->op != TIN_OP_PAD)
        return 0;
    in = &g->values[n->in[0]];
    out = &g->values[n->out[0]];
    pads = &g->values[n->in[1]];
    if (in->data || in->rank != 4 || out->rank != 4 || !pads->data ||
        pads->type != TIN_S32 || tin_value_elements(pads) != 8 ||
        in->type != out->type || in->shape[0] != out->shape[0] ||
        in->shape[3] != out->shape[3])
        return 0;
    if (in->type == TIN_S8)
        return in->n_scales == 1 && out->n_scales == 1 &&
               in->scales[0] == out->scales[0] &&
               in->zero_points[0] == out->zero_points[0];
    return in->type == TIN_F32;
}

/* The paddings of one axis; 0 if they are not what the shapes say. */
static int read_pads(const tin_graph *g, const tin_node *n, int32_t axis,
                     int32_t pads[2])
{
    const tin_value *in = &g->values[n->in[0]], *out = &g->values[n->out[0]];
    const int64_t before = tin_const_int(&g->values[n->in[1]], 2 * axis);
    const int64_t after = tin_const_int(&g->values[n->in[1]], 2 * axis + 1);

    if (before < 0 || after < 0 || before > 1 << 16 || after > 1 << 16 ||
        before + in->shape[axis] + after != out->shape[axis])
        return 0;
    pads[0] = (int32_t)before;
    pads[1] = (int32_t)after;
    return 1;
}

static int takes_pads(const tin_node *n, int32_t value)
{
    return (n->op == TIN_OP_CONV_2D || n->op == TIN_OP_DEPTHWISE_CONV_2D) &&
           n->in[0] == value && n->in[1] != value && n->in[2] != value &&
           n->attr.padding == TIN_PADDING_VALID;
}

/* Do nothing but such convolutions read it? */
static int only_windows_read(const tin_graph *g, int32_t value)
{
    int32_t i, k, readers = 0;

    for (i = 0; i < g->n_outputs; i++)
        if (g->outputs[i] == value)
            return 0;
    for (i = 0; i < g->n_nodes; i++)
        for (k = 0; k < g->nodes[i].n_in; k++)
            if (g->nodes[i].in[k] == value) {
                readers++;
                if (k != 0 || !takes_pads(&g->nodes[i], value))
                    return 0;
            }
    return readers > 0;
}

static int give_pads(tin_graph *g, tin_node *n, const tin_node *pad)
{
    int32_t *operands = tin_pool_alloc(g->pool, 3 * sizeof *operands);

    if (!operands || !read_pads(g, pad, 1, n->attr.pad_h) ||
        !read_pads(g, pad, 2, n->attr.pad_w))
        return 0;
    operands[0] = pad->in[0];
    operands[1] = n->in[1];
    operands[2] = n->in[2];
    n->in = operands;
    n->attr.padding = TIN_PADDING_EXPLICIT;
    return 1;
}

tin_status tin_fold_pads(tin_graph *g, tin_diag *diag)
{
    enum { MOST_NODES = 4096 }; // each PAD looks for its readers among all
    int32_t pads[2], i, k, kept = 0;

    if (g->n_nodes > MOST_NODES)
        return TIN_OK;
    for (i = 0; i < g->n_nodes; i++) {
        const tin_node pad = g->nodes[i];
        const int32_t value = pad.out[0];

        if (!is_window_pad(g, &pad) || !read_pads(g, &pad, 1, pads) ||
            !read_pads(g, &pad, 2, pads) || !only_windows_read(g, value)) {
            g->nodes[kept++] = pad;
            continue;
        }
        for (k = i + 1; k < g->n_nodes; k++)
            if (takes_pads(&g->nodes[k], value) &&
                !give_pads(g, &g->nodes[k], &pad))
                return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    }
    g->n_nodes = kept;
    return TIN_OK;
}
