/* SPDX-License-Identifier: MIT */
/*
 * dead_channels.c: a pass that takes away channels which cannot matter.
 *
 * Training leaves filters whose weights are all zero: the channel they make is
 * the same number at every position. What reads it may then read a constant:
 * its product with the weights goes into the bias, and nobody needs the
 * channel any more. Nor is a channel needed if all weights that read it are
 * zero. The results stay the same, bit for bit.
 *
 * One case needs care: a convolution that pads its input with the zero point
 * sees the padding, not the constant, beyond the border. So a constant may only
 * go where it is the zero point, or where no window leaves the image.
 *
 * Channel c of several tensors hangs together where an operator keeps channels
 * apart (depthwise convolution, pools, elementwise operators): they go together
 * or not at all. Such a family of tensors is found by union.
 */
#include "lower.h"

#include <string.h>

/* A constant channel has a value -128 .. 127. */
enum { VARIES = 1000 };

typedef struct {
    tin_graph *g;
    tin_diag *diag;
    int32_t *family;    /* per value: another of its family, or itself */
    uint8_t *fixed;     /* per value: its family keeps all channels */
    int16_t **constant; /* per value: [channels], VARIES or the value */
    uint8_t **needed;   /* per family head: [channels] */
    int32_t removed;
    int failed; /* no memory */
} pass;

/* ---- Families ----------------------------------------------------------- */

static int32_t head(const pass *p, int32_t value)
{
    while (p->family[value] != value) {
        p->family[value] = p->family[p->family[value]]; // keeps paths short
        value = p->family[value];
    }
    return value;
}

static void unite(pass *p, int32_t a, int32_t b)
{
    const int32_t ha = head(p, a), hb = head(p, b);

    p->fixed[ha] |= p->fixed[hb];
    p->family[hb] = ha;
}

static void fix(pass *p, int32_t value)
{
    p->fixed[head(p, value)] = 1;
}

static int32_t channels(const tin_value *v)
{
    return v->rank > 0 ? v->shape[v->rank - 1] : 1;
}

/* Do both tensors consist of positions with the same channels? */
static int same_channels(const pass *p, int32_t a, int32_t b)
{
    const tin_value *va = &p->g->values[a], *vb = &p->g->values[b];

    return va->type == TIN_S8 && vb->type == TIN_S8 && !va->data && !vb->data &&
           channels(va) == channels(vb);
}

/* Are weights and bias what the layer's lowering will ask for? Else it is left
 * to that to refuse them. `axis`: of the output's channels. */
static int has_weights(const pass *p, const tin_node *n, int32_t rank,
                       int32_t axis)
{
    const tin_value *in = &p->g->values[n->in[0]];
    const tin_value *out = &p->g->values[n->out[0]];
    const tin_value *w = &p->g->values[n->in[1]], *bias;
    const int32_t out_c = channels(out);

    if (n->attr.weight_zero != 0 || in->type != TIN_S8 || out->type != TIN_S8 ||
        w->type != TIN_S8 || !w->data || w->rank != rank ||
        w->shape[axis] != out_c || channels(w) != channels(in) ||
        (w->n_scales != 1 && (w->n_scales != out_c || w->quant_axis != axis)))
        return 0;
    if (n->in[2] < 0)
        return 1;
    bias = &p->g->values[n->in[2]];
    return bias->type == TIN_S32 && bias->data && bias->rank > 0 &&
           channels(bias) == out_c && tin_value_elements(bias) == out_c;
}

/* A convolution or dense layer whose weights say who reads what. */
static int mixes_channels(const pass *p, const tin_node *n)
{
    return (n->op == TIN_OP_CONV_2D && has_weights(p, n, 4, 0)) ||
           (n->op == TIN_OP_FULLY_CONNECTED && has_weights(p, n, 2, 0));
}

static int keeps_channels(const pass *p, const tin_node *n)
{
    switch (n->op) {
    case TIN_OP_DEPTHWISE_CONV_2D:
        return has_weights(p, n, 4, 3) && p->g->values[n->in[1]].shape[0] == 1;
    case TIN_OP_AVERAGE_POOL_2D:
    case TIN_OP_MAX_POOL_2D:
    case TIN_OP_RELU:
    case TIN_OP_RELU6:
    case TIN_OP_RESHAPE: // if the last extent stays, see same_channels
    case TIN_OP_ADD: return 1;
    // without a list it would drop a channel axis that has become 1
    case TIN_OP_SQUEEZE: return n->attr.n_list > 0;
    default: return tin_op_is_map(n->op);
    }
}

