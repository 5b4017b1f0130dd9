/* SPDX-License-Identifier: MIT */
/* tin_lstm_s8: see tinyinfer_state.h. A unit's new hidden state goes to the
 * output first: the other units still need the old one. */
#include <string.h>
#include "tinyinfer_state.h"

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

/* sum + the products of x, its zero point taken off, with w. */
static int32_t dot(int32_t sum, const int8_t *restrict x,
                   const int8_t *restrict w, int32_t n, int32_t zero)
{
    for (int32_t i = 0; i < n; i++)
        sum += (x[i] - zero) * w[i];
    return sum;
}

/* What the gate's function is taken of, times 3: see tin_lstm_sigmoid. */
static int32_t gate_sum(const lstm_step *s, const tin_lstm_gate_s8 *g,
                        int32_t unit)
{
    const tin_lstm_shape *shape = &s->p->shape;
    const int8_t *w = g->weights + (size_t)unit * (size_t)shape->in_c;
    const int8_t *r = g->recurrent + (size_t)unit * (size_t)shape->units;
    const int32_t now =
        dot(g->bias[unit], s->in, w, shape->in_c, s->p->in_zero);
    const int32_t before =
        dot(0, s->hidden, r, shape->units, s->p->hidden_zero);

    return 3 * saturate(saturate(tin_requantize(now, g->multiplier, g->shift)) +
                        saturate(tin_requantize(before, g->recurrent_multiplier,
                                                g->recurrent_shift)));
}

static int32_t sigmoid_gate(const lstm_step *s, const tin_lstm_gate_s8 *g,
                            int32_t unit)
{
    return tin_lstm_sigmoid(s->p->sigmoid, gate_sum(s, g, unit));
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

static int32_t next_cell(const lstm_step *s, int32_t unit)
{
    enum { Q15 = 1 << 30, Q15_SHIFT = -14 }; // 2^-15
    const tin_lstm_s8_params *p = s->p;
    const int32_t forget = sigmoid_gate(s, &p->forget, unit);
    const int32_t input = sigmoid_gate(s, &p->input, unit);
    const int32_t fresh =
        tin_lstm_tanh(p->sigmoid, gate_sum(s, &p->cell, unit));
    const int32_t kept =
        saturate(tin_requantize(forget * s->cell[unit], Q15, Q15_SHIFT));
    const int32_t added = saturate(
        tin_requantize(input * fresh, p->input_multiplier, p->input_shift));
    const int32_t cell = saturate(kept + added);

    return p->cell_clip ? tin_clamp(cell, -p->cell_clip, p->cell_clip) : cell;
}

static void run_step(const lstm_step *s)
{
    const tin_lstm_s8_params *p = s->p;

    for (int32_t unit = 0; unit < p->shape.units; unit++) {
        const int32_t output = sigmoid_gate(s, &p->output, unit);
        const int32_t cell = next_cell(s, unit);

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
    for (int i = 0; i < 4 && status == TIN_OK; i++)
        status = check_gate(p, gates[i], why);
    return status;
}
