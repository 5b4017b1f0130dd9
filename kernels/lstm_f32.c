/* SPDX-License-Identifier: MIT */
/* tin_lstm_f32: see tinyinfer_state.h. A unit's new hidden state goes to the
 * output first: the other units still need the old one. */
#include <math.h>
#include <string.h>
#include "tinyinfer_state.h"

enum { INPUT, FORGET, CELL, OUTPUT, GATES };

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

/* Adds the products of x with a row of weights of each gate, in this order: the
 * gates share what is loaded of x. */
TIN_NOINLINE static void add_products(const float *restrict x,
                                      const float *const w[GATES], int32_t n,
                                      float sum[GATES])
{
    const float *w0 = w[0], *w1 = w[1], *w2 = w[2], *w3 = w[3];
    float sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;

    for (int32_t i = 0; i < n; i++) {
        sum0 += x[i] * w0[i];
        sum1 += x[i] * w1[i];
        sum2 += x[i] * w2[i];
        sum3 += x[i] * w3[i];
    }
    sum[0] += sum0;
    sum[1] += sum1;
    sum[2] += sum2;
    sum[3] += sum3;
}

static void sum_gates(const lstm_step *s, int32_t unit, float sum[GATES])
{
    const tin_lstm_f32_params *p = s->p;
    const tin_lstm_gate_f32 *const gates[GATES] = {&p->input, &p->forget,
                                                   &p->cell, &p->output};
    const size_t row = (size_t)unit;
    const float *w[GATES], *r[GATES];

    for (int i = 0; i < GATES; i++) {
        sum[i] = gates[i]->bias[unit];
        w[i] = gates[i]->weights + row * (size_t)p->shape.in_c;
        r[i] = gates[i]->recurrent + row * (size_t)p->shape.units;
    }
    add_products(s->in, w, p->shape.in_c, sum);
    add_products(s->hidden, r, p->shape.units, sum);
}

static void run_step(const lstm_step *s)
{
    const tin_lstm_f32_params *p = s->p;

    for (int32_t unit = 0; unit < p->shape.units; unit++) {
        float sum[GATES], cell;

        sum_gates(s, unit, sum);
        cell = sigmoid(sum[FORGET]) * s->cell[unit] +
               sigmoid(sum[INPUT]) * tanhf(sum[CELL]);
        if (p->cell_clip > 0)
            cell = tin_clampf(cell, -p->cell_clip, p->cell_clip);
        s->cell[unit] = cell;
        s->out[unit] = sigmoid(sum[OUTPUT]) * tanhf(cell);
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
