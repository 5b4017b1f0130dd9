/* SPDX-License-Identifier: MIT */
/*
 * Plans of buffers are valid, are as small as an exhaustive search says, and
 * fill packings that are known to fit.
 */
#include "plan_problems.h"

#include <stdio.h>

Test(plan, random_plans_are_valid, .timeout = 60)
{
    int32_t i;

    random_state = 1;
    for (i = 0; i < 3000; i++) {
        const int32_t n =
            make_random(buffers, 1 + draw(40), 1 + draw(30), 200, draw(4));
        const int32_t n_o =
            i % 2 ? make_overlaps(buffers, n, overlaps, draw(3 * n)) : 0;

        (void)plan(buffers, n, overlaps, n_o, 0, 3000);
    }
}

/* ---- Against all offsets ------------------------------------------------ */

/* Is there any plan of at most this peak? Tries every offset of every buffer,
 * and thus owes nothing to how plans are searched elsewhere. */
static int exists(tin_plan_buffer *b, int32_t n, const tin_plan_overlap *o,
                  int32_t n_o, int32_t peak)
{
    int32_t i = 0, k;

    if (n == 0)
        return peak >= 0;
    b[0].offset = -b[0].align;
    while (i >= 0 && i < n) {
        b[i].offset += b[i].align;
        if (b[i].offset + b[i].bytes > peak) {
            i--;
            continue;
        }
        for (k = 0; k < i && agree(b, o, n_o, k, i); k++)
            continue;
        if (k == i && ++i < n)
            b[i].offset = -b[i].align;
    }
    return i == n;
}

static void compare(int32_t most, int32_t bytes, int32_t align_log2,
                    int with_overlaps, int32_t *proven)
{
    const int32_t n =
        make_random(buffers, 1 + draw(most), 1 + draw(6), bytes, align_log2);
    const int32_t n_o =
        with_overlaps ? make_overlaps(buffers, n, overlaps, draw(3 * n)) : 0;
    const tin_plan_result r = plan(buffers, n, overlaps, n_o, 0, 0);

    *proven += r.optimal;
    cr_assert_not(exists(buffers, n, overlaps, n_o, r.lower_bound_bytes - 1));
    if (r.peak_bytes > r.lower_bound_bytes)
        cr_assert(n_o > 0); // see the circles of search.c
}

Test(plan, is_as_small_as_can_be, .timeout = 60)
{
    int32_t proven = 0, i;

    random_state = 2;
    for (i = 0; i < 3000; i++)
        compare(6, 8, 0, 0, &proven);
    for (i = 0; i < 1000; i++)
        compare(6, 8, 2, 0, &proven);
    for (i = 0; i < 500; i++)
        compare(7, 5, 3, 0, &proven);
    cr_assert_eq(proven, 4500);
}

Test(plan, is_as_small_as_overlaps_allow, .timeout = 60)
{
    int32_t proven = 0, i;

    random_state = 3;
    for (i = 0; i < 3000; i++)
        compare(6, 7, i % 3, 1, &proven);
    printf("%d of 3000 proven\n", (int)proven);
    cr_assert_geq(proven, 2950);
}

/* ---- Tight packings ----------------------------------------------------- */

/* Packings without a free byte, as hard as their size allows: the load is the
 * arena at every time. */
static int32_t count_filled(int32_t n, int32_t times, int32_t bytes,
                            int32_t seeds)
{
    int32_t filled = 0, seed;

    for (seed = 1; seed <= seeds; seed++) {
        const int32_t count =
            make_packing(buffers, n, times, bytes, (uint32_t)seed);
        const tin_plan_result r = plan(buffers, count, NULL, 0, 0, 200000);

        cr_assert_eq(r.lower_bound_bytes, bytes);
        filled += r.peak_bytes == bytes;
    }
    return filled;
}

Test(plan, fills_tight_packings, .timeout = 60)
{
    const int32_t small = count_filled(40, 60, 1000, 10);
    const int32_t medium = count_filled(100, 400, 1 << 20, 10);
    const int32_t large = count_filled(200, 1000, 1 << 20, 10);

    printf("filled of 10: %d small, %d medium, %d large\n", (int)small,
           (int)medium, (int)large);
    cr_assert_geq(small, 10);
    cr_assert_geq(medium, 9);
    cr_assert_geq(large, 8);
}

/* Drops buffers by chance, but none that is live at `time`. */
static int32_t thin_out(tin_plan_buffer *b, int32_t n, int32_t time)
{
    int32_t count = 0, i;

    for (i = 0; i < n; i++)
        if ((b[i].lower <= time && time < b[i].upper) || draw(10) > 0)
            b[count++] = b[i];
    return count;
}

/* Sections of low load leave freedom, the one of full load leaves none. */
Test(plan, fills_loose_packings, .timeout = 60)
{
    int32_t filled = 0, seed;

    for (seed = 1; seed <= 10; seed++) {
        int32_t n = make_packing(buffers, 120, 60, 1 << 20, (uint32_t)seed);

        n = thin_out(buffers, n, draw(60));
        filled += plan(buffers, n, NULL, 0, 0, 200000).peak_bytes == 1 << 20;
    }
    printf("filled of 10: %d loose\n", (int)filled);
    cr_assert_geq(filled, 8);
}

/* Packings one after the other, tied together by buffers that live long. */
Test(plan, fills_chains_of_packings, .timeout = 60)
{
    enum { LINKS = 12, TIMES = 40, BYTES = 900, LONG = 100 };
    int32_t filled = 0, seed, i, k, n, count;

    for (seed = 1; seed <= 5; seed++) {
        for (i = n = 0; i < LINKS; i++) {
            count = make_packing(buffers + n, 20, TIMES, BYTES,
                                 (uint32_t)(seed * LINKS + i));
            for (k = n; k < n + count; k++) {
                buffers[k].lower += i * TIMES;
                buffers[k].upper += i * TIMES;
            }
            n += count;
        }
        n += make_packing(buffers + n, 8, LINKS * TIMES, LONG, (uint32_t)seed);
        filled +=
            plan(buffers, n, NULL, 0, 0, 200000).peak_bytes == BYTES + LONG;
    }
    printf("filled of 5: %d chains\n", (int)filled);
    cr_assert_eq(filled, 5);
}

/* ---- Networks ----------------------------------------------------------- */

/* Blocks of two layers and a sum with the block's input, with scratch. */
static int32_t make_residual(tin_plan_buffer *b, int32_t blocks)
{
    int32_t n = 0, t = 0, i;

    for (i = 0; i < blocks; i++, t += 3) {
        const int32_t pixels = 64 >> 2 * (i * 3 / blocks), align = 4;
        const int32_t bytes = 16 * pixels * (8 + 4 * draw(8));

        b[n++] = (tin_plan_buffer){t, t + 4, bytes, align, -1};
        b[n++] = (tin_plan_buffer){t + 1, t + 3, bytes, align, -1};
        b[n++] = (tin_plan_buffer){t + 2, t + 4, bytes, align, -1};
        if (draw(2))
            b[n++] = (tin_plan_buffer){t + 1, t + 2, 4 * draw(600), align, -1};
    }
    return n;
}

Test(plan, proves_residual_networks)
{
    int32_t i;

    random_state = 6;
    for (i = 0; i < 200; i++) {
        const int32_t n = make_residual(buffers, 3 + draw(15));

        cr_assert(plan(buffers, n, NULL, 0, 0, 20000).optimal);
    }
}
