/* SPDX-License-Identifier: MIT */
/*
 * broadcasts.h: what tests of kernels with two inputs share, either of which
 * may be broadcast: random shapes, and every kernel of a list against the
 * definition of one element.
 */
#ifndef BROADCASTS_H
#define BROADCASTS_H

#include "floats.h"
#include "tinyinfer_binary.h"

/* ---- Elements ----------------------------------------------------------- */

static inline int64_t get(const void *p, int32_t bytes)
{
    int8_t one;
    int16_t two;
    int32_t four;
    int64_t eight;

    switch (bytes) {
    case 1: return memcpy(&one, p, 1), one;
    case 2: return memcpy(&two, p, 2), two;
    case 4: return memcpy(&four, p, 4), four;
    default: return memcpy(&eight, p, 8), eight;
    }
}

static inline void put(void *p, int32_t bytes, int64_t x)
{
    const int8_t one = (int8_t)x;
    const int16_t two = (int16_t)x;
    const int32_t four = (int32_t)x;

    memcpy(p,
           bytes == 1   ? (const void *)&one
           : bytes == 2 ? (const void *)&two
           : bytes == 4 ? (const void *)&four
                        : (const void *)&x,
           (size_t)bytes);
}

static inline float get_f32(const void *p)
{
    float x;

    memcpy(&x, p, sizeof x);
    return x;
}

/* ---- Kernels ------------------------------------------------------------ */

typedef union {
    tin_broadcast shape; /* the first member of them all */
    tin_add_f32_params add_f32;
    tin_add_s8_params add_s8;
    tin_binary_f32_params f32;
    tin_binary_int_params whole;
    tin_binary_quant_params quant;
    tin_muldiv_params muldiv;
    tin_compare_f32_params compare_f32;
    tin_compare_int_params compare_int;
    tin_compare_s8_params compare_s8;
    tin_select_params select;
} any_params;

typedef struct {
    const char *name;
    tin_kernel *run;
    tin_check *check;
    void (*draw)(any_params *p, int32_t bytes); /* all but the shape */
    void (*expect)(const any_params *p, const void *a, const void *b,
                   void *out); /* NULL: tin_select */
    int32_t in_bytes, out_bytes;
    int is_float, in_place;
    double near; /* how far from it the output may be */
} subject;

#define KERNEL(name, draw, expect, in, out, is_float, in_place, near)          \
 {                                                                             \
#  name, tin_##name, tin_##name##_check, draw, expect, in, out, is_float,      \
      in_place, near                                                           \
 }

static const tin_broadcast four = {
    {1, 1, 1, 1, 4}, {0, 0, 0, 0, 1}, {0, 0, 0, 0, 1}};

/* Four elements through a kernel. */
static inline void run_four(tin_kernel *kernel, const void *params,
                            const void *a, const void *b, int32_t in_bytes,
                            void *out, int32_t out_bytes)
{
    const tin_rows in[2] = {resident(a, 4 * in_bytes),
                            resident(b, 4 * in_bytes)};
    const tin_rows to = resident(out, 4 * out_bytes);

    kernel(params, in, &to, 0, 1, NULL);
}

/* ---- Inputs ------------------------------------------------------------- */

/* Small numbers, so that pairs are equal now and then, and no int64 of the
 * naive version overflows. */
static inline void fill(tin_rows *r, int32_t bytes, int is_float)
{
    for (int32_t i = 0; i < r->rows * r->row_bytes / bytes; i++) {
        unsigned char *to = (unsigned char *)r->base + i * bytes;
        const float x = (float)between(-40, 40) / 8;

        if (is_float)
            memcpy(to, &x, sizeof x);
        else if (bytes <= 2 && between(0, 1))
            put(to, bytes, between(-32768, 32767));
        else
            put(to, bytes, between(-6, 6));
    }
}

/* Extents and strides of an input that keeps the extents of the bits `kept`;
 * returns its elements per row, and its rows. */
