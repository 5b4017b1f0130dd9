/* SPDX-License-Identifier: MIT */
/*
 * rects.c: a part of a problem as rectangles and slices.
 *
 * Time only matters as far as it tells which buffers are live together. A
 * slice is a largest set of buffers that are: it is complete just before the
 * first of them dies, if that makes room for another one. So there are no more
 * slices than buffers, and what happens between them needs no attention.
 *
 * The bound. In a slice all offsets are multiples of its unit, the smallest
 * alignment there, and so is the distance from one rect to the next above it.
 * So every rect but the highest takes its size padded to a multiple of the
 * unit: the peak is at least the sum of these less the largest padding.
 */
#include "skyline.h"

#include <string.h>

void *tin_plan_take(tin_plan_memory *memory, size_t count, size_t size)
{
    unsigned char *at = memory->base ? memory->base + memory->used : NULL;

    memory->used += (count * size + 7u) & ~(size_t)7u;
    return at;
}

void tin_rects_take(tin_rects *r, tin_plan_memory *memory, int32_t n)
{
    r->rects = tin_plan_take(memory, (size_t)n, sizeof *r->rects);
    r->slices = tin_plan_take(memory, (size_t)n, sizeof *r->slices);
}

/* The first time after `now` at which one of the first n buffers dies. */
static int32_t next_death(const tin_plan_part *part, int32_t n, int32_t now)
{
    int32_t soonest = INT32_MAX, i;

    for (i = 0; i < n; i++) {
        const int32_t upper = part->b[part->ids[i]].upper;

        if (upper > now && upper < soonest)
            soonest = upper;
    }
    return soonest;
}

/* Cuts time into slices, and lists the rects by their first slice. */
static void cut(tin_rects *r, const tin_plan_part *part)
{
    int32_t death = INT32_MIN, i;

    r->n = part->n;
    r->n_slices = 0;
    for (i = 0; i < r->n; i++) {
        const tin_plan_buffer *b = &part->b[part->ids[i]];
        tin_rect *x = &r->rects[i];

        if (b->lower >= death) {
            memset(&r->slices[r->n_slices++], 0, sizeof *r->slices);
            death = next_death(part, i, b->lower);
        }
        if (b->upper < death)
            death = b->upper;
        r->slices[r->n_slices - 1].time = b->lower;
        x->first = r->n_slices - 1;
        x->bytes = b->bytes;
        x->align = b->align;
        x->id = part->ids[i];
    }
    for (i = 0; i < r->n; i++) {
        tin_rect *x = &r->rects[i];

        for (x->end = x->first + 1;
             x->end < r->n_slices &&
             r->slices[x->end].time < part->b[x->id].upper;
             x->end++)
            continue;
    }
}

static int is_before(const tin_rect *a, const tin_rect *b)
{
    if (a->first != b->first)
        return a->first < b->first;
    if (a->end != b->end)
        return a->end < b->end;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes;
    return a->align < b->align;
}

/* First slices are in order: only those that share one change places. */
static void sort(tin_rects *r)
{
    int32_t i, k;

    for (i = 1; i < r->n; i++) {
        const tin_rect x = r->rects[i];

        for (k = i; k > 0 && is_before(&x, &r->rects[k - 1]); k--)
            r->rects[k] = r->rects[k - 1];
        r->rects[k] = x;
    }
}

void tin_rects_build(tin_rects *r, const tin_plan_part *part)
{
    int32_t i, k;

    cut(r, part);
    sort(r);
    for (i = 0; i < r->n; i++)
        for (k = r->rects[i].first; k < r->rects[i].end; k++)
            if (!r->slices[k].unit || r->rects[i].align < r->slices[k].unit)
                r->slices[k].unit = r->rects[i].align;
    for (i = 0; i < r->n; i++)
        for (k = r->rects[i].first; k < r->rects[i].end; k++) {
            const int32_t bytes = r->rects[i].bytes;
            tin_slice *s = &r->slices[k];
            const int64_t size = tin_plan_round_up(bytes, s->unit);

            s->load += size;
            if (size - bytes > s->spare)
                s->spare = (int32_t)(size - bytes);
        }
}

void tin_rects_bound(const tin_rects *r, tin_plan_part *part)
{
    int32_t k;

    for (k = 0; k < r->n_slices; k++) {
        const tin_slice *s = &r->slices[k];

        if (s->load - s->spare > part->bound) {
            part->bound = s->load - s->spare;
            part->binding_time = s->time;
        }
    }
}
