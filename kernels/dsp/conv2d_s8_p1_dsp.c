/* SPDX-License-Identifier: MIT */
/*
 * tin_conv2d_s8_p1_dsp: see tinyinfer_kernels.h. The window of a point is put
 * together, widened, and multiplied with two channels' weights at a time.
 */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_DSP

# include <string.h>

/* Halfwords of n inputs, in the order of the packed weights: inputs 0 and 2, 1
 * and 3 of each four; of the last two 0 and 1. */
static void widen(const int8_t *src, int32_t n, int32_t *x)
{
    const int32_t left = n % 4;

    for (; n >= 4; n -= 4, src += 4) {
        const uint32_t word = tin_load_word(src);

        *x++ = tin_sxtb16(word);
        *x++ = tin_sxtb16_odd(word);
    }
    if (left == 3) {
        *x++ = tin_pair_word(src[0], 0, src[2], 0);
        *x++ = tin_pair_word(src[1], 0, 0, 0);
    } else if (left > 0) {
        *x++ = tin_pair_word(src[0], 0, left > 1 ? src[1] : 0, 0);
    }
}

/* Two steps of a point's channels: the words of weights and inputs stand
 * together, as only the first of loads takes two cycles. */
# define TWO_PAIRS                                                             \
  "ldr %[a], [%[w]], #4\n\t"                                                   \
  "ldr %[b], [%[w]], #4\n\t"                                                   \
  "ldr %[c], [%[x]]\n\t"                                                       \
  "ldr %[d], [%[x], #4]\n\t"                                                   \
  "add %[x], %[x], #8\n\t"                                                     \
  "smlad %[s1], %[a], %[c], %[s1]\n\t"                                         \
  "sxtb16 %[a], %[a]\n\t"                                                      \
  "smlad %[s0], %[a], %[c], %[s0]\n\t"                                         \
  "smlad %[s1], %[b], %[d], %[s1]\n\t"                                         \
  "sxtb16 %[b], %[b]\n\t"                                                      \
  "smlad %[s0], %[b], %[d], %[s0]\n\t"
# define TWO_WIDE                                                              \
  "ldr %[a], [%[w]], #4\n\t"                                                   \
  "ldr %[b], [%[w]], #4\n\t"                                                   \
  "ldr %[c], [%[x]]\n\t"                                                       \
  "ldr %[d], [%[x], #4]\n\t"                                                   \
  "ldr %[e], [%[w]], #4\n\t"                                                   \
  "ldr %[f], [%[w]], #4\n\t"                                                   \
  "add %[x], %[x], #8\n\t"                                                     \
  "smlad %[s0], %[a], %[c], %[s0]\n\t"                                         \
  "smlad %[s1], %[b], %[c], %[s1]\n\t"                                         \
  "smlad %[s0], %[e], %[d], %[s0]\n\t"                                         \
  "smlad %[s1], %[f], %[d], %[s1]\n\t"
