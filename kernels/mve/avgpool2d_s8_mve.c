/* SPDX-License-Identifier: MIT */
/* tin_avgpool2d_s8_mve: see tinyinfer_pool.h, and tinyinfer_pool.h for runs
 * and lines. Sums of up to 128 taps stay in lanes of 16 bits, and a product
 * divides them. */
#include "tinyinfer_pool.h"

#if TIN_HAVE_MVE

# include <arm_mve.h>

enum { MOST_TAPS = 128 };

/* How the lanes of a tap lie in memory; PAIR: side by side, two vectors. */
enum { PAIR, FEWER, APART };

/* What a loop over lines keeps in registers. */
typedef struct {
    tin_pool_run run;
    int16_t bias, away, shift;
    uint16x8_t factor;
    int16x8_t act_min, act_max;
} line;

/*
 * With n = sum + 128 * taps + taps / 2 >= 0 the average, halves up, is
 * floor(n / taps) - 128; away from zero, n is one less where the sum is
 * negative and half of an even number of taps is added.
 *
 * floor(n / taps) = floor((n + 1) * f / 2^k) with k = 16 + floor(log2(taps))
 * and f = floor((2^k - 1) / taps) < 2^16: with f * taps = 2^k - e, 1 <= e <=
 * taps, this is the floor of (n + 1) / taps * (1 - e / 2^k), which is below the
 * next integer, and not below n / taps while (n + 1) * e <= 2^k. As n + 1 <=
 * 256 * taps and taps < 2^(k - 15), up to 128 taps it is not.
 */
static inline line make_line(const tin_pool2d_s8_params *p,
                             const tin_pool_run *r)
{
    const int32_t taps = r->rows * r->cols;
    const int32_t log2 = 31 - __builtin_clz((uint32_t)taps);
    line l;

    l.run = *r;
    l.bias = (int16_t)(128 * taps + taps / 2 + 1);
    l.away = p->origin == 0 && taps % 2 == 0;
    l.shift = (int16_t)-log2;
    l.factor = vdupq_n_u16((uint16_t)(((65536u << log2) - 1) / (uint32_t)taps));
    l.act_min = vdupq_n_s16((int16_t)p->act_min);
    l.act_max = vdupq_n_s16((int16_t)p->act_max);
    return l;
}

/* The outputs for eight sums of at most 2^14. */
static inline int16x8_t finish(const line *l, int16x8_t sum)
{
    const int16x8_t negative = vshrq_n_s16(sum, 15); // 0 or -1
    uint16x8_t n;

    sum = vmlaq_n_s16(vaddq_n_s16(sum, l->bias), negative, l->away);
    n = vmulhq_u16(vreinterpretq_u16_s16(sum), l->factor);
    n = vshlq_r_u16(n, l->shift);
    sum = vsubq_n_s16(vreinterpretq_s16_u16(n), 128);
    return vminq_s16(vmaxq_s16(sum, l->act_min), l->act_max);
}

/* The sums of the outputs whose first taps lie from x on; `how` is a constant.
 * Without PAIR there is one vector. */
static inline __attribute__((always_inline)) int16x8x2_t sums(
    const line *l, const int8_t *x, uint16x8_t offsets, mve_pred16_t mask,
    int how)
{
    int32_t unbroken = l->run.unbroken, ky = l->run.rows;
    int16x8x2_t s;

    s.val[0] = s.val[1] = vdupq_n_s16(0);
    do {
        const int8_t *tap = x;
        int32_t kx = l->run.cols;

        do {
            int16x8_t v;

            if (how == PAIR)
                v = vldrbq_s16(tap);
            else if (how == FEWER)
                v = vldrbq_z_s16(tap, mask);
            else
                v = vldrbq_gather_offset_z_s16(tap, offsets, mask);
            s.val[0] = vaddq_s16(s.val[0], v);
            if (how == PAIR)
                s.val[1] = vaddq_s16(s.val[1], vldrbq_s16(tap + 8));
            tap += l->run.step;
        } while (--kx);
        x += --unbroken ? l->run.down : l->run.up;
    } while (--ky);
    return s;
}

/* Lines of 16 lanes and more; their last two vectors may begin in those before
 * them. */
