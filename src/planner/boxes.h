/* SPDX-License-Identifier: MIT */
/*
 * boxes.h: the state of the exact search for one part: boxes.c builds it and
 * knows its bounds, decide.c changes it, search.c chooses what to change.
 *
 * Of all plans of least peak take one with the least sum of offsets. In it no
 * buffer can be moved to a lower place while the others stay; so each lies at
 * the largest off_p + d(p, b), rounded up, over the buffers p below it that
 * live with it, its *floor*. The search decides from below: b is *lowest*, and
 * may be decided about, when no neighbour still to be placed can come to lie
 * below b's floor f. Either b is placed there, and all those neighbours will
 * lie above it; or b is *deferred*: then one of them, q, must be in the way,
 * f <= off_q < f + d(b, q), and b lies at off_q + d(q, b) or above. If there
 * is no such q the branch holds no such plan.
 *
 * Bounds: `low` of a buffer is its floor or, once deferred, the least that a q
 * in the way leaves. The buffers still to be placed that are live at one
 * time t lie one above the other, in some order u1 .. uk. With need(u) the
 * least d(u, q) over all q live at t, or bytes(u) if there is none, they do so
 * like jobs on one machine: u starts no earlier than low(u), and the next one
 * no earlier than need(u) after it. The last job ends earliest in the order of
 * `low`; the top of uk is bytes(uk) - need(uk) above that end, at least the
 * least such difference. Only times are looked at whose live buffers are not
 * all live at another: the *sections*.
 *
 * Buffers with the same life, size and distances are interchangeable: the
 * later *twin* is never below the earlier one.
 *
 * A pair with d(a, b) = 0 < d(b, a) can have equal offsets, and then a
 * is decided about first. That is no order if such pairs form a circle; then
 * plans may be missed, and the bound is left as it was.
 */
#ifndef TIN_BOXES_H
#define TIN_BOXES_H

#include "planner.h"

/* A change to undo, or a decision. */
typedef struct {
    int32_t buffer; /* a decision to place b: -1 - b */
    int32_t floor;  /* before; a decision's height */
    int32_t low;
    int32_t deferred;
} tin_plan_change;

typedef struct {
    int32_t bytes, align;
    int32_t first, last; /* sections */
    int32_t start, end;  /* of its neighbours in `near` */
    int32_t twin;        /* or -1 */
    int32_t floor, low;
    int32_t placed, deferred;
} tin_box;

typedef struct {
    int32_t start, end;  /* of its entries */
    int32_t low;         /* the least of its boxes still to be placed */
    int32_t slack;       /* bytes below the capacity that may be wasted */
    int32_t count, next; /* of those: with that `low`; the next `low` */
    int32_t time;
} tin_section;

/* A buffer in a section. */
typedef struct {
    int32_t buffer, need;
} tin_entry;

typedef struct {
    tin_plan_part *p;
    tin_box *boxes;
    tin_section *sections;
    tin_entry *entries;
    int16_t *near; /* neighbours: those live at the same time that cannot
                      have any place independently of each other */
    tin_plan_change *trail;
    int32_t n_boxes, n_sections, n_trail, cap_trail;
    int32_t left; /* not yet placed */
    int64_t capacity;
    int64_t excess;    /* least peak that was cut off */
    int zeros, circle; /* pairs with a distance of 0; in a circle */
    int32_t strategy;
    uint32_t random;
} tin_boxes;

/* The sections from first to last. */
typedef struct {
    int32_t first, last;
} tin_sections;

static inline int32_t tin_box_distance(const tin_boxes *s, int32_t below,
                                       int32_t above)
{
    return tin_plan_distance(s->p, s->p->ids[below], s->p->ids[above]);
}

/* May b be placed at the offset of a, and a then be found in the way? Then the
 * decision about a comes first. */
static inline int tin_box_comes_first(const tin_boxes *s, int32_t a, int32_t b)
{
    return tin_box_distance(s, a, b) == 0 && tin_box_distance(s, b, a) > 0;
}

/* Makes boxes and sections of a part; nothing is placed. */
void tin_boxes_build(tin_boxes *s, tin_plan_part *p, void *work);

void tin_boxes_find_twins(tin_boxes *s);
void tin_boxes_find_circle(tin_boxes *s);

/* Takes all boxes away again. */
void tin_boxes_reset(tin_boxes *s);

/* Is this peak within the capacity? If not, remembers the least one. */
int tin_boxes_fit(tin_boxes *s, int64_t peak);

/* Finds the bounds of these sections anew; 0: one exceeds the capacity. */
int tin_boxes_update(tin_boxes *s, tin_sections r);

/* Places a lowest box at its floor; 0: no plan of this capacity has it there.
 * Needs, as do the next three: room for 2 n_boxes + 1 changes. */
int tin_box_place(tin_boxes *s, int32_t i);

/* Decides that a lowest box is not placed at its floor, nor are its later
 * twins; 0: no plan of this capacity has it higher. */
int tin_box_defer(tin_boxes *s, int32_t i);

/* Raises all deferred boxes to where they can be by now; 0: one cannot be
 * placed, or none was raised. */
int tin_boxes_raise(tin_boxes *s);

/* Takes back the last tin_box_place and all changes since; returns its box, or
 * -1: there is none left. */
int32_t tin_boxes_undo(tin_boxes *s);

#endif /* TIN_BOXES_H */
