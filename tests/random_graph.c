/* SPDX-License-Identifier: MIT */
/* random_graph: see random_graph.h. */
#include "random_graph.h"

#include <string.h>

enum { MAX_KNOWN = 64, MAX_ELEMENTS = 3000 };

typedef struct {
    graph_builder b;
    int32_t known[MAX_KNOWN]; /* values to go on from */
    int32_t n_known;
    uint8_t used[1024]; /* per value */
} maker;

static int32_t dice(maker *m, int32_t n)
{
    return builder_random(&m->b, n);
}

static const tin_value *value_at(const maker *m, int32_t value)
{
    return builder_value(&m->b, value);
}

/* A value to go on from, mostly the newest. */
static int32_t pick(maker *m)
{
    if (dice(m, 10) < 6)
        return m->known[m->n_known - 1];
    return m->known[dice(m, m->n_known)];
}

static int is_small(const maker *m, int32_t value)
{
    return tin_value_elements(value_at(m, value)) <= MAX_ELEMENTS / 2;
}

static tin_activation random_activation(maker *m)
{
    static const tin_activation all[] = {TIN_ACT_NONE, TIN_ACT_NONE,
                                         TIN_ACT_RELU, TIN_ACT_RELU6,
                                         TIN_ACT_RELU_N1_TO_1};

    return all[dice(m, 5)];
}

static builder_window random_window(maker *m, int dilated)
{
    builder_window w;

    memset(&w, 0, sizeof w);
    w.kernel_h = 1 + dice(m, dice(m, 4) ? 3 : 5);
    w.kernel_w = 1 + dice(m, dice(m, 4) ? 3 : 5);
    w.stride_h = dice(m, 3) ? 1 : 1 + dice(m, 3);
    w.stride_w = dice(m, 3) ? 1 : 1 + dice(m, 3);
    if (dilated && dice(m, 4) == 0) {
        w.dilation_h = 1 + dice(m, 3);
        w.dilation_w = 1 + dice(m, 3);
    }
    w.padding = dice(m, 3) ? TIN_PADDING_SAME : TIN_PADDING_VALID;
    w.activation = random_activation(m);
    return w;
}

static int32_t make_conv(maker *m)
{
    const builder_window w = random_window(m, 1);
    const int32_t in = pick(m), out_c = 1 + dice(m, 8);

    if (value_at(m, in)->rank == 4 && dice(m, 6) == 0)
        return builder_group_conv(&m->b, in, 2 * value_at(m, in)->shape[3],
                                  value_at(m, in)->shape[3], &w);
    return builder_conv(&m->b, in, out_c, &w);
}

static int32_t make_dwconv(maker *m)
{
    const builder_window w = random_window(m, 1);
    const int32_t in = pick(m);

    return builder_dwconv(&m->b, in, is_small(m, in) ? 1 + dice(m, 2) : 1, &w);
}

static int32_t make_pool(maker *m)
{
    builder_window w = random_window(m, 0);
    const int32_t in = pick(m);

    if (value_at(m, in)->rank == 4 && dice(m, 6) == 0) { // of the whole image
        w.kernel_h = value_at(m, in)->shape[1];
        w.kernel_w = value_at(m, in)->shape[2];
        w.padding = TIN_PADDING_VALID;
        return builder_avgpool(&m->b, in, &w);
    }
    if (dice(m, 2))
        return builder_maxpool(&m->b, in, &w);
    return builder_avgpool(&m->b, in, &w);
}

/* A reduction over any axes, a running sum, or a product of matrices. */
static int32_t make_axis(maker *m)
{
    static const tin_op ops[] = {TIN_OP_MEAN, TIN_OP_REDUCE_MAX,
                                 TIN_OP_REDUCE_MIN, TIN_OP_SUM};
    const int32_t in = pick(m), rank = value_at(m, in)->rank;

    switch (dice(m, 6)) {
    case 0: return builder_cumsum(&m->b, in, dice(m, rank), dice(m, 2));
    case 1:
        return rank > 1 && value_at(m, in)->shape[rank - 2] < 40
                   ? builder_square(&m->b, in, 0)
                   : -1;
    case 2:
        return value_at(m, in)->shape[rank - 1] < 40
                   ? builder_square(&m->b, in, 1)
                   : -1;
    default:
        return builder_reduce(&m->b, ops[dice(m, 4)], in,
                              1 + (uint32_t)dice(m, 15), dice(m, 2));
    }
}

