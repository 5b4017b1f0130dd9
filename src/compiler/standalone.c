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

/* What every program has, whatever it calls. */
static int is_root(const tin_program *program, const tin_library_source *s)
{
    if (strncmp(s->path, "kernels/", 8) == 0)
        return is_called(program, s->name);
    return strncmp(s->path, "include/", 8) != 0 ||
           strcmp(s->name, "tinyinfer.h") == 0;
}

static int includes(const char *text, const char *header)
{
    const char *at = text;
    const size_t n = strlen(header);

    while ((at = strstr(at, "#include \"")) != NULL) {
        at += strlen("#include \"");
        if (strncmp(at, header, n) == 0 && at[n] == '"')
            return 1;
    }
    return 0;
}

static void add(tin_source *list, int32_t *n, const tin_library_source *s)
{
    for (int32_t i = 0; i < *n; i++) {
        if (list[i].name == s->name)
            return;
    }
    list[*n].name = s->name;
    list[(*n)++].text = s->text;
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
    if (!list)
        return NULL;
    n = 0;
    for (s = tin_library_sources; s->path; s++) {
        if (is_root(program, s))
            add(list, &n, s);
    }
    // What is on the list names what else belongs there.
    for (int32_t i = 0; i < n; i++) {
        for (s = tin_library_sources; s->path; s++) {
            if (includes(list[i].text, s->name))
                add(list, &n, s);
        }
    }
    return list;
}
