/* SPDX-License-Identifier: MIT */
/*
 * The C emitter on programs made by hand: what it prints and what it refuses.
 * White box: it looks at emit.h.
 */
#include "emit_programs.h"

#include <math.h>

/* ---- The source --------------------------------------------------------- */

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

/* How often `text` stands in `in`. */
static int count(const char *in, const char *text)
{
    int n = 0;

    for (; (in = strstr(in, text)) != NULL; in++)
        n++;
    return n;
}

Test(source, says_once_what_a_cpu_must_have)
{
    tin_pool *pool = tin_pool_new();
    all_net n;
    emitted e;

    make_all(pool, &n);
    e = emit(pool, &n.program, "all");
    cr_assert_eq(count(e.source.text, "#if !TIN_HAVE_"), 2);
    cr_assert_eq(count(e.source.text, "#if !TIN_HAVE_DSP\n"), 1);
    cr_assert_eq(count(e.source.text, "#if !TIN_HAVE_MVE\n"), 1);
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
