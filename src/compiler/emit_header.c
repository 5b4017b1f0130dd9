/* SPDX-License-Identifier: MIT */
/* Prints `id`.h: what the network is, how to call it, and its sizes. */
#include <inttypes.h>
#include <string.h>

#include "emit.h"

/* Inputs or outputs of the network, on their way to the header. */
typedef struct {
    const char *id;
    const char *kind; /* "input" */
    const tin_port *ports;
    int32_t n;
    int32_t pushed_rows; /* of port 0, which is streamed; 0: it is not */
    int32_t hop_rows;    /* if its window slides, else 0 */
    int32_t row_bytes;
} port_list;

/* Does port i never exist as a whole? */
static int is_streamed(const port_list *l, int32_t i)
{
    return i == 0 && l->pushed_rows > 0;
}

/* Adds "digits_input", or "digits_input2" where there are several. */
static void put_accessor(tin_text *t, const port_list *l, int32_t i)
{
    tin_text_add(t, "%s_%s", l->id, l->kind);
    if (l->n > 1)
        tin_text_add(t, "%d", (int)i);
}

/* Adds "DIGITS_INPUT_BYTES" for "BYTES". */
static void put_macro(tin_text *t, const port_list *l, int32_t i,
                      const char *what)
{
    tin_text_upper(t, l->id);
    tin_text_add(t, "_");
    tin_text_upper(t, l->kind);
    if (l->n > 1)
        tin_text_add(t, "%d", (int)i);
    tin_text_add(t, "_%s", what);
}

static void define(tin_text *t, const port_list *l, int32_t i, const char *what)
{
    tin_text_add(t, "#define ");
    put_macro(t, l, i, what);
    tin_text_add(t, " ");
}

/* ---- Memories ----------------------------------------------------------- */

static int32_t memories(const tin_program *p)
{
    return p->model.n_more + 1;
}

/* Letters, digits and _, so that it can be part of a name in C. */
static int is_word(const char *name)
{
    return name && *name &&
           !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
                              "WXYZ0123456789_")];
}

/* Adds the name of a memory: its number, where it has none. */
static void put_memory_name(tin_text *t, const tin_program *p, int32_t i)
{
    if (i < p->n_regions && is_word(p->regions[i].name))
        tin_text_add(t, "%s", p->regions[i].name);
    else
        tin_text_add(t, "%d", (int)i);
}

/* Adds "DIGITS_REGION_FAST_BYTES". */
static void put_memory_macro(tin_text *t, const tin_program *p, const char *id,
                             int32_t i)
{
    tin_text name = {t->pool, NULL, 0, 0, 0};

    put_memory_name(&name, p, i);
    tin_text_upper(t, id);
    tin_text_add(t, "_REGION_");
    tin_text_upper(t, name.failed ? "" : name.text);
    tin_text_add(t, "_BYTES");
    t->failed |= name.failed;
}

/* Bytes that do at any address; at least one, for C has no empty arrays. */
static int64_t memory_bytes(const tin_program *p, int32_t i)
{
    const tin_model *m = &p->model;
    const int64_t bytes = (int64_t)(i ? m->more_bytes[i - 1] : m->arena_bytes) +
                          m->arena_align - 1;

    return bytes > 0 || memories(p) == 1 ? bytes : 1;
}

static void put_memories(tin_text *t, const tin_program *p, const char *id)
{
    int32_t i;

    if (memories(p) == 1)
        return;
    tin_text_add(t, "\n/* The memories for tin_net_open_regions, in their "
                    "order. */\n#define ");
    tin_text_upper(t, id);
    tin_text_add(t, "_REGIONS %d\n", (int)memories(p));
    for (i = 0; i < memories(p); i++) {
        tin_text_add(t, "#define ");
        put_memory_macro(t, p, id, i);
        tin_text_add(t, " %" PRId64 "\n", memory_bytes(p, i));
    }
}

/* ---- The head ----------------------------------------------------------- */

static void put_facts(tin_text *t, const tin_program *p, const char *id)
{
    int32_t i;

    tin_text_add(
        t,
        "/*\n"
        " * %s: a network for libtinyinfer " TIN_VERSION ", target %s.\n"
        " * Made by `tinyinfer compile`; make it anew rather than "
        "edit it.\n"
        " *\n"
        " *   layers   %d\n"
        " *   MACs     %" PRId64 "\n"
        " *   weights  %" PRId64 " bytes\n"
        " *   flash    %" PRId64 " bytes of constants as kernels read "
        "them\n"
        " *   arena    %d",
        id, p->target ? p->target : "generic", (int)p->n_layers, p->macs,
        p->weight_bytes, p->flash_bytes, (int)p->model.arena_bytes);
    for (i = 0; i < p->model.n_more; i++)
        tin_text_add(t, " + %d", (int)p->model.more_bytes[i]);
    tin_text_add(t, " bytes\n *\n");
}

