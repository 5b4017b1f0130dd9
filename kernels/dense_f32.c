/* SPDX-License-Identifier: MIT */
/* tin_dense_f32: see tinyinfer_kernels.h. */
#include "tinyinfer_kernels.h"

static void make_row(const tin_dense_f32_params *p, const float *in,
                     float *restrict out)
{
    const float lo = p->act_min, hi = p->act_max;
    const size_t in_c = (size_t)p->in_c;
    const float *w = p->weights;
    int32_t oc = 0;

    for (int32_t i = 0; i < p->out_c; i++)
        out[i] = 0;
    for (; oc < p->out_c - 3; oc += 4, w += 4 * in_c)
        tin_dot4_f32(out + oc, in, w, in_c, p->in_c);
    for (; oc < p->out_c; oc++, w += in_c)
        out[oc] = tin_dot_f32(out[oc], in, w, p->in_c);
    for (int32_t i = 0; i < p->out_c; i++) {
        const float bias = p->bias ? p->bias[i] : 0;

        out[i] = tin_clampf(out[i] + bias, lo, hi);
    }
}

void tin_dense_f32(const void *params, const tin_rows *in, const tin_rows *out,
                   int32_t y0, int32_t y1, void *scratch)
{
    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        make_row(params, tin_row(in, y), tin_row(out, y));
}

tin_status tin_dense_f32_check(const void *params, const char **why)
{
    const tin_dense_f32_params *p = params;
    tin_status status;

    if (p->in_c < 1 || p->out_c < 1) {
        TIN_WHY(why, "in_c or out_c is not positive");
        return TIN_ERR_SHAPE;
    }
    if (!p->weights) {
        TIN_WHY(why, "weights is NULL");
        return TIN_ERR_ARG;
    }
    status = tin_bytes_check(tin_size_mul(p->in_c, p->out_c), 4, why);
    if (status == TIN_OK)
        status = tin_act_check_f32(p->act_min, p->act_max, why);
    return status;
}
