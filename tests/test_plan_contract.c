/* SPDX-License-Identifier: MIT */
/*
 * The contract of the planner but for how small its plans are: goal and limit,
 * the same each time, what is refused, and how long it takes.
 */
#include "plan_problems.h"

#include <stdio.h>
#include <time.h>

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

/* ---- Goal and limit ----------------------------------------------------- */

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

/* ---- What is refused ---------------------------------------------------- */

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
