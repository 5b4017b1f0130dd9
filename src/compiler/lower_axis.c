/* SPDX-License-Identifier: MIT */
/* lower_axis.c: ARG_MAX, ARG_MIN, TOPK_V2, CUMSUM: operators along one axis. */
#include "lower_reduce.h"

/* ---- One axis ----------------------------------------------------------- */

/* The single constant that says which axis it is. */
static tin_status one_axis(tin_lowering *lo, int32_t *axis)
{
    const tin_value *v = tin_in(lo, 1);

    if (tin_value_elements(v) != 1)
        return tin_refuse(lo, TIN_ERR_SHAPE, "%d axes, not one",
                          (int)tin_value_elements(v));
    return tin_read_axis(lo, v, 0, axis);
}

/* A row as the kernels see it. *rows: of the input, as it is or, where the
 * axis lies across rows, with all of the axis in one. */
static tin_axis split_at(const tin_value *in, int32_t axis, int32_t *rows)
{
    const int32_t natural = in->rank >= 4 ? in->rank - 2 : in->rank - 1;
    const int32_t first = axis < natural ? axis : natural;
    tin_axis a = {1, 1, 1};
    int32_t i;

    *rows = 1;
    for (i = 0; i < in->rank; i++) {
        int32_t *part = i < first  ? rows
                        : i < axis ? &a.outer
                        : i > axis ? &a.inner
                                   : &a.extent;

        *part *= in->shape[i];
    }
    return a;
}

/* The step of such a kernel, `rows` of input becoming as many of output. */
static tin_status add_axis_step(tin_lowering *lo, tin_kernel_id kernel,
                                const void *params, int32_t rows)
{
    int32_t args[2];

    args[0] = tin_view_of(lo, lo->node->in[0], rows);
    args[1] = tin_view_of(lo, lo->node->out[0], rows);
    return tin_add_step(lo, kernel, params, args, &tin_need_same, 1, rows);
}

static int32_t key_type(tin_type type)
{
    switch (type) {
    case TIN_S8: return TIN_KEY_S8;
    case TIN_S16: return TIN_KEY_S16;
    case TIN_S32: return TIN_KEY_S32;
    case TIN_F32: return TIN_KEY_F32;
    default: return TIN_KEY_U8;
    }
}

/* ---- ARG_MAX, ARG_MIN --------------------------------------------------- */

static tin_status arg(tin_lowering *lo, int32_t minimum)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    tin_argmax_params *p;
    int32_t axis = 0, rows;
    tin_status status = one_axis(lo, &axis);

    if (status == TIN_OK && out->type != TIN_S64)
        status = tin_want_type(lo, out, TIN_S32, "output");
    if (status == TIN_OK)
        status = tin_want_reduced_shape(lo, (uint32_t)1 << axis, 0);
    if (status != TIN_OK)
        return status;
    p = tin_new(lo, sizeof *p);
    if (!p)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    p->axis = split_at(in, axis, &rows);
    p->type = key_type(in->type);
    p->minimum = minimum;
    p->index_bytes = tin_type_bytes(out->type);
    return add_axis_step(lo, TIN_KERNEL_argmax, p, rows);
}

tin_status tin_lower_argmax(tin_lowering *lo)
{
    return arg(lo, 0);
}

tin_status tin_lower_argmin(tin_lowering *lo)
{
    return arg(lo, 1);
}

/* ---- TOPK_V2 ------------------------------------------------------------ */

/* The step that makes output i: the elements, or where they stood. */
static tin_status topk_step(tin_lowering *lo, int32_t i, int32_t k)
{
    const tin_value *in = tin_in(lo, 0);
    tin_topk_params *p = tin_new(lo, sizeof *p);
    const int32_t c = in->shape[in->rank - 1];
    int32_t args[2];

    if (p) {
        p->groups = tin_row_elements(in) / c;
        p->c = c;
        p->k = k;
        p->type = key_type(in->type);
        p->indices = i;
    }
    args[0] = tin_tensor_of(lo, lo->node->in[0]);
    args[1] = tin_tensor_of(lo, lo->node->out[i]);
    return tin_add_step(lo, TIN_KERNEL_topk, p, args, &tin_need_same, 1,
                        tin_value_elements(in) / tin_row_elements(in));
}

