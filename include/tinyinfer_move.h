/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer_move.h: kernels that move elements of any type and compute
 * nothing. They look at bytes only, so that one kernel serves all types of
 * the same size.
 *
 *   tin_strided_copy  every output element from a place that moves on by
 *                     fixed steps: slices, transpositions, tiles, broadcasts,
 *                     reversals, blocks of space to depth and back
 *   tin_gather        blocks of the input that an index chooses
 *   tin_one_hot       one value where an index points, another elsewhere
 *   tin_mirror_pad    surrounds a tensor with its mirror image
 *
 * tin_pad and tin_concat, in tinyinfer_kernels.h, are of this family, too.
 */
#ifndef TINYINFER_MOVE_H
#define TINYINFER_MOVE_H

#include "tinyinfer_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Strided copy ------------------------------------------------------- */

/* Extents of an output: the first TIN_COPY_ROWS count its rows, the others
 * the elements of a row. */
enum { TIN_COPY_DIMS = 8, TIN_COPY_ROWS = 4 };

typedef struct {
    int32_t elem_bytes;              /* 1, 2, 4 or 8 */
    int32_t in_rows, in_elems;       /* of the input, and in each of its rows */
    int32_t row, elem;               /* where the first element comes from */
    int32_t dim[TIN_COPY_DIMS];      /* of the output; 1 where there is none */
    int32_t row_step[TIN_COPY_DIMS]; /* input rows to the next one along each */
    int32_t elem_step[TIN_COPY_DIMS]; /* elements likewise */
} tin_strided_copy_params;

/*
 * Copies elements that lie a fixed step apart along each extent.
 *
 *   out[i] = in[row + sum of i[k] * row_step[k]]
 *              [elem + sum of i[k] * elem_step[k]]
 *   with i over the extents dim.
 *
 * A step of 0 repeats, a negative one goes backwards.
 *
 * in   [in_rows][in_elems], any type of elem_bytes bytes
 * out  [dim[0] * .. * dim[3]][dim[4] * .. * dim[7]]
 *
 * Rows: row y takes what the formula says and no other row is touched.
 * Needs: elem_bytes 1, 2, 4 or 8, all extents positive, every place of the
 *   formula within in, in and out of fewer than 2^31 rows and with rows of at
 *   most 2^31 - 1 bytes. Elements need no alignment.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit on all targets. NaN: elements are bytes, copied as such.
 * Source: BATCH_TO_SPACE_ND, BROADCAST_TO, DEPTH_TO_SPACE, FILL, REVERSE_V2,
 *   SLICE, SPACE_TO_BATCH_ND, SPACE_TO_DEPTH, SPLIT, SPLIT_V, STRIDED_SLICE,
 *   TILE, TRANSPOSE and UNPACK of TensorFlow Lite.
 */
tin_kernel tin_strided_copy;
tin_check tin_strided_copy_check;

/* ---- Gather ------------------------------------------------------------- */

/* Numbers in one index. */
enum { TIN_GATHER_MAX = 6 };

typedef struct {
    int32_t elem_bytes;  /* 1, 2, 4 or 8 */
    int32_t index_bytes; /* 4 or 8: of a number */
    int32_t row_elems;   /* of a row of out */
    int32_t in_elems;    /* all of the input's */
    int32_t batch, outer, count, inner;
    int32_t batch_step, outer_step; /* elements of the input */
    int32_t depth;                  /* numbers in an index */
    int32_t extent[TIN_GATHER_MAX]; /* each number is 0 .. extent - 1 */
    int32_t step[TIN_GATHER_MAX];   /* elements that each moves on by */
} tin_gather_params;

/*
 * Copies the blocks of the input that indices choose.
 *
 *   out[b][o][i][e] = in[b * batch_step + o * outer_step +
 *                        sum of index[b][i][k] * step[k] + e]
 *
 * in[0]  [in_elems], any type of elem_bytes bytes
 * in[1]  index [batch][count][depth] s32 or s64, as index_bytes says
 * out    [batch][outer][count][inner], in rows of row_elems
 *
 * A number outside 0 .. extent - 1 counts as the nearest one inside. (The
 * reference ends the inference with an error.)
 *
 * Rows: both inputs are whole: their rings hold all of their rows.
 * Needs: elem_bytes 1, 2, 4 or 8, index_bytes 4 or 8, all counts and extents
 *   positive, no step negative, 1 <= depth <= TIN_GATHER_MAX, all places of
 *   the formula within in, in_elems * elem_bytes and the bytes of out at most
 *   2^31 - 1, out a whole number of rows. Nothing needs alignment.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit on all targets. NaN: elements are bytes, copied as such.
 * Source: GATHER, GATHER_ND and EMBEDDING_LOOKUP of TensorFlow Lite.
 */
tin_kernel tin_gather;
tin_check tin_gather_check;

/* ---- One hot ------------------------------------------------------------ */

