/* SPDX-License-Identifier: MIT */
/* tin_leaky_relu_s16: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

void tin_leaky_relu_s16(const void *params, const tin_rows *in,
                        const tin_rows *out, int32_t y0, int32_t y1,
                        void *scratch)
{
    const tin_leaky_relu_s16_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int16_t *from = tin_row(in, y);
        int16_t *to = tin_row(out, y);

        for (int32_t i = 0; i < p->row_elems; i++) {
            const int32_t x = from[i];
            const int32_t r =
                x < 0 ? tin_requantize(x, p->neg_multiplier, p->neg_shift)
                      : tin_requantize(x, p->multiplier, p->shift);

            to[i] = (int16_t)tin_clamp(r, p->act_min, p->act_max);
        }
    }
}

tin_status tin_leaky_relu_s16_check(const void *params, const char **why)
{
    const tin_leaky_relu_s16_params *p = params;

    if (p->multiplier == INT32_MIN || p->neg_multiplier == INT32_MIN ||
        p->shift < -31 || p->shift > 15 || p->neg_shift < -31 ||
        p->neg_shift > 15)
        return TIN_WHY(why, "multiplier or shift out of range"), TIN_ERR_QUANT;
    if (p->act_min < -32768 || p->act_min > p->act_max || p->act_max > 32767)
        return TIN_WHY(why, "the output clamp is empty or not int16"),
               TIN_ERR_QUANT;
    return tin_row_check(p->row_elems, 2, why);
}
