/* SPDX-License-Identifier: MIT */
/*
 * tin_dwconv2d_s8_row_dsp: see tinyinfer_kernels.h.
 *
 * For one row of the output at a time. Of its three input lines, the first two
 * become words of (line 0, line 1), one for a column, and the third one becomes
 * words of two neighbouring columns: SMLAD then takes nine taps in five steps,
 * not six, and lines are widened to 12 words for 8 columns. That they are
 * widened anew for every row is why tin_dwconv2d_s8_dsp is better where many
 * rows are wanted at once.
 *
 * Four channels at a time: scratch is [word][channel], uprights (line 0, line
 * 1) first, then pairs. Columns and lines beside the image hold the zero point,
 * whose part is folded into the bias.
 */
#include "tinyinfer_dwconv2d.h"

#if TIN_HAVE_DSP

/* Clang holds the limit of C99 for strings against assembly. */
# pragma GCC diagnostic ignored "-Woverlength-strings"

/* What the packed stream holds for a channel. The multiplier has its sign bit
 * set where the requantization is not the fast one: with a constant `right` and
 * no term with `sign` (see tin_requant). Weights are those of uprights, for
 * three columns, then those of pairs, (w0, w1) and (w1, w2), all times 2^left.
 */
enum { CHANNEL = 4 * TIN_DWCONV2D_ROW_DSP_CHANNEL }; // bytes

enum { TILE = TIN_DWCONV2D_ROW_DSP_TILE };

/* ---- Inputs ------------------------------------------------------------- */

/* Words that lie one after the other: where their halves a and b come from for
 * channel 0, and bytes to those of the next word. The assembly knows the order.
 */
typedef struct {
    const int8_t *a, *b;
    int32_t a_step, b_step;
    int32_t *x;
    int32_t words;
} source;

/* What scratch begins with; zero points, one for a channel, and the words
 * follow. */
struct tables {
    source from[4];
    int8_t few[TILE][4];
};

typedef char
    tables_fit[sizeof(struct tables) <= TIN_DWCONV2D_ROW_DSP_TABLES ? 1 : -1];

/* A piece of an output row. */
typedef struct {
    const tin_window *w;
    const int8_t *line[3]; /* column 0 of the input lines */
    int32_t step[3];       /* bytes to the next column: 0 beside the image */
    const int8_t *zeros;
    struct tables *tables;
    source *end; /* of those in use */
    int32_t *uprights, *pairs;
} piece;

/* Adds `words` words, if any; a or b is the zero point where its step is 0. */
static void add_source(piece *p, const int8_t *a, int32_t a_step,
                       const int8_t *b, int32_t b_step, int32_t *x,
                       int32_t words)
{
    if (words > 0)
        *p->end++ = (source){a, b, a_step, b_step, x, words};
}

/* Fills words `first` .. end - 1, which lie beside the image, once for all
 * channels. */
static void fill(const piece *p, int32_t *x, int32_t first, int32_t end)
{
    const int32_t zeros = tin_sxtb16(tin_load_word(p->zeros));

    for (x += 4 * first; first < end; first++, x += 4)
        x[0] = x[1] = x[2] = x[3] = zeros;
}

/* Where n uprights come from: columns first .. end - 1 of them lie in the
 * image, the first one is column `col` there. */
static void find_uprights(piece *p, int32_t col, int32_t first, int32_t end,
                          int32_t n)
{
    int32_t *x = p->uprights;

    fill(p, x, 0, first);
    fill(p, x, end, n);
    add_source(p, p->line[0] + col * p->step[0], p->step[0],
               p->line[1] + col * p->step[1], p->step[1], x + 4 * first,
               end - first);
}

/* The same of the pairs of n columns. The first and the last column inside may
 * share a pair with one outside. */
