/* SPDX-License-Identifier: MIT */
/*
 * read_bmp.c: uncompressed BMP pictures. See array.h.
 *
 *   0 "BM"        14 bytes of the header     30 compression: 0, or 3 where
 *   10 samples    18 width, 22 height           54 has masks of the colours
 *                 28 bits a pixel            46 colours in the palette
 *
 * The palette follows the header. Rows are padded to 4 bytes and stand upside
 * down unless the height is negative.
 */
#include "array.h"

enum {
    FILE_HEADER = 14,
    INFO_HEADER = 40, /* the oldest header that has the fields above */
    V5_HEADER = 124,
    MASKS_AT = FILE_HEADER + INFO_HEADER
};

typedef struct {
    tin_bytes file;
    tin_diag *diag;
    int64_t header, samples_at, row_bytes;
    int32_t width, height, upside_down;
    int32_t bits, masked, colours;
    int32_t channel[3]; /* byte of a pixel that holds red, green, blue */
} bitmap;

static tin_status damaged(const bitmap *b, const char *what)
{
    return tin_fail(b->diag, TIN_ERR_FORMAT, -1, "BMP picture: %s", what);
}

static tin_status unsupported(const bitmap *b, const char *what,
                              unsigned long n)
{
    return tin_fail(b->diag, TIN_ERR_UNSUPPORTED, -1, "BMP picture: %s %lu",
                    what, n);
}

static tin_status take_extents(bitmap *b)
{
    const uint32_t width = tin_get_u32(b->file.data + 18);
    uint32_t height = tin_get_u32(b->file.data + 22);

    b->upside_down = height < 0x80000000u;
    if (!b->upside_down)
        height = 0u - height;
    if (width < 1 || width > 65535 || height < 1 || height > 65535)
        return damaged(b, "width or height is not 1 to 65535");
    b->width = (int32_t)width;
    b->height = (int32_t)height;
    return TIN_OK;
}

static tin_status take_format(bitmap *b)
{
    const uint32_t bits = tin_get_u16(b->file.data + 28);
    const uint32_t compression = tin_get_u32(b->file.data + 30);

    if (bits != 8 && bits != 24 && bits != 32)
        return unsupported(b, "only 8, 24 and 32 bits a pixel, not", bits);
    if (compression != 0 && !(compression == 3 && bits == 32))
        return unsupported(b, "only uncompressed ones, not compression",
                           compression);
    b->bits = (int32_t)bits;
    b->masked = compression == 3;
    return TIN_OK;
}

static tin_status take_header(bitmap *b)
{
    const uint8_t *data = b->file.data;
    tin_status status;

    if (b->file.bytes < 2 || data[0] != 'B' || data[1] != 'M')
        return tin_fail(b->diag, TIN_ERR_FORMAT, -1,
                        "no BMP picture: it should start with BM");
    if (b->file.bytes < FILE_HEADER + 4)
        return damaged(b, "the file ends within the header");
    b->header = tin_get_u32(data + 14);
    if (b->header < INFO_HEADER || b->header > V5_HEADER)
        return unsupported(
            b, "unknown header of bytes:", (unsigned long)b->header);
    if (b->file.bytes < FILE_HEADER + (size_t)b->header)
        return damaged(b, "the file ends within the header");
    status = take_extents(b);
    return status == TIN_OK ? take_format(b) : status;
}

/* The byte that a mask selects, -1 if it is no whole byte. */
static int32_t byte_of_mask(uint32_t mask)
{
    for (int32_t i = 0; i < 4; i++) {
        if (mask == 0xffu << (8 * i))
            return i;
    }
    return -1;
}

/* Blue, green, red, unless masks say otherwise: those of a short header
 * follow it, those of a longer one are its next fields. */
