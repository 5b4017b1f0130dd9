/* SPDX-License-Identifier: MIT */
/* tflite_nodes.c: operators of a .tflite file to nodes of a graph. */
#include <stdio.h>
#include <string.h>

#include "tflite.h"

/* ---- Options ------------------------------------------------------------ */

static const char *const damaged_enum = "%s %ld is not in the schema";

static void read_activation(tin_tflite *t, const tin_fb_table *options,
                            uint32_t slot, tin_attributes *attr)
{
    static const tin_activation known[] = {TIN_ACT_NONE, TIN_ACT_RELU,
                                           TIN_ACT_RELU_N1_TO_1, TIN_ACT_RELU6};
    const int32_t code = tin_fb_s8(&t->fb, options, slot, 0);

    if (code >= 0 && code <= 3)
        attr->activation = known[code];
    else if (code == 4 || code == 5)
        tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, -1,
                    "the fused activation %s is not supported",
                    code == 4 ? "TANH" : "SIGN_BIT");
    else
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1, damaged_enum,
                    "the fused activation", (long)code);
}

static void read_padding(tin_tflite *t, const tin_fb_table *options,
                         uint32_t slot, tin_attributes *attr)
{
    const int32_t code = tin_fb_s8(&t->fb, options, slot, 0);

    if (code == 0 || code == 1)
        attr->padding = code == 0 ? TIN_PADDING_SAME : TIN_PADDING_VALID;
    else
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1, damaged_enum, "the padding",
                    (long)code);
}

/* A list of at most TIN_MAX_RANK numbers. */
static void read_list(tin_tflite *t, const tin_fb_table *options, uint32_t slot,
                      const char *what, tin_attributes *attr)
{
    const tin_fb_vector v = tin_fb_field_vector(&t->fb, options, slot, 4, what);
    uint32_t i;

    if (v.count > TIN_MAX_RANK) {
        tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, (int64_t)v.at,
                    "%s has %lu entries, at most %d are supported", what,
                    (unsigned long)v.count, TIN_MAX_RANK);
        return;
    }
    for (i = 0; i < v.count; i++)
        attr->list[i] = tin_fb_at_s32(&t->fb, &v, i);
    attr->n_list = (int32_t)v.count;
}

static void read_conv(tin_tflite *t, const tin_fb_table *o, tin_attributes *a)
{
    read_padding(t, o, 0, a);
    a->stride_w = tin_fb_s32(&t->fb, o, 1, 0);
    a->stride_h = tin_fb_s32(&t->fb, o, 2, 0);
    read_activation(t, o, 3, a);
    a->dilation_w = tin_fb_s32(&t->fb, o, 4, 1);
    a->dilation_h = tin_fb_s32(&t->fb, o, 5, 1);
}

static void read_depthwise(tin_tflite *t, const tin_fb_table *o,
                           tin_attributes *a)
{
    read_padding(t, o, 0, a);
    a->stride_w = tin_fb_s32(&t->fb, o, 1, 0);
    a->stride_h = tin_fb_s32(&t->fb, o, 2, 0);
    a->depth_multiplier = tin_fb_s32(&t->fb, o, 3, 0);
    read_activation(t, o, 4, a);
    a->dilation_w = tin_fb_s32(&t->fb, o, 5, 1);
    a->dilation_h = tin_fb_s32(&t->fb, o, 6, 1);
}

static void read_pool(tin_tflite *t, const tin_fb_table *o, tin_attributes *a)
{
    read_padding(t, o, 0, a);
    a->stride_w = tin_fb_s32(&t->fb, o, 1, 0);
    a->stride_h = tin_fb_s32(&t->fb, o, 2, 0);
    a->filter_w = tin_fb_s32(&t->fb, o, 3, 0);
    a->filter_h = tin_fb_s32(&t->fb, o, 4, 0);
    a->dilation_h = a->dilation_w = 1;
    read_activation(t, o, 5, a);
}

static void read_dense(tin_tflite *t, const tin_fb_table *o, tin_attributes *a)
{
    read_activation(t, o, 0, a);
    if (tin_fb_s8(&t->fb, o, 1, 0) != 0)
        tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, -1,
                    "weights in a shuffled format are not supported");
    a->keep_dims = tin_fb_u8(&t->fb, o, 2, 0) != 0;
}

