/* SPDX-License-Identifier: MIT */
/* variants.c: see variants.h. */
#include "variants.h"

#include <string.h>

const char *const tin_targets[] = {
    "generic",   "x86",        "cortex-m0",  "cortex-m3",  "cortex-m4",
    "cortex-m7", "cortex-m33", "cortex-m55", "cortex-a57", NULL};

static const tin_target targets[] = {
    {"generic", 0},
    {"x86", 0},
    {"cortex-m0", 0},
    {"cortex-m3", 0},
    {"cortex-m4", TIN_ISA_DSP},
    {"cortex-m7", TIN_ISA_DSP},
    {"cortex-m33", TIN_ISA_DSP},
    {"cortex-m55", TIN_ISA_DSP | TIN_ISA_MVE},
    {"cortex-a57", 0},
};

const tin_target *tin_find_target(const char *name)
{
    size_t i;

    if (!name)
        return &targets[0];
    for (i = 0; i < sizeof targets / sizeof *targets; i++)
        if (strcmp(targets[i].name, name) == 0)
            return &targets[i];
    return NULL;
}

/* In the order of preference. */
static const tin_variant variants[] = {
    {TIN_KERNEL_COUNT, TIN_KERNEL_COUNT, 0, TIN_OPTIMIZE_RAM, 0, 0, 0, NULL,
     NULL},
};

const tin_variant *tin_find_variant(const tin_target *target,
                                    tin_optimize optimize, tin_kernel_id kernel,
                                    const void *params)
{
    size_t i;

    for (i = 0; i < sizeof variants / sizeof *variants; i++) {
        const tin_variant *v = &variants[i];

        if (v->portable == kernel && (target->isa & v->isa) &&
            optimize >= v->from && v->packed_size(params) >= 0)
            return v;
    }
    return NULL;
}
