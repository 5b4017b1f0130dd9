/* SPDX-License-Identifier: MIT */
/*
 * measured.c: see schedule.h. The orders that are tried of a network have most
 * stages in common, so that few of them have to be simulated. A stage is known
 * by 128 bits that are mixed from all that its simulation reads. Were two ever
 * taken for one another, other stages would be chosen and the bound be another;
 * the plan is right all the same, as it is made from a trace of what runs.
 */
#include "schedule.h"

enum { SLOTS_LEAST = 256, SLOTS_MOST = 65536, ORDERS = 4 };

tin_measured *tin_measured_new(tin_pool *pool, int32_t n_steps)
{
    tin_measured *m = tin_pool_alloc(pool, sizeof *m);
    const int64_t stages = (int64_t)n_steps * ORDERS *
                           (n_steps < TIN_STAGE_MAX ? n_steps : TIN_STAGE_MAX);

    if (!m)
        return NULL;
    m->n_slots = SLOTS_LEAST;
    while (m->n_slots < SLOTS_MOST && m->n_slots < stages)
        m->n_slots *= 2;
    m->slots = tin_pool_alloc(pool, (uint64_t)m->n_slots * sizeof *m->slots);
    return m->slots ? m : NULL;
}

/* ---- What a stage is known by ------------------------------------------- */

/* Each half is as good as any: no step of the mixing loses anything. */
static void mix(tin_stage_key *k, int64_t value)
{
    k->a = (k->a ^ (uint64_t)value) * 0x9e3779b97f4a7c15u;
    k->a ^= k->a >> 32;
    k->b = (k->b + (uint64_t)value) * 0xc2b2ae3d27d4eb4fu;
    k->b ^= k->b >> 29;
}

/* Where a step is, as a stage sees it: one of its own, or before or after it,
 * or the network's user. */
static int32_t place_of(const tin_stages *t, int32_t step, int32_t first,
                        int32_t end)
{
    enum { BEFORE = -1, AFTER = TIN_STAGE_MAX, NEVER };

    if (step < first)
        return BEFORE;
    if (step == t->s->model->n_steps)
        return NEVER;
    return step < end ? step - first : AFTER;
}

/* What the steps after the stage need of it, all together. */
static void mix_later_uses(const tin_stages *t, tin_stage_key *k, int32_t root,
                           int32_t end)
{
    const tin_schedule *s = t->s;
    int64_t from = INT32_MAX, to = -1;
    int32_t i;

    for (i = s->roots[root].user; i >= 0; i = s->uses[i].other) {
        const tin_use *u = &s->uses[i];
        const int64_t low = u->need.low < 0 ? 0 : u->need.low;

        if (u->step < end || s->model->steps[u->step].rows == 0)
            continue;
        if (u->base + low < from)
            from = u->base + low;
        if (u->end < from)
            from = u->end;
        if (u->end > to)
            to = u->end;
    }
    mix(k, from);
    mix(k, to);
}

static void mix_root(const tin_stages *t, tin_stage_key *k, int32_t root,
                     int32_t first, int32_t end)
{
    const tin_root *r = &t->s->roots[root];

    mix(k, r->bytes);
    mix(k, r->rows);
    mix(k, r->row_bytes);
    mix(k, tin_root_align(t->s, root));
    mix(k, place_of(t, r->maker, first, end));
    mix(k, place_of(t, r->last_maker, first, end));
    mix(k, place_of(t, r->last_use, first, end));
    mix(k, r->many_makers);
    mix(k, r->in_parts);
    mix(k, t->s->lo->drafts[root].variable >= 0);
    mix_later_uses(t, k, root, end);
}

/* Roots are known by when the stage first names them. */
static void mix_name(tin_stages *t, tin_stage_key *k, int32_t root,
                     int32_t first, int32_t end)
{
    int32_t *name = &t->name_of[root];

    if (*name >= t->n_named || t->named[*name] != root) {
        *name = t->n_named;
        t->named[t->n_named++] = root;
        mix_root(t, k, root, first, end);
    }
    mix(k, *name);
}

static void mix_use(tin_stage_key *k, const tin_use *u)
{
    mix(k, u->row_bytes);
    mix(k, u->base);
    mix(k, u->end);
    mix(k, u->need.stride);
    mix(k, u->need.low);
    mix(k, u->need.reach);
    mix(k, u->need.shift);
}

static void mix_step(tin_stages *t, tin_stage_key *k, int32_t step,
                     int32_t first, int32_t end)
{
    const tin_schedule *s = t->s;
    const tin_step *st = &s->model->steps[step];
    const tin_kernel_info *kernel = s->lo->kernels[step];
    int32_t i;

    mix(k, kernel - tin_kernel_infos);
    mix(k, kernel->trail ? kernel->trail(st->params) : 0);
    mix(k, st->rows);
    mix(k, st->rows_log2);
    mix(k, st->at_end);
    mix(k, st->scratch);
    mix(k, st->n_in);
    for (i = 0; i < st->n_in + st->n_out; i++) {
        const tin_use *u = &s->uses[st->first_arg + i];

        if (u->root < 0) {
            mix(k, -1);
            continue;
        }
        mix_name(t, k, u->root, first, end);
        if (i < st->n_in)
            mix_use(k, u);
    }
}

tin_stage_key tin_stage_key_of(tin_stages *t, int32_t first, int32_t end)
{
    tin_stage_key key = {0, 0};
    int32_t i;

    t->n_named = 0;
    mix(&key, t->s->lo->apart);
    mix(&key, end - first);
    mix(&key, first == 0 && t->s->pushed >= 0);
    if (first == 0 && t->s->pushed >= 0)
        mix_name(t, &key, t->s->pushed, first, end);
    for (i = first; i < end; i++)
        mix_step(t, &key, i, first, end);
    return key;
}

/* A stage takes the slot of another one that falls on the same. */
tin_measure *tin_measured_at(const tin_measured *m, tin_stage_key key)
{
    tin_measure *slot = &m->slots[key.a & (uint64_t)(m->n_slots - 1)];

    if (slot->key.a != key.a || slot->key.b != key.b) {
        slot->key = key;
        slot->is_known = 0;
    }
    return slot;
}
