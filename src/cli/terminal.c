/* SPDX-License-Identifier: MIT */
/*
 * terminal.c: see terminal.h.
 *
 * The only file of the command that asks POSIX for anything. C99 cannot tell
 * a terminal from a file, but a progress bar in a log file is a nuisance; and
 * it renames a file over a device without a word, so that `-o /dev/null`
 * would end every other program's /dev/null. Elsewhere both questions are
 * answered with no. The macro that asks for POSIX precedes every header.
 */
#if defined(__unix__) || defined(__APPLE__)
# define _POSIX_C_SOURCE 200112L
# include <sys/stat.h>
# include <unistd.h>
#endif
#include <stdlib.h>
#include <string.h>

#include "terminal.h"

#if defined(__unix__) || defined(__APPLE__)

int tin_is_terminal(FILE *stream)
{
    return isatty(fileno(stream)) == 1;
}

int tin_is_special(const char *path)
{
    struct stat about;

    return lstat(path, &about) == 0 && !S_ISREG(about.st_mode);
}

#else

int tin_is_terminal(FILE *stream)
{
    (void)stream;
    return 0;
}

int tin_is_special(const char *path)
{
    (void)path;
    return 0;
}

#endif

int tin_is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *locale = getenv(names[i]);

        if (locale && *locale) // the first that is set decides
            return strstr(locale, "UTF-8") || strstr(locale, "utf8") ||
                   strstr(locale, "UTF8") || strstr(locale, "utf-8");
    }
    return 0;
}
