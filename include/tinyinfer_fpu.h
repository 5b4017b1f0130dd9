/* SPDX-License-Identifier: MIT */
/*
 * tinyinfer_fpu.h: float kernels for the FPU of a Cortex-M4, M7, M33 or M55. It
 * has 32 registers of single precision; that of the M4 multiplies and adds in a
 * cycle each, and takes three for both at once. With tinyinfer_kernels.h, whose
 * contracts hold here, it is all that one of these files needs.
 *
 * Where the FPU is missing, the inner loops are C: the same bits, slower than
 * the portable kernels.
 */
#ifndef TINYINFER_FPU_H
#define TINYINFER_FPU_H

#include "tinyinfer_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What the kernels share --------------------------------------------- */

/* Which bounds of a clamp do anything: 0 none, 1 the lower one, 2 both. */
static inline int32_t tin_fpu_bounds(float lo, float hi)
{
    const float most = 3.402823466e38f;

    return hi <= most ? 2 : lo >= -most ? 1 : 0;
}

/* For the list of what assembly changes. */
#define TIN_FPU_REGISTERS                                                      \
 "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11",     \
     "s12", "s13", "s14", "s15", "s16", "s17", "s18", "s19", "s20", "s21",     \
     "s22", "s23", "s24", "s25", "s26", "s27", "s28", "s29", "s30", "s31"

/* x = a * b, x = a + b, x = a - b. */
#define TIN_FPU_MUL(x, a, b) "vmul.f32 " x ", " a ", " b "\n\t"
#define TIN_FPU_ADD(x, a, b) "vadd.f32 " x ", " a ", " b "\n\t"
#define TIN_FPU_SUB(x, a, b) "vsub.f32 " x ", " a ", " b "\n\t"

/* Assembly that does what tin_clampf does to x, a bound at a time; NaN is
 * neither lower or same nor greater or equal. */
#define TIN_FPU_RAISE(x, lo)                                                   \
 "vcmp.f32 " x ", " lo "\n\t"                                                  \
 "vmrs APSR_nzcv, fpscr\n\t"                                                   \
 "it ls\n\t"                                                                   \
 "vmovls.f32 " x ", " lo "\n\t"
#define TIN_FPU_LOWER(x, hi)                                                   \
 "vcmp.f32 " x ", " hi "\n\t"                                                  \
 "vmrs APSR_nzcv, fpscr\n\t"                                                   \
 "it ge\n\t"                                                                   \
 "vmovge.f32 " x ", " hi "\n\t"

/* s0 to s7, or to s15, become 0; r: a core register that is 0. */
#define TIN_FPU_ZERO_8(r)                                                      \
 "vmov d0, " r ", " r "\n\t"                                                   \
 "vmov d1, " r ", " r "\n\t"                                                   \
 "vmov d2, " r ", " r "\n\t"                                                   \
 "vmov d3, " r ", " r "\n\t"
#define TIN_FPU_ZERO_16(r)                                                     \
 TIN_FPU_ZERO_8(r)                                                             \
 "vmov d4, " r ", " r "\n\t"                                                   \
 "vmov d5, " r ", " r "\n\t"                                                   \
 "vmov d6, " r ", " r "\n\t"                                                   \
 "vmov d7, " r ", " r "\n\t"

/* f(x, y) for x from s0 to s7, from s8 to s15, or both. */
#define TIN_FPU_EACH_8(f, y)                                                   \
 f("s0", y) f("s1", y) f("s2", y) f("s3", y) f("s4", y) f("s5", y) f("s6", y)  \
     f("s7", y)
#define TIN_FPU_EACH_HIGH_8(f, y)                                              \
 f("s8", y) f("s9", y) f("s10", y) f("s11", y) f("s12", y) f("s13", y)         \
     f("s14", y) f("s15", y)
#define TIN_FPU_EACH_16(f, y) TIN_FPU_EACH_8(f, y) TIN_FPU_EACH_HIGH_8(f, y)

/* Clamps those of `each`; bounds: a core register with tin_fpu_bounds, end: a
 * label behind it. */
