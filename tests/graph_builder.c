/* SPDX-License-Identifier: MIT */
/* graph_builder.c: values, constants and nodes of graph_builder.h, of which
 * graph_builder_layers.c and graph_builder_shapes.c make its operators. */
#include "graph_builder_parts.h"

#include <math.h>
#include <string.h>

enum { MAX_VALUES = 1024, MAX_NODES = 256, MAX_PORTS = 32 };

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

int32_t builder_add_value(graph_builder *b, const char *stem, tin_type type,
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

float *builder_set_scales(graph_builder *b, int32_t value, int32_t n,
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

int32_t builder_add_tensor(graph_builder *b, const char *stem, tin_type type,
                           int32_t rank, const int32_t *shape)
{
    const int32_t v = builder_add_value(b, stem, type, rank, shape);

    if (v >= 0 && type == TIN_S8)
        (void)builder_set_scales(b, v, 1, b->scale, b->zero);
    return v;
}

int32_t builder_input(graph_builder *b, tin_type type, int32_t rank,
                      const int32_t *shape)
{
    const int32_t v = builder_add_tensor(b, "in", type, rank, shape);

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
    const int32_t v = builder_add_tensor(b, "constant", type, rank, shape);

    if (v >= 0)
        fill(b, v, type == TIN_F32 ? 1.0f : 127.0f);
    return v;
}

int32_t builder_add_integers(graph_builder *b, int32_t rank,
                             const int32_t *shape, const int32_t *list)
{
    const int32_t v = builder_add_value(b, "list", TIN_S32, rank, shape);
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

int32_t builder_add_weights(graph_builder *b, tin_type type, int32_t rank,
                            const int32_t *shape, int32_t axis, int32_t taps)
{
    const int32_t v = builder_add_value(b, "weights", type, rank, shape);
    const float gain = 1.7f / sqrtf((float)taps);
    float *scales;
    int32_t c;

    if (v < 0)
        return -1;
    fill(b, v, type == TIN_S8 ? 127.0f : gain);
    if (type != TIN_S8)
        return v;
    scales = builder_set_scales(b, v, shape[axis], gain / 127.0f, 0);
    for (c = 0; scales && c < shape[axis]; c++)
        scales[c] *= 1.0f + 0.5f * random_real(b);
    b->graph.values[v].quant_axis = axis;
    return v;
}

int32_t builder_add_bias(graph_builder *b, tin_type type, int32_t channels)
{
    const tin_type bias = type == TIN_S8 ? TIN_S32 : type;
    const int32_t v = builder_add_value(b, "bias", bias, 1, &channels);

    if (v >= 0)
        fill(b, v, type == TIN_S8 ? 2000.0f : 0.2f);
    return v;
}

/* ---- Nodes -------------------------------------------------------------- */

int32_t builder_add_node(graph_builder *b, tin_op op, const int32_t *in,
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

int32_t builder_add_alike(graph_builder *b, const char *stem, int32_t in,
                          int32_t rank, const int32_t *shape)
{
    const tin_value *v = &b->graph.values[in];
    const int32_t out = builder_add_value(b, stem, v->type, rank, shape);

    if (out >= 0 && v->n_scales)
        (void)builder_set_scales(b, out, 1, v->scales[0], v->zero_points[0]);
    return out;
}
