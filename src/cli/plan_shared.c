/* SPDX-License-Identifier: MIT */
/* plan_shared.c: networks over one arena. See plan_parts.h. */
#include <ctype.h>
#include <string.h>

#include "plan_parts.h"

typedef struct {
    const char *path;
    char id[TIN_ID_SIZE + 16]; /* of its own, so perhaps with a number */
    int32_t arena_bytes, arena_align;
    int64_t weight_bytes, calls;
} network;

typedef struct {
    tin_pool *pool;
    const tin_plan_args *args;
    network networks[TIN_CLI_LIST_MAX];
    int32_t n, largest;
    int32_t align;
    int64_t sum_bytes;
} sharing;

/* ---- Loading ------------------------------------------------------------ */

/* Of two files called alike the later one gets a number. */
static void name_network(sharing *s, int32_t index)
{
    network *w = &s->networks[index];
    size_t length;

    tin_make_id(w->path, w->id);
    length = strlen(w->id);
    for (int32_t i = 0; i < index; i++) {
        if (strcmp(s->networks[i].id, w->id) == 0) {
            snprintf(w->id + length, 16, "_%d", (int)index + 1);
            return;
        }
    }
}

static const char *first_state(const tin_program *p)
{
    int32_t i = 0;

    while (i < p->n_places - 1 && p->places[i].kind != TIN_PLACE_STATE)
        i++;
    return p->places[i].name;
}

static int load(sharing *s, int32_t index)
{
    network *w = &s->networks[index];
    const tin_program *p;
    int status;

    w->path = s->args->files.at[index];
    status = tin_cli_load("plan", s->pool, w->path, &s->args->how, &p);
    if (status != TIN_CLI_OK)
        return status;
    if (p->model.n_states > 0)
        return tin_cli_fail("plan",
                            "%s keeps state from one inference to the next "
                            "('%.60s'), which another network would overwrite",
                            w->path, first_state(p));
    name_network(s, index);
    w->arena_bytes = p->model.arena_bytes;
    w->arena_align = p->model.arena_align;
    w->weight_bytes = p->weight_bytes;
    w->calls = tin_model_calls(&p->model);
    if (w->arena_bytes > s->networks[s->largest].arena_bytes)
        s->largest = index;
    if (w->arena_align > s->align)
        s->align = w->arena_align;
    s->sum_bytes += w->arena_bytes;
    return TIN_CLI_OK;
}

/* ---- Text --------------------------------------------------------------- */

static void print_table(const sharing *s)
{
    static const char *const head[] = {"network", "arena", "of the largest",
                                       "calls", "weights"};
    const double most = s->networks[s->largest].arena_bytes;
    tin_table t = {.pool = s->pool, .align = "lrrrr"};
    char n[TIN_NUMBER_SIZE];

    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        tin_table_add(&t, "%s", head[i]);
    for (int32_t i = 0; i < s->n; i++) {
        const network *w = &s->networks[i];

        tin_table_add(&t, "%s", tin_clean(s->pool, w->path, 48));
        tin_table_add(&t, "%s", tin_format_count(n, w->arena_bytes));
        tin_table_add(&t, "%.1f %%",
                      most > 0 ? 100 * w->arena_bytes / most : 100.0);
        tin_table_add(&t, "%s", tin_format_count(n, w->calls));
        tin_table_add(&t, "%s", tin_format_count(n, w->weight_bytes));
    }
    tin_table_print(&t, stdout);
}

static void print_sums(const sharing *s)
{
    const int64_t arena = s->networks[s->largest].arena_bytes;
    char n[TIN_NUMBER_SIZE], saved[TIN_NUMBER_SIZE];

    printf("\narena        %s bytes, that of the largest\n",
           tin_format_count(n, arena));
    printf("apart        %s bytes, so sharing saves %s\n",
           tin_format_count(n, s->sum_bytes),
           tin_format_count(saved, s->sum_bytes - arena));
    tin_plan_print_fit(arena, s->args->capacity);
}

static void print_macro(const char *id)
{
    for (; *id; id++)
        putchar(toupper((unsigned char)*id));
    fputs("_ARENA_BYTES", stdout);
}

/* What to write in C. */
static void print_declaration(const sharing *s)
{
    printf("\nIn your firmware, one array as large as the largest:\n\n"
           "  static union {\n");
    for (int32_t i = 0; i < s->n; i++) {
        printf("      uint8_t %s[", s->networks[i].id);
        print_macro(s->networks[i].id);
        printf("];\n");
    }
    printf("  } arena;\n\n");
    for (int32_t i = 0; i < s->n; i++) {
        const char *id = s->networks[i].id;

        printf("  if (tin_net_open(&%s, &%s_model, arena.%s,\n"
               "                   sizeof arena.%s, NULL))\n"
               "      return -1;\n",
               id, id, id, id);
    }
    printf("\nEach is opened once. From writing a network's inputs to reading "
           "its outputs\nno other one may run: they use the same bytes.\n");
}

/* ---- JSON --------------------------------------------------------------- */

static void print_json(const sharing *s)
{
    const int64_t arena = s->networks[s->largest].arena_bytes;
    tin_json j = {.file = stdout};

    tin_json_open(&j, NULL, '{');
    tin_json_open(&j, "networks", '[');
    for (int32_t i = 0; i < s->n; i++) {
        const network *w = &s->networks[i];

        tin_json_open(&j, NULL, '{');
        tin_json_text(&j, "file", w->path);
        tin_json_text(&j, "id", w->id);
        tin_json_int(&j, "arena_bytes", w->arena_bytes);
        tin_json_int(&j, "arena_align", w->arena_align);
        tin_json_int(&j, "weight_bytes", w->weight_bytes);
        tin_json_int(&j, "calls", w->calls);
        tin_json_close(&j, '}');
    }
    tin_json_close(&j, ']');
    tin_json_int(&j, "arena_bytes", arena);
    tin_json_int(&j, "arena_align", s->align);
    tin_json_int(&j, "largest", s->largest);
    tin_json_int(&j, "sum_bytes", s->sum_bytes);
    tin_plan_json_fit(&j, arena, s->args->capacity);
    tin_json_close(&j, '}');
}

int tin_plan_shared(tin_pool *pool, const tin_plan_args *args)
{
    sharing s = {.pool = pool, .args = args, .n = args->files.count};

    for (int32_t i = 0; i < s.n; i++) {
        const int status = load(&s, i);

        if (status != TIN_CLI_OK)
            return status;
    }
    if (args->json) {
        print_json(&s);
    } else {
        print_table(&s);
        print_sums(&s);
        print_declaration(&s);
    }
    return tin_plan_fits(s.networks[s.largest].arena_bytes, args->capacity);
}
