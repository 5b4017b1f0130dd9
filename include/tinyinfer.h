/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer.h: run a network on a device.
 *
 * A network that is ready to run is a tin_model: const tables of tensors,
 * steps and parameters. `tinyinfer compile` prints one as C for your
 * firmware; tinyinfer_compiler.h builds one in memory on a host. Running it
 * needs one block of memory, the arena, whose size the planner proved:
 *
 *     static uint8_t arena[DIGITS_ARENA_BYTES];
 *     tin_net net;
 *
 *     if (tin_net_open(&net, &digits_model, arena, sizeof arena, NULL))
 *         return -1;
 *     memcpy(tin_net_input(&net, 0), image, DIGITS_INPUT_BYTES);
 *     tin_net_run(&net);
 *     scores = tin_net_output(&net, 0);
 *
 * Nothing here allocates, prints, or keeps state outside what you pass. So
 * any number of networks may be open at once, and run in as many threads or
 * interrupts, each with a tin_net and an arena of its own; models are const
 * and may be shared. What belongs to one tin_net runs in one thread at a time.
 *
 * Stack: tin_net_run and tin_stream_push_rows take less than 400 bytes with
 * GCC -O2 on a Cortex-M, besides their kernel, which takes at most 512 there,
 * see its comment. 1 KB is enough for any network, but for libm's own.
 */
#ifndef TINYINFER_H
#define TINYINFER_H

#include "tinyinfer_kernels.h"
#include "tinyinfer_pool.h"
#include "tinyinfer_winograd.h"
#include "tinyinfer_fpu.h"
#include "tinyinfer_s16.h"
#include "tinyinfer_matmul.h"
#include "tinyinfer_image.h"
#include "tinyinfer_reduce.h"
#include "tinyinfer_binary.h"
#include "tinyinfer_move.h"
#include "tinyinfer_unary.h"
#include "tinyinfer_state.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TIN_VERSION "0.1.0"

/* ---- A model is data ---------------------------------------------------- */

typedef enum {
    TIN_F32 = 0,
    TIN_S8 = 1,
    TIN_U8 = 2,
    TIN_S16 = 3,
    TIN_S32 = 4,
    TIN_S64 = 5,
    TIN_F16 = 6,
    TIN_BOOL = 7,
    TIN_S4 = 8
} tin_type;

enum {
    TIN_MAX_RANK = 6,
    TIN_MAX_ARGS = 8,   /* inputs and outputs of one step together */
    TIN_MAX_REGIONS = 4 /* memories that an arena may be spread over */
};

/* Where a tensor lives while the network runs. */
typedef struct {
    const void *data;  /* contents of a constant; NULL: in the arena */
    int32_t offset;    /* of its ring in the arena, bytes */
    int32_t row_bytes; /* of one row */
    int32_t rows;      /* that the ring holds */
    uint8_t region;    /* the memory it lies in: see tin_net_open_regions */
    uint16_t first;    /* where in the ring its row 0 lies */
} tin_tensor;

/* The work of one kernel. */
typedef struct {
    tin_kernel *run;
    const void *params;
    int32_t rows;       /* the kernel's rows y0 .. y1 in one inference */
    int32_t scratch;    /* offset of its scratch in the arena, -1: none */
    uint16_t first_arg; /* in args: tensors of the inputs, then outputs */
    uint8_t n_in, n_out;
    uint8_t at_end;     /* 1: its rows are those of the input, and the output
                           is there when the last one is done */
    uint8_t rows_log2;  /* in a stage with progress a call computes 2^rows_log2
                           rows, the last one perhaps fewer */
    uint16_t last_user; /* in a stage with progress: the last step of it that
                           reads what this one makes, or itself if none does:
                           no later one can run because of it */
} tin_step;

/* What an input has to wait for in a stage that runs row by row: row y of the
 * step's work needs min((y * stride >> shift) + reach, limit) rows of its
 * maker's work. */
typedef struct {
    uint16_t maker; /* a step of the same stage, or one of those below */
    int16_t stride, reach;
    uint16_t limit; /* all rows of the maker's work */
    uint16_t shift; /* 0 .. 15 */
} tin_flow;

enum {
    TIN_MAKER_NONE = 0xffff,  /* complete before the stage begins */
    TIN_MAKER_CALLER = 0xfffe /* rows that the caller pushes */
};

/*
 * Steps first .. first + n - 1. Without progress each of them runs as a
 * whole, one after the other. With it they run together, depth first: always
 * the last step that has a row to compute from what is there, one row of it.
 * So tensors between them are rings that keep no row longer than needed.
 */
typedef struct {
    uint16_t first, n;
    int32_t progress; /* offset of uint16_t [n], the rows done; -1: none */
} tin_stage;

/* An input or output of the network, as its user sees it. A real value is
 * scale * (q - zero_point), so x is stored as round(x / scale) + zero_point,
 * saturated; scale 0 says that the type is not quantized. */
