/* SPDX-License-Identifier: MIT */
/* tflite_values.c: tensors of a .tflite file to values of a graph. */
#include <float.h>

#include "tflite.h"

/* Slots of the schema's tables. */
enum { TENSOR_SHAPE = 0, TENSOR_TYPE = 1, TENSOR_BUFFER = 2 };
enum { TENSOR_NAME = 3, TENSOR_QUANTIZATION = 4, TENSOR_VARIABLE = 5 };
enum { TENSOR_SPARSITY = 6, TENSOR_SIGNATURE = 7, TENSOR_EXTERNAL = 10 };
enum { QUANT_SCALE = 2, QUANT_ZERO_POINT = 3, QUANT_DETAILS = 4 };
enum { QUANT_AXIS = 6 };
enum { BUFFER_DATA = 0, BUFFER_OFFSET = 1, BUFFER_SIZE = 2 };

/* ---- Type and shape ----------------------------------------------------- */

static tin_status read_type(tin_tflite *t, const tin_fb_table *tensor,
                            tin_value *value)
{
    // TensorType; -1: not ours
    static const struct {
        const char *name;
        int type;
    } types[] = {
        {"FLOAT32", TIN_F32}, {"FLOAT16", TIN_F16}, {"INT32", TIN_S32},
        {"UINT8", TIN_U8},    {"INT64", TIN_S64},   {"STRING", -1},
        {"BOOL", TIN_BOOL},   {"INT16", TIN_S16},   {"COMPLEX64", -1},
        {"INT8", TIN_S8},     {"FLOAT64", -1},      {"COMPLEX128", -1},
        {"UINT64", -1},       {"RESOURCE", -1},     {"VARIANT", -1},
        {"UINT32", -1},       {"UINT16", -1},       {"INT4", TIN_S4},
        {"BFLOAT16", -1},
    };
    const int32_t n = (int32_t)(sizeof types / sizeof *types);
    const int32_t code = tin_fb_s8(&t->fb, tensor, TENSOR_TYPE, 0);

    if (code < 0 || code >= n)
        return tin_fb_fail(&t->fb, TIN_ERR_FORMAT, (int64_t)tensor->at,
                           "type %ld is not known", (long)code);
    if (types[code].type < 0)
        return tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, (int64_t)tensor->at,
                           "type %s is not supported", types[code].name);
    value->type = (tin_type)types[code].type;
    return t->fb.status;
}

/* Multiplies the extents. All that follows counts in 31 bits, bytes too. */
static tin_status check_size(tin_tflite *t, const tin_value *value)
{
    int64_t bytes = tin_type_bytes(value->type);
    int32_t i;

    for (i = 0; i < value->rank; i++) {
        // Below 2^31 * 2^31: no wrap.
        bytes *= value->shape[i];
        if (bytes > INT32_MAX)
            return tin_fb_fail(&t->fb, TIN_ERR_OVERFLOW, -1,
                               "it has 2^31 bytes or more");
    }
    return TIN_OK;
}

/* Checks extent i of a shape against the signature, if there is one: there,
 * -1 says that the extent may change from run to run. */
static tin_status check_extent(tin_tflite *t, uint32_t i, tin_value *value,
                               const tin_fb_vector *signature)
{
    const int32_t dim = value->shape[i];
    const int32_t open =
        signature->count ? tin_fb_at_s32(&t->fb, signature, i) : dim;

    if (dim < 1 && open == -1 && signature->count)
        return tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, -1,
                           "dimension %lu is left open; only fixed shapes "
                           "are supported: convert the network with one",
                           (unsigned long)i);
    if (dim < 1)
        return tin_fb_fail(&t->fb, TIN_ERR_SHAPE, -1, "dimension %lu is %ld",
                           (unsigned long)i, (long)dim);
    if (open != -1 && open != dim)
        return tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1,
                           "dimension %lu is %ld in its shape but %ld in its "
                           "signature",
                           (unsigned long)i, (long)dim, (long)open);
    if (open == -1)
        value->open_axes |= 1u << i; // i < TIN_MAX_RANK
    return TIN_OK;
}

