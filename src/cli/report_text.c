/* SPDX-License-Identifier: MIT */
/* report_text.c: a report for a terminal. See report_parts.h. */
#include <string.h>

#include "report_parts.h"

enum { LINE_WIDTH = 100, LEAST_NAME = 12, BAR_WIDTH = 40 };

/* ---- Layers ------------------------------------------------------------- */

static void add_layer(tin_table *t, const tin_program *p, int32_t index,
                      int32_t name_width)
{
    const tin_layer *l = &p->layers[index];
    char in[TIN_SHAPE_SIZE], out[TIN_SHAPE_SIZE], n[TIN_NUMBER_SIZE];

    tin_format_image(in, l->in.rank, l->in.shape);
    tin_format_image(out, l->out.rank, l->out.shape);
    tin_table_add(t, "%ld", (long)index);
    if (name_width > 0)
        tin_table_add(t, "%s", tin_clean_layer(t->pool, l->name, name_width));
    tin_table_add(t, "%s", tin_clean(t->pool, l->op, 24));
    tin_table_add(t, "%s -> %s", in, out);
    tin_table_add(t, "%s", tin_type_name(l->out.type));
    tin_table_add(t, "%s", tin_format_count(n, l->macs));
    tin_table_add(t, "%s", tin_format_percent(n, l->macs, p->macs));
    tin_table_add(t, "%s", tin_format_count(n, l->weight_bytes));
    tin_table_add(t, "%s", tin_format_count(n, l->scratch_bytes));
    tin_table_add(t, "%s", tin_report_rows(n, p, index));
}

static void fill_layers(tin_table *t, const tin_program *p, int32_t name_width)
{
    static const char *const head[] = {
        "#",    "name",  "operator", "shape",   "type",
        "MACs", "share", "weights",  "scratch", "rows held"};

    for (size_t i = 0; i < sizeof head / sizeof *head; i++) {
        if (i != 1 || name_width > 0)
            tin_table_add(t, "%s", head[i]);
    }
    for (int32_t i = 0; i < p->n_layers; i++)
        add_layer(t, p, i, name_width);
}

/* Names get what is left of a line; where that is little, they go. */
static void print_layers(const tin_report *r, FILE *to)
{
    tin_table bare = {.pool = r->pool, .align = "rlllrrrrr"};
    tin_table t = {.pool = r->pool, .align = "rllllrrrrr"};
    int32_t room;

    fill_layers(&bare, r->program, 0);
    room = LINE_WIDTH - 2 - tin_table_width(&bare);
    if (room >= LEAST_NAME)
        fill_layers(&t, r->program, room);
    tin_table_print(room >= LEAST_NAME ? &t : &bare, to);
}

/* ---- Bars --------------------------------------------------------------- */

/* Something is drawn of everything that is more than nothing. */
static void print_bar(FILE *to, int64_t part, int64_t whole, char rest)
{
    int32_t n = 0;

    while (part > INT64_MAX / 2 / BAR_WIDTH) {
        part /= 2;
        whole /= 2;
    }
    if (part > 0 && whole > 0)
        n = (int32_t)(part >= whole ? BAR_WIDTH
                                    : (part * BAR_WIDTH + whole - 1) / whole);
    for (int32_t i = 0; i < (rest ? BAR_WIDTH : n); i++)
        putc(i < n ? '#' : rest, to);
}

static void print_fit(const tin_fit *fit, FILE *to)
{
    const int64_t left = fit->have - fit->need;
    char have[TIN_NUMBER_SIZE], part[TIN_NUMBER_SIZE], n[TIN_NUMBER_SIZE];

    fprintf(to, "%-5s [", fit->name);
    print_bar(to, fit->need, fit->have, '.');
    fprintf(to, "] %s of %s bytes for %s, %s %s\n",
            tin_format_percent(part, fit->need, fit->have),
            tin_format_count(have, fit->have), fit->taken,
            tin_format_count(n, fit->fits ? left : -left),
            fit->fits ? "left" : "TOO MANY");
}

static void print_chip(const tin_report *r, FILE *to)
{
    const tin_chip *c = r->chip;
    int fits = 1;

    for (int32_t i = 0; i < TIN_FITS; i++)
        fits &= tin_report_fit(r->program, c, i).fits;
    fprintf(to, "\n%s: %s (%s %s, %s at %ld MHz%s%s)\n", c->name,
            fits ? "fits" : "does NOT fit", c->vendor, c->part, c->cpu,
            (long)c->mhz, c->note ? "; " : "", c->note ? c->note : "");
    for (int32_t i = 0; i < TIN_FITS; i++) {
        const tin_fit fit = tin_report_fit(r->program, c, i);

        print_fit(&fit, to);
    }
    if (c->block_bytes < c->ram_bytes && r->program->model.n_more == 0)
        fprintf(to, "RAM is the largest block here: an arena is one block\n");
    if (r->program->cycles_of && c->mhz > 0)
        fprintf(to, "Time  about %.3g ms at %ld MHz\n",
                (double)r->program->cycles / (1e3 * c->mhz), (long)c->mhz);
    fprintf(to, "stack, code, its tables and everything else come on top\n");
}

