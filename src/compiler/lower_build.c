/* SPDX-License-Identifier: MIT */
/* lower_build.c: what the lowering of each operator builds with: refusals,
 * tensors, constants, steps. See lower.h. */
#include "lower.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- Refusing ----------------------------------------------------------- */

/* What is behind a shape that does not fit, if an input has an open one. */
static void explain_shape(const tin_graph *g, char *text, size_t bytes)
{
    int32_t axis;
    const tin_value *v = tin_open_input(g, &axis);

    if (v)
        (void)snprintf(text, bytes,
                       "; dimension %d of input '%.60s' is open (-1 in its "
                       "shape_signature) and was taken as 1: convert the "
                       "network with a fixed shape",
                       (int)axis, v->name);
}

tin_status tin_refuse(tin_lowering *lo, tin_status status, const char *format,
                      ...)
{
    const tin_node *n = lo->node;
    char text[256], why[192] = "";
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (status == TIN_ERR_SHAPE)
        explain_shape(lo->graph, why, sizeof why);
    return tin_fail(lo->diag, status, n->layer, "layer %d '%.80s' (%s): %s%s",
                    (int)n->layer, lo->layers[n->layer].name,
                    tin_op_name(n->op), text, why);
}

static tin_status out_of_memory(tin_lowering *lo)
{
    return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
}

tin_status tin_want_type(tin_lowering *lo, const tin_value *v, tin_type type,
                         const char *what)
{
    if (v->type == type)
        return TIN_OK;
    return tin_refuse(lo, TIN_ERR_UNSUPPORTED, "%s '%.60s' is %s, not %s", what,
                      v->name, tin_type_name(v->type), tin_type_name(type));
}

/* "[1,32,32,3]", cut off if it were longer than the buffer. */
static void print_shape(char *text, size_t bytes, int32_t rank,
                        const int32_t *shape)
{
    size_t used = 0;
    int32_t i;

    for (i = 0; i < rank && used < bytes; i++)
        used += (size_t)snprintf(text + used, bytes - used, "%c%d",
                                 i ? ',' : '[', (int)shape[i]);
    if (used < bytes)
        (void)snprintf(text + used, bytes - used, rank ? "]" : "[]");
}

tin_status tin_want_shape(tin_lowering *lo, const tin_value *v, int32_t rank,
                          const int32_t *shape)
{
    char want[96], got[96];

    if (v->rank == rank &&
        memcmp(v->shape, shape, (size_t)rank * sizeof *shape) == 0)
        return TIN_OK;
    print_shape(want, sizeof want, rank, shape);
    print_shape(got, sizeof got, v->rank, v->shape);
    return tin_refuse(lo, TIN_ERR_SHAPE,
                      "output shape is %s in the file, %s "
                      "by computation",
                      got, want);
}

tin_status tin_want_same_quant(tin_lowering *lo, const tin_value *a,
                               const tin_value *b)
{
    const int quantized =
        a->type == TIN_S8 || a->type == TIN_U8 || a->type == TIN_S16;

    if (!quantized || !a->n_scales || !b->n_scales ||
        (a->scales[0] == b->scales[0] &&
         a->zero_points[0] == b->zero_points[0]))
        return TIN_OK;
    return tin_refuse(lo, TIN_ERR_QUANT,
                      "'%.60s' and '%.60s' must have the "
                      "same scale and zero point",
                      a->name, b->name);
}

tin_status tin_want_alike(tin_lowering *lo, const tin_value *a,
                          const tin_value *b)
{
    const tin_status status = tin_want_type(lo, b, a->type, "tensor");

    return status == TIN_OK ? tin_want_same_quant(lo, a, b) : status;
}

tin_status tin_want_axis(tin_lowering *lo, int64_t wanted, int32_t rank,
                         int32_t *axis)
{
    const int64_t from_front = wanted < 0 ? wanted + rank : wanted;

    if (from_front < 0 || from_front >= rank)
        return tin_refuse(lo, TIN_ERR_SHAPE, "axis %lld of rank %d",
                          (long long)wanted, (int)rank);
    *axis = (int32_t)from_front;
    return TIN_OK;
}

/* ---- Constant operands -------------------------------------------------- */

tin_status tin_read_ints(tin_lowering *lo, int32_t i, const char *what,
                         int64_t *list, int32_t most, int32_t *n)
{
    const tin_value *v = tin_in(lo, i);
    int32_t k;

    if (!v || !v->data || (v->type != TIN_S32 && v->type != TIN_S64))
        return tin_refuse(lo, TIN_ERR_UNSUPPORTED,
                          "%s must be constant integers", what);
    *n = tin_value_elements(v);
    if (v->rank > 1 || *n > most)
        return tin_refuse(lo, TIN_ERR_SHAPE,
                          "%s must be a list of at most %d numbers", what,
                          (int)most);
    for (k = 0; k < *n; k++)
        list[k] = tin_const_int(v, k);
    return TIN_OK;
}

