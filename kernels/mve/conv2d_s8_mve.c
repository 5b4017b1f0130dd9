/* SPDX-License-Identifier: MIT */
/*
 * tin_conv2d_s8_mve: see tinyinfer_kernels.h.
 *
 * For each output row: lay out the strip, then go along the pixels. Filters
 * of up to four vectors are short: the patch of a pixel stays in registers and
 * meets four filters at a time. For longer ones two patches meet three filters
 * at a time, and the sums of two pixels wait in scratch to become bytes.
 */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_MVE

# include <arm_mve.h>

/* What all rows of a call share. */
typedef struct {
    const tin_conv2d_s8_params *p;
    const tin_rows *in;
    const int8_t *stream;    /* short filters, or what belongs to channels */
    const int8_t *filters;   /* long filters, in groups of three, then two */
    int32_t threes, twos;    /* how many groups */
    int32_t head, more;      /* taps of a first vector, vectors after it */
    int32_t column;          /* bytes of a column of the strip */
    int32_t pixel;           /* bytes from a patch to its neighbour's */
    int32_t patches, pieces; /* what the strip is laid out from: pieces of */
    int32_t piece;           /* patches, of so many columns */
    int32_t *sum[2];         /* scratch: the sums of two pixels */
    int8_t *strip;           /* scratch, or NULL where it is the input */
    int32_t at_once;         /* narrow columns in a vector, and where their */
    uint8x16_t offsets;      /* bytes go */
    int32_t zero;            /* of the output */
    int simple;              /* see finish */
} layer;

/* ---- The strip ---------------------------------------------------------- */

/* Fills the strip with the zero point. What no input row is copied to stays
 * so from row to row. */
static void fill_strip(const layer *l)
{
    const int32_t bytes = l->patches * l->pieces * l->piece * l->column;
    const int8x16_t zero = vdupq_n_s8((int8_t)l->p->in_zero);

    for (int32_t i = 0; i < bytes; i += 16)
        vstrbq_p_s8(l->strip + i, zero, vctp8q((uint32_t)(bytes - i)));
}

/* Where the bytes of narrow columns go: as many as a vector holds. */
static void find_offsets(layer *l)
{
    const int32_t c = l->p->window.in_c;
    uint8_t offset[16] = {0};

    l->at_once = 0;
    while ((l->at_once + 1) * c <= 16 && l->at_once * l->column + c <= 256) {
        for (int32_t i = 0; i < c; i++) {
            offset[l->at_once * c + i] = (uint8_t)(l->at_once * l->column + i);
        }
        l->at_once++;
    }
    l->offsets = vldrbq_u8(offset);
}

/* Copies n columns of less than 16 bytes. */
static void put_narrow(const layer *l, int8_t *dst, const int8_t *src,
                       int32_t n)
{
    const int32_t c = l->p->window.in_c, at_once = l->at_once;
    const int32_t bytes = at_once * c, step = at_once * l->column;
    const uint8x16_t offsets = l->offsets;
    mve_pred16_t mask = vctp8q((uint32_t)bytes);

    for (; n >= at_once; n -= at_once) {
        vstrbq_scatter_offset_p_s8(dst, offsets, vldrbq_z_s8(src, mask), mask);
        dst += step;
        src += bytes;
    }
    mask = vctp8q((uint32_t)(n * c));
    vstrbq_scatter_offset_p_s8(dst, offsets, vldrbq_z_s8(src, mask), mask);
}

/* The same for columns of 16 bytes and more: a vector of each, then the next
 * one. */
static void put_wide(const layer *l, int8_t *dst, const int8_t *src, int32_t n)
{
    const int32_t c = l->p->window.in_c, step = l->column;

    for (int32_t i = 0; i + 16 <= c; i += 16) {
        const int8_t *from = src + i;
        int8_t *to = dst + i;

        for (int32_t left = n; left > 0; left--) {
            vstrbq_s8(to, vldrbq_s8(from));
            from += c;
            to += step;
        }
    }
    if (c % 16) {
        const mve_pred16_t mask = vctp8q((uint32_t)c % 16);

        src += c / 16 * 16;
        dst += c / 16 * 16;
        for (; n > 0; n--) {
            vstrbq_p_s8(dst, vldrbq_z_s8(src, mask), mask);
            src += c;
            dst += step;
        }
    }
}

