/* SPDX-License-Identifier: MIT */
/*
 * The kernels of tinyinfer_reduce.h and tinyinfer_matmul.h. Rows made in
 * pieces and between short rings equal rows made at once, byte for byte;
 * seeded shapes against naive versions; and every condition that a check
 * refuses.
 */
#include <math.h>
#include "tinyinfer_matmul.h"
#include "tinyinfer_reduce.h"
#include "rings.h"

/* ---- Random numbers and guarded rings ----------------------------------- */

/* Fills a ring with small floats, or with any bytes. */
static tin_rows ring_random(int32_t rows, int32_t row_elems, int is_float,
                            int32_t elem_bytes)
{
    tin_rows r = ring_new(rows, row_elems * elem_bytes);

    for (int32_t i = 0; i < rows * row_elems * elem_bytes; i++)
        ((unsigned char *)r.base)[i] = (unsigned char)next_random();
    for (int32_t i = 0; is_float && i < rows * row_elems; i++)
        ((float *)r.base)[i] = (float)between(-40, 40) * 0.037f;
    return r;
}

/* ---- Every kernel in pieces --------------------------------------------- */

/* A layer. Row y of its work reads row y of the first input, unless that is
 * `kept` as a whole, and anything of the second. */
typedef struct {
    tin_kernel *run;
    const void *params;
    tin_rows in[2];
    int32_t work, in_h; /* rows of work, in_h of which make one of output */
    int32_t out_bytes;
    int32_t in_place, scratch, kept;
} layer;

/* One row of work after the other, the first input in a ring of one row, the
 * output in one of two. */
static void run_streamed(const layer *l, const tin_rows *whole, void *scratch)
{
    tin_rows in[2] = {l->in[0], l->in[1]};
    tin_rows out = ring_new(2, l->out_bytes);

    in[0] = ring_new(1, l->in[0].row_bytes);
    for (int32_t y = 0; y < l->work; y++) {
        const int32_t to = y / l->in_h;

        memcpy(in[0].base, tin_row(&l->in[0], y), (size_t)in[0].row_bytes);
        l->run(l->params, in, &out, y, y + 1, scratch);
        if (y % l->in_h == l->in_h - 1)
            cr_assert_arr_eq(tin_row(&out, to), tin_row(whole, to),
                             (size_t)l->out_bytes);
    }
    ring_free(&in[0]), ring_free(&out);
}

/* Runs a layer at once, in pieces, streamed, and in place. Returns the
 * output. */
static tin_rows run_layer(layer *l)
{
    const int32_t rows = l->work / l->in_h;
    tin_rows whole = ring_new(rows, l->out_bytes);
    tin_rows pieces = ring_new(rows, l->out_bytes);
    tin_rows scratch = ring_new(1, l->scratch ? l->scratch : 4);

    l->run(l->params, l->in, &whole, 0, l->work, scratch.base);
    for (int32_t y = 0, end; y < l->work; y = end) {
        end = between(y, l->work);
        l->run(l->params, l->in, &pieces, y, end, scratch.base);
    }
    cr_assert_arr_eq(whole.base, pieces.base, (size_t)(rows * l->out_bytes));
    if (!l->kept)
        run_streamed(l, &whole, scratch.base);
    if (l->in_place) {
        l->run(l->params, l->in, &l->in[0], 0, l->work, scratch.base);
        cr_assert_arr_eq(whole.base, l->in[0].base,
                         (size_t)(rows * l->out_bytes));
    }
    ring_free(&pieces), ring_free(&scratch);
    return whole;
}

/* ---- Reductions --------------------------------------------------------- */

static tin_reduce_shape random_shape(void)
{
    tin_reduce_shape s = {between(1, 3), {1, 1, 1, 1, 1}};

    for (int i = 0; i < TIN_DIMS; i++)
        s.dim[i] = next_random() % 3 ? between(1, 5) : 1;
    return s;
}

static int32_t row_elems(const tin_reduce_shape *s)
{
    return s->dim[0] * s->dim[1] * s->dim[2] * s->dim[3] * s->dim[4];
}

/* Where the accumulator of element i of a row lies. */
static int32_t kept_at(const tin_reduce_shape *s, int32_t i)
{
    const int32_t e = i % s->dim[4], c = i / s->dim[4] / s->dim[3] % s->dim[2];
    const int32_t a = i / s->dim[4] / s->dim[3] / s->dim[2] / s->dim[1];

    return (a * s->dim[2] + c) * s->dim[4] + e;
}

