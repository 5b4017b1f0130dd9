/* SPDX-License-Identifier: MIT */
/*
 * The tool between its files: numbers into inputs and out of outputs,
 * figures of merit, JSON, tables, options.
 */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "metrics.h"
#include "port.h"
#include "running.h"

static tin_pool *pool;
static tin_diag diag;

static void setup(void)
{
    pool = tin_pool_new();
    diag = (tin_diag){.layer = -1, .offset = -1};
}

static void teardown(void)
{
    tin_pool_free(pool);
}

TestSuite(tool, .init = setup, .fini = teardown);

/* ---- Into inputs -------------------------------------------------------- */

static const tin_pixels unsaid = {(double)NAN, (double)NAN};

static tin_port port_of(tin_type type, float scale, int32_t zero_point)
{
    tin_port p = {.name = "x",
                  .type = type,
                  .rank = 4,
                  .shape = {1, 2, 2, 1},
                  .bytes = 4 * tin_type_size(type),
                  .scale = scale,
                  .zero_point = zero_point};

    return p;
}

static tin_array array_of(tin_element element, const void *data)
{
    tin_array a = {.kind = TIN_ARRAY_NPY,
                   .element = element,
                   .rank = 2,
                   .shape = {2, 2},
                   .count = 4,
                   .data = data};

    return a;
}

static void expect_fed(tin_port port, tin_array a, tin_pixels pixels,
                       const int8_t *want)
{
    tin_feeding f;
    int8_t got[4];

    cr_assert_eq(tin_feed_plan(&f, &port, &a, 0, &pixels, &diag), TIN_OK, "%s",
                 diag.message);
    tin_feed(&f, 0, got);
    cr_assert_eq(memcmp(got, want, 4), 0, "%d %d %d %d", got[0], got[1], got[2],
                 got[3]);
}

Test(tool, feed_pixels)
{
    static const uint8_t bytes[] = {0, 127, 128, 255};
    static const int8_t shifted[] = {-128, -1, 0, 127};
    static const int8_t centred[] = {-127, -0, 0, 127};
    const tin_array a = array_of(TIN_ELEMENT_U8, bytes);

    expect_fed(port_of(TIN_S8, 1.0f, -128), a, unsaid, shifted);
    expect_fed(port_of(TIN_S8, 1.0f / 255.0f, -128), a, unsaid, shifted);
    expect_fed(port_of(TIN_S8, 1.0f / 127.0f, 0), a, (tin_pixels){127.5, 127.5},
               centred);
    expect_fed(port_of(TIN_S8, 1.0f, 0), a, (tin_pixels){128, (double)NAN},
               shifted);
    expect_fed(port_of(TIN_U8, 0.1f, 7), a, unsaid, (const int8_t *)bytes);
}

Test(tool, feed_every_byte)
{
    static const float scales[] = {1.0f, 1.0f / 255.0f, 0.003921568859f};

    for (int s = 0; s < 3; s++) {
        for (int32_t b = 0; b < 256; b++) {
            const uint8_t bytes[4] = {(uint8_t)b, (uint8_t)b, 0, 255};
            const int8_t want[4] = {(int8_t)(b - 128), (int8_t)(b - 128), -128,
                                    127};

            expect_fed(port_of(TIN_S8, scales[s], -128),
                       array_of(TIN_ELEMENT_U8, bytes), unsaid, want);
        }
    }
}

Test(tool, feed_reals)
{
    static const float x[] = {0.25f, -0.25f, 1e9f, -1e30f};
    static const float odd[] = {NAN, INFINITY, -INFINITY, 0.7f};
    static const int8_t want[] = {1, -1, 127, -128};
    static const int8_t want_odd[] = {5, 127, -128, 6};

    // host order is the file's order on every machine that runs this test
    expect_fed(port_of(TIN_S8, 0.5f, 0), array_of(TIN_ELEMENT_F32, x), unsaid,
               want);
    expect_fed(port_of(TIN_S8, 0.5f, 5), array_of(TIN_ELEMENT_F32, odd), unsaid,
               want_odd);
    expect_fed(port_of(TIN_S8, 0.5f, 5), array_of(TIN_ELEMENT_S8, want), unsaid,
               want);
}

