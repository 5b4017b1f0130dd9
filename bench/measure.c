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

/* The same bytes on every machine. Float inputs lie in 0 .. 1: random bits
 * would make denormals and NaNs, which are slow on some. */
static void fill_input(const tin_net *net, int32_t i, uint32_t *seed)
{
    const tin_port *port = &net->model->inputs[i];
    unsigned char *to = tin_net_input(net, i);
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
static void fill_inputs(const tin_net *net)
{
    uint32_t seed = 1;

    for (int32_t i = 0; i < net->model->n_inputs; i++)
        fill_input(net, i, &seed);
}

static double time_batch(tin_net *net, int32_t batch)
{
    const double start = tin_clock_ns();

    for (int32_t i = 0; i < batch; i++)
        tin_net_run(net);
    return tin_clock_ns() - start;
}

/* How many inferences a sample needs to be long enough for the clock. */
static int32_t batch_for(tin_net *net)
{
    int32_t batch = 1;

    while (batch < 1 << 20 && time_batch(net, batch) < shortest_sample_ns)
        batch *= 2;
    return batch;
}

/* One inference step by step, added to ns[step]. A reading of the clock ends
 * one step and starts the next. */
static void time_steps(tin_net *net, double *ns, int32_t stride)
{
    double before = tin_clock_ns();
    tin_work work;

    while (tin_net_step(net, &work)) {
        const double now = tin_clock_ns();

        ns[(ptrdiff_t)work.step * stride] += now - before;
        before = now;
    }
}

/* Samples of one step lie together: ns[step][run]. */
static void measure_steps(tin_net *net, double *ns, const tin_measurement *m,
                          tin_timing *steps)
{
    const int32_t n_steps = net->model->n_steps;

    for (int32_t run = 0; run < m->runs; run++) {
        fill_inputs(net);
        for (int32_t i = 0; i < m->batch; i++)
            time_steps(net, ns + run, m->runs);
    }
    for (int32_t s = 0; s < n_steps; s++) {
        steps[s] = tin_timing_of(ns + (ptrdiff_t)s * m->runs, m->runs);
        steps[s].median_ns /= m->batch;
        steps[s].min_ns /= m->batch;
    }
}

static void measure_total(tin_net *net, double *ns, tin_measurement *m)
{
    for (int32_t run = 0; run < m->runs; run++) {
        fill_inputs(net);
        ns[run] = time_batch(net, m->batch);
    }
    m->total = tin_timing_of(ns, m->runs);
    m->total.median_ns /= m->batch;
    m->total.min_ns /= m->batch;
}

static tin_status open_net(tin_pool *pool, const tin_model *model, tin_net *net)
{
    const uint64_t bytes =
        (uint64_t)model->arena_bytes + (uint64_t)model->arena_align;
    void *arena = tin_pool_alloc(pool, bytes);

    if (!arena)
        return TIN_ERR_MEMORY;
    return tin_net_open(net, model, arena, (size_t)bytes, NULL);
}

tin_status tin_measure(tin_pool *pool, const tin_model *model, int32_t runs,
                       int32_t warmup, tin_measurement *result)
{
    const uint64_t n_steps = (uint64_t)model->n_steps;
    tin_timing *steps = tin_pool_alloc(pool, n_steps * sizeof *steps);
    double *ns = NULL;
    tin_net net;
    tin_status status;

    if (runs < 1 || warmup < 0)
        return TIN_ERR_ARG;
    ns = tin_pool_alloc(pool, (n_steps + 1) * (uint64_t)runs * sizeof *ns);
    if (!steps || !ns)
        return TIN_ERR_MEMORY;
    status = open_net(pool, model, &net);
    if (status != TIN_OK)
        return status;
    fill_inputs(&net);
    for (int32_t i = 0; i < warmup; i++)
        tin_net_run(&net);
    result->runs = runs;
    result->batch = batch_for(&net);
    result->step = steps;
    measure_total(&net, ns + n_steps * (uint64_t)runs, result);
    measure_steps(&net, ns, result, steps);
    return TIN_OK;
}