static void read_concat(tin_tflite *t, const tin_fb_table *o, tin_attributes *a)
{
    a->axis = tin_fb_s32(&t->fb, o, 0, 0);
    read_activation(t, o, 1, a);
}

static void read_none(tin_tflite *t, const tin_fb_table *o, tin_attributes *a)
{
    (void)t, (void)o, (void)a;
}

/* Of ADD and its like. */
static void read_binary(tin_tflite *t, const tin_fb_table *o, tin_attributes *a)
{
    read_activation(t, o, 0, a);
}

static void read_softmax(tin_tflite *t, const tin_fb_table *o,
                         tin_attributes *a)
{
    a->beta = tin_fb_f32(&t->fb, o, 0, 0.0f);
}

static void read_leaky_relu(tin_tflite *t, const tin_fb_table *o,
                            tin_attributes *a)
{
    a->alpha = tin_fb_f32(&t->fb, o, 0, 0.0f);
}

static void read_gelu(tin_tflite *t, const tin_fb_table *o, tin_attributes *a)
{
    a->approximate = tin_fb_u8(&t->fb, o, 0, 0) != 0;
}

static void read_reshape(tin_tflite *t, const tin_fb_table *o,
                         tin_attributes *a)
{
    read_list(t, o, 0, "the new shape", a);
}

static void read_squeeze(tin_tflite *t, const tin_fb_table *o,
                         tin_attributes *a)
{
    read_list(t, o, 0, "the list of squeezed dimensions", a);
}

static void read_reducer(tin_tflite *t, const tin_fb_table *o,
                         tin_attributes *a)
{
    a->keep_dims = tin_fb_u8(&t->fb, o, 0, 0) != 0;
}

static void read_l2norm(tin_tflite *t, const tin_fb_table *o, tin_attributes *a)
{
    read_activation(t, o, 0, a);
}

static void read_lrn(tin_tflite *t, const tin_fb_table *o, tin_attributes *a)
{
    a->radius = tin_fb_s32(&t->fb, o, 0, 0);
    a->bias = tin_fb_f32(&t->fb, o, 1, 0.0f);
    a->alpha = tin_fb_f32(&t->fb, o, 2, 0.0f);
    a->beta = tin_fb_f32(&t->fb, o, 3, 0.0f);
}

static void read_cumsum(tin_tflite *t, const tin_fb_table *o, tin_attributes *a)
{
    a->exclusive = tin_fb_u8(&t->fb, o, 0, 0) != 0;
    a->reverse = tin_fb_u8(&t->fb, o, 1, 0) != 0;
}

static void read_matmul(tin_tflite *t, const tin_fb_table *o, tin_attributes *a)
{
    a->adj_x = tin_fb_u8(&t->fb, o, 0, 0) != 0;
    a->adj_y = tin_fb_u8(&t->fb, o, 1, 0) != 0;
}

/* Of PACK and UNPACK, whose first field counts tensors. */
static void read_axis_second(tin_tflite *t, const tin_fb_table *o,
                             tin_attributes *a)
{
    a->axis = tin_fb_s32(&t->fb, o, 1, 0);
}

static void read_one_hot(tin_tflite *t, const tin_fb_table *o,
                         tin_attributes *a)
{
    a->axis = tin_fb_s32(&t->fb, o, 0, 0);
}

static void read_gather(tin_tflite *t, const tin_fb_table *o, tin_attributes *a)
{
    a->axis = tin_fb_s32(&t->fb, o, 0, 0);
    a->batch_dims = tin_fb_s32(&t->fb, o, 1, 0);
}

static void read_strided_slice(tin_tflite *t, const tin_fb_table *o,
                               tin_attributes *a)
{
    a->slice.begin = tin_fb_u32(&t->fb, o, 0, 0);
    a->slice.end = tin_fb_u32(&t->fb, o, 1, 0);
    a->slice.ellipsis = tin_fb_u32(&t->fb, o, 2, 0);
    a->slice.new_axis = tin_fb_u32(&t->fb, o, 3, 0);
    a->slice.shrink = tin_fb_u32(&t->fb, o, 4, 0);
    a->slice.from_begin = tin_fb_u8(&t->fb, o, 5, 0) != 0;
}

