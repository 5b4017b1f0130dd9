/* SPDX-License-Identifier: MIT */
/*
 * tin_add_s8_dsp: see tinyinfer_kernels.h.
 *
 * What an input adds depends on nothing but its byte: two tables have it. In
 * most layers they hold parts of the output in units of 2^-TIN_ADD_DSP_RIGHT,
 * zero point and rounding included; else the rescaled inputs of tin_add_s8.
 */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_DSP

/* Two elements from bits `first` and `second` of the words u and v. */
# define TWO(first, second)                                                    \
  "ubfx %[c], %[u], #" #first ", #8\n\t"                                       \
  "ubfx %[d], %[v], #" #first ", #8\n\t"                                       \
  "ubfx %[e], %[u], #" #second ", #8\n\t"                                      \
  "ubfx %[f], %[v], #" #second ", #8\n\t"                                      \
  "ldr %[c], [%[ta], %[c], lsl #2]\n\t"                                        \
  "ldr %[d], [%[tb], %[d], lsl #2]\n\t"                                        \
  "ldr %[e], [%[ta], %[e], lsl #2]\n\t"                                        \
  "ldr %[f], [%[tb], %[f], lsl #2]\n\t"                                        \
  "add %[c], %[c], %[d]\n\t"                                                   \
  "add %[e], %[e], %[f]\n\t"                                                   \
  "ssat %[c], #8, %[c], asr %[right]\n\t"                                      \
  "ssat %[e], #8, %[e], asr %[right]\n\t"                                      \
  "strb %[c], [%[dst]], #1\n\t"                                                \
  "strb %[e], [%[dst]], #1\n\t"

/* n elements, a multiple of 4, from tables of parts. In C, loads do not follow
 * each other and cost 2 cycles instead of 1: 14 cycles an element, not 9. */
TIN_NOINLINE static void add_parts(const int32_t *ta, const int8_t *a,
                                   const int8_t *b, int32_t n, int8_t *dst)
{
    const int32_t *tb = ta + 256;
    const int8_t *end = dst + n;
    int32_t c, d, e, f;

    while (dst != end) {
        const uint32_t u = tin_load_word(a), v = tin_load_word(b);

        __asm__ volatile(TWO(0, 8) TWO(16, 24)
                         : [c] "=&r"(c), [d] "=&r"(d), [e] "=&r"(e),
                           [f] "=&r"(f), [dst] "+r"(dst)
                         : [u] "r"(u), [v] "r"(v), [ta] "r"(ta), [tb] "r"(tb),
                           [right] "I"(TIN_ADD_DSP_RIGHT)
                         : "memory");
        a += 4;
        b += 4;
    }
}

/* n elements, whatever the tables hold. */
TIN_NOINLINE static void add_any(const tin_add_s8_dsp_params *p,
                                 const int8_t *a, const int8_t *b, int32_t n,
                                 int8_t *dst)
{
    const tin_add_s8_params *add = &p->add;
    const int32_t parts = p->packed[0];
    const int32_t *ta = p->packed + 1, *tb = ta + 256;
    const int32_t multiplier = add->out_multiplier, right = -add->out_shift;
    const int32_t lo = add->act_min, hi = add->act_max, zero = add->out_zero;

    for (int32_t i = 0; i < n; i++) {
        const int32_t sum = ta[(uint8_t)a[i]] + tb[(uint8_t)b[i]];
        int32_t y = sum >> TIN_ADD_DSP_RIGHT;

        if (!parts) {
            y = tin_mul_high(sum, multiplier);
            y = tin_shift_round(y, right) + zero;
        }
        dst[i] = (int8_t)tin_clamp(y, lo, hi);
    }
}

void tin_add_s8_dsp(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_add_s8_dsp_params *p = params;
    const tin_broadcast *s = &p->add.shape;
    const int32_t n = s->dim[3] * s->dim[4];
    const int32_t whole = p->packed[0] ? n & ~3 : 0;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int32_t ya = tin_broadcast_row(s, s->stride_a, y);
        const int32_t yb = tin_broadcast_row(s, s->stride_b, y);
        const int8_t *a = tin_row(&in[0], ya), *b = tin_row(&in[1], yb);
        int8_t *dst = tin_row(out, y);

        if (whole)
            add_parts(p->packed + 1, a, b, whole, dst);
        if (n != whole)
            add_any(p, a + whole, b + whole, n - whole, dst + whole);
    }
}

#endif /* TIN_HAVE_DSP */
