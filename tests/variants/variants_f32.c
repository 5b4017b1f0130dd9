/* SPDX-License-Identifier: MIT */
/*
 * variants_f32.c: see variants.h. Float convolution and dense layers in blocks
 * against the portable kernels: the same bits, but for Winograd's transform.
 */
#include "variants.h"

#if TIN_HAVE_FPU

# include "tinyinfer_fpu.h"

# include <math.h>
# include <string.h>

/* Floats in -2 .. 2, among them some that a sum does not survive. */
static float *make_floats(uint32_t n, int special)
{
    float *x = variants_buffer(4 * n, 4 * (variants_random() % 4));

    for (uint32_t i = 0; x && i < n; i++)
        x[i] = (float)variants_range(-2000, 2000) / 1000;
    for (uint32_t i = variants_random() % 9; x && special && i < n; i += 97) {
        const float rare[] = {NAN, INFINITY, -INFINITY, 1e-40f, -0.0f, 3e38f};

        x[i] = rare[variants_random() % 6];
    }
    return x;
}

static void make_bounds(float *lo, float *hi)
{
    const int kind = (int)variants_range(0, 3);

    *lo = kind == 0 ? -INFINITY : kind == 3 ? -1.5f : 0;
    *hi = kind < 2 ? INFINITY : 6;
}

static tin_rows make_tensor(int32_t rows, int32_t floats, int special)
{
    tin_rows r;

    r.rows = rows;
    r.row_bytes = 4 * floats;
    r.first = 0;
    r.base = make_floats((uint32_t)(rows * floats), special);
    return r;
}

/* All rows in pieces of 1 .. 3, into a ring of as many. */
static void run_pieces(tin_kernel *kernel, const void *params,
                       const tin_rows *in, const tin_rows *got, void *scratch)
{
    tin_rows ring = make_tensor(3, got->row_bytes / 4, 0);

    ring.first = variants_range(0, 2);
    for (int32_t y = 0, end; y < got->rows; y = end) {
        end = y + variants_range(1, 3);
        end = end < got->rows ? end : got->rows;
        variants_run(kernel, params, in, &ring, y, end, scratch);
        for (int32_t i = y; i < end; i++)
            memcpy(tin_row(got, i), tin_row(&ring, i), (size_t)ring.row_bytes);
    }
}

/* ---- Convolution -------------------------------------------------------- */

static int32_t out_size(int32_t in, int32_t kernel, int32_t dilation,
                        int32_t stride, int32_t pad)
{
    const int32_t room = in + 2 * pad - (kernel - 1) * dilation - 1;

    return room < 0 ? 1 : room / stride + 1;
}

static void random_window(tin_window *w, int32_t *groups)
{
    static const int32_t channels[] = {1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 24, 33};
    const int32_t pad = variants_range(0, 2);

    *groups = variants_range(0, 4) ? 1 : variants_range(1, 3);
    w->in_h = variants_range(1, 7);
    w->in_w = variants_range(1, 13);
    w->in_c = *groups * channels[variants_random() % (*groups > 1 ? 6 : 12)];
    w->out_c = *groups * variants_range(4, 11);
    w->kernel_h = variants_range(1, variants_range(0, 6) ? 4 : 40);
    w->kernel_w = variants_range(1, variants_range(0, 5) ? 4 : 11);
    w->stride_h = variants_range(1, 2);
    w->stride_w = variants_range(1, 3);
    w->dilation_h = variants_range(0, 3) ? 1 : 2;
    w->dilation_w = variants_range(0, 3) ? 1 : 2;
    w->pad_top = pad;
    w->pad_left = variants_range(0, 2);
    w->out_h =
        out_size(w->in_h, w->kernel_h, w->dilation_h, w->stride_h, w->pad_top);
    w->out_w =
        out_size(w->in_w, w->kernel_w, w->dilation_w, w->stride_w, w->pad_left);
}

/* 1x1: rows that lie side by side are one. */
static void make_pointwise(tin_window *w)
{
    w->kernel_h = w->kernel_w = w->stride_h = w->stride_w = 1;
    w->pad_top = w->pad_left = 0;
    w->out_h = w->in_h;
    w->out_w = w->in_w;
}

