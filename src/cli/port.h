/* SPDX-License-Identifier: MIT */
/* port.h: between the numbers of a user and the bytes of a network's inputs
 * and outputs. */
#ifndef TIN_PORT_H
#define TIN_PORT_H

#include "array.h"

int32_t tin_type_size(tin_type type);         /* bytes of an element */
int64_t tin_port_count(const tin_port *port); /* elements */

/* Is a real value scale * (q - zero_point)? */
int tin_port_quantized(const tin_port *port);

/* The elements of arrays that are the tensor's own. 0: there are none. */
int tin_element_of(tin_type type, tin_element *element);

/* Copies `count` elements of `size` bytes between host order and little
 * endian, either way. */
void tin_copy_little(void *to, const void *from, int64_t count, int32_t size);

/* ---- Outputs ------------------------------------------------------------ */

/* Element i as it is stored, and as a real value. */
double tin_port_raw(const tin_port *port, const void *data, int64_t i);
double tin_port_real(const tin_port *port, const void *data, int64_t i);

/* The largest element; the first of equals, and NaN before all: a network
 * that produces it is not to win by accident. */
int64_t tin_port_largest(const tin_port *port, const void *data);

/* ---- Inputs ------------------------------------------------------------- */

/* How bytes of pixels become real values: (byte - mean) / std. NaN: not
 * given. */
typedef struct {
    double mean, std;
} tin_pixels;

/* How the elements of one array get into one input. */
typedef struct {
    const tin_port *port;
    const tin_array *array;
    int as_is;         /* the elements are those of the tensor */
    tin_pixels pixels; /* otherwise; {0, 1} where they are no pixels */
} tin_feeding;

/*
 * Decides how an array feeds an input, or refuses it.
 *
 * samples  0: the array is one input; 1: its first axis counts samples.
 *
 * Extents of 1 do not matter: [49,10] fits [1,49,10,1]. Elements of the
 * tensor's own type are taken as they are. uint8 data are pixels, real values
 * after (byte - mean) / std; float data are real values; both are quantized
 * for a quantized input, rounded half away from zero and saturated.
 */
tin_status tin_feed_plan(tin_feeding *f, const tin_port *port,
                         const tin_array *array, int samples,
                         const tin_pixels *pixels,
                         tin_diag *diag) TIN_WARN_UNUSED;

/* Writes the tin_port_count elements from element `first` on to `to`. */
void tin_feed(const tin_feeding *f, int64_t first, void *to);

/*
 * Loads the rows of a window that slides over the model's input: as many as
 * the file has, at least a window. *rows is the input with so many rows and
 * must live as long as the feeding. The message names the file.
 */
tin_status tin_feed_rows(tin_pool *pool, const tin_model *model,
                         const char *path, const tin_pixels *pixels,
                         tin_port *rows, int32_t *n_rows, tin_array *array,
                         tin_feeding *feeding, tin_diag *diag) TIN_WARN_UNUSED;

/* Loads one file for each input of the model and plans it. arrays and
 * feedings have room for n_inputs. The message names the file. */
tin_status tin_feed_files(tin_pool *pool, const tin_model *model,
                          const tin_cli_list *paths, int samples,
                          const tin_pixels *pixels, tin_array *arrays,
                          tin_feeding *feedings,
                          tin_diag *diag) TIN_WARN_UNUSED;

#endif /* TIN_PORT_H */
