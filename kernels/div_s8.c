/* SPDX-License-Identifier: MIT */
/* tin_div_s8: see tinyinfer_binary.h. */
#include "tinyinfer_binary.h"

/* Bits below the sign that are copies of it; x of at most 9 bits. */
static int32_t headroom(int32_t x)
{
    int32_t bits = 31;

    for (; x != 0 && x != -1; x >>= 1)
        bits--;
    return bits;
}

/* x / d for 1 <= d <= 255 as q * 2^-shift. With d = 2^k * (1 + f) the
 * reciprocal of 1 + f comes in Q0.31, for which x is shifted as far as it
 * goes. */
static int32_t quotient(int32_t x, int32_t d, int32_t *shift)
{
    const int32_t room = headroom(x), k = 31 - headroom(d) - 1;
    const int32_t f = (int32_t)(((uint32_t)d << (31 - k)) - 0x80000000u);

    *shift = k + room;
    return tin_mul_high(tin_shift_left(x, room), tin_reciprocal_q31(f));
}

static int8_t divide(const tin_muldiv_params *p, int32_t x, int32_t d)
{
    int32_t shift, q, total;

    if (d < 0)
        x = -x, d = -d;
    if (d == 0 || x == 0)
        return (int8_t)(x > 0 ? p->act_max
                        : x < 0
                            ? p->act_min
                            : tin_clamp(p->out_zero, p->act_min, p->act_max));
    q = quotient(x, d, &shift);
    total = shift - p->shift; // >= 0, for shift >= 22
    q = tin_mul_high(q, p->multiplier);
    q = total > 31 ? 0 : tin_shift_round(q, total);
    return (int8_t)(tin_clamp(q, p->act_min - p->out_zero,
                              p->act_max - p->out_zero) +
                    p->out_zero);
}

static void loop(const void *params, const tin_binary_run *run)
{
    const tin_muldiv_params *p = params;
    const int8_t *a = run->a, *b = run->b;
    int8_t *out = run->out;

    for (int32_t i = 0; i < run->n; i++)
        out[i] = divide(p, a[i * run->step_a] - p->a_zero,
                        b[i * run->step_b] - p->b_zero);
}

void tin_div_s8(const void *params, const tin_rows *in, const tin_rows *out,
                int32_t y0, int32_t y1, void *scratch)
{
    const tin_muldiv_params *p = params;

    (void)scratch;
    tin_binary_rows(&p->shape, 1, 1, loop, p, in, out, y0, y1);
}

tin_status tin_div_s8_check(const void *params, const char **why)
{
    const tin_muldiv_params *p = params;
    const tin_status status = tin_muldiv_check(p, 8, why);

    if (status != TIN_OK)
        return status;
    if (p->shift > 22)
        return TIN_WHY(why, "a multiplier or shift is out of range"),
               TIN_ERR_QUANT;
    return TIN_OK;
}
