/* SPDX-License-Identifier: MIT */
/* tin_compare_f32: see tinyinfer_binary.h. */
#include "tinyinfer_binary.h"

static void loop(const void *params, const tin_binary_run *run)
{
    const tin_compare_f32_params *p = params;
    const float *a = run->a, *b = run->b;
    uint8_t *out = run->out;

    for (int32_t i = 0; i < run->n; i++) {
        const float x = a[i * run->step_a], y = b[i * run->step_b];
        const int32_t is = x < y    ? TIN_COMPARE_LESS
                           : x == y ? TIN_COMPARE_EQUAL
                           : x > y  ? TIN_COMPARE_GREATER
                                    : TIN_COMPARE_NAN;

        out[i] = (p->accept & is) != 0;
    }
}

void tin_compare_f32(const void *params, const tin_rows *in,
                     const tin_rows *out, int32_t y0, int32_t y1, void *scratch)
{
    const tin_compare_f32_params *p = params;

    (void)scratch;
    tin_binary_rows(&p->shape, 4, 1, loop, p, in, out, y0, y1);
}

tin_status tin_compare_f32_check(const void *params, const char **why)
{
    const tin_compare_f32_params *p = params;

    return tin_compare_check(&p->shape, 4, p->accept, why);
}
