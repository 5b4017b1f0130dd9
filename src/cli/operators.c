/* SPDX-License-Identifier: MIT */
/* operators.c: `tinyinfer inspect --ops`: which operators, in which types. */
#include "cli.h"

/* The columns, in the order of how often networks have them. */
static const tin_type columns[] = {TIN_F32, TIN_S8,  TIN_S16, TIN_U8,
                                   TIN_S32, TIN_S64, TIN_F16, TIN_BOOL};
enum { N_COLUMNS = (int)(sizeof columns / sizeof *columns) };

static const char *narrow_weights(const tin_operator_info *op)
{
    if (op->weights_s8 && op->weights_s4)
        return "int8, int4";
    return op->weights_s8 ? "int8" : op->weights_s4 ? "int4" : "";
}

static void print_json(void)
{
    tin_json j = {.file = stdout};
    tin_operator_info op;

    tin_json_open(&j, NULL, '[');
    for (int32_t i = 0; tin_operator(i, &op); i++) {
        tin_json_open(&j, NULL, '{');
        tin_json_text(&j, "operator", op.name);
        tin_json_open(&j, "types", '[');
        for (int k = 0; k < N_COLUMNS; k++)
            if (op.types >> columns[k] & 1u)
                tin_json_text(&j, NULL, tin_type_name(columns[k]));
        tin_json_close(&j, ']');
        tin_json_bool(&j, "int8_weights", op.weights_s8);
        tin_json_bool(&j, "int4_weights", op.weights_s4);
        tin_json_close(&j, '}');
    }
    tin_json_close(&j, ']');
}

/* A table that is Markdown as well. */
static void print_table(void)
{
    tin_operator_info op;

    printf("| operator                     |");
    for (int k = 0; k < N_COLUMNS; k++)
        printf(" %-8s|", tin_type_name(columns[k]));
    printf(" narrow weights |\n|---|");
    for (int k = 0; k < N_COLUMNS; k++)
        printf(":-:|");
    printf("---|\n");
    for (int32_t i = 0; tin_operator(i, &op); i++) {
        printf("| %-28s |", op.name);
        for (int k = 0; k < N_COLUMNS; k++)
            printf(" %-8s|", op.types >> columns[k] & 1u ? "yes" : "");
        printf(" %-14s |\n", narrow_weights(&op));
    }
}

void tin_operators_print(int json)
{
    if (json)
        print_json();
    else
        print_table();
}
