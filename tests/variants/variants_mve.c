/* SPDX-License-Identifier: MIT */
/* variants_mve.c: the kernels of kernels/mve; see variants.h. */
#include "variants.h"

#if TIN_HAVE_MVE

# include <string.h>

/* What a case needs besides its params. */
typedef struct {
    const char *name;
    tin_kernel *portable, *mve;
    const void *portable_params, *mve_params;
    int32_t in_rows, in_row_bytes, out_rows, out_row_bytes;
    int32_t scratch_bytes;
    int32_t (*last_row)(const void *params, int32_t y); /* read for y */
    int32_t ring; /* rows of the input's ring in the third way below */
} job;

static void *words(int32_t n)
{
    return variants_buffer(4 * (uint32_t)n, 0);
}

/* Rows in pieces of 1 .. 4, into a ring of five. */
static void in_pieces(const job *j, const tin_rows *in, const tin_rows *out,
                      void *scratch)
{
    tin_rows ring = variants_tensor(5, j->out_row_bytes);

    ring.first = variants_range(0, 4);
    for (int32_t y = 0; y < j->out_rows;) {
        int32_t end = y + variants_range(1, 4);

        end = end < j->out_rows ? end : j->out_rows;
        j->mve(j->mve_params, in, &ring, y, end, scratch);
        for (; y < end; y++)
            memcpy(tin_row(out, y), tin_row(&ring, y),
                   (size_t)j->out_row_bytes);
    }
}

/* Row by row from a ring into a single row. */
static void in_rings(const job *j, const tin_rows *in, const tin_rows *out,
                     void *scratch)
{
    tin_rows ring = variants_tensor(j->ring, j->in_row_bytes);
    const tin_rows one = variants_tensor(1, j->out_row_bytes);
    int32_t next = 0;

    ring.first = variants_range(0, j->ring - 1);
    for (int32_t y = 0; y < j->out_rows; y++) {
        const int32_t last = j->last_row(j->portable_params, y);

        for (; next <= last; next++)
            memcpy(tin_row(&ring, next), tin_row(in, next),
                   (size_t)j->in_row_bytes);
        j->mve(j->mve_params, &ring, &one, y, y + 1, scratch);
        memcpy(tin_row(out, y), one.base, (size_t)j->out_row_bytes);
    }
}

static void compare(variants_report *r, const job *j)
{
    const tin_rows in = variants_tensor(j->in_rows, j->in_row_bytes);
    const tin_rows want = variants_tensor(j->out_rows, j->out_row_bytes);
    const tin_rows got = variants_tensor(j->out_rows, j->out_row_bytes);
    const uint32_t bytes = (uint32_t)(j->out_rows * j->out_row_bytes);
    void *scratch =
        variants_buffer((uint32_t)j->scratch_bytes, 4 * variants_random() % 16);

    if (variants_random() % 8 == 0) {
        memset(in.base, variants_random() % 2 ? 127 : -128,
               (size_t)(j->in_rows * j->in_row_bytes));
    }
    j->portable(j->portable_params, &in, &want, 0, j->out_rows, NULL);
    switch (variants_random() % (j->last_row ? 3 : 2)) {
    case 0: j->mve(j->mve_params, &in, &got, 0, j->out_rows, scratch); break;
    case 1: in_pieces(j, &in, &got, scratch); break;
    default: in_rings(j, &in, &got, scratch); break;
    }
    variants_check(r, j->name, want.base, got.base, bytes);
}

/* ---- Filters ------------------------------------------------------------ */

typedef struct {
    int8_t *weights, *shift;
    int32_t *bias, *multiplier;
} filters;

/* Shifts that use all of the output's range, most of the time. `taps` is at
 * most 4000, so that no sum overflows. */