static tin_status read_shape(tin_tflite *t, const tin_fb_table *tensor,
                             tin_value *value)
{
    tin_fb *fb = &t->fb;
    const tin_fb_vector shape =
        tin_fb_field_vector(fb, tensor, TENSOR_SHAPE, 4, "its shape");
    const tin_fb_vector signature = tin_fb_field_vector(
        fb, tensor, TENSOR_SIGNATURE, 4, "its shape signature");
    uint32_t i;

    if (fb->status != TIN_OK)
        return fb->status;
    if (shape.count > TIN_MAX_RANK)
        return tin_fb_fail(fb, TIN_ERR_UNSUPPORTED, (int64_t)shape.at,
                           "rank %lu is not supported, at most %d is",
                           (unsigned long)shape.count, TIN_MAX_RANK);
    if (signature.count && signature.count != shape.count)
        return tin_fb_fail(fb, TIN_ERR_FORMAT, (int64_t)signature.at,
                           "its shape has rank %lu, its signature %lu",
                           (unsigned long)shape.count,
                           (unsigned long)signature.count);
    value->rank = (int32_t)shape.count;
    for (i = 0; i < shape.count; i++) {
        value->shape[i] = tin_fb_at_s32(fb, &shape, i);
        if (check_extent(t, i, value, &signature) != TIN_OK)
            return fb->status;
    }
    return check_size(t, value);
}

/* ---- Contents ----------------------------------------------------------- */

/* Finds the bytes of a buffer: in a vector, or, in files of more than 2 GB,
 * behind the tables. No bytes: an activation. */
static tin_fb_vector find_bytes(tin_tflite *t, const tin_fb_table *buffer)
{
    tin_fb *fb = &t->fb;
    tin_fb_vector v =
        tin_fb_field_vector(fb, buffer, BUFFER_DATA, 1, "its contents");
    const uint64_t offset = tin_fb_u64(fb, buffer, BUFFER_OFFSET, 0);
    const uint64_t size = tin_fb_u64(fb, buffer, BUFFER_SIZE, 0);

    // The schema says that offsets 0 and 1 mean none.
    if (fb->status != TIN_OK || offset <= 1)
        return v;
    if (v.count)
        tin_fb_fail(fb, TIN_ERR_FORMAT, (int64_t)buffer->at,
                    "its buffer has contents in two places");
    else if (offset > fb->size || size > fb->size - offset)
        tin_fb_fail(fb, TIN_ERR_FORMAT, (int64_t)buffer->at,
                    "its contents end beyond the end of the file");
    else if (size > INT32_MAX)
        tin_fb_fail(fb, TIN_ERR_OVERFLOW, (int64_t)buffer->at,
                    "its contents have 2^31 bytes or more");
    if (fb->status == TIN_OK) {
        v.at = offset;
        v.count = (uint32_t)size;
    }
    return v;
}

/* Finds the bytes of a constant. */
static tin_fb_vector find_contents(tin_tflite *t, const tin_fb_table *tensor)
{
    static const tin_fb_vector none;
    const uint32_t index = tin_fb_u32(&t->fb, tensor, TENSOR_BUFFER, 0);
    tin_fb_table buffer;

    if (t->fb.status == TIN_OK && index >= t->buffers.count)
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, (int64_t)tensor->at,
                    "its buffer has index %lu, but there are %lu",
                    (unsigned long)index, (unsigned long)t->buffers.count);
    if (t->fb.status != TIN_OK)
        return none;
    buffer = tin_fb_at_table(&t->fb, &t->buffers, index, "its buffer");
    return find_bytes(t, &buffer);
}

/* Contents of which the file keeps only what is not zero; perhaps nothing. */
static tin_status read_sparse(tin_tflite *t, const tin_fb_table *sparsity,
                              const tin_fb_vector *v, tin_value *value)
{
    if (value->type == TIN_S4)
        return tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, (int64_t)sparsity->at,
                           "a sparse tensor of int4 is not supported");
    value->data = tin_tflite_densify(t, sparsity, v, value);
    return t->fb.status;
}

static tin_status read_contents(tin_tflite *t, const tin_fb_table *tensor,
                                tin_value *value)
{
    const tin_fb_vector v = find_contents(t, tensor);
    const tin_fb_table sparsity =
        tin_fb_field_table(&t->fb, tensor, TENSOR_SPARSITY, "its sparsity");
    const int is_s4 = value->type == TIN_S4;
    const int32_t n = tin_value_elements(value);
    uint32_t expected = (uint32_t)n * (uint32_t)tin_type_bytes(value->type);

    if (is_s4)
        expected = expected / 2 + expected % 2;
    if (t->fb.status != TIN_OK)
        return t->fb.status;
    if (sparsity.at)
        return read_sparse(t, &sparsity, &v, value);
    if (v.count == 0 && is_s4)
        return tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, -1,
                           "int4 is supported for constants only");
    if (v.count == 0)
        return TIN_OK;
    if (v.count != expected)
        return tin_fb_fail(&t->fb, TIN_ERR_FORMAT, (int64_t)v.at,
                           "its contents have %lu bytes, its shape and type "
                           "need %lu",
                           (unsigned long)v.count, (unsigned long)expected);
    value->data = t->fb.bytes + v.at;
    if (is_s4) {
        value->data = tin_tflite_unpack_s4(t, value->data, n);
        value->type = TIN_S8;
    }
    return t->fb.status;
}

