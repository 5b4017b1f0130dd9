/* SPDX-License-Identifier: MIT */
/* text_table.c: tables and numbers as a person reads them. See cli.h. */
#include <stdarg.h>
#include <string.h>

#include "cli.h"

char *tin_format_count(char to[TIN_NUMBER_SIZE], int64_t n)
{
    char digits[24];
    char *out = to;
    size_t left;

    snprintf(digits, sizeof digits, "%lld", (long long)n);
    left = strlen(digits);
    for (const char *d = digits; *d; d++, left--) {
        *out++ = *d;
        if (*d != '-' && left > 1 && left % 3 == 1)
            *out++ = ',';
    }
    *out = '\0';
    return to;
}

char *tin_format_about(char to[TIN_NUMBER_SIZE], int64_t n)
{
    int64_t unit = 1;

    while (n / unit >= 1000)
        unit *= 10;
    return tin_format_count(to,
                            n / unit * unit + (n % unit * 2 >= unit) * unit);
}

char *tin_format_shape(char to[TIN_SHAPE_SIZE], int32_t rank,
                       const int32_t *shape)
{
    size_t at = 0;

    if (rank == 0)
        snprintf(to, TIN_SHAPE_SIZE, "scalar");
    for (int32_t i = 0; i < rank && at < TIN_SHAPE_SIZE; i++)
        at += (size_t)snprintf(to + at, TIN_SHAPE_SIZE - at, "%s%ld",
                               i ? "x" : "", (long)shape[i]);
    return to;
}

/* Room for one cell more. Without memory the table stays as it is. */
static int make_room(tin_table *t)
{
    const int32_t capacity = t->capacity ? 2 * t->capacity : 64;
    const char **cells;

    if (t->n_cells < t->capacity)
        return 1;
    cells = tin_pool_alloc(t->pool, (uint64_t)capacity * sizeof *cells);
    if (!cells)
        return 0;
    if (t->n_cells)
        memcpy(cells, t->cells, (size_t)t->n_cells * sizeof *cells);
    t->cells = cells;
    t->capacity = capacity;
    return 1;
}

void tin_table_add(tin_table *t, const char *format, ...)
{
    va_list args;
    char *cell;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    cell = n < 0 ? NULL : tin_pool_alloc(t->pool, (uint64_t)n + 1);
    if (!cell || !make_room(t)) {
        t->failed = 1;
        return;
    }
    va_start(args, format);
    vsnprintf(cell, (size_t)n + 1, format, args);
    va_end(args);
    t->cells[t->n_cells++] = cell;
}

enum { MAX_COLUMNS = 32 };

static void measure_columns(const tin_table *t, int32_t columns,
                            int32_t *widths)
{
    for (int32_t i = 0; i < t->n_cells; i++) {
        const int32_t width = tin_text_width(t->cells[i]);

        if (width > widths[i % columns])
            widths[i % columns] = width;
    }
}

int32_t tin_table_width(const tin_table *t)
{
    const int32_t columns = (int32_t)strlen(t->align);
    int32_t widths[MAX_COLUMNS] = {0};
    int32_t width = 2 * (columns - 1);

    measure_columns(t, columns, widths);
    for (int32_t i = 0; i < columns; i++)
        width += widths[i];
    return width;
}

/* One row. Blanks are held back until something follows them, so that no line
 * ends in blanks. */
static void print_row(const tin_table *t, const char *const *cells,
                      const int32_t *widths, FILE *to)
{
    int blanks = 0;

    for (int32_t i = 0; t->align[i]; i++) {
        const int pad = (int)(widths[i] - tin_text_width(cells[i]));
        const int right = t->align[i] == 'r';

        blanks += (i ? 2 : 0) + (right ? pad : 0);
        if (*cells[i]) {
            fprintf(to, "%*s%s", blanks, "", cells[i]);
            blanks = 0;
        }
        blanks += right ? 0 : pad;
    }
    putc('\n', to);
}

void tin_table_print(const tin_table *t, FILE *to)
{
    const int32_t columns = (int32_t)strlen(t->align);
    int32_t widths[MAX_COLUMNS] = {0};

    measure_columns(t, columns, widths);
    for (int32_t i = 0; i + columns <= t->n_cells; i += columns)
        print_row(t, t->cells + i, widths, to);
    if (t->failed)
        fputs("(out of memory: the table is incomplete)\n", to);
}
