/* SPDX-License-Identifier: MIT */
/* report_map.h: what the two files that draw the memory map share. Numbers in
 * the picture are whole: a unit is a tenth of a pixel at full width. */
#ifndef TIN_REPORT_MAP_H
#define TIN_REPORT_MAP_H

#include "report_parts.h"

enum {
    TIN_MAP_TOP = 340,     /* of the plot */
    TIN_MAP_LEFT = 720,    /* of the plot */
    TIN_MAP_HEIGHT = 3600, /* of the plot */
    TIN_MAP_LETTER = 68    /* width of one, about */
};

typedef struct {
    const tin_report *r;
    const tin_program *p;
    tin_text *to;
    tin_timeline line;
    int32_t width; /* of the plot */
    int64_t top;   /* bytes that its height stands for */
} tin_map;

int32_t tin_map_x(const tin_map *m, int32_t time);
int32_t tin_map_y(const tin_map *m, int64_t bytes);

/* Draws all that is in the arena; and what it is, over all lines. */
void tin_map_places(const tin_map *m);
void tin_map_labels(const tin_map *m);

#endif /* TIN_REPORT_MAP_H */
