/* SPDX-License-Identifier: MIT */
/*
 * tflite_reader.h: reads a FlatBuffer whose bytes may be anything.
 *
 * A FlatBuffer is a tree of tables. A table holds its fields at offsets that
 * its vtable lists; a field is a number or the distance to a table, vector or
 * string further on. All that is read goes byte by byte through this reader,
 * which compares each position with the size of the file in 64 bits first.
 * So the bytes may have any alignment and any content, and nothing here
 * recurses.
 *
 * Errors stick: the first one is kept in status and described in diag. From
 * then on everything reads as absent or 0, so that callers may read several
 * fields and look at status once.
 */
#ifndef TIN_TFLITE_READER_H
#define TIN_TFLITE_READER_H

#include "tinyinfer_compiler.h"

/* What is being read, for messages: "layer 3 'conv': tensor 5 'weights': ".
 * An index of -1 leaves its part out, a NULL name the name. */
typedef struct {
    int32_t layer, tensor;
    const char *layer_name, *tensor_name;
} tin_fb_where;

typedef struct {
    const uint8_t *bytes;
    uint64_t size;
    uint64_t work; /* vector elements that may still be used, see below */
    tin_status status;
    tin_diag *diag;
    tin_fb_where where;
} tin_fb;

/* A table whose vtable and fields were found to lie in the file. */
typedef struct {
    uint64_t at; /* 0: absent */
    uint64_t vtable;
    uint32_t bytes, vtable_bytes;
} tin_fb_table;

/* A vector whose elements all lie in the file. */
typedef struct {
    uint64_t at; /* of the first element; 0: absent */
    uint32_t count;
} tin_fb_vector;

/* Starts reading and finds the root table; the file must carry `identifier`,
 * four characters. */
tin_fb_table tin_fb_open(tin_fb *fb, const uint8_t *bytes, uint64_t size,
                         const char *identifier, tin_diag *diag);

/* Records an error at a byte of the file, -1: nowhere in particular. */
tin_status tin_fb_fail(tin_fb *fb, tin_status status, int64_t offset,
                       const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 4, 5)))
#endif
    ;

/*
 * Takes n elements off the work that this file may cause: a fixed multiple of
 * its size, which no tree comes near. A file whose tables share a large
 * vector could ask for its square. Returns fb->status.
 */
tin_status tin_fb_work(tin_fb *fb, uint64_t n);

/* Fields of a table by slot: their position in the schema, from 0. An absent
 * table has absent fields. `what` names the field in messages. */
int32_t tin_fb_u8(tin_fb *fb, const tin_fb_table *t, uint32_t slot,
                  int32_t otherwise);
int32_t tin_fb_s8(tin_fb *fb, const tin_fb_table *t, uint32_t slot,
                  int32_t otherwise);
int32_t tin_fb_s32(tin_fb *fb, const tin_fb_table *t, uint32_t slot,
                   int32_t otherwise);
uint32_t tin_fb_u32(tin_fb *fb, const tin_fb_table *t, uint32_t slot,
                    uint32_t otherwise);
uint64_t tin_fb_u64(tin_fb *fb, const tin_fb_table *t, uint32_t slot,
                    uint64_t otherwise);
float tin_fb_f32(tin_fb *fb, const tin_fb_table *t, uint32_t slot,
                 float otherwise);
tin_fb_table tin_fb_field_table(tin_fb *fb, const tin_fb_table *t,
                                uint32_t slot, const char *what);
tin_fb_vector tin_fb_field_vector(tin_fb *fb, const tin_fb_table *t,
                                  uint32_t slot, uint32_t element_bytes,
                                  const char *what);
/* NULL when absent. Points into the file; ends with a NUL there. */
const char *tin_fb_field_string(tin_fb *fb, const tin_fb_table *t,
                                uint32_t slot, const char *what);

/* Elements of a vector that was found with the fitting element_bytes.
 * Needs: i < v->count. */
int32_t tin_fb_at_s32(const tin_fb *fb, const tin_fb_vector *v, uint32_t i);
int64_t tin_fb_at_s64(const tin_fb *fb, const tin_fb_vector *v, uint32_t i);
float tin_fb_at_f32(const tin_fb *fb, const tin_fb_vector *v, uint32_t i);
tin_fb_table tin_fb_at_table(tin_fb *fb, const tin_fb_vector *v, uint32_t i,
                             const char *what);

#endif /* TIN_TFLITE_READER_H */
