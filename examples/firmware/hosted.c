/* SPDX-License-Identifier: MIT */
/* hosted.c: platform.h on a system with stdio, such as Linux on a
 * Cortex-A57. */
#include "platform.h"

#include <stdio.h>

static FILE *file;

void platform_print(const char *text)
{
    fputs(text, stdout);
}

int platform_open(int argc, char **argv)
{
    if (argc > 1)
        file = fopen(argv[1], "rb");
    return file != NULL;
}

int platform_read(void *to, uint32_t bytes)
{
    return fread(to, 1, bytes, file) == bytes;
}

uint32_t platform_cycles(void)
{
    return 0;
}
