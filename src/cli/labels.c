/* SPDX-License-Identifier: MIT */
/* labels.c: the names of classes. See running.h. */
#include <string.h>

#include "running.h"

enum { MOST_BYTES = 1 << 24 };

/* One line without its end; zero bytes become visible. */
static const char *take_line(tin_pool *pool, tin_bytes file, size_t *at)
{
    const uint8_t *start = file.data + *at;
    const uint8_t *end = memchr(start, '\n', file.bytes - *at);
    const size_t n = end ? (size_t)(end - start) : file.bytes - *at;
    char *line = tin_pool_alloc(pool, n + 1);

    *at += n + (end != NULL);
    if (!line)
        return NULL;
    for (size_t i = 0; i < n; i++)
        line[i] = start[i] ? (char)start[i] : '?';
    if (n > 0 && line[n - 1] == '\r')
        line[n - 1] = '\0';
    return tin_clean(pool, line, 0);
}

static int32_t count_lines(tin_bytes file)
{
    int32_t lines = 1; // the last one may have no end

    for (size_t i = 0; i < file.bytes; i++)
        lines += file.data[i] == '\n';
    return lines;
}

static tin_status take_lines(tin_pool *pool, tin_bytes file, tin_labels *labels,
                             tin_diag *diag)
{
    const uint64_t lines = (uint64_t)count_lines(file);
    const char **names = tin_pool_alloc(pool, lines * sizeof *names);
    int32_t count = 0;
    size_t at = 0;

    while (names && at < file.bytes) {
        names[count] = take_line(pool, file, &at);
        if (!names[count])
            names = NULL;
        else
            count++;
    }
    if (!names)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    while (count > 0 && !*names[count - 1])
        count--;
    labels->name = names;
    labels->count = count;
    return TIN_OK;
}

tin_status tin_labels_load(tin_pool *pool, const char *path, tin_labels *labels,
                           tin_diag *diag)
{
    tin_diag inner = {.layer = -1, .offset = -1};
    tin_bytes file;
    tin_status status;

    labels->count = 0;
    if (!path)
        return TIN_OK;
    status = tin_file_read(pool, path, MOST_BYTES, &file, &inner);
    if (status == TIN_OK)
        status = take_lines(pool, file, labels, &inner);
    if (status == TIN_OK && labels->count == 0)
        status = tin_fail(&inner, TIN_ERR_FORMAT, -1, "no names in the file");
    if (status != TIN_OK)
        return tin_fail(diag, status, -1, "%.240s: %s", path, inner.message);
    return TIN_OK;
}

const char *tin_label(const tin_labels *labels, int64_t i)
{
    return i < labels->count ? labels->name[i] : "";
}
