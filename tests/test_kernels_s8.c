/* SPDX-License-Identifier: MIT */
/*
 * The int8 kernels: rows made in pieces and between short rings equal rows
 * made at once; seeded shapes against naive versions; examples worked out by
 * hand; and every condition that a check refuses.
 */
#include <math.h>
#include "tinyinfer_kernels.h"
#include "rings.h"

/* ---- Random numbers ----------------------------------------------------- */

/* One of the zero points that break careless code, or any. */
static int32_t random_zero(void)
{
    static const int8_t hard[] = {-128, 127, 0};
    const int32_t i = between(0, 3);

    return i < 3 ? hard[i] : between(-128, 127);
}

/* n random bytes, to be freed. */
static int8_t *random_bytes(int32_t n)
{
    int8_t *x = malloc((size_t)n);

    for (int32_t i = 0; i < n; i++)
        x[i] = (int8_t)between(-128, 127);
    return x;
}

/* ---- The row contract --------------------------------------------------- */

/* The input rows that output row y needs of input k. */
typedef void need(const void *params, int k, int32_t y, int32_t *first,
                  int32_t *last);

typedef struct {
    tin_kernel *run;
    const void *params;
    need *need;
    int n_in;
    tin_rows in[2]; /* resident */
    int32_t out_rows, out_bytes;
} job;

/* A ring that holds nothing but rows first .. last of input k, and begins
 * anywhere. */
static tin_rows window_of(const job *j, int k, int32_t first, int32_t last)
{
    tin_rows ring = ring_new(last - first + 1, j->in[k].row_bytes);

    ring.first = between(0, ring.rows - 1);
    for (int32_t y = first; y <= last; y++) {
        memcpy(tin_row(&ring, y), tin_row(&j->in[k], y),
               (size_t)ring.row_bytes);
    }
    return ring;
}

/* Output row y from rings that hold no row too many into a ring of two. */
static void run_row(const job *j, int32_t y, const void *expected)
{
    tin_rows in[2], out = ring_new(2, j->out_bytes);
    tin_rows untouched = ring_new(1, j->out_bytes);

    out.first = between(0, 1);
    for (int k = 0; k < j->n_in; k++) {
        int32_t first, last;

        j->need(j->params, k, y, &first, &last);
        in[k] = window_of(j, k, first, last);
    }
    j->run(j->params, in, &out, y, y + 1, NULL);
    cr_assert_arr_eq(tin_row(&out, y), expected, (size_t)j->out_bytes);
    cr_assert_arr_eq(tin_row(&out, y + 1), untouched.base,
                     (size_t)j->out_bytes);
    for (int k = 0; k < j->n_in; k++)
        ring_free(&in[k]);
    ring_free(&out), ring_free(&untouched);
}

/* Runs a job at once, in pieces, and row by row between short rings. Returns
 * the rows, to be given to ring_free. */
static tin_rows run_job(const job *j)
{
    tin_rows whole = ring_new(j->out_rows, j->out_bytes);
    tin_rows pieces = ring_new(j->out_rows, j->out_bytes);

    j->run(j->params, j->in, &whole, 0, j->out_rows, NULL);
    for (int32_t y = 0, end; y < j->out_rows; y = end) {
        end = between(y, j->out_rows);
        j->run(j->params, j->in, &pieces, y, end, NULL);
    }
    cr_assert_arr_eq(pieces.base, whole.base,
                     (size_t)j->out_rows * (size_t)j->out_bytes);
    for (int32_t y = 0; y < j->out_rows; y++)
        run_row(j, y, tin_row(&whole, y));
    ring_free(&pieces);
    return whole;
}

/* Rows that need the row of their own number. */
static void need_same(const void *params, int k, int32_t y, int32_t *first,
                      int32_t *last)
{
    (void)params, (void)k;
    *first = *last = y;
}

/* Rows of a kernel whose params begin with a tin_window. */
static void need_window(const void *params, int k, int32_t y, int32_t *first,
                        int32_t *last)
{
    const tin_window *w = params;
    const int32_t n = y / w->out_h;
    const int32_t top = y % w->out_h * w->stride_h - w->pad_top;
    const int32_t bottom = top + (w->kernel_h - 1) * w->dilation_h;

    (void)k;
    *first = n * w->in_h + tin_clamp(top, 0, w->in_h - 1);
    *last = n * w->in_h + tin_clamp(bottom, 0, w->in_h - 1);
}

/* ---- Naive arithmetic --------------------------------------------------- */

/* a / b for b > 0, rounded half away from zero. */
static int64_t divide_away(int64_t a, int64_t b)
{
    return a < 0 ? -((-a + b / 2) / b) : (a + b / 2) / b;
}

/* Both roundings as their definition has them: a nudge by the sign and a
 * division that truncates; half away from zero. */
static int32_t naive_requantize(int32_t x, int32_t multiplier, int32_t shift)
{
    const int64_t left = (int64_t)1 << (shift > 0 ? shift : 0);
    const int64_t right = (int64_t)1 << (shift < 0 ? -shift : 0);
    const int64_t product = x * left * multiplier;
    const int64_t half = (int64_t)1 << 30;
    const int64_t nudge = product < 0 ? 1 - half : half;

    return (int32_t)divide_away((product + nudge) / (half * 2), right);
}

static int8_t naive_output(int32_t x, int32_t multiplier, int32_t shift,
                           int32_t zero, int32_t lo, int32_t hi)
{
    int64_t y = (int64_t)naive_requantize(x, multiplier, shift) + zero;

    y = y < lo ? lo : y > hi ? hi : y;
    return (int8_t)y;
}

Test(fixed_point, requantizes_like_its_definition)
{
    for (int i = 0; i < 100000; i++) {
        const int32_t bits = between(0, 31), shift = between(-31, 8);
        const int32_t multiplier = between(0, INT32_MAX - 1);
        int32_t x = (int32_t)(next_random() >> bits);

        if (shift > 0)
            x %= (int32_t)1 << 22;
        cr_assert_eq(tin_requantize(x, multiplier, shift),
                     naive_requantize(x, multiplier, shift), "%d * %d, %d", x,
                     multiplier, shift);
    }
}

Test(fixed_point, rounds_twice)
{
    // 11.499 becomes 11.5, then 12
    cr_assert_eq(tin_requantize(7984, 1583594044, -9), 12);
    // 0.25 becomes 0.5, then 1
    cr_assert_eq(tin_requantize(1, 1 << 30, -1), 1);
    cr_assert_eq(tin_requantize(-1, 1 << 30, -1), 0);
    cr_assert_eq(tin_requantize(-3, 1 << 30, 0), -1);  // -1.5, half up
    cr_assert_eq(tin_requantize(-6, 1 << 30, -1), -2); // -1.5, half away
    cr_assert_eq(tin_requantize(INT32_MIN, INT32_MAX, -31), -1);
}

