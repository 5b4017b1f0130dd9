/* SPDX-License-Identifier: MIT */
/*
 * tin_conv2d_s8_f4_dsp: see tinyinfer_kernels.h.
 *
 * Winograd's F(4x4, 3x3) in whole numbers. A tile of 4 * 4 outputs sees 6 * 6
 * inputs d; per input channel, B^T d B are its 36 points. Each point is
 * multiplied by its own weight and summed over the input channels: 36 products
 * in place of 144. A^T m A of the sums m are the outputs, times 9 * 2^n.
 *
 * The points of two tiles are made at a time, two channels in a word. Then
 * come four output channels after the other: multiply() makes their sums,
 * make_outputs() their bytes. All rows of B^T and G are scaled to whole
 * numbers, so that only the final factor is left to divide by, and all of it is
 * exact modulo 2^32.
 */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_DSP
# include <arm_acle.h>
# include <string.h>

enum {
    SIDE = 6,
    POINTS = 36,
    OUTS = 4,
    TILES = 2,
    PARAM_WORDS = 5, /* of a channel */
    CHUNK_STEPS = TIN_WINOGRAD_STEPS,
    LANE_WORDS = 78 /* transform_tile()'s own */
};

/* What all tiles of a call share. */
typedef struct {
    const tin_conv2d_s8_params *p;
    const tin_rows *in;
    int32_t steps;   /* of two channels */
    uint32_t *v;     /* [chunk][point][step][tile]: transformed inputs */
    int32_t *m;      /* [point][channel][tile]: sums of four output channels */
    uint32_t *lanes; /* where m will be */
    int8_t *patch;   /* [6][6][channel], after lanes */
    int32_t pixel;   /* bytes from pixel to pixel there */
} layer;

/* Up to four output rows and the input rows that they see. */
typedef struct {
    int32_t rows;
    int8_t *out[4];
    const int8_t *in[SIDE]; /* NULL outside of the image */
} band;

/* ---- Inputs ------------------------------------------------------------- */

/* B^T d of d in r2 .. r7, left in r2 r4 r8 r5 r9 r7. A word holds two numbers,
 * high * 2^16 + low. */
# define TRANSFORM                                                             \
  "sub r8, r6, r4, lsl #2\n\t"                                                 \
  "sub r9, r5, r3, lsl #2\n\t"                                                 \
  "sub r6, r6, r4\n\t"                                                         \
  "sub r3, r5, r3\n\t"                                                         \
  "sub r2, r2, r4\n\t"                                                         \
  "sub r7, r7, r5\n\t"                                                         \
  "add r4, r8, r9\n\t"                                                         \
  "sub r8, r8, r9\n\t"                                                         \
  "add r5, r6, r3, lsl #1\n\t"                                                 \
  "sub r9, r6, r3, lsl #1\n\t"                                                 \
  "add r2, r6, r2, lsl #2\n\t"                                                 \
  "sub r7, r7, r3, lsl #2\n\t"

/* clang-format off */

/* Six pixels from r0 on, transformed into column i of t[j][i]; `at` is t's
 * place for this pair of channels. */
# define TRANSFORM_PIXELS(rotation, at)                                        \
    "ldr r2, [r0]\n\t"                                                         \
    "ldr r3, [r0, r1]\n\t"                                                     \
    "ldr r4, [r0, r1, lsl #1]\n\t"                                             \
    "ldr r5, [r10]\n\t"                                                        \
    "ldr r6, [r10, r1]\n\t"                                                    \
    "ldr r7, [r10, r1, lsl #1]\n\t"                                            \
    "sxtab16 r2, r11, r2" rotation "\n\t"                                      \
    "sxtab16 r3, r11, r3" rotation "\n\t"                                      \
    "sxtab16 r4, r11, r4" rotation "\n\t"                                      \
    "sxtab16 r5, r11, r5" rotation "\n\t"                                      \
    "sxtab16 r6, r12, r6" rotation "\n\t"                                      \
    "sxtab16 r7, r12, r7" rotation "\n\t"                                      \
    TRANSFORM                                                                  \
    "str r2, [lr, #4 * \\i + " at "]\n\t"                                      \
    "str r4, [lr, #4 * \\i + " at " + 24]\n\t"                                 \
    "str r8, [lr, #4 * \\i + " at " + 48]\n\t"                                 \
    "str r5, [lr, #4 * \\i + " at " + 72]\n\t"                                 \
    "str r9, [lr, #4 * \\i + " at " + 96]\n\t"                                 \
    "str r7, [lr, #4 * \\i + " at " + 120]\n\t"

