/* SPDX-License-Identifier: MIT */
/* lower_compare.c: comparisons, and SELECT by what they say; see
 * tinyinfer_binary.h. */
#include "lower.h"

#include <string.h>

/* ---- Comparisons -------------------------------------------------------- */

static tin_status compare_s8(tin_lowering *lo, int32_t accept,
                             const tin_broadcast *shape, const int32_t rows[3])
{
    const tin_value *x = tin_in(lo, 0), *y = tin_in(lo, 1);
    tin_compare_s8_params *p = tin_new(lo, sizeof *p);
    tin_multiplier mx, my;

    if (x->n_scales != 1 || y->n_scales != 1)
        return tin_refuse(lo, TIN_ERR_QUANT, "inputs must have one scale each");
    if (!tin_quantize_multiplier((double)x->scales[0], &mx) ||
        !tin_quantize_multiplier((double)y->scales[0], &my))
        return tin_refuse(lo, TIN_ERR_QUANT, "a scale is too large");
    if (p) {
        p->shape = *shape;
        p->accept = accept;
        p->a_zero = x->zero_points[0];
        p->b_zero = y->zero_points[0];
        p->a_multiplier = mx.multiplier;
        p->a_shift = mx.shift;
        p->b_multiplier = my.multiplier;
        p->b_shift = my.shift;
    }
    return tin_add_binary_step(lo, TIN_KERNEL_compare_s8, p, rows);
}

static tin_status lower_comparison(tin_lowering *lo, int32_t accept)
{
    const tin_type type = tin_in(lo, 0)->type;
    tin_compare_f32_params *f = tin_new(lo, sizeof *f);
    tin_compare_int_params *n = tin_new(lo, sizeof *n);
    tin_broadcast shape;
    int32_t rows[3];
    tin_status status = tin_want_type(lo, tin_in(lo, 1), type, "input");

    if (status == TIN_OK)
        status = tin_want_type(lo, tin_out(lo, 0), TIN_BOOL, "output");
    if (status == TIN_OK)
        status = tin_make_broadcast(lo, &shape, rows);
    if (status != TIN_OK)
        return status;
    if (!f || !n)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    if (type == TIN_S8)
        return compare_s8(lo, accept, &shape, rows);
    f->shape = n->shape = shape;
    f->accept = n->accept = accept;
    if (type == TIN_F32)
        return tin_add_binary_step(lo, TIN_KERNEL_compare_f32, f, rows);
    n->elem_bytes = tin_type_bytes(type);
    return tin_add_binary_step(lo, TIN_KERNEL_compare_int, n, rows);
}

#define COMPARISON(name, accept)                                               \
 tin_status tin_lower_##name(tin_lowering *lo)                                 \
 {                                                                             \
  return lower_comparison(lo, accept);                                         \
 }
COMPARISON(equal, TIN_COMPARE_EQUAL)
COMPARISON(not_equal, TIN_COMPARE_LESS | TIN_COMPARE_GREATER | TIN_COMPARE_NAN)
COMPARISON(greater, TIN_COMPARE_GREATER)
COMPARISON(greater_equal, TIN_COMPARE_GREATER | TIN_COMPARE_EQUAL)
COMPARISON(less, TIN_COMPARE_LESS)
COMPARISON(less_equal, TIN_COMPARE_LESS | TIN_COMPARE_EQUAL)
#undef COMPARISON

/* ---- SELECT ------------------------------------------------------------- */

/* SELECT takes a vector of conditions for the first axis of what they choose
 * from; SELECT_V2 broadcasts it as everything else. */
static tin_value condition_of(const tin_lowering *lo)
{
    const tin_value *x = tin_in(lo, 1);
    tin_value c = *tin_in(lo, 0);

    if (lo->node->op == TIN_OP_SELECT && c.rank == 1)
        for (; c.rank < x->rank; c.rank++)
            c.shape[c.rank] = 1;
    return c;
}

tin_status tin_lower_select(tin_lowering *lo)
{
    const tin_value condition = condition_of(lo), *in[3];
    tin_select_params *p = tin_new(lo, sizeof *p);
    tin_status status;
    tin_walk w;

    in[0] = &condition;
    in[1] = tin_in(lo, 1);
    in[2] = tin_in(lo, 2);
    status = tin_want_type(lo, in[0], TIN_BOOL, "input");
    if (status == TIN_OK)
        status = tin_want_type(lo, in[2], in[1]->type, "input");
    if (status == TIN_OK)
        status = tin_want_type(lo, tin_out(lo, 0), in[1]->type, "output");
    if (status == TIN_OK)
        status = tin_want_same_quant(lo, in[1], in[2]);
    if (status == TIN_OK)
        status = tin_want_same_quant(lo, in[1], tin_out(lo, 0));
    if (status == TIN_OK)
        status = tin_make_walk(lo, in, 3, &w);
    if (status != TIN_OK)
        return status;
    if (p) {
        p->shape = tin_walk_of_two(&w, 1, 2);
        memcpy(p->stride_c, w.stride[0], sizeof p->stride_c);
        p->elem_bytes = tin_type_bytes(in[1]->type);
    }
    return tin_add_walk_step(lo, TIN_KERNEL_select, p, 3, w.rows);
}