# define POINT(code)                                                           \
  __asm__(                                                                     \
      code                                                                     \
      : [s0] "+r"(s0), [s1] "+r"(s1), [w] "+r"(w), [x] "+r"(x), [a] "=&r"(a),  \
        [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [e] "=&r"(e), [f] "=&r"(f)   \
      :                                                                        \
      : "memory")

/* Adds `steps` words of weights, or twice as many if they are wide, times as
 * many words of inputs, to the sums of two channels; of
 * pairs the second one's is left times 256. Returns the end of the weights. */
static const int32_t *sum_two(const int32_t *w, int32_t wide, const int32_t *x,
                              int32_t steps, int32_t s[2])
{
    int32_t s0 = s[0], s1 = s[1], a, b, c, d, e, f;

    for (; steps % 4; steps--, x++) {
        const int32_t word = *w++;

        s0 = tin_smlad(wide ? word : tin_sxtb16((uint32_t)word), *x, s0);
        s1 = tin_smlad(wide ? *w++ : word, *x, s1);
    }
    for (; wide && steps > 0; steps -= 4)
        POINT(TWO_WIDE TWO_WIDE);
    for (; steps > 0; steps -= 4)
        POINT(TWO_PAIRS TWO_PAIRS);
    s[0] = s0;
    s[1] = wide ? s1 : s1 - s0;
    return w;
}

/* All channels of one point: x is its window, as tin_conv2d_s8_dsp_room says,
 * w the constants behind packed[0]. */
static void make_point(const int32_t *w, const int32_t *x, int32_t steps,
                       int32_t channels, int8_t *dst)
{
    const int32_t wide = w[-1] & 1, any = w[-1] & 2;

    for (int32_t oc = 0; oc < channels; oc += 2) {
        int32_t s[2] = {w[0], w[1]};

        w = sum_two(w + 2, wide, x, steps, s);
        for (int32_t i = 0; i < 2; i++) {
            const int32_t multiplier = *w++, offset = *w++;
            int32_t sum = s[i], right = TIN_CONV2D_DSP_RIGHT, sign = 0;

            if (any) {
                sum = i && !wide ? sum >> 8 : sum;
                sum = tin_shift_left(sum, *w & 0xffff);
                right = *w++ >> 16;
                sign = *w++;
            } else if (!wide) {
                sum = i ? sum >> *w : tin_shift_left(sum, *w);
                w++;
            }
            if (oc + i < channels)
                dst[oc + i] = (int8_t)tin_requant_dsp(sum, multiplier, offset,
                                                      sign, right);
        }
    }
}

/* The inputs of a window: in the image, if they lie together there, or put
 * together with zero points in place of those beside it. */
static const int8_t *find_window(const tin_conv2d_s8_params *p,
                                 const tin_patch *v, const tin_rows *in,
                                 int8_t *copy)
{
    const tin_window *w = &p->window;
    const int32_t in_c = w->in_c, run = w->kernel_w * in_c;
    const size_t step = (size_t)w->dilation_w * (size_t)in_c;
    int32_t row = v->row;

    if (w->kernel_h * run == in_c && v->ky0 < v->ky1 && v->kx0 < v->kx1)
        return (int8_t *)tin_row(in, row) + v->col * in_c;
    memset(copy, p->in_zero, (size_t)(w->kernel_h * run));
    for (int32_t ky = v->ky0; ky < v->ky1; ky++) {
        const int8_t *from = (int8_t *)tin_row(in, row) + v->col * in_c;

        for (int32_t kx = v->kx0; kx < v->kx1; kx++, from += step)
            memcpy(copy + ky * run + kx * in_c, from, (size_t)in_c);
        row = tin_ring_next(row, w->dilation_h, in->rows);
    }
    return copy;
}

void tin_conv2d_s8_p1_dsp(const void *params, const tin_rows *in,
                          const tin_rows *out, int32_t y0, int32_t y1,
                          void *scratch)
{
    const tin_conv2d_s8_dsp_params *d = params;
    const tin_conv2d_s8_params *p = &d->conv;
    const tin_window *w = &p->window;
    const int32_t taps = w->kernel_h * w->kernel_w * w->in_c;
    const int32_t steps = tin_conv2d_s8_dsp_plan(w).steps;
    int32_t *x = scratch;

    for (int32_t y = y0; y < y1; y++) {
        int8_t *row = tin_row(out, y), *dst = row;
        tin_patch v;

        tin_patch_rows(&v, w, in->rows, y);
        for (int32_t ox = 0; ox < w->out_w; ox++, dst += w->out_c) {
            tin_patch_cols(&v, w, ox);
            widen(find_window(p, &v, in, (int8_t *)(x + steps)), taps, x);
            make_point(d->packed + 1, x, steps, w->out_c, dst);
        }
        if (p->act_min > -128 || p->act_max < 127)
            tin_clamp_dsp(row, w->out_w * w->out_c, p->act_min, p->act_max);
    }
}

#endif /* TIN_HAVE_DSP */
