/* SPDX-License-Identifier: MIT */
/*
 * schedule.h: in which order rows are computed, and so which rows of which
 * tensor must be in memory when.
 *
 * Steps run in the order of the model, cut into stages. A stage of one step
 * computes all its rows; in a longer one the steps run together, depth first,
 * as tin_stage describes. Everything follows from a simulation of just what
 * the runtime will do, one moment for each row that is computed:
 *
 *   - a tensor that is made and used up inside a stage is a ring of as many
 *     rows as are ever needed at once. It takes all of them while it holds one.
 *     Several rings share their slots where that needs fewer bytes;
 *   - any other tensor is resident. It grows from its first row to its last
 *     while it is made, and its rows die from the first to the last while the
 *     last step that needs them runs. What is not live can be given away.
 */
#ifndef TIN_SCHEDULE_H
#define TIN_SCHEDULE_H

#include "lower.h"

/* A tensor that owns storage in the arena. */
typedef struct {
    int32_t bytes, rows, row_bytes; /* as its maker sees it */
    int32_t maker;                  /* step, or -1: an input of the network */
    int32_t last_use;               /* step; the number of steps: an output, or
                                       a variable */
    int32_t many_makers;            /* several steps write parts of it */
    int32_t last_maker;             /* of these */
    int32_t in_parts;               /* and see no more than theirs */
    int32_t user;                   /* the last use, see tin_use; -1: none */
    int32_t value;                  /* that it is the tensor of, or -1 */
} tin_root;

/* A use of a root by a step: one for each input, beside the model's args. */
typedef struct {
    int32_t root;      /* draft index, or -1: a constant */
    int32_t row_bytes; /* of the view that the step has of it */
    int32_t base, end; /* the view's rows: those of the root from here to there
                        */
    tin_need need;
    int32_t step;
    int32_t other; /* the use of the same root before this one, or -1 */
} tin_use;

/* The bytes lo .. hi - 1 of a buffer are live. With lo == hi > 0 nothing is,
 * but what lies above hi must stay above it. */
typedef struct {
    int32_t lo, hi;
} tin_extent;

/* How far a root is, in bytes from its start. */
typedef struct {
    int32_t written; /* may have been */
    int32_t used;    /* nobody will read them again */
    int32_t dead;    /* so they need not be kept */
} tin_part;

/* How a stage keeps one of its internal tensors. */
typedef struct {
    int32_t rows;   /* slots of the ring; 0: all of it is kept */
    int32_t first;  /* the slot of row 0 */
    int32_t host;   /* the root whose buffer it lies in: several may share it */
    int32_t own;    /* most rows of its own that are needed at once */
    int32_t shift;  /* see simulate.h, as are the next two */
    int32_t next;   /* another root in that buffer, or -1 */
    int32_t member; /* its number among those that might share, or -1 */
    int32_t lower, upper; /* it holds rows at the times lower .. upper - 1 */
} tin_ring;

/* Two rings that might share: `ahead` is made before `behind`. */
typedef struct {
    int32_t gap;  /* least of ahead's first row - behind's end */
    int32_t span; /* most of ahead's end - behind's first row */
} tin_lag;

enum { TIN_NOTED_MAX = 65536 }; /* moments of a stage that are noted */
enum { TIN_SHARE_MAX = 64 }; /* rings of a stage that are looked at for that */

typedef struct {
    tin_lowering *lo;
    const tin_model *model;
    tin_root *roots;     /* per draft; those of views mean nothing */
    tin_use *uses;       /* per arg */
    uint8_t *whole;      /* per step: 1: must not share a stage */
    int32_t pushed;      /* root of the streamed input, or -1 */
    int32_t *done;       /* per step, work of the simulation: rows done */
    uint16_t *noted;     /* [TIN_NOTED_MAX], likewise: what runs when */
    int32_t *at_once;    /* per step, likewise: rows of a call */
    tin_part *parts;     /* per root, likewise */
    tin_ring *rings;     /* per root, work of the trace */
    int32_t *members;    /* [TIN_SHARE_MAX], roots, likewise */
    tin_lag *lags;       /* [TIN_SHARE_MAX][TIN_SHARE_MAX], likewise */
    tin_extent *extents; /* per buffer, likewise */
} tin_schedule;

/* Reads the steps of a lowered model. stream_input: input 0 is pushed. */
tin_status tin_schedule_init(tin_schedule *s, tin_lowering *lo,
                             const tin_model *model, int stream_input);

/*
 * The arena's buffers are numbered: the root tensors as in the drafts, then a
 * scratch buffer for each step, then the progress of a stage, numbered by its
 * first step.
 */
int32_t tin_count_buffers(const tin_schedule *s);
int32_t tin_scratch_buffer(const tin_schedule *s, int32_t step);
int32_t tin_progress_buffer(const tin_schedule *s, int32_t first);

