/* SPDX-License-Identifier: MIT */
/* read_csv.c: numbers in a text file. See array.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"

/* So that 8 bytes for every second byte are a size_t of 32 bits. */
enum { MOST_BYTES = 1 << 28 };

typedef struct {
    tin_bytes file;
    size_t at;
    long line;
    tin_diag *diag;
    double *numbers;
    int64_t count;
} sheet;

static tin_status damaged(const sheet *s, const char *what)
{
    return tin_fail(s->diag, TIN_ERR_FORMAT, -1, "line %ld: %s", s->line, what);
}

static int is_number_character(uint8_t c)
{
    return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.' ||
           c == 'e' || c == 'E';
}

/* strtod knows more than numbers (nan, hexadecimal), so it sees only what
 * looks like one. */
static tin_status take_number(sheet *s)
{
    char text[64];
    char *end;
    size_t n = 0;
    double x;

    while (s->at < s->file.bytes && is_number_character(s->file.data[s->at]) &&
           n < sizeof text - 1)
        text[n++] = (char)s->file.data[s->at++];
    text[n] = '\0';
    x = strtod(text, &end);
    if (n == 0 || *end || n == sizeof text - 1)
        return damaged(s, "expected a number");
    if (!isfinite(x))
        return damaged(s, "number too large");
    s->numbers[s->count++] = x;
    return TIN_OK;
}

static void skip_comment(sheet *s)
{
    while (s->at < s->file.bytes && s->file.data[s->at] != '\n')
        s->at++;
}

/* Skips what stands between numbers and counts its commas and semicolons; a
 * new line ends a row, after which one more may follow. */
static int32_t skip_between(sheet *s)
{
    int32_t commas = 0;

    for (; s->at < s->file.bytes; s->at++) {
        const uint8_t c = s->file.data[s->at];

        if (c == '#') {
            skip_comment(s);
            if (s->at == s->file.bytes)
                break;
            s->line++;
        } else if (c == '\n') {
            s->line++;
        } else if (c == ',' || c == ';') {
            commas++;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            break;
        }
    }
    return commas;
}

static tin_status take_all(sheet *s)
{
    tin_status status = TIN_OK;

    if (s->file.bytes >= 3 && memcmp(s->file.data, "\xef\xbb\xbf", 3) == 0)
        s->at = 3; // the mark that some programs put before UTF-8
    if (skip_between(s) > 0)
        return damaged(s, "empty field");
    while (s->at < s->file.bytes && status == TIN_OK) {
        status = take_number(s);
        if (status == TIN_OK && skip_between(s) > 1)
            status = damaged(s, "empty field");
    }
    return status;
}

/* Doubles in the byte order that tin_array promises. */
static uint8_t *little_endian(tin_pool *pool, const double *x, int64_t count)
{
    uint8_t *to = tin_pool_alloc(pool, 8 * (uint64_t)count);

    for (int64_t i = 0; to && i < count; i++) {
        uint64_t bits;

        memcpy(&bits, &x[i], sizeof bits);
        for (int32_t k = 0; k < 8; k++)
            to[8 * i + k] = (uint8_t)(bits >> (8 * k));
    }
    return to;
}

tin_status tin_read_csv(tin_pool *pool, tin_bytes file, tin_array *a,
                        tin_diag *diag)
{
    sheet s = {.file = file, .line = 1, .diag = diag};
    tin_status status;

    if (file.bytes > MOST_BYTES)
        return tin_fail(diag, TIN_ERR_UNSUPPORTED, -1,
                        "more than %d bytes of text: save as .npy", MOST_BYTES);
    // A number takes two bytes, a digit and what separates it from the next.
    s.numbers = malloc((file.bytes / 2 + 1) * sizeof *s.numbers);
    if (!s.numbers)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    status = take_all(&s);
    if (status == TIN_OK && s.count == 0)
        status = damaged(&s, "no numbers in the file");
    a->kind = TIN_ARRAY_TEXT;
    a->element = TIN_ELEMENT_F64;
    a->rank = 1;
    a->shape[0] = (int32_t)s.count;
    a->count = s.count;
    if (status == TIN_OK)
        a->data = little_endian(pool, s.numbers, s.count);
    if (status == TIN_OK && !a->data)
        status = tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    free(s.numbers);
    return status;
}