/* ---- Quantization ------------------------------------------------------- */

/* The zero points that a type can have. The quantization specification wants
 * those of int16 activations and of biases to be 0. */
static void zero_point_range(tin_type type, int64_t *lo, int64_t *hi)
{
    *lo = type == TIN_S8 ? -128 : 0;
    *hi = type == TIN_S8 ? 127 : type == TIN_U8 ? 255 : 0;
}

/* Checks one scale. Not a single comparison is true of a NaN. A tiny scale is
 * fine for the weights of a dead channel, but no activation has one. */
static tin_status check_scale(tin_tflite *t, const tin_value *value, uint32_t i,
                              float scale)
{
    const char *reason = NULL;

    if (!(scale > 0))
        reason = "is not positive";
    else if (!(scale <= FLT_MAX))
        reason = "is infinite";
    else if (!value->data && scale < FLT_MIN)
        reason = "is denormal";
    if (!reason)
        return TIN_OK;
    return tin_fb_fail(&t->fb, TIN_ERR_QUANT, -1, "scale %lu (%g) %s",
                       (unsigned long)i, (double)scale, reason);
}

static tin_status check_zero_point(tin_tflite *t, const tin_value *value,
                                   uint32_t i, int64_t zero)
{
    int64_t lo, hi;

    zero_point_range(value->type, &lo, &hi);
    if (zero >= lo && zero <= hi)
        return TIN_OK;
    return tin_fb_fail(&t->fb, TIN_ERR_QUANT, -1,
                       "zero point %lu is %lld, not in %lld .. %lld of %s",
                       (unsigned long)i, (long long)zero, (long long)lo,
                       (long long)hi, tin_type_name(value->type));
}

/* Copies scales and zero points, which are known to be of equal number. */
static tin_status copy_quant(tin_tflite *t, const tin_fb_vector *scale,
                             const tin_fb_vector *zero, tin_value *value)
{
    const uint32_t n = scale->count;
    float *scales;
    int32_t *zeros;
    int64_t z;
    uint32_t i;

    if (tin_fb_work(&t->fb, n) != TIN_OK)
        return t->fb.status;
    scales = tin_tflite_alloc(t, n, sizeof *scales);
    zeros = tin_tflite_alloc(t, n, sizeof *zeros);
    if (!scales || !zeros)
        return t->fb.status;
    for (i = 0; i < n; i++) {
        scales[i] = tin_fb_at_f32(&t->fb, scale, i);
        z = tin_fb_at_s64(&t->fb, zero, i);
        if (check_scale(t, value, i, scales[i]) != TIN_OK ||
            check_zero_point(t, value, i, z) != TIN_OK)
            return t->fb.status;
        zeros[i] = (int32_t)z; // checked just now
    }
    value->n_scales = (int32_t)n;
    value->scales = scales;
    value->zero_points = zeros;
    return TIN_OK;
}

/* Does DENSIFY make it, of a constant? Then it will be one. */
static int is_dense_constant(const tin_tflite *t, const tin_value *value)
{
    return value->producer >= 0 &&
           t->graph->nodes[value->producer].op == TIN_OP_DENSIFY;
}

/* Scales per channel must match the channels, and only constants have them. */
static tin_status check_channels(tin_tflite *t, const tin_value *value,
                                 uint32_t n, int32_t axis)
{
    if (n <= 1)
        return TIN_OK;
    if (!value->data && !is_dense_constant(t, value))
        return tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, -1,
                           "it has %lu scales but no contents: only constants "
                           "may have a scale for each channel",
                           (unsigned long)n);
    if (axis < 0 || axis >= value->rank)
        return tin_fb_fail(&t->fb, TIN_ERR_QUANT, -1,
                           "its quantized dimension is %ld, its rank %ld",
                           (long)axis, (long)value->rank);
    if (n != (uint32_t)value->shape[axis])
        return tin_fb_fail(&t->fb, TIN_ERR_QUANT, -1,
                           "it has %lu scales for %ld channels",
                           (unsigned long)n, (long)value->shape[axis]);
    return TIN_OK;
}

