/* SPDX-License-Identifier: MIT */
/* runner.c: running a network, and what each layer made. See running.h. */
#include <string.h>

#include "../../bench/measure.h"
#include "running.h"

static tin_status no_memory(tin_diag *diag)
{
    return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
}

tin_status tin_runner_open(tin_pool *pool, const tin_program *program,
                           tin_runner *r, tin_diag *diag)
{
    const tin_model *model = &program->model;

    if (tin_net_open_pool(pool, model, &r->net) != TIN_OK)
        return tin_fail(diag, TIN_ERR_MEMORY, -1,
                        "no memory for an arena of %lld bytes",
                        (long long)tin_memory_sum(program));
    r->rows = NULL;
    if (model->pushed_rows > 0) {
        r->rows = tin_pool_alloc(pool, (uint64_t)model->inputs[0].bytes);
        if (!r->rows)
            return no_memory(diag);
    }
    return TIN_OK;
}

void *tin_runner_input(const tin_runner *r, int32_t i)
{
    return r->rows && i == 0 ? r->rows : tin_net_input(&r->net, i);
}

static int32_t row_bytes(const tin_model *m)
{
    return m->tensors[m->inputs[0].tensor].row_bytes;
}

void tin_runner_run(tin_runner *r)
{
    const tin_model *m = r->net.model;

    if (!r->rows) {
        tin_net_run(&r->net);
        return;
    }
    tin_stream_begin(&r->net);
    for (int32_t y = 0; y < m->pushed_rows; y++)
        (void)tin_stream_push_rows(
            &r->net, r->rows + (size_t)y * (size_t)row_bytes(m), 1);
}

/* ---- Windows ------------------------------------------------------------ */

int64_t tin_runner_windows(const tin_model *m, int64_t rows)
{
    return rows < m->pushed_rows ? 0
                                 : (rows - m->pushed_rows) / m->hop_rows + 1;
}

void tin_runner_slide(tin_runner *r, const uint8_t *rows, int64_t n,
                      uint8_t *const *outputs)
{
    const tin_model *m = r->net.model;
    int64_t windows = 0;

    tin_stream_begin(&r->net);
    for (int64_t y = 0; y < n; y++, rows += row_bytes(m)) {
        (void)tin_stream_push_rows(&r->net, rows, 1);
        if (tin_runner_windows(m, y + 1) == windows)
            continue;
        for (int32_t i = 0; i < m->n_outputs; i++) {
            const size_t bytes = (size_t)m->outputs[i].bytes;

            memcpy(outputs[i] + (size_t)windows * bytes,
                   tin_net_output(&r->net, i), bytes);
        }
        windows++;
    }
}

/* ---- Layers ------------------------------------------------------------- */

/* Do two tensors lie in one place? */
static int same_place(const tin_model *m, int32_t a, int32_t b)
{
    const tin_tensor *x = &m->tensors[a];
    const tin_tensor *y = &m->tensors[b];

    return x->data == y->data && x->region == y->region &&
           (x->data || x->offset == y->offset);
}

/* What the inputs hold before the first step. */
static uint32_t input_crc(const tin_runner *r, int32_t i)
{
    return tin_crc32(0, tin_runner_input(r, i),
                     (size_t)r->net.model->inputs[i].bytes);
}

/* How many of the steps may have made what a step reads as this argument:
 * while layers run row by row, later ones may write where it was. */
static int32_t makers_of(const tin_model *m, const tin_stage *stage,
                         int32_t arg)
{
    const uint16_t maker = m->flows[arg].maker;

    if (maker == TIN_MAKER_CALLER)
        return 0;
    return maker == TIN_MAKER_NONE ? stage->first : maker + 1;
}

/* The same for a view, by the first step that reads it row by row. */
static int32_t makers_of_view(const tin_model *m, int32_t tensor)
{
    for (int32_t i = 0; i < m->n_stages; i++) {
        const tin_stage *stage = &m->stages[i];

        for (int32_t k = 0; stage->progress >= 0 && k < stage->n; k++) {
            const tin_step *step = &m->steps[stage->first + k];

            for (int32_t arg = 0; arg < step->n_in; arg++) {
                if (m->args[step->first_arg + arg] == tensor)
                    return makers_of(m, stage, step->first_arg + arg);
            }
        }
    }
    return m->n_steps;
}

/* A view has no step of its own. Its bytes are those of the last tensor that
 * was made in its place before it was read, or of an input; by the end of the
 * inference something else may be in that place. */
static tin_layer_crc view_crc(const tin_program *program, int32_t view,
                              const tin_layer_crc *crcs,
                              const uint32_t *input_crcs)
{
    const tin_model *m = &program->model;
    const tin_layer_crc none = {0, 0};
    const int32_t tensor = program->layers[view].tensor;
    int32_t makers;

    if (tensor < 0)
        return none;
    makers = makers_of_view(m, tensor);
    for (int32_t i = view - 1; i >= 0; i--) {
        const tin_layer *l = &program->layers[i];

        if (l->n_steps > 0 && l->first_step + l->n_steps <= makers &&
            l->tensor >= 0 && same_place(m, l->tensor, tensor))
            return crcs[i];
    }
    for (int32_t i = 0; i < m->n_inputs; i++) {
        if (same_place(m, m->inputs[i].tensor, tensor))
            return (tin_layer_crc){input_crcs[i], 1};
    }
    return none;
}

/* The work that can be done now. */
static void work_on(tin_net *net, uint32_t *step_crcs)
{
    tin_work work;

    while (tin_net_step(net, &work))
        step_crcs[work.step] = tin_work_crc(net, &work, step_crcs[work.step]);
}

/* The same as tin_runner_run, with a look at each call of a kernel. */
static void run_steps(tin_runner *r, uint32_t *step_crcs)
{
    const size_t bytes = r->rows ? (size_t)row_bytes(r->net.model) : 0;
    const uint8_t *from = r->rows;
    void *to;

    tin_stream_begin(&r->net);
    if (!r->rows) {
        work_on(&r->net, step_crcs);
        return;
    }
    for (; (to = tin_stream_row(&r->net)) != NULL; from += bytes) {
        memcpy(to, from, bytes);
        tin_stream_pushed(&r->net);
        work_on(&r->net, step_crcs);
    }
}

tin_status tin_runner_crcs(tin_pool *pool, const tin_program *program,
                           tin_runner *r, tin_layer_crc *crcs, tin_diag *diag)
{
    const tin_model *m = &program->model;
    uint32_t *step_crcs =
        tin_pool_alloc(pool, (uint64_t)m->n_steps * sizeof *step_crcs);
    uint32_t *input_crcs =
        tin_pool_alloc(pool, (uint64_t)m->n_inputs * sizeof *input_crcs);

    if (!step_crcs || !input_crcs)
        return no_memory(diag);
    for (int32_t i = 0; i < m->n_inputs; i++)
        input_crcs[i] = input_crc(r, i);
    run_steps(r, step_crcs);
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
