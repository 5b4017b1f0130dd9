/* SPDX-License-Identifier: MIT */
/*
 * platform.h: what the firmware example asks of the machine it runs on.
 * semihost.c answers on a Cortex-M through a debugger or QEMU, hosted.c on
 * a system with stdio.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <stdint.h>

/* Writes a string to the console. */
void platform_print(const char *text);

/* Opens the file that the command line names, before any platform_read.
 * Returns 1, or 0 when none is named or it cannot be read. */
int platform_open(int argc, char **argv);

/* Reads the next `bytes` bytes of the file. Returns 1 when all were read. */
int platform_read(void *to, uint32_t bytes);

/* A cycle counter, or 0 always where the machine has none. */
uint32_t platform_cycles(void);

#endif /* PLATFORM_H */