static void find_families(pass *p)
{
    const tin_graph *g = p->g;
    int32_t i, k;

    for (i = 0; i < g->n_values; i++) {
        p->family[i] = i;
        p->fixed[i] = g->values[i].type != TIN_S8 || g->values[i].data != NULL;
    }
    for (i = 0; i < g->n_inputs; i++)
        fix(p, g->inputs[i]);
    for (i = 0; i < g->n_outputs; i++)
        fix(p, g->outputs[i]);
    for (i = 0; i < g->n_nodes; i++) {
        const tin_node *n = &g->nodes[i];
        const int32_t data = n->op == TIN_OP_ADD ? 2 : 1;

        if (mixes_channels(p, n))
            continue;
        for (k = 0; k < data && keeps_channels(p, n); k++) {
            if (same_channels(p, n->in[k], n->out[0])) {
                unite(p, n->out[0], n->in[k]);
            } else {
                fix(p, n->in[k]);
                fix(p, n->out[0]);
            }
        }
        for (k = 0; k < n->n_in && !keeps_channels(p, n); k++)
            if (n->in[k] >= 0)
                fix(p, n->in[k]);
        for (k = 0; k < n->n_out && !keeps_channels(p, n); k++)
            fix(p, n->out[k]);
    }
}

/* ---- Constant channels -------------------------------------------------- */

static int8_t weight(const tin_value *w, int64_t i)
{
    return (int8_t)w->data[i];
}

/* May a window of the node look beyond the border? */
static int pads(const tin_graph *g, const tin_node *n)
{
    const tin_value *in = &g->values[n->in[0]], *out = &g->values[n->out[0]];
    const tin_value *w = &g->values[n->in[1]];
    int32_t axis;

    if (n->op == TIN_OP_FULLY_CONNECTED)
        return 0;
    if (n->attr.padding == TIN_PADDING_EXPLICIT)
        return 1;
    for (axis = 1; axis <= 2; axis++) {
        const int32_t stride = axis == 1 ? n->attr.stride_h : n->attr.stride_w;
        const int32_t dilation =
            axis == 1 ? n->attr.dilation_h : n->attr.dilation_w;

        if ((int64_t)(out->shape[axis] - 1) * stride +
                (int64_t)(w->shape[axis] - 1) * dilation + 1 >
            in->shape[axis])
            return 1;
    }
    return 0;
}

/* A constant input that a weight may be multiplied with everywhere alike. */
static int is_uniform(const pass *p, const tin_node *n, int32_t ic)
{
    const int32_t k = p->constant[n->in[0]][ic];

    return k != VARIES &&
           (k == p->g->values[n->in[0]].zero_points[0] || !pads(p->g, n));
}

/* What an accumulator becomes in output channel oc, activation included. */
static int32_t finish(const pass *p, const tin_node *n, int32_t oc, int64_t acc)
{
    const tin_value *in = &p->g->values[n->in[0]];
    const tin_value *out = &p->g->values[n->out[0]];
    const tin_value *w = &p->g->values[n->in[1]];
    const double scale = (double)w->scales[w->n_scales > 1 ? oc : 0];
    int32_t lo, hi;
    tin_multiplier m;

    if (acc > INT32_MAX || acc < INT32_MIN ||
        !tin_quantize_multiplier(
            (double)in->scales[0] * scale / (double)out->scales[0], &m))
        return VARIES;
    tin_act_range_s8(n->attr.activation, out->scales[0], out->zero_points[0],
                     &lo, &hi);
    return tin_clamp(tin_requantize((int32_t)acc, m.multiplier, m.shift) +
                         out->zero_points[0],
                     lo, hi);
}

static int64_t bias_of(const pass *p, const tin_node *n, int32_t oc)
{
    return n->in[2] < 0 ? 0 : tin_const_int(&p->g->values[n->in[2]], oc);
}

/* Weights [oc][taps][ic]: constant if every weight that is not zero meets a
 * uniform constant. */
static int32_t constant_of_conv(const pass *p, const tin_node *n, int32_t oc)
{
    const tin_value *w = &p->g->values[n->in[1]];
    const int32_t ic = channels(w);
    const int32_t zero = p->g->values[n->in[0]].zero_points[0];
    const int64_t count = tin_value_elements(w) / w->shape[0];
    int64_t acc = bias_of(p, n, oc), i;

    for (i = 0; i < count; i++) {
        const int8_t x = weight(w, oc * count + i);

        if (x == 0)
            continue;
        if (!is_uniform(p, n, (int32_t)(i % ic)))
            return VARIES;
        acc += x * (p->constant[n->in[0]][i % ic] - zero);
    }
    return finish(p, n, oc, acc);
}

