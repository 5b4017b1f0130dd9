/* SPDX-License-Identifier: MIT */
/*
 * tin_dwconv2d_s8_mve: see tinyinfer_kernels.h.
 *
 * For each output row, or two where the window is small, and each 16 channels:
 * transpose the rows under the window into scratch, then go along each
 * channel. Small windows make blocks of two by two outputs, whose taps lie in
 * one vector or two; others four outputs of a row.
 */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_MVE

# include <arm_mve.h>

/* What all rows of a call share; see the same lines in _pack. */
typedef struct {
    const tin_dwconv2d_s8_params *p;
    const tin_rows *in, *out;
    int32_t vectors;         /* of a long filter */
    int32_t columns;         /* of the strip */
    int32_t height;          /* input rows in a column of it */
    int32_t plane;           /* bytes of a channel of it */
    int32_t step;            /* bytes from an output to its neighbour */
    int32_t patches, pieces; /* what the strip is laid out from: pieces of */
    int32_t piece;           /* patches, of so many columns */
    int32_t channel;         /* words of a channel in the stream */
    const int32_t *stream;
    int8_t zeros[16];             /* the input's zero point */
    int8_t *strip;                /* scratch */
    int blocks, one_load, simple; /* two by two, in one vector; see finish */
    const uint8_t *tap; /* which tap each byte of a block's vector meets, for
                         * its four places */
} layer;

/* ---- The strip ---------------------------------------------------------- */

/* Fills the strip with the zero point. What no input row is copied to stays
 * so from row to row. */
static void fill_strip(const layer *l)
{
    const int32_t out_c = l->p->window.out_c;
    const int32_t bytes = (out_c < 16 ? out_c : 16) * l->plane;
    const int8x16_t zero = vdupq_n_s8((int8_t)l->p->in_zero);

    for (int32_t i = 0; i < bytes; i += 16)
        vstrbq_p_s8(l->strip + i, zero, vctp8q((uint32_t)(bytes - i)));
}

/* Where the 8 channels from `first` on go. */
static inline uint16x8_t planes(const layer *l, uint32_t first)
{
    return vmulq_n_u16(vidupq_n_u16(first, 1), (uint16_t)l->plane);
}

/* Columns of 16 channels, which come `from` bytes apart. */
static void put_sixteen(const layer *l, int8_t *dst, const int8_t *src,
                        int32_t from, int32_t columns)
{
    const int32_t height = l->height;
    const uint16x8_t low = planes(l, 0), high = planes(l, 8);

    for (; columns > 0; columns--) {
        vstrbq_scatter_offset_s16(dst, low, vldrbq_s16(src));
        vstrbq_scatter_offset_s16(dst, high, vldrbq_s16(src + 8));
        dst += height;
        src += from;
    }
}

/* The same for 8 channels. */
static void put_eight(const layer *l, int8_t *dst, const int8_t *src,
                      int32_t from, int32_t columns)
{
    const int32_t height = l->height;
    const uint16x8_t low = planes(l, 0);

    for (; columns > 0; columns--) {
        vstrbq_scatter_offset_s16(dst, low, vldrbq_s16(src));
        dst += height;
        src += from;
    }
}

/* The same for n < 16 channels. */
static void put_some(const layer *l, int8_t *dst, const int8_t *src,
                     int32_t from, int32_t columns, int32_t n)
{
    const uint16x8_t low = planes(l, 0);

    if (n >= 8) {
        put_eight(l, dst, src, from, columns);
        dst += 8 * l->plane;
        src += 8;
        n -= 8;
    }
    for (; n > 0 && columns > 0; columns--) {
        const mve_pred16_t mask = vctp16q((uint32_t)n);

        vstrbq_scatter_offset_p_s16(dst, low, vldrbq_z_s16(src, mask), mask);
        dst += l->height;
        src += from;
    }
}

/* A piece of a row of the strip: columns ix .. of an input row, as far as they
 * lie in the image. `row` begins at the first of n channels; where it is NULL
 * the columns are of the zero point. */
static inline void put_piece(const layer *l, int8_t *dst, const int8_t *row,
                             int32_t n, int32_t ix)
{
    const tin_window *w = &l->p->window;
    const int32_t first = tin_clamp(-ix, 0, l->piece);
    const int32_t columns = tin_clamp(w->in_w - ix, first, l->piece) - first;
    const int32_t from = row ? w->in_c : 0;

    row = row ? row + (ix + first) * w->in_c : l->zeros;
    dst += first * l->height;
    if (n == 16)
        put_sixteen(l, dst, row, from, columns);
    else
        put_some(l, dst, row, from, columns, n);
}

