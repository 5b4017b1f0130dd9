/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer_conv2d.h: what tin_conv2d_s8_dsp has around the tiles of
 * tinyinfer_tiles.h: what gathers their inputs from any runs, and the sums of
 * single points. The kernel is declared in tinyinfer_kernels.h.
 *
 * Of a single point x has the inputs alone, and four channels are made at a
 * time, from the same stream. C only, as tinyinfer_tiles.h.
 */
#ifndef TINYINFER_CONV2D_H
#define TINYINFER_CONV2D_H

#include "tinyinfer_tiles.h"

#if TIN_HAVE_DSP

/* ---- What the points of a tile see -------------------------------------- */

/* A place for the inputs of a tile. `carry` has what did not fill a word. */
typedef struct {
    int32_t *x;
    uint32_t carry[TIN_TILE_POINTS];
    int32_t count; /* bytes in each of them, 0 .. 3 */
} tin_gather;

/* Puts four inputs of each point, two steps, at x. Returns what is behind. */
TIN_OUTLINE int32_t *tin_gather_put4(int32_t *x, uint32_t w0, uint32_t w1,
                                     uint32_t w2, uint32_t w3)
{
    x[0] = tin_sxtb16(w0);
    x[1] = tin_sxtb16(w1);
    x[2] = tin_sxtb16(w2);
    x[3] = tin_sxtb16(w3);
    x[4] = tin_sxtb16_odd(w0);
    x[5] = tin_sxtb16_odd(w1);
    x[6] = tin_sxtb16_odd(w2);
    x[7] = tin_sxtb16_odd(w3);
    return x + 8;
}

/* The same of one point. */
static inline void tin_gather_put(int32_t *x, uint32_t word)
{
    x[0] = tin_sxtb16(word);
    x[4] = tin_sxtb16_odd(word);
}

/* The last n bytes, 1 .. 3, before `end`, which four can be read before. */
static inline uint32_t tin_gather_last(const int8_t *end, int32_t n)
{
    return tin_load_word(end - 4) >> (8 * (4 - n));
}

/* Appends runs of 1 .. 3 inputs, which lie in the scratch: 3 bytes behind them
 * can be read. */
TIN_OUTLINE void tin_gather_bytes(tin_gather *g, int32_t n,
                                  const int8_t *const p[TIN_TILE_POINTS])
{
    const uint32_t mask = 0xffffffu >> (8 * (3 - n));
    const int32_t shift = 8 * g->count, count = g->count + n;
    uint32_t w[TIN_TILE_POINTS];

    for (int32_t i = 0; i < TIN_TILE_POINTS; i++) {
        w[i] = tin_load_word(p[i]) & mask;
        g->carry[i] |= w[i] << shift;
    }
    g->count = count;
    if (count >= 4) {
        g->x = tin_gather_put4(g->x, g->carry[0], g->carry[1], g->carry[2],
                               g->carry[3]);
        for (int32_t i = 0; i < TIN_TILE_POINTS; i++)
            g->carry[i] = w[i] >> 1 >> (31 - shift); // shift may be 0
        g->count = count - 4;
    }
}

/* clang-format off */
# define TIN_GATHER_PUT(word, at) \
    "sxtb16 %[e], %[" #word "]\n\t" \
    "sxtb16 %[" #word "], %[" #word "], ror #8\n\t" \
    "str %[e], [%[x], #" #at "]\n\t" \
    "str %[" #word "], [%[x], #" #at " + 16]\n\t"
/* clang-format on */

/* Appends runs of n inputs, 4 <= n. */
TIN_OUTLINE void tin_gather_words(tin_gather *g, int32_t n, const int8_t *p0,
                                  const int8_t *p1, const int8_t *p2,
                                  const int8_t *p3)
{
    int32_t *x = g->x, a, b, c, d, e;

    if (g->count) {
        const int32_t fill = 4 - g->count, shift = 8 * g->count;

        x = tin_gather_put4(x, g->carry[0] | tin_load_word(p0) << shift,
                            g->carry[1] | tin_load_word(p1) << shift,
                            g->carry[2] | tin_load_word(p2) << shift,
                            g->carry[3] | tin_load_word(p3) << shift);
        p0 += fill, p1 += fill, p2 += fill, p3 += fill;
        n -= fill;
    }
    /* clang-format off */
    if (n >= 4) {
        n -= 4;
        __asm__ volatile( // as put4: in C, loads do not follow each other
            "1:\n\t"
            "ldr %[a], [%[p0]], #4\n\t"
            "ldr %[b], [%[p1]], #4\n\t"
            "ldr %[c], [%[p2]], #4\n\t"
            "ldr %[d], [%[p3]], #4\n\t"
            TIN_GATHER_PUT(a, 0) TIN_GATHER_PUT(b, 4)
            TIN_GATHER_PUT(c, 8) TIN_GATHER_PUT(d, 12)
            "add %[x], %[x], #32\n\t"
            "subs %[n], %[n], #4\n\t"
            "bhs 1b\n\t"
            : [p0] "+r"(p0), [p1] "+r"(p1), [p2] "+r"(p2), [p3] "+r"(p3),
              [x] "+r"(x), [n] "+r"(n), [a] "=&r"(a), [b] "=&r"(b),
              [c] "=&r"(c), [d] "=&r"(d), [e] "=&r"(e)
            :
            : "cc", "memory");
        n += 4;
    }
    /* clang-format on */
    g->x = x;
    g->count = n;
    if (n) {
        g->carry[0] = tin_gather_last(p0 + n, n);
        g->carry[1] = tin_gather_last(p1 + n, n);
        g->carry[2] = tin_gather_last(p2 + n, n);
        g->carry[3] = tin_gather_last(p3 + n, n);
    }
}

