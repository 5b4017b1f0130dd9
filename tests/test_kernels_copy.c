/* SPDX-License-Identifier: MIT */
/*
 * The kernels of tinyinfer_move.h against their formulas, on seeded shapes:
 * rows in any pieces, byte for byte; and every condition that a check refuses.
 */
#include "row_jobs.h"
#include "tinyinfer_move.h"

static int32_t product(const int32_t *dim, int32_t n)
{
    int32_t p = 1;

    for (int32_t i = 0; i < n; i++)
        p *= dim[i];
    return p;
}

/* Splits element i of extents dim[n] into its indices. */
static void indices_of(const int32_t *dim, int32_t n, int32_t i, int32_t *at)
{
    for (int32_t k = n - 1; k >= 0; k--) {
        at[k] = i % dim[k];
        i /= dim[k];
    }
}

static void same_element(const tin_rows *out, int32_t i, const void *want,
                         int32_t size)
{
    const unsigned char *got = out->base;

    cr_assert_arr_eq(got + (size_t)i * (size_t)size, want, (size_t)size,
                     "element %d", (int)i);
}

/* ---- Strided copy ------------------------------------------------------- */

/* Steps of any sign, and an input just large enough for them, or larger. */
static tin_strided_copy_params random_copy(int i)
{
    tin_strided_copy_params p;

    memset(&p, 0, sizeof p);
    p.elem_bytes = 1 << i % 4;
    p.in_rows = p.in_elems = 1;
    for (int k = 0; k < TIN_COPY_DIMS; k++) {
        p.dim[k] = between(0, 1) ? 1 : between(1, 3);
        p.row_step[k] = between(0, 2) ? 0 : between(-2, 2);
        p.elem_step[k] = between(0, 2) ? 0 : between(-2, 2);
        if (k == TIN_COPY_DIMS - 1 && i % 2)
            p.elem_step[k] = 1, p.row_step[k] = 0;
        p.in_rows += (p.dim[k] - 1) * abs(p.row_step[k]);
        p.in_elems += (p.dim[k] - 1) * abs(p.elem_step[k]);
        if (p.row_step[k] < 0)
            p.row -= (p.dim[k] - 1) * p.row_step[k];
        if (p.elem_step[k] < 0)
            p.elem -= (p.dim[k] - 1) * p.elem_step[k];
    }
    p.in_rows += between(0, 2);
    p.in_elems += between(0, 2);
    return p;
}

/* The row and the element within it that element i is a copy of. */
static void copied_from(const tin_strided_copy_params *p, int32_t i,
                        int32_t *row, int32_t *elem)
{
    int32_t at[TIN_COPY_DIMS];

    indices_of(p->dim, TIN_COPY_DIMS, i, at);
    *row = p->row;
    *elem = p->elem;
    for (int k = 0; k < TIN_COPY_DIMS; k++) {
        *row += at[k] * p->row_step[k];
        *elem += at[k] * p->elem_step[k];
    }
}

static void need_copied(const void *params, int k, int32_t y, int32_t *first,
                        int32_t *last)
{
    const tin_strided_copy_params *p = params;
    const int32_t n =
        product(p->dim + TIN_COPY_ROWS, TIN_COPY_DIMS - TIN_COPY_ROWS);

    (void)k;
    *first = p->in_rows;
    *last = 0;
    for (int32_t i = y * n; i < (y + 1) * n; i++) {
        int32_t row, elem;

        copied_from(p, i, &row, &elem);
        *first = row < *first ? row : *first;
        *last = row > *last ? row : *last;
    }
}

