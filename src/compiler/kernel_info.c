/* SPDX-License-Identifier: MIT */
/* kernel_info.c: the kernels, one by one. */
#include "kernel_fields.h"

/* These take the params of another kernel as they are. */
#define tin_add_s8_mve_check tin_add_s8_check
#define tin_avgpool2d_s8_dsp_check tin_avgpool2d_s8_check
#define tin_avgpool2d_s8_mve_check tin_avgpool2d_s8_check
#define tin_conv2d_s8_p1_dsp_check tin_conv2d_s8_dsp_check
#define tin_gavgpool2d_s8_dsp_check tin_gavgpool2d_s8_check
#define tin_gavgpool2d_s8_mve_check tin_gavgpool2d_s8_check
#define tin_maxpool2d_s8_dsp_check tin_maxpool2d_s8_check
#define tin_maxpool2d_s8_mve_check tin_maxpool2d_s8_check
#define tin_softmax_s8_mve_check tin_softmax_s8_dsp_check
#define tin_table_x8_dsp_check tin_table_x8_check
#define tin_table_x8_mve_check tin_table_x8_check
#define tin_gavgpool2d_s8_dsp_scratch_size tin_gavgpool2d_s8_scratch_size
#define tin_gavgpool2d_s8_mve_scratch_size tin_gavgpool2d_s8_scratch_size

/* Each point is read until its outputs are known: they end before it. */
static int32_t tin_conv2d_s8_trail(const void *params)
{
    const tin_conv2d_s8_params *p = params;
    const tin_window *w = &p->window;

    if (w->kernel_h > 1 || w->kernel_w > 1 || w->stride_h > 1 ||
        w->stride_w > 1 || w->in_h != w->out_h || w->in_w != w->out_w)
        return 0;
    return (w->out_w - 1) * (w->in_c < w->out_c ? w->in_c : w->out_c);
}

