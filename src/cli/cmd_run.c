/* SPDX-License-Identifier: MIT */
/* cmd_run.c: `tinyinfer run`: one inference. */
#include <math.h>

#include "running.h"

typedef struct {
    const char *model, *labels;
    tin_how how;
    tin_cli_list inputs, outputs;
    int64_t top;
    tin_pixels pixels;
    int layers, draw, json;
} run_args;

static const tin_option run_options[] = {
    {"--input", 'i', TIN_OPTION_LIST, offsetof(run_args, inputs), "FILE",
     "what the network sees; once for each input, in their\n"
     "order: .npy .pgm .ppm .bmp .csv .bin",
     0, 0},
    {"--labels", 'l', TIN_OPTION_STRING, offsetof(run_args, labels), "FILE",
     "names of the classes, one a line", 0, 0},
    {"--top", 'k', TIN_OPTION_INT, offsetof(run_args, top), "K",
     "how many classes to show; default 5, with --slide 1", 1, 1000},
    {"--output", 'o', TIN_OPTION_LIST, offsetof(run_args, outputs), "FILE",
     "write an output to .npy .csv or .bin; may be repeated\n"
     "for the next outputs",
     0, 0},
    {"--mean", 0, TIN_OPTION_FLOAT, offsetof(run_args, pixels.mean), "M",
     "pixels become (byte - M) / S; default 0", 0, 0},
    {"--std", 0, TIN_OPTION_FLOAT, offsetof(run_args, pixels.std), "S",
     "see below for the default", 1e-30, 1e30},
    {"--layers", 0, TIN_OPTION_FLAG, offsetof(run_args, layers), NULL,
     "print `INDEX OPERATOR CRC NAME` for each layer: the\n"
     "CRC-32 of its output, equal on every machine for int8",
     0, 0},
    {"--draw", 0, TIN_OPTION_FLAG, offsetof(run_args, draw), NULL,
     "draw the uint8 picture that is fed", 0, 0},
    {"--json", 0, TIN_OPTION_FLAG, offsetof(run_args, json), NULL,
     "print one JSON object", 0, 0},
    {NULL, 0, TIN_OPTION_FLAG, 0, NULL, NULL, 0, 0}};

static const char *const run_notes[] = {
    "input files:\n"
    "  .npy  NumPy, C order: u1 i1 i2 i4 i8 f2 f4 f8, little endian. Extents\n"
    "        of 1 do not matter: [49,10] fits an input of 1x49x10x1.\n"
    "  .pgm .ppm  pictures, P2 P3 P5 P6; samples are scaled to 0..255\n"
    "  .bmp  uncompressed, 8-bit palette, 24 or 32 bits\n"
    "  .csv  numbers between commas, semicolons or white space\n"
    "  .bin  the bytes of the input as they are, little endian\n"
    "Nothing is resized, and gray does not become colour or the reverse.\n",
    "what the numbers mean:\n"
    "  An array of the input's own type is taken as it is. Floating-point\n"
    "  numbers are real values, and so are wider integers for a float input.\n"
    "  Pixels, that is uint8 data, are the real values (byte - M) / S. An "
    "int8\n"
    "  or int16 input with scale and zero point stores a real value as\n"
    "      value / scale + zero point\n"
    "  rounded half away from zero and saturated.\n"
    "  With neither --mean nor --std, M is 0 and S is 1, or 255 where the\n"
    "  input's scale * 255 is below 128: such an input does not reach 255,\n"
    "  so its pixels are fractions. An int8 input of zero point -128 and "
    "scale\n"
    "  1 or 1/255 gets byte - 128. With only one given, M is 0 or S is 1.\n",
    "output files:\n"
    "  .npy and .bin hold the output's own type, .csv its real values. Class,\n"
    "  score and the stored value are printed; of equals the first wins.\n",
    "windows that slide:\n"
    "  With --slide the input has more rows than the network's: [900,10] "
    "where\n"
    "  that takes 49x10. A result is printed and written for each window.\n",
    "examples:\n"
    "  tinyinfer run digits.tflite --input digit_7.pgm --labels labels.txt\n"
    "  tinyinfer run kws.tflite --input mfcc.npy --top 1 --json\n"
    "  tinyinfer run net.tflite -i photo.ppm --mean 127.5 --std 127.5\n"
    "  tinyinfer run net.tflite -i x.npy --layers --output y.npy\n"
    "  tinyinfer run wake.tflite -i minute.npy --slide 2 -o scores.csv\n",
    NULL};

