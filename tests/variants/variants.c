/* SPDX-License-Identifier: MIT */
/* variants.c: see variants.h. */
#include "variants.h"

#include "../../examples/firmware/platform.h"

#include <string.h>

enum {
    POOL = 3 << 17,
    GUARD = 32,
    GUARD_BYTE = 0xa5,
    MOST_BUFFERS = 64,
    MOST_STACK = 512
};

static uint8_t pool[POOL] __attribute__((aligned(16)));
static uint32_t used, state, case_seed, deepest;
static struct {
    uint8_t *start;
    uint32_t bytes;
} buffers[MOST_BUFFERS];
static uint32_t n_buffers;

void variants_begin(uint32_t seed)
{
    used = n_buffers = 0;
    case_seed = seed;
    state = seed * 2654435761u + 1u;
}

uint32_t variants_random(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

int32_t variants_range(int32_t lo, int32_t hi)
{
    return lo + (int32_t)(variants_random() % (uint32_t)(hi - lo + 1));
}

static void print_number(uint32_t n)
{
    char text[12], *p = text + sizeof text - 1;

    *p = '\0';
    do {
        *--p = (char)('0' + n % 10u);
        n /= 10u;
    } while (n);
    platform_print(p);
}

void *variants_buffer(uint32_t bytes, uint32_t misalign)
{
    uint8_t *start = pool + used + GUARD + misalign;
    uint32_t i;

    used = (used + 2 * GUARD + misalign + bytes + 15u) & ~15u;
    if (used > POOL || n_buffers == MOST_BUFFERS) {
        platform_print("variants: the pool is too small for seed ");
        print_number(case_seed);
        platform_print("\n");
        return NULL;
    }
    memset(start - GUARD, GUARD_BYTE, bytes + 2 * GUARD);
    for (i = 0; i < bytes; i++)
        start[i] = (uint8_t)variants_random();
    buffers[n_buffers].start = start;
    buffers[n_buffers++].bytes = bytes;
    return start;
}

tin_rows variants_tensor(int32_t rows, int32_t row_bytes)
{
    const uint32_t bytes = (uint32_t)rows * (uint32_t)row_bytes;
    tin_rows t = {0};

    t.rows = rows;
    t.row_bytes = row_bytes;
    t.base = variants_buffer(bytes, variants_random() % 16);
    return t;
}

static int guards_touched(void)
{
    uint32_t b, i;

    for (b = 0; b < n_buffers; b++)
        for (i = 0; i < GUARD; i++)
            if (buffers[b].start[-1 - (int32_t)i] != GUARD_BYTE ||
                buffers[b].start[buffers[b].bytes + i] != GUARD_BYTE)
                return 1;
    return 0;
}

void variants_run(tin_kernel *kernel, const void *params, const tin_rows *in,
                  const tin_rows *out, int32_t y0, int32_t y1, void *scratch)
{
    volatile uint8_t *sp, *p;

    __asm__ volatile("mov %0, sp" : "=r"(sp));
    for (p = sp - 2 * MOST_STACK; p != sp; p++)
        *p = GUARD_BYTE;
    kernel(params, in, out, y0, y1, scratch);
    for (p = sp - 2 * MOST_STACK; *p == GUARD_BYTE && p != sp; p++)
        ;
    if (deepest < (uint32_t)(sp - p))
        deepest = (uint32_t)(sp - p);
}

void variants_check(variants_report *r, const char *name, const void *want,
                    const void *got, uint32_t bytes)
{
    const int touched = guards_touched();
    const uint8_t *w = want, *g = got;
    uint32_t i = 0;

    while (i < bytes && w[i] == g[i])
        i++;
    if (i == bytes && !touched) {
        r->passed++;
        return;
    }
    r->failed++;
    platform_print("FAILED: ");
    platform_print(name);
    platform_print(" seed ");
    print_number(case_seed);
    if (i < bytes) {
        platform_print(": byte ");
        print_number(i);
        platform_print(" of ");
        print_number(bytes);
        platform_print(" is ");
        print_number(g[i]);
        platform_print(", not ");
        print_number(w[i]);
    }
    platform_print(touched ? ": a guard was touched\n" : "\n");
}

static void run(const char *name, variants_family *family,
                variants_report *total)
{
    variants_report r = {0, 0, 0};

    deepest = 0;
    family(&r);
    r.failed += deepest > MOST_STACK;
    platform_print(name);
    platform_print(r.unavailable ? ": UNAVAILABLE on this CPU\n" : ": ");
    if (!r.unavailable) {
        print_number((uint32_t)r.passed);
        platform_print(" equal, ");
        print_number((uint32_t)r.failed);
        platform_print(" not, stack ");
        print_number(deepest);
        platform_print(deepest > MOST_STACK ? ": TOO DEEP\n" : "\n");
    }
    total->passed += r.passed;
    total->failed += r.failed;
    total->unavailable += r.unavailable;
}

int main(void)
{
    variants_report total = {0, 0, 0};

    run("conv2d_s8", variants_conv2d_s8, &total);
    run("winograd_s8", variants_winograd_s8, &total);
    run("dwconv2d_s8", variants_dwconv2d_s8, &total);
    run("dense_s8", variants_dense_s8, &total);
    run("add_s8", variants_add_s8, &total);
    run("gavgpool2d_s8", variants_gavgpool2d_s8, &total);
    run("pool_s8", variants_pool_s8, &total);
    run("table_x8", variants_table_x8, &total);
    run("softmax_s8", variants_softmax_s8, &total);
    run("conv2d_f32", variants_conv2d_f32, &total);
    run("dwconv2d_f32", variants_dwconv2d_f32, &total);
    run("winograd_f32", variants_winograd_f32, &total);
    run("dense_f32", variants_dense_f32, &total);
    run("mve", variants_mve, &total);
    run("mve_pool", variants_mve_pool, &total);
    run("mve_map", variants_mve_map, &total);
    print_number((uint32_t)total.passed);
    platform_print(" passed, ");
    print_number((uint32_t)total.failed);
    platform_print(" failed, ");
    print_number((uint32_t)total.unavailable);
    platform_print(" skipped\n");
    return total.failed != 0;
}
