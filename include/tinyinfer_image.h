/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer_image.h: kernels that change the size of an image, and those that
 * undo a convolution. See tinyinfer_kernels.h for what all kernels share.
 *
 *   resize_nearest      copies pixels
 *   resize_bilinear     weighs the four pixels around a point
 *   transconv2d         the transpose of a convolution
 *   zconv2d             a convolution whose weights have a zero point, as
 *                       uint8 networks have it
 */
#ifndef TINYINFER_IMAGE_H
#define TINYINFER_IMAGE_H

#include "tinyinfer_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Resize ------------------------------------------------------------- */

typedef struct {
    int32_t in_h, in_w, out_h, out_w;
    int32_t pixel_bytes;
    const int16_t *rows, *cols;
} tin_resize_nearest_params;

/*
 * Copies to each output pixel the input pixel that two tables name.
 *
 *   out[oy][ox] = in[rows[oy]][cols[ox]], in every image
 *
 * in    [n * in_h][in_w][pixel_bytes] bytes
 * rows  [out_h] s16, cols [out_w] s16
 * out   [n * out_h][out_w][pixel_bytes] bytes
 *
 * With s = in_h / out_h, for align_corners and out_h > 1 instead
 * (in_h - 1) / (out_h - 1), and f = 1/2 for half_pixel_centers, else 0, in
 * float: rows[y] = min(floor((y + f) * s), in_h - 1); align_corners rounds,
 * halves up, where it says floor. Columns likewise.
 *
 * Needs: sizes of 1 .. 32767, rows of at most 2^31 - 1 bytes,
 *   0 <= rows < in_h, 0 <= cols < in_w, and rows never going down.
 * Alias: no overlap. Scratch: none. Stack: under 150 bytes.
 * Exact: bit for bit on all targets, for every type.
 * Source: RESIZE_NEAREST_NEIGHBOR of TensorFlow Lite.
 */
tin_kernel tin_resize_nearest;
tin_check tin_resize_nearest_check;

typedef struct {
    int32_t in_h, in_w, out_h, out_w, c;
    int32_t step_h, step_w;   /* from one position to the next, in 1/1024 */
    int32_t first_h, first_w; /* the first position, -512 .. */
} tin_resize_bilinear_int_params;

/* Position i of a row or column, in 1/1024 of a pixel, kept in the image. */
static inline int32_t tin_resize_at(int32_t i, int32_t step, int32_t first,
                                    int32_t size)
{
    return tin_clamp(i * step + first, 0, (size - 1) * 1024);
}

/* What both types check: positions of an axis stay within 32 bits. */
static inline int tin_resize_axis_ok(int32_t in, int32_t out, int32_t step,
                                     int32_t first)
{
    return 1 <= in && in <= INT32_MAX / 1024 && 1 <= out && 0 <= step &&
           -512 <= first && (int64_t)out * step + first <= INT32_MAX;
}

static inline tin_status tin_resize_bilinear_check(
    const tin_resize_bilinear_int_params *p, int32_t elem_bytes,
    const char **why)
{
    tin_status status;

    if (!tin_resize_axis_ok(p->in_h, p->out_h, p->step_h, p->first_h) ||
        !tin_resize_axis_ok(p->in_w, p->out_w, p->step_w, p->first_w) ||
        p->c < 1)
        return TIN_WHY(why, "a size, step or first position is out of range"),
               TIN_ERR_SHAPE;
    status = tin_bytes_check(tin_size_mul(p->in_w, p->c), elem_bytes, why);
    if (status == TIN_OK)
        status = tin_bytes_check(tin_size_mul(p->out_w, p->c), elem_bytes, why);
    return status;
}