Test(fixed_point, saturates)
{
    cr_assert_eq(tin_mul_high(INT32_MIN, INT32_MIN), INT32_MAX);
    cr_assert_eq(tin_shift_left_sat(1, 31), INT32_MAX);
    cr_assert_eq(tin_shift_left_sat(-2, 31), INT32_MIN);
    cr_assert_eq(tin_shift_left_sat(-1, 31), INT32_MIN);
    cr_assert_eq(tin_output_s8(INT32_MAX, INT32_MAX, 0, 127, -128, 127), 127);
    cr_assert_eq(tin_output_s8(INT32_MIN, INT32_MAX, 0, -128, -128, 127), -128);
}

Test(fixed_point, exp_and_reciprocal_are_close)
{
    for (int32_t x = 0; x > -(31 << 26); x -= 76543) {
        const double y = tin_exp_q31(x, 5) / 2147483648.0;

        cr_assert_float_eq(y, exp(x / 67108864.0), 5e-7, "%d", x);
    }
    for (int64_t x = 0; x <= INT32_MAX; x += 765432) {
        const double y = tin_reciprocal_q31((int32_t)x) / 2147483648.0;

        cr_assert_float_eq(y, 1 / (1 + (double)x / 2147483648.0), 1e-8);
    }
    cr_assert_eq(tin_exp_q31(0, 5), INT32_MAX);
    cr_assert_eq(tin_exp_q31(INT32_MIN, 5), 0);
}

/* ---- Weighted layers on seeded shapes ----------------------------------- */

/* Per output channel; for 64 channels at most. */
static int32_t biases[64], multipliers[64];
static int8_t shifts[64];

static void random_channels(int32_t out_c)
{
    for (int32_t c = 0; c < out_c; c++) {
        biases[c] = between(-20000, 20000);
        multipliers[c] = between(1 << 30, INT32_MAX - 1);
        shifts[c] = (int8_t)between(-13, -6);
    }
    if (out_c > 2) {
        multipliers[1] = 0;
        shifts[2] = (int8_t)between(0, 2);
    }
}

static int32_t out_size(int32_t in, int32_t kernel, int32_t stride,
                        int32_t dilation, int32_t pad_first, int32_t pad_last)
{
    const int32_t span = (kernel - 1) * dilation + 1;

    return (in + pad_first + pad_last - span) / stride + 1;
}

/* A window over images of up to 8 x 8 whose output has at least one point;
 * out_c is left to the caller. */
static tin_window random_window(int32_t in_c, int32_t max_dilation)
{
    tin_window w;

    do {
        w.in_h = between(1, 8);
        w.in_w = between(1, 8);
        w.in_c = in_c;
        w.kernel_h = between(1, 4);
        w.kernel_w = between(1, 4);
        w.stride_h = between(1, 3);
        w.stride_w = between(1, 3);
        w.dilation_h = between(1, max_dilation);
        w.dilation_w = between(1, max_dilation);
        w.pad_top = between(0, w.kernel_h - 1);
        w.pad_left = between(0, w.kernel_w - 1);
        w.out_h = out_size(w.in_h, w.kernel_h, w.stride_h, w.dilation_h,
                           w.pad_top, between(0, w.kernel_h - 1));
        w.out_w = out_size(w.in_w, w.kernel_w, w.stride_w, w.dilation_w,
                           w.pad_left, between(0, w.kernel_w - 1));
    } while (w.out_h < 1 || w.out_w < 1);
    w.out_c = in_c;
    return w;
}

/* in[n][oy * stride ..][..][ic] less zero, or 0 outside of the image. */
static int32_t tap(const tin_window *w, const int8_t *in, int32_t zero,
                   const int32_t at[3], int32_t ky, int32_t kx, int32_t ic)
{
    const int32_t y = at[1] * w->stride_h - w->pad_top + ky * w->dilation_h;
    const int32_t x = at[2] * w->stride_w - w->pad_left + kx * w->dilation_w;

    if (y < 0 || y >= w->in_h || x < 0 || x >= w->in_w)
        return 0;
    return in[((at[0] * w->in_h + y) * w->in_w + x) * w->in_c + ic] - zero;
}

/* The sum of output channel oc at image, row and column `at`. */
static int32_t naive_conv_sum(const tin_conv2d_s8_params *p, const int8_t *in,
                              const int32_t at[3], int32_t oc)
{
    const tin_window *w = &p->window;
    const int32_t gc = w->in_c / p->groups;
    const int32_t first = oc / (w->out_c / p->groups) * gc;
    int32_t sum = p->bias ? p->bias[oc] : 0, i = oc * gc;

    i *= w->kernel_h * w->kernel_w;
    for (int32_t ky = 0; ky < w->kernel_h; ky++)
        for (int32_t kx = 0; kx < w->kernel_w; kx++)
            for (int32_t c = 0; c < gc; c++)
                sum += p->weights[i++] *
                       tap(w, in, p->in_zero, at, ky, kx, first + c);
    return sum;
}

static int32_t naive_dwconv_sum(const tin_dwconv2d_s8_params *p,
                                const int8_t *in, const int32_t at[3],
                                int32_t oc)
{
    const tin_window *w = &p->window;
    const int32_t ic = oc / (w->out_c / w->in_c);
    int32_t sum = p->bias ? p->bias[oc] : 0, i = oc;

    for (int32_t ky = 0; ky < w->kernel_h; ky++)
        for (int32_t kx = 0; kx < w->kernel_w; kx++, i += w->out_c)
            sum += p->weights[i] * tap(w, in, p->in_zero, at, ky, kx, ic);
    return sum;
}

/* Goes to the point after `at` in an output of w; 0 after the last. */
static int next_point(const tin_window *w, int32_t images, int32_t at[3])
{
    if (++at[2] < w->out_w)
        return 1;
    at[2] = 0;
    if (++at[1] < w->out_h)
        return 1;
    at[1] = 0;
    return ++at[0] < images;
}

/* A job on images of random bytes, to be freed. */
static job window_job(tin_kernel *run, const void *params, int32_t images)
{
    const tin_window *w = params;
    job j;

    memset(&j, 0, sizeof j);
    j.run = run;
    j.params = params;
    j.need = need_window;
    j.n_in = 1;
    j.in[0].base = random_bytes(images * w->in_h * w->in_w * w->in_c);
    j.in[0].row_bytes = w->in_w * w->in_c;
    j.in[0].rows = images * w->in_h;
    j.out_rows = images * w->out_h;
    j.out_bytes = w->out_w * w->out_c;
    return j;
}

