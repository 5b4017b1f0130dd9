/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer_state.h: layers that remember.
 *
 * What such a kernel keeps from one row to the next, and from one inference to
 * the next, is a tensor of its own: the last inputs of the step are states,
 * which the kernel reads *and writes*. They are never constants, and nobody
 * else writes them. Before the first row they hold what the layer begins with,
 * zero points as a rule. All else is as tinyinfer_kernels.h says.
 *
 * Time goes along the rows, so that a row is one step of time: a layer that is
 * fed row by row computes what it would compute from the whole sequence.
 */
#ifndef TINYINFER_STATE_H
#define TINYINFER_STATE_H

#include "tinyinfer_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- LSTM --------------------------------------------------------------- */

/*
 * Row y is a step of sequence (y / run) % batch, which has states of its own:
 * run is the length of the sequences where one follows the other, and 1 where
 * each step of time has a row of every sequence.
 */
typedef struct {
    int32_t in_c, units;
    int32_t run, batch;
} tin_lstm_shape;

/* Everything the shape says: hidden and cell states take elem_bytes each. */
static inline tin_status tin_lstm_shape_check(const tin_lstm_shape *s,
                                              int32_t elem_bytes,
                                              const char **why)
{
    const int32_t widest = s->in_c > s->units ? s->in_c : s->units;

    if (s->in_c < 1 || s->units < 1 || s->run < 1 || s->batch < 1)
        return TIN_WHY(why, "a size is not positive"), TIN_ERR_SHAPE;
    if (tin_bytes_check(tin_size_mul(s->units, s->batch), elem_bytes, why))
        return TIN_ERR_OVERFLOW;
    return tin_bytes_check(tin_size_mul(s->units, widest), elem_bytes, why);
}

/* Weights [units][in_c] for the input, recurrent ones [units][units] for the
 * hidden state. */
typedef struct {
    const float *weights, *recurrent;
    const float *bias; /* [units] */
} tin_lstm_gate_f32;

typedef struct {
    tin_lstm_shape shape;
    float cell_clip; /* cells stay within -cell_clip .. cell_clip; 0: any */
    tin_lstm_gate_f32 input, forget, cell, output;
} tin_lstm_f32_params;

/*
 * Computes steps of a long short-term memory. For each unit u, with h and c
 * being the states before the step:
 *
 *   sum(gate) = sum over i of gate.weights[u][i] * in[i] + gate.bias[u]
 *               + sum over k of gate.recurrent[u][k] * h[k]
 *   c'[u] = clip(s(sum(forget)) * c[u] + s(sum(input)) * tanh(sum(cell)))
 *   h'[u] = s(sum(output)) * tanh(c'[u])
 *   out[u] = h'[u],   s(x) = 1 / (1 + exp(-x)), but exp(x) where x < -9
 *
 * in[0]  [rows][in_c] f32
 * in[1]  [batch][units] f32, the hidden states
 * in[2]  [batch][units] f32, the cell states
 * out    [rows][units] f32
 *
 * Needs: 1 <= in_c, units, run, batch, rows, weights and states of at most
 *   2^31 - 1 bytes, 0 <= cell_clip, all pointers set.
 * Alias: no overlap. Scratch: none. Stack: under 250 bytes.
 * Libm: expf, tanhf.
 * Exact: the order of sums is fixed; rows made in pieces equal rows made at
 *   once. NaN: a NaN in the input stays in the states.
 * Source: UNIDIRECTIONAL_SEQUENCE_LSTM of TensorFlow Lite Micro: four gates,
 *   no peepholes, no projection, no layer normalization.
 */
tin_kernel tin_lstm_f32;
tin_check tin_lstm_f32_check;

/* multiplier, shift = quantized(in_scale * weight_scale * 2^12), the others
 * with the scales of hidden state and recurrent weights. */
typedef struct {
    const int8_t *weights, *recurrent;
    const int32_t *bias; /* [units] */
    int32_t multiplier, shift;
    int32_t recurrent_multiplier, recurrent_shift;
} tin_lstm_gate_s8;

