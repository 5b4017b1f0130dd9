/* SPDX-License-Identifier: MIT */
/*
 * The kernels that remember. What they compute is held against an oracle by the
 * golden vectors; here: rows made in any pieces equal rows made at once, states
 * included, inputs and outputs being short rings; sequences do not touch each
 * other; and every condition that a check refuses.
 */
#include "row_jobs.h"
#include "tinyinfer_state.h"

enum { IN = 5, UNITS = 6, TIME = 9, BATCH = 2, ROWS = TIME * BATCH };
enum { RANK = 2, MEMORY = 4, FILTERS = UNITS * RANK };
enum { MOST = 256 };

static int8_t bytes[MOST];
static int16_t halves[MOST];
static int32_t words[MOST];
static float floats[MOST];

static void draw(void)
{
    seed = 5;
    for (int i = 0; i < MOST; i++) {
        bytes[i] = (int8_t)between(-127, 127);
        halves[i] = (int16_t)(i * 128);
        words[i] = between(-2000, 1999);
        floats[i] = (float)bytes[i] / 128;
    }
}

/* ---- Params ------------------------------------------------------------- */

/* Weights of a gate begin at `at`, so that no two are alike. */
static tin_lstm_gate_s8 gate_s8(int at)
{
    const tin_lstm_gate_s8 g = {.weights = bytes + at,
                                .recurrent = bytes + 40 + at,
                                .bias = words + at,
                                .multiplier = 1 << 30,
                                .shift = 0,
                                .recurrent_multiplier = 1 << 30,
                                .recurrent_shift = 0};

    return g;
}

static tin_lstm_gate_f32 gate_f32(int at)
{
    const tin_lstm_gate_f32 g = {floats + at, floats + 40 + at, floats + at};

    return g;
}

static tin_lstm_s8_params lstm_s8(void)
{
    tin_lstm_s8_params p = {.shape = {IN, UNITS, TIME, BATCH},
                            .in_zero = 3,
                            .hidden_zero = -5,
                            .cell_bits = 4,
                            .input_multiplier = 1 << 30,
                            .input_shift = -18,
                            .out_multiplier = 1 << 30,
                            .out_shift = -22,
                            .sigmoid = halves};

    p.input = gate_s8(0);
    p.forget = gate_s8(1);
    p.cell = gate_s8(2);
    p.output = gate_s8(3);
    return p;
}

static tin_lstm_f32_params lstm_f32(void)
{
    tin_lstm_f32_params p = {.shape = {IN, UNITS, TIME, BATCH}};

    p.input = gate_f32(0);
    p.forget = gate_f32(1);
    p.cell = gate_f32(2);
    p.output = gate_f32(3);
    return p;
}

static tin_svdf_s8_params svdf_s8(int wide)
{
    const tin_svdf_s8_params p = {.in_c = IN,
                                  .units = UNITS,
                                  .rank = RANK,
                                  .memory = MEMORY,
                                  .in_zero = 2,
                                  .state_zero = wide ? 0 : -9,
                                  .out_zero = 4,
                                  .feature_multiplier = 1 << 30,
                                  .feature_shift = wide ? 0 : -7,
                                  .out_multiplier = 1 << 30,
                                  .out_shift = wide ? -20 : -7,
                                  .feature = bytes,
                                  .time_s16 = wide ? halves : NULL,
                                  .time_s8 = wide ? NULL : bytes + 60,
                                  .bias = words};

    return p;
}

static tin_svdf_f32_params svdf_f32(void)
{
    const tin_svdf_f32_params p = {IN, UNITS,  RANK,        MEMORY, -2,
                                   2,  floats, floats + 60, floats};

    return p;
}

/* ---- In pieces ---------------------------------------------------------- */

/* A kernel with what it works on: sizes in bytes, `states` of them. */
typedef struct {
    tin_kernel *run;
    const void *params;
    int32_t elem, rows, states, state_rows;
    int32_t state_bytes[2]; /* of a row */
} subject;

/* All rows in pieces of at most `piece`, through rings of as many rows; the
 * outputs, then the states, go to `to`. */
