/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer_tiles.h: the sums of a convolution in tiles of four output points,
 * in assembly, for Cortex-M with DSP instructions: of tin_conv2d_s8_dsp, which
 * is declared in tinyinfer_kernels.h.
 *
 * What the points of a tile see is gathered into a scratch of halfwords, x: two
 * inputs of point 0, the same two of points 1, 2 and 3, which is a step; then
 * the next two of point 0. The tile's channels are made two at a time, from a
 * stream of constants that conv2d_s8_dsp_pack.c describes: 8 sums in registers,
 * one pointer into each of the streams. The commonest windows are gathered by
 * the same assembly, a tile in its turn: 1x1 kernels over whole words of
 * channels, which need no more than that, and 3x3 kernels of a first layer.
 *
 * C only: in C++ no variable is in a register of one's choice.
 */
#ifndef TINYINFER_TILES_H
#define TINYINFER_TILES_H

#include "tinyinfer_kernels.h"

#if TIN_HAVE_DSP

/* ---- What there is to do ------------------------------------------------ */

enum {
    TIN_TILE_POINTS = 4,
    TIN_TILE_PAIR_ROUND = 15, /* steps of the loops below, */
    TIN_TILE_WIDE_ROUND = 16,
    TIN_TILE_HELD = 15 /* and of what follows the wide one */
};

/* How a tile is gathered. */
enum {
    TIN_TILE_GATHERED, /* it has been */
    TIN_TILE_PLAIN,    /* runs of whole words, one a point */
    TIN_TILE_RGB       /* three runs of nine inputs a point */
};

/* What the assembly works on; it knows the order. */
typedef struct {
    int32_t *x;            /* the gathered inputs */
    int32_t skip;          /* bytes of code for steps beyond whole rounds */
    int32_t last;          /* from x to where the last round begins; beyond that
                              if the requantization is any */
    int32_t stride;        /* from point to point in out */
    int32_t held;          /* bytes of code that fetches what is held */
    int32_t held_from;     /* from x to where HELD steps would begin */
    int32_t tiles;         /* how many, one after the other in x and in out */
    int32_t format;        /* 1: wide weights; 2: more than one round, or any
                              requantization */
    int32_t x_bytes;       /* from tile to tile if they have been gathered */
    int32_t way;           /* that tiles are gathered */
    const int8_t *from[3]; /* kernel rows of the first point */
    int32_t step;          /* from point to point in these */
    int32_t run;           /* inputs in each */
} tin_tiles;

/* What the assembly wants to know of a window of n steps. */
static inline void tin_tiles_set_steps(tin_tiles *todo, int32_t n,
                                       int32_t format)
{
    const int32_t wide = format & 1, held = wide ? TIN_TILE_HELD : 0;
    const int32_t round = wide ? TIN_TILE_WIDE_ROUND : TIN_TILE_PAIR_ROUND;
    int32_t steps = n - 1; // beside the first

    todo->x_bytes = 16 * n;
    todo->last = 16 * (n - round) + (format & 2 ? 1 : 0);
    todo->held_from = 16 * (n - TIN_TILE_HELD);
    todo->held = 0;
    if (format & 2 || steps > round + held) { // not in one go
        format |= 2;
        if (steps > 0)
            steps = (steps - 1) % round + 1;
        steps += held;
    } else if (TIN_HAVE_FPU) {
        todo->held = 4 * (steps < held ? steps : held);
    }
    todo->format = format;
    todo->skip = wide ? 48 * steps : 52 * steps;
    if (wide && (format & 2 || steps > TIN_TILE_HELD))
        todo->skip += 4; // the branch between
}

/* ---- Assembly ----------------------------------------------------------- */

/* clang-format off */
/* Multiplies two words of weights, r11 and r10, with the inputs of points 0
 * and 1, or 2 and 3, in r12 and lr. Sums are r2 .. r5 for the first channel,
 * r6 .. r9 for the second. */
# define TIN_TILE_MULTIPLY(a0, b0, a1, b1) \
    "smlad " a0 ", r11, r12, " a0 "\n" \
    "smlad " b0 ", r10, r12, " b0 "\n" \
    "smlad " a1 ", r11, lr, " a1 "\n" \
    "smlad " b1 ", r10, lr, " b1 "\n"
