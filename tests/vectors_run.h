/* SPDX-License-Identifier: MIT */
/*
 * vectors_run.h: checks the library against a file of golden vectors, with
 * the C standard library and the public headers alone: test_vectors.c runs it
 * under Criterion, vectors_main.c where there is no Criterion.
 */
#ifndef VECTORS_RUN_H
#define VECTORS_RUN_H

#include "tinyinfer_compiler.h"

typedef struct {
    int passed, failed; /* cases */
    int refused;        /* that these options do not go with, or for which
                           this machine has too little memory */
    char message[700];  /* of the first failure: file, case and what */
} vectors_result;

/*
 * Compiles each case's model, runs its inferences twice on an arena of exactly
 * the size that it asks for, guarded on both sides, and compares the outputs
 * with the oracle's: bytes for bytes; float within 1e-5 of the element or 1e-6
 * of the output's largest magnitude, whichever is more.
 *
 * Returns: 0 when the file could be read, had cases, and all of them passed.
 */
int vectors_run(const char *path, vectors_result *result);

/* The same with options other than the defaults, for one memory. Cases that the
 * compiler says are not supported with a streamed input are left out. */
int vectors_run_with(const char *path, const tin_compile_options *options,
                     vectors_result *result);

#endif /* VECTORS_RUN_H */
