/* SPDX-License-Identifier: MIT */
/* tin_softmax_s8_mve: see tinyinfer_kernels.h. The exponentials of four
 * elements are looked up at a time. */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_MVE

# include <arm_mve.h>

/* A group: its table, how many elements, the largest one. */
typedef struct {
    const int32_t *exps;
    int32_t last, n, max;
} group;

static int32_t max_of(const int8_t *x, int32_t n)
{
    int8_t max = -128;

    for (; n >= 16; n -= 16) {
        max = vmaxvq_s8(max, vldrbq_s8(x));
        x += 16;
    }
    if (n > 0) {
        const mve_pred16_t mask = vctp8q((uint32_t)n);

        max = vmaxvq_p_s8(max, vldrbq_z_s8(x, mask), mask);
    }
    return max;
}

/* Where the exponentials of x - max lie in the table. What is below the last
 * one counts as that one. */
static inline uint32x4_t index_of(const group *g, int32x4_t x)
{
    const int32x4_t diff = vsubq_s32(vdupq_n_s32(g->max), x);

    return vreinterpretq_u32_s32(vminq_s32(diff, vdupq_n_s32(g->last)));
}

static inline int32x4_t exp_of_four(const group *g, const int8_t *x)
{
    const uint32x4_t at = index_of(g, vldrbq_s32(x));

    return vldrwq_gather_shifted_offset_s32(g->exps, at);
}

static inline int32x4_t exp_of_some(const group *g, const int8_t *x,
                                    mve_pred16_t mask)
{
    const uint32x4_t at = index_of(g, vldrbq_z_s32(x, mask));

    return vldrwq_gather_shifted_offset_z_s32(g->exps, at, mask);
}

/* The sum of exponentials in Q12.19, each rounded: 2^19 <= sum < 2^31. */
static uint32_t sum_of(const group *g, const int8_t *x)
{
    int32_t sum = 0;

    for (int32_t i = g->n / 4; i > 0; i--) {
        const int32x4_t e = exp_of_four(g, x);

        sum = vaddvaq_s32(sum, vrshrq_n_s32(e, 12));
        x += 4;
    }
    if (g->n % 4) {
        const mve_pred16_t mask = vctp32q((uint32_t)g->n % 4);
        const int32x4_t e = exp_of_some(g, x, mask);

        sum = vaddvaq_p_s32(sum, vrshrq_n_s32(e, 12), mask);
    }
    return (uint32_t)sum;
}

/* VQRDMULH is tin_mul_high; VRSHL rounds halves up, as tin_shift_round does
 * what is not negative. */
static inline int32x4_t output(int32x4_t e, int32_t scale, int32_t shift)
{
    const int32x4_t y = vrshlq_n_s32(vqrdmulhq_n_s32(e, scale), -shift);

    return vminq_s32(vsubq_n_s32(y, 128), vdupq_n_s32(127));
}

/* Four are read before they are written, so that dst may be x. */
static void divide(const group *g, const int8_t *x, int32_t scale,
                   int32_t shift, int8_t *dst)
{
    for (int32_t i = g->n / 4; i > 0; i--) {
        const int32x4_t e = exp_of_four(g, x);

        vstrbq_s32(dst, output(e, scale, shift));
        x += 4;
        dst += 4;
    }
    if (g->n % 4) {
        const mve_pred16_t mask = vctp32q((uint32_t)g->n % 4);
        const int32x4_t e = exp_of_some(g, x, mask);

        vstrbq_p_s32(dst, output(e, scale, shift), mask);
    }
}

/* Sums are scaled as in tin_softmax_s8. */
static void softmax(const tin_softmax_s8_dsp_params *p, const int8_t *x,
                    int8_t *dst)
{
    group g = {p->packed + 1, p->packed[0], p->softmax.c, 0};
    int32_t zeros, scale = 0, shift;
    uint32_t sum;

    g.max = max_of(x, g.n);
    sum = sum_of(&g, x);
    zeros = __builtin_clz(sum);
    shift = 35 - zeros;
    if (shift <= 31)
        scale = tin_reciprocal_q31((int32_t)(sum << zeros & 0x7fffffffu));
    divide(&g, x, scale, shift, dst);
}

void tin_softmax_s8_mve(const void *params, const tin_rows *in,
                        const tin_rows *out, int32_t y0, int32_t y1,
                        void *scratch)
{
    const tin_softmax_s8_dsp_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int8_t *x = tin_row(in, y);
        int8_t *dst = tin_row(out, y);

        for (int32_t i = 0; i < p->softmax.groups; i++) {
            softmax(p, x, dst);
            x += p->softmax.c;
            dst += p->softmax.c;
        }
    }
}

#endif /* TIN_HAVE_MVE */
