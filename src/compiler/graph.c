/* SPDX-License-Identifier: MIT */
/* graph.c: names and sizes of what a graph is made of. */
#include <string.h>

#include "graph.h"

const char *tin_op_name(tin_op op)
{
    static const char *const names[TIN_OP_COUNT] = {
        "ADD",
        "AVERAGE_POOL_2D",
        "CONCATENATION",
        "CONV_2D",
        "DEPTHWISE_CONV_2D",
        "DEQUANTIZE",
        "FULLY_CONNECTED",
        "LOGISTIC",
        "MAX_POOL_2D",
        "MEAN",
        "PAD",
        "QUANTIZE",
        "RELU",
        "RELU6",
        "RESHAPE",
        "SOFTMAX",
        "SQUEEZE",
    };

    return (unsigned)op < TIN_OP_COUNT ? names[op] : "?";
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
