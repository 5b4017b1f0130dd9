/* SPDX-License-Identifier: MIT */
/* graph.c: names and sizes of what a graph is made of. */
#include <string.h>

#include "graph.h"

/* The words of operators.inc for types. */
enum {
    F32 = 1 << TIN_F32,
    S8 = 1 << TIN_S8,
    U8 = 1 << TIN_U8,
    S16 = 1 << TIN_S16,
    S32 = 1 << TIN_S32,
    S64 = 1 << TIN_S64,
    F16 = 1 << TIN_F16,
    BOOL = 1 << TIN_BOOL,
    W8 = TIN_WITH_S8,
    W4 = TIN_WITH_S4
};

static const struct {
    const char *name;
    uint32_t types;
    int32_t typed;
} operators[TIN_OP_COUNT] = {
#define TIN_OPERATOR(name, lower, types, typed, ...) {#name, types, typed},
#include "operators.inc"
#undef TIN_OPERATOR
};

const char *tin_op_name(tin_op op)
{
    return (unsigned)op < TIN_OP_COUNT ? operators[op].name : "?";
}

uint32_t tin_op_types(tin_op op)
{
    return operators[op].types;
}

int32_t tin_op_typed_input(tin_op op)
{
    return operators[op].typed;
}

int tin_op_broadcasts(tin_op op)
{
    switch (op) {
    case TIN_OP_ADD:
    case TIN_OP_ADD_N:
    case TIN_OP_DIV:
    case TIN_OP_EQUAL:
    case TIN_OP_FLOOR_DIV:
    case TIN_OP_FLOOR_MOD:
    case TIN_OP_GREATER:
    case TIN_OP_GREATER_EQUAL:
    case TIN_OP_LESS:
    case TIN_OP_LESS_EQUAL:
    case TIN_OP_LOGICAL_AND:
    case TIN_OP_LOGICAL_OR:
    case TIN_OP_MAXIMUM:
    case TIN_OP_MINIMUM:
    case TIN_OP_MUL:
    case TIN_OP_NOT_EQUAL:
    case TIN_OP_POW:
    case TIN_OP_PRELU:
    case TIN_OP_SELECT:
    case TIN_OP_SELECT_V2:
    case TIN_OP_SQUARED_DIFFERENCE:
    case TIN_OP_SUB: return 1;
    default: return 0;
    }
}

int tin_op_is_map(tin_op op)
{
    switch (op) {
    case TIN_OP_ABS:
    case TIN_OP_CAST:
    case TIN_OP_CEIL:
    case TIN_OP_COS:
    case TIN_OP_DEQUANTIZE:
    case TIN_OP_ELU:
    case TIN_OP_EXP:
    case TIN_OP_FLOOR:
    case TIN_OP_GELU:
    case TIN_OP_HARD_SWISH:
    case TIN_OP_LEAKY_RELU:
    case TIN_OP_LOG:
    case TIN_OP_LOGICAL_NOT:
    case TIN_OP_LOGISTIC:
    case TIN_OP_NEG:
    case TIN_OP_QUANTIZE:
    case TIN_OP_RELU:
    case TIN_OP_RELU6:
    case TIN_OP_RELU_0_TO_1:
    case TIN_OP_RELU_N1_TO_1:
    case TIN_OP_ROUND:
    case TIN_OP_RSQRT:
    case TIN_OP_SIGN:
    case TIN_OP_SIN:
    case TIN_OP_SQRT:
    case TIN_OP_SQUARE:
    case TIN_OP_TANH:
    case TIN_OP_ZEROS_LIKE: return 1;
    default: return 0;
    }
}

int tin_operator(int32_t i, tin_operator_info *info)
{
    if (i < 0 || i >= TIN_OP_COUNT)
        return 0;
    info->name = operators[i].name;
    info->types = operators[i].types & 0xffffu;
    info->weights_s8 = (operators[i].types & W8) != 0;
    info->weights_s4 = (operators[i].types & W4) != 0;
    return 1;
}

const char *tin_type_name(tin_type type)
{
    switch (type) {
    case TIN_F32: return "float32";
    case TIN_S8: return "int8";
    case TIN_U8: return "uint8";
    case TIN_S16: return "int16";
    case TIN_S32: return "int32";
    case TIN_S64: return "int64";
    case TIN_F16: return "float16";
    case TIN_BOOL: return "bool";
    case TIN_S4: return "int4";
    }
    return "?";
}

int32_t tin_type_bytes(tin_type type)
{
    switch (type) {
    case TIN_S64: return 8;
    case TIN_F32:
    case TIN_S32: return 4;
    case TIN_F16:
    case TIN_S16: return 2;
    case TIN_S8:
    case TIN_U8:
    case TIN_BOOL:
    case TIN_S4: return 1;
    }
    return 1;
}

int32_t tin_value_elements(const tin_value *v)
{
    int32_t i, n = 1;

    for (i = 0; i < v->rank; i++)
        n *= v->shape[i];
    return n;
}

/* Axis 0 is the batch, which is left open mostly and is 1 here anyway, unless
 * there is no other axis. */
const tin_value *tin_open_input(const tin_graph *g, int32_t *axis)
{
    for (int32_t k = 0; k < g->n_inputs; k++) {
        const tin_value *v = &g->file_values[g->inputs[k]];

        for (int32_t i = v->rank > 1; i < v->rank; i++) {
            if (v->open_axes >> i & 1u && v->shape[i] == 1) {
                *axis = i;
                return v;
            }
        }
    }
    return NULL;
}

const char *tin_short_name(const char *name, char *buffer)
{
    size_t n = 0;

    while (n < TIN_SHORT_NAME && name[n])
        n++;
    if (n < TIN_SHORT_NAME)
        return name;
    // Leave room for the dots, and no half of a UTF-8 sequence.
    n = TIN_SHORT_NAME - 4;
    while (n > 0 && ((unsigned char)name[n] & 0xc0) == 0x80)
        n--;
    memcpy(buffer, name, n);
    memcpy(buffer + n, "...", 4);
    return buffer;
}

uint32_t tin_half_to_float_bits(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
    const uint32_t exponent = half >> 10 & 0x1fu;
    const uint32_t fraction = half & 0x3ffu;
    uint32_t bits;
    float f;

    if (exponent == 0x1f)
        return sign | 0x7f800000u | fraction << 13;
    if (exponent)
        return sign | (exponent + 127 - 15) << 23 | fraction << 13;
    // Zero or subnormal: fraction * 2^-24, exact in a float.
    f = (float)fraction * 0x1p-24f;
    memcpy(&bits, &f, sizeof bits);
    return sign | bits;
}
