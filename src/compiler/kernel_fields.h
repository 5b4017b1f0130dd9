/* SPDX-License-Identifier: MIT */
/*
 * kernel_fields.h: how the params of each kernel are laid out, for the emitter;
 * a part of kernel_info.c. A member that is missing here would be missing in
 * the emitted C: tests/test_kernel_info.c holds these tables against the
 * headers.
 */
#ifndef TIN_KERNEL_FIELDS_H
#define TIN_KERNEL_FIELDS_H

#include <stddef.h>

#include "lowered.h"

#define STRING(m) #m

/* A member of the params struct that PARAMS names. */
#define FIELD(m, kind, n)                                                      \
 {                                                                             \
  STRING(m), kind, n, offsetof(PARAMS, m)                                      \
 }
#define S32(member) FIELD(member, TIN_FIELD_S32, 1)
#define F32(member) FIELD(member, TIN_FIELD_F32, 1)
#define CONST(member) FIELD(member, TIN_FIELD_CONST, 1)
#define S32S(member, count) FIELD(member, TIN_FIELD_S32, count)
#define U8S(member, count) FIELD(member, TIN_FIELD_U8, count)

#define WINDOW_OF(w)                                                           \
 S32(w.in_h), S32(w.in_w), S32(w.in_c), S32(w.out_h), S32(w.out_w),            \
     S32(w.out_c), S32(w.kernel_h), S32(w.kernel_w), S32(w.stride_h),          \
     S32(w.stride_w), S32(w.dilation_h), S32(w.dilation_w), S32(w.pad_top),    \
     S32(w.pad_left)
#define WINDOW WINDOW_OF(window)
#define SHAPE_OF(s)                                                            \
 S32S(s.dim, TIN_DIMS), S32S(s.stride_a, TIN_DIMS), S32S(s.stride_b, TIN_DIMS)
#define SHAPE SHAPE_OF(shape)

/* The members of portable params that lie in a variant's as member b. */
#define LAYER_S8(b)                                                            \
 S32(b.in_zero), S32(b.out_zero), S32(b.act_min), S32(b.act_max),              \
     CONST(b.weights), CONST(b.bias), CONST(b.multiplier), CONST(b.shift)

#define PARAMS tin_conv2d_s8_params
static const tin_field fields_conv2d_s8[] = {
    WINDOW,         S32(groups),  S32(in_zero),
    S32(out_zero),  S32(act_min), S32(act_max),
    CONST(weights), CONST(bias),  CONST(multiplier),
    CONST(shift)};
#undef PARAMS

#define PARAMS tin_conv2d_f32_params
static const tin_field fields_conv2d_f32[] = {WINDOW,         S32(groups),
                                              F32(act_min),   F32(act_max),
                                              CONST(weights), CONST(bias)};
#undef PARAMS

#define PARAMS tin_dwconv2d_s8_params
static const tin_field fields_dwconv2d_s8[] = {
    WINDOW,         S32(in_zero), S32(out_zero),     S32(act_min), S32(act_max),
    CONST(weights), CONST(bias),  CONST(multiplier), CONST(shift)};
#undef PARAMS

#define PARAMS tin_dwconv2d_f32_params
static const tin_field fields_dwconv2d_f32[] = {
    WINDOW, F32(act_min), F32(act_max), CONST(weights), CONST(bias)};
#undef PARAMS

#define PARAMS tin_dense_s8_params
static const tin_field fields_dense_s8[] = {
    S32(in_c),         S32(out_c),   S32(in_zero),   S32(out_zero),
    S32(act_min),      S32(act_max), CONST(weights), CONST(bias),
    CONST(multiplier), CONST(shift)};
#undef PARAMS

#define PARAMS tin_dense_f32_params
static const tin_field fields_dense_f32[] = {S32(in_c),      S32(out_c),
                                             F32(act_min),   F32(act_max),
                                             CONST(weights), CONST(bias)};
#undef PARAMS

#define PARAMS tin_pool2d_s8_params
static const tin_field fields_pool2d_s8[] = {WINDOW, S32(act_min), S32(act_max),
                                             S32(origin)};
#undef PARAMS

#define PARAMS tin_pool2d_f32_params
static const tin_field fields_pool2d_f32[] = {WINDOW, F32(act_min),
                                              F32(act_max)};
#undef PARAMS

#define PARAMS tin_gavgpool2d_s8_params
static const tin_field fields_gavgpool2d_s8[] = {
    S32(in_h), S32(in_w), S32(c), S32(act_min), S32(act_max), S32(origin)};
