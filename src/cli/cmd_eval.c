/* SPDX-License-Identifier: MIT */
/* cmd_eval.c: `tinyinfer eval`: many inferences, and how good they are. */
#include <math.h>
#include <string.h>

#include "metrics.h"
#include "running.h"

typedef struct {
    const char *model, *labels, *names;
    tin_how how;
    tin_cli_list inputs, outputs;
    int64_t limit, show;
    tin_pixels pixels;
    int json;
} eval_args;

static const tin_option eval_options[] = {
    {"--inputs", 'i', TIN_OPTION_LIST, offsetof(eval_args, inputs), "X.npy",
     "samples; the first axis counts them. Once for each\n"
     "input of the network, in their order",
     0, 0},
    {"--labels", 'l', TIN_OPTION_STRING, offsetof(eval_args, labels), "Y.npy",
     "the true class of each sample, integers; or a .txt or\n"
     ".csv file with a name of --names or a number a line",
     0, 0},
    {"--names", 0, TIN_OPTION_STRING, offsetof(eval_args, names), "FILE",
     "names of the classes, one a line", 0, 0},
    {"--output", 'o', TIN_OPTION_LIST, offsetof(eval_args, outputs), "FILE",
     "write the outputs of all samples to .npy .csv or .bin;\n"
     "may be repeated for the network's next outputs",
     0, 0},
    {"--limit", 'n', TIN_OPTION_INT, offsetof(eval_args, limit), "N",
     "only the first N samples", 1, 1e9},
    {"--mean", 0, TIN_OPTION_FLOAT, offsetof(eval_args, pixels.mean), "M",
     "pixels become (byte - M) / S, as in `tinyinfer run`", 0, 0},
    {"--std", 0, TIN_OPTION_FLOAT, offsetof(eval_args, pixels.std), "S",
     "see `tinyinfer run --help` for the default", 1e-30, 1e30},
    {"--show", 0, TIN_OPTION_INT, offsetof(eval_args, show), "N",
     "draw the first N samples, uint8 pictures", 1, 1000},
    {"--json", 0, TIN_OPTION_FLAG, offsetof(eval_args, json), NULL,
     "print one JSON object", 0, 0},
    {NULL, 0, TIN_OPTION_FLAG, 0, NULL, NULL, 0, 0}};

static const char *const eval_notes[] = {
    "Samples of the input's own type are taken as they are, uint8 samples\n"
    "are pixels, floating-point ones real values: see `tinyinfer run --help`.\n"
    "The predicted class is the largest element of the first output; of\n"
    "equals the first wins. Without --labels nothing is compared: use it with\n"
    "--output, also for networks that are no classifiers.\n",
    "JSON keys, with --labels:\n"
    "  correct total accuracy confusion (rows: true, columns: predicted)\n"
    "  per_class, macro_avg, weighted_avg (precision recall f1 support)\n"
    "Averages are over the classes that occur. Without --labels: total.\n",
    "examples:\n"
    "  tinyinfer eval digits.tflite --inputs digits.npy --labels labels.npy\n"
    "  tinyinfer eval net.tflite --inputs x.npy --output y.npy --limit 100\n",
    NULL};

static const tin_cli_command eval_command = {
    .name = "eval",
    .about = "Runs a network on many inputs: how often it is right, and what\n"
             "it says.\n",
    .operand = "MODEL",
    .operand_offset = offsetof(eval_args, model),
    .options = eval_options,
    .shared = tin_how_options,
    .shared_offset = offsetof(eval_args, how),
    .notes = eval_notes};

typedef struct {
    const eval_args *args;
    tin_pool *pool;
    const tin_program *program;
    tin_runner runner;
    tin_array *arrays;     /* one an input */
    tin_feeding *feedings; /* one an input */
    int64_t samples;
    const int64_t *truth; /* one a sample, with --labels */
    tin_labels names;
    int32_t *predicted;  /* one a sample */
    uint8_t **collected; /* outputs of all samples, one for each --output */
    tin_confusion confusion;
    tin_diag diag;
} eval_state;

/* ---- Loading ------------------------------------------------------------ */

static const tin_port *scores_port(const eval_state *e)
{
    return &e->program->model.outputs[0];
}

static tin_status no_memory(eval_state *e)
{
    return tin_fail(&e->diag, TIN_ERR_MEMORY, -1, "out of memory");
}