/*
 * Weighs the four pixels around a point.
 *
 *   y = clamp(oy * step_h + first_h, 0, (in_h - 1) * 1024), x likewise
 *   sum = over the pixels (iy, ix) at floor(y / 1024), floor(x / 1024) and
 *         those below and to the right of it of
 *         in[iy][ix][c] * (1024 - |y - 1024 * iy|) * (1024 - |x - 1024 * ix|)
 *   out[oy][ox][c] = sum / 2^20, rounded half away from zero, in every image
 *
 * in   [n * in_h][in_w][c] s8, or s16
 * out  [n * out_h][out_w][c] of the same type, scale and zero point
 *
 * step_h = (1024 * in_h + out_h / 2) / out_h, rounded down, where
 * align_corners and out_h > 1 take in_h - 1 and out_h - 1; first_h is 0, for
 * half_pixel_centers step_h / 2 - 512. Columns likewise.
 *
 * Needs: 1 <= in_h, in_w, c, out_h, out_w, 0 <= step_h, step_w,
 *   -512 <= first_h, first_w, all positions and 1024 * in_h, 1024 * in_w below
 *   2^31, rows of at most 2^31 - 1 bytes.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit on all targets.
 * Source: RESIZE_BILINEAR of TensorFlow Lite's reference kernels.
 */
tin_kernel tin_resize_bilinear_s8;
tin_check tin_resize_bilinear_s8_check;
tin_kernel tin_resize_bilinear_s16;
tin_check tin_resize_bilinear_s16_check;

typedef struct {
    int32_t in_h, in_w, out_h, out_w, c;
    float step_h, step_w; /* from one position to the next, in pixels */
    float half;           /* 0.5 with half_pixel_centers, else 0 */
} tin_resize_bilinear_f32_params;

/* Where output i of an axis lies: `rest` behind pixel first, towards pixel
 * next. Beyond the first and the last pixel both are that one. */
typedef struct {
    int32_t first, next;
    float rest;
} tin_resize_place;

/* The product is stored, so that no compiler fuses it with the subtraction:
 * kernel and planner must agree on every bit. */
static inline tin_resize_place tin_resize_find(int32_t i, float step,
                                               float half, int32_t size)
{
    const volatile float product = ((float)i + half) * step;
    const float at = product - half;
    tin_resize_place p;

    p.first = at < 0 ? 0 : at >= (float)size ? size - 1 : (int32_t)at;
    p.rest = at - (float)p.first;
    p.next = p.rest > 0 && p.first + 1 < size ? p.first + 1 : p.first;
    return p;
}

/* What float and uint8 check. The comparisons refuse NaN. */
static inline int tin_resize_axis_ok_f32(int32_t in, int32_t out, float step)
{
    const int32_t most = (int32_t)1 << 24;

    return 1 <= in && in <= most && 1 <= out && out <= most && 0 <= step &&
           step <= (float)most;
}

static inline tin_status tin_resize_bilinear_check_f32(
    const tin_resize_bilinear_f32_params *p, int32_t elem_bytes,
    const char **why)
{
    tin_status status;

    if (!tin_resize_axis_ok_f32(p->in_h, p->out_h, p->step_h) ||
        !tin_resize_axis_ok_f32(p->in_w, p->out_w, p->step_w) || p->c < 1)
        return TIN_WHY(why, "a size or step is not within 2^24"), TIN_ERR_SHAPE;
    if (!(p->half <= 0 || p->half >= 0.5f) ||
        !(0 <= p->half && p->half <= 0.5f))
        return TIN_WHY(why, "half is neither 0 nor 0.5"), TIN_ERR_ARG;
    status = tin_bytes_check(tin_size_mul(p->in_w, p->c), elem_bytes, why);
    if (status == TIN_OK)
        status = tin_bytes_check(tin_size_mul(p->out_w, p->c), elem_bytes, why);
    return status;
}

