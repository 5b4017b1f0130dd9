/* SPDX-License-Identifier: MIT */
/* bench_network.c: whole networks, layer by layer. See bench.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

/* ---- Reading ------------------------------------------------------------ */

enum { LARGEST_FILE = 1 << 30, PIECE = 1 << 16 };

/* The size of a file, -1 where it cannot be read or is too large. Reading to
 * the end is the only way that C99 promises. */
static int64_t count_bytes(FILE *file)
{
    static char piece[PIECE];
    int64_t bytes = 0;
    size_t n;

    while ((n = fread(piece, 1, sizeof piece, file)) > 0) {
        bytes += (int64_t)n;
        if (bytes > LARGEST_FILE)
            return -1;
    }
    return ferror(file) ? -1 : bytes;
}

static const void *read_all(tin_pool *pool, FILE *file, size_t *bytes)
{
    const int64_t size = count_bytes(file);
    void *data = NULL;

    *bytes = size < 0 ? 0 : (size_t)size;
    if (size >= 0 && fseek(file, 0, SEEK_SET) == 0)
        data = tin_pool_alloc(pool, *bytes);
    if (data && fread(data, 1, *bytes, file) != *bytes)
        data = NULL;
    return data;
}

int tin_bench_load(tin_pool *pool, const char *path,
                   const tin_compile_options *options,
                   const tin_program **program)
{
    tin_diag diag = {.layer = -1, .offset = -1};
    const void *data = NULL;
    size_t bytes = 0;
    FILE *file;

    errno = 0;
    file = fopen(path, "rb");
    if (!file)
        return tin_bench_fail(TIN_BENCH_FAILED, "%s: cannot open: %s", path,
                              errno ? strerror(errno) : "no such file");
    data = read_all(pool, file, &bytes);
    fclose(file);
    if (!data)
        return tin_bench_fail(TIN_BENCH_FAILED, "%s: cannot read", path);
    if (tin_compile(pool, data, bytes, options, program, &diag) == TIN_OK)
        return TIN_BENCH_OK;
    return tin_bench_fail(TIN_BENCH_FAILED, "%s: %s", path, diag.message);
}

/* ---- Measuring ---------------------------------------------------------- */

/* "1x32x32x3", and how many elements that are. */
static int64_t print_shape(char *to, size_t size, const tin_shape *s)
{
    int64_t elements = 1;
    size_t used = 0;

    *to = '\0';
    for (int32_t i = 0; i < s->rank && used < size; i++) {
        used += (size_t)snprintf(to + used, size - used, "%s%ld", i ? "x" : "",
                                 (long)s->shape[i]);
        elements *= s->shape[i];
    }
    return elements;
}

static void add_layer(tin_bench_report *r, const char *path,
                      const tin_program *p, int32_t index,
                      const tin_measurement *m)
{
    const tin_layer *l = &p->layers[index];
    char shape[200], in[96], out[96];
    const int64_t n_in = print_shape(in, sizeof in, &l->in);
    const int64_t n_out = print_shape(out, sizeof out, &l->out);
    tin_timing time = {0, 0};

    (void)snprintf(shape, sizeof shape, "%s -> %s", in, out);
    for (int32_t i = l->first_step; i < l->first_step + l->n_steps; i++) {
        time.median_ns += m->step[i].median_ns;
        time.min_ns += m->step[i].min_ns;
    }
    tin_bench_add(r, &(tin_bench_result){path, index, l->op, l->kernel, shape,
                                         l->macs, n_in > n_out ? n_in : n_out,
                                         time});
}

int tin_bench_network(tin_bench_report *r, const char *path,
                      const tin_program *program)
{
    tin_pool *pool = tin_pool_new();
    tin_measurement m;
    tin_status status = TIN_ERR_MEMORY;

    if (pool)
        status = tin_measure(pool, &program->model, r->runs, r->warmup, &m);
    if (status == TIN_OK) {
        for (int32_t i = 0; i < program->n_layers; i++)
            add_layer(r, path, program, i, &m);
        tin_bench_add(r, &(tin_bench_result){path, -1, NULL, "total", "",
                                             program->macs, 0, m.total});
    }
    tin_pool_free(pool);
    if (status != TIN_OK)
        return tin_bench_fail(TIN_BENCH_FAILED, "%s: out of memory", path);
    return TIN_BENCH_OK;
}

void tin_bench_steps(const tin_program *program)
{
    puts("step,layer,op,kernel,macs");
    for (int32_t i = 0; i < program->n_layers; i++) {
        const tin_layer *l = &program->layers[i];

        for (int32_t k = 0; k < l->n_steps; k++)
            printf("%ld,%ld,%s,%s,%" PRId64 "\n", (long)(l->first_step + k),
                   (long)i, l->op, l->kernel, k ? 0 : l->macs);
    }
}
