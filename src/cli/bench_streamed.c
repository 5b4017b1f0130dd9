/* SPDX-License-Identifier: MIT */
/* bench_streamed.c: see bench_streamed.h. The same samples as measure.c. */
#include "bench_streamed.h"

#include <string.h>

/* A sample shorter than this is mostly noise of the clock. */
static const double shortest_sample_ns = 20e3;

/* The same bytes on every machine; floats lie in 0 .. 1. */
static void fill_input(const tin_runner *r, int32_t i, uint32_t *seed)
{
    const tin_port *port = &r->net.model->inputs[i];
    const int32_t size = port->type == TIN_F32 ? 4 : 1;
    uint8_t *to = tin_runner_input(r, i);

    for (int32_t at = 0; at < port->bytes; at += size) {
        *seed = *seed * 1664525u + 1013904223u;
        if (port->type == TIN_F32) {
            const float x = (float)(*seed >> 8) / 16777216.0f;

            memcpy(to + at, &x, sizeof x);
        } else {
            to[at] = (uint8_t)(*seed >> 24);
        }
    }
}

static void fill_inputs(const tin_runner *r)
{
    uint32_t seed = 1;

    for (int32_t i = 0; i < r->net.model->n_inputs; i++)
        fill_input(r, i, &seed);
}

static double time_batch(tin_runner *r, int32_t batch)
{
    const double start = tin_clock_ns();

    for (int32_t i = 0; i < batch; i++)
        tin_runner_run(r);
    return tin_clock_ns() - start;
}

/* The steps that one row allows, added to ns[step]. */
static void time_row(tin_net *net, double *ns, int32_t stride)
{
    double before = tin_clock_ns();
    tin_work work;

    while (tin_net_step(net, &work)) {
        const double now = tin_clock_ns();

        ns[(ptrdiff_t)work.step * stride] += now - before;
        before = now;
    }
}

static void time_steps(tin_runner *r, double *ns, int32_t stride)
{
    const tin_model *m = r->net.model;
    const size_t bytes = (size_t)m->tensors[m->inputs[0].tensor].row_bytes;
    const uint8_t *from = r->rows;
    void *to;

    tin_stream_begin(&r->net);
    for (; (to = tin_stream_row(&r->net)) != NULL; from += bytes) {
        memcpy(to, from, bytes);
        tin_stream_pushed(&r->net);
        time_row(&r->net, ns, stride);
    }
}

static tin_timing per_inference(double *samples, const tin_measurement *m)
{
    tin_timing t = tin_timing_of(samples, m->runs);

    t.median_ns /= m->batch;
    t.min_ns /= m->batch;
    return t;
}

/* ns has room for the samples of all steps, ns[step][run], and of the total
 * after them. */
static void take_samples(tin_runner *r, double *ns, tin_measurement *m,
                         tin_timing *steps)
{
    const int32_t n_steps = r->net.model->n_steps;
    double *total = ns + (ptrdiff_t)n_steps * m->runs;

    for (int32_t run = 0; run < m->runs; run++) {
        total[run] = time_batch(r, m->batch);
        for (int32_t i = 0; i < m->batch; i++)
            time_steps(r, ns + run, m->runs);
    }
    m->total = per_inference(total, m);
    for (int32_t s = 0; s < n_steps; s++)
        steps[s] = per_inference(ns + (ptrdiff_t)s * m->runs, m);
    m->step = steps;
}

tin_status tin_measure_streamed(tin_pool *pool, const tin_program *program,
                                int32_t runs, int32_t warmup,
                                tin_measurement *result, tin_diag *diag)
{
    const uint64_t n_steps = (uint64_t)program->model.n_steps;
    tin_timing *steps = tin_pool_alloc(pool, n_steps * sizeof *steps);
    double *ns =
        tin_pool_alloc(pool, (n_steps + 1) * (uint64_t)runs * sizeof *ns);
    tin_runner r;

    if (!steps || !ns)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    if (tin_runner_open(pool, program, &r, diag) != TIN_OK)
        return diag->status;
    fill_inputs(&r);
    for (int32_t i = 0; i < warmup; i++)
        tin_runner_run(&r);
    result->runs = runs;
    for (result->batch = 1; result->batch < 1 << 20; result->batch *= 2) {
        if (time_batch(&r, result->batch) >= shortest_sample_ns)
            break;
    }
    take_samples(&r, ns, result, steps);
    return TIN_OK;
}
