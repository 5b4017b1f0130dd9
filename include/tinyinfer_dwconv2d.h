/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer_dwconv2d.h: what tin_dwconv2d_s8_dsp and tin_dwconv2d_s8_any_dsp
 * share: how they lay their inputs out. Its assembly also serves
 * tin_dwconv2d_s8_row_dsp. The kernels themselves are declared in
 * tinyinfer_kernels.h.
 *
 * Four channels at a time, what they need of a block of input rows is widened
 * into scratch, so that a word holds two neighbouring columns of a channel and
 * SMLAD takes two taps of an output. Scratch is [line][word of a line]
 * [channel], behind a few tables. Columns and rows beside the image hold the
 * zero point, whose part is folded into the bias.
 */
#ifndef TINYINFER_DWCONV2D_H
#define TINYINFER_DWCONV2D_H

#include "tinyinfer_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Layout ------------------------------------------------------------- */

enum {
    TIN_DWCONV2D_DSP_ROWS = 24,    /* of a 3x3 block; half by strides of 2 */
    TIN_DWCONV2D_DSP_FEW = 6,      /* rows of a block, and columns, where there
                                      are less than six columns */
    TIN_DWCONV2D_DSP_TABLES = 172, /* bytes of scratch before the words */
    TIN_DWCONV2D_DSP_WORD = 4      /* int32_t from a word to the next one */
};

/*
 * How a block of output rows lies in scratch. A dilation of columns vanishes:
 * every dilation_w-th column of the input makes a line, over which the outputs
 * ox, ox + phases, ox + 2 * phases .. move by `stride`.
 */
typedef struct {
    int32_t phases, stride; /* dilation_w, stride_w less what they share */
    int32_t rows, lines;    /* output rows of a block, input rows in scratch */
    int32_t tile;           /* outputs of a row at a time */
    int32_t words;          /* of a line */
} tin_dwconv2d_dsp_layout;

/* Rows of a block of a 3x3 kernel: blocks of about the same height. */
static inline int32_t tin_dwconv2d_dsp_rows(const tin_window *w, int32_t stride,
                                            int32_t phases)
{
    const int32_t least = w->out_w / phases; // columns
    int32_t most = TIN_DWCONV2D_DSP_ROWS / stride;

    if (w->dilation_h > 1 || w->stride_h != stride)
        return 1; // rows are not `stride` lines apart
    if (least < (stride == 1 ? 5 : 6))
        most = TIN_DWCONV2D_DSP_FEW;
    return (w->out_h - 1) / ((w->out_h - 1) / most + 1) + 1;
}

/* The layout of tin_dwconv2d_s8_dsp. */
static inline tin_dwconv2d_dsp_layout tin_dwconv2d_dsp_plan(const tin_window *w)
{
    tin_dwconv2d_dsp_layout l;
    int32_t columns;

    l.stride = w->dilation_w % w->stride_w ? 2 : 1;
    l.phases = w->dilation_w * l.stride / w->stride_w;
    columns = (w->out_w - 1) / l.phases + 1;
    l.tile = 6;
    if (l.stride == 1 && columns >= 5 && (columns + 5) / 6 * 5 >= columns)
        l.tile = 5; // no more tiles, which take less time
    l.words = l.stride == 1 ? 4 : 7;
    l.rows = tin_dwconv2d_dsp_rows(w, l.stride, l.phases);
    l.lines = (l.rows - 1) * l.stride + 3;
    return l;
}

/* Words of weights in a row of the kernel of tin_dwconv2d_s8_any_dsp. */
static inline int32_t tin_dwconv2d_any_dsp_taps(const tin_window *w)
{
    return (w->kernel_w / 2 + 1) * 2;
}

/* Words of its packed stream for a channel. */
static inline int32_t tin_dwconv2d_any_dsp_channel(const tin_window *w)
{
    return 5 + w->kernel_h * tin_dwconv2d_any_dsp_taps(w);
}

