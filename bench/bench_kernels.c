/* SPDX-License-Identifier: MIT */
/*
 * bench_kernels.c: for every kernel the layers it is measured on. See bench.h.
 *
 * The standard shapes are those of the four networks of MLPerf Tiny: AD
 * (anomaly detection, autoencoder), KWS (keyword spotting, DS-CNN), IC (image
 * classification, ResNet-8), VWW (visual wake words, MobileNetV1 0.25).
 */
#include <math.h>

#include "bench.h"

/* ---- Convolutions ------------------------------------------------------- */

/* Output size and first pad of one direction; size 0: no window fits. */
static int32_t slide(const tin_bench_shape *s, int32_t size, int32_t kernel,
                     int32_t *pad)
{
    const int32_t extent = (kernel - 1) * s->d + 1;
    int32_t out, total;

    *pad = 0;
    if (!s->same)
        return size < extent ? 0 : (size - extent) / s->s + 1;
    out = (size + s->s - 1) / s->s;
    total = (out - 1) * s->s + extent - size;
    if (total > 0)
        *pad = total / 2;
    return out;
}

/* A window, and the tensors before and behind it. */
static tin_window make_window(tin_bench_case *c, const tin_bench_shape *s,
                              int32_t out_c, tin_type type)
{
    tin_window w = {.in_h = s->h, .in_w = s->w, .in_c = s->c, .out_c = out_c};

    w.kernel_h = s->kh;
    w.kernel_w = s->kw;
    w.stride_h = w.stride_w = s->s;
    w.dilation_h = w.dilation_w = s->d;
    w.out_h = slide(s, s->h, s->kh, &w.pad_top);
    w.out_w = slide(s, s->w, s->kw, &w.pad_left);
    if (w.out_h < 1 || w.out_w < 1)
        c->error = "the window is larger than the image";
    tin_bench_add_in(c, type, w.in_h, (int64_t)w.in_w * w.in_c);
    tin_bench_add_out(c, type, w.out_h, (int64_t)w.out_w * w.out_c);
    return w;
}

/* Shifts that bring sums of `taps` products of random bytes, whose standard
 * deviation is 2^12.4 * sqrt(taps), to a standard deviation of about 45. */
static int32_t shift_for(int64_t taps)
{
    int32_t shift = -6;

    while (taps >= 2) {
        taps /= 4;
        shift--;
    }
    return shift;
}

/* What belongs to the output channels of an int8 layer. */
typedef struct {
    const int8_t *weights;
    const int32_t *bias, *multiplier;
    const int8_t *shift;
} filters;

static filters make_filters(tin_bench_case *c, int64_t channels, int64_t taps)
{
    filters f;

    f.weights = tin_bench_random_s8(c, taps * channels);
    f.bias = tin_bench_random_s32(c, channels, -9999, 9999);
    f.multiplier = tin_bench_random_s32(c, channels, 1 << 30, INT32_MAX);
    f.shift = tin_bench_repeat_s8(c, channels, shift_for(taps));
    c->taps = taps;
    return f;
}

/* The members that all int8 layers with filters have. */
#define FILTER_PARAMS(f)                                                       \
 .in_zero = -1, .out_zero = -1, .act_min = -128, .act_max = 127,               \
 .weights = (f).weights, .bias = (f).bias, .multiplier = (f).multiplier,       \
 .shift = (f).shift

static void make_conv2d_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    const int64_t taps = (int64_t)s->kh * s->kw * (s->c / s->g);
    const filters f = make_filters(c, s->oc, taps);

    c->params.conv2d_s8 = (tin_conv2d_s8_params){
        .window = make_window(c, s, s->oc, TIN_S8),
        .groups = s->g,
        FILTER_PARAMS(f),
    };
}

static void make_dwconv2d_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    const int32_t out_c = s->c * s->m;
    const filters f = make_filters(c, out_c, (int64_t)s->kh * s->kw);

    c->params.dwconv2d_s8 = (tin_dwconv2d_s8_params){
        .window = make_window(c, s, out_c, TIN_S8),
        FILTER_PARAMS(f),
    };
}

