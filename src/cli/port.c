/* SPDX-License-Identifier: MIT */
/* port.c: elements of a network's inputs and outputs. See port.h. */
#include <math.h>
#include <string.h>

#include "port.h"

int32_t tin_type_size(tin_type type)
{
    switch (type) {
    case TIN_S8:
    case TIN_U8:
    case TIN_BOOL:
    case TIN_S4: return 1; // int4 is unpacked
    case TIN_S16:
    case TIN_F16: return 2;
    case TIN_F32:
    case TIN_S32: return 4;
    case TIN_S64: return 8;
    }
    return 1;
}

int64_t tin_port_count(const tin_port *port)
{
    return port->bytes / tin_type_size(port->type);
}

int tin_port_quantized(const tin_port *port)
{
    return port->scale > 0;
}

static int host_is_little(void)
{
    const uint16_t one = 1;
    uint8_t first;

    memcpy(&first, &one, 1);
    return first == 1;
}

void tin_copy_little(void *to, const void *from, int64_t count, int32_t size)
{
    uint8_t *out = to;
    const uint8_t *in = from;

    if (size == 1 || host_is_little()) {
        memcpy(to, from, (size_t)(count * size));
        return;
    }
    for (int64_t i = 0; i < count * size; i += size) {
        for (int32_t k = 0; k < size; k++)
            out[i + k] = in[i + size - 1 - k];
    }
}

int tin_element_of(tin_type type, tin_element *element)
{
    switch (type) {
    case TIN_F32: *element = TIN_ELEMENT_F32; return 1;
    case TIN_S8:
    case TIN_S4: *element = TIN_ELEMENT_S8; return 1;
    case TIN_U8:
    case TIN_BOOL: *element = TIN_ELEMENT_U8; return 1;
    case TIN_S16: *element = TIN_ELEMENT_S16; return 1;
    case TIN_S32: *element = TIN_ELEMENT_S32; return 1;
    case TIN_S64: *element = TIN_ELEMENT_S64; return 1;
    case TIN_F16: *element = TIN_ELEMENT_F16; return 1;
    }
    return 0;
}

double tin_port_raw(const tin_port *port, const void *data, int64_t i)
{
    const int32_t size = tin_type_size(port->type);
    uint8_t little[8];
    tin_array one = {.count = 1, .data = little};

    if (!tin_element_of(port->type, &one.element))
        return (double)NAN;
    tin_copy_little(little, (const uint8_t *)data + i * size, 1, size);
    return tin_array_real(&one, 0);
}

double tin_port_real(const tin_port *port, const void *data, int64_t i)
{
    const double raw = tin_port_raw(port, data, i);

    if (!tin_port_quantized(port))
        return raw;
    return (double)port->scale * (raw - port->zero_point);
}

int64_t tin_port_largest(const tin_port *port, const void *data)
{
    const int64_t count = tin_port_count(port);
    int64_t best = 0;
    double most = 0;

    for (int64_t i = 0; i < count; i++) {
        const double x = tin_port_raw(port, data, i);

        if (isnan(x))
            return i;
        if (i == 0 || x > most) {
            best = i;
            most = x;
        }
    }
    return best;
}
