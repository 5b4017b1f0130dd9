/* SPDX-License-Identifier: MIT */
/*
 * read_npy.c: NumPy's .npy files. See array.h.
 *
 * Layout: 6 bytes of magic, version major and minor, length of the header in
 * 2 bytes (version 1) or 4, the header, the elements. The header is a Python
 * dictionary, of which only what numpy.save writes is understood:
 *
 *     {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
 */
#include <string.h>

#include "array.h"

static const char magic[] = "\x93NUMPY";
enum { MAGIC_BYTES = 6 };

/* The header as text between two places of the file. */
typedef struct {
    const uint8_t *file;
    size_t at, end;
    tin_diag *diag;
} header;

static tin_status damaged(header *h, const char *what)
{
    return tin_fail(h->diag, TIN_ERR_FORMAT, -1, ".npy header, byte %lu: %s",
                    (unsigned long)h->at, what);
}

static void skip_blanks(header *h)
{
    while (h->at < h->end && (h->file[h->at] == ' ' || h->file[h->at] == '\n'))
        h->at++;
}

/* Takes the text if it comes next, after blanks. */
static int take(header *h, const char *text)
{
    const size_t n = strlen(text);

    skip_blanks(h);
    if (h->end - h->at < n || memcmp(h->file + h->at, text, n) != 0)
        return 0;
    h->at += n;
    return 1;
}

/* A short string between single or double quotes. */
static tin_status take_string(header *h, char *to, size_t size)
{
    size_t n = 0;
    uint8_t quote;

    skip_blanks(h);
    if (h->at == h->end || (h->file[h->at] != '\'' && h->file[h->at] != '"'))
        return damaged(h, "expected a string");
    quote = h->file[h->at++];
    while (h->at < h->end && h->file[h->at] != quote) {
        if (n == size - 1)
            return damaged(h, "string too long");
        to[n++] = (char)h->file[h->at++];
    }
    if (h->at == h->end)
        return damaged(h, "string without end");
    h->at++;
    to[n] = '\0';
    return TIN_OK;
}

static tin_status take_extent(header *h, int32_t *extent)
{
    const size_t start = h->at;
    int64_t n = 0;

    while (h->at < h->end && h->file[h->at] >= '0' && h->file[h->at] <= '9') {
        n = 10 * n + (h->file[h->at++] - '0');
        if (n > INT32_MAX)
            return damaged(h, "extent over 2^31 - 1");
    }
    if (h->at == start)
        return damaged(h, "expected an extent");
    *extent = (int32_t)n;
    return TIN_OK;
}

static tin_status take_shape(header *h, tin_array *a)
{
    int more = 1; // the last extent may be followed by a comma or not
    tin_status status;

    a->rank = 0;
    if (!take(h, "("))
        return damaged(h, "expected a shape in parentheses");
    while (!take(h, ")")) {
        if (!more)
            return damaged(h, "expected , or ) in the shape");
        if (a->rank == TIN_ARRAY_RANK)
            return damaged(h, "more than 8 axes");
        status = take_extent(h, &a->shape[a->rank]);
        if (status != TIN_OK)
            return status;
        a->rank++;
        more = take(h, ",");
    }
    return TIN_OK;
}

static tin_status take_descr(header *h, tin_array *a)
{
    static const char *const descr[] = {
        [TIN_ELEMENT_U8] = "|u1",  [TIN_ELEMENT_S8] = "|i1",
        [TIN_ELEMENT_S16] = "<i2", [TIN_ELEMENT_S32] = "<i4",
        [TIN_ELEMENT_S64] = "<i8", [TIN_ELEMENT_F16] = "<f2",
        [TIN_ELEMENT_F32] = "<f4", [TIN_ELEMENT_F64] = "<f8",
    };
    char text[16];
    const tin_status status = take_string(h, text, sizeof text);

    if (status != TIN_OK)
        return status;
    for (size_t i = 0; i < sizeof descr / sizeof *descr; i++) {
        // The order of single bytes may be written in any way.
        if (strcmp(text, descr[i]) == 0 ||
            (descr[i][0] == '|' && strcmp(text + 1, descr[i] + 1) == 0)) {
            a->element = (tin_element)i;
            return TIN_OK;
        }
    }
    return tin_fail(h->diag, TIN_ERR_UNSUPPORTED, -1,
                    ".npy element type '%s': save as one of |u1 |i1 <i2 <i4 "
                    "<i8 <f2 <f4 <f8",
                    text);
}

static tin_status take_order(header *h, int *fortran)
{
    *fortran = take(h, "True");
    if (*fortran || take(h, "False"))
        return TIN_OK;
    return damaged(h, "fortran_order is neither True nor False");
}