/* n columns of the zero point. */
static void put_zero(const layer *l, int8_t *dst, int32_t n)
{
    const int8x16_t zero = vdupq_n_s8((int8_t)l->p->in_zero);
    const int32_t c = l->p->window.in_c;

    for (; n > 0; n--) {
        for (int32_t i = 0; i < c; i += 16)
            vstrbq_p_s8(dst + i, zero, vctp8q((uint32_t)(c - i)));
        dst += l->column;
    }
}

/* A kernel row of a piece: columns ix .. of an input row, or of none, as far
 * as they lie in the image. */
static inline void put_piece(const layer *l, int8_t *dst, const int8_t *row,
                             int32_t ix)
{
    const tin_window *w = &l->p->window;
    const int32_t first = tin_clamp(-ix, 0, l->piece);
    const int32_t n = tin_clamp(w->in_w - ix, first, l->piece) - first;

    dst += first * l->column;
    if (!row)
        put_zero(l, dst, n);
    else if (n > 0 && w->in_c < 16)
        put_narrow(l, dst, row + (ix + first) * w->in_c, n);
    else if (n > 0)
        put_wide(l, dst, row + (ix + first) * w->in_c, n);
}

/* Kernel row ky of the strip. */
static void put_row(const layer *l, int32_t ky, const int8_t *row)
{
    const tin_window *w = &l->p->window;
    int8_t *dst = l->strip + ky * w->in_c;

    if (l->patches * l->pieces == 1) {
        put_piece(l, dst, row, -w->pad_left);
        return;
    }
    for (int32_t ox = 0; ox < l->patches; ox++) {
        for (int32_t kx = 0; kx < l->pieces; kx++) {
            put_piece(l, dst, row,
                      ox * w->stride_w + kx * w->dilation_w - w->pad_left);
            dst += l->piece * l->column;
        }
    }
}

/* The strip of output row y: where its first patch lies. */
static const int8_t *make_strip(const layer *l, int32_t y)
{
    const tin_window *w = &l->p->window;
    tin_patch v;
    int32_t row;

    tin_patch_rows(&v, w, l->in->rows, y);
    if (!l->strip)
        return tin_row(l->in, v.row);
    row = v.row;
    for (int32_t ky = 0; ky < w->kernel_h; ky++) {
        const int inside = v.ky0 <= ky && ky < v.ky1;

        put_row(l, ky, inside ? tin_row(l->in, row) : NULL);
        if (inside)
            row = tin_ring_next(row, w->dilation_h, l->in->rows);
    }
    return l->strip;
}

/* ---- Loads -------------------------------------------------------------- */

/* The vector at *p, which moves on: compilers add to a copy of it instead.
 * Volatile keeps them in order; moved ahead, they run out of registers. */
static inline int8x16_t next(const int8_t **p)
{
    const int8_t *at = *p;
    int8x16_t v;

    __asm__ volatile("vldrb.8 %q0, [%1], #16"
                     : "=w"(v), "+r"(at)
                     : "m"(*(const int8_t(*)[16])at));
    *p = at;
    return v;
}

/* The first n bytes at *p, with zeros behind them; no more are read, since a
 * patch may end where the memory does. */
static inline int8x16_t next_some(const int8_t **p, int32_t n)
{
    const int8x16_t v = vldrbq_z_s8(*p, vctp8q((uint32_t)n));

    *p += n;
    return v;
}

/* Lanes 0 and 2, then 1 and 3 of a vector: one instruction each, where
 * compilers use two. */
static inline int32x4_t lanes_02(int32_t a, int32_t c)
{
    int32x4_t q;

    __asm__ volatile("vmov %q0[2], %q0[0], %1, %2" : "=w"(q) : "r"(a), "r"(c));
    return q;
}

static inline int32x4_t lanes_13(int32x4_t q, int32_t b, int32_t d)
{
    __asm__ volatile("vmov %q0[3], %q0[1], %1, %2" : "+w"(q) : "r"(b), "r"(d));
    return q;
}

static inline int32x4_t lanes(const int32_t x[4])
{
    return lanes_13(lanes_02(x[0], x[2]), x[1], x[3]);
}

/* ---- Bytes -------------------------------------------------------------- */

