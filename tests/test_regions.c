/* SPDX-License-Identifier: MIT */
/*
 * test_regions.c: an arena that is spread over several memories. Whatever their
 * sizes, a network says the same as in one memory, needs in each of them just
 * the bytes that it claims, and touches none around them. The same for a window
 * that slides, of which the tool says what a hop costs.
 */
#include "../src/cli/cli.h"
#include "blobs.h"
#include "graph_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD = 64, GUARD_BYTE = 0xa5 };

/* Adds a network to the builder. */
typedef void make_network(graph_builder *b);

/* ---- Networks ----------------------------------------------------------- */

static const builder_window k3 = {
    .kernel_h = 3, .kernel_w = 3, .activation = TIN_ACT_RELU};
static const builder_window k3_down = {.kernel_h = 3,
                                       .kernel_w = 3,
                                       .stride_h = 2,
                                       .stride_w = 2,
                                       .activation = TIN_ACT_RELU};
static const builder_window k1 = {.kernel_h = 1, .kernel_w = 1};

static void finish(graph_builder *b, int32_t x)
{
    x = builder_mean(b, x, 1, 2, 0);
    builder_output(b, builder_dense(b, x, 10, 0, TIN_ACT_NONE));
}

static void plain(graph_builder *b)
{
    const int32_t shape[] = {1, 24, 20, 3};
    int32_t x = builder_input(b, TIN_S8, 4, shape);

    x = builder_conv(b, x, 8, &k3_down);
    x = builder_dwconv(b, x, 1, &k3);
    x = builder_conv(b, x, 16, &k1);
    finish(b, builder_dwconv(b, x, 1, &k3_down));
}

static void residual(graph_builder *b)
{
    const int32_t shape[] = {1, 16, 16, 4};
    int32_t x = builder_input(b, TIN_S8, 4, shape);
    int32_t i;

    x = builder_conv(b, x, 12, &k3);
    for (i = 0; i < 3; i++) {
        const int32_t y = builder_conv(b, builder_conv(b, x, 12, &k3), 12, &k1);

        x = builder_add(b, x, y, TIN_ACT_RELU);
    }
    finish(b, x);
}

static void floats(graph_builder *b)
{
    const int32_t shape[] = {1, 12, 12, 2};
    int32_t x = builder_input(b, TIN_F32, 4, shape);

    x = builder_conv(b, x, 8, &k3);
    x = builder_maxpool(b, x, &k3_down);
    finish(b, builder_conv(b, x, 8, &k3));
}

/* Pads no rows, so that it slides: 31, 27 and 25 of them. */
static void slides(graph_builder *b)
{
    const int32_t shape[] = {1, 31, 10, 2};
    builder_window first = {.kernel_h = 5, .kernel_w = 4};
    builder_window depth = {.kernel_h = 3, .kernel_w = 3};
    int32_t x = builder_input(b, TIN_S8, 4, shape);

    first.padding = depth.padding = TIN_PADDING_VALID;
    x = builder_conv(b, x, 8, &first);
    x = builder_dwconv(b, x, 1, &depth);
    finish(b, builder_conv(b, x, 12, &k1));
}

static make_network *const networks[] = {plain, residual, floats};

enum { NETWORKS = sizeof networks / sizeof *networks };

/* Where a program comes from: a network that is built, or the bytes of a
 * file. */
typedef struct {
    make_network *make;
    const uint8_t *file;
    size_t file_bytes;
} origin;

static tin_status compile(tin_pool *pool, const origin *from,
                          const tin_compile_options *options,
                          const tin_program **program, tin_diag *diag)
{
    graph_builder b;

    memset(diag, 0, sizeof *diag);
    if (from->file)
        return tin_compile(pool, from->file, from->file_bytes, options, program,
                           diag);
    builder_init(&b, pool, 5);
    from->make(&b);
    return tin_compile_graph(builder_graph(&b), options, program, diag);
}

/* ---- Running ------------------------------------------------------------ */

/* A net whose memories lie between guard bytes, each of just the size that
 * it asks for. */
typedef struct {
    tin_net net;
    uint8_t *blocks[TIN_MAX_REGIONS];
    size_t bytes[TIN_MAX_REGIONS];
} guarded;

static int32_t size_of(const tin_model *m, int32_t region)
{
    return region == 0 ? m->arena_bytes : m->more_bytes[region - 1];
}

