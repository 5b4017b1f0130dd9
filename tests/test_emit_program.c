/* SPDX-License-Identifier: MIT */
/*
 * The C emitter on programs made by hand: what it prints, what it refuses,
 * and that a compiler reads back the very same bytes. White box: it looks at
 * emit.h. The compiler is $CC, or cc.
 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "../src/compiler/emit.h"

static const char warnings[] =
    "-std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Wundef "
    "-Wmissing-prototypes -Wstrict-prototypes -Wdouble-promotion -Werror";

/* ---- Helpers ------------------------------------------------------------ */

/* The emitted files of a program that must be fine. */
typedef struct {
    tin_text source, header;
} emitted;

static emitted emit(tin_pool *pool, const tin_program *p, const char *id)
{
    emitted e = {{pool, NULL, 0, 0, 0}, {pool, NULL, 0, 0, 0}};
    tin_diag diag = {TIN_OK, -1, -1, ""};
    const tin_status status = tin_emit_c(p, id, &e.source, &e.header, &diag);

    cr_assert_eq(status, TIN_OK, "%s", diag.message);
    return e;
}

static int contains(const tin_text *t, const char *part)
{
    return strstr(t->text, part) != NULL;
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[512];
    FILE *to;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    to = fopen(path, "w");
    cr_assert_not_null(to, "%s", path);
    cr_assert_geq(fputs(text, to), 0);
    cr_assert_eq(fclose(to), 0);
}

/* ---- A program of one step: clamp_f32 of four floats -------------------- */

typedef struct {
    tin_program program;
    tin_clamp_f32_params params;
    tin_kernel_info const *kernels[1];
    tin_tensor tensors[2];
    tin_step step;
    tin_stage stage;
    uint16_t args[2];
    tin_port in, out;
    tin_layer layer;
    tin_lowered lowered;
} clamp_net;

static void set_port(tin_port *port, const char *name, int32_t tensor)
{
    memset(port, 0, sizeof *port);
    port->name = name;
    port->type = TIN_F32;
    port->rank = 2;
    port->shape[0] = 1;
    port->shape[1] = 4;
    port->bytes = 16;
    port->tensor = tensor;
}

static void make_clamp(clamp_net *n, float min, float max)
{
    tin_model *m = &n->program.model;

    memset(n, 0, sizeof *n);
    n->params.row_elems = 4;
    n->params.min = min;
    n->params.max = max;
    n->kernels[0] = &tin_kernel_infos[TIN_KERNEL_clamp_f32];
    n->tensors[0] = (tin_tensor){NULL, 0, 16, 1, 0, 0};
    n->tensors[1] = (tin_tensor){NULL, 16, 16, 1, 0, 0};
    n->step = (tin_step){tin_clamp_f32, &n->params, 1, -1, 0, 1, 1, 0, 0, 0};
    n->args[1] = 1;
    set_port(&n->in, "in", 0);
    set_port(&n->out, "out", 1);
    n->layer.name = "clamp";
    n->layer.op = "RELU";
    n->layer.n_steps = 1;
    n->lowered.kernels = n->kernels;
    n->program.target = "generic";
    n->program.layers = &n->layer;
    n->program.n_layers = 1;
    n->program.lowered = &n->lowered;
    n->stage = (tin_stage){0, 1, -1};
    m->name = "clamp";
    m->tensors = n->tensors;
    m->steps = &n->step;
    m->args = n->args;
    m->stages = &n->stage;
    m->inputs = &n->in;
    m->outputs = &n->out;
    m->n_tensors = m->n_args = 2;
    m->n_steps = m->n_stages = m->n_inputs = m->n_outputs = 1;
    m->arena_bytes = 32;
    m->arena_align = 4;
}

/* ---- A program that calls every kernel ---------------------------------- */

enum { CONSTANTS_MAX = 500, TABLE = 4 };

typedef struct {
    tin_program program;
    const tin_kernel_info *kernels[TIN_KERNEL_COUNT];
    tin_step steps[TIN_KERNEL_COUNT];
    tin_layer layers[TIN_KERNEL_COUNT];
    tin_stage stage;
    uint16_t args[2];
    tin_tensor tensors[3];
    tin_port ports[2];
    tin_constant constants[CONSTANTS_MAX];
    tin_lowered lowered;
} all_net;

