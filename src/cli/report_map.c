/* SPDX-License-Identifier: MIT */
/*
 * report_map.c: the arena over time, as SVG: time runs to the right, offsets
 * upwards. Here are the axes and the peak, in report_map_places.c what is in
 * the arena. See report_parts.h.
 */
#include <string.h>

#include "report_map.h"

enum {
    BELOW = 480,
    RIGHT = 160,
    LEAST_WIDTH = 8600,
    MOST_WIDTH = 24000,
    UNIT_WIDTH = 40 /* of time, where there is much of it */
};

int32_t tin_map_x(const tin_map *m, int32_t time)
{
    const tin_timeline *line = &m->line;
    const tin_span *s;

    if (time >= m->p->n_times)
        return TIN_MAP_LEFT + m->width;
    s = &line->spans[tin_report_span_at(line->spans, line->n_spans, time)];
    return TIN_MAP_LEFT + (int32_t)((int64_t)s->at * m->width / line->width);
}

int32_t tin_map_y(const tin_map *m, int64_t bytes)
{
    return TIN_MAP_TOP + TIN_MAP_HEIGHT -
           (int32_t)(bytes * TIN_MAP_HEIGHT / m->top);
}

/* ---- Axes --------------------------------------------------------------- */

/* 1, 2 or 5 times a power of ten: at most six lines. */
static int64_t grid_step(int64_t top)
{
    static const int64_t factor[] = {1, 2, 5};
    int64_t power = 1;

    for (;; power *= 10) {
        for (int32_t i = 0; i < 3; i++) {
            if (top / (factor[i] * power) <= 6)
                return factor[i] * power;
        }
    }
}

static void draw_grid(const tin_map *m)
{
    const int64_t step = grid_step(m->top);
    char n[TIN_NUMBER_SIZE];

    for (int64_t at = 0; at <= m->top; at += step) {
        const int32_t y = tin_map_y(m, at);

        tin_text_add(m->to,
                     "<path class=\"grid\" d=\"M%d %dH%d\"/><text x=\"%d\" "
                     "y=\"%d\" text-anchor=\"end\">%s</text>\n",
                     TIN_MAP_LEFT, (int)y, TIN_MAP_LEFT + (int)m->width,
                     TIN_MAP_LEFT - 80, (int)y + 38, tin_format_count(n, at));
    }
}

/* What works in a stage: "3", "3-9", or who, where no layer does. */
static char *stage_label(const tin_map *m, const tin_span *s,
                         char to[TIN_NUMBER_SIZE])
{
    if (s->first < 0)
        snprintf(to, TIN_NUMBER_SIZE, s->upper < m->p->n_times ? "in" : "out");
    else if (s->first == s->last)
        snprintf(to, TIN_NUMBER_SIZE, "%ld", (long)s->first);
    else
        snprintf(to, TIN_NUMBER_SIZE, "%ld-%ld", (long)s->first, (long)s->last);
    return to;
}

/* The pointer's hint: what works, and how much is in use. */
static void stage_title(const tin_map *m, const tin_span *s)
{
    char label[TIN_NUMBER_SIZE], n[TIN_NUMBER_SIZE];

    stage_label(m, s, label);
    tin_text_add(m->to, "<title>");
    if (s->first < 0)
        tin_text_add(m->to, "the caller %s",
                     *label == 'i' ? "writes the input" : "reads the output");
    else if (s->first == s->last)
        tin_text_add(
            m->to, "layer %s, %s", label,
            tin_report_escape(m->r->pool, m->p->layers[s->first].op, 40));
    else
        tin_text_add(m->to, "layers %s, row by row in %ld steps", label,
                     (long)s->upper - s->lower);
    tin_text_add(m->to, ": %s bytes in use</title>",
                 tin_format_count(n, s->live_bytes));
}

static void draw_stages(const tin_map *m)
{
    int32_t free_from = 0; // where the next label has room
    char label[TIN_NUMBER_SIZE];

    for (int32_t i = 0; i < m->line.n_stages; i++) {
        const tin_span *s = &m->line.stages[i];
        const int32_t x = tin_map_x(m, s->lower), end = tin_map_x(m, s->upper);
        const int32_t half =
            (int32_t)strlen(stage_label(m, s, label)) * TIN_MAP_LETTER / 2;
        const int32_t middle = x + (end - x) / 2;

        tin_text_add(m->to,
                     "<rect class=\"stage%s\" x=\"%d\" y=\"%d\" width=\"%d\" "
                     "height=\"%d\">",
                     i % 2 ? " odd" : "", (int)x, TIN_MAP_TOP, (int)(end - x),
                     TIN_MAP_HEIGHT);
        stage_title(m, s);
        tin_text_add(m->to, "</rect>\n");
        if (middle - half < free_from)
            continue;
        free_from = middle + half + TIN_MAP_LETTER;
        tin_text_add(m->to,
                     "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s"
                     "</text>\n",
                     (int)middle, TIN_MAP_TOP + TIN_MAP_HEIGHT + 180, label);
    }
}

