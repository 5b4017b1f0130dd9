/* SPDX-License-Identifier: MIT */
/* array.c: elements of an array, and which reader a file gets. See array.h. */
#include <math.h>
#include <string.h>

#include "array.h"

static const struct {
    const char *name;
    int32_t bytes;
} elements[] = {
    [TIN_ELEMENT_U8] = {"uint8", 1},    [TIN_ELEMENT_S8] = {"int8", 1},
    [TIN_ELEMENT_S16] = {"int16", 2},   [TIN_ELEMENT_S32] = {"int32", 4},
    [TIN_ELEMENT_S64] = {"int64", 8},   [TIN_ELEMENT_F16] = {"float16", 2},
    [TIN_ELEMENT_F32] = {"float32", 4}, [TIN_ELEMENT_F64] = {"float64", 8},
};

const char *tin_element_name(tin_element element)
{
    return elements[element].name;
}

int32_t tin_element_bytes(tin_element element)
{
    return elements[element].bytes;
}

uint32_t tin_get_u16(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

uint32_t tin_get_u32(const uint8_t *at)
{
    return tin_get_u16(at) | tin_get_u16(at + 2) << 16;
}

static uint64_t get_u64(const uint8_t *at)
{
    return tin_get_u32(at) | (uint64_t)tin_get_u32(at + 4) << 32;
}

/* A number of `bits` bits in two's complement: C99 leaves the conversion of
 * what does not fit to the implementation, so the sign is taken by hand. */
static int64_t sign_extend(uint64_t x, int bits)
{
    const uint64_t sign = (uint64_t)1 << (bits - 1);

    if (x & sign)
        return -(int64_t)(sign - 1 - (x & (sign - 1))) - 1;
    return (int64_t)x;
}

/* Half precision: 1 sign, 5 exponent, 10 fraction bits. */
static double half(uint32_t bits)
{
    const int exponent = (int)(bits >> 10 & 31);
    const double fraction = (double)(bits & 1023);
    double x;

    if (exponent == 31)
        x = (bits & 1023) ? (double)NAN : (double)INFINITY;
    else if (exponent == 0)
        x = ldexp(fraction, -24);
    else
        x = ldexp(fraction + 1024, exponent - 25);
    return bits >> 15 ? -x : x;
}

static double single(uint32_t bits)
{
    float x;

    memcpy(&x, &bits, sizeof x);
    return (double)x;
}

static double twofold(uint64_t bits)
{
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

int64_t tin_array_int(const tin_array *a, int64_t i)
{
    const uint8_t *at = a->data + i * tin_element_bytes(a->element);

    switch (a->element) {
    case TIN_ELEMENT_U8: return at[0];
    case TIN_ELEMENT_S8: return sign_extend(at[0], 8);
    case TIN_ELEMENT_S16: return sign_extend(tin_get_u16(at), 16);
    case TIN_ELEMENT_S32: return sign_extend(tin_get_u32(at), 32);
    case TIN_ELEMENT_S64: return sign_extend(get_u64(at), 64);
    case TIN_ELEMENT_F16:
    case TIN_ELEMENT_F32:
    case TIN_ELEMENT_F64: break;
    }
    return 0;
}

double tin_array_real(const tin_array *a, int64_t i)
{
    const uint8_t *at = a->data + i * tin_element_bytes(a->element);

    switch (a->element) {
    case TIN_ELEMENT_F16: return half(tin_get_u16(at));
    case TIN_ELEMENT_F32: return single(tin_get_u32(at));
    case TIN_ELEMENT_F64: return twofold(get_u64(at));
    default: return (double)tin_array_int(a, i);
    }
}

/* ---- Loading ------------------------------------------------------------ */

/* Readers in one form, whether they need a pool or not. */
typedef tin_status reader(tin_pool *pool, tin_bytes file, tin_array *a,
                          tin_diag *diag);

static tin_status read_raw(tin_pool *pool, tin_bytes file, tin_array *a,
                           tin_diag *diag)
{
    (void)pool;
    (void)diag;
    a->kind = TIN_ARRAY_RAW;
    a->element = TIN_ELEMENT_U8;
    a->rank = 1;
    a->shape[0] = (int32_t)file.bytes; // TIN_CLI_FILE_MAX fits
    a->count = (int64_t)file.bytes;
    a->data = file.data;
    return TIN_OK;
}

static tin_status read_npy(tin_pool *pool, tin_bytes file, tin_array *a,
                           tin_diag *diag)
{
    (void)pool;
    return tin_read_npy(file, a, diag);
}

static reader *reader_for(const char *path)
{
    static const struct {
        const char *ending;
        reader *read;
    } readers[] = {
        {".npy", read_npy},     {".pgm", tin_read_pnm}, {".ppm", tin_read_pnm},
        {".pnm", tin_read_pnm}, {".bmp", tin_read_bmp}, {".csv", tin_read_csv},
        {".txt", tin_read_csv}, {".bin", read_raw},
    };

    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        if (tin_path_ends(path, readers[i].ending))
            return readers[i].read;
    }
    return NULL;
}

tin_status tin_array_load(tin_pool *pool, const char *path, tin_array *a,
                          tin_diag *diag)
{
    reader *read = reader_for(path);
    tin_bytes file;
    tin_status status;

    memset(a, 0, sizeof *a);
    if (!read)
        return tin_fail(diag, TIN_ERR_UNSUPPORTED, -1,
                        "what kind of file is this? Its name should end in "
                        ".npy .pgm .ppm .bmp .csv or .bin");
    status = tin_file_read(pool, path, TIN_CLI_FILE_MAX, &file, diag);
    return status == TIN_OK ? read(pool, file, a, diag) : status;
}
