/* SPDX-License-Identifier: MIT */
/* lower_move.c: operators that move elements and compute nothing. */
#include "lower.h"

#include <string.h>

/* ---- RESHAPE, SQUEEZE: the same bytes, another shape -------------------- */

static tin_status lower_view(tin_lowering *lo)
{
    const int32_t in = lo->node->in[0], out = lo->node->out[0];
    const tin_value *vi = tin_in(lo, 0), *vo = tin_out(lo, 0);
    tin_status status = tin_want_type(lo, vo, vi->type, "output");
    int32_t rows = 1, i;

    if (status == TIN_OK)
        status = tin_want_same_quant(lo, vi, vo);
    if (status != TIN_OK)
        return status;
    if (tin_value_elements(vi) != tin_value_elements(vo))
        return tin_refuse(lo, TIN_ERR_SHAPE, "%d elements cannot become %d",
                          (int)tin_value_elements(vi),
                          (int)tin_value_elements(vo));
    for (i = 0; i < vo->rank - (vo->rank >= 4 ? 2 : 1); i++)
        rows *= vo->shape[i];
    lo->layers[lo->node->layer].kernel = "view";
    lo->tensor_of[out] = tin_view_of(lo, in, rows);
    if (lo->tensor_of[out] < 0)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    return TIN_OK;
}

/* The shape that the operator asks for, one extent of which may be -1: "what
 * is left". It must agree with the output's. */
static tin_status check_new_shape(tin_lowering *lo, int64_t wanted, int32_t i)
{
    const tin_value *out = tin_out(lo, 0);

    if (wanted == -1 || (i < out->rank && wanted == out->shape[i]))
        return TIN_OK;
    return tin_refuse(lo, TIN_ERR_SHAPE,
                      "extent %d of the new shape is %d, "
                      "not that of the output",
                      (int)i, (int)tin_clamp((int32_t)wanted, -1, INT32_MAX));
}

tin_status tin_lower_reshape(tin_lowering *lo)
{
    const tin_value *shape = tin_in(lo, 1), *out = tin_out(lo, 0);
    const tin_attributes *a = &lo->node->attr;
    const int from_tensor = shape && shape->data;
    const int32_t n = from_tensor ? tin_value_elements(shape) : a->n_list;
    int32_t unknown = 0, i;
    tin_status status;

    if (shape && !shape->data)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "the new shape must be constant");
    if (shape && shape->type != TIN_S32)
        return tin_want_type(lo, shape, TIN_S32, "new shape");
    if (n != out->rank && (from_tensor || n != 0))
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "the new shape has %d extents, "
                          "the output %d",
                          (int)n, (int)out->rank);
    for (i = 0; i < n; i++) {
        const int64_t wanted =
            from_tensor ? tin_const_int(shape, i) : a->list[i];

        unknown += wanted == -1;
        status = check_new_shape(lo, wanted, i);
        if (status != TIN_OK)
            return status;
    }
    if (unknown > 1)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "two extents of the new shape are "
                          "-1");
    return lower_view(lo);
}

tin_status tin_lower_squeeze(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0);
    const tin_attributes *a = &lo->node->attr;
    int32_t shape[TIN_MAX_RANK], rank = 0, i;
    uint32_t drop = 0;
    tin_status status;

    for (i = 0; i < a->n_list; i++) {
        const int32_t axis =
            a->list[i] < 0 ? a->list[i] + in->rank : a->list[i];

        if (axis < 0 || axis >= in->rank || in->shape[axis] != 1)
            return tin_refuse(lo, TIN_ERR_SHAPE, "axis %d cannot be squeezed",
                              (int)a->list[i]);
        drop |= (uint32_t)1 << axis;
    }
    for (i = 0; i < in->rank; i++)
        if (a->n_list ? !(drop >> i & 1) : in->shape[i] != 1)
            shape[rank++] = in->shape[i];
    status = tin_want_shape(lo, tin_out(lo, 0), rank, shape);
    if (status != TIN_OK)
        return status;
    return lower_view(lo);
}

/* ---- PAD ---------------------------------------------------------------- */

/* Reads the paddings, [rank][2] before and after. */
static tin_status read_paddings(tin_lowering *lo, tin_pad_params *p)
{
    const tin_value *in = tin_in(lo, 0), *pads = tin_in(lo, 1);
    int32_t shape[TIN_MAX_RANK], i;

    if (!pads->data || (pads->type != TIN_S32 && pads->type != TIN_S64))
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "the paddings must be constant integers");
    if (pads->rank != 2 || pads->shape[0] != in->rank || pads->shape[1] != 2)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "the paddings must have shape "
                          "[%d,2]",
                          (int)in->rank);
    for (i = 0; i < in->rank; i++) {
        const int64_t before = tin_const_int(pads, 2 * i);
        const int64_t after = tin_const_int(pads, 2 * i + 1);

        if (before < 0 || after < 0 || before > INT32_MAX ||
            after > INT32_MAX || before + after + in->shape[i] > INT32_MAX)
            return tin_refuse(lo, TIN_ERR_SHAPE,
                              "the padding of axis %d is "
                              "negative or too large",
                              (int)i);
        p->before[tin_dims_axis(i, in->rank)] = (int32_t)before;
        shape[i] = (int32_t)(before + after + in->shape[i]);
    }
    return tin_want_shape(lo, tin_out(lo, 0), in->rank, shape);
}

