/* SPDX-License-Identifier: MIT */
/* cmd_bench.c: `tinyinfer bench`: how long each layer takes. */
#include "../../bench/measure.h"
#include "cli.h"

typedef struct {
    const char *model;
    tin_how how;
    int64_t runs, warmup;
    int json, csv;
} bench_args;

static const tin_option bench_options[] = {
    {"--runs", 'n', TIN_OPTION_INT, offsetof(bench_args, runs), "N",
     "samples to take; default 50", 1, 1e5},
    {"--warmup", 0, TIN_OPTION_INT, offsetof(bench_args, warmup), "N",
     "inferences before the first sample; default 5", 0, 1e6},
    {"--json", 0, TIN_OPTION_FLAG, offsetof(bench_args, json), NULL,
     "print one JSON object", 0, 0},
    {"--csv", 0, TIN_OPTION_FLAG, offsetof(bench_args, csv), NULL,
     "print a line for each layer, and one for the total,\n"
     "under a head",
     0, 0},
    {NULL, 0, TIN_OPTION_FLAG, 0, NULL, NULL, 0, 0}};

static const char *const bench_notes[] = {
    "Whole inferences and single layers are timed apart, so the layers' sum\n"
    "exceeds the total by the readings of the clock. Inputs are fixed random\n"
    "numbers; with --stream-input copying its rows counts for the total.\n"
    "With --slide all figures, MACs too, are those of one hop.\n"
    "Where one inference is too short for the clock, a sample is the\n"
    "mean of several. The median tells what to expect, the minimum what the\n"
    "code can do when nothing disturbs it. No figure depends on the inputs'\n"
    "values but for some float layers.\n",
    "JSON keys:\n"
    "  name target runs batch hop_rows (0: whole inferences) macs median_ns\n"
    "  min_ns mac_per_s, layers (index name op kernel macs median_ns min_ns\n"
    "  mac_per_s)\n",
    "examples:\n"
    "  tinyinfer bench digits.tflite\n"
    "  tinyinfer bench digits.tflite --runs 1000 --csv > digits.csv\n",
    NULL};

static const tin_cli_command bench_command = {
    .name = "bench",
    .about = "Measures a network on this machine, layer by layer.\n",
    .operand = "MODEL",
    .operand_offset = offsetof(bench_args, model),
    .options = bench_options,
    .shared = tin_how_options,
    .shared_offset = offsetof(bench_args, how),
    .notes = bench_notes};

/* The steps of a layer added up: exact for the common case of one. */
static tin_timing time_of(const tin_measurement *m, const tin_layer *l)
{
    tin_timing sum = {0, 0};

    for (int32_t i = l->first_step; i < l->first_step + l->n_steps; i++) {
        sum.median_ns += m->step[i].median_ns;
        sum.min_ns += m->step[i].min_ns;
    }
    return sum;
}

/* 0 where nothing ran. */
static double macs_per_s(int64_t macs, tin_timing t)
{
    return t.median_ns > 0 ? (double)macs / t.median_ns * 1e9 : 0;
}

/* ---- Text --------------------------------------------------------------- */

static void add_timing(tin_table *t, int64_t macs, tin_timing time,
                       double total_ns)
{
    char n[TIN_NUMBER_SIZE];

    tin_table_add(t, "%s", tin_format_count(n, macs));
    tin_table_add(t, "%.2f", time.median_ns / 1e3);
    tin_table_add(t, "%.2f", time.min_ns / 1e3);
    tin_table_add(t, "%.1f",
                  total_ns > 0 ? 100 * time.median_ns / total_ns : 0);
    tin_table_add(t, "%.1f", macs_per_s(macs, time) / 1e6);
}

static void print_table(tin_pool *pool, const tin_program *p,
                        const tin_measurement *m, const char *path)
{
    static const char *const head[] = {
        "#", "name", "kernel", "MACs", "median us", "min us", "%", "MMAC/s"};
    tin_table t = {.pool = pool, .align = "rllrrrrr"};
    const double total_ns = m->total.median_ns;

    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        tin_table_add(&t, "%s", head[i]);
    for (int32_t i = 0; i < p->n_layers; i++) {
        const tin_layer *l = &p->layers[i];

        tin_table_add(&t, "%ld", (long)i);
        tin_table_add(&t, "%s", tin_clean_layer(pool, l->name, 32));
        tin_table_add(&t, "%s", l->kernel);
        add_timing(&t, tin_hop_macs(p, i), time_of(m, l), total_ns);
    }
    tin_table_add(&t, "%s", "");
    tin_table_add(&t, "total");
    tin_table_add(&t, "%s", "");
    add_timing(&t, tin_hop_macs_sum(p), m->total, total_ns);
    tin_table_print(&t, stdout);
    printf("\n%s: %.1f %s/s, %ld samples of %ld, target %s\n",
           tin_clean(pool, path, 60), total_ns > 0 ? 1e9 / total_ns : 0,
           p->model.hop_rows ? "hops" : "inferences", (long)m->runs,
           (long)m->batch, p->target);
}