static void test_conv(tin_conv2d_s8_params *p, int32_t images)
{
    const tin_window *w = &p->window;
    const job j = window_job(tin_conv2d_s8, p, images);
    int32_t at[3] = {0, 0, 0};
    const int8_t *got;
    tin_rows out;
    const char *why = NULL;

    cr_assert_eq(tin_conv2d_s8_check(p, &why), TIN_OK, "%s", why);
    out = run_job(&j);
    got = out.base;
    do {
        for (int32_t oc = 0; oc < w->out_c; oc++) {
            const int32_t sum = naive_conv_sum(p, j.in[0].base, at, oc);

            cr_assert_eq(*got++,
                         naive_output(sum, p->multiplier[oc], p->shift[oc],
                                      p->out_zero, p->act_min, p->act_max));
        }
    } while (next_point(w, images, at));
    free(j.in[0].base);
    ring_free(&out);
}

static void random_clamp(int32_t *act_min, int32_t *act_max)
{
    *act_min = between(0, 1) ? -128 : between(-128, 0);
    *act_max = between(0, 1) ? 127 : between(0, 127);
}

Test(conv2d_s8, equals_naive)
{
    for (int i = 0; i < 300; i++) {
        const int32_t groups = i % 3 ? 1 : between(1, 4);
        tin_conv2d_s8_params p;
        int8_t *weights;

        p.window = random_window(groups * between(1, 5), i % 2 ? 1 : 3);
        p.window.out_c = groups * between(1, 5);
        p.groups = groups;
        p.in_zero = random_zero();
        p.out_zero = random_zero();
        random_clamp(&p.act_min, &p.act_max);
        random_channels(p.window.out_c);
        weights = random_bytes(p.window.out_c * 16 * p.window.in_c / groups);
        p.weights = weights;
        p.bias = i % 5 ? biases : NULL;
        p.multiplier = multipliers;
        p.shift = shifts;
        test_conv(&p, between(1, 3));
        free(weights);
    }
}

/* One row, whose output ends `trail` bytes above the start of its input, as
 * the planner lays it. */
static void test_trail(const tin_conv2d_s8_params *p, int32_t trail)
{
    const tin_window *w = &p->window;
    const int32_t in_bytes = w->in_w * w->in_c, out_bytes = w->out_w * w->out_c;
    const int32_t above = out_bytes - trail;
    const int32_t bytes =
        out_bytes > above + in_bytes ? out_bytes : above + in_bytes;
    tin_rows both = ring_new(1, bytes), in = ring_new(1, in_bytes);
    tin_rows want = ring_new(1, out_bytes), got = both, over = both;

    ring_fill(&in);
    tin_conv2d_s8(p, &in, &want, 0, 1, NULL);
    over.base = (uint8_t *)both.base + above;
    over.row_bytes = in_bytes;
    got.row_bytes = out_bytes;
    memcpy(over.base, in.base, (size_t)in_bytes);
    tin_conv2d_s8(p, &over, &got, 0, 1, NULL);
    cr_assert_eq(memcmp(got.base, want.base, (size_t)out_bytes), 0);
    ring_free(&both), ring_free(&in), ring_free(&want);
}

Test(conv2d_s8, writes_behind_what_it_reads)
{
    for (int i = 0; i < 100; i++) {
        const int32_t in_c = between(1, 40), out_c = between(1, 40);
        const int32_t groups = in_c % 2 || out_c % 2 ? 1 : 2, w = between(1, 9);
        int8_t *weights = random_bytes(in_c * out_c);
        const tin_conv2d_s8_params p = {
            {1, w, in_c, 1, w, out_c, 1, 1, 1, 1, 1, 1, 0, 0},
            groups,
            random_zero(),
            random_zero(),
            -128,
            127,
            weights,
            biases,
            multipliers,
            shifts};

        random_channels(out_c);
        test_trail(&p, (w - 1) * (in_c < out_c ? in_c : out_c));
        free(weights);
    }
}

static void test_dwconv(tin_dwconv2d_s8_params *p, int32_t images)
{
    const tin_window *w = &p->window;
    const job j = window_job(tin_dwconv2d_s8, p, images);
    int32_t at[3] = {0, 0, 0};
    const int8_t *got;
    tin_rows out;
    const char *why = NULL;

    cr_assert_eq(tin_dwconv2d_s8_check(p, &why), TIN_OK, "%s", why);
    out = run_job(&j);
    got = out.base;
    do {
        for (int32_t oc = 0; oc < w->out_c; oc++) {
            const int32_t sum = naive_dwconv_sum(p, j.in[0].base, at, oc);

            cr_assert_eq(*got++,
                         naive_output(sum, p->multiplier[oc], p->shift[oc],
                                      p->out_zero, p->act_min, p->act_max));
        }
    } while (next_point(w, images, at));
    free(j.in[0].base);
    ring_free(&out);
}

Test(dwconv2d_s8, equals_naive)
{
    for (int i = 0; i < 300; i++) {
        tin_dwconv2d_s8_params p;
        int8_t *weights;

        p.window = random_window(between(1, 9), i % 2 ? 1 : 3);
        p.window.out_c *= i % 3 ? 1 : between(1, 4);
        p.in_zero = random_zero();
        p.out_zero = random_zero();
        random_clamp(&p.act_min, &p.act_max);
        random_channels(p.window.out_c);
        weights = random_bytes(16 * p.window.out_c);
        p.weights = weights;
        p.bias = i % 5 ? biases : NULL;
        p.multiplier = multipliers;
        p.shift = shifts;
        test_dwconv(&p, between(1, 3));
        free(weights);
    }
}

static tin_dense_s8_params dense_params(int32_t in_c, int32_t out_c,
                                        const int8_t *weights)
{
    tin_dense_s8_params p;

    p.in_c = in_c;
    p.out_c = out_c;
    p.in_zero = random_zero();
    p.out_zero = random_zero();
    random_clamp(&p.act_min, &p.act_max);
    p.weights = weights;
    p.bias = biases;
    p.multiplier = multipliers;
    p.shift = shifts;
    return p;
}

static void test_dense(const tin_dense_s8_params *p, int32_t n)
{
    int8_t *in = random_bytes(n * p->in_c);
    job j = {tin_dense_s8, p, need_same, 1, {{in, p->in_c, n, 0}, {0}}, n,
             p->out_c};
    tin_rows out = run_job(&j);
    const int8_t *got = out.base;

    cr_assert_eq(tin_dense_s8_check(p, NULL), TIN_OK);
    for (int32_t i = 0; i < n * p->out_c; i++) {
        const int32_t y = i / p->out_c, oc = i % p->out_c;
        int32_t sum = p->bias ? p->bias[oc] : 0;

        for (int32_t ic = 0; ic < p->in_c; ic++)
            sum += (in[y * p->in_c + ic] - p->in_zero) *
                   p->weights[oc * p->in_c + ic];
        cr_assert_eq(got[i], naive_output(sum, p->multiplier[oc], p->shift[oc],
                                          p->out_zero, p->act_min, p->act_max));
    }
    free(in);
    ring_free(&out);
}