#define TIN_FPU_CLAMP(each, bounds, lo, hi, end)                               \
 "cmp " bounds ", #1\n\t"                                                      \
 "blt " end "\n\t" each(TIN_FPU_RAISE, lo) "cmp " bounds ", #1\n\t"            \
                                           "beq " end                          \
                                           "\n\t" each(TIN_FPU_LOWER, hi)

/* Adds y0 to s0, y1 to s1 ..., or to s8, s9 ... */
#define TIN_FPU_ADD_8(y0, y1, y2, y3, y4, y5, y6, y7)                          \
 TIN_FPU_ADD("s0", "s0", y0)                                                   \
 TIN_FPU_ADD("s1", "s1", y1)                                                   \
 TIN_FPU_ADD("s2", "s2", y2)                                                   \
 TIN_FPU_ADD("s3", "s3", y3)                                                   \
 TIN_FPU_ADD("s4", "s4", y4)                                                   \
 TIN_FPU_ADD("s5", "s5", y5)                                                   \
 TIN_FPU_ADD("s6", "s6", y6)                                                   \
 TIN_FPU_ADD("s7", "s7", y7)
#define TIN_FPU_ADD_HIGH_8(y0, y1, y2, y3, y4, y5, y6, y7)                     \
 TIN_FPU_ADD("s8", "s8", y0)                                                   \
 TIN_FPU_ADD("s9", "s9", y1)                                                   \
 TIN_FPU_ADD("s10", "s10", y2)                                                 \
 TIN_FPU_ADD("s11", "s11", y3)                                                 \
 TIN_FPU_ADD("s12", "s12", y4)                                                 \
 TIN_FPU_ADD("s13", "s13", y5)                                                 \
 TIN_FPU_ADD("s14", "s14", y6)                                                 \
 TIN_FPU_ADD("s15", "s15", y7)

/* ---- Convolution -------------------------------------------------------- */

enum { TIN_FPU_PIECES = 36 }; /* of a kernel row, at most */

/* The pieces of a kernel row in which inputs and weights lie side by side. */
static inline int32_t tin_conv2d_f32_fpu_row_pieces(
    const tin_conv2d_f32_params *p)
{
    return p->groups == 1 && p->window.dilation_w == 1 ? 1 : p->window.kernel_w;
}

/* 1 where tin_conv2d_f32_fpu serves params that tin_conv2d_f32 takes. */
static inline int tin_conv2d_f32_fpu_fits(const tin_conv2d_f32_params *p)
{
    return p->window.out_c / p->groups >= 4 &&
           tin_conv2d_f32_fpu_row_pieces(p) <= TIN_FPU_PIECES;
}

/*
 * tin_conv2d_f32 in blocks of four points by four channels: 2.7 cycles a
 * product on a Cortex-M4 and up to 15 an output; 3.3 where there are fewer than
 * three points in a row.
 *
 * Rows at once: any number gives the same bits; but a 1x1 kernel takes rows
 *   that lie side by side as one, so that fewer points are left over.
 * Needs: as tin_conv2d_f32; at least 4 output channels a group, and kernels of
 *   at most 36 columns where groups or dilation_w are not 1.
 * Alias: no overlap. Scratch: none. Stack: up to 512 bytes.
 * Exact: the bits of tin_conv2d_f32: the same order of sums. Weights that are
 *   infinite or NaN may count beside the image, too.
 * NaN: as tin_conv2d_f32.
 */
tin_kernel tin_conv2d_f32_fpu;
tin_check tin_conv2d_f32_fpu_check;

enum { TIN_FPU_CHANNELS = 1 << 20 };

typedef struct {
    tin_conv2d_f32_params conv; /* weights and bias are not read */
    const float *packed;        /* by tin_conv2d_f32_f2_fpu_pack */
} tin_conv2d_f32_f2_fpu_params;

