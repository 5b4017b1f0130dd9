/* SPDX-License-Identifier: MIT */
/* tin_dense_f32_fpu_pack and what belongs to it: see tinyinfer_fpu.h. */
#include "tinyinfer_fpu.h"

enum { OUTS = 8 };

int32_t tin_dense_f32_fpu_packed_size(const void *params)
{
    const tin_dense_f32_params *p = params;
    const int32_t blocks = (int32_t)(((int64_t)p->out_c + OUTS - 1) / OUTS);
    int32_t floats, bytes;

    if (p->out_c < 4 * ((int64_t)blocks * OUTS - p->out_c))
        return TIN_ERR_UNSUPPORTED;
    if (p->in_c == INT32_MAX)
        return TIN_ERR_OVERFLOW;
    floats = tin_size_mul(p->in_c + 1, OUTS);
    bytes = tin_size_mul(tin_size_mul(floats, 4), blocks);
    return bytes < 0 ? TIN_ERR_OVERFLOW : bytes;
}

void tin_dense_f32_fpu_pack(const void *params, float *packed)
{
    const tin_dense_f32_params *p = params;
    const size_t in_c = (size_t)p->in_c;

    for (int32_t oc = 0; oc < p->out_c; oc += OUTS) {
        const int32_t n = p->out_c - oc < OUTS ? p->out_c - oc : OUTS;

        for (int32_t i = 0; i < OUTS; i++)
            *packed++ = i < n && p->bias ? p->bias[oc + i] : 0;
        for (size_t k = 0; k < in_c; k++)
            for (int32_t i = 0; i < OUTS; i++)
                *packed++ = i < n ? p->weights[(size_t)(oc + i) * in_c + k] : 0;
    }
}

tin_status tin_dense_f32_fpu_check(const void *params, const char **why)
{
    const tin_dense_f32_fpu_params *p = params;
    const tin_dense_f32_params *d = &p->dense;

    if (d->in_c < 1 || d->out_c < 1)
        return TIN_WHY(why, "in_c or out_c is not positive"), TIN_ERR_SHAPE;
    if (!p->packed)
        return TIN_WHY(why, "packed is NULL"), TIN_ERR_ARG;
    return tin_act_check_f32(d->act_min, d->act_max, why);
}