/* Rows are in step when there is one image, before and after. */
static tin_need pad_need(const tin_pad_params *p)
{
    tin_need need = tin_need_same;

    if (p->out_dim[0] * p->out_dim[1] > 1)
        return tin_need_all;
    need.low -= p->before[2];
    need.reach -= p->before[2];
    return need;
}

tin_status tin_lower_pad(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    tin_pad_params *p = tin_new(lo, sizeof *p);
    tin_need need = tin_need_all;
    tin_status status;

    if (in->rank < 1 || in->rank > TIN_DIMS)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "rank %d is not in 1 .. %d",
                          (int)in->rank, TIN_DIMS);
    status = tin_want_type(lo, out, in->type, "output");
    if (status == TIN_OK)
        status = tin_want_same_quant(lo, in, out);
    if (status == TIN_OK && p)
        status = read_paddings(lo, p);
    if (status != TIN_OK)
        return status;
    if (p) {
        p->elem_bytes = tin_type_bytes(in->type);
        tin_dims(in, in->rank, p->in_dim);
        tin_dims(out, out->rank, p->out_dim);
        if (in->type == TIN_S8) /* float zero is all zero bytes */
            p->value[0] = (uint8_t)out->zero_points[0];
        need = pad_need(p);
    }
    return tin_add_simple_step(lo, TIN_KERNEL_pad, p, &need);
}

/* ---- CONCATENATION ------------------------------------------------------ */

/* Checks every input against the output; returns the axis among the extents
 * of the rank. */
static tin_status check_concatenation(tin_lowering *lo, int32_t *axis)
{
    const tin_value *out = tin_out(lo, 0);
    const int32_t rank = out->rank;
    int32_t i, k;
    int64_t sum = 0;

    *axis = lo->node->attr.axis;
    if (*axis < 0)
        *axis += rank;
    if (*axis < 0 || *axis >= rank || rank > TIN_DIMS)
        return tin_refuse(lo, TIN_ERR_SHAPE, "axis %d of rank %d",
                          (int)lo->node->attr.axis, (int)rank);
    for (i = 0; i < lo->node->n_in; i++) {
        const tin_value *in = tin_in(lo, i);
        tin_status status = tin_want_type(lo, in, out->type, "input");

        if (status == TIN_OK)
            status = tin_want_same_quant(lo, in, out);
        if (status != TIN_OK)
            return status;
        for (k = 0; k < rank; k++)
            if (in->rank != rank ||
                (k != *axis && in->shape[k] != out->shape[k]))
                return tin_refuse(lo, TIN_ERR_SHAPE,
                                  "input %d does not have "
                                  "the output's shape",
                                  (int)i);
        sum += in->shape[*axis];
    }
    if (sum != out->shape[*axis])
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "the inputs do not fill the "
                          "output's axis %d",
                          (int)*axis);
    return TIN_OK;
}

/* One step joins inputs i .. i + n - 1, from `first` on along the axis. */
static tin_status join(tin_lowering *lo, int32_t axis, int32_t i, int32_t n,
                       int32_t *first)
{
    const tin_value *out = tin_out(lo, 0);
    tin_concat_params *p = tin_new(lo, sizeof *p);
    tin_need needs[TIN_CONCAT_MAX];
    int32_t args[TIN_CONCAT_MAX + 1], k;

    if (!p)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    p->elem_bytes = tin_type_bytes(out->type);
    tin_dims(out, out->rank, p->dim);
    p->axis = tin_dims_axis(axis, out->rank);
    p->first = *first;
    p->n_in = n;
    for (k = 0; k < n; k++) {
        p->extent[k] = tin_in(lo, i + k)->shape[axis];
        *first += p->extent[k];
        args[k] = tin_tensor_of(lo, lo->node->in[i + k]);
        needs[k] = p->axis >= 3 ? tin_need_same : tin_need_all;
    }
    args[n] = tin_tensor_of(lo, lo->node->out[0]);
    return tin_add_step(lo, TIN_KERNEL_concat, p, args, needs, n,
                        tin_rows_of(p->dim));
}

tin_status tin_lower_concatenation(tin_lowering *lo)
{
    int32_t axis, i, first = 0;
    tin_status status;

    if (lo->node->attr.activation != TIN_ACT_NONE)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "a fused activation");
    status = check_concatenation(lo, &axis);
    for (i = 0; i < lo->node->n_in && status == TIN_OK; i += TIN_CONCAT_MAX)
        status = join(lo, axis, i,
                      tin_clamp(lo->node->n_in - i, 1, TIN_CONCAT_MAX), &first);
    return status;
}