/* The layout of tin_dwconv2d_s8_any_dsp: a block is a row. */
static inline tin_dwconv2d_dsp_layout tin_dwconv2d_any_dsp_plan(
    const tin_window *w)
{
    tin_dwconv2d_dsp_layout l;
    int32_t a = w->stride_w, b = w->dilation_w, columns;

    while (b) { // the greatest number that divides both
        const int32_t rest = a % b;

        a = b;
        b = rest;
    }
    l.phases = w->dilation_w / a;
    l.stride = w->stride_w / a;
    columns = (w->out_w - 1) / l.phases + 1;
    l.tile = l.stride == 1 ? 24 : 12;
    if (l.tile > columns)
        l.tile = (columns + 3) / 4 * 4; // four at a time
    l.words =
        (l.tile - 1) * l.stride / 2 + tin_dwconv2d_any_dsp_taps(w) / 2 + 1;
    l.rows = 1;
    l.lines = w->kernel_h;
    return l;
}

#if TIN_HAVE_DSP

/* ---- Inputs ------------------------------------------------------------- */

/* Words of lines that lie one after the other in the ring: where their two
 * columns a and b come from for channel 0, and bytes to the next line. A column
 * beside the image has a step of 0, which stands for no channels too. Assembly
 * knows the order. */
typedef struct {
    const int8_t *a, *b;
    int32_t a_step, b_step;
    int32_t *x;
    uint32_t counts; /* words << 16 | lines */
    int32_t next;    /* bytes from the end of a word's lines to the next word */
} tin_dwconv2d_source;

/* What scratch begins with; the words of the lines follow. */
typedef struct {
    tin_dwconv2d_source from[6]; /* up to three kinds of words, in both parts of
                                    a ring */
    uint32_t zeros;              /* what columns beside the image hold */
} tin_dwconv2d_tables;

typedef char tin_dwconv2d_tables_fit
    [sizeof(tin_dwconv2d_tables) <= TIN_DWCONV2D_DSP_TABLES ? 1 : -1];

/* A block of output rows. */
typedef struct {
    const tin_dwconv2d_s8_params *p;
    tin_dwconv2d_dsp_layout layout;
    const tin_rows *in;
    int32_t line0, line1, ring; /* lines in the image; the first one's row */
    int32_t rows, lines;
    int8_t *dst; /* the first row */
    int32_t dst_row;
    tin_dwconv2d_tables *tables;
    tin_dwconv2d_source *end; /* of those in use */
    int32_t *words;
} tin_dwconv2d_block;

/* A run of output columns of every row: how many, the first one, and bytes from
 * one to the next. Which columns of its lines lie in the image. */
typedef struct {
    int32_t n;
    int8_t *dst;
    int32_t step;
    int32_t first, end;
    int32_t col, col_step; /* bytes to the first column inside, to the next */
} tin_dwconv2d_run;

/* The words of four channels from the columns p and q of a line, to x; `last`
 * stores q there and goes to the next line. */
# define TIN_DWCONV2D_WIDEN(p, q, d, x, last)                                  \
  "pkhbt " #d ", " #p ", " #q ", lsl #16\n\t"                                  \
  "pkhtb " #p ", " #q ", " #p ", asr #16\n\t"                                  \
  "sxtb16 " #q ", " #d "\n\t"                                                  \
  "sxtb16 " #d ", " #d ", ror #8\n\t"                                          \
  "str " #d ", [" #x ", #4]\n\t"                                               \
  "sxtb16 " #d ", " #p "\n\t"                                                  \
  "sxtb16 " #p ", " #p ", ror #8\n\t"                                          \
  "str " #d ", [" #x ", #8]\n\t"                                               \
  "str " #p ", [" #x ", #12]\n\t" last "\n\t"
# define TIN_DWCONV2D_ONE_LINE(a, b, a_step, b_step, p, q, d, x, last)         \
  "ldr " #p ", [" #a "]\n\t"                                                   \
  "ldr " #q ", [" #b "]\n\t"                                                   \
  "add " #a ", " #a ", " #a_step "\n\t"                                        \
  "add " #b ", " #b ", " #b_step "\n\t" TIN_DWCONV2D_WIDEN(p, q, d, x, last)
# define TIN_DWCONV2D_TWO_LINES(a, b, a_step, b_step, p, q, r, t, d, x, last,  \
                                last2)                                         \
  "ldr " #p ", [" #a "]\n\t"                                                   \
  "ldr " #q ", [" #b "]\n\t"                                                   \
  "ldr " #r ", [" #a ", " #a_step "]\n\t"                                      \
  "ldr " #t ", [" #b ", " #b_step "]\n\t"                                      \
  "add " #a ", " #a ", " #a_step ", lsl #1\n\t"                                \
  "add " #b ", " #b ", " #b_step                                               \
  ", lsl #1\n\t" TIN_DWCONV2D_WIDEN(p, q, d, x, last)                          \
      TIN_DWCONV2D_WIDEN(r, t, d, x, last2)

