/* SPDX-License-Identifier: MIT */
/*
 * boxes.c: builds the boxes and sections of a part and bounds them; see
 * boxes.h.
 */
#include "boxes.h"

#include <string.h>

static int32_t trail_length(int32_t n)
{
    return n * n + 64 * n;
}

size_t tin_plan_search_size(int32_t n)
{
    const size_t k = (size_t)n;

    return k * (sizeof(tin_box) + sizeof(tin_section)) +
           k * k * sizeof(tin_entry) +
           (size_t)trail_length(n) * sizeof(tin_plan_change) +
           k * k * sizeof(int16_t) + 8;
}

static const tin_plan_buffer *buffer(const tin_boxes *s, int32_t i)
{
    return &s->p->b[s->p->ids[i]];
}

/* ---- Building ------------------------------------------------------------ */

static void build_boxes(tin_boxes *s)
{
    int32_t i, k, count = 0;

    for (i = 0; i < s->n_boxes; i++) {
        tin_box *x = &s->boxes[i];

        x->bytes = buffer(s, i)->bytes;
        x->align = buffer(s, i)->align;
        x->start = count;
        for (k = 0; k < s->n_boxes; k++) {
            if (k == i || !tin_plan_meet(buffer(s, i), buffer(s, k)))
                continue;
            if (!tin_box_distance(s, i, k) || !tin_box_distance(s, k, i))
                s->zeros = 1;
            if (tin_box_distance(s, i, k) || tin_box_distance(s, k, i))
                s->near[count++] = (int16_t)k;
        }
        x->end = count;
    }
}

static int live_at(const tin_boxes *s, int32_t i, int32_t time)
{
    return buffer(s, i)->lower <= time && time < buffer(s, i)->upper;
}

/* Is no buffer's end between this lower and the next? Then the next time has
 * all the buffers of this one. */
static int is_contained(const tin_boxes *s, int32_t i)
{
    int32_t k;

    if (i + 1 == s->n_boxes)
        return 0;
    for (k = 0; k <= i; k++)
        if (live_at(s, k, buffer(s, i)->lower) &&
            buffer(s, k)->upper <= buffer(s, i + 1)->lower)
            return 0;
    return 1;
}

static int32_t need_at(const tin_boxes *s, int32_t i, int32_t time)
{
    int32_t need = s->boxes[i].bytes, k;

    for (k = 0; k < s->n_boxes; k++)
        if (k != i && live_at(s, k, time) && tin_box_distance(s, i, k) < need)
            need = tin_box_distance(s, i, k);
    return need;
}

static void build_sections(tin_boxes *s)
{
    int32_t i, k, count = 0;

    s->n_sections = 0;
    for (i = 0; i < s->n_boxes; i++)
        s->boxes[i].first = -1;
    for (i = 0; i < s->n_boxes; i++) {
        tin_section *x = &s->sections[s->n_sections];

        if (is_contained(s, i))
            continue;
        x->time = buffer(s, i)->lower;
        x->start = count;
        for (k = 0; k <= i; k++) {
            if (!live_at(s, k, x->time))
                continue;
            s->entries[count].buffer = k;
            s->entries[count++].need =
                s->p->distance ? need_at(s, k, x->time) : s->boxes[k].bytes;
            if (s->boxes[k].first < 0)
                s->boxes[k].first = s->n_sections;
            s->boxes[k].last = s->n_sections;
        }
        x->end = count;
        s->n_sections++;
    }
}

static int are_twins(const tin_boxes *s, int32_t i, int32_t j)
{
    const tin_plan_buffer *a = buffer(s, i), *b = buffer(s, j);
    int32_t k;

    if (a->lower != b->lower || a->upper != b->upper || a->bytes != b->bytes ||
        a->align != b->align ||
        tin_box_distance(s, i, j) != tin_box_distance(s, j, i))
        return 0;
    for (k = 0; k < s->n_boxes && s->p->distance; k++)
        if (k != i && k != j &&
            (tin_box_distance(s, i, k) != tin_box_distance(s, j, k) ||
             tin_box_distance(s, k, i) != tin_box_distance(s, k, j)))
            return 0;
    return 1;
}

void tin_boxes_find_twins(tin_boxes *s)
{
    int32_t i, k;

    for (i = 0; i < s->n_boxes; i++) {
        s->boxes[i].twin = -1;
        for (k = i - 1; k >= 0 && s->boxes[i].twin < 0; k--)
            if (are_twins(s, k, i))
                s->boxes[i].twin = k;
    }
}

