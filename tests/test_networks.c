/* SPDX-License-Identifier: MIT */
/*
 * test_networks.c: whole networks give what their oracle gave, after every
 * layer. What it gave is in vectors/networks, see vectors/README.md; the
 * networks and their data are not ours to ship, and where they are missing
 * the tests are SKIPPED.
 */
#include "blobs.h"
#include "tinyinfer_compiler.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#ifndef TIN_VECTORS
# define TIN_VECTORS "tests/vectors"
#endif

enum { MAX_LAYERS = 64 };

/* What a test works with. */
typedef struct {
    FILE *reference; /* behind its lines "model" and "inputs" */
    char source[32]; /* of the inputs */
    int count;
    float scale; /* float networks: an int8 becomes scale * (q - zero) */
    int zero;
    blob data; /* .npy of the inputs; none where they are drawn */
    blob file;
    tin_pool *pool;
    const tin_program *program;
    blob arena;
    tin_net net;
} network;

/* ---- Files -------------------------------------------------------------- */

/* The elements of an .npy file begin behind its header, whose length is at
 * byte 8. */
static const uint8_t *npy_elements(const blob *npy)
{
    const size_t start = 10u + npy->bytes[8] + 256u * npy->bytes[9];

    cr_assert(npy->size > start && !memcmp(npy->bytes, "\x93NUMPY\x01", 7));
    return npy->bytes + start;
}

/* ---- Opening ------------------------------------------------------------ */

static void read_head(network *n, const char *name, const char *suffix)
{
    char path[512], line[512];
    unsigned long size, crc;

    snprintf(path, sizeof path, "%s/networks/%s.%s", TIN_VECTORS, name, suffix);
    n->reference = fopen(path, "r");
    cr_assert_not_null(n->reference, "cannot open %s", path);
    cr_assert_not_null(fgets(line, sizeof line, n->reference));
    cr_assert(line[0] == '#', "%s does not say where it is from", path);
    cr_assert_eq(fscanf(n->reference, " model %lu %lx", &size, &crc), 2);
    cr_assert(n->file.size == size &&
                  tin_crc32(0, n->file.bytes, n->file.size) == crc,
              "%s is about another model", path);
    cr_assert_eq(fscanf(n->reference, " inputs %31s %d", n->source, &n->count),
                 2);
    if (!strcmp(suffix, "out"))
        cr_assert_eq(fscanf(n->reference, "%f %d", &n->scale, &n->zero), 2);
}

static network open_network(const char *name, const char *suffix,
                            const tin_compile_options *options)
{
    network n;
    char path[128];
    tin_diag diag = {TIN_OK, 0, 0, ""};

    memset(&n, 0, sizeof n);
    snprintf(path, sizeof path, "models/%s.tflite", name);
    n.file = read_shared(path);
    read_head(&n, name, suffix);
    if (strcmp(n.source, "xorshift") != 0) {
        snprintf(path, sizeof path, "data/%s/inputs.npy", n.source);
        n.data = read_shared(path);
    }
    n.pool = tin_pool_new();
    cr_assert_not_null(n.pool);
    cr_assert_eq(tin_compile(n.pool, n.file.bytes, n.file.size, options,
                             &n.program, &diag),
                 TIN_OK, "%s", diag.message);
    n.arena.size = (size_t)n.program->model.arena_bytes +
                   (size_t)n.program->model.arena_align - 1;
    n.arena.bytes = malloc(n.arena.size + 1);
    cr_assert_not_null(n.arena.bytes);
    cr_assert_eq(tin_net_open(&n.net, &n.program->model, n.arena.bytes,
                              n.arena.size, NULL),
                 TIN_OK);
    cr_assert_eq(n.program->model.n_inputs, 1);
    cr_assert_eq(n.program->model.n_outputs, 1);
    return n;
}

static void close_network(network *n)
{
    fclose(n->reference);
    tin_pool_free(n->pool);
    free(n->file.bytes);
    free(n->data.bytes);
    free(n->arena.bytes);
}

/* ---- Inputs ------------------------------------------------------------- */

/* Bytes that stand for nothing: Marsaglia's xorshift 13, 17, 5, of each
 * state the highest byte. */
