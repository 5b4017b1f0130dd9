/* SPDX-License-Identifier: MIT */
/* tin_gavgpool2d_f32: see tinyinfer_pool.h. */
#include "tinyinfer_pool.h"

static void add_row(const float *restrict in, int32_t w, int32_t c,
                    float *restrict sum)
{
    for (int32_t x = 0; x < w; x++, in += c) {
        for (int32_t i = 0; i < c; i++)
            sum[i] += in[i];
    }
}

void tin_gavgpool2d_f32(const void *params, const tin_rows *in,
                        const tin_rows *out, int32_t y0, int32_t y1,
                        void *scratch)
{
    const tin_gavgpool2d_f32_params *p = params;
    const float count = (float)(p->in_h * p->in_w);
    float *sum = scratch;

    for (int32_t y = y0; y < y1; y++) {
        const int32_t image = y / p->in_h, iy = y - image * p->in_h;
        float *mean = tin_row(out, image);

        for (int32_t i = 0; iy == 0 && i < p->c; i++)
            sum[i] = 0;
        add_row(tin_row(in, y), p->in_w, p->c, sum);
        // a division each, as in the reference: the same bits
        for (int32_t i = 0; iy == p->in_h - 1 && i < p->c; i++)
            mean[i] = tin_clampf(sum[i] / count, p->act_min, p->act_max);
    }
}

tin_status tin_gavgpool2d_f32_check(const void *params, const char **why)
{
    const tin_gavgpool2d_f32_params *p = params;
    tin_status status;

    if (p->in_h < 1 || p->in_w < 1 || p->c < 1) {
        TIN_WHY(why, "a size is not positive");
        return TIN_ERR_SHAPE;
    }
    if (tin_size_mul(p->in_h, p->in_w) < 0) {
        TIN_WHY(why, "an image has more than 2^31 - 1 points");
        return TIN_ERR_OVERFLOW;
    }
    status = tin_act_check_f32(p->act_min, p->act_max, why);
    if (status != TIN_OK)
        return status;
    return tin_bytes_check(tin_size_mul(p->in_w, p->c), 4, why);
}

int32_t tin_gavgpool2d_f32_scratch_size(const void *params)
{
    const tin_gavgpool2d_f32_params *p = params;

    return p->c * (int32_t)sizeof(float);
}
