/* SPDX-License-Identifier: MIT */
/*
 * fold.c: what a network's file tells of its values is computed here, once.
 *
 * The shape of every tensor is known, so SHAPE is a constant, and so is, in
 * the order of the network, all that is computed from constants alone. It is
 * the kernels themselves that compute it: a node whose inputs are constant is
 * compiled as a network of its own and run.
 */
#include "lower.h"

#include <string.h>

/* What folding may cost: a file may ask for more work than any network needs.
 * Nodes that exceed it, and those for which there is no memory, are left to
 * run, or to be refused. */
enum { MOST_WORK = 1 << 28, MOST_GROWTH = 1 << 16 };

typedef struct {
    tin_graph *g;
    const tin_node *node;
    int64_t work; /* that may still be spent */
} folding;

static tin_value *in_value(const folding *f, int32_t i)
{
    return f->node->in[i] < 0 ? NULL : &f->g->values[f->node->in[i]];
}

static tin_value *out_value(const folding *f, int32_t i)
{
    return &f->g->values[f->node->out[i]];
}

static void *alloc(const folding *f, const tin_value *v)
{
    return tin_pool_alloc(f->g->pool, (uint64_t)tin_value_bytes(v));
}

/* ---- Little-endian elements --------------------------------------------- */

static void put_bits(uint8_t *p, uint64_t bits, int32_t bytes)
{
    int32_t k;

    for (k = 0; k < bytes; k++)
        p[k] = (uint8_t)(bits >> 8 * k);
}

static void put_float(uint8_t *p, float f)
{
    uint32_t bits;

    memcpy(&bits, &f, sizeof bits);
    put_bits(p, bits, 4);
}

