/* SPDX-License-Identifier: MIT */
/*
 * The companions of tin_conv2d_s8_f2_dsp and tin_conv2d_s8_f4_dsp: see
 * tinyinfer_winograd.h.
 *
 * The stream holds, for every four output channels: the transformed weights
 * G w G^T, scaled to integers, as words [chunk][point][step][channel], a step
 * being two input channels, a chunk up to 32 steps; then for each channel a
 * bias and how its sums become bytes; then a bit for each that needs two
 * roundings. Channels that fill up a four have weights 0.
 */
#include "tinyinfer_winograd.h"

enum {
    OUTS = TIN_WINOGRAD_OUTS,
    STEPS = TIN_WINOGRAD_STEPS,
    WORDS = TIN_WINOGRAD_WORDS,
    LEFT = 6,  /* of sums whose sign counts; a constant in the kernels */
    RIGHT = 15 /* of the others */
};

/* What the kernels differ by. */
typedef struct {
    int8_t side, g[6][3]; /* points are side * side; the usual G, scaled */
    int8_t left;          /* log2 of the even part of the outputs' factor */
    uint32_t odd;         /* 1 / its odd part modulo 2^32 */
    int32_t zero;         /* what sums are made of: in - zero */
    int32_t most;         /* and its greatest absolute value */
    int32_t lanes;        /* words of scratch */
} transform;

/* Twice the usual G: outputs times 4. */
static const transform f2 = {
    .side = 4,
    .g = {{2, 0, 0}, {1, 1, 1}, {1, -1, 1}, {0, 0, 2}},
    .left = 2,
    .odd = 1,
    .zero = 0,
    .most = 128,
    .lanes = 0,
};

/* 6, 24, 24, 1 .. times the rows of the usual G: what the factors leave of
 * 576 = 9 * 2^6 is made up for in the output transform. */
static const transform f4 = {
    .side = 6,
    .g = {{6, 0, 0},
          {-1, -1, -1},
          {-1, 1, -1},
          {1, 2, 4},
          {1, -2, 4},
          {0, 0, 6}},
    .left = 6,
    .odd = 954437177,
    .zero = -128,
    .most = 255,
    .lanes = TIN_WINOGRAD_F4_LANES,
};

/* ---- Sizes -------------------------------------------------------------- */

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

/* 1 when no sum of products reaches 2^31 / 2^left: it is known from the output
 * modulo 2^32. */
static int sum_fits(const transform *f, const tin_filters *filter,
                    int32_t channel)
{
    const int8_t *w =
        filter->weights + (size_t)channel * (size_t)filter->channel_step;
    int64_t sum = 0;

    for (int64_t t = 0; t < filter->taps; t++)
        sum += w[t] < 0 ? -w[t] : w[t];
    return f->most * sum < (int64_t)1 << (31 - f->left);
}

static int is_plain_3x3(const tin_conv2d_s8_params *p)
{
    const tin_window *w = &p->window;

    return w->kernel_h == 3 && w->kernel_w == 3 && w->stride_h == 1 &&
           w->stride_w == 1 && w->dilation_h == 1 && w->dilation_w == 1 &&
           p->groups == 1;
}

static int32_t packed_size(const transform *f, const tin_conv2d_s8_params *p)
{
    const tin_window *w = &p->window;
    const tin_filters filter = filters(p);
    const int32_t points = f->side * f->side;
    int32_t bytes;

    if (!is_plain_3x3(p))
        return TIN_ERR_UNSUPPORTED;
    if (w->in_c > 1 << 20 || w->out_c > INT32_MAX - 3)
        return TIN_ERR_OVERFLOW;
    bytes = 4 * (OUTS * (points * tin_winograd_steps(w) + WORDS) + 1);
    bytes = tin_size_mul(bytes, (w->out_c + OUTS - 1) / OUTS);
    if (bytes < 0)
        return TIN_ERR_OVERFLOW;
    for (int32_t c = 0; c < w->out_c; c++) {
        if (!sum_fits(f, &filter, c))
            return TIN_ERR_UNSUPPORTED;
    }
    return bytes;
}

/* ---- Weights ------------------------------------------------------------ */

/* The transformed weight of a point for channels (oc, ic); |sum| <= 1152 by
 * F(2x2), 6272 by F(4x4). */