static int32_t make_mean(maker *m)
{
    const int32_t in = pick(m), rank = value_at(m, in)->rank;

    if (dice(m, 2))
        return make_axis(m);
    if (rank == 4 && dice(m, 4))
        return builder_mean(&m->b, in, 1, 2, dice(m, 2));
    return builder_mean(&m->b, in, dice(m, rank), 1 + dice(m, 2), dice(m, 2));
}

/* An operand for x: a known one if any fits, or a part of the network. */
static int32_t make_binary(maker *m)
{
    static const tin_op ops[] = {TIN_OP_ADD, TIN_OP_ADD, TIN_OP_SUB, TIN_OP_MUL,
                                 TIN_OP_MAXIMUM};
    const tin_op op = ops[dice(m, 5)];
    const int32_t x = pick(m), first = dice(m, m->n_known);
    const tin_activation a =
        op == TIN_OP_MAXIMUM ? TIN_ACT_NONE : random_activation(m);
    int32_t shape[TIN_MAX_RANK], i, y = -1;

    if (dice(m, 5) == 0) {
        for (i = 0; i < value_at(m, x)->rank; i++)
            shape[i] = dice(m, 2) ? value_at(m, x)->shape[i] : 1;
        return builder_binary(&m->b, op, x,
                              builder_constant(&m->b, value_at(m, x)->type,
                                               value_at(m, x)->rank, shape),
                              a);
    }
    for (i = 0; i < m->n_known && y < 0; i++) {
        const int32_t other = m->known[(first + i) % m->n_known];

        if (other == x && dice(m, 8))
            continue;
        y = dice(m, 2) ? builder_binary(&m->b, op, x, other, a)
                       : builder_binary(&m->b, op, other, x, a);
        if (y >= 0)
            m->used[other] = 1;
    }
    return y;
}

/* The same again, made for one user alone, which may then have it made where
 * that wants it. */
static int32_t make_own(maker *m, int32_t in)
{
    static const builder_window point = {.kernel_h = 1, .kernel_w = 1};

    if (value_at(m, in)->rank != 4 || dice(m, 2))
        return in;
    m->used[in] = 1;
    return builder_maxpool(&m->b, in, &point);
}

/* Joins up to nine of those that fit, so that some take several steps. */
static int32_t make_concat(maker *m)
{
    const int32_t most = dice(m, 8) ? 2 + dice(m, 3) : 9;
    const int32_t axis = dice(m, 2) ? 1 : dice(m, 4);
    int32_t in[9], n = 1, tries;

    in[0] = pick(m);
    if (!is_small(m, in[0]))
        return -1;
    for (tries = 0; tries < 24 && n < most; tries++) {
        const tin_value *v = value_at(m, in[0]);
        const int32_t other = m->known[dice(m, m->n_known)];
        const tin_value *o = value_at(m, other);
        int32_t k, fits = o->rank == v->rank && o->type == v->type;

        for (k = 0; k < v->rank && fits; k++)
            fits = k == axis || o->shape[k] == v->shape[k];
        if (fits && v->type == TIN_S8)
            fits = o->scales[0] == v->scales[0] &&
                   o->zero_points[0] == v->zero_points[0];
        if (fits)
            in[n++] = other;
    }
    for (tries = 0; tries < n; tries++) {
        in[tries] = make_own(m, in[tries]);
        if (in[tries] < 0)
            return -1;
        m->used[in[tries]] = 1;
    }
    return builder_concat(&m->b, in, n, axis);
}

static int32_t make_pad(maker *m)
{
    const int32_t in = pick(m), rank = value_at(m, in)->rank;
    int32_t pads[2 * TIN_MAX_RANK], i;

    if (!is_small(m, in))
        return -1;
    for (i = 0; i < 2 * rank; i++)
        pads[i] = dice(m, 3) || (i < 2 && dice(m, 4)) ? 0 : dice(m, 3);
    return builder_pad(&m->b, in, pads);
}

