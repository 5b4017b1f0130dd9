/* SPDX-License-Identifier: MIT */
/*
 * What the operators along an axis refuse when they are lowered: each network
 * is a good one with one thing changed, and the message names that.
 */
#include "graph_builder.h"

#include <criterion/criterion.h>
#include <string.h>

/* Makes a network of one operator wrong. */
typedef void change(tin_graph *g, tin_node *n);

static tin_value *in(tin_graph *g, tin_node *n, int32_t i)
{
    return &g->values[n->in[i]];
}

static tin_value *out(tin_graph *g, tin_node *n)
{
    return &g->values[n->out[0]];
}

/* `op` over axis 1 of int8 [1,4,5,6], with the output [1,5,6]; or the square
 * of the matrices. */
static tin_graph *good_graph(graph_builder *b, tin_pool *pool, tin_op op)
{
    static const int32_t shape[4] = {1, 4, 5, 6};
    int32_t x;
    tin_graph *g;

    builder_init(b, pool, 1);
    x = builder_input(b, TIN_S8, 4, shape);
    if (op == TIN_OP_BATCH_MATMUL)
        x = builder_square(b, x, 0);
    else
        x = builder_reduce(b, op == TIN_OP_REDUCE_MAX ? op : TIN_OP_SUM, x,
                           1 << 1, 0);
    builder_output(b, x);
    g = builder_graph(b);
    cr_assert_not_null(g);
    g->nodes[0].op = op;
    return g;
}

static void refuses(tin_op op, change *make_wrong, tin_status status,
                    const char *part)
{
    tin_pool *pool = tin_pool_new();
    graph_builder b;
    tin_graph *g = good_graph(&b, pool, op);
    const tin_program *program = NULL;
    tin_compile_options options;
    tin_diag diag;

    memset(&options, 0, sizeof options);
    memset(&diag, 0, sizeof diag);
    make_wrong(g, &g->nodes[0]);
    cr_expect_eq(tin_compile_graph(g, &options, &program, &diag), status, "%s",
                 diag.message);
    cr_expect_not_null(strstr(diag.message, part), "'%s' in '%s'", part,
                       diag.message);
    cr_expect_not_null(strstr(diag.message, tin_op_name(op)));
    tin_pool_free(pool);
}

static void axis_9(tin_graph *g, tin_node *n)
{
    static const uint8_t nine[4] = {9, 0, 0, 0};

    in(g, n, 1)->data = nine;
}

static void axis_far_below(tin_graph *g, tin_node *n)
{
    static const uint8_t lowest[4] = {0, 0, 0, 0x80};

    in(g, n, 1)->data = lowest;
}

static void axis_computed(tin_graph *g, tin_node *n)
{
    in(g, n, 1)->data = NULL;
}

static void axis_float(tin_graph *g, tin_node *n)
{
    in(g, n, 1)->type = TIN_F32;
}

static void two_axes(tin_graph *g, tin_node *n)
{
    static const uint8_t both[8] = {1, 0, 0, 0, 2, 0, 0, 0};

    in(g, n, 1)->data = both;
    in(g, n, 1)->shape[0] = 2;
}

static void other_shape(tin_graph *g, tin_node *n)
{
    out(g, n)->shape[1] = 7;
}

static void other_type(tin_graph *g, tin_node *n)
{
    out(g, n)->type = TIN_F32;
}

static void other_scale(tin_graph *g, tin_node *n)
{
    static const float scale[1] = {0.7f};

    out(g, n)->scales = scale;
}

static void far_scale(tin_graph *g, tin_node *n)
{
    static const float scale[1] = {1e-30f};

    out(g, n)->scales = scale;
}

static void int16_without_scale(tin_graph *g, tin_node *n)
{
    in(g, n, 0)->type = out(g, n)->type = TIN_S16;
    in(g, n, 0)->n_scales = 0;
}

