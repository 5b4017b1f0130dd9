/* SPDX-License-Identifier: MIT */
/*
 * board.c: main for programs of the tests that run on a bare Cortex-M under
 * QEMU: arguments from the semihosting command line, files by newlib's
 * semihosting library. Linked with --wrap=main.
 */
#include <stdint.h>
#include <stdio.h>

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);
void initialise_monitor_handles(void);

enum { MOST_ARGUMENTS = 512, SYS_GET_CMDLINE = 0x15 };

static int get_command_line(char *line, int32_t bytes)
{
    const struct {
        char *text;
        int32_t bytes;
    } request = {line, bytes};
    register int32_t r0 __asm__("r0") = SYS_GET_CMDLINE;
    register const void *r1 __asm__("r1") = &request;

    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0 == 0;
}

int __wrap_main(int argc, char **argv)
{
    static char line[1 << 15];
    static char *words[MOST_ARGUMENTS + 1];
    char *p = line;
    int status;

    (void)argv;
    initialise_monitor_handles();
    argc = 0;
    if (get_command_line(line, (int32_t)sizeof line - 1)) {
        while (*p && argc < MOST_ARGUMENTS) {
            words[argc++] = p;
            while (*p && *p != ' ')
                p++;
            while (*p == ' ')
                *p++ = '\0';
        }
    }
    status = __real_main(argc, words);
    fflush(stdout);
    return status;
}
