/* SPDX-License-Identifier: MIT */
/*
 * What the tool reads and writes: arrays, pictures and labels, good ones,
 * damaged ones and every prefix of them; files written all or none.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "array.h"
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

TestSuite(io, .init = setup, .fini = teardown);

/* ---- Files in memory ---------------------------------------------------- */

/* A file that is put together piece by piece. */
typedef struct {
    uint8_t data[1024];
    size_t bytes;
} draft;

static void put(draft *d, const void *bytes, size_t n)
{
    cr_assert(d->bytes + n <= sizeof d->data);
    memcpy(d->data + d->bytes, bytes, n);
    d->bytes += n;
}

static void put_text(draft *d, const char *text)
{
    put(d, text, strlen(text));
}

static void put_little(draft *d, uint32_t n, size_t size)
{
    for (size_t i = 0; i < size; i++, n >>= 8)
        put(d, &(uint8_t){(uint8_t)n}, 1);
}

typedef enum { NPY, PNM, BMP, CSV } format;

/* Reads the first n bytes from memory that ends there, so that a sanitizer
 * sees the first byte too many. The result points into the pool alone. */
static tin_status read_prefix(format f, const uint8_t *data, size_t n,
                              tin_array *a)
{
    uint8_t *copy = tin_pool_alloc(pool, n ? n : 1);
    const tin_bytes file = {copy, n};

    if (n)
        memcpy(copy, data, n);
    diag = (tin_diag){.layer = -1, .offset = -1};
    memset(a, 0, sizeof *a);
    switch (f) {
    case NPY: return tin_read_npy(file, a, &diag);
    case PNM: return tin_read_pnm(pool, file, a, &diag);
    case BMP: return tin_read_bmp(pool, file, a, &diag);
    case CSV: return tin_read_csv(pool, file, a, &diag);
    }
    return TIN_ERR_ARG;
}

static tin_status read_draft(format f, const draft *d, tin_array *a)
{
    return read_prefix(f, d->data, d->bytes, a);
}

static tin_status read_text(format f, const char *text, tin_array *a)
{
    return read_prefix(f, (const uint8_t *)text, strlen(text), a);
}

/* Each of n texts is refused, with words of the message beside it. */
static void refuse_texts(format f, const char *const cases[][2], size_t n)
{
    tin_array a;

    for (size_t i = 0; i < n; i++) {
        cr_assert_neq(read_text(f, cases[i][0], &a), TIN_OK, "%s", cases[i][0]);
        cr_assert(strstr(diag.message, cases[i][1]), "%s: %s", cases[i][0],
                  diag.message);
    }
}

/* No prefix is a file, and none is read beyond its end. */
static void refuse_prefixes(format f, const draft *d)
{
    tin_array a;

    for (size_t n = 0; n < d->bytes; n++) {
        cr_assert_neq(read_prefix(f, d->data, n, &a), TIN_OK, "%zu bytes", n);
        cr_assert(diag.message[0] && !strchr(diag.message, '\n'));
    }
}

/* Whatever a byte becomes, the reader ends, and what it returns is there. */
static void survive_damage(format f, const draft *d, size_t head)
{
    static const uint8_t values[] = {0, 1, 9, 0x27, 0x7f, 0x80, 0xfe, 0xff};
    draft bad = *d;
    tin_array a;

    for (size_t i = 0; i < head; i++) {
        for (size_t k = 0; k < sizeof values; k++) {
            bad.data[i] = values[k];
            if (read_draft(f, &bad, &a) == TIN_OK && a.count > 0)
                (void)tin_array_real(&a, a.count - 1);
        }
        bad.data[i] = d->data[i];
    }
}

/* ---- NumPy -------------------------------------------------------------- */

static draft npy(int major, const char *head, const void *data, size_t n)
{
    draft d = {.bytes = 0};

    put(&d, "\x93NUMPY", 6);
    put_little(&d, (uint32_t)major, 2);
    put_little(&d, (uint32_t)strlen(head), major == 1 ? 2 : 4);
    put_text(&d, head);
    put(&d, data, n);
    return d;
}

static const char head_2x3[] =
    "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }   \n";