/* Numbers to -128 .. 127 in the low byte of each lane, in place, where
 * compilers copy twice. */
static inline int32x4_t saturate(int32x4_t x)
{
    __asm__("vqmovnb.s32 %q0, %q0\n\tvqmovnb.s16 %q0, %q0" : "+w"(x));
    return x;
}

/* What belongs to four channels. */
typedef struct {
    int32x4_t bias, multiplier, shift;
} channels;

static inline int32x4_t next_words(const int8_t **p)
{
    return vreinterpretq_s32_s8(next(p));
}

static inline channels next_channels(const int8_t **p)
{
    channels c;

    c.bias = next_words(p);
    c.multiplier = next_words(p);
    c.shift = next_words(p);
    return c;
}

/* The outputs of four channels, by tin_output_s8: VQRDMULH is its first
 * rounding. VRSHL rounds halves up, the second one away from zero: one less
 * for negative numbers, if bits are lost at all, makes up for it. `simple` is
 * where out_zero is act_min, so that halves below zero come out as act_min
 * anyway, and the clamp is that to a byte. */
static inline __attribute__((always_inline)) int32x4_t finish(
    const layer *l, int32x4_t sum, const channels *c, int32_t zero, int simple)
{
    sum = vqrdmulhq_s32(vaddq_s32(sum, c->bias), c->multiplier);
    if (!simple)
        sum = vaddq_s32(sum, vshrq_n_s32(vandq_s32(sum, c->shift), 31));
    sum = vqaddq_n_s32(vrshlq_s32(sum, c->shift), zero);
    if (simple)
        return saturate(sum);
    sum = vmaxq_s32(sum, vdupq_n_s32(l->p->act_min));
    return vminq_s32(sum, vdupq_n_s32(l->p->act_max));
}

/* ---- Short filters ------------------------------------------------------ */

/* The last channels of a pixel, if they are not four. */
TIN_NOINLINE static void short_rest(const layer *l, const int8_t *x,
                                    int8_t *dst)
{
    const tin_window *v = &l->p->window;
    const int8_t *w = l->stream + v->out_c / 4 * (48 + 64 * (1 + l->more));
    int32_t sum[4] = {0, 0, 0, 0};
    channels c;

    for (int32_t k = 0; k < 2; k++) {
        const int8_t *from = x;
        int8x16_t a = next_some(&from, l->head);

        for (int32_t i = l->more; i >= 0; i--) {
            sum[k] = vmladavaq_s8(sum[k], a, next(&w));
            sum[k + 2] = vmladavaq_s8(sum[k + 2], a, next(&w));
            if (i > 0)
                a = next(&from);
        }
    }
    c = next_channels(&w);
    vstrbq_p_s32(dst + v->out_c / 4 * 4, finish(l, lanes(sum), &c, l->zero, 0),
                 vctp32q((uint32_t)v->out_c % 4));
}

/* The sums of two filters with a pixel of n vectors. */
static inline __attribute__((always_inline)) void add_filters(
    int32_t *a, int32_t *b, const int8x16_t x[4], const int8_t **w, int32_t n)
{
    *a = vmladavq_s8(x[0], next(w));
    *b = vmladavq_s8(x[0], next(w));
    if (n > 1) {
        *a = vmladavaq_s8(*a, x[1], next(w));
        *b = vmladavaq_s8(*b, x[1], next(w));
    }
    if (n > 2) {
        *a = vmladavaq_s8(*a, x[2], next(w));
        *b = vmladavaq_s8(*b, x[2], next(w));
    }
    if (n > 3) {
        *a = vmladavaq_s8(*a, x[3], next(w));
        *b = vmladavaq_s8(*b, x[3], next(w));
    }
}

/* A pixel with filters of n <= 4 vectors: its patch stays in registers. n and
 * simple are constants. */
static inline __attribute__((always_inline)) void short_pixel(
    const layer *l, const int8_t *x, int8_t *dst, int32_t n, int simple)
{
    const int8_t *w = l->stream;
    const int32_t zero = l->zero;
    int8x16_t v[4];

    v[0] = next_some(&x, l->head);
    v[1] = n > 1 ? next(&x) : v[0];
    v[2] = n > 2 ? next(&x) : v[0];
    v[3] = n > 3 ? next(&x) : v[0];
    for (int32_t i = l->p->window.out_c / 4; i > 0; i--) {
        int32_t sum[4];
        channels c;

        add_filters(&sum[0], &sum[2], v, &w, n);
        add_filters(&sum[1], &sum[3], v, &w, n);
        c = next_channels(&w);
        vstrbq_s32(dst, finish(l, lanes(sum), &c, zero, simple));
        dst += 4;
    }
}

