/* SPDX-License-Identifier: MIT */
/* plan_csv.c: buffers as the MiniMalloc benchmark writes them. See
 * plan_parts.h. The file is untrusted. */
#include <stdlib.h>
#include <string.h>

#include "plan_parts.h"

typedef enum {
    COLUMN_ID,
    COLUMN_LOWER,
    COLUMN_UPPER,
    COLUMN_SIZE,
    COLUMN_ALIGNMENT,
    COLUMN_OFFSET,
    COLUMNS
} column;

/* MOST_BUFFERS: planning takes time of the square. */
enum { NEEDED_COLUMNS = 4, MOST_FIELDS = 16, MOST_BUFFERS = 1 << 16 };

static const char *const column_names[COLUMNS] = {
    "id", "lower", "upper", "size", "alignment", "offset"};

/* Some bytes of the file. */
typedef struct {
    const char *at;
    size_t bytes;
} span;

typedef struct {
    tin_pool *pool;
    tin_diag *diag;
    span rest; /* of the file */
    long line;
    span fields[MOST_FIELDS]; /* of the present line */
    int32_t n_fields;
    column kinds[MOST_FIELDS]; /* what the head says of them */
    int32_t n_kinds;
} reader;

/* ---- Lines -------------------------------------------------------------- */

static tin_status damaged(const reader *r, const char *what)
{
    return tin_fail(r->diag, TIN_ERR_FORMAT, -1, "line %ld: %s", r->line, what);
}

/* Takes the first `n` bytes away, and `gap` behind them. */
static span take(span *from, size_t n, size_t gap)
{
    const span taken = {from->at, n};

    from->at += n + gap;
    from->bytes -= n + gap;
    return taken;
}

/* Bytes before the first c, or all. */
static size_t bytes_before(span s, char c)
{
    const char *at = s.bytes ? memchr(s.at, c, s.bytes) : NULL;

    return at ? (size_t)(at - s.at) : s.bytes;
}

static span trimmed(span s)
{
    while (s.bytes && (*s.at == ' ' || *s.at == '\t'))
        (void)take(&s, 1, 0);
    while (s.bytes && strchr(" \t\r", s.at[s.bytes - 1]) && s.at[s.bytes - 1])
        s.bytes--;
    return s;
}

/* The next line that is not blank, cut at commas. *more is 0 at the end. */
static tin_status next_line(reader *r, int *more)
{
    span line = {NULL, 0};

    while (r->rest.bytes && !line.bytes) {
        const size_t n = bytes_before(r->rest, '\n');

        line = trimmed(take(&r->rest, n, n < r->rest.bytes));
        r->line++;
    }
    *more = line.bytes > 0;
    r->n_fields = 0;
    while (line.bytes || (*more && r->n_fields == 0)) {
        const size_t n = bytes_before(line, ',');
        const int last = n == line.bytes;

        if (r->n_fields == MOST_FIELDS)
            return damaged(r, "too many fields");
        r->fields[r->n_fields++] = trimmed(take(&line, n, !last));
        if (!last && !line.bytes)
            return damaged(r, "a comma at the end");
    }
    return TIN_OK;
}

/* ---- Fields ------------------------------------------------------------- */

static int is_word(span s, const char *word)
{
    return s.bytes == strlen(word) && memcmp(s.at, word, s.bytes) == 0;
}

/* A copy for messages and for the result; NULL where it is not printable
 * ASCII or has quotes, which would need an escape. */
static const char *text_of(const reader *r, span s)
{
    char *text = tin_pool_alloc(r->pool, (uint64_t)s.bytes + 1);

    for (size_t i = 0; text && i < s.bytes; i++) {
        if (s.at[i] < 0x20 || s.at[i] > 0x7e || s.at[i] == '"')
            return NULL;
        text[i] = s.at[i];
    }
    return text;
}

static tin_status bad_number(const reader *r, span s, const char *what,
                             int32_t least)
{
    const char *text = s.bytes > 40 ? NULL : text_of(r, s);

    return tin_fail(
        r->diag, TIN_ERR_FORMAT, -1,
        "line %ld: %s is a whole number from %ld to 2147483647%s%s%s", r->line,
        what, (long)least, text ? ", not '" : "", text ? text : "",
        text ? "'" : "");
}

static tin_status read_number(const reader *r, span s, const char *what,
                              int32_t least, int32_t *number)
{
    int64_t n = 0;
    size_t i;

    for (i = 0; i < s.bytes && n <= INT32_MAX; i++) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return bad_number(r, s, what, least);
        n = 10 * n + (s.at[i] - '0');
    }
    if (i == 0 || n > INT32_MAX || n < least)
        return bad_number(r, s, what, least);
    *number = (int32_t)n;
    return TIN_OK;
}

/* ---- The head ----------------------------------------------------------- */