/* All inputs must have as many samples. */
static tin_status load_inputs(eval_state *e)
{
    const tin_model *model = &e->program->model;
    const uint64_t n = (uint64_t)model->n_inputs;
    const tin_cli_list *paths = &e->args->inputs;
    tin_status status;

    e->arrays = tin_pool_alloc(e->pool, n * sizeof *e->arrays);
    e->feedings = tin_pool_alloc(e->pool, n * sizeof *e->feedings);
    if (!e->arrays || !e->feedings)
        return no_memory(e);
    status = tin_feed_files(e->pool, model, paths, 1, &e->args->pixels,
                            e->arrays, e->feedings, &e->diag);
    if (status != TIN_OK)
        return status;
    e->samples = e->arrays[0].shape[0];
    if (e->samples == 0)
        return tin_fail(&e->diag, TIN_ERR_SHAPE, -1, "%.240s: no samples",
                        paths->at[0]);
    for (int32_t i = 1; i < model->n_inputs; i++) {
        if (e->arrays[i].shape[0] != e->samples)
            return tin_fail(&e->diag, TIN_ERR_SHAPE, -1,
                            "%s has %ld samples, %s has %ld", paths->at[0],
                            (long)e->samples, paths->at[i],
                            (long)e->arrays[i].shape[0]);
    }
    return TIN_OK;
}

static tin_status load_names(eval_state *e)
{
    const int64_t classes = tin_port_count(scores_port(e));
    const tin_status status =
        tin_labels_load(e->pool, e->args->names, &e->names, &e->diag);

    if (status != TIN_OK || !e->args->names || e->names.count == classes)
        return status;
    return tin_fail(&e->diag, TIN_ERR_SHAPE, -1,
                    "%s: %ld names for an output of %lld classes",
                    e->args->names, (long)e->names.count, (long long)classes);
}

static tin_status load_labels(eval_state *e)
{
    const int64_t classes = tin_port_count(scores_port(e));
    const tin_status status =
        tin_truth_load(e->pool, e->args->labels, &e->names, e->samples, classes,
                       &e->truth, &e->diag);

    return status == TIN_OK
               ? tin_confusion_new(e->pool, &e->confusion, classes, &e->diag)
               : status;
}

static tin_status make_room(eval_state *e)
{
    const tin_cli_list *paths = &e->args->outputs;
    const tin_model *model = &e->program->model;
    const uint64_t samples = (uint64_t)e->samples;

    if (paths->count > model->n_outputs)
        return tin_fail(&e->diag, TIN_ERR_ARG, -1,
                        "files for %ld outputs given, the network has %ld",
                        (long)paths->count, (long)model->n_outputs);
    e->predicted = tin_pool_alloc(e->pool, samples * sizeof *e->predicted);
    e->collected = tin_pool_alloc(e->pool, (uint64_t)(paths->count + 1) *
                                               sizeof *e->collected);
    if (!e->predicted || !e->collected)
        return no_memory(e);
    for (int32_t i = 0; i < paths->count; i++) {
        e->collected[i] = tin_pool_alloc(
            e->pool, samples * (uint64_t)model->outputs[i].bytes);
        if (!e->collected[i])
            return no_memory(e);
    }
    return TIN_OK;
}

/* ---- Running ------------------------------------------------------------ */

/* Samples have nothing to do with each other: a network that remembers begins
 * anew. */
static void infer(eval_state *e, int64_t sample)
{
    const tin_model *model = &e->program->model;

    for (int32_t i = 0; i < model->n_inputs; i++)
        tin_feed(&e->feedings[i], sample * tin_port_count(&model->inputs[i]),
                 tin_runner_input(&e->runner, i));
    tin_net_reset(&e->runner.net);
    tin_runner_run(&e->runner);
    for (int32_t i = 0; i < e->args->outputs.count; i++) {
        const size_t bytes = (size_t)model->outputs[i].bytes;

        memcpy(e->collected[i] + (size_t)sample * bytes,
               tin_net_output(&e->runner.net, i), bytes);
    }
    e->predicted[sample] = (int32_t)tin_port_largest(
        scores_port(e), tin_net_output(&e->runner.net, 0));
    if (e->args->labels)
        tin_confusion_add(&e->confusion, (int32_t)e->truth[sample],
                          e->predicted[sample]);
}

static void infer_all(eval_state *e)
{
    tin_progress progress;

    tin_progress_start(&progress, e->samples);
    for (int64_t i = 0; i < e->samples; i++) {
        infer(e, i);
        tin_progress_show(&progress, i + 1);
    }
    tin_progress_end(&progress);
}

static tin_status write_outputs(eval_state *e)
{
    const tin_cli_list *paths = &e->args->outputs;
    tin_output_file files[TIN_CLI_LIST_MAX];
    tin_status status = TIN_OK;

    for (int32_t i = 0; i < paths->count && status == TIN_OK; i++)
        status = tin_array_encode(
            e->pool, paths->at[i], &e->program->model.outputs[i],
            e->collected[i], (int32_t)e->samples, &files[i], &e->diag);
    if (status == TIN_OK)
        status = tin_files_write(files, paths->count, &e->diag);
    return status;
}

