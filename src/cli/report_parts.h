/* SPDX-License-Identifier: MIT */
/*
 * report_parts.h: what the three forms of a report, HTML, text and JSON, are
 * made of. cmd_report.c is the command.
 *
 * Names in a report come from a model file: whatever goes into HTML goes
 * through tin_report_escape, whatever goes to a terminal through tin_clean.
 * The text of a report depends on the program, the path as it was given and
 * the chip alone.
 */
#ifndef TIN_REPORT_PARTS_H
#define TIN_REPORT_PARTS_H

#include "chips.h"

typedef struct {
    tin_pool *pool;
    const tin_program *program;
    const char *path;     /* of the model, as it was given */
    const tin_chip *chip; /* NULL: none was chosen */
} tin_report;

/* ---- The three forms ---------------------------------------------------- */

/* One file that needs no other. Returns TIN_ERR_MEMORY or TIN_OK. */
tin_status tin_report_html(const tin_report *r, tin_text *to) TIN_WARN_UNUSED;
void tin_report_text(const tin_report *r, FILE *to);
void tin_report_json(const tin_report *r, FILE *to);

/* Parts of them that fill a file of their own. */
extern const char *const tin_report_style[]; /* CSS, ends with NULL */
void tin_report_map(const tin_report *r, tin_text *to);  /* SVG */
void tin_report_text_map(const tin_report *r, FILE *to); /* ASCII */
void tin_report_html_tables(const tin_report *r, tin_text *to);

/* ---- Facts -------------------------------------------------------------- */

/* The layer that works when the lower bound is reached; -1: none. */
int32_t tin_report_binding_layer(const tin_program *p);

/* Bytes of a row of the streamed input; 0: no input is streamed. */
int32_t tin_report_row_bytes(const tin_program *p);

/* The place of a layer's output, -1 of an input's; NULL: it has none of its
 * own, a view. */
const tin_place *tin_report_place_of(const tin_program *p, int32_t layer);

/* The program with its memories one above the other, as if they were one, and
 * without the end of rows that have none: for maps. */
const tin_program *tin_report_stacked(const tin_report *r);

/* What a chip has of something, and what the network takes of it. */
typedef struct {
    const char *name;  /* "RAM", "Flash" */
    const char *taken; /* by what: "arena", "weights" */
    int64_t need, have;
    int fits;
} tin_fit;

enum { TIN_FIT_RAM = 0, TIN_FIT_FLASH = 1, TIN_FITS = 2 };

tin_fit tin_report_fit(const tin_program *p, const tin_chip *chip,
                       int32_t which);

/* ---- Time --------------------------------------------------------------- */

/* Some moments of an inference that follow each other. */
typedef struct {
    int32_t lower, upper; /* times lower .. upper - 1 */
    int32_t first, last;  /* layers that work then; -1: only the caller does */
    int32_t at, width;    /* on the axis as it is drawn, in units */
    int64_t live_bytes;   /* in use, at most */
} tin_span;

/*
 * A network that runs row by row has thousands of moments. A picture needs
 * but a few: within a span no place begins or ends, so what is drawn span by
 * span has its true extent. Stages are coarser: all that their layers have to
 * do, they do within. A span is as wide as the logarithm of its moments.
 */
typedef struct {
    const tin_span *spans, *stages;
    int32_t n_spans, n_stages;
    int32_t width; /* of all */
} tin_timeline;

/* Returns TIN_ERR_MEMORY; TIN_ERR_ARG: the program does not say what is
 * where; TIN_OK. */
tin_status tin_report_timeline(tin_pool *pool, const tin_program *p,
                               tin_timeline *line) TIN_WARN_UNUSED;

/* The span among n that a time falls into; the last one for what is later. */
int32_t tin_report_span_at(const tin_span *spans, int32_t n, int32_t time);

/* ---- Text --------------------------------------------------------------- */

/* Any text as the text or a quoted attribute of HTML: characters that mean
 * something there become entities, and what a terminal must not see becomes
 * '?'. width as for tin_clean. The result lives in the pool. */
const char *tin_report_escape(tin_pool *pool, const char *text, int32_t width);

/* The same for the name of a layer. */
const char *tin_report_escape_layer(tin_pool *pool, const char *name,
                                    int32_t width);

/* "12.3 %"; "-" of nothing. Returns `to`. */
char *tin_format_percent(char to[TIN_NUMBER_SIZE], int64_t part, int64_t whole);

/* "28x28x1", without the leading 1 of a batch. Returns `to`. */
char *tin_format_image(char to[TIN_SHAPE_SIZE], int32_t rank,
                       const int32_t *shape);

/* "3 of 32" for a ring, "3" where there is no end of rows, "32" for a tensor
 * that is there as a whole, "-". */
char *tin_format_rows(char to[TIN_NUMBER_SIZE], const tin_place *place);

/* The same for the output of a layer. */
char *tin_report_rows(char to[TIN_NUMBER_SIZE], const tin_program *p,
                      int32_t layer);

/* "tensor", "ring" ..: a word for people, for JSON and for CSS. */
const char *tin_report_kind(tin_place_kind kind);

/* "proven optimal", or how far from the best a plan may be. Returns `to`. */
char *tin_format_proof(char to[TIN_SHAPE_SIZE], const tin_program *p);

#endif /* TIN_REPORT_PARTS_H */
