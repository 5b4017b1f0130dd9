/* SPDX-License-Identifier: MIT */
/*
 * The kernels of tinyinfer_fpu.h in C, as they are without the unit: against
 * the portable kernels, rows at once and one by one from rings that hold no row
 * too many; and every condition that a check refuses. The assembly is tested
 * by tests/variants.
 */
#include "tinyinfer_fpu.h"

#include <math.h>
#include "rings.h"

static float *random_floats(int32_t n)
{
    float *x = malloc((size_t)n * sizeof *x);

    for (int32_t i = 0; i < n; i++)
        x[i] = (float)between(-1000, 1000) / 250;
    return x;
}

static tin_rows resident(const float *x, int32_t rows, int32_t elems)
{
    tin_rows r = {0};

    r.base = (void *)(uintptr_t)x;
    r.row_bytes = 4 * elems;
    r.rows = rows;
    return r;
}

/* ---- Convolutions ------------------------------------------------------- */

/* Windows of all kinds, but for the channels. */
static void random_window(tin_window *w, int i)
{
    w->in_h = between(1, 7);
    w->in_w = between(1, 11);
    w->kernel_h = between(1, i % 7 ? 4 : 40);
    w->kernel_w = between(1, i % 6 ? 4 : 11);
    w->stride_h = between(1, 2);
    w->stride_w = between(1, 2);
    w->dilation_h = between(1, 2);
    w->dilation_w = between(1, 2);
    w->pad_top = between(0, 3);
    w->pad_left = between(0, 3);
    w->out_h = between(1, 7);
    w->out_w = between(1, 9);
}

static tin_conv2d_f32_params random_conv(int i)
{
    tin_conv2d_f32_params p;

    random_window(&p.window, i);
    if (i % 9 == 0) { // rows that lie side by side are one
        p.window.kernel_h = p.window.kernel_w = 1;
        p.window.stride_h = p.window.stride_w = 1;
        p.window.pad_top = p.window.pad_left = 0;
        p.window.out_h = p.window.in_h;
        p.window.out_w = p.window.in_w;
    }
    p.groups = i % 5 ? 1 : between(1, 3);
    if (i % 18 == 0) // but not these, which have in_c weights a filter, too
        p.groups = p.window.kernel_h = 2;
    p.window.in_c = p.groups * (i % 40 ? between(1, 9) : between(127, 130));
    p.window.out_c = p.groups * between(4, 9);
    p.act_min = i % 3 ? -INFINITY : 0;
    p.act_max = i % 5 ? INFINITY : 6;
    return p;
}

/* The rows that output row y sees; one where it sees none. */
static void rows_seen(const tin_window *w, int32_t y, int32_t *first,
                      int32_t *n)
{
    const int32_t image = y / w->out_h;
    const int32_t at = (y - image * w->out_h) * w->stride_h - w->pad_top;
    int32_t k0, k1;

    tin_window_clip(at, w->kernel_h, w->dilation_h, w->in_h, &k0, &k1);
    *first = image * w->in_h + (k0 < k1 ? at + k0 * w->dilation_h : 0);
    *n = k0 < k1 ? (k1 - k0 - 1) * w->dilation_h + 1 : 1;
}

/* A kernel and what it needs. */
typedef struct {
    tin_kernel *kernel;
    const void *params;
    void *scratch;
} task;

static void run_row(task t, const tin_rows *in, const tin_window *w, int32_t y,
                    float *to)
{
    const int32_t bytes = 4 * w->out_w * w->out_c;
    tin_rows ring, out = ring_new(1, bytes);
    int32_t first, n;

    rows_seen(w, y, &first, &n);
    ring = ring_new(n, in->row_bytes);
    for (int32_t i = first; i < first + n; i++)
        memcpy(tin_row(&ring, i), tin_row(in, i), (size_t)in->row_bytes);
    t.kernel(t.params, &ring, &out, y, y + 1, t.scratch);
    memcpy(to, out.base, (size_t)bytes);
    ring_free(&ring);
    ring_free(&out);
}

