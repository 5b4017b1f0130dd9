/* SPDX-License-Identifier: MIT */
/* tin_prelu_f32: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

static float prelu(float x, float alpha)
{
    return x < 0 ? x * alpha : x;
}

/* No restrict: out may be an input. */
static void make_row(const tin_broadcast *s, const float *x, const float *alpha,
                     float *out)
{
    const int32_t n = s->dim[4];

    for (int32_t k = 0; k < s->dim[3]; k++) {
        for (int32_t i = 0; i < n; i++)
            out[i] = prelu(x[i * s->stride_a[4]], alpha[i * s->stride_b[4]]);
        x += s->stride_a[3];
        alpha += s->stride_b[3];
        out += n;
    }
}

void tin_prelu_f32(const void *params, const tin_rows *in, const tin_rows *out,
                   int32_t y0, int32_t y1, void *scratch)
{
    const tin_prelu_f32_params *p = params;
    const tin_broadcast *s = &p->shape;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        make_row(s, tin_row(&in[0], tin_broadcast_row(s, s->stride_a, y)),
                 tin_row(&in[1], tin_broadcast_row(s, s->stride_b, y)),
                 tin_row(out, y));
    }
}

tin_status tin_prelu_f32_check(const void *params, const char **why)
{
    const tin_prelu_f32_params *p = params;

    if (tin_broadcast_ok(&p->shape, 4))
        return TIN_OK;
    return TIN_WHY(why, "an extent or stride is out of range"), TIN_ERR_SHAPE;
}
