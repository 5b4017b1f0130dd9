/* SPDX-License-Identifier: MIT */
/* tin_dwconv2d_s8_dsp_pack, tin_dwconv2d_s8_any_dsp_pack,
 * tin_dwconv2d_s8_row_dsp_pack, tin_dwconv2d_s8_narrow_dsp_pack and what
 * belongs to them: see tinyinfer_kernels.h. The streams are described in
 * dwconv2d_s8_dsp.c, dwconv2d_s8_any_dsp.c and dwconv2d_s8_row_dsp.c. */
#include "tinyinfer_dwconv2d.h"

enum { MOST_LEFT = 8 }; /* a weight times 2^8 is an int16 */

static tin_filters filters_of(const tin_dwconv2d_s8_params *p)
{
    const tin_window *w = &p->window;
    const tin_filters f = {
        .weights = p->weights,
        .bias = p->bias,
        .multiplier = p->multiplier,
        .shift = p->shift,
        .channels = w->out_c,
        .taps = (int64_t)w->kernel_h * w->kernel_w,
        .channel_step = 1,
        .tap_step = w->out_c,
    };

    return f;
}

/* What a channel needs. */
typedef struct {
    int64_t bias; /* with the zero point folded in */
    tin_requant q;
    int fast; /* `right` is the constant one, no term with `sign` */
} channel;

static int make_channel(channel *to, const tin_dwconv2d_s8_params *p, int32_t c)
{
    const tin_filters f = filters_of(p);
    const int32_t multiplier = p->multiplier[c], shift = p->shift[c];
    int64_t lo, hi;

    to->bias = tin_filter_range(&f, c, p->in_zero, &lo, &hi);
    if (lo < INT32_MIN || hi > INT32_MAX)
        return 0;
    to->fast = tin_requant_make(&to->q, lo, hi, multiplier, shift, p->out_zero,
                                TIN_DWCONV2D_DSP_RIGHT, MOST_LEFT) &&
               (p->act_min >= p->out_zero || to->q.sign == 0);
    return to->fast || tin_requant_make(&to->q, lo, hi, multiplier, shift,
                                        p->out_zero, 0, MOST_LEFT);
}

static int channels_ok(const tin_dwconv2d_s8_params *p)
{
    for (int32_t c = 0; c < p->window.out_c; c++) {
        channel unused;

        if (!make_channel(&unused, p, c))
            return 0;
    }
    return 1;
}

static int32_t pair(int32_t first, int32_t second)
{
    return (int32_t)(((uint32_t)first & 0xffffu) | (uint32_t)second << 16);
}

/* Weights kx and kx + 1 of a row, 0 beside it. */
static int32_t pair_at(const int8_t *row, int32_t kx, int32_t size,
                       int32_t step, int32_t scale)
{
    int32_t weight[2] = {0, 0};

    for (int32_t k = 0; k < 2; k++)
        if (kx + k >= 0 && kx + k < size)
            weight[k] = row[(size_t)(kx + k) * (size_t)step] * scale;
    return pair(weight[0], weight[1]);
}

/* What all streams but that of rows begin with, up to `right`. */
static void pack_requant(const channel *ch, int32_t *to)
{
    to[0] = tin_shift_left((int32_t)ch->bias, ch->q.left);
    to[1] = ch->q.multiplier;
    to[2] = ch->q.offset;
    to[3] = ch->q.sign;
    to[4] = ch->q.right;
}

/* What the checks of the kernels have in common: without the weights, which
 * need not be there. */
static tin_status check_layer(const tin_dwconv2d_s8_dsp_params *p,
                              const char **why)
{
    const tin_dwconv2d_s8_params *d = &p->conv;
    tin_status status;

    if ((status = tin_window_check(&d->window, why)) != TIN_OK ||
        (status = tin_zero_check(d->in_zero, why)) != TIN_OK ||
        (status = tin_zero_check(d->out_zero, why)) != TIN_OK ||
        (status = tin_act_check(d->act_min, d->act_max, why)) != TIN_OK)
        return status;
    if (!p->packed)
        return TIN_WHY(why, "packed is NULL"), TIN_ERR_ARG;
    return TIN_OK;
}

