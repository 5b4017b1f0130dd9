/* SPDX-License-Identifier: MIT */
/* tflite_import.c: the .tflite importer's way through a model. */
#include <string.h>

#include "tflite.h"

/* Slots of the schema's tables. */
enum { MODEL_VERSION = 0, MODEL_CODES = 1, MODEL_SUBGRAPHS = 2 };
enum { MODEL_BUFFERS = 4 };
enum { SUBGRAPH_TENSORS = 0, SUBGRAPH_INPUTS = 1, SUBGRAPH_OUTPUTS = 2 };
enum { SUBGRAPH_OPERATORS = 3, SUBGRAPH_NAME = 4 };

/* The only version of the schema that was ever in use. */
#define SCHEMA_VERSION 3

void *tin_tflite_alloc(tin_tflite *t, uint64_t n, size_t bytes)
{
    void *p = tin_pool_alloc(t->pool, n * bytes); // n < 2^32: cannot wrap

    if (!p)
        tin_fb_fail(&t->fb, TIN_ERR_MEMORY, -1, "there is no memory left");
    return p;
}

/* A vector that the schema demands, with at least one entry. */
static tin_fb_vector vector_needed(tin_tflite *t, const tin_fb_table *table,
                                   uint32_t slot, const char *what)
{
    const tin_fb_vector v = tin_fb_field_vector(&t->fb, table, slot, 4, what);

    if (v.count == 0)
        tin_fb_fail(&t->fb, TIN_ERR_FORMAT, (int64_t)table->at,
                    "%s is missing or empty", what);
    else if (v.count > INT32_MAX)
        tin_fb_fail(&t->fb, TIN_ERR_OVERFLOW, (int64_t)v.at, "%s is too long",
                    what);
    return v;
}

/* Finds the lists of a subgraph. */
static tin_status open_subgraph(tin_tflite *t, uint32_t index)
{
    t->subgraph = tin_fb_at_table(&t->fb, &t->subgraphs, index, "a subgraph");
    t->tensors =
        vector_needed(t, &t->subgraph, SUBGRAPH_TENSORS, "the list of tensors");
    t->operators = vector_needed(t, &t->subgraph, SUBGRAPH_OPERATORS,
                                 "the list of operators");
    return t->fb.status;
}

/* Finds the model's lists and its first subgraph. No operator that we know
 * calls another one but CALL_ONCE, so that the rest is dead. */
static tin_status open_model(tin_tflite *t, const tin_fb_table *model)
{
    const uint32_t version = tin_fb_u32(&t->fb, model, MODEL_VERSION, 0);

    if (t->fb.status == TIN_OK && version != SCHEMA_VERSION)
        return tin_fb_fail(&t->fb, TIN_ERR_UNSUPPORTED, -1,
                           "schema version %lu is not supported, only %d is",
                           (unsigned long)version, SCHEMA_VERSION);
    t->codes =
        vector_needed(t, model, MODEL_CODES, "the list of operator codes");
    t->buffers = vector_needed(t, model, MODEL_BUFFERS, "the list of buffers");
    t->subgraphs =
        vector_needed(t, model, MODEL_SUBGRAPHS, "the list of subgraphs");
    if (t->fb.status != TIN_OK)
        return t->fb.status;
    return open_subgraph(t, 0);
}

/* Makes an empty graph of the right size. */
static tin_status make_graph(tin_tflite *t)
{
    tin_graph *graph = tin_tflite_alloc(t, 1, sizeof *graph);
    const uint32_t n = t->tensors.count;
    uint32_t i;

    if (!graph)
        return t->fb.status;
    t->graph = graph;
    graph->pool = t->pool;
    graph->n_values = (int32_t)n;
    graph->n_nodes = graph->n_layers = (int32_t)t->operators.count;
    graph->name =
        tin_fb_field_string(&t->fb, &t->subgraph, SUBGRAPH_NAME, "its name");
    if (!graph->name)
        graph->name = "";
    graph->values = tin_tflite_alloc(t, n, sizeof *graph->values);
    graph->nodes =
        tin_tflite_alloc(t, t->operators.count, sizeof *graph->nodes);
    graph->variables = tin_tflite_alloc(t, (uint64_t)n + t->operators.count,
                                        sizeof *graph->variables);
    t->known = tin_tflite_alloc(t, n, sizeof *t->known);
    if (t->fb.status != TIN_OK)
        return t->fb.status;
    for (i = 0; i < n; i++) {
        graph->values[i].name = "";
        graph->values[i].producer = -1;
    }
    return TIN_OK;
}

tin_status tin_tflite_grow(tin_tflite *t, int64_t more)
{
    tin_graph *graph = t->graph;
    const int64_t n = graph->n_values + more;
    tin_tflite_tensor *known;
    tin_value *values;

    if (n > INT32_MAX)
        return tin_fb_fail(&t->fb, TIN_ERR_OVERFLOW, -1, "too many tensors");
    values = tin_tflite_alloc(t, (uint64_t)n, sizeof *values);
    known = tin_tflite_alloc(t, (uint64_t)n, sizeof *known);
    if (!values || !known)
        return t->fb.status;
    memcpy(values, graph->values, (size_t)graph->n_values * sizeof *values);
    memcpy(known, t->known, (size_t)graph->n_values * sizeof *known);
    graph->values = values;
    t->known = known;
    return TIN_OK;
}

