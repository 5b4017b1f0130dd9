/* SPDX-License-Identifier: MIT */
/* graph_builder.c: see graph_builder.h. */
#include "graph_builder.h"

#include <math.h>
#include <string.h>

enum { MAX_VALUES = 1024, MAX_NODES = 256, MAX_PORTS = 32 };
enum { MAX_VARIABLES = 32 };

/* ---- Random numbers ----------------------------------------------------- */

/* Marsaglia's xorshift 13, 17, 5. */
static uint32_t next_random(graph_builder *b)
{
    uint32_t x = b->state;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    b->state = x;
    return x;
}

int32_t builder_random(graph_builder *b, int32_t n)
{
    return (int32_t)((next_random(b) >> 8) % (uint32_t)n);
}

/* Evenly over -1 .. 1. */
static float random_real(graph_builder *b)
{
    return (float)(builder_random(b, 65537) - 32768) / 32768.0f;
}

static void put_bits(uint8_t *to, uint32_t bits)
{
    int k;

    for (k = 0; k < 4; k++)
        to[k] = (uint8_t)(bits >> 8 * k);
}

static void put_float(uint8_t *to, float f)
{
    uint32_t bits;

    memcpy(&bits, &f, sizeof bits);
    put_bits(to, bits);
}

/* ---- Values ------------------------------------------------------------- */

static void *take(graph_builder *b, int32_t count, size_t size)
{
    void *memory = tin_pool_alloc(b->pool, (uint64_t)count * size);

    if (!memory)
        b->failed = 1;
    return memory;
}

void builder_init(graph_builder *b, tin_pool *pool, uint32_t seed)
{
    memset(b, 0, sizeof *b);
    b->pool = pool;
    b->graph.pool = pool;
    b->graph.name = "built";
    b->graph.values = take(b, MAX_VALUES, sizeof *b->graph.values);
    b->graph.nodes = take(b, MAX_NODES, sizeof *b->graph.nodes);
    b->graph.variables = take(b, MAX_VARIABLES, sizeof *b->graph.variables);
    b->inputs = take(b, MAX_PORTS, sizeof *b->inputs);
    b->outputs = take(b, MAX_PORTS, sizeof *b->outputs);
    b->state = seed * 2654435761u ^ 0x9e3779b9u;
    if (b->state == 0)
        b->state = 1;
    b->scale = 0.03125f;
    b->zero = -3;
}

const tin_value *builder_value(const graph_builder *b, int32_t value)
{
    return &b->graph.values[value];
}

