/* SPDX-License-Identifier: MIT */
/* tin_matmul_s16: see tinyinfer_matmul.h. */
#include "tinyinfer_matmul.h"

static int64_t dot(const tin_matmul_walk *w, const int16_t *a, const int16_t *b,
                   int32_t k)
{
    int64_t sum = 0; // |sum| <= 2^17 * 2^30

    for (int32_t i = 0; i < k; i++, a += w->a_step, b += w->b_step)
        sum += (int32_t)*a * *b;
    return sum;
}

void tin_matmul_s16(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_matmul_s16_params *p = params;
    const tin_matmul_shape *s = &p->shape;
    const tin_matmul_walk w = tin_matmul_steps(s);

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        int16_t *to = tin_row(out, y);
        const void *a, *b;

        tin_matmul_rows(s, in, y, &a, &b);
        for (int32_t l = 0; l < s->lines; l++) {
            const int16_t *line = (const int16_t *)a + (size_t)l * w.a_line;
            const int16_t *column = b;

            for (int32_t j = 0; j < s->n; j++, column += w.b_column) {
                const int32_t sum = tin_requantize_s64(
                    dot(&w, line, column, s->k), p->multiplier, p->shift);

                *to++ = (int16_t)tin_clamp(sum, INT16_MIN, INT16_MAX);
            }
        }
    }
}

tin_status tin_matmul_s16_check(const void *params, const char **why)
{
    const tin_matmul_s16_params *p = params;
    const tin_status status = tin_matmul_check(&p->shape, 2, why);

    if (status != TIN_OK)
        return status;
    if (p->shape.k > (int32_t)1 << 17)
        return TIN_WHY(why, "a sum of products can exceed 48 bits"),
               TIN_ERR_OVERFLOW;
    return tin_scale_check(p->multiplier, p->shift, 14, why);
}
