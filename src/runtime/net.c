/* SPDX-License-Identifier: MIT */
/* net.c: see tinyinfer.h. Running a model is a short loop over its steps. */
#include "tinyinfer.h"

tin_status tin_net_open(tin_net *net, const tin_model *model, void *arena,
                        size_t arena_bytes, size_t *needed_bytes)
{
    const size_t mask = (size_t)model->arena_align - 1;
    const size_t pad = (size_t)(0 - (uintptr_t)arena) & mask;
    const size_t needed = pad + (size_t)model->arena_bytes;

    if (needed_bytes)
        *needed_bytes = needed;
    if (!arena || arena_bytes < needed)
        return TIN_ERR_ARENA;
    net->model = model;
    net->arena = (uint8_t *)arena + pad;
    net->next = 0;
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
        r.base = net->arena + t->offset;
    r.row_bytes = t->row_bytes;
    r.rows = t->rows;
    return r;
}

void *tin_net_input(const tin_net *net, int32_t i)
{
    return rows_of(net, net->model->inputs[i].tensor).base;
}

const void *tin_net_output(const tin_net *net, int32_t i)
{
    return rows_of(net, net->model->outputs[i].tensor).base;
}

int tin_net_step(tin_net *net, tin_work *work)
{
    const tin_model *m = net->model;
    const tin_step *step = m->steps + net->next;
    tin_rows rows[TIN_MAX_ARGS];
    int32_t i;

    if (net->next == m->n_steps) {
        net->next = 0;
        return 0;
    }
    for (i = 0; i < step->n_in + step->n_out; i++)
        rows[i] = rows_of(net, m->args[step->first_arg + i]);
    step->run(step->params, rows, rows + step->n_in, 0, step->rows,
              step->scratch < 0 ? NULL : net->arena + step->scratch);
    work->step = net->next++;
    work->y0 = 0;
    work->y1 = rows[step->n_in].rows;
    return 1;
}

void tin_net_run(tin_net *net)
{
    tin_work work;

    net->next = 0;
    while (tin_net_step(net, &work)) {
    }
}

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