tin_status tin_read_int(tin_lowering *lo, int32_t i, const char *what,
                        int64_t *value)
{
    int32_t n;

    return tin_read_ints(lo, i, what, value, 1, &n);
}

/* ---- Values, tensors, constants ----------------------------------------- */

const tin_value *tin_in(const tin_lowering *lo, int32_t i)
{
    const tin_node *n = lo->node;

    if (i >= n->n_in || n->in[i] < 0)
        return NULL;
    return &lo->graph->values[n->in[i]];
}

const tin_value *tin_out(const tin_lowering *lo, int32_t i)
{
    return &lo->graph->values[lo->node->out[i]];
}

int64_t tin_const_int(const tin_value *v, int32_t i)
{
    const int32_t size = v->type == TIN_S64 ? 8 : 4;
    const uint8_t *p = v->data + (size_t)i * (size_t)size;
    uint64_t bits = 0;
    int32_t k;

    for (k = size; k > 0; k--)
        bits = bits << 8 | p[k - 1];
    if (size == 4)
        return (int32_t)(uint32_t)bits;
    return (int64_t)bits;
}

void tin_dims(const tin_value *v, int32_t rank, int32_t dims[TIN_DIMS])
{
    int32_t i;

    for (i = 0; i < TIN_DIMS; i++)
        dims[i] = 1;
    for (i = 0; i < v->rank; i++)
        dims[tin_dims_axis(i + rank - v->rank, rank)] = v->shape[i];
}

int32_t tin_dims_axis(int32_t axis, int32_t rank)
{
    if (axis == rank - 1)
        return 4;
    return axis + (rank >= 4 ? 5 : 4) - rank;
}

int32_t tin_rows_of(const int32_t dims[TIN_DIMS])
{
    return dims[0] * dims[1] * dims[2];
}

/* All extents but the last two of rank 4 and above, but the last below. */
int32_t tin_natural_rows(const tin_value *v)
{
    const int32_t inner = v->rank >= 4 ? 2 : 1;
    int32_t rows = 1, i;

    for (i = 0; i < v->rank - inner; i++)
        rows *= v->shape[i];
    return rows;
}

int tin_grow(tin_lowering *lo, void **array, int32_t count, int32_t *cap,
             size_t size)
{
    const int32_t wanted = *cap ? *cap * 2 : 64;
    void *larger;

    if (count < *cap)
        return 1;
    larger = tin_pool_alloc(lo->pool, (uint64_t)wanted * size);
    if (!larger)
        return 0;
    if (count)
        memcpy(larger, *array, (size_t)count * size);
    *array = larger;
    *cap = wanted;
    return 1;
}

static int32_t add_draft(tin_lowering *lo, const void *data, int32_t bytes,
                         int32_t rows, int32_t root)
{
    void *array = lo->drafts;
    tin_draft *d;

    if (!tin_grow(lo, &array, lo->n_drafts, &lo->cap_drafts, sizeof *d))
        return -1;
    lo->drafts = array;
    d = &lo->drafts[lo->n_drafts];
    d->data = data;
    d->rows = rows;
    d->row_bytes = bytes / rows;
    d->root = root < 0 ? lo->n_drafts : root;
    d->offset = 0;
    d->variable = -1;
    return lo->n_drafts++;
}

int32_t tin_value_bytes(const tin_value *v)
{
    return tin_value_elements(v) * tin_type_bytes(v->type);
}

/* All values of a variable are one tensor. */
static int32_t tensor_of_variable(tin_lowering *lo, int32_t value)
{
    const int32_t variable = lo->graph->values[value].variable - 1;
    const int32_t first = lo->graph->variables[variable].value;
    const int32_t initial = lo->graph->variables[variable].initial;
    const tin_value *v = &lo->graph->values[first];

    if (lo->tensor_of[first] < 0) {
        lo->tensor_of[first] =
            add_draft(lo, NULL, tin_value_bytes(v), tin_natural_rows(v), -1);
        if (lo->tensor_of[first] < 0 ||
            (initial >= 0 &&
             !tin_host_constant(lo, &lo->graph->values[initial], "initial")))
            return -1;
        lo->drafts[lo->tensor_of[first]].variable = variable;
    }
    lo->tensor_of[value] = lo->tensor_of[first];
    return lo->tensor_of[value];
}