Test(io, npy_versions)
{
    for (int major = 1; major <= 3; major++) {
        const draft d = npy(major, head_2x3, "\1\2\3\4\5\6", 6);
        tin_array a;

        cr_assert_eq(read_draft(NPY, &d, &a), TIN_OK, "%s", diag.message);
        cr_assert_eq(a.rank, 2);
        cr_assert_eq(a.shape[0], 2);
        cr_assert_eq(a.shape[1], 3);
        cr_assert_eq(a.count, 6);
        cr_assert_eq(tin_array_int(&a, 5), 6);
        refuse_prefixes(NPY, &d);
        survive_damage(NPY, &d, d.bytes);
    }
}

Test(io, npy_elements)
{
    static const struct {
        const char *descr;
        size_t bytes;
        const char *data;
        double value;
    } cases[] = {
        {"|u1", 1, "\xff", 255},
        {"|i1", 1, "\x80", -128},
        {"<u1", 1, "\x07", 7},
        {"<i2", 2, "\xfe\xff", -2},
        {"<i4", 4, "\x00\x00\x00\x80", -2147483648.0},
        {"<i8", 8, "\xff\xff\xff\xff\xff\xff\xff\xff", -1},
        {"<f2", 2, "\x00\xc0", -2},
        {"<f2", 2, "\x01\x00", 5.9604644775390625e-8},
        {"<f2", 2, "\xff\x7b", 65504},
        {"<f2", 2, "\x00\x7c", (double)INFINITY},
        {"<f4", 4, "\x00\x00\x80\x3f", 1},
        {"<f8", 8, "\x00\x00\x00\x00\x00\x00\xe0\xbf", -0.5},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char head[128];
        draft d;
        tin_array a;

        snprintf(head, sizeof head,
                 "{\"shape\": (1,), 'descr':'%s','fortran_order':False}",
                 cases[i].descr);
        d = npy(1, head, cases[i].data, cases[i].bytes);
        cr_assert_eq(read_draft(NPY, &d, &a), TIN_OK, "%s", diag.message);
        cr_assert_eq(tin_array_real(&a, 0), cases[i].value, "%s",
                     cases[i].descr);
    }
}

Test(io, npy_refused)
{
    static const struct {
        const char *head;
        const char *says;
    } cases[] = {
        {"{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}", "'>f4'"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "'|O'"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False}", "string"},
        {"{'descr': '|u1', 'fortran_order': True, 'shape': (2, 2)}", "Fortran"},
        {"{'descr': '|u1', 'fortran_order': 1, 'shape': (1,)}",
         "fortran_order"},
        {"{'descr': '|u1', 'fortran_order': False}", "missing"},
        {"{'descr': '|u1', 'descr': '|u1'}", "twice"},
        {"{'other': 1}", "unknown key"},
        {"{'a_very_long_key_indeed': 1}", "too long"},
        {"{'shape': (-1,)}", "extent"},
        {"{'shape': (2147483648,)}", "2^31"},
        {"{'shape': (99999999999999999999999,)}", "2^31"},
        {"{'shape': (1 2)}", ", or )"},
        {"{'shape': (1,,)}", "extent"},
        {"{'shape': (1,1,1,1,1,1,1,1,1)}", "8 axes"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2147483647, "
         "2147483647, 2147483647)}",
         "2^40"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1048576, "
         "1048576)}",
         "needs 8796093022208"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}", "1 bytes"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': ()} x", "text"},
        {"[]", "expected {"},
        {"", "expected {"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const draft d = npy(1, cases[i].head, "\1", 1);
        tin_array a;

        cr_assert_neq(read_draft(NPY, &d, &a), TIN_OK, "%s", cases[i].head);
        cr_assert(strstr(diag.message, cases[i].says), "%s: %s", cases[i].head,
                  diag.message);
    }
}

