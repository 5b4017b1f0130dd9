/* SPDX-License-Identifier: MIT */
/* memories.c: the memories that an arena is spread over. See cli.h. */
#include <string.h>

#include "cli.h"

/* ---- NAME:SIZE ---------------------------------------------------------- */

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Names become parts of names in C. */
static int is_name(const char *text, size_t length)
{
    if (length == 0 || length >= sizeof((tin_cli_regions *)0)->names[0] ||
        !is_letter(text[0]))
        return 0;
    for (size_t i = 1; i < length; i++) {
        if (!is_letter(text[i]) && !is_digit(text[i]) && text[i] != '_')
            return 0;
    }
    return 1;
}

int64_t tin_read_size(const char *text)
{
    int64_t n = 0, unit = 1;

    if (!is_digit(*text))
        return 0;
    for (; is_digit(*text); text++) {
        n = 10 * n + (*text - '0');
        if (n > INT32_MAX)
            return 0;
    }
    if (*text == 'K' || *text == 'k')
        unit = 1 << 10;
    else if (*text == 'M' || *text == 'm')
        unit = 1 << 20;
    if (text[unit > 1] || n * unit > INT32_MAX)
        return 0;
    return n * unit;
}

/* Macros in C are in upper case: "fast" and "Fast" are one name. */
static int same_name(const char *a, const char *b)
{
    for (; *a || *b; a++, b++) {
        const int x = is_letter(*a) ? *a | 32 : *a;
        const int y = is_letter(*b) ? *b | 32 : *b;

        if (x != y)
            return 0;
    }
    return 1;
}

int tin_region_add(const char *command, tin_cli_regions *r, const char *text)
{
    const size_t length = strcspn(text, ":");
    const int64_t bytes = text[length] ? tin_read_size(text + length + 1) : 0;

    if (!text[length])
        return tin_cli_usage(command, "--region takes NAME:SIZE, not '%s'",
                             text);
    if (!is_name(text, length))
        return tin_cli_usage(command,
                             "--region: '%.*s' is no name: letters, digits "
                             "and _, 1 to 32 of them, a letter first",
                             (int)(length < 99 ? length : 99), text);
    if (bytes == 0)
        return tin_cli_usage(command,
                             "--region: '%s' is no size: bytes, or K or M of "
                             "them, from 1 to 2147483647",
                             text + length + 1);
    if (r->count == TIN_MAX_REGIONS)
        return tin_cli_usage(command, "more than %d times --region",
                             TIN_MAX_REGIONS);
    memcpy(r->names[r->count], text, length);
    r->names[r->count][length] = '\0';
    for (int32_t i = 0; i < r->count; i++) {
        if (same_name(r->names[i], r->names[r->count]))
            return tin_cli_usage(command, "--region: two are called '%s'",
                                 r->names[i]);
    }
    r->bytes[r->count++] = bytes;
    return TIN_CLI_GO_ON;
}

/* ---- What a program takes of them --------------------------------------- */

int32_t tin_memories(const tin_program *p)
{
    return p->n_regions;
}

tin_memory tin_memory_at(const tin_program *p, int32_t i)
{
    tin_memory m = {.name = p->regions[i].name, .have = p->regions[i].bytes};

    m.bytes = i == 0 ? p->model.arena_bytes : p->model.more_bytes[i - 1];
    return m;
}

int64_t tin_memory_sum(const tin_program *p)
{
    int64_t sum = p->model.arena_bytes;

    for (int32_t i = 0; i < p->model.n_more; i++)
        sum += p->model.more_bytes[i];
    return sum > 0 ? sum : p->plan.peak_bytes;
}

tin_plan_result tin_memory_plan(const tin_program *p)
{
    tin_plan_result plan = p->plan;
    const int64_t sum = tin_memory_sum(p);

    plan.peak_bytes = sum < INT32_MAX ? (int32_t)sum : INT32_MAX;
    plan.optimal = plan.optimal && plan.peak_bytes == p->plan.peak_bytes;
    return plan;
}

void tin_memories_print(const tin_program *p, FILE *to)
{
    for (int32_t i = 0; i < tin_memories(p); i++) {
        const tin_memory m = tin_memory_at(p, i);
        char n[TIN_NUMBER_SIZE], have[TIN_NUMBER_SIZE];

        fprintf(to, "memory %-5s %s", m.name, tin_format_count(n, m.bytes));
        fprintf(to, " of %s bytes\n", tin_format_count(have, m.have));
    }
}

void tin_memories_json(tin_json *j, const tin_program *p)
{
    tin_json_open(j, "regions", '[');
    for (int32_t i = 0; i < tin_memories(p); i++) {
        const tin_memory m = tin_memory_at(p, i);

        tin_json_open(j, NULL, '{');
        tin_json_text(j, "name", m.name);
        tin_json_int(j, "bytes", m.bytes);
        tin_json_int(j, "available_bytes", m.have);
        tin_json_close(j, '}');
    }
    tin_json_close(j, ']');
}