static const tin_cli_command run_command = {
    .name = "run",
    .about = "Runs a network once and shows what it finds.\n",
    .operand = "MODEL",
    .operand_offset = offsetof(run_args, model),
    .options = run_options,
    .shared = tin_how_options,
    .shared_offset = offsetof(run_args, how),
    .notes = run_notes};

typedef struct {
    const run_args *args;
    tin_pool *pool;
    const tin_program *program;
    tin_runner runner;
    tin_array *arrays;     /* one an input */
    tin_feeding *feedings; /* one an input */
    tin_labels labels;
    tin_layer_crc *crcs;     /* one a layer; NULL: not asked for */
    const uint8_t **results; /* one an output: of all windows, one by one */
    int64_t windows;         /* 1 where none slides */
    tin_port endless;        /* the input with all its rows, where one does */
    int32_t n_rows;
    tin_diag diag;
} run_state;

/* ---- Running ------------------------------------------------------------ */

static tin_status load_inputs(run_state *r)
{
    const tin_model *model = &r->program->model;
    const uint64_t n = (uint64_t)model->n_inputs;

    r->arrays = tin_pool_alloc(r->pool, n * sizeof *r->arrays);
    r->feedings = tin_pool_alloc(r->pool, n * sizeof *r->feedings);
    if (!r->arrays || !r->feedings)
        return tin_fail(&r->diag, TIN_ERR_MEMORY, -1, "out of memory");
    if (model->hop_rows == 0)
        return tin_feed_files(r->pool, model, &r->args->inputs, 0,
                              &r->args->pixels, r->arrays, r->feedings,
                              &r->diag);
    if (r->args->inputs.count != 1)
        return tin_fail(&r->diag, TIN_ERR_ARG, -1,
                        "files for %ld inputs given, the network has 1",
                        (long)r->args->inputs.count);
    return tin_feed_rows(r->pool, model, r->args->inputs.at[0],
                         &r->args->pixels, &r->endless, &r->n_rows, r->arrays,
                         r->feedings, &r->diag);
}

/* Names that do not match the outputs would be wrong names. */
static tin_status load_labels(run_state *r)
{
    const tin_model *model = &r->program->model;
    const tin_status status =
        tin_labels_load(r->pool, r->args->labels, &r->labels, &r->diag);

    if (status != TIN_OK || !r->args->labels)
        return status;
    if (model->n_outputs > 0 &&
        tin_port_count(&model->outputs[0]) == r->labels.count)
        return TIN_OK;
    return tin_fail(&r->diag, TIN_ERR_SHAPE, -1,
                    "%s: %ld names for an output of %lld classes",
                    r->args->labels, (long)r->labels.count,
                    (long long)(model->n_outputs > 0
                                    ? tin_port_count(&model->outputs[0])
                                    : 0));
}

static tin_status infer_once(run_state *r)
{
    const tin_program *program = r->program;
    const uint64_t n_layers = (uint64_t)program->n_layers;

    for (int32_t i = 0; i < program->model.n_outputs; i++)
        r->results[i] = tin_net_output(&r->runner.net, i);
    for (int32_t i = 0; i < program->model.n_inputs; i++)
        tin_feed(&r->feedings[i], 0, tin_runner_input(&r->runner, i));
    if (!r->args->layers) {
        tin_runner_run(&r->runner);
        return TIN_OK;
    }
    r->crcs = tin_pool_alloc(r->pool, n_layers * sizeof *r->crcs);
    if (!r->crcs)
        return tin_fail(&r->diag, TIN_ERR_MEMORY, -1, "out of memory");
    return tin_runner_crcs(r->pool, program, &r->runner, r->crcs, &r->diag);
}

