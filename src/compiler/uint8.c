/* SPDX-License-Identifier: MIT */
/*
 * uint8.c: a pass for networks of the older uint8 quantization. A uint8 tensor
 * is an int8 tensor whose bytes and zero point are larger by 128: so each gets
 * an int8 twin, and operators work on the twins. Nothing is rounded
 * differently but where the reference treats uint8 in another way: such nodes
 * are marked (attr.was_u8) or replaced here.
 *
 * The caller's tensors stay uint8. Where one meets its twin, at the inputs and
 * outputs of the network, a QUANTIZE goes between the two, which becomes a
 * table of 256 bytes and works in place. A QUANTIZE of the file's own takes
 * either, and so does what only moves bytes. A CAST wants the bytes.
 *
 * Weights have a zero point of their own. If they fit int8 without it, it is
 * subtracted; else it stays, and another kernel computes with it.
 */
#include "lower.h"

#include <string.h>

typedef struct {
    tin_graph *g;
    tin_diag *diag;
    tin_node *nodes; /* of the new graph */
    int32_t n_nodes;
    int32_t *twin;   /* per value of the file: its int8 twin, or -1 */
    uint8_t *is_out; /* per value of the file: an output of the network */
    uint8_t *made;   /* per value of the file: its uint8 bytes are there */
    int32_t layer;   /* of the node at hand */
    int failed;      /* no memory */
} pass;

static void *take(pass *p, uint64_t bytes)
{
    void *memory = tin_pool_alloc(p->g->pool, bytes);

    p->failed |= memory == NULL;
    return memory;
}

static tin_status refuse(const pass *p, const tin_node *n, const char *why)
{
    return tin_fail(p->diag, TIN_ERR_UNSUPPORTED, n->layer,
                    "layer %d '%.80s' (%s): %s", (int)n->layer,
                    p->g->values[n->out[0]].name, tin_op_name(n->op), why);
}

static int is_u8(const pass *p, int32_t value)
{
    return value >= 0 && p->g->values[value].type == TIN_U8;
}

static int is_bytes(const pass *p, int32_t value)
{
    return is_u8(p, value) || p->g->values[value].type == TIN_S8;
}

static int32_t add_value(pass *p, const tin_value *v)
{
    p->g->values[p->g->n_values] = *v;
    return p->g->n_values++;
}

static tin_node *add_node(pass *p, const tin_node *n)
{
    p->nodes[p->n_nodes] = *n;
    return &p->nodes[p->n_nodes++];
}

/* Adds a QUANTIZE from one value to the other. */
static tin_node *add_quantize(pass *p, int32_t from, int32_t to)
{
    int32_t *ends = take(p, 2 * sizeof *ends);
    tin_node n;

    memset(&n, 0, sizeof n);
    if (ends) {
        ends[0] = from;
        ends[1] = to;
    }
    n.op = TIN_OP_QUANTIZE;
    n.layer = p->layer;
    n.n_in = n.n_out = 1;
    n.in = ends;
    n.out = ends ? ends + 1 : NULL;
    return add_node(p, &n);
}

/* ---- Twins -------------------------------------------------------------- */

/* The bytes of a constant minus `by`. */
static const uint8_t *subtracted(pass *p, const tin_value *v, int32_t by)
{
    const int32_t n = tin_value_elements(v);
    uint8_t *data = take(p, (uint64_t)n);
    int32_t i;

    for (i = 0; data && i < n; i++)
        data[i] = (uint8_t)(v->data[i] - by);
    return data;
}

/* An int8 value like *v, with one zero point for all scales. */
static int32_t add_s8(pass *p, const tin_value *v, int32_t zero)
{
    int32_t *zeros = take(p, (uint64_t)v->n_scales * sizeof *zeros);
    tin_value s8 = *v;
    int32_t i;

    for (i = 0; zeros && i < v->n_scales; i++)
        zeros[i] = zero;
    s8.type = TIN_S8;
    s8.zero_points = zeros;
    return add_value(p, &s8);
}

