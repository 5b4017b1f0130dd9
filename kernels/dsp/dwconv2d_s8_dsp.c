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

/* Words of lines that lie one after the other in the ring: how many, and where
 * their two columns a and b come from for channel 0. A column beside the image
 * has mask 0, which stands for no channels and no steps, others -1. */
typedef struct {
    const int8_t *a, *b;
    int32_t a_mask, b_mask;
    int32_t words, lines;
    int32_t *x;
} source;

/* All of a run: up to three kinds of words, in both parts of a ring. */
typedef struct {
    source from[6];
    int32_t n;
    int32_t line_step, word_step; /* bytes */
    int32_t pitch;                /* bytes of x, from line to line */
    uint32_t zeros;               /* what columns beside the image hold */
} sources;

/* What scratch begins with; the words of the lines follow. */
struct tables {
    sources all;
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
    int32_t *words;
} block;

/* A run of output columns of every row: how many, and bytes from one to the
 * next. Which columns of its lines lie in the image. */
typedef struct {
    int32_t n, step;
    int32_t first, end;
    int32_t col, col_step; /* bytes to the first column inside, to the next */
} run;

/* The words of four channels from the columns p and q. */
# define WIDEN(p, q)                                                           \
  "pkhbt %[d], %[" #p "], %[" #q "], lsl #16\n\t"                              \
  "pkhtb %[" #p "], %[" #q "], %[" #p "], asr #16\n\t"                         \
  "sxtb16 %[" #q "], %[d]\n\t"                                                 \
  "sxtb16 %[d], %[d], ror #8\n\t"                                              \
  "str %[" #q "], [%[x]]\n\t"                                                  \
  "str %[d], [%[x], #4]\n\t"                                                   \
  "sxtb16 %[" #q "], %[" #p "]\n\t"                                            \
  "sxtb16 %[" #p "], %[" #p "], ror #8\n\t"                                    \
  "str %[" #q "], [%[x], #8]\n\t"                                              \
  "str %[" #p "], [%[x], #12]\n\t"                                             \
  "add %[x], %[x], %[pitch]\n\t"

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
# define LINES(code)                                                           \
  __asm__ volatile(                                                            \
      code                                                                     \
      : [p] "=&r"(p), [q] "=&r"(q), [r] "=&r"(r), [t] "=&r"(t), [d] "=&r"(d),  \
        [a] "+r"(a), [b] "+r"(b), [x] "+r"(x)                                  \
      : [a_step] "r"(a_step), [b_step] "r"(b_step), [pitch] "r"(pitch)         \
      : "memory")

/* Channels c .. c + 3 of all lines. In C, compilers find neither PKHBT nor
 * PKHTB, use STRD and spread the loads: 23 cycles for a word instead of 15. */
TIN_NOINLINE static void widen(const sources *all, int32_t c)
{
    const source *end = all->from + all->n;
    const int32_t pitch = all->pitch;

    for (const source *from = all->from; from != end; from++) {
        const int32_t a_step = all->line_step & from->a_mask;
        const int32_t b_step = all->line_step & from->b_mask;
        const int8_t *a = from->a + (c & from->a_mask);
        const int8_t *b = from->b + (c & from->b_mask);
        int32_t *next = from->x;

        for (int32_t words = from->words; words > 0; words--) {
            int32_t i = from->lines, *x = next, d, p, q, r, t;

            if (i & 1)
                LINES(ONE_LINE);
            if (i & 2)
                LINES(TWO_LINES);
            for (i /= 4; i > 0; i--)
                LINES(TWO_LINES TWO_LINES);
            i = from->lines;
            a += all->word_step - i * a_step;
            b += all->word_step - i * b_step;
            next += WORD;
        }
    }
}

