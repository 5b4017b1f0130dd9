/* SPDX-License-Identifier: MIT */
/* cmd_inspect.c: `tinyinfer inspect`: what a network costs. */
#include <math.h>
#include <string.h>

#include "port.h"
#include "report_parts.h"
#include "tradeoff.h"

typedef struct {
    const char *model;
    tin_how how;
    int memory, tradeoff, ops, json;
} inspect_args;

static const tin_option inspect_options[] = {
    {"--target", 't', TIN_OPTION_STRING, offsetof(inspect_args, how.target),
     "TARGET",
     "lower for this machine; default generic. See\n"
     "`tinyinfer compile --help` for the list",
     0, 0},
    {"--memory", 'm', TIN_OPTION_FLAG, offsetof(inspect_args, memory), NULL,
     "also list what lies where in the arena, and when", 0, 0},
    {"--tradeoff", 0, TIN_OPTION_FLAG, offsetof(inspect_args, tradeoff), NULL,
     "compare all settings of --optimize also where that may\n"
     "take long: with more than 40 layers",
     0, 0},
    {"--ops", 0, TIN_OPTION_FLAG, offsetof(inspect_args, ops), NULL,
     "list the operators that networks may have, and the types\n"
     "that each computes with; without MODEL",
     0, 0},
    {"--json", 0, TIN_OPTION_FLAG, offsetof(inspect_args, json), NULL,
     "print one JSON object; with --ops an array", 0, 0},
    {NULL, 0, TIN_OPTION_FLAG, 0, NULL, NULL, 0, 0}};

static const char *const inspect_notes[] = {
    "what it shows:\n"
    "  MACs     multiply-accumulates of one inference\n"
    "  weights  bytes of the file's weights and biases\n"
    "  flash    bytes of constants as the target's kernels read them: packed\n"
    "           weights, biases, scales, tables\n"
    "  cycles   an estimate, for a Cortex-M4 without flash wait states, with\n"
    "           MVE a Cortex-M55: within a tenth or so for a network, less\n"
    "           sure for a small layer. `make bench-m4` measures\n"
    "  left out  kernels that --flash-budget has no room for\n"
    "  arena    bytes of memory in which one inference runs, scratch and\n"
    "           alignment included: RAM\n"
    "  lower bound  no placement of these tensors is smaller; where the arena\n"
    "           is as small, the plan is proven optimal. The layer that binds\n"
    "           is one during which so many bytes are in use. Of large "
    "networks\n"
    "           not all orders and stages are tried: it is that of those "
    "tried\n"
    "Times count the calls of kernels: inputs are written at the first time\n"
    "and outputs read at the last. A ring holds the rows of a tensor that are\n"
    "still needed, while the layers around it run row by row.\n"
    "A layer of kernel `view` only sees its input in another shape.\n"
    "The table of --optimize compares its settings, with the input there as a\n"
    "whole and with --stream-input, where `-` says that this is not possible:\n"
    "arena, calls of kernels in one inference, flash, cycles.\n",
    "JSON keys:\n"
    "  name target optimize stream_input pushed_rows (0: not streamed) calls\n"
    "  macs live_macs (without dead channels) weight_bytes flash_bytes\n"
    "  cycles cycles_of (null both: no estimate)\n"
    "  arena_bytes (of all regions) lower_bound_bytes optimal\n"
    "  searched_all (false: the bound is of the plans that were tried)\n"
    "  state_bytes (of arena_bytes, kept between inferences)\n"
    "  regions (name bytes available_bytes), slide (null: it does not;\n"
    "  window_rows hop_rows row_bytes hop_macs), binding_layer (null: at "
    "input\n"
    "  or output), tradeoff (null: see --tradeoff; optimize\n"
    "  stream_input arena_bytes calls flash_bytes cycles; all null: not\n"
    "  possible), inputs and outputs (name shape type bytes scale zero_point;\n"
    "  both null: not quantized), layers (index name op kernel input_shape\n"
    "  output_shape type macs live_macs hop_macs weight_bytes flash_bytes\n"
    "  cycles scratch_bytes),\n"
    "  memory\n"
    "  (region offset bytes first_time last_time kind rows all_rows (0: no "
    "end)\n"
    "  layer name; layer null: the caller)\n"
    "With --ops: operator types int8_weights (float32 with int8 weights)\n"
    "  int4_weights (int8 with int4 weights)\n",
    "examples:\n"
    "  tinyinfer inspect digits.tflite\n"
    "  tinyinfer inspect digits.tflite --json | jq .arena_bytes\n"
    "  tinyinfer inspect digits.tflite --optimize speed --stream-input\n"
    "  tinyinfer inspect --ops\n",
    NULL};

