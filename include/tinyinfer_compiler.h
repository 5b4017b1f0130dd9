/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer_compiler.h: from a model file to a model that runs, on a host.
 *
 * Compilation is a straight street:
 *
 *     file --import--> graph --passes--> graph --lower--> model --plan--> model
 *
 * tin_compile walks all of it. What comes out can be run (tinyinfer.h),
 * reported (tin_program says what each layer costs), or printed as C
 * (tin_emit_c). Everything that a compilation makes lives in one pool and
 * goes when the pool goes.
 *
 * The bytes of a model file are untrusted: any bytes are safe to pass.
 */
#ifndef TINYINFER_COMPILER_H
#define TINYINFER_COMPILER_H

#include "tinyinfer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Memory ------------------------------------------------------------- */

typedef struct tin_pool tin_pool;

/* NULL when there is no memory. */
tin_pool *tin_pool_new(void);
void tin_pool_free(tin_pool *pool); /* NULL is fine */

/* `bytes` zeroed bytes, aligned for every type, never NULL for 0 bytes; NULL
 * when there is no memory or bytes > 2^40. */
void *tin_pool_alloc(tin_pool *pool, uint64_t bytes);

/* ---- Diagnostics -------------------------------------------------------- */

/* The first error: what is wrong, and where. */
typedef struct {
    tin_status status;
    int32_t layer;     /* index of the operator in the file, or -1 */
    int64_t offset;    /* byte in the file, or -1 */
    char message[400]; /* one line, complete: names layer and condition */
} tin_diag;

/* Keeps the first error only; returns `status`. Control bytes in the text are
 * replaced, for names come from the file. diag may be NULL. */
tin_status tin_fail(tin_diag *diag, tin_status status, int32_t layer,
                    const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 4, 5)))
#endif
    ;

/* ---- Compiling ---------------------------------------------------------- */

/* What to save and what to spend. */
typedef enum {
    TIN_OPTIMIZE_RAM,      /* the smallest arena that can be found with the
                              target's fast kernels */
    TIN_OPTIMIZE_BALANCED, /* what kernels take that are faster with several
                              rows at once, and up to a tenth more RAM for fewer
                              calls */
    TIN_OPTIMIZE_FLASH,    /* BALANCED, with the smallest code and weights:
                              these kernels may need less RAM than the fast */
    TIN_OPTIMIZE_SPEED     /* each layer as a whole, with the fastest kernels;
                              some row by row, if these have room only then */
} tin_optimize;

/* A memory of the target. */
typedef struct {
    const char *name; /* "fast": for messages and names in C */
    int64_t bytes;    /* that it has */
} tin_region;

typedef struct {
    const char *target; /* "generic", "x86", "cortex-m4" ..; NULL: generic */
    tin_optimize optimize;
    int stream_input; /* 1: rows of input 0 are pushed one by one */
    int resident;     /* 1: nothing runs row by row that need not */
    int32_t hop; /* > 0: a window over input 0 that moves on by as many rows;
                    the input is streamed then */
    int64_t plan_work_limit; /* for tin_plan; 0: its default */
    int64_t search_limit; /* rows of layers that may be simulated in search of
                             the smallest arena; 0: the default, for a few
                             seconds */
    int64_t flash_budget; /* bytes that the kernels' constants may take: layers
                             get fast kernels as far as that goes; 0: any */
    /* Memories to spread the arena over, the fastest first: what is read most
     * often goes there, and all scratch. n_regions 0: one of any size. */
    tin_region regions[TIN_MAX_REGIONS];
    int32_t n_regions;
    /* Called again and again while the smallest arena is searched for, which
     * may take seconds. NULL: nobody waits. */
    void (*progress)(void *context);
    void *progress_context;
} tin_compile_options;

/* The targets that tin_compile knows, ending with NULL. */
extern const char *const tin_targets[];

typedef struct {
    tin_type type;
    int32_t rank;
    int32_t shape[TIN_MAX_RANK];
} tin_shape;

/* One operator of the file, in the file's order. */
typedef struct {
    const char *name;   /* of its first output in the file; never NULL */
    const char *op;     /* "CONV_2D" */
    const char *kernel; /* "conv2d_s8"; "view", "folded": nothing runs */
    tin_shape in, out;  /* first input and first output */
    int64_t macs;       /* multiply-accumulates of one inference */
    int64_t live_macs;  /* of them those left without dead channels */
    int64_t weight_bytes;
    int64_t flash_bytes; /* of constants that its kernels read, as packed */
    int64_t cycles; /* by estimate: of a Cortex-M4 without wait states; where
                       kernels use MVE instructions of a Cortex-M55 */
    const char *left_out; /* with a flash budget: the kernel that would be
                             fastest; NULL: it has that */
    int64_t left_bytes, left_cycles; /* what it takes more, what it saves */
    int32_t scratch_bytes;
    int32_t first_step, n_steps; /* in model.steps; n_steps 0: a view */
    int32_t tensor;              /* of the first output, in model.tensors */
} tin_layer;

