/* SPDX-License-Identifier: MIT */
/*
 * test_plan.c: plans of buffers are valid, are as small as an exhaustive
 * search says, and fill packings that are known to fit.
 */
#include "tinyinfer.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 10000, MOST_OVERLAPS = 1000 };

static tin_plan_buffer buffers[MOST];
static tin_plan_overlap overlaps[MOST_OVERLAPS];

static uint32_t random_state;

static int32_t draw(int32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return (int32_t)(random_state % (uint32_t)below);
}

/* A rectangle of time and bytes. */
typedef struct {
    int32_t t0, t1, y0, y1;
} rectangle;

/* Cuts r in two; 0: it is too small. */
static int32_t cut_straight(rectangle r, rectangle *out)
{
    const int32_t w = r.t1 - r.t0, h = r.y1 - r.y0;
    const int across = draw(2);

    out[0] = out[1] = r;
    if (across && h > 1)
        out[0].y1 = out[1].y0 = r.y0 + 1 + draw(h - 1);
    else if (!across && w > 1)
        out[0].t1 = out[1].t0 = r.t0 + 1 + draw(w - 1);
    else
        return 0;
    return 2;
}

/* Cuts r in four around a fifth, which no sequence of straight cuts does. */
static int32_t cut_pinwheel(rectangle r, rectangle *out)
{
    const int32_t w = r.t1 - r.t0, h = r.y1 - r.y0;
    int32_t t, u, y, z;

    if (w < 3 || h < 3)
        return 0;
    t = r.t0 + 1 + draw(w - 2);
    u = t + 1 + draw(r.t1 - t - 1);
    y = r.y0 + 1 + draw(h - 2);
    z = y + 1 + draw(r.y1 - y - 1);
    out[0] = (rectangle){r.t0, u, r.y0, y};
    out[1] = (rectangle){u, r.t1, r.y0, z};
    out[2] = (rectangle){t, r.t1, z, r.y1};
    out[3] = (rectangle){r.t0, t, y, r.y1};
    out[4] = (rectangle){t, u, y, z};
    return 5;
}

/* A full packing of times x bytes into about n buffers, in random order. */
static int32_t make_packing(tin_plan_buffer *b, int32_t n, int32_t times,
                            int32_t bytes, uint32_t seed)
{
    static rectangle r[MOST];
    int32_t count = 1, tries, i;

    random_state = seed * 2654435761u + 1;
    r[0] = (rectangle){0, times, 0, bytes};
    for (tries = 0; count < n && tries < 100 * n; tries++) {
        rectangle out[5];
        int32_t a = draw(count), c = draw(count), parts;
        const double sa = (double)(r[a].t1 - r[a].t0) * (r[a].y1 - r[a].y0);
        const double sc = (double)(r[c].t1 - r[c].t0) * (r[c].y1 - r[c].y0);

        if (sc > sa)
            a = c;
        parts = draw(3) ? cut_straight(r[a], out) : cut_pinwheel(r[a], out);
        if (parts == 0)
            continue;
        r[a] = out[0];
        for (i = 1; i < parts; i++)
            r[count++] = out[i];
    }
    for (i = 0; i < count; i++) {
        const int32_t k = draw(i + 1);

        b[i] = b[k];
        b[k] = (tin_plan_buffer){r[i].t0, r[i].t1, r[i].y1 - r[i].y0, 1, -1};
    }
    return count;
}

/* ---- Checking ----------------------------------------------------------- */

static int meet(const tin_plan_buffer *a, const tin_plan_buffer *b)
{
    return a->lower < b->upper && b->lower < a->upper;
}

static int32_t distance(const tin_plan_buffer *b, const tin_plan_overlap *o,
                        int32_t n_o, int32_t below, int32_t above)
{
    int32_t least = b[below].bytes, i;

    for (i = 0; i < n_o; i++)
        if (o[i].below == below && o[i].above == above && o[i].distance < least)
            least = o[i].distance;
    return least;
}

/* May both have these offsets? */
static int agree(const tin_plan_buffer *b, const tin_plan_overlap *o,
                 int32_t n_o, int32_t i, int32_t k)
{
    return !meet(&b[i], &b[k]) || b[i].bytes == 0 || b[k].bytes == 0 ||
           b[k].offset >= b[i].offset + distance(b, o, n_o, i, k) ||
           b[i].offset >= b[k].offset + distance(b, o, n_o, k, i);
}

static void check_plan(const tin_plan_buffer *b, int32_t n,
                       const tin_plan_overlap *o, int32_t n_o,
                       const tin_plan_result *r)
{
    int32_t peak = 0, i, k;

    for (i = 0; i < n; i++) {
        cr_assert(b[i].offset >= 0 && b[i].offset % b[i].align == 0);
        if (b[i].offset + b[i].bytes > peak)
            peak = b[i].offset + b[i].bytes;
        for (k = 0; k < i; k++)
            cr_assert(agree(b, o, n_o, i, k), "buffers %d and %d", (int)k,
                      (int)i);
    }
    cr_assert_eq(r->peak_bytes, peak);
    cr_assert_leq(r->lower_bound_bytes, peak);
    cr_assert_eq(r->optimal, r->lower_bound_bytes == peak);
}

