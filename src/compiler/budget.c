/* SPDX-License-Identifier: MIT */
/* budget.c: see budget.h. */
#include "budget.h"

static int same_step(const tin_offer *a, const tin_offer *b)
{
    return a->layer == b->layer && a->number == b->number;
}

int64_t tin_first_offers(const tin_offers *o)
{
    int64_t sum = 0;
    int32_t i;

    for (i = 0; i < o->n; i++)
        if (i == 0 || !same_step(&o->offers[i - 1], &o->offers[i]))
            sum += o->offers[i].bytes;
    return sum;
}

/* The offer of the same step that is taken. */
static tin_offer *taken_beside(const tin_offers *o, int32_t i)
{
    int32_t k = i;

    while (k > 0 && same_step(&o->offers[k - 1], &o->offers[i]))
        k--;
    while (!o->offers[k].taken)
        k++;
    return &o->offers[k];
}

/* Of every step the smallest; of two as small the faster one. */
static int64_t take_smallest(tin_offers *o)
{
    int64_t sum = 0;
    int32_t i, best = -1;

    for (i = 0; i < o->n; i++) {
        tin_offer *x = &o->offers[i];
        const tin_offer *b = best < 0 ? NULL : &o->offers[best];

        x->taken = 0;
        if (!b || !same_step(x, b) || x->bytes < b->bytes ||
            (x->bytes == b->bytes && x->cycles < b->cycles)) {
            if (b && same_step(x, b)) {
                o->offers[best].taken = 0;
                sum -= b->bytes;
            }
            best = i;
            o->offers[i].taken = 1;
            sum += x->bytes;
        }
    }
    return sum;
}

/* The exchange that saves most cycles for a byte among those that fit; -1:
 * there is none. */
static int32_t best_exchange(const tin_offers *o, int64_t left)
{
    double best_rate = 0;
    int32_t best = -1, i;

    for (i = 0; i < o->n; i++) {
        const tin_offer *x = &o->offers[i], *now = taken_beside(o, i);
        const int64_t bytes = x->bytes - now->bytes;
        const int64_t cycles = now->cycles - x->cycles;
        const double rate = (double)cycles / (bytes > 0 ? (double)bytes : 0.5);

        if (cycles > 0 && bytes <= left && rate > best_rate) {
            best_rate = rate;
            best = i;
        }
    }
    return best;
}

int64_t tin_spend(tin_offers *o, int64_t bytes)
{
    int64_t sum = take_smallest(o);
    int32_t i;

    while ((i = best_exchange(o, bytes - sum)) >= 0) {
        tin_offer *now = taken_beside(o, i);

        sum += o->offers[i].bytes - now->bytes;
        now->taken = 0;
        o->offers[i].taken = 1;
    }
    return sum;
}

const tin_offer *tin_left_out(const tin_offers *o, int32_t layer,
                              int32_t number, const tin_offer **instead)
{
    const tin_offer *best = NULL;
    int32_t i;

    *instead = NULL;
    for (i = 0; i < o->n; i++) {
        const tin_offer *x = &o->offers[i];

        if (x->layer != layer || x->number != number)
            continue;
        if (!best || x->cycles < best->cycles)
            best = x;
        if (x->taken)
            *instead = x;
    }
    return best && *instead && best->cycles < (*instead)->cycles ? best : NULL;
}

const tin_variant *tin_taken(const tin_offers *o, int32_t layer, int32_t number)
{
    int32_t i;

    for (i = 0; i < o->n; i++)
        if (o->offers[i].taken && o->offers[i].layer == layer &&
            o->offers[i].number == number)
            return o->offers[i].variant;
    return NULL;
}
