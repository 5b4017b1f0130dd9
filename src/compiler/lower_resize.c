/* SPDX-License-Identifier: MIT */
/* lower_resize.c: RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR. */
#include "lower.h"

#include <math.h>

/* What both demand: images of one type, the size that the constant says. */
static tin_status check_resize(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *size = tin_in(lo, 1);
    const tin_value *out = tin_out(lo, 0);
    int32_t shape[4];
    tin_status status = tin_want_type(lo, out, in->type, "output");

    if (status == TIN_OK)
        status = tin_want_same_quant(lo, in, out);
    if (status == TIN_OK)
        status = tin_want_type(lo, size, TIN_S32, "size");
    if (status != TIN_OK)
        return status;
    if (!size->data)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "the size must be constant");
    if (in->rank != 4 || tin_value_elements(size) != 2)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "it takes an input of rank 4 and a size of 2 "
                          "elements, not of rank %d and %d elements",
                          (int)in->rank, (int)tin_value_elements(size));
    shape[0] = in->shape[0];
    shape[1] = (int32_t)tin_const_int(size, 0);
    shape[2] = (int32_t)tin_const_int(size, 1);
    shape[3] = in->shape[3];
    return tin_want_shape(lo, out, 4, shape);
}

/* Input rows for each output row: along the line in / out, or between the
 * corners. */
static tin_need resize_need(const tin_lowering *lo, tin_row_range *range,
                            const void *params)
{
    const int32_t in = tin_in(lo, 0)->shape[1], out = tin_out(lo, 0)->shape[1];

    if (tin_in(lo, 0)->shape[0] > 1) // rows of several images are not in step
        return tin_need_all;
    if (lo->node->attr.align_corners && out > 1)
        return tin_range_need(range, params, out, in - 1, out - 1);
    return tin_range_need(range, params, out, in, out);
}

/* Input pixels from one output pixel to the next, in float as the reference. */
static float step_of(const tin_attributes *a, int32_t in, int32_t out)
{
    if (a->align_corners && out > 1)
        return (float)(in - 1) / (float)(out - 1);
    return (float)in / (float)out;
}

/* ---- Nearest neighbour -------------------------------------------------- */

/* Its kernel works with a table, for the definition rounds floats. Every
 * operation here is rounded to float by itself. */
static const int16_t *nearest_table(tin_lowering *lo, int32_t in, int32_t out,
                                    const char *label)
{
    const tin_attributes *a = &lo->node->attr;
    int16_t *table = tin_new_constant(lo, TIN_S16, out, label);
    const float step = step_of(a, in, out);
    int32_t i;

    for (i = 0; table && i < out; i++) {
        const float from = (float)i + (a->half_pixel ? 0.5f : 0.0f);
        const float at = from * step;
        const double whole = floor((double)at + (a->align_corners ? 0.5 : 0.0));

        table[i] = (int16_t)(whole < in - 1 ? (int32_t)whole : in - 1);
    }
    return table;
}

static void nearest_range(const void *params, int32_t y, int32_t *first,
                          int32_t *end)
{
    const tin_resize_nearest_params *p = params;

    *first = p->rows[y];
    *end = *first + 1;
}

static int is_too_large(const tin_value *v)
{
    return v->shape[1] > INT16_MAX || v->shape[2] > INT16_MAX;
}

tin_status tin_lower_resize_nearest(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    tin_resize_nearest_params *p = tin_new(lo, sizeof *p);
    tin_need need;
    const tin_status status = check_resize(lo);

    if (status != TIN_OK)
        return status;
    if (is_too_large(in) || is_too_large(out))
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "images of more than 32767 rows or columns");
    if (!p)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    p->in_h = in->shape[1];
    p->in_w = in->shape[2];
    p->out_h = out->shape[1];
    p->out_w = out->shape[2];
    p->pixel_bytes = in->shape[3] * tin_type_bytes(in->type);
    p->rows = nearest_table(lo, p->in_h, p->out_h, "rows");
    p->cols = nearest_table(lo, p->in_w, p->out_w, "cols");
    if (!p->rows || !p->cols)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    need = resize_need(lo, nearest_range, p);
    return tin_add_simple_step(lo, TIN_KERNEL_resize_nearest, p, &need);
}

