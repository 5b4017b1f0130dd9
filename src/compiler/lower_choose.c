/* SPDX-License-Identifier: MIT */
/* lower_choose.c: which kernel a step gets: the portable one or a variant of
 * the target, within the flash budget. See lower.h. */
#include "cost.h"

#include <string.h>

/* Params of a variant: those of the portable kernel, whose tables have gone
 * into one packed constant. Returns NULL without memory. */
static const void *pack_params(tin_lowering *lo, const tin_variant *v,
                               const void *params)
{
    const tin_kernel_info *portable = &tin_kernel_infos[v->portable];
    const int32_t bytes = v->packed_size(params);
    char *own = tin_new(lo, tin_kernel_infos[v->variant].params_bytes);
    const tin_type type = v->pack_f32 ? TIN_F32 : TIN_S32;
    void *packed =
        bytes ? tin_new_constant(lo, type, (bytes + 3) / 4, "packed") : NULL;
    const void *const none = NULL;
    int32_t i;

    if (!own || (bytes && !packed))
        return NULL;
    if (bytes && v->pack_f32)
        v->pack_f32(params, packed);
    else if (bytes)
        v->pack(params, packed);
    memcpy(own, params, portable->params_bytes);
    for (i = 0; v->packed_offset > 0 && i < portable->n_fields; i++)
        if (portable->fields[i].kind == TIN_FIELD_CONST)
            memcpy(own + portable->fields[i].offset, &none, sizeof none);
    if (v->packed_offset > 0)
        memcpy(own + v->packed_offset, &packed, sizeof packed);
    return own;
}

/* Bytes of the tables that the portable kernel's params point to. */
static int64_t table_bytes(const tin_lowering *lo, tin_kernel_id kernel,
                           const void *params)
{
    const tin_kernel_info *info = &tin_kernel_infos[kernel];
    int64_t bytes = 0;
    const void *data;
    int32_t i, k;

    for (i = 0; i < info->n_fields; i++) {
        if (info->fields[i].kind != TIN_FIELD_CONST)
            continue;
        memcpy(&data, (const char *)params + info->fields[i].offset,
               sizeof data);
        for (k = 0; k < lo->n_constants; k++)
            if (lo->constants[k].data == data) {
                bytes += (int64_t)lo->constants[k].count *
                         tin_type_bytes(lo->constants[k].type);
                break;
            }
    }
    return bytes;
}

/* Notes one kernel that the step could have; NULL: the portable one. */
static int add_offer(tin_lowering *lo, const tin_variant *v,
                     tin_kernel_id kernel, const void *params)
{
    const tin_layer *layer = &lo->layers[lo->node->layer];
    void *array = lo->offers->offers;
    tin_offer *o;

    if (!tin_grow(lo, &array, lo->offers->n, &lo->offers->cap, sizeof *o))
        return 0;
    lo->offers->offers = array;
    o = &lo->offers->offers[lo->offers->n++];
    o->layer = lo->node->layer;
    o->number = layer->n_steps;
    o->variant = v;
    o->bytes = v ? v->packed_size(params) : table_bytes(lo, kernel, params);
    // those that keep the portable tables have them besides
    if (v && v->packed_offset == 0)
        o->bytes += table_bytes(lo, kernel, params);
    o->cycles = tin_kernel_cycles(v ? v->variant : kernel, layer->live_macs,
                                  tin_value_elements(tin_out(lo, 0)));
    return 1;
}

/* All kernels that the step could have. */
static int add_offers(tin_lowering *lo, tin_kernel_id kernel,
                      const void *params)
{
    const tin_variant *v = NULL;

    do {
        v = tin_find_variant(lo->target, lo->optimize, lo->resident, kernel,
                             params, v);
        if (!add_offer(lo, v, kernel, params))
            return 0;
    } while (v);
    return 1;
}

/* The first variant for the step, or the one that the budget allows; NULL: the
 * portable kernel. */
static const tin_variant *choose(const tin_lowering *lo, tin_kernel_id kernel,
                                 const void *params)
{
    const int32_t layer = lo->node->layer;
    const tin_variant *v;

    if (lo->offers && !lo->offering)
        v = tin_taken(lo->offers, layer, lo->layers[layer].n_steps);
    else
        v = tin_find_variant(lo->target, lo->optimize, lo->resident, kernel,
                             params, NULL);
    while (v && v->spare && !lo->offering && lo->lean[layer] != TIN_LEAN_NOT) {
        lo->lean[layer] = TIN_LEAN_FELT;
        v = tin_find_variant(lo->target, lo->optimize, lo->resident, kernel,
                             params, v);
    }
    return v;
}

tin_status tin_choose_kernel(tin_lowering *lo, tin_kernel_id *kernel,
                             const void **params, uint8_t *rows_log2)
{
    const char *why = "";
    const tin_variant *v;
    tin_status status;

    if (!*params)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    status = tin_kernel_infos[*kernel].check(*params, &why);
    if (status != TIN_OK)
        return tin_refuse(lo, status, "%s", why);
    if (lo->offering && !add_offers(lo, *kernel, *params))
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    v = choose(lo, *kernel, *params);
    *rows_log2 = v ? v->rows_log2 : 0;
    if (!v)
        return TIN_OK;
    *kernel = v->variant;
    *params = pack_params(lo, v, *params);
    return *params ? TIN_OK : tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
}

void tin_note_left_out(tin_lowering *lo, tin_layer *layer)
{
    const tin_offer *taken, *best;

    if (!lo->offers || lo->offering)
        return;
    best = tin_left_out(lo->offers, lo->node->layer, layer->n_steps, &taken);
    if (!best || !best->variant)
        return;
    layer->left_out = tin_kernel_infos[best->variant->variant].name;
    layer->left_bytes = best->bytes - taken->bytes;
    layer->left_cycles = taken->cycles - best->cycles;
}