static void put_row(const layer *l, int8_t *dst, const int8_t *row, int32_t n)
{
    const tin_window *w = &l->p->window;

    if (l->patches * l->pieces == 1) {
        put_piece(l, dst, row, n, -w->pad_left);
        return;
    }
    for (int32_t ox = 0; ox < l->patches; ox++) {
        for (int32_t kx = 0; kx < l->pieces; kx++) {
            put_piece(l, dst, row, n,
                      ox * w->stride_w + kx * w->dilation_w - w->pad_left);
            dst += l->piece * l->height;
        }
    }
}

/* Channels oc .. oc + n - 1 of the first `rows` rows under the window of
 * output row y. */
static void make_strip(const layer *l, int32_t y, int32_t rows, int32_t oc,
                       int32_t n)
{
    const tin_window *w = &l->p->window;
    const int32_t image = y / w->out_h;
    int32_t iy = (y - image * w->out_h) * w->stride_h - w->pad_top;

    for (int32_t i = 0; i < rows; i++) {
        const int8_t *row = NULL;

        if (0 <= iy && iy < w->in_h) {
            row = tin_row(l->in, image * w->in_h + iy);
            row += oc;
        }
        put_row(l, l->strip + i, row, n);
        iy += w->dilation_h;
    }
}

/* ---- Outputs ------------------------------------------------------------ */

/* Two instructions, where compilers use four. */
static inline int32x4_t lanes(int32_t a, int32_t b, int32_t c, int32_t d)
{
    int32x4_t q;

    __asm__("vmov %q0[2], %q0[0], %1, %2\n\tvmov %q0[3], %q0[1], %3, %4"
            : "=&w"(q)
            : "r"(a), "r"(c), "r"(b), "r"(d));
    return q;
}

/* Numbers to -128 .. 127 in the low byte of each lane, in place, where
 * compilers copy twice. */
static inline int32x4_t saturate(int32x4_t x)
{
    __asm__("vqmovnb.s32 %q0, %q0\n\tvqmovnb.s16 %q0, %q0" : "+w"(x));
    return x;
}

/* What belongs to a channel: all lanes have the same one. */
typedef struct {
    int32x4_t multiplier;
    int32_t bias, shift, zero, lo, hi;
} output;

static inline output make_limits(const layer *l)
{
    output o = {0};

    o.zero = l->p->out_zero;
    o.lo = l->p->act_min;
    o.hi = l->p->act_max;
    return o;
}

static inline output make_output(const output *limits, const int32_t *channel,
                                 int simple)
{
    output o = *limits;

    o.bias = channel[0];
    o.multiplier = vdupq_n_s32(channel[1]);
    o.shift = channel[2];
    if (simple)
        o.zero = tin_shift_left(o.zero, -o.shift);
    return o;
}

/* Four outputs, by tin_output_s8: VQRDMULH is its first rounding. VRSHL
 * rounds halves up, the second one away from zero: one less for negative
 * numbers, if bits are lost at all, makes up for it. `simple` is where
 * out_zero is act_min, so that halves below zero come out as act_min anyway,
 * shifts are within -23 .. 0, so that the zero point can be added before the
 * shift (VQRDMLASH), and the clamp is that to a byte. */
static inline __attribute__((always_inline)) int32x4_t finish(int32x4_t sum,
                                                              const output *o,
                                                              int simple)
{
    sum = vaddq_n_s32(sum, o->bias);
    if (simple) {
        sum = vqrdmlashq_n_s32(sum, o->multiplier, o->zero);
        return saturate(vrshlq_n_s32(sum, o->shift));
    }
    sum = vqrdmulhq_s32(sum, o->multiplier);
    if (o->shift)
        sum = vaddq_s32(sum, vshrq_n_s32(sum, 31));
    sum = vqaddq_n_s32(vrshlq_n_s32(sum, o->shift), o->zero);
    sum = vmaxq_s32(sum, vdupq_n_s32(o->lo));
    return vminq_s32(sum, vdupq_n_s32(o->hi));
}

/* ---- Blocks ------------------------------------------------------------- */

/* Channels of one output row, or of two. One row is done as two that are the
 * same: each byte is stored twice. */
typedef struct {
    int8_t *dst;
    int32_t row_step;   /* bytes to the second row, 0 for one row */
    const uint8_t *tap; /* of the second row */
} block_row;

/* The filters of a channel for the four places in a block. */
typedef struct {
    int8x16_t f[4];
} block_filters;

