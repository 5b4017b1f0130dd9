/* SPDX-License-Identifier: MIT */
/*
 * What the compiler stands on: its pool of memory, the first error, names and
 * half floats.
 */
#include "graph.h"
#include "tinyinfer_compiler.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

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
