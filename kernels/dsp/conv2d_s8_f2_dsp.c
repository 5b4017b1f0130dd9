/* SPDX-License-Identifier: MIT */
/*
 * tin_conv2d_s8_f2_dsp: see tinyinfer_winograd.h, which holds all of it but the
 * two transforms. A^T m A are the outputs times 4.
 */
#include "tinyinfer_winograd.h"

#if TIN_HAVE_DSP
# include <arm_acle.h>

enum {
    SIDE = 4,
    POINTS = 16,
    OUTS = TIN_WINOGRAD_OUTS,
    TILES = TIN_WINOGRAD_TILES,
    LEFT = 6 /* tin_requant's, where the sign of a sum counts */
};

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

TIN_NOINLINE static void transform_tile(const tin_winograd_layer *l,
                                        const int8_t *const *row, int32_t at,
                                        uint32_t *to, int32_t steps,
                                        int32_t groups)
{
    const int8_t *x0 = row[0] + at, *x1 = row[1] + at;
    const int8_t *x2 = row[2] + at, *x3 = row[3] + at;
    const int32_t pixel = l->pixel, words = TILES * steps; // of a point
    int32_t *v = (int32_t *)to, t[2 * POINTS];

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

TIN_NOINLINE static void make_outputs(const int32_t *m, const int32_t *q,
                                      int8_t *out)
{
    for (int32_t c = 0; c < OUTS;
         c++, m += TILES, q += TIN_WINOGRAD_WORDS, out++) {
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
TIN_NOINLINE static void make_any_output(const int32_t *m, const int32_t *q,
                                         int8_t *out, int32_t zero)
{
    uint32_t s[4];

    sum_points((const uint32_t *)m, s);
    for (int32_t i = 0; i < 4; i++) {
        out[(i % 2 * 2 + i / 2) * OUTS] = tin_output_s8(
            q[0] + ((int32_t)s[i] >> 2), q[1], q[2], zero, -128, 127);
    }
}

/* ---- The kernel --------------------------------------------------------- */

void tin_conv2d_s8_f2_dsp(const void *params, const tin_rows *in,
                          const tin_rows *out, int32_t y0, int32_t y1,
                          void *scratch)
{
    static const tin_winograd f2 = {
        SIDE - 2, SIDE, 0, transform_tile, make_outputs, make_any_output};
    const tin_conv2d_s8_f2_dsp_params *p = params;

    tin_winograd_conv(&f2, &p->conv, p->packed, in, out, y0, y1, scratch);
}

#endif /* TIN_HAVE_DSP */
