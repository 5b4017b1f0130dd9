/* SPDX-License-Identifier: MIT */
/* tin_mirror_pad: see tinyinfer_move.h. */
#include <string.h>
#include "tinyinfer_move.h"

/* The place along an extent of the input that shows at `at` of the output. */
static int32_t mirror(const tin_mirror_pad_params *p, int extent, int32_t at)
{
    const int32_t x = at - p->before[extent], size = p->in_dim[extent];

    if (x < 0)
        return -x - p->edge;
    return x < size ? x : 2 * (size - 1) - x + p->edge;
}

static int32_t source_row(const tin_mirror_pad_params *p, int32_t y)
{
    const int32_t image = y / p->out_dim[2];
    const int32_t i0 = mirror(p, 0, image / p->out_dim[1]);
    const int32_t i1 = mirror(p, 1, image % p->out_dim[1]);
    const int32_t i2 = mirror(p, 2, y % p->out_dim[2]);

    return (i0 * p->in_dim[1] + i1) * p->in_dim[2] + i2;
}

/* Copies `n` elements along the last extent, from place `at` of the output
 * on, which lie on one side of the tensor's edge. */
static void mirror_run(const tin_mirror_pad_params *p, const unsigned char *in,
                       unsigned char *out, int32_t at, int32_t n)
{
    const size_t size = (size_t)p->elem_bytes;

    for (int32_t i = at; i < at + n; i++)
        memcpy(out + (size_t)i * size, in + (size_t)mirror(p, 4, i) * size,
               size);
}

static void make_row(const tin_mirror_pad_params *p, const unsigned char *in,
                     unsigned char *out)
{
    const size_t size = (size_t)p->elem_bytes;
    const size_t from_bytes = (size_t)p->in_dim[4] * size;
    const size_t to_bytes = (size_t)p->out_dim[4] * size;
    const int32_t front = p->before[4], end = front + p->in_dim[4];

    for (int32_t i = 0; i < p->out_dim[3]; i++, out += to_bytes) {
        const unsigned char *from = in + (size_t)mirror(p, 3, i) * from_bytes;

        mirror_run(p, from, out, 0, front);
        memcpy(out + (size_t)front * size, from, from_bytes);
        mirror_run(p, from, out, end, p->out_dim[4] - end);
    }
}

void tin_mirror_pad(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_mirror_pad_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        make_row(p, tin_row(in, source_row(p, y)), tin_row(out, y));
}

tin_status tin_mirror_pad_check(const void *params, const char **why)
{
    const tin_mirror_pad_params *p = params;
    tin_status status = tin_dims_check(p->out_dim, p->elem_bytes, why);

    if (status == TIN_OK)
        status = tin_dims_check(p->in_dim, p->elem_bytes, why);
    if (status != TIN_OK)
        return status;
    if (p->edge != 0 && p->edge != 1)
        return TIN_WHY(why, "edge is not 0 or 1"), TIN_ERR_ARG;
    for (int i = 0; i < TIN_DIMS; i++) {
        const int32_t most = p->in_dim[i] - 1 + p->edge;
        const int64_t after =
            (int64_t)p->out_dim[i] - p->in_dim[i] - p->before[i];

        if (p->before[i] < 0 || p->before[i] > most || after < 0 ||
            after > most)
            return TIN_WHY(why, "more is added than the input can mirror"),
                   TIN_ERR_SHAPE;
    }
    return TIN_OK;
}