/* ---- CSV ---------------------------------------------------------------- */

/* A field in quotes, which are doubled inside. */
static void print_quoted(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    putchar('"');
}

static void print_fields(int64_t macs, tin_timing t)
{
    printf(",%lld,%.1f,%.1f,%.0f\n", (long long)macs, t.median_ns, t.min_ns,
           macs_per_s(macs, t));
}

static void print_csv(tin_pool *pool, const tin_program *p,
                      const tin_measurement *m)
{
    puts("index,name,op,kernel,macs,median_ns,min_ns,mac_per_s");
    for (int32_t i = 0; i < p->n_layers; i++) {
        const tin_layer *l = &p->layers[i];

        printf("%ld,", (long)i);
        print_quoted(tin_clean(pool, l->name, 0));
        printf(",%s,%s", l->op, l->kernel);
        print_fields(tin_hop_macs(p, i), time_of(m, l));
    }
    fputs("total,,,", stdout);
    print_fields(tin_hop_macs_sum(p), m->total);
}

/* ---- JSON --------------------------------------------------------------- */

static void json_timing(tin_json *j, int64_t macs, tin_timing t)
{
    tin_json_int(j, "macs", macs);
    tin_json_real(j, "median_ns", t.median_ns);
    tin_json_real(j, "min_ns", t.min_ns);
    tin_json_real(j, "mac_per_s", macs_per_s(macs, t));
}

static void print_json(const tin_program *p, const tin_measurement *m)
{
    tin_json j = {.file = stdout};

    tin_json_open(&j, NULL, '{');
    tin_json_text(&j, "name", p->model.name);
    tin_json_text(&j, "target", p->target);
    tin_json_int(&j, "runs", m->runs);
    tin_json_int(&j, "batch", m->batch);
    tin_json_int(&j, "hop_rows", p->model.hop_rows);
    json_timing(&j, tin_hop_macs_sum(p), m->total);
    tin_json_open(&j, "layers", '[');
    for (int32_t i = 0; i < p->n_layers; i++) {
        const tin_layer *l = &p->layers[i];

        tin_json_open(&j, NULL, '{');
        tin_json_int(&j, "index", i);
        tin_json_text(&j, "name", l->name);
        tin_json_text(&j, "op", l->op);
        tin_json_text(&j, "kernel", l->kernel);
        json_timing(&j, tin_hop_macs(p, i), time_of(m, l));
        tin_json_close(&j, '}');
    }
    tin_json_close(&j, ']');
    tin_json_close(&j, '}');
}

/* ---- The command -------------------------------------------------------- */

static tin_status measure(tin_pool *pool, const bench_args *args,
                          const tin_program *program, tin_measurement *m)
{
    return tin_measure(pool, &program->model, (int32_t)args->runs,
                       (int32_t)args->warmup, m);
}

static int bench(tin_pool *pool, const bench_args *args)
{
    const tin_program *program;
    tin_measurement m;

    if (tin_cli_load("bench", pool, args->model, &args->how, &program))
        return TIN_CLI_FAILED;
    if (measure(pool, args, program, &m) != TIN_OK)
        return tin_cli_fail("bench", "%s: out of memory", args->model);
    if (args->json)
        print_json(program, &m);
    else if (args->csv)
        print_csv(pool, program, &m);
    else
        print_table(pool, program, &m, args->model);
    return TIN_CLI_OK;
}

int tin_cmd_bench(int argc, char **argv)
{
    bench_args args = {.runs = 50, .warmup = 5};
    int status = tin_cli_parse(&bench_command, argc, argv, &args);
    tin_pool *pool;

    if (status != TIN_CLI_GO_ON)
        return status;
    if (args.json && args.csv)
        return tin_cli_usage("bench", "--json does not go with --csv");
    pool = tin_pool_new();
    status = bench(pool, &args);
    tin_pool_free(pool);
    return status;
}
