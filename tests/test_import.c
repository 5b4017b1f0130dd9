/* SPDX-License-Identifier: MIT */
/*
 * test_import.c: the .tflite importer and what it stands on: pool, first
 * error, names. Valid models become the graph they say; any other bytes
 * become the error that tests/bad/expected.txt names, and nothing is read
 * outside the file: every model is handed over in a block of exactly its
 * size, for AddressSanitizer to watch.
 */
#include "graph.h"
#include "shared_path.h"
#include "tinyinfer_compiler.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef TIN_BAD
# define TIN_BAD "tests/bad"
#endif

/* ---- Files -------------------------------------------------------------- */

typedef struct {
    uint8_t *bytes;
    size_t size;
} blob;

/* n bytes in a block of their own, of any content when from is NULL. */
static blob make_blob(const uint8_t *from, size_t n)
{
    blob b;

    b.size = n;
    b.bytes = malloc(n ? n : 1);
    cr_assert_not_null(b.bytes);
    if (from && n)
        memcpy(b.bytes, from, n);
    return b;
}

static blob read_path(const char *path)
{
    FILE *f = fopen(path, "rb");
    blob b;
    long size;

    cr_assert_not_null(f, "cannot open %s", path);
    cr_assert_eq(fseek(f, 0, SEEK_END), 0);
    size = ftell(f);
    cr_assert_geq(size, 0);
    rewind(f);
    b = make_blob(NULL, (size_t)size);
    cr_assert_eq(fread(b.bytes, 1, b.size, f), b.size);
    fclose(f);
    return b;
}

/* A file of the corpus. */
static blob read_model(const char *name)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s.tflite", TIN_BAD, name);
    return read_path(path);
}

/* ---- Importing ---------------------------------------------------------- */

typedef struct {
    tin_pool *pool;
    tin_graph *graph;
    tin_diag diag;
    tin_status status;
} result;

static result import(const uint8_t *bytes, size_t size)
{
    result r;

    memset(&r, 0, sizeof r);
    r.pool = tin_pool_new();
    cr_assert_not_null(r.pool);
    r.status = tin_import_tflite(r.pool, bytes, size, &r.graph, &r.diag);
    cr_assert_eq(r.status, r.diag.status);
    return r;
}

/* Imports and forgets; any result will do. */
static tin_status import_once(const uint8_t *bytes, size_t size)
{
    const result r = import(bytes, size);

    tin_pool_free(r.pool);
    return r.status;
}

/* Imports a valid model of the corpus. */
static result import_model(const char *name, blob *file)
{
    result r;

    *file = read_model(name);
    r = import(file->bytes, file->size);
    cr_assert_eq(r.status, TIN_OK, "%s: %s", name, r.diag.message);
    return r;
}

static void drop(result *r, blob *file)
{
    tin_pool_free(r->pool);
    free(file->bytes);
}

static float get_float(const uint8_t *data, int32_t i)
{
    const uint8_t *p = data + 4 * (size_t)i;
    const uint32_t bits = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                          (uint32_t)p[3] << 24;
    float f;

    memcpy(&f, &bits, sizeof f);
    return f;
}

/* ---- Pool --------------------------------------------------------------- */

Test(pool, gives_zeros_that_are_aligned)
{
    tin_pool *pool = tin_pool_new();
    const size_t align = sizeof(long double);
    unsigned char *p;
    size_t n, i;

    for (n = 0; n < 70000; n += n / 8 + 1) {
        p = tin_pool_alloc(pool, n);
        cr_assert_not_null(p);
        cr_assert_eq((uintptr_t)p % align, 0);
        for (i = 0; i < n; i++)
            cr_assert_eq(p[i], 0);
        memset(p, 0xff, n);
    }
    tin_pool_free(pool);
    tin_pool_free(NULL);
}

Test(pool, refuses_what_no_memory_has)
{
    tin_pool *pool = tin_pool_new();

    cr_assert_null(tin_pool_alloc(pool, ((uint64_t)1 << 40) + 1));
    cr_assert_null(tin_pool_alloc(pool, UINT64_MAX));
    cr_assert_null(tin_pool_alloc(pool, UINT64_MAX - 31));
    cr_assert_not_null(tin_pool_alloc(pool, 1));
    tin_pool_free(pool);
}

/* ---- Diagnostics -------------------------------------------------------- */

