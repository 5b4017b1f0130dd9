/* SPDX-License-Identifier: MIT */
/* slide.c: see slide.h. */
#include "slide.h"

#include <string.h>

typedef struct {
    tin_graph *g;
    tin_span *spans;
    tin_node *node;
    /* Per value: the image of which it is the elements in one row; -1: none */
    int32_t *flat;
    tin_diag *diag;
} slide;

static tin_status refuse(const slide *s, const char *why)
{
    const tin_node *n = s->node;

    return tin_fail(s->diag, TIN_ERR_UNSUPPORTED, n->layer,
                    "layer %d '%.80s' (%s): %s, so the network cannot slide",
                    (int)n->layer, s->g->values[n->out[0]].name,
                    tin_op_name(n->op), why);
}

static tin_span *span_of(const slide *s, int32_t value)
{
    return &s->spans[value];
}

static const tin_value *value_of(const slide *s, int32_t value)
{
    return &s->g->values[value];
}

/* ---- Windows ------------------------------------------------------------ */

/* The operator's window along rows and columns. */
typedef struct {
    int32_t kernel_h, kernel_w;
} taps;

static taps taps_of(const slide *s)
{
    const tin_node *n = s->node;
    taps t = {n->attr.filter_h, n->attr.filter_w};

    if (n->op == TIN_OP_CONV_2D || n->op == TIN_OP_DEPTHWISE_CONV_2D) {
        t.kernel_h = value_of(s, n->in[1])->shape[1];
        t.kernel_w = value_of(s, n->in[1])->shape[2];
    }
    return t;
}

/* Padding SAME along an axis: what it adds in all. */
static int32_t same_padding(int32_t in, int32_t out, int32_t kernel,
                            int32_t stride, int32_t dilation)
{
    const int64_t total =
        (int64_t)(out - 1) * stride + (int64_t)(kernel - 1) * dilation + 1 - in;

    return total > 0 && total < INT32_MAX ? (int32_t)total : 0;
}

/* Turns the padding into explicit columns; returns 0 if rows are padded. */
static int settle_padding(slide *s)
{
    tin_attributes *a = &s->node->attr;
    const tin_value *in = value_of(s, s->node->in[0]);
    const tin_value *out = value_of(s, s->node->out[0]);
    const taps t = taps_of(s);
    int32_t columns;

    if (a->padding == TIN_PADDING_EXPLICIT)
        return a->pad_h[0] == 0 && a->pad_h[1] == 0;
    if (a->padding == TIN_PADDING_SAME) {
        if (same_padding(in->shape[1], out->shape[1], t.kernel_h, a->stride_h,
                         a->dilation_h) > 0)
            return 0;
        columns = same_padding(in->shape[2], out->shape[2], t.kernel_w,
                               a->stride_w, a->dilation_w);
        a->pad_w[0] = columns / 2;
        a->pad_w[1] = columns - columns / 2;
    }
    a->padding = TIN_PADDING_EXPLICIT;
    return 1;
}

static tin_status slide_window(slide *s)
{
    const int32_t in = s->node->in[0], out = s->node->out[0];
    tin_attributes *a = &s->node->attr;
    const tin_span *from = span_of(s, in);
    tin_span *to = span_of(s, out);

    if (from->axis != 1 || value_of(s, in)->rank != 4 ||
        value_of(s, out)->rank != 4)
        return refuse(s, "its input is no image of rows");
    if (a->stride_h < 1 || a->stride_w < 1 || a->dilation_h < 1 ||
        a->dilation_w < 1)
        return refuse(s, "its strides and dilations are out of range");
    if (!settle_padding(s))
        return refuse(s, "it pads the rows of its input");
    to->axis = 1;
    to->rows = value_of(s, out)->shape[1];
    if (to->rows == 1) { // one row of output from each window
        a->stride_h = from->hop;
        to->hop = 1;
        return TIN_OK;
    }
    if (from->hop % a->stride_h != 0)
        return refuse(s, "the hop is no multiple of its stride");
    to->hop = from->hop / a->stride_h;
    return TIN_OK;
}