/* Of SPACE_TO_DEPTH and DEPTH_TO_SPACE. */
static void read_block(tin_tflite *t, const tin_fb_table *o, tin_attributes *a)
{
    a->block = tin_fb_s32(&t->fb, o, 0, 0);
}

static void read_mirror_pad(tin_tflite *t, const tin_fb_table *o,
                            tin_attributes *a)
{
    const int32_t mode = tin_fb_s8(&t->fb, o, 0, 0);

    if (mode == 0 || mode == 1) // REFLECT, SYMMETRIC
        a->mirror_edge = mode;
    else
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1, damaged_enum, "the mode",
                    (long)mode);
}

static void read_lstm(tin_tflite *t, const tin_fb_table *o, tin_attributes *a)
{
    if (tin_fb_s8(&t->fb, o, 0, 0) != 4)
        tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, -1,
                    "a fused activation other than TANH is not supported");
    if (tin_fb_u8(&t->fb, o, 5, 0) != 0)
        tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, -1,
                    "diagonal recurrent weights are not supported");
    a->cell_clip = tin_fb_f32(&t->fb, o, 1, 0.0f);
    a->time_major = tin_fb_u8(&t->fb, o, 3, 0) != 0;
}

static void read_svdf(tin_tflite *t, const tin_fb_table *o, tin_attributes *a)
{
    a->svdf_rank = tin_fb_s32(&t->fb, o, 0, 0);
    read_activation(t, o, 1, a);
}

static void read_var_handle(tin_tflite *t, const tin_fb_table *o,
                            tin_attributes *a)
{
    a->container = tin_fb_field_string(&t->fb, o, 0, "its container");
    a->shared_name = tin_fb_field_string(&t->fb, o, 1, "its shared name");
}

static void read_call_once(tin_tflite *t, const tin_fb_table *o,
                           tin_attributes *a)
{
    a->subgraph = tin_fb_s32(&t->fb, o, 0, 0);
}

static void read_resize_bilinear(tin_tflite *t, const tin_fb_table *o,
                                 tin_attributes *a)
{
    a->align_corners = tin_fb_u8(&t->fb, o, 2, 0) != 0;
    a->half_pixel = tin_fb_u8(&t->fb, o, 3, 0) != 0;
}

static void read_resize_nearest(tin_tflite *t, const tin_fb_table *o,
                                tin_attributes *a)
{
    a->align_corners = tin_fb_u8(&t->fb, o, 0, 0) != 0;
    a->half_pixel = tin_fb_u8(&t->fb, o, 1, 0) != 0;
}

static void read_transconv(tin_tflite *t, const tin_fb_table *o,
                           tin_attributes *a)
{
    read_padding(t, o, 0, a);
    a->stride_w = tin_fb_s32(&t->fb, o, 1, 0);
    a->stride_h = tin_fb_s32(&t->fb, o, 2, 0);
    read_activation(t, o, 3, a);
    a->dilation_h = a->dilation_w = 1;
}

/* ---- The operators ------------------------------------------------------ */

typedef void read_options(tin_tflite *t, const tin_fb_table *options,
                          tin_attributes *attr);

/* How an operator looks in a file: see operators.inc. */
typedef struct {
    int32_t code, newest;
    uint32_t min_in, max_in, optional;
    int32_t max_out; /* -1: it has no outputs */
    int32_t options, options_needed;
    read_options *read;
} op_kind;

static const op_kind kinds[TIN_OP_COUNT] = {
#define TIN_OPERATOR(name, lower, types, typed, code, newest, min_in, max_in,  \
                     optional, max_out, options, needed, read)                 \
 {code,    newest,  min_in, max_in,     optional,                              \
  max_out, options, needed, read_##read},
#include "operators.inc"
#undef TIN_OPERATOR
};

/* May the input be left out by an index of -1? */
static int is_optional(const op_kind *kind, uint32_t input)
{
    return input < 32 && (kind->optional >> input & 1u);
}

/* ---- Codes -------------------------------------------------------------- */