static double combine(int32_t op, double acc, double x)
{
    switch (op) {
    case TIN_REDUCE_MAX: return x > acc ? x : acc;
    case TIN_REDUCE_MIN: return x < acc ? x : acc;
    case TIN_REDUCE_PROD: return acc * x;
    default: return acc + x;
    }
}

/* Output row y in double. */
static void naive_reduce(const tin_reduce_shape *s, int32_t op,
                         const tin_rows *in, int is_float, int32_t y,
                         double *acc)
{
    const int32_t n = row_elems(s);

    for (int32_t i = 0; i < tin_reduce_kept(s); i++)
        acc[i] = op == TIN_REDUCE_MAX    ? -1e30
                 : op == TIN_REDUCE_MIN  ? 1e30
                 : op == TIN_REDUCE_PROD ? 1
                                         : 0;
    for (int32_t r = 0; r < s->in_h * n; r++) {
        const void *row = tin_row(in, y * s->in_h + r / n);
        const double x = is_float ? (double)((const float *)row)[r % n]
                                  : (double)((const int8_t *)row)[r % n];
        double *to = &acc[kept_at(s, r % n)];

        *to = combine(op, *to, x);
    }
}

Test(reduce_f32, seeded_shapes)
{
    double acc[256];

    for (int i = 0; i < 400; i++) {
        const tin_reduce_f32_params p = {random_shape(), i % 5};
        const int32_t n = between(1, 3), kept = tin_reduce_kept(&p.shape);
        layer l = {.run = tin_reduce_f32, .params = &p};
        tin_rows out;

        l.in[0] = ring_random(n * p.shape.in_h, row_elems(&p.shape), 1, 4);
        l.work = n * p.shape.in_h;
        l.in_h = p.shape.in_h;
        l.out_bytes = 4 * kept;
        l.scratch = tin_reduce_f32_scratch_size(&p);
        cr_assert_eq(tin_reduce_f32_check(&p, NULL), TIN_OK);
        out = run_layer(&l);
        for (int32_t k = 0; k < n * kept; k++) {
            const double got = (double)((float *)out.base)[k];
            double want;

            if (k % kept == 0)
                naive_reduce(&p.shape, p.op, &l.in[0], 1, k / kept, acc);
            want = acc[k % kept];
            if (p.op == TIN_REDUCE_MEAN)
                want /= tin_reduce_count(&p.shape);
            cr_assert(fabs(got - want) <= 1e-5 * fabs(want) + 1e-4,
                      "case %d: %g, not %g", i, got, want);
        }
        ring_free(&l.in[0]), ring_free(&out);
    }
}

/* A sum of scale 1: (m, s) = quantized(1). Products of 1 byte have scale 1 in
 * 16 bits, 32767 / 32768: the vectors hold these. */
static tin_reduce_int_params random_int(int i)
{
    tin_reduce_int_params p = {.op = i % 3, .elem_bytes = 1, .shift = 1};

    p.shape = random_shape();
    p.multiplier = 1 << 30;
    p.in_zero = between(-128, 127);
    p.out_zero = between(-128, 127);
    return p;
}

Test(reduce_int, seeded_shapes)
{
    double acc[256];

    for (int i = 0; i < 400; i++) {
        const tin_reduce_int_params p = random_int(i);
        const int32_t n = between(1, 3), kept = tin_reduce_kept(&p.shape);
        layer l = {.run = tin_reduce_int, .params = &p};
        tin_rows out;

        l.in[0] = ring_random(n * p.shape.in_h, row_elems(&p.shape), 0, 1);
        l.work = n * p.shape.in_h;
        l.in_h = p.shape.in_h;
        l.out_bytes = kept;
        l.scratch = tin_reduce_int_scratch_size(&p);
        cr_assert_eq(tin_reduce_int_check(&p, NULL), TIN_OK);
        out = run_layer(&l);
        for (int32_t k = 0; k < n * kept; k++) {
            double want;

            if (k % kept == 0)
                naive_reduce(&p.shape, p.op, &l.in[0], 0, k / kept, acc);
            want = acc[k % kept];
            if (p.op == TIN_REDUCE_SUM)
                want += p.out_zero - tin_reduce_count(&p.shape) * p.in_zero;
            want = want < -128 ? -128 : want > 127 ? 127 : want;
            cr_assert_eq(((int8_t *)out.base)[k], (int)want);
        }
        ring_free(&l.in[0]), ring_free(&out);
    }
}

