/* SPDX-License-Identifier: MIT */
/*
 * tin_dwconv2d_s8_dsp: see tinyinfer_kernels.h.
 *
 * Four channels at a time, what they need of a block of input rows is widened
 * into scratch, so that a word holds two neighbouring columns of a channel and
 * SMLAD takes two taps of an output. Scratch is [word of a line][line]
 * [channel]: with a constant number of lines, a 3x3 kernel finds all of its
 * inputs at constant offsets. Columns and rows beside the image hold the zero
 * point, whose part is folded into the bias.
 */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_DSP
# include <arm_acle.h>

/* What the packed stream holds for a channel: tin_requant, then for each row
 * of the kernel its weights times 2^left as pairs. Those of a fast layer are
 * (w0, w1), (w1, w2). Others have two words in turn, one for an output whose
 * inputs begin with a word and one for the next output: (w0, w1), (w2, w3) ..
 * and, if that begins within a word, (0, w0), (w1, w2) .. */
enum { SUM, MULTIPLIER, OFFSET, SIGN, RIGHT, WEIGHTS };

enum { WORD = 4 }; /* int32_t from a word of a line to that of the next one */

/* A block of output rows, at most TIN_DWCONV2D_DSP_ROWS. */
typedef struct {
    const tin_dwconv2d_s8_params *p;
    tin_dwconv2d_dsp_layout layout;
    int32_t plain; /* no clamp but that to int8, and none below out_zero */
    const tin_rows *in;
    int32_t line0, line1, ring; /* lines in the image; the first one's row */
    int32_t rows, lines;
    int8_t *dst[TIN_DWCONV2D_DSP_ROWS];
    struct tables *tables;
    int32_t *words;
} block;

/* A run of output columns of every row: how many, and bytes from one to the
 * next. Its lines: words, and which of their columns lie in the image. */
typedef struct {
    int32_t n, step;
    int32_t words, first, end;
    int32_t col, col_step; /* bytes to the first column inside, to the next */
} run;

/* ---- Inputs ------------------------------------------------------------- */

/* Words of lines that lie one after the other in the ring: how many, and where
 * their two columns a and b come from for channel 0. A column beside the image
 * has mask 0, which stands for no channels and no steps, others -1. */
typedef struct {
    const int8_t *a, *b;
    int32_t a_next, b_next; /* bytes from the last line to the next word */
    int32_t *x;
    uint16_t words, lines;
    int8_t a_mask, b_mask;
} source;

/* All of a run: up to three kinds of words, in both parts of a ring. */
typedef struct {
    source from[6];
    int32_t n;
    int32_t line_step, word_step; /* bytes */
    int32_t next;                 /* of x, from word to word */
    uint32_t zeros;               /* what columns beside the image hold */
} sources;

/* Where six outputs of a row go: the address of the first, of the next channel
 * after each one; bytes to the second and to the last; 0 in the last row. */
typedef struct {
    int8_t *first;
    int32_t step, last, more;
} target;

/* What scratch begins with; the words of the lines follow. */
struct tables {
    sources all;
    target to[TIN_DWCONV2D_DSP_ROWS];
    int8_t few[TIN_DWCONV2D_DSP_ROWS][6][4];
};

typedef char
    tables_fit[sizeof(struct tables) <= TIN_DWCONV2D_DSP_TABLES ? 1 : -1];

/* The words of four channels from the columns p and q. */
# define WIDEN(p, q)                                                           \
  "pkhbt %[d], %[" #p "], %[" #q "], lsl #16\n\t"                              \
  "pkhtb %[" #p "], %[" #q "], %[" #p "], asr #16\n\t"                         \
  "sxtb16 %[" #q "], %[d]\n\t"                                                 \
  "sxtb16 %[d], %[d], ror #8\n\t"                                              \
  "str %[" #q "], [%[x]], #4\n\t"                                              \
  "str %[d], [%[x]], #4\n\t"                                                   \
  "sxtb16 %[" #q "], %[" #p "]\n\t"                                            \
  "sxtb16 %[" #p "], %[" #p "], ror #8\n\t"                                    \
  "str %[" #q "], [%[x]], #4\n\t"                                              \
  "str %[" #p "], [%[x]], #4\n\t"

