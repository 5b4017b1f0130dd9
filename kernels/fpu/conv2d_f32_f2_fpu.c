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

enum {
    SIDE = 4,
    POINTS = SIDE * SIDE,
    OUTS = 8,
    TILES = 2,
    CHANNELS = 4, /* of a chunk */
    CHUNK = POINTS * CHANNELS * TILES
};

/* What all tiles of a call share. */
typedef struct {
    const tin_conv2d_f32_params *p;
    const tin_rows *in;
    int32_t chunks; /* of four input channels */
    float *v;       /* [chunk][point][channel][tile]: transformed inputs */
    float *m;       /* [point][tile][channel]: sums of eight output channels */
    float *patch;   /* [4][4][channel], where m will be */
} layer;

/* Up to two output rows and the input rows that they see. */
typedef struct {
    int32_t rows;
    float *out[2];
    const float *in[SIDE]; /* NULL outside of the image */
} band;

/* ---- Inputs ------------------------------------------------------------- */

/* B^T d of a column or row. */
static inline void transform(float d0, float d1, float d2, float d3, float *to,
                             int32_t step)
{
    to[0] = d0 - d2;
    to[step] = d1 + d2;
    to[2 * step] = d2 - d1;
    to[3 * step] = d1 - d3;
}

/* A chunk of the points of a tile from four rows of pixels. */
TIN_NOINLINE static void transform_chunk(const float *const *row, size_t pixel,
                                         float *v)
{
    const float *x0 = row[0], *x1 = row[1], *x2 = row[2], *x3 = row[3];
    enum { STEP = CHANNELS * TILES };

    for (int32_t c = 0; c < CHANNELS; c++, v += TILES) {
        float t[POINTS]; // [column][row]

        for (size_t j = 0; j < SIDE; j++)
            transform(x0[j * pixel], x1[j * pixel], x2[j * pixel],
                      x3[j * pixel], t + SIDE * j, 1);
        for (int32_t i = 0; i < SIDE; i++)
            transform(t[i], t[SIDE + i], t[2 * SIDE + i], t[3 * SIDE + i],
                      v + SIDE * i * STEP, STEP);
        x0++;
        x1++;
        x2++;
        x3++;
    }
}

/* Four channels from c on of 4 * 4 pixels from column x on, with zeros for
 * what there is not. */
static void copy_patch(const layer *l, const band *b, int32_t x, int32_t c,
                       float *to)
{
    const int32_t in_w = l->p->window.in_w, in_c = l->p->window.in_c;
    const int32_t n = in_c - c < CHANNELS ? in_c - c : CHANNELS;

    for (int32_t i = 0; i < SIDE; i++) {
        for (int32_t j = 0; j < SIDE; j++, to += CHANNELS) {
            const int inside = b->in[i] && 0 <= x + j && x + j < in_w;
            const float *from = inside ? b->in[i] + (x + j) * in_c + c : NULL;

            for (int32_t k = 0; k < CHANNELS; k++)
                to[k] = from && k < n ? from[k] : 0;
        }
    }
}

/* The points of the tile whose inputs begin in column x. */
static void input_tile(const layer *l, const band *b, int32_t x, float *v)
{
    const int32_t in_c = l->p->window.in_c, in_w = l->p->window.in_w;
    int inside = 0 <= x && x <= in_w - SIDE;
    const float *row[SIDE];

    for (int32_t i = 0; i < SIDE; i++)
        inside = inside && b->in[i];
    for (int32_t c = 0; c < in_c; c += CHANNELS, v += CHUNK) {
        const int whole = inside && c + CHANNELS <= in_c;

        for (int32_t i = 0; i < SIDE; i++)
            row[i] = whole ? b->in[i] + x * in_c + c
                           : l->patch + i * SIDE * CHANNELS;
        if (!whole)
            copy_patch(l, b, x, c, l->patch);
        transform_chunk(row, whole ? (size_t)in_c : CHANNELS, v);
    }
}

/* ---- Products ----------------------------------------------------------- */

#if TIN_HAVE_FPU
/* clang-format off */

/* One input channel, `v` and `w` bytes on. Products are added four or six
 * later: a result that the next instruction takes costs a cycle on silicon. */