static int reduces_axis(const slide *s, int32_t axis)
{
    const tin_value *list = value_of(s, s->node->in[1]);
    const int32_t rank = value_of(s, s->node->in[0])->rank;
    int32_t i;

    for (i = 0; list->data && i < tin_value_elements(list); i++) {
        const int64_t a =
            list->type == TIN_S32
                ? (int32_t)((uint32_t)list->data[4 * i] |
                            (uint32_t)list->data[4 * i + 1] << 8 |
                            (uint32_t)list->data[4 * i + 2] << 16 |
                            (uint32_t)list->data[4 * i + 3] << 24)
                : 0;

        if (a == axis || a + rank == axis)
            return 1;
    }
    return 0;
}

/* The mean over rows moves on like a pool; it keeps a row for each window. */
static tin_status slide_mean(slide *s)
{
    const tin_span *from = span_of(s, s->node->in[0]);
    tin_span *to = span_of(s, s->node->out[0]);
    const tin_value *in = value_of(s, s->node->in[0]);
    const tin_value *out = value_of(s, s->node->out[0]);

    if (!reduces_axis(s, from->axis))
        return refuse(s, "it is a mean over other axes than rows");
    if ((in->rank != 3 && in->rank != 4) ||
        tin_value_elements(out) != in->shape[in->rank - 1])
        return refuse(s, "it is no mean over all positions");
    s->node->attr.filter_h = from->rows;
    s->node->attr.stride_h = from->hop;
    to->rows = to->hop = 1;
    to->axis = out->rank == 4 ? 1 : 0;
    return TIN_OK;
}

/* ---- Other operators ---------------------------------------------------- */

static tin_status slide_same(slide *s)
{
    *span_of(s, s->node->out[0]) = *span_of(s, s->node->in[0]);
    return TIN_OK;
}

/* Inputs move alike, but for those that are the same at all times. */
static tin_status slide_binary(slide *s)
{
    const tin_node *n = s->node;
    const tin_span *moving = NULL;
    int32_t k;

    for (k = 0; k < n->n_in; k++) {
        const tin_span *x = span_of(s, n->in[k]);
        const tin_value *v = value_of(s, n->in[k]);

        if (x->rows && moving && memcmp(x, moving, sizeof *x) != 0)
            return refuse(s, "its inputs do not move on alike");
        if (!x->rows && v->rank > 0 &&
            tin_value_elements(v) != v->shape[v->rank - 1])
            return refuse(s, "a constant differs from row to row");
        if (x->rows)
            moving = x;
    }
    if (moving)
        *span_of(s, n->out[0]) = *moving;
    return TIN_OK;
}

static tin_status slide_concat(slide *s)
{
    const tin_node *n = s->node;
    const tin_span *first = span_of(s, n->in[0]);
    int32_t axis = n->attr.axis, i;

    if (axis < 0)
        axis += value_of(s, n->out[0])->rank;
    for (i = 1; i < n->n_in; i++)
        if (memcmp(first, span_of(s, n->in[i]), sizeof *first) != 0)
            return refuse(s, "its inputs do not move on alike");
    if (axis == first->axis)
        return refuse(s, "it joins rows");
    return slide_same(s);
}

/* A reshape that keeps the rows, or one that makes the window one vector. */
static tin_status slide_reshape(slide *s)
{
    const int32_t in = s->node->in[0], out = s->node->out[0];
    const tin_value *v = value_of(s, out);
    const tin_span *from = span_of(s, in);
    tin_span *to = span_of(s, out);
    int32_t *operands, i;

    operands = tin_pool_alloc(s->g->pool, 2 * sizeof *operands);
    if (!operands)
        return tin_fail(s->diag, TIN_ERR_MEMORY, -1, "out of memory");
    operands[0] = in;
    operands[1] = -1;
    if (s->node->op == TIN_OP_RESHAPE) {
        s->node->in = operands;
        s->node->attr.n_list = 0;
    }
    *to = *from;
    if (from->rows == 1) { // a vector for each window, whatever its shape
        to->axis = v->rank == 4 ? 1 : 0;
        return TIN_OK;
    }
    for (i = 0; i < 2 && i < v->rank; i++)
        if (v->shape[i] == from->rows && (i == 0 || v->shape[0] == 1)) {
            to->axis = i;
            return TIN_OK;
        }
    if (v->rank != 2 || v->shape[0] != 1 || value_of(s, in)->rank != 4)
        return refuse(s, "it mixes rows");
    s->flat[out] = in;
    to->rows = to->hop = to->axis = 0;
    return TIN_OK;
}