/* What widen works on; assembly has the names. */
# define WORDS(code)                                                           \
  __asm__ volatile("1:\n\t" code "subs %[words], %[words], #1\n\t"             \
                   "bne 1b\n\t"                                                \
                   : [a] "+r"(a), [b] "+r"(b), [x] "+r"(x),                    \
                     [words] "+r"(words), [i] "=&r"(i), [p] "=&r"(p),          \
                     [q] "=&r"(q), [r] "=&r"(r), [t] "=&r"(t), [d] "=&r"(d)    \
                   : [a_step] "r"(a_step), [b_step] "r"(b_step),               \
                     [lines] "m"(from->lines), [a_next] "m"(from->a_next),     \
                     [b_next] "m"(from->b_next), [x_next] "m"(x_next)          \
                   : "cc", "memory")

# define ONE_LINE                                                              \
  "ldr %[p], [%[a]]\n\t"                                                       \
  "ldr %[q], [%[b]]\n\t"                                                       \
  "add %[a], %[a], %[a_step]\n\t"                                              \
  "add %[b], %[b], %[b_step]\n\t" WIDEN(p, q)
# define TWO_LINES                                                             \
  "ldr %[p], [%[a]]\n\t"                                                       \
  "ldr %[q], [%[b]]\n\t"                                                       \
  "ldr %[r], [%[a], %[a_step]]\n\t"                                            \
  "ldr %[t], [%[b], %[b_step]]\n\t"                                            \
  "add %[a], %[a], %[a_step], lsl #1\n\t"                                      \
  "add %[b], %[b], %[b_step], lsl #1\n\t" WIDEN(p, q) WIDEN(r, t)
# define NEXT_WORD                                                             \
  "ldr %[p], %[a_next]\n\t"                                                    \
  "ldr %[q], %[b_next]\n\t"                                                    \
  "ldr %[r], %[x_next]\n\t"                                                    \
  "add %[a], %[a], %[p]\n\t"                                                   \
  "add %[b], %[b], %[q]\n\t"                                                   \
  "add %[x], %[x], %[r]\n\t"

/* Channels c .. c + 3 of all lines. In C, compilers find neither PKHBT nor
 * PKHTB, use STRD, spread the loads and spill: 35 cycles for a word of a line
 * instead of 13, and 11 for each word. */
TIN_NOINLINE static void widen(const sources *all, int32_t c)
{
    const source *const end = all->from + all->n;

    for (const source *from = all->from; from != end; from++) {
        const int8_t *a = from->a + (c & from->a_mask);
        const int8_t *b = from->b + (c & from->b_mask);
        const int32_t a_step = all->line_step & from->a_mask;
        const int32_t b_step = all->line_step & from->b_mask;
        const int32_t x_next = 4 * (all->next - from->lines * WORD);
        int32_t *x = from->x;
        int32_t words = from->words, i, d, p, q, r, t;

        if (from->lines == 3) // of one output row
            WORDS(ONE_LINE TWO_LINES NEXT_WORD);
        else
            WORDS("ldrh %[i], %[lines]\n\t"
                  "lsrs %[i], %[i], #1\n\t"
                  "bcc 2f\n\t" ONE_LINE "beq 3f\n"
                  "2:\n\t" TWO_LINES "subs %[i], %[i], #1\n\t"
                  "bne 2b\n"
                  "3:\n\t" NEXT_WORD);
    }
}

