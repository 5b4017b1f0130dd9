/* SPDX-License-Identifier: MIT */
/* lower.c: see lower.h. The table of operators and the walk over the graph. */
#include "lower.h"

#include <stdio.h>
#include <string.h>

static tin_lower_op *const lower_op[TIN_OP_COUNT] = {
#define TIN_OPERATOR(name, lower, ...) tin_lower_##lower,
#include "operators.inc"
#undef TIN_OPERATOR
};

/* ---- The walk over the graph -------------------------------------------- */

static tin_status make_ports(tin_lowering *lo, const int32_t *values, int32_t n,
                             const tin_port **ports)
{
    tin_port *port = tin_pool_alloc(lo->pool, (uint64_t)n * sizeof *port);
    int32_t i;

    *ports = port;
    for (i = 0; port && i < n; i++) {
        const tin_value *v = &lo->graph->file_values[values[i]];

        port[i].name = v->name;
        port[i].type = v->type;
        port[i].rank = v->rank;
        memcpy(port[i].shape, v->shape, sizeof v->shape);
        port[i].bytes = tin_value_bytes(v);
        port[i].scale = v->n_scales ? v->scales[0] : 0.0f;
        port[i].zero_point = v->n_scales ? v->zero_points[0] : 0;
        port[i].tensor = tin_tensor_of(lo, values[i]);
        if (port[i].tensor < 0)
            port = NULL;
    }
    if (!port)
        return tin_fail(lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    return TIN_OK;
}

static tin_status finish_tensors(tin_lowering *lo, tin_model *model)
{
    tin_tensor *t =
        tin_pool_alloc(lo->pool, (uint64_t)lo->n_drafts * sizeof *t);
    int32_t i;

    if (!t)
        return tin_fail(lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    for (i = 0; i < lo->n_drafts; i++) {
        t[i].data = lo->drafts[i].data;
        t[i].row_bytes = lo->drafts[i].row_bytes;
        t[i].rows = lo->drafts[i].rows;
    }
    lo->tensors = t;
    model->tensors = t;
    model->n_tensors = lo->n_drafts;
    return TIN_OK;
}

/* Operators for which a number is what it says, scale or not. */
static int takes_plain_numbers(tin_op op)
{
    return op == TIN_OP_CAST || op == TIN_OP_RESHAPE || op == TIN_OP_SQUEEZE;
}

/* Every tensor of a type that can be quantized must be, per tensor unless it
 * is a constant of int8; int16 symmetrically, except where it becomes or comes
 * from a number. */
static tin_status check_quantized(tin_lowering *lo, int32_t value)
{
    const tin_value *v = &lo->graph->values[value];
    const tin_op op = lo->node->op;

    if ((v->type != TIN_S8 && v->type != TIN_S16 && v->type != TIN_U8) ||
        (v->n_scales && v->data && v->type == TIN_S8) ||
        (v->n_scales < 2 && takes_plain_numbers(op)))
        return TIN_OK;
    if (v->n_scales != 1)
        return tin_refuse(lo, TIN_ERR_QUANT, "%s tensor '%.60s' has %s",
                          tin_type_name(v->type), v->name,
                          v->n_scales ? "scales for each channel" : "no scale");
    if (v->type == TIN_S16 && v->zero_points[0] != 0 && op != TIN_OP_QUANTIZE &&
        op != TIN_OP_DEQUANTIZE)
        return tin_refuse(lo, TIN_ERR_QUANT,
                          "int16 tensor '%.60s' has zero point %d, not 0",
                          v->name, (int)v->zero_points[0]);
    return TIN_OK;
}

static tin_status check_operand_quant(tin_lowering *lo)
{
    const tin_node *n = lo->node;
    tin_status status = TIN_OK;
    int32_t i;

    for (i = 0; i < n->n_in && status == TIN_OK; i++)
        if (n->in[i] >= 0)
            status = check_quantized(lo, n->in[i]);
    for (i = 0; i < n->n_out && status == TIN_OK; i++)
        status = check_quantized(lo, n->out[i]);
    return status;
}

/* The types of the bits, for a message. */
static void list_types(uint32_t types, char *text, size_t bytes)
{
    size_t used = 0;
    int32_t t;

    *text = 0;
    for (t = TIN_F32; t <= TIN_S4 && used < bytes; t++)
        if (types & TIN_TYPE_BIT(t))
            used +=
                (size_t)snprintf(text + used, bytes - used, "%s%s",
                                 used ? ", " : "", tin_type_name((tin_type)t));
}

/* The operator must compute with this type: see operators.inc. */
static tin_status check_type(tin_lowering *lo)
{
    const tin_op op = lo->node->op;
    const tin_value *v = tin_in(lo, tin_op_typed_input(op));
    char text[128];

    if (!v || tin_op_types(op) & TIN_TYPE_BIT(v->type))
        return TIN_OK;
    list_types(tin_op_types(op), text, sizeof text);
    return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                      "type %s is not supported; supported are: %s (the file "
                      "has version %d of the operator)",
                      tin_type_name(v->type), text, (int)lo->node->version);
}

static tin_status lower_nodes(tin_lowering *lo)
{
    const tin_graph *g = lo->graph;
    int32_t i;

    for (i = 0; i < g->n_nodes; i++) {
        tin_status status;

        lo->node = &g->nodes[i];
        status = check_type(lo);
        if (status == TIN_OK)
            status = check_operand_quant(lo);
        if (status == TIN_OK)
            status = lower_op[lo->node->op](lo);
        if (status != TIN_OK)
            return status;
        lo->layers[lo->node->layer].tensor =
            tin_tensor_of(lo, lo->node->out[0]);
    }
    return TIN_OK;
}

tin_status tin_lower(tin_lowering *lo, tin_program *program)
{
    const tin_graph *g = lo->graph;
    tin_model *m = &program->model;
    tin_lowered *lowered = tin_new(lo, sizeof *lowered);
    tin_status status;

    if (!lowered)
        return tin_fail(lo->diag, TIN_ERR_MEMORY, -1, "out of memory");
    status = lower_nodes(lo);
    if (status == TIN_OK)
        status = make_ports(lo, g->inputs, g->n_inputs, &m->inputs);
    if (status == TIN_OK)
        status = make_ports(lo, g->outputs, g->n_outputs, &m->outputs);
    if (status == TIN_OK)
        status = finish_tensors(lo, m);
    m->name = g->name;
    m->steps = lo->steps;
    m->args = lo->args;
    m->n_steps = lo->n_steps;
    m->n_args = lo->n_args;
    m->n_inputs = g->n_inputs;
    m->n_outputs = g->n_outputs;
    lowered->kernels = lo->kernels;
    lowered->constants = lo->constants;
    lowered->n_constants = lo->n_constants;
    program->lowered = lowered;
    return status;
}