#undef PARAMS

#define PARAMS tin_gavgpool2d_f32_params
static const tin_field fields_gavgpool2d_f32[] = {S32(in_h), S32(in_w), S32(c),
                                                  F32(act_min), F32(act_max)};
#undef PARAMS

#define PARAMS tin_mean_s8_params
static const tin_field fields_mean_s8[] = {
    S32(in_h),     S32(in_w),       S32(c),    S32(in_zero),
    S32(out_zero), S32(multiplier), S32(shift)};
#undef PARAMS

#define PARAMS tin_mean_f32_params
static const tin_field fields_mean_f32[] = {S32(in_h), S32(in_w), S32(c)};
#undef PARAMS

#define PARAMS tin_winmean_s8_params
static const tin_field fields_winmean_s8[] = {
    S32(window_h), S32(in_w),     S32(c),          S32(stride_h),
    S32(in_zero),  S32(out_zero), S32(multiplier), S32(shift)};
#undef PARAMS

#define PARAMS tin_winmean_f32_params
static const tin_field fields_winmean_f32[] = {S32(window_h), S32(in_w), S32(c),
                                               S32(stride_h)};
#undef PARAMS

#define PARAMS tin_softmax_s8_params
static const tin_field fields_softmax_s8[] = {
    S32(groups), S32(c), S32(multiplier), S32(shift), S32(diff_min)};
#undef PARAMS

#define PARAMS tin_softmax_f32_params
static const tin_field fields_softmax_f32[] = {S32(groups), S32(c), F32(beta)};
#undef PARAMS

#define PARAMS tin_add_s8_params
static const tin_field fields_add_s8[] = {
    SHAPE,           S32(a_zero),         S32(b_zero),    S32(out_zero),
    S32(left_shift), S32(a_multiplier),   S32(a_shift),   S32(b_multiplier),
    S32(b_shift),    S32(out_multiplier), S32(out_shift), S32(act_min),
    S32(act_max)};
#undef PARAMS

#define PARAMS tin_add_f32_params
static const tin_field fields_add_f32[] = {SHAPE, F32(act_min), F32(act_max)};
#undef PARAMS

#define PARAMS tin_table_x8_params
static const tin_field fields_table_x8[] = {S32(row_elems), CONST(table)};
#undef PARAMS

#define PARAMS tin_clamp_f32_params
static const tin_field fields_clamp_f32[] = {S32(row_elems), F32(min),
                                             F32(max)};
#undef PARAMS

#define PARAMS tin_logistic_f32_params
static const tin_field fields_logistic_f32[] = {S32(row_elems)};
#undef PARAMS

#define PARAMS tin_quantize_f32_s8_params
static const tin_field fields_quantize_f32_s8[] = {S32(row_elems), F32(scale),
                                                   S32(zero)};
#undef PARAMS

#define PARAMS tin_dequantize_s8_f32_params
static const tin_field fields_dequantize_s8_f32[] = {S32(row_elems), F32(scale),
                                                     S32(zero)};
#undef PARAMS

#define PARAMS tin_pad_params
static const tin_field fields_pad[] = {S32(elem_bytes), S32S(in_dim, TIN_DIMS),
                                       S32S(out_dim, TIN_DIMS),
                                       S32S(before, TIN_DIMS), U8S(value, 8)};
#undef PARAMS

#define PARAMS tin_concat_params
static const tin_field fields_concat[] = {
    S32(elem_bytes), S32S(dim, TIN_DIMS), S32(axis),
    S32(first),      S32(n_in),           S32S(extent, TIN_CONCAT_MAX)};
#undef PARAMS

/* ---- int16 -------------------------------------------------------------- */

#define PARAMS tin_conv2d_s16_params
static const tin_field fields_conv2d_s16[] = {
    WINDOW,      S32(groups),       S32(channel_step), S32(tap_step),
    S32(narrow), S32(act_min),      S32(act_max),      CONST(weights),
    CONST(bias), CONST(multiplier), CONST(shift)};
#undef PARAMS

#define PARAMS tin_pool2d_s16_params
static const tin_field fields_pool2d_s16[] = {WINDOW, S32(act_min),
                                              S32(act_max)};
#undef PARAMS

#define PARAMS tin_softmax_s16_params
static const tin_field fields_softmax_s16[] = {
    S32(groups), S32(c),     S32(multiplier),
    S32(shift),  CONST(exp), CONST(reciprocal)};