static void draw(int index, int8_t *out, size_t count)
{
    uint32_t x = 0x9e3779b9u + (uint32_t)index;
    size_t i;

    for (i = 0; i < count; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        out[i] = (int8_t)((int)((x >> 24) ^ 128u) - 128);
    }
}

/* Input `index` of the source as int8. Images are stored as bytes 0 .. 255:
 * minus 128. */
static void take_s8(const network *n, int index, int8_t *out, size_t count)
{
    const int image = !strcmp(n->source, "ic01");
    const uint8_t *from;
    size_t i;

    if (!n->data.bytes) {
        draw(index, out, count);
        return;
    }
    from = npy_elements(&n->data) + (size_t)index * count;
    cr_assert(from + count <= n->data.bytes + n->data.size);
    for (i = 0; i < count; i++)
        out[i] = (int8_t)((int)(from[i] ^ (image ? 0u : 128u)) - 128);
}

static void set_input(network *n, int index)
{
    const tin_port *port = &n->program->model.inputs[0];
    void *input = tin_net_input(&n->net, 0);
    size_t count = (size_t)port->bytes, i;
    int8_t *q;
    float *x = input;

    if (port->type == TIN_S8) {
        take_s8(n, index, input, count);
        return;
    }
    cr_assert_eq(port->type, TIN_F32);
    count /= sizeof *x;
    q = malloc(count);
    cr_assert_not_null(q);
    take_s8(n, index, q, count);
    for (i = 0; i < count; i++)
        x[i] = n->scale * (float)(q[i] - n->zero);
    free(q);
}

/* ---- Every layer -------------------------------------------------------- */

static uint32_t tensor_crc(const network *n, int32_t tensor)
{
    const tin_tensor *t = &n->program->model.tensors[tensor];
    const void *bytes = t->data ? t->data : n->net.arena[t->region] + t->offset;

    return tin_crc32(0, bytes, (size_t)t->rows * (size_t)t->row_bytes);
}

/* CRC-32s of all layers' outputs in one inference. A layer's output is
 * complete when its last step is; that of a view when its producer's is. */
static void layer_crcs(network *n, uint32_t crc[MAX_LAYERS])
{
    const tin_layer *layers = n->program->layers;
    const int32_t n_layers = n->program->n_layers;
    tin_work work;
    int32_t i;

    memset(crc, 0, MAX_LAYERS * sizeof *crc);
    while (tin_net_step(&n->net, &work)) {
        for (i = 0; i < n_layers; i++)
            if (work.step == layers[i].first_step + layers[i].n_steps - 1 &&
                layers[i].n_steps > 0)
                break;
        if (i == n_layers) // more steps of this layer follow
            continue;
        crc[i] = tin_work_crc(&n->net, &work, crc[i]);
        for (i++; i < n_layers && layers[i].n_steps == 0; i++)
            crc[i] = tensor_crc(n, layers[i].tensor);
    }
}

static void check_layers(const char *name)
{
    network n = open_network(name, "crc", NULL);
    const int32_t n_layers = n.program->n_layers;
    uint32_t crc[MAX_LAYERS];
    int32_t i, l;

    cr_assert_leq(n_layers, MAX_LAYERS);
    for (i = 0; i < n.count; i++) {
        set_input(&n, i);
        layer_crcs(&n, crc);
        for (l = 0; l < n_layers; l++) {
            int input, layer;
            char op[40];
            unsigned long want;

            cr_assert_eq(fscanf(n.reference, "%d %d %39s %lx", &input, &layer,
                                op, &want),
                         4, "no more layers in the reference");
            cr_assert(input == i && layer == l &&
                          !strcmp(op, n.program->layers[l].op),
                      "reference has input %d, layer %d, %s", input, layer, op);
            cr_assert(crc[l] == want,
                      "input %d: layer %d, %s, is the first that differs", i,
                      layer, op);
        }
    }
    close_network(&n);
}

Test(networks, ic_resnet8_int8_layers)
{
    check_layers("ic_resnet8_int8");
}

Test(networks, kws_dscnn_int8_layers)
{
    check_layers("kws_dscnn_int8");
}

Test(networks, vww_mobilenet_int8_layers)
{
    check_layers("vww_mobilenet_int8");
}

Test(networks, ad_autoencoder_int8_layers)
{
    check_layers("ad_autoencoder_int8");
}

