/* SPDX-License-Identifier: MIT */
/* report_text_map.c: the arena over time in letters: a column for each span of
 * time as wide as its share of the line, a line for each sixteenth of the
 * arena. See report_parts.h. */
#include <string.h>

#include "report_parts.h"

enum { LINES = 16, COLUMNS = 80, MARGIN = 12 };

typedef struct {
    tin_pool *pool;
    const tin_program *p;
    tin_timeline line;
    int32_t columns;
    int64_t top; /* bytes */
} map;

/* What a place is drawn with. Tensors take turns, so that neighbours differ
 * more often than not. */
static char letter(const tin_place *place)
{
    const int odd = place->layer % 2 != 0;

    switch (place->kind) {
    case TIN_PLACE_TENSOR: return odd ? '%' : '#';
    case TIN_PLACE_RING: return odd ? '-' : '=';
    case TIN_PLACE_SCRATCH: return '+';
    case TIN_PLACE_PROGRESS: return '.';
    case TIN_PLACE_STATE: return '@';
    }
    return '?';
}

/* The span under the middle of a column. */
static const tin_span *span_of(const map *m, int32_t column)
{
    const int64_t at =
        (2 * (int64_t)column + 1) * m->line.width / (2 * m->columns);
    int32_t i = 0;

    while (i + 1 < m->line.n_spans && m->line.spans[i + 1].at <= at)
        i++;
    return &m->line.spans[i];
}

/* What is at an offset then: that which is live there, or a blank. */
static char cell(const map *m, const tin_span *s, int64_t offset)
{
    for (int32_t i = 0; i < m->p->n_places; i++) {
        const tin_place *place = &m->p->places[i];

        if (place->lower <= s->lower && s->lower < place->upper &&
            place->offset <= offset &&
            offset < (int64_t)place->offset + place->bytes)
            return letter(place);
    }
    return ' ';
}

static void print_line(const map *m, int32_t line, FILE *to)
{
    const int64_t upper = m->top * (LINES - line) / LINES;
    const int64_t lower = m->top * (LINES - line - 1) / LINES;
    char n[TIN_NUMBER_SIZE] = "", text[COLUMNS + 1];
    int32_t end = 0;

    for (int32_t i = 0; i < m->columns; i++) {
        text[i] = cell(m, span_of(m, i), lower + (upper - lower) / 2);
        if (text[i] != ' ')
            end = i + 1;
    }
    text[end] = '\0';
    if (line % 4 == 0)
        tin_format_count(n, upper);
    fprintf(to, "%*s |%s\n", MARGIN - 2, n, text);
}

/* Under the middle of each stage its layers, where there is room after column
 * `from`. Returns the first column after it. */
static int32_t label_stage(const map *m, const tin_span *s, int32_t from,
                           FILE *to)
{
    const int64_t middle = 2 * (int64_t)s->at + s->width;
    int32_t at = (int32_t)(middle * m->columns / (2 * m->line.width));
    char label[TIN_NUMBER_SIZE];

    if (s->first < 0)
        snprintf(label, sizeof label, "%s", s->lower == 0 ? "in" : "out");
    else if (s->first == s->last)
        snprintf(label, sizeof label, "%ld", (long)s->first);
    else
        snprintf(label, sizeof label, "%ld-%ld", (long)s->first, (long)s->last);
    at -= (int32_t)strlen(label) / 2;
    if (at < from + (from > 0))
        return from;
    fprintf(to, "%*s%s", (int)(at - from), "", label);
    return at + (int32_t)strlen(label);
}

/* A mark under the moment that binds. */
static void print_binding(const map *m, FILE *to)
{
    const tin_timeline *line = &m->line;
    const int32_t i =
        tin_report_span_at(line->spans, line->n_spans, m->p->plan.binding_time);
    const int32_t at =
        (int32_t)((int64_t)line->spans[i].at * m->columns / line->width);
    const int32_t layer = tin_report_binding_layer(m->p);

    fprintf(to, "%*s^ sets the bound", (int)(MARGIN + at), "");
    if (layer >= 0)
        fprintf(to, ": layer %ld, %s", (long)layer,
                tin_clean(m->pool, m->p->layers[layer].op, 40));
    putc('\n', to);
}

static void print_axis(const map *m, FILE *to)
{
    int32_t from = 0;

    fprintf(to, "%*d +", MARGIN - 2, 0);
    for (int32_t i = 0; i < m->columns; i++)
        putc('-', to);
    fprintf(to, "\n%*s", MARGIN, "");
    for (int32_t i = 0; i < m->line.n_stages; i++)
        from = label_stage(m, &m->line.stages[i], from, to);
    putc('\n', to);
}

/* All columns of a unit are as wide, where there are enough of them. */
static int32_t columns_for(int32_t units)
{
    return units > COLUMNS ? COLUMNS : units * (COLUMNS / units);
}

void tin_report_text_map(const tin_report *r, FILE *to)
{
    map m = {.pool = r->pool, .p = tin_report_stacked(r)};

    if (tin_report_timeline(r->pool, m.p, &m.line) != TIN_OK)
        return;
    m.columns = columns_for(m.line.width);
    m.top = m.p->plan.peak_bytes > 0 ? m.p->plan.peak_bytes : 1;
    fprintf(to, "\nmemory map: bytes of the arena over layers at work\n");
    for (int32_t i = 0; i < LINES; i++)
        print_line(&m, i, to);
    print_axis(&m, to);
    print_binding(&m, to);
    fprintf(to, "# %% tensors, = - rings of rows, + scratch, . progress%s\n",
            m.p->model.n_states ? ", @ state" : "");
}
