/* SPDX-License-Identifier: MIT */
/*
 * test_arena.c: how large arenas are, and that they are exactly that large.
 *
 * The table below holds the bytes of a network's arena with its input resident
 * and with its input streamed. A number may only ever become smaller: the test
 * fails when an arena grows, and says so when one shrank and its number should
 * be lowered. Networks that are not ours to ship are SKIPPED where they are
 * missing; those made with graph_builder.h have random weights, which make no
 * difference to the arena.
 */
#include "graph_builder.h"
#include "blobs.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { GUARD = 64, GUARD_BYTE = 0x5a, OFFSETS = 16 };

typedef tin_graph *build_network(graph_builder *b);

typedef struct {
    const char *name;           /* of the file, where nothing builds it */
    build_network *build;       /* or NULL */
    int runs;                   /* offsets at which it is run, of OFFSETS */
    int32_t resident, streamed; /* bytes; 0: the input is not streamed */
    int32_t resident_goal, streamed_goal; /* 0: none was set */
} golden;

/* ---- Networks that are built -------------------------------------------- */

static const builder_window k3 = {
    .kernel_h = 3, .kernel_w = 3, .activation = TIN_ACT_RELU};
static const builder_window k3_down = {.kernel_h = 3,
                                       .kernel_w = 3,
                                       .stride_h = 2,
                                       .stride_w = 2,
                                       .activation = TIN_ACT_RELU};
static const builder_window k1 = {
    .kernel_h = 1, .kernel_w = 1, .activation = TIN_ACT_RELU};
static const builder_window k1_linear = {.kernel_h = 1, .kernel_w = 1};
static const builder_window halve = {.kernel_h = 2,
                                     .kernel_w = 2,
                                     .stride_h = 2,
                                     .stride_w = 2,
                                     .padding = TIN_PADDING_VALID};

static int32_t image(graph_builder *b, int32_t size)
{
    int32_t shape[4] = {1, 0, 0, 3};

    shape[1] = shape[2] = size;
    return builder_input(b, TIN_S8, 4, shape);
}

/* The average over the image, then the classes. */
static tin_graph *classify(graph_builder *b, int32_t x, int32_t classes)
{
    x = builder_mean(b, x, 1, 2, 0);
    x = builder_dense(b, x, classes, 0, TIN_ACT_NONE);
    builder_output(b, builder_unary(b, TIN_OP_SOFTMAX, x));
    return builder_graph(b);
}

/* The network for CIFAR-10, batch normalisation folded. */
static tin_graph *build_cifar10(graph_builder *b)
{
    int32_t x = image(b, 32);

    x = builder_conv(b, builder_conv(b, x, 32, &k3), 32, &k3);
    x = builder_maxpool(b, x, &halve);
    x = builder_conv(b, builder_conv(b, x, 64, &k3), 64, &k3);
    x = builder_maxpool(b, x, &halve);
    x = builder_maxpool(b, builder_conv(b, x, 128, &k3), &halve);
    x = builder_maxpool(b, builder_conv(b, x, 128, &k3), &halve);
    x = builder_dense(b, x, 1024, 0, TIN_ACT_RELU);
    x = builder_dense(b, x, 512, 0, TIN_ACT_RELU);
    builder_output(b, builder_dense(b, x, 10, 0, TIN_ACT_NONE));
    return builder_graph(b);
}

static tin_graph *build_mobilenet_v1(graph_builder *b)
{
    static const struct {
        int32_t channels, stride;
    } blocks[] = {{64, 1},  {128, 2},  {128, 1}, {256, 2}, {256, 1},
                  {512, 2}, {512, 1},  {512, 1}, {512, 1}, {512, 1},
                  {512, 1}, {1024, 2}, {1024, 1}};
    int32_t x = builder_conv(b, image(b, 224), 32, &k3_down);
    size_t i;

    for (i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        x = builder_dwconv(b, x, 1, blocks[i].stride == 2 ? &k3_down : &k3);
        x = builder_conv(b, x, blocks[i].channels, &k1);
    }
    return classify(b, x, 1000);
}

/* Widens t times, convolves each channel, narrows to c; adds the input where
 * the shape is the same. */
static int32_t inverted_residual(graph_builder *b, int32_t x, int32_t t,
                                 int32_t c, int32_t stride)
{
    const int32_t in_c = builder_value(b, x)->shape[3];
    int32_t y = x;

    if (t > 1)
        y = builder_conv(b, y, in_c * t, &k1);
    y = builder_dwconv(b, y, 1, stride == 2 ? &k3_down : &k3);
    y = builder_conv(b, y, c, &k1_linear);
    if (stride == 1 && in_c == c)
        y = builder_add(b, x, y, TIN_ACT_NONE);
    return y;
}