static tin_status read_head(reader *r)
{
    int32_t seen[COLUMNS] = {0};
    int more;
    tin_status status = next_line(r, &more);

    for (int32_t i = 0; i < r->n_fields && status == TIN_OK; i++) {
        int32_t k = 0;

        while (k < COLUMNS && !is_word(r->fields[i], column_names[k]))
            k++;
        if (k == COLUMNS || seen[k]++)
            return damaged(r, "the first line is id,lower,upper,size");
        r->kinds[i] = (column)k;
    }
    r->n_kinds = r->n_fields;
    for (int32_t k = 0; k < NEEDED_COLUMNS && status == TIN_OK; k++) {
        if (!seen[k])
            return damaged(r, "the first line is id,lower,upper,size");
    }
    return status;
}

/* ---- Rows --------------------------------------------------------------- */

static tin_status read_field(const reader *r, int32_t i, tin_plan_buffer *b,
                             const char **id)
{
    static const int32_t least[COLUMNS] = {0, 0, 0, 0, 1, 0};
    const column kind = r->kinds[i];
    int32_t *const numbers[COLUMNS] = {NULL,      &b->lower, &b->upper,
                                       &b->bytes, &b->align, &b->offset};

    if (kind != COLUMN_ID)
        return read_number(r, r->fields[i], column_names[kind], least[kind],
                           numbers[kind]);
    *id = text_of(r, r->fields[i]);
    if (!*id || !r->fields[i].bytes)
        return damaged(r, "an id is printable ASCII without quotes");
    return TIN_OK;
}

static tin_status read_row(const reader *r, tin_plan_buffer *b, const char **id)
{
    tin_status status = TIN_OK;

    b->align = 1;
    if (r->n_fields != r->n_kinds)
        return tin_fail(r->diag, TIN_ERR_FORMAT, -1,
                        "line %ld: %ld fields, but the first line has %ld",
                        r->line, (long)r->n_fields, (long)r->n_kinds);
    for (int32_t i = 0; i < r->n_fields && status == TIN_OK; i++)
        status = read_field(r, i, b, id);
    if (status != TIN_OK)
        return status;
    b->offset = 0;
    if (b->lower >= b->upper)
        return damaged(r, "upper is the first time after the buffer's life, "
                          "so it exceeds lower");
    if (b->align & (b->align - 1))
        return damaged(r, "an alignment is a power of two");
    return TIN_OK;
}

/* Lines are as many as buffers can be. */
static int32_t count_lines(tin_bytes file)
{
    int32_t n = 1;

    for (size_t i = 0; i < file.bytes; i++)
        n += file.data[i] == '\n' && n <= MOST_BUFFERS;
    return n;
}

static tin_status read_rows(reader *r, tin_plan_sheet *sheet)
{
    int more;
    tin_status status = next_line(r, &more);

    while (status == TIN_OK && more) {
        if (sheet->n == MOST_BUFFERS)
            return damaged(r, "more than 65536 buffers");
        status = read_row(r, &sheet->buffers[sheet->n], &sheet->ids[sheet->n]);
        sheet->n++;
        if (status == TIN_OK)
            status = next_line(r, &more);
    }
    if (status == TIN_OK && sheet->n == 0)
        return damaged(r, "no buffers after the first line");
    return status;
}

tin_status tin_plan_read(tin_pool *pool, tin_bytes file, tin_plan_sheet *sheet,
                         tin_diag *diag)
{
    const uint64_t most = (uint64_t)count_lines(file);
    reader r = {.pool = pool, .diag = diag};
    tin_status status;

    r.rest.at = (const char *)file.data;
    r.rest.bytes = file.bytes;
    if (file.bytes >= 3 && memcmp(file.data, "\xef\xbb\xbf", 3) == 0)
        (void)take(&r.rest, 3, 0); // the mark that some put before UTF-8
    if (!r.rest.bytes)
        return tin_fail(diag, TIN_ERR_FORMAT, -1, "the file is empty");
    sheet->n = 0;
    sheet->buffers = tin_pool_alloc(pool, most * sizeof *sheet->buffers);
    sheet->ids = tin_pool_alloc(pool, most * sizeof *sheet->ids);
    if (!sheet->buffers || !sheet->ids)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    status = read_head(&r);
    return status == TIN_OK ? read_rows(&r, sheet) : status;
}

void tin_plan_write(const tin_plan_sheet *sheet, tin_text *to)
{
    int aligned = 0;

    for (int32_t i = 0; i < sheet->n; i++)
        aligned |= sheet->buffers[i].align > 1;
    tin_text_add(to, "id,lower,upper,size,%soffset\n",
                 aligned ? "alignment," : "");
    for (int32_t i = 0; i < sheet->n; i++) {
        const tin_plan_buffer *b = &sheet->buffers[i];

        tin_text_add(to, "%s,%ld,%ld,%ld,", sheet->ids[i], (long)b->lower,
                     (long)b->upper, (long)b->bytes);
        if (aligned)
            tin_text_add(to, "%ld,", (long)b->align);
        tin_text_add(to, "%ld\n", (long)b->offset);
    }
}
