/* SPDX-License-Identifier: MIT */
/* lower_pool.c: AVERAGE_POOL_2D, MAX_POOL_2D, MEAN. */
#include "lower.h"

static tin_status pool_s8(tin_lowering *lo, const tin_window *w,
                          tin_kernel_id kernel)
{
    const tin_value *out = tin_out(lo, 0);
    const tin_need need = tin_window_need(w, out->shape[0]);
    tin_pool2d_s8_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->window = *w;
        tin_act_range_s8(lo->node->attr.activation, out->scales[0],
                         out->zero_points[0], &p->act_min, &p->act_max);
    }
    return tin_add_simple_step(lo, kernel, p, &need);
}

static tin_status pool_f32(tin_lowering *lo, const tin_window *w,
                           tin_kernel_id kernel)
{
    const tin_need need = tin_window_need(w, tin_out(lo, 0)->shape[0]);
    tin_pool2d_f32_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->window = *w;
        tin_act_range_f32(lo->node->attr.activation, &p->act_min, &p->act_max);
    }
    return tin_add_simple_step(lo, kernel, p, &need);
}

/* ---- The average of the whole image, row by row ------------------------- */

static int is_global(const tin_window *w)
{
    return w->out_h == 1 && w->out_w == 1 &&
           w->kernel_h - w->pad_top >= w->in_h &&
           w->kernel_w - w->pad_left >= w->in_w;
}

/* Sums take four bytes a channel: worth it where all the image takes more. */
static int saves_memory(const tin_window *w)
{
    return (int64_t)(w->in_h - 1) * w->in_w > 4;
}

static tin_status add_gavgpool_step(tin_lowering *lo, tin_kernel_id kernel,
                                    const void *params, const tin_window *w)
{
    const int32_t n = tin_in(lo, 0)->shape[0];
    int32_t args[2];

    args[0] = tin_tensor_of(lo, lo->node->in[0]);
    args[1] = tin_tensor_of(lo, lo->node->out[0]);
    return tin_add_step(lo, kernel, params, args, &tin_need_same, 1,
                        n * w->in_h);
}

static tin_status gavgpool_s8(tin_lowering *lo, const tin_window *w)
{
    const tin_value *out = tin_out(lo, 0);
    tin_gavgpool2d_s8_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->in_h = w->in_h;
        p->in_w = w->in_w;
        p->c = w->in_c;
        tin_act_range_s8(lo->node->attr.activation, out->scales[0],
                         out->zero_points[0], &p->act_min, &p->act_max);
    }
    return add_gavgpool_step(lo, TIN_KERNEL_gavgpool2d_s8, p, w);
}

static tin_status gavgpool_f32(tin_lowering *lo, const tin_window *w)
{
    tin_gavgpool2d_f32_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->in_h = w->in_h;
        p->in_w = w->in_w;
        p->c = w->in_c;
        tin_act_range_f32(lo->node->attr.activation, &p->act_min, &p->act_max);
    }
    return add_gavgpool_step(lo, TIN_KERNEL_gavgpool2d_f32, p, w);
}

static tin_status pool(tin_lowering *lo, tin_kernel_id kernel_s8,
                       tin_kernel_id kernel_f32)
{
    const tin_attributes *a = &lo->node->attr;
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    tin_window w;
    tin_status status;

    status = tin_want_type(lo, out, in->type, "output");
    if (status == TIN_OK)
        status = tin_want_same_quant(lo, in, out);
    if (status == TIN_OK)
        status = tin_make_window(lo, a->filter_h, a->filter_w,
                                 in->rank == 4 ? in->shape[3] : 0, &w);
    if (status != TIN_OK)
        return status;
    if (in->type == TIN_S16)
        return tin_pool_s16(lo, &w,
                            lo->node->op == TIN_OP_MAX_POOL_2D
                                ? TIN_KERNEL_maxpool2d_s16
                                : TIN_KERNEL_avgpool2d_s16);
    if (lo->node->op == TIN_OP_AVERAGE_POOL_2D && is_global(&w) &&
        saves_memory(&w))
        return in->type == TIN_S8 ? gavgpool_s8(lo, &w) : gavgpool_f32(lo, &w);
    if (in->type == TIN_S8)
        return pool_s8(lo, &w, kernel_s8);
    return pool_f32(lo, &w, kernel_f32);
}

