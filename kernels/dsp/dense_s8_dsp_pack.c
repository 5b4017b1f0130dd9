/* SPDX-License-Identifier: MIT */
/*
 * tin_dense_s8_dsp_pack and what belongs to it: see tinyinfer_kernels.h.
 *
 * The stream: 1 if all channels have the same constants, else 0; a tin_requant
 * for all or for each; then for every eight channels their biases and, for each
 * four inputs, the pairs of channels 0 1, 2 3, 4 5 and 6 7 for inputs 0 2, then
 * for inputs 1 3. What is left beyond whole eights is made of fours. Channels
 * and inputs beyond the last have weights 0.
 */
#include "tinyinfer_kernels.h"

enum { MOST_LEFT = 8, REQUANT = sizeof(tin_requant) / 4 };

static tin_filters filters_of(const tin_dense_s8_params *p)
{
    const tin_filters f = {
        .weights = p->weights,
        .bias = p->bias,
        .multiplier = p->multiplier,
        .shift = p->shift,
        .channels = p->out_c,
        .taps = p->in_c,
        .channel_step = p->in_c,
        .tap_step = 1,
    };

    return f;
}

static int32_t weight(const tin_dense_s8_params *p, int32_t oc, int32_t ic)
{
    if (oc >= p->out_c || ic >= p->in_c)
        return 0;
    return p->weights[(size_t)oc * (size_t)p->in_c + (size_t)ic];
}

/* The bias of a channel with the zero point folded in, 0 beyond the last. */
static int64_t bias_of(const tin_dense_s8_params *p, int32_t oc)
{
    const tin_filters f = filters_of(p);
    int64_t lo, hi;

    return oc < p->out_c ? tin_filter_range(&f, oc, p->in_zero, &lo, &hi) : 0;
}

/* The constants of a channel, 0 if it has none. */
static int channel_of(const tin_dense_s8_params *p, int32_t oc, tin_requant *q)
{
    const tin_filters f = filters_of(p);
    int64_t lo, hi;

    tin_filter_range(&f, oc, p->in_zero, &lo, &hi);
    return lo >= INT32_MIN && hi <= INT32_MAX &&
           tin_requant_make(q, lo, hi, p->multiplier[oc], p->shift[oc],
                            p->out_zero, 0, MOST_LEFT);
}

/* 1, and the constants of all channels, if they are the same. */
static int layer_of(const tin_dense_s8_params *p, tin_requant *q)
{
    const tin_filters f = filters_of(p);
    int64_t least = 0, most = 0;

    for (int32_t oc = 0; oc < p->out_c; oc++) {
        int64_t lo, hi;

        if (p->multiplier[oc] != p->multiplier[0] ||
            p->shift[oc] != p->shift[0])
            return 0;
        tin_filter_range(&f, oc, p->in_zero, &lo, &hi);
        least = lo < least ? lo : least;
        most = hi > most ? hi : most;
    }
    return least >= INT32_MIN && most <= INT32_MAX &&
           tin_requant_make(q, least, most, p->multiplier[0], p->shift[0],
                            p->out_zero, 0, MOST_LEFT);
}

/* 1 if channels oc and oc + 1 can be a pair. */
static int pair_of(const tin_dense_s8_params *p, int32_t oc)
{
    const tin_filters f = filters_of(p);
    int64_t lo, hi;

    if (oc + 1 >= p->out_c)
        return 1;
    tin_filter_range(&f, oc + 1, p->in_zero, &lo, &hi);
    if (lo < -(1 << 23) || hi >= 1 << 23)
        return 0;
    for (int32_t ic = 0; ic < p->in_c; ic++)
        if (!tin_pair_ok(weight(p, oc, ic), weight(p, oc + 1, ic)))
            return 0;
    return 1;
}

int32_t tin_dense_s8_dsp_packed_size(const void *params)
{
    const tin_dense_s8_params *p = params;
    const int64_t fours = ((int64_t)p->out_c + 3) / 4;
    const int64_t words = fours * (4 + ((int64_t)p->in_c + 3) / 4 * 4);
    tin_requant q;
    const int alike = layer_of(p, &q);
    const int64_t size =
        4 * (1 + words + (alike ? 1 : p->out_c) * (int64_t)REQUANT);

    for (int32_t oc = 0; oc < p->out_c; oc++)
        if ((!alike && !channel_of(p, oc, &q)) ||
            (oc % 2 == 0 && !pair_of(p, oc)))
            return TIN_ERR_UNSUPPORTED;
    return size > INT32_MAX ? TIN_ERR_OVERFLOW : (int32_t)size;
}

static int32_t *put_requant(const tin_requant *q, int32_t *to)
{
    to[0] = q->multiplier;
    to[1] = q->offset;
    to[2] = q->sign;
    to[3] = q->left;
    to[4] = q->right;
    return to + REQUANT;
}

/* n channels, 4 or 8. */
static int32_t *put_channels(const tin_dense_s8_params *p, int32_t oc,
                             int32_t n, int32_t *to)
{
    for (int32_t i = 0; i < n; i += 2) {
        const int32_t low = (int32_t)bias_of(p, oc + i);
        const int32_t high = (int32_t)bias_of(p, oc + i + 1);

        *to++ = low;
        *to++ = (int32_t)((uint32_t)high * 256u + (uint32_t)low);
    }
    for (int32_t ic = 0; ic < p->in_c; ic += 4) {
        for (int32_t i = 0; i < n; i++) {
            const int32_t c = oc + 2 * i % n, k = ic + 2 * i / n;

            *to++ = tin_pair_word(weight(p, c, k), weight(p, c + 1, k),
                                  weight(p, c, k + 2), weight(p, c + 1, k + 2));
        }
    }
    return to;
}

void tin_dense_s8_dsp_pack(const void *params, int32_t *packed)
{
    const tin_dense_s8_params *p = params;
    tin_requant q;

    packed[0] = layer_of(p, &q);
    if (packed[0]) {
        packed = put_requant(&q, packed + 1);
    } else {
        packed++;
        for (int32_t oc = 0; oc < p->out_c; oc++) {
            (void)channel_of(p, oc, &q);
            packed = put_requant(&q, packed);
        }
    }
    for (int32_t oc = 0, n; oc < p->out_c; oc += n) {
        n = p->out_c - oc < 8 ? 4 : 8;
        packed = put_channels(p, oc, n, packed);
    }
}

/* Without the weights, which need not be there. */
tin_status tin_dense_s8_dsp_check(const void *params, const char **why)
{
    const tin_dense_s8_dsp_params *p = params;
    const tin_dense_s8_params *d = &p->dense;
    tin_status status;

    if (d->in_c < 1 || d->out_c < 1)
        return TIN_WHY(why, "a count of channels is not positive"),
               TIN_ERR_SHAPE;
    if ((status = tin_zero_check(d->in_zero, why)) != TIN_OK ||
        (status = tin_zero_check(d->out_zero, why)) != TIN_OK ||
        (status = tin_act_check(d->act_min, d->act_max, why)) != TIN_OK)
        return status;
    if (d->in_c > INT32_MAX / 2 - 8)
        return TIN_WHY(why, "scratch exceeds 2^31 - 1 bytes"), TIN_ERR_OVERFLOW;
    if (!p->packed)
        return TIN_WHY(why, "packed is NULL"), TIN_ERR_ARG;
    return TIN_OK;
}

int32_t tin_dense_s8_dsp_scratch_size(const void *params)
{
    const tin_dense_s8_dsp_params *p = params;

    return (p->dense.in_c + 3) / 4 * 8;
}