/* Cells are int16 of scale 2^(cell_bits - 15): cell_bits bits are in front of
 * the point. */
typedef struct {
    tin_lstm_shape shape;
    int32_t in_zero, hidden_zero;
    int32_t cell_bits;
    int32_t cell_clip; /* cells stay within -cell_clip .. cell_clip; 0: any */
    int32_t input_multiplier, input_shift; /* quantized(2^-30 / cell_scale) */
    int32_t out_multiplier, out_shift;     /* quantized(2^-30 / hidden_scale) */
    const int16_t *sigmoid; /* [256] round(2^16 * (s + s * (1 - s) *
                               (2 * s - 1) / 9216)) - 2^15 with
                               s = 1 / (1 + exp(-i / 24)); the last: 32767 */
    tin_lstm_gate_s8 input, forget, cell, output;
} tin_lstm_s8_params;

/*
 * The same in integers: int8 activations and hidden states, int16 cells. A
 * gate's two sums are requantized to int16 of scale 2^-12 and added with
 * saturation, its function gives int16 of scale 2^-15, and with r() for
 * tin_requantize and sat() for the clamp to int16
 *
 *   c'[u] = clip(sat(sat(r(forget * c[u], 2^-15))
 *                    + sat(r(input * cell, input_multiplier))))
 *   h'[u] = clamp(r(output * tanh(c'[u]), out_multiplier) + hidden_zero)
 *
 * Functions by interpolation in `sigmoid`, see tin_lstm_sigmoid.
 *
 * in[0]  [rows][in_c] s8
 * in[1]  [batch][units] s8, the hidden states; zero point hidden_zero
 * in[2]  [batch][units] s16, the cell states; zero point 0
 * out    [rows][units] s8, quantized as the hidden states
 *
 * Needs: 1 <= in_c, units, run, batch, states and weights of at most 2^31 - 1
 *   bytes, zero points -128 .. 127, -13 <= cell_bits <= 17,
 *   0 <= cell_clip <= 32767, multipliers >= 0, shifts -31 .. 30, and for each
 *   gate and unit sum over weights of |w| * 255 + |bias| < 2^31, likewise the
 *   recurrent ones; all pointers set.
 * Alias: no overlap. Scratch: none. Stack: under 350 bytes.
 * Exact: bit for bit, two roundings in each requantization.
 * Source: UNIDIRECTIONAL_SEQUENCE_LSTM of TensorFlow Lite Micro. TensorFlow
 *   Lite itself computes the functions with gemmlowp's polynomials: a step may
 *   differ by one or two units of int16.
 */
tin_kernel tin_lstm_s8;
tin_check tin_lstm_s8_check;

/* 1 / (1 + exp(-x)) in Q0.15 for x = q * 2^-12 / 3, -2^31 < q: interpolated
 * in the table of tin_lstm_s8_params. */
static inline int32_t tin_lstm_sigmoid(const int16_t *table, int32_t q)
{
    const uint32_t x = (uint32_t)(q < 0 ? -q : q), i = x >> 9;
    int32_t y = 0x7fff << 10; /* Q0.25 */

    if (i < 255)
        y = (table[i] + 32768) * 512 +
            (int32_t)(x & 511u) * (table[i + 1] - table[i]);
    return (q < 0 ? (1 << 25) - y + 511 : y + 512) >> 10;
}

/* tanh(x) in Q0.15 for the same x, by 2 * sigmoid(2 * x) - 1. */
static inline int32_t tin_lstm_tanh(const int16_t *table, int32_t q)
{
    const uint32_t x = (uint32_t)(q < 0 ? -q : q), i = x >> 8;
    int32_t y = 0xffff << 8; /* Q0.24 */

    if (i < 255)
        y = (table[i] + 32768) * 256 +
            (int32_t)(x & 255u) * (table[i + 1] - table[i]);
    y -= 1 << 23;
    return (q < 0 ? -y + 127 : y + 128) >> 8;
}