static int is_one_of(const char *word, const char *const *list)
{
    while (*list && strcmp(word, *list) != 0)
        list++;
    return *list != NULL;
}

static tin_type type_of(const tin_kernel_info *k, const char *field)
{
    static const char *const s8[] = {"weights", "shift",   "recurrent",
                                     "feature", "time_s8", NULL};
    const size_t n = strlen(k->name);

    if (strcmp(k->name + n - 3, "s16") == 0 && strcmp(field, "bias") == 0)
        return TIN_S64;
    if (strcmp(field, "exp") == 0 || strcmp(field, "reciprocal") == 0 ||
        strcmp(field, "rows") == 0 || strcmp(field, "cols") == 0 ||
        strcmp(k->name, "table_s16") == 0)
        return TIN_S16;
    if (strcmp(field, "table") == 0)
        return TIN_U8;
    if (strcmp(k->name + n - 3, "f32") == 0 ||
        strcmp(k->name + n - 3, "fpu") == 0)
        return TIN_F32;
    if (strcmp(field, "sigmoid") == 0 || strcmp(field, "time_s16") == 0)
        return TIN_S16;
    return is_one_of(field, s8) ? TIN_S8 : TIN_S32;
}

static const void *add_table(tin_pool *pool, all_net *n, tin_type type,
                             const char *label)
{
    static const uint8_t bytes[4 * TABLE] = {0x80, 0xff, 0, 0x7f};
    static const int32_t words[TABLE] = {INT32_MIN, -1, 0, INT32_MAX};
    static const int64_t longs[TABLE] = {INT64_MIN, -1, 0, INT64_MAX};
    static const float floats[TABLE] = {-0.0f, 0x1p-149f, 1, -3};
    tin_constant *c = &n->constants[n->lowered.n_constants++];
    void *data = tin_pool_alloc(pool, sizeof longs);

    memcpy(data,
           type == TIN_F32   ? (const void *)floats
           : type == TIN_S64 ? (const void *)longs
           : type == TIN_S32 ? (const void *)words
                             : (const void *)bytes,
           type == TIN_S64 ? sizeof longs : sizeof words);
    c->data = data;
    c->type = type;
    c->count = TABLE;
    c->label = label;
    return data;
}

/* Params of numbers 1, 2, 3.. and tables. */
static void *make_params(tin_pool *pool, all_net *n, const tin_kernel_info *k)
{
    char *params = tin_pool_alloc(pool, k->params_bytes);
    int32_t i, j, number = 0;

    for (i = 0; i < k->n_fields; i++) {
        const tin_field *f = &k->fields[i];
        const void *data;

        for (j = 0; j < f->count; j++) {
            const float x = (float)++number;
            char *at = params + f->offset;

            if (f->kind == TIN_FIELD_S32)
                memcpy(at + j * 4, &number, 4);
            else if (f->kind == TIN_FIELD_F32)
                memcpy(at + j * 4, &x, 4);
            else if (f->kind == TIN_FIELD_U8)
                at[j] = (char)number;
        }
        if (f->kind == TIN_FIELD_CONST) {
            const char *dot = strrchr(f->name, '.');
            const char *label = dot ? dot + 1 : f->name;

            data = add_table(pool, n, type_of(k, label), label);
            memcpy(params + f->offset, &data, sizeof data);
        }
    }
    return params;
}

static void make_all(tin_pool *pool, all_net *n)
{
    tin_model *m = &n->program.model;
    int32_t k;

    memset(n, 0, sizeof *n);
    for (k = 0; k < TIN_KERNEL_COUNT; k++) {
        n->kernels[k] = &tin_kernel_infos[k];
        n->steps[k] = (tin_step){tin_kernel_infos[k].run,
                                 make_params(pool, n, &tin_kernel_infos[k]),
                                 1,
                                 -1,
                                 0,
                                 1,
                                 1,
                                 0,
                                 0,
                                 0};
        n->layers[k].name = n->layers[k].op = tin_kernel_infos[k].name;
        n->layers[k].first_step = k;
        n->layers[k].n_steps = 1;
    }
    n->args[1] = 1;
    n->tensors[2].data = add_table(pool, n, TIN_S8, "constant");
    set_port(&n->ports[0], "in", 0);
    set_port(&n->ports[1], "out", 1);
    n->lowered.kernels = n->kernels;
    n->lowered.constants = n->constants;
    n->program.lowered = &n->lowered;
    n->program.target = "generic";
    n->program.layers = n->layers;
    n->program.n_layers = TIN_KERNEL_COUNT;
    n->stage = (tin_stage){0, TIN_KERNEL_COUNT, -1};
    m->name = "all";
    m->tensors = n->tensors;
    m->steps = n->steps;
    m->args = n->args;
    m->stages = &n->stage;
    m->inputs = &n->ports[0];
    m->outputs = &n->ports[1];
    m->n_tensors = 3;
    m->n_steps = TIN_KERNEL_COUNT;
    m->n_args = 2;
    m->n_stages = m->n_inputs = m->n_outputs = 1;
    m->arena_bytes = 32;
    m->arena_align = 4;
}