/* ---- Showing ------------------------------------------------------------ */

/* "seven, not two": what the network says, and the truth where it errs. */
static const char *caption(const eval_state *e, int64_t sample)
{
    const int32_t guess = e->predicted[sample];
    const int64_t truth = e->args->labels ? e->truth[sample] : guess;
    tin_text t = {.pool = e->pool};

    if (e->names.count > 0)
        tin_text_add(&t, "%s", tin_label(&e->names, guess));
    else
        tin_text_add(&t, "class %ld", (long)guess);
    if (truth != guess && e->names.count > 0)
        tin_text_add(&t, ", not %s", tin_label(&e->names, truth));
    else if (truth != guess)
        tin_text_add(&t, ", not %lld", (long long)truth);
    return t.failed ? "" : t.text;
}

static tin_status show_samples(eval_state *e)
{
    const int64_t wanted = e->args->show;
    const int64_t n = wanted < e->samples ? wanted : e->samples;
    const char **captions =
        tin_pool_alloc(e->pool, (uint64_t)n * sizeof *captions);
    tin_picture first;

    if (n == 0)
        return TIN_OK;
    if (!captions)
        return no_memory(e);
    if (!tin_picture_of(&e->arrays[0], 1, &first))
        return tin_fail(&e->diag, TIN_ERR_UNSUPPORTED, -1,
                        "%s: --show draws uint8 pictures [n][h][w][1 or 3]",
                        e->args->inputs.at[0]);
    for (int64_t i = 0; i < n; i++)
        captions[i] = caption(e, i);
    tin_draw_samples(e->pool, &first, n, captions, stdout);
    return TIN_OK;
}

static void print_results(const eval_state *e)
{
    char n[TIN_NUMBER_SIZE];

    if (e->args->labels)
        tin_metrics_print(e->pool, &e->confusion, &e->names, stdout);
    else
        printf("%s samples\n", tin_format_count(n, e->samples));
}

static void print_json(const eval_state *e)
{
    tin_json j = {.file = stdout};

    tin_json_open(&j, NULL, '{');
    if (e->args->labels)
        tin_metrics_json(&j, &e->confusion, &e->names);
    else
        tin_json_int(&j, "total", e->samples);
    tin_json_close(&j, '}');
}

/* ---- The command -------------------------------------------------------- */

static tin_status prepare(eval_state *e)
{
    tin_status status;

    if (e->program->model.n_outputs < 1)
        return tin_fail(&e->diag, TIN_ERR_SHAPE, -1,
                        "%s: the network has no output", e->args->model);
    status = load_inputs(e);
    if (status == TIN_OK)
        status = load_names(e);
    if (status == TIN_OK && e->args->labels)
        status = load_labels(e);
    if (e->args->limit > 0 && e->args->limit < e->samples)
        e->samples = e->args->limit;
    if (status == TIN_OK)
        status = make_room(e);
    if (status == TIN_OK)
        status = tin_runner_open(e->pool, e->program, &e->runner, &e->diag);
    return status;
}

static int eval(eval_state *e)
{
    tin_status status;

    if (tin_cli_load("eval", e->pool, e->args->model, &e->args->how,
                     &e->program))
        return TIN_CLI_FAILED;
    status = prepare(e);
    if (status == TIN_OK) {
        infer_all(e);
        status = write_outputs(e);
    }
    if (status == TIN_OK)
        status = show_samples(e);
    if (status != TIN_OK)
        return tin_cli_fail_diag("eval", NULL, &e->diag);
    if (e->args->json)
        print_json(e);
    else
        print_results(e);
    return TIN_CLI_OK;
}

int tin_cmd_eval(int argc, char **argv)
{
    eval_args args = {.pixels = {(double)NAN, (double)NAN}};
    eval_state e = {.args = &args, .diag = {.layer = -1, .offset = -1}};
    int status = tin_cli_parse(&eval_command, argc, argv, &args);

    if (status != TIN_CLI_GO_ON)
        return status;
    if (args.inputs.count == 0)
        return tin_cli_usage("eval", "no --inputs given");
    if (args.how.hop)
        return tin_cli_usage("eval", "--slide does not go with samples that "
                                     "are windows of their own: see run");
    if (args.json && args.show > 0)
        return tin_cli_usage("eval", "--show does not go with --json");
    e.pool = tin_pool_new();
    status = eval(&e);
    tin_pool_free(e.pool);
    return status;
}
