/* SPDX-License-Identifier: MIT */
/* variants_dwconv2d_s8.c: see variants.h. */
#include "variants.h"

#if TIN_HAVE_DSP

# include <string.h>

enum { MOST = 80 }; /* channels */

/* What a case has besides random numbers in ranges. */
typedef struct {
    int32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
    int extreme; /* inputs and weights at the ends of their ranges */
} geometry;

static const geometry geometries[] = {
    {3, 3, 1, 1, 1, 1, 0}, {3, 3, 2, 2, 1, 1, 0}, {3, 3, 1, 1, 1, 1, 1},
    {3, 3, 2, 2, 1, 1, 1}, {5, 5, 1, 1, 1, 1, 0}, {5, 5, 2, 2, 1, 1, 1},
    {3, 3, 1, 2, 1, 1, 0}, {3, 3, 2, 1, 1, 1, 0}, {3, 3, 3, 3, 1, 1, 0},
    {3, 3, 1, 1, 2, 2, 0}, {3, 3, 2, 2, 1, 2, 0}, {3, 3, 1, 2, 2, 3, 0},
    {1, 1, 1, 1, 1, 1, 0}, {1, 4, 1, 1, 1, 1, 0}, {2, 2, 2, 2, 1, 1, 0},
    {4, 3, 1, 1, 1, 1, 0}, {7, 7, 1, 1, 1, 1, 0}, {5, 2, 1, 3, 2, 2, 1},
    {3, 3, 5, 1, 1, 1, 0}, {6, 1, 4, 4, 1, 1, 0}, {3, 3, 1, 1, 1, 2, 0},
    {3, 3, 2, 2, 1, 3, 0},
};

enum { GEOMETRIES = sizeof geometries / sizeof geometries[0] };

/* Those that the kernel for narrow images takes. */
static const geometry narrow_geometries[] = {
    {3, 3, 1, 1, 1, 1, 0}, {3, 3, 1, 1, 1, 1, 1}, {3, 3, 2, 1, 1, 1, 0},
    {3, 3, 1, 1, 2, 1, 0}, {3, 3, 3, 1, 3, 1, 1},
};

enum {
    NARROW_GEOMETRIES = sizeof narrow_geometries / sizeof narrow_geometries[0]
};

/* A kernel of this family: all take the same params. */
typedef struct {
    const char *name;
    tin_kernel *run;
    tin_check *check;
    tin_scratch_size *scratch_size;
    int32_t (*packed_size)(const void *params);
    void (*pack)(const void *params, int32_t *packed);
} family_member;

static const family_member by_blocks = {"dwconv2d_s8_dsp",
                                        tin_dwconv2d_s8_dsp,
                                        tin_dwconv2d_s8_dsp_check,
                                        tin_dwconv2d_s8_dsp_scratch_size,
                                        tin_dwconv2d_s8_dsp_packed_size,
                                        tin_dwconv2d_s8_dsp_pack};
static const family_member any_kernel = {"dwconv2d_s8_any_dsp",
                                         tin_dwconv2d_s8_any_dsp,
                                         tin_dwconv2d_s8_any_dsp_check,
                                         tin_dwconv2d_s8_any_dsp_scratch_size,
                                         tin_dwconv2d_s8_any_dsp_packed_size,
                                         tin_dwconv2d_s8_any_dsp_pack};
static const family_member row_at_a_time = {
    "dwconv2d_s8_row_dsp",
    tin_dwconv2d_s8_row_dsp,
    tin_dwconv2d_s8_row_dsp_check,
    tin_dwconv2d_s8_row_dsp_scratch_size,
    tin_dwconv2d_s8_row_dsp_packed_size,
    tin_dwconv2d_s8_row_dsp_pack};
static const family_member narrow_image = {
    "dwconv2d_s8_narrow_dsp",
    tin_dwconv2d_s8_narrow_dsp,
    tin_dwconv2d_s8_narrow_dsp_check,
    tin_dwconv2d_s8_narrow_dsp_scratch_size,
    tin_dwconv2d_s8_narrow_dsp_packed_size,
    tin_dwconv2d_s8_narrow_dsp_pack};