Test(io, npy_empty_and_scalar)
{
    draft d = npy(1, "{'descr':'<f4','fortran_order':False,'shape':()}",
                  "\0\0\0\x40", 4);
    tin_array a;

    cr_assert_eq(read_draft(NPY, &d, &a), TIN_OK);
    cr_assert_eq(a.rank, 0);
    cr_assert_eq(tin_array_real(&a, 0), 2);
    d = npy(1,
            "{'descr':'<f4','fortran_order':False,'shape':(2147483647,"
            "2147483647,2147483647,0)}",
            "", 0);
    cr_assert_eq(read_draft(NPY, &d, &a), TIN_OK);
    cr_assert_eq(a.count, 0);
    d.data[6] = 4;
    cr_assert_eq(read_draft(NPY, &d, &a), TIN_ERR_UNSUPPORTED);
}

/* ---- Pictures ----------------------------------------------------------- */

static void expect_picture(format f, const draft *d, int32_t h, int32_t w,
                           int32_t c, const char *pixels)
{
    tin_array a;

    cr_assert_eq(read_draft(f, d, &a), TIN_OK, "%s", diag.message);
    cr_assert_eq(a.rank, 3);
    cr_assert_eq(a.shape[0], h);
    cr_assert_eq(a.shape[1], w);
    cr_assert_eq(a.shape[2], c);
    cr_assert_eq(memcmp(a.data, pixels, (size_t)(h * w * c)), 0);
    refuse_prefixes(f, d);
    survive_damage(f, d, d->bytes);
}

static void expect_pnm(const char *file, size_t n, int32_t h, int32_t w,
                       int32_t c, const char *pixels)
{
    draft d = {.bytes = 0};

    put(&d, file, n);
    expect_picture(PNM, &d, h, w, c, pixels);
}

#define EXPECT_PNM(file, h, w, c, pixels)                                      \
 expect_pnm(file, sizeof file - 1, h, w, c, pixels)

Test(io, pnm)
{
    EXPECT_PNM("P5\n2 1\n255\n\x07\xff", 1, 2, 1, "\x07\xff");
    EXPECT_PNM("P5 # c\n#d 9\n2# e\n1 255\r\n#", 1, 2, 1, "\n#");
    EXPECT_PNM("P6 1 2 255 abcdef", 2, 1, 3, "abcdef");
    EXPECT_PNM("P2 2 2 15\n0 15 # full\n7\t8", 2, 2, 1, "\x00\xff\x77\x88");
    EXPECT_PNM("P3 1 1 255 1 2 3", 1, 1, 3, "\1\2\3");
    EXPECT_PNM("P5 3 1 65535 \0\0\x80\x00\xff\xff", 1, 3, 1, "\x00\x80\xff");
    EXPECT_PNM("P5 2 1 1000 \x01\xf4\x03\xe8", 1, 2, 1, "\x80\xff");
}

Test(io, pnm_refused)
{
    static const char *const cases[][2] = {
        {"P4 1 1 x", "P2, P3"},
        {"P5 0 1 255 x", "width"},
        {"P5 65536 1 255 x", "width"},
        {"P5 99999999999 1 255 x", "width"},
        {"P5 -1 1 255 x", "width"},
        {"P5 1 0 255 x", "height"},
        {"P5 1 1 0 x", "largest"},
        {"P5 1 1 65536 x", "largest"},
        {"P5 65535 65535 255 x", "4294836225"},
        {"P6 65535 65535 65535 x", "25769017350"},
        {"P2 65535 65535 255 1", "at least"},
        {"P5 1 1 255 xy", "2 bytes"},
        {"P5 1 1 100 x", "exceeds"},
        {"P5 1 1 255#x", "blank"},
        {"P2 1 1 9 10", "up to"},
        {"P2 1 1 9 x", "up to"},
        {"P2 1 1 9 1 2", "more samples"},
        {"P2 2 1 9 1  #", "too early"},
    };

    refuse_texts(PNM, cases, sizeof cases / sizeof *cases);
}

/* A BMP without palette and samples; `header` bytes of header. */
static draft bmp(uint32_t header, int32_t w, int32_t h, uint32_t bits,
                 uint32_t compression, uint32_t at)
{
    draft d = {.bytes = 0};

    put_text(&d, "BM");
    put_little(&d, 0, 4);
    put_little(&d, 0, 4);
    put_little(&d, at, 4);
    put_little(&d, header, 4);
    put_little(&d, (uint32_t)w, 4);
    put_little(&d, (uint32_t)h, 4);
    put_little(&d, 1, 2);
    put_little(&d, bits, 2);
    put_little(&d, compression, 4);
    while (d.bytes < 14 + header)
        put_little(&d, 0, 1);
    return d;
}

