/* SPDX-License-Identifier: MIT */
/* lower_slice.c: operators whose outputs are parts of their input. */
#include "lower.h"

#include <string.h>

/* What becomes of each axis of the input. */
typedef struct {
    int32_t begin[TIN_MAX_RANK], step[TIN_MAX_RANK];
    int32_t shape[TIN_MAX_RANK]; /* elements taken along it */
    int32_t out_axis[TIN_MAX_RANK];
} slice;

/* The whole of a value. */
static slice whole(const tin_value *in)
{
    slice s;
    int32_t i;

    memset(&s, 0, sizeof s);
    for (i = 0; i < in->rank; i++) {
        s.step[i] = 1;
        s.shape[i] = in->shape[i];
        s.out_axis[i] = i;
    }
    return s;
}

/* Adds the step that copies a slice of value `in` to value `out`. */
static tin_status take(tin_lowering *lo, int32_t in, int32_t out,
                       const slice *s)
{
    tin_path w;
    int32_t i;

    tin_path_begin(lo, &w, in, out);
    for (i = 0; i < w.in->rank; i++) {
        tin_path_from(&w, i, s->begin[i]);
        tin_path_extent(&w, s->out_axis[i], s->shape[i], i, s->step[i]);
    }
    return tin_add_path_step(lo, &w);
}

/* ---- SLICE -------------------------------------------------------------- */

tin_status tin_lower_slice(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0);
    int64_t begin[TIN_MAX_RANK], size[TIN_MAX_RANK];
    int32_t n_begin = 0, n_size = 0, i;
    slice s = whole(in);
    tin_status status = tin_want_alike(lo, in, tin_out(lo, 0));

    if (status == TIN_OK)
        status =
            tin_read_ints(lo, 1, "the begin", begin, TIN_MAX_RANK, &n_begin);
    if (status == TIN_OK)
        status = tin_read_ints(lo, 2, "the size", size, TIN_MAX_RANK, &n_size);
    if (status != TIN_OK)
        return status;
    if (n_begin != in->rank || n_size != in->rank)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "begin and size do not have the %d numbers of the "
                          "input's rank",
                          (int)in->rank);
    for (i = 0; i < in->rank; i++) {
        if (begin[i] >= 0 && begin[i] < in->shape[i] && size[i] == -1)
            size[i] = in->shape[i] - begin[i];
        if (begin[i] < 0 || begin[i] >= in->shape[i] || size[i] < 1 ||
            size[i] > in->shape[i] - begin[i])
            return tin_refuse(lo, TIN_ERR_SHAPE,
                              "%lld elements from %lld on leave the %d of "
                              "axis %d",
                              (long long)size[i], (long long)begin[i],
                              (int)in->shape[i], (int)i);
        s.begin[i] = (int32_t)begin[i];
        s.shape[i] = (int32_t)size[i];
    }
    status = tin_want_shape(lo, tin_out(lo, 0), in->rank, s.shape);
    if (status != TIN_OK)
        return status;
    return take(lo, lo->node->in[0], lo->node->out[0], &s);
}

/* ---- STRIDED_SLICE ------------------------------------------------------ */

/* The lists of a STRIDED_SLICE, and how far they and both shapes are read. */
typedef struct {
    int64_t begin[2 * TIN_MAX_RANK], end[2 * TIN_MAX_RANK];
    int64_t stride[2 * TIN_MAX_RANK];
    int32_t n, axis, rank;
    int32_t shape[TIN_MAX_RANK]; /* of the output */
    slice s;
} strided;

static tin_status read_strided(tin_lowering *lo, strided *t)
{
    enum { MOST = 2 * TIN_MAX_RANK };
    int32_t n_end = 0, n_stride = 0;
    tin_status status = tin_read_ints(lo, 1, "begin", t->begin, MOST, &t->n);

    if (status == TIN_OK)
        status = tin_read_ints(lo, 2, "end", t->end, MOST, &n_end);
    if (status == TIN_OK)
        status = tin_read_ints(lo, 3, "strides", t->stride, MOST, &n_stride);
    if (status == TIN_OK && (n_end != t->n || n_stride != t->n))
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "begin, end and strides have %d, %d and %d numbers",
                          (int)t->n, (int)n_end, (int)n_stride);
    return status;
}

