/* SPDX-License-Identifier: MIT */
/*
 * emit.h: what the files that print C share.
 *
 * Text of a model file is untrusted and meets the C compiler here: every name
 * goes through tin_text_name or tin_text_string and comes out harmless.
 */
#ifndef TIN_EMIT_H
#define TIN_EMIT_H

#include "lowered.h"

/* ---- Text --------------------------------------------------------------- */

/* Adds n bytes as they are. */
void tin_text_put(tin_text *t, const char *bytes, size_t n);

/* Adds a name for a comment: no end of comment, no trigraph, no line end, no
 * byte outside ASCII, and not endless. */
void tin_text_name(tin_text *t, const char *name);

/* Adds a string literal that reads back as the first 64 bytes of `string`,
 * or fewer where that would cut a character of UTF-8 in two. */
void tin_text_string(tin_text *t, const char *string);

/* Adds "[1,32,32,3]". */
void tin_text_shape(tin_text *t, int32_t rank, const int32_t *shape);

/* Adds `text` in capitals. */
void tin_text_upper(tin_text *t, const char *text);

/* ---- Floats ------------------------------------------------------------- */

enum { TIN_FLOAT_SIZE = 24 };

/* A constant expression that C99 reads as exactly x: a hexadecimal float, or
 * a division that gives the infinity, which needs no <math.h>. No expression
 * stands for a NaN with its bits: tin_float_is_nan first. Returns `to`. */
char *tin_float_hex(char to[TIN_FLOAT_SIZE], float x);

/* The same with at most 9 decimal digits, which suffice for every float, so
 * that headers also serve C++ before C++17. x is finite. Returns `to`. */
char *tin_float_decimal(char to[TIN_FLOAT_SIZE], float x);

uint32_t tin_float_bits(float x);
int tin_float_is_nan(float x);
int tin_float_is_finite(float x);

/* ---- Names -------------------------------------------------------------- */

/* TIN_OK when `id` can name the emitted files and all that is in them. */
tin_status tin_check_id(const char *id, tin_diag *diag) TIN_WARN_UNUSED;

/* The C type of an element. */
const char *tin_c_type(tin_type type);

/* ---- Constants ---------------------------------------------------------- */

/* A constant on its way to the source file: named after the layer that uses
 * it first. */
typedef struct {
    const tin_constant *constant;
    int32_t step;  /* that uses it first; n_steps: none, a tensor does */
    int32_t layer; /* of that step, -1: none */
    int32_t copy;  /* earlier constants of that layer with this label */
    int as_bits;   /* holds a NaN or an infinity: printed as bit patterns */
} tin_emit_constant;

typedef struct {
    const tin_program *program;
    int32_t *layer_of;        /* per step: index in layers, or -1 */
    tin_emit_constant *table; /* sorted by address, one for each */
    int32_t n_table;
    tin_emit_constant **used; /* in the order of first use */
    int32_t n_used;
} tin_emit_index;

/* Finds out who uses which constant first. */
tin_status tin_index_constants(const tin_program *program, tin_pool *pool,
                               tin_emit_index *index,
                               tin_diag *diag) TIN_WARN_UNUSED;

/* The constant at this address, or NULL. */
tin_emit_constant *tin_find_constant(const tin_emit_index *index,
                                     const void *data);

/* Adds the name by which the source refers to it, and its definition. */
void tin_text_reference(tin_text *t, const tin_emit_constant *c);
void tin_text_constant(tin_text *t, const tin_emit_constant *c);

/* ---- The two files ------------------------------------------------------ */

void tin_emit_header(const tin_program *program, const char *id, tin_text *t);
tin_status tin_emit_source(const tin_program *program, const char *id,
                           tin_text *t, tin_diag *diag) TIN_WARN_UNUSED;

/* ---- The library's own sources ------------------------------------------ */

typedef struct {
    const char *path; /* in the library: "kernels/conv2d_s8.c" */
    const char *name; /* without folder */
    const char *text;
} tin_library_source;

/* Made by embed/embed.c when the tool is built; ends with a NULL path. */
extern const tin_library_source tin_library_sources[];

#endif /* TIN_EMIT_H */
