/* SPDX-License-Identifier: MIT */
/*
 * lower.h: from graph to model. For each operator there is one function that
 * checks what the operator demands of its tensors, states the shape of its
 * output, and adds the steps that compute it.
 */
#ifndef TIN_LOWER_H
#define TIN_LOWER_H

#include "budget.h"
#include "graph.h"
#include "lowered.h"
#include "quant.h"
#include "slide.h"
#include "variants.h"

/* A tensor of the model while it is built. Several may lie on the same bytes:
 * a view has the `root` whose storage it shares. */
typedef struct {
    const void *data;
    int32_t row_bytes, rows;
    int32_t root;     /* tensor that owns the storage; itself if it does */
    int32_t offset;   /* bytes of that before this one's */
    int32_t variable; /* of the graph, whose storage it is; -1: of none */
} tin_draft;

/*
 * Which rows of an input a step needs: with r = y * stride >> shift, for row y
 * of its work the rows r + low .. r + reach - 1, as far as there are any; rows
 * below r + low are never needed again. The shift is for steps that make more
 * rows than they read.
 */
typedef struct {
    int32_t stride, low, reach;
    int32_t shift; /* 0 .. 15 */
} tin_need;

extern const tin_need tin_need_same; /* row y for row y */
extern const tin_need tin_need_all;  /* all rows for every row */

/* What is known from the orders of the network that were tried before: see
 * schedule.h, layout_plans.c. */
typedef struct tin_measured tin_measured;
typedef struct tin_plans tin_plans;

/* May a layer have what is only for spare room in the arena: a variant, or
 * inputs that are made in their place in the output? */
enum { TIN_LEAN_NOT, TIN_LEAN, TIN_LEAN_FELT }; /* it would have had it */

typedef struct {
    tin_pool *pool;
    const tin_graph *graph;
    tin_diag *diag;
    tin_layer *layers;
    const tin_target *target;
    tin_optimize optimize;
    int resident;       /* 1: nothing runs row by row that need not */
    int apart;          /* 1: no rings share their slots */
    int enlarge;        /* 1: make calls larger where the arena does not grow */
    uint8_t *lean;      /* per layer: TIN_LEAN_xxx */
    int64_t room;       /* TIN_OPTIMIZE_SPEED: where the arena would be larger,
                           some layers run row by row; 0: it may be so */
    int64_t more_calls; /* that this is worth */
    tin_offers *offers; /* with a flash budget: what steps could have */
    int offering;       /* 1: to be filled in; 0: to be followed */
    const tin_span *spans;  /* per value, if the network slides; else NULL */
    int64_t *work_left;     /* moments that the search for stages may simulate;
                               below 0: it could not try them all */
    tin_measured *measured; /* stages */
    tin_plans *plans;
    void (*progress)(void *context); /* or NULL */
    void *progress_context;
    int32_t turn; /* windows after which it is where it began */

    tin_draft *drafts;
    tin_tensor *tensors; /* the drafts, once all are known */
    int32_t n_drafts, cap_drafts;
    int32_t *tensor_of;       /* per value: draft, or -1 */
    const void **constant_of; /* per value: its host-order table, or NULL */

    tin_step *steps; /* scratch: bytes until the planner places it */
    const tin_kernel_info **kernels;
    int32_t *layer_of; /* per step */
    int32_t n_steps, cap_steps;
    uint16_t *args;
    tin_need *needs; /* beside args; those of outputs mean nothing */
    int32_t n_args, cap_args;

    tin_constant *constants;
    int32_t n_constants, cap_constants;

    const tin_node *node; /* being lowered */
} tin_lowering;

/* Adds the steps of lo->node. */
typedef tin_status tin_lower_op(tin_lowering *lo);

#define TIN_OPERATOR(name, lower, ...) tin_lower_op tin_lower_##lower;
#include "operators.inc"
#undef TIN_OPERATOR

/* ---- What they build with ----------------------------------------------- */

