/* SPDX-License-Identifier: MIT */
/* report_parts.c: facts and words that all forms of a report share. See
 * report_parts.h. */
#include <string.h>

#include "report_parts.h"

/* ---- Facts -------------------------------------------------------------- */

int32_t tin_report_binding_layer(const tin_program *p)
{
    const int32_t time = p->plan.binding_time;

    return p->layer_at && time >= 0 && time < p->n_times ? p->layer_at[time]
                                                         : -1;
}

int32_t tin_report_row_bytes(const tin_program *p)
{
    const tin_model *m = &p->model;

    return m->pushed_rows > 0 ? m->tensors[m->inputs[0].tensor].row_bytes : 0;
}

const tin_place *tin_report_place_of(const tin_program *p, int32_t layer)
{
    for (int32_t i = 0; i < p->n_places; i++) {
        const tin_place *place = &p->places[i];

        if (place->layer == layer &&
            (place->kind == TIN_PLACE_TENSOR || place->kind == TIN_PLACE_RING))
            return place;
    }
    return NULL;
}

tin_fit tin_report_fit(const tin_program *p, const tin_chip *chip,
                       int32_t which)
{
    tin_fit fit = {.name = "RAM",
                   .taken = "arena",
                   .need = p->plan.peak_bytes,
                   .have = chip->block_bytes};

    if (p->model.n_more > 0) { // memories may be blocks of their own
        fit.need = tin_memory_sum(p);
        fit.have = chip->ram_bytes;
    }
    if (which == TIN_FIT_FLASH) {
        fit.name = "Flash";
        fit.taken = "constants";
        fit.need = p->flash_bytes;
        fit.have = chip->flash_bytes;
    }
    fit.fits = fit.need <= fit.have;
    return fit;
}

const tin_program *tin_report_stacked(const tin_report *r)
{
    const tin_program *p = r->program;
    const uint64_t bytes = (uint64_t)p->n_places * sizeof *p->places;
    tin_program *stacked = tin_pool_alloc(r->pool, sizeof *stacked);
    tin_place *places = tin_pool_alloc(r->pool, bytes);

    if ((p->model.n_more == 0 && !p->model.hop_rows) || !stacked || !places)
        return p;
    memcpy(places, p->places, (size_t)bytes);
    for (int32_t i = 0; i < p->n_places; i++) {
        for (int32_t k = 0; k < places[i].region; k++)
            places[i].offset += (int32_t)tin_memory_at(p, k).bytes;
        if (p->model.hop_rows)
            places[i].all_rows = 0;
    }
    *stacked = *p;
    stacked->places = places;
    stacked->plan = tin_memory_plan(p);
    return stacked;
}

/* ---- Words -------------------------------------------------------------- */

char *tin_format_percent(char to[TIN_NUMBER_SIZE], int64_t part, int64_t whole)
{
    int64_t tenths;

    while (part > INT64_MAX / 2000) {
        part /= 2;
        whole /= 2;
    }
    if (whole <= 0) {
        memcpy(to, "-", 2);
        return to;
    }
    tenths = (part * 1000 + whole / 2) / whole;
    snprintf(to, TIN_NUMBER_SIZE, "%lld.%lld %%", (long long)(tenths / 10),
             (long long)(tenths % 10));
    return to;
}

char *tin_format_image(char to[TIN_SHAPE_SIZE], int32_t rank,
                       const int32_t *shape)
{
    const int32_t batch = rank > 1 && shape[0] == 1;

    return tin_format_shape(to, rank - batch, shape + batch);
}

char *tin_format_rows(char to[TIN_NUMBER_SIZE], const tin_place *place)
{
    if (!place || place->rows == 0)
        memcpy(to, "-", 2);
    else if (place->all_rows == 0 || place->rows == place->all_rows)
        snprintf(to, TIN_NUMBER_SIZE, "%ld", (long)place->rows);
    else
        snprintf(to, TIN_NUMBER_SIZE, "%ld of %ld", (long)place->rows,
                 (long)place->all_rows);
    return to;
}

char *tin_report_rows(char to[TIN_NUMBER_SIZE], const tin_program *p,
                      int32_t layer)
{
    const tin_place *place = tin_report_place_of(p, layer);
    tin_place endless;

    if (!place || !p->model.hop_rows)
        return tin_format_rows(to, place);
    endless = *place;
    endless.all_rows = 0;
    return tin_format_rows(to, &endless);
}

const char *tin_report_kind(tin_place_kind kind)
{
    switch (kind) {
    case TIN_PLACE_TENSOR: return "tensor";
    case TIN_PLACE_RING: return "ring";
    case TIN_PLACE_SCRATCH: return "scratch";
    case TIN_PLACE_PROGRESS: return "progress";
    case TIN_PLACE_STATE: return "state";
    }
    return "?";
}

char *tin_format_proof(char to[TIN_SHAPE_SIZE], const tin_program *p)
{
    const tin_plan_result plan = tin_memory_plan(p);
    const int64_t bound = plan.lower_bound_bytes;
    const int64_t gap = (int64_t)plan.peak_bytes - bound;
    char bytes[TIN_NUMBER_SIZE], percent[TIN_NUMBER_SIZE];

    if (plan.optimal)
        snprintf(to, TIN_SHAPE_SIZE, "proven optimal");
    else
        snprintf(to, TIN_SHAPE_SIZE, "at most %s bytes (%s) above the best%s",
                 tin_format_count(bytes, gap),
                 tin_format_percent(percent, gap, bound),
                 p->searched_all ? "" : " of those tried");
    return to;
}

/* ---- HTML --------------------------------------------------------------- */

static const char *entity(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

/* Of a clean text. */
static const char *escape(tin_pool *pool, const char *text)
{
    enum { LONGEST = 6 };
    char *escaped = tin_pool_alloc(pool, (uint64_t)strlen(text) * LONGEST + 1);
    char *to = escaped;

    if (!escaped)
        return "?";
    for (; *text; text++) {
        const char *e = entity(*text);
        const size_t n = e ? strlen(e) : 1;

        memcpy(to, e ? e : text, n);
        to += n;
    }
    *to = '\0';
    return escaped;
}

const char *tin_report_escape(tin_pool *pool, const char *text, int32_t width)
{
    return escape(pool, tin_clean(pool, text, width));
}

const char *tin_report_escape_layer(tin_pool *pool, const char *name,
                                    int32_t width)
{
    return escape(pool, tin_clean_layer(pool, name, width));
}
