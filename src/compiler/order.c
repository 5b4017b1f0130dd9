/* SPDX-License-Identifier: MIT */
/* order.c: see order.h. */
#include "order.h"

#include <string.h>

/* Which of the ready nodes comes next: an index into `ready`. */
typedef int32_t picker(const tin_orders *o, int32_t place, int32_t n_ready);

int tin_orders_init(tin_orders *o, const tin_graph *graph)
{
    const uint64_t bytes = (uint64_t)graph->n_nodes * sizeof(int32_t);

    o->graph = graph;
    o->waits = tin_pool_alloc(graph->pool, bytes);
    o->ready = tin_pool_alloc(graph->pool, bytes);
    o->choice = tin_pool_alloc(graph->pool, bytes);
    o->most = tin_pool_alloc(graph->pool, bytes);
    o->order = tin_pool_alloc(graph->pool, bytes);
    return o->waits && o->ready && o->choice && o->most && o->order;
}

/* The node that makes a value, among those of the graph; -1: none does. */
static int32_t maker(const tin_graph *g, int32_t value)
{
    int32_t i, k;

    for (i = 0; i < g->n_nodes; i++)
        for (k = 0; k < g->nodes[i].n_out; k++)
            if (g->nodes[i].out[k] == value)
                return i;
    return -1;
}

static void add_ready(tin_orders *o, int32_t *n, int32_t node)
{
    int32_t k = (*n)++;

    for (; k > 0 && o->ready[k - 1] > node; k--)
        o->ready[k] = o->ready[k - 1];
    o->ready[k] = node;
}

static void count_waits(tin_orders *o)
{
    const tin_graph *g = o->graph;
    int32_t i, k;

    for (i = 0; i < g->n_nodes; i++) {
        o->waits[i] = 0;
        for (k = 0; k < g->nodes[i].n_in; k++)
            o->waits[i] +=
                g->nodes[i].in[k] >= 0 && maker(g, g->nodes[i].in[k]) >= 0;
    }
}

/* Nodes that had only waited for this one become ready. */
static void release(tin_orders *o, int32_t node, int32_t *n_ready)
{
    const tin_graph *g = o->graph;
    int32_t i, k, j;

    for (i = 0; i < g->n_nodes; i++)
        for (k = 0; k < g->nodes[i].n_in; k++)
            for (j = 0; j < g->nodes[node].n_out; j++)
                if (g->nodes[i].in[k] == g->nodes[node].out[j] &&
                    --o->waits[i] == 0)
                    add_ready(o, n_ready, i);
}

static void build(tin_orders *o, picker *pick)
{
    const tin_graph *g = o->graph;
    int32_t n_ready = 0, place, i;

    count_waits(o);
    for (i = 0; i < g->n_nodes; i++)
        if (o->waits[i] == 0)
            add_ready(o, &n_ready, i);
    for (place = 0; place < g->n_nodes && n_ready > 0; place++) {
        const int32_t chosen = pick(o, place, n_ready);
        const int32_t node = o->ready[chosen];

        o->choice[place] = chosen;
        o->most[place] = n_ready;
        o->order[place] = node;
        n_ready--;
        memmove(o->ready + chosen, o->ready + chosen + 1,
                (size_t)(n_ready - chosen) * sizeof *o->ready);
        release(o, node, &n_ready);
    }
}

/* ---- All of them: the choices count up like digits ---------------------- */

static int32_t pick_choice(const tin_orders *o, int32_t place, int32_t n_ready)
{
    return o->choice[place] < n_ready ? o->choice[place] : 0;
}

void tin_first_order(tin_orders *o)
{
    memset(o->choice, 0, (size_t)o->graph->n_nodes * sizeof *o->choice);
    build(o, pick_choice);
}

int tin_next_order(tin_orders *o)
{
    int32_t place = o->graph->n_nodes - 1;

    for (; place >= 0 && o->choice[place] + 1 >= o->most[place]; place--)
        o->choice[place] = 0;
    if (place < 0)
        return 0;
    o->choice[place]++;
    build(o, pick_choice);
    return 1;
}

/* ---- Two that are often good -------------------------------------------- */

static int64_t bytes_of(const tin_graph *g, int32_t value)
{
    const tin_value *v = &g->values[value];

    return (int64_t)tin_value_elements(v) * tin_type_bytes(v->type);
}

static int is_placed(const tin_orders *o, int32_t place, int32_t node)
{
    int32_t i;

    for (i = 0; i < place; i++)
        if (o->order[i] == node)
            return 1;
    return 0;
}

/* Does a node other than `node` still have to read the value? */
static int is_read_later(const tin_orders *o, int32_t place, int32_t node,
                         int32_t value)
{
    const tin_graph *g = o->graph;
    int32_t i, k;

    for (i = 0; i < g->n_outputs; i++)
        if (g->outputs[i] == value)
            return 1;
    for (i = 0; i < g->n_nodes; i++)
        for (k = 0; k < g->nodes[i].n_in; k++)
            if (i != node && g->nodes[i].in[k] == value &&
                !is_placed(o, place, i))
                return 1;
    return 0;
}

/* What running the node now adds to the bytes that live. */
static int64_t growth(const tin_orders *o, int32_t place, int32_t node)
{
    const tin_graph *g = o->graph;
    const tin_node *n = &g->nodes[node];
    int64_t bytes = 0;
    int32_t k;

    for (k = 0; k < n->n_out; k++)
        bytes += bytes_of(g, n->out[k]);
    for (k = 0; k < n->n_in; k++)
        if (n->in[k] >= 0 && !g->values[n->in[k]].data &&
            !is_read_later(o, place, node, n->in[k]))
            bytes -= bytes_of(g, n->in[k]);
    return bytes;
}

static int32_t pick_least(const tin_orders *o, int32_t place, int32_t n_ready)
{
    int32_t best = 0, i;

    for (i = 1; i < n_ready; i++)
        if (growth(o, place, o->ready[i]) < growth(o, place, o->ready[best]))
            best = i;
    return best;
}

void tin_greedy_order(tin_orders *o)
{
    build(o, pick_least);
}

/* A node that reads what the last one made; else the first. */
static int32_t pick_deep(const tin_orders *o, int32_t place, int32_t n_ready)
{
    const tin_graph *g = o->graph;
    int32_t i, k;

    for (i = 0; i < n_ready && place > 0; i++) {
        const tin_node *n = &g->nodes[o->ready[i]];

        for (k = 0; k < n->n_in; k++)
            if (n->in[k] == g->nodes[o->order[place - 1]].out[0])
                return i;
    }
    return n_ready - 1;
}

void tin_deep_order(tin_orders *o)
{
    build(o, pick_deep);
}
