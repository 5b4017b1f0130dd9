/* SPDX-License-Identifier: MIT */
/* diag.c: the first error, as one clean line. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tinyinfer_compiler.h"

/* Code points that a terminal or a log must not see: controls, separators of
 * lines, and marks that reverse the order of the text around them. */
static int is_harmful(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || c == 0x200e ||
           c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xfeff ||
           (c >= 0xd800 && c < 0xe000) || c > 0x10ffff;
}

/* Length of the UTF-8 sequence at s, which ends with a NUL; 0 when it is none
 * or stands for a harmful code point. */
static size_t utf8_length(const unsigned char *s)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t n = s[0] < 0x80   ? 1
                     : s[0] < 0xc0 ? 0
                     : s[0] < 0xe0 ? 2
                     : s[0] < 0xf0 ? 3
                     : s[0] < 0xf8 ? 4
                                   : 0;
    uint32_t c = n <= 1 ? s[0] : s[0] & (0x7fu >> n);
    size_t i;

    for (i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0; // also stops at the NUL
        c = c << 6 | (s[i] & 0x3fu);
    }
    return n == 0 || c < least[n] || is_harmful(c) ? 0 : n;
}

/* Puts '?' in place of each byte that is no part of clean text. */
static void make_clean(char *text)
{
    unsigned char *s = (unsigned char *)text;
    size_t n;

    while (*s) {
        n = utf8_length(s);
        if (n == 0) {
            *s = '?';
            n = 1;
        }
        s += n;
    }
}

tin_status tin_fail(tin_diag *diag, tin_status status, int32_t layer,
                    const char *format, ...)
{
    va_list args;
    int length;

    if (!diag || diag->status != TIN_OK)
        return status;
    diag->status = status;
    diag->layer = layer;
    diag->offset = -1;
    va_start(args, format);
    length = vsnprintf(diag->message, sizeof diag->message, format, args);
    va_end(args);
    if (length < 0)
        strcpy(diag->message, "(the message cannot be printed)");
    make_clean(diag->message);
    // Show that something is missing.
    if (length >= (int)sizeof diag->message)
        memcpy(diag->message + sizeof diag->message - 4, "...", 4);
    return status;
}
