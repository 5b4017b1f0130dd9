/* SPDX-License-Identifier: MIT */
/* graph_builder_shapes.c: operators of graph_builder.h along axes, element by
 * element, and those that move data. */
#include "graph_builder_parts.h"

#include <string.h>

/* ---- Along axes --------------------------------------------------------- */

/* Extents that stay the input's have its quantization, for the operators that
 * want that. */
static int32_t add_result(graph_builder *b, tin_op op, int32_t in, int32_t rank,
                          const int32_t *shape)
{
    if (op == TIN_OP_REDUCE_MAX || op == TIN_OP_REDUCE_MIN)
        return builder_add_alike(b, "reduce", in, rank, shape);
    return builder_add_tensor(b, "reduce", b->graph.values[in].type, rank,
                              shape);
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
    args[1] = builder_add_integers(b, 1, &n, list);
    return builder_add_node(b, op, args, 2, add_result(b, op, in, rank, shape),
                            &a);
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
    args[1] = builder_add_integers(b, 0, NULL, &axis);
    return builder_add_node(
        b, TIN_OP_CUMSUM, args, 2,
        builder_add_tensor(b, "cumsum", v.type, v.rank, v.shape), &a);
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
    return builder_add_node(
        b, TIN_OP_BATCH_MATMUL, args, 2,
        builder_add_tensor(b, "square", v.type, v.rank, shape), &a);
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
    return builder_add_node(
        b, op, args, 2, builder_add_tensor(b, "binary", type, rank, shape), &a);
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
        out = builder_add_value(b, "prob", TIN_S8, v.rank, v.shape);
        (void)builder_set_scales(b, out, 1, 1.0f / 256, -128);
    } else {
        out = builder_add_tensor(b, "unary", type, v.rank, v.shape);
    }
    return builder_add_node(b, op, &in, 1, out, &a);
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
    return builder_add_node(
        b, TIN_OP_CONCATENATION, in, n,
        builder_add_alike(b, "concat", in[0], first.rank, shape), &a);
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
    args[1] = builder_add_integers(b, 2, list, pads);
    return builder_add_node(b, op, args, 2,
                            builder_add_alike(b, "pad", in, v.rank, shape), &a);
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
    args[1] = builder_add_integers(b, 1, &rank, begin);
    args[2] = builder_add_integers(b, 1, &rank, end);
    args[3] = builder_add_integers(b, 1, &rank, stride);
    return builder_add_node(b, TIN_OP_STRIDED_SLICE, args, 4,
                            builder_add_alike(b, "slice", in, rank, count), &a);
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
    args[1] = builder_add_integers(b, 1, &rank, perm);
    return builder_add_node(b, TIN_OP_TRANSPOSE, args, 2,
                            builder_add_alike(b, "transpose", in, rank, shape),
                            &a);
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
    return builder_add_node(b, op, &in, 1,
                            builder_add_alike(b, "blocks", in, 4, shape), &a);
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
    return builder_add_node(b, TIN_OP_RESHAPE, args, 2,
                            builder_add_alike(b, "view", in, rank, shape), &a);
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
    return builder_add_node(b, TIN_OP_SQUEEZE, &in, 1,
                            builder_add_alike(b, "squeeze", in, rank, shape),
                            &a);
}
