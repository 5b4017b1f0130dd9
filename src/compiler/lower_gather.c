/* SPDX-License-Identifier: MIT */
/* lower_gather.c: operators whose elements are chosen by indices. */
#include "lower.h"

#include <string.h>

/* The product of extents first .. end - 1. */
static int32_t extents(const tin_value *v, int32_t first, int32_t end)
{
    int32_t n = 1;

    for (; first < end; first++)
        n *= v->shape[first];
    return n;
}

static tin_status want_indices(tin_lowering *lo, const tin_value *index)
{
    if (index->type == TIN_S32 || index->type == TIN_S64)
        return TIN_OK;
    return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                      "indices '%.60s' are %s, not int32 or int64", index->name,
                      tin_type_name(index->type));
}

/* An index that is constant must lie within: the reference refuses it when it
 * runs. */
static tin_status check_constant(tin_lowering *lo, const tin_value *index,
                                 const tin_gather_params *p)
{
    const int32_t n = index->data ? tin_value_elements(index) : 0;
    int32_t i;

    for (i = 0; i < n; i++) {
        const int64_t at = tin_const_int(index, i);

        if (at < 0 || at >= p->extent[i % p->depth])
            return tin_refuse(lo, TIN_ERR_SHAPE, "index %lld is not in 0 .. %d",
                              (long long)at, (int)p->extent[i % p->depth] - 1);
    }
    return TIN_OK;
}

/* Adds the step of a gather from input `data` by input `index`, whose params
 * lack but sizes of elements and rows. */
static tin_status add_gather(tin_lowering *lo, int32_t data, int32_t index,
                             tin_gather_params *p)
{
    const tin_need needs[2] = {tin_need_all, tin_need_all};
    const tin_value *out = tin_out(lo, 0);
    int32_t args[3];
    tin_status status;

    args[0] = tin_tensor_of(lo, lo->node->in[data]);
    args[1] = tin_tensor_of(lo, lo->node->in[index]);
    args[2] = tin_tensor_of(lo, lo->node->out[0]);
    p->elem_bytes = tin_type_bytes(out->type);
    p->index_bytes = tin_type_bytes(tin_in(lo, index)->type);
    p->in_elems = tin_value_elements(tin_in(lo, data));
    p->row_elems = tin_value_elements(out) / tin_natural_rows(out);
    status = check_constant(lo, tin_in(lo, index), p);
    if (status != TIN_OK)
        return status;
    return tin_add_step(lo, TIN_KERNEL_gather, p, args, needs, 2,
                        tin_natural_rows(out));
}

/* ---- GATHER, EMBEDDING_LOOKUP ------------------------------------------- */

/* out = data[.. axis - 1][index[batch_dims ..]][axis + 1 ..] */
static tin_status gather(tin_lowering *lo, int32_t data, int32_t index,
                         int32_t axis, int32_t batch_dims)
{
    const tin_value *in = tin_in(lo, data), *ix = tin_in(lo, index);
    tin_gather_params *p = tin_new(lo, sizeof *p);
    int32_t shape[2 * TIN_MAX_RANK], rank = 0, i;
    tin_status status;

    if (!p)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    for (i = 0; i < axis; i++)
        shape[rank++] = in->shape[i];
    for (i = batch_dims; i < ix->rank; i++)
        shape[rank++] = ix->shape[i];
    for (i = axis + 1; i < in->rank; i++)
        shape[rank++] = in->shape[i];
    if (rank > TIN_MAX_RANK)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "a rank above %d",
                          TIN_MAX_RANK);
    status = tin_want_shape(lo, tin_out(lo, 0), rank, shape);
    if (status != TIN_OK)
        return status;
    p->batch = extents(in, 0, batch_dims);
    p->outer = extents(in, batch_dims, axis);
    p->count = extents(ix, batch_dims, ix->rank);
    p->inner = extents(in, axis + 1, in->rank);
    p->batch_step = extents(in, batch_dims, in->rank);
    p->outer_step = extents(in, axis, in->rank);
    p->depth = 1;
    p->extent[0] = in->shape[axis];
    p->step[0] = p->inner;
    return add_gather(lo, data, index, p);
}

tin_status tin_lower_gather(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *ix = tin_in(lo, 1);
    int32_t axis = 0, batch_dims = lo->node->attr.batch_dims, i;
    tin_status status = tin_want_alike(lo, in, tin_out(lo, 0));

    if (status == TIN_OK)
        status = want_indices(lo, ix);
    if (status == TIN_OK)
        status = tin_want_axis(lo, lo->node->attr.axis, in->rank, &axis);
    if (status != TIN_OK)
        return status;
    if (batch_dims < 0)
        batch_dims += ix->rank;
    if (batch_dims < 0 || batch_dims > axis || batch_dims > ix->rank)
        return tin_refuse(lo, TIN_ERR_SHAPE, "%d batch dimensions for axis %d",
                          (int)lo->node->attr.batch_dims, (int)axis);
    for (i = 0; i < batch_dims; i++)
        if (in->shape[i] != ix->shape[i])
            return tin_refuse(lo, TIN_ERR_SHAPE,
                              "batch dimension %d is %d, of the indices %d",
                              (int)i, (int)in->shape[i], (int)ix->shape[i]);
    return gather(lo, 0, 1, axis, batch_dims);
}

