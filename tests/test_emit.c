/* SPDX-License-Identifier: MIT */
/*
 * What the C emitter is made of: text, floats, identifiers, names. White box:
 * it looks at emit.h.
 */
#include <criterion/criterion.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../src/compiler/emit.h"

/* ---- Text --------------------------------------------------------------- */

Test(text, grows_and_ends_with_nul)
{
    tin_text t = {tin_pool_new(), NULL, 0, 0, 0};
    int i;

    for (i = 0; i < 10000; i++)
        tin_text_add(&t, "%d,%s", i % 10, "");
    cr_assert_eq(t.bytes, 20000);
    cr_assert_eq(strlen(t.text), 20000);
    cr_assert_eq(t.text[19998], '9');
    cr_assert_not(t.failed);
    tin_pool_free(t.pool);
}

/* ---- Floats ------------------------------------------------------------- */

static float from_bits(uint32_t bits)
{
    float x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Both ways to print it read back as the same bits. */
static void check_float(uint32_t bits)
{
    const float x = from_bits(bits);
    char text[TIN_FLOAT_SIZE], *end;

    if (!tin_float_is_finite(x))
        return;
    tin_float_hex(text, x);
    cr_assert_eq(tin_float_bits(strtof(text, &end)), bits, "%s", text);
    cr_assert_str_eq(end, "f");
    tin_float_decimal(text, x);
    cr_assert_eq(tin_float_bits(strtof(text, &end)), bits, "%s", text);
    cr_assert_str_eq(end, "f");
}

Test(floats, round_trip)
{
    uint32_t exponent, bits = 1;
    int i;

    for (exponent = 0; exponent < 255; exponent++) {
        check_float(exponent << 23);
        check_float(exponent << 23 | 1u);
        check_float(exponent << 23 | 0x7fffffu);
        check_float(exponent << 23 | 0x80000000u);
    }
    for (i = 0; i < 200000; i++) {
        bits = bits * 1664525u + 1013904223u;
        check_float(bits);
        check_float(bits & 0x807fffffu); // denormal
    }
}

Test(floats, spelling)
{
    char text[TIN_FLOAT_SIZE];

    cr_assert_str_eq(tin_float_hex(text, 0.1f), "0x1.99999ap-4f");
    cr_assert_str_eq(tin_float_hex(text, -1.0f), "-0x1p0f");
    cr_assert_str_eq(tin_float_hex(text, from_bits(1)), "0x1p-149f");
    cr_assert_str_eq(tin_float_hex(text, 0.0f), "0.0f");
    cr_assert_str_eq(tin_float_hex(text, -0.0f), "-0.0f");
    cr_assert_str_eq(tin_float_hex(text, INFINITY), "1.0f / 0.0f");
    cr_assert_str_eq(tin_float_hex(text, -INFINITY), "-1.0f / 0.0f");
    cr_assert_str_eq(tin_float_decimal(text, 0.1f), "1.00000001e-1f");
    cr_assert_str_eq(tin_float_decimal(text, 1.0f), "1.0f");
    cr_assert_str_eq(tin_float_decimal(text, 0.0f), "0.0f");
    cr_assert_str_eq(tin_float_decimal(text, -2.5f), "-2.5f");
    cr_assert_str_eq(tin_float_decimal(text, from_bits(0x7f7fffffu)),
                     "3.40282347e38f");
}

/* ---- Names -------------------------------------------------------------- */

static tin_status check_id(const char *id)
{
    tin_diag diag = {TIN_OK, -1, -1, ""};
    const tin_status status = tin_check_id(id, &diag);

    cr_assert_eq(status == TIN_OK, diag.message[0] == '\0', "%s", id);
    return status;
}

Test(ids, good)
{
    static const char *const ids[] = {"a",   "digits",          "Net2", "a_",
                                      "tin", "ic_resnet8_int8", "model"};
    char longest[65];
    size_t i;

    for (i = 0; i < sizeof ids / sizeof *ids; i++)
        cr_assert_eq(check_id(ids[i]), TIN_OK, "%s", ids[i]);
    memset(longest, 'x', 64);
    longest[64] = '\0';
    cr_assert_eq(check_id(longest), TIN_OK);
}

Test(ids, bad)
{
    static const char ids[][20] = {{"_a"},
                                   {"1a"},
                                   {"a-b"},
                                   {"a b"},
                                   {"int"},
                                   {"while"},
                                   {"tin_x"},
                                   {"TIN_X"},
                                   {"a\""},
                                   {"a\n"},
                                   {"\xc3\xa4"},
                                   {"main"},
                                   {"net"},
                                   {"NET"},
                                   {"tinyinfer"},
                                   {"conv2d_s8"},
                                   {"tinyinfer_kernels"},
                                   {"string"},
                                   {"stdint"},
                                   {"String"},
                                   {"../a"},
                                   {"a;"},
                                   {""}};
    char too_long[66];
    size_t i;

    for (i = 0; i < sizeof ids / sizeof *ids; i++)
        cr_assert_eq(check_id(ids[i]), TIN_ERR_ARG, "%s", ids[i]);
    memset(too_long, 'x', 65);
    too_long[65] = '\0';
    cr_assert_eq(check_id(too_long), TIN_ERR_ARG);
    cr_assert_eq(check_id(NULL), TIN_ERR_ARG);
}

Test(names, comments_are_harmless)
{
    tin_text t = {tin_pool_new(), NULL, 0, 0, 0};
    char endless[70000];

    tin_text_name(&t, "*/ x(\"y\"); /* ?\?/\\\n\t\x7f\xe2\x80\xae%n");
    cr_assert_str_eq(t.text, "_/ x(_y_); /_ __/_______%n");
    t.bytes = 0;
    memset(endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    tin_text_name(&t, endless);
    cr_assert_eq(t.bytes, 62);
    tin_pool_free(t.pool);
}

Test(names, strings_read_back)
{
    tin_text t = {tin_pool_new(), NULL, 0, 0, 0};
    char text[80] = "";

    tin_text_string(&t, "a\"\\\n?\?/\x01"
                        "2\xc3\xa4%n");
    cr_assert_str_eq(t.text, "\"a\\042\\134\\012\\077\\077/\\0012\\303\\244"
                             "%n\"");
    t.bytes = 0;
    memset(text, 'b', 63);
    memcpy(text + 63, "\xc3\xa4", 2); // would be cut in two
    tin_text_string(&t, text);
    cr_assert_eq(t.bytes, 65);
    tin_pool_free(t.pool);
}
