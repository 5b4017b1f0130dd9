/* SPDX-License-Identifier: MIT */
/*
 * What the C emitter prints, through a compiler: without warnings, and read
 * back with the very same bits. The compiler is $CC, or cc.
 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */

#include "emit_programs.h"

#include <math.h>
#include <stdlib.h>
#include <sys/types.h>

static const char warnings[] =
    "-std=c99 -pedantic -Wall -Wextra -Wconversion -Wshadow -Wundef "
    "-Wmissing-prototypes -Wstrict-prototypes -Wdouble-promotion -Werror";

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[512];
    FILE *to;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    to = fopen(path, "w");
    cr_assert_not_null(to, "%s", path);
    cr_assert_geq(fputs(text, to), 0);
    cr_assert_eq(fclose(to), 0);
}

typedef struct {
    char folder[256];
} place;

static void write_all(place *at, tin_pool *pool, const tin_program *p,
                      const char *id)
{
    const char *tmp = getenv("TMPDIR");
    const tin_source *s = tin_standalone_sources(pool, p);
    const emitted e = emit(pool, p, id);
    char file[80];

    snprintf(at->folder, sizeof at->folder, "%s/tin_emit_XXXXXX",
             tmp ? tmp : "/tmp");
    cr_assert_not_null(mkdtemp(at->folder));
    for (; s->name; s++)
        write_file(at->folder, s->name, s->text);
    snprintf(file, sizeof file, "%s.h", id);
    write_file(at->folder, file, e.header.text);
    snprintf(file, sizeof file, "%s.c", id);
    write_file(at->folder, file, e.source.text);
}

static int run(const char *format, const char *a, const char *b, const char *c)
{
    char line[1024];

    snprintf(line, sizeof line, format, a, b, c);
    return system(line);
}

static const char *compiler(void)
{
    const char *cc = getenv("CC");

    return cc ? cc : "cc";
}

static void clean_up(const place *at)
{
    cr_assert_eq(run("rm -rf '%s'%s%s", at->folder, "", ""), 0);
}

Test(compiled, every_kernel_without_warnings)
{
    tin_pool *pool = tin_pool_new();
    static all_net n;
    place at;

    make_all(pool, &n);
    write_all(&at, pool, &n.program, "all");
    // no CPU has all of these kernels, which all.c would say as an error
    cr_assert_eq(run("cd '%s' && sed '/^# error/d' all.c >any.c && rm all.c &&"
                     " %s %s -c *.c",
                     at.folder, compiler(), warnings),
                 0);
    clean_up(&at);
    tin_pool_free(pool);
}

/* Prints the bits of what the compiler made of a network's floats. */
static const char print_bits[] =
    "#include <stdio.h>\n#include <string.h>\n#include \"clamp.h\"\n"
    "int main(void)\n{\n"
    "    const tin_clamp_f32_params *p = clamp_model.steps[0].params;\n"
    "    uint32_t w[8];\n"
    "    int i;\n\n"
    "    memcpy(w, clamp_model.tensors[0].data, 24);\n"
    "    memcpy(w + 6, &p->min, 4);\n"
    "    memcpy(w + 7, &p->max, 4);\n"
    "    for (i = 0; i < 8; i++)\n"
    "        printf(\"%08lx \", (unsigned long)w[i]);\n"
    "    return 0;\n}\n";

/* Compiles and runs; returns what it printed. */
static void output_of(const place *at, char *text, int size)
{
    char path[300];
    FILE *from;

    write_file(at->folder, "main.c", print_bits);
    cr_assert_eq(run("cd '%s' && %s %s *.c && ./a.out > out", at->folder,
                     compiler(), warnings),
                 0);
    snprintf(path, sizeof path, "%s/out", at->folder);
    from = fopen(path, "r");
    cr_assert_not_null(from);
    cr_assert_not_null(fgets(text, size, from));
    fclose(from);
}

static void check_table(const uint32_t bits[6], const char *want)
{
    tin_pool *pool = tin_pool_new();
    float floats[6];
    const tin_constant table = {floats, TIN_F32, 6, "constant"};
    char got[200];
    clamp_net n;
    place at;

    memcpy(floats, bits, sizeof floats);
    make_clamp(&n, -INFINITY, INFINITY);
    n.tensors[0].data = floats;
    n.lowered.constants = &table;
    n.lowered.n_constants = 1;
    write_all(&at, pool, &n.program, "clamp");
    output_of(&at, got, sizeof got);
    cr_assert_str_eq(got, want);
    clean_up(&at);
    tin_pool_free(pool);
}

Test(compiled, nan_and_infinity_keep_their_bits)
{
    static const uint32_t bits[6] = {0x7fc12345u, 0xffc00001u, 0x7f800000u,
                                     0xff800000u, 0x80000000u, 0x00000001u};

    check_table(bits, "7fc12345 ffc00001 7f800000 ff800000 80000000 00000001 "
                      "ff800000 7f800000 ");
}

Test(compiled, finite_floats_keep_their_bits)
{
    static const uint32_t bits[6] = {0x80000000u, 0x00000001u, 0x807fffffu,
                                     0x7f7fffffu, 0x3dcccccdu, 0x00800000u};

    check_table(bits, "80000000 00000001 807fffff 7f7fffff 3dcccccd 00800000 "
                      "ff800000 7f800000 ");
}
