/* SPDX-License-Identifier: MIT */
/*
 * tflite_state.c: variables that VAR_HANDLE names, READ_VARIABLE reads,
 * ASSIGN_VARIABLE writes, and a subgraph called by CALL_ONCE initialises.
 *
 * In the graph a variable is a value. To write it makes another value, which
 * lies in the same memory, and who reads afterwards reads that one: so the
 * order of reads and writes is that of values like any other. Handles and
 * CALL_ONCE compute nothing and go.
 */
#include <string.h>

#include "tflite.h"

/* A variable while its uses are read. */
typedef struct {
    const char *container, *name;
    int32_t now;    /* value that it is at this point; -1: not known yet */
    int32_t reader; /* last node that reads this value, or -1 */
} variable;

typedef struct {
    tin_tflite *t;
    variable *variables;
    int32_t n_variables;
    int32_t *of_handle; /* per tensor of the file: 1 + variable */
    int32_t *other; /* per node: reader of the same value before it, or -1 */
} importer;

/* ---- Names -------------------------------------------------------------- */

static int same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* The variable of that name; n_variables if there is none. */
static int32_t find_variable(const importer *im, const tin_attributes *a)
{
    int32_t i = 0;

    while (i < im->n_variables &&
           (!same_text(im->variables[i].container, a->container) ||
            !same_text(im->variables[i].name, a->shared_name)))
        i++;
    return i;
}

static void read_handle(importer *im, const tin_node *n)
{
    const int32_t i = find_variable(im, &n->attr);

    if (tin_fb_work(&im->t->fb, (uint64_t)im->n_variables + 1) != TIN_OK)
        return;
    if (i == im->n_variables) {
        im->variables[i].container = n->attr.container;
        im->variables[i].name = n->attr.shared_name;
        im->variables[i].now = im->variables[i].reader = -1;
        im->n_variables++;
    }
    im->of_handle[n->out[0]] = 1 + i;
    im->t->known[n->out[0]].is_read = im->t->known[n->out[0]].is_handle = 1;
}

/* ---- Reads and writes --------------------------------------------------- */

static int32_t add_value(tin_tflite *t, const tin_value *v)
{
    tin_graph *g = t->graph;

    t->known[g->n_values].is_read = 1;
    g->values[g->n_values] = *v;
    return g->n_values++;
}

/* The value that the variable is at first is like the first tensor that is read
 * or written. */
static void define(importer *im, int32_t i, int32_t like)
{
    tin_graph *g = im->t->graph;
    variable *x = &im->variables[i];
    tin_value v = g->values[like];

    if (x->now >= 0)
        return;
    v.name = x->name ? x->name : v.name;
    v.data = NULL;
    v.producer = -1;
    v.variable = 1 + g->n_variables;
    x->now = add_value(im->t, &v);
    g->variables[g->n_variables].value = x->now;
    g->variables[g->n_variables].initial = -1;
    g->n_variables++;
}

/* The variable that input 0 of a node is the handle of; -1: of none. */
static int32_t variable_of(importer *im, const tin_node *n)
{
    const int32_t i = im->of_handle[n->in[0]] - 1;

    if (i < 0)
        tin_fb_fail(&im->t->fb, TIN_ERR_FORMAT, -1,
                    "its input, tensor %ld, is no handle of a variable",
                    (long)n->in[0]);
    return i;
}

static void read_read(importer *im, int32_t node)
{
    tin_node *n = &im->t->graph->nodes[node];
    const int32_t i = variable_of(im, n);
    int32_t *in = tin_tflite_alloc(im->t, 1, sizeof *in);

    if (i < 0 || !in || tin_tflite_read_value(im->t, n->out[0]) != TIN_OK)
        return;
    define(im, i, n->out[0]);
    in[0] = im->variables[i].now;
    n->in = in;
    im->other[node] = im->variables[i].reader;
    im->variables[i].reader = node;
}

