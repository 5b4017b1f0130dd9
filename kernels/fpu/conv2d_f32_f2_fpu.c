/* SPDX-License-Identifier: MIT */
/*
 * tin_conv2d_f32_f2_fpu: see tinyinfer_fpu.h.
 *
 * Winograd's F(2x2, 3x3). A tile of 2 * 2 outputs sees 4 * 4 inputs d; per
 * input channel, B^T d B are its 16 points. Each point is multiplied by its
 * own weight and summed over the input channels: 16 products in place of 36.
 * A^T m A of the sums m are the outputs.
 *
 * Two tiles are made at a time: their points for all input channels, then eight
 * output channels after the other.
 */
#include "tinyinfer_fpu.h"

#include <string.h>

enum {
    SIDE = 4,
    POINTS = SIDE * SIDE,
    OUTS = 8,
    TILES = 2,
    WIDTH = SIDE + 2 * (TILES - 1), /* columns that the tiles see */
    CHANNELS = 4,                   /* of a chunk */
    STEP = CHANNELS * TILES,        /* from point to point */
    CHUNK = POINTS * STEP
};

/* What all tiles of a call share. */
typedef struct {
    const tin_conv2d_f32_params *p;
    const tin_rows *in;
    int32_t chunks; /* of four input channels */
    float *v;       /* [chunk][point][channel][tile]: transformed inputs */
    float *m;       /* [point][tile][channel]: sums of eight output channels */
    float *patch;   /* [4][6][channel], where m will be */
} layer;

/* A pair of output rows and the input rows that they see; NULL for what is
 * outside of the image or not asked for. */
typedef struct {
    float *out[2];
    const float *in[SIDE];
} band;

/* ---- Inputs ------------------------------------------------------------- */

/* Four rows of pixels of four channels and where their points go; the assembly
 * knows the order. */
typedef struct {
    const float *row[SIDE];
    size_t pixel; /* bytes from pixel to pixel */
    float *v;
} pixels;

#if TIN_HAVE_FPU
/* clang-format off */

# define MUL TIN_FPU_MUL
# define ADD TIN_FPU_ADD
# define SUB TIN_FPU_SUB

/* A row of six pixels: 0 and 1 into a pair of registers, 2, 3, and 4 and 5 into
 * another pair. */
# define LOAD_ROW(x, d0, s2, s3, d4) \
    "ldr r0, [" x "]\n\t" \
    "ldr r12, [" x ", r5]\n\t" \
    "ldr lr, [" x ", r5, lsl #1]\n\t" \
    "vmov " d0 ", r0, r12\n\t" \
    "vmov " s2 ", lr\n\t" \
    "add r11, " x ", r9\n\t" \
    "ldr r0, [r11]\n\t" \
    "ldr r12, [r11, r5]\n\t" \
    "ldr lr, [r11, r5, lsl #1]\n\t" \
    "vmov " s3 ", r0\n\t" \
    "vmov " d4 ", r12, lr\n\t"
/* B^T d of a column; the second point takes another register. */
# define COLUMN(d0, d1, d2, d3, p1) \
    ADD(p1, d1, d2) SUB(d0, d0, d2) SUB(d3, d1, d3) SUB(d2, d2, d1)
/* The same along a row, for both tiles, and off it goes. */
# define ROW(d0, d1, d2, d3, d4, d5, at) \
    SUB("s6", d0, d2) SUB("s7", d2, d4) ADD("s8", d1, d2) ADD("s9", d3, d4) \
    SUB("s10", d2, d1) SUB("s11", d4, d3) SUB("s30", d1, d3) \
    SUB("s31", d3, d5) \
    "vstr s6, [r6, #" at "]\n\t" \
    "vstr s7, [r6, #" at " + 4]\n\t" \
    "vstr s8, [r6, #" at " + 32]\n\t" \
    "vstr s9, [r6, #" at " + 36]\n\t" \
    "vstr s10, [r6, #" at " + 64]\n\t" \
    "vstr s11, [r6, #" at " + 68]\n\t" \
    "vstr s30, [r6, #" at " + 96]\n\t" \
    "vstr s31, [r6, #" at " + 100]\n\t"

/* clang-format on */

/*
 * A chunk of the points of both tiles. In assembly, so that a channel stays in
 * registers: 148 cycles, where gcc 12 needs 420.
 */