static void expect_near(const float *want, const float *got, int32_t n,
                        double most)
{
    for (int32_t i = 0; i < n; i++)
        cr_assert(fabs((double)want[i] - (double)got[i]) <= most,
                  "%.9g is not %.9g", (double)got[i], (double)want[i]);
}

/* All rows at once, within `most` of the portable kernel; then one by one, the
 * same bits. */
static void compare(task portable, task variant, const tin_window *w,
                    double most)
{
    const int32_t images = between(1, 2);
    const int32_t rows = images * w->out_h, elems = w->out_w * w->out_c;
    float *x = random_floats(images * w->in_h * w->in_w * w->in_c);
    float *want = random_floats(rows * elems), *got = random_floats(elems);
    const tin_rows in = resident(x, images * w->in_h, w->in_w * w->in_c);
    const tin_rows to = resident(want, rows, elems);
    tin_rows out = ring_new(rows, 4 * elems);

    portable.kernel(portable.params, &in, &to, 0, rows, NULL);
    variant.kernel(variant.params, &in, &out, 0, rows, variant.scratch);
    expect_near(want, out.base, rows * elems, most);
    for (int32_t y = 0; y < rows; y++) {
        run_row(variant, &in, w, y, got);
        cr_assert_arr_eq(tin_row(&out, y), got, (size_t)out.row_bytes);
    }
    ring_free(&out);
    free(x), free(want), free(got);
}

Test(conv2d_f32_fpu, seeded_shapes)
{
    for (int i = 0; i < 600; i++) {
        tin_conv2d_f32_params p = random_conv(i);
        const tin_window *w = &p.window;
        float *weights = random_floats(w->out_c * w->kernel_h * w->kernel_w *
                                       w->in_c / p.groups);
        float *bias = random_floats(w->out_c);

        p.weights = weights;
        p.bias = i % 4 ? bias : NULL;
        cr_assert_eq(tin_conv2d_f32_fpu_check(&p, NULL), TIN_OK);
        compare((task){tin_conv2d_f32, &p, NULL},
                (task){tin_conv2d_f32_fpu, &p, NULL}, w, 0);
        free(weights), free(bias);
    }
}

Test(conv2d_f32_f2_fpu, seeded_shapes)
{
    for (int i = 0; i < 300; i++) {
        tin_conv2d_f32_f2_fpu_params f2;
        tin_conv2d_f32_params p = random_conv(i);
        tin_window *w = &p.window;
        float *weights, *bias, *packed;
        void *scratch;

        w->kernel_h = w->kernel_w = 3;
        w->stride_h = w->stride_w = w->dilation_h = w->dilation_w = 1;
        p.groups = 1;
        w->out_c = between(0, 1) ? between(7, 8) : between(14, 16);
        weights = random_floats(w->out_c * 9 * w->in_c);
        bias = random_floats(w->out_c);
        p.weights = weights;
        p.bias = i % 4 ? bias : NULL;
        f2.conv = p;
        f2.conv.weights = f2.conv.bias = NULL;
        cr_assert_gt(tin_conv2d_f32_f2_fpu_packed_size(&p), 0);
        f2.packed = packed =
            malloc((size_t)tin_conv2d_f32_f2_fpu_packed_size(&p));
        tin_conv2d_f32_f2_fpu_pack(&p, packed);
        cr_assert_eq(tin_conv2d_f32_f2_fpu_check(&f2, NULL), TIN_OK);
        scratch = malloc((size_t)tin_conv2d_f32_f2_fpu_scratch_size(&f2));
        // products are below 16
        compare((task){tin_conv2d_f32, &p, NULL},
                (task){tin_conv2d_f32_f2_fpu, &f2, scratch}, w,
                1e-6 * (16 * 9 * w->in_c + 4));
        free(weights), free(bias), free(packed), free(scratch);
    }
}