static const tin_cli_command inspect_command = {
    .name = "inspect",
    .about = "Shows the layers of a network, its work, and the memory that it\n"
             "needs.\n",
    .operand = "MODEL",
    .operand_offset = offsetof(inspect_args, model),
    .optional = 1,
    .options = inspect_options,
    .shared = tin_how_options,
    .shared_offset = offsetof(inspect_args, how),
    .notes = inspect_notes};

/* What is shown. */
typedef struct {
    const inspect_args *args;
    tin_pool *pool;
    const tin_program *program;
    const tin_tradeoff *tradeoff; /* NULL: left out */
} inspection;

/* ---- Text --------------------------------------------------------------- */

/* What is left of a line for names when all else has its place. */
enum { LINE_WIDTH = 100, LEAST_NAME = 12 };

static void add_layer(tin_table *t, const tin_program *p, int32_t index,
                      int32_t name_width)
{
    const tin_layer *l = &p->layers[index];
    char in[TIN_SHAPE_SIZE], out[TIN_SHAPE_SIZE], n[TIN_NUMBER_SIZE];

    tin_format_shape(in, l->in.rank, l->in.shape);
    tin_format_shape(out, l->out.rank, l->out.shape);
    tin_table_add(t, "%ld", (long)index);
    if (name_width > 0)
        tin_table_add(t, "%s", tin_clean_layer(t->pool, l->name, name_width));
    tin_table_add(t, "%s", l->op);
    tin_table_add(t, "%s -> %s", in, out);
    tin_table_add(t, "%s", tin_type_name(l->out.type));
    tin_table_add(t, "%s", tin_format_count(n, l->macs));
    tin_table_add(t, "%s", tin_format_count(n, l->weight_bytes));
    tin_table_add(t, "%s", p->cycles_of ? tin_format_count(n, l->cycles) : "-");
}

static void fill_layers(tin_table *t, const tin_program *p, int32_t name_width)
{
    static const char *const head[] = {"#",    "name", "operator", "shape",
                                       "type", "MACs", "weights",  "cycles"};

    for (size_t i = 0; i < sizeof head / sizeof *head; i++) {
        if (i != 1 || name_width > 0)
            tin_table_add(t, "%s", head[i]);
    }
    for (int32_t i = 0; i < p->n_layers; i++)
        add_layer(t, p, i, name_width);
}

static void print_layers(tin_pool *pool, const tin_program *p)
{
    tin_table bare = {.pool = pool, .align = "rlllrrr"};
    tin_table t = {.pool = pool, .align = "rllllrrr"};
    int32_t room;

    fill_layers(&bare, p, 0);
    room = LINE_WIDTH - 2 - tin_table_width(&bare);
    fill_layers(&t, p, room < LEAST_NAME ? LEAST_NAME : room);
    tin_table_print(&t, stdout);
}

static void print_port(tin_pool *pool, const char *what, int32_t i,
                       const tin_port *port)
{
    char shape[TIN_SHAPE_SIZE];

    printf("%s %ld  %s  %s %s", what, (long)i, tin_clean(pool, port->name, 40),
           tin_format_shape(shape, port->rank, port->shape),
           tin_type_name(port->type));
    if (tin_port_quantized(port))
        printf("  scale %.9g zero point %ld", (double)port->scale,
               (long)port->zero_point);
    putchar('\n');
}

