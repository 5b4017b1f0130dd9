/* SPDX-License-Identifier: MIT */
/* graph_builder_layers.c: operators of graph_builder.h that have windows or
 * weights or remember. */
#include "graph_builder_parts.h"

#include <string.h>

/* ---- Windows ------------------------------------------------------------ */

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
    args[1] = builder_add_weights(b, type, 4, kernel, 0,
                                  kernel[1] * kernel[2] * kernel[3]);
    args[2] = builder_add_bias(b, type, out_c);
    return builder_add_node(b, TIN_OP_CONV_2D, args, 3,
                            builder_add_tensor(b, "conv", type, 4, shape), &a);
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
    args[1] = builder_add_weights(b, type, 4, kernel, 3, kernel[1] * kernel[2]);
    args[2] = builder_add_bias(b, type, kernel[3]);
    return builder_add_node(b, TIN_OP_DEPTHWISE_CONV_2D, args, 3,
                            builder_add_tensor(b, "dwconv", type, 4, shape),
                            &a);
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
    args[1] = builder_add_weights(b, type, 4, kernel, 0,
                                  kernel[1] * kernel[2] * kernel[3]);
    args[2] = builder_add_bias(b, type, out_c);
    args[3] = builder_add_integers(b, 1, &four, shape);
    return builder_add_node(b, TIN_OP_TRANSPOSE_CONV, args, 4,
                            builder_add_tensor(b, "transconv", type, 4, shape),
                            &a);
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
    args[1] = builder_add_integers(b, 1, &two, shape + 1);
    return builder_add_node(b, op, args, 2,
                            builder_add_alike(b, "resize", in, 4, shape), &a);
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
    args[1] = builder_add_weights(b, v.type, 2, weights, 0, weights[1]);
    args[2] = builder_add_bias(b, v.type, out_c);
    return builder_add_node(b, TIN_OP_FULLY_CONNECTED, args, 3,
                            builder_add_tensor(b, "dense", v.type, rank, shape),
                            &a);
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
    return builder_add_node(b, op, &in, 1,
                            builder_add_alike(b, "pool", in, 4, shape), &a);
}

int32_t builder_maxpool(graph_builder *b, int32_t in, const builder_window *w)
{
    return add_pool(b, TIN_OP_MAX_POOL_2D, in, w);
}

int32_t builder_avgpool(graph_builder *b, int32_t in, const builder_window *w)
{
    return add_pool(b, TIN_OP_AVERAGE_POOL_2D, in, w);
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
    const int32_t v = builder_add_weights(b, type, 2, shape, 0, taps);

    if (v >= 0 && type == TIN_S8)
        (void)builder_set_scales(b, v, 1, b->graph.values[v].scales[0], 0);
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
        args[11 + i] = builder_add_bias(b, type, units);
    }
    shape[2] = units;
    state[0] = shape[0];
    state[1] = units;
    args[HIDDEN] =
        make_variable(b, builder_add_tensor(b, "hidden", type, 2, state), -1);
    args[CELL] =
        builder_add_value(b, "cell", type == TIN_S8 ? TIN_S16 : type, 2, state);
    if (type == TIN_S8)
        (void)builder_set_scales(b, args[CELL], 1, 1.0f / 2048, 0);
    (void)make_variable(b, args[CELL], -1);
    return builder_add_node(b, TIN_OP_UNIDIRECTIONAL_SEQUENCE_LSTM, args,
                            INPUTS,
                            builder_add_tensor(b, "lstm", type, 3, shape), &a);
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
    args[0] = make_variable(
        b, builder_add_alike(b, "variable", in, v->rank, v->shape), initial);
    before = builder_add_node(
        b, TIN_OP_READ_VARIABLE, args, 1,
        builder_add_alike(b, "before", in, v->rank, v->shape), &a);
    after = builder_add_alike(b, "after", in, v->rank, v->shape);
    if (before < 0 || after < 0)
        return -1;
    b->graph.values[after].variable = b->graph.n_variables;
    args[1] = in;
    args[2] = before;
    return builder_add_node(b, TIN_OP_ASSIGN_VARIABLE, args, 3, after, &a) < 0
               ? -1
               : before;
}
