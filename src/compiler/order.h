/* SPDX-License-Identifier: MIT */
/*
 * order.h: the orders in which a graph's nodes can run. A chain has one; with
 * branches the order decides what must be kept in memory meanwhile.
 */
#ifndef TIN_ORDER_H
#define TIN_ORDER_H

#include "graph.h"

typedef struct {
    const tin_graph *graph;
    int32_t *waits;  /* per node: inputs that are not made yet */
    int32_t *ready;  /* nodes that could come next, smallest first */
    int32_t *choice; /* per place: which of the ready ones came */
    int32_t *most;   /* per place: how many were ready */
    int32_t *order;  /* the result: nodes */
} tin_orders;

/* Returns 0 without memory. */
int tin_orders_init(tin_orders *o, const tin_graph *graph);

/* The order of the file. */
void tin_first_order(tin_orders *o);
/* The next one of all orders. Returns 0 after the last. */
int tin_next_order(tin_orders *o);

/* An order that at each place takes the node that adds least to what lives. */
void tin_greedy_order(tin_orders *o);
/* An order that finishes a branch before it begins another one. */
void tin_deep_order(tin_orders *o);

#endif /* TIN_ORDER_H */
