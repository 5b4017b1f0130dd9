/* SPDX-License-Identifier: MIT */
/*
 * report_map.c: the arena over time, as SVG: time runs to the right, offsets
 * upwards, and each thing in the arena is a rectangle. Numbers are whole, a
 * unit is a tenth of a pixel at full width. See report_parts.h.
 */
#include <string.h>

#include "report_parts.h"

enum {
    LEFT = 720,
    TOP = 340,
    PLOT_HEIGHT = 3600,
    BELOW = 480,
    RIGHT = 160,
    LEAST_WIDTH = 8600,
    MOST_WIDTH = 24000,
    UNIT_WIDTH = 60, /* of time, where there is much of it */
    LETTER = 68      /* width of one, about */
};

typedef struct {
    const tin_report *r;
    const tin_program *p;
    tin_text *to;
    tin_timeline line;
    int32_t width; /* of the plot */
    int64_t top;   /* bytes that its height stands for */
} map;

static int32_t x_of(const map *m, int32_t time)
{
    const tin_timeline *line = &m->line;
    const tin_span *s;

    if (time >= m->p->n_times)
        return LEFT + m->width;
    s = &line->spans[tin_report_span_at(line->spans, line->n_spans, time)];
    return LEFT + (int32_t)((int64_t)s->at * m->width / line->width);
}

