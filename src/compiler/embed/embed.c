/* SPDX-License-Identifier: MIT */
/*
 * embed.c: prints the text files named on its command line as one C file, the
 * table tin_library_sources, so that `tinyinfer compile --standalone` needs
 * nothing but itself. Runs on the host while the tool is built.
 */
#include <stdio.h>
#include <string.h>

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Prints the bytes as numbers: C99 promises strings of 4095 characters only,
 * arrays of any length that we have. Returns 0 if the file cannot be read. */
static int print_text(const char *path, int number)
{
    FILE *from = fopen(path, "rb");
    int column = 0, c, ok;

    if (!from)
        return 0;
    printf("static const char text_%d[] = {\n    ", number);
    while ((c = getc(from)) != EOF) {
        if (c == '\r')
            continue; // as if checked out where lines end with \n
        column += printf(c < 128 ? "%d," : "'\\%o',", (unsigned)c);
        if (column > 70) {
            printf("\n    ");
            column = 0;
        }
    }
    printf("0};\n");
    ok = !ferror(from);
    fclose(from);
    return ok;
}

int main(int argc, char **argv)
{
    int i;

    printf("/* Made by embed.c. */\n#include \"src/compiler/emit.h\"\n\n");
    for (i = 1; i < argc; i++) {
        if (!print_text(argv[i], i)) {
            fprintf(stderr, "embed: cannot read %s\n", argv[i]);
            return 1;
        }
    }
    printf("\nconst tin_library_source tin_library_sources[] = {\n");
    for (i = 1; i < argc; i++)
        printf("    {\"%s\", \"%s\", text_%d},\n", argv[i], name_of(argv[i]),
               i);
    printf("    {0, 0, 0},\n};\n");
    return fflush(stdout) != 0 || ferror(stdout);
}
