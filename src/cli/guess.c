/* SPDX-License-Identifier: MIT */
/* guess.c: what a mistyped word was meant to be. See guess.h. */
#include "guess.h"

#include <string.h>

char tin_small_letter(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int32_t least(int32_t a, int32_t b, int32_t c)
{
    const int32_t d = a < b ? a : b;

    return d < c ? d : c;
}

/* One row of Levenshtein's table at a time. */
int32_t tin_edits(const char *a, const char *b)
{
    const int32_t n = (int32_t)strlen(b);
    int32_t row[TIN_GUESS_SIZE];

    for (int32_t k = 0; k <= n; k++)
        row[k] = k;
    for (int32_t i = 1; *a; i++, a++) {
        int32_t diagonal = row[0];

        row[0] = i;
        for (int32_t k = 1; k <= n; k++) {
            const int32_t above = row[k];
            const int32_t differ = tin_small_letter(*a) != b[k - 1];

            row[k] = least(above + 1, row[k - 1] + 1, diagonal + differ);
            diagonal = above;
        }
    }
    return row[n];
}

void tin_guess_start(tin_guess *g, const char *text)
{
    const size_t n = strcspn(text, "=");

    g->best = NULL;
    g->word[0] = '\0';
    if (n < sizeof g->word) {
        memcpy(g->word, text, n);
        g->word[n] = '\0';
    }
    g->edits = (int32_t)strlen(g->word) / 3 + 1;
}

void tin_guess_try(tin_guess *g, const char *name)
{
    const size_t n = strlen(g->word);
    const int begins = n > 2 && strncmp(g->word, name, n) == 0;
    const int32_t edits = begins ? 0 : tin_edits(g->word, name);

    if (edits < g->edits) {
        g->edits = edits;
        g->best = name;
    }
}