/* A step of dilation_w columns, in bytes, has 31 bits. */
static tin_status check_columns(const tin_window *w, const char **why)
{
    if ((int64_t)w->dilation_w * w->in_c > INT32_MAX)
        return TIN_WHY(why, "dilation_w * in_c is too large"), TIN_ERR_OVERFLOW;
    return TIN_OK;
}

/* ---- 3x3 kernels -------------------------------------------------------- */

/* Bytes of a stream with so many words a channel. */
static int32_t packed_bytes(const tin_dwconv2d_s8_params *p, int32_t words)
{
    const int64_t size = (int64_t)4 * words * p->window.out_c;

    if (size > INT32_MAX)
        return TIN_ERR_OVERFLOW;
    return channels_ok(p) ? (int32_t)size : TIN_ERR_UNSUPPORTED;
}

int32_t tin_dwconv2d_s8_dsp_packed_size(const void *params)
{
    const tin_dwconv2d_s8_params *p = params;

    if (!tin_dwconv2d_dsp_window_ok(&p->window))
        return TIN_ERR_UNSUPPORTED;
    return packed_bytes(p, TIN_DWCONV2D_DSP_3X3);
}

void tin_dwconv2d_s8_dsp_pack(const void *params, int32_t *packed)
{
    const tin_dwconv2d_s8_params *p = params;
    const int32_t n = p->window.out_c;

    for (int32_t c = 0; c < n; c++, packed += TIN_DWCONV2D_DSP_3X3) {
        const int8_t *w = p->weights + c;
        channel ch;

        (void)make_channel(&ch, p, c);
        pack_requant(&ch, packed);
        packed[4] |= ch.fast ? 0 : INT32_MIN;
        for (int32_t i = 0; i < 6; i++)
            packed[5 + i] = pair_at(w + i / 2 * 3 * n, i % 2, 3, n,
                                    (int32_t)1 << ch.q.left);
    }
}

tin_status tin_dwconv2d_s8_dsp_check(const void *params, const char **why)
{
    const tin_dwconv2d_s8_dsp_params *p = params;
    tin_status status;

    if ((status = check_layer(p, why)) != TIN_OK ||
        (status = check_columns(&p->conv.window, why)) != TIN_OK)
        return status;
    if (!tin_dwconv2d_dsp_window_ok(&p->conv.window))
        return TIN_WHY(why, "in_c is not out_c or below 4, the kernel not 3x3, "
                            "or a stride or size too large"),
               TIN_ERR_UNSUPPORTED;
    return TIN_OK;
}

int32_t tin_dwconv2d_s8_dsp_scratch_size(const void *params)
{
    const tin_dwconv2d_s8_dsp_params *p = params;
    const tin_dwconv2d_dsp_layout l = tin_dwconv2d_dsp_plan(&p->conv.window);

    return TIN_DWCONV2D_DSP_TABLES +
           4 * TIN_DWCONV2D_DSP_FEW * TIN_DWCONV2D_DSP_FEW +
           16 * l.words * l.lines;
}

/* ---- Any kernel --------------------------------------------------------- */

/* A row of the kernel as pairs; returns the end. Every other one, which is for
 * outputs that begin within a word if there are any, begins a tap earlier. */
static int32_t *pack_row(const tin_window *w, const int8_t *row, int32_t scale,
                         int32_t *to)
{
    const int32_t earlier = tin_dwconv2d_any_dsp_plan(w).stride % 2;

    for (int32_t i = 0; i < tin_dwconv2d_any_dsp_taps(w); i++) {
        const int32_t kx = i % 2 ? i - 1 - earlier : i;

        *to++ = pair_at(row, kx, w->kernel_w, w->out_c, scale);
    }
    return to;
}