/* Weights [1][taps][c]. */
static int32_t constant_of_dwconv(const pass *p, const tin_node *n, int32_t c)
{
    const tin_value *w = &p->g->values[n->in[1]];
    const int32_t n_c = channels(w);
    const int32_t zero = p->g->values[n->in[0]].zero_points[0];
    int64_t acc = bias_of(p, n, c), i;

    for (i = c; i < tin_value_elements(w); i += n_c) {
        if (weight(w, i) == 0)
            continue;
        if (!is_uniform(p, n, c))
            return VARIES;
        acc += weight(w, i) * (p->constant[n->in[0]][c] - zero);
    }
    return finish(p, n, c, acc);
}

static int32_t constant_of(const pass *p, const tin_node *n, int32_t c)
{
    const tin_value *out = &p->g->values[n->out[0]];
    int32_t lo, hi;

    if (mixes_channels(p, n))
        return constant_of_conv(p, n, c);
    if (n->op == TIN_OP_DEPTHWISE_CONV_2D && keeps_channels(p, n) &&
        same_channels(p, n->in[0], n->out[0]))
        return constant_of_dwconv(p, n, c);
    if ((n->op == TIN_OP_MAX_POOL_2D || n->op == TIN_OP_AVERAGE_POOL_2D) &&
        p->constant[n->in[0]][c] != VARIES) {
        tin_act_range_s8(n->attr.activation, out->scales[0],
                         out->zero_points[0], &lo, &hi);
        return tin_clamp(p->constant[n->in[0]][c], lo, hi);
    }
    if (n->op == TIN_OP_RESHAPE || n->op == TIN_OP_SQUEEZE)
        return p->constant[n->in[0]][c];
    return VARIES;
}

static void find_constants(pass *p)
{
    const tin_graph *g = p->g;
    int32_t i, c;

    for (i = 0; i < g->n_values; i++)
        for (c = 0; c < channels(&g->values[i]); c++)
            p->constant[i][c] = VARIES;
    for (i = 0; i < g->n_nodes; i++) {
        const tin_node *n = &g->nodes[i];

        if (g->values[n->out[0]].type != TIN_S8 || p->fixed[head(p, n->out[0])])
            continue;
        for (c = 0; c < channels(&g->values[n->out[0]]); c++)
            p->constant[n->out[0]][c] = (int16_t)constant_of(p, n, c);
    }
}

/* ---- Who needs what ----------------------------------------------------- */

static int32_t count_needed(const pass *p, int32_t value)
{
    const uint8_t *needed = p->needed[head(p, value)];
    int32_t c, count = 0;

    if (p->fixed[head(p, value)])
        return channels(&p->g->values[value]);
    for (c = 0; c < channels(&p->g->values[value]); c++)
        count += needed[c];
    return count;
}

/* Does a convolution need channel ic of its input as a tensor? */
static int reads(const pass *p, const tin_node *n, int32_t ic)
{
    const tin_value *w = &p->g->values[n->in[1]];
    int64_t i;

    if (is_uniform(p, n, ic))
        return 0;
    for (i = ic; i < tin_value_elements(w); i += channels(w))
        if (weight(w, i) != 0)
            return 1;
    return 0;
}

static void find_needs(pass *p)
{
    const tin_graph *g = p->g;
    int32_t i, c;

    for (i = 0; i < g->n_nodes; i++) {
        const tin_node *n = &g->nodes[i];
        const int32_t in = n->in[0];

        if (!mixes_channels(p, n) || p->fixed[head(p, in)])
            continue;
        for (c = 0; c < channels(&g->values[in]); c++)
            if (reads(p, n, c))
                p->needed[head(p, in)][c] = 1;
    }
    for (i = 0; i < g->n_values; i++)
        if (head(p, i) == i && !p->fixed[i] && count_needed(p, i) == 0)
            p->needed[i][0] = 1; // no tensor loses all of its channels
}

/* ---- Taking channels away ----------------------------------------------- */

static int is_needed(const pass *p, int32_t value, int32_t c)
{
    return p->fixed[head(p, value)] || p->needed[head(p, value)][c];
}

