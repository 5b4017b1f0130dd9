/* SPDX-License-Identifier: MIT */
/*
 * tin_conv2d_s8_f2_dsp: see tinyinfer_kernels.h.
 *
 * Winograd's F(2x2, 3x3) in whole numbers. A tile of 2 * 2 outputs sees 4 * 4
 * inputs d; per input channel, B^T d B are its 16 points. Each point is
 * multiplied by its own weight and summed over the input channels: 16 products
 * in place of 36. A^T m A of the sums m are the outputs, times 4, as G is
 * doubled to be whole.
 *
 * The points of two tiles are made at a time, two channels in a word. Then
 * come four output channels after the other: multiply() makes their sums,
 * make_outputs() their bytes.
 */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_DSP
# include <arm_acle.h>
# include <string.h>

enum {
    SIDE = 4,
    POINTS = 16,
    OUTS = 4,
    TILES = 2,
    PARAM_WORDS = 5, /* of a channel */
    LEFT = 6,        /* tin_requant's, where the sign of a sum counts */
    CHUNK_STEPS = TIN_WINOGRAD_STEPS
};

/* What all tiles of a call share. */
typedef struct {
    const tin_conv2d_s8_params *p;
    const tin_rows *in;
    int32_t steps; /* of two channels */
    int32_t *v;    /* [chunk][point][step][tile]: transformed inputs */
    int32_t *m;    /* [point][channel][tile]: sums of four output channels */
    int8_t *patch; /* [4][4][channel], where m will be */
    int32_t pixel; /* bytes from pixel to pixel there */
} layer;

/* Up to two output rows and the input rows that they see. */
typedef struct {
    int32_t rows;
    int8_t *out[2];
    const int8_t *in[SIDE]; /* NULL outside of the image */
} band;

/* ---- Inputs ------------------------------------------------------------- */

/* Four numbers of a row, then of a column of points: B^T d, two channels in a
 * word; |point| <= 512. */
static inline void transform(const int32_t *d, int32_t step, int32_t *to,
                             int32_t to_step)
{
    const int32_t d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step];

    to[0] = __ssub16(d0, d2);
    to[to_step] = __sadd16(d1, d2);
    to[2 * to_step] = __ssub16(d2, d1);
    to[3 * to_step] = __ssub16(d1, d3);
}

/* A row of four pixels for both pairs of four channels: t[2][4][4]. */
static inline void transform_row(const int8_t *x, int32_t pixel, int32_t *t)
{
    const uint32_t x0 = tin_load_word(x), x1 = tin_load_word(x + pixel);
    const uint32_t x2 = tin_load_word(x + 2 * pixel);
    const uint32_t x3 = tin_load_word(x + 3 * pixel);
    const int32_t even[SIDE] = {tin_sxtb16(x0), tin_sxtb16(x1), tin_sxtb16(x2),
                                tin_sxtb16(x3)};
    const int32_t odd[SIDE] = {tin_sxtb16_odd(x0), tin_sxtb16_odd(x1),
                               tin_sxtb16_odd(x2), tin_sxtb16_odd(x3)};

    transform(even, 1, t, 1);
    transform(odd, 1, t + POINTS, 1);
}

/* v[point][step] for `groups` times four channels of a tile, from the bytes
 * row[4][4 pixels]; a step holds TILES words, a point `words`. */
TIN_NOINLINE static void transform_tile(const int8_t *const *row, int32_t pixel,
                                        int32_t *v, int32_t words,
                                        int32_t groups)
{
    const int8_t *x0 = row[0], *x1 = row[1], *x2 = row[2], *x3 = row[3];
    int32_t t[2 * POINTS];

    for (int32_t g = 0; g < groups; g++) {
        transform_row(x0, pixel, t);
        transform_row(x1, pixel, t + 4);
        transform_row(x2, pixel, t + 8);
        transform_row(x3, pixel, t + 12);
        for (int32_t k = 0; k < 2; k++, v += TILES) {
            const int32_t *from = t + k * POINTS;

            transform(from, 4, v, 4 * words);
            transform(from + 1, 4, v + words, 4 * words);
            transform(from + 2, 4, v + 2 * words, 4 * words);
            transform(from + 3, 4, v + 3 * words, 4 * words);
        }
        x0 += 4;
        x1 += 4;
        x2 += 4;
        x3 += 4;
    }
}

