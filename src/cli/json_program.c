/* SPDX-License-Identifier: MIT */
/* json_program.c: what inspect and report say alike of a program in JSON. See
 * cli.h. */
#include "cli.h"

void tin_json_layer(tin_json *j, const tin_program *p, int32_t index)
{
    const tin_layer *l = &p->layers[index];

    tin_json_int(j, "index", index);
    tin_json_text(j, "name", l->name);
    tin_json_text(j, "op", l->op);
    tin_json_text(j, "kernel", l->kernel);
    tin_json_ints(j, "input_shape", l->in.shape, l->in.rank);
    tin_json_ints(j, "output_shape", l->out.shape, l->out.rank);
    tin_json_text(j, "type", tin_type_name(l->out.type));
    tin_json_int(j, "macs", l->macs);
    tin_json_int(j, "live_macs", l->live_macs);
    tin_json_int(j, "hop_macs", tin_hop_macs(p, index));
    tin_json_int(j, "weight_bytes", l->weight_bytes);
    tin_json_int(j, "flash_bytes", l->flash_bytes);
    tin_json_known(j, "cycles", p->cycles_of != NULL, l->cycles);
    tin_json_int(j, "scratch_bytes", l->scratch_bytes);
}