/* The inputs that are written as a whole. */
static void put_example_inputs(tin_text *t, const port_list *in)
{
    int32_t i;

    for (i = is_streamed(in, 0); i < in->n; i++) {
        tin_text_add(t, " *         memset(");
        put_accessor(t, in, i);
        tin_text_add(t, "(&net), 0,\n *                ");
        put_macro(t, in, i, "BYTES");
        tin_text_add(t, ");\n");
    }
}

/* The inference, with `row` as every row of the input if that is streamed. */
static void put_example_run(tin_text *t, const port_list *in)
{
    if (!is_streamed(in, 0)) {
        tin_text_add(t, " *         tin_net_run(&net);\n");
        return;
    }
    tin_text_add(t, " *         tin_stream_begin(&net);\n"
                    " *         for (y = 0; y < ");
    put_macro(t, in, 0, "ROWS");
    tin_text_add(t, "; y++)\n"
                    " *             tin_stream_push_rows(&net, row, 1);\n");
}

/* The arrays of several memories, and what opens a net on them. */
static void put_example_memories(tin_text *t, const tin_program *p,
                                 const char *id)
{
    int32_t i;

    for (i = 0; i < memories(p); i++) {
        tin_text_add(t, " *     static uint8_t memory_");
        put_memory_name(t, p, i);
        tin_text_add(t, "[");
        put_memory_macro(t, p, id, i);
        tin_text_add(t, "];\n");
    }
    tin_text_add(t, " *     static void *const memories[] = {");
    for (i = 0; i < memories(p); i++) {
        tin_text_add(t, "%smemory_", i ? ", " : "");
        put_memory_name(t, p, i);
    }
    tin_text_add(t, "};\n *     static const size_t bytes[] = {");
    for (i = 0; i < memories(p); i++) {
        tin_text_add(t, "%ssizeof memory_", i ? ", " : "");
        put_memory_name(t, p, i);
    }
    tin_text_add(t, "};\n");
}

static void put_example_arena(tin_text *t, const tin_program *p, const char *id)
{
    if (memories(p) > 1) {
        put_example_memories(t, p, id);
        return;
    }
    tin_text_add(t, " *     static uint8_t arena[");
    tin_text_upper(t, id);
    tin_text_add(t, "_ARENA_BYTES];\n");
}

static void put_example_open(tin_text *t, const tin_program *p, const char *id)
{
    if (memories(p) > 1)
        tin_text_add(t,
                     " *         if (tin_net_open_regions(&net, &%s_model,\n"
                     " *                                  memories, bytes, "
                     "NULL))\n"
                     " *             return 1;\n",
                     id);
    else
        tin_text_add(t,
                     " *         if (tin_net_open(&net, &%s_model,\n"
                     " *                          arena, sizeof arena, "
                     "NULL))\n"
                     " *             return 1;\n",
                     id);
}

/* What stands before main. */
static void put_example_head(tin_text *t, const tin_program *p,
                             const port_list *in)
{
    tin_text_add(t,
                 " * A complete program:\n"
                 " *\n"
                 " *     #include <stdio.h>\n"
                 " *     #include <string.h>\n"
                 " *     #include \"%s.h\"\n"
                 " *\n",
                 in->id);
    put_example_arena(t, p, in->id);
    if (is_streamed(in, 0)) {
        tin_text_add(t, " *     static uint8_t row[");
        put_macro(t, in, 0, "ROW_BYTES");
        tin_text_add(t, "];\n");
    }
}

static void put_example_print(tin_text *t, const port_list *out)
{
    tin_text_add(t, "printf(\"%%g\\n\", (double)");
    put_accessor(t, out, 0);
    tin_text_add(t, "(&net)[0]);\n");
}

/* The loop of a window that slides, `row` being every row. */
static void put_example_loop(tin_text *t, const port_list *in,
                             const port_list *out)
{
    tin_text_add(t, " *         tin_stream_begin(&net);\n"
                    " *         for (;;) {\n"
                    " *             tin_stream_push_rows(&net, row, 1);\n"
                    " *             if (--missing > 0)\n"
                    " *                 continue;\n"
                    " *             ");
    put_example_print(t, out);
    tin_text_add(t, " *             missing = ");
    tin_text_upper(t, in->id);
    tin_text_add(t, "_HOP_ROWS;\n"
                    " *         }\n"
                    " *     }\n"
                    " */\n");
}