/* A copy of four pixels of an input row from column x on, with those beside the
 * image; from is NULL where all are. */
static void copy_row(const layer *l, const int8_t *from, int32_t x, int8_t *to)
{
    const tin_window *w = &l->p->window;

    tin_patch_copy_dsp(to, l->pixel, SIDE, from, x, w, l->p->in_zero);
}

/* The points of a tile. Channels that do not fill a four come with those before
 * them, which then count nothing. */
static void transform_all(const layer *l, const int8_t **row, int32_t *v)
{
    int32_t left = l->p->window.in_c, at = 0;

    for (int32_t step = 0; step < l->steps; step += CHUNK_STEPS) {
        const int32_t more = l->steps - step;
        const int32_t steps = more < CHUNK_STEPS ? more : CHUNK_STEPS;
        const int32_t fours = left / 4 < steps / 2 ? left / 4 : steps / 2;
        const int32_t words = steps * TILES;

        for (int32_t i = 0; at > 0 && i < SIDE; i++)
            row[i] += at;
        if (fours)
            transform_tile(row, l->pixel, v, words, fours);
        at = 4 * fours;
        left -= at;
        if (fours < steps / 2) {
            for (int32_t i = 0; l->pixel > 4 && i < SIDE; i++)
                row[i] += at + left - 4;
            transform_tile(row, l->pixel, v + fours * 2 * TILES, words, 1);
        }
        v += POINTS * TILES * steps;
    }
}

/* The tile whose inputs begin in column x. */
static void input_tile(const layer *l, const band *b, int32_t x, int32_t *v)
{
    const int32_t in_c = l->p->window.in_c, in_w = l->p->window.in_w;
    const int32_t from = x * in_c, patch_row = SIDE * l->pixel;
    const int inside = 0 <= x && x <= in_w - SIDE && in_c == l->pixel;
    const int8_t *row[SIDE];
    int8_t *to = l->patch;

    for (int32_t i = 0; i < SIDE; i++, to += patch_row) {
        const int8_t *in = b->in[i];

        row[i] = inside && in ? in + from : to;
        if (row[i] == to)
            copy_row(l, in, x, to);
    }
    transform_all(l, row, v);
}

/* ---- Products ----------------------------------------------------------- */

/* In one place, as it is long. */
TIN_NOINLINE static const int32_t *multiply_chunk(const int32_t *v,
                                                  const int32_t *u, int32_t *m,
                                                  int32_t steps)
{
    return tin_winograd_multiply_dsp((const uint32_t *)v, u, m, POINTS, steps);
}

/* m for all steps. Returns the end of the weights u. */
static const int32_t *multiply(const layer *l, const int32_t *u)
{
    const int32_t n = POINTS * OUTS * TILES;
    int32_t left = l->steps;
    const int32_t *v = l->v;

    if (left <= CHUNK_STEPS)
        return multiply_chunk(v, u, l->m, left);
    u = multiply_chunk(v, u, l->m, CHUNK_STEPS);
    while ((left -= CHUNK_STEPS) > 0) {
        v += POINTS * TILES * CHUNK_STEPS;
        u = multiply_chunk(v, u, l->m + n,
                           left < CHUNK_STEPS ? left : CHUNK_STEPS);
        for (int32_t i = 0; i < n; i++)
            l->m[i] = (int32_t)((uint32_t)l->m[i] + (uint32_t)l->m[n + i]);
    }
    return u;
}

/* ---- Outputs ------------------------------------------------------------ */

