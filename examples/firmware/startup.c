/* SPDX-License-Identifier: MIT */
/*
 * startup.c: from reset to main on any Cortex-M: vector table, FPU and MVE
 * on, .data and .bss, and a fault handler that says where it happened.
 */
#include "platform.h"

#include <stdint.h>
#include <string.h>

extern uint32_t stack_top[], data_load[], data_start[], data_end[], bss_start[],
    bss_end[];

int main(int argc, char **argv);
void reset(void);
void fault(void);
void report_fault(const uint32_t *frame);

/* Ends the simulation with an exit status: SYS_EXIT_EXTENDED. */
static void leave(int status)
{
    const uint32_t block[2] = {0x20026u, (uint32_t)status};
    register uint32_t r0 __asm__("r0") = 0x20u;
    register const uint32_t *r1 __asm__("r1") = block;

    for (;;)
        __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

static void print_hex(const char *label, uint32_t x)
{
    char text[10];
    int i;

    for (i = 0; i < 8; i++)
        text[i] = "0123456789abcdef"[x >> (28 - 4 * i) & 15u];
    text[8] = '\n';
    text[9] = '\0';
    platform_print(label);
    platform_print(text);
}

/* The frame that the CPU pushed: r0-r3, r12, lr, pc, psr. */
__attribute__((used)) void report_fault(const uint32_t *frame)
{
    print_hex("fault at pc=", frame[6]);
    print_hex("         lr=", frame[5]);
    leave(99);
}

__attribute__((naked)) void fault(void)
{
    __asm__ volatile("mrs r0, msp\n"
                     "ldr r1, =report_fault\n"
                     "bx r1\n"
                     ".ltorg");
}

void reset(void)
{
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20; /* CPACR: CP10, CP11 */
    __asm__ volatile("dsb\n isb");
#endif
#if defined(__ARM_FEATURE_MVE)
    /* FPSCR.LTPSIZE = 4: loops without tail predication */
    __asm__ volatile("vmsr fpscr, %0" ::"r"(0x00040000));
#endif
    memcpy(data_start, data_load,
           (size_t)((char *)data_end - (char *)data_start));
    memset(bss_start, 0, (size_t)((char *)bss_end - (char *)bss_start));
    leave(main(0, NULL));
}

/* Stack, reset, and the faults; this example uses no interrupts. */
typedef union {
    const uint32_t *address;
    void (*handler)(void);
} vector;

__attribute__((section(".vectors"), used)) static const vector vectors[16] = {
    {.address = stack_top}, {.handler = reset}, {.handler = fault},
    {.handler = fault},     {.handler = fault}, {.handler = fault},
    {.handler = fault},     {.handler = fault},
};
