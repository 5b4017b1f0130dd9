/* SPDX-License-Identifier: MIT */
/* files.c: reading whole files, and writing all of them or none. See cli.h. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "terminal.h"

/* C99 says which calls fail, not why; where errno tells, pass it on. */
static const char *reason(void)
{
    return errno ? strerror(errno) : "input or output error";
}

/* ---- Reading ------------------------------------------------------------ */

enum { FIRST_READ = 1 << 16 };

/* Bytes in memory of malloc: a file may be a pipe, whose size shows only at
 * its end, and a pool cannot grow what it gave. */
typedef struct {
    uint8_t *data;
    size_t bytes, capacity;
} growing;

/* Makes room for more; NULL where there is none. */
static uint8_t *grow(growing *g)
{
    const size_t capacity = g->capacity ? 2 * g->capacity : FIRST_READ;
    uint8_t *data = realloc(g->data, capacity);

    if (data) {
        g->data = data;
        g->capacity = capacity;
    }
    return data;
}

/* Reads on until the end or past max_bytes, which the caller refuses. */
static tin_status read_all(FILE *from, size_t max_bytes, growing *g,
                           tin_diag *diag)
{
    errno = 0;
    while (g->bytes <= max_bytes) {
        size_t n;

        if (g->bytes == g->capacity && !grow(g))
            return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
        n = fread(g->data + g->bytes, 1, g->capacity - g->bytes, from);
        if (n == 0)
            break;
        g->bytes += n;
    }
    if (ferror(from))
        return tin_fail(diag, TIN_ERR_IO, -1, "cannot read: %s", reason());
    return TIN_OK;
}

static tin_status keep(tin_pool *pool, const growing *g, size_t max_bytes,
                       tin_bytes *file, tin_diag *diag)
{
    uint8_t *data;

    if (g->bytes > max_bytes)
        return tin_fail(diag, TIN_ERR_IO, -1, "larger than %lu bytes",
                        (unsigned long)max_bytes);
    data = tin_pool_alloc(pool, g->bytes);
    if (!data)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    if (g->bytes)
        memcpy(data, g->data, g->bytes);
    file->data = data;
    file->bytes = g->bytes;
    return TIN_OK;
}

tin_status tin_file_read(tin_pool *pool, const char *path, size_t max_bytes,
                         tin_bytes *file, tin_diag *diag)
{
    growing g = {NULL, 0, 0};
    tin_status status;
    FILE *from;

    errno = 0;
    from = fopen(path, "rb");
    if (!from)
        return tin_fail(diag, TIN_ERR_IO, -1, "cannot open: %s", reason());
    status = read_all(from, max_bytes, &g, diag);
    fclose(from);
    if (status == TIN_OK)
        status = keep(pool, &g, max_bytes, file, diag);
    free(g.data);
    return status;
}

int tin_path_ends(const char *path, const char *extension)
{
    const size_t n = strlen(path);
    const size_t m = strlen(extension);

    if (n < m)
        return 0;
    for (size_t i = 0; i < m; i++) {
        if (tolower((unsigned char)path[n - m + i]) !=
            tolower((unsigned char)extension[i]))
            return 0;
    }
    return 1;
}

/* ---- Writing ------------------------------------------------------------ */

static const char temporary_ending[] = ".part";

/* The caller frees it; NULL when there is no memory. */
static char *temporary_name(const char *path)
{
    const size_t n = strlen(path);
    char *name = malloc(n + sizeof temporary_ending);

    if (name) {
        memcpy(name, path, n);
        memcpy(name + n, temporary_ending, sizeof temporary_ending);
    }
    return name;
}

static tin_status cannot_write(const char *path, tin_diag *diag)
{
    return tin_fail(diag, TIN_ERR_IO, -1, "%.240s: cannot write: %s", path,
                    reason());
}

/* `to` is where the bytes go now, file->path what the message says. */
static tin_status write_bytes(const tin_output_file *file, const char *to,
                              tin_diag *diag)
{
    FILE *stream;
    size_t n;

    errno = 0;
    stream = fopen(to, "wb");
    if (!stream)
        return cannot_write(file->path, diag);
    n = file->bytes ? fwrite(file->data, 1, file->bytes, stream) : 0;
    if (fclose(stream) != 0 || n != file->bytes) // a full disk shows here
        return cannot_write(file->path, diag);
    return TIN_OK;
}

/* First half: the bytes, beside the place where they shall be. */
static tin_status prepare(const tin_output_file *file, const char *temporary,
                          tin_diag *diag)
{
    tin_status status;

    if (!temporary)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    if (tin_is_special(file->path))
        return TIN_OK; // written in the second half
    status = write_bytes(file, temporary, diag);
    if (status != TIN_OK)
        remove(temporary);
    return status;
}

/* Second half: the name. */
static tin_status commit(const tin_output_file *file, const char *temporary,
                         tin_diag *diag)
{
    if (tin_is_special(file->path))
        return write_bytes(file, file->path, diag);
    errno = 0;
#if defined(_WIN32)
    remove(file->path); // rename does not replace there
#endif
    if (rename(temporary, file->path) == 0)
        return TIN_OK;
    return cannot_write(file->path, diag);
}

static tin_status write_prepared(const tin_output_file *files, char **names,
                                 int32_t n, tin_diag *diag)
{
    tin_status status = TIN_OK;
    int32_t ready = 0;

    while (ready < n && status == TIN_OK) {
        status = prepare(&files[ready], names[ready], diag);
        ready += status == TIN_OK;
    }
    for (int32_t i = 0; i < ready; i++) {
        if (status == TIN_OK)
            status = commit(&files[i], names[i], diag);
        if (status != TIN_OK && !tin_is_special(files[i].path))
            remove(names[i]);
    }
    return status;
}

static tin_status refuse_twins(const tin_output_file *files, int32_t n,
                               tin_diag *diag)
{
    for (int32_t i = 1; i < n; i++) {
        for (int32_t k = 0; k < i; k++) {
            if (strcmp(files[i].path, files[k].path) == 0)
                return tin_fail(diag, TIN_ERR_ARG, -1,
                                "%s: would be written twice", files[i].path);
        }
    }
    return TIN_OK;
}

tin_status tin_files_write(const tin_output_file *files, int32_t n,
                           tin_diag *diag)
{
    tin_status status = refuse_twins(files, n, diag);
    char **names;

    if (status != TIN_OK || n == 0)
        return status;
    names = calloc((size_t)n, sizeof *names);
    if (!names)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    for (int32_t i = 0; i < n; i++)
        names[i] = temporary_name(files[i].path);
    status = write_prepared(files, names, n, diag);
    for (int32_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
    return status;
}