/* The variables of main besides `net`. */
static void put_example_variables(tin_text *t, const port_list *in)
{
    if (in->hop_rows) {
        tin_text_add(t, " *         int32_t missing = ");
        tin_text_upper(t, in->id);
        tin_text_add(t, "_WINDOW_ROWS;\n");
    } else if (is_streamed(in, 0)) {
        tin_text_add(t, " *         int32_t y;\n");
    }
}

/* Fills the inputs with zeros and prints the first element of output 0. */
static void put_example(tin_text *t, const tin_program *p, const port_list *in,
                        const port_list *out)
{
    put_example_head(t, p, in);
    tin_text_add(t, " *\n"
                    " *     int main(void)\n"
                    " *     {\n"
                    " *         tin_net net;\n");
    put_example_variables(t, in);
    tin_text_add(t, " *\n");
    put_example_open(t, p, in->id);
    put_example_inputs(t, in);
    if (in->hop_rows) {
        put_example_loop(t, in, out);
        return;
    }
    put_example_run(t, in);
    tin_text_add(t, " *         ");
    put_example_print(t, out);
    tin_text_add(t, " *         return 0;\n"
                    " *     }\n"
                    " */\n");
}

/* ---- Sizes and accessors ------------------------------------------------ */

static void put_arena(tin_text *t, const tin_program *p, const char *id)
{
    const tin_model *m = &p->model;

    tin_text_add(t, "\n/* Enough for %s at any address",
                 m->n_more ? "the first memory" : "an arena");
    if (m->arena_align > 1)
        tin_text_add(t, "; %d will do for one that is\n * aligned to %d",
                     (int)m->arena_bytes, (int)m->arena_align);
    tin_text_add(t, ". */\n#define ");
    tin_text_upper(t, id);
    tin_text_add(t, "_ARENA_BYTES %" PRId64 "\n#define ",
                 (int64_t)m->arena_bytes + m->arena_align - 1);
    tin_text_upper(t, id);
    tin_text_add(t, "_ARENA_ALIGN %d\n\n#define ", (int)m->arena_align);
    tin_text_upper(t, id);
    tin_text_add(t, "_WEIGHT_BYTES %" PRId64 "\n#define ", p->weight_bytes);
    tin_text_upper(t, id);
    tin_text_add(t, "_MACS %" PRId64 "\n#define ", p->macs);
    tin_text_upper(t, id);
    tin_text_add(t, "_STEPS %d\n", (int)m->n_steps);
    if (m->n_states) {
        tin_text_add(t, "\n/* Of the arena: what goes on from one inference to "
                        "the next, see\n * tin_net_reset. */\n#define ");
        tin_text_upper(t, id);
        tin_text_add(t, "_STATE_BYTES %d\n", (int)m->state_bytes);
    }
    put_memories(t, p, id);
}

static void put_port_comment(tin_text *t, const port_list *l, int32_t i)
{
    const tin_port *port = &l->ports[i];

    tin_text_add(t, "\n/* The %s", l->kind);
    if (l->n > 1)
        tin_text_add(t, " %d", (int)i);
    tin_text_add(t, ", \"");
    tin_text_name(t, port->name);
    tin_text_add(t, "\": %s ", tin_c_type(port->type));
    tin_text_shape(t, port->rank, port->shape);
    if (port->type == TIN_F16)
        tin_text_add(t, ",\n * the bits of half floats");
    if (port->scale != 0.0f)
        tin_text_add(t, ".\n * An element q stands for "
                        "SCALE * (q - ZERO_POINT)");
    if (is_streamed(l, i))
        tin_text_add(t, ".\n * It never exists as a whole: its ROWS are pushed "
                        "one after the other,\n * ROW_BYTES each");
    if (is_streamed(l, i) && l->hop_rows)
        tin_text_add(t, ", without end. The outputs are there after the first\n"
                        " * WINDOW_ROWS, and again after each HOP_ROWS more");
    tin_text_add(t, ". */\n");
}

static void put_quantization(tin_text *t, const port_list *l, int32_t i)
{
    const tin_port *port = &l->ports[i];
    char text[TIN_FLOAT_SIZE];

    if (port->scale == 0.0f)
        return;
    define(t, l, i, "SCALE");
    tin_text_add(t, "%s\n", tin_float_decimal(text, port->scale));
    define(t, l, i, "ZERO_POINT");
    tin_text_add(t, port->zero_point < 0 ? "(%d)\n" : "%d\n",
                 (int)port->zero_point);
}

