/* SPDX-License-Identifier: MIT */
/*
 * array.h: numbers from files.
 *
 * Every reader here takes the bytes of a whole file, which are untrusted, and
 * makes a tin_array of them or says in *diag what is wrong and at which byte
 * or line. An array made from nothing but the file's own bytes points into
 * them; others live in the pool.
 */
#ifndef TIN_ARRAY_H
#define TIN_ARRAY_H

#include "cli.h"

/* What an array knows about itself. */
typedef enum {
    TIN_ARRAY_NPY,   /* type and shape */
    TIN_ARRAY_IMAGE, /* uint8 [h][w][c], c = 1 or 3 */
    TIN_ARRAY_TEXT,  /* float64 numbers in a row: any shape */
    TIN_ARRAY_RAW    /* bytes: any type, any shape */
} tin_array_kind;

typedef enum {
    TIN_ELEMENT_U8,
    TIN_ELEMENT_S8,
    TIN_ELEMENT_S16,
    TIN_ELEMENT_S32,
    TIN_ELEMENT_S64,
    TIN_ELEMENT_F16,
    TIN_ELEMENT_F32,
    TIN_ELEMENT_F64
} tin_element;

/* A sample axis before the axes of a tensor, and one to spare. */
enum { TIN_ARRAY_RANK = TIN_MAX_RANK + 2 };

typedef struct {
    tin_array_kind kind;
    tin_element element;
    int32_t rank;
    int32_t shape[TIN_ARRAY_RANK];
    int64_t count;       /* of elements: the product of the shape */
    const uint8_t *data; /* little endian, at any alignment */
} tin_array;

/* "int16" */
const char *tin_element_name(tin_element element);
int32_t tin_element_bytes(tin_element element);

/* Element i, 0 <= i < count, as a number: exact but for int64 over 2^53. */
double tin_array_real(const tin_array *a, int64_t i);
/* The same for integer elements, exact. */
int64_t tin_array_int(const tin_array *a, int64_t i);

/* NumPy's .npy, versions 1 to 3, in C order. */
tin_status tin_read_npy(tin_bytes file, tin_array *a,
                        tin_diag *diag) TIN_WARN_UNUSED;
/* PGM and PPM, P2 P3 P5 P6. Samples are scaled to 0 .. 255. */
tin_status tin_read_pnm(tin_pool *pool, tin_bytes file, tin_array *a,
                        tin_diag *diag) TIN_WARN_UNUSED;
/* Uncompressed BMP of 8, 24 or 32 bits a pixel; alpha is dropped. */
tin_status tin_read_bmp(tin_pool *pool, tin_bytes file, tin_array *a,
                        tin_diag *diag) TIN_WARN_UNUSED;
/* Numbers between commas, semicolons and white space; # starts a comment. */
tin_status tin_read_csv(tin_pool *pool, tin_bytes file, tin_array *a,
                        tin_diag *diag) TIN_WARN_UNUSED;

/* Reads a file by what its name ends in. The message lacks the path. */
tin_status tin_array_load(tin_pool *pool, const char *path, tin_array *a,
                          tin_diag *diag) TIN_WARN_UNUSED;

/* ---- Writing ------------------------------------------------------------ */

/* A tensor's elements as .npy, .csv (real values) or .bin (little endian), by
 * what `path` ends in. `lead` samples of `port`, one after the other, in host
 * order; for 0 `data` is a single one and keeps the tensor's shape. */
tin_status tin_array_encode(tin_pool *pool, const char *path,
                            const tin_port *port, const void *data,
                            int32_t lead, tin_output_file *file,
                            tin_diag *diag) TIN_WARN_UNUSED;

/* ---- Bytes -------------------------------------------------------------- */

uint32_t tin_get_u16(const uint8_t *at); /* little endian */
uint32_t tin_get_u32(const uint8_t *at);

#endif /* TIN_ARRAY_H */
