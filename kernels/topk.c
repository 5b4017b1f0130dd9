/* SPDX-License-Identifier: MIT */
/* tin_topk: see tinyinfer_reduce.h. */
#include "tinyinfer_reduce.h"

/* The next place in the order of a group that begins at element `at`: after
 * that of place `last`, or the first if that is -1. */
static int32_t next_place(const tin_topk_params *p, const void *row, size_t at,
                          int32_t last)
{
    const int32_t bound =
        last < 0 ? 0 : tin_key(row, at + (size_t)last, p->type);
    int32_t best = -1, best_key = 0;

    for (int32_t i = 0; i < p->c; i++) {
        const int32_t key = tin_key(row, at + (size_t)i, p->type);
        const int there = last < 0 || key < bound || (key == bound && i > last);

        if (there && (best < 0 || key > best_key)) {
            best = i;
            best_key = key;
        }
    }
    return best;
}

static void copy(const tin_topk_params *p, void *to, size_t i, const void *from,
                 size_t at)
{
    switch (tin_key_bytes(p->type)) {
    case 1: ((int8_t *)to)[i] = ((const int8_t *)from)[at]; break;
    case 2: ((int16_t *)to)[i] = ((const int16_t *)from)[at]; break;
    default:
        if (p->type == TIN_KEY_F32)
            ((float *)to)[i] = ((const float *)from)[at];
        else
            ((int32_t *)to)[i] = ((const int32_t *)from)[at];
    }
}

static void pick(const tin_topk_params *p, const void *from, size_t at,
                 void *to, size_t first)
{
    int32_t place = -1;

    for (int32_t i = 0; i < p->k; i++) {
        place = next_place(p, from, at, place);
        if (p->indices)
            ((int32_t *)to)[first + (size_t)i] = place;
        else
            copy(p, to, first + (size_t)i, from, at + (size_t)place);
    }
}

void tin_topk(const void *params, const tin_rows *in, const tin_rows *out,
              int32_t y0, int32_t y1, void *scratch)
{
    const tin_topk_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const void *from = tin_row(in, y);
        void *to = tin_row(out, y);

        for (int32_t g = 0; g < p->groups; g++)
            pick(p, from, (size_t)g * (size_t)p->c, to,
                 (size_t)g * (size_t)p->k);
    }
}

tin_status tin_topk_check(const void *params, const char **why)
{
    const tin_topk_params *p = params;
    tin_status status;

    if (p->type < TIN_KEY_S8 || p->type > TIN_KEY_F32)
        return TIN_WHY(why, "no such type"), TIN_ERR_ARG;
    if (p->groups < 1 || p->k < 1 || p->k > p->c)
        return TIN_WHY(why, "groups, or k within c, are not positive"),
               TIN_ERR_SHAPE;
    status = tin_bytes_check(tin_size_mul(p->groups, p->c),
                             tin_key_bytes(p->type), why);
    if (status == TIN_OK && p->indices)
        status = tin_bytes_check(tin_size_mul(p->groups, p->k), 4, why);
    return status;
}