/* Of a window that slides. */
static void put_window(tin_text *t, const port_list *l)
{
    tin_text_add(t, "#define ");
    tin_text_upper(t, l->id);
    tin_text_add(t, "_WINDOW_ROWS %d\n#define ", (int)l->pushed_rows);
    tin_text_upper(t, l->id);
    tin_text_add(t, "_HOP_ROWS %d\n", (int)l->hop_rows);
}

static void put_port_macros(tin_text *t, const port_list *l, int32_t i)
{
    const tin_port *port = &l->ports[i];
    int64_t elements = 1;
    int32_t k;

    for (k = 0; k < port->rank; k++)
        elements *= port->shape[k];
    define(t, l, i, "BYTES");
    tin_text_add(t, "%d\n", (int)port->bytes);
    if (is_streamed(l, i) && l->hop_rows)
        put_window(t, l);
    if (is_streamed(l, i)) {
        define(t, l, i, "ROWS");
        tin_text_add(t, "%d\n", (int)l->pushed_rows);
        define(t, l, i, "ROW_BYTES");
        tin_text_add(t, "%d\n", (int)l->row_bytes);
    }
    define(t, l, i, "ELEMENTS");
    tin_text_add(t, "%" PRId64 "\n", elements);
    define(t, l, i, "RANK");
    tin_text_add(t, "%d\n", (int)port->rank);
    if (port->rank) {
        define(t, l, i, "SHAPE");
        for (k = 0; k < port->rank; k++)
            tin_text_add(t, "%s%d", k ? ", " : "{", (int)port->shape[k]);
        tin_text_add(t, "}\n");
    }
    put_quantization(t, l, i);
}

/* Adds "digits_input_row", the place of a streamed input's next row. */
static void put_row_function(tin_text *t, const port_list *l)
{
    const char *type = tin_c_type(l->ports[0].type);

    tin_text_add(t,
                 "\n/* Where the next row goes before tin_stream_pushed%s.\n * "
                 "tin_stream_push_rows does without. */\nstatic inline %s *",
                 l->hop_rows ? "" : "; NULL: all are there", type);
    put_accessor(t, l, 0);
    tin_text_add(t,
                 "_row(const tin_net *net)\n{\n    return (%s *)"
                 "tin_stream_row(net);\n}\n",
                 type);
}

static void put_port_functions(tin_text *t, const port_list *l,
                               const char *constness)
{
    int32_t i;

    for (i = 0; i < l->n; i++) {
        const char *type = tin_c_type(l->ports[i].type);

        if (is_streamed(l, i)) {
            put_row_function(t, l);
            continue;
        }
        tin_text_add(t, "\nstatic inline %s%s *", constness, type);
        put_accessor(t, l, i);
        tin_text_add(t,
                     "(const tin_net *net)\n{\n    return (%s%s *)"
                     "tin_net_%s(net, %d);\n}\n",
                     constness, type, l->kind, (int)i);
    }
}

/* ---- The whole ---------------------------------------------------------- */

static void put_guard(tin_text *t, const char *id)
{
    tin_text_add(t, "#ifndef ");
    tin_text_upper(t, id);
    tin_text_add(t, "_H\n#define ");
    tin_text_upper(t, id);
    tin_text_add(t, "_H\n\n#include \"tinyinfer.h\"\n\n"
                    "#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
}

static void put_ports(tin_text *t, const port_list *l)
{
    int32_t i;

    for (i = 0; i < l->n; i++) {
        put_port_comment(t, l, i);
        put_port_macros(t, l, i);
    }
}

void tin_emit_header(const tin_program *program, const char *id, tin_text *t)
{
    const tin_model *m = &program->model;
    port_list in = {id, "input", m->inputs, m->n_inputs, 0, 0, 0};
    const port_list out = {id, "output", m->outputs, m->n_outputs, 0, 0, 0};

    in.pushed_rows = m->pushed_rows;
    in.hop_rows = m->hop_rows;
    if (m->pushed_rows > 0)
        in.row_bytes = m->tensors[m->inputs[0].tensor].row_bytes;
    put_facts(t, program, id);
    put_example(t, program, &in, &out);
    put_guard(t, id);
    put_arena(t, program, id);
    put_ports(t, &in);
    put_ports(t, &out);
    tin_text_add(t, "\nextern const tin_model %s_model;\n", id);
    put_port_functions(t, &in, "");
    put_port_functions(t, &out, "const ");
    tin_text_add(t, "\n#ifdef __cplusplus\n}\n#endif\n\n#endif /* ");
    tin_text_upper(t, id);
    tin_text_add(t, "_H */\n");
}