/* Checks output i: its type, and the input's shape with k as the last axis. */
static tin_status check_topk(tin_lowering *lo, int32_t i, int64_t k)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, i);
    int32_t shape[TIN_MAX_RANK], d;
    tin_status status =
        tin_want_type(lo, out, i == 0 ? in->type : TIN_S32, "output");

    if (status == TIN_OK && i == 0)
        status = tin_want_same_quant(lo, in, out);
    for (d = 0; d < in->rank - 1; d++)
        shape[d] = in->shape[d];
    shape[d] = (int32_t)k;
    return status == TIN_OK ? tin_want_shape(lo, out, in->rank, shape) : status;
}

tin_status tin_lower_topk(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *count = tin_in(lo, 1);
    tin_status status = TIN_OK;
    int64_t k;
    int32_t i;

    if (!count->data || count->type != TIN_S32 ||
        tin_value_elements(count) != 1)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "k must be one constant int32");
    k = tin_const_int(count, 0);
    if (in->rank < 1 || k < 1 || k > in->shape[in->rank - 1])
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "k is %ld, which the last axis has not", (long)k);
    if (lo->node->n_out != 2)
        return tin_refuse(lo, TIN_ERR_SHAPE, "%d outputs, not 2",
                          (int)lo->node->n_out);
    for (i = 0; i < 2 && status == TIN_OK; i++)
        status = check_topk(lo, i, k);
    for (i = 0; i < 2 && status == TIN_OK; i++)
        status = topk_step(lo, i, (int32_t)k);
    return status;
}

/* ---- CUMSUM ------------------------------------------------------------- */

static tin_status cumsum_s8(tin_lowering *lo, const tin_axis *axis,
                            int32_t rows)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    tin_cumsum_s8_params *p = tin_new(lo, sizeof *p);
    tin_multiplier m;

    if (!tin_quantize_multiplier(
            2.0 * (double)in->scales[0] /
                ((double)(1 << 20) * (double)out->scales[0]),
            &m) ||
        m.shift > 0)
        return tin_refuse(lo, TIN_ERR_QUANT, "scales too far apart");
    if (p) {
        p->axis = *axis;
        p->exclusive = lo->node->attr.exclusive;
        p->reverse = lo->node->attr.reverse;
        p->in_zero = in->zero_points[0];
        p->out_zero = out->zero_points[0];
        p->multiplier = m.multiplier;
        p->shift = m.shift;
    }
    return add_axis_step(lo, TIN_KERNEL_cumsum_s8, p, rows);
}

static tin_status cumsum_f32(tin_lowering *lo, const tin_axis *axis,
                             int32_t rows)
{
    tin_cumsum_f32_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->axis = *axis;
        p->exclusive = lo->node->attr.exclusive;
        p->reverse = lo->node->attr.reverse;
    }
    return add_axis_step(lo, TIN_KERNEL_cumsum_f32, p, rows);
}

static tin_status cumsum_s32(tin_lowering *lo, const tin_axis *axis,
                             int32_t rows)
{
    tin_cumsum_s32_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->axis = *axis;
        p->exclusive = lo->node->attr.exclusive;
        p->reverse = lo->node->attr.reverse;
    }
    return add_axis_step(lo, TIN_KERNEL_cumsum_s32, p, rows);
}

tin_status tin_lower_cumsum(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0);
    tin_axis split;
    int32_t axis = 0, rows;
    tin_status status = tin_check_unary(lo);

    if (status == TIN_OK)
        status = one_axis(lo, &axis);
    if (status != TIN_OK)
        return status;
    split = split_at(in, axis, &rows);
    if (in->type == TIN_S8)
        return cumsum_s8(lo, &split, rows);
    if (in->type == TIN_S32)
        return cumsum_s32(lo, &split, rows);
    return cumsum_f32(lo, &split, rows);
}
