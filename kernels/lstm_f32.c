/* SPDX-License-Identifier: MIT */
/* tin_lstm_f32: see tinyinfer_state.h. A unit's new hidden state goes to the
 * output first: the other units still need the old one. */
#include <math.h>
#include <string.h>
#include "tinyinfer_state.h"

/* One step of one sequence. */
typedef struct {
    const tin_lstm_f32_params *p;
    const float *in;
    float *hidden, *cell, *out;
} lstm_step;

static float sigmoid(float x)
{
    return x < -9.0f ? expf(x) : 1.0f / (1.0f + expf(-x));
}

static float gate_sum(const lstm_step *s, const tin_lstm_gate_f32 *g,
                      int32_t unit)
{
    const tin_lstm_shape *shape = &s->p->shape;
    const float *w = g->weights + (size_t)unit * (size_t)shape->in_c;
    const float *r = g->recurrent + (size_t)unit * (size_t)shape->units;

    return (tin_dot_f32(0, s->in, w, shape->in_c) + g->bias[unit]) +
           tin_dot_f32(0, s->hidden, r, shape->units);
}

static void run_step(const lstm_step *s)
{
    const tin_lstm_f32_params *p = s->p;

    for (int32_t unit = 0; unit < p->shape.units; unit++) {
        const float forget = sigmoid(gate_sum(s, &p->forget, unit));
        const float input = sigmoid(gate_sum(s, &p->input, unit));
        const float fresh = tanhf(gate_sum(s, &p->cell, unit));
        const float output = sigmoid(gate_sum(s, &p->output, unit));
        float cell = forget * s->cell[unit] + input * fresh;

        if (p->cell_clip > 0)
            cell = tin_clampf(cell, -p->cell_clip, p->cell_clip);
        s->cell[unit] = cell;
        s->out[unit] = output * tanhf(cell);
    }
    memcpy(s->hidden, s->out, (size_t)p->shape.units * sizeof(float));
}

void tin_lstm_f32(const void *params, const tin_rows *in, const tin_rows *out,
                  int32_t y0, int32_t y1, void *scratch)
{
    const tin_lstm_f32_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int32_t sequence = y / p->shape.run % p->shape.batch;
        const lstm_step s = {p, tin_row(&in[0], y), tin_row(&in[1], sequence),
                             tin_row(&in[2], sequence), tin_row(out, y)};

        run_step(&s);
    }
}

static int is_complete(const tin_lstm_gate_f32 *g)
{
    return g->weights && g->recurrent && g->bias;
}

tin_status tin_lstm_f32_check(const void *params, const char **why)
{
    const tin_lstm_f32_params *p = params;
    const tin_status status = tin_lstm_shape_check(&p->shape, 4, why);

    if (status != TIN_OK)
        return status;
    if (!is_complete(&p->input) || !is_complete(&p->forget) ||
        !is_complete(&p->cell) || !is_complete(&p->output))
        return TIN_WHY(why, "weights or bias of a gate are NULL"), TIN_ERR_ARG;
    if (!(p->cell_clip >= 0)) // NaN is refused, too
        return TIN_WHY(why, "the cells' clip is negative or NaN"), TIN_ERR_ARG;
    return TIN_OK;
}