Test(dwconv2d_f32_fpu, seeded_shapes)
{
    for (int i = 0; i < 600; i++) {
        tin_dwconv2d_f32_params p;
        tin_window *w = &p.window;
        float *weights, *bias;

        random_window(w, i);
        if (w->kernel_h > TIN_FPU_PIECES)
            w->kernel_h = TIN_FPU_PIECES;
        w->in_c = w->out_c = between(8, 33);
        p.act_min = i % 3 ? -INFINITY : 0;
        p.act_max = i % 5 ? INFINITY : 6;
        p.weights = weights =
            random_floats(w->kernel_h * w->kernel_w * w->in_c);
        bias = random_floats(w->out_c);
        p.bias = i % 4 ? bias : NULL;
        cr_assert_eq(tin_dwconv2d_f32_fpu_check(&p, NULL), TIN_OK);
        compare((task){tin_dwconv2d_f32, &p, NULL},
                (task){tin_dwconv2d_f32_fpu, &p, NULL}, w, 0);
        free(weights), free(bias);
    }
}

static const tin_window plain = {4, 4, 8, 4, 4, 8, 3, 3, 1, 1, 1, 1, 1, 1};

Test(conv2d_f32_fpu, check)
{
    const float weights[1] = {0};
    const tin_conv2d_f32_params good = {plain, 1, 0, 1, weights, NULL};
    tin_conv2d_f32_params p;

    REFUSE(p.weights = NULL, tin_conv2d_f32_fpu_check, TIN_ERR_ARG);
    REFUSE(p.window.out_c = 3, tin_conv2d_f32_fpu_check, TIN_ERR_UNSUPPORTED);
    REFUSE(p.groups = 4, tin_conv2d_f32_fpu_check, TIN_ERR_UNSUPPORTED);
    REFUSE((p.window.kernel_w = 37, p.window.dilation_w = 2),
           tin_conv2d_f32_fpu_check, TIN_ERR_UNSUPPORTED);
}

Test(dwconv2d_f32_fpu, check)
{
    const float weights[8 * 9] = {0};
    const tin_dwconv2d_f32_params good = {plain, 0, 1, weights, NULL};
    tin_dwconv2d_f32_params p;

    REFUSE(p.weights = NULL, tin_dwconv2d_f32_fpu_check, TIN_ERR_ARG);
    REFUSE(p.window.in_c = p.window.out_c = 7, tin_dwconv2d_f32_fpu_check,
           TIN_ERR_UNSUPPORTED);
    REFUSE(p.window.out_c = 16, tin_dwconv2d_f32_fpu_check,
           TIN_ERR_UNSUPPORTED);
    REFUSE(p.window.kernel_h = 37, tin_dwconv2d_f32_fpu_check,
           TIN_ERR_UNSUPPORTED);
}

Test(conv2d_f32_f2_fpu, check)
{
    const float packed[1] = {0};
    const tin_conv2d_f32_f2_fpu_params good = {{plain, 1, 0, 1, NULL, NULL},
                                               packed};
    tin_conv2d_f32_f2_fpu_params p;

    REFUSE(p.packed = NULL, tin_conv2d_f32_f2_fpu_check, TIN_ERR_ARG);
    REFUSE(p.conv.act_max = -1, tin_conv2d_f32_f2_fpu_check, TIN_ERR_ARG);
    REFUSE(p.conv.groups = 2, tin_conv2d_f32_f2_fpu_check, TIN_ERR_UNSUPPORTED);
    REFUSE(p.conv.window.kernel_w = 2, tin_conv2d_f32_f2_fpu_check,
           TIN_ERR_UNSUPPORTED);
    REFUSE(p.conv.window.stride_h = 2, tin_conv2d_f32_f2_fpu_check,
           TIN_ERR_UNSUPPORTED);
    REFUSE(p.conv.window.dilation_w = 2, tin_conv2d_f32_f2_fpu_check,
           TIN_ERR_UNSUPPORTED);
    REFUSE(p.conv.window.in_w = 0, tin_conv2d_f32_f2_fpu_check, TIN_ERR_SHAPE);
    REFUSE(p.conv.window.in_w = 0x7ffffff, tin_conv2d_f32_f2_fpu_check,
           TIN_ERR_OVERFLOW);
    REFUSE(p.conv.window.in_c = TIN_FPU_CHANNELS + 1,
           tin_conv2d_f32_f2_fpu_check, TIN_ERR_OVERFLOW);
}

