/* SPDX-License-Identifier: MIT */
/* report_timeline.c: the moments of an inference, gathered so that they can
 * be drawn. See report_parts.h. */
#include <stdlib.h>
#include <string.h>

#include "report_parts.h"

enum { CUT_SPAN = 1, CUT_STAGE = 2 }; // before this time

typedef struct {
    const tin_program *program;
    uint8_t *cuts;             /* [n_times + 1] */
    int32_t *until;            /* per layer: the last time at which it works */
    const tin_place **upwards; /* places by their offsets */
    tin_span *spans;
    int32_t n_spans;
} timeline;

static int make_room(timeline *t, tin_pool *pool)
{
    const tin_program *p = t->program;
    const uint64_t n = (uint64_t)p->n_times + 1;

    t->cuts = tin_pool_alloc(pool, n);
    t->until = tin_pool_alloc(pool, (uint64_t)p->n_layers * sizeof *t->until);
    t->upwards =
        tin_pool_alloc(pool, (uint64_t)p->n_places * sizeof *t->upwards);
    t->spans = tin_pool_alloc(pool, n * sizeof *t->spans);
    return t->cuts && t->until && t->upwards && t->spans;
}

/* A stage begins where all layers that have worked so far are done. */
static void cut_stages(timeline *t)
{
    const tin_program *p = t->program;
    int32_t furthest = -1;

    for (int32_t time = 0; time < p->n_times; time++) {
        if (p->layer_at[time] >= 0)
            t->until[p->layer_at[time]] = time;
    }
    for (int32_t time = 0; time < p->n_times; time++) {
        const int32_t layer = p->layer_at[time];

        if (furthest < time)
            t->cuts[time] = CUT_STAGE | CUT_SPAN;
        if (layer >= 0 && t->until[layer] > furthest)
            furthest = t->until[layer];
    }
}

static void cut_spans(timeline *t)
{
    const tin_program *p = t->program;

    for (int32_t i = 0; i < p->n_places; i++) {
        const tin_place *place = &p->places[i];

        t->cuts[place->lower] |= CUT_SPAN;
        t->cuts[place->upper] |= CUT_SPAN;
    }
}

/* Units that n moments take: 1, 2 for 2, 3 for 4, 4 for 8 .. */
static int32_t width_of(int32_t n)
{
    int32_t width = 1;

    while (n >>= 1)
        width++;
    return width;
}

static void note_layer(tin_span *s, int32_t layer)
{
    if (layer < 0)
        return;
    if (s->first < 0 || layer < s->first)
        s->first = layer;
    if (layer > s->last)
        s->last = layer;
}

static int compare_offsets(const void *a, const void *b)
{
    const tin_place *const *p = a, *const *q = b;

    return ((*p)->offset > (*q)->offset) - ((*p)->offset < (*q)->offset);
}

static void sort_places(timeline *t)
{
    const tin_program *p = t->program;

    for (int32_t i = 0; i < p->n_places; i++)
        t->upwards[i] = &p->places[i];
    qsort(t->upwards, (size_t)p->n_places, sizeof *t->upwards, compare_offsets);
}

/* Bytes that belong to something then; once only where things overlap. */
static int64_t live_bytes(const timeline *t, int32_t time)
{
    int64_t live = 0, end = 0;

    for (int32_t i = 0; i < t->program->n_places; i++) {
        const tin_place *p = t->upwards[i];
        const int64_t upper = (int64_t)p->offset + p->bytes;

        if (time < p->lower || time >= p->upper || upper <= end)
            continue;
        live += upper - (p->offset > end ? p->offset : end);
        end = upper;
    }
    return live;
}

/* From each cut to the next. */
static void make_spans(timeline *t)
{
    const tin_program *p = t->program;
    tin_span *s = NULL;

    for (int32_t time = 0; time < p->n_times; time++) {
        if (t->cuts[time]) {
            s = &t->spans[t->n_spans++];
            s->lower = time;
            s->first = s->last = -1;
            s->live_bytes = live_bytes(t, time);
        }
        s->upper = time + 1; // there is a span: time 0 is a cut
        note_layer(s, p->layer_at[time]);
    }
}

static int32_t lay_out(timeline *t)
{
    int32_t at = 0;

    for (int32_t i = 0; i < t->n_spans; i++) {
        tin_span *s = &t->spans[i];

        s->at = at;
        s->width = width_of(s->upper - s->lower);
        at += s->width;
    }
    return at;
}

static void join(tin_span *stage, const tin_span *s)
{
    stage->upper = s->upper;
    stage->width += s->width;
    note_layer(stage, s->first);
    note_layer(stage, s->last);
    if (s->live_bytes > stage->live_bytes)
        stage->live_bytes = s->live_bytes;
}

/* Spans up to the next cut between stages become one. */
static int32_t make_stages(const timeline *t, tin_span *stages)
{
    int32_t n = 0;

    for (int32_t i = 0; i < t->n_spans; i++) {
        const tin_span *s = &t->spans[i];

        if (t->cuts[s->lower] & CUT_STAGE)
            stages[n++] = *s;
        else
            join(&stages[n - 1], s); // time 0 begins a stage
    }
    return n;
}

tin_status tin_report_timeline(tin_pool *pool, const tin_program *p,
                               tin_timeline *line)
{
    timeline t = {.program = p};
    tin_span *stages;

    memset(line, 0, sizeof *line);
    if (!p->places || !p->layer_at || p->n_places == 0 || p->n_times == 0)
        return TIN_ERR_ARG;
    if (!make_room(&t, pool))
        return TIN_ERR_MEMORY;
    cut_stages(&t);
    cut_spans(&t);
    sort_places(&t);
    make_spans(&t);
    stages = tin_pool_alloc(pool, (uint64_t)t.n_spans * sizeof *stages);
    if (!stages)
        return TIN_ERR_MEMORY;
    line->width = lay_out(&t);
    line->n_stages = make_stages(&t, stages);
    line->spans = t.spans;
    line->n_spans = t.n_spans;
    line->stages = stages;
    return TIN_OK;
}

int32_t tin_report_span_at(const tin_span *spans, int32_t n, int32_t time)
{
    int32_t low = 0, high = n - 1;

    while (low < high) {
        const int32_t middle = low + (high - low) / 2;

        if (spans[middle].upper > time)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}