static void print_plan(tin_pool *pool, const tin_program *p)
{
    const tin_plan_result in_all = tin_memory_plan(p);
    const tin_plan_result *plan = &in_all;
    const int32_t layer = tin_report_binding_layer(p);
    const int32_t gap = plan->peak_bytes - plan->lower_bound_bytes;
    char n[TIN_NUMBER_SIZE];

    printf("arena        %s bytes\n", tin_format_count(n, plan->peak_bytes));
    printf("lower bound  %s bytes: ",
           tin_format_count(n, plan->lower_bound_bytes));
    if (plan->optimal)
        printf("the plan is proven optimal\n");
    else
        printf("the plan is at most %s bytes (%.1f %%) from the best%s\n",
               tin_format_count(n, gap),
               100.0 * gap /
                   (plan->lower_bound_bytes > 0 ? plan->lower_bound_bytes : 1),
               p->searched_all ? "" : " of those tried");
    if (layer >= 0)
        printf("bound by     layer %ld, %s, %s\n", (long)layer,
               p->layers[layer].op,
               tin_clean_layer(pool, p->layers[layer].name, 60));
    else
        printf("bound by     the network's %s\n",
               plan->binding_time <= 0 ? "inputs" : "outputs");
    tin_memories_print(p, stdout);
    if (p->model.state_bytes)
        printf("state        %s bytes of the arena, kept between inferences\n",
               tin_format_count(n, p->model.state_bytes));
}

static void add_place(tin_table *t, const tin_program *p, int32_t index)
{
    const tin_place *place = &p->places[index];
    char n[TIN_NUMBER_SIZE];

    if (tin_memories(p))
        tin_table_add(t, "%s", tin_memory_at(p, place->region).name);
    tin_table_add(t, "%s", tin_format_count(n, place->offset));
    tin_table_add(t, "%s", tin_format_count(n, place->bytes));
    tin_table_add(t, "%ld..%ld", (long)place->lower, (long)place->upper - 1);
    tin_table_add(t, "%s", tin_report_kind(place->kind));
    if (place->kind == TIN_PLACE_RING && p->model.hop_rows)
        tin_table_add(t, "%ld", (long)place->rows);
    else if (place->kind == TIN_PLACE_RING)
        tin_table_add(t, "%ld of %ld", (long)place->rows,
                      (long)place->all_rows);
    else
        tin_table_add(t, "%s", "");
    if (place->layer >= 0)
        tin_table_add(t, "%ld", (long)place->layer);
    else
        tin_table_add(t, "%s", "");
    tin_table_add(t, "%s", tin_clean_layer(t->pool, place->name, 48));
}

static void print_memory(tin_pool *pool, const tin_program *p)
{
    static const char *const head[] = {"memory", "offset", "bytes", "times",
                                       "kind",   "rows",   "layer", "name"};
    const int spread = tin_memories(p) > 0;
    tin_table t = {.pool = pool, .align = spread ? "lrrrllrl" : "rrrllrl"};

    for (size_t i = spread ? 0 : 1; i < sizeof head / sizeof *head; i++)
        tin_table_add(&t, "%s", head[i]);
    for (int32_t i = 0; i < p->n_places; i++)
        add_place(&t, p, i);
    putchar('\n');
    tin_table_print(&t, stdout);
}

/* Flash and time. */
static void print_cost(const tin_program *p)
{
    char n[TIN_NUMBER_SIZE];

    printf("flash        %s bytes of constants as kernels read them; code "
           "comes on top\n",
           tin_format_count(n, p->flash_bytes));
    if (p->cycles_of)
        printf("time         about %s cycles of a %s without wait states\n",
               tin_format_about(n, p->cycles), p->cycles_of);
}

/* What the flash budget keeps layers from having. */
static void print_left_out(const tin_program *p)
{
    char bytes[TIN_NUMBER_SIZE], cycles[TIN_NUMBER_SIZE];

    for (int32_t i = 0; i < p->n_layers; i++) {
        const tin_layer *l = &p->layers[i];

        if (l->left_out)
            printf("left out     layer %ld: %s instead of %s: %s bytes more, "
                   "%s cycles less\n",
                   (long)i, l->left_out, l->kernel,
                   tin_format_count(bytes, l->left_bytes),
                   tin_format_count(cycles, l->left_cycles));
    }
}

