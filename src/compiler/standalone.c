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

enum { MOST = 255 };

const tin_source *tin_standalone_sources(const tin_program *program)
{
    // Breaks the rule against state: a program does not know its pool.
    static tin_source list[MOST + 1];
    const tin_library_source *s;
    int32_t n = 0;

    for (s = tin_library_sources; s->path && n < MOST; s++) {
        if (is_needed(program, s)) {
            list[n].name = s->name;
            list[n++].text = s->text;
        }
    }
    list[n].name = NULL;
    list[n].text = NULL;
    return list;
}
