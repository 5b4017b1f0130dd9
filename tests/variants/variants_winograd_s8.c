/* SPDX-License-Identifier: MIT */
/*
 * variants_winograd_s8.c: see variants.h. 3x3 convolutions by Winograd's
 * transforms against the portable kernel.
 */
#include "variants.h"
#include "tinyinfer_winograd.h"

#if TIN_HAVE_DSP

# include <string.h>

/* A kernel with its companions. */
typedef struct {
    const char *name;
    tin_kernel *kernel;
    tin_check *check;
    tin_scratch_size *scratch_size;
    int32_t (*packed_size)(const void *params);
    void (*pack)(const void *params, int32_t *packed);
} winograd;

/* The params of all of them have these members. */
typedef tin_conv2d_s8_f4_dsp_params winograd_params;

static const winograd f4 = {"conv2d_s8_f4_dsp",
                            tin_conv2d_s8_f4_dsp,
                            tin_conv2d_s8_f4_dsp_check,
                            tin_conv2d_s8_f4_dsp_scratch_size,
                            tin_conv2d_s8_f4_dsp_packed_size,
                            tin_conv2d_s8_f4_dsp_pack};

static const winograd f2 = {"conv2d_s8_f2_dsp",
                            tin_conv2d_s8_f2_dsp,
                            tin_conv2d_s8_f2_dsp_check,
                            tin_conv2d_s8_f2_dsp_scratch_size,
                            tin_conv2d_s8_f2_dsp_packed_size,
                            tin_conv2d_s8_f2_dsp_pack};

enum {
    EXTREME_WEIGHTS = 1,
    EXTREME_INPUTS = 2,
    ODD_SHIFTS = 4, /* left ones, 0, and those that leave nothing */
    SHORT_RINGS = 8
};

typedef struct {
    int32_t n, h, w, in_c, out_c, pad_top, pad_left, out_h, out_w;
    int kind;
} shape;

static int32_t one_of(const int32_t *list, int32_t n)
{
    return list[variants_range(0, n - 1)];
}

static void random_quantization(tin_conv2d_s8_params *p)
{
    static const int32_t zero[] = {-128, 127, 0, -1, 5, -77};
    int32_t low = variants_range(-128, 0), high = variants_range(0, 127);

    p->in_zero = one_of(zero, 6);
    p->out_zero = one_of(zero, 6);
    if (variants_range(0, 2)) {
        low = -128;
        high = 127;
    } else if (variants_range(0, 1)) {
        low = p->out_zero;
        high = variants_range(low, 127);
    }
    p->act_min = low;
    p->act_max = high;
}

/* Weights and what belongs to the channels, sized so that outputs vary. */
static int random_filters(tin_conv2d_s8_params *p, int kind)
{
    const uint32_t out_c = (uint32_t)p->window.out_c;
    const uint32_t taps = 9 * (uint32_t)p->window.in_c;
    int8_t *weights = variants_buffer(taps * out_c, variants_random() % 4);
    int32_t *bias = variants_buffer(4 * out_c, 0);
    int32_t *multiplier = variants_buffer(4 * out_c, 0);
    int8_t *shift = variants_buffer(out_c, 0);
    int32_t spread = 0;

    if (!weights || !bias || !multiplier || !shift)
        return 0;
    for (uint32_t i = 0; i < taps * out_c; i++) {
        if (kind & EXTREME_WEIGHTS)
            weights[i] = variants_range(0, 3) ? 127 : -127;
    }
    while (taps >> 2 * spread)
        spread++;
    for (uint32_t c = 0; c < out_c; c++) {
        bias[c] = variants_range(-20000, 20000);
        multiplier[c] = (1 << 30) + variants_range(0, (1 << 30) - 1);
        if (variants_range(0, 7) == 0)
            multiplier[c] = 1 << 30; // ties
        shift[c] = (int8_t)-variants_range(5, 8 + spread);
        if (kind & EXTREME_WEIGHTS)
            shift[c] = (int8_t)-variants_range(8, 17);
        if (kind & ODD_SHIFTS)
            shift[c] = (int8_t)variants_range(-31, 8);
        if (kind & ODD_SHIFTS && variants_range(0, 3) == 0)
            multiplier[c] = 0;
    }
    p->weights = weights;
    p->bias = variants_range(0, 3) ? bias : NULL;
    p->multiplier = multiplier;
    p->shift = shift;
    return 1;
}

