/* SPDX-License-Identifier: MIT */
/* measure.c: see measure.h. */
#include <stdlib.h>
#include <string.h>

#include "measure.h"

/* A sample shorter than this is mostly noise of the clock. */
static const double shortest_sample_ns = 20e3;

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

tin_timing tin_timing_of(double *samples, int32_t n)
{
    tin_timing t;

    qsort(samples, (size_t)n, sizeof *samples, compare_doubles);
    t.min_ns = samples[0];
    t.median_ns = (samples[(n - 1) / 2] + samples[n / 2]) / 2;
    return t;
}

/* ---- Inputs ------------------------------------------------------------- */

/* A network, its inputs, and where the next row of a streamed one comes
 * from. */
typedef struct {
    tin_net net;
    uint8_t *rows; /* of input 0 if it is streamed, else NULL */
    size_t row_bytes;
    int32_t next;
} subject;

static void *input_of(const subject *s, int32_t i)
{
    return s->rows && i == 0 ? s->rows : tin_net_input(&s->net, i);
}

/* The same bytes on every machine. Float inputs lie in 0 .. 1: random bits
 * would make denormals and NaNs, which are slow on some. */
static void fill_input(const subject *s, int32_t i, uint32_t *seed)
{
    const tin_port *port = &s->net.model->inputs[i];
    unsigned char *to = input_of(s, i);
    const int32_t step = port->type == TIN_F32 ? 4 : 1;

    for (int32_t at = 0; at < port->bytes; at += step) {
        *seed = *seed * 1664525u + 1013904223u;
        if (port->type == TIN_F32) {
            const float x = (float)(*seed >> 8) / 16777216.0f;

            memcpy(to + at, &x, sizeof x);
        } else {
            to[at] = (unsigned char)(*seed >> 24);
        }
    }
}

/* Running may overwrite the inputs, but what they hold then is still of
 * their type; the time depends on it no more than in real use. */
static void fill_inputs(const subject *s)
{
    uint32_t seed = 1;

    for (int32_t i = 0; i < s->net.model->n_inputs; i++)
        fill_input(s, i, &seed);
}

/* ---- Inferences --------------------------------------------------------- */

/* Does the work that can be done now. With ns, the time of each step is added
 * to ns[step * stride]: a reading of the clock ends one step and starts the
 * next. */
static void work_on(tin_net *net, double *ns, int32_t stride)
{
    double before = ns ? tin_clock_ns() : 0;
    tin_work work;

    while (tin_net_step(net, &work)) {
        const double now = ns ? tin_clock_ns() : 0;

        if (ns)
            ns[(ptrdiff_t)work.step * stride] += now - before;
        before = now;
    }
}

/* Copying a row belongs to the inference, but to none of its steps. */
static void push_row(subject *s, double *ns, int32_t stride)
{
    memcpy(tin_stream_row(&s->net), s->rows + (size_t)s->next * s->row_bytes,
           s->row_bytes);
    s->next++;
    if (s->next == s->net.model->pushed_rows)
        s->next = 0;
    tin_stream_pushed(&s->net);
    work_on(&s->net, ns, stride);
}

/* One inference; where the window slides, one hop: the first window must have
 * been there. ns as above. */
static void infer(subject *s, double *ns, int32_t stride)
{
    const tin_model *m = s->net.model;
    const int32_t rows = m->hop_rows ? m->hop_rows : m->pushed_rows;

    if (!m->hop_rows)
        tin_stream_begin(&s->net);
    for (int32_t y = 0; y < rows; y++)
        push_row(s, ns, stride);
    if (!rows)
        work_on(&s->net, ns, stride);
}

static double time_batch(subject *s, int32_t batch)
{
    const double start = tin_clock_ns();

    for (int32_t i = 0; i < batch; i++)
        infer(s, NULL, 0);
    return tin_clock_ns() - start;
}