Test(dense_s8, equals_naive)
{
    for (int i = 0; i < 100; i++) {
        const int32_t in_c = between(1, 70), out_c = between(1, 20);
        int8_t *weights = random_bytes(in_c * out_c);
        tin_dense_s8_params p = dense_params(in_c, out_c, weights);

        random_channels(out_c);
        if (i % 5 == 0)
            p.bias = NULL;
        test_dense(&p, between(1, 4));
        free(weights);
    }
}

/* ---- Pools and mean on seeded shapes ------------------------------------ */

static int8_t naive_pool(const tin_pool2d_s8_params *p, const int8_t *in,
                         const int32_t at[3], int32_t c, int is_max)
{
    const tin_window *w = &p->window;
    int32_t sum = 0, count = 0, max = -128;

    for (int32_t i = 0; i < w->kernel_h * w->kernel_w; i++) {
        const int32_t ky = i / w->kernel_w, kx = i % w->kernel_w;
        const int32_t x = tap(w, in, -1000, at, ky, kx, c) - 1000;

        if (x < -500) // outside
            continue;
        sum += x;
        count++;
        max = x > max ? x : max;
    }
    if (!is_max)
        max = (int32_t)divide_away(sum + p->origin * count, count) - p->origin;
    return (int8_t)tin_clamp(max, p->act_min, p->act_max);
}

static void test_pool(const tin_pool2d_s8_params *p, int32_t images, int is_max)
{
    const tin_window *w = &p->window;
    const job j =
        window_job(is_max ? tin_maxpool2d_s8 : tin_avgpool2d_s8, p, images);
    tin_rows out = run_job(&j);
    int32_t at[3] = {0, 0, 0};
    const int8_t *got = out.base;

    cr_assert_eq(tin_avgpool2d_s8_check(p, NULL), TIN_OK);
    cr_assert_eq(tin_maxpool2d_s8_check(p, NULL), TIN_OK);
    do {
        for (int32_t c = 0; c < w->out_c; c++)
            cr_assert_eq(*got++, naive_pool(p, j.in[0].base, at, c, is_max));
    } while (next_point(w, images, at));
    free(j.in[0].base);
    ring_free(&out);
}

Test(pool2d_s8, equals_naive)
{
    for (int i = 0; i < 300; i++) {
        tin_pool2d_s8_params p;

        p.window = random_window(between(1, 9), 1);
        random_clamp(&p.act_min, &p.act_max);
        p.origin = 128 * between(0, 1);
        test_pool(&p, between(1, 3), i % 2);
    }
}

/* A mean of `images` images: at once, and row by row from a ring of one row
 * to a ring of one row, must write `expected`. */
static void run_mean(const tin_mean_s8_params *p, const int8_t *in,
                     int32_t images, const int8_t *expected)
{
    const int32_t row_bytes = p->in_w * p->c;
    tin_rows all = {(void *)(uintptr_t)in, row_bytes, images * p->in_h, 0};
    tin_rows one = ring_new(1, row_bytes), out = ring_new(1, p->c);
    tin_rows whole = ring_new(images, p->c);
    tin_rows scratch = ring_new(1, tin_mean_s8_scratch_size(p));

    tin_mean_s8(p, &all, &whole, 0, all.rows, scratch.base);
    cr_assert_arr_eq(whole.base, expected, (size_t)(images * p->c));
    for (int32_t y = 0; y < all.rows; y++) {
        memset(out.base, EMPTY, (size_t)p->c);
        memcpy(one.base, tin_row(&all, y), (size_t)row_bytes);
        tin_mean_s8(p, &one, &out, y, y + 1, scratch.base);
        if ((y + 1) % p->in_h == 0)
            cr_assert_arr_eq(out.base, expected + y / p->in_h * p->c,
                             (size_t)p->c);
        else
            cr_assert_eq(*(unsigned char *)out.base, EMPTY);
    }
    ring_free(&one), ring_free(&out), ring_free(&whole), ring_free(&scratch);
}

Test(mean_s8, equals_naive_in_any_pieces)
{
    for (int i = 0; i < 100; i++) {
        const int32_t images = between(1, 3);
        tin_mean_s8_params p = {between(1, 7), between(1, 7),
                                between(1, 9), random_zero(),
                                random_zero(), between(1 << 29, INT32_MAX - 1),
                                between(-9, 0)};
        const int32_t n = p.in_h * p.in_w;
        int8_t *in = random_bytes(images * n * p.c);
        int8_t *expected = malloc((size_t)(images * p.c));

        for (int32_t o = 0; o < images * p.c; o++) {
            int32_t sum = -n * p.in_zero;

            for (int32_t k = 0; k < n; k++)
                sum += in[(o / p.c * n + k) * p.c + o % p.c];
            expected[o] =
                naive_output(sum, p.multiplier, p.shift, p.out_zero, -128, 127);
        }
        cr_assert_eq(tin_mean_s8_check(&p, NULL), TIN_OK);
        run_mean(&p, in, images, expected);
        free(in), free(expected);
    }
}

/* ---- Add on seeded shapes ----------------------------------------------- */

/* How the extents of `shape` of one input lie in memory: strides in rows and
 * elements, 0 where an extent of 1 is broadcast. */
static void set_strides(const int32_t shape[TIN_DIMS], int32_t stride[TIN_DIMS])
{
    int32_t rows = 1, elems = 1;

    for (int i = TIN_DIMS - 1; i >= 0; i--) {
        int32_t *size = i >= 3 ? &elems : &rows;

        stride[i] = shape[i] > 1 ? *size : 0;
        *size *= shape[i];
    }
}

/* Input rows of an input that is never broadcast along its rows. */
static tin_rows add_input(const int32_t shape[TIN_DIMS])
{
    const int32_t rows = shape[0] * shape[1] * shape[2];
    const int32_t row_bytes = shape[3] * shape[4];
    tin_rows r = {random_bytes(rows * row_bytes), row_bytes, rows, 0};

    return r;
}

static void need_add(const void *params, int k, int32_t y, int32_t *first,
                     int32_t *last)
{
    const tin_broadcast *s = params;

    *first = tin_broadcast_row(s, k ? s->stride_b : s->stride_a, y);
    *last = *first;
}

/* The input byte at the place of output element i. */
static int32_t add_place(const tin_rows *in, const tin_broadcast *s,
                         const int32_t stride[TIN_DIMS], int32_t i)
{
    int32_t row = 0, elem = 0;

    for (int k = TIN_DIMS - 1; k >= 0; k--) {
        *(k >= 3 ? &elem : &row) += i % s->dim[k] * stride[k];
        i /= s->dim[k];
    }
    return ((const int8_t *)in->base)[row * in->row_bytes + elem];
}

static int8_t naive_add(const tin_add_s8_params *p, int32_t a, int32_t b)
{
    const int32_t unit = (int32_t)1 << p->left_shift;
    const int32_t sum =
        naive_requantize((a - p->a_zero) * unit, p->a_multiplier, p->a_shift) +
        naive_requantize((b - p->b_zero) * unit, p->b_multiplier, p->b_shift);

    return naive_output(sum, p->out_multiplier, p->out_shift, p->out_zero,
                        p->act_min, p->act_max);
}

