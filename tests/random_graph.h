/* SPDX-License-Identifier: MIT */
/*
 * random_graph.h: a network at random.
 *
 * Up to 20 nodes of nearly all operators, int8 or float, over small tensors,
 * whose branches part and meet, with one or more inputs and outputs.
 */
#ifndef RANDOM_GRAPH_H
#define RANDOM_GRAPH_H

#include "graph_builder.h"

/* The same network whenever the seed is the same; it lives in the pool. NULL:
 * out of memory. */
tin_graph *random_graph(tin_pool *pool, uint32_t seed);

#endif /* RANDOM_GRAPH_H */
