/* SPDX-License-Identifier: MIT */
/*
 * tin_conv2d_s8: see tinyinfer_kernels.h.
 *
 * What an output point sees is a number of runs: inputs that lie one after
 * the other, as their weights do. Without groups and dilation, each kernel
 * row is one run over kx and ic; otherwise each tap is one. A run is added to
 * the sums of a block of output channels, four at a time.
 */
#include "tinyinfer_kernels.h"

enum { BLOCK = 16 }; /* a multiple of four */

/* What all points of a call share. */
typedef struct {
    const tin_conv2d_s8_params *p;
    const tin_rows *in;
    int32_t in_gc, out_gc; /* channels of a group */
    int32_t filter_row;    /* weights of one kernel row */
    int32_t filter;        /* weights of one output channel */
} layer;

/* The runs of one output point, for the first input of a group. */
typedef struct {
    const layer *l;
    int32_t row;        /* of the input's ring, where the first run lies */
    int32_t x, w;       /* where it begins: in its row, in its filter */
    int32_t rows, runs; /* kernel rows, runs in each */
    int32_t elems;      /* of a run */
    int32_t x_step;     /* from run to run in the input */
} point;

/* Adds a run to n sums; |sum| < 2^31, see Needs. */
static void add_run(const point *q, const int8_t *x, const int8_t *w, int32_t n,
                    int32_t *sum)
{
    const int32_t filter = q->l->filter, offset = -q->l->p->in_zero;

    for (int32_t c = 0; c < n; c += 4) {
        tin_dots_s8(sum + c, x, offset, w + (size_t)c * (size_t)filter, filter,
                    n - c < 4 ? n - c : 4, q->elems);
    }
}

/* Adds all runs to n sums, whose filters begin at w. */
static void add_point(const point *q, const int8_t *w, int32_t first, int32_t n,
                      int32_t *sum)
{
    const tin_rows *in = q->l->in;
    int32_t row = q->row;

    w += q->w;
    for (int32_t ky = 0; ky < q->rows; ky++) {
        const int8_t *x = tin_row(in, row);

        x += q->x + first;
        for (int32_t run = 0; run < q->runs; run++) {
            add_run(q, x + run * q->x_step,
                    w + ky * q->l->filter_row + run * q->elems, n, sum);
        }
        row = tin_ring_next(row, q->l->p->window.dilation_h, in->rows);
    }
}

/* Output channels oc .. oc + n - 1, which read input channels first .. */
static void conv_block(const point *q, int32_t first, int32_t oc, int32_t n,
                       int8_t *restrict dst)
{
    const tin_conv2d_s8_params *p = q->l->p;
    int32_t sum[BLOCK] = {0};

    for (int32_t c = 0; p->bias && c < n; c++)
        sum[c] = p->bias[oc + c];
    add_point(q, p->weights + (size_t)oc * (size_t)q->l->filter, first, n, sum);
    for (int32_t c = 0; c < n; c++) {
        dst[oc + c] =
            tin_output_s8(sum[c], p->multiplier[oc + c], p->shift[oc + c],
                          p->out_zero, p->act_min, p->act_max);
    }
}

static void conv_group(const point *q, int32_t g, int8_t *dst)
{
    const int32_t end = (g + 1) * q->l->out_gc;

    for (int32_t oc = g * q->l->out_gc; oc < end; oc += BLOCK) {
        const int32_t n = end - oc < BLOCK ? end - oc : BLOCK;

        conv_block(q, g * q->l->in_gc, oc, n, dst);
    }
}

/* Cuts a patch into runs. */
static point make_point(const layer *l, const tin_patch *v)
{
    const tin_window *w = &l->p->window;
    const int32_t cols = v->kx1 - v->kx0;
    point q;

    q.l = l;
    q.row = v->row;
    q.x = v->col * w->in_c;
    q.w = v->ky0 * l->filter_row + v->kx0 * l->in_gc;
    q.rows = v->ky1 - v->ky0;
    q.runs = cols;
    q.elems = l->in_gc;
    q.x_step = w->dilation_w * w->in_c;
    if (q.x_step == l->in_gc) {
        q.runs = cols > 0;
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
            conv_group(&q, g, dst);
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
