/* SPDX-License-Identifier: MIT */
/* cmd_report.c: `tinyinfer report`: what a network costs, to be looked at. */
#include <string.h>

#include "report_parts.h"
#include "terminal.h"

static const char name[] = "report";

typedef struct {
    const char *model, *output, *chip;
    tin_how how;
    int html, text, json, chips;
} report_args;

static const tin_option options[] = {
    {"--output", 'o', TIN_OPTION_STRING, offsetof(report_args, output), "FILE",
     "write it there, as HTML unless another form is asked\n"
     "for; default: to standard output, as text",
     0, 0},
    {"--html", 0, TIN_OPTION_FLAG, offsetof(report_args, html), NULL,
     "as one HTML file that needs no other and no network", 0, 0},
    {"--text", 0, TIN_OPTION_FLAG, offsetof(report_args, text), NULL,
     "as text for a terminal", 0, 0},
    {"--json", 0, TIN_OPTION_FLAG, offsetof(report_args, json), NULL,
     "as one JSON object", 0, 0},
    {"--chip", 'c', TIN_OPTION_STRING, offsetof(report_args, chip), "CHIP",
     "does it fit there, and by how much? A name or a part\n"
     "number that --chips lists",
     0, 0},
    {"--chips", 0, TIN_OPTION_FLAG, offsetof(report_args, chips), NULL,
     "list the chips; needs no MODEL", 0, 0},
    {"--target", 't', TIN_OPTION_STRING, offsetof(report_args, how.target),
     "TARGET",
     "lower for this machine; default: that of the chip, or\n"
     "generic. See `tinyinfer compile --help` for the list",
     0, 0},
    {NULL, 0, TIN_OPTION_FLAG, 0, NULL, NULL, 0, 0}};

static const char *const notes[] = {
    "what it shows:\n"
    "  arena    bytes of memory in which one inference runs, scratch and\n"
    "           alignment included; proven optimal where no plan is smaller\n"
    "  weights  bytes of weights and biases in the file\n"
    "  flash    bytes of constants as the target's kernels read them\n"
    "  cycles   an estimate, see `tinyinfer inspect --help`\n"
    "  map      what is where in the arena, and when: whole tensors, rings\n"
    "           that hold but the rows still needed, scratch of kernels\n"
    "  rows     rows of a layer's output that the arena holds, of how many\n"
    "A network fits a chip if its arena fits the largest block of RAM,\n"
    "several regions all of it, and its constants fit the flash. Stack, code,\n"
    "its tables and the rest of your firmware come on top.\n",
    "JSON keys:\n"
    "  model target macs calls (of kernels) pushed_rows (0: not streamed)\n"
    "  weight_bytes flash_bytes cycles (null: no estimate)\n"
    "  arena_bytes (of all regions) lower_bound_bytes optimal\n"
    "  searched_all (false: the bound is of the plans that were tried)\n"
    "  regions (name bytes available_bytes), slide (null: it does not;\n"
    "  window_rows hop_rows row_bytes hop_macs), binding_layer (null: at "
    "input\n"
    "  or output), chip (null: none chosen;\n"
    "  name part cpu mhz flash_bytes ram_bytes ram_block_bytes), fits (flash\n"
    "  ram), layers (index name op kernel input_shape output_shape type macs\n"
    "  hop_macs weight_bytes flash_bytes cycles scratch_bytes rows\n"
    "  all_rows (0: no end)), places\n"
    "  (kind: tensor ring scratch progress, name, layer: null for inputs, "
    "live\n"
    "  at the times lower .. upper - 1, region offset bytes rows all_rows)\n",
    "examples:\n"
    "  tinyinfer report digits.tflite\n"
    "  tinyinfer report digits.tflite --chip stm32l4r9 -o report.html\n"
    "  tinyinfer report digits.tflite --json -c rp2040 | jq .fits\n"
    "  tinyinfer report digits.tflite --stream-input --optimize balanced\n",
    NULL};

static const tin_cli_command command = {
    .name = name,
    .about = "Shows what a network costs and whether a chip can bear it: work\n"
             "and memory of each layer, the memory map, flash and RAM.\n",
    .operand = "MODEL",
    .operand_offset = offsetof(report_args, model),
    .options = options,
    .shared = tin_how_options,
    .shared_offset = offsetof(report_args, how),
    .notes = notes};

/* ---- Where it goes ------------------------------------------------------ */

/* What a form prints goes to a file that vanishes, and from there to memory,
 * so that the file asked for is written as a whole or not at all. */
