/* SPDX-License-Identifier: MIT */
/* tin_pad: see tinyinfer_kernels.h. */
#include <string.h>
#include "tinyinfer_kernels.h"

/* Fills `bytes` bytes, a multiple of elem_bytes, with the value. What is
 * there already is copied behind itself, so that the pieces double. */
static void fill(const tin_pad_params *p, unsigned char *out, size_t bytes)
{
    size_t done = (size_t)p->elem_bytes;

    if (bytes == 0)
        return;
    memcpy(out, p->value, done);
    while (done < bytes) {
        const size_t n = done < bytes - done ? done : bytes - done;

        memcpy(out + done, out, n);
        done += n;
    }
}

/* The input row that goes into output row y, or -1: all padding. */
static int32_t source_row(const tin_pad_params *p, int32_t y)
{
    const int32_t image = y / p->out_dim[2];
    const int32_t i0 = image / p->out_dim[1] - p->before[0];
    const int32_t i1 = image % p->out_dim[1] - p->before[1];
    const int32_t i2 = y % p->out_dim[2] - p->before[2];

    if (i0 < 0 || i0 >= p->in_dim[0] || i1 < 0 || i1 >= p->in_dim[1] ||
        i2 < 0 || i2 >= p->in_dim[2])
        return -1;
    return (i0 * p->in_dim[1] + i1) * p->in_dim[2] + i2;
}

/* Surrounds one input row in extents 3 and 4. */
static void make_row(const tin_pad_params *p, const unsigned char *in,
                     unsigned char *out)
{
    const size_t elem = (size_t)p->elem_bytes;
    const size_t from = (size_t)p->in_dim[4] * elem;
    const size_t to = (size_t)p->out_dim[4] * elem;
    const size_t front = (size_t)p->before[4] * elem;
    const int32_t after3 = p->out_dim[3] - p->before[3] - p->in_dim[3];

    fill(p, out, (size_t)p->before[3] * to);
    out += (size_t)p->before[3] * to;
    if (from == to) {
        memcpy(out, in, (size_t)p->in_dim[3] * to);
        out += (size_t)p->in_dim[3] * to;
    } else {
        for (int32_t i = 0; i < p->in_dim[3]; i++, in += from, out += to) {
            fill(p, out, front);
            memcpy(out + front, in, from);
            fill(p, out + front + from, to - front - from);
        }
    }
    fill(p, out, (size_t)after3 * to);
}

void tin_pad(const void *params, const tin_rows *in, const tin_rows *out,
             int32_t y0, int32_t y1, void *scratch)
{
    const tin_pad_params *p = params;
    const size_t row_bytes =
        (size_t)p->out_dim[3] * (size_t)p->out_dim[4] * (size_t)p->elem_bytes;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int32_t source = source_row(p, y);

        if (source < 0)
            fill(p, tin_row(out, y), row_bytes);
        else
            make_row(p, tin_row(in, source), tin_row(out, y));
    }
}

tin_status tin_pad_check(const void *params, const char **why)
{
    const tin_pad_params *p = params;
    tin_status status = tin_dims_check(p->out_dim, p->elem_bytes, why);

    if (status == TIN_OK)
        status = tin_dims_check(p->in_dim, p->elem_bytes, why);
    for (int i = 0; status == TIN_OK && i < TIN_DIMS; i++) {
        if (p->before[i] < 0 || p->before[i] > p->out_dim[i] - p->in_dim[i]) {
            TIN_WHY(why, "the input, moved by before, leaves the output");
            status = TIN_ERR_SHAPE;
        }
    }
    return status;
}