/* `offset`: of the memories from an aligned address. */
static void open_guarded(guarded *g, const tin_model *m, size_t offset)
{
    void *arenas[TIN_MAX_REGIONS] = {NULL};
    size_t none[TIN_MAX_REGIONS] = {0};
    int32_t i;

    for (i = 0; i <= m->n_more; i++) {
        const size_t most =
            offset + (size_t)size_of(m, i) + (size_t)m->arena_align;

        g->blocks[i] = malloc(most + 2 * GUARD);
        cr_assert_not_null(g->blocks[i]);
        memset(g->blocks[i], GUARD_BYTE, most + 2 * GUARD);
        arenas[i] = g->blocks[i] + GUARD + offset;
    }
    cr_assert_eq(tin_net_open_regions(&g->net, m, arenas, none, g->bytes),
                 TIN_ERR_ARENA);
    for (i = 0; i <= m->n_more; i++) {
        const size_t pad =
            (size_t)(0 - (uintptr_t)arenas[i]) & ((size_t)m->arena_align - 1);

        cr_assert_eq(g->bytes[i], (size_t)size_of(m, i) + pad);
    }
    cr_assert_eq(tin_net_open_regions(&g->net, m, arenas, g->bytes, NULL),
                 TIN_OK);
}

static void close_guarded(guarded *g, size_t offset)
{
    const tin_model *m = g->net.model;
    int32_t i;
    size_t k;

    for (i = 0; i <= m->n_more; i++) {
        const uint8_t *end = g->blocks[i] + GUARD + offset + g->bytes[i];

        for (k = 0; k < GUARD; k++) {
            cr_assert_eq(g->blocks[i][k], GUARD_BYTE, "below memory %d",
                         (int)i);
            cr_assert_eq(end[k], GUARD_BYTE, "above memory %d", (int)i);
        }
        free(g->blocks[i]);
    }
}

static void fill(const tin_port *port, uint8_t *to)
{
    int32_t i;

    srand(11);
    for (i = 0; i < port->bytes; i++)
        to[i] = (uint8_t)rand();
    for (i = 0; port->type == TIN_F32 && i < port->bytes / 4; i++) {
        const float x = (float)to[4 * i] / 256.0f;

        memcpy(to + 4 * i, &x, sizeof x);
    }
}

/* One inference; the bytes of output 0 go to `out`. */
static void run(guarded *g, uint8_t *out)
{
    const tin_model *m = g->net.model;
    uint8_t *in = malloc((size_t)m->inputs[0].bytes);

    cr_assert_not_null(in);
    fill(&m->inputs[0], in);
    if (m->pushed_rows > 0) {
        tin_stream_begin(&g->net);
        cr_assert_eq(tin_stream_push_rows(&g->net, in, m->pushed_rows),
                     m->pushed_rows);
    } else {
        memcpy(tin_net_input(&g->net, 0), in, (size_t)m->inputs[0].bytes);
        tin_net_run(&g->net);
    }
    memcpy(out, tin_net_output(&g->net, 0), (size_t)m->outputs[0].bytes);
    free(in);
}

/* Runs it at some offset, twice. */
static void run_at(const tin_program *p, size_t offset, uint8_t *out)
{
    guarded g;

    open_guarded(&g, &p->model, offset);
    run(&g, out);
    run(&g, out);
    close_guarded(&g, offset);
}

/* ---- Sizes -------------------------------------------------------------- */

static tin_compile_options regions_of(const int64_t *bytes, int32_t n,
                                      int stream)
{
    static const char *const names[] = {"fast", "slow", "far", "rest"};
    tin_compile_options o;
    int32_t i;

    memset(&o, 0, sizeof o);
    o.stream_input = stream;
    o.n_regions = n;
    for (i = 0; i < n; i++) {
        o.regions[i].name = names[i];
        o.regions[i].bytes = bytes[i];
    }
    return o;
}

/* Everything is somewhere, within what there is. */
static void check_places(const tin_program *p, const int64_t *bytes, int32_t n)
{
    const tin_model *m = &p->model;
    int32_t i;

    cr_assert_eq(m->n_more, n - 1);
    for (i = 0; i < n; i++)
        cr_assert_leq(size_of(m, i), bytes[i]);
    for (i = 0; i < p->n_places; i++) {
        const tin_place *place = &p->places[i];

        cr_assert_lt(place->region, n);
        cr_assert_leq(place->offset + place->bytes, size_of(m, place->region));
        if (place->kind == TIN_PLACE_SCRATCH ||
            place->kind == TIN_PLACE_PROGRESS)
            cr_assert_eq(place->region, 0);
    }
}

