/* SPDX-License-Identifier: MIT */
/* layout_regions.c: an arena that is spread over several memories: each takes
 * the hottest buffers that fit, and leaves the rest to the next one. */
#include "layout.h"

/* How often a byte of the buffer is written and read in an inference. */
static double heat(const layout *l, int32_t buffer)
{
    const tin_root *r;
    int32_t i, touches = 1;

    if (buffer >= tin_scratch_buffer(l->s, 0))
        return 1e30; // scratch and progress: the first memory, always
    r = &l->s->roots[buffer];
    for (i = r->user; i >= 0; i = l->s->uses[i].other)
        touches += l->s->uses[i].need.reach - l->s->uses[i].need.low < 64
                       ? l->s->uses[i].need.reach - l->s->uses[i].need.low
                       : 1;
    return (double)touches * (double)r->bytes / (double)l->lives[buffer].bytes;
}

static void sort_by_heat(const layout *l, int32_t *order)
{
    int32_t i, k;

    for (i = 0; i < l->n_buffers; i++) {
        for (k = i; k > 0 &&
                    heat(l, l->life_of[order[k - 1]]) < heat(l, l->life_of[i]);
             k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
}

/* The buffers of `all` that `chosen` names, with the overlaps among them. */
typedef struct {
    tin_plan_buffer *buffers;
    tin_plan_overlap *overlaps;
    int32_t *chosen, *index; /* index: of a buffer in `chosen`, or -1 */
    int32_t n, n_overlaps;
} subset;

static void gather(const layout *l, subset *x)
{
    int32_t i;

    x->n_overlaps = 0;
    for (i = 0; i < l->n_buffers; i++)
        x->index[i] = -1;
    for (i = 0; i < x->n; i++) {
        x->buffers[i] = l->buffers[x->chosen[i]];
        x->index[x->chosen[i]] = i;
    }
    for (i = 0; i < l->n_overlaps; i++) {
        tin_plan_overlap o = l->overlaps[i];

        o.below = x->index[o.below];
        o.above = x->index[o.above];
        if (o.below >= 0 && o.above >= 0)
            x->overlaps[x->n_overlaps++] = o;
    }
}

/* Plans the subset until it takes `enough` bytes or no fewer can be found;
 * returns 0 if it needs more than `most`. */
static int fits(const layout *l, subset *x, int64_t enough, int64_t most,
                int64_t work_limit, tin_plan_result *result)
{
    const size_t bytes = tin_plan_work_size(x->n);
    void *work = tin_pool_alloc(l->lo->pool, bytes);

    gather(l, x);
    return work &&
           tin_plan(x->buffers, x->n, x->overlaps, x->n_overlaps,
                    enough < INT32_MAX ? (int32_t)enough : 0, work_limit, work,
                    bytes, result) == TIN_OK &&
           result->peak_bytes <= most;
}

static int new_subset(const layout *l, subset *x)
{
    const size_t n = (size_t)l->n_buffers;

    x->buffers = tin_new(l->lo, n * sizeof *x->buffers);
    x->overlaps = tin_new(l->lo, (size_t)l->n_overlaps * sizeof *x->overlaps);
    x->chosen = tin_new(l->lo, n * sizeof *x->chosen);
    x->index = tin_new(l->lo, n * sizeof *x->index);
    x->n = 0;
    return x->buffers && x->overlaps && x->chosen && x->index;
}

/* Fills one memory with the hottest buffers of `order` that fit together, and
 * takes them out of it. Returns how many are left. */
static int32_t fill_region(layout *l, int32_t region, int64_t most,
                           int32_t *order, int32_t n, subset *x,
                           tin_plan_result *result)
{
    enum { QUICK = 60, LONG = 1000000 };
    int32_t i, left = 0;

    x->n = 0;
    for (i = 0; i < n; i++) {
        x->chosen[x->n++] = order[i];
        if (fits(l, x, most, most, QUICK, result))
            continue;
        x->n--;
        order[left++] = order[i];
    }
    if (x->n > 0 && fits(l, x, 0, most, LONG / (x->n + 1), result))
        for (i = 0; i < x->n; i++) {
            l->buffers[x->chosen[i]].offset = x->buffers[i].offset;
            l->lives[l->life_of[x->chosen[i]]].region = (uint8_t)region;
        }
    else
        result->peak_bytes = 0;
    return left;
}

/* Scratch and counts of rows must be there: the runtime looks nowhere else. */
static int in_first_region(const layout *l)
{
    int32_t i;

    for (i = tin_scratch_buffer(l->s, 0); i < l->n_lives; i++)
        if (l->lives[i].first >= 0 && l->lives[i].region > 0)
            return 0;
    return 1;
}

/* Fills the memories one after the other; the variables lie in number `state`.
 * Returns how many buffers are left, the hottest of them as order[0]. */
static int32_t fill_regions(layout *l, const tin_compile_options *o,
                            int32_t state, int32_t *order, subset *x,
                            tin_model *m)
{
    const int32_t room = tin_room_for_state(l);
    int32_t left = l->n_buffers, i;
    tin_plan_result result;

    sort_by_heat(l, order);
    l->state_region = (uint8_t)state;
    for (i = 0; i < o->n_regions; i++) {
        const int64_t most = o->regions[i].bytes - (i == state ? room : 0);

        left = fill_region(l, i, most, order, left, x, &result);
        if (i == 0)
            m->arena_bytes = result.peak_bytes;
        else
            m->more_bytes[i - 1] = result.peak_bytes;
    }
    return left;
}

/* Variables go to the first memory that leaves room for the rest: there is one
 * trial if there are none. */
tin_status tin_spread(layout *l, const tin_compile_options *o, tin_model *m)
{
    int32_t *order = tin_new(l->lo, (size_t)l->n_buffers * sizeof *order);
    int32_t left = 0, i;
    subset x;

    if (!order || !new_subset(l, &x))
        return tin_fail(l->lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    m->n_more = o->n_regions - 1;
    if ((int64_t)m->arena_bytes + tin_room_for_state(l) <= o->regions[0].bytes)
        return TIN_OK; // all of it is in the first one
    for (i = 0; i == 0 || (i < o->n_regions && l->state_bytes > 0); i++) {
        if (l->state_bytes > o->regions[i].bytes)
            continue;
        left = fill_regions(l, o, i, order, &x, m);
        if (left == 0 && in_first_region(l))
            return TIN_OK;
    }
    if (l->state_bytes > 0)
        return tin_fail(l->lo->diag, TIN_ERR_ARENA, -1,
                        "the memories are too small: one of them must hold "
                        "all %d bytes of the network's variables, and the "
                        "first one the kernels' scratch",
                        (int)l->state_bytes);
    if (left == 0)
        return tin_fail(l->lo->diag, TIN_ERR_ARENA, -1,
                        "the first memory is too small for the kernels' "
                        "scratch");
    return tin_fail(l->lo->diag, TIN_ERR_ARENA, l->lo->layer_of[0],
                    "the memories are too small: %d of %d buffers are left, "
                    "the largest of %d bytes",
                    (int)left, (int)l->n_buffers,
                    (int)l->buffers[order[0]].bytes);
}
