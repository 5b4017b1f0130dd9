/* SPDX-License-Identifier: MIT */
/* variants.c: see variants.h. */
#include "variants.h"

#include <string.h>

const char *const tin_targets[] = {
    "generic",   "x86",        "cortex-m0",  "cortex-m3",  "cortex-m4",
    "cortex-m7", "cortex-m33", "cortex-m55", "cortex-a57", NULL};

static const tin_target targets[] = {
    {"generic", 0},
    {"x86", 0},
    {"cortex-m0", 0},
    {"cortex-m3", 0},
    {"cortex-m4", TIN_ISA_DSP | TIN_ISA_FPU},
    {"cortex-m7", TIN_ISA_DSP | TIN_ISA_FPU},
    {"cortex-m33", TIN_ISA_DSP | TIN_ISA_FPU},
    {"cortex-m55", TIN_ISA_DSP | TIN_ISA_MVE | TIN_ISA_FPU},
    {"cortex-a57", 0},
};

const tin_target *tin_find_target(const char *name)
{
    size_t i;

    if (!name)
        return &targets[0];
    for (i = 0; i < sizeof targets / sizeof *targets; i++)
        if (strcmp(targets[i].name, name) == 0)
            return &targets[i];
    return NULL;
}

static int32_t packs_nothing(const void *params)
{
    (void)params;
    return 0;
}

/* Fewer channels than four are pooled one by one, as the portable kernel does
 * in less code; a few outputs are not worth more. */
enum { POOL_LEAST = 256 };

static int32_t pool_packed_size(const void *params)
{
    const tin_pool2d_s8_params *p = params;
    const tin_window *w = &p->window;
    const int64_t outputs = (int64_t)w->out_w * w->out_c * w->out_h;

    return w->in_c < 4 || outputs < POOL_LEAST ? TIN_ERR_UNSUPPORTED : 0;
}

/* A short row is not worth more code. */
enum { TABLE_LEAST = 64 };

static int32_t table_packed_size(const void *params)
{
    const tin_table_x8_params *p = params;

    return p->row_elems < TABLE_LEAST ? TIN_ERR_UNSUPPORTED : 0;
}

/* The code for a table is that much smaller than the one that has none. */
enum { SOFTMAX_SMALL = 372 };

static int32_t small_softmax_packed_size(const void *params)
{
    const int32_t bytes = tin_softmax_s8_dsp_packed_size(params);

    return bytes > SOFTMAX_SMALL ? TIN_ERR_UNSUPPORTED : bytes;
}

/* Winograd's transforms cost more than they save where channels are few. */
enum { WINOGRAD_LEAST = 8 };

static int32_t f4_packed_size(const void *params)
{
    const tin_conv2d_s8_params *p = params;

    return p->window.in_c < WINOGRAD_LEAST
               ? TIN_ERR_UNSUPPORTED
               : tin_conv2d_s8_f4_dsp_packed_size(p);
}

static int32_t f2_packed_size(const void *params)
{
    const tin_conv2d_s8_params *p = params;

    return p->window.in_c < WINOGRAD_LEAST
               ? TIN_ERR_UNSUPPORTED
               : tin_conv2d_s8_f2_dsp_packed_size(p);
}

static int32_t f32_f2_packed_size(const void *params)
{
    const tin_conv2d_f32_params *p = params;

    return p->window.in_c < WINOGRAD_LEAST
               ? TIN_ERR_UNSUPPORTED
               : tin_conv2d_f32_f2_fpu_packed_size(p);
}

static int32_t conv2d_f32_packed_size(const void *params)
{
    return tin_conv2d_f32_fpu_fits(params) ? 0 : TIN_ERR_UNSUPPORTED;
}

static int32_t dwconv2d_f32_packed_size(const void *params)
{
    return tin_dwconv2d_f32_fpu_fits(params) ? 0 : TIN_ERR_UNSUPPORTED;
}