Test(strided_copy, seeded_shapes)
{
    for (int i = 0; i < 600; i++) {
        const tin_strided_copy_params p = random_copy(i);
        const int32_t rows = product(p.dim, TIN_COPY_ROWS);
        const int32_t n = product(p.dim + TIN_COPY_ROWS, 4);
        tin_rows in = ring_new(p.in_rows, p.in_elems * p.elem_bytes), out;
        const job j = job_on(tin_strided_copy, &p, need_copied, in.base,
                             in.row_bytes, rows, n * p.elem_bytes);

        cr_assert_eq(tin_strided_copy_check(&p, NULL), TIN_OK);
        ring_fill(&in);
        out = run_job(&j);
        for (int32_t k = 0; k < rows * n; k++) {
            int32_t row, elem;

            copied_from(&p, k, &row, &elem);
            same_element(&out, k,
                         (unsigned char *)tin_row(&in, row) +
                             elem * p.elem_bytes,
                         p.elem_bytes);
        }
        ring_free(&in), ring_free(&out);
    }
}

Test(strided_copy, check)
{
    const tin_strided_copy_params good = {4,
                                          7,
                                          5,
                                          6,
                                          1,
                                          {1, 1, 2, 3, 1, 1, 2, 2},
                                          {0, 0, -1, -2, 0, 0, 0, 0},
                                          {0, 0, 0, 0, 0, 0, 2, 1}};
    tin_strided_copy_params p;

    REFUSE(p.elem_bytes = 3, tin_strided_copy_check, TIN_ERR_ARG);
    REFUSE(p.in_rows = 6, tin_strided_copy_check, TIN_ERR_SHAPE);
    REFUSE(p.in_rows = 0, tin_strided_copy_check, TIN_ERR_SHAPE);
    REFUSE(p.in_elems = 4, tin_strided_copy_check, TIN_ERR_SHAPE);
    REFUSE(p.in_elems = 0, tin_strided_copy_check, TIN_ERR_SHAPE);
    REFUSE(p.in_elems = 1 << 30, tin_strided_copy_check, TIN_ERR_OVERFLOW);
    REFUSE(p.row = 4, tin_strided_copy_check, TIN_ERR_SHAPE);
    REFUSE(p.elem = 2, tin_strided_copy_check, TIN_ERR_SHAPE);
    REFUSE(p.elem = -1, tin_strided_copy_check, TIN_ERR_SHAPE);
    REFUSE(p.row_step[3] = INT32_MIN, tin_strided_copy_check, TIN_ERR_SHAPE);
    REFUSE(p.elem_step[7] = INT32_MAX, tin_strided_copy_check, TIN_ERR_SHAPE);
    for (int k = 0; k < TIN_COPY_DIMS; k++)
        REFUSE(p.dim[k] = 0, tin_strided_copy_check, TIN_ERR_SHAPE);
    REFUSE(p.dim[0] = INT32_MAX, tin_strided_copy_check, TIN_ERR_OVERFLOW);
    REFUSE(p.dim[4] = INT32_MAX, tin_strided_copy_check, TIN_ERR_OVERFLOW);
}

/* ---- Indices ------------------------------------------------------------ */

/* Inputs of one row. */
static void need_first(const void *params, int k, int32_t y, int32_t *first,
                       int32_t *last)
{
    (void)params, (void)k, (void)y;
    *first = *last = 0;
}

/* A row of random indices, -1 .. limit, as their width says. */
static tin_rows random_indices(int32_t n, int32_t bytes, int32_t limit)
{
    tin_rows r = ring_new(1, n * bytes);

    for (int32_t i = 0; i < n; i++) {
        const int32_t narrow = between(-1, limit);
        const int64_t wide = between(0, 9) ? narrow : INT64_MAX - 1 - narrow;
        unsigned char *to = (unsigned char *)r.base + i * bytes;

        if (bytes == 4)
            memcpy(to, &narrow, 4);
        else
            memcpy(to, &wide, 8);
    }
    return r;
}

static int64_t index_at(const tin_rows *r, int32_t bytes, int32_t i)
{
    int32_t narrow;
    int64_t wide;

    memcpy(&narrow, (unsigned char *)r->base + i * bytes, 4);
    if (bytes == 4)
        return narrow;
    memcpy(&wide, (unsigned char *)r->base + i * bytes, 8);
    return wide;
}