Test(source, every_kernel)
{
    tin_pool *pool = tin_pool_new();
    all_net n;
    emitted e;
    char part[128];
    int32_t k;

    make_all(pool, &n);
    e = emit(pool, &n.program, "all");
    for (k = 0; k < TIN_KERNEL_COUNT; k++) {
        snprintf(part, sizeof part, "static const %s params_%d = {\n    .",
                 tin_kernel_infos[k].params_type, (int)k);
        cr_assert(contains(&e.source, part), "%s", part);
        snprintf(part, sizeof part, "{.run = tin_%s, .params = &params_%d,",
                 tin_kernel_infos[k].name, (int)k);
        cr_assert(contains(&e.source, part), "%s", part);
    }
    snprintf(part, sizeof part, "    .bias = bias_%d,\n", TIN_KERNEL_conv2d_s8);
    cr_assert(contains(&e.source, part));
    cr_assert(contains(&e.source, ".window.pad_left = 14,"));
    cr_assert(contains(&e.source, ".shape.stride_a = {6, 7, 8, 9, 10},"));
    cr_assert(contains(&e.source, "\n    -2147483647 - 1, -1, 0, 2147483647,"));
    cr_assert(contains(&e.source, "\n    -0.0f, 0x1p-149f, 0x1p0f, "));
    cr_assert(contains(&e.source, "\n    -128, -1, 0, 127,"));
    cr_assert(contains(&e.source, "\n    128, 255, 0, 127,"));
    tin_pool_free(pool);
}

Test(source, lines_keep_to_80_columns)
{
    tin_pool *pool = tin_pool_new();
    all_net n;
    emitted e;
    const char *line;

    make_all(pool, &n);
    e = emit(pool, &n.program, "all");
    for (line = e.source.text; *line; line += strcspn(line, "\n") + 1)
        cr_assert_leq(strcspn(line, "\n"), 80, "%.90s", line);
    for (line = e.header.text; *line; line += strcspn(line, "\n") + 1)
        cr_assert_leq(strcspn(line, "\n"), 80, "%.90s", line);
    tin_pool_free(pool);
}

/* Where the host keeps the tables must not show. */
Test(source, does_not_depend_on_addresses)
{
    tin_pool *pool = tin_pool_new();
    static all_net a, b;
    emitted e, f;
    int32_t i;

    make_all(pool, &a);
    make_all(pool, &b);
    for (i = 0; i < b.lowered.n_constants / 2; i++) { // turn the list round
        const tin_constant c = b.constants[i];
        const int32_t j = b.lowered.n_constants - 1 - i;

        b.constants[i] = b.constants[j];
        b.constants[j] = c;
    }
    e = emit(pool, &a.program, "all");
    f = emit(pool, &b.program, "all");
    cr_assert_str_eq(e.source.text, f.source.text);
    cr_assert_str_eq(e.header.text, f.header.text);
    tin_pool_free(pool);
}

