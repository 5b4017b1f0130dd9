/* SPDX-License-Identifier: MIT */
/*
 * slide.h: networks over time that run on and on.
 *
 * The network looks at a window of rows of its input. When `hop` more rows have
 * come the window moves on by as many, and most of what was computed for the
 * last window is right for the next one too: row y of a layer has become row
 * y - hop of it. So the whole is the same as one pass over an endless input,
 * in which every layer computes each of its rows once, and what looked at a
 * whole window, a global pool or a dense layer over all rows, becomes a window
 * operator that moves on from hop to hop. This holds as long as no layer pads
 * its rows: padding belongs to one window and not to the next.
 *
 * The pass makes the input so many rows longer that some windows fit in one
 * after the other; at run time the counts of rows are set back from time to
 * time, so that the end is never reached.
 */
#ifndef TIN_SLIDE_H
#define TIN_SLIDE_H

#include "graph.h"

/* What a value has along time. */
typedef struct {
    int32_t rows; /* in one window; 0: the value does not depend on time */
    int32_t hop;  /* by which it moves on from window to window */
    int32_t axis; /* of its shape */
} tin_span;

/* Rewrites the graph for a hop of the input's rows; *spans has one entry for
 * each value. Refuses a network that cannot slide, naming the layer. */
tin_status tin_slide(tin_graph *graph, int32_t hop, tin_span **spans,
                     tin_diag *diag) TIN_WARN_UNUSED;

/* Makes all shapes those of 1 + more windows. Refuses what then has 2^31 bytes
 * or more. */
tin_status tin_slide_stretch(tin_graph *graph, const tin_span *spans,
                             int32_t more, tin_diag *diag) TIN_WARN_UNUSED;

#endif /* TIN_SLIDE_H */
