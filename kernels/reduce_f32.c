/* SPDX-License-Identifier: MIT */
/* tin_reduce_f32: see tinyinfer_reduce.h. */
#include "tinyinfer_reduce.h"

static inline float combine(int32_t op, float acc, float x)
{
    switch (op) {
    case TIN_REDUCE_MAX: return x > acc ? x : acc;
    case TIN_REDUCE_MIN: return x < acc ? x : acc;
    case TIN_REDUCE_PROD: return acc * x;
    default: return acc + x;
    }
}

/* tin_fold with an op that is known where it is compiled. */
static inline void fold_op(int32_t op, float *acc, const float *x, int32_t n,
                           int32_t step)
{
    float one = *acc;

    for (int32_t i = 0; step && i < n; i++)
        acc[i] = combine(op, acc[i], x[i]);
    if (step)
        return;
    for (int32_t i = 0; i < n; i++)
        one = combine(op, one, x[i]);
    *acc = one;
}

static void fold(const void *params, void *acc, const void *x, int32_t n,
                 int32_t step)
{
    const tin_reduce_f32_params *p = params;

    switch (p->op) {
    case TIN_REDUCE_MAX: fold_op(TIN_REDUCE_MAX, acc, x, n, step); break;
    case TIN_REDUCE_MIN: fold_op(TIN_REDUCE_MIN, acc, x, n, step); break;
    case TIN_REDUCE_PROD: fold_op(TIN_REDUCE_PROD, acc, x, n, step); break;
    default: fold_op(TIN_REDUCE_SUM, acc, x, n, step);
    }
}

/* What the accumulators begin with; FLT_MAX without <float.h>. */
static float initial(int32_t op)
{
    switch (op) {
    case TIN_REDUCE_MAX: return -3.40282347e+38f;
    case TIN_REDUCE_MIN: return 3.40282347e+38f;
    case TIN_REDUCE_PROD: return 1;
    default: return 0;
    }
}

void tin_reduce_f32(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_reduce_f32_params *p = params;
    const tin_reduce_shape *s = &p->shape;
    const int32_t kept = tin_reduce_kept(s);
    const float count =
        p->op == TIN_REDUCE_MEAN ? (float)tin_reduce_count(s) : 1;
    float *acc = scratch;

    for (int32_t y = y0; y < y1; y++) {
        const int32_t to = y / s->in_h, first = to * s->in_h;
        float *result = tin_row(out, to);

        for (int32_t i = 0; y == first && i < kept; i++)
            acc[i] = initial(p->op);
        tin_reduce_row(s, p, tin_row(in, y), 4, acc, fold);
        for (int32_t i = 0; y == first + s->in_h - 1 && i < kept; i++)
            result[i] = acc[i] / count;
    }
}

tin_status tin_reduce_f32_check(const void *params, const char **why)
{
    const tin_reduce_f32_params *p = params;

    if (p->op < TIN_REDUCE_MAX || p->op > TIN_REDUCE_MEAN)
        return TIN_WHY(why, "no such reduction"), TIN_ERR_ARG;
    return tin_reduce_check(&p->shape, 4, why);
}

int32_t tin_reduce_f32_scratch_size(const void *params)
{
    const tin_reduce_f32_params *p = params;

    return 4 * tin_reduce_kept(&p->shape);
}
