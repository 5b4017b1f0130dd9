/* SPDX-License-Identifier: MIT */
/*
 * What a network keeps from one inference to the next: it has its own part of
 * the arena, is there whatever the plan is, and goes with a reset.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph_builder.h"
#include "vectors_run.h"

#ifndef TIN_VECTORS
# define TIN_VECTORS "tests/vectors"
#endif

/* ---- Golden vectors under other plans ----------------------------------- */

static void check_files(const tin_compile_options *options, int32_t least)
{
    static const char *const files[] = {
        "lstm_f32",   "lstm_s8",      "svdf_f32",    "svdf_s8",
        "svdf_s8_s8", "variable_f32", "variable_s8", NULL};
    vectors_result result;
    char path[512];
    int32_t i, passed = 0;

    for (i = 0; files[i]; i++) {
        snprintf(path, sizeof path, "%s/%s.vec", TIN_VECTORS, files[i]);
        (void)vectors_run_with(path, options, &result);
        cr_expect_eq(result.failed, 0, "%s", result.message);
        passed += result.passed;
    }
    cr_expect_geq(passed, least);
}

Test(vectors, streamed)
{
    const tin_compile_options options = {.stream_input = 1};

    check_files(&options, 90); // a variable may want the input as a whole
}

Test(vectors, fast)
{
    const tin_compile_options options = {.optimize = TIN_OPTIMIZE_SPEED};

    check_files(&options, 140);
}

/* ---- Networks ----------------------------------------------------------- */

enum { MOST_BYTES = 4096, RUNS = 4 };

typedef void make_net(graph_builder *b);

/* Layers of both kinds, and a residual branch around an LSTM. */
static void make_recurrent(graph_builder *b, tin_type type)
{
    const int32_t shape[3] = {1, 12, 8};
    const int32_t x = builder_input(b, type, 3, shape);
    const int32_t y = builder_lstm(b, x, 8);

    builder_output(b, builder_dense(b, builder_add(b, y, x, TIN_ACT_NONE), 5, 1,
                                    TIN_ACT_NONE));
    builder_output(b, builder_lstm(b, y, 3));
}

static void make_recurrent_s8(graph_builder *b)
{
    make_recurrent(b, TIN_S8);
}

static void make_recurrent_f32(graph_builder *b)
{
    make_recurrent(b, TIN_F32);
}

/* A stream of images that are convolved together with the one before. */
static void make_delay(graph_builder *b)
{
    const builder_window w = {.kernel_h = 3, .kernel_w = 3};
    const int32_t shape[4] = {1, 7, 6, 3};
    const int32_t x = builder_input(b, TIN_S8, 4, shape);
    int32_t in[2];

    in[0] = builder_conv(b, x, 4, &w);
    in[1] = builder_delay(b, in[0]);
    builder_output(b, builder_conv(b, builder_concat(b, in, 2, 3), 3, &w));
    builder_output(b, builder_delay(b, in[1]));
}

static make_net *const nets[] = {make_recurrent_s8, make_recurrent_f32,
                                 make_delay};
enum { N_NETS = sizeof nets / sizeof *nets };

static tin_status compile(tin_pool *pool, make_net *make,
                          const tin_compile_options *options,
                          const tin_program **p, tin_diag *diag)
{
    graph_builder b;

    memset(diag, 0, sizeof *diag);
    builder_init(&b, pool, 3);
    make(&b);
    cr_assert_not_null(builder_graph(&b));
    return tin_compile_graph(&b.graph, options, p, diag);
}

/* ---- Running ------------------------------------------------------------ */

/* A net and memories of just the size that it needs, full of anything. */
typedef struct {
    tin_net net;
    void *memories[TIN_MAX_REGIONS];
    size_t bytes[TIN_MAX_REGIONS];
} opened;