int32_t tin_variable_of(const tin_lowering *lo, int32_t tensor)
{
    return lo->drafts[lo->drafts[tensor].root].variable;
}

int32_t tin_tensor_of(tin_lowering *lo, int32_t value)
{
    const tin_value *v = &lo->graph->values[value];
    const void *data = NULL;

    if (lo->tensor_of[value] >= 0)
        return lo->tensor_of[value];
    if (v->variable)
        return tensor_of_variable(lo, value);
    if (v->data) {
        data = tin_host_constant(lo, v, "constant");
        if (!data)
            return -1;
    }
    lo->tensor_of[value] =
        add_draft(lo, data, tin_value_bytes(v), tin_natural_rows(v), -1);
    return lo->tensor_of[value];
}

/* A view of `bytes` bytes of a tensor, from `start` on. */
static int32_t add_part(tin_lowering *lo, const tin_draft *of, int32_t start,
                        int32_t bytes, int32_t rows)
{
    const int32_t part = add_draft(lo, of->data, bytes, rows, of->root);

    if (part >= 0)
        lo->drafts[part].offset = of->offset + start;
    return part;
}

int32_t tin_view_of(tin_lowering *lo, int32_t value, int32_t rows)
{
    const int32_t base = tin_tensor_of(lo, value);
    tin_draft d;

    if (base < 0 || lo->drafts[base].rows == rows)
        return base;
    d = lo->drafts[base];
    return add_part(lo, &d, 0, d.row_bytes * d.rows, rows);
}

int32_t tin_new_tensor(tin_lowering *lo, int32_t bytes, int32_t rows)
{
    return add_draft(lo, NULL, bytes, rows, -1);
}

tin_status tin_add_view(tin_lowering *lo, int32_t in, int32_t out)
{
    const int32_t rows = tin_natural_rows(&lo->graph->values[out]);

    lo->layers[lo->node->layer].kernel = "view";
    lo->tensor_of[out] = tin_view_of(lo, in, rows);
    if (lo->tensor_of[out] < 0)
        return out_of_memory(lo);
    return TIN_OK;
}

tin_status tin_add_part(tin_lowering *lo, int32_t in, int32_t out,
                        int32_t start)
{
    const tin_value *v = &lo->graph->values[out];
    const int32_t whole = tin_tensor_of(lo, in);
    tin_draft d;

    if (whole < 0)
        return out_of_memory(lo);
    d = lo->drafts[whole];
    lo->layers[lo->node->layer].kernel = "view";
    lo->tensor_of[out] =
        add_part(lo, &d, start, tin_value_bytes(v), tin_natural_rows(v));
    return lo->tensor_of[out] < 0 ? out_of_memory(lo) : TIN_OK;
}

void *tin_new(tin_lowering *lo, size_t bytes)
{
    return tin_pool_alloc(lo->pool, bytes);
}

tin_status tin_add_constant(tin_lowering *lo, const void *data, tin_type type,
                            int32_t count, const char *label)
{
    void *array = lo->constants;
    tin_constant *c;

    if (!tin_grow(lo, &array, lo->n_constants, &lo->cap_constants, sizeof *c))
        return out_of_memory(lo);
    lo->constants = array;
    c = &lo->constants[lo->n_constants++];
    c->data = data;
    c->type = type;
    c->count = count;
    c->label = label;
    return TIN_OK;
}

void *tin_new_constant(tin_lowering *lo, tin_type type, int32_t count,
                       const char *label)
{
    const uint64_t bytes = (uint64_t)count * (uint64_t)tin_type_bytes(type);
    void *data = tin_pool_alloc(lo->pool, bytes);

    if (!data || tin_add_constant(lo, data, type, count, label) != TIN_OK)
        return NULL;
    return data;
}

void tin_swap_order(uint8_t *to, const uint8_t *from, int32_t count,
                    int32_t size)
{
    const uint16_t one = 1;
    const int little = *(const uint8_t *)&one == 1;
    int32_t i, k;

    for (i = 0; i < count; i++)
        for (k = 0; k < size; k++)
            to[i * size + (little ? k : size - 1 - k)] = from[i * size + k];
}

const void *tin_host_constant(tin_lowering *lo, const tin_value *v,
                              const char *label)
{
    const ptrdiff_t index = v - lo->graph->values;
    const int32_t count = tin_value_elements(v);
    uint8_t *data;

    if (lo->constant_of[index])
        return lo->constant_of[index];
    data = tin_new_constant(lo, v->type, count, label);
    if (data)
        tin_swap_order(data, v->data, count, tin_type_bytes(v->type));
    lo->constant_of[index] = data;
    return data;
}

