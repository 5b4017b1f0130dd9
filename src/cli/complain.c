/* SPDX-License-Identifier: MIT */
/* complain.c: the one line on stderr that says what is wrong. See cli.h. */
#include <stdarg.h>

#include "cli.h"
#include "clean.h"

/* The text is formatted whole before it is cleaned, and cut where it does
 * not fit: paths and names in it come from outside. */
static void complain(const char *command, const char *hint, const char *format,
                     va_list args)
{
    char line[1024];

    vsnprintf(line, sizeof line, format, args);
    tin_clean_in_place(line);
    fflush(stdout); // so that the line stands last where both are one file
    if (command)
        fprintf(stderr, "tinyinfer %s: %s%s\n", command, line, hint);
    else
        fprintf(stderr, "tinyinfer: %s%s\n", line, hint);
}

int tin_cli_fail(const char *command, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    complain(command, "", format, args);
    va_end(args);
    return TIN_CLI_FAILED;
}

int tin_cli_fail_diag(const char *command, const char *path,
                      const tin_diag *diag)
{
    if (path)
        return tin_cli_fail(command, "%s: %s", path, diag->message);
    return tin_cli_fail(command, "%s", diag->message);
}

int tin_cli_usage(const char *command, const char *format, ...)
{
    char hint[64] = " (see 'tinyinfer --help')";
    va_list args;

    if (command)
        snprintf(hint, sizeof hint, " (see 'tinyinfer %s --help')", command);
    va_start(args, format);
    complain(command, hint, format, args);
    va_end(args);
    return TIN_CLI_USAGE;
}

int tin_cli_unknown(const char *command, const char *what, const char *text,
                    const tin_guess *g)
{
    if (!g->best)
        return tin_cli_usage(command, "unknown %s '%s'", what, text);
    return tin_cli_usage(command, "unknown %s '%s': did you mean %s?", what,
                         text, g->best);
}
