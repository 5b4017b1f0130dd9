/* SPDX-License-Identifier: MIT */
/*
 * cli.h: what the subcommands of the `tinyinfer` command share.
 *
 * A subcommand is one file, cmd_xxx.c, with one function. It describes its
 * options in a const table, so that the parser and --help cannot disagree,
 * takes all its memory from one pool, and ends with an exit status:
 *
 *     int tin_cmd_xxx(int argc, char **argv)
 *     {
 *         xxx_args args = {0};
 *         int status = tin_cli_parse(&xxx_command, argc, argv, &args);
 *         ...
 *         if (status != TIN_CLI_GO_ON)
 *             return status;
 *
 * Below the subcommands nothing prints: functions return a tin_status and
 * leave one line in a tin_diag, which the subcommand reports together with
 * the name of the file. Text from files is never printed raw: it may hold
 * escape sequences for the terminal.
 */
#ifndef TIN_CLI_H
#define TIN_CLI_H

#include <stdio.h>

#include "guess.h"
#include "tinyinfer_compiler.h"

#if defined(__GNUC__)
# define TIN_PRINTF(text, args) __attribute__((format(printf, text, args)))
#else
# define TIN_PRINTF(text, args)
#endif

/* ---- Subcommands -------------------------------------------------------- */

/* argv[0] is the subcommand's name. They return an exit status. */
int tin_cmd_bench(int argc, char **argv);
int tin_cmd_compile(int argc, char **argv);
int tin_cmd_eval(int argc, char **argv);
int tin_cmd_inspect(int argc, char **argv);
int tin_cmd_plan(int argc, char **argv);
int tin_cmd_report(int argc, char **argv);
int tin_cmd_run(int argc, char **argv);

/* ---- Ending ------------------------------------------------------------- */

enum {
    TIN_CLI_GO_ON = -1, /* from tin_cli_parse: no exit status yet */
    TIN_CLI_OK = 0,
    TIN_CLI_FAILED = 1, /* a file or a value is wrong */
    TIN_CLI_USAGE = 2   /* the command line is wrong */
};

/* Prints "tinyinfer COMMAND: ..." as one line on stderr, with control bytes
 * and invalid UTF-8 replaced. Returns TIN_CLI_FAILED. */
int tin_cli_fail(const char *command, const char *format, ...) TIN_PRINTF(2, 3);

/* The same for a diag; path, if not NULL, names the file it speaks of. */
int tin_cli_fail_diag(const char *command, const char *path,
                      const tin_diag *diag);

/* The same, pointing to --help. Returns TIN_CLI_USAGE. */
int tin_cli_usage(const char *command, const char *format, ...)
    TIN_PRINTF(2, 3);

/* "unknown option '--jsn': did you mean --json?" Returns TIN_CLI_USAGE. */
int tin_cli_unknown(const char *command, const char *what, const char *text,
                    const tin_guess *g);

/* ---- Options ------------------------------------------------------------ */

typedef enum {
    TIN_OPTION_FLAG,   /* int: set to 1 */
    TIN_OPTION_STRING, /* const char *: the last one counts */
    TIN_OPTION_LIST,   /* tin_cli_list: may be repeated */
    TIN_OPTION_INT,    /* int64_t within min .. max */
    TIN_OPTION_FLOAT,  /* double, finite, within min .. max */
    TIN_OPTION_WORD,   /* int: which of the words in `value`, from 0 on */
    TIN_OPTION_SIZE,   /* int64_t: bytes, as 65536, 64K or 1M */
    TIN_OPTION_REGION  /* tin_cli_regions: may be repeated */
} tin_option_kind;

enum { TIN_CLI_LIST_MAX = 16 };

typedef struct {
    const char *at[TIN_CLI_LIST_MAX];
    int32_t count;
} tin_cli_list;

/* Memories of the target, the fastest first. */
typedef struct {
    char names[TIN_MAX_REGIONS][33];
    int64_t bytes[TIN_MAX_REGIONS];
    int32_t count;
} tin_cli_regions;

typedef struct {
    const char *name; /* "--output"; "--help" is always there */
    char letter;      /* 'o' for -o, 0: none */
    tin_option_kind kind;
    size_t offset;     /* of its member in the args struct */
    const char *value; /* "FILE", for --help; NULL for a flag; of a word
                          all there are: "ram|speed" */
    const char *help;  /* may have lines */
    double min, max;   /* of numbers; both 0: any */
} tin_option;