static filters make_filters(int32_t channels, int32_t taps)
{
    const int32_t style = variants_range(0, 7);
    const uint32_t n = (uint32_t)channels * (uint32_t)taps;
    int32_t bits = 6;
    filters f;

    for (int32_t t = taps; t > 1; t /= 4)
        bits++;
    f.weights = variants_buffer(n, variants_random() % 16);
    f.shift = variants_buffer((uint32_t)channels, variants_random() % 16);
    f.bias = words(channels);
    f.multiplier = words(channels);
    for (uint32_t i = 0; i < n; i++) {
        if (f.weights[i] == -128 || style == 0)
            f.weights[i] = variants_random() % 2 ? 127 : -127;
    }
    for (int32_t c = 0; c < channels; c++) {
        f.bias[c] = variants_range(-60000, 60000);
        f.multiplier[c] = variants_range(1 << 30, INT32_MAX);
        f.shift[c] = (int8_t)-variants_range(bits - 3, bits + 1);
        if (style == 1) {
            f.multiplier[c] = 1 << 30; // ties
            f.bias[c] &= -(1 << 8);
        }
        if (style == 2)
            f.shift[c] = (int8_t)-variants_range(bits - 6, bits + 14);
        if (style == 3)
            f.shift[c] = (int8_t)-variants_range(0, 31);
        if (style == 4 && c % 3 == 0)
            f.multiplier[c] = c % 2 ? 0 : INT32_MAX;
    }
    if (variants_random() % 8 == 0)
        f.bias = NULL;
    return f;
}

static int32_t zero_point(void)
{
    switch (variants_random() % 4) {
    case 0: return -128;
    case 1: return 127;
    default: return variants_range(-128, 127);
    }
}

/* The clamp of a ReLU, of none, or any. */
static void make_clamp(int32_t zero, int32_t *lo, int32_t *hi)
{
    *lo = -128;
    *hi = 127;
    if (variants_random() % 2)
        *lo = zero;
    if (variants_random() % 4 == 0) {
        *lo = variants_range(-128, 127);
        *hi = variants_range(*lo, 127);
    }
}

/* ---- Windows ------------------------------------------------------------ */

static int32_t last_row(const void *params, int32_t y)
{
    const tin_window *w = params; // the first member of all params
    const int32_t n = y / w->out_h;
    const int32_t last = (y - n * w->out_h) * w->stride_h - w->pad_top +
                         (w->kernel_h - 1) * w->dilation_h;

    return n * w->in_h + tin_clamp(last, 0, w->in_h - 1);
}

static int32_t extent(int32_t in, int32_t kernel, int32_t stride,
                      int32_t dilation, int32_t pad)
{
    const int32_t room = in + pad - (kernel - 1) * dilation - 1;

    return room < 0 ? 1 : room / stride + 1;
}

static tin_window make_window(int32_t seed, int32_t most_c)
{
    static const int32_t counts[] = {1,  2,  3,  4,  5,  7,  8,  9,
                                     13, 15, 16, 17, 31, 32, 33, 64};
    tin_window w;
    int32_t pad_h, pad_w;

    w.in_c = counts[variants_random() % 16];
    w.out_c = counts[variants_random() % 16];
    w.in_c = w.in_c < most_c ? w.in_c : most_c;
    w.kernel_h = seed % 4 == 0 ? 1 : seed % 4 == 1 ? 3 : variants_range(1, 6);
    w.kernel_w = seed % 4 == 0 ? 1 : seed % 4 == 1 ? 3 : variants_range(1, 5);
    w.stride_h = variants_range(1, 3);
    w.stride_w = variants_range(1, 3);
    w.dilation_h = variants_random() % 4 ? 1 : variants_range(1, 3);
    w.dilation_w = variants_random() % 4 ? 1 : variants_range(1, 3);
    w.in_h = variants_range(1, 9);
    w.in_w = variants_range(1, 14);
    w.pad_top = variants_range(0, w.kernel_h - 1);
    w.pad_left = variants_range(0, w.kernel_w - 1);
    pad_h = w.pad_top + variants_range(0, 2);
    pad_w = w.pad_left + variants_range(0, 2);
    w.out_h = extent(w.in_h, w.kernel_h, w.stride_h, w.dilation_h, pad_h);
    w.out_w = extent(w.in_w, w.kernel_w, w.stride_w, w.dilation_w, pad_w);
    return w;
}