static void print_cost(const tin_report *r, FILE *to)
{
    const tin_program *p = r->program;
    int64_t most = 0;

    for (int32_t i = 0; i < p->n_layers; i++) {
        if (p->layers[i].macs > most)
            most = p->layers[i].macs;
    }
    if (most == 0)
        return;
    fprintf(to, "\ncost of each layer, in MACs\n");
    for (int32_t i = 0; i < p->n_layers; i++) {
        const tin_layer *l = &p->layers[i];
        char n[TIN_NUMBER_SIZE];

        if (l->macs == 0)
            continue;
        fprintf(to, "%4ld %-20s %8s ", (long)i, tin_clean(r->pool, l->op, 20),
                tin_format_percent(n, l->macs, p->macs));
        print_bar(to, l->macs, most, '\0');
        putc('\n', to);
    }
}

/* ---- All ---------------------------------------------------------------- */

static void print_sums(const tin_report *r, FILE *to)
{
    const tin_program *p = r->program;
    const tin_plan_result plan = tin_memory_plan(p);
    const int32_t layer = tin_report_binding_layer(p);
    char n[TIN_NUMBER_SIZE], proof[TIN_SHAPE_SIZE];

    fprintf(to, "%s, %ld layers, target %s\n", tin_clean(r->pool, r->path, 60),
            (long)p->n_layers, p->target);
    fprintf(to, "work     %s MACs", tin_format_count(n, p->macs));
    if (p->live_macs < p->macs)
        fprintf(to, ", %s without dead channels,",
                tin_format_count(n, p->live_macs));
    fprintf(to, " in %s calls of kernels\n",
            tin_format_count(n, tin_model_calls(&p->model)));
    fprintf(to, "weights  %s bytes", tin_format_count(n, p->weight_bytes));
    fprintf(to, ", %s of flash as kernels read them\n",
            tin_format_count(n, p->flash_bytes));
    if (p->cycles_of)
        fprintf(to, "time     about %s cycles of a %s without wait states\n",
                tin_format_about(n, p->cycles), p->cycles_of);
    fprintf(to, "arena    %s bytes", tin_format_count(n, plan.peak_bytes));
    fprintf(to, ", lower bound %s: %s\n",
            tin_format_count(n, plan.lower_bound_bytes),
            tin_format_proof(proof, p));
    if (layer >= 0)
        fprintf(to, "         bound by layer %ld, %s\n", (long)layer,
                tin_clean(r->pool, p->layers[layer].op, 40));
    tin_memories_print(p, to);
    if (p->model.hop_rows)
        tin_hops_print(p, to);
}

static void print_ports(const tin_report *r, const char *what,
                        const tin_port *ports, int32_t n, FILE *to)
{
    char shape[TIN_SHAPE_SIZE];

    for (int32_t i = 0; i < n; i++)
        fprintf(to, "%-8s %s, %s %s\n", what,
                tin_clean(r->pool, ports[i].name, 40),
                tin_format_shape(shape, ports[i].rank, ports[i].shape),
                tin_type_name(ports[i].type));
}

/* Without a chip chosen: the smallest one that would do. */
static void print_chips(const tin_report *r, FILE *to)
{
    const tin_chip *smallest = NULL;
    int32_t fit = 0, n = 0;

    for (const tin_chip *c = tin_chips; c->name; c++, n++) {
        if (!tin_report_fit(r->program, c, TIN_FIT_RAM).fits ||
            !tin_report_fit(r->program, c, TIN_FIT_FLASH).fits)
            continue;
        if (!smallest)
            smallest = c;
        fit++;
    }
    fprintf(to, "\narena and constants fit %ld of %ld chips known", (long)fit,
            (long)n);
    if (smallest)
        fprintf(to, ", the smallest: %s", smallest->name);
    fprintf(to, "; choose one with --chip\n");
}

void tin_report_text(const tin_report *r, FILE *to)
{
    const tin_model *m = &r->program->model;

    print_sums(r, to);
    print_ports(r, "input", m->inputs, m->n_inputs, to);
    if (m->pushed_rows > 0 && !m->hop_rows)
        fprintf(to, "         streamed: %ld rows of %ld bytes are pushed\n",
                (long)m->pushed_rows, (long)tin_report_row_bytes(r->program));
    print_ports(r, "output", m->outputs, m->n_outputs, to);
    if (r->chip)
        print_chip(r, to);
    else
        print_chips(r, to);
    putc('\n', to);
    print_layers(r, to);
    tin_report_text_map(r, to);
    print_cost(r, to);
}