static void make_conv2d_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->taps = (int64_t)s->kh * s->kw * (s->c / s->g);
    c->params.conv2d_f32 = (tin_conv2d_f32_params){
        .window = make_window(c, s, s->oc, TIN_F32),
        .groups = s->g,
        .act_max = INFINITY,
        .weights = tin_bench_random_f32(c, c->taps * s->oc),
        .bias = tin_bench_random_f32(c, s->oc),
    };
}

static void make_dwconv2d_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    const int32_t out_c = s->c * s->m;

    c->taps = (int64_t)s->kh * s->kw;
    c->params.dwconv2d_f32 = (tin_dwconv2d_f32_params){
        .window = make_window(c, s, out_c, TIN_F32),
        .act_max = INFINITY,
        .weights = tin_bench_random_f32(c, c->taps * out_c),
        .bias = tin_bench_random_f32(c, out_c),
    };
}

static const char *const conv2d_shapes[] = {
    "h=32,w=32,c=16,oc=16,k=3",           // IC
    "h=32,w=32,c=3,oc=16,k=3",            // IC, first layer
    "h=32,w=32,c=16,oc=32,k=3,s=2",       // IC
    "h=16,w=16,c=32,oc=32,k=3",           // IC
    "h=8,w=8,c=64,oc=64,k=3",             // IC
    "h=49,w=10,c=1,oc=64,kh=10,kw=4,s=2", // KWS, first layer
    "h=25,w=5,c=64,oc=64,k=1",            // KWS
    "h=96,w=96,c=3,oc=8,k=3,s=2",         // VWW, first layer
    "h=48,w=48,c=8,oc=16,k=1",            // VWW
    "h=12,w=12,c=64,oc=64,k=1",           // VWW
    "h=3,w=3,c=256,oc=256,k=1",           // VWW
    NULL,
};

static const char *const dwconv2d_shapes[] = {
    "h=25,w=5,c=64,k=3",      // KWS
    "h=48,w=48,c=8,k=3",      // VWW
    "h=48,w=48,c=16,k=3,s=2", // VWW
    "h=12,w=12,c=64,k=3",     // VWW
    "h=3,w=3,c=256,k=3",      // VWW
    NULL,
};

#define CONV_KEYS " h w c oc k kh kw s d g same "
#define DWCONV_KEYS " h w c m k kh kw s d same "

static const tin_bench_family family_conv2d_s8 = {make_conv2d_s8, CONV_KEYS,
                                                  conv2d_shapes};
static const tin_bench_family family_conv2d_f32 = {make_conv2d_f32, CONV_KEYS,
                                                   conv2d_shapes};
static const tin_bench_family family_dwconv2d_s8 = {
    make_dwconv2d_s8, DWCONV_KEYS, dwconv2d_shapes};
static const tin_bench_family family_dwconv2d_f32 = {
    make_dwconv2d_f32, DWCONV_KEYS, dwconv2d_shapes};

/* ---- Dense -------------------------------------------------------------- */

static void make_dense_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    const filters f = make_filters(c, s->oc, s->c);

    c->params.dense_s8 = (tin_dense_s8_params){
        .in_c = s->c,
        .out_c = s->oc,
        FILTER_PARAMS(f),
    };
    tin_bench_add_in(c, TIN_S8, s->n, s->c);
    tin_bench_add_out(c, TIN_S8, s->n, s->oc);
}

static void make_dense_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->taps = s->c;
    c->params.dense_f32 = (tin_dense_f32_params){
        .in_c = s->c,
        .out_c = s->oc,
        .act_max = INFINITY,
        .weights = tin_bench_random_f32(c, (int64_t)s->c * s->oc),
        .bias = tin_bench_random_f32(c, s->oc),
    };
    tin_bench_add_in(c, TIN_F32, s->n, s->c);
    tin_bench_add_out(c, TIN_F32, s->n, s->oc);
}

static const char *const dense_shapes[] = {
    "c=128,oc=128", // AD
    "c=640,oc=128", // AD
    "c=128,oc=8",   // AD
    "c=64,oc=12",   // KWS
    "c=256,oc=2",   // VWW
    NULL,
};

static const tin_bench_family family_dense_s8 = {make_dense_s8, " n c oc ",
                                                 dense_shapes};
