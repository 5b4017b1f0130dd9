/* SPDX-License-Identifier: MIT */
/* cmd_compile.c: `tinyinfer compile`, from a model to C files. */
#include <string.h>

#include "cli.h"

static const char name[] = "compile";

typedef struct {
    const char *model, *folder, *id;
    tin_how how;
    int standalone;
} compile_args;

static const tin_option options[] = {
    {"--target", 't', TIN_OPTION_STRING, offsetof(compile_args, how.target),
     "TARGET",
     "the machine to compile for; default: generic. One of\n"
     "generic, x86, cortex-m0, cortex-m3, cortex-m4,\n"
     "cortex-m7, cortex-m33, cortex-m55, cortex-a57",
     0, 0},
    {"--output", 'o', TIN_OPTION_STRING, offsetof(compile_args, folder),
     "FOLDER",
     "where the files go; C99 cannot make folders, so it\n"
     "must exist",
     0, 0},
    {"--name", 'n', TIN_OPTION_STRING, offsetof(compile_args, id), "ID",
     "a C identifier for NAME below; default: made of the\n"
     "model's file name",
     0, 0},
    {"--standalone", 0, TIN_OPTION_FLAG, offsetof(compile_args, standalone),
     NULL,
     "also write the parts of the library that the network\n"
     "needs, so that the folder compiles by itself",
     0, 0},
    {NULL, 0, TIN_OPTION_FLAG, 0, NULL, NULL, 0, 0}};

static const char *const notes[] = {
    "It writes NAME.c, the network as const tables, and NAME.h, which says "
    "how\n"
    "to run it and how much memory that takes. Files of those names are\n"
    "replaced; if one cannot be written, all stay as they were.\n",
    "examples:\n"
    "  tinyinfer compile digits.tflite --target cortex-m4 -o firmware/net\n"
    "  tinyinfer compile person.tflite --stream-input -o firmware/net\n"
    "  tinyinfer compile wake.tflite --slide 2 -o firmware/net\n"
    "  tinyinfer compile large.tflite --region fast:64K --region slow:8M -o "
    "net\n",
    NULL};

static const tin_cli_command command = {
    .name = name,
    .about = "Turns a network into C files for your firmware.\n",
    .operand = "MODEL",
    .operand_offset = offsetof(compile_args, model),
    .options = options,
    .shared = tin_how_options,
    .shared_offset = offsetof(compile_args, how),
    .notes = notes};

/* ---- Output ------------------------------------------------------------- */

/* "folder/stem" + ending; NULL when there is no memory. */
static const char *join(tin_pool *pool, const char *folder, const char *stem,
                        const char *ending)
{
    const size_t n = strlen(folder);
    const int slash = n && folder[n - 1] != '/' && folder[n - 1] != '\\';
    tin_text t = {pool, NULL, 0, 0, 0};

    tin_text_add(&t, "%s%s%s%s", folder, slash ? "/" : "", stem, ending);
    return t.failed ? NULL : t.text;
}

enum { FILES_MAX = 300 };

typedef struct {
    tin_pool *pool;
    const char *folder;
    tin_output_file files[FILES_MAX];
    int32_t n;
    int failed; /* out of memory, or too many */
} outputs;

static void add_file(outputs *o, const char *stem, const char *ending,
                     const char *data, size_t bytes)
{
    tin_output_file *f = &o->files[o->n];

    if (o->n == FILES_MAX) {
        o->failed = 1;
        return;
    }
    f->path = join(o->pool, o->folder, stem, ending);
    f->data = data;
    f->bytes = bytes;
    o->failed |= !f->path;
    o->n++;
}

static void add_sources(outputs *o, const tin_program *program)
{
    const tin_source *s = tin_standalone_sources(o->pool, program);

    if (!s)
        o->failed = 1;
    for (; s && s->name; s++)
        add_file(o, s->name, "", s->text, strlen(s->text));
}

static int emit(const compile_args *a, const char *id,
                const tin_program *program, outputs *o)
{
    tin_text source = {o->pool, NULL, 0, 0, 0};
    tin_text header = {o->pool, NULL, 0, 0, 0};
    tin_diag diag = {.layer = -1, .offset = -1};
    const tin_status status = tin_emit_c(program, id, &source, &header, &diag);

    if (status == TIN_ERR_ARG && a->id)
        return tin_cli_usage(name, "%s", diag.message);
    if (status == TIN_ERR_ARG)
        return tin_cli_fail(name, "%s: %s; choose one with --name", a->model,
                            diag.message);
    if (status != TIN_OK)
        return tin_cli_fail_diag(name, a->model, &diag);
    add_file(o, id, ".h", header.text, header.bytes);
    add_file(o, id, ".c", source.text, source.bytes);
    if (a->standalone)
        add_sources(o, program);
    return o->failed ? tin_cli_fail(name, "out of memory") : TIN_CLI_OK;
}