/* Row i of two, and on to its next four channels. */
# define TRANSFORM_ROW                                                         \
    "ldr r0, [lr, #4 * \\i + 288]\n\t"                                         \
    "add r10, r1, r1, lsl #1\n\t"                                              \
    "add r10, r10, r0\n\t"                                                     \
    "add r8, r0, #4\n\t"                                                       \
    "str r8, [lr, #4 * \\i + 288]\n\t"                                         \
    TRANSFORM_PIXELS("", "0")                                                  \
    TRANSFORM_PIXELS(", ror #8", "144")

/* clang-format on */

/*
 * v[point][step] for `groups` times four channels of a tile, from the bytes
 * row[6][6 pixels]; a step holds TILES words, a point `point_bytes`. lanes:
 * t[2][6][6] of both pairs of channels, then rows.
 *
 * Bytes of -128 .. 127 become numbers of 0 .. 255, so |point| <= 17340. A
 * negative low number takes one from the high one; therefore rows and columns
 * 4 and 5, which enter each sum once, begin with 2^15 more in the low half,
 * and that is taken back at the end.
 *
 * In assembly, from one register to the next all through: 880 cycles for four
 * channels, where gcc 12 needs 1200.
 */
TIN_NOINLINE static void transform_tile(const int8_t *const *row, int32_t pixel,
                                        uint32_t *v, int32_t point_bytes,
                                        int32_t groups, uint32_t *lanes)
{
    register const int8_t *const *r0 __asm__("r0") = row;
    register int32_t r1 __asm__("r1") = pixel;
    register uint32_t *r2 __asm__("r2") = v;
    register int32_t r3 __asm__("r3") = point_bytes;
    register int32_t r4 __asm__("r4") = groups;
    register uint32_t *r5 __asm__("r5") = lanes;

    // on the stack: pixel, v, point_bytes, groups left, lanes
    __asm__ volatile("push {r7, r11}\n\t"
                     "sub sp, sp, #20\n\t"
                     "stm sp, {r1-r5}\n\t"
                     "mov lr, r5\n\t"
                     "add r12, r5, #288\n\t"
                     "ldm r0, {r5-r10}\n\t"
                     "stm r12, {r5-r10}\n"
                     "1:\n\t" // four channels: their rows
                     "mov r11, #0x00800080\n\t"
                     "mov r12, r11\n"
                     "3:\n\t"
                     ".irp i, 0, 1\n\t" TRANSFORM_ROW ".endr\n\t"
                     "ldr r2, [sp, #16]\n\t"
                     "add lr, lr, #8\n\t"
                     "sub r3, lr, r2\n\t"
                     "cmp r3, #16\n\t"
                     "it eq\n\t" // rows 4 and 5 are next
                     "orreq r12, r11, #0x8000\n\t"
                     "ble 3b\n\t"
                     "mov lr, r2\n\t"
                     "ldr r0, [sp, #4]\n\t"
                     "ldr r12, [sp, #8]\n\t"
                     "mov r11, lr\n\t"
                     "add r1, r12, r12, lsl #1\n\t"
                     "lsl r1, r1, #1\n" // from row to row of points
                     "2:\n\t"           // two pairs of channels: their columns
                     "add r10, r1, r1, lsl #1\n\t"
                     "add r10, r10, r0\n"
                     "4:\n\t"
                     ".rept 3\n\t"
                     "ldm r11!, {r2-r7}\n\t" TRANSFORM "eor r2, r2, #0x8000\n\t"
                     "eor r4, r4, #0x8000\n\t"
                     "eor r8, r8, #0x8000\n\t"
                     "eor r5, r5, #0x8000\n\t"
                     "eor r9, r9, #0x8000\n\t"
                     "eor r7, r7, #0x8000\n\t"
                     "str r2, [r0]\n\t"
                     "str r4, [r0, r1]\n\t"
                     "str r8, [r0, r1, lsl #1]\n\t"
                     "str r5, [r10]\n\t"
                     "str r9, [r10, r1]\n\t"
                     "str r7, [r10, r1, lsl #1]\n\t"
                     "add r0, r0, r12\n\t"
                     "add r10, r10, r12\n\t"
                     ".endr\n\t"
                     "sub r3, r11, lr\n\t"
                     "tst r3, #8\n\t" // 72 and 216, not 144 and 288
                     "bne 4b\n\t"
                     "ldr r0, [sp, #4]\n\t"
                     "ldr r2, [sp, #12]\n\t"
                     "add r0, r0, #8\n\t"
                     "str r0, [sp, #4]\n\t"
                     "cmp r3, #144\n\t"
                     "beq 2b\n\t"
                     "ldr r1, [sp]\n\t"
                     "subs r2, r2, #1\n\t"
                     "str r2, [sp, #12]\n\t"
                     "bne 1b\n\t"
                     "add sp, sp, #20\n\t"
                     "pop {r7, r11}"
                     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4),
                       "+r"(r5)
                     :
                     : "r6", "r8", "r9", "r10", "r12", "lr", "cc", "memory");
}

