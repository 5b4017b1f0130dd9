/* SPDX-License-Identifier: MIT */
/*
 * tin_dense_f32_fpu: see tinyinfer_fpu.h.
 *
 * 16 sums stay in registers; their weights come in the order of their use,
 * twelve at a time: of the 32 registers as many as there is room for beside
 * three inputs. The last block has eight sums if no more are left.
 */
#include "tinyinfer_fpu.h"

enum { WIDE = 16, NARROW = 8 };

#if TIN_HAVE_FPU

/* Clang holds the limit of C99 for strings against assembly. */
# pragma GCC diagnostic ignored "-Woverlength-strings"

/* clang-format off */

# define MUL TIN_FPU_MUL
# define ADD TIN_FPU_ADD
# define MUL_4(x, a, b, c, d) MUL(a, a, x) MUL(b, b, x) MUL(c, c, x) MUL(d, d, x)
# define ADD_0(a, b, c, d) \
    ADD("s0", "s0", a) ADD("s1", "s1", b) ADD("s2", "s2", c) ADD("s3", "s3", d)
# define ADD_4(a, b, c, d) \
    ADD("s4", "s4", a) ADD("s5", "s5", b) ADD("s6", "s6", c) ADD("s7", "s7", d)
# define ADD_8(a, b, c, d) \
    ADD("s8", "s8", a) ADD("s9", "s9", b) \
    ADD("s10", "s10", c) ADD("s11", "s11", d)
# define ADD_12(a, b, c, d) \
    ADD("s12", "s12", a) ADD("s13", "s13", b) \
    ADD("s14", "s14", c) ADD("s15", "s15", d)

/* Four weights times x0, added by f0, and so on. The products take the place of
 * the weights, and are added much later: a result that the next instruction
 * takes costs a cycle on silicon. */
# define EIGHT(x0, f0, x1, f1) \
    "vldmia %[w]!, {s20-s27}\n\t" \
    MUL_4(x0, "s20", "s21", "s22", "s23") \
    MUL_4(x1, "s24", "s25", "s26", "s27") \
    f0("s20", "s21", "s22", "s23") f1("s24", "s25", "s26", "s27")
# define TWELVE(x0, f0, x1, f1, x2, f2) \
    "vldmia %[w]!, {s20-s31}\n\t" \
    MUL_4(x0, "s20", "s21", "s22", "s23") \
    MUL_4(x1, "s24", "s25", "s26", "s27") \
    MUL_4(x2, "s28", "s29", "s30", "s31") \
    f0("s20", "s21", "s22", "s23") f1("s24", "s25", "s26", "s27") \
    f2("s28", "s29", "s30", "s31")
# define THREE_INPUTS \
    "vldmia %[x]!, {s16-s18}\n\t" \
    TWELVE("s16", ADD_0, "s16", ADD_4, "s16", ADD_8) \
    TWELVE("s16", ADD_12, "s17", ADD_0, "s17", ADD_4) \
    TWELVE("s17", ADD_8, "s17", ADD_12, "s18", ADD_0) \
    TWELVE("s18", ADD_4, "s18", ADD_8, "s18", ADD_12)

/* clang-format on */

/*
 * The outputs of n blocks of 16, or of a narrow one and 8 numbers that mean
 * nothing. act_max lies behind act_min.
 *
 * In assembly, for gcc 12 loads single registers: 3.2 cycles a product, of
 * which 2 are arithmetic and 1.17 loads, against 4.6 of the portable kernel.
 */