static const tin_bench_family family_dense_f32 = {make_dense_f32, " n c oc ",
                                                  dense_shapes};

/* ---- Pools -------------------------------------------------------------- */

static void make_pool2d_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.maxpool2d_s8 = (tin_pool2d_s8_params){
        .window = make_window(c, s, s->c, TIN_S8),
        .act_min = -128,
        .act_max = 127,
    };
}

static void make_pool2d_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.maxpool2d_f32 = (tin_pool2d_f32_params){
        .window = make_window(c, s, s->c, TIN_F32),
        .act_min = -INFINITY,
        .act_max = INFINITY,
    };
}

static void add_image_rows(tin_bench_case *c, const tin_bench_shape *s,
                           tin_type type)
{
    tin_bench_add_in(c, type, s->h, (int64_t)s->w * s->c);
    tin_bench_add_out(c, type, 1, s->c);
    tin_bench_add_scratch(c, (int32_t)sizeof(int32_t) * s->c);
    c->step.rows = s->h; // those of the input
    c->step.at_end = 1;
}

/* Scales are equal: (m, s) = quantized(1) = (2^30, 1). */
static void make_mean_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    const int64_t n = (int64_t)s->h * s->w;
    int32_t k = 0;

    while (k < 31 && n >> (k + 1))
        k++;
    c->params.mean_s8 = (tin_mean_s8_params){
        .in_h = s->h,
        .in_w = s->w,
        .c = s->c,
        .multiplier = (int32_t)(((int64_t)1 << (30 + k)) / n),
        .shift = 1 - k,
    };
    add_image_rows(c, s, TIN_S8);
}

static void make_mean_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.mean_f32 = (tin_mean_f32_params){s->h, s->w, s->c};
    add_image_rows(c, s, TIN_F32);
}

static void make_gavgpool2d_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.gavgpool2d_s8 =
        (tin_gavgpool2d_s8_params){s->h, s->w, s->c, -128, 127, 0};
    add_image_rows(c, s, TIN_S8);
}

static void make_gavgpool2d_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.gavgpool2d_f32 =
        (tin_gavgpool2d_f32_params){s->h, s->w, s->c, -INFINITY, INFINITY};
    add_image_rows(c, s, TIN_F32);
}

/* The window of a whole image, once. */
static void make_winmean_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    tin_mean_s8_params mean;

    make_mean_s8(c, s);
    mean = c->params.mean_s8; // params is a union
    c->params.winmean_s8 = (tin_winmean_s8_params){
        .window_h = s->h,
        .in_w = s->w,
        .c = s->c,
        .stride_h = s->h,
        .multiplier = mean.multiplier,
        .shift = mean.shift,
    };
    c->step.rows = 1;
    c->step.at_end = 0;
}

static void make_winmean_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    make_mean_f32(c, s);
    c->params.winmean_f32 = (tin_winmean_f32_params){s->h, s->w, s->c, s->h};
    c->step.rows = 1;
    c->step.at_end = 0;
}

static const char *const pool2d_shapes[] = {
    "h=32,w=32,c=32,k=2,s=2,same=0",   // CIFAR-10 networks
    "h=25,w=5,c=64,kh=25,kw=5,same=0", // KWS
    "h=8,w=8,c=64,k=8,same=0",         // IC
    "h=3,w=3,c=256,k=3,same=0",        // VWW
    NULL,
};

static const char *const mean_shapes[] = {"h=8,w=8,c=64", "h=25,w=5,c=64",
                                          "h=3,w=3,c=256", NULL};

#define POOL_KEYS " h w c k kh kw s same "

static const tin_bench_family family_pool2d_s8 = {make_pool2d_s8, POOL_KEYS,
                                                  pool2d_shapes};
static const tin_bench_family family_pool2d_f32 = {make_pool2d_f32, POOL_KEYS,
                                                   pool2d_shapes};
static const tin_bench_family family_gavgpool2d_s8 = {make_gavgpool2d_s8,
                                                      " h w c ", mean_shapes};
static const tin_bench_family family_gavgpool2d_f32 = {make_gavgpool2d_f32,
                                                       " h w c ", mean_shapes};
static const tin_bench_family family_winmean_s8 = {make_winmean_s8, " h w c ",
                                                   mean_shapes};
