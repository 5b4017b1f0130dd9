/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer_pool.h: pools and means over windows, over the image and over a
 * window of rows; what is said of every kernel stands in tinyinfer_kernels.h.
 */
#ifndef TINYINFER_POOL_H
#define TINYINFER_POOL_H

#include "tinyinfer_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Pools -------------------------------------------------------------- */

/* What every pool checks: no window lies wholly beside the image. */
static inline tin_status tin_pool_check(const tin_window *w, const char **why)
{
    const tin_status status = tin_window_check(w, why);

    if (status != TIN_OK)
        return status;
    if (w->out_c != w->in_c || w->dilation_h != 1 || w->dilation_w != 1)
        return TIN_WHY(why, "a pool keeps its channels and has no dilation"),
               TIN_ERR_SHAPE;
    if (w->pad_top >= w->kernel_h || w->pad_left >= w->kernel_w ||
        (w->out_h - 1) * w->stride_h - w->pad_top >= w->in_h ||
        (w->out_w - 1) * w->stride_w - w->pad_left >= w->in_w)
        return TIN_WHY(why, "a window lies beside the image"), TIN_ERR_SHAPE;
    return TIN_OK;
}

/* The taps of `points` windows side by side, `stride` bytes apart. One has,
 * from `first` on, `upper` rows of the ring and then, from its base on, `lower`
 * ones; `cols` taps in a row, c bytes apart. From behind a row's last tap it is
 * `skip` bytes to the next row, and from there `wrap` more to the ring's
 * base. */
typedef struct {
    const int8_t *first;
    int32_t points, upper, lower, cols, c;
    ptrdiff_t stride, skip, wrap;
} tin_taps;

/* The rows of the patch v, which all windows of an output row have. */
static inline void tin_taps_rows(tin_taps *t, const tin_window *w,
                                 const tin_rows *in, const tin_patch *v)
{
    const int32_t left = in->rows - tin_slot(in, v->row);
    const int32_t rows = v->ky1 - v->ky0;

    t->upper = rows < left ? rows : left;
    t->lower = rows - t->upper;
    t->c = w->in_c;
    t->stride = (ptrdiff_t)w->stride_w * w->in_c;
    t->wrap = -(ptrdiff_t)in->rows * in->row_bytes;
}

/* The windows from output column ox on, whose patch is v: those whose columns
 * are all in the image, or one. */
static inline void tin_taps_cols(tin_taps *t, const tin_window *w,
                                 const tin_rows *in, const tin_patch *v,
                                 int32_t ox)
{
    t->first = (const int8_t *)tin_row(in, v->row) + (ptrdiff_t)v->col * t->c;
    t->cols = v->kx1 - v->kx0;
    t->skip = in->row_bytes - (ptrdiff_t)t->cols * t->c;
    t->points = 1;
    if (t->cols == w->kernel_w)
        t->points += (w->in_w - w->kernel_w - v->col) / w->stride_w;
    if (t->points > w->out_w - ox)
        t->points = w->out_w - ox;
}

/* The average of at most 2^23 taps: |sum + origin * taps| < 2^31 - 2^22. */
static inline int32_t tin_average_s8(int32_t sum, int32_t taps, int32_t origin)
{
    const int32_t s = sum + origin * taps;

    return (s + (s > 0 ? taps / 2 : -(taps / 2))) / taps - origin;
}

/* What both int8 averages check of the sum of most_taps. */
static inline tin_status tin_average_check(int64_t most_taps, int32_t origin,
                                           const char **why)
{
    if (most_taps > (int32_t)1 << 23)
        return TIN_WHY(why, "a sum can exceed 32 bits"), TIN_ERR_OVERFLOW;
    if (origin != 0 && origin != 128)
        return TIN_WHY(why, "origin is neither 0 nor 128"), TIN_ERR_QUANT;
    return TIN_OK;
}

typedef struct {
    tin_window window; /* out_c == in_c, dilations 1 */
    int32_t act_min, act_max;
    int32_t origin; /* 0; averages of what was uint8: 128 */
} tin_pool2d_s8_params;

typedef tin_pool2d_s8_params tin_avgpool2d_s8_params;
typedef tin_pool2d_s8_params tin_maxpool2d_s8_params;