enum { CODE_DEPRECATED = 0, CODE_CUSTOM = 1, CODE_VERSION = 2 };
enum { CODE_BUILTIN = 3 };

/* The code is in one of two fields: when it outgrew the first, of 8 bits, a
 * second was added. Returns -1 when they contradict each other. */
static int32_t builtin_code(tin_tflite *t, const tin_fb_table *entry)
{
    const int32_t narrow = tin_fb_s8(&t->fb, entry, CODE_DEPRECATED, 0);
    const int32_t wide = tin_fb_s32(&t->fb, entry, CODE_BUILTIN, 0);

    if (narrow < 0 || wide < 0 ||
        (narrow != 0 && narrow != TIN_TFLITE_PLACEHOLDER && wide != 0 &&
         wide != narrow))
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, (int64_t)entry->at,
                    "its operator code is %ld in one field and %ld in another",
                    (long)narrow, (long)wide);
    return t->fb.status != TIN_OK ? -1 : wide > narrow ? wide : narrow;
}

/* What has to be done about it where the file is made. */
static const char *hint_for(const char *op)
{
    if (strcmp(op, "WHILE") == 0)
        return "; recurrent layers become plain ones with unroll=True in Keras";
    if (strcmp(op, "IF") == 0)
        return "; which layers run may not depend on the input";
    return "";
}

static void fail_unsupported(tin_tflite *t, const char *op, int32_t version)
{
    tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, -1,
                "operator %s (version %ld) is not supported; `tinyinfer "
                "inspect --ops` lists those that are%s",
                op, (long)version, hint_for(op));
}

/* Operators that no static plan can hold. */
static void fail_dynamic(tin_tflite *t, const char *op)
{
    tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, -1,
                "operator %s is not supported: the shape of its output depends "
                "on data",
                op);
}

/* IF, WHILE and CALL run one subgraph or another: what is needed when, and so
 * the memory, is known only as they run. */
static int is_control_flow(int32_t code)
{
    enum { CALL = 31, IF = 118, WHILE = 119 };

    return code == CALL || code == IF || code == WHILE;
}

static void fail_control_flow(tin_tflite *t, const char *op, int32_t version)
{
    tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, -1,
                "operator %s (version %ld) is control flow, which is not "
                "supported: unroll it when the network is converted",
                op, (long)version);
}

static void fail_custom(tin_tflite *t, const tin_fb_table *entry,
                        int32_t version)
{
    const char *name =
        tin_fb_field_string(&t->fb, entry, CODE_CUSTOM, "its custom name");
    char text[TIN_SHORT_NAME + 16], buffer[TIN_SHORT_NAME];

    if (!name || !*name) {
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, (int64_t)entry->at,
                    "a custom operator without a name");
        return;
    }
    snprintf(text, sizeof text, "CUSTOM '%s'", tin_short_name(name, buffer));
    fail_unsupported(t, text, version);
}

/* The kind of an operator; TIN_OP_COUNT and an error when we have none. */
static tin_op find_op(tin_tflite *t, const tin_fb_table *entry)
{
    const int32_t code = builtin_code(t, entry);
    const int32_t version = tin_fb_s32(&t->fb, entry, CODE_VERSION, 1);
    const char *name = tin_tflite_op_name(code);
    int op = 0;

    if (t->fb.status != TIN_OK)
        return TIN_OP_COUNT;
    while (op < TIN_OP_COUNT && kinds[op].code != code)
        op++;
    if (op < TIN_OP_COUNT && version >= 1 && version <= kinds[op].newest)
        return (tin_op)op;
    if (op < TIN_OP_COUNT)
        tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, (int64_t)entry->at,
                    "operator %s (version %ld) is not supported; its versions "
                    "1 to %ld are",
                    name, (long)version, (long)kinds[op].newest);
    else if (code == TIN_TFLITE_CUSTOM)
        fail_custom(t, entry, version);
    else if (name && strcmp(name, "WHERE") == 0)
        fail_dynamic(t, name);
    else if (is_control_flow(code))
        fail_control_flow(t, name, version);
    else if (name)
        fail_unsupported(t, name, version);
    else
        tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, (int64_t)entry->at,
                    "operator code %ld is not known", (long)code);
    return TIN_OP_COUNT;
}