static int32_t make_twin(pass *p, int32_t value)
{
    const tin_value v = p->g->values[value];

    if (p->twin[value] < 0) {
        p->twin[value] = add_s8(p, &v, v.zero_points[0] - 128);
        if (v.data)
            p->g->values[p->twin[value]].data = subtracted(p, &v, 128);
    }
    return p->twin[value];
}

/* The twin of an input, which a QUANTIZE makes if nothing has yet. */
static int32_t read_twin(pass *p, int32_t value)
{
    const int is_made = p->twin[value] >= 0;
    const int32_t twin = make_twin(p, value);

    if (!is_made && !p->g->values[value].data)
        add_quantize(p, value, twin);
    return twin;
}

/* Makes a uint8 tensor from its twin. */
static void make_bytes(pass *p, int32_t value)
{
    if (is_u8(p, value) && !p->made[value])
        add_quantize(p, make_twin(p, value), value);
    p->made[value] = 1;
}

/* ---- Operators ---------------------------------------------------------- */

static int has_weights(const tin_node *n)
{
    return n->op == TIN_OP_CONV_2D || n->op == TIN_OP_DEPTHWISE_CONV_2D ||
           n->op == TIN_OP_FULLY_CONNECTED;
}

/* Weights, one more value for each node: int8 ones, and attr.weight_zero. */
static int32_t shift_weights(pass *p, tin_node *n, int32_t value)
{
    const tin_value v = p->g->values[value];
    const int32_t zero = v.zero_points[0], count = tin_value_elements(&v);
    const int32_t twin = add_s8(p, &v, 0);
    int32_t least = 255, most = 0, i;

    for (i = 0; i < count; i++) {
        least = v.data[i] < least ? v.data[i] : least;
        most = v.data[i] > most ? v.data[i] : most;
    }
    if (least - zero < -128 || most - zero > 127)
        n->attr.weight_zero = zero - 128;
    p->g->values[twin].data =
        subtracted(p, &v, n->attr.weight_zero ? 128 : zero);
    return twin;
}

/* CONCATENATION brings uint8 inputs to the scale of its output, by floats. */
static int32_t rescaled(pass *p, int32_t in, int32_t out)
{
    const tin_value *a = &p->g->values[in], *b = &p->g->values[out];
    tin_value v = *a;

    if (a->scales[0] == b->scales[0] && a->zero_points[0] == b->zero_points[0])
        return in;
    v.scales = b->scales;
    v.zero_points = b->zero_points;
    v.data = NULL;
    in = read_twin(p, in);
    out = add_s8(p, &v, v.zero_points[0] - 128);
    add_quantize(p, in, out)->attr.in_float = 1;
    return out;
}

static int32_t shift_input(pass *p, tin_node *n, int32_t i)
{
    const int32_t value = n->in[i];

    if (!is_u8(p, value))
        return value;
    if (has_weights(n) && i == 1 && p->g->values[value].data)
        return shift_weights(p, n, value);
    if (n->op == TIN_OP_CONCATENATION && is_u8(p, n->out[0])) {
        const int32_t other = rescaled(p, value, n->out[0]);

        return other == value ? read_twin(p, value) : other;
    }
    return read_twin(p, value);
}

/* Puts a copy of the node there that reads and writes twins. */
static void shift_node(pass *p, const tin_node *n)
{
    int32_t *ends = take(p, (uint64_t)(n->n_in + n->n_out) * sizeof *ends);
    tin_node copy = *n;
    int32_t i;

    if (!ends)
        return;
    copy.attr.was_u8 = 1;
    for (i = 0; i < n->n_in; i++)
        ends[i] = shift_input(p, &copy, i);
    for (i = 0; i < n->n_out; i++)
        ends[n->n_in + i] =
            is_u8(p, n->out[i]) ? make_twin(p, n->out[i]) : n->out[i];
    copy.in = ends;
    copy.out = ends + n->n_in;
    add_node(p, &copy);
    for (i = 0; i < n->n_out; i++)
        if (is_u8(p, n->out[i]) && p->is_out[n->out[i]])
            make_bytes(p, n->out[i]);
}