/*
 * Averages over a window.
 *
 *   sum = sum over ky, kx of (in[iy][ix][c] + origin)
 *   out[oy][ox][c] = clamp(round(sum / taps) - origin, act_min, act_max), where
 *   round goes to the nearest integer, from halves away from zero: -10 / 4 is
 *   -3 with iy and ix as tin_window says; only the taps inside the image are
 *   summed and counted. Both tensors have the same scale and zero point. With
 *   an origin of 128 halves go up, as the reference rounds uint8.
 *
 * in   [n * in_h][in_w][in_c] s8
 * out  [n * out_h][out_w][in_c] s8
 *
 * Needs: tin_window_ok, out_c == in_c, dilations 1, a tap of every window in
 *   the image, -128 <= act_min <= act_max <= 127, kernel_h * kernel_w <= 2^23,
 *   origin 0 or 128, an input ring with room for all rows of a window.
 * Alias: no overlap. Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets.
 * Source: AVERAGE_POOL_2D of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_avgpool2d_s8;
tin_check tin_avgpool2d_s8_check;

/*
 * tin_avgpool2d_s8 for Cortex-M with DSP instructions; its params are those of
 * tin_avgpool2d_s8, and nothing is packed. Eight channels at a time, then four,
 * where there are as many and a window has at most 256 taps.
 *
 * Needs, Alias: as tin_avgpool2d_s8. Scratch: none. Stack: under 250 bytes.
 * Exact: bit for bit tin_avgpool2d_s8.
 */
tin_kernel tin_avgpool2d_s8_dsp;

/*
 * Takes the largest value of a window.
 *
 *   out[oy][ox][c] = clamp(max over ky, kx of in[iy][ix][c],
 *                          act_min, act_max)
 *   with iy and ix as tin_window says; taps outside the image do not count.
 *   Both tensors have the same scale and zero point.
 *
 * in   [n * in_h][in_w][in_c] s8
 * out  [n * out_h][out_w][in_c] s8
 *
 * Needs: as tin_avgpool2d_s8, with kernels of any size and any origin, which
 *   does not matter.
 * Alias: no overlap. Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets.
 * Source: MAX_POOL_2D of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_maxpool2d_s8;
tin_check tin_maxpool2d_s8_check;

/*
 * tin_maxpool2d_s8 for Cortex-M with DSP instructions; its params are those of
 * tin_maxpool2d_s8, and nothing is packed. 16 channels at a time, then four,
 * where there are as many.
 *
 * Needs, Alias: as tin_maxpool2d_s8. Scratch: none. Stack: under 250 bytes.
 * Exact: bit for bit tin_maxpool2d_s8.
 */
tin_kernel tin_maxpool2d_s8_dsp;

typedef struct {
    tin_window window;
    float act_min, act_max;
} tin_pool2d_f32_params;

/*
 * Averages over a window.
 *
 *   out[oy][ox][c] = clamp((sum over ky, kx of in[iy][ix][c]) / taps,
 *                          act_min, act_max)
 *   with iy and ix as tin_window says; only the taps inside the image are
 *   summed and counted.
 *
 * in   [n * in_h][in_w][in_c] f32
 * out  [n * out_h][out_w][in_c] f32
 *
 * Needs: tin_window_ok, out_c == in_c, dilations 1, a tap of every window in
 *   the image, rows of at most 2^31 - 1 bytes, act_min <= act_max.
 * Alias: no overlap. Scratch: none. Stack: under 300 bytes.
 * Exact: the bits of TensorFlow Lite Micro's reference kernel: a sum in the
 *   order of ky, kx, then one division.
 * NaN: a NaN in a window makes its output NaN.
 * Source: AVERAGE_POOL_2D of TensorFlow Lite.
 */
tin_kernel tin_avgpool2d_f32;
tin_check tin_avgpool2d_f32_check;
/*
 * Takes the largest value of a window.
 *
 *   out[oy][ox][c] = clamp(max over ky, kx of in[iy][ix][c],
 *                          act_min, act_max)
 *   with iy and ix as tin_window says; taps outside the image do not count.
 *
 * in   [n * in_h][in_w][in_c] f32
 * out  [n * out_h][out_w][in_c] f32
 *
 * Needs: as tin_avgpool2d_f32.
 * Alias: no overlap. Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets. Of 0.0 and -0.0 the one met first, in
 *   the order of ky, kx.
 * NaN: a NaN in a window makes its output NaN.
 * Source: MAX_POOL_2D of TensorFlow Lite, where the NaN is not defined.
 */
tin_kernel tin_maxpool2d_f32;
tin_check tin_maxpool2d_f32_check;

/* ---- Average over the whole image --------------------------------------- */

/* As an average pool whose window is the image, but it takes the image row by
 * row. The rows of a call are *input* rows: row y belongs to image y / in_h;
 * the sums live in scratch from an image's first row to its last, which writes
 * the image's output row. */
typedef struct {
    int32_t in_h, in_w, c;
    int32_t act_min, act_max;
    int32_t origin; /* as in tin_avgpool2d_s8 */
} tin_gavgpool2d_s8_params;