/* The last 1 .. 3 inputs of each point. One or two fill one step. */
TIN_OUTLINE void tin_gather_rest(tin_gather *g)
{
    uint32_t *w = g->carry;

    if (g->count > 2) {
        g->x = tin_gather_put4(g->x, w[0], w[1], w[2], w[3]);
        return;
    }
    for (int32_t i = 0; i < TIN_TILE_POINTS; i++)
        *g->x++ = tin_sxtb16((w[i] & 0xffu) | (w[i] & 0xff00u) << 8);
}

/* ---- Single points ------------------------------------------------------ */

/* What the assembly works on; it knows the order. */
typedef struct {
    const int32_t *stream; /* biases, weights and constants of two channels */
    const int32_t *x;      /* the window */
    int32_t block;         /* bytes of the stream from two channels to two */
    int32_t rounds;        /* whole ones after the first */
    int32_t skip;          /* bytes of code for steps of the first */
    int8_t *out, *end;     /* a multiple of 4 channels */
    int32_t format;        /* pairs, 1: of an odd number of steps; 2: wide */
} tin_point;

/* clang-format off */
/* Steps of four channels: sums are r3 .. r6. Loads stand together, as only the
 * first of them takes two cycles. Low sums are r3 and r5. */
# define TIN_POINT_PAIRS(u, v, x) \
    "smlad r4, " u ", " x ", r4\n" \
    "sxtb16 " u ", " u "\n" \
    "smlad r6, " v ", " x ", r6\n" \
    "sxtb16 " v ", " v "\n" \
    "smlad r3, " u ", " x ", r3\n" \
    "smlad r5, " v ", " x ", r5\n"
# define TIN_POINT_PAIR_STEP \
    "ldr r7, [r1], #4\n" \
    "ldr r9, [r2], #4\n" \
    "ldr r11, [r0], #4\n" \
    TIN_POINT_PAIRS("r7", "r9", "r11")
# define TIN_POINT_PAIR_STEPS \
    "ldr r7, [r1], #4\n" \
    "ldr r8, [r1], #4\n" \
    "ldr r9, [r2], #4\n" \
    "ldr r10, [r2], #4\n" \
    "ldr r11, [r0], #4\n" \
    "ldr r12, [r0], #4\n" \
    TIN_POINT_PAIRS("r7", "r9", "r11") \
    TIN_POINT_PAIRS("r8", "r10", "r12")
# define TIN_POINT_WIDE_STEP \
    "ldr r7, [r1], #4\n" \
    "ldr r8, [r1], #4\n" \
    "ldr r9, [r2], #4\n" \
    "ldr r10, [r2], #4\n" \
    "ldr r11, [r0], #4\n" \
    "smlad r3, r7, r11, r3\n" \
    "smlad r4, r8, r11, r4\n" \
    "smlad r5, r9, r11, r5\n" \
    "smlad r6, r10, r11, r6\n"
# define TIN_POINT_FLOOR(sum, multiplier, offset) \
    "smmla " sum ", " sum ", " multiplier ", " offset "\n" \
    "ssat " sum ", #8, " sum ", asr %[right]\n"
# define TIN_POINT_PAIR_OUT(stream, low, high) \
    "ldm " stream "!, {r7-r12}\n" \
    "sub " high ", " high ", " low "\n" \
    "lsl " low ", " low ", r9\n" \
    "asr " high ", " high ", r12\n" \
    TIN_POINT_FLOOR(low, "r7", "r8") \
    TIN_POINT_FLOOR(high, "r10", "r11")
