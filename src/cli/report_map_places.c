/* SPDX-License-Identifier: MIT */
/* report_map_places.c: each thing in the arena as a rectangle of the memory
 * map: as long as it lives, as high as it is large. See report_map.h. */
#include <string.h>

#include "report_map.h"

typedef struct {
    const char *kind;
    int32_t x, y, width, height;
} box;

static box box_of(const tin_map *m, const tin_place *place)
{
    box b = {.kind = tin_report_kind(place->kind)};

    b.x = tin_map_x(m, place->lower);
    b.y = tin_map_y(m, (int64_t)place->offset + place->bytes);
    b.width = tin_map_x(m, place->upper) - b.x;
    b.height = tin_map_y(m, place->offset) - b.y;
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
static char *maker(const tin_map *m, const tin_place *place, char to[NAME_SIZE])
{
    if (place->kind == TIN_PLACE_PROGRESS)
        snprintf(to, NAME_SIZE, "progress");
    else if (place->kind == TIN_PLACE_STATE)
        snprintf(to, NAME_SIZE, "state");
    else if (place->layer < 0)
        snprintf(to, NAME_SIZE, "input");
    else
        snprintf(to, NAME_SIZE, "%ld %s", (long)place->layer,
                 m->p->layers[place->layer].op);
    return to;
}

static void place_title(const tin_map *m, const tin_place *place)
{
    char bytes[TIN_NUMBER_SIZE], from[TIN_NUMBER_SIZE], end[TIN_NUMBER_SIZE];
    const char *kind = tin_report_kind(place->kind);
    char name[NAME_SIZE];

    tin_text_add(m->to, "<title>%s",
                 tin_report_escape(m->r->pool, maker(m, place, name), 0));
    if (strcmp(name, kind) != 0)
        tin_text_add(m->to, ": %s", kind);
    if (place->kind == TIN_PLACE_RING)
        tin_text_add(m->to, " of %s rows%s", tin_format_rows(bytes, place),
                     place->slots ? " that shares its bytes with others" : "");
    tin_text_add(
        m->to, "\n%s\n%s bytes at %s .. %s</title></rect>\n",
        tin_report_escape_layer(m->r->pool, place->name ? place->name : "",
                                120),
        tin_format_count(bytes, place->bytes),
        tin_format_count(from, place->offset),
        tin_format_count(end, (int64_t)place->offset + place->bytes - 1));
}

/* A line between each two rows of a ring, or a pattern where they are thin. */
static void draw_bands(const tin_map *m, const tin_place *place, const box *b)
{
    enum { THIN = 25, MANY = 64 };
    const int32_t rows = place->slots ? place->slots : place->rows;

    if (rows > MANY || b->height / (rows + 1) < THIN) {
        put_box(m->to, "over", b, " style=\"fill:url(#rows)\"");
        tin_text_add(m->to, "</rect>\n");
        return;
    }
    tin_text_add(m->to, "<path class=\"over bands\" d=\"");
    for (int32_t i = 1; i < rows; i++)
        tin_text_add(m->to, "M%d %dh%d", (int)b->x,
                     (int)(b->y + (int64_t)b->height * i / rows),
                     (int)b->width);
    tin_text_add(m->to, "\"/>\n");
}

/* How far text at height y of a box can go: to its end, or to where another
 * thing begins that lies over it. */
static int32_t room_inside(const tin_map *m, const box *b, int32_t y)
{
    int32_t end = b->x + b->width;

    for (int32_t i = 0; i < m->p->n_places; i++) {
        const box other = box_of(m, &m->p->places[i]);

        if (other.x > b->x && other.x < end && other.y < y &&
            y - TIN_MAP_LETTER < other.y + other.height)
            end = other.x;
    }
    return end - b->x;
}

/* One line of text inside a box. Returns 0 where there is no room for it. */
static int put_inside(const tin_map *m, const box *b, int32_t y,
                      const char *text)
{
    enum { INDENT = 60 };
    const int32_t need = (int32_t)strlen(text) * TIN_MAP_LETTER + INDENT;

    if (need > b->width || need > room_inside(m, b, y))
        return 0;
    tin_text_add(m->to,
                 "<text class=\"in on-%s\" x=\"%d\" y=\"%d\">%s</text>\n",
                 b->kind, (int)b->x + INDENT, (int)y,
                 tin_report_escape(m->r->pool, text, 0));
    return 1;
}

/* What there is room for: who makes it, or at least the layer's number. */
static void label_maker(const tin_map *m, const tin_place *place, const box *b,
                        int32_t y)
{
    char name[NAME_SIZE];

    if (put_inside(m, b, y, maker(m, place, name)) || place->layer < 0)
        return;
    snprintf(name, sizeof name, "%ld", (long)place->layer);
    put_inside(m, b, y, name);
}

/* And how much it is. */
static void label_bytes(const tin_map *m, const tin_place *place, const box *b,
                        int32_t y)
{
    char text[96], n[TIN_NUMBER_SIZE], rows[TIN_NUMBER_SIZE];

    tin_format_count(n, place->bytes);
    if (place->kind == TIN_PLACE_RING) {
        snprintf(text, sizeof text, "%s rows, %s B%s",
                 tin_format_rows(rows, place), n,
                 place->slots ? " shared" : "");
        if (put_inside(m, b, y, text))
            return;
    }
    snprintf(text, sizeof text, "%s B", n);
    put_inside(m, b, y, text);
}

static void label_place(const tin_map *m, const tin_place *place)
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

static void draw_place(const tin_map *m, const tin_place *place)
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

void tin_map_places(const tin_map *m)
{
    for (int32_t i = 0; i < m->p->n_places; i++) {
        if (m->p->places[i].bytes > 0)
            draw_place(m, &m->p->places[i]);
    }
}

void tin_map_labels(const tin_map *m)
{
    for (int32_t i = 0; i < m->p->n_places; i++) {
        if (m->p->places[i].bytes > 0)
            label_place(m, &m->p->places[i]);
    }
}
