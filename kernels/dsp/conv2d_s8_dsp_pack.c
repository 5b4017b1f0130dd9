/* SPDX-License-Identifier: MIT */
/*
 * Packs for tin_conv2d_s8_dsp: see tinyinfer_kernels.h. Runs anywhere.
 *
 * The stream of two output channels, as the kernel's assembly reads it:
 *
 *   2   biases, the second of pairs as 256 * second + first
 *   n   weights, `steps` times 1 word (pairs) or 2 (wide)
 *       fast requantization: `right` a constant, no term with `sign`
 *   6   multiplier, offset, left, multiplier, offset, 8 - left   (pairs)
 *   4   multiplier, offset, multiplier, offset                   (wide)
 *       any requantization, for all channels if one needs it
 *   8   multiplier, offset, left + 2^16 * right, sign, and again
 *
 * Wide weights and their biases are scaled by 2^left for the fast form. An odd
 * last channel has a second one without weights.
 */
#include "tinyinfer_kernels.h"

enum { MOST_WIDE = 40 }; /* inputs of a window: more are paired if possible */
enum { MOST_LEFT = 8 };  /* of a second channel in a pair, and wide */

typedef struct {
    const tin_conv2d_s8_params *p;
    tin_filters f;
    int32_t taps, steps; /* inputs of a window; pairs of them */
    int wide, fast;
} layer;

/* One output channel. */
typedef struct {
    const int8_t *w; /* NULL where there is none */
    int64_t bias, lo, hi;
    tin_requant fast, any;
    int is_fast;
} channel;

static channel make_channel(const layer *l, int32_t oc, int *ok)
{
    const tin_conv2d_s8_params *p = l->p;
    const int32_t relu = p->act_min >= p->out_zero;
    channel c = {0};
    int32_t multiplier = 0, shift = 0;

    if (oc < p->window.out_c) {
        c.w = p->weights + (size_t)oc * (size_t)l->taps;
        c.bias = tin_filter_range(&l->f, oc, p->in_zero, &c.lo, &c.hi);
        multiplier = p->multiplier[oc];
        shift = p->shift[oc];
    }
    c.is_fast =
        tin_requant_make(&c.fast, c.lo, c.hi, multiplier, shift, p->out_zero,
                         TIN_CONV2D_DSP_RIGHT, MOST_LEFT) &&
        (relu || c.fast.sign == 0);
    *ok = *ok && tin_requant_make(&c.any, c.lo, c.hi, multiplier, shift,
                                  p->out_zero, 0, 30);
    return c;
}

/* 1 if the weights of two channels can be paired. */
static int can_pair(const layer *l, const channel *low, const channel *high)
{
    const int64_t limit = (int64_t)1 << 23;

    if (high->lo < -limit || high->hi >= limit)
        return 0;
    for (int32_t t = 0; high->w && t < l->taps; t++) {
        if (!tin_pair_ok(low->w[t], high->w[t]))
            return 0;
    }
    return 1;
}

/* 1, and what is known of all channels, if the layer can be packed. */
static int make_layer(layer *l, const tin_conv2d_s8_params *p,
                      int32_t most_wide)
{
    const tin_window *w = &p->window;
    int ok = 1, pairs = 1;

    l->fast = 1;
    l->p = p;
    l->taps = w->kernel_h * w->kernel_w * w->in_c;
    l->steps = tin_conv2d_s8_dsp_plan(w).steps;
    l->f = (tin_filters){
        .weights = p->weights,
        .bias = p->bias,
        .multiplier = p->multiplier,
        .shift = p->shift,
        .channels = w->out_c,
        .channel_step = l->taps,
        .tap_step = 1,
        .taps = l->taps,
    };
    for (int32_t oc = 0; ok && oc < w->out_c; oc += 2) {
        const channel low = make_channel(l, oc, &ok);
        const channel high = make_channel(l, oc + 1, &ok);

        pairs = pairs && can_pair(l, &low, &high);
        l->fast = l->fast && low.is_fast && high.is_fast;
    }
    l->wide = l->taps <= most_wide || !pairs;
    return ok;
}

/* Which input the first or second half of a step is; `taps` or more: none. */
static int32_t step_input(const layer *l, int32_t step, int32_t half)
{
    const int32_t first = step / 2 * 4;

    if (l->taps - first <= 2)
        return first + half;
    return first + step % 2 + 2 * half;
}

static int32_t weight(const layer *l, const channel *c, int32_t t, int32_t left)
{
    return c->w && t < l->taps ? c->w[t] * ((int32_t)1 << left) : 0;
}

static int32_t *put_weights(const layer *l, const channel *low,
                            const channel *high, const int32_t left[2],
                            int32_t *out)
{
    for (int32_t s = 0; s < l->steps; s++) {
        const int32_t t0 = step_input(l, s, 0), t1 = step_input(l, s, 1);
        const int32_t low0 = weight(l, low, t0, left[0]);
        const int32_t low1 = weight(l, low, t1, left[0]);
        const int32_t high0 = weight(l, high, t0, left[1]);
        const int32_t high1 = weight(l, high, t1, left[1]);

        if (l->wide) {
            *out++ = tin_pair_word(low0, 0, low1, 0);
            *out++ = tin_pair_word(high0, 0, high1, 0);
        } else {
            *out++ = tin_pair_word(low0, high0, low1, high1);
        }
    }
    return out;
}

static int32_t *put_general(const tin_requant *q, int32_t *out)
{
    *out++ = q->multiplier;
    *out++ = q->offset;
    *out++ = q->left | q->right << 16;
    *out++ = q->sign;
    return out;
}

