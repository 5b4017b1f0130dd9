/* SPDX-License-Identifier: MIT */
/* tin_binary_s8: see tinyinfer_binary.h. */
#include "tinyinfer_binary.h"

static void loop(const void *params, const tin_binary_run *run)
{
    const tin_binary_quant_params p = *(const tin_binary_quant_params *)params;
    const int8_t *a = run->a, *b = run->b;
    const int32_t step_a = run->step_a, step_b = run->step_b, n = run->n;
    int8_t *out = run->out;

    for (int32_t i = 0; i < n; i++)
        out[i] = (int8_t)tin_binary_quant(&p, a[i * step_a], b[i * step_b]);
}

void tin_binary_s8(const void *params, const tin_rows *in, const tin_rows *out,
                   int32_t y0, int32_t y1, void *scratch)
{
    const tin_binary_quant_params *p = params;

    (void)scratch;
    tin_binary_rows(&p->shape, 1, 1, loop, p, in, out, y0, y1);
}

tin_status tin_binary_s8_check(const void *params, const char **why)
{
    return tin_binary_quant_check(params, 8, why);
}
