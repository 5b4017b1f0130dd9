/* SPDX-License-Identifier: MIT */
/*
 * seen.c: partial plans that a search has met.
 *
 * Other orders of placing the same rects often end in much the same way. If an
 * earlier partial plan held the same rects and its tops were nowhere higher,
 * then what can be put on the later one can be put on the earlier. The earlier
 * one has been searched to its end: the search is not inside of it, for all
 * that is inside holds more rects. It failed, or the search would be over. So
 * the later one fails too.
 *
 * For this to hold, a partial plan may be refused for want of a better one
 * only if that has the same rects at the bottom: see the rules in valleys.c.
 *
 * A row of the table holds one partial plan: the number of its run, a bit for
 * each rect placed, and the tops of the slices where something is to come.
 * Rows are found by a hash of the bits; a plan takes the place of an older one.
 */
#include "skyline.h"

#include <string.h>

enum { WORDS_PER_RECT = 1024, RUN = 0, BITS = 1 };

void tin_seen_take(tin_seen *m, tin_plan_memory *memory, int32_t n)
{
    // a row is at most as long as two rects' words, for there to be one spare
    m->n_words = n * WORDS_PER_RECT + 4 * n + 8;
    m->words = tin_plan_take(memory, (size_t)m->n_words, sizeof *m->words);
}

void tin_seen_open(tin_seen *m, const tin_rects *problem)
{
    m->tops = BITS + (problem->n + 31) / 32;
    m->stride = m->tops + problem->n_slices;
    m->n_rows = m->n_words / m->stride - 1;
    memset(m->words, 0, (size_t)m->n_words * sizeof *m->words);
}

static uint32_t *row(const tin_seen *m, uint32_t i)
{
    return m->words + (size_t)i * (size_t)m->stride;
}

/* Writes the partial plan to a row; returns the hash of its bits. */
static uint32_t describe(const tin_seen *m, const tin_skyline *s, uint32_t run,
                         uint32_t *to)
{
    const tin_rects *r = s->problem;
    uint32_t hash = 0;
    int32_t i, k;

    memset(to, 0, (size_t)m->stride * sizeof *to);
    to[RUN] = run;
    for (i = 0; i < s->n_placed; i++)
        to[BITS + s->placed[i] / 32] |= (uint32_t)1 << s->placed[i] % 32;
    for (i = BITS; i < m->tops; i++) {
        hash = (hash ^ to[i]) * 2654435761u;
        hash ^= hash >> 15;
    }
    for (k = 0; k < r->n_slices; k++) {
        const int32_t q = s->owner[k];

        if (s->rest[k] > 0 && q >= 0)
            to[m->tops + k] =
                (uint32_t)s->offset[q] + (uint32_t)r->rects[q].bytes;
    }
    return hash;
}

int tin_seen_before(tin_seen *m, const tin_skyline *s, uint32_t run)
{
    uint32_t *now = row(m, (uint32_t)m->n_rows); // the spare one
    const uint32_t hash = describe(m, s, run, now);
    uint32_t *old = row(m, hash % (uint32_t)m->n_rows);
    int32_t k = 0;

    while (k < m->tops && old[k] == now[k])
        k++;
    while (k >= m->tops && k < m->stride && old[k] <= now[k])
        k++;
    if (k == m->stride)
        return 1;
    memcpy(old, now, (size_t)m->stride * sizeof *old);
    return 0;
}
