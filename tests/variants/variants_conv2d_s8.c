/* SPDX-License-Identifier: MIT */
/* variants_conv2d_s8.c: see variants.h. */
#include "variants.h"

#include <string.h>

#if TIN_HAVE_DSP

/* What a case is made of, besides chance. */
typedef struct {
    int32_t in_h, in_w, in_c, out_c;
    int32_t kernel_h, kernel_w, stride, dilation, pad;
} shape;

static const shape shapes[] = {
    // 1x1: tails of points, channels and inputs
    {1, 1, 1, 1, 1, 1, 1, 1, 0},
    {2, 3, 2, 3, 1, 1, 1, 1, 0},
    {5, 5, 3, 2, 1, 1, 1, 1, 0},
    {4, 5, 4, 5, 1, 1, 1, 1, 0},
    {7, 5, 8, 16, 1, 1, 1, 1, 0},
    {6, 4, 16, 8, 1, 1, 1, 1, 0},
    {5, 5, 31, 6, 1, 1, 1, 1, 0},
    {3, 9, 33, 7, 1, 1, 2, 1, 0},
    {5, 5, 64, 64, 1, 1, 1, 1, 0},
    {5, 6, 65, 10, 1, 1, 2, 1, 0},
    {3, 3, 130, 9, 1, 1, 1, 1, 0},
    {2, 7, 260, 4, 1, 1, 1, 1, 0},
    {4, 4, 34, 12, 1, 1, 3, 1, 1},
    {2, 2, 30, 4, 1, 1, 1, 1, 0},
    {3, 4, 32, 10, 1, 1, 1, 1, 0},
    {1, 4, 38, 2, 1, 1, 1, 1, 0},
    {1, 4, 40, 4, 1, 1, 1, 1, 0},
    {1, 4, 41, 4, 1, 1, 1, 1, 0},
    {2, 5, 62, 3, 1, 1, 1, 1, 0},
    {1, 9, 63, 4, 1, 1, 1, 1, 0},
    {5, 1, 66, 6, 1, 1, 1, 1, 0},
    {2, 3, 126, 5, 1, 1, 1, 1, 0},
    {2, 2, 300, 6, 1, 1, 1, 1, 0},
    // windows
    {6, 6, 1, 4, 3, 3, 1, 1, 1},
    {9, 7, 1, 3, 3, 3, 2, 1, 0},
    {8, 8, 3, 8, 3, 3, 2, 1, 1},
    {8, 9, 3, 16, 3, 3, 1, 1, 1},
    {12, 10, 1, 7, 10, 4, 2, 1, 4},
    {5, 8, 2, 5, 3, 5, 1, 1, 2},
    {6, 6, 4, 4, 2, 2, 2, 1, 0},
    {6, 7, 5, 6, 3, 3, 1, 1, 1},
    {7, 7, 16, 16, 3, 3, 1, 1, 1},
    {9, 9, 6, 4, 3, 3, 1, 2, 2},
    {9, 8, 1, 4, 3, 3, 1, 2, 2},
    {4, 4, 32, 6, 3, 3, 1, 1, 1},
    {4, 4, 9, 3, 5, 5, 1, 1, 2},
    {3, 2, 7, 4, 3, 3, 1, 1, 3},
    {3, 12, 3, 4, 1, 7, 1, 1, 3},
    {12, 3, 3, 4, 7, 1, 1, 1, 3},
    {1, 20, 4, 6, 1, 5, 2, 3, 4},
    {4, 5, 40, 5, 3, 3, 1, 1, 1},
    {2, 2, 70, 3, 3, 3, 1, 1, 2},
};

enum {
    SHAPES = sizeof shapes / sizeof shapes[0],
    ROUNDS = 6,
    RANDOM_SHAPES = 600
};

static int32_t out_size(int32_t in, int32_t kernel, const shape *s)
{
    return (in + 2 * s->pad - (kernel - 1) * s->dilation - 1) / s->stride + 1;
}

static tin_window make_window(const shape *s)
{
    const tin_window w = {
        .in_h = s->in_h,
        .in_w = s->in_w,
        .in_c = s->in_c,
        .out_h = out_size(s->in_h, s->kernel_h, s),
        .out_w = out_size(s->in_w, s->kernel_w, s),
        .out_c = s->out_c,
        .kernel_h = s->kernel_h,
        .kernel_w = s->kernel_w,
        .stride_h = s->stride,
        .stride_w = s->stride,
        .dilation_h = s->dilation,
        .dilation_w = s->dilation,
        .pad_top = s->pad,
        .pad_left = s->pad,
    };

    return w;
}