# define TIN_POINT_WIDE_OUT(stream, low, high) \
    "ldm " stream "!, {r7-r10}\n" \
    TIN_POINT_FLOOR(low, "r7", "r8") \
    TIN_POINT_FLOOR(high, "r9", "r10")

/* Makes the channels out .. end - 1 of a point. In assembly, as the 4 sums, 6
 * operands, 3 addresses and the count take all registers there are.
 * On the stack: 0 x, 4 block, 8 rounds, 12 where to jump first, 16 out, 20 end,
 * 24 where into the loop. */
static inline void tin_point_make_fours(const tin_point *todo)
{
    register const void *r0 __asm__("r0") = todo;

    __asm__ volatile(
        ".balign 4\n"
        "push {r4-r11}\n"
        "ldm r0, {r1-r8}\n"
        "cmp r8, #1\n"
        "ite ls\n"
        "adrls r9, 3f\n"
        "adrhi r9, 5f\n"
        "sub r9, r9, r5\n"
        "mov r5, r9\n"
        "it eq\n"
        "adreq r5, 1f\n"
        "orr r9, r9, #1\n" // Thumb
        "orr r5, r5, #1\n"
        "push {r2-r7, r9}\n"
        "0:\n" // four channels
        "ldm sp, {r0, r2, lr}\n"
        "add r2, r1, r2\n"
        "ldr r3, [r1], #4\n"
        "ldr r4, [r1], #4\n"
        "ldr r5, [r2], #4\n"
        "ldr r6, [r2], #4\n"
        "ldr pc, [sp, #12]\n"
        ".balign 4\n"
        "4:\n" // wide weights
        ".rept 2\n"
        TIN_POINT_WIDE_STEP
        ".endr\n"
        "5:\n"
        "subs lr, lr, #1\n"
        "bpl 4b\n"
        TIN_POINT_WIDE_OUT("r1", "r3", "r4")
        TIN_POINT_WIDE_OUT("r2", "r5", "r6")
        "b 6f\n"
        ".balign 4\n"
        "1:\n" // pairs
        TIN_POINT_PAIR_STEP
        "ldr pc, [sp, #24]\n"
        "2:\n"
        ".rept 4\n"
        TIN_POINT_PAIR_STEPS
        ".endr\n"
        "3:\n"
        "subs lr, lr, #1\n"
        "bpl 2b\n"
        TIN_POINT_PAIR_OUT("r1", "r3", "r4")
        TIN_POINT_PAIR_OUT("r2", "r5", "r6")
        "6:\n"
        "ldrd r7, r8, [sp, #16]\n"
        "mov r1, r2\n"
        "strb r3, [r7], #1\n"
        "strb r4, [r7], #1\n"
        "strb r5, [r7], #1\n"
        "strb r6, [r7], #1\n"
        "str r7, [sp, #16]\n"
        "cmp r7, r8\n"
        "bne 0b\n"
        "add sp, sp, #28\n"
        "pop {r4-r11}\n"
        : "+r"(r0)
        : [right] "I"(TIN_CONV2D_DSP_RIGHT)
        : "r1", "r2", "r3", "r12", "lr", "cc", "memory");
}
/* clang-format on */

/* All channels of one point with the fast requantization: x is its window, as
 * tin_conv2d_s8_dsp_room says, w the constants behind packed[0]. */
static inline void tin_point_make(const int32_t *w, const int32_t *x,
                                  int32_t steps, int32_t channels, int8_t *dst)
{
    const int32_t wide = w[-1] & 1, rest = channels & 3;
    const int32_t block = wide ? 6 + 2 * steps : 8 + steps;
    const int32_t units = wide ? steps : steps >> 1; // of a step or two
    const int32_t round = wide ? 2 : 4, first = (units - 1) & (round - 1);
    tin_point todo = {.stream = w, .x = x, .block = 4 * block, .out = dst};
    int8_t last[4];

    todo.end = dst + channels - rest;
    todo.format = wide ? 2 : steps & 1;
    if (units > 0) {
        todo.rounds = (units - 1) / round;
        todo.skip = (wide ? 36 : 72) * (first + 1);
    }
    for (int32_t i = channels < 4; i < (rest ? 2 : 1); i++) {
        if (i) { // what is left, in another place
            todo.stream = w + (channels >> 2) * 2 * block;
            todo.out = last;
            todo.end = last + 4;
            todo.block = rest < 3 ? 0 : 4 * block;
        }
        tin_point_make_fours(&todo);
    }
    __builtin_memcpy(dst + channels - rest, last, (size_t)rest);
}

#endif /* TIN_HAVE_DSP */

#endif /* TINYINFER_CONV2D_H */