/* Adds `words` words, if any; a or b is NULL beside the image. */
static void add_source(sources *all, const int8_t *a, const int8_t *b,
                       int32_t words, int32_t lines, int32_t *x)
{
    source *s = &all->from[all->n];
    const int8_t *zero = (const int8_t *)&all->zeros;
    const int32_t word_step = all->word_step;

    if (words <= 0)
        return;
    s->a = a ? a : zero;
    s->b = b ? b : zero;
    s->a_mask = a ? -1 : 0;
    s->b_mask = b ? -1 : 0;
    s->a_next = (word_step & s->a_mask) - lines * (all->line_step & s->a_mask);
    s->b_next = (word_step & s->b_mask) - lines * (all->line_step & s->b_mask);
    s->words = (uint16_t)words;
    s->lines = (uint16_t)lines;
    s->x = x;
    all->n++;
}

/* n lines of a run from `row`. The first and the last column inside may share a
 * word with one outside. */
static void add_lines(sources *all, const run *r, const int8_t *row, int32_t n,
                      int32_t *x)
{
    const int32_t odd = r->first % 2, inside = r->end - r->first - odd;
    const int8_t *src = row + r->col, *first = src + odd * r->col_step;

    x += r->first / 2 * all->next;
    add_source(all, NULL, src, odd, n, x);
    x += odd * all->next;
    add_source(all, first, first + r->col_step, inside / 2, n, x);
    x += inside / 2 * all->next;
    add_source(all, first + (inside - 1) * r->col_step, NULL, inside % 2, n, x);
}

/* Lines line0 .. line1 - 1 of words word0 .. word1 - 1 hold zero points. */
TIN_NOINLINE static void fill_words(const block *b, int32_t word0,
                                    int32_t word1, int32_t line0, int32_t line1,
                                    int32_t zeros)
{
    const int32_t next = b->layout.lines * WORD;

    for (int32_t word = word0; word < word1; word++) {
        int32_t *x = b->words + word * next + line0 * WORD;

        for (int32_t n = line1 - line0; n > 0; n--) {
            x[0] = x[1] = x[2] = x[3] = zeros;
            x += WORD;
        }
    }
}

/* Fills what lies beside the image, once for all channels. */
static void fill_borders(const block *b, const run *r, int32_t zeros)
{
    int32_t word0 = 0, word1 = 0;

    if (r->first < r->end) {
        word0 = r->first / 2;
        word1 = (r->end + 1) / 2;
    }
    if (word0 > 0)
        fill_words(b, 0, word0, 0, b->lines, zeros);
    if (b->line0 > 0)
        fill_words(b, word0, word1, 0, b->line0, zeros);
    if (b->line1 < b->lines)
        fill_words(b, word0, word1, b->line1, b->lines, zeros);
    if (word1 < r->words)
        fill_words(b, word1, r->words, 0, b->lines, zeros);
}

/* Where all words of a run come from that have a column in the image. */
TIN_NOINLINE static void find_sources(sources *all, const block *b,
                                      const run *r)
{
    const int32_t d = b->p->window.dilation_h, ring_rows = b->in->rows;
    int32_t line = b->line0, ring = b->ring;

    all->n = 0;
    all->line_step = b->in->row_bytes * d;
    all->word_step = 2 * r->col_step;
    all->next = b->layout.lines * WORD;
    all->zeros = (uint32_t)(b->p->in_zero & 0xff) * 0x01010101u;
    fill_borders(b, r, tin_sxtb16(all->zeros));
    while (line < b->line1 && r->first < r->end) {
        const int32_t left = b->line1 - line, fit = (ring_rows - ring - 1) / d;
        const int32_t n = left < fit + 1 ? left : fit + 1;
        const int8_t *row = b->in->base;

        row += (size_t)ring * (size_t)b->in->row_bytes;
        add_lines(all, r, row, n, b->words + line * WORD);
        line += n;
        ring += n * d - ring_rows;
        if (ring < 0)
            ring += ring_rows;
    }
}

/* ---- Outputs ------------------------------------------------------------ */