/* Sizes and places of the tensors, all random. */
static void make_window(tin_window *w, const geometry *g)
{
    const int32_t span_h = (g->kernel_h - 1) * g->dilation_h + 1;
    const int32_t span_w = (g->kernel_w - 1) * g->dilation_w + 1;

    w->in_h = variants_range(1, 14);
    w->in_w =
        variants_range(0, 3) ? variants_range(1, 20) : variants_range(20, 60);
    if (variants_range(0, 3) == 0) { // more than a block of rows
        w->in_h = variants_range(15, 60);
        w->in_w = variants_range(1, 14);
    }
    w->in_c = w->out_c = variants_range(4, variants_range(4, 21));
    w->kernel_h = g->kernel_h;
    w->kernel_w = g->kernel_w;
    w->stride_h = g->stride_h;
    w->stride_w = g->stride_w;
    w->dilation_h = g->dilation_h;
    w->dilation_w = g->dilation_w;
    w->pad_top = variants_range(0, span_h - 1);
    w->pad_left = variants_range(0, span_w - 1);
    w->out_h = (w->in_h + w->pad_top - 1) / g->stride_h + 1;
    w->out_w = (w->in_w + w->pad_left - 1) / g->stride_w + 1;
}

static int8_t *make_bytes(uint32_t n, int extreme, int32_t lo)
{
    int8_t *bytes = variants_buffer(n, (uint32_t)variants_range(0, 3));

    for (uint32_t i = 0; i < n; i++) {
        if (extreme)
            bytes[i] = (int8_t)(bytes[i] & 2 ? 127 : lo);
        else if (bytes[i] < lo)
            bytes[i] = (int8_t)lo;
    }
    return bytes;
}

static void make_params(tin_dwconv2d_s8_params *p, const geometry *g)
{
    static int32_t bias[MOST], multiplier[MOST];
    static int8_t shift[MOST];
    const tin_window *w = &p->window;
    const int32_t first = variants_range(-9, 0);

    make_window(&p->window, g);
    p->in_zero = g->extreme ? -128 + 255 * variants_range(0, 1)
                            : variants_range(-128, 127);
    p->out_zero = variants_range(0, 1) ? -128 : variants_range(-128, 127);
    p->act_min = variants_range(0, 2) ? -128 : p->out_zero;
    p->act_max = variants_range(0, 2) ? 127 : variants_range(p->act_min, 127);
    for (int32_t c = 0; c < w->out_c; c++) {
        bias[c] = variants_range(-20000, 20000);
        multiplier[c] = (int32_t)(variants_random() >> 1) | 1 << 30;
        shift[c] = (int8_t)(first - variants_range(0, 3));
        if (variants_range(0, 9) == 0)
            shift[c] = (int8_t)variants_range(-22, 0);
    }
    p->bias = variants_range(0, 7) ? bias : NULL;
    p->multiplier = multiplier;
    p->shift = shift;
    p->weights = make_bytes((uint32_t)(w->kernel_h * w->kernel_w * w->out_c),
                            g->extreme, variants_range(0, 1) ? -127 : -128);
}

/* The same for narrow images, whose outputs are clamped to int8 alone. */
static void make_narrow(tin_dwconv2d_s8_params *p, const geometry *g)
{
    tin_window *w = &p->window;

    make_params(p, g);
    w->in_w = w->out_w = variants_range(3, 5);
    w->pad_left = 1;
    p->out_zero = p->act_min = -128;
    p->act_max = 127;
    for (int32_t c = 0; c < w->out_c; c++)
        ((int8_t *)(uintptr_t)p->shift)[c] = (int8_t)-variants_range(3, 9);
}

/* All output rows in pieces of 1 .. most, from a ring of the input that only
 * holds what a piece needs, into one of the output with a piece more. */