/* What has read the variable has done so before it is written. */
static void read_assign(importer *im, int32_t node)
{
    tin_graph *g = im->t->graph;
    tin_node *n = &g->nodes[node];
    const int32_t i = variable_of(im, n);
    int32_t count = 2, k, *ends;
    tin_value after;

    if (i < 0 || tin_tflite_read_value(im->t, n->in[1]) != TIN_OK)
        return;
    define(im, i, n->in[1]);
    for (k = im->variables[i].reader; k >= 0; k = im->other[k])
        count++;
    ends = tin_tflite_alloc(im->t, (uint64_t)count + 1, sizeof *ends);
    if (!ends)
        return;
    ends[0] = im->variables[i].now;
    ends[1] = n->in[1];
    n->n_in = 2;
    for (k = im->variables[i].reader; k >= 0; k = im->other[k])
        ends[n->n_in++] = g->nodes[k].out[0];
    after = g->values[ends[0]];
    after.producer = node;
    ends[count] = add_value(im->t, &after);
    im->variables[i].now = ends[count];
    im->variables[i].reader = -1;
    n->in = ends;
    n->out = ends + count;
    n->n_out = 1;
}

/* ---- The subgraph that initialises -------------------------------------- */

static int are_alike(const tin_value *a, const tin_value *b)
{
    return a->type == b->type && a->rank == b->rank &&
           memcmp(a->shape, b->shape, (size_t)a->rank * sizeof *a->shape) == 0;
}

/* A handle of the main graph for the same variable says what it is; nobody
 * reads one that has none. Of several initial values the last one counts. */
static void initialise(importer *im, tin_tflite *sub,
                       const tin_attributes *handle, const tin_value *v)
{
    const int32_t i = find_variable(im, handle);
    tin_graph *g = im->t->graph;
    int32_t value;

    if (i == im->n_variables || tin_fb_work(&sub->fb, (uint64_t)i + 1))
        return;
    value = add_value(im->t, v);
    define(im, i, value);
    if (!are_alike(&g->values[im->variables[i].now], v))
        tin_fb_fail(&sub->fb, TIN_ERR_FORMAT, -1,
                    "a variable is initialised with '%.60s', which has another "
                    "type or shape than what it was initialised with before",
                    v->name);
    g->variables[g->values[im->variables[i].now].variable - 1].initial = value;
}

/* One node of it: a handle, or the assignment of a constant. */
static void read_initial(importer *im, tin_tflite *sub, const tin_node *n,
                         const tin_attributes **handles)
{
    const tin_value *v;

    if (n->op == TIN_OP_VAR_HANDLE) {
        handles[n->out[0]] = &n->attr;
        return;
    }
    if (n->op != TIN_OP_ASSIGN_VARIABLE) {
        tin_fb_fail(&sub->fb, TIN_ERR_UNSUPPORTED, -1,
                    "%s is not supported where variables are initialised, only "
                    "the assignment of constants is",
                    tin_op_name(n->op));
        return;
    }
    if (tin_tflite_read_value(sub, n->in[1]) != TIN_OK)
        return;
    v = &sub->graph->values[n->in[1]];
    if (!handles[n->in[0]])
        tin_fb_fail(&sub->fb, TIN_ERR_FORMAT, -1,
                    "its input, tensor %ld, is no handle of a variable",
                    (long)n->in[0]);
    else if (!v->data)
        tin_fb_fail(&sub->fb, TIN_ERR_UNSUPPORTED, -1,
                    "a variable is initialised with '%.60s', which is no "
                    "constant",
                    v->name);
    else
        initialise(im, sub, handles[n->in[0]], v);
}

