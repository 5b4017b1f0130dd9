/* SPDX-License-Identifier: MIT */
/*
 * tin_conv2d_s8_dsp: see tinyinfer_kernels.h.
 *
 * A tile is four output points. What they see is gathered into a scratch of
 * halfwords: two inputs of point 0, the same two of points 1, 2 and 3, the
 * next two of point 0. Then the tile's channels are made two at a time, from
 * a stream of constants that conv2d_s8_dsp_pack.c describes: 8 sums in
 * registers, one pointer into each of the streams. The commonest windows are
 * gathered by the same assembly, a tile in its turn: 1x1 kernels over whole
 * words of channels, which need no more than that, and 3x3 kernels of a first
 * layer.
 *
 * A window is a number of runs: inputs that lie one after the other, one run
 * a kernel row. Where a point's run is not all in the image, or has gaps, a
 * copy with zero points in place of what is missing is used.
 */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_DSP

# include <string.h>

enum { POINTS = 4 }; /* of a tile */
/* Steps of the loops below, and of what follows the wide one. */
enum { PAIR_ROUND = 15, WIDE_ROUND = 16, HELD = 15 };
/* How windows are gathered; the assembly knows PLAIN and RGB. */
enum {
    BY_RUNS,   /* any windows */
    PLAIN,     /* a 1x1 kernel, all in the image, in_c % 4 == 0 */
    RGB,       /* 3x3 windows of 3 channels, rows in the ring */
    BY_COLUMNS /* runs of one word in the ring */
};

/* What the assembly works on; it knows the order. */
typedef struct {
    int32_t *x;        /* the gathered inputs */
    int32_t skip;      /* bytes of code for steps beyond whole rounds */
    int32_t last;      /* from x to where the last round begins; beyond that
                          if the requantization is any */
    int32_t stride;    /* from point to point in out */
    int32_t held;      /* bytes of code that fetches what is held */
    int32_t held_from; /* from x to where HELD steps would begin */
    int32_t tiles;     /* how many, one after the other in x and in out */
    int32_t format;    /* 1: wide weights; 2: more than one round, or any
                          requantization */
    int32_t x_bytes;   /* from tile to tile if they have been gathered */
    int32_t way;       /* PLAIN or RGB: so it is gathered; else it has been */
    const int8_t *from[3]; /* kernel rows of the first point */
    int32_t step;          /* from point to point in these */
    int32_t run;           /* inputs in each */
} work;

/* clang-format off */
/* Multiplies two words of weights, r11 and r10, with the inputs of points 0
 * and 1, or 2 and 3, in r12 and lr. Sums are r2 .. r5 for the first channel,
 * r6 .. r9 for the second; c and d are what they begin from. */
# define MULTIPLY(a0, b0, a1, b1, c0, d0, c1, d1) \
    "smlad " a0 ", r11, r12, " c0 "\n" \
    "smlad " b0 ", r10, r12, " d0 "\n" \
    "smlad " a1 ", r11, lr, " c1 "\n" \
    "smlad " b1 ", r10, lr, " d1 "\n"
# define POINTS_01 MULTIPLY("r2", "r6", "r3", "r7", "r2", "r6", "r3", "r7")
# define POINTS_23 MULTIPLY("r4", "r8", "r5", "r9", "r4", "r8", "r5", "r9")
# define LOAD_01 \
    "ldr r12, [r0], #4\n" \
    "ldr lr, [r0], #4\n"
# define LOAD_23 \
    "ldrd r12, lr, [r0], #8\n"

/* A step: two inputs, 16 products, 16 cycles. Loads stand together, where all
 * but the first take one cycle. All instructions are of 4 bytes: 52 and 48. */
# define PAIR_STEP \
    "ldr r10, [r1], #4\n" \
    LOAD_01 \
    "sxtb16 r11, r10\n" \
    POINTS_01 LOAD_23 POINTS_23
# define WIDE_STEP \
    "ldrd r11, r10, [r1], #8\n" \
    LOAD_01 POINTS_01 LOAD_23 POINTS_23

/* The same with inputs of points 2 and 3 in a register of the FPU: 15 cycles,
 * as these need no loads apart. Once a tile they are fetched: r12 is where the
 * inputs of HELD steps begin. Also 48 bytes. */
# if TIN_HAVE_FPU
#  define HELD_STEP(d) \
    "ldrd r11, r10, [r1], #8\n" \
    "ldr r12, [r0], #4\n" \
    "ldr lr, [r0], #12\n" \
    POINTS_01 \
    "vmov r12, lr, d" #d "\n" \
    POINTS_23
#  define FETCH(d) "vldr d" #d ", [r12, #16 * " #d " + 8]\n"
# else
#  define HELD_STEP(d) WIDE_STEP
#  define FETCH(d) ""
# endif
# define HELD_15(what) \
    what(0) what(1) what(2) what(3) what(4) what(5) what(6) what(7) what(8) \
    what(9) what(10) what(11) what(12) what(13) what(14)

/* The first step of two channels begins from their biases, r5 and r9. Inputs
 * of points 0 and 1 are where sums will be, so that all loads stand together.
 * Then a jump into the loop. */
# define FIRST_LOADS \
    "ldr r0, [sp]\n" \
    "ldr r5, [r1], #4\n" \
    "ldr r9, [r1], #4\n"
# define FIRST_INPUTS \
    "ldr r6, [r0], #4\n" \
    "ldr r7, [r0], #4\n" \
    "ldr r12, [r0], #4\n" \
    "ldr lr, [r0], #4\n"