static void find_pairs(piece *p, int32_t col, int32_t first, int32_t end,
                       int32_t n)
{
    const int32_t odd = first % 2, inside = end - first - odd;
    const int32_t step = p->step[2];
    const int8_t *src = p->line[2] + col * step;
    int32_t *x = p->pairs;

    if (first == end)
        first = end = n;
    fill(p, x, 0, first / 2);
    fill(p, x, (end + 1) / 2, (n + 1) / 2);
    if (first == end)
        return;
    x += 4 * (first / 2);
    add_source(p, p->zeros, 0, src, 0, x, odd);
    x += 4 * odd;
    src += odd * step;
    add_source(p, src, 2 * step, src + step, 2 * step, x, inside / 2);
    x += 4 * (inside / 2);
    add_source(p, src + (inside - 1) * step, 0, p->zeros, 0, x, inside % 2);
}

/* Tiles from output column ox on. By strides of 1, the first pair begins a
 * column to the left: where there is one column of padding, as there mostly is,
 * no pair has then one column inside and one outside. */
static void find_sources(piece *p, int32_t ox, int32_t tiles)
{
    const tin_window *w = p->w;
    const int32_t origin = ox * w->stride_w - w->pad_left;
    const int32_t n = (TILE * tiles - 1) * w->stride_w + 3;
    const int32_t left = w->stride_w == 1;
    int32_t first, end;

    p->end = p->tables->from;
    p->pairs = p->uprights + 4 * n;
    tin_window_clip(origin, n, 1, w->in_w, &first, &end);
    find_uprights(p, origin + first, first, end, n);
    find_pairs(p, origin + first, first + left, end + left, n + 2 * left);
}

/* ---- Outputs ------------------------------------------------------------ */

/* What the assembly works on: tiles of some groups of four channels. It knows
 * the order, and has a copy of it on its stack. */
typedef struct {
    int8_t *dst;       /* of the channel at work */
    int32_t step;      /* of dst, from column to column */
    const int32_t *ch; /* the constants of channel c; then where those of the
                          group at work end */
    int32_t near;      /* bytes from r0 to the pairs */
    int32_t left;      /* tiles of the group */
    int32_t stride;    /* then where the code for it begins */
    const source *from, *end;
    int32_t c, groups; /* the first group, how many */
    const int32_t *x;  /* uprights of the first tile */
    int32_t pairs;     /* bytes from x to its pairs */
    int32_t tiles;
    int8_t *out; /* channel c of the first column */
} work;

// clang-format off

/* One word of four channels, or two, at r8. */
# define ONE_WORD                                                              \
     TIN_DWCONV2D_ONE_LINE(r4, r5, r6, r7, r10, r11, r3, r8,                   \
                           "str r11, [r8], #16")
# define TWO_WORDS                                                             \
     TIN_DWCONV2D_TWO_LINES(r4, r5, r6, r7, r10, r11, r12, lr, r3, r8,         \
                            "str r11, [r8], #16", "str lr, [r8], #16")

/* All sources of channels r1 .. r1 + 3, from r0 up to r2. */
# define WIDEN_ALL                                                             \
     "0:\n\t"                                                                  \
     "ldm r0!, {r4-r9}\n\t"                                                    \
     "add r4, r4, r1\n\t"                                                      \
     "add r5, r5, r1\n\t"                                                      \
     "lsrs r9, r9, #1\n\t"                                                     \
     "bcc 1f\n\t"                                                              \
     ONE_WORD                                                                  \
     "1:\n\t"                                                                  \
     "beq 3f\n"                                                                \
     "2:\n\t"                                                                  \
     TWO_WORDS                                                                 \
     "subs r9, r9, #1\n\t"                                                     \
     "bne 2b\n"                                                                \
     "3:\n\t"                                                                  \
     "cmp r0, r2\n\t"                                                          \
     "bne 0b\n\t"

# define MAC(op, sum, x, w, to) #op " " #sum ", " #x ", " #w ", " #to "\n\t"
# define X(to, at) "ldr " #to ", [r0, #" #at " - 4]\n\t"
# define PAIR(to, at) "ldr " #to ", [lr, #" #at "]\n\t"
# define CONST(to, at) "ldr " #to ", [r1, #4 * " #at " - %c[channel]]\n\t"