# define TIN_TILE_POINTS_01 TIN_TILE_MULTIPLY("r2", "r6", "r3", "r7")
# define TIN_TILE_POINTS_23 TIN_TILE_MULTIPLY("r4", "r8", "r5", "r9")
# define TIN_TILE_LOAD_01 \
    "ldr r12, [r0], #4\n" \
    "ldr lr, [r0], #4\n"
# define TIN_TILE_LOAD_23 \
    "ldrd r12, lr, [r0], #8\n"

/* A step: two inputs, 16 products, 16 cycles. Loads stand together, where all
 * but the first take one cycle. All instructions are of 4 bytes: 52 and 48. */
# define TIN_TILE_PAIR_STEP \
    "ldr r10, [r1], #4\n" \
    TIN_TILE_LOAD_01 \
    "sxtb16 r11, r10\n" \
    TIN_TILE_POINTS_01 TIN_TILE_LOAD_23 TIN_TILE_POINTS_23
# define TIN_TILE_WIDE_STEP \
    "ldrd r11, r10, [r1], #8\n" \
    TIN_TILE_LOAD_01 TIN_TILE_POINTS_01 TIN_TILE_LOAD_23 TIN_TILE_POINTS_23

/* The same with inputs of points 2 and 3 in a register of the FPU: 15 cycles,
 * as these need no loads apart. Once a tile they are fetched: r12 is where the
 * inputs of HELD steps begin. Also 48 bytes. */
# if TIN_HAVE_FPU
#  define TIN_TILE_HELD_STEP(d) \
    "ldrd r11, r10, [r1], #8\n" \
    "ldr r12, [r0], #4\n" \
    "ldr lr, [r0], #12\n" \
    TIN_TILE_POINTS_01 \
    "vmov r12, lr, d" #d "\n" \
    TIN_TILE_POINTS_23
#  define TIN_TILE_FETCH(d) "vldr d" #d ", [r12, #16 * " #d " + 8]\n"
# else
#  define TIN_TILE_HELD_STEP(d) TIN_TILE_WIDE_STEP
#  define TIN_TILE_FETCH(d) ""
# endif
# define TIN_TILE_HELD_15(what) \
    what(0) what(1) what(2) what(3) what(4) what(5) what(6) what(7) what(8) \
    what(9) what(10) what(11) what(12) what(13) what(14)

/* The first step of two channels begins from their biases, r5 and r9. Inputs
 * of points 0 and 1 are where sums will be, so that all loads stand together.
 * Then a jump into the loop. */
# define TIN_TILE_FIRST_LOADS \
    "ldr r0, [sp]\n" \
    "ldr r5, [r1], #4\n" \
    "ldr r9, [r1], #4\n"
# define TIN_TILE_FIRST_INPUTS \
    "ldr r6, [r0], #4\n" \
    "ldr r7, [r0], #4\n" \
    "ldr r12, [r0], #4\n" \
    "ldr lr, [r0], #4\n"
# define TIN_TILE_FIRST_MULTIPLY \
    "smlad r2, r11, r6, r5\n" \
    "smlad r6, r10, r6, r9\n" \
    "smlad r3, r11, r7, r5\n" \
    "smlad r7, r10, r7, r9\n" \
    "smlad r4, r11, r12, r5\n" \
    "smlad r8, r10, r12, r9\n" \
    "smlad r5, r11, lr, r5\n" \
    "smlad r9, r10, lr, r9\n" \
    "ldr pc, [sp, #4]\n"
# define TIN_TILE_PAIR_FIRST \
    TIN_TILE_FIRST_LOADS \
    "ldr r10, [r1], #4\n" \
    TIN_TILE_FIRST_INPUTS \
    "sxtb16 r11, r10\n" \
    TIN_TILE_FIRST_MULTIPLY
# define TIN_TILE_WIDE_FIRST \
    TIN_TILE_FIRST_LOADS \
    "ldr r11, [r1], #4\n" \
    "ldr r10, [r1], #4\n" \
    TIN_TILE_FIRST_INPUTS TIN_TILE_FIRST_MULTIPLY

/* The second channel's part of the sums of pairs, times 256. */
# define TIN_TILE_UNPAIR \
    "sub r6, r6, r2\n" \
    "sub r7, r7, r3\n" \
    "sub r8, r8, r4\n" \
    "sub r9, r9, r5\n"

