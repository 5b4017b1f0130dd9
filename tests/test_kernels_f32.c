/* SPDX-License-Identifier: MIT */
/*
 * The float kernels: rows made in pieces and between short rings equal rows
 * made at once, bit for bit; seeded shapes against naive versions in double;
 * NaN, Inf and -0.0; and every condition that a check refuses.
 */
#include <math.h>
#include "tinyinfer_kernels.h"
#include "rings.h"

/* ---- Random numbers ----------------------------------------------------- */

static float random_float(void)
{
    return (float)between(-1000000, 1000000) / 250000.0f;
}

/* n random floats, to be freed. */
static float *random_floats(int32_t n)
{
    float *x = malloc((size_t)n * sizeof(float));

    for (int32_t i = 0; i < n; i++)
        x[i] = random_float();
    return x;
}

/* ---- Running a kernel --------------------------------------------------- */

/* What rings are filled with: inputs with NaN, which would spread, outputs
 * with a number that no kernel would write back. */
enum { IN = 0xff, OUT = 0xc3 };

/* The input rows that output row y needs of input k. */
typedef void need(const void *params, int k, int32_t y, int32_t *first,
                  int32_t *last);

typedef struct {
    tin_kernel *run;
    const void *params;
    need *need;
    int n_in;
    const float *in[2];
    int32_t in_elems[2]; /* of a row */
    int32_t out_rows, out_elems;
} job;

/* A ring of rows between two guards, all of it bytes `fill`. */
static tin_rows floats_new(int32_t rows, int32_t elems, int fill)
{
    const size_t bytes = (size_t)rows * (size_t)elems * 4;
    unsigned char *mem = malloc(bytes + 2 * GUARD);
    tin_rows r;

    memset(mem, fill, bytes + 2 * GUARD);
    r.base = mem + GUARD;
    r.row_bytes = elems * 4;
    r.rows = rows;
    r.first = 0;
    return r;
}

static void floats_free(tin_rows *r, int fill)
{
    unsigned char *mem = (unsigned char *)r->base - GUARD;
    const size_t bytes = (size_t)r->rows * (size_t)r->row_bytes;

    for (size_t i = 0; i < GUARD; i++) {
        cr_assert_eq(mem[i], fill, "a byte before the ring was written");
        cr_assert_eq(mem[GUARD + bytes + i], fill,
                     "a byte behind the ring was written");
    }
    free(mem);
}

static tin_rows resident(const float *x, int32_t elems)
{
    tin_rows r;

    r.base = (void *)(uintptr_t)x;
    r.row_bytes = elems * 4;
    r.rows = INT32_MAX;
    r.first = 0;
    return r;
}

/* A ring that holds nothing but rows first .. last of input k, and begins
 * anywhere. */
static tin_rows window_of(const job *j, int k, int32_t first, int32_t last)
{
    tin_rows ring = floats_new(last - first + 1, j->in_elems[k], IN);

    ring.first = between(0, ring.rows - 1);
    for (int32_t y = first; y <= last; y++) {
        memcpy(tin_row(&ring, y), j->in[k] + (ptrdiff_t)y * j->in_elems[k],
               (size_t)ring.row_bytes);
    }
    return ring;
}

/* Output row y from rings that hold no row too many into a ring of two. */
static void run_row(const job *j, int32_t y, const void *expected)
{
    tin_rows in[2], out = floats_new(2, j->out_elems, OUT), untouched;

    untouched = floats_new(1, j->out_elems, OUT);
    out.first = between(0, 1);
    for (int k = 0; k < j->n_in; k++) {
        int32_t first, last;

        j->need(j->params, k, y, &first, &last);
        in[k] = window_of(j, k, first, last);
    }
    j->run(j->params, in, &out, y, y + 1, NULL);
    cr_assert_arr_eq(tin_row(&out, y), expected, (size_t)out.row_bytes,
                     "row %d differs when made alone", (int)y);
    cr_assert_arr_eq(tin_row(&out, y + 1), untouched.base,
                     (size_t)out.row_bytes);
    for (int k = 0; k < j->n_in; k++)
        floats_free(&in[k], IN);
    floats_free(&out, OUT);
    floats_free(&untouched, OUT);
}

/* All rows at once, to be freed; then in pieces, then one by one, the same. */
static float *run(const job *j)
{
    const size_t row_bytes = (size_t)j->out_elems * 4;
    tin_rows in[2], whole = floats_new(j->out_rows, j->out_elems, OUT);
    tin_rows pieces = floats_new(j->out_rows, j->out_elems, OUT);
    float *result = malloc(row_bytes * (size_t)j->out_rows);

    for (int k = 0; k < j->n_in; k++)
        in[k] = resident(j->in[k], j->in_elems[k]);
    j->run(j->params, in, &whole, 0, j->out_rows, NULL);
    for (int32_t y = 0, end; y < j->out_rows; y = end) {
        end = between(y, j->out_rows);
        j->run(j->params, in, &pieces, y, end, NULL);
    }
    cr_assert_arr_eq(whole.base, pieces.base, row_bytes * (size_t)j->out_rows);
    for (int32_t y = 0; y < j->out_rows; y++)
        run_row(j, y, tin_row(&whole, y));
    memcpy(result, whole.base, row_bytes * (size_t)j->out_rows);
    floats_free(&whole, OUT);
    floats_free(&pieces, OUT);
    return result;
}

/* An elementwise kernel in place gives the same. */
static void run_in_place(const job *j, int k, const float *expected)
{
    const int32_t n = j->out_rows * j->out_elems;
    tin_rows in[2], out = floats_new(j->out_rows, j->out_elems, OUT);

    memcpy(out.base, j->in[k], (size_t)n * 4);
    for (int i = 0; i < j->n_in; i++)
        in[i] = resident(j->in[i], j->in_elems[i]);
    in[k] = out;
    j->run(j->params, in, &out, 0, j->out_rows, NULL);
    cr_assert_arr_eq(out.base, expected, (size_t)n * 4);
    floats_free(&out, OUT);
}