static tin_status take_masks(bitmap *b)
{
    for (int32_t i = 0; i < 3; i++)
        b->channel[i] = 2 - i;
    if (!b->masked)
        return TIN_OK;
    if (b->file.bytes < MASKS_AT + 12)
        return damaged(b, "the file ends within the masks");
    for (int32_t i = 0; i < 3; i++) {
        b->channel[i] =
            byte_of_mask(tin_get_u32(b->file.data + MASKS_AT + 4 * i));
        if (b->channel[i] < 0)
            return damaged(b, "a colour mask is not one whole byte");
    }
    return TIN_OK;
}

static tin_status take_palette(bitmap *b)
{
    uint32_t colours = tin_get_u32(b->file.data + 46);

    if (b->bits != 8)
        return TIN_OK;
    if (colours == 0)
        colours = 256;
    if (colours > 256)
        return damaged(b, "more than 256 colours in the palette");
    b->colours = (int32_t)colours;
    if (FILE_HEADER + b->header + 4 * b->colours > b->samples_at)
        return damaged(b, "the palette reaches into the samples");
    return TIN_OK;
}

/* Everything that could lead outside of the file is checked here. */
static tin_status take_layout(bitmap *b)
{
    const int64_t bytes = (int64_t)b->file.bytes;
    tin_status status;

    b->samples_at = tin_get_u32(b->file.data + 10);
    b->row_bytes = ((int64_t)b->width * b->bits + 31) / 32 * 4;
    if (b->samples_at < FILE_HEADER + b->header || b->samples_at > bytes)
        return damaged(b, "the place of the samples is outside of the file");
    if (b->row_bytes * b->height > bytes - b->samples_at)
        return damaged(b, "the file ends within the samples");
    status = take_masks(b);
    return status == TIN_OK ? take_palette(b) : status;
}

static const uint8_t *colour(const bitmap *b, int32_t i)
{
    return b->file.data + FILE_HEADER + b->header + 4 * i;
}

/* A palette of nothing but grays makes a picture of one channel. */
static int is_gray(const bitmap *b)
{
    for (int32_t i = 0; i < b->colours; i++) {
        const uint8_t *c = colour(b, i);

        if (c[0] != c[1] || c[1] != c[2])
            return 0;
    }
    return b->bits == 8;
}

static const uint8_t *row(const bitmap *b, int32_t y)
{
    const int32_t line = b->upside_down ? b->height - 1 - y : y;

    return b->file.data + b->samples_at + line * b->row_bytes;
}

static tin_status copy_row(const bitmap *b, int32_t y, int32_t channels,
                           uint8_t *to)
{
    const uint8_t *from = row(b, y);

    for (int32_t x = 0; x < b->width; x++) {
        const uint8_t *pixel = from + x * (b->bits / 8);

        if (b->bits == 8) {
            if (*pixel >= b->colours)
                return damaged(b, "a sample is not in the palette");
            pixel = colour(b, *pixel);
        }
        for (int32_t c = 0; c < channels; c++)
            *to++ = pixel[b->channel[c]];
    }
    return TIN_OK;
}

tin_status tin_read_bmp(tin_pool *pool, tin_bytes file, tin_array *a,
                        tin_diag *diag)
{
    bitmap b = {.file = file, .diag = diag};
    tin_status status = take_header(&b);
    uint8_t *to;

    if (status == TIN_OK)
        status = take_layout(&b);
    if (status != TIN_OK)
        return status;
    a->kind = TIN_ARRAY_IMAGE;
    a->element = TIN_ELEMENT_U8;
    a->rank = 3;
    a->shape[0] = b.height;
    a->shape[1] = b.width;
    a->shape[2] = is_gray(&b) ? 1 : 3;
    a->count = (int64_t)b.height * b.width * a->shape[2];
    to = tin_pool_alloc(pool, (uint64_t)a->count);
    if (!to)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    a->data = to;
    for (int32_t y = 0; y < b.height && status == TIN_OK; y++)
        status = copy_row(&b, y, a->shape[2],
                          to + (int64_t)y * b.width * a->shape[2]);
    return status;
}