/* Something that occupies the arena for a while. */
typedef enum {
    TIN_PLACE_TENSOR,   /* all rows of a tensor */
    TIN_PLACE_RING,     /* the rows of a tensor that are still needed */
    TIN_PLACE_SCRATCH,  /* a kernel's scratch */
    TIN_PLACE_PROGRESS, /* how far the layers of a stage have come */
    TIN_PLACE_STATE /* a variable, which the network keeps between inferences */
} tin_place_kind;

typedef struct {
    tin_place_kind kind;
    const char *name;     /* of the tensor; of the layer whose scratch it is */
    int32_t layer;        /* that makes it; -1: an input of the network,
                             or a variable */
    int32_t lower, upper; /* live at the times lower .. upper - 1 */
    int32_t offset, bytes;
    int32_t rows, all_rows; /* rows held, rows of the tensor; 0 without rows */
    int32_t region;         /* index of the memory it lies in */
    int32_t slots;          /* rows of several rings that share their bytes; 0:
                               it shares with none */
} tin_place;

typedef struct {
    tin_model model;
    const char *target;
    const tin_layer *layers;
    int32_t n_layers;
    int64_t macs, live_macs; /* sums over the layers */
    int64_t weight_bytes;    /* likewise: weights and biases */
    int64_t flash_bytes, cycles;
    const char *cycles_of; /* "Cortex-M4": whose cycles; NULL: the target is
                              another CPU, there is no estimate */
    tin_plan_result plan;
    int searched_all;        /* 1: the plan's bound is that of all orders of the
                                layers and all their stages; 0: of those that were
                                tried, for there are too many */
    const tin_place *places; /* what is where in the arena, and when */
    int32_t n_places;
    const int32_t *layer_at; /* [n_times]: the layer that works then; -1: the
                                caller, who writes inputs or reads outputs */
    int32_t n_times;
    tin_region regions[TIN_MAX_REGIONS]; /* those of the options: names are
                                            not copied */
    int32_t n_regions;
    const struct tin_lowered *lowered; /* for tin_emit_c */
} tin_program;

/*
 * Compiles the bytes of a .tflite file.
 *
 * file     may have any alignment; must stay valid as long as the program.
 * options  or NULL for the defaults.
 * program  lives in pool.
 *
 * Returns: TIN_OK or the status of the first error, described in *diag.
 */
tin_status tin_compile(tin_pool *pool, const void *file, size_t file_bytes,
                       const tin_compile_options *options,
                       const tin_program **program,
                       tin_diag *diag) TIN_WARN_UNUSED;

/* ---- What can be compiled ------------------------------------------------ */

typedef struct {
    const char *name; /* "CONV_2D" */
    uint32_t types;   /* 1 << tin_type for each type that it computes with */
    int weights_s8;   /* 1: in float32 also with int8 weights */
    int weights_s4;   /* 1: in int8 also with int4 weights */
} tin_operator_info;

/* Operator i of those that tin_compile knows, by their names' order. Returns 0
 * when there are not so many. */
int tin_operator(int32_t i, tin_operator_info *info);

/* "int8" */
const char *tin_type_name(tin_type type);

/* ---- Emitting C --------------------------------------------------------- */

/* A growing text in a pool; `text` always ends with a NUL that `bytes` does
 * not count. Start with all zeros but `pool`. */
typedef struct {
    tin_pool *pool;
    char *text;
    size_t bytes, capacity;
    int failed; /* out of memory: text is incomplete */
} tin_text;

void tin_text_add(tin_text *t, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;

/*
 * Prints a program as C99: `id`.h and `id`.c, the same tin_model that the
 * program holds, as const tables. The text depends on the file, the target
 * and the id alone, not on the host.
 *
 * id  a C identifier of at most 64 characters, no keyword, not beginning
 *     with an underscore or tin_.
 */
tin_status tin_emit_c(const tin_program *program, const char *id,
                      tin_text *source, tin_text *header,
                      tin_diag *diag) TIN_WARN_UNUSED;

/* A source file of the library, as text. */
typedef struct {
    const char *name; /* without folder: "conv2d_s8.c" */
    const char *text;
} tin_source;

/* The files of the library that `id`.c needs besides itself: headers, runtime
 * and just its kernels, so that `cc *.c` links. Ends with a NULL name; NULL
 * when the pool has no memory. */
const tin_source *tin_standalone_sources(tin_pool *pool,
                                         const tin_program *program);

#ifdef __cplusplus
}
#endif

#endif /* TINYINFER_COMPILER_H */
