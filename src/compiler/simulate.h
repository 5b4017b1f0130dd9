/* SPDX-License-Identifier: MIT */
/*
 * simulate.h: the inside of schedule.h. A stage is simulated just as the
 * runtime runs it, several times over: rings.c finds how long its rings must
 * be and which of them can share their slots, trace.c tells what lives when.
 */
#ifndef TIN_SIMULATE_H
#define TIN_SIMULATE_H

#include "schedule.h"

/* One moment: `step` computes rows y .. y + n - 1 of its work, or the caller
 * pushes row y (step -1, n 1). */
typedef struct {
    int32_t step, y, n;
} tin_moment;

/* The state of a stage. */
typedef struct {
    const tin_schedule *s;
    int32_t first, end;
    int32_t pushing;   /* 1: the caller pushes rows into this stage */
    int32_t pushed;    /* rows */
    int32_t latest;    /* no step after this one can run */
    int32_t at;        /* moments so far */
    int32_t n_noted;   /* moments that are known from the time before */
    int32_t n_members; /* rings that might share their slots */
} tin_simulation;

void tin_sim_begin(tin_simulation *sim, const tin_schedule *s, int32_t first,
                   int32_t end);

/* Once more from the beginning: the moments are the same as before. */
void tin_sim_again(tin_simulation *sim);

/* The next moment, not yet counted as done. Returns 0 at the end. */
int tin_sim_next(const tin_simulation *sim, tin_moment *m);

void tin_sim_count(tin_simulation *sim, const tin_moment *m);

/* The root that a step writes; that of the pushed input for -1. */
static inline int32_t tin_output_root(const tin_schedule *s, int32_t step)
{
    const tin_step *st;

    if (step < 0)
        return s->pushed;
    st = &s->model->steps[step];
    return s->uses[st->first_arg + st->n_in].root;
}

/* Is the tensor made and used up inside the stage? */
static inline int tin_is_internal(const tin_simulation *sim, int32_t root)
{
    const tin_root *r = &sim->s->roots[root];

    if (r->last_use >= sim->end)
        return 0;
    if (r->maker < 0)
        return root == sim->s->pushed && sim->pushing;
    return r->maker >= sim->first;
}

static inline int tin_is_ring(const tin_simulation *sim, int32_t root)
{
    return tin_is_internal(sim, root) &&
           sim->s->rings[root].own < sim->s->roots[root].rows &&
           tin_is_streamed(sim->s, sim->first, sim->end);
}

/* Finds out how much of a root is written and dead. The simulation does so by
 * itself for those that the stage's steps read and write. */
void tin_sim_look(const tin_simulation *sim, int32_t root);

/* Bytes of a root that may have been written; bytes in front of what this or a
 * later stage still needs. */
static inline int32_t tin_written(const tin_simulation *sim, int32_t root)
{
    return sim->s->parts[root].written;
}

static inline int32_t tin_dead(const tin_simulation *sim, int32_t root)
{
    return sim->s->parts[root].dead;
}

/* What of a root that is no ring lives. */
tin_extent tin_live_part(const tin_simulation *sim, int32_t root);

/* ---- rings.c ------------------------------------------------------------ */

/* Sets the stage's rings, each with slots of its own; the simulation is at its
 * beginning before, and afterwards at its end. Returns its moments. */
int64_t tin_find_rings(tin_simulation *sim);

/* Has the stage rings that might share their slots? */
int tin_may_share_rings(const tin_simulation *sim);

/* Finds out how they follow each other; the simulation is at its beginning
 * before, and afterwards at its end. */
void tin_find_lags(tin_simulation *sim);

/*
 * Lets them share where that takes fewer slots; now they are apart. Returns 0
 * where none do.
 *
 * A ring that is made from another one, its rows equally long, mostly follows
 * it row by row: the older rows of the one are used up when those of the other
 * are made. If they never have most rows at the same time, the two together
 * fit in fewer slots than they take apart. Row y of the one that follows lies
 * where row y + shift of the other would, and shift is such that all its rows
 * lie behind those that the other one still has.
 */
int tin_share_rings(const tin_simulation *sim);

/* Gives each ring slots of its own again. */
void tin_part_rings(const tin_simulation *sim);

/* Does no ring in the buffer of this one hold a row? */
int tin_ring_is_empty(const tin_simulation *sim, int32_t root);

#endif /* TIN_SIMULATE_H */