/* Row y needs row y. */
static void need_same(const void *params, int k, int32_t y, int32_t *first,
                      int32_t *last)
{
    (void)params, (void)k;
    *first = *last = y;
}

/* One row through an elementwise kernel; `bits` of the results. */
static uint32_t bits(float x)
{
    uint32_t u;

    memcpy(&u, &x, sizeof u);
    return u;
}

static void run_one(tin_kernel *kernel, const void *params, const float *in,
                    float *out, int32_t n)
{
    const tin_rows from = resident(in, n), to = resident(out, n);

    kernel(params, &from, &to, 0, 1, NULL);
}

/* ---- Comparing ---------------------------------------------------------- */

static double clamp(double x, float lo, float hi)
{
    return x <= (double)lo ? (double)lo : x >= (double)hi ? (double)hi : x;
}

/* Within 1e-5 of `size`, the magnitude of what went into a value. */
static void expect_near(float got, double want, double size)
{
    cr_assert(fabs((double)got - want) <= 1e-5 * size, "%.9g is not %.9g",
              (double)got, want);
}

/* ---- Windows ------------------------------------------------------------ */

static tin_window random_window(int dilated)
{
    tin_window w;

    w.in_h = between(1, 7);
    w.in_w = between(1, 7);
    w.in_c = between(1, 6);
    w.out_h = between(1, 5);
    w.out_w = between(1, 5);
    w.out_c = w.in_c;
    w.kernel_h = between(1, 4);
    w.kernel_w = between(1, 4);
    w.stride_h = between(1, 3);
    w.stride_w = between(1, 3);
    w.dilation_h = dilated ? between(1, 3) : 1;
    w.dilation_w = dilated ? between(1, 3) : 1;
    w.pad_top = between(0, 3);
    w.pad_left = between(0, 3);
    return w;
}

/* Params begin with the window. Where no tap is in the image any row does. */
static void need_window(const void *params, int k, int32_t y, int32_t *first,
                        int32_t *last)
{
    const tin_window *w = params;
    const int32_t image = y / w->out_h;

    (void)k;
    *first = INT32_MAX;
    *last = -1;
    for (int32_t ky = 0; ky < w->kernel_h; ky++) {
        const int32_t iy =
            y % w->out_h * w->stride_h - w->pad_top + ky * w->dilation_h;

        if (iy >= 0 && iy < w->in_h) {
            *first = *last < 0 ? image * w->in_h + iy : *first;
            *last = image * w->in_h + iy;
        }
    }
    if (*last < 0)
        *first = *last = 0;
}

static job window_job(tin_kernel *kernel, const void *params, const float *in,
                      int32_t images)
{
    const tin_window *w = params;
    job j;

    memset(&j, 0, sizeof j);
    j.run = kernel;
    j.params = params;
    j.need = need_window;
    j.n_in = 1;
    j.in[0] = in;
    j.in_elems[0] = w->in_w * w->in_c;
    j.out_rows = images * w->out_h;
    j.out_elems = w->out_w * w->out_c;
    return j;
}

/* The input under tap (ky, kx) of output point (y, ox), or NULL. */
static const float *tap(const tin_window *w, const float *in, int32_t y,
                        int32_t ox, int32_t ky, int32_t kx)
{
    const int32_t iy =
        y % w->out_h * w->stride_h - w->pad_top + ky * w->dilation_h;
    const int32_t ix = ox * w->stride_w - w->pad_left + kx * w->dilation_w;

    if (iy < 0 || iy >= w->in_h || ix < 0 || ix >= w->in_w)
        return NULL;
    return in + ((y / w->out_h * w->in_h + iy) * w->in_w + ix) * w->in_c;
}

/* Calls `check(arg, y, ox, oc, value)` for all values of an output. */
typedef void value_check(const void *params, const float *in, int32_t y,
                         int32_t ox, int32_t oc, float got);

static void check_values(const job *j, const tin_window *w, const float *out,
                         value_check *check)
{
    for (int32_t i = 0; i < j->out_rows * j->out_elems; i++) {
        check(j->params, j->in[0], i / j->out_elems,
              i % j->out_elems / w->out_c, i % w->out_c, out[i]);
    }
}

/* Conditions of the window that every kernel with one refuses. */
#define REFUSE_WINDOW(check)                                                   \
 do {                                                                          \
  REFUSE(p.window.in_h = 0, check, TIN_ERR_SHAPE);                             \
  REFUSE(p.window.in_w = 0, check, TIN_ERR_SHAPE);                             \
  REFUSE(p.window.in_c = 0, check, TIN_ERR_SHAPE);                             \
  REFUSE(p.window.out_h = 0, check, TIN_ERR_SHAPE);                            \
  REFUSE(p.window.out_w = -1, check, TIN_ERR_SHAPE);                           \
  REFUSE(p.window.out_c = 0, check, TIN_ERR_SHAPE);                            \
  REFUSE(p.window.kernel_h = 0, check, TIN_ERR_SHAPE);                         \
  REFUSE(p.window.kernel_w = 0, check, TIN_ERR_SHAPE);                         \
  REFUSE(p.window.stride_h = 0, check, TIN_ERR_SHAPE);                         \
  REFUSE(p.window.stride_w = 0, check, TIN_ERR_SHAPE);                         \
  REFUSE(p.window.dilation_h = 0, check, TIN_ERR_SHAPE);                       \
  REFUSE(p.window.dilation_w = 0, check, TIN_ERR_SHAPE);                       \
  REFUSE(p.window.pad_top = -1, check, TIN_ERR_SHAPE);                         \
  REFUSE(p.window.pad_left = -1, check, TIN_ERR_SHAPE);                        \
  REFUSE(p.window.in_w = INT32_MAX, check, TIN_ERR_SHAPE);                     \
  REFUSE(p.window.stride_h = INT32_MAX, check, TIN_ERR_SHAPE);                 \
  REFUSE(p.act_min = 2, check, TIN_ERR_ARG);                                   \
  REFUSE(p.act_max = NAN, check, TIN_ERR_ARG);                                 \
 } while (0)

