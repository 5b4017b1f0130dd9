/* SPDX-License-Identifier: MIT */
/* compile.c: the street from file to program, see tinyinfer_compiler.h. */
#include "lower.h"

#include <string.h>

static tin_status no_memory(tin_diag *diag)
{
    return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
}

static void copy_shape(tin_shape *s, const tin_value *v)
{
    s->type = v->type;
    s->rank = v->rank;
    memcpy(s->shape, v->shape, sizeof s->shape);
}

/* The multiply-accumulates that the file's layers stand for. */
static int64_t macs_of(const tin_graph *g, const tin_node *n)
{
    const tin_value *w;
    int64_t taps = 1;
    int32_t i;

    if (n->op != TIN_OP_CONV_2D && n->op != TIN_OP_DEPTHWISE_CONV_2D &&
        n->op != TIN_OP_FULLY_CONNECTED)
        return 0;
    w = &g->values[n->in[1]];
    for (i = 1; i < w->rank; i++)
        if (n->op != TIN_OP_DEPTHWISE_CONV_2D || i < w->rank - 1)
            taps *= w->shape[i];
    return taps * tin_value_elements(&g->values[n->out[0]]);
}

/* One line of the report for each operator of the file, before passes take
 * operators away. */
static tin_layer *describe_layers(const tin_graph *g)
{
    tin_layer *layers =
        tin_pool_alloc(g->pool, (uint64_t)g->n_layers * sizeof *layers);
    int32_t i;

    for (i = 0; layers && i < g->n_nodes; i++) {
        const tin_node *n = &g->nodes[i];
        tin_layer *l = &layers[n->layer];

        l->name = g->values[n->out[0]].name;
        l->op = tin_op_name(n->op);
        l->kernel = "view";
        l->macs = macs_of(g, n);
        l->tensor = -1;
        if (n->n_in > 0 && n->in[0] >= 0)
            copy_shape(&l->in, &g->values[n->in[0]]);
        copy_shape(&l->out, &g->values[n->out[0]]);
    }
    return layers;
}

static int start_lowering(tin_lowering *lo, const tin_graph *g)
{
    const uint64_t n = (uint64_t)g->n_values;
    int32_t i;

    lo->graph = g;
    lo->tensor_of = tin_pool_alloc(lo->pool, n * sizeof *lo->tensor_of);
    lo->constant_of = tin_pool_alloc(lo->pool, n * sizeof *lo->constant_of);
    for (i = 0; lo->tensor_of && i < g->n_values; i++)
        lo->tensor_of[i] = -1;
    return lo->tensor_of && lo->constant_of;
}

/* a + b, or the largest number where that is larger. */
static int64_t add_up(int64_t a, int64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

static void total_up(tin_program *p)
{
    int32_t i;

    for (i = 0; i < p->n_layers; i++) {
        p->macs = add_up(p->macs, p->layers[i].macs);
        p->live_macs = add_up(p->live_macs, p->layers[i].live_macs);
        p->weight_bytes = add_up(p->weight_bytes, p->layers[i].weight_bytes);
    }
}

static tin_status lower_and_place(tin_lowering *lo, tin_graph *g,
                                  const tin_compile_options *options,
                                  tin_program *p)
{
    tin_status status = tin_fold_constants(g, lo->diag);

    if (status == TIN_OK && options->optimize != TIN_OPTIMIZE_RAM)
        status = tin_remove_dead_channels(g, lo->diag);
    if (status != TIN_OK)
        return status;
    if (!start_lowering(lo, g))
        return no_memory(lo->diag);
    status = tin_lower(lo, p);
    if (status == TIN_OK)
        status = tin_layout(lo, p, options);
    if (status == TIN_OK)
        total_up(p);
    return status;
}

tin_status tin_compile_graph(tin_graph *g, const tin_compile_options *options,
                             const tin_program **program, tin_diag *diag)
{
    static const tin_compile_options defaults;
    tin_program *p = tin_pool_alloc(g->pool, sizeof *p);
    tin_lowering lo;

    memset(&lo, 0, sizeof lo);
    lo.pool = g->pool;
    lo.diag = diag;
    lo.layers = describe_layers(g);
    if (!p || !lo.layers)
        return no_memory(diag);
    if (!options)
        options = &defaults;
    lo.target = tin_find_target(options->target);
    if (!lo.target)
        return tin_fail(diag, TIN_ERR_ARG, -1, "unknown target '%.40s'",
                        options->target);
    lo.optimize = options->optimize;
    p->target = lo.target->name;
    p->layers = lo.layers;
    p->n_layers = g->n_layers;
    *program = p;
    return lower_and_place(&lo, g, options, p);
}

tin_status tin_compile(tin_pool *pool, const void *file, size_t file_bytes,
                       const tin_compile_options *options,
                       const tin_program **program, tin_diag *diag)
{
    tin_graph *g;
    const tin_status status =
        tin_import_tflite(pool, file, file_bytes, &g, diag);

    if (status != TIN_OK)
        return status;
    return tin_compile_graph(g, options, program, diag);
}