/* Plans and checks the plan. */
static tin_plan_result plan(tin_plan_buffer *b, int32_t n,
                            const tin_plan_overlap *o, int32_t n_o,
                            int32_t goal, int64_t work_limit)
{
    const size_t bytes = tin_plan_work_size(n);
    unsigned char *work = malloc(bytes + 8);
    tin_plan_result r;

    cr_assert_not_null(work);
    memset(work, 0xA5, bytes + 8);
    cr_assert_eq(tin_plan(b, n, o, n_o, goal, work_limit, work, bytes, &r),
                 TIN_OK);
    cr_assert_eq(work[bytes], 0xA5);
    cr_assert_eq(work[bytes + 7], 0xA5);
    free(work);
    check_plan(b, n, o, n_o, &r);
    return r;
}

/* ---- Random problems ---------------------------------------------------- */

static int32_t make_random(tin_plan_buffer *b, int32_t n, int32_t times,
                           int32_t bytes, int32_t align_log2)
{
    int32_t i;

    for (i = 0; i < n; i++) {
        b[i].lower = draw(times);
        b[i].upper = b[i].lower + 1 + draw(times - b[i].lower);
        b[i].bytes = draw(bytes + 1);
        b[i].align = 1 << draw(align_log2 + 1);
        b[i].offset = -1;
    }
    return n;
}

static int32_t make_overlaps(const tin_plan_buffer *b, int32_t n,
                             tin_plan_overlap *o, int32_t count)
{
    int32_t i;

    for (i = 0; i < count; i++) {
        o[i].below = draw(n);
        o[i].above = draw(n);
        o[i].distance = draw(b[o[i].below].bytes + 1);
        if (draw(4) == 0)
            o[i].distance = 0;
    }
    return count;
}

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

/* ---- A table ------------------------------------------------------------ */

/* The format of public collections of such problems: id,lower,upper,size. */
static int32_t read_csv(const char *text, tin_plan_buffer *b)
{
    int32_t n = 0;

    for (text = strchr(text, '\n'); text && text[1];
         text = strchr(text + 1, '\n')) {
        int id, lower, upper, size;

        cr_assert_eq(
            sscanf(text + 1, "%d,%d,%d,%d", &id, &lower, &upper, &size), 4);
        b[n++] = (tin_plan_buffer){lower, upper, size, 1, -1};
    }
    return n;
}

Test(plan, reads_a_table)
{
    // the pinwheel: largest first needs more than 5
    static const char table[] = "id,lower,upper,size\n"
                                "0,0,3,2\n"
                                "1,3,5,3\n"
                                "2,2,5,2\n"
                                "3,0,2,3\n"
                                "4,2,3,1\n";
    const int32_t n = read_csv(table, buffers);
    const tin_plan_result r = plan(buffers, n, NULL, 0, 0, 0);

    cr_assert_eq(n, 5);
    cr_assert_eq(r.peak_bytes, 5);
    cr_assert(r.optimal);
}

/* ---- The rest of the contract ------------------------------------------- */

Test(plan, stops_at_the_goal)
{
    tin_plan_result free_, tight;
    const int32_t n = make_packing(buffers, 60, 60, 1000, 1);

    free_ = plan(buffers, n, NULL, 0, 1500, 0);
    cr_assert_leq(free_.peak_bytes, 1500);
    cr_assert_eq(free_.lower_bound_bytes, 1000);
    tight = plan(buffers, n, NULL, 0, 1000, 0);
    cr_assert_eq(tight.peak_bytes, 1000);
    cr_assert_geq(tight.work, free_.work);
}

Test(plan, stops_at_the_limit)
{
    const int32_t n = make_packing(buffers, 200, 30, 1000, 3);
    int64_t limit;

    for (limit = 1; limit < 10000; limit *= 10) {
        const tin_plan_result r = plan(buffers, n, NULL, 0, 0, limit);

        cr_assert_leq(r.work, limit + 3);
        cr_assert_not(r.optimal);
    }
}

Test(plan, is_the_same_each_time)
{
    static tin_plan_buffer again[100];
    const int32_t n = make_packing(buffers, 90, 50, 1000, 4);
    int32_t i;

    memcpy(again, buffers, (size_t)n * sizeof *again);
    (void)plan(buffers, n, NULL, 0, 0, 50000);
    (void)plan(again, n, NULL, 0, 0, 50000);
    for (i = 0; i < n; i++)
        cr_assert_eq(buffers[i].offset, again[i].offset);
}

/* Three parts: the least peak is that of the middle one, 2 of 2, 4, 3. */
Test(plan, proves_the_worst_part)
{
    static const tin_plan_buffer three[] = {
        {0, 2, 2, 1, -1}, {2, 4, 4, 1, -1}, {3, 5, 4, 1, -1}, {6, 7, 3, 1, -1}};
    tin_plan_result r;

    memcpy(buffers, three, sizeof three);
    r = plan(buffers, 4, NULL, 0, 0, 0);
    cr_assert_eq(r.peak_bytes, 8);
    cr_assert_eq(r.binding_time, 3);
    cr_assert(r.optimal);
}