/* A divisor of n. */
static int32_t random_divisor(int32_t n)
{
    int32_t d = between(1, n);

    while (n % d)
        d--;
    return d;
}

static tin_gather_params random_gather(int i)
{
    tin_gather_params p;
    int32_t step;

    memset(&p, 0, sizeof p);
    p.elem_bytes = 1 << i % 4;
    p.index_bytes = i % 3 ? 4 : 8;
    p.batch = between(1, 2);
    p.outer = between(1, 3);
    p.count = between(1, 4);
    step = p.inner = between(1, 4);
    p.depth = between(1, 3);
    for (int32_t k = p.depth - 1; k >= 0; k--) {
        p.extent[k] = between(1, 3);
        p.step[k] = step;
        step *= p.extent[k];
    }
    p.outer_step = step;
    p.batch_step = step * p.outer;
    p.in_elems = p.batch_step * p.batch;
    p.row_elems = random_divisor(p.batch * p.outer * p.count * p.inner);
    return p;
}

/* Element i of the output, by the formula. */
static const unsigned char *gathered(const tin_gather_params *p,
                                     const tin_rows *in, int32_t i)
{
    const int32_t dim[4] = {p->batch, p->outer, p->count, p->inner};
    int32_t at[4], from;

    indices_of(dim, 4, i, at);
    from = at[0] * p->batch_step + at[1] * p->outer_step + at[3];
    for (int32_t k = 0; k < p->depth; k++) {
        int64_t x = index_at(&in[1], p->index_bytes,
                             (at[0] * p->count + at[2]) * p->depth + k);

        x = x < 0 ? 0 : x >= p->extent[k] ? p->extent[k] - 1 : x;
        from += (int32_t)x * p->step[k];
    }
    return (unsigned char *)in[0].base + from * p->elem_bytes;
}

Test(gather, seeded_shapes)
{
    for (int i = 0; i < 400; i++) {
        const tin_gather_params p = random_gather(i);
        const int32_t n = p.batch * p.outer * p.count * p.inner;
        job j = {.run = tin_gather,
                 .params = &p,
                 .need = need_first,
                 .n_in = 2,
                 .out_rows = n / p.row_elems,
                 .out_bytes = p.row_elems * p.elem_bytes};
        tin_rows out;

        cr_assert_eq(tin_gather_check(&p, NULL), TIN_OK);
        j.in[0] = ring_new(1, p.in_elems * p.elem_bytes);
        j.in[1] = random_indices(p.batch * p.count * p.depth, p.index_bytes, 3);
        ring_fill(&j.in[0]);
        out = run_job(&j);
        for (int32_t k = 0; k < n; k++)
            same_element(&out, k, gathered(&p, j.in, k), p.elem_bytes);
        ring_free(&j.in[0]), ring_free(&j.in[1]), ring_free(&out);
    }
}

