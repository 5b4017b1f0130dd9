/* SPDX-License-Identifier: MIT */
/* bench_shape.c: reading and printing shapes. See bench.h. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define AT(member) offsetof(tin_bench_shape, member)
#define ONE(member) AT(member), AT(member)

/* Products of four sizes stay below 2^60. */
enum { LARGEST = 32767 };

const tin_bench_key tin_bench_keys[] = {
    {"n", "rows, softmaxes or inputs", ONE(n), 1, LARGEST, 1},
    {"h", "height of the input", ONE(h), 1, LARGEST, 1},
    {"w", "width of the input", ONE(w), 1, LARGEST, 1},
    {"c", "channels of the input", ONE(c), 1, LARGEST, 1},
    {"oc", "channels of the output", ONE(oc), 1, LARGEST, 1},
    {"k", "height and width of the window", AT(kh), AT(kw), 1, LARGEST, 1},
    {"kh", "height of the window", ONE(kh), 1, LARGEST, 1},
    {"kw", "width of the window", ONE(kw), 1, LARGEST, 1},
    {"s", "stride", ONE(s), 1, LARGEST, 1},
    {"d", "dilation", ONE(d), 1, LARGEST, 1},
    {"g", "groups", ONE(g), 1, LARGEST, 1},
    {"m", "depth multiplier", ONE(m), 1, LARGEST, 1},
    {"p", "pixels to add on each side", ONE(p), 0, LARGEST, 0},
    {"same", "1: padding SAME, 0: VALID", ONE(same), 0, 1, 1},
    {NULL, NULL, 0, 0, 0, 0, 0},
};

static int32_t *member(tin_bench_shape *s, size_t offset)
{
    return (int32_t *)(void *)((unsigned char *)s + offset);
}

static int32_t value(const tin_bench_shape *s, size_t offset)
{
    int32_t x;

    memcpy(&x, (const unsigned char *)s + offset, sizeof x);
    return x;
}

tin_bench_shape tin_bench_shape_neutral(void)
{
    tin_bench_shape s;

    for (const tin_bench_key *k = tin_bench_keys; k->name; k++) {
        *member(&s, k->offset) = k->neutral;
        *member(&s, k->offset2) = k->neutral;
    }
    return s;
}

/* Is the word of n characters in the list " h w c "? */
static int is_allowed(const char *allowed, const char *word, size_t n)
{
    for (const char *p = allowed; *p; p++) {
        if (*p == ' ' && strncmp(p + 1, word, n) == 0 && p[n + 1] == ' ')
            return 1;
    }
    return 0;
}

static const tin_bench_key *find_key(const char *word, size_t n)
{
    const tin_bench_key *k = tin_bench_keys;

    while (k->name && (strlen(k->name) != n || strncmp(k->name, word, n) != 0))
        k++;
    return k;
}

/* Reads "h=32" and returns what follows it, NULL after a complaint. */
static const char *read_item(tin_bench_shape *shape, const char *text,
                             const char *allowed)
{
    const size_t n = strcspn(text, "=,");
    const tin_bench_key *k = find_key(text, n);
    char *end;
    long x;

    if (text[n] != '=' || !k->name || !is_allowed(allowed, text, n)) {
        tin_bench_fail(TIN_BENCH_USAGE,
                       "--shape: no '%.20s' here; this kernel takes%.*s", text,
                       (int)strlen(allowed) - 1, allowed); // " h w c "
        return NULL;
    }
    x = strtol(text + n + 1, &end, 10);
    if (end == text + n + 1 || (*end && *end != ',') || x < k->min ||
        x > k->max) {
        tin_bench_fail(TIN_BENCH_USAGE,
                       "--shape: %s takes %ld .. %ld, not '%s'", k->name,
                       (long)k->min, (long)k->max, text + n + 1);
        return NULL;
    }
    *member(shape, k->offset) = (int32_t)x;
    *member(shape, k->offset2) = (int32_t)x;
    return end;
}

int tin_bench_shape_read(tin_bench_shape *shape, const char *text,
                         const char *allowed)
{
    for (;;) {
        text = read_item(shape, text, allowed);
        if (!text)
            return TIN_BENCH_USAGE;
        if (!*text)
            return TIN_BENCH_OK;
        text++; // the comma
    }
}

char *tin_bench_shape_print(char to[TIN_BENCH_SHAPE_TEXT],
                            const tin_bench_shape *shape, const char *allowed)
{
    size_t used = 0;

    *to = '\0';
    for (const tin_bench_key *k = tin_bench_keys; k->name; k++) {
        const int32_t x = value(shape, k->offset);
        const int square = shape->kh == shape->kw;
        const int half = k->name[0] == 'k' && k->name[1] != '\0';

        // a window is k where it is square, else kh and kw
        if ((k->name[0] == 'k' && half == square) ||
            !is_allowed(allowed, k->name, strlen(k->name)))
            continue;
        if (x == k->neutral && strchr("sdgm", k->name[0]))
            continue;
        used += (size_t)snprintf(to + used, TIN_BENCH_SHAPE_TEXT - used,
                                 "%s%s=%ld", used ? "," : "", k->name, (long)x);
    }
    return to;
}