/* Of a root's first byte. */
int32_t tin_root_align(const tin_schedule *s, int32_t root);

/* What a trace of a stage tells, in the order of time. */
typedef struct tin_tracer tin_tracer;
struct tin_tracer {
    /* From `time` on, this much of the buffer is live. */
    void (*live)(tin_tracer *t, int32_t time, int32_t buffer, tin_extent e);
    /* At `time` and the next two a row of `step` is computed; -1: pushed.
     * Returns 0 to stop the trace. */
    int (*moment)(tin_tracer *t, int32_t time, int32_t step);
    tin_ring *rings; /* out, per root */
    /* Moments that were simulated, also of stages that were given up. */
    int64_t simulated;
};

/*
 * Traces the stage of the steps first .. end - 1, three times for each moment:
 * at the first its scratch is live besides what was before, at the second the
 * output's new row and all that it is computed from, at the third what is not
 * needed any more no longer is. A step that works in place overwrites the very
 * row that it reads: that row goes when the output's comes.
 *
 * Tensors that are complete when the stage begins are live then.
 * Returns the first time after the stage.
 */
int32_t tin_trace_stage(const tin_schedule *s, int32_t first, int32_t end,
                        int32_t time, tin_tracer *t);

/* Adds up what lives. */
typedef struct {
    tin_tracer tracer;
    tin_extent *extents; /* per buffer */
    int64_t load, peak;
    int64_t limit; /* a peak above it stops the trace */
    int32_t moments;
} tin_gauge;

/* Nothing lives yet; `extents` has room for one a buffer. */
void tin_gauge_init(tin_gauge *g, const tin_schedule *s, tin_extent *extents,
                    int64_t limit);

/* Is the buffer a root that lives when the stage begins, or 0? */
tin_extent tin_live_before(const tin_schedule *s, int32_t first, int32_t root);

/* Does the stage count rows in the arena? */
static inline int tin_is_streamed(const tin_schedule *s, int32_t first,
                                  int32_t end)
{
    return end - first > 1 || (first == 0 && s->pushed >= 0);
}

/* ---- measured.c: stages that were simulated already --------------------- */

/* From equal keys follow equal stages, whatever is around them. */
typedef struct {
    uint64_t a, b;
} tin_stage_key;

/* What the simulation of a stage has yielded. */
typedef struct {
    tin_stage_key key;
    int64_t peak;      /* bytes that live at the worst moment, less those that
                          do before the stage */
    int64_t limit;     /* it was given up where the peak got above that */
    int64_t simulated; /* see tin_tracer */
    int32_t calls;     /* of kernels, until then */
    int32_t is_known;  /* 0: it has yielded nothing yet */
} tin_measure;

struct tin_measured {
    tin_measure *slots;
    int32_t n_slots;  /* a power of 2 */
    int32_t left_out; /* 1: some stages could not be tried */
};

/* For a network of about so many steps; NULL without memory. */
tin_measured *tin_measured_new(tin_pool *pool, int32_t n_steps);

/* ---- stages.c: where to cut --------------------------------------------- */

/* Of every stage that might be: the bytes that live at its worst moment, and
 * how many kernel calls it makes. */
enum { TIN_STAGE_MAX = 96 }; /* steps of the longest stage that is tried */

typedef struct {
    const tin_schedule *s;
    int64_t *load;  /* [n_steps][TIN_STAGE_MAX]: first step, steps - 1 */
    int32_t *calls; /* likewise */

    int64_t *best;
    int32_t *from;
    tin_extent *extents;
    int64_t *before; /* per first step: bytes that live before it, or -1 */

    int32_t *named, *name_of; /* roots that the stage names; per root */
    int32_t n_named;
} tin_stages;

/* The stage's key; leaves the roots that it touches in `named`. */
tin_stage_key tin_stage_key_of(tin_stages *t, int32_t first, int32_t end);
/* What is known of it, or the place to note it. */
tin_measure *tin_measured_at(const tin_measured *m, tin_stage_key key);

tin_status tin_stages_init(tin_stages *t, const tin_schedule *s);

/* Measures all stages; the least number of bytes that some cutting gets by
 * with at its worst moment: no plan of this schedule needs fewer. INT64_MAX
 * if there is none. */
int64_t tin_least_load(tin_stages *t);

/* The next larger load of any stage; INT64_MAX if there is none. */
int64_t tin_next_load(const tin_stages *t, int64_t above);

/* The cuts with the fewest kernel calls among those whose stages have loads
 * of at most `limit`. `stages` has room for one a step. Returns how many
 * there are; 0: it is impossible. */
int32_t tin_cut_stages(tin_stages *t, int64_t limit, tin_stage *stages);

#endif /* TIN_SCHEDULE_H */
