/* SPDX-License-Identifier: MIT */
/*
 * tin_dwconv2d_s8_dsp: see tinyinfer_kernels.h.
 *
 * Four channels at a time, what they need of a block of input rows is widened
 * into scratch, so that a word holds two neighbouring columns of a channel and
 * SMLAD takes two taps of an output. Scratch is [line][word of a line]
 * [channel]: with a constant number of words, a 3x3 kernel finds all of its
 * inputs at constant offsets. Columns and rows beside the image hold the zero
 * point, whose part is folded into the bias.
 */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_DSP
# include <arm_acle.h>

/* What the packed stream holds for a channel: tin_requant, then for each row
 * of the kernel its weights times 2^left as pairs. `right` has its sign bit set
 * where the requantization is not the fast one of 3x3 kernels: with a constant
 * `right` and no term with `sign`. Weights of a 3x3 kernel are (w0, w1),
 * (w1, w2). Others have two words in turn, one for an output whose inputs begin
 * with a word and one for the next output: (w0, w1), (w2, w3) .. and, if that
 * begins within a word, (0, w0), (w1, w2) .. */
enum { SUM, MULTIPLIER, OFFSET, SIGN, RIGHT, WEIGHTS };

enum { WORD = 4 }; /* int32_t from a word of a line to the next one */

/* ---- Inputs ------------------------------------------------------------- */

/* Words of lines that lie one after the other in the ring: where their two
 * columns a and b come from for channel 0, and bytes to the next line. A column
 * beside the image has a step of 0, which stands for no channels too. The
 * assembly knows the order. */
typedef struct {
    const int8_t *a, *b;
    int32_t a_step, b_step;
    int32_t *x;
    uint32_t counts; /* words << 16 | lines */
    int32_t next;    /* bytes from the end of a word's lines to the next word */
} source;

/* What scratch begins with; the words of the lines follow. */
struct tables {
    source from[6]; /* up to three kinds of words, in both parts of a ring */
    uint32_t zeros; /* what columns beside the image hold */
    int8_t few[TIN_DWCONV2D_DSP_FEW][6][4];
};

typedef char
    tables_fit[sizeof(struct tables) <= TIN_DWCONV2D_DSP_TABLES ? 1 : -1];

/* A block of output rows. */
typedef struct {
    const tin_dwconv2d_s8_params *p;
    tin_dwconv2d_dsp_layout layout;
    const tin_rows *in;
    int32_t line0, line1, ring; /* lines in the image; the first one's row */
    int32_t rows, lines;
    int8_t *dst; /* the first row */
    int32_t dst_row;
    struct tables *tables;
    source *end; /* of those in use */
    int32_t *words;
} block;

/* A run of output columns of every row: how many, and bytes from one to the
 * next. Which columns of its lines lie in the image. */
typedef struct {
    int32_t n, step;
    int32_t first, end;
    int32_t col, col_step; /* bytes to the first column inside, to the next */
} run;

/* The words of four channels from the columns p and q of a line, to x; `last`
 * stores q there and goes to the next line. */
# define WIDEN(p, q, d, x, last)                                               \
  "pkhbt " #d ", " #p ", " #q ", lsl #16\n\t"                                  \
  "pkhtb " #p ", " #q ", " #p ", asr #16\n\t"                                  \
  "sxtb16 " #q ", " #d "\n\t"                                                  \
  "sxtb16 " #d ", " #d ", ror #8\n\t"                                          \
  "str " #d ", [" #x ", #4]\n\t"                                               \
  "sxtb16 " #d ", " #p "\n\t"                                                  \
  "sxtb16 " #p ", " #p ", ror #8\n\t"                                          \
  "str " #d ", [" #x ", #8]\n\t"                                               \
  "str " #p ", [" #x ", #12]\n\t" last "\n\t"
# define ONE_LINE(a, b, a_step, b_step, p, q, d, x, last)                      \
  "ldr " #p ", [" #a "]\n\t"                                                   \
  "ldr " #q ", [" #b "]\n\t"                                                   \
  "add " #a ", " #a ", " #a_step "\n\t"                                        \
  "add " #b ", " #b ", " #b_step "\n\t" WIDEN(p, q, d, x, last)
