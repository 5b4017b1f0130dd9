/* SPDX-License-Identifier: MIT */
/* tin_dense_s8: see tinyinfer_kernels.h. Two output channels at a time share
 * the inputs. */
#include "tinyinfer_kernels.h"

/* Adds the products of a row with the filters w and w + filter; |sum| < 2^31,
 * see Needs. */
TIN_NOINLINE static void add_row(const int8_t *restrict x,
                                 const int8_t *restrict w, int32_t filter,
                                 int32_t elems, int32_t zero, int32_t sum[2])
{
    const int8_t *end = x + elems;
    int32_t sum0 = sum[0], sum1 = sum[1];

    while (x != end) {
        const int32_t value = *x++ - zero;

        sum0 += value * w[0];
        sum1 += value * w[filter];
        w++;
    }
    sum[0] = sum0;
    sum[1] = sum1;
}

static int8_t finish(const tin_dense_s8_params *p, int32_t sum, int32_t oc)
{
    return tin_output_s8(sum, p->multiplier[oc], p->shift[oc], p->out_zero,
                         p->act_min, p->act_max);
}

/* An odd last output channel is computed twice. */
static void dense_row(const tin_dense_s8_params *p, const int8_t *restrict x,
                      int8_t *restrict dst)
{
    for (int32_t oc = 0; oc < p->out_c; oc += 2) {
        const int32_t other = oc + 1 < p->out_c ? oc + 1 : oc;
        const int8_t *w = p->weights + (size_t)oc * (size_t)p->in_c;
        int32_t sum[2] = {0, 0};

        if (p->bias) {
            sum[0] = p->bias[oc];
            sum[1] = p->bias[other];
        }
        add_row(x, w, (other - oc) * p->in_c, p->in_c, p->in_zero, sum);
        dst[oc] = finish(p, sum[0], oc);
        dst[other] = finish(p, sum[1], other);
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
