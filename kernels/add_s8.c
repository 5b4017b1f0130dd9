/* SPDX-License-Identifier: MIT */
/*
 * tin_add_s8: see tinyinfer_kernels.h.
 *
 * A stretch goes in blocks: a part of the one input is rescaled, then of the
 * other, then both are added.
 */
#include "tinyinfer_binary.h"

enum { BLOCK = 16 };

/* tin_shift_round by `bits`, for numbers under 2^30: they leave room to add. */
typedef struct {
    int32_t bits;
    int32_t half; /* 2^bits / 2, rounded down */
    int32_t away; /* -1, to be added to negative numbers; 0 if bits is 0 */
} rounding;

/* The rescaling of an input, with its multiplier cut so that 32 bits do. */
typedef struct {
    int32_t zero;
    int32_t bits;      /* 31 - left_shift, 10 .. 22 */
    int32_t high, low; /* multiplier = high * 2^bits + low */
    rounding rounding;
} operand;

static rounding make_rounding(int32_t bits)
{
    rounding r;

    r.bits = bits;
    r.half = (int32_t)(((uint32_t)1 << bits) / 2);
    r.away = bits > 0 ? -1 : 0;
    return r;
}

static operand make_operand(int32_t zero, int32_t left_shift,
                            int32_t multiplier, int32_t shift)
{
    operand q;

    q.zero = zero;
    q.bits = 31 - left_shift;
    q.high = multiplier >> q.bits;
    q.low = multiplier - tin_shift_left(q.high, q.bits);
    q.rounding = make_rounding(-shift);
    return q;
}

static inline int32_t shift_round(int32_t x, rounding r)
{
    return (x + r.half + (x >> 31 & r.away)) >> r.bits;
}

/* y[i] = tin_requantize((x - zero) << left_shift, multiplier, shift) for n
 * elements, `step` apart. Its tin_mul_high is the same as
 * floor((x - zero) * multiplier / 2^bits + 1/2). */
TIN_NOINLINE static void rescale(const operand *q, const int8_t *restrict in,
                                 int32_t step, int32_t n, int32_t *restrict y)
{
    const int32_t zero = q->zero, bits = q->bits, high = q->high, low = q->low;
    const int32_t half = (int32_t)1 << (bits - 1);
    const rounding r = q->rounding;

    for (int32_t i = 0; i < n; i++) {
        const int32_t x = in[i * step] - zero; // |x| <= 255
        const int32_t product = x * high + ((x * low + half) >> bits);

        y[i] = shift_round(product, r); // |product| <= 255 * 2^21
    }
}

/* The output from two inputs rescaled. */
TIN_NOINLINE static void finish(const tin_add_s8_params *p,
                                const int32_t *restrict a,
                                const int32_t *restrict b, int32_t n,
                                int8_t *restrict dst)
{
    const int32_t multiplier = p->out_multiplier, zero = p->out_zero;
    const int32_t lo = p->act_min, hi = p->act_max;
    const rounding r = make_rounding(-p->out_shift);

    for (int32_t i = 0; i < n; i++) {
        const int32_t sum = a[i] + b[i]; // |sum| <= 510 * 2^21 < 2^30
        const int32_t y = shift_round(tin_mul_high(sum, multiplier), r);

        dst[i] = (int8_t)tin_clamp(y + zero, lo, hi);
    }
}

/* A block is read before it is written, so that out may be an input. */
static void loop(const void *params, const tin_binary_run *run)
{
    const tin_add_s8_params *p = params;
    const int8_t *a = run->a, *b = run->b;
    const int32_t step_a = run->step_a, step_b = run->step_b;
    const operand qa =
        make_operand(p->a_zero, p->left_shift, p->a_multiplier, p->a_shift);
    const operand qb =
        make_operand(p->b_zero, p->left_shift, p->b_multiplier, p->b_shift);
    int32_t ra[BLOCK], rb[BLOCK];
    int8_t *out = run->out;

    for (int32_t i = 0; i < run->n; i += BLOCK) {
        const int32_t left = run->n - i, n = left < BLOCK ? left : BLOCK;

        rescale(&qa, a + i * step_a, step_a, n, ra);
        rescale(&qb, b + i * step_b, step_b, n, rb);
        finish(p, ra, rb, n, out + i);
    }
}

void tin_add_s8(const void *params, const tin_rows *in, const tin_rows *out,
                int32_t y0, int32_t y1, void *scratch)
{
    const tin_add_s8_params *p = params;

    (void)scratch;
    tin_binary_rows(&p->shape, 1, 1, loop, p, in, out, y0, y1);
}

tin_status tin_add_s8_check(const void *params, const char **why)
{
    const tin_add_s8_params *p = params;
    tin_status status;

    if (!tin_broadcast_ok(&p->shape, 1))
        return TIN_WHY(why, "extents or strides out of range"), TIN_ERR_SHAPE;
    if (p->left_shift < 9 || p->left_shift > 21)
        return TIN_WHY(why, "left_shift is not within 9 .. 21"), TIN_ERR_QUANT;
    if ((status = tin_zero_check(p->a_zero, why)) != TIN_OK ||
        (status = tin_zero_check(p->b_zero, why)) != TIN_OK ||
        (status = tin_zero_check(p->out_zero, why)) != TIN_OK ||
        (status = tin_scale_check(p->a_multiplier, p->a_shift, 0, why)) ||
        (status = tin_scale_check(p->b_multiplier, p->b_shift, 0, why)) ||
        (status = tin_scale_check(p->out_multiplier, p->out_shift, 0, why)))
        return status;
    return tin_act_check(p->act_min, p->act_max, why);
}
