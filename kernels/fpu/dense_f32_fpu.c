/* SPDX-License-Identifier: MIT */
/*
 * tin_dense_f32_fpu: see tinyinfer_fpu.h.
 *
 * Eight sums stay in registers; their weights come in the order of their use.
 */
#include "tinyinfer_fpu.h"

enum { OUTS = 8 };

#if TIN_HAVE_FPU

/* Clang holds the limit of C99 for strings against assembly. */
# pragma GCC diagnostic ignored "-Woverlength-strings"

/* clang-format off */

# define MUL TIN_FPU_MUL
# define ADD TIN_FPU_ADD

/* Eight weights, in registers from w on, times x. The products take the place
 * of the weights. */
# define STEP(x, w0, w1, w2, w3, w4, w5, w6, w7) \
    MUL(w0, w0, x) MUL(w1, w1, x) MUL(w2, w2, x) MUL(w3, w3, x) \
    MUL(w4, w4, x) MUL(w5, w5, x) MUL(w6, w6, x) MUL(w7, w7, x) \
    ADD("s0", "s0", w0) ADD("s1", "s1", w1) ADD("s2", "s2", w2) \
    ADD("s3", "s3", w3) ADD("s4", "s4", w4) ADD("s5", "s5", w5) \
    ADD("s6", "s6", w6) ADD("s7", "s7", w7)
# define TWO_STEPS(x0, x1) \
    "vldmia %[w]!, {s16-s31}\n\t" \
    STEP(x0, "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23") \
    STEP(x1, "s24", "s25", "s26", "s27", "s28", "s29", "s30", "s31")

# define EACH(f, y) \
    f("s0", y) f("s1", y) f("s2", y) f("s3", y) f("s4", y) f("s5", y) \
    f("s6", y) f("s7", y)

/* clang-format on */

/*
 * Eight outputs from each of `eights` blocks.
 *
 * act_max lies behind act_min. In assembly, for gcc 12 loads single
 * registers: 3.25 cycles a product, of which 2 are arithmetic and 1.2 loads,
 * against 4.6 of the portable kernel.
 */
TIN_NOINLINE static void make_eights(const float *in, const float *packed,
                                     const tin_dense_f32_params *d,
                                     int32_t eights, float *out)
{
    const float *x, *bias;
    int32_t left;

    __asm__ volatile(
        "1:\n\t"
        "mov %[left], #0\n\t"
        "mov %[x], %[in]\n\t"
        "mov %[bias], %[w]\n\t"
        "add %[w], #32\n\t"
        "vmov d0, %[left], %[left]\n\t"
        "vmov d1, %[left], %[left]\n\t"
        "vmov d2, %[left], %[left]\n\t"
        "vmov d3, %[left], %[left]\n\t"
        "subs %[left], %[n], #8\n\t"
        "blt 3f\n"
        "2:\n\t"
        "vldmia %[x]!, {s8-s15}\n\t"
        // clang-format off
        TWO_STEPS("s8", "s9")
        TWO_STEPS("s10", "s11")
        TWO_STEPS("s12", "s13")
        TWO_STEPS("s14", "s15")
        // clang-format on
        "subs %[left], #8\n\t"
        "bge 2b\n"
        "3:\n\t"
        "adds %[left], #8\n\t"
        "beq 5f\n"
        "4:\n\t"
        "vldmia %[x]!, {s8}\n\t"
        "vldmia %[w]!, {s16-s23}\n\t"
        // clang-format off
        STEP("s8", "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23")
        // clang-format on
        "subs %[left], #1\n\t"
        "bne 4b\n"
        "5:\n\t"
        "vldmia %[bias], {s8-s15}\n\t"
        // clang-format off
        ADD("s0", "s0", "s8") ADD("s1", "s1", "s9") ADD("s2", "s2", "s10")
        ADD("s3", "s3", "s11") ADD("s4", "s4", "s12") ADD("s5", "s5", "s13")
        ADD("s6", "s6", "s14") ADD("s7", "s7", "s15")
        // clang-format on
        "cmp %[bounds], #1\n\t"
        "blt 6f\n\t"
        "vldr s8, [%[act]]\n\t"
        "vldr s9, [%[act], #4]\n\t"
        // clang-format off
        EACH(TIN_FPU_RAISE, "s8")
        // clang-format on
        "cmp %[bounds], #1\n\t"
        "beq 6f\n\t"
        // clang-format off
        EACH(TIN_FPU_LOWER, "s9")
        // clang-format on
        "\n6:\n\t"
        "vstmia %[out]!, {s0-s7}\n\t"
        "subs %[eights], #1\n\t"
        "bne 1b"
        : [x] "=&r"(x), [w] "+r"(packed), [bias] "=&r"(bias),
          [left] "=&r"(left), [out] "+r"(out), [eights] "+r"(eights)
        : [in] "r"(in), [n] "r"(d->in_c), [act] "r"(&d->act_min),
          [bounds] "r"(tin_fpu_bounds(d->act_min, d->act_max))
        : "cc", "memory", TIN_FPU_REGISTERS);
}
#else
static void make_eights(const float *in, const float *packed,
                        const tin_dense_f32_params *d, int32_t eights,
                        float *out)
{
    for (; eights > 0; eights--, out += OUTS) {
        const float *bias = packed;
        float sums[OUTS] = {0, 0, 0, 0, 0, 0, 0, 0};

        packed += OUTS;
        for (int32_t k = 0; k < d->in_c; k++, packed += OUTS)
            for (int32_t i = 0; i < OUTS; i++)
                sums[i] += in[k] * packed[i];
        for (int32_t i = 0; i < OUTS; i++)
            out[i] = tin_clampf(sums[i] + bias[i], d->act_min, d->act_max);
    }
}
#endif

static void make_row(const tin_dense_f32_fpu_params *p, const float *in,
                     float *out)
{
    const tin_dense_f32_params *d = &p->dense;
    const int32_t eights = d->out_c / OUTS, left = d->out_c % OUTS;
    const size_t block = OUTS * ((size_t)d->in_c + 1);
    float last[OUTS];

    if (eights > 0)
        make_eights(in, p->packed, d, eights, out);
    if (left > 0)
        make_eights(in, p->packed + (size_t)eights * block, d, 1, last);
    for (int32_t i = 0; i < left; i++)
        out[eights * OUTS + i] = last[i];
}

void tin_dense_f32_fpu(const void *params, const tin_rows *in,
                       const tin_rows *out, int32_t y0, int32_t y1,
                       void *scratch)
{
    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        make_row(params, tin_row(in, y), tin_row(out, y));
}