/* The sums of two filters with two pixels of n vectors. */
static inline __attribute__((always_inline)) void add_pair(int32_t sum[4],
                                                           int8x16_t x[2][2],
                                                           const int8_t **w,
                                                           int32_t n)
{
    int8x16_t f = next(w);

    sum[0] = vmladavq_s8(x[0][0], f);
    sum[1] = vmladavq_s8(x[0][1], f);
    f = next(w);
    sum[2] = vmladavq_s8(x[0][0], f);
    sum[3] = vmladavq_s8(x[0][1], f);
    if (n > 1) {
        f = next(w);
        sum[0] = vmladavaq_s8(sum[0], x[1][0], f);
        sum[1] = vmladavaq_s8(sum[1], x[1][1], f);
        f = next(w);
        sum[2] = vmladavaq_s8(sum[2], x[1][0], f);
        sum[3] = vmladavaq_s8(sum[3], x[1][1], f);
    }
}

/* Two pixels with filters of n <= 2 vectors; n and simple are constants. */
static inline __attribute__((always_inline)) void short_pixels(
    const layer *l, const int8_t *x, int8_t *dst, int32_t n, int simple)
{
    const int8_t *w = l->stream, *x1 = x + l->pixel;
    const int32_t zero = l->zero;
    int8_t *dst1 = dst + l->p->window.out_c;
    int8x16_t v[2][2];

    v[0][0] = next_some(&x, l->head);
    v[0][1] = next_some(&x1, l->head);
    v[1][0] = n > 1 ? next(&x) : v[0][0];
    v[1][1] = n > 1 ? next(&x1) : v[0][1];
    for (int32_t i = l->p->window.out_c / 4; i > 0; i--) {
        int32_t sum[4];
        int32x4_t y, z;
        channels c;

        add_pair(sum, v, &w, n);
        y = lanes_02(sum[0], sum[2]);
        z = lanes_02(sum[1], sum[3]);
        add_pair(sum, v, &w, n);
        y = lanes_13(y, sum[0], sum[2]);
        z = lanes_13(z, sum[1], sum[3]);
        c = next_channels(&w);
        vstrbq_s32(dst, finish(l, y, &c, zero, simple));
        vstrbq_s32(dst1, finish(l, z, &c, zero, simple));
        dst += 4;
        dst1 += 4;
    }
}

/* A row, without the last channels if they are not four; n and simple are
 * constants. */
static inline __attribute__((always_inline)) void short_pixels_of_row(
    const layer *l, const int8_t *x, int8_t *dst, int32_t n, int simple)
{
    const int32_t out_c = l->p->window.out_c;
    int32_t left = l->p->window.out_w;

    for (; n <= 2 && left > 1; left -= 2) {
        short_pixels(l, x, dst, n, simple);
        x += 2 * l->pixel;
        dst += 2 * out_c;
    }
    for (; left > 0; left--) {
        short_pixel(l, x, dst, n, simple);
        x += l->pixel;
        dst += out_c;
    }
}

TIN_NOINLINE static void short_any(const layer *l, const int8_t *x, int8_t *dst)
{
    switch (l->more) {
    case 0: short_pixels_of_row(l, x, dst, 1, 0); break;
    case 1: short_pixels_of_row(l, x, dst, 2, 0); break;
    case 2: short_pixels_of_row(l, x, dst, 3, 0); break;
    default: short_pixels_of_row(l, x, dst, 4, 0); break;
    }
}

TIN_NOINLINE static void short_simple(const layer *l, const int8_t *x,
                                      int8_t *dst)
{
    switch (l->more) {
    case 0: short_pixels_of_row(l, x, dst, 1, 1); break;
    case 1: short_pixels_of_row(l, x, dst, 2, 1); break;
    case 2: short_pixels_of_row(l, x, dst, 3, 1); break;
    default: short_pixels_of_row(l, x, dst, 4, 1); break;
    }
}

