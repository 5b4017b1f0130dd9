/* SPDX-License-Identifier: MIT */
/*
 * tin_add_s8: see tinyinfer_kernels.h.
 *
 * A row is two loops, over extents 3 and 4. Where both inputs move through it
 * evenly, which is nearly always, the two become one. It goes in blocks: a
 * part of the one input is rescaled, then of the other, then both are added.
 */
#include "tinyinfer_kernels.h"

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

/* n elements; the inputs move by step_a and step_b. A block is read before it
 * is written, so that out may be an input. */
static void add_run(const tin_add_s8_params *p, const int8_t *a, int32_t step_a,
                    const int8_t *b, int32_t step_b, int32_t n, int8_t *dst)
{
    const operand qa =
        make_operand(p->a_zero, p->left_shift, p->a_multiplier, p->a_shift);
    const operand qb =
        make_operand(p->b_zero, p->left_shift, p->b_multiplier, p->b_shift);
    int32_t ra[BLOCK], rb[BLOCK];

    for (int32_t i = 0; i < n; i += BLOCK) {
        const int32_t part = n - i < BLOCK ? n - i : BLOCK;

        rescale(&qa, a + i * step_a, step_a, part, ra);
        rescale(&qb, b + i * step_b, step_b, part, rb);
        finish(p, ra, rb, part, dst + i);
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
