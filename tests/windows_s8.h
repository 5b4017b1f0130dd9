/* SPDX-License-Identifier: MIT */
/*
 * windows_s8.h: what tests of int8 kernels with a window share.
 */
#ifndef WINDOWS_S8_H
#define WINDOWS_S8_H

#include "naive_s8.h"
#include "windows.h"

static inline int32_t out_size(int32_t in, int32_t kernel, int32_t stride,
                               int32_t dilation, int32_t pad_first,
                               int32_t pad_last)
{
    const int32_t span = (kernel - 1) * dilation + 1;

    return (in + pad_first + pad_last - span) / stride + 1;
}

/* A window over images of up to 8 x 8 whose output has at least one point;
 * out_c is left to the caller. */
static inline tin_window random_window(int32_t in_c, int32_t max_dilation)
{
    tin_window w;

    do {
        w.in_h = between(1, 8);
        w.in_w = between(1, 8);
        w.in_c = in_c;
        w.kernel_h = between(1, 4);
        w.kernel_w = between(1, 4);
        w.stride_h = between(1, 3);
        w.stride_w = between(1, 3);
        w.dilation_h = between(1, max_dilation);
        w.dilation_w = between(1, max_dilation);
        w.pad_top = between(0, w.kernel_h - 1);
        w.pad_left = between(0, w.kernel_w - 1);
        w.out_h = out_size(w.in_h, w.kernel_h, w.stride_h, w.dilation_h,
                           w.pad_top, between(0, w.kernel_h - 1));
        w.out_w = out_size(w.in_w, w.kernel_w, w.stride_w, w.dilation_w,
                           w.pad_left, between(0, w.kernel_w - 1));
    } while (w.out_h < 1 || w.out_w < 1);
    w.out_c = in_c;
    return w;
}

/* in[n][oy * stride ..][..][ic] less zero, or 0 outside of the image. */
static inline int32_t tap(const tin_window *w, const int8_t *in, int32_t zero,
                          const int32_t at[3], int32_t ky, int32_t kx,
                          int32_t ic)
{
    const int32_t y = at[1] * w->stride_h - w->pad_top + ky * w->dilation_h;
    const int32_t x = at[2] * w->stride_w - w->pad_left + kx * w->dilation_w;

    if (y < 0 || y >= w->in_h || x < 0 || x >= w->in_w)
        return 0;
    return in[((at[0] * w->in_h + y) * w->in_w + x) * w->in_c + ic] - zero;
}

/* Goes to the point after `at` in an output of w; 0 after the last. */
static inline int next_point(const tin_window *w, int32_t images, int32_t at[3])
{
    if (++at[2] < w->out_w)
        return 1;
    at[2] = 0;
    if (++at[1] < w->out_h)
        return 1;
    at[1] = 0;
    return ++at[0] < images;
}

/* What belongs at channel oc of image, row and column `at`. */
typedef int8_t naive_point(const void *params, const int8_t *in,
                           const int32_t at[3], int32_t oc);

/* Images of random bytes through a kernel. */
static inline void check_points(tin_kernel *kernel, tin_check *check,
                                const void *params, int32_t images,
                                naive_point *naive)
{
    const tin_window *w = params;
    int8_t *in = random_bytes(images * w->in_h * w->in_w * w->in_c);
    const job j = window_job(kernel, params, in, 1, images);
    int32_t at[3] = {0, 0, 0};
    const char *why = NULL;
    const int8_t *got;
    tin_rows out;

    cr_assert_eq(check(params, &why), TIN_OK, "%s", why);
    out = run_job(&j);
    got = out.base;
    do {
        for (int32_t oc = 0; oc < w->out_c; oc++)
            cr_assert_eq(*got++, naive(params, in, at, oc));
    } while (next_point(w, images, at));
    free(in);
    ring_free(&out);
}

/* What all int8 kernels with a window refuse. */
#define REFUSE_WINDOW_S8(check)                                                \
 do {                                                                          \
  REFUSE_WINDOW(check);                                                        \
  REFUSE(p.act_min = -129, check, TIN_ERR_QUANT);                              \
  REFUSE(p.act_max = 128, check, TIN_ERR_QUANT);                               \
  REFUSE((p.act_min = 1, p.act_max = 0), check, TIN_ERR_QUANT);                \
 } while (0)

#endif /* WINDOWS_S8_H */
