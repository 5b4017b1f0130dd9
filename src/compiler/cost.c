/* SPDX-License-Identifier: MIT */
/*
 * cost.c: see cost.h.
 *
 * Cycles are estimates: so many for a multiply-accumulate and so many for an
 * element of the output, fitted to the layers of the networks in
 * bench/baseline/, measured one by one. They hold for a Cortex-M4 without wait
 * states; MVE kernels count instructions of a Cortex-M55. Sums over a network
 * came out within a tenth; a small layer may be off by half. What is not in
 * the list moves elements or looks something up.
 */
#include "cost.h"

#include <stdlib.h>
#include <string.h>

/* In hundredths. */
typedef struct {
    int32_t mac, element;
} cost;

enum { OTHER_ELEMENT = 2000 };

static const cost costs[TIN_KERNEL_COUNT] = {
    [TIN_KERNEL_conv2d_s8] = {510, 9500},
    [TIN_KERNEL_conv2d_s8_dsp] = {120, 330},
    [TIN_KERNEL_conv2d_s8_p1_dsp] = {250, 1000},
    [TIN_KERNEL_conv2d_s8_f2_dsp] = {52, 3000},
    [TIN_KERNEL_conv2d_s8_f4_dsp] = {27, 3950},
    [TIN_KERNEL_conv2d_s8_mve] = {19, 150},
    [TIN_KERNEL_conv2d_f32] = {420, 5000},
    [TIN_KERNEL_conv2d_f32_f2_fpu] = {127, 6200},
    [TIN_KERNEL_conv2d_f32_fpu] = {265, 1600},
    [TIN_KERNEL_dwconv2d_s8] = {1780, 0},
    [TIN_KERNEL_dwconv2d_s8_any_dsp] = {450, 4500},
    [TIN_KERNEL_dwconv2d_s8_dsp] = {225, 250},
    [TIN_KERNEL_dwconv2d_s8_narrow_dsp] = {230, 280},
    [TIN_KERNEL_dwconv2d_s8_row_dsp] = {250, 300},
    [TIN_KERNEL_dwconv2d_s8_mve] = {94, 110},
    [TIN_KERNEL_dwconv2d_f32] = {1200, 5000},
    [TIN_KERNEL_dwconv2d_f32_fpu] = {500, 900},
    [TIN_KERNEL_dense_s8] = {517, 8700},
    [TIN_KERNEL_dense_s8_dsp] = {130, 1500},
    [TIN_KERNEL_dense_s8_mve] = {15, 1500},
    [TIN_KERNEL_dense_f32] = {455, 3000},
    [TIN_KERNEL_dense_f32_fpu] = {321, 1300},
    [TIN_KERNEL_matmul_s8] = {750, 0},
    [TIN_KERNEL_matmul_s16] = {1170, 0},
    [TIN_KERNEL_matmul_f32] = {600, 0},
    [TIN_KERNEL_add_s8] = {0, 6900},
    [TIN_KERNEL_add_s8_dsp] = {0, 950},
    [TIN_KERNEL_add_s8_mve] = {0, 720},
    [TIN_KERNEL_add_f32] = {0, 1650},
    // windows of 2 x 2; the element of one of 3 x 3 takes twice as long
    [TIN_KERNEL_avgpool2d_s8] = {0, 8340},
    [TIN_KERNEL_avgpool2d_s8_dsp] = {0, 1980},
    [TIN_KERNEL_avgpool2d_s8_mve] = {0, 720},
    [TIN_KERNEL_maxpool2d_s8] = {0, 5320},
    [TIN_KERNEL_maxpool2d_s8_dsp] = {0, 1030},
    [TIN_KERNEL_maxpool2d_s8_mve] = {0, 250},
    [TIN_KERNEL_gavgpool2d_s8] = {0, 860},
    [TIN_KERNEL_gavgpool2d_s8_dsp] = {0, 180},
    [TIN_KERNEL_gavgpool2d_s8_mve] = {0, 250},
    [TIN_KERNEL_gavgpool2d_f32] = {0, 1100},
    [TIN_KERNEL_softmax_s8] = {0, 23000},
    [TIN_KERNEL_softmax_s8_dsp] = {0, 4000},
    [TIN_KERNEL_softmax_s8_mve] = {0, 1000},
    [TIN_KERNEL_softmax_f32] = {0, 19500},
    [TIN_KERNEL_table_x8] = {0, 710},
    [TIN_KERNEL_table_x8_dsp] = {0, 400},
    [TIN_KERNEL_table_x8_mve] = {0, 40},
    // unary
    [TIN_KERNEL_abs_f32] = {0, 820},
    [TIN_KERNEL_abs_s32] = {0, 1220},
    [TIN_KERNEL_cast] = {0, 4000},
    [TIN_KERNEL_ceil_f32] = {0, 3320},
    [TIN_KERNEL_cos_f32] = {0, 8280},
    [TIN_KERNEL_elu_f32] = {0, 6000},
    [TIN_KERNEL_exp_f32] = {0, 11170},
    [TIN_KERNEL_floor_f32] = {0, 3120},
    [TIN_KERNEL_gelu_f32] = {0, 10810},
    [TIN_KERNEL_gelu_tanh_f32] = {0, 17710},
    [TIN_KERNEL_hard_swish_f32] = {0, 3020},
    [TIN_KERNEL_leaky_relu_f32] = {0, 1320},
    [TIN_KERNEL_leaky_relu_s16] = {0, 3530},
    [TIN_KERNEL_log_f32] = {0, 13060},
    [TIN_KERNEL_log_softmax_f32] = {0, 13770},
    [TIN_KERNEL_log_softmax_s8] = {0, 22720},
    [TIN_KERNEL_logistic_f32] = {0, 13670},
    [TIN_KERNEL_neg_f32] = {0, 820},
    [TIN_KERNEL_neg_s32] = {0, 1220},
    [TIN_KERNEL_neg_s64] = {0, 1120},
    [TIN_KERNEL_prelu_f32] = {0, 1590},
    [TIN_KERNEL_prelu_s8] = {0, 5150},
    [TIN_KERNEL_round_f32] = {0, 4920},
    [TIN_KERNEL_rsqrt_f32] = {0, 3920},
    [TIN_KERNEL_rsqrt_s16] = {0, 17450},
    [TIN_KERNEL_sigmoid_s16] = {0, 2940},
    [TIN_KERNEL_sign_f32] = {0, 1820},
    [TIN_KERNEL_sign_s32] = {0, 1220},
    [TIN_KERNEL_sin_f32] = {0, 7480},
    [TIN_KERNEL_sqrt_f32] = {0, 2520},
    [TIN_KERNEL_square_f32] = {0, 820},
    [TIN_KERNEL_table_s16] = {0, 1620},
    [TIN_KERNEL_tanh_f32] = {0, 17290},
    [TIN_KERNEL_zeros] = {0, 230},
    [TIN_KERNEL_lstm_s8] = {550, 40000},
    [TIN_KERNEL_lstm_f32] = {700, 49000},
    [TIN_KERNEL_svdf_s8] = {1100, 2600},
    [TIN_KERNEL_svdf_f32] = {1130, 2500},
    // images made larger, weights with a zero point
    [TIN_KERNEL_resize_bilinear_s8] = {0, 3100},
    [TIN_KERNEL_resize_bilinear_u8] = {0, 8100},
    [TIN_KERNEL_resize_nearest] = {0, 310},
    [TIN_KERNEL_transconv2d_f32] = {420, 5000},
    [TIN_KERNEL_transconv2d_s8] = {620, 6000},
    [TIN_KERNEL_zconv2d_s8] = {600, 9100},
};

