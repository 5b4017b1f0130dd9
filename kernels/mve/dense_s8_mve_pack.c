/* SPDX-License-Identifier: MIT */
/* The host's part of tin_dense_s8_mve: see tinyinfer_kernels.h. */
#include "tinyinfer_kernels.h"

/* Words of four channels: filters, bias, multiplier, shift. */
static int64_t block_words(const tin_dense_s8_params *p)
{
    return 12 + 16 * (((int64_t)p->in_c + 15) / 16);
}

/* The stream's bytes, -1 where they are more than 2^31 - 1. */
static int32_t stream_bytes(const tin_dense_s8_params *p)
{
    const int64_t blocks = ((int64_t)p->out_c + 3) / 4;

    if (block_words(p) > INT32_MAX / 4 / blocks)
        return -1;
    return (int32_t)(4 * blocks * block_words(p));
}

int32_t tin_dense_s8_mve_packed_size(const void *params)
{
    const tin_dense_s8_params *p = params;
    const int32_t bytes = stream_bytes(p);

    if (bytes < 0 || !tin_shifts_ok_mve(p->shift, p->out_c))
        return TIN_ERR_UNSUPPORTED;
    return bytes;
}

tin_status tin_dense_s8_mve_check(const void *params, const char **why)
{
    const tin_dense_s8_mve_params *p = params;
    const tin_dense_s8_params *q = &p->dense;
    tin_status status;

    if (q->in_c < 1 || q->out_c < 1)
        return TIN_WHY(why, "a count of channels is not positive"),
               TIN_ERR_SHAPE;
    if ((status = tin_zero_check(q->in_zero, why)) != TIN_OK ||
        (status = tin_zero_check(q->out_zero, why)) != TIN_OK ||
        (status = tin_act_check(q->act_min, q->act_max, why)) != TIN_OK)
        return status;
    if (stream_bytes(q) < 0)
        return TIN_WHY(why, "the weights are too large"), TIN_ERR_OVERFLOW;
    if (!p->packed)
        return TIN_WHY(why, "packed is NULL"), TIN_ERR_ARG;
    return TIN_OK;
}

void tin_dense_s8_mve_pack(const void *params, int32_t *packed)
{
    const tin_dense_s8_params *p = params;
    const int32_t words = tin_dense_s8_mve_packed_size(params) / 4;
    const tin_filters f = {
        .weights = p->weights,
        .bias = p->bias,
        .multiplier = p->multiplier,
        .shift = p->shift,
        .channels = p->out_c,
        .taps = p->in_c,
        .channel_step = p->in_c,
        .tap_step = 1,
    };

    for (int32_t i = 0; i < words; i++)
        packed[i] = 0;
    for (int32_t oc = 0; oc < p->out_c; oc++) {
        int32_t *block = packed + oc / 4 * (int32_t)block_words(p);
        const int8_t *from = p->weights + (size_t)oc * (size_t)p->in_c;
        const size_t at = 16 * (size_t)(oc % 4);

        for (int32_t t = 0; t < p->in_c; t++)
            tin_stream_put(block, at + tin_tap_mve(t, p->in_c, 64), from[t]);
        block += block_words(p) - 12 + oc % 4;
        tin_channel_mve(&f, p->in_zero, oc, block, 4);
    }
}