/* What wraps does so alike everywhere. */
Test(reduce_int, wraps)
{
    int32_t x[3] = {INT32_MAX, 2, 5}, y, scratch;
    const tin_rows in = {x, sizeof x, 1, 0}, out = {&y, sizeof y, 1, 0};
    tin_reduce_int_params p = {{1, {1, 1, 1, 3, 1}}, 0, 4, 0, 0, 0, 0};

    p.op = TIN_REDUCE_SUM;
    tin_reduce_int(&p, &in, &out, 0, 1, &scratch);
    cr_assert_eq(y, INT32_MIN + 6);
    p.op = TIN_REDUCE_PROD;
    tin_reduce_int(&p, &in, &out, 0, 1, &scratch);
    cr_assert_eq(y, -10);
}

/* Means of whole numbers, some of them the largest there are, do not overflow,
 * and are rounded towards 0. */
Test(reduce_int, means)
{
    enum { ROWS = 3, MOST = 9 };
    int32_t x[ROWS * MOST], y, scratch[2];

    for (int i = 0; i < 2000; i++) {
        const int32_t n = between(1, MOST);
        const tin_reduce_int_params p = {
            {ROWS, {1, 1, 1, n, 1}}, TIN_REDUCE_MEAN, 4, 0, 0, 0, 0};
        const tin_rows in = {x, n * 4, ROWS, 0}, out = {&y, 4, 1, 0};
        int64_t sum = 0;

        for (int32_t k = 0; k < ROWS * n; k++) {
            const int32_t edge = k & 1 && i & 1 ? INT32_MAX : INT32_MIN;

            x[k] = i % 3 ? between(-9, 9) : edge;
            sum += x[k];
        }
        cr_assert_eq(tin_reduce_int_check(&p, NULL), TIN_OK);
        cr_assert_eq(tin_reduce_int_scratch_size(&p), 8);
        for (int32_t k = 0; k < ROWS; k++)
            tin_reduce_int(&p, &in, &out, k, k + 1, scratch);
        cr_assert_eq(y, (int32_t)(sum / (ROWS * n)));
    }
}

/* ---- Along an axis ------------------------------------------------------ */

static tin_axis random_axis(void)
{
    const tin_axis a = {between(1, 4), between(1, 6), between(1, 4)};

    return a;
}

Test(argmax, seeded_shapes)
{
    for (int i = 0; i < 400; i++) {
        const tin_argmax_params p = {random_axis(), i % 5, i / 5 % 2,
                                     i / 10 % 2 ? 8 : 4};
        const tin_axis *a = &p.axis;
        const int32_t bytes = tin_key_bytes(p.type), n = a->outer * a->inner;
        layer l = {.run = tin_argmax, .params = &p, .work = 3, .in_h = 1};
        tin_rows out;

        l.in[0] =
            ring_random(3, tin_axis_elems(a), p.type == TIN_KEY_F32, bytes);
        l.out_bytes = n * p.index_bytes;
        cr_assert_eq(tin_argmax_check(&p, NULL), TIN_OK);
        out = run_layer(&l);
        for (int32_t k = 0; k < 3 * n; k++) {
            const void *row = tin_row(&l.in[0], k / n);
            const int32_t o = k % n / a->inner, c = k % a->inner;
            const size_t first = (size_t)(o * a->extent * a->inner + c);
            int64_t place = 0;

            memcpy(&place, (char *)out.base + k * p.index_bytes,
                   (size_t)p.index_bytes);
            for (int32_t e = 0; e < a->extent; e++) {
                const int32_t best =
                    tin_key(row, first + (size_t)(place * a->inner), p.type);
                const int32_t key =
                    tin_key(row, first + (size_t)(e * a->inner), p.type);

                cr_assert(p.minimum ? key >= best : key <= best);
                cr_assert(key != best || place <= e);
            }
        }
        ring_free(&l.in[0]), ring_free(&out);
    }
}

/* Keys have the order of the numbers. */
Test(key, order_of_floats)
{
    const float x[10] = {-INFINITY, -3e38f, -1.5f, -1e-40f, -0.0f,
                         0.0f,      1e-40f, 2,     3e38f,   INFINITY};

    for (size_t i = 1; i < 10; i++)
        cr_assert_eq(tin_key(x, i - 1, TIN_KEY_F32) <
                         tin_key(x, i, TIN_KEY_F32),
                     x[i - 1] < x[i]);
}