/* A copy of six pixels of an input row from column x on, with those beside the
 * image; from is NULL where all are. */
static void copy_row(const layer *l, const int8_t *from, int32_t x, int8_t *to)
{
    const tin_window *w = &l->p->window;

    tin_patch_copy_dsp(to, l->pixel, SIDE, from, x, w, l->p->in_zero);
}

/* The points of a tile. Channels that do not fill a four come with those before
 * them, which then count nothing. */
static void transform_all(const layer *l, const int8_t **row, uint32_t *v)
{
    int32_t left = l->p->window.in_c, at = 0;

    for (int32_t step = 0; step < l->steps; step += CHUNK_STEPS) {
        const int32_t more = l->steps - step;
        const int32_t steps = more < CHUNK_STEPS ? more : CHUNK_STEPS;
        const int32_t fours = left / 4 < steps / 2 ? left / 4 : steps / 2;
        const int32_t point_bytes = steps * TILES * 4;

        for (int32_t i = 0; at > 0 && i < SIDE; i++)
            row[i] += at;
        if (fours)
            transform_tile(row, l->pixel, v, point_bytes, fours, l->lanes);
        at = 4 * fours;
        left -= at;
        if (fours < steps / 2) {
            for (int32_t i = 0; l->pixel > 4 && i < SIDE; i++)
                row[i] += at + left - 4;
            transform_tile(row, l->pixel, v + fours * 2 * TILES, point_bytes, 1,
                           l->lanes);
        }
        v += POINTS * TILES * steps;
    }
}

/* The tile whose inputs begin in column x. */
static void input_tile(const layer *l, const band *b, int32_t x, uint32_t *v)
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
TIN_NOINLINE static const int32_t *multiply_chunk(const uint32_t *v,
                                                  const int32_t *u, int32_t *m,
                                                  int32_t steps)
{
    return tin_winograd_multiply_dsp(v, u, m, POINTS, steps);
}

