/* SPDX-License-Identifier: MIT */
/* tin_compare_int: see tinyinfer_binary.h. */
#include "tinyinfer_binary.h"

static void loop(const void *params, const tin_binary_run *run)
{
    const tin_compare_int_params *p = params;
    uint8_t *out = run->out;

    for (int32_t i = 0; i < run->n; i++) {
        const int64_t x = tin_load_int(run->a, i * run->step_a, p->elem_bytes);
        const int64_t y = tin_load_int(run->b, i * run->step_b, p->elem_bytes);

        out[i] = (p->accept & tin_compare_is(x<y, x> y)) != 0;
    }
}

void tin_compare_int(const void *params, const tin_rows *in,
                     const tin_rows *out, int32_t y0, int32_t y1, void *scratch)
{
    const tin_compare_int_params *p = params;

    (void)scratch;
    tin_binary_rows(&p->shape, p->elem_bytes, 1, loop, p, in, out, y0, y1);
}

tin_status tin_compare_int_check(const void *params, const char **why)
{
    const tin_compare_int_params *p = params;
    const tin_status status = tin_dims_check(p->shape.dim, p->elem_bytes, why);

    if (status != TIN_OK)
        return status;
    return tin_compare_check(&p->shape, p->elem_bytes, p->accept, why);
}