# define STEP(v, w) \
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
    "vmul.f32 s26, s16, s18\n\t" \
    "vmul.f32 s27, s16, s19\n\t" \
    "vmul.f32 s28, s16, s20\n\t" \
    "vmul.f32 s29, s16, s21\n\t" \
    "vmul.f32 s30, s16, s22\n\t" \
    "vmul.f32 s31, s16, s23\n\t" \
    "vadd.f32 s0, s0, s26\n\t" \
    "vadd.f32 s1, s1, s27\n\t" \
    "vadd.f32 s2, s2, s28\n\t" \
    "vadd.f32 s3, s3, s29\n\t" \
    "vadd.f32 s4, s4, s30\n\t" \
    "vadd.f32 s5, s5, s31\n\t" \
    "vmul.f32 s26, s16, s24\n\t" \
    "vmul.f32 s27, s16, s25\n\t" \
    "vmul.f32 s18, s17, s18\n\t" \
    "vmul.f32 s19, s17, s19\n\t" \
    "vmul.f32 s20, s17, s20\n\t" \
    "vmul.f32 s21, s17, s21\n\t" \
    "vmul.f32 s22, s17, s22\n\t" \
    "vmul.f32 s23, s17, s23\n\t" \
    "vmul.f32 s24, s17, s24\n\t" \
    "vmul.f32 s25, s17, s25\n\t" \
    "vadd.f32 s6, s6, s26\n\t" \
    "vadd.f32 s7, s7, s27\n\t" \
    "vadd.f32 s8, s8, s18\n\t" \
    "vadd.f32 s9, s9, s19\n\t" \
    "vadd.f32 s10, s10, s20\n\t" \
    "vadd.f32 s11, s11, s21\n\t" \
    "vadd.f32 s12, s12, s22\n\t" \
    "vadd.f32 s13, s13, s23\n\t" \
    "vadd.f32 s14, s14, s24\n\t" \
    "vadd.f32 s15, s15, s25\n\t"

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

    __asm__ volatile(
        "1:\n\t"
        "vmov d0, %[zero], %[zero]\n\t"
        "vmov d1, %[zero], %[zero]\n\t"
        "vmov d2, %[zero], %[zero]\n\t"
        "vmov d3, %[zero], %[zero]\n\t"
        "vmov d4, %[zero], %[zero]\n\t"
        "vmov d5, %[zero], %[zero]\n\t"
        "vmov d6, %[zero], %[zero]\n\t"
        "vmov d7, %[zero], %[zero]\n\t"
        "mov %[at], %[v]\n\t"
        "mov %[left], %[chunks]\n"
        "2:\n\t"
        // clang-format off
                     STEP("0", "0")
                     STEP("8", "32")
                     STEP("16", "64")
                     STEP("24", "96")
        // clang-format on
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
        : "cc", "memory", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8",
          "s9", "s10", "s11", "s12", "s13", "s14", "s15", "s16", "s17", "s18",
          "s19", "s20", "s21", "s22", "s23", "s24", "s25", "s26", "s27", "s28",
          "s29", "s30", "s31");
    return u;
}
#else
static const float *multiply(const float *v, const float *u, float *m,
                             int32_t chunks)
{
    for (int32_t point = 0; point < POINTS; point++, m += TILES * OUTS) {
        const float *x = v + point * CHANNELS * TILES;

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

static inline float clamp(float x, float lo, float hi, int32_t bounds)
{
#if TIN_HAVE_FPU
    if (bounds > 0)
        __asm__(TIN_FPU_RAISE("%0", "%1") : "+t"(x) : "t"(lo) : "cc");
    if (bounds > 1)
        __asm__(TIN_FPU_LOWER("%0", "%1") : "+t"(x) : "t"(hi) : "cc");
#else
    (void)bounds;
    x = tin_clampf(x, lo, hi);
#endif
    return x;
}

/* The outputs of `n` channels of a tile at to[row, column]. */
static inline void output_tile(const layer *l, const float *m,
                               const float *bias, int32_t n, float *const *to,
                               int32_t bounds)
{
    enum { STEP = TILES * OUTS };
    const float lo = l->p->act_min, hi = l->p->act_max;
    float *y0 = to[0], *y1 = to[1], *y2 = to[2], *y3 = to[3];

    for (int32_t c = 0; c < n; c++, m++) {
        float s[SIDE], d[SIDE];

        for (int32_t j = 0; j < SIDE; j++) {
            const float a = m[(SIDE + j) * STEP], b = m[(2 * SIDE + j) * STEP];

            s[j] = m[j * STEP] + a + b;
            d[j] = a - b - m[(3 * SIDE + j) * STEP];
        }
        *y0++ = clamp(s[0] + s[1] + s[2] + bias[c], lo, hi, bounds);
        *y1++ = clamp(s[1] - s[2] - s[3] + bias[c], lo, hi, bounds);
        *y2++ = clamp(d[0] + d[1] + d[2] + bias[c], lo, hi, bounds);
        *y3++ = clamp(d[1] - d[2] - d[3] + bias[c], lo, hi, bounds);
    }
}

/* Eight output channels from oc on of two tiles, whose sums are in m. */
TIN_NOINLINE static void output_tiles(const layer *l, const band *b, int32_t ox,
                                      int32_t oc, const float *bias)
{
    const tin_window *w = &l->p->window;
    const int32_t n = w->out_c - oc < OUTS ? w->out_c - oc : OUTS;
    const int32_t bounds = tin_fpu_bounds(l->p->act_min, l->p->act_max);
    float nowhere[OUTS];

    for (int32_t t = 0; t < TILES && ox < w->out_w; t++, ox += 2) {
        const float *m = l->m + t * OUTS;
        float *to[4];

        for (int32_t i = 0; i < 4; i++) {
            const int there = i / 2 < b->rows && ox + i % 2 < w->out_w;

            to[i] =
                there ? b->out[i / 2] + (ox + i % 2) * w->out_c + oc : nowhere;
        }
        if (bounds == 1)
            output_tile(l, m, bias, n, to, 1);
        else
            output_tile(l, m, bias, n, to, 2);
    }
}

/* ---- The kernel --------------------------------------------------------- */

/* Output rows from y on that lie in one image: an even one and the one behind
 * it, or one of them. Every pair of rows is made at once, so that what a row
 * before it needed may have been overwritten. */
static void make_band(const layer *l, const tin_rows *out, int32_t y,
                      int32_t y1, band *b)
{
    const tin_window *w = &l->p->window;
    const int32_t n = y / w->out_h, oy = y - n * w->out_h;

    b->rows = y % 2 == 0 && oy + 1 < w->out_h && y + 1 < y1 ? 2 : 1;
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
static void conv_tiles(const layer *l, const band *b, const float *packed,
                       int32_t ox)
{
    const tin_window *w = &l->p->window;

    for (int32_t t = 0; t < TILES && ox + 2 * t < w->out_w; t++)
        input_tile(l, b, ox + 2 * t - w->pad_left, l->v + t);
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
    for (; y0 < y1; y0 += b.rows) {
        make_band(&l, out, y0, y1, &b);
        for (int32_t ox = 0; ox < out_w; ox += 2 * TILES)
            conv_tiles(&l, &b, p->packed, ox);
    }
}
