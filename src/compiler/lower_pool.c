/* SPDX-License-Identifier: MIT */
/* lower_pool.c: AVERAGE_POOL_2D, MAX_POOL_2D, L2_POOL_2D. */
#include "lower.h"

/* Where halves are rounded away from, see tin_avgpool2d_s8. */
static int32_t origin(const tin_lowering *lo)
{
    return lo->node->attr.was_u8 ? 128 : 0;
}

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
        p->origin = origin(lo);
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
        p->origin = origin(lo);
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

/* Of floats only: operators.inc lets no int8 get here. */
tin_status tin_lower_l2pool2d(tin_lowering *lo)
{
    return pool(lo, TIN_KERNEL_COUNT, TIN_KERNEL_l2pool2d_f32);
}