#undef PARAMS

#define PARAMS tin_rescale_params
static const tin_field fields_rescale[] = {
    S32(row_elems), S32(in_bytes),   S32(out_bytes), S32(in_zero),
    S32(out_zero),  S32(multiplier), S32(shift)};
#undef PARAMS

#define PARAMS tin_quantize_f32_s16_params
static const tin_field fields_quantize_f32_s16[] = {S32(row_elems), F32(scale),
                                                    S32(zero)};
#undef PARAMS

#define PARAMS tin_dequantize_s16_f32_params
static const tin_field fields_dequantize_s16_f32[] = {S32(row_elems),
                                                      F32(scale), S32(zero)};
#undef PARAMS

/* ---- Along an axis: tinyinfer_reduce.h, tinyinfer_matmul.h -------------- */

#define REDUCE_SHAPE S32(shape.in_h), S32S(shape.dim, TIN_DIMS)
#define AXIS S32(axis.outer), S32(axis.extent), S32(axis.inner)
#define MATMUL_SHAPE                                                           \
 S32S(shape.batch, TIN_MATMUL_BATCH), S32S(shape.stride_a, TIN_MATMUL_BATCH),  \
     S32S(shape.stride_b, TIN_MATMUL_BATCH), S32(shape.m), S32(shape.k),       \
     S32(shape.n), S32(shape.lines), S32(shape.adj_a), S32(shape.adj_b)

#define PARAMS tin_reduce_f32_params
static const tin_field fields_reduce_f32[] = {REDUCE_SHAPE, S32(op)};
#undef PARAMS

#define PARAMS tin_reduce_int_params
static const tin_field fields_reduce_int[] = {
    REDUCE_SHAPE,  S32(op),         S32(elem_bytes), S32(in_zero),
    S32(out_zero), S32(multiplier), S32(shift)};
#undef PARAMS

#define PARAMS tin_argmax_params
static const tin_field fields_argmax[] = {AXIS, S32(type), S32(minimum),
                                          S32(index_bytes)};
#undef PARAMS

#define PARAMS tin_topk_params
static const tin_field fields_topk[] = {S32(groups), S32(c), S32(k), S32(type),
                                        S32(indices)};
#undef PARAMS

#define PARAMS tin_cumsum_f32_params
static const tin_field fields_cumsum_f32[] = {AXIS, S32(exclusive),
                                              S32(reverse)};
#undef PARAMS

#define PARAMS tin_cumsum_s32_params
static const tin_field fields_cumsum_s32[] = {AXIS, S32(exclusive),
                                              S32(reverse)};
#undef PARAMS

#define PARAMS tin_cumsum_s8_params
static const tin_field fields_cumsum_s8[] = {
    AXIS,          S32(exclusive),  S32(reverse), S32(in_zero),
    S32(out_zero), S32(multiplier), S32(shift)};
#undef PARAMS

#define PARAMS tin_l2norm_f32_params
static const tin_field fields_l2norm_f32[] = {S32(groups), S32(c)};
#undef PARAMS

#define PARAMS tin_l2norm_s8_params
static const tin_field fields_l2norm_s8[] = {S32(groups), S32(c), S32(in_zero)};
#undef PARAMS

#define PARAMS tin_lrn_f32_params
static const tin_field fields_lrn_f32[] = {S32(groups), S32(c),     S32(radius),
                                           F32(bias),   F32(alpha), F32(beta)};
#undef PARAMS

#define PARAMS tin_matmul_f32_params
static const tin_field fields_matmul_f32[] = {MATMUL_SHAPE};
#undef PARAMS

#define PARAMS tin_matmul_s16_params
static const tin_field fields_matmul_s16[] = {MATMUL_SHAPE, S32(multiplier),
                                              S32(shift)};
#undef PARAMS

#define PARAMS tin_matmul_s8_params
static const tin_field fields_matmul_s8[] = {MATMUL_SHAPE,    S32(a_zero),
                                             S32(b_zero),     S32(out_zero),
                                             S32(multiplier), S32(shift)};
#undef PARAMS

/* ---- Binary ---- */

#define PARAMS tin_binary_f32_params
static const tin_field fields_binary_f32[] = {SHAPE, S32(op), F32(act_min),
                                              F32(act_max)};
#undef PARAMS

#define PARAMS tin_broadcast_params
static const tin_field fields_broadcast[] = {SHAPE};
#undef PARAMS