Test(topk, seeded_shapes)
{
    for (int i = 0; i < 300; i++) {
        const int32_t c = between(1, 12);
        tin_topk_params p = {between(1, 3), c, between(1, c), i % 5, 0};
        layer l = {.run = tin_topk, .params = &p, .work = 2, .in_h = 1};
        const int32_t bytes = tin_key_bytes(p.type);
        tin_rows values, places;

        l.in[0] = ring_random(2, p.groups * c, p.type == TIN_KEY_F32, bytes);
        cr_assert_eq(tin_topk_check(&p, NULL), TIN_OK);
        l.out_bytes = p.groups * p.k * bytes;
        values = run_layer(&l);
        p.indices = 1;
        l.out_bytes = p.groups * p.k * 4;
        places = run_layer(&l);
        for (int32_t k = 0; k < 2 * p.groups * p.k; k++) {
            const int32_t *place = (int32_t *)places.base + k;
            const size_t at = (size_t)(k / p.k * c + *place);
            const int32_t key = tin_key(l.in[0].base, at, p.type);

            cr_assert_eq(tin_key(values.base, (size_t)k, p.type), key);
            if (k % p.k > 0) { // after the one before it
                const int32_t before =
                    tin_key(values.base, (size_t)k - 1, p.type);

                cr_assert(key < before ||
                          (key == before && place[0] > place[-1]));
            }
        }
        ring_free(&l.in[0]), ring_free(&values), ring_free(&places);
    }
}

/* Sums of one kernel against those of the next wider one. */
Test(cumsum, seeded_shapes)
{
    for (int i = 0; i < 200; i++) {
        const tin_axis a = random_axis();
        const tin_cumsum_f32_params pf = {a, i & 1, i >> 1 & 1};
        const tin_cumsum_s32_params pi = {a, i & 1, i >> 1 & 1};
        const tin_cumsum_s8_params pb = {a, i & 1,   i >> 1 & 1, 0,
                                         5, 1 << 30, -18}; // scale 1
        const int32_t n = 2 * tin_axis_elems(&a);
        layer lf = {.run = tin_cumsum_f32, .params = &pf, .in_h = 1};
        layer li = {.run = tin_cumsum_s32, .params = &pi, .in_h = 1};
        layer lb = {.run = tin_cumsum_s8, .params = &pb, .in_h = 1};
        tin_rows outs[3];

        lf.work = li.work = lb.work = 2;
        lf.out_bytes = li.out_bytes = 2 * n;
        lb.out_bytes = n / 2;
        lb.in[0] = ring_random(2, n / 2, 0, 1);
        lf.in[0] = ring_new(2, 2 * n), li.in[0] = ring_new(2, 2 * n);
        for (int32_t k = 0; k < n; k++) {
            ((int32_t *)li.in[0].base)[k] = ((int8_t *)lb.in[0].base)[k];
            ((float *)lf.in[0].base)[k] = ((int8_t *)lb.in[0].base)[k];
        }
        outs[0] = run_layer(&lf), outs[1] = run_layer(&li);
        outs[2] = run_layer(&lb);
        for (int32_t k = 0; k < n; k++) {
            const int32_t sum = ((int32_t *)outs[1].base)[k];

            cr_assert_eq(((float *)outs[0].base)[k], (float)sum);
            cr_assert_eq(((int8_t *)outs[2].base)[k],
                         tin_clamp(sum + 5, -128, 127));
        }
        for (int k = 0; k < 3; k++)
            ring_free(&outs[k]);
        ring_free(&lf.in[0]), ring_free(&li.in[0]), ring_free(&lb.in[0]);
    }
}

/* ---- Norms -------------------------------------------------------------- */

/* The int8 kernel is within one unit of the float one. */
Test(l2norm, seeded_shapes)
{
    for (int i = 0; i < 300; i++) {
        const int32_t c = i < 50 ? between(1, 3) : between(1, 300);
        const tin_l2norm_s8_params pb = {between(1, 3), c, between(-128, 127)};
        const tin_l2norm_f32_params pf = {pb.groups, c};
        const int32_t n = pb.groups * c;
        layer lb = {.run = tin_l2norm_s8, .params = &pb, .in_h = 1};
        layer lf = {.run = tin_l2norm_f32, .params = &pf, .in_h = 1};
        tin_rows bytes, floats;

        lb.work = lf.work = 2;
        lb.out_bytes = n, lf.out_bytes = 4 * n;
        lb.in_place = lf.in_place = 1;
        lb.in[0] = ring_random(2, n, 0, 1), lf.in[0] = ring_new(2, 4 * n);
        for (int32_t k = 0; k < 2 * n; k++)
            ((float *)lf.in[0].base)[k] =
                (float)(((int8_t *)lb.in[0].base)[k] - pb.in_zero);
        cr_assert_eq(tin_l2norm_s8_check(&pb, NULL), TIN_OK);
        cr_assert_eq(tin_l2norm_f32_check(&pf, NULL), TIN_OK);
        bytes = run_layer(&lb), floats = run_layer(&lf);
        for (int32_t k = 0; k < 2 * n; k++)
            cr_assert(fabsf((float)((int8_t *)bytes.base)[k] -
                            fminf(127, 128 * ((float *)floats.base)[k])) <= 1);
        ring_free(&bytes), ring_free(&floats);
        ring_free(&lb.in[0]), ring_free(&lf.in[0]);
    }
}