# define FIRST_MULTIPLY \
    "smlad r2, r11, r6, r5\n" \
    "smlad r6, r10, r6, r9\n" \
    "smlad r3, r11, r7, r5\n" \
    "smlad r7, r10, r7, r9\n" \
    "smlad r4, r11, r12, r5\n" \
    "smlad r8, r10, r12, r9\n" \
    "smlad r5, r11, lr, r5\n" \
    "smlad r9, r10, lr, r9\n" \
    "ldr pc, [sp, #4]\n"
# define PAIR_FIRST \
    FIRST_LOADS \
    "ldr r10, [r1], #4\n" \
    FIRST_INPUTS \
    "sxtb16 r11, r10\n" \
    FIRST_MULTIPLY
# define WIDE_FIRST \
    FIRST_LOADS \
    "ldr r11, [r1], #4\n" \
    "ldr r10, [r1], #4\n" \
    FIRST_INPUTS FIRST_MULTIPLY

/* The second channel's part of the sums of pairs, times 256. */
# define UNPAIR \
    "sub r6, r6, r2\n" \
    "sub r7, r7, r3\n" \
    "sub r8, r8, r4\n" \
    "sub r9, r9, r5\n"

/* Puts four inputs of a point: two at r0, and the other two a step later. */
# define PUT(word, at) \
    "sxtb16 r12, " word "\n" \
    "sxtb16 " word ", " word ", ror #8\n" \
    "str r12, [r0, #" #at "]\n" \
    "str " word ", [r0, #" #at " + 16]\n"
# define PUT_FIRST(word, next) \
    "sxtb16 r12, " word "\n" \
    "sxtb16 " word ", " word ", ror #8\n" \
    "str r12, [r0], #" #next "\n" \
    "str " word ", [r0, #16 - " #next "]\n"

/* Gather a tile at r0: of windows that are one run each, 24 cycles for four inputs of
 * its points; of windows of 3x3x3, 47 cycles a point, where what is read behind
 * the last input meets a weight of 0. They leave LO in the flags. */
# define GATHER_PLAIN \
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
    PUT_FIRST("r7", 32) PUT("r8", -28) PUT("r9", -24) PUT("r10", -20) \
    "subs r6, r6, #4\n" \
    "bhs 18b\n"
# define GATHER_RGB \
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
    PUT_FIRST("r6", 4) PUT("r7", 28) \
    "orr r8, r8, r9, lsl #8\n" \
    PUT("r8", 60) PUT("r10", 92) \
    "ldr r6, [r4]\n" \
    "ldr r7, [r4, #2]\n" \
    "ldr r8, [r4, #6]\n" \
    "orr r11, r11, r6, lsl #16\n" \
    PUT("r11", 124) PUT("r7", 156) PUT("r8", 188) \
    "add r2, r2, r5\n" \
    "add r3, r3, r5\n" \
    "add r4, r4, r5\n" \
    "cmp lr, r0\n" \
    "bhs 18b\n" \
    "str r2, [r1, #40]\n" \
    "str r3, [r1, #44]\n" \
    "str r4, [r1, #48]\n"

/* See tin_requant: what is done to a sum, and to the sums of four points. */
# define FLOOR(multiplier, offset) \
    "smmla \\a, \\a, " multiplier ", " offset "\n" \
    "ssat \\a, #8, \\a, asr #12\n"
# define LEFT "lsl \\a, \\a, r12\n"
# define RIGHT "asr \\a, \\a, r12\n"
# define SIGNED \
    "and r0, lr, \\a, asr #31\n" \
    "sub r0, r11, r0\n" \
    "smmla \\a, \\a, r10, r0\n"
# define SATURATE "ssat \\a, #8, \\a\n"
# define FIRST4(what) ".irp a, r2, r3, r4, r5\n" what ".endr\n"
# define SECOND4(what) ".irp a, r6, r7, r8, r9\n" what ".endr\n"

/* Stores two channels of each point; sets the flags to LO if there are more. */
# define STORE \
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
 * tiles, 56 the work.
 */
TIN_NOINLINE static const int32_t *conv_tiles(work *todo, const int32_t *stream,
                                              int8_t *out, int32_t channels)
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
        GATHER_RGB
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
        GATHER_PLAIN
        "16:\n"
        "ldr r12, [sp, #48]\n"
        "ldr r1, [sp, #40]\n"
        "ldr pc, [sp, #24]\n"
        ".balign 4\n"
        "12:\n" // fetches what is held
        HELD_15(FETCH)
        "13:\n"
        "b 4f\n"

        "11:\n" // into the loop, with HI
        "cmp r0, #0\n"
        "ldr pc, [sp, #28]\n"

        ".balign 4\n"
        "2:\n" // pairs
        ".rept 15\n"
        PAIR_STEP
        ".endr\n"
        "3:\n"
        "bhi 7f\n"
        "ldm r1!, {r10, r11, r12}\n"
        UNPAIR
        FIRST4(LEFT FLOOR("r10", "r11"))
        "ldm r1!, {r10, r11, r12}\n"
        SECOND4(RIGHT FLOOR("r10", "r11"))
        STORE
        "bhs 9f\n"
        "1:\n" // two channels
        PAIR_FIRST

        ".balign 4\n"
        "5:\n" // wide weights
        ".rept 16\n"
        WIDE_STEP
        ".endr\n"
        "bhs.w 8f\n"
        HELD_15(HELD_STEP)
        "6:\n"
        "ldm r1!, {r10, r11, r12, lr}\n"
        FIRST4(FLOOR("r10", "r11"))
        SECOND4(FLOOR("r12", "lr"))
        STORE
        "bhs 9f\n"
        "4:\n" // two channels
        WIDE_FIRST

        "7:\n" // HI after a round of pairs
        "ldr r10, [sp, #8]\n"
        "cmp r10, r0\n"
        "bhs 2b\n"
        UNPAIR
        SECOND4("asr \\a, \\a, #8\n")
        "b 17f\n"
        "8:\n" // HS after a round of wide weights
        "beq 6b\n"
        "ldr r10, [sp, #8]\n"
        "cmp r10, r0\n"
        "bhs 5b\n"
        "17:\n" // the general form
        "ldm r1!, {r10, r11, r12, lr}\n"
        FIRST4(LEFT SIGNED)
        "lsr r12, r12, #16\n"
        FIRST4(RIGHT SATURATE)
        "ldm r1!, {r10, r11, r12, lr}\n"
        SECOND4(LEFT SIGNED)
        "lsr r12, r12, #16\n"
        SECOND4(RIGHT SATURATE)
        STORE
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
/* clang-format on */

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
} one_point;