static void run_pieces(const family_member *k,
                       const tin_dwconv2d_s8_dsp_params *p, const int8_t *in,
                       int8_t *got, int32_t images, int32_t most)
{
    const tin_window *w = &p->conv.window;
    const int32_t span = (w->kernel_h - 1) * w->dilation_h + 1;
    const int32_t in_bytes = w->in_w * w->in_c, rows = images * w->out_h;
    tin_rows from, to;
    int32_t loaded = 0, size;
    void *scratch;

    from.row_bytes = in_bytes;
    from.rows = (most - 1) * w->stride_h + span + (images > 1 ? w->in_h : 0);
    from.first = variants_range(0, from.rows - 1);
    from.base = variants_buffer((uint32_t)(from.rows * in_bytes), 1);
    to.row_bytes = w->out_w * w->out_c;
    to.rows = most + variants_range(0, 3);
    to.first = variants_range(0, to.rows - 1);
    to.base = variants_buffer((uint32_t)(to.rows * to.row_bytes), 3);
    size = k->scratch_size(p);
    scratch = variants_buffer((uint32_t)size, 0);
    for (int32_t y = 0, n; y < rows; y += n) {
        int32_t last;

        n = variants_range(1, most);
        n = n < rows - y ? n : rows - y;
        last = (y + n - 1) / w->out_h * w->in_h;
        last += (y + n - 1) % w->out_h * w->stride_h - w->pad_top + span;
        for (; loaded < last && loaded < images * w->in_h; loaded++)
            memcpy(tin_row(&from, loaded), in + loaded * in_bytes,
                   (size_t)in_bytes);
        variants_run(k->run, p, &from, &to, y, y + n, scratch);
        for (int32_t i = y; i < y + n; i++)
            memcpy(got + i * to.row_bytes, tin_row(&to, i),
                   (size_t)to.row_bytes);
    }
}

static void run_case(variants_report *r, const family_member *k, uint32_t seed)
{
    const int narrow = k == &narrow_image;
    const geometry *g = narrow ? &narrow_geometries[seed % NARROW_GEOMETRIES]
                               : &geometries[seed % GEOMETRIES];
    tin_dwconv2d_s8_dsp_params p;
    const tin_window *w = &p.conv.window;
    tin_rows from, to;
    int32_t images, out_bytes, size, *packed;
    int8_t *want, *got;

    variants_begin(seed);
    images = variants_range(1, 2);
    if (narrow)
        make_narrow(&p.conv, g);
    else
        make_params(&p.conv, g);
    size = k->packed_size(&p.conv);
    if (tin_dwconv2d_s8_check(&p.conv, NULL) || size < 0)
        return; // the portable kernel's case
    packed = variants_buffer((uint32_t)size, 0);
    k->pack(&p.conv, packed);
    p.packed = packed;
    from.first = to.first = 0;
    from.rows = images * w->in_h;
    from.row_bytes = w->in_w * w->in_c;
    from.base =
        make_bytes((uint32_t)(from.rows * from.row_bytes), g->extreme, -128);
    to.rows = images * w->out_h;
    to.row_bytes = w->out_w * w->out_c;
    out_bytes = to.rows * to.row_bytes;
    want = to.base = variants_buffer((uint32_t)out_bytes, 0);
    tin_dwconv2d_s8(&p.conv, &from, &to, 0, to.rows, NULL);
    got = variants_buffer((uint32_t)out_bytes, 0);
    p.conv.weights = NULL; // all of it is in `packed`
    p.conv.bias = p.conv.multiplier = NULL;
    p.conv.shift = NULL;
    if (k->check(&p, NULL))
        memset(got, 0, (uint32_t)out_bytes);
    run_pieces(k, &p, from.base, got, images,
               seed / GEOMETRIES % 3 ? 1 + (int32_t)(seed / GEOMETRIES) % 9
                                     : 61);
    variants_check(r, k->name, want, got, (uint32_t)out_bytes);
}

#endif /* TIN_HAVE_DSP */

void variants_dwconv2d_s8(variants_report *r)
{
#if TIN_HAVE_DSP
    for (uint32_t seed = 0; seed < 100 * GEOMETRIES; seed++)
        run_case(r, &by_blocks, seed);
    for (uint32_t seed = 0; seed < 100 * GEOMETRIES; seed++)
        run_case(r, &any_kernel, seed);
    for (uint32_t seed = 0; seed < 100 * GEOMETRIES; seed++)
        run_case(r, &row_at_a_time, seed);
    for (uint32_t seed = 0; seed < 70 * NARROW_GEOMETRIES; seed++)
        run_case(r, &narrow_image, seed);
#else
    r->unavailable++;
#endif
}
