/* SPDX-License-Identifier: MIT */
/*
 * Constants: who uses which first, and how a table is printed. They are found
 * by address, but named and ordered by use, so that the text does not tell
 * where the host kept them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"

/* ---- The index ---------------------------------------------------------- */

/* By address; of two tables at one address the longer one first. */
static int compare(const void *a, const void *b)
{
    const tin_constant *c = ((const tin_emit_constant *)a)->constant;
    const tin_constant *d = ((const tin_emit_constant *)b)->constant;

    if (c->data != d->data)
        return (uintptr_t)c->data < (uintptr_t)d->data ? -1 : 1;
    if (c->count != d->count)
        return c->count > d->count ? -1 : 1;
    return c < d ? -1 : c > d;
}

/* The first table at this address or behind it. */
static int32_t lower_bound(const tin_emit_index *index, const void *data)
{
    int32_t lo = 0, hi = index->n_table;

    while (lo < hi) {
        const int32_t mid = lo + (hi - lo) / 2;
        const void *at = index->table[mid].constant->data;

        if ((uintptr_t)at < (uintptr_t)data)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

tin_emit_constant *tin_find_constant(const tin_emit_index *index,
                                     const void *data)
{
    const int32_t i = lower_bound(index, data);

    if (i < index->n_table && index->table[i].constant->data == data)
        return &index->table[i];
    return NULL;
}

static int has_non_finite(const tin_constant *c)
{
    const float *x = c->data;
    int32_t i;

    if (c->type != TIN_F32)
        return 0;
    for (i = 0; i < c->count; i++)
        if (!tin_float_is_finite(x[i]))
            return 1;
    return 0;
}

/* Notes the use of a constant by a step, or by a tensor alone. Returns 0 for
 * an address that is no constant's. */
static int use(tin_emit_index *index, const void *data, int32_t step)
{
    const int32_t n_steps = index->program->model.n_steps;
    tin_emit_constant *c = tin_find_constant(index, data);
    int32_t i;

    if (!c)
        return 0;
    if (c->step >= 0)
        return 1;
    c->step = step;
    c->layer =
        step < n_steps ? index->layer_of[step] : index->program->n_layers;
    c->as_bits = has_non_finite(c->constant);
    // the constants of a layer follow each other
    for (i = index->n_used; i > 0; i--) {
        const tin_emit_constant *d = index->used[i - 1];

        if (d->layer != c->layer)
            break;
        if (strcmp(d->constant->label, c->constant->label) == 0) {
            c->copy = d->copy + 1;
            break;
        }
    }
    index->used[index->n_used++] = c;
    return 1;
}

static int use_step(tin_emit_index *index, int32_t s)
{
    const tin_model *m = &index->program->model;
    const tin_kernel_info *k = index->program->lowered->kernels[s];
    const tin_step *step = &m->steps[s];
    int32_t i;

    for (i = 0; i < k->n_fields; i++) {
        const void *data;

        if (k->fields[i].kind != TIN_FIELD_CONST)
            continue;
        memcpy(&data, (const char *)step->params + k->fields[i].offset,
               sizeof data);
        if (data && !use(index, data, s))
            return 0;
    }
    for (i = 0; i < step->n_in; i++) {
        const void *data = m->tensors[m->args[step->first_arg + i]].data;

        if (data && !use(index, data, s))
            return 0;
    }
    return 1;
}

static int use_all(tin_emit_index *index)
{
    const tin_model *m = &index->program->model;
    int32_t i;

    for (i = 0; i < m->n_steps; i++)
        if (!use_step(index, i))
            return 0;
    for (i = 0; i < m->n_tensors; i++)
        if (m->tensors[i].data && !use(index, m->tensors[i].data, m->n_steps))
            return 0;
    for (i = 0; i < m->n_states; i++)
        if (m->states[i].data && !use(index, m->states[i].data, m->n_steps))
            return 0;
    return 1;
}

/* A step that no layer claims goes with the one before it. */
static void find_layers(const tin_program *program, int32_t *layer_of)
{
    int32_t i, k;

    for (i = 0; i < program->model.n_steps; i++)
        layer_of[i] = -1;
    for (i = 0; i < program->n_layers; i++)
        for (k = 0; k < program->layers[i].n_steps; k++)
            layer_of[program->layers[i].first_step + k] = i;
    for (i = 1; i < program->model.n_steps; i++)
        if (layer_of[i] < 0)
            layer_of[i] = layer_of[i - 1];
}

tin_status tin_index_constants(const tin_program *program, tin_pool *pool,
                               tin_emit_index *index, tin_diag *diag)
{
    const int32_t n = program->lowered->n_constants;
    const int32_t n_steps = program->model.n_steps;
    int32_t i;

    memset(index, 0, sizeof *index);
    index->program = program;
    index->n_table = n;
    index->table = tin_pool_alloc(pool, (uint64_t)n * sizeof *index->table);
    index->used = tin_pool_alloc(pool, (uint64_t)n * sizeof *index->used);
    index->layer_of =
        tin_pool_alloc(pool, (uint64_t)n_steps * sizeof *index->layer_of);
    if (!index->table || !index->used || !index->layer_of)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    for (i = 0; i < n; i++) {
        index->table[i].constant = &program->lowered->constants[i];
        index->table[i].step = -1;
    }
    if (n)
        qsort(index->table, (size_t)n, sizeof *index->table, compare);
    find_layers(program, index->layer_of);
    if (!use_all(index))
        return tin_fail(diag, TIN_ERR_ARG, -1,
                        "the program points to a table that it does not list");
    return TIN_OK;
}

/* ---- Printing ----------------------------------------------------------- */

static void put_name(tin_text *t, const tin_emit_constant *c)
{
    if (c->layer >= 0)
        tin_text_add(t, "%s_%d", c->constant->label, (int)c->layer);
    else
        tin_text_add(t, "%s_x", c->constant->label);
    if (c->copy)
        tin_text_add(t, "_%d", (int)c->copy);
}

void tin_text_reference(tin_text *t, const tin_emit_constant *c)
{
    put_name(t, c);
    if (c->as_bits)
        tin_text_add(t, ".values");
}

enum { INTEGER_SIZE = 32, COLUMNS = 80 };

/* A decimal integer; the smallest one as a difference, for C has no negative
 * literals and the positive one would not fit. Returns its length. */
static size_t format_integer(char to[INTEGER_SIZE], int64_t n)
{
    const int least = n == INT32_MIN || n == INT64_MIN;
    uint64_t rest = n < 0 ? 0u - (uint64_t)(n + least) : (uint64_t)n;
    char *p = to + INTEGER_SIZE;
    size_t length;

    if (least) {
        p -= 4;
        memcpy(p, " - 1", 4);
    }
    do {
        *--p = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (n < 0)
        *--p = '-';
    length = (size_t)(to + INTEGER_SIZE - p);
    memmove(to, p, length);
    return length;
}

/* Element i of a table of integers. */
static int64_t integer_at(const tin_constant *c, int32_t i)
{
    switch (c->type) {
    case TIN_S8:
    case TIN_S4: return ((const int8_t *)c->data)[i];
    case TIN_U8:
    case TIN_BOOL: return ((const uint8_t *)c->data)[i];
    case TIN_S16: return ((const int16_t *)c->data)[i];
    case TIN_F16: return ((const uint16_t *)c->data)[i];
    case TIN_S32: return ((const int32_t *)c->data)[i];
    case TIN_S64: return ((const int64_t *)c->data)[i];
    case TIN_F32: break;
    }
    return 0;
}

static size_t format_element(char to[INTEGER_SIZE], const tin_emit_constant *c,
                             int32_t i)
{
    const float *x = c->constant->data;

    if (c->constant->type != TIN_F32)
        return format_integer(to, integer_at(c->constant, i));
    if (c->as_bits)
        return (size_t)snprintf(to, INTEGER_SIZE, "0x%08lxu",
                                (unsigned long)tin_float_bits(x[i]));
    return strlen(tin_float_hex(to, x[i]));
}

/* The elements in lines of at most COLUMNS. */
static void put_elements(tin_text *t, const tin_emit_constant *c)
{
    char text[INTEGER_SIZE];
    size_t column = COLUMNS;
    int32_t i;

    for (i = 0; i < c->constant->count; i++) {
        const size_t n = format_element(text, c, i);

        if (column + 1 + n + 1 > COLUMNS) {
            tin_text_put(t, "\n   ", 4);
            column = 3;
        }
        tin_text_put(t, " ", 1);
        tin_text_put(t, text, n);
        tin_text_put(t, ",", 1);
        column += 1 + n + 1;
    }
}

void tin_text_constant(tin_text *t, const tin_emit_constant *c)
{
    const int32_t count = c->constant->count;

    if (c->as_bits) // a union, for no float literal is a given NaN
        tin_text_add(t,
                     "static const union {\n    uint32_t bits[%d];\n"
                     "    float values[%d];\n} ",
                     (int)count, (int)count);
    else
        tin_text_add(t, "static const %s ", tin_c_type(c->constant->type));
    put_name(t, c);
    tin_text_add(t, c->as_bits ? " = {{" : "[] = {");
    put_elements(t, c);
    tin_text_add(t, c->as_bits ? "\n}};\n" : "\n};\n");
}
