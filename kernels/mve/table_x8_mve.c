/* SPDX-License-Identifier: MIT */
/* tin_table_x8_mve: see tinyinfer_kernels.h. The bytes of a vector are the
 * offsets of a gather. */
#include "tinyinfer_kernels.h"

#if TIN_HAVE_MVE

# include <arm_mve.h>

/* A vector is read before it is written, so that dst may be x. */
static void look_up(const uint8_t *table, const uint8_t *x, int32_t n,
                    uint8_t *dst)
{
    const mve_pred16_t mask = vctp8q((uint32_t)n % 16);

    for (int32_t i = n / 16; i > 0; i--) {
        vstrbq_u8(dst, vldrbq_gather_offset_u8(table, vldrbq_u8(x)));
        x += 16;
        dst += 16;
    }
    if (n % 16) {
        const uint8x16_t at = vldrbq_z_u8(x, mask);

        vstrbq_p_u8(dst, vldrbq_gather_offset_z_u8(table, at, mask), mask);
    }
}

void tin_table_x8_mve(const void *params, const tin_rows *in,
                      const tin_rows *out, int32_t y0, int32_t y1,
                      void *scratch)
{
    const tin_table_x8_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        look_up(p->table, tin_row(in, y), p->row_elems, tin_row(out, y));
}

#endif /* TIN_HAVE_MVE */
