/* SPDX-License-Identifier: MIT */
/* write_array.c: a tensor as the bytes of a file. See array.h. */
#include <string.h>

#include "port.h"

/* ---- NumPy -------------------------------------------------------------- */

static const char *descr_of(tin_type type)
{
    switch (type) {
    case TIN_F32: return "<f4";
    case TIN_S8:
    case TIN_S4: return "|i1";
    case TIN_U8: return "|u1";
    case TIN_BOOL: return "|b1";
    case TIN_S16: return "<i2";
    case TIN_S32: return "<i4";
    case TIN_S64: return "<i8";
    case TIN_F16: return "<f2";
    }
    return "|u1";
}

/* The samples' axis takes the place of a first extent of 1. */
static void add_shape(tin_text *t, const tin_port *port, int32_t lead)
{
    int32_t first = 0;

    tin_text_add(t, "(");
    if (lead > 0) {
        tin_text_add(t, "%ld,", (long)lead);
        first = port->rank > 0 && port->shape[0] == 1;
    }
    for (int32_t i = first; i < port->rank; i++)
        tin_text_add(t, "%s%ld,", i || lead ? " " : "", (long)port->shape[i]);
    tin_text_add(t, ")");
}

/* Version 1. Header and all are padded to a multiple of 64 bytes, so that the
 * elements are aligned in memory when the file is mapped. */
static void encode_npy(tin_text *t, const tin_port *port, int32_t lead)
{
    enum { PREFIX = 10, ALIGN = 64 };
    tin_text head = {.pool = t->pool};
    size_t length;

    tin_text_add(&head, "{'descr': '%s', 'fortran_order': False, 'shape': ",
                 descr_of(port->type));
    add_shape(&head, port, lead);
    tin_text_add(&head, ", }");
    length = (PREFIX + head.bytes + 1 + ALIGN - 1) / ALIGN * ALIGN - PREFIX;
    // The prefix has zero bytes, which no text can hold: put in at the end.
    tin_text_add(t, "%*s%s%*s\n", PREFIX, "", head.text ? head.text : "",
                 (int)(length - 1 - head.bytes), "");
    t->failed |= head.failed;
    if (t->failed)
        return;
    memcpy(t->text, "\x93NUMPY\x01\x00", 8);
    t->text[8] = (char)(length & 255);
    t->text[9] = (char)(length >> 8);
}

/* ---- Text --------------------------------------------------------------- */

static void encode_csv(tin_text *t, const tin_port *port, const void *data,
                       int32_t lead)
{
    const int64_t count = tin_port_count(port) * (lead > 0 ? lead : 1);
    const int64_t row = port->rank > 0 ? port->shape[port->rank - 1] : 1;

    for (int64_t i = 0; i < count; i++)
        tin_text_add(t, "%.9g%c", tin_port_real(port, data, i),
                     (i + 1) % row == 0 ? '\n' : ',');
}

/* ---- Any ---------------------------------------------------------------- */

static tin_status join(tin_pool *pool, const tin_text *head,
                       const tin_port *port, const void *data, int32_t lead,
                       tin_output_file *file, tin_diag *diag)
{
    const int64_t count = tin_port_count(port) * (lead > 0 ? lead : 1);
    const int32_t size = tin_type_size(port->type);
    const uint64_t bytes = (uint64_t)count * (uint64_t)size;
    uint8_t *to = tin_pool_alloc(pool, head->bytes + bytes);

    if (!to || head->failed)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    if (head->bytes)
        memcpy(to, head->text, head->bytes);
    tin_copy_little(to + head->bytes, data, count, size);
    file->data = to;
    file->bytes = head->bytes + (size_t)bytes;
    return TIN_OK;
}

tin_status tin_array_encode(tin_pool *pool, const char *path,
                            const tin_port *port, const void *data,
                            int32_t lead, tin_output_file *file, tin_diag *diag)
{
    tin_text t = {.pool = pool};

    file->path = path;
    if (tin_path_ends(path, ".bin"))
        return join(pool, &t, port, data, lead, file, diag);
    if (tin_path_ends(path, ".npy")) {
        encode_npy(&t, port, lead);
        return join(pool, &t, port, data, lead, file, diag);
    }
    if (!tin_path_ends(path, ".csv"))
        return tin_fail(diag, TIN_ERR_UNSUPPORTED, -1,
                        "%s: outputs go to a file ending in .npy .csv or .bin",
                        path);
    encode_csv(&t, port, data, lead);
    if (t.failed)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    file->data = t.text;
    file->bytes = t.bytes;
    return TIN_OK;
}