/* The node as it is: its uint8 inputs must be there. */
static void keep_node(pass *p, const tin_node *n)
{
    int32_t i;

    for (i = 0; i < n->n_in; i++)
        if (is_u8(p, n->in[i]))
            make_bytes(p, n->in[i]);
    add_node(p, n);
    for (i = 0; i < n->n_out; i++)
        p->made[n->out[i]] = 1;
}

/* QUANTIZE between bytes takes what is there: a twin if there is one; and
 * makes what the caller wants. */
static void shift_quantize(pass *p, const tin_node *n)
{
    const int32_t in = n->in[0], out = n->out[0];
    const int wants_twin = is_u8(p, out) && !p->is_out[out];

    p->made[out] |= !wants_twin;
    add_quantize(p, is_u8(p, in) && p->twin[in] >= 0 ? p->twin[in] : in,
                 wants_twin ? make_twin(p, out) : out);
}

static int touches_u8(const pass *p, const tin_node *n)
{
    int32_t i;

    for (i = 0; i < n->n_in; i++)
        if (is_u8(p, n->in[i]))
            return 1;
    for (i = 0; i < n->n_out; i++)
        if (is_u8(p, n->out[i]))
            return 1;
    return 0;
}

/* Operators that compute with uint8 as with int8. */
static int computes(tin_op op)
{
    switch (op) {
    case TIN_OP_ADD:
    case TIN_OP_ARG_MAX:
    case TIN_OP_ARG_MIN:
    case TIN_OP_AVERAGE_POOL_2D:
    case TIN_OP_CONCATENATION: // it rescales
    case TIN_OP_CONV_2D:
    case TIN_OP_DEPTHWISE_CONV_2D:
    case TIN_OP_DEQUANTIZE:
    case TIN_OP_DIV:
    case TIN_OP_EQUAL:
    case TIN_OP_FULLY_CONNECTED:
    case TIN_OP_GREATER:
    case TIN_OP_GREATER_EQUAL:
    case TIN_OP_HARD_SWISH:
    case TIN_OP_LEAKY_RELU:
    case TIN_OP_LESS:
    case TIN_OP_LESS_EQUAL:
    case TIN_OP_LOGISTIC:
    case TIN_OP_MAXIMUM:
    case TIN_OP_MAX_POOL_2D:
    case TIN_OP_MEAN:
    case TIN_OP_MINIMUM:
    case TIN_OP_MUL:
    case TIN_OP_NOT_EQUAL:
    case TIN_OP_PRELU:
    case TIN_OP_QUANTIZE:
    case TIN_OP_REDUCE_MAX:
    case TIN_OP_REDUCE_MIN:
    case TIN_OP_RELU:
    case TIN_OP_RELU6:
    case TIN_OP_RELU_0_TO_1:
    case TIN_OP_RELU_N1_TO_1:
    case TIN_OP_RESIZE_BILINEAR:
    case TIN_OP_SOFTMAX:
    case TIN_OP_SUB:
    case TIN_OP_TANH:
    case TIN_OP_TOPK_V2: return 1;
    default: return 0;
    }
}

/* Operators that move bytes take the twin of an input that has one. */
static int takes_twins(const pass *p, const tin_node *n)
{
    int32_t i, found = 0;

    if (n->op == TIN_OP_CAST)
        return 0;
    if (computes(n->op) && n->op != TIN_OP_CONCATENATION)
        return 1;
    for (i = 0; i < n->n_in + n->n_out; i++) {
        const int32_t v = i < n->n_in ? n->in[i] : n->out[i - n->n_in];

        if (is_u8(p, v) && p->g->values[v].n_scales != 1)
            return 0;
        found |= i < n->n_in && is_u8(p, v) && p->twin[v] >= 0;
    }
    return found || n->op == TIN_OP_CONCATENATION;
}