/* ---- Bilinear ----------------------------------------------------------- */

/* Steps and positions of the integer kernels: 22.10 fixed point. */
static int32_t step_1024(const tin_attributes *a, int32_t in, int32_t out)
{
    int64_t from = in, to = out;

    if (a->align_corners && out > 1) {
        from--;
        to--;
    }
    return (int32_t)((1024 * from + to / 2) / to);
}

static void int_range(const void *params, int32_t y, int32_t *first,
                      int32_t *end)
{
    const tin_resize_bilinear_int_params *p = params;
    const int32_t at = tin_resize_at(y, p->step_h, p->first_h, p->in_h);

    *first = at / 1024;
    *end = *first + (at % 1024 > 0 ? 2 : 1);
}

static tin_status resize_int(tin_lowering *lo, tin_kernel_id kernel)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const tin_attributes *a = &lo->node->attr;
    tin_resize_bilinear_int_params *p = tin_new(lo, sizeof *p);
    tin_need need = tin_need_all;
    const char *why;

    if (!p)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    p->in_h = in->shape[1];
    p->in_w = in->shape[2];
    p->out_h = out->shape[1];
    p->out_w = out->shape[2];
    p->c = in->shape[3];
    if (p->in_h > INT32_MAX / 1024 || p->in_w > INT32_MAX / 1024)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "an input of more than 2097151 rows or columns");
    p->step_h = step_1024(a, p->in_h, p->out_h);
    p->step_w = step_1024(a, p->in_w, p->out_w);
    if (a->half_pixel) {
        p->first_h = p->step_h / 2 - 512;
        p->first_w = p->step_w / 2 - 512;
    }
    if (tin_kernel_infos[kernel].check(p, &why) == TIN_OK)
        need = resize_need(lo, int_range, p);
    return tin_add_simple_step(lo, kernel, p, &need);
}

static void f32_range(const void *params, int32_t y, int32_t *first,
                      int32_t *end)
{
    const tin_resize_bilinear_f32_params *p = params;
    const tin_resize_place at = tin_resize_find(y, p->step_h, p->half, p->in_h);

    *first = at.first;
    *end = at.next + 1;
}

static tin_status resize_f32(tin_lowering *lo, tin_kernel_id kernel)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const tin_attributes *a = &lo->node->attr;
    tin_resize_bilinear_f32_params *p = tin_new(lo, sizeof *p);
    tin_need need = tin_need_all;

    if (p) {
        p->in_h = in->shape[1];
        p->in_w = in->shape[2];
        p->out_h = out->shape[1];
        p->out_w = out->shape[2];
        p->c = in->shape[3];
        p->step_h = step_of(a, p->in_h, p->out_h);
        p->step_w = step_of(a, p->in_w, p->out_w);
        p->half = a->half_pixel ? 0.5f : 0.0f;
        need = resize_need(lo, f32_range, p);
    }
    return tin_add_simple_step(lo, kernel, p, &need);
}

tin_status tin_lower_resize_bilinear(tin_lowering *lo)
{
    const tin_attributes *a = &lo->node->attr;
    const tin_type type = tin_in(lo, 0)->type;
    const tin_status status = check_resize(lo);

    if (status != TIN_OK)
        return status;
    if (a->align_corners && a->half_pixel)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "align_corners and half_pixel_centers at once");
    if (type == TIN_F32)
        return resize_f32(lo, TIN_KERNEL_resize_bilinear_f32);
    if (a->was_u8)
        return resize_f32(lo, TIN_KERNEL_resize_bilinear_u8);
    return resize_int(lo, type == TIN_S8 ? TIN_KERNEL_resize_bilinear_s8
                                         : TIN_KERNEL_resize_bilinear_s16);
}
