/* SPDX-License-Identifier: MIT */
/* bench_state.c: layers that remember, for bench_kernels.c. Of an LSTM, h are
 * steps of time; of an SVDF, kh is its memory and m its rank. */
#include <math.h>

#include "bench.h"

enum { UNIT = 1 << 30 }; // multiplier of 2^(shift - 1)

/* ---- LSTM --------------------------------------------------------------- */

/* Weights of an output, and the tensors in the kernel's order. */
static tin_lstm_shape make_lstm(tin_bench_case *c, const tin_bench_shape *s,
                                tin_type type, tin_type cell)
{
    const tin_lstm_shape shape = {
        .in_c = s->c, .units = s->oc, .run = s->h, .batch = 1};

    c->taps = 4 * ((int64_t)s->c + s->oc);
    tin_bench_add_in(c, type, s->h, s->c);
    tin_bench_add_in(c, type, 1, s->oc);
    tin_bench_add_in(c, cell, 1, s->oc);
    tin_bench_add_out(c, type, s->h, s->oc);
    return shape;
}

static void make_lstm_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    tin_lstm_f32_params *p = &c->params.lstm_f32;
    tin_lstm_gate_f32 *const gates[] = {&p->input, &p->forget, &p->cell,
                                        &p->output};

    p->shape = make_lstm(c, s, TIN_F32, TIN_F32);
    for (int i = 0; i < 4; i++) {
        gates[i]->weights = tin_bench_random_f32(c, (int64_t)s->c * s->oc);
        gates[i]->recurrent = tin_bench_random_f32(c, (int64_t)s->oc * s->oc);
        gates[i]->bias = tin_bench_random_f32(c, s->oc);
    }
}

static void make_gate(tin_bench_case *c, const tin_bench_shape *s,
                      tin_lstm_gate_s8 *g)
{
    g->weights = tin_bench_random_s8(c, (int64_t)s->c * s->oc);
    g->recurrent = tin_bench_random_s8(c, (int64_t)s->oc * s->oc);
    g->bias = tin_bench_random_s32(c, s->oc, -1000, 1000);
    g->multiplier = g->recurrent_multiplier = UNIT;
    g->shift = g->recurrent_shift = -1;
}

/* 2^16 / (1 + exp(-i / 24)) - 2^15, near enough. */
static const int16_t *make_sigmoid(tin_bench_case *c)
{
    int16_t *table = tin_pool_alloc(c->pool, 256 * sizeof *table);

    for (int i = 0; table && i < 256; i++)
        table[i] = (int16_t)(65535.0 / (1.0 + exp(-i / 24.0)) - 32768.0);
    if (!table)
        c->error = "out of memory";
    return table;
}

static void make_lstm_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    tin_lstm_s8_params *p = &c->params.lstm_s8;

    p->shape = make_lstm(c, s, TIN_S8, TIN_S16);
    p->in_zero = p->hidden_zero = -1;
    p->cell_bits = 4;
    p->input_multiplier = p->out_multiplier = UNIT;
    p->input_shift = -18; // 2^-30 / 2^-11
    p->out_shift = -22;   // 2^-30 / 2^-7
    p->sigmoid = make_sigmoid(c);
    make_gate(c, s, &p->input);
    make_gate(c, s, &p->forget);
    make_gate(c, s, &p->cell);
    make_gate(c, s, &p->output);
}

static const char *const lstm_shapes[] = {"h=25,c=40,oc=32", "h=1,c=64,oc=64",
                                          NULL};

const tin_bench_family tin_bench_lstm_f32 = {make_lstm_f32, " h c oc ",
                                             lstm_shapes};
const tin_bench_family tin_bench_lstm_s8 = {make_lstm_s8, " h c oc ",
                                            lstm_shapes};

/* ---- SVDF --------------------------------------------------------------- */

static int64_t make_svdf(tin_bench_case *c, const tin_bench_shape *s,
                         tin_type type, tin_type state)
{
    const int64_t filters = (int64_t)s->oc * s->m;

    c->taps = (int64_t)s->m * ((int64_t)s->c + s->kh);
    tin_bench_add_in(c, type, 1, s->c);
    tin_bench_add_in(c, state, 1, filters * s->kh);
    tin_bench_add_out(c, type, 1, s->oc);
    return filters;
}

static void make_svdf_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    tin_svdf_f32_params *p = &c->params.svdf_f32;
    const int64_t filters = make_svdf(c, s, TIN_F32, TIN_F32);

    p->in_c = s->c;
    p->units = s->oc;
    p->rank = s->m;
    p->memory = s->kh;
    p->act_min = 0;
    p->act_max = INFINITY;
    p->feature = tin_bench_random_f32(c, filters * s->c);
    p->time = tin_bench_random_f32(c, filters * s->kh);
    p->bias = tin_bench_random_f32(c, s->oc);
}

static void make_svdf_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    tin_svdf_s8_params *p = &c->params.svdf_s8;
    const int64_t filters = make_svdf(c, s, TIN_S8, TIN_S8);

    p->in_c = s->c;
    p->units = s->oc;
    p->rank = s->m;
    p->memory = s->kh;
    p->in_zero = p->state_zero = p->out_zero = -1;
    p->feature_multiplier = p->out_multiplier = UNIT;
    p->feature_shift = -8;
    p->out_shift = -7;
    p->feature = tin_bench_random_s8(c, filters * s->c);
    p->time_s8 = tin_bench_random_s8(c, filters * s->kh);
    p->bias = tin_bench_random_s32(c, s->oc, -1000, 1000);
}

static const char *const svdf_shapes[] = {"c=40,oc=64,kh=8,m=1",
                                          "c=32,oc=32,kh=10,m=2", NULL};

const tin_bench_family tin_bench_svdf_f32 = {make_svdf_f32, " c oc kh m ",
                                             svdf_shapes};
const tin_bench_family tin_bench_svdf_s8 = {make_svdf_s8, " c oc kh m ",
                                            svdf_shapes};
