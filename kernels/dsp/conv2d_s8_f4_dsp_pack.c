/* SPDX-License-Identifier: MIT */
/*
 * tin_conv2d_s8_f4_dsp_packed_size and _pack: see tinyinfer_kernels.h.
 *
 * The stream holds, for every four output channels: the transformed weights
 * G w G^T, scaled to integers, as words [chunk][point][step][channel], a step
 * being two input channels, a chunk up to 32 steps; then for each channel a
 * bias and how its sums become bytes; then a bit for each that needs two
 * roundings. Channels that fill up a four have weights 0.
 */
#include "tinyinfer_kernels.h"

enum {
    POINTS = 36,
    OUTS = 4,
    CHUNK_STEPS = 32,
    PARAM_WORDS = 5,
    LANE_BYTES = 312,
    LEFT = 6,  /* the least power of 2 that the kernel gives a sum */
    RIGHT = 15 /* a constant there */
};

/* 6, 24, 24, 1 .. times the rows of the usual G: what the factors leave of
 * 576 is made up for in the output transform. */
static const int8_t g_rows[6][3] = {{6, 0, 0}, {-1, -1, -1}, {-1, 1, -1},
                                    {1, 2, 4}, {1, -2, 4},   {0, 0, 6}};

static int32_t steps(const tin_window *w)
{
    return (w->in_c + 3) / 4 * 2;
}

static tin_filters filters(const tin_conv2d_s8_params *p)
{
    const int32_t taps = 9 * p->window.in_c;
    const tin_filters f = {
        .weights = p->weights,
        .bias = p->bias,
        .multiplier = p->multiplier,
        .shift = p->shift,
        .channels = p->window.out_c,
        .taps = taps,
        .channel_step = taps,
        .tap_step = 1,
    };

    return f;
}

/* 1 when 255 * the sum of a channel's |weights| is below 2^25: its sum of
 * products with 0 .. 255 is known from 576 times it modulo 2^32. */
static int sum_fits(const tin_filters *f, int32_t channel)
{
    const int8_t *w = f->weights + (size_t)channel * (size_t)f->channel_step;
    int64_t sum = 0;

    for (int64_t t = 0; t < f->taps; t++)
        sum += w[t] < 0 ? -w[t] : w[t];
    return 255 * sum < (int64_t)1 << 25;
}

int32_t tin_conv2d_s8_f4_dsp_packed_size(const void *params)
{
    const tin_conv2d_s8_params *p = params;
    const tin_window *w = &p->window;
    const tin_filters f = filters(p);
    int32_t bytes;

    if (w->kernel_h != 3 || w->kernel_w != 3 || w->stride_h != 1 ||
        w->stride_w != 1 || w->dilation_h != 1 || w->dilation_w != 1 ||
        p->groups != 1)
        return TIN_ERR_UNSUPPORTED;
    if (w->in_c > 1 << 20 || w->out_c > INT32_MAX - 3)
        return TIN_ERR_OVERFLOW;
    bytes = 4 * (OUTS * (POINTS * steps(w) + PARAM_WORDS) + 1);
    bytes = tin_size_mul(bytes, (w->out_c + OUTS - 1) / OUTS);
    if (bytes < 0)
        return TIN_ERR_OVERFLOW;
    for (int32_t c = 0; c < w->out_c; c++) {
        if (!sum_fits(&f, c))
            return TIN_ERR_UNSUPPORTED;
    }
    return bytes;
}

/* The transformed weight of a point for channels (oc, ic); |sum| <= 6272. */
static int32_t weight(const tin_conv2d_s8_params *p, int32_t point, int32_t oc,
                      int32_t ic)
{
    const int8_t *gy = g_rows[point / 6], *gx = g_rows[point % 6];
    const size_t in_c = (size_t)p->window.in_c;
    const int8_t *w = p->weights + (size_t)oc * 9 * in_c + ic;
    int32_t sum = 0;

    for (int32_t ky = 0; ky < 3; ky++)
        for (int32_t kx = 0; kx < 3; kx++)
            sum += gy[ky] * gx[kx] * w[(size_t)(3 * ky + kx) * in_c];
    return sum;
}

/* The kernel reads channels four at a time, the last four from in_c - 4 if
 * in_c >= 4: those that it meets again there have weight 0. Lane 0 .. 3 of the
 * four `group`. */
static int32_t lane_weight(const tin_conv2d_s8_params *p, int32_t point,
                           int32_t oc, int32_t group, int32_t lane)
{
    const int32_t in_c = p->window.in_c;
    int32_t ic = 4 * group + lane;

    if (in_c >= 4 && 4 * group > in_c - 4)
        ic = in_c - 4 + lane;
    if (oc >= p->window.out_c || ic >= in_c || ic < 4 * group)
        return 0;
    return weight(p, point, oc, ic);
}

/* Step 2 * g + k takes lanes k and k + 2 of four g, as SXTB16 gives them. */
static int32_t word(const tin_conv2d_s8_params *p, int32_t point, int32_t oc,
                    int32_t step)
{
    const int32_t low = lane_weight(p, point, oc, step / 2, step % 2);
    const int32_t high = lane_weight(p, point, oc, step / 2, step % 2 + 2);

    return (int32_t)(((uint32_t)low & 0xffffu) | (uint32_t)high << 16);
}

