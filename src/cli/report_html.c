/* SPDX-License-Identifier: MIT */
/* report_html.c: a report as one HTML file, without scripts and without
 * anything from elsewhere. See report_parts.h. */
#include <string.h>

#include "report_parts.h"

/* ---- Head --------------------------------------------------------------- */

/* The path without its folders. */
static const char *file_name(const char *path)
{
    const char *name = path;

    for (; *path; path++) {
        if ((*path == '/' || *path == '\\') && path[1])
            name = path + 1;
    }
    return name;
}

/* Even if a name slipped through unescaped, a browser that is told this
 * neither runs nor fetches anything. */
static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
    "'none'; style-src 'unsafe-inline'; img-src data:\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, "
    "initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<meta name=\"generator\" content=\"tinyinfer " TIN_VERSION "\">\n"
    "<link rel=\"icon\" href=\"data:,\">\n";

static void put_head(const tin_report *r, tin_text *to)
{
    const tin_program *p = r->program;
    const char *name = tin_report_escape(r->pool, file_name(r->path), 0);

    tin_text_add(to, "%s<title>%s: tinyinfer report</title>\n<style>\n", head,
                 name);
    for (const char *const *line = tin_report_style; *line; line++)
        tin_text_add(to, "%s\n", *line);
    tin_text_add(to,
                 "</style>\n</head>\n<body>\n<main>\n<header>\n"
                 "<p class=\"brand\">tinyinfer report</p>\n<h1>%s</h1>\n"
                 "<p class=\"soft\">%ld layers, target %s</p>\n"
                 "</header>\n",
                 name, (long)p->n_layers, p->target);
}

/* ---- Cards -------------------------------------------------------------- */

static void open_card(tin_text *to, const char *title, int64_t n,
                      const char *unit)
{
    char digits[TIN_NUMBER_SIZE];

    tin_text_add(to,
                 "<div class=\"card\">\n<h2>%s</h2>\n<p class=\"big\">%s"
                 "<span class=\"unit\">%s</span></p>\n",
                 title, tin_format_count(digits, n), unit);
}

static void put_memories(const tin_program *p, tin_text *to)
{
    for (int32_t i = 0; i < tin_memories(p); i++) {
        const tin_memory m = tin_memory_at(p, i);
        char n[TIN_NUMBER_SIZE], have[TIN_NUMBER_SIZE];

        tin_text_add(to, "<p>memory %s: %s", m.name,
                     tin_format_count(n, m.bytes));
        tin_text_add(to, " of %s bytes</p>\n", tin_format_count(have, m.have));
    }
}

static void put_arena_card(const tin_report *r, tin_text *to)
{
    const tin_plan_result in_all = tin_memory_plan(r->program);
    const tin_plan_result *plan = &in_all;
    const int32_t layer = tin_report_binding_layer(r->program);
    char n[TIN_NUMBER_SIZE], proof[TIN_SHAPE_SIZE];

    open_card(to, "Arena", plan->peak_bytes, "bytes of RAM");
    if (plan->optimal)
        tin_text_add(to,
                     "<p><span class=\"pill good\">&#10003; %s</span></p>\n",
                     tin_format_proof(proof, r->program));
    else
        tin_text_add(to, "<p>%s; lower bound %s bytes</p>\n",
                     tin_format_proof(proof, r->program),
                     tin_format_count(n, plan->lower_bound_bytes));
    if (layer >= 0)
        tin_text_add(to, "<p>bound by layer %ld</p>\n", (long)layer);
    put_memories(r->program, to);
    tin_text_add(to, "</div>\n");
}

static int32_t heaviest(const tin_program *p)
{
    int32_t most = -1;

    for (int32_t i = 0; i < p->n_layers; i++) {
        if (p->layers[i].macs > (most < 0 ? 0 : p->layers[most].macs))
            most = i;
    }
    return most;
}

static void put_work_card(const tin_report *r, tin_text *to)
{
    const tin_program *p = r->program;
    const int32_t layer = heaviest(p);
    char n[TIN_NUMBER_SIZE];

    open_card(to, "Work", p->macs, "MACs");
    tin_text_add(to,
                 "<p>multiply-accumulates of one %s %s calls of "
                 "kernels</p>\n",
                 p->model.hop_rows ? "window; a hop takes" : "inference, in",
                 tin_format_count(n, tin_model_calls(&p->model)));
    if (p->live_macs < p->macs)
        tin_text_add(to, "<p>%s of them live: without dead channels</p>\n",
                     tin_format_count(n, p->live_macs));
    if (p->model.hop_rows)
        tin_text_add(to, "<p>a hop costs %s MACs</p>\n",
                     tin_format_count(n, tin_hop_macs_sum(p)));
    if (layer >= 0)
        tin_text_add(to, "<p>%s of them in layer %ld</p>\n",
                     tin_format_percent(n, p->layers[layer].macs, p->macs),
                     (long)layer);
    if (p->cycles_of)
        tin_text_add(to, "<p>about %s cycles of a %s</p>\n",
                     tin_format_about(n, p->cycles), p->cycles_of);
    tin_text_add(to, "</div>\n");
}