/*
 * tin_conv2d_f32 for 3x3 kernels of stride 1, by Winograd's F(2x2, 3x3): 16
 * products where the definition has 36.
 *
 * packed  [ceil(out_c / 8)]: [8] biases, [16][in_c up to whole fours][8]
 *         transformed weights; f32: 1.8 times the bytes of the weights
 *
 * Rows at once: 2, an even one and the one behind it, if both are in one image.
 *   A call for one costs as much; it gives the same bits.
 * Needs: what tin_conv2d_f32 needs; a kernel of 3x3; strides, dilations and
 *   groups 1; in_c <= TIN_FPU_CHANNELS.
 * Alias: no overlap. Scratch: 128 * in_c + 1024 bytes, where in_c is rounded up
 *   to a multiple of 4.
 * Stack: under 500 bytes.
 * Exact: not the bits of tin_conv2d_f32: within 1e-5 of the sum of a channel's
 *   |weights| times the largest |input| under the window, and of the bias.
 * NaN: a NaN under a tap makes all channels NaN, an infinity may do so.
 */
tin_kernel tin_conv2d_f32_f2_fpu;
tin_check tin_conv2d_f32_f2_fpu_check;
tin_scratch_size tin_conv2d_f32_f2_fpu_scratch_size;

/* Bytes of `packed` for a tin_conv2d_f32_params that passes its check, or
 * TIN_ERR_UNSUPPORTED where the kernel does not serve, or channels that only
 * fill up an eight would be more than a fifth of them, or TIN_ERR_OVERFLOW. */
int32_t tin_conv2d_f32_f2_fpu_packed_size(const void *params);
void tin_conv2d_f32_f2_fpu_pack(const void *params, float *packed);

/* ---- Depthwise convolution ---------------------------------------------- */

/* 1 where tin_dwconv2d_f32_fpu serves params that tin_dwconv2d_f32 takes. */
static inline int tin_dwconv2d_f32_fpu_fits(const tin_dwconv2d_f32_params *p)
{
    return p->window.in_c >= 8 && p->window.in_c == p->window.out_c &&
           p->window.kernel_h <= TIN_FPU_PIECES;
}

/*
 * tin_dwconv2d_f32 in blocks of two points by eight channels: with a kernel of
 * 3x3 and ReLU 5 to 6 cycles a product on a Cortex-M4, where the portable
 * kernel takes 15.
 *
 * Needs: as tin_dwconv2d_f32; at least 8 channels, out_c = in_c, kernels of at
 *   most 36 rows.
 * Alias: no overlap. Scratch: none. Stack: under 500 bytes.
 * Exact: the bits of tin_dwconv2d_f32: the same order of sums.
 * NaN: as tin_dwconv2d_f32.
 */
tin_kernel tin_dwconv2d_f32_fpu;
tin_check tin_dwconv2d_f32_fpu_check;

/* ---- Dense -------------------------------------------------------------- */

typedef struct {
    tin_dense_f32_params dense; /* weights and bias are not read */
    const float *packed;        /* by tin_dense_f32_fpu_pack */
} tin_dense_f32_fpu_params;

/*
 * tin_dense_f32, 16 output channels at a time, the last 8 or fewer so many: 3.2
 * cycles a product on a Cortex-M4, as each weight is loaded once and multiplied
 * and added in a cycle each.
 *
 * packed  [ceil(out_c / 16)]: [16] biases, [in_c][16] weights, or [in_c][8] in
 *         the last one if no more are left; f32
 *
 * Needs: as tin_dense_f32, a `packed` made for these params.
 * Alias: no overlap. Scratch: none. Stack: under 300 bytes.
 * Exact: the bits of tin_dense_f32: the same order of sums.
 * NaN: as tin_dense_f32.
 */
tin_kernel tin_dense_f32_fpu;
tin_check tin_dense_f32_fpu_check;

/* Bytes of `packed` for a tin_dense_f32_params that passes its check, or
 * TIN_ERR_UNSUPPORTED where channels that only fill up an eight would be more
 * than a fifth of them, or TIN_ERR_OVERFLOW. */
int32_t tin_dense_f32_fpu_packed_size(const void *params);
void tin_dense_f32_fpu_pack(const void *params, float *packed);

#ifdef __cplusplus
}
#endif

#endif /* TINYINFER_FPU_H */