static tin_add_s8_params random_add(void)
{
    tin_add_s8_params p;

    memset(&p, 0, sizeof p);
    p.a_zero = random_zero();
    p.b_zero = random_zero();
    p.out_zero = random_zero();
    p.left_shift = between(0, 3) ? 20 : between(9, 21);
    p.a_multiplier = between(1, INT32_MAX - 1);
    p.b_multiplier = between(1, INT32_MAX - 1);
    p.out_multiplier = between(1 << 30, INT32_MAX - 1);
    p.a_shift = between(-4, 0);
    p.b_shift = between(-4, 0);
    p.out_shift = between(1 - p.left_shift, 4 - p.left_shift);
    random_clamp(&p.act_min, &p.act_max);
    return p;
}

static void test_add(tin_add_s8_params *p, const int32_t shape_a[TIN_DIMS],
                     const int32_t shape_b[TIN_DIMS])
{
    tin_broadcast *s = &p->shape;
    job j = {tin_add_s8, p, need_add, 2, {{0}, {0}}, 0, 0};
    const int8_t *got;
    tin_rows out;

    set_strides(shape_a, s->stride_a);
    set_strides(shape_b, s->stride_b);
    j.in[0] = add_input(shape_a);
    j.in[1] = add_input(shape_b);
    j.out_rows = s->dim[0] * s->dim[1] * s->dim[2];
    j.out_bytes = s->dim[3] * s->dim[4];
    cr_assert_eq(tin_add_s8_check(p, NULL), TIN_OK);
    out = run_job(&j);
    got = out.base;
    for (int32_t i = 0; i < j.out_rows * j.out_bytes; i++)
        cr_assert_eq(got[i],
                     naive_add(p, add_place(&j.in[0], s, s->stride_a, i),
                               add_place(&j.in[1], s, s->stride_b, i)));
    free(j.in[0].base), free(j.in[1].base);
    ring_free(&out);
}

Test(add_s8, equals_naive_with_any_broadcast)
{
    for (int i = 0; i < 300; i++) {
        tin_add_s8_params p = random_add();
        int32_t shape_a[TIN_DIMS], shape_b[TIN_DIMS];

        for (int k = 0; k < TIN_DIMS; k++) {
            const int32_t broadcast = i % 2 ? between(0, 4) : 0;

            p.shape.dim[k] = between(1, 4);
            shape_a[k] = broadcast == 1 ? 1 : p.shape.dim[k];
            shape_b[k] = broadcast == 2 ? 1 : p.shape.dim[k];
        }
        test_add(&p, shape_a, shape_b);
    }
}

Test(add_s8, works_in_place)
{
    tin_add_s8_params p = random_add();
    const int32_t shape[TIN_DIMS] = {1, 1, 3, 5, 7};
    tin_rows a = add_input(shape), b = add_input(shape);
    tin_rows in[2], out = ring_new(3, 35);

    memcpy(p.shape.dim, shape, sizeof shape);
    set_strides(shape, p.shape.stride_a);
    set_strides(shape, p.shape.stride_b);
    in[0] = a;
    in[1] = b;
    tin_add_s8(&p, in, &out, 0, 3, NULL);
    tin_add_s8(&p, in, &a, 0, 3, NULL);
    cr_assert_arr_eq(a.base, out.base, 105);
    free(a.base), free(b.base);
    ring_free(&out);
}

/* ---- Softmax and tables ------------------------------------------------- */

/* The parameters for a scale, as the header derives them. */
static tin_softmax_s8_params softmax_params(int32_t groups, int32_t c,
                                            double scale)
{
    tin_softmax_s8_params p;
    int shift;

    p.groups = groups;
    p.c = c;
    p.multiplier =
        (int32_t)floor(frexp(scale * 67108864.0, &shift) * 2147483648.0 + 0.5);
    p.shift = shift;
    p.diff_min = -(int32_t)floor(31.0 * 67108864.0 / ldexp(1.0, shift));
    return p;
}

Test(softmax_s8, is_close_and_keeps_the_row_contract)
{
    for (int i = 0; i < 100; i++) {
        const double scale =
            ldexp(1.0 + between(0, 1023) / 1024.0, between(-9, 1));
        const tin_softmax_s8_params p =
            softmax_params(between(1, 3), between(1, 40), scale);
        const int32_t row = p.groups * p.c;
        int8_t *in = random_bytes(3 * row);
        job j = {tin_softmax_s8,         &p, need_same, 1,
                 {{in, row, 3, 0}, {0}}, 3,  row};
        tin_rows out = run_job(&j);
        const int8_t *got = out.base;

        cr_assert_eq(tin_softmax_s8_check(&p, NULL), TIN_OK);
        for (int32_t k = 0; k < 3 * row; k++) {
            const int8_t *group = in + k / p.c * p.c;
            double sum = 0, y;

            for (int32_t n = 0; n < p.c; n++)
                sum += exp(scale * (group[n] - in[k]));
            y = 256 / sum - 128;
            cr_assert_float_eq(got[k], y > 127 ? 127 : y, 0.501);
        }
        free(in);
        ring_free(&out);
    }
}

Test(softmax_s8, works_in_place_and_at_the_ends)
{
    const tin_softmax_s8_params p = softmax_params(1, 4, 0.1);
    int8_t x[] = {-128, 127, 127, -128}, one[] = {5};
    tin_softmax_s8_params single = softmax_params(1, 1, 0.1);
    tin_rows rows = {x, 4, 1, 0}, row = {one, 1, 1, 0};

    tin_softmax_s8(&p, &rows, &rows, 0, 1, NULL);
    cr_assert_eq(x[0], -128);
    cr_assert_eq(x[1], 0);
    cr_assert_eq(x[2], 0);
    cr_assert_eq(x[3], -128);
    tin_softmax_s8(&single, &row, &row, 0, 1, NULL);
    cr_assert_eq(one[0], 127); // 256 - 128, clamped
}

/* 512 equal numbers: half a unit each, and the reference stops. */
Test(softmax_s8, of_very_many_equal_numbers)
{
    const int32_t counts[] = {511, 512, 4095};

    for (int i = 0; i < 3; i++) {
        const tin_softmax_s8_params p = softmax_params(1, counts[i], 0.1);
        int8_t x[4095] = {0};
        tin_rows rows = {x, counts[i], 1, 0};

        cr_assert_eq(tin_softmax_s8_check(&p, NULL), TIN_OK);
        tin_softmax_s8(&p, &rows, &rows, 0, 1, NULL);
        cr_assert_eq(x[0], i == 0 ? -127 : -128);
        cr_assert_eq(x[counts[i] - 1], x[0]);
    }
}