static void put_port(tin_text *to, const char *what, const tin_port *ports,
                     int32_t n)
{
    char shape[TIN_SHAPE_SIZE];

    if (n == 0)
        return;
    tin_text_add(to, "<p>%s %s %s", what,
                 tin_format_image(shape, ports->rank, ports->shape),
                 tin_type_name(ports->type));
    if (n > 1)
        tin_text_add(to, " and %ld more", (long)n - 1);
    tin_text_add(to, "</p>\n");
}

static void put_cards(const tin_report *r, tin_text *to)
{
    const tin_program *p = r->program;
    const tin_model *m = &p->model;
    char n[TIN_NUMBER_SIZE];

    tin_text_add(to, "<section class=\"cards\" aria-label=\"Summary\">\n");
    put_arena_card(r, to);
    open_card(to, "Weights", p->weight_bytes, "bytes");
    tin_text_add(to,
                 "<p>in the file; %s as kernels read them</p>\n<p>the code and "
                 "its tables come on top</p>\n</div>\n",
                 tin_format_count(n, p->flash_bytes));
    put_work_card(r, to);
    open_card(to, "Layers", p->n_layers, "");
    put_port(to, "from", m->inputs, m->n_inputs);
    if (m->pushed_rows > 0)
        tin_text_add(to, "<p>%s: %ld rows of %ld bytes</p>\n",
                     m->hop_rows ? "a window that slides" : "streamed",
                     (long)m->pushed_rows, (long)tin_report_row_bytes(p));
    if (m->hop_rows)
        tin_text_add(to, "<p>by %ld rows at a time</p>\n", (long)m->hop_rows);
    put_port(to, "to", m->outputs, m->n_outputs);
    tin_text_add(to, "</div>\n</section>\n");
}

/* ---- The chip ----------------------------------------------------------- */

/* How much is left, or missing; for flash, for what. */
static void put_rest(tin_text *to, const tin_fit *fit)
{
    char n[TIN_NUMBER_SIZE];

    if (!fit->fits)
        tin_text_add(to, "<p>%s bytes too many</p>\n",
                     tin_format_count(n, fit->need - fit->have));
    else
        tin_text_add(to, "<p class=\"soft\">%s bytes left for %s</p>\n",
                     tin_format_count(n, fit->have - fit->need),
                     strcmp(fit->name, "RAM") == 0
                         ? "the stack and everything else"
                         : "the code, its tables and everything else");
}

static void put_fit(tin_text *to, const tin_fit *fit)
{
    char need[TIN_NUMBER_SIZE], have[TIN_NUMBER_SIZE], part[TIN_NUMBER_SIZE];
    const int64_t tenths =
        fit->fits && fit->have > 0 ? fit->need * 1000 / fit->have : 1000;

    tin_text_add(to,
                 "<div class=\"fit\">\n<p class=\"row\"><b>%s</b><span>%s of "
                 "%s bytes, %s</span></p>\n<div class=\"meter\"><div%s "
                 "style=\"width:%ld.%ld%%\"></div></div>\n",
                 fit->name, tin_format_count(need, fit->need),
                 tin_format_count(have, fit->have),
                 tin_format_percent(part, fit->need, fit->have),
                 fit->fits ? "" : " class=\"over\"", (long)(tenths / 10),
                 (long)(tenths % 10));
    put_rest(to, fit);
    tin_text_add(to, "</div>\n");
}

/* The largest block counts; say so where it is not all of the RAM. */
static void put_chip_facts(const tin_program *p, const tin_chip *c,
                           tin_text *to)
{
    char ram[TIN_NUMBER_SIZE];

    tin_text_add(to, "<p class=\"soft\">%s %s, %s at %ld MHz", c->vendor,
                 c->part, c->cpu, (long)c->mhz);
    if (c->block_bytes < c->ram_bytes && p->model.n_more == 0)
        tin_text_add(to, "; %s bytes of RAM, of which the largest block counts",
                     tin_format_count(ram, c->ram_bytes));
    if (c->note)
        tin_text_add(to, "; %s", c->note);
    if (p->cycles_of && c->mhz > 0)
        tin_text_add(to, "; an inference takes about %.3g ms",
                     (double)p->cycles / (1e3 * c->mhz));
    tin_text_add(to, "</p>\n");
}

