/* SPDX-License-Identifier: MIT */
/*
 * fuzz_compile.c: any bytes are a safe model file. Compiles them, plans,
 * prints the C source and runs one inference; a sanitizer watches.
 *
 * With libFuzzer, from the root of the checkout and after `make`:
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -Iinclude -I. \
 *         tests/fuzz/fuzz_compile.c build/library_sources.c -lm \
 *         $(find kernels src/runtime src/planner src/compiler -maxdepth 2 \
 *             -name '*.c' ! -name embed.c) -o fuzz_compile
 *     ./fuzz_compile build/fuzz tests/bad
 *
 * With -DTIN_FUZZ_MAIN it is an ordinary program that replays the files it is
 * given, for compilers without libFuzzer.
 */
#include "tinyinfer_compiler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Networks beyond these would only make the fuzzer slow. */
#define MAX_ARENA_BYTES (16 << 20)
#define MAX_MACS 100000000
#define MAX_EMITTED_BYTES 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Inputs are hostile too: every other file gets any bytes instead of zeros. */
static void fill(void *bytes, size_t n, size_t seed)
{
    uint32_t state = 0x9e3779b9u + (uint32_t)seed;
    size_t i;

    for (i = 0; i < n; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        ((uint8_t *)bytes)[i] = seed % 2 ? (uint8_t)(state >> 24) : 0;
    }
}

/* As many rows as the first window has, and some more if it slides. */
static void push_rows(tin_net *net, size_t seed)
{
    const tin_model *model = net->model;
    const int32_t bytes = model->tensors[model->inputs[0].tensor].row_bytes;
    void *row = malloc((size_t)bytes);
    int32_t y;

    tin_stream_begin(net);
    for (y = 0; row && y < model->pushed_rows + 8 * model->hop_rows; y++) {
        fill(row, (size_t)bytes, seed);
        if (tin_stream_push_rows(net, row, 1) != 1)
            abort();
    }
    free(row);
}

/* What to compile for: the settings take turns with the size of the file. */
static tin_compile_options options_for(size_t size)
{
    tin_compile_options o;

    memset(&o, 0, sizeof o);
    o.plan_work_limit = 200;
    o.search_limit = 20000;
    o.optimize = (tin_optimize)(size % 4);
    o.stream_input = size / 4 % 4 == 1;
    o.hop = size / 4 % 4 == 2;
    return o;
}

/* One inference, in an arena whose end is the end of its block. */
static void run_once(const tin_program *program, size_t seed)
{
    const tin_model *model = &program->model;
    const size_t bytes =
        (size_t)model->arena_bytes + (size_t)model->arena_align;
    uint8_t *block = malloc(bytes);
    tin_net net;
    size_t needed = 0;
    int32_t i;

    if (!block)
        return;
    if (tin_net_open(&net, model, block, 0, &needed) != TIN_ERR_ARENA ||
        needed > bytes ||
        tin_net_open(&net, model, block + (bytes - needed), needed, NULL) !=
            TIN_OK)
        abort();
    for (i = model->pushed_rows > 0; i < model->n_inputs; i++)
        fill(tin_net_input(&net, i), (size_t)model->inputs[i].bytes, seed);
    if (model->pushed_rows == 0)
        tin_net_run(&net);
    else
        push_rows(&net, seed);
    free(block);
}

static void emit(tin_pool *pool, const tin_program *program)
{
    tin_text source, header;
    tin_diag diag;

    memset(&source, 0, sizeof source);
    memset(&diag, 0, sizeof diag);
    source.pool = pool;
    header = source;
    if (tin_emit_c(program, "net", &source, &header, &diag) == TIN_OK &&
        (source.text[source.bytes] != 0 || header.text[header.bytes] != 0))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const tin_compile_options options = options_for(size);
    const tin_program *program = NULL;
    tin_pool *pool = tin_pool_new();
    tin_diag diag;
    tin_status status;

    if (!pool)
        return 0;
    memset(&diag, 0, sizeof diag);
    status = tin_compile(pool, data, size, &options, &program, &diag);
    // Whatever is wrong must be said, and in one line.
    if (status != diag.status || (status == TIN_OK) != (program != NULL) ||
        (status != TIN_OK && !diag.message[0]) ||
        strchr(diag.message, '\n') != NULL)
        abort();
    if (status == TIN_OK && program->weight_bytes <= MAX_EMITTED_BYTES)
        emit(pool, program);
    if (status == TIN_OK && program->model.arena_bytes <= MAX_ARENA_BYTES &&
        program->macs <= MAX_MACS)
        run_once(program, size / 16);
    tin_pool_free(pool);
    return 0;
}

#if defined(TIN_FUZZ_MAIN)

/* Replays one file, from a block of exactly its size; 0 when it cannot be
 * read. */
static int replay(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = NULL;
    long size = -1;
    int done = 0;

    if (f && fseek(f, 0, SEEK_END) == 0)
        size = ftell(f);
    if (size >= 0)
        bytes = malloc(size ? (size_t)size : 1);
    if (bytes && fseek(f, 0, SEEK_SET) == 0 &&
        fread(bytes, 1, (size_t)size, f) == (size_t)size) {
        LLVMFuzzerTestOneInput(bytes, (size_t)size);
        done = 1;
    }
    free(bytes);
    if (f)
        fclose(f);
    return done;
}

int main(int argc, char **argv)
{
    int i, failed = 0;

    for (i = 1; i < argc; i++)
        if (!replay(argv[i])) {
            fprintf(stderr, "%s: cannot read\n", argv[i]);
            failed++;
        }
    printf("%d passed, %d failed, 0 skipped\n", argc - 1 - failed, failed);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