/* How the input gets there, and how often kernels are called. */
static void print_flow(const tin_program *p)
{
    const tin_model *m = &p->model;
    char calls[TIN_NUMBER_SIZE];

    if (p->model.hop_rows) {
        tin_hops_print(p, stdout);
        return;
    }
    if (m->pushed_rows > 0)
        printf("streamed     input 0: %ld rows of %ld bytes\n",
               (long)m->pushed_rows,
               (long)m->tensors[m->inputs[0].tensor].row_bytes);
    printf("calls        %s, of kernels in one inference\n",
           tin_format_count(calls, tin_model_calls(m)));
}

static void print_report(const inspection *in)
{
    tin_pool *pool = in->pool;
    const tin_program *p = in->program;
    const tin_model *m = &p->model;
    char n[TIN_NUMBER_SIZE];

    print_layers(pool, p);
    printf("\n%s: %ld layers, %s MACs", tin_clean(pool, in->args->model, 60),
           (long)p->n_layers, tin_format_count(n, p->macs));
    if (p->live_macs < p->macs)
        printf(" (%s without dead channels)",
               tin_format_count(n, p->live_macs));
    printf(", %s bytes of weights, target %s\n",
           tin_format_count(n, p->weight_bytes), p->target);
    for (int32_t i = 0; i < m->n_inputs; i++)
        print_port(pool, "input", i, &m->inputs[i]);
    for (int32_t i = 0; i < m->n_outputs; i++)
        print_port(pool, "output", i, &m->outputs[i]);
    print_plan(pool, p);
    print_cost(p);
    print_left_out(p);
    print_flow(p);
    if (in->tradeoff) {
        putchar('\n');
        tin_tradeoff_print(pool, in->tradeoff, stdout);
    }
    if (in->args->memory)
        print_memory(pool, p);
}

/* ---- JSON --------------------------------------------------------------- */

static void json_ports(tin_json *j, const char *key, const tin_port *ports,
                       int32_t n)
{
    tin_json_open(j, key, '[');
    for (int32_t i = 0; i < n; i++) {
        const tin_port *p = &ports[i];
        const int quantized = tin_port_quantized(p);

        tin_json_open(j, NULL, '{');
        tin_json_text(j, "name", p->name);
        tin_json_ints(j, "shape", p->shape, p->rank);
        tin_json_text(j, "type", tin_type_name(p->type));
        tin_json_int(j, "bytes", p->bytes);
        tin_json_real(j, "scale", quantized ? (double)p->scale : (double)NAN);
        tin_json_real(j, "zero_point",
                      quantized ? (double)p->zero_point : (double)NAN);
        tin_json_close(j, '}');
    }
    tin_json_close(j, ']');
}

static void json_memory(tin_json *j, const tin_program *p)
{
    tin_json_open(j, "memory", '[');
    for (int32_t i = 0; i < p->n_places; i++) {
        const tin_place *place = &p->places[i];

        tin_json_open(j, NULL, '{');
        tin_json_int(j, "region", place->region);
        tin_json_int(j, "offset", place->offset);
        tin_json_int(j, "bytes", place->bytes);
        tin_json_int(j, "first_time", place->lower);
        tin_json_int(j, "last_time", place->upper - 1);
        tin_json_text(j, "kind", tin_report_kind(place->kind));
        tin_json_int(j, "rows", place->rows);
        tin_json_int(j, "all_rows", p->model.hop_rows ? 0 : place->all_rows);
        tin_json_int(j, "slots", place->slots);
        tin_json_known(j, "layer", place->layer >= 0, place->layer);
        tin_json_text(j, "name", place->name);
        tin_json_close(j, '}');
    }
    tin_json_close(j, ']');
}