/* How many inferences a sample needs to be long enough for the clock. */
static int32_t batch_for(subject *s)
{
    int32_t batch = 1;

    while (batch < 1 << 20 && time_batch(s, batch) < shortest_sample_ns)
        batch *= 2;
    return batch;
}

/* ---- Samples ------------------------------------------------------------ */

/* Samples of one step lie together: ns[step][run]. */
static void measure_steps(subject *s, double *ns, const tin_measurement *m,
                          tin_timing *steps)
{
    const int32_t n_steps = s->net.model->n_steps;

    for (int32_t run = 0; run < m->runs; run++) {
        fill_inputs(s);
        for (int32_t i = 0; i < m->batch; i++)
            infer(s, ns + run, m->runs);
    }
    for (int32_t k = 0; k < n_steps; k++) {
        steps[k] = tin_timing_of(ns + (ptrdiff_t)k * m->runs, m->runs);
        steps[k].median_ns /= m->batch;
        steps[k].min_ns /= m->batch;
    }
}

static void measure_total(subject *s, double *ns, tin_measurement *m)
{
    for (int32_t run = 0; run < m->runs; run++) {
        fill_inputs(s);
        ns[run] = time_batch(s, m->batch);
    }
    m->total = tin_timing_of(ns, m->runs);
    m->total.median_ns /= m->batch;
    m->total.min_ns /= m->batch;
}

/* ---- Opening ------------------------------------------------------------ */

tin_status tin_net_open_pool(tin_pool *pool, const tin_model *model,
                             tin_net *net)
{
    void *arenas[TIN_MAX_REGIONS] = {NULL};
    size_t bytes[TIN_MAX_REGIONS] = {0};

    for (int32_t i = 0; i <= model->n_more; i++) {
        const int32_t used = i ? model->more_bytes[i - 1] : model->arena_bytes;

        bytes[i] = (size_t)used + (size_t)model->arena_align - 1;
        arenas[i] = tin_pool_alloc(pool, bytes[i]);
        if (!arenas[i])
            return TIN_ERR_MEMORY;
    }
    return tin_net_open_regions(net, model, arenas, bytes, NULL);
}

static tin_status open_subject(tin_pool *pool, const tin_model *m, subject *s)
{
    const tin_status status = tin_net_open_pool(pool, m, &s->net);

    if (status != TIN_OK || m->pushed_rows == 0)
        return status;
    s->row_bytes = (size_t)m->tensors[m->inputs[0].tensor].row_bytes;
    s->rows = tin_pool_alloc(pool, (uint64_t)m->inputs[0].bytes);
    return s->rows ? TIN_OK : TIN_ERR_MEMORY;
}

/* To where samples can be taken: inferences that do not count and, where the
 * window slides, a first window. */
static void warm_up(subject *s, int32_t warmup)
{
    const tin_model *m = s->net.model;

    fill_inputs(s);
    for (int32_t y = 0; m->hop_rows && y < m->pushed_rows; y++)
        push_row(s, NULL, 0);
    for (int32_t i = 0; i < warmup; i++)
        infer(s, NULL, 0);
}

tin_status tin_measure(tin_pool *pool, const tin_model *model, int32_t runs,
                       int32_t warmup, tin_measurement *result)
{
    const uint64_t n_steps = (uint64_t)model->n_steps;
    tin_timing *steps = tin_pool_alloc(pool, n_steps * sizeof *steps);
    double *ns = NULL;
    subject s = {.rows = NULL};
    tin_status status;

    if (runs < 1 || warmup < 0)
        return TIN_ERR_ARG;
    ns = tin_pool_alloc(pool, (n_steps + 1) * (uint64_t)runs * sizeof *ns);
    if (!steps || !ns)
        return TIN_ERR_MEMORY;
    status = open_subject(pool, model, &s);
    if (status != TIN_OK)
        return status;
    warm_up(&s, warmup);
    result->runs = runs;
    result->batch = batch_for(&s);
    result->step = steps;
    measure_total(&s, ns + n_steps * (uint64_t)runs, result);
    measure_steps(&s, ns, result, steps);
    return TIN_OK;
}
