/* SPDX-License-Identifier: MIT */
/*
 * test_streaming.c: however a network is cut into stages, kept in rings and
 * laid over itself, it gives the bytes that it gives when every layer runs as
 * a whole and every tensor has memory of its own.
 *
 * Random networks, one a seed. TIN_SEED=n runs a single one, TIN_SEEDS=n that
 * many instead of the usual number.
 */
#include "random_graph.h"
#include "reference.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 2048, CHUNKS = 16 };
enum { GUARD = 64, GUARD_BYTE = 0x5a };

/* ---- Printing one ------------------------------------------------------- */

static void print_value(const tin_graph *g, int32_t value)
{
    const tin_value *v = &g->values[value];
    int32_t i;

    fprintf(stderr, " %s[", v->name);
    for (i = 0; i < v->rank; i++)
        fprintf(stderr, "%s%d", i ? "," : "", (int)v->shape[i]);
    fprintf(stderr, "]%s", v->type == TIN_F32 ? "f" : "");
}

static void print_graph(const tin_graph *g)
{
    int32_t i, k;

    fprintf(stderr, "inputs:");
    for (i = 0; i < g->n_inputs; i++)
        print_value(g, g->inputs[i]);
    for (i = 0; i < g->n_nodes; i++) {
        const tin_node *n = &g->nodes[i];

        fprintf(stderr, "\n%2d %s", (int)i, tin_op_name(n->op));
        for (k = 0; k < n->n_in && n->in[k] >= 0; k++)
            print_value(g, n->in[k]);
        fprintf(stderr, " ->");
        print_value(g, n->out[0]);
        if (n->attr.stride_h)
            fprintf(stderr, " stride %d,%d dilation %d,%d filter %d,%d %s",
                    (int)n->attr.stride_h, (int)n->attr.stride_w,
                    (int)n->attr.dilation_h, (int)n->attr.dilation_w,
                    (int)n->attr.filter_h, (int)n->attr.filter_w,
                    n->attr.padding == TIN_PADDING_SAME ? "SAME" : "VALID");
        if (n->op == TIN_OP_CONCATENATION)
            fprintf(stderr, " axis %d", (int)n->attr.axis);
    }
    fprintf(stderr, "\noutputs:");
    for (i = 0; i < g->n_outputs; i++)
        print_value(g, g->outputs[i]);
    fprintf(stderr, "\n");
}

static void print_program(const tin_program *p)
{
    const tin_model *m = &p->model;
    int32_t i;

    fprintf(stderr, "stages:");
    for (i = 0; i < m->n_stages; i++)
        fprintf(stderr, " %d+%d%s", m->stages[i].first, m->stages[i].n,
                m->stages[i].progress < 0 ? "" : "*");
    fprintf(stderr, "\n");
    for (i = 0; i < p->n_places; i++) {
        const tin_place *x = &p->places[i];

        fprintf(stderr,
                "%8s %-12s layer %2d times %4d ..%4d bytes %5d ..%5d rows "
                "%d of %d\n",
                x->kind == TIN_PLACE_RING       ? "ring"
                : x->kind == TIN_PLACE_SCRATCH  ? "scratch"
                : x->kind == TIN_PLACE_PROGRESS ? "progress"
                                                : "tensor",
                x->name, (int)x->layer, (int)x->lower, (int)x->upper,
                (int)x->offset, (int)(x->offset + x->bytes), (int)x->rows,
                (int)x->all_rows);
    }
}

/* ---- One plan against the reference ------------------------------------- */

typedef struct {
    const reference *r;
    const tin_program *program;
    uint32_t random;
    uint8_t *block; /* guard, arena, guard */
    size_t before, needed;
    tin_net net;
    uint32_t crc[REFERENCE_STEPS];
    int32_t rows[REFERENCE_STEPS]; /* that were reported */
    char what[200];
} trial;

