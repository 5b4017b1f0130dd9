/* SPDX-License-Identifier: MIT */
/* plan_parts.h: what `tinyinfer plan` is made of. cmd_plan.c is the command. */
#ifndef TIN_PLAN_PARTS_H
#define TIN_PLAN_PARTS_H

#include "cli.h"

typedef struct {
    tin_cli_list files;
    const char *output;
    tin_how how;
    int64_t capacity; /* bytes; 0: any */
    int64_t work;     /* search nodes; 0: the planner's default */
    int shared, json;
} tin_plan_args;

/* ---- Buffers ------------------------------------------------------------ */

/* Buffers of a CSV file. */
typedef struct {
    tin_plan_buffer *buffers;
    const char **ids; /* as they are in the file, printable */
    int32_t n;
} tin_plan_sheet;

/* Reads them: see `tinyinfer plan --help`. The message tells the line. */
tin_status tin_plan_read(tin_pool *pool, tin_bytes file, tin_plan_sheet *sheet,
                         tin_diag *diag) TIN_WARN_UNUSED;

/* The same with their offsets. */
void tin_plan_write(const tin_plan_sheet *sheet, tin_text *to);

/* ---- Networks ----------------------------------------------------------- */

/* Plans networks that share an arena and prints that. Returns an exit
 * status. */
int tin_plan_shared(tin_pool *pool, const tin_plan_args *args);

/* ---- Capacity ----------------------------------------------------------- */

/* Members "capacity" and "fits", null where none was given. */
void tin_plan_json_fit(tin_json *j, int64_t need, int64_t capacity);

/* A line, where a capacity was given. */
void tin_plan_print_fit(int64_t need, int64_t capacity);

/* The exit status. */
int tin_plan_fits(int64_t need, int64_t capacity);

#endif /* TIN_PLAN_PARTS_H */