/* Most slices keep most axes as they are, and many take rows alone. */
static int32_t make_slice(maker *m, int32_t in)
{
    const tin_value *v = value_at(m, in);
    int32_t begin[TIN_MAX_RANK], count[TIN_MAX_RANK], stride[TIN_MAX_RANK], i;
    const int rows = dice(m, 2);

    for (i = 0; i < v->rank; i++) {
        const int32_t size = v->shape[i];

        begin[i] = rows ? 0 : dice(m, 2) ? 0 : dice(m, size);
        stride[i] = rows || dice(m, 3) ? 1 : 1 + dice(m, 3);
        if (rows && i == v->rank - 3)
            begin[i] = dice(m, size);
        count[i] = 1 + (size - 1 - begin[i]) / stride[i];
        if (rows ? i == v->rank - 3 : dice(m, 3) == 0)
            count[i] -= dice(m, count[i]);
        if (!rows &&
            dice(m, 6) == 0) { // the same elements from their other end on
            begin[i] += (count[i] - 1) * stride[i];
            stride[i] = -stride[i];
        }
    }
    return builder_slice(&m->b, in, begin, count, stride);
}

static int32_t make_move(maker *m)
{
    static const int32_t perms[4][4] = {
        {0, 2, 1, 3}, {0, 3, 1, 2}, {0, 1, 3, 2}, {1, 0, 2, 3}};
    const int32_t in = pick(m), edge = dice(m, 2);
    int32_t pads[2 * TIN_MAX_RANK], i;

    switch (dice(m, 8)) {
    case 0:
        return value_at(m, in)->rank == 4
                   ? builder_transpose(&m->b, in, perms[dice(m, 4)])
                   : -1;
    case 1: return builder_blocks(&m->b, TIN_OP_SPACE_TO_DEPTH, in, 2);
    case 2:
        return is_small(m, in)
                   ? builder_blocks(&m->b, TIN_OP_DEPTH_TO_SPACE, in, 2)
                   : -1;
    case 3:
    case 4:
        for (i = 0; i < 2 * value_at(m, in)->rank; i++)
            pads[i] = dice(m, 2) || i < 2 ? 0 : dice(m, 3);
        return is_small(m, in) ? builder_mirror_pad(&m->b, in, pads, edge) : -1;
    default: return make_slice(m, in);
    }
}

/* The smallest factor above 1, or 1. */
static int32_t factor_of(int32_t n)
{
    int32_t f;

    for (f = 2; f <= n; f++)
        if (n % f == 0)
            return f;
    return 1;
}

static int32_t make_view(maker *m)
{
    const int32_t in = pick(m), n = tin_value_elements(value_at(m, in));
    int32_t shape[4], batch = value_at(m, in)->shape[0];
    const int32_t rest = n / batch, f = factor_of(rest);

    shape[0] = batch;
    switch (dice(m, 5)) {
    case 0: shape[1] = rest; return builder_reshape(&m->b, in, 2, shape);
    case 1:
        shape[1] = f;
        shape[2] = rest / f;
        return builder_reshape(&m->b, in, 3, shape);
    case 2:
        shape[1] = rest / f;
        shape[2] = 1;
        shape[3] = f;
        return builder_reshape(&m->b, in, 4, shape);
    case 3:
        if (value_at(m, in)->rank != 4)
            return -1;
        shape[1] = value_at(m, in)->shape[2];
        shape[2] = value_at(m, in)->shape[1];
        shape[3] = value_at(m, in)->shape[3];
        return builder_reshape(&m->b, in, 4, shape);
    default: return builder_squeeze(&m->b, in);
    }
}

static int32_t make_dense(maker *m)
{
    return builder_dense(&m->b, pick(m), 1 + dice(m, 12), dice(m, 2),
                         random_activation(m));
}

/* Twice as large, or of any size. */
static int32_t make_resize(maker *m)
{
    static const tin_op ops[] = {TIN_OP_RESIZE_BILINEAR,
                                 TIN_OP_RESIZE_NEAREST_NEIGHBOR};
    const int32_t in = pick(m), corners = dice(m, 3);
    const tin_value *v = value_at(m, in);
    const int twice = dice(m, 2);

    if (v->rank != 4)
        return -1;
    return builder_resize(
        &m->b, ops[dice(m, 2)], in, twice ? 2 * v->shape[1] : 1 + dice(m, 23),
        twice ? 2 * v->shape[2] : 1 + dice(m, 11), corners == 1, corners == 2);
}

static int32_t make_transconv(maker *m)
{
    builder_window w = random_window(m, 0);
    const int32_t in = pick(m), any = dice(m, 3) == 0;
    const tin_value *v = value_at(m, in);

    if (v->rank != 4)
        return -1;
    w.stride_h = 1 + dice(m, 3);
    w.stride_w = 1 + dice(m, 3);
    return builder_transconv(&m->b, in, 1 + dice(m, 6),
                             any ? 1 + dice(m, 20) : v->shape[1] * w.stride_h,
                             any ? 1 + dice(m, 20) : v->shape[2] * w.stride_w,
                             &w);
}

