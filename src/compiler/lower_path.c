/* SPDX-License-Identifier: MIT */
/* lower_path.c: from a path through an input, see lower.h, to the params of
 * the one kernel that copies along it. */
#include "lower.h"

/* ---- Saying the path ---------------------------------------------------- */

/* Axes of a value that count its rows. */
static int32_t row_axes(const tin_value *v)
{
    const int32_t inner = v->rank >= 4 ? 2 : 1;

    return v->rank > inner ? v->rank - inner : 0;
}

/* Moves on by n along an axis of the input: either rows or elements. */
static void move_on(const tin_value *in, int32_t axis, int32_t n, int32_t *row,
                    int32_t *elem)
{
    const int32_t rows = row_axes(in), end = axis < rows ? rows : in->rank;
    int32_t i;

    for (i = axis + 1; i < end; i++)
        n *= in->shape[i];
    if (axis < rows)
        *row += n;
    else
        *elem += n;
}

void tin_path_begin(const tin_lowering *lo, tin_path *w, int32_t in,
                    int32_t out)
{
    static const tin_path none;

    *w = none;
    w->in = &lo->graph->values[in];
    w->out = &lo->graph->values[out];
    w->in_value = in;
    w->out_value = out;
    w->in_tensor = w->out_tensor = -1;
}

void tin_path_from(tin_path *w, int32_t in_axis, int32_t at)
{
    move_on(w->in, in_axis, at, &w->row, &w->elem);
}

void tin_path_extent(tin_path *w, int32_t out_axis, int32_t dim,
                     int32_t in_axis, int32_t step)
{
    const int32_t k = w->n;

    if (dim == 1)
        return;
    w->n++;
    w->dim[k] = dim;
    w->row_step[k] = w->elem_step[k] = 0;
    if (step != 0)
        move_on(w->in, in_axis, step, &w->row_step[k], &w->elem_step[k]);
    if (out_axis < row_axes(w->out))
        w->n_rows = w->n;
}

/* ---- The step ----------------------------------------------------------- */

/* Puts extents first .. end - 1 at the end of the kernel's slots lo .. hi - 1.
 * Neighbours that move on as one are merged. Returns 0 where there are too
 * few slots. */
static int fill_slots(const tin_path *w, int32_t first, int32_t end,
                      tin_strided_copy_params *p, int32_t lo, int32_t hi)
{
    int32_t slot = hi, k;

    for (k = lo; k < hi; k++)
        p->dim[k] = 1;
    for (k = end - 1; k >= first; k--) {
        if (slot < hi && w->row_step[k] == p->dim[slot] * p->row_step[slot] &&
            w->elem_step[k] == p->dim[slot] * p->elem_step[slot]) {
            p->dim[slot] *= w->dim[k];
            continue;
        }
        if (--slot < lo)
            return 0;
        p->dim[slot] = w->dim[k];
        p->row_step[slot] = w->row_step[k];
        p->elem_step[slot] = w->elem_step[k];
    }
    return 1;
}

/* Rows can stream where they move on by one fixed step. */
static tin_need path_need(const tin_strided_copy_params *p)
{
    tin_need need = {1, p->row, p->row + 1, 0};
    int32_t k;

    for (k = 0; k < TIN_COPY_ROWS - 1; k++)
        if (p->dim[k] > 1)
            return tin_need_all;
    if (p->dim[k] > 1) {
        if (p->row_step[k] < 1)
            return tin_need_all;
        need.stride = p->row_step[k];
    }
    for (k++; k < TIN_COPY_DIMS; k++) {
        const int32_t way = (p->dim[k] - 1) * p->row_step[k];

        if (way < 0)
            need.low += way;
        else
            need.reach += way;
    }
    return need;
}

/* Do the extents count the rows of the output and the elements in them? */
static int fills_output(const tin_path *w)
{
    const int32_t rows = tin_natural_rows(w->out);
    int32_t counted[2] = {1, 1}, k;

    for (k = 0; k < w->n; k++)
        counted[k >= w->n_rows] =
            tin_size_mul(counted[k >= w->n_rows], w->dim[k]);
    return counted[0] == rows &&
           tin_size_mul(rows, counted[1]) == tin_value_elements(w->out);
}

/* Does it take elements of the input that lie one after the other? Then *start
 * is the first of them. */
static int is_run(const tin_path *w, int32_t *start)
{
    const int32_t row_elems =
        tin_value_elements(w->in) / tin_natural_rows(w->in);
    int32_t next = 1, k;

    for (k = w->n - 1; k >= 0; k--) {
        if (w->row_step[k] * (int64_t)row_elems + w->elem_step[k] != next)
            return 0;
        next *= w->dim[k];
    }
    *start = w->row * row_elems + w->elem;
    return next == tin_value_elements(w->out);
}

/* May the output be a part of the input's memory? A constant is one whole, a
 * variable does not stay as it is, and what slides lies elsewhere each time. */
static int may_be_part(tin_lowering *lo, const tin_path *w)
{
    const int32_t tensor = tin_tensor_of(lo, w->in_value);

    return tensor >= 0 && !w->in->data && !lo->spans &&
           tin_variable_of(lo, tensor) < 0;
}

tin_status tin_add_path_step(tin_lowering *lo, const tin_path *w)
{
    tin_strided_copy_params *p = tin_new(lo, sizeof *p);
    int32_t args[2] = {w->in_tensor, w->out_tensor};
    int32_t start;
    tin_need need;

    if (!fills_output(w))
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "its elements do not fill the output");
    if (args[0] < 0 && args[1] < 0 && is_run(w, &start)) {
        if (tin_value_elements(w->in) == tin_value_elements(w->out))
            return tin_add_view(lo, w->in_value, w->out_value);
        if (may_be_part(lo, w))
            return tin_add_part(lo, w->in_value, w->out_value,
                                start * tin_type_bytes(w->in->type));
    }
    if (args[0] < 0)
        args[0] = tin_tensor_of(lo, w->in_value);
    if (args[1] < 0)
        args[1] = tin_tensor_of(lo, w->out_value);
    if (!p)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    p->elem_bytes = tin_type_bytes(w->in->type);
    p->in_rows = tin_natural_rows(w->in);
    p->in_elems = tin_value_elements(w->in) / p->in_rows;
    p->row = w->row;
    p->elem = w->elem;
    if (!fill_slots(w, 0, w->n_rows, p, 0, TIN_COPY_ROWS) ||
        !fill_slots(w, w->n_rows, w->n, p, TIN_COPY_ROWS, TIN_COPY_DIMS))
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "it moves along more axes at once than %d among the "
                          "rows and %d within them",
                          TIN_COPY_ROWS, TIN_COPY_DIMS - TIN_COPY_ROWS);
    need = path_need(p);
    return tin_add_step(lo, TIN_KERNEL_strided_copy, p, args, &need, 1,
                        tin_natural_rows(w->out));
}