Test(conv2d_f32_f2_fpu, packed_size)
{
    const float weights[1] = {0};
    tin_conv2d_f32_params p = {plain, 1, 0, 1, weights, NULL};

    cr_assert_eq(tin_conv2d_f32_f2_fpu_packed_size(&p), 4 * 8 * (16 * 8 + 1));
    p.window.out_c = 9; // seven channels for nothing
    cr_assert_eq(tin_conv2d_f32_f2_fpu_packed_size(&p), TIN_ERR_UNSUPPORTED);
    p.window.out_c = 8;
    p.window.stride_w = 2;
    cr_assert_eq(tin_conv2d_f32_f2_fpu_packed_size(&p), TIN_ERR_UNSUPPORTED);
    p.window.stride_w = 1;
    p.window.in_c = 1 << 19;
    p.window.out_c = 64;
    cr_assert_eq(tin_conv2d_f32_f2_fpu_packed_size(&p), TIN_ERR_OVERFLOW);
}

/* ---- Dense -------------------------------------------------------------- */

Test(dense_f32_fpu, seeded_shapes)
{
    for (int i = 0; i < 300; i++) {
        tin_dense_f32_params d = {
            between(1, 40), 8 * between(1, 6), 0, 0, 0, 0};
        const int32_t rows = between(1, 3);
        tin_dense_f32_fpu_params p;
        float *x, *weights, *bias, *want, *packed;
        tin_rows in, to, out;

        d.out_c -= between(0, 1);
        d.weights = weights = random_floats(d.in_c * d.out_c);
        bias = random_floats(d.out_c);
        d.bias = i % 4 ? bias : NULL;
        d.act_min = i % 3 ? -INFINITY : 0;
        d.act_max = i % 5 ? INFINITY : 6;
        x = random_floats(rows * d.in_c);
        want = random_floats(rows * d.out_c);
        packed = malloc((size_t)tin_dense_f32_fpu_packed_size(&d));
        tin_dense_f32_fpu_pack(&d, packed);
        p.dense = d;
        p.dense.weights = p.dense.bias = NULL;
        p.packed = packed;
        cr_assert_eq(tin_dense_f32_fpu_check(&p, NULL), TIN_OK);
        in = resident(x, rows, d.in_c);
        to = resident(want, rows, d.out_c);
        out = ring_new(rows, 4 * d.out_c);
        tin_dense_f32(&d, &in, &to, 0, rows, NULL);
        tin_dense_f32_fpu(&p, &in, &out, 0, rows, NULL);
        expect_near(want, out.base, rows * d.out_c, 0);
        ring_free(&out);
        free(x), free(weights), free(bias), free(want), free(packed);
    }
}

Test(dense_f32_fpu, check)
{
    const float packed[1] = {0};
    const tin_dense_f32_fpu_params good = {{8, 8, 0, 1, NULL, NULL}, packed};
    tin_dense_f32_fpu_params p;

    REFUSE(p.packed = NULL, tin_dense_f32_fpu_check, TIN_ERR_ARG);
    REFUSE(p.dense.in_c = 0, tin_dense_f32_fpu_check, TIN_ERR_SHAPE);
    REFUSE(p.dense.act_min = NAN, tin_dense_f32_fpu_check, TIN_ERR_ARG);
}

Test(dense_f32_fpu, packed_size)
{
    const float weights[1] = {0};
    tin_dense_f32_params d = {3, 8, 0, 1, weights, NULL};

    cr_assert_eq(tin_dense_f32_fpu_packed_size(&d), 4 * (16 + 3 * 8));
    d.out_c = 39;
    cr_assert_eq(tin_dense_f32_fpu_packed_size(&d), 4 * (48 + 3 * 40));
    d.out_c = 10; // six channels for nothing
    cr_assert_eq(tin_dense_f32_fpu_packed_size(&d), TIN_ERR_UNSUPPORTED);
    d.out_c = 32;
    d.in_c = 1 << 24;
    cr_assert_eq(tin_dense_f32_fpu_packed_size(&d), TIN_ERR_OVERFLOW);
    d.in_c = INT32_MAX;
    cr_assert_eq(tin_dense_f32_fpu_packed_size(&d), TIN_ERR_OVERFLOW);
}
