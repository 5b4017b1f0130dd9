/* SPDX-License-Identifier: MIT */
/*
 * emit_programs.h: programs made by hand for tests of the C emitter, and what
 * it prints of them.
 */
#ifndef EMIT_PROGRAMS_H
#define EMIT_PROGRAMS_H

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "../src/compiler/emit.h"

/* The emitted files of a program that must be fine. */
typedef struct {
    tin_text source, header;
} emitted;

static inline emitted emit(tin_pool *pool, const tin_program *p, const char *id)
{
    emitted e = {{pool, NULL, 0, 0, 0}, {pool, NULL, 0, 0, 0}};
    tin_diag diag = {TIN_OK, -1, -1, ""};
    const tin_status status = tin_emit_c(p, id, &e.source, &e.header, &diag);

    cr_assert_eq(status, TIN_OK, "%s", diag.message);
    return e;
}

static inline int contains(const tin_text *t, const char *part)
{
    return strstr(t->text, part) != NULL;
}

/* ---- A program of one step: clamp_f32 of four floats -------------------- */

typedef struct {
    tin_program program;
    tin_clamp_f32_params params;
    tin_kernel_info const *kernels[1];
    tin_tensor tensors[2];
    tin_step step;
    tin_stage stage;
    uint16_t args[2];
    tin_port in, out;
    tin_layer layer;
    tin_lowered lowered;
} clamp_net;

static inline void set_port(tin_port *port, const char *name, int32_t tensor)
{
    memset(port, 0, sizeof *port);
    port->name = name;
    port->type = TIN_F32;
    port->rank = 2;
    port->shape[0] = 1;
    port->shape[1] = 4;
    port->bytes = 16;
    port->tensor = tensor;
}

static inline void make_clamp(clamp_net *n, float min, float max)
{
    tin_model *m = &n->program.model;

    memset(n, 0, sizeof *n);
    n->params.row_elems = 4;
    n->params.min = min;
    n->params.max = max;
    n->kernels[0] = &tin_kernel_infos[TIN_KERNEL_clamp_f32];
    n->tensors[0] = (tin_tensor){NULL, 0, 16, 1, 0, 0};
    n->tensors[1] = (tin_tensor){NULL, 16, 16, 1, 0, 0};
    n->step = (tin_step){tin_clamp_f32, &n->params, 1, -1, 0, 1, 1, 0, 0, 0};
    n->args[1] = 1;
    set_port(&n->in, "in", 0);
    set_port(&n->out, "out", 1);
    n->layer.name = "clamp";
    n->layer.op = "RELU";
    n->layer.n_steps = 1;
    n->lowered.kernels = n->kernels;
    n->program.target = "generic";
    n->program.layers = &n->layer;
    n->program.n_layers = 1;
    n->program.lowered = &n->lowered;
    n->stage = (tin_stage){0, 1, -1};
    m->name = "clamp";
    m->tensors = n->tensors;
    m->steps = &n->step;
    m->args = n->args;
    m->stages = &n->stage;
    m->inputs = &n->in;
    m->outputs = &n->out;
    m->n_tensors = m->n_args = 2;
    m->n_steps = m->n_stages = m->n_inputs = m->n_outputs = 1;
    m->arena_bytes = 32;
    m->arena_align = 4;
}

/* ---- A program that calls every kernel ---------------------------------- */

enum { CONSTANTS_MAX = 500, TABLE = 4 };

typedef struct {
    tin_program program;
    const tin_kernel_info *kernels[TIN_KERNEL_COUNT];
    tin_step steps[TIN_KERNEL_COUNT];
    tin_layer layers[TIN_KERNEL_COUNT];
    tin_stage stage;
    uint16_t args[2];
    tin_tensor tensors[3];
    tin_port ports[2];
    tin_constant constants[CONSTANTS_MAX];
    tin_lowered lowered;
} all_net;

static inline int is_one_of(const char *word, const char *const *list)
{
    while (*list && strcmp(word, *list) != 0)
        list++;
    return *list != NULL;
}

