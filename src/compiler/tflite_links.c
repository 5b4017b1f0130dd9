/* SPDX-License-Identifier: MIT */
/* tflite_links.c: who makes each tensor, and whether in time. */
#include "tflite.h"

/* Checks that input tensor `index` of node n is there when it runs. */
static void check_input(tin_tflite *t, int32_t n, int32_t index)
{
    const tin_value *value = &t->graph->values[index];
    char buffer[TIN_SHORT_NAME];
    const char *name = tin_short_name(value->name, buffer);

    if (t->known[index].is_handle) {
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1,
                    "it reads tensor %ld '%s', which is the handle of a "
                    "variable",
                    (long)index, name);
        return;
    }
    if (value->data || t->known[index].is_input || value->variable ||
        (value->producer >= 0 && value->producer < n))
        return;
    if (value->producer >= 0)
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1,
                    "it reads tensor %ld '%s', which only layer %ld makes: "
                    "the operators are out of order or form a cycle",
                    (long)index, name, (long)value->producer);
    else
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1,
                    "it reads tensor %ld '%s', which has no contents, is no "
                    "graph input and is not produced by any layer",
                    (long)index, name);
}

/* A variable that is no resource belongs to one operator that keeps state. */
static void check_variable(tin_tflite *t, const tin_node *node, int32_t i)
{
    const int32_t index = node->in[i];
    const int fits = (node->op == TIN_OP_UNIDIRECTIONAL_SEQUENCE_LSTM &&
                      (i == 18 || i == 19)) ||
                     (node->op == TIN_OP_SVDF && i == 4) ||
                     (i == 0 && (node->op == TIN_OP_READ_VARIABLE ||
                                 node->op == TIN_OP_ASSIGN_VARIABLE));
    char buffer[TIN_SHORT_NAME];
    const char *name = tin_short_name(t->graph->values[index].name, buffer);

    if (!t->graph->values[index].variable)
        return;
    if (!fits)
        tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, -1,
                    "its input %ld, '%s', is a variable, which is not "
                    "supported there",
                    (long)i, name);
    else if (i > 0 && t->known[index].is_taken)
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1,
                    "its state, variable '%s', is used twice", name);
    t->known[index].is_taken = i > 0;
}

static void check_output(tin_tflite *t, int32_t index)
{
    const tin_value *value = &t->graph->values[index];
    char buffer[TIN_SHORT_NAME];
    const char *name = tin_short_name(value->name, buffer);

    if (t->known[index].is_input)
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1,
                    "its output, tensor %ld '%s', is an input of the graph",
                    (long)index, name);
    else if (value->data)
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1,
                    "its output, tensor %ld '%s', is a constant", (long)index,
                    name);
    else if (value->variable && index < (int32_t)t->tensors.count)
        tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, -1,
                    "its output, tensor %ld '%s', is a variable, which is not "
                    "supported",
                    (long)index, name);
}

static void link_node(tin_tflite *t, int32_t n)
{
    const tin_node *node = &t->graph->nodes[n];
    int32_t i;

    for (i = 0; i < node->n_in; i++)
        if (node->in[i] >= 0 &&
            tin_tflite_read_value(t, node->in[i]) == TIN_OK) {
            check_input(t, n, node->in[i]);
            check_variable(t, node, i);
        }
    for (i = 0; i < node->n_out; i++)
        if (tin_tflite_read_value(t, node->out[i]) == TIN_OK)
            check_output(t, node->out[i]);
}

/* Inputs and outputs of the graph: the one may not be read, the other not be
 * made, but both must be tensors in memory. */
static void link_port(tin_tflite *t, int is_input, int32_t index)
{
    const tin_value *value = &t->graph->values[index];
    char buffer[TIN_SHORT_NAME];
    const char *reason = NULL;

    if (tin_tflite_read_value(t, index) != TIN_OK)
        return;
    if (value->variable || t->known[index].is_handle) {
        tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, -1,
                    "graph %s %ld '%s' is a variable, which is not supported",
                    is_input ? "input tensor" : "output tensor", (long)index,
                    tin_short_name(value->name, buffer));
        return;
    }
    if (value->data)
        reason = "is a constant";
    else if (!is_input && value->producer < 0)
        reason = "is not produced by any layer";
    if (reason)
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1, "graph %s %ld '%s' %s",
                    is_input ? "input tensor" : "output tensor", (long)index,
                    tin_short_name(value->name, buffer), reason);
}

tin_status tin_tflite_link(tin_tflite *t)
{
    const tin_graph *graph = t->graph;
    int32_t i;

    for (i = 0; i < graph->n_nodes && t->fb.status == TIN_OK; i++) {
        tin_tflite_enter_layer(t, i);
        link_node(t, i);
    }
    tin_tflite_enter_layer(t, -1);
    for (i = 0; i < graph->n_inputs && t->fb.status == TIN_OK; i++)
        link_port(t, 1, graph->inputs[i]);
    for (i = 0; i < graph->n_outputs && t->fb.status == TIN_OK; i++)
        link_port(t, 0, graph->outputs[i]);
    return t->fb.status;
}