typedef struct {
    const char *name;
    tin_type type;
    int32_t rank;
    int32_t shape[TIN_MAX_RANK];
    int32_t bytes;
    float scale;
    int32_t zero_point;
    int32_t tensor; /* index in tensors */
} tin_port;

/* A tensor that keeps its contents from one inference to the next: what a
 * recurrent layer remembers, or a variable. */
typedef struct {
    int32_t tensor;   /* index in tensors */
    const void *data; /* what tin_net_reset puts there; NULL: `fill` bytes */
    uint8_t fill;
} tin_state;

typedef struct {
    const char *name;
    const tin_tensor *tensors;
    const tin_step *steps;
    const uint16_t *args;
    const tin_flow *flows; /* beside args; NULL if no stage has progress */
    const tin_stage *stages;
    const tin_port *inputs;
    const tin_port *outputs;
    int32_t n_tensors, n_steps, n_args, n_stages, n_inputs, n_outputs;
    int32_t pushed_rows; /* of input 0 if it is streamed; 0: it is not */
    int32_t pushed_user; /* the last step that reads them */
    int32_t hop_rows; /* if its window slides: rows to the next one; else 0 */
    const uint16_t *set_back; /* [n_steps + 1] for a window that slides: rows
                                 by which the counts of each step's work and of
                                 the pushed rows are set back */
    int32_t arena_bytes;
    int32_t arena_align; /* of the arena's first byte: a power of two */
    int32_t n_more;      /* further memories beside the first */
    int32_t more_bytes[TIN_MAX_REGIONS - 1];
    const tin_state *states; /* side by side at the start of their memory */
    int32_t n_states, state_bytes;
} tin_model;

/* ---- Running ------------------------------------------------------------ */

/* A model together with its arena. Yours to allocate, ours to fill in. */
typedef struct {
    const tin_model *model;
    uint8_t *arena[TIN_MAX_REGIONS]; /* aligned starts */
    int32_t stage;                   /* where the inference is */
    int32_t next;   /* step of that stage that comes next, if it is one
                       without progress; else 0: it has not begun, or how
                       many of its steps may be able to run */
    int32_t pushed; /* rows of the streamed input that are there */
} tin_net;

/*
 * Binds a model to an arena.
 *
 * arena        NULL asks for the size: needed_bytes is set, TIN_ERR_ARENA
 *              returned. May have any alignment and contents; up to
 *              arena_align - 1 bytes in front stay unused and are counted in
 *              needed_bytes.
 * needed_bytes the size this arena must have; may be NULL.
 *
 * Returns: TIN_OK; TIN_ERR_ARENA, nothing is bound; TIN_ERR_ARG for a model
 * that needs several memories.
 * The arena is yours again when you no longer use the net, and also between
 * inferences: from reading the outputs to writing the next inputs nothing in
 * it counts. So several nets may share one arena, one inference after the
 * other, unless they keep state (n_states > 0) or their window slides.
 */
tin_status tin_net_open(tin_net *net, const tin_model *model, void *arena,
                        size_t arena_bytes,
                        size_t *needed_bytes) TIN_WARN_UNUSED;

/*
 * The same for a network that was compiled for several memories, a small fast
 * one and a large slow one, say. arenas[0] is the first of them, of
 * arena_bytes; arenas[i] is number i, of more_bytes[i - 1]; bytes and
 * needed_bytes go along.
 */
tin_status tin_net_open_regions(tin_net *net, const tin_model *model,
                                void *const *arenas, const size_t *bytes,
                                size_t *needed_bytes) TIN_WARN_UNUSED;

/*
 * Where a network keeps state (n_states > 0), an inference goes on from where
 * the one before it ended, such as a recurrent layer that is fed a sound piece
 * by piece. This makes it forget: all states are as tin_net_open left them.
 */
void tin_net_reset(tin_net *net);

/* The bytes of input i, 0 <= i < n_inputs, model->inputs[i].bytes of them,
 * aligned for their type. Write them before each run: running may use their
 * memory for something else. A streamed input is not there as a whole: see
 * tin_stream_row. */
void *tin_net_input(const tin_net *net, int32_t i);

/* The bytes of output i, 0 <= i < n_outputs, valid from the end of a run until
 * the next inputs are written. */
const void *tin_net_output(const tin_net *net, int32_t i);

/* Runs all steps: one inference, from its start. Not for a network whose
 * input is streamed: that one runs as rows are pushed. */
void tin_net_run(tin_net *net);

/* What one call of a kernel did: which step, which rows of its output, none
 * (y0 == y1) where the output is not there yet. */
typedef struct {
    int32_t step;
    int32_t y0, y1;
} tin_work;

/*
 * Makes the next kernel call of the inference, for callers that want to do
 * something in between: feed a watchdog, time each layer, look at its output.
 *
 * Returns: 1 and says in *work what was done; 0 when there is nothing to do:
 * the inference is complete, and the next call starts another one; with a
 * streamed input it may also wait for rows, and tin_stream_begin starts another
 * one.
 */
