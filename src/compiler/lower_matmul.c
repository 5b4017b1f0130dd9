/* SPDX-License-Identifier: MIT */
/* lower_matmul.c: BATCH_MATMUL. */
#include "lower_reduce.h"

/* The operands of a product: how many matrices each has along every extent,
 * and the rows that each is seen as. */
typedef struct {
    tin_matmul_shape shape;
    int32_t rows[3]; /* of a, b and the output */
} product;

/* Extents of all axes but the last two, aligned at the right. */
static void batch_of(const tin_value *v, int32_t batch[TIN_MATMUL_BATCH])
{
    int32_t i;

    for (i = 0; i < TIN_MATMUL_BATCH; i++) {
        const int32_t axis = v->rank - 2 - TIN_MATMUL_BATCH + i;

        batch[i] = axis < 0 ? 1 : v->shape[axis];
    }
}

/* Strides of an operand with these extents, and its number of matrices. */
static int32_t batch_strides(const int32_t batch[TIN_MATMUL_BATCH],
                             int32_t stride[TIN_MATMUL_BATCH])
{
    int32_t matrices = 1, i;

    for (i = TIN_MATMUL_BATCH - 1; i >= 0; i--) {
        stride[i] = batch[i] == 1 ? 0 : matrices;
        matrices *= batch[i];
    }
    return matrices;
}

static tin_status check_operands(tin_lowering *lo)
{
    const tin_value *x = tin_in(lo, 0), *y = tin_in(lo, 1);
    const int32_t most = TIN_MATMUL_BATCH + 2;
    tin_status status = tin_want_type(lo, y, x->type, "input");

    if (status == TIN_OK)
        status = tin_want_type(lo, tin_out(lo, 0), x->type, "output");
    if (status != TIN_OK)
        return status;
    if (x->rank < 2 || y->rank < 2 || x->rank > most || y->rank > most)
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "ranks %d and %d, supported are 2 to %d",
                          (int)x->rank, (int)y->rank, (int)most);
    if (tin_is_scaled(x))
        status = tin_want_scaled(lo, x);
    if (tin_is_scaled(x) && status == TIN_OK)
        status = tin_want_scaled(lo, y);
    if (tin_is_scaled(x) && status == TIN_OK)
        status = tin_want_scaled(lo, tin_out(lo, 0));
    return status;
}

/* m, k, n; checks what is multiplied with what. */
static tin_status matrix_sizes(tin_lowering *lo, tin_matmul_shape *s)
{
    const tin_value *x = tin_in(lo, 0), *y = tin_in(lo, 1);
    const int32_t *ex = x->shape + x->rank - 2, *ey = y->shape + y->rank - 2;

    s->adj_a = lo->node->attr.adj_x;
    s->adj_b = lo->node->attr.adj_y;
    s->m = ex[s->adj_a ? 1 : 0];
    s->k = ex[s->adj_a ? 0 : 1];
    s->n = ey[s->adj_b ? 0 : 1];
    if (ey[s->adj_b ? 1 : 0] != s->k)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "a matrix with %d columns by one with %d rows",
                          (int)s->k, (int)ey[s->adj_b ? 1 : 0]);
    return TIN_OK;
}

/* The output's shape is that of the batch, then [m][n]. */
static tin_status check_output(tin_lowering *lo, const tin_matmul_shape *s)
{
    const int32_t rx = tin_in(lo, 0)->rank, ry = tin_in(lo, 1)->rank;
    const int32_t rank = rx > ry ? rx : ry;
    int32_t shape[TIN_MAX_RANK], i;

    for (i = 0; i < rank - 2; i++)
        shape[i] = s->batch[TIN_MATMUL_BATCH + 2 - rank + i];
    shape[rank - 2] = s->m;
    shape[rank - 1] = s->n;
    return tin_want_shape(lo, tin_out(lo, 0), rank, shape);
}