TIN_NOINLINE static void transform(const pixels *x)
{
    register const pixels *p __asm__("r0") = x;

    // r1-r4: rows, r5: pixel, r6: v, r9: 3 pixels, r10: channels left
    __asm__ volatile(
        "ldm r0, {r1-r6}\n\t"
        "add r9, r5, r5, lsl #1\n\t"
        "mov r10, #4\n"
        "1:\n\t"
        // clang-format off
                     LOAD_ROW("r1", "d0", "s2", "s3", "d2")
                     LOAD_ROW("r2", "d3", "s8", "s9", "d5")
                     LOAD_ROW("r3", "d6", "s14", "s15", "d8")
                     LOAD_ROW("r4", "d9", "s20", "s21", "d11")
                     COLUMN("s0", "s6", "s12", "s18", "s24")
                     COLUMN("s1", "s7", "s13", "s19", "s25")
                     COLUMN("s2", "s8", "s14", "s20", "s26")
                     COLUMN("s3", "s9", "s15", "s21", "s27")
                     COLUMN("s4", "s10", "s16", "s22", "s28")
                     COLUMN("s5", "s11", "s17", "s23", "s29")
                     ROW("s0", "s1", "s2", "s3", "s4", "s5", "0")
                     ROW("s24", "s25", "s26", "s27", "s28", "s29", "128")
                     ROW("s12", "s13", "s14", "s15", "s16", "s17", "256")
                     ROW("s18", "s19", "s20", "s21", "s22", "s23", "384")
        // clang-format on
        "add r1, #4\n\t"
        "add r2, #4\n\t"
        "add r3, #4\n\t"
        "add r4, #4\n\t"
        "add r6, #8\n\t"
        "subs r10, #1\n\t"
        "bne 1b"
        : "+r"(p)
        :
        : "r1", "r2", "r3", "r4", "r5", "r6", "r9", "r10", "r11", "r12", "lr",
          "cc", "memory", TIN_FPU_REGISTERS);
}
#else
/* B^T d of a column or row. */
static void transform4(const float *d, size_t step, float *to, size_t to_step)
{
    to[0] = d[0] - d[2 * step];
    to[to_step] = d[step] + d[2 * step];
    to[2 * to_step] = d[2 * step] - d[step];
    to[3 * to_step] = d[step] - d[3 * step];
}

/* A chunk of the points of both tiles. */
static void transform(const pixels *x)
{
    const size_t pixel = x->pixel / sizeof(float);
    float d[SIDE], t[SIDE * WIDTH];

    for (size_t c = 0; c < CHANNELS; c++) {
        for (size_t j = 0; j < WIDTH; j++) {
            for (size_t i = 0; i < SIDE; i++)
                d[i] = x->row[i][j * pixel + c];
            transform4(d, 1, t + j, WIDTH);
        }
        for (size_t i = 0; i < SIDE * TILES; i++)
            transform4(t + i / TILES * WIDTH + i % TILES * 2, 1,
                       x->v + i / TILES * SIDE * STEP + c * TILES + i % TILES,
                       STEP);
    }
}
#endif

/* Four channels from c on of the pixels from column x on, with zeros for what
 * there is not. */
static void copy_patch(const layer *l, const band *b, int32_t x, int32_t c,
                       float *to)
{
    const int32_t in_w = l->p->window.in_w, in_c = l->p->window.in_c;
    const int32_t n = in_c - c < CHANNELS ? in_c - c : CHANNELS;

    for (int32_t i = 0; i < SIDE; i++) {
        for (int32_t j = x; j < x + WIDTH; j++, to += CHANNELS) {
            const int inside = b->in[i] && 0 <= j && j < in_w;

            to[0] = to[1] = to[2] = to[3] = 0;
            if (inside)
                memcpy(to, b->in[i] + j * in_c + c, (size_t)n * sizeof *to);
        }
    }
}

/* The points of the tiles whose inputs begin in column x. */
static void input_tiles(const layer *l, const band *b, int32_t x)
{
    const int32_t in_c = l->p->window.in_c;
    int inside = 0 <= x && x <= l->p->window.in_w - WIDTH;
    pixels from;

    for (int32_t i = 0; i < SIDE; i++)
        inside = inside && b->in[i];
    from.v = l->v;
    for (int32_t c = 0; c < in_c; c += CHANNELS, from.v += CHUNK) {
        const int whole = inside && c + CHANNELS <= in_c;

        for (int32_t i = 0; i < SIDE; i++)
            from.row[i] = whole ? b->in[i] + x * in_c + c
                                : l->patch + i * WIDTH * CHANNELS;
        from.pixel = 4 * (size_t)(whole ? in_c : CHANNELS);
        if (!whole)
            copy_patch(l, b, x, c, l->patch);
        transform(&from);
    }
}