Test(diag, keeps_the_first_error)
{
    tin_diag d;

    memset(&d, 0, sizeof d);
    cr_assert_eq(tin_fail(&d, TIN_ERR_SHAPE, 7, "a %d", 1), TIN_ERR_SHAPE);
    cr_assert_eq(tin_fail(&d, TIN_ERR_QUANT, 8, "b"), TIN_ERR_QUANT);
    cr_assert_eq(tin_fail(NULL, TIN_ERR_IO, 9, "c"), TIN_ERR_IO);
    cr_assert_eq(d.status, TIN_ERR_SHAPE);
    cr_assert_eq(d.layer, 7);
    cr_assert_eq(d.offset, -1);
    cr_assert_str_eq(d.message, "a 1");
}

static void check_clean(const char *dirty, const char *clean)
{
    tin_diag d;

    memset(&d, 0, sizeof d);
    (void)tin_fail(&d, TIN_ERR_FORMAT, -1, "%s", dirty);
    cr_assert_str_eq(d.message, clean);
}

Test(diag, is_one_line_of_clean_text)
{
    check_clean("a\nb\r\t\x1b[0m\x7f", "a?b???[0m?");
    check_clean("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
                "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
    check_clean("\xc3(", "?(");                   // second byte missing
    check_clean("\xc0\xaf\xe0\x80\xaf", "?????"); // longer than need be
    check_clean("\xed\xa0\x80", "???");           // half of a surrogate pair
    check_clean("\xf4\x90\x80\x80", "????");      // above U+10FFFF
    check_clean("\xc2\x85\xe2\x80\xa8", "?????"); // C1, line separator
    check_clean("\xe2\x80\xae.", "???.");         // right to left
    check_clean("\xff\xfe", "??");
    check_clean("\xe2\x82", "??"); // cut by the end
}

Test(diag, shows_that_it_was_cut)
{
    tin_diag d;
    char text[1000];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    memset(&d, 0, sizeof d);
    (void)tin_fail(&d, TIN_ERR_FORMAT, -1, "%s", text);
    cr_assert_eq(strlen(d.message), sizeof d.message - 1);
    cr_assert_str_eq(d.message + sizeof d.message - 5, "x...");
}

/* ---- Names and numbers -------------------------------------------------- */

Test(graph, names)
{
    char buffer[TIN_SHORT_NAME];
    char name[] = "123456789 123456789 123456789 123456789 123456789 "
                  "123456789\xc3\xa9_123";

    cr_assert_str_eq(tin_op_name(TIN_OP_ADD), "ADD");
    cr_assert_str_eq(tin_op_name(TIN_OP_FULLY_CONNECTED), "FULLY_CONNECTED");
    cr_assert_str_eq(tin_op_name(TIN_OP_SQUEEZE), "SQUEEZE");
    cr_assert_str_eq(tin_op_name(TIN_OP_COUNT), "?");
    cr_assert_str_eq(tin_type_name(TIN_S8), "int8");
    cr_assert_str_eq(tin_type_name(TIN_F32), "float32");
    cr_assert_eq(tin_type_bytes(TIN_S64), 8);
    cr_assert_eq(tin_type_bytes(TIN_F16), 2);
    cr_assert_eq(tin_type_bytes(TIN_S4), 1);
    cr_assert_eq(tin_short_name("abc", buffer)[2], 'c');
    // 65 bytes: cut where the two bytes of the e would be torn apart
    cr_assert_eq(strlen(name), 65);
    cr_assert_str_eq(tin_short_name(name, buffer) + 50, "123456789...");
    name[63] = 0;
    cr_assert_eq(tin_short_name(name, buffer), name);
}

Test(graph, every_half_becomes_its_float)
{
    uint32_t half, bits;
    float f;
    double expected;

    for (half = 0; half < 0x10000; half++) {
        const int exponent = (int)(half >> 10 & 31);
        const int fraction = (int)(half & 1023);

        bits = tin_half_to_float_bits((uint16_t)half);
        memcpy(&f, &bits, sizeof f);
        cr_assert_eq(bits >> 31, half >> 15);
        if (exponent == 31) {
            cr_assert(fraction ? isnan(f) : isinf(f));
            continue;
        }
        expected = exponent ? ldexp(1024 + fraction, exponent - 25)
                            : ldexp(fraction, -24);
        cr_assert_eq(fabs((double)f), expected);
    }
}

/* ---- Valid models ------------------------------------------------------- */

Test(import, conv_as_the_file_says)
{
    blob file;
    result r = import_model("ok_conv", &file);
    const tin_graph *g = r.graph;
    const tin_node *n = &g->nodes[0];
    const tin_value *w = &g->values[1], *out = &g->values[3];

    cr_assert_eq(g->n_values, 4);
    cr_assert_eq(g->n_nodes, 1);
    cr_assert_eq(g->n_layers, 1);
    cr_assert_eq(g->n_inputs, 1);
    cr_assert_eq(g->inputs[0], 0);
    cr_assert_eq(g->outputs[0], 3);
    cr_assert_str_eq(g->name, "main");
    cr_assert_eq(n->op, TIN_OP_CONV_2D);
    cr_assert_eq(n->n_in, 3);
    cr_assert_eq(n->in[2], 2);
    cr_assert_eq(n->out[0], 3);
    cr_assert_eq(n->attr.padding, TIN_PADDING_VALID);
    cr_assert_eq(n->attr.stride_h, 1);
    cr_assert_eq(n->attr.dilation_w, 1);
    cr_assert_str_eq(w->name, "w");
    cr_assert_eq(w->type, TIN_S8);
    cr_assert_eq(w->rank, 4);
    cr_assert_eq(w->shape[0], 3);
    cr_assert_eq(tin_value_elements(w), 24);
    cr_assert_eq(w->n_scales, 3);
    cr_assert_eq(w->scales[2], 0.125f);
    cr_assert_eq(w->zero_points[2], 0);
    cr_assert_eq(w->quant_axis, 0);
    cr_assert_eq(w->data[0], 0xfd); // -3
    cr_assert_eq(w->producer, -1);
    cr_assert_null(out->data);
    cr_assert_eq(out->producer, 0);
    cr_assert_eq(g->values[2].type, TIN_S32);
    drop(&r, &file);
}

Test(import, absent_bias_is_minus_1)
{
    static const char *const names[] = {"C03_bias_left_out",
                                        "C03_bias_not_listed"};
    blob file;
    result r;
    int i;

    for (i = 0; i < 2; i++) {
        r = import_model(names[i], &file);
        cr_assert_eq(r.graph->nodes[0].n_in, 3);
        cr_assert_eq(r.graph->nodes[0].in[2], -1);
        drop(&r, &file);
    }
}

Test(import, hybrid_weights_become_floats)
{
    blob file;
    result r = import_model("ok_conv_hybrid", &file);
    const tin_graph *g = r.graph;
    const tin_value *from = &g->values[1];
    const tin_value *w = &g->values[g->nodes[0].in[1]];
    int32_t i;

    cr_assert_eq(w->type, TIN_F32);
    cr_assert_eq(w->n_scales, 0);
    cr_assert_str_eq(w->name, "w");
    for (i = 0; i < 24; i++)
        cr_assert_eq(get_float(w->data, i),
                     (float)(i % 7 - 3) * from->scales[i / 8]);
    drop(&r, &file);
}

Test(import, float16_becomes_floats)
{
    blob file;
    result r = import_model("ok_conv_float16", &file);
    const tin_graph *g = r.graph;
    const tin_value *w = &g->values[g->nodes[0].in[1]];
    const tin_value *b = &g->values[g->nodes[0].in[2]];
    int32_t i;

    cr_assert_eq(w->type, TIN_F32);
    for (i = 0; i < 24; i++)
        cr_assert_eq(get_float(w->data, i), (float)(i % 7 - 3));
    cr_assert_eq(get_float(b->data, 0), 0.5f);
    cr_assert_eq(get_float(b->data, 1), -0x1p-24f);
    cr_assert_eq(get_float(b->data, 2), 65504.0f);
    drop(&r, &file);
}

Test(import, int4_becomes_int8)
{
    static const int expected[] = {-8, 7, -1, 0, 1, 2, 3, 4, 5, 6, -7, -2};
    blob file;
    result r = import_model("ok_dense_int4", &file);
    const tin_value *w = &r.graph->values[1];
    int i;

    cr_assert_eq(w->type, TIN_S8);
    for (i = 0; i < 12; i++)
        cr_assert_eq(w->data[i], (uint8_t)expected[i]);
    drop(&r, &file);
}

Test(import, shared_models)
{
    static const char *const names[] = {
        "ad_autoencoder_f32", "ad_autoencoder_int8", "ic_resnet8_f32",
        "ic_resnet8_int8",    "kws_dscnn_hybrid",    "kws_dscnn_int8",
        "vww_mobilenet_int8"};
    static const int nodes[] = {10, 10, 16, 16, 13, 13, 31};
    char path[512], name[64];
    size_t i;

    for (i = 0; i < sizeof names / sizeof *names; i++) {
        blob file;
        result r;

        snprintf(name, sizeof name, "models/%s.tflite", names[i]);
        if (!shared_path(path, sizeof path, name))
            cr_skip_test("SKIPPED: %s is not there", path);
        file = read_path(path);
        r = import(file.bytes, file.size);
        cr_assert_eq(r.status, TIN_OK, "%s: %s", path, r.diag.message);
        cr_assert_eq(r.graph->n_nodes, nodes[i]);
        drop(&r, &file);
    }
}

/* ---- Any bytes ---------------------------------------------------------- */

/* Calls body with each line of expected.txt. */
static int for_each_expected(void (*body)(const char *name, const char *stage,
                                          const char *status,
                                          const char *message))
{
    FILE *f = fopen(TIN_BAD "/expected.txt", "r");
    char line[512], name[128], stage[16], status[32];
    int at, n = 0;

    cr_assert_not_null(f);
    while (fgets(line, sizeof line, f)) {
        if (line[0] == '#')
            continue;
        line[strcspn(line, "\n")] = 0;
        cr_assert_eq(
            sscanf(line, "%127s %15s %31s %n", name, stage, status, &at), 3);
        body(name, stage, status, line + at);
        n++;
    }
    fclose(f);
    return n;
}

static const char *status_name(tin_status s)
{
    switch (s) {
    case TIN_OK: return "TIN_OK";
    case TIN_ERR_ARG: return "TIN_ERR_ARG";
    case TIN_ERR_FORMAT: return "TIN_ERR_FORMAT";
    case TIN_ERR_UNSUPPORTED: return "TIN_ERR_UNSUPPORTED";
    case TIN_ERR_SHAPE: return "TIN_ERR_SHAPE";
    case TIN_ERR_QUANT: return "TIN_ERR_QUANT";
    case TIN_ERR_ARENA: return "TIN_ERR_ARENA";
    case TIN_ERR_MEMORY: return "TIN_ERR_MEMORY";
    case TIN_ERR_IO: return "TIN_ERR_IO";
    case TIN_ERR_OVERFLOW: return "TIN_ERR_OVERFLOW";
    }
    return "?";
}

/* A message is one line of ASCII here: the corpus has no other names. */
static void check_message(const char *name, const char *message)
{
    const char *s;

    cr_expect_neq(message[0], 0, "%s: no message", name);
    for (s = message; *s; s++)
        cr_expect(*s >= ' ' && *s < 127, "%s: control byte", name);
}

static void check_import(const char *name, const char *stage,
                         const char *status, const char *message)
{
    const int fails = strcmp(stage, "import") == 0;
    blob file = read_model(name);
    result r = import(file.bytes, file.size);

    cr_expect_str_eq(status_name(r.status), fails ? status : "TIN_OK",
                     "%s: %s, not %s: %s", name, status_name(r.status),
                     fails ? status : "TIN_OK", r.diag.message);
    if (r.status == TIN_OK) {
        cr_expect_not_null(r.graph);
    } else {
        cr_expect_null(r.graph);
        check_message(name, r.diag.message);
    }
    if (fails)
        cr_expect_not_null(strstr(r.diag.message, message), "%s: '%s' in '%s'",
                           name, message, r.diag.message);
    drop(&r, &file);
}

Test(corpus, each_file_gives_its_error)
{
    const int n = for_each_expected(check_import);

    cr_expect_geq(n, 300);
}

static void check_compile(const char *name, const char *stage,
                          const char *status, const char *message)
{
    blob file = read_model(name);
    tin_pool *pool = tin_pool_new();
    const tin_program *program = NULL;
    tin_diag diag;
    tin_status got;

    memset(&diag, 0, sizeof diag);
    got = tin_compile(pool, file.bytes, file.size, NULL, &program, &diag);
    cr_expect_eq(got, diag.status, "%s", name);
    if (strcmp(stage, "ok") == 0)
        cr_expect_eq(got, TIN_OK, "%s: %s", name, diag.message);
    else if (strcmp(stage, "any") != 0)
        cr_expect_neq(got, TIN_OK, "%s compiles", name);
    if (strcmp(stage, "lower") == 0 && strcmp(status, "*") != 0)
        cr_expect_str_eq(status_name(got), status, "%s: %s, not %s: %s", name,
                         status_name(got), status, diag.message);
    if (got != TIN_OK) {
        check_message(name, diag.message);
        if (strcmp(stage, "lower") == 0 && strcmp(message, "-") != 0)
            cr_expect_not_null(strstr(diag.message, message),
                               "%s: '%s' in '%s'", name, message, diag.message);
    }
    tin_pool_free(pool);
    free(file.bytes);
}

Test(corpus, each_file_compiles_or_not)
{
    for_each_expected(check_compile);
}

/* Calls body with each valid model, those of stage ok. */
static void (*valid_body)(const uint8_t *bytes, size_t size, const char *name);

static void if_valid(const char *name, const char *stage, const char *status,
                     const char *message)
{
    blob file;

    (void)status;
    (void)message;
    if (strcmp(stage, "ok") != 0)
        return;
    file = read_model(name);
    valid_body(file.bytes, file.size, name);
    free(file.bytes);
}

static void truncate_model(const uint8_t *bytes, size_t size, const char *name)
{
    size_t n;

    for (n = 0; n < size; n++) {
        blob part = make_blob(bytes, n);

        cr_assert_neq(import_once(part.bytes, n), TIN_OK,
                      "%s cut to %zu bytes imports", name, n);
        free(part.bytes);
    }
}

Test(any_bytes, truncation_at_every_byte)
{
    valid_body = truncate_model;
    for_each_expected(if_valid);
}

static void shift_model(const uint8_t *bytes, size_t size, const char *name)
{
    size_t offset;

    for (offset = 1; offset < 16; offset++) {
        blob moved = make_blob(NULL, size + offset);

        memcpy(moved.bytes + offset, bytes, size);
        cr_assert_eq(import_once(moved.bytes + offset, size), TIN_OK,
                     "%s at +%zu", name, offset);
        free(moved.bytes);
    }
}

Test(any_bytes, any_alignment)
{
    valid_body = shift_model;
    for_each_expected(if_valid);
}

/* Sets each byte to values that are likely to hurt; the import must end. */
static void damage_model(const uint8_t *bytes, size_t size, const char *name)
{
    static const uint8_t values[] = {0, 1, 2, 0x7f, 0x80, 0xfe, 0xff};
    blob copy = make_blob(bytes, size);
    size_t at, i;

    (void)name;
    for (at = 0; at < size; at++) {
        for (i = 0; i < sizeof values; i++) {
            copy.bytes[at] = values[i];
            (void)import_once(copy.bytes, size);
        }
        copy.bytes[at] = bytes[at] ^ 4;
        (void)import_once(copy.bytes, size);
        copy.bytes[at] = bytes[at];
    }
    free(copy.bytes);
}

Test(any_bytes, each_byte_damaged)
{
    valid_body = damage_model;
    for_each_expected(if_valid);
}

/* ---- Work bombs --------------------------------------------------------- */

static void put_u32(uint8_t *p, uint32_t x)
{
    int i;

    for (i = 0; i < 4; i++)
        p[i] = (uint8_t)(x >> 8 * i);
}

static uint32_t get_u32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

/* Position of a field that holds an offset. */
static uint32_t field(const blob *b, uint32_t table, uint32_t slot)
{
    const uint32_t vtable = table - get_u32(b->bytes + table);

    return table + b->bytes[vtable + 4 + 2 * slot];
}

static uint32_t follow(const blob *b, uint32_t at)
{
    return at + get_u32(b->bytes + at);
}

/* Position of the vector of tensors or operators (slot 0 or 3) of a model's
 * only subgraph: that of the field that holds its offset. */
static uint32_t graph_vector(const blob *b, uint32_t slot)
{
    const uint32_t subgraphs = follow(b, field(b, follow(b, 0), 2));

    return field(b, follow(b, subgraphs + 4), slot);
}

/* A model whose vector of tensors or operators has n entries that all point
 * to one table without fields, with its vtable at the end of the file. */
static blob make_bomb(const blob *model, uint32_t slot, uint32_t n)
{
    const size_t start = (model->size + 3) / 4 * 4;
    const size_t table = start + 4 + 4 * (size_t)n;
    blob bomb = make_blob(NULL, table + 8);
    const uint32_t at = graph_vector(model, slot);
    uint32_t i;

    memset(bomb.bytes, 0, bomb.size);
    memcpy(bomb.bytes, model->bytes, model->size);
    put_u32(bomb.bytes + at, (uint32_t)start - at);
    put_u32(bomb.bytes + start, n);
    for (i = 0; i < n; i++)
        put_u32(bomb.bytes + start + 4 + 4 * (size_t)i, 4 * (n - i));
    put_u32(bomb.bytes + table, (uint32_t)-4); // its vtable follows
    bomb.bytes[table + 4] = bomb.bytes[table + 6] = 4;
    return bomb;
}

Test(any_bytes, work_bombs)
{
    static const uint32_t slots[] = {0, 3};
    blob model = read_model("ok_relu_chain");
    const clock_t start = clock();
    size_t i;

    for (i = 0; i < 2; i++) {
        blob bomb = make_bomb(&model, slots[i], 100000);

        (void)import_once(bomb.bytes, bomb.size);
        free(bomb.bytes);
    }
    // A thousandth of that is expected.
    cr_assert_lt((double)(clock() - start) / CLOCKS_PER_SEC, 10.0);
    free(model.bytes);
}