static inline int32_t make_strides(const int32_t dim[TIN_DIMS], uint32_t kept,
                                   int32_t stride[TIN_DIMS], int32_t *rows)
{
    int32_t size = 1, d;

    *rows = 1;
    for (d = 4; d >= 3; d--) {
        stride[d] = kept >> d & 1 ? size : 0;
        size *= kept >> d & 1 ? dim[d] : 1;
    }
    for (; d >= 0; d--) {
        stride[d] = kept >> d & 1 ? *rows : 0;
        *rows *= kept >> d & 1 ? dim[d] : 1;
    }
    return size;
}

/* One kernel with params and inputs. */
typedef struct {
    const subject *k;
    any_params p;
    job j; /* on p */
    tin_rows want;
} trial;

/* The strides of input n, in params of two inputs or of tin_select. */
static inline int32_t *stride_of(any_params *p, int32_t n_in, int32_t n)
{
    return n == n_in - 1   ? p->shape.stride_b
           : n == n_in - 2 ? p->shape.stride_a
                           : p->select.stride_c;
}

static inline int32_t row_of(const tin_broadcast *s, const int32_t *stride,
                             int32_t y)
{
    const int32_t *dim = s->dim;

    return y / (dim[1] * dim[2]) * stride[0] + y / dim[2] % dim[1] * stride[1] +
           y % dim[2] * stride[2];
}

static inline void need_broadcast(const void *params, int k, int32_t y,
                                  int32_t *first, int32_t *last)
{
    const tin_broadcast *s = params;

    *first = *last = row_of(s, k ? s->stride_b : s->stride_a, y);
}

/* in[0] chooses between in[1] and in[2]. */
static inline void need_select(const void *params, int k, int32_t y,
                               int32_t *first, int32_t *last)
{
    const tin_select_params *p = params;

    if (k > 0)
        need_broadcast(params, k - 1, y, first, last);
    else
        *first = *last = row_of(&p->shape, p->stride_c, y);
}

/* The element of input k that goes with element i of output row y. */
static inline const void *element(trial *t, int k, int32_t y, int32_t i)
{
    const int32_t *s = stride_of(&t->p, t->j.n_in, k), n = t->p.shape.dim[4];
    const int32_t bytes = t->j.n_in == 3 && k == 0 ? 1 : t->k->in_bytes;

    return (const unsigned char *)tin_row(&t->j.in[k],
                                          row_of(&t->p.shape, s, y)) +
           (i / n * s[3] + i % n * s[4]) * bytes;
}

static inline void compute_want(trial *t)
{
    const int32_t *dim = t->p.shape.dim;

    for (int32_t y = 0; y < t->want.rows; y++)
        for (int32_t i = 0; i < dim[3] * dim[4]; i++) {
            unsigned char *to =
                (unsigned char *)tin_row(&t->want, y) + i * t->k->out_bytes;
            const void *e[3] = {0};

            for (int k = 0; k < t->j.n_in; k++)
                e[k] = element(t, k, y, i);
            if (t->k->expect)
                t->k->expect(&t->p, e[0], e[1], to);
            else
                memcpy(to, get(e[0], 1) ? e[1] : e[2], (size_t)t->k->out_bytes);
        }
}

/* Input k, broadcast as it comes. */
static inline void draw_input(trial *t, int k)
{
    const uint32_t kept = between(0, 1) ? 31 : next_random() % 32;
    const int32_t bytes = t->j.n_in == 3 && k == 0 ? 1 : t->k->in_bytes;
    int32_t rows, elems = make_strides(t->p.shape.dim, kept,
                                       stride_of(&t->p, t->j.n_in, k), &rows);

    t->j.in[k] = ring_new(rows, elems * bytes);
    fill(&t->j.in[k], bytes, t->k->is_float);
    if (t->k->in_place && kept == 31 && bytes == t->k->out_bytes)
        t->j.in_place |= 1u << k;
}

