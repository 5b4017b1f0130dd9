/* SPDX-License-Identifier: MIT */
/* tin_compare_s8: see tinyinfer_binary.h. */
#include "tinyinfer_binary.h"

static void loop(const void *params, const tin_binary_run *run)
{
    const tin_compare_s8_params p = *(const tin_compare_s8_params *)params;
    const int8_t *a = run->a, *b = run->b;
    uint8_t *out = run->out;

    for (int32_t i = 0; i < run->n; i++) {
        const int32_t x = tin_requantize_sat(
            (a[i * run->step_a] - p.a_zero) * 256, p.a_multiplier, p.a_shift);
        const int32_t y = tin_requantize_sat(
            (b[i * run->step_b] - p.b_zero) * 256, p.b_multiplier, p.b_shift);

        out[i] = (p.accept & tin_compare_is(x<y, x> y)) != 0;
    }
}

void tin_compare_s8(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_compare_s8_params *p = params;

    (void)scratch;
    tin_binary_rows(&p->shape, 1, 1, loop, p, in, out, y0, y1);
}

tin_status tin_compare_s8_check(const void *params, const char **why)
{
    const tin_compare_s8_params *p = params;
    tin_status status;

    if ((status = tin_compare_check(&p->shape, 1, p->accept, why)) ||
        (status = tin_zero_check(p->a_zero, why)) ||
        (status = tin_zero_check(p->b_zero, why)) ||
        (status = tin_scale_check(p->a_multiplier, p->a_shift, 30, why)))
        return status;
    return tin_scale_check(p->b_multiplier, p->b_shift, 30, why);
}