static float float_at(const tin_value *v, int32_t i)
{
    const uint8_t *p = v->data + (size_t)i * 4;
    const uint32_t bits = (uint32_t)p[0] | (uint32_t)p[1] << 8 |
                          (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    float f;

    memcpy(&f, &bits, sizeof f);
    return f;
}

static int is_int(const tin_value *v)
{
    return v->type == TIN_S32 || v->type == TIN_S64;
}

/* ---- DEQUANTIZE --------------------------------------------------------- */

/* Element i of a constant as a real number. */
static float real_element(const tin_value *v, int32_t i)
{
    int32_t c = 0, inner = 1, k;

    if (v->type == TIN_F16) {
        const uint32_t half = v->data[2 * i] | (uint32_t)v->data[2 * i + 1]
                                                   << 8;
        const uint32_t bits = tin_half_to_float_bits((uint16_t)half);
        float f;

        memcpy(&f, &bits, sizeof f);
        return f;
    }
    if (v->n_scales > 1) {
        for (k = v->quant_axis + 1; k < v->rank; k++)
            inner *= v->shape[k];
        c = i / inner % v->shape[v->quant_axis];
    }
    return v->scales[c] * (float)((int8_t)v->data[i] - v->zero_points[c]);
}

/* Of a float16 or int8 constant, which may have scales for each channel. */
static const uint8_t *fold_dequantize(const folding *f)
{
    const tin_value *in = in_value(f, 0), *out = out_value(f, 0);
    const int32_t n = tin_value_elements(in);
    uint8_t *data = NULL;
    int32_t i;

    if (out->type == TIN_F32 && n == tin_value_elements(out) &&
        (in->type == TIN_F16 || (in->type == TIN_S8 && in->n_scales > 0)))
        data = alloc(f, out);
    for (i = 0; data && i < n; i++)
        put_float(data + 4 * (size_t)i, real_element(in, i));
    return data;
}

/* ---- Shapes ------------------------------------------------------------- */

/* The n numbers of `shape`, if they are what the output has room for. */
static const uint8_t *put_shape(const folding *f, const int32_t *shape,
                                int32_t n)
{
    const tin_value *out = out_value(f, 0);
    uint8_t *data = NULL;
    int32_t i;

    if (is_int(out) && tin_value_elements(out) == n)
        data = alloc(f, out);
    for (i = 0; data && i < n; i++)
        put_bits(data + i * tin_type_bytes(out->type), (uint64_t)shape[i],
                 tin_type_bytes(out->type));
    return data;
}

static const uint8_t *fold_shape(const folding *f)
{
    return put_shape(f, in_value(f, 0)->shape, in_value(f, 0)->rank);
}

static const uint8_t *fold_rank(const folding *f)
{
    return put_shape(f, &in_value(f, 0)->rank, 1);
}

/* Extent i from the end that a list of extents asks for. */
static int64_t extent_from_end(const tin_value *list, int32_t i)
{
    const int32_t n = tin_value_elements(list);

    return i < n ? tin_const_int(list, n - 1 - i) : 1;
}

/* The shape that two shapes are broadcast to. */
static const uint8_t *fold_broadcast_args(const folding *f)
{
    const tin_value *a = in_value(f, 0), *b = in_value(f, 1);
    const int32_t n = tin_value_elements(out_value(f, 0));
    int32_t shape[TIN_MAX_RANK], i;

    if (!a->data || !b->data || !is_int(a) || !is_int(b) || n > TIN_MAX_RANK ||
        tin_value_elements(a) > n || tin_value_elements(b) > n)
        return NULL;
    for (i = 0; i < n; i++) {
        const int64_t x = extent_from_end(a, i), y = extent_from_end(b, i);
        const int64_t both = x == 1 ? y : x;

        if ((y != 1 && y != both) || both < 1 || both > INT32_MAX)
            return NULL;
        shape[n - 1 - i] = (int32_t)both;
    }
    return put_shape(f, shape, n);
}

/* Does a range have n elements? Counted as the reference does: in float for
 * floats. */
static int is_range(const tin_value *start, const tin_value *limit,
                    const tin_value *delta, int32_t n)
{
    int64_t way, step;

    if (start->type == TIN_F32) {
        const float steps =
            (float_at(limit, 0) - float_at(start, 0)) / float_at(delta, 0);

        return steps > (float)n - 1 && steps <= (float)n;
    }
    // far below 2^63, as extents are
    way = tin_const_int(limit, 0) / 2 - tin_const_int(start, 0) / 2;
    step = tin_const_int(delta, 0);
    if (step == 0 || way > INT32_MAX || way < -INT32_MAX)
        return 0;
    way = tin_const_int(limit, 0) - tin_const_int(start, 0);
    return way / step + (way % step != 0) == n && (way < 0) == (step < 0);
}

/* start, start + delta .. as long as they lie before limit. */
static const uint8_t *fold_range(const folding *f)
{
    const tin_value *start = in_value(f, 0), *limit = in_value(f, 1);
    const tin_value *delta = in_value(f, 2), *out = out_value(f, 0);
    const int32_t n = tin_value_elements(out), size = tin_type_bytes(out->type);
    float x;
    uint8_t *data;
    int32_t i;

    if (!start->data || !limit->data || !delta->data ||
        tin_value_elements(start) != 1 || tin_value_elements(limit) != 1 ||
        tin_value_elements(delta) != 1 || start->type != out->type ||
        limit->type != out->type || delta->type != out->type ||
        (!is_int(out) && out->type != TIN_F32) || n > MOST_GROWTH ||
        !is_range(start, limit, delta, n))
        return NULL;
    data = alloc(f, out);
    x = out->type == TIN_F32 ? float_at(start, 0) : 0;
    for (i = 0; data && i < n; i++) {
        const uint64_t whole = (uint64_t)tin_const_int(start, 0) +
                               (uint64_t)i * (uint64_t)tin_const_int(delta, 0);

        if (out->type == TIN_F32)
            put_float(data + (size_t)i * 4, x);
        else
            put_bits(data + (size_t)i * (size_t)size, whole, size);
        x += out->type == TIN_F32 ? float_at(delta, 0) : 0;
    }
    return data;
}

static int same_quant(const tin_value *a, const tin_value *b)
{
    int32_t i, same = a->n_scales == b->n_scales;

    for (i = 0; same && i < a->n_scales; i++)
        same = a->scales[i] == b->scales[i] &&
               a->zero_points[i] == b->zero_points[i];
    return same;
}

/* The same bytes in another shape. */
static const uint8_t *fold_view(const folding *f)
{
    const tin_value *in = in_value(f, 0), *out = out_value(f, 0);

    if (in->type != out->type || !same_quant(in, out) ||
        tin_value_elements(in) != tin_value_elements(out))
        return NULL;
    return in->data;
}

/* ---- Any other node, by its kernels ------------------------------------- */

/* Operators whose work grows with their bytes alone. Of all others it is taken
 * for the product of inputs and outputs: enough for numbers about shapes. */
static int is_linear(tin_op op)
{
    switch (op) {
    case TIN_OP_ADD:
    case TIN_OP_BATCH_TO_SPACE_ND:
    case TIN_OP_BROADCAST_TO:
    case TIN_OP_CONCATENATION:
    case TIN_OP_DEPTH_TO_SPACE:
    case TIN_OP_DEQUANTIZE:
    case TIN_OP_FILL:
    case TIN_OP_GATHER:
    case TIN_OP_GATHER_ND:
    case TIN_OP_PACK:
    case TIN_OP_PAD:
    case TIN_OP_PADV2:
    case TIN_OP_QUANTIZE:
    case TIN_OP_REVERSE_V2:
    case TIN_OP_SLICE:
    case TIN_OP_SPACE_TO_BATCH_ND:
    case TIN_OP_SPACE_TO_DEPTH:
    case TIN_OP_SPLIT:
    case TIN_OP_SPLIT_V:
    case TIN_OP_STRIDED_SLICE:
    case TIN_OP_TILE:
    case TIN_OP_TRANSPOSE:
    case TIN_OP_UNPACK: return 1;
    default: return 0;
    }
}

/* Are all its inputs there? And is it worth it: little work, and not much more
 * to store than what it is made from. */
static int may_run(folding *f)
{
    int64_t in_bytes = 0, out_bytes = 0, cost;
    int32_t i;

    for (i = 0; i < f->node->n_in; i++) {
        const tin_value *v = in_value(f, i);

        if (v && !v->data)
            return 0;
        in_bytes += v ? tin_value_bytes(v) : 0;
    }
    for (i = 0; i < f->node->n_out; i++)
        out_bytes += tin_value_bytes(out_value(f, i));
    if (in_bytes == 0 || out_bytes > 2 * in_bytes + MOST_GROWTH ||
        in_bytes > f->work || out_bytes > f->work)
        return 0;
    cost = is_linear(f->node->op) ? in_bytes + out_bytes : in_bytes * out_bytes;
    if (cost > f->work)
        return 0;
    f->work -= cost;
    return 1;
}

/* The node alone, as a graph that has its outputs and no inputs. */
static tin_graph *lone_graph(const folding *f, tin_pool *pool)
{
    const tin_node *n = f->node;
    tin_graph *g = tin_pool_alloc(pool, sizeof *g);
    tin_node *node = tin_pool_alloc(pool, sizeof *node);
    const int32_t most = n->n_in + n->n_out;
    int32_t *index = tin_pool_alloc(pool, (uint64_t)most * sizeof *index);
    int32_t i;

    if (!g || !node || !index)
        return NULL;
    g->values = tin_pool_alloc(pool, (uint64_t)most * sizeof *g->values);
    if (!g->values)
        return NULL;
    for (i = 0; i < most; i++) {
        const int32_t v = i < n->n_in ? n->in[i] : n->out[i - n->n_in];

        index[i] = v < 0 ? -1 : i;
        g->values[i].name = "";
        if (v >= 0)
            g->values[i] = f->g->values[v];
    }
    *node = *n;
    node->layer = 0;
    node->in = index;
    node->out = index + n->n_in;
    g->pool = pool;
    g->name = "";
    g->file_values = g->values;
    g->nodes = node;
    g->inputs = g->outputs = node->out;
    g->n_values = g->n_file_values = most;
    g->n_nodes = g->n_layers = 1;
    g->n_outputs = n->n_out;
    return g;
}

/* Runs the network and takes its outputs over. Returns 0 without memory. */
static int run(const folding *f, const tin_program *p, tin_pool *pool)
{
    const tin_model *m = &p->model;
    const uint64_t bytes = (uint64_t)m->arena_bytes + (uint64_t)m->arena_align;
    void *arena = tin_pool_alloc(pool, bytes);
    tin_net net;
    int32_t i;

    if (!arena || tin_net_open(&net, m, arena, (size_t)bytes, NULL) != TIN_OK)
        return 0;
    tin_net_run(&net);
    for (i = 0; i < f->node->n_out; i++) {
        tin_value *out = out_value(f, i);
        uint8_t *data = alloc(f, out);

        if (!data)
            return 0;
        tin_swap_order(data, tin_net_output(&net, i), tin_value_elements(out),
                       tin_type_bytes(out->type));
        out->data = data;
    }
    return 1;
}

/* Gives the node's outputs their contents; returns 0 where it does not
 * compile, which its lowering then tells. */
static int fold_by_running(folding *f)
{
    tin_pool *pool;
    tin_program program;
    tin_graph *g;
    int done = 0;

    if (!may_run(f))
        return 0;
    pool = tin_pool_new();
    g = pool ? lone_graph(f, pool) : NULL;
    memset(&program, 0, sizeof program);
    if (g && tin_compile_once(g, &program, NULL) == TIN_OK)
        done = run(f, &program, pool);
    tin_pool_free(pool);
    return done;
}

/* ---- The pass ----------------------------------------------------------- */

/* The contents of the node's one output, for operators that need no kernel;
 * NULL: not known. */
static const uint8_t *contents(const folding *f)
{
    const tin_value *in = f->node->n_in > 0 ? in_value(f, 0) : NULL;

    if (!in)
        return NULL;
    switch (f->node->op) {
    case TIN_OP_SHAPE: return fold_shape(f);
    case TIN_OP_RANK: return fold_rank(f);
    case TIN_OP_BROADCAST_ARGS: return fold_broadcast_args(f);
    case TIN_OP_RANGE: return fold_range(f);
    case TIN_OP_DEQUANTIZE: return in->data ? fold_dequantize(f) : NULL;
    case TIN_OP_DENSIFY:
    case TIN_OP_EXPAND_DIMS:
    case TIN_OP_RESHAPE:
    case TIN_OP_SQUEEZE: return fold_view(f);
    default: return NULL;
    }
}

static int fold_node(folding *f)
{
    const uint8_t *data = contents(f);
    int32_t i;

    if (data)
        out_value(f, 0)->data = data;
    else if (!fold_by_running(f))
        return 0;
    for (i = 0; i < f->node->n_out; i++)
        out_value(f, i)->producer = -1;
    return 1;
}

void tin_fold_constants(tin_graph *g)
{
    folding f = {g, NULL, MOST_WORK};
    int32_t i, kept = 0;

    for (i = 0; i < g->n_nodes; i++) {
        f.node = &g->nodes[i];
        if (!fold_node(&f))
            g->nodes[kept++] = g->nodes[i];
    }
    g->n_nodes = kept;
}
