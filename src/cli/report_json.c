/* SPDX-License-Identifier: MIT */
/* report_json.c: a report for programs. See report_parts.h. */
#include "report_parts.h"

static void put_layer(tin_json *j, const tin_program *p, int32_t index)
{
    const tin_place *place = tin_report_place_of(p, index);

    tin_json_open(j, NULL, '{');
    tin_json_layer(j, p, index);
    tin_json_int(j, "rows", place ? place->rows : 0);
    tin_json_int(j, "all_rows",
                 place && !p->model.hop_rows ? place->all_rows : 0);
    tin_json_close(j, '}');
}

/* "layer" is that which makes it; null: an input of the network. */
static void put_place(tin_json *j, const tin_program *p, int32_t index)
{
    const tin_place *place = &p->places[index];

    tin_json_open(j, NULL, '{');
    tin_json_text(j, "kind", tin_report_kind(place->kind));
    tin_json_text(j, "name", place->name ? place->name : "");
    tin_json_known(j, "layer", place->layer >= 0, place->layer);
    tin_json_int(j, "lower", place->lower);
    tin_json_int(j, "upper", place->upper);
    tin_json_int(j, "region", place->region);
    tin_json_int(j, "offset", place->offset);
    tin_json_int(j, "bytes", place->bytes);
    tin_json_int(j, "rows", place->rows);
    tin_json_int(j, "all_rows", p->model.hop_rows ? 0 : place->all_rows);
    tin_json_int(j, "slots", place->slots);
    tin_json_close(j, '}');
}

static void put_chip(tin_json *j, const tin_report *r)
{
    const tin_chip *c = r->chip;

    if (!c) {
        tin_json_null(j, "chip");
        tin_json_null(j, "fits");
        return;
    }
    tin_json_open(j, "chip", '{');
    tin_json_text(j, "name", c->name);
    tin_json_text(j, "part", c->part);
    tin_json_text(j, "cpu", c->cpu);
    tin_json_int(j, "mhz", c->mhz);
    tin_json_int(j, "flash_bytes", c->flash_bytes);
    tin_json_int(j, "ram_bytes", c->ram_bytes);
    tin_json_int(j, "ram_block_bytes", c->block_bytes);
    tin_json_close(j, '}');
    tin_json_open(j, "fits", '{');
    tin_json_bool(j, "flash",
                  tin_report_fit(r->program, c, TIN_FIT_FLASH).fits);
    tin_json_bool(j, "ram", tin_report_fit(r->program, c, TIN_FIT_RAM).fits);
    tin_json_close(j, '}');
}

static void put_sums(tin_json *j, const tin_report *r)
{
    const tin_program *p = r->program;
    const tin_plan_result plan = tin_memory_plan(p);
    const int32_t layer = tin_report_binding_layer(p);

    tin_json_text(j, "model", r->path);
    tin_json_text(j, "target", p->target);
    tin_json_int(j, "macs", p->macs);
    tin_json_int(j, "live_macs", p->live_macs);
    tin_json_int(j, "calls", tin_model_calls(&p->model));
    tin_json_int(j, "pushed_rows", p->model.pushed_rows);
    tin_json_int(j, "weight_bytes", p->weight_bytes);
    tin_json_int(j, "flash_bytes", p->flash_bytes);
    tin_json_known(j, "cycles", p->cycles_of != NULL, p->cycles);
    tin_json_int(j, "arena_bytes", plan.peak_bytes);
    tin_json_int(j, "lower_bound_bytes", plan.lower_bound_bytes);
    tin_json_bool(j, "optimal", plan.optimal);
    tin_json_bool(j, "searched_all", p->searched_all);
    tin_memories_json(j, p);
    tin_hops_json(j, p);
    tin_json_known(j, "binding_layer", layer >= 0, layer);
    put_chip(j, r);
}

void tin_report_json(const tin_report *r, FILE *to)
{
    const tin_program *p = r->program;
    tin_json j = {.file = to};

    tin_json_open(&j, NULL, '{');
    put_sums(&j, r);
    tin_json_open(&j, "layers", '[');
    for (int32_t i = 0; i < p->n_layers; i++)
        put_layer(&j, p, i);
    tin_json_close(&j, ']');
    tin_json_open(&j, "places", '[');
    for (int32_t i = 0; i < p->n_places; i++)
        put_place(&j, p, i);
    tin_json_close(&j, ']');
    tin_json_close(&j, '}');
}
