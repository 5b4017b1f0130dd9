/* SPDX-License-Identifier: MIT */
/* tin_dense_s8: see tinyinfer_kernels.h. Four output channels at a time share
 * the inputs. */
#include "tinyinfer_kernels.h"

static void dense_row(const tin_dense_s8_params *p, const int8_t *x,
                      int8_t *restrict dst)
{
    int32_t sum[4];

    for (int32_t oc = 0; oc < p->out_c; oc++) {
        const int32_t c = oc & 3, left = p->out_c - oc;

        if (c == 0) {
            sum[0] = sum[1] = sum[2] = sum[3] = 0; // |sum| < 2^31, see Needs
            tin_dots_s8(sum, x, -p->in_zero,
                        p->weights + (size_t)oc * (size_t)p->in_c, p->in_c,
                        left < 4 ? left : 4, p->in_c);
        }
        if (p->bias)
            sum[c] += p->bias[oc];
        dst[oc] = tin_output_s8(sum[c], p->multiplier[oc], p->shift[oc],
                                p->out_zero, p->act_min, p->act_max);
    }
}

void tin_dense_s8(const void *params, const tin_rows *in, const tin_rows *out,
                  int32_t y0, int32_t y1, void *scratch)
{
    const tin_dense_s8_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        dense_row(p, tin_row(in, y), tin_row(out, y));
}

tin_status tin_dense_s8_check(const void *params, const char **why)
{
    const tin_dense_s8_params *p = params;
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
    tin_status status;

    if (p->in_c < 1 || p->out_c < 1)
        return TIN_WHY(why, "a count of channels is not positive"),
               TIN_ERR_SHAPE;
    if ((status = tin_zero_check(p->in_zero, why)) != TIN_OK ||
        (status = tin_zero_check(p->out_zero, why)) != TIN_OK ||
        (status = tin_act_check(p->act_min, p->act_max, why)) != TIN_OK)
        return status;
    return tin_filters_check(&f, why);
}
