/* SPDX-License-Identifier: MIT */
/*
 * minimal.c: the smallest firmware around a network that `tinyinfer compile
 * --name network` printed: open, one inference, done. What it takes of flash
 * besides the weights is what a network costs in code: kernels, runtime,
 * tables, and the start-up of examples/firmware, which it is linked with.
 */
#include <string.h>

#include "network.h"

static uint8_t arena[NETWORK_ARENA_BYTES];

/* For the start-up's fault handler; this image has no console. */
void platform_print(const char *text);

void platform_print(const char *text)
{
    (void)text;
}

int main(void)
{
    tin_net net;

    if (tin_net_open(&net, &network_model, arena, sizeof arena, NULL))
        return -1;
    memset(tin_net_input(&net, 0), 0, (size_t)network_model.inputs[0].bytes);
    tin_net_run(&net);
    return *(const int8_t *)tin_net_output(&net, 0);
}