static int64_t clamp64(int64_t x, int64_t lo, int64_t hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

/* One end of the range of entry i: as said, counted from the end if it is
 * negative, and brought within the axis. */
static int64_t range_end(int64_t said, int32_t size, int64_t stride)
{
    const int64_t at = said < 0 ? said + size : said;

    return stride > 0 ? clamp64(at, 0, size) : clamp64(at, -1, size - 1);
}

/* Entry i takes one element of the axis, which disappears. */
static tin_status shrink_axis(tin_lowering *lo, strided *t, int32_t i)
{
    const int32_t size = tin_in(lo, 0)->shape[t->axis];
    const int32_t masked = (int32_t)(lo->node->attr.slice.begin >> i & 1u);
    int64_t at = masked ? 0 : t->begin[i];

    if (at < 0)
        at += size;
    if (at < 0 || at >= size || t->stride[i] < 1)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "element %lld of the %d of axis %d",
                          (long long)t->begin[i], (int)size, (int)t->axis);
    t->s.begin[t->axis] = (int32_t)at;
    t->s.shape[t->axis] = 1;
    t->s.out_axis[t->axis] = t->rank;
    t->axis++;
    return TIN_OK;
}

/* Entry i takes a range of the axis. */
static tin_status take_range(tin_lowering *lo, strided *t, int32_t i)
{
    const tin_slice_masks *m = &lo->node->attr.slice;
    const int32_t size = tin_in(lo, 0)->shape[t->axis];
    const int64_t stride = t->stride[i];
    int64_t from, to, count;

    if (stride == 0 || stride < -INT32_MAX || stride > INT32_MAX)
        return tin_refuse(lo, TIN_ERR_SHAPE, "stride %lld of axis %d",
                          (long long)stride, (int)t->axis);
    from = m->begin >> i & 1u ? stride > 0 ? 0 : size - 1
                              : range_end(t->begin[i], size, stride);
    if (m->end >> i & 1u)
        to = stride > 0 ? size : -1;
    else if (m->from_begin)
        to = range_end(from + clamp64(t->end[i], INT32_MIN, INT32_MAX), size,
                       stride);
    else
        to = range_end(t->end[i], size, stride);
    count = stride > 0 ? (to - from + stride - 1) / stride
                       : (from - to - stride - 1) / -stride;
    if (count < 1)
        return tin_refuse(lo, TIN_ERR_SHAPE, "axis %d has nothing left",
                          (int)t->axis);
    t->s.begin[t->axis] = (int32_t)from;
    t->s.step[t->axis] = (int32_t)stride;
    t->s.shape[t->axis] = (int32_t)count;
    t->s.out_axis[t->axis++] = t->rank;
    t->shape[t->rank++] = (int32_t)count;
    return TIN_OK;
}

/* Takes axes of the input as they are, up to `end`. */
static void take_axes(const tin_value *in, strided *t, int32_t end)
{
    for (; t->axis < end && t->rank < TIN_MAX_RANK; t->axis++) {
        t->s.out_axis[t->axis] = t->rank;
        t->shape[t->rank++] = in->shape[t->axis];
    }
}

/* Axes that the entries after i stand for. */
static int32_t axes_after(const tin_slice_masks *m, int32_t i, int32_t n)
{
    int32_t axes = 0;

    while (++i < n)
        axes += !(m->new_axis >> i & 1u);
    return axes;
}

static tin_status read_entry(tin_lowering *lo, strided *t, int32_t i)
{
    const tin_slice_masks *m = &lo->node->attr.slice;
    const tin_value *in = tin_in(lo, 0);

    if (m->ellipsis >> i & 1u) {
        if (m->ellipsis >> (i + 1))
            return tin_refuse(lo, TIN_ERR_SHAPE, "more than one ellipsis");
        take_axes(in, t, in->rank - axes_after(m, i, t->n));
        return TIN_OK;
    }
    if (t->rank == TIN_MAX_RANK && !(m->shrink >> i & 1u))
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "a rank above %d",
                          TIN_MAX_RANK);
    if (m->new_axis >> i & 1u) {
        t->shape[t->rank++] = 1;
        return TIN_OK;
    }
    if (t->axis >= in->rank)
        return tin_refuse(lo, TIN_ERR_SHAPE, "%d entries for rank %d",
                          (int)t->n, (int)in->rank);
    return m->shrink >> i & 1u ? shrink_axis(lo, t, i) : take_range(lo, t, i);
}

tin_status tin_lower_strided_slice(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0);
    strided t;
    int32_t i;
    tin_status status;

    memset(&t, 0, sizeof t);
    t.s = whole(in);
    status = tin_want_alike(lo, in, tin_out(lo, 0));
    if (status == TIN_OK)
        status = read_strided(lo, &t);
    for (i = 0; i < t.n && status == TIN_OK; i++)
        status = read_entry(lo, &t, i);
    if (status != TIN_OK)
        return status;
    take_axes(in, &t, in->rank);
    if (t.axis < in->rank)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "a rank above %d",
                          TIN_MAX_RANK);
    status = tin_want_shape(lo, tin_out(lo, 0), t.rank, t.shape);
    if (status != TIN_OK)
        return status;
    return take(lo, lo->node->in[0], lo->node->out[0], &t.s);
}

