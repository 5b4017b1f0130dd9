/* SPDX-License-Identifier: MIT */
/* plan.c: see tinyinfer.h. Largest buffer first, each at the lowest offset
 * that is free during its whole life. */
#include "tinyinfer.h"

size_t tin_plan_work_size(int32_t n)
{
    return (size_t)n * sizeof(int32_t) + 8;
}

static int meet(const tin_plan_buffer *a, const tin_plan_buffer *b)
{
    return a->lower < b->upper && b->lower < a->upper;
}

static int64_t load_at(const tin_plan_buffer *b, int32_t n, int32_t time)
{
    int64_t load = 0;
    int32_t i;

    for (i = 0; i < n; i++)
        if (b[i].lower <= time && time < b[i].upper)
            load += b[i].bytes;
    return load;
}

/* The lowest offset >= 0 at which b[i] meets none of the placed ones. */
static int64_t lowest(const tin_plan_buffer *b, const int32_t *placed,
                      int32_t n_placed, int32_t i)
{
    int64_t at = 0;
    int32_t k;

    for (k = 0; k < n_placed; k++) {
        const tin_plan_buffer *p = &b[placed[k]];

        if (meet(p, &b[i]) && at < (int64_t)p->offset + p->bytes &&
            p->offset < at + b[i].bytes) {
            at = (int64_t)p->offset + p->bytes;
            at = (at + b[i].align - 1) & -(int64_t)b[i].align;
            k = -1;
        }
    }
    return at;
}

tin_status tin_plan(tin_plan_buffer *b, int32_t n, int32_t goal_bytes,
                    int64_t work_limit, void *work, size_t work_bytes,
                    tin_plan_result *result)
{
    int32_t *placed = work, i, k;
    int64_t peak = 0, bound = 0;

    (void)goal_bytes, (void)work_limit;
    if (work_bytes < tin_plan_work_size(n))
        return TIN_ERR_ARG;
    result->binding_time = 0;
    for (i = 0; i < n; i++) {
        const int64_t load = load_at(b, n, b[i].lower);

        if (load > bound) {
            bound = load;
            result->binding_time = b[i].lower;
        }
        for (k = i; k > 0 && b[placed[k - 1]].bytes < b[i].bytes; k--)
            placed[k] = placed[k - 1];
        placed[k] = i;
    }
    for (i = 0; i < n; i++) {
        const int64_t at = lowest(b, placed, i, placed[i]);

        if (at + b[placed[i]].bytes > INT32_MAX)
            return TIN_ERR_OVERFLOW;
        b[placed[i]].offset = (int32_t)at;
        if (at + b[placed[i]].bytes > peak)
            peak = at + b[placed[i]].bytes;
    }
    result->peak_bytes = (int32_t)peak;
    result->lower_bound_bytes = (int32_t)bound;
    result->optimal = peak == bound;
    result->work = 0;
    return TIN_OK;
}
