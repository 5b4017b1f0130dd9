/* SPDX-License-Identifier: MIT */
/*
 * corpus.h: importing the models of tests/bad, valid and not.
 */
#ifndef CORPUS_H
#define CORPUS_H

#include "blobs.h"
#include "graph.h"
#include "tinyinfer_compiler.h"

#ifndef TIN_BAD
# define TIN_BAD "tests/bad"
#endif

/* A file of the corpus. */
static inline blob read_model(const char *name)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s.tflite", TIN_BAD, name);
    return read_file(path);
}

typedef struct {
    tin_pool *pool;
    tin_graph *graph;
    tin_diag diag;
    tin_status status;
} result;

static inline result import(const uint8_t *bytes, size_t size)
{
    result r;

    memset(&r, 0, sizeof r);
    r.pool = tin_pool_new();
    cr_assert_not_null(r.pool);
    r.status = tin_import_tflite(r.pool, bytes, size, &r.graph, &r.diag);
    cr_assert_eq(r.status, r.diag.status);
    return r;
}

static inline void drop(result *r, blob *file)
{
    tin_pool_free(r->pool);
    free(file->bytes);
}

#endif /* CORPUS_H */