static void open_net(opened *o, const tin_model *m)
{
    int32_t i;

    memset(o, 0, sizeof *o);
    for (i = 0; i <= m->n_more; i++) {
        o->bytes[i] = (size_t)(i ? m->more_bytes[i - 1] : m->arena_bytes);
        o->memories[i] = malloc(o->bytes[i] + 1);
        cr_assert_not_null(o->memories[i]);
        memset(o->memories[i], 0xa5, o->bytes[i] + 1);
    }
    cr_assert_eq(tin_net_open_regions(&o->net, m, o->memories, o->bytes, NULL),
                 TIN_OK);
}

static void close_net(opened *o)
{
    int32_t i;

    for (i = 0; i <= o->net.model->n_more; i++) {
        cr_assert_eq(((uint8_t *)o->memories[i])[o->bytes[i]], 0xa5);
        free(o->memories[i]);
    }
}

/* Inference number k; all outputs, one after the other. */
static size_t infer(opened *o, int32_t k, uint8_t *to)
{
    const tin_model *m = o->net.model;
    uint8_t in[MOST_BYTES];
    size_t bytes = 0;
    int32_t i;

    srand((unsigned)k + 7);
    for (i = 0; i < m->inputs[0].bytes; i++)
        in[i] = (uint8_t)(rand() >> 4);
    for (i = 0; m->inputs[0].type == TIN_F32 && i < m->inputs[0].bytes / 4;
         i++) {
        const float x = (float)(rand() % 512 - 256) / 256.0f;

        memcpy(in + 4 * i, &x, sizeof x);
    }
    if (m->pushed_rows > 0) {
        tin_stream_begin(&o->net);
        cr_assert_eq(tin_stream_push_rows(&o->net, in, m->pushed_rows),
                     m->pushed_rows);
    } else {
        memcpy(tin_net_input(&o->net, 0), in, (size_t)m->inputs[0].bytes);
        tin_net_run(&o->net);
    }
    for (i = 0; i < m->n_outputs; i++) {
        memcpy(to + bytes, tin_net_output(&o->net, i),
               (size_t)m->outputs[i].bytes);
        bytes += (size_t)m->outputs[i].bytes;
    }
    return bytes;
}

/* RUNS inferences from the beginning; returns their bytes. */
static size_t infer_all(opened *o, uint8_t *to)
{
    size_t bytes = 0;
    int32_t k;

    for (k = 0; k < RUNS; k++)
        bytes += infer(o, k, to + bytes);
    return bytes;
}

/* ---- The plan ----------------------------------------------------------- */

/* States lie side by side at the start of one memory, at all times, and
 * nothing else does. */
static void check_plan(const tin_program *p)
{
    const tin_model *m = &p->model;
    int32_t i, region = -1, states = 0;
    int64_t sum = 0;

    for (i = 0; i < p->n_places; i++) {
        const tin_place *x = &p->places[i];

        if (x->kind != TIN_PLACE_STATE)
            continue;
        cr_assert(region < 0 || x->region == region);
        region = x->region;
        cr_assert_eq(x->lower, 0);
        cr_assert_eq(x->upper, p->n_times);
        cr_assert_leq(x->offset + x->bytes, m->state_bytes);
        states++;
        sum += x->bytes;
    }
    cr_assert_eq(states, m->n_states);
    cr_assert_eq(sum, m->state_bytes);
    for (i = 0; i < p->n_places; i++)
        if (p->places[i].kind != TIN_PLACE_STATE &&
            p->places[i].region == region)
            cr_assert_geq(p->places[i].offset, m->state_bytes);
}

/* The same bytes as with no options, again after a reset, again when opened
 * anew. Returns 0 if the options do not go. */