/* ---- SPLIT, SPLIT_V, UNPACK: a slice an output --------------------------- */

/* Output i is `size` elements of the input's axis from `begin` on; `drop`:
 * without the axis. */
static tin_status take_part(tin_lowering *lo, int32_t input, int32_t i,
                            int32_t axis, int32_t begin, int32_t size, int drop)
{
    const tin_value *in = tin_in(lo, input), *out = tin_out(lo, i);
    int32_t shape[TIN_MAX_RANK], rank = 0, k;
    slice s = whole(in);
    tin_status status = tin_want_alike(lo, in, out);

    s.begin[axis] = begin;
    s.shape[axis] = size;
    for (k = 0; k < in->rank; k++) {
        s.out_axis[k] = rank;
        if (k != axis || !drop)
            shape[rank++] = s.shape[k];
    }
    if (status == TIN_OK)
        status = tin_want_shape(lo, out, rank, shape);
    if (status != TIN_OK)
        return status;
    return take(lo, lo->node->in[input], lo->node->out[i], &s);
}

/* The input in as many equal parts as there are outputs. */
static tin_status take_parts(tin_lowering *lo, int32_t input, int32_t axis,
                             int drop)
{
    const int32_t size = tin_in(lo, input)->shape[axis], n = lo->node->n_out;
    tin_status status = TIN_OK;
    int32_t i;

    if (size % n != 0 || (drop && size != n))
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "%d outputs for the %d elements of axis %d", (int)n,
                          (int)size, (int)axis);
    for (i = 0; i < n && status == TIN_OK; i++)
        status = take_part(lo, input, i, axis, i * (size / n), size / n, drop);
    return status;
}

tin_status tin_lower_split(tin_lowering *lo)
{
    int64_t wanted;
    int32_t axis = 0;
    tin_status status = tin_read_int(lo, 0, "the axis", &wanted);

    if (status == TIN_OK)
        status = tin_want_axis(lo, wanted, tin_in(lo, 1)->rank, &axis);
    if (status != TIN_OK)
        return status;
    return take_parts(lo, 1, axis, 0);
}

tin_status tin_lower_unpack(tin_lowering *lo)
{
    int32_t axis = 0;
    const tin_status status =
        tin_want_axis(lo, lo->node->attr.axis, tin_in(lo, 0)->rank, &axis);

    if (status != TIN_OK)
        return status;
    return take_parts(lo, 0, axis, 1);
}

/* Size i of a SPLIT_V: what is said, or what the others leave of the axis. */
static int64_t part_size(const tin_value *sizes, int32_t i, int32_t axis_size)
{
    const int32_t n = tin_value_elements(sizes);
    int64_t left = axis_size;
    int32_t k;

    if (tin_const_int(sizes, i) != -1)
        return tin_const_int(sizes, i);
    for (k = 0; k < n; k++)
        left -= k == i ? 0 : clamp64(tin_const_int(sizes, k), -1, INT32_MAX);
    return left;
}

tin_status tin_lower_split_v(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *sizes = tin_in(lo, 1);
    int64_t wanted, begin = 0;
    int32_t axis = 0, i;
    tin_status status = tin_read_int(lo, 2, "the axis", &wanted);

    if (status == TIN_OK)
        status = tin_want_axis(lo, wanted, in->rank, &axis);
    if (status != TIN_OK)
        return status;
    if (!sizes->data || (sizes->type != TIN_S32 && sizes->type != TIN_S64))
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "the sizes must be constant integers");
    if (sizes->rank != 1 || sizes->shape[0] != lo->node->n_out)
        return tin_refuse(lo, TIN_ERR_SHAPE, "%d outputs, but %d sizes",
                          (int)lo->node->n_out, (int)tin_value_elements(sizes));
    for (i = 0; i < lo->node->n_out && status == TIN_OK; i++) {
        const int64_t size = part_size(sizes, i, in->shape[axis]);

        if (size < 1 || size > in->shape[axis] - begin)
            return tin_refuse(
                lo, TIN_ERR_SHAPE, "size %d is %lld, the axis has %lld left",
                (int)i, (long long)size, (long long)(in->shape[axis] - begin));
        status = take_part(lo, 0, i, axis, (int32_t)begin, (int32_t)size, 0);
        begin += size;
    }
    if (status == TIN_OK && begin != in->shape[axis])
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "the sizes add up to %lld, axis %d has %d elements",
                          (long long)begin, (int)axis, (int)in->shape[axis]);
    return status;
}