Test(tool, feed_floats)
{
    static const uint8_t bytes[] = {0, 51, 128, 255};
    static const int16_t words[] = {-32768, 0, 1, 32767};
    const tin_port port = port_of(TIN_F32, 0, 0);
    tin_array a = array_of(TIN_ELEMENT_U8, bytes);
    tin_feeding f;
    float got[4];

    cr_assert_eq(tin_feed_plan(&f, &port, &a, 0, &unsaid, &diag), TIN_OK);
    tin_feed(&f, 0, got);
    cr_assert(got[1] == 51.0f && got[3] == 255.0f);
    cr_assert_eq(tin_feed_plan(&f, &port, &a, 0, &(tin_pixels){0, 255}, &diag),
                 TIN_OK);
    tin_feed(&f, 0, got);
    cr_assert(got[1] == 0.2f && got[3] == 1.0f);
    a = array_of(TIN_ELEMENT_S16, words);
    cr_assert_eq(tin_feed_plan(&f, &port, &a, 0, &unsaid, &diag), TIN_OK);
    tin_feed(&f, 0, got);
    cr_assert(got[0] == -32768.0f && got[3] == 32767.0f);
}

static int is_refused(tin_port port, tin_array a, int samples,
                      tin_pixels pixels, const char *says)
{
    tin_feeding f;

    diag = (tin_diag){.layer = -1, .offset = -1};
    return tin_feed_plan(&f, &port, &a, samples, &pixels, &diag) != TIN_OK &&
           strstr(diag.message, says) != NULL;
}

Test(tool, feed_refused)
{
    static const uint8_t data[64];
    const tin_port s8 = port_of(TIN_S8, 0.5f, 0);
    const tin_port f32 = port_of(TIN_F32, 0, 0);
    tin_array a = array_of(TIN_ELEMENT_S8, data);

    cr_assert(is_refused(f32, a, 0, unsaid, "int8 does not convert"));
    cr_assert(is_refused(s8, a, 0, (tin_pixels){1, 2}, "--mean"));
    cr_assert(is_refused(port_of(TIN_S32, 0, 0), a, 0, unsaid, "convert"));
    a.element = TIN_ELEMENT_S32;
    cr_assert(is_refused(s8, a, 0, unsaid, "int32 does not convert"));
    a.shape[1] = 3;
    cr_assert(is_refused(s8, a, 0, unsaid, "2x3"));
    cr_assert(is_refused(s8, a, 0, unsaid, "1x2x2x1"));
    a = array_of(TIN_ELEMENT_S8, data);
    cr_assert(is_refused(s8, a, 1, unsaid, "Nx1x2x2x1"));
    a.rank = 0;
    cr_assert(is_refused(s8, a, 1, unsaid, "scalar"));
    a = array_of(TIN_ELEMENT_U8, data);
    a.kind = TIN_ARRAY_IMAGE;
    a.rank = 3;
    a.shape[2] = 3;
    cr_assert(is_refused(s8, a, 0, unsaid, "2x2x3"));
    a.kind = TIN_ARRAY_RAW;
    a.count = 5;
    cr_assert(is_refused(s8, a, 0, unsaid, "5 bytes"));
    a.count = 4;
    cr_assert(is_refused(s8, a, 0, (tin_pixels){1, 2}, "raw bytes"));
    cr_assert(is_refused(s8, a, 1, unsaid, ".npy"));
}

Test(tool, feed_shapes)
{
    static const int8_t data[16];
    const tin_port port = port_of(TIN_S8, 0.5f, 0);
    tin_array a = array_of(TIN_ELEMENT_S8, data);
    tin_feeding f;

    a.rank = 5;
    memcpy(a.shape, ((int32_t[]){1, 2, 1, 2, 1}), 20);
    cr_assert_eq(tin_feed_plan(&f, &port, &a, 0, &unsaid, &diag), TIN_OK);
    a.rank = 3;
    memcpy(a.shape, ((int32_t[]){4, 2, 2}), 12);
    a.count = 16;
    cr_assert_eq(tin_feed_plan(&f, &port, &a, 1, &unsaid, &diag), TIN_OK);
    a.shape[0] = 1;
    cr_assert_eq(tin_feed_plan(&f, &port, &a, 1, &unsaid, &diag), TIN_OK);
}

