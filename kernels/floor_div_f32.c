/* SPDX-License-Identifier: MIT */
/* tin_floor_div_f32: see tinyinfer_binary.h. */
#include <math.h>

#include "tinyinfer_binary.h"

static void loop(const void *params, const tin_binary_run *run)
{
    const float *a = run->a, *b = run->b;
    float *out = run->out;

    (void)params;
    for (int32_t i = 0; i < run->n; i++)
        out[i] = floorf(a[i * run->step_a] / b[i * run->step_b]);
}

void tin_floor_div_f32(const void *params, const tin_rows *in,
                       const tin_rows *out, int32_t y0, int32_t y1,
                       void *scratch)
{
    const tin_broadcast_params *p = params;

    (void)scratch;
    tin_binary_rows(&p->shape, 4, 4, loop, p, in, out, y0, y1);
}

tin_status tin_floor_div_f32_check(const void *params, const char **why)
{
    const tin_broadcast_params *p = params;

    return tin_broadcast_check(&p->shape, 4, why);
}