/* ---- Products ----------------------------------------------------------- */

#if TIN_HAVE_FPU

/* Clang holds the limit of C99 for strings against assembly. */
# pragma GCC diagnostic ignored "-Woverlength-strings"

/* clang-format off */

/* One input channel, `v` and `w` bytes on. Products are added four or six
 * later: a result that the next instruction takes costs a cycle on silicon. */
# define MULTIPLY(v, w) \
    "vldr s16, [%[v], #" v "]\n\t" \
    "vldr s17, [%[v], #" v " + 4]\n\t" \
    "vldr s18, [%[u], #" w "]\n\t" \
    "vldr s19, [%[u], #" w " + 4]\n\t" \
    "vldr s20, [%[u], #" w " + 8]\n\t" \
    "vldr s21, [%[u], #" w " + 12]\n\t" \
    "vldr s22, [%[u], #" w " + 16]\n\t" \
    "vldr s23, [%[u], #" w " + 20]\n\t" \
    "vldr s24, [%[u], #" w " + 24]\n\t" \
    "vldr s25, [%[u], #" w " + 28]\n\t" \
    MUL("s26", "s16", "s18") MUL("s27", "s16", "s19") MUL("s28", "s16", "s20") \
    MUL("s29", "s16", "s21") MUL("s30", "s16", "s22") MUL("s31", "s16", "s23") \
    ADD("s0", "s0", "s26") ADD("s1", "s1", "s27") ADD("s2", "s2", "s28") \
    ADD("s3", "s3", "s29") ADD("s4", "s4", "s30") ADD("s5", "s5", "s31") \
    MUL("s26", "s16", "s24") MUL("s27", "s16", "s25") \
    MUL("s18", "s17", "s18") MUL("s19", "s17", "s19") MUL("s20", "s17", "s20") \
    MUL("s21", "s17", "s21") MUL("s22", "s17", "s22") MUL("s23", "s17", "s23") \
    MUL("s24", "s17", "s24") MUL("s25", "s17", "s25") \
    ADD("s6", "s6", "s26") ADD("s7", "s7", "s27") \
    ADD("s8", "s8", "s18") ADD("s9", "s9", "s19") ADD("s10", "s10", "s20") \
    ADD("s11", "s11", "s21") ADD("s12", "s12", "s22") ADD("s13", "s13", "s23") \
    ADD("s14", "s14", "s24") ADD("s15", "s15", "s25")

/* clang-format on */

/*
 * m of eight output channels. Returns the end of their weights u.
 *
 * In assembly, as gcc 12 spreads the loads: a load that follows another takes
 * one cycle, not two. 16 products take 11 + 32 cycles.
 */
TIN_NOINLINE static const float *multiply(const float *v, const float *u,
                                          float *m, int32_t chunks)
{
    const float *at;
    int32_t points = POINTS, left;

    // clang-format off
    __asm__ volatile(
        "1:\n\t"
        TIN_FPU_ZERO_16("%[zero]")
        "mov %[at], %[v]\n\t"
        "mov %[left], %[chunks]\n"
        "2:\n\t"
        MULTIPLY("0", "0")
        MULTIPLY("8", "32")
        MULTIPLY("16", "64")
        MULTIPLY("24", "96")
        "add %[v], #512\n\t"
        "add %[u], #128\n\t"
        "subs %[left], #1\n\t"
        "bne 2b\n\t"
        "vstmia %[m]!, {s0-s15}\n\t"
        "add %[v], %[at], #32\n\t"
        "subs %[points], #1\n\t"
        "bne 1b"
        : [v] "+r"(v), [u] "+r"(u), [m] "+r"(m), [at] "=&r"(at),
          [left] "=&r"(left), [points] "+r"(points)
        : [chunks] "r"(chunks), [zero] "r"(0)
        : "cc", "memory", TIN_FPU_REGISTERS);
    // clang-format on
    return u;
}
#else
static const float *multiply(const float *v, const float *u, float *m,
                             int32_t chunks)
{
    for (int32_t point = 0; point < POINTS; point++, m += TILES * OUTS) {
        const float *x = v + point * STEP;

        for (int32_t i = 0; i < TILES * OUTS; i++)
            m[i] = 0;
        for (int32_t k = 0; k < chunks * CHANNELS; k++, u += OUTS) {
            for (int32_t i = 0; i < TILES * OUTS; i++)
                m[i] += x[i / OUTS] * u[i % OUTS];
            x += k % CHANNELS == CHANNELS - 1 ? CHUNK - (CHANNELS - 1) * TILES
                                              : TILES;
        }
    }
    return u;
}
#endif

