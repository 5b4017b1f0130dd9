/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer_s16.h: kernels with int16 activations and int8 weights ("16x8").
 *
 * Activations are symmetric: their zero point is 0. The rest of the contract is
 * that of tinyinfer_kernels.h. What neither multiplies nor averages, such as
 * moving data, is there and in the headers of the families.
 */
#ifndef TINYINFER_S16_H
#define TINYINFER_S16_H

#include "tinyinfer_pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Any clamp of an int16 output. */
static inline tin_status tin_act_check_s16(int32_t act_min, int32_t act_max,
                                           const char **why)
{
    if (-32768 <= act_min && act_min <= act_max && act_max <= 32767)
        return TIN_OK;
    return TIN_WHY(why,
                   "the output clamp is empty or not within -32768 .. 32767"),
           TIN_ERR_QUANT;
}

static inline tin_status tin_zero_check_s16(int32_t zero, const char **why)
{
    if (-32768 <= zero && zero <= 32767)
        return TIN_OK;
    return TIN_WHY(why, "a zero point is not within -32768 .. 32767"),
           TIN_ERR_QUANT;
}

/* ---- Convolution, depthwise convolution, dense -------------------------- */

typedef struct {
    tin_window window;
    int32_t groups; /* of input and output channels */
    /* Weight of output channel c, tap t = ky * kernel_w + kx, and channel i of
     * its group: weights[c * channel_step + t * tap_step + i]. */
    int32_t channel_step, tap_step;
    int32_t narrow; /* 1: sums of 32 bits, which wrap, and tin_requantize;
                       0: of 64 bits, and tin_requantize_s64 */
    int32_t act_min, act_max;
    const int8_t *weights;
    const int64_t *bias;       /* [out_c], or NULL */
    const int32_t *multiplier; /* [out_c] */
    const int8_t *shift;       /* [out_c] */
} tin_conv2d_s16_params;

/* The output of a sum for channel oc. */
static inline int16_t tin_output_s16(const tin_conv2d_s16_params *p,
                                     int64_t sum, int32_t oc)
{
    const int32_t m = p->multiplier[oc], shift = p->shift[oc];
    const int32_t y = p->narrow
                          ? tin_requantize((int32_t)(uint32_t)sum, m, shift)
                          : tin_requantize_s64(sum, m, shift);

    return (int16_t)tin_clamp(y, p->act_min, p->act_max);
}

/* May the sum of channel oc reach 2^47? */
static inline int tin_too_large_s16(const tin_conv2d_s16_params *p, int32_t oc)
{
    const tin_window *w = &p->window;
    const int8_t *f = p->weights + (size_t)oc * (size_t)p->channel_step;
    const int64_t most = (int64_t)1 << 47;
    int64_t sum = 0;

    for (int32_t t = 0; t < w->kernel_h * w->kernel_w; t++)
        for (int32_t i = 0; i < w->in_c / p->groups; i++) {
            const int32_t x = f[(size_t)t * (size_t)p->tap_step + (size_t)i];

            sum += x < 0 ? -x : x; // below 2^31 * 128
        }
    if (sum >= most >> 15)
        return 1;
    sum *= 32768;
    return p->bias && (p->bias[oc] >= most - sum || p->bias[oc] <= sum - most);
}

/* What both convolutions check when the window is sound and the groups divide
 * the channels. */
static inline tin_status tin_filters_check_s16(const tin_conv2d_s16_params *p,
                                               const char **why)
{
    const tin_window *w = &p->window;
    int32_t group;

    if (!p->weights || !p->multiplier || !p->shift)
        return TIN_WHY(why, "weights, multiplier or shift is NULL"),
               TIN_ERR_ARG;
    if (p->channel_step < 0 || p->tap_step < 0)
        return TIN_WHY(why, "a step of the weights is negative"), TIN_ERR_ARG;
    group = tin_size_mul(w->kernel_h * w->kernel_w, w->in_c / p->groups);
    if (tin_bytes_check(tin_size_mul(group, w->out_c), 1, why) ||
        tin_bytes_check(w->in_w * w->in_c, 2, why) ||
        tin_bytes_check(w->out_w * w->out_c, 2, why))
        return TIN_ERR_OVERFLOW;
    if (tin_act_check_s16(p->act_min, p->act_max, why))
        return TIN_ERR_QUANT;
    for (int32_t oc = 0; oc < w->out_c; oc++) {
        if (tin_scale_check(p->multiplier[oc], p->shift[oc], p->narrow ? 30 : 7,
                            why))
            return TIN_ERR_QUANT;
        if (!p->narrow && tin_too_large_s16(p, oc))
            return TIN_WHY(why, "a sum of products can exceed 47 bits"),
                   TIN_ERR_QUANT;
    }
    return TIN_OK;
}