/* What the kernel takes for channel c; 1 if one floor does not serve it, when
 * it takes (bias, multiplier, shift). It sums products with in + 128. */
static int pack_channel(const tin_conv2d_s8_params *p, int32_t c,
                        int32_t *packed)
{
    const tin_filters f = filters(p);
    int64_t lo, hi, bias = tin_filter_range(&f, c, p->in_zero, &lo, &hi);
    const int8_t *w = f.weights + (size_t)c * (size_t)f.channel_step;
    const int32_t m = p->multiplier[c], shift = p->shift[c];
    const int32_t right = tin_clamp(LEFT - 1 - shift, 1, 23);
    tin_requant q;

    for (int64_t t = 0; t < f.taps; t++)
        bias -= 128 * w[t];
    if (tin_requant_make(&q, lo, hi, m, shift, p->out_zero, RIGHT, 31) &&
        (q.multiplier == 0 ||
         (q.left >= LEFT && (q.sign == 0 || p->act_min >= p->out_zero)))) {
        const int32_t more = q.multiplier ? q.left - LEFT : 0;

        packed[0] = (int32_t)((uint32_t)bias << (LEFT + more));
        packed[3] = (int32_t)(954437177u << more); // 1 / 9 modulo 2^32
        packed[4] = 0;
    } else if (tin_requant_make(&q, lo, hi, m, shift, p->out_zero, right,
                                LEFT) &&
               q.left == LEFT && q.sign != 0) {
        packed[0] = (int32_t)((uint32_t)bias << LEFT);
        packed[3] = q.right;
        packed[4] = q.sign;
    } else {
        packed[0] = (int32_t)bias;
        packed[1] = m;
        packed[2] = shift;
        return 1;
    }
    packed[1] = q.multiplier;
    packed[2] = q.offset;
    return 0;
}

static int32_t *pack_channels(const tin_conv2d_s8_params *p, int32_t oc,
                              int32_t *packed)
{
    int32_t any = 0;

    for (int32_t c = 0; c < OUTS; c++, packed += PARAM_WORDS) {
        for (int32_t i = 0; i < PARAM_WORDS; i++)
            packed[i] = 0;
        if (oc + c < p->window.out_c && pack_channel(p, oc + c, packed))
            any |= 1 << c;
    }
    *packed++ = any;
    return packed;
}

/* The weights of four output channels for the steps step0 .. step1 - 1. */
static int32_t *pack_weights(const tin_conv2d_s8_params *p, int32_t oc,
                             int32_t step0, int32_t step1, int32_t *packed)
{
    for (int32_t point = 0; point < POINTS; point++)
        for (int32_t step = step0; step < step1; step++)
            for (int32_t c = oc; c < oc + OUTS; c++)
                *packed++ = word(p, point, c, step);
    return packed;
}

void tin_conv2d_s8_f4_dsp_pack(const void *params, int32_t *packed)
{
    const tin_conv2d_s8_params *p = params;
    const int32_t n = steps(&p->window);

    for (int32_t oc = 0; oc < p->window.out_c; oc += OUTS) {
        for (int32_t step = 0; step < n; step += CHUNK_STEPS) {
            const int32_t end = step + CHUNK_STEPS;

            packed = pack_weights(p, oc, step, end < n ? end : n, packed);
        }
        packed = pack_channels(p, oc, packed);
    }
}

tin_status tin_conv2d_s8_f4_dsp_check(const void *params, const char **why)
{
    const tin_conv2d_s8_f4_dsp_params *p = params;
    const tin_conv2d_s8_params *c = &p->conv;
    const tin_window *w = &c->window;
    tin_status status;

    if ((status = tin_window_check(w, why)) != TIN_OK ||
        (status = tin_zero_check(c->in_zero, why)) != TIN_OK ||
        (status = tin_zero_check(c->out_zero, why)) != TIN_OK ||
        (status = tin_act_check(c->act_min, c->act_max, why)) != TIN_OK)
        return status;
    if (w->kernel_h != 3 || w->kernel_w != 3 || w->stride_h != 1 ||
        w->stride_w != 1 || w->dilation_h != 1 || w->dilation_w != 1 ||
        c->groups != 1)
        return TIN_WHY(why, "not a 3x3 convolution of stride 1, one group"),
               TIN_ERR_UNSUPPORTED;
    if (w->in_c > 1 << 20)
        return TIN_WHY(why, "in_c is too large"), TIN_ERR_OVERFLOW;
    if (!p->packed)
        return TIN_WHY(why, "packed is NULL"), TIN_ERR_ARG;
    return TIN_OK;
}

/* Transformed inputs of two tiles, and room for either what is multiplied
 * out of them for four channels or a patch of 6 * 6 pixels and its lanes. */
int32_t tin_conv2d_s8_f4_dsp_scratch_size(const void *params)
{
    const tin_conv2d_s8_f4_dsp_params *p = params;
    const tin_window *w = &p->conv.window;
    const int32_t n = steps(w), chunks = n > CHUNK_STEPS ? 2 : 1;
    const int32_t products = chunks * POINTS * OUTS * 2 * 4;
    const int32_t patch = LANE_BYTES + POINTS * (w->in_c < 4 ? 4 : w->in_c);

    return POINTS * n * 2 * 4 + (patch > products ? patch : products);
}