Test(plan, plans_nothing)
{
    tin_plan_result r = plan(buffers, 0, NULL, 0, 0, 0);

    cr_assert_eq(r.peak_bytes, 0);
    cr_assert(r.optimal);
    buffers[0] = (tin_plan_buffer){-5, 7, 0, 4, -1};
    r = plan(buffers, 1, NULL, 0, 0, 0);
    cr_assert_eq(r.peak_bytes, 0);
    cr_assert(r.optimal);
}

static void refuse(int32_t n, int32_t n_o, size_t less, tin_status expected)
{
    const size_t bytes = tin_plan_work_size(n < 0 ? 0 : n);
    void *work = malloc(bytes);
    tin_plan_result r;

    cr_assert_not_null(work);
    cr_assert_eq(
        tin_plan(buffers, n, overlaps, n_o, 0, 0, work, bytes - less, &r),
        expected);
    cr_assert_eq(buffers[0].offset, 77);
    cr_assert_eq(buffers[1].offset, 78);
    free(work);
}

Test(plan, refuses_what_makes_no_sense)
{
    static const tin_plan_buffer good[] = {{0, 2, 8, 1, 77}, {1, 3, 8, 4, 78}};
    static const tin_plan_buffer bad[] = {{2, 2, 8, 1, 78},  {3, 2, 8, 1, 78},
                                          {1, 3, -1, 1, 78}, {1, 3, 8, 0, 78},
                                          {1, 3, 8, 3, 78},  {1, 3, 8, -4, 78}};
    static const tin_plan_overlap bad_overlaps[] = {
        {-1, 0, 0}, {2, 0, 0}, {0, -1, 0}, {0, 2, 0}, {0, 1, -1}};
    size_t i;

    memcpy(buffers, good, sizeof good);
    refuse(-1, 0, 0, TIN_ERR_ARG);
    refuse(2, 0, 1, TIN_ERR_ARG);
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        buffers[1] = bad[i];
        refuse(2, 0, 0, TIN_ERR_ARG);
    }
    buffers[1] = good[1];
    for (i = 0; i < sizeof bad_overlaps / sizeof *bad_overlaps; i++) {
        overlaps[0] = bad_overlaps[i];
        refuse(2, 1, 0, TIN_ERR_ARG);
    }
    refuse(2, -1, 0, TIN_ERR_ARG);
    buffers[0].bytes = buffers[1].bytes = INT32_MAX / 2 + 1;
    refuse(2, 0, 0, TIN_ERR_OVERFLOW);
    buffers[1].align = 1 << 30;
    refuse(2, 0, 0, TIN_ERR_OVERFLOW);
}

/* Sums close to 2^31, on either side of it. */
Test(plan, plans_gigabytes)
{
    int32_t fits = 0, i, k;

    random_state = 7;
    for (i = 0; i < 300; i++) {
        const int32_t n = make_random(buffers, 8, 4, 60, 3);
        const size_t bytes = tin_plan_work_size(n);
        void *work = malloc(bytes);
        tin_plan_result r;
        tin_status status;

        cr_assert_not_null(work);
        for (k = 0; k < n; k++) {
            buffers[k].bytes = buffers[k].bytes * 10000019 + draw(9);
            buffers[k].align <<= draw(26);
        }
        status = tin_plan(buffers, n, NULL, 0, 0, 5000, work, bytes, &r);
        cr_assert(status == TIN_OK || status == TIN_ERR_OVERFLOW);
        if (status == TIN_OK)
            check_plan(buffers, n, NULL, 0, &r);
        fits += status == TIN_OK;
        free(work);
    }
    cr_assert(fits > 20 && fits < 280);
}

static double seconds(clock_t since)
{
    return (double)(clock() - since) / CLOCKS_PER_SEC;
}

Test(plan, plans_ten_thousand, .timeout = 60)
{
    const int32_t n = 10000;
    const size_t bytes = tin_plan_work_size(n);
    void *work = malloc(bytes);
    tin_plan_result r;
    clock_t start;
    int32_t i;

    cr_assert_not_null(work);
    cr_assert_lt(bytes, (size_t)16 << 20);
    random_state = 5;
    make_random(buffers, n, 10000, 1000, 3);
    for (i = 0; i < n; i++) {
        const int32_t life = 1 + draw(200);

        if (buffers[i].upper > buffers[i].lower + life)
            buffers[i].upper = buffers[i].lower + life;
    }
    start = clock();
    cr_assert_eq(tin_plan(buffers, n, NULL, 0, 0, 0, work, bytes, &r), TIN_OK);
    cr_assert_lt(seconds(start), 4.0);
    check_plan(buffers, n, NULL, 0, &r);
    free(work);
}