static tin_status make_product(tin_lowering *lo, product *p)
{
    tin_matmul_shape *s = &p->shape;
    int32_t bx[TIN_MATMUL_BATCH], by[TIN_MATMUL_BATCH];
    int32_t blocks, matrices = 1, i;
    const tin_status status = matrix_sizes(lo, s);

    if (status != TIN_OK)
        return status;
    batch_of(tin_in(lo, 0), bx);
    batch_of(tin_in(lo, 1), by);
    for (i = 0; i < TIN_MATMUL_BATCH; i++) {
        s->batch[i] = bx[i] == 1 ? by[i] : bx[i];
        if (by[i] != 1 && by[i] != s->batch[i])
            return tin_refuse(lo, TIN_ERR_SHAPE,
                              "the batches of the inputs do not match");
    }
    // as tensors of this rank have their rows
    s->lines = tin_out(lo, 0)->rank >= 4 || s->adj_a ? s->m : 1;
    blocks = s->m / s->lines;
    p->rows[0] = batch_strides(bx, s->stride_a) * blocks;
    p->rows[1] = batch_strides(by, s->stride_b);
    if (check_output(lo, s) != TIN_OK)
        return TIN_ERR_SHAPE;
    for (i = 0; i < TIN_MATMUL_BATCH; i++)
        matrices *= s->batch[i];
    p->rows[2] = matrices * blocks;
    return TIN_OK;
}

static tin_status add_product(tin_lowering *lo, tin_kernel_id kernel,
                              const void *params, const product *p)
{
    tin_need needs[2];
    int32_t args[3], i;

    for (i = 0; i < 2; i++)
        needs[i] = p->rows[i] == p->rows[2] ? tin_need_same : tin_need_all;
    args[0] = tin_view_of(lo, lo->node->in[0], p->rows[0]);
    args[1] = tin_view_of(lo, lo->node->in[1], p->rows[1]);
    args[2] = tin_view_of(lo, lo->node->out[0], p->rows[2]);
    return tin_add_step(lo, kernel, params, args, needs, 2, p->rows[2]);
}

static tin_status matmul_f32(tin_lowering *lo, const product *p)
{
    tin_matmul_f32_params *params = tin_new(lo, sizeof *params);

    if (params)
        params->shape = p->shape;
    return add_product(lo, TIN_KERNEL_matmul_f32, params, p);
}

static tin_status matmul_s8(tin_lowering *lo, const product *p,
                            const tin_multiplier *m)
{
    tin_matmul_s8_params *params = tin_new(lo, sizeof *params);

    if (params) {
        params->shape = p->shape;
        params->a_zero = tin_in(lo, 0)->zero_points[0];
        params->b_zero = tin_in(lo, 1)->zero_points[0];
        params->out_zero = tin_out(lo, 0)->zero_points[0];
        params->multiplier = m->multiplier;
        params->shift = m->shift;
    }
    return add_product(lo, TIN_KERNEL_matmul_s8, params, p);
}

static tin_status matmul_s16(tin_lowering *lo, const product *p,
                             const tin_multiplier *m)
{
    tin_matmul_s16_params *params = tin_new(lo, sizeof *params);

    if (params) {
        params->shape = p->shape;
        params->multiplier = m->multiplier;
        params->shift = m->shift;
    }
    return add_product(lo, TIN_KERNEL_matmul_s16, params, p);
}

tin_status tin_lower_batch_matmul(tin_lowering *lo)
{
    const tin_value *x = tin_in(lo, 0), *y = tin_in(lo, 1);
    product p;
    tin_multiplier m;
    tin_status status = check_operands(lo);

    if (status == TIN_OK)
        status = make_product(lo, &p);
    if (status != TIN_OK)
        return status;
    lo->layers[lo->node->layer].live_macs = lo->layers[lo->node->layer].macs;
    if (x->type == TIN_F32)
        return matmul_f32(lo, &p);
    if (!tin_quantize_multiplier((double)x->scales[0] * (double)y->scales[0] /
                                     (double)tin_out(lo, 0)->scales[0],
                                 &m))
        return tin_refuse(lo, TIN_ERR_QUANT, "scales too far apart");
    if (x->type == TIN_S8)
        return matmul_s8(lo, &p, &m);
    return matmul_s16(lo, &p, &m);
}