static int32_t any_scratch(const tin_window *w)
{
    const tin_dwconv2d_dsp_layout l = tin_dwconv2d_any_dsp_plan(w);
    const int32_t bytes = tin_size_mul(tin_size_mul(l.words, l.lines), 16);

    if (bytes < 0 || bytes > INT32_MAX - TIN_DWCONV2D_DSP_TABLES)
        return TIN_ERR_OVERFLOW;
    return TIN_DWCONV2D_DSP_TABLES + bytes;
}

int32_t tin_dwconv2d_s8_any_dsp_packed_size(const void *params)
{
    const tin_dwconv2d_s8_params *p = params;
    const tin_window *w = &p->window;

    if (!tin_dwconv2d_any_dsp_window_ok(w) || tin_dwconv2d_dsp_window_ok(w))
        return TIN_ERR_UNSUPPORTED;
    if (any_scratch(w) < 0)
        return TIN_ERR_OVERFLOW;
    return packed_bytes(p, tin_dwconv2d_any_dsp_channel(w));
}

void tin_dwconv2d_s8_any_dsp_pack(const void *params, int32_t *packed)
{
    const tin_dwconv2d_s8_params *p = params;
    const tin_window *w = &p->window;

    for (int32_t c = 0; c < w->out_c; c++) {
        channel ch;

        (void)make_channel(&ch, p, c);
        pack_requant(&ch, packed);
        packed += 5;
        for (int32_t ky = 0; ky < w->kernel_h; ky++) {
            const size_t at = (size_t)ky * (size_t)w->kernel_w;

            packed = pack_row(w, p->weights + at * (size_t)w->out_c + c,
                              (int32_t)1 << ch.q.left, packed);
        }
    }
}

tin_status tin_dwconv2d_s8_any_dsp_check(const void *params, const char **why)
{
    const tin_dwconv2d_s8_dsp_params *p = params;
    tin_status status;

    if ((status = check_layer(p, why)) != TIN_OK ||
        (status = check_columns(&p->conv.window, why)) != TIN_OK)
        return status;
    if (!tin_dwconv2d_any_dsp_window_ok(&p->conv.window))
        return TIN_WHY(why,
                       "in_c is not out_c or below 4, or a size too large"),
               TIN_ERR_UNSUPPORTED;
    if (any_scratch(&p->conv.window) < 0)
        return TIN_WHY(why, "scratch exceeds 2^31 - 1 bytes"), TIN_ERR_OVERFLOW;
    return TIN_OK;
}

int32_t tin_dwconv2d_s8_any_dsp_scratch_size(const void *params)
{
    return any_scratch(
        &((const tin_dwconv2d_s8_dsp_params *)params)->conv.window);
}

/* ---- A row at a time ---------------------------------------------------- */

int32_t tin_dwconv2d_s8_row_dsp_packed_size(const void *params)
{
    const tin_dwconv2d_s8_params *p = params;
    const tin_window *w = &p->window;

    if (!tin_dwconv2d_row_dsp_window_ok(w) || !channels_ok(p))
        return TIN_ERR_UNSUPPORTED;
    if (w->out_c > INT32_MAX / (4 * TIN_DWCONV2D_ROW_DSP_CHANNEL))
        return TIN_ERR_OVERFLOW;
    return 4 * TIN_DWCONV2D_ROW_DSP_CHANNEL * w->out_c;
}

void tin_dwconv2d_s8_row_dsp_pack(const void *params, int32_t *packed)
{
    const tin_dwconv2d_s8_params *p = params;
    const int32_t n = p->window.out_c;

    for (int32_t c = 0; c < n; c++, packed += TIN_DWCONV2D_ROW_DSP_CHANNEL) {
        const int8_t *w = p->weights + c, *last = w + 6 * n;
        channel ch;

        (void)make_channel(&ch, p, c);
        packed[0] = tin_shift_left((int32_t)ch.bias, ch.q.left);
        for (int32_t kx = 0; kx < 3; kx++) {
            const int32_t scale = (int32_t)1 << ch.q.left;

            packed[1 + kx] = pair(w[kx * n] * scale, w[(3 + kx) * n] * scale);
        }
        packed[4] = pair_at(last, 0, 3, n, (int32_t)1 << ch.q.left);
        packed[5] = pair_at(last, 1, 3, n, (int32_t)1 << ch.q.left);
        packed[6] = ch.q.multiplier | (ch.fast ? 0 : INT32_MIN);
        packed[7] = ch.q.offset;
        packed[8] = ch.q.sign;
        packed[9] = ch.q.right;
    }
}