static int32_t make_unary(maker *m)
{
    static const tin_op ops[] = {
        TIN_OP_RELU,    TIN_OP_RELU,     TIN_OP_RELU6,    TIN_OP_LOGISTIC,
        TIN_OP_SOFTMAX, TIN_OP_QUANTIZE, TIN_OP_QUANTIZE, TIN_OP_DEQUANTIZE};

    return builder_unary(&m->b, ops[dice(m, 8)], pick(m));
}

static int32_t make_node(maker *m)
{
    static const float scales[] = {0.03125f, 0.05f, 0.0157f};
    static const int32_t zeros[] = {-3, 0, 11, -128};

    if (dice(m, 6) == 0) {
        m->b.scale = scales[dice(m, 3)];
        m->b.zero = zeros[dice(m, 4)];
    }
    switch (dice(m, 22)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4: return make_conv(m);
    case 5:
    case 6:
    case 7: return make_dwconv(m);
    case 8:
    case 9: return make_pool(m);
    case 10:
    case 11:
    case 12: return make_binary(m);
    case 13:
    case 14: return make_concat(m);
    case 15: return make_pad(m);
    case 16: return make_view(m);
    case 17: return dice(m, 4) ? make_move(m) : make_dense(m);
    case 18: return dice(m, 4) ? make_conv(m) : make_mean(m);
    case 20: return make_resize(m);
    case 21: return make_transconv(m);
    default: return make_unary(m);
    }
}

static void know(maker *m, int32_t value)
{
    if (m->n_known < MAX_KNOWN &&
        tin_value_elements(value_at(m, value)) <= MAX_ELEMENTS)
        m->known[m->n_known++] = value;
}

/* One image in five has neither height nor width. */
static void make_inputs(maker *m)
{
    const int32_t n = dice(m, 4) ? 1 : 2 + dice(m, 2);
    const int32_t kind = dice(m, 5);
    const tin_type type = dice(m, 4) ? TIN_S8 : TIN_F32;
    int32_t shape[4], i;

    shape[0] = dice(m, 6) ? 1 : 2;
    shape[1] = kind == 0 ? 1 : 2 + dice(m, dice(m, 4) ? 10 : 20);
    shape[2] = kind == 1 ? 1 : 1 + dice(m, 9);
    shape[3] = 1 + dice(m, 6);
    for (i = 0; i < n; i++) {
        know(m, builder_input(&m->b, type, 4, shape));
        if (dice(m, 3) == 0)
            shape[1 + dice(m, 3)] = 1 + dice(m, 6);
    }
}

static void note_uses(maker *m)
{
    const tin_graph *g = &m->b.graph;
    int32_t i, k;

    for (i = 0; i < g->n_nodes; i++)
        for (k = 0; k < g->nodes[i].n_in; k++)
            if (g->nodes[i].in[k] >= 0)
                m->used[g->nodes[i].in[k]] = 1;
}

/* What nobody uses, most of the time; now and then something else. */
static void choose_outputs(maker *m)
{
    const tin_graph *g = &m->b.graph;
    int32_t i, n = 0;

    note_uses(m);
    for (i = 0; i < g->n_nodes && n < 30; i++) {
        const int32_t out = g->nodes[i].out[0];

        if (m->used[out] ? dice(m, 25) == 0 : dice(m, 12) > 0) {
            builder_output(&m->b, out);
            n++;
        }
    }
    if (n == 0 || dice(m, 40) == 0)
        builder_output(&m->b, m->known[dice(m, 4) ? m->n_known - 1 : 0]);
}

tin_graph *random_graph(tin_pool *pool, uint32_t seed)
{
    maker *m = tin_pool_alloc(pool, sizeof *m);
    int32_t depth, tries;

    if (!m)
        return NULL;
    memset(m, 0, sizeof *m);
    builder_init(&m->b, pool, seed);
    make_inputs(m);
    depth = 1 + dice(m, dice(m, 8) ? 10 : 20);
    for (tries = 0; tries < 4 * depth && m->b.graph.n_nodes < depth; tries++) {
        const int32_t out = make_node(m);

        if (out >= 0)
            know(m, out);
    }
    choose_outputs(m);
    return builder_graph(&m->b);
}
