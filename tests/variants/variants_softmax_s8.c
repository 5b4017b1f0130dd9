/* SPDX-License-Identifier: MIT */
/* variants_softmax_s8.c: see variants.h. */
#include "variants.h"

#if TIN_HAVE_DSP

# include <string.h>

enum { CASES = 400 };

/* Any multiplier and shift; mostly those of a scale about 0.004 .. 4, whose
 * table ends within a byte or not. */
static void random_scale(tin_softmax_s8_params *p)
{
    const int32_t any = variants_range(0, 3) == 0;
    const int64_t radius = (int64_t)31 << 26;

    p->multiplier = variants_range(any ? 0 : 1 << 30, INT32_MAX);
    p->shift = any ? variants_range(0, 30) : variants_range(19, 28);
    p->diff_min = -(int32_t)(radius >> p->shift);
    if (any && variants_range(0, 1))
        p->diff_min = -variants_range(0, (int32_t)(radius >> p->shift));
}

/* Every tenth case has so many large numbers that all outputs are -128. */
static void run_case(variants_report *r, uint32_t seed)
{
    tin_softmax_s8_dsp_params p = {0};
    tin_softmax_s8_params *softmax = &p.softmax;
    tin_rows in = {0}, want, got;
    int32_t *packed;

    variants_begin(seed);
    softmax->groups = variants_range(1, 5);
    softmax->c = variants_range(1, 40);
    if (seed % 10 == 0)
        softmax->c = variants_range(400, 4095);
    random_scale(softmax);
    if (tin_softmax_s8_check(softmax, NULL)) {
        r->failed++;
        return;
    }
    packed =
        variants_buffer((uint32_t)tin_softmax_s8_dsp_packed_size(softmax), 0);
    tin_softmax_s8_dsp_pack(softmax, packed);
    p.packed = packed;
    in.rows = seed % 10 ? variants_range(1, 3) : 1;
    in.row_bytes = softmax->groups * softmax->c;
    want = got = in;
    in.base = variants_buffer((uint32_t)(in.rows * in.row_bytes),
                              (uint32_t)variants_range(0, 3));
    want.base = variants_buffer((uint32_t)(in.rows * in.row_bytes), 0);
    got.base = variants_buffer((uint32_t)(in.rows * in.row_bytes),
                               (uint32_t)variants_range(0, 3));
    if (seed % 20 == 0)
        memset(in.base, 100, (size_t)in.row_bytes);
    tin_softmax_s8(softmax, &in, &want, 0, in.rows, NULL);
    if (seed % 3 == 0)
        got.base = in.base;
    variants_run(tin_softmax_s8_dsp, &p, &in, &got, 0, in.rows, NULL);
    if (tin_softmax_s8_dsp_check(&p, NULL))
        r->failed++;
    variants_check(r, "softmax_s8_dsp", want.base, got.base,
                   (uint32_t)(in.rows * in.row_bytes));
}

#endif /* TIN_HAVE_DSP */

void variants_softmax_s8(variants_report *r)
{
#if TIN_HAVE_DSP
    for (uint32_t seed = 0; seed < CASES; seed++)
        run_case(r, seed);
#else
    r->unavailable++;
#endif
}