TIN_NOINLINE static void wide_lines(const tin_pool2d_s8_params *p,
                                    const tin_pool_run *r, const int8_t *x,
                                    int32_t n, int8_t *dst)
{
    const line l = make_line(p, r);
    const int32_t lanes = l.run.lanes, last = lanes - 16;

    for (; n > 0; n--) {
        for (int32_t i = 0; i < lanes; i += 16) {
            const int32_t at = i < last ? i : last;
            const int16x8x2_t s = sums(&l, x + at, vdupq_n_u16(0), 0, PAIR);

            vstrbq_s16(dst + at, finish(&l, s.val[0]));
            vstrbq_s16(dst + at + 8, finish(&l, s.val[1]));
        }
        x += l.run.next;
        dst += lanes;
    }
}

/* Lines of up to 16 lanes; `how` is a constant. */
static inline __attribute__((always_inline)) void short_lines(
    const tin_pool2d_s8_params *p, const tin_pool_run *r, const int8_t *x,
    int32_t n, int8_t *dst, int how)
{
    const line l = make_line(p, r);

    for (; n > 0; n--) {
        for (int32_t i = 0; i < l.run.lanes; i += 8) {
            const mve_pred16_t mask = vctp16q((uint32_t)(l.run.lanes - i));
            const uint16x8_t offsets = vldrbq_u16(r->offset + i);
            const int8_t *from = how == APART ? x : x + i;
            const int16x8x2_t s = sums(&l, from, offsets, mask, how);

            vstrbq_p_s16(dst + i, finish(&l, s.val[0]), mask);
        }
        x += l.run.next;
        dst += l.run.lanes;
    }
}

TIN_NOINLINE static void lines_of_fewer(const tin_pool2d_s8_params *p,
                                        const tin_pool_run *r, const int8_t *x,
                                        int32_t n, int8_t *dst)
{
    short_lines(p, r, x, n, dst, FEWER);
}

TIN_NOINLINE static void lines_apart(const tin_pool2d_s8_params *p,
                                     const tin_pool_run *r, const int8_t *x,
                                     int32_t n, int8_t *dst)
{
    short_lines(p, r, x, n, dst, APART);
}

/* ---- Large windows ------------------------------------------------------ */

/* Four sums; |sum| <= 2^23 * 128. */
static int32x4_t large_sums(const tin_pool_run *r, const int8_t *x,
                            uint32x4_t offsets, mve_pred16_t mask)
{
    int32_t unbroken = r->unbroken;
    int32x4_t s = vdupq_n_s32(0);

    for (int32_t ky = r->rows; ky > 0; ky--) {
        const int8_t *tap = x;

        for (int32_t kx = r->cols; kx > 0; kx--) {
            s = vaddq_s32(s, vldrbq_gather_offset_z_s32(tap, offsets, mask));
            tap += r->step;
        }
        x += --unbroken ? r->down : r->up;
    }
    return s;
}

/* Lines of any number of lanes. With so many taps a division is no matter. */
TIN_NOINLINE static void large_lines(const tin_pool2d_s8_params *p,
                                     const tin_pool_run *r, const int8_t *x,
                                     int32_t n, int8_t *dst)
{
    const int32_t taps = r->rows * r->cols;
    int32_t sum[4];

    for (; n > 0; n--) {
        for (int32_t i = 0; i < r->lanes; i++) {
            const mve_pred16_t mask = vctp32q((uint32_t)(r->lanes - i));
            int32_t y;

            if (i % 4 == 0 && r->apart)
                vstrwq_s32(sum,
                           large_sums(r, x, vldrbq_u32(r->offset + i), mask));
            else if (i % 4 == 0)
                vstrwq_s32(sum, large_sums(r, x + i, vidupq_n_u32(0, 1), mask));
            y = tin_average_s8(sum[i % 4], taps, p->origin);
            dst[i] = (int8_t)tin_clamp(y, p->act_min, p->act_max);
        }
        x += r->next;
        dst += r->lanes;
    }
}

static void pool_lines(const tin_pool2d_s8_params *p, const tin_pool_run *r,
                       const int8_t *x, int32_t n, int8_t *dst)
{
    if (r->rows * r->cols > MOST_TAPS)
        large_lines(p, r, x, n, dst);
    else if (r->apart)
        lines_apart(p, r, x, n, dst);
    else if (r->lanes < 16)
        lines_of_fewer(p, r, x, n, dst);
    else
        wide_lines(p, r, x, n, dst);
}

void tin_avgpool2d_s8_mve(const void *params, const tin_rows *in,
                          const tin_rows *out, int32_t y0, int32_t y1,
                          void *scratch)
{
    (void)scratch;
    tin_pool_rows(params, in, out, y0, y1, pool_lines);
}

#endif /* TIN_HAVE_MVE */