/* Whether q of this type means nothing without a scale. uint8 and int16 may be
 * plain numbers for a CAST; lowering asks all else for their scales. */
static int needs_scale(tin_type type)
{
    return type == TIN_S8;
}

static tin_status read_quant(tin_tflite *t, const tin_fb_table *tensor,
                             tin_value *value)
{
    tin_fb *fb = &t->fb;
    const tin_fb_table quant =
        tin_fb_field_table(fb, tensor, TENSOR_QUANTIZATION, "its quantization");
    const tin_fb_vector scale =
        tin_fb_field_vector(fb, &quant, QUANT_SCALE, 4, "its list of scales");
    const tin_fb_vector zero = tin_fb_field_vector(
        fb, &quant, QUANT_ZERO_POINT, 8, "its list of zero points");
    const int32_t axis = tin_fb_s32(fb, &quant, QUANT_AXIS, 0);

    if (tin_fb_u8(fb, &quant, QUANT_DETAILS, 0) != 0)
        return tin_fb_fail(fb, TIN_ERR_UNSUPPORTED, (int64_t)quant.at,
                           "custom or blockwise quantization is not supported");
    if (fb->status != TIN_OK)
        return fb->status;
    if (scale.count == 0 && needs_scale(value->type))
        return tin_fb_fail(fb, TIN_ERR_QUANT, (int64_t)tensor->at,
                           "type %s without quantization",
                           tin_type_name(value->type));
    if (scale.count == 0)
        return TIN_OK;
    if (zero.count != scale.count)
        return tin_fb_fail(fb, TIN_ERR_QUANT, (int64_t)quant.at,
                           "it has %lu scales and %lu zero points",
                           (unsigned long)scale.count,
                           (unsigned long)zero.count);
    if (check_channels(t, value, scale.count, axis) != TIN_OK)
        return fb->status;
    value->quant_axis = scale.count > 1 ? axis : 0;
    return copy_quant(t, &scale, &zero, value);
}

/* ---- Tensors ------------------------------------------------------------ */

/* What a tensor may have besides, but not here. */
static tin_status check_extras(tin_tflite *t, const tin_fb_table *tensor)
{
    tin_fb *fb = &t->fb;
    const char *what = NULL;

    if (tin_fb_u32(fb, tensor, TENSOR_EXTERNAL, 0) != 0)
        what = "a tensor with its contents in another file";
    if (what)
        tin_fb_fail(fb, TIN_ERR_UNSUPPORTED, (int64_t)tensor->at,
                    "%s is not supported", what);
    return fb->status;
}

/* A tensor that keeps its contents from one inference to the next. */
static tin_status mark_variable(tin_tflite *t, int32_t index, tin_value *value)
{
    tin_graph *g = t->graph;

    if (value->data)
        return tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, -1,
                           "a variable with contents is not supported");
    g->variables[g->n_variables].value = index;
    g->variables[g->n_variables].initial = -1;
    value->variable = ++g->n_variables;
    return TIN_OK;
}

static tin_status read_tensor(tin_tflite *t, int32_t index, tin_value *value)
{
    const tin_fb_table tensor =
        tin_fb_at_table(&t->fb, &t->tensors, (uint32_t)index, "the tensor");
    const char *name =
        tin_fb_field_string(&t->fb, &tensor, TENSOR_NAME, "its name");

    if (name)
        value->name = name;
    t->fb.where.tensor_name = name;
    if (t->fb.status != TIN_OK || check_extras(t, &tensor) != TIN_OK ||
        read_type(t, &tensor, value) != TIN_OK ||
        read_shape(t, &tensor, value) != TIN_OK ||
        read_contents(t, &tensor, value) != TIN_OK)
        return t->fb.status;
    if (tin_fb_u8(&t->fb, &tensor, TENSOR_VARIABLE, 0) != 0 &&
        mark_variable(t, index, value) != TIN_OK)
        return t->fb.status;
    // A scale says nothing of floats and truth values.
    if (value->type == TIN_F32 || value->type == TIN_F16 ||
        value->type == TIN_BOOL)
        return TIN_OK;
    return read_quant(t, &tensor, value);
}

tin_status tin_tflite_read_value(tin_tflite *t, int32_t index)
{
    if (t->known[index].is_read || t->fb.status != TIN_OK)
        return t->fb.status;
    t->known[index].is_read = 1;
    t->fb.where.tensor = index;
    read_tensor(t, index, &t->graph->values[index]);
    t->fb.where.tensor = -1;
    t->fb.where.tensor_name = NULL;
    return t->fb.status;
}
