/* SPDX-License-Identifier: MIT */
/* lower_reduce.c: SUM, REDUCE_xxx, and what MEAN shares with them. */
#include "lower_reduce.h"

#include <math.h>

/* ---- Axes --------------------------------------------------------------- */

tin_status tin_read_axis(tin_lowering *lo, const tin_value *list, int32_t i,
                         int32_t *axis)
{
    const int32_t rank = tin_in(lo, 0)->rank;
    int64_t a;

    if (!list->data || (list->type != TIN_S32 && list->type != TIN_S64))
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "the axes must be constant integers");
    a = tin_const_int(list, i);
    if (a < -rank || a >= rank)
        return tin_refuse(lo, TIN_ERR_SHAPE, "axis %ld is outside rank %d",
                          (long)a, (int)rank);
    *axis = (int32_t)(a < 0 ? a + rank : a);
    return TIN_OK;
}

/* The axes of a reduction as a set of bits. */
static tin_status reduced_axes(tin_lowering *lo, uint32_t *axes)
{
    const tin_value *list = tin_in(lo, 1);
    int32_t axis = 0, i;

    *axes = 0;
    for (i = 0; i < tin_value_elements(list); i++) {
        const tin_status status = tin_read_axis(lo, list, i, &axis);

        if (status != TIN_OK)
            return status;
        *axes |= (uint32_t)1 << axis;
    }
    return TIN_OK;
}

tin_status tin_want_reduced_shape(tin_lowering *lo, uint32_t axes, int keep)
{
    const tin_value *in = tin_in(lo, 0);
    int32_t shape[TIN_MAX_RANK], rank = 0, i;

    for (i = 0; i < in->rank; i++) {
        if (!(axes >> i & 1))
            shape[rank++] = in->shape[i];
        else if (keep)
            shape[rank++] = 1;
    }
    return tin_want_shape(lo, tin_out(lo, 0), rank, shape);
}

/* Does axis i belong to those that go, or to those that stay? An extent of 1
 * belongs to either. */
static int is_among(const tin_value *in, uint32_t axes, int32_t i)
{
    return in->shape[i] == 1 || (axes >> i & 1);
}

/* The leading axes whose extents make up the rows: of the axes before
 * `inner`, those that stay and then those that go. The rest is in a row. */
static int32_t split_rows(const tin_value *in, uint32_t axes, int32_t inner,
                          tin_reduction *r)
{
    int32_t i = 0;

    r->rows = r->shape.in_h = 1;
    for (; i < inner && is_among(in, ~axes, i); i++)
        r->rows *= in->shape[i];
    for (; i < inner && is_among(in, axes, i); i++)
        r->shape.in_h *= in->shape[i];
    return i;
}

/* Neighbours of which both go or both stay are one axis. They are counted
 * from the end: of six axes at most five are left, and these alternate. */
static void split_axes(const tin_value *in, uint32_t axes, tin_reduction *r)
{
    const int32_t inner = in->rank >= 4 ? in->rank - 2 : in->rank - 1;
    const int32_t first = split_rows(in, axes, inner, r);
    int32_t at = TIN_DIMS - 1, i;

    for (i = 0; i < TIN_DIMS; i++)
        r->shape.dim[i] = 1;
    for (i = in->rank - 1; i >= first; i--) {
        if (in->shape[i] == 1)
            continue;
        if ((at & 1) != (int32_t)(axes >> i & 1)) // dim[1] and dim[3] go
            at--;
        r->shape.dim[at] *= in->shape[i];
    }
}

tin_status tin_make_reduction(tin_lowering *lo, tin_reduction *r)
{
    const tin_value *in = tin_in(lo, 0);
    uint32_t axes = 0;
    tin_status status = tin_want_type(lo, tin_out(lo, 0), in->type, "output");

    if (status == TIN_OK)
        status = reduced_axes(lo, &axes);
    if (status == TIN_OK)
        status = tin_want_reduced_shape(lo, axes, lo->node->attr.keep_dims);
    if (status != TIN_OK)
        return status;
    split_axes(in, axes, r);
    r->count = tin_reduce_count(&r->shape);
    return TIN_OK;
}