/* The rows of a window's job. */
static void set_rows(job *j, const tin_window *w)
{
    const int32_t images = variants_range(1, 2);

    j->in_rows = images * w->in_h;
    j->in_row_bytes = w->in_w * w->in_c;
    j->out_rows = images * w->out_h;
    j->out_row_bytes = w->out_w * w->out_c;
    j->last_row = last_row;
    j->ring = (w->kernel_h - 1) * w->dilation_h + 1 + variants_range(0, 1);
}

/* ---- Families ----------------------------------------------------------- */

/* Filters and quantization of any layer with weights. */
# define MAKE_LAYER(q, channels, taps)                                         \
  do {                                                                         \
   const filters f = make_filters(channels, taps);                             \
   q.in_zero = zero_point();                                                   \
   q.out_zero = zero_point();                                                  \
   make_clamp(q.out_zero, &q.act_min, &q.act_max);                             \
   q.weights = f.weights;                                                      \
   q.bias = f.bias;                                                            \
   q.multiplier = f.multiplier;                                                \
   q.shift = f.shift;                                                          \
  } while (0)

/* A job that compares a kernel on q with its variant on p, whose member m is q
 * without what it does not read. */
# define MAKE_JOB(kernel, m)                                                   \
  do {                                                                         \
   int32_t *packed = words(tin_##kernel##_mve_packed_size(&q) / 4);            \
   tin_##kernel##_mve_pack(&q, packed);                                        \
   p.m = q;                                                                    \
   p.m.weights = NULL;                                                         \
   p.m.bias = p.m.multiplier = NULL;                                           \
   p.m.shift = NULL;                                                           \
   p.packed = packed;                                                          \
   r->failed += tin_##kernel##_mve_check(&p, NULL) != TIN_OK;                  \
   j.name = #kernel "_mve";                                                    \
   j.portable = tin_##kernel;                                                  \
   j.mve = tin_##kernel##_mve;                                                 \
   j.portable_params = &q;                                                     \
   j.mve_params = &p;                                                          \
  } while (0)

static void conv2d(variants_report *r, uint32_t seed, const tin_window *fixed)
{
    tin_conv2d_s8_mve_params p;
    tin_conv2d_s8_params q;
    job j;

    variants_begin(seed);
    q.window = fixed ? *fixed : make_window((int32_t)seed, 64);
    q.groups = 1;
    MAKE_LAYER(q, q.window.out_c,
               q.window.kernel_h * q.window.kernel_w * q.window.in_c);
    MAKE_JOB(conv2d_s8, conv);
    j.scratch_bytes = tin_conv2d_s8_mve_scratch_size(&p);
    set_rows(&j, &q.window);
    compare(r, &j);
}

static void dwconv2d(variants_report *r, uint32_t seed, const tin_window *fixed)
{
    tin_dwconv2d_s8_mve_params p;
    tin_dwconv2d_s8_params q;
    job j;

    variants_begin(seed);
    q.window = fixed ? *fixed : make_window((int32_t)seed, 64);
    q.window.out_c = q.window.in_c;
    MAKE_LAYER(q, q.window.out_c, q.window.kernel_h * q.window.kernel_w);
    MAKE_JOB(dwconv2d_s8, conv);
    j.scratch_bytes = tin_dwconv2d_s8_mve_scratch_size(&p);
    set_rows(&j, &q.window);
    compare(r, &j);
}

static void dense(variants_report *r, uint32_t seed, int32_t in_c,
                  int32_t out_c)
{
    tin_dense_s8_mve_params p;
    tin_dense_s8_params q;
    job j;

    variants_begin(seed);
    q.in_c = in_c ? in_c : variants_range(1, 70);
    q.out_c = out_c ? out_c : variants_range(1, 37);
    MAKE_LAYER(q, q.out_c, q.in_c);
    MAKE_JOB(dense_s8, dense);
    j.in_rows = j.out_rows = variants_range(1, 3);
    j.in_row_bytes = q.in_c;
    j.out_row_bytes = q.out_c;
    j.scratch_bytes = 0;
    j.last_row = NULL;
    compare(r, &j);
}

/* Where a broadcast input moves along an extent, and how many rows and
 * elements of a row it has. */
static void make_strides(const int32_t dim[TIN_DIMS], int32_t stride[TIN_DIMS],
                         int32_t *rows, int32_t *row)
{
    const uint32_t style = variants_random() % 4;
    int32_t size = 1;

    for (int32_t i = TIN_DIMS - 1; i >= 0; i--) {
        const int repeats = style == 0 && variants_random() % 2;

        if (i == 2) {
            *row = size;
            size = 1;
        }
        stride[i] = repeats ? 0 : size;
        size *= repeats ? 1 : dim[i];
    }
    *rows = size;
}

static void add(variants_report *r, uint32_t seed)
{
    const uint32_t style = seed % 4;
    tin_add_s8_params p;
    tin_rows in[2], want, got;
    int32_t rows[2], row[2], n_rows, n_row;

    variants_begin(seed);
    for (int32_t i = 0; i < TIN_DIMS; i++)
        p.shape.dim[i] = variants_range(1, i == 4 ? 37 : 4);
    make_strides(p.shape.dim, p.shape.stride_a, &rows[0], &row[0]);
    make_strides(p.shape.dim, p.shape.stride_b, &rows[1], &row[1]);
    n_rows = p.shape.dim[0] * p.shape.dim[1] * p.shape.dim[2];
    n_row = p.shape.dim[3] * p.shape.dim[4];
    p.a_zero = zero_point();
    p.b_zero = zero_point();
    p.out_zero = zero_point();
    p.left_shift = style == 1 ? variants_range(9, 21) : 20;
    p.a_multiplier = style == 2 ? 1 << 30 : variants_range(0, INT32_MAX);
    p.b_multiplier = variants_range(1 << 30, INT32_MAX);
    p.out_multiplier = variants_range(1 << 30, INT32_MAX);
    p.a_shift = -(int32_t)(variants_random() % (style == 1 ? 32 : 3));
    p.b_shift = -(int32_t)(variants_random() % (style == 1 ? 32 : 3));
    p.out_shift = -variants_range(style == 1 ? 0 : 16, style == 1 ? 31 : 20);
    make_clamp(p.out_zero, &p.act_min, &p.act_max);
    in[0] = variants_tensor(rows[0], row[0]);
    in[1] = variants_tensor(rows[1], row[1]);
    want = variants_tensor(n_rows, n_row);
    got = variants_tensor(n_rows, n_row);
    tin_add_s8(&p, in, &want, 0, n_rows, NULL);
    if (style == 3 && rows[0] == n_rows && row[0] == n_row) {
        variants_run(tin_add_s8_mve, &p, in, &in[0], 0, n_rows,
                     NULL); // in place
        got = in[0];
    } else {
        const int32_t y = variants_range(0, n_rows);

        variants_run(tin_add_s8_mve, &p, in, &got, 0, y, NULL);
        variants_run(tin_add_s8_mve, &p, in, &got, y, n_rows, NULL);
    }
    variants_check(r, "add_s8_mve", want.base, got.base,
                   (uint32_t)(n_rows * n_row));
}

static void gavgpool2d(variants_report *r, uint32_t seed)
{
    tin_gavgpool2d_s8_params p;
    tin_rows in, want, got;
    void *scratch[2];
    int32_t rows, y;

    variants_begin(seed);
    p.origin = 128 * variants_range(0, 1);
    p.in_h = variants_range(1, 9);
    p.in_w = variants_range(1, 9);
    p.c = variants_range(1, 37);
    make_clamp(0, &p.act_min, &p.act_max);
    rows = p.in_h * variants_range(1, 3);
    in = variants_tensor(rows, p.in_w * p.c);
    want = variants_tensor(rows / p.in_h, p.c);
    got = variants_tensor(rows / p.in_h, p.c);
    scratch[0] = words(p.c);
    scratch[1] = words(p.c);
    y = variants_range(0, rows);
    tin_gavgpool2d_s8(&p, &in, &want, 0, rows, scratch[0]);
    variants_run(tin_gavgpool2d_s8_mve, &p, &in, &got, 0, y, scratch[1]);
    variants_run(tin_gavgpool2d_s8_mve, &p, &in, &got, y, rows, scratch[1]);
    variants_check(r, "gavgpool2d_s8_mve", want.base, got.base,
                   (uint32_t)(rows / p.in_h * p.c));
}

/* The kinds of layers of small networks, a few rows of each: in_h, in_w,
 * in_c, out_h, out_w, out_c, kernel, strides, dilations, pads. */
static const tin_window known[] = {
    {25, 5, 64, 25, 5, 64, 1, 1, 1, 1, 1, 1, 0, 0},
    {49, 10, 1, 25, 5, 64, 10, 4, 2, 2, 1, 1, 4, 1},
    {25, 5, 64, 25, 5, 64, 3, 3, 1, 1, 1, 1, 1, 1},
    {9, 48, 3, 5, 24, 8, 3, 3, 2, 2, 1, 1, 0, 0},
    {5, 48, 8, 5, 48, 16, 1, 1, 1, 1, 1, 1, 0, 0},
    {6, 24, 32, 3, 12, 32, 3, 3, 2, 2, 1, 1, 0, 0},
    {3, 3, 256, 3, 3, 256, 3, 3, 1, 1, 1, 1, 1, 1},
    {4, 32, 16, 4, 32, 16, 3, 3, 1, 1, 1, 1, 1, 1},
    {8, 32, 3, 8, 32, 16, 3, 3, 1, 1, 1, 1, 1, 1},
    {8, 16, 32, 4, 8, 64, 3, 3, 2, 2, 1, 1, 0, 0},
    {8, 16, 32, 4, 8, 64, 1, 1, 2, 2, 1, 1, 0, 0},
    {6, 6, 128, 6, 6, 128, 3, 3, 1, 1, 1, 1, 1, 1},
};
enum { KNOWN = sizeof known / sizeof known[0] };

/* Layers that these kernels leave to the portable ones say so. */
static void refused(variants_report *r)
{
    static const int8_t weights[4] = {1, 2, 3, 4}, shift[2] = {-1, 1};
    static const int8_t right[2] = {-1, 0};
    static const int32_t multiplier[2] = {1 << 30, 1 << 30};
    static const tin_window w = {1, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 0, 0};
    const int32_t want = TIN_ERR_UNSUPPORTED;
    tin_conv2d_s8_params conv = {w,   1,       0,    0,          -128,
                                 127, weights, NULL, multiplier, shift};
    tin_dwconv2d_s8_params dw = {w,       0,    0,          -128, 127,
                                 weights, NULL, multiplier, shift};
    const tin_dense_s8_params dense_left = {
        2, 2, 0, 0, -128, 127, weights, NULL, multiplier, shift};
    int32_t got[5];

    variants_begin(1);
    got[0] = tin_conv2d_s8_mve_packed_size(&conv);
    got[1] = tin_dwconv2d_s8_mve_packed_size(&dw);
    got[2] = tin_dense_s8_mve_packed_size(&dense_left);
    conv.shift = dw.shift = right;
    conv.groups = 2;
    got[3] = tin_conv2d_s8_mve_packed_size(&conv);
    dw.window.in_c = 1;
    got[4] = tin_dwconv2d_s8_mve_packed_size(&dw);
    for (int32_t i = 0; i < 5; i++)
        variants_check(r, "refused", &want, &got[i], sizeof want);
}

void variants_mve(variants_report *r)
{
    refused(r);
    for (uint32_t i = 0; i < KNOWN; i++) {
        const tin_window *w = &known[i];

        if (w->in_c < 256)
            conv2d(r, 10 + i, w);
        dwconv2d(r, 40 + i, w);
    }
    for (uint32_t seed = 100; seed < 300; seed++) {
        conv2d(r, seed, NULL);
        dwconv2d(r, seed, NULL);
        dense(r, seed, 0, 0);
        add(r, seed);
        gavgpool2d(r, seed);
    }
    dense(r, 70, 640, 128);
    dense(r, 71, 128, 640);
    dense(r, 72, 128, 8);
    dense(r, 73, 8, 128);
}

#else

void variants_mve(variants_report *r)
{
    r->unavailable++;
}

#endif /* TIN_HAVE_MVE */