/*
 * Weighs the four pixels around a point.
 *
 *   y = (oy + half) * step_h - half, iy = max(floor(y), 0), fy = y - iy,
 *   jy = min(iy + 1, in_h - 1), or iy where fy <= 0; x likewise
 *   out[oy][ox][c] = in[iy][ix][c] * (1 - fy) * (1 - fx)
 *                  + in[jy][ix][c] * fy * (1 - fx)
 *                  + in[iy][jx][c] * (1 - fy) * fx
 *                  + in[jy][jx][c] * fy * fx, in every image
 *
 * in   [n * in_h][in_w][c] f32
 * out  [n * out_h][out_w][c] f32
 *
 * step_h = in_h / out_h, where align_corners and out_h > 1 take in_h - 1 and
 * out_h - 1; columns likewise.
 *
 * Needs: sizes of 1 .. 2^24 and c >= 1, rows of at most 2^31 - 1 bytes,
 *   0 <= step_h, step_w <= 2^24, half 0 or 0.5.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: the bits of TensorFlow Lite Micro's reference kernel: the operations
 *   in the order above.
 * NaN: an output with a NaN among its pixels is NaN.
 * Source: RESIZE_BILINEAR of TensorFlow Lite.
 */
tin_kernel tin_resize_bilinear_f32;
tin_check tin_resize_bilinear_f32_check;

/*
 * The same on bytes of what was uint8: the reference computes with them in
 * float.
 *
 *   out[oy][ox][c] = floor(sum + 0.5) - 128, where sum is that of
 *   tin_resize_bilinear_f32 over in + 128, and the bytes are clamped
 *
 * in   [n * in_h][in_w][c] s8
 * out  [n * out_h][out_w][c] s8, of the same scale and zero point
 *
 * Needs: as tin_resize_bilinear_f32.
 * Alias: no overlap. Scratch: none. Stack: under 250 bytes.
 * Exact: bit for bit on all targets: every operation is rounded to float.
 * Source: RESIZE_BILINEAR of TensorFlow Lite's reference kernels on uint8.
 */
tin_kernel tin_resize_bilinear_u8;
tin_check tin_resize_bilinear_u8_check;

/* ---- Transposed convolution --------------------------------------------- */

typedef struct {
    tin_window window;
    int32_t in_zero, out_zero; /* zero points */
    int32_t act_min, act_max;  /* output clamp, in quantized units */
    const int8_t *weights;
    const int32_t *bias;       /* or NULL */
    const int32_t *multiplier; /* per output channel, for tin_requantize */
    const int8_t *shift;       /* per output channel, for tin_requantize */
} tin_transconv2d_s8_params;

/*
 * Undoes the geometry of a convolution, with int8 weights.
 *
 *   acc = bias[oc] + sum over iy, ix, ic of
 *         (in[iy][ix][ic] - in_zero) * weights[oc][ky][kx][ic]
 *         with ky = oy + pad_top - iy * stride_h in 0 .. kernel_h - 1,
 *         kx = ox + pad_left - ix * stride_w in 0 .. kernel_w - 1
 *   out[oy][ox][oc] = clamp(requantize(acc, multiplier[oc], shift[oc])
 *                           + out_zero, act_min, act_max), in every image
 *
 * in          [n * in_h][in_w][in_c] s8
 * weights     [out_c][kernel_h][kernel_w][in_c] s8, zero point 0
 * bias        [out_c] s32 or NULL, scale in * weight
 * multiplier  [out_c] s32, shift [out_c] s8
 * out         [n * out_h][out_w][out_c] s8
 *
 * Needs: tin_window_ok, dilations 1, -128 <= in_zero, out_zero <= 127,
 *   -128 <= act_min <= act_max <= 127, 0 <= multiplier, -31 <= shift <= 30, and
 *   for every output channel sum |weights| * 255 + |bias| < 2^31, so that no
 *   sum can overflow; out_h + pad_top, out_w + pad_left < 2^31, fewer than 2^31
 *   weights, an input ring with room for all rows that reach an output row.
 * Alias: no overlap. Scratch: none. Stack: under 400 bytes.
 * Exact: bit for bit on all targets, double rounding.
 * Source: TRANSPOSE_CONV of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_transconv2d_s8;
tin_check tin_transconv2d_s8_check;

typedef struct {
    tin_window window;
    float act_min, act_max; /* output clamp; -INFINITY, INFINITY for none */
    const float *weights;
    const float *bias; /* or NULL */
} tin_transconv2d_f32_params;