/* The sums are r2 .. r7, of which r7 is the bias until the last one begins.
 * Loads come in groups: after another one, they take 1 cycle, not 2. */
# define BEGIN                                                                 \
     "ldr r7, [r1], #%c[channel]\n\t"                                            \
     CONST(r8, 1) CONST(r9, 2) CONST(r10, 3)                                   \
     "ldr r11, [r0], #4\n\t"                                                   \
     X(r12, 16) X(lr, 32)                                                      \
     MAC(smlad, r2, r11, r8, r7)                                               \
     MAC(smlad, r2, r12, r9, r2)                                               \
     MAC(smlad, r2, lr, r10, r2)

/* r8 = (w0, w1), lr where the pairs begin. */
# define TO_PAIRS "ldr lr, [sp, #12]\n\t" CONST(r8, 4)

/* Stride 1: 8 uprights; 5 pairs, of which the first one ends with the first
 * column of the tile. */
# define SUMS_1                                                                \
     BEGIN                                                                     \
     MAC(smlad, r3, r12, r8, r7)                                               \
     MAC(smlad, r3, lr, r9, r3)                                                \
     MAC(smlad, r4, lr, r8, r7)                                                \
     X(r11, 48) X(r12, 64) X(lr, 80)                                           \
     MAC(smlad, r3, r11, r10, r3)                                              \
     MAC(smlad, r4, r11, r9, r4)                                               \
     MAC(smlad, r4, r12, r10, r4)                                              \
     MAC(smlad, r5, r11, r8, r7)                                               \
     MAC(smlad, r5, r12, r9, r5)                                               \
     MAC(smlad, r5, lr, r10, r5)                                               \
     MAC(smlad, r6, r12, r8, r7)                                               \
     MAC(smlad, r6, lr, r9, r6)                                                \
     MAC(smlad, r7, lr, r8, r7)                                                \
     X(r11, 96) X(r12, 112) TO_PAIRS                                           \
     MAC(smlad, r6, r11, r10, r6)                                              \
     MAC(smlad, r7, r11, r9, r7)                                               \
     MAC(smlad, r7, r12, r10, r7)                                              \
     "add lr, lr, r0\n\t"                                                      \
     CONST(r9, 5) PAIR(r10, 0) PAIR(r11, 16) PAIR(r12, 32)                     \
     MAC(smlatb, r2, r10, r8, r2)                                              \
     MAC(smlad, r2, r11, r9, r2)                                               \
     MAC(smlad, r3, r11, r8, r3)                                               \
     MAC(smlabt, r3, r12, r9, r3)                                              \
     MAC(smlatb, r4, r11, r8, r4)                                              \
     MAC(smlad, r4, r12, r9, r4)                                               \
     MAC(smlad, r5, r12, r8, r5)                                               \
     MAC(smlatb, r6, r12, r8, r6)                                              \
     PAIR(r10, 48) PAIR(lr, 64)                                                \
     MAC(smlabt, r5, r10, r9, r5)                                              \
     MAC(smlad, r6, r10, r9, r6)                                               \
     MAC(smlad, r7, r10, r8, r7)                                               \
     MAC(smlabt, r7, lr, r9, r7)