/* Stores n outputs of a channel, whatever its constants. */
TIN_NOINLINE static void put(const tin_dwconv2d_s8_params *p, const int32_t *ch,
                             const int32_t *sum, int32_t n, int8_t *dst,
                             int32_t step)
{
    const int32_t multiplier = ch[MULTIPLIER], offset = ch[OFFSET];
    const int32_t sign = ch[SIGN], right = ch[RIGHT];
    const int32_t lo = p->act_min, hi = p->act_max;

    for (const int32_t *end = sum + n; sum != end; sum++) {
        const int32_t c = offset - (sign & (*sum >> 31));
        const int32_t y = tin_smmla(*sum, multiplier, c) >> right;

        *dst = (int8_t)tin_clamp(y, lo, hi);
        dst += step;
    }
}

/*
 * Rows of a 3x3 kernel, six outputs at a time: their sums s0 .. s5. A line
 * adds its weights u = (w0, w1), v = (w1, w2) to addends t0 .. t4, s5, which
 * are all the bias in the first one. Offsets are in bytes.
 *
 * In C, the compiler spreads the loads, which cost 2 cycles alone and 1 after
 * another one, and runs out of registers: 24 cycles an output instead of 16.
 */
# define LOAD(word, base, offset)                                              \
  "ldr %[" #word "], [%[" #base "], #" #offset "]\n\t"
# define MAC(op, sum, x, w, to)                                                \
#  op " %[" #  sum "], %[" #  x "], %[" #  w "], %[" #  to "]\n\t"

// clang-format off

/* Stride 1: words (x0, x1), (x2, x3) .. are 128 bytes apart. */
# define LINE1(weights, line, t0, t1, t2, t3, t4)                              \
     LOAD(u, ch, 20 + weights)                                                 \
     LOAD(v, ch, 24 + weights)                                                 \
     LOAD(a, x, line)                                                          \
     LOAD(b, x, line + 128)                                                    \
     MAC(smlad, s0, a, u, t0)                                                  \
     MAC(smlatb, s1, a, u, t1)                                                 \
     MAC(smlad, s2, b, u, t2)                                                  \
     MAC(smlatb, s3, b, u, t3)                                                 \
     MAC(smlabt, s0, b, v, s0)                                                 \
     MAC(smlad, s1, b, v, s1)                                                  \
     LOAD(a, x, line + 256)                                                    \
     LOAD(b, x, line + 384)                                                    \
     MAC(smlabt, s2, a, v, s2)                                                 \
     MAC(smlad, s3, a, v, s3)                                                  \
     MAC(smlad, s4, a, u, t4)                                                  \
     MAC(smlatb, s5, a, u, s5)                                                 \
     MAC(smlabt, s4, b, v, s4)                                                 \
     MAC(smlad, s5, b, v, s5)

/* Stride 2: words (x0, x1), (x2, x3) .. are 208 bytes apart. */
# define LINE2(weights, line, t0, t1, t2, t3, t4)                              \
     LOAD(u, ch, 20 + weights)                                                 \
     LOAD(v, ch, 24 + weights)                                                 \
     LOAD(a, x, line)                                                          \
     LOAD(b, x, line + 208)                                                    \
     MAC(smlad, s0, a, u, t0)                                                  \
     MAC(smlabt, s0, b, v, s0)                                                 \
     MAC(smlad, s1, b, u, t1)                                                  \
     LOAD(a, x, line + 416)                                                    \
     LOAD(b, x, line + 624)                                                    \
     MAC(smlabt, s1, a, v, s1)                                                 \
     MAC(smlad, s2, a, u, t2)                                                  \
     MAC(smlabt, s2, b, v, s2)                                                 \
     MAC(smlad, s3, b, u, t3)                                                  \
     LOAD(a, x, line + 832)                                                    \
     LOAD(b, x, line + 1040)                                                    \
     MAC(smlabt, s3, a, v, s3)                                                 \
     MAC(smlad, s4, a, u, t4)                                                  \
     MAC(smlabt, s4, b, v, s4)                                                 \
     MAC(smlad, s5, b, u, s5)                                                  \
     LOAD(a, x, line + 1248)                                                    \
     MAC(smlabt, s5, a, v, s5)

