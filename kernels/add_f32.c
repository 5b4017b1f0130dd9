/* SPDX-License-Identifier: MIT */
/*
 * tin_add_f32: see tinyinfer_kernels.h.
 *
 * A row is two loops, over extents 3 and 4. Where both inputs move through it
 * evenly, which is nearly always, the two become one.
 */
#include "tinyinfer_kernels.h"

/* n sums; the inputs move by step_a and step_b, and where both move by 1 the
 * compiler sees a loop over contiguous arrays. No restrict: out may be an
 * input. */
static void add_run(const float *a, int32_t step_a, const float *b,
                    int32_t step_b, int32_t n, float lo, float hi, float *out)
{
    if (step_a == 1 && step_b == 1) {
        for (int32_t i = 0; i < n; i++)
            out[i] = tin_clampf(a[i] + b[i], lo, hi);
        return;
    }
    for (int32_t i = 0; i < n; i++)
        out[i] = tin_clampf(a[i * step_a] + b[i * step_b], lo, hi);
}

static int is_even(const tin_broadcast *s, const int32_t stride[TIN_DIMS])
{
    return s->dim[3] == 1 || stride[3] == s->dim[4] * stride[4];
}

static void make_row(const tin_add_f32_params *p, const float *a,
                     const float *b, float *out)
{
    const tin_broadcast *s = &p->shape;
    int32_t runs = s->dim[3], n = s->dim[4];

    if (is_even(s, s->stride_a) && is_even(s, s->stride_b)) {
        n *= runs;
        runs = 1;
    }
    for (int32_t i = 0; i < runs; i++) {
        add_run(a + i * s->stride_a[3], s->stride_a[4], b + i * s->stride_b[3],
                s->stride_b[4], n, p->act_min, p->act_max, out + i * n);
    }
}

void tin_add_f32(const void *params, const tin_rows *in, const tin_rows *out,
                 int32_t y0, int32_t y1, void *scratch)
{
    const tin_add_f32_params *p = params;
    const tin_broadcast *s = &p->shape;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        make_row(p, tin_row(&in[0], tin_broadcast_row(s, s->stride_a, y)),
                 tin_row(&in[1], tin_broadcast_row(s, s->stride_b, y)),
                 tin_row(out, y));
    }
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
