/* SPDX-License-Identifier: MIT */
/* net.c: see tinyinfer.h. Running a model is a short loop over its steps. */
#include "tinyinfer.h"

#include <string.h>

/* Binds memory number i. Returns 0 if it is too small. */
static int bind_region(tin_net *net, int32_t i, void *arena, size_t bytes,
                       size_t *needed_bytes)
{
    const tin_model *m = net->model;
    const size_t mask = (size_t)m->arena_align - 1;
    const size_t pad = (size_t)(0 - (uintptr_t)arena) & mask;
    const size_t needed =
        pad + (size_t)(i == 0 ? m->arena_bytes : m->more_bytes[i - 1]);

    if (needed_bytes)
        *needed_bytes = needed;
    if (!arena || bytes < needed)
        return 0;
    net->arena[i] = (uint8_t *)arena + pad;
    return 1;
}

tin_status tin_net_open(tin_net *net, const tin_model *model, void *arena,
                        size_t arena_bytes, size_t *needed_bytes)
{
    if (model->n_more > 0)
        return TIN_ERR_ARG;
    return tin_net_open_regions(net, model, &arena, &arena_bytes, needed_bytes);
}

tin_status tin_net_open_regions(tin_net *net, const tin_model *model,
                                void *const *arenas, const size_t *bytes,
                                size_t *needed_bytes)
{
    int32_t i, bound = 0;

    net->model = model;
    for (i = 0; i <= model->n_more; i++)
        bound += bind_region(net, i, arenas[i], bytes[i],
                             needed_bytes ? needed_bytes + i : NULL);
    if (bound <= model->n_more)
        return TIN_ERR_ARENA;
    tin_net_reset(net);
    tin_stream_begin(net);
    return TIN_OK;
}

/* The ring of a tensor. A constant is only ever read, so dropping its const
 * here lets inputs and outputs share one type. */
static tin_rows rows_of(const tin_net *net, int32_t tensor)
{
    const tin_tensor *t = &net->model->tensors[tensor];
    tin_rows r;

    if (t->data)
        r.base = (void *)(uintptr_t)t->data;
    else
        r.base = net->arena[t->region] + t->offset;
    r.row_bytes = t->row_bytes;
    r.rows = t->rows;
    r.first = t->first;
    return r;
}

void tin_net_reset(tin_net *net)
{
    const tin_model *m = net->model;
    int32_t i;

    for (i = 0; i < m->n_states; i++) {
        const tin_state *state = &m->states[i];
        const tin_rows rows = rows_of(net, state->tensor);
        const size_t bytes = (size_t)rows.rows * (size_t)rows.row_bytes;

        if (state->data)
            memcpy(rows.base, state->data, bytes);
        else
            memset(rows.base, state->fill, bytes);
    }
}

void *tin_net_input(const tin_net *net, int32_t i)
{
    return rows_of(net, net->model->inputs[i].tensor).base;
}

const void *tin_net_output(const tin_net *net, int32_t i)
{
    return rows_of(net, net->model->outputs[i].tensor).base;
}

/* ---- Steps -------------------------------------------------------------- */

/* Computes rows y0 .. y1 - 1 of a step's work. */
static void run_rows(const tin_net *net, int32_t index, int32_t y0, int32_t y1,
                     tin_work *work)
{
    const tin_model *m = net->model;
    const tin_step *step = &m->steps[index];
    tin_rows rows[TIN_MAX_ARGS];
    int32_t i;

    for (i = 0; i < step->n_in + step->n_out; i++)
        rows[i] = rows_of(net, m->args[step->first_arg + i]);
    step->run(step->params, rows, rows + step->n_in, y0, y1,
              step->scratch < 0 ? NULL : net->arena[0] + step->scratch);
    work->step = index;
    work->y0 = y0;
    work->y1 = y1;
    if (step->at_end) { // all of the output or nothing
        work->y0 = 0;
        work->y1 = y1 == step->rows ? rows[step->n_in].rows : 0;
    }
}

/* Are the rows there that row y of the step's work needs? */
static int is_ready(const tin_net *net, const tin_stage *stage,
                    const uint16_t *done, const tin_step *step, int32_t y)
{
    const tin_flow *flow = &net->model->flows[step->first_arg];
    const tin_flow *const end = flow + step->n_in;

    for (; flow != end; flow++) {
        int32_t need = (y * flow->stride >> flow->shift) + flow->reach, there;

        if (flow->maker == TIN_MAKER_NONE)
            continue;
        if (need > flow->limit)
            need = flow->limit;
        there = flow->maker == TIN_MAKER_CALLER
                    ? net->pushed
                    : done[flow->maker - stage->first];
        if (there < need)
            return 0;
    }
    return 1;
}

/* The next rows of the last step that can compute them. Returns 0 if none
 * can. Of the steps behind the one that ran before only those that read what
 * it made are looked at: the others could not run then either. */