Test(gather, check)
{
    const tin_gather_params good = {4, 8,  6,  120, 2,      3,     4,
                                    3, 60, 20, 2,   {2, 3}, {9, 3}};
    tin_gather_params p;

    REFUSE(p.elem_bytes = 0, tin_gather_check, TIN_ERR_ARG);
    REFUSE(p.index_bytes = 2, tin_gather_check, TIN_ERR_ARG);
    REFUSE(p.row_elems = 5, tin_gather_check, TIN_ERR_SHAPE);
    REFUSE(p.row_elems = 0, tin_gather_check, TIN_ERR_SHAPE);
    REFUSE(p.in_elems = 117, tin_gather_check, TIN_ERR_SHAPE);
    REFUSE(p.in_elems = 0, tin_gather_check, TIN_ERR_SHAPE);
    REFUSE(p.in_elems = 1 << 30, tin_gather_check, TIN_ERR_OVERFLOW);
    REFUSE(p.batch = 0, tin_gather_check, TIN_ERR_SHAPE);
    REFUSE(p.outer = 0, tin_gather_check, TIN_ERR_SHAPE);
    REFUSE(p.count = -4, tin_gather_check, TIN_ERR_SHAPE);
    REFUSE(p.inner = 0, tin_gather_check, TIN_ERR_SHAPE);
    REFUSE(p.count = INT32_MAX, tin_gather_check, TIN_ERR_OVERFLOW);
    REFUSE(p.batch_step = -1, tin_gather_check, TIN_ERR_SHAPE);
    REFUSE(p.batch_step = INT32_MAX, tin_gather_check, TIN_ERR_SHAPE);
    REFUSE(p.outer_step = -1, tin_gather_check, TIN_ERR_SHAPE);
    REFUSE(p.outer_step = INT32_MAX, tin_gather_check, TIN_ERR_SHAPE);
    REFUSE(p.depth = 0, tin_gather_check, TIN_ERR_ARG);
    REFUSE(p.depth = TIN_GATHER_MAX + 1, tin_gather_check, TIN_ERR_ARG);
    REFUSE(p.extent[1] = 0, tin_gather_check, TIN_ERR_SHAPE);
    REFUSE(p.extent[1] = INT32_MAX, tin_gather_check, TIN_ERR_SHAPE);
    REFUSE(p.step[0] = -1, tin_gather_check, TIN_ERR_SHAPE);
}

Test(one_hot, seeded_shapes)
{
    for (int i = 0; i < 300; i++) {
        const int32_t dim[3] = {between(1, 4), between(1, 5), between(1, 4)};
        const int32_t n = product(dim, 3);
        tin_one_hot_params p = {1 << i % 4,
                                i % 3 ? 4 : 8,
                                random_divisor(n),
                                dim[0],
                                dim[1],
                                dim[2],
                                {1, 2, 3, 4, 5, 6, 7, 8},
                                {9, 8, 7, 6, 5, 4, 3, 2}};
        tin_rows in = random_indices(dim[0] * dim[2], p.index_bytes, dim[1]);
        const job j = job_on(tin_one_hot, &p, need_first, in.base, in.row_bytes,
                             n / p.row_elems, p.row_elems * p.elem_bytes);
        tin_rows out;

        cr_assert_eq(tin_one_hot_check(&p, NULL), TIN_OK);
        out = run_job(&j);
        for (int32_t k = 0; k < n; k++) {
            int32_t at[3];

            indices_of(dim, 3, k, at);
            same_element(&out, k,
                         index_at(&in, p.index_bytes, at[0] * dim[2] + at[2]) ==
                                 at[1]
                             ? p.on
                             : p.off,
                         p.elem_bytes);
        }
        ring_free(&in), ring_free(&out);
    }
}

Test(one_hot, check)
{
    const tin_one_hot_params good = {4, 8, 6, 2, 3, 4, {0}, {0}};
    tin_one_hot_params p;

    REFUSE(p.elem_bytes = 5, tin_one_hot_check, TIN_ERR_ARG);
    REFUSE(p.index_bytes = 1, tin_one_hot_check, TIN_ERR_ARG);
    REFUSE(p.row_elems = 5, tin_one_hot_check, TIN_ERR_SHAPE);
    REFUSE(p.outer = 0, tin_one_hot_check, TIN_ERR_SHAPE);
    REFUSE(p.depth = 0, tin_one_hot_check, TIN_ERR_SHAPE);
    REFUSE(p.inner = -1, tin_one_hot_check, TIN_ERR_SHAPE);
    REFUSE(p.depth = INT32_MAX, tin_one_hot_check, TIN_ERR_OVERFLOW);
}

/* ---- Mirror pad --------------------------------------------------------- */

/* Where place `at` along an axis comes from, by walking to and fro. */
static int32_t walk_mirror(const tin_mirror_pad_params *p, int d, int32_t at)
{
    const int32_t size = p->in_dim[d];
    int32_t x = at - p->before[d];

    if (x < 0)
        x = p->edge ? -1 - x : -x;
    if (x >= size)
        x = p->edge ? 2 * size - 1 - x : 2 * size - 2 - x;
    return x;
}

