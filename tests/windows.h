/* SPDX-License-Identifier: MIT */
/*
 * windows.h: what tests of kernels whose params begin with a tin_window share.
 */
#ifndef WINDOWS_H
#define WINDOWS_H

#include "row_jobs.h"

static inline void need_window(const void *params, int k, int32_t y,
                               int32_t *first, int32_t *last)
{
    const tin_window *w = params;
    const int32_t image = y / w->out_h;

    (void)k;
    *first = INT32_MAX;
    *last = -1;
    for (int32_t ky = 0; ky < w->kernel_h; ky++) {
        const int32_t iy =
            y % w->out_h * w->stride_h - w->pad_top + ky * w->dilation_h;

        if (iy >= 0 && iy < w->in_h) {
            *first = *last < 0 ? image * w->in_h + iy : *first;
            *last = image * w->in_h + iy;
        }
    }
}

/* A job on images `in` of elements of so many bytes. */
static inline job window_job(tin_kernel *kernel, const void *params,
                             const void *in, int32_t elem_bytes, int32_t images)
{
    const tin_window *w = params;

    return job_on(kernel, params, need_window, in,
                  w->in_w * w->in_c * elem_bytes, images * w->out_h,
                  w->out_w * w->out_c * elem_bytes);
}

/* What all kernels with a window refuse. */
#define REFUSE_WINDOW(check)                                                   \
 do {                                                                          \
  REFUSE(p.window.in_h = 0, check, TIN_ERR_SHAPE);                             \
  REFUSE(p.window.in_w = -1, check, TIN_ERR_SHAPE);                            \
  REFUSE(p.window.in_c = 0, check, TIN_ERR_SHAPE);                             \
  REFUSE(p.window.out_h = 0, check, TIN_ERR_SHAPE);                            \
  REFUSE(p.window.out_w = 0, check, TIN_ERR_SHAPE);                            \
  REFUSE(p.window.out_c = 0, check, TIN_ERR_SHAPE);                            \
  REFUSE(p.window.kernel_h = 0, check, TIN_ERR_SHAPE);                         \
  REFUSE(p.window.kernel_w = 0, check, TIN_ERR_SHAPE);                         \
  REFUSE(p.window.stride_h = 0, check, TIN_ERR_SHAPE);                         \
  REFUSE(p.window.stride_w = 0, check, TIN_ERR_SHAPE);                         \
  REFUSE(p.window.dilation_h = 0, check, TIN_ERR_SHAPE);                       \
  REFUSE(p.window.dilation_w = 0, check, TIN_ERR_SHAPE);                       \
  REFUSE(p.window.pad_top = -1, check, TIN_ERR_SHAPE);                         \
  REFUSE(p.window.pad_left = -1, check, TIN_ERR_SHAPE);                        \
  REFUSE(p.window.in_w = INT32_MAX, check, TIN_ERR_SHAPE);                     \
  REFUSE(p.window.stride_h = INT32_MAX, check, TIN_ERR_SHAPE);                 \
 } while (0)

#endif /* WINDOWS_H */
