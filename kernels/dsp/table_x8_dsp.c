/* SPDX-License-Identifier: MIT */
/* tin_table_x8_dsp: see tinyinfer_kernels.h. */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_DSP

/* The four bytes of a word, looked up. The empty assembly keeps the loads
 * together: one that follows another takes a cycle less. */
static inline uint32_t look_up(const uint8_t *table, uint32_t word)
{
    uint32_t a = word & 0xff, b = word >> 8 & 0xff;
    uint32_t c = word >> 16 & 0xff, d = word >> 24;

    __asm__("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d));
    a = table[a];
    b = table[b];
    c = table[c];
    d = table[d];
    __asm__("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d));
    a |= b << 8;
    c |= d << 8;
    __asm__("" : "+r"(a), "+r"(c));
    return a | c << 16;
}

/* What out may overlap of in lies before what is still to be read. */
static void look_up_row(const uint8_t *table, const uint8_t *x, int32_t n,
                        uint8_t *dst)
{
    for (; n >= 16; n -= 16, x += 16, dst += 16) {
        uint32_t a = tin_load_word(x), b = tin_load_word(x + 4);
        uint32_t c = tin_load_word(x + 8), d = tin_load_word(x + 12);

        a = look_up(table, a);
        b = look_up(table, b);
        c = look_up(table, c);
        d = look_up(table, d);
        __builtin_memcpy(dst, &a, 4);
        __builtin_memcpy(dst + 4, &b, 4);
        __builtin_memcpy(dst + 8, &c, 4);
        __builtin_memcpy(dst + 12, &d, 4);
    }
    while (n-- > 0)
        *dst++ = table[*x++];
}

void tin_table_x8_dsp(const void *params, const tin_rows *in,
                      const tin_rows *out, int32_t y0, int32_t y1,
                      void *scratch)
{
    const tin_table_x8_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        look_up_row(p->table, tin_row(in, y), p->row_elems, tin_row(out, y));
}

#endif /* TIN_HAVE_DSP */
