/* SPDX-License-Identifier: MIT */
/* tin_standalone_sources: see tinyinfer_compiler.h. */
#include <string.h>

#include "emit.h"

/* Does a step of the program call the kernel of this file? */
static int is_called(const tin_program *program, const char *name)
{
    const tin_kernel_info *const *kernels = program->lowered->kernels;
    int32_t i;

    for (i = 0; i < program->model.n_steps; i++) {
        const size_t n = strlen(kernels[i]->name);

        if (strncmp(name, kernels[i]->name, n) == 0 &&
            strcmp(name + n, ".c") == 0)
            return 1;
    }
    return 0;
}

static int is_needed(const tin_program *program, const tin_library_source *s)
{
    return strncmp(s->path, "kernels/", 8) != 0 || is_called(program, s->name);
}

const tin_source *tin_standalone_sources(tin_pool *pool,
                                         const tin_program *program)
{
    const tin_library_source *s;
    tin_source *list;
    int32_t n = 0;

    for (s = tin_library_sources; s->path; s++)
        n++;
    list = tin_pool_alloc(pool, (uint64_t)(n + 1) * sizeof *list);
    n = 0;
    for (s = tin_library_sources; list && s->path; s++) {
        if (is_needed(program, s)) {
            list[n].name = s->name;
            list[n++].text = s->text;
        }
    }
    return list;
}