/* All windows that the rows have. */
static tin_status infer_windows(run_state *r)
{
    const tin_model *m = &r->program->model;
    uint8_t *rows = tin_pool_alloc(r->pool, (uint64_t)r->endless.bytes);
    uint8_t **to = tin_pool_alloc(r->pool, (uint64_t)m->n_outputs * sizeof *to);
    tin_status status = rows && to ? TIN_OK : TIN_ERR_MEMORY;

    r->windows = tin_runner_windows(m, r->n_rows);
    for (int32_t i = 0; i < m->n_outputs && status == TIN_OK; i++) {
        to[i] = tin_pool_alloc(r->pool, (uint64_t)r->windows *
                                            (uint64_t)m->outputs[i].bytes);
        r->results[i] = to[i];
        status = to[i] ? TIN_OK : TIN_ERR_MEMORY;
    }
    if (status != TIN_OK)
        return tin_fail(&r->diag, status, -1, "out of memory");
    tin_feed(r->feedings, 0, rows);
    tin_runner_slide(&r->runner, rows, r->n_rows, to);
    return TIN_OK;
}

static tin_status infer(run_state *r)
{
    const tin_model *m = &r->program->model;

    r->windows = 1;
    r->results =
        tin_pool_alloc(r->pool, (uint64_t)m->n_outputs * sizeof *r->results);
    if (!r->results)
        return tin_fail(&r->diag, TIN_ERR_MEMORY, -1, "out of memory");
    return m->hop_rows ? infer_windows(r) : infer_once(r);
}

static tin_status write_outputs(run_state *r)
{
    const tin_cli_list *paths = &r->args->outputs;
    tin_output_file files[TIN_CLI_LIST_MAX];
    tin_status status = TIN_OK;

    if (paths->count > r->program->model.n_outputs)
        return tin_fail(&r->diag, TIN_ERR_ARG, -1,
                        "files for %ld outputs given, the network has %ld",
                        (long)paths->count, (long)r->program->model.n_outputs);
    for (int32_t i = 0; i < paths->count && status == TIN_OK; i++)
        status = tin_array_encode(
            r->pool, paths->at[i], &r->program->model.outputs[i], r->results[i],
            r->args->how.hop ? (int32_t)r->windows : 0, &files[i], &r->diag);
    if (status == TIN_OK)
        status = tin_files_write(files, paths->count, &r->diag);
    return status;
}

/* ---- Showing ------------------------------------------------------------ */

static void draw_inputs(const run_state *r)
{
    for (int32_t i = 0; i < r->program->model.n_inputs; i++) {
        tin_picture picture;

        if (tin_picture_of(&r->arrays[i], 0, &picture))
            tin_draw(&picture, stdout);
        else
            printf("(input %ld is no uint8 picture)\n", (long)i);
    }
    putchar('\n');
}

/* Eight hexadecimal digits, or dashes for what was folded away. */
static const char *crc_text(char to[12], const tin_layer_crc *c)
{
    if (!c->known)
        return "--------";
    snprintf(to, 12, "%08lx", (unsigned long)c->crc);
    return to;
}

static void print_layers(const run_state *r)
{
    char crc[12];

    for (int32_t i = 0; i < r->program->n_layers; i++) {
        const tin_layer *l = &r->program->layers[i];

        printf("%ld %s %s %s\n", (long)i, l->op, crc_text(crc, &r->crcs[i]),
               tin_clean(r->pool, l->name, 0));
    }
    putchar('\n');
}

