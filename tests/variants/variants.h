/* SPDX-License-Identifier: MIT */
/*
 * variants.h: every ISA variant of a kernel against the portable one, on the
 * CPU that the variant is for. Plain C for bare metal: no Criterion, no heap.
 *
 * A file variants_FAMILY.c tests one family of kernels over a seeded product
 * of shapes. Buffers come from a pool with guard bytes before and after each
 * of them, at any misalignment; variants_check counts a case and reports the
 * first bytes that differ and guards that were touched.
 */
#ifndef VARIANTS_H
#define VARIANTS_H

#include "tinyinfer.h"

typedef struct {
    int32_t passed, failed, unavailable;
} variants_report;

/* A test of one family; it does nothing but count one as unavailable where
 * the CPU lacks the instructions. */
typedef void variants_family(variants_report *r);

variants_family variants_conv2d_s8, variants_winograd_s8, variants_dwconv2d_s8,
    variants_dense_s8, variants_add_s8, variants_gavgpool2d_s8,
    variants_pool_s8, variants_table_x8, variants_softmax_s8, variants_mve,
    variants_mve_pool, variants_mve_map, variants_conv2d_f32,
    variants_dwconv2d_f32, variants_winograd_f32, variants_dense_f32;

/* Begins a case: frees all buffers of the one before. */
void variants_begin(uint32_t seed);
/* Pseudo-random numbers, the same on every machine: any 32 bits, or a number
 * in lo .. hi. */
uint32_t variants_random(void);
int32_t variants_range(int32_t lo, int32_t hi);
/* A buffer that begins `misalign` bytes above a multiple of 16, with guard
 * bytes around it; filled with random bytes. */
void *variants_buffer(uint32_t bytes, uint32_t misalign);
/* So many rows in such a buffer, of any misalignment. */
tin_rows variants_tensor(int32_t rows, int32_t row_bytes);
/* Runs a kernel and measures the stack that it takes below this function's,
 * which may be 512 bytes. */
void variants_run(tin_kernel *kernel, const void *params, const tin_rows *in,
                  const tin_rows *out, int32_t y0, int32_t y1, void *scratch);
/* Counts the case: `got` must equal `want`, and no guard may be touched.
 * Prints `name` and the seed where it fails. */
void variants_check(variants_report *r, const char *name, const void *want,
                    const void *got, uint32_t bytes);

#endif /* VARIANTS_H */