/* Adds `words` words, if any; a or b is NULL beside the image. */
static void add_source(sources *all, const int8_t *a, const int8_t *b,
                       int32_t words, int32_t lines, int32_t *x)
{
    source *s = &all->from[all->n];
    const int8_t *zero = (const int8_t *)&all->zeros;

    if (words <= 0)
        return;
    s->a = a ? a : zero;
    s->b = b ? b : zero;
    s->a_mask = a ? -1 : 0;
    s->b_mask = b ? -1 : 0;
    s->words = words;
    s->lines = lines;
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

    x += r->first / 2 * WORD;
    add_source(all, NULL, src, odd, n, x);
    x += odd * WORD;
    add_source(all, first, first + r->col_step, inside / 2, n, x);
    x += inside / 2 * WORD;
    add_source(all, first + (inside - 1) * r->col_step, NULL, inside % 2, n, x);
}

/* Fills words word0 .. word1 - 1 of lines line0 .. line1 - 1, which lie beside
 * the image, once for all channels. */
static void fill(const block *b, int32_t line0, int32_t line1, int32_t word0,
                 int32_t word1)
{
    const int32_t zeros = tin_sxtb16(b->tables->all.zeros);
    const int32_t words = b->layout.words;

    for (int32_t line = line0; word0 < word1 && line < line1; line++) {
        int32_t *x = b->words + (line * words + word0) * WORD;
        const int32_t *end = b->words + (line * words + word1) * WORD;

        for (; x != end; x += WORD)
            x[0] = x[1] = x[2] = x[3] = zeros;
    }
}

