/* SPDX-License-Identifier: MIT */
/* cost.h: what a layer costs in flash and, by estimate, in time. */
#ifndef TIN_COST_H
#define TIN_COST_H

#include "lower.h"

/* Processor cycles of a kernel that makes `elems` elements with `macs`
 * multiply-accumulates: see cost.c for what they are worth. */
int64_t tin_kernel_cycles(tin_kernel_id kernel, int64_t macs, int64_t elems);

/* Fills in cycles and flash_bytes of the layers, and their sums. */
tin_status tin_price_layers(tin_lowering *lo, tin_program *p);

#endif /* TIN_COST_H */