Test(lrn_f32, seeded_shapes)
{
    for (int i = 0; i < 100; i++) {
        const tin_lrn_f32_params p = {between(1, 3), between(1, 12), i % 5, 1,
                                      0.3f,          0.75f};
        const int32_t n = p.groups * p.c;
        layer l = {.run = tin_lrn_f32, .params = &p, .work = 2, .in_h = 1};
        tin_rows out;

        l.in[0] = ring_random(2, n, 1, 4);
        l.out_bytes = 4 * n;
        cr_assert_eq(tin_lrn_f32_check(&p, NULL), TIN_OK);
        out = run_layer(&l);
        for (int32_t k = 0; k < 2 * n; k++) {
            const float *x = (float *)l.in[0].base + k / p.c * p.c;
            double sum = 0, want;

            for (int32_t j = 0; j < p.c; j++)
                if (abs(j - k % p.c) <= p.radius)
                    sum += (double)x[j] * (double)x[j];
            want = (double)x[k % p.c] / pow(1 + (double)p.alpha * sum, 0.75);
            cr_assert(fabs((double)((float *)out.base)[k] - want) <=
                      1e-5 * fabs(want));
        }
        ring_free(&l.in[0]), ring_free(&out);
    }
}

/* The root of what tin_avgpool2d_f32 would make of the squares. */
Test(l2pool2d_f32, window_in_a_ring)
{
    const tin_pool2d_f32_params p = {
        {6, 5, 2, 3, 3, 2, 3, 2, 2, 2, 1, 1, 1, 0}, 0, 100};
    tin_rows in = ring_random(6, 10, 1, 4), ring = ring_new(4, 40);
    tin_rows out = ring_new(3, 24), one = ring_new(1, 24);

    cr_assert_eq(tin_l2pool2d_f32_check(&p, NULL), TIN_OK);
    tin_l2pool2d_f32(&p, &in, &out, 0, 3, NULL);
    for (int32_t y = 0, there = 0; y < 3; y++) {
        for (; there < 6 && there < 2 * y + 2; there++)
            memcpy(tin_row(&ring, there), tin_row(&in, there), 40);
        tin_l2pool2d_f32(&p, &ring, &one, y, y + 1, NULL);
        cr_assert_arr_eq(one.base, tin_row(&out, y), 24);
    }
    for (int32_t x = 0; x < 2; x++) { // the corner: rows 0, 1, columns 0, 1
        const float *a = in.base, *b = tin_row(&in, 1);
        const float sum = a[x] * a[x] + a[2 + x] * a[2 + x] + b[x] * b[x] +
                          b[2 + x] * b[2 + x];

        cr_assert_float_eq(((float *)out.base)[x], sqrtf(sum / 4), 1e-5f);
    }
    ring_free(&in), ring_free(&ring), ring_free(&out), ring_free(&one);
}

/* ---- Products of matrices ----------------------------------------------- */

/* Two batches, of which either may be one matrix for all. */
static tin_matmul_shape random_product(void)
{
    tin_matmul_shape s = {.batch = {1, 1, between(1, 3)}};

    s.stride_a[2] = between(0, 1);
    s.stride_b[2] = between(0, 1);
    s.m = between(1, 5), s.k = between(1, 6), s.n = between(1, 5);
    s.adj_a = between(0, 1), s.adj_b = between(0, 1);
    s.lines = s.adj_a || between(0, 1) ? s.m : 1;
    return s;
}