typedef struct {
    const char *name;          /* "inspect" */
    const char *about;         /* what it does; ends with a newline */
    const char *operand;       /* "MODEL": there is exactly one */
    size_t operand_offset;     /* const char * in the args struct */
    int many;                  /* 1: one or more of them, a tin_cli_list */
    int optional;              /* 1: none is for the command to judge */
    const tin_option *options; /* ends with a NULL name */
    const tin_option *shared;  /* options of several commands, or NULL */
    size_t shared_offset;      /* in the args struct: of the struct that
                                  they speak of */
    const char *const *notes;  /* paragraphs after the options: formats,
                                  examples; each ends with a newline, the
                                  table with NULL. May be NULL. */
} tin_cli_command;

/*
 * Reads the arguments into `args`, whose members hold the defaults. Options
 * and the operand come in any order, a value as `--opt value` or
 * `--opt=value`, `-o value` or `-ovalue`; after `--` nothing is an option.
 *
 * Returns: TIN_CLI_GO_ON; TIN_CLI_OK after --help; TIN_CLI_USAGE after a
 * line on stderr.
 */
int tin_cli_parse(const tin_cli_command *command, int argc, char **argv,
                  void *args);

/* "65536", "64K", "1M" as bytes; 0 where the text is no size. */
int64_t tin_read_size(const char *text);

/* Adds a memory that is written as NAME:SIZE. Returns TIN_CLI_GO_ON, or
 * TIN_CLI_USAGE after a line on stderr. */
int tin_region_add(const char *command, tin_cli_regions *regions,
                   const char *text);

/* ---- Files -------------------------------------------------------------- */

typedef struct {
    const uint8_t *data;
    size_t bytes;
} tin_bytes;

/* A larger model or data file is refused. */
enum { TIN_CLI_FILE_MAX = 1 << 30 };

/* Reads a whole file, of at most max_bytes, into the pool. */
tin_status tin_file_read(tin_pool *pool, const char *path, size_t max_bytes,
                         tin_bytes *file, tin_diag *diag) TIN_WARN_UNUSED;

typedef struct {
    const char *path;
    const void *data;
    size_t bytes;
} tin_output_file;

/* Writes files, all or none: each goes to a temporary file beside it first,
 * and only when all are complete do they take their names. The message names
 * the file. */
tin_status tin_files_write(const tin_output_file *files, int32_t n,
                           tin_diag *diag) TIN_WARN_UNUSED;

/* Does the path end so? Upper and lower case are the same. */
int tin_path_ends(const char *path, const char *extension);

/* ---- Models ------------------------------------------------------------- */

/* How to compile a model: what the user says. */
typedef struct {
    const char *target; /* NULL: generic */
    int optimize;       /* a tin_optimize */
    int stream_input;
    int resident;
    int64_t hop;          /* of a window that slides; 0: it does not */
    int64_t flash_budget; /* bytes; 0: any */
    tin_cli_regions regions;
} tin_how;

/* --optimize, --flash-budget, --stream-input, --resident, --slide and --region,
 * for every command that compiles: `shared` of the command. --target is the
 * command's own. */
extern const tin_option tin_how_options[];

/* "ram" .. "speed", by tin_optimize. */
enum { TIN_SETTINGS = 4 };
extern const char *const tin_settings[TIN_SETTINGS];

/* What the options mean to the compiler. Names live as long as *how. */
tin_compile_options tin_how_to(const tin_how *how);

/* tin_compile; where it takes long, a line on a terminal tells what is `doing`.
 */
tin_status tin_compile_shown(tin_pool *pool, tin_bytes file, const tin_how *how,
                             const char *doing, const tin_program **program,
                             tin_diag *diag) TIN_WARN_UNUSED;

/* Reads a model; compiles it; both. They return TIN_CLI_OK, or TIN_CLI_FAILED
 * after a line on stderr. */
int tin_cli_read(const char *command, tin_pool *pool, const char *path,
                 tin_bytes *file);
int tin_cli_compile(const char *command, tin_pool *pool, const char *path,
                    tin_bytes file, const tin_how *how,
                    const tin_program **program);
int tin_cli_load(const char *command, tin_pool *pool, const char *path,
                 const tin_how *how, const tin_program **program);

/* Is it one of tin_targets? */
int tin_is_target(const char *name);

/* TIN_CLI_GO_ON where it is, or is NULL, the default; else TIN_CLI_USAGE after
 * a line on stderr that lists them. */
int tin_cli_check_target(const char *command, const char *target);

/* A C identifier made of a file's name: "a/my-net.v2" as my_net_v2. */
enum { TIN_ID_SIZE = 65 };
void tin_make_id(const char *path, char id[TIN_ID_SIZE]);

/* Calls of kernels that one inference makes; where the window slides, the
 * calls for one hop. */
int64_t tin_model_calls(const tin_model *model);

/* ---- Memories and hops -------------------------------------------------- */

