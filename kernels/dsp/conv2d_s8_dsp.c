/* SPDX-License-Identifier: MIT */
/*
 * tin_conv2d_s8_dsp: see tinyinfer_kernels.h; tinyinfer_tiles.h for the tiles
 * of four output points that it is made in, tinyinfer_conv2d.h for what gathers
 * them.
 *
 * A window is a number of runs: inputs that lie one after the other, one run
 * a kernel row. Where a point's run is not all in the image, or has gaps, a
 * copy with zero points in place of what is missing is used.
 */
#include "tinyinfer_conv2d.h"

#if TIN_HAVE_DSP

# include <string.h>

enum { POINTS = TIN_TILE_POINTS };
/* How windows are gathered. */
enum {
    BY_RUNS,                /* any windows */
    PLAIN = TIN_TILE_PLAIN, /* a 1x1 kernel, all in the image, in_c % 4 == 0 */
    RGB = TIN_TILE_RGB,     /* 3x3 windows of 3 channels, rows in the ring */
    BY_COLUMNS              /* runs of one word in the ring */
};

/* ---- Runs --------------------------------------------------------------- */

typedef struct {
    const tin_conv2d_s8_dsp_params *d;
    const tin_window *w;
    tin_rows in, out;  /* of one row where rows can be joined; `in` is the ring
                          of padded rows where there is one */
    int32_t out_w;     /* as these have it */
    int32_t way;       /* that windows are gathered */
    int32_t tiles;     /* gathered at once: todo.x is [tiles][steps][POINTS] */
    int32_t steps;     /* of a window */
    int32_t tables;    /* as tin_conv2d_s8_dsp_room has it */
    int32_t *rows;     /* [tables][1 + kernel_h] an output row; where its kernel
                          rows begin in the ring; outside -1, or the row behind
                          the ring of padded rows */
    int8_t *outside;   /* [run] zero points, and [POINTS][run] put together; or
                          the row of zero points behind the ring */
    int32_t ox0, ox1;  /* points whose runs are all in the image */
    int32_t ring_rows; /* of padded rows, or 0 */
    int32_t *in_ring;  /* [ring_rows] which input row is where */
    const tin_rows *source; /* of these rows */
    tin_tiles todo;
} layer;

/* Copies input row y into the ring of padded rows, where what is beside it
 * holds zero points from the beginning. */
static void pad_row(layer *l, int32_t slot, int32_t y)
{
    const int32_t before = l->w->pad_left * l->w->in_c;
    const int32_t room = l->in.row_bytes - before,
                  row = l->w->in_w * l->w->in_c;
    const int32_t bytes = row < room ? row : room;
    int8_t *to = (int8_t *)l->in.base + slot * l->in.row_bytes + before;

    l->in_ring[slot] = y;
    if (bytes > 0)
        memcpy(to, tin_row(l->source, y), (size_t)bytes);
}

/* Where input row y begins in the ring. */
static int32_t find_row(layer *l, int32_t y)
{
    const int32_t slot = tin_slot(&l->in, y);

    if (l->ring_rows && l->in_ring[slot] != y)
        pad_row(l, slot, y);
    return slot * l->in.row_bytes;
}

/* Where the kernel rows of output row y begin in the ring. */
TIN_NOINLINE static const int32_t *find_rows(layer *l, int32_t y)
{
    const tin_window *w = l->w;
    const int32_t n = y / w->out_h;
    const int32_t origin = (y - n * w->out_h) * w->stride_h - w->pad_top;
    int32_t *rows = l->rows + (y & (l->tables - 1)) * (1 + w->kernel_h);

    if (*rows++ == y)
        return rows;
    rows[-1] = y;
    for (int32_t ky = 0; ky < w->kernel_h; ky++) {
        const int32_t iy = origin + ky * w->dilation_h;

        if (iy >= 0 && iy < w->in_h)
            rows[ky] = find_row(l, n * w->in_h + iy);
        else
            rows[ky] = l->ring_rows ? l->ring_rows * l->in.row_bytes : -1;
    }
    return rows;
}