/* Six sums of stride 1 or 2. */
# define SUMS1                                                                 \
     LOAD(s5, ch, 0)                                                           \
     LINE1(0, 0, s5, s5, s5, s5, s5)                                           \
     LINE1(8, 16, s0, s1, s2, s3, s4)                                          \
     LINE1(16, 32, s0, s1, s2, s3, s4)

# define SUMS2                                                                 \
     LOAD(s5, ch, 0)                                                           \
     LINE2(0, 0, s5, s5, s5, s5, s5)                                           \
     LINE2(8, 16, s0, s1, s2, s3, s4)                                          \
     LINE2(16, 32, s0, s1, s2, s3, s4)

/* Their bytes, for channels that need no clamp but that to int8. With a =
 * first, b = step, u = last, v = more: five outputs are stored as the last one
 * at the place of the fifth, then the fifth. */
# define FINISH(sum)                                                           \
     "smmla %[" #sum "], %[" #sum "], %[u], %[v]\n\t"
# define NARROW(sum)                                                           \
     "ssat %[" #sum "], #8, %[" #sum "], asr %[right]\n\t"

# define ROWS(sums)                                                            \
     "1:\n\t"                                                                  \
     sums                                                                      \
     LOAD(u, ch, 4)                                                            \
     LOAD(v, ch, 8)                                                            \
     LOAD(a, to, 0)                                                            \
     FINISH(s0) FINISH(s1) FINISH(s2) FINISH(s3) FINISH(s4) FINISH(s5)         \
     LOAD(b, to, 4)                                                            \
     LOAD(u, to, 8)                                                            \
     LOAD(v, to, 12)                                                           \
     NARROW(s0) NARROW(s1) NARROW(s2) NARROW(s3) NARROW(s4) NARROW(s5)         \
     "strb %[s0], [%[a]]\n\t"                                                  \
     "strb %[s1], [%[a], %[b]]\n\t"                                            \
     "strb %[s2], [%[a], %[b], lsl #1]\n\t"                                    \
     "strb %[s5], [%[a], %[u]]\n\t"                                            \
     "strb %[s4], [%[a], %[b], lsl #2]\n\t"                                    \
     "add %[u], %[a], #1\n\t"                                                  \
     "add %[a], %[a], %[b]\n\t"                                                \
     "strb %[s3], [%[a], %[b], lsl #1]\n\t"                                    \
     "str %[u], [%[to]], #16\n\t"                                              \
     "add %[x], %[x], %[row]\n\t"                                              \
     "cmp %[v], #0\n\t"                                                        \
     "bne 1b\n\t"                                                              \
     "ldr %[a], %[back]\n\t"                                                   \
     "ldr %[b], %[channel]\n\t"                                                \
     "ldr %[u], %[end]\n\t"                                                    \
     "ldr %[to], %[first]\n\t"                                                 \
     "sub %[x], %[x], %[a]\n\t"                                                \
     "add %[ch], %[ch], %[b]\n\t"                                              \
     "cmp %[x], %[u]\n\t"                                                      \
     "bne 1b\n\t"

# define SIX(code, bytes, ...)                                                 \
     __asm__ volatile(code                                                     \
                      : [s0] "=&r"(s0), [s1] "=&r"(s1), [s2] "=&r"(s2),        \
                        [s3] "=&r"(s3), [s4] "=&r"(s4), [s5] "=&r"(s5),        \
                        [u] "=&r"(u), [v] "=&r"(v), [a] "=&r"(a),              \
                        [b] "=&r"(b), [x] "+r"(x), [to] "+r"(to),              \
                        [ch] "+r"(ch)                                          \
                      : [row] "I"(bytes), __VA_ARGS__                          \
                      : "cc", "memory")

