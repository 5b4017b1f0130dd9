/* SPDX-License-Identifier: MIT */
/*
 * reference.h: a network as a whole. Its layers run one after the other, each
 * step with all its rows, and every value of the graph has memory of its own
 * for good: nothing depends on where a plan puts things.
 */
#ifndef REFERENCE_H
#define REFERENCE_H

#include "lower.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { REFERENCE_STEPS = 128 }; /* at most */

typedef struct {
    const tin_graph *graph; /* as the passes left it */
    const tin_program *program;
    uint8_t **memory;                 /* per value */
    uint32_t crc[REFERENCE_STEPS];    /* of each step's output */
    uint8_t partial[REFERENCE_STEPS]; /* a later step writes the same value */
} reference;

static inline size_t value_bytes(const tin_value *v)
{
    return (size_t)tin_value_elements(v) * (size_t)tin_type_bytes(v->type);
}

/* Random inputs: the highest bytes of a xorshift, or floats of -2 .. 2. */
static inline void fill_input(const tin_value *v, uint8_t *bytes, uint32_t x)
{
    float *reals = (float *)(void *)bytes;
    int32_t k;

    for (k = 0; k < tin_value_elements(v); k++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        if (v->type == TIN_F32)
            reals[k] = (float)(x >> 8) / 4194304.0f - 2.0f;
        else
            bytes[k] = (uint8_t)(x >> 24);
    }
}

static inline void take_memory(reference *r, uint32_t seed)
{
    const tin_graph *g = r->graph;
    int32_t i;

    r->memory = calloc((size_t)g->n_values, sizeof *r->memory);
    cr_assert_not_null(r->memory);
    for (i = 0; i < g->n_values; i++) {
        r->memory[i] = malloc(value_bytes(&g->values[i]));
        cr_assert_not_null(r->memory[i]);
        memset(r->memory[i], 0xee, value_bytes(&g->values[i]));
    }
    for (i = 0; i < g->n_inputs; i++)
        fill_input(&g->values[g->inputs[i]], r->memory[g->inputs[i]],
                   seed + (uint32_t)i + 1);
}

static inline void free_reference(reference *r)
{
    int32_t i;

    for (i = 0; i < r->graph->n_values; i++)
        free(r->memory[i]);
    free(r->memory);
}

/* All rows of a value, as long as a step's argument says that they are. */
static inline tin_rows rows_of_value(const reference *r, int32_t value,
                                     int32_t arg)
{
    const tin_model *m = &r->program->model;
    const tin_tensor *t = &m->tensors[m->args[arg]];
    const size_t bytes = value_bytes(&r->graph->values[value]);
    const tin_rows rows = {.base = t->data ? (void *)(uintptr_t)t->data
                                           : r->memory[value],
                           .row_bytes = t->row_bytes,
                           .rows = (int32_t)(bytes / (size_t)t->row_bytes)};

    return rows;
}

/* `in` are as many values as the step has inputs. */
static inline void run_whole(reference *r, int32_t step, const int32_t *in,
                             int32_t out)
{
    const tin_step *s = &r->program->model.steps[step];
    const tin_kernel_info *info = r->program->lowered->kernels[step];
    const int32_t bytes =
        info->scratch_size ? info->scratch_size(s->params) : 0;
    void *scratch = bytes > 0 ? malloc((size_t)bytes) : NULL;
    tin_rows rows[TIN_MAX_ARGS];
    int32_t k;

    for (k = 0; k < s->n_in; k++)
        rows[k] = rows_of_value(r, in[k], s->first_arg + k);
    rows[k] = rows_of_value(r, out, s->first_arg + k);
    s->run(s->params, rows, rows + k, 0, s->rows, scratch);
    free(scratch);
    r->crc[step] =
        tin_crc32(0, r->memory[out], value_bytes(&r->graph->values[out]));
}

/* Where the elements begin that a slice of neighbours takes; without a list of
 * beginnings it is no slice. */