tin_status tin_tflite_open_subgraph(tin_tflite *t, int32_t index,
                                    tin_tflite *sub)
{
    *sub = *t;
    if (index < 1 || (uint32_t)index >= t->subgraphs.count)
        return tin_fb_fail(&sub->fb, TIN_ERR_FORMAT, -1,
                           "it calls subgraph %ld, but there are %lu, and the "
                           "first one is the network",
                           (long)index, (unsigned long)t->subgraphs.count);
    if (open_subgraph(sub, (uint32_t)index) != TIN_OK ||
        tin_fb_work(&sub->fb, sub->tensors.count) != TIN_OK)
        return sub->fb.status;
    return make_graph(sub);
}

uint32_t tin_tflite_count_operators(const tin_tflite *t, const tin_node *n)
{
    tin_tflite quiet = *t;

    quiet.fb.diag = NULL;
    if (n->attr.subgraph < 1 ||
        (uint32_t)n->attr.subgraph >= t->subgraphs.count ||
        open_subgraph(&quiet, (uint32_t)n->attr.subgraph) != TIN_OK)
        return 0;
    return quiet.operators.count;
}

/* Marks tensor `index` as a port; each may be one once. */
static tin_status mark_port(tin_tflite *t, int is_input, uint32_t port,
                            int32_t index)
{
    const char *kind = is_input ? "input" : "output";
    tin_tflite_tensor *tensor;

    if (index < 0 || index >= t->graph->n_values)
        return tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1,
                           "graph %s %lu: there is no tensor %ld, only %ld",
                           kind, (unsigned long)port, (long)index,
                           (long)t->graph->n_values);
    tensor = &t->known[index];
    if (is_input ? tensor->is_input : tensor->is_output)
        return tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1,
                           "graph %s %lu: tensor %ld is listed twice", kind,
                           (unsigned long)port, (long)index);
    if (!is_input && tensor->is_input)
        return tin_fb_fail(&t->fb, TIN_ERR_FORMAT, -1,
                           "graph output %lu: tensor %ld is an input as well",
                           (unsigned long)port, (long)index);
    if (is_input)
        tensor->is_input = 1;
    else
        tensor->is_output = 1;
    return TIN_OK;
}

/* Reads the inputs or outputs of the graph. */
static const int32_t *read_ports(tin_tflite *t, int is_input, int32_t *count)
{
    const tin_fb_vector v =
        is_input ? vector_needed(t, &t->subgraph, SUBGRAPH_INPUTS,
                                 "the list of graph inputs")
                 : vector_needed(t, &t->subgraph, SUBGRAPH_OUTPUTS,
                                 "the list of graph outputs");
    int32_t *ports;
    uint32_t i;

    if (t->fb.status != TIN_OK)
        return NULL;
    ports = tin_tflite_alloc(t, v.count, sizeof *ports);
    for (i = 0; ports && i < v.count; i++) {
        ports[i] = tin_fb_at_s32(&t->fb, &v, i);
        if (mark_port(t, is_input, i, ports[i]) != TIN_OK)
            return NULL;
    }
    *count = (int32_t)v.count;
    return ports;
}

#define IDENTIFIER "TFL3"

/* What a file that is no .tflite file seems to be; NULL: it is one, or nothing
 * that people mistake for it. */
static const char *other_format(const uint8_t *file, size_t bytes)
{
    static const struct {
        size_t n;
        const char *start, *what;
    } formats[] = {
        {4, "PK\003\004", "a zip archive, as .keras and PyTorch files are"},
        {4, "\211HDF", "an HDF5 file, as Keras .h5 files are"},
        {2, "\037\213", "a gzip archive"},
    };

    if (bytes < 8 || memcmp(file + 4, IDENTIFIER, 4) == 0)
        return NULL;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (memcmp(file, formats[i].start, formats[i].n) == 0)
            return formats[i].what;
    }
    if (file[0] == 8 && file[1] > 0 && file[1] < 128) // field 1, a version
        return "a protocol buffer, as .onnx and SavedModel files are";
    return NULL;
}

tin_status tin_import_tflite(tin_pool *pool, const uint8_t *file,
                             size_t file_bytes, tin_graph **graph,
                             tin_diag *diag)
{
    const char *other = other_format(file, file_bytes);
    tin_tflite t;
    tin_fb_table model;

    if (other)
        return tin_fail(diag, TIN_ERR_FORMAT, -1,
                        "this is no .tflite file, it looks like %s; "
                        "TensorFlow's TFLiteConverter makes .tflite files",
                        other);
    memset(&t, 0, sizeof t);
    t.pool = pool;
    model = tin_fb_open(&t.fb, file, file_bytes, IDENTIFIER, diag);
    if (open_model(&t, &model) != TIN_OK || make_graph(&t) != TIN_OK)
        return t.fb.status;
    t.graph->inputs = read_ports(&t, 1, &t.graph->n_inputs);
    t.graph->outputs = read_ports(&t, 0, &t.graph->n_outputs);
    if (t.fb.status != TIN_OK || tin_tflite_read_nodes(&t) != TIN_OK ||
        tin_tflite_read_variables(&t) != TIN_OK ||
        tin_tflite_link(&t) != TIN_OK ||
        tin_tflite_drop_handles(&t) != TIN_OK ||
        tin_tflite_unpack_floats(&t) != TIN_OK)
        return t.fb.status;
    *graph = t.graph;
    return TIN_OK;
}