static int32_t y_of(const map *m, int64_t bytes)
{
    return TOP + PLOT_HEIGHT - (int32_t)(bytes * PLOT_HEIGHT / m->top);
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

static void draw_grid(const map *m)
{
    const int64_t step = grid_step(m->top);
    char n[TIN_NUMBER_SIZE];

    for (int64_t at = 0; at <= m->top; at += step) {
        const int32_t y = y_of(m, at);

        tin_text_add(m->to,
                     "<path class=\"grid\" d=\"M%d %dH%d\"/><text x=\"%d\" "
                     "y=\"%d\" text-anchor=\"end\">%s</text>\n",
                     LEFT, (int)y, LEFT + (int)m->width, LEFT - 80, (int)y + 38,
                     tin_format_count(n, at));
    }
}

/* What works in a stage: "3", "3-9", or who, where no layer does. */
static char *stage_label(const map *m, const tin_span *s,
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
static void stage_title(const map *m, const tin_span *s)
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

static void draw_stages(const map *m)
{
    int32_t free_from = 0; // where the next label has room
    char label[TIN_NUMBER_SIZE];

    for (int32_t i = 0; i < m->line.n_stages; i++) {
        const tin_span *s = &m->line.stages[i];
        const int32_t x = x_of(m, s->lower), end = x_of(m, s->upper);
        const int32_t half =
            (int32_t)strlen(stage_label(m, s, label)) * LETTER / 2;
        const int32_t middle = x + (end - x) / 2;

        tin_text_add(m->to,
                     "<rect class=\"stage%s\" x=\"%d\" y=\"%d\" width=\"%d\" "
                     "height=\"%d\">",
                     i % 2 ? " odd" : "", (int)x, TOP, (int)(end - x),
                     PLOT_HEIGHT);
        stage_title(m, s);
        tin_text_add(m->to, "</rect>\n");
        if (middle - half < free_from)
            continue;
        free_from = middle + half + LETTER;
        tin_text_add(m->to,
                     "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s"
                     "</text>\n",
                     (int)middle, TOP + PLOT_HEIGHT + 180, label);
    }
}

/* ---- Places ------------------------------------------------------------- */

typedef struct {
    int32_t x, y, width, height;
} box;

static box box_of(const map *m, const tin_place *place)
{
    box b;

    b.x = x_of(m, place->lower);
    b.y = y_of(m, (int64_t)place->offset + place->bytes);
    b.width = x_of(m, place->upper) - b.x;
    b.height = y_of(m, place->offset) - b.y;
    if (b.height < 15) // a few bytes are to be seen, too
        b.height = 15;
    return b;
}

static void put_box(tin_text *to, const char *kind, const box *b,
                    const char *more)
{
    tin_text_add(to,
                 "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" "
                 "height=\"%d\"%s>",
                 kind, (int)b->x, (int)b->y, (int)b->width, (int)b->height,
                 more);
}

enum { NAME_SIZE = 64 };

/* "3 CONV_2D": the layer that makes it, or what else it is. */
static char *maker(const map *m, const tin_place *place, char to[NAME_SIZE])
{
    if (place->kind == TIN_PLACE_PROGRESS)
        snprintf(to, NAME_SIZE, "progress");
    else if (place->layer < 0)
        snprintf(to, NAME_SIZE, "input");
    else
        snprintf(to, NAME_SIZE, "%ld %s", (long)place->layer,
                 m->p->layers[place->layer].op);
    return to;
}

static void place_title(const map *m, const tin_place *place)
{
    char bytes[TIN_NUMBER_SIZE], from[TIN_NUMBER_SIZE], end[TIN_NUMBER_SIZE];
    char name[NAME_SIZE];

    tin_text_add(m->to, "<title>%s: %s",
                 tin_report_escape(m->r->pool, maker(m, place, name), 0),
                 tin_report_kind(place->kind));
    if (place->kind == TIN_PLACE_RING)
        tin_text_add(m->to, " of %ld of %ld rows", (long)place->rows,
                     (long)place->all_rows);
    tin_text_add(
        m->to, "\n%s\n%s bytes at %s .. %s</title></rect>\n",
        tin_report_escape_layer(m->r->pool, place->name ? place->name : "",
                                120),
        tin_format_count(bytes, place->bytes),
        tin_format_count(from, place->offset),
        tin_format_count(end, (int64_t)place->offset + place->bytes - 1));
}

/* A line between each two rows of a ring, or a pattern where they are thin. */
static void draw_bands(const map *m, const tin_place *place, const box *b)
{
    enum { THIN = 25, MANY = 64 };

    if (place->rows > MANY || b->height / (place->rows + 1) < THIN) {
        put_box(m->to, "over", b, " style=\"fill:url(#rows)\"");
        tin_text_add(m->to, "</rect>\n");
        return;
    }
    tin_text_add(m->to, "<path class=\"over bands\" d=\"");
    for (int32_t i = 1; i < place->rows; i++)
        tin_text_add(m->to, "M%d %dh%d", (int)b->x,
                     (int)(b->y + (int64_t)b->height * i / place->rows),
                     (int)b->width);
    tin_text_add(m->to, "\"/>\n");
}

/* How far text at height y of a box can go: to its end, or to where another
 * thing begins that lies over it. */
static int32_t room_inside(const map *m, const box *b, int32_t y)
{
    int32_t end = b->x + b->width;

    for (int32_t i = 0; i < m->p->n_places; i++) {
        const box other = box_of(m, &m->p->places[i]);

        if (other.x > b->x && other.x < end && other.y < y &&
            y - LETTER < other.y + other.height)
            end = other.x;
    }
    return end - b->x;
}

/* One line of text inside a box. Returns 0 where there is no room for it. */
static int put_inside(const map *m, const box *b, int32_t y, const char *text)
{
    enum { INDENT = 60 };

    if ((int32_t)strlen(text) * LETTER + INDENT > room_inside(m, b, y))
        return 0;
    tin_text_add(m->to, "<text class=\"in\" x=\"%d\" y=\"%d\">%s</text>\n",
                 (int)b->x + INDENT, (int)y,
                 tin_report_escape(m->r->pool, text, 0));
    return 1;
}

/* What there is room for: who makes it, or at least the layer's number. */
static void label_maker(const map *m, const tin_place *place, const box *b,
                        int32_t y)
{
    char name[NAME_SIZE];

    if (put_inside(m, b, y, maker(m, place, name)) || place->layer < 0)
        return;
    snprintf(name, sizeof name, "%ld", (long)place->layer);
    put_inside(m, b, y, name);
}

/* And how much it is. */
static void label_bytes(const map *m, const tin_place *place, const box *b,
                        int32_t y)
{
    char text[96], n[TIN_NUMBER_SIZE];

    tin_format_count(n, place->bytes);
    if (place->kind == TIN_PLACE_RING) {
        snprintf(text, sizeof text, "%ld of %ld rows, %s B", (long)place->rows,
                 (long)place->all_rows, n);
        if (put_inside(m, b, y, text))
            return;
    }
    snprintf(text, sizeof text, "%s B", n);
    put_inside(m, b, y, text);
}

static void label_place(const map *m, const tin_place *place)
{
    enum { LINE = 135 };
    const box b = box_of(m, place);
    const int two = b.height >= 2 * LINE + 40;
    const int32_t y = b.y + b.height / 2 + (two ? -25 : 40);

    if (b.height < LINE)
        return;
    label_maker(m, place, &b, y);
    if (two)
        label_bytes(m, place, &b, y + LINE);
}

static void draw_place(const map *m, const tin_place *place)
{
    const box b = box_of(m, place);
    char kind[TIN_NUMBER_SIZE];

    snprintf(kind, sizeof kind, "place %s", tin_report_kind(place->kind));
    put_box(m->to, kind, &b, "");
    place_title(m, place);
    if (place->kind == TIN_PLACE_RING)
        draw_bands(m, place, &b);
    if (place->kind == TIN_PLACE_SCRATCH) {
        put_box(m->to, "over", &b, " style=\"fill:url(#scratch)\"");
        tin_text_add(m->to, "</rect>\n");
    }
}

/* ---- The peak ----------------------------------------------------------- */

static void draw_peak(const map *m)
{
    const tin_plan_result *plan = &m->p->plan;
    const int32_t y = y_of(m, plan->peak_bytes);
    char n[TIN_NUMBER_SIZE], proof[TIN_SHAPE_SIZE];

    tin_text_add(m->to,
                 "<path class=\"peak\" d=\"M%d %dH%d\"/><text class=\"strong\" "
                 "x=\"%d\" y=\"%d\">peak: %s bytes, %s</text>\n",
                 LEFT, (int)y, LEFT + (int)m->width, LEFT, (int)y - 80,
                 tin_format_count(n, plan->peak_bytes),
                 tin_format_proof(proof, plan));
    if (plan->optimal)
        return;
    tin_text_add(m->to,
                 "<path class=\"bound\" d=\"M%d %dH%d\"><title>lower bound: "
                 "%s bytes</title></path>\n",
                 LEFT, (int)y_of(m, plan->lower_bound_bytes),
                 LEFT + (int)m->width,
                 tin_format_count(n, plan->lower_bound_bytes));
}

/* An arrow under the moment whose bytes give the bound. */
static void draw_binding(const map *m)
{
    const int32_t time = m->p->plan.binding_time;
    const int32_t layer = tin_report_binding_layer(m->p);
    const int32_t i = tin_report_span_at(m->line.spans, m->line.n_spans, time);
    const tin_span *s = &m->line.spans[i];
    const int32_t from = x_of(m, s->lower), end = x_of(m, s->upper);
    const int32_t x = from + (end - from) / 2;
    const int far = x > LEFT + m->width / 2;
    const int32_t y = TOP + PLOT_HEIGHT + 260;

    tin_text_add(m->to,
                 "<path class=\"mark\" d=\"M%d %dl80 150h-160z\"/><text "
                 "class=\"strong\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">",
                 (int)x, (int)y, (int)x + (far ? -140 : 140), (int)y + 140,
                 far ? "end" : "start");
    if (layer >= 0)
        tin_text_add(m->to, "most in use: layer %ld, %s", (long)layer,
                     tin_report_escape(m->r->pool, m->p->layers[layer].op, 40));
    else
        tin_text_add(m->to, "most in use: the network's %s",
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

static void draw(const map *m)
{
    tin_text_add(m->to, "%s", patterns);
    draw_stages(m);
    draw_grid(m);
    for (int32_t i = 0; i < m->p->n_places; i++) {
        if (m->p->places[i].bytes > 0)
            draw_place(m, &m->p->places[i]);
    }
    for (int32_t i = 0; i < m->p->n_places; i++) {
        if (m->p->places[i].bytes > 0)
            label_place(m, &m->p->places[i]);
    }
    draw_peak(m);
    draw_binding(m);
}

void tin_report_map(const tin_report *r, tin_text *to)
{
    map m = {.r = r, .p = r->program, .to = to};
    int64_t width;

    if (tin_report_timeline(r->pool, m.p, &m.line) != TIN_OK) {
        tin_text_add(to, "<p>There is no map of this plan.</p>\n");
        return;
    }
    width = (int64_t)m.line.width * UNIT_WIDTH + LEFT + RIGHT;
    width = width < LEAST_WIDTH ? LEAST_WIDTH : width;
    width = width > MOST_WIDTH ? MOST_WIDTH : width;
    m.width = (int32_t)width - LEFT - RIGHT;
    m.top = end_of(m.p);
    tin_text_add(to,
                 "<svg class=\"map\" role=\"img\" aria-label=\"The arena over "
                 "time\" viewBox=\"0 0 %d %d\" style=\"min-width:%dpx\">\n",
                 (int)width, TOP + PLOT_HEIGHT + BELOW, (int)width / 10);
    draw(&m);
    tin_text_add(to, "</svg>\n");
}
