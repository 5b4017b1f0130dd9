/* SPDX-License-Identifier: MIT */
/* bench_case.c: networks of one step. See bench.h. */
#include "bench.h"

enum {
    ALIGN = 64,             /* of tensors: a cache line */
    LARGEST_BYTES = 1 << 28 /* of a tensor or of constants */
};

/* ---- Constants ---------------------------------------------------------- */

static void refuse(tin_bench_case *c, const char *why)
{
    if (!c->error)
        c->error = why;
}

static void *allocate(tin_bench_case *c, int64_t n, int64_t elem_bytes)
{
    void *p = NULL;

    if (n > LARGEST_BYTES / elem_bytes)
        refuse(c, "the shape is too large");
    else if (!(p = tin_pool_alloc(c->pool, (uint64_t)(n * elem_bytes))))
        refuse(c, "out of memory");
    return p;
}

/* The upper bits of a linear congruential generator (Numerical Recipes). */
static uint32_t random_bits(tin_bench_case *c, int32_t bits)
{
    c->seed = c->seed * 1664525u + 1013904223u;
    return c->seed >> (32 - bits);
}

const int8_t *tin_bench_random_s8(tin_bench_case *c, int64_t n)
{
    int8_t *p = allocate(c, n, 1);

    for (int64_t i = 0; p && i < n; i++)
        p[i] = (int8_t)tin_clamp((int32_t)random_bits(c, 8) - 128, -127, 127);
    return p;
}

const int32_t *tin_bench_random_s32(tin_bench_case *c, int64_t n, int32_t min,
                                    int32_t max)
{
    int32_t *p = allocate(c, n, 4);
    const int64_t range = (int64_t)max - min;

    for (int64_t i = 0; p && i < n; i++)
        p[i] = (int32_t)(min + range * random_bits(c, 16) / 65535);
    return p;
}

const float *tin_bench_random_f32(tin_bench_case *c, int64_t n)
{
    float *p = allocate(c, n, 4);

    for (int64_t i = 0; p && i < n; i++)
        p[i] = (float)random_bits(c, 16) / 32768.0f - 1.0f;
    return p;
}

const int8_t *tin_bench_repeat_s8(tin_bench_case *c, int64_t n, int32_t x)
{
    int8_t *p = allocate(c, n, 1);

    for (int64_t i = 0; p && i < n; i++)
        p[i] = (int8_t)x;
    return p;
}

/* ---- Tensors ------------------------------------------------------------ */

/* Takes a piece of the arena; -1 where it is too large. */
static int32_t take(tin_bench_case *c, int64_t bytes)
{
    const int32_t offset = c->model.arena_bytes;

    if (c->error || bytes > LARGEST_BYTES ||
        bytes > INT32_MAX - ALIGN - offset) {
        refuse(c, "the shape is too large");
        return -1;
    }
    c->model.arena_bytes = (int32_t)((offset + bytes + ALIGN - 1) & -ALIGN);
    return offset;
}

static int32_t bytes_of(tin_type type)
{
    return type == TIN_F32 || type == TIN_S32 ? 4 : type == TIN_S16 ? 2 : 1;
}

static void add_tensor(tin_bench_case *c, tin_type type, int64_t rows,
                       int64_t row_elems)
{
    const int64_t row_bytes = row_elems * bytes_of(type);
    const int32_t offset = take(c, rows * row_bytes);
    const int32_t i = c->model.n_tensors;

    if (offset < 0)
        return;
    if (c->elements < rows * row_elems)
        c->elements = rows * row_elems;
    c->tensors[i].offset = offset;
    c->tensors[i].row_bytes = (int32_t)row_bytes;
    c->tensors[i].rows = (int32_t)rows;
    c->ports[i].type = type;
    c->ports[i].bytes = (int32_t)(rows * row_bytes);
    c->ports[i].tensor = i;
    c->args[i] = (uint16_t)i;
    c->model.n_tensors++;
}

void tin_bench_add_in(tin_bench_case *c, tin_type type, int64_t rows,
                      int64_t row_elems)
{
    add_tensor(c, type, rows, row_elems);
    c->step.n_in++;
}

void tin_bench_add_out(tin_bench_case *c, tin_type type, int64_t rows,
                       int64_t row_elems)
{
    add_tensor(c, type, rows, row_elems);
    c->step.n_out++;
    c->step.rows = (int32_t)rows;
    if (c->taps > LARGEST_BYTES)
        refuse(c, "the shape is too large");
    if (!c->error)
        c->macs = rows * row_elems * c->taps;
}

void tin_bench_add_scratch(tin_bench_case *c, int64_t bytes)
{
    c->step.scratch = take(c, bytes);
}

/* ---- The network -------------------------------------------------------- */

static void link_model(tin_bench_case *c, const tin_bench_kernel *kernel)
{
    tin_model *m = &c->model;

    c->stage = (tin_stage){.first = 0, .n = 1, .progress = -1};
    c->step.run = kernel->run;
    c->step.params = &c->params;
    m->name = kernel->name;
    m->tensors = c->tensors;
    m->steps = &c->step;
    m->args = c->args;
    m->stages = &c->stage;
    m->inputs = c->ports;
    m->outputs = c->ports + c->step.n_in;
    m->n_steps = 1;
    m->n_stages = 1;
    m->n_args = m->n_tensors;
    m->n_inputs = c->step.n_in;
    m->n_outputs = c->step.n_out;
    m->arena_align = ALIGN;
}

tin_status tin_bench_build(tin_bench_case *c, tin_pool *pool,
                           const tin_bench_kernel *kernel,
                           const tin_bench_shape *shape)
{
    static const tin_bench_case empty;
    tin_status status;

    *c = empty;
    c->pool = pool;
    c->seed = 1;
    c->step.scratch = -1;
    kernel->family->make(c, shape);
    if (c->error)
        return TIN_ERR_SHAPE;
    status = kernel->check(&c->params, &c->error);
    if (status == TIN_OK)
        link_model(c, kernel);
    return status;
}
