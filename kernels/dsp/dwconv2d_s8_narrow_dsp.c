/* SPDX-License-Identifier: MIT */
/*
 * tin_dwconv2d_s8_narrow_dsp: see tinyinfer_kernels.h.
 *
 * A row has three to five columns: one channel's inputs of a line, and the sums
 * of all of its outputs, fit into registers. Pairs of inputs are put together
 * there (PKHBT) and nothing is widened in memory first, as tin_dwconv2d_s8_dsp
 * does, which makes six columns whatever there is.
 *
 * The columns beside the image hold the zero point: their products are added
 * apart. A line beside it is one of zero points with steps of 0.
 */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_DSP

# include <string.h>

/* Clang holds the limit of C99 for strings against assembly. */
# pragma GCC diagnostic ignored "-Woverlength-strings"

/* A line of the input: channel 0 of column 0, bytes from column to column. */
typedef struct {
    const int8_t *base;
    int32_t step;
} line;

/* What the assembly works on. It knows the order, and has a copy of it, but for
 * the first and the last one, on its stack. */
typedef struct {
    const int32_t *packed;
    line lines[3];
    int32_t zero;
    int8_t *dst;
    int32_t channels, columns;
} row;

// clang-format off

/* What is where: the constants of a channel, which channel it is, an address
 * and a step from column to column, weights, inputs, sums. The first eight are
 * those of which instructions of 16 bits know. */
# define W "r0"
# define I "r1"
# define Q "r2"
# define C "r3"
# define U "r4"
# define V "r5"
# define X "r6"
# define Y "r7"
# define Z "r8"
# define S0 "r9"
# define S1 "r10"
# define S2 "r11"
# define S3 "r12"
# define S4 "lr"

/* On the stack; a line is 8 bytes. */
# define BASE(n) "8 * " #n
# define STEP(n) "8 * " #n " + 4"
# define ZERO "24"
# define DST "28"
# define CHANNELS "32"

# define LOAD(to, at) "ldr " to ", [sp, #" at "]\n\t"
# define LOAD_W(to, at) "ldr " to ", [" W ", #" at "]\n\t"
# define BYTE(to, at) "ldrsb " to ", [" Q ", " at "]\n\t"
# define PAIR(a, b) "pkhbt " a ", " a ", " b ", lsl #16\n\t"
# define MAC(op, sum, x, y, to) #op " " sum ", " x ", " y ", " to "\n\t"
# define ADD(to, what) "add " to ", " to ", " what "\n\t"
# define THREE_STEPS "add " Y ", " C ", " C ", lsl #1\n\t"

/* Line n adds its weights U = (w0, w1), V = (w1, w2) to sums that begin from
 * t0, t1 .. The first two outputs, and the inputs 0 .. 2 of which X is a pair:
 * in one group, since a load after another one takes 1 cycle, not 2. */
