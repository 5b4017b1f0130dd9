/* SPDX-License-Identifier: MIT */
/*
 * tin_add_s8_dsp_pack and what belongs to it: see tinyinfer_kernels.h.
 *
 * With S the sum of the rescaled inputs, the output is floor of S * multiplier
 * * 2^(shift - 31) + 1/2 + out_zero, but for ties of negative S. The parts of
 * both inputs are rounded to units of 2^-TIN_ADD_DSP_RIGHT, so that their sum
 * is off by up to one: whether that ever shows is found out for all 65536
 * pairs, with a few values of what is added to all sums.
 */
#include "tinyinfer_kernels.h"

enum { RIGHT = TIN_ADD_DSP_RIGHT, TRIES = 8 };

static int32_t rescale(const tin_add_s8_params *p, int32_t byte, int second)
{
    const int32_t zero = second ? p->b_zero : p->a_zero;
    const int32_t x = (byte - zero) * ((int32_t)1 << p->left_shift);

    return second ? tin_requantize(x, p->b_multiplier, p->b_shift)
                  : tin_requantize(x, p->a_multiplier, p->a_shift);
}

/* What a rescaled input adds to the output, in units of 2^-RIGHT; more than
 * 2^29 is limited to that and fits no pair. */
static int32_t part_of(const tin_add_s8_params *p, int32_t rescaled)
{
    const int32_t bits = 31 - p->out_shift - RIGHT;
    const int64_t product = (int64_t)rescaled * p->out_multiplier;
    const int64_t limit = (int64_t)1 << 29;
    int64_t part;

    if (bits < 1) // |product| < 2^61, bits >= 11
        return (int32_t)limit;
    part = (product + ((int64_t)1 << (bits - 1))) >> bits;
    return (int32_t)(part > limit ? limit : part < -limit ? -limit : part);
}

/* Bytes are in the order of uint8_t. */
static int32_t byte_of(int32_t i)
{
    return i < 128 ? i : i - 256;
}

static int32_t part_at(const tin_add_s8_params *p, int32_t i, int second,
                       int32_t more)
{
    const int32_t part = part_of(p, rescale(p, byte_of(i), second));

    // rounding and the zero point belong to the first input
    return second ? part
                  : part + ((int32_t)1 << (RIGHT - 1)) +
                        p->out_zero * ((int32_t)1 << RIGHT) + more;
}

/* 1 if the parts of a byte of the first input fit those of all of the other. */
static int row_fits(const tin_add_s8_params *p, int32_t a, int32_t more)
{
    const int32_t part = part_at(p, a, 0, more);
    const int32_t rescaled = rescale(p, byte_of(a), 0);

    for (int32_t b = 0; b < 256; b++) {
        const int32_t sum = rescaled + rescale(p, byte_of(b), 1);
        const int32_t y =
            tin_requantize(sum, p->out_multiplier, p->out_shift) + p->out_zero;
        const int32_t got = (part + part_at(p, b, 1, 0)) >> RIGHT;

        if (tin_clamp(got, -128, 127) != tin_clamp(y, -128, 127))
            return 0;
    }
    return 1;
}

/* 1, and what to add to all sums, if tables of parts give every output. */
static int parts_fit(const tin_add_s8_params *p, int32_t *more)
{
    if (p->act_min != -128 || p->act_max != 127)
        return 0;
    for (int32_t i = 0; i < TRIES; i++) {
        int32_t a = 0;

        *more = i % 2 ? -(i + 1) / 2 : i / 2; // 0, -1, 1, -2, 2 ..
        while (a < 256 && row_fits(p, a, *more))
            a++;
        if (a == 256)
            return 1;
    }
    return 0;
}

static int is_contiguous(const tin_broadcast *s, const int32_t *stride)
{
    return (s->dim[4] == 1 || stride[4] == 1) &&
           (s->dim[3] == 1 || stride[3] == s->dim[4]);
}

int32_t tin_add_s8_dsp_packed_size(const void *params)
{
    const tin_add_s8_params *p = params;

    if (!is_contiguous(&p->shape, p->shape.stride_a) ||
        !is_contiguous(&p->shape, p->shape.stride_b))
        return TIN_ERR_UNSUPPORTED;
    return 4 * (1 + 2 * 256);
}

void tin_add_s8_dsp_pack(const void *params, int32_t *packed)
{
    const tin_add_s8_params *p = params;
    int32_t more = 0;

    packed[0] = parts_fit(p, &more);
    for (int32_t i = 0; i < 512; i++) {
        const int second = i >= 256;

        packed[1 + i] = packed[0] ? part_at(p, i % 256, second, more)
                                  : rescale(p, byte_of(i % 256), second);
    }
}

tin_status tin_add_s8_dsp_check(const void *params, const char **why)
{
    const tin_add_s8_dsp_params *p = params;

    if (!tin_broadcast_ok(&p->add.shape, 1))
        return TIN_WHY(why, "extents or strides out of range"), TIN_ERR_SHAPE;
    if (tin_add_s8_dsp_packed_size(&p->add) < 0)
        return TIN_WHY(why, "an input is not contiguous"), TIN_ERR_UNSUPPORTED;
    if (!p->packed)
        return TIN_WHY(why, "packed is NULL"), TIN_ERR_ARG;
    return tin_act_check(p->add.act_min, p->add.act_max, why);
}

int32_t tin_add_s8_dsp_scratch_size(const void *params)
{
    (void)params;
    return 0;
}