static inline block_filters make_filters(const layer *l, const uint8_t *second,
                                         const int32_t *channel)
{
    const int8_t *w = (const int8_t *)(channel + 3);
    const uint8_t *first = l->tap;
    block_filters f;

    f.f[0] = vldrbq_gather_offset_s8(w, vldrbq_u8(first));
    f.f[1] = vldrbq_gather_offset_s8(w, vldrbq_u8(first + 16));
    f.f[2] = vldrbq_gather_offset_s8(w, vldrbq_u8(second));
    f.f[3] = vldrbq_gather_offset_s8(w, vldrbq_u8(second + 16));
    return f;
}

/* A block at x, whose right half lies `step` behind if it is not one_load.
 * Lanes go down first, then right. */
static inline __attribute__((always_inline)) int32x4_t make_block(
    const int8_t *x, int32_t step, const block_filters *f, const output *o,
    int one_load, int simple)
{
    const int8x16_t a = vldrbq_s8(x), b = one_load ? a : vldrbq_s8(x + step);
    const int8x16_t f1 = f->f[one_load ? 1 : 0], f3 = f->f[one_load ? 3 : 2];
    const int32x4_t sum =
        lanes(vmladavq_s8(a, f->f[0]), vmladavq_s8(a, f->f[2]),
              vmladavq_s8(b, f1), vmladavq_s8(b, f3));

    return finish(sum, o, simple);
}

/* n channels; one_load and simple are constants. */
static inline __attribute__((always_inline)) void block_channels(
    const layer *l, const int32_t *channel, int32_t n, const block_row *r,
    int one_load, int simple)
{
    const int32_t out_c = l->p->window.out_c, out_w = l->p->window.out_w;
    const int32_t step = l->step, words = l->channel, plane = l->plane;
    const int32_t row_step = r->row_step;
    const uint32x4_t at =
        vreinterpretq_u32_s32(lanes(0, row_step, out_c, row_step + out_c));
    const uint8_t *tap = r->tap;
    const int8_t *strip = l->strip;
    const output limits = make_limits(l);
    int8_t *dst = r->dst;

    for (; n > 0; n--) {
        const block_filters f = make_filters(l, tap, channel);
        const output o = make_output(&limits, channel, simple);
        const int8_t *x = strip;
        int8_t *to = dst;

        for (int32_t i = out_w / 2; i > 0; i--) {
            const int32x4_t y = make_block(x, step, &f, &o, one_load, simple);

            vstrbq_scatter_offset_s32(to, at, y);
            x += 2 * step;
            to += 2 * out_c;
        }
        if (out_w % 2) {
            const int32x4_t y = make_block(x, step, &f, &o, one_load, simple);

            vstrbq_scatter_offset_p_s32(to, at, y, vctp32q(2));
        }
        channel += words;
        strip += plane;
        dst++;
    }
}

TIN_NOINLINE static void one_load_channels(const layer *l,
                                           const int32_t *channel, int32_t n,
                                           const block_row *r)
{
    block_channels(l, channel, n, r, 1, 1);
}

TIN_NOINLINE static void two_load_channels(const layer *l,
                                           const int32_t *channel, int32_t n,
                                           const block_row *r)
{
    block_channels(l, channel, n, r, 0, 1);
}

TIN_NOINLINE static void any_channels(const layer *l, const int32_t *channel,
                                      int32_t n, const block_row *r)
{
    if (l->one_load)
        block_channels(l, channel, n, r, 1, 0);
    else
        block_channels(l, channel, n, r, 0, 0);
}

/* Output row y, and the next one if `both`. */
static void block_rows(const layer *l, int32_t y, int both)
{
    const tin_window *w = &l->p->window;
    const int32_t rows = w->kernel_h + (both ? w->stride_h : 0);
    const int32_t *channel = l->stream;
    block_row r;

    r.dst = tin_row(l->out, y);
    r.row_step = 0;
    r.tap = l->tap + (both ? 32 : 0);
    if (both)
        r.row_step = (int32_t)((int8_t *)tin_row(l->out, y + 1) - r.dst);
    for (int32_t oc = 0; oc < w->out_c; oc += 16) {
        const int32_t n = w->out_c - oc < 16 ? w->out_c - oc : 16;

        make_strip(l, y, rows, oc, n);
        if (!l->simple)
            any_channels(l, channel, n, &r);
        else if (l->one_load)
            one_load_channels(l, channel, n, &r);
        else
            two_load_channels(l, channel, n, &r);
        channel += n * l->channel;
        r.dst += n;
    }
}

/* ---- Long filters ------------------------------------------------------- */

