/* SPDX-License-Identifier: MIT */
/* tin_gavgpool2d_s8_dsp: see tinyinfer_pool.h. The inputs are added to the
 * sums four channels at a time, by SXTAB16. */
#include "tinyinfer_pool.h"

#if TIN_HAVE_DSP

enum { MOST = 256 }; /* inputs of -128 .. 127 whose sum is a halfword */

/* Adds four bytes to the halfwords `even` and `odd`. */
# define ADD(word)                                                             \
  "sxtab16 %[even], %[even], %[" #word "]\n\t"                                 \
  "sxtab16 %[odd], %[odd], %[" #word "], ror #8\n\t"

/* Adds n inputs of four channels, c bytes apart, n <= MOST. */
static void add_four(const int8_t *x, int32_t n, int32_t c, int32_t *sum)
{
    int32_t even = 0, odd = 0, a, b;

    if (n % 2) {
        a = (int32_t)tin_load_word(x);
        __asm__(ADD(a) : [even] "+r"(even), [odd] "+r"(odd) : [a] "r"(a));
        x += c;
    }
    for (n /= 2; n > 0; n--) // in C, the loads are apart and take 4 cycles
        __asm__("ldr %[a], [%[x]]\n\t"
                "ldr %[b], [%[x], %[c]]\n\t"
                "add %[x], %[x], %[c], lsl #1\n\t" ADD(a) ADD(b)
                : [even] "+r"(even), [odd] "+r"(odd), [x] "+r"(x), [a] "=&r"(a),
                  [b] "=&r"(b)
                : [c] "r"(c)
                : "memory");
    sum[0] += (int16_t)even;
    sum[1] += (int16_t)odd;
    sum[2] += even >> 16;
    sum[3] += odd >> 16;
}

static void add_pixels(const int8_t *x, int32_t left, int32_t c, int32_t *sum)
{
    for (int32_t n; left > 0; left -= n) {
        int32_t i = 0;

        n = left < MOST ? left : MOST;
        for (; i + 4 <= c; i += 4)
            add_four(x + i, n, c, sum + i);
        for (; i < c; i++)
            for (int32_t ix = 0; ix < n; ix++)
                sum[i] += x[ix * c + i]; // |sum| <= 2^23 * 128
        x += n * c;
    }
}

/* Rows of one image from y on that lie one after the other. */
static int32_t rows_together(const tin_gavgpool2d_s8_params *p,
                             const tin_rows *in, int32_t y, int32_t y1)
{
    const int32_t image = p->in_h - y % p->in_h;
    const int32_t ring = in->rows - tin_slot(in, y);
    const int32_t n = image < ring ? image : ring;

    if (in->row_bytes != p->in_w * p->c)
        return 1;
    return n < y1 - y ? n : y1 - y;
}

static void finish(const tin_gavgpool2d_s8_params *p, const int32_t *sum,
                   int8_t *dst)
{
    const int32_t taps = p->in_h * p->in_w;

    for (int32_t i = 0; i < p->c; i++) {
        const int32_t y = tin_average_s8(sum[i], taps, p->origin);

        dst[i] = (int8_t)tin_clamp(y, p->act_min, p->act_max);
    }
}

void tin_gavgpool2d_s8_dsp(const void *params, const tin_rows *in,
                           const tin_rows *out, int32_t y0, int32_t y1,
                           void *scratch)
{
    const tin_gavgpool2d_s8_params *p = params;
    int32_t *sum = scratch;

    for (int32_t y = y0, n; y < y1; y += n) {
        const int32_t image = y / p->in_h, iy = y - image * p->in_h;

        n = rows_together(p, in, y, y1);
        for (int32_t i = 0; iy == 0 && i < p->c; i++)
            sum[i] = 0;
        add_pixels(tin_row(in, y), n * p->in_w, p->c, sum);
        if (iy + n == p->in_h)
            finish(p, sum, tin_row(out, image));
    }
}

#endif /* TIN_HAVE_DSP */
