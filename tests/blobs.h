/* SPDX-License-Identifier: MIT */
/*
 * blobs.h: bytes in blocks of exactly their size, for AddressSanitizer to
 * watch, and files read into them.
 */
#ifndef BLOBS_H
#define BLOBS_H

#include "shared_path.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    uint8_t *bytes;
    size_t size;
} blob;

/* n bytes in a block of their own, of any content when from is NULL. */
static inline blob make_blob(const uint8_t *from, size_t n)
{
    blob b;

    b.size = n;
    b.bytes = malloc(n ? n : 1);
    cr_assert_not_null(b.bytes);
    if (from && n)
        memcpy(b.bytes, from, n);
    return b;
}

static inline blob read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    blob b;
    long size;

    cr_assert_not_null(f, "cannot open %s", path);
    cr_assert_eq(fseek(f, 0, SEEK_END), 0);
    size = ftell(f);
    cr_assert_geq(size, 0);
    rewind(f);
    b = make_blob(NULL, (size_t)size);
    cr_assert_eq(fread(b.bytes, 1, b.size, f), b.size);
    fclose(f);
    return b;
}

/* Reads a shared file, or skips the test. */
static inline blob read_shared(const char *name)
{
    char path[512];

    if (!shared_path(path, sizeof path, name))
        cr_skip_test("SKIPPED: %s/%s is not there", shared_folder(), name);
    return read_file(path);
}

#endif /* BLOBS_H */
