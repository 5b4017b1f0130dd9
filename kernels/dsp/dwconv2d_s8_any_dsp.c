/* SPDX-License-Identifier: MIT */
/*
 * tin_dwconv2d_s8_any_dsp: see tinyinfer_kernels.h, and tinyinfer_dwconv2d.h
 * for how inputs lie in scratch.
 */
#include "tinyinfer_dwconv2d.h"

#if TIN_HAVE_DSP
# include <arm_acle.h>

/* What the packed stream holds for a channel: tin_requant, then for each row of
 * the kernel its weights times 2^left as pairs, two words in turn: one for an
 * output whose inputs begin with a word and one for the next output: (w0, w1),
 * (w2, w3) .. and, if that begins within a word, (0, w0), (w1, w2) .. */
enum { SUM, MULTIPLIER, OFFSET, SIGN, RIGHT, WEIGHTS };

enum { WORD = TIN_DWCONV2D_DSP_WORD };

/* ---- Inputs ------------------------------------------------------------- */

// clang-format off
/* One or two lines of a word, with its columns at a and b, to x. */
# define LAST(q) "str %[" # q "], [%[x]]\n\tadd %[x], %[x], %[pitch]"
# define ONE_LINE                                                              \
  TIN_DWCONV2D_ONE_LINE(%[a], %[b], %[a_step], %[b_step], %[p], %[q], %[d],    \
                        %[x], LAST(q))
# define TWO_LINES                                                             \
  TIN_DWCONV2D_TWO_LINES(%[a], %[b], %[a_step], %[b_step], %[p], %[q], %[r],   \
                         %[t], %[d], %[x], LAST(q), LAST(t))
// clang-format on
# define LINES(code)                                                           \
  __asm__ volatile(                                                            \
      code                                                                     \
      : [p] "=&r"(p), [q] "=&r"(q), [r] "=&r"(r), [t] "=&r"(t), [d] "=&r"(d),  \
        [a] "+r"(a), [b] "+r"(b), [x] "+r"(x)                                  \
      : [a_step] "r"(a_step), [b_step] "r"(b_step), [pitch] "r"(pitch)         \
      : "memory")

/* Channels c .. c + 3 of all lines. In assembly, as compilers find neither
 * PKHBT nor PKHTB. */
TIN_NOINLINE static void widen(const tin_dwconv2d_block *to, int32_t c)
{
    const int32_t pitch = to->layout.words * WORD * 4;

    for (const tin_dwconv2d_source *from = to->tables->from; from != to->end;
         from++) {
        const int32_t a_step = from->a_step, b_step = from->b_step;
        const int8_t *a = from->a + (a_step ? c : 0);
        const int8_t *b = from->b + (b_step ? c : 0);
        int32_t *next = from->x;

        for (uint32_t words = from->counts >> 16; words > 0; words--) {
            uint32_t i = from->counts & 0xffff;
            int32_t *x = next, d, p, q, r, t;

            if (i & 1)
                LINES(ONE_LINE);
            for (i /= 2; i > 0; i--)
                LINES(TWO_LINES);
            a += from->next;
            b += from->next;
            next += WORD;
        }
    }
}

/* ---- Outputs ------------------------------------------------------------ */

/* Stores n outputs of a channel. */
static void put(const int32_t *ch, const int32_t *sum, int32_t n, int8_t *dst,
                int32_t step)
{
    for (const int32_t *end = sum + n; sum != end; sum++) {
        const int32_t y = tin_requant_dsp(*sum, ch[MULTIPLIER], ch[OFFSET],
                                          ch[SIGN], ch[RIGHT]);

        *dst = (int8_t)y;
        dst += step;
    }
}

/* Four outputs by a stride of 1; a row of the kernel has `taps` words of
 * weights. */
TIN_NOINLINE static void sum_by_1(const tin_dwconv2d_dsp_layout *l,
                                  int32_t taps, const int32_t *ch,
                                  const int32_t *line, int32_t s[4])
{
    const int32_t *w = ch + WEIGHTS;
    int32_t s0 = ch[SUM], s1 = s0, s2 = s0, s3 = s0;

    for (int32_t ky = l->lines; ky > 0; ky--, line += l->words * WORD) {
        const int32_t *x = line, *end = w + taps;
        int32_t d0 = *x, d1;

        for (; w != end; w += 2) {
            const int32_t even = w[0], odd = w[1];

            x += WORD;
            d1 = *x;
            s0 = __smlad(d0, even, s0);
            s1 = __smlad(d0, odd, s1);
            s2 = __smlad(d1, even, s2);
            s3 = __smlad(d1, odd, s3);
            d0 = d1;
        }
    }
    s[0] = s0;
    s[1] = s1;
    s[2] = s2;
    s[3] = s3;
}

