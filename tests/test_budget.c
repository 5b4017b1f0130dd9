/* SPDX-License-Identifier: MIT */
/* test_budget.c: kernels under a flash budget. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "lower.h"

enum { STEPS = 4, KINDS = 3, OFFERS = STEPS * KINDS };

/* Random offers: of a step the ones that take more are faster, or useless. */
static void make_offers(tin_offers *o, tin_offer *at, unsigned seed)
{
    srand(seed);
    memset(at, 0, OFFERS * sizeof *at);
    for (int i = 0; i < OFFERS; i++) {
        at[i].layer = i / KINDS;
        at[i].bytes = rand() % 100;
        at[i].cycles = rand() % 1000;
    }
    o->offers = at;
    o->n = OFFERS;
}

static void sums(const tin_offers *o, int64_t *bytes, int64_t *cycles)
{
    int taken[STEPS] = {0};

    *bytes = *cycles = 0;
    for (int i = 0; i < o->n; i++) {
        if (!o->offers[i].taken)
            continue;
        taken[o->offers[i].layer]++;
        *bytes += o->offers[i].bytes;
        *cycles += o->offers[i].cycles;
    }
    for (int i = 0; i < STEPS; i++)
        cr_assert_eq(taken[i], 1, "step %d has %d kernels", i, taken[i]);
}

/* The fewest cycles within the budget, by trying everything; -1: none. */
static int64_t best_of_all(const tin_offers *o, int64_t budget)
{
    int64_t best = -1;

    for (int i = 0; i < KINDS * KINDS * KINDS * KINDS; i++) {
        int64_t bytes = 0, cycles = 0;

        for (int s = 0, code = i; s < STEPS; s++, code /= KINDS) {
            bytes += o->offers[s * KINDS + code % KINDS].bytes;
            cycles += o->offers[s * KINDS + code % KINDS].cycles;
        }
        if (bytes <= budget && (best < 0 || cycles < best))
            best = cycles;
    }
    return best;
}

Test(budget, keeps_to_it_and_comes_near_the_best)
{
    double ratio = 0;
    int n = 0;

    for (unsigned seed = 1; seed <= 500; seed++) {
        const int64_t budget = (int64_t)(seed % 37) * 10;
        tin_offer at[OFFERS];
        tin_offers o = {0};
        int64_t bytes, cycles, sum, best;

        make_offers(&o, at, seed);
        best = best_of_all(&o, budget);
        sum = tin_spend(&o, budget);
        sums(&o, &bytes, &cycles);
        cr_assert_eq(sum, bytes);
        cr_assert_eq(sum <= budget, best >= 0, "seed %u", seed);
        if (best > 0) {
            cr_assert_geq(cycles, best);
            ratio += (double)cycles / (double)best;
            n++;
        }
    }
    cr_assert_lt(ratio / n, 1.1, "%.3f times the best", ratio / n);
}

Test(budget, without_a_limit_the_fastest)
{
    for (unsigned seed = 1; seed <= 50; seed++) {
        tin_offer at[OFFERS];
        tin_offers o = {0};
        int64_t bytes, cycles;

        make_offers(&o, at, seed);
        (void)tin_spend(&o, 1000000);
        sums(&o, &bytes, &cycles);
        cr_assert_eq(cycles, best_of_all(&o, 1000000));
    }
}

Test(budget, says_what_is_left_out)
{
    tin_offer at[] = {{.layer = 3, .bytes = 10, .cycles = 50},
                      {.layer = 3, .bytes = 90, .cycles = 20},
                      {.layer = 4, .number = 1, .bytes = 5, .cycles = 7}};
    tin_offers o = {.offers = at, .n = 3};
    const tin_offer *instead;

    cr_assert_eq(tin_first_offers(&o), 15);
    cr_assert_eq(tin_spend(&o, 40), 15);
    cr_assert_eq(tin_left_out(&o, 3, 0, &instead), &at[1]);
    cr_assert_eq(instead, &at[0]);
    cr_assert_null(tin_left_out(&o, 4, 1, &instead));
    cr_assert_null(tin_left_out(&o, 4, 0, &instead));
    cr_assert_eq(tin_spend(&o, 95), 95);
    cr_assert_null(tin_left_out(&o, 3, 0, &instead));
}