static void *take(pass *p, size_t bytes)
{
    void *memory = tin_pool_alloc(p->g->pool, bytes);

    p->failed |= memory == NULL;
    return memory;
}

static void put_s32(uint8_t *to, int32_t x)
{
    const uint32_t bits = (uint32_t)x;
    int k;

    for (k = 0; k < 4; k++)
        to[k] = (uint8_t)(bits >> 8 * k);
}

/* The bias with what the constants among the dropped inputs contribute. */
static int32_t folded_bias(const pass *p, const tin_node *n, int mixes,
                           int32_t oc)
{
    const tin_value *w = &p->g->values[n->in[1]];
    const int32_t ic = channels(w);
    const int64_t count = tin_value_elements(w) / w->shape[0];
    const int32_t zero = p->g->values[n->in[0]].zero_points[0];
    int64_t acc = bias_of(p, n, oc), i;

    for (i = 0; i < count && mixes; i++) {
        const int32_t c = (int32_t)(i % ic);

        if (!is_needed(p, n->in[0], c) && p->constant[n->in[0]][c] != VARIES)
            acc +=
                weight(w, oc * count + i) * (p->constant[n->in[0]][c] - zero);
    }
    return acc > INT32_MAX   ? INT32_MAX
           : acc < INT32_MIN ? INT32_MIN
                             : (int32_t)acc;
}

/* A copy of a value with the elements `keep` says of its channel axis. */
static void shrink_scales(pass *p, tin_value *v, int32_t axis, int32_t kept,
                          int32_t by)
{
    const int32_t n = v->n_scales;
    float *scales;
    int32_t *zeros, i, k = 0;

    if (n <= 1 || v->quant_axis != axis)
        return;
    scales = take(p, (size_t)kept * sizeof *scales);
    zeros = take(p, (size_t)kept * sizeof *zeros);
    for (i = 0; !p->failed && i < n; i++)
        if (is_needed(p, by, i)) {
            scales[k] = v->scales[i];
            zeros[k++] = v->zero_points[i];
        }
    v->scales = scales;
    v->zero_points = zeros;
    v->n_scales = kept;
}

static void shrink_bias(pass *p, tin_node *n, int mixes, int32_t kept)
{
    tin_value *bias = &p->g->values[n->in[2]];
    const int32_t n_c = tin_value_elements(bias);
    uint8_t *data = take(p, (size_t)kept * 4);
    int32_t c, k = 0;

    for (c = 0; !p->failed && c < n_c; c++)
        if (is_needed(p, n->out[0], c))
            put_s32(data + 4 * k++, folded_bias(p, n, mixes, c));
    shrink_scales(p, bias, 0, kept, n->out[0]);
    bias->data = data;
    bias->shape[bias->rank - 1] = kept;
}

/* Weights of [oc][taps][ic] or [1][taps][c], without what is not needed. */
static void shrink_weights(pass *p, tin_node *n, int mixes, int32_t kept_out)
{
    tin_value *w = &p->g->values[n->in[1]];
    const int32_t ic = channels(w), oc = mixes ? w->shape[0] : 1;
    const int32_t kept_in = mixes ? count_needed(p, n->in[0]) : kept_out;
    const int64_t count = tin_value_elements(w) / oc;
    uint8_t *data = take(p, (size_t)tin_value_elements(w));
    int64_t i, k = 0;
    int32_t o;

    for (o = 0; !p->failed && o < oc; o++)
        for (i = 0; i < count; i++)
            if ((!mixes || is_needed(p, n->out[0], o)) &&
                is_needed(p, n->in[0], (int32_t)(i % ic)))
                data[k++] = w->data[o * count + i];
    shrink_scales(p, w, mixes ? 0 : w->rank - 1, kept_out, n->out[0]);
    w->data = data;
    w->shape[w->rank - 1] = kept_in;
    if (mixes)
        w->shape[0] = kept_out;
}

/* Weights and bias may serve several nodes: each gets its own copy. */
static int32_t own_copy(pass *p, int32_t value)
{
    tin_graph *g = p->g;

    if (value < 0)
        return value;
    g->values[g->n_values] = g->values[value];
    return g->n_values++;
}