Test(table_x8, maps_all_bytes_and_works_in_place)
{
    uint8_t table[256], x[256];
    const tin_table_x8_params p = {64, table};
    job j = {tin_table_x8, &p, need_same, 1, {{x, 64, 4, 0}, {0}}, 4, 64};
    tin_rows out;

    for (int i = 0; i < 256; i++) {
        x[i] = (uint8_t)i;
        table[i] = (uint8_t)(i * 7 + 3);
    }
    cr_assert_eq(tin_table_x8_check(&p, NULL), TIN_OK);
    out = run_job(&j);
    cr_assert_arr_eq(out.base, table, 256);
    tin_table_x8(&p, j.in, j.in, 0, 4, NULL);
    cr_assert_arr_eq(x, table, 256);
    ring_free(&out);
}

Test(table_x8, logistic_is_close)
{
    for (int e = -9; e < 1; e++) {
        const double scale = 1.37 * ldexp(1.0, e);
        const int32_t zero = random_zero();
        uint8_t table[256];
        int shift;
        const double f = frexp(scale * 134217728.0, &shift);

        tin_logistic_table_s8(
            table, zero, (int32_t)floor(f * 2147483648.0 + 0.5), shift,
            (int32_t)floor(15.0 * 134217728.0 / ldexp(1.0, shift)));
        for (int32_t x = -128; x < 128; x++) {
            const double y = 256 / (1 + exp(-scale * (x - zero))) - 128;

            cr_assert_float_eq((int8_t)table[(uint8_t)x], y > 127 ? 127 : y,
                               0.51);
        }
    }
}

Test(table_x8, logistic_of_zero_and_far_out)
{
    uint8_t table[256];

    tin_logistic_table_s8(table, 0, 1 << 30, 28, 7); // scale 1
    cr_assert_eq((int8_t)table[0], 0);
    cr_assert_eq((int8_t)table[(uint8_t)-128], -128);
    cr_assert_eq((int8_t)table[127], 127);
}

Test(table_x8, requant_table_clamps_and_rounds)
{
    uint8_t table[256];

    tin_requant_table_s8(table, 0, 0, 1 << 30, 1, -128, 127); // factor 1
    for (int i = 0; i < 256; i++)
        cr_assert_eq(table[i], i);
    tin_requant_table_s8(table, -128, -128, 1 << 30, 0, -100, 100); // 1/2
    cr_assert_eq((int8_t)table[(uint8_t)-128], -100);
    cr_assert_eq((int8_t)table[0], -64);
    cr_assert_eq((int8_t)table[1], -63); // 64.5 rounds up
    tin_requant_table_s8(table, -128, 0, 1 << 30, 3, -128, 127); // 4
    cr_assert_eq((int8_t)table[0], 127);
}

/* ---- Worked by hand ----------------------------------------------------- */

static const int32_t unit_multiplier[4] = {1 << 30, 1 << 30, 1 << 30, 1 << 30};
static const int8_t unit_shift[4] = {1, 1, 1, 1};

/* 1 x 1 images of one channel, kernel 3 x 3 padded by 1: the centre counts. */
static tin_conv2d_s8_params one_pixel(const int8_t weights[9])
{
    const tin_conv2d_s8_params p = {{1, 1, 1, 1, 1, 1, 3, 3, 1, 1, 1, 1, 1, 1},
                                    1,
                                    -128,
                                    127,
                                    -128,
                                    127,
                                    weights,
                                    NULL,
                                    unit_multiplier,
                                    unit_shift};
    return p;
}

Test(conv2d_s8, of_one_pixel)
{
    const int8_t weights[9] = {9, 9, 9, 9, -1, 9, 9, 9, 9};
    const tin_conv2d_s8_params p = one_pixel(weights);
    int8_t x[3] = {-128, 72, 127}, y[3] = {1, 1, 1};
    const tin_rows in = {x, 1, 3, 0}, out = {y, 1, 3, 0};

    cr_assert_eq(tin_conv2d_s8_check(&p, NULL), TIN_OK);
    tin_conv2d_s8(&p, &in, &out, 0, 3, NULL);
    cr_assert_eq(y[0], 127);  // 0 + 127
    cr_assert_eq(y[1], -73);  // -200 + 127
    cr_assert_eq(y[2], -128); // -255 + 127
}

Test(conv2d_s8, keeps_groups_apart)
{
    const int8_t weights[4] = {1, 2, 3, 4};
    const tin_conv2d_s8_params p = {{1, 1, 2, 1, 1, 4, 1, 1, 1, 1, 1, 1, 0, 0},
                                    2,
                                    0,
                                    0,
                                    -128,
                                    127,
                                    weights,
                                    NULL,
                                    unit_multiplier,
                                    unit_shift};
    const int8_t expected[4] = {5, 10, 21, 28};
    int8_t x[2] = {5, 7}, y[4];
    const tin_rows in = {x, 2, 1, 0}, out = {y, 4, 1, 0};

    cr_assert_eq(tin_conv2d_s8_check(&p, NULL), TIN_OK);
    tin_conv2d_s8(&p, &in, &out, 0, 1, NULL);
    cr_assert_arr_eq(y, expected, 4);
}

Test(dense_s8, at_the_limit_of_the_sum)
{
    const int32_t in_c = 66311; // * 255 * 127 = 2^31 - 2,113 or so
    int8_t *w = malloc((size_t)in_c), *x = malloc((size_t)in_c), y;
    int32_t bias = INT32_MAX - 66311 * 255 * 127;
    const tin_dense_s8_params p = {
        in_c,           1, -128, 127, -128, 127, w, &bias, unit_multiplier,
        (int8_t[]){-31}};
    const tin_rows in = {x, in_c, 1, 0}, out = {&y, 1, 1, 0};
    const char *why = NULL;

    memset(w, 127, (size_t)in_c);
    memset(x, 127, (size_t)in_c);
    cr_assert_eq(tin_dense_s8_check(&p, &why), TIN_OK, "%s", why);
    tin_dense_s8(&p, &in, &out, 0, 1, NULL);
    cr_assert_eq(y, 127); // 0.5 rounds to 1, 1 + 127 is clamped
    bias++;
    cr_assert_eq(tin_dense_s8_check(&p, &why), TIN_ERR_QUANT);
    free(w), free(x);
}

static int8_t pool_from(int32_t origin, tin_kernel *kernel, int8_t a, int8_t b,
                        int8_t c, int8_t d)
{
    const tin_pool2d_s8_params p = {
        {2, 2, 1, 1, 1, 1, 2, 2, 1, 1, 1, 1, 0, 0}, -128, 127, origin};
    int8_t x[4], y;
    const tin_rows in = {x, 2, 2, 0}, out = {&y, 1, 1, 0};

    x[0] = a, x[1] = b, x[2] = c, x[3] = d;
    kernel(&p, &in, &out, 0, 1, NULL);
    return y;
}

static int8_t pool_of(tin_kernel *kernel, int8_t a, int8_t b, int8_t c,
                      int8_t d)
{
    return pool_from(0, kernel, a, b, c, d);
}

