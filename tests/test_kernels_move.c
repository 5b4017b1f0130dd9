/* SPDX-License-Identifier: MIT */
/*
 * The kernels that convert and move data: quantize, dequantize, pad, concat.
 * Rows in any pieces, byte for byte; seeded shapes against naive versions;
 * hostile values; and every condition that a check refuses.
 */
#include <math.h>
#include "row_jobs.h"

/* A kernel that makes row y of row y. */
static tin_rows run_rowwise(tin_kernel *kernel, const void *params,
                            const tin_rows *in, int32_t out_bytes)
{
    const job j = job_on(kernel, params, need_same, in->base, in->row_bytes,
                         in->rows, out_bytes);

    return run_job(&j);
}

/* ---- Quantize ----------------------------------------------------------- */

static float float_at(const tin_rows *r, int32_t i)
{
    float x;

    memcpy(&x, (unsigned char *)r->base + (size_t)i * sizeof x, sizeof x);
    return x;
}

/* The definition in double: the quotient is rounded to float first. */
static int32_t naive_quantize(float x, float scale, int32_t zero)
{
    const float quotient = x / scale;
    double q;

    if (isnan(quotient))
        return zero;
    q = round((double)quotient) + zero;
    return q < -128 ? -128 : q > 127 ? 127 : (int32_t)q;
}

/* Any bits at all: NaN, Inf, denormals; or numbers around halves. */
static void fill_floats(tin_rows *r, int any_bits, float scale)
{
    ring_fill(r);
    for (int32_t i = 0; !any_bits && i < r->rows * r->row_bytes / 4; i++) {
        const float x = (float)between(-600, 600) * 0.5f * scale;

        memcpy((unsigned char *)r->base + (size_t)i * 4, &x, 4);
    }
}

Test(quantize_f32_s8, seeded_shapes)
{
    static const float scales[6] = {1, 0.5f, 0.1f, 1e-3f, 1e-42f, 3e38f};

    for (int i = 0; i < 300; i++) {
        const tin_quantize_f32_s8_params p = {between(1, 40), scales[i % 6],
                                              between(-128, 127)};
        tin_rows in = ring_new(between(1, 4), 4 * p.row_elems), out;
        const int8_t *q;

        cr_assert_eq(tin_quantize_f32_s8_check(&p, NULL), TIN_OK);
        fill_floats(&in, i % 2, p.scale);
        out = run_rowwise(tin_quantize_f32_s8, &p, &in, p.row_elems);
        q = out.base;
        for (int32_t k = 0; k < in.rows * p.row_elems; k++) {
            cr_assert_eq(q[k],
                         naive_quantize(float_at(&in, k), p.scale, p.zero));
        }
        ring_free(&in), ring_free(&out);
    }
}

Test(quantize_f32_s8, special_values)
{
    float x[12] = {NAN,   INFINITY, -INFINITY, -0.0f,  1e10f,       -1e10f,
                   0.25f, -0.25f,   0.75f,     -1.25f, 0.24999999f, 62.0f};
    const int8_t want[12] = {3, 127, -128, 3, 127, -128, 4, 2, 5, 0, 3, 127};
    const tin_quantize_f32_s8_params p = {12, 0.5f, 3};
    int8_t q[12];
    const tin_rows in = {x, sizeof x, 1, 0}, out = {q, sizeof q, 1, 0};

    tin_quantize_f32_s8(&p, &in, &out, 0, 1, NULL);
    for (int i = 0; i < 12; i++)
        cr_assert_eq(q[i], want[i], "value %d", i);
}

Test(quantize_f32_s8, check)
{
    const tin_quantize_f32_s8_params good = {4, 0.5f, -128};
    tin_quantize_f32_s8_params p;

    REFUSE(p.row_elems = 0, tin_quantize_f32_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.row_elems = 0x20000000, tin_quantize_f32_s8_check,
           TIN_ERR_OVERFLOW);
    REFUSE(p.scale = 0, tin_quantize_f32_s8_check, TIN_ERR_QUANT);
    REFUSE(p.scale = -1, tin_quantize_f32_s8_check, TIN_ERR_QUANT);
    REFUSE(p.scale = NAN, tin_quantize_f32_s8_check, TIN_ERR_QUANT);
    REFUSE(p.scale = INFINITY, tin_quantize_f32_s8_check, TIN_ERR_QUANT);
    REFUSE(p.zero = -129, tin_quantize_f32_s8_check, TIN_ERR_QUANT);
    REFUSE(p.zero = 128, tin_quantize_f32_s8_check, TIN_ERR_QUANT);
}

/* ---- Dequantize --------------------------------------------------------- */

