/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer_winograd.h: 3x3 convolutions of stride 1 by Winograd's F(n x n,
 * 3x3) in whole numbers, for Cortex-M with DSP instructions.
 *
 * A tile of n * n outputs sees (n + 2)^2 inputs d. Per input channel, B^T d B
 * are its points; each is multiplied by its own weight, a point of G w G^T, and
 * summed over the input channels: (n + 2)^2 products in place of 9 * n^2.
 * A^T m A of the sums m are the outputs. All rows of B^T and G are scaled to
 * whole numbers, which leaves a factor of the outputs to divide by; all of it
 * is exact modulo 2^32.
 */
#ifndef TINYINFER_WINOGRAD_H
#define TINYINFER_WINOGRAD_H

#include "tinyinfer_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Packed by tin_conv2d_s8_f4_dsp_pack. */
typedef tin_conv2d_s8_dsp_params tin_conv2d_s8_f4_dsp_params;

/*
 * tin_conv2d_s8 for 3x3 kernels of stride 1, by Winograd's F(4x4, 3x3) in
 * whole numbers: 36 products where the definition has 144, the same bytes.
 *
 * packed  per 4 output channels: [36][2 * ceil(in_c / 4)][4] words of two
 *         weights, [4][5] and 1 words of bias and requantization: about 8 times
 *         the bytes of the weights
 *
 * _packed_size  the bytes of `packed` for tin_conv2d_s8_params with their
 *   constants; negative where this kernel cannot be used, see Needs. _pack
 *   fills it, on the device or elsewhere.
 * Rows at once: 4. A call for fewer costs as much.
 * Needs: what tin_conv2d_s8 needs; a kernel of 3x3, strides, dilations and
 *   groups 1, and for every output channel sum |weights| * 255 < 2^25, as the
 *   sum is found from 576 times it modulo 2^32. in_c <= 2^20.
 * Alias: no overlap. Scratch: 144 * in_c + max(1152, 312 + 36 * in_c) bytes,
 *   where in_c is rounded up to a multiple of 4; 2304 for 1152 if in_c > 64.
 * Stack: under 512 bytes.
 * Exact: bit for bit tin_conv2d_s8.
 */
tin_kernel tin_conv2d_s8_f4_dsp;
tin_check tin_conv2d_s8_f4_dsp_check;
tin_scratch_size tin_conv2d_s8_f4_dsp_scratch_size;
int32_t tin_conv2d_s8_f4_dsp_packed_size(const void *params);
void tin_conv2d_s8_f4_dsp_pack(const void *params, int32_t *packed);

/* Packed by tin_conv2d_s8_f2_dsp_pack. */
typedef tin_conv2d_s8_dsp_params tin_conv2d_s8_f2_dsp_params;

/*
 * The same by F(2x2, 3x3): 16 products where the definition has 36, the same
 * bytes.
 *
 * packed  per 4 output channels: [16][2 * ceil(in_c / 4)][4] words of two
 *         weights, [4][5] and 1 words of bias and requantization: about 3.6
 *         times the bytes of the weights
 *
 * Rows at once: 2. A call for one costs as much.
 * Needs: as tin_conv2d_s8_f4_dsp, but sum |weights| * 128 < 2^29.
 * Alias: no overlap. Scratch: 64 * in_c + max(512, 16 * in_c) bytes, where
 *   in_c is rounded up to a multiple of 4; 1024 for 512 if in_c > 64.
 * Stack: under 512 bytes.
 * Exact: bit for bit tin_conv2d_s8.
 */
tin_kernel tin_conv2d_s8_f2_dsp;
tin_check tin_conv2d_s8_f2_dsp_check;
tin_scratch_size tin_conv2d_s8_f2_dsp_scratch_size;
int32_t tin_conv2d_s8_f2_dsp_packed_size(const void *params);
void tin_conv2d_s8_f2_dsp_pack(const void *params, int32_t *packed);

/* ---- What both kernels share -------------------------------------------- */

enum {
    TIN_WINOGRAD_OUTS = 4,     /* output channels at a time */
    TIN_WINOGRAD_TILES = 2,    /* tiles at a time */
    TIN_WINOGRAD_STEPS = 32,   /* the most of a chunk; two channels each */
    TIN_WINOGRAD_WORDS = 5,    /* of a channel's bias and requantization */
    TIN_WINOGRAD_F4_LANES = 78 /* words of scratch that F(4x4) transforms in */
};

