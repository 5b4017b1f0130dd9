/* SPDX-License-Identifier: MIT */
/* guess.h: what a mistyped word was meant to be. Of the tool and of the bench
 * program: it needs nothing else of either. */
#ifndef TIN_GUESS_H
#define TIN_GUESS_H

#include <stdint.h>

enum { TIN_GUESS_SIZE = 32 }; /* what is longer looks like no word we know */

/* The small letter; other characters stay. */
char tin_small_letter(char c);

/* Edits that turn `a` into `b`, which has small letters only and fewer than
 * TIN_GUESS_SIZE of them. */
int32_t tin_edits(const char *a, const char *b);

typedef struct {
    char word[TIN_GUESS_SIZE]; /* as it was typed, up to a "=" */
    const char *best;          /* what it may have been meant for, or NULL */
    int32_t edits;             /* a name with fewer is a better guess */
} tin_guess;

/* Starts with a word, and tries one name after the other: it may be the
 * beginning of one, or a third of it mistyped. Names live as long as *g. */
void tin_guess_start(tin_guess *g, const char *text);
void tin_guess_try(tin_guess *g, const char *name);

#endif /* TIN_GUESS_H */
