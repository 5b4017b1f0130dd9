/* SPDX-License-Identifier: MIT */
/* feed.c: from numbers in files to the bytes of inputs. See port.h. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "port.h"

/* ---- Planning ----------------------------------------------------------- */

/* The next axis from `at` on whose extent is not 1; rank at the end. */
static int32_t next_axis(const int32_t *shape, int32_t rank, int32_t at)
{
    while (at < rank && shape[at] == 1)
        at++;
    return at;
}

/* Equal but for extents of 1. */
static int shapes_fit(const tin_port *port, const tin_array *a, int32_t lead)
{
    int32_t i = next_axis(port->shape, port->rank, 0);
    int32_t k = next_axis(a->shape, a->rank, lead);

    while (i < port->rank && k < a->rank) {
        if (port->shape[i] != a->shape[k])
            return 0;
        i = next_axis(port->shape, port->rank, i + 1);
        k = next_axis(a->shape, a->rank, k + 1);
    }
    return i == port->rank && k == a->rank;
}

static tin_status check_shape(const tin_feeding *f, int samples, tin_diag *diag)
{
    const tin_port *port = f->port;
    const tin_array *a = f->array;
    char have[TIN_SHAPE_SIZE], want[TIN_SHAPE_SIZE];
    const int64_t need =
        a->kind == TIN_ARRAY_RAW ? port->bytes : tin_port_count(port);

    tin_format_shape(want, port->rank, port->shape);
    if (a->kind == TIN_ARRAY_RAW || a->kind == TIN_ARRAY_TEXT) {
        if (a->count == need)
            return TIN_OK;
        return tin_fail(
            diag, TIN_ERR_SHAPE, -1,
            "%lld %s, but input '%s' takes %lld, %s %s", (long long)a->count,
            a->kind == TIN_ARRAY_RAW ? "bytes" : "numbers", port->name,
            (long long)need, want, tin_type_name(port->type));
    }
    if (a->rank >= samples && shapes_fit(port, a, samples))
        return TIN_OK;
    tin_format_shape(have, a->rank, a->shape);
    return tin_fail(diag, TIN_ERR_SHAPE, -1,
                    "%s of shape %s does not fit input '%s', which takes "
                    "%s%s%s",
                    a->kind == TIN_ARRAY_IMAGE ? "picture" : "array", have,
                    port->name, samples ? "Nx" : "", want,
                    !samples && a->rank > 0 && shapes_fit(port, a, 1)
                        ? "; tinyinfer eval takes several samples"
                        : "");
}

static int is_float(tin_element e)
{
    return e == TIN_ELEMENT_F16 || e == TIN_ELEMENT_F32 || e == TIN_ELEMENT_F64;
}

/* May elements that are not the tensor's own stand for real values? int8 may
 * not: in an int8 file they are quantized ones, of who knows what scale.
 * Wider integers may not for a quantized input, where they could be either. */
static int is_convertible(const tin_port *port, tin_element e)
{
    if (!tin_port_quantized(port) && port->type != TIN_F32)
        return 0;
    if (is_float(e) || e == TIN_ELEMENT_U8)
        return 1;
    return e != TIN_ELEMENT_S8 && port->type == TIN_F32;
}

/* Unless told otherwise, pixels are 0 .. 255 where the input reaches that
 * far and 0 .. 1 where it does not. */
static void choose_pixels(tin_feeding *f, const tin_pixels *given)
{
    const tin_port *port = f->port;
    const int wide =
        !tin_port_quantized(port) || port->scale * 255.0f >= 128.0f;
    const int unsaid = isnan(given->mean) && isnan(given->std);

    f->pixels.mean = isnan(given->mean) ? 0 : given->mean;
    f->pixels.std = isnan(given->std) ? 1 : given->std;
    if (unsaid && !wide)
        f->pixels.std = 255;
}

static tin_status choose_values(tin_feeding *f, const tin_pixels *given,
                                tin_diag *diag)
{
    static const tin_pixels no_pixels = {0, 1};
    const tin_array *a = f->array;
    const int unsaid = isnan(given->mean) && isnan(given->std);
    const int own = tin_element_of(f->port->type, &(tin_element){0});
    tin_element element = a->element;

    if (own)
        (void)tin_element_of(f->port->type, &element);
    f->as_is =
        a->kind == TIN_ARRAY_RAW || (own && element == a->element &&
                                     (unsaid || a->element != TIN_ELEMENT_U8));
    if (!unsaid && (a->element != TIN_ELEMENT_U8 || f->as_is))
        return tin_fail(diag, TIN_ERR_ARG, -1,
                        "--mean and --std are for uint8 pixels, not for %s",
                        a->kind == TIN_ARRAY_RAW
                            ? "raw bytes"
                            : tin_element_name(a->element));
    if (f->as_is)
        return TIN_OK;
    if (!is_convertible(f->port, a->element))
        return tin_fail(diag, TIN_ERR_UNSUPPORTED, -1,
                        "%s does not convert to input '%s' of type %s; save "
                        "real values as float32, stored ones as %s",
                        tin_element_name(a->element), f->port->name,
                        tin_type_name(f->port->type),
                        tin_type_name(f->port->type));
    f->pixels = no_pixels;
    if (a->element == TIN_ELEMENT_U8)
        choose_pixels(f, given);
    return TIN_OK;
}

tin_status tin_feed_plan(tin_feeding *f, const tin_port *port,
                         const tin_array *array, int samples,
                         const tin_pixels *pixels, tin_diag *diag)
{
    tin_status status;

    f->port = port;
    f->array = array;
    if (samples && array->kind != TIN_ARRAY_NPY)
        return tin_fail(diag, TIN_ERR_UNSUPPORTED, -1,
                        "samples come as a .npy file");
    status = check_shape(f, samples, diag);
    return status == TIN_OK ? choose_values(f, pixels, diag) : status;
}

