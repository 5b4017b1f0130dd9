/* SPDX-License-Identifier: MIT */
/* terminal.h: what the C standard library cannot tell about a host. */
#ifndef TIN_TERMINAL_H
#define TIN_TERMINAL_H

#include <stdio.h>

/* Is a person looking at this stream? 0 where that cannot be known. */
int tin_is_terminal(FILE *stream);

/* Does the terminal take UTF-8? What LC_ALL, LC_CTYPE and LANG say. */
int tin_is_utf8(void);

/* Is there something at this path that is no ordinary file: a device, a pipe,
 * a link? Such a thing is written to, never replaced. 0 where that cannot be
 * known. */
int tin_is_special(const char *path);

#endif /* TIN_TERMINAL_H */
