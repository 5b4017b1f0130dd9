/* SPDX-License-Identifier: MIT */
/* lower_broadcast.c: inputs that may be broadcast, as tin_broadcast and the
 * kernels of tinyinfer_binary.h take them. */
#include "lower.h"

#include <string.h>

/* ---- Shapes ------------------------------------------------------------- */

enum { MOST_IN = TIN_WALK_MAX_IN };

/* Inputs and, after them, the output, all of one rank. */
typedef struct {
    int32_t n_in, rank;
    int32_t shape[MOST_IN + 1][TIN_MAX_RANK];
} shapes;

/* Copies a shape, with extents of 1 in front of it. */
static void align(shapes *s, int32_t k, const tin_value *v)
{
    int32_t i;

    for (i = 0; i < s->rank; i++) {
        const int32_t from = i - (s->rank - v->rank);

        s->shape[k][i] = from < 0 ? 1 : v->shape[from];
    }
}

/* Can extents `axis` and the next be one? Each input must have both in full or
 * neither. */
static int may_merge(const shapes *s, int32_t axis)
{
    const int32_t *out = &s->shape[s->n_in][axis];
    int32_t k;

    for (k = 0; k < s->n_in; k++) {
        const int32_t *in = &s->shape[k][axis];
        const int32_t full = in[0] * in[1];

        if (full != 1 && full != out[0] * out[1])
            return 0;
    }
    return 1;
}

static void merge(shapes *s, int32_t axis)
{
    int32_t k, i;

    s->rank--;
    for (k = 0; k <= s->n_in; k++) {
        s->shape[k][axis] *= s->shape[k][axis + 1];
        for (i = axis + 1; i < s->rank; i++)
            s->shape[k][i] = s->shape[k][i + 1];
    }
}

/* Merges extents until the walk has enough for them. */
static int merge_extents(shapes *s)
{
    int32_t axis = 0;

    while (s->rank > TIN_DIMS && axis < s->rank - 1)
        if (may_merge(s, axis))
            merge(s, axis);
        else
            axis++;
    return s->rank <= TIN_DIMS;
}

/* Shapes of inputs, which must make that of the node's output. */
static tin_status read_shapes(tin_lowering *lo, const tin_value *const *in,
                              int32_t n_in, shapes *s)
{
    const tin_value *out = tin_out(lo, 0);
    int32_t k, i;

    s->n_in = n_in;
    s->rank = 0;
    for (k = 0; k < n_in; k++)
        if (in[k]->rank > s->rank)
            s->rank = in[k]->rank;
    if (out->rank != s->rank)
        return tin_refuse(lo, TIN_ERR_SHAPE, "output has rank %d, not %d",
                          (int)out->rank, (int)s->rank);
    for (k = 0; k < n_in; k++)
        align(s, k, in[k]);
    align(s, n_in, out);
    for (i = 0; i < s->rank; i++) {
        int32_t d = 1;

        for (k = 0; k < n_in; k++)
            d = d == 1 ? s->shape[k][i] : d;
        for (k = 0; k <= n_in; k++)
            if (s->shape[k][i] != d && (k == n_in || s->shape[k][i] != 1))
                return tin_refuse(lo, TIN_ERR_SHAPE,
                                  "the shapes of inputs and output do not "
                                  "match");
    }
    return TIN_OK;
}

/* ---- The walk ----------------------------------------------------------- */

/* How far an input moves along each extent, 0 where it is repeated. */
static void broadcast_strides(const int32_t dim[TIN_DIMS],
                              int32_t stride[TIN_DIMS])
{
    stride[4] = dim[4] == 1 ? 0 : 1;
    stride[3] = dim[3] == 1 ? 0 : dim[4];
    stride[2] = dim[2] == 1 ? 0 : 1;
    stride[1] = dim[1] == 1 ? 0 : dim[2];
    stride[0] = dim[0] == 1 ? 0 : dim[1] * dim[2];
}

/* Without extent 4, extent 3 takes its place: kernels are best at that. */
static void fill_last(tin_walk *w, int32_t n_in)
{
    int32_t k;

    if (w->dim[4] != 1)
        return;
    w->dim[4] = w->dim[3];
    w->dim[3] = 1;
    for (k = 0; k < n_in; k++) {
        w->stride[k][4] = w->stride[k][3];
        w->stride[k][3] = 0;
    }
}

tin_status tin_make_walk(tin_lowering *lo, const tin_value *const *in,
                         int32_t n_in, tin_walk *w)
{
    shapes s;
    const tin_status status = read_shapes(lo, in, n_in, &s);
    int32_t k, i;

    if (status != TIN_OK)
        return status;
    if (!merge_extents(&s))
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "rank %d, broadcast in too many places",
                          (int)tin_out(lo, 0)->rank);
    for (k = 0; k <= n_in; k++) {
        int32_t dim[TIN_DIMS] = {1, 1, 1, 1, 1};

        for (i = 0; i < s.rank; i++)
            dim[tin_dims_axis(i, s.rank)] = s.shape[k][i];
        w->rows[k] = tin_rows_of(dim);
        if (k < n_in)
            broadcast_strides(dim, w->stride[k]);
        else
            memcpy(w->dim, dim, sizeof dim);
    }
    fill_last(w, n_in);
    return TIN_OK;
}

