/* SPDX-License-Identifier: MIT */
/* tin_text_add: see tinyinfer_compiler.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "emit.h"

/* Makes room for n bytes and a NUL. Returns 0, for ever, without memory. */
static int reserve(tin_text *t, size_t n)
{
    size_t capacity;
    char *text;

    if (t->failed)
        return 0;
    if (n < t->capacity - t->bytes)
        return 1;
    t->failed = 1;
    if (n >= SIZE_MAX / 4 || t->bytes >= SIZE_MAX / 4)
        return 0;
    capacity = (t->bytes + n + 256) * 2;
    text = tin_pool_alloc(t->pool, capacity);
    if (!text)
        return 0;
    if (t->bytes)
        memcpy(text, t->text, t->bytes);
    t->text = text;
    t->capacity = capacity;
    t->failed = 0;
    return 1;
}

void tin_text_put(tin_text *t, const char *bytes, size_t n)
{
    if (!reserve(t, n))
        return;
    memcpy(t->text + t->bytes, bytes, n);
    t->bytes += n;
    t->text[t->bytes] = '\0';
}

void tin_text_add(tin_text *t, const char *format, ...)
{
    va_list list;
    int n;

    va_start(list, format);
    n = vsnprintf(NULL, 0, format, list);
    va_end(list);
    if (n < 0)
        t->failed = 1;
    if (n < 0 || !reserve(t, (size_t)n))
        return;
    va_start(list, format);
    (void)vsnprintf(t->text + t->bytes, (size_t)n + 1, format, list);
    va_end(list);
    t->bytes += (size_t)n;
}
