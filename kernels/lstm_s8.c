/* SPDX-License-Identifier: MIT */
/* tin_lstm_s8: see tinyinfer_state.h. A unit's new hidden state goes to the
 * output first: the other units still need the old one. */
#include <string.h>
#include "tinyinfer_state.h"

enum { INPUT, FORGET, CELL, OUTPUT, GATES };

/* One step of one sequence. */
typedef struct {
    const tin_lstm_s8_params *p;
    const int8_t *in;
    int8_t *hidden, *out;
    int16_t *cell;
} lstm_step;

static int32_t saturate(int32_t x)
{
    return tin_clamp(x, INT16_MIN, INT16_MAX);
}

/* Adds the products of x, its zero point taken off, with a row of weights of
 * each gate: the gates share what is loaded of x. |sum| < 2^31, see Needs. */
TIN_NOINLINE static void add_products(const int8_t *restrict x,
                                      const int8_t *const w[GATES], int32_t n,
                                      int32_t zero, int32_t sum[GATES])
{
    const int8_t *w0 = w[0], *w1 = w[1], *w2 = w[2], *w3 = w[3];
    int32_t sum0 = sum[0], sum1 = sum[1], sum2 = sum[2], sum3 = sum[3];

    for (int32_t i = 0; i < n; i++) {
        const int32_t value = x[i] - zero;

        sum0 += value * w0[i];
        sum1 += value * w1[i];
        sum2 += value * w2[i];
        sum3 += value * w3[i];
    }
    sum[0] = sum0;
    sum[1] = sum1;
    sum[2] = sum2;
    sum[3] = sum3;
}

/* What the gates' functions are taken of, times 3: see tin_lstm_sigmoid. */
static void sum_gates(const lstm_step *s, int32_t unit, int32_t q[GATES])
{
    const tin_lstm_s8_params *p = s->p;
    const tin_lstm_gate_s8 *const gates[GATES] = {&p->input, &p->forget,
                                                  &p->cell, &p->output};
    const size_t row = (size_t)unit;
    int32_t now[GATES], before[GATES] = {0};
    const int8_t *w[GATES], *r[GATES];

    for (int i = 0; i < GATES; i++) {
        now[i] = gates[i]->bias[unit];
        w[i] = gates[i]->weights + row * (size_t)p->shape.in_c;
        r[i] = gates[i]->recurrent + row * (size_t)p->shape.units;
    }
    add_products(s->in, w, p->shape.in_c, p->in_zero, now);
    add_products(s->hidden, r, p->shape.units, p->hidden_zero, before);
    for (int i = 0; i < GATES; i++) {
        const tin_lstm_gate_s8 *g = gates[i];
        const int32_t x = tin_requantize(now[i], g->multiplier, g->shift);
        const int32_t h = tin_requantize(before[i], g->recurrent_multiplier,
                                         g->recurrent_shift);

        q[i] = 3 * saturate(saturate(x) + saturate(h));
    }
}

/* A cell of scale 2^(cell_bits - 15) as tin_lstm_tanh takes it. */
static int32_t tanh_of_cell(const tin_lstm_s8_params *p, int32_t cell)
{
    const int32_t shift = p->cell_bits - 3;
    int32_t q = 3 * cell;

    if (shift >= 0)
        q *= (int32_t)1 << shift;
    else
        q = (q + ((int32_t)1 << (-shift - 1))) >> -shift;
    return tin_lstm_tanh(p->sigmoid, q);
}

static int32_t next_cell(const tin_lstm_s8_params *p, int32_t cell,
                         const int32_t q[GATES])
{
    enum { HALF = 1 << 30, SHIFT = -14 }; // 2^-15
    const int32_t forget = tin_lstm_sigmoid(p->sigmoid, q[FORGET]);
    const int32_t input = tin_lstm_sigmoid(p->sigmoid, q[INPUT]);
    const int32_t fresh = tin_lstm_tanh(p->sigmoid, q[CELL]);

    cell = saturate(tin_requantize(forget * cell, HALF, SHIFT));
    cell += saturate(
        tin_requantize(input * fresh, p->input_multiplier, p->input_shift));
    cell = saturate(cell);
    return p->cell_clip ? tin_clamp(cell, -p->cell_clip, p->cell_clip) : cell;
}