/* An output for one of the windows. */
static const void *result(const run_state *r, int32_t output, int64_t window)
{
    return r->results[output] +
           (size_t)window * (size_t)r->program->model.outputs[output].bytes;
}

/* Its best classes; NULL when there is no memory. */
static const int64_t *find_best(const run_state *r, int32_t output,
                                int64_t window, int32_t *n)
{
    const tin_port *port = &r->program->model.outputs[output];
    const int32_t most = (int32_t)r->args->top;
    int64_t *best =
        tin_pool_alloc(r->pool, (uint64_t)(most + 1) * sizeof *best);

    *n = best ? tin_port_top(port, result(r, output, window), most, best) : 0;
    return best;
}

static int is_named(const run_state *r, int32_t output)
{
    return r->labels.count > 0 && output == 0;
}

/* The first row of a window. */
static int64_t row_of(const run_state *r, int64_t window)
{
    return window * r->program->model.hop_rows;
}

static void add_head(tin_table *t, const run_state *r, int32_t output)
{
    if (r->args->how.hop) {
        tin_table_add(t, "window");
        tin_table_add(t, "rows");
    }
    tin_table_add(t, "class");
    if (is_named(r, output))
        tin_table_add(t, "label");
    tin_table_add(t, "%s", tin_score_name(r->program, output));
    tin_table_add(t, "stored");
}

/* A line for each of the best classes. */
static void add_window(tin_table *t, const run_state *r, int32_t output,
                       int64_t window)
{
    const tin_port *port = &r->program->model.outputs[output];
    const void *data = result(r, output, window);
    const int64_t first = row_of(r, window);
    int32_t n;
    const int64_t *best = find_best(r, output, window, &n);

    for (int32_t i = 0; i < n; i++) {
        if (r->args->how.hop) {
            tin_table_add(t, "%lld", (long long)window);
            tin_table_add(t, "%lld..%lld", (long long)first,
                          (long long)first + r->program->model.pushed_rows - 1);
        }
        tin_table_add(t, "%lld", (long long)best[i]);
        if (is_named(r, output))
            tin_table_add(t, "%s", tin_label(&r->labels, best[i]));
        tin_table_add(t, "%.6g", tin_port_real(port, data, best[i]));
        tin_table_add(t, "%.9g", tin_port_raw(port, data, best[i]));
    }
}

static void print_output(const run_state *r, int32_t output)
{
    const char *align = is_named(r, output) ? "rrrlrr" : "rrrrr";
    tin_table t = {.pool = r->pool,
                   .align = r->args->how.hop ? align : align + 2};

    if (r->program->model.n_outputs > 1)
        printf("%soutput %ld, %s\n", output ? "\n" : "", (long)output,
               tin_clean(r->pool, r->program->model.outputs[output].name, 0));
    add_head(&t, r, output);
    for (int64_t i = 0; i < r->windows; i++)
        add_window(&t, r, output, i);
    tin_table_print(&t, stdout);
}

static void json_output(tin_json *j, const run_state *r, int32_t output,
                        int64_t window)
{
    const tin_port *port = &r->program->model.outputs[output];
    const void *data = result(r, output, window);
    int32_t n;
    const int64_t *best = find_best(r, output, window, &n);

    tin_json_open(j, NULL, '{');
    tin_json_text(j, "name", port->name);
    tin_json_ints(j, "shape", port->shape, port->rank);
    tin_json_text(j, "type", tin_type_name(port->type));
    tin_json_open(j, "top", '[');
    for (int32_t i = 0; i < n; i++) {
        tin_json_open(j, NULL, '{');
        tin_json_int(j, "index", best[i]);
        if (r->labels.count > 0 && output == 0)
            tin_json_text(j, "label", tin_label(&r->labels, best[i]));
        tin_json_real(j, "score", tin_port_real(port, data, best[i]));
        tin_json_real(j, "raw", tin_port_raw(port, data, best[i]));
        tin_json_close(j, '}');
    }
    tin_json_close(j, ']');
    tin_json_close(j, '}');
}

