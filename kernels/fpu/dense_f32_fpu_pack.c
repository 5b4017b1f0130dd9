/* SPDX-License-Identifier: MIT */
/* tin_dense_f32_fpu_pack and what belongs to it: see tinyinfer_fpu.h. */
#include "tinyinfer_fpu.h"

enum { WIDE = 16, NARROW = 8 };

/* Outputs of the block that begins with output oc. */
static int32_t block_outs(const tin_dense_f32_params *p, int32_t oc)
{
    return p->out_c - oc > NARROW ? WIDE : NARROW;
}

int32_t tin_dense_f32_fpu_packed_size(const void *params)
{
    const tin_dense_f32_params *p = params;
    const int64_t blocks = ((int64_t)p->out_c + WIDE - 1) / WIDE;
    const int64_t eights = ((int64_t)p->out_c + NARROW - 1) / NARROW;
    int32_t biases, weights;

    if (p->out_c < 4 * (eights * NARROW - p->out_c))
        return TIN_ERR_UNSUPPORTED;
    biases = tin_size_mul((int32_t)blocks, 4 * WIDE);
    weights = tin_size_mul(tin_size_mul(p->in_c, 4 * NARROW), (int32_t)eights);
    if (biases < 0 || weights < 0 || weights > INT32_MAX - biases)
        return TIN_ERR_OVERFLOW;
    return biases + weights;
}

void tin_dense_f32_fpu_pack(const void *params, float *packed)
{
    const tin_dense_f32_params *p = params;
    const size_t in_c = (size_t)p->in_c;

    for (int32_t oc = 0; oc < p->out_c; oc += WIDE) {
        const int32_t outs = block_outs(p, oc);
        const int32_t n = p->out_c - oc < outs ? p->out_c - oc : outs;

        for (int32_t i = 0; i < WIDE; i++)
            *packed++ = i < n && p->bias ? p->bias[oc + i] : 0;
        for (size_t k = 0; k < in_c; k++)
            for (int32_t i = 0; i < outs; i++)
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
