/* SPDX-License-Identifier: MIT */
/*
 * layout_plans.c: plans, and those that were made before. Other orders of a
 * network, and other limits for its stages, often come to the same buffers: a
 * plan of these is made but once.
 */
#include "layout.h"

#include <string.h>

enum { PLANS_MOST = 64 };

typedef struct {
    tin_plan_buffer *buffers; /* with their offsets */
    tin_plan_overlap *overlaps;
    int32_t n_buffers, n_overlaps;
    int32_t goal;
    int64_t work_limit;
    tin_plan_result result;
} made;

struct tin_plans {
    made made[PLANS_MOST];
    int32_t n;
    void *work; /* of the planner */
    size_t work_bytes;
};

tin_plans *tin_plans_new(tin_pool *pool)
{
    return tin_pool_alloc(pool, sizeof(tin_plans));
}

/* ---- What was made before ----------------------------------------------- */

static int are_same_buffers(const tin_plan_buffer *a, const tin_plan_buffer *b,
                            int32_t n)
{
    int32_t i;

    for (i = 0; i < n; i++)
        if (a[i].lower != b[i].lower || a[i].upper != b[i].upper ||
            a[i].bytes != b[i].bytes || a[i].align != b[i].align)
            return 0;
    return 1;
}

static int are_same_overlaps(const tin_plan_overlap *a,
                             const tin_plan_overlap *b, int32_t n)
{
    int32_t i;

    for (i = 0; i < n; i++)
        if (a[i].below != b[i].below || a[i].above != b[i].above ||
            a[i].distance != b[i].distance)
            return 0;
    return 1;
}

static const made *find(const layout *l, int32_t goal, int64_t work_limit)
{
    const tin_plans *p = l->lo->plans;
    int32_t i;

    for (i = 0; i < p->n; i++) {
        const made *m = &p->made[i];

        if (m->n_buffers == l->n_buffers && m->n_overlaps == l->n_overlaps &&
            m->goal == goal && m->work_limit == work_limit &&
            are_same_buffers(m->buffers, l->buffers, l->n_buffers) &&
            are_same_overlaps(m->overlaps, l->overlaps, l->n_overlaps))
            return m;
    }
    return NULL;
}

/* Where there is no memory for it, it is not remembered. */
static void remember(const layout *l, int32_t goal, int64_t work_limit,
                     const tin_plan_result *result)
{
    tin_plans *p = l->lo->plans;
    const size_t buffers = (size_t)l->n_buffers * sizeof *l->buffers;
    const size_t overlaps = (size_t)l->n_overlaps * sizeof *l->overlaps;
    made *m = &p->made[p->n];

    if (p->n == PLANS_MOST)
        return;
    m->buffers = tin_pool_alloc(l->lo->pool, buffers);
    m->overlaps = tin_pool_alloc(l->lo->pool, overlaps);
    if (!m->buffers || !m->overlaps)
        return;
    if (buffers > 0)
        memcpy(m->buffers, l->buffers, buffers);
    if (overlaps > 0)
        memcpy(m->overlaps, l->overlaps, overlaps);
    m->n_buffers = l->n_buffers;
    m->n_overlaps = l->n_overlaps;
    m->goal = goal;
    m->work_limit = work_limit;
    m->result = *result;
    p->n++;
}

/* ---- Planning ----------------------------------------------------------- */

static int make_room(layout *l)
{
    tin_plans *p = l->lo->plans;
    const size_t bytes = tin_plan_work_size(l->n_buffers);

    if (bytes <= p->work_bytes)
        return 1;
    p->work_bytes = 0;
    p->work = tin_pool_alloc(l->lo->pool, bytes);
    if (p->work)
        p->work_bytes = bytes;
    return p->work != NULL;
}

tin_status tin_place_buffers(layout *l, int32_t goal, int64_t work_limit,
                             tin_plan_result *result)
{
    const made *m = find(l, goal, work_limit);
    tin_status status;
    int32_t i;

    if (m) {
        for (i = 0; i < l->n_buffers; i++)
            l->buffers[i].offset = m->buffers[i].offset;
        *result = m->result;
        return TIN_OK;
    }
    if (!make_room(l))
        return TIN_ERR_MEMORY;
    status = tin_plan(l->buffers, l->n_buffers, l->overlaps, l->n_overlaps,
                      goal, work_limit, l->lo->plans->work,
                      l->lo->plans->work_bytes, result);
    if (status == TIN_OK)
        remember(l, goal, work_limit, result);
    return status;
}
