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

/* The bytes that a tensor has now. */
static uint32_t tensor_crc(const tin_net *net, int32_t tensor)
{
    const tin_tensor *t = &net->model->tensors[tensor];
    const void *at = t->data ? t->data : net->arena + t->offset;

    return tin_crc32(0, at, (size_t)t->row_bytes * (size_t)t->rows);
}

/* A view has no step, its bytes are there once the layers before it have
 * run: they are looked at before step `next`, for later ones may use their
 * place for something else. */
static void look_at_views(const tin_program *program, const tin_net *net,
                          tin_layer_crc *crcs)
{
    int32_t due = 0;

    for (int32_t i = 0; i < program->n_layers; i++) {
        const tin_layer *l = &program->layers[i];

        if (l->n_steps > 0)
            due = l->first_step + l->n_steps;
        else if (due == net->next && l->tensor >= 0 && !crcs[i].known)
            crcs[i] = (tin_layer_crc){tensor_crc(net, l->tensor), 1};
    }
}

tin_status tin_run_crcs(tin_pool *pool, const tin_program *program,
                        tin_net *net, tin_layer_crc *crcs, tin_diag *diag)
{
    const uint64_t n_steps = (uint64_t)program->model.n_steps;
    uint32_t *step_crc = tin_pool_alloc(pool, n_steps * sizeof *step_crc);
    tin_work work;

    if (!step_crc)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    look_at_views(program, net, crcs);
    while (tin_net_step(net, &work)) {
        step_crc[work.step] = tin_work_crc(net, &work, step_crc[work.step]);
        look_at_views(program, net, crcs);
    }
    for (int32_t i = 0; i < program->n_layers; i++) {
        const tin_layer *l = &program->layers[i];

        if (l->n_steps > 0) // the last step's output is the layer's
            crcs[i] =
                (tin_layer_crc){step_crc[l->first_step + l->n_steps - 1], 1};
    }
    return TIN_OK;
}