static void put_chip(const tin_report *r, tin_text *to)
{
    const tin_chip *c = r->chip;
    tin_fit fits[TIN_FITS];
    int all = 1;

    if (!c)
        return;
    for (int32_t i = 0; i < TIN_FITS; i++) {
        fits[i] = tin_report_fit(r->program, c, i);
        all &= fits[i].fits;
    }
    tin_text_add(to,
                 "<section class=\"panel\">\n<div class=\"verdict\"><h2>On "
                 "%s</h2><span class=\"pill %s</span></div>\n",
                 c->name,
                 all ? "good\">&#10003; fits" : "bad\">&#10007; does not fit");
    put_chip_facts(r->program, c, to);
    tin_text_add(to, "<div class=\"fits\">\n");
    for (int32_t i = 0; i < TIN_FITS; i++)
        put_fit(to, &fits[i]);
    tin_text_add(to, "</div>\n</section>\n");
}

/* ---- The map ------------------------------------------------------------ */

static int has_kind(const tin_program *p, tin_place_kind kind)
{
    for (int32_t i = 0; i < p->n_places; i++) {
        if (p->places[i].kind == kind)
            return 1;
    }
    return 0;
}

/* Only what the map shows. */
static void put_legend(const tin_program *p, tin_text *to)
{
    static const struct {
        tin_place_kind kind;
        const char *words, *pattern;
    } entries[] = {
        {TIN_PLACE_TENSOR, "a whole tensor", NULL},
        {TIN_PLACE_RING, "a ring: only the rows still needed", "rows"},
        {TIN_PLACE_SCRATCH, "scratch of a kernel", "scratch"},
        {TIN_PLACE_PROGRESS, "progress of the layers of a stage", NULL},
        {TIN_PLACE_STATE, "state, kept between inferences", NULL}};

    tin_text_add(to, "<ul class=\"legend\">\n");
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        if (!has_kind(p, entries[i].kind))
            continue;
        tin_text_add(to,
                     "<li><svg viewBox=\"0 0 260 140\" aria-hidden=\"true\">"
                     "<rect class=\"place %s\" x=\"6\" y=\"6\" width=\"248\" "
                     "height=\"128\"/>",
                     tin_report_kind(entries[i].kind));
        if (entries[i].pattern)
            tin_text_add(to,
                         "<rect x=\"6\" y=\"6\" width=\"248\" height=\"128\" "
                         "style=\"fill:url(#%s)\"/>",
                         entries[i].pattern);
        tin_text_add(to, "</svg>%s</li>\n", entries[i].words);
    }
    tin_text_add(to, "</ul>\n");
}

/* Does any layer write over what it has read? */
static int has_overlap(const tin_program *p)
{
    for (int32_t i = 0; i < p->n_places; i++) {
        const tin_place *a = &p->places[i];

        for (int32_t k = 0; k < i; k++) {
            const tin_place *b = &p->places[k];

            if (a->lower < b->upper && b->lower < a->upper &&
                a->offset - b->offset < b->bytes &&
                b->offset - a->offset < a->bytes)
                return 1;
        }
    }
    return 0;
}

static void put_map(const tin_report *r, tin_text *to)
{
    tin_text_add(to,
                 "<section class=\"panel\">\n<h2>Memory map</h2>\n<p "
                 "class=\"soft\">What is where in the arena: bytes "
                 "upwards, layers in the order of their work to the "
                 "right.%s</p>\n",
                 has_overlap(tin_report_stacked(r))
                     ? " Where two things overlap, new rows go where old "
                       "ones have been read."
                     : "");
    put_legend(r->program, to);
    tin_text_add(to, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                     "aria-label=\"Memory map\">\n");
    tin_report_map(r, to);
    tin_text_add(to, "</div>\n</section>\n");
}

tin_status tin_report_html(const tin_report *r, tin_text *to)
{
    put_head(r, to);
    put_cards(r, to);
    put_chip(r, to);
    put_map(r, to);
    tin_report_html_tables(r, to);
    tin_text_add(to, "<footer>Made by tinyinfer " TIN_VERSION
                     ".</footer>\n</main>\n</body>\n</html>\n");
    return to->failed ? TIN_ERR_MEMORY : TIN_OK;
}
