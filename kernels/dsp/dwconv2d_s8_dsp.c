/* SPDX-License-Identifier: MIT */
/*
 * tin_dwconv2d_s8_dsp: see tinyinfer_kernels.h, and tinyinfer_dwconv2d.h for
 * how inputs lie in scratch: with a constant number of words in a line, all of
 * an output's inputs are at constant offsets.
 *
 * What the packed stream holds for a channel: the bias and tin_requant, then
 * for each row of the kernel its weights times 2^left as pairs, (w0, w1) and
 * (w1, w2). `right` has its sign bit set where the requantization is not the
 * fast one: with a constant `right` and no term with `sign`.
 */
#include "tinyinfer_dwconv2d.h"

#if TIN_HAVE_DSP

/* Clang holds the limit of C99 for strings against assembly. */
# pragma GCC diagnostic ignored "-Woverlength-strings"

/* ---- A run of columns in assembly --------------------------------------- */

/* Outputs of a row at a time; by strides of 2. */
enum { RUN_SIX, RUN_FIVE, RUN_SIX_BY_2 };

/* What the assembly works on: some groups of four channels. It knows the order,
 * and has a copy of it on its stack. */
typedef struct {
    int32_t *at;           /* a word while lines are widened; then the words of
                              the channel at work */
    int32_t step, row;     /* of dst, from column to column, from row to row */
    int32_t bytes;         /* from the first row to behind the last one */
    const int32_t *ch;     /* the constants of channel c */
    uintptr_t dst;         /* channel c of the first column behind the rows */
    const int32_t *ch_end; /* of the group */
    int32_t words;         /* of a source that are left */
    int32_t kind;          /* then where its code begins */
    const tin_dwconv2d_source *from, *end;
    int32_t c, groups;
    int32_t *x; /* the first line */
} work;

// clang-format off