/* What ROWS takes besides. */
# define CHANNELS                                                              \
     [right] "I"(TIN_DWCONV2D_DSP_RIGHT), [back] "m"(back),                    \
     [channel] "m"(channel), [end] "m"(end), [first] "m"(first)

// clang-format on

/* Six columns of all rows, or five, of plain channels from x to end. */
static inline __attribute__((always_inline)) void rows_plain(
    const block *q, const int32_t *x, const int32_t *end, const int32_t *ch,
    target *to, int32_t stride)
{
    const int32_t back = 4 * (q->rows * WORD * stride - 1);
    const int32_t channel = 4 * q->layout.channel;
    target *const first = to;
    int32_t s0, s1, s2, s3, s4, s5, u, v, a, b;

    if (stride == 1)
        SIX(ROWS(SUMS1), 16, CHANNELS);
    else
        SIX(ROWS(SUMS2), 32, CHANNELS);
}

/* The same of up to six columns, whatever the constants of the channel. */
TIN_NOINLINE static void rows_any(const block *q, const int32_t *x,
                                  const int32_t *ch, target *to, int32_t n)
{
    int32_t more;

    do {
        int32_t s0, s1, s2, s3, s4, s5, u, v, a, b;

        if (q->layout.stride == 1)
            SIX(SUMS1, 0, [right] "I"(0));
        else
            SIX(SUMS2, 0, [right] "I"(0));
        {
            const int32_t s[6] = {s0, s1, s2, s3, s4, s5};

            put(q->p, ch, s, n, to->first, to->step);
        }
        x += q->layout.stride * WORD;
        to->first++;
        more = to->more;
        to++;
    } while (more);
}

/* 1 if all four channels are such that ROWS finishes their sums. */
static int are_plain(const block *q, const int32_t *ch)
{
    const int32_t channel = q->layout.channel;
    const int32_t *pair = ch + 2 * channel;

    return q->plain && ch[RIGHT] == TIN_DWCONV2D_DSP_RIGHT &&
           ch[channel + RIGHT] == TIN_DWCONV2D_DSP_RIGHT &&
           pair[RIGHT] == TIN_DWCONV2D_DSP_RIGHT &&
           pair[channel + RIGHT] == TIN_DWCONV2D_DSP_RIGHT;
}

/* n columns of four channels from x; ch is the first one's; plain: see
 * are_plain. */
static void columns3x3(const block *q, const int32_t *ch, const int32_t *x,
                       target *to, int32_t n, int plain)
{
    const int32_t *const end = x + 4;

    if (plain) {
        if (q->layout.stride == 1)
            rows_plain(q, x, end, ch, to, 1);
        else
            rows_plain(q, x, end, ch, to, 2);
        return;
    }
    for (; x != end; x++) {
        rows_any(q, x, ch, to, n);
        ch += q->layout.channel;
    }
}

static void set_targets(const block *q, target *to, int32_t offset,
                        int32_t step, int32_t columns)
{
    int8_t *const *dst = q->dst;
    const int32_t last = step * (columns - 1);

    for (int32_t rows = q->rows - 1; rows >= 0; rows--) {
        to->first = *dst++ + offset;
        to->step = step;
        to->last = last;
        to->more = rows;
        to++;
    }
}

/* Less than five columns of four channels: six go elsewhere first. */
TIN_NOINLINE static void few3x3(const block *q, const run *r, const int32_t *ch,
                                int32_t offset)
{
    target *to = q->tables->to;

    set_targets(q, to, 0, 4, 6);
    for (int32_t row = 0; row < q->rows; row++)
        to[row].first = q->tables->few[row][0];
    columns3x3(q, ch, q->words, to, 6, are_plain(q, ch));
    for (int32_t row = 0; row < q->rows; row++) {
        int8_t *dst = q->dst[row] + offset;

        for (int32_t i = 0; i < r->n; i++) {
            __builtin_memcpy(dst, q->tables->few[row][i], 4);
            dst += r->step;
        }
    }
}

