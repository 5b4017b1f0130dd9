/* SPDX-License-Identifier: MIT */
/* cmd_plan.c: `tinyinfer plan`: the memory planner by itself. */
#include "plan_parts.h"
#include "terminal.h"

static const char name[] = "plan";

static const tin_option options[] = {
    {"--capacity", 'c', TIN_OPTION_INT, offsetof(tin_plan_args, capacity), "N",
     "does it fit in N bytes? If not, the exit status is 1.\n"
     "The search stops at the first plan of buffers that does",
     1, 2147483647},
    {"--output", 'o', TIN_OPTION_STRING, offsetof(tin_plan_args, output),
     "FILE", "write the buffers with their offsets, as CSV", 0, 0},
    {"--shared", 0, TIN_OPTION_FLAG, offsetof(tin_plan_args, shared), NULL,
     "the files are networks that never run together and\n"
     "share one arena",
     0, 0},
    {"--work", 0, TIN_OPTION_INT, offsetof(tin_plan_args, work), "N",
     "search at most N nodes; default: some seconds' worth", 1, 1e15},
    {"--json", 0, TIN_OPTION_FLAG, offsetof(tin_plan_args, json), NULL,
     "print one JSON object", 0, 0},
    {"--target", 't', TIN_OPTION_STRING, offsetof(tin_plan_args, how.target),
     "TARGET",
     "with --shared: lower for this machine; default generic.\n"
     "See `tinyinfer compile --help` for the list",
     0, 0},
    {NULL, 0, TIN_OPTION_FLAG, 0, NULL, NULL, 0, 0}};

static const char *const notes[] = {
    "buffers:\n"
    "  FILE is CSV. Its first line is `id,lower,upper,size`, in any order, "
    "and\n"
    "  each line after it a buffer of `size` bytes that lives at the times\n"
    "  lower .. upper - 1. A column `alignment` may follow, powers of two; "
    "one\n"
    "  called `offset` is not read, but written by --output. Buffers that "
    "live\n"
    "  at the same time get bytes of their own, and the peak is as small as\n"
    "  can be: optimal where it equals what no plan can go below.\n",
    "networks:\n"
    "  With --shared every FILE is a model. From writing a network's inputs "
    "to\n"
    "  reading its outputs no other one runs, so one arena as large as the\n"
    "  largest does for all. --optimize and --stream-input count for each.\n",
    "JSON keys:\n"
    "  buffers: file peak_bytes lower_bound_bytes optimal binding_time work\n"
    "  capacity fits (both null: none given), buffers (id lower upper size\n"
    "  alignment offset)\n"
    "  networks: networks (file id arena_bytes arena_align weight_bytes "
    "calls),\n"
    "  arena_bytes arena_align largest (index of a network) sum_bytes "
    "capacity\n"
    "  fits\n",
    "examples:\n"
    "  tinyinfer plan buffers.csv --capacity 1048576 -o placed.csv\n"
    "  tinyinfer plan wakeword.tflite commands.tflite --shared\n",
    NULL};

static const tin_cli_command command = {
    .name = name,
    .about = "Places buffers of known lifetimes in as little memory as can "
             "be, or\nnetworks that never run together over one arena.\n",
    .operand = "FILE",
    .operand_offset = offsetof(tin_plan_args, files),
    .many = 1,
    .options = options,
    .shared = tin_how_options,
    .shared_offset = offsetof(tin_plan_args, how),
    .notes = notes};

/* ---- Capacity ----------------------------------------------------------- */

int tin_plan_fits(int64_t need, int64_t capacity)
{
    return capacity == 0 || need <= capacity ? TIN_CLI_OK : TIN_CLI_FAILED;
}

void tin_plan_print_fit(int64_t need, int64_t capacity)
{
    const int64_t left = capacity - need;
    char all[TIN_NUMBER_SIZE], n[TIN_NUMBER_SIZE];

    if (capacity > 0)
        printf("capacity     %s bytes: %s, %s bytes %s\n",
               tin_format_count(all, capacity),
               left < 0 ? "does NOT fit" : "fits",
               tin_format_count(n, left < 0 ? -left : left),
               left < 0 ? "too many" : "left");
}

void tin_plan_json_fit(tin_json *j, int64_t need, int64_t capacity)
{
    if (capacity > 0) {
        tin_json_int(j, "capacity", capacity);
        tin_json_bool(j, "fits", need <= capacity);
    } else {
        tin_json_null(j, "capacity");
        tin_json_null(j, "fits");
    }
}

/* ---- Buffers ------------------------------------------------------------ */

static void print_buffers(const tin_plan_args *args, const tin_plan_sheet *s,
                          const tin_plan_result *r)
{
    const int32_t gap = r->peak_bytes - r->lower_bound_bytes;
    char n[TIN_NUMBER_SIZE];

    printf("buffers      %s\n", tin_format_count(n, s->n));
    printf("peak         %s bytes\n", tin_format_count(n, r->peak_bytes));
    printf("lower bound  %s bytes: ",
           tin_format_count(n, r->lower_bound_bytes));
    if (r->optimal)
        printf("the plan is proven optimal\n");
    else
        printf("the plan is at most %s bytes (%.1f %%) from the best\n",
               tin_format_count(n, gap),
               100.0 * gap /
                   (r->lower_bound_bytes > 0 ? r->lower_bound_bytes : 1));
    printf("bound at     time %ld\n", (long)r->binding_time);
    printf("searched     %s nodes\n", tin_format_count(n, r->work));
    tin_plan_print_fit(r->peak_bytes, args->capacity);
}