/* ---- Operators ---------------------------------------------------------- */

enum { OPERATOR_CODE = 0, OPERATOR_INPUTS = 1, OPERATOR_OUTPUTS = 2 };
enum { OPERATOR_OPTIONS_TYPE = 3, OPERATOR_OPTIONS = 4 };

/* The tensor's name, or NULL; damage is not reported. */
static const char *peek_name(const tin_tflite *t, int32_t tensor)
{
    tin_fb quiet = t->fb;
    tin_fb_table table;

    quiet.diag = NULL;
    if (tensor < 0 || (uint32_t)tensor >= t->tensors.count)
        return NULL;
    table = tin_fb_at_table(&quiet, &t->tensors, (uint32_t)tensor, "");
    return tin_fb_field_string(&quiet, &table, 3, "");
}

void tin_tflite_enter_layer(tin_tflite *t, int32_t i)
{
    tin_fb quiet = t->fb;
    tin_fb_table table;
    tin_fb_vector outputs;

    t->fb.where.layer = i;
    t->fb.where.layer_name = NULL;
    if (i < 0)
        return;
    quiet.diag = NULL;
    table = tin_fb_at_table(&quiet, &t->operators, (uint32_t)i, "");
    outputs = tin_fb_field_vector(&quiet, &table, OPERATOR_OUTPUTS, 4, "");
    if (outputs.count)
        t->fb.where.layer_name =
            peek_name(t, tin_fb_at_s32(&quiet, &outputs, 0));
}

/* Checks one tensor index of an operator; `optional` allows -1. */
static void check_index(tin_tflite *t, const char *kind, uint32_t i,
                        int32_t tensor, int optional)
{
    if (tensor == -1 && !optional)
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1,
                    "%s %lu is left out, but it is not optional", kind,
                    (unsigned long)i);
    else if (tensor < -1 || tensor >= t->graph->n_values)
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1,
                    "%s %lu is tensor %ld, but there are %ld", kind,
                    (unsigned long)i, (long)tensor, (long)t->graph->n_values);
}

/* TRANSPOSE_CONV has the shape of its output first and the image third: here
 * it begins like any convolution, with image, weights and bias. */
static void like_convolution(int32_t in[4])
{
    const int32_t shape = in[0];

    in[0] = in[2];
    in[2] = in[3];
    in[3] = shape;
}

static void read_inputs(tin_tflite *t, const tin_fb_table *table,
                        const op_kind *kind, tin_node *node)
{
    const tin_fb_vector v = tin_fb_field_vector(&t->fb, table, OPERATOR_INPUTS,
                                                4, "its list of inputs");
    const uint32_t room = kind->max_in ? kind->max_in : v.count;
    int32_t *in;
    uint32_t i;

    if (t->fb.status == TIN_OK && (v.count < kind->min_in || v.count > room))
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, (int64_t)table->at,
                    "%s with %lu inputs", tin_op_name(node->op),
                    (unsigned long)v.count);
    if (tin_fb_work(&t->fb, v.count) != TIN_OK)
        return;
    in = tin_tflite_alloc(t, room, sizeof *in);
    for (i = 0; in && i < room && t->fb.status == TIN_OK; i++) {
        in[i] = i < v.count ? tin_fb_at_s32(&t->fb, &v, i) : -1;
        if (i < v.count)
            check_index(t, "input", i, in[i], is_optional(kind, i));
    }
    if (in && node->op == TIN_OP_TRANSPOSE_CONV)
        like_convolution(in);
    node->in = in;
    node->n_in = (int32_t)room;
}

/* Checks output i of a node whose earlier ones are there. */
static void check_new_output(tin_tflite *t, const tin_node *node, int32_t i)
{
    const int32_t tensor = node->out[i];
    int32_t k;

    check_index(t, "output", (uint32_t)i, tensor, 0);
    for (k = 0; k < node->n_in && t->fb.status == TIN_OK; k++)
        if (node->in[k] == tensor)
            tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1,
                        "tensor %ld is both its input and its output",
                        (long)tensor);
}