/* clang-format off */
/* Steps of four channels: sums are r3 .. r6. Loads stand together, as only the
 * first of them takes two cycles. Low sums are r3 and r5. */
# define POINT_PAIRS(u, v, x) \
    "smlad r4, " u ", " x ", r4\n" \
    "sxtb16 " u ", " u "\n" \
    "smlad r6, " v ", " x ", r6\n" \
    "sxtb16 " v ", " v "\n" \
    "smlad r3, " u ", " x ", r3\n" \
    "smlad r5, " v ", " x ", r5\n"
# define POINT_PAIR_STEP \
    "ldr r7, [r1], #4\n" \
    "ldr r9, [r2], #4\n" \
    "ldr r11, [r0], #4\n" \
    POINT_PAIRS("r7", "r9", "r11")
# define POINT_PAIR_STEPS \
    "ldr r7, [r1], #4\n" \
    "ldr r8, [r1], #4\n" \
    "ldr r9, [r2], #4\n" \
    "ldr r10, [r2], #4\n" \
    "ldr r11, [r0], #4\n" \
    "ldr r12, [r0], #4\n" \
    POINT_PAIRS("r7", "r9", "r11") \
    POINT_PAIRS("r8", "r10", "r12")
# define POINT_WIDE_STEP \
    "ldr r7, [r1], #4\n" \
    "ldr r8, [r1], #4\n" \
    "ldr r9, [r2], #4\n" \
    "ldr r10, [r2], #4\n" \
    "ldr r11, [r0], #4\n" \
    "smlad r3, r7, r11, r3\n" \
    "smlad r4, r8, r11, r4\n" \
    "smlad r5, r9, r11, r5\n" \
    "smlad r6, r10, r11, r6\n"
# define POINT_FLOOR(sum, multiplier, offset) \
    "smmla " sum ", " sum ", " multiplier ", " offset "\n" \
    "ssat " sum ", #8, " sum ", asr %[right]\n"
# define POINT_PAIR_OUT(stream, low, high) \
    "ldm " stream "!, {r7-r12}\n" \
    "sub " high ", " high ", " low "\n" \
    "lsl " low ", " low ", r9\n" \
    "asr " high ", " high ", r12\n" \
    POINT_FLOOR(low, "r7", "r8") \
    POINT_FLOOR(high, "r10", "r11")
# define POINT_WIDE_OUT(stream, low, high) \
    "ldm " stream "!, {r7-r10}\n" \
    POINT_FLOOR(low, "r7", "r8") \
    POINT_FLOOR(high, "r9", "r10")

/* Makes the channels out .. end - 1 of a point. In assembly, as the 4 sums, 6
 * operands, 3 addresses and the count take all registers there are.
 * On the stack: 0 x, 4 block, 8 rounds, 12 where to jump first, 16 out, 20 end,
 * 24 where into the loop. */
static void make_channels(const one_point *todo)
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
        POINT_WIDE_STEP
        ".endr\n"
        "5:\n"
        "subs lr, lr, #1\n"
        "bpl 4b\n"
        POINT_WIDE_OUT("r1", "r3", "r4")
        POINT_WIDE_OUT("r2", "r5", "r6")
        "b 6f\n"
        ".balign 4\n"
        "1:\n" // pairs
        POINT_PAIR_STEP
        "ldr pc, [sp, #24]\n"
        "2:\n"
        ".rept 4\n"
        POINT_PAIR_STEPS
        ".endr\n"
        "3:\n"
        "subs lr, lr, #1\n"
        "bpl 2b\n"
        POINT_PAIR_OUT("r1", "r3", "r4")
        POINT_PAIR_OUT("r2", "r5", "r6")
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
static void make_point(const int32_t *w, const int32_t *x, int32_t steps,
                       int32_t channels, int8_t *dst)
{
    const int32_t wide = w[-1] & 1, rest = channels & 3;
    const int32_t block = wide ? 6 + 2 * steps : 8 + steps;
    const int32_t units = wide ? steps : steps >> 1; // of a step or two
    const int32_t round = wide ? 2 : 4, first = (units - 1) & (round - 1);
    one_point todo = {.stream = w, .x = x, .block = 4 * block, .out = dst};
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
        make_channels(&todo);
    }
    memcpy(dst + channels - rest, last, (size_t)rest);
}

/* ---- What the points of a tile see -------------------------------------- */

