/* SPDX-License-Identifier: MIT */
/*
 * lowered.h: what the emitter knows of a program beyond its tin_model: which
 * kernel each step calls, how that kernel's params are laid out, and how long
 * the constants are that they point to.
 */
#ifndef TIN_LOWERED_H
#define TIN_LOWERED_H

#include "tinyinfer_compiler.h"

/* A member of a params struct. */
typedef enum {
    TIN_FIELD_S32,  /* int32_t, `count` of them */
    TIN_FIELD_F32,  /* float, `count` of them */
    TIN_FIELD_U8,   /* uint8_t, `count` of them */
    TIN_FIELD_CONST /* pointer to a constant of the program, or NULL */
} tin_field_kind;

typedef struct {
    const char *name; /* as C writes it: "window.in_h" */
    tin_field_kind kind;
    int32_t count; /* array length, 1 for a scalar */
    size_t offset; /* in the params struct */
} tin_field;

/* For a kernel that reads a row of its input and writes one of its output from
 * the first point to the last: how many bytes of the output's row may lie above
 * the start of the input's, written over what has been read. 0: none. */
typedef int32_t tin_trail(const void *params);

/* A kernel that a step can call; one for each line of kernels/variants.inc. */
typedef struct {
    const char *name;        /* "conv2d_s8": tin_conv2d_s8, and
                                conv2d_s8.c defines it */
    const char *params_type; /* "tin_conv2d_s8_params" */
    const char *needs;       /* "TIN_HAVE_DSP": 0 there, it has no code; NULL:
                                it has code everywhere */
    tin_kernel *run;
    tin_check *check;
    tin_scratch_size *scratch_size; /* or NULL: needs none */
    int32_t in_place;               /* 1: out may equal in, or begin before
                                       it */
    tin_trail *trail;               /* or NULL: 0 */
    int32_t joint;                  /* 1: reads input rows of a call after it
                                       has written output rows of it: such as
                                       one channel after the other */
    const tin_field *fields;
    int32_t n_fields;
    size_t params_bytes;
} tin_kernel_info;

/* TIN_KERNEL_conv2d_s8 .. in the order of kernels/variants.inc */
typedef enum {
#define TIN_VARIANT(name, params, isa) TIN_KERNEL_##name,
#include "../../kernels/variants.inc"
#undef TIN_VARIANT
    TIN_KERNEL_COUNT
} tin_kernel_id;

/* Indexed by tin_kernel_id. */
extern const tin_kernel_info tin_kernel_infos[TIN_KERNEL_COUNT];

/* A table that params or tensors point to. Each is named by its address:
 * two constants never share one. */
typedef struct {
    const void *data;
    tin_type type; /* of its elements, stored in host order */
    int32_t count;
    const char *label; /* "weights", "bias": for its name in C */
} tin_constant;

typedef struct tin_lowered {
    const tin_kernel_info *const *kernels; /* one a step */
    const tin_constant *constants;
    int32_t n_constants;
} tin_lowered;

#endif /* TIN_LOWERED_H */