static size_t run_pieces(const subject *s, int32_t piece, unsigned char *to)
{
    const int32_t in_bytes = IN * s->elem, out_bytes = UNITS * s->elem;
    const tin_rows source =
        resident(s->elem == 4 ? (const void *)floats : bytes, in_bytes);
    unsigned char *const begin = to;
    tin_rows in[3], out = ring_new(piece, out_bytes);

    in[0] = ring_new(piece, in_bytes);
    for (int k = 0; k < s->states; k++)
        in[1 + k] = ring_of(s->state_rows, s->state_bytes[k], 0);
    for (int32_t y = 0; y < s->rows;) {
        int32_t n = between(1, piece);

        n = y + n > s->rows ? s->rows - y : n;
        for (int32_t i = y; i < y + n; i++)
            memcpy(tin_row(&in[0], i), tin_row(&source, i), (size_t)in_bytes);
        s->run(s->params, in, &out, y, y + n, NULL);
        for (int32_t i = y; i < y + n; i++, to += out_bytes)
            memcpy(to, tin_row(&out, i), (size_t)out_bytes);
        y += n;
    }
    for (int k = 0; k < s->states; k++) {
        const size_t n = (size_t)(s->state_rows * s->state_bytes[k]);

        memcpy(to, in[1 + k].base, n);
        to += n;
        ring_free(&in[1 + k]);
    }
    ring_free(&in[0]), ring_free(&out);
    return (size_t)(to - begin);
}

static void check_pieces(const subject *s)
{
    unsigned char want[4096], got[4096];
    const size_t n = run_pieces(s, s->rows, want);

    cr_assert_leq(n, sizeof want);
    for (int32_t piece = 1; piece <= s->rows; piece++) {
        cr_assert_eq(run_pieces(s, piece, got), n);
        cr_assert_eq(memcmp(want, got, n), 0, "pieces of %d", (int)piece);
    }
}

Test(state, in_pieces)
{
    const tin_lstm_s8_params ls = (draw(), lstm_s8());
    const tin_lstm_f32_params lf = lstm_f32();
    const tin_svdf_s8_params wide = svdf_s8(1), narrow = svdf_s8(0);
    const tin_svdf_f32_params sf = svdf_f32();
    const subject all[] = {
        {tin_lstm_s8, &ls, 1, ROWS, 2, BATCH, {UNITS, 2 * UNITS}},
        {tin_lstm_f32, &lf, 4, ROWS, 2, BATCH, {4 * UNITS, 4 * UNITS}},
        {tin_svdf_s8, &wide, 1, BATCH, 1, BATCH, {2 * FILTERS * MEMORY, 0}},
        {tin_svdf_s8, &narrow, 1, BATCH, 1, BATCH, {FILTERS * MEMORY, 0}},
        {tin_svdf_f32, &sf, 4, BATCH, 1, BATCH, {4 * FILTERS * MEMORY, 0}}};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        check_pieces(&all[i]);
}

/* Two sequences one after the other, or side by side: the same rows. */
Test(state, order_of_sequences)
{
    tin_lstm_s8_params p = (draw(), lstm_s8());
    int8_t in[2][ROWS][IN], out[2][ROWS][UNITS];

    for (int t = 0; t < TIME; t++)
        for (int n = 0; n < BATCH; n++) {
            memcpy(in[0][n * TIME + t], bytes + 7 * n + t, IN);
            memcpy(in[1][t * BATCH + n], bytes + 7 * n + t, IN);
        }
    for (int k = 0; k < 2; k++) {
        int8_t hidden[BATCH][UNITS] = {{0}};
        int16_t cell[BATCH][UNITS] = {{0}};
        const tin_rows rows[] = {{in[k], IN, ROWS, 0},
                                 {hidden, UNITS, BATCH, 0},
                                 {cell, 2 * UNITS, BATCH, 0}};
        const tin_rows to = {out[k], UNITS, ROWS, 0};

        p.shape.run = k == 0 ? TIME : 1;
        tin_lstm_s8(&p, rows, &to, 0, ROWS, NULL);
    }
    for (int t = 0; t < TIME; t++)
        for (int n = 0; n < BATCH; n++)
            cr_assert_eq(
                memcmp(out[0][n * TIME + t], out[1][t * BATCH + n], UNITS), 0);
}

/* ---- The gates' functions ----------------------------------------------- */

/* They rise, lie within their bounds, and are odd around their middle but for
 * the rounding. */
Test(state, gates)
{
    int32_t last_s = -1, last_t = -40000;

    draw(); // a table that rises
    for (int32_t q = -1000000; q <= 1000000; q += 37) {
        const int32_t s = tin_lstm_sigmoid(halves, q);
        const int32_t t = tin_lstm_tanh(halves, q);

        cr_assert(0 <= s && s <= 32767 && last_s <= s);
        cr_assert(-32768 <= t && t <= 32767 && last_t <= t);
        cr_assert_leq(abs(s + tin_lstm_sigmoid(halves, -q) - 32768), 1);
        cr_assert_leq(abs(t + tin_lstm_tanh(halves, -q)), 1);
        last_s = s;
        last_t = t;
    }
    cr_assert_eq(tin_lstm_sigmoid(halves, INT32_MAX), 32767);
    cr_assert_eq(tin_lstm_tanh(halves, INT32_MAX), 32767);
}