Test(reductions, refuse)
{
    refuses(TIN_OP_SUM, axis_9, TIN_ERR_SHAPE, "axis 9 is outside rank 4");
    refuses(TIN_OP_MEAN, axis_far_below, TIN_ERR_SHAPE, "axis -2147483648 is");
    refuses(TIN_OP_SUM, axis_computed, TIN_ERR_UNSUPPORTED, "constant integer");
    refuses(TIN_OP_SUM, axis_float, TIN_ERR_UNSUPPORTED, "constant integers");
    refuses(TIN_OP_REDUCE_PROD, other_shape, TIN_ERR_SHAPE, "output shape is");
    refuses(TIN_OP_REDUCE_MIN, other_type, TIN_ERR_UNSUPPORTED, "is float32");
    refuses(TIN_OP_REDUCE_MAX, other_scale, TIN_ERR_QUANT, "the same scale");
    refuses(TIN_OP_SUM, far_scale, TIN_ERR_QUANT, "scales too far apart");
    refuses(TIN_OP_MEAN, int16_without_scale, TIN_ERR_QUANT, "has no scale");
    refuses(TIN_OP_SUM, int16_without_scale, TIN_ERR_QUANT, "has no scale");
    refuses(TIN_OP_REDUCE_ANY, axis_9, TIN_ERR_UNSUPPORTED, "type int8 is not");
}

static void two_outputs(tin_graph *g, tin_node *n)
{
    static int32_t outs[2];

    outs[0] = n->out[0];
    outs[1] = n->in[0];
    n->out = outs;
    n->n_out = 2;
    axis_9(g, n); // k
}

static void no_scale_of_128(tin_graph *g, tin_node *n)
{
    memcpy(out(g, n)->shape, in(g, n, 0)->shape, sizeof out(g, n)->shape);
    out(g, n)->rank = in(g, n, 0)->rank;
    n->n_in = 1;
}

static void fused(tin_graph *g, tin_node *n)
{
    no_scale_of_128(g, n);
    n->attr.activation = TIN_ACT_RELU;
}

static void index_of_1_byte(tin_graph *g, tin_node *n)
{
    out(g, n)->type = TIN_BOOL;
    out(g, n)->n_scales = 0;
}

Test(others, refuse)
{
    refuses(TIN_OP_ARG_MAX, axis_9, TIN_ERR_SHAPE, "axis 9 is outside rank 4");
    refuses(TIN_OP_ARG_MIN, two_axes, TIN_ERR_SHAPE, "2 axes, not one");
    refuses(TIN_OP_ARG_MAX, index_of_1_byte, TIN_ERR_UNSUPPORTED, "int32");
    refuses(TIN_OP_TOPK_V2, axis_9, TIN_ERR_SHAPE, "k is 9");
    refuses(TIN_OP_TOPK_V2, axis_computed, TIN_ERR_UNSUPPORTED, "k must be");
    refuses(TIN_OP_TOPK_V2, two_outputs, TIN_ERR_SHAPE, "k is 9");
    refuses(TIN_OP_TOPK_V2, other_scale, TIN_ERR_SHAPE, "1 outputs, not 2");
    refuses(TIN_OP_CUMSUM, other_shape, TIN_ERR_SHAPE, "output shape is");
    refuses(TIN_OP_L2_NORMALIZATION, no_scale_of_128, TIN_ERR_QUANT,
            "scale 1/128");
    refuses(TIN_OP_L2_NORMALIZATION, fused, TIN_ERR_UNSUPPORTED,
            "a fused activation");
    refuses(TIN_OP_L2_POOL_2D, other_scale, TIN_ERR_UNSUPPORTED,
            "type int8 is not");
}

static void not_adjoint(tin_graph *g, tin_node *n)
{
    (void)g;
    n->attr.adj_y = 0;
}

static void vector(tin_graph *g, tin_node *n)
{
    in(g, n, 0)->rank = 1;
}

static void rank_6(tin_graph *g, tin_node *n)
{
    in(g, n, 0)->rank = 6;
    in(g, n, 0)->shape[4] = in(g, n, 0)->shape[5] = 1;
}

Test(matmul, refuse)
{
    refuses(TIN_OP_BATCH_MATMUL, not_adjoint, TIN_ERR_SHAPE,
            "a matrix with 6 columns by one with 5 rows");
    refuses(TIN_OP_BATCH_MATMUL, vector, TIN_ERR_UNSUPPORTED, "ranks 1 and 1");
    refuses(TIN_OP_BATCH_MATMUL, rank_6, TIN_ERR_UNSUPPORTED, "ranks 6 and 6");
    refuses(TIN_OP_BATCH_MATMUL, other_shape, TIN_ERR_SHAPE, "output shape is");
    refuses(TIN_OP_BATCH_MATMUL, other_type, TIN_ERR_UNSUPPORTED, "is float32");
    refuses(TIN_OP_BATCH_MATMUL, far_scale, TIN_ERR_QUANT, "too far apart");
}