/* A dense layer over a whole window is a convolution as high as the window. */
static tin_status dense_to_conv(slide *s)
{
    tin_node *n = s->node;
    tin_graph *g = s->g;
    const int32_t image = s->flat[n->in[0]];
    const tin_value *x = value_of(s, image);
    tin_value *w = &g->values[n->in[1]], *out = &g->values[n->out[0]];
    int32_t *operands = tin_pool_alloc(g->pool, 3 * sizeof *operands);
    const int32_t oc = w->shape[0];

    if (!operands)
        return tin_fail(s->diag, TIN_ERR_MEMORY, -1, "out of memory");
    if (w->rank != 2 || w->shape[1] != tin_value_elements(x))
        return refuse(s, "it is not over one window");
    operands[0] = image;
    operands[1] = n->in[1];
    operands[2] = n->in[2];
    n->in = operands;
    n->op = TIN_OP_CONV_2D;
    n->attr.padding = TIN_PADDING_VALID;
    n->attr.stride_h = span_of(s, image)->hop;
    n->attr.stride_w = n->attr.dilation_h = n->attr.dilation_w = 1;
    w->rank = 4;
    w->shape[3] = x->shape[3];
    w->shape[2] = x->shape[2];
    w->shape[1] = x->shape[1];
    out->rank = 4;
    out->shape[0] = out->shape[1] = out->shape[2] = 1;
    out->shape[3] = oc;
    span_of(s, n->out[0])->rows = span_of(s, n->out[0])->hop = 1;
    span_of(s, n->out[0])->axis = 1;
    return TIN_OK;
}

static tin_status slide_dense(slide *s)
{
    const int32_t in = s->node->in[0], out = s->node->out[0];
    const tin_span *from = span_of(s, in);
    tin_span *to = span_of(s, out);
    tin_value *v = &s->g->values[out];

    if (s->flat[in] >= 0)
        return dense_to_conv(s);
    if (from->rows != 1 && value_of(s, in)->shape[value_of(s, in)->rank - 1] !=
                               value_of(s, s->node->in[1])->shape[1])
        return refuse(s, "it mixes rows");
    *to = *from;
    if (!s->node->attr.keep_dims) {
        to->axis = 0;
        return TIN_OK;
    }
    to->axis = v->rank == 4 ? 1 : v->rank == 3 ? 1 : 0;
    return TIN_OK;
}

/* Elementwise operators take over the shape, which a dense layer before them
 * may have changed. */
static tin_status slide_elementwise(slide *s)
{
    const tin_value *in = value_of(s, s->node->in[0]);
    tin_value *out = &s->g->values[s->node->out[0]];

    out->rank = in->rank;
    memcpy(out->shape, in->shape, sizeof in->shape);
    return slide_same(s);
}

/* Reshapes of a window to a vector went into the dense layers behind them. */
static void drop_flat(const slide *s)
{
    int32_t i, kept = 0;

    for (i = 0; i < s->g->n_nodes; i++)
        if (s->flat[s->g->nodes[i].out[0]] < 0)
            s->g->nodes[kept++] = s->g->nodes[i];
    s->g->n_nodes = kept;
}

static tin_status slide_node(slide *s)
{
    const tin_node *n = s->node;

    if (!tin_op_broadcasts(n->op) && span_of(s, n->in[0])->rows == 0 &&
        s->flat[n->in[0]] < 0)
        return refuse(s, "it does not depend on the input");
    if (s->flat[n->in[0]] >= 0 && n->op != TIN_OP_FULLY_CONNECTED)
        return refuse(s, "it mixes rows");
    if (tin_op_broadcasts(n->op))
        return slide_binary(s);
    switch (n->op) {
    case TIN_OP_CONV_2D:
    case TIN_OP_DEPTHWISE_CONV_2D:
    case TIN_OP_AVERAGE_POOL_2D:
    case TIN_OP_L2_POOL_2D:
    case TIN_OP_MAX_POOL_2D: return slide_window(s);
    case TIN_OP_MEAN: return slide_mean(s);
    case TIN_OP_FULLY_CONNECTED: return slide_dense(s);
    case TIN_OP_EXPAND_DIMS:
    case TIN_OP_RESHAPE:
    case TIN_OP_SQUEEZE: return slide_reshape(s);
    case TIN_OP_CONCATENATION: return slide_concat(s);
    case TIN_OP_PAD: return refuse(s, "it pads");
    case TIN_OP_L2_NORMALIZATION:
    case TIN_OP_LOCAL_RESPONSE_NORMALIZATION:
    case TIN_OP_LOG_SOFTMAX:
    case TIN_OP_SOFTMAX: return slide_elementwise(s);
    case TIN_OP_RESIZE_BILINEAR:
    case TIN_OP_RESIZE_NEAREST_NEIGHBOR:
    case TIN_OP_TRANSPOSE_CONV:
        return refuse(s, "it makes more rows than it reads");
    default:
        if (tin_op_is_map(n->op))
            return slide_elementwise(s);
        return refuse(s, "it may mix rows");
    }
}