static void json_layers(tin_json *j, const run_state *r)
{
    char crc[12];

    tin_json_open(j, "layers", '[');
    for (int32_t i = 0; i < r->program->n_layers; i++) {
        const tin_layer *l = &r->program->layers[i];

        tin_json_open(j, NULL, '{');
        tin_json_int(j, "index", i);
        tin_json_text(j, "op", l->op);
        tin_json_text(j, "crc", crc_text(crc, &r->crcs[i]));
        tin_json_text(j, "name", l->name);
        tin_json_close(j, '}');
    }
    tin_json_close(j, ']');
}

static void json_outputs(tin_json *j, const run_state *r, int64_t window)
{
    tin_json_open(j, "outputs", '[');
    for (int32_t i = 0; i < r->program->model.n_outputs; i++)
        json_output(j, r, i, window);
    tin_json_close(j, ']');
}

static void json_windows(tin_json *j, const run_state *r)
{
    tin_json_int(j, "window_rows", r->program->model.pushed_rows);
    tin_json_int(j, "hop_rows", r->program->model.hop_rows);
    tin_json_open(j, "windows", '[');
    for (int64_t i = 0; i < r->windows; i++) {
        tin_json_open(j, NULL, '{');
        tin_json_int(j, "first_row", row_of(r, i));
        json_outputs(j, r, i);
        tin_json_close(j, '}');
    }
    tin_json_close(j, ']');
}

static void show_json(const run_state *r)
{
    tin_json j = {.file = stdout};

    tin_json_open(&j, NULL, '{');
    tin_json_text(&j, "name", r->program->model.name);
    if (r->crcs)
        json_layers(&j, r);
    if (r->args->how.hop)
        json_windows(&j, r);
    else
        json_outputs(&j, r, 0);
    tin_json_close(&j, '}');
}

static void show(const run_state *r)
{
    if (r->args->json) {
        show_json(r);
        return;
    }
    if (r->args->draw)
        draw_inputs(r);
    if (r->crcs)
        print_layers(r);
    for (int32_t i = 0; i < r->program->model.n_outputs; i++)
        print_output(r, i);
}

/* ---- The command -------------------------------------------------------- */

static int run(run_state *r)
{
    tin_status status;

    if (tin_cli_load("run", r->pool, r->args->model, &r->args->how,
                     &r->program))
        return TIN_CLI_FAILED;
    status = load_inputs(r);
    if (status == TIN_OK)
        status = load_labels(r);
    if (status == TIN_OK)
        status = tin_runner_open(r->pool, r->program, &r->runner, &r->diag);
    if (status == TIN_OK)
        status = infer(r);
    if (status == TIN_OK)
        status = write_outputs(r);
    if (status != TIN_OK)
        return tin_cli_fail_diag("run", NULL, &r->diag);
    show(r);
    return TIN_CLI_OK;
}

int tin_cmd_run(int argc, char **argv)
{
    run_args args = {.top = 0, .pixels = {(double)NAN, (double)NAN}};
    run_state r = {.args = &args, .diag = {.layer = -1, .offset = -1}};
    int status = tin_cli_parse(&run_command, argc, argv, &args);

    if (status != TIN_CLI_GO_ON)
        return status;
    if (args.inputs.count == 0)
        return tin_cli_usage("run", "no --input given");
    if (args.json && args.draw)
        return tin_cli_usage("run", "--draw does not go with --json");
    if (args.layers && args.how.hop)
        return tin_cli_usage("run", "--layers does not go with --slide: its "
                                    "layers never end");
    if (args.top == 0)
        args.top = args.how.hop ? 1 : 5;
    r.pool = tin_pool_new();
    status = run(&r);
    tin_pool_free(r.pool);
    return status;
}
