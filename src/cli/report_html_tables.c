/* SPDX-License-Identifier: MIT */
/* report_html_tables.c: the parts of an HTML report that have rows: cost,
 * layers, inputs and outputs, chips. See report_parts.h. */
#include <string.h>

#include "port.h"
#include "report_parts.h"

/* ---- Frames ------------------------------------------------------------- */

typedef struct {
    const char *title, *css; /* of the column */
} column;

static void open_table(tin_text *to, const char *label, const column *columns)
{
    tin_text_add(to,
                 "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                 "aria-label=\"%s\">\n<table>\n<thead><tr>",
                 label);
    for (; columns->title; columns++)
        tin_text_add(to, "<th scope=\"col\" class=\"%s\">%s</th>", columns->css,
                     columns->title);
    tin_text_add(to, "</tr></thead>\n<tbody>\n");
}

static void close_table(tin_text *to)
{
    tin_text_add(to, "</tbody>\n</table>\n</div>\n");
}

static void put_count(tin_text *to, int64_t n)
{
    char digits[TIN_NUMBER_SIZE];

    tin_text_add(to, "<td class=\"num\">%s</td>", tin_format_count(digits, n));
}

static void put_percent(tin_text *to, int64_t part, int64_t whole)
{
    char digits[TIN_NUMBER_SIZE];

    tin_text_add(to, "<td class=\"num\">%s</td>",
                 tin_format_percent(digits, part, whole));
}

/* A name, cut to fit, with the whole of it in the pointer's hint. */
static void put_name(tin_pool *pool, tin_text *to, const char *name)
{
    tin_text_add(to, "<td class=\"name\" title=\"%s\">%s</td>",
                 tin_report_escape(pool, name, 400),
                 tin_report_escape_layer(pool, name, 36));
}

/* ---- Cost --------------------------------------------------------------- */

static void put_bar(const tin_report *r, tin_text *to, int32_t index,
                    int64_t most)
{
    const tin_program *p = r->program;
    const tin_layer *l = &p->layers[index];
    char n[TIN_NUMBER_SIZE];

    // A number and a sign: a style takes "12.3%", people read "12.3 %".
    tin_format_percent(n, l->macs, most);
    *strchr(n, ' ') = '\0';
    tin_text_add(to,
                 "<tr><td class=\"num\">%ld</td><th scope=\"row\" "
                 "class=\"op\">%s</th><td class=\"track\"><div "
                 "style=\"width:%s%%\"></div></td>",
                 (long)index, tin_report_escape(r->pool, l->op, 40), n);
    put_count(to, l->macs);
    put_percent(to, l->macs, p->macs);
    tin_text_add(to, "</tr>\n");
}

/* Layers without a multiplication have no bar. */
static void put_cost(const tin_report *r, tin_text *to)
{
    const tin_program *p = r->program;
    int64_t most = 0;
    int32_t without = 0;

    for (int32_t i = 0; i < p->n_layers; i++) {
        if (p->layers[i].macs > most)
            most = p->layers[i].macs;
        without += p->layers[i].macs == 0;
    }
    if (most == 0)
        return;
    tin_text_add(to, "<section class=\"panel\">\n<h2>Cost of each layer</h2>\n"
                     "<p class=\"soft\">Multiply-accumulates");
    if (without)
        tin_text_add(to, "; %ld layer%s without any %s left out", (long)without,
                     without == 1 ? "" : "s", without == 1 ? "is" : "are");
    tin_text_add(to, ".</p>\n<table class=\"chart\">\n<tbody>\n");
    for (int32_t i = 0; i < p->n_layers; i++) {
        if (p->layers[i].macs > 0)
            put_bar(r, to, i, most);
    }
    tin_text_add(to, "</tbody>\n</table>\n</section>\n");
}

/* ---- Layers ------------------------------------------------------------- */

static void put_shapes(tin_text *to, const tin_layer *l)
{
    char in[TIN_SHAPE_SIZE], out[TIN_SHAPE_SIZE];

    tin_text_add(to, "<td>%s &#8594; %s</td><td>%s</td>",
                 tin_format_image(in, l->in.rank, l->in.shape),
                 tin_format_image(out, l->out.rank, l->out.shape),
                 tin_type_name(l->out.type));
}

static void put_layer(const tin_report *r, tin_text *to, int32_t index)
{
    const tin_program *p = r->program;
    const tin_layer *l = &p->layers[index];
    const int binds = index == tin_report_binding_layer(p);
    char rows[TIN_NUMBER_SIZE];

    tin_text_add(to,
                 "<tr%s><td class=\"num\">%ld</td><th scope=\"row\" "
                 "class=\"op\">%s</th>",
                 binds ? " class=\"binds\"" : "", (long)index,
                 tin_report_escape(r->pool, l->op, 40));
    put_name(r->pool, to, l->name);
    put_shapes(to, l);
    tin_text_add(to, "<td class=\"op\">%s",
                 tin_report_escape(r->pool, l->kernel, 60));
    if (l->left_out)
        tin_text_add(to, " <span class=\"soft\">no flash for %s</span>",
                     tin_report_escape(r->pool, l->left_out, 60));
    tin_text_add(to, "</td>");
    put_count(to, l->macs);
    put_count(to, l->weight_bytes);
    put_count(to, l->flash_bytes);
    put_count(to, l->scratch_bytes);
    if (p->cycles_of)
        put_count(to, l->cycles);
    else
        tin_text_add(to, "<td class=\"num\">-</td>");
    tin_text_add(to, "<td class=\"num\">%s</td></tr>\n",
                 tin_report_rows(rows, p, index));
}

