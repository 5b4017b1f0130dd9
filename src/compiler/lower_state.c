/* SPDX-License-Identifier: MIT */
/* lower_state.c: layers that remember: UNIDIRECTIONAL_SEQUENCE_LSTM, SVDF. */
#include "lower.h"

#include <math.h>
#include <string.h>

/* ---- Operands ----------------------------------------------------------- */

static tin_status want_shape(tin_lowering *lo, const tin_value *v,
                             const char *what, int32_t rows, int32_t columns)
{
    if (v->rank == 2 && v->shape[0] == rows && v->shape[1] == columns)
        return TIN_OK;
    return tin_refuse(lo, TIN_ERR_SHAPE, "%s '%.60s' is not of shape [%d,%d]",
                      what, v->name, (int)rows, (int)columns);
}

/* Input i as weights [rows][columns] of a type, with one scale. */
static tin_status check_weights(tin_lowering *lo, int32_t i, tin_type type,
                                int32_t rows, int32_t columns)
{
    const tin_value *w = tin_in(lo, i);
    tin_status status;

    if (!w || !w->data)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "input %d must be constant weights", (int)i);
    status = tin_want_type(lo, w, type, "weights");
    if (status == TIN_OK)
        status = want_shape(lo, w, "weights", rows, columns);
    if (status == TIN_OK && type != TIN_F32 &&
        (w->n_scales != 1 || w->zero_points[0] != 0))
        status = tin_refuse(lo, TIN_ERR_QUANT,
                            "weights '%.60s' must have one scale and zero "
                            "point 0",
                            w->name);
    return status;
}

static tin_status check_bias(tin_lowering *lo, int32_t i, int32_t count)
{
    const tin_value *bias = tin_in(lo, i);

    if (!bias || !bias->data || tin_value_elements(bias) != count)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "input %d must be a constant bias of %d", (int)i,
                          (int)count);
    return tin_want_type(
        lo, bias, tin_in(lo, 0)->type == TIN_F32 ? TIN_F32 : TIN_S32, "bias");
}

/* Input i as the layer's own memory, [rows][columns]. */
static tin_status check_state(tin_lowering *lo, int32_t i, tin_type type,
                              int32_t rows, int32_t columns)
{
    const tin_value *v = tin_in(lo, i);
    tin_status status;

    if (!v || !v->variable)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "input %d is no variable",
                          (int)i);
    status = tin_want_type(lo, v, type, "state");
    if (status == TIN_OK)
        status = want_shape(lo, v, "state", rows, columns);
    if (status == TIN_OK && type == TIN_S16 && v->n_scales != 1)
        status = tin_refuse(lo, TIN_ERR_QUANT, "state '%.60s' has no scale",
                            v->name);
    return status;
}

/* The multiplier of a product of scales. */
static tin_status set_multiplier(tin_lowering *lo, double factor,
                                 int32_t *multiplier, int32_t *shift)
{
    tin_multiplier m;

    if (!tin_quantize_multiplier(factor, &m))
        return tin_refuse(lo, TIN_ERR_QUANT,
                          "the scales give a factor beyond 2^30");
    *multiplier = m.multiplier;
    *shift = m.shift;
    return TIN_OK;
}

static double scale_of(const tin_lowering *lo, int32_t i)
{
    return (double)tin_in(lo, i)->scales[0];
}

static const void *constant(tin_lowering *lo, int32_t i, const char *label)
{
    return tin_in(lo, i) ? tin_host_constant(lo, tin_in(lo, i), label) : NULL;
}

/* What the layer costs: each weight is used once in each of `times`. */
static void account(tin_lowering *lo)
{
    tin_layer *layer = &lo->layers[lo->node->layer];
    int32_t i;

    layer->live_macs = layer->macs;
    layer->weight_bytes = 0;
    for (i = 1; i < lo->node->n_in; i++)
        if (tin_in(lo, i) && tin_in(lo, i)->data)
            layer->weight_bytes += tin_value_bytes(tin_in(lo, i));
}

/* The step: one row of work for each row of the output. */
static tin_status add_step(tin_lowering *lo, tin_kernel_id kernel,
                           const void *params, const int32_t *states,
                           int32_t n_states)
{
    const tin_need needs[3] = {tin_need_same, tin_need_same, tin_need_same};
    int32_t args[4], i, out = tin_tensor_of(lo, lo->node->out[0]);

    args[0] = tin_tensor_of(lo, lo->node->in[0]);
    for (i = 0; i < n_states; i++)
        args[1 + i] = tin_tensor_of(lo, lo->node->in[states[i]]);
    args[1 + n_states] = out;
    if (out < 0)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    account(lo);
    return tin_add_step(lo, kernel, params, args, needs, 1 + n_states,
                        lo->drafts[out].rows);
}