/*
 * Convolves int16 with int8 weights, in groups.
 *
 *   sum = bias[oc] + sum over ky, kx, i of
 *         in[iy][ix][g * in_c / groups + i] * weight(oc, ky, kx, i)
 *   out[oy][ox][oc] = clamp(requantize(sum, multiplier[oc], shift[oc]),
 *                           act_min, act_max)
 *   with iy and ix as tin_window says and g = oc / (out_c / groups); taps
 *   outside the image do not count.
 *
 * in   [n * in_h][in_w][in_c] s16
 * out  [n * out_h][out_w][out_c] s16
 *
 * Conv: channel_step = kernel_h * kernel_w * in_c / groups, tap_step =
 * in_c / groups. Depthwise: groups = in_c, channel_step = 1, tap_step = out_c.
 * Dense: a window of 1x1 over images of one point.
 * (multiplier, shift) = quantized(in_scale * weight_scale / out_scale).
 *
 * Needs: tin_window_ok, groups divides in_c and out_c, steps not negative,
 *   0 <= multiplier, -31 <= shift <= 7 (30 if narrow), and unless narrow
 *   32768 * sum of |weights| of a channel + |bias| < 2^47.
 * Alias: no overlap. Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets.
 * Source: CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED of TensorFlow Lite
 *   Micro's reference kernels for int16; `narrow` where the bias is int32.
 */
tin_kernel tin_conv2d_s16;
tin_check tin_conv2d_s16_check;

/* For one group: channel_step = kernel_h * kernel_w * in_c, tap_step = in_c. */
typedef tin_conv2d_s16_params tin_transconv2d_s16_params;

/*
 * Undoes the geometry of a convolution.
 *
 *   sum = bias[oc] + sum over iy, ix, i of
 *         in[iy][ix][i] * weight(oc, ky, kx, i)
 *         with ky = oy + pad_top - iy * stride_h in 0 .. kernel_h - 1,
 *         kx = ox + pad_left - ix * stride_w in 0 .. kernel_w - 1
 *   out[oy][ox][oc] = clamp(requantize(sum, multiplier[oc], shift[oc]),
 *                           act_min, act_max), in every image
 *
 * in   [n * in_h][in_w][in_c] s16
 * out  [n * out_h][out_w][out_c] s16
 *
 * Needs: as tin_conv2d_s16, groups 1, dilations 1, out_h + pad_top,
 *   out_w + pad_left < 2^31, an input ring with room for all rows that reach an
 *   output row.
 * Alias: no overlap. Scratch: none. Stack: under 300 bytes.
 * Exact: bit for bit on all targets.
 * Source: TRANSPOSE_CONV of TensorFlow Lite Micro's reference kernels for
 *   int16.
 */
tin_kernel tin_transconv2d_s16;
tin_check tin_transconv2d_s16_check;

/* ---- Pools -------------------------------------------------------------- */

typedef struct {
    tin_window window; /* in_c == out_c, no dilation */
    int32_t act_min, act_max;
} tin_pool2d_s16_params;

/*
 * Averages a window.
 *
 *   out[oy][ox][c] = clamp(round(sum over taps of in[iy][ix][c] / taps),
 *                          act_min, act_max)
 *   with iy and ix as tin_window says; taps outside the image do not count.
 *   Halves are rounded away from zero.
 *
 * in   [n * in_h][in_w][in_c] s16
 * out  [n * out_h][out_w][in_c] s16
 *
 * Needs: tin_pool_check, kernel_h * kernel_w < 2^16, a clamp within int16.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit on all targets.
 * Source: AVERAGE_POOL_2D of TensorFlow Lite's reference kernels.
 */
tin_kernel tin_avgpool2d_s16;
tin_check tin_avgpool2d_s16_check;

/*
 * Takes the largest value of a window.
 *
 *   out[oy][ox][c] = clamp(max over taps of in[iy][ix][c], act_min, act_max)
 *
 * Tensors, Needs, Alias, Scratch, Stack, Exact: as tin_avgpool2d_s16, of any
 * number of taps.
 * Source: MAX_POOL_2D of TensorFlow Lite.
 */
tin_kernel tin_maxpool2d_s16;
tin_check tin_maxpool2d_s16_check;

/* ---- Tables of 513 ------------------------------------------------------ */

/* A function of int16 by a table of its values 128 apart, and straight lines
 * between them. */
