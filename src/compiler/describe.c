/* SPDX-License-Identifier: MIT */
/* describe.c: the layers of a file as the report lists them. */
#include "lower.h"

#include <string.h>

static void copy_shape(tin_shape *s, const tin_value *v)
{
    s->type = v->type;
    s->rank = v->rank;
    memcpy(s->shape, v->shape, sizeof s->shape);
}

static int64_t pixels(const tin_value *v)
{
    return v->rank < 1 ? 1 : tin_value_elements(v) / v->shape[v->rank - 1];
}

/* Of a recurrent layer: every weight once in each row of the output. */
static int64_t recurrent_macs(const tin_graph *g, const tin_node *n)
{
    const tin_value *out = &g->values[n->out[0]];
    int64_t weights = 0;
    int32_t i;

    for (i = 1; i < n->n_in; i++)
        if (n->in[i] >= 0 && g->values[n->in[i]].data &&
            g->values[n->in[i]].rank == 2)
            weights += tin_value_elements(&g->values[n->in[i]]);
    return weights * pixels(out);
}

/* The multiply-accumulates that the file's layers stand for. */
static int64_t macs_of(const tin_graph *g, const tin_node *n)
{
    const tin_value *w;
    int64_t taps = 1;
    int32_t i;

    if (n->op == TIN_OP_BATCH_MATMUL) {
        w = &g->values[n->in[0]];
        if (w->rank >= 2)
            taps = w->shape[w->rank - (n->attr.adj_x ? 2 : 1)];
        return taps * tin_value_elements(&g->values[n->out[0]]);
    }
    if (n->op == TIN_OP_UNIDIRECTIONAL_SEQUENCE_LSTM || n->op == TIN_OP_SVDF)
        return recurrent_macs(g, n);
    if (n->op != TIN_OP_CONV_2D && n->op != TIN_OP_DEPTHWISE_CONV_2D &&
        n->op != TIN_OP_FULLY_CONNECTED && n->op != TIN_OP_TRANSPOSE_CONV)
        return 0;
    w = &g->values[n->in[1]];
    if (n->op == TIN_OP_TRANSPOSE_CONV) // each pixel meets all weights
        return tin_value_elements(w) * pixels(&g->values[n->in[0]]);
    for (i = 1; i < w->rank; i++)
        if (n->op != TIN_OP_DEPTHWISE_CONV_2D || i < w->rank - 1)
            taps *= w->shape[i];
    return taps * tin_value_elements(&g->values[n->out[0]]);
}

tin_layer *tin_describe_layers(const tin_graph *g)
{
    tin_layer *layers =
        tin_pool_alloc(g->pool, (uint64_t)g->n_layers * sizeof *layers);
    int32_t i;

    for (i = 0; layers && g->layer_ops && i < g->n_layers; i++) {
        layers[i].name = "";
        layers[i].op = tin_op_name(g->layer_ops[i]);
        layers[i].kernel = "folded";
        layers[i].tensor = -1;
    }
    for (i = 0; layers && i < g->n_nodes; i++) {
        const tin_node *n = &g->nodes[i];
        tin_layer *l = &layers[n->layer];

        l->name = g->values[n->out[0]].name;
        l->op = tin_op_name(n->op);
        l->kernel = "folded"; // until it is lowered
        l->macs = macs_of(g, n);
        l->tensor = -1;
        if (n->n_in > 0 && n->in[0] >= 0)
            copy_shape(&l->in, &g->values[n->in[0]]);
        copy_shape(&l->out, &g->values[n->out[0]]);
    }
    return layers;
}