/* The outputs of four channels of a 3x3 kernel, 5 columns or more. The last six
 * columns overlap those before; with stride 1 they begin at an even one, and
 * may be five. */
TIN_NOINLINE static void quad3x3(const block *q, const run *r,
                                 const int32_t *ch, int32_t offset)
{
    const int32_t stride = q->layout.stride, step = r->step;
    const int32_t next = q->layout.lines * WORD * stride; // of two columns
    const int plain = are_plain(q, ch);
    target *to = q->tables->to;

    // after six columns or less they have moved on to the next channels
    if (r->n > 6 || to->first != q->dst[0] + offset)
        set_targets(q, to, offset, step, r->n < 6 ? 5 : 6);
    for (int32_t ox = 0, n = r->n;;) {
        int32_t move = 6, last = 5 * step;

        columns3x3(q, ch, q->words + ox * next / 2, to, n < 6 ? n : 6, plain);
        n -= 6;
        if (n <= 0)
            return;
        if (n < 5) {
            move -= stride == 1 ? (6 - n) & ~1 : 6 - n;
            n += 6 - move;
        }
        if (n < 6)
            last = 4 * step;
        ox += move;
        for (int32_t row = 0; row < q->rows; row++) {
            to[row].first += move * step - 4; // four channels were added
            to[row].last = last;
        }
    }
}

/* Adds a line of stride 1 to the sums of four outputs. */
static inline void add_line1(const int32_t *w, const int32_t *end,
                             const int32_t *x, int32_t next, int32_t s[4])
{
    int32_t s0 = s[0], s1 = s[1], s2 = s[2], s3 = s[3];
    int32_t d0 = *x, d1;

    for (; w != end; w += 2) {
        const int32_t even = w[0], odd = w[1];

        x += next;
        d1 = *x;
        s0 = __smlad(d0, even, s0);
        s1 = __smlad(d0, odd, s1);
        s2 = __smlad(d1, even, s2);
        s3 = __smlad(d1, odd, s3);
        d0 = d1;
    }
    s[0] = s0;
    s[1] = s1;
    s[2] = s2;
    s[3] = s3;
}

/* The same of any stride, of two outputs whose inputs begin `half` apart. */
static inline void add_line2(const int32_t *w, const int32_t *end,
                             const int32_t *x, int32_t half, int32_t next,
                             int32_t s[2])
{
    int32_t s0 = s[0], s1 = s[1];

    for (; w != end; w += 2) {
        s0 = __smlad(x[0], w[0], s0);
        s1 = __smlad(x[half], w[1], s1);
        x += next;
    }
    s[0] = s0;
    s[1] = s1;
}

/* Four outputs of any kernel. */
TIN_NOINLINE static void sum_four(const tin_dwconv2d_dsp_layout *l,
                                  const int32_t *ch, const int32_t *x,
                                  int32_t s[4])
{
    const int32_t next = l->lines * WORD, half = l->stride / 2 * next;
    const int32_t *w = ch + WEIGHTS;

    s[0] = s[1] = s[2] = s[3] = ch[SUM];
    for (int32_t ky = 0; ky < l->lines; ky++) {
        const int32_t *end = w + l->taps;

        if (l->stride == 1) {
            add_line1(w, end, x, next, s);
        } else {
            add_line2(w, end, x, half, next, s);
            add_line2(w, end, x + l->stride * next, half, next, s + 2);
        }
        w = end;
        x += WORD;
    }
}

/* The outputs of a channel, of any kernel. */
TIN_NOINLINE static void channel_any(const block *b, const run *r,
                                     const int32_t *ch, const int32_t *x,
                                     int32_t offset)
{
    const tin_dwconv2d_dsp_layout *l = &b->layout;
    int8_t *dst = b->dst[0] + offset;

    for (int32_t n = r->n; n > 0; n -= 4) {
        int32_t s[4];

        sum_four(l, ch, x, s);
        put(b->p, ch, s, n < 4 ? n : 4, dst, r->step);
        dst += 4 * r->step;
        x += 2 * l->stride * l->lines * WORD;
    }
}