/*
 * Averages over the whole image.
 *
 *   sum = sum over y, x of (in[image * in_h + y][x][c] + origin)
 *   out[image][c] = clamp(round(sum / (in_h * in_w)) - origin, act_min,
 *   act_max), where round is that of tin_avgpool2d_s8.
 *
 * in   [n * in_h][in_w][c] s8
 * out  [n][c] s8
 *
 * Needs: 1 <= in_h, in_w, c, in_h * in_w <= 2^23, in_w * c < 2^31,
 *   4 * c < 2^31, -128 <= act_min <= act_max <= 127, origin 0 or 128; scratch
 *   left alone from the first row of an image to its last.
 * Alias: no overlap. Scratch: 4 * c bytes, aligned to 4.
 * Stack: under 200 bytes.
 * Exact: bit for bit on all targets, the bytes of tin_avgpool2d_s8.
 * Source: AVERAGE_POOL_2D of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_gavgpool2d_s8;
tin_check tin_gavgpool2d_s8_check;
tin_scratch_size tin_gavgpool2d_s8_scratch_size;

/*
 * tin_gavgpool2d_s8 for Cortex-M with DSP instructions; its params are those of
 * tin_gavgpool2d_s8, and nothing is packed.
 *
 * Needs, Alias, Scratch: as tin_gavgpool2d_s8. Stack: under 200 bytes.
 * Exact: bit for bit tin_gavgpool2d_s8.
 */
tin_kernel tin_gavgpool2d_s8_dsp;

typedef struct {
    int32_t in_h, in_w, c;
    float act_min, act_max;
} tin_gavgpool2d_f32_params;

/*
 * Averages over the whole image.
 *
 *   out[image][c] = clamp((sum over y, x of in[image * in_h + y][x][c])
 *                         / (in_h * in_w), act_min, act_max)
 *
 * in   [n * in_h][in_w][c] f32
 * out  [n][c] f32
 *
 * Needs: 1 <= in_h, in_w, c, in_h * in_w < 2^31, rows of at most 2^31 - 1
 *   bytes, act_min <= act_max; scratch left alone from the first row of an
 *   image to its last.
 * Alias: no overlap. Scratch: 4 * c bytes, aligned to 4.
 * Stack: under 200 bytes.
 * Exact: the bits of tin_avgpool2d_f32: the same order of sums.
 * NaN: a NaN in a channel makes its average NaN.
 * Source: AVERAGE_POOL_2D of TensorFlow Lite.
 */
tin_kernel tin_gavgpool2d_f32;
tin_check tin_gavgpool2d_f32_check;
tin_scratch_size tin_gavgpool2d_f32_scratch_size;

/* ---- Mean over height and width ----------------------------------------- */

/* The rows of a call are *input* rows: row y belongs to image y / in_h; the
 * sums live in scratch from an image's first row to its last, which writes
 * the image's output row. */
typedef struct {
    int32_t in_h, in_w, c;
    int32_t in_zero, out_zero;
    int32_t multiplier, shift; /* in_scale / out_scale / (in_h * in_w) */
} tin_mean_s8_params;

/*
 * Averages over height and width.
 *
 *   sum = sum over y, x of (in[image * in_h + y][x][c] - in_zero)
 *   out[image][c] = clamp(requantize(sum, multiplier, shift) + out_zero,
 *                         -128, 127)
 *
 * in   [n * in_h][in_w][c] s8
 * out  [n][c] s8
 *
 * The definition divides the multiplier, not the sum. With
 * n = in_h * in_w and (m, s) = quantized(in_scale / out_scale):
 *   k = min(floor(log2(n)), 31 + s)
 *   multiplier = (m * 2^k) / n in 64 bits, rounded down; shift = s - k
 *
 * Rows of a call are input rows, see above: the output row of an image is
 * written together with the image's last row, and not touched before.
 * Needs: 1 <= in_h, in_w, c, in_h * in_w <= 2^23, in_w * c < 2^31,
 *   4 * c < 2^31, -128 <= in_zero, out_zero <= 127, 0 <= multiplier,
 *   -31 <= shift <= 30; scratch left alone from the first row of an image to
 *   its last.
 * Alias: no overlap. Scratch: 4 * c bytes, aligned to 4. Stack: under 200
 *   bytes.
 * Exact: bit for bit on all targets, double rounding.
 * Source: MEAN of TensorFlow Lite Micro's reference kernels over axes 1 and
 *   2, alike for equal and unequal scales.
 */
tin_kernel tin_mean_s8;
tin_check tin_mean_s8_check;
tin_scratch_size tin_mean_s8_scratch_size;

typedef struct {
    int32_t in_h, in_w, c;
} tin_mean_f32_params;

