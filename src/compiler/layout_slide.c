/* SPDX-License-Identifier: MIT */
/* layout_slide.c: the arena of a window that slides, see slide.h. */
#include "layout.h"

/* All steps in one stage, all buffers side by side. */
tin_status tin_plan_sliding(layout *l, plan *best)
{
    const int32_t n = l->s->model->n_steps;
    tin_status status;
    int32_t i;

    for (i = 0; i < n; i++)
        if (l->s->whole[i])
            return tin_fail(l->lo->diag, TIN_ERR_UNSUPPORTED, -1,
                            "layer %d cannot run row by row, so the network "
                            "cannot slide",
                            (int)l->lo->layer_of[i]);
    best->n_stages = 1;
    best->stages[0].first = 0;
    best->stages[0].n = (uint16_t)n;
    best->stages[0].progress = -1;
    status = tin_try_stages(l, best->stages, 1, 0, 1, &best->plan);
    // there is nothing to choose from, and so no search
    best->plan.lower_bound_bytes = best->plan.peak_bytes;
    best->plan.optimal = 0;
    return status;
}

static int32_t gcd(int32_t a, int32_t b)
{
    while (b) {
        const int32_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* The hop of a root, in rows of its own; 0: it is none of the network's. */
static int32_t hop_of(const tin_lowering *lo, int32_t root)
{
    int32_t i;

    for (i = 0; i < lo->graph->n_values; i++)
        if (lo->tensor_of[i] == root && lo->spans[i].rows > 0)
            return lo->spans[i].hop;
    return 0;
}

/* The windows after which every ring is where it began. */
static int32_t windows_of_a_turn(const layout *l)
{
    int32_t turn = 1, i;

    for (i = 0; i < l->lo->n_drafts; i++) {
        const int32_t rows = l->tracer.rings[i].rows;
        const int32_t hop = hop_of(l->lo, i);
        int32_t windows;

        if (rows == 0 || hop == 0)
            continue;
        windows = rows / gcd(rows, hop);
        turn = turn / gcd(turn, windows) * windows;
        if (turn > INT16_MAX)
            return INT16_MAX;
    }
    return turn;
}

static tin_status write_set_back(layout *l, tin_model *m, int32_t turn)
{
    uint16_t *rows = tin_new(l->lo, ((size_t)m->n_steps + 1) * sizeof *rows);
    int32_t i;

    if (!rows)
        return tin_fail(l->lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    for (i = 0; i < m->n_steps; i++) {
        const tin_step *st = &m->steps[i];
        const int32_t out =
            l->lo->drafts[m->args[st->first_arg + st->n_in]].root;

        rows[i] = (uint16_t)(turn * hop_of(l->lo, out));
    }
    m->hop_rows = hop_of(l->lo, l->s->pushed);
    rows[i] = (uint16_t)(turn * m->hop_rows);
    m->set_back = rows;
    return TIN_OK;
}

tin_status tin_write_sliding(layout *l, tin_model *m)
{
    l->lo->turn = windows_of_a_turn(l);
    return write_set_back(l, m, l->lo->turn);
}