/* Rows y of a tensor of whole rows into a ring. */
static void to_ring(const tin_rows *ring, const tin_rows *whole, int32_t y)
{
    memcpy(tin_row(ring, y), tin_row(whole, y), (size_t)whole->row_bytes);
}

/* Runs the kernel on all rows at once, or in pieces of up to 4, through rings
 * that hold no more than a piece needs, if so asked for. */
static void run_pieces(const winograd *v, const winograd_params *p,
                       const tin_rows *in, const tin_rows *out, const shape *s,
                       void *scratch)
{
    const int32_t whole_pieces = variants_range(0, 1);
    tin_rows in_ring = *in, out_ring = *out;
    int32_t filled = 0, y1;

    if (!(s->kind & SHORT_RINGS) && variants_range(0, 2) == 0) {
        variants_run(v->kernel, p, in, out, 0, out->rows, scratch);
        return;
    }
    if (s->kind & SHORT_RINGS) {
        in_ring.rows = in->rows < 6 ? in->rows : 6;
        in_ring.first = variants_range(0, in_ring.rows - 1);
        in_ring.base = variants_buffer((uint32_t)(in_ring.rows * in->row_bytes),
                                       variants_random() % 4);
        out_ring.rows = out->rows < 5 ? out->rows : 5;
        out_ring.first = variants_range(0, out_ring.rows - 1);
        out_ring.base = variants_buffer(
            (uint32_t)(out_ring.rows * out->row_bytes), variants_random() % 4);
    }
    for (int32_t y0 = 0; y0 < out->rows; y0 = y1) {
        const int32_t n = y0 / s->out_h;
        const int32_t image_end = (n + 1) * s->out_h;
        int32_t in_end;

        y1 = y0 + (whole_pieces ? 4 : variants_range(1, 4));
        y1 = y1 < image_end ? y1 : image_end;
        in_end = y1 - n * s->out_h - s->pad_top + 2;
        in_end = n * s->h + tin_clamp(in_end, 0, s->h);
        for (; s->kind & SHORT_RINGS && filled < in_end; filled++)
            to_ring(&in_ring, in, filled);
        variants_run(v->kernel, p, &in_ring, &out_ring, y0, y1, scratch);
        for (int32_t y = y0; s->kind & SHORT_RINGS && y < y1; y++)
            memcpy(tin_row(out, y), tin_row(&out_ring, y),
                   (size_t)out->row_bytes);
    }
}

static void check_shape(variants_report *r, const winograd *v, const shape *s,
                        uint32_t seed)
{
    const uint32_t in_bytes = (uint32_t)(s->n * s->h * s->w * s->in_c);
    const uint32_t out_bytes =
        (uint32_t)(s->n * s->out_h * s->out_w * s->out_c);
    tin_conv2d_s8_params conv = {
        .window = {s->h, s->w, s->in_c, s->out_h, s->out_w, s->out_c, 3, 3, 1,
                   1, 1, 1, s->pad_top, s->pad_left},
        .groups = 1,
    };
    winograd_params p;
    tin_rows in = {NULL, s->w * s->in_c, s->n * s->h, 0};
    tin_rows want = {NULL, s->out_w * s->out_c, s->n * s->out_h, 0}, got = want;
    int32_t *packed, size;
    void *scratch;

    variants_begin(seed);
    random_quantization(&conv);
    in.base = variants_buffer(in_bytes, variants_random() % 4);
    want.base = variants_buffer(out_bytes, 0);
    got.base = variants_buffer(out_bytes, variants_random() % 4);
    if (!random_filters(&conv, s->kind) || !in.base || !want.base || !got.base)
        return;
    for (uint32_t i = 0; s->kind & EXTREME_INPUTS && i < in_bytes; i++)
        ((int8_t *)in.base)[i] = variants_range(0, 1) ? 127 : -128;
    size = v->packed_size(&conv);
    packed = size > 0 ? variants_buffer((uint32_t)size, 0) : NULL;
    p.conv = conv;
    p.conv.weights = NULL; // all that the kernel needs is packed
    p.conv.bias = p.conv.multiplier = NULL;
    p.conv.shift = NULL;
    p.packed = packed;
    scratch = variants_buffer((uint32_t)v->scratch_size(&p), 4);
    if (!packed || !scratch || tin_conv2d_s8_check(&conv, NULL) != TIN_OK ||
        v->check(&p, NULL) != TIN_OK) {
        variants_check(r, v->name, "refused", "       ", 7);
        return;
    }
    v->pack(&conv, packed);
    tin_conv2d_s8(&conv, &in, &want, 0, want.rows, NULL);
    run_pieces(v, &p, &in, &got, s, scratch);
    variants_check(r, v->name, want.base, got.base, out_bytes);
}

