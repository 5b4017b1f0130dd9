/* SPDX-License-Identifier: MIT */
/* results.c: what a network found. See running.h. */
#include <math.h>
#include <string.h>

#include "running.h"

tin_status tin_open_program(tin_pool *pool, const tin_program *program,
                            tin_net *net, tin_diag *diag)
{
    const tin_model *model = &program->model;
    const uint64_t bytes =
        (uint64_t)model->arena_bytes + (uint64_t)model->arena_align;
    void *arena = tin_pool_alloc(pool, bytes);

    if (!arena || tin_net_open(net, model, arena, (size_t)bytes, NULL))
        return tin_fail(diag, TIN_ERR_MEMORY, -1,
                        "no memory for an arena of %llu bytes",
                        (unsigned long long)bytes);
    return TIN_OK;
}

/* Equal values keep their order; NaN goes before all. */
static int is_better(double a, double b)
{
    return (isnan(a) && !isnan(b)) || a > b;
}

int32_t tin_port_top(const tin_port *port, const void *data, int32_t most,
                     int64_t *best)
{
    const int64_t count = tin_port_count(port);
    int32_t n = 0;

    for (int64_t i = 0; i < count; i++) {
        const double x = tin_port_raw(port, data, i);
        int32_t at = n;

        while (at > 0 && is_better(x, tin_port_raw(port, data, best[at - 1])))
            at--;
        if (at == most)
            continue;
        if (n < most)
            n++;
        memmove(best + at + 1, best + at, (size_t)(n - 1 - at) * sizeof *best);
        best[at] = i;
    }
    return n;
}

const char *tin_score_name(const tin_program *program, int32_t output)
{
    const int32_t tensor = program->model.outputs[output].tensor;

    for (int32_t i = 0; i < program->n_layers; i++) {
        const tin_layer *l = &program->layers[i];

        if (l->tensor == tensor &&
            (strcmp(l->op, "SOFTMAX") == 0 || strcmp(l->op, "LOGISTIC") == 0))
            return "probability";
    }
    return "score";
}

/* ---- Layers ------------------------------------------------------------- */

/* Do two tensors lie in one place? */
static int same_place(const tin_model *m, int32_t a, int32_t b)
{
    const tin_tensor *x = &m->tensors[a];
    const tin_tensor *y = &m->tensors[b];

    return x->data == y->data && (x->data || x->offset == y->offset);
}

/* What the inputs hold before the first step. */
static uint32_t input_crc(const tin_net *net, int32_t i)
{
    return tin_crc32(0, tin_net_input(net, i),
                     (size_t)net->model->inputs[i].bytes);
}

/* A view has no step of its own. Its bytes are those of the last tensor that
 * was made in its place, which stays there as long as the view is needed; by
 * the end of the inference something else may be in that place. */
static tin_layer_crc view_crc(const tin_program *program, int32_t view,
                              const tin_layer_crc *crcs,
                              const uint32_t *input_crcs)
{
    const tin_model *m = &program->model;
    const tin_layer_crc none = {0, 0};
    const int32_t tensor = program->layers[view].tensor;

    if (tensor < 0)
        return none;
    for (int32_t i = view - 1; i >= 0; i--) {
        const tin_layer *l = &program->layers[i];

        if (l->tensor >= 0 && same_place(m, l->tensor, tensor))
            return crcs[i];
    }
    for (int32_t i = 0; i < m->n_inputs; i++) {
        if (same_place(m, m->inputs[i].tensor, tensor))
            return (tin_layer_crc){input_crcs[i], 1};
    }
    return none;
}

tin_status tin_run_crcs(tin_pool *pool, const tin_program *program,
                        tin_net *net, tin_layer_crc *crcs, tin_diag *diag)
{
    const tin_model *m = &program->model;
    uint32_t *step_crcs =
        tin_pool_alloc(pool, (uint64_t)m->n_steps * sizeof *step_crcs);
    uint32_t *input_crcs =
        tin_pool_alloc(pool, (uint64_t)m->n_inputs * sizeof *input_crcs);
    tin_work work;

    if (!step_crcs || !input_crcs)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    for (int32_t i = 0; i < m->n_inputs; i++)
        input_crcs[i] = input_crc(net, i);
    while (tin_net_step(net, &work))
        step_crcs[work.step] = tin_work_crc(net, &work, step_crcs[work.step]);
    for (int32_t i = 0; i < program->n_layers; i++) {
        const tin_layer *l = &program->layers[i];

        if (l->n_steps > 0) // the last step's output is the layer's
            crcs[i] =
                (tin_layer_crc){step_crcs[l->first_step + l->n_steps - 1], 1};
        else
            crcs[i] = view_crc(program, i, crcs, input_crcs);
    }
    return TIN_OK;
}