/* ---- Evaluation sets ---------------------------------------------------- */

/* The lowest index wins a tie. */
static int argmax_s8(const int8_t *x, int32_t count)
{
    int best = 0;
    int32_t i;

    for (i = 1; i < count; i++)
        if (x[i] > x[best])
            best = (int)i;
    return best;
}

/* Moves the reference to its line "eval"; `line` is what follows that. */
static void find_eval(network *n, char line[128])
{
    while (fgets(line, 128, n->reference))
        if (!strncmp(line, "eval ", 5))
            return;
    cr_assert_fail("the reference has no line eval");
}

static int32_t label_of(const blob *labels, int index)
{
    const uint8_t *p = npy_elements(labels) + 4 * (size_t)index;

    cr_assert(p + 4 <= labels->bytes + labels->size);
    return (int32_t)((uint32_t)p[0] | (uint32_t)p[1] << 8 |
                     (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
}

static void check_eval(const char *name)
{
    network n = open_network(name, "crc", NULL);
    const int32_t bytes = n.program->model.outputs[0].bytes;
    char line[128], path[128], set[32];
    blob labels;
    int total, want, correct = 0, i;
    unsigned long want_crc;
    uint32_t crc = 0;

    find_eval(&n, line);
    cr_assert_eq(
        sscanf(line, "eval %31s %d %d %lx", set, &total, &want, &want_crc), 4);
    cr_assert_str_eq(set, n.source);
    snprintf(path, sizeof path, "data/%s/labels.npy", set);
    labels = read_shared(path);
    for (i = 0; i < total; i++) {
        const int8_t *out;

        set_input(&n, i);
        tin_net_run(&n.net);
        out = tin_net_output(&n.net, 0);
        correct += argmax_s8(out, bytes) == label_of(&labels, i);
        crc = tin_crc32(crc, out, (size_t)bytes);
    }
    cr_expect_eq(correct, want, "%d of %d correct, not %d", correct, total,
                 want);
    cr_expect(crc == want_crc, "some output differs");
    free(labels.bytes);
    close_network(&n);
}

Test(networks, ic_resnet8_int8_eval)
{
    check_eval("ic_resnet8_int8");
}

Test(networks, kws_dscnn_int8_eval)
{
    check_eval("kws_dscnn_int8");
}

/* ---- Float networks ----------------------------------------------------- */

/* Within 1e-4: absolute up to a magnitude of 1, relative beyond. */
static void check_outputs(const char *name, const tin_compile_options *options)
{
    network n = open_network(name, "out", options);
    int i, k;

    for (i = 0; i < n.count; i++) {
        const float *out = tin_net_output(&n.net, 0);
        int input, count;

        cr_assert_eq(fscanf(n.reference, " output %d %d", &input, &count), 2);
        cr_assert_eq(input, i);
        cr_assert_eq((size_t)n.program->model.outputs[0].bytes,
                     (size_t)count * sizeof *out);
        set_input(&n, i);
        tin_net_run(&n.net);
        for (k = 0; k < count; k++) {
            double want, error;

            cr_assert_eq(fscanf(n.reference, "%lf", &want), 1);
            error = fabs((double)out[k] - want);
            cr_assert(error <= 1e-4 * fmax(1, fabs(want)),
                      "input %d, output %d: %.9g, not %.9g", i, k,
                      (double)out[k], want);
        }
    }
    close_network(&n);
}

Test(networks, ic_resnet8_f32_outputs)
{
    check_outputs("ic_resnet8_f32", NULL);
}

Test(networks, kws_dscnn_hybrid_outputs)
{
    check_outputs("kws_dscnn_hybrid", NULL);
}

Test(networks, ad_autoencoder_f32_outputs)
{
    check_outputs("ad_autoencoder_f32", NULL);
}

/* The kernels for a Cortex-M4, which are C on this machine. */
static const tin_compile_options m4 = {.target = "cortex-m4",
                                       .optimize = TIN_OPTIMIZE_SPEED};

Test(networks, ic_resnet8_f32_outputs_m4)
{
    check_outputs("ic_resnet8_f32", &m4);
}

Test(networks, ad_autoencoder_f32_outputs_m4)
{
    check_outputs("ad_autoencoder_f32", &m4);
}
