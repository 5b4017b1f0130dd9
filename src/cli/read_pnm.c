/* SPDX-License-Identifier: MIT */
/*
 * read_pnm.c: PGM and PPM pictures. See array.h.
 *
 * A head of words, in which # starts a comment: P2 or P5 (gray), P3 or P6
 * (red, green, blue), width, height, largest sample. Samples follow as words
 * (P2, P3), or after one blank as bytes, two of them, the high one first,
 * where the largest sample exceeds 255 (P5, P6).
 */
#include "array.h"

typedef struct {
    tin_bytes file;
    size_t at;
    tin_diag *diag;
    int32_t width, height, channels;
    int32_t largest;
} picture;

static tin_status damaged(const picture *p, const char *what)
{
    return tin_fail(p->diag, TIN_ERR_FORMAT, -1, "picture, byte %lu: %s",
                    (unsigned long)p->at, what);
}

static int is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Skips blanks and comments; a comment ends with its line. */
static void skip_blanks(picture *p)
{
    int comment = 0;

    for (; p->at < p->file.bytes; p->at++) {
        const uint8_t c = p->file.data[p->at];

        if (c == '#')
            comment = 1;
        else if (c == '\n' || c == '\r')
            comment = 0;
        else if (!comment && !is_blank(c))
            return;
    }
}

/* A word that is a number from least to most. */
static tin_status take_number(picture *p, int32_t least, int32_t most,
                              int32_t *n, const char *what)
{
    size_t start;

    skip_blanks(p);
    start = p->at;
    *n = 0;
    while (p->at < p->file.bytes && p->file.data[p->at] >= '0' &&
           p->file.data[p->at] <= '9' && *n <= most)
        *n = 10 * *n + (p->file.data[p->at++] - '0');
    if (p->at == start && p->at == p->file.bytes)
        return damaged(p, "the file ends too early");
    if (p->at == start || *n < least || *n > most)
        return damaged(p, what);
    return TIN_OK;
}

static tin_status take_head(picture *p)
{
    tin_status status;

    p->at = 2;
    status = take_number(p, 1, 65535, &p->width, "width is not 1 to 65535");
    if (status == TIN_OK)
        status =
            take_number(p, 1, 65535, &p->height, "height is not 1 to 65535");
    if (status == TIN_OK)
        status = take_number(p, 1, 65535, &p->largest,
                             "largest sample is not 1 to 65535");
    return status;
}

/* 0 .. largest becomes 0 .. 255, rounded to the nearest. */
static uint8_t scale_sample(const picture *p, int32_t sample)
{
    if (p->largest == 255)
        return (uint8_t)sample;
    return (uint8_t)((sample * 255 + p->largest / 2) / p->largest);
}

static tin_status take_words(picture *p, uint8_t *to, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        int32_t sample;
        const tin_status status =
            take_number(p, 0, p->largest, &sample,
                        "a sample is no number up to the largest");

        if (status != TIN_OK)
            return status;
        to[i] = scale_sample(p, sample);
    }
    skip_blanks(p);
    if (p->at != p->file.bytes)
        return damaged(p, "more samples than the picture has");
    return TIN_OK;
}

/* The caller has seen that they are all there. */
static tin_status take_bytes(picture *p, uint8_t *to, int64_t count)
{
    const int wide = p->largest > 255;

    for (int64_t i = 0; i < count; i++) {
        int32_t sample = p->file.data[p->at];

        if (wide)
            sample = sample << 8 | p->file.data[p->at + 1];
        if (sample > p->largest)
            return damaged(p, "a sample exceeds the largest");
        to[i] = scale_sample(p, sample);
        p->at += wide ? 2 : 1;
    }
    return TIN_OK;
}

static tin_status check_size(picture *p, int plain, int64_t count)
{
    // Words take two bytes each, a digit and a blank, but for the last.
    const int64_t need =
        plain ? 2 * count - 1 : count * (p->largest > 255 ? 2 : 1);
    int64_t have;

    if (!plain) {
        if (p->at == p->file.bytes || !is_blank(p->file.data[p->at]))
            return damaged(p, "expected one blank before the samples");
        p->at++;
    }
    have = (int64_t)(p->file.bytes - p->at);
    if (have < need || (!plain && have != need))
        return tin_fail(p->diag, TIN_ERR_FORMAT, -1,
                        "picture of %ldx%ld: %lld bytes of samples where "
                        "%s%lld are needed",
                        (long)p->width, (long)p->height, (long long)have,
                        plain ? "at least " : "", (long long)need);
    return TIN_OK;
}

tin_status tin_read_pnm(tin_pool *pool, tin_bytes file, tin_array *a,
                        tin_diag *diag)
{
    picture p = {.file = file, .diag = diag};
    const int kind =
        file.bytes < 2 || file.data[0] != 'P' ? 0 : file.data[1] - '0';
    const int plain = kind == 2 || kind == 3;
    tin_status status;
    uint8_t *to;

    if (kind != 2 && kind != 3 && kind != 5 && kind != 6)
        return tin_fail(diag, TIN_ERR_FORMAT, -1,
                        "no PGM or PPM picture: it should start with P2, P3, "
                        "P5 or P6");
    p.channels = kind % 3 == 0 ? 3 : 1;
    status = take_head(&p);
    if (status != TIN_OK)
        return status;
    a->kind = TIN_ARRAY_IMAGE;
    a->element = TIN_ELEMENT_U8;
    a->rank = 3;
    a->shape[0] = p.height;
    a->shape[1] = p.width;
    a->shape[2] = p.channels;
    a->count = (int64_t)p.height * p.width * p.channels;
    status = check_size(&p, plain, a->count);
    if (status != TIN_OK)
        return status;
    to = tin_pool_alloc(pool, (uint64_t)a->count);
    if (!to)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    a->data = to;
    return plain ? take_words(&p, to, a->count) : take_bytes(&p, to, a->count);
}