/* Steps of all input channels, and bytes from pixel to pixel in scratch: the
 * kernels read four channels at a time. */
static inline int32_t tin_winograd_steps(const tin_window *w)
{
    return (w->in_c + 3) / 4 * 2;
}

static inline int32_t tin_winograd_pixel(const tin_window *w)
{
    return w->in_c < 4 ? 4 : w->in_c;
}

#if TIN_HAVE_DSP

/* Not to be inlined: what is long, or takes registers from what is hot. */
# define TIN_WINOGRAD_APART __attribute__((noinline, unused)) static

/* Two products for four channels and two tiles. */
# define TIN_WINOGRAD_STEP                                                     \
  "ldrd r10, r11, [r0], #8\n\t"                                                \
  "ldr r12, [r1], #4\n\t"                                                      \
  "ldr lr, [r1], #4\n\t"                                                       \
  "smlad r2, r12, r10, r2\n\t"                                                 \
  "smlad r3, r12, r11, r3\n\t"                                                 \
  "smlad r4, lr, r10, r4\n\t"                                                  \
  "smlad r5, lr, r11, r5\n\t"                                                  \
  "ldrd r12, lr, [r1], #8\n\t"                                                 \
  "smlad r6, r12, r10, r6\n\t"                                                 \
  "smlad r7, r12, r11, r7\n\t"                                                 \
  "smlad r8, lr, r10, r8\n\t"                                                  \
  "smlad r9, lr, r11, r9\n\t"

/*
 * The products of Winograd's transforms: m[point][channel][tile] = sum over
 * 1 .. TIN_WINOGRAD_STEPS steps of u[point][step][channel] *
 * v[point][step][tile] modulo 2^32, for 4 channels and 2 tiles; a step is two
 * halfwords. Returns the end of u.
 *
 * In assembly, as the 8 sums, 4 operands and 2 addresses take all registers
 * there are: 16 cycles for 16 products, where gcc 12 needs 30. All steps are
 * unrolled; the jump after the first one, which sets the sums, leaves out
 * those that there are not.
 */
TIN_WINOGRAD_APART const int32_t *tin_winograd_multiply_dsp(const uint32_t *v,
                                                            const int32_t *u,
                                                            int32_t *m,
                                                            int32_t points,
                                                            int32_t steps)
{
    struct {
        const uint32_t *v;
        const int32_t *u;
        int32_t *m, *end, skip;
    } a = {v, u, m, m + 8 * points, 3 * (steps - 1)};
    register void *p __asm__("r0") = &a;

    // on the stack: m, its end, where the jump goes; a step has 48 bytes
    __asm__ volatile(".balign 4\n\t" // for ADR
                     "push {r0, r7, r11}\n\t"
                     "ldm r0, {r0-r4}\n\t"
                     "sub sp, sp, #16\n\t"
                     "adr.w r5, 3f\n\t"
                     "sub r5, r5, r4, lsl #4\n\t"
                     "orr r5, r5, #1\n\t"
                     "stm sp, {r2, r3, r5}\n\t"
                     "b 1f\n\t"
                     ".rept 31\n\t" TIN_WINOGRAD_STEP ".endr\n"
                     "3:\n\t"
                     "ldrd r10, r11, [sp]\n\t"
                     "stm r10!, {r2-r9}\n\t"
                     "str r10, [sp]\n\t"
                     "cmp r10, r11\n\t"
                     "beq 2f\n"
                     "1:\n\t"
                     "ldrd r10, r11, [r0], #8\n\t"
                     "ldr r12, [r1], #4\n\t"
                     "ldr lr, [r1], #4\n\t"
                     "smuad r2, r12, r10\n\t"
                     "smuad r3, r12, r11\n\t"
                     "smuad r4, lr, r10\n\t"
                     "smuad r5, lr, r11\n\t"
                     "ldrd r12, lr, [r1], #8\n\t"
                     "smuad r6, r12, r10\n\t"
                     "smuad r7, r12, r11\n\t"
                     "smuad r8, lr, r10\n\t"
                     "smuad r9, lr, r11\n\t"
                     "ldr pc, [sp, #8]\n"
                     "2:\n\t"
                     "add sp, sp, #16\n\t"
                     "pop {r0, r7, r11}\n\t"
                     "str r1, [r0, #4]"
                     : "+r"(p)
                     :
                     : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10",
                       "r12", "lr", "cc", "memory");
    return a.u;
}