#define PARAMS tin_binary_int_params
static const tin_field fields_binary_int[] = {SHAPE, S32(op), S32(elem_bytes),
                                              S32(act_min), S32(act_max)};
#undef PARAMS

#define PARAMS tin_binary_quant_params
static const tin_field fields_binary_quant[] = {SHAPE,
                                                S32(op),
                                                S32(a_zero),
                                                S32(b_zero),
                                                S32(out_zero),
                                                S32(left_shift),
                                                S32(a_multiplier),
                                                S32(a_shift),
                                                S32(b_multiplier),
                                                S32(b_shift),
                                                S32(out_multiplier),
                                                S32(out_shift),
                                                S32(act_min),
                                                S32(act_max)};
#undef PARAMS

#define PARAMS tin_muldiv_params
static const tin_field fields_muldiv[] = {
    SHAPE,           S32(a_zero), S32(b_zero),  S32(out_zero),
    S32(multiplier), S32(shift),  S32(act_min), S32(act_max)};
#undef PARAMS

#define PARAMS tin_compare_f32_params
static const tin_field fields_compare_f32[] = {SHAPE, S32(accept)};
#undef PARAMS

#define PARAMS tin_compare_int_params
static const tin_field fields_compare_int[] = {SHAPE, S32(accept),
                                               S32(elem_bytes)};
#undef PARAMS

#define PARAMS tin_compare_s8_params
static const tin_field fields_compare_s8[] = {SHAPE,
                                              S32(accept),
                                              S32(a_zero),
                                              S32(b_zero),
                                              S32(a_multiplier),
                                              S32(a_shift),
                                              S32(b_multiplier),
                                              S32(b_shift)};
#undef PARAMS

#define PARAMS tin_select_params
static const tin_field fields_select[] = {SHAPE, S32S(stride_c, TIN_DIMS),
                                          S32(elem_bytes)};
#undef PARAMS

#define PARAMS tin_add_n_s8_params
static const tin_field fields_add_n_s8[] = {
    S32(row_elems), S32(n_in),           S32(in_zero),
    S32(out_zero),  S32(left_shift),     S32(in_multiplier),
    S32(in_shift),  S32(out_multiplier), S32(out_shift)};
#undef PARAMS

/* ---- Unary -------------------------------------------------------------- */

#define PARAMS tin_unary_params
static const tin_field fields_unary[] = {S32(row_elems)};
#undef PARAMS

#define PARAMS tin_neg_s64_params
static const tin_field fields_neg_s64[] = {S32(row_elems)};
#undef PARAMS

#define PARAMS tin_leaky_relu_f32_params
static const tin_field fields_leaky_relu_f32[] = {S32(row_elems), F32(alpha)};
#undef PARAMS

#define PARAMS tin_leaky_relu_s16_params
static const tin_field fields_leaky_relu_s16[] = {
    S32(row_elems), S32(multiplier), S32(shift),  S32(neg_multiplier),
    S32(neg_shift), S32(act_min),    S32(act_max)};
#undef PARAMS

#define PARAMS tin_prelu_f32_params
static const tin_field fields_prelu_f32[] = {SHAPE};
#undef PARAMS

#define PARAMS tin_prelu_s8_params
static const tin_field fields_prelu_s8[] = {
    SHAPE,           S32(in_zero), S32(alpha_zero),     S32(out_zero),
    S32(multiplier), S32(shift),   S32(neg_multiplier), S32(neg_shift)};
#undef PARAMS

#define PARAMS tin_sigmoid_s16_params
static const tin_field fields_sigmoid_s16[] = {S32(row_elems), S32(multiplier),
                                               S32(shift), S32(is_tanh)};
#undef PARAMS

#define PARAMS tin_table_s16_params
static const tin_field fields_table_s16[] = {S32(row_elems), CONST(table)};
#undef PARAMS

#define PARAMS tin_rsqrt_s16_params
static const tin_field fields_rsqrt_s16[] = {S32(row_elems), S32(multiplier),
                                             S32(shift)};
#undef PARAMS

#define PARAMS tin_log_softmax_f32_params
static const tin_field fields_log_softmax_f32[] = {S32(groups), S32(c)};
#undef PARAMS

#define PARAMS tin_log_softmax_s8_params
static const tin_field fields_log_softmax_s8[] = {S32(groups),
                                                  S32(c),
                                                  S32(multiplier),
                                                  S32(shift),
                                                  S32(reverse_multiplier),
                                                  S32(reverse_shift),
                                                  S32(diff_min)};