/* Takes away buffers that no other comes before; what stays has a circle. */
void tin_boxes_find_circle(tin_boxes *s)
{
    int32_t i, k, left = s->n_boxes, before = -1;

    for (i = 0; i < s->n_boxes; i++)
        s->boxes[i].placed = 0;
    while (left != before) {
        before = left;
        for (i = 0; i < s->n_boxes; i++) {
            const tin_box *x = &s->boxes[i];

            for (k = x->start; k < x->end; k++)
                if (!s->boxes[s->near[k]].placed &&
                    tin_box_comes_first(s, s->near[k], i))
                    break;
            if (k == x->end && !x->placed) {
                s->boxes[i].placed = 1;
                left--;
            }
        }
    }
    s->circle = left > 0;
}

void tin_boxes_build(tin_boxes *s, tin_plan_part *p, void *work)
{
    const size_t n = (size_t)p->n;

    memset(s, 0, sizeof *s);
    s->p = p;
    s->n_boxes = p->n;
    s->entries = work;
    s->boxes = (tin_box *)(void *)(s->entries + n * n);
    s->sections = (tin_section *)(void *)(s->boxes + n);
    s->trail = (tin_plan_change *)(void *)(s->sections + n);
    s->cap_trail = trail_length(p->n);
    s->near = (int16_t *)(void *)(s->trail + s->cap_trail);
    s->random = 88172645u;
    build_boxes(s);
    build_sections(s);
}

/* ---- Bounds -------------------------------------------------------------- */

/* Sorts the section's entries by `low`; they nearly are. */
static void sort_entries(tin_boxes *s, const tin_section *x)
{
    int32_t i, k;

    for (i = x->start + 1; i < x->end; i++) {
        const tin_entry e = s->entries[i];
        const int32_t low = s->boxes[e.buffer].low;

        for (k = i; k > x->start; k--) {
            if (s->boxes[s->entries[k - 1].buffer].low <= low)
                break;
            s->entries[k] = s->entries[k - 1];
        }
        s->entries[k] = e;
    }
}

/* The peak that the section needs at least; 0: all is placed. */
static int64_t need_of(tin_boxes *s, tin_section *x)
{
    int64_t top = 0;
    int32_t rest = INT32_MAX, k;

    sort_entries(s, x);
    x->low = x->next = INT32_MAX;
    x->count = 0;
    for (k = x->start; k < x->end; k++) {
        const tin_entry *e = &s->entries[k];
        const tin_box *b = &s->boxes[e->buffer];

        if (b->placed)
            continue;
        if (x->low == INT32_MAX)
            x->low = b->low;
        if (b->low == x->low)
            x->count++;
        else if (x->next == INT32_MAX)
            x->next = b->low;
        if (top < b->low)
            top = b->low;
        top += e->need;
        if (b->bytes - e->need < rest)
            rest = b->bytes - e->need;
    }
    return rest == INT32_MAX ? 0 : top + rest;
}

int tin_boxes_fit(tin_boxes *s, int64_t peak)
{
    if (peak <= s->capacity)
        return 1;
    if (peak < s->excess)
        s->excess = peak;
    return 0;
}

int tin_boxes_update(tin_boxes *s, tin_sections r)
{
    int ok = 1;
    int32_t i;

    for (i = r.first; i <= r.last; i++) {
        const int64_t need = need_of(s, &s->sections[i]);

        ok &= tin_boxes_fit(s, need);
        s->sections[i].slack =
            need > s->capacity ? 0 : (int32_t)(s->capacity - need);
    }
    return ok;
}

void tin_boxes_reset(tin_boxes *s)
{
    int32_t i;

    for (i = 0; i < s->n_boxes; i++) {
        tin_box *x = &s->boxes[i];

        x->floor = x->low = x->placed = x->deferred = 0;
    }
    s->left = s->n_boxes;
    s->n_trail = 0;
}

void tin_plan_bound(tin_plan_part *p, void *work)
{
    tin_boxes s;
    int32_t i;

    tin_boxes_build(&s, p, work);
    tin_boxes_reset(&s);
    p->bound = 0;
    for (i = 0; i < s.n_sections; i++)
        if (need_of(&s, &s.sections[i]) > p->bound) {
            p->bound = need_of(&s, &s.sections[i]);
            p->binding_time = s.sections[i].time;
        }
    for (i = 0; i < s.n_boxes; i++)
        if (s.boxes[i].bytes > p->bound) {
            p->bound = s.boxes[i].bytes;
            p->binding_time = buffer(&s, i)->lower;
        }
}