static const tin_bench_family family_winmean_f32 = {make_winmean_f32, " h w c ",
                                                    mean_shapes};
static const tin_bench_family family_mean_s8 = {make_mean_s8, " h w c ",
                                                mean_shapes};
static const tin_bench_family family_mean_f32 = {make_mean_f32, " h w c ",
                                                 mean_shapes};

/* ---- Softmax ------------------------------------------------------------ */

/* beta * in_scale = 1/16: 2^22 = quantized as 1/2 * 2^23. */
static void make_softmax_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.softmax_s8 = (tin_softmax_s8_params){
        .groups = s->n,
        .c = s->c,
        .multiplier = 1 << 30,
        .shift = 23,
        .diff_min = -(31 << 26 >> 23),
    };
    tin_bench_add_in(c, TIN_S8, 1, (int64_t)s->n * s->c);
    tin_bench_add_out(c, TIN_S8, 1, (int64_t)s->n * s->c);
}

static void make_softmax_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.softmax_f32 = (tin_softmax_f32_params){s->n, s->c, 1.0f};
    tin_bench_add_in(c, TIN_F32, 1, (int64_t)s->n * s->c);
    tin_bench_add_out(c, TIN_F32, 1, (int64_t)s->n * s->c);
}

static const char *const softmax_shapes[] = {
    "c=10",   // IC
    "c=12",   // KWS
    "c=2",    // VWW
    "c=1000", // ImageNet
    NULL,
};

static const tin_bench_family family_softmax_s8 = {make_softmax_s8, " n c ",
                                                   softmax_shapes};
static const tin_bench_family family_softmax_f32 = {make_softmax_f32, " n c ",
                                                    softmax_shapes};

/* ---- Elementwise -------------------------------------------------------- */

static void add_image(tin_bench_case *c, const tin_bench_shape *s,
                      tin_type type)
{
    tin_bench_add_in(c, type, s->h, (int64_t)s->w * s->c);
}

static void add_result(tin_bench_case *c, const tin_bench_shape *s,
                       tin_type type)
{
    tin_bench_add_out(c, type, s->h, (int64_t)s->w * s->c);
}

/* Two images of one shape. */
static void make_broadcast(tin_bench_case *c, const tin_bench_shape *s,
                           tin_type type, tin_broadcast *b)
{
    const int32_t dim[TIN_DIMS] = {1, 1, s->h, s->w, s->c};
    const int32_t stride[TIN_DIMS] = {0, 0, 1, s->c, 1};

    for (int i = 0; i < TIN_DIMS; i++) {
        b->dim[i] = dim[i];
        b->stride_a[i] = b->stride_b[i] = stride[i];
    }
    add_image(c, s, type);
    add_image(c, s, type);
    add_result(c, s, type);
}

/* Input scales 1, output scale 3/2: the factors are quantized(1/2) and
 * quantized(2/3 * 2^-19). */
static void make_add_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    tin_add_s8_params *p = &c->params.add_s8;

    make_broadcast(c, s, TIN_S8, &p->shape);
    p->a_zero = p->b_zero = p->out_zero = -1;
    p->left_shift = 20;
    p->a_multiplier = p->b_multiplier = 1 << 30;
    p->out_multiplier = 1431655765;
    p->out_shift = -19;
    p->act_min = -128;
    p->act_max = 127;
}

static void make_add_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    tin_add_f32_params *p = &c->params.add_f32;

    make_broadcast(c, s, TIN_F32, &p->shape);
    p->act_min = 0;
    p->act_max = INFINITY;
}

static void make_table_x8(tin_bench_case *c, const tin_bench_shape *s)
{
    tin_table_x8_params *p = &c->params.table_x8;

    p->row_elems = s->w * s->c;
    p->table = (const uint8_t *)tin_bench_random_s8(c, 256);
    add_image(c, s, TIN_S8);
    add_result(c, s, TIN_S8);
}

static void make_clamp_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.clamp_f32 = (tin_clamp_f32_params){
        .row_elems = s->w * s->c,
        .max = 0.5f, // inputs lie in 0 .. 1
    };
    add_image(c, s, TIN_F32);
    add_result(c, s, TIN_F32);
}