/* m for all steps. Returns the end of the weights u. */
static const int32_t *multiply(const layer *l, const int32_t *u)
{
    const int32_t n = POINTS * OUTS * TILES;
    int32_t left = l->steps;
    const uint32_t *v = l->v;

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

/* A^T m of m in r3 .. r8, left in r3 r7 r5 r8; rows after the first less
 * factors of 2, 4 and 4. */
# define TRANSFORM_BACK                                                        \
  "add r9, r4, r5\n\t"                                                         \
  "sub r4, r4, r5\n\t"                                                         \
  "add r5, r6, r7\n\t"                                                         \
  "sub r6, r6, r7\n\t"                                                         \
  "add r3, r3, r5\n\t"                                                         \
  "add r8, r8, r4\n\t"                                                         \
  "add r3, r3, r9, lsl #2\n\t"                                                 \
  "add r7, r6, r4, lsl #1\n\t"                                                 \
  "add r5, r5, r9\n\t"                                                         \
  "add r8, r8, r6, lsl #1\n\t"

# define LOAD_COLUMN                                                           \
  "ldr r3, [sp, #24 * \\j]\n\t"                                                \
  "ldr r4, [sp, #24 * \\j + 4]\n\t"                                            \
  "ldr r5, [sp, #24 * \\j + 8]\n\t"                                            \
  "ldr r6, [sp, #24 * \\j + 12]\n\t"                                           \
  "ldr r7, [sp, #24 * \\j + 16]\n\t"                                           \
  "ldr r8, [sp, #24 * \\j + 20]\n\t"

/* The byte of row `at` / 16 of column j for the sum x, which `ninth` divides
 * by 9; the second form for sums whose sign counts. */
# define OUTPUT(x, ninth, at)                                                  \
  "mla " x ", " x ", " ninth ", r10\n\t"                                       \
  "smmla " x ", " x ", r11, r12\n\t"                                           \
  "ssat " x ", #8, " x ", asr #15\n\t"                                         \
  "strb " x ", [r2, #4 * \\j + " at "]\n\t"

# define OUTPUT_SIGN(x, ninth, at)                                             \
  "mla " x ", " x ", " ninth ", r10\n\t"                                       \
  "and r6, r0, " x ", asr #31\n\t"                                             \
  "sub r6, r12, r6\n\t"                                                        \
  "smmla " x ", " x ", r11, r6\n\t"                                            \
  "asr " x ", " x ", lr\n\t"                                                   \
  "ssat " x ", #8, " x "\n\t"                                                  \
  "strb " x ", [r2, #4 * \\j + " at "]\n\t"

/* `ninth` doubles after each of the first two columns. */
/* clang-format off */
# define COLUMNS(output, ninth)                                                \
    ".irp j, 0, 1, 2, 3\n\t"                                                   \
    LOAD_COLUMN                                                                \
    TRANSFORM_BACK                                                             \
    output("r3", ninth, "0")                                                   \
    "lsl r4, " ninth ", #1\n\t"                                                \
    output("r7", "r4", "16")                                                   \
    "lsl r4, " ninth ", #2\n\t"                                                \
    output("r5", "r4", "32")                                                   \
    output("r8", "r4", "48")                                                   \
    ".if \\j < 2\n\t"                                                          \
    "lsl " ninth ", " ninth ", #1\n\t"                                         \
    ".endif\n\t"                                                               \
    ".endr\n\t"
/* clang-format on */

/*
 * The bytes out[row][column][channel] of four channels of a tile from their
 * sums m[point], OUTS * TILES apart: A^T m A is 9 * 2^n times a sum of
 * products; times 1 / 9 modulo 2^32 it is what requantization takes, see
 * tin_requant. q: bias, multiplier, offset, then 1 / 9 and 0, or `right` and
 * `sign`.
 *
 * In assembly, all registers being in use: 290 cycles for 16 outputs, where gcc
 * 12 needs 420.
 * On the stack: t[4][6]; m and q.
 */
TIN_NOINLINE static void make_outputs(const int32_t *m, const int32_t *q,
                                      int8_t *out)
{
    register const int32_t *r0 __asm__("r0") = m;
    register const int32_t *r1 __asm__("r1") = q;
    register int8_t *r2 __asm__("r2") = out;

    __asm__ volatile(
        "push {r7, r11}\n\t"
        "sub sp, sp, #104\n"
        "1:\n\t" // a channel
        ".irp i, 0, 1, 2, 3, 4, 5\n\t"
        "ldr r3, [r0, #192 * \\i]\n\t"
        "ldr r4, [r0, #192 * \\i + 32]\n\t"
        "ldr r5, [r0, #192 * \\i + 64]\n\t"
        "ldr r6, [r0, #192 * \\i + 96]\n\t"
        "ldr r7, [r0, #192 * \\i + 128]\n\t"
        "ldr r8, [r0, #192 * \\i + 160]\n\t" TRANSFORM_BACK
        "str r3, [sp, #4 * \\i]\n\t"
        "str r7, [sp, #4 * \\i + 24]\n\t"
        "str r5, [sp, #4 * \\i + 48]\n\t"
        "str r8, [sp, #4 * \\i + 72]\n\t"
        ".endr\n\t"
        "add r0, r0, #8\n\t"
        "ldm r1!, {r10, r11, r12, lr}\n\t"
        "ldr r3, [r1], #4\n\t"
        "cmp r3, #0\n\t"
        "bne 3f\n\t" COLUMNS(
            OUTPUT, "lr") "2:\n\t"
                          "add r2, r2, #1\n\t"
                          "tst r2, #3\n\t"
                          "bne 1b\n\t"
                          "b 4f\n"
                          "3:\n\t"
                          "strd r0, r1, [sp, #96]\n\t"
                          "mov r0, r3\n\t"
                          "movw r1, #0x8e39\n\t"
                          "movt r1, #0x38e3\n\t" COLUMNS(
                              OUTPUT_SIGN, "r1") "ldrd r0, r1, [sp, #96]\n\t"
                                                 "b 2b\n"
                                                 "4:\n\t"
                                                 "add sp, sp, #104\n\t"
                                                 "pop {r7, r11}"
        : "+r"(r0), "+r"(r1), "+r"(r2)
        :
        : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r12", "lr", "cc",
          "memory");
}

static void transform_back(uint32_t *to, const uint32_t *m)
{
    const uint32_t p = m[1] + m[2], q = m[1] - m[2];
    const uint32_t r = m[3] + m[4], s = m[3] - m[4];

    to[0] = m[0] + r + (p << 2);
    to[1] = s + (q << 1);
    to[2] = p + r;
    to[3] = q + (s << 1) + m[5];
}

/* The same for one channel that one floor does not serve. */
TIN_NOINLINE static void make_any_outputs(const int32_t *m, const int32_t *q,
                                          int8_t *out, int32_t zero)
{
    static const int8_t left[4] = {0, 1, 2, 2}; // the factors left out
    uint32_t t[4][SIDE], d[SIDE];

    for (int32_t i = 0; i < SIDE; i++) {
        for (int32_t j = 0; j < SIDE; j++)
            d[j] = (uint32_t)m[(i * SIDE + j) * OUTS * TILES];
        transform_back(d, d);
        for (int32_t j = 0; j < 4; j++)
            t[j][i] = d[j];
    }
    for (int32_t j = 0; j < 4; j++) {
        transform_back(d, t[j]);
        for (int32_t i = 0; i < 4; i++) {
            const uint32_t x = d[i] * 954437177u << (left[i] + left[j]);

            out[(4 * i + j) * OUTS] = tin_output_s8(
                q[0] + ((int32_t)x >> 6), q[1], q[2], zero, -128, 127);
        }
    }
}

/* Writes the channels and columns of a tile that there are. */
static void store_part(const tin_conv2d_s8_params *p, const band *b, int32_t ox,
                       int32_t oc, const int8_t *from)
{
    const int32_t out_c = p->window.out_c, cols = p->window.out_w - ox;
    const int32_t n = out_c - oc < OUTS ? out_c - oc : OUTS;

    for (int32_t i = 0; i < b->rows; i++, from += 4 * OUTS) {
        int8_t *to = b->out[i] + ox * out_c + oc;

        for (int32_t j = 0; j < 4 && j < cols; j++, to += out_c) {
            for (int32_t c = 0; c < n; c++)
                to[c] = from[j * OUTS + c];
        }
    }
}

static inline void store4(int8_t *to, uint32_t x)
{
    memcpy(to, &x, sizeof x);
}

static inline void store_row(int8_t *to, int32_t out_c, const uint32_t *from)
{
    const uint32_t x0 = from[0], x1 = from[1], x2 = from[2], x3 = from[3];

    store4(to, x0);
    store4(to + out_c, x1);
    store4(to + 2 * out_c, x2);
    store4(to + 3 * out_c, x3);
}

/* A whole tile; `at` bytes into the rows. */
static void store_tile(const band *b, int32_t at, int32_t out_c,
                       const uint32_t *from)
{
    store_row(b->out[0] + at, out_c, from);
    store_row(b->out[1] + at, out_c, from + 4);
    store_row(b->out[2] + at, out_c, from + 8);
    store_row(b->out[3] + at, out_c, from + 12);
}

/* Four output channels of two tiles, whose sums are in m. */
static void output_tiles(const layer *l, const band *b, int32_t ox, int32_t oc,
                         const int32_t *q)
{
    const tin_conv2d_s8_params *p = l->p;
    const int32_t out_c = p->window.out_c, out_w = p->window.out_w;
    uint32_t words[4 * 4];
    int8_t *bytes = (int8_t *)words;

    for (int32_t t = 0; t < TILES && ox < out_w; t++, ox += 4) {
        make_outputs(l->m + t, q, bytes);
        for (int32_t c = 0; q[OUTS * PARAM_WORDS] >> c; c++) {
            if (q[OUTS * PARAM_WORDS] >> c & 1) {
                make_any_outputs(l->m + c * TILES + t, q + c * PARAM_WORDS,
                                 bytes + c, p->out_zero);
            }
        }
        if (p->act_min > -128 || p->act_max < 127)
            tin_clamp_dsp(bytes, sizeof words, p->act_min, p->act_max);
        if (b->rows == 4 && ox + 4 <= out_w && oc + OUTS <= out_c)
            store_tile(b, ox * out_c + oc, out_c, words);
        else
            store_part(p, b, ox, oc, bytes);
    }
}

/* ---- The kernel --------------------------------------------------------- */

/* Up to four output rows from y on that lie in one image. */
static void make_band(const layer *l, const tin_rows *out, int32_t y,
                      int32_t y1, band *b)
{
    const tin_window *w = &l->p->window;
    const int32_t n = y / w->out_h, oy = y - n * w->out_h;
    const int32_t left = w->out_h - oy < y1 - y ? w->out_h - oy : y1 - y;

    b->rows = left < 4 ? left : 4;
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

    for (int32_t t = 0; t < TILES && ox + 4 * t < w->out_w; t++)
        input_tile(l, b, ox + 4 * t - w->pad_left, l->v + t);
    for (int32_t oc = 0; oc < w->out_c; oc += OUTS) {
        packed = multiply(l, packed);
        output_tiles(l, b, ox, oc, packed);
        packed += OUTS * PARAM_WORDS + 1;
    }
}

void tin_conv2d_s8_f4_dsp(const void *params, const tin_rows *in,
                          const tin_rows *out, int32_t y0, int32_t y1,
                          void *scratch)
{
    const tin_conv2d_s8_f4_dsp_params *p = params;
    const int32_t in_c = p->conv.window.in_c, out_w = p->conv.window.out_w;
    layer l;
    band b;

    l.p = &p->conv;
    l.in = in;
    l.steps = (in_c + 3) / 4 * 2;
    l.pixel = in_c < 4 ? 4 : in_c;
    l.v = scratch;
    l.lanes = l.v + POINTS * TILES * l.steps;
    l.m = (int32_t *)l.lanes;
    l.patch = (int8_t *)(l.lanes + LANE_WORDS);
    for (; y0 < y1; y0 += b.rows) {
        make_band(&l, out, y0, y1, &b);
        for (int32_t ox = 0; ox < out_w; ox += 4 * TILES)
            conv_tiles(&l, &b, p->packed, ox);
    }
}

#endif /* TIN_HAVE_DSP */