static draft bmp_palette(const char *second)
{
    draft d = bmp(40, 2, 2, 8, 0, 62);

    d.data[46] = 2; // colours
    put(&d, "\5\5\5\0", 4);
    put(&d, second, 4);
    put(&d, "\1\0\0\0\0\1\0\0", 8); // the lower row comes first
    return d;
}

Test(io, bmp)
{
    draft d = bmp_palette("\x09\x09\x09\x00");

    expect_picture(BMP, &d, 2, 2, 1, "\5\x09\x09\5");
    d = bmp_palette("\x01\x02\x03\x00");
    expect_picture(BMP, &d, 2, 2, 3, "\5\5\5\3\2\1\3\2\1\5\5\5");
    d = bmp(40, 1, 2, 24, 0, 54);
    put(&d, "abc\0def\0", 8);
    expect_picture(BMP, &d, 2, 1, 3, "fedcba");
    d = bmp(108, 1, -2, 24, 0, 122);
    put(&d, "abc\0def\0", 8);
    expect_picture(BMP, &d, 2, 1, 3, "cbafed");
    d = bmp(124, 1, 1, 32, 3, 138);
    memcpy(d.data + 54, "\0\0\0\xff\0\0\xff\0\0\xff\0\0", 12);
    put(&d, "abcd", 4);
    expect_picture(BMP, &d, 1, 1, 3, "dcb");
    d = bmp(40, 1, 1, 32, 0, 54);
    put(&d, "abcd", 4);
    expect_picture(BMP, &d, 1, 1, 3, "cba");
}

Test(io, bmp_refused)
{
    static const struct {
        size_t at, size;
        uint32_t value;
        const char *says;
    } cases[] = {
        {0, 1, 'X', "BM"},           {10, 4, 0xffffffffu, "place"},
        {10, 4, 53, "place"},        {10, 4, 58, "palette"},
        {14, 4, 12, "header"},       {14, 4, 0xffffffffu, "header"},
        {18, 4, 0, "width"},         {18, 4, 0xffffffffu, "width"},
        {18, 4, 65535, "within"},    {22, 4, 0, "height"},
        {22, 4, 0x80000000u, "hei"}, {22, 4, 65535, "within"},
        {28, 2, 4, "bits"},          {28, 2, 32, "within"},
        {30, 4, 1, "compression 1"}, {30, 4, 3, "compression 3"},
        {46, 4, 257, "colours"},     {46, 4, 3, "palette"},
        {46, 4, 1, "palette"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        draft d = bmp_palette("\1\2\3\0");
        const size_t all = d.bytes;
        tin_array a;

        d.bytes = cases[i].at;
        put_little(&d, cases[i].value, cases[i].size);
        d.bytes = all;
        cr_assert_neq(read_draft(BMP, &d, &a), TIN_OK, "case %zu", i);
        cr_assert(strstr(diag.message, cases[i].says), "case %zu: %s", i,
                  diag.message);
    }
}

/* ---- Text --------------------------------------------------------------- */

Test(io, csv)
{
    static const double want[] = {1, -2.5, 300, 0.125};
    static const char *const files[] = {
        "1,-2.5,3e2,.125", "1;-2.5 ; 3E+2;\n0.125\n", "1 -2.5\t300\r\n.125,\n",
        "\xef\xbb\xbf# head, 5\n1\n-2.5 # why\n300\n\n+.125 #"};
    tin_array a;

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        cr_assert_eq(read_text(CSV, files[i], &a), TIN_OK, "%s", diag.message);
        cr_assert_eq(a.count, 4);
        for (int64_t k = 0; k < 4; k++)
            cr_assert_eq(tin_array_real(&a, k), want[k]);
    }
}