/* ---- SVDF --------------------------------------------------------------- */

/* All counts, and the bytes of weights and of one state. */
static inline tin_status tin_svdf_shape_check(int32_t in_c, int32_t units,
                                              int32_t rank, int32_t memory,
                                              int32_t elem_bytes,
                                              const char **why)
{
    const int32_t widest = in_c > memory ? in_c : memory;
    const int32_t filters = tin_size_mul(units, rank);

    if (in_c < 1 || units < 1 || rank < 1 || memory < 1)
        return TIN_WHY(why, "a size is not positive"), TIN_ERR_SHAPE;
    return tin_bytes_check(tin_size_mul(filters, widest), elem_bytes, why);
}

typedef struct {
    int32_t in_c, units, rank, memory;
    float act_min, act_max;
    const float *feature; /* [units * rank][in_c] */
    const float *time;    /* [units * rank][memory] */
    const float *bias;    /* [units], or NULL */
} tin_svdf_f32_params;

/*
 * Filters the features of a sequence along time: each of units * rank filters
 * remembers its last `memory` features, the newest one last. For each filter
 * f and unit u:
 *
 *   state[f] = state[f] without its first, then dot(feature[f], in)
 *   out[u] = clamp(bias[u] + sum over r of dot(time[f], state[f]),
 *                  act_min, act_max),   f = u * rank + r
 *
 * in[0]  [batch][in_c] f32: one step of time of `batch` sequences
 * in[1]  [batch][units * rank][memory] f32, the states
 * out    [batch][units] f32
 *
 * Needs: 1 <= in_c, units, rank, memory, rows, weights and states of at most
 *   2^31 - 1 bytes, act_min <= act_max, feature and time set.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: the order of sums is fixed. NaN: a NaN in the input makes outputs NaN
 *   for `memory` steps.
 * Source: SVDF of TensorFlow Lite.
 */
tin_kernel tin_svdf_f32;
tin_check tin_svdf_f32_check;

typedef struct {
    int32_t in_c, units, rank, memory;
    int32_t in_zero, state_zero, out_zero;
    int32_t feature_multiplier, feature_shift;
    int32_t out_multiplier, out_shift;
    const int8_t *feature;   /* [units * rank][in_c] */
    const int16_t *time_s16; /* [units * rank][memory]: states are int16 */
    const int8_t *time_s8;   /* the same, states are int8; one of them NULL */
    const int32_t *bias;     /* [units], or NULL */
} tin_svdf_s8_params;

/*
 * The same in integers, with states of int16 or int8 as the weights of time
 * are. A feature is its sum of products, requantized and clamped to the type of
 * the states before state_zero is added, which in int8 may wrap around; then
 *
 *   out[u] = clamp(tin_requantize(bias[u] + sum over r, j of
 *                time[f][j] * (state[f][j] - state_zero)) + out_zero)
 *
 * in[0]  [batch][in_c] s8
 * in[1]  [batch][units * rank][memory] s16 or s8, the states
 * out    [batch][units] s8
 *
 * feature: quantized(in_scale * feature_scale / state_scale); out:
 * quantized(state_scale * time_scale / out_scale).
 *
 * Needs: 1 <= in_c, units, rank, memory, states and weights of at most
 *   2^31 - 1 bytes, zero points -128 .. 127, state_zero 0 for int16,
 *   multipliers >= 0, shifts -31 .. 30,
 *   feature and one of time_s16 and time_s8 set.
 * Alias: no overlap. Scratch: none. Stack: under 250 bytes.
 * Exact: bit for bit, two roundings in each requantization; sums wrap around
 *   at 2^32, which real networks do not come near.
 * Source: SVDF of TensorFlow Lite Micro, which knows no activation in int8 but
 *   the type's limits. TensorFlow Lite has no states of int8.
 */
tin_kernel tin_svdf_s8;
tin_check tin_svdf_s8_check;

#ifdef __cplusplus
}
#endif

#endif /* TINYINFER_STATE_H */
