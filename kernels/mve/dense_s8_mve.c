/* SPDX-License-Identifier: MIT */
/* tin_dense_s8_mve: see tinyinfer_kernels.h. Four output channels at a time
 * share the inputs, and are turned into bytes together. */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_MVE

# include <arm_mve.h>

/* Two instructions, where compilers use four. */
static inline int32x4_t lanes(int32_t a, int32_t b, int32_t c, int32_t d)
{
    int32x4_t q;

    __asm__("vmov %q0[2], %q0[0], %1, %2\n\tvmov %q0[3], %q0[1], %3, %4"
            : "=&w"(q)
            : "r"(a), "r"(c), "r"(b), "r"(d));
    return q;
}

/* The vector at *p, which moves on: compilers add to a copy of it instead. */
static inline int8x16_t next(const int8_t **p)
{
    const int8_t *at = *p;
    int8x16_t v;

    __asm__("vldrb.8 %q0, [%1], #16"
            : "=w"(v), "+r"(at)
            : "m"(*(const int8_t(*)[16])at));
    *p = at;
    return v;
}

/* Adds one vector of four filters. */
static inline __attribute__((always_inline)) void add_vector(int32_t sum[4],
                                                             int8x16_t x,
                                                             const int8_t **w)
{
    sum[0] = vmladavaq_s8(sum[0], x, next(w));
    sum[1] = vmladavaq_s8(sum[1], x, next(w));
    sum[2] = vmladavaq_s8(sum[2], x, next(w));
    sum[3] = vmladavaq_s8(sum[3], x, next(w));
}

/* The sums of four channels, without bias, of n vectors behind the first one,
 * which holds `head` inputs: masked, since a row may end where the memory
 * does. */
static inline __attribute__((always_inline)) int32x4_t add_four(
    const int8_t *x, const int8_t **w, int32_t head, int32_t n)
{
    const int8x16_t first = vldrbq_z_s8(x, vctp8q((uint32_t)head));
    int32_t sum[4];

    sum[0] = vmladavq_s8(first, next(w));
    sum[1] = vmladavq_s8(first, next(w));
    sum[2] = vmladavq_s8(first, next(w));
    sum[3] = vmladavq_s8(first, next(w));
    x += head;
    if (n & 1)
        add_vector(sum, next(&x), w);
    for (n >>= 1; n > 0; n--) {
        add_vector(sum, next(&x), w);
        add_vector(sum, next(&x), w);
    }
    return lanes(sum[0], sum[1], sum[2], sum[3]);
}

/* The outputs of four channels, by tin_output_s8: VQRDMULH is its first
 * rounding. VRSHL rounds halves up, the second one away from zero: one less
 * for negative numbers, if bits are lost at all, makes up for it. */
static inline __attribute__((always_inline)) int32x4_t finish(
    const tin_dense_s8_params *p, int32x4_t sum, const int8_t **w)
{
    const int32x4_t bias = vreinterpretq_s32_s8(next(w));
    const int32x4_t multiplier = vreinterpretq_s32_s8(next(w));
    const int32x4_t shift = vreinterpretq_s32_s8(next(w));

    sum = vaddq_s32(sum, bias);
    sum = vqrdmulhq_s32(sum, multiplier);
    sum = vaddq_s32(sum, vshrq_n_s32(vandq_s32(sum, shift), 31));
    sum = vqaddq_n_s32(vrshlq_s32(sum, shift), p->out_zero);
    sum = vmaxq_s32(sum, vdupq_n_s32(p->act_min));
    return vminq_s32(sum, vdupq_n_s32(p->act_max));
}

static void dense_row(const tin_dense_s8_mve_params *params, const int8_t *x,
                      int8_t *dst)
{
    const tin_dense_s8_params p = params->dense;
    const int32_t head = tin_head_mve(p.in_c);
    const int32_t more = tin_vectors_mve(p.in_c) - 1;
    const int8_t *w = (const int8_t *)params->packed;

    for (int32_t oc = 0; oc < p.out_c; oc += 4) {
        int32x4_t y = add_four(x, &w, head, more);

        y = finish(&p, y, &w);
        vstrbq_p_s32(dst + oc, y, vctp32q((uint32_t)(p.out_c - oc)));
    }
}

void tin_dense_s8_mve(const void *params, const tin_rows *in,
                      const tin_rows *out, int32_t y0, int32_t y1,
                      void *scratch)
{
    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        dense_row(params, tin_row(in, y), tin_row(out, y));
}

#endif /* TIN_HAVE_MVE */