static void run_step(const lstm_step *s)
{
    const tin_lstm_s8_params *p = s->p;

    for (int32_t unit = 0; unit < p->shape.units; unit++) {
        int32_t q[GATES], cell, output;

        sum_gates(s, unit, q);
        cell = next_cell(p, s->cell[unit], q);
        output = tin_lstm_sigmoid(p->sigmoid, q[OUTPUT]);
        s->cell[unit] = (int16_t)cell;
        s->out[unit] =
            tin_output_s8(output * tanh_of_cell(p, cell), p->out_multiplier,
                          p->out_shift, p->hidden_zero, -128, 127);
    }
    memcpy(s->hidden, s->out, (size_t)p->shape.units);
}

void tin_lstm_s8(const void *params, const tin_rows *in, const tin_rows *out,
                 int32_t y0, int32_t y1, void *scratch)
{
    const tin_lstm_s8_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int32_t sequence = y / p->shape.run % p->shape.batch;
        const lstm_step s = {p, tin_row(&in[0], y), tin_row(&in[1], sequence),
                             tin_row(out, y), tin_row(&in[2], sequence)};

        run_step(&s);
    }
}

/* ---- Checking ----------------------------------------------------------- */

/* Weights over `taps` values of zero point `zero`. */
static tin_status check_weights(const tin_lstm_s8_params *p,
                                const int8_t *weights, const int32_t *bias,
                                int32_t taps, const char **why)
{
    const tin_filters f = {.weights = weights,
                           .bias = bias,
                           .channels = p->shape.units,
                           .taps = taps,
                           .channel_step = taps,
                           .tap_step = 1};

    if (tin_size_mul(taps, p->shape.units) < 0)
        return TIN_WHY(why, "the weights take more than 2^31 - 1 bytes"),
               TIN_ERR_OVERFLOW;
    for (int32_t unit = 0; unit < p->shape.units; unit++) {
        if (!tin_filter_ok(&f, unit))
            return TIN_WHY(why, "a sum of products can exceed 32 bits"),
                   TIN_ERR_QUANT;
    }
    return TIN_OK;
}

static tin_status check_gate(const tin_lstm_s8_params *p,
                             const tin_lstm_gate_s8 *g, const char **why)
{
    tin_status status;

    if (!g->weights || !g->recurrent || !g->bias)
        return TIN_WHY(why, "weights or bias of a gate are NULL"), TIN_ERR_ARG;
    if ((status = tin_scale_check(g->multiplier, g->shift, 30, why)) ||
        (status = tin_scale_check(g->recurrent_multiplier, g->recurrent_shift,
                                  30, why)))
        return status;
    status = check_weights(p, g->weights, g->bias, p->shape.in_c, why);
    if (status != TIN_OK)
        return status;
    return check_weights(p, g->recurrent, NULL, p->shape.units, why);
}

tin_status tin_lstm_s8_check(const void *params, const char **why)
{
    const tin_lstm_s8_params *p = params;
    const tin_lstm_gate_s8 *gates[] = {&p->input, &p->forget, &p->cell,
                                       &p->output};
    tin_status status = tin_lstm_shape_check(&p->shape, 2, why);

    if (status || (status = tin_zero_check(p->in_zero, why)) ||
        (status = tin_zero_check(p->hidden_zero, why)) ||
        (status =
             tin_scale_check(p->input_multiplier, p->input_shift, 30, why)) ||
        (status = tin_scale_check(p->out_multiplier, p->out_shift, 30, why)))
        return status;
    if (p->cell_bits < -13 || p->cell_bits > 17 || p->cell_clip < 0 ||
        p->cell_clip > INT16_MAX)
        return TIN_WHY(why, "the cells' scale or clip is out of range"),
               TIN_ERR_QUANT;
    if (!p->sigmoid)
        return TIN_WHY(why, "the table is NULL"), TIN_ERR_ARG;
    for (int i = 0; i < GATES && status == TIN_OK; i++)
        status = check_gate(p, gates[i], why);
    return status;
}
