/* SPDX-License-Identifier: MIT */
/* tradeoff.h: what each setting of --optimize costs and saves. */
#ifndef TIN_TRADEOFF_H
#define TIN_TRADEOFF_H

#include "cli.h"

/* A network under one setting. */
typedef struct {
    int known; /* 0: it does not work, the input cannot be streamed */
    int32_t arena_bytes;
    int64_t calls; /* of kernels, in one inference */
    int64_t flash_bytes;
    int64_t cycles; /* below 0: there is no estimate */
} tin_price;

typedef struct {
    tin_price at[TIN_SETTINGS][2]; /* [optimize][stream_input] */
} tin_tradeoff;

/* Compiles the file once for each setting but that of `program`, which the
 * file gave with `how`. */
void tin_tradeoff_find(tin_bytes file, const tin_how *how,
                       const tin_program *program, tin_tradeoff *t);

void tin_tradeoff_print(tin_pool *pool, const tin_tradeoff *t, FILE *to);

/* As the member "tradeoff". */
void tin_tradeoff_json(tin_json *j, const tin_tradeoff *t);

#endif /* TIN_TRADEOFF_H */