static void json_buffers(const tin_plan_args *args, const tin_plan_sheet *s,
                         const tin_plan_result *r)
{
    tin_json j = {.file = stdout};

    tin_json_open(&j, NULL, '{');
    tin_json_text(&j, "file", args->files.at[0]);
    tin_json_int(&j, "peak_bytes", r->peak_bytes);
    tin_json_int(&j, "lower_bound_bytes", r->lower_bound_bytes);
    tin_json_bool(&j, "optimal", r->optimal);
    tin_json_int(&j, "binding_time", r->binding_time);
    tin_json_int(&j, "work", r->work);
    tin_plan_json_fit(&j, r->peak_bytes, args->capacity);
    tin_json_open(&j, "buffers", '[');
    for (int32_t i = 0; i < s->n; i++) {
        const tin_plan_buffer *b = &s->buffers[i];

        tin_json_open(&j, NULL, '{');
        tin_json_text(&j, "id", s->ids[i]);
        tin_json_int(&j, "lower", b->lower);
        tin_json_int(&j, "upper", b->upper);
        tin_json_int(&j, "size", b->bytes);
        tin_json_int(&j, "alignment", b->align);
        tin_json_int(&j, "offset", b->offset);
        tin_json_close(&j, '}');
    }
    tin_json_close(&j, ']');
    tin_json_close(&j, '}');
}

static tin_status place(tin_pool *pool, const tin_plan_args *args,
                        const tin_plan_sheet *s, tin_plan_result *result,
                        tin_diag *diag)
{
    const size_t bytes = tin_plan_work_size(s->n);
    void *work = tin_pool_alloc(pool, bytes);
    tin_status status;

    if (!work)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    status = tin_plan(s->buffers, s->n, NULL, 0, (int32_t)args->capacity,
                      args->work, work, bytes, result);
    if (status == TIN_ERR_OVERFLOW)
        return tin_fail(diag, status, -1, "the buffers need 2 GiB or more");
    if (status != TIN_OK)
        return tin_fail(diag, status, -1, "the buffers cannot be planned");
    return TIN_OK;
}

/* With a file on standard output nothing else is printed. */
static int put_buffers(tin_pool *pool, const tin_plan_args *args,
                       const tin_plan_sheet *s, const tin_plan_result *result)
{
    tin_output_file file = {.path = args->output};
    tin_text text = {.pool = pool};
    tin_diag diag = {.layer = -1, .offset = -1};

    if (args->output) {
        tin_plan_write(s, &text);
        if (text.failed)
            return tin_cli_fail(name, "out of memory");
        file.data = text.text;
        file.bytes = text.bytes;
        if (tin_files_write(&file, 1, &diag) != TIN_OK)
            return tin_cli_fail_diag(name, NULL, &diag);
    }
    if (args->json)
        json_buffers(args, s, result);
    else if (!args->output || !tin_is_special(args->output))
        print_buffers(args, s, result);
    return tin_plan_fits(result->peak_bytes, args->capacity);
}

static int plan_buffers(tin_pool *pool, const tin_plan_args *args)
{
    const char *path = args->files.at[0];
    tin_diag diag = {.layer = -1, .offset = -1};
    tin_plan_sheet sheet;
    tin_plan_result result;
    tin_bytes file;
    int status = tin_cli_read(name, pool, path, &file);

    if (status != TIN_CLI_OK)
        return status;
    if (tin_plan_read(pool, file, &sheet, &diag) != TIN_OK ||
        place(pool, args, &sheet, &result, &diag) != TIN_OK)
        return tin_cli_fail_diag(name, path, &diag);
    return put_buffers(pool, args, &sheet, &result);
}

/* ---- The command -------------------------------------------------------- */

/* TIN_CLI_GO_ON where the options go together. */
static int check(const tin_plan_args *args)
{
    const tin_how *how = &args->how;

    if (tin_cli_check_target(name, how->target) != TIN_CLI_GO_ON)
        return TIN_CLI_USAGE;
    if (args->shared && args->output)
        return tin_cli_usage(name, "--output does not go with --shared");
    if (args->shared && args->work)
        return tin_cli_usage(name, "--work does not go with --shared");
    if (how->hop)
        return tin_cli_usage(name, "a window that slides shares no memory: it "
                                   "needs its own from hop to hop");
    if (how->regions.count)
        return tin_cli_usage(name, "--region is for one network alone: see "
                                   "tinyinfer inspect");
    if (args->shared && args->files.count < 2)
        return tin_cli_usage(name, "--shared takes two networks or more");
    if (args->shared)
        return TIN_CLI_GO_ON;
    if (args->files.count > 1)
        return tin_cli_usage(name, "several files, but no --shared");
    if (tin_path_ends(args->files.at[0], ".tflite"))
        return tin_cli_usage(name, "one network: see tinyinfer inspect");
    if (how->target || how->optimize || how->stream_input || how->resident)
        return tin_cli_usage(name, "--target, --optimize, --stream-input and "
                                   "--resident are for networks, with "
                                   "--shared");
    return TIN_CLI_GO_ON;
}

int tin_cmd_plan(int argc, char **argv)
{
    tin_plan_args args = {.output = NULL};
    tin_pool *pool;
    int status = tin_cli_parse(&command, argc, argv, &args);

    if (status == TIN_CLI_GO_ON)
        status = check(&args);
    if (status != TIN_CLI_GO_ON)
        return status;
    pool = tin_pool_new();
    if (!pool)
        return tin_cli_fail(name, "out of memory");
    status =
        args.shared ? tin_plan_shared(pool, &args) : plan_buffers(pool, &args);
    tin_pool_free(pool);
    return status;
}