/* The run of a point that is not all in the image, or has gaps. */
TIN_NOINLINE static const int8_t *copy_run(const layer *l, const int8_t *row,
                                           int32_t ox, int32_t point)
{
    const size_t tap = (size_t)l->w->in_c;
    int8_t *run = l->outside + (1 + point) * l->todo.run;
    const int32_t origin = ox * l->w->stride_w - l->w->pad_left;

    memset(run, l->d->conv.in_zero, (size_t)l->todo.run);
    for (int32_t kx = 0; kx < l->w->kernel_w; kx++) {
        const int32_t col = origin + kx * l->w->dilation_w;

        if (col >= 0 && col < l->w->in_w)
            memcpy(run + (size_t)kx * tap, row + (size_t)col * tap, tap);
    }
    return run;
}

/* The column where the window of output column ox begins. */
static int32_t input_col(const layer *l, int32_t ox)
{
    return ox * l->w->stride_w - (l->ring_rows ? 0 : l->w->pad_left);
}

/* The run of a point under a kernel row at offset `row`. */
static const int8_t *find_run(const layer *l, int32_t row, int32_t ox,
                              int32_t point)
{
    const int8_t *base = l->in.base;

    if (row < 0)
        return l->outside;
    if (ox < l->ox0 || ox >= l->ox1)
        return copy_run(l, base + row, ox, point);
    return base + row + input_col(l, ox) * l->w->in_c;
}

/* One point whose runs are one word each, in the scratch. */
static inline void gather_column(const layer *l, int32_t *x,
                                 const int32_t *rows, const int8_t *base)
{
    const int32_t *end = rows + l->w->kernel_h;

    do {
        tin_gather_put(x, tin_load_word(base + *rows));
        x += 8;
    } while (++rows != end);
}

/* Of POINTS each; less than one if there are less than no points. */
static int32_t whole_tiles(int32_t points)
{
    return points >> 2;
}

/* Moves on by one point. */
static void next_point(const layer *l, int32_t *y, int32_t *ox)
{
    if (++*ox == l->out_w) {
        *ox = 0;
        ++*y;
    }
}

/* n points from (y, ox) on, in any rows, and copies of the first for those
 * that are missing. */
TIN_NOINLINE static void gather_any(layer *l, int32_t y, int32_t ox, int32_t n)
{
    tin_gather g = {l->todo.x, {0}, 0};
    const int8_t *base = l->in.base;
    const int32_t *rows[POINTS];
    int32_t col[POINTS];

    for (int32_t i = 0; i < POINTS; i++) {
        rows[i] = i < n ? find_rows(l, y) : rows[0];
        col[i] = i < n ? ox : col[0];
        next_point(l, &y, &ox);
    }
    if (l->way == BY_COLUMNS) {
        for (int32_t i = 0; i < POINTS; i++)
            gather_column(l, l->todo.x + i, rows[i],
                          base + col[i] * l->todo.step);
        return;
    }
    for (int32_t ky = 0; ky < l->w->kernel_h; ky++) {
        const int8_t *p[POINTS];

        for (int32_t i = 0; i < POINTS; i++)
            p[i] = find_run(l, rows[i][ky], col[i], i);
        if (l->todo.run < 4)
            tin_gather_bytes(&g, l->todo.run, p);
        else
            tin_gather_words(&g, l->todo.run, p[0], p[1], p[2], p[3]);
    }
    if (g.count)
        tin_gather_rest(&g);
}

/* Tiles of points side by side whose runs are words. */
static void gather_column_tiles(const layer *l, const int32_t *rows,
                                const int8_t *x, int32_t tiles)
{
    int32_t *to = l->todo.x;

    for (; tiles > 0; tiles--) {
        for (int32_t i = 0; i < POINTS; i++, x += l->todo.step)
            gather_column(l, to + i, rows, x);
        to += POINTS * l->steps;
    }
}

