/* SPDX-License-Identifier: MIT */
/*
 * The .tflite importer on valid models: they become the graph that they say.
 */
#include "corpus.h"

#include <math.h>

/* Imports a valid model of the corpus. */
static result import_model(const char *name, blob *file)
{
    result r;

    *file = read_model(name);
    r = import(file->bytes, file->size);
    cr_assert_eq(r.status, TIN_OK, "%s: %s", name, r.diag.message);
    return r;
}

static float get_float(const uint8_t *data, int32_t i)
{
    const uint8_t *p = data + 4 * (size_t)i;
    const uint32_t bits = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                          (uint32_t)p[3] << 24;
    float f;

    memcpy(&f, &bits, sizeof f);
    return f;
}

Test(import, conv_as_the_file_says)
{
    blob file;
    result r = import_model("ok_conv", &file);
    const tin_graph *g = r.graph;
    const tin_node *n = &g->nodes[0];
    const tin_value *w = &g->values[1], *out = &g->values[3];

    cr_assert_eq(g->n_values, 4);
    cr_assert_eq(g->n_nodes, 1);
    cr_assert_eq(g->n_layers, 1);
    cr_assert_eq(g->n_inputs, 1);
    cr_assert_eq(g->inputs[0], 0);
    cr_assert_eq(g->outputs[0], 3);
    cr_assert_str_eq(g->name, "main");
    cr_assert_eq(n->op, TIN_OP_CONV_2D);
    cr_assert_eq(n->n_in, 3);
    cr_assert_eq(n->in[2], 2);
    cr_assert_eq(n->out[0], 3);
    cr_assert_eq(n->attr.padding, TIN_PADDING_VALID);
    cr_assert_eq(n->attr.stride_h, 1);
    cr_assert_eq(n->attr.dilation_w, 1);
    cr_assert_str_eq(w->name, "w");
    cr_assert_eq(w->type, TIN_S8);
    cr_assert_eq(w->rank, 4);
    cr_assert_eq(w->shape[0], 3);
    cr_assert_eq(tin_value_elements(w), 24);
    cr_assert_eq(w->n_scales, 3);
    cr_assert_eq(w->scales[2], 0.125f);
    cr_assert_eq(w->zero_points[2], 0);
    cr_assert_eq(w->quant_axis, 0);
    cr_assert_eq(w->data[0], 0xfd); // -3
    cr_assert_eq(w->producer, -1);
    cr_assert_null(out->data);
    cr_assert_eq(out->producer, 0);
    cr_assert_eq(g->values[2].type, TIN_S32);
    drop(&r, &file);
}

Test(import, absent_bias_is_minus_1)
{
    static const char *const names[] = {"C03_bias_left_out",
                                        "C03_bias_not_listed"};
    blob file;
    result r;
    int i;

    for (i = 0; i < 2; i++) {
        r = import_model(names[i], &file);
        cr_assert_eq(r.graph->nodes[0].n_in, 3);
        cr_assert_eq(r.graph->nodes[0].in[2], -1);
        drop(&r, &file);
    }
}

Test(import, hybrid_weights_become_floats)
{
    blob file;
    result r = import_model("ok_conv_hybrid", &file);
    const tin_graph *g = r.graph;
    const tin_value *from = &g->values[1];
    const tin_value *w = &g->values[g->nodes[0].in[1]];
    int32_t i;

    cr_assert_eq(w->type, TIN_F32);
    cr_assert_eq(w->n_scales, 0);
    cr_assert_str_eq(w->name, "w");
    for (i = 0; i < 24; i++)
        cr_assert_eq(get_float(w->data, i),
                     (float)(i % 7 - 3) * from->scales[i / 8]);
    drop(&r, &file);
}

Test(import, float16_becomes_floats)
{
    blob file;
    result r = import_model("ok_conv_float16", &file);
    const tin_graph *g = r.graph;
    const tin_value *w = &g->values[g->nodes[0].in[1]];
    const tin_value *b = &g->values[g->nodes[0].in[2]];
    int32_t i;

    cr_assert_eq(w->type, TIN_F32);
    for (i = 0; i < 24; i++)
        cr_assert_eq(get_float(w->data, i), (float)(i % 7 - 3));
    cr_assert_eq(get_float(b->data, 0), 0.5f);
    cr_assert_eq(get_float(b->data, 1), -0x1p-24f);
    cr_assert_eq(get_float(b->data, 2), 65504.0f);
    drop(&r, &file);
}

Test(import, int4_becomes_int8)
{
    static const int expected[] = {-8, 7, -1, 0, 1, 2, 3, 4, 5, 6, -7, -2};
    blob file;
    result r = import_model("ok_dense_int4", &file);
    const tin_value *w = &r.graph->values[1];
    int i;

    cr_assert_eq(w->type, TIN_S8);
    for (i = 0; i < 12; i++)
        cr_assert_eq(w->data[i], (uint8_t)expected[i]);
    drop(&r, &file);
}

Test(import, shared_models)
{
    static const char *const names[] = {
        "ad_autoencoder_f32", "ad_autoencoder_int8", "ic_resnet8_f32",
        "ic_resnet8_int8",    "kws_dscnn_hybrid",    "kws_dscnn_int8",
        "vww_mobilenet_int8"};
    static const int nodes[] = {10, 10, 16, 16, 13, 13, 31};
    char path[512], name[64];
    size_t i;

    for (i = 0; i < sizeof names / sizeof *names; i++) {
        blob file;
        result r;

        snprintf(name, sizeof name, "models/%s.tflite", names[i]);
        if (!shared_path(path, sizeof path, name))
            cr_skip_test("SKIPPED: %s is not there", path);
        file = read_file(path);
        r = import(file.bytes, file.size);
        cr_assert_eq(r.status, TIN_OK, "%s: %s", path, r.diag.message);
        cr_assert_eq(r.graph->n_nodes, nodes[i]);
        drop(&r, &file);
    }
}