/* CALL_ONCE: the subgraph is read as a graph of its own. */
static void read_call(importer *im, const tin_node *n)
{
    tin_tflite *t = im->t;
    const tin_attributes **handles;
    tin_tflite sub;
    int32_t i;

    if (tin_tflite_open_subgraph(t, n->attr.subgraph, &sub) == TIN_OK &&
        tin_tflite_read_nodes(&sub) == TIN_OK) {
        handles = tin_tflite_alloc(&sub, sub.tensors.count, sizeof *handles);
        for (i = 0;
             handles && i < sub.graph->n_nodes && sub.fb.status == TIN_OK;
             i++) {
            tin_tflite_enter_layer(&sub, i);
            read_initial(im, &sub, &sub.graph->nodes[i], handles);
        }
    }
    t->fb.status = sub.fb.status;
    t->fb.work = sub.fb.work;
}

/* ---- The whole ---------------------------------------------------------- */

static int is_taken_away(tin_op op)
{
    return op == TIN_OP_VAR_HANDLE || op == TIN_OP_CALL_ONCE;
}

static void read_kind(importer *im, tin_op op)
{
    const tin_graph *g = im->t->graph;
    int32_t i;

    for (i = 0; i < g->n_nodes && im->t->fb.status == TIN_OK; i++) {
        if (g->nodes[i].op != op)
            continue;
        tin_tflite_enter_layer(im->t, i);
        if (op == TIN_OP_VAR_HANDLE)
            read_handle(im, &g->nodes[i]);
        else if (op == TIN_OP_CALL_ONCE)
            read_call(im, &g->nodes[i]);
    }
}

/* Room for a value of each handle, assignment and initial constant. */
static tin_status make_room(importer *im)
{
    tin_tflite *t = im->t;
    const uint64_t n = t->tensors.count, nodes = t->operators.count;
    uint64_t more = nodes;
    int32_t i;

    for (i = 0; i < t->graph->n_nodes; i++)
        if (t->graph->nodes[i].op == TIN_OP_CALL_ONCE)
            more += tin_tflite_count_operators(t, &t->graph->nodes[i]);
    if (tin_fb_work(&t->fb, more) != TIN_OK)
        return t->fb.status;
    im->of_handle = tin_tflite_alloc(t, n, sizeof *im->of_handle);
    im->other = tin_tflite_alloc(t, nodes, sizeof *im->other);
    im->variables = tin_tflite_alloc(t, nodes, sizeof *im->variables);
    if (t->fb.status != TIN_OK)
        return t->fb.status;
    return tin_tflite_grow(t, (int64_t)more);
}

tin_status tin_tflite_read_variables(tin_tflite *t)
{
    const tin_graph *g = t->graph;
    importer im = {t, NULL, 0, NULL, NULL};
    int32_t i = 0;

    while (i < g->n_nodes && !is_taken_away(g->nodes[i].op) &&
           g->nodes[i].op != TIN_OP_READ_VARIABLE &&
           g->nodes[i].op != TIN_OP_ASSIGN_VARIABLE)
        i++;
    if (i == g->n_nodes || make_room(&im) != TIN_OK)
        return t->fb.status;
    read_kind(&im, TIN_OP_VAR_HANDLE);
    read_kind(&im, TIN_OP_CALL_ONCE);
    for (i = 0; i < g->n_nodes && t->fb.status == TIN_OK; i++) {
        tin_tflite_enter_layer(t, i);
        if (g->nodes[i].op == TIN_OP_READ_VARIABLE)
            read_read(&im, i);
        else if (g->nodes[i].op == TIN_OP_ASSIGN_VARIABLE)
            read_assign(&im, i);
    }
    tin_tflite_enter_layer(t, -1);
    return t->fb.status;
}

tin_status tin_tflite_drop_handles(tin_tflite *t)
{
    tin_graph *g = t->graph;
    tin_op *ops = tin_tflite_alloc(t, (uint64_t)g->n_nodes, sizeof *ops);
    int32_t i, kept = 0;

    if (!ops)
        return t->fb.status;
    for (i = 0; i < g->n_nodes; i++) {
        ops[i] = g->nodes[i].op;
        if (!is_taken_away(ops[i]))
            g->nodes[kept++] = g->nodes[i];
    }
    if (kept < g->n_nodes)
        g->layer_ops = ops;
    g->n_nodes = kept;
    return TIN_OK;
}