int64_t tin_kernel_cycles(tin_kernel_id kernel, int64_t macs, int64_t elems)
{
    const cost *c = &costs[kernel];
    const int64_t element = c->mac || c->element ? c->element : OTHER_ELEMENT;
    const int64_t most = INT64_MAX / 100000;

    if (macs > most || elems > most)
        return most;
    return (macs * c->mac + elems * element) / 100;
}

/* ---- Time --------------------------------------------------------------- */

/* Elements that a step makes; that it takes in, where its rows are those. */
static int64_t step_elements(const tin_lowering *lo, int32_t step)
{
    const tin_step *st = &lo->steps[step];
    const uint16_t *args = lo->args + st->first_arg;
    const tin_draft *d = &lo->drafts[args[st->at_end ? 0 : st->n_in]];
    const int32_t bytes =
        tin_type_bytes(lo->layers[lo->layer_of[step]].out.type);

    return (int64_t)st->rows * d->row_bytes / bytes;
}

static void price_steps(tin_lowering *lo)
{
    int32_t i;

    for (i = 0; i < lo->n_steps; i++) {
        tin_layer *l = &lo->layers[lo->layer_of[i]];
        const tin_kernel_id kernel =
            (tin_kernel_id)(lo->kernels[i] - tin_kernel_infos);

        l->cycles += tin_kernel_cycles(kernel, l->live_macs / l->n_steps,
                                       step_elements(lo, i));
    }
}