#undef PARAMS

#define PARAMS tin_cast_params
static const tin_field fields_cast[] = {S32(row_elems), S32(from), S32(to)};
#undef PARAMS

#define PARAMS tin_zeros_params
static const tin_field fields_zeros[] = {S32(row_bytes)};
#undef PARAMS

/* ---- Data movement ------------------------------------------------------ */

#define PARAMS tin_strided_copy_params
static const tin_field fields_strided_copy[] = {S32(elem_bytes),
                                                S32(in_rows),
                                                S32(in_elems),
                                                S32(row),
                                                S32(elem),
                                                S32S(dim, TIN_COPY_DIMS),
                                                S32S(row_step, TIN_COPY_DIMS),
                                                S32S(elem_step, TIN_COPY_DIMS)};
#undef PARAMS

#define PARAMS tin_gather_params
static const tin_field fields_gather[] = {S32(elem_bytes),
                                          S32(index_bytes),
                                          S32(row_elems),
                                          S32(in_elems),
                                          S32(batch),
                                          S32(outer),
                                          S32(count),
                                          S32(inner),
                                          S32(batch_step),
                                          S32(outer_step),
                                          S32(depth),
                                          S32S(extent, TIN_GATHER_MAX),
                                          S32S(step, TIN_GATHER_MAX)};
#undef PARAMS

#define PARAMS tin_one_hot_params
static const tin_field fields_one_hot[] = {
    S32(elem_bytes), S32(index_bytes), S32(row_elems), S32(outer),
    S32(depth),      S32(inner),       U8S(on, 8),     U8S(off, 8)};
#undef PARAMS

#define PARAMS tin_mirror_pad_params
static const tin_field fields_mirror_pad[] = {
    S32(elem_bytes), S32S(in_dim, TIN_DIMS), S32S(out_dim, TIN_DIMS),
    S32S(before, TIN_DIMS), S32(edge)};
#undef PARAMS

/* ---- State -------------------------------------------------------------- */

#define LSTM_SHAPE                                                             \
 S32(shape.in_c), S32(shape.units), S32(shape.run), S32(shape.batch)

#define LSTM_GATE_F32(g) CONST(g.weights), CONST(g.recurrent), CONST(g.bias)
#define LSTM_GATE_S8(g)                                                        \
 CONST(g.weights), CONST(g.recurrent), CONST(g.bias), S32(g.multiplier),       \
     S32(g.shift), S32(g.recurrent_multiplier), S32(g.recurrent_shift)

#define PARAMS tin_lstm_f32_params
static const tin_field fields_lstm_f32[] = {
    LSTM_SHAPE,           F32(cell_clip),
    LSTM_GATE_F32(input), LSTM_GATE_F32(forget),
    LSTM_GATE_F32(cell),  LSTM_GATE_F32(output)};
#undef PARAMS

#define PARAMS tin_lstm_s8_params
static const tin_field fields_lstm_s8[] = {
    LSTM_SHAPE,         S32(in_zero),        S32(hidden_zero),
    S32(cell_bits),     S32(cell_clip),      S32(input_multiplier),
    S32(input_shift),   S32(out_multiplier), S32(out_shift),
    CONST(sigmoid),     LSTM_GATE_S8(input), LSTM_GATE_S8(forget),
    LSTM_GATE_S8(cell), LSTM_GATE_S8(output)};
#undef PARAMS

#define PARAMS tin_svdf_f32_params
static const tin_field fields_svdf_f32[] = {
    S32(in_c),    S32(units),     S32(rank),   S32(memory), F32(act_min),
    F32(act_max), CONST(feature), CONST(time), CONST(bias)};
#undef PARAMS

#define PARAMS tin_svdf_s8_params
static const tin_field fields_svdf_s8[] = {
    S32(in_c),          S32(units),
    S32(rank),          S32(memory),
    S32(in_zero),       S32(state_zero),
    S32(out_zero),      S32(feature_multiplier),
    S32(feature_shift), S32(out_multiplier),
    S32(out_shift),     CONST(feature),
    CONST(time_s16),    CONST(time_s8),
    CONST(bias)};
#undef PARAMS

/* ---- Matrix ------------------------------------------------------------- */

#define PARAMS tin_resize_nearest_params
static const tin_field fields_resize_nearest[] = {
    S32(in_h),        S32(in_w),   S32(out_h), S32(out_w),
    S32(pixel_bytes), CONST(rows), CONST(cols)};