tin_status tin_add_reduce_step(tin_lowering *lo, tin_kernel_id kernel,
                               const void *params, const tin_reduction *r)
{
    const int32_t rows = r->rows * r->shape.in_h;
    int32_t args[2];

    args[0] = tin_view_of(lo, lo->node->in[0], rows);
    args[1] = tin_view_of(lo, lo->node->out[0], r->rows);
    return tin_add_step(lo, kernel, params, args, &tin_need_same, 1, rows);
}

/* ---- Steps -------------------------------------------------------------- */

tin_status tin_reduce_f32_step(tin_lowering *lo, const tin_reduction *r,
                               int32_t op)
{
    tin_reduce_f32_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->shape = r->shape;
        p->op = op;
    }
    return tin_add_reduce_step(lo, TIN_KERNEL_reduce_f32, p, r);
}

tin_status tin_reduce_int_step(tin_lowering *lo, const tin_reduction *r,
                               int32_t op, const tin_multiplier *m)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    tin_reduce_int_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->shape = r->shape;
        p->op = op;
        p->elem_bytes = tin_type_bytes(in->type);
    }
    if (p && m) {
        p->in_zero = in->zero_points[0];
        p->out_zero = out->zero_points[0];
        p->multiplier = m->multiplier;
        p->shift = m->shift;
    }
    return tin_add_reduce_step(lo, TIN_KERNEL_reduce_int, p, r);
}

int tin_is_scaled(const tin_value *v)
{
    return v->type == TIN_S8 || v->type == TIN_S16;
}

tin_status tin_want_scaled(tin_lowering *lo, const tin_value *v)
{
    if (v->n_scales == 1)
        return TIN_OK;
    return tin_refuse(lo, TIN_ERR_QUANT, "'%.60s' has %s", v->name,
                      v->n_scales ? "scales for each channel" : "no scale");
}

/* What brings a sum or product of quantized numbers to the output's scale. */
static tin_status reduce_scale(tin_lowering *lo, int32_t op, int32_t count,
                               tin_multiplier *m)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    tin_status status = tin_want_scaled(lo, in);
    double root;

    if (status == TIN_OK)
        status = tin_want_scaled(lo, out);
    if (status != TIN_OK)
        return status;
    // a product is scaled as often as it has factors
    root = (double)out->scales[0];
    if (op == TIN_REDUCE_PROD)
        root = pow(root, 1.0 / (double)count);
    if (!tin_quantize_multiplier((double)in->scales[0] / root, m))
        return tin_refuse(lo, TIN_ERR_QUANT, "scales too far apart");
    return TIN_OK;
}

static tin_status reduce(tin_lowering *lo, int32_t op)
{
    const tin_value *in = tin_in(lo, 0);
    tin_reduction r;
    tin_multiplier m;
    tin_status status = tin_make_reduction(lo, &r);

    if (status == TIN_OK && in->type == TIN_F32)
        return tin_reduce_f32_step(lo, &r, op);
    if (status == TIN_OK && op < TIN_REDUCE_SUM)
        status = tin_want_same_quant(lo, in, tin_out(lo, 0));
    else if (status == TIN_OK && tin_is_scaled(in))
        status = reduce_scale(lo, op, r.count, &m);
    if (status != TIN_OK)
        return status;
    return tin_reduce_int_step(
        lo, &r, op, op >= TIN_REDUCE_SUM && tin_is_scaled(in) ? &m : NULL);
}

tin_status tin_lower_reduce_max(tin_lowering *lo)
{
    return reduce(lo, TIN_REDUCE_MAX);
}

tin_status tin_lower_reduce_min(tin_lowering *lo)
{
    return reduce(lo, TIN_REDUCE_MIN);
}

tin_status tin_lower_sum(tin_lowering *lo)
{
    return reduce(lo, TIN_REDUCE_SUM);
}

tin_status tin_lower_reduce_prod(tin_lowering *lo)
{
    return reduce(lo, TIN_REDUCE_PROD);
}

/* Of bytes 0 and 1. */
tin_status tin_lower_reduce_any(tin_lowering *lo)
{
    return reduce(lo, TIN_REDUCE_MAX);
}

tin_status tin_lower_reduce_all(tin_lowering *lo)
{
    return reduce(lo, TIN_REDUCE_MIN);
}
