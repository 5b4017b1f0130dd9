/* SPDX-License-Identifier: MIT */
/*
 * windows_f32.h: what tests of float kernels with a window share.
 */
#ifndef WINDOWS_F32_H
#define WINDOWS_F32_H

#include "floats.h"
#include "windows.h"

static inline tin_window random_window(int dilated)
{
    tin_window w;

    w.in_h = between(1, 7);
    w.in_w = between(1, 7);
    w.in_c = between(1, 6);
    w.out_h = between(1, 5);
    w.out_w = between(1, 5);
    w.out_c = w.in_c;
    w.kernel_h = between(1, 4);
    w.kernel_w = between(1, 4);
    w.stride_h = between(1, 3);
    w.stride_w = between(1, 3);
    w.dilation_h = dilated ? between(1, 3) : 1;
    w.dilation_w = dilated ? between(1, 3) : 1;
    w.pad_top = between(0, 3);
    w.pad_left = between(0, 3);
    return w;
}

/* The input under tap (ky, kx) of output point (y, ox), or NULL. */
static const float *tap(const tin_window *w, const float *in, int32_t y,
                        int32_t ox, int32_t ky, int32_t kx)
{
    const int32_t iy =
        y % w->out_h * w->stride_h - w->pad_top + ky * w->dilation_h;
    const int32_t ix = ox * w->stride_w - w->pad_left + kx * w->dilation_w;

    if (iy < 0 || iy >= w->in_h || ix < 0 || ix >= w->in_w)
        return NULL;
    return in + ((y / w->out_h * w->in_h + iy) * w->in_w + ix) * w->in_c;
}

/* Calls `check(arg, y, ox, oc, value)` for all values of an output. */
typedef void value_check(const void *params, const float *in, int32_t y,
                         int32_t ox, int32_t oc, float got);

static inline void check_values(const job *j, const tin_window *w,
                                const float *out, value_check *check)
{
    const int32_t elems = j->out_bytes / 4;

    for (int32_t i = 0; i < j->out_rows * elems; i++) {
        check(j->params, j->in[0].base, i / elems, i % elems / w->out_c,
              i % w->out_c, out[i]);
    }
}

/* What all float kernels with a window refuse. */
#define REFUSE_WINDOW_F32(check)                                               \
 do {                                                                          \
  REFUSE_WINDOW(check);                                                        \
  REFUSE(p.act_min = 2, check, TIN_ERR_ARG);                                   \
  REFUSE(p.act_max = NAN, check, TIN_ERR_ARG);                                 \
 } while (0)

static const tin_window plain_window = {4, 4, 4, 3, 3, 4, 2,
                                        2, 1, 1, 1, 1, 0, 0};

/* Large enough that its rows pass 2^31 - 1 bytes, but not elements. */
static const int32_t many = 0x20000000 / 4;

#endif /* WINDOWS_F32_H */
