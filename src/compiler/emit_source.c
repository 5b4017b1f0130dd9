/* SPDX-License-Identifier: MIT */
/* Prints `id`.c: the tables of a tin_model. */
#include <string.h>

#include "emit.h"

typedef struct {
    const tin_program *program;
    const char *id;
    tin_text *t;
    tin_diag *diag;
    tin_emit_index index;
    int32_t next; /* constant to print, in order of use */
} emitter;

/* ---- Params ------------------------------------------------------------- */

static tin_status put_float(emitter *e, int32_t step, const char *at)
{
    char text[TIN_FLOAT_SIZE];
    float x;

    memcpy(&x, at, sizeof x);
    if (tin_float_is_nan(x))
        return tin_fail(e->diag, TIN_ERR_UNSUPPORTED, e->index.layer_of[step],
                        "layer %d: a parameter is not a number",
                        (int)e->index.layer_of[step]);
    tin_text_add(e->t, "%s", tin_float_hex(text, x));
    return TIN_OK;
}

static void put_pointer(emitter *e, const char *at)
{
    const void *data;

    memcpy(&data, at, sizeof data);
    if (data)
        tin_text_reference(e->t, tin_find_constant(&e->index, data));
    else
        tin_text_add(e->t, "NULL");
}

static tin_status put_value(emitter *e, int32_t step, tin_field_kind kind,
                            const char *at)
{
    int32_t n;

    switch (kind) {
    case TIN_FIELD_S32:
        memcpy(&n, at, sizeof n);
        tin_text_add(e->t, n == INT32_MIN ? "%d - 1" : "%d",
                     n == INT32_MIN ? (int)n + 1 : (int)n);
        break;
    case TIN_FIELD_F32: return put_float(e, step, at);
    case TIN_FIELD_U8:
        tin_text_add(e->t, "%d", *(const unsigned char *)at);
        break;
    case TIN_FIELD_CONST: put_pointer(e, at); break;
    }
    return TIN_OK;
}

static tin_status put_field(emitter *e, int32_t step, const tin_field *f)
{
    const size_t size = f->kind == TIN_FIELD_U8      ? 1
                        : f->kind == TIN_FIELD_CONST ? sizeof(void *)
                                                     : 4;
    const char *at = (const char *)e->program->model.steps[step].params;
    int32_t i;

    tin_text_add(e->t, "    .%s = %s", f->name, f->count > 1 ? "{" : "");
    for (i = 0; i < f->count; i++) {
        const tin_status status =
            put_value(e, step, f->kind, at + f->offset + (size_t)i * size);

        if (status != TIN_OK)
            return status;
        if (i < f->count - 1)
            tin_text_add(e->t, ", ");
    }
    tin_text_add(e->t, f->count > 1 ? "},\n" : ",\n");
    return TIN_OK;
}

static tin_status put_params(emitter *e, int32_t step)
{
    const tin_kernel_info *k = e->program->lowered->kernels[step];
    int32_t i;

    tin_text_add(e->t, "static const %s params_%d = {\n", k->params_type,
                 (int)step);
    for (i = 0; i < k->n_fields; i++) {
        const tin_status status = put_field(e, step, &k->fields[i]);

        if (status != TIN_OK)
            return status;
    }
    tin_text_add(e->t, "};\n");
    return TIN_OK;
}

/* ---- Layers ------------------------------------------------------------- */

static void put_layer_comment(emitter *e, int32_t number)
{
    const tin_layer *layer = &e->program->layers[number];

    tin_text_add(e->t, "\n/* %d: ", (int)number);
    tin_text_name(e->t, layer->op);
    tin_text_add(e->t, " ");
    tin_text_shape(e->t, layer->in.rank, layer->in.shape);
    tin_text_add(e->t, " -> ");
    tin_text_shape(e->t, layer->out.rank, layer->out.shape);
    tin_text_add(e->t, "\n * \"");
    tin_text_name(e->t, layer->name);
    tin_text_add(e->t, "\" */\n");
}

/* Prints the constants that the step is the first to use. */
static void put_constants(emitter *e, int32_t step)
{
    while (e->next < e->index.n_used) {
        const tin_emit_constant *c = e->index.used[e->next];

        if (c->step != step)
            return;
        tin_text_constant(e->t, c);
        e->next++;
    }
}

static tin_status put_steps_data(emitter *e)
{
    const int32_t n = e->program->model.n_steps;
    int32_t layer = -1, s;

    for (s = 0; s < n; s++) {
        tin_status status;

        if (e->index.layer_of[s] != layer) {
            layer = e->index.layer_of[s];
            put_layer_comment(e, layer);
        }
        put_constants(e, s);
        status = put_params(e, s);
        if (status != TIN_OK)
            return status;
    }
    put_constants(e, n);
    return TIN_OK;
}

/* ---- The model's tables ------------------------------------------------- */