/* A tile in the way of any window. Returns where the next one is gathered. */
TIN_NOINLINE static int32_t *gather_inside(const layer *l, int32_t *to,
                                           const int32_t *rows, const int8_t *x)
{
    tin_gather g = {to, {0}, 0};

    for (int32_t ky = 0; ky < l->w->kernel_h; ky++) {
        const int8_t *p = rows[ky] < 0 ? l->outside : x + rows[ky];
        const int32_t step = rows[ky] < 0 ? 0 : l->todo.step;

        if (l->todo.run < 4) {
            const int8_t *const four[POINTS] = {p, p + step, p + 2 * step,
                                                p + 3 * step};

            tin_gather_bytes(&g, l->todo.run, four);
        } else {
            tin_gather_words(&g, l->todo.run, p, p + step, p + 2 * step,
                             p + 3 * step);
        }
    }
    if (g.count)
        tin_gather_rest(&g);
    return g.x;
}

static void gather_tiles(const layer *l, const int32_t *rows, const int8_t *x,
                         int32_t tiles)
{
    int32_t *to = l->todo.x;

    for (; tiles > 0; tiles--, x += POINTS * l->todo.step)
        to = gather_inside(l, to, rows, x);
}

/* ---- Tiles -------------------------------------------------------------- */

/* Two channels of a tile. Returns where the stream continues. */
static const int32_t *conv_two(layer *l, const int32_t *stream,
                               int8_t two[POINTS][2])
{
    l->todo.stride = 2;
    l->todo.tiles = 1;
    stream = tin_tiles_make(&l->todo, stream, two[0], 2);
    l->todo.way = TIN_TILE_GATHERED; // it is there
    return stream;
}

/* Inputs of one point, n of them, one after the other. */
static inline int32_t *put_inputs(int32_t *x, const int8_t *src, int32_t n)
{
    for (const int8_t *const end = src + n; src != end; src += 4) {
        const uint32_t word = tin_load_word(src);

        *x++ = tin_sxtb16(word);
        *x++ = tin_sxtb16_odd(word);
    }
    return x;
}

/* One point, for which a tile takes three times as long: it has been gathered,
 * one input after the other. */
TIN_NOINLINE static void conv_point(const layer *l, int8_t *dst)
{
    tin_point_make(l->d->packed + 1, l->todo.x, l->steps, l->w->out_c, dst);
}

/* The same, gathered with copies if its runs are not words. */
TIN_NOINLINE static void conv_single(layer *l, int32_t y, int32_t ox)
{
    const int32_t col = input_col(l, ox) * l->w->in_c;
    const int32_t *rows;
    int32_t *x = l->todo.x;

    if (l->way == BY_COLUMNS) {
        rows = find_rows(l, y);
        for (int32_t ky = 0; ky < l->w->kernel_h; ky++)
            x = put_inputs(x, (int8_t *)l->in.base + rows[ky] + col, 4);
    } else {
        gather_any(l, y, ox, 1);
        for (int32_t i = 1; i < l->steps; i++)
            x[i] = x[POINTS * i];
    }
    conv_point(l, (int8_t *)tin_row(&l->out, y) + ox * l->w->out_c);
}

/* The odd last channel of tiles whose points lie one after the other: with
 * another it would take a byte too many. */
TIN_NOINLINE static void conv_last(layer *l, const int32_t *stream, int8_t *dst,
                                   int32_t tiles)
{
    const int32_t out_c = l->w->out_c;
    int32_t *const x = l->todo.x;

    for (dst += out_c - 1; tiles > 0; tiles--) {
        int8_t two[POINTS][2];

        conv_two(l, stream, two);
        for (int32_t i = 0; i < POINTS; i++, dst += out_c)
            *dst = two[i][0];
        l->todo.x += POINTS * l->steps;
    }
    l->todo.x = x;
}