/* Keeps the first complaint. */
static int complain(trial *t, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;

static int complain(trial *t, const char *format, ...)
{
    va_list list;

    if (t->what[0])
        return -1;
    va_start(list, format);
    (void)vsnprintf(t->what, sizeof t->what, format, list);
    va_end(list);
    return -1;
}

static uint32_t trial_dice(trial *t, uint32_t n)
{
    t->random = t->random * 1664525u + 1013904223u;
    return (t->random >> 8) % n;
}

static int open_trial(trial *t)
{
    const tin_model *m = &t->program->model;
    size_t i, all;

    all = (size_t)m->arena_bytes + 2 * GUARD + 32;
    t->block = malloc(all);
    cr_assert_not_null(t->block);
    memset(t->block, GUARD_BYTE, all);
    t->before = GUARD + trial_dice(t, 16);
    if (tin_net_open(&t->net, m, t->block + t->before, 0, &t->needed) !=
            TIN_ERR_ARENA &&
        t->needed > 0)
        return complain(t, "an arena of 0 bytes was accepted");
    if (t->needed > (size_t)(m->arena_bytes + m->arena_align - 1))
        return complain(t, "%lu bytes are needed", (unsigned long)t->needed);
    for (i = 0; i < t->needed; i++)
        t->block[t->before + i] = (uint8_t)trial_dice(t, 256);
    if (tin_net_open(&t->net, m, t->block + t->before, t->needed, NULL))
        return complain(t, "an arena of the needed size was refused");
    return 0;
}

static int guards_hold(const trial *t)
{
    const uint8_t *after = t->block + t->before + t->needed;
    size_t i;

    for (i = 0; i < t->before; i++)
        if (t->block[i] != GUARD_BYTE)
            return 0;
    for (i = 0; i < GUARD; i++)
        if (after[i] != GUARD_BYTE)
            return 0;
    return 1;
}

static const uint8_t *input_bytes(const trial *t, int32_t i)
{
    return t->r->memory[t->r->graph->inputs[i]];
}

static void write_inputs(trial *t)
{
    const tin_model *m = &t->program->model;
    int32_t i;

    for (i = m->pushed_rows > 0; i < m->n_inputs; i++)
        memcpy(tin_net_input(&t->net, i), input_bytes(t, i),
               (size_t)m->inputs[i].bytes);
}

static void note_work(trial *t, const tin_work *work)
{
    const int32_t s = work->step;

    if (work->y0 == work->y1)
        return;
    if (work->y0 != t->rows[s])
        complain(t, "step %d made row %d after row %d", (int)s, (int)work->y0,
                 (int)t->rows[s] - 1);
    t->rows[s] = work->y1;
    t->crc[s] = tin_work_crc(&t->net, work, t->crc[s]);
}

/* Every step made all its rows, once, and they are those of the reference. */
static void check_steps(trial *t)
{
    const tin_program *p = t->program;
    int32_t i, k;

    for (i = 0; i < t->r->graph->n_nodes; i++) {
        const tin_node *n = &t->r->graph->nodes[i];
        const tin_layer *l = &p->layers[n->layer];

        for (k = l->first_step; k < l->first_step + l->n_steps; k++) {
            const tin_step *s = &p->model.steps[k];
            const tin_rows out =
                rows_of_value(t->r, n->out[0], s->first_arg + s->n_in);

            if (t->rows[k] != out.rows)
                complain(t, "step %d, layer %d, made %d rows, not %d", (int)k,
                         (int)n->layer, (int)t->rows[k], (int)out.rows);
            if (!t->r->partial[k] && t->crc[k] != t->r->crc[k])
                complain(t, "step %d, layer %d, is the first that differs",
                         (int)k, (int)n->layer);
        }
    }
    memset(t->rows, 0, sizeof t->rows);
    memset(t->crc, 0, sizeof t->crc);
}

static void check_outputs(trial *t, const char *how)
{
    const tin_graph *g = t->r->graph;
    int32_t i;

    for (i = 0; i < g->n_outputs; i++)
        if (memcmp(tin_net_output(&t->net, i), t->r->memory[g->outputs[i]],
                   value_bytes(&g->values[g->outputs[i]])) != 0)
            complain(t, "%s: output %d differs", how, (int)i);
    if (!guards_hold(t))
        complain(t, "%s: wrote outside the arena", how);
}

static void run_resident(trial *t)
{
    tin_work work;

    write_inputs(t);
    while (tin_net_step(&t->net, &work))
        note_work(t, &work);
    check_steps(t);
    check_outputs(t, "step by step");
    write_inputs(t);
    tin_net_run(&t->net);
    check_outputs(t, "at once");
}

static void push_singly(trial *t)
{
    const uint8_t *row = input_bytes(t, 0);
    const tin_model *m = &t->program->model;
    const size_t bytes = (size_t)m->inputs[0].bytes / (size_t)m->pushed_rows;
    tin_work work;
    int32_t y;

    tin_stream_begin(&t->net);
    write_inputs(t);
    for (y = 0; y < m->pushed_rows; y++, row += bytes) {
        void *to = tin_stream_row(&t->net);

        if (!to) {
            complain(t, "row %d is not wanted", (int)y);
            return;
        }
        memcpy(to, row, bytes);
        tin_stream_pushed(&t->net);
        while (tin_net_step(&t->net, &work))
            note_work(t, &work);
    }
    if (tin_stream_row(&t->net))
        complain(t, "more rows are wanted than there are");
    check_steps(t);
    check_outputs(t, "row by row");
}

static void push_in_chunks(trial *t)
{
    const uint8_t *row = input_bytes(t, 0);
    const tin_model *m = &t->program->model;
    const size_t bytes = (size_t)m->inputs[0].bytes / (size_t)m->pushed_rows;
    const uint32_t most = 1 + trial_dice(t, 8);
    int32_t y = 0;

    tin_stream_begin(&t->net);
    write_inputs(t);
    while (y < m->pushed_rows) {
        const int32_t left = m->pushed_rows - y;
        const int32_t want = 1 + (int32_t)trial_dice(t, most);
        const int32_t n = want < left ? want : left;

        if (tin_stream_push_rows(&t->net, row, n) != n)
            complain(t, "rows %d + %d are not wanted", (int)y, (int)n);
        row += (size_t)n * bytes;
        y += n;
    }
    if (tin_stream_push_rows(&t->net, input_bytes(t, 0), 1) != 0)
        complain(t, "more rows were taken than there are");
    check_outputs(t, "in chunks");
}

static void run_trial(trial *t)
{
    if (open_trial(t) == 0) {
        if (t->program->model.pushed_rows == 0) {
            run_resident(t);
        } else {
            push_singly(t);
            push_in_chunks(t);
        }
    }
    free(t->block);
}

/* ---- One seed ----------------------------------------------------------- */

/* One network under one setting. */
typedef struct {
    uint32_t seed;
    tin_compile_options options;
    tin_graph *graph;
    const tin_program *program; /* or NULL */
} subject;

static int report(const subject *x, const char *what)
{
    static const char *const names[] = {"ram", "balanced", "flash", "speed"};

    fprintf(stderr, "\nTIN_SEED=%lu, optimize %s%s: %s\n",
            (unsigned long)x->seed, names[x->options.optimize],
            x->options.stream_input ? ", input streamed" : "", what);
    print_graph(x->graph);
    if (x->program)
        print_program(x->program);
    return 1;
}

/* What the outputs must be: of the network as it was built. */
static uint32_t wanted_crc(uint32_t seed)
{
    tin_pool *pool = tin_pool_new();
    tin_program program;
    tin_graph *g;
    reference r;
    uint32_t crc;

    cr_assert_not_null(pool);
    g = random_graph(pool, seed);
    cr_assert_not_null(g, "seed %lu: the builder failed", (unsigned long)seed);
    lower_only(g, &program);
    run_reference(&r, g, &program, seed);
    crc = output_crc(&r);
    free_reference(&r);
    tin_pool_free(pool);
    return crc;
}

/* Runs a compiled program. Returns the number of failures. */
static int check_program(const subject *x, uint32_t want)
{
    reference r;
    trial t;

    run_reference(&r, x->graph, x->program, x->seed);
    memset(&t, 0, sizeof t);
    t.r = &r;
    t.program = x->program;
    t.random = x->seed;
    if (want != output_crc(&r))
        complain(&t, "the passes changed the outputs");
    run_trial(&t);
    free_reference(&r);
    return t.what[0] ? report(x, t.what) : 0;
}

/* A streamed input may be refused, but not without the reason. */
static int check_refusal(subject *x, const tin_diag *diag)
{
    x->program = NULL;
    if (x->options.stream_input && diag->status == TIN_ERR_UNSUPPORTED &&
        strstr(diag->message, "layer "))
        return 0;
    return report(x, diag->message);
}

/* Compiling changes a graph, so each setting gets a new one. */
static int check_setting(subject *x, uint32_t want)
{
    tin_pool *pool = tin_pool_new();
    tin_diag diag = {TIN_OK, 0, 0, ""};
    int failures;

    cr_assert_not_null(pool);
    x->graph = random_graph(pool, x->seed);
    cr_assert_not_null(x->graph);
    if (tin_compile_graph(x->graph, &x->options, &x->program, &diag) == TIN_OK)
        failures = check_program(x, want);
    else
        failures = check_refusal(x, &diag);
    tin_pool_free(pool);
    return failures;
}

/* The smallest arena, and one other setting. */
static int check_seed(uint32_t seed)
{
    const uint32_t want = wanted_crc(seed);
    int failures = 0, k;
    subject x;

    memset(&x, 0, sizeof x);
    x.seed = seed;
    x.options.plan_work_limit = 50;
    for (k = 0; k < 4 && failures == 0; k++) {
        x.options.optimize =
            k < 2 ? TIN_OPTIMIZE_RAM : (tin_optimize)(1 + seed % 3);
        x.options.stream_input = k % 2;
        failures += check_setting(&x, want);
    }
    return failures;
}

/* ---- All seeds ---------------------------------------------------------- */

static uint32_t number_from(const char *name, uint32_t otherwise)
{
    const char *text = getenv(name);

    return text && *text ? (uint32_t)strtoul(text, NULL, 10) : otherwise;
}

ParameterizedTestParameters(streaming, random_networks)
{
    static int chunks[CHUNKS];
    int i;

    for (i = 0; i < CHUNKS; i++)
        chunks[i] = i;
    return cr_make_param_array(int, chunks, CHUNKS);
}

ParameterizedTest(int *chunk, streaming, random_networks)
{
    const uint32_t seeds = number_from("TIN_SEEDS", SEEDS);
    int failures = 0;
    uint32_t i;

    if (getenv("TIN_SEED")) {
        if (*chunk == 0)
            failures = check_seed(number_from("TIN_SEED", 0));
        cr_assert_eq(failures, 0);
        return;
    }
    for (i = (uint32_t)*chunk; i < seeds; i += CHUNKS)
        failures += check_seed(i);
    cr_assert_eq(failures, 0, "%d networks differ; TIN_SEED=n runs one",
                 failures);
}