/* Returns 0 if the network does not fit these memories. */
static int try_sizes(const origin *from, const int64_t *bytes, int32_t n,
                     int stream, const uint8_t *want, int32_t out_bytes)
{
    const tin_compile_options options = regions_of(bytes, n, stream);
    tin_pool *pool = tin_pool_new();
    const tin_program *p = NULL;
    uint8_t *out = malloc((size_t)out_bytes);
    tin_diag diag;
    const tin_status status = compile(pool, from, &options, &p, &diag);
    size_t offset;

    cr_assert_not_null(out);
    if (status != TIN_OK) {
        cr_assert_eq(status, TIN_ERR_ARENA);
        cr_assert(strstr(diag.message, "too small"), "%s", diag.message);
    } else {
        check_places(p, bytes, n);
        for (offset = 0; offset < 16; offset += 5) {
            run_at(p, offset, out);
            cr_assert_eq(memcmp(out, want, (size_t)out_bytes), 0,
                         "%lld bytes first", (long long)bytes[0]);
        }
    }
    free(out);
    tin_pool_free(pool);
    return status == TIN_OK;
}

/* What fits the first memory is planned as if it were alone. */
static void check_first(const origin *from, int64_t arena, int stream)
{
    const int64_t bytes[] = {arena, arena};
    const tin_compile_options options = regions_of(bytes, 2, stream);
    tin_pool *pool = tin_pool_new();
    const tin_program *p;
    tin_diag diag;

    cr_assert_eq(compile(pool, from, &options, &p, &diag), TIN_OK);
    cr_expect_eq(size_of(&p->model, 0), arena);
    cr_expect_eq(size_of(&p->model, 1), 0);
    tin_pool_free(pool);
}

/* Many sizes of the first memories, the last one being large. */
static void check(const origin *from, int stream)
{
    const tin_compile_options options = regions_of(NULL, 0, stream);
    tin_pool *pool = tin_pool_new();
    const tin_program *p;
    uint8_t want[256];
    tin_diag diag;
    int64_t bytes[3], arena;
    int32_t i, fits = 0;

    cr_assert_eq(compile(pool, from, &options, &p, &diag), TIN_OK);
    cr_assert_leq(p->model.outputs[0].bytes, (int32_t)sizeof want);
    run_at(p, 0, want);
    arena = p->plan.peak_bytes;
    for (i = 1; i <= 8; i++) {
        bytes[0] = arena * i / 8;
        bytes[1] = bytes[2] = 4 * arena;
        fits +=
            try_sizes(from, bytes, 2, stream, want, p->model.outputs[0].bytes);
        bytes[1] = arena / 3;
        fits +=
            try_sizes(from, bytes, 3, stream, want, p->model.outputs[0].bytes);
    }
    cr_expect_geq(fits, 8, "most of these sizes suffice, not %d", (int)fits);
    check_first(from, arena, stream);
    bytes[0] = 2;
    bytes[1] = bytes[2] = 4 * arena;
    cr_expect_not(try_sizes(from, bytes, 2, stream, want, 0));
    bytes[0] = arena / 3;
    bytes[1] = bytes[2] = 8;
    cr_expect_not(try_sizes(from, bytes, 3, stream, want, 0));
    tin_pool_free(pool);
}

/* ---- The tests ---------------------------------------------------------- */

Test(regions, built_networks)
{
    int32_t i;

    for (i = 0; i < NETWORKS; i++) {
        const origin from = {networks[i], NULL, 0};

        check(&from, 0);
        check(&from, 1);
    }
}

Test(regions, digits)
{
    blob file = read_file("examples/mnist/mnist_int8.tflite");
    const origin from = {NULL, file.bytes, file.size};

    check(&from, 0);
    check(&from, 1);
    free(file.bytes);
}

/* A net on one memory would look for the others nowhere. */
Test(regions, one_memory_does_not_do)
{
    static const int64_t bytes[] = {1200, 1 << 20};
    const tin_compile_options options = regions_of(bytes, 2, 0);
    const origin from = {residual, NULL, 0};
    tin_pool *pool = tin_pool_new();
    const tin_program *p;
    uint8_t arena[64];
    tin_diag diag;
    tin_net net;

    cr_assert_eq(compile(pool, &from, &options, &p, &diag), TIN_OK, "%s",
                 diag.message);
    cr_expect_gt(p->model.more_bytes[0], 0);
    cr_expect_eq(tin_net_open(&net, &p->model, arena, sizeof arena, NULL),
                 TIN_ERR_ARG);
    tin_pool_free(pool);
}