/* Element (i, j) of matrix b of the output, with operands as doubles. */
static double naive_product(const tin_matmul_shape *s, const int8_t *a,
                            const int8_t *b, int32_t at, int32_t za, int32_t zb)
{
    const int32_t matrix = at / s->n / s->m, l = at / s->n % s->m;
    const int32_t j = at % s->n;
    double sum = 0;

    a += matrix * s->stride_a[2] * s->m * s->k;
    b += matrix * s->stride_b[2] * s->k * s->n;
    for (int32_t i = 0; i < s->k; i++)
        sum += (a[s->adj_a ? i * s->m + l : l * s->k + i] - za) *
               (b[s->adj_b ? j * s->k + i : i * s->n + j] - zb);
    return sum;
}

/* A copy of a ring of bytes with elements of int16, or of floats. */
static tin_rows widened(const tin_rows *r, int32_t elem_bytes)
{
    const tin_rows wide = ring_new(r->rows, r->row_bytes * elem_bytes);

    for (int32_t i = 0; i < r->rows * r->row_bytes; i++) {
        const int8_t x = ((int8_t *)r->base)[i];

        if (elem_bytes == 2)
            ((int16_t *)wide.base)[i] = x;
        else
            ((float *)wide.base)[i] = x;
    }
    return wide;
}

Test(matmul, seeded_shapes)
{
    for (int i = 0; i < 400; i++) {
        const tin_matmul_shape s = random_product();
        const tin_matmul_f32_params pf = {s};
        const tin_matmul_s16_params pw = {s, 1 << 30, -6};
        const tin_matmul_s8_params pb = {s, 3, -7, 11, 1 << 30, -6}; // 2^-7
        const int32_t rows = s.batch[2] * s.m / s.lines;
        tin_rows a = ring_random(rows, s.lines * s.k, 0, 1);
        tin_rows b = ring_random(s.batch[2], s.k * s.n, 0, 1);
        tin_rows in[4] = {widened(&a, 4), widened(&b, 4), widened(&a, 2),
                          widened(&b, 2)};
        layer l[3] = {{.run = tin_matmul_s8, .params = &pb, .in = {a, b}},
                      {.run = tin_matmul_s16, .params = &pw},
                      {.run = tin_matmul_f32, .params = &pf}};
        tin_rows out[3];

        l[1].in[0] = in[2], l[1].in[1] = in[3];
        l[2].in[0] = in[0], l[2].in[1] = in[1];
        cr_assert_eq(tin_matmul_f32_check(&pf, NULL), TIN_OK);
        cr_assert_eq(tin_matmul_s16_check(&pw, NULL), TIN_OK);
        cr_assert_eq(tin_matmul_s8_check(&pb, NULL), TIN_OK);
        for (int k = 0; k < 3; k++) {
            l[k].work = rows;
            l[k].in_h = 1;
            l[k].out_bytes = s.lines * s.n << k;
            l[k].kept = s.stride_a[2] == 0;
            out[k] = run_layer(&l[k]);
        }
        for (int32_t k = 0; k < rows * s.lines * s.n; k++) {
            const int32_t sum =
                (int32_t)naive_product(&s, a.base, b.base, k, 3, -7);
            const double plain = naive_product(&s, a.base, b.base, k, 0, 0);

            cr_assert_eq(((int8_t *)out[0].base)[k],
                         tin_output_s8(sum, 1 << 30, -6, 11, -128, 127));
            cr_assert_eq(((int16_t *)out[1].base)[k], floor(plain / 128 + 0.5));
            cr_assert_eq(((float *)out[2].base)[k], (float)plain);
        }
        ring_free(&a), ring_free(&b);
        for (int k = 0; k < 4; k++)
            ring_free(&in[k]);
        for (int k = 0; k < 3; k++)
            ring_free(&out[k]);
    }
}

/* ---- What the checks refuse --------------------------------------------- */

enum { LARGE = 0x20000000 };

Test(reduce_f32, check)
{
    const tin_reduce_f32_params good = {{1, {1, 2, 3, 4, 5}}, TIN_REDUCE_MEAN};
    tin_reduce_f32_params p;

    REFUSE(p.op = -1, tin_reduce_f32_check, TIN_ERR_ARG);
    REFUSE(p.op = 5, tin_reduce_f32_check, TIN_ERR_ARG);
    REFUSE(p.shape.in_h = 0, tin_reduce_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.dim[3] = 0, tin_reduce_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.in_h = LARGE, tin_reduce_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.shape.dim[1] = LARGE, tin_reduce_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.shape.dim[4] = LARGE, tin_reduce_f32_check, TIN_ERR_OVERFLOW);
}