static void short_row(const layer *l, const int8_t *x, int8_t *dst)
{
    const tin_window *w = &l->p->window;

    if (l->simple)
        short_simple(l, x, dst);
    else
        short_any(l, x, dst);
    if (w->out_c % 4 == 0)
        return;
    for (int32_t ox = 0; ox < w->out_w; ox++)
        short_rest(l, x + ox * l->pixel, dst + ox * w->out_c);
}

/* ---- Long filters ------------------------------------------------------- */

/* The sums of groups of n filters with a pixel, or two; n and two are
 * constants. */
static inline __attribute__((always_inline)) const int8_t *add_groups(
    const layer *l, const int8_t *x0, const int8_t *x1, const int8_t *w,
    int32_t first, int32_t groups, int32_t n, int two)
{
    const int32_t head = l->head, more = l->more;
    int32_t *sum0 = l->sum[0] + first, *sum1 = l->sum[1] + first;

    for (; groups > 0; groups--) {
        const int8_t *xa = x0, *xb = x1;
        int8x16_t a = next_some(&xa, head), b = two ? next_some(&xb, head) : a;
        int8x16_t f = next(&w);
        int32_t a0 = vmladavq_s8(a, f), b0 = two ? vmladavq_s8(b, f) : 0;
        int32_t a1, b1, a2 = 0, b2 = 0;

        f = next(&w);
        a1 = vmladavq_s8(a, f), b1 = two ? vmladavq_s8(b, f) : 0;
        if (n == 3) {
            f = next(&w);
            a2 = vmladavq_s8(a, f), b2 = two ? vmladavq_s8(b, f) : 0;
        }
        for (int32_t i = more; i > 0; i--) {
            a = next(&xa);
            b = two ? next(&xb) : a;
            f = next(&w);
            a0 = vmladavaq_s8(a0, a, f);
            b0 = two ? vmladavaq_s8(b0, b, f) : 0;
            f = next(&w);
            a1 = vmladavaq_s8(a1, a, f);
            b1 = two ? vmladavaq_s8(b1, b, f) : 0;
            if (n == 3) {
                f = next(&w);
                a2 = vmladavaq_s8(a2, a, f);
                b2 = two ? vmladavaq_s8(b2, b, f) : 0;
            }
        }
        sum0[0] = a0;
        sum0[1] = a1;
        if (n == 3)
            sum0[2] = a2;
        sum0 += n;
        if (two) {
            sum1[0] = b0;
            sum1[1] = b1;
            if (n == 3)
                sum1[2] = b2;
            sum1 += n;
        }
    }
    return w;
}

TIN_NOINLINE static void add_two(const layer *l, const int8_t *x0,
                                 const int8_t *x1)
{
    const int8_t *w = l->filters;

    w = add_groups(l, x0, x1, w, 0, l->threes, 3, 1);
    add_groups(l, x0, x1, w, 3 * l->threes, l->twos, 2, 1);
}

TIN_NOINLINE static void add_one(const layer *l, const int8_t *x)
{
    const int8_t *w = l->filters;

    w = add_groups(l, x, x, w, 0, l->threes, 3, 0);
    add_groups(l, x, x, w, 3 * l->threes, l->twos, 2, 0);
}

/* The bytes of pixels 0 .. n - 1; n and simple are constants. */
static inline __attribute__((always_inline)) void finish_pixels(const layer *l,
                                                                int8_t *dst,
                                                                int32_t n,
                                                                int simple)
{
    const int32_t out_c = l->p->window.out_c, zero = l->zero;
    const int32_t *sum0 = l->sum[0], *sum1 = l->sum[1];
    const int8_t *stream = l->stream;
    int8_t *dst1 = dst + out_c;

    for (int32_t i = out_c / 4; i > 0; i--) {
        const channels c = next_channels(&stream);

        vstrbq_s32(dst, finish(l, vldrwq_s32(sum0), &c, zero, simple));
        sum0 += 4;
        dst += 4;
        if (n == 2) {
            vstrbq_s32(dst1, finish(l, vldrwq_s32(sum1), &c, zero, simple));
            sum1 += 4;
            dst1 += 4;
        }
    }
    if (out_c % 4) {
        const mve_pred16_t mask = vctp32q((uint32_t)out_c % 4);
        const channels c = next_channels(&stream);

        vstrbq_p_s32(dst, finish(l, vldrwq_s32(sum0), &c, zero, simple), mask);
        if (n == 2)
            vstrbq_p_s32(dst1, finish(l, vldrwq_s32(sum1), &c, zero, simple),
                         mask);
    }
}