/* Two steps of a layer, two tables of one label. */
Test(source, names_stay_apart)
{
    tin_pool *pool = tin_pool_new();
    static all_net n;
    char first[40], second[40], use[60], own[40];
    emitted e;

    snprintf(first, sizeof first, " weights_%d[] = {",
             TIN_KERNEL_dwconv2d_f32_fpu);
    snprintf(second, sizeof second, " weights_%d_1[] = {",
             TIN_KERNEL_dwconv2d_f32_fpu);
    snprintf(use, sizeof use, "    .weights = weights_%d_1,\n",
             TIN_KERNEL_dwconv2d_f32_fpu);
    snprintf(own, sizeof own, " weights_%d[] = {", TIN_KERNEL_dwconv2d_s8);
    make_all(pool, &n);
    n.layers[TIN_KERNEL_dwconv2d_f32_fpu].n_steps =
        2; // takes dwconv2d_s8 along
    n.layers[TIN_KERNEL_dwconv2d_s8].n_steps = 0;
    e = emit(pool, &n.program, "all");
    cr_assert(contains(&e.source, first));
    cr_assert(contains(&e.source, second));
    cr_assert(contains(&e.source, use));
    cr_assert_not(contains(&e.source, own));
    tin_pool_free(pool);
}

Test(source, nasty_names_everywhere)
{
    static const char nasty[] = "*/ int x; /* \"; ?\?/\n#error\n%s%n\xff";
    tin_pool *pool = tin_pool_new();
    clamp_net n;
    emitted e;

    make_clamp(&n, 0, 1);
    n.in.name = n.out.name = n.layer.name = n.program.model.name = nasty;
    e = emit(pool, &n.program, "nasty");
    cr_assert(contains(&e.source, "\n * \"_/ int x; /_ _; __/_#error"
                                  "_%s%n_\" */\n"));
    cr_assert_not(contains(&e.header, "*/ int"));
    cr_assert_not(contains(&e.source, "\n#error"));
    cr_assert_not(contains(&e.source, "?\?/"));
    cr_assert_null(strchr(e.source.text, '\xff'));
    tin_pool_free(pool);
}

/* ---- What is refused ---------------------------------------------------- */

static tin_status refuse(const tin_program *p, const char *id, tin_diag *diag)
{
    tin_pool *pool = tin_pool_new();
    tin_text source = {pool, NULL, 0, 0, 0}, header = {pool, NULL, 0, 0, 0};
    tin_status status;

    memset(diag, 0, sizeof *diag);
    status = tin_emit_c(p, id, &source, &header, diag);
    tin_pool_free(pool);
    cr_assert_neq(diag->message[0], '\0');
    return status;
}

Test(refused, id)
{
    clamp_net n;
    tin_diag diag;

    make_clamp(&n, 0, 1);
    cr_assert_eq(refuse(&n.program, "int", &diag), TIN_ERR_ARG);
    cr_assert_not_null(strstr(diag.message, "'int'"));
}

Test(refused, nan_parameter)
{
    clamp_net n;
    tin_diag diag;

    make_clamp(&n, 0, NAN);
    cr_assert_eq(refuse(&n.program, "a", &diag), TIN_ERR_UNSUPPORTED);
    cr_assert_eq(diag.layer, 0);
}

Test(refused, table_that_is_not_listed)
{
    clamp_net n;
    tin_diag diag;

    make_clamp(&n, 0, 1);
    n.tensors[0].data = &n;
    cr_assert_eq(refuse(&n.program, "a", &diag), TIN_ERR_ARG);
}

/* ---- The header --------------------------------------------------------- */

Test(header, one_input)
{
    tin_pool *pool = tin_pool_new();
    clamp_net n;
    emitted e;

    make_clamp(&n, 0, 1);
    n.in.type = TIN_S8;
    n.in.scale = 0.1f;
    n.in.zero_point = -128;
    n.program.macs = (int64_t)1 << 40;
    e = emit(pool, &n.program, "Clamp1");
    cr_assert(contains(&e.header, "#ifndef CLAMP1_H\n#define CLAMP1_H\n"));
    cr_assert(contains(&e.header, "#define CLAMP1_ARENA_BYTES 35\n"));
    cr_assert(contains(&e.header, "#define CLAMP1_ARENA_ALIGN 4\n"));
    cr_assert(contains(&e.header, "#define CLAMP1_MACS 1099511627776\n"));
    cr_assert(contains(&e.header, "#define CLAMP1_INPUT_BYTES 16\n"));
    cr_assert(contains(&e.header, "#define CLAMP1_INPUT_ELEMENTS 4\n"));
    cr_assert(contains(&e.header, "#define CLAMP1_INPUT_SHAPE {1, 4}\n"));
    cr_assert(
        contains(&e.header, "#define CLAMP1_INPUT_SCALE 1.00000001e-1f\n"));
    cr_assert(contains(&e.header, "#define CLAMP1_INPUT_ZERO_POINT (-128)\n"));
    cr_assert_not(contains(&e.header, "CLAMP1_OUTPUT_SCALE"));
    cr_assert(contains(&e.header, "inline int8_t *Clamp1_input(const tin_net"));
    cr_assert(
        contains(&e.header, "inline const float *Clamp1_output(const tin_net"));
    tin_pool_free(pool);
}