Test(reduce_int, check)
{
    const tin_reduce_int_params good = {
        {1, {1, 2, 3, 4, 5}}, TIN_REDUCE_SUM, 1, -128, 127, 1 << 30, 14};
    tin_reduce_int_params p;

    REFUSE(p.op = TIN_REDUCE_MEAN, tin_reduce_int_check, TIN_ERR_ARG);
    REFUSE(p.op = TIN_REDUCE_MEAN + 1, tin_reduce_int_check, TIN_ERR_ARG);
    REFUSE((p.op = TIN_REDUCE_MEAN, p.elem_bytes = 4, p.shape.dim[0] = 1 << 24),
           tin_reduce_int_check, TIN_ERR_OVERFLOW);
    REFUSE(p.elem_bytes = 3, tin_reduce_int_check, TIN_ERR_ARG);
    REFUSE(p.elem_bytes = 8, tin_reduce_int_check, TIN_ERR_ARG);
    REFUSE(p.elem_bytes = 2, tin_reduce_int_check, TIN_ERR_QUANT);
    REFUSE(p.in_zero = -129, tin_reduce_int_check, TIN_ERR_QUANT);
    REFUSE(p.out_zero = 128, tin_reduce_int_check, TIN_ERR_QUANT);
    REFUSE(p.multiplier = -1, tin_reduce_int_check, TIN_ERR_QUANT);
    REFUSE(p.shift = 31, tin_reduce_int_check, TIN_ERR_QUANT);
    REFUSE((p.op = TIN_REDUCE_PROD, p.shift = 15), tin_reduce_int_check,
           TIN_ERR_QUANT);
    REFUSE(p.shape.in_h = 1 << 21, tin_reduce_int_check, TIN_ERR_OVERFLOW);
    REFUSE(p.shape.dim[4] = LARGE, tin_reduce_int_check, TIN_ERR_OVERFLOW);
    REFUSE(p.shape.dim[0] = 0, tin_reduce_int_check, TIN_ERR_SHAPE);
}

Test(argmax, check)
{
    const tin_argmax_params good = {{2, 3, 4}, TIN_KEY_F32, 0, 8};
    tin_argmax_params p;

    REFUSE(p.axis.outer = 0, tin_argmax_check, TIN_ERR_SHAPE);
    REFUSE(p.axis.extent = 0, tin_argmax_check, TIN_ERR_SHAPE);
    REFUSE(p.axis.inner = -1, tin_argmax_check, TIN_ERR_SHAPE);
    REFUSE(p.axis.extent = LARGE, tin_argmax_check, TIN_ERR_OVERFLOW);
    REFUSE((p.type = TIN_KEY_S8, p.axis = (tin_axis){LARGE, 1, 1}),
           tin_argmax_check, TIN_ERR_OVERFLOW);
    REFUSE(p.type = 5, tin_argmax_check, TIN_ERR_ARG);
    REFUSE(p.type = -1, tin_argmax_check, TIN_ERR_ARG);
    REFUSE(p.index_bytes = 2, tin_argmax_check, TIN_ERR_ARG);
}

Test(topk, check)
{
    const tin_topk_params good = {2, 5, 5, TIN_KEY_S8, 1};
    tin_topk_params p;

    REFUSE(p.groups = 0, tin_topk_check, TIN_ERR_SHAPE);
    REFUSE(p.k = 0, tin_topk_check, TIN_ERR_SHAPE);
    REFUSE(p.k = 6, tin_topk_check, TIN_ERR_SHAPE);
    REFUSE(p.groups = LARGE, tin_topk_check, TIN_ERR_OVERFLOW);
    REFUSE((p.c = 1 << 30, p.k = LARGE), tin_topk_check, TIN_ERR_OVERFLOW);
    REFUSE(p.type = 5, tin_topk_check, TIN_ERR_ARG);
}

Test(cumsum, check)
{
    const tin_cumsum_s8_params good = {{2, 3, 4}, 0, 0, -128, 127, 1 << 30, 0};
    const tin_cumsum_f32_params large = {{2, LARGE, 1}, 0, 0};
    const tin_cumsum_s32_params none = {{2, 0, 1}, 0, 0};
    tin_cumsum_s8_params p;

    cr_assert_eq(tin_cumsum_f32_check(&large, NULL), TIN_ERR_OVERFLOW);
    cr_assert_eq(tin_cumsum_s32_check(&none, NULL), TIN_ERR_SHAPE);
    REFUSE(p.axis.outer = 0, tin_cumsum_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.axis.outer = LARGE, tin_cumsum_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.in_zero = 128, tin_cumsum_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_zero = -129, tin_cumsum_s8_check, TIN_ERR_QUANT);
    REFUSE(p.multiplier = -1, tin_cumsum_s8_check, TIN_ERR_QUANT);
    REFUSE(p.shift = 1, tin_cumsum_s8_check, TIN_ERR_QUANT);
}

