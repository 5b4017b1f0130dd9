/* SPDX-License-Identifier: MIT */
/*
 * shared_path.h: the real networks and data that some tests use where they
 * are at hand. They are no part of the project: a test says SKIPPED without
 * them.
 */
#ifndef SHARED_PATH_H
#define SHARED_PATH_H

#include <stdio.h>
#include <stdlib.h>

/* The folder that holds models/ and data/: TIN_SHARED of the environment,
 * else the one beside the checkout. */
static inline const char *shared_folder(void)
{
    const char *folder = getenv("TIN_SHARED");

    return folder && *folder ? folder : "../shared";
}

/* Writes the path of a file there, such as "models/x.tflite"; 1 when it can
 * be read. */
static inline int shared_path(char *path, size_t bytes, const char *name)
{
    const int length = snprintf(path, bytes, "%s/%s", shared_folder(), name);
    FILE *file;

    if (length < 0 || (size_t)length >= bytes)
        return 0;
    file = fopen(path, "rb");
    if (file)
        fclose(file);
    return file != NULL;
}

#endif /* SHARED_PATH_H */