/* The channels of tiles whose points lie one after the other. */
TIN_NOINLINE static void conv_together(layer *l, int8_t *dst, int32_t tiles)
{
    const int32_t out_c = l->w->out_c, even = out_c & ~1;
    const int32_t *stream = l->d->packed + 1;

    l->todo.stride = out_c;
    l->todo.tiles = tiles;
    if (even) {
        stream = tin_tiles_make(&l->todo, stream, dst, even);
        l->todo.way = TIN_TILE_GATHERED; // it is there
    }
    if (even < out_c)
        conv_last(l, stream, dst, tiles);
}

/* The channels of n points that lie anywhere. */
TIN_NOINLINE static void conv_apart(layer *l, int8_t *const dst[POINTS],
                                    int32_t n)
{
    const int32_t *stream = l->d->packed + 1;
    int8_t two[POINTS][2];

    for (int32_t oc = 0; oc < l->w->out_c; oc += 2) {
        stream = conv_two(l, stream, two);
        for (int32_t i = 0; i < n; i++) {
            dst[i][oc] = two[i][0];
            if (oc + 1 < l->w->out_c)
                dst[i][oc + 1] = two[i][1];
        }
    }
}

/* Tiles that the assembly gathers, from todo.from on. There is room for one, so
 * an odd last channel is made at once. */
TIN_NOINLINE static void conv_later(layer *l, int8_t *dst, int32_t tiles)
{
    const int32_t out_c = l->w->out_c, most = out_c & 1 ? 1 : tiles;

    for (; tiles > 0; tiles -= most) {
        l->todo.way = l->way;
        conv_together(l, dst, most);
        dst += POINTS * out_c;
    }
}

/* Tiles of row y from ox on. */
TIN_NOINLINE static void conv_inside(layer *l, int32_t y, int32_t ox,
                                     int32_t tiles)
{
    const int32_t *rows = find_rows(l, y);
    const int32_t out_c = l->w->out_c;
    const int8_t *x =
        (const int8_t *)l->in.base + input_col(l, ox) * l->w->in_c;
    int8_t *dst = (int8_t *)tin_row(&l->out, y) + ox * out_c;

    if (l->way == RGB) {
        for (int32_t ky = 0; ky < 3; ky++)
            l->todo.from[ky] = x + rows[ky];
        conv_later(l, dst, tiles);
        return;
    }
    while (tiles > 0) {
        const int32_t n = tiles < l->tiles ? tiles : l->tiles;

        if (l->way == BY_COLUMNS)
            gather_column_tiles(l, rows, x, n);
        else
            gather_tiles(l, rows, x, n);
        conv_together(l, dst, n);
        x += n * POINTS * l->todo.step;
        dst += n * POINTS * out_c;
        tiles -= n;
    }
}

/* n points, 1 .. 4, from (y, ox) on, in any rows: they have been gathered. */
TIN_NOINLINE static void conv_any(layer *l, int32_t y, int32_t ox, int32_t n)
{
    const int32_t out_c = l->w->out_c;
    int8_t *dst[POINTS] = {NULL};
    int together = n == POINTS;

    for (int32_t i = 0; i < n; i++) {
        dst[i] = (int8_t *)tin_row(&l->out, y) + ox * out_c;
        together = together && dst[i] == dst[0] + i * out_c;
        next_point(l, &y, &ox);
    }
    if (together)
        conv_together(l, dst[0], 1);
    else
        conv_apart(l, dst, n);
}

/* ---- The layer ---------------------------------------------------------- */

/* Points ox0 .. ox1 - 1 of a row have all of their runs in the image, or in
 * the ring of padded rows. */
static void find_inside(layer *l)
{
    const tin_window *w = l->w;
    const int32_t room = w->in_w - w->kernel_w + w->pad_left;

    l->ox0 = 0;
    l->ox1 = l->out_w;
    if (w->dilation_w > 1 && w->kernel_w > 1) {
        l->ox1 = 0;
    } else if (!l->ring_rows && l->out_w == w->out_w) {
        l->ox0 = (w->pad_left + w->stride_w - 1) / w->stride_w;
        l->ox1 = room < 0 ? 0 : room / w->stride_w + 1;
        if (l->ox1 > w->out_w)
            l->ox1 = w->out_w;
    }
}

