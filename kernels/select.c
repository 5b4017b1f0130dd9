/* SPDX-License-Identifier: MIT */
/* tin_select: see tinyinfer_binary.h. */
#include <string.h>
#include "tinyinfer_binary.h"

/* Extents 3 and 4 of a row. */
static void select_row(const tin_select_params *p, const uint8_t *c,
                       const unsigned char *a, const unsigned char *b,
                       unsigned char *out)
{
    const tin_broadcast *s = &p->shape;
    const size_t bytes = (size_t)p->elem_bytes;

    for (int32_t i = 0; i < s->dim[3]; i++) {
        for (int32_t k = 0; k < s->dim[4]; k++) {
            const int32_t at_c = i * p->stride_c[3] + k * p->stride_c[4];
            const int32_t at_a = i * s->stride_a[3] + k * s->stride_a[4];
            const int32_t at_b = i * s->stride_b[3] + k * s->stride_b[4];
            const unsigned char *from =
                c[at_c] ? a + (size_t)at_a * bytes : b + (size_t)at_b * bytes;

            memmove(out, from, bytes); // out may be where it comes from
            out += bytes;
        }
    }
}

void tin_select(const void *params, const tin_rows *in, const tin_rows *out,
                int32_t y0, int32_t y1, void *scratch)
{
    const tin_select_params *p = params;
    const tin_broadcast *s = &p->shape;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        select_row(p, tin_row(&in[0], tin_broadcast_row(s, p->stride_c, y)),
                   tin_row(&in[1], tin_broadcast_row(s, s->stride_a, y)),
                   tin_row(&in[2], tin_broadcast_row(s, s->stride_b, y)),
                   tin_row(out, y));
}

tin_status tin_select_check(const void *params, const char **why)
{
    const tin_select_params *p = params;
    tin_status status = tin_dims_check(p->shape.dim, p->elem_bytes, why);
    tin_broadcast condition = p->shape;

    memcpy(condition.stride_a, p->stride_c, sizeof p->stride_c);
    memcpy(condition.stride_b, p->stride_c, sizeof p->stride_c);
    if (status == TIN_OK)
        status = tin_broadcast_check(&p->shape, p->elem_bytes, why);
    if (status != TIN_OK)
        return status;
    return tin_broadcast_check(&condition, 1, why);
}