Test(header, several_inputs_and_no_step)
{
    tin_pool *pool = tin_pool_new();
    clamp_net n;
    tin_port two[2];
    emitted e;

    make_clamp(&n, 0, 1);
    two[0] = two[1] = n.in;
    two[1].rank = 0; // a scalar
    n.program.model.inputs = two;
    n.program.model.n_inputs = 2;
    n.program.model.n_steps = n.program.model.n_args = 0;
    e = emit(pool, &n.program, "two");
    cr_assert(contains(&e.header, "#define TWO_INPUT1_BYTES 16\n"));
    cr_assert(contains(&e.header, "#define TWO_INPUT1_RANK 0\n"));
    cr_assert_not(contains(&e.header, "TWO_INPUT1_SHAPE"));
    cr_assert(contains(&e.header, "float *two_input1(const tin_net *net)"));
    cr_assert(contains(&e.header, "memset(two_input1(&net), 0,\n"));
    cr_assert(contains(&e.source, "    .steps = NULL,\n    .args = NULL,\n"));
    tin_pool_free(pool);
}

Test(header, streamed_input)
{
    tin_pool *pool = tin_pool_new();
    clamp_net n;
    tin_port two[2];
    emitted e;

    make_clamp(&n, 0, 1);
    two[0] = two[1] = n.in;
    n.program.model.inputs = two;
    n.program.model.n_inputs = 2;
    n.program.model.pushed_rows = 4;
    n.tensors[0].row_bytes = 4;
    e = emit(pool, &n.program, "two");
    cr_assert(contains(&e.header, "#define TWO_INPUT0_BYTES 16\n"));
    cr_assert(contains(&e.header, "#define TWO_INPUT0_ROWS 4\n"));
    cr_assert(contains(&e.header, "#define TWO_INPUT0_ROW_BYTES 4\n"));
    cr_assert(contains(&e.header, "float *two_input0_row(const tin_net *net)"));
    cr_assert(contains(&e.header, "static uint8_t row[TWO_INPUT0_ROW_BYTES]"));
    cr_assert(contains(&e.header, "tin_stream_push_rows(&net, row, 1);"));
    cr_assert(contains(&e.header, "y < TWO_INPUT0_ROWS; y++)"));
    cr_assert(contains(&e.header, "memset(two_input1(&net), 0,\n"));
    cr_assert_not(contains(&e.header, "two_input0("));
    cr_assert_not(contains(&e.header, "tin_net_run"));
    cr_assert_not(contains(&e.header, "TWO_INPUT1_ROWS"));
    cr_assert(contains(&e.source, "pushed_rows = 4,"));
    tin_pool_free(pool);
}

/* ---- Standalone --------------------------------------------------------- */

static int lists(const tin_source *s, const char *name)
{
    for (; s->name; s++)
        if (strcmp(s->name, name) == 0)
            return 1;
    return 0;
}

Test(standalone, only_what_is_needed)
{
    tin_pool *pool = tin_pool_new();
    const tin_source *s;
    clamp_net n;

    make_clamp(&n, 0, 1);
    s = tin_standalone_sources(pool, &n.program);
    cr_assert_not_null(s);
    cr_assert(lists(s, "tinyinfer.h"));
    cr_assert(lists(s, "tinyinfer_kernels.h"));
    cr_assert(lists(s, "net.c"));
    cr_assert(lists(s, "crc32.c"));
    cr_assert(lists(s, "clamp_f32.c"));
    cr_assert_not(lists(s, "clamp_f32"));
    cr_assert_not(lists(s, "tinyinfer_compiler.h"));
    cr_assert_not(lists(s, "conv2d_s8.c"));
    cr_assert_not(lists(s, "logistic_table_s8.c"));
    tin_pool_free(pool);
}

/* ---- Through the compiler ----------------------------------------------- */

typedef struct {
    char folder[256];
} place;