/* A place for the inputs of a tile. `carry` has what did not fill a word. */
typedef struct {
    int32_t *x;
    uint32_t carry[POINTS];
    int32_t count; /* bytes in each of them, 0 .. 3 */
} gather;

TIN_NOINLINE static int32_t *put_words(int32_t *x, uint32_t w0, uint32_t w1,
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

/* The last n bytes, 1 .. 3, before `end`, which four can be read before. */
static inline uint32_t last_bytes(const int8_t *end, int32_t n)
{
    return tin_load_word(end - 4) >> (8 * (4 - n));
}

/* Appends runs of 1 .. 3 inputs, which lie in the scratch: 3 bytes behind them
 * can be read. */
TIN_NOINLINE static void gather_bytes(gather *g, int32_t n,
                                      const int8_t *const p[POINTS])
{
    const uint32_t mask = 0xffffffu >> (8 * (3 - n));
    const int32_t shift = 8 * g->count, count = g->count + n;
    uint32_t w[POINTS];

    for (int32_t i = 0; i < POINTS; i++) {
        w[i] = tin_load_word(p[i]) & mask;
        g->carry[i] |= w[i] << shift;
    }
    g->count = count;
    if (count >= 4) {
        g->x =
            put_words(g->x, g->carry[0], g->carry[1], g->carry[2], g->carry[3]);
        for (int32_t i = 0; i < POINTS; i++) // shift is 0 .. 24, but not 0
            g->carry[i] = w[i] >> 1 >> (31 - shift);
        g->count = count - 4;
    }
}

/* clang-format off */
# define PUT_WORD(word, at) \
    "sxtb16 %[e], %[" #word "]\n\t" \
    "sxtb16 %[" #word "], %[" #word "], ror #8\n\t" \
    "str %[e], [%[x], #" #at "]\n\t" \
    "str %[" #word "], [%[x], #" #at " + 16]\n\t"
/* clang-format on */

/* Appends runs of n inputs, 4 <= n. */
TIN_NOINLINE static void gather_words(gather *g, int32_t n, const int8_t *p0,
                                      const int8_t *p1, const int8_t *p2,
                                      const int8_t *p3)
{
    int32_t *x = g->x, a, b, c, d, e;

    if (g->count) {
        const int32_t fill = 4 - g->count, shift = 8 * g->count;

        x = put_words(x, g->carry[0] | tin_load_word(p0) << shift,
                      g->carry[1] | tin_load_word(p1) << shift,
                      g->carry[2] | tin_load_word(p2) << shift,
                      g->carry[3] | tin_load_word(p3) << shift);
        p0 += fill, p1 += fill, p2 += fill, p3 += fill;
        n -= fill;
    }
    /* clang-format off */
    if (n >= 4) {
        n -= 4;
        __asm__ volatile( // put_words; in C, loads do not follow each other
            "1:\n\t"
            "ldr %[a], [%[p0]], #4\n\t"
            "ldr %[b], [%[p1]], #4\n\t"
            "ldr %[c], [%[p2]], #4\n\t"
            "ldr %[d], [%[p3]], #4\n\t"
            PUT_WORD(a, 0) PUT_WORD(b, 4) PUT_WORD(c, 8) PUT_WORD(d, 12)
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
        g->carry[0] = last_bytes(p0 + n, n);
        g->carry[1] = last_bytes(p1 + n, n);
        g->carry[2] = last_bytes(p2 + n, n);
        g->carry[3] = last_bytes(p3 + n, n);
    }
}

static inline void put_word(int32_t *x, uint32_t word)
{
    x[0] = tin_sxtb16(word);
    x[4] = tin_sxtb16_odd(word);
}

/* The last 1 .. 3 inputs of each point. One or two fill one step. */
TIN_NOINLINE static void gather_rest(gather *g)
{
    uint32_t *w = g->carry;

    if (g->count > 2) {
        g->x = put_words(g->x, w[0], w[1], w[2], w[3]);
        return;
    }
    for (int32_t i = 0; i < POINTS; i++)
        *g->x++ = tin_sxtb16((w[i] & 0xffu) | (w[i] & 0xff00u) << 8);
}

/* ---- Runs --------------------------------------------------------------- */

typedef struct {
    const tin_conv2d_s8_dsp_params *d;
    const tin_window *w;
    tin_rows in, out;  /* of one row where rows can be joined; `in` is the ring
                          of padded rows where there is one */
    int32_t out_w;     /* as these have it */
    int32_t way;       /* that windows are gathered */
    int32_t tiles;     /* gathered at once: todo.x is [tiles][steps][POINTS] */
    int32_t steps;     /* of a window */
    int32_t tables;    /* as tin_conv2d_s8_dsp_room has it */
    int32_t *rows;     /* [tables][1 + kernel_h] an output row; where its kernel
                          rows begin in the ring; outside -1, or the row behind
                          the ring of padded rows */
    int8_t *outside;   /* [run] zero points, and [POINTS][run] put together; or
                          the row of zero points behind the ring */
    int32_t ox0, ox1;  /* points whose runs are all in the image */
    int32_t ring_rows; /* of padded rows, or 0 */
    int32_t *in_ring;  /* [ring_rows] which input row is where */
    const tin_rows *source; /* of these rows */
    work todo;
} layer;

/* Copies input row y into the ring of padded rows, where what is beside it
 * holds zero points from the beginning. */
static void pad_row(layer *l, int32_t slot, int32_t y)
{
    const int32_t before = l->w->pad_left * l->w->in_c;
    const int32_t room = l->in.row_bytes - before,
                  row = l->w->in_w * l->w->in_c;
    const int32_t bytes = row < room ? row : room;
    int8_t *to = (int8_t *)l->in.base + slot * l->in.row_bytes + before;

    l->in_ring[slot] = y;
    if (bytes > 0)
        memcpy(to, tin_row(l->source, y), (size_t)bytes);
}

/* Where input row y begins in the ring. */
static int32_t find_row(layer *l, int32_t y)
{
    const int32_t slot = tin_slot(&l->in, y);

    if (l->ring_rows && l->in_ring[slot] != y)
        pad_row(l, slot, y);
    return slot * l->in.row_bytes;
}

/* Where the kernel rows of output row y begin in the ring. */
TIN_NOINLINE static const int32_t *find_rows(layer *l, int32_t y)
{
    const tin_window *w = l->w;
    const int32_t n = y / w->out_h;
    const int32_t origin = (y - n * w->out_h) * w->stride_h - w->pad_top;
    int32_t *rows = l->rows + (y & (l->tables - 1)) * (1 + w->kernel_h);

    if (*rows++ == y)
        return rows;
    rows[-1] = y;
    for (int32_t ky = 0; ky < w->kernel_h; ky++) {
        const int32_t iy = origin + ky * w->dilation_h;

        if (iy >= 0 && iy < w->in_h)
            rows[ky] = find_row(l, n * w->in_h + iy);
        else
            rows[ky] = l->ring_rows ? l->ring_rows * l->in.row_bytes : -1;
    }
    return rows;
}

/* The run of a point that is not all in the image, or has gaps. */
TIN_NOINLINE static const int8_t *copy_run(const layer *l, const int8_t *row,
                                           int32_t ox, int32_t point)
{
    const size_t tap = (size_t)l->w->in_c;
    int8_t *run = l->outside + (1 + point) * l->todo.run;
    const int32_t origin = ox * l->w->stride_w - l->w->pad_left;

    memset(run, l->d->conv.in_zero, (size_t)l->todo.run);
    for (int32_t kx = 0; kx < l->w->kernel_w; kx++) {
        const int32_t col = origin + kx * l->w->dilation_w;

        if (col >= 0 && col < l->w->in_w)
            memcpy(run + (size_t)kx * tap, row + (size_t)col * tap, tap);
    }
    return run;
}

/* The column where the window of output column ox begins. */
static int32_t input_col(const layer *l, int32_t ox)
{
    return ox * l->w->stride_w - (l->ring_rows ? 0 : l->w->pad_left);
}

/* The run of a point under a kernel row at offset `row`. */
static const int8_t *find_run(const layer *l, int32_t row, int32_t ox,
                              int32_t point)
{
    const int8_t *base = l->in.base;

    if (row < 0)
        return l->outside;
    if (ox < l->ox0 || ox >= l->ox1)
        return copy_run(l, base + row, ox, point);
    return base + row + input_col(l, ox) * l->w->in_c;
}

/* One point whose runs are one word each, in the scratch. */
static inline void gather_column(const layer *l, int32_t *x,
                                 const int32_t *rows, const int8_t *base)
{
    const int32_t *end = rows + l->w->kernel_h;

    do {
        put_word(x, tin_load_word(base + *rows));
        x += 8;
    } while (++rows != end);
}

/* Of POINTS each; less than one if there are less than no points. */
static int32_t whole_tiles(int32_t points)
{
    return points >> 2;
}

/* Moves on by one point. */
static void next_point(const layer *l, int32_t *y, int32_t *ox)
{
    if (++*ox == l->out_w) {
        *ox = 0;
        ++*y;
    }
}

/* n points from (y, ox) on, in any rows, and copies of the first for those
 * that are missing. */
TIN_NOINLINE static void gather_any(layer *l, int32_t y, int32_t ox, int32_t n)
{
    gather g = {l->todo.x, {0}, 0};
    const int8_t *base = l->in.base;
    const int32_t *rows[POINTS];
    int32_t col[POINTS];

    for (int32_t i = 0; i < POINTS; i++) {
        rows[i] = i < n ? find_rows(l, y) : rows[0];
        col[i] = i < n ? ox : col[0];
        next_point(l, &y, &ox);
    }
    if (l->way == BY_COLUMNS) {
        for (int32_t i = 0; i < POINTS; i++)
            gather_column(l, l->todo.x + i, rows[i],
                          base + col[i] * l->todo.step);
        return;
    }
    for (int32_t ky = 0; ky < l->w->kernel_h; ky++) {
        const int8_t *p[POINTS];

        for (int32_t i = 0; i < POINTS; i++)
            p[i] = find_run(l, rows[i][ky], col[i], i);
        if (l->todo.run < 4)
            gather_bytes(&g, l->todo.run, p);
        else
            gather_words(&g, l->todo.run, p[0], p[1], p[2], p[3]);
    }
    if (g.count)
        gather_rest(&g);
}

/* Tiles of points side by side whose runs are words. */
static void gather_column_tiles(const layer *l, const int32_t *rows,
                                const int8_t *x, int32_t tiles)
{
    int32_t *to = l->todo.x;

    for (; tiles > 0; tiles--) {
        for (int32_t i = 0; i < POINTS; i++, x += l->todo.step)
            gather_column(l, to + i, rows, x);
        to += POINTS * l->steps;
    }
}

/* A tile in the way of any window. Returns where the next one is gathered. */
TIN_NOINLINE static int32_t *gather_inside(const layer *l, int32_t *to,
                                           const int32_t *rows, const int8_t *x)
{
    gather g = {to, {0}, 0};

    for (int32_t ky = 0; ky < l->w->kernel_h; ky++) {
        const int8_t *p = rows[ky] < 0 ? l->outside : x + rows[ky];
        const int32_t step = rows[ky] < 0 ? 0 : l->todo.step;

        if (l->todo.run < 4) {
            const int8_t *const four[POINTS] = {p, p + step, p + 2 * step,
                                                p + 3 * step};

            gather_bytes(&g, l->todo.run, four);
        } else {
            gather_words(&g, l->todo.run, p, p + step, p + 2 * step,
                         p + 3 * step);
        }
    }
    if (g.count)
        gather_rest(&g);
    return g.x;
}

static void gather_tiles(const layer *l, const int32_t *rows, const int8_t *x,
                         int32_t tiles)
{
    int32_t *to = l->todo.x;

    for (; tiles > 0; tiles--, x += POINTS * l->todo.step)
        to = gather_inside(l, to, rows, x);
}

/* ---- Tiles -------------------------------------------------------------- */

/* Two channels of a tile. Returns where the stream continues. */
static const int32_t *conv_two(layer *l, const int32_t *stream,
                               int8_t two[POINTS][2])
{
    l->todo.stride = 2;
    l->todo.tiles = 1;
    stream = conv_tiles(&l->todo, stream, two[0], 2);
    l->todo.way = BY_RUNS; // it is there
    return stream;
}

/* Inputs of one point, n of them, one after the other. */
static inline int32_t *put_inputs(int32_t *x, const int8_t *src, int32_t n)
{
    for (const int8_t *const end = src + n; src != end; src += 4) {
        const uint32_t word = tin_load_word(src);

        *x++ = tin_sxtb16(word);
        *x++ = tin_sxtb16_odd(word);
    }
    return x;
}

/* One point, for which a tile takes three times as long: it has been gathered,
 * one input after the other. */
TIN_NOINLINE static void conv_point(const layer *l, int8_t *dst)
{
    make_point(l->d->packed + 1, l->todo.x, l->steps, l->w->out_c, dst);
}

/* The same, gathered with copies if its runs are not words. */
TIN_NOINLINE static void conv_single(layer *l, int32_t y, int32_t ox)
{
    const int32_t col = input_col(l, ox) * l->w->in_c;
    const int32_t *rows;
    int32_t *x = l->todo.x;

    if (l->way == BY_COLUMNS) {
        rows = find_rows(l, y);
        for (int32_t ky = 0; ky < l->w->kernel_h; ky++)
            x = put_inputs(x, (int8_t *)l->in.base + rows[ky] + col, 4);
    } else {
        gather_any(l, y, ox, 1);
        for (int32_t i = 1; i < l->steps; i++)
            x[i] = x[POINTS * i];
    }
    conv_point(l, (int8_t *)tin_row(&l->out, y) + ox * l->w->out_c);
}

/* The odd last channel of tiles whose points lie one after the other: with
 * another it would take a byte too many. */
TIN_NOINLINE static void conv_last(layer *l, const int32_t *stream, int8_t *dst,
                                   int32_t tiles)
{
    const int32_t out_c = l->w->out_c;
    int32_t *const x = l->todo.x;

    for (dst += out_c - 1; tiles > 0; tiles--) {
        int8_t two[POINTS][2];

        conv_two(l, stream, two);
        for (int32_t i = 0; i < POINTS; i++, dst += out_c)
            *dst = two[i][0];
        l->todo.x += POINTS * l->steps;
    }
    l->todo.x = x;
}

/* The channels of tiles whose points lie one after the other. */
TIN_NOINLINE static void conv_together(layer *l, int8_t *dst, int32_t tiles)
{
    const int32_t out_c = l->w->out_c, even = out_c & ~1;
    const int32_t *stream = l->d->packed + 1;

    l->todo.stride = out_c;
    l->todo.tiles = tiles;
    if (even) {
        stream = conv_tiles(&l->todo, stream, dst, even);
        l->todo.way = BY_RUNS; // it is there
    }
    if (even < out_c)
        conv_last(l, stream, dst, tiles);
}

/* The channels of n points that lie anywhere. */
TIN_NOINLINE static void conv_apart(layer *l, int8_t *const dst[POINTS],
                                    int32_t n)
{
    const int32_t *stream = l->d->packed + 1;
    int8_t two[POINTS][2];

    for (int32_t oc = 0; oc < l->w->out_c; oc += 2) {
        stream = conv_two(l, stream, two);
        for (int32_t i = 0; i < n; i++) {
            dst[i][oc] = two[i][0];
            if (oc + 1 < l->w->out_c)
                dst[i][oc + 1] = two[i][1];
        }
    }
}

/* Tiles that the assembly gathers, from todo.from on. There is room for one, so
 * an odd last channel is made at once. */
TIN_NOINLINE static void conv_later(layer *l, int8_t *dst, int32_t tiles)
{
    const int32_t out_c = l->w->out_c, most = out_c & 1 ? 1 : tiles;

    for (; tiles > 0; tiles -= most) {
        l->todo.way = l->way;
        conv_together(l, dst, most);
        dst += POINTS * out_c;
    }
}

/* Tiles of row y from ox on. */
TIN_NOINLINE static void conv_inside(layer *l, int32_t y, int32_t ox,
                                     int32_t tiles)
{
    const int32_t *rows = find_rows(l, y);
    const int32_t out_c = l->w->out_c;
    const int8_t *x =
        (const int8_t *)l->in.base + input_col(l, ox) * l->w->in_c;
    int8_t *dst = (int8_t *)tin_row(&l->out, y) + ox * out_c;

    if (l->way == RGB) {
        for (int32_t ky = 0; ky < 3; ky++)
            l->todo.from[ky] = x + rows[ky];
        conv_later(l, dst, tiles);
        return;
    }
    while (tiles > 0) {
        const int32_t n = tiles < l->tiles ? tiles : l->tiles;

        if (l->way == BY_COLUMNS)
            gather_column_tiles(l, rows, x, n);
        else
            gather_tiles(l, rows, x, n);
        conv_together(l, dst, n);
        x += n * POINTS * l->todo.step;
        dst += n * POINTS * out_c;
        tiles -= n;
    }
}

/* n points, 1 .. 4, from (y, ox) on, in any rows: they have been gathered. */
TIN_NOINLINE static void conv_any(layer *l, int32_t y, int32_t ox, int32_t n)
{
    const int32_t out_c = l->w->out_c;
    int8_t *dst[POINTS] = {NULL};
    int together = n == POINTS;

    for (int32_t i = 0; i < n; i++) {
        dst[i] = (int8_t *)tin_row(&l->out, y) + ox * out_c;
        together = together && dst[i] == dst[0] + i * out_c;
        next_point(l, &y, &ox);
    }
    if (together)
        conv_together(l, dst[0], 1);
    else
        conv_apart(l, dst, n);
}

/* ---- The layer ---------------------------------------------------------- */

/* Points ox0 .. ox1 - 1 of a row have all of their runs in the image, or in
 * the ring of padded rows. */
static void find_inside(layer *l)
{
    const tin_window *w = l->w;
    const int32_t room = w->in_w - w->kernel_w + w->pad_left;

    l->ox0 = 0;
    l->ox1 = l->out_w;
    if (w->dilation_w > 1 && w->kernel_w > 1) {
        l->ox1 = 0;
    } else if (!l->ring_rows && l->out_w == w->out_w) {
        l->ox0 = (w->pad_left + w->stride_w - 1) / w->stride_w;
        l->ox1 = room < 0 ? 0 : room / w->stride_w + 1;
        if (l->ox1 > w->out_w)
            l->ox1 = w->out_w;
    }
}

/* Makes rows y0 .. y1 - 1 one long row where a window is one input and they
 * lie one after the other. */
static int join_ring(tin_rows *r, int32_t row_elems, int32_t y0, int32_t y1)
{
    int8_t *first = tin_row(r, y0);

    if (r->row_bytes != row_elems ||
        tin_row(r, y1 - 1) != (void *)(first + (y1 - 1 - y0) * row_elems))
        return 0;
    r->base = first;
    r->rows = 1;
    r->first = 0;
    return 1;
}

TIN_NOINLINE static int join_rows(layer *l, int32_t y0, int32_t y1)
{
    const tin_window *w = l->w;
    tin_rows in = l->in, out = l->out;

    if (w->in_c < 4 || w->kernel_h * w->kernel_w > 1 || w->stride_h > 1 ||
        w->stride_w > 1 || w->in_w != w->out_w || w->in_h != w->out_h ||
        w->pad_left > 0 || w->pad_top > 0 ||
        !join_ring(&in, w->in_w * w->in_c, y0, y1) ||
        !join_ring(&out, w->out_w * w->out_c, y0, y1))
        return 0;
    l->in = in;
    l->out = out;
    l->out_w *= y1 - y0;
    return 1;
}

/* The scratch, and what is in it from the beginning: `zeros` zero points for
 * what is outside, or those of the ring. */
static void share_scratch(layer *l, int32_t zeros, int32_t ring_bytes)
{
    const int32_t table = 1 + l->w->kernel_h;
    int8_t *bytes;

    l->rows = l->todo.x + l->tiles * POINTS * l->steps;
    l->in_ring = l->rows + l->tables * table;
    bytes = (int8_t *)(l->in_ring + l->ring_rows);
    l->outside = bytes + l->ring_rows * ring_bytes;
    for (int32_t i = 0; i < l->tables; i++)
        l->rows[i * table] = -1;
    for (int32_t i = 0; i < l->ring_rows; i++)
        l->in_ring[i] = -1;
    if (l->ring_rows) {
        l->in.base = bytes;
        l->in.row_bytes = ring_bytes;
        l->in.rows = l->ring_rows;
        l->in.first = 0;
        zeros = (l->ring_rows + 1) * ring_bytes;
    } else {
        bytes = l->outside;
    }
    memset(bytes, l->d->conv.in_zero, (size_t)zeros);
}

static int32_t find_way(const layer *l)
{
    const tin_window *w = l->w;

    if (l->ring_rows && l->todo.run == 4)
        return BY_COLUMNS;
    if (l->ring_rows && w->kernel_h == 3 && l->todo.run == 9)
        return RGB;
    return BY_RUNS;
}

/* What the assembly wants to know of a window of n steps. */
static void set_steps(work *todo, int32_t n, int32_t format)
{
    const int32_t wide = format & 1, round = wide ? WIDE_ROUND : PAIR_ROUND;
    const int32_t most = wide ? WIDE_ROUND + HELD : round; // in one go
    int32_t steps = n - 1;                                 // beside the first

    todo->x_bytes = 16 * n;
    todo->last = 16 * (n - round) + (format & 2 ? 1 : 0);
    todo->held_from = 16 * (n - HELD);
    todo->held = 0;
    if (format & 2 || steps > most) {
        format |= 2;
        if (steps > 0)
            steps = (steps - 1) % round + 1;
        if (wide)
            steps += HELD;
    } else if (wide && TIN_HAVE_FPU) {
        todo->held = 4 * (steps < HELD ? steps : HELD);
    }
    todo->format = format;
    todo->skip = wide ? 48 * steps : 52 * steps;
    if (wide && (format & 2 || steps > HELD))
        todo->skip += 4; // the branch between
}

/* What all windows need. */
static void start_layer(layer *l, const tin_conv2d_s8_dsp_params *d,
                        void *scratch)
{
    const tin_window *w = &d->conv.window;
    const int32_t taps = w->kernel_h * w->kernel_w * w->in_c;
    const int32_t steps = (taps + 1) >> 1;

    l->d = d;
    l->w = w;
    l->out_w = w->out_w;
    l->steps = steps;
    l->todo.x = scratch;
    l->todo.run = w->kernel_w * w->in_c;
    l->todo.step = w->stride_w * w->in_c;
    l->todo.way = BY_RUNS;
    set_steps(&l->todo, steps, d->packed[0] & 3);
}

/* And what those other than PLAIN need. */
TIN_NOINLINE static void make_layer(layer *l)
{
    const tin_conv2d_s8_dsp_room r = tin_conv2d_s8_dsp_plan(l->w);

    l->tiles = r.tiles;
    l->tables = r.tables;
    l->ring_rows = r.ring_rows;
    share_scratch(l, r.edge_bytes ? l->todo.run : 0, r.ring_bytes);
    find_inside(l);
    l->way = find_way(l);
}

static int is_plain(const layer *l)
{
    const tin_window *w = l->w;

    return w->kernel_h * w->kernel_w == 1 && (w->in_c & 3) == 0 &&
           l->out_w >= POINTS && w->pad_top == 0 && w->pad_left == 0 &&
           (w->out_h - 1) * w->stride_h < w->in_h &&
           (w->out_w - 1) * w->stride_w < w->in_w;
}

/* Row y. Some of its last points are made twice if they do not fill a tile. */
static void conv_plain(layer *l, int32_t y)
{
    const tin_window *w = l->w;
    const int32_t n = y / w->out_h, tiles = whole_tiles(l->out_w);
    const int32_t rest = l->out_w - tiles * POINTS;
    const int32_t first =
        rest == 1 && !(l->d->packed[0] & 2) ? l->out_w - 1 : l->out_w - POINTS;
    const int8_t *x =
        tin_row(&l->in, n * w->in_h + (y - n * w->out_h) * w->stride_h);
    int8_t *dst = tin_row(&l->out, y);

    l->way = PLAIN;
    l->todo.from[0] = x;
    conv_later(l, dst, tiles);
    x += first * l->todo.step;
    dst += first * w->out_c;
    if (rest && first == l->out_w - 1) {
        put_inputs(l->todo.x, x, w->in_c);
        conv_point(l, dst);
    } else if (rest) {
        l->todo.from[0] = x;
        conv_later(l, dst, 1);
    }
}

/* For clamps that SSAT does not make. */
TIN_NOINLINE static void clamp_rows(const tin_conv2d_s8_params *p,
                                    const tin_rows *out, int32_t y0, int32_t y1)
{
    const int32_t n = p->window.out_w * p->window.out_c;

    for (int32_t y = y0; y < y1; y++)
        tin_clamp_dsp(tin_row(out, y), n, p->act_min, p->act_max);
}

/* A tile from (y, ox) on: 4 points or what is left, of one image if there is a
 * ring of padded rows. */
static int32_t points_of_tile(const layer *l, int32_t y, int32_t ox,
                              int32_t left)
{
    if (l->ring_rows) {
        const int32_t rows = l->w->out_h - y % l->w->out_h;

        left = tin_clamp(rows * l->out_w - ox, 1, left);
    }
    return left < POINTS ? left : POINTS;
}

/* `left` points from row y on. */
static void conv_windows(layer *l, int32_t y, int32_t left)
{
    const int fast = !(l->d->packed[0] & 2);
    int32_t ox = 0;

    while (left > 0) {
        const int32_t tiles = ox < l->ox0 ? 0 : whole_tiles(l->ox1 - ox);
        const int32_t n =
            tiles > 0 ? tiles * POINTS : points_of_tile(l, y, ox, left);

        if (tiles > 0) {
            conv_inside(l, y, ox, tiles);
        } else if (n == 1 && fast) {
            conv_single(l, y, ox);
        } else {
            gather_any(l, y, ox, n); // here, as it takes most of the stack
            conv_any(l, y, ox, n);
        }
        left -= n;
        for (ox += n; ox >= l->out_w; ox -= l->out_w)
            y++;
    }
}

void tin_conv2d_s8_dsp(const void *params, const tin_rows *in,
                       const tin_rows *out, int32_t y0, int32_t y1,
                       void *scratch)
{
    const tin_conv2d_s8_dsp_params *d = params;
    const tin_conv2d_s8_params *p = &d->conv;
    int32_t y = y0, rows = y1 - y0;
    layer l;

    l.source = in;
    l.in = *in;
    l.out = *out;
    start_layer(&l, d, scratch);
    if (rows > 1 && join_rows(&l, y0, y1))
        y = 0, rows = 1;
    if (is_plain(&l)) {
        for (; rows > 0; rows--)
            conv_plain(&l, y++);
    } else {
        make_layer(&l);
        conv_windows(&l, y, rows * l.out_w);
    }
    if (p->act_min > -128 || p->act_max < 127)
        clamp_rows(p, out, y0, y1);
}

#endif /* TIN_HAVE_DSP */
