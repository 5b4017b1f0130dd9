/* SPDX-License-Identifier: MIT */
/* tin_prelu_s8: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

static int8_t prelu(const tin_prelu_s8_params *p, int32_t x, int32_t alpha)
{
    int32_t y;

    x -= p->in_zero;
    if (x >= 0)
        y = tin_requantize(x, p->multiplier, p->shift);
    else
        y = tin_requantize(x * (alpha - p->alpha_zero), p->neg_multiplier,
                           p->neg_shift);
    // clamped before the sum, which then cannot overflow
    return (int8_t)(tin_clamp(y, -128 - p->out_zero, 127 - p->out_zero) +
                    p->out_zero);
}

/* No restrict: out may be an input. */
static void make_row(const tin_prelu_s8_params *p, const int8_t *x,
                     const int8_t *alpha, int8_t *out)
{
    const tin_broadcast *s = &p->shape;
    const int32_t n = s->dim[4];

    for (int32_t k = 0; k < s->dim[3]; k++) {
        for (int32_t i = 0; i < n; i++)
            out[i] = prelu(p, x[i * s->stride_a[4]], alpha[i * s->stride_b[4]]);
        x += s->stride_a[3];
        alpha += s->stride_b[3];
        out += n;
    }
}

void tin_prelu_s8(const void *params, const tin_rows *in, const tin_rows *out,
                  int32_t y0, int32_t y1, void *scratch)
{
    const tin_prelu_s8_params *p = params;
    const tin_broadcast *s = &p->shape;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        make_row(p, tin_row(&in[0], tin_broadcast_row(s, s->stride_a, y)),
                 tin_row(&in[1], tin_broadcast_row(s, s->stride_b, y)),
                 tin_row(out, y));
    }
}

tin_status tin_prelu_s8_check(const void *params, const char **why)
{
    const tin_prelu_s8_params *p = params;

    if (!tin_broadcast_ok(&p->shape, 1))
        return TIN_WHY(why, "an extent or stride is out of range"),
               TIN_ERR_SHAPE;
    if (tin_zero_check(p->in_zero, why) || tin_zero_check(p->alpha_zero, why) ||
        tin_zero_check(p->out_zero, why))
        return TIN_ERR_QUANT;
    if (tin_scale_check(p->multiplier, p->shift, 22, why) ||
        tin_scale_check(p->neg_multiplier, p->neg_shift, 14, why))
        return TIN_ERR_QUANT;
    return TIN_OK;
}