static const tin_window plain_window = {4, 4, 4, 3, 3, 4, 2,
                                        2, 1, 1, 1, 1, 0, 0};

/* Large enough that its rows pass 2^31 - 1 bytes, but not elements. */
static const int32_t many = 0x20000000 / 4;

/* ---- Convolution -------------------------------------------------------- */

static void check_conv(const void *params, const float *in, int32_t y,
                       int32_t ox, int32_t oc, float got)
{
    const tin_conv2d_f32_params *p = params;
    const tin_window *w = &p->window;
    const int32_t gc = w->in_c / p->groups;
    const int32_t first = oc / (w->out_c / p->groups) * gc;
    const float *weight = p->weights + oc * w->kernel_h * w->kernel_w * gc;
    double sum = p->bias ? (double)p->bias[oc] : 0, size = fabs(sum);

    for (int32_t k = 0; k < w->kernel_h * w->kernel_w; k++, weight += gc) {
        const float *x = tap(w, in, y, ox, k / w->kernel_w, k % w->kernel_w);

        for (int32_t ic = 0; x && ic < gc; ic++) {
            sum += (double)x[first + ic] * (double)weight[ic];
            size += fabs((double)x[first + ic] * (double)weight[ic]);
        }
    }
    expect_near(got, clamp(sum, p->act_min, p->act_max), size);
}

Test(conv2d_f32, seeded_shapes)
{
    for (int i = 0; i < 400; i++) {
        const int32_t images = between(1, 2);
        tin_conv2d_f32_params p;
        float *in, *weights, *bias, *out;
        job j;

        p.window = random_window(i % 2);
        p.groups = between(1, 3);
        p.window.in_c = p.groups * between(1, 5);
        p.window.out_c = p.groups * between(1, 9);
        p.act_min = i % 3 ? -INFINITY : 0;
        p.act_max = i % 5 ? INFINITY : 6;
        in = random_floats(images * p.window.in_h * p.window.in_w *
                           p.window.in_c);
        p.weights = weights =
            random_floats(p.window.out_c * p.window.kernel_h *
                          p.window.kernel_w * p.window.in_c / p.groups);
        bias = random_floats(p.window.out_c);
        p.bias = i % 4 ? bias : NULL;
        cr_assert_eq(tin_conv2d_f32_check(&p, NULL), TIN_OK);
        j = window_job(tin_conv2d_f32, &p, in, images);
        out = run(&j);
        check_values(&j, &p.window, out, check_conv);
        free(in), free(weights), free(bias), free(out);
    }
}