tin_status tin_dwconv2d_s8_row_dsp_check(const void *params, const char **why)
{
    const tin_dwconv2d_s8_dsp_params *p = params;
    tin_status status;

    if ((status = check_layer(p, why)) != TIN_OK)
        return status;
    if (!tin_dwconv2d_row_dsp_window_ok(&p->conv.window))
        return TIN_WHY(why, "in_c is not out_c or below 4, or the kernel not "
                            "3x3 with strides of 1 or 2 along a row"),
               TIN_ERR_UNSUPPORTED;
    if (tin_dwconv2d_s8_row_dsp_scratch_size(params) < 0)
        return TIN_WHY(why, "scratch exceeds 2^31 - 1 bytes"), TIN_ERR_OVERFLOW;
    return TIN_OK;
}

int32_t tin_dwconv2d_s8_row_dsp_scratch_size(const void *params)
{
    const tin_window *w =
        &((const tin_dwconv2d_s8_dsp_params *)params)->conv.window;
    const int32_t columns =
        (TIN_DWCONV2D_ROW_DSP_TILE * tin_dwconv2d_row_dsp_tiles(w) - 1) *
            w->stride_w +
        3;
    const int32_t pairs = (columns + 1) / 2 + (w->stride_w == 1);
    const int32_t bytes = TIN_DWCONV2D_ROW_DSP_TABLES + 16 * (columns + pairs);

    if (w->in_c > INT32_MAX - 3 - bytes)
        return TIN_ERR_OVERFLOW;
    return bytes + (w->in_c + 3) / 4 * 4;
}

/* ---- Narrow images ------------------------------------------------------ */

int32_t tin_dwconv2d_s8_narrow_dsp_packed_size(const void *params)
{
    const tin_dwconv2d_s8_params *p = params;
    const tin_window *w = &p->window;

    if (!tin_dwconv2d_dsp_is_narrow(w) || p->act_min != -128 ||
        p->act_max != 127 || p->out_zero != -128)
        return TIN_ERR_UNSUPPORTED;
    if (w->out_c > INT32_MAX / (4 * TIN_DWCONV2D_DSP_3X3))
        return TIN_ERR_OVERFLOW;
    for (int32_t c = 0; c < w->out_c; c++) {
        channel ch;

        if (!make_channel(&ch, p, c) || !ch.fast)
            return TIN_ERR_UNSUPPORTED;
    }
    return 4 * TIN_DWCONV2D_DSP_3X3 * w->out_c;
}

void tin_dwconv2d_s8_narrow_dsp_pack(const void *params, int32_t *packed)
{
    tin_dwconv2d_s8_dsp_pack(params, packed);
}

tin_status tin_dwconv2d_s8_narrow_dsp_check(const void *params,
                                            const char **why)
{
    const tin_dwconv2d_s8_dsp_params *p = params;
    const tin_dwconv2d_s8_params *d = &p->conv;
    tin_status status;

    if ((status = check_layer(p, why)) != TIN_OK)
        return status;
    if (!tin_dwconv2d_dsp_is_narrow(&d->window))
        return TIN_WHY(why, "the image is not 3 to 5 columns wide, or the "
                            "kernel not 3x3 with padding"),
               TIN_ERR_UNSUPPORTED;
    if (d->act_min != -128 || d->act_max != 127 || d->out_zero != -128)
        return TIN_WHY(why, "the output is clamped, or out_zero not -128"),
               TIN_ERR_UNSUPPORTED;
    return TIN_OK;
}

int32_t tin_dwconv2d_s8_narrow_dsp_scratch_size(const void *params)
{
    return ((const tin_dwconv2d_s8_dsp_params *)params)->conv.window.in_c;
}
