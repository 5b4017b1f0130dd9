/* SPDX-License-Identifier: MIT */
/* lower_norm.c: L2_NORMALIZATION, LOCAL_RESPONSE_NORMALIZATION. */
#include "lower.h"

/* The last axis, of which a row has `groups`. */
static tin_status last_axis(tin_lowering *lo, int32_t *groups, int32_t *c)
{
    const tin_value *in = tin_in(lo, 0);
    const tin_status status = tin_check_unary(lo);

    if (status != TIN_OK)
        return status;
    if (in->rank < 1)
        return tin_refuse(lo, TIN_ERR_SHAPE, "the input has no axis");
    *c = in->shape[in->rank - 1];
    *groups = tin_row_elements(in) / *c;
    return TIN_OK;
}

static tin_status l2norm_s8(tin_lowering *lo, int32_t groups, int32_t c)
{
    const tin_value *out = tin_out(lo, 0);
    tin_l2norm_s8_params *p = tin_new(lo, sizeof *p);

    if (out->scales[0] != 1.0f / 128.0f || out->zero_points[0] != 0)
        return tin_refuse(lo, TIN_ERR_QUANT,
                          "the output must have scale 1/128 and zero point 0");
    if (p) {
        p->groups = groups;
        p->c = c;
        p->in_zero = tin_in(lo, 0)->zero_points[0];
    }
    return tin_add_simple_step(lo, TIN_KERNEL_l2norm_s8, p, &tin_need_same);
}

tin_status tin_lower_l2norm(tin_lowering *lo)
{
    tin_l2norm_f32_params *p;
    int32_t groups, c;
    const tin_status status = last_axis(lo, &groups, &c);

    if (status != TIN_OK)
        return status;
    if (lo->node->attr.activation != TIN_ACT_NONE)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "a fused activation is not supported");
    if (tin_in(lo, 0)->type == TIN_S8)
        return l2norm_s8(lo, groups, c);
    p = tin_new(lo, sizeof *p);
    if (p) {
        p->groups = groups;
        p->c = c;
    }
    return tin_add_simple_step(lo, TIN_KERNEL_l2norm_f32, p, &tin_need_same);
}

tin_status tin_lower_lrn(tin_lowering *lo)
{
    const tin_attributes *a = &lo->node->attr;
    tin_lrn_f32_params *p;
    int32_t groups, c;
    const tin_status status = last_axis(lo, &groups, &c);

    if (status != TIN_OK)
        return status;
    p = tin_new(lo, sizeof *p);
    if (p) {
        p->groups = groups;
        p->c = c;
        p->radius = a->radius;
        p->bias = a->bias;
        p->alpha = a->alpha;
        p->beta = a->beta;
    }
    return tin_add_simple_step(lo, TIN_KERNEL_lrn_f32, p, &tin_need_same);
}