TIN_NOINLINE static void make_blocks(const tin_dense_f32_params *d,
                                     const float *in, const float *packed,
                                     int32_t n, int32_t narrow, float *out)
{
    const float *x, *bias;
    int32_t left;

    // clang-format off
    __asm__ volatile(
        "1:\n\t"
        "mov %[left], #0\n\t"
        "mov %[x], %[in]\n\t"
        "mov %[bias], %[w]\n\t"
        "add %[w], #64\n\t"
        TIN_FPU_ZERO_16("%[left]")
        "mov %[left], %[in_c]\n\t"
        "cmp %[narrow], #0\n\t"
        "bne 7f\n\t"
        "subs %[left], #6\n\t"
        "blt 3f\n"
        "2:\n\t" // six inputs
        THREE_INPUTS
        THREE_INPUTS
        "subs %[left], #6\n\t"
        "bge 2b\n"
        "3:\n\t"
        "adds %[left], #6\n\t"
        "beq 5f\n"
        "4:\n\t" // one input
        "vldmia %[x]!, {s16}\n\t"
        EIGHT("s16", ADD_0, "s16", ADD_4)
        EIGHT("s16", ADD_8, "s16", ADD_12)
        "subs %[left], #1\n\t"
        "bne 4b\n"
        "5:\n\t"
        "vldmia %[bias], {s16-s31}\n\t"
        TIN_FPU_ADD_8("s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23")
        TIN_FPU_ADD_HIGH_8("s24", "s25", "s26", "s27",
                           "s28", "s29", "s30", "s31")
        "vldr s16, [%[act]]\n\t"
        "vldr s17, [%[act], #4]\n\t"
        TIN_FPU_CLAMP(TIN_FPU_EACH_16, "%[bounds]", "s16", "s17", "6f")
        "\n6:\n\t"
        "vstmia %[out]!, {s0-s15}\n\t"
        "subs %[n], #1\n\t"
        "bne 1b\n\t"
        "b 10f\n"
        "7:\n\t" // three inputs of a narrow block
        "subs %[left], #3\n\t"
        "blt 8f\n\t"
        "vldmia %[x]!, {s16-s18}\n\t"
        TWELVE("s16", ADD_0, "s16", ADD_4, "s17", ADD_0)
        TWELVE("s17", ADD_4, "s18", ADD_0, "s18", ADD_4)
        "b 7b\n"
        "8:\n\t"
        "adds %[left], #3\n\t"
        "beq 5b\n"
        "9:\n\t" // one input
        "vldmia %[x]!, {s16}\n\t"
        EIGHT("s16", ADD_0, "s16", ADD_4)
        "subs %[left], #1\n\t"
        "bne 9b\n\t"
        "b 5b\n"
        "10:"
        : [x] "=&r"(x), [w] "+r"(packed), [bias] "=&r"(bias),
          [left] "=&r"(left), [out] "+r"(out), [n] "+r"(n)
        : [in] "r"(in), [in_c] "r"(d->in_c), [narrow] "r"(narrow),
          [act] "r"(&d->act_min),
          [bounds] "r"(tin_fpu_bounds(d->act_min, d->act_max))
        : "cc", "memory", TIN_FPU_REGISTERS);
    // clang-format on
}
#else
static void make_blocks(const tin_dense_f32_params *d, const float *in,
                        const float *packed, int32_t n, int32_t narrow,
                        float *out)
{
    const int32_t outs = narrow ? NARROW : WIDE;

    for (; n > 0; n--, out += outs) {
        const float *bias = packed;

        packed += WIDE;
        for (int32_t i = 0; i < outs; i++)
            out[i] = 0;
        for (int32_t k = 0; k < d->in_c; k++, packed += outs)
            for (int32_t i = 0; i < outs; i++)
                out[i] += in[k] * packed[i];
        for (int32_t i = 0; i < outs; i++)
            out[i] = tin_clampf(out[i] + bias[i], d->act_min, d->act_max);
    }
}
#endif

static void make_row(const tin_dense_f32_fpu_params *p, const float *in,
                     float *out)
{
    const tin_dense_f32_params *d = &p->dense;
    const int32_t blocks = d->out_c / WIDE, left = d->out_c % WIDE;
    const size_t block = WIDE * ((size_t)d->in_c + 1);
    float last[WIDE];

    if (blocks > 0)
        make_blocks(d, in, p->packed, blocks, 0, out);
    if (left > 0)
        make_blocks(d, in, p->packed + (size_t)blocks * block, 1,
                    left <= NARROW, last);
    for (int32_t i = 0; i < left; i++)
        out[blocks * WIDE + i] = last[i];
}

void tin_dense_f32_fpu(const void *params, const tin_rows *in,
                       const tin_rows *out, int32_t y0, int32_t y1,
                       void *scratch)
{
    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        make_row(params, tin_row(in, y), tin_row(out, y));
}
