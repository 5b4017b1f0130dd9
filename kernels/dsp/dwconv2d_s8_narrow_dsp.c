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

/* A line of the input: channel 0 of column 0, bytes from column to column. */
typedef struct {
    const int8_t *base;
    int32_t step;
} line;

// clang-format off
# define LOAD(to, from) "ldr %[" #to "], %[" #from "]\n\t"
# define LOAD_W(to, offset) "ldr %[" #to "], [%[w], #" #offset "]\n\t"
# define BYTE(to, at) "ldrsb %[" #to "], [%[q], " at "]\n\t"
# define PAIR(a, b) "pkhbt %[" #a "], %[" #a "], %[" #b "], lsl #16\n\t"
# define MAC(op, sum, x, y, to) \
    #op " %[" #sum "], %[" #x "], %[" #y "], %[" #to "]\n\t"

/* A line adds its weights u = (w0, w1), v = (w1, w2) to sums that begin from
 * t0, t1 .. The first two outputs, and the inputs 0 .. 2 of which x is a pair:
 * in one group, since a load after another one takes 1 cycle, not 2. */
# define LINE_BEGIN(base, step, offset, t0, t1) \
    LOAD(q, base) LOAD(c, step) LOAD_W(u, offset) LOAD_W(v, offset + 4) \
    "add %[q], %[q], %[i]\n\t" \
    BYTE(x, "#0") BYTE(y, "%[c]") BYTE(z, "%[c], lsl #1") \
    PAIR(x, y) \
    MAC(smlad, s0, x, v, t0) MAC(smlad, s1, x, u, t1) \
    MAC(smlabt, s1, z, v, s1)

/* The zero point, in q, under the first weight and the last one. */
# define LINE_END(last) \
    MAC(smlabb, s0, u, q, s0) MAC(smlatb, last, v, q, last)

# define LINE3(base, step, offset, t0, t1) \
    LINE_BEGIN(base, step, offset, t0, t1) \
    LOAD(q, zero) \
    MAC(smlatb, s2, x, u, s2) MAC(smlabb, s2, z, v, s2) \
    LINE_END(s2)

# define LINE4(base, step, offset, t0, t1, t2) \
    LINE_BEGIN(base, step, offset, t0, t1) \
    MAC(smlatb, s2, x, u, t2) \
    "add %[y], %[c], %[c], lsl #1\n\t" \
    BYTE(y, "%[y]") LOAD(q, zero) \
    PAIR(z, y) \
    MAC(smlad, s2, z, v, s2) MAC(smlad, s3, z, u, s3) \
    LINE_END(s3)

# define LINE5(base, step, offset, t0, t1, t2, t3) \
    LINE_BEGIN(base, step, offset, t0, t1) \
    MAC(smlatb, s2, x, u, t2) \
    "add %[y], %[c], %[c], lsl #1\n\t" \
    BYTE(y, "%[y]") BYTE(x, "%[c], lsl #2") LOAD(q, zero) \
    PAIR(z, y) \
    MAC(smlad, s2, z, v, s2) MAC(smlad, s3, z, u, t3) \
    MAC(smlabt, s3, x, v, s3) \
    MAC(smlatb, s4, z, u, s4) MAC(smlabb, s4, x, v, s4) \
    LINE_END(s4)

/* The last sum holds the bias until its own products are added. */
# define SUMS3 \
    LOAD_W(s2, 0) \
    LINE3(base0, step0, 20, s2, s2) \
    LINE3(base1, step1, 28, s0, s1) \
    LINE3(base2, step2, 36, s0, s1)
# define SUMS4 \
    LOAD_W(s3, 0) \
    LINE4(base0, step0, 20, s3, s3, s3) \
    LINE4(base1, step1, 28, s0, s1, s2) \
    LINE4(base2, step2, 36, s0, s1, s2)
# define SUMS5 \
    LOAD_W(s4, 0) \
    LINE5(base0, step0, 20, s4, s4, s4, s4) \
    LINE5(base1, step1, 28, s0, s1, s2, s3) \
    LINE5(base2, step2, 36, s0, s1, s2, s3)