static void put_tensors(emitter *e)
{
    const tin_model *m = &e->program->model;
    int32_t i;

    if (!m->n_tensors)
        return;
    tin_text_add(e->t, "\nstatic const tin_tensor tensors[] = {\n");
    for (i = 0; i < m->n_tensors; i++) {
        const tin_tensor *x = &m->tensors[i];

        tin_text_add(e->t, "    {.data = ");
        put_pointer(e, (const char *)&x->data);
        tin_text_add(e->t, ", .offset = %d, .row_bytes = %d, .rows = %d",
                     (int)x->offset, (int)x->row_bytes, (int)x->rows);
        if (x->region)
            tin_text_add(e->t, ", .region = %d", x->region);
        if (x->first)
            tin_text_add(e->t, ", .first = %d", x->first);
        tin_text_add(e->t, "},\n");
    }
    tin_text_add(e->t, "};\n");
}

/* n numbers in lines of ten. */
static void put_numbers(emitter *e, const char *name, const uint16_t *x,
                        int32_t n)
{
    int32_t i;

    if (n == 0)
        return;
    tin_text_add(e->t, "\nstatic const uint16_t %s[] = {", name);
    for (i = 0; i < n; i++)
        tin_text_add(e->t, "%s%d,", i % 10 ? " " : "\n    ", x[i]);
    tin_text_add(e->t, "\n};\n");
}

static void put_flows(emitter *e)
{
    const tin_model *m = &e->program->model;
    int32_t i;

    if (!m->flows)
        return;
    tin_text_add(e->t, "\nstatic const tin_flow flows[] = {\n");
    for (i = 0; i < m->n_args; i++) {
        const tin_flow *f = &m->flows[i];

        tin_text_add(e->t,
                     "    {.maker = %d, .stride = %d, .shift = %d, "
                     ".reach = %d, .limit = %d},\n",
                     f->maker, f->stride, f->shift, f->reach, f->limit);
    }
    tin_text_add(e->t, "};\n");
}

static void put_stages(emitter *e)
{
    const tin_model *m = &e->program->model;
    int32_t i;

    if (!m->n_stages)
        return;
    tin_text_add(e->t, "\nstatic const tin_stage stages[] = {\n");
    for (i = 0; i < m->n_stages; i++)
        tin_text_add(e->t, "    {.first = %d, .n = %d, .progress = %d},\n",
                     m->stages[i].first, m->stages[i].n,
                     (int)m->stages[i].progress);
    tin_text_add(e->t, "};\n");
}

static void put_states(emitter *e)
{
    const tin_model *m = &e->program->model;
    int32_t i;

    if (!m->n_states)
        return;
    tin_text_add(e->t, "\nstatic const tin_state states[] = {\n");
    for (i = 0; i < m->n_states; i++) {
        tin_text_add(e->t,
                     "    {.tensor = %d, .data = ", (int)m->states[i].tensor);
        put_pointer(e, (const char *)&m->states[i].data);
        tin_text_add(e->t, ", .fill = %d},\n", m->states[i].fill);
    }
    tin_text_add(e->t, "};\n");
}

static void put_steps(emitter *e)
{
    const tin_model *m = &e->program->model;
    int32_t i;

    if (!m->n_steps)
        return;
    tin_text_add(e->t, "\nstatic const tin_step steps[] = {\n");
    for (i = 0; i < m->n_steps; i++) {
        const tin_step *s = &m->steps[i];

        tin_text_add(e->t,
                     "    {.run = tin_%s, .params = &params_%d, .rows = %d,\n"
                     "     .scratch = %d, .first_arg = %d, .n_in = %d, "
                     ".n_out = %d,\n     .at_end = %d, .rows_log2 = %d, "
                     ".last_user = %d},\n",
                     e->program->lowered->kernels[i]->name, (int)i,
                     (int)s->rows, (int)s->scratch, s->first_arg, s->n_in,
                     s->n_out, s->at_end, s->rows_log2, s->last_user);
    }
    tin_text_add(e->t, "};\n");
}

static const char *type_constant(tin_type type)
{
    switch (type) {
    case TIN_F32: return "TIN_F32";
    case TIN_S8: return "TIN_S8";
    case TIN_U8: return "TIN_U8";
    case TIN_S16: return "TIN_S16";
    case TIN_S32: return "TIN_S32";
    case TIN_S64: return "TIN_S64";
    case TIN_F16: return "TIN_F16";
    case TIN_BOOL: return "TIN_BOOL";
    case TIN_S4: break;
    }
    return "TIN_S4";
}

static void put_port(emitter *e, const tin_port *p)
{
    char scale[TIN_FLOAT_SIZE];
    int32_t i;

    tin_text_add(e->t, "    {.name = ");
    tin_text_string(e->t, p->name);
    tin_text_add(e->t, ",\n     .type = %s, .rank = %d, .shape = {",
                 type_constant(p->type), (int)p->rank);
    for (i = 0; i < p->rank || i == 0; i++)
        tin_text_add(e->t, i ? ", %d" : "%d", (int)p->shape[i]);
    tin_text_add(e->t,
                 "}, .bytes = %d,\n     .scale = %s, .zero_point = %d, "
                 ".tensor = %d},\n",
                 (int)p->bytes, tin_float_hex(scale, p->scale),
                 (int)p->zero_point, (int)p->tensor);
}