/* ---- Checks ------------------------------------------------------------- */

Test(lstm_s8, check)
{
    const tin_lstm_s8_params good = (draw(), lstm_s8());
    tin_lstm_s8_params p;

    REFUSE(p.shape.in_c = 0, tin_lstm_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.units = 0, tin_lstm_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.run = 0, tin_lstm_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.batch = 0, tin_lstm_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.batch = 1 << 29, tin_lstm_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.shape.units = 1 << 16, tin_lstm_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.in_zero = 128, tin_lstm_s8_check, TIN_ERR_QUANT);
    REFUSE(p.hidden_zero = -129, tin_lstm_s8_check, TIN_ERR_QUANT);
    REFUSE(p.cell_bits = 18, tin_lstm_s8_check, TIN_ERR_QUANT);
    REFUSE(p.cell_bits = -14, tin_lstm_s8_check, TIN_ERR_QUANT);
    REFUSE(p.cell_clip = -1, tin_lstm_s8_check, TIN_ERR_QUANT);
    REFUSE(p.cell_clip = 32768, tin_lstm_s8_check, TIN_ERR_QUANT);
    REFUSE(p.input_multiplier = -1, tin_lstm_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_shift = 31, tin_lstm_s8_check, TIN_ERR_QUANT);
    REFUSE(p.sigmoid = NULL, tin_lstm_s8_check, TIN_ERR_ARG);
    REFUSE(p.input.weights = NULL, tin_lstm_s8_check, TIN_ERR_ARG);
    REFUSE(p.forget.recurrent = NULL, tin_lstm_s8_check, TIN_ERR_ARG);
    REFUSE(p.cell.bias = NULL, tin_lstm_s8_check, TIN_ERR_ARG);
    REFUSE(p.cell.shift = -32, tin_lstm_s8_check, TIN_ERR_QUANT);
    REFUSE(p.output.recurrent_multiplier = -1, tin_lstm_s8_check,
           TIN_ERR_QUANT);
    words[0] = INT32_MAX; // a bias that leaves no room for products
    cr_assert_eq(tin_lstm_s8_check(&good, NULL), TIN_ERR_QUANT);
}

Test(lstm_f32, check)
{
    const tin_lstm_f32_params good = (draw(), lstm_f32());
    tin_lstm_f32_params p;

    REFUSE(p.shape.in_c = -1, tin_lstm_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.in_c = 1 << 28, tin_lstm_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.cell_clip = -1, tin_lstm_f32_check, TIN_ERR_ARG);
    REFUSE(p.input.bias = NULL, tin_lstm_f32_check, TIN_ERR_ARG);
    REFUSE(p.output.weights = NULL, tin_lstm_f32_check, TIN_ERR_ARG);
}

Test(svdf_s8, check)
{
    const tin_svdf_s8_params good = (draw(), svdf_s8(1));
    tin_svdf_s8_params p = svdf_s8(0);

    cr_expect_eq(tin_svdf_s8_check(&p, NULL), TIN_OK);
    REFUSE(p.in_c = 0, tin_svdf_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.units = 0, tin_svdf_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.rank = 0, tin_svdf_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.memory = 0, tin_svdf_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.memory = 1 << 28, tin_svdf_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.rank = 1 << 30, tin_svdf_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.in_zero = 200, tin_svdf_s8_check, TIN_ERR_QUANT);
    REFUSE(p.state_zero = 1, tin_svdf_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_zero = -200, tin_svdf_s8_check, TIN_ERR_QUANT);
    REFUSE(p.feature_shift = 31, tin_svdf_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_multiplier = -1, tin_svdf_s8_check, TIN_ERR_QUANT);
    REFUSE(p.feature = NULL, tin_svdf_s8_check, TIN_ERR_ARG);
    REFUSE(p.time_s16 = NULL, tin_svdf_s8_check, TIN_ERR_ARG);
    REFUSE(p.time_s8 = bytes, tin_svdf_s8_check, TIN_ERR_ARG);
}

Test(svdf_f32, check)
{
    const tin_svdf_f32_params good = (draw(), svdf_f32());
    tin_svdf_f32_params p;

    REFUSE(p.units = 0, tin_svdf_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.in_c = 1 << 28, tin_svdf_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.act_min = 3, tin_svdf_f32_check, TIN_ERR_ARG);
    REFUSE(p.feature = NULL, tin_svdf_f32_check, TIN_ERR_ARG);
    REFUSE(p.time = NULL, tin_svdf_f32_check, TIN_ERR_ARG);
}