Test(avgpool2d_s8, rounds_half_up_from_128)
{
    cr_assert_eq(pool_from(128, tin_avgpool2d_s8, -1, -2, -3, -4), -2);
    cr_assert_eq(pool_from(128, tin_avgpool2d_s8, 1, 2, 3, 4), 3);
    cr_assert_eq(pool_from(128, tin_avgpool2d_s8, -1, -2, -3, -3), -2);
    cr_assert_eq(pool_from(128, tin_avgpool2d_s8, -128, -128, -128, -128),
                 -128);
    cr_assert_eq(pool_from(128, tin_avgpool2d_s8, 127, 127, 127, 127), 127);
}

Test(avgpool2d_s8, rounds_half_away_from_zero)
{
    cr_assert_eq(pool_of(tin_avgpool2d_s8, -1, -2, -3, -4), -3); // -2.5
    cr_assert_eq(pool_of(tin_avgpool2d_s8, 1, 2, 3, 4), 3);      // 2.5
    cr_assert_eq(pool_of(tin_avgpool2d_s8, -1, -2, -3, -3), -2); // -2.25
    cr_assert_eq(pool_of(tin_avgpool2d_s8, -1, 1, 0, 0), 0);
    cr_assert_eq(pool_of(tin_avgpool2d_s8, -128, -128, -128, -128), -128);
    cr_assert_eq(pool_of(tin_avgpool2d_s8, 127, 127, 127, 127), 127);
    cr_assert_eq(pool_of(tin_maxpool2d_s8, -128, -128, -128, -128), -128);
    cr_assert_eq(pool_of(tin_maxpool2d_s8, -5, 127, 3, -128), 127);
}

Test(avgpool2d_s8, counts_no_padding)
{
    const tin_pool2d_s8_params p = {
        {1, 1, 1, 1, 1, 1, 3, 3, 1, 1, 1, 1, 1, 1}, -128, 127, 0};
    int8_t x = -77, y = 0;
    const tin_rows in = {&x, 1, 1, 0}, out = {&y, 1, 1, 0};

    tin_avgpool2d_s8(&p, &in, &out, 0, 1, NULL);
    cr_assert_eq(y, -77);
}

/* n = 3 does not divide 2^31: the multiplier is cut, not the sum. */
Test(mean_s8, divides_the_multiplier)
{
    const tin_mean_s8_params p = {
        1, 3, 1, 0, 0, (int32_t)(((int64_t)1 << 31) / 3), 0};
    int8_t x[3] = {1, 2, 2}, y;
    int32_t scratch;
    const tin_rows in = {x, 3, 1, 0}, out = {&y, 1, 1, 0};

    tin_mean_s8(&p, &in, &out, 0, 1, &scratch);
    cr_assert_eq(y, 2); // 1.67
    x[0] = 127, x[1] = 127, x[2] = 127;
    tin_mean_s8(&p, &in, &out, 0, 1, &scratch);
    cr_assert_eq(y, 127);
}

Test(add_s8, of_equal_scales)
{
    // scales 1, 1 -> 1: twice = 2, factors 1/2, 1/2, 2^-19
    const tin_add_s8_params p = {{{1, 1, 1, 1, 3}, {0, 0, 0, 0, 1}, {0}},
                                 -128,
                                 127,
                                 5,
                                 20,
                                 1 << 30,
                                 0,
                                 1 << 30,
                                 0,
                                 1 << 30,
                                 -18,
                                 -128,
                                 100};
    const int8_t expected[3] = {-55, -54, 100};
    int8_t a[3] = {-128, -127, 127}, b[1] = {67}, y[3];
    const tin_rows in[2] = {{a, 3, 1, 0}, {b, 1, 1, 0}}, out = {y, 3, 1, 0};

    cr_assert_eq(tin_add_s8_check(&p, NULL), TIN_OK);
    tin_add_s8(&p, in, &out, 0, 1, NULL);
    cr_assert_arr_eq(y, expected, 3);
}

/* ---- What the checks refuse --------------------------------------------- */

/* What all kernels with a window refuse. */
#define REFUSE_WINDOWS(check)                                                  \
 do {                                                                          \
  REFUSE(p.window.in_h = 0, check, TIN_ERR_SHAPE);                             \
  REFUSE(p.window.in_w = -1, check, TIN_ERR_SHAPE);                            \
  REFUSE(p.window.in_c = 0, check, TIN_ERR_SHAPE);                             \
  REFUSE(p.window.out_h = 0, check, TIN_ERR_SHAPE);                            \
  REFUSE(p.window.out_w = 0, check, TIN_ERR_SHAPE);                            \
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
  REFUSE(p.act_min = -129, check, TIN_ERR_QUANT);                              \
  REFUSE(p.act_max = 128, check, TIN_ERR_QUANT);                               \
  REFUSE((p.act_min = 1, p.act_max = 0), check, TIN_ERR_QUANT);                \
 } while (0)

/* What all kernels with weights refuse. Channel 1 is the second of two. */
#define REFUSE_WEIGHTS(check)                                                  \
 do {                                                                          \
  static const int32_t negative[2] = {1, -1};                                  \
  static const int32_t heavy[2] = {0, INT32_MAX}, light[2] = {0, INT32_MIN};   \
  static const int8_t too_low[2] = {0, -32}, too_high[2] = {0, 31};            \
  REFUSE(p.weights = NULL, check, TIN_ERR_ARG);                                \
  REFUSE(p.multiplier = NULL, check, TIN_ERR_ARG);                             \
  REFUSE(p.shift = NULL, check, TIN_ERR_ARG);                                  \
  REFUSE(p.multiplier = negative, check, TIN_ERR_QUANT);                       \
  REFUSE(p.shift = too_low, check, TIN_ERR_QUANT);                             \
  REFUSE(p.shift = too_high, check, TIN_ERR_QUANT);                            \
  REFUSE(p.bias = heavy, check, TIN_ERR_QUANT);                                \
  REFUSE(p.bias = light, check, TIN_ERR_QUANT);                                \
  REFUSE(p.in_zero = 128, check, TIN_ERR_QUANT);                               \
  REFUSE(p.in_zero = -129, check, TIN_ERR_QUANT);                              \
  REFUSE(p.out_zero = 128, check, TIN_ERR_QUANT);                              \
  REFUSE(p.out_zero = -129, check, TIN_ERR_QUANT);                             \
 } while (0)

static const int8_t some_weights[64] = {1, 1, 1, 1, [18] = 1};

