/* SPDX-License-Identifier: MIT */
/*
 * decide.c: decides about one box, and takes decisions back; see boxes.h.
 */
#include "boxes.h"

static void widen(tin_sections *r, const tin_box *x)
{
    if (x->first < r->first)
        r->first = x->first;
    if (x->last > r->last)
        r->last = x->last;
}

/* Remembers box i before a change. There is room, see run. */
static void remember(tin_boxes *s, int32_t i)
{
    const tin_box *x = &s->boxes[i];
    tin_plan_change *c = &s->trail[s->n_trail++];

    c->buffer = i;
    c->floor = x->floor;
    c->low = x->low;
    c->deferred = x->deferred;
}

/* All neighbours still to be placed will lie above: raises their floors. */
int tin_box_place(tin_boxes *s, int32_t i)
{
    tin_box *x = &s->boxes[i];
    tin_sections r = {x->first, x->last};
    tin_plan_change *c = &s->trail[s->n_trail++];
    int ok = 1;
    int32_t k;

    c->buffer = -1 - i;
    x->placed = 1;
    s->left--;
    for (k = x->start; k < x->end; k++) {
        const int32_t j = s->near[k];
        tin_box *y = &s->boxes[j];
        const int64_t floor = tin_plan_round_up(
            (int64_t)x->floor + tin_box_distance(s, i, j), y->align);

        if (y->placed || floor <= y->floor)
            continue;
        if (!tin_boxes_fit(s, floor + y->bytes)) {
            ok = 0;
            continue;
        }
        remember(s, j);
        y->floor = (int32_t)floor;
        y->deferred = 0;
        if (y->low < y->floor)
            y->low = y->floor;
        widen(&r, y);
    }
    return tin_boxes_update(s, r) && ok;
}

/* Raises `low` of deferred box i to what the neighbours that may be in its way
 * leave. 0: there are none, or they leave nothing. */
static int raise(tin_boxes *s, int32_t i, tin_sections *r)
{
    tin_box *x = &s->boxes[i];
    int64_t low = INT64_MAX;
    int32_t k;

    for (k = x->start; k < x->end; k++) {
        const int32_t j = s->near[k];
        const tin_box *y = &s->boxes[j];

        if (!y->placed &&
            y->low < (int64_t)x->floor + tin_box_distance(s, i, j) &&
            y->low + (int64_t)tin_box_distance(s, j, i) < low)
            low = y->low + (int64_t)tin_box_distance(s, j, i);
    }
    if (low == INT64_MAX)
        return 0;
    if (low <= x->floor)
        low = x->floor + 1;
    low = tin_plan_round_up(low, x->align);
    if (!tin_boxes_fit(s, low + x->bytes))
        return 0;
    if (low > x->low) {
        remember(s, i);
        x->low = (int32_t)low;
        widen(r, x);
    }
    return 1;
}

int tin_box_defer(tin_boxes *s, int32_t i)
{
    tin_sections r = {INT32_MAX, -1};
    int32_t k;

    for (k = i; k < s->n_boxes; k++) {
        tin_box *x = &s->boxes[k];

        if (k != i && (x->placed || x->deferred || x->twin < 0 ||
                       !s->boxes[x->twin].deferred ||
                       x->floor != s->boxes[x->twin].floor))
            continue;
        remember(s, k);
        x->deferred = 1;
        if (!raise(s, k, &r))
            return 0;
    }
    return tin_boxes_update(s, r);
}

int tin_boxes_raise(tin_boxes *s)
{
    tin_sections r = {INT32_MAX, -1};
    int32_t i;

    for (i = 0; i < s->n_boxes; i++)
        if (!s->boxes[i].placed && s->boxes[i].deferred && !raise(s, i, &r))
            return 0;
    return r.last >= 0 && tin_boxes_update(s, r);
}

int32_t tin_boxes_undo(tin_boxes *s)
{
    tin_sections r = {INT32_MAX, -1};

    while (s->n_trail > 0) {
        const tin_plan_change *c = &s->trail[--s->n_trail];
        const int32_t i = c->buffer < 0 ? -1 - c->buffer : c->buffer;
        tin_box *x = &s->boxes[i];

        widen(&r, x);
        if (c->buffer < 0) {
            x->placed = 0;
            s->left++;
            (void)tin_boxes_update(s, r);
            return i;
        }
        x->floor = c->floor;
        x->low = c->low;
        x->deferred = c->deferred;
    }
    return -1;
}