# define LINE_BEGIN(n, t0, t1) \
    LOAD(Q, BASE(n)) LOAD(C, STEP(n)) \
    LOAD_W(U, "8 * " #n " + 20") LOAD_W(V, "8 * " #n " + 24") \
    ADD(Q, I) \
    BYTE(X, "#0") BYTE(Y, C) BYTE(Z, C ", lsl #1") \
    PAIR(X, Y) \
    MAC(smlad, S0, X, V, t0) MAC(smlad, S1, X, U, t1) \
    MAC(smlabt, S1, Z, V, S1)

/* The zero point, in Q, under the first weight and the last one. */
# define LINE_END(last) \
    MAC(smlabb, S0, U, Q, S0) MAC(smlatb, last, V, Q, last)

# define LINE3(n, t0, t1) \
    LINE_BEGIN(n, t0, t1) \
    LOAD(Q, ZERO) \
    MAC(smlatb, S2, X, U, S2) MAC(smlabb, S2, Z, V, S2) \
    LINE_END(S2)

# define LINE4(n, t0, t1, t2) \
    LINE_BEGIN(n, t0, t1) \
    MAC(smlatb, S2, X, U, t2) \
    THREE_STEPS \
    BYTE(Y, Y) LOAD(Q, ZERO) \
    PAIR(Z, Y) \
    MAC(smlad, S2, Z, V, S2) MAC(smlad, S3, Z, U, S3) \
    LINE_END(S3)

# define LINE5(n, t0, t1, t2, t3) \
    LINE_BEGIN(n, t0, t1) \
    MAC(smlatb, S2, X, U, t2) \
    THREE_STEPS \
    BYTE(Y, Y) BYTE(X, C ", lsl #2") LOAD(Q, ZERO) \
    PAIR(Z, Y) \
    MAC(smlad, S2, Z, V, S2) MAC(smlad, S3, Z, U, t3) \
    MAC(smlabt, S3, X, V, S3) \
    MAC(smlatb, S4, Z, U, S4) MAC(smlabb, S4, X, V, S4) \
    LINE_END(S4)

/* The last sum holds the bias until its own products are added. */
# define SUMS3 \
    LOAD_W(S2, "0") \
    LINE3(0, S2, S2) \
    LINE3(1, S0, S1) \
    LINE3(2, S0, S1)
# define SUMS4 \
    LOAD_W(S3, "0") \
    LINE4(0, S3, S3, S3) \
    LINE4(1, S0, S1, S2) \
    LINE4(2, S0, S1, S2)
# define SUMS5 \
    LOAD_W(S4, "0") \
    LINE5(0, S4, S4, S4, S4) \
    LINE5(1, S0, S1, S2, S3) \
    LINE5(2, S0, S1, S2, S3)

/* Requantizes and stores; see tin_requant. */
# define FINISH(sum) MAC(smmla, sum, sum, U, V)
# define NARROW(sum) "ssat " sum ", #8, " sum ", asr %[right]\n\t"
# define PUT(sum, at) "strb " sum ", [" Q ", " at "]\n\t"
# define PUT3 \
    LOAD_W(U, "4") LOAD_W(V, "8") LOAD(Q, DST) LOAD(C, CHANNELS) \
    ADD(Q, I) \
    FINISH(S0) FINISH(S1) FINISH(S2) NARROW(S0) NARROW(S1) NARROW(S2) \
    PUT(S0, "#0") PUT(S1, C) PUT(S2, C ", lsl #1")
# define PUT4 \
    PUT3 \
    FINISH(S3) NARROW(S3) \
    THREE_STEPS \
    PUT(S3, Y)
# define PUT5 \
    PUT4 \
    FINISH(S4) NARROW(S4) \
    PUT(S4, C ", lsl #2")

/* All channels; C holds how many. */
# define ALL_CHANNELS(label, sums, put) \
    ".balign 4\n" \
    label ":\n\t" \
    sums put \
    "add " W ", #%c[words]\n\t" \
    "adds " I ", #1\n\t" \
    "cmp " I ", " C "\n\t" \
    "bne " label "b\n\t"

/*
 * All channels of a row.
 *
 * Assembly, which keeps 14 registers to itself: in C, where compilers spread
 * the loads and run out of registers, this takes half as long again.
 */
TIN_NOINLINE static void run_row(const row *todo)
{
    register const void *r0 __asm__("r0") = todo;

    __asm__ volatile(
        "push {r4-r11}\n\t"
        "ldm r0, {r0-r10}\n\t"
        "push {r1-r9}\n\t"
        "movs " I ", #0\n\t"
        "cmp r10, #4\n\t"
        "beq 4f\n\t"
        "blo 3f\n\t"
        ALL_CHANNELS("5", SUMS5, PUT5)
        "b 6f\n\t"
        ALL_CHANNELS("4", SUMS4, PUT4)
        "b 6f\n\t"
        ALL_CHANNELS("3", SUMS3, PUT3)
        "6:\n\t"
        "add sp, sp, #36\n\t"
        "pop {r4-r11}\n\t"
        : "+r"(r0)
        : [words] "I"(4 * TIN_DWCONV2D_DSP_3X3),
          [right] "I"(TIN_DWCONV2D_DSP_RIGHT)
        : "r1", "r2", "r3", "r12", "lr", "cc", "memory");
}

// clang-format on

void tin_dwconv2d_s8_narrow_dsp(const void *params, const tin_rows *in,
                                const tin_rows *out, int32_t y0, int32_t y1,
                                void *scratch)
{
    const tin_dwconv2d_s8_dsp_params *p = params;
    const tin_window *w = &p->conv.window;
    row todo = {.packed = p->packed,
                .zero = p->conv.in_zero,
                .channels = w->in_c,
                .columns = w->out_w};

    for (int32_t y = y0; y < y1; y++) {
        tin_patch v;

        tin_patch_rows(&v, w, in->rows, y);
        for (int32_t ky = 0; ky < 3; ky++) {
            if (ky < v.ky0 || ky >= v.ky1) {
                memset(scratch, p->conv.in_zero, (size_t)w->in_c);
                todo.lines[ky] = (line){scratch, 0};
                continue;
            }
            todo.lines[ky].base = tin_row(in, v.row);
            todo.lines[ky].step = w->in_c;
            v.row = tin_ring_next(v.row, w->dilation_h, in->rows);
        }
        todo.dst = tin_row(out, y);
        run_row(&todo);
    }
}

#endif /* TIN_HAVE_DSP */
