/* SPDX-License-Identifier: MIT */
/* tin_matmul_f32: see tinyinfer_matmul.h. */
#include "tinyinfer_matmul.h"

static float dot(const tin_matmul_walk *w, const float *a, const float *b,
                 int32_t k)
{
    float sum = 0;

    for (int32_t i = 0; i < k; i++, a += w->a_step, b += w->b_step)
        sum += *a * *b;
    return sum;
}

/* The same for four columns: they share what is loaded of a. */
static void dot4(const tin_matmul_walk *w, const float *a, const float *b,
                 int32_t k, float *out)
{
    const size_t a_step = w->a_step, b_step = w->b_step;
    const float *b1 = b + w->b_column, *b2 = b1 + w->b_column;
    const float *b3 = b2 + w->b_column;
    float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    size_t at = 0;

    for (int32_t i = k; i > 0; i--, a += a_step, at += b_step) {
        s0 += *a * b[at];
        s1 += *a * b1[at];
        s2 += *a * b2[at];
        s3 += *a * b3[at];
    }
    out[0] = s0;
    out[1] = s1;
    out[2] = s2;
    out[3] = s3;
}

void tin_matmul_f32(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_matmul_f32_params *p = params;
    const tin_matmul_shape *s = &p->shape;
    const tin_matmul_walk w = tin_matmul_steps(s);

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        float *to = tin_row(out, y);
        const void *a, *b;

        tin_matmul_rows(s, in, y, &a, &b);
        for (int32_t l = 0; l < s->lines; l++, to += s->n) {
            const float *line = (const float *)a + (size_t)l * w.a_line;
            const float *column = b;
            int32_t j = 0;

            for (; j <= s->n - 4; j += 4, column += 4 * w.b_column)
                dot4(&w, line, column, s->k, to + j);
            for (; j < s->n; j++, column += w.b_column)
                to[j] = dot(&w, line, column, s->k);
        }
    }
}

tin_status tin_matmul_f32_check(const void *params, const char **why)
{
    const tin_matmul_f32_params *p = params;

    return tin_matmul_check(&p->shape, 4, why);
}
