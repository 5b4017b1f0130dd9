/* SPDX-License-Identifier: MIT */
/*
 * tin_emit_c: see tinyinfer_compiler.h.
 *
 * Text comes from the program's tables alone, element by element: no address,
 * no byte order, no date and no folder of the host gets into it.
 */
#include "emit.h"

tin_status tin_emit_c(const tin_program *program, const char *id,
                      tin_text *source, tin_text *header, tin_diag *diag)
{
    tin_status status = tin_check_id(id, diag);

    if (status != TIN_OK)
        return status;
    tin_emit_header(program, id, header);
    status = tin_emit_source(program, id, source, diag);
    if (status != TIN_OK)
        return status;
    if (header->failed || source->failed)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    return TIN_OK;
}
