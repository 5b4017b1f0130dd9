/* SPDX-License-Identifier: MIT */
/* load.c: from the name of a model file to a program. See cli.h. */
#include <string.h>

#include "cli.h"

int tin_is_target(const char *name)
{
    for (int i = 0; name && tin_targets[i]; i++) {
        if (strcmp(tin_targets[i], name) == 0)
            return 1;
    }
    return !name;
}

int tin_cli_load(const char *command, tin_pool *pool, const char *path,
                 const tin_compile_options *options,
                 const tin_program **program)
{
    tin_diag diag = {.layer = -1, .offset = -1};
    tin_bytes file;
    tin_status status;

    if (!pool)
        return tin_cli_fail(command, "out of memory");
    status = tin_file_read(pool, path, TIN_CLI_FILE_MAX, &file, &diag);
    if (status == TIN_OK)
        status =
            tin_compile(pool, file.data, file.bytes, options, program, &diag);
    if (status != TIN_OK)
        return tin_cli_fail_diag(command, path, &diag);
    return TIN_CLI_OK;
}