/* Requantizes and stores; see tin_requant. */
# define FINISH(sum) MAC(smmla, sum, sum, u, v)
# define NARROW(sum) "ssat %[" #sum "], #8, %[" #sum "], asr %[right]\n\t"
# define PUT(sum, at) "strb %[" #sum "], [%[q], " at "]\n\t"
# define BEGIN_PUT \
    LOAD_W(u, 4) LOAD_W(v, 8) LOAD(q, dst) LOAD(c, columns) \
    "add %[q], %[q], %[i]\n\t" \
    FINISH(s0) FINISH(s1) FINISH(s2) NARROW(s0) NARROW(s1) NARROW(s2) \
    PUT(s0, "#0") PUT(s1, "%[c]") PUT(s2, "%[c], lsl #1")
# define PUT3 BEGIN_PUT
# define PUT4 \
    BEGIN_PUT \
    FINISH(s3) NARROW(s3) \
    "add %[y], %[c], %[c], lsl #1\n\t" \
    PUT(s3, "%[y]")
# define PUT5 \
    PUT4 \
    FINISH(s4) NARROW(s4) \
    PUT(s4, "%[c], lsl #2")

/* All channels. In C, where compilers spread the loads and run out of
 * registers, this takes half as long again. */
# define CHANNELS(sums, put) \
    __asm__ volatile( \
        "1:\n\t" sums put \
        LOAD(x, channels) \
        "add %[w], %[w], %[words]\n\t" \
        "add %[i], %[i], #1\n\t" \
        "cmp %[i], %[x]\n\t" \
        "bne 1b\n\t" \
        : [s0] "=&r"(s0), [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3), \
          [s4] "=&r"(s4), [u] "=&r"(u), [v] "=&r"(v), [x] "=&r"(x), \
          [y] "=&r"(y), [z] "=&r"(z), [q] "=&r"(q), [c] "=&r"(c), \
          [w] "+r"(w), [i] "+r"(i) \
        : [base0] "m"(l0.base), [step0] "m"(l0.step), [base1] "m"(l1.base), \
          [step1] "m"(l1.step), [base2] "m"(l2.base), [step2] "m"(l2.step), \
          [zero] "m"(zero), [dst] "m"(dst), [columns] "m"(columns), \
          [channels] "m"(columns), [words] "I"(4 * TIN_DWCONV2D_DSP_3X3), \
          [right] "I"(TIN_DWCONV2D_DSP_RIGHT) \
        : "cc", "memory")
// clang-format on

/* All channels of a row of p->window.out_w columns. */
TIN_NOINLINE static void run_row(const tin_dwconv2d_s8_dsp_params *p,
                                 const line lines[3], int8_t *dst)
{
    const line l0 = lines[0], l1 = lines[1], l2 = lines[2];
    const int32_t zero = p->conv.in_zero, columns = p->conv.window.in_c;
    const int32_t *w = p->packed;
    int32_t s0, s1, s2, s3, s4, u, v, x, y, z, q, c, i = 0;

    if (p->conv.window.out_w == 3)
        CHANNELS(SUMS3, PUT3);
    else if (p->conv.window.out_w == 4)
        CHANNELS(SUMS4, PUT4);
    else
        CHANNELS(SUMS5, PUT5);
}

void tin_dwconv2d_s8_narrow_dsp(const void *params, const tin_rows *in,
                                const tin_rows *out, int32_t y0, int32_t y1,
                                void *scratch)
{
    const tin_dwconv2d_s8_dsp_params *p = params;
    const tin_window *w = &p->conv.window;

    for (int32_t y = y0; y < y1; y++) {
        line lines[3];
        tin_patch v;

        tin_patch_rows(&v, w, in->rows, y);
        for (int32_t ky = 0; ky < 3; ky++) {
            if (ky < v.ky0 || ky >= v.ky1) {
                memset(scratch, p->conv.in_zero, (size_t)w->in_c);
                lines[ky] = (line){scratch, 0};
                continue;
            }
            lines[ky].base = tin_row(in, v.row);
            lines[ky].step = w->in_c;
            v.row = tin_ring_next(v.row, w->dilation_h, in->rows);
        }
        run_row(p, lines, tin_row(out, y));
    }
}

#endif /* TIN_HAVE_DSP */
