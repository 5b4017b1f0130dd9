/* SPDX-License-Identifier: MIT */
/*
 * variants.h: which kernels a target has beside the portable ones, and how
 * their weights are packed.
 *
 * The params of a variant begin with those of the portable kernel and go on
 * with a pointer `packed` to one constant that holds, in the order of use,
 * all that the kernel reads: weights, biases, requantization.
 */
#ifndef TIN_VARIANTS_H
#define TIN_VARIANTS_H

#include "lowered.h"

/* What a target can do, see TIN_HAVE_xxx. */
enum { TIN_ISA_DSP = 1, TIN_ISA_MVE = 2, TIN_ISA_FPU = 4 };

typedef struct {
    const char *name; /* "cortex-m4" */
    uint32_t isa;     /* TIN_ISA_xxx */
} tin_target;

/* NULL: the first one, generic. Returns NULL if there is none of this name. */
const tin_target *tin_find_target(const char *name);

typedef struct {
    tin_kernel_id portable, variant;
    uint32_t isa;
    tin_optimize from;    /* not used below this setting of the dial */
    uint8_t small;        /* 1: not larger than the portable kernel and its
                             constants: serves TIN_OPTIMIZE_FLASH */
    uint8_t by_row;       /* 1: only where rows are made one by one */
    uint8_t spare;        /* 1: only where the arena with its scratch is no
                             larger than without */
    uint8_t rows_log2;    /* it computes 2^rows_log2 rows at once */
    uint8_t free_log2;    /* the same where that takes no memory */
    size_t packed_offset; /* of `packed` in the variant's params */
    /* Bytes of the packed constant for these portable params; an error if the
     * variant cannot do them exactly. */
    int32_t (*packed_size)(const void *params);
    void (*pack)(const void *params, int32_t *packed);
    void (*pack_f32)(const void *params, float *packed); /* or this one */
} tin_variant;

/* The first variant for this kernel and these params on a target, behind
 * `after` in the order of preference, or from its beginning if that is NULL;
 * NULL: the portable kernel is the one. resident: 1 if no rows are made one by
 * one that need not. */
const tin_variant *tin_find_variant(const tin_target *target,
                                    tin_optimize optimize, int resident,
                                    tin_kernel_id kernel, const void *params,
                                    const tin_variant *after);

/* A call of this kernel that computes more than 2^n rows costs no less a row
 * than one of 2^n: the n. */
uint8_t tin_useful_rows_log2(tin_kernel_id kernel);

#endif /* TIN_VARIANTS_H */
