/* SPDX-License-Identifier: MIT */
/* variants_gavgpool2d_s8.c: see variants.h. */
#include "variants.h"

#if TIN_HAVE_DSP

# include <string.h>

enum { CASES = 300 };

/* Rows a few at a time, from a short ring. Every tenth case has rows whose sums
 * leave a halfword. */
static void run_case(variants_report *r, uint32_t seed)
{
    tin_gavgpool2d_s8_params p;
    tin_rows in, ring, want, got;
    void *scratch[2];
    int32_t rows;

    variants_begin(seed);
    p.in_h = variants_range(1, 9);
    p.in_w = seed % 10 ? variants_range(1, 9) : variants_range(250, 530);
    p.c = variants_range(1, seed % 10 ? 37 : 6);
    p.origin = variants_range(0, 1) ? 128 : 0;
    p.act_min = variants_range(0, 1) ? -128 : variants_range(-128, 127);
    p.act_max = variants_range(0, 1) ? 127 : variants_range(p.act_min, 127);
    rows = p.in_h * variants_range(1, 3);
    in = variants_tensor(rows, p.in_w * p.c);
    for (int32_t i = 0; seed % 20 == 0 && i < rows * p.in_w * p.c; i++)
        ((int8_t *)in.base)[i] = -128;
    want = variants_tensor(rows / p.in_h, p.c);
    got = variants_tensor(rows / p.in_h, p.c);
    scratch[0] = variants_buffer((uint32_t)p.c * 4, 0);
    scratch[1] = variants_buffer((uint32_t)p.c * 4, 0);
    tin_gavgpool2d_s8(&p, &in, &want, 0, rows, scratch[0]);
    ring = variants_tensor(variants_range(1, 6), in.row_bytes);
    ring.first = variants_range(0, ring.rows - 1);
    for (int32_t y = 0, n; y < rows; y += n) {
        n = variants_range(1, ring.rows);
        n = n < rows - y ? n : rows - y;
        for (int32_t i = y; i < y + n; i++)
            memcpy(tin_row(&ring, i), tin_row(&in, i), (size_t)in.row_bytes);
        variants_run(tin_gavgpool2d_s8_dsp, &p, &ring, &got, y, y + n,
                     scratch[1]);
    }
    variants_check(r, "gavgpool2d_s8_dsp", want.base, got.base,
                   (uint32_t)(rows / p.in_h * p.c));
}

#endif /* TIN_HAVE_DSP */

void variants_gavgpool2d_s8(variants_report *r)
{
#if TIN_HAVE_DSP
    for (uint32_t seed = 0; seed < CASES; seed++)
        run_case(r, seed);
#else
    r->unavailable++;
#endif
}
