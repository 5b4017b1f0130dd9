/* SPDX-License-Identifier: MIT */
/*
 * tin_conv2d_s8_f4_dsp: see tinyinfer_winograd.h, which holds all of it but the
 * two transforms. A^T m A are the outputs times 9 * 2^n.
 */
#include "tinyinfer_winograd.h"

#if TIN_HAVE_DSP

enum { SIDE = 6, OUTS = TIN_WINOGRAD_OUTS, TILES = TIN_WINOGRAD_TILES };

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
 * tin_winograd's transform; lanes: t[2][6][6] of both pairs of channels, then
 * rows.
 *
 * Bytes of -128 .. 127 become numbers of 0 .. 255, so |point| <= 17340. A
 * negative low number takes one from the high one; therefore rows and columns
 * 4 and 5, which enter each sum once, begin with 2^15 more in the low half,
 * and that is taken back at the end.
 *
 * In assembly, from one register to the next all through: 880 cycles for four
 * channels, where gcc 12 needs 1200.
 */
TIN_NOINLINE static void transform_tile(const tin_winograd_layer *l,
                                        const int8_t *const *row, int32_t at,
                                        uint32_t *v, int32_t steps,
                                        int32_t groups)
{
    register const int8_t *const *r0 __asm__("r0") = row;
    register int32_t r1 __asm__("r1") = l->pixel;
    register uint32_t *r2 __asm__("r2") = v;
    register int32_t r3 __asm__("r3") = 4 * TILES * steps;
    register int32_t r4 __asm__("r4") = groups;
    register int32_t *r5 __asm__("r5") = l->m;
    register int32_t r6 __asm__("r6") = at;

    // on the stack: pixel, v, bytes of a point, groups left, lanes
    __asm__ volatile("push {r7, r11}\n\t"
                     "sub sp, sp, #20\n\t"
                     "stm sp, {r1-r5}\n\t"
                     "mov lr, r5\n\t"
                     "add r12, r5, #288\n\t"
                     "mov r2, r6\n\t"
                     "ldm r0, {r5-r10}\n\t"
                     "add r5, r2\n\t"
                     "add r6, r2\n\t"
                     "add r7, r2\n\t"
                     "add r8, r2\n\t"
                     "add r9, r2\n\t"
                     "add r10, r2\n\t"
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
                       "+r"(r5), "+r"(r6)
                     :
                     : "r8", "r9", "r10", "r12", "lr", "cc", "memory");
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

/* A^T m of a row or a column, each `step` apart. */
static void transform_back(const uint32_t *m, int32_t step, uint32_t *to,
                           int32_t to_step)
{
    const uint32_t m1 = m[step], m2 = m[2 * step];
    const uint32_t m3 = m[3 * step], m4 = m[4 * step];
    const uint32_t p = m1 + m2, q = m1 - m2, r = m3 + m4, s = m3 - m4;

    to[0] = m[0] + r + (p << 2);
    to[to_step] = (s + (q << 1)) << 1;
    to[2 * to_step] = (p + r) << 2;
    to[3 * to_step] = (q + (s << 1) + m[5 * step]) << 2;
}

/* The same for one channel that one floor does not serve. */
TIN_NOINLINE static void make_any_output(const int32_t *m, const int32_t *q,
                                         int8_t *out, int32_t zero)
{
    enum { STEP = OUTS * TILES };
    uint32_t t[4 * SIDE], d[4];

    for (int32_t i = 0; i < SIDE; i++)
        transform_back((const uint32_t *)m + i * SIDE * STEP, STEP, t + i,
                       SIDE);
    for (int32_t j = 0; j < 4; j++) {
        transform_back(t + j * SIDE, 1, d, 1);
        for (int32_t i = 0; i < 4; i++) {
            out[(4 * i + j) * OUTS] =
                tin_output_s8(q[0] + ((int32_t)(d[i] * 954437177u) >> 6), q[1],
                              q[2], zero, -128, 127);
        }
    }
}

/* ---- The kernel --------------------------------------------------------- */

void tin_conv2d_s8_f4_dsp(const void *params, const tin_rows *in,
                          const tin_rows *out, int32_t y0, int32_t y1,
                          void *scratch)
{
    static const tin_winograd f4 = {
        SIDE - 2,       SIDE,         TIN_WINOGRAD_F4_LANES,
        transform_tile, make_outputs, make_any_output};
    const tin_conv2d_s8_f4_dsp_params *p = params;

    tin_winograd_conv(&f4, &p->conv, p->packed, in, out, y0, y1, scratch);
}

#endif /* TIN_HAVE_DSP */