enum { SEEN_DESCR = 1, SEEN_ORDER = 2, SEEN_SHAPE = 4, SEEN_ALL = 7 };

static tin_status take_entry(header *h, tin_array *a, int *fortran, int *seen)
{
    char key[16];
    int which = 0;
    tin_status status = take_string(h, key, sizeof key);

    if (status != TIN_OK)
        return status;
    if (!take(h, ":"))
        return damaged(h, "expected : after the key");
    if (strcmp(key, "descr") == 0)
        which = SEEN_DESCR;
    else if (strcmp(key, "fortran_order") == 0)
        which = SEEN_ORDER;
    else if (strcmp(key, "shape") == 0)
        which = SEEN_SHAPE;
    if (!which || (*seen & which))
        return damaged(h, which ? "key given twice" : "unknown key");
    *seen |= which;
    if (which == SEEN_DESCR)
        return take_descr(h, a);
    return which == SEEN_ORDER ? take_order(h, fortran) : take_shape(h, a);
}

static tin_status take_dictionary(header *h, tin_array *a)
{
    int fortran = 0;
    int seen = 0;
    int more = 1;
    tin_status status;

    if (!take(h, "{"))
        return damaged(h, "expected {");
    while (!take(h, "}")) {
        if (!more)
            return damaged(h, "expected , or }");
        status = take_entry(h, a, &fortran, &seen);
        if (status != TIN_OK)
            return status;
        more = take(h, ",");
    }
    skip_blanks(h);
    if (h->at != h->end)
        return damaged(h, "text after the dictionary");
    if (seen != SEEN_ALL)
        return damaged(h, "descr, fortran_order or shape is missing");
    if (fortran && a->rank > 1)
        return tin_fail(h->diag, TIN_ERR_UNSUPPORTED, -1,
                        ".npy in Fortran order: save "
                        "numpy.ascontiguousarray of it");
    return TIN_OK;
}

/* The place of the header, and that it lies within the file. */
static tin_status find_header(tin_bytes file, header *h)
{
    const size_t prefix =
        file.bytes > MAGIC_BYTES && file.data[6] > 1 ? 12 : 10;
    size_t length;

    h->file = file.data;
    h->at = 0;
    h->end = file.bytes;
    if (file.bytes < MAGIC_BYTES || memcmp(file.data, magic, MAGIC_BYTES) != 0)
        return tin_fail(h->diag, TIN_ERR_FORMAT, -1, "not a .npy file");
    if (file.bytes < prefix)
        return damaged(h, "the file ends within it");
    if (file.data[6] < 1 || file.data[6] > 3 || file.data[7] != 0)
        return tin_fail(h->diag, TIN_ERR_UNSUPPORTED, -1,
                        ".npy version %d.%d: only 1.0 to 3.0 are known",
                        file.data[6], file.data[7]);
    length =
        prefix == 10 ? tin_get_u16(file.data + 8) : tin_get_u32(file.data + 8);
    h->at = prefix;
    if (length > file.bytes - prefix)
        return damaged(h, "the file ends within it");
    h->end = prefix + length;
    return TIN_OK;
}

/* Elements of the shape, or -1 when there are more than 2^40. A zero extent
 * anywhere makes it 0, so it is looked for first. */
static int64_t count_elements(const tin_array *a)
{
    int64_t count = 1;

    for (int32_t i = 0; i < a->rank; i++) {
        if (a->shape[i] == 0)
            return 0;
    }
    for (int32_t i = 0; i < a->rank; i++) {
        if (count > ((int64_t)1 << 40) / a->shape[i])
            return -1;
        count *= a->shape[i];
    }
    return count;
}

tin_status tin_read_npy(tin_bytes file, tin_array *a, tin_diag *diag)
{
    header h = {.diag = diag};
    tin_status status = find_header(file, &h);
    uint64_t have, need;

    a->kind = TIN_ARRAY_NPY;
    if (status == TIN_OK)
        status = take_dictionary(&h, a);
    if (status != TIN_OK)
        return status;
    a->count = count_elements(a);
    if (a->count < 0)
        return tin_fail(diag, TIN_ERR_OVERFLOW, -1,
                        ".npy shape of more than 2^40 elements");
    have = file.bytes - h.end;
    need = (uint64_t)a->count * (uint64_t)tin_element_bytes(a->element);
    if (have != need)
        return tin_fail(diag, TIN_ERR_FORMAT, -1,
                        ".npy data: %llu bytes where the shape needs %llu",
                        (unsigned long long)have, (unsigned long long)need);
    a->data = file.data + h.end;
    return TIN_OK;
}
