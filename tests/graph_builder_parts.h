/* SPDX-License-Identifier: MIT */
/*
 * graph_builder_parts.h: what the operators of graph_builder.h are made of. All
 * that add something return the value, or -1.
 */
#ifndef GRAPH_BUILDER_PARTS_H
#define GRAPH_BUILDER_PARTS_H

#include "graph_builder.h"

enum { MAX_VARIABLES = 32 };

/* A value without scale. */
int32_t builder_add_value(graph_builder *b, const char *stem, tin_type type,
                          int32_t rank, const int32_t *shape);
/* Gives a value n scales, each `scale`, and one zero point. */
float *builder_set_scales(graph_builder *b, int32_t value, int32_t n,
                          float scale, int32_t zero);
/* A tensor of the network, with the builder's scale if it is int8. */
int32_t builder_add_tensor(graph_builder *b, const char *stem, tin_type type,
                           int32_t rank, const int32_t *shape);
/* A table of integers such as paddings or axes. */
int32_t builder_add_integers(graph_builder *b, int32_t rank,
                             const int32_t *shape, const int32_t *list);
/* Weights whose sum of `taps` products keeps the magnitude of the input. The
 * channels of an int8 kernel have scales of their own. */
int32_t builder_add_weights(graph_builder *b, tin_type type, int32_t rank,
                            const int32_t *shape, int32_t axis, int32_t taps);
int32_t builder_add_bias(graph_builder *b, tin_type type, int32_t channels);
/* Adds an operator that makes `out`; returns that. */
int32_t builder_add_node(graph_builder *b, tin_op op, const int32_t *in,
                         int32_t n_in, int32_t out, const tin_attributes *attr);
/* An output of the input's type, scale and zero point. */
int32_t builder_add_alike(graph_builder *b, const char *stem, int32_t in,
                          int32_t rank, const int32_t *shape);

static inline int32_t extent(const graph_builder *b, int32_t value,
                             int32_t axis)
{
    return b->graph.values[value].shape[axis];
}

#endif /* GRAPH_BUILDER_PARTS_H */