static int32_t weight(const transform *f, const tin_conv2d_s8_params *p,
                      int32_t point, int32_t oc, int32_t ic)
{
    const int8_t *gy = f->g[point / f->side], *gx = f->g[point % f->side];
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
static int32_t lane_weight(const transform *f, const tin_conv2d_s8_params *p,
                           int32_t point, int32_t oc, int32_t group,
                           int32_t lane)
{
    const int32_t in_c = p->window.in_c;
    int32_t ic = 4 * group + lane;

    if (in_c >= 4 && 4 * group > in_c - 4)
        ic = in_c - 4 + lane;
    if (oc >= p->window.out_c || ic >= in_c || ic < 4 * group)
        return 0;
    return weight(f, p, point, oc, ic);
}

/* Step 2 * g + k takes lanes k and k + 2 of four g, as SXTB16 gives them. */
static int32_t word(const transform *f, const tin_conv2d_s8_params *p,
                    int32_t point, int32_t oc, int32_t step)
{
    const int32_t low = lane_weight(f, p, point, oc, step / 2, step % 2);
    const int32_t high = lane_weight(f, p, point, oc, step / 2, step % 2 + 2);

    return (int32_t)(((uint32_t)low & 0xffffu) | (uint32_t)high << 16);
}

/* The weights of four output channels for the steps step0 .. step1 - 1. */
static int32_t *pack_weights(const transform *f, const tin_conv2d_s8_params *p,
                             int32_t oc, int32_t step0, int32_t step1,
                             int32_t *packed)
{
    for (int32_t point = 0; point < f->side * f->side; point++)
        for (int32_t step = step0; step < step1; step++)
            for (int32_t c = oc; c < oc + OUTS; c++)
                *packed++ = word(f, p, point, c, step);
    return packed;
}

/* ---- Bias and requantization -------------------------------------------- */

/* What the kernel takes for channel c; 1 if one floor does not serve it, when
 * it takes (bias, multiplier, shift). */
static int pack_channel(const transform *f, const tin_conv2d_s8_params *p,
                        int32_t c, int32_t *packed)
{
    const tin_filters filter = filters(p);
    const int8_t *w = p->weights + (size_t)c * (size_t)filter.channel_step;
    int64_t lo, hi, bias = tin_filter_range(&filter, c, p->in_zero, &lo, &hi);
    const int32_t m = p->multiplier[c], shift = p->shift[c];
    const int32_t right = tin_clamp(LEFT - 1 - shift, 1, 23);
    tin_requant q;

    for (int64_t t = 0; t < filter.taps; t++)
        bias += f->zero * w[t];
    if (tin_requant_make(&q, lo, hi, m, shift, p->out_zero, RIGHT, 31) &&
        (q.multiplier == 0 ||
         (q.left >= f->left && (q.sign == 0 || p->act_min >= p->out_zero)))) {
        const int32_t left = q.multiplier ? q.left : f->left;

        packed[0] = (int32_t)((uint32_t)bias << left);
        packed[3] = (int32_t)(f->odd << (left - f->left));
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

static int32_t *pack_channels(const transform *f, const tin_conv2d_s8_params *p,
                              int32_t oc, int32_t *packed)
{
    int32_t any = 0;

    for (int32_t c = 0; c < OUTS; c++, packed += WORDS) {
        for (int32_t i = 0; i < WORDS; i++)
            packed[i] = 0;
        if (oc + c < p->window.out_c && pack_channel(f, p, oc + c, packed))
            any |= 1 << c;
    }
    *packed++ = any;
    return packed;
}

static void pack(const transform *f, const tin_conv2d_s8_params *p,
                 int32_t *packed)
{
    const int32_t n = tin_winograd_steps(&p->window);

    for (int32_t oc = 0; oc < p->window.out_c; oc += OUTS) {
        for (int32_t step = 0; step < n; step += STEPS) {
            const int32_t end = step + STEPS < n ? step + STEPS : n;

            packed = pack_weights(f, p, oc, step, end, packed);
        }
        packed = pack_channels(f, p, oc, packed);
    }
}

/* ---- Checks ------------------------------------------------------------- */

static tin_status check(const tin_conv2d_s8_params *c, const int32_t *packed,
                        const char **why)
{
    const tin_window *w = &c->window;
    tin_status status;

    if ((status = tin_window_check(w, why)) != TIN_OK ||
        (status = tin_zero_check(c->in_zero, why)) != TIN_OK ||
        (status = tin_zero_check(c->out_zero, why)) != TIN_OK ||
        (status = tin_act_check(c->act_min, c->act_max, why)) != TIN_OK)
        return status;
    if (!is_plain_3x3(c))
        return TIN_WHY(why, "not a 3x3 convolution of stride 1, one group"),
               TIN_ERR_UNSUPPORTED;
    if (w->in_c > 1 << 20)
        return TIN_WHY(why, "in_c is too large"), TIN_ERR_OVERFLOW;
    if (!packed)
        return TIN_WHY(why, "packed is NULL"), TIN_ERR_ARG;
    return TIN_OK;
}

/* Transformed inputs of two tiles, and room for either what is multiplied out
 * of them for four channels or a patch of side * side pixels and the lanes. */
static int32_t scratch_size(const transform *f, const tin_window *w)
{
    const int32_t points = f->side * f->side, n = tin_winograd_steps(w);
    const int32_t tile_words = points * TIN_WINOGRAD_TILES;
    const int32_t chunks = n > STEPS ? 2 : 1;
    const int32_t products = 4 * chunks * OUTS * tile_words;
    const int32_t patch = 4 * f->lanes + points * tin_winograd_pixel(w);

    return 4 * n * tile_words + (patch > products ? patch : products);
}

/* ---- F(2x2, 3x3) -------------------------------------------------------- */

int32_t tin_conv2d_s8_f2_dsp_packed_size(const void *params)
{
    return packed_size(&f2, params);
}

void tin_conv2d_s8_f2_dsp_pack(const void *params, int32_t *packed)
{
    pack(&f2, params, packed);
}

tin_status tin_conv2d_s8_f2_dsp_check(const void *params, const char **why)
{
    const tin_conv2d_s8_f2_dsp_params *p = params;

    return check(&p->conv, p->packed, why);
}

int32_t tin_conv2d_s8_f2_dsp_scratch_size(const void *params)
{
    const tin_conv2d_s8_f2_dsp_params *p = params;

    return scratch_size(&f2, &p->conv.window);
}

/* ---- F(4x4, 3x3) -------------------------------------------------------- */

int32_t tin_conv2d_s8_f4_dsp_packed_size(const void *params)
{
    return packed_size(&f4, params);
}

void tin_conv2d_s8_f4_dsp_pack(const void *params, int32_t *packed)
{
    pack(&f4, params, packed);
}

tin_status tin_conv2d_s8_f4_dsp_check(const void *params, const char **why)
{
    const tin_conv2d_s8_f4_dsp_params *p = params;

    return check(&p->conv, p->packed, why);
}

int32_t tin_conv2d_s8_f4_dsp_scratch_size(const void *params)
{
    const tin_conv2d_s8_f4_dsp_params *p = params;

    return scratch_size(&f4, &p->conv.window);
}
