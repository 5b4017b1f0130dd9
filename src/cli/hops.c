/* SPDX-License-Identifier: MIT */
/* hops.c: what one hop of a window that slides costs. See cli.h. */
#include "cli.h"

/* All counts of rows are set back together, by a whole number of hops. */
int32_t tin_hop_rows(const tin_model *m, int32_t step)
{
    return (int32_t)((int64_t)m->set_back[step] * m->hop_rows /
                     m->set_back[m->n_steps]);
}

/* Windows that the compiler made room for behind the first one: the tables
 * speak of all rows of the input, pushed_rows of those of a window. */
static int32_t windows_behind(const tin_model *m)
{
    for (int32_t i = 0; i < m->n_args; i++) {
        if (m->flows[i].maker == TIN_MAKER_CALLER)
            return (m->flows[i].limit - m->pushed_rows) / m->hop_rows;
    }
    return 0;
}

/* Rows of a step's work in one window. */
static int32_t window_rows(const tin_model *m, int32_t step)
{
    return m->steps[step].rows - windows_behind(m) * tin_hop_rows(m, step);
}

int64_t tin_hop_macs(const tin_program *p, int32_t layer)
{
    const tin_layer *l = &p->layers[layer];
    int32_t rows;

    if (p->model.hop_rows == 0 || l->n_steps == 0)
        return l->macs;
    rows = window_rows(&p->model, l->first_step);
    // each row of a layer is the same work
    return rows < 1 ? l->macs
                    : l->macs / rows * tin_hop_rows(&p->model, l->first_step);
}

int64_t tin_hop_macs_sum(const tin_program *p)
{
    int64_t sum = 0;

    for (int32_t i = 0; i < p->n_layers; i++)
        sum += tin_hop_macs(p, i);
    return sum;
}

void tin_hops_print(const tin_program *p, FILE *to)
{
    const tin_model *m = &p->model;
    const int64_t macs = tin_hop_macs_sum(p);
    char n[TIN_NUMBER_SIZE];

    fprintf(to, "slides       a window of %ld rows of %ld bytes, by %ld\n",
            (long)m->pushed_rows,
            (long)m->tensors[m->inputs[0].tensor].row_bytes, (long)m->hop_rows);
    fprintf(to, "a hop        %s MACs", tin_format_count(n, macs));
    if (p->macs > 0)
        fprintf(to, ", %.1f %% of a window's",
                100 * (double)macs / (double)p->macs);
    fprintf(to, ", %s calls of kernels\n",
            tin_format_count(n, tin_model_calls(m)));
}

void tin_hops_json(tin_json *j, const tin_program *p)
{
    const tin_model *m = &p->model;

    if (m->hop_rows == 0) {
        tin_json_null(j, "slide");
        return;
    }
    tin_json_open(j, "slide", '{');
    tin_json_int(j, "window_rows", m->pushed_rows);
    tin_json_int(j, "hop_rows", m->hop_rows);
    tin_json_int(j, "row_bytes", m->tensors[m->inputs[0].tensor].row_bytes);
    tin_json_int(j, "hop_macs", tin_hop_macs_sum(p));
    tin_json_close(j, '}');
}