/* ---- Outputs ------------------------------------------------------------ */

/* Outputs of a tile; the assembly knows the order. */
typedef struct {
    float *to[4];      /* of [row][column]: the first channel */
    const float *m;    /* of the first channel */
    const float *bias; /* the same */
    int32_t n;         /* channels */
    int32_t bounds;    /* tin_fpu_bounds */
    float lo, hi;
} outputs;

#if TIN_HAVE_FPU
/* clang-format off */

# define LOAD_POINT(s, at) "vldr " s ", [r5, #" at "]\n\t"
/* A^T m of four columns or two rows. */
# define FOLD(s0, s1, s2, s3) \
    ADD(s0, s0, s1) SUB(s1, s1, s2) ADD(s0, s0, s2) SUB(s1, s1, s3)
# define EACH(f, y) f("s0", y) f("s1", y) f("s4", y) f("s5", y)

/* clang-format on */

/*
 * All channels of the outputs. The bias goes to a point that all four outputs
 * add. In assembly, so that a channel stays in registers: 78 cycles with one
 * bound, where gcc 12 needs 240.
 */
TIN_NOINLINE static void make_outputs(const outputs *o)
{
    register const outputs *p __asm__("r0") = o;

    // r1-r4: to, r5: m, r6: bias, r8: channels left, r9: bounds
    __asm__ volatile(
        "vldr s17, [r0, #32]\n\t"
        "vldr s18, [r0, #36]\n\t"
        "ldr r8, [r0, #24]\n\t"
        "ldr r9, [r0, #28]\n\t"
        "ldm r0, {r1-r6}\n"
        "1:\n\t"
        // clang-format off
                     LOAD_POINT("s0", "0")
                     LOAD_POINT("s1", "64")
                     LOAD_POINT("s2", "128")
                     LOAD_POINT("s3", "192")
                     LOAD_POINT("s4", "256")
                     LOAD_POINT("s5", "320")
                     LOAD_POINT("s6", "384")
                     LOAD_POINT("s7", "448")
                     LOAD_POINT("s8", "512")
                     LOAD_POINT("s9", "576")
                     LOAD_POINT("s10", "640")
                     LOAD_POINT("s11", "704")
                     LOAD_POINT("s12", "768")
                     LOAD_POINT("s13", "832")
                     LOAD_POINT("s14", "896")
                     LOAD_POINT("s15", "960")
                     "vldr s16, [r6]\n\t"
                     "add r5, #4\n\t"
                     "add r6, #4\n\t"
                     ADD("s5", "s5", "s16")
                     FOLD("s0", "s4", "s8", "s12")
                     FOLD("s1", "s5", "s9", "s13")
                     FOLD("s2", "s6", "s10", "s14")
                     FOLD("s3", "s7", "s11", "s15")
                     FOLD("s0", "s1", "s2", "s3")
                     FOLD("s4", "s5", "s6", "s7")
                     "cmp r9, #1\n\t"
                     "blt 2f\n\t"
                     EACH(TIN_FPU_RAISE, "s17")
                     "cmp r9, #1\n\t"
                     "beq 2f\n\t"
                     EACH(TIN_FPU_LOWER, "s18")
        // clang-format on
        "\n2:\n\t"
        "vstmia r1!, {s0}\n\t"
        "vstmia r2!, {s1}\n\t"
        "vstmia r3!, {s4}\n\t"
        "vstmia r4!, {s5}\n\t"
        "subs r8, #1\n\t"
        "bne 1b"
        : "+r"(p)
        :
        : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "cc", "memory", "s0",
          "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11",
          "s12", "s13", "s14", "s15", "s16", "s17", "s18");
}
#else
/* A^T m of a column or row. */
static void fold(const float *m, size_t step, float *to, size_t to_step)
{
    to[0] = m[0] + m[step] + m[2 * step];
    to[to_step] = m[step] - m[2 * step] - m[3 * step];
}