static void make_logistic_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.logistic_f32.row_elems = s->w * s->c;
    add_image(c, s, TIN_F32);
    add_result(c, s, TIN_F32);
}

static void make_quantize_f32_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.quantize_f32_s8 = (tin_quantize_f32_s8_params){
        .row_elems = s->w * s->c,
        .scale = 1.0f / 255.0f,
        .zero = -128,
    };
    add_image(c, s, TIN_F32);
    add_result(c, s, TIN_S8);
}

static void make_dequantize_s8_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.dequantize_s8_f32 = (tin_dequantize_s8_f32_params){
        .row_elems = s->w * s->c,
        .scale = 1.0f / 255.0f,
        .zero = -128,
    };
    add_image(c, s, TIN_S8);
    add_result(c, s, TIN_F32);
}

static const char *const image_shapes[] = {"h=32,w=32,c=16", "h=8,w=8,c=64",
                                           "h=1,w=1,c=10", NULL};

static const tin_bench_family family_add_s8 = {make_add_s8, " h w c ",
                                               image_shapes};
static const tin_bench_family family_add_f32 = {make_add_f32, " h w c ",
                                                image_shapes};
static const tin_bench_family family_table_x8 = {make_table_x8, " h w c ",
                                                 image_shapes};
static const tin_bench_family family_clamp_f32 = {make_clamp_f32, " h w c ",
                                                  image_shapes};
static const tin_bench_family family_logistic_f32 = {make_logistic_f32,
                                                     " h w c ", image_shapes};
static const tin_bench_family family_quantize_f32_s8 = {
    make_quantize_f32_s8, " h w c ", image_shapes};
static const tin_bench_family family_dequantize_s8_f32 = {
    make_dequantize_s8_f32, " h w c ", image_shapes};

/* ---- Data movement ------------------------------------------------------ */

static void make_pad(tin_bench_case *c, const tin_bench_shape *s)
{
    tin_pad_params *p = &c->params.pad;
    const int32_t dim[TIN_DIMS] = {1, 1, s->h, s->w, s->c};

    p->elem_bytes = 1;
    for (int i = 0; i < TIN_DIMS; i++) {
        p->before[i] = i == 2 || i == 3 ? s->p : 0;
        p->in_dim[i] = dim[i];
        p->out_dim[i] = dim[i] + 2 * p->before[i];
    }
    add_image(c, s, TIN_S8);
    tin_bench_add_out(c, TIN_S8, p->out_dim[2], (int64_t)p->out_dim[3] * s->c);
}

/* n images side by side in their channels. */
static void make_concat(tin_bench_case *c, const tin_bench_shape *s)
{
    tin_concat_params *p = &c->params.concat;
    const int32_t dim[TIN_DIMS] = {1, 1, s->h, s->w, s->n * s->c};

    p->elem_bytes = 1;
    p->axis = 4;
    p->n_in = s->n;
    for (int i = 0; i < TIN_DIMS; i++)
        p->dim[i] = dim[i];
    for (int i = 0; i < s->n && i < TIN_CONCAT_MAX; i++) {
        p->extent[i] = s->c;
        add_image(c, s, TIN_S8);
    }
    tin_bench_add_out(c, TIN_S8, s->h, (int64_t)s->w * s->n * s->c);
}

static const char *const pad_shapes[] = {"h=32,w=32,c=16,p=1",
                                         "h=96,w=96,c=3,p=1", NULL};
static const char *const concat_shapes[] = {"n=2,h=32,w=32,c=16",
                                            "n=4,h=8,w=8,c=16", NULL};

static const tin_bench_family family_pad = {make_pad, " h w c p ", pad_shapes};
static const tin_bench_family family_concat = {make_concat, " n h w c ",
                                               concat_shapes};

/* ---- int16 -------------------------------------------------------------- */

/* All but the window, which is made once the taps are known. The activations
 * are what the buffers hold: any numbers. */
