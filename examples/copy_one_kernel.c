/* SPDX-License-Identifier: MIT */
/*
 * copy_one_kernel.c: one kernel in firmware that has nothing else of the
 * library. Copy kernels/conv2d_s8.c and include/tinyinfer_kernels.h beside
 * this file, and
 *
 *     cc *.c
 *
 * A camera yields an int8 picture of 8x8 row by row; a 3x3 convolution finds
 * its edges. Three rows of the picture are all that is ever in memory.
 */
#include "tinyinfer_kernels.h"

#include <stdio.h>

enum { SIZE = 8, OUT = SIZE - 2, CHANNELS = 2 };

/* [oc][ky][kx][ic]: how much it brightens to the right, and downwards. */
static const int8_t weights[CHANNELS * 3 * 3] = {
    -1, 0,  1,  -2, 0, 2, -1, 0, 1, /* oc 0 */
    -1, -2, -1, 0,  0, 0, 1,  2, 1, /* oc 1 */
};

/* The factor in_scale * weight_scale / out_scale of each channel as f * 2^e
 * with 1/2 <= f < 1: multiplier f * 2^31, shift e. Here it is 1/4. */
static const int32_t multiplier[CHANNELS] = {1 << 30, 1 << 30};
static const int8_t shift[CHANNELS] = {-1, -1};

static const tin_conv2d_s8_params edges = {
    .window = {.in_h = SIZE,
               .in_w = SIZE,
               .in_c = 1,
               .out_h = OUT,
               .out_w = OUT,
               .out_c = CHANNELS,
               .kernel_h = 3,
               .kernel_w = 3,
               .stride_h = 1,
               .stride_w = 1,
               .dilation_h = 1,
               .dilation_w = 1},
    .groups = 1,
    .in_zero = -128,
    .out_zero = 0,
    .act_min = -128,
    .act_max = 127,
    .weights = weights,
    .multiplier = multiplier,
    .shift = shift,
};

/* A bright square on dark ground. */
static int8_t camera(int32_t y, int32_t x)
{
    return 2 <= y && y < 6 && 2 <= x && x < 6 ? 100 : -100;
}

int main(void)
{
    static int8_t ring[3 * SIZE], row[OUT * CHANNELS];
    const tin_rows in = {ring, SIZE, 3, 0};           /* row y: y % 3 */
    const tin_rows out = {row, OUT * CHANNELS, 1, 0}; /* always the same row */
    const char *why;

    if (tin_conv2d_s8_check(&edges, &why) != TIN_OK)
        return printf("%s\n", why), 1;
    for (int32_t y = 0; y < SIZE; y++) {
        int8_t *to = tin_row(&in, y);

        for (int32_t x = 0; x < SIZE; x++)
            to[x] = camera(y, x);
        if (y < 2)
            continue;
        tin_conv2d_s8(&edges, &in, &out, y - 2, y - 1, NULL);
        for (int32_t x = 0; x < OUT; x++)
            printf("%6d,%5d", row[2 * x], row[2 * x + 1]);
        printf("\n");
    }
    return 0;
}
