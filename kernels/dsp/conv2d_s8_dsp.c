/* SPDX-License-Identifier: MIT */
/*
 * tin_conv2d_s8_dsp: see tinyinfer_kernels.h.
 *
 * A tile is four output points. What they see is gathered into a scratch of
 * halfwords: two inputs of point 0, the same two of points 1, 2 and 3, the
 * next two of point 0. Then the tile's channels are made two at a time, from
 * a stream of constants that conv2d_s8_dsp_pack.c describes: 8 sums in
 * registers, one pointer into each of the streams.
 *
 * A window is a number of runs: inputs that lie one after the other, one run
 * a kernel row. Where a point's run is not all in the image, or has gaps, a
 * copy with zero points in place of what is missing is used.
 */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_DSP

# include <string.h>

enum { POINTS = 4 };                       /* of a tile */
enum { PAIR_ROUND = 31, WIDE_ROUND = 31 }; /* steps of the loops below */
enum { FLOOR_RIGHT = 12 };                 /* of FLOOR */

/* What the assembly works on; it knows the order. */
typedef struct {
    const int32_t *x;   /* the gathered inputs */
    int32_t skip;       /* bytes of code for steps beyond whole rounds */
    const int8_t *last; /* where the last round begins; beyond that if
                           the requantization is any */
    int8_t *out;        /* of point 0 */
    int32_t stride;     /* from point to point */
    int8_t *out_end;    /* where point 0's channels end */
    const int32_t *stream;
    int32_t tiles;   /* one after the other, in x and in out */
    int32_t format;  /* 1: wide weights; 2: more than one round, or any
                        requantization */
    int32_t x_bytes; /* of a tile */
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
 * but the first take one cycle. All instructions are of 4 bytes. */
# define PAIR_STEP \
    "ldr r10, [r1], #4\n" \
    LOAD_01 \
    "sxtb16 r11, r10\n" \
    POINTS_01 LOAD_23 POINTS_23
# define WIDE_STEP \
    "ldrd r11, r10, [r1], #8\n" \
    LOAD_01 POINTS_01 LOAD_23 POINTS_23

/* The first step of two channels begins from their biases. Then a jump into
 * the loop. */
# define FIRST_LOADS \
    "ldr r0, [sp]\n" \
    "ldr r5, [r1], #4\n" \
    "ldr r9, [r1], #4\n"
# define FIRST_MULTIPLY \
    MULTIPLY("r2", "r6", "r3", "r7", "r5", "r9", "r5", "r9") \
    LOAD_23 \
    MULTIPLY("r4", "r8", "r5", "r9", "r5", "r9", "r5", "r9") \
    "ldr pc, [sp, #4]\n"
# define PAIR_FIRST \
    FIRST_LOADS \
    "ldr r10, [r1], #4\n" \
    LOAD_01 \
    "sxtb16 r11, r10\n" \
    FIRST_MULTIPLY
# define WIDE_FIRST \
    FIRST_LOADS \
    "ldr r11, [r1], #4\n" \
    "ldr r10, [r1], #4\n" \
    LOAD_01 FIRST_MULTIPLY

/* The second channel's part of the sums of pairs, times 256. */
# define UNPAIR \
    "sub r6, r6, r2\n" \
    "sub r7, r7, r3\n" \
    "sub r8, r8, r4\n" \
    "sub r9, r9, r5\n"

/* See tin_requant: what is done to a sum, and to the sums of four points. */
# define FLOOR \
    "smmla \\a, \\a, r10, r11\n" \
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
    "strh r2, [r10]\n" \
    "strh r3, [r10, r11]\n" \
    "add lr, r10, r11\n" \
    "strh r4, [r10, r11, lsl #1]\n" \
    "strh r5, [lr, r11, lsl #1]\n" \
    "add r10, r10, #2\n" \
    "str r10, [sp, #12]\n" \
    "cmp r10, r12\n"

/*
 * Makes channels out .. out_end - 1, an even number, of each tile. Returns
 * where the stream continues.
 *
 * Assembly, and in one piece, because 14 registers are live in the loop:
 * compilers spill sums, which takes 22 cycles and more a step in place of 16.
 * The loop is entered where as many steps are left as a window has beyond
 * whole rounds. Steps leave the flags alone: HI at the end of a round tells
 * that there are more rounds, or that requantization is of the general form.
 *
 * On the stack: 0 x, 4 where to jump into the loop, 8 last, 12 out, 16 stride,
 * 20 out_end, 24 stream, 28 tiles, 32 where two channels begin, 36 out of the
 * tile, 40 x_bytes, 44 where in the loop.
 */
TIN_NOINLINE static const int32_t *conv_tiles(const work *todo)
{
    register const void *r0 __asm__("r0") = todo;
    register const int32_t *r1 __asm__("r1");

    __asm__ volatile(
        ".balign 4\n" // or ADR is 2 bytes off in a section of less alignment
        "push {r4-r11}\n"
        "ldm r0, {r2-r11}\n"
        "tst r10, #1\n"
        "ite eq\n"
        "adreq r12, 3f\n"
        "adrne r12, 6f\n"
        "sub r12, r12, r3\n"
        "orr r12, r12, #1\n" // Thumb
        "mov r3, r12\n"
        "tst r10, #2\n"
        "itt ne\n"
        "adrne r3, 10f\n"
        "orrne r3, r3, #1\n"
        "tst r10, #1\n"
        "ite eq\n"
        "adreq r10, 1f\n"
        "adrne r10, 4f\n"
        "orr r10, r10, #1\n"
        "push {r5, r11, r12}\n"
        "push {r2-r10}\n"
        "0:\n" // a tile
        "ldr r1, [sp, #24]\n"
        "cmp r1, #-1\n" // LO
        "ldr pc, [sp, #32]\n"

        "10:\n" // into the loop, with HI
        "cmp r0, #0\n"
        "ldr pc, [sp, #44]\n"

        "1:\n" // two channels, pairs
        PAIR_FIRST
        "2:\n"
        ".rept 31\n"
        PAIR_STEP
        ".endr\n"
        "3:\n"
        "bhi 7f\n"
        "ldm r1!, {r10, r11, r12}\n"
        UNPAIR
        FIRST4(LEFT FLOOR)
        "ldm r1!, {r10, r11, r12}\n"
        SECOND4(RIGHT FLOOR)
        STORE
        "blo 1b\n"
        "b 9f\n"

        "4:\n" // two channels, wide weights
        WIDE_FIRST
        "5:\n"
        ".rept 31\n"
        WIDE_STEP
        ".endr\n"
        "6:\n"
        "bhi 8f\n"
        "ldm r1!, {r10, r11}\n"
        FIRST4(FLOOR)
        "ldm r1!, {r10, r11}\n"
        SECOND4(FLOOR)
        STORE
        "blo 4b\n"
        "b 9f\n"

        "7:\n" // HI after a round of pairs
        "ldr r10, [sp, #8]\n"
        "cmp r10, r0\n"
        "bhs 2b\n"
        UNPAIR
        SECOND4("asr \\a, \\a, #8\n")
        "b 11f\n"
        "8:\n" // after a round of wide weights
        "ldr r10, [sp, #8]\n"
        "cmp r10, r0\n"
        "bhs 5b\n"
        "11:\n" // the general form
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

        "9:\n" // the next tile
        "ldm sp, {r2-r7}\n"
        "ldrd r8, r9, [sp, #36]\n"
        "ldr r10, [sp, #28]\n"
        "add r2, r2, r9\n"
        "add r4, r4, r9\n"
        "add r5, r8, r6, lsl #2\n"
        "add r7, r7, r6, lsl #2\n"
        "str r5, [sp, #36]\n"
        "stm sp, {r2-r7}\n"
        "subs r10, r10, #1\n"
        "str r10, [sp, #28]\n"
        "bne 0b\n"
        "add sp, sp, #48\n"
        "pop {r4-r11}\n"
        : "+r"(r0), "=r"(r1)
        :
        : "r2", "r3", "r12", "lr", "cc", "memory");
    return r1;
}
/* clang-format on */

/* The sums of two pairs of channels at one point: what n steps of the streams
 * u and v add to u_low .. v_high. The inputs are those of point 0 of a tile.
 * Loads stand together here, too: 4.8 cycles a step of two channels, while
 * those of a compiler alternate with the products and take 8. */
/* clang-format off */
# define LOAD_U(to) "ldr %[" #to "], [%[u]], #4\n"
# define LOAD_V(to) "ldr %[" #to "], [%[v]], #4\n"
# define LOAD_X(to) "ldr %[" #to "], [%[x]], #16\n"
# define PAIR_POINT(sum, w, x) \
    "smlad %[" #sum "_high], %[" #w "], %[" #x "], %[" #sum "_high]\n" \
    "sxtb16 %[" #w "], %[" #w "]\n" \
    "smlad %[" #sum "_low], %[" #w "], %[" #x "], %[" #sum "_low]\n"
# define WIDE_POINT(sum, w0, w1, x) \
    "smlad %[" #sum "_low], %[" #w0 "], %[" #x "], %[" #sum "_low]\n" \
    "smlad %[" #sum "_high], %[" #w1 "], %[" #x "], %[" #sum "_high]\n"
# define PAIR_POINT1 \
    LOAD_U(a) LOAD_V(c) LOAD_X(p) PAIR_POINT(u, a, p) PAIR_POINT(v, c, p)
# define PAIR_POINT2 \
    LOAD_U(a) LOAD_U(b) LOAD_V(c) LOAD_V(d) LOAD_X(p) LOAD_X(q) \
    PAIR_POINT(u, a, p) PAIR_POINT(u, b, q) \
    PAIR_POINT(v, c, p) PAIR_POINT(v, d, q)
# define WIDE_POINT1 \
    LOAD_U(a) LOAD_U(b) LOAD_V(c) LOAD_V(d) LOAD_X(p) \
    WIDE_POINT(u, a, b, p) WIDE_POINT(v, c, d, p)

/* `many` steps at a time, then one by one. */
# define SUM_POINT(many, steps, one) \
    __asm__ volatile( \
        "subs %[n], %[n], #" steps "\n" \
        "blo 2f\n" \
        "1:\n" many \
        "subs %[n], %[n], #" steps "\n" \
        "bhs 1b\n" \
        "2:\n" \
        "adds %[n], %[n], #" steps "\n" \
        "beq 4f\n" \
        "3:\n" one \
        "subs %[n], %[n], #1\n" \
        "bne 3b\n" \
        "4:\n" \
        : [u_low] "+r"(u_low), [u_high] "+r"(u_high), [v_low] "+r"(v_low), \
          [v_high] "+r"(v_high), [u] "+r"(u), [v] "+r"(v), [x] "+r"(x), \
          [n] "+r"(n), [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), \
          [d] "=&r"(d), [p] "=&r"(p), [q] "=&r"(q) \
        : \
        : "cc", "memory")
/* clang-format on */

/* ---- What the points of a tile see -------------------------------------- */

/* A place for the inputs of a tile. `carry` has what did not fill a word. */
typedef struct {
    int32_t *x;
    uint32_t carry[POINTS];
    int32_t count; /* bytes in each of them, 0 .. 3 */
} gather;

static inline int32_t *put_words(int32_t *x, uint32_t w0, uint32_t w1,
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

/* Gathers tiles of points side by side, whose windows are runs of n inputs,
 * n a multiple of 4. */
TIN_NOINLINE static void gather_plain(int32_t *x, int32_t n, int32_t tiles,
                                      const int8_t *p0, int32_t step)
{
    const int8_t *p1 = p0 + step, *p2 = p1 + step, *p3 = p2 + step;
    const int32_t skip = 4 * step - n;

    for (; tiles > 0; tiles--) {
        const int8_t *end = p0 + n;

        do {
            x = put_words(x, tin_load_word(p0), tin_load_word(p1),
                          tin_load_word(p2), tin_load_word(p3));
            p0 += 4, p1 += 4, p2 += 4, p3 += 4;
        } while (p0 != end);
        p0 += skip, p1 += skip, p2 += skip, p3 += skip;
    }
}

/* Appends runs of n inputs, 4 <= n. */
TIN_NOINLINE static void gather_words(gather *g, int32_t n, const int8_t *p0,
                                      const int8_t *p1, const int8_t *p2,
                                      const int8_t *p3)
{
    int32_t *x = g->x;

    if (g->count) {
        const int32_t fill = 4 - g->count, shift = 8 * g->count;

        x = put_words(x, g->carry[0] | tin_load_word(p0) << shift,
                      g->carry[1] | tin_load_word(p1) << shift,
                      g->carry[2] | tin_load_word(p2) << shift,
                      g->carry[3] | tin_load_word(p3) << shift);
        p0 += fill, p1 += fill, p2 += fill, p3 += fill;
        n -= fill;
    }
    for (; n >= 4; n -= 4) {
        x = put_words(x, tin_load_word(p0), tin_load_word(p1),
                      tin_load_word(p2), tin_load_word(p3));
        p0 += 4, p1 += 4, p2 += 4, p3 += 4;
    }
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

/* The window of a 3x3 kernel of 3 channels, one point, rows in the scratch.
 * What is read behind the last input meets a weight of 0. */
static inline void gather_rgb(int32_t *x, const int8_t *p0, const int8_t *p1,
                              const int8_t *p2)
{
    const uint32_t w0 = tin_load_word(p0), w1 = tin_load_word(p0 + 4);
    const uint32_t w2 = tin_load_word(p1), w3 = tin_load_word(p1 + 3);
    const uint32_t last0 = (uint8_t)p0[8];

    put_word(x, w0);
    put_word(x + 8, w1);
    put_word(x + 16, last0 | w2 << 8);
    put_word(x + 24, w3);
    {
        const uint32_t w4 = tin_load_word(p2), w5 = tin_load_word(p2 + 2);
        const uint32_t w6 = tin_load_word(p2 + 6);
        const uint32_t last1 = tin_load_word(p1 + 7) & 0xffffu;

        put_word(x + 32, last1 | w4 << 16);
        put_word(x + 40, w5);
        put_word(x + 48, w6);
    }
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

enum {
    BY_RUNS,    /* any windows */
    PLAIN,      /* one kernel row in the image, run % 4 == 0 */
    BY_COLUMNS, /* runs of one word in the ring */
    RGB         /* a 3x3 kernel of 3 channels, rows in the ring */
};

typedef struct {
    const tin_conv2d_s8_params *p;
    const tin_window *w;
    const int32_t *stream;
    tin_rows in, out; /* of one row where rows can be joined; `in` is the ring
                         of padded rows where there is one */
    int32_t out_w;    /* as these have it */
    int32_t run;      /* inputs under a kernel row */
    int32_t way;      /* that windows are gathered */
    int32_t x_step;   /* from point to point in the input */
    int32_t tiles;    /* gathered at once */
    int32_t x_words;  /* of each */
    int32_t *x;       /* [tiles][x_words] */
    int32_t tables;   /* as tin_conv2d_s8_dsp_room has it */
    int32_t *rows;    /* [tables][1 + kernel_h] an output row; where its kernel
                         rows begin in the ring, -1: outside */
    int8_t *outside;  /* [run] zero points, and [POINTS][run] put together */
    int32_t ox0, ox1; /* points whose runs are all in the image */
    int32_t ring_rows, ring_bytes; /* of padded rows, or 0 */
    int32_t pad_bytes, copy_bytes; /* of these before the input, and of it */
    int32_t *in_ring;              /* [ring_rows] which input row is where */
    const tin_rows *source;        /* of these rows */
    work todo;
} layer;

/* Copies input row y into the ring of padded rows. What is beside it holds zero
 * points from the beginning. */
static void pad_row(layer *l, int32_t slot, int32_t y)
{
    int8_t *to = (int8_t *)l->in.base + slot * l->ring_bytes;

    l->in_ring[slot] = y;
    tin_copy_dsp(to + l->pad_bytes, tin_row(l->source, y), l->copy_bytes);
}

/* Where the kernel rows of output row y begin in the ring. */
TIN_NOINLINE static const int32_t *find_rows(layer *l, int32_t y)
{
    const tin_window *w = l->w;
    const int32_t ring = l->ring_rows ? l->ring_rows : l->in.rows;
    const int32_t row_bytes = l->in.row_bytes, step = w->dilation_h;
    int32_t *rows = l->rows + (y & (l->tables - 1)) * (1 + w->kernel_h);
    tin_patch v;
    int32_t row;

    if (*rows++ == y)
        return rows;
    rows[-1] = y;
    tin_patch_rows(&v, w, INT32_MAX, y);
    row = v.row % ring;
    for (int32_t ky = 0; ky < w->kernel_h; ky++) {
        rows[ky] = -1;
        if (ky < v.ky0 || ky >= v.ky1)
            continue;
        if (l->ring_rows && l->in_ring[row] != v.row)
            pad_row(l, row, v.row);
        rows[ky] = row * row_bytes;
        v.row += step;
        row = tin_ring_next(row, step, ring);
    }
    return rows;
}

/* The run of a point that is not all in the image, or has gaps. */
TIN_NOINLINE static const int8_t *copy_run(const layer *l, const int8_t *row,
                                           int32_t ox, int32_t point)
{
    const size_t tap = (size_t)l->w->in_c;
    int8_t *run = l->outside + (1 + point) * l->run;
    tin_patch v;

    memset(run, l->p->in_zero, (size_t)l->run);
    tin_patch_cols(&v, l->w, ox);
    for (int32_t kx = v.kx0; kx < v.kx1; kx++) {
        memcpy(run + (size_t)kx * tap, row + (size_t)v.col * tap, tap);
        v.col += l->w->dilation_w;
    }
    return run;
}

/* The column where the window of output column ox begins. */
static int32_t input_col(const layer *l, int32_t ox)
{
    return ox * l->w->stride_w - (l->ring_rows ? 0 : l->w->pad_left);
}

/* The run of a point under a kernel row at offset `row`. */
TIN_NOINLINE static const int8_t *find_run(const layer *l, int32_t row,
                                           int32_t ox, int32_t point)
{
    const int8_t *base = l->in.base;

    if (row < 0)
        return l->outside;
    if (ox < l->ox0 || ox >= l->ox1)
        return copy_run(l, base + row, ox, point);
    return base + row + input_col(l, ox) * l->w->in_c;
}

/* One point whose runs are one word each, in the scratch. */
TIN_NOINLINE static void gather_column(const layer *l, int32_t *x,
                                       const int32_t *rows, const int8_t *base)
{
    const int8_t *outside = l->outside;
    const int32_t *end = rows + l->w->kernel_h;

    do {
        put_word(x, tin_load_word(*rows < 0 ? outside : base + *rows));
        x += 8;
    } while (++rows != end);
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
    gather g = {l->x, {0}, 0};
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
            gather_column(l, l->x + i, rows[i], base + col[i] * l->x_step);
        return;
    }
    for (int32_t ky = 0; ky < l->w->kernel_h; ky++) {
        const int8_t *p[POINTS];

        for (int32_t i = 0; i < POINTS; i++)
            p[i] = find_run(l, rows[i][ky], col[i], i);
        if (l->run < 4)
            gather_bytes(&g, l->run, p);
        else
            gather_words(&g, l->run, p[0], p[1], p[2], p[3]);
    }
    if (g.count)
        gather_rest(&g);
}

/* Tiles of points side by side in one of the special ways; x: the first one's
 * input in the first row of the ring. */
TIN_NOINLINE static void gather_rgb_tiles(const layer *l, const int32_t *rows,
                                          const int8_t *x, int32_t tiles)
{
    const int8_t *p[3];
    int32_t step[3];
    int32_t *to = l->x;

    for (int32_t ky = 0; ky < 3; ky++) {
        p[ky] = rows[ky] < 0 ? l->outside : x + rows[ky];
        step[ky] = rows[ky] < 0 ? 0 : l->x_step;
    }
    for (; tiles > 0; tiles--) {
        for (int32_t i = 0; i < POINTS; i++) {
            gather_rgb(to + i, p[0], p[1], p[2]);
            p[0] += step[0], p[1] += step[1], p[2] += step[2];
        }
        to += l->x_words;
    }
}

static void gather_column_tiles(const layer *l, const int32_t *rows,
                                const int8_t *x, int32_t tiles)
{
    int32_t *to = l->x;

    for (; tiles > 0; tiles--) {
        for (int32_t i = 0; i < POINTS; i++, x += l->x_step)
            gather_column(l, to + i, rows, x);
        to += l->x_words;
    }
}

/* A tile in the way of any window. Returns where the next one is gathered. */
TIN_NOINLINE static int32_t *gather_inside(const layer *l, int32_t *to,
                                           const int32_t *rows, const int8_t *x)
{
    gather g = {to, {0}, 0};

    for (int32_t ky = 0; ky < l->w->kernel_h; ky++) {
        const int8_t *p = rows[ky] < 0 ? l->outside : x + rows[ky];
        const int32_t step = rows[ky] < 0 ? 0 : l->x_step;

        if (l->run < 4) {
            const int8_t *const four[POINTS] = {p, p + step, p + 2 * step,
                                                p + 3 * step};

            gather_bytes(&g, l->run, four);
        } else {
            gather_words(&g, l->run, p, p + step, p + 2 * step, p + 3 * step);
        }
    }
    if (g.count)
        gather_rest(&g);
    return g.x;
}

/* ---- Tiles -------------------------------------------------------------- */

static void set_x(layer *l, const int32_t *x)
{
    l->todo.x = x;
    l->todo.last =
        (const int8_t *)(x + l->x_words -
                         4 * (l->stream[-1] & 1 ? WIDE_ROUND : PAIR_ROUND));
    if (l->stream[-1] & 2)
        l->todo.last++;
}

/* Channels from oc on of a tile whose points lie anywhere. */
TIN_NOINLINE static void conv_apart(layer *l, const int32_t *stream, int32_t oc,
                                    int8_t *const dst[POINTS])
{
    int8_t two[POINTS][2];

    l->todo.stride = 2;
    l->todo.tiles = 1;
    for (; oc < l->w->out_c; oc += 2) {
        l->todo.out = two[0];
        l->todo.out_end = two[0] + 2;
        l->todo.stream = stream;
        stream = conv_tiles(&l->todo);
        for (int32_t i = 0; i < POINTS; i++) {
            dst[i][oc] = two[i][0];
            if (oc + 1 < l->w->out_c)
                dst[i][oc + 1] = two[i][1];
        }
    }
}

/* The channels of tiles whose points lie one after the other. An odd last
 * channel would take a byte too many. */
TIN_NOINLINE static void conv_together(layer *l, int8_t *dst, int32_t stride,
                                       int32_t tiles)
{
    const int32_t even = l->w->out_c & ~1;
    const int32_t *stream = l->stream;

    set_x(l, l->x);
    l->todo.stride = stride;
    l->todo.out = dst;
    l->todo.out_end = dst + even;
    l->todo.stream = stream;
    l->todo.tiles = tiles;
    if (even)
        stream = conv_tiles(&l->todo);
    for (; even < l->w->out_c && tiles > 0; tiles--) {
        int8_t *const four[POINTS] = {dst, dst + stride, dst + 2 * stride,
                                      dst + 3 * stride};

        conv_apart(l, stream, even, four);
        set_x(l, l->todo.x + l->x_words);
        dst += 4 * stride;
    }
}

/* Tiles of row y from ox on. */
TIN_NOINLINE static void conv_inside(layer *l, int32_t y, int32_t ox,
                                     int32_t tiles)
{
    const int32_t *rows = find_rows(l, y);
    const int32_t in_step = POINTS * l->x_step;
    const int8_t *x =
        (const int8_t *)l->in.base + input_col(l, ox) * l->w->in_c;
    int8_t *dst = (int8_t *)tin_row(&l->out, y) + ox * l->w->out_c;

    while (tiles > 0) {
        const int32_t n = tiles < l->tiles ? tiles : l->tiles;
        int32_t *to = l->x;

        if (l->way == PLAIN)
            gather_plain(to, l->run, n, x + rows[0], l->x_step);
        else if (l->way == RGB)
            gather_rgb_tiles(l, rows, x, n);
        else if (l->way == BY_COLUMNS)
            gather_column_tiles(l, rows, x, n);
        for (int32_t i = 0; l->way == BY_RUNS && i < n; i++)
            to = gather_inside(l, to, rows, x + i * in_step);
        x += n * in_step;
        conv_together(l, dst, l->w->out_c, n);
        dst += n * POINTS * l->w->out_c;
        tiles -= n;
    }
}

/* The next four points from (*y, *ox) on, in any rows. */
TIN_NOINLINE static void conv_any(layer *l, int32_t *y, int32_t *ox)
{
    int8_t *dst[POINTS];
    int together = 1;

    gather_any(l, *y, *ox, POINTS);
    for (int32_t i = 0; i < POINTS; i++) {
        dst[i] = (int8_t *)tin_row(&l->out, *y) + *ox * l->w->out_c;
        together = together && dst[i] == dst[0] + i * l->w->out_c;
        next_point(l, y, ox);
    }
    if (together) {
        conv_together(l, dst[0], l->w->out_c, 1);
    } else {
        set_x(l, l->x);
        conv_apart(l, l->stream, 0, dst);
    }
}

/* ---- Single points ------------------------------------------------------ */

/* The inputs of one point, where those of the first of a tile are. */
TIN_NOINLINE static void gather_point(layer *l, int32_t y, int32_t ox)
{
    const int32_t *rows = find_rows(l, y);
    const int8_t *column = (const int8_t *)l->in.base + ox * l->x_step;
    int32_t *x = l->x;

    if (l->way == BY_COLUMNS) {
        gather_column(l, x, rows, column);
        return;
    }
    if (l->run % 4) {
        gather_any(l, y, ox, 1);
        return;
    }
    for (int32_t ky = 0; ky < l->w->kernel_h; ky++) {
        const int8_t *p = find_run(l, rows[ky], ox, 0);

        for (const int8_t *end = p + l->run; p != end; p += 4) {
            put_word(x, tin_load_word(p));
            x += 8;
        }
    }
}

/* The output for a sum that is shifted already, see FLOOR: compilers do not
 * find SSAT. */
static inline int32_t finish_fast(const int32_t *q, int32_t x)
{
    int32_t y;

    __asm__("smmla %[y], %[x], %[multiplier], %[offset]\n\t"
            "ssat %[y], #8, %[y], asr %[right]"
            : [y] "=r"(y)
            : [x] "r"(x), [multiplier] "r"(q[0]), [offset] "r"(q[1]),
              [right] "I"(FLOOR_RIGHT));
    return y;
}

/* Two channels, or one if that is all that is left. Returns where the stream
 * continues. */
static inline const int32_t *finish(const int32_t *q, int32_t low, int32_t high,
                                    int wide, int8_t *dst, int32_t left)
{
    dst[0] = (int8_t)finish_fast(q, wide ? low : tin_shift_left(low, q[2]));
    q += wide ? 2 : 3;
    if (left > 1) // of pairs: times 256
        dst[1] = (int8_t)finish_fast(q, wide ? high : (high - low) >> q[2]);
    return q + (wide ? 2 : 3);
}

/* `left` channels of a point, four at a time. */
static inline __attribute__((always_inline)) void conv_channels(const layer *l,
                                                                int8_t *dst,
                                                                int32_t left,
                                                                int wide)
{
    const int32_t steps = l->x_words / 4;
    const int32_t block = wide ? 6 + 2 * steps : 8 + steps;
    const int32_t *u = l->stream;

    for (; left > 0; left -= 4, dst += 4) {
        const int32_t *v = left > 2 ? u + block : u, *x = l->x;
        int32_t u_low = *u++, u_high = *u++, v_low = *v++, v_high = *v++;
        int32_t n = steps, a, b, c, d, p, q;

        if (wide)
            SUM_POINT(WIDE_POINT1 WIDE_POINT1 WIDE_POINT1 WIDE_POINT1, "4",
                      WIDE_POINT1);
        else
            SUM_POINT(PAIR_POINT2 PAIR_POINT2 PAIR_POINT2 PAIR_POINT2, "8",
                      PAIR_POINT1);
        u = finish(u, u_low, u_high, wide, dst, left);
        if (left > 2)
            u = finish(v, v_low, v_high, wide, dst + 2, left - 2);
    }
}

/* One point: what is left of a row where four would compute too much. Where
 * requantization is general it is four times the same point. */
TIN_NOINLINE static void conv_point(layer *l, int32_t y, int32_t ox)
{
    const int32_t format = l->stream[-1], channels = l->w->out_c;
    int8_t *dst = (int8_t *)tin_row(&l->out, y) + ox * channels;

    if (format & 2) {
        gather_any(l, y, ox, 1);
        conv_together(l, dst, 0, 1);
        return;
    }
    gather_point(l, y, ox);
    if (format)
        conv_channels(l, dst, channels, 1);
    else
        conv_channels(l, dst, channels, 0);
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
    return 1;
}

static int join_rows(layer *l, int32_t y0, int32_t y1)
{
    const tin_window *w = l->w;
    tin_rows in = l->in, out = l->out;

    if (l->ring_rows || w->kernel_h * w->kernel_w > 1 || w->stride_h > 1 ||
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

/* The scratch, and what is in it from the beginning. */
static void share_scratch(layer *l, int32_t *scratch)
{
    const int32_t table = 1 + l->w->kernel_h;
    int8_t *bytes;

    l->x = scratch;
    l->rows = l->x + l->tiles * l->x_words;
    l->in_ring = l->rows + l->tables * table;
    bytes = (int8_t *)(l->in_ring + l->ring_rows);
    l->outside = bytes + l->ring_rows * l->ring_bytes;
    for (int32_t i = 0; i < l->tables; i++)
        l->rows[i * table] = -1;
    for (int32_t i = 0; i < l->ring_rows; i++)
        l->in_ring[i] = -1;
    if (l->ring_rows) {
        l->in.base = bytes;
        l->in.row_bytes = l->ring_bytes;
        l->pad_bytes = l->w->pad_left * l->w->in_c;
        l->copy_bytes = l->w->in_w * l->w->in_c;
        if (l->copy_bytes > l->ring_bytes - l->pad_bytes)
            l->copy_bytes = l->ring_bytes - l->pad_bytes;
        tin_fill_dsp(bytes, l->ring_rows * l->ring_bytes, l->p->in_zero);
    }
}

static int32_t find_way(const layer *l)
{
    const tin_window *w = l->w;

    if (l->ring_rows && l->run == 4)
        return BY_COLUMNS;
    if (l->ring_rows && w->kernel_h == 3 && l->run == 9)
        return RGB;
    if (!l->ring_rows && w->kernel_h == 1 && l->run % 4 == 0 &&
        w->pad_top == 0 && (w->out_h - 1) * w->stride_h < w->in_h)
        return PLAIN;
    return BY_RUNS;
}

TIN_NOINLINE static void make_layer(layer *l, const tin_conv2d_s8_dsp_params *d,
                                    void *scratch)
{
    const tin_window *w = &d->conv.window;
    const tin_conv2d_s8_dsp_room r = tin_conv2d_s8_dsp_plan(w);
    const int32_t wide = d->packed[0] & 1, any = d->packed[0] & 2;
    const int32_t round = wide ? WIDE_ROUND : PAIR_ROUND;

    l->p = &d->conv;
    l->w = w;
    l->stream = d->packed + 1;
    l->out_w = w->out_w;
    l->run = w->kernel_w * w->in_c;
    l->x_step = w->stride_w * w->in_c;
    l->tiles = r.tiles;
    l->x_words = 4 * r.steps;
    l->tables = r.tables;
    l->ring_rows = r.ring_rows;
    l->ring_bytes = r.ring_bytes;
    l->todo.skip = 0;
    if (r.steps > 1) // the first one apart
        l->todo.skip = ((r.steps - 2) % round + 1) * (wide ? 48 : 52);
    l->todo.format = wide | (r.steps - 1 > round || any ? 2 : 0);
    l->todo.x_bytes = 4 * l->x_words;
    share_scratch(l, scratch);
    if (r.edge_bytes)
        memset(l->outside, l->p->in_zero, (size_t)l->run);
    l->way = find_way(l);
}

/* For clamps that SSAT does not make. */
TIN_NOINLINE static void clamp_rows(const tin_conv2d_s8_params *p,
                                    const tin_rows *out, int32_t y0, int32_t y1)
{
    const int32_t n = p->window.out_w * p->window.out_c;

    for (int32_t y = y0; y < y1; y++)
        tin_clamp_dsp(tin_row(out, y), n, p->act_min, p->act_max);
}

/* Are there four points left from (y, ox) on, and of one image if there is a
 * ring of padded rows? */
static int fills_tile(const layer *l, int32_t y, int32_t ox, int32_t left)
{
    if (l->ring_rows) {
        const int32_t rows = l->w->out_h - y % l->w->out_h;

        left = tin_clamp(rows * l->out_w - ox, 1, left);
    }
    return left >= POINTS;
}

void tin_conv2d_s8_dsp(const void *params, const tin_rows *in,
                       const tin_rows *out, int32_t y0, int32_t y1,
                       void *scratch)
{
    const tin_conv2d_s8_dsp_params *d = params;
    const tin_conv2d_s8_params *p = &d->conv;
    int32_t left = (y1 - y0) * p->window.out_w, y = y0, ox = 0;
    layer l;

    l.source = in;
    l.in = *in;
    l.out = *out;
    make_layer(&l, d, scratch);
    if (y1 - y0 > 1 && join_rows(&l, y0, y1))
        y = 0;
    find_inside(&l);
    while (left > 0) {
        const int32_t tiles = ox < l.ox0 ? 0 : (l.ox1 - ox) / POINTS;

        if (tiles > 0) {
            conv_inside(&l, y, ox, tiles);
            left -= tiles * POINTS;
            ox += tiles * POINTS - 1;
            next_point(&l, &y, &ox);
        } else if (fills_tile(&l, y, ox, left)) {
            conv_any(&l, &y, &ox);
            left -= POINTS;
        } else {
            conv_point(&l, y, ox);
            next_point(&l, &y, &ox);
            left--;
        }
    }
    if (p->act_min > -128 || p->act_max < 127)
        clamp_rows(p, out, y0, y1);
}

#endif /* TIN_HAVE_DSP */
