/* SPDX-License-Identifier: MIT */
/* variants_f32.c: see variants.h. */
#include "variants.h"

void variants_f32(variants_report *r)
{
    r->unavailable++;
}