/* Makes rows y0 .. y1 - 1 one long row where a window is one input and they
 * lie one after the other. */
static int join_ring(tin_rows *r, int32_t row_elems, int32_t y0, int32_t y1)
{
    int8_t *first = tin_row(r, y0);

    if (r->row_bytes != row_elems ||
        tin_row(r, y1 - 1) != (void *)(first + (y1 - 1 - y0) * row_elems))
        return 0;
    r->base = first;
    r->rows = 1;
    r->first = 0;
    return 1;
}

TIN_NOINLINE static int join_rows(layer *l, int32_t y0, int32_t y1)
{
    const tin_window *w = l->w;
    tin_rows in = l->in, out = l->out;

    if (w->in_c < 4 || w->kernel_h * w->kernel_w > 1 || w->stride_h > 1 ||
        w->stride_w > 1 || w->in_w != w->out_w || w->in_h != w->out_h ||
        w->pad_left > 0 || w->pad_top > 0 ||
        !join_ring(&in, w->in_w * w->in_c, y0, y1) ||
        !join_ring(&out, w->out_w * w->out_c, y0, y1))
        return 0;
    l->in = in;
    l->out = out;
    l->out_w *= y1 - y0;
    return 1;
}

/* The scratch, and what is in it from the beginning: `zeros` zero points for
 * what is outside, or those of the ring. */
static void share_scratch(layer *l, int32_t zeros, int32_t ring_bytes)
{
    const int32_t table = 1 + l->w->kernel_h;
    int8_t *bytes;

    l->rows = l->todo.x + l->tiles * POINTS * l->steps;
    l->in_ring = l->rows + l->tables * table;
    bytes = (int8_t *)(l->in_ring + l->ring_rows);
    l->outside = bytes + l->ring_rows * ring_bytes;
    for (int32_t i = 0; i < l->tables; i++)
        l->rows[i * table] = -1;
    for (int32_t i = 0; i < l->ring_rows; i++)
        l->in_ring[i] = -1;
    if (l->ring_rows) {
        l->in.base = bytes;
        l->in.row_bytes = ring_bytes;
        l->in.rows = l->ring_rows;
        l->in.first = 0;
        zeros = (l->ring_rows + 1) * ring_bytes;
    } else {
        bytes = l->outside;
    }
    memset(bytes, l->d->conv.in_zero, (size_t)zeros);
}

static int32_t find_way(const layer *l)
{
    const tin_window *w = l->w;

    if (l->ring_rows && l->todo.run == 4)
        return BY_COLUMNS;
    if (l->ring_rows && w->kernel_h == 3 && l->todo.run == 9)
        return RGB;
    return BY_RUNS;
}

/* What all windows need. */
static void start_layer(layer *l, const tin_conv2d_s8_dsp_params *d,
                        void *scratch)
{
    const tin_window *w = &d->conv.window;
    const int32_t taps = w->kernel_h * w->kernel_w * w->in_c;
    const int32_t steps = (taps + 1) >> 1;

    l->d = d;
    l->w = w;
    l->out_w = w->out_w;
    l->steps = steps;
    l->todo.x = scratch;
    l->todo.run = w->kernel_w * w->in_c;
    l->todo.step = w->stride_w * w->in_c;
    l->todo.way = TIN_TILE_GATHERED;
    tin_tiles_set_steps(&l->todo, steps, d->packed[0] & 3);
}

/* And what those other than PLAIN need. */
TIN_NOINLINE static void make_layer(layer *l)
{
    const tin_conv2d_s8_dsp_room r = tin_conv2d_s8_dsp_plan(l->w);

    l->tiles = r.tiles;
    l->tables = r.tables;
    l->ring_rows = r.ring_rows;
    share_scratch(l, r.edge_bytes ? l->todo.run : 0, r.ring_bytes);
    find_inside(l);
    l->way = find_way(l);
}