static void json_sums(tin_json *j, const inspection *in)
{
    const tin_program *p = in->program;
    const tin_plan_result plan = tin_memory_plan(p);
    const int32_t layer = tin_report_binding_layer(p);

    tin_json_text(j, "name", p->model.name);
    tin_json_text(j, "target", p->target);
    tin_json_text(j, "optimize", tin_settings[in->args->how.optimize]);
    tin_json_bool(j, "stream_input", in->args->how.stream_input);
    tin_json_int(j, "pushed_rows", p->model.pushed_rows);
    tin_json_int(j, "calls", tin_model_calls(&p->model));
    tin_json_int(j, "macs", p->macs);
    tin_json_int(j, "live_macs", p->live_macs);
    tin_json_int(j, "weight_bytes", p->weight_bytes);
    tin_json_int(j, "flash_bytes", p->flash_bytes);
    tin_json_known(j, "cycles", p->cycles_of != NULL, p->cycles);
    if (p->cycles_of)
        tin_json_text(j, "cycles_of", p->cycles_of);
    else
        tin_json_null(j, "cycles_of");
    tin_json_int(j, "arena_bytes", plan.peak_bytes);
    tin_json_int(j, "lower_bound_bytes", plan.lower_bound_bytes);
    tin_json_bool(j, "optimal", plan.optimal);
    tin_json_bool(j, "searched_all", p->searched_all);
    tin_json_int(j, "state_bytes", p->model.state_bytes);
    tin_memories_json(j, p);
    tin_hops_json(j, p);
    tin_json_known(j, "binding_layer", layer >= 0, layer);
    if (in->tradeoff)
        tin_tradeoff_json(j, in->tradeoff);
    else
        tin_json_null(j, "tradeoff");
}

static void json_report(const inspection *in)
{
    const tin_program *p = in->program;
    tin_json j = {.file = stdout};

    tin_json_open(&j, NULL, '{');
    json_sums(&j, in);
    json_ports(&j, "inputs", p->model.inputs, p->model.n_inputs);
    json_ports(&j, "outputs", p->model.outputs, p->model.n_outputs);
    tin_json_open(&j, "layers", '[');
    for (int32_t i = 0; i < p->n_layers; i++) {
        tin_json_open(&j, NULL, '{');
        tin_json_layer(&j, p, i);
        tin_json_close(&j, '}');
    }
    tin_json_close(&j, ']');
    json_memory(&j, p);
    tin_json_close(&j, '}');
}

/* ---- The command -------------------------------------------------------- */

/* Of larger networks eight plans may take minutes. */
enum { QUICK_LAYERS = 40 };

static int inspect(tin_pool *pool, const inspect_args *args)
{
    inspection in = {.args = args, .pool = pool};
    tin_tradeoff tradeoff;
    tin_bytes file;
    int status = tin_cli_read("inspect", pool, args->model, &file);

    if (status == TIN_CLI_OK)
        status = tin_cli_compile("inspect", pool, args->model, file, &args->how,
                                 &in.program);
    if (status != TIN_CLI_OK)
        return status;
    if (args->tradeoff ||
        (!args->how.hop && in.program->n_layers <= QUICK_LAYERS)) {
        tin_tradeoff_find(file, &args->how, in.program, &tradeoff);
        in.tradeoff = &tradeoff;
    }
    if (args->json)
        json_report(&in);
    else
        print_report(&in);
    return TIN_CLI_OK;
}

int tin_cmd_inspect(int argc, char **argv)
{
    inspect_args args = {0};
    int status = tin_cli_parse(&inspect_command, argc, argv, &args);
    tin_pool *pool;

    if (status != TIN_CLI_GO_ON)
        return status;
    if (tin_cli_check_target("inspect", args.how.target) != TIN_CLI_GO_ON)
        return TIN_CLI_USAGE;
    if (args.tradeoff && args.how.hop)
        return tin_cli_usage("inspect", "--tradeoff does not go with --slide: "
                                        "its input is streamed");
    if (args.ops && args.model)
        return tin_cli_usage("inspect", "--ops takes no MODEL");
    if (!args.ops && !args.model)
        return tin_cli_usage("inspect", "no MODEL given");
    if (args.ops) {
        tin_operators_print(args.json);
        return TIN_CLI_OK;
    }
    pool = tin_pool_new();
    status = inspect(pool, &args);
    tin_pool_free(pool);
    return status;
}