/* Where all words of a run come from that have a column in the image. */
TIN_NOINLINE static void find_sources(const block *b, const run *r)
{
    const int32_t d = b->p->window.dilation_h, ring_rows = b->in->rows;
    const int32_t words = b->layout.words;
    sources *all = &b->tables->all;
    int32_t line = b->line0, ring = b->ring;

    all->n = 0;
    all->line_step = b->in->row_bytes * d;
    all->word_step = 2 * r->col_step;
    all->pitch = words * WORD * 4;
    all->zeros = (uint32_t)(b->p->in_zero & 0xff) * 0x01010101u;
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
        add_lines(all, r, row, n, b->words + line * words * WORD);
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

/* What the assembly works on; it knows the order. */
typedef struct {
    const int32_t *x;  /* the first line of the first channel */
    const int32_t *ch; /* its constants */
    int8_t *dst;
    int32_t step, row; /* of dst, from column to column, from row to row */
    int32_t rows, channels;
    int32_t kind;
} work;

// clang-format off

# define WORDS4(weights, x0, x1, x2, x3)                                       \
     "ldr r8, [r1, #20 + " #weights "]\n\t"                                    \
     "ldr r9, [r1, #24 + " #weights "]\n\t"                                    \
     "ldr r10, [r0, #" #x0 "]\n\t"                                             \
     "ldr r11, [r0, #" #x1 "]\n\t"                                             \
     "ldr r12, [r0, #" #x2 "]\n\t"                                             \
     "ldr lr, [r0, #" #x3 "]\n\t"
# define MAC(op, sum, x, w, to) #op " " #sum ", " #x ", " #w ", " #to "\n\t"

/* A line adds its weights r8 = (w0, w1), r9 = (w1, w2) to addends t2 .. t6, and
 * r7, which are all the bias in the first line; sums are r2 .. r7. */

/* Stride 1: a line has 4 words, (x0, x1), (x2, x3) .. */
# define LINE5(n, t2, t3, t4, t5, t6)                                          \
     WORDS4(8 * n, 64 * n, 64 * n + 16, 64 * n + 32, 64 * n + 48)              \
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
# define LINE6(n, t2, t3, t4, t5, t6)                                          \
     LINE5(n, t2, t3, t4, t5, t6)                                              \
     MAC(smlatb, r7, r12, r8, r7)                                              \
     MAC(smlad, r7, lr, r9, r7)

/* Stride 2: a line has 7 words. */
# define LINE6_BY_2(n, t2, t3, t4, t5, t6)                                     \
     WORDS4(8 * n, 112 * n, 112 * n + 16, 112 * n + 32, 112 * n + 48)          \
     MAC(smlad, r2, r10, r8, t2)                                               \
     MAC(smlad, r3, r11, r8, t3)                                               \
     MAC(smlad, r4, r12, r8, t4)                                               \
     MAC(smlad, r5, lr, r8, t5)                                                \
     MAC(smlabt, r2, r11, r9, r2)                                              \
     MAC(smlabt, r3, r12, r9, r3)                                              \
     MAC(smlabt, r4, lr, r9, r4)                                               \
     "ldr r10, [r0, #112 * " #n " + 64]\n\t"                                   \
     "ldr r11, [r0, #112 * " #n " + 80]\n\t"                                   \
     "ldr r12, [r0, #112 * " #n " + 96]\n\t"                                   \
     MAC(smlad, r6, r10, r8, t6)                                               \
     MAC(smlad, r7, r11, r8, r7)                                               \
     MAC(smlabt, r5, r10, r9, r5)                                              \
     MAC(smlabt, r6, r11, r9, r6)                                              \
     MAC(smlabt, r7, r12, r9, r7)

# define FLOOR(sum)                                                            \
     "smmla " #sum ", " #sum ", r8, r9\n\t"                                    \
     "ssat " #sum ", #8, " #sum ", asr %[right]\n\t"

/* All rows of a channel: labels `row` and `store`; from label `any` to store
 * where requantization is not the fast one. The n, SIX or FIVE, columns say
 * which register the bias and dst are in: five have one for dst alone. */
# define ROWS(row, any, store, line, next_x, n)                                \
     ".balign 4\n"                                                             \
     #row ":\n\t"                                                              \
     n##_LOAD_BIAS                                                             \
     line(0, n##_BIAS, n##_BIAS, n##_BIAS, n##_BIAS, n##_BIAS)                 \
     line(1, r2, r3, r4, r5, r6)                                               \
     line(2, r2, r3, r4, r5, r6)                                               \
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
     "add r0, r0, #" #next_x "\n\t"                                            \
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
 * Five or six columns of all rows of some channels.
 *
 * Assembly, and in one piece, because 14 registers are live: compilers spread
 * the loads, which cost 2 cycles alone and 1 after another one, and spill: 24
 * cycles an output instead of 15.
 *
 * On the stack: 0 dst, 4 step, 8 row, 12 rows that are left (with the sign bit
 * where requantization is not the fast one), 16 x, 20 dst and 24 rows of a
 * channel, 28 channels that are left, 32 where the code for its rows begins.
 */
TIN_NOINLINE static void run3x3(const work *todo)
{
    register const void *r0 __asm__("r0") = todo;

    __asm__ volatile(
        ".balign 4\n\t" // or ADR is 2 bytes off in a section of less alignment
        "push {r4-r11}\n\t"
        "ldm r0, {r0-r7}\n\t"
        "cmp r7, #1\n\t"
        "adr.w r8, 1f\n\t"
        "it eq\n\t"
        "adreq.w r8, 2f\n\t"
        "it hi\n\t"
        "adrhi.w r8, 3f\n\t"
        "orr r8, r8, #1\n\t" // Thumb
        "sub sp, sp, #36\n\t"
        "strd r2, r3, [sp]\n\t"
        "str r4, [sp, #8]\n\t"
        "str r0, [sp, #16]\n\t"
        "str r2, [sp, #20]\n\t"
        "str r5, [sp, #24]\n\t"
        "str r6, [sp, #28]\n\t"
        "str r8, [sp, #32]\n"
        "0:\n\t" // a channel
        "ldr r2, [r1, #16]\n\t"
        "ldr r3, [sp, #24]\n\t"
        "ldr r7, [sp]\n\t" // for five columns
        "and r2, r2, #0x80000000\n\t"
        "orr r2, r2, r3\n\t"
        "str r2, [sp, #12]\n\t"
        "ldr pc, [sp, #32]\n"
        ROWS(1, 4, 11, LINE6, 64, SIX)
        ROWS(2, 5, 12, LINE5, 64, FIVE)
        ROWS(3, 6, 13, LINE6_BY_2, 224, SIX)
        "8:\n\t"
        "ldr r0, [sp, #16]\n\t"
        "ldr r3, [sp, #20]\n\t"
        "ldr r2, [sp, #28]\n\t"
        "add r0, r0, #4\n\t"
        "add r1, r1, #44\n\t"
        "add r3, r3, #1\n\t"
        "str r3, [sp]\n\t"
        "str r0, [sp, #16]\n\t"
        "str r3, [sp, #20]\n\t"
        "subs r2, r2, #1\n\t"
        "str r2, [sp, #28]\n\t"
        "bne 0b\n\t"
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
        "add sp, sp, #36\n\t"
        "pop {r4-r11}\n\t"
        : "+r"(r0)
        : [right] "I"(TIN_DWCONV2D_DSP_RIGHT)
        : "r1", "r2", "r3", "r12", "lr", "cc", "memory");
}

// clang-format on

/* What a run of a 3x3 kernel has for all channels. Less than five columns, or
 * six with strides of 2, go elsewhere first: `few`. */
static int make_work(const block *b, const run *r, work *todo)
{
    const int32_t stride = b->layout.stride;
    const int few = r->n < 5 || (r->n < 6 && stride == 2);

    todo->x = b->words;
    todo->step = r->step;
    todo->row = b->dst_row;
    todo->rows = b->rows;
    todo->channels = 4;
    todo->kind = stride == 2 ? RUN_SIX_BY_2 : r->n == 5 ? RUN_FIVE : RUN_SIX;
    if (few) {
        todo->step = sizeof b->tables->few[0][0];
        todo->row = sizeof b->tables->few[0];
    }
    return few;
}

/* Four channels to dst. */
static void run_few(const block *b, const run *r, work *todo, int8_t *dst)
{
    todo->dst = b->tables->few[0][0];
    run3x3(todo);
    for (int32_t row = 0; row < b->rows; row++) {
        for (int32_t i = 0; i < r->n; i++)
            __builtin_memcpy(dst + i * r->step, b->tables->few[row][i], 4);
        dst += b->dst_row;
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

/* Four channels. */
TIN_NOINLINE static void run_any(const block *b, const run *r, const work *todo)
{
    const tin_dwconv2d_dsp_layout *l = &b->layout;

    for (int32_t i = 0; i < 4; i++)
        channel_any(l, r, todo->ch + i * l->channel, todo->x + i,
                    todo->dst + i);
}

/* ---- Blocks ------------------------------------------------------------- */

/* n output columns ox, ox + phases .. of all rows of the block. */
TIN_NOINLINE static void run_columns(const block *b, int32_t ox, int32_t n,
                                     const int32_t *packed)
{
    const tin_window *w = &b->p->window;
    const tin_dwconv2d_dsp_layout *l = &b->layout;
    const int32_t origin = ox * w->stride_w - w->pad_left;
    work todo;
    int few;
    run r;

    r.n = n;
    r.step = l->phases * w->out_c;
    tin_window_clip(origin, 2 * l->words, w->dilation_w, w->in_w, &r.first,
                    &r.end);
    r.col = (origin + r.first * w->dilation_w) * w->in_c;
    r.col_step = w->dilation_w * w->in_c;
    find_sources(b, &r);
    few = make_work(b, &r, &todo);
    for (int32_t i = 0; i < w->in_c; i += 4) {
        const int32_t c = i < w->in_c - 4 ? i : w->in_c - 4;
        int8_t *dst = b->dst + ox * w->out_c + c;

        widen(&b->tables->all, c);
        todo.ch = packed + c * l->channel;
        todo.dst = dst;
        if (!l->fast)
            run_any(b, &r, &todo);
        else if (few)
            run_few(b, &r, &todo, dst);
        else
            run3x3(&todo);
    }
}

/* All columns. The last ones of a 3x3 kernel overlap those before. */
static void run_block(const block *b, const int32_t *packed)
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