/* ---- Flash -------------------------------------------------------------- */

/* A constant, by its address; its bytes until a layer has taken them. */
typedef struct {
    uintptr_t at;
    int64_t bytes;
} entry;

static int compare(const void *a, const void *b)
{
    const uintptr_t x = ((const entry *)a)->at, y = ((const entry *)b)->at;

    return x < y ? -1 : x > y;
}

/* The constants in the order of their addresses; NULL without memory. */
static entry *make_index(tin_lowering *lo)
{
    entry *index = tin_new(lo, (size_t)lo->n_constants * sizeof *index);
    int32_t i;

    for (i = 0; index && i < lo->n_constants; i++) {
        const tin_constant *c = &lo->constants[i];

        index[i].at = (uintptr_t)c->data;
        index[i].bytes = (int64_t)c->count * tin_type_bytes(c->type);
    }
    if (index)
        qsort(index, (size_t)lo->n_constants, sizeof *index, compare);
    return index;
}

/* The first layer that reads a constant pays for it. */
static void pay(const tin_lowering *lo, entry *index, const void *data,
                tin_layer *layer)
{
    const entry key = {(uintptr_t)data, 0};
    entry *found = NULL;

    if (data && lo->n_constants > 0)
        found = bsearch(&key, index, (size_t)lo->n_constants, sizeof *index,
                        compare);
    if (found) {
        layer->flash_bytes += found->bytes;
        found->bytes = 0;
    }
}

static void pay_step(tin_lowering *lo, entry *index, int32_t step)
{
    const tin_kernel_info *info = lo->kernels[step];
    const tin_step *st = &lo->steps[step];
    tin_layer *layer = &lo->layers[lo->layer_of[step]];
    const void *data;
    int32_t i;

    for (i = 0; i < info->n_fields; i++) {
        if (info->fields[i].kind != TIN_FIELD_CONST)
            continue;
        memcpy(&data, (const char *)st->params + info->fields[i].offset,
               sizeof data);
        pay(lo, index, data, layer);
    }
    for (i = 0; i < st->n_in; i++)
        pay(lo, index, lo->drafts[lo->args[st->first_arg + i]].data, layer);
}

/* The core that the figures above are good for. */
static const char *cycles_of(const tin_target *target)
{
    if (target->isa & TIN_ISA_MVE)
        return "Cortex-M55";
    if (strcmp(target->name, "x86") == 0 ||
        strcmp(target->name, "cortex-a57") == 0)
        return NULL;
    return "Cortex-M4";
}

tin_status tin_price_layers(tin_lowering *lo, tin_program *p)
{
    entry *index = make_index(lo);
    int32_t i;

    if (!index)
        return tin_fail(lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    for (i = 0; i < lo->n_steps; i++)
        pay_step(lo, index, i);
    price_steps(lo);
    p->cycles_of = cycles_of(lo->target);
    p->cycles = p->flash_bytes = 0;
    for (i = 0; i < p->n_layers; i++) {
        p->cycles += lo->layers[i].cycles;
        p->flash_bytes += lo->layers[i].flash_bytes;
    }
    return TIN_OK;
}
