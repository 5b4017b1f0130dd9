/* SPDX-License-Identifier: MIT */
/* passes.c: graph -> graph. */
#include "lower.h"

#include <string.h>

/* A float of IEEE binary16. */
static float half_to_float(uint32_t h)
{
    const uint32_t sign = (h & 0x8000u) << 16;
    uint32_t exponent = h >> 10 & 31u, mantissa = h & 0x3ffu, bits;
    float f;

    if (exponent == 0 && mantissa != 0) { /* subnormal: normalise */
        exponent = 1;
        while (!(mantissa & 0x400u)) {
            mantissa <<= 1;
            exponent--;
        }
        mantissa &= 0x3ffu;
    }
    if (exponent == 31)
        bits = sign | 0x7f800000u | mantissa << 13;
    else if (exponent == 0 && mantissa == 0)
        bits = sign;
    else
        bits = sign | (exponent + 112u) << 23 | mantissa << 13;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* Element i of a constant as a real number. */
static float real_element(const tin_value *v, int32_t i)
{
    int32_t c = 0, inner = 1, k;

    if (v->type == TIN_F16)
        return half_to_float(
            (uint32_t)(v->data[2 * i] | v->data[2 * i + 1] << 8));
    if (v->n_scales > 1) {
        for (k = v->quant_axis + 1; k < v->rank; k++)
            inner *= v->shape[k];
        c = i / inner % v->shape[v->quant_axis];
    }
    return v->scales[c] * (float)((int8_t)v->data[i] - v->zero_points[c]);
}

static void put_float(uint8_t *p, float f)
{
    uint32_t bits;
    int k;

    memcpy(&bits, &f, sizeof bits);
    for (k = 0; k < 4; k++)
        p[k] = (uint8_t)(bits >> 8 * k);
}

/* DEQUANTIZE of a float16 or int8 constant. Returns 0 without memory. */
static int fold_dequantize(tin_graph *g, const tin_value *in, tin_value *out)
{
    const int32_t n = tin_value_elements(in);
    uint8_t *data = tin_pool_alloc(g->pool, (uint64_t)n * 4);
    int32_t i;

    for (i = 0; data && i < n; i++)
        put_float(data + 4 * (size_t)i, real_element(in, i));
    out->data = data;
    return data != NULL;
}

static int can_fold(const tin_node *n, const tin_value *in,
                    const tin_value *out)
{
    if (!in->data || tin_value_elements(in) != tin_value_elements(out))
        return 0;
    if (n->op == TIN_OP_RESHAPE || n->op == TIN_OP_SQUEEZE)
        return in->type == out->type;
    return n->op == TIN_OP_DEQUANTIZE && out->type == TIN_F32 &&
           (in->type == TIN_F16 || (in->type == TIN_S8 && in->n_scales > 0));
}

tin_status tin_fold_constants(tin_graph *g, tin_diag *diag)
{
    int32_t i, kept = 0;

    for (i = 0; i < g->n_nodes; i++) {
        const tin_node *n = &g->nodes[i];
        const tin_value *in = n->in[0] >= 0 ? &g->values[n->in[0]] : NULL;
        tin_value *out = &g->values[n->out[0]];

        if (!in || !can_fold(n, in, out)) {
            g->nodes[kept++] = *n;
            continue;
        }
        if (n->op != TIN_OP_DEQUANTIZE)
            out->data = in->data;
        else if (!fold_dequantize(g, in, out))
            return tin_fail(diag, TIN_ERR_MEMORY, n->layer, "out of memory");
        out->producer = -1;
    }
    g->n_nodes = kept;
    return TIN_OK;
}
