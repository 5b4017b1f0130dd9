/* SPDX-License-Identifier: MIT */
/* json.c: writing JSON. See cli.h. */
#include <math.h>

#include "cli.h"

/* Members of levels up to this deep start lines of their own. */
enum { BROKEN_LEVELS = 2 };

static void new_line(const tin_json *j)
{
    fprintf(j->file, "\n%*s", (int)(2 * j->depth), "");
}

/* One character inside a string. Everything that is not printable ASCII or a
 * whole valid UTF-8 character is escaped; bytes that are neither become
 * U+FFFD, for JSON has no other way to tell of them. */
static const char *put_character(FILE *file, const char *text)
{
    uint32_t code;
    const int32_t n = tin_utf8_next(text, &code);

    if (n < 0) {
        fputs("\\ufffd", file);
        return text + 1;
    }
    if (code == '"' || code == '\\')
        fprintf(file, "\\%c", (int)code);
    else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
        fprintf(file, "\\u%04x", (unsigned)code);
    else
        fprintf(file, "%.*s", (int)n, text);
    return text + n;
}

static void put_string(FILE *file, const char *text)
{
    putc('"', file);
    while (*text)
        text = put_character(file, text);
    putc('"', file);
}

/* What stands before a member: comma, place, key. */
static void begin(tin_json *j, const char *key)
{
    if (j->filled)
        fputs(j->depth > BROKEN_LEVELS ? ", " : ",", j->file);
    if (j->depth > 0 && j->depth <= BROKEN_LEVELS)
        new_line(j);
    if (key) {
        put_string(j->file, key);
        fputs(": ", j->file);
    }
    j->filled = 1;
}

void tin_json_open(tin_json *j, const char *key, char bracket)
{
    begin(j, key);
    putc(bracket, j->file);
    j->depth++;
    j->filled = 0;
}

void tin_json_close(tin_json *j, char bracket)
{
    j->depth--;
    if (j->filled && j->depth < BROKEN_LEVELS)
        new_line(j);
    putc(bracket, j->file);
    j->filled = 1;
    if (j->depth == 0)
        putc('\n', j->file);
}

void tin_json_text(tin_json *j, const char *key, const char *text)
{
    begin(j, key);
    put_string(j->file, text);
}

void tin_json_int(tin_json *j, const char *key, int64_t n)
{
    begin(j, key);
    fprintf(j->file, "%lld", (long long)n);
}

void tin_json_bool(tin_json *j, const char *key, int yes)
{
    begin(j, key);
    fputs(yes ? "true" : "false", j->file);
}

void tin_json_real(tin_json *j, const char *key, double x)
{
    begin(j, key);
    if (isfinite(x))
        fprintf(j->file, "%.9g", x);
    else
        fputs("null", j->file);
}

void tin_json_null(tin_json *j, const char *key)
{
    begin(j, key);
    fputs("null", j->file);
}

void tin_json_known(tin_json *j, const char *key, int known, int64_t n)
{
    if (known)
        tin_json_int(j, key, n);
    else
        tin_json_null(j, key);
}

void tin_json_ints(tin_json *j, const char *key, const int32_t *n,
                   int32_t count)
{
    begin(j, key);
    putc('[', j->file);
    for (int32_t i = 0; i < count; i++)
        fprintf(j->file, "%s%ld", i ? ", " : "", (long)n[i]);
    putc(']', j->file);
}
