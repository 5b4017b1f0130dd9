/* SPDX-License-Identifier: MIT */
/*
 * tin_binary_int: see tinyinfer_binary.h.
 *
 * Elements of all widths are computed with as 64 bits: sums and products
 * modulo 2^64 have the right low bits, and the store keeps those.
 */
#include <string.h>
#include "tinyinfer_binary.h"

static void store(void *to, int32_t i, int32_t elem_bytes, int64_t x)
{
    switch (elem_bytes) {
    case 1: ((int8_t *)to)[i] = (int8_t)x; break;
    case 2: ((int16_t *)to)[i] = (int16_t)x; break;
    case 4: ((int32_t *)to)[i] = (int32_t)x; break;
    default: memcpy((char *)to + (size_t)i * sizeof x, &x, sizeof x); break;
    }
}

/* x modulo 2^bits, as a signed number. */
static int64_t wrap(uint64_t x, int32_t elem_bytes)
{
    switch (elem_bytes) {
    case 1: return (int8_t)x;
    case 2: return (int16_t)x;
    case 4: return (int32_t)x;
    default: return (int64_t)x;
    }
}

/* Quotient rounded towards 0 or, if `down`, down; modulo 2^64. */
static uint64_t divide(int64_t a, int64_t b, int down)
{
    int64_t q;

    if (b == 0)
        return 0;
    if (b == -1) // INT64_MIN / -1 overflows
        return 0 - (uint64_t)a;
    q = a / b;
    return (uint64_t)(q - (down && a % b != 0 && (a < 0) != (b < 0)));
}

static uint64_t power(int64_t a, int64_t b)
{
    uint64_t result = 1, square = (uint64_t)a;

    if (b < 0)
        return a == 1 ? 1 : a != -1 ? 0 : b % 2 ? (uint64_t)-1 : 1;
    for (; b > 0; b /= 2) {
        if (b % 2)
            result *= square;
        square *= square;
    }
    return result;
}

static uint64_t compute(int32_t op, int64_t a, int64_t b)
{
    const uint64_t x = (uint64_t)a, y = (uint64_t)b;

    switch (op) {
    case TIN_BINARY_ADD: return x + y;
    case TIN_BINARY_SUB: return x - y;
    case TIN_BINARY_MUL: return x * y;
    case TIN_BINARY_DIV: return divide(a, b, 0);
    case TIN_BINARY_MINIMUM: return a < b ? x : y;
    case TIN_BINARY_MAXIMUM: return a > b ? x : y;
    case TIN_BINARY_SQUARED_DIFFERENCE: return (x - y) * (x - y);
    case TIN_BINARY_FLOOR_DIV: return divide(a, b, 1);
    case TIN_BINARY_FLOOR_MOD: return b ? x - y * divide(a, b, 1) : 0;
    case TIN_BINARY_POW: return power(a, b);
    case TIN_BINARY_AND: return a != 0 && b != 0;
    default: return a != 0 || b != 0;
    }
}

static void loop(const void *params, const tin_binary_run *run)
{
    const tin_binary_int_params *p = params;
    const int32_t bytes = p->elem_bytes;

    for (int32_t i = 0; i < run->n; i++) {
        const int64_t a = tin_load_int(run->a, i * run->step_a, bytes);
        const int64_t b = tin_load_int(run->b, i * run->step_b, bytes);
        int64_t x = wrap(compute(p->op, a, b), bytes);

        if (x < p->act_min && p->act_min > INT32_MIN)
            x = p->act_min;
        if (x > p->act_max && p->act_max < INT32_MAX)
            x = p->act_max;
        store(run->out, i, bytes, x);
    }
}

void tin_binary_int(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_binary_int_params *p = params;

    (void)scratch;
    tin_binary_rows(&p->shape, p->elem_bytes, p->elem_bytes, loop, p, in, out,
                    y0, y1);
}

tin_status tin_binary_int_check(const void *params, const char **why)
{
    const tin_binary_int_params *p = params;
    tin_status status = tin_dims_check(p->shape.dim, p->elem_bytes, why);

    if (status == TIN_OK)
        status = tin_broadcast_check(&p->shape, p->elem_bytes, why);
    if (status == TIN_OK)
        status = tin_binary_op_check(p->op, (1u << TIN_BINARY_COUNT) - 1u, why);
    if (status != TIN_OK)
        return status;
    if (p->act_min > p->act_max)
        return TIN_WHY(why, "the output clamp is empty"), TIN_ERR_ARG;
    return TIN_OK;
}