/* ---- The peak ----------------------------------------------------------- */

static void draw_peak(const tin_map *m)
{
    const tin_plan_result *plan = &m->p->plan;
    const int32_t y = tin_map_y(m, plan->peak_bytes);
    char n[TIN_NUMBER_SIZE], proof[TIN_SHAPE_SIZE];

    tin_text_add(m->to,
                 "<path class=\"peak\" d=\"M%d %dH%d\"/><text class=\"strong\" "
                 "x=\"%d\" y=\"%d\">peak: %s bytes, %s</text>\n",
                 TIN_MAP_LEFT, (int)y, TIN_MAP_LEFT + (int)m->width,
                 TIN_MAP_LEFT, (int)y - 80,
                 tin_format_count(n, plan->peak_bytes),
                 tin_format_proof(proof, m->p));
    if (plan->optimal)
        return;
    tin_text_add(m->to,
                 "<path class=\"bound\" d=\"M%d %dH%d\"><title>lower bound: "
                 "%s bytes</title></path>\n",
                 TIN_MAP_LEFT, (int)tin_map_y(m, plan->lower_bound_bytes),
                 TIN_MAP_LEFT + (int)m->width,
                 tin_format_count(n, plan->lower_bound_bytes));
}

/* An arrow under the moment whose bytes give the bound. */
static void draw_binding(const tin_map *m)
{
    const int32_t time = m->p->plan.binding_time;
    const int32_t layer = tin_report_binding_layer(m->p);
    const int32_t i = tin_report_span_at(m->line.spans, m->line.n_spans, time);
    const tin_span *s = &m->line.spans[i];
    const int32_t from = tin_map_x(m, s->lower), end = tin_map_x(m, s->upper);
    const int32_t x = from + (end - from) / 2;
    const int far = x > TIN_MAP_LEFT + m->width / 2;
    const int32_t y = TIN_MAP_TOP + TIN_MAP_HEIGHT + 260;

    tin_text_add(m->to,
                 "<path class=\"mark\" d=\"M%d %dl80 150h-160z\"/><text "
                 "class=\"strong\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">",
                 (int)x, (int)y, (int)x + (far ? -140 : 140), (int)y + 140,
                 far ? "end" : "start");
    if (layer >= 0)
        tin_text_add(m->to, "sets the bound: layer %ld, %s", (long)layer,
                     tin_report_escape(m->r->pool, m->p->layers[layer].op, 40));
    else
        tin_text_add(m->to, "sets the bound: the network's %s",
                     time == 0 ? "input" : "output");
    tin_text_add(m->to, "</text>\n");
}

/* ---- All ---------------------------------------------------------------- */

static int64_t end_of(const tin_program *p)
{
    int64_t top = p->plan.peak_bytes > 0 ? p->plan.peak_bytes : 1;

    for (int32_t i = 0; i < p->n_places; i++) {
        const tin_place *place = &p->places[i];

        if ((int64_t)place->offset + place->bytes > top)
            top = (int64_t)place->offset + place->bytes;
    }
    return top;
}

/* What marks rings and scratch besides their colours. */
static const char patterns[] =
    "<defs><pattern id=\"rows\" width=\"50\" height=\"50\" "
    "patternUnits=\"userSpaceOnUse\"><path class=\"bands\" "
    "d=\"M0 25h50\"/></pattern><pattern id=\"scratch\" width=\"70\" "
    "height=\"70\" patternUnits=\"userSpaceOnUse\" "
    "patternTransform=\"rotate(45)\"><path class=\"hatch\" d=\"M35 0v70\"/>"
    "</pattern></defs>\n";

static void draw(const tin_map *m)
{
    tin_text_add(m->to, "%s", patterns);
    draw_stages(m);
    draw_grid(m);
    tin_map_places(m);
    draw_peak(m);
    tin_map_labels(m);
    draw_binding(m);
}

void tin_report_map(const tin_report *r, tin_text *to)
{
    tin_map m = {.r = r, .p = tin_report_stacked(r), .to = to};
    int64_t width;

    if (tin_report_timeline(r->pool, m.p, &m.line) != TIN_OK) {
        tin_text_add(to, "<p>There is no map of this plan.</p>\n");
        return;
    }
    width = (int64_t)m.line.width * UNIT_WIDTH + TIN_MAP_LEFT + RIGHT;
    width = width < LEAST_WIDTH ? LEAST_WIDTH : width;
    width = width > MOST_WIDTH ? MOST_WIDTH : width;
    m.width = (int32_t)width - TIN_MAP_LEFT - RIGHT;
    m.top = end_of(m.p);
    tin_text_add(to,
                 "<svg class=\"map\" role=\"img\" aria-label=\"The arena over "
                 "time\" viewBox=\"0 0 %d %d\" style=\"min-width:%dpx\">\n",
                 (int)width, TIN_MAP_TOP + TIN_MAP_HEIGHT + BELOW,
                 (int)width / 10);
    draw(&m);
    tin_text_add(to, "</svg>\n");
}