/* Numbers of a row, then of a column: A^T m. */
static inline void transform_back(const uint32_t *m, int32_t step, uint32_t *to)
{
    const uint32_t p = m[step] + m[2 * step], q = m[step] - m[2 * step];

    to[0] = m[0] + p;
    to[1] = q - m[3 * step];
}

/* sum[column][row] of a channel of a tile, times 4. */
static inline void sum_points(const uint32_t *m, uint32_t sum[4])
{
    enum { STEP = OUTS * TILES };
    uint32_t t[2 * SIDE];

    transform_back(m, STEP, t);
    transform_back(m + 4 * STEP, STEP, t + 2);
    transform_back(m + 8 * STEP, STEP, t + 4);
    transform_back(m + 12 * STEP, STEP, t + 6);
    transform_back(t, 2, sum);
    transform_back(t + 1, 2, sum + 2);
}

/* tin_requant_relu_dsp() with `right` 15, in two instructions where gcc 12
 * takes seven. */
static inline int8_t output(uint32_t x, int32_t multiplier, int32_t offset)
{
    int32_t y = tin_smmla((int32_t)x, multiplier, offset);

    __asm__("ssat %0, #8, %0, asr #15" : "+r"(y) : : "cc");
    return (int8_t)y;
}

/*
 * The bytes out[row][column][channel] of four channels of a tile from their
 * sums m[point]. q: bias, multiplier, offset, factor and 0, or `right` and
 * `sign`, see tin_requant; what that takes is sum * factor + bias.
 */
TIN_NOINLINE static void make_outputs(const int32_t *m, const int32_t *q,
                                      int8_t *out)
{
    for (int32_t c = 0; c < OUTS; c++, m += TILES, q += PARAM_WORDS, out++) {
        const uint32_t bias = (uint32_t)q[0], factor = (uint32_t)q[3];
        const int32_t multiplier = q[1], offset = q[2], sign = q[4];
        uint32_t s[4];

        sum_points((const uint32_t *)m, s);
        if (sign == 0) {
            out[0] = output(s[0] * factor + bias, multiplier, offset);
            out[2 * OUTS] = output(s[1] * factor + bias, multiplier, offset);
            out[OUTS] = output(s[2] * factor + bias, multiplier, offset);
            out[3 * OUTS] = output(s[3] * factor + bias, multiplier, offset);
            continue;
        }
        for (int32_t i = 0; i < 4; i++) {
            const int32_t x = (int32_t)((s[i] << (LEFT - 2)) + bias);

            out[(i % 2 * 2 + i / 2) * OUTS] =
                (int8_t)tin_requant_dsp(x, multiplier, offset, sign, q[3]);
        }
    }
}

/* The same for one channel that one floor does not serve. */
TIN_NOINLINE static void make_any_outputs(const int32_t *m, const int32_t *q,
                                          int8_t *out, int32_t zero)
{
    uint32_t s[4];

    sum_points((const uint32_t *)m, s);
    for (int32_t i = 0; i < 4; i++) {
        out[(i % 2 * 2 + i / 2) * OUTS] = tin_output_s8(
            q[0] + ((int32_t)s[i] >> 2), q[1], q[2], zero, -128, 127);
    }
}

/* Writes the channels and columns of a tile that there are. */
static void store_part(const tin_conv2d_s8_params *p, const band *b, int32_t ox,
                       int32_t oc, const int8_t *from)
{
    const int32_t out_c = p->window.out_c, cols = p->window.out_w - ox;
    const int32_t n = out_c - oc < OUTS ? out_c - oc : OUTS;

    for (int32_t i = 0; i < b->rows; i++, from += 2 * OUTS) {
        int8_t *to = b->out[i] + ox * out_c + oc;

        for (int32_t j = 0; j < 2 && j < cols; j++, to += out_c) {
            for (int32_t c = 0; c < n; c++)
                to[c] = from[j * OUTS + c];
        }
    }
}

static inline void store4(int8_t *to, uint32_t x)
{
    memcpy(to, &x, sizeof x);
}

