/* SPDX-License-Identifier: MIT */
/* lower_blocks.c: operators that exchange blocks of height and width for
 * channels or for batches. */
#include "lower.h"

/* ---- SPACE_TO_DEPTH, DEPTH_TO_SPACE ------------------------------------- */

/* The block size, which divides what it must. `deep` is the tensor with the
 * many channels. */
static tin_status check_blocks(tin_lowering *lo, const tin_value *flat,
                               const tin_value *deep)
{
    const tin_value *in = tin_in(lo, 0);
    const int64_t b = lo->node->attr.block;
    const tin_status status = tin_want_alike(lo, in, tin_out(lo, 0));

    if (status != TIN_OK)
        return status;
    if (in->rank != 4 || tin_out(lo, 0)->rank != 4 || b < 1 ||
        flat->shape[0] != deep->shape[0] ||
        b * deep->shape[1] != flat->shape[1] ||
        b * deep->shape[2] != flat->shape[2] || b * b > INT32_MAX ||
        b * b * flat->shape[3] != deep->shape[3])
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "input and output do not differ by blocks of "
                          "%lld x %lld",
                          (long long)b, (long long)b);
    return TIN_OK;
}

tin_status tin_lower_space_to_depth(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const int32_t b = lo->node->attr.block;
    const tin_status status = check_blocks(lo, in, out);
    tin_path w;

    if (status != TIN_OK)
        return status;
    tin_path_begin(lo, &w, lo->node->in[0], lo->node->out[0]);
    tin_path_extent(&w, 0, out->shape[0], 0, 1);
    tin_path_extent(&w, 1, out->shape[1], 1, b);
    tin_path_extent(&w, 2, out->shape[2], 2, b);
    tin_path_extent(&w, 3, b, 1, 1);
    tin_path_extent(&w, 3, b, 2, 1);
    tin_path_extent(&w, 3, in->shape[3], 3, 1);
    return tin_add_path_step(lo, &w);
}

tin_status tin_lower_depth_to_space(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const int32_t b = lo->node->attr.block;
    const tin_status status = check_blocks(lo, out, in);
    tin_path w;

    if (status != TIN_OK)
        return status;
    tin_path_begin(lo, &w, lo->node->in[0], lo->node->out[0]);
    tin_path_extent(&w, 0, in->shape[0], 0, 1);
    tin_path_extent(&w, 1, in->shape[1], 1, 1);
    tin_path_extent(&w, 1, b, 3, b * out->shape[3]);
    tin_path_extent(&w, 2, in->shape[2], 2, 1);
    tin_path_extent(&w, 2, b, 3, out->shape[3]);
    tin_path_extent(&w, 3, out->shape[3], 3, 1);
    return tin_add_path_step(lo, &w);
}

/* ---- SPACE_TO_BATCH_ND, BATCH_TO_SPACE_ND ------------------------------- */

/* Axes 1 .. n are cut in blocks. `space` is the image with what is added to
 * its edges, or not yet taken off, `batch` the one with the many batches. */
typedef struct {
    int32_t n;
    int32_t block[TIN_MAX_RANK], blocks;
    int32_t before[TIN_MAX_RANK], edges; /* edges: of all axes together */
    tin_value space;
} blocks;

/* Reads block sizes and edges, [n][2], for a space of `small` without its
 * edges. */
static tin_status read_blocks(tin_lowering *lo, const tin_value *small,
                              blocks *b)
{
    const tin_value *edges = tin_in(lo, 2);
    int64_t size[TIN_MAX_RANK], total = tin_type_bytes(small->type);
    int32_t i;
    const tin_status status =
        tin_read_ints(lo, 1, "the block shape", size, TIN_MAX_RANK, &b->n);

    if (status != TIN_OK)
        return status;
    if (!edges->data || (edges->type != TIN_S32 && edges->type != TIN_S64))
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "paddings and crops must be constant integers");
    if (edges->rank != 2 || edges->shape[0] != b->n || edges->shape[1] != 2 ||
        b->n >= small->rank)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "%d blocks and %d paddings or crops for rank %d",
                          (int)b->n, (int)edges->shape[0], (int)small->rank);
    b->space = *small;
    b->blocks = 1;
    for (i = 0; i < b->n; i++) {
        const int64_t before = tin_const_int(edges, 2 * i);
        const int64_t after = tin_const_int(edges, 2 * i + 1);
        const int64_t dim = small->shape[i + 1];

        if (before < 0 || after < 0 || before > INT32_MAX ||
            after > INT32_MAX || before + dim + after > INT32_MAX ||
            size[i] < 1 || size[i] > INT32_MAX ||
            (before + dim + after) % size[i] != 0)
            return tin_refuse(lo, TIN_ERR_SHAPE,
                              "axis %d: %lld + %lld + %lld elements in blocks "
                              "of %lld",
                              (int)i + 1, (long long)before, (long long)dim,
                              (long long)after, (long long)size[i]);
        b->block[i] = (int32_t)size[i];
        b->before[i + 1] = (int32_t)before;
        b->edges |= before + after > 0;
        b->space.shape[i + 1] = (int32_t)(before + dim + after);
    }
    for (i = 0; i < small->rank; i++) {
        total *= b->space.shape[i];
        if (total > INT32_MAX)
            return tin_refuse(lo, TIN_ERR_OVERFLOW,
                              "with its edges it has 2^31 bytes or more");
    }
    for (i = 0; i < b->n; i++) // each divides an extent: no overflow
        b->blocks *= b->block[i];
    return TIN_OK;
}

