/* SPDX-License-Identifier: MIT */
/*
 * graph_builder.h: networks in memory for tests, without a file.
 *
 *     graph_builder b;
 *     int32_t x;
 *
 *     builder_init(&b, pool, seed);
 *     x = builder_input(&b, TIN_S8, 4, shape);
 *     x = builder_conv(&b, x, 16, &window);
 *     builder_output(&b, x);
 *     graph = builder_graph(&b);
 *
 * Each function adds one operator and returns the value that it makes, or -1
 * where its input does not suit the operator or the builder is full; then
 * nothing was added. An input of -1 suits none, so calls may be chained and
 * looked at once.
 *
 * Weights are drawn from the seed, with scales such that the numbers keep
 * their magnitude from layer to layer. Where an operator may choose the scale
 * of its int8 output it takes `scale` and `zero` of the builder.
 */
#ifndef GRAPH_BUILDER_H
#define GRAPH_BUILDER_H

#include "../src/compiler/graph.h"

typedef struct {
    tin_pool *pool;
    tin_graph graph;
    int32_t *inputs, *outputs;
    uint32_t state; /* of the random numbers */
    float scale;    /* of int8 values to come */
    int32_t zero;
    int failed; /* no memory, or no room */
} graph_builder;

/* What a convolution or a pool does; all zeros but the kernel is a plain one
 * with stride and dilation 1, SAME. */
typedef struct {
    int32_t kernel_h, kernel_w;
    int32_t stride_h, stride_w;     /* 0: 1 */
    int32_t dilation_h, dilation_w; /* 0: 1 */
    tin_padding padding;
    tin_activation activation;
} builder_window;

void builder_init(graph_builder *b, tin_pool *pool, uint32_t seed);

/* A number of 0 .. n - 1. */
int32_t builder_random(graph_builder *b, int32_t n);

/* The value behind an index, until the next one is added. */
const tin_value *builder_value(const graph_builder *b, int32_t value);

int32_t builder_input(graph_builder *b, tin_type type, int32_t rank,
                      const int32_t *shape);
/* Random numbers that are part of the network. */
int32_t builder_constant(graph_builder *b, tin_type type, int32_t rank,
                         const int32_t *shape);
void builder_output(graph_builder *b, int32_t value);
/* Complete; NULL when the builder has failed. */
tin_graph *builder_graph(graph_builder *b);

/* ---- Operators ---------------------------------------------------------- */

int32_t builder_conv(graph_builder *b, int32_t in, int32_t out_c,
                     const builder_window *w);
/* in_c and out_c are multiples of `groups`. */
int32_t builder_group_conv(graph_builder *b, int32_t in, int32_t out_c,
                           int32_t groups, const builder_window *w);
int32_t builder_dwconv(graph_builder *b, int32_t in, int32_t multiplier,
                       const builder_window *w);
/* keep: works on the last axis; else on all of a batch's elements. */
int32_t builder_dense(graph_builder *b, int32_t in, int32_t out_c, int keep,
                      tin_activation activation);
/* Makes an image of out_h x out_w, as TRANSPOSE_CONV can for any. */
int32_t builder_transconv(graph_builder *b, int32_t in, int32_t out_c,
                          int32_t out_h, int32_t out_w,
                          const builder_window *w);
/* op: TIN_OP_RESIZE_BILINEAR, TIN_OP_RESIZE_NEAREST_NEIGHBOR */
int32_t builder_resize(graph_builder *b, tin_op op, int32_t in, int32_t out_h,
                       int32_t out_w, int align_corners, int half_pixel);
int32_t builder_maxpool(graph_builder *b, int32_t in, const builder_window *w);
int32_t builder_avgpool(graph_builder *b, int32_t in, const builder_window *w);
/* The average over axes first .. first + n - 1. */
int32_t builder_mean(graph_builder *b, int32_t in, int32_t first, int32_t n,
                     int keep_dims);
/* Over the axes that are bits of `axes`. op: TIN_OP_MEAN, SUM, REDUCE_MAX .. */
int32_t builder_reduce(graph_builder *b, tin_op op, int32_t in, uint32_t axes,
                       int keep_dims);
int32_t builder_cumsum(graph_builder *b, int32_t in, int32_t axis, int reverse);
/* The product of a matrix with itself transposed, of rows or columns. */
int32_t builder_square(graph_builder *b, int32_t in, int columns);
int32_t builder_binary(graph_builder *b, tin_op op, int32_t x, int32_t y,
                       tin_activation activation);
int32_t builder_add(graph_builder *b, int32_t x, int32_t y,
                    tin_activation activation);
/* int8 inputs must have one scale and zero point. */
int32_t builder_concat(graph_builder *b, const int32_t *in, int32_t n,
                       int32_t axis);
/* pads [rank][2]: before and after */
int32_t builder_pad(graph_builder *b, int32_t in, const int32_t *pads);
/* What is added may be 0 .. extent - 1 + edge: see tin_mirror_pad_params. */
int32_t builder_mirror_pad(graph_builder *b, int32_t in, const int32_t *pads,
                           int32_t edge);
/* Of each axis `count` elements from `begin` on, `stride` apart. */
int32_t builder_slice(graph_builder *b, int32_t in, const int32_t *begin,
                      const int32_t *count, const int32_t *stride);
int32_t builder_transpose(graph_builder *b, int32_t in, const int32_t *perm);
/* op: TIN_OP_SPACE_TO_DEPTH, TIN_OP_DEPTH_TO_SPACE */
int32_t builder_blocks(graph_builder *b, tin_op op, int32_t in, int32_t block);
int32_t builder_reshape(graph_builder *b, int32_t in, int32_t rank,
                        const int32_t *shape);
int32_t builder_squeeze(graph_builder *b, int32_t in);
/* op: TIN_OP_RELU, TIN_OP_RELU6, TIN_OP_LOGISTIC, TIN_OP_SOFTMAX,
 * TIN_OP_QUANTIZE, TIN_OP_DEQUANTIZE */
int32_t builder_unary(graph_builder *b, tin_op op, int32_t in);

/* Of rank 3, [batch][time][units], after an LSTM. */
int32_t builder_lstm(graph_builder *b, int32_t in, int32_t units);
/* What the input was in the inference before, a constant in the first one. */
int32_t builder_delay(graph_builder *b, int32_t in);

#endif /* GRAPH_BUILDER_H */