/* Puts four inputs of a point: two at r0, and the other two a step later. */
# define TIN_TILE_PUT(word, at) \
    "sxtb16 r12, " word "\n" \
    "sxtb16 " word ", " word ", ror #8\n" \
    "str r12, [r0, #" #at "]\n" \
    "str " word ", [r0, #" #at " + 16]\n"
# define TIN_TILE_PUT_FIRST(word, next) \
    "sxtb16 r12, " word "\n" \
    "sxtb16 " word ", " word ", ror #8\n" \
    "str r12, [r0], #" #next "\n" \
    "str " word ", [r0, #16 - " #next "]\n"

/* Gather a tile at r0: of windows that are one run each, 24 cycles for four
 * inputs of its points; of windows of 3x3x3, 47 cycles a point, where what is
 * read behind the last input meets a weight of 0. They leave LO behind. */
# define TIN_TILE_GATHER_PLAIN \
    "ldr r1, [sp, #56]\n" \
    "ldr r2, [r1, #40]\n" \
    "ldr r11, [r1, #52]\n" \
    "ldr r6, [r1, #56]\n" \
    "add r3, r2, r11\n" \
    "add r4, r3, r11\n" \
    "add r5, r4, r11\n" \
    "add r7, r5, r11\n" \
    "str r7, [r1, #40]\n" \
    "sub r6, r6, #4\n" \
    "18:\n" \
    "ldr r7, [r2], #4\n" \
    "ldr r8, [r3], #4\n" \
    "ldr r9, [r4], #4\n" \
    "ldr r10, [r5], #4\n" \
    TIN_TILE_PUT_FIRST("r7", 32) TIN_TILE_PUT("r8", -28) \
    TIN_TILE_PUT("r9", -24) TIN_TILE_PUT("r10", -20) \
    "subs r6, r6, #4\n" \
    "bhs 18b\n"
# define TIN_TILE_GATHER_RGB \
    "ldr r1, [sp, #56]\n" \
    "ldr r2, [r1, #40]\n" \
    "ldr r3, [r1, #44]\n" \
    "ldr r4, [r1, #48]\n" \
    "ldr r5, [r1, #52]\n" \
    "add lr, r0, #12\n" \
    "18:\n" \
    "ldr r6, [r2]\n" \
    "ldr r7, [r2, #4]\n" \
    "ldrb r8, [r2, #8]\n" \
    "ldr r9, [r3]\n" \
    "ldr r10, [r3, #3]\n" \
    "ldrh r11, [r3, #7]\n" \
    TIN_TILE_PUT_FIRST("r6", 4) TIN_TILE_PUT("r7", 28) \
    "orr r8, r8, r9, lsl #8\n" \
    TIN_TILE_PUT("r8", 60) TIN_TILE_PUT("r10", 92) \
    "ldr r6, [r4]\n" \
    "ldr r7, [r4, #2]\n" \
    "ldr r8, [r4, #6]\n" \
    "orr r11, r11, r6, lsl #16\n" \
    TIN_TILE_PUT("r11", 124) TIN_TILE_PUT("r7", 156) \
    TIN_TILE_PUT("r8", 188) \
    "add r2, r2, r5\n" \
    "add r3, r3, r5\n" \
    "add r4, r4, r5\n" \
    "cmp lr, r0\n" \
    "bhs 18b\n" \
    "str r2, [r1, #40]\n" \
    "str r3, [r1, #44]\n" \
    "str r4, [r1, #48]\n"

/* See tin_requant: what is done to a sum, and to the sums of four points. */
# define TIN_TILE_FLOOR(multiplier, offset) \
    "smmla \\a, \\a, " multiplier ", " offset "\n" \
    "ssat \\a, #8, \\a, asr #12\n"
# define TIN_TILE_LEFT "lsl \\a, \\a, r12\n"
# define TIN_TILE_RIGHT "asr \\a, \\a, r12\n"
# define TIN_TILE_SIGNED \
    "and r0, lr, \\a, asr #31\n" \
    "sub r0, r11, r0\n" \
    "smmla \\a, \\a, r10, r0\n"
# define TIN_TILE_SATURATE "ssat \\a, #8, \\a\n"
# define TIN_TILE_FIRST4(what) ".irp a, r2, r3, r4, r5\n" what ".endr\n"
# define TIN_TILE_SECOND4(what) ".irp a, r6, r7, r8, r9\n" what ".endr\n"

