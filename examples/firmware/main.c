/* SPDX-License-Identifier: MIT */
/*
 * main.c: runs a network that `tinyinfer compile --name network` printed, and
 * shows for each layer a CRC-32 of its output: the same numbers on every
 * machine mean the same bytes.
 *
 * The inputs come from the file that the command line names, one sample
 * after the other; without one, from a pattern that is the same everywhere.
 */
#include "network.h"
#include "platform.h"

#include <string.h>

static uint8_t arena[NETWORK_ARENA_BYTES];

/* Entry points that an instruction meter looks for around measured code. */
void measure_begin(void);
void measure_end(void);

__attribute__((noinline)) void measure_begin(void)
{
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) void measure_end(void)
{
    __asm__ volatile("" ::: "memory");
}

static void print_number(uint32_t n)
{
    char text[12];
    char *p = text + sizeof text - 1;

    *p = '\0';
    do {
        *--p = (char)('0' + n % 10u);
        n /= 10u;
    } while (n);
    platform_print(p);
}

static void print_hex(uint32_t n)
{
    char text[9];
    int i;

    for (i = 0; i < 8; i++)
        text[i] = "0123456789abcdef"[n >> (28 - 4 * i) & 15u];
    text[8] = '\0';
    platform_print(text);
}

/* Bytes of a xorshift generator (Marsaglia, 2003). Floats get only numbers
 * between 0 and 1: any bytes might be a NaN. */
static void fill_with_pattern(const tin_port *port, uint8_t *to)
{
    uint32_t state = 2463534242u;
    int32_t i;

    for (i = 0; i < port->bytes; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        to[i] = (uint8_t)(state >> 24);
    }
    if (port->type == TIN_F32)
        for (i = 0; i < port->bytes / 4; i++)
            ((float *)(void *)to)[i] = (float)to[4 * i] / 256.0f;
}

/* Returns 0 at the end of the file. */
static int fill_inputs(const tin_net *net, int from_file)
{
    int32_t i;

    for (i = 0; i < net->model->n_inputs; i++) {
        const tin_port *port = &net->model->inputs[i];

        if (!from_file)
            fill_with_pattern(port, tin_net_input(net, i));
        else if (!platform_read(tin_net_input(net, i), (uint32_t)port->bytes))
            return 0;
    }
    return 1;
}

/* "sample step crc", the CRC being that of all the step's rows so far, and
 * "cycles" where the machine counts them. */
static void print_step(uint32_t sample, int32_t step, uint32_t crc,
                       uint32_t cycles)
{
    print_number(sample);
    platform_print(" ");
    print_number((uint32_t)step);
    platform_print(" ");
    print_hex(crc);
    if (cycles) {
        platform_print(" cycles ");
        print_number(cycles);
    }
    platform_print("\n");
}

static void run_sample(tin_net *net, uint32_t sample)
{
    static uint32_t crc[NETWORK_STEPS];
    tin_work work;

    memset(crc, 0, sizeof crc);

    for (;;) {
        uint32_t start = platform_cycles(), end;
        int more;

        measure_begin();
        more = tin_net_step(net, &work);
        measure_end();
        end = platform_cycles();
        if (!more)
            break;
        crc[work.step] = tin_work_crc(net, &work, crc[work.step]);
        print_step(sample, work.step, crc[work.step], end - start);
    }
}

int main(int argc, char **argv)
{
    const int from_file = platform_open(argc, argv);
    uint32_t sample = 0;
    tin_net net;

    if (tin_net_open(&net, &network_model, arena, sizeof arena, NULL)) {
        platform_print("the arena is too small\n");
        return 1;
    }
    do {
        if (!fill_inputs(&net, from_file))
            break;
        run_sample(&net, sample++);
    } while (from_file);
    if (fill_inputs(&net, 0)) { /* the whole inference, as one measurement */
        measure_begin();
        tin_net_run(&net);
        measure_end();
    }
    return 0;
}