Test(dequantize_s8_f32, seeded_shapes)
{
    for (int i = 0; i < 200; i++) {
        const tin_dequantize_s8_f32_params p = {
            between(1, 40), (float)between(1, 100000) / 65537.0f,
            between(-128, 127)};
        tin_rows in = ring_new(between(1, 4), p.row_elems), out;
        const int8_t *q = in.base;

        cr_assert_eq(tin_dequantize_s8_f32_check(&p, NULL), TIN_OK);
        ring_fill(&in);
        out = run_rowwise(tin_dequantize_s8_f32, &p, &in, 4 * p.row_elems);
        for (int32_t k = 0; k < in.rows * p.row_elems; k++) {
            const double want = (double)p.scale * (q[k] - p.zero);

            cr_assert(float_at(&out, k) == (float)want);
        }
        ring_free(&in), ring_free(&out);
    }
}

Test(dequantize_s8_f32, all_bytes_come_back)
{
    int8_t q[256], back[256];
    float x[256];
    const tin_rows in = {q, 256, 1, 0}, real = {x, sizeof x, 1, 0};
    const tin_rows out = {back, 256, 1, 0};
    const tin_dequantize_s8_f32_params p = {256, 0.0123f, -7};
    const tin_quantize_f32_s8_params inverse = {256, 0.0123f, -7};

    for (int i = 0; i < 256; i++)
        q[i] = (int8_t)(i - 128);
    tin_dequantize_s8_f32(&p, &in, &real, 0, 1, NULL);
    tin_quantize_f32_s8(&inverse, &real, &out, 0, 1, NULL);
    cr_assert_arr_eq(q, back, 256);
}

Test(dequantize_s8_f32, check)
{
    const tin_dequantize_s8_f32_params good = {4, 0.5f, 127};
    tin_dequantize_s8_f32_params p;

    REFUSE(p.row_elems = 0, tin_dequantize_s8_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.row_elems = 0x20000000, tin_dequantize_s8_f32_check,
           TIN_ERR_OVERFLOW);
    REFUSE(p.scale = 0, tin_dequantize_s8_f32_check, TIN_ERR_QUANT);
    REFUSE(p.scale = NAN, tin_dequantize_s8_f32_check, TIN_ERR_QUANT);
    REFUSE(p.scale = INFINITY, tin_dequantize_s8_f32_check, TIN_ERR_QUANT);
    REFUSE(p.zero = -129, tin_dequantize_s8_f32_check, TIN_ERR_QUANT);
    REFUSE(p.zero = 128, tin_dequantize_s8_f32_check, TIN_ERR_QUANT);
}

/* ---- Positions ---------------------------------------------------------- */

static int32_t rows_of(const int32_t *dim)
{
    return dim[0] * dim[1] * dim[2];
}

/* Element i of a tensor as five coordinates, and back. */
static void place_of(const int32_t *dim, int32_t i, int32_t *at)
{
    for (int d = TIN_DIMS - 1; d >= 0; d--) {
        at[d] = i % dim[d];
        i /= dim[d];
    }
}

static size_t index_of(const int32_t *dim, const int32_t *at)
{
    int32_t i = 0;

    for (int d = 0; d < TIN_DIMS; d++)
        i = i * dim[d] + at[d];
    return (size_t)i;
}

/* ---- Pad ---------------------------------------------------------------- */

/* The bytes that belong at element i of the output. */
static const unsigned char *pad_at(const tin_pad_params *p,
                                   const unsigned char *in, int32_t i)
{
    int32_t at[TIN_DIMS];

    place_of(p->out_dim, i, at);
    for (int d = 0; d < TIN_DIMS; d++) {
        at[d] -= p->before[d];
        if (at[d] < 0 || at[d] >= p->in_dim[d])
            return p->value;
    }
    return in + index_of(p->in_dim, at) * (size_t)p->elem_bytes;
}

/* The one input row that goes into output row y, or none. */
static void need_padded(const void *params, int k, int32_t y, int32_t *first,
                        int32_t *last)
{
    const tin_pad_params *p = params;
    int32_t at[TIN_DIMS];

    (void)k;
    place_of(p->out_dim, y * p->out_dim[3] * p->out_dim[4], at);
    *first = 0;
    *last = -1;
    for (int d = 0; d < 3; d++) {
        at[d] -= p->before[d];
        if (at[d] < 0 || at[d] >= p->in_dim[d])
            return;
    }
    *first = *last = (at[0] * p->in_dim[1] + at[1]) * p->in_dim[2] + at[2];
}

