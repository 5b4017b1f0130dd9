/* SPDX-License-Identifier: MIT */
/* tradeoff.c: see tradeoff.h. */
#include "tradeoff.h"

static tin_price price_of(const tin_program *p)
{
    tin_price price = {1, 0, 0, 0, 0};

    price.arena_bytes = tin_memory_plan(p).peak_bytes;
    price.calls = tin_model_calls(&p->model);
    price.flash_bytes = p->flash_bytes;
    price.cycles = p->cycles_of ? p->cycles : -1;
    return price;
}

/* Each program has a pool of its own: eight of them at once may be much. */
static tin_price find_price(tin_bytes file, const tin_how *how)
{
    tin_pool *pool = tin_pool_new();
    char doing[64];
    tin_price price = {0, 0, 0, 0, -1};
    const tin_program *p;

    snprintf(doing, sizeof doing, "placing tensors for %s%s",
             tin_settings[how->optimize],
             how->stream_input ? ", input streamed" : "");
    if (pool && tin_compile_shown(pool, file, how, doing, &p, NULL) == TIN_OK)
        price = price_of(p);
    tin_pool_free(pool);
    return price;
}

void tin_tradeoff_find(tin_bytes file, const tin_how *how,
                       const tin_program *program, tin_tradeoff *t)
{
    const tin_price none = {0, 0, 0, 0, -1};
    tin_how other = *how;

    other.resident = 0;
    for (int i = 0; i < TIN_SETTINGS; i++) {
        other.optimize = i;
        for (int k = 0; k < 2; k++) {
            other.stream_input = k;
            if (i == how->optimize && !k == !how->stream_input &&
                !how->resident)
                t->at[i][k] = price_of(program);
            else if (k && program->model.n_inputs == 0)
                t->at[i][k] = none;
            else
                t->at[i][k] = find_price(file, &other);
        }
    }
}

/* ---- Showing ------------------------------------------------------------ */

static void add_count(tin_table *t, int known, int64_t n)
{
    char digits[TIN_NUMBER_SIZE];

    tin_table_add(t, "%s", known ? tin_format_count(digits, n) : "-");
}

void tin_tradeoff_print(tin_pool *pool, const tin_tradeoff *t, FILE *to)
{
    static const char *const head[] = {"--optimize",     "arena", "calls",
                                       "input streamed", "calls", "flash",
                                       "cycles"};
    tin_table table = {.pool = pool, .align = "lrrrrrr"};

    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        tin_table_add(&table, "%s", head[i]);
    for (int i = 0; i < TIN_SETTINGS; i++) {
        const tin_price *p = t->at[i];

        tin_table_add(&table, "%s", tin_settings[i]);
        for (int k = 0; k < 2; k++) {
            add_count(&table, p[k].known, p[k].arena_bytes);
            add_count(&table, p[k].known, p[k].calls);
        }
        add_count(&table, p->known, p->flash_bytes);
        add_count(&table, p->known && p->cycles >= 0, p->cycles);
    }
    tin_table_print(&table, to);
}

void tin_tradeoff_json(tin_json *j, const tin_tradeoff *t)
{
    tin_json_open(j, "tradeoff", '[');
    for (int i = 0; i < 2 * TIN_SETTINGS; i++) {
        const int streamed = i >= TIN_SETTINGS;
        const tin_price *p = &t->at[i % TIN_SETTINGS][streamed];

        tin_json_open(j, NULL, '{');
        tin_json_text(j, "optimize", tin_settings[i % TIN_SETTINGS]);
        tin_json_bool(j, "stream_input", streamed);
        tin_json_known(j, "arena_bytes", p->known, p->arena_bytes);
        tin_json_known(j, "calls", p->known, p->calls);
        tin_json_known(j, "flash_bytes", p->known, p->flash_bytes);
        tin_json_known(j, "cycles", p->known && p->cycles >= 0, p->cycles);
        tin_json_close(j, '}');
    }
    tin_json_close(j, ']');
}