static void write_all(place *at, tin_pool *pool, const tin_program *p,
                      const char *id)
{
    const char *tmp = getenv("TMPDIR");
    const tin_source *s = tin_standalone_sources(pool, p);
    const emitted e = emit(pool, p, id);
    char file[80];

    snprintf(at->folder, sizeof at->folder, "%s/tin_emit_XXXXXX",
             tmp ? tmp : "/tmp");
    cr_assert_not_null(mkdtemp(at->folder));
    for (; s->name; s++)
        write_file(at->folder, s->name, s->text);
    snprintf(file, sizeof file, "%s.h", id);
    write_file(at->folder, file, e.header.text);
    snprintf(file, sizeof file, "%s.c", id);
    write_file(at->folder, file, e.source.text);
}

static int run(const char *format, const char *a, const char *b, const char *c)
{
    char line[1024];

    snprintf(line, sizeof line, format, a, b, c);
    return system(line);
}

static const char *compiler(void)
{
    const char *cc = getenv("CC");

    return cc ? cc : "cc";
}

static void clean_up(const place *at)
{
    cr_assert_eq(run("rm -rf '%s'%s%s", at->folder, "", ""), 0);
}

Test(compiled, every_kernel_without_warnings)
{
    tin_pool *pool = tin_pool_new();
    static all_net n;
    place at;

    make_all(pool, &n);
    write_all(&at, pool, &n.program, "all");
    cr_assert_eq(
        run("cd '%s' && %s %s -c *.c", at.folder, compiler(), warnings), 0);
    clean_up(&at);
    tin_pool_free(pool);
}

/* Prints the bits of what the compiler made of a network's floats. */
static const char print_bits[] =
    "#include <stdio.h>\n#include <string.h>\n#include \"clamp.h\"\n"
    "int main(void)\n{\n"
    "    const tin_clamp_f32_params *p = clamp_model.steps[0].params;\n"
    "    uint32_t w[8];\n"
    "    int i;\n\n"
    "    memcpy(w, clamp_model.tensors[0].data, 24);\n"
    "    memcpy(w + 6, &p->min, 4);\n"
    "    memcpy(w + 7, &p->max, 4);\n"
    "    for (i = 0; i < 8; i++)\n"
    "        printf(\"%08lx \", (unsigned long)w[i]);\n"
    "    return 0;\n}\n";

/* Compiles and runs; returns what it printed. */
static void output_of(const place *at, char *text, int size)
{
    char path[300];
    FILE *from;

    write_file(at->folder, "main.c", print_bits);
    cr_assert_eq(run("cd '%s' && %s %s *.c && ./a.out > out", at->folder,
                     compiler(), warnings),
                 0);
    snprintf(path, sizeof path, "%s/out", at->folder);
    from = fopen(path, "r");
    cr_assert_not_null(from);
    cr_assert_not_null(fgets(text, size, from));
    fclose(from);
}

static void check_table(const uint32_t bits[6], const char *want)
{
    tin_pool *pool = tin_pool_new();
    float floats[6];
    const tin_constant table = {floats, TIN_F32, 6, "constant"};
    char got[200];
    clamp_net n;
    place at;

    memcpy(floats, bits, sizeof floats);
    make_clamp(&n, -INFINITY, INFINITY);
    n.tensors[0].data = floats;
    n.lowered.constants = &table;
    n.lowered.n_constants = 1;
    write_all(&at, pool, &n.program, "clamp");
    output_of(&at, got, sizeof got);
    cr_assert_str_eq(got, want);
    clean_up(&at);
    tin_pool_free(pool);
}

Test(compiled, nan_and_infinity_keep_their_bits)
{
    static const uint32_t bits[6] = {0x7fc12345u, 0xffc00001u, 0x7f800000u,
                                     0xff800000u, 0x80000000u, 0x00000001u};

    check_table(bits, "7fc12345 ffc00001 7f800000 ff800000 80000000 00000001 "
                      "ff800000 7f800000 ");
}

Test(compiled, finite_floats_keep_their_bits)
{
    static const uint32_t bits[6] = {0x80000000u, 0x00000001u, 0x807fffffu,
                                     0x7f7fffffu, 0x3dcccccdu, 0x00800000u};

    check_table(bits, "80000000 00000001 807fffff 7f7fffff 3dcccccd 00800000 "
                      "ff800000 7f800000 ");
}
