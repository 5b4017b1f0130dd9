/* SPDX-License-Identifier: MIT */
/* lower_mean.c: MEAN. */
#include "lower_reduce.h"

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

/* Rows of [in_w][c] of which all columns go, as in a mean over height and
 * width: there are kernels for just that. */
static int is_plain(const tin_reduction *r)
{
    const int32_t *d = r->shape.dim;

    return d[0] == 1 && d[1] == 1 && d[2] == 1;
}

static tin_status mean_s8(tin_lowering *lo, const tin_reduction *r,
                          const tin_multiplier *m)
{
    tin_mean_s8_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->in_h = r->shape.in_h;
        p->in_w = r->shape.dim[3];
        p->c = r->shape.dim[4];
        p->in_zero = tin_in(lo, 0)->zero_points[0];
        p->out_zero = tin_out(lo, 0)->zero_points[0];
        p->multiplier = m->multiplier;
        p->shift = m->shift;
    }
    return tin_add_reduce_step(lo, TIN_KERNEL_mean_s8, p, r);
}

static tin_status mean_f32(tin_lowering *lo, const tin_reduction *r)
{
    tin_mean_f32_params *p = tin_new(lo, sizeof *p);

    if (p) {
        p->in_h = r->shape.in_h;
        p->in_w = r->shape.dim[3];
        p->c = r->shape.dim[4];
    }
    return tin_add_reduce_step(lo, TIN_KERNEL_mean_f32, p, r);
}

/* ---- MEAN of a window that slides, see slide.h -------------------------- */

static tin_status add_winmean_step(tin_lowering *lo, tin_kernel_id kernel,
                                   const void *params)
{
    const tin_attributes *a = &lo->node->attr;
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const int32_t rows = tin_value_elements(out) / in->shape[in->rank - 1];
    const tin_need need = {a->stride_h, 0, a->filter_h, 0};
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
    if (in->type == TIN_F32)
        return winmean_f32(lo, in_w, c);
    return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "a mean of type %s cannot slide",
                      tin_type_name(in->type));
}

tin_status tin_lower_mean(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    tin_reduction r;
    tin_multiplier m;
    tin_status status = tin_want_type(lo, out, in->type, "output");

    if (status == TIN_OK && tin_is_scaled(in))
        status = tin_want_scaled(lo, in);
    if (status == TIN_OK && tin_is_scaled(out))
        status = tin_want_scaled(lo, out);
    if (status == TIN_OK && lo->node->attr.filter_h > 0)
        return lower_winmean(lo);
    if (status == TIN_OK)
        status = tin_make_reduction(lo, &r);
    if (status != TIN_OK)
        return status;
    if (in->type == TIN_F32)
        return is_plain(&r) ? mean_f32(lo, &r)
                            : tin_reduce_f32_step(lo, &r, TIN_REDUCE_MEAN);
    if (in->type == TIN_S32)
        return tin_reduce_int_step(lo, &r, TIN_REDUCE_MEAN, NULL);
    status = mean_multiplier(lo, r.count, &m);
    if (status != TIN_OK)
        return status;
    if (in->type == TIN_S8 && is_plain(&r))
        return mean_s8(lo, &r, &m);
    return tin_reduce_int_step(lo, &r, TIN_REDUCE_SUM, &m);
}