Test(conv2d_f32, nan_stays_in_its_group)
{
    const float in[4] = {1, NAN, 3, 4}, weights[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    tin_conv2d_f32_params p = {
        {1, 1, 4, 1, 1, 4, 1, 1, 1, 1, 1, 1, 0, 0}, 2, 0, 6, weights, NULL};
    float out[4];

    run_one(tin_conv2d_f32, &p, in, out, 4);
    cr_assert(isnan(out[0]) && isnan(out[1]) && out[2] == 6 && out[3] == 6);
}

Test(conv2d_f32, window_beside_the_image_gives_bias)
{
    const float in[1] = {1}, weights[1] = {1}, bias[1] = {0.5f};
    const tin_conv2d_f32_params p = {
        {1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 0, 1}, 1, -1, 9, weights, bias};
    float out[3];

    run_one(tin_conv2d_f32, &p, in, out, 3);
    cr_assert(out[0] == 0.5f && out[1] == 1.5f && out[2] == 0.5f);
}

Test(conv2d_f32, check)
{
    const float weights[64] = {0};
    const tin_conv2d_f32_params good = {plain_window, 2, 0, 1, weights, NULL};
    tin_conv2d_f32_params p;

    REFUSE_WINDOW(tin_conv2d_f32_check);
    REFUSE(p.groups = 0, tin_conv2d_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.groups = 3, tin_conv2d_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.window.in_c = 3, tin_conv2d_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.window.out_c = 3, tin_conv2d_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.weights = NULL, tin_conv2d_f32_check, TIN_ERR_ARG);
    REFUSE(p.act_min = NAN, tin_conv2d_f32_check, TIN_ERR_ARG);
    REFUSE(p.window.in_w = many, tin_conv2d_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.window.out_w = many, tin_conv2d_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.window.kernel_h = many, tin_conv2d_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.window.kernel_h = p.window.kernel_w = 0x4000, tin_conv2d_f32_check,
           TIN_ERR_OVERFLOW);
    REFUSE((p.window.in_w = 1, p.window.in_c = 0x10000000, p.window.out_w = 1,
            p.window.out_c = 0x10000000),
           tin_conv2d_f32_check, TIN_ERR_OVERFLOW);
}

/* ---- Depthwise convolution ---------------------------------------------- */

static void check_dwconv(const void *params, const float *in, int32_t y,
                         int32_t ox, int32_t oc, float got)
{
    const tin_dwconv2d_f32_params *p = params;
    const tin_window *w = &p->window;
    double sum = p->bias ? (double)p->bias[oc] : 0, size = fabs(sum);

    for (int32_t k = 0; k < w->kernel_h * w->kernel_w; k++) {
        const float *x = tap(w, in, y, ox, k / w->kernel_w, k % w->kernel_w);

        if (x) {
            const double product = (double)x[oc / (w->out_c / w->in_c)] *
                                   (double)p->weights[k * w->out_c + oc];

            sum += product;
            size += fabs(product);
        }
    }
    expect_near(got, clamp(sum, p->act_min, p->act_max), size);
}

Test(dwconv2d_f32, seeded_shapes)
{
    for (int i = 0; i < 400; i++) {
        const int32_t images = between(1, 2);
        tin_dwconv2d_f32_params p;
        float *in, *weights, *bias, *out;
        job j;

        p.window = random_window(i % 2);
        p.window.out_c = p.window.in_c * between(1, 3);
        p.act_min = i % 3 ? -INFINITY : 0;
        p.act_max = i % 5 ? INFINITY : 6;
        in = random_floats(images * p.window.in_h * p.window.in_w *
                           p.window.in_c);
        p.weights = weights = random_floats(p.window.kernel_h *
                                            p.window.kernel_w * p.window.out_c);
        bias = random_floats(p.window.out_c);
        p.bias = i % 4 ? bias : NULL;
        cr_assert_eq(tin_dwconv2d_f32_check(&p, NULL), TIN_OK);
        j = window_job(tin_dwconv2d_f32, &p, in, images);
        out = run(&j);
        check_values(&j, &p.window, out, check_dwconv);
        free(in), free(weights), free(bias), free(out);
    }
}

Test(dwconv2d_f32, nan_stays_in_its_channel)
{
    const float in[2] = {NAN, 1}, weights[4] = {0, 1, 2, 3};
    const tin_dwconv2d_f32_params p = {
        {1, 1, 2, 1, 1, 4, 1, 1, 1, 1, 1, 1, 0, 0}, 0, 6, weights, NULL};
    float out[4];

    run_one(tin_dwconv2d_f32, &p, in, out, 4);
    cr_assert(isnan(out[0]) && isnan(out[1]) && out[2] == 2 && out[3] == 3);
}

Test(dwconv2d_f32, check)
{
    const float weights[16] = {0};
    const tin_dwconv2d_f32_params good = {plain_window, 0, 1, weights, NULL};
    tin_dwconv2d_f32_params p;

    REFUSE_WINDOW(tin_dwconv2d_f32_check);
    REFUSE(p.window.out_c = 6, tin_dwconv2d_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.window.out_c = 2, tin_dwconv2d_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.weights = NULL, tin_dwconv2d_f32_check, TIN_ERR_ARG);
    REFUSE(p.act_min = NAN, tin_dwconv2d_f32_check, TIN_ERR_ARG);
    REFUSE(p.window.in_w = many, tin_dwconv2d_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.window.out_w = many, tin_dwconv2d_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.window.kernel_h = many, tin_dwconv2d_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.window.kernel_h = p.window.kernel_w = 0x4000,
           tin_dwconv2d_f32_check, TIN_ERR_OVERFLOW);
}

/* ---- Dense -------------------------------------------------------------- */

Test(dense_f32, seeded_shapes)
{
    for (int i = 0; i < 200; i++) {
        tin_dense_f32_params p = {between(1, 40), between(1, 20), 0, 0, 0, 0};
        const int32_t n = between(1, 4);
        float *in = random_floats(n * p.in_c), *bias = random_floats(p.out_c);
        float *weights = random_floats(p.out_c * p.in_c), *out;
        const job j = {tin_dense_f32, &p,       need_same, 1,
                       {in},          {p.in_c}, n,         p.out_c};

        p.act_min = i % 3 ? -INFINITY : 0;
        p.act_max = i % 5 ? INFINITY : 6;
        p.weights = weights;
        p.bias = i % 4 ? bias : NULL;
        cr_assert_eq(tin_dense_f32_check(&p, NULL), TIN_OK);
        out = run(&j);
        for (int32_t k = 0; k < n * p.out_c; k++) {
            const float *x = in + k / p.out_c * p.in_c;
            const float *w = weights + k % p.out_c * p.in_c;
            double sum = p.bias ? (double)bias[k % p.out_c] : 0;
            double size = fabs(sum);

            for (int32_t ic = 0; ic < p.in_c; ic++) {
                sum += (double)x[ic] * (double)w[ic];
                size += fabs((double)x[ic] * (double)w[ic]);
            }
            expect_near(out[k], clamp(sum, p.act_min, p.act_max), size);
        }
        free(in), free(bias), free(weights), free(out);
    }
}

Test(dense_f32, nan_and_infinity)
{
    const float weights[5] = {0, 0, 0, 0, 0};
    const tin_dense_f32_params p = {5, 1, 0, 6, weights, NULL};
    float in[5] = {0, 0, 0, 0, NAN}, out[1] = {0};

    run_one(tin_dense_f32, &p, in, out, 5);
    cr_assert(isnan(out[0]));
    in[4] = INFINITY; // 0 * Inf
    run_one(tin_dense_f32, &p, in, out, 5);
    cr_assert(isnan(out[0]));
}

Test(dense_f32, check)
{
    const float weights[6] = {0};
    const tin_dense_f32_params good = {2, 3, 0, 1, weights, NULL};
    tin_dense_f32_params p;

    REFUSE(p.in_c = 0, tin_dense_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.out_c = -1, tin_dense_f32_check, TIN_ERR_SHAPE);
    REFUSE((p.in_c = 32768, p.out_c = 16384), tin_dense_f32_check,
           TIN_ERR_OVERFLOW);
    REFUSE((p.in_c = INT32_MAX, p.out_c = INT32_MAX), tin_dense_f32_check,
           TIN_ERR_OVERFLOW);
    REFUSE(p.weights = NULL, tin_dense_f32_check, TIN_ERR_ARG);
    REFUSE(p.act_min = 2, tin_dense_f32_check, TIN_ERR_ARG);
    REFUSE(p.act_max = NAN, tin_dense_f32_check, TIN_ERR_ARG);
}

/* ---- Pools -------------------------------------------------------------- */

static void check_avgpool(const void *params, const float *in, int32_t y,
                          int32_t ox, int32_t oc, float got)
{
    const tin_pool2d_f32_params *p = params;
    const tin_window *w = &p->window;
    double sum = 0, size = 0;
    int32_t taps = 0;

    for (int32_t k = 0; k < w->kernel_h * w->kernel_w; k++) {
        const float *x = tap(w, in, y, ox, k / w->kernel_w, k % w->kernel_w);

        if (x) {
            sum += (double)x[oc];
            size += fabs((double)x[oc]);
            taps++;
        }
    }
    expect_near(got, clamp(sum / taps, p->act_min, p->act_max), size / taps);
}

static void check_maxpool(const void *params, const float *in, int32_t y,
                          int32_t ox, int32_t oc, float got)
{
    const tin_pool2d_f32_params *p = params;
    const tin_window *w = &p->window;
    double max = -HUGE_VAL;

    for (int32_t k = 0; k < w->kernel_h * w->kernel_w; k++) {
        const float *x = tap(w, in, y, ox, k / w->kernel_w, k % w->kernel_w);

        if (x && (double)x[oc] > max)
            max = (double)x[oc];
    }
    cr_assert((double)got == clamp(max, p->act_min, p->act_max));
}

static void try_pool(tin_kernel *kernel, tin_check *check, value_check *values)
{
    for (int i = 0; i < 400; i++) {
        const int32_t images = between(1, 2);
        tin_pool2d_f32_params p;
        float *in, *out;
        job j;

        p.act_min = i % 3 ? -INFINITY : 0;
        p.act_max = i % 5 ? INFINITY : 1;
        do {
            p.window = random_window(0);
        } while (check(&p, NULL) != TIN_OK);
        in = random_floats(images * p.window.in_h * p.window.in_w *
                           p.window.in_c);
        j = window_job(kernel, &p, in, images);
        out = run(&j);
        check_values(&j, &p.window, out, values);
        free(in), free(out);
    }
}

Test(avgpool2d_f32, seeded_shapes)
{
    try_pool(tin_avgpool2d_f32, tin_avgpool2d_f32_check, check_avgpool);
}

Test(maxpool2d_f32, seeded_shapes)
{
    try_pool(tin_maxpool2d_f32, tin_maxpool2d_f32_check, check_maxpool);
}

static const tin_pool2d_f32_params row_pool = {
    {1, 6, 1, 1, 3, 1, 1, 2, 1, 2, 1, 1, 0, 0}, -INFINITY, INFINITY};

Test(maxpool2d_f32, special_values)
{
    const float in[6] = {NAN, 1, 2, NAN, -INFINITY, -INFINITY};
    const float zeros[6] = {-0.0f, 0.0f, 0.0f, -0.0f, -0.0f, -1};
    tin_pool2d_f32_params p = row_pool;
    float out[6];

    run_one(tin_maxpool2d_f32, &p, in, out, 6);
    cr_assert(isnan(out[0]) && isnan(out[1]) && out[2] == -INFINITY);
    run_one(tin_maxpool2d_f32, &p, zeros, out, 6);
    cr_assert(bits(out[0]) == bits(-0.0f) && bits(out[1]) == 0 &&
              bits(out[2]) == bits(-0.0f));
    p.act_min = 0;
    run_one(tin_maxpool2d_f32, &p, zeros, out, 6);
    cr_assert(bits(out[0]) == 0 && bits(out[1]) == 0 && bits(out[2]) == 0);
}

Test(avgpool2d_f32, special_values)
{
    const float in[6] = {NAN, 1, INFINITY, -INFINITY, INFINITY, 1};
    tin_pool2d_f32_params p = row_pool;
    float out[6];

    run_one(tin_avgpool2d_f32, &p, in, out, 6);
    cr_assert(isnan(out[0]) && isnan(out[1]) && out[2] == INFINITY);
    p.act_min = 0;
    p.act_max = 6;
    run_one(tin_avgpool2d_f32, &p, in, out, 6);
    cr_assert(isnan(out[0]) && isnan(out[1]) && out[2] == 6);
}

static void refuse_pool(tin_check *check)
{
    const tin_pool2d_f32_params good = {plain_window, 0, 1};
    tin_pool2d_f32_params p;

    REFUSE_WINDOW(check);
    REFUSE(p.window.out_c = 8, check, TIN_ERR_SHAPE);
    REFUSE(p.window.dilation_h = 2, check, TIN_ERR_SHAPE);
    REFUSE(p.window.dilation_w = 2, check, TIN_ERR_SHAPE);
    REFUSE(p.window.pad_top = 2, check, TIN_ERR_SHAPE);
    REFUSE(p.window.pad_left = 2, check, TIN_ERR_SHAPE);
    REFUSE(p.window.stride_h = 2, check, TIN_ERR_SHAPE);
    REFUSE(p.window.stride_w = 2, check, TIN_ERR_SHAPE);
    REFUSE(p.window.in_w = many, check, TIN_ERR_OVERFLOW);
    REFUSE((p.window.in_w = 1, p.window.out_w = 1, p.window.in_c = 4 * many,
            p.window.out_c = 4 * many),
           check, TIN_ERR_OVERFLOW);
    REFUSE((p.window.in_w = 1, p.window.out_w = p.window.kernel_w = 0x8000,
            p.window.pad_left = 0x7fff,
            p.window.in_c = p.window.out_c = 0x4000),
           check, TIN_ERR_OVERFLOW);
    REFUSE(p.act_min = NAN, check, TIN_ERR_ARG);
}

Test(avgpool2d_f32, check)
{
    refuse_pool(tin_avgpool2d_f32_check);
}

Test(maxpool2d_f32, check)
{
    refuse_pool(tin_maxpool2d_f32_check);
}

/* ---- Mean --------------------------------------------------------------- */

static void check_mean(const tin_mean_f32_params *p, const float *in,
                       const float *out, int32_t images)
{
    const int32_t points = p->in_h * p->in_w;

    for (int32_t i = 0; i < images * p->c; i++) {
        const float *x = in + i / p->c * points * p->c + i % p->c;
        double sum = 0, size = 0;

        for (int32_t k = 0; k < points; k++) {
            sum += (double)x[k * p->c];
            size += fabs((double)x[k * p->c]);
        }
        expect_near(out[i], sum / points, size / points);
    }
}

Test(mean_f32, seeded_shapes)
{
    for (int i = 0; i < 200; i++) {
        const tin_mean_f32_params p = {between(1, 6), between(1, 6),
                                       between(1, 9)};
        const int32_t images = between(1, 3), rows = images * p.in_h;
        float *x = random_floats(rows * p.in_w * p.c);
        const tin_rows in = resident(x, p.in_w * p.c);
        tin_rows whole = floats_new(images, p.c, OUT),
                 ring = floats_new(1, p.c, OUT);
        tin_rows sums = floats_new(1, p.c, OUT);

        cr_assert_eq(tin_mean_f32_check(&p, NULL), TIN_OK);
        cr_assert_eq(tin_mean_f32_scratch_size(&p), 4 * p.c);
        tin_mean_f32(&p, &in, &whole, 0, rows, sums.base);
        check_mean(&p, x, whole.base, images);
        for (int32_t y = 0, end; y < rows; y = end) {
            const tin_rows one = resident(x + y * p.in_w * p.c, p.in_w * p.c);
            tin_rows first = one;

            // the last row of an image and nothing after it, often
            end = i % 2 ? y + 1 : between(y, (y / p.in_h + 1) * p.in_h);
            first.rows = i % 2 ? 1 : INT32_MAX;
            tin_mean_f32(&p, i % 2 ? &first : &in, &ring, y, end, sums.base);
            if (end > y && end % p.in_h == 0) {
                cr_assert_arr_eq(ring.base, tin_row(&whole, y / p.in_h),
                                 (size_t)p.c * 4);
            }
        }
        floats_free(&whole, OUT), floats_free(&ring, OUT),
            floats_free(&sums, OUT);
        free(x);
    }
}

Test(mean_f32, output_is_untouched_before_the_last_row)
{
    const tin_mean_f32_params p = {2, 1, 1};
    const float x[2] = {1, NAN};
    const tin_rows in = resident(x, 1);
    float mean[1] = {7}, sum[1];
    const tin_rows out = resident(mean, 1);

    tin_mean_f32(&p, &in, &out, 0, 1, sum);
    cr_assert(mean[0] == 7);
    tin_mean_f32(&p, &in, &out, 1, 2, sum);
    cr_assert(isnan(mean[0]));
}

Test(mean_f32, check)
{
    const tin_mean_f32_params good = {2, 3, 4};
    tin_mean_f32_params p;

    REFUSE(p.in_h = 0, tin_mean_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.in_w = 0, tin_mean_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 0, tin_mean_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.in_h = INT32_MAX, tin_mean_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.in_w = 0x10000000, tin_mean_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.c = INT32_MAX, tin_mean_f32_check, TIN_ERR_OVERFLOW);
}

/* ---- Softmax ------------------------------------------------------------ */

Test(softmax_f32, seeded_shapes)
{
    for (int i = 0; i < 200; i++) {
        const tin_softmax_f32_params p = {between(1, 4), between(1, 20),
                                          i % 2 ? 1 : 0.25f};
        const int32_t n = between(1, 3), row = p.groups * p.c;
        float *in = random_floats(n * row), *out;
        const job j = {tin_softmax_f32, &p, need_same, 1, {in}, {row}, n, row};

        cr_assert_eq(tin_softmax_f32_check(&p, NULL), TIN_OK);
        out = run(&j);
        run_in_place(&j, 0, out);
        for (int32_t k = 0; k < n * row; k++) {
            const float *x = in + k / p.c * p.c;
            double sum = 0, want;

            for (int32_t c = 0; c < p.c; c++)
                sum += exp((double)x[c] * (double)p.beta);
            want = exp((double)in[k] * (double)p.beta) / sum;
            expect_near(out[k], want, want);
        }
        free(in), free(out);
    }
}

/* Three groups of three; the expected outcome of each: all NaN or none. */
Test(softmax_f32, special_values)
{
    const tin_softmax_f32_params p = {3, 3, 1};
    const float bad[9] = {1,         2,         NAN,       INFINITY, 0,
                          -INFINITY, -INFINITY, -INFINITY, -INFINITY};
    const float fine[9] = {1000, 1000,  -INFINITY, 3e38f, -3e38f,
                           0,    -1000, -1100,     -5000};
    float out[9];

    run_one(tin_softmax_f32, &p, bad, out, 9);
    for (int i = 0; i < 9; i++)
        cr_assert(isnan(out[i]));
    run_one(tin_softmax_f32, &p, fine, out, 9);
    cr_assert(out[0] == 0.5f && out[1] == 0.5f && bits(out[2]) == 0);
    cr_assert(out[3] == 1 && out[4] == 0 && out[5] == 0);
    cr_assert(out[6] == 1 && out[7] < 1e-37f && out[8] == 0);
}

Test(softmax_f32, nan_in_front_or_maximum_later)
{
    const tin_softmax_f32_params p = {1, 3, 1};
    const float in[3] = {NAN, 1, 2}, later[3] = {0, 1000, 0};
    float out[3];

    run_one(tin_softmax_f32, &p, later, out, 3);
    cr_assert(out[0] == 0 && out[1] == 1 && out[2] == 0);
    run_one(tin_softmax_f32, &p, in, out, 3);
    cr_assert(isnan(out[0]) && isnan(out[1]) && isnan(out[2]));
}

Test(softmax_f32, check)
{
    const tin_softmax_f32_params good = {2, 3, 1};
    tin_softmax_f32_params p;

    REFUSE(p.groups = 0, tin_softmax_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 0, tin_softmax_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 0x10000000, tin_softmax_f32_check, TIN_ERR_OVERFLOW);
    REFUSE((p.c = INT32_MAX, p.groups = INT32_MAX), tin_softmax_f32_check,
           TIN_ERR_OVERFLOW);
    REFUSE(p.beta = 0, tin_softmax_f32_check, TIN_ERR_ARG);
    REFUSE(p.beta = NAN, tin_softmax_f32_check, TIN_ERR_ARG);
    REFUSE(p.beta = INFINITY, tin_softmax_f32_check, TIN_ERR_ARG);
}

/* ---- Add ---------------------------------------------------------------- */

/* Strides of a dense input with the extents of `dim` whose bit is set in
 * `kept`, broadcast in the others. Returns the elements of a row. */
static int32_t make_strides(const int32_t *dim, uint32_t kept, int32_t *stride)
{
    int32_t size = 1, row = 0;

    for (int i = TIN_DIMS - 1; i >= 0; i--) {
        if (i == 2) { // rows begin
            row = size;
            size = 1;
        }
        stride[i] = kept >> i & 1 ? size : 0;
        size *= kept >> i & 1 ? dim[i] : 1;
    }
    return row;
}

static int32_t count_rows(const int32_t *dim, uint32_t kept)
{
    int32_t rows = 1;

    for (int i = 0; i < 3; i++)
        rows *= kept >> i & 1 ? dim[i] : 1;
    return rows;
}

static void need_broadcast(const void *params, int k, int32_t y, int32_t *first,
                           int32_t *last)
{
    const tin_add_f32_params *p = params;
    const tin_broadcast *s = &p->shape;
    const int32_t *stride = k ? s->stride_b : s->stride_a;

    *first = *last = y / (s->dim[1] * s->dim[2]) * stride[0] +
                     y / s->dim[2] % s->dim[1] * stride[1] +
                     y % s->dim[2] * stride[2];
}

static float broadcast_at(const job *j, int k, int32_t i)
{
    const tin_add_f32_params *p = j->params;
    const int32_t *dim = p->shape.dim;
    const int32_t *stride = k ? p->shape.stride_b : p->shape.stride_a;
    int32_t row, ignored;

    need_broadcast(p, k, i / j->out_elems, &row, &ignored);
    return j
        ->in[k][row * j->in_elems[k] + i % j->out_elems / dim[4] * stride[3] +
                i % dim[4] * stride[4]];
}

Test(add_f32, seeded_shapes)
{
    for (int i = 0; i < 600; i++) {
        const uint32_t kept_a = i % 3 ? 31 : next_random() % 32;
        const uint32_t kept_b = i % 2 ? 31 : next_random() % 32;
        tin_add_f32_params p;
        float *a, *b, *out;
        job j = {tin_add_f32, &p, need_broadcast, 2, {0}, {0}, 1, 1};

        for (int d = 0; d < TIN_DIMS; d++) {
            p.shape.dim[d] = between(1, 4);
            *(d < 3 ? &j.out_rows : &j.out_elems) *= p.shape.dim[d];
        }
        p.act_min = i % 3 ? -INFINITY : 0;
        p.act_max = i % 5 ? INFINITY : 6;
        j.in_elems[0] = make_strides(p.shape.dim, kept_a, p.shape.stride_a);
        j.in_elems[1] = make_strides(p.shape.dim, kept_b, p.shape.stride_b);
        a = random_floats(count_rows(p.shape.dim, kept_a) * j.in_elems[0]);
        b = random_floats(count_rows(p.shape.dim, kept_b) * j.in_elems[1]);
        j.in[0] = a;
        j.in[1] = b;
        cr_assert_eq(tin_add_f32_check(&p, NULL), TIN_OK);
        out = run(&j);
        for (int32_t k = 0; k < j.out_rows * j.out_elems; k++) {
            const float sum = broadcast_at(&j, 0, k) + broadcast_at(&j, 1, k);

            cr_assert(bits(out[k]) ==
                      bits(tin_clampf(sum, p.act_min, p.act_max)));
        }
        if (kept_a == 31)
            run_in_place(&j, 0, out);
        if (kept_b == 31)
            run_in_place(&j, 1, out);
        free(a), free(b), free(out);
    }
}

Test(add_f32, every_other_element)
{
    const tin_add_f32_params p = {
        {{1, 1, 1, 2, 2}, {0, 0, 0, 4, 2}, {0, 0, 0, 2, 1}}, -99, 99};
    const float a[8] = {1, NAN, 2, NAN, 3, NAN, 4, NAN};
    const float b[4] = {10, 20, 30, 40}, want[4] = {11, 22, 33, 44};
    const tin_rows in[2] = {resident(a, 8), resident(b, 4)};
    const tin_rows swapped[2] = {in[1], in[0]};
    float sum[4];
    const tin_rows out = resident(sum, 4);
    tin_add_f32_params q = p;

    tin_add_f32(&p, in, &out, 0, 1, NULL);
    cr_assert_arr_eq(sum, want, sizeof sum);
    memcpy(q.shape.stride_a, p.shape.stride_b, sizeof q.shape.stride_a);
    memcpy(q.shape.stride_b, p.shape.stride_a, sizeof q.shape.stride_b);
    tin_add_f32(&q, swapped, &out, 0, 1, NULL);
    cr_assert_arr_eq(sum, want, sizeof sum);
}

static const tin_add_f32_params plain_add = {
    {{1, 1, 1, 1, 4}, {0, 0, 0, 0, 1}, {0, 0, 0, 0, 1}}, 0, INFINITY};

Test(add_f32, special_values)
{
    const float a[4] = {NAN, INFINITY, -0.0f, -INFINITY};
    const float b[4] = {1, -INFINITY, -0.0f, 1};
    const tin_rows in[2] = {resident(a, 4), resident(b, 4)};
    float sum[4];
    const tin_rows out = resident(sum, 4);

    tin_add_f32(&plain_add, in, &out, 0, 1, NULL);
    cr_assert(isnan(sum[0]) && isnan(sum[1]) && bits(sum[2]) == 0 &&
              bits(sum[3]) == 0);
}

Test(add_f32, check)
{
    const tin_add_f32_params good = plain_add;
    tin_add_f32_params p;

    for (int i = 0; i < TIN_DIMS; i++) {
        REFUSE(p.shape.dim[i] = 0, tin_add_f32_check, TIN_ERR_SHAPE);
        REFUSE(p.shape.stride_a[i] = -1, tin_add_f32_check, TIN_ERR_SHAPE);
        REFUSE(p.shape.stride_b[i] = -1, tin_add_f32_check, TIN_ERR_SHAPE);
        REFUSE((p.shape.dim[i] = 3, p.shape.stride_b[i] = 1 << 30),
               tin_add_f32_check, TIN_ERR_SHAPE);
    }
    REFUSE((p.shape.dim[0] = p.shape.dim[1] = 65536), tin_add_f32_check,
           TIN_ERR_SHAPE);
    REFUSE(p.shape.dim[3] = 0x8000000, tin_add_f32_check, TIN_ERR_SHAPE);
    REFUSE((p.shape.dim[3] = 0x10000, p.shape.stride_a[3] = 0x2001),
           tin_add_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.act_max = -1, tin_add_f32_check, TIN_ERR_ARG);
    REFUSE(p.act_min = NAN, tin_add_f32_check, TIN_ERR_ARG);
}

/* ---- Clamp and logistic ------------------------------------------------- */

Test(clamp_f32, seeded_shapes)
{
    for (int i = 0; i < 100; i++) {
        tin_clamp_f32_params p = {between(1, 40), 0, 0};
        const int32_t n = between(1, 4);
        float *in = random_floats(n * p.row_elems), *out;
        const job j = {tin_clamp_f32, &p, need_same,  1, {in},
                       {p.row_elems}, n,  p.row_elems};

        p.min = i % 3 ? -1 : 0;
        p.max = i % 2 ? INFINITY : 1;
        cr_assert_eq(tin_clamp_f32_check(&p, NULL), TIN_OK);
        out = run(&j);
        run_in_place(&j, 0, out);
        for (int32_t k = 0; k < n * p.row_elems; k++)
            cr_assert((double)out[k] == clamp((double)in[k], p.min, p.max));
        free(in), free(out);
    }
}

Test(clamp_f32, special_values)
{
    const float in[6] = {NAN, -0.0f, INFINITY, -INFINITY, 0.0f, 6.5f};
    tin_clamp_f32_params p = {6, 0, 6};
    float out[6];

    run_one(tin_clamp_f32, &p, in, out, 6);
    cr_assert(isnan(out[0]) && bits(out[1]) == 0 && out[2] == 6);
    cr_assert(bits(out[3]) == 0 && bits(out[4]) == 0 && out[5] == 6);
    p.max = INFINITY;
    run_one(tin_clamp_f32, &p, in, out, 6);
    cr_assert(isnan(out[0]) && out[2] == INFINITY && out[5] == 6.5f);
    p.min = -1;
    run_one(tin_clamp_f32, &p, in, out, 6);
    cr_assert(bits(out[1]) == bits(-0.0f) && out[3] == -1);
}

Test(clamp_f32, check)
{
    const tin_clamp_f32_params good = {4, 0, 0};
    tin_clamp_f32_params p;

    REFUSE(p.row_elems = 0, tin_clamp_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.row_elems = -4, tin_clamp_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.row_elems = 0x20000000, tin_clamp_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.min = 1, tin_clamp_f32_check, TIN_ERR_ARG);
    REFUSE(p.min = NAN, tin_clamp_f32_check, TIN_ERR_ARG);
    REFUSE(p.max = NAN, tin_clamp_f32_check, TIN_ERR_ARG);
}

Test(logistic_f32, seeded_shapes)
{
    for (int i = 0; i < 100; i++) {
        const tin_logistic_f32_params p = {between(1, 40)};
        const int32_t n = between(1, 4);
        float *in = random_floats(n * p.row_elems), *out;
        const job j = {tin_logistic_f32, &p, need_same,  1, {in},
                       {p.row_elems},    n,  p.row_elems};

        cr_assert_eq(tin_logistic_f32_check(&p, NULL), TIN_OK);
        for (int32_t k = 0; k < n * p.row_elems; k++)
            in[k] *= i % 3 ? 1.0f : 20.0f;
        out = run(&j);
        run_in_place(&j, 0, out);
        for (int32_t k = 0; k < n * p.row_elems; k++) {
            const double e = exp((double)in[k]);
            const double want = in[k] < -9 ? e : e / (1 + e);

            expect_near(out[k], want, want);
        }
        free(in), free(out);
    }
}

Test(logistic_f32, special_values)
{
    const float in[8] = {NAN, INFINITY, -INFINITY, 0.0f, -0.0f, 100, -200, -9};
    const tin_logistic_f32_params p = {8};
    float out[8];

    run_one(tin_logistic_f32, &p, in, out, 8);
    expect_near(out[7], 1 / (1 + exp(9)), 1 / (1 + exp(9)));
    cr_assert(isnan(out[0]) && out[1] == 1 && bits(out[2]) == 0);
    cr_assert(out[3] == 0.5f && out[4] == 0.5f && out[5] == 1 &&
              bits(out[6]) == 0);
}

Test(logistic_f32, check)
{
    const tin_logistic_f32_params good = {4};
    tin_logistic_f32_params p;

    REFUSE(p.row_elems = 0, tin_logistic_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.row_elems = 0x20000000, tin_logistic_f32_check, TIN_ERR_OVERFLOW);
}