static int32_t *put_fast(const tin_requant *q, int32_t *out)
{
    *out++ = q->multiplier;
    *out++ = q->offset;
    return out;
}

/* Two channels. Returns where the next two go. */
static int32_t *put_block(const layer *l, const channel *low,
                          const channel *high, int32_t *out)
{
    const int scaled = l->wide && l->fast;
    const int32_t left[2] = {scaled ? low->fast.left : 0,
                             scaled ? high->fast.left : 0};

    *out++ = tin_shift_left((int32_t)low->bias, left[0]);
    *out = tin_shift_left((int32_t)high->bias, l->wide ? left[1] : 8);
    if (!l->wide)
        *out = (int32_t)((uint32_t)*out + (uint32_t)low->bias);
    out = put_weights(l, low, high, left, out + 1);
    if (!l->fast)
        return put_general(&high->any, put_general(&low->any, out));
    out = put_fast(&low->fast, out);
    if (!l->wide)
        *out++ = low->fast.left;
    out = put_fast(&high->fast, out);
    if (!l->wide)
        *out++ = 8 - high->fast.left;
    return out;
}

/* 1 if the scratch stays far below 2^31 bytes. */
static int fits(const tin_window *w)
{
    const int64_t limit = INT32_MAX / 64;
    const int64_t cols = ((int64_t)w->out_w - 1) * w->stride_w +
                         ((int64_t)w->kernel_w - 1) * w->dilation_w + 1;
    const int64_t rows = ((int64_t)w->kernel_h - 1) * w->dilation_h + 1 +
                         3 * (int64_t)w->stride_h;
    const int32_t taps =
        tin_size_mul(tin_size_mul(w->kernel_h, w->kernel_w), w->in_c);

    return 0 <= taps && taps <= limit &&
           (w->in_c > 4 || (cols <= limit && rows <= limit / cols));
}

static int32_t packed_size(const tin_conv2d_s8_params *p, int32_t most_wide)
{
    int64_t block, words;
    layer l;

    if (p->groups != 1 || !fits(&p->window) || !make_layer(&l, p, most_wide))
        return TIN_ERR_UNSUPPORTED;
    block = 2 + (int64_t)l.steps * (l.wide ? 2 : 1);
    block += !l.fast ? 8 : l.wide ? 4 : 6;
    words = 1 + block * (((int64_t)p->window.out_c + 1) / 2);
    return words > INT32_MAX / 4 ? TIN_ERR_OVERFLOW : (int32_t)words * 4;
}

static void pack(const tin_conv2d_s8_params *p, int32_t most_wide,
                 int32_t *packed)
{
    layer l;
    int ok = make_layer(&l, p, most_wide);

    *packed++ = (l.wide ? 1 : 0) | (l.fast ? 0 : 2);
    for (int32_t oc = 0; oc < p->window.out_c; oc += 2) {
        const channel low = make_channel(&l, oc, &ok);
        const channel high = make_channel(&l, oc + 1, &ok);

        packed = put_block(&l, &low, &high, packed);
    }
}

int32_t tin_conv2d_s8_dsp_packed_size(const void *params)
{
    return packed_size(params, MOST_WIDE);
}

void tin_conv2d_s8_dsp_pack(const void *params, int32_t *packed)
{
    pack(params, MOST_WIDE, packed);
}

int32_t tin_conv2d_s8_dsp_wide_packed_size(const void *params)
{
    return packed_size(params, INT32_MAX);
}

void tin_conv2d_s8_dsp_wide_pack(const void *params, int32_t *packed)
{
    pack(params, INT32_MAX, packed);
}

int32_t tin_conv2d_s8_dsp_scratch_size(const void *params)
{
    const tin_conv2d_s8_dsp_params *d = params;
    const tin_window *w = &d->conv.window;
    const tin_conv2d_s8_dsp_room r = tin_conv2d_s8_dsp_plan(w);
    const int32_t words =
        r.tiles * 4 * r.steps + r.tables * (1 + w->kernel_h) + r.ring_rows;
    const int32_t bytes = r.ring_rows * r.ring_bytes + r.edge_bytes;

    return 4 * words + (bytes ? (bytes + 3 + 3) / 4 * 4 : 0);
}

int32_t tin_conv2d_s8_p1_dsp_scratch_size(const void *params)
{
    const tin_conv2d_s8_dsp_params *d = params;
    const tin_window *w = &d->conv.window;

    return 4 * tin_conv2d_s8_dsp_plan(w).steps +
           w->kernel_h * w->kernel_w * w->in_c;
}

tin_status tin_conv2d_s8_dsp_check(const void *params, const char **why)
{
    const tin_conv2d_s8_dsp_params *d = params;
    const tin_conv2d_s8_params *p = &d->conv;
    const tin_window *w = &p->window;
    tin_status status;

    if ((status = tin_window_check(w, why)) != TIN_OK ||
        (status = tin_zero_check(p->in_zero, why)) != TIN_OK ||
        (status = tin_zero_check(p->out_zero, why)) != TIN_OK ||
        (status = tin_act_check(p->act_min, p->act_max, why)) != TIN_OK)
        return status;
    if (p->groups != 1)
        return TIN_WHY(why, "groups are not handled here"), TIN_ERR_UNSUPPORTED;
    if (!fits(w))
        return TIN_WHY(why, "the window is too large"), TIN_ERR_OVERFLOW;
    if (!d->packed)
        return TIN_WHY(why, "there are no packed weights"), TIN_ERR_ARG;
    return TIN_OK;
}
