/* SPDX-License-Identifier: MIT */
/* load.c: from the name of a model file to a program. See cli.h. */
#include <string.h>

#include "cli.h"
#include "running.h"

/* ---- How to compile ----------------------------------------------------- */

const char *const tin_settings[TIN_SETTINGS] = {"ram", "balanced", "flash",
                                                "speed"};

const tin_option tin_how_options[] = {
    {"--optimize", 0, TIN_OPTION_WORD, offsetof(tin_how, optimize),
     "ram|balanced|flash|speed",
     "what to save: ram, the smallest arena that fast kernels\n"
     "work in, is the default; balanced takes more of it for\n"
     "fewer calls of kernels; flash is that with the smallest\n"
     "weights and kernels, which may need less of it again;\n"
     "speed runs each layer as a whole, or row by row if only\n"
     "that leaves room for fast kernels. Results are the same",
     0, 0},
    {"--flash-budget", 0, TIN_OPTION_SIZE, offsetof(tin_how, flash_budget),
     "BYTES",
     "that constants may take, as 200K: layers get the fast\n"
     "kernels of --optimize that save most time for a byte",
     0, 0},
    {"--stream-input", 0, TIN_OPTION_FLAG, offsetof(tin_how, stream_input),
     NULL,
     "the first input is never there as a whole: its rows are\n"
     "pushed one by one, as a camera yields them",
     0, 0},
    {"--resident", 0, TIN_OPTION_FLAG, offsetof(tin_how, resident), NULL,
     "each layer runs as a whole, with the kernels of\n"
     "--optimize: shows what running row by row costs",
     0, 0},
    {"--slide", 0, TIN_OPTION_INT, offsetof(tin_how, hop), "HOP",
     "a window over the first input that moves on by HOP rows,\n"
     "without end; each hop costs but the work of its new rows",
     1, INT16_MAX},
    {"--region", 0, TIN_OPTION_REGION, offsetof(tin_how, regions), "NAME:SIZE",
     "a memory of the target, up to 4 of them, the fastest\n"
     "first: fast:64K slow:1M; the arena is spread over them",
     0, 0},
    {NULL, 0, TIN_OPTION_FLAG, 0, NULL, NULL, 0, 0}};

int tin_is_target(const char *name)
{
    for (int i = 0; tin_targets[i]; i++) {
        if (strcmp(tin_targets[i], name) == 0)
            return 1;
    }
    return 0;
}

int tin_cli_check_target(const char *command, const char *target)
{
    char names[256] = "";
    size_t n = 0;

    if (!target || tin_is_target(target))
        return TIN_CLI_GO_ON;
    for (int i = 0; tin_targets[i] && n < sizeof names; i++)
        n += (size_t)snprintf(names + n, sizeof names - n, "%s%s",
                              i ? ", " : "", tin_targets[i]);
    return tin_cli_usage(command, "unknown target '%s': there are %s", target,
                         names);
}

tin_compile_options tin_how_to(const tin_how *how)
{
    tin_compile_options options = {.target = how->target};

    options.optimize = (tin_optimize)how->optimize;
    options.stream_input = how->stream_input;
    options.resident = how->resident;
    options.hop = (int32_t)how->hop;
    options.flash_budget = how->flash_budget;
    options.n_regions = how->regions.count;
    for (int32_t i = 0; i < how->regions.count; i++) {
        options.regions[i].name = how->regions.names[i];
        options.regions[i].bytes = how->regions.bytes[i];
    }
    return options;
}

/* ---- Loading ------------------------------------------------------------ */

int tin_cli_read(const char *command, tin_pool *pool, const char *path,
                 tin_bytes *file)
{
    tin_diag diag = {.layer = -1, .offset = -1};

    if (!pool)
        return tin_cli_fail(command, "out of memory");
    if (tin_file_read(pool, path, TIN_CLI_FILE_MAX, file, &diag) != TIN_OK)
        return tin_cli_fail_diag(command, path, &diag);
    return TIN_CLI_OK;
}

typedef struct {
    tin_progress progress;
    const char *doing;
} shown;

static void show_progress(void *context)
{
    shown *x = context;

    tin_progress_say(&x->progress, x->doing);
}

tin_status tin_compile_shown(tin_pool *pool, tin_bytes file, const tin_how *how,
                             const char *doing, const tin_program **program,
                             tin_diag *diag)
{
    tin_compile_options options = tin_how_to(how);
    shown x = {.doing = doing};
    tin_status status;

    tin_progress_start(&x.progress, 0);
    options.progress = show_progress;
    options.progress_context = &x;
    status = tin_compile(pool, file.data, file.bytes, &options, program, diag);
    tin_progress_end(&x.progress);
    return status;
}

int tin_cli_compile(const char *command, tin_pool *pool, const char *path,
                    tin_bytes file, const tin_how *how,
                    const tin_program **program)
{
    tin_diag diag = {.layer = -1, .offset = -1};

    if (tin_compile_shown(pool, file, how, "placing tensors", program, &diag) !=
        TIN_OK)
        return tin_cli_fail_diag(command, path, &diag);
    return TIN_CLI_OK;
}

int tin_cli_load(const char *command, tin_pool *pool, const char *path,
                 const tin_how *how, const tin_program **program)
{
    tin_bytes file;
    const int status = tin_cli_read(command, pool, path, &file);

    if (status != TIN_CLI_OK)
        return status;
    return tin_cli_compile(command, pool, path, file, how, program);
}

/* A stage with progress calls a kernel for a few rows at a time. */
static int64_t step_calls(const tin_stage *stage, const tin_step *step,
                          int64_t rows)
{
    const int64_t rows_at_once = (int64_t)1 << step->rows_log2;

    if (stage->progress < 0)
        return 1;
    return (rows + rows_at_once - 1) / rows_at_once;
}

int64_t tin_model_calls(const tin_model *model)
{
    int64_t calls = 0;

    for (int32_t i = 0; i < model->n_stages; i++) {
        const tin_stage *stage = &model->stages[i];

        for (int32_t k = stage->first; k < stage->first + stage->n; k++)
            calls += step_calls(stage, &model->steps[k],
                                model->hop_rows ? tin_hop_rows(model, k)
                                                : model->steps[k].rows);
    }
    return calls;
}

/* ---- Names -------------------------------------------------------------- */

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The file's name without folder and ending. */
static const char *stem_of(const char *path, size_t *length)
{
    const char *stem = path, *dot = NULL;

    for (; *path; path++) {
        if (*path == '/' || *path == '\\')
            stem = path + 1;
        if (*path == '.')
            dot = path;
    }
    *length = (size_t)((dot && dot > stem ? dot : path) - stem);
    return stem;
}

void tin_make_id(const char *path, char id[TIN_ID_SIZE])
{
    size_t length, n = 0;
    const char *stem = stem_of(path, &length);

    if (length == 0 || !is_letter(stem[0])) {
        memcpy(id, "model_", 6);
        n = 6;
    }
    for (size_t i = 0; i < length && n < TIN_ID_SIZE - 1; i++) {
        const char c = stem[i];

        if (is_letter(c) || (c >= '0' && c <= '9'))
            id[n++] = c;
        else if (id[n - 1] != '_')
            id[n++] = '_';
    }
    while (n > 1 && id[n - 1] == '_')
        n--;
    id[n] = '\0';
}