/* Stride 2: 13 uprights, 7 pairs. */
# define SUMS_2                                                                \
     BEGIN                                                                     \
     MAC(smlad, r3, lr, r8, r7)                                                \
     X(r11, 48) X(r12, 64) X(lr, 80)                                           \
     MAC(smlad, r3, r11, r9, r3)                                               \
     MAC(smlad, r3, r12, r10, r3)                                              \
     MAC(smlad, r4, r12, r8, r7)                                               \
     MAC(smlad, r4, lr, r9, r4)                                                \
     X(r11, 96) X(r12, 112) X(lr, 128)                                         \
     MAC(smlad, r4, r11, r10, r4)                                              \
     MAC(smlad, r5, r11, r8, r7)                                               \
     MAC(smlad, r5, r12, r9, r5)                                               \
     MAC(smlad, r5, lr, r10, r5)                                               \
     MAC(smlad, r6, lr, r8, r7)                                                \
     X(r11, 144) X(r12, 160) X(lr, 176)                                        \
     MAC(smlad, r6, r11, r9, r6)                                               \
     MAC(smlad, r6, r12, r10, r6)                                              \
     MAC(smlad, r7, r12, r8, r7)                                               \
     MAC(smlad, r7, lr, r9, r7)                                                \
     X(r11, 192) TO_PAIRS CONST(r9, 5)                                         \
     MAC(smlad, r7, r11, r10, r7)                                              \
     "add lr, lr, r0\n\t"                                                      \
     PAIR(r10, 0) PAIR(r11, 16) PAIR(r12, 32)                                  \
     MAC(smlad, r2, r10, r8, r2)                                               \
     MAC(smlabt, r2, r11, r9, r2)                                              \
     MAC(smlad, r3, r11, r8, r3)                                               \
     MAC(smlabt, r3, r12, r9, r3)                                              \
     MAC(smlad, r4, r12, r8, r4)                                               \
     PAIR(r10, 48) PAIR(r11, 64) PAIR(r12, 80) PAIR(lr, 96)                    \
     MAC(smlabt, r4, r10, r9, r4)                                              \
     MAC(smlad, r5, r10, r8, r5)                                               \
     MAC(smlabt, r5, r11, r9, r5)                                              \
     MAC(smlad, r6, r11, r8, r6)                                               \
     MAC(smlabt, r6, r12, r9, r6)                                              \
     MAC(smlad, r7, r12, r8, r7)                                               \
     MAC(smlabt, r7, lr, r9, r7)

# define FLOOR(sum)                                                            \
     "smmla " #sum ", " #sum ", r8, r9\n\t"                                    \
     "ssat " #sum ", #8, " #sum ", asr %[right]\n\t"

/* Tiles of some stride: labels `tile` and `store`; from label `any` to store
 * where requantization is not the fast one. A tile has that many bytes of
 * uprights, and half of it of pairs. */
# define TILES(tile, any, store, sums, bytes)                                  \
     ".balign 4\n"                                                             \
     #tile ":\n\t"                                                             \
     sums                                                                      \
     CONST(r8, 6) CONST(r9, 7)                                                 \
     "ldr r10, [sp]\n\t"                                                       \
     "ldr r11, [sp, #4]\n\t"                                                   \
     "ldr r12, [sp, #8]\n\t"                                                   \
     "cmp r8, #0\n\t"                                                          \
     "bmi " #any "f\n\t"                                                       \
     FLOOR(r2) FLOOR(r3) FLOOR(r4) FLOOR(r5) FLOOR(r6) FLOOR(r7)               \
     #store ":\n\t"                                                            \
     "strb r3, [r10, r11]\n\t"                                                 \
     "strb r4, [r10, r11, lsl #1]\n\t"                                         \
     "strb r6, [r10, r11, lsl #2]\n\t"                                         \
     "add r8, r10, r11\n\t"                                                    \
     "strb r5, [r8, r11, lsl #1]\n\t"                                          \
     "strb r7, [r8, r11, lsl #2]\n\t"                                          \
     "strb r2, [r10], #1\n\t"                                                  \
     "str r10, [sp]\n\t"                                                       \
     "cmp r1, r12\n\t"                                                         \
     "bne " #tile "b\n\t"                                                      \
     "ldrd r2, r3, [sp, #12]\n\t"                                              \
     "add r0, r0, #" #bytes " - 16\n\t"                                        \
     "sub r2, r2, #" #bytes " / 2\n\t"                                         \
     "b 14f\n"                                                                 \
     #any ":\n\t"                                                              \
     "bl 15f\n\t"                                                              \
     "b " #store "b\n"