static tin_conv2d_s16_params conv2d_s16(tin_bench_case *c,
                                        const tin_bench_shape *s)
{
    const int64_t taps = (int64_t)s->kh * s->kw * s->c;
    const filters f = make_filters(c, s->oc, taps);
    const tin_conv2d_s16_params p = {
        .groups = 1,
        .channel_step = (int32_t)taps,
        .tap_step = s->c,
        .act_min = -32768,
        .act_max = 32767,
        .weights = f.weights,
        .multiplier = f.multiplier,
        .shift = f.shift,
    };

    return p;
}

static void make_conv2d_s16(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.conv2d_s16 = conv2d_s16(c, s);
    c->params.conv2d_s16.window = make_window(c, s, s->oc, TIN_S16);
}

static void make_pool2d_s16(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.maxpool2d_s16 = (tin_pool2d_s16_params){
        .window = make_window(c, s, s->c, TIN_S16),
        .act_min = -32768,
        .act_max = 32767,
    };
}

/* Tables of 2^14: their contents do not change the time. */
static void make_softmax_s16(tin_bench_case *c, const tin_bench_shape *s)
{
    const int16_t *halves =
        (const void *)tin_bench_random_s32(c, 257, 0x40004000, 0x40004000);

    c->params.softmax_s16 = (tin_softmax_s16_params){
        .groups = s->n,
        .c = s->c,
        .multiplier = 1 << 30,
        .shift = 1,
        .exp = halves,
        .reciprocal = halves,
    };
    tin_bench_add_in(c, TIN_S16, 1, (int64_t)s->n * s->c);
    tin_bench_add_out(c, TIN_S16, 1, (int64_t)s->n * s->c);
}

static void make_rescale(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.rescale = (tin_rescale_params){
        .row_elems = s->w * s->c,
        .in_bytes = 2,
        .out_bytes = 1,
        .multiplier = 1 << 30,
        .shift = -7,
    };
    add_image(c, s, TIN_S16);
    add_result(c, s, TIN_S8);
}

static void make_quantize_f32_s16(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.quantize_f32_s16 =
        (tin_quantize_f32_s16_params){s->w * s->c, 1.0f / 32768, 0};
    add_image(c, s, TIN_F32);
    add_result(c, s, TIN_S16);
}

static void make_dequantize_s16_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.dequantize_s16_f32 =
        (tin_dequantize_s16_f32_params){s->w * s->c, 1.0f / 32768, 0};
    add_image(c, s, TIN_S16);
    add_result(c, s, TIN_F32);
}

static const tin_bench_family family_conv2d_s16 = {
    make_conv2d_s16, " h w c oc k kh kw s d same ", conv2d_shapes};
static const tin_bench_family family_pool2d_s16 = {make_pool2d_s16, POOL_KEYS,
                                                   pool2d_shapes};
static const tin_bench_family family_softmax_s16 = {make_softmax_s16, " n c ",
                                                    softmax_shapes};
static const tin_bench_family family_rescale = {make_rescale, " h w c ",
                                                image_shapes};
static const tin_bench_family family_quantize_f32_s16 = {
    make_quantize_f32_s16, " h w c ", image_shapes};
static const tin_bench_family family_dequantize_s16_f32 = {
    make_dequantize_s16_f32, " h w c ", image_shapes};

/* ---- Those of bench_binary.c -------------------------------------------- */

#define family_binary_f32 tin_bench_binary_f32
#define family_binary_int tin_bench_binary_int
#define family_binary_quant tin_bench_binary_quant
#define family_broadcast tin_bench_broadcast
#define family_muldiv tin_bench_muldiv
#define family_compare_f32 tin_bench_compare_f32
#define family_compare_int tin_bench_compare_int
#define family_compare_s8 tin_bench_compare_s8
#define family_select tin_bench_select
#define family_add_n_s8 tin_bench_add_n_s8

/* ---- Those of bench_reduce.c -------------------------------------------- */

#define family_argmax tin_bench_argmax
#define family_cumsum_f32 tin_bench_cumsum_f32
#define family_cumsum_s32 tin_bench_cumsum_s32
#define family_cumsum_s8 tin_bench_cumsum_s8
#define family_l2norm_f32 tin_bench_l2norm_f32
#define family_l2norm_s8 tin_bench_l2norm_s8
#define family_lrn_f32 tin_bench_lrn_f32
#define family_matmul_f32 tin_bench_matmul_f32
#define family_matmul_s16 tin_bench_matmul_s16
#define family_matmul_s8 tin_bench_matmul_s8
#define family_reduce_f32 tin_bench_reduce_f32
#define family_reduce_int tin_bench_reduce_int
#define family_topk tin_bench_topk