static inline int32_t tin_lookup_s16(const int16_t table[513], int32_t x)
{
    const int32_t i = (x >> 7) + 256;
    const int32_t rise = table[i + 1] - table[i];

    return table[i] + ((rise * (x & 127) + 64) >> 7);
}

/* ---- Softmax ------------------------------------------------------------ */

typedef struct {
    int32_t groups; /* in a row */
    int32_t c;      /* elements of a group */
    int32_t multiplier, shift;
    const int16_t *exp;        /* [513], exp(x), -10 <= x <= 0 */
    const int16_t *reciprocal; /* [513], 1 / (1 + x), 0 <= x <= 1 */
} tin_softmax_s16_params;

/*
 * Turns each group into probabilities that sum up to 1, in Q0.15.
 *
 *   e[i] = exp table at clamp(requantize(in[i] - max, multiplier, shift) +
 *          32767), within int16
 *   sum = sum of e = 2^k * (1 + f), 0 <= f < 1
 *   out[i] = clamp((e[i] * reciprocal table at f) / 2^k, 0, 32767), rounded
 *            half up
 *
 * in   [n][groups * c] s16
 * out  [n][groups * c] s16, scale 2^-15
 *
 * (multiplier, shift) = quantized(beta * in_scale * 65535 / 10).
 *
 * Needs: 1 <= groups, 1 <= c <= 65535, rows of at most 2^31 - 1 bytes,
 *   0 <= multiplier, -31 <= shift <= 14, both tables, the last two values of
 *   exp at least 2^14.
 * Alias: out may equal in or begin before it. Scratch: none.
 * Stack: under 200 bytes.
 * Exact: bit for bit on all targets.
 * Source: SOFTMAX of TensorFlow Lite Micro's reference kernels for int16.
 */
tin_kernel tin_softmax_s16;
tin_check tin_softmax_s16_check;

/* ---- Changes of type and scale ------------------------------------------ */

typedef struct {
    int32_t row_elems;
    int32_t in_bytes, out_bytes; /* of an element: 1, 2 or 4 */
    int32_t in_zero, out_zero;
    int32_t multiplier, shift;
} tin_rescale_params;

/*
 * Changes scale, zero point and width of integers.
 *
 *   out[i] = requantize(in[i] - in_zero, multiplier, shift) + out_zero, clamped
 *            to what out_bytes hold
 *
 * in   [n][row_elems] s8, s16 or s32
 * out  [n][row_elems] s8, s16 or s32
 *
 * (multiplier, shift) = quantized(in_scale / out_scale).
 *
 * Needs: 1 <= row_elems, rows of at most 2^31 - 1 bytes, zero points within
 *   their types, 0 <= multiplier, -31 <= shift <= 30. Where
 *   (in[i] - in_zero) * 2^shift leaves 32 bits it wraps, as the reference does.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit on all targets.
 * Source: QUANTIZE of TensorFlow Lite Micro's reference kernels.
 */
tin_kernel tin_rescale;
tin_check tin_rescale_check;

typedef struct {
    int32_t row_elems;
    float scale;
    int32_t zero;
} tin_quantize_f32_s16_params;

/*
 * Converts real numbers to int16.
 *
 *   out[i] = clamp(round(in[i] / scale) + zero, -32768, 32767), where round
 *   goes to the nearest integer, from halves away from zero
 *
 * in   [n][row_elems] f32
 * out  [n][row_elems] s16
 *
 * Needs: 1 <= row_elems, rows of at most 2^31 - 1 bytes, 0 < scale < infinity,
 *   -32768 <= zero <= 32767.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit on all targets; the quotient is rounded to f32 first.
 * NaN: gives zero; Inf gives 32767, -Inf -32768.
 * Source: QUANTIZE of TensorFlow Lite, where NaN and Inf are not defined.
 */
tin_kernel tin_quantize_f32_s16;
tin_check tin_quantize_f32_s16_check;

typedef struct {
    int32_t row_elems;
    float scale;
    int32_t zero;
} tin_dequantize_s16_f32_params;

/*
 * Converts int16 to the real numbers it stands for.
 *
 *   out[i] = scale * (in[i] - zero)
 *
 * in   [n][row_elems] s16
 * out  [n][row_elems] f32
 *
 * Needs: as tin_quantize_f32_s16.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit on all targets; one rounding.
 * NaN: none comes out.
 * Source: DEQUANTIZE of TensorFlow Lite.
 */
tin_kernel tin_dequantize_s16_f32;
tin_check tin_dequantize_s16_f32_check;

#ifdef __cplusplus
}
#endif

#endif /* TINYINFER_S16_H */