#undef PARAMS

#define PARAMS tin_resize_bilinear_int_params
static const tin_field fields_resize_bilinear_int[] = {
    S32(in_h),   S32(in_w),   S32(out_h),   S32(out_w),  S32(c),
    S32(step_h), S32(step_w), S32(first_h), S32(first_w)};
#undef PARAMS

#define PARAMS tin_resize_bilinear_f32_params
static const tin_field fields_resize_bilinear_f32[] = {
    S32(in_h), S32(in_w),   S32(out_h),  S32(out_w),
    S32(c),    F32(step_h), F32(step_w), F32(half)};
#undef PARAMS

#define PARAMS tin_transconv2d_s8_params
static const tin_field fields_transconv2d_s8[] = {
    WINDOW,         S32(in_zero), S32(out_zero),     S32(act_min), S32(act_max),
    CONST(weights), CONST(bias),  CONST(multiplier), CONST(shift)};
#undef PARAMS

#define fields_transconv2d_s16 fields_conv2d_s16

#define PARAMS tin_transconv2d_f32_params
static const tin_field fields_transconv2d_f32[] = {
    WINDOW, F32(act_min), F32(act_max), CONST(weights), CONST(bias)};
#undef PARAMS

#define PARAMS tin_zconv2d_s8_params
static const tin_field fields_zconv2d_s8[] = {
    WINDOW,       S32(groups),      S32(channel_step), S32(tap_step),
    S32(in_zero), S32(weight_zero), S32(out_zero),     S32(act_min),
    S32(act_max), S32(multiplier),  S32(shift),        CONST(weights),
    CONST(bias)};
#undef PARAMS

/* ---- Variants: the portable params, and `packed` ------------------------ */

#define PARAMS tin_conv2d_s8_dsp_params
static const tin_field fields_conv2d_s8_dsp[] = {
    WINDOW_OF(conv.window), S32(conv.groups), LAYER_S8(conv), CONST(packed)};
#undef PARAMS

#define PARAMS tin_dwconv2d_s8_dsp_params
static const tin_field fields_dwconv2d_s8_dsp[] = {
    WINDOW_OF(conv.window), LAYER_S8(conv), CONST(packed)};
#undef PARAMS

#define PARAMS tin_dense_s8_dsp_params
static const tin_field fields_dense_s8_dsp[] = {
    S32(dense.in_c), S32(dense.out_c), LAYER_S8(dense), CONST(packed)};
#undef PARAMS

#define PARAMS tin_conv2d_f32_f2_fpu_params
static const tin_field fields_conv2d_f32_f2_fpu[] = {
    WINDOW_OF(conv.window), S32(conv.groups),    F32(conv.act_min),
    F32(conv.act_max),      CONST(conv.weights), CONST(conv.bias),
    CONST(packed)};
#undef PARAMS

#define PARAMS tin_dense_f32_fpu_params
static const tin_field fields_dense_f32_fpu[] = {
    S32(dense.in_c),    S32(dense.out_c),     F32(dense.act_min),
    F32(dense.act_max), CONST(dense.weights), CONST(dense.bias),
    CONST(packed)};
#undef PARAMS

#define PARAMS tin_add_s8_dsp_params
static const tin_field fields_add_s8_dsp[] = {
    SHAPE_OF(add.shape),     S32(add.a_zero),       S32(add.b_zero),
    S32(add.out_zero),       S32(add.left_shift),   S32(add.a_multiplier),
    S32(add.a_shift),        S32(add.b_multiplier), S32(add.b_shift),
    S32(add.out_multiplier), S32(add.out_shift),    S32(add.act_min),
    S32(add.act_max),        CONST(packed)};
#undef PARAMS

#define PARAMS tin_softmax_s8_dsp_params
static const tin_field fields_softmax_s8_dsp[] = {
    S32(softmax.groups), S32(softmax.c),        S32(softmax.multiplier),
    S32(softmax.shift),  S32(softmax.diff_min), CONST(packed)};
#undef PARAMS

#define fields_conv2d_s8_f2_dsp fields_conv2d_s8_dsp
#define fields_conv2d_s8_f4_dsp fields_conv2d_s8_dsp
#define fields_conv2d_s8_mve fields_conv2d_s8_dsp
#define fields_dwconv2d_s8_mve fields_dwconv2d_s8_dsp
#define fields_dense_s8_mve fields_dense_s8_dsp

#endif /* TIN_KERNEL_FIELDS_H */
