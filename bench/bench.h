/* SPDX-License-Identifier: MIT */
/*
 * bench.h: what the files of the bench program share.
 *
 * Everything is measured by tin_measure, as whole networks: a kernel by
 * itself is a network of one step. One result is one line of the report.
 */
#ifndef TIN_BENCH_H
#define TIN_BENCH_H

#include "measure.h"

/* ---- Ending ------------------------------------------------------------- */

enum {
    TIN_BENCH_OK = 0,
    TIN_BENCH_FAILED = 1, /* a file, a shape or the memory */
    TIN_BENCH_USAGE = 2   /* the command line */
};

/* Prints "tinyinfer-bench: ..." as one line on stderr, control bytes replaced;
 * returns `status`. */
int tin_bench_fail(int status, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;

/* ---- Shapes ------------------------------------------------------------- */

/* What the keys of --shape set, see tin_bench_keys. */
typedef struct {
    int32_t n, h, w, c, oc, kh, kw, s, d, g, m, p, same;
} tin_bench_shape;

typedef struct {
    const char *name;  /* "oc" */
    const char *about; /* for --help */
    size_t offset, offset2;
    int32_t min, max, neutral; /* neutral: where nobody says */
} tin_bench_key;

/* All keys, ending with a NULL name. */
extern const tin_bench_key tin_bench_keys[];

enum { TIN_BENCH_SHAPE_TEXT = 160 };

/*
 * Reads "h=32,w=32,c=16" into the shape; keys it does not name keep their
 * values. `allowed` lists the keys that mean something here, " h w c ".
 *
 * Returns: TIN_BENCH_OK, or TIN_BENCH_USAGE after a line on stderr.
 */
int tin_bench_shape_read(tin_bench_shape *shape, const char *text,
                         const char *allowed);

/* A shape in which every key has its neutral value. */
tin_bench_shape tin_bench_shape_neutral(void);

/* Prints the keys of `allowed` that are not neutral; returns `to`. */
char *tin_bench_shape_print(char to[TIN_BENCH_SHAPE_TEXT],
                            const tin_bench_shape *shape, const char *allowed);

/* ---- Kernels ------------------------------------------------------------ */

/* The params of every kernel, one member a line of variants.inc. */
typedef union {
#define TIN_VARIANT(name, params, isa) tin_##params##_params name;
#include "../kernels/variants.inc"
#undef TIN_VARIANT
} tin_bench_params;

/* A network of one step and what it is made from. */
typedef struct {
    tin_pool *pool;
    uint32_t seed;     /* of the constants */
    const char *error; /* why there is no such layer; NULL: there is */
    int64_t taps;      /* products that an output element adds up */
    int64_t elements;  /* of the largest input or output */
    int64_t macs;
    tin_bench_params params;
    tin_model model;
    tin_step step;
    tin_stage stage;
    tin_tensor tensors[TIN_MAX_ARGS];
    tin_port ports[TIN_MAX_ARGS];
    uint16_t args[TIN_MAX_ARGS];
} tin_bench_case;

/* Adds an input, or after all inputs the output; all take one arena. */
void tin_bench_add_in(tin_bench_case *c, tin_type type, int64_t rows,
                      int64_t row_elems);
void tin_bench_add_out(tin_bench_case *c, tin_type type, int64_t rows,
                       int64_t row_elems);
void tin_bench_add_scratch(tin_bench_case *c, int64_t bytes);

/* n pseudo-random constants that stay the same from run to run; NULL, and an
 * error in the case, where there is no memory. */
const int8_t *tin_bench_random_s8(tin_bench_case *c, int64_t n);
const int32_t *tin_bench_random_s32(tin_bench_case *c, int64_t n, int32_t min,
                                    int32_t max);
const float *tin_bench_random_f32(tin_bench_case *c, int64_t n);
/* n times x. */
const int8_t *tin_bench_repeat_s8(tin_bench_case *c, int64_t n, int32_t x);

/* Fills in params, inputs, output and work of a layer. */
typedef void tin_bench_make(tin_bench_case *c, const tin_bench_shape *s);

/* Kernels that have the same params. */
typedef struct {
    tin_bench_make *make;
    const char *keys;          /* of its shapes: " h w c " */
    const char *const *shapes; /* standard ones, ending with NULL; the first
                                  is where --shape begins */
} tin_bench_family;

/* bench_binary.c: those of tinyinfer_binary.h. */
extern const tin_bench_family tin_bench_binary_f32, tin_bench_binary_int;
extern const tin_bench_family tin_bench_binary_quant, tin_bench_broadcast;
extern const tin_bench_family tin_bench_muldiv, tin_bench_compare_f32;
extern const tin_bench_family tin_bench_compare_int, tin_bench_compare_s8;
extern const tin_bench_family tin_bench_select, tin_bench_add_n_s8;
/* bench_move.c */
extern const tin_bench_family tin_bench_strided_copy, tin_bench_gather;
extern const tin_bench_family tin_bench_one_hot, tin_bench_mirror_pad;

/* bench_state.c */
extern const tin_bench_family tin_bench_lstm_f32, tin_bench_lstm_s8;
extern const tin_bench_family tin_bench_svdf_f32, tin_bench_svdf_s8;

typedef struct {
    const char *name, *isa;
    tin_kernel *run;
    tin_check *check;
    const tin_bench_family *family;
} tin_bench_kernel;

/* bench_reduce.c */
extern const tin_bench_family tin_bench_argmax, tin_bench_cumsum_f32,
    tin_bench_cumsum_s32, tin_bench_cumsum_s8, tin_bench_l2norm_f32,
    tin_bench_l2norm_s8, tin_bench_lrn_f32, tin_bench_matmul_f32,
    tin_bench_matmul_s16, tin_bench_matmul_s8, tin_bench_reduce_f32,
    tin_bench_reduce_int, tin_bench_topk;
/* bench_unary.c */
extern const tin_bench_family tin_bench_unary, tin_bench_neg_s64,
    tin_bench_leaky_relu_f32, tin_bench_leaky_relu_s16, tin_bench_prelu_f32,
    tin_bench_prelu_s8, tin_bench_sigmoid_s16, tin_bench_table_s16,
    tin_bench_rsqrt_s16, tin_bench_log_softmax_f32, tin_bench_log_softmax_s8,
    tin_bench_cast, tin_bench_zeros;

/* One for each line of kernels/variants.inc, ending with a NULL name. */
extern const tin_bench_kernel tin_bench_kernels[];

/*
 * Makes the case of a kernel and a shape; everything lives in pool.
 *
 * Returns: TIN_OK; or a status, with the reason in c->error.
 */
tin_status tin_bench_build(tin_bench_case *c, tin_pool *pool,
                           const tin_bench_kernel *kernel,
                           const tin_bench_shape *shape) TIN_WARN_UNUSED;

/* ---- The report --------------------------------------------------------- */

typedef enum { TIN_BENCH_TEXT, TIN_BENCH_CSV, TIN_BENCH_JSON } tin_bench_format;

typedef struct {
    const char *group;  /* "kernels", or the file of a network */
    int32_t layer;      /* in the file; -1: none */
    const char *op;     /* of the layer, or NULL */
    const char *kernel; /* "total" for a whole network */
    const char *shape;
    int64_t macs, elements; /* macs 0: elements are counted */
    tin_timing time;
} tin_bench_result;

/* Starts with what the first members say and zeros; group and n_results are
 * the report's own. */
typedef struct {
    tin_bench_format format;
    int32_t runs, warmup;
    const char *target; /* that networks are lowered for */
    const char *group;  /* of the last result */
    int32_t n_results;
} tin_bench_report;

/* Prints a result as soon as it is there, the first one under a head. */
void tin_bench_add(tin_bench_report *r, const tin_bench_result *result);

/* After the last result; prints nothing where there was none. */
void tin_bench_end(const tin_bench_report *r);

/* ---- Options ------------------------------------------------------------ */

enum { TIN_BENCH_MODELS = 16 };

typedef struct {
    const char *kernel, *shape, *target;
    tin_optimize optimize;
    const char *models[TIN_BENCH_MODELS];
    int32_t n_models;
    int32_t runs, warmup;
    int only_models; /* --model: no table of kernels */
    int list, steps, help;
    tin_bench_format format;
} tin_bench_options;

/* Reads and checks the command line; `o` holds the defaults. Returns
 * TIN_BENCH_OK, or TIN_BENCH_USAGE after a line on stderr. */
int tin_bench_read_options(tin_bench_options *o, int argc, char **argv);

/* ---- Networks ----------------------------------------------------------- */

/* Reads and compiles a model. Returns TIN_BENCH_OK, or TIN_BENCH_FAILED after
 * a line on stderr. */
int tin_bench_load(tin_pool *pool, const char *path,
                   const tin_compile_options *options,
                   const tin_program **program);

/* Measures a network, a result a layer and one for the total. */
int tin_bench_network(tin_bench_report *r, const char *path,
                      const tin_program *program);

/* Prints "step,layer,op,kernel,macs" for each step of the network, for the
 * scripts that measure on other machines. */
void tin_bench_steps(const tin_program *program);

#endif /* TIN_BENCH_H */
