/* SPDX-License-Identifier: MIT */
/*
 * The kernels of two inputs, of floats and of whole numbers: seeded shapes,
 * broadcast in every way, against one naive definition each; hostile values;
 * and every condition that a check refuses.
 */
#include "broadcasts.h"

/* ---- The definitions, of one element ------------------------------------ */

static float naive_f32(int32_t op, float a, float b)
{
    switch (op) {
    case TIN_BINARY_SUB: return a - b;
    case TIN_BINARY_MUL: return a * b;
    case TIN_BINARY_DIV: return a / b;
    case TIN_BINARY_MINIMUM: return a < b ? a : b;
    case TIN_BINARY_MAXIMUM: return a > b ? a : b;
    default: return (a - b) * (a - b);
    }
}

static void expect_f32(const any_params *p, const void *a, const void *b,
                       void *out)
{
    const float x = naive_f32(p->f32.op, get_f32(a), get_f32(b));
    const float y = x <= p->f32.act_min   ? p->f32.act_min
                    : x >= p->f32.act_max ? p->f32.act_max
                                          : x;

    memcpy(out, &y, sizeof y);
}

static void expect_add_f32(const any_params *p, const void *a, const void *b,
                           void *out)
{
    const float y = tin_clampf(get_f32(a) + get_f32(b), p->add_f32.act_min,
                               p->add_f32.act_max);

    memcpy(out, &y, sizeof y);
}

#define EXPECT_LIBM(name, expression)                                          \
 static void expect_##name(const any_params *p, const void *a, const void *b,  \
                           void *out)                                          \
 {                                                                             \
  const float x = get_f32(a), y = get_f32(b);                                  \
  const float z = expression;                                                  \
  (void)p;                                                                     \
  memcpy(out, &z, sizeof z);                                                   \
 }
EXPECT_LIBM(pow, powf(x, y))
EXPECT_LIBM(floor_div, floorf(x / y))
EXPECT_LIBM(floor_mod, fmodf(x, y) == 0 || (fmodf(x, y) < 0) == (y < 0)
                           ? fmodf(x, y)
                           : fmodf(x, y) + y)

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* Small numbers: see hostile_numbers below for the others. */
static int64_t naive_int(int32_t op, int64_t a, int64_t b)
{
    uint64_t power = 1;

    switch (op) {
    case TIN_BINARY_ADD: return a + b;
    case TIN_BINARY_SUB: return a - b;
    case TIN_BINARY_MUL: return a * b;
    case TIN_BINARY_DIV: return b ? a / b : 0;
    case TIN_BINARY_MINIMUM: return a < b ? a : b;
    case TIN_BINARY_MAXIMUM: return a > b ? a : b;
    case TIN_BINARY_SQUARED_DIFFERENCE: return (a - b) * (a - b);
    case TIN_BINARY_FLOOR_DIV: return b ? floor_div(a, b) : 0;
    case TIN_BINARY_FLOOR_MOD: return b ? a - b * floor_div(a, b) : 0;
    case TIN_BINARY_POW:
        if (b < 0)
            return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
        for (; b > 0; b--)
            power *= (uint64_t)a;
        return (int64_t)power;
    case TIN_BINARY_AND: return a && b;
    default: return a || b;
    }
}

static void expect_int(const any_params *p, const void *a, const void *b,
                       void *out)
{
    const int32_t bytes = p->whole.elem_bytes;
    int64_t x = naive_int(p->whole.op, get(a, bytes), get(b, bytes));

    put(out, bytes, x);
    x = get(out, bytes); // wrapped
    if (p->whole.act_min != INT32_MIN)
        x = x < p->whole.act_min   ? p->whole.act_min
            : x > p->whole.act_max ? p->whole.act_max
                                   : x;
    put(out, bytes, x);
}

/* ---- Random params, but for the shape ----------------------------------- */

static void draw_f32(any_params *p, int32_t bytes)
{
    static const int32_t ops[] = {
        TIN_BINARY_SUB,     TIN_BINARY_MUL,     TIN_BINARY_DIV,
        TIN_BINARY_MINIMUM, TIN_BINARY_MAXIMUM, TIN_BINARY_SQUARED_DIFFERENCE};

    (void)bytes;
    p->f32.op = ops[between(0, 5)];
    p->f32.act_min = between(0, 1) ? -INFINITY : 0;
    p->f32.act_max = between(0, 1) ? INFINITY : 6;
}