/* What all tiles of a call share. */
typedef struct {
    const tin_conv2d_s8_params *p;
    int32_t steps; /* of two channels */
    int32_t pixel; /* bytes from pixel to pixel in `patch` */
    uint32_t *v;   /* [chunk][point][step][tile]: transformed inputs */
    int32_t *m;    /* [point][channel][tile]: sums of four output channels */
    int8_t *patch; /* [side][side][channel], `lanes` words after m */
} tin_winograd_layer;

/* Up to n output rows and the input rows that they see. */
typedef struct {
    int32_t rows;
    int8_t *out[4];
    const int8_t *in[6]; /* NULL outside of the image */
} tin_winograd_band;

/* F(n x n, 3x3). A constant in each kernel, so that what follows is compiled
 * for it. */
typedef struct {
    int32_t n;
    int32_t side;  /* n + 2 */
    int32_t lanes; /* words from m on that are transform()'s own */

    /* v[point][step] for `groups` times four channels of a tile from `at` on,
     * from the bytes row[side][side pixels]; a step holds TILES words, a point
     * `steps` steps. */
    void (*transform)(const tin_winograd_layer *l, const int8_t *const *row,
                      int32_t at, uint32_t *v, int32_t steps, int32_t groups);

    /* The bytes out[row][column][channel] of four channels of a tile from their
     * sums m[point], OUTS * TILES apart. q: bias, multiplier, offset, factor
     * and 0, or `right` and `sign`, see tin_requant; what that takes is
     * factor * sum + bias. */
    void (*outputs)(const int32_t *m, const int32_t *q, int8_t *out);

    /* The same for one channel that one floor does not serve. q: bias,
     * multiplier, shift. */
    void (*any_output)(const int32_t *m, const int32_t *q, int8_t *out,
                       int32_t zero);
} tin_winograd;

/* Of so many steps, those that the next chunk takes. */
static inline int32_t tin_winograd_chunk(int32_t steps)
{
    return steps < TIN_WINOGRAD_STEPS ? steps : (int32_t)TIN_WINOGRAD_STEPS;
}

/* The points of a tile. Channels that do not fill a four come with those before
 * them, which then count nothing. */
static inline void tin_winograd_points(const tin_winograd *f,
                                       const tin_winograd_layer *l,
                                       const int8_t *const *row, uint32_t *v)
{
    const int32_t points = f->side * f->side;

    for (int32_t step = 0; step < l->steps; step += TIN_WINOGRAD_STEPS) {
        const int32_t steps = tin_winograd_chunk(l->steps - step);
        const int32_t at = 2 * step, left = (l->p->window.in_c - at) / 4;
        const int32_t fours = left < steps / 2 ? left : steps / 2;

        if (fours)
            f->transform(l, row, at, v, steps, fours);
        if (fours < steps / 2) {
            f->transform(l, row, l->pixel - 4,
                         v + fours * 2 * TIN_WINOGRAD_TILES, steps, 1);
        }
        v += points * TIN_WINOGRAD_TILES * steps;
    }
}

/* A copy of `side` pixels of an input row from column x on, with those beside
 * the image; from is NULL where all are. */
TIN_WINOGRAD_APART void tin_winograd_copy(const tin_winograd_layer *l,
                                          int32_t side, const int8_t *from,
                                          int32_t x, int8_t *to)
{
    tin_patch_copy_dsp(to, l->pixel, side, from, x, &l->p->window,
                       l->p->in_zero);
}

