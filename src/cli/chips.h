/* SPDX-License-Identifier: MIT */
/* chips.h: microcontrollers that a network may have to fit on. */
#ifndef TIN_CHIPS_H
#define TIN_CHIPS_H

#include "cli.h"

/* What the data sheet of one part says. Families come with several memory
 * sizes: `part` tells which of them is meant. */
typedef struct {
    const char *name;   /* for --chip: "stm32l4r9" */
    const char *part;   /* "STM32L4R9ZI" */
    const char *vendor; /* "ST" */
    const char *cpu;    /* "Cortex-M4F" */
    const char *target; /* the one of tin_targets that is closest */
    int32_t mhz;
    int32_t flash_bytes;
    int32_t ram_bytes;   /* all of it */
    int32_t block_bytes; /* the largest piece without a hole: an arena is one
                            block, so this is what it must fit in */
    const char *note;    /* NULL: nothing to add */
} tin_chip;

/* Smallest block of RAM first; ends with a NULL name. */
extern const tin_chip tin_chips[];

/* By name or part, in upper or lower case. NULL: there is none. */
const tin_chip *tin_chip_find(const char *name);

/* Up to `most` chips whose names contain `name`, or else come nearest to it.
 * Returns how many. */
int32_t tin_chip_nearest(const char *name, const tin_chip **nearest,
                         int32_t most);

/* Prints all of them as a table. */
void tin_chips_print(tin_pool *pool, FILE *to);

#endif /* TIN_CHIPS_H */