/* Each memory counts: one that is a byte too small, or is not there. */
Test(regions, every_memory_is_checked)
{
    static const int64_t bytes[] = {800, 1600, 1 << 20};
    const tin_compile_options options = regions_of(bytes, 3, 0);
    const origin from = {residual, NULL, 0};
    tin_pool *pool = tin_pool_new();
    const tin_program *p;
    tin_diag diag;
    guarded g;
    int32_t i;

    cr_assert_eq(compile(pool, &from, &options, &p, &diag), TIN_OK, "%s",
                 diag.message);
    open_guarded(&g, &p->model, 0);
    for (i = 0; i < 3; i++) {
        void *arenas[3] = {g.blocks[0] + GUARD, g.blocks[1] + GUARD,
                           g.blocks[2] + GUARD};
        size_t have[3] = {g.bytes[0], g.bytes[1], g.bytes[2]}, needed[3];
        tin_net net;

        cr_assert_gt(g.bytes[i], 0);
        have[i]--;
        cr_expect_eq(
            tin_net_open_regions(&net, &p->model, arenas, have, needed),
            TIN_ERR_ARENA);
        cr_expect_eq(needed[i], g.bytes[i]);
        have[i]++;
        arenas[i] = NULL;
        cr_expect_eq(tin_net_open_regions(&net, &p->model, arenas, have, NULL),
                     TIN_ERR_ARENA);
    }
    close_guarded(&g, 0);
    tin_pool_free(pool);
}

/* ---- Windows that slide ------------------------------------------------- */

enum { HOP = 3, HOPS = 40 };

/* Pushes a row; adds up the rows that each step makes. */
static void push(tin_net *net, int32_t y, int32_t *rows)
{
    uint8_t *to = tin_stream_row(net);
    tin_work work;
    int32_t i;

    for (i = 0; i < 20; i++)
        to[i] = (uint8_t)(y * 7 + i * i);
    tin_stream_pushed(net);
    while (tin_net_step(net, &work))
        rows[work.step] += work.y1 - work.y0;
}

/* Each hop is the work that tin_hop_rows and tin_hop_macs tell of. The bytes
 * of all outputs go to `out`. */
static void run_hops(const tin_program *p, uint8_t *out)
{
    const size_t bytes = (size_t)p->model.outputs[0].bytes;
    guarded g;
    int32_t rows[16] = {0}, i, hop, y = 0;

    cr_assert_leq(p->model.n_steps, 16);
    open_guarded(&g, &p->model, 3);
    tin_stream_begin(&g.net);
    while (y < p->model.pushed_rows)
        push(&g.net, y++, rows);
    for (hop = 0; hop < HOPS; hop++) {
        memcpy(out + (size_t)hop * bytes, tin_net_output(&g.net, 0), bytes);
        memset(rows, 0, sizeof rows);
        for (i = 0; i < HOP; i++)
            push(&g.net, y++, rows);
        for (i = 0; i < p->model.n_steps; i++)
            cr_assert_eq(rows[i], tin_hop_rows(&p->model, i), "step %d",
                         (int)i);
    }
    close_guarded(&g, 3);
}

static void check_macs(const tin_program *p)
{
    static const int32_t window_rows[] = {27, 25, 25, 1, 1};
    static const int32_t hop_rows[] = {HOP, HOP, HOP, 1, 1};
    int64_t sum = 0;
    int32_t i;

    cr_assert_eq(p->n_layers, 5);
    for (i = 0; i < p->n_layers; i++) {
        const int64_t macs = tin_hop_macs(p, i);

        cr_expect_eq(macs * window_rows[i], p->layers[i].macs * hop_rows[i],
                     "layer %d", (int)i);
        sum += macs;
    }
    cr_expect_eq(tin_hop_macs_sum(p), sum);
}

Test(regions, windows_that_slide)
{
    static const int64_t bytes[] = {1000, 1 << 20};
    tin_compile_options options = regions_of(bytes, 0, 0);
    const origin from = {slides, NULL, 0};
    tin_pool *pool = tin_pool_new();
    const tin_program *one, *two;
    uint8_t want[HOPS * 10], out[HOPS * 10];
    tin_diag diag;

    options.hop = HOP;
    cr_assert_eq(compile(pool, &from, &options, &one, &diag), TIN_OK, "%s",
                 diag.message);
    options = regions_of(bytes, 2, 0);
    options.hop = HOP;
    cr_assert_eq(compile(pool, &from, &options, &two, &diag), TIN_OK, "%s",
                 diag.message);
    cr_expect_gt(two->model.more_bytes[0], 0);
    run_hops(one, want);
    run_hops(two, out);
    cr_expect_arr_eq(out, want, sizeof want);
    check_macs(one);
    tin_pool_free(pool);
}