Test(io, csv_refused)
{
    static const char *const cases[][2] = {
        {"", "no numbers"},  {"# 1", "no numbers"},       {"1,,2", "empty"},
        {",1", "empty"},     {"1,\n\n,2", "line 3"},      {"1,a", "line 1"},
        {"1\n2x", "line 2"}, {"0x10", "number"},          {"nan", "number"},
        {"inf", "number"},   {"1-2", "number"},           {"1.2.3", "number"},
        {"-", "number"},     {"1e999", "large"},          {"\"1\"", "number"},
        {"1e", "number"},    {"1,2\n3,height", "line 2"},
    };
    char digits[80];
    tin_array a;

    refuse_texts(CSV, cases, sizeof cases / sizeof *cases);
    memset(digits, '1', sizeof digits - 1);
    digits[sizeof digits - 1] = '\0';
    cr_assert_neq(read_text(CSV, digits, &a), TIN_OK);
    cr_assert_neq(read_prefix(CSV, (const uint8_t *)"1\0002", 3, &a), TIN_OK);
}

/* ---- Writing ------------------------------------------------------------ */

Test(io, encode)
{
    static const int8_t data[] = {3, 9, -1, 0};
    const tin_port port = {.name = "y",
                           .type = TIN_S8,
                           .rank = 4,
                           .shape = {1, 2, 2, 1},
                           .bytes = 4,
                           .scale = 0.5f,
                           .zero_point = 1};
    tin_output_file file;
    tin_array a;

    cr_assert_eq(tin_array_encode(pool, "y.npy", &port, data, 0, &file, &diag),
                 TIN_OK);
    cr_assert_eq(read_prefix(NPY, file.data, file.bytes, &a), TIN_OK);
    cr_assert_eq((file.bytes - 4) % 64, 0);
    cr_assert(a.rank == 4 && a.element == TIN_ELEMENT_S8);
    cr_assert_eq(memcmp(a.data, data, 4), 0);
    cr_assert_eq(tin_array_encode(pool, "y.npy", &port, data, 1, &file, &diag),
                 TIN_OK);
    cr_assert_eq(read_prefix(NPY, file.data, file.bytes, &a), TIN_OK);
    cr_assert(a.rank == 4 && a.shape[0] == 1 && a.shape[1] == 2);
    cr_assert_eq(tin_array_encode(pool, "y.CSV", &port, data, 0, &file, &diag),
                 TIN_OK);
    cr_assert_eq(file.bytes, 12);
    cr_assert_eq(memcmp(file.data, "1\n4\n-1\n-0.5\n", 12), 0);
    cr_assert_neq(tin_array_encode(pool, "y.txt", &port, data, 0, &file, &diag),
                  TIN_OK);
}

Test(io, labels)
{
    tin_labels labels;
    FILE *file = fopen("test_io_labels.txt", "wb");

    cr_assert(file);
    fputs("cat\r\n\ndog\x1b\n\n\n", file);
    fclose(file);
    cr_assert_eq(tin_labels_load(pool, "test_io_labels.txt", &labels, &diag),
                 TIN_OK);
    remove("test_io_labels.txt");
    cr_assert_eq(labels.count, 3);
    cr_assert_str_eq(tin_label(&labels, 0), "cat");
    cr_assert_str_eq(tin_label(&labels, 2), "dog?");
    cr_assert_str_eq(tin_label(&labels, 3), "");
}

static int exists(const char *path)
{
    FILE *file = fopen(path, "rb");

    if (file)
        fclose(file);
    return file != NULL;
}

Test(io, files_all_or_none)
{
    tin_output_file files[] = {{"test_io_a.tmp", "a", 1},
                               {"no/such/folder/b.tmp", "b", 1}};

    cr_assert_eq(tin_files_write(files, 2, &diag), TIN_ERR_IO);
    cr_assert(strstr(diag.message, "no/such/folder/b.tmp"));
    cr_assert(!exists("test_io_a.tmp") && !exists("test_io_a.tmp.part"));
    cr_assert_eq(tin_files_write(files, 1, &diag), TIN_OK);
    cr_assert(exists("test_io_a.tmp") && !exists("test_io_a.tmp.part"));
    remove("test_io_a.tmp");
    files[1].path = files[0].path;
    cr_assert_neq(tin_files_write(files, 2, &diag), TIN_OK);
    cr_assert(!exists("test_io_a.tmp"));
}
