/* SPDX-License-Identifier: MIT */
/* tin_resize_nearest: see tinyinfer_image.h. */
#include <string.h>
#include "tinyinfer_image.h"

static void make_row(const tin_resize_nearest_params *p,
                     const unsigned char *restrict in,
                     unsigned char *restrict out)
{
    const size_t pixel = (size_t)p->pixel_bytes;

    for (int32_t ox = 0; ox < p->out_w; ox++, out += pixel)
        memcpy(out, in + (size_t)p->cols[ox] * pixel, pixel);
}

void tin_resize_nearest(const void *params, const tin_rows *in,
                        const tin_rows *out, int32_t y0, int32_t y1,
                        void *scratch)
{
    const tin_resize_nearest_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int32_t image = y / p->out_h;
        const int32_t iy = p->rows[y - image * p->out_h];

        make_row(p, tin_row(in, image * p->in_h + iy), tin_row(out, y));
    }
}

/* Are all n entries within 0 .. size - 1? */
static int is_within(const int16_t *table, int32_t n, int32_t size)
{
    for (int32_t i = 0; i < n; i++) {
        if (table[i] < 0 || table[i] >= size)
            return 0;
    }
    return 1;
}

static int is_size(int32_t n)
{
    return 1 <= n && n <= INT16_MAX;
}

tin_status tin_resize_nearest_check(const void *params, const char **why)
{
    const tin_resize_nearest_params *p = params;
    tin_status status;

    if (!is_size(p->in_h) || !is_size(p->in_w) || !is_size(p->out_h) ||
        !is_size(p->out_w) || p->pixel_bytes < 1)
        return TIN_WHY(why, "a size is not within 1 .. 32767"), TIN_ERR_SHAPE;
    if ((status = tin_bytes_check(p->in_w, p->pixel_bytes, why)) != TIN_OK ||
        (status = tin_bytes_check(p->out_w, p->pixel_bytes, why)) != TIN_OK)
        return status;
    if (!p->rows || !p->cols)
        return TIN_WHY(why, "rows or cols is NULL"), TIN_ERR_ARG;
    if (!is_within(p->rows, p->out_h, p->in_h) ||
        !is_within(p->cols, p->out_w, p->in_w))
        return TIN_WHY(why, "a row or column is not in the image"),
               TIN_ERR_SHAPE;
    for (int32_t y = 1; y < p->out_h; y++) {
        if (p->rows[y] < p->rows[y - 1])
            return TIN_WHY(why, "the rows go down"), TIN_ERR_SHAPE;
    }
    return TIN_OK;
}
