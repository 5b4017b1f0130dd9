/* SPDX-License-Identifier: MIT */
/*
 * tin_add_s8_mve: see tinyinfer_kernels.h.
 *
 * A row is two loops, over extents 3 and 4, that become one where both inputs
 * move through it evenly; four elements at a time.
 */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_MVE

# include <arm_mve.h>

/* x * multiplier * 2^(shift - 31) for shift <= 0, see tin_requantize:
 * VQRDMULH is the first rounding. VRSHL rounds halves up, the second one away
 * from zero: one less for negative numbers makes up for it, if bits are lost
 * at all. */
static inline int32x4_t rescale(int32x4_t x, int32_t multiplier, int32_t shift)
{
    x = vqrdmulhq_n_s32(x, multiplier);
    if (shift)
        x = vrshlq_n_s32(vaddq_s32(x, vshrq_n_s32(x, 31)), shift);
    return x;
}

/* The output of four elements; as in tin_add_s8 nothing overflows. */
static inline int32x4_t add_four(const tin_add_s8_params *p, int32x4_t a,
                                 int32x4_t b)
{
    int32x4_t sum;

    a = vshlq_r_s32(vsubq_n_s32(a, p->a_zero), p->left_shift);
    b = vshlq_r_s32(vsubq_n_s32(b, p->b_zero), p->left_shift);
    a = rescale(a, p->a_multiplier, p->a_shift);
    b = rescale(b, p->b_multiplier, p->b_shift);
    sum = rescale(vaddq_s32(a, b), p->out_multiplier, p->out_shift);
    sum = vaddq_n_s32(sum, p->out_zero);
    sum = vmaxq_s32(sum, vdupq_n_s32(p->act_min));
    return vminq_s32(sum, vdupq_n_s32(p->act_max));
}

/* n elements; the inputs move by one. Four are read before they are written,
 * so that out may be an input. */
TIN_NOINLINE static void add_run(const tin_add_s8_params *params,
                                 const int8_t *a, const int8_t *b, int32_t n,
                                 int8_t *dst)
{
    const tin_add_s8_params p = *params;
    const mve_pred16_t mask = vctp32q((uint32_t)n % 4);

    for (int32_t i = n / 4; i > 0; i--) {
        vstrbq_s32(dst, add_four(&p, vldrbq_s32(a), vldrbq_s32(b)));
        a += 4;
        b += 4;
        dst += 4;
    }
    if (n % 4) {
        const int32x4_t x = vldrbq_z_s32(a, mask), y = vldrbq_z_s32(b, mask);

        vstrbq_p_s32(dst, add_four(&p, x, y), mask);
    }
}

/* The same where they move by step_a and step_b. */
static void add_apart(const tin_add_s8_params *p, const int8_t *a,
                      int32_t step_a, const int8_t *b, int32_t step_b,
                      int32_t n, int8_t *dst)
{
    const uint32x4_t index = vidupq_n_u32(0, 1);
    const uint32x4_t at_a = vmulq_n_u32(index, (uint32_t)step_a);
    const uint32x4_t at_b = vmulq_n_u32(index, (uint32_t)step_b);

    for (; n > 0; n -= 4) {
        const mve_pred16_t mask = vctp32q((uint32_t)n);
        const int32x4_t x = vldrbq_gather_offset_z_s32(a, at_a, mask);
        const int32x4_t y = vldrbq_gather_offset_z_s32(b, at_b, mask);

        vstrbq_p_s32(dst, add_four(p, x, y), mask);
        a += 4 * step_a;
        b += 4 * step_b;
        dst += 4;
    }
}

static int is_even(const tin_broadcast *s, const int32_t stride[TIN_DIMS])
{
    return s->dim[3] == 1 || stride[3] == s->dim[4] * stride[4];
}

static void add_row(const tin_add_s8_params *p, const int8_t *a,
                    const int8_t *b, int8_t *dst)
{
    const tin_broadcast *s = &p->shape;
    int32_t runs = s->dim[3], n = s->dim[4];

    if (is_even(s, s->stride_a) && is_even(s, s->stride_b)) {
        n *= runs;
        runs = 1;
    }
    for (int32_t i = 0; i < runs; i++) {
        if (s->stride_a[4] == 1 && s->stride_b[4] == 1)
            add_run(p, a, b, n, dst);
        else
            add_apart(p, a, s->stride_a[4], b, s->stride_b[4], n, dst);
        a += s->stride_a[3];
        b += s->stride_b[3];
        dst += n;
    }
}

void tin_add_s8_mve(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_add_s8_params *p = params;
    const tin_broadcast *s = &p->shape;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        add_row(p, tin_row(&in[0], tin_broadcast_row(s, s->stride_a, y)),
                tin_row(&in[1], tin_broadcast_row(s, s->stride_b, y)),
                tin_row(out, y));
    }
}

#endif /* TIN_HAVE_MVE */