static void put_layers(const tin_report *r, tin_text *to)
{
    static const column columns[] = {
        {"#", "num"},       {"operator", "op"}, {"name", ""},
        {"shape", ""},      {"type", ""},       {"kernel", "op"},
        {"MACs", "num"},    {"weights", "num"}, {"flash", "num"},
        {"scratch", "num"}, {"cycles", "num"},  {"rows held", "num"},
        {NULL, NULL}};

    tin_text_add(to,
                 "<section class=\"panel\">\n<h2>Layers</h2>\n<p "
                 "class=\"soft\">Weights, flash and scratch in bytes; flash: "
                 "weights and tables as the kernel reads them. Cycles: an "
                 "estimate. Rows held: what the arena keeps of the layer's "
                 "output.</p>\n");
    open_table(to, "Layers", columns);
    for (int32_t i = 0; i < r->program->n_layers; i++)
        put_layer(r, to, i);
    close_table(to);
    tin_text_add(to, "</section>\n");
}

/* ---- Inputs and outputs ------------------------------------------------- */

static void put_ports(const tin_report *r, tin_text *to, const char *what,
                      const tin_port *ports, int32_t n)
{
    char shape[TIN_SHAPE_SIZE];

    for (int32_t i = 0; i < n; i++) {
        const tin_port *p = &ports[i];

        tin_text_add(to, "<tr><th scope=\"row\">%s %ld</th>", what, (long)i);
        put_name(r->pool, to, p->name);
        tin_text_add(to, "<td>%s</td><td>%s</td>",
                     tin_format_shape(shape, p->rank, p->shape),
                     tin_type_name(p->type));
        put_count(to, p->bytes);
        if (tin_port_quantized(p))
            tin_text_add(to,
                         "<td class=\"num\">%.9g</td><td class=\"num\">%ld"
                         "</td></tr>\n",
                         (double)p->scale, (long)p->zero_point);
        else
            tin_text_add(to, "<td class=\"num\">-</td><td class=\"num\">-"
                             "</td></tr>\n");
    }
}

static void put_all_ports(const tin_report *r, tin_text *to)
{
    static const column columns[] = {{"", ""},
                                     {"name", ""},
                                     {"shape", ""},
                                     {"type", ""},
                                     {"bytes", "num"},
                                     {"scale", "num"},
                                     {"zero point", "num"},
                                     {NULL, NULL}};
    const tin_model *m = &r->program->model;

    tin_text_add(to, "<section class=\"panel\">\n<h2>Inputs and outputs</h2>\n"
                     "<p class=\"soft\">A real value is scale &#215; (stored "
                     "value &#8722; zero point).</p>\n");
    open_table(to, "Inputs and outputs", columns);
    put_ports(r, to, "input", m->inputs, m->n_inputs);
    put_ports(r, to, "output", m->outputs, m->n_outputs);
    close_table(to);
    tin_text_add(to, "</section>\n");
}

/* ---- Chips -------------------------------------------------------------- */

static void put_chip(const tin_program *p, tin_text *to, const tin_chip *c)
{
    const tin_fit ram = tin_report_fit(p, c, TIN_FIT_RAM);
    const tin_fit flash = tin_report_fit(p, c, TIN_FIT_FLASH);
    const int fits = ram.fits && flash.fits;

    tin_text_add(to,
                 "<tr><th scope=\"row\" class=\"op\">%s</th><td>%s</td><td "
                 "class=\"num\">%ld</td>",
                 c->name, c->cpu, (long)c->mhz);
    put_count(to, ram.have);
    put_percent(to, ram.need, ram.have);
    put_count(to, flash.have);
    put_percent(to, flash.need, flash.have);
    tin_text_add(to, "<td><span class=\"pill %s</span></td></tr>\n",
                 fits        ? "good\">&#10003; fits"
                 : !ram.fits ? "bad\">&#10007; too little RAM"
                             : "bad\">&#10007; too little flash");
}

static void put_chips(const tin_report *r, tin_text *to)
{
    static const column columns[] = {
        {"chip", "op"},       {"core", ""},     {"MHz", "num"},
        {"RAM", "num"},       {"arena", "num"}, {"flash", "num"},
        {"constants", "num"}, {"", ""},         {NULL, NULL}};

    tin_text_add(to,
                 "<section class=\"panel\">\n<details%s>\n<summary><h2>%s"
                 "</h2></summary>\n<p class=\"soft\">The arena in the "
                 "largest block of RAM, the constants in flash, for target "
                 "%s. Stack, code and everything else come on top.</p>\n",
                 r->chip ? "" : " open", r->chip ? "Other chips" : "Chips",
                 r->program->target);
    open_table(to, "Chips", columns);
    for (const tin_chip *c = tin_chips; c->name; c++)
        put_chip(r->program, to, c);
    close_table(to);
    tin_text_add(to, "</details>\n</section>\n");
}

void tin_report_html_tables(const tin_report *r, tin_text *to)
{
    put_cost(r, to);
    put_layers(r, to);
    put_all_ports(r, to);
    put_chips(r, to);
}
