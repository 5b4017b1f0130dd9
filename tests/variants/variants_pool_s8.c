/* SPDX-License-Identifier: MIT */
/* variants_pool_s8.c: see variants.h. */
#include "variants.h"

void variants_pool_s8(variants_report *r)
{
    r->unavailable++;
}