TIN_NOINLINE static void finish_two(const layer *l, int8_t *dst)
{
    finish_pixels(l, dst, 2, 1);
}

TIN_NOINLINE static void finish_any(const layer *l, int8_t *dst, int32_t n)
{
    if (n == 2)
        finish_pixels(l, dst, 2, 0);
    else
        finish_pixels(l, dst, 1, 0);
}

static void long_row(const layer *l, const int8_t *x, int8_t *dst)
{
    const tin_window *w = &l->p->window;

    for (int32_t ox = w->out_w / 2; ox > 0; ox--) {
        add_two(l, x, x + l->pixel);
        if (l->simple)
            finish_two(l, dst);
        else
            finish_any(l, dst, 2);
        x += 2 * l->pixel;
        dst += 2 * w->out_c;
    }
    if (w->out_w % 2) {
        add_one(l, x);
        finish_any(l, dst, 1);
    }
}

/* ---- Rows --------------------------------------------------------------- */

/* How the strip is laid out: see tin_conv2d_s8_mve_scratch_size. */
static void lay_out(layer *l)
{
    const tin_window *w = &l->p->window;

    l->column = w->kernel_h * w->in_c;
    l->patches = w->out_w;
    l->pieces = w->kernel_w;
    l->piece = 1;
    l->pixel = w->kernel_w * l->column;
    if (w->dilation_w > 1)
        return;
    l->pieces = 1;
    l->piece = w->kernel_w;
    if (w->kernel_w < w->stride_w)
        return;
    l->patches = 1;
    l->piece = (w->out_w - 1) * w->stride_w + w->kernel_w;
    l->pixel = w->stride_w * l->column;
}

static int is_direct(const tin_window *w)
{
    return w->kernel_h == 1 && (w->dilation_w == 1 || w->kernel_w == 1) &&
           w->pad_top == 0 && w->pad_left == 0 &&
           (w->out_h - 1) * w->stride_h < w->in_h &&
           (w->out_w - 1) * w->stride_w + w->kernel_w <= w->in_w;
}

/* Scratch: the sums of two pixels, then the strip. */
static void divide_scratch(layer *l, int32_t *scratch)
{
    const tin_window *w = &l->p->window;
    const int32_t padded = (w->out_c + 3) / 4 * 4;

    l->sum[0] = scratch;
    l->sum[1] = scratch + padded;
    l->strip = (int8_t *)(scratch + 2 * padded);
    lay_out(l);
    if (is_direct(w)) {
        l->strip = NULL;
        l->pixel = w->stride_w * w->in_c;
        return;
    }
    fill_strip(l);
    if (w->in_c < 16)
        find_offsets(l);
}

void tin_conv2d_s8_mve(const void *params, const tin_rows *in,
                       const tin_rows *out, int32_t y0, int32_t y1,
                       void *scratch)
{
    const tin_conv2d_s8_mve_params *p = params;
    const tin_window *w = &p->conv.window;
    const int32_t taps = w->kernel_h * w->kernel_w * w->in_c;
    layer l;

    l.p = &p->conv;
    l.in = in;
    l.stream = (const int8_t *)p->packed;
    l.filters = l.stream + (w->out_c + 3) / 4 * 48;
    l.twos = w->out_c == 1 ? 1 : (3 - w->out_c % 3) % 3;
    l.threes = (w->out_c - 2 * l.twos) / 3;
    l.head = tin_head_mve(taps);
    l.more = tin_vectors_mve(taps) - 1;
    l.zero = p->conv.out_zero;
    l.simple =
        l.zero == -128 && p->conv.act_min == -128 && p->conv.act_max == 127;
    divide_scratch(&l, scratch);
    for (int32_t y = y0; y < y1; y++) {
        const int8_t *x = make_strip(&l, y);

        if (l.more > 3)
            long_row(&l, x, tin_row(out, y));
        else
            short_row(&l, x, tin_row(out, y));
    }
}

#endif /* TIN_HAVE_MVE */
