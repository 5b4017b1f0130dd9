/* SPDX-License-Identifier: MIT */
/*
 * tin_dense_s8_dsp: see tinyinfer_kernels.h.
 *
 * A row is widened to int16 once. Then eight output channels at a time, as four
 * pairs (see tin_pair_word), share its words; four for what is left of them.
 */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_DSP

/* Inputs 0 and 2, 1 and 3 of each four; those that are missing do not matter,
 * as their weights are 0. */
static void widen_row(const int8_t *src, int32_t n, int32_t *x)
{
    for (; n >= 4; n -= 4) {
        const uint32_t word = tin_load_word(src);

        x[0] = tin_sxtb16(word);
        x[1] = tin_sxtb16_odd(word);
        src += 4;
        x += 2;
    }
    if (n > 0) {
        uint32_t word = 0;

        while (n-- > 0)
            word = word << 8 | (uint8_t)src[n];
        x[0] = tin_sxtb16(word);
        x[1] = tin_sxtb16_odd(word);
    }
}

/* ---- Sums --------------------------------------------------------------- */

enum { UNROLL = 6, UNIT_BYTES = 136 }; /* of the loop over four inputs */

/* What the assembly works on; it knows the order. */
typedef struct {
    const int32_t *x; /* the widened inputs */
    const int32_t *w; /* biases, then pairs of weights */
    void *dst;        /* outputs dst .. dst_end - 1, a multiple of eight */
    void *dst_end;
    const int32_t *end; /* of x */
    int32_t skip;       /* bytes of code: units that the first round has not */
    int32_t left_even;  /* `left` of all channels' tin_requant; below 0: dst is
                           for eight sums, 256 times the odd ones' */
    int32_t left_odd;   /* 8 - left */
    int32_t multiplier, offset, sign, right;
} work;

/* clang-format off */

/* One word of pairs times one of inputs: sums of 256 * odd + even channel, and
 * of the even one. */
# define PAIR(odd, even, w, x) \
    "smlad " odd ", " w ", " x ", " odd "\n" \
    "sxtb16 " w ", " w "\n" \
    "smlad " even ", " w ", " x ", " even "\n"

/* Four inputs, 32 products in 37 cycles: as many loads stand together, where
 * all but the first take one cycle, as there are registers. */
# define UNIT \
    "ldr r10, [r0], #4\n" \
    "ldr r11, [r1], #4\n" \
    "ldr r12, [r1], #4\n" \
    "ldr lr, [r1], #4\n" \
    PAIR("r3", "r2", "r11", "r10") \
    PAIR("r5", "r4", "r12", "r10") \
    PAIR("r7", "r6", "lr", "r10") \
    "ldr r11, [r1], #4\n" \
    "ldr r12, [r0], #4\n" \
    "ldr lr, [r1], #4\n" \
    PAIR("r9", "r8", "r11", "r10") \
    PAIR("r3", "r2", "lr", "r12") \
    "ldr r10, [r1], #4\n" \
    "ldr r11, [r1], #4\n" \
    "ldr lr, [r1], #4\n" \
    PAIR("r5", "r4", "r10", "r12") \
    PAIR("r7", "r6", "r11", "r12") \
    PAIR("r9", "r8", "lr", "r12")

/* See tin_requant; r10 multiplier, r11 offset, r12 sign, lr right. */
# define REQUANT(sum) \
    "and r0, r12, " sum ", asr #31\n" \
    "sub r0, r11, r0\n" \
    "smmla " sum ", " sum ", r10, r0\n" \
    "asr " sum ", " sum ", lr\n" \
    "ssat " sum ", #8, " sum "\n"

/*
 * The outputs of eight channels at a time, which all have the same constants,
 * or eight sums. Returns where the weights continue. In assembly, as 8 sums, 4 operands and 2
 * addresses take all registers there are.
 *
 * On the stack: 0 work, 4 end of x, 8 dst, 12 dst_end, 16 where to jump into
 * the loop.
 */
TIN_NOINLINE static const int32_t *dense_eights(const work *todo)
{
    register const void *r0 __asm__("r0") = todo;
    register const int32_t *r1 __asm__("r1");

    __asm__ volatile(
        ".balign 4\n" // or ADR is 2 bytes off in a section of less alignment
        "push {r4-r11}\n"
        "ldm r0, {r2-r7}\n"
        "mov r1, r3\n"
        "adr.w r8, 1f\n"
        "add r8, r8, r7\n"
        "orr r8, r8, #1\n" // Thumb
        "sub sp, sp, #20\n"
        "strd r0, r6, [sp]\n"
        "strd r4, r5, [sp, #8]\n"
        "str r8, [sp, #16]\n"
        "0:\n" // eight channels
        "ldr r12, [sp]\n"
        "ldr lr, [sp, #16]\n"
        "ldr r0, [r12]\n"
        "ldm r1!, {r2-r9}\n"
        "bx lr\n"
        "1:\n"
        ".rept 6\n"
        UNIT
        ".endr\n"
        "ldr r10, [sp, #4]\n"
        "cmp r0, r10\n"
        "bne 1b\n"
        "sub r3, r3, r2\n"
        "sub r5, r5, r4\n"
        "sub r7, r7, r6\n"
        "sub r9, r9, r8\n"
        "ldr r0, [sp]\n"
        "ldrd r10, r11, [r0, #24]\n"
        "cmp r10, #0\n"
        "blt 2f\n"
        "add r0, r0, #32\n"
        ".irp even, r2, r4, r6, r8\n"
        "lsl \\even, \\even, r10\n"
        ".endr\n"
        ".irp odd, r3, r5, r7, r9\n"
        "asr \\odd, \\odd, r11\n"
        ".endr\n"
        "ldm r0, {r10, r11, r12, lr}\n"
        ".irp sum, r2, r3, r4, r5, r6, r7, r8, r9\n"
        REQUANT("\\sum")
        ".endr\n"
        "ldrd r10, r11, [sp, #8]\n"
        ".irp sum, r2, r3, r4, r5, r6, r7, r8, r9\n"
        "strb \\sum, [r10], #1\n"
        ".endr\n"
        "str r10, [sp, #8]\n"
        "cmp r10, r11\n"
        "bne 0b\n"
        "b 3f\n"
        "2:\n"
        "ldr r10, [sp, #8]\n"
        "stm r10, {r2-r9}\n"
        "3:\n"
        "add sp, sp, #20\n"
        "pop {r4-r11}\n"
        : "+r"(r0), "=r"(r1)
        :
        : "r2", "r3", "r12", "lr", "cc", "memory");
    return r1;
}