static uint32_t misalign(void)
{
    return variants_random() % 4u;
}

/* Weights of +-127 in one round, -128 among them in another; shifts near to
 * each other, or far apart. */
static void make_filters(tin_conv2d_s8_params *p, int32_t round, int32_t taps)
{
    const uint32_t n = (uint32_t)p->window.out_c;
    int8_t *weights = variants_buffer(n * (uint32_t)taps, misalign());
    int32_t *bias = variants_buffer(4 * n, 0);
    int32_t *multiplier = variants_buffer(4 * n, 0);
    int8_t *shift = variants_buffer(n, 0);
    int32_t usual = -6, spread = round == 4 ? 8 : 2;

    for (int32_t t = taps; t > 0; t /= 4)
        usual--;
    for (uint32_t i = 0; i < n * (uint32_t)taps; i++) {
        if (round != 2 && weights[i] == -128)
            weights[i] = -127;
        if (round == 1)
            weights[i] = weights[i] < 0 ? -127 : 127;
    }
    for (uint32_t i = 0; i < n; i++) {
        bias[i] = variants_range(-taps * 3000 - 9, taps * 3000 + 9);
        multiplier[i] = variants_range(1 << 30, INT32_MAX);
        shift[i] = (int8_t)(usual + variants_range(-spread, spread));
        if (round == 3)
            shift[i] = (int8_t)variants_range(-31, 4);
    }
    p->weights = weights;
    p->bias = round == 5 ? NULL : bias;
    p->multiplier = multiplier;
    p->shift = shift;
}

static void make_quant(tin_conv2d_s8_params *p, int32_t round)
{
    p->groups = 1;
    p->in_zero = round == 1 ? -128 : round == 2 ? 127 : variants_range(-9, 9);
    p->out_zero = round == 3 ? 127 : variants_range(-128, 20);
    p->act_min = -128;
    p->act_max = 127;
    if (round == 0)
        p->out_zero = -128;
    if (round == 4) {
        p->act_min = p->out_zero;
        p->act_max = variants_range(p->act_min, 127);
    }
}

/* Rows of a tensor in a ring of `rows`, the last ones computed. */
static tin_rows make_ring(int32_t row_bytes, int32_t rows)
{
    tin_rows r;

    r.row_bytes = row_bytes;
    r.rows = rows;
    r.first = 0;
    r.base = variants_buffer((uint32_t)(row_bytes * rows), misalign());
    return r;
}

/* Computes all rows a few at a time, from a ring that is as short as it may
 * be to a ring of 3 rows, and collects them. */
static void run_pieces(tin_kernel *kernel, const tin_conv2d_s8_dsp_params *d,
                       const tin_rows *in, const tin_rows *got, int32_t rows,
                       void *scratch)
{
    const tin_window *w = &d->conv.window;
    const int32_t most = 3;
    const int32_t window =
        (most - 1) * w->stride_h + (w->kernel_h - 1) * w->dilation_h + 1;
    tin_rows ring =
        make_ring(in->row_bytes, window < w->in_h ? window : w->in_h);
    tin_rows out = make_ring(got->row_bytes, most);
    int32_t filled = 0, n = 1;

    ring.first = variants_range(0, ring.rows - 1);
    out.first = variants_range(0, most - 1);
    for (int32_t y = 0; y < rows; y += n) {
        const int32_t left = rows - y;
        int32_t need;

        n = variants_range(1, most);
        n = n < left ? n : left;
        need = (y + n - 1) * w->stride_h - w->pad_top +
               (w->kernel_h - 1) * w->dilation_h + 1;
        need = need < in->rows ? need : in->rows;
        for (; filled < need; filled++)
            memcpy(tin_row(&ring, filled), tin_row(in, filled),
                   (size_t)in->row_bytes);
        variants_run(kernel, d, &ring, &out, y, y + n, scratch);
        for (int32_t i = y; i < y + n; i++)
            memcpy(tin_row(got, i), tin_row(&out, i), (size_t)out.row_bytes);
    }
}