/* ---- LSTM --------------------------------------------------------------- */

/* Inputs of the operator. Those of a gate follow each other in the order
 * input, forget, cell, output. */
enum { LSTM_WEIGHTS = 1, LSTM_RECURRENT = 5, LSTM_PEEPHOLE = 9 };
enum { LSTM_BIAS = 12, LSTM_PROJECTION = 16, LSTM_HIDDEN = 18, LSTM_CELL = 19 };
enum { LSTM_NORM = 20, LSTM_GATES = 4 };

static tin_status refuse_variants(tin_lowering *lo)
{
    const char *what = NULL;
    int32_t i;

    if (!tin_in(lo, LSTM_WEIGHTS))
        what = "coupled input and forget gates";
    for (i = LSTM_PEEPHOLE; i < LSTM_BIAS; i++)
        if (tin_in(lo, i))
            what = "peephole connections";
    for (i = LSTM_PROJECTION; i < LSTM_HIDDEN; i++)
        if (tin_in(lo, i))
            what = "a projection";
    for (i = LSTM_NORM; i < LSTM_NORM + LSTM_GATES; i++)
        if (tin_in(lo, i))
            what = "layer normalization";
    if (!what)
        return TIN_OK;
    return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "%s: not supported", what);
}

static tin_status lstm_shape(tin_lowering *lo, tin_lstm_shape *s)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const int32_t time = lo->node->attr.time_major ? 0 : 1;
    int32_t shape[3];

    if (in->rank != 3 || out->rank != 3)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "input and output must have rank 3, not %d and %d",
                          (int)in->rank, (int)out->rank);
    s->in_c = in->shape[2];
    s->units = out->shape[2];
    s->batch = in->shape[1 - time];
    s->run = time == 1 ? in->shape[1] : 1;
    memcpy(shape, in->shape, sizeof shape);
    shape[2] = s->units;
    return tin_want_shape(lo, out, 3, shape);
}

static tin_status check_lstm(tin_lowering *lo, const tin_lstm_shape *s)
{
    const tin_type type = tin_in(lo, 0)->type;
    const tin_type cell = type == TIN_F32 ? TIN_F32 : TIN_S16;
    tin_status status = tin_want_type(lo, tin_out(lo, 0), type, "output");
    int32_t i;

    for (i = 0; i < LSTM_GATES && status == TIN_OK; i++) {
        status = check_weights(lo, LSTM_WEIGHTS + i, type, s->units, s->in_c);
        if (status == TIN_OK)
            status =
                check_weights(lo, LSTM_RECURRENT + i, type, s->units, s->units);
        if (status == TIN_OK)
            status = check_bias(lo, LSTM_BIAS + i, s->units);
    }
    if (status == TIN_OK)
        status = check_state(lo, LSTM_HIDDEN, type, s->batch, s->units);
    if (status == TIN_OK)
        status = check_state(lo, LSTM_CELL, cell, s->batch, s->units);
    // the output's own scale may differ, as Keras' bidirectional layers have
    // it: the reference copies the hidden states' bytes
    return status;
}

static tin_status add_lstm(tin_lowering *lo, tin_kernel_id kernel,
                           const void *params)
{
    static const int32_t states[] = {LSTM_HIDDEN, LSTM_CELL};

    return add_step(lo, kernel, params, states, 2);
}

static tin_status lstm_f32(tin_lowering *lo, const tin_lstm_shape *shape)
{
    tin_lstm_f32_params *p = tin_new(lo, sizeof *p);
    int32_t i;

    for (i = 0; p && i < LSTM_GATES; i++) {
        tin_lstm_gate_f32 *const gates[] = {&p->input, &p->forget, &p->cell,
                                            &p->output};

        gates[i]->weights = constant(lo, LSTM_WEIGHTS + i, "weights");
        gates[i]->recurrent = constant(lo, LSTM_RECURRENT + i, "recurrent");
        gates[i]->bias = constant(lo, LSTM_BIAS + i, "bias");
    }
    if (p) {
        p->shape = *shape;
        p->cell_clip = lo->node->attr.cell_clip;
    }
    return add_lstm(lo, TIN_KERNEL_lstm_f32, p);
}

/* s = 1 / (1 + exp(-x)) at x = i / 24 in Q0.16. Chords lie below the curve by
 * up to -s'' / 8 / 24^2: half of that is added to the points, and the last one
 * is the largest number. */