/* One of the memories that the arena of a program is spread over. */
typedef struct {
    const char *name;
    int64_t bytes; /* that the network takes */
    int64_t have;  /* that there are */
} tin_memory;

/* How many the program has: 0 where none were named, it has one of any size
 * then. */
int32_t tin_memories(const tin_program *program);
tin_memory tin_memory_at(const tin_program *program, int32_t i);

/* Their bytes added up; without memories the arena's. */
int64_t tin_memory_sum(const tin_program *program);

/* The plan in the light of its memories: the peak is their sum, which only
 * then is optimal when one memory would take no less. */
tin_plan_result tin_memory_plan(const tin_program *program);

/* "memory fast  12,000 of 65,536 bytes": a line for each. */
void tin_memories_print(const tin_program *program, FILE *to);

/* MACs that one hop of a window that slides costs: of a layer, of all. The
 * others were done for the windows before. Without hops those of the whole
 * inference. */
int64_t tin_hop_macs(const tin_program *program, int32_t layer);
int64_t tin_hop_macs_sum(const tin_program *program);

/* Two lines of a window that slides. */
void tin_hops_print(const tin_program *program, FILE *to);

/* Rows of a step's work in one hop. */
int32_t tin_hop_rows(const tin_model *model, int32_t step);

/* ---- Text --------------------------------------------------------------- */

enum { TIN_NUMBER_SIZE = 32, TIN_SHAPE_SIZE = 96 };

/* 1234567 -> "1,234,567"; an estimate to three digits: "1,230,000". These
 * return `to`. */
char *tin_format_count(char to[TIN_NUMBER_SIZE], int64_t n);
char *tin_format_about(char to[TIN_NUMBER_SIZE], int64_t n);
/* "1x28x28x1"; "scalar" for rank 0. */
char *tin_format_shape(char to[TIN_SHAPE_SIZE], int32_t rank,
                       const int32_t *shape);

/* Copies text that a file gave us: control characters and invalid UTF-8
 * become '?', and what exceeds `width` characters is cut out of the middle,
 * leaving "..". width 0: any. The result lives in the pool. */
const char *tin_clean(tin_pool *pool, const char *text, int32_t width);

/* The same for the name of a layer, of which TensorFlow strings together one
 * for each operation that it fused: only the first is kept. */
const char *tin_clean_layer(tin_pool *pool, const char *name, int32_t width);

/* Characters of a clean text: the columns it takes. */
int32_t tin_text_width(const char *text);

/* Decodes one character of UTF-8 and returns its bytes; 0 at the end of the
 * text; -1 where the bytes are no UTF-8. */
int32_t tin_utf8_next(const char *text, uint32_t *code);

/* A table of text. Cells are added row by row, the first row is the head. */
typedef struct {
    tin_pool *pool;
    const char *align; /* a letter a column, 32 at most: l or r */
    const char **cells;
    int32_t n_cells, capacity;
    int failed; /* out of memory: rows are missing */
} tin_table;

/* Starts with { .pool = pool, .align = "lr" }. */
void tin_table_add(tin_table *t, const char *format, ...) TIN_PRINTF(2, 3);
/* Columns of the terminal that it takes. */
int32_t tin_table_width(const tin_table *t);
void tin_table_print(const tin_table *t, FILE *to);

/* ---- JSON --------------------------------------------------------------- */

/* Starts with { .file = stdout }. key is NULL in arrays and at the top. Two
 * levels are broken into lines, deeper ones stay on theirs. */
typedef struct {
    FILE *file;
    int32_t depth;
    int filled; /* the present object or array has a member */
} tin_json;

void tin_json_open(tin_json *j, const char *key, char bracket);
void tin_json_close(tin_json *j, char bracket); /* '}' or ']' */
void tin_json_text(tin_json *j, const char *key, const char *text);
void tin_json_int(tin_json *j, const char *key, int64_t n);
void tin_json_bool(tin_json *j, const char *key, int yes);
/* 9 significant digits; null for NaN and infinities, which JSON lacks. */
void tin_json_real(tin_json *j, const char *key, double x);
void tin_json_null(tin_json *j, const char *key);
/* n, null where it is not known. */
void tin_json_known(tin_json *j, const char *key, int known, int64_t n);
void tin_json_ints(tin_json *j, const char *key, const int32_t *n,
                   int32_t count);

/* The members of a layer, in an object that is open. */
void tin_json_layer(tin_json *j, const tin_program *program, int32_t index);

/* What reports say of memories and hops: the members "regions", a list, and
 * "slide", null where the window does not. */
void tin_memories_json(tin_json *j, const tin_program *program);
void tin_hops_json(tin_json *j, const tin_program *program);

/* The operators that tin_compile knows, and their types. */
void tin_operators_print(int json);

#endif /* TIN_CLI_H */