/* The shape of the tensor with the many batches. */
static tin_status check_batches(tin_lowering *lo, const tin_value *batch,
                                const blocks *b)
{
    int32_t i;
    int ok = batch->rank == b->space.rank &&
             batch->shape[0] / b->blocks == b->space.shape[0] &&
             batch->shape[0] % b->blocks == 0;

    for (i = 1; ok && i < batch->rank; i++)
        ok = batch->shape[i] ==
             b->space.shape[i] / (i <= b->n ? b->block[i - 1] : 1);
    if (ok)
        return TIN_OK;
    return tin_refuse(lo, TIN_ERR_SHAPE,
                      "the shapes do not fit the blocks and edges");
}

/* A tensor for the space with its edges, where there are any; else *tensor
 * is -1. */
static tin_status space_tensor(tin_lowering *lo, const blocks *b,
                               int32_t *tensor)
{
    *tensor = b->edges ? tin_new_tensor(lo, tin_value_bytes(&b->space),
                                        tin_natural_rows(&b->space))
                       : -1;
    if (b->edges && *tensor < 0)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    return TIN_OK;
}

tin_status tin_lower_space_to_batch(tin_lowering *lo)
{
    const int32_t in = lo->node->in[0], out = lo->node->out[0];
    const tin_value *vi = tin_in(lo, 0), *vo = tin_out(lo, 0);
    uint8_t zero[8] = {0};
    blocks b = {0};
    int32_t i, tensor = -1, rest;
    tin_path w;
    tin_status status = tin_want_alike(lo, vi, vo);

    if (status == TIN_OK)
        status = read_blocks(lo, vi, &b);
    if (status == TIN_OK)
        status = check_batches(lo, vo, &b);
    if (status == TIN_OK)
        status = space_tensor(lo, &b, &tensor);
    if (status != TIN_OK)
        return status;
    if (vo->n_scales)
        zero[0] = (uint8_t)vo->zero_points[0];
    if (b.edges)
        status = tin_add_pad_step(lo, vi, &b.space, b.before, zero,
                                  tin_tensor_of(lo, in), tensor);
    if (status != TIN_OK)
        return status;
    tin_path_begin(lo, &w, in, out);
    w.in = &b.space;
    w.in_tensor = tensor;
    for (i = 0; i < b.n; i++)
        tin_path_extent(&w, 0, b.block[i], i + 1, 1);
    for (rest = 0; rest < vo->rank; rest++)
        tin_path_extent(&w, rest, rest ? vo->shape[rest] : b.space.shape[0],
                        rest, rest >= 1 && rest <= b.n ? b.block[rest - 1] : 1);
    return tin_add_path_step(lo, &w);
}

/* Takes the edges off. */
static tin_status crop(tin_lowering *lo, const blocks *b, int32_t tensor)
{
    const tin_value *out = tin_out(lo, 0);
    tin_path w;
    int32_t i;

    tin_path_begin(lo, &w, lo->node->in[0], lo->node->out[0]);
    w.in = &b->space;
    w.in_tensor = tensor;
    for (i = 0; i < out->rank; i++) {
        tin_path_from(&w, i, b->before[i]);
        tin_path_extent(&w, i, out->shape[i], i, 1);
    }
    return tin_add_path_step(lo, &w);
}

tin_status tin_lower_batch_to_space(tin_lowering *lo)
{
    const int32_t in = lo->node->in[0], out = lo->node->out[0];
    const tin_value *vi = tin_in(lo, 0), *vo = tin_out(lo, 0);
    blocks b = {0};
    int32_t i, tensor = -1, batches;
    tin_path w;
    tin_status status = tin_want_alike(lo, vi, vo);

    if (status == TIN_OK)
        status = read_blocks(lo, vo, &b);
    if (status == TIN_OK)
        status = check_batches(lo, vi, &b);
    if (status == TIN_OK)
        status = space_tensor(lo, &b, &tensor);
    if (status != TIN_OK)
        return status;
    batches = vi->shape[0];
    tin_path_begin(lo, &w, in, out);
    w.out = &b.space;
    w.out_tensor = tensor;
    tin_path_extent(&w, 0, vo->shape[0], 0, 1);
    for (i = 1; i < vi->rank; i++) {
        tin_path_extent(&w, i, vi->shape[i], i, 1);
        if (i > b.n)
            continue;
        batches /= b.block[i - 1];
        tin_path_extent(&w, i, b.block[i - 1], 0, batches);
    }
    status = tin_add_path_step(lo, &w);
    return status == TIN_OK && b.edges ? crop(lo, &b, tensor) : status;
}