/* Stores two channels of each point; sets the flags to LO if there are more. */
# define TIN_TILE_STORE \
    "bfi r2, r6, #8, #8\n" \
    "bfi r3, r7, #8, #8\n" \
    "bfi r4, r8, #8, #8\n" \
    "bfi r5, r9, #8, #8\n" \
    "ldrd r10, r11, [sp, #12]\n" \
    "ldr r12, [sp, #20]\n" \
    "strh r3, [r10, r11]\n" \
    "add lr, r10, r11\n" \
    "strh r4, [r10, r11, lsl #1]\n" \
    "strh r5, [lr, r11, lsl #1]\n" \
    "strh r2, [r10], #2\n" \
    "str r10, [sp, #12]\n" \
    "cmp r10, r12\n"

/* Clang holds the limit of C99 for strings against assembly. */
# pragma GCC diagnostic push
# pragma GCC diagnostic ignored "-Woverlength-strings"

/*
 * Makes channels, an even number from `out` on, of each tile. Returns where the
 * stream continues.
 *
 * Assembly, and in one piece, because 14 registers are live in the loop:
 * compilers spill sums, which takes 22 cycles and more a step in place of 16.
 * The loop is entered where as many steps are left as a window has beyond
 * whole rounds. Steps leave the flags alone: LO tells that a window needs one
 * round, or one of 16 wide steps and those that follow it, and the fast
 * requantization. HI at the end of a round: there are more, or requantization
 * is of the general form. EQ: neither, that was the last.
 *
 * On the stack: 0 x, 4 where to jump into the loop, 8 last, 12 out, 16 stride,
 * 20 where out ends, 24 where to fetch what is held, else what is in 32, 28
 * where in the loop, 32 where two channels begin, 36 where the next tile does,
 * 40 stream, 44 channels, 48 where HELD steps would begin, 52 out behind the
 * tiles, 56 todo.
 */