static inline size_t first_byte(const reference *r, const tin_node *n)
{
    const tin_value *in = &r->graph->values[n->in[0]];
    size_t at = 0;
    int32_t i;

    if (n->op != TIN_OP_STRIDED_SLICE)
        return 0;
    for (i = 0; i < in->rank; i++) {
        const int64_t begin = tin_const_int(&r->graph->values[n->in[1]], i);

        at = at * (size_t)in->shape[i] + (size_t)begin;
    }
    return at * (size_t)tin_type_bytes(in->type);
}

/* A layer without steps is a view: the same bytes, some of them, or all inputs
 * one after the other. */
static inline void run_view(reference *r, const tin_node *n)
{
    const int32_t joined =
        n->op == TIN_OP_CONCATENATION || n->op == TIN_OP_PACK ? n->n_in : 1;
    uint8_t *to = r->memory[n->out[0]];
    int32_t i;

    for (i = 0; i < joined; i++) {
        const int32_t from = joined > 1 ? n->in[i] : n->out[0];
        const size_t bytes = value_bytes(&r->graph->values[from]);

        memcpy(to, (const uint8_t *)r->memory[n->in[i]] + first_byte(r, n),
               bytes);
        to += bytes;
    }
}

/* Where there are several steps, each takes the inputs that follow those of the
 * one before. */
static inline void run_layer(reference *r, const tin_node *n)
{
    const tin_layer *l = &r->program->layers[n->layer];
    const int32_t *in = n->in;
    int32_t i;

    if (l->n_steps == 0)
        run_view(r, n);
    for (i = 0; i < l->n_steps; i++) {
        run_whole(r, l->first_step + i, in, n->out[0]);
        in += r->program->model.steps[l->first_step + i].n_in;
        r->partial[l->first_step + i] = i < l->n_steps - 1;
    }
}

static inline void run_reference(reference *r, const tin_graph *g,
                                 const tin_program *program, uint32_t seed)
{
    int32_t i;

    memset(r, 0, sizeof *r);
    r->graph = g;
    r->program = program;
    cr_assert_leq(program->model.n_steps, REFERENCE_STEPS);
    take_memory(r, seed);
    for (i = 0; i < g->n_nodes; i++)
        run_layer(r, &g->nodes[i]);
}

/* CRC-32 of all outputs. */
static inline uint32_t output_crc(const reference *r)
{
    const tin_graph *g = r->graph;
    uint32_t crc = 0;
    int32_t i;

    for (i = 0; i < g->n_outputs; i++)
        crc = tin_crc32(crc, r->memory[g->outputs[i]],
                        value_bytes(&g->values[g->outputs[i]]));
    return crc;
}

/* A program without passes and without a plan. */
static inline void lower_only(tin_graph *g, tin_program *p)
{
    const size_t values = (size_t)g->n_values, layers = (size_t)g->n_layers;
    tin_diag diag = {TIN_OK, 0, 0, ""};
    tin_lowering lo;
    size_t i;

    memset(&lo, 0, sizeof lo);
    lo.pool = g->pool;
    lo.graph = g;
    lo.diag = &diag;
    lo.target = tin_find_target(NULL);
    lo.layers = tin_pool_alloc(g->pool, layers * sizeof *lo.layers);
    lo.tensor_of = tin_pool_alloc(g->pool, values * sizeof *lo.tensor_of);
    lo.constant_of = tin_pool_alloc(g->pool, values * sizeof *lo.constant_of);
    lo.lean = tin_pool_alloc(g->pool, layers);
    cr_assert(lo.layers && lo.tensor_of && lo.constant_of && lo.lean);
    for (i = 0; i < values; i++)
        lo.tensor_of[i] = -1;
    for (i = 0; i < layers; i++) {
        lo.layers[i].name = "a layer";
        lo.lean[i] = TIN_LEAN;
    }
    g->file_values = g->values;
    g->n_file_values = g->n_values;
    memset(p, 0, sizeof *p);
    cr_assert_eq(tin_lower(&lo, p), TIN_OK, "%s", diag.message);
    p->layers = lo.layers;
    p->n_layers = g->n_layers;
}

#endif /* REFERENCE_H */
