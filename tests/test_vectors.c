/* SPDX-License-Identifier: MIT */
/* test_vectors.c: every operator gives what its oracle gave. One test for
 * each file of golden vectors; see vectors/README.md. */
#define _POSIX_C_SOURCE 200809L /* for <dirent.h> */
#include "vectors_run.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#ifndef TIN_VECTORS
# define TIN_VECTORS "tests/vectors"
#endif

static void check_file(const char *name)
{
    char path[512];
    vectors_result result;

    snprintf(path, sizeof path, "%s/%s.vec", TIN_VECTORS, name);
    cr_expect(vectors_run(path, &result) == 0, "%s (%d passed, %d failed)",
              result.message, result.passed, result.failed);
}

#define TIN_VECTOR_FILE(name)                                                  \
 Test(vectors, name)                                                           \
 {                                                                             \
  check_file(#name);                                                           \
 }
#include "vectors/files.inc"
#undef TIN_VECTOR_FILE

static const char *const names[] = {
#define TIN_VECTOR_FILE(name) #name,
#include "vectors/files.inc"
#undef TIN_VECTOR_FILE
};

static int is_listed(const char *name, size_t length)
{
    size_t i;

    for (i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i]) == length && !memcmp(names[i], name, length))
            return 1;
    return 0;
}

// A file that nobody tests would go unnoticed.
Test(vectors, every_file_has_a_test)
{
    DIR *folder = opendir(TIN_VECTORS);
    const struct dirent *entry;

    cr_assert_not_null(folder, "no folder %s", TIN_VECTORS);
    while ((entry = readdir(folder)) != NULL) {
        const char *dot = strrchr(entry->d_name, '.');

        if (!dot || strcmp(dot, ".vec") != 0)
            continue;
        cr_expect(is_listed(entry->d_name, (size_t)(dot - entry->d_name)),
                  "%s is not in files.inc", entry->d_name);
    }
    closedir(folder);
}