Test(pad, seeded_shapes)
{
    for (int i = 0; i < 400; i++) {
        tin_pad_params p = {1 << i % 4, {0}, {0}, {0}, {1, 2, 3, 4, 5, 6, 7}};
        tin_rows in, out;
        int32_t elems;
        job j;

        for (int d = 0; d < TIN_DIMS; d++) {
            p.in_dim[d] = between(1, 3);
            p.before[d] = i % 3 ? between(0, 2) : 0;
            p.out_dim[d] =
                p.before[d] + p.in_dim[d] + (i % 5 ? between(0, 2) : 0);
        }
        cr_assert_eq(tin_pad_check(&p, NULL), TIN_OK);
        in = ring_new(rows_of(p.in_dim),
                      p.in_dim[3] * p.in_dim[4] * p.elem_bytes);
        elems = p.out_dim[3] * p.out_dim[4];
        j = job_on(tin_pad, &p, need_padded, in.base, in.row_bytes,
                   rows_of(p.out_dim), elems * p.elem_bytes);
        ring_fill(&in);
        out = run_job(&j);
        for (int32_t k = 0; k < out.rows * elems; k++) {
            cr_assert_arr_eq((unsigned char *)out.base + k * p.elem_bytes,
                             pad_at(&p, in.base, k), (size_t)p.elem_bytes);
        }
        ring_free(&in), ring_free(&out);
    }
}

Test(pad, check)
{
    const tin_pad_params good = {
        2, {1, 2, 3, 4, 5}, {3, 4, 5, 6, 7}, {1, 1, 1, 2, 2}, {0}};
    tin_pad_params p;

    REFUSE(p.elem_bytes = 0, tin_pad_check, TIN_ERR_ARG);
    REFUSE(p.elem_bytes = 3, tin_pad_check, TIN_ERR_ARG);
    REFUSE(p.elem_bytes = 16, tin_pad_check, TIN_ERR_ARG);
    for (int d = 0; d < TIN_DIMS; d++) {
        REFUSE(p.in_dim[d] = 0, tin_pad_check, TIN_ERR_SHAPE);
        REFUSE(p.out_dim[d] = 0, tin_pad_check, TIN_ERR_SHAPE);
        REFUSE(p.before[d] = -1, tin_pad_check, TIN_ERR_SHAPE);
        REFUSE(p.before[d] = 3, tin_pad_check, TIN_ERR_SHAPE);
        REFUSE(p.before[d] = INT32_MAX, tin_pad_check, TIN_ERR_SHAPE);
        REFUSE(p.in_dim[d] = INT32_MAX, tin_pad_check, TIN_ERR_OVERFLOW);
        REFUSE(p.out_dim[d] = INT32_MAX, tin_pad_check, TIN_ERR_OVERFLOW);
    }
}

/* ---- Concat ------------------------------------------------------------- */

/* Input k begins here along the axis. */
static int32_t concat_begin(const tin_concat_params *p, int32_t k)
{
    int32_t begin = p->first;

    for (int32_t i = 0; i < k; i++)
        begin += p->extent[i];
    return begin;
}

/* The input that has element i of the output, and where: the row and the byte
 * in it; -1 where the element is another step's. */
static int32_t concat_at(const tin_concat_params *p, int32_t i, int32_t *row,
                         int32_t *byte)
{
    int32_t at[TIN_DIMS];

    place_of(p->dim, i, at);
    for (int32_t k = 0; k < p->n_in; k++) {
        const int32_t begin = concat_begin(p, k);
        int32_t dim[TIN_DIMS];

        if (at[p->axis] < begin || at[p->axis] >= begin + p->extent[k])
            continue;
        memcpy(dim, p->dim, sizeof dim);
        at[p->axis] -= begin;
        dim[p->axis] = p->extent[k];
        *row = (at[0] * dim[1] + at[1]) * dim[2] + at[2];
        *byte = (at[3] * dim[4] + at[4]) * p->elem_bytes;
        return k;
    }
    return -1;
}

/* Of each input the one row that it must, or none. */
static void need_joined(const void *params, int k, int32_t y, int32_t *first,
                        int32_t *last)
{
    const tin_concat_params *p = params;
    const int32_t elems = p->dim[3] * p->dim[4];

    *first = 0;
    *last = -1;
    for (int32_t i = y * elems; i < (y + 1) * elems; i++) {
        int32_t row, byte;

        if (concat_at(p, i, &row, &byte) == k)
            *first = *last = row;
    }
}

