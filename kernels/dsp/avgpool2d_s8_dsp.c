/* SPDX-License-Identifier: MIT */
/* tin_avgpool2d_s8_dsp: see tinyinfer_pool.h. The sums of eight channels,
 * or of four, stay in registers as halfwords from the first tap of a window to
 * the last. */
#include "tinyinfer_pool.h"

#if TIN_HAVE_DSP

enum { MOST = 256 }; /* taps of -128 .. 127 whose sum is a halfword */

/*
 * An average is ((sum * factor >> 16) + half) >> 14, that is
 * floor((sum * factor + half * 2^16) / 2^30), factor = 2^30 / taps + 1, rounded
 * down: 2^30 < factor * taps <= 2^30 + taps. With half = 2^13 this is
 * floor(sum / taps + 1/2 + error), and the error has the sign of the sum and
 * is not 0: halves go away from zero. With 1 more in `half` they go up. Either
 * way, with at most 2^-15 for |sum| <= 2^15 and 2^-14 for the 1, nothing else
 * is moved over an integer, which is 1 / (2 * taps) >= 2^-9 away.
 */
typedef struct {
    int32_t factor, half;
} divisor;

/* The halves of `sums` plus bytes 0 and 2 of a word; plus bytes 1 and 3. */
static inline int32_t add_even(int32_t sums, uint32_t bytes)
{
    __asm__("sxtab16 %0, %0, %1" : "+r"(sums) : "r"(bytes));
    return sums;
}

static inline int32_t add_odd(int32_t sums, uint32_t bytes)
{
    __asm__("sxtab16 %0, %0, %1, ror #8" : "+r"(sums) : "r"(bytes));
    return sums;
}

/* The average of the lower half of `sums`; of the upper one. */
static inline int8_t lower(const divisor *d, int32_t sums)
{
    int32_t y;

    __asm__("smlawb %0, %1, %2, %3"
            : "=r"(y)
            : "r"(d->factor), "r"(sums), "r"(d->half));
    return (int8_t)(y >> 14);
}

static inline int8_t upper(const divisor *d, int32_t sums)
{
    int32_t y;

    __asm__("smlawt %0, %1, %2, %3"
            : "=r"(y)
            : "r"(d->factor), "r"(sums), "r"(d->half));
    return (int8_t)(y >> 14);
}

static inline void put_4(const divisor *d, int32_t even, int32_t odd,
                         int8_t *dst)
{
    dst[0] = lower(d, even);
    dst[1] = lower(d, odd);
    dst[2] = upper(d, even);
    dst[3] = upper(d, odd);
}

/* Eight channels of a window from x on. The empty assembly keeps the loads
 * together, one that follows another takes a cycle less, and keeps compilers
 * from having x twice. */
static inline void pool_8(const tin_taps *t, const divisor *d, const int8_t *x,
                          int8_t *dst)
{
    const int32_t c = t->c, cols = t->cols;
    int32_t even0 = 0, odd0 = 0, even1 = 0, odd1 = 0;
    int32_t ky = t->upper, below = t->lower;

    for (; ky > 0; ky = below, below = 0, x += t->wrap) {
        do {
            int32_t kx = cols;

            do {
                uint32_t x0 = tin_load_word(x), x1 = tin_load_word(x + 4);

                __asm__("" : "+r"(x0), "+r"(x1), "+r"(x));
                even0 = add_even(even0, x0);
                odd0 = add_odd(odd0, x0);
                even1 = add_even(even1, x1);
                odd1 = add_odd(odd1, x1);
                x += c;
            } while (--kx);
            x += t->skip;
        } while (--ky);
    }
    put_4(d, even0, odd0, dst);
    put_4(d, even1, odd1, dst + 4);
}

static inline void pool_4(const tin_taps *t, const divisor *d, const int8_t *x,
                          int8_t *dst)
{
    const int32_t c = t->c, cols = t->cols;
    int32_t even = 0, odd = 0, ky = t->upper, below = t->lower;

    for (; ky > 0; ky = below, below = 0, x += t->wrap) {
        do {
            int32_t kx = cols;

            do {
                uint32_t x0 = tin_load_word(x);

                __asm__("" : "+r"(x0), "+r"(x));
                even = add_even(even, x0);
                odd = add_odd(odd, x0);
                x += c;
            } while (--kx);
            x += t->skip;
        } while (--ky);
    }
    put_4(d, even, odd, dst);
}

static inline int32_t sum_of(const tin_taps *t, const int8_t *x)
{
    int32_t sum = 0, ky = t->upper, below = t->lower;

    for (; ky > 0; ky = below, below = 0, x += t->wrap) {
        do {
            for (int32_t kx = t->cols; kx > 0; kx--, x += t->c)
                sum += *x; // |sum| <= 2^23 * 128
            x += t->skip;
        } while (--ky);
    }
    return sum;
}

/* All channels of the windows of t, of at most MOST taps. The last four may
 * overlap those before, which are then made twice. */
TIN_NOINLINE static void pool_words(const tin_taps *t, const divisor *divide,
                                    int8_t *dst)
{
    const int8_t *x = t->first;
    const int32_t c = t->c;
    const divisor d = *divide;

    for (int32_t n = t->points; n > 0; n--, x += t->stride, dst += c) {
        int32_t i = 0;

        for (; i + 8 <= c; i += 8)
            pool_8(t, &d, x + i, dst + i);
        for (; i < c; i += 4) {
            const int32_t at = i + 4 <= c ? i : c - 4;

            pool_4(t, &d, x + at, dst + at);
        }
    }
}

/* Any number of channels and taps. */
TIN_NOINLINE static void pool_bytes(const tin_taps *t, int32_t taps,
                                    int32_t origin, int8_t *dst)
{
    const int8_t *x = t->first;

    for (int32_t n = t->points; n > 0; n--, x += t->stride, dst += t->c) {
        for (int32_t i = 0; i < t->c; i++)
            dst[i] = (int8_t)tin_average_s8(sum_of(t, x + i), taps, origin);
    }
}

static void pool_row(const tin_pool2d_s8_params *p, const tin_rows *in,
                     int32_t y, int8_t *dst)
{
    const tin_window *w = &p->window;
    divisor d = {0, (1 << 13) + (p->origin ? 1 : 0)};
    tin_patch v;
    tin_taps t;

    tin_patch_rows(&v, w, in->rows, y);
    tin_taps_rows(&t, w, in, &v);
    for (int32_t ox = 0; ox < w->out_w; ox += t.points) {
        int32_t taps;

        tin_patch_cols(&v, w, ox);
        tin_taps_cols(&t, w, in, &v, ox);
        taps = (v.ky1 - v.ky0) * t.cols;
        d.factor = ((int32_t)1 << 30) / taps + 1;
        if (taps <= MOST && t.c >= 4)
            pool_words(&t, &d, dst + ox * t.c);
        else
            pool_bytes(&t, taps, p->origin, dst + ox * t.c);
    }
}

void tin_avgpool2d_s8_dsp(const void *params, const tin_rows *in,
                          const tin_rows *out, int32_t y0, int32_t y1,
                          void *scratch)
{
    const tin_pool2d_s8_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        int8_t *dst = tin_row(out, y);

        pool_row(p, in, y, dst);
        if (p->act_min > -128 || p->act_max < 127)
            tin_clamp_dsp(dst, p->window.out_w * p->window.in_c, p->act_min,
                          p->act_max);
    }
}

#endif /* TIN_HAVE_DSP */
