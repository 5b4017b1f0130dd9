/* SPDX-License-Identifier: MIT */
/*
 * The tables that say how each kernel's params are laid out: the emitter
 * prints what they list and nothing else.
 */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "../src/compiler/emit.h"

static size_t size_of(const tin_field *f)
{
    const size_t one = f->kind == TIN_FIELD_U8      ? 1
                       : f->kind == TIN_FIELD_CONST ? sizeof(void *)
                                                    : 4;

    return one * (size_t)f->count;
}

static size_t align_up(size_t n, size_t align)
{
    return (n + align - 1) / align * align;
}

/* Each field begins where C puts it behind the one before, and the last one
 * ends the struct. */
Test(kernels, fields_cover_their_struct)
{
    int k;
    int32_t i;

    for (k = 0; k < TIN_KERNEL_COUNT; k++) {
        const tin_kernel_info *info = &tin_kernel_infos[k];
        size_t end = 0, widest = 1;

        for (i = 0; i < info->n_fields; i++) {
            const tin_field *f = &info->fields[i];
            const size_t align = size_of(f) / (size_t)f->count;

            cr_assert_eq(align_up(end, align), f->offset, "%s.%s", info->name,
                         f->name);
            end = f->offset + size_of(f);
            widest = align > widest ? align : widest;
        }
        cr_assert_eq(align_up(end, widest), info->params_bytes, "%s",
                     info->name);
    }
}

/* Copies a text without its comments; returns where it ends. */
static char *copy_code(char *to, const char *from)
{
    for (; *from; from++) {
        if (strncmp(from, "/*", 2) == 0)
            from = strstr(from, "*/") + 1;
        else
            *to++ = *from;
    }
    return to;
}

/* The text of the public headers, without comments. */
static char *header_text(tin_pool *pool)
{
    const tin_library_source *s;
    size_t bytes = 1;
    char *text, *to;

    for (s = tin_library_sources; s->path; s++)
        bytes += strlen(s->text);
    text = to = tin_pool_alloc(pool, bytes);
    for (s = tin_library_sources; s->path; s++)
        if (strncmp(s->path, "include/", 8) == 0)
            to = copy_code(to, s->text);
    return text;
}

/* The struct that a type is another name of, or the type itself. */
static void resolve_alias(const char *header, const char *type, char found[96])
{
    char line[128];
    const char *end;

    snprintf(line, sizeof line, " %s;", type);
    end = strstr(header, line);
    cr_assert_not_null(end, "%s", type);
    while (*end != '\n')
        end--;
    if (sscanf(end, " typedef %95[a-z0-9_]", found) != 1)
        strcpy(found, type);
}

/* Adds the members of `struct` to the text, each as " name;". */
static void list_members(tin_text *t, const char *header, const char *type,
                         const char *prefix)
{
    char line[128], word[64];
    const char *end, *p;

    snprintf(line, sizeof line, "} %s;", type);
    end = strstr(header, line);
    cr_assert_not_null(end, "%s", type);
    for (p = end; *p != '{'; p--) {
    }
    for (p++; sscanf(p, " %63[a-z0-9_]", word) == 1 && p < end;) {
        char member_type[64] = "";
        const char *stop = strchr(p, ';');

        sscanf(p, " const %63[a-z0-9_]", member_type);
        if (!*member_type)
            strcpy(member_type, word);
        p = strstr(p, member_type) + strlen(member_type);
        while (p < stop) {
            sscanf(p, "%*[ *\n]%63[a-z0-9_]", word);
            if (strncmp(member_type, "tin_", 4) == 0) { // a struct
                char inner[128];

                snprintf(inner, sizeof inner, "%s%s.", prefix, word);
                list_members(t, header, member_type, inner);
            } else {
                tin_text_add(t, " %s%s;", prefix, word);
            }
            p += strcspn(p, ",;");
            p += *p == ',';
        }
        p = stop + 1;
    }
}

/* The tables name the very members that the header declares, in order: on a
 * 64-bit host a member can hide where the test above sees padding. */
Test(kernels, fields_are_those_of_the_header)
{
    tin_pool *pool = tin_pool_new();
    const char *header = header_text(pool);
    int k;
    int32_t i;

    for (k = 0; k < TIN_KERNEL_COUNT; k++) {
        const tin_kernel_info *info = &tin_kernel_infos[k];
        tin_text want = {pool, NULL, 0, 0, 0}, got = {pool, NULL, 0, 0, 0};
        char type[96];

        resolve_alias(header, info->params_type, type);
        list_members(&want, header, type, "");
        for (i = 0; i < info->n_fields; i++)
            tin_text_add(&got, " %s;", info->fields[i].name);
        cr_assert_str_eq(got.text, want.text, "%s", info->name);
    }
    tin_pool_free(pool);
}

/* A kernel has a scratch_size where the header declares one; one more uses
 * that of the portable kernel. */
Test(kernels, scratch)
{
    tin_pool *pool = tin_pool_new();
    const char *header = header_text(pool);
    char declared[96];
    int k;

    for (k = 0; k < TIN_KERNEL_COUNT; k++) {
        snprintf(declared, sizeof declared,
                 "tin_scratch_size tin_%s_scratch_size;",
                 tin_kernel_infos[k].name);
        if (k != TIN_KERNEL_gavgpool2d_s8_mve &&
            k != TIN_KERNEL_gavgpool2d_s8_dsp)
            cr_assert_eq(tin_kernel_infos[k].scratch_size != NULL,
                         strstr(header, declared) != NULL, "%s",
                         tin_kernel_infos[k].name);
    }
    tin_pool_free(pool);
    cr_assert_eq(tin_kernel_infos[TIN_KERNEL_pad].run, tin_pad);
    cr_assert_eq(tin_kernel_infos[TIN_KERNEL_pad].check, tin_pad_check);
    cr_assert_str_eq(tin_kernel_infos[TIN_KERNEL_pad].params_type,
                     "tin_pad_params");
}
