/* SPDX-License-Identifier: MIT */
/*
 * Comparisons and SELECT: seeded shapes, broadcast in every way, against one
 * naive definition each; NaN; and every condition that a check refuses.
 */
#include "broadcasts.h"
#include "naive_s8.h"

/* ---- The definitions, of one element ------------------------------------ */

static int32_t accepted(int32_t accept, int less, int equal, int greater)
{
    return ((accept & 1) && less) || ((accept & 2) && equal) ||
           ((accept & 4) && greater) ||
           ((accept & 8) && !less && !equal && !greater);
}

static void expect_compare_f32(const any_params *p, const void *a,
                               const void *b, void *out)
{
    const float x = get_f32(a), y = get_f32(b);

    put(out, 1, accepted(p->compare_f32.accept, x<y, x == y, x> y));
}

static void expect_compare_int(const any_params *p, const void *a,
                               const void *b, void *out)
{
    const int64_t x = get(a, p->compare_int.elem_bytes);
    const int64_t y = get(b, p->compare_int.elem_bytes);

    put(out, 1, accepted(p->compare_int.accept, x<y, x == y, x> y));
}

static void expect_compare_s8(const any_params *p, const void *a, const void *b,
                              void *out)
{
    const tin_compare_s8_params *q = &p->compare_s8;
    const int64_t x = naive_requantize((get(a, 1) - q->a_zero) * 256,
                                       q->a_multiplier, q->a_shift);
    const int64_t y = naive_requantize((get(b, 1) - q->b_zero) * 256,
                                       q->b_multiplier, q->b_shift);

    put(out, 1, accepted(q->accept, x<y, x == y, x> y));
}

/* ---- Random params, but for the shape ----------------------------------- */

static void draw_compare_f32(any_params *p, int32_t bytes)
{
    (void)bytes;
    p->compare_f32.accept = between(0, 15);
}

static void draw_compare_int(any_params *p, int32_t bytes)
{
    p->compare_int.accept = between(0, 15);
    p->compare_int.elem_bytes = bytes;
}

static void draw_compare_s8(any_params *p, int32_t bytes)
{
    tin_compare_s8_params *q = &p->compare_s8;

    (void)bytes;
    q->accept = between(0, 15);
    q->a_zero = between(-128, 127);
    q->b_zero = between(-128, 127);
    q->a_multiplier = between(1 << 30, INT32_MAX);
    q->b_multiplier = between(1 << 30, INT32_MAX);
    q->a_shift = q->b_shift = between(-12, 20);
    if (between(0, 1))
        q->b_multiplier = q->a_multiplier;
}

static void draw_select(any_params *p, int32_t bytes)
{
    p->select.elem_bytes = bytes;
}

/* ---- Every kernel ------------------------------------------------------- */

static const subject subjects[] = {
    KERNEL(compare_f32, draw_compare_f32, expect_compare_f32, 4, 1, 1, 0, 0),
    KERNEL(compare_int, draw_compare_int, expect_compare_int, 1, 1, 0, 0, 0),
    KERNEL(compare_int, draw_compare_int, expect_compare_int, 2, 1, 0, 0, 0),
    KERNEL(compare_int, draw_compare_int, expect_compare_int, 4, 1, 0, 0, 0),
    KERNEL(compare_int, draw_compare_int, expect_compare_int, 8, 1, 0, 0, 0),
    KERNEL(compare_s8, draw_compare_s8, expect_compare_s8, 1, 1, 0, 1, 0),
    KERNEL(select, draw_select, NULL, 1, 1, 0, 1, 0),
    KERNEL(select, draw_select, NULL, 2, 2, 0, 1, 0),
    KERNEL(select, draw_select, NULL, 4, 4, 0, 1, 0),
    KERNEL(select, draw_select, NULL, 8, 8, 0, 1, 0),
};

TRY_SUBJECTS(compare, subjects, 600)

Test(compare_f32, not_a_number)
{
    float a[4] = {NAN, 1, NAN, -0.0f}, b[4] = {1, NAN, NAN, 0.0f};
    const uint8_t equal[4] = {0, 0, 0, 1}, not_equal[4] = {1, 1, 1, 0};
    tin_compare_f32_params p = {four, TIN_COMPARE_EQUAL};
    uint8_t out[4];

    run_four(tin_compare_f32, &p, a, b, 4, out, 1);
    cr_assert_arr_eq(out, equal, 4);
    p.accept = 13;
    run_four(tin_compare_f32, &p, a, b, 4, out, 1);
    cr_assert_arr_eq(out, not_equal, 4);
}

Test(compare, check)
{
    {
        const tin_compare_f32_params good = {four, 1};
        tin_compare_f32_params p;

        REFUSE(p.accept = 16, tin_compare_f32_check, TIN_ERR_ARG);
        REFUSE(p.accept = -1, tin_compare_f32_check, TIN_ERR_ARG);
    }
    {
        const tin_compare_int_params good = {four, 1, 2};
        tin_compare_int_params p;

        REFUSE(p.accept = 16, tin_compare_int_check, TIN_ERR_ARG);
        REFUSE(p.elem_bytes = 5, tin_compare_int_check, TIN_ERR_ARG);
    }
    {
        const tin_compare_s8_params good = {four, 1, 0, 0, 9, 0, 9, 0};
        tin_compare_s8_params p;

        REFUSE(p.accept = 16, tin_compare_s8_check, TIN_ERR_ARG);
        REFUSE(p.a_zero = 128, tin_compare_s8_check, TIN_ERR_QUANT);
        REFUSE(p.b_zero = -129, tin_compare_s8_check, TIN_ERR_QUANT);
        REFUSE(p.a_multiplier = -1, tin_compare_s8_check, TIN_ERR_QUANT);
        REFUSE(p.b_shift = 31, tin_compare_s8_check, TIN_ERR_QUANT);
    }
    {
        const tin_select_params good = {four, {0, 0, 0, 0, 1}, 2};
        tin_select_params p;

        REFUSE(p.elem_bytes = 3, tin_select_check, TIN_ERR_ARG);
        REFUSE(p.stride_c[4] = -1, tin_select_check, TIN_ERR_SHAPE);
        REFUSE(p.stride_c[4] = 0x7fffffff, tin_select_check, TIN_ERR_SHAPE);
    }
}