tin_status tin_slide(tin_graph *g, int32_t hop, tin_span **spans,
                     tin_diag *diag)
{
    const uint64_t n = (uint64_t)g->n_values;
    const tin_value *input = &g->values[g->inputs[0]];
    slide s = {g, NULL, NULL, NULL, diag};
    tin_status status = TIN_OK;
    int32_t i;

    s.spans = tin_pool_alloc(g->pool, n * sizeof *s.spans);
    s.flat = tin_pool_alloc(g->pool, n * sizeof *s.flat);
    if (!s.spans || !s.flat)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    if (g->n_inputs != 1 || input->rank < 3 || input->rank > 4 ||
        input->shape[0] != 1)
        return tin_fail(diag, TIN_ERR_UNSUPPORTED, -1,
                        "a network that slides has one input of rank 3 or 4 "
                        "and batch 1");
    if (g->n_variables > 0)
        return tin_fail(diag, TIN_ERR_UNSUPPORTED, -1,
                        "the network keeps state from one inference to the "
                        "next ('%.60s'), so its window cannot slide",
                        g->values[g->variables[0].value].name);
    if (hop < 1 || hop > input->shape[1])
        return tin_fail(diag, TIN_ERR_ARG, -1,
                        "the hop must be 1 .. %d rows, not %d",
                        (int)input->shape[1], (int)hop);
    for (i = 0; i < g->n_values; i++)
        s.flat[i] = -1;
    s.spans[g->inputs[0]].rows = input->shape[1];
    s.spans[g->inputs[0]].hop = hop;
    s.spans[g->inputs[0]].axis = 1;
    for (i = 0; i < g->n_nodes && status == TIN_OK; i++) {
        s.node = &g->nodes[i];
        status = slide_node(&s);
    }
    for (i = 0; i < g->n_outputs && status == TIN_OK; i++)
        if (s.spans[g->outputs[i]].rows != 1)
            status = tin_fail(diag, TIN_ERR_UNSUPPORTED, -1,
                              "output %d is not one row for each window, so "
                              "the network cannot slide",
                              (int)i);
    drop_flat(&s);
    *spans = s.spans;
    return status;
}

/* Does the value have less than 2^31 bytes with this extent of the axis? */
static int can_stretch(const tin_value *v, int32_t axis, int64_t extent)
{
    int64_t bytes = tin_type_bytes(v->type);
    int32_t i;

    for (i = 0; i < v->rank && bytes <= INT32_MAX; i++)
        bytes *= i == axis ? extent : v->shape[i];
    return bytes <= INT32_MAX;
}

tin_status tin_slide_stretch(tin_graph *g, const tin_span *spans, int32_t more,
                             tin_diag *diag)
{
    int32_t i;

    for (i = 0; i < g->n_values; i++) {
        const int64_t rows = spans[i].rows + (int64_t)more * spans[i].hop;
        tin_value *v = &g->values[i];

        if (spans[i].rows == 0)
            continue;
        if (rows > INT32_MAX || !can_stretch(v, spans[i].axis, rows))
            return tin_fail(diag, TIN_ERR_OVERFLOW, -1,
                            "'%.60s' is too large to slide: a few windows of "
                            "it have 2^31 bytes or more",
                            v->name);
        v->shape[spans[i].axis] = (int32_t)rows;
    }
    return TIN_OK;
}
