/* SPDX-License-Identifier: MIT */
/*
 * tflite.h: what the files of the .tflite importer share.
 *
 * tflite_import.c  walks the model: subgraph, ports, then the parts below
 * tflite_nodes.c   operators to nodes: code, version, arity, options
 * tflite_values.c  tensors to values: type, shape, contents, quantization
 * tflite_state.c   variables, and the subgraph that initialises them
 * tflite_links.c   who makes what, and in which order
 * tflite_sparse.c  sparse constants to dense ones
 * tflite_unpack.c  narrow constants to the type that computes with them
 * tflite_names.c   the names of all operators of the schema
 *
 * Tensors that nobody reads or makes are not looked at: files carry exotic
 * ones. All errors stick in fb.status, see tflite_reader.h.
 */
#ifndef TIN_TFLITE_H
#define TIN_TFLITE_H

#include "graph.h"
#include "tflite_reader.h"

/* What is known of a tensor besides its value. */
typedef struct {
    uint8_t is_read;   /* its value is filled in */
    uint8_t is_input;  /* of the graph */
    uint8_t is_output; /* of the graph */
    uint8_t is_taken;  /* a variable that an operator has for itself */
    uint8_t is_handle; /* of a variable: no tensor in memory */
} tin_tflite_tensor;

typedef struct {
    tin_fb fb;
    tin_pool *pool;
    tin_graph *graph;
    tin_fb_vector codes, buffers, subgraphs; /* of the model */
    tin_fb_table subgraph;
    tin_fb_vector tensors, operators; /* of the subgraph */
    tin_tflite_tensor *known;         /* one a tensor */
} tin_tflite;

/* Operators of the schema, BuiltinOperator, by the names we need. */
enum {
    TIN_TFLITE_CUSTOM = 32,
    TIN_TFLITE_PLACEHOLDER = 127 /* "see the wider field" */
};

/* "WHILE"; NULL for a code that the schema does not have. */
const char *tin_tflite_op_name(int32_t code);

/* Room for n things of `bytes`, zeroed; records TIN_ERR_MEMORY. */
void *tin_tflite_alloc(tin_tflite *t, uint64_t n, size_t bytes);

/* Says in messages that layer i is being read. -1: none. */
void tin_tflite_enter_layer(tin_tflite *t, int32_t i);

/* Fills graph->nodes, and the producers of values. */
tin_status tin_tflite_read_nodes(tin_tflite *t);

/* Fills in a value, unless that was done before. */
tin_status tin_tflite_read_value(tin_tflite *t, int32_t index);

/* A further subgraph of the model, with a graph of its own that is empty;
 * *sub is set in any case. */
tin_status tin_tflite_open_subgraph(tin_tflite *t, int32_t index,
                                    tin_tflite *sub);

/* Operators of the subgraph that a CALL_ONCE calls; 0 if it is damaged. */
uint32_t tin_tflite_count_operators(const tin_tflite *t, const tin_node *n);

/* Makes room for `more` values. */
tin_status tin_tflite_grow(tin_tflite *t, int64_t more);

/* Turns handles, reads and writes of variables into values. */
tin_status tin_tflite_read_variables(tin_tflite *t);

/* Takes away the nodes that have no values any more. */
tin_status tin_tflite_drop_handles(tin_tflite *t);

/* Reads the values that nodes and ports use and checks that the nodes can run
 * in their order. */
tin_status tin_tflite_link(tin_tflite *t);

/* Signed nibbles to bytes, the lower one first. NULL: no memory. */
const uint8_t *tin_tflite_unpack_s4(tin_tflite *t, const uint8_t *nibbles,
                                    int32_t n);

/* The contents of a constant of which the file has only `values`, placed as
 * the table says. NULL: see fb.status. */
const uint8_t *tin_tflite_densify(tin_tflite *t, const tin_fb_table *sparsity,
                                  const tin_fb_vector *values,
                                  const tin_value *v);

/* Gives float operators float constants where the file has narrower ones. */
tin_status tin_tflite_unpack_floats(tin_tflite *t);

#endif /* TIN_TFLITE_H */