/* Any requantization of a sum; r8 multiplier, r9 offset, r10 sign, r11 right */
# define TIN_DWCONV2D_ANY(sum)                                                 \
  "and r12, r10, " #sum ", asr #31\n\t"                                        \
  "sub r12, r9, r12\n\t"                                                       \
  "smmla " #sum ", " #sum ", r8, r12\n\t"                                      \
  "asr " #sum ", " #sum ", r11\n\t"                                            \
  "ssat " #sum ", #8, " #sum "\n\t"

/* Adds `words` words of n lines, if any; a or b is NULL beside the image. */
TIN_OUTLINE void tin_dwconv2d_add_source(tin_dwconv2d_block *b,
                                         const tin_dwconv2d_run *r,
                                         const int8_t *p, const int8_t *q,
                                         int32_t words, int32_t n, int32_t *x)
{
    const int8_t *zero = (const int8_t *)&b->tables->zeros;
    // a single line, which may be the last for 2^31 bytes, has no next one
    const int32_t step = n > 1 ? b->in->row_bytes * b->p->window.dilation_h : 1;
    tin_dwconv2d_source *s = b->end;

    if (words <= 0)
        return;
    s->a = p ? p : zero;
    s->b = q ? q : zero;
    s->a_step = p ? step : 0;
    s->b_step = q ? step : 0;
    s->x = x;
    s->counts = (uint32_t)words << 16 | (uint32_t)n;
    s->next = 2 * r->col_step - n * step;
    b->end++;
}

/* n lines of a run from `row`. The first and the last column inside may share a
 * word with one outside. */
static inline void tin_dwconv2d_add_lines(tin_dwconv2d_block *b,
                                          const tin_dwconv2d_run *r,
                                          const int8_t *row, int32_t n,
                                          int32_t *x)
{
    const int32_t odd = r->first % 2, inside = r->end - r->first - odd;
    const int8_t *src = row + r->col, *first = src + odd * r->col_step;

    x += r->first / 2 * TIN_DWCONV2D_DSP_WORD;
    tin_dwconv2d_add_source(b, r, NULL, src, odd, n, x);
    x += odd * TIN_DWCONV2D_DSP_WORD;
    tin_dwconv2d_add_source(b, r, first, first + r->col_step, inside / 2, n, x);
    x += inside / 2 * TIN_DWCONV2D_DSP_WORD;
    tin_dwconv2d_add_source(b, r, first + (inside - 1) * r->col_step, NULL,
                            inside % 2, n, x);
}

/* Fills words word0 .. word1 - 1 of lines line0 .. line1 - 1, which lie beside
 * the image, once for all channels. */
TIN_OUTLINE void tin_dwconv2d_fill(const tin_dwconv2d_block *b, int32_t line0,
                                   int32_t line1, int32_t word0, int32_t word1)
{
    const int32_t zeros = tin_sxtb16(b->tables->zeros);
    const int32_t words = b->layout.words;

    for (int32_t line = line0; word0 < word1 && line < line1; line++) {
        int32_t *x = b->words + (line * words + word0) * TIN_DWCONV2D_DSP_WORD;
        const int32_t *end =
            b->words + (line * words + word1) * TIN_DWCONV2D_DSP_WORD;

        for (; x != end; x += TIN_DWCONV2D_DSP_WORD)
            x[0] = x[1] = x[2] = x[3] = zeros;
    }
}