# define ONE_AT(pitch)                                                         \
     TIN_DWCONV2D_ONE_LINE(r4, r5, r6, r7, r10, r11, r3, r8, "str r11, [r8], #" #pitch)
# define TWO_AT(pitch)                                                         \
     TIN_DWCONV2D_TWO_LINES(r4, r5, r6, r7, r10, r11, r12, lr, r3, r8,                      \
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

/* Where rows find a channel's constants, and what r1, which is dst, goes by: in
 * the FPU, from which a word takes one cycle wherever it is asked for; else in a
 * copy on the stack, where the first of a few takes two. FETCH leaves r2 at the
 * constants of the next channel. */
# if TIN_HAVE_FPU
#  define FETCH "vldm r2!, {s1-s11}\n\t"
#  define BIAS(r) "vmov " #r ", s1\n\t"
#  define MULTIPLIER_OFFSET "vmov r8, r9, d1\n\t"
#  define SIGN_RIGHT "vmov r10, r11, d2\n\t"
#  define RIGHT(r) "vmov " #r ", s5\n\t"
#  define WEIGHTS(n) "vmov r8, r9, d" #n "\n\t"
#  define SET_STEPS "vmov d6, r1, r2\n\t"
#  define SET_END "vmov s14, r1\n\t"
#  define STEPS_END                                                            \
     "vmov r11, lr, d6\n\t"                                                    \
     "vmov r12, s14\n\t"
#  define COPY 0
# else
#  define FETCH                                                                \
     "add r4, sp, #56\n\t"                                                     \
     "ldm r2!, {r5-r10}\n\t"                                                   \
     "stm r4!, {r5-r10}\n\t"                                                   \
     "ldm r2!, {r5-r9}\n\t"                                                    \
     "stm r4, {r5-r9}\n\t"
#  define BIAS(r) "ldr " #r ", [sp, #56]\n\t"
#  define MULTIPLIER_OFFSET "ldrd r8, r9, [sp, #60]\n\t"
#  define SIGN_RIGHT "ldrd r10, r11, [sp, #68]\n\t"
#  define RIGHT(r) "ldr " #r ", [sp, #72]\n\t"
#  define WEIGHTS(n)                                                           \
     "ldr r8, [sp, #52 + 8 * " #n "]\n\t"                                      \
     "ldr r9, [sp, #56 + 8 * " #n "]\n\t"
#  define SET_STEPS
#  define SET_END "str r1, [sp, #100]\n\t"
#  define STEPS_END                                                            \
     "ldr r11, [sp, #4]\n\t"                                                   \
     "ldr lr, [sp, #8]\n\t"                                                    \
     "ldr r12, [sp, #100]\n\t"
#  define COPY 48
# endif

/* Weights and words of a line. Its weights are d3, d4 or d5, which are n, its
 * words begin `at` bytes from r0; r0 is a row of outputs, `next` bytes, ahead as
 * soon as the first word is there. */
# define FIRST_WORD(next) "ldr r10, [r0], #" #next "\n\t"
# define NEXT_WORD(at) "ldr r10, [r0, #" #at "]\n\t"
# define WORDS4(n, at, word0)                                                  \
     WEIGHTS(n)                                                                \
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
     BIAS(bias)                                                                \
     line(3, -64, FIRST_WORD(64), bias, bias, bias, bias, bias)                \
     line(4, 0, NEXT_WORD(0), r2, r3, r4, r5, r6)                              \
     line(5, 64, NEXT_WORD(64), r2, r3, r4, r5, r6)
# define LINES_BY_2(line, bias)                                                \
     BIAS(bias)                                                                \
     line(3, -224, FIRST_WORD(224), bias, bias, bias, bias, bias)              \
     line(4, -112, NEXT_WORD(-112), r2, r3, r4, r5, r6)                        \
     line(5, 0, NEXT_WORD(0), r2, r3, r4, r5, r6)

# define FLOOR(sum)                                                            \
     "smmla " #sum ", " #sum ", r8, r9\n\t"                                    \
     "ssat " #sum ", #8, " #sum ", asr %[right]\n\t"

/* All rows of a channel: labels `row` and `store`; from label `any` to store
 * where requantization is not the fast one, which the carry says. The n, SIX or
 * FIVE, columns say which register the bias is in. */
# define ROWS(row, any, store, lines, line, n)                                 \
     ".balign 4\n"                                                             \
     #row ":\n\t"                                                              \
     lines(line, n##_BIAS)                                                     \
     MULTIPLIER_OFFSET                                                         \
     "bcs " #any "f\n\t"                                                       \
     FLOOR(r2) FLOOR(r3) FLOOR(r4) FLOOR(r5) FLOOR(r6) n##_FLOOR               \
     #store ":\n\t"                                                            \
     STEPS_END                                                                 \
     "strb r2, [r1]\n\t"                                                       \
     "strb r3, [r1, r11]\n\t"                                                  \
     "strb r4, [r1, r11, lsl #1]\n\t"                                          \
     "strb r6, [r1, r11, lsl #2]\n\t"                                          \
     "add r8, r1, r11\n\t"                                                     \
     "strb r5, [r8, r11, lsl #1]\n\t"                                          \
     n##_STORE                                                                 \
     "add r1, r1, lr\n\t"                                                      \
     "teq r1, r12\n\t" /* leaves the carry alone */                            \
     "bne " #row "b\n\t"                                                       \
     "b 8f\n"                                                                  \
     #any ":\n\t"                                                              \
     "bl 7f\n\t"                                                               \
     "b " #store "b\n"

# define SIX_BIAS r7
# define SIX_FLOOR FLOOR(r7)
# define SIX_STORE "strb r7, [r8, r11, lsl #2]\n\t"
# define FIVE_BIAS r6
# define FIVE_FLOOR
# define FIVE_STORE

/*
 * Five or six columns of all rows of some groups of channels: widens what a
 * group needs, then makes its sums.
 *
 * Assembly, and in one piece, because 14 registers are live: compilers find
 * neither PKHBT nor PKHTB, spread the loads, which cost 2 cycles alone and 1
 * after another one, and spill. A word of four channels takes 14 cycles, of 23,
 * an output 15, of 24.
 *
 * On the stack: 0 at, 4 step, 8 row, 12 bytes, 16 ch, of the next channel while
 * one is made, 20 dst, 24 ch_end, 28 words, 32 kind, then code, 36 from, 40 end,
 * 44 c, 48 groups, 52 x. Without an FPU, 56 the constants of the channel, 100
 * where r1 ends.
 */
TIN_NOINLINE static void run3x3(const work *todo)
{
    register const void *r0 __asm__("r0") = todo;

    __asm__ volatile(
        ".balign 4\n\t" // or ADR is 2 bytes off in a section of less alignment
        "push {r4-r11}\n\t"
        "sub sp, sp, #%c[copy]\n\t"
        "ldm r0, {r0-r12, lr}\n\t"
        SET_STEPS
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
        "ldr r2, [sp, #16]\n\t"
        "ldr r0, [sp, #52]\n\t"
        "ldr r1, [sp, #20]\n\t"
        "ldr r3, [sp, #12]\n\t"
        "add r4, r2, #4 * %c[channel]\n\t"
        "str r4, [sp, #24]\n"
        "0:\n\t" // a channel: r0 words, r1 behind dst, r2 constants, r3 bytes
        "str r0, [sp]\n\t"
        FETCH
        "str r2, [sp, #16]\n\t"
        SET_END
        "sub r1, r1, r3\n\t"
        RIGHT(r3)
        "lsls r3, r3, #1\n\t" // the carry: the sign bit of `right`
        "ldr pc, [sp, #32]\n"
        ROWS(1, 4, 11, LINES_BY_1, LINE6, SIX)
        ROWS(2, 5, 12, LINES_BY_1, LINE5, FIVE)
        ROWS(3, 6, 13, LINES_BY_2, LINE6_BY_2, SIX)
        "8:\n\t"
        "ldr r0, [sp]\n\t"
        "ldr r2, [sp, #16]\n\t"
        "ldr r3, [sp, #12]\n\t"
        "ldr r4, [sp, #24]\n\t"
        "add r0, r0, #4\n\t"
        "add r1, r1, #1\n\t"
        "cmp r2, r4\n\t"
        "bne 0b\n\t"
        "str r1, [sp, #20]\n\t"
        "ldr r2, [sp, #44]\n\t"
        "ldr r3, [sp, #48]\n\t"
        "add r2, r2, #4\n\t"
        "str r2, [sp, #44]\n\t"
        "subs r3, r3, #1\n\t"
        "str r3, [sp, #48]\n\t"
        "bne 10b\n\t"
        "b 9f\n"
        "7:\n\t" // any requantization
        SIGN_RIGHT
        TIN_DWCONV2D_ANY(r2) TIN_DWCONV2D_ANY(r3) TIN_DWCONV2D_ANY(r4)
        TIN_DWCONV2D_ANY(r5) TIN_DWCONV2D_ANY(r6) TIN_DWCONV2D_ANY(r7)
        "bx lr\n"
        "9:\n\t"
        "add sp, sp, #56 + %c[copy]\n\t"
        "pop {r4-r11}\n\t"
        : "+r"(r0)
        : [right] "I"(TIN_DWCONV2D_DSP_RIGHT), [copy] "I"(COPY),
          [channel] "I"(4 * TIN_DWCONV2D_DSP_3X3)
        : "r1", "r2", "r3", "r12", "lr", "cc", "memory"
# if TIN_HAVE_FPU
          , "d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7"
# endif
    );
}

// clang-format on

/* ---- Blocks ------------------------------------------------------------- */

/* Begins with channel c, or with the last four. */
static void set_channel(const tin_dwconv2d_block *b, work *todo,
                        const int32_t *packed, int32_t c)
{
    const int32_t last = b->p->window.in_c - 4;

    todo->c = c < last ? c : last;
    todo->ch = packed + todo->c * TIN_DWCONV2D_DSP_3X3;
}

/* Outputs of four channels, behind the words of the lines. */
typedef struct {
    int8_t at[TIN_DWCONV2D_DSP_FEW][TIN_DWCONV2D_DSP_FEW][4];
} few;

/* All channels by way of `few`. */
static void run_few(const tin_dwconv2d_block *b, const tin_dwconv2d_run *r,
                    work *todo, const int32_t *packed)
{
    const tin_dwconv2d_dsp_layout *l = &b->layout;
    few *out = (few *)(b->words + l->lines * l->words * TIN_DWCONV2D_DSP_WORD);

    todo->step = sizeof out->at[0][0];
    todo->row = sizeof out->at[0];
    todo->bytes = b->rows * todo->row;
    todo->groups = 1;
    for (int32_t c = 0; c < b->p->window.in_c; c += 4) {
        int8_t *to;

        set_channel(b, todo, packed, c);
        todo->dst = (uintptr_t)out->at[0][0] + (uint32_t)todo->bytes;
        run3x3(todo);
        to = r->dst + todo->c;
        for (int32_t row = 0; row < b->rows; row++, to += b->dst_row)
            for (int32_t i = 0; i < r->n; i++)
                __builtin_memcpy(to + i * r->step, out->at[row][i], 4);
    }
}

/* All channels of n output columns ox, ox + phases .. Less than five columns,
 * or six with strides of 2, go elsewhere first. */
TIN_NOINLINE static void run_columns(tin_dwconv2d_block *b, int32_t ox,
                                     int32_t n, const int32_t *packed)
{
    const int32_t stride = b->layout.stride, channels = b->p->window.in_c;
    tin_dwconv2d_run r;
    work todo;

    tin_dwconv2d_find_run(b, &r, ox, n);
    todo.kind = stride == 2 ? RUN_SIX_BY_2 : n == 5 ? RUN_FIVE : RUN_SIX;
    todo.from = b->tables->from;
    todo.end = b->end;
    todo.x = b->words;
    if (n < 5 || (n < 6 && stride == 2)) {
        run_few(b, &r, &todo, packed);
        return;
    }
    todo.step = r.step;
    todo.row = b->dst_row;
    todo.bytes = b->rows * b->dst_row;
    for (int32_t c = 0; c < channels; c += 4 * todo.groups) {
        todo.groups = channels - c < 8 ? 1 : (channels - c) / 4;
        set_channel(b, &todo, packed, c);
        todo.dst = (uintptr_t)r.dst + (uint32_t)(todo.c + todo.bytes);
        run3x3(&todo);
    }
}

/* All columns. The last ones overlap those before. */
static void run_block(tin_dwconv2d_block *b, const int32_t *packed)
{
    const tin_dwconv2d_dsp_layout *l = &b->layout;
    const int32_t out_w = b->p->window.out_w;

    for (int32_t phase = 0; phase < l->phases && phase < out_w; phase++) {
        const int32_t all = (out_w - phase - 1) / l->phases + 1;
        const int32_t n = all < l->tile ? all : l->tile;

        for (int32_t i = 0; i < all; i += n) {
            const int32_t first = i < all - n ? i : all - n;

            run_columns(b, phase + first * l->phases, n, packed);
        }
    }
}

void tin_dwconv2d_s8_dsp(const void *params, const tin_rows *in,
                         const tin_rows *out, int32_t y0, int32_t y1,
                         void *scratch)
{
    const tin_dwconv2d_s8_dsp_params *p = params;
    tin_dwconv2d_block b;

    tin_dwconv2d_set_up(&b, &p->conv, tin_dwconv2d_dsp_plan(&p->conv.window),
                        in, out, scratch);
    for (int32_t y = y0; y < y1; y += b.rows) {
        tin_dwconv2d_begin(&b, out, y, y1);
        run_block(&b, p->packed);
        tin_dwconv2d_clamp(&b);
    }
}

#endif /* TIN_HAVE_DSP */
