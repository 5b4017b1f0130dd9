/* SPDX-License-Identifier: MIT */
/* clean.h: making text safe to print. See cli.h for tin_clean. */
#ifndef TIN_CLEAN_H
#define TIN_CLEAN_H

/* Replaces control characters and invalid UTF-8 by '?'. Never longer. */
void tin_clean_in_place(char *text);

#endif /* TIN_CLEAN_H */