int tin_net_step(tin_net *net, tin_work *work);

/* ---- Streaming the input ------------------------------------------------ */

/*
 * Where a network was compiled for a streamed input (pushed_rows > 0), input 0
 * never exists as a whole: the caller hands over its rows one by one, as a
 * camera or microphone yields them, and each row is worked off at once.
 *
 *     tin_stream_begin(&net);
 *     for (y = 0; y < net.model->pushed_rows; y++)
 *         tin_stream_push_rows(&net, camera_row(y), 1);
 *     scores = tin_net_output(&net, 0);
 *
 * Other inputs are written before the first row, as ever. An inference that is
 * under way, streamed or stepped, is dropped. States keep what it has written:
 * tin_net_reset forgets that, too.
 */
void tin_stream_begin(tin_net *net);

/*
 * A window that slides (hop_rows > 0) goes on for ever: after the first
 * pushed_rows rows the outputs are those of the first window, and after each
 * hop_rows more those of the window that ends there, for the cost of the new
 * rows alone. Outputs are valid until the next row is pushed.
 */

/* Takes n rows of the input, one after the other, and does all the work that
 * they allow. Returns the number taken: fewer than n when the input is
 * complete. After the last row the outputs are there. */
int32_t tin_stream_push_rows(tin_net *net, const void *rows, int32_t n);

/* The same in two halves, without a copy and with a say in between: write the
 * next row to tin_stream_row (NULL: the input is complete), then say that it
 * is there, then call tin_net_step until it returns 0. */
void *tin_stream_row(const tin_net *net);
void tin_stream_pushed(tin_net *net);

/* CRC-32 (IEEE 802.3) of the rows that `work` made, continuing `crc` (0 to
 * start): equal values on two machines mean equal bytes. Valid until the next
 * step. */
uint32_t tin_work_crc(const tin_net *net, const tin_work *work, uint32_t crc);

/* CRC-32 (IEEE 802.3) of n bytes, continuing `crc`, which is 0 to start. */
uint32_t tin_crc32(uint32_t crc, const void *bytes, size_t n);

/* ---- Planning memory ---------------------------------------------------- */

/* One buffer to place: live at the times lower .. upper - 1. */
typedef struct {
    int32_t lower;  /* first time at which the buffer is live */
    int32_t upper;  /* first time at which it no longer is; lower < upper */
    int32_t bytes;  /* size, >= 0 */
    int32_t align;  /* of its offset: a power of two, >= 1 */
    int32_t offset; /* result: bytes from the start of the arena */
} tin_plan_buffer;

/* Two buffers that live at the same time may share bytes when one of them
 * fills up as fast as the other is used up: the start of `above` need lie
 * `distance` bytes above the start of `below`, fewer than below's size. It
 * says nothing of the case that `above` lies below. */
typedef struct {
    int32_t below, above; /* indices of buffers */
    int32_t distance;     /* >= 0 */
} tin_plan_overlap;

typedef struct {
    int32_t peak_bytes;        /* the arena that the offsets need */
    int32_t lower_bound_bytes; /* no plan of these buffers is smaller */
    int32_t binding_time;      /* a time whose live bytes give the bound */
    int32_t optimal;           /* 1: peak_bytes is proven minimal */
    int64_t work;              /* search nodes visited */
} tin_plan_result;

/* Bytes of work memory, aligned to 8, that tin_plan needs for n buffers, with
 * any number of overlaps. */
size_t tin_plan_work_size(int32_t n);

/*
 * Places buffers with fixed lifetimes so that the peak is as small as it can
 * be, and says whether it is.
 *
 * buffers     n of them; their offsets are the result.
 * overlaps    n_overlaps of them; may be NULL if that is 0. They are not used
 *             when there are more than TIN_PLAN_OVERLAP_MAX buffers.
 * goal_bytes  stop at the first plan of at most this size; 0: minimise.
 * work_limit  search nodes after which the best plan so far is returned with
 *             optimal = 0; 0: a default of a few seconds' worth.
 * work        work_bytes of memory, at least tin_plan_work_size(n).
 *
 * Returns: TIN_OK; TIN_ERR_ARG (a lifetime is empty, a size negative, an
 * alignment no power of two, an overlap of buffers that are not there, work
 * too small); TIN_ERR_OVERFLOW (no plan could
 * stay below 2^31 bytes). On an error no offset is changed.
 */
enum { TIN_PLAN_OVERLAP_MAX = 512 };

tin_status tin_plan(tin_plan_buffer *buffers, int32_t n,
                    const tin_plan_overlap *overlaps, int32_t n_overlaps,
                    int32_t goal_bytes, int64_t work_limit, void *work,
                    size_t work_bytes, tin_plan_result *result) TIN_WARN_UNUSED;

#ifdef __cplusplus
}
#endif

#endif /* TINYINFER_H */
