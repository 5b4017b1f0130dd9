/* SPDX-License-Identifier: MIT */
/*
 * budget.h: which layers get the fast kernels when flash is scarce.
 *
 * Packed weights of a fast kernel may take several times the room of those of
 * a slow one. Where there is a budget, the graph is lowered once to see what
 * each step could have; then what saves most time for a byte is bought first.
 */
#ifndef TIN_BUDGET_H
#define TIN_BUDGET_H

#include "variants.h"

/* A kernel that a step could have. A step is known by its layer and its number
 * in it: nodes may change places, steps of a layer do not. */
typedef struct {
    int32_t layer, number;
    const tin_variant *variant; /* NULL: the portable kernel */
    int64_t bytes, cycles;
    int taken; /* 1: it is the one */
} tin_offer;

typedef struct {
    tin_offer *offers; /* those of a step follow each other */
    int32_t n, cap;
} tin_offers;

/* The bytes of the first offers of all steps: what they have without a
 * budget. */
int64_t tin_first_offers(const tin_offers *o);

/* Takes the offers that fit into `bytes`; the sum of what was taken, or of the
 * smallest ones where that exceeds it. */
int64_t tin_spend(tin_offers *o, int64_t bytes);

/* The fastest offer for a step, if another one was taken, which is *instead;
 * else NULL. */
const tin_offer *tin_left_out(const tin_offers *o, int32_t layer,
                              int32_t number, const tin_offer **instead);

/* The variant that was taken for a step. */
const tin_variant *tin_taken(const tin_offers *o, int32_t layer,
                             int32_t number);

#endif /* TIN_BUDGET_H */