static int run_latest(tin_net *net, const tin_stage *stage, uint16_t *done,
                      tin_work *work)
{
    int32_t i = net->next;

    while (i-- > 0) {
        const tin_step *step = &net->model->steps[stage->first + i];
        const int32_t y0 = done[i];
        int32_t y1 = y0 + (1 << step->rows_log2);

        if (y1 > step->rows)
            y1 = step->rows;
        if (y0 < y1 && is_ready(net, stage, done, step, y1 - 1)) {
            run_rows(net, stage->first + i, y0, y1, work);
            done[i] = (uint16_t)y1;
            net->next = step->last_user - stage->first + 1;
            return 1;
        }
    }
    net->next = 1; // whatever changes that wakes others, see tin_stream_pushed
    return 0;
}

static int is_complete(const tin_net *net, const tin_stage *stage,
                       const uint16_t *done)
{
    int32_t i;

    for (i = 0; i < stage->n; i++)
        if (done[i] < net->model->steps[stage->first + i].rows)
            return 0;
    return 1;
}

/* The next call in a stage whose steps run one after the other. */
static int step_whole(tin_net *net, const tin_stage *stage, tin_work *work)
{
    const int32_t i = stage->first + net->next;

    if (net->next == stage->n)
        return 0;
    net->next++;
    run_rows(net, i, 0, net->model->steps[i].rows, work);
    return 1;
}

/* A window that slides goes on for ever, its counts do not: all are set back
 * by whole turns of every ring, as soon as all have come that far. */
static void set_back(tin_net *net, const tin_stage *stage, uint16_t *done)
{
    const uint16_t *by = net->model->set_back;
    int32_t i;

    for (i = 0; i < stage->n; i++)
        if (done[i] <= by[i])
            return;
    for (i = 0; i < stage->n; i++)
        done[i] = (uint16_t)(done[i] - by[i]);
    net->pushed -= by[stage->n];
}

/* The next call in a stage whose steps run together. *waits: it is not
 * complete, but needs rows from the caller. */
static int step_rows(tin_net *net, const tin_stage *stage, tin_work *work,
                     int *waits)
{
    uint16_t *done = (uint16_t *)(void *)(net->arena[0] + stage->progress);

    if (net->next == 0) {
        memset(done, 0, stage->n * sizeof *done);
        net->next = stage->n;
    }
    if (run_latest(net, stage, done, work))
        return 1;
    if (net->model->hop_rows)
        set_back(net, stage, done);
    *waits = net->model->hop_rows || !is_complete(net, stage, done) ||
             (net->stage == 0 && net->pushed < net->model->pushed_rows);
    return 0;
}

int tin_net_step(tin_net *net, tin_work *work)
{
    const tin_model *m = net->model;
    int waits = 0;

    for (; net->stage < m->n_stages; net->stage++, net->next = 0) {
        const tin_stage *stage = &m->stages[net->stage];

        if (stage->progress < 0 ? step_whole(net, stage, work)
                                : step_rows(net, stage, work, &waits))
            return 1;
        if (waits)
            return 0;
    }
    if (m->pushed_rows == 0)
        tin_stream_begin(net);
    return 0;
}

void tin_net_run(tin_net *net)
{
    tin_work work;

    tin_stream_begin(net);
    while (tin_net_step(net, &work)) {
    }
}

/* ---- A streamed input --------------------------------------------------- */

void tin_stream_begin(tin_net *net)
{
    net->stage = 0;
    net->next = 0;
    net->pushed = 0;
}

void *tin_stream_row(const tin_net *net)
{
    const tin_rows input = rows_of(net, net->model->inputs[0].tensor);

    if (!net->model->hop_rows && net->pushed == net->model->pushed_rows)
        return NULL;
    return tin_row(&input, net->pushed);
}

void tin_stream_pushed(tin_net *net)
{
    net->pushed++;
    if (net->next > 0 && net->next <= net->model->pushed_user)
        net->next = net->model->pushed_user + 1;
}

int32_t tin_stream_push_rows(tin_net *net, const void *rows, int32_t n)
{
    const tin_model *m = net->model;
    const int32_t bytes = m->tensors[m->inputs[0].tensor].row_bytes;
    const uint8_t *from = rows;
    tin_work work;
    int32_t i;

    for (i = 0; i < n; i++, from += bytes) {
        void *row = tin_stream_row(net);

        if (!row)
            break;
        memcpy(row, from, (size_t)bytes);
        tin_stream_pushed(net);
        while (tin_net_step(net, &work)) {
        }
    }
    return i;
}

/* ---- Checksums ---------------------------------------------------------- */

uint32_t tin_work_crc(const tin_net *net, const tin_work *work, uint32_t crc)
{
    const tin_step *step = &net->model->steps[work->step];
    const tin_rows out =
        rows_of(net, net->model->args[step->first_arg + step->n_in]);
    int32_t y;

    for (y = work->y0; y < work->y1; y++)
        crc = tin_crc32(crc, tin_row(&out, y), (size_t)out.row_bytes);
    return crc;
}