static tin_concat_params random_concat(int i)
{
    tin_concat_params p;
    int32_t end;

    memset(&p, 0, sizeof p);
    p.elem_bytes = 1 << i % 4;
    p.axis = i % TIN_DIMS;
    p.n_in = between(1, TIN_CONCAT_MAX);
    for (int32_t k = 0; k < p.n_in; k++)
        p.extent[k] = between(1, 3);
    p.first = i % 2 ? between(0, 3) : 0;
    end = concat_begin(&p, p.n_in);
    for (int d = 0; d < TIN_DIMS; d++)
        p.dim[d] = between(1, 3);
    p.dim[p.axis] = end + (i % 3 ? 0 : between(0, 3));
    return p;
}

static void check_concat(const tin_concat_params *p, const tin_rows *in,
                         const tin_rows *out)
{
    const size_t size = (size_t)p->elem_bytes;
    tin_rows empty = ring_new(1, 8);

    for (int32_t i = 0; i < out->rows * out->row_bytes / p->elem_bytes; i++) {
        int32_t row, byte;
        const int32_t k = concat_at(p, i, &row, &byte);
        const void *want =
            k < 0 ? empty.base : (unsigned char *)tin_row(&in[k], row) + byte;

        cr_assert_arr_eq((unsigned char *)out->base + (size_t)i * size, want,
                         size);
    }
    ring_free(&empty);
}

Test(concat, seeded_shapes)
{
    for (int i = 0; i < 400; i++) {
        const tin_concat_params p = random_concat(i);
        job j = {.run = tin_concat,
                 .params = &p,
                 .need = need_joined,
                 .n_in = p.n_in,
                 .out_rows = rows_of(p.dim),
                 .out_bytes = p.dim[3] * p.dim[4] * p.elem_bytes};
        tin_rows out;

        cr_assert_eq(tin_concat_check(&p, NULL), TIN_OK);
        for (int32_t k = 0; k < p.n_in; k++) {
            int32_t dim[TIN_DIMS];

            memcpy(dim, p.dim, sizeof dim);
            dim[p.axis] = p.extent[k];
            j.in[k] = ring_new(rows_of(dim), dim[3] * dim[4] * p.elem_bytes);
            ring_fill(&j.in[k]);
        }
        out = run_job(&j);
        check_concat(&p, j.in, &out);
        for (int32_t k = 0; k < p.n_in; k++)
            ring_free(&j.in[k]);
        ring_free(&out);
    }
}

Test(concat, two_steps_make_a_wide_one)
{
    char a[] = "abAB", b[] = "cdeCDE", all[] = "..........";
    const tin_concat_params left = {1, {1, 1, 1, 2, 5}, 4, 0, 1, {2}};
    const tin_concat_params right = {1, {1, 1, 1, 2, 5}, 4, 2, 1, {3}};
    const tin_rows in_a = {a, 4, 1, 0}, in_b = {b, 6, 1, 0},
                   out = {all, 10, 1, 0};

    tin_concat(&left, &in_a, &out, 0, 1, NULL);
    cr_assert_str_eq(all, "ab...AB...");
    tin_concat(&right, &in_b, &out, 0, 1, NULL);
    cr_assert_str_eq(all, "abcdeABCDE");
}

Test(concat, check)
{
    const tin_concat_params good = {4, {9, 9, 9, 9, 9}, 2, 1, 2, {3, 4}};
    tin_concat_params p;

    REFUSE(p.elem_bytes = 5, tin_concat_check, TIN_ERR_ARG);
    REFUSE(p.axis = -1, tin_concat_check, TIN_ERR_ARG);
    REFUSE(p.axis = 5, tin_concat_check, TIN_ERR_ARG);
    REFUSE(p.n_in = 0, tin_concat_check, TIN_ERR_ARG);
    REFUSE(p.n_in = TIN_CONCAT_MAX + 1, tin_concat_check, TIN_ERR_ARG);
    REFUSE(p.extent[1] = 0, tin_concat_check, TIN_ERR_SHAPE);
    REFUSE(p.extent[1] = 6, tin_concat_check, TIN_ERR_SHAPE);
    REFUSE(p.extent[0] = p.extent[1] = INT32_MAX, tin_concat_check,
           TIN_ERR_SHAPE);
    REFUSE(p.first = -1, tin_concat_check, TIN_ERR_SHAPE);
    REFUSE(p.first = 3, tin_concat_check, TIN_ERR_SHAPE);
    REFUSE(p.first = INT32_MAX, tin_concat_check, TIN_ERR_SHAPE);
    for (int d = 0; d < TIN_DIMS; d++) {
        REFUSE(p.dim[d] = 0, tin_concat_check, TIN_ERR_SHAPE);
        REFUSE(p.dim[d] = INT32_MAX, tin_concat_check, TIN_ERR_OVERFLOW);
    }
}
