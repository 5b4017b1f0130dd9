/* SPDX-License-Identifier: MIT */
/* tin_rescale: see tinyinfer_s16.h. */
#include "tinyinfer_s16.h"

static int32_t load(const void *row, int32_t bytes, int32_t i)
{
    switch (bytes) {
    case 1: return ((const int8_t *)row)[i];
    case 2: return ((const int16_t *)row)[i];
    default: return ((const int32_t *)row)[i];
    }
}

static void store(void *row, int32_t bytes, int32_t i, int64_t y)
{
    const int64_t most = ((int64_t)1 << (8 * bytes - 1)) - 1;
    const int32_t x = (int32_t)(y > most        ? most
                                : y < -most - 1 ? -most - 1
                                                : y);

    switch (bytes) {
    case 1: ((int8_t *)row)[i] = (int8_t)x; break;
    case 2: ((int16_t *)row)[i] = (int16_t)x; break;
    default: ((int32_t *)row)[i] = x; break;
    }
}

void tin_rescale(const void *params, const tin_rows *in, const tin_rows *out,
                 int32_t y0, int32_t y1, void *scratch)
{
    const tin_rescale_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const void *from = tin_row(in, y);
        void *to = tin_row(out, y);

        for (int32_t i = 0; i < p->row_elems; i++) {
            const uint32_t x = (uint32_t)load(from, p->in_bytes, i);
            const int32_t moved = (int32_t)(x - (uint32_t)p->in_zero);

            store(to, p->out_bytes, i,
                  (int64_t)tin_requantize(moved, p->multiplier, p->shift) +
                      p->out_zero);
        }
    }
}

static int is_width(int32_t bytes)
{
    return bytes == 1 || bytes == 2 || bytes == 4;
}

static int fits(int32_t zero, int32_t bytes)
{
    return bytes == 4 ||
           (zero >= -(1 << (8 * bytes - 1)) && zero < 1 << (8 * bytes - 1));
}

tin_status tin_rescale_check(const void *params, const char **why)
{
    const tin_rescale_params *p = params;

    if (!is_width(p->in_bytes) || !is_width(p->out_bytes))
        return TIN_WHY(why, "elements are not of 1, 2 or 4 bytes"), TIN_ERR_ARG;
    if (!fits(p->in_zero, p->in_bytes) || !fits(p->out_zero, p->out_bytes))
        return TIN_WHY(why, "a zero point does not fit its type"),
               TIN_ERR_QUANT;
    if (tin_scale_check(p->multiplier, p->shift, 30, why))
        return TIN_ERR_QUANT;
    return tin_row_check(p->row_elems, 4, why);
}