/* ---- Out of outputs ----------------------------------------------------- */

Test(tool, top)
{
    static const int8_t scores[] = {3, 9, -1, 9};
    static const float odd[] = {1, NAN, INFINITY, NAN};
    const tin_port s8 = port_of(TIN_S8, 0.5f, 1);
    const tin_port f32 = port_of(TIN_F32, 0, 0);
    int64_t best[3];

    cr_assert_eq(tin_port_largest(&s8, scores), 1);
    cr_assert_eq(tin_port_top(&s8, scores, 3, best), 3);
    cr_assert(best[0] == 1 && best[1] == 3 && best[2] == 0);
    cr_assert_eq(tin_port_real(&s8, scores, 0), 1);
    cr_assert_eq(tin_port_largest(&f32, odd), 1);
    cr_assert_eq(tin_port_top(&f32, odd, 3, best), 3);
    cr_assert(best[0] == 1 && best[1] == 3 && best[2] == 2);
}

Test(tool, metrics)
{
    static const int32_t pairs[][2] = {{0, 0}, {0, 1}, {1, 1}, {1, 1}, {2, 0}};
    tin_confusion c;
    tin_score s;

    cr_assert_eq(tin_confusion_new(pool, &c, 4, &diag), TIN_OK);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        tin_confusion_add(&c, pairs[i][0], pairs[i][1]);
    cr_assert(c.correct == 3 && c.total == 5);
    s = tin_class_score(&c, 1);
    cr_assert_float_eq(s.precision, 2.0 / 3, 1e-12);
    cr_assert_float_eq(s.recall, 1, 1e-12);
    cr_assert_float_eq(s.f1, 0.8, 1e-12);
    s = tin_macro_score(&c); // class 3 does not occur
    cr_assert_float_eq(s.f1, (0.5 + 0.8 + 0) / 3, 1e-12);
    s = tin_weighted_score(&c);
    cr_assert_float_eq(s.f1, (2 * 0.5 + 2 * 0.8 + 0) / 5, 1e-12);
    cr_assert_neq(tin_confusion_new(pool, &c, 1, &diag), TIN_OK);
    cr_assert_neq(tin_confusion_new(pool, &c, 1 << 20, &diag), TIN_OK);
}

/* ---- Text --------------------------------------------------------------- */

Test(tool, clean)
{
    cr_assert_str_eq(tin_clean(pool, "a\x1b[2J\n\x7f", 0), "a?[2J??");
    cr_assert_str_eq(tin_clean(pool, "\xc3\xa4\xff\xc0\x80", 0), "\xc3\xa4???");
    cr_assert_str_eq(tin_clean(pool, "\xc2\x9b\xe2\x80\xae\xed\xa0\x80", 0),
                     "?????");
    cr_assert_str_eq(tin_clean(pool, "0123456789", 7), "01..789");
    cr_assert_str_eq(tin_clean(pool, "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4x", 4),
                     "\xc3\xa4..x");
    cr_assert_str_eq(tin_clean_layer(pool, "a/b;c;d", 0), "a/b");
    cr_assert_str_eq(tin_clean_layer(pool, ";c", 0), ";c");
    cr_assert_eq(tin_text_width("\xc3\xa4x"), 2);
}

Test(tool, counts)
{
    char to[TIN_NUMBER_SIZE];

    cr_assert_str_eq(tin_format_count(to, 0), "0");
    cr_assert_str_eq(tin_format_count(to, 999), "999");
    cr_assert_str_eq(tin_format_count(to, -1000), "-1,000");
    cr_assert_str_eq(tin_format_count(to, INT64_MIN),
                     "-9,223,372,036,854,775,808");
}

/* What `file` holds, from its start. */
static const char *text_of(FILE *file)
{
    char *text = tin_pool_alloc(pool, 1000);

    rewind(file);
    cr_assert(fread(text, 1, 999, file) > 0);
    fclose(file);
    return text;
}