Test(check, conv2d_s8)
{
    const tin_conv2d_s8_params good = {
        {4, 4, 2, 4, 4, 2, 3, 3, 1, 1, 1, 1, 1, 1},
        1,
        0,
        0,
        -128,
        127,
        some_weights,
        NULL,
        unit_multiplier,
        unit_shift};
    tin_conv2d_s8_params p;

    REFUSE_WINDOWS(tin_conv2d_s8_check);
    REFUSE_WEIGHTS(tin_conv2d_s8_check);
    REFUSE(p.groups = 0, tin_conv2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.groups = -2, tin_conv2d_s8_check, TIN_ERR_SHAPE);
    REFUSE((p.groups = 2, p.window.out_c = 3), tin_conv2d_s8_check,
           TIN_ERR_SHAPE);
    REFUSE((p.groups = 2, p.window.in_c = 3), tin_conv2d_s8_check,
           TIN_ERR_SHAPE);
    REFUSE((p.window.kernel_h = 40000, p.window.kernel_w = 40000),
           tin_conv2d_s8_check, TIN_ERR_OVERFLOW);
    REFUSE((p.window.in_c = 1 << 20, p.window.dilation_w = 1 << 20),
           tin_conv2d_s8_check, TIN_ERR_OVERFLOW);
}

Test(check, dwconv2d_s8)
{
    const tin_dwconv2d_s8_params good = {
        {4, 4, 2, 4, 4, 2, 3, 3, 1, 1, 1, 1, 1, 1},
        0,
        0,
        -128,
        127,
        some_weights,
        NULL,
        unit_multiplier,
        unit_shift};
    tin_dwconv2d_s8_params p;

    REFUSE_WINDOWS(tin_dwconv2d_s8_check);
    REFUSE_WEIGHTS(tin_dwconv2d_s8_check);
    REFUSE(p.window.out_c = 3, tin_dwconv2d_s8_check, TIN_ERR_SHAPE);
    REFUSE((p.window.kernel_h = 40000, p.window.kernel_w = 40000),
           tin_dwconv2d_s8_check, TIN_ERR_OVERFLOW);
    REFUSE((p.window.in_c = p.window.out_c = 1 << 20,
            p.window.dilation_w = 1 << 20),
           tin_dwconv2d_s8_check, TIN_ERR_OVERFLOW);
}

Test(check, dense_s8)
{
    const tin_dense_s8_params good = {
        2, 2, 0, 0, -128, 127, some_weights, NULL, unit_multiplier, unit_shift};
    tin_dense_s8_params p;

    REFUSE_WEIGHTS(tin_dense_s8_check);
    REFUSE(p.in_c = 0, tin_dense_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.out_c = 0, tin_dense_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.in_c = INT32_MAX, tin_dense_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.act_min = -129, tin_dense_s8_check, TIN_ERR_QUANT);
    REFUSE((p.act_min = 1, p.act_max = 0), tin_dense_s8_check, TIN_ERR_QUANT);
}

/* One window of 2 x 2 that reaches past both edges stays allowed. */
Test(check, pool2d_s8)
{
    const tin_pool2d_s8_params good = {
        {3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 0, 0}, -128, 127, 0};
    tin_pool2d_s8_params p;

    REFUSE_WINDOWS(tin_avgpool2d_s8_check);
    REFUSE_WINDOWS(tin_maxpool2d_s8_check);
    REFUSE(p.window.out_c = 4, tin_avgpool2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.window.dilation_h = 2, tin_avgpool2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.window.dilation_w = 2, tin_maxpool2d_s8_check, TIN_ERR_SHAPE);
    // windows without a tap
    REFUSE(p.window.pad_top = 2, tin_avgpool2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.window.pad_left = 2, tin_maxpool2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.window.out_h = 3, tin_avgpool2d_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.window.out_w = 3, tin_maxpool2d_s8_check, TIN_ERR_SHAPE);
    REFUSE((p.window.kernel_h = 1 << 12, p.window.kernel_w = 1 << 12),
           tin_avgpool2d_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.origin = 1, tin_avgpool2d_s8_check, TIN_ERR_QUANT);
}

Test(check, mean_s8)
{
    const tin_mean_s8_params good = {4, 4, 2, 0, 0, 1 << 30, 0};
    tin_mean_s8_params p;

    REFUSE(p.in_h = 0, tin_mean_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.in_w = 0, tin_mean_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 0, tin_mean_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.in_h = 1 << 22, tin_mean_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.c = 1 << 29, tin_mean_s8_check, TIN_ERR_OVERFLOW);
    REFUSE((p.in_w = 1, p.c = 1 << 29), tin_mean_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.in_zero = 128, tin_mean_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_zero = -129, tin_mean_s8_check, TIN_ERR_QUANT);
    REFUSE(p.multiplier = -1, tin_mean_s8_check, TIN_ERR_QUANT);
    REFUSE(p.shift = 31, tin_mean_s8_check, TIN_ERR_QUANT);
    REFUSE(p.shift = -32, tin_mean_s8_check, TIN_ERR_QUANT);
}

Test(check, softmax_s8)
{
    const tin_softmax_s8_params good = softmax_params(2, 10, 0.1);
    tin_softmax_s8_params p;

    REFUSE(p.groups = 0, tin_softmax_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 0, tin_softmax_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 4096, tin_softmax_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.groups = 1 << 30, tin_softmax_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.multiplier = -1, tin_softmax_s8_check, TIN_ERR_QUANT);
    REFUSE(p.shift = -1, tin_softmax_s8_check, TIN_ERR_QUANT);
    REFUSE(p.shift = 31, tin_softmax_s8_check, TIN_ERR_QUANT);
    REFUSE(p.diff_min = 1, tin_softmax_s8_check, TIN_ERR_QUANT);
    REFUSE(p.diff_min = INT32_MIN, tin_softmax_s8_check, TIN_ERR_QUANT);
}

Test(check, add_s8)
{
    const tin_add_s8_params good = {
        {{1, 2, 3, 4, 5}, {0, 3, 1, 5, 1}, {0, 3, 1, 5, 1}},
        0,
        0,
        0,
        20,
        1 << 30,
        0,
        1 << 30,
        0,
        1 << 30,
        -18,
        -128,
        127};
    tin_add_s8_params p;

    REFUSE(p.shape.dim[0] = 0, tin_add_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.stride_a[1] = -1, tin_add_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.stride_b[4] = INT32_MAX, tin_add_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.a_zero = 128, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.b_zero = -129, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_zero = 128, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.left_shift = 8, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.left_shift = 22, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.a_multiplier = -1, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.b_multiplier = -1, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_multiplier = -1, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.a_shift = 1, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.b_shift = -32, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_shift = 1, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE(p.act_min = -129, tin_add_s8_check, TIN_ERR_QUANT);
    REFUSE((p.act_min = 1, p.act_max = 0), tin_add_s8_check, TIN_ERR_QUANT);
}

Test(check, table_x8)
{
    const uint8_t table[256] = {0};
    const tin_table_x8_params good = {1, table};
    tin_table_x8_params p;

    REFUSE(p.row_elems = 0, tin_table_x8_check, TIN_ERR_SHAPE);
    REFUSE(p.table = NULL, tin_table_x8_check, TIN_ERR_ARG);
}
