/* SPDX-License-Identifier: MIT */
/* vectors_run.c: see vectors_run.h; vectors/README.md has the format. */
#include "vectors_run.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PORTS = 16, MAX_STEPS = 16, GUARD = 64, GUARD_BYTE = 0x5a };

typedef struct {
    unsigned char *bytes;
    size_t size;
} blob;

typedef struct {
    char name[96];
    blob model;
    blob in[MAX_STEPS][MAX_PORTS], out[MAX_STEPS][MAX_PORTS];
    int n_in, n_out;
    int n_steps; /* inferences, one after the other */
} vector_case;

typedef struct {
    const char *path;
    FILE *file;
    vector_case *c;
    vectors_result *result;
    const tin_compile_options *options;
} runner;

/* Notes a failure and returns -1. */
static int fail(runner *r, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;

static int fail(runner *r, const char *format, ...)
{
    char text[480];
    va_list args;

    r->result->failed++;
    if (r->result->failed > 1)
        return -1;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(r->result->message, sizeof r->result->message, "%.60s/%.95s: %s",
             r->path, r->c->name, text);
    return -1;
}

/* ---- Reading ------------------------------------------------------------ */

static int read_blob(runner *r, blob *b, unsigned long size)
{
    if (size > 1ul << 24)
        return fail(r, "a block of %lu bytes", size);
    b->size = size;
    b->bytes = malloc(size + 1);
    if (!b->bytes || fread(b->bytes, 1, size + 1, r->file) != size + 1 ||
        b->bytes[size] != '\n')
        return fail(r, "the file is damaged");
    return 0;
}

static int read_data(runner *r, blob *b)
{
    char line[64];
    unsigned long size;

    if (!fgets(line, sizeof line, r->file) ||
        sscanf(line, "data %lu", &size) != 1)
        return fail(r, "no data");
    return read_blob(r, b, size);
}

/* 1: a case was read; 0: the file ends; -1: it is damaged. */
static int read_case(runner *r)
{
    vector_case *c = r->c;
    const char *steps;
    char line[512];
    unsigned long size;
    int i, k;

    if (!fgets(line, sizeof line, r->file))
        return 0;
    if (sscanf(line, "case %95s model %lu inputs %d outputs %d", c->name, &size,
               &c->n_in, &c->n_out) != 4 ||
        c->n_in < 0 || c->n_in > MAX_PORTS || c->n_out < 1 ||
        c->n_out > MAX_PORTS)
        return fail(r, "no case begins here: %.60s", line);
    c->n_steps = 1;
    steps = strstr(line, " steps ");
    if (steps && (sscanf(steps, " steps %d", &c->n_steps) != 1 ||
                  c->n_steps < 1 || c->n_steps > MAX_STEPS))
        return fail(r, "not 1 to %d steps: %.60s", MAX_STEPS, line);
    if (read_blob(r, &c->model, size))
        return -1;
    for (k = 0; k < c->n_steps; k++) {
        for (i = 0; i < c->n_in; i++)
            if (read_data(r, &c->in[k][i]))
                return -1;
        for (i = 0; i < c->n_out; i++)
            if (read_data(r, &c->out[k][i]))
                return -1;
    }
    return 1;
}

static void free_case(vector_case *c)
{
    int i, k;

    free(c->model.bytes);
    for (k = 0; k < MAX_STEPS; k++)
        for (i = 0; i < MAX_PORTS; i++) {
            free(c->in[k][i].bytes);
            free(c->out[k][i].bytes);
        }
    memset(c, 0, sizeof *c);
}

/* ---- Comparing ---------------------------------------------------------- */

static int compare_f32(runner *r, int port, const unsigned char *got,
                       const blob *want)
{
    const size_t n = want->size / sizeof(float);
    double largest = 0;
    float w, g;
    size_t i;

    for (i = 0; i < n; i++) {
        memcpy(&w, want->bytes + i * sizeof w, sizeof w);
        if (fabs((double)w) > largest)
            largest = fabs((double)w);
    }
    for (i = 0; i < n; i++) {
        double limit;

        memcpy(&w, want->bytes + i * sizeof w, sizeof w);
        memcpy(&g, got + i * sizeof g, sizeof g);
        limit = fmax(1e-5 * fabs((double)w), 1e-6 * largest);
        if (!(fabs((double)g - (double)w) <= limit)) // NaN fails, too
            return fail(r, "output %d, element %lu of %lu: %.9g, not %.9g",
                        port, (unsigned long)i, (unsigned long)n, (double)g,
                        (double)w);
    }
    return 0;
}

static int compare_s8(runner *r, int port, const unsigned char *got,
                      const blob *want)
{
    const size_t none = want->size;
    size_t first = none, differ = 0, i;

    for (i = 0; i < want->size; i++) {
        if (got[i] == want->bytes[i])
            continue;
        if (first == none)
            first = i;
        differ++;
    }
    if (first == none)
        return 0;
    return fail(r, "output %d, element %lu: %d, not %d (%lu of %lu differ)",
                port, (unsigned long)first, (signed char)got[first],
                (signed char)want->bytes[first], (unsigned long)differ,
                (unsigned long)want->size);
}

/* ---- Running ------------------------------------------------------------ */

static int guards_hold(const unsigned char *block, size_t before, size_t arena)
{
    size_t i;

    for (i = 0; i < before; i++)
        if (block[i] != GUARD_BYTE)
            return 0;
    for (i = before + arena; i < before + arena + GUARD; i++)
        if (block[i] != GUARD_BYTE)
            return 0;
    return 1;
}

static int run_step(runner *r, tin_net *net, int step)
{
    const tin_model *m = net->model;
    const blob *in = r->c->in[step], *out = r->c->out[step];
    int i;

    for (i = m->pushed_rows > 0; i < r->c->n_in; i++)
        memcpy(tin_net_input(net, i), in[i].bytes, in[i].size);
    if (m->pushed_rows > 0) {
        tin_stream_begin(net);
        if (tin_stream_push_rows(net, in[0].bytes, m->pushed_rows) !=
            m->pushed_rows)
            return fail(r, "does not take all rows");
    } else {
        tin_net_run(net);
    }
    for (i = 0; i < r->c->n_out; i++) {
        const unsigned char *got = tin_net_output(net, i);
        const int status = m->outputs[i].type == TIN_F32
                               ? compare_f32(r, i, got, &out[i])
                               : compare_s8(r, i, got, &out[i]);

        if (status)
            return status;
    }
    return 0;
}

/* All inferences of the case, and again after a reset. */
static int run_twice(runner *r, tin_net *net)
{
    int step, status = 0;

    for (step = 0; step < r->c->n_steps && !status; step++)
        status = run_step(r, net, step);
    tin_net_reset(net);
    for (step = 0; step < r->c->n_steps && !status; step++)
        status = run_step(r, net, step);
    return status;
}

/* Runs the model on an arena that begins `skew` bytes after an aligned one,
 * with what malloc'ed memory may hold in it: anything. */
static int run_skewed(runner *r, const tin_model *model, size_t skew)
{
    const size_t align = (size_t)model->arena_align;
    const size_t most = (size_t)model->arena_bytes + align - 1;
    unsigned char *block = malloc(most + align + 2 * GUARD);
    size_t before, needed = 0;
    tin_net net;
    int status = 0;

    if (!block)
        return fail(r, "no memory");
    before = GUARD + ((size_t)(0 - (uintptr_t)block - GUARD) & (align - 1));
    before += skew & (align - 1);
    memset(block, GUARD_BYTE, most + align + 2 * GUARD);
    if (tin_net_open(&net, model, block + before, 0, &needed) !=
            TIN_ERR_ARENA &&
        needed)
        status = fail(r, "an arena of 0 bytes was accepted");
    else if (needed > most)
        status = fail(r, "needs %lu bytes, not at most %lu",
                      (unsigned long)needed, (unsigned long)most);
    else
        memset(block + before, 0xa5, needed);
    if (!status && tin_net_open(&net, model, block + before, needed, NULL))
        status = fail(r, "an arena of the needed size was refused");
    if (!status)
        status = run_twice(r, &net);
    if (!status && !guards_hold(block, before, needed))
        status = fail(r, "wrote outside its arena");
    free(block);
    return status;
}

static int check_port(runner *r, const char *kind, int i, const tin_port *port,
                      const blob *data)
{
    if ((size_t)port->bytes == data->size)
        return 0;
    return fail(r, "%s %d has %ld bytes, not %lu", kind, i, (long)port->bytes,
                (unsigned long)data->size);
}

static int run_case(runner *r, tin_pool *pool)
{
    const vector_case *c = r->c;
    const tin_program *program;
    const tin_model *m;
    tin_diag diag = {TIN_OK, 0, 0, ""};
    tin_status status;
    int i, k;

    status = tin_compile(pool, c->model.bytes, c->model.size, r->options,
                         &program, &diag);
    if (status == TIN_ERR_UNSUPPORTED && r->options &&
        r->options->stream_input) {
        r->result->refused++;
        return 0;
    }
    if (status == TIN_ERR_MEMORY) {
        r->result->refused++;
        return 0;
    }
    if (status != TIN_OK)
        return fail(r, "does not compile: %s", diag.message);
    m = &program->model;
    if (m->n_inputs != c->n_in || m->n_outputs != c->n_out)
        return fail(r, "%ld inputs, %ld outputs, not %d and %d",
                    (long)m->n_inputs, (long)m->n_outputs, c->n_in, c->n_out);
    for (k = 0; k < c->n_steps; k++) {
        for (i = 0; i < c->n_in; i++)
            if (check_port(r, "input", i, &m->inputs[i], &c->in[k][i]))
                return -1;
        for (i = 0; i < c->n_out; i++)
            if (check_port(r, "output", i, &m->outputs[i], &c->out[k][i]))
                return -1;
    }
    if (run_skewed(r, m, 0) || run_skewed(r, m, 1))
        return -1;
    r->result->passed++;
    return 0;
}

int vectors_run(const char *path, vectors_result *result)
{
    return vectors_run_with(path, NULL, result);
}

int vectors_run_with(const char *path, const tin_compile_options *options,
                     vectors_result *result)
{
    vector_case c;
    runner r;
    char line[512];
    int more = 1;

    memset(&c, 0, sizeof c);
    memset(result, 0, sizeof *result);
    r.path = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    r.file = fopen(path, "rb");
    r.c = &c;
    r.result = result;
    r.options = options;
    if (!r.file || !fgets(line, sizeof line, r.file) || line[0] != '#') {
        fail(&r, "not there, or not a file of vectors");
        more = 0;
    }
    while (more > 0 && (more = read_case(&r)) > 0) {
        tin_pool *pool = tin_pool_new();

        if (pool)
            run_case(&r, pool);
        else
            fail(&r, "no memory");
        tin_pool_free(pool);
        free_case(&c);
    }
    if (!result->passed && !result->failed)
        fail(&r, "has no cases");
    free_case(&c);
    if (r.file)
        fclose(r.file);
    return result->failed || !result->passed ? -1 : 0;
}