tin_status tin_lower_avgpool2d(tin_lowering *lo)
{
    return pool(lo, TIN_KERNEL_avgpool2d_s8, TIN_KERNEL_avgpool2d_f32);
}

tin_status tin_lower_maxpool2d(tin_lowering *lo)
{
    return pool(lo, TIN_KERNEL_maxpool2d_s8, TIN_KERNEL_maxpool2d_f32);
}

/* ---- MEAN --------------------------------------------------------------- */

/* The axes of a reduction as a set of bits. */
static tin_status reduced_axes(tin_lowering *lo, uint32_t *axes)
{
    const tin_value *in = tin_in(lo, 0), *list = tin_in(lo, 1);
    int32_t i;

    *axes = 0;
    if (!list->data || list->type != TIN_S32)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "the axes must be constant int32");
    for (i = 0; i < tin_value_elements(list); i++) {
        int64_t axis = tin_const_int(list, i);

        if (axis < -in->rank || axis >= in->rank)
            return tin_refuse(lo, TIN_ERR_SHAPE, "axis %d is outside rank %d",
                              (int)axis, (int)in->rank);
        if (axis < 0)
            axis += in->rank;
        *axes |= (uint32_t)1 << axis;
    }
    return TIN_OK;
}

/* Refuses an output that is not the input's shape without the axes, or with
 * extents of 1 in their place. */
static tin_status check_reduced_shape(tin_lowering *lo, uint32_t axes)
{
    const tin_value *in = tin_in(lo, 0);
    int32_t shape[TIN_MAX_RANK], rank = 0, i;

    for (i = 0; i < in->rank; i++) {
        if (!(axes >> i & 1))
            shape[rank++] = in->shape[i];
        else if (lo->node->attr.keep_dims)
            shape[rank++] = 1;
    }
    return tin_want_shape(lo, tin_out(lo, 0), rank, shape);
}

/* A reduction over neighbouring axes as images: n images of h x w positions
 * of c elements, reduced to one position each. */
typedef struct {
    int32_t n, h, w, c;
} mean_shape;

static tin_status mean_geometry(tin_lowering *lo, uint32_t axes, mean_shape *m)
{
    const tin_value *in = tin_in(lo, 0);
    int32_t first = 0, end, i;

    while (first < in->rank && !(axes >> first & 1))
        first++;
    end = first;
    while (end < in->rank && (axes >> end & 1))
        end++;
    if (first == in->rank || axes >> end != 0)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "the mean is supported over "
                          "neighbouring axes, such as height and width");
    m->n = m->h = m->w = m->c = 1;
    for (i = 0; i < first; i++)
        m->n *= in->shape[i];
    for (i = first; i < end; i++)
        m->h *= in->shape[i];
    for (i = end; i < in->rank; i++)
        m->c *= in->shape[i];
    if (in->rank == 4 && axes == 6) { /* keep the rows of the image */
        m->h = in->shape[1];
        m->w = in->shape[2];
    }
    return TIN_OK;
}

static tin_status add_mean_step(tin_lowering *lo, tin_kernel_id kernel,
                                const void *params, const mean_shape *m)
{
    int32_t args[2];

    args[0] = tin_view_of(lo, lo->node->in[0], m->n * m->h);
    args[1] = tin_view_of(lo, lo->node->out[0], m->n);
    return tin_add_step(lo, kernel, params, args, &tin_need_same, 1,
                        m->n * m->h);
}

/* The division by the number of elements goes into the multiplier: as many
 * bits of it as fit are multiplied up first, as the reference does it. */
static tin_status mean_multiplier(tin_lowering *lo, int64_t count,
                                  tin_multiplier *m)
{
    int32_t bits = 0;

    if (!tin_quantize_multiplier((double)tin_in(lo, 0)->scales[0] /
                                     (double)tin_out(lo, 0)->scales[0],
                                 m))
        return tin_refuse(lo, TIN_ERR_QUANT, "scales too far apart");
    while (count >> (bits + 1))
        bits++;
    if (bits > 31 + m->shift)
        bits = 31 + m->shift;
    m->multiplier = (int32_t)(((int64_t)m->multiplier << bits) / count);
    m->shift -= bits;
    return TIN_OK;
}

