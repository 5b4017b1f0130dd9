/* SPDX-License-Identifier: MIT */
/* tin_add_f32: see tinyinfer_kernels.h. */
#include "tinyinfer_binary.h"

/* Where both inputs move by 1 the compiler sees a loop over contiguous arrays.
 * No restrict: out may be an input. */
static void loop(const void *params, const tin_binary_run *run)
{
    const tin_add_f32_params *p = params;
    const float *a = run->a, *b = run->b;
    const float lo = p->act_min, hi = p->act_max;
    const int32_t step_a = run->step_a, step_b = run->step_b, n = run->n;
    float *out = run->out;

    if (step_a == 1 && step_b == 1) {
        for (int32_t i = 0; i < n; i++)
            out[i] = tin_clampf(a[i] + b[i], lo, hi);
        return;
    }
    for (int32_t i = 0; i < n; i++)
        out[i] = tin_clampf(a[i * step_a] + b[i * step_b], lo, hi);
}

void tin_add_f32(const void *params, const tin_rows *in, const tin_rows *out,
                 int32_t y0, int32_t y1, void *scratch)
{
    const tin_add_f32_params *p = params;

    (void)scratch;
    tin_binary_rows(&p->shape, 4, 4, loop, p, in, out, y0, y1);
}

tin_status tin_add_f32_check(const void *params, const char **why)
{
    const tin_add_f32_params *p = params;

    if (!tin_broadcast_ok(&p->shape, 4)) {
        TIN_WHY(why, "an extent or stride is out of range");
        return TIN_ERR_SHAPE;
    }
    return tin_act_check_f32(p->act_min, p->act_max, why);
}
