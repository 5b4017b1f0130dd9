/* SPDX-License-Identifier: MIT */
/*
 * The .tflite importer on any bytes: they become the error that
 * tests/bad/expected.txt names, and nothing is read outside the file, which is
 * handed over in a block of exactly its size.
 */
#include "corpus.h"

#include <time.h>

/* Imports and forgets; any result will do. */
static tin_status import_once(const uint8_t *bytes, size_t size)
{
    const result r = import(bytes, size);

    tin_pool_free(r.pool);
    return r.status;
}

/* ---- The corpus --------------------------------------------------------- */

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

/* ---- Valid models, damaged ---------------------------------------------- */

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
