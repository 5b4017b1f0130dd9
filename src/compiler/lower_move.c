/* SPDX-License-Identifier: MIT */
/* lower_move.c: operators that only see another shape, and those that add
 * elements around a tensor. */
#include "lower.h"

#include <string.h>

/* ---- RESHAPE, SQUEEZE, EXPAND_DIMS: the same bytes, another shape -------- */

static tin_status lower_view(tin_lowering *lo)
{
    const tin_value *vi = tin_in(lo, 0), *vo = tin_out(lo, 0);
    tin_status status = tin_want_type(lo, vo, vi->type, "output");

    if (status == TIN_OK)
        status = tin_want_same_quant(lo, vi, vo);
    if (status != TIN_OK)
        return status;
    if (tin_value_elements(vi) != tin_value_elements(vo))
        return tin_refuse(lo, TIN_ERR_SHAPE, "%d elements cannot become %d",
                          (int)tin_value_elements(vi),
                          (int)tin_value_elements(vo));
    return tin_add_view(lo, lo->node->in[0], lo->node->out[0]);
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
    if (shape && shape->type != TIN_S64 && shape->type != TIN_S32)
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

tin_status tin_lower_expand_dims(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0);
    int32_t shape[TIN_MAX_RANK + 1], axis = 0, i;
    int64_t wanted;
    tin_status status = tin_read_int(lo, 1, "the axis", &wanted);

    if (status == TIN_OK)
        status = tin_want_axis(lo, wanted, in->rank + 1, &axis);
    if (status != TIN_OK)
        return status;
    for (i = 0; i <= in->rank; i++)
        shape[i] = i == axis ? 1 : in->shape[i - (i > axis)];
    status = tin_want_shape(lo, tin_out(lo, 0), in->rank + 1, shape);
    if (status != TIN_OK)
        return status;
    return lower_view(lo);
}

/* ---- PAD, PADV2, MIRROR_PAD --------------------------------------------- */

/* Reads the paddings, [rank][2] before and after; checks the output. */
static tin_status read_paddings(tin_lowering *lo, int32_t *before)
{
    const tin_value *in = tin_in(lo, 0), *pads = tin_in(lo, 1);
    int32_t shape[TIN_MAX_RANK], i;
    const tin_status status = tin_want_alike(lo, in, tin_out(lo, 0));

    if (status != TIN_OK)
        return status;
    if (in->rank < 1 || in->rank > TIN_DIMS)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "rank %d is not in 1 .. %d",
                          (int)in->rank, TIN_DIMS);
    if (!pads->data || (pads->type != TIN_S32 && pads->type != TIN_S64))
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "the paddings must be constant integers");
    if (pads->rank != 2 || pads->shape[0] != in->rank || pads->shape[1] != 2)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "the paddings must have shape "
                          "[%d,2]",
                          (int)in->rank);
    for (i = 0; i < in->rank; i++) {
        const int64_t front = tin_const_int(pads, 2 * i);
        const int64_t after = tin_const_int(pads, 2 * i + 1);

        if (front < 0 || after < 0 || front > INT32_MAX || after > INT32_MAX ||
            front + after + in->shape[i] > INT32_MAX)
            return tin_refuse(lo, TIN_ERR_SHAPE,
                              "the padding of axis %d is "
                              "negative or too large",
                              (int)i);
        before[i] = (int32_t)front;
        shape[i] = (int32_t)(front + after + in->shape[i]);
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

tin_status tin_add_pad_step(tin_lowering *lo, const tin_value *in,
                            const tin_value *out, const int32_t *before,
                            const uint8_t *value, int32_t in_tensor,
                            int32_t out_tensor)
{
    tin_pad_params *p = tin_new(lo, sizeof *p);
    const int32_t args[2] = {in_tensor, out_tensor};
    tin_need need;
    int32_t i;

    if (!p)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    if (in->rank > TIN_DIMS)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "rank %d is above %d",
                          (int)in->rank, TIN_DIMS);
    p->elem_bytes = tin_type_bytes(in->type);
    tin_dims(in, in->rank, p->in_dim);
    tin_dims(out, out->rank, p->out_dim);
    for (i = 0; i < in->rank; i++)
        p->before[tin_dims_axis(i, in->rank)] = before[i];
    memcpy(p->value, value, (size_t)p->elem_bytes);
    need = pad_need(p);
    return tin_add_step(lo, TIN_KERNEL_pad, p, args, &need, 1,
                        tin_rows_of(p->out_dim));
}

static tin_status pad_with(tin_lowering *lo, const uint8_t *value)
{
    int32_t before[TIN_MAX_RANK];
    const tin_status status = read_paddings(lo, before);

    if (status != TIN_OK)
        return status;
    return tin_add_pad_step(lo, tin_in(lo, 0), tin_out(lo, 0), before, value,
                            tin_tensor_of(lo, lo->node->in[0]),
                            tin_tensor_of(lo, lo->node->out[0]));
}

/* With zero: all zero bytes, but of a quantized tensor its zero point. */
tin_status tin_lower_pad(tin_lowering *lo)
{
    const tin_value *out = tin_out(lo, 0);
    uint8_t value[8] = {0};

    if (out->type == TIN_S8 || (out->type == TIN_U8 && out->n_scales))
        value[0] = (uint8_t)out->zero_points[0];
    return pad_with(lo, value);
}

tin_status tin_lower_padv2(tin_lowering *lo)
{
    const tin_value *given = tin_in(lo, 2), *in = tin_in(lo, 0);
    uint8_t value[8] = {0};
    tin_status status = tin_want_alike(lo, in, given);

    if (status != TIN_OK)
        return status;
    if (!given->data || tin_value_elements(given) != 1)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "the padding's value must be one constant");
    tin_swap_order(value, given->data, 1, tin_type_bytes(in->type));
    return pad_with(lo, value);
}

/* The first rows of the output show rows further on, the last ones rows
 * further back. */
static tin_need mirror_need(const tin_mirror_pad_params *p)
{
    const int32_t front = p->before[2];
    const int32_t after = p->out_dim[2] - p->in_dim[2] - front;
    tin_need need = tin_need_all;

    if (p->out_dim[0] * p->out_dim[1] > 1)
        return need;
    need.stride = 1;
    need.low = -front - 2 * after;
    need.reach = front + 1;
    return need;
}

tin_status tin_lower_mirror_pad(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    tin_mirror_pad_params *p = tin_new(lo, sizeof *p);
    int32_t before[TIN_MAX_RANK], i;
    tin_need need = tin_need_all;
    const char *why;
    const tin_status status = read_paddings(lo, before);

    if (status != TIN_OK)
        return status;
    if (!p)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    p->elem_bytes = tin_type_bytes(in->type);
    p->edge = lo->node->attr.mirror_edge;
    tin_dims(in, in->rank, p->in_dim);
    tin_dims(out, out->rank, p->out_dim);
    for (i = 0; i < in->rank; i++)
        p->before[tin_dims_axis(i, in->rank)] = before[i];
    if (tin_mirror_pad_check(p, &why) == TIN_OK)
        need = mirror_need(p);
    return tin_add_simple_step(lo, TIN_KERNEL_mirror_pad, p, &need);
}
