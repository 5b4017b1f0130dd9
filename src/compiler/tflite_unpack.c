/* SPDX-License-Identifier: MIT */
/*
 * tflite_unpack.c: constants that the file keeps in a narrower type than the
 * one that computes with them: int4 weights, float16, and the int8 weights of
 * float layers ("dynamic range", "hybrid").
 */
#include <string.h>

#include "tflite.h"

const uint8_t *tin_tflite_unpack_s4(tin_tflite *t, const uint8_t *nibbles,
                                    int32_t n)
{
    uint8_t *bytes;
    unsigned nibble;
    int32_t i;

    if (tin_fb_work(&t->fb, (uint64_t)n) != TIN_OK)
        return NULL;
    bytes = tin_tflite_alloc(t, (uint64_t)n, 1);
    for (i = 0; bytes && i < n; i++) {
        nibble = (unsigned)nibbles[i / 2] >> (i % 2 * 4) & 0xfu;
        // Extends the sign: 8 .. 15 stand for -8 .. -1.
        bytes[i] = (uint8_t)(nibble < 8u ? nibble : nibble + 0xf0u);
    }
    return bytes;
}

static void put_le32(uint8_t *p, uint32_t x)
{
    p[0] = (uint8_t)x;
    p[1] = (uint8_t)(x >> 8);
    p[2] = (uint8_t)(x >> 16);
    p[3] = (uint8_t)(x >> 24);
}

/* Element i of an int8 constant whose channels repeat every `inner * n`. */
static uint32_t dequantized(const tin_value *v, int32_t i, int32_t inner)
{
    const int32_t c = v->n_scales > 1 ? i / inner % v->n_scales : 0;
    const int32_t q = v->data[i] < 128 ? v->data[i] : v->data[i] - 256;
    const float x = (float)(q - v->zero_points[c]) * v->scales[c];
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Writes the float contents of `from`, int8 or float16, to bytes. */
static void write_floats(uint8_t *bytes, const tin_value *from)
{
    const int32_t n = tin_value_elements(from);
    const uint8_t *data = from->data;
    int32_t inner = 1; // elements between one channel and the next
    int32_t i;

    for (i = from->quant_axis + 1; i < from->rank; i++)
        inner *= from->shape[i];
    for (i = 0; i < n; i++) {
        const uint32_t bits =
            from->type == TIN_S8
                ? dequantized(from, i, inner)
                : tin_half_to_float_bits(
                      (uint16_t)(data[2 * i] | data[2 * i + 1] << 8));
        put_le32(bytes + 4 * (size_t)i, bits);
    }
}

static int is_weight(tin_op op, int32_t i)
{
    switch (op) {
    case TIN_OP_BATCH_MATMUL:
    case TIN_OP_CONV_2D:
    case TIN_OP_DEPTHWISE_CONV_2D:
    case TIN_OP_FULLY_CONNECTED: return i == 1;
    case TIN_OP_SVDF: return i == 1 || i == 2;
    case TIN_OP_UNIDIRECTIONAL_SEQUENCE_LSTM: return i >= 1 && i <= 8;
    default: return 0;
    }
}

/* Whether node computes with floats but finds input i in a narrower type. */
static int is_narrow(const tin_graph *graph, const tin_node *node, int32_t i)
{
    const tin_value *v = node->in[i] < 0 ? NULL : &graph->values[node->in[i]];

    if (!v || !v->data || node->op == TIN_OP_DEQUANTIZE ||
        node->op == TIN_OP_DENSIFY)
        return 0;
    if (v->type == TIN_F16)
        return 1;
    return v->type == TIN_S8 && is_weight(node->op, i) &&
           graph->values[node->in[0]].type == TIN_F32;
}

/* Makes *to a float32 copy of the constant *from. */
static void unpack(tin_tflite *t, const tin_value *from, tin_value *to)
{
    const int32_t n = tin_value_elements(from);
    uint8_t *bytes;

    if (n > INT32_MAX / 4) {
        tin_fb_fail(&t->fb, TIN_ERR_OVERFLOW, -1,
                    "as float32 it has 2^31 bytes or more");
        return;
    }
    if (tin_fb_work(&t->fb, (uint64_t)n) != TIN_OK)
        return;
    bytes = tin_tflite_alloc(t, (uint64_t)n, 4);
    if (!bytes)
        return;
    write_floats(bytes, from);
    *to = *from;
    to->type = TIN_F32;
    to->data = bytes;
    to->n_scales = to->quant_axis = 0;
    to->scales = NULL;
    to->zero_points = NULL;
}

/* Points the narrow inputs of a node to their copies, made on first use and
 * remembered in copy_of, where 0 means none. */
static void widen_node(tin_tflite *t, tin_node *node, int32_t *copy_of)
{
    tin_graph *graph = t->graph;
    int32_t *in = tin_tflite_alloc(t, (uint64_t)node->n_in, sizeof *in);
    int32_t i, from;

    for (i = 0; in && i < node->n_in && t->fb.status == TIN_OK; i++) {
        from = in[i] = node->in[i];
        if (!is_narrow(graph, node, i))
            continue;
        t->fb.where.tensor = from;
        t->fb.where.tensor_name = graph->values[from].name;
        if (!copy_of[from]) {
            copy_of[from] = graph->n_values++;
            unpack(t, &graph->values[from], &graph->values[copy_of[from]]);
        }
        in[i] = copy_of[from];
        t->fb.where.tensor = -1;
    }
    node->in = in;
}

/* The inputs of a node that are narrow. */
static int32_t count_narrow(const tin_graph *graph, const tin_node *node)
{
    int32_t i, n = 0;

    for (i = 0; i < node->n_in; i++)
        n += is_narrow(graph, node, i);
    return n;
}

tin_status tin_tflite_unpack_floats(tin_tflite *t)
{
    tin_graph *graph = t->graph;
    int64_t narrow = 0;
    int32_t *copy_of;
    int32_t i;

    for (i = 0; i < graph->n_nodes; i++)
        narrow += count_narrow(graph, &graph->nodes[i]);
    if (narrow == 0 || tin_tflite_grow(t, narrow) != TIN_OK)
        return t->fb.status;
    copy_of = tin_tflite_alloc(t, (uint64_t)graph->n_values, sizeof *copy_of);
    for (i = 0; copy_of && i < graph->n_nodes && t->fb.status == TIN_OK; i++)
        if (count_narrow(graph, &graph->nodes[i])) {
            tin_tflite_enter_layer(t, i);
            widen_node(t, &graph->nodes[i], copy_of);
        }
    tin_tflite_enter_layer(t, -1);
    return t->fb.status;
}
