/* SPDX-License-Identifier: MIT */
/* variants_pool_s8.c: see variants.h. */
#include "variants.h"

#if TIN_HAVE_DSP

# include <string.h>

enum { CASES = 400 };

static int32_t out_size(int32_t in, int32_t kernel, int32_t stride, int32_t pad)
{
    int32_t most = (in - 1 + pad) / stride + 1;
    const int32_t inside = (in + 2 * pad - kernel) / stride + 1;

    if (variants_range(0, 3) && inside > 0 && inside < most)
        most = inside;
    return most;
}

/* Every tenth case has windows of more taps than a halfword can sum up. */
static void random_window(tin_window *w, uint32_t seed)
{
    const int32_t large = seed % 10 == 0;

    w->in_h = large ? variants_range(14, 24) : variants_range(1, 12);
    w->in_w = large ? variants_range(14, 24) : variants_range(1, 12);
    w->in_c = variants_range(1, large ? 12 : 41);
    w->kernel_h = large ? variants_range(14, 22) : variants_range(1, 5);
    w->kernel_w = large ? variants_range(14, 22) : variants_range(1, 5);
    w->stride_h = variants_range(1, 4);
    w->stride_w = variants_range(1, 4);
    w->dilation_h = w->dilation_w = 1;
    w->pad_top = variants_range(0, w->kernel_h - 1);
    w->pad_left = variants_range(0, w->kernel_w - 1);
    w->out_h = out_size(w->in_h, w->kernel_h, w->stride_h, w->pad_top);
    w->out_w = out_size(w->in_w, w->kernel_w, w->stride_w, w->pad_left);
    w->out_c = w->in_c;
}

/* The input row behind the last one that output row y looks at. */
static int32_t rows_needed(const tin_window *w, int32_t y)
{
    const int32_t n = y / w->out_h;
    const int32_t end =
        (y - n * w->out_h) * w->stride_h - w->pad_top + w->kernel_h;

    return n * w->in_h + (end < w->in_h ? end : w->in_h);
}

/* One row at a time, from a ring that holds no more than it must. */
static void run_rows(tin_kernel *kernel, const tin_pool2d_s8_params *p,
                     const tin_rows *in, const tin_rows *out, int32_t rows)
{
    tin_rows ring = variants_tensor(p->window.kernel_h + variants_range(0, 2),
                                    in->row_bytes);
    int32_t filled = 0;

    ring.first = variants_range(0, ring.rows - 1);
    for (int32_t y = 0; y < rows; y++) {
        for (; filled < rows_needed(&p->window, y); filled++)
            memcpy(tin_row(&ring, filled), tin_row(in, filled),
                   (size_t)in->row_bytes);
        variants_run(kernel, p, &ring, out, y, y + 1, NULL);
    }
}

static void run_case(variants_report *r, uint32_t seed)
{
    const int32_t is_max = seed & 1;
    const int32_t images = variants_range(1, 2);
    tin_pool2d_s8_params p;
    tin_rows in, want, got;
    int32_t rows;

    variants_begin(seed / 2);
    random_window(&p.window, seed / 2);
    p.origin = variants_range(0, 1) ? 128 : 0;
    p.act_min = variants_range(0, 1) ? -128 : variants_range(-128, 127);
    p.act_max = variants_range(0, 1) ? 127 : variants_range(p.act_min, 127);
    if ((is_max ? tin_maxpool2d_s8_check : tin_avgpool2d_s8_check)(&p, NULL)) {
        r->failed++;
        return;
    }
    rows = images * p.window.out_h;
    in = variants_tensor(images * p.window.in_h, p.window.in_w * p.window.in_c);
    for (int32_t i = 0; seed % 40 < 2 && i < in.rows * in.row_bytes; i++)
        ((int8_t *)in.base)[i] = -128;
    want = variants_tensor(rows, p.window.out_w * p.window.in_c);
    got = variants_tensor(rows, p.window.out_w * p.window.in_c);
    (is_max ? tin_maxpool2d_s8 : tin_avgpool2d_s8)(&p, &in, &want, 0, rows,
                                                   NULL);
    run_rows(is_max ? tin_maxpool2d_s8_dsp : tin_avgpool2d_s8_dsp, &p, &in,
             &got, rows);
    variants_check(r, is_max ? "maxpool2d_s8_dsp" : "avgpool2d_s8_dsp",
                   want.base, got.base, (uint32_t)(rows * want.row_bytes));
}

#endif /* TIN_HAVE_DSP */

void variants_pool_s8(variants_report *r)
{
#if TIN_HAVE_DSP
    for (uint32_t seed = 0; seed < 2 * CASES; seed++)
        run_case(r, seed);
#else
    r->unavailable++;
#endif
}
