/* SPDX-License-Identifier: MIT */
/* lower_axes.c: operators that exchange, repeat or turn around axes. */
#include "lower.h"

/* ---- TRANSPOSE ---------------------------------------------------------- */

tin_status tin_lower_transpose(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0);
    int64_t wanted[TIN_MAX_RANK];
    int32_t shape[TIN_MAX_RANK], axis[TIN_MAX_RANK], n = 0, i;
    uint32_t seen = 0;
    tin_path w;
    tin_status status = tin_want_alike(lo, in, tin_out(lo, 0));

    if (status == TIN_OK)
        status =
            tin_read_ints(lo, 1, "the permutation", wanted, TIN_MAX_RANK, &n);
    if (status == TIN_OK && n != in->rank)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "a permutation of %d axes for rank %d", (int)n,
                          (int)in->rank);
    for (i = 0; i < n && status == TIN_OK; i++) {
        status = tin_want_axis(lo, wanted[i], n, &axis[i]);
        if (status != TIN_OK)
            return status;
        shape[i] = in->shape[axis[i]];
        seen |= 1u << axis[i];
    }
    if (status == TIN_OK && seen != (1u << n) - 1)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "the permutation does not have every axis once");
    if (status == TIN_OK)
        status = tin_want_shape(lo, tin_out(lo, 0), n, shape);
    if (status != TIN_OK)
        return status;
    tin_path_begin(lo, &w, lo->node->in[0], lo->node->out[0]);
    for (i = 0; i < n; i++)
        tin_path_extent(&w, i, shape[i], axis[i], 1);
    return tin_add_path_step(lo, &w);
}

/* ---- TILE --------------------------------------------------------------- */

tin_status tin_lower_tile(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0);
    int64_t times[TIN_MAX_RANK];
    int32_t shape[TIN_MAX_RANK], n = 0, i;
    tin_path w;
    tin_status status = tin_want_alike(lo, in, tin_out(lo, 0));

    if (status == TIN_OK)
        status = tin_read_ints(lo, 1, "the multiples", times, TIN_MAX_RANK, &n);
    if (status == TIN_OK && n != in->rank)
        return tin_refuse(lo, TIN_ERR_SHAPE, "%d multiples for rank %d", (int)n,
                          (int)in->rank);
    for (i = 0; i < n && status == TIN_OK; i++) {
        if (times[i] < 1 || times[i] > INT32_MAX / in->shape[i])
            return tin_refuse(lo, TIN_ERR_SHAPE, "axis %d is taken %lld times",
                              (int)i, (long long)times[i]);
        shape[i] = (int32_t)times[i] * in->shape[i];
    }
    if (status == TIN_OK)
        status = tin_want_shape(lo, tin_out(lo, 0), n, shape);
    if (status != TIN_OK)
        return status;
    tin_path_begin(lo, &w, lo->node->in[0], lo->node->out[0]);
    for (i = 0; i < n; i++) {
        tin_path_extent(&w, i, (int32_t)times[i], i, 0);
        tin_path_extent(&w, i, in->shape[i], i, 1);
    }
    return tin_add_path_step(lo, &w);
}

/* ---- BROADCAST_TO, FILL ------------------------------------------------- */

/* The shape that input i asks for must be the output's. */
static tin_status check_shape(tin_lowering *lo, int32_t i, const char *what)
{
    int64_t wanted[TIN_MAX_RANK];
    int32_t shape[TIN_MAX_RANK], n = 0, k;
    tin_status status = tin_read_ints(lo, i, what, wanted, TIN_MAX_RANK, &n);

    for (k = 0; k < n && status == TIN_OK; k++) {
        if (wanted[k] < 1 || wanted[k] > INT32_MAX)
            return tin_refuse(lo, TIN_ERR_SHAPE, "extent %d is %lld", (int)k,
                              (long long)wanted[k]);
        shape[k] = (int32_t)wanted[k];
    }
    if (status != TIN_OK)
        return status;
    return tin_want_shape(lo, tin_out(lo, 0), n, shape);
}

/* Copies input i to all of the output, repeated along axes of extent 1. */
static tin_status broadcast(tin_lowering *lo, int32_t input)
{
    const tin_value *in = tin_in(lo, input), *out = tin_out(lo, 0);
    const int32_t more = out->rank - in->rank;
    tin_path w;
    int32_t i;

    if (more < 0)
        return tin_refuse(lo, TIN_ERR_SHAPE, "rank %d cannot become %d",
                          (int)in->rank, (int)out->rank);
    tin_path_begin(lo, &w, lo->node->in[input], lo->node->out[0]);
    for (i = 0; i < out->rank; i++) {
        const int32_t size = i < more ? 1 : in->shape[i - more];

        if (size != 1 && size != out->shape[i])
            return tin_refuse(lo, TIN_ERR_SHAPE,
                              "extent %d of axis %d cannot become %d",
                              (int)size, (int)i, (int)out->shape[i]);
        tin_path_extent(&w, i, out->shape[i], i - more, size > 1);
    }
    return tin_add_path_step(lo, &w);
}

tin_status tin_lower_broadcast_to(tin_lowering *lo)
{
    tin_status status = tin_want_alike(lo, tin_in(lo, 0), tin_out(lo, 0));

    if (status == TIN_OK)
        status = check_shape(lo, 1, "the shape");
    return status == TIN_OK ? broadcast(lo, 0) : status;
}

tin_status tin_lower_fill(tin_lowering *lo)
{
    tin_status status = tin_want_alike(lo, tin_in(lo, 1), tin_out(lo, 0));

    if (status == TIN_OK && tin_value_elements(tin_in(lo, 1)) != 1)
        return tin_refuse(lo, TIN_ERR_SHAPE, "the value has %d elements",
                          (int)tin_value_elements(tin_in(lo, 1)));
    if (status == TIN_OK)
        status = check_shape(lo, 0, "the shape");
    return status == TIN_OK ? broadcast(lo, 1) : status;
}

/* ---- REVERSE_V2 --------------------------------------------------------- */

tin_status tin_lower_reverse(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0);
    int64_t wanted[TIN_MAX_RANK];
    int32_t n = 0, axis = 0, i;
    uint32_t turned = 0;
    tin_path w;
    // Keras' bidirectional layers give input and output different scales; the
    // reference moves the bytes all the same
    tin_status status = tin_want_type(lo, tin_out(lo, 0), in->type, "output");

    if (status == TIN_OK)
        status = tin_want_shape(lo, tin_out(lo, 0), in->rank, in->shape);
    if (status == TIN_OK)
        status = tin_read_ints(lo, 1, "the axes", wanted, TIN_MAX_RANK, &n);
    for (i = 0; i < n && status == TIN_OK; i++) {
        status = tin_want_axis(lo, wanted[i], in->rank, &axis);
        turned |= 1u << axis;
    }
    if (status != TIN_OK)
        return status;
    tin_path_begin(lo, &w, lo->node->in[0], lo->node->out[0]);
    for (i = 0; i < in->rank; i++) {
        const int back = turned >> i & 1u;

        tin_path_from(&w, i, back ? in->shape[i] - 1 : 0);
        tin_path_extent(&w, i, in->shape[i], i, back ? -1 : 1);
    }
    return tin_add_path_step(lo, &w);
}