/* A whole tile; `at` bytes into the rows. */
static void store_tile(const band *b, int32_t at, int32_t out_c,
                       const uint32_t *from)
{
    store4(b->out[0] + at, from[0]);
    store4(b->out[0] + at + out_c, from[1]);
    store4(b->out[1] + at, from[2]);
    store4(b->out[1] + at + out_c, from[3]);
}

/* Four output channels of two tiles, whose sums are in m. */
static void output_tiles(const layer *l, const band *b, int32_t ox, int32_t oc,
                         const int32_t *q)
{
    const tin_conv2d_s8_params *p = l->p;
    const int32_t out_c = p->window.out_c, out_w = p->window.out_w;
    uint32_t words[2 * 2];
    int8_t *bytes = (int8_t *)words;

    for (int32_t t = 0; t < TILES && ox < out_w; t++, ox += 2) {
        make_outputs(l->m + t, q, bytes);
        for (int32_t c = 0; q[OUTS * PARAM_WORDS] >> c; c++) {
            if (q[OUTS * PARAM_WORDS] >> c & 1) {
                make_any_outputs(l->m + c * TILES + t, q + c * PARAM_WORDS,
                                 bytes + c, p->out_zero);
            }
        }
        if (p->act_min > -128 || p->act_max < 127)
            tin_clamp_dsp(bytes, sizeof words, p->act_min, p->act_max);
        if (b->rows == 2 && ox + 2 <= out_w && oc + OUTS <= out_c)
            store_tile(b, ox * out_c + oc, out_c, words);
        else
            store_part(p, b, ox, oc, bytes);
    }
}

/* ---- The kernel --------------------------------------------------------- */

/* Up to two output rows from y on that lie in one image. */
static void make_band(const layer *l, const tin_rows *out, int32_t y,
                      int32_t y1, band *b)
{
    const tin_window *w = &l->p->window;
    const int32_t n = y / w->out_h, oy = y - n * w->out_h;
    const int32_t left = w->out_h - oy < y1 - y ? w->out_h - oy : y1 - y;

    b->rows = left < 2 ? left : 2;
    for (int32_t i = 0; i < b->rows; i++)
        b->out[i] = tin_row(out, y + i);
    for (int32_t i = 0; i < SIDE; i++) {
        const int32_t iy = oy - w->pad_top + i;

        b->in[i] = NULL;
        if (i < b->rows + 2 && 0 <= iy && iy < w->in_h)
            b->in[i] = tin_row(l->in, n * w->in_h + iy);
    }
}

/* Two tiles, from output column ox on. */
static void conv_tiles(const layer *l, const band *b, const int32_t *packed,
                       int32_t ox)
{
    const tin_window *w = &l->p->window;

    for (int32_t t = 0; t < TILES && ox + 2 * t < w->out_w; t++)
        input_tile(l, b, ox + 2 * t - w->pad_left, l->v + t);
    for (int32_t oc = 0; oc < w->out_c; oc += OUTS) {
        packed = multiply(l, packed);
        output_tiles(l, b, ox, oc, packed);
        packed += OUTS * PARAM_WORDS + 1;
    }
}

void tin_conv2d_s8_f2_dsp(const void *params, const tin_rows *in,
                          const tin_rows *out, int32_t y0, int32_t y1,
                          void *scratch)
{
    const tin_conv2d_s8_f2_dsp_params *p = params;
    const int32_t in_c = p->conv.window.in_c, out_w = p->conv.window.out_w;
    layer l;
    band b;

    l.p = &p->conv;
    l.in = in;
    l.steps = (in_c + 3) / 4 * 2;
    l.pixel = in_c < 4 ? 4 : in_c;
    l.v = scratch;
    l.m = l.v + POINTS * TILES * l.steps;
    l.patch = (int8_t *)l.m;
    for (; y0 < y1; y0 += b.rows) {
        make_band(&l, out, y0, y1, &b);
        for (int32_t ox = 0; ox < out_w; ox += 2 * TILES)
            conv_tiles(&l, &b, p->packed, ox);
    }
}

#endif /* TIN_HAVE_DSP */
