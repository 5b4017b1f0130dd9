/* SPDX-License-Identifier: MIT */
/* draw.c: small pictures in a terminal. See running.h. */
#include <stdlib.h>
#include <string.h>

#include "running.h"
#include "terminal.h"

int tin_picture_of(const tin_array *a, int samples, tin_picture *picture)
{
    const int32_t *shape = a->shape + samples;
    int32_t rank = a->rank - samples;

    if (a->element != TIN_ELEMENT_U8 ||
        (a->kind != TIN_ARRAY_NPY && a->kind != TIN_ARRAY_IMAGE))
        return 0;
    if (rank == 4 && shape[0] == 1) { // a batch of one
        shape++;
        rank--;
    }
    if (rank != 2 && (rank != 3 || (shape[2] != 1 && shape[2] != 3)))
        return 0;
    picture->pixels = a->data;
    picture->height = shape[0];
    picture->width = shape[1];
    picture->channels = rank == 3 ? shape[2] : 1;
    return picture->height > 0 && picture->width > 0;
}

enum { SCREEN = 80, GAP = 3 };

/* Pixels across one column, so that all fit. */
static int32_t shrink(const tin_picture *p)
{
    return (p->width + SCREEN - 1) / SCREEN;
}

/* The mean of channel c over the part of step x high pixels that lies in the
 * picture; black below its end. */
static int32_t mean_of(const tin_picture *p, int32_t y, int32_t x, int32_t high,
                       int32_t step, int32_t c)
{
    const int32_t y1 = y + high < p->height ? y + high : p->height;
    const int32_t x1 = x + step < p->width ? x + step : p->width;
    int64_t sum = 0;

    if (y >= y1)
        return 0;
    for (int32_t v = y; v < y1; v++)
        for (int32_t u = x; u < x1; u++)
            sum += p->pixels[((int64_t)v * p->width + u) * p->channels + c];
    return (int32_t)(sum / ((int64_t)(y1 - y) * (x1 - x)));
}

/* Rec. 601 luma, in integers. */
static int32_t brightness(const tin_picture *p, int32_t y, int32_t x,
                          int32_t high, int32_t step)
{
    if (p->channels == 1)
        return mean_of(p, y, x, high, step, 0);
    return (299 * mean_of(p, y, x, high, step, 0) +
            587 * mean_of(p, y, x, high, step, 1) +
            114 * mean_of(p, y, x, high, step, 2)) /
           1000;
}

/* A number of the 256 colours that nearly every terminal has: 232 to 255 are
 * grays, 16 to 231 a cube of 6 x 6 x 6. */
static int colour(const tin_picture *p, int32_t y, int32_t x, int32_t step)
{
    if (p->channels == 1)
        return 232 + mean_of(p, y, x, step, step, 0) * 23 / 255;
    return 16 + 36 * ((mean_of(p, y, x, step, step, 0) * 5 + 127) / 255) +
           6 * ((mean_of(p, y, x, step, step, 1) * 5 + 127) / 255) +
           (mean_of(p, y, x, step, step, 2) * 5 + 127) / 255;
}

/* The upper half of each character is its foreground, the lower half its
 * background. Colours are set where they change. */
static void draw_row_colours(const tin_picture *p, int32_t y, int32_t step,
                             FILE *to)
{
    int upper = -1;
    int lower = -1;

    for (int32_t x = 0; x < p->width; x += step) {
        const int above = colour(p, y, x, step);
        const int below = colour(p, y + step, x, step);

        if (above != upper || below != lower)
            fprintf(to, "\x1b[38;5;%d;48;5;%dm", above, below);
        fputs("\xe2\x96\x80", to);
        upper = above;
        lower = below;
    }
    fputs("\x1b[0m", to);
}

static void draw_row_letters(const tin_picture *p, int32_t y, int32_t step,
                             FILE *to)
{
    static const char ramp[] = " .:-=+*#%@";
    const int32_t last = (int32_t)sizeof ramp - 2;

    for (int32_t x = 0; x < p->width; x += step)
        putc(ramp[brightness(p, y, x, 2 * step, step) * last / 255], to);
}

static void draw_row(const tin_picture *pictures, int32_t n, FILE *to)
{
    const int colours = tin_is_terminal(to) && tin_is_utf8();
    const int32_t step = shrink(&pictures[0]);

    for (int32_t y = 0; y < pictures[0].height; y += 2 * step) {
        for (int32_t i = 0; i < n; i++) {
            if (i > 0)
                fprintf(to, "%*s", GAP, "");
            if (colours)
                draw_row_colours(&pictures[i], y, step, to);
            else
                draw_row_letters(&pictures[i], y, step, to);
        }
        putc('\n', to);
    }
}

void tin_draw(const tin_picture *picture, FILE *to)
{
    draw_row(picture, 1, to);
}

static void print_captions(tin_pool *pool, const char *const *captions,
                           int32_t n, int32_t width, FILE *to)
{
    for (int32_t i = 0; i < n; i++) {
        const char *text = tin_clean(pool, captions[i], width);
        const int pad = (int)(width + GAP - tin_text_width(text));

        fprintf(to, "%s%*s", text, i < n - 1 ? pad : 0, "");
    }
    fputs("\n\n", to);
}

void tin_draw_samples(tin_pool *pool, const tin_picture *first, int64_t n,
                      const char *const *captions, FILE *to)
{
    const int32_t step = shrink(first);
    const int32_t width = (first->width + step - 1) / step;
    const int32_t fit = (SCREEN + GAP) / (width + GAP);
    const int64_t bytes =
        (int64_t)first->height * first->width * first->channels;
    tin_picture row[SCREEN];

    for (int64_t i = 0; i < n; i += fit) {
        const int32_t count = n - i < fit ? (int32_t)(n - i) : fit;

        for (int32_t k = 0; k < count; k++) {
            row[k] = *first;
            row[k].pixels += (i + k) * bytes;
        }
        draw_row(row, count, to);
        print_captions(pool, captions + i, count, width, to);
    }
}