TIN_OUTLINE const int32_t *tin_tiles_make(tin_tiles *todo,
                                          const int32_t *stream, int8_t *out,
                                          int32_t channels)
{
    register void *r0 __asm__("r0") = todo;
    register const int32_t *r1 __asm__("r1") = stream;
    register int8_t *r2 __asm__("r2") = out;
    register int32_t r3 __asm__("r3") = channels;

    __asm__ volatile(
        ".balign 4\n" // or ADR is 2 bytes off in a section of less alignment
        "push {r0, r4-r11}\n"
        "ldm r0, {r4-r6, r8, r10-r12, lr}\n"
        "mov r7, r2\n"
        "add r9, r2, r3\n"
        "add r6, r6, r4\n"
        "add r11, r11, r4\n"
        "mul r12, r12, r8\n"
        "add r12, r2, r12, lsl #2\n"
        "push {r1, r3, r11, r12}\n"
        "ldr r3, [r0, #36]\n"
        "cmp r3, #1\n"
        "adr r1, 19f\n"
        "it eq\n"
        "adreq r1, 15f\n"
        "it hi\n"
        "adrhi r1, 14f\n"
        "orr r1, r1, #1\n" // Thumb
        "push {r1}\n"
        "lsrs lr, lr, #1\n"
        "ite cc\n"
        "adrcc r0, 3f\n"
        "adrcs r0, 6f\n"
        "ite cc\n"
        "adrcc r1, 1f\n"
        "adrcs r1, 4f\n"
        "sub r0, r0, r5\n"
        "orr r0, r0, #1\n"
        "orr r1, r1, #1\n"
        "push {r0, r1}\n"
        "it ne\n"
        "adrne r0, 11f\n"
        "orr r5, r0, #1\n"
        "adr r0, 13f\n"
        "cmp r10, #0\n"
        "ite ne\n"
        "subne r10, r0, r10\n"
        "moveq r10, r1\n"
        "orr r10, r10, #1\n"
        "push {r4-r10}\n"
        "mov r0, r4\n"
        "cmp r3, #1\n"
        "blo 16f\n"
        "ldr pc, [sp, #36]\n"

        "14:\n" // a tile
        TIN_TILE_GATHER_RGB
        "b 16f\n"
        "19:\n" // that has been gathered
        "ldr r2, [sp, #56]\n"
        "ldr r3, [sp, #8]\n"
        "ldr r4, [sp, #48]\n"
        "ldr r5, [r2, #32]\n"
        "add r0, r0, r5\n"
        "add r3, r3, r5\n"
        "add r4, r4, r5\n"
        "str r0, [sp]\n"
        "str r3, [sp, #8]\n"
        "str r4, [sp, #48]\n"
        "b 16f\n"
        "15:\n"
        TIN_TILE_GATHER_PLAIN
        "16:\n"
        "ldr r12, [sp, #48]\n"
        "ldr r1, [sp, #40]\n"
        "ldr pc, [sp, #24]\n"
        ".balign 4\n"
        "12:\n" // fetches what is held
        TIN_TILE_HELD_15(TIN_TILE_FETCH)
        "13:\n"
        "b 4f\n"

        "11:\n" // into the loop, with HI
        "cmp r0, #0\n"
        "ldr pc, [sp, #28]\n"

        ".balign 4\n"
        "2:\n" // pairs
        ".rept 15\n"
        TIN_TILE_PAIR_STEP
        ".endr\n"
        "3:\n"
        "bhi 7f\n"
        "ldm r1!, {r10, r11, r12}\n"
        TIN_TILE_UNPAIR
        TIN_TILE_FIRST4(TIN_TILE_LEFT TIN_TILE_FLOOR("r10", "r11"))
        "ldm r1!, {r10, r11, r12}\n"
        TIN_TILE_SECOND4(TIN_TILE_RIGHT TIN_TILE_FLOOR("r10", "r11"))
        TIN_TILE_STORE
        "bhs 9f\n"
        "1:\n" // two channels
        TIN_TILE_PAIR_FIRST

        ".balign 4\n"
        "5:\n" // wide weights
        ".rept 16\n"
        TIN_TILE_WIDE_STEP
        ".endr\n"
        "bhs.w 8f\n"
        TIN_TILE_HELD_15(TIN_TILE_HELD_STEP)
        "6:\n"
        "ldm r1!, {r10, r11, r12, lr}\n"
        TIN_TILE_FIRST4(TIN_TILE_FLOOR("r10", "r11"))
        TIN_TILE_SECOND4(TIN_TILE_FLOOR("r12", "lr"))
        TIN_TILE_STORE
        "bhs 9f\n"
        "4:\n" // two channels
        TIN_TILE_WIDE_FIRST

        "7:\n" // HI after a round of pairs
        "ldr r10, [sp, #8]\n"
        "cmp r10, r0\n"
        "bhs 2b\n"
        TIN_TILE_UNPAIR
        TIN_TILE_SECOND4("asr \\a, \\a, #8\n")
        "b 17f\n"
        "8:\n" // HS after a round of wide weights
        "beq 6b\n"
        "ldr r10, [sp, #8]\n"
        "cmp r10, r0\n"
        "bhs 5b\n"
        "17:\n" // the general form
        "ldm r1!, {r10, r11, r12, lr}\n"
        TIN_TILE_FIRST4(TIN_TILE_LEFT TIN_TILE_SIGNED)
        "lsr r12, r12, #16\n"
        TIN_TILE_FIRST4(TIN_TILE_RIGHT TIN_TILE_SATURATE)
        "ldm r1!, {r10, r11, r12, lr}\n"
        TIN_TILE_SECOND4(TIN_TILE_LEFT TIN_TILE_SIGNED)
        "lsr r12, r12, #16\n"
        TIN_TILE_SECOND4(TIN_TILE_RIGHT TIN_TILE_SATURATE)
        TIN_TILE_STORE
        "it lo\n"
        "ldrlo pc, [sp, #32]\n"

        "9:\n" // the next tile; r10, where these channels end, r11 stride
        "ldr r2, [sp, #44]\n"
        "ldr r3, [sp, #52]\n"
        "ldr r0, [sp]\n"
        "add r12, r10, r11, lsl #2\n"
        "sub r10, r12, r2\n"
        "str r12, [sp, #20]\n"
        "str r10, [sp, #12]\n"
        "cmp r10, r3\n" // LO while there are more
        "it lo\n"
        "ldrlo pc, [sp, #36]\n"
        "add sp, sp, #60\n"
        "pop {r4-r11}\n"
        : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)
        :
        : "r12", "lr", "cc", "memory"
# if TIN_HAVE_FPU
          , "d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9", "d10",
          "d11", "d12", "d13", "d14"
# endif
    );
    return r1;
}

# pragma GCC diagnostic pop
/* clang-format on */

#endif /* TIN_HAVE_DSP */

#endif /* TINYINFER_TILES_H */