# define TWO_LINES(a, b, a_step, b_step, p, q, r, t, d, x, last, last2)        \
  "ldr " #p ", [" #a "]\n\t"                                                   \
  "ldr " #q ", [" #b "]\n\t"                                                   \
  "ldr " #r ", [" #a ", " #a_step "]\n\t"                                      \
  "ldr " #t ", [" #b ", " #b_step "]\n\t"                                      \
  "add " #a ", " #a ", " #a_step ", lsl #1\n\t"                                \
  "add " #b ", " #b ", " #b_step ", lsl #1\n\t" WIDEN(p, q, d, x, last)        \
      WIDEN(r, t, d, x, last2)

/* Adds `words` words of n lines, if any; a or b is NULL beside the image. */
static void add_source(block *b, const run *r, const int8_t *p, const int8_t *q,
                       int32_t words, int32_t n, int32_t *x)
{
    const int8_t *zero = (const int8_t *)&b->tables->zeros;
    // a single line, which may be the last for 2^31 bytes, has no next one
    const int32_t step = n > 1 ? b->in->row_bytes * b->p->window.dilation_h : 1;
    source *s = b->end;

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
static void add_lines(block *b, const run *r, const int8_t *row, int32_t n,
                      int32_t *x)
{
    const int32_t odd = r->first % 2, inside = r->end - r->first - odd;
    const int8_t *src = row + r->col, *first = src + odd * r->col_step;

    x += r->first / 2 * WORD;
    add_source(b, r, NULL, src, odd, n, x);
    x += odd * WORD;
    add_source(b, r, first, first + r->col_step, inside / 2, n, x);
    x += inside / 2 * WORD;
    add_source(b, r, first + (inside - 1) * r->col_step, NULL, inside % 2, n,
               x);
}

/* Fills words word0 .. word1 - 1 of lines line0 .. line1 - 1, which lie beside
 * the image, once for all channels. */
static void fill(const block *b, int32_t line0, int32_t line1, int32_t word0,
                 int32_t word1)
{
    const int32_t zeros = tin_sxtb16(b->tables->zeros);
    const int32_t words = b->layout.words;

    for (int32_t line = line0; word0 < word1 && line < line1; line++) {
        int32_t *x = b->words + (line * words + word0) * WORD;
        const int32_t *end = b->words + (line * words + word1) * WORD;

        for (; x != end; x += WORD)
            x[0] = x[1] = x[2] = x[3] = zeros;
    }
}

/* Where all words of a run come from that have a column in the image. */
TIN_NOINLINE static void find_sources(block *b, const run *r)
{
    const int32_t d = b->p->window.dilation_h, ring_rows = b->in->rows;
    const int32_t words = b->layout.words;
    int32_t line = b->line0, ring = b->ring;

    b->end = b->tables->from;
    b->tables->zeros = (uint32_t)(b->p->in_zero & 0xff) * 0x01010101u;
    fill(b, 0, b->line0, 0, words);
    fill(b, b->line0, b->line1, 0, r->first / 2);
    fill(b, b->line0, b->line1, r->first < r->end ? (r->end + 1) / 2 : 0,
         words);
    fill(b, b->line1, b->lines, 0, words);
    while (line < b->line1 && r->first < r->end) {
        const int32_t left = b->line1 - line, fit = (ring_rows - ring - 1) / d;
        const int32_t n = left < fit + 1 ? left : fit + 1;
        const int8_t *row = b->in->base;

        row += (size_t)ring * (size_t)b->in->row_bytes;
        add_lines(b, r, row, n, b->words + line * words * WORD);
        line += n;
        ring += n * d - ring_rows;
        if (ring < 0)
            ring += ring_rows;
    }
}

/* ---- 3x3 kernels -------------------------------------------------------- */

enum {
    RUN_SIX,
    RUN_FIVE,
    RUN_SIX_BY_2
}; /* outputs of a row at a time; by strides of 2 */

/* What the assembly works on: some groups of four channels. It knows the order,
 * and has a copy of it on its stack. */
typedef struct {
    int8_t *to;        /* the row at work; a word while lines are widened */
    int32_t step, row; /* of dst, from column to column, from row to row */
    int32_t left;      /* rows, with the sign bit where requantization is not
                          the fast one */
    const int32_t *ch; /* the constants of channel c; then the words of the
                          channel at work */
    int8_t *dst;       /* channel c of the first column */
    int32_t rows;
    int32_t channels; /* of the group that are left; words of a source */
    int32_t kind;     /* then where its code begins */
    const source *from, *end;
    int32_t c, groups;
    int32_t *x; /* the first line */
} work;

// clang-format off

# define ONE_AT(pitch)                                                         \
     ONE_LINE(r4, r5, r6, r7, r10, r11, r3, r8, "str r11, [r8], #" #pitch)
# define TWO_AT(pitch)                                                         \
     TWO_LINES(r4, r5, r6, r7, r10, r11, r12, lr, r3, r8,                      \
               "str r11, [r8], #" #pitch, "str lr, [r8], #" #pitch)

/* A source of channels r1 .. r1 + 3 from r0, which moves on to the next one;
 * the label of a word of it is `word`, those behind are 31 .. 34. */
# define WIDEN_SOURCE(word, pitch)                                             \
     "ldm r0!, {r4-r9}\n\t"                                                    \
     "cmp r6, #0\n\t"                                                          \
     "it ne\n\t"                                                               \
     "addne r4, r4, r1\n\t"                                                    \
     "cmp r7, #0\n\t"                                                          \
     "it ne\n\t"                                                               \
     "addne r5, r5, r1\n\t"                                                    \
     "str r8, [sp]\n"                                                          \
     #word ":\n\t"                                                             \
     "str r9, [sp, #28]\n\t"                                                   \
     "uxth r9, r9\n\t"                                                         \
     "lsrs r9, r9, #1\n\t"                                                     \
     "bcc 31f\n\t"                                                             \
     ONE_AT(pitch)                                                             \
     "31:\n\t" /* the rest in fours, which may begin with the second half */   \
     "lsrs r9, r9, #1\n\t"                                                     \
     "it cs\n\t"                                                               \
     "addcs r9, r9, #1\n\t"                                                    \
     "bcs 33f\n\t"                                                             \
     "beq 34f\n"                                                               \
     "32:\n\t"                                                                 \
     TWO_AT(pitch)                                                             \
     "33:\n\t"                                                                 \
     TWO_AT(pitch)                                                             \
     "subs r9, r9, #1\n\t"                                                     \
     "bne 32b\n"                                                               \
     "34:\n\t"                                                                 \
     "ldr r8, [sp]\n\t"                                                        \
     "ldr r9, [sp, #28]\n\t"                                                   \
     "ldr r10, [r0]\n\t"                                                       \
     "add r8, r8, #16\n\t"                                                     \
     "str r8, [sp]\n\t"                                                        \
     "add r4, r4, r10\n\t"                                                     \
     "add r5, r5, r10\n\t"                                                     \
     "sub r9, r9, #0x10000\n\t"                                                \
     "cmp r9, #0x10000\n\t"                                                    \
     "bhs " #word "b\n\t"                                                      \
     "add r0, r0, #4\n\t"                                                      \
     "cmp r0, r2\n\t"

/* Weights and words of line n, which begins `at` bytes from r0; r0 is a row of
 * outputs, `next` bytes, ahead as soon as the first word is there. */
# define FIRST_WORD(next) "ldr r10, [r0], #" #next "\n\t"
# define NEXT_WORD(at) "ldr r10, [r0, #" #at "]\n\t"
# define WORDS4(n, at, word0)                                                  \
     "ldr r8, [r1, #20 + 8 * " #n "]\n\t"                                      \
     "ldr r9, [r1, #24 + 8 * " #n "]\n\t"                                      \
     word0                                                                     \
     "ldr r11, [r0, #" #at " + 16]\n\t"                                        \
     "ldr r12, [r0, #" #at " + 32]\n\t"                                        \
     "ldr lr, [r0, #" #at " + 48]\n\t"
# define MAC(op, sum, x, w, to) #op " " #sum ", " #x ", " #w ", " #to "\n\t"

/* A line adds its weights r8 = (w0, w1), r9 = (w1, w2) to addends t2 .. t6, and
 * r7, which are all the bias in the first line; sums are r2 .. r7. */

/* Stride 1: a line has 4 words, (x0, x1), (x2, x3) .. */
# define LINE5(n, at, word0, t2, t3, t4, t5, t6)                               \
     WORDS4(n, at, word0)                                                      \
     MAC(smlad, r2, r10, r8, t2)                                               \
     MAC(smlatb, r3, r10, r8, t3)                                              \
     MAC(smlad, r4, r11, r8, t4)                                               \
     MAC(smlatb, r5, r11, r8, t5)                                              \
     MAC(smlad, r6, r12, r8, t6)                                               \
     MAC(smlabt, r2, r11, r9, r2)                                              \
     MAC(smlad, r3, r11, r9, r3)                                               \
     MAC(smlabt, r4, r12, r9, r4)                                              \
     MAC(smlad, r5, r12, r9, r5)                                               \
     MAC(smlabt, r6, lr, r9, r6)
# define LINE6(n, at, word0, t2, t3, t4, t5, t6)                               \
     LINE5(n, at, word0, t2, t3, t4, t5, t6)                                   \
     MAC(smlatb, r7, r12, r8, r7)                                              \
     MAC(smlad, r7, lr, r9, r7)

/* Stride 2: a line has 7 words. */
# define LINE6_BY_2(n, at, word0, t2, t3, t4, t5, t6)                          \
     WORDS4(n, at, word0)                                                      \
     MAC(smlad, r2, r10, r8, t2)                                               \
     MAC(smlad, r3, r11, r8, t3)                                               \
     MAC(smlad, r4, r12, r8, t4)                                               \
     MAC(smlad, r5, lr, r8, t5)                                                \
     MAC(smlabt, r2, r11, r9, r2)                                              \
     MAC(smlabt, r3, r12, r9, r3)                                              \
     MAC(smlabt, r4, lr, r9, r4)                                               \
     "ldr r10, [r0, #" #at " + 64]\n\t"                                        \
     "ldr r11, [r0, #" #at " + 80]\n\t"                                        \
     "ldr r12, [r0, #" #at " + 96]\n\t"                                        \
     MAC(smlad, r6, r10, r8, t6)                                               \
     MAC(smlad, r7, r11, r8, r7)                                               \
     MAC(smlabt, r5, r10, r9, r5)                                              \
     MAC(smlabt, r6, r11, r9, r6)                                              \
     MAC(smlabt, r7, r12, r9, r7)

/* The lines of a row; the bias is in a register of its own at first. */
# define LINES_BY_1(line, bias)                                                \
     line(0, -64, FIRST_WORD(64), bias, bias, bias, bias, bias)                \
     line(1, 0, NEXT_WORD(0), r2, r3, r4, r5, r6)                              \
     line(2, 64, NEXT_WORD(64), r2, r3, r4, r5, r6)
# define LINES_BY_2(line, bias)                                                \
     line(0, -224, FIRST_WORD(224), bias, bias, bias, bias, bias)              \
     line(1, -112, NEXT_WORD(-112), r2, r3, r4, r5, r6)                        \
     line(2, 0, NEXT_WORD(0), r2, r3, r4, r5, r6)

# define FLOOR(sum)                                                            \
     "smmla " #sum ", " #sum ", r8, r9\n\t"                                    \
     "ssat " #sum ", #8, " #sum ", asr %[right]\n\t"

/* All rows of a channel: labels `row` and `store`; from label `any` to store
 * where requantization is not the fast one. The n, SIX or FIVE, columns say
 * which register the bias and dst are in: five have one for dst alone. */
# define ROWS(row, any, store, lines, line, n)                                 \
     ".balign 4\n"                                                             \
     #row ":\n\t"                                                              \
     n##_LOAD_BIAS                                                             \
     lines(line, n##_BIAS)                                                     \
     "ldr r8, [r1, #4]\n\t"                                                    \
     "ldr r9, [r1, #8]\n\t"                                                    \
     n##_LOAD_DST                                                              \
     "ldr r11, [sp, #4]\n\t"                                                   \
     "ldr lr, [sp, #8]\n\t"                                                    \
     "ldr r12, [sp, #12]\n\t"                                                  \
     "subs r12, r12, #1\n\t"                                                   \
     "bmi " #any "f\n\t"                                                       \
     FLOOR(r2) FLOOR(r3) FLOOR(r4) FLOOR(r5) FLOOR(r6) n##_FLOOR               \
     #store ":\n\t"                                                            \
     n##_STORE                                                                 \
     "str r12, [sp, #12]\n\t"                                                  \
     "bne " #row "b\n\t"                                                       \
     "b 8f\n"                                                                  \
     #any ":\n\t"                                                              \
     n##_ANY                                                                   \
     "b " #store "b\n"

# define STORE5(dst)                                                           \
     "strb r2, [" #dst "]\n\t"                                                 \
     "strb r3, [" #dst ", r11]\n\t"                                            \
     "strb r4, [" #dst ", r11, lsl #1]\n\t"                                    \
     "strb r6, [" #dst ", r11, lsl #2]\n\t"                                    \
     "add r8, " #dst ", r11\n\t"                                               \
     "strb r5, [r8, r11, lsl #1]\n\t"                                          \
     "add " #dst ", " #dst ", lr\n\t"

# define SIX_BIAS r7
# define SIX_LOAD_BIAS "ldr.w r7, [r1]\n\t"
# define SIX_LOAD_DST "ldr r10, [sp]\n\t"
# define SIX_FLOOR FLOOR(r7)
# define SIX_STORE                                                             \
     STORE5(r10)                                                               \
     "strb r7, [r8, r11, lsl #2]\n\t"                                          \
     "str r10, [sp]\n\t"
# define SIX_ANY "bl 7f\n\t"

# define FIVE_BIAS r6
# define FIVE_LOAD_BIAS "ldr.w r6, [r1]\n\t"
# define FIVE_LOAD_DST
# define FIVE_FLOOR
# define FIVE_STORE STORE5(r7)
# define FIVE_ANY                                                              \
     "str r7, [sp]\n\t"                                                        \
     "bl 7f\n\t"                                                               \
     "ldr r7, [sp]\n\t"

/* Any requantization of a sum; r8 multiplier, r9 offset, r10 sign, r11 right */
# define ANY(sum)                                                              \
     "and r12, r10, " #sum ", asr #31\n\t"                                     \
     "sub r12, r9, r12\n\t"                                                    \
     "smmla " #sum ", " #sum ", r8, r12\n\t"                                   \
     "asr " #sum ", " #sum ", r11\n\t"                                         \
     "ssat " #sum ", #8, " #sum "\n\t"

/*
 * Five or six columns of all rows of some groups of channels: widens what a
 * group needs, then makes its sums.
 *
 * Assembly, and in one piece, because 14 registers are live: compilers find
 * neither PKHBT nor PKHTB, spread the loads, which cost 2 cycles alone and 1
 * after another one, and spill. A word of four channels takes 14 cycles, of 23,
 * an output 15, of 24.
 *
 * On the stack: 0 to, 4 step, 8 row, 12 left, 16 ch, then x of the channel, 20
 * dst, 24 rows, 28 channels, 32 kind, then code, 36 from, 40 end, 44 c, 48
 * groups, 52 x.
 */
TIN_NOINLINE static void run3x3(const work *todo)
{
    register const void *r0 __asm__("r0") = todo;

    __asm__ volatile(
        ".balign 4\n\t" // or ADR is 2 bytes off in a section of less alignment
        "push {r4-r11}\n\t"
        "ldm r0, {r0-r12, lr}\n\t"
        "cmp r8, #1\n\t"
        "adr.w r8, 1f\n\t"
        "it eq\n\t"
        "adreq.w r8, 2f\n\t"
        "it hi\n\t"
        "adrhi.w r8, 3f\n\t"
        "orr r8, r8, #1\n\t" // Thumb
        "push {r0-r12, lr}\n"
        "10:\n\t" // a group
        "ldr r0, [sp, #36]\n\t"
        "ldr r2, [sp, #40]\n\t"
        "ldr r1, [sp, #44]\n\t"
        "ldr r3, [sp, #32]\n\t"
        "cmp r0, r2\n\t"
        "beq 25f\n\t"
        "adr.w r4, 3f\n\t"
        "cmp r3, r4\n\t" // Thumb code is one byte ahead
        "bhi 22f\n"
        "21:\n\t"
        WIDEN_SOURCE(23, 64)
        "bne 21b\n\t"
        "b 25f\n"
        "22:\n\t"
        WIDEN_SOURCE(24, 112)
        "bne 22b\n"
        "25:\n\t"
        "ldr r1, [sp, #16]\n\t"
        "ldr r0, [sp, #52]\n\t"
        "ldr r3, [sp, #20]\n\t"
        "mov r2, #4\n"
        "0:\n\t" // a channel: r0 words, r1 constants, r2 channels left, r3 dst
        "str r2, [sp, #28]\n\t"
        "str r3, [sp]\n\t"
        "str r0, [sp, #16]\n\t"
        "mov r7, r3\n\t" // for five columns
        "ldr r2, [r1, #16]\n\t"
        "ldr r3, [sp, #24]\n\t"
        "bfi r2, r3, #0, #31\n\t" // the sign bit stays
        "str r2, [sp, #12]\n\t"
        "ldr pc, [sp, #32]\n"
        ROWS(1, 4, 11, LINES_BY_1, LINE6, SIX)
        ROWS(2, 5, 12, LINES_BY_1, LINE5, FIVE)
        ROWS(3, 6, 13, LINES_BY_2, LINE6_BY_2, SIX)
        "8:\n\t"
        "ldr r0, [sp, #16]\n\t"
        "ldr r3, [sp, #20]\n\t"
        "ldr r2, [sp, #28]\n\t"
        "add r0, r0, #4\n\t"
        "add r1, r1, #44\n\t"
        "add r3, r3, #1\n\t"
        "str r3, [sp, #20]\n\t"
        "subs r2, r2, #1\n\t"
        "bne 0b\n\t"
        "ldr r2, [sp, #44]\n\t"
        "ldr r3, [sp, #48]\n\t"
        "str r1, [sp, #16]\n\t"
        "add r2, r2, #4\n\t"
        "str r2, [sp, #44]\n\t"
        "subs r3, r3, #1\n\t"
        "str r3, [sp, #48]\n\t"
        "bne 10b\n\t"
        "b 9f\n"
        "7:\n\t"
        "str r12, [sp, #12]\n\t"
        "ldr r10, [r1, #12]\n\t"
        "ldr r11, [r1, #16]\n\t"
        ANY(r2) ANY(r3) ANY(r4) ANY(r5) ANY(r6) ANY(r7)
        "mov r9, lr\n\t"
        "ldr r10, [sp]\n\t"
        "ldr r11, [sp, #4]\n\t"
        "ldr lr, [sp, #8]\n\t"
        "ldr r12, [sp, #12]\n\t"
        "lsls r8, r12, #1\n\t" // EQ if no rows are left
        "bx r9\n"
        "9:\n\t"
        "add sp, sp, #56\n\t"
        "pop {r4-r11}\n\t"
        : "+r"(r0)
        : [right] "I"(TIN_DWCONV2D_DSP_RIGHT)
        : "r1", "r2", "r3", "r12", "lr", "cc", "memory");
}

// clang-format on

/* Begins with channel c, or with the last four. */
static void set_channel(const block *b, work *todo, const int32_t *packed,
                        int32_t c)
{
    const int32_t last = b->p->window.in_c - 4;

    todo->c = c < last ? c : last;
    todo->ch = packed + todo->c * b->layout.channel;
}

/* All channels by way of `few`. */
static void run_few(const block *b, const run *r, work *todo,
                    const int32_t *packed, int8_t *dst)
{
    todo->step = sizeof b->tables->few[0][0];
    todo->row = sizeof b->tables->few[0];
    todo->groups = 1;
    for (int32_t c = 0; c < b->p->window.in_c; c += 4) {
        int8_t *to;

        set_channel(b, todo, packed, c);
        todo->dst = b->tables->few[0][0];
        run3x3(todo);
        to = dst + todo->c;
        for (int32_t row = 0; row < b->rows; row++, to += b->dst_row)
            for (int32_t i = 0; i < r->n; i++)
                __builtin_memcpy(to + i * r->step, b->tables->few[row][i], 4);
    }
}

/* All channels of a run of a 3x3 kernel. Less than five columns, or six with
 * strides of 2, go elsewhere first. */
static void run_fast(const block *b, const run *r, const int32_t *packed,
                     int8_t *dst)
{
    const int32_t stride = b->layout.stride, channels = b->p->window.in_c;
    work todo;

    todo.rows = b->rows;
    todo.kind = stride == 2 ? RUN_SIX_BY_2 : r->n == 5 ? RUN_FIVE : RUN_SIX;
    todo.from = b->tables->from;
    todo.end = b->end;
    todo.x = b->words;
    if (r->n < 5 || (r->n < 6 && stride == 2)) {
        run_few(b, r, &todo, packed, dst);
        return;
    }
    todo.step = r->step;
    todo.row = b->dst_row;
    for (int32_t c = 0; c < channels; c += 4 * todo.groups) {
        todo.groups = channels - c < 8 ? 1 : (channels - c) / 4;
        set_channel(b, &todo, packed, c);
        todo.dst = dst + todo.c;
        run3x3(&todo);
    }
}

/* ---- Any kernel --------------------------------------------------------- */

/* Stores n outputs of a channel. */
static void put(const int32_t *ch, const int32_t *sum, int32_t n, int8_t *dst,
                int32_t step)
{
    const int32_t right = ch[RIGHT] & INT32_MAX;

    for (const int32_t *end = sum + n; sum != end; sum++) {
        const int32_t y =
            tin_requant_dsp(*sum, ch[MULTIPLIER], ch[OFFSET], ch[SIGN], right);

        *dst = (int8_t)y;
        dst += step;
    }
}

/* Adds a line of stride 1 to the sums of four outputs. */
static inline void add_line1(const int32_t *w, const int32_t *end,
                             const int32_t *x, int32_t s[4])
{
    int32_t s0 = s[0], s1 = s[1], s2 = s[2], s3 = s[3];
    int32_t d0 = *x, d1;

    for (; w != end; w += 2) {
        const int32_t even = w[0], odd = w[1];

        x += WORD;
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
                             const int32_t *x, int32_t half, int32_t s[2])
{
    int32_t s0 = s[0], s1 = s[1];

    for (; w != end; w += 2) {
        s0 = __smlad(x[0], w[0], s0);
        s1 = __smlad(x[half], w[1], s1);
        x += WORD;
    }
    s[0] = s0;
    s[1] = s1;
}

/* Four outputs of any kernel. */
TIN_NOINLINE static void sum_four(const tin_dwconv2d_dsp_layout *l,
                                  const int32_t *ch, const int32_t *x,
                                  int32_t s[4])
{
    const int32_t half = l->stride / 2 * WORD;
    const int32_t *w = ch + WEIGHTS;

    s[0] = s[1] = s[2] = s[3] = ch[SUM];
    for (int32_t ky = 0; ky < l->lines; ky++) {
        const int32_t *end = w + l->taps;

        if (l->stride == 1) {
            add_line1(w, end, x, s);
        } else {
            add_line2(w, end, x, half, s);
            add_line2(w, end, x + l->stride * WORD, half, s + 2);
        }
        w = end;
        x += l->words * WORD;
    }
}

/* The outputs of a channel, of any kernel. */
static void channel_any(const tin_dwconv2d_dsp_layout *l, const run *r,
                        const int32_t *ch, const int32_t *x, int8_t *dst)
{
    for (int32_t n = r->n; n > 0; n -= 4) {
        int32_t s[4];

        sum_four(l, ch, x, s);
        put(ch, s, n < 4 ? n : 4, dst, r->step);
        dst += 4 * r->step;
        x += 2 * l->stride * WORD;
    }
}

# define LAST(q) "str %[" # q "], [%[x]]\n\tadd %[x], %[x], %[pitch]"
# define LINES(code)                                                           \
  __asm__ volatile(                                                            \
      code                                                                     \
      : [p] "=&r"(p), [q] "=&r"(q), [r] "=&r"(r), [t] "=&r"(t), [d] "=&r"(d),  \
        [a] "+r"(a), [b] "+r"(b), [x] "+r"(x)                                  \
      : [a_step] "r"(a_step), [b_step] "r"(b_step), [pitch] "r"(pitch)         \
      : "memory")

/* Channels c .. c + 3 of all lines. */
TIN_NOINLINE static void widen_any(const block *to, int32_t c)
{
    const int32_t pitch = to->layout.words * WORD * 4;

    for (const source *from = to->tables->from; from != to->end; from++) {
        const int32_t a_step = from->a_step, b_step = from->b_step;
        const int8_t *a = from->a + (a_step ? c : 0);
        const int8_t *b = from->b + (b_step ? c : 0);
        int32_t *next = from->x;

        for (uint32_t words = from->counts >> 16; words > 0; words--) {
            uint32_t i = from->counts & 0xffff;
            int32_t *x = next, d, p, q, r, t;

            // clang-format off
            if (i & 1)
                LINES(ONE_LINE(%[a], %[b], %[a_step], %[b_step], %[p], %[q],
                               %[d], %[x], LAST(q)));
            for (i /= 2; i > 0; i--)
                LINES(TWO_LINES(%[a], %[b], %[a_step], %[b_step], %[p], %[q],
                                %[r], %[t], %[d], %[x], LAST(q), LAST(t)));
            // clang-format on
            a += from->next;
            b += from->next;
            next += WORD;
        }
    }
}

/* All channels of a run. */
static void run_any(const block *b, const run *r, const int32_t *packed,
                    int8_t *dst)
{
    const tin_dwconv2d_dsp_layout *l = &b->layout;
    const int32_t channels = b->p->window.in_c;

    for (int32_t i = 0; i < channels; i += 4) {
        const int32_t c = i < channels - 4 ? i : channels - 4;

        widen_any(b, c);
        for (int32_t k = c; k < c + 4; k++)
            channel_any(l, r, packed + k * l->channel, b->words + k - c,
                        dst + k);
    }
}

/* ---- Blocks ------------------------------------------------------------- */

/* n output columns ox, ox + phases .. of all rows of the block. */
TIN_NOINLINE static void run_columns(block *b, int32_t ox, int32_t n,
                                     const int32_t *packed)
{
    const tin_window *w = &b->p->window;
    const tin_dwconv2d_dsp_layout *l = &b->layout;
    const int32_t origin = ox * w->stride_w - w->pad_left;
    int8_t *dst = b->dst + ox * w->out_c;
    run r;

    r.n = n;
    r.step = l->phases * w->out_c;
    tin_window_clip(origin, 2 * l->words, w->dilation_w, w->in_w, &r.first,
                    &r.end);
    r.col = (origin + r.first * w->dilation_w) * w->in_c;
    r.col_step = w->dilation_w * w->in_c;
    find_sources(b, &r);
    if (l->fast)
        run_fast(b, &r, packed, dst);
    else
        run_any(b, &r, packed, dst);
}

/* All columns. The last ones of a 3x3 kernel overlap those before. */
static void run_block(block *b, const int32_t *packed)
{
    const tin_dwconv2d_dsp_layout *l = &b->layout;
    const int32_t out_w = b->p->window.out_w;

    for (int32_t phase = 0; phase < l->phases && phase < out_w; phase++) {
        const int32_t all = (out_w - phase - 1) / l->phases + 1;

        for (int32_t i = 0; i < all; i += l->tile) {
            int32_t n = all - i < l->tile ? all - i : l->tile, first = i;

            if (l->fast && i > 0) {
                n = l->tile;
                first = i < all - n ? i : all - n;
            }
            run_columns(b, phase + first * l->phases, n, packed);
        }
    }
}

/* Rows of a block that begins with row y: of one image, and of dst in one
 * piece. */
static int32_t rows_of_block(const block *b, const tin_rows *out, int32_t y,
                             int32_t y1)
{
    const int32_t image = b->p->window.out_h - y % b->p->window.out_h;
    const int32_t ring = out->rows - tin_slot(out, y);
    int32_t rows = y1 - y < b->layout.rows ? y1 - y : b->layout.rows;

    rows = rows < image ? rows : image;
    return rows < ring ? rows : ring;
}

void tin_dwconv2d_s8_dsp(const void *params, const tin_rows *in,
                         const tin_rows *out, int32_t y0, int32_t y1,
                         void *scratch)
{
    const tin_dwconv2d_s8_dsp_params *p = params;
    const tin_window *w = &p->conv.window;
    const int32_t lo = p->conv.act_min, hi = p->conv.act_max;
    block b;

    b.p = &p->conv;
    b.layout = tin_dwconv2d_dsp_plan(w);
    b.in = in;
    b.tables = scratch;
    b.words = (int32_t *)scratch + TIN_DWCONV2D_DSP_TABLES / 4;
    b.dst_row = out->row_bytes;
    for (int32_t y = y0; y < y1; y += b.rows) {
        const int32_t image = y / w->out_h, oy = y - image * w->out_h;
        const int32_t origin = oy * w->stride_h - w->pad_top;

        b.rows = rows_of_block(&b, out, y, y1);
        b.lines = (b.rows - 1) * w->stride_h + w->kernel_h;
        tin_window_clip(origin, b.lines, w->dilation_h, w->in_h, &b.line0,
                        &b.line1);
        b.ring = 0;
        if (b.line0 < b.line1)
            b.ring = tin_slot(in, image * w->in_h + origin +
                                      b.line0 * w->dilation_h);
        b.dst = tin_row(out, y);
        run_block(&b, p->packed);
        for (int32_t i = 0; (lo > -128 || hi < 127) && i < b.rows; i++)
            tin_clamp_dsp(b.dst + i * b.dst_row, w->out_w * w->out_c, lo, hi);
    }
}

#endif /* TIN_HAVE_DSP */
