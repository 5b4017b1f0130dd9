/* SPDX-License-Identifier: MIT */
/* variants_table_x8.c: see variants.h. */
#include "variants.h"

#if TIN_HAVE_DSP

enum { CASES = 400 };

/* Into the bytes before the input, in place, or into another tensor. */
static void run_case(variants_report *r, uint32_t seed)
{
    tin_table_x8_params p;
    tin_rows in = {0}, want, got;
    int32_t before, bytes;
    int8_t *whole;

    variants_begin(seed);
    in.row_bytes = p.row_elems = variants_range(1, seed % 2 ? 17 : 150);
    in.rows = variants_range(1, 4);
    before = variants_range(0, 20);
    bytes = in.rows * in.row_bytes;
    want = got = in;
    p.table = variants_buffer(256, (uint32_t)variants_range(0, 3));
    whole = variants_buffer((uint32_t)(before + bytes),
                            (uint32_t)variants_range(0, 3));
    in.base = whole + before;
    want.base = variants_buffer((uint32_t)bytes, 0);
    if (seed % 3 == 0) {
        got.base = whole;
    } else if (seed % 3 == 1) {
        got.base = in.base;
        in.first = got.first = want.first = variants_range(0, in.rows - 1);
    } else {
        got.base =
            variants_buffer((uint32_t)bytes, (uint32_t)variants_range(0, 3));
        in.first = variants_range(0, in.rows - 1);
    }
    tin_table_x8(&p, &in, &want, 0, in.rows, NULL);
    variants_run(tin_table_x8_dsp, &p, &in, &got, 0, in.rows, NULL);
    variants_check(r, "table_x8_dsp", want.base, got.base, (uint32_t)bytes);
}

#endif /* TIN_HAVE_DSP */

void variants_table_x8(variants_report *r)
{
#if TIN_HAVE_DSP
    for (uint32_t seed = 0; seed < CASES; seed++)
        run_case(r, seed);
#else
    r->unavailable++;
#endif
}