/* Where all words of a run come from that have a column in the image. */
TIN_OUTLINE void tin_dwconv2d_find_sources(tin_dwconv2d_block *b,
                                           const tin_dwconv2d_run *r)
{
    const int32_t d = b->p->window.dilation_h, ring_rows = b->in->rows;
    const int32_t words = b->layout.words;
    int32_t line = b->line0, ring = b->ring;

    b->end = b->tables->from;
    b->tables->zeros = (uint32_t)(b->p->in_zero & 0xff) * 0x01010101u;
    tin_dwconv2d_fill(b, 0, b->line0, 0, words);
    tin_dwconv2d_fill(b, b->line0, b->line1, 0, r->first / 2);
    tin_dwconv2d_fill(b, b->line0, b->line1,
                      r->first < r->end ? (r->end + 1) / 2 : 0, words);
    tin_dwconv2d_fill(b, b->line1, b->lines, 0, words);
    while (line < b->line1 && r->first < r->end) {
        const int32_t left = b->line1 - line, fit = (ring_rows - ring - 1) / d;
        const int32_t n = left < fit + 1 ? left : fit + 1;
        const int8_t *row = (const int8_t *)b->in->base;

        row += (size_t)ring * (size_t)b->in->row_bytes;
        tin_dwconv2d_add_lines(b, r, row, n,
                               b->words + line * words * TIN_DWCONV2D_DSP_WORD);
        line += n;
        ring += n * d - ring_rows;
        if (ring < 0)
            ring += ring_rows;
    }
}

/* n output columns ox, ox + phases .. of all rows of the block. */
static inline void tin_dwconv2d_find_run(tin_dwconv2d_block *b,
                                         tin_dwconv2d_run *r, int32_t ox,
                                         int32_t n)
{
    const tin_window *w = &b->p->window;
    const int32_t origin = ox * w->stride_w - w->pad_left;

    r->n = n;
    r->dst = b->dst + ox * w->out_c;
    r->step = b->layout.phases * w->out_c;
    tin_window_clip(origin, 2 * b->layout.words, w->dilation_w, w->in_w,
                    &r->first, &r->end);
    r->col = (origin + r->first * w->dilation_w) * w->in_c;
    r->col_step = w->dilation_w * w->in_c;
    tin_dwconv2d_find_sources(b, r);
}

/* ---- Blocks ------------------------------------------------------------- */

/* What all blocks have in common. */
static inline void tin_dwconv2d_set_up(tin_dwconv2d_block *b,
                                       const tin_dwconv2d_s8_params *p,
                                       tin_dwconv2d_dsp_layout layout,
                                       const tin_rows *in, const tin_rows *out,
                                       void *scratch)
{
    b->p = p;
    b->layout = layout;
    b->in = in;
    b->tables = (tin_dwconv2d_tables *)scratch;
    b->words = (int32_t *)scratch + TIN_DWCONV2D_DSP_TABLES / 4;
    b->dst_row = out->row_bytes;
}

/* Rows of a block that begins with row y: of one image, and of dst in one
 * piece. */
static inline int32_t tin_dwconv2d_block_rows(const tin_dwconv2d_block *b,
                                              const tin_rows *out, int32_t y,
                                              int32_t y1)
{
    const int32_t image = b->p->window.out_h - y % b->p->window.out_h;
    const int32_t ring = out->rows - tin_slot(out, y);
    int32_t rows = y1 - y < b->layout.rows ? y1 - y : b->layout.rows;

    rows = rows < image ? rows : image;
    return rows < ring ? rows : ring;
}

/* The block that begins with row y. */
static inline void tin_dwconv2d_begin(tin_dwconv2d_block *b,
                                      const tin_rows *out, int32_t y,
                                      int32_t y1)
{
    const tin_window *w = &b->p->window;
    const int32_t image = y / w->out_h, oy = y - image * w->out_h;
    const int32_t origin = oy * w->stride_h - w->pad_top;

    b->rows = tin_dwconv2d_block_rows(b, out, y, y1);
    b->lines = (b->rows - 1) * w->stride_h + w->kernel_h;
    tin_window_clip(origin, b->lines, w->dilation_h, w->in_h, &b->line0,
                    &b->line1);
    b->ring = 0;
    if (b->line0 < b->line1)
        b->ring = tin_slot(b->in,
                           image * w->in_h + origin + b->line0 * w->dilation_h);
    b->dst = (int8_t *)tin_row(out, y);
}

/* Clamps the outputs of a block. */
static inline void tin_dwconv2d_clamp(const tin_dwconv2d_block *b)
{
    const int32_t lo = b->p->act_min, hi = b->p->act_max;
    const int32_t n = b->p->window.out_w * b->p->window.out_c;

    for (int32_t i = 0; (lo > -128 || hi < 127) && i < b->rows; i++)
        tin_clamp_dsp(b->dst + i * b->dst_row, n, lo, hi);
}

#endif /* TIN_HAVE_DSP */

#ifdef __cplusplus
}
#endif

#endif /* TINYINFER_DWCONV2D_H */
