/* SPDX-License-Identifier: MIT */
/* tin_add_n_s8: see tinyinfer_binary.h. */
#include "tinyinfer_binary.h"

static int32_t rescale(const tin_add_n_s8_params *p, int32_t x)
{
    return tin_requantize(tin_shift_left(x - p->in_zero, p->left_shift),
                          p->in_multiplier, p->in_shift);
}

/* Element i of all inputs, rescaled and added up; and a 0, as the reference
 * has it. */
static int32_t sum(const tin_add_n_s8_params *p, const int8_t *const *from,
                   int32_t i)
{
    int32_t total = rescale(p, 0);

    for (int32_t k = 0; k < p->n_in; k++)
        total += rescale(p, from[k][i]);
    return total;
}

void tin_add_n_s8(const void *params, const tin_rows *in, const tin_rows *out,
                  int32_t y0, int32_t y1, void *scratch)
{
    const tin_add_n_s8_params *p = params;
    const int8_t *from[TIN_ADD_N_MAX];

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        int8_t *to = tin_row(out, y);

        for (int32_t k = 0; k < p->n_in; k++)
            from[k] = tin_row(&in[k], y);
        for (int32_t i = 0; i < p->row_elems; i++)
            to[i] =
                (int8_t)tin_binary_output(sum(p, from, i), p->out_multiplier,
                                          p->out_shift, p->out_zero, -128, 127);
    }
}

tin_status tin_add_n_s8_check(const void *params, const char **why)
{
    const tin_add_n_s8_params *p = params;
    tin_status status;

    if (p->n_in < 1 || p->n_in > TIN_ADD_N_MAX)
        return TIN_WHY(why, "n_in is not within 1 .. 7"), TIN_ERR_ARG;
    if ((status = tin_row_check(p->row_elems, 1, why)) ||
        (status = tin_zero_check(p->in_zero, why)) ||
        (status = tin_zero_check(p->out_zero, why)) ||
        (status = tin_scale_check(p->in_multiplier, p->in_shift, 0, why)) ||
        (status = tin_scale_check(p->out_multiplier, p->out_shift, 30, why)))
        return status;
    if (p->left_shift < 0 || p->left_shift > 20 ||
        (p->in_shift == 0 && p->in_multiplier > (int32_t)1 << 30))
        return TIN_WHY(why, "a sum can exceed 32 bits"), TIN_ERR_QUANT;
    return TIN_OK;
}
