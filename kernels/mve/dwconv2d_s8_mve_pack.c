/* SPDX-License-Identifier: MIT */
/* The host's part of tin_dwconv2d_s8_mve: see tinyinfer_kernels.h. */
#include "tinyinfer_kernels.h"

/* How channels lie in scratch and filters in the stream; the kernel has the
 * same lines. */
typedef struct {
    int32_t taps;    /* of a filter */
    int32_t columns; /* of the strip */
    int32_t height;  /* input rows in a column of it */
    int32_t step;    /* bytes from an output to its neighbour */
    int32_t start;   /* of channels in the stream, in words */
    int32_t channel; /* words of a channel in the stream */
} layout;

static layout lay_out(const tin_window *w)
{
    const int overlap = w->dilation_w == 1 && w->kernel_w >= w->stride_w;
    const int blocks =
        overlap && w->dilation_h == 1 &&
        (int64_t)w->kernel_w * ((int64_t)w->kernel_h + w->stride_h) <= 16;
    layout l;

    l.taps = w->kernel_h * w->kernel_w;
    l.height = w->kernel_h + (blocks ? w->stride_h : 0);
    l.columns = overlap ? (w->out_w - 1) * w->stride_w + w->kernel_w
                        : tin_size_mul(w->out_w, w->kernel_w);
    l.step = tin_size_mul(overlap ? w->stride_w : w->kernel_w, l.height);
    l.start = 1 + (blocks ? 16 : 0);
    l.channel = 3 + (blocks ? l.taps / 4 + 1 : 4 * tin_vectors_mve(l.taps));
    return l;
}

/* The last four outputs may reach three steps beyond the strip, and the last
 * vector 15 bytes beyond that. */
int32_t tin_dwconv2d_s8_mve_scratch_size(const void *params)
{
    const tin_dwconv2d_s8_mve_params *p = params;
    const tin_window *w = &p->conv.window;
    const layout l = lay_out(w);
    const int32_t channels = (w->out_c < 16 ? w->out_c : 16);

    return (channels * l.columns * l.height + 3 * l.step + 16 + 3) / 4 * 4;
}

/* The stream's bytes, -1 where it is too long or a channel of the strip is:
 * the offsets of 16 have 16 bits. */
static int32_t stream_bytes(const tin_window *w)
{
    const layout l = lay_out(w);
    const int32_t plane = tin_size_mul(l.columns, l.height);
    const int64_t bytes = 4 * (l.start + (int64_t)l.channel * w->out_c);

    if (plane < 0 || plane > 65535 / 15 || l.step < 0 || l.step > 65535 ||
        bytes > INT32_MAX)
        return -1;
    return (int32_t)bytes;
}

int32_t tin_dwconv2d_s8_mve_packed_size(const void *params)
{
    const tin_dwconv2d_s8_params *p = params;
    const tin_window *w = &p->window;
    const int32_t bytes = stream_bytes(w);

    if (w->out_c != w->in_c || bytes < 0 ||
        !tin_shifts_ok_mve(p->shift, w->out_c))
        return TIN_ERR_UNSUPPORTED;
    return bytes;
}

tin_status tin_dwconv2d_s8_mve_check(const void *params, const char **why)
{
    const tin_dwconv2d_s8_mve_params *p = params;
    const tin_dwconv2d_s8_params *q = &p->conv;
    tin_status status;

    if ((status = tin_window_check(&q->window, why)) != TIN_OK ||
        (status = tin_zero_check(q->in_zero, why)) != TIN_OK ||
        (status = tin_zero_check(q->out_zero, why)) != TIN_OK ||
        (status = tin_act_check(q->act_min, q->act_max, why)) != TIN_OK)
        return status;
    if (q->window.out_c != q->window.in_c)
        return TIN_WHY(why, "out_c is not in_c"), TIN_ERR_UNSUPPORTED;
    if (stream_bytes(&q->window) < 0)
        return TIN_WHY(why, "the window is too large"), TIN_ERR_OVERFLOW;
    if (!p->packed)
        return TIN_WHY(why, "packed is NULL"), TIN_ERR_ARG;
    return TIN_OK;
}

/* Byte t of a vector meets tap (t / height - dx, t % height - dy) of the output
 * that lies (dx, dy) from the block's first; where there is none, the zero
 * behind the taps. */
static void pack_taps(const tin_window *w, int32_t height, int32_t *to)
{
    for (int32_t i = 0; i < 64; i++) {
        const int32_t dx = i / 16 % 2 * w->stride_w;
        const int32_t dy = i / 32 * w->stride_h;
        const int32_t kx = i % 16 / height - dx, ky = i % 16 % height - dy;
        const int is_tap =
            0 <= kx && kx < w->kernel_w && 0 <= ky && ky < w->kernel_h;
        const int32_t tap =
            is_tap ? kx * w->kernel_h + ky : w->kernel_h * w->kernel_w;

        tin_stream_put(to, (size_t)i, (int8_t)tap);
    }
}

void tin_dwconv2d_s8_mve_pack(const void *params, int32_t *packed)
{
    const tin_dwconv2d_s8_params *p = params;
    const tin_window *w = &p->window;
    const layout l = lay_out(w);
    const int32_t words = tin_dwconv2d_s8_mve_packed_size(params) / 4;
    const tin_filters f = {
        .weights = p->weights,
        .bias = p->bias,
        .multiplier = p->multiplier,
        .shift = p->shift,
        .channels = w->out_c,
        .taps = l.taps,
        .channel_step = 1,
        .tap_step = w->out_c,
    };

    for (int32_t i = 0; i < words; i++)
        packed[i] = 0;
    if (l.start > 1)
        pack_taps(w, l.height, packed + 1);
    for (int32_t oc = 0; oc < w->out_c; oc++) {
        int32_t *to = packed + l.start + oc * l.channel;

        tin_channel_mve(&f, p->in_zero, oc, to, 1);
        packed[0] |= to[2] < -23;
        for (int32_t i = 0; i < l.taps; i++) {
            const int32_t ky = i / w->kernel_w, kx = i % w->kernel_w;

            tin_stream_put(to + 3, (size_t)(kx * w->kernel_h + ky),
                           p->weights[i * w->out_c + oc]);
        }
    }
}