/* ---- Those of bench_unary.c --------------------------------------------- */

#define family_unary tin_bench_unary
#define family_neg_s64 tin_bench_neg_s64
#define family_leaky_relu_f32 tin_bench_leaky_relu_f32
#define family_leaky_relu_s16 tin_bench_leaky_relu_s16
#define family_prelu_f32 tin_bench_prelu_f32
#define family_prelu_s8 tin_bench_prelu_s8
#define family_sigmoid_s16 tin_bench_sigmoid_s16
#define family_table_s16 tin_bench_table_s16
#define family_rsqrt_s16 tin_bench_rsqrt_s16
#define family_log_softmax_f32 tin_bench_log_softmax_f32
#define family_log_softmax_s8 tin_bench_log_softmax_s8
#define family_cast tin_bench_cast
#define family_zeros tin_bench_zeros

/* ---- Those of bench_move.c ---- */

#define family_strided_copy tin_bench_strided_copy
#define family_gather tin_bench_gather
#define family_one_hot tin_bench_one_hot
#define family_mirror_pad tin_bench_mirror_pad

/* ---- Resize, transposed convolutions ------------------------------------ */

/* Twice as high and wide. */
static void make_resize_nearest(tin_bench_case *c, const tin_bench_shape *s)
{
    tin_resize_nearest_params *p = &c->params.resize_nearest;
    int16_t *table;
    int32_t i;

    tin_bench_add_in(c, TIN_S8, s->h, (int64_t)s->w * s->c);
    tin_bench_add_out(c, TIN_S8, 2 * (int64_t)s->h, (int64_t)s->w * 2 * s->c);
    *p = (tin_resize_nearest_params){s->h, s->w, 2 * s->h, 2 * s->w,
                                     s->c, NULL, NULL};
    table = tin_pool_alloc(c->pool, 4 * sizeof *table * (size_t)(s->h + s->w));
    for (i = 0; table && i < 2 * (s->h + s->w); i++)
        table[i] = (int16_t)((i < p->out_h ? i : i - p->out_h) / 2);
    p->rows = table;
    p->cols = table ? table + p->out_h : NULL;
}

static void make_resize_bilinear_int(tin_bench_case *c,
                                     const tin_bench_shape *s)
{
    c->params.resize_bilinear_s8 = (tin_resize_bilinear_int_params){
        s->h, s->w, 2 * s->h, 2 * s->w, s->c, 512, 512, -256, -256};
    tin_bench_add_in(c, TIN_S16, s->h, (int64_t)s->w * s->c);
    tin_bench_add_out(c, TIN_S16, 2 * (int64_t)s->h, (int64_t)s->w * 2 * s->c);
}

static void make_resize_bilinear_f32(tin_bench_case *c,
                                     const tin_bench_shape *s)
{
    c->params.resize_bilinear_f32 = (tin_resize_bilinear_f32_params){
        s->h, s->w, 2 * s->h, 2 * s->w, s->c, 0.5f, 0.5f, 0.5f};
    tin_bench_add_in(c, TIN_F32, s->h, (int64_t)s->w * s->c);
    tin_bench_add_out(c, TIN_F32, 2 * (int64_t)s->h, (int64_t)s->w * 2 * s->c);
}

/* A window of stride s and kernel k that makes an image s times as large. */
static tin_window make_trans_window(tin_bench_case *c, const tin_bench_shape *s,
                                    tin_type type)
{
    tin_window w = {.in_h = s->h,
                    .in_w = s->w,
                    .in_c = s->c,
                    .out_h = s->h * s->s,
                    .out_w = s->w * s->s,
                    .out_c = s->oc,
                    .kernel_h = s->kh,
                    .kernel_w = s->kw,
                    .stride_h = s->s,
                    .stride_w = s->s,
                    .dilation_h = 1,
                    .dilation_w = 1};

    tin_bench_add_in(c, type, w.in_h, (int64_t)w.in_w * w.in_c);
    tin_bench_add_out(c, type, w.out_h, (int64_t)w.out_w * w.out_c);
    return w;
}