Test(norms, check)
{
    const tin_l2norm_s8_params good = {2, 33025, 127};
    const tin_l2norm_f32_params none = {2, 0}, large = {2, LARGE};
    const tin_pool2d_f32_params pool = {
        {6, 5, 2, 3, 3, 2, 3, 2, 2, 2, 1, 1, 1, 0}, 1, 0};
    tin_l2norm_s8_params p;

    cr_assert_eq(tin_l2norm_f32_check(&none, NULL), TIN_ERR_SHAPE);
    cr_assert_eq(tin_l2norm_f32_check(&large, NULL), TIN_ERR_OVERFLOW);
    cr_assert_eq(tin_l2pool2d_f32_check(&pool, NULL), TIN_ERR_ARG);
    REFUSE(p.groups = 0, tin_l2norm_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 33026, tin_l2norm_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.groups = LARGE, tin_l2norm_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.in_zero = -129, tin_l2norm_s8_check, TIN_ERR_QUANT);
}

Test(lrn_f32, check)
{
    const tin_lrn_f32_params good = {2, 3, 0, 1, 1, 1};
    tin_lrn_f32_params p;

    REFUSE(p.groups = 0, tin_lrn_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.c = 0, tin_lrn_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.radius = -1, tin_lrn_f32_check, TIN_ERR_SHAPE);
    REFUSE(p.c = LARGE, tin_lrn_f32_check, TIN_ERR_OVERFLOW);
    REFUSE(p.bias = NAN, tin_lrn_f32_check, TIN_ERR_ARG);
    REFUSE(p.alpha = NAN, tin_lrn_f32_check, TIN_ERR_ARG);
    REFUSE(p.beta = NAN, tin_lrn_f32_check, TIN_ERR_ARG);
}

Test(matmul, check)
{
    const tin_matmul_s8_params good = {
        {{1, 2, 3}, {0, 3, 1}, {0, 0, 1}, 4, 5, 6, 1, 0, 1},
        -128,
        127,
        0,
        1 << 30,
        30};
    const tin_matmul_f32_params wide = {
        {{1, 1, 1}, {0}, {0}, 1, LARGE, 1, 1, 0, 0}};
    tin_matmul_s8_params p;

    cr_assert_eq(tin_matmul_f32_check(&wide, NULL), TIN_ERR_OVERFLOW);
    REFUSE(p.shape.m = 0, tin_matmul_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.k = 0, tin_matmul_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.n = -1, tin_matmul_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.lines = 2, tin_matmul_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.adj_a = 1, tin_matmul_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.batch[0] = 0, tin_matmul_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.stride_b[1] = -1, tin_matmul_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.batch[0] = LARGE, tin_matmul_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.shape.stride_a[1] = LARGE, tin_matmul_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.shape.k = 33026, tin_matmul_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.shape.n = LARGE, tin_matmul_s8_check, TIN_ERR_OVERFLOW);
    REFUSE(p.a_zero = -129, tin_matmul_s8_check, TIN_ERR_QUANT);
    REFUSE(p.b_zero = 128, tin_matmul_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_zero = 128, tin_matmul_s8_check, TIN_ERR_QUANT);
    REFUSE(p.multiplier = -1, tin_matmul_s8_check, TIN_ERR_QUANT);
    REFUSE(p.shift = 31, tin_matmul_s8_check, TIN_ERR_QUANT);
}

Test(matmul_s16, check)
{
    const tin_matmul_s16_params good = {
        {{1, 2, 3}, {0, 2, 1}, {0, 0, 1}, 4, 5, 6, 4, 1, 1}, 1 << 30, 14};
    tin_matmul_s16_params p;

    REFUSE(p.shape.n = 0, tin_matmul_s16_check, TIN_ERR_SHAPE);
    REFUSE(p.shape.k = (1 << 17) + 1, tin_matmul_s16_check, TIN_ERR_OVERFLOW);
    REFUSE(p.shape.n = LARGE, tin_matmul_s16_check, TIN_ERR_OVERFLOW);
    REFUSE(p.multiplier = -1, tin_matmul_s16_check, TIN_ERR_QUANT);
    REFUSE(p.shift = 15, tin_matmul_s16_check, TIN_ERR_QUANT);
}