/* A trial stays where it is: the job points at its params. */
static inline void trial_new(trial *t, const subject *k)
{
    int32_t *dim = t->p.shape.dim;

    memset(t, 0, sizeof *t);
    t->k = k;
    k->draw(&t->p, k->in_bytes);
    for (int d = 0; d < TIN_DIMS; d++)
        dim[d] = between(1, 3);
    t->j.name = k->name;
    t->j.run = k->run;
    t->j.params = &t->p;
    t->j.need = k->expect ? need_broadcast : need_select;
    t->j.n_in = k->expect ? 2 : 3;
    t->j.out_rows = dim[0] * dim[1] * dim[2];
    t->j.out_bytes = dim[3] * dim[4] * k->out_bytes;
    for (int n = 0; n < t->j.n_in; n++)
        draw_input(t, n);
    t->want = ring_new(t->j.out_rows, t->j.out_bytes);
    compute_want(t);
}

static inline void trial_free(trial *t)
{
    for (int n = 0; n < t->j.n_in; n++)
        ring_free(&t->j.in[n]);
    ring_free(&t->want);
}

/* ---- Every kernel ------------------------------------------------------- */

static inline void compare_row(const trial *t, const tin_rows *out, int32_t y)
{
    const unsigned char *got = tin_row(out, y), *want = tin_row(&t->want, y);

    for (int32_t i = 0; i < out->row_bytes; i++) {
        if (got[i] == want[i])
            continue;
        if (t->k->is_float && t->k->out_bytes == 4 &&
            isnan(get_f32(got + i / 4 * 4)) && isnan(get_f32(want + i / 4 * 4)))
            continue;
        cr_assert(fabs((double)((signed char)got[i] - (signed char)want[i])) <=
                      t->k->near,
                  "%s, %d bytes: row %d, byte %d: %d, not %d", t->k->name,
                  (int)t->k->in_bytes, (int)y, (int)i, got[i], want[i]);
    }
}

/* So many trials of each of n kernels. */
static inline void try_subjects(const subject *k, int n, int trials)
{
    for (int i = 0; i < n * trials; i++) {
        const char *why = "";
        tin_rows out;
        trial t;

        trial_new(&t, &k[i / trials]);
        cr_assert_eq(t.k->check(&t.p, &why), TIN_OK, "%s: %s", t.k->name, why);
        out = run_job(&t.j);
        for (int32_t y = 0; y < out.rows; y++)
            compare_row(&t, &out, y);
        ring_free(&out);
        trial_free(&t);
    }
}

/* What all kernels refuse of a shape. */
static inline void refuse_shapes(const subject *k, int n)
{
    for (; n > 0; n--, k++) {
        any_params good = {.shape = four}, p;

        k->draw(&good, k->in_bytes);
        for (int i = 0; i < TIN_DIMS; i++) {
            REFUSE(p.shape.dim[i] = 0, k->check, TIN_ERR_SHAPE);
            REFUSE(p.shape.stride_a[i] = -1, k->check, TIN_ERR_SHAPE);
            REFUSE(p.shape.stride_b[i] = -1, k->check, TIN_ERR_SHAPE);
            REFUSE((p.shape.dim[i] = 5, p.shape.stride_b[i] = 0x7fffffff),
                   k->check, TIN_ERR_SHAPE);
        }
        p = good;
        p.shape.dim[0] = p.shape.dim[1] = 65536;
        cr_assert_neq(k->check(&p, NULL), TIN_OK);
        p = good;
        p.shape.dim[3] = p.shape.dim[4] = 65536;
        cr_assert_neq(k->check(&p, NULL), TIN_OK);
    }
}

/* The two tests of a list of subjects. */
#define TRY_SUBJECTS(suite, subjects, trials)                                  \
 Test(suite, seeded_shapes)                                                    \
 {                                                                             \
  try_subjects(subjects, sizeof subjects / sizeof *subjects, trials);          \
 }                                                                             \
 Test(suite, check_shape)                                                      \
 {                                                                             \
  refuse_shapes(subjects, sizeof subjects / sizeof *subjects);                 \
 }

#endif /* BROADCASTS_H */
