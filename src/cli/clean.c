/* SPDX-License-Identifier: MIT */
/* clean.c: text from files, made safe for a terminal. See cli.h. */
#include <string.h>

#include "cli.h"
#include "clean.h"

/* What a first byte of UTF-8 says: bytes in all, and the least code that
 * needs so many (a smaller one in so many bytes is invalid). */
static int32_t lead_byte(unsigned char c, uint32_t *code, uint32_t *least)
{
    if (c < 0x80) {
        *code = c;
        *least = 0;
        return 1;
    }
    if (c >= 0xc0 && c < 0xe0) {
        *code = c & 0x1fu;
        *least = 0x80;
        return 2;
    }
    if (c >= 0xe0 && c < 0xf0) {
        *code = c & 0x0fu;
        *least = 0x800;
        return 3;
    }
    if (c >= 0xf0 && c < 0xf8) {
        *code = c & 0x07u;
        *least = 0x10000;
        return 4;
    }
    return -1;
}

int32_t tin_utf8_next(const char *text, uint32_t *code)
{
    uint32_t least = 0;
    int32_t n;

    *code = 0;
    if (!*text)
        return 0;
    n = lead_byte((unsigned char)*text, code, &least);
    for (int32_t i = 1; i < n; i++) {
        const unsigned char c = (unsigned char)text[i];

        if ((c & 0xc0) != 0x80) // also ends at the NUL
            return -1;
        *code = *code << 6 | (c & 0x3fu);
    }
    if (n < 0 || *code < least || *code > 0x10ffff)
        return -1;
    return *code >= 0xd800 && *code < 0xe000 ? -1 : n; // surrogates
}

/* Characters that drive the terminal or reorder what is around them. */
static int is_unsafe(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) ||
           (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

void tin_clean_in_place(char *text)
{
    const char *from = text;
    char *to = text;
    uint32_t code;
    int32_t n;

    while ((n = tin_utf8_next(from, &code)) != 0) {
        if (n < 0 || is_unsafe(code)) {
            *to++ = '?';
            from += n < 0 ? 1 : n;
            continue;
        }
        while (n-- > 0)
            *to++ = *from++;
    }
    *to = '\0';
}

int32_t tin_text_width(const char *text)
{
    int32_t width = 0;

    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

/* The start of character `n` of a clean text. */
static char *character(char *text, int32_t n)
{
    while (n-- > 0) {
        text++;
        while (((unsigned char)*text & 0xc0) == 0x80)
            text++;
    }
    return text;
}

static const char *clean(tin_pool *pool, const char *text, size_t bytes,
                         int32_t width)
{
    char *copy = tin_pool_alloc(pool, (uint64_t)bytes + 1);
    int32_t have, head;
    char *cut, *tail;

    if (!copy)
        return "?";
    memcpy(copy, text, bytes); // the pool's memory is zeroed: a NUL follows
    tin_clean_in_place(copy);
    have = tin_text_width(copy);
    if (width < 4 || have <= width)
        return copy;
    // The end tells neighbours apart more often than the start does.
    head = (width - 2) / 2;
    tail = character(copy, have - (width - 2 - head));
    cut = character(copy, head);
    memmove(cut + 2, tail, strlen(tail) + 1); // at least 3 characters go
    memcpy(cut, "..", 2);
    return copy;
}

const char *tin_clean(tin_pool *pool, const char *text, int32_t width)
{
    return clean(pool, text, strlen(text), width);
}

const char *tin_clean_layer(tin_pool *pool, const char *name, int32_t width)
{
    const size_t first = strcspn(name, ";");

    return clean(pool, name, first ? first : strlen(name), width);
}