static int32_t sigmoid_point(int32_t i)
{
    const double s = 1.0 / (1.0 + exp(-i / 24.0));
    const double curvature = s * (1 - s) * (2 * s - 1) / (24.0 * 24.0);

    return i == 255 ? 65535 : tin_round(65536.0 * (s + curvature / 16));
}

/* The gates' functions as a table, which all layers share. */
static const int16_t *sigmoid_table(tin_lowering *lo)
{
    static const char label[] = "sigmoid";
    int16_t *table;
    int32_t i;

    for (i = 0; i < lo->n_constants; i++)
        if (strcmp(lo->constants[i].label, label) == 0)
            return lo->constants[i].data;
    table = tin_new_constant(lo, TIN_S16, 256, label);
    for (i = 0; table && i < 256; i++)
        table[i] = (int16_t)(sigmoid_point(i) - 32768);
    return table;
}

static tin_status lstm_gate_s8(tin_lowering *lo, int32_t i, tin_lstm_gate_s8 *g)
{
    const double gate_scale = 1.0 / 4096;
    tin_status status;

    g->weights = constant(lo, LSTM_WEIGHTS + i, "weights");
    g->recurrent = constant(lo, LSTM_RECURRENT + i, "recurrent");
    g->bias = constant(lo, LSTM_BIAS + i, "bias");
    status = set_multiplier(
        lo, scale_of(lo, 0) * scale_of(lo, LSTM_WEIGHTS + i) / gate_scale,
        &g->multiplier, &g->shift);
    if (status != TIN_OK)
        return status;
    return set_multiplier(lo,
                          scale_of(lo, LSTM_HIDDEN) *
                              scale_of(lo, LSTM_RECURRENT + i) / gate_scale,
                          &g->recurrent_multiplier, &g->recurrent_shift);
}

/* Cells have a scale that is a power of two, or as good as one. */
static tin_status lstm_cell_s8(tin_lowering *lo, tin_lstm_s8_params *p)
{
    const double scale = scale_of(lo, LSTM_CELL), power = log2(scale);
    const double clip = (double)lo->node->attr.cell_clip / scale;
    const double q15_product = 1.0 / ((double)(1 << 15) * (1 << 15));
    tin_status status;

    p->cell_bits = 15 + tin_round(power);
    if (fabs(power - tin_round(power)) >= 1e-3)
        return tin_refuse(lo, TIN_ERR_QUANT,
                          "the cells' scale %g is no power of two", scale);
    p->cell_clip = clip > 0 ? (int32_t)fmin(clip, INT16_MAX) : 0;
    status = set_multiplier(lo, q15_product / scale, &p->input_multiplier,
                            &p->input_shift);
    if (status != TIN_OK)
        return status;
    return set_multiplier(lo, q15_product / scale_of(lo, LSTM_HIDDEN),
                          &p->out_multiplier, &p->out_shift);
}

static tin_status lstm_s8(tin_lowering *lo, const tin_lstm_shape *shape)
{
    tin_lstm_s8_params *p = tin_new(lo, sizeof *p);
    tin_status status;
    int32_t i;

    if (!p)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    p->shape = *shape;
    p->in_zero = tin_in(lo, 0)->zero_points[0];
    p->hidden_zero = tin_in(lo, LSTM_HIDDEN)->zero_points[0];
    p->sigmoid = sigmoid_table(lo);
    status = lstm_cell_s8(lo, p);
    for (i = 0; i < LSTM_GATES && status == TIN_OK; i++) {
        tin_lstm_gate_s8 *const gates[] = {&p->input, &p->forget, &p->cell,
                                           &p->output};

        status = lstm_gate_s8(lo, i, gates[i]);
    }
    if (status != TIN_OK)
        return status;
    return add_lstm(lo, TIN_KERNEL_lstm_s8, p);
}

tin_status tin_lower_lstm(tin_lowering *lo)
{
    tin_lstm_shape shape;
    tin_status status = refuse_variants(lo);

    if (status == TIN_OK)
        status = lstm_shape(lo, &shape);
    if (status == TIN_OK)
        status = check_lstm(lo, &shape);
    if (status != TIN_OK)
        return status;
    return tin_in(lo, 0)->type == TIN_F32 ? lstm_f32(lo, &shape)
                                          : lstm_s8(lo, &shape);
}

/* ---- SVDF --------------------------------------------------------------- */

enum { SVDF_FEATURE = 1, SVDF_TIME = 2, SVDF_BIAS = 3, SVDF_STATE = 4 };