/* The sums of four outputs; what lies behind their taps meets zeros. */
static inline int32x4_t add_long(const int8_t *x, int32_t step, const int8_t *w,
                                 int32_t vectors)
{
    const int8_t *x2 = x + 2 * step;
    int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;

    for (int32_t i = vectors; i > 0; i--) {
        const int8x16_t f = vldrbq_s8(w);

        s0 = vmladavaq_s8(s0, f, vldrbq_s8(x));
        s1 = vmladavaq_s8(s1, f, vldrbq_s8(x + step));
        s2 = vmladavaq_s8(s2, f, vldrbq_s8(x2));
        s3 = vmladavaq_s8(s3, f, vldrbq_s8(x2 + step));
        w += 16;
        x += 16;
        x2 += 16;
    }
    return lanes(s0, s1, s2, s3);
}

/* A channel's outputs of a row. */
static void long_channel(const layer *l, const int8_t *x,
                         const int32_t *channel, int8_t *dst)
{
    const int32_t out_c = l->p->window.out_c;
    const int8_t *w = (const int8_t *)(channel + 3);
    const uint32x4_t at = vmulq_n_u32(vidupq_n_u32(0, 1), (uint32_t)out_c);
    const output limits = make_limits(l);
    const output o = make_output(&limits, channel, 0);

    for (int32_t left = l->p->window.out_w; left > 0; left -= 4) {
        const int32x4_t sum = add_long(x, l->step, w, l->vectors);

        vstrbq_scatter_offset_p_s32(dst, at, finish(sum, &o, 0),
                                    vctp32q((uint32_t)left));
        x += 4 * l->step;
        dst += 4 * out_c;
    }
}

TIN_NOINLINE static void long_row(const layer *l, int32_t y)
{
    const tin_window *w = &l->p->window;
    const int32_t *channel = l->stream;
    int8_t *dst = tin_row(l->out, y);

    for (int32_t oc = 0; oc < w->out_c; oc += 16) {
        const int32_t n = w->out_c - oc < 16 ? w->out_c - oc : 16;

        make_strip(l, y, w->kernel_h, oc, n);
        for (int32_t c = 0; c < n; c++) {
            long_channel(l, l->strip + c * l->plane, channel, dst + oc + c);
            channel += l->channel;
        }
    }
}

/* ---- Rows --------------------------------------------------------------- */

/* How the strip is laid out. */
static void lay_out(layer *l)
{
    const tin_window *w = &l->p->window;
    const int overlap = w->dilation_w == 1 && w->kernel_w >= w->stride_w;
    const int32_t taps = w->kernel_h * w->kernel_w;

    l->blocks = overlap && w->dilation_h == 1 &&
                w->kernel_w * (w->kernel_h + w->stride_h) <= 16;
    l->height = w->kernel_h + (l->blocks ? w->stride_h : 0);
    l->vectors = tin_vectors_mve(taps);
    l->columns = overlap ? (w->out_w - 1) * w->stride_w + w->kernel_w
                         : w->out_w * w->kernel_w;
    l->plane = l->columns * l->height;
    l->step = (overlap ? w->stride_w : w->kernel_w) * l->height;
    l->one_load = w->kernel_w * l->height + l->step <= 16;
    l->channel = 3 + (l->blocks ? taps / 4 + 1 : 4 * l->vectors);
    l->patches = overlap ? 1 : w->out_w;
    l->pieces = w->dilation_w > 1 ? w->kernel_w : 1;
    l->piece = overlap ? l->columns : w->dilation_w > 1 ? 1 : w->kernel_w;
}

void tin_dwconv2d_s8_mve(const void *params, const tin_rows *in,
                         const tin_rows *out, int32_t y0, int32_t y1,
                         void *scratch)
{
    const tin_dwconv2d_s8_mve_params *p = params;
    const tin_window *w = &p->conv.window;
    layer l;

    l.p = &p->conv;
    l.in = in;
    l.out = out;
    l.strip = scratch;
    l.tap = (const uint8_t *)(p->packed + 1);
    l.simple = !p->packed[0] && p->conv.out_zero == -128 &&
               p->conv.act_min == -128 && p->conv.act_max == 127;
    vstrbq_s8(l.zeros, vdupq_n_s8((int8_t)p->conv.in_zero));
    lay_out(&l);
    l.stream = p->packed + 1 + (l.blocks ? 16 : 0);
    fill_strip(&l);
    for (int32_t y = y0; y < y1; y++) {
        const int last = (y + 1) % w->out_h == 0; // of its image

        if (!l.blocks)
            long_row(&l, y);
        else if (y + 1 < y1 && !last)
            block_rows(&l, y++, 1);
        else
            block_rows(&l, y, 0);
    }
}

#endif /* TIN_HAVE_MVE */