/* What the reference does not do, nor we. */
static tin_status check_node(const pass *p, const tin_node *n)
{
    int32_t i;

    if (!(tin_op_types(n->op) & TIN_TYPE_BIT(TIN_U8)))
        return refuse(p, n, "type uint8 is not supported");
    if (has_weights(n) &&
        !(is_u8(p, n->in[0]) && is_u8(p, n->in[1]) && is_u8(p, n->out[0])))
        return refuse(p, n, "input, weights and output must all be uint8");
    for (i = 0; i < n->n_in + n->n_out; i++) {
        const int32_t v = i < n->n_in ? n->in[i] : n->out[i - n->n_in];

        if (is_u8(p, v) && p->g->values[v].n_scales != 1)
            return refuse(p, n, "a uint8 tensor has not one scale");
    }
    return TIN_OK;
}

static tin_status shift(pass *p, const tin_node *n)
{
    tin_status status;

    p->layer = n->layer;
    if (!touches_u8(p, n) || !takes_twins(p, n)) {
        keep_node(p, n);
        return TIN_OK;
    }
    status = check_node(p, n);
    if (status != TIN_OK)
        return status;
    if (n->op == TIN_OP_QUANTIZE && is_bytes(p, n->in[0]) &&
        is_bytes(p, n->out[0]))
        shift_quantize(p, n);
    else
        shift_node(p, n);
    return TIN_OK;
}

/* ---- The pass ----------------------------------------------------------- */

/* Makes room: an operand becomes at most two values and two nodes. */
static tin_status begin(pass *p, tin_graph *g)
{
    int64_t more = 0;
    tin_value *values;
    int32_t i;

    for (i = 0; i < g->n_nodes; i++)
        more += 2 * ((int64_t)g->nodes[i].n_in + g->nodes[i].n_out) + 1;
    if (more + g->n_values > INT32_MAX)
        return tin_fail(p->diag, TIN_ERR_OVERFLOW, -1, "too many tensors");
    values = take(p, (uint64_t)(g->n_values + more) * sizeof *values);
    p->nodes = take(p, (uint64_t)more * sizeof *p->nodes);
    p->twin = take(p, (uint64_t)g->n_values * sizeof *p->twin);
    p->is_out = take(p, (uint64_t)g->n_values);
    p->made = take(p, (uint64_t)g->n_values);
    if (p->failed)
        return tin_fail(p->diag, TIN_ERR_MEMORY, -1, "out of memory");
    for (i = 0; i < g->n_values; i++) {
        values[i] = g->values[i];
        p->twin[i] = -1;
        p->made[i] = values[i].data != NULL || values[i].variable > 0;
    }
    for (i = 0; i < g->n_inputs; i++)
        p->made[g->inputs[i]] = 1;
    for (i = 0; i < g->n_outputs; i++)
        p->is_out[g->outputs[i]] = 1;
    g->values = values;
    return TIN_OK;
}

static int has_u8(const tin_graph *g)
{
    int32_t i;

    for (i = 0; i < g->n_values; i++)
        if (g->values[i].type == TIN_U8)
            return 1;
    return 0;
}

tin_status tin_shift_uint8(tin_graph *g, tin_diag *diag)
{
    tin_status status;
    int32_t i;
    pass p;

    if (!has_u8(g))
        return TIN_OK;
    memset(&p, 0, sizeof p);
    p.g = g;
    p.diag = diag;
    status = begin(&p, g);
    for (i = 0; i < g->n_nodes && status == TIN_OK && !p.failed; i++)
        status = shift(&p, &g->nodes[i]);
    if (p.failed)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    g->nodes = p.nodes;
    g->n_nodes = p.n_nodes;
    return status;
}
