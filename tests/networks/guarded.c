/* SPDX-License-Identifier: MIT */
/*
 * guarded.c: the firmware example in an arena of exactly the bytes that the
 * model asks for, between guard bytes. Prints what the example prints, and
 * fails where a byte less is enough or one beside the arena changes.
 */
#define main example_main
#include "../../examples/firmware/main.c"
#undef main

enum { GUARD = 64, GUARD_BYTE = 0x5a };

static uint8_t block[GUARD + NETWORK_ARENA_BYTES + GUARD]
    __attribute__((aligned(64)));

static int complain(const char *what)
{
    platform_print(what);
    return 1;
}

int main(int argc, char **argv)
{
    const int from_file = platform_open(argc, argv);
    const uint32_t bytes = (uint32_t)network_model.arena_bytes;
    uint8_t *const exact = block + GUARD;
    uint32_t i;
    tin_net net;

    memset(block, GUARD_BYTE, sizeof block);
    if (!tin_net_open(&net, &network_model, exact, bytes - 1, NULL))
        return complain("a byte less than the arena is enough\n");
    if (tin_net_open(&net, &network_model, exact, bytes, NULL))
        return complain("the arena is too small\n");
    if (!run_sample(&net, from_file, 0))
        return complain("there is no sample\n");
    for (i = 0; i < sizeof block; i++)
        if ((i < GUARD || i >= GUARD + bytes) && block[i] != GUARD_BYTE)
            return complain("a byte beside the arena was written\n");
    return 0;
}