static void read_outputs(tin_tflite *t, const tin_fb_table *table,
                         const op_kind *kind, tin_node *node)
{
    const tin_fb_vector v = tin_fb_field_vector(&t->fb, table, OPERATOR_OUTPUTS,
                                                4, "its list of outputs");
    const uint32_t least = kind->max_out < 0 ? 0 : 1;
    const uint32_t most = kind->max_out > 0 ? (uint32_t)kind->max_out : least;
    int32_t *out, i;

    if (t->fb.status == TIN_OK &&
        (v.count < least || (kind->max_out && v.count > most)))
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, (int64_t)table->at,
                    "%s with %lu outputs", tin_op_name(node->op),
                    (unsigned long)v.count);
    if (t->fb.status != TIN_OK || tin_fb_work(&t->fb, v.count) != TIN_OK)
        return;
    out = tin_tflite_alloc(t, v.count, sizeof *out);
    node->out = out;
    node->n_out = (int32_t)v.count;
    for (i = 0; out && i < node->n_out && t->fb.status == TIN_OK; i++) {
        out[i] = tin_fb_at_s32(&t->fb, &v, (uint32_t)i);
        check_new_output(t, node, i);
    }
}

/* Reads the options, where they matter. */
static void read_attributes(tin_tflite *t, const tin_fb_table *table,
                            const op_kind *kind, tin_attributes *attr)
{
    const int32_t type = tin_fb_u8(&t->fb, table, OPERATOR_OPTIONS_TYPE, 0);
    tin_fb_table options;

    if (!kind->options || t->fb.status != TIN_OK)
        return;
    if (type != 0 && type != kind->options) {
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, (int64_t)table->at,
                    "it carries the options of another operator (kind %ld)",
                    (long)type);
        return;
    }
    options =
        tin_fb_field_table(&t->fb, table, OPERATOR_OPTIONS, "its options");
    if (kind->options_needed && (type == 0 || options.at == 0))
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, (int64_t)table->at,
                    "its options are missing");
    // Without a type, nobody can say what the table is.
    if (type != 0)
        kind->read(t, &options, attr);
}

/* Claims the outputs of node i. */
static void set_producer(tin_tflite *t, int32_t i, const tin_node *node)
{
    int32_t k;

    for (k = 0; k < node->n_out && t->fb.status == TIN_OK; k++) {
        tin_value *value = &t->graph->values[node->out[k]];

        if (value->producer >= 0)
            tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1,
                        "its output, tensor %ld, is already made by layer %ld",
                        (long)node->out[k], (long)value->producer);
        else
            value->producer = i;
    }
}

static void read_node(tin_tflite *t, int32_t i, tin_node *node)
{
    const tin_fb_table table =
        tin_fb_at_table(&t->fb, &t->operators, (uint32_t)i, "the operator");
    const uint32_t code = tin_fb_u32(&t->fb, &table, OPERATOR_CODE, 0);
    tin_fb_table entry;

    if (t->fb.status == TIN_OK && code >= t->codes.count)
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, (int64_t)table.at,
                    "its operator code has index %lu, but there are %lu",
                    (unsigned long)code, (unsigned long)t->codes.count);
    if (t->fb.status != TIN_OK)
        return;
    entry = tin_fb_at_table(&t->fb, &t->codes, code, "its operator code");
    node->layer = i;
    node->op = find_op(t, &entry);
    node->version = tin_fb_s32(&t->fb, &entry, CODE_VERSION, 1);
    if (node->op == TIN_OP_COUNT)
        return;
    read_inputs(t, &table, &kinds[node->op], node);
    read_outputs(t, &table, &kinds[node->op], node);
    read_attributes(t, &table, &kinds[node->op], &node->attr);
    if (t->fb.status == TIN_OK)
        set_producer(t, i, node);
}

tin_status tin_tflite_read_nodes(tin_tflite *t)
{
    int32_t i;

    for (i = 0; i < t->graph->n_nodes && t->fb.status == TIN_OK; i++) {
        tin_tflite_enter_layer(t, i);
        read_node(t, i, &t->graph->nodes[i]);
    }
    tin_tflite_enter_layer(t, -1);
    return t->fb.status;
}