/* A folder that is missing is the usual reason, and C99 cannot ask. */
static int complain(const char *folder, const tin_diag *diag)
{
    FILE *probe = fopen(folder, "rb");

    if (!probe && diag->status == TIN_ERR_IO)
        return tin_cli_fail(name,
                            "folder %s does not exist or cannot be opened; "
                            "make it first: mkdir -p %s",
                            folder, folder);
    if (probe)
        fclose(probe);
    return tin_cli_fail_diag(name, NULL, diag);
}

/* A path as it may be printed; "?" when there is no memory. */
static const char *shown(const outputs *o, const char *path)
{
    const char *clean = path ? tin_clean(o->pool, path, 0) : NULL;

    return clean ? clean : "?";
}

static void print_files(const outputs *o)
{
    tin_table table = {o->pool, "lr", NULL, 0, 0, 0};
    char number[TIN_NUMBER_SIZE];

    tin_table_add(&table, "written");
    tin_table_add(&table, "bytes");
    for (int32_t i = 0; i < o->n; i++) {
        tin_table_add(&table, "%s", shown(o, o->files[i].path));
        tin_table_add(&table, "%s",
                      tin_format_count(number, (int64_t)o->files[i].bytes));
    }
    tin_table_print(&table, stdout);
}

static int is_cortex_m(const char *target)
{
    return strncmp(target, "cortex-m", 8) == 0;
}

/* What compiles for the target. Firmware brings a linker script of its own. */
static void print_compiler(const char *target)
{
    const int soft =
        strcmp(target, "cortex-m0") == 0 || strcmp(target, "cortex-m3") == 0;

    if (is_cortex_m(target))
        printf("  arm-none-eabi-gcc -mcpu=%s -mthumb%s -O2 -c", target,
               soft ? "" : " -mfloat-abi=hard");
    else
        printf("  cc -O2");
}

static void print_next(const compile_args *a, const char *id, const outputs *o,
                       const tin_program *program)
{
    const char *folder = shown(o, a->folder);
    const int linked = !is_cortex_m(program->target);
    char arena[TIN_NUMBER_SIZE], flash[TIN_NUMBER_SIZE];

    if (program->model.n_more > 0)
        putchar('\n');
    tin_memories_print(program, stdout);
    printf("\n%s takes %s bytes of RAM for its arena and %s of flash for "
           "constants;\nthe code and its tables come on top. "
           "A main.c to start from is at the top of\n%s. Next:\n\n",
           id, tin_format_count(arena, tin_memory_sum(program)),
           tin_format_count(flash, program->flash_bytes),
           shown(o, o->files[0].path));
    print_compiler(program->target);
    if (a->standalone)
        printf(" -I%s main.c %s%s\n", folder,
               shown(o, join(o->pool, a->folder, "*.c", "")),
               linked ? " -lm" : "");
    else
        printf(" -I%s -Iinclude main.c %s%s\n", folder,
               shown(o, o->files[1].path), linked ? " libtinyinfer.a -lm" : "");
}

/* ---- The command -------------------------------------------------------- */

static int compile(const compile_args *a, outputs *o)
{
    const tin_program *program;
    tin_diag diag = {.layer = -1, .offset = -1};
    char id[TIN_ID_SIZE];
    const char *chosen = a->id ? a->id : id;
    int status = tin_cli_load(name, o->pool, a->model, &a->how, &program);

    if (status != TIN_CLI_OK)
        return status;
    tin_make_id(a->model, id);
    status = emit(a, chosen, program, o);
    if (status != TIN_CLI_OK)
        return status;
    if (tin_files_write(o->files, o->n, &diag) != TIN_OK)
        return complain(a->folder, &diag);
    print_files(o);
    print_next(a, chosen, o, program);
    return TIN_CLI_OK;
}

int tin_cmd_compile(int argc, char **argv)
{
    compile_args a = {0};
    outputs o = {.n = 0};
    int status = tin_cli_parse(&command, argc, argv, &a);

    if (status != TIN_CLI_GO_ON)
        return status;
    if (!a.folder)
        return tin_cli_usage(name, "no folder given: -o FOLDER");
    if (tin_cli_check_target(name, a.how.target) != TIN_CLI_GO_ON)
        return TIN_CLI_USAGE;
    o.pool = tin_pool_new();
    o.folder = a.folder;
    status = compile(&a, &o);
    tin_pool_free(o.pool);
    return status;
}
