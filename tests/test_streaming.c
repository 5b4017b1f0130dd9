/* SPDX-License-Identifier: MIT */
/*
 * test_streaming.c: however a network is cut into stages, kept in rings and
 * laid over itself, it gives the bytes that it gives when every layer runs as
 * a whole and every tensor has memory of its own.
 *
 * Random networks, one a seed. TIN_SEED=n runs a single one, TIN_SEEDS=n that
 * many instead of the usual number.
 */
#include "graph_builder.h"
#include "lower.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 2048, CHUNKS = 16 };
enum { MAX_STEPS = 128, MAX_KNOWN = 64, MAX_ELEMENTS = 3000 };
enum { GUARD = 64, GUARD_BYTE = 0x5a };

/* ---- Random networks ---------------------------------------------------- */

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

/* Joins up to nine of those that fit, so that some take several steps. */
static int32_t make_concat(maker *m)
{
    const int32_t most = dice(m, 8) ? 2 + dice(m, 3) : 9;
    const int32_t axis = dice(m, 4);
    int32_t in[9], n = 1, tries, out;

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
    out = builder_concat(&m->b, in, n, axis);
    for (tries = 0; tries < n && out >= 0; tries++)
        m->used[in[tries]] = 1;
    return out;
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

static tin_graph *make_graph(maker *m, tin_pool *pool, uint32_t seed)
{
    int32_t depth, tries;

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

/* ---- Printing one ------------------------------------------------------- */

static void print_value(const tin_graph *g, int32_t value)
{
    const tin_value *v = &g->values[value];
    int32_t i;

    fprintf(stderr, " %s[", v->name);
    for (i = 0; i < v->rank; i++)
        fprintf(stderr, "%s%d", i ? "," : "", (int)v->shape[i]);
    fprintf(stderr, "]%s", v->type == TIN_F32 ? "f" : "");
}

static void print_graph(const tin_graph *g)
{
    int32_t i, k;

    fprintf(stderr, "inputs:");
    for (i = 0; i < g->n_inputs; i++)
        print_value(g, g->inputs[i]);
    for (i = 0; i < g->n_nodes; i++) {
        const tin_node *n = &g->nodes[i];

        fprintf(stderr, "\n%2d %s", (int)i, tin_op_name(n->op));
        for (k = 0; k < n->n_in && n->in[k] >= 0; k++)
            print_value(g, n->in[k]);
        fprintf(stderr, " ->");
        print_value(g, n->out[0]);
        if (n->attr.stride_h)
            fprintf(stderr, " stride %d,%d dilation %d,%d filter %d,%d %s",
                    (int)n->attr.stride_h, (int)n->attr.stride_w,
                    (int)n->attr.dilation_h, (int)n->attr.dilation_w,
                    (int)n->attr.filter_h, (int)n->attr.filter_w,
                    n->attr.padding == TIN_PADDING_SAME ? "SAME" : "VALID");
        if (n->op == TIN_OP_CONCATENATION)
            fprintf(stderr, " axis %d", (int)n->attr.axis);
    }
    fprintf(stderr, "\noutputs:");
    for (i = 0; i < g->n_outputs; i++)
        print_value(g, g->outputs[i]);
    fprintf(stderr, "\n");
}

static void print_program(const tin_program *p)
{
    const tin_model *m = &p->model;
    int32_t i;

    fprintf(stderr, "stages:");
    for (i = 0; i < m->n_stages; i++)
        fprintf(stderr, " %d+%d%s", m->stages[i].first, m->stages[i].n,
                m->stages[i].progress < 0 ? "" : "*");
    fprintf(stderr, "\n");
    for (i = 0; i < p->n_places; i++) {
        const tin_place *x = &p->places[i];

        fprintf(stderr,
                "%8s %-12s layer %2d times %4d ..%4d bytes %5d ..%5d rows "
                "%d of %d\n",
                x->kind == TIN_PLACE_RING       ? "ring"
                : x->kind == TIN_PLACE_SCRATCH  ? "scratch"
                : x->kind == TIN_PLACE_PROGRESS ? "progress"
                                                : "tensor",
                x->name, (int)x->layer, (int)x->lower, (int)x->upper,
                (int)x->offset, (int)(x->offset + x->bytes), (int)x->rows,
                (int)x->all_rows);
    }
}

/* ---- The reference ------------------------------------------------------ */

/* A network as a whole: its layers run one after the other, each step with
 * all its rows, and every value of the graph has memory of its own for good.
 * Nothing here depends on where the plan puts things. */
typedef struct {
    const tin_graph *graph; /* as the passes left it */
    const tin_program *program;
    uint8_t **memory;           /* per value */
    uint32_t crc[MAX_STEPS];    /* of each step's output */
    uint8_t partial[MAX_STEPS]; /* a later step writes the same value */
} reference;

static size_t value_bytes(const tin_value *v)
{
    return (size_t)tin_value_elements(v) * (size_t)tin_type_bytes(v->type);
}

/* Random inputs: the highest bytes of a xorshift, or floats of -2 .. 2. */
static void fill_input(const tin_value *v, uint8_t *bytes, uint32_t x)
{
    float *reals = (float *)(void *)bytes;
    int32_t k;

    for (k = 0; k < tin_value_elements(v); k++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        if (v->type == TIN_F32)
            reals[k] = (float)(x >> 8) / 4194304.0f - 2.0f;
        else
            bytes[k] = (uint8_t)(x >> 24);
    }
}

static void take_memory(reference *r, uint32_t seed)
{
    const tin_graph *g = r->graph;
    int32_t i;

    r->memory = calloc((size_t)g->n_values, sizeof *r->memory);
    cr_assert_not_null(r->memory);
    for (i = 0; i < g->n_values; i++) {
        r->memory[i] = malloc(value_bytes(&g->values[i]));
        cr_assert_not_null(r->memory[i]);
        memset(r->memory[i], 0xee, value_bytes(&g->values[i]));
    }
    for (i = 0; i < g->n_inputs; i++)
        fill_input(&g->values[g->inputs[i]], r->memory[g->inputs[i]],
                   seed + (uint32_t)i + 1);
}

static void free_reference(reference *r)
{
    int32_t i;

    for (i = 0; i < r->graph->n_values; i++)
        free(r->memory[i]);
    free(r->memory);
}

/* All rows of a value, as long as a step's argument says that they are. */
static tin_rows rows_of_value(const reference *r, int32_t value, int32_t arg)
{
    const tin_model *m = &r->program->model;
    const tin_tensor *t = &m->tensors[m->args[arg]];
    tin_rows rows;

    rows.base = t->data ? (void *)(uintptr_t)t->data : r->memory[value];
    rows.row_bytes = t->row_bytes;
    rows.rows =
        (int32_t)(value_bytes(&r->graph->values[value]) / (size_t)t->row_bytes);
    rows.first = 0;
    return rows;
}

/* `in` are as many values as the step has inputs. */
static void run_whole(reference *r, int32_t step, const int32_t *in,
                      int32_t out)
{
    const tin_step *s = &r->program->model.steps[step];
    const tin_kernel_info *info = r->program->lowered->kernels[step];
    const int32_t bytes =
        info->scratch_size ? info->scratch_size(s->params) : 0;
    void *scratch = bytes > 0 ? malloc((size_t)bytes) : NULL;
    tin_rows rows[TIN_MAX_ARGS];
    int32_t k;

    for (k = 0; k < s->n_in; k++)
        rows[k] = rows_of_value(r, in[k], s->first_arg + k);
    rows[k] = rows_of_value(r, out, s->first_arg + k);
    s->run(s->params, rows, rows + k, 0, s->rows, scratch);
    free(scratch);
    r->crc[step] =
        tin_crc32(0, r->memory[out], value_bytes(&r->graph->values[out]));
}

/* Where the elements begin that a slice of neighbours takes; without a list of
 * beginnings it is no slice. */
static size_t first_byte(const reference *r, const tin_node *n)
{
    const tin_value *in = &r->graph->values[n->in[0]];
    size_t at = 0;
    int32_t i;

    if (n->op != TIN_OP_STRIDED_SLICE)
        return 0;
    for (i = 0; i < in->rank; i++) {
        const int64_t begin = tin_const_int(&r->graph->values[n->in[1]], i);

        at = at * (size_t)in->shape[i] + (size_t)begin;
    }
    return at * (size_t)tin_type_bytes(in->type);
}

/* A layer without steps is a view: the same bytes, or some of them. Where there
 * are several steps, each takes the inputs that follow those of the one before.
 */
static void run_layer(reference *r, const tin_node *n)
{
    const tin_layer *l = &r->program->layers[n->layer];
    const int32_t *in = n->in;
    int32_t i;

    if (l->n_steps == 0)
        memcpy(r->memory[n->out[0]],
               (const uint8_t *)r->memory[n->in[0]] + first_byte(r, n),
               value_bytes(&r->graph->values[n->out[0]]));
    for (i = 0; i < l->n_steps; i++) {
        run_whole(r, l->first_step + i, in, n->out[0]);
        in += r->program->model.steps[l->first_step + i].n_in;
        r->partial[l->first_step + i] = i < l->n_steps - 1;
    }
}

static void run_reference(reference *r, const tin_graph *g,
                          const tin_program *program, uint32_t seed)
{
    int32_t i;

    memset(r, 0, sizeof *r);
    r->graph = g;
    r->program = program;
    cr_assert_leq(program->model.n_steps, MAX_STEPS);
    take_memory(r, seed);
    for (i = 0; i < g->n_nodes; i++)
        run_layer(r, &g->nodes[i]);
}

/* CRC-32 of all outputs. */
static uint32_t output_crc(const reference *r)
{
    const tin_graph *g = r->graph;
    uint32_t crc = 0;
    int32_t i;

    for (i = 0; i < g->n_outputs; i++)
        crc = tin_crc32(crc, r->memory[g->outputs[i]],
                        value_bytes(&g->values[g->outputs[i]]));
    return crc;
}

/* A program without passes and without a plan. */
static void lower_only(tin_graph *g, tin_program *p)
{
    const size_t values = (size_t)g->n_values, layers = (size_t)g->n_layers;
    tin_diag diag = {TIN_OK, 0, 0, ""};
    tin_lowering lo;
    size_t i;

    memset(&lo, 0, sizeof lo);
    lo.pool = g->pool;
    lo.graph = g;
    lo.diag = &diag;
    lo.target = tin_find_target(NULL);
    lo.layers = tin_pool_alloc(g->pool, layers * sizeof *lo.layers);
    lo.tensor_of = tin_pool_alloc(g->pool, values * sizeof *lo.tensor_of);
    lo.constant_of = tin_pool_alloc(g->pool, values * sizeof *lo.constant_of);
    cr_assert(lo.layers && lo.tensor_of && lo.constant_of);
    for (i = 0; i < values; i++)
        lo.tensor_of[i] = -1;
    for (i = 0; i < layers; i++)
        lo.layers[i].name = "a layer";
    g->file_values = g->values;
    g->n_file_values = g->n_values;
    memset(p, 0, sizeof *p);
    cr_assert_eq(tin_lower(&lo, p), TIN_OK, "%s", diag.message);
    p->layers = lo.layers;
    p->n_layers = g->n_layers;
}

/* ---- One plan against the reference ------------------------------------- */

typedef struct {
    const reference *r;
    const tin_program *program;
    uint32_t random;
    uint8_t *block; /* guard, arena, guard */
    size_t before, needed;
    tin_net net;
    uint32_t crc[MAX_STEPS];
    int32_t rows[MAX_STEPS]; /* that were reported */
    char what[200];
} trial;

/* Keeps the first complaint. */
static int complain(trial *t, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;

static int complain(trial *t, const char *format, ...)
{
    va_list list;

    if (t->what[0])
        return -1;
    va_start(list, format);
    (void)vsnprintf(t->what, sizeof t->what, format, list);
    va_end(list);
    return -1;
}

static uint32_t trial_dice(trial *t, uint32_t n)
{
    t->random = t->random * 1664525u + 1013904223u;
    return (t->random >> 8) % n;
}

static int open_trial(trial *t)
{
    const tin_model *m = &t->program->model;
    size_t i, all;

    all = (size_t)m->arena_bytes + 2 * GUARD + 32;
    t->block = malloc(all);
    cr_assert_not_null(t->block);
    memset(t->block, GUARD_BYTE, all);
    t->before = GUARD + trial_dice(t, 16);
    if (tin_net_open(&t->net, m, t->block + t->before, 0, &t->needed) !=
            TIN_ERR_ARENA &&
        t->needed > 0)
        return complain(t, "an arena of 0 bytes was accepted");
    if (t->needed > (size_t)(m->arena_bytes + m->arena_align - 1))
        return complain(t, "%lu bytes are needed", (unsigned long)t->needed);
    for (i = 0; i < t->needed; i++)
        t->block[t->before + i] = (uint8_t)trial_dice(t, 256);
    if (tin_net_open(&t->net, m, t->block + t->before, t->needed, NULL))
        return complain(t, "an arena of the needed size was refused");
    return 0;
}

static int guards_hold(const trial *t)
{
    const uint8_t *after = t->block + t->before + t->needed;
    size_t i;

    for (i = 0; i < t->before; i++)
        if (t->block[i] != GUARD_BYTE)
            return 0;
    for (i = 0; i < GUARD; i++)
        if (after[i] != GUARD_BYTE)
            return 0;
    return 1;
}

static const uint8_t *input_bytes(const trial *t, int32_t i)
{
    return t->r->memory[t->r->graph->inputs[i]];
}

static void write_inputs(trial *t)
{
    const tin_model *m = &t->program->model;
    int32_t i;

    for (i = m->pushed_rows > 0; i < m->n_inputs; i++)
        memcpy(tin_net_input(&t->net, i), input_bytes(t, i),
               (size_t)m->inputs[i].bytes);
}

static void note_work(trial *t, const tin_work *work)
{
    const int32_t s = work->step;

    if (work->y0 == work->y1)
        return;
    if (work->y0 != t->rows[s])
        complain(t, "step %d made row %d after row %d", (int)s, (int)work->y0,
                 (int)t->rows[s] - 1);
    t->rows[s] = work->y1;
    t->crc[s] = tin_work_crc(&t->net, work, t->crc[s]);
}

/* Every step made all its rows, once, and they are those of the reference. */
static void check_steps(trial *t)
{
    const tin_program *p = t->program;
    int32_t i, k;

    for (i = 0; i < t->r->graph->n_nodes; i++) {
        const tin_node *n = &t->r->graph->nodes[i];
        const tin_layer *l = &p->layers[n->layer];

        for (k = l->first_step; k < l->first_step + l->n_steps; k++) {
            const tin_step *s = &p->model.steps[k];
            const tin_rows out =
                rows_of_value(t->r, n->out[0], s->first_arg + s->n_in);

            if (t->rows[k] != out.rows)
                complain(t, "step %d, layer %d, made %d rows, not %d", (int)k,
                         (int)n->layer, (int)t->rows[k], (int)out.rows);
            if (!t->r->partial[k] && t->crc[k] != t->r->crc[k])
                complain(t, "step %d, layer %d, is the first that differs",
                         (int)k, (int)n->layer);
        }
    }
    memset(t->rows, 0, sizeof t->rows);
    memset(t->crc, 0, sizeof t->crc);
}

static void check_outputs(trial *t, const char *how)
{
    const tin_graph *g = t->r->graph;
    int32_t i;

    for (i = 0; i < g->n_outputs; i++)
        if (memcmp(tin_net_output(&t->net, i), t->r->memory[g->outputs[i]],
                   value_bytes(&g->values[g->outputs[i]])) != 0)
            complain(t, "%s: output %d differs", how, (int)i);
    if (!guards_hold(t))
        complain(t, "%s: wrote outside the arena", how);
}

static void run_resident(trial *t)
{
    tin_work work;

    write_inputs(t);
    while (tin_net_step(&t->net, &work))
        note_work(t, &work);
    check_steps(t);
    check_outputs(t, "step by step");
    write_inputs(t);
    tin_net_run(&t->net);
    check_outputs(t, "at once");
}

static void push_singly(trial *t)
{
    const uint8_t *row = input_bytes(t, 0);
    const tin_model *m = &t->program->model;
    const size_t bytes = (size_t)m->inputs[0].bytes / (size_t)m->pushed_rows;
    tin_work work;
    int32_t y;

    tin_stream_begin(&t->net);
    write_inputs(t);
    for (y = 0; y < m->pushed_rows; y++, row += bytes) {
        void *to = tin_stream_row(&t->net);

        if (!to) {
            complain(t, "row %d is not wanted", (int)y);
            return;
        }
        memcpy(to, row, bytes);
        tin_stream_pushed(&t->net);
        while (tin_net_step(&t->net, &work))
            note_work(t, &work);
    }
    if (tin_stream_row(&t->net))
        complain(t, "more rows are wanted than there are");
    check_steps(t);
    check_outputs(t, "row by row");
}

static void push_in_chunks(trial *t)
{
    const uint8_t *row = input_bytes(t, 0);
    const tin_model *m = &t->program->model;
    const size_t bytes = (size_t)m->inputs[0].bytes / (size_t)m->pushed_rows;
    const uint32_t most = 1 + trial_dice(t, 8);
    int32_t y = 0;

    tin_stream_begin(&t->net);
    write_inputs(t);
    while (y < m->pushed_rows) {
        const int32_t left = m->pushed_rows - y;
        const int32_t want = 1 + (int32_t)trial_dice(t, most);
        const int32_t n = want < left ? want : left;

        if (tin_stream_push_rows(&t->net, row, n) != n)
            complain(t, "rows %d + %d are not wanted", (int)y, (int)n);
        row += (size_t)n * bytes;
        y += n;
    }
    if (tin_stream_push_rows(&t->net, input_bytes(t, 0), 1) != 0)
        complain(t, "more rows were taken than there are");
    check_outputs(t, "in chunks");
}

static void run_trial(trial *t)
{
    if (open_trial(t) == 0) {
        if (t->program->model.pushed_rows == 0) {
            run_resident(t);
        } else {
            push_singly(t);
            push_in_chunks(t);
        }
    }
    free(t->block);
}

/* ---- One seed ----------------------------------------------------------- */

/* One network under one setting. */
typedef struct {
    uint32_t seed;
    tin_compile_options options;
    tin_graph *graph;
    const tin_program *program; /* or NULL */
} subject;

static int report(const subject *x, const char *what)
{
    static const char *const names[] = {"ram", "balanced", "flash", "speed"};

    fprintf(stderr, "\nTIN_SEED=%lu, optimize %s%s: %s\n",
            (unsigned long)x->seed, names[x->options.optimize],
            x->options.stream_input ? ", input streamed" : "", what);
    print_graph(x->graph);
    if (x->program)
        print_program(x->program);
    return 1;
}

/* What the outputs must be: of the network as it was built. */
static uint32_t wanted_crc(uint32_t seed)
{
    tin_pool *pool = tin_pool_new();
    tin_program program;
    tin_graph *g;
    reference r;
    uint32_t crc;
    maker m;

    cr_assert_not_null(pool);
    g = make_graph(&m, pool, seed);
    cr_assert_not_null(g, "seed %lu: the builder failed", (unsigned long)seed);
    lower_only(g, &program);
    run_reference(&r, g, &program, seed);
    crc = output_crc(&r);
    free_reference(&r);
    tin_pool_free(pool);
    return crc;
}

/* Runs a compiled program. Returns the number of failures. */
static int check_program(const subject *x, uint32_t want)
{
    reference r;
    trial t;

    run_reference(&r, x->graph, x->program, x->seed);
    memset(&t, 0, sizeof t);
    t.r = &r;
    t.program = x->program;
    t.random = x->seed;
    if (want != output_crc(&r))
        complain(&t, "the passes changed the outputs");
    run_trial(&t);
    free_reference(&r);
    return t.what[0] ? report(x, t.what) : 0;
}

/* A streamed input may be refused, but not without the reason. */
static int check_refusal(subject *x, const tin_diag *diag)
{
    x->program = NULL;
    if (x->options.stream_input && diag->status == TIN_ERR_UNSUPPORTED &&
        strstr(diag->message, "layer "))
        return 0;
    return report(x, diag->message);
}

/* Compiling changes a graph, so each setting gets a new one. */
static int check_setting(subject *x, uint32_t want)
{
    tin_pool *pool = tin_pool_new();
    tin_diag diag = {TIN_OK, 0, 0, ""};
    int failures;
    maker m;

    cr_assert_not_null(pool);
    x->graph = make_graph(&m, pool, x->seed);
    cr_assert_not_null(x->graph);
    if (tin_compile_graph(x->graph, &x->options, &x->program, &diag) == TIN_OK)
        failures = check_program(x, want);
    else
        failures = check_refusal(x, &diag);
    tin_pool_free(pool);
    return failures;
}

/* The smallest arena, and one other setting. */
static int check_seed(uint32_t seed)
{
    const uint32_t want = wanted_crc(seed);
    int failures = 0, k;
    subject x;

    memset(&x, 0, sizeof x);
    x.seed = seed;
    x.options.plan_work_limit = 50;
    for (k = 0; k < 4 && failures == 0; k++) {
        x.options.optimize =
            k < 2 ? TIN_OPTIMIZE_RAM : (tin_optimize)(1 + seed % 3);
        x.options.stream_input = k % 2;
        failures += check_setting(&x, want);
    }
    return failures;
}

/* ---- All seeds ---------------------------------------------------------- */

static uint32_t number_from(const char *name, uint32_t otherwise)
{
    const char *text = getenv(name);

    return text && *text ? (uint32_t)strtoul(text, NULL, 10) : otherwise;
}

ParameterizedTestParameters(streaming, random_networks)
{
    static int chunks[CHUNKS];
    int i;

    for (i = 0; i < CHUNKS; i++)
        chunks[i] = i;
    return cr_make_param_array(int, chunks, CHUNKS);
}

ParameterizedTest(int *chunk, streaming, random_networks)
{
    const uint32_t seeds = number_from("TIN_SEEDS", SEEDS);
    int failures = 0;
    uint32_t i;

    if (getenv("TIN_SEED")) {
        if (*chunk == 0)
            failures = check_seed(number_from("TIN_SEED", 0));
        cr_assert_eq(failures, 0);
        return;
    }
    for (i = (uint32_t)*chunk; i < seeds; i += CHUNKS)
        failures += check_seed(i);
    cr_assert_eq(failures, 0, "%d networks differ; TIN_SEED=n runs one",
                 failures);
}