/* The tile whose inputs begin in column x. */
static inline void tin_winograd_input(const tin_winograd *f,
                                      const tin_winograd_layer *l,
                                      const tin_winograd_band *b, int32_t x,
                                      uint32_t *v)
{
    const tin_window *w = &l->p->window;
    const int32_t in_c = w->in_c, from = x * in_c;
    const int inside = 0 <= x && x <= w->in_w - f->side && in_c == l->pixel;
    const int8_t *row[6];
    int8_t *to = l->patch;

    for (int32_t i = 0; i < f->side; i++, to += f->side * l->pixel) {
        row[i] = inside && b->in[i] ? b->in[i] + from : to;
        if (row[i] == to)
            tin_winograd_copy(l, f->side, b->in[i], x, to);
    }
    tin_winograd_points(f, l, row, v);
}

/* m for all steps. Returns the end of the weights u. */
static inline const int32_t *tin_winograd_multiply(const tin_winograd *f,
                                                   const tin_winograd_layer *l,
                                                   const int32_t *u)
{
    const int32_t points = f->side * f->side;
    const int32_t n = points * TIN_WINOGRAD_OUTS * TIN_WINOGRAD_TILES;
    const uint32_t *v = l->v;
    int32_t *m = l->m;
    int32_t left = l->steps;

    u = tin_winograd_multiply_dsp(v, u, m, points, tin_winograd_chunk(left));
    while ((left -= TIN_WINOGRAD_STEPS) > 0) {
        v += points * TIN_WINOGRAD_TILES * TIN_WINOGRAD_STEPS;
        u = tin_winograd_multiply_dsp(v, u, m + n, points,
                                      tin_winograd_chunk(left));
        for (int32_t i = 0; i < n; i++)
            m[i] = (int32_t)((uint32_t)m[i] + (uint32_t)m[n + i]);
    }
    return u;
}

/* Writes the channels and columns of a tile that there are. */
TIN_WINOGRAD_APART void tin_winograd_store_part(const tin_winograd *f,
                                                const tin_conv2d_s8_params *p,
                                                const tin_winograd_band *b,
                                                int32_t ox, int32_t oc,
                                                const int8_t *from)
{
    const int32_t out_c = p->window.out_c, left = p->window.out_w - ox;
    const int32_t cols = left < f->n ? left : f->n;
    const int32_t n = out_c - oc < TIN_WINOGRAD_OUTS
                          ? out_c - oc
                          : (int32_t)TIN_WINOGRAD_OUTS;

    for (int32_t i = 0; i < b->rows; i++) {
        int8_t *to = b->out[i] + ox * out_c + oc;

        for (int32_t j = 0; j < cols; j++, to += out_c) {
            for (int32_t c = 0; c < n; c++)
                to[c] = from[j * TIN_WINOGRAD_OUTS + c];
        }
        from += f->n * TIN_WINOGRAD_OUTS;
    }
}

/* A row of a whole tile, four channels of each pixel; n is 2 or 4. */
static inline void tin_winograd_store_row(int8_t *to, int32_t out_c,
                                          const uint32_t *from, int32_t n)
{
    const uint32_t x0 = from[0], x1 = from[1];
    const uint32_t x2 = from[n - 2], x3 = from[n - 1];

    __builtin_memcpy(to, &x0, 4);
    __builtin_memcpy(to + out_c, &x1, 4);
    if (n == 4) {
        __builtin_memcpy(to + 2 * out_c, &x2, 4);
        __builtin_memcpy(to + 3 * out_c, &x3, 4);
    }
}

/* A whole tile; `at` bytes into the rows. */
static inline void tin_winograd_store(const tin_winograd *f,
                                      const tin_winograd_band *b, int32_t at,
                                      int32_t out_c, const uint32_t *from)
{
    const int32_t n = f->n;

    tin_winograd_store_row(b->out[0] + at, out_c, from, n);
    tin_winograd_store_row(b->out[1] + at, out_c, from + n, n);
    if (n == 4) {
        tin_winograd_store_row(b->out[2] + at, out_c, from + 8, n);
        tin_winograd_store_row(b->out[3] + at, out_c, from + 12, n);
    }
}

