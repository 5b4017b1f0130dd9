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

/* A variant whose params are those of `base` and of the
 * constant that `pack` makes. */
#define PACKED(kernel, isa, from, small, rows_log2, base, size, pack)          \
 {                                                                             \
  TIN_KERNEL_##base, TIN_KERNEL_##kernel, isa, from, small, 0, rows_log2,      \
      sizeof(tin_##base##_params), offsetof(tin_##kernel##_params, packed),    \
      size, pack, NULL                                                         \
 }
#define PLAIN(kernel, isa, base)                                               \
 {                                                                             \
  TIN_KERNEL_##base, TIN_KERNEL_##kernel, isa, TIN_OPTIMIZE_RAM, 1, 0, 0,      \
      sizeof(tin_##base##_params), 0, packs_nothing, NULL, NULL                \
 }
#define MVE(kernel, rows_log2, base)                                           \
 PACKED(kernel, TIN_ISA_MVE, TIN_OPTIMIZE_RAM, 1, rows_log2, base,             \
        tin_##kernel##_packed_size, tin_##kernel##_pack)
#define DSP(kernel, from, rows_log2, base, size, pack)                         \
 PACKED(kernel, TIN_ISA_DSP, from, 0, rows_log2, base, size, pack)
#define DSP_SMALL(kernel, base, size, pack)                                    \
 PACKED(kernel, TIN_ISA_DSP, TIN_OPTIMIZE_RAM, 1, 0, base, size, pack)

#define FPU(kernel, from, spare, rows_log2, base, size)                        \
 {                                                                             \
  TIN_KERNEL_##base, TIN_KERNEL_##kernel, TIN_ISA_FPU, from, 0, spare,         \
      rows_log2, sizeof(tin_##base##_params),                                  \
      offsetof(tin_##kernel##_params, packed), size, NULL, tin_##kernel##_pack \
 }

/* In the order of preference. Winograd takes 8 times the flash, or 3.6 times,
 * and scratch: only for speed. In float it takes 1.8 times the flash. */
static const tin_variant variants[] = {
    MVE(conv2d_s8_mve, 0, conv2d_s8),
    MVE(dwconv2d_s8_mve, 1, dwconv2d_s8),
    MVE(dense_s8_mve, 0, dense_s8),
    PLAIN(add_s8_mve, TIN_ISA_MVE, add_s8),
    PLAIN(gavgpool2d_s8_mve, TIN_ISA_MVE, gavgpool2d_s8),
    DSP(conv2d_s8_f4_dsp, TIN_OPTIMIZE_SPEED, 2, conv2d_s8, f4_packed_size,
        tin_conv2d_s8_f4_dsp_pack),
    DSP(conv2d_s8_f2_dsp, TIN_OPTIMIZE_SPEED, 1, conv2d_s8, f2_packed_size,
        tin_conv2d_s8_f2_dsp_pack),
    DSP(conv2d_s8_dsp, TIN_OPTIMIZE_SPEED, 2, conv2d_s8,
        tin_conv2d_s8_dsp_wide_packed_size, tin_conv2d_s8_dsp_wide_pack),
    DSP(conv2d_s8_dsp, TIN_OPTIMIZE_BALANCED, 2, conv2d_s8,
        tin_conv2d_s8_dsp_packed_size, tin_conv2d_s8_dsp_pack),
    DSP(conv2d_s8_dsp, TIN_OPTIMIZE_RAM, 0, conv2d_s8,
        tin_conv2d_s8_dsp_packed_size, tin_conv2d_s8_dsp_pack),
    DSP_SMALL(conv2d_s8_p1_dsp, conv2d_s8, tin_conv2d_s8_dsp_packed_size,
              tin_conv2d_s8_dsp_pack),
    DSP(dwconv2d_s8_dsp, TIN_OPTIMIZE_BALANCED, 2, dwconv2d_s8,
        tin_dwconv2d_s8_dsp_packed_size, tin_dwconv2d_s8_dsp_pack),
    DSP(dwconv2d_s8_narrow_dsp, TIN_OPTIMIZE_RAM, 0, dwconv2d_s8,
        tin_dwconv2d_s8_narrow_dsp_packed_size,
        tin_dwconv2d_s8_narrow_dsp_pack),
    DSP(dwconv2d_s8_dsp, TIN_OPTIMIZE_RAM, 0, dwconv2d_s8,
        tin_dwconv2d_s8_dsp_packed_size, tin_dwconv2d_s8_dsp_pack),
    DSP(dense_s8_dsp, TIN_OPTIMIZE_RAM, 0, dense_s8,
        tin_dense_s8_dsp_packed_size, tin_dense_s8_dsp_pack),
    DSP(add_s8_dsp, TIN_OPTIMIZE_RAM, 0, add_s8, tin_add_s8_dsp_packed_size,
        tin_add_s8_dsp_pack),
    PLAIN(gavgpool2d_s8_dsp, TIN_ISA_DSP, gavgpool2d_s8),
    FPU(conv2d_f32_f2_fpu, TIN_OPTIMIZE_SPEED, 1, 1, conv2d_f32,
        f32_f2_packed_size),
    {TIN_KERNEL_conv2d_f32, TIN_KERNEL_conv2d_f32_fpu, TIN_ISA_FPU,
     TIN_OPTIMIZE_RAM, 0, 0, 0, sizeof(tin_conv2d_f32_params), 0,
     conv2d_f32_packed_size, NULL, NULL},
    FPU(dense_f32_fpu, TIN_OPTIMIZE_RAM, 0, 0, dense_f32,
        tin_dense_f32_fpu_packed_size),
};

const tin_variant *tin_find_variant(const tin_target *target,
                                    tin_optimize optimize, tin_kernel_id kernel,
                                    const void *params,
                                    const tin_variant *after)
{
    size_t i = after ? (size_t)(after - variants) + 1 : 0;

    for (; i < sizeof variants / sizeof *variants; i++) {
        const tin_variant *v = &variants[i];

        if (v->portable == kernel && (target->isa & v->isa) &&
            optimize >= v->from &&
            (optimize != TIN_OPTIMIZE_FLASH || v->small) &&
            v->packed_size(params) >= 0)
            return v;
    }
    return NULL;
}

uint8_t tin_useful_rows_log2(tin_kernel_id kernel)
{
    uint8_t most = 0;
    size_t i;

    for (i = 0; i < sizeof variants / sizeof *variants; i++)
        if (variants[i].variant == kernel && variants[i].rows_log2 > most)
            most = variants[i].rows_log2;
    return most;
}
