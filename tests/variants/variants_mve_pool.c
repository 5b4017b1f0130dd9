/* SPDX-License-Identifier: MIT */
/* variants_mve_pool.c: the pools of kernels/mve; see variants.h. */
#include "variants.h"

#if TIN_HAVE_MVE

# include <string.h>

enum { CASES = 400 };

/* Sizes along an axis: outputs whose windows all meet the image, which may end
 * before, or go on after, what they see. */
static void make_axis(int32_t most_out, int32_t most_kernel, int32_t *in,
                      int32_t *out, int32_t *kernel, int32_t *stride,
                      int32_t *pad)
{
    int32_t end;

    *kernel = variants_range(1, most_kernel);
    *stride = variants_range(1, 3);
    *out = variants_range(1, most_out);
    *pad = variants_range(0, 1) ? variants_range(0, *kernel - 1) : 0;
    end = (*out - 1) * *stride - *pad + *kernel;
    *in = variants_range(1, 4) == 1 ? end - variants_range(0, *kernel - 1)
                                    : end + variants_range(0, 2);
    if (*in < end - *kernel + 1 || *in < 1)
        *in = end > 0 ? end : 1;
}

/* Every eighth case has lines of many lanes, every eighth large windows. */
static tin_pool2d_s8_params make_pool(uint32_t seed)
{
    static const int32_t few[] = {1, 2, 3, 4, 5, 6, 8, 12, 15, 16, 17, 24, 32};
    const int32_t most_kernel = seed % 8 == 1 ? 17 : seed % 3 ? 3 : 5;
    tin_pool2d_s8_params p;
    tin_window *w = &p.window;

    make_axis(seed % 8 ? 5 : 3, most_kernel, &w->in_h, &w->out_h, &w->kernel_h,
              &w->stride_h, &w->pad_top);
    make_axis(seed % 8 == 2 ? 40 : 9, most_kernel, &w->in_w, &w->out_w,
              &w->kernel_w, &w->stride_w, &w->pad_left);
    if (seed % 50 == 3)
        w->stride_w += 40; // its offsets leave a byte
    if (seed % 50 == 3)
        w->in_w = (w->out_w - 1) * w->stride_w - w->pad_left + w->kernel_w;
    w->in_c = w->out_c =
        seed % 8 == 0 ? variants_range(16, 70) : few[variants_random() % 13];
    w->dilation_h = w->dilation_w = 1;
    p.act_min = variants_range(0, 1) ? -128 : variants_range(-128, 127);
    p.act_max = variants_range(0, 1) ? 127 : variants_range(p.act_min, 127);
    p.origin = variants_range(0, 1) ? 128 : 0;
    return p;
}

/* Output row y, from a ring that has room for the rows of a window and a few
 * more. */
static void pool_row(tin_kernel *kernel, const tin_pool2d_s8_params *p,
                     const tin_rows *in, const tin_rows *ring, int32_t *next,
                     int32_t y, const tin_rows *out)
{
    const tin_window *w = &p->window;
    const int32_t image = y / w->out_h, oy = y - image * w->out_h;
    int32_t end = oy * w->stride_h - w->pad_top + w->kernel_h;

    end = image * w->in_h + (end < w->in_h ? end : w->in_h);
    if (*next < end - ring->rows)
        *next = end - ring->rows;
    for (; *next < end; ++*next)
        memcpy(tin_row(ring, *next), tin_row(in, *next), (size_t)in->row_bytes);
    variants_run(kernel, p, ring, out, y, y + 1, NULL);
}

static void pool(variants_report *r, uint32_t seed, const char *name,
                 tin_kernel *portable, tin_kernel *mve)
{
    tin_pool2d_s8_params p;
    const tin_window *w = &p.window;
    tin_rows in, ring, want, got;
    int32_t n, next = 0;

    variants_begin(seed);
    p = make_pool(seed);
    r->failed += tin_avgpool2d_s8_check(&p, NULL) != TIN_OK;
    n = variants_range(1, 2);
    in = variants_tensor(n * w->in_h, w->in_w * w->in_c);
    want = variants_tensor(n * w->out_h, w->out_w * w->out_c);
    got = variants_tensor(n * w->out_h, w->out_w * w->out_c);
    if (seed % 9 == 0)
        memset(in.base, seed % 2 ? 127 : -128,
               (size_t)(in.rows * in.row_bytes));
    portable(&p, &in, &want, 0, want.rows, NULL);
    if (seed % 2) {
        const int32_t y = variants_range(0, want.rows);

        variants_run(mve, &p, &in, &got, 0, y, NULL);
        variants_run(mve, &p, &in, &got, y, want.rows, NULL);
    } else {
        ring =
            variants_tensor(w->kernel_h + variants_range(0, 3), in.row_bytes);
        ring.first = variants_range(0, ring.rows - 1);
        got.first = variants_range(0, got.rows - 1);
        for (int32_t y = 0; y < want.rows; y++)
            pool_row(mve, &p, &in, &ring, &next, y, &got);
    }
    for (int32_t y = 0; y < want.rows; y++)
        variants_check(r, name, tin_row(&want, y), tin_row(&got, y),
                       (uint32_t)want.row_bytes);
}

#endif /* TIN_HAVE_MVE */

void variants_mve_pool(variants_report *r)
{
#if TIN_HAVE_MVE
    for (uint32_t seed = 0; seed < CASES; seed++) {
        pool(r, seed, "avgpool2d_s8_mve", tin_avgpool2d_s8,
             tin_avgpool2d_s8_mve);
        pool(r, seed, "maxpool2d_s8_mve", tin_maxpool2d_s8,
             tin_maxpool2d_s8_mve);
    }
#else
    r->unavailable++;
#endif
}
