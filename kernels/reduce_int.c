/* SPDX-License-Identifier: MIT */
/*
 * tin_reduce_int: see tinyinfer_reduce.h.
 *
 * Elements of all widths are brought to 32 bits, some at a time, so that there
 * is one loop for each reduction and one for each width, not one for each pair.
 */
#include "tinyinfer_reduce.h"

enum { SOME = 32 };

/* The product of nothing. A product that wraps round to it starts anew. */
#define NOTHING INT32_MIN

static void load(int32_t *to, const void *x, int32_t at, int32_t n,
                 int32_t elem_bytes)
{
    if (elem_bytes == 1) {
        const int8_t *from = (const int8_t *)x + at;

        for (int32_t i = 0; i < n; i++)
            to[i] = from[i];
    } else if (elem_bytes == 2) {
        const int16_t *from = (const int16_t *)x + at;

        for (int32_t i = 0; i < n; i++)
            to[i] = from[i];
    } else {
        const int32_t *from = (const int32_t *)x + at;

        for (int32_t i = 0; i < n; i++)
            to[i] = from[i];
    }
}

static void store(void *y, int32_t at, int32_t value, int32_t elem_bytes)
{
    if (elem_bytes == 1)
        ((int8_t *)y)[at] = (int8_t)value;
    else if (elem_bytes == 2)
        ((int16_t *)y)[at] = (int16_t)value;
    else
        ((int32_t *)y)[at] = value;
}

static int32_t product(const tin_reduce_int_params *p, int32_t acc, int32_t x)
{
    if (p->elem_bytes == 4)
        return (int32_t)((uint32_t)acc * (uint32_t)x);
    x -= p->in_zero;
    return acc == NOTHING
               ? x
               : tin_requantize_s64((int64_t)acc * x, p->multiplier, p->shift);
}

/* A mean's sum takes two cells: in units of the count, rounded towards 0, and
 * what is left, of less than the count. So 64 bits are not needed. Units may
 * wrap before the carry brings them back. */
static void add_to_mean(const tin_reduce_int_params *p, int32_t *acc, int32_t x)
{
    const int32_t count = tin_reduce_count(&p->shape);
    int32_t *const rest = acc + tin_reduce_kept(&p->shape);
    const int64_t left = (int64_t)*rest + x % count;
    const int32_t carry = left >= count ? 1 : left <= -count ? -1 : 0;

    *acc = (int32_t)((uint32_t)*acc + (uint32_t)(x / count) + (uint32_t)carry);
    *rest = (int32_t)(left - (int64_t)carry * count);
}

static void fold_some(const tin_reduce_int_params *p, int32_t *acc,
                      const int32_t *x, int32_t n, int32_t step)
{
    switch (p->op) {
    case TIN_REDUCE_MAX:
        for (int32_t i = 0; i < n; i++, acc += step)
            *acc = x[i] > *acc ? x[i] : *acc;
        break;
    case TIN_REDUCE_MIN:
        for (int32_t i = 0; i < n; i++, acc += step)
            *acc = x[i] < *acc ? x[i] : *acc;
        break;
    case TIN_REDUCE_SUM: // wraps in 4 bytes, cannot in fewer
        for (int32_t i = 0; i < n; i++, acc += step)
            *acc = (int32_t)((uint32_t)*acc + (uint32_t)x[i]);
        break;
    case TIN_REDUCE_MEAN:
        for (int32_t i = 0; i < n; i++, acc += step)
            add_to_mean(p, acc, x[i]);
        break;
    default:
        for (int32_t i = 0; i < n; i++, acc += step)
            *acc = product(p, *acc, x[i]);
    }
}

static void fold(const void *params, void *acc, const void *x, int32_t n,
                 int32_t step)
{
    const tin_reduce_int_params *p = params;
    int32_t some[SOME];

    for (int32_t i = 0, m; i < n; i += m) {
        m = n - i < SOME ? n - i : SOME;
        load(some, x, i, m, p->elem_bytes);
        fold_some(p, (int32_t *)acc + i * step, some, m, step);
    }
}

static int32_t initial(const tin_reduce_int_params *p)
{
    switch (p->op) {
    case TIN_REDUCE_MAX: return INT32_MIN;
    case TIN_REDUCE_MIN: return INT32_MAX;
    case TIN_REDUCE_PROD: return p->elem_bytes == 4 ? 1 : NOTHING;
    default: return 0;
    }
}