static tin_graph *build_mobilenet_v2(graph_builder *b)
{
    static const struct {
        int32_t t, c, n, s;
    } rows[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
    int32_t x = builder_conv(b, image(b, 224), 32, &k3_down), k;
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++)
        for (k = 0; k < rows[i].n; k++)
            x = inverted_residual(b, x, rows[i].t, rows[i].c,
                                  k == 0 ? rows[i].s : 1);
    return classify(b, builder_conv(b, x, 1280, &k1), 1000);
}

/* ---- The table ---------------------------------------------------------- */

static const golden mnist = {
    "examples/mnist/mnist_int8.tflite", NULL, OFFSETS, 2672, 2672, 0, 0};
static const golden ad = {
    "models/ad_autoencoder_int8.tflite", NULL, OFFSETS, 768, 0, 1000, 0};
static const golden kws = {
    "models/kws_dscnn_int8.tflite", NULL, OFFSETS, 3970, 3640, 7500, 7000};
static const golden ic = {
    "models/ic_resnet8_int8.tflite", NULL, OFFSETS, 13146, 11322, 18000, 15000};
static const golden vww = {"models/vww_mobilenet_int8.tflite",
                           NULL,
                           OFFSETS,
                           28800,
                           12784,
                           36000,
                           18000};
static const golden cifar10 = {
    "CIFAR-10 network", build_cifar10, 4, 13318, 13318, 18000, 15000};
static const golden mobilenet_v1 = {
    "MobileNetV1 1.0 224", build_mobilenet_v1, 1, 275968, 200704, 0, 0};
static const golden mobilenet_v2 = {"MobileNetV2 1.0 224",
                                    build_mobilenet_v2,
                                    1,
                                    198924,
                                    119442,
                                    260000,
                                    120000};

/* The same for a Cortex-M4, whose kernels need scratch. They run on another
 * CPU than this one: tests/test_firmware.sh does that. */
static const golden kws_m4 = {
    "models/kws_dscnn_int8.tflite", NULL, 0, 4754, 4424, 0, 0};
static const golden ic_m4 = {
    "models/ic_resnet8_int8.tflite", NULL, 0, 17172, 17172, 0, 0};
static const golden vww_m4 = {
    "models/vww_mobilenet_int8.tflite", NULL, 0, 30800, 15532, 0, 0};

/* ---- Compiling ---------------------------------------------------------- */

typedef struct {
    tin_pool *pool;
    uint8_t *file;
    const tin_program *program;
    double seconds;
} compiled;

/* Compiles the network's file, or skips the test. */
static tin_status compile_file(compiled *c, const char *name,
                               const tin_compile_options *o, tin_diag *diag)
{
    const blob b =
        strncmp(name, "models/", 7) == 0 ? read_shared(name) : read_file(name);

    c->file = b.bytes;
    return tin_compile(c->pool, b.bytes, b.size, o, &c->program, diag);
}

static compiled compile(const golden *g, const char *target, int stream_input)
{
    tin_compile_options o;
    tin_diag diag = {TIN_OK, 0, 0, ""};
    const clock_t start = clock();
    compiled c = {NULL, NULL, NULL, 0};
    graph_builder b;
    tin_status status;

    memset(&o, 0, sizeof o);
    o.target = target;
    o.stream_input = stream_input;
    c.pool = tin_pool_new();
    cr_assert_not_null(c.pool);
    if (g->build) {
        builder_init(&b, c.pool, 1);
        cr_assert_not_null(g->build(&b), "%s cannot be built", g->name);
        status = tin_compile_graph(&b.graph, &o, &c.program, &diag);
    } else {
        status = compile_file(&c, g->name, &o, &diag);
    }
    cr_assert_eq(status, TIN_OK, "%s: %s", g->name, diag.message);
    c.seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    return c;
}

/* ---- Running on exactly that much --------------------------------------- */

/* Bytes that stand for nothing, the same ones in every run. */
static void draw(uint8_t *to, size_t bytes)
{
    uint32_t x = 0x9e3779b9u;
    size_t i;

    for (i = 0; i < bytes; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        to[i] = (uint8_t)(x >> 24);
    }
}

static uint32_t infer(tin_net *net)
{
    const tin_model *m = net->model;
    const size_t bytes = (size_t)m->inputs[0].bytes;
    uint8_t *input = malloc(bytes);
    uint32_t crc;

    cr_assert_not_null(input);
    draw(input, bytes);
    if (m->pushed_rows > 0) {
        tin_stream_begin(net);
        cr_expect_eq(tin_stream_push_rows(net, input, m->pushed_rows),
                     m->pushed_rows);
    } else {
        memcpy(tin_net_input(net, 0), input, bytes);
        tin_net_run(net);
    }
    crc = tin_crc32(0, tin_net_output(net, 0), (size_t)m->outputs[0].bytes);
    free(input);
    return crc;
}

static int is_guard(const uint8_t *bytes, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (bytes[i] != GUARD_BYTE)
            return 0;
    return 1;
}

/* Opens the model on an arena that begins `offset` bytes after a multiple of
 * OFFSETS: not with a byte less than it needs. Runs it there if `run`, and
 * returns the CRC of the output. */