/* ---- Blocks ------------------------------------------------------------- */

/* Channels c .. c + 3 of a run, of which `packed` has the constants. */
static void run_channels(const block *b, const run *r, const int32_t *ch,
                         int32_t offset)
{
    if (b->layout.fast && r->n < 5) {
        few3x3(b, r, ch, offset);
    } else if (b->layout.fast) {
        quad3x3(b, r, ch, offset);
    } else {
        for (int32_t i = 0; i < 4; i++)
            channel_any(b, r, ch + i * b->layout.channel, b->words + i,
                        offset + i);
    }
}

/* Output columns ox, ox + phases .. of all rows of the block, at most
 * layout.tile of them. */
TIN_NOINLINE static void run_columns(const block *b, int32_t ox,
                                     const int32_t *packed)
{
    const tin_window *w = &b->p->window;
    const tin_dwconv2d_dsp_layout *l = &b->layout;
    const int32_t origin = ox * w->stride_w - w->pad_left;
    const int32_t left = (w->out_w - ox + l->phases - 1) / l->phases;
    run r;

    r.n = left < l->tile ? left : l->tile;
    r.step = l->phases * w->out_c;
    r.words = tin_dwconv2d_dsp_words(l, r.n);
    tin_window_clip(origin, 2 * r.words, w->dilation_w, w->in_w, &r.first,
                    &r.end);
    r.col = (origin + r.first * w->dilation_w) * w->in_c;
    r.col_step = w->dilation_w * w->in_c;
    find_sources(&b->tables->all, b, &r);
    b->tables->to[0].first = NULL; // see quad3x3
    for (int32_t i = 0; i < w->in_c; i += 4) {
        const int32_t c = i < w->in_c - 4 ? i : w->in_c - 4;

        widen(&b->tables->all, c);
        run_channels(b, &r, packed + c * l->channel, ox * w->out_c + c);
    }
}

static void run_block(const block *b, const int32_t *packed)
{
    const int32_t step = b->layout.phases * b->layout.tile;

    for (int32_t phase = 0; phase < b->layout.phases; phase++)
        for (int32_t ox = phase; ox < b->p->window.out_w; ox += step)
            run_columns(b, ox, packed);
}

void tin_dwconv2d_s8_dsp(const void *params, const tin_rows *in,
                         const tin_rows *out, int32_t y0, int32_t y1,
                         void *scratch)
{
    const tin_dwconv2d_s8_dsp_params *p = params;
    const tin_window *w = &p->conv.window;
    block b;

    b.p = &p->conv;
    b.layout = tin_dwconv2d_dsp_plan(w);
    b.plain = p->conv.act_min == -128 && p->conv.act_max == 127 &&
              p->conv.out_zero == -128;
    b.in = in;
    b.tables = scratch;
    b.words = (int32_t *)scratch + TIN_DWCONV2D_DSP_TABLES / 4;
    for (int32_t y = y0; y < y1; y += b.rows) {
        const int32_t image = y / w->out_h, oy = y - image * w->out_h;
        int32_t origin;

        const int32_t left =
            (y1 < (image + 1) * w->out_h ? y1 - y : w->out_h - oy);

        b.rows = left < b.layout.rows ? left : b.layout.rows;
        b.lines = (b.rows - 1) * w->stride_h + w->kernel_h;
        origin = oy * w->stride_h - w->pad_top;
        tin_window_clip(origin, b.lines, w->dilation_h, w->in_h, &b.line0,
                        &b.line1);
        b.ring = 0;
        if (b.line0 < b.line1)
            b.ring =
                (image * w->in_h + origin + b.line0 * w->dilation_h) % in->rows;
        for (int32_t i = 0; i < b.rows; i++)
            b.dst[i] = tin_row(out, y + i);
        run_block(&b, p->packed);
    }
}

#endif /* TIN_HAVE_DSP */
