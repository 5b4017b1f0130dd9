/* SPDX-License-Identifier: MIT */
/*
 * tin_matmul_s8: see tinyinfer_matmul.h.
 *
 * The zero point of b is taken out of a whole line at once:
 * sum of (a - a_zero) * (b - b_zero) = sum of (a - a_zero) * b
 * - b_zero * sum of (a - a_zero); both stay within k * 255 * 128 < 2^31.
 */
#include "tinyinfer_matmul.h"

/* What a line of a is worth times b_zero. */
static int32_t zero_part(const tin_matmul_s8_params *p, size_t step,
                         const int8_t *a)
{
    int32_t sum = 0;

    for (int32_t i = 0; i < p->shape.k; i++, a += step)
        sum += *a - p->a_zero;
    return sum * p->b_zero;
}

static int32_t dot(const tin_matmul_s8_params *p, const tin_matmul_walk *w,
                   const int8_t *a, const int8_t *b)
{
    int32_t sum = 0;

    for (int32_t i = 0; i < p->shape.k; i++, a += w->a_step, b += w->b_step)
        sum += (*a - p->a_zero) * *b;
    return sum;
}

/* The same for four columns: they share what is loaded of a. */
static void dot4(const tin_matmul_s8_params *p, const tin_matmul_walk *w,
                 const int8_t *a, const int8_t *b, int32_t sum[4])
{
    const size_t a_step = w->a_step, b_step = w->b_step;
    const int8_t *b1 = b + w->b_column, *b2 = b1 + w->b_column;
    const int8_t *b3 = b2 + w->b_column;
    const int32_t zero = p->a_zero;
    int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    size_t at = 0;

    for (int32_t i = p->shape.k; i > 0; i--, a += a_step, at += b_step) {
        const int32_t x = *a - zero;

        s0 += x * b[at];
        s1 += x * b1[at];
        s2 += x * b2[at];
        s3 += x * b3[at];
    }
    sum[0] = s0;
    sum[1] = s1;
    sum[2] = s2;
    sum[3] = s3;
}

static void make_line(const tin_matmul_s8_params *p, const tin_matmul_walk *w,
                      const int8_t *a, const int8_t *b, int8_t *out)
{
    const int32_t zeros = zero_part(p, w->a_step, a), n = p->shape.n;

    for (int32_t j = 0, some; j < n; j += some) {
        int32_t sum[4];

        some = n - j < 4 ? 1 : 4;
        if (some == 4)
            dot4(p, w, a, b, sum);
        else
            sum[0] = dot(p, w, a, b);
        for (int32_t i = 0; i < some; i++)
            *out++ = tin_output_s8(sum[i] - zeros, p->multiplier, p->shift,
                                   p->out_zero, -128, 127);
        b += (size_t)some * w->b_column;
    }
}

void tin_matmul_s8(const void *params, const tin_rows *in, const tin_rows *out,
                   int32_t y0, int32_t y1, void *scratch)
{
    const tin_matmul_s8_params *p = params;
    const tin_matmul_shape *s = &p->shape;
    const tin_matmul_walk w = tin_matmul_steps(s);

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        int8_t *to = tin_row(out, y);
        const void *a, *b;

        tin_matmul_rows(s, in, y, &a, &b);
        for (int32_t l = 0; l < s->lines; l++, to += s->n)
            make_line(p, &w, (const int8_t *)a + (size_t)l * w.a_line, b, to);
    }
}

tin_status tin_matmul_s8_check(const void *params, const char **why)
{
    const tin_matmul_s8_params *p = params;
    tin_status status = tin_matmul_check(&p->shape, 1, why);

    if (status == TIN_OK && p->shape.k > 33025)
        return TIN_WHY(why, "a sum of products can exceed 32 bits"),
               TIN_ERR_OVERFLOW;
    if (status == TIN_OK)
        status = tin_zero_check(p->a_zero, why);
    if (status == TIN_OK)
        status = tin_zero_check(p->b_zero, why);
    if (status == TIN_OK)
        status = tin_zero_check(p->out_zero, why);
    if (status == TIN_OK)
        status = tin_scale_check(p->multiplier, p->shift, 30, why);
    return status;
}