/*
 * Averages over height and width.
 *
 *   out[image][c] = (sum over y, x of in[image * in_h + y][x][c])
 *                   / (in_h * in_w)
 *
 * in   [n * in_h][in_w][c] f32
 * out  [n][c] f32
 *
 * Rows of a call are input rows, see above: the output row of an image is
 * written together with the image's last row, and not touched before.
 * Needs: 1 <= in_h, in_w, c, in_h * in_w < 2^31, rows of at most 2^31 - 1
 *   bytes; scratch left alone from the first row of an image to its last.
 * Alias: no overlap. Scratch: 4 * c bytes, aligned to 4. Stack: under 200
 *   bytes.
 * Exact: the bits of TensorFlow Lite Micro's reference kernel: a sum in the
 *   order of y, x, then one division.
 * NaN: a NaN in a channel makes its mean NaN.
 * Source: MEAN of TensorFlow Lite over axes 1 and 2.
 */
tin_kernel tin_mean_f32;
tin_check tin_mean_f32_check;
tin_scratch_size tin_mean_f32_scratch_size;

/* ---- Mean over a window of rows ----------------------------------------- */

/* As a mean over height and width that moves on: output row y is the mean of
 * the input rows y * stride_h .. y * stride_h + window_h - 1, of all columns.
 */
typedef struct {
    int32_t window_h, in_w, c;
    int32_t stride_h;
    int32_t in_zero, out_zero;
    int32_t multiplier, shift; /* as tin_mean_s8's, in_h being window_h */
} tin_winmean_s8_params;

/*
 * Averages over the rows of a window and all columns.
 *
 *   sum = sum over k, x of (in[y * stride_h + k][x][c] - in_zero)
 *   out[y][c] = clamp(requantize(sum, multiplier, shift) + out_zero,
 *                     -128, 127)
 *
 * in   [in_h][in_w][c] s8
 * out  [out_h][c] s8
 *
 * Needs: 1 <= window_h, in_w, c, stride_h, window_h * in_w <= 2^23,
 *   in_w * c < 2^31, -128 <= in_zero, out_zero <= 127, 0 <= multiplier,
 *   -31 <= shift <= 30, an input ring with room for all rows of a window.
 * Alias: no overlap. Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets, the bytes of tin_mean_s8.
 * Source: MEAN of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_winmean_s8;
tin_check tin_winmean_s8_check;

typedef struct {
    int32_t window_h, in_w, c;
    int32_t stride_h;
} tin_winmean_f32_params;

/*
 * Averages over the rows of a window and all columns.
 *
 *   out[y][c] = (sum over k, x of in[y * stride_h + k][x][c])
 *               / (window_h * in_w)
 *
 * in   [in_h][in_w][c] f32
 * out  [out_h][c] f32
 *
 * Needs: 1 <= window_h, in_w, c, stride_h, window_h * in_w < 2^31, rows of at
 *   most 2^31 - 1 bytes, an input ring with room for all rows of a window.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: the bits of tin_mean_f32: the same order of sums.
 * NaN: a NaN in a channel makes its mean NaN.
 * Source: MEAN of TensorFlow Lite.
 */
tin_kernel tin_winmean_f32;
tin_check tin_winmean_f32_check;

/* ---- Pools for the Cortex-M55 with MVE ----------------------------------- */

/*
 * tin_gavgpool2d_s8 for the M55; its params are those of tin_gavgpool2d_s8,
 * and nothing is packed.
 *
 * Needs, Alias, Scratch: as tin_gavgpool2d_s8. Stack: under 200 bytes.
 * Exact: bit for bit tin_gavgpool2d_s8.
 */
tin_kernel tin_gavgpool2d_s8_mve;

/*
 * tin_avgpool2d_s8 for the M55, 16 outputs at a time; its params are those of
 * tin_avgpool2d_s8, and nothing is packed.
 *
 * Needs, Alias: as tin_avgpool2d_s8. Scratch: none. Stack: under 400 bytes.
 * Exact: bit for bit tin_avgpool2d_s8.
 */
tin_kernel tin_avgpool2d_s8_mve;

/*
 * tin_maxpool2d_s8 for the M55, 16 outputs at a time; its params are those of
 * tin_maxpool2d_s8, and nothing is packed.
 *
 * Needs, Alias: as tin_maxpool2d_s8. Scratch: none. Stack: under 350 bytes.
 * Exact: bit for bit tin_maxpool2d_s8.
 */
tin_kernel tin_maxpool2d_s8_mve;

/* ---- Windows in lines, for the M55 -------------------------------------- */

/*
 * Output points of a row whose windows have as many columns are a run: all
 * whose windows lie in the image, or one at its edge. A run is cut into lines,
 * whose outputs are the lanes of vectors, whatever the number of channels. The
 * taps of a line lie side by side if it is a single point or stride_w is 1;
 * else it has a few points of few channels, 16 outputs at most, and the taps
 * are gathered.
 */

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