/* "op12" */
static const char *make_name(graph_builder *b, const char *stem, int32_t number)
{
    char *name = take(b, 24, 1);
    char digits[12];
    size_t n = 0, i = 0;

    if (!name)
        return "";
    for (; stem[n] && n < 11; n++)
        name[n] = stem[n];
    do {
        digits[i++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (i)
        name[n++] = digits[--i];
    return name;
}

/* A value without scale, or -1. */
static int32_t add_value(graph_builder *b, const char *stem, tin_type type,
                         int32_t rank, const int32_t *shape)
{
    tin_value *v;
    int32_t i;

    if (b->failed || b->graph.n_values == MAX_VALUES) {
        b->failed = 1;
        return -1;
    }
    v = &b->graph.values[b->graph.n_values];
    v->name = make_name(b, stem, b->graph.n_values);
    v->type = type;
    v->rank = rank;
    for (i = 0; i < rank; i++)
        v->shape[i] = shape[i];
    v->producer = -1;
    return b->graph.n_values++;
}

/* Gives a value n scales, each `scale`, and one zero point. */
static float *set_scales(graph_builder *b, int32_t value, int32_t n,
                         float scale, int32_t zero)
{
    float *scales = take(b, n, sizeof *scales);
    int32_t *zeros = take(b, n, sizeof *zeros), i;

    if (value < 0 || !scales || !zeros)
        return NULL;
    for (i = 0; i < n; i++) {
        scales[i] = scale;
        zeros[i] = zero;
    }
    b->graph.values[value].n_scales = n;
    b->graph.values[value].scales = scales;
    b->graph.values[value].zero_points = zeros;
    return scales;
}

/* A tensor of the network, with the builder's scale if it is int8. */
static int32_t add_tensor(graph_builder *b, const char *stem, tin_type type,
                          int32_t rank, const int32_t *shape)
{
    const int32_t v = add_value(b, stem, type, rank, shape);

    if (v >= 0 && type == TIN_S8)
        (void)set_scales(b, v, 1, b->scale, b->zero);
    return v;
}

int32_t builder_input(graph_builder *b, tin_type type, int32_t rank,
                      const int32_t *shape)
{
    const int32_t v = add_tensor(b, "in", type, rank, shape);

    if (v < 0 || b->graph.n_inputs == MAX_PORTS) {
        b->failed = 1;
        return -1;
    }
    b->inputs[b->graph.n_inputs++] = v;
    return v;
}

void builder_output(graph_builder *b, int32_t value)
{
    if (value < 0 || b->graph.n_outputs == MAX_PORTS)
        b->failed = 1;
    else
        b->outputs[b->graph.n_outputs++] = value;
}

tin_graph *builder_graph(graph_builder *b)
{
    b->graph.inputs = b->inputs;
    b->graph.outputs = b->outputs;
    b->graph.n_layers = b->graph.n_nodes;
    return b->failed ? NULL : &b->graph;
}

/* ---- Constants ---------------------------------------------------------- */

/* Fills a value with numbers of -limit .. limit. */
static void fill(graph_builder *b, int32_t value, float limit)
{
    tin_value *v = &b->graph.values[value];
    const int32_t n = tin_value_elements(v), size = tin_type_bytes(v->type);
    uint8_t *data = take(b, n, (size_t)size);
    int32_t i;

    for (i = 0; data && i < n; i++) {
        const float x = limit * random_real(b);

        if (v->type == TIN_F32)
            put_float(data + 4 * (size_t)i, x);
        else if (v->type == TIN_S32)
            put_bits(data + 4 * (size_t)i, (uint32_t)(int32_t)x);
        else
            data[i] = (uint8_t)(int32_t)x;
    }
    v->data = data;
}

int32_t builder_constant(graph_builder *b, tin_type type, int32_t rank,
                         const int32_t *shape)
{
    const int32_t v = add_tensor(b, "constant", type, rank, shape);

    if (v >= 0)
        fill(b, v, type == TIN_F32 ? 1.0f : 127.0f);
    return v;
}

/* A table of integers such as paddings or axes. */
static int32_t add_integers(graph_builder *b, int32_t rank,
                            const int32_t *shape, const int32_t *list)
{
    const int32_t v = add_value(b, "list", TIN_S32, rank, shape);
    uint8_t *data;
    int32_t i, n;

    if (v < 0)
        return -1;
    n = tin_value_elements(&b->graph.values[v]);
    data = take(b, n, 4);
    for (i = 0; data && i < n; i++)
        put_bits(data + 4 * (size_t)i, (uint32_t)list[i]);
    b->graph.values[v].data = data;
    return v;
}

/* Weights whose sum of `taps` products keeps the magnitude of the input. The
 * channels of an int8 kernel have scales of their own. */
static int32_t add_weights(graph_builder *b, tin_type type, int32_t rank,
                           const int32_t *shape, int32_t axis, int32_t taps)
{
    const int32_t v = add_value(b, "weights", type, rank, shape);
    const float gain = 1.7f / sqrtf((float)taps);
    float *scales;
    int32_t c;

    if (v < 0)
        return -1;
    fill(b, v, type == TIN_S8 ? 127.0f : gain);
    if (type != TIN_S8)
        return v;
    scales = set_scales(b, v, shape[axis], gain / 127.0f, 0);
    for (c = 0; scales && c < shape[axis]; c++)
        scales[c] *= 1.0f + 0.5f * random_real(b);
    b->graph.values[v].quant_axis = axis;
    return v;
}

static int32_t add_bias(graph_builder *b, tin_type type, int32_t channels)
{
    const tin_type bias = type == TIN_S8 ? TIN_S32 : type;
    const int32_t v = add_value(b, "bias", bias, 1, &channels);

    if (v >= 0)
        fill(b, v, type == TIN_S8 ? 2000.0f : 0.2f);
    return v;
}

/* ---- Nodes -------------------------------------------------------------- */

/* Adds an operator that makes `out`; returns that, or -1. */
static int32_t add_node(graph_builder *b, tin_op op, const int32_t *in,
                        int32_t n_in, int32_t out, const tin_attributes *attr)
{
    int32_t *args = take(b, n_in + 1, sizeof *args), i;
    tin_node *n;

    if (b->graph.n_nodes == MAX_NODES)
        b->failed = 1;
    if (b->failed || out < 0)
        return -1;
    n = &b->graph.nodes[b->graph.n_nodes];
    for (i = 0; i < n_in; i++)
        args[i] = in[i];
    args[n_in] = out;
    n->op = op;
    n->layer = b->graph.n_nodes;
    n->n_in = n_in;
    n->n_out = 1;
    n->in = args;
    n->out = args + n_in;
    n->attr = *attr;
    b->graph.values[out].producer = b->graph.n_nodes++;
    return out;
}

/* An output of the input's type, scale and zero point. */
static int32_t add_alike(graph_builder *b, const char *stem, int32_t in,
                         int32_t rank, const int32_t *shape)
{
    const tin_value *v = &b->graph.values[in];
    const int32_t out = add_value(b, stem, v->type, rank, shape);

    if (out >= 0 && v->n_scales)
        (void)set_scales(b, out, 1, v->scales[0], v->zero_points[0]);
    return out;
}

static int32_t extent(const graph_builder *b, int32_t value, int32_t axis)
{
    return b->graph.values[value].shape[axis];
}

static int32_t at_least_1(int32_t x)
{
    return x < 1 ? 1 : x;
}

static tin_attributes window_attributes(const builder_window *w)
{
    tin_attributes a;

    memset(&a, 0, sizeof a);
    a.padding = w->padding;
    a.activation = w->activation;
    a.stride_h = at_least_1(w->stride_h);
    a.stride_w = at_least_1(w->stride_w);
    a.dilation_h = at_least_1(w->dilation_h);
    a.dilation_w = at_least_1(w->dilation_w);
    a.filter_h = w->kernel_h;
    a.filter_w = w->kernel_w;
    return a;
}

static int32_t window_extent(tin_padding padding, int32_t in, int32_t kernel,
                             int32_t stride, int32_t dilation)
{
    const int32_t span = (kernel - 1) * dilation + 1;

    if (padding == TIN_PADDING_SAME)
        return (in + stride - 1) / stride;
    return in < span ? 0 : (in - span) / stride + 1;
}

/* The shape behind a window; 0 if it does not fit. */
static int window_shape(const graph_builder *b, int32_t in, int32_t out_c,
                        const builder_window *w, int32_t shape[4])
{
    const tin_attributes a = window_attributes(w);

    if (in < 0 || b->graph.values[in].rank != 4)
        return 0;
    shape[0] = extent(b, in, 0);
    shape[1] = window_extent(a.padding, extent(b, in, 1), w->kernel_h,
                             a.stride_h, a.dilation_h);
    shape[2] = window_extent(a.padding, extent(b, in, 2), w->kernel_w,
                             a.stride_w, a.dilation_w);
    shape[3] = out_c;
    return shape[1] > 0 && shape[2] > 0;
}

/* ---- Convolution, dense ------------------------------------------------- */

int32_t builder_conv(graph_builder *b, int32_t in, int32_t out_c,
                     const builder_window *w)
{
    return builder_group_conv(b, in, out_c, 1, w);
}

int32_t builder_group_conv(graph_builder *b, int32_t in, int32_t out_c,
                           int32_t groups, const builder_window *w)
{
    const tin_attributes a = window_attributes(w);
    int32_t shape[4], kernel[4], args[3];
    tin_type type;

    if (!window_shape(b, in, out_c, w, shape) || out_c % groups ||
        extent(b, in, 3) % groups)
        return -1;
    type = b->graph.values[in].type;
    kernel[0] = out_c;
    kernel[1] = w->kernel_h;
    kernel[2] = w->kernel_w;
    kernel[3] = extent(b, in, 3) / groups;
    args[0] = in;
    args[1] =
        add_weights(b, type, 4, kernel, 0, kernel[1] * kernel[2] * kernel[3]);
    args[2] = add_bias(b, type, out_c);
    return add_node(b, TIN_OP_CONV_2D, args, 3,
                    add_tensor(b, "conv", type, 4, shape), &a);
}

int32_t builder_dwconv(graph_builder *b, int32_t in, int32_t multiplier,
                       const builder_window *w)
{
    tin_attributes a = window_attributes(w);
    int32_t shape[4], kernel[4], args[3];
    tin_type type;

    if (in < 0 || b->graph.values[in].rank != 4)
        return -1;
    kernel[0] = 1;
    kernel[1] = w->kernel_h;
    kernel[2] = w->kernel_w;
    kernel[3] = extent(b, in, 3) * multiplier;
    if (!window_shape(b, in, kernel[3], w, shape))
        return -1;
    type = b->graph.values[in].type;
    a.depth_multiplier = multiplier;
    args[0] = in;
    args[1] = add_weights(b, type, 4, kernel, 3, kernel[1] * kernel[2]);
    args[2] = add_bias(b, type, kernel[3]);
    return add_node(b, TIN_OP_DEPTHWISE_CONV_2D, args, 3,
                    add_tensor(b, "dwconv", type, 4, shape), &a);
}

int32_t builder_transconv(graph_builder *b, int32_t in, int32_t out_c,
                          int32_t out_h, int32_t out_w, const builder_window *w)
{
    const tin_attributes a = window_attributes(w);
    const int32_t four = 4;
    int32_t shape[4], kernel[4], args[4];
    tin_type type;

    if (in < 0 || b->graph.values[in].rank != 4)
        return -1;
    type = b->graph.values[in].type;
    shape[0] = extent(b, in, 0);
    shape[1] = out_h;
    shape[2] = out_w;
    shape[3] = kernel[0] = out_c;
    kernel[1] = w->kernel_h;
    kernel[2] = w->kernel_w;
    kernel[3] = extent(b, in, 3);
    args[0] = in;
    args[1] =
        add_weights(b, type, 4, kernel, 0, kernel[1] * kernel[2] * kernel[3]);
    args[2] = add_bias(b, type, out_c);
    args[3] = add_integers(b, 1, &four, shape);
    return add_node(b, TIN_OP_TRANSPOSE_CONV, args, 4,
                    add_tensor(b, "transconv", type, 4, shape), &a);
}

int32_t builder_resize(graph_builder *b, tin_op op, int32_t in, int32_t out_h,
                       int32_t out_w, int align_corners, int half_pixel)
{
    const int32_t two = 2;
    int32_t shape[4], args[2];
    tin_attributes a;

    if (in < 0 || b->graph.values[in].rank != 4)
        return -1;
    memset(&a, 0, sizeof a);
    a.align_corners = align_corners;
    a.half_pixel = half_pixel;
    shape[0] = extent(b, in, 0);
    shape[1] = out_h;
    shape[2] = out_w;
    shape[3] = extent(b, in, 3);
    args[0] = in;
    args[1] = add_integers(b, 1, &two, shape + 1);
    return add_node(b, op, args, 2, add_alike(b, "resize", in, 4, shape), &a);
}

int32_t builder_dense(graph_builder *b, int32_t in, int32_t out_c, int keep,
                      tin_activation activation)
{
    int32_t shape[TIN_MAX_RANK], weights[2], args[3], rank;
    tin_attributes a;
    tin_value v;

    if (in < 0 || b->graph.values[in].rank < 1)
        return -1;
    v = b->graph.values[in];
    memset(&a, 0, sizeof a);
    a.activation = activation;
    a.keep_dims = keep;
    rank = keep ? v.rank : 2;
    memcpy(shape, v.shape, sizeof shape);
    shape[0] = keep || v.rank > 1 ? v.shape[0] : 1;
    shape[rank - 1] = out_c;
    weights[0] = out_c;
    weights[1] = keep ? v.shape[rank - 1] : tin_value_elements(&v) / shape[0];
    args[0] = in;
    args[1] = add_weights(b, v.type, 2, weights, 0, weights[1]);
    args[2] = add_bias(b, v.type, out_c);
    return add_node(b, TIN_OP_FULLY_CONNECTED, args, 3,
                    add_tensor(b, "dense", v.type, rank, shape), &a);
}

/* ---- Pools, mean -------------------------------------------------------- */

static int32_t add_pool(graph_builder *b, tin_op op, int32_t in,
                        const builder_window *w)
{
    tin_attributes a = window_attributes(w);
    int32_t shape[4];

    a.dilation_h = a.dilation_w = 1;
    if (in < 0 || b->graph.values[in].rank != 4 ||
        !window_shape(b, in, extent(b, in, 3), w, shape))
        return -1;
    return add_node(b, op, &in, 1, add_alike(b, "pool", in, 4, shape), &a);
}

int32_t builder_maxpool(graph_builder *b, int32_t in, const builder_window *w)
{
    return add_pool(b, TIN_OP_MAX_POOL_2D, in, w);
}

int32_t builder_avgpool(graph_builder *b, int32_t in, const builder_window *w)
{
    return add_pool(b, TIN_OP_AVERAGE_POOL_2D, in, w);
}

/* ---- Along axes --------------------------------------------------------- */

/* Extents that stay the input's have its quantization, for the operators that
 * want that. */
static int32_t add_result(graph_builder *b, tin_op op, int32_t in, int32_t rank,
                          const int32_t *shape)
{
    if (op == TIN_OP_REDUCE_MAX || op == TIN_OP_REDUCE_MIN)
        return add_alike(b, "reduce", in, rank, shape);
    return add_tensor(b, "reduce", b->graph.values[in].type, rank, shape);
}

int32_t builder_reduce(graph_builder *b, tin_op op, int32_t in, uint32_t axes,
                       int keep_dims)
{
    int32_t shape[TIN_MAX_RANK], list[TIN_MAX_RANK], args[2];
    int32_t rank = 0, n = 0, i;
    tin_attributes a;
    tin_value v;

    if (in < 0)
        return -1;
    v = b->graph.values[in];
    memset(&a, 0, sizeof a);
    a.keep_dims = keep_dims;
    for (i = 0; i < v.rank; i++) {
        if (axes >> i & 1)
            list[n++] = i;
        if (!(axes >> i & 1) || keep_dims)
            shape[rank++] = axes >> i & 1 ? 1 : v.shape[i];
    }
    if (n == 0 || rank == 0)
        return -1;
    args[0] = in;
    args[1] = add_integers(b, 1, &n, list);
    return add_node(b, op, args, 2, add_result(b, op, in, rank, shape), &a);
}

int32_t builder_mean(graph_builder *b, int32_t in, int32_t first, int32_t n,
                     int keep_dims)
{
    if (in < 0 || first + n > b->graph.values[in].rank)
        return -1;
    return builder_reduce(b, TIN_OP_MEAN, in, ((1u << n) - 1) << first,
                          keep_dims);
}

int32_t builder_cumsum(graph_builder *b, int32_t in, int32_t axis, int reverse)
{
    int32_t args[2];
    tin_attributes a;
    tin_value v;

    if (in < 0 || axis >= b->graph.values[in].rank)
        return -1;
    v = b->graph.values[in];
    memset(&a, 0, sizeof a);
    a.reverse = reverse;
    args[0] = in;
    args[1] = add_integers(b, 0, NULL, &axis);
    return add_node(b, TIN_OP_CUMSUM, args, 2,
                    add_tensor(b, "cumsum", v.type, v.rank, v.shape), &a);
}

int32_t builder_square(graph_builder *b, int32_t in, int columns)
{
    int32_t shape[TIN_MAX_RANK], args[2], size;
    tin_attributes a;
    tin_value v;

    if (in < 0 || b->graph.values[in].rank < 2 || b->graph.values[in].rank > 5)
        return -1;
    v = b->graph.values[in];
    memset(&a, 0, sizeof a);
    a.adj_x = columns;
    a.adj_y = !columns;
    size = v.shape[v.rank - (columns ? 1 : 2)];
    memcpy(shape, v.shape, sizeof shape);
    shape[v.rank - 2] = shape[v.rank - 1] = size;
    args[0] = args[1] = in;
    return add_node(b, TIN_OP_BATCH_MATMUL, args, 2,
                    add_tensor(b, "square", v.type, v.rank, shape), &a);
}

/* ---- Elementwise -------------------------------------------------------- */

/* The shape of x + y, either of which may be broadcast; its rank, or -1. */
static int32_t sum_shape(const tin_value *x, const tin_value *y, int32_t *shape)
{
    const int32_t rank = x->rank > y->rank ? x->rank : y->rank;
    int32_t i;

    for (i = 0; i < rank; i++) {
        const int32_t ix = i - rank + x->rank, iy = i - rank + y->rank;
        const int32_t dx = ix < 0 ? 1 : x->shape[ix];
        const int32_t dy = iy < 0 ? 1 : y->shape[iy];

        if (dx != dy && dx != 1 && dy != 1)
            return -1;
        shape[i] = dx == 1 ? dy : dx;
    }
    return rank;
}

int32_t builder_binary(graph_builder *b, tin_op op, int32_t x, int32_t y,
                       tin_activation activation)
{
    int32_t shape[TIN_MAX_RANK], args[2], rank;
    tin_attributes a;
    tin_type type;

    if (x < 0 || y < 0 || b->graph.values[x].type != b->graph.values[y].type)
        return -1;
    rank = sum_shape(&b->graph.values[x], &b->graph.values[y], shape);
    if (rank < 0 || rank > 5)
        return -1;
    type = b->graph.values[x].type;
    memset(&a, 0, sizeof a);
    a.activation = activation;
    args[0] = x;
    args[1] = y;
    return add_node(b, op, args, 2, add_tensor(b, "binary", type, rank, shape),
                    &a);
}

int32_t builder_add(graph_builder *b, int32_t x, int32_t y,
                    tin_activation activation)
{
    return builder_binary(b, TIN_OP_ADD, x, y, activation);
}

int32_t builder_unary(graph_builder *b, tin_op op, int32_t in)
{
    tin_attributes a;
    tin_type type;
    tin_value v;
    int32_t out;

    if (in < 0 || b->graph.values[in].rank < 1)
        return -1;
    v = b->graph.values[in];
    if ((op == TIN_OP_DEQUANTIZE && v.type != TIN_S8))
        return -1;
    type = op == TIN_OP_QUANTIZE     ? TIN_S8
           : op == TIN_OP_DEQUANTIZE ? TIN_F32
                                     : v.type;
    memset(&a, 0, sizeof a);
    a.beta = 1.0f;
    if (type == TIN_S8 && (op == TIN_OP_LOGISTIC || op == TIN_OP_SOFTMAX)) {
        out = add_value(b, "prob", TIN_S8, v.rank, v.shape);
        (void)set_scales(b, out, 1, 1.0f / 256, -128);
    } else {
        out = add_tensor(b, "unary", type, v.rank, v.shape);
    }
    return add_node(b, op, &in, 1, out, &a);
}

/* ---- Data movement ------------------------------------------------------ */

static int joins(const tin_value *x, const tin_value *y, int32_t axis)
{
    int32_t i;

    for (i = 0; i < x->rank; i++)
        if (y->rank != x->rank || (i != axis && x->shape[i] != y->shape[i]))
            return 0;
    if (x->type != y->type)
        return 0;
    return x->type != TIN_S8 || (x->scales[0] == y->scales[0] &&
                                 x->zero_points[0] == y->zero_points[0]);
}

int32_t builder_concat(graph_builder *b, const int32_t *in, int32_t n,
                       int32_t axis)
{
    int32_t shape[TIN_MAX_RANK], i;
    tin_attributes a;
    tin_value first;

    if (n < 1 || in[0] < 0 || axis >= b->graph.values[in[0]].rank)
        return -1;
    first = b->graph.values[in[0]];
    memcpy(shape, first.shape, sizeof shape);
    for (i = 1; i < n; i++) {
        if (in[i] < 0 || !joins(&first, &b->graph.values[in[i]], axis))
            return -1;
        shape[axis] += extent(b, in[i], axis);
    }
    memset(&a, 0, sizeof a);
    a.axis = axis;
    return add_node(b, TIN_OP_CONCATENATION, in, n,
                    add_alike(b, "concat", in[0], first.rank, shape), &a);
}

static int32_t add_pad(graph_builder *b, tin_op op, int32_t in,
                       const int32_t *pads, int32_t edge)
{
    int32_t shape[TIN_MAX_RANK], list[2], args[2], i;
    tin_attributes a;
    tin_value v;

    if (in < 0 || b->graph.values[in].rank < 1 || b->graph.values[in].rank > 5)
        return -1;
    v = b->graph.values[in];
    for (i = 0; i < v.rank; i++)
        shape[i] = v.shape[i] + pads[2 * i] + pads[2 * i + 1];
    list[0] = v.rank;
    list[1] = 2;
    memset(&a, 0, sizeof a);
    a.mirror_edge = edge;
    args[0] = in;
    args[1] = add_integers(b, 2, list, pads);
    return add_node(b, op, args, 2, add_alike(b, "pad", in, v.rank, shape), &a);
}

int32_t builder_pad(graph_builder *b, int32_t in, const int32_t *pads)
{
    return add_pad(b, TIN_OP_PAD, in, pads, 0);
}

int32_t builder_mirror_pad(graph_builder *b, int32_t in, const int32_t *pads,
                           int32_t edge)
{
    int32_t i;

    for (i = 0; in >= 0 && i < 2 * b->graph.values[in].rank; i++)
        if (pads[i] > extent(b, in, i / 2) - 1 + edge)
            return -1;
    return add_pad(b, TIN_OP_MIRROR_PAD, in, pads, edge);
}

int32_t builder_slice(graph_builder *b, int32_t in, const int32_t *begin,
                      const int32_t *count, const int32_t *stride)
{
    int32_t end[TIN_MAX_RANK], args[4], rank, i;
    tin_attributes a;

    if (in < 0)
        return -1;
    memset(&a, 0, sizeof a);
    rank = b->graph.values[in].rank;
    for (i = 0; i < rank; i++) {
        end[i] = begin[i] + count[i] * stride[i];
        if (end[i] < 0) // else it would count from the end
            end[i] -= extent(b, in, i);
    }
    args[0] = in;
    args[1] = add_integers(b, 1, &rank, begin);
    args[2] = add_integers(b, 1, &rank, end);
    args[3] = add_integers(b, 1, &rank, stride);
    return add_node(b, TIN_OP_STRIDED_SLICE, args, 4,
                    add_alike(b, "slice", in, rank, count), &a);
}

int32_t builder_transpose(graph_builder *b, int32_t in, const int32_t *perm)
{
    int32_t shape[TIN_MAX_RANK], args[2], rank, i;
    tin_attributes a;

    if (in < 0)
        return -1;
    memset(&a, 0, sizeof a);
    rank = b->graph.values[in].rank;
    for (i = 0; i < rank; i++)
        shape[i] = extent(b, in, perm[i]);
    args[0] = in;
    args[1] = add_integers(b, 1, &rank, perm);
    return add_node(b, TIN_OP_TRANSPOSE, args, 2,
                    add_alike(b, "transpose", in, rank, shape), &a);
}

int32_t builder_blocks(graph_builder *b, tin_op op, int32_t in, int32_t block)
{
    const int deep = op == TIN_OP_SPACE_TO_DEPTH;
    int32_t shape[4], i;
    tin_attributes a;

    if (in < 0 || b->graph.values[in].rank != 4)
        return -1;
    memset(&a, 0, sizeof a);
    a.block = block;
    for (i = 0; i < 4; i++)
        shape[i] = extent(b, in, i);
    if (deep ? shape[1] % block || shape[2] % block
             : shape[3] % (block * block))
        return -1;
    for (i = 1; i < 3; i++)
        shape[i] = deep ? shape[i] / block : shape[i] * block;
    shape[3] = deep ? shape[3] * block * block : shape[3] / (block * block);
    return add_node(b, op, &in, 1, add_alike(b, "blocks", in, 4, shape), &a);
}

int32_t builder_reshape(graph_builder *b, int32_t in, int32_t rank,
                        const int32_t *shape)
{
    tin_attributes a;
    int32_t args[2], i, elements = 1;

    for (i = 0; i < rank; i++)
        elements *= shape[i];
    if (in < 0 || tin_value_elements(&b->graph.values[in]) != elements)
        return -1;
    memset(&a, 0, sizeof a);
    a.n_list = rank;
    for (i = 0; i < rank; i++)
        a.list[i] = shape[i];
    args[0] = in;
    args[1] = -1; // the shape is in the attributes
    return add_node(b, TIN_OP_RESHAPE, args, 2,
                    add_alike(b, "view", in, rank, shape), &a);
}

int32_t builder_squeeze(graph_builder *b, int32_t in)
{
    int32_t shape[TIN_MAX_RANK], rank = 0, i;
    tin_attributes a;

    if (in < 0)
        return -1;
    memset(&a, 0, sizeof a);
    for (i = 0; i < b->graph.values[in].rank; i++)
        if (extent(b, in, i) != 1)
            shape[rank++] = extent(b, in, i);
    if (rank == 0)
        return -1;
    return add_node(b, TIN_OP_SQUEEZE, &in, 1,
                    add_alike(b, "squeeze", in, rank, shape), &a);
}

/* ---- State -------------------------------------------------------------- */

/* Makes the value a variable that begins with `initial`, or -1. */
static int32_t make_variable(graph_builder *b, int32_t value, int32_t initial)
{
    if (value < 0 || b->graph.n_variables == MAX_VARIABLES) {
        b->failed = 1;
        return -1;
    }
    b->graph.variables[b->graph.n_variables].value = value;
    b->graph.variables[b->graph.n_variables].initial = initial;
    b->graph.values[value].variable = ++b->graph.n_variables;
    return value;
}

/* Weights with one scale. */
static int32_t add_gate(graph_builder *b, tin_type type, int32_t units,
                        int32_t taps)
{
    const int32_t shape[2] = {units, taps};
    const int32_t v = add_weights(b, type, 2, shape, 0, taps);

    if (v >= 0 && type == TIN_S8)
        (void)set_scales(b, v, 1, b->graph.values[v].scales[0], 0);
    return v;
}

int32_t builder_lstm(graph_builder *b, int32_t in, int32_t units)
{
    enum { HIDDEN = 18, CELL = 19, INPUTS = 24 };
    int32_t args[INPUTS], shape[3], state[2], i;
    tin_attributes a;
    tin_type type;

    if (in < 0 || b->graph.values[in].rank != 3)
        return -1;
    memset(&a, 0, sizeof a);
    type = b->graph.values[in].type;
    memcpy(shape, b->graph.values[in].shape, sizeof shape);
    for (i = 0; i < INPUTS; i++)
        args[i] = -1;
    args[0] = in;
    for (i = 1; i <= 4; i++) {
        args[i] = add_gate(b, type, units, shape[2]);
        args[4 + i] = add_gate(b, type, units, units);
        args[11 + i] = add_bias(b, type, units);
    }
    shape[2] = units;
    state[0] = shape[0];
    state[1] = units;
    args[HIDDEN] =
        make_variable(b, add_tensor(b, "hidden", type, 2, state), -1);
    args[CELL] =
        add_value(b, "cell", type == TIN_S8 ? TIN_S16 : type, 2, state);
    if (type == TIN_S8)
        (void)set_scales(b, args[CELL], 1, 1.0f / 2048, 0);
    (void)make_variable(b, args[CELL], -1);
    return add_node(b, TIN_OP_UNIDIRECTIONAL_SEQUENCE_LSTM, args, INPUTS,
                    add_tensor(b, "lstm", type, 3, shape), &a);
}

int32_t builder_delay(graph_builder *b, int32_t in)
{
    const tin_value *v = in < 0 ? NULL : &b->graph.values[in];
    int32_t args[3], initial, before, after;
    tin_attributes a;

    if (!v)
        return -1;
    memset(&a, 0, sizeof a);
    initial = builder_constant(b, v->type, v->rank, v->shape);
    args[0] = make_variable(b, add_alike(b, "variable", in, v->rank, v->shape),
                            initial);
    before = add_node(b, TIN_OP_READ_VARIABLE, args, 1,
                      add_alike(b, "before", in, v->rank, v->shape), &a);
    after = add_alike(b, "after", in, v->rank, v->shape);
    if (before < 0 || after < 0)
        return -1;
    b->graph.values[after].variable = b->graph.n_variables;
    args[1] = in;
    args[2] = before;
    return add_node(b, TIN_OP_ASSIGN_VARIABLE, args, 3, after, &a) < 0 ? -1
                                                                       : before;
}