# define FOUR_CHANNELS \
    "ldr %[a], [%[x]], #4\n" \
    "ldr %[b], [%[x]], #4\n" \
    "ldr %[c], [%[w]], #4\n" \
    "ldr %[d], [%[w]], #4\n" \
    "ldr %[e], [%[w]], #4\n" \
    "ldr %[f], [%[w]], #4\n" \
    PAIR("%[s1]", "%[s0]", "%[c]", "%[a]") \
    PAIR("%[s3]", "%[s2]", "%[d]", "%[a]") \
    PAIR("%[s1]", "%[s0]", "%[e]", "%[b]") \
    PAIR("%[s3]", "%[s2]", "%[f]", "%[b]")

/* clang-format on */

/* The sums of four channels, 256 times the odd ones'. Returns where the weights
 * continue. */
TIN_NOINLINE static const int32_t *sum_four(const int32_t *x,
                                            const int32_t *end,
                                            const int32_t *w, int32_t s[4])
{
    int32_t s0 = w[0], s1 = w[1], s2 = w[2], s3 = w[3], a, b, c, d, e, f;

    w += 4;
    do {
        __asm__(FOUR_CHANNELS
                : [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3),
                  [x] "+r"(x), [w] "+r"(w), [a] "=&r"(a), [b] "=&r"(b),
                  [c] "=&r"(c), [d] "=&r"(d), [e] "=&r"(e), [f] "=&r"(f)
                :
                : "memory");
    } while (x != end);
    s[0] = s0;
    s[1] = s1 - s0;
    s[2] = s2;
    s[3] = s3 - s2;
    return w;
}

/* The outputs of n channels from their sums, of the constants q, q + next .. */
TIN_NOINLINE static void put(const tin_requant *q, int32_t next,
                             const int32_t *s, int32_t n, int8_t *dst)
{
    for (int32_t i = 0; i < n; i++) {
        const int32_t x =
            i % 2 ? s[i] >> (8 - q->left) : tin_shift_left(s[i], q->left);

        dst[i] = (int8_t)tin_requant_dsp(x, q->multiplier, q->offset, q->sign,
                                         q->right);
        q += next;
    }
}

/* The outputs of a row. */
static void dense_row(work *todo, const tin_requant *q, int32_t alike,
                      int32_t channels, int8_t *dst)
{
    const int32_t *w = todo->w;
    int32_t s[8], i = 0;

    if (alike && channels >= 8) {
        i = channels & ~7;
        todo->dst = dst;
        todo->dst_end = dst + i;
        w = dense_eights(todo);
    }
    while (i < channels) {
        const int32_t left = channels - i;
        const int32_t n = left >= 8 ? 8 : left < 4 ? left : 4;

        todo->w = w;
        todo->dst = s;
        w = n == 8 ? dense_eights(todo) : sum_four(todo->x, todo->end, w, s);
        put(q, !alike, s, n, dst + i);
        q += alike ? 0 : n;
        i += n;
    }
}

void tin_dense_s8_dsp(const void *params, const tin_rows *in,
                      const tin_rows *out, int32_t y0, int32_t y1,
                      void *scratch)
{
    const tin_dense_s8_dsp_params *p = params;
    const tin_dense_s8_params *d = &p->dense;
    const int32_t fours = (d->in_c + 3) / 4, alike = p->packed[0];
    const tin_requant *q = (const tin_requant *)(p->packed + 1);
    const int32_t *w = (const int32_t *)(q + (alike ? 1 : d->out_c));
    work todo;

    todo.x = scratch;
    todo.end = todo.x + fours * 2;
    todo.skip = (UNROLL - 1 - (fours - 1) % UNROLL) * UNIT_BYTES;
    todo.left_even = alike ? q->left : -1;
    todo.left_odd = 8 - q->left;
    todo.multiplier = q->multiplier;
    todo.offset = q->offset;
    todo.sign = q->sign;
    todo.right = q->right;
    for (int32_t y = y0; y < y1; y++) {
        int8_t *dst = tin_row(out, y);

        widen_row(tin_row(in, y), d->in_c, scratch);
        todo.w = w;
        dense_row(&todo, q, alike, d->out_c, dst);
        if (d->act_min > -128 || d->act_max < 127)
            tin_clamp_dsp(dst, d->out_c, d->act_min, d->act_max);
    }
}

#endif /* TIN_HAVE_DSP */