static int capture(const tin_report *r,
                   void (*print)(const tin_report *r, FILE *to),
                   tin_output_file *file)
{
    FILE *to = tmpfile();
    char *data = NULL;
    long bytes = -1;

    if (to) {
        print(r, to);
        bytes = ferror(to) ? -1 : ftell(to);
    }
    if (bytes >= 0)
        data = tin_pool_alloc(r->pool, (uint64_t)bytes);
    if (data) {
        rewind(to);
        if (fread(data, 1, (size_t)bytes, to) != (size_t)bytes)
            data = NULL;
    }
    if (to)
        fclose(to);
    file->data = data;
    file->bytes = (size_t)bytes;
    return data != NULL;
}

static int write_file(const tin_report *r, const tin_output_file *file)
{
    tin_diag diag = {.layer = -1, .offset = -1};
    char n[TIN_NUMBER_SIZE];

    if (tin_files_write(file, 1, &diag) != TIN_OK)
        return tin_cli_fail_diag(name, NULL, &diag);
    if (!tin_is_special(file->path)) // it may be standard output
        printf("written: %s, %s bytes\n", tin_clean(r->pool, file->path, 0),
               tin_format_count(n, (int64_t)file->bytes));
    return TIN_CLI_OK;
}

static int put_printed(const tin_report *r, const report_args *args,
                       void (*print)(const tin_report *r, FILE *to))
{
    tin_output_file file = {.path = args->output};

    if (!args->output) {
        print(r, stdout);
        return TIN_CLI_OK;
    }
    if (!capture(r, print, &file))
        return tin_cli_fail(name, "no room for a temporary file");
    return write_file(r, &file);
}

static int put_html(const tin_report *r, const report_args *args)
{
    tin_text text = {.pool = r->pool};
    tin_output_file file = {.path = args->output};

    if (tin_report_html(r, &text) != TIN_OK)
        return tin_cli_fail(name, "out of memory");
    if (!args->output) {
        fwrite(text.text, 1, text.bytes, stdout);
        return TIN_CLI_OK;
    }
    file.data = text.text;
    file.bytes = text.bytes;
    return write_file(r, &file);
}

/* ---- The command -------------------------------------------------------- */

static int report(tin_pool *pool, const report_args *args, const tin_chip *chip)
{
    tin_how how = args->how;
    tin_report r = {.pool = pool, .path = args->model, .chip = chip};
    int status;

    if (!how.target && chip)
        how.target = chip->target;
    status = tin_cli_load(name, pool, args->model, &how, &r.program);
    if (status != TIN_CLI_OK)
        return status;
    if (args->json)
        return put_printed(&r, args, tin_report_json);
    if (args->text || (!args->html && !args->output))
        return put_printed(&r, args, tin_report_text);
    return put_html(&r, args);
}

static int unknown_chip(const char *chip)
{
    const tin_chip *near[3];
    const int32_t n = tin_chip_nearest(chip, near, 3);

    if (n == 0)
        return tin_cli_usage(name, "unknown chip '%s': --chips lists them",
                             chip);
    return tin_cli_usage(
        name, "unknown chip '%s': did you mean %s%s%s%s%s? --chips lists them",
        chip, near[0]->name, n > 1 ? " or " : "", n > 1 ? near[1]->name : "",
        n > 2 ? " or " : "", n > 2 ? near[2]->name : "");
}

/* TIN_CLI_GO_ON where the options go together. */
static int check(const report_args *args, const tin_chip **chip)
{
    if (args->html + args->text + args->json > 1)
        return tin_cli_usage(name, "one of --html, --text and --json");
    if (tin_cli_check_target(name, args->how.target) != TIN_CLI_GO_ON)
        return TIN_CLI_USAGE;
    *chip = args->chip ? tin_chip_find(args->chip) : NULL;
    if (args->chip && !*chip)
        return unknown_chip(args->chip);
    return TIN_CLI_GO_ON;
}

static int list_chips(void)
{
    tin_pool *pool = tin_pool_new();

    if (!pool)
        return tin_cli_fail(name, "out of memory");
    tin_chips_print(pool, stdout);
    printf("\nSizes in KB; \"in one\" is the largest block of RAM, which an\n"
           "arena must fit in. \"flash: that of\" some board: the chip has "
           "none.\n");
    tin_pool_free(pool);
    return TIN_CLI_OK;
}

int tin_cmd_report(int argc, char **argv)
{
    report_args args = {0};
    const tin_chip *chip = NULL;
    tin_pool *pool;
    int status;

    if (argc == 2 && strcmp(argv[1], "--chips") == 0) // without a MODEL
        return list_chips();
    status = tin_cli_parse(&command, argc, argv, &args);
    if (status == TIN_CLI_GO_ON)
        status = check(&args, &chip);
    if (status != TIN_CLI_GO_ON)
        return status;
    if (args.chips)
        return list_chips();
    pool = tin_pool_new();
    status = report(pool, &args, chip);
    tin_pool_free(pool);
    return status;
}