static void put_ports(emitter *e, const char *name, const tin_port *ports,
                      int32_t n)
{
    int32_t i;

    if (!n)
        return;
    tin_text_add(e->t, "\nstatic const tin_port %s[] = {\n", name);
    for (i = 0; i < n; i++)
        put_port(e, &ports[i]);
    tin_text_add(e->t, "};\n");
}

/* A table of the model, or NULL where it has none. */
static void put_table(emitter *e, const char *name, int there)
{
    tin_text_add(e->t, "    .%s = %s,\n", name, there ? name : "NULL");
}

static void put_count(emitter *e, const char *name, int32_t count)
{
    tin_text_add(e->t, "    .%s = %d,\n", name, (int)count);
}

static void put_model(emitter *e)
{
    const tin_model *m = &e->program->model;

    tin_text_add(e->t, "\nconst tin_model %s_model = {\n    .name = ", e->id);
    tin_text_string(e->t, m->name);
    tin_text_add(e->t, ",\n");
    put_table(e, "tensors", m->n_tensors > 0);
    put_table(e, "steps", m->n_steps > 0);
    put_table(e, "args", m->n_args > 0);
    put_table(e, "flows", m->flows != NULL);
    put_table(e, "stages", m->n_stages > 0);
    put_table(e, "inputs", m->n_inputs > 0);
    put_table(e, "outputs", m->n_outputs > 0);
    put_count(e, "n_tensors", m->n_tensors);
    put_count(e, "n_steps", m->n_steps);
    put_count(e, "n_args", m->n_args);
    put_count(e, "n_stages", m->n_stages);
    put_count(e, "n_inputs", m->n_inputs);
    put_count(e, "n_outputs", m->n_outputs);
    put_count(e, "pushed_rows", m->pushed_rows);
    put_count(e, "pushed_user", m->pushed_user);
    put_count(e, "hop_rows", m->hop_rows);
    put_table(e, "set_back", m->set_back != NULL);
    put_count(e, "arena_bytes", m->arena_bytes);
    put_count(e, "arena_align", m->arena_align);
    put_count(e, "n_more", m->n_more);
    if (m->n_more)
        tin_text_add(e->t, "    .more_bytes = {%d, %d, %d},\n",
                     (int)m->more_bytes[0], (int)m->more_bytes[1],
                     (int)m->more_bytes[2]);
    if (m->n_states) {
        put_table(e, "states", 1);
        put_count(e, "n_states", m->n_states);
        put_count(e, "state_bytes", m->state_bytes);
    }
    tin_text_add(e->t, "};\n");
}

/* Does a step before this one need the same? */
static int is_said(const tin_kernel_info *const *kernels, int32_t step)
{
    for (int32_t i = 0; i < step; i++)
        if (kernels[i]->needs &&
            strcmp(kernels[i]->needs, kernels[step]->needs) == 0)
            return 1;
    return 0;
}

/* A compiler for another CPU stops here, not the linker for want of kernels.
 * Without registers for floats a CPU with MVE has none for its vectors. */
static void put_needs(emitter *e)
{
    const tin_program *p = e->program;
    const tin_kernel_info *const *kernels = p->lowered->kernels;

    for (int32_t i = 0; i < p->model.n_steps; i++) {
        const char *needs = kernels[i]->needs;

        if (!needs || is_said(kernels, i))
            continue;
        tin_text_add(e->t,
                     "\n#if !%s\n"
                     "# error \"needs -mcpu=%s%s, or another --target\"\n"
                     "#endif\n",
                     needs, p->target,
                     strcmp(needs, "TIN_HAVE_MVE") == 0 ? " -mfloat-abi=hard"
                                                        : "");
    }
}

tin_status tin_emit_source(const tin_program *program, const char *id,
                           tin_text *t, tin_diag *diag)
{
    const tin_model *m = &program->model;
    emitter e = {program, id, t, diag, {0}, 0};
    tin_status status = tin_index_constants(program, t->pool, &e.index, diag);

    if (status != TIN_OK)
        return status;
    tin_text_add(t,
                 "/*\n * %s.c: see %s.h.\n"
                 " * Made by `tinyinfer compile`; make it anew rather than "
                 "edit it.\n */\n#include \"%s.h\"\n",
                 id, id, id);
    put_needs(&e);
    status = put_steps_data(&e);
    if (status != TIN_OK)
        return status;
    put_tensors(&e);
    put_numbers(&e, "args", m->args, m->n_args);
    put_flows(&e);
    put_stages(&e);
    put_numbers(&e, "set_back", m->set_back, m->set_back ? m->n_steps + 1 : 0);
    put_steps(&e);
    put_states(&e);
    put_ports(&e, "inputs", m->inputs, m->n_inputs);
    put_ports(&e, "outputs", m->outputs, m->n_outputs);
    put_model(&e);
    return TIN_OK;
}
