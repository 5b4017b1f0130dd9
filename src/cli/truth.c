/* SPDX-License-Identifier: MIT */
/* truth.c: the true class of each sample. See running.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "running.h"

static tin_status refuse(const char *path, const char *what, tin_diag *diag)
{
    return tin_fail(diag, TIN_ERR_FORMAT, -1, "%.240s: %s", path, what);
}

/* As many as there are samples, and each of them a class. */
static tin_status check(const char *path, const int64_t *label, int64_t n,
                        int64_t samples, int64_t classes, tin_diag *diag)
{
    if (n != samples)
        return tin_fail(diag, TIN_ERR_SHAPE, -1,
                        "%.240s: %lld labels for %lld samples", path,
                        (long long)n, (long long)samples);
    for (int64_t i = 0; i < n; i++) {
        if (label[i] < 0 || label[i] >= classes)
            return tin_fail(diag, TIN_ERR_ARG, -1,
                            "%.240s: label %lld of sample %lld is none of the "
                            "%lld classes, 0 to %lld",
                            path, (long long)label[i], (long long)i,
                            (long long)classes, (long long)classes - 1);
    }
    return TIN_OK;
}

/* A name counts first: names may be numbers, and begin with 1. */
static int class_of(const char *line, const tin_labels *names, int64_t *label)
{
    char *end;

    for (int32_t i = 0; i < names->count; i++) {
        if (strcmp(line, names->name[i]) == 0) {
            *label = i;
            return 1;
        }
    }
    errno = 0;
    *label = strtoll(line, &end, 10);
    return end != line && !*end && errno == 0;
}

static tin_status read_lines(tin_pool *pool, const char *path,
                             const tin_labels *names, int64_t **label,
                             int64_t *n, tin_diag *diag)
{
    tin_labels lines;
    const tin_status status = tin_labels_load(pool, path, &lines, diag);

    if (status != TIN_OK)
        return status;
    *n = lines.count;
    *label = tin_pool_alloc(pool, (uint64_t)lines.count * sizeof **label);
    if (!*label)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    for (int32_t i = 0; i < lines.count; i++) {
        if (!class_of(lines.name[i], names, *label + i))
            return tin_fail(diag, TIN_ERR_FORMAT, -1,
                            "%.200s: line %ld, '%.60s', is neither the number "
                            "of a class nor a name of --names",
                            path, (long)i + 1, lines.name[i]);
    }
    return TIN_OK;
}

static tin_status read_array(tin_pool *pool, const char *path, int64_t **label,
                             int64_t *n, tin_diag *diag)
{
    tin_diag inner = {.layer = -1, .offset = -1};
    tin_array y;

    if (tin_array_load(pool, path, &y, &inner) != TIN_OK)
        return refuse(path, inner.message, diag);
    if (y.kind != TIN_ARRAY_NPY || y.element >= TIN_ELEMENT_F16)
        return refuse(path,
                      "labels are a .npy file of integers, or a .txt or .csv "
                      "file with one a line",
                      diag);
    if (y.rank < 1 || y.count != y.shape[0])
        return refuse(path, "labels have one axis", diag);
    *n = y.count;
    *label = tin_pool_alloc(pool, (uint64_t)y.count * sizeof **label);
    if (!*label)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    for (int64_t i = 0; i < y.count; i++)
        (*label)[i] = tin_array_int(&y, i);
    return TIN_OK;
}

tin_status tin_truth_load(tin_pool *pool, const char *path,
                          const tin_labels *names, int64_t samples,
                          int64_t classes, const int64_t **truth,
                          tin_diag *diag)
{
    const int is_text =
        tin_path_ends(path, ".txt") || tin_path_ends(path, ".csv");
    int64_t *label = NULL;
    int64_t n = 0;
    tin_status status = is_text
                            ? read_lines(pool, path, names, &label, &n, diag)
                            : read_array(pool, path, &label, &n, diag);

    if (status == TIN_OK)
        status = check(path, label, n, samples, classes, diag);
    *truth = label;
    return status;
}