/* All channels of the outputs. The bias goes to a point that all four outputs
 * add. */
static void make_outputs(const outputs *o)
{
    const size_t next = TILES * OUTS;

    for (int32_t c = 0; c < o->n; c++) {
        float m[POINTS], t[2 * SIDE], y[4];

        for (size_t i = 0; i < POINTS; i++)
            m[i] = o->m[i * next + (size_t)c];
        m[SIDE + 1] += o->bias[c];
        for (size_t i = 0; i < SIDE; i++)
            fold(m + i, SIDE, t + i, SIDE);
        fold(t, 1, y, 1);
        fold(t + SIDE, 1, y + 2, 1);
        for (size_t i = 0; i < 4; i++)
            o->to[i][c] = tin_clampf(y[i], o->lo, o->hi);
    }
}
#endif

/* Eight output channels from oc on of two tiles, whose sums are in m. */
static void output_tiles(const layer *l, const band *b, int32_t ox, int32_t oc,
                         const float *bias)
{
    const tin_window *w = &l->p->window;
    float nowhere[OUTS];
    outputs o;

    o.bias = bias;
    o.n = w->out_c - oc < OUTS ? w->out_c - oc : OUTS;
    o.lo = l->p->act_min;
    o.hi = l->p->act_max;
    o.bounds = tin_fpu_bounds(o.lo, o.hi);
    for (int32_t t = 0; t < TILES && ox < w->out_w; t++, ox += 2) {
        for (int32_t i = 0; i < 4; i++) {
            float *row = b->out[i / 2];

            o.to[i] = nowhere;
            if (row && ox + i % 2 < w->out_w)
                o.to[i] = row + (ox + i % 2) * w->out_c + oc;
        }
        o.m = l->m + t * OUTS;
        make_outputs(&o);
    }
}

/* ---- The kernel --------------------------------------------------------- */

/*
 * Row y, and with it row y + 1 if y is even, as far as they lie in one image
 * and before y1. Returns the row behind them.
 *
 * An odd row alone is made as the second one of its pair, so that it has the
 * same bits: what only the first one sees does not reach it.
 */
static int32_t make_band(const layer *l, const tin_rows *out, int32_t y,
                         int32_t y1, band *b)
{
    const tin_window *w = &l->p->window;
    const int32_t n = y / w->out_h, odd = y % 2;
    const int32_t top = y - odd - n * w->out_h - w->pad_top;
    int32_t end = y - odd + 2;

    end = end < y1 ? end : y1;
    end = end < (n + 1) * w->out_h ? end : (n + 1) * w->out_h;
    b->out[0] = odd ? NULL : tin_row(out, y);
    b->out[1] = end > y - odd + 1 ? tin_row(out, end - 1) : NULL;
    for (int32_t i = 0; i < SIDE; i++) {
        const int seen = (b->out[0] && i < 3) || (b->out[1] && i > 0);
        const int inside = 0 <= top + i && top + i < w->in_h;

        b->in[i] = NULL;
        if (seen && inside)
            b->in[i] = tin_row(l->in, n * w->in_h + top + i);
    }
    return end;
}

/* Two tiles, from output column ox on. */
static void conv_tiles(const layer *l, const band *b, const float *packed,
                       int32_t ox)
{
    const tin_window *w = &l->p->window;

    input_tiles(l, b, ox - w->pad_left);
    for (int32_t oc = 0; oc < w->out_c; oc += OUTS) {
        const float *bias = packed;

        packed = multiply(l->v, packed + OUTS, l->m, l->chunks);
        output_tiles(l, b, ox, oc, bias);
    }
}

void tin_conv2d_f32_f2_fpu(const void *params, const tin_rows *in,
                           const tin_rows *out, int32_t y0, int32_t y1,
                           void *scratch)
{
    const tin_conv2d_f32_f2_fpu_params *p = params;
    const int32_t out_w = p->conv.window.out_w;
    layer l;
    band b;

    l.p = &p->conv;
    l.in = in;
    l.chunks = (p->conv.window.in_c + CHANNELS - 1) / CHANNELS;
    l.v = scratch;
    l.m = l.patch = l.v + CHUNK * l.chunks;
    while (y0 < y1) {
        y0 = make_band(&l, out, y0, y1, &b);
        for (int32_t ox = 0; ox < out_w; ox += 2 * TILES)
            conv_tiles(&l, &b, p->packed, ox);
    }
}
