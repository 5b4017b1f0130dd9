/* SPDX-License-Identifier: MIT */
/*
 * tin_dense_s8_dsp: see tinyinfer_kernels.h.
 *
 * A row is widened to int16 once. Then four output channels at a time, as two
 * pairs (see tin_pair_word), share its words.
 */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_DSP

/* Four input words and two words of inputs: 16 products in 19 cycles. In C, the
 * compiler spreads the loads, which cost 2 cycles alone and 1 after another
 * one: 24 cycles. Sums 1 and 3 get 256 times their own products and once those
 * of sums 0 and 2. */
# define FOUR_INPUTS                                                           \
  "ldr %[a], [%[x]], #4\n\t"                                                   \
  "ldr %[b], [%[x]], #4\n\t"                                                   \
  "ldr %[c], [%[w]], #4\n\t"                                                   \
  "ldr %[d], [%[w]], #4\n\t"                                                   \
  "ldr %[e], [%[w]], #4\n\t"                                                   \
  "ldr %[f], [%[w]], #4\n\t"                                                   \
  "smlad %[s1], %[c], %[a], %[s1]\n\t"                                         \
  "sxtb16 %[c], %[c]\n\t"                                                      \
  "smlad %[s3], %[d], %[a], %[s3]\n\t"                                         \
  "sxtb16 %[d], %[d]\n\t"                                                      \
  "smlad %[s0], %[c], %[a], %[s0]\n\t"                                         \
  "smlad %[s2], %[d], %[a], %[s2]\n\t"                                         \
  "smlad %[s1], %[e], %[b], %[s1]\n\t"                                         \
  "sxtb16 %[e], %[e]\n\t"                                                      \
  "smlad %[s3], %[f], %[b], %[s3]\n\t"                                         \
  "sxtb16 %[f], %[f]\n\t"                                                      \
  "smlad %[s0], %[e], %[b], %[s0]\n\t"                                         \
  "smlad %[s2], %[f], %[b], %[s2]\n\t"

# define SUM(code)                                                             \
  __asm__(code                                                                 \
          : [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3),        \
            [x] "+r"(x), [w] "+r"(w), [a] "=&r"(a), [b] "=&r"(b),              \
            [c] "=&r"(c), [d] "=&r"(d), [e] "=&r"(e), [f] "=&r"(f)             \
          :                                                                    \
          : "memory")

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

/* What a row has for all channels. */
typedef struct {
    const int32_t *x, *end, *last; /* the widened inputs; 32 at a time, all */
    int32_t alike, lo, hi;
    int32_t plain; /* alike, and no clamp but that to int8 */
} row;

/* sum * 2^left, of an odd channel from 256 times its sum. */
static inline int32_t scaled(int32_t sum, int32_t left, int32_t odd)
{
    return odd ? sum >> (8 - left) : tin_shift_left(sum, left);
}

/* The outputs of n channels of any constants. */
TIN_NOINLINE static void put(const row *r, const tin_requant *q,
                             const int32_t *s, int32_t n, int8_t *dst)
{
    for (int32_t i = 0; i < n; i++) {
        const int32_t x = scaled(s[i], q->left, i % 2);
        const int32_t y =
            tin_requant_dsp(x, q->multiplier, q->offset, q->sign, q->right);

        dst[i] = (int8_t)tin_clamp(y, r->lo, r->hi);
        q += r->alike ? 0 : 1;
    }
}

/* The same of one in a plain row; a clamp in C takes 4 cycles, not 1. */
static inline int8_t finish(const tin_requant *q, int32_t x)
{
    const int32_t c = q->offset - (q->sign & (x >> 31));
    const int32_t y = tin_smmla(x, q->multiplier, c) >> q->right;
    int32_t byte;

    __asm__("ssat %0, #8, %1" : "=r"(byte) : "r"(y));
    return (int8_t)byte;
}

/* The outputs of a row, w and q being the weights and the constants of its
 * channels. */
TIN_NOINLINE static void dense_row(const row *r, const int32_t *w,
                                   const tin_requant *q, int32_t channels,
                                   int8_t *dst)
{
    for (; channels > 0; channels -= 4) {
        const int32_t *x = r->x, *end = r->end;
        int32_t s0 = w[0], s1 = w[1], s2 = w[2], s3 = w[3], a, b, c, d, e, f;

        w += 4;
        while (x != end)
            SUM(FOUR_INPUTS FOUR_INPUTS FOUR_INPUTS FOUR_INPUTS FOUR_INPUTS
                    FOUR_INPUTS FOUR_INPUTS FOUR_INPUTS);
        for (end = r->last; x != end;)
            SUM(FOUR_INPUTS);
        s1 -= s0;
        s3 -= s2;
        if (r->plain && channels >= 4) {
            const tin_requant k = *q;

            dst[0] = finish(&k, scaled(s0, k.left, 0));
            dst[1] = finish(&k, scaled(s1, k.left, 1));
            dst[2] = finish(&k, scaled(s2, k.left, 0));
            dst[3] = finish(&k, scaled(s3, k.left, 1));
        } else {
            const int32_t s[4] = {s0, s1, s2, s3};

            put(r, q, s, channels < 4 ? channels : 4, dst);
        }
        q += r->alike ? 0 : 4;
        dst += 4;
    }
}

void tin_dense_s8_dsp(const void *params, const tin_rows *in,
                      const tin_rows *out, int32_t y0, int32_t y1,
                      void *scratch)
{
    const tin_dense_s8_dsp_params *p = params;
    const int32_t in_c = p->dense.in_c, fours = (in_c + 3) / 4;
    const tin_requant *q = (const tin_requant *)(p->packed + 1);
    const int32_t *w;
    row r;

    r.x = scratch;
    r.end = r.x + fours / 8 * 16;
    r.last = r.x + fours * 2;
    r.alike = p->packed[0];
    r.lo = p->dense.act_min;
    r.hi = p->dense.act_max;
    r.plain = r.alike && r.lo == -128 && r.hi == 127;
    w = (const int32_t *)(q + (r.alike ? 1 : p->dense.out_c));
    for (int32_t y = y0; y < y1; y++) {
        widen_row(tin_row(in, y), in_c, scratch);
        dense_row(&r, w, q, p->dense.out_c, tin_row(out, y));
    }
}

#endif /* TIN_HAVE_DSP */
