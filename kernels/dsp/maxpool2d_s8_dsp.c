/* SPDX-License-Identifier: MIT */
/* tin_maxpool2d_s8_dsp: see tinyinfer_pool.h. The maxima of 16 channels, or
 * of four, stay in registers from the first tap of a window to the last. */
#include "tinyinfer_pool.h"

#if TIN_HAVE_DSP

# define LEAST 0x80808080u /* four times -128 */

/* Of four pairs of bytes the greater ones: SSUB8 tells which, SEL picks. */
static inline uint32_t max_of(uint32_t a, uint32_t b)
{
    uint32_t rest;

    __asm__("ssub8 %1, %0, %2\n\tsel %0, %0, %2"
            : "+&r"(a), "=&r"(rest)
            : "r"(b)
            : "cc");
    return a;
}

/* 16 channels of a window from x on. The empty assembly keeps the loads
 * together, one that follows another takes a cycle less, and keeps compilers
 * from having x twice. */
static inline void pool_16(const tin_taps *t, const int8_t *x, int8_t *dst)
{
    const int32_t c = t->c, cols = t->cols;
    const ptrdiff_t skip = t->skip;
    uint32_t m0 = LEAST, m1 = LEAST, m2 = LEAST, m3 = LEAST;
    int32_t ky = t->upper, lower = t->lower;

    for (; ky > 0; ky = lower, lower = 0, x += t->wrap) {
        do {
            int32_t kx = cols;

            do {
                uint32_t x0 = tin_load_word(x), x1 = tin_load_word(x + 4);
                uint32_t x2 = tin_load_word(x + 8), x3 = tin_load_word(x + 12);

                __asm__("" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x));
                m0 = max_of(m0, x0);
                m1 = max_of(m1, x1);
                m2 = max_of(m2, x2);
                m3 = max_of(m3, x3);
                x += c;
            } while (--kx);
            x += skip;
        } while (--ky);
    }
    __builtin_memcpy(dst, &m0, 4);
    __builtin_memcpy(dst + 4, &m1, 4);
    __builtin_memcpy(dst + 8, &m2, 4);
    __builtin_memcpy(dst + 12, &m3, 4);
}

static inline void pool_4(const tin_taps *t, const int8_t *x, int8_t *dst)
{
    const int32_t c = t->c, cols = t->cols;
    uint32_t max = LEAST;
    int32_t ky = t->upper, lower = t->lower;

    for (; ky > 0; ky = lower, lower = 0, x += t->wrap) {
        do {
            int32_t kx = cols;

            do {
                max = max_of(max, tin_load_word(x));
                x += c;
                __asm__("" : "+r"(x));
            } while (--kx);
            x += t->skip;
        } while (--ky);
    }
    __builtin_memcpy(dst, &max, 4);
}

static inline int8_t pool_1(const tin_taps *t, const int8_t *x)
{
    int8_t max = -128;
    int32_t ky = t->upper, lower = t->lower;

    for (; ky > 0; ky = lower, lower = 0, x += t->wrap) {
        do {
            for (int32_t kx = t->cols; kx > 0; kx--, x += t->c)
                max = *x > max ? *x : max;
            x += t->skip;
        } while (--ky);
    }
    return max;
}

/* All channels of the windows of t. The last four may overlap those before,
 * which are then made twice. */
TIN_NOINLINE static void pool_points(const tin_taps *t, int8_t *dst)
{
    const int8_t *x = t->first;
    const int32_t c = t->c;

    for (int32_t n = t->points; n > 0; n--, x += t->stride, dst += c) {
        int32_t i = 0;

        for (; i + 16 <= c; i += 16)
            pool_16(t, x + i, dst + i);
        for (; i < c && c >= 4; i += 4) {
            const int32_t at = i + 4 <= c ? i : c - 4;

            pool_4(t, x + at, dst + at);
        }
        for (; i < c; i++)
            dst[i] = pool_1(t, x + i);
    }
}

static void pool_row(const tin_window *w, const tin_rows *in, int32_t y,
                     int8_t *dst)
{
    tin_patch v;
    tin_taps t;

    tin_patch_rows(&v, w, in->rows, y);
    tin_taps_rows(&t, w, in, &v);
    for (int32_t ox = 0; ox < w->out_w; ox += t.points) {
        tin_patch_cols(&v, w, ox);
        tin_taps_cols(&t, w, in, &v, ox);
        pool_points(&t, dst + ox * w->in_c);
    }
}

void tin_maxpool2d_s8_dsp(const void *params, const tin_rows *in,
                          const tin_rows *out, int32_t y0, int32_t y1,
                          void *scratch)
{
    const tin_pool2d_s8_params *p = params;
    const tin_window *w = &p->window;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        int8_t *dst = tin_row(out, y);

        pool_row(w, in, y, dst);
        if (p->act_min > -128 || p->act_max < 127)
            tin_clamp_dsp(dst, w->out_w * w->in_c, p->act_min, p->act_max);
    }
}

#endif /* TIN_HAVE_DSP */
