/* SPDX-License-Identifier: MIT */
/* tin_maxpool2d_s8_mve: see tinyinfer_pool.h, and tinyinfer_pool.h for runs
 * and lines. The maxima of 16 outputs stay in a vector while the taps pass. */
#include "tinyinfer_pool.h"

#if TIN_HAVE_MVE

# include <arm_mve.h>

/* How the lanes of a tap lie in memory. */
enum { SIDE_BY_SIDE, FEWER, APART };

/* What a loop over lines keeps in registers. */
typedef struct {
    tin_pool_run run;
    int8x16_t act_min, act_max;
    uint8x16_t offsets;
    mve_pred16_t mask; /* of a line of at most 16 lanes */
} line;

static inline line make_line(const tin_pool2d_s8_params *p,
                             const tin_pool_run *r)
{
    line l;

    l.run = *r;
    l.act_min = vdupq_n_s8((int8_t)p->act_min);
    l.act_max = vdupq_n_s8((int8_t)p->act_max);
    l.offsets = vldrbq_u8(r->offset);
    l.mask = vctp8q((uint32_t)r->lanes);
    return l;
}

/* The outputs whose first taps lie at x; `how` is a constant. */
static inline __attribute__((always_inline)) int8x16_t max_of_taps(
    const line *l, const int8_t *x, int how)
{
    int8x16_t max = l->act_min, v;
    int32_t unbroken = l->run.unbroken, ky = l->run.rows;

    do {
        const int8_t *tap = x;
        int32_t kx = l->run.cols;

        do {
            if (how == SIDE_BY_SIDE)
                v = vldrbq_s8(tap);
            else if (how == FEWER)
                v = vldrbq_z_s8(tap, l->mask);
            else
                v = vldrbq_gather_offset_z_s8(tap, l->offsets, l->mask);
            max = vmaxq_s8(max, v);
            tap += l->run.step;
        } while (--kx);
        x += --unbroken ? l->run.down : l->run.up;
    } while (--ky);
    return vminq_s8(max, l->act_max);
}

/* The same for windows of two by two, the most common ones: without loops over
 * taps they take 0.6 of the instructions. */
static inline int8x16_t max_of_four(const line *l, const int8_t *x)
{
    const int8_t *y = x + (l->run.unbroken > 1 ? l->run.down : l->run.up);
    const int32_t step = l->run.step;
    const int8x16_t a = vmaxq_s8(vldrbq_s8(x), vldrbq_s8(x + step));
    const int8x16_t b = vmaxq_s8(vldrbq_s8(y), vldrbq_s8(y + step));

    return vminq_s8(vmaxq_s8(vmaxq_s8(a, b), l->act_min), l->act_max);
}

/* Lines of 16 lanes and more; their last vector may begin in the one before
 * it. `four` is a constant. */
static inline __attribute__((always_inline)) void wide_lines(
    const tin_pool2d_s8_params *p, const tin_pool_run *r, const int8_t *x,
    int32_t n, int8_t *dst, int four)
{
    const line l = make_line(p, r);
    const int32_t lanes = l.run.lanes, last = lanes - 16;

    for (; n > 0; n--) {
        for (int32_t i = 0; i < lanes; i += 16) {
            const int32_t at = i < last ? i : last;

            vstrbq_s8(dst + at, four ? max_of_four(&l, x + at)
                                     : max_of_taps(&l, x + at, SIDE_BY_SIDE));
        }
        x += l.run.next;
        dst += lanes;
    }
}

TIN_NOINLINE static void lines_of_any(const tin_pool2d_s8_params *p,
                                      const tin_pool_run *r, const int8_t *x,
                                      int32_t n, int8_t *dst)
{
    wide_lines(p, r, x, n, dst, 0);
}

TIN_NOINLINE static void lines_of_four(const tin_pool2d_s8_params *p,
                                       const tin_pool_run *r, const int8_t *x,
                                       int32_t n, int8_t *dst)
{
    wide_lines(p, r, x, n, dst, 1);
}

/* Lines of one vector; `how` is a constant. */
static inline __attribute__((always_inline)) void short_lines(
    const tin_pool2d_s8_params *p, const tin_pool_run *r, const int8_t *x,
    int32_t n, int8_t *dst, int how)
{
    const line l = make_line(p, r);

    for (; n > 0; n--) {
        vstrbq_p_s8(dst, max_of_taps(&l, x, how), l.mask);
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

static void pool_lines(const tin_pool2d_s8_params *p, const tin_pool_run *r,
                       const int8_t *x, int32_t n, int8_t *dst)
{
    if (r->apart)
        lines_apart(p, r, x, n, dst);
    else if (r->lanes < 16)
        lines_of_fewer(p, r, x, n, dst);
    else if (r->rows == 2 && r->cols == 2)
        lines_of_four(p, r, x, n, dst);
    else
        lines_of_any(p, r, x, n, dst);
}

void tin_maxpool2d_s8_mve(const void *params, const tin_rows *in,
                          const tin_rows *out, int32_t y0, int32_t y1,
                          void *scratch)
{
    (void)scratch;
    tin_pool_rows(params, in, out, y0, y1, pool_lines);
}

#endif /* TIN_HAVE_MVE */