/* The indices of the input at element i of the output; returns their row. */
static int32_t mirrored(const tin_mirror_pad_params *p, int32_t i, int32_t *at)
{
    indices_of(p->out_dim, TIN_DIMS, i, at);
    for (int d = 0; d < TIN_DIMS; d++)
        at[d] = walk_mirror(p, d, at[d]);
    return (at[0] * p->in_dim[1] + at[1]) * p->in_dim[2] + at[2];
}

static void need_mirrored(const void *params, int k, int32_t y, int32_t *first,
                          int32_t *last)
{
    const tin_mirror_pad_params *p = params;
    int32_t at[TIN_DIMS];

    (void)k;
    *first = *last = mirrored(p, y * p->out_dim[3] * p->out_dim[4], at);
}

static tin_mirror_pad_params random_mirror(int i)
{
    tin_mirror_pad_params p;

    memset(&p, 0, sizeof p);
    p.elem_bytes = 1 << i % 4;
    p.edge = i / 4 % 2;
    for (int d = 0; d < TIN_DIMS; d++) {
        const int32_t most = (p.in_dim[d] = between(1, 3)) - 1 + p.edge;

        p.before[d] = i % 3 ? between(0, most) : 0;
        p.out_dim[d] =
            p.before[d] + p.in_dim[d] + (i % 5 ? between(0, most) : 0);
    }
    return p;
}

Test(mirror_pad, seeded_shapes)
{
    for (int i = 0; i < 400; i++) {
        const tin_mirror_pad_params p = random_mirror(i);
        const int32_t n = p.out_dim[3] * p.out_dim[4];
        tin_rows in = ring_new(product(p.in_dim, 3),
                               p.in_dim[3] * p.in_dim[4] * p.elem_bytes);
        const job j =
            job_on(tin_mirror_pad, &p, need_mirrored, in.base, in.row_bytes,
                   product(p.out_dim, 3), n * p.elem_bytes);
        tin_rows out;

        cr_assert_eq(tin_mirror_pad_check(&p, NULL), TIN_OK);
        ring_fill(&in);
        out = run_job(&j);
        for (int32_t k = 0; k < out.rows * n; k++) {
            int32_t at[TIN_DIMS];
            const int32_t row = mirrored(&p, k, at);

            same_element(&out, k,
                         (unsigned char *)tin_row(&in, row) +
                             (at[3] * p.in_dim[4] + at[4]) * p.elem_bytes,
                         p.elem_bytes);
        }
        ring_free(&in), ring_free(&out);
    }
}

Test(mirror_pad, check)
{
    const tin_mirror_pad_params good = {
        2, {1, 2, 3, 4, 5}, {1, 4, 5, 7, 9}, {0, 1, 2, 3, 4}, 0};
    tin_mirror_pad_params p;

    REFUSE(p.elem_bytes = 16, tin_mirror_pad_check, TIN_ERR_ARG);
    REFUSE(p.edge = 2, tin_mirror_pad_check, TIN_ERR_ARG);
    for (int d = 0; d < TIN_DIMS; d++) {
        REFUSE(p.in_dim[d] = 0, tin_mirror_pad_check, TIN_ERR_SHAPE);
        REFUSE(p.out_dim[d] = 0, tin_mirror_pad_check, TIN_ERR_SHAPE);
        REFUSE(p.before[d] = -1, tin_mirror_pad_check, TIN_ERR_SHAPE);
        REFUSE(p.before[d] = INT32_MAX, tin_mirror_pad_check, TIN_ERR_SHAPE);
        REFUSE(p.before[d] = p.in_dim[d], tin_mirror_pad_check, TIN_ERR_SHAPE);
        REFUSE(p.out_dim[d] += p.in_dim[d], tin_mirror_pad_check,
               TIN_ERR_SHAPE);
        REFUSE(p.in_dim[d] = INT32_MAX, tin_mirror_pad_check, TIN_ERR_OVERFLOW);
    }
}