/* `kernel` does what `base` does where a CPU has `needs`; its params are those
 * of base, or begin with them. */
#define VARIANT(base, kernel, needs)                                           \
 .portable = TIN_KERNEL_##base, .variant = TIN_KERNEL_##kernel,                \
 .isa = TIN_ISA_##needs
/* A constant is packed for it, which its params have at their end. */
#define PACKED(kernel, size, how)                                              \
 .packed_offset = offsetof(tin_##kernel##_params, packed),                     \
 .packed_size = size, .pack = how
#define PACKS(kernel)                                                          \
 PACKED(kernel, tin_##kernel##_packed_size, tin_##kernel##_pack)

/* In the order of preference. Winograd takes 8 times the flash, or 3.6 times,
 * and scratch: only for speed. In float it takes 1.8 times the flash. */
static const tin_variant variants[] = {
    {VARIANT(conv2d_s8, conv2d_s8_mve, MVE), PACKS(conv2d_s8_mve), .small = 1},
    {VARIANT(dwconv2d_s8, dwconv2d_s8_mve, MVE), PACKS(dwconv2d_s8_mve),
     .small = 1, .rows_log2 = 1},
    {VARIANT(dense_s8, dense_s8_mve, MVE), PACKS(dense_s8_mve), .small = 1},
    {VARIANT(add_s8, add_s8_mve, MVE), .packed_size = packs_nothing,
     .small = 1},
    {VARIANT(gavgpool2d_s8, gavgpool2d_s8_mve, MVE),
     .packed_size = packs_nothing, .small = 1},
    {VARIANT(softmax_s8, softmax_s8_mve, MVE), PACKS(softmax_s8_dsp),
     .from = TIN_OPTIMIZE_BALANCED},
    {VARIANT(softmax_s8, softmax_s8_mve, MVE),
     PACKED(softmax_s8_dsp, small_softmax_packed_size, tin_softmax_s8_dsp_pack),
     .small = 1},
    {VARIANT(table_x8, table_x8_mve, MVE), .packed_size = packs_nothing,
     .small = 1},
    {VARIANT(avgpool2d_s8, avgpool2d_s8_mve, MVE),
     .packed_size = packs_nothing},
    {VARIANT(maxpool2d_s8, maxpool2d_s8_mve, MVE),
     .packed_size = packs_nothing},
    {VARIANT(conv2d_s8, conv2d_s8_f4_dsp, DSP),
     PACKED(conv2d_s8_f4_dsp, f4_packed_size, tin_conv2d_s8_f4_dsp_pack),
     .from = TIN_OPTIMIZE_SPEED, .rows_log2 = 2},
    {VARIANT(conv2d_s8, conv2d_s8_f2_dsp, DSP),
     PACKED(conv2d_s8_f2_dsp, f2_packed_size, tin_conv2d_s8_f2_dsp_pack),
     .from = TIN_OPTIMIZE_SPEED, .rows_log2 = 1},
    {VARIANT(conv2d_s8, conv2d_s8_dsp, DSP),
     PACKED(conv2d_s8_dsp, tin_conv2d_s8_dsp_wide_packed_size,
            tin_conv2d_s8_dsp_wide_pack),
     .from = TIN_OPTIMIZE_SPEED, .rows_log2 = 2},
    {VARIANT(conv2d_s8, conv2d_s8_dsp, DSP), PACKS(conv2d_s8_dsp),
     .from = TIN_OPTIMIZE_BALANCED, .rows_log2 = 2},
    {VARIANT(conv2d_s8, conv2d_s8_dsp, DSP), PACKS(conv2d_s8_dsp)},
    {VARIANT(conv2d_s8, conv2d_s8_p1_dsp, DSP), PACKS(conv2d_s8_dsp),
     .small = 1},
    {VARIANT(dwconv2d_s8, dwconv2d_s8_dsp, DSP), PACKS(dwconv2d_s8_dsp),
     .from = TIN_OPTIMIZE_BALANCED, .rows_log2 = 2},
    {VARIANT(dwconv2d_s8, dwconv2d_s8_narrow_dsp, DSP),
     PACKS(dwconv2d_s8_narrow_dsp)},
    {VARIANT(dwconv2d_s8, dwconv2d_s8_row_dsp, DSP), PACKS(dwconv2d_s8_row_dsp),
     .by_row = 1},
    {VARIANT(dwconv2d_s8, dwconv2d_s8_dsp, DSP), PACKS(dwconv2d_s8_dsp)},
    {VARIANT(dwconv2d_s8, dwconv2d_s8_any_dsp, DSP),
     PACKS(dwconv2d_s8_any_dsp)},
    {VARIANT(dense_s8, dense_s8_dsp, DSP), PACKS(dense_s8_dsp)},
    {VARIANT(add_s8, add_s8_dsp, DSP), PACKS(add_s8_dsp)},
    {VARIANT(gavgpool2d_s8, gavgpool2d_s8_dsp, DSP),
     .packed_size = packs_nothing, .small = 1},
    {VARIANT(maxpool2d_s8, maxpool2d_s8_dsp, DSP),
     .packed_size = pool_packed_size},
    {VARIANT(avgpool2d_s8, avgpool2d_s8_dsp, DSP),
     .packed_size = pool_packed_size},
    {VARIANT(softmax_s8, softmax_s8_dsp, DSP), PACKS(softmax_s8_dsp),
     .from = TIN_OPTIMIZE_BALANCED},
    {VARIANT(softmax_s8, softmax_s8_dsp, DSP),
     PACKED(softmax_s8_dsp, small_softmax_packed_size, tin_softmax_s8_dsp_pack),
     .small = 1},
    {VARIANT(table_x8, table_x8_dsp, DSP), .packed_size = table_packed_size},
    {VARIANT(conv2d_f32, conv2d_f32_f2_fpu, FPU),
     PACKED(conv2d_f32_f2_fpu, f32_f2_packed_size, NULL),
     .pack_f32 = tin_conv2d_f32_f2_fpu_pack, .from = TIN_OPTIMIZE_SPEED,
     .spare = 1, .rows_log2 = 1},
    {VARIANT(conv2d_f32, conv2d_f32_fpu, FPU),
     .packed_size = conv2d_f32_packed_size, .free_log2 = 2},
    {VARIANT(dwconv2d_f32, dwconv2d_f32_fpu, FPU),
     .packed_size = dwconv2d_f32_packed_size},
    {VARIANT(dense_f32, dense_f32_fpu, FPU),
     PACKED(dense_f32_fpu, tin_dense_f32_fpu_packed_size, NULL),
     .pack_f32 = tin_dense_f32_fpu_pack},
};

const tin_variant *tin_find_variant(const tin_target *target,
                                    tin_optimize optimize, int resident,
                                    tin_kernel_id kernel, const void *params,
                                    const tin_variant *after)
{
    size_t i = after ? (size_t)(after - variants) + 1 : 0;

    for (; i < sizeof variants / sizeof *variants; i++) {
        const tin_variant *v = &variants[i];

        if (v->portable == kernel && (target->isa & v->isa) &&
            optimize >= v->from &&
            (optimize != TIN_OPTIMIZE_FLASH || v->small) &&
            !(resident && v->by_row) && v->packed_size(params) >= 0)
            return v;
    }
    return NULL;
}

uint8_t tin_useful_rows_log2(tin_kernel_id kernel)
{
    uint8_t most = 0;
    size_t i;

    for (i = 0; i < sizeof variants / sizeof *variants; i++) {
        const tin_variant *v = &variants[i];

        if (v->variant == kernel && v->rows_log2 > most)
            most = v->rows_log2;
        if (v->variant == kernel && v->free_log2 > most)
            most = v->free_log2;
    }
    return most;
}
