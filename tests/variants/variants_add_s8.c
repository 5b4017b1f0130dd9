/* SPDX-License-Identifier: MIT */
/* variants_add_s8.c: see variants.h. */
#include "variants.h"

#if TIN_HAVE_DSP

# include <string.h>

enum { CASES = 330 };

static void make_scale(int32_t *multiplier, int32_t *shift, int32_t lo,
                       int32_t hi)
{
    *multiplier = (int32_t)(variants_random() >> 1) | 1 << 30;
    if (variants_range(0, 2) == 0)
        *multiplier = 1 << 30;
    *shift = variants_range(lo, hi);
}

/* Rows of w * c elements; one input's rows may be used again and again. */
static void make_params(tin_add_s8_params *p)
{
    tin_broadcast *s = &p->shape;
    const int32_t w = variants_range(1, 12), c = variants_range(1, 40);
    const int32_t h = variants_range(1, 6), again = variants_range(0, 5) == 0;
    const tin_broadcast shape = {
        {1, 1, h, w, c}, {0, 0, again ? 0 : 1, c, 1}, {0, 0, 1, c, 1}};

    *s = shape;
    p->a_zero = variants_range(-128, 127);
    p->b_zero = variants_range(-128, 127);
    p->out_zero = variants_range(0, 1) ? -128 : variants_range(-128, 127);
    p->left_shift = variants_range(0, 7) ? 20 : variants_range(9, 21);
    make_scale(&p->a_multiplier, &p->a_shift, -4, 0);
    make_scale(&p->b_multiplier, &p->b_shift, -1, 0);
    make_scale(&p->out_multiplier, &p->out_shift, -2 - p->left_shift, -14);
    p->act_min = variants_range(0, 2) ? -128 : p->out_zero;
    p->act_max = variants_range(0, 2) ? 127 : variants_range(p->act_min, 127);
}

static void run_case(variants_report *r, uint32_t seed)
{
    tin_add_s8_dsp_params p;
    tin_rows in[2], to;
    int32_t size, out_bytes, *packed;
    int8_t *want, *got;

    variants_begin(seed);
    make_params(&p.add);
    size = tin_add_s8_dsp_packed_size(&p.add);
    if (tin_add_s8_check(&p.add, NULL) || size < 0)
        return; // the portable kernel's case
    packed = variants_buffer((uint32_t)size, 0);
    tin_add_s8_dsp_pack(&p.add, packed);
    p.packed = packed;
    to.rows = p.add.shape.dim[2];
    to.first = 0;
    to.row_bytes = p.add.shape.dim[3] * p.add.shape.dim[4];
    out_bytes = to.rows * to.row_bytes;
    for (int32_t i = 0; i < 2; i++) {
        in[i] = to;
        in[i].base = variants_buffer((uint32_t)out_bytes,
                                     (uint32_t)variants_range(0, 3));
    }
    want = to.base = variants_buffer((uint32_t)out_bytes, 0);
    tin_add_s8(&p.add, in, &to, 0, to.rows, NULL);
    got = to.base = variants_buffer((uint32_t)out_bytes, seed % 4);
    if (seed % 3 == 0) // in place
        got = to.base = in[1].base;
    for (int32_t y = 0; y < to.rows; y++)
        if (!tin_add_s8_dsp_check(&p, NULL))
            variants_run(tin_add_s8_dsp, &p, in, &to, y, y + 1, NULL);
    variants_check(r, p.packed[0] ? "add_s8_dsp parts" : "add_s8_dsp rescaled",
                   want, got, (uint32_t)out_bytes);
}

#endif /* TIN_HAVE_DSP */

void variants_add_s8(variants_report *r)
{
#if TIN_HAVE_DSP
    for (uint32_t seed = 0; seed < CASES; seed++)
        run_case(r, seed);
#else
    r->unavailable++;
#endif
}