double tin_scale_ratio(const tin_lowering *lo, float a, float b, float c)
{
    const float product = a * b, ratio = product / c;

    return lo->node->attr.was_u8 ? (double)ratio
                                 : (double)a * (double)b / (double)c;
}

/* ---- Steps -------------------------------------------------------------- */

const tin_need tin_need_same = {1, 0, 1, 0};
const tin_need tin_need_all = {0, 0, INT32_MAX, 0};

/* Makes room for one more step and n more args. */
static int make_room(tin_lowering *lo, int32_t n)
{
    const int32_t cap = lo->cap_steps;
    int32_t cap_kernels = cap, cap_layers = cap, i;
    void *steps = lo->steps, *kernels = (void *)lo->kernels;
    void *layer_of = lo->layer_of, *args = lo->args, *needs = lo->needs;

    if (!tin_grow(lo, &steps, lo->n_steps, &lo->cap_steps, sizeof *lo->steps) ||
        !tin_grow(lo, &kernels, lo->n_steps, &cap_kernels,
                  sizeof *lo->kernels) ||
        !tin_grow(lo, &layer_of, lo->n_steps, &cap_layers,
                  sizeof *lo->layer_of))
        return 0;
    lo->steps = steps;
    lo->kernels = kernels;
    lo->layer_of = layer_of;
    for (i = 0; i < n; i++) {
        int32_t cap_needs = lo->cap_args;

        if (!tin_grow(lo, &args, lo->n_args + i, &lo->cap_args,
                      sizeof *lo->args) ||
            !tin_grow(lo, &needs, lo->n_args + i, &cap_needs,
                      sizeof *lo->needs))
            return 0;
    }
    lo->args = args;
    lo->needs = needs;
    return 1;
}

static int record_args(tin_lowering *lo, const int32_t *args,
                       const tin_need *needs, int32_t n_in)
{
    int32_t i;

    for (i = 0; i <= n_in; i++) {
        if (args[i] < 0)
            return 0;
        lo->args[lo->n_args] = (uint16_t)args[i];
        lo->needs[lo->n_args++] = i < n_in ? needs[i] : tin_need_same;
    }
    return 1;
}

static void describe_step(tin_lowering *lo, const tin_kernel_info *info,
                          int32_t scratch)
{
    tin_layer *layer = &lo->layers[lo->node->layer];

    lo->kernels[lo->n_steps] = info;
    lo->layer_of[lo->n_steps] = lo->node->layer;
    tin_note_left_out(lo, layer);
    if (layer->n_steps++ == 0)
        layer->first_step = lo->n_steps;
    layer->kernel = info->name;
    if (scratch > layer->scratch_bytes)
        layer->scratch_bytes = scratch;
}

tin_status tin_add_step(tin_lowering *lo, tin_kernel_id kernel,
                        const void *params, const int32_t *args,
                        const tin_need *needs, int32_t n_in, int32_t rows)
{
    const int32_t first_arg = lo->n_args;
    const tin_kernel_info *info;
    uint8_t rows_log2 = 0;
    tin_step *step;
    const tin_status status =
        tin_choose_kernel(lo, &kernel, &params, &rows_log2);

    if (status != TIN_OK)
        return status;
    if (lo->n_drafts > UINT16_MAX || lo->n_args > UINT16_MAX - TIN_MAX_ARGS)
        return tin_refuse(lo, TIN_ERR_OVERFLOW, "more than 65535 tensors");
    if (!make_room(lo, n_in + 1) || !record_args(lo, args, needs, n_in))
        return out_of_memory(lo);
    info = &tin_kernel_infos[kernel];
    step = &lo->steps[lo->n_steps];
    step->run = info->run;
    step->params = params;
    step->rows = rows;
    step->scratch = info->scratch_size ? info->scratch_size(params) : 0;
    step->first_arg = (uint16_t)first_arg;
    step->n_in = (uint8_t)n_in;
    step->n_out = 1;
    step->at_end = rows != lo->drafts[args[n_in]].rows;
    step->rows_log2 = rows_log2;
    describe_step(lo, info, step->scratch);
    lo->n_steps++;
    return TIN_OK;
}

tin_status tin_add_simple_step(tin_lowering *lo, tin_kernel_id kernel,
                               const void *params, const tin_need *need)
{
    int32_t args[2];

    args[0] = tin_tensor_of(lo, lo->node->in[0]);
    args[1] = tin_tensor_of(lo, lo->node->out[0]);
    return tin_add_step(lo, kernel, params, args, need, 1,
                        tin_natural_rows(tin_out(lo, 0)));
}