Test(tool, json)
{
    tin_json j = {.file = tmpfile()};

    tin_json_open(&j, NULL, '{');
    tin_json_text(&j, "a\"\\", "\n\x1b\xff\xc3\xa4\x7f");
    tin_json_real(&j, "r", (double)NAN);
    tin_json_open(&j, "l", '[');
    tin_json_ints(&j, NULL, (int32_t[]){1, -2}, 2);
    tin_json_close(&j, ']');
    tin_json_open(&j, "e", '[');
    tin_json_close(&j, ']');
    tin_json_bool(&j, "b", 1);
    tin_json_close(&j, '}');
    cr_assert_str_eq(text_of(j.file),
                     "{\n  \"a\\\"\\\\\": "
                     "\"\\u000a\\u001b\\ufffd\xc3\xa4\\u007f\",\n"
                     "  \"r\": null,\n  \"l\": [\n    [1, -2]\n  ],\n"
                     "  \"e\": [],\n  \"b\": true\n}\n");
}

Test(tool, table)
{
    tin_table t = {.pool = pool, .align = "rll"};
    FILE *file = tmpfile();
    static const char *const cells[] = {"#", "name", "x", "10", "a", ""};

    for (size_t i = 0; i < 6; i++)
        tin_table_add(&t, "%s", cells[i]);
    cr_assert_eq(tin_table_width(&t), 11);
    tin_table_print(&t, file);
    cr_assert_str_eq(text_of(file), " #  name  x\n10  a\n");
}

/* ---- Options and files -------------------------------------------------- */

typedef struct {
    const char *model, *text;
    tin_cli_list list;
    int64_t n;
    double x;
    int flag;
} options;

static int parse(options *o, const char *line)
{
    static const tin_option table[] = {
        {"--text", 't', TIN_OPTION_STRING, offsetof(options, text), "T", "", 0,
         0},
        {"--list", 0, TIN_OPTION_LIST, offsetof(options, list), "L", "", 0, 0},
        {"--n", 'n', TIN_OPTION_INT, offsetof(options, n), "N", "", 1, 9},
        {"--x", 0, TIN_OPTION_FLOAT, offsetof(options, x), "X", "", 0, 0},
        {"--flag", 'f', TIN_OPTION_FLAG, offsetof(options, flag), NULL, "", 0,
         0},
        {NULL, 0, TIN_OPTION_FLAG, 0, NULL, NULL, 0, 0}};
    static const tin_cli_command command = {.name = "test",
                                            .about = "",
                                            .operand = "MODEL",
                                            .operand_offset =
                                                offsetof(options, model),
                                            .options = table};
    char *copy = tin_pool_alloc(pool, strlen(line) + 1);
    char *argv[32] = {"test"};
    int argc = 1;

    strcpy(copy, line);
    for (char *p = strtok(copy, " "); p; p = strtok(NULL, " "))
        argv[argc++] = p;
    memset(o, 0, sizeof *o);
    return tin_cli_parse(&command, argc, argv, o);
}

Test(tool, options)
{
    static const char *const bad[] = {
        "",           "m m2",      "m --foo",     "m -x",
        "m --n",      "m --n 0",   "m --n 10",    "m --n 3x",
        "m --n=",     "m --x nan", "m --x 1e999", "m --x inf",
        "m --flag=1", "m --flags", "m --text",    "m --n 99999999999999999999",
        "m --tex t"};
    options o;

    cr_redirect_stderr();
    cr_redirect_stdout();
    cr_assert_eq(parse(&o, "--text a m --list=1 --list 2 -n5 -f --x -2.5e1"),
                 TIN_CLI_GO_ON);
    cr_assert_str_eq(o.model, "m");
    cr_assert_str_eq(o.text, "a");
    cr_assert(o.list.count == 2 && strcmp(o.list.at[1], "2") == 0);
    cr_assert(o.n == 5 && o.flag == 1 && o.x == -25);
    cr_assert_eq(parse(&o, "-t -- -- -m"), TIN_CLI_GO_ON);
    cr_assert_str_eq(o.text, "--");
    cr_assert_str_eq(o.model, "-m");
    cr_assert_eq(parse(&o, "--foo --help"), TIN_CLI_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_eq(parse(&o, bad[i]), TIN_CLI_USAGE, "%s", bad[i]);
}