/* Refuses the node: the message names layer and operator, then `format`. */
tin_status tin_refuse(tin_lowering *lo, tin_status status, const char *format,
                      ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;

/* Input or output i of the node. NULL for an input that is absent. */
const tin_value *tin_in(const tin_lowering *lo, int32_t i);
const tin_value *tin_out(const tin_lowering *lo, int32_t i);

/* The tensor of a value; -1 when there is no memory. */
int32_t tin_tensor_of(tin_lowering *lo, int32_t value);

/* The variable in whose memory a tensor lies, perhaps as a view; -1: none. */
int32_t tin_variable_of(const tin_lowering *lo, int32_t tensor);

/* The same bytes seen as `rows` equal rows; -1 when there is no memory. */
int32_t tin_view_of(tin_lowering *lo, int32_t value, int32_t rows);

/* A tensor that is no value of the graph; -1 when there is no memory. */
int32_t tin_new_tensor(tin_lowering *lo, int32_t bytes, int32_t rows);

/* Value `out`, made by the node, is the bytes of value `in`. */
tin_status tin_add_view(tin_lowering *lo, int32_t in, int32_t out);
/* It is those of them that begin with byte `start`; `in` is no constant. */
tin_status tin_add_part(tin_lowering *lo, int32_t in, int32_t out,
                        int32_t start);

/* Makes room for one more entry of an array by doubling it. Returns 0 without
 * memory. */
int tin_grow(tin_lowering *lo, void **array, int32_t count, int32_t *cap,
             size_t size);

/* Zeroed memory for a params struct, or NULL: check once in tin_add_step. */
void *tin_new(tin_lowering *lo, size_t bytes);

/* A constant table of the program: zeroed memory to fill in, or NULL. */
void *tin_new_constant(tin_lowering *lo, tin_type type, int32_t count,
                       const char *label);

/* Registers a table that exists already, such as bytes of the file. */
tin_status tin_add_constant(tin_lowering *lo, const void *data, tin_type type,
                            int32_t count, const char *label);

/* The elements of a constant value in host order, registered as a constant
 * of the program; NULL when there is no memory. */
const void *tin_host_constant(tin_lowering *lo, const tin_value *v,
                              const char *label);

/*
 * Adds one step to the layer: checks params (NULL: no memory), sizes scratch.
 * `args` are n_in inputs and one output tensor, -1: no memory. `needs` are
 * those of the inputs. `rows` as tin_step says.
 */
tin_status tin_add_step(tin_lowering *lo, tin_kernel_id kernel,
                        const void *params, const int32_t *args,
                        const tin_need *needs, int32_t n_in, int32_t rows);

/*
 * Checks the params of the portable kernel, then exchanges kernel and params
 * for those of a variant if the target has one and the flash budget room for
 * it. *rows_log2: of rows that a call should compute.
 */
tin_status tin_choose_kernel(tin_lowering *lo, tin_kernel_id *kernel,
                             const void **params, uint8_t *rows_log2);
/* Notes what the flash budget keeps the node's next step from having. */
void tin_note_left_out(tin_lowering *lo, tin_layer *layer);

/* The common case of one input and one output value with their own rows and
 * one row of work for each output row. */
tin_status tin_add_simple_step(tin_lowering *lo, tin_kernel_id kernel,
                               const void *params, const tin_need *need);

/* What a window needs of an input of `batch` images. */
tin_need tin_window_need(const tin_window *w, int32_t batch);

/* The rows *first .. *end - 1 of its input that row y of a step needs; both
 * never go down with y. */
typedef void tin_row_range(const void *params, int32_t y, int32_t *first,
                           int32_t *end);
/* The need of a step of so many rows that is told by `range`, which follows a
 * line that rises by num in every den rows, 0 <= num, 1 <= den. */
tin_need tin_range_need(tin_row_range *range, const void *params, int32_t rows,
                        int32_t num, int32_t den);

/* Refuses unless value v has the type; `what` names it in the message. */
tin_status tin_want_type(tin_lowering *lo, const tin_value *v, tin_type type,
                         const char *what);
/* Refuses unless the output has exactly this shape. */
tin_status tin_want_shape(tin_lowering *lo, const tin_value *v, int32_t rank,
                          const int32_t *shape);
/* Refuses unless both tensors have one scale and zero point. */
tin_status tin_want_same_quant(tin_lowering *lo, const tin_value *a,
                               const tin_value *b);

/* Refuses unless there are one input and one output of one type and shape. */
tin_status tin_check_unary(tin_lowering *lo);

/* Elements in a row of a tensor that stands by itself. */
int32_t tin_row_elements(const tin_value *v);

/* The step of a function of one byte, with its table of 256. */
tin_status tin_add_table_step(tin_lowering *lo, const uint8_t *table);

/* The step of a kernel that needs nothing but the length of a row. */
tin_status tin_add_map_step(tin_lowering *lo, tin_kernel_id kernel);
/* The same of the kernel that the node's operator has for its type. */
tin_status tin_add_own_step(tin_lowering *lo);

/* The step that brings int16 to the output's scale, with a clamp. */
tin_status tin_rescale_s16(tin_lowering *lo, tin_activation activation);
/* The step of LOGISTIC or TANH for int16. */
tin_status tin_sigmoid_s16_step(tin_lowering *lo, int is_tanh);

enum { TIN_WALK_MAX_IN = 3 };

/* How inputs, broadcast, walk along with the output, as tin_broadcast has it.
 * rows: of the inputs, then of the output. */
typedef struct {
    int32_t dim[TIN_DIMS];
    int32_t stride[TIN_WALK_MAX_IN][TIN_DIMS];
    int32_t rows[TIN_WALK_MAX_IN + 1];
} tin_walk;

/* Checks the output's shape. Where the rank exceeds TIN_DIMS, extents that are
 * broadcast alike become one. */
tin_status tin_make_walk(tin_lowering *lo, const tin_value *const *in,
                         int32_t n_in, tin_walk *w);
/* That of inputs a and b among them. */
tin_broadcast tin_walk_of_two(const tin_walk *w, int32_t a, int32_t b);
/* The step of a kernel for such inputs, the node's first n_in. */
tin_status tin_add_walk_step(tin_lowering *lo, tin_kernel_id kernel,
                             const void *params, int32_t n_in,
                             const int32_t *rows);

/* The same for the two inputs of the node. */
tin_status tin_make_broadcast(tin_lowering *lo, tin_broadcast *b,
                              int32_t rows[3]);
/* params begin with their tin_broadcast. With one byte of a constant the step
 * is that of a table. */
tin_status tin_add_binary_step(tin_lowering *lo, tin_kernel_id kernel,
                               void *params, const int32_t rows[3]);

/* a * b / c of scales as the reference computes it: for uint8 in float. */
double tin_scale_ratio(const tin_lowering *lo, float a, float b, float c);

/* lower_s16.c: what int16 takes in place of the int8 kernels. */
tin_status tin_make_conv2d_s16(tin_lowering *lo, const tin_window *w,
                               int32_t groups, int32_t channel_axis,
                               tin_conv2d_s16_params **params);
tin_status tin_pool_s16(tin_lowering *lo, const tin_window *w,
                        tin_kernel_id kernel);
tin_status tin_softmax_lower_s16(tin_lowering *lo, int32_t groups, int32_t c);
/* From integers to integers; from and to floats. */
tin_status tin_add_rescale_step(tin_lowering *lo);
tin_status tin_quantize_to_s16(tin_lowering *lo);
tin_status tin_dequantize_from_s16(tin_lowering *lo);

/* A shape as five extents, see TIN_DIMS, when it is aligned at the right with
 * a shape of `rank` extents; rank >= v->rank. */
void tin_dims(const tin_value *v, int32_t rank, int32_t dims[TIN_DIMS]);
/* Where axis 0 .. rank - 1 of a shape of `rank` stands among the five. */
int32_t tin_dims_axis(int32_t axis, int32_t rank);
/* Rows of a tensor of this shape. */
int32_t tin_rows_of(const int32_t dims[TIN_DIMS]);

/*
 * Which element of an input each element of an output is a copy of: extents
 * of the output, the outermost first, and how far each moves on in the input.
 * An axis of the output may be several extents.
 */
enum { TIN_PATH_MAX = 2 * TIN_MAX_RANK };

typedef struct {
    const tin_value *in, *out;
    int32_t in_value, out_value;   /* which they are in the graph */
    int32_t in_tensor, out_tensor; /* -1: those of the values */
    int32_t n, n_rows; /* extents, and those of them that count rows */
    int32_t dim[TIN_PATH_MAX];
    int32_t row_step[TIN_PATH_MAX], elem_step[TIN_PATH_MAX];
    int32_t row, elem; /* where the first element comes from */
} tin_path;

/* Begins a path between these values. */
void tin_path_begin(const tin_lowering *lo, tin_path *w, int32_t in,
                    int32_t out);
/* Says that the path begins at place `at` of axis `in_axis` of the input. */
void tin_path_from(tin_path *w, int32_t in_axis, int32_t at);
/* The next extent: of axis `out_axis` of the output, `dim` long, each time
 * `step` further on along axis `in_axis` of the input; step 0 repeats. */
void tin_path_extent(tin_path *w, int32_t out_axis, int32_t dim,
                     int32_t in_axis, int32_t step);
/* The step that goes so; none where that is the input as it stands. */
tin_status tin_add_path_step(tin_lowering *lo, const tin_path *w);

/* lower_move.c: the step that surrounds a tensor, given by its value, with a
 * value of elem_bytes; the output is before[i] + after[i] larger along axis i.
 * in_tensor and out_tensor are those of the values. */
tin_status tin_add_pad_step(tin_lowering *lo, const tin_value *in,
                            const tin_value *out, const int32_t *before,
                            const uint8_t *value, int32_t in_tensor,
                            int32_t out_tensor);

/*
 * The window of a convolution or pool over input 0, as the node's strides,
 * dilations and padding say; checks the output's shape. SAME pads so that
 * out = ceil(in / stride), the odd element at the end.
 */
tin_status tin_make_window(tin_lowering *lo, int32_t kernel_h, int32_t kernel_w,
                           int32_t out_c, tin_window *w);

/* Rows of a tensor that stands by itself. */
int32_t tin_natural_rows(const tin_value *v);

/* Refuses unless both are of one type, scale and zero point. */
tin_status tin_want_alike(tin_lowering *lo, const tin_value *a,
                          const tin_value *b);

/* ---- Layers with weights: input, weights, bias; lower_weights.c --------- */

/* What belongs to the output channels of a layer with int8 weights. */
typedef struct {
    const int8_t *weights;
    const int32_t *multiplier;
    const int8_t *shift;
} tin_weights;

/* What the params of all int8 kernels with weights have, in their order. */
typedef struct {
    int32_t in_zero, out_zero, act_min, act_max;
    const int8_t *weights;
    const int32_t *bias;
    const int32_t *multiplier; /* per output channel */
    const int8_t *shift;       /* per output channel */
} tin_s8_filter;

/* The same of float kernels. */
typedef struct {
    float act_min, act_max;
    const float *weights, *bias;
} tin_f32_filter;

/* Checks what they have in common. */
tin_status tin_check_operands(tin_lowering *lo, int32_t weight_rank);
tin_status tin_check_bias(tin_lowering *lo, int32_t channels);
/* Counts what the layer costs. */
void tin_account_weights(tin_lowering *lo, int64_t macs_per_output);
/* multiplier and shift of every output channel: in * weight / out. */
tin_status tin_make_requantization(tin_lowering *lo, int32_t channels,
                                   int32_t *multiplier, int8_t *shift);
/* Makes constants of them; output channels are along `channel_axis` of the
 * weights, which stay as the file has them. */
tin_status tin_make_weights(tin_lowering *lo, int32_t channels,
                            int32_t channel_axis, tin_weights *t);
tin_status tin_make_s8_filter(tin_lowering *lo, int32_t channels,
                              int32_t channel_axis, tin_s8_filter *f);
tin_status tin_make_f32_filter(tin_lowering *lo, tin_f32_filter *f);

/* Bytes of a tensor. */
int32_t tin_value_bytes(const tin_value *v);

/* Copies elements of `size` bytes from little endian to host order, or back. */
void tin_swap_order(uint8_t *to, const uint8_t *from, int32_t count,
                    int32_t size);

/* Input i as a list of integers, which must be constant, of rank 1 or less
 * and of at most `most` numbers; `what` names it in messages. */
tin_status tin_read_ints(tin_lowering *lo, int32_t i, const char *what,
                         int64_t *list, int32_t most, int32_t *n);
/* The same for exactly one number. */
tin_status tin_read_int(tin_lowering *lo, int32_t i, const char *what,
                        int64_t *value);
/* An axis of `rank`, counted from the end if it is negative. */
tin_status tin_want_axis(tin_lowering *lo, int64_t wanted, int32_t rank,
                         int32_t *axis);

/* Element i of a constant of type int32 or int64. */
int64_t tin_const_int(const tin_value *v, int32_t i);

tin_status tin_lower(tin_lowering *lo, tin_program *program);

/* layout_plans.c: no plans yet; NULL without memory. */
tin_plans *tin_plans_new(tin_pool *pool);

/* layout.c: places everything in the arena. `program` has steps already. */
tin_status tin_layout(tin_lowering *lo, tin_program *program,
                      const tin_compile_options *options);

/* compile.c: a graph as it stands, with portable kernels and without passes.
 * The program is meant to be run once, here. */
tin_status tin_compile_once(tin_graph *graph, tin_program *program,
                            tin_diag *diag);

/* describe.c: one line of the report for each operator of the file, before
 * passes take operators away; NULL without memory. */
tin_layer *tin_describe_layers(const tin_graph *graph);

/* fold.c: what is known before the network runs. */
void tin_fold_constants(tin_graph *graph);
/* passes.c: graph -> graph. */
tin_status tin_fold_pads(tin_graph *graph, tin_diag *diag);
/* uint8.c: uint8 tensors become int8. */
tin_status tin_shift_uint8(tin_graph *graph, tin_diag *diag);
/* rows_1d.c: networks over one dimension get rows. */
tin_status tin_turn_rows_1d(tin_graph *graph, tin_diag *diag);
/* dead_channels.c: int8 channels that cannot matter. */
tin_status tin_remove_dead_channels(tin_graph *graph, tin_diag *diag);

#endif /* TIN_LOWER_H */