static void conv2d_case(variants_report *r, uint32_t seed)
{
    const int special = seed % 4 == 3;
    tin_conv2d_f32_params p;
    const tin_window *w = &p.window;
    tin_rows in, want, got;
    uint32_t weights;
    int32_t images;

    variants_begin(seed);
    random_window(&p.window, &p.groups);
    if (seed % 6 == 0)
        make_pointwise(&p.window);
    make_bounds(&p.act_min, &p.act_max);
    weights =
        (uint32_t)(w->out_c * w->kernel_h * w->kernel_w * w->in_c / p.groups);
    p.weights = make_floats(weights, 0);
    p.bias =
        variants_range(0, 3) ? make_floats((uint32_t)w->out_c, special) : NULL;
    images = variants_range(1, 2);
    in = make_tensor(images * w->in_h, w->in_w * w->in_c, special);
    in.first = variants_range(0, in.rows - 1);
    want = make_tensor(images * w->out_h, w->out_w * w->out_c, 0);
    got = make_tensor(want.rows, w->out_w * w->out_c, 0);
    if (!p.weights || !in.base || !want.base || !got.base ||
        tin_conv2d_f32_fpu_check(&p, NULL) != TIN_OK) {
        variants_check(r, "conv2d_f32_fpu", "refused", "       ", 7);
        return;
    }
    tin_conv2d_f32(&p, &in, &want, 0, want.rows, NULL);
    run_pieces(tin_conv2d_f32_fpu, &p, &in, &got, NULL);
    variants_check(r, "conv2d_f32_fpu", want.base, got.base,
                   (uint32_t)(want.rows * want.row_bytes));
}

void variants_conv2d_f32(variants_report *r)
{
    for (uint32_t seed = 0; seed < 600; seed++)
        conv2d_case(r, seed);
}

/* ---- Depthwise convolution ---------------------------------------------- */

static void dwconv2d_case(variants_report *r, uint32_t seed)
{
    const int special = seed % 4 == 3;
    tin_dwconv2d_f32_params p;
    tin_window *w = &p.window;
    tin_rows in, want, got;

    variants_begin(seed);
    random_window(w, &w->in_c);
    w->in_c = w->out_c = seed < 30 ? (int32_t)seed + 8 : variants_range(8, 20);
    if (w->kernel_h > TIN_FPU_PIECES)
        w->kernel_h = TIN_FPU_PIECES;
    make_bounds(&p.act_min, &p.act_max);
    p.weights =
        make_floats((uint32_t)(w->kernel_h * w->kernel_w * w->in_c), special);
    p.bias =
        variants_range(0, 3) ? make_floats((uint32_t)w->out_c, special) : NULL;
    in =
        make_tensor(variants_range(1, 2) * w->in_h, w->in_w * w->in_c, special);
    in.first = variants_range(0, in.rows - 1);
    want = make_tensor(in.rows / w->in_h * w->out_h, w->out_w * w->out_c, 0);
    got = make_tensor(want.rows, w->out_w * w->out_c, 0);
    if (!p.weights || !in.base || !want.base || !got.base ||
        tin_dwconv2d_f32_fpu_check(&p, NULL) != TIN_OK) {
        variants_check(r, "dwconv2d_f32_fpu", "refused", "       ", 7);
        return;
    }
    tin_dwconv2d_f32(&p, &in, &want, 0, want.rows, NULL);
    run_pieces(tin_dwconv2d_f32_fpu, &p, &in, &got, NULL);
    variants_check(r, "dwconv2d_f32_fpu", want.base, got.base,
                   (uint32_t)(want.rows * want.row_bytes));
}

void variants_dwconv2d_f32(variants_report *r)
{
    for (uint32_t seed = 0; seed < 600; seed++)
        dwconv2d_case(r, seed);
}

/* ---- Winograd ------------------------------------------------------------ */

/* 1 if all outputs are near enough to those of the portable kernel: inputs are
 * in -2 .. 2. */
static int are_near(const tin_conv2d_f32_params *p, const tin_rows *want,
                    const tin_rows *got)
{
    const tin_window *w = &p->window;
    const int32_t taps = 9 * w->in_c;

    for (int32_t oc = 0; oc < w->out_c; oc++) {
        float size = p->bias ? fabsf(p->bias[oc]) : 0;

        for (int32_t t = 0; t < taps; t++)
            size += 2 * fabsf(p->weights[oc * taps + t]);
        for (int32_t i = 0; i < want->rows * w->out_w; i++) {
            const float *a = want->base, *b = got->base;
            const int32_t at = i * w->out_c + oc;

            if (!(fabsf(a[at] - b[at]) <= 1e-6f * size))
                return 0;
        }
    }
    return 1;
}

static void winograd_window(tin_window *w, uint32_t seed)
{
    static const int32_t outs[] = {7, 8, 14, 15, 16, 24};

    random_window(w, &w->in_c);
    w->in_c = seed < 40 ? (int32_t)seed + 1 : variants_range(1, 20);
    w->out_c = outs[variants_random() % 6];
    w->in_h = variants_range(1, 8);
    w->kernel_h = w->kernel_w = 3;
    w->stride_h = w->stride_w = w->dilation_h = w->dilation_w = 1;
    w->out_h = out_size(w->in_h, 3, 1, 1, w->pad_top);
    w->out_w = out_size(w->in_w, 3, 1, 1, w->pad_left);
}