static void make_transconv2d_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    const filters f = make_filters(c, s->oc, (int64_t)s->kh * s->kw * s->c);

    c->taps /= s->s * s->s;
    c->params.transconv2d_s8 = (tin_transconv2d_s8_params){
        .window = make_trans_window(c, s, TIN_S8),
        FILTER_PARAMS(f),
    };
}

static void make_transconv2d_s16(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.transconv2d_s16 = conv2d_s16(c, s);
    c->taps /= s->s * s->s;
    c->params.transconv2d_s16.window = make_trans_window(c, s, TIN_S16);
}

static void make_transconv2d_f32(tin_bench_case *c, const tin_bench_shape *s)
{
    const int64_t taps = (int64_t)s->kh * s->kw * s->c;

    c->taps = taps / (s->s * s->s);
    c->params.transconv2d_f32 = (tin_transconv2d_f32_params){
        .window = make_trans_window(c, s, TIN_F32),
        .act_max = INFINITY,
        .weights = tin_bench_random_f32(c, taps * s->oc),
        .bias = tin_bench_random_f32(c, s->oc),
    };
}

static void make_zconv2d_s8(tin_bench_case *c, const tin_bench_shape *s)
{
    const int64_t taps = (int64_t)s->kh * s->kw * (s->c / s->g);
    const filters f = make_filters(c, s->oc, taps);

    c->params.zconv2d_s8 = (tin_zconv2d_s8_params){
        .window = make_window(c, s, s->oc, TIN_S8),
        .groups = s->g,
        .channel_step = (int32_t)taps,
        .tap_step = s->c / s->g,
        .in_zero = -1,
        .weight_zero = 5,
        .out_zero = -1,
        .act_min = -128,
        .act_max = 127,
        .multiplier = 1 << 30,
        .shift = shift_for(taps),
        .weights = f.weights,
        .bias = f.bias,
    };
}

static const char *const resize_shapes[] = {"h=16,w=16,c=32", "h=48,w=48,c=8",
                                            NULL};
static const char *const transconv2d_shapes[] = {
    "h=16,w=16,c=32,oc=16,k=2,s=2", "h=16,w=16,c=16,oc=8,k=3,s=2", NULL};

static const tin_bench_family family_resize_nearest = {
    make_resize_nearest, " h w c ", resize_shapes};
static const tin_bench_family family_resize_bilinear_int = {
    make_resize_bilinear_int, " h w c ", resize_shapes};
static const tin_bench_family family_resize_bilinear_f32 = {
    make_resize_bilinear_f32, " h w c ", resize_shapes};
static const tin_bench_family family_transconv2d_s8 = {
    make_transconv2d_s8, " h w c oc k kh kw s ", transconv2d_shapes};
static const tin_bench_family family_transconv2d_s16 = {
    make_transconv2d_s16, " h w c oc k kh kw s ", transconv2d_shapes};
static const tin_bench_family family_transconv2d_f32 = {
    make_transconv2d_f32, " h w c oc k kh kw s ", transconv2d_shapes};
static const tin_bench_family family_zconv2d_s8 = {make_zconv2d_s8, CONV_KEYS,
                                                   conv2d_shapes};

/* ---- State: see bench_state.c ------------------------------------------- */

#define family_lstm_f32 tin_bench_lstm_f32
#define family_lstm_s8 tin_bench_lstm_s8
#define family_svdf_f32 tin_bench_svdf_f32
#define family_svdf_s8 tin_bench_svdf_s8

/* ---- All kernels -------------------------------------------------------- */

/* Those of another CPU are measured on it: see bench_target.sh. */
#define BENCH_generic(name, params)                                            \
 {#name, "generic", tin_##name, tin_##name##_check, &family_##params},
#define BENCH_dsp(name, params)
#define BENCH_fpu(name, params)
#define BENCH_mve(name, params)

const tin_bench_kernel tin_bench_kernels[] = {
#define TIN_VARIANT(name, params, isa) BENCH_##isa(name, params)
#include "../kernels/variants.inc"
#undef TIN_VARIANT
    {NULL, NULL, NULL, NULL, NULL},
};