static int check_options(make_net *make, const tin_compile_options *options)
{
    tin_pool *pool = tin_pool_new();
    uint8_t want[RUNS * MOST_BYTES], got[RUNS * MOST_BYTES];
    const tin_program *p, *plain;
    tin_diag diag;
    tin_status status;
    size_t bytes;
    opened o;

    cr_assert_eq(compile(pool, make, NULL, &plain, &diag), TIN_OK, "%s",
                 diag.message);
    open_net(&o, &plain->model);
    bytes = infer_all(&o, want);
    cr_assert_neq(memcmp(want, want + bytes / RUNS, bytes / RUNS), 0);
    close_net(&o);
    status = compile(pool, make, options, &p, &diag);
    if (status == TIN_OK) {
        check_plan(p);
        open_net(&o, &p->model);
        cr_assert_eq(infer_all(&o, got), bytes);
        cr_assert_eq(memcmp(want, got, bytes), 0);
        (void)infer(&o, 17, got);
        tin_net_reset(&o.net);
        (void)infer_all(&o, got);
        cr_assert_eq(memcmp(want, got, bytes), 0);
        close_net(&o);
    } else {
        cr_assert_neq(diag.message[0], 0);
    }
    tin_pool_free(pool);
    return status == TIN_OK;
}

Test(state, same_under_all_settings)
{
    tin_compile_options o;
    int32_t i;

    for (i = 0; i < N_NETS; i++) {
        memset(&o, 0, sizeof o);
        for (o.optimize = TIN_OPTIMIZE_RAM; o.optimize <= TIN_OPTIMIZE_SPEED;
             o.optimize++) {
            o.stream_input = 0;
            cr_expect(check_options(nets[i], &o));
            o.stream_input = 1;
            cr_expect(check_options(nets[i], &o));
        }
    }
}

/* In a small and a large memory: with little room in the small one the states
 * go to the large one. */
Test(state, in_several_memories)
{
    tin_compile_options o;
    int32_t i, fits = 0;

    memset(&o, 0, sizeof o);
    o.n_regions = 2;
    o.regions[0].name = "fast";
    o.regions[1].name = "slow";
    o.regions[1].bytes = 4096;
    for (i = 0; i < N_NETS; i++)
        for (o.regions[0].bytes = 16; o.regions[0].bytes < 1500;
             o.regions[0].bytes = o.regions[0].bytes * 3 / 2)
            fits += check_options(nets[i], &o);
    cr_expect_geq(fits, 20);
}

Test(state, refusals)
{
    tin_pool *pool = tin_pool_new();
    tin_compile_options o;
    const tin_program *p;
    tin_diag diag;

    memset(&o, 0, sizeof o);
    o.n_regions = 2;
    o.regions[0].name = "a";
    o.regions[1].name = "b";
    o.regions[0].bytes = o.regions[1].bytes = 20;
    cr_expect_eq(compile(pool, make_recurrent_s8, &o, &p, &diag),
                 TIN_ERR_ARENA);
    cr_expect(strstr(diag.message, "variables"), "%s", diag.message);
    memset(&o, 0, sizeof o);
    o.hop = 1;
    cr_expect_eq(compile(pool, make_recurrent_s8, &o, &p, &diag),
                 TIN_ERR_UNSUPPORTED);
    cr_expect(strstr(diag.message, "cannot slide"), "%s", diag.message);
    tin_pool_free(pool);
}

/* The C that is printed says all that the model does. */
Test(state, emitted)
{
    tin_pool *pool = tin_pool_new();
    tin_text source = {pool, NULL, 0, 0, 0}, header = {pool, NULL, 0, 0, 0};
    const tin_program *p;
    tin_diag diag;
    char part[64];

    cr_assert_eq(compile(pool, make_delay, NULL, &p, &diag), TIN_OK);
    cr_assert_eq(tin_emit_c(p, "delay", &source, &header, &diag), TIN_OK, "%s",
                 diag.message);
    snprintf(part, sizeof part, "#define DELAY_STATE_BYTES %d\n",
             (int)p->model.state_bytes);
    cr_expect(strstr(header.text, part), "%s", part);
    cr_expect(strstr(source.text, "    .states = states,\n"));
    cr_expect(strstr(source.text, "    .n_states = 2,\n"));
    cr_expect(strstr(source.text, ".data = initial_"));
    tin_pool_free(pool);
}