static int is_plain(const layer *l)
{
    const tin_window *w = l->w;

    return w->kernel_h * w->kernel_w == 1 && (w->in_c & 3) == 0 &&
           l->out_w >= POINTS && w->pad_top == 0 && w->pad_left == 0 &&
           (w->out_h - 1) * w->stride_h < w->in_h &&
           (w->out_w - 1) * w->stride_w < w->in_w;
}

/* Row y. Some of its last points are made twice if they do not fill a tile. */
static void conv_plain(layer *l, int32_t y)
{
    const tin_window *w = l->w;
    const int32_t n = y / w->out_h, tiles = whole_tiles(l->out_w);
    const int32_t rest = l->out_w - tiles * POINTS;
    const int32_t first =
        rest == 1 && !(l->d->packed[0] & 2) ? l->out_w - 1 : l->out_w - POINTS;
    const int8_t *x =
        tin_row(&l->in, n * w->in_h + (y - n * w->out_h) * w->stride_h);
    int8_t *dst = tin_row(&l->out, y);

    l->way = PLAIN;
    l->todo.from[0] = x;
    conv_later(l, dst, tiles);
    x += first * l->todo.step;
    dst += first * w->out_c;
    if (rest && first == l->out_w - 1) {
        put_inputs(l->todo.x, x, w->in_c);
        conv_point(l, dst);
    } else if (rest) {
        l->todo.from[0] = x;
        conv_later(l, dst, 1);
    }
}

/* For clamps that SSAT does not make. */
TIN_NOINLINE static void clamp_rows(const tin_conv2d_s8_params *p,
                                    const tin_rows *out, int32_t y0, int32_t y1)
{
    const int32_t n = p->window.out_w * p->window.out_c;

    for (int32_t y = y0; y < y1; y++)
        tin_clamp_dsp(tin_row(out, y), n, p->act_min, p->act_max);
}

/* A tile from (y, ox) on: 4 points or what is left, of one image if there is a
 * ring of padded rows. */
static int32_t points_of_tile(const layer *l, int32_t y, int32_t ox,
                              int32_t left)
{
    if (l->ring_rows) {
        const int32_t rows = l->w->out_h - y % l->w->out_h;

        left = tin_clamp(rows * l->out_w - ox, 1, left);
    }
    return left < POINTS ? left : POINTS;
}

/* `left` points from row y on. */
static void conv_windows(layer *l, int32_t y, int32_t left)
{
    const int fast = !(l->d->packed[0] & 2);
    int32_t ox = 0;

    while (left > 0) {
        const int32_t tiles = ox < l->ox0 ? 0 : whole_tiles(l->ox1 - ox);
        const int32_t n =
            tiles > 0 ? tiles * POINTS : points_of_tile(l, y, ox, left);

        if (tiles > 0) {
            conv_inside(l, y, ox, tiles);
        } else if (n == 1 && fast) {
            conv_single(l, y, ox);
        } else {
            gather_any(l, y, ox, n); // here, as it takes most of the stack
            conv_any(l, y, ox, n);
        }
        left -= n;
        for (ox += n; ox >= l->out_w; ox -= l->out_w)
            y++;
    }
}

void tin_conv2d_s8_dsp(const void *params, const tin_rows *in,
                       const tin_rows *out, int32_t y0, int32_t y1,
                       void *scratch)
{
    const tin_conv2d_s8_dsp_params *d = params;
    const tin_conv2d_s8_params *p = &d->conv;
    int32_t y = y0, rows = y1 - y0;
    layer l;

    l.source = in;
    l.in = *in;
    l.out = *out;
    start_layer(&l, d, scratch);
    if (rows > 1 && join_rows(&l, y0, y1))
        y = 0, rows = 1;
    if (is_plain(&l)) {
        for (; rows > 0; rows--)
            conv_plain(&l, y++);
    } else {
        make_layer(&l);
        conv_windows(&l, y, rows * l.out_w);
    }
    if (p->act_min > -128 || p->act_max < 127)
        clamp_rows(p, out, y0, y1);
}

#endif /* TIN_HAVE_DSP */