/* Four output channels of two tiles, whose sums are in m. */
static inline void tin_winograd_output(const tin_winograd *f,
                                       const tin_winograd_layer *l,
                                       const tin_winograd_band *b, int32_t ox,
                                       int32_t oc, const int32_t *q)
{
    enum { OUTS = TIN_WINOGRAD_OUTS, WORDS = TIN_WINOGRAD_WORDS };
    const tin_conv2d_s8_params *p = l->p;
    const int32_t out_c = p->window.out_c, out_w = p->window.out_w;
    const int32_t n = f->n;
    uint32_t words[4 * 4];
    int8_t *bytes = (int8_t *)words;

    for (int32_t t = 0; t < TIN_WINOGRAD_TILES && ox < out_w; t++, ox += n) {
        f->outputs(l->m + t, q, bytes);
        for (int32_t c = 0; q[OUTS * WORDS] >> c; c++) {
            if (q[OUTS * WORDS] >> c & 1) {
                f->any_output(l->m + c * TIN_WINOGRAD_TILES + t, q + c * WORDS,
                              bytes + c, p->out_zero);
            }
        }
        if (p->act_min > -128 || p->act_max < 127)
            tin_clamp_dsp(bytes, n * n * OUTS, p->act_min, p->act_max);
        if (b->rows == n && ox + n <= out_w && oc + OUTS <= out_c)
            tin_winograd_store(f, b, ox * out_c + oc, out_c, words);
        else
            tin_winograd_store_part(f, p, b, ox, oc, bytes);
    }
}

/* Output rows from y on that lie in one image. */
static inline void tin_winograd_rows(const tin_winograd *f,
                                     const tin_winograd_layer *l,
                                     const tin_rows *in, const tin_rows *out,
                                     int32_t y, int32_t y1,
                                     tin_winograd_band *b)
{
    const tin_window *w = &l->p->window;
    const int32_t n = y / w->out_h, oy = y - n * w->out_h;
    const int32_t left = w->out_h - oy < y1 - y ? w->out_h - oy : y1 - y;

    b->rows = left < f->n ? left : f->n;
    for (int32_t i = 0; i < b->rows; i++)
        b->out[i] = (int8_t *)tin_row(out, y + i);
    for (int32_t i = 0; i < f->side; i++) {
        const int32_t iy = oy - w->pad_top + i;

        b->in[i] = NULL;
        if (i < b->rows + 2 && 0 <= iy && iy < w->in_h)
            b->in[i] = (int8_t *)tin_row(in, n * w->in_h + iy);
    }
}

/* Two tiles, from output column ox on. */
static inline void tin_winograd_tiles(const tin_winograd *f,
                                      const tin_winograd_layer *l,
                                      const tin_winograd_band *b,
                                      const int32_t *packed, int32_t ox)
{
    const tin_window *w = &l->p->window;
    const int32_t n = f->n;

    for (int32_t t = 0; t < TIN_WINOGRAD_TILES && ox + n * t < w->out_w; t++)
        tin_winograd_input(f, l, b, ox + n * t - w->pad_left, l->v + t);
    for (int32_t oc = 0; oc < w->out_c; oc += TIN_WINOGRAD_OUTS) {
        packed = tin_winograd_multiply(f, l, packed);
        tin_winograd_output(f, l, b, ox, oc, packed);
        packed += TIN_WINOGRAD_OUTS * TIN_WINOGRAD_WORDS + 1;
    }
}

/* The kernel. */
static inline void tin_winograd_conv(const tin_winograd *f,
                                     const tin_conv2d_s8_params *p,
                                     const int32_t *packed, const tin_rows *in,
                                     const tin_rows *out, int32_t y0,
                                     int32_t y1, void *scratch)
{
    const int32_t points = f->side * f->side;
    const int32_t columns = TIN_WINOGRAD_TILES * f->n;
    tin_winograd_layer l;
    tin_winograd_band b;

    l.p = p;
    l.steps = tin_winograd_steps(&p->window);
    l.pixel = tin_winograd_pixel(&p->window);
    l.v = (uint32_t *)scratch;
    l.m = (int32_t *)(l.v + points * TIN_WINOGRAD_TILES * l.steps);
    l.patch = (int8_t *)(l.m + f->lanes);
    for (; y0 < y1; y0 += b.rows) {
        tin_winograd_rows(f, &l, in, out, y0, y1, &b);
        for (int32_t ox = 0; ox < p->window.out_w; ox += columns)
            tin_winograd_tiles(f, &l, &b, packed, ox);
    }
}

#endif /* TIN_HAVE_DSP */

#ifdef __cplusplus
}
#endif

#endif /* TINYINFER_WINOGRAD_H */