/* ---- Feeding ------------------------------------------------------------ */

/* A double beyond the floats has no conversion in C. */
static float to_float(double x)
{
    if (x > (double)FLT_MAX)
        return INFINITY;
    return x < -(double)FLT_MAX ? -INFINITY : (float)x;
}

/* The nearest stored value: as the QUANTIZE operator does it, in float. */
static int32_t quantize(const tin_port *port, float x)
{
    const int32_t low = port->type == TIN_U8    ? 0
                        : port->type == TIN_S16 ? -32768
                                                : -128;
    const int32_t high = port->type == TIN_U8    ? 255
                         : port->type == TIN_S16 ? 32767
                                                 : 127;
    // No zero point is so large that 2^17 would not saturate.
    const float scaled = tin_clampf(x / port->scale, -131072.0f, 131072.0f);

    if (isnan(scaled))
        return port->zero_point;
    return tin_clamp((int32_t)roundf(scaled) + port->zero_point, low, high);
}

static void store(const tin_port *port, float x, uint8_t *to)
{
    if (port->type == TIN_F32) {
        memcpy(to, &x, sizeof x);
    } else {
        const int32_t q = quantize(port, x);

        if (port->type == TIN_S16)
            memcpy(to, &(int16_t){(int16_t)q}, sizeof(int16_t));
        else
            *to = (uint8_t)q; // modulo 256: the same byte for int8
    }
}

void tin_feed(const tin_feeding *f, int64_t first, void *to)
{
    const int64_t count = tin_port_count(f->port);
    const int32_t size = tin_type_size(f->port->type);
    const tin_pixels *p = &f->pixels;

    if (f->as_is) {
        tin_copy_little(to, f->array->data + first * size, count, size);
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        const double x = tin_array_real(f->array, first + i);

        store(f->port, to_float((x - p->mean) / p->std),
              (uint8_t *)to + i * size);
    }
}

static tin_status feed_file(tin_pool *pool, const tin_port *port,
                            const char *path, int samples,
                            const tin_pixels *pixels, tin_array *array,
                            tin_feeding *feeding, tin_diag *diag)
{
    tin_diag inner = {.layer = -1, .offset = -1};
    tin_status status = tin_array_load(pool, path, array, &inner);

    if (status == TIN_OK)
        status = tin_feed_plan(feeding, port, array, samples, pixels, &inner);
    if (status == TIN_OK)
        return TIN_OK;
    return tin_fail(diag, status, -1, "%.240s: %s", path, inner.message);
}

tin_status tin_feed_files(tin_pool *pool, const tin_model *model,
                          const tin_cli_list *paths, int samples,
                          const tin_pixels *pixels, tin_array *arrays,
                          tin_feeding *feedings, tin_diag *diag)
{
    tin_status status = TIN_OK;

    if (paths->count != model->n_inputs)
        return tin_fail(diag, TIN_ERR_ARG, -1,
                        "files for %ld inputs given, the network has %ld",
                        (long)paths->count, (long)model->n_inputs);
    for (int32_t i = 0; i < model->n_inputs && status == TIN_OK; i++)
        status = feed_file(pool, &model->inputs[i], paths->at[i], samples,
                           pixels, &arrays[i], &feedings[i], diag);
    return status;
}

/* ---- Rows without end --------------------------------------------------- */

/* The axis of the rows: what is before it is 1, what is behind it a row. */
static int32_t axis_of_rows(const tin_port *port, int32_t window)
{
    int32_t axis = next_axis(port->shape, port->rank, 0);

    if (window == 1 || axis == port->rank) // rows of an extent of 1
        return axis > 1 ? 1 : 0;
    return axis;
}

/* The input of a model whose window slides, with as many rows as the array
 * has elements for. */
static tin_status stretch(const tin_model *m, const tin_array *a, tin_port *to,
                          int32_t *n_rows, tin_diag *diag)
{
    const tin_port *port = &m->inputs[0];
    const int64_t row = tin_port_count(port) / m->pushed_rows;
    const int64_t row_bytes = port->bytes / m->pushed_rows;
    const int64_t rows =
        a->count / (a->kind == TIN_ARRAY_RAW ? row_bytes : row);

    if (rows < m->pushed_rows)
        return tin_fail(diag, TIN_ERR_SHAPE, -1,
                        "%lld rows, but a window has %ld", (long long)rows,
                        (long)m->pushed_rows);
    if (rows > INT32_MAX / row_bytes)
        return tin_fail(diag, TIN_ERR_SHAPE, -1, "too many rows: %lld",
                        (long long)rows);
    *to = *port;
    to->shape[axis_of_rows(port, m->pushed_rows)] = (int32_t)rows;
    to->bytes = (int32_t)(rows * row_bytes);
    *n_rows = (int32_t)rows;
    return TIN_OK;
}

tin_status tin_feed_rows(tin_pool *pool, const tin_model *model,
                         const char *path, const tin_pixels *pixels,
                         tin_port *rows, int32_t *n_rows, tin_array *array,
                         tin_feeding *feeding, tin_diag *diag)
{
    tin_diag inner = {.layer = -1, .offset = -1};
    tin_status status = tin_array_load(pool, path, array, &inner);

    if (status == TIN_OK)
        status = stretch(model, array, rows, n_rows, &inner);
    if (status == TIN_OK)
        status = tin_feed_plan(feeding, rows, array, 0, pixels, &inner);
    if (status == TIN_OK)
        return TIN_OK;
    return tin_fail(diag, status, -1, "%.240s: %s", path, inner.message);
}