static uint32_t use_offset(const golden *g, const tin_model *m, size_t offset,
                           int run)
{
    const size_t align = (size_t)m->arena_align, bytes = (size_t)m->arena_bytes;
    uint8_t *block = malloc(bytes + 2 * GUARD + 2 * OFFSETS);
    uint8_t *arena = block + GUARD + OFFSETS;
    const size_t skew = (size_t)((uintptr_t)arena % OFFSETS);
    size_t needed = 0, most;
    uint32_t crc = 0;
    tin_net net;

    cr_assert_not_null(block);
    arena += offset - skew;
    most = bytes + (align - offset % align) % align;
    memset(block, GUARD_BYTE, bytes + 2 * GUARD + 2 * OFFSETS);
    cr_expect_eq(tin_net_open(&net, m, arena, most - 1, &needed), TIN_ERR_ARENA,
                 "%s: a byte less is enough", g->name);
    cr_expect_eq(needed, most, "%s: needs %zu bytes at offset %zu, not %zu",
                 g->name, needed, offset, most);
    cr_assert_eq(tin_net_open(&net, m, arena, most, NULL), TIN_OK);
    memset(arena, 0xa5, most);
    if (run)
        crc = infer(&net);
    cr_expect(is_guard(block, (size_t)(arena - block)) &&
                  is_guard(arena + most, GUARD),
              "%s: wrote outside its arena at offset %zu", g->name, offset);
    free(block);
    return crc;
}

/* ---- The tests ---------------------------------------------------------- */

static void check_size(const golden *g, const compiled *c, const char *how,
                       int32_t golden_bytes, int32_t goal)
{
    const tin_plan_result *plan = &c->program->plan;
    const int32_t bytes = c->program->model.arena_bytes;

    fprintf(stderr, "%s, input %s: %d bytes (bound %d, goal %d), %.1f s\n",
            g->name, how, (int)bytes, (int)plan->lower_bound_bytes, (int)goal,
            c->seconds);
    cr_expect_leq(bytes, golden_bytes,
                  "%s, input %s: the arena grew from %d bytes to %d", g->name,
                  how, (int)golden_bytes, (int)bytes);
    if (bytes < golden_bytes)
        fprintf(stderr,
                "  it shrank: lower the number in tests/test_arena.c from %d "
                "to %d\n",
                (int)golden_bytes, (int)bytes);
}

/* All runs give the same output, the first of all networks' runs in *crc. */
static void check_exact(const golden *g, const tin_model *m, int *known,
                        uint32_t *crc)
{
    int i;

    for (i = 0; i < OFFSETS; i++) {
        // all of them in turn; the first one is aligned to nothing
        const size_t offset = (size_t)(1 + 5 * i) % OFFSETS;
        const uint32_t got = use_offset(g, m, offset, i < g->runs);

        if (i >= g->runs)
            continue;
        if (!*known)
            *crc = got;
        *known = 1;
        cr_expect(got == *crc, "%s: another output at offset %zu", g->name,
                  offset);
    }
}

static void check_network(const golden *g)
{
    int known = 0, stream;
    uint32_t crc = 0;

    for (stream = 0; stream < (g->streamed ? 2 : 1); stream++) {
        compiled c = compile(g, NULL, stream);

        if (stream)
            check_size(g, &c, "streamed", g->streamed, g->streamed_goal);
        else
            check_size(g, &c, "resident", g->resident, g->resident_goal);
        check_exact(g, &c.program->model, &known, &crc);
        tin_pool_free(c.pool);
        free(c.file);
    }
}

/* Calls of several rows, where they cost no memory, are what ram makes there.
 */
static void check_m4(const golden *g)
{
    int stream;

    for (stream = 0; stream < 2; stream++) {
        compiled c = compile(g, "cortex-m4", stream);

        check_size(g, &c, stream ? "streamed" : "resident",
                   stream ? g->streamed : g->resident, 0);
        tin_pool_free(c.pool);
        free(c.file);
    }
}

Test(arena, mnist)
{
    check_network(&mnist);
}

Test(arena, ad_autoencoder)
{
    check_network(&ad);
}

Test(arena, kws_dscnn)
{
    check_network(&kws);
}

Test(arena, ic_resnet8)
{
    check_network(&ic);
}

Test(arena, vww_mobilenet)
{
    check_network(&vww);
}

Test(arena, cifar10)
{
    check_network(&cifar10);
}

Test(arena, mobilenet_v1)
{
    check_network(&mobilenet_v1);
}

Test(arena, mobilenet_v2)
{
    check_network(&mobilenet_v2);
}

Test(arena, cortex_m4_kws)
{
    check_m4(&kws_m4);
}

Test(arena, cortex_m4_ic)
{
    check_m4(&ic_m4);
}

Test(arena, cortex_m4_vww)
{
    check_m4(&vww_m4);
}