static void draw_nothing(any_params *p, int32_t bytes)
{
    (void)p, (void)bytes;
}

static void draw_int(any_params *p, int32_t bytes)
{
    const int bounded = between(0, 2) == 0;

    p->whole.op = between(0, TIN_BINARY_COUNT - 1);
    p->whole.elem_bytes = bytes;
    p->whole.act_min = bounded ? between(-3, 0) : INT32_MIN;
    p->whole.act_max = bounded ? between(0, 9) : INT32_MAX;
}

static void draw_add_f32(any_params *p, int32_t bytes)
{
    (void)bytes;
    p->add_f32.act_min = between(0, 2) ? -INFINITY : 0;
    p->add_f32.act_max = between(0, 4) ? INFINITY : 6;
}

/* ---- Every kernel ------------------------------------------------------- */

static const subject subjects[] = {
    KERNEL(add_f32, draw_add_f32, expect_add_f32, 4, 4, 1, 1, 0),
    KERNEL(binary_f32, draw_f32, expect_f32, 4, 4, 1, 1, 0),
    KERNEL(pow_f32, draw_nothing, expect_pow, 4, 4, 1, 1, 0),
    KERNEL(floor_div_f32, draw_nothing, expect_floor_div, 4, 4, 1, 1, 0),
    KERNEL(floor_mod_f32, draw_nothing, expect_floor_mod, 4, 4, 1, 1, 0),
    KERNEL(binary_int, draw_int, expect_int, 1, 1, 0, 1, 0),
    KERNEL(binary_int, draw_int, expect_int, 2, 2, 0, 1, 0),
    KERNEL(binary_int, draw_int, expect_int, 4, 4, 0, 1, 0),
    KERNEL(binary_int, draw_int, expect_int, 8, 8, 0, 1, 0),
};

TRY_SUBJECTS(binary, subjects, 600)

/* ---- Values ------------------------------------------------------------- */

Test(binary_f32, not_a_number)
{
    float a[4] = {NAN, 1, 0.0f, -0.0f}, b[4] = {1, NAN, -0.0f, 0.0f}, out[4];
    tin_binary_f32_params p = {four, TIN_BINARY_MINIMUM, -INFINITY, INFINITY};

    run_four(tin_binary_f32, &p, a, b, 4, out, 4);
    cr_assert(out[0] == 1 && isnan(out[1]) && signbit(out[2]) &&
              !signbit(out[3]));
    p.op = TIN_BINARY_MAXIMUM;
    run_four(tin_binary_f32, &p, a, b, 4, out, 4);
    cr_assert(out[0] == 1 && isnan(out[1]) && signbit(out[2]));
    p.op = TIN_BINARY_DIV;
    p.act_min = 0;
    run_four(tin_binary_f32, &p, a, b, 4, out, 4);
    cr_assert(isnan(out[0]) && isnan(out[1]) && isnan(out[2]));
}

Test(binary_int, hostile_numbers)
{
    int64_t a[4] = {INT64_MIN, INT64_MIN, INT64_MAX, 7}, out[4];
    int64_t b[4] = {-1, 0, INT64_MAX, -2};
    tin_binary_int_params p = {four, 0, 8, INT32_MIN, INT32_MAX};
    const struct {
        int32_t op;
        int64_t want[4];
    } cases[] = {
        {TIN_BINARY_ADD, {INT64_MAX, INT64_MIN, -2, 5}},
        {TIN_BINARY_SUB, {INT64_MIN + 1, INT64_MIN, 0, 9}},
        {TIN_BINARY_MUL, {INT64_MIN, 0, 1, -14}},
        {TIN_BINARY_DIV, {INT64_MIN, 0, 1, -3}},
        {TIN_BINARY_FLOOR_DIV, {INT64_MIN, 0, 1, -4}},
        {TIN_BINARY_FLOOR_MOD, {0, 0, 0, -1}},
        {TIN_BINARY_POW, {0, 1, INT64_MAX, 0}},
        {TIN_BINARY_SQUARED_DIFFERENCE, {1, 0, 0, 81}},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        p.op = cases[i].op;
        run_four(tin_binary_int, &p, a, b, 8, out, 8);
        cr_assert_arr_eq(out, cases[i].want, sizeof out, "operator %d", p.op);
    }
}