static tin_status add_svdf(tin_lowering *lo, tin_kernel_id kernel,
                           const void *params)
{
    static const int32_t states[] = {SVDF_STATE};

    return add_step(lo, kernel, params, states, 1);
}

static tin_status svdf_f32(tin_lowering *lo, int32_t memory)
{
    const int32_t rank = lo->node->attr.svdf_rank;
    tin_svdf_f32_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->in_c = tin_in(lo, 0)->shape[1];
        p->units = tin_out(lo, 0)->shape[1];
        p->rank = rank;
        p->memory = memory;
        tin_act_range_f32(lo->node->attr.activation, &p->act_min, &p->act_max);
        p->feature = constant(lo, SVDF_FEATURE, "feature");
        p->time = constant(lo, SVDF_TIME, "time");
        p->bias = constant(lo, SVDF_BIAS, "bias");
    }
    return add_svdf(lo, TIN_KERNEL_svdf_f32, p);
}

static tin_status svdf_s8(tin_lowering *lo, int32_t memory)
{
    const tin_value *state = tin_in(lo, SVDF_STATE), *out = tin_out(lo, 0);
    tin_svdf_s8_params *p = tin_new(lo, sizeof *p);
    const void *time = constant(lo, SVDF_TIME, "time");
    tin_status status;

    if (!p || !time)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    p->in_c = tin_in(lo, 0)->shape[1];
    p->units = out->shape[1];
    p->rank = lo->node->attr.svdf_rank;
    p->memory = memory;
    p->in_zero = tin_in(lo, 0)->zero_points[0];
    p->state_zero = state->zero_points[0];
    p->out_zero = out->zero_points[0];
    p->feature = constant(lo, SVDF_FEATURE, "feature");
    p->bias = constant(lo, SVDF_BIAS, "bias");
    if (state->type == TIN_S16)
        p->time_s16 = time;
    else
        p->time_s8 = time;
    status = set_multiplier(lo,
                            scale_of(lo, 0) * scale_of(lo, SVDF_FEATURE) /
                                scale_of(lo, SVDF_STATE),
                            &p->feature_multiplier, &p->feature_shift);
    if (status == TIN_OK)
        status =
            set_multiplier(lo,
                           scale_of(lo, SVDF_STATE) * scale_of(lo, SVDF_TIME) /
                               (double)out->scales[0],
                           &p->out_multiplier, &p->out_shift);
    if (status != TIN_OK)
        return status;
    return add_svdf(lo, TIN_KERNEL_svdf_s8, p);
}

/* Shapes and types; *memory: steps of time that a filter remembers. */
static tin_status check_svdf(tin_lowering *lo, int32_t *memory)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const tin_value *time = tin_in(lo, SVDF_TIME);
    const int32_t rank = lo->node->attr.svdf_rank;
    tin_type state = in->type;
    int64_t filters;
    tin_status status = tin_want_type(lo, out, in->type, "output");

    if (status != TIN_OK)
        return status;
    if (in->rank != 2 || out->rank != 2 || out->shape[0] != in->shape[0] ||
        !time || time->rank != 2 || rank < 1)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "input, output and weights of time must have rank 2 "
                          "and one batch, the rank %d must be positive",
                          (int)rank);
    *memory = time->shape[1];
    filters = (int64_t)rank * out->shape[1];
    if (filters != time->shape[0] || filters * *memory > INT32_MAX)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "%d filters are not %d units of rank %d",
                          (int)time->shape[0], (int)out->shape[1], (int)rank);
    if (in->type == TIN_S8 && time->type == TIN_S16)
        state = TIN_S16;
    status =
        check_weights(lo, SVDF_FEATURE, in->type, time->shape[0], in->shape[1]);
    if (status == TIN_OK)
        status = check_weights(lo, SVDF_TIME, state, time->shape[0], *memory);
    if (status == TIN_OK && tin_in(lo, SVDF_BIAS))
        status = check_bias(lo, SVDF_BIAS, out->shape[1]);
    if (status != TIN_OK)
        return status;
    return check_state(lo, SVDF_STATE, state, in->shape[0],
                       time->shape[0] * *memory);
}

tin_status tin_lower_svdf(tin_lowering *lo)
{
    int32_t memory = 0;
    const tin_status status = check_svdf(lo, &memory);

    if (status != TIN_OK)
        return status;
    return tin_in(lo, 0)->type == TIN_F32 ? svdf_f32(lo, memory)
                                          : svdf_s8(lo, memory);
}