/* Units and rest of one sign: what is left of 0 or right of it is cut off. */
static int32_t finish_mean(int32_t units, int32_t rest)
{
    if (units > 0 && rest < 0)
        return units - 1;
    return units < 0 && rest > 0 ? units + 1 : units;
}

/* An output element from its accumulator; `zeros` are in_zero in a sum. */
static int32_t finish(const tin_reduce_int_params *p, int32_t acc,
                      int32_t zeros)
{
    const int32_t lo = p->elem_bytes == 1 ? INT8_MIN : INT16_MIN;
    int32_t y;

    if (p->op < TIN_REDUCE_SUM || p->elem_bytes == 4)
        return acc;
    if (p->op == TIN_REDUCE_SUM)
        y = tin_requantize(acc - zeros, p->multiplier, p->shift);
    else
        y = tin_requantize_s64(acc, p->multiplier, p->shift);
    // clamped before the zero point is added, so that nothing overflows
    return tin_clamp(y, lo - p->out_zero, -1 - lo - p->out_zero) + p->out_zero;
}

void tin_reduce_int(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_reduce_int_params *p = params;
    const tin_reduce_shape *s = &p->shape;
    const int32_t kept = tin_reduce_kept(s);
    const int is_mean = p->op == TIN_REDUCE_MEAN;
    const int32_t zeros = p->op == TIN_REDUCE_SUM && p->elem_bytes < 4
                              ? tin_reduce_count(s) * p->in_zero
                              : 0;
    int32_t *acc = scratch;

    for (int32_t y = y0; y < y1; y++) {
        const int32_t to = y / s->in_h, first = to * s->in_h;
        void *result = tin_row(out, to);

        for (int32_t i = 0; y == first && i < kept << is_mean; i++)
            acc[i] = initial(p);
        tin_reduce_row(s, p, tin_row(in, y), p->elem_bytes, acc, fold);
        for (int32_t i = 0; y == first + s->in_h - 1 && i < kept; i++)
            store(result, i,
                  is_mean ? finish_mean(acc[i], acc[kept + i])
                          : finish(p, acc[i], zeros),
                  p->elem_bytes);
    }
}

/* What a sum or product of 1 or 2 bytes needs. */
static tin_status check_scaled(const tin_reduce_int_params *p, const char **why)
{
    const int32_t highest = p->elem_bytes == 1 ? 127 : 0;
    const int32_t lowest = p->elem_bytes == 1 ? -128 : 0;
    const int32_t most =
        p->elem_bytes == 1 ? (int32_t)1 << 23 : (int32_t)1 << 16;

    if (p->in_zero < lowest || p->in_zero > highest || p->out_zero < lowest ||
        p->out_zero > highest)
        return TIN_WHY(why, "a zero point is not one of the type"),
               TIN_ERR_QUANT;
    if (p->op == TIN_REDUCE_SUM && tin_reduce_count(&p->shape) > most)
        return TIN_WHY(why, "a sum can exceed 32 bits"), TIN_ERR_OVERFLOW;
    return tin_scale_check(p->multiplier, p->shift,
                           p->op == TIN_REDUCE_SUM ? 30 : 14, why);
}

tin_status tin_reduce_int_check(const void *params, const char **why)
{
    const tin_reduce_int_params *p = params;
    tin_status status;

    if (p->op < TIN_REDUCE_MAX || p->op > TIN_REDUCE_MEAN)
        return TIN_WHY(why, "no such reduction"), TIN_ERR_ARG;
    if (p->elem_bytes != 1 && p->elem_bytes != 2 && p->elem_bytes != 4)
        return TIN_WHY(why, "elements are not of 1, 2 or 4 bytes"), TIN_ERR_ARG;
    if (p->op == TIN_REDUCE_MEAN && p->elem_bytes != 4)
        return TIN_WHY(why, "a mean of fewer than 4 bytes is a sum"),
               TIN_ERR_ARG;
    status = tin_reduce_check(&p->shape, p->elem_bytes, why);
    if (status == TIN_OK && p->op == TIN_REDUCE_MEAN &&
        tin_size_mul(tin_reduce_kept(&p->shape), 8) < 0)
        return TIN_WHY(why, "scratch over 2 GiB"), TIN_ERR_OVERFLOW;
    if (status == TIN_OK && p->op >= TIN_REDUCE_SUM && p->elem_bytes < 4)
        status = check_scaled(p, why);
    return status;
}

int32_t tin_reduce_int_scratch_size(const void *params)
{
    const tin_reduce_int_params *p = params;

    return (p->op == TIN_REDUCE_MEAN ? 8 : 4) * tin_reduce_kept(&p->shape);
}