/* A variant for another CPU than this one has params but no code here. */
#define TIN_RUN_generic(f) f
#define TIN_RUN_fpu(f) f
#if TIN_HAVE_DSP
# define TIN_RUN_dsp(f) f
#else
# define TIN_RUN_dsp(f) NULL
#endif
#if TIN_HAVE_MVE
# define TIN_RUN_mve(f) f
#else
# define TIN_RUN_mve(f) NULL
#endif
#define TIN_NEEDS_generic NULL
#define TIN_NEEDS_fpu NULL
#define TIN_NEEDS_dsp "TIN_HAVE_DSP"
#define TIN_NEEDS_mve "TIN_HAVE_MVE"
#define TIN_VARIANT(kernel, layout, isa)                                       \
 [TIN_KERNEL_##kernel] = {                                                     \
     .name = #kernel,                                                          \
     .params_type = "tin_" #layout "_params",                                  \
     .needs = TIN_NEEDS_##isa,                                                 \
     .run = TIN_RUN_##isa(tin_##kernel),                                       \
     .check = tin_##kernel##_check,                                            \
     .fields = fields_##layout,                                                \
     .n_fields = (int32_t)(sizeof fields_##layout / sizeof(tin_field)),        \
     .params_bytes = sizeof(tin_##layout##_params)},

/* What is NULL or 0 of the other kernels. */
#define SCRATCH(k) [TIN_KERNEL_##k].scratch_size = tin_##k##_scratch_size
#define TRAIL(k) [TIN_KERNEL_##k].trail = tin_##k##_trail
#define JOINT(k) [TIN_KERNEL_##k].joint = 1
#define IN_PLACE(k) [TIN_KERNEL_##k].in_place = 1

const tin_kernel_info tin_kernel_infos[TIN_KERNEL_COUNT] = {
#include "../../kernels/variants.inc"
    SCRATCH(add_s8_dsp),
    SCRATCH(conv2d_f32_f2_fpu),
    SCRATCH(conv2d_s8_dsp),
    SCRATCH(conv2d_s8_f2_dsp),
    SCRATCH(conv2d_s8_f4_dsp),
    SCRATCH(conv2d_s8_mve),
    SCRATCH(conv2d_s8_p1_dsp),
    SCRATCH(dense_s8_dsp),
    SCRATCH(dwconv2d_s8_any_dsp),
    SCRATCH(dwconv2d_s8_dsp),
    SCRATCH(dwconv2d_s8_mve),
    SCRATCH(dwconv2d_s8_narrow_dsp),
    SCRATCH(dwconv2d_s8_row_dsp),
    SCRATCH(gavgpool2d_f32),
    SCRATCH(gavgpool2d_s8),
    SCRATCH(gavgpool2d_s8_dsp),
    SCRATCH(gavgpool2d_s8_mve),
    SCRATCH(mean_f32),
    SCRATCH(mean_s8),
    SCRATCH(reduce_f32),
    SCRATCH(reduce_int),
    TRAIL(conv2d_s8),
    JOINT(conv2d_s8_dsp),
    JOINT(conv2d_s8_f2_dsp),
    JOINT(conv2d_s8_f4_dsp),
    JOINT(conv2d_s8_mve),
    JOINT(dwconv2d_s8_dsp),
    JOINT(dwconv2d_s8_mve),
    IN_PLACE(abs_f32),
    IN_PLACE(abs_s32),
    IN_PLACE(add_f32),
    IN_PLACE(add_n_s8),
    IN_PLACE(add_s8),
    IN_PLACE(add_s8_dsp),
    IN_PLACE(add_s8_mve),
    IN_PLACE(binary_f32),
    IN_PLACE(binary_int),
    IN_PLACE(binary_s16),
    IN_PLACE(binary_s8),
    IN_PLACE(ceil_f32),
    IN_PLACE(clamp_f32),
    IN_PLACE(compare_s8),
    IN_PLACE(cos_f32),
    IN_PLACE(div_s8),
    IN_PLACE(elu_f32),
    IN_PLACE(exp_f32),
    IN_PLACE(floor_div_f32),
    IN_PLACE(floor_f32),
    IN_PLACE(floor_mod_f32),
    IN_PLACE(gelu_f32),
    IN_PLACE(gelu_tanh_f32),
    IN_PLACE(hard_swish_f32),
    IN_PLACE(l2norm_f32),
    IN_PLACE(l2norm_s8),
    IN_PLACE(leaky_relu_f32),
    IN_PLACE(leaky_relu_s16),
    IN_PLACE(log_f32),
    IN_PLACE(log_softmax_f32),
    IN_PLACE(log_softmax_s8),
    IN_PLACE(logistic_f32),
    IN_PLACE(mul_s16),
    IN_PLACE(mul_s8),
    IN_PLACE(neg_f32),
    IN_PLACE(neg_s32),
    IN_PLACE(neg_s64),
    IN_PLACE(pow_f32),
    IN_PLACE(prelu_f32),
    IN_PLACE(prelu_s8),
    IN_PLACE(round_f32),
    IN_PLACE(rsqrt_f32),
    IN_PLACE(rsqrt_s16),
    IN_PLACE(select),
    IN_PLACE(sigmoid_s16),
    IN_PLACE(sign_f32),
    IN_PLACE(sign_s32),
    IN_PLACE(sin_f32),
    IN_PLACE(softmax_f32),
    IN_PLACE(softmax_s16),
    IN_PLACE(softmax_s8),
    IN_PLACE(softmax_s8_dsp),
    IN_PLACE(softmax_s8_mve),
    IN_PLACE(sqrt_f32),
    IN_PLACE(square_f32),
    IN_PLACE(table_s16),
    IN_PLACE(table_x8),
    IN_PLACE(table_x8_dsp),
    IN_PLACE(table_x8_mve),
    IN_PLACE(tanh_f32),
    IN_PLACE(zeros)};