tin_status tin_lower_embedding_lookup(tin_lowering *lo)
{
    const tin_value *ix = tin_in(lo, 0), *in = tin_in(lo, 1);
    tin_status status = tin_want_alike(lo, in, tin_out(lo, 0));

    if (status == TIN_OK)
        status = want_indices(lo, ix);
    if (status != TIN_OK)
        return status;
    if (ix->rank != 1 || in->rank < 2)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "indices of rank %d, a table of rank %d",
                          (int)ix->rank, (int)in->rank);
    return gather(lo, 1, 0, 0, 0);
}

/* ---- GATHER_ND ---------------------------------------------------------- */

tin_status tin_lower_gather_nd(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *ix = tin_in(lo, 1);
    const int32_t depth = ix->rank ? ix->shape[ix->rank - 1] : 0;
    tin_gather_params *p = tin_new(lo, sizeof *p);
    int32_t shape[2 * TIN_MAX_RANK], rank = 0, i;
    tin_status status = tin_want_alike(lo, in, tin_out(lo, 0));

    if (status == TIN_OK)
        status = want_indices(lo, ix);
    if (status != TIN_OK)
        return status;
    if (!p)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    if (depth < 1 || depth > in->rank)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "indices of %d numbers for rank %d", (int)depth,
                          (int)in->rank);
    for (i = 0; i < ix->rank - 1; i++)
        shape[rank++] = ix->shape[i];
    for (i = depth; i < in->rank; i++)
        shape[rank++] = in->shape[i];
    if (rank > TIN_MAX_RANK)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "a rank above %d",
                          TIN_MAX_RANK);
    status = tin_want_shape(lo, tin_out(lo, 0), rank, shape);
    if (status != TIN_OK)
        return status;
    p->batch = p->outer = 1;
    p->count = extents(ix, 0, ix->rank - 1);
    p->inner = extents(in, depth, in->rank);
    p->depth = depth;
    for (i = 0; i < depth; i++) {
        p->extent[i] = in->shape[i];
        p->step[i] = extents(in, i + 1, in->rank);
    }
    return add_gather(lo, 0, 1, p);
}

/* ---- ONE_HOT ------------------------------------------------------------ */

/* The one constant element of input i. */
static tin_status read_value(tin_lowering *lo, int32_t i, uint8_t *value)
{
    const tin_value *v = tin_in(lo, i);
    const tin_status status = tin_want_alike(lo, tin_out(lo, 0), v);

    if (status != TIN_OK)
        return status;
    if (!v->data || tin_value_elements(v) != 1)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "input %d must be one constant", (int)i);
    tin_swap_order(value, v->data, 1, tin_type_bytes(v->type));
    return TIN_OK;
}

tin_status tin_lower_one_hot(tin_lowering *lo)
{
    const tin_value *ix = tin_in(lo, 0), *out = tin_out(lo, 0);
    tin_one_hot_params *p = tin_new(lo, sizeof *p);
    int32_t shape[TIN_MAX_RANK + 1], axis = 0, i;
    int64_t depth = 0;
    tin_status status = want_indices(lo, ix);

    if (!p)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    if (status == TIN_OK)
        status = tin_read_int(lo, 1, "the depth", &depth);
    if (status == TIN_OK)
        status = read_value(lo, 2, p->on);
    if (status == TIN_OK)
        status = read_value(lo, 3, p->off);
    if (status == TIN_OK)
        status = tin_want_axis(lo, lo->node->attr.axis, ix->rank + 1, &axis);
    if (status != TIN_OK)
        return status;
    p->depth = (int32_t)(depth < 0 ? 0 : depth > INT32_MAX ? 0 : depth);
    for (i = 0; i <= ix->rank; i++)
        shape[i] = i == axis ? p->depth : ix->shape[i - (i > axis)];
    status = tin_want_shape(lo, out, ix->rank + 1, shape);
    if (status != TIN_OK)
        return status;
    p->elem_bytes = tin_type_bytes(out->type);
    p->index_bytes = tin_type_bytes(ix->type);
    p->outer = extents(ix, 0, axis);
    p->inner = extents(ix, axis, ix->rank);
    p->row_elems = tin_value_elements(out) / tin_natural_rows(out);
    return tin_add_simple_step(lo, TIN_KERNEL_one_hot, p, &tin_need_all);
}

/* ---- What never runs ---------------------------------------------------- */

/* SHAPE, RANK, RANGE, BROADCAST_ARGS and DENSIFY: the network knows what they
 * make, see fold.c, or it cannot be planned. */
tin_status tin_lower_known(tin_lowering *lo)
{
    return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                      "its inputs must be constant, so that it can be computed "
                      "beforehand");
}