/*
 * Undoes the geometry of a convolution, in float.
 *
 *   out[oy][ox][oc] = clamp(bias[oc] + sum over iy, ix, ic of
 *                           in[iy][ix][ic] * weights[oc][ky][kx][ic],
 *                           act_min, act_max)
 *   with ky and kx as in tin_transconv2d_s8.
 *
 * in       [n * in_h][in_w][in_c] f32
 * weights  [out_c][kernel_h][kernel_w][in_c] f32
 * bias     [out_c] f32 or NULL
 * out      [n * out_h][out_w][out_c] f32
 *
 * Needs: tin_window_ok, dilations 1, rows and weights of at most 2^31 - 1
 *   bytes, act_min <= act_max, out_h + pad_top, out_w + pad_left < 2^31.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: one sum from 0 in the order of iy, ix, ic, then the bias.
 * NaN: a NaN that reaches an output makes all its channels NaN.
 * Source: TRANSPOSE_CONV of TensorFlow Lite.
 */
tin_kernel tin_transconv2d_f32;
tin_check tin_transconv2d_f32_check;

/* ---- Weights with a zero point ------------------------------------------ */

typedef struct {
    tin_window window;
    int32_t groups;
    int32_t channel_step, tap_step;         /* in the weights, see there */
    int32_t in_zero, weight_zero, out_zero; /* zero points */
    int32_t act_min, act_max;
    int32_t multiplier, shift; /* of all channels, for tin_requantize */
    const int8_t *weights;
    const int32_t *bias; /* or NULL */
} tin_zconv2d_s8_params;

/*
 * Convolves with weights that have a zero point.
 *
 *   acc = bias[oc] + sum over ky, kx, ic of
 *         (in[iy][ix][g * gc + ic] - in_zero) * (w - weight_zero)
 *         with w = weights[oc * channel_step + (ky * kernel_w + kx) * tap_step
 *                          + ic]
 *   out[oy][ox][oc] = clamp(requantize(acc, multiplier, shift) + out_zero,
 *                           act_min, act_max)
 *   with gc, g, iy and ix as in tin_conv2d_s8; taps outside the image
 *   contribute nothing.
 *
 * This is for networks that were uint8, minus 128: w - weight_zero takes 9 bits
 * there. It serves convolutions, depthwise ones (groups = in_c) and dense
 * layers (1x1, each row of the batch an image row).
 *
 * in       [n * in_h][in_w][in_c] s8
 * weights  [out_c][kernel_h][kernel_w][in_c / groups] s8, where channel_step is
 *          a filter and tap_step in_c / groups; or with groups = in_c
 *          [kernel_h][kernel_w][out_c], where they are 1 and out_c
 * bias     [out_c] s32 or NULL, scale in * weight
 * out      [n * out_h][out_w][out_c] s8
 *
 * Needs: as tin_conv2d_s8, with -128 <= weight_zero <= 127, and for every
 * output channel sum |weights - weight_zero| * 255 + |bias| < 2^31. Alias: no
 * overlap. Scratch: none. Stack: under 400 bytes. Exact: bit for bit on all
 * targets, double rounding. Source: CONV_2D, DEPTHWISE_CONV_2D and
 * FULLY_CONNECTED of TensorFlow Lite's reference kernels on uint8.
 */
tin_kernel tin_zconv2d_s8;
tin_check tin_zconv2d_s8_check;

#ifdef __cplusplus
}
#endif

#endif /* TINYINFER_IMAGE_H */