tin_broadcast tin_walk_of_two(const tin_walk *w, int32_t a, int32_t b)
{
    tin_broadcast s;

    memcpy(s.dim, w->dim, sizeof s.dim);
    memcpy(s.stride_a, w->stride[a], sizeof s.stride_a);
    memcpy(s.stride_b, w->stride[b], sizeof s.stride_b);
    return s;
}

tin_status tin_add_walk_step(tin_lowering *lo, tin_kernel_id kernel,
                             const void *params, int32_t n_in,
                             const int32_t *rows)
{
    tin_need needs[MOST_IN];
    int32_t args[MOST_IN + 1], i;

    for (i = 0; i < n_in; i++) { // a broadcast input is needed until the end
        needs[i] = rows[i] == rows[n_in] ? tin_need_same : tin_need_all;
        args[i] = tin_view_of(lo, lo->node->in[i], rows[i]);
    }
    args[n_in] = tin_view_of(lo, lo->node->out[0], rows[n_in]);
    return tin_add_step(lo, kernel, params, args, needs, n_in, rows[n_in]);
}

/* ---- Two inputs --------------------------------------------------------- */

tin_status tin_make_broadcast(tin_lowering *lo, tin_broadcast *b,
                              int32_t rows[3])
{
    const tin_value *in[2];
    tin_status status;
    tin_walk w;

    in[0] = tin_in(lo, 0);
    in[1] = tin_in(lo, 1);
    status = tin_make_walk(lo, in, 2, &w);
    if (status != TIN_OK)
        return status;
    *b = tin_walk_of_two(&w, 0, 1);
    memcpy(rows, w.rows, 3 * sizeof *rows);
    return TIN_OK;
}

/* ---- A function of one byte --------------------------------------------- */

static int is_constant_byte(const tin_value *v)
{
    return v->data && tin_type_bytes(v->type) == 1 &&
           tin_value_elements(v) == 1;
}

/* The input that varies where the other is one constant byte; else -1. */
static int32_t byte_input(const tin_lowering *lo)
{
    int32_t i;

    for (i = 0; i < 2; i++) {
        const tin_value *v = tin_in(lo, i);

        if (is_constant_byte(tin_in(lo, 1 - i)) && !v->data &&
            tin_type_bytes(v->type) == 1 &&
            tin_type_bytes(tin_out(lo, 0)->type) == 1)
            return i;
    }
    return -1;
}

/* What the kernel makes of every byte as input i, with params whose first
 * member is `shape`. */
static void fill_table(const tin_lowering *lo, tin_kernel_id kernel,
                       tin_broadcast *shape, int32_t i, uint8_t *table)
{
    static const tin_broadcast bytes = {{1, 1, 1, 1, 256}, {0}, {0}};
    uint8_t every[256], constant = tin_in(lo, 1 - i)->data[0];
    const tin_rows out = {table, 256, 1, 0};
    tin_rows in[2];
    int32_t k;

    for (k = 0; k < 256; k++)
        every[k] = (uint8_t)k;
    in[i] = (tin_rows){every, 256, 1, 0};
    in[1 - i] = (tin_rows){&constant, 1, 1, 0};
    *shape = bytes;
    (i ? shape->stride_b : shape->stride_a)[4] = 1;
    tin_kernel_infos[kernel].run(shape, in, &out, 0, 1, NULL);
}

static tin_status add_byte_step(tin_lowering *lo, tin_kernel_id kernel,
                                void *params, int32_t i)
{
    const tin_value *out = tin_out(lo, 0);
    uint8_t *table = tin_new_constant(lo, TIN_U8, 256, "table");
    tin_table_x8_params *p = tin_new(lo, sizeof *p);
    const char *why = "";
    int32_t args[2], rows;
    tin_status status;

    if (!params || !table || !p)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    status = tin_kernel_infos[kernel].check(params, &why);
    if (status != TIN_OK)
        return tin_refuse(lo, status, "%s", why);
    fill_table(lo, kernel, params, i, table);
    p->row_elems = tin_row_elements(out);
    p->table = table;
    rows = tin_value_elements(out) / p->row_elems;
    args[0] = tin_view_of(lo, lo->node->in[i], rows);
    args[1] = tin_tensor_of(lo, lo->node->out[0]);
    return tin_add_step(lo, TIN_KERNEL_table_x8, p, args, &tin_need_same, 1,
                        rows);
}

tin_status tin_add_binary_step(tin_lowering *lo, tin_kernel_id kernel,
                               void *params, const int32_t rows[3])
{
    const int32_t i = byte_input(lo);

    if (i >= 0)
        return add_byte_step(lo, kernel, params, i);
    return tin_add_walk_step(lo, kernel, params, 2, rows);
}