static const struct {
    const char *name;
    tin_kernel *run;
    tin_scratch_size *scratch_size;
} kernels[] = {
    {"conv2d_s8_dsp", tin_conv2d_s8_dsp, tin_conv2d_s8_dsp_scratch_size},
    {"conv2d_s8_p1_dsp", tin_conv2d_s8_p1_dsp,
     tin_conv2d_s8_p1_dsp_scratch_size},
};

enum { KERNELS = sizeof kernels / sizeof kernels[0] };

static void test_case(variants_report *r, const shape *s, int32_t round,
                      uint32_t seed)
{
    tin_conv2d_s8_dsp_params d = {0};
    tin_conv2d_s8_params p = {0};
    const char *why = "";
    const int wide = seed % 4 == 0;
    tin_rows in, want;
    int32_t rows, bytes, *packed;

    variants_begin(seed);
    p.window = make_window(s);
    make_quant(&p, round);
    make_filters(&p, round, s->kernel_h * s->kernel_w * s->in_c);
    // two images in the rounds that are not computed in pieces
    rows = p.window.out_h * (round % 2 ? 1 : 2);
    in = make_ring(s->in_w * s->in_c, s->in_h * (round % 2 ? 1 : 2));
    want = make_ring(p.window.out_w * s->out_c, rows);
    bytes = wide ? tin_conv2d_s8_dsp_wide_packed_size(&p)
                 : tin_conv2d_s8_dsp_packed_size(&p);
    if (bytes < 0) {
        r->failed++;
        return;
    }
    packed = variants_buffer((uint32_t)bytes, 0);
    if (wide)
        tin_conv2d_s8_dsp_wide_pack(&p, packed);
    else
        tin_conv2d_s8_dsp_pack(&p, packed);
    d.conv = p;
    d.conv.weights = NULL;
    d.conv.bias = d.conv.multiplier = NULL;
    d.conv.shift = NULL;
    d.packed = packed;
    if (tin_conv2d_s8_check(&p, &why) || tin_conv2d_s8_dsp_check(&d, &why))
        bytes = 0; // shows as a difference
    tin_conv2d_s8(&p, &in, &want, 0, rows, NULL);
    for (int32_t i = 0; i < KERNELS; i++) {
        const uint32_t size = (uint32_t)kernels[i].scratch_size(&d);
        const tin_rows got = make_ring(want.row_bytes, rows);
        void *scratch = variants_buffer(size, 4);

        if (round % 2)
            run_pieces(kernels[i].run, &d, &in, &got, rows, scratch);
        else if (bytes)
            variants_run(kernels[i].run, &d, &in, &got, 0, rows, scratch);
        variants_check(r, kernels[i].name, want.base, got.base,
                       (uint32_t)(want.row_bytes * rows));
    }
}

/* Any shape of at most 300 inputs a window, none of which lies beside the
 * image. */
static shape random_shape(void)
{
    shape s;

    do {
        s.in_h = variants_range(1, 20);
        s.in_w = variants_range(1, 30);
        s.in_c = variants_range(1, variants_range(0, 1) ? 5 : 40);
        s.out_c = variants_range(1, 12);
        s.kernel_h = variants_range(1, variants_range(0, 2) ? 5 : 1);
        s.kernel_w = variants_range(0, 1) ? s.kernel_h : variants_range(1, 5);
        s.stride = variants_range(1, 3);
        s.dilation = variants_range(1, variants_range(0, 3) ? 1 : 3);
        s.pad = variants_range(0, variants_range(0, 2) ? 4 : 0);
    } while (s.in_h + 2 * s.pad <= (s.kernel_h - 1) * s.dilation ||
             s.in_w + 2 * s.pad <= (s.kernel_w - 1) * s.dilation ||
             s.pad > (s.kernel_h - 1) * s.dilation ||
             s.pad > (s.kernel_w - 1) * s.dilation ||
             s.kernel_h * s.kernel_w * s.in_c > 300);
    return s;
}

void variants_conv2d_s8(variants_report *r)
{
    for (uint32_t seed = 1; seed <= RANDOM_SHAPES; seed++) {
        shape s;

        variants_begin(~seed);
        s = random_shape();
        test_case(r, &s, (int32_t)(seed % ROUNDS), ~seed);
    }
    for (int32_t round = 0; round < ROUNDS; round++) {
        for (int32_t i = 0; i < SHAPES; i++)
            test_case(r, shapes + i, round, (uint32_t)(round * SHAPES + i + 1));
    }
}

#else

void variants_conv2d_s8(variants_report *r)
{
    r->unavailable++;
}

#endif