/*
 * Assembly, and in one piece, because 14 registers are live: compilers find
 * neither PKHBT nor PKHTB, spread the loads, which cost 2 cycles alone and 1
 * after another one, and spill. A channel of a tile takes 88 cycles with
 * strides of 1 and 98 with 2; widening a word of its four channels takes 15.
 *
 * On the stack: 0 dst, 4 step, 8 ch, 12 near, 16 left, 20 code, 24 from, 28
 * end, 32 c, 36 groups, 40 x, 44 pairs, 48 tiles, 52 out.
 */
TIN_NOINLINE static void run_groups(const work *todo)
{
    register const void *r0 __asm__("r0") = todo;

    __asm__ volatile(
        ".balign 4\n\t" // or ADR is 2 bytes off in a section of less alignment
        "push {r4-r11}\n\t"
        "ldm r0, {r0-r12, lr}\n\t"
        "push {r0-r12, lr}\n\t"
        "adr.w r8, 4f\n\t"
        "cmp r5, #1\n\t"
        "it ne\n\t"
        "adrne.w r8, 5f\n\t"
        "orr r8, r8, #1\n\t" // Thumb
        "str r8, [sp, #20]\n"
        "13:\n\t" // a group
        "ldr r0, [sp, #24]\n\t"
        "ldr r2, [sp, #28]\n\t"
        "ldr r1, [sp, #32]\n\t"
        "cmp r0, r2\n\t"
        "beq 3f\n\t"
        WIDEN_ALL
        "ldr r0, [sp, #40]\n\t"
        "ldr r1, [sp, #8]\n\t"
        "ldr r2, [sp, #44]\n\t"
        "ldr r3, [sp, #48]\n\t"
        "ldr r10, [sp, #52]\n\t"
        "sub r2, r2, #4\n\t" // r0 is a channel ahead when it is added
        "add r9, r1, #4 * %c[channel]\n\t"
        "str r10, [sp]\n\t"
        "str r9, [sp, #8]\n\t"
        "str r2, [sp, #12]\n\t"
        "str r3, [sp, #16]\n\t"
        "ldr pc, [sp, #20]\n"
        TILES(4, 6, 7, SUMS_1, 96)
        TILES(5, 8, 9, SUMS_2, 192)
        "14:\n\t" // the next tile; r2 and r3 are what 12 and 16 hold
        "subs r3, r3, #1\n\t"
        "beq 16f\n\t"
        "strd r2, r3, [sp, #12]\n\t"
        "sub r1, r1, #4 * %c[channel]\n\t"
        "sub r10, r10, #4\n\t"
        "add r10, r10, r11, lsl #1\n\t"
        "add r10, r10, r11, lsl #2\n\t"
        "str r10, [sp]\n\t"
        "ldr pc, [sp, #20]\n"
        "15:\n\t"
        "bic r8, r8, #0x80000000\n\t"
        CONST(r10, 8) CONST(r11, 9)
        TIN_DWCONV2D_ANY(r2) TIN_DWCONV2D_ANY(r3) TIN_DWCONV2D_ANY(r4)
        TIN_DWCONV2D_ANY(r5) TIN_DWCONV2D_ANY(r6) TIN_DWCONV2D_ANY(r7)
        "ldm sp, {r10, r11, r12}\n\t"
        "bx lr\n"
        "16:\n\t" // the next group
        "ldr r2, [sp, #52]\n\t"
        "ldr r0, [sp, #32]\n\t"
        "ldr r1, [sp, #36]\n\t"
        "add r2, r2, #4\n\t"
        "add r0, r0, #4\n\t"
        "str r2, [sp, #52]\n\t"
        "str r0, [sp, #32]\n\t"
        "subs r1, r1, #1\n\t"
        "str r1, [sp, #36]\n\t"
        "bne 13b\n\t"
        "add sp, sp, #56\n\t"
        "pop {r4-r11}\n\t"
        : "+r"(r0)
        : [right] "I"(TIN_DWCONV2D_DSP_RIGHT), [channel] "I"(CHANNEL)
        : "r1", "r2", "r3", "r12", "lr", "cc", "memory");
}

// clang-format on