/* The same by any stride: the inputs of outputs 0 and 1, 2 and 3 begin `half`
 * apart. */
TIN_NOINLINE static void sum_by_any(const tin_dwconv2d_dsp_layout *l,
                                    int32_t taps, const int32_t *ch,
                                    const int32_t *line, int32_t s[4])
{
    const int32_t half = l->stride / 2 * WORD;
    const int32_t *w = ch + WEIGHTS;
    int32_t s0 = ch[SUM], s1 = s0, s2 = s0, s3 = s0;

    for (int32_t ky = l->lines; ky > 0; ky--, line += l->words * WORD) {
        const int32_t *x = line, *y = line + l->stride * WORD;

        for (const int32_t *end = w + taps; w != end; w += 2) {
            const int32_t even = w[0], odd = w[1];

            s0 = __smlad(x[0], even, s0);
            s1 = __smlad(x[half], odd, s1);
            s2 = __smlad(y[0], even, s2);
            s3 = __smlad(y[half], odd, s3);
            x += WORD;
            y += WORD;
        }
    }
    s[0] = s0;
    s[1] = s1;
    s[2] = s2;
    s[3] = s3;
}

/* n outputs of a channel. */
static void run_channel(const tin_dwconv2d_dsp_layout *l, int32_t taps,
                        int32_t n, const int32_t *ch, const int32_t *x,
                        int8_t *dst, int32_t step)
{
    for (; n > 0; n -= 4) {
        int32_t s[4];

        if (l->stride == 1)
            sum_by_1(l, taps, ch, x, s);
        else
            sum_by_any(l, taps, ch, x, s);
        put(ch, s, n < 4 ? n : 4, dst, step);
        dst += 4 * step;
        x += 2 * l->stride * WORD;
    }
}

/* All channels of n output columns ox, ox + phases .. */
TIN_NOINLINE static void run_columns(tin_dwconv2d_block *b, int32_t ox,
                                     int32_t n, const int32_t *packed)
{
    const tin_window *w = &b->p->window;
    const int32_t channels = w->in_c;
    const int32_t taps = tin_dwconv2d_any_dsp_taps(w);
    const int32_t constants = tin_dwconv2d_any_dsp_channel(w);
    tin_dwconv2d_run r;

    tin_dwconv2d_find_run(b, &r, ox, n);
    for (int32_t i = 0; i < channels; i += 4) {
        const int32_t c = i < channels - 4 ? i : channels - 4;

        widen(b, c);
        for (int32_t k = c; k < c + 4; k++)
            run_channel(&b->layout, taps, n, packed + k * constants,
                        b->words + k - c, r.dst + k, r.step);
    }
}

/* All columns. */
static void run_row(tin_dwconv2d_block *b, const int32_t *packed)
{
    const tin_dwconv2d_dsp_layout *l = &b->layout;
    const int32_t out_w = b->p->window.out_w;

    for (int32_t phase = 0; phase < l->phases && phase < out_w; phase++) {
        const int32_t all = (out_w - phase - 1) / l->phases + 1;

        for (int32_t i = 0; i < all; i += l->tile) {
            const int32_t n = all - i < l->tile ? all - i : l->tile;

            run_columns(b, phase + i * l->phases, n, packed);
        }
    }
}

void tin_dwconv2d_s8_any_dsp(const void *params, const tin_rows *in,
                             const tin_rows *out, int32_t y0, int32_t y1,
                             void *scratch)
{
    const tin_dwconv2d_s8_dsp_params *p = params;
    tin_dwconv2d_block b;

    tin_dwconv2d_set_up(&b, &p->conv,
                        tin_dwconv2d_any_dsp_plan(&p->conv.window), in, out,
                        scratch);
    for (int32_t y = y0; y < y1; y++) {
        tin_dwconv2d_begin(&b, out, y, y + 1);
        run_row(&b, p->packed);
        tin_dwconv2d_clamp(&b);
    }
}

#endif /* TIN_HAVE_DSP */
