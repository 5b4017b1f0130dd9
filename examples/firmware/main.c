/* SPDX-License-Identifier: MIT */
/*
 * main.c: runs a network that `tinyinfer compile --name network` printed, and
 * shows for each layer a CRC-32 of its output: the same numbers on every
 * machine mean the same bytes.
 *
 * The inputs come from the file that the command line names, one sample
 * after the other; without one, from a pattern that is the same everywhere.
 * Where the network was compiled for a streamed input its rows are read one
 * by one, after the sample's other inputs; where its window slides, a sample
 * is one window.
 */
#include "network.h"
#include "platform.h"

#include <string.h>

#ifdef NETWORK_REGIONS
# error "this example has one memory: compile the network without --region"
#endif

#ifdef NETWORK_INPUT_ROWS
enum { STREAMED = 1, INPUT_ROWS = NETWORK_INPUT_ROWS };
#else
enum { STREAMED = 0, INPUT_ROWS = 0 };
#endif

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

/* Where the bytes of an input come from. */
typedef struct {
    int from_file;
    uint32_t state; /* of the pattern */
} source;

static source start_source(int from_file)
{
    source s = {0, 2463534242u};

    s.from_file = from_file;
    return s;
}

/* Bytes of a xorshift generator (Marsaglia, 2003). Floats get only numbers
 * between 0 and 1: any bytes might be a NaN. */
static void fill_with_pattern(source *s, tin_type type, uint8_t *to,
                              int32_t bytes)
{
    int32_t i;

    for (i = 0; i < bytes; i++) {
        s->state ^= s->state << 13;
        s->state ^= s->state >> 17;
        s->state ^= s->state << 5;
        to[i] = (uint8_t)(s->state >> 24);
    }
    if (type == TIN_F32)
        for (i = 0; i < bytes / 4; i++)
            ((float *)(void *)to)[i] = (float)to[4 * i] / 256.0f;
}

/* Returns 0 at the end of the file. */
static int fill(source *s, tin_type type, void *to, int32_t bytes)
{
    if (s->from_file)
        return platform_read(to, (uint32_t)bytes);
    fill_with_pattern(s, type, to, bytes);
    return 1;
}

/* The inputs that are there as a whole. */
static int fill_inputs(const tin_net *net, int from_file)
{
    int32_t i;

    for (i = STREAMED; i < net->model->n_inputs; i++) {
        const tin_port *port = &net->model->inputs[i];
        source s = start_source(from_file);

        if (!fill(&s, port->type, tin_net_input(net, i), port->bytes))
            return 0;
    }
    return 1;
}

/* The next row of a streamed input. */
static int fill_row(tin_net *net, source *s)
{
#ifdef NETWORK_INPUT_ROWS
    if (!fill(s, net->model->inputs[0].type, network_input_row(net),
              NETWORK_INPUT_ROW_BYTES))
        return 0;
    tin_stream_pushed(net);
#else
    (void)net;
    (void)s;
#endif
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

/* The steps that can be done now. */
static void run_steps(tin_net *net, uint32_t sample, uint32_t *crc)
{
    tin_work work;

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

/* Returns 0 at the end of the file. */
static int run_sample(tin_net *net, int from_file, uint32_t sample)
{
    static uint32_t crc[NETWORK_STEPS];
    source s = start_source(from_file);
    int32_t y;

    memset(crc, 0, sizeof crc);
    if (!fill_inputs(net, from_file))
        return 0;
    tin_stream_begin(net);
    for (y = 0; y < INPUT_ROWS; y++) {
        if (!fill_row(net, &s))
            return 0;
        run_steps(net, sample, crc);
    }
    if (!STREAMED)
        run_steps(net, sample, crc);
    return 1;
}

/* The whole inference, as one measurement; of a streamed input all rows are
 * the same. */
static void measure_sample(tin_net *net)
{
#ifdef NETWORK_INPUT_ROWS
    static float row[(NETWORK_INPUT_ROW_BYTES + 3) / 4]; /* aligned */
    source s = start_source(0);
    int32_t y;

    (void)fill(&s, net->model->inputs[0].type, row, NETWORK_INPUT_ROW_BYTES);
    (void)fill_inputs(net, 0);
    measure_begin();
    tin_stream_begin(net);
    for (y = 0; y < NETWORK_INPUT_ROWS; y++)
        (void)tin_stream_push_rows(net, row, 1);
    measure_end();
#else
    (void)fill_inputs(net, 0);
    measure_begin();
    tin_net_run(net);
    measure_end();
#endif
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
    while (run_sample(&net, from_file, sample++) && from_file) {
    }
    measure_sample(&net);
    return 0;
}
