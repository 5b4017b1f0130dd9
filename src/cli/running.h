/* SPDX-License-Identifier: MIT */
/* running.h: what the subcommands that run networks share. */
#ifndef TIN_RUNNING_H
#define TIN_RUNNING_H

#include "port.h"

/* ---- Running ------------------------------------------------------------ */

/* A network that runs with all of its inputs at hand, also one that takes the
 * rows of the first input one by one. */
typedef struct {
    tin_net net;
    uint8_t *rows; /* all rows of input 0 if it is streamed, else NULL */
} tin_runner;

/* Binds the program to memories from the pool. */
tin_status tin_runner_open(tin_pool *pool, const tin_program *program,
                           tin_runner *r, tin_diag *diag) TIN_WARN_UNUSED;

/* Where the bytes of input i go before each run. */
void *tin_runner_input(const tin_runner *r, int32_t i);

/* One inference; its results are outputs of r->net. */
void tin_runner_run(tin_runner *r);

/* Windows that slide: how many there are in so many rows. */
int64_t tin_runner_windows(const tin_model *model, int64_t rows);

/* Pushes n rows; outputs[i] has room for output i of all their windows, one
 * after the other. */
void tin_runner_slide(tin_runner *r, const uint8_t *rows, int64_t n,
                      uint8_t *const *outputs);

/* ---- Labels ------------------------------------------------------------- */

/* Names of classes, clean; count 0: there are none. */
typedef struct {
    const char *const *name;
    int32_t count;
} tin_labels;

/* Reads one name a line; blank lines at the end do not count. The message
 * names the file. path NULL: no labels. */
tin_status tin_labels_load(tin_pool *pool, const char *path, tin_labels *labels,
                           tin_diag *diag) TIN_WARN_UNUSED;

/* The name of a class, or "" where there are no names. */
const char *tin_label(const tin_labels *labels, int64_t i);

/* The true class of each sample, from 0 to classes - 1: a .npy file of
 * integers, or a .txt or .csv file with one of `names` or a number a line. The
 * message names the file. */
tin_status tin_truth_load(tin_pool *pool, const char *path,
                          const tin_labels *names, int64_t samples,
                          int64_t classes, const int64_t **truth,
                          tin_diag *diag) TIN_WARN_UNUSED;

/* ---- Results ------------------------------------------------------------ */

/* The indices of the `most` largest elements, the largest first; of equals
 * the lower index, and NaN before all. Returns how many there are. */
int32_t tin_port_top(const tin_port *port, const void *data, int32_t most,
                     int64_t *best);

/* "probability" where the operator that makes the output says so, else
 * "score". */
const char *tin_score_name(const tin_program *program, int32_t output);

/* ---- Layers ------------------------------------------------------------- */

/* The CRC-32 of a layer's output, if the layer has one: what was folded away
 * when the network was compiled has none. */
typedef struct {
    uint32_t crc;
    int known;
} tin_layer_crc;

/* Runs one inference and takes the CRC of every layer, n_layers of them. */
tin_status tin_runner_crcs(tin_pool *pool, const tin_program *program,
                           tin_runner *r, tin_layer_crc *crcs,
                           tin_diag *diag) TIN_WARN_UNUSED;

/* ---- Pictures ----------------------------------------------------------- */

/* A window into uint8 samples: [height][width][channels], 1 or 3 of them. */
typedef struct {
    const uint8_t *pixels;
    int32_t height, width, channels;
} tin_picture;

/* Does the array hold pictures, `samples` (0 or 1) axes before each? Sets
 * *picture to the first. */
int tin_picture_of(const tin_array *a, int samples, tin_picture *picture);

/*
 * Draws a picture, shrunk to the width of a screen. On a terminal that takes
 * UTF-8 a character holds two pixels in their colours; otherwise it is one of
 * " .:-=+*#%@", for light strokes on a dark ground.
 */
void tin_draw(const tin_picture *picture, FILE *to);

/* Draws n pictures of one size that follow each other in memory, as many in
 * a row as a screen holds, with a line of text under each. */
void tin_draw_samples(tin_pool *pool, const tin_picture *first, int64_t n,
                      const char *const *captions, FILE *to);

/* ---- Progress ----------------------------------------------------------- */

/* A line on stderr that is written over and over, if stderr is a terminal. */
typedef struct {
    int64_t total;
    int shown, drawn;
    double start_ns, last_ns;
} tin_progress;

void tin_progress_start(tin_progress *p, int64_t total);
void tin_progress_show(tin_progress *p, int64_t done);
/* In place of that where the total is not known: what is done, for how long. */
void tin_progress_say(tin_progress *p, const char *doing);
void tin_progress_end(const tin_progress *p);

#endif /* TIN_RUNNING_H */