static inline tin_type type_of(const tin_kernel_info *k, const char *field)
{
    static const char *const s8[] = {"weights", "shift",   "recurrent",
                                     "feature", "time_s8", NULL};
    const size_t n = strlen(k->name);

    if (strcmp(k->name + n - 3, "s16") == 0 && strcmp(field, "bias") == 0)
        return TIN_S64;
    if (strcmp(field, "exp") == 0 || strcmp(field, "reciprocal") == 0 ||
        strcmp(field, "rows") == 0 || strcmp(field, "cols") == 0 ||
        strcmp(k->name, "table_s16") == 0)
        return TIN_S16;
    if (strcmp(field, "table") == 0)
        return TIN_U8;
    if (strcmp(k->name + n - 3, "f32") == 0 ||
        strcmp(k->name + n - 3, "fpu") == 0)
        return TIN_F32;
    if (strcmp(field, "sigmoid") == 0 || strcmp(field, "time_s16") == 0)
        return TIN_S16;
    return is_one_of(field, s8) ? TIN_S8 : TIN_S32;
}

static inline const void *add_table(tin_pool *pool, all_net *n, tin_type type,
                                    const char *label)
{
    static const uint8_t bytes[4 * TABLE] = {0x80, 0xff, 0, 0x7f};
    static const int32_t words[TABLE] = {INT32_MIN, -1, 0, INT32_MAX};
    static const int64_t longs[TABLE] = {INT64_MIN, -1, 0, INT64_MAX};
    static const float floats[TABLE] = {-0.0f, 0x1p-149f, 1, -3};
    tin_constant *c = &n->constants[n->lowered.n_constants++];
    void *data = tin_pool_alloc(pool, sizeof longs);

    memcpy(data,
           type == TIN_F32   ? (const void *)floats
           : type == TIN_S64 ? (const void *)longs
           : type == TIN_S32 ? (const void *)words
                             : (const void *)bytes,
           type == TIN_S64 ? sizeof longs : sizeof words);
    c->data = data;
    c->type = type;
    c->count = TABLE;
    c->label = label;
    return data;
}

/* Params of numbers 1, 2, 3.. and tables. */
static inline void *make_params(tin_pool *pool, all_net *n,
                                const tin_kernel_info *k)
{
    char *params = tin_pool_alloc(pool, k->params_bytes);
    int32_t i, j, number = 0;

    for (i = 0; i < k->n_fields; i++) {
        const tin_field *f = &k->fields[i];
        const void *data;

        for (j = 0; j < f->count; j++) {
            const float x = (float)++number;
            char *at = params + f->offset;

            if (f->kind == TIN_FIELD_S32)
                memcpy(at + j * 4, &number, 4);
            else if (f->kind == TIN_FIELD_F32)
                memcpy(at + j * 4, &x, 4);
            else if (f->kind == TIN_FIELD_U8)
                at[j] = (char)number;
        }
        if (f->kind == TIN_FIELD_CONST) {
            const char *dot = strrchr(f->name, '.');
            const char *label = dot ? dot + 1 : f->name;

            data = add_table(pool, n, type_of(k, label), label);
            memcpy(params + f->offset, &data, sizeof data);
        }
    }
    return params;
}

static inline void make_all(tin_pool *pool, all_net *n)
{
    tin_model *m = &n->program.model;
    int32_t k;

    memset(n, 0, sizeof *n);
    for (k = 0; k < TIN_KERNEL_COUNT; k++) {
        n->kernels[k] = &tin_kernel_infos[k];
        n->steps[k] = (tin_step){tin_kernel_infos[k].run,
                                 make_params(pool, n, &tin_kernel_infos[k]),
                                 1,
                                 -1,
                                 0,
                                 1,
                                 1,
                                 0,
                                 0,
                                 0};
        n->layers[k].name = n->layers[k].op = tin_kernel_infos[k].name;
        n->layers[k].first_step = k;
        n->layers[k].n_steps = 1;
    }
    n->args[1] = 1;
    n->tensors[2].data = add_table(pool, n, TIN_S8, "constant");
    set_port(&n->ports[0], "in", 0);
    set_port(&n->ports[1], "out", 1);
    n->lowered.kernels = n->kernels;
    n->lowered.constants = n->constants;
    n->program.lowered = &n->lowered;
    n->program.target = "generic";
    n->program.layers = n->layers;
    n->program.n_layers = TIN_KERNEL_COUNT;
    n->stage = (tin_stage){0, TIN_KERNEL_COUNT, -1};
    m->name = "all";
    m->tensors = n->tensors;
    m->steps = n->steps;
    m->args = n->args;
    m->stages = &n->stage;
    m->inputs = &n->ports[0];
    m->outputs = &n->ports[1];
    m->n_tensors = 3;
    m->n_steps = TIN_KERNEL_COUNT;
    m->n_args = 2;
    m->n_stages = m->n_inputs = m->n_outputs = 1;
    m->arena_bytes = 32;
    m->arena_align = 4;
}

#endif /* EMIT_PROGRAMS_H */
