/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer_pool.h: what the pools for the M55 share: how they walk through
 * windows. The kernels themselves are declared in tinyinfer_kernels.h.
 *
 * Output points of a row whose windows have as many columns are a run: all
 * whose windows lie in the image, or one at its edge. A run is cut into lines,
 * whose outputs are the lanes of vectors, whatever the number of channels. The
 * taps of a line lie side by side if it is a single point or stride_w is 1;
 * else it has a few points of few channels, 16 outputs at most, and the taps
 * are gathered.
 */
#ifndef TINYINFER_POOL_H
#define TINYINFER_POOL_H

#include "tinyinfer_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What lines of a run have in common. */
typedef struct {
    int32_t rows, cols; /* taps of each output */
    int32_t step;       /* bytes from a tap to the next one in its row */
    int32_t down, up;   /* bytes to the row below; past the end of the ring */
    int32_t unbroken;   /* rows to that end */
    int32_t lanes;      /* outputs of a line */
    int32_t next;       /* bytes from line to line of the input */
    int32_t apart;      /* 1: the taps of a line lie at offset[] */
    uint8_t offset[16];
} tin_pool_run;

/* Computes `lines` lines, whose first taps lie from x on. */
typedef void tin_pool_lines(const tin_pool2d_s8_params *p,
                            const tin_pool_run *r, const int8_t *x,
                            int32_t lines, int8_t *dst);

/* How many points are a line whose taps are gathered; fills in the offsets. */
static inline int32_t tin_pool_points(const tin_window *w, uint8_t offset[16])
{
    const int32_t c = w->in_c;
    const int64_t step = (int64_t)w->stride_w * c;
    int32_t points = 0;

    for (int32_t i = 0; i < 16; i++)
        offset[i] = 0;
    while ((points + 1) * (int64_t)c <= 16 && points * step + c <= 256) {
        for (int32_t i = 0; i < c; i++)
            offset[points * c + i] = (uint8_t)(points * step + i);
        points++;
    }
    return points > 1 ? points : 1;
}

/* A run of n points, whose first taps lie from x on, in lines of `points` and
 * one of those that are left. */
static inline void tin_pool_one_run(const tin_pool2d_s8_params *p,
                                    tin_pool_run *r, const int8_t *x, int32_t n,
                                    int32_t points, int8_t *dst,
                                    tin_pool_lines *lines)
{
    /* A window that is alone may reach far beyond the image. */
    const int32_t stride = n > 1 ? p->window.stride_w : 1;

    while (n > 0) {
        points = points < n ? points : n;
        r->lanes = points * r->step;
        r->next = stride * r->lanes;
        r->apart = stride > 1 && points > 1;
        lines(p, r, x, n / points, dst);
        x += n / points * r->next;
        dst += n / points * r->lanes;
        n %= points;
    }
}

/* Rows y0 .. y1 - 1 of the output. */
TIN_OUTLINE void tin_pool_rows(const tin_pool2d_s8_params *p,
                               const tin_rows *in, const tin_rows *out,
                               int32_t y0, int32_t y1, tin_pool_lines *lines)
{
    const tin_window *w = &p->window;
    tin_pool_run r;
    const int32_t points = tin_pool_points(w, r.offset);

    r.step = w->in_c;
    r.down = in->row_bytes;
    r.up = in->row_bytes - in->rows * in->row_bytes;
    for (int32_t y = y0; y < y1; y++) {
        int8_t *dst = (int8_t *)tin_row(out, y);
        const int8_t *x;
        tin_patch v;

        tin_patch_rows(&v, w, in->rows, y);
        x = (const int8_t *)tin_row(in, v.row);
        r.rows = v.ky1 - v.ky0;
        r.unbroken = in->rows - tin_slot(in, v.row);
        for (int32_t ox = 0, n; ox < w->out_w; ox += n) {
            const int32_t room = w->in_w - w->kernel_w;

            tin_patch_cols(&v, w, ox);
            r.cols = v.kx1 - v.kx0;
            n = r.cols < w->kernel_w ? 1 : (room - v.col) / w->stride_w + 1;
            n = n < w->out_w - ox ? n : w->out_w - ox;
            tin_pool_one_run(p, &r, x + v.col * w->in_c, n,
                             w->stride_w == 1 ? n : points, dst, lines);
            dst += n * w->in_c;
        }
    }
}

#ifdef __cplusplus
}
#endif

#endif /* TINYINFER_POOL_H */