static void shrink_node(pass *p, tin_node *n)
{
    const int32_t in = n->in[0], out = n->out[0];
    const int32_t kept = count_needed(p, out);
    const int mixes = mixes_channels(p, n);
    int32_t *operands;

    if (kept == channels(&p->g->values[out]) &&
        count_needed(p, in) == channels(&p->g->values[in]))
        return;
    operands = take(p, 3 * sizeof *operands);
    if (p->failed)
        return;
    operands[0] = in;
    operands[1] = own_copy(p, n->in[1]);
    operands[2] = own_copy(p, n->in[2]);
    n->in = operands;
    if (operands[2] >= 0)
        shrink_bias(p, n, mixes, kept);
    shrink_weights(p, n, mixes, kept);
}

/* The shape that a reshape states in its second input is out of date. */
static void shrink_reshape(pass *p, tin_node *n)
{
    int32_t *operands;

    if (count_needed(p, n->out[0]) == channels(&p->g->values[n->out[0]]))
        return;
    operands = take(p, 2 * sizeof *operands);
    if (p->failed)
        return;
    operands[0] = n->in[0];
    operands[1] = -1;
    n->in = operands;
    n->attr.n_list = 0;
}

static void shrink_values(pass *p, int32_t n_values)
{
    int32_t i;

    for (i = 0; i < n_values; i++) {
        tin_value *v = &p->g->values[i];
        const int32_t kept = p->fixed[head(p, i)] ? 0 : count_needed(p, i);

        if (kept > 0 && v->rank > 0 && v->producer >= 0) {
            p->removed += channels(v) - kept;
            v->shape[v->rank - 1] = kept;
        }
    }
}

/* ---- The pass ----------------------------------------------------------- */

/* Without a bias there is no place for constants: then they stay. */
static void keep_where_no_bias(pass *p)
{
    int32_t i, c;

    for (i = 0; i < p->g->n_nodes; i++) {
        const tin_node *n = &p->g->nodes[i];

        if (!mixes_channels(p, n) || n->in[2] >= 0)
            continue;
        for (c = 0; c < channels(&p->g->values[n->in[0]]); c++)
            p->constant[n->in[0]][c] = VARIES;
    }
}

static int init(pass *p, tin_graph *g)
{
    const size_t n = (size_t)g->n_values;
    tin_value *values = take(p, 3 * n * sizeof *values);
    int32_t i;

    p->family = take(p, n * sizeof *p->family);
    p->fixed = take(p, n);
    p->constant = take(p, n * sizeof *p->constant);
    p->needed = take(p, n * sizeof *p->needed);
    for (i = 0; !p->failed && i < g->n_values; i++) {
        const size_t c = (size_t)channels(&g->values[i]);

        p->constant[i] = take(p, c * sizeof **p->constant);
        p->needed[i] = take(p, c);
    }
    if (p->failed)
        return 0;
    memcpy(values, g->values, n * sizeof *values); // room for own copies
    g->values = values;
    return 1;
}

static int32_t run_once(tin_graph *g, tin_diag *diag, tin_status *status)
{
    const int32_t n_values = g->n_values;
    pass p;
    int32_t i;

    memset(&p, 0, sizeof p);
    p.g = g;
    p.diag = diag;
    if (init(&p, g)) {
        find_families(&p);
        find_constants(&p);
        keep_where_no_bias(&p);
        find_needs(&p);
        for (i = 0; i < g->n_nodes; i++) {
            if (mixes_channels(&p, &g->nodes[i]) ||
                g->nodes[i].op == TIN_OP_DEPTHWISE_CONV_2D)
                shrink_node(&p, &g->nodes[i]);
            if (g->nodes[i].op == TIN_OP_RESHAPE)
                shrink_reshape(&p, &g->nodes[i]);
        }
        shrink_values(&p, n_values);
    }
    *status =
        p.failed ? tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory") : TIN_OK;
    return p.removed;
}

/* The tables have an entry for each channel of each tensor: a few bytes of a
 * file can ask for gigabytes, which no real network does. */
static int has_many_channels(const tin_graph *g)
{
    enum { MOST_CHANNELS = 1 << 24 };
    int64_t sum = 0;
    int32_t i;

    for (i = 0; i < g->n_values; i++)
        sum += channels(&g->values[i]);
    return sum > MOST_CHANNELS;
}

tin_status tin_remove_dead_channels(tin_graph *g, tin_diag *diag)
{
    enum { MOST_ROUNDS = 16 };
    tin_status status = TIN_OK;
    int32_t round;

    for (round = 0; round < MOST_ROUNDS && !has_many_channels(g); round++)
        if (run_once(g, diag, &status) == 0)
            break;
    return status;
}
