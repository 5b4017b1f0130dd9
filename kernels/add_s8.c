/* SPDX-License-Identifier: MIT */
/*
 * tin_add_s8: see tinyinfer_kernels.h.
 *
 * A row is two loops, over extents 3 and 4. Where both inputs move through it
 * evenly, which is nearly always, the two become one.
 */
#include "tinyinfer_kernels.h"

/* The rescaling of an input: x becomes x * multiplier / 2^(bits + shift). The
 * multiplier is cut so that 32 bits do. */
typedef struct {
    int32_t zero;
    int32_t high, low; /* multiplier = high * 2^bits + low */
    int32_t bits;      /* 31 - left_shift, 9 .. 22 */
    int32_t shift;     /* to the right */
    int32_t half;      /* 2^shift / 2, rounded down */
    int32_t away;      /* -1; 0 where shift is 0 */
} operand;

static operand make_operand(int32_t zero, int32_t left_shift,
                            int32_t multiplier, int32_t shift)
{
    operand q;

    q.zero = zero;
    q.bits = 31 - left_shift;
    q.high = multiplier >> q.bits;
    q.low = multiplier - tin_shift_left(q.high, q.bits);
    q.shift = -shift;
    q.half = (int32_t)(((uint32_t)1 << q.shift) / 2);
    q.away = shift < 0 ? -1 : 0;
    return q;
}

/* tin_requantize((x - zero) << left_shift, multiplier, shift): tin_mul_high
 * becomes floor((x - zero) * multiplier / 2^bits + 1/2), and tin_shift_round
 * can add, since nothing here is near 2^31. */
static inline int32_t rescale(operand q, int32_t x)
{
    x -= q.zero; // |x| <= 255
    x = x * q.high + ((x * q.low + ((int32_t)1 << (q.bits - 1))) >> q.bits);
    return (x + q.half + (x >> 31 & q.away)) >> q.shift; // |x| < 2^30
}

/* n sums; the inputs move by step_a and step_b. No restrict: out may be an
 * input. */
static void add_run(const tin_add_s8_params *p, const int8_t *a, int32_t step_a,
                    const int8_t *b, int32_t step_b, int32_t n, int8_t *dst)
{
    const operand qa =
        make_operand(p->a_zero, p->left_shift, p->a_multiplier, p->a_shift);
    const operand qb =
        make_operand(p->b_zero, p->left_shift, p->b_multiplier, p->b_shift);
    const int32_t multiplier = p->out_multiplier, shift = -p->out_shift;
    const int32_t zero = p->out_zero, lo = p->act_min, hi = p->act_max;

    for (int32_t i = 0; i < n; i++) {
        int32_t y = rescale(qa, a[i * step_a]) + rescale(qb, b[i * step_b]);

        y = tin_shift_round(tin_mul_high(y, multiplier), shift); // |y| < 2^30
        dst[i] = (int8_t)tin_clamp(y + zero, lo, hi);
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
        add_run(p, a, s->stride_a[4], b, s->stride_b[4], n, dst);
        a += s->stride_a[3];
        b += s->stride_b[3];
        dst += n;
    }
}

void tin_add_s8(const void *params, const tin_rows *in, const tin_rows *out,
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

tin_status tin_add_s8_check(const void *params, const char **why)
{
    const tin_add_s8_params *p = params;
    tin_status status;

    if (!tin_broadcast_ok(&p->shape, 1))
        return TIN_WHY(why, "extents or strides out of range"), TIN_ERR_SHAPE;
    if (p->left_shift < 9 || p->left_shift > 22)
        return TIN_WHY(why, "left_shift is not within 9 .. 22"), TIN_ERR_QUANT;
    if ((status = tin_zero_check(p->a_zero, why)) != TIN_OK ||
        (status = tin_zero_check(p->b_zero, why)) != TIN_OK ||
        (status = tin_zero_check(p->out_zero, why)) != TIN_OK ||
        (status = tin_scale_check(p->a_multiplier, p->a_shift, 0, why)) ||
        (status = tin_scale_check(p->b_multiplier, p->b_shift, 0, why)) ||
        (status = tin_scale_check(p->out_multiplier, p->out_shift, 0, why)))
        return status;
    return tin_act_check(p->act_min, p->act_max, why);
}