typedef struct {
    int32_t elem_bytes;  /* 1, 2, 4 or 8 */
    int32_t index_bytes; /* 4 or 8 */
    int32_t row_elems;   /* of a row of out */
    int32_t outer, depth, inner;
    uint8_t on[8], off[8]; /* elem_bytes of each, in memory order */
} tin_one_hot_params;

/*
 * Marks where each index points.
 *
 *   out[o][d][i] = index[o][i] == d ? on : off
 *
 * in   index [outer][inner] s32 or s64, as index_bytes says
 * out  [outer][depth][inner], in rows of row_elems, any type of elem_bytes
 *      bytes
 *
 * Rows: the input is whole: its ring holds all of its rows.
 * Needs: elem_bytes 1, 2, 4 or 8, index_bytes 4 or 8, all counts positive,
 *   the bytes of out at most 2^31 - 1, out a whole number of rows. Nothing
 *   needs alignment.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit on all targets. NaN: elements are bytes, copied as such.
 * Source: ONE_HOT of TensorFlow Lite.
 */
tin_kernel tin_one_hot;
tin_check tin_one_hot_check;

/* ---- Mirror pad --------------------------------------------------------- */

typedef struct {
    int32_t elem_bytes; /* 1, 2, 4 or 8 */
    int32_t in_dim[TIN_DIMS], out_dim[TIN_DIMS];
    int32_t before[TIN_DIMS]; /* elements added in front, >= 0 */
    int32_t edge; /* 1: the mirror image repeats the outermost element, as
                     SYMMETRIC does; 0: it leaves it out, as REFLECT does */
} tin_mirror_pad_params;

/*
 * Surrounds a tensor with its mirror image.
 *
 *   out[i] = in[m(i - before)] with i over the five extents out_dim,
 *   m(x) = -x - edge in front of the tensor,
 *   m(x) = 2 * (in_dim - 1) - x + edge behind it, m(x) = x within
 *
 * in   [in_dim[0] * in_dim[1] * in_dim[2]][in_dim[3] * in_dim[4]], any type
 *      of elem_bytes bytes
 * out  [out_dim[0] * out_dim[1] * out_dim[2]][out_dim[3] * out_dim[4]]
 *
 * Needs: elem_bytes 1, 2, 4 or 8, all extents positive, what is added on
 *   either side of an extent is 0 .. in_dim - 1 + edge, fewer than 2^31 rows,
 *   rows of at most 2^31 - 1 bytes. Elements need no alignment.
 * Alias: no overlap. Scratch: none. Stack: under 200 bytes.
 * Exact: bit for bit on all targets. NaN: elements are bytes, copied as such.
 * Source: MIRROR_PAD of TensorFlow Lite.
 */
tin_kernel tin_mirror_pad;
tin_check tin_mirror_pad_check;

/* ---- What they share ---------------------------------------------------- */

/* Number i of a table of int32 or int64, at any alignment, brought within
 * -1 .. extent: what lies outside stays outside. */
static inline int32_t tin_index_at(const unsigned char *table,
                                   int32_t index_bytes, size_t i,
                                   int32_t extent)
{
    unsigned char *to;
    int32_t narrow = 0;
    int64_t wide = 0;

    to = index_bytes == 4 ? (unsigned char *)&narrow : (unsigned char *)&wide;
    for (int32_t k = 0; k < index_bytes; k++)
        to[k] = table[i * (size_t)index_bytes + (size_t)k];
    if (index_bytes == 4)
        wide = narrow;
    return wide < 0 ? -1 : wide > extent ? extent : (int32_t)wide;
}

static inline tin_status tin_elem_check(int32_t elem_bytes, const char **why)
{
    if (elem_bytes == 1 || elem_bytes == 2 || elem_bytes == 4 ||
        elem_bytes == 8)
        return TIN_OK;
    return TIN_WHY(why, "elements are not of 1, 2, 4 or 8 bytes"), TIN_ERR_ARG;
}

/* The sizes that tin_gather and tin_one_hot have in common: `elems`, as
 * tin_size_mul gives it, makes rows of row_elems. */
static inline tin_status tin_indexed_check(int32_t elem_bytes,
                                           int32_t index_bytes, int32_t elems,
                                           int32_t row_elems, const char **why)
{
    const tin_status status = tin_elem_check(elem_bytes, why);

    if (status != TIN_OK)
        return status;
    if (index_bytes != 4 && index_bytes != 8)
        return TIN_WHY(why, "indices are not of 4 or 8 bytes"), TIN_ERR_ARG;
    if (tin_size_mul(elems, elem_bytes) < 0)
        return TIN_WHY(why, "the output takes more than 2^31 - 1 bytes"),
               TIN_ERR_OVERFLOW;
    if (row_elems < 1 || elems % row_elems != 0)
        return TIN_WHY(why, "the output is no whole number of rows"),
               TIN_ERR_SHAPE;
    return TIN_OK;
}

#ifdef __cplusplus
}
#endif

#endif /* TINYINFER_MOVE_H */
