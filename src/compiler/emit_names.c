/* SPDX-License-Identifier: MIT */
/* Names on their way into C: identifiers, comments, string literals. */
#include <string.h>

#include "emit.h"

enum { ID_MAX = 64, COMMENT_MAX = 60, STRING_MAX = 64 };

/* Not <ctype.h>, which asks the locale. */
static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* ---- Identifiers -------------------------------------------------------- */

static int in_list(const char *const *list, const char *id)
{
    for (; *list; list++)
        if (strcmp(*list, id) == 0)
            return 1;
    return 0;
}

static int is_keyword(const char *id)
{
    static const char *const keywords[] = {
        "auto",     "break",    "case",     "char",   "const",   "continue",
        "default",  "do",       "double",   "else",   "enum",    "extern",
        "float",    "for",      "goto",     "if",     "inline",  "int",
        "long",     "register", "restrict", "return", "short",   "signed",
        "sizeof",   "static",   "struct",   "switch", "typedef", "union",
        "unsigned", "void",     "volatile", "while",  NULL};

    return in_list(keywords, id);
}

/* string.h beside the sources would hide <string.h>. */
static int is_standard_header(const char *id)
{
    static const char *const headers[] = {
        "assert",  "complex", "ctype",  "errno", "fenv",   "float",  "inttypes",
        "iso646",  "limits",  "locale", "math",  "setjmp", "signal", "stdarg",
        "stdbool", "stddef",  "stdint", "stdio", "stdlib", "string", "tgmath",
        "time",    "wchar",   "wctype", NULL};

    return in_list(headers, id);
}

/* Do the emitted files have the name of a file of the library, whose sources
 * may lie in the same folder? */
static int is_library_file(const char *id)
{
    const size_t n = strlen(id);
    const tin_library_source *s;

    for (s = tin_library_sources; s->path; s++)
        if (strncmp(s->name, id, n) == 0 && s->name[n] == '.')
            return 1;
    return 0;
}

static tin_status refuse(tin_diag *diag, const char *id, const char *why)
{
    return tin_fail(diag, TIN_ERR_ARG, -1, "the name '%.80s' %s", id, why);
}

tin_status tin_check_id(const char *id, tin_diag *diag)
{
    char small[ID_MAX + 1] = "";
    size_t i;

    if (!id || !*id)
        return tin_fail(diag, TIN_ERR_ARG, -1, "the name is empty");
    if (strlen(id) > ID_MAX)
        return refuse(diag, id, "is longer than 64 characters");
    for (i = 0; id[i]; i++) {
        if (!is_letter(id[i]) && !is_digit(id[i]) && id[i] != '_')
            return refuse(diag, id,
                          "is no C identifier: letters, digits and _ only");
        small[i] = lower(id[i]); // file systems may not tell A from a
    }
    if (!is_letter(id[0]))
        return refuse(diag, id, "does not begin with a letter");
    if (strncmp(small, "tin_", 4) == 0)
        return refuse(diag, id, "begins with tin_, which is the library's");
    if (is_keyword(id))
        return refuse(diag, id, "is a keyword of C");
    if (strcmp(small, "main") == 0)
        return refuse(diag, id, "is that of your program: main.c");
    if (is_standard_header(small))
        return refuse(diag, id, "is that of a standard header");
    if (is_library_file(small))
        return refuse(diag, id, "is that of a file of the library");
    return TIN_OK;
}

const char *tin_c_type(tin_type type)
{
    switch (type) {
    case TIN_F32: return "float";
    case TIN_S8:
    case TIN_S4: return "int8_t";
    case TIN_S16: return "int16_t";
    case TIN_F16: return "uint16_t";
    case TIN_S32: return "int32_t";
    case TIN_S64: return "int64_t";
    case TIN_U8:
    case TIN_BOOL: break;
    }
    return "uint8_t";
}

/* ---- Comments and strings ----------------------------------------------- */

void tin_text_name(tin_text *t, const char *name)
{
    size_t n = 0;

    for (; n < COMMENT_MAX && name[n]; n++) {
        const char c = name[n];
        const int fine = c >= ' ' && c <= '~' && !strchr("*?\\\"", c);

        tin_text_put(t, fine ? &name[n] : "_", 1);
    }
    if (name[n])
        tin_text_put(t, "..", 2);
}

/* How many bytes of the string are printed. */
static size_t string_length(const char *string)
{
    size_t n = 0;

    while (n < STRING_MAX && string[n])
        n++;
    if (string[n])
        while (n > 0 && ((unsigned char)string[n] & 0xc0u) == 0x80u)
            n--;
    return n;
}

void tin_text_string(tin_text *t, const char *string)
{
    const size_t n = string_length(string);
    size_t i;

    tin_text_put(t, "\"", 1);
    for (i = 0; i < n; i++) {
        const char c = string[i];

        if (c < ' ' || c > '~' || strchr("?\\\"", c)) // ? for trigraphs
            tin_text_add(t, "\\%03o", (unsigned)(unsigned char)c);
        else
            tin_text_put(t, &c, 1);
    }
    tin_text_put(t, "\"", 1);
}

void tin_text_shape(tin_text *t, int32_t rank, const int32_t *shape)
{
    int32_t i;

    for (i = 0; i < rank; i++)
        tin_text_add(t, "%c%d", i ? ',' : '[', (int)shape[i]);
    tin_text_add(t, rank ? "]" : "[]");
}

void tin_text_upper(tin_text *t, const char *text)
{
    for (; *text; text++) {
        const char c =
            *text >= 'a' && *text <= 'z' ? (char)(*text - 'a' + 'A') : *text;

        tin_text_put(t, &c, 1);
    }
}