static void random_shape(shape *s, uint32_t i)
{
    static const int32_t sizes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 17};
    static const int32_t channels[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 19};

    variants_begin(i + 1000);
    s->n = variants_range(0, 3) ? 1 : 2;
    s->h = one_of(sizes, 12);
    s->w = one_of(sizes, 12);
    s->in_c = one_of(channels, 12);
    s->out_c = one_of(channels, 12);
    s->pad_top = variants_range(0, 2);
    s->pad_left = variants_range(0, 2);
    s->out_h = s->h + variants_range(-2, 2);
    s->out_w = s->w + variants_range(-2, 2);
    s->out_h = s->out_h < 1 ? 1 : s->out_h;
    s->out_w = s->out_w < 1 ? 1 : s->out_w;
    s->kind = (int)variants_range(0, 15);
}

static void check_family(variants_report *r, const winograd *v)
{
    static const shape fixed[] = {
        {1, 16, 16, 32, 32, 1, 1, 16, 16, 0},
        {1, 8, 8, 64, 64, 1, 1, 8, 8, SHORT_RINGS},
        {1, 9, 7, 66, 6, 1, 1, 9, 7, 0},
        {1, 5, 5, 115, 5, 1, 1, 5, 5, EXTREME_WEIGHTS | EXTREME_INPUTS},
        {1, 6, 9, 131, 4, 0, 0, 4, 7, 0},
        {1, 5, 6, 200, 3, 1, 1, 5, 6, 0},
        {1, 28, 28, 1, 8, 1, 1, 28, 28, 0},
        {2, 4, 4, 12, 8, 3, 4, 9, 10, EXTREME_INPUTS},
    };
    uint32_t seed = 1;

    for (uint32_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        check_shape(r, v, fixed + i, seed++);
    for (uint32_t i = 0; i < 300; i++) {
        shape s;

        random_shape(&s, i);
        check_shape(r, v, &s, seed++);
    }
}

/* What the kernel cannot do exactly it refuses. */
static void check_refused(variants_report *r, const winograd *v)
{
    static int8_t weights[9 * 120];
    static const int32_t multiplier = 1 << 30;
    static const int8_t shift = 0;
    tin_conv2d_s8_params p = {
        .window = {8, 8, 120, 8, 8, 1, 3, 3, 1, 1, 1, 1, 1, 1},
        .groups = 1,
        .act_min = -128,
        .act_max = 127,
        .weights = weights,
        .multiplier = &multiplier,
        .shift = &shift,
    };
    int8_t fits[2] = {1, 1}, as_expected[2];

    variants_begin(1);
    memset(weights, 127, sizeof weights);
    as_expected[0] = v->packed_size(&p) < 0;
    weights[0] = 0;
    memset(weights, 1, sizeof weights);
    as_expected[1] = v->packed_size(&p) > 0;
    variants_check(r, v->name, fits, as_expected, 2);
    p.window.stride_w = 2;
    as_expected[0] = v->packed_size(&p) < 0;
    p.window.stride_w = 1;
    p.window.kernel_h = 2;
    as_expected[1] = v->packed_size(&p) < 0;
    variants_check(r, v->name, fits, as_expected, 2);
}

void variants_winograd_s8(variants_report *r)
{
    check_family(r, &f4);
    check_refused(r, &f4);
    check_family(r, &f2);
}

#else

void variants_winograd_s8(variants_report *r)
{
    r->unavailable++;
}

#endif
