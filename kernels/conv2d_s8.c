/* SPDX-License-Identifier: MIT */
/*
 * tin_conv2d_s8: see tinyinfer_kernels.h. What an output point sees is a number
 * of runs: inputs that lie one after the other, as their weights do. Without
 * groups and dilation, each kernel row is one run over kx and ic; otherwise
 * each tap is one. Two output channels at a time share the inputs.
 */
#include "tinyinfer_kernels.h"

/* What all points of a call share. */
typedef struct {
    const tin_conv2d_s8_params *p;
    const tin_rows *in;
    int32_t in_gc, out_gc; /* channels of a group */
    int32_t filter_row;    /* weights of one kernel row */
    int32_t filter;        /* weights of one output channel */
} layer;

/* The runs of one output point, for group 0. */
typedef struct {
    const tin_patch *patch;
    int32_t rows, runs; /* kernel rows, runs in each */
    int32_t elems;      /* of a run */
    int32_t x, w;       /* where the first run begins: in its row, filter */
    int32_t x_step;     /* from run to run in the input */
} point;

/* Adds the products of a run with two filters; |sum| < 2^31, see Needs. */
TIN_NOINLINE static void add_run(const int8_t *restrict x,
                                 const int8_t *restrict w, int32_t filter,
                                 int32_t elems, int32_t zero, int32_t sum[2])
{
    const int8_t *end = x + elems;
    int32_t sum0 = sum[0], sum1 = sum[1];

    while (x != end) {
        const int32_t value = *x++ - zero;

        sum0 += value * w[0];
        sum1 += value * w[filter];
        w++;
    }
    sum[0] = sum0;
    sum[1] = sum1;
}

/* Adds up a point of group g for the filters w and w + filter. */
static void add_point(const layer *l, const point *q, int32_t g,
                      const int8_t *w, int32_t filter, int32_t sum[2])
{
    int32_t row = q->patch->row;

    for (int32_t ky = 0; ky < q->rows; ky++) {
        const int8_t *x = tin_row(l->in, row);
        const int8_t *w_row = w + q->w + ky * l->filter_row;

        x += q->x + g * l->in_gc;
        for (int32_t run = 0; run < q->runs; run++) {
            add_run(x + run * q->x_step, w_row + run * q->elems, filter,
                    q->elems, l->p->in_zero, sum);
        }
        row = tin_ring_next(row, l->p->window.dilation_h, l->in->rows);
    }
}

static int8_t finish(const tin_conv2d_s8_params *p, int32_t sum, int32_t oc)
{
    return tin_output_s8(sum, p->multiplier[oc], p->shift[oc], p->out_zero,
                         p->act_min, p->act_max);
}

/* The output channels of group g. An odd last one is computed twice. */
static void conv_group(const layer *l, const point *q, int32_t g,
                       int8_t *restrict dst)
{
    const tin_conv2d_s8_params *p = l->p;
    const int32_t end = (g + 1) * l->out_gc;

    for (int32_t oc = g * l->out_gc; oc < end; oc += 2) {
        const int32_t other = oc + 1 < end ? oc + 1 : oc;
        const int8_t *w = p->weights + (size_t)oc * (size_t)l->filter;
        int32_t sum[2] = {0, 0};

        if (p->bias) {
            sum[0] = p->bias[oc];
            sum[1] = p->bias[other];
        }
        add_point(l, q, g, w, (other - oc) * l->filter, sum);
        dst[oc] = finish(p, sum[0], oc);
        dst[other] = finish(p, sum[1], other);
    }
}

/* Cuts a patch into runs. */
static point make_point(const layer *l, const tin_patch *v)
{
    const tin_window *w = &l->p->window;
    const int32_t cols = v->kx1 - v->kx0;
    point q;

    q.patch = v;
    q.rows = v->ky1 - v->ky0;
    q.runs = cols;
    q.elems = l->in_gc;
    q.x = v->col * w->in_c;
    q.w = v->ky0 * l->filter_row + v->kx0 * l->in_gc;
    q.x_step = w->dilation_w * w->in_c;
    if (q.x_step == l->in_gc) {
        q.runs = 1;
        q.elems = cols * l->in_gc;
    }
    return q;
}

static void conv_row(const layer *l, const tin_rows *out, int32_t y)
{
    const tin_window *w = &l->p->window;
    int8_t *dst = tin_row(out, y);
    tin_patch v;

    tin_patch_rows(&v, w, l->in->rows, y);
    for (int32_t ox = 0; ox < w->out_w; ox++) {
        point q;

        tin_patch_cols(&v, w, ox);
        q = make_point(l, &v);
        for (int32_t g = 0; g < l->p->groups; g++)
            conv_group(l, &q, g, dst);
        dst += w->out_c;
    }
}

void tin_conv2d_s8(const void *params, const tin_rows *in, const tin_rows *out,
                   int32_t y0, int32_t y1, void *scratch)
{
    const tin_conv2d_s8_params *p = params;
    const tin_window *w = &p->window;
    layer l;

    (void)scratch;
    l.p = p;
    l.in = in;
    l.in_gc = w->in_c / p->groups;
    l.out_gc = w->out_c / p->groups;
    l.filter_row = w->kernel_w * l.in_gc;
    l.filter = w->kernel_h * l.filter_row;
    for (int32_t y = y0; y < y1; y++)
        conv_row(&l, out, y);
}

static tin_status check_filters(const tin_conv2d_s8_params *p, const char **why)
{
    const tin_window *w = &p->window;
    const int64_t filter =
        (int64_t)w->kernel_h * w->kernel_w * (w->in_c / p->groups);
    const tin_filters f = {
        .weights = p->weights,
        .bias = p->bias,
        .multiplier = p->multiplier,
        .shift = p->shift,
        .channels = w->out_c,
        .taps = filter,
        .channel_step = (int32_t)filter,
        .tap_step = 1,
    };

    return tin_filters_check(&f, why);
}

tin_status tin_conv2d_s8_check(const void *params, const char **why)
{
    const tin_conv2d_s8_params *p = params;
    const tin_window *w = &p->window;
    tin_status status;

    if ((status = tin_window_check(w, why)) != TIN_OK ||
        (status = tin_zero_check(p->in_zero, why)) != TIN_OK ||
        (status = tin_zero_check(p->out_zero, why)) != TIN_OK ||
        (status = tin_act_check(p->act_min, p->act_max, why)) != TIN_OK)
        return status;
    if ((int64_t)w->dilation_w * w->in_c > INT32_MAX)
        return TIN_WHY(why, "dilation_w * in_c is too large"), TIN_ERR_OVERFLOW;
    if (p->groups < 1 || w->in_c % p->groups || w->out_c % p->groups)
        return TIN_WHY(why, "the channels do not divide into groups"),
               TIN_ERR_SHAPE;
    return check_filters(p, why);
}