static void winograd_case(variants_report *r, uint32_t seed)
{
    tin_conv2d_f32_f2_fpu_params p;
    tin_conv2d_f32_params c;
    const tin_window *w = &c.window;
    tin_rows in, want, got;
    int32_t size;
    float *packed;
    void *scratch;

    variants_begin(seed);
    winograd_window(&c.window, seed);
    c.groups = 1;
    make_bounds(&c.act_min, &c.act_max);
    c.weights = make_floats((uint32_t)(w->out_c * 9 * w->in_c), 0);
    c.bias = variants_range(0, 3) ? make_floats((uint32_t)w->out_c, 0) : NULL;
    in = make_tensor(variants_range(1, 2) * w->in_h, w->in_w * w->in_c, 0);
    in.first = variants_range(0, in.rows - 1);
    want = make_tensor(in.rows / w->in_h * w->out_h, w->out_w * w->out_c, 0);
    got = make_tensor(want.rows, w->out_w * w->out_c, 0);
    size = tin_conv2d_f32_f2_fpu_packed_size(&c);
    packed = variants_buffer((uint32_t)size, 4);
    p.conv = c;
    p.conv.weights = p.conv.bias = NULL; // all of it is in `packed`
    p.packed = packed;
    scratch =
        variants_buffer((uint32_t)tin_conv2d_f32_f2_fpu_scratch_size(&p), 4);
    if (size <= 0 || !packed || !scratch || !got.base ||
        tin_conv2d_f32_f2_fpu_check(&p, NULL) != TIN_OK) {
        variants_check(r, "conv2d_f32_f2_fpu", "refused", "       ", 7);
        return;
    }
    tin_conv2d_f32_f2_fpu_pack(&c, packed);
    tin_conv2d_f32(&c, &in, &want, 0, want.rows, NULL);
    run_pieces(tin_conv2d_f32_f2_fpu, &p, &in, &got, scratch);
    if (are_near(&c, &want, &got))
        memcpy(got.base, want.base, (size_t)(want.rows * want.row_bytes));
    variants_check(r, "conv2d_f32_f2_fpu", want.base, got.base,
                   (uint32_t)(want.rows * want.row_bytes));
}

void variants_winograd_f32(variants_report *r)
{
    for (uint32_t seed = 0; seed < 400; seed++)
        winograd_case(r, seed);
}

/* ---- Dense -------------------------------------------------------------- */

static void dense_case(variants_report *r, uint32_t seed)
{
    static const int32_t outs[] = {7, 8, 14, 15, 16, 31, 40};
    const int special = seed % 4 == 3;
    tin_dense_f32_fpu_params p;
    tin_dense_f32_params *d = &p.dense;
    tin_rows in, want, got;
    float *packed;
    int32_t size;

    variants_begin(seed);
    d->in_c = seed < 100 ? (int32_t)seed + 1 : variants_range(1, 300);
    d->out_c = outs[variants_random() % 7];
    make_bounds(&d->act_min, &d->act_max);
    d->weights = make_floats((uint32_t)(d->in_c * d->out_c), 0);
    d->bias =
        variants_range(0, 3) ? make_floats((uint32_t)d->out_c, special) : NULL;
    in = make_tensor(variants_range(1, 3), d->in_c, special);
    in.first = variants_range(0, in.rows - 1);
    want = make_tensor(in.rows, d->out_c, 0);
    got = make_tensor(in.rows, d->out_c, 0);
    size = tin_dense_f32_fpu_packed_size(d);
    p.packed = packed = variants_buffer((uint32_t)size, 4);
    if (size <= 0 || !packed || tin_dense_f32_fpu_check(&p, NULL) != TIN_OK) {
        variants_check(r, "dense_f32_fpu", "refused", "       ", 7);
        return;
    }
    tin_dense_f32_fpu_pack(d, packed);
    tin_dense_f32(d, &in, &want, 0, want.rows, NULL);
    d->weights = d->bias = NULL; // all of it is in `packed`
    run_pieces(tin_dense_f32_fpu, &p, &in, &got, NULL);
    variants_check(r, "dense_f32_fpu", want.base, got.base,
                   (uint32_t)(want.rows * want.row_bytes));
}

void variants_dense_f32(variants_report *r)
{
    for (uint32_t seed = 0; seed < 400; seed++)
        dense_case(r, seed);
}

#else

void variants_conv2d_f32(variants_report *r)
{
    r->unavailable++;
}

void variants_dwconv2d_f32(variants_report *r)
{
    r->unavailable++;
}

void variants_winograd_f32(variants_report *r)
{
    r->unavailable++;
}

void variants_dense_f32(variants_report *r)
{
    r->unavailable++;
}

#endif