Test(add_f32, every_other_element)
{
    const tin_add_f32_params p = {
        {{1, 1, 1, 2, 2}, {0, 0, 0, 4, 2}, {0, 0, 0, 2, 1}}, -99, 99};
    const float a[8] = {1, NAN, 2, NAN, 3, NAN, 4, NAN};
    const float b[4] = {10, 20, 30, 40}, want[4] = {11, 22, 33, 44};
    const tin_rows in[2] = {resident(a, sizeof a), resident(b, sizeof b)};
    const tin_rows swapped[2] = {in[1], in[0]};
    float sum[4];
    const tin_rows out = resident(sum, sizeof sum);
    tin_add_f32_params q = p;

    tin_add_f32(&p, in, &out, 0, 1, NULL);
    cr_assert_arr_eq(sum, want, sizeof sum);
    memcpy(q.shape.stride_a, p.shape.stride_b, sizeof q.shape.stride_a);
    memcpy(q.shape.stride_b, p.shape.stride_a, sizeof q.shape.stride_b);
    tin_add_f32(&q, swapped, &out, 0, 1, NULL);
    cr_assert_arr_eq(sum, want, sizeof sum);
}

static const tin_add_f32_params plain_add = {
    {{1, 1, 1, 1, 4}, {0, 0, 0, 0, 1}, {0, 0, 0, 0, 1}}, 0, INFINITY};

Test(add_f32, special_values)
{
    const float a[4] = {NAN, INFINITY, -0.0f, -INFINITY};
    const float b[4] = {1, -INFINITY, -0.0f, 1};
    const tin_rows in[2] = {resident(a, sizeof a), resident(b, sizeof b)};
    float sum[4];
    const tin_rows out = resident(sum, sizeof sum);

    tin_add_f32(&plain_add, in, &out, 0, 1, NULL);
    cr_assert(isnan(sum[0]) && isnan(sum[1]) && bits(sum[2]) == 0 &&
              bits(sum[3]) == 0);
}

/* ---- Checks ------------------------------------------------------------- */

Test(binary, check_arithmetic)
{
    {
        const tin_binary_f32_params good = {four, TIN_BINARY_MUL, 0, 1};
        tin_binary_f32_params p;

        REFUSE(p.op = TIN_BINARY_POW, tin_binary_f32_check, TIN_ERR_ARG);
        REFUSE(p.op = -1, tin_binary_f32_check, TIN_ERR_ARG);
        REFUSE(p.act_max = -1, tin_binary_f32_check, TIN_ERR_ARG);
        REFUSE(p.act_min = NAN, tin_binary_f32_check, TIN_ERR_ARG);
    }
    {
        const tin_binary_int_params good = {four, TIN_BINARY_POW, 4, 0, 1};
        tin_binary_int_params p;

        REFUSE(p.op = TIN_BINARY_COUNT, tin_binary_int_check, TIN_ERR_ARG);
        REFUSE(p.elem_bytes = 3, tin_binary_int_check, TIN_ERR_ARG);
        REFUSE(p.elem_bytes = 0, tin_binary_int_check, TIN_ERR_ARG);
        REFUSE(p.act_max = -1, tin_binary_int_check, TIN_ERR_ARG);
    }
}

Test(add_f32, check)
{
    const tin_add_f32_params good = plain_add;
    tin_add_f32_params p;

    for (int i = 0; i < TIN_DIMS; i++) {
        REFUSE(p.shape.dim[i] = 0, tin_add_f32_check, TIN_ERR_SHAPE);
        REFUSE(p.shape.stride_a[i] = -1, tin_add_f32_check, TIN_ERR_SHAPE);
        REFUSE(p.shape.stride_b[i] = -1, tin_add_f32_check, TIN_ERR_SHAPE);
        REFUSE((p.shape.dim[i] = 3, p.shape.stride_b[i] = 1 << 30),
               tin_add_f32_check, TIN_ERR_SHAPE);
    }
    REFUSE((p.shape.dim[0] = p.shape.dim[1] = 65536), tin_add_f32_check,
           TIN_ERR_SHAPE);
    REFUSE(p.shape.dim[3] = 0x8000000, tin_add_f32_check, TIN_ERR_SHAPE);
    REFUSE((p.shape.dim[3] = 0x10000, p.shape.stride_a[3] = 0x2001),
           tin_add_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.act_max = -1, tin_add_f32_check, TIN_ERR_ARG);
    REFUSE(p.act_min = NAN, tin_add_f32_check, TIN_ERR_ARG);
}