static tin_status mean_s8(tin_lowering *lo, const mean_shape *m)
{
    tin_mean_s8_params *p = tin_new(lo, sizeof *p);
    tin_multiplier scale;
    const tin_status status = mean_multiplier(lo, (int64_t)m->h * m->w, &scale);

    if (status != TIN_OK)
        return status;
    if (p) {
        p->in_h = m->h;
        p->in_w = m->w;
        p->c = m->c;
        p->in_zero = tin_in(lo, 0)->zero_points[0];
        p->out_zero = tin_out(lo, 0)->zero_points[0];
        p->multiplier = scale.multiplier;
        p->shift = scale.shift;
    }
    return add_mean_step(lo, TIN_KERNEL_mean_s8, p, m);
}

static tin_status mean_f32(tin_lowering *lo, const mean_shape *m)
{
    tin_mean_f32_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->in_h = m->h;
        p->in_w = m->w;
        p->c = m->c;
    }
    return add_mean_step(lo, TIN_KERNEL_mean_f32, p, m);
}

/* ---- MEAN of a window that slides, see slide.h -------------------------- */

static tin_status add_winmean_step(tin_lowering *lo, tin_kernel_id kernel,
                                   const void *params)
{
    const tin_attributes *a = &lo->node->attr;
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const int32_t rows = tin_value_elements(out) / in->shape[in->rank - 1];
    const tin_need need = {a->stride_h, 0, a->filter_h};
    int32_t args[2];

    args[0] = tin_view_of(lo, lo->node->in[0], in->shape[1]);
    args[1] = tin_view_of(lo, lo->node->out[0], rows);
    return tin_add_step(lo, kernel, params, args, &need, 1, rows);
}

static tin_status winmean_s8(tin_lowering *lo, int32_t in_w, int32_t c)
{
    const tin_attributes *a = &lo->node->attr;
    tin_winmean_s8_params *p = tin_new(lo, sizeof *p);
    tin_multiplier scale;
    const tin_status status =
        mean_multiplier(lo, (int64_t)a->filter_h * in_w, &scale);

    if (status != TIN_OK)
        return status;
    if (p) {
        p->window_h = a->filter_h;
        p->in_w = in_w;
        p->c = c;
        p->stride_h = a->stride_h;
        p->in_zero = tin_in(lo, 0)->zero_points[0];
        p->out_zero = tin_out(lo, 0)->zero_points[0];
        p->multiplier = scale.multiplier;
        p->shift = scale.shift;
    }
    return add_winmean_step(lo, TIN_KERNEL_winmean_s8, p);
}

static tin_status winmean_f32(tin_lowering *lo, int32_t in_w, int32_t c)
{
    tin_winmean_f32_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->window_h = lo->node->attr.filter_h;
        p->in_w = in_w;
        p->c = c;
        p->stride_h = lo->node->attr.stride_h;
    }
    return add_winmean_step(lo, TIN_KERNEL_winmean_f32, p);
}

static tin_status lower_winmean(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0);
    const int32_t in_w = in->rank == 4 ? in->shape[2] : 1;
    const int32_t c = in->shape[in->rank - 1];

    if (in->type == TIN_S8)
        return winmean_s8(lo, in_w, c);
    return winmean_f32(lo, in_w, c);
}

tin_status tin_lower_mean(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    mean_shape shape;
    uint32_t axes;
    tin_status status;

    status = tin_want_type(lo, out, in->type, "output");
    if (status == TIN_OK && lo->node->attr.filter_h > 0)
        return lower_winmean(lo);
    if (status == TIN_OK)
        status = reduced_axes(lo, &axes);
    if (status == TIN_OK)
        status = check_reduced_shape(lo, axes);
    if (status == TIN_OK)
        status = mean_geometry(lo, axes, &shape);
    if (status != TIN_OK)
        return status;
    if (in->type == TIN_S8)
        return mean_s8(lo, &shape);
    return mean_f32(lo, &shape);
}
