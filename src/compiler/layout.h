/* SPDX-License-Identifier: MIT */
/*
 * layout.h: the arena while it is planned. layout.c traces an inference and
 * searches for the smallest plan, layout_plans.c makes each plan but once,
 * layout_regions.c spreads one over several
 * memories, layout_slide.c plans windows that slide, layout_state.c gives
 * variables their part of it, and layout_write.c tells the model where
 * everything is.
 */
#ifndef TIN_LAYOUT_H
#define TIN_LAYOUT_H

#include "schedule.h"

/* From `time` on, this much of a buffer is live. */
typedef struct {
    int32_t time;
    tin_extent live;
    int32_t next; /* change of the same buffer, or -1 */
} change;

/* The life of one buffer. */
typedef struct {
    int32_t first, last; /* changes, or -1 */
    int32_t lower, upper;
    int32_t bytes;
    int32_t planned; /* its index among the planner's buffers */
    uint8_t region;  /* of the target's memories */
} life;

typedef struct {
    tin_tracer tracer;
    tin_lowering *lo;
    const tin_schedule *s;
    life *lives; /* per buffer, see tin_count_buffers */
    int32_t n_lives;
    change *changes;
    int32_t n_changes, cap_changes;
    int32_t *layer_at; /* per time */
    int32_t n_times, cap_times;
    int failed; /* no memory */
    tin_plan_buffer *buffers;
    int32_t *life_of; /* per planner's buffer */
    int32_t n_buffers;
    tin_plan_overlap *overlaps;
    int32_t n_overlaps, cap_overlaps;
    tin_stage *trial;
    int32_t *state_offsets; /* per variable of the graph */
    int32_t n_states, state_bytes, state_align;
    uint8_t state_region;
} layout;

/* Stages and how good a plan they make. */
typedef struct {
    tin_stage *stages;
    int32_t n_stages;
    int64_t calls; /* of kernels */
    tin_plan_result plan;
} plan;

/* Traces the inference with these stages and plans its buffers. `bound`: no
 * plan is smaller. */
tin_status tin_try_stages(layout *l, const tin_stage *stages, int32_t n_stages,
                          int64_t bound, int64_t work_limit,
                          tin_plan_result *result);

/* layout_plans.c: plans the buffers, or finds the plan of the same buffers. */
tin_status tin_place_buffers(layout *l, int32_t goal, int64_t work_limit,
                             tin_plan_result *result);

/* layout_regions.c */
tin_status tin_spread(layout *l, const tin_compile_options *o, tin_model *m);

/* layout_slide.c */
tin_status tin_plan_sliding(layout *l, plan *best);
tin_status tin_write_sliding(layout *l, tin_model *m);

/* layout_state.c: offsets and size of the variables' part; the bytes that
 * everything else in its memory has to keep away from the start; the model's
 * table of them. */
tin_status tin_size_state(layout *l);
int32_t tin_room_for_state(const layout *l);
tin_status tin_write_state(layout *l, tin_model *m);

/* layout_write.c */
tin_status tin_write_layout(layout *l, tin_program *program, tin_stage *stages);

#endif /* TIN_LAYOUT_H */
