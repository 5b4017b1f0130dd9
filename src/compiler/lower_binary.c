/* SPDX-License-Identifier: MIT */
/* lower_binary.c: operators of two inputs, element by element. */
#include "lower.h"

/* ---- Two inputs, either of which may be broadcast ------------------------ */

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

tin_status tin_make_broadcast(tin_lowering *lo, tin_broadcast *b,
                              int32_t rows[3])
{
    const tin_value *x = tin_in(lo, 0), *y = tin_in(lo, 1);
    const tin_value *out = tin_out(lo, 0);
    const int32_t rank = x->rank > y->rank ? x->rank : y->rank;
    int32_t dx[TIN_DIMS], dy[TIN_DIMS], i;

    if (rank > TIN_DIMS)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "rank %d is above %d",
                          (int)rank, TIN_DIMS);
    if (out->rank != rank)
        return tin_refuse(lo, TIN_ERR_SHAPE, "output has rank %d, not %d",
                          (int)out->rank, (int)rank);
    tin_dims(x, rank, dx);
    tin_dims(y, rank, dy);
    tin_dims(out, rank, b->dim);
    for (i = 0; i < TIN_DIMS; i++) {
        const int32_t d = dx[i] == 1 ? dy[i] : dx[i];

        if ((dy[i] != 1 && dy[i] != d) || b->dim[i] != d)
            return tin_refuse(lo, TIN_ERR_SHAPE,
                              "the shapes of inputs and "
                              "output do not match");
    }
    broadcast_strides(dx, b->stride_a);
    broadcast_strides(dy, b->stride_b);
    rows[0] = tin_rows_of(dx);
    rows[1] = tin_rows_of(dy);
    rows[2] = tin_rows_of(b->dim);
    return TIN_OK;
}

tin_status tin_add_binary_step(tin_lowering *lo, tin_kernel_id kernel,
                               const void *params, const int32_t rows[3])
{
    tin_need needs[2];
    int32_t args[3], i;

    for (i = 0; i < 2; i++) // a broadcast input is needed until the end
        needs[i] = rows[i] == rows[2] ? tin_need_same : tin_need_all;
    args[0] = tin_view_of(lo, lo->node->in[0], rows[0]);
    args[1] = tin_view_of(lo, lo->node->in[1], rows[1]);
    args[2] = tin_view_of(lo, lo->node->out[0], rows[2]);
    return tin_add_step(lo, kernel, params, args, needs, 2, rows[2]);
}

/* ---- ADD ---------------------------------------------------------------- */

/* Both inputs are brought to twice the larger scale, with 20 extra bits. */
static tin_status add_s8(tin_lowering *lo, const tin_broadcast *shape,
                         const int32_t rows[3])
{
    const tin_value *x = tin_in(lo, 0), *y = tin_in(lo, 1);
    const tin_value *out = tin_out(lo, 0);
    const double sx = (double)x->scales[0], sy = (double)y->scales[0];
    const double common = 2.0 * (sx > sy ? sx : sy);
    tin_add_s8_params *p = tin_new(lo, sizeof *p);
    tin_multiplier mx, my, mo;

    if (!tin_quantize_multiplier(sx / common, &mx) ||
        !tin_quantize_multiplier(sy / common, &my) ||
        !tin_quantize_multiplier(
            common / ((double)(1 << 20) * (double)out->scales[0]), &mo) ||
        mo.shift > 0)
        return tin_refuse(lo, TIN_ERR_QUANT, "scales too far apart");
    if (p) {
        p->shape = *shape;
        p->a_zero = x->zero_points[0];
        p->b_zero = y->zero_points[0];
        p->out_zero = out->zero_points[0];
        p->left_shift = 20;
        p->a_multiplier = mx.multiplier;
        p->a_shift = mx.shift;
        p->b_multiplier = my.multiplier;
        p->b_shift = my.shift;
        p->out_multiplier = mo.multiplier;
        p->out_shift = mo.shift;
        tin_act_range_s8(lo->node->attr.activation, out->scales[0], p->out_zero,
                         &p->act_min, &p->act_max);
    }
    return tin_add_binary_step(lo, TIN_KERNEL_add_s8, p, rows);
}

tin_status tin_lower_add(tin_lowering *lo)
{
    const tin_value *x = tin_in(lo, 0);
    tin_add_f32_params *p;
    tin_broadcast shape;
    int32_t rows[3];
    tin_status status;

    status = tin_want_type(lo, tin_in(lo, 1), x->type, "input");
    if (status == TIN_OK)
        status = tin_want_type(lo, tin_out(lo, 0), x->type, "output");
    if (status == TIN_OK)
        status = tin_make_broadcast(lo, &shape, rows);
    if (status != TIN_OK)
        return status;
    if (x->type == TIN_S8)
        return add_s8(lo, &shape, rows);
    p = tin_new(lo, sizeof *p);
    if (p) {
        p->shape = shape;
        tin_act_range_f32(lo->node->attr.activation, &p->act_min, &p->act_max);
    }
    return tin_add_binary_step(lo, TIN_KERNEL_add_f32, p, rows);
}