/* Begins with channel c, or with the last four; returns which. */
static int32_t set_channel(work *todo, const int32_t *packed, int32_t c,
                           int32_t channels)
{
    todo->c = c < channels - 4 ? c : channels - 4;
    todo->ch = packed + todo->c * TIN_DWCONV2D_ROW_DSP_CHANNEL;
    return todo->c;
}

/* n < TILE columns of all channels, by way of `few`. */
static void run_few(const piece *p, work *todo, const int32_t *packed,
                    int32_t n, int8_t *dst)
{
    const int32_t channels = p->w->in_c;

    todo->step = 4;
    todo->groups = 1;
    for (int32_t c = 0; c < channels; c += 4) {
        const int8_t *few = p->tables->few[0];
        int8_t *to = dst + set_channel(todo, packed, c, channels);

        todo->out = p->tables->few[0];
        run_groups(todo);
        for (int32_t i = 0; i < n; i++, to += channels, few += 4)
            __builtin_memcpy(to, few, 4);
    }
}

/* n output columns of all channels, from column ox: whole tiles, or less than
 * one. */
TIN_NOINLINE static void run_piece(piece *p, int32_t ox, int32_t n,
                                   const int32_t *packed, int8_t *dst)
{
    const tin_window *w = p->w;
    const int32_t channels = w->in_c;
    work todo;

    todo.tiles = (n + TILE - 1) / TILE;
    find_sources(p, ox, todo.tiles);
    todo.stride = w->stride_w;
    todo.from = p->tables->from;
    todo.end = p->end;
    todo.x = p->uprights;
    todo.pairs = (int32_t)(p->pairs - p->uprights) * 4;
    if (n < TILE) {
        run_few(p, &todo, packed, n, dst);
        return;
    }
    todo.step = channels;
    for (int32_t c = 0; c < channels; c += 4 * todo.groups) {
        todo.groups = channels - c < 8 ? 1 : (channels - c) / 4;
        todo.out = dst + set_channel(&todo, packed, c, channels);
        run_groups(&todo);
    }
}

/* The lines of output row y. */
static void find_lines(piece *p, const tin_rows *in, int32_t y)
{
    tin_patch v;

    tin_patch_rows(&v, p->w, in->rows, y);
    for (int32_t ky = 0; ky < 3; ky++) {
        p->line[ky] = p->zeros;
        p->step[ky] = 0;
        if (ky < v.ky0 || ky >= v.ky1)
            continue;
        p->line[ky] = tin_row(in, v.row);
        p->step[ky] = p->w->in_c;
        v.row = tin_ring_next(v.row, p->w->dilation_h, in->rows);
    }
}

void tin_dwconv2d_s8_row_dsp(const void *params, const tin_rows *in,
                             const tin_rows *out, int32_t y0, int32_t y1,
                             void *scratch)
{
    const tin_dwconv2d_s8_dsp_params *p = params;
    const tin_window *w = &p->conv.window;
    const int32_t lo = p->conv.act_min, hi = p->conv.act_max;
    const int32_t most = TILE * tin_dwconv2d_row_dsp_tiles(w);
    int8_t *zeros = (int8_t *)scratch + TIN_DWCONV2D_ROW_DSP_TABLES;
    piece todo;

    todo.w = w;
    todo.zeros = zeros;
    todo.tables = scratch;
    todo.uprights = (int32_t *)(void *)zeros + (w->in_c + 3) / 4;
    __builtin_memset(zeros, p->conv.in_zero, (size_t)w->in_c);
    for (int32_t y = y0; y < y1; y++) {
        int8_t *dst = tin_row(out, y);

        find_lines(&todo, in, y);
        for (int32_t ox = 0, n; ox < w->out_w; ox += n) {
            n = w->out_w - ox < most ? w->out_w - ox : most;
            n -= n > TILE ? n % TILE : 0;
            run_piece(&todo, ox, n, p->packed, dst + ox * w->out_c);
        }
        if (lo > -128 || hi < 127)
            tin_clamp_dsp(dst, w->out_w * w->out_c, lo, hi);
    }
}

#endif /* TIN_HAVE_DSP */
