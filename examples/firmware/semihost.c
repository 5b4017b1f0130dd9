/* SPDX-License-Identifier: MIT */
/*
 * semihost.c: platform.h through Arm semihosting: the debugger or QEMU
 * carries out a request when the CPU meets BKPT 0xAB. Operation numbers are
 * those of "Semihosting for AArch32 and AArch64" (Arm).
 */
#include "platform.h"

#include <stddef.h>

enum {
    SYS_OPEN = 0x01,
    SYS_WRITE0 = 0x04,
    SYS_READ = 0x06,
    SYS_GET_CMDLINE = 0x15
};

static int32_t file = -1;

static int32_t semihost(int32_t operation, const void *argument)
{
    register int32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;

    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void platform_print(const char *text)
{
    (void)semihost(SYS_WRITE0, text);
}

/* Finds the second word of the command line, "PROGRAM FILE". */
static char *second_word(char *line)
{
    while (*line && *line != ' ')
        line++;
    while (*line == ' ')
        line++;
    return line;
}

int platform_open(int argc, char **argv)
{
    static char line[160];
    const struct {
        char *text;
        int32_t bytes;
    } get_line = {line, (int32_t)sizeof line - 1};
    struct {
        const char *path;
        int32_t mode, length;
    } open;
    const char *p;

    (void)argc, (void)argv;
    if (semihost(SYS_GET_CMDLINE, &get_line) != 0)
        return 0;
    open.path = second_word(line);
    open.mode = 1; /* "rb" */
    for (p = open.path; *p; p++) {
    }
    open.length = (int32_t)(p - open.path);
    if (open.length > 0)
        file = semihost(SYS_OPEN, &open);
    return file >= 0;
}

int platform_read(void *to, uint32_t bytes)
{
    const struct {
        int32_t file;
        void *to;
        uint32_t bytes;
    } read = {file, to, bytes};

    return semihost(SYS_READ, &read) == 0; /* bytes that were not read */
}

/* The DWT cycle counter of Armv7-M and Armv8-M; it stands at 0 under QEMU. */
uint32_t platform_cycles(void)
{
#if defined(__ARM_ARCH_6M__)
    return 0;
#else
    volatile uint32_t *const demcr = (uint32_t *)0xE000EDFCu;
    volatile uint32_t *const dwt_ctrl = (uint32_t *)0xE0001000u;
    volatile uint32_t *const dwt_cyccnt = (uint32_t *)0xE0001004u;

    *demcr |= 1u << 24; /* TRCENA */
    *dwt_ctrl |= 1u;    /* CYCCNTENA */
    return *dwt_cyccnt;
#endif
}
