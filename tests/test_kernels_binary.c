/* SPDX-License-Identifier: MIT */
/*
 * The kernels of tinyinfer_binary.h: seeded shapes, broadcast in every way,
 * against one naive definition each; the same in pieces of rows, between short
 * rings and in place; hostile values; and every condition that a check refuses.
 */
#include <math.h>
#include "tinyinfer_binary.h"
#include "rings.h"

/* ---- The definitions, of one element ------------------------------------ */

typedef union {
    tin_broadcast shape; /* the first member of them all */
    tin_binary_f32_params f32;
    tin_binary_int_params whole;
    tin_binary_quant_params quant;
    tin_muldiv_params muldiv;
    tin_compare_f32_params compare_f32;
    tin_compare_int_params compare_int;
    tin_compare_s8_params compare_s8;
    tin_select_params select;
} any_params;

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* Both roundings as they are defined, in numbers that cannot overflow. */
static int64_t requantize(int64_t x, int32_t multiplier, int32_t shift)
{
    const int64_t one = 1;

    for (; shift > 0; shift--) { // saturates
        x *= 2;
        x = x > INT32_MAX ? INT32_MAX : x < INT32_MIN ? INT32_MIN : x;
    }
    x = floor_div(x * multiplier + (one << 30), one << 31);
    if (shift < 0) { // half away from zero
        const int64_t size =
            ((x < 0 ? -x : x) + (one << (-shift - 1))) >> -shift;

        x = x < 0 ? -size : size;
    }
    return x;
}

static int64_t clamp(int64_t x, int64_t lo, int64_t hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

static int64_t get(const void *p, int32_t bytes)
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

static void put(void *p, int32_t bytes, int64_t x)
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

static float get_f32(const void *p)
{
    float x;

    memcpy(&x, p, sizeof x);
    return x;
}

static float naive_f32(int32_t op, float a, float b)
{
    switch (op) {
    case TIN_BINARY_SUB: return a - b;
    case TIN_BINARY_MUL: return a * b;
    case TIN_BINARY_DIV: return a / b;
    case TIN_BINARY_MINIMUM: return a < b ? a : b;
    case TIN_BINARY_MAXIMUM: return a > b ? a : b;
    default: return (a - b) * (a - b);
    }
}

static void expect_f32(const any_params *p, const void *a, const void *b,
                       void *out)
{
    const float x = naive_f32(p->f32.op, get_f32(a), get_f32(b));
    const float y = x <= p->f32.act_min   ? p->f32.act_min
                    : x >= p->f32.act_max ? p->f32.act_max
                                          : x;

    memcpy(out, &y, sizeof y);
}

#define EXPECT_LIBM(name, expression)                                          \
 static void expect_##name(const any_params *p, const void *a, const void *b,  \
                           void *out)                                          \
 {                                                                             \
  const float x = get_f32(a), y = get_f32(b);                                  \
  const float z = expression;                                                  \
  (void)p;                                                                     \
  memcpy(out, &z, sizeof z);                                                   \
 }
EXPECT_LIBM(pow, powf(x, y))
EXPECT_LIBM(floor_div, floorf(x / y))
EXPECT_LIBM(floor_mod, fmodf(x, y) == 0 || (fmodf(x, y) < 0) == (y < 0)
                           ? fmodf(x, y)
                           : fmodf(x, y) + y)

/* Small numbers: see whole_numbers below for the others. */
static int64_t naive_int(int32_t op, int64_t a, int64_t b)
{
    uint64_t power = 1;

    switch (op) {
    case TIN_BINARY_ADD: return a + b;
    case TIN_BINARY_SUB: return a - b;
    case TIN_BINARY_MUL: return a * b;
    case TIN_BINARY_DIV: return b ? a / b : 0;
    case TIN_BINARY_MINIMUM: return a < b ? a : b;
    case TIN_BINARY_MAXIMUM: return a > b ? a : b;
    case TIN_BINARY_SQUARED_DIFFERENCE: return (a - b) * (a - b);
    case TIN_BINARY_FLOOR_DIV: return b ? floor_div(a, b) : 0;
    case TIN_BINARY_FLOOR_MOD: return b ? a - b * floor_div(a, b) : 0;
    case TIN_BINARY_POW:
        if (b < 0)
            return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
        for (; b > 0; b--)
            power *= (uint64_t)a;
        return (int64_t)power;
    case TIN_BINARY_AND: return a && b;
    default: return a || b;
    }
}

static void expect_int(const any_params *p, const void *a, const void *b,
                       void *out)
{
    const int32_t bytes = p->whole.elem_bytes;
    int64_t x = naive_int(p->whole.op, get(a, bytes), get(b, bytes));

    put(out, bytes, x);
    x = get(out, bytes); // wrapped
    if (p->whole.act_min != INT32_MIN)
        x = clamp(x, p->whole.act_min, p->whole.act_max);
    put(out, bytes, x);
}

static int64_t naive_quant(const tin_binary_quant_params *p, int64_t a,
                           int64_t b)
{
    const int64_t left = (int64_t)1 << p->left_shift;
    const int64_t ra =
        requantize((a - p->a_zero) * left, p->a_multiplier, p->a_shift);
    const int64_t rb =
        requantize((b - p->b_zero) * left, p->b_multiplier, p->b_shift);
    const int64_t d = ra - rb;
    const int64_t x = p->op == TIN_BINARY_ADD   ? ra + rb
                      : p->op == TIN_BINARY_SUB ? d
                                                : d * d;

    return clamp(requantize(x, p->out_multiplier, p->out_shift) + p->out_zero,
                 p->act_min, p->act_max);
}

static void expect_quant_s8(const any_params *p, const void *a, const void *b,
                            void *out)
{
    put(out, 1, naive_quant(&p->quant, get(a, 1), get(b, 1)));
}

static void expect_quant_s16(const any_params *p, const void *a, const void *b,
                             void *out)
{
    put(out, 2, naive_quant(&p->quant, get(a, 2), get(b, 2)));
}

static int64_t naive_mul(const tin_muldiv_params *p, int64_t a, int64_t b)
{
    const int64_t product = (a - p->a_zero) * (b - p->b_zero);

    return clamp(requantize(product, p->multiplier, p->shift) + p->out_zero,
                 p->act_min, p->act_max);
}

static void expect_mul_s8(const any_params *p, const void *a, const void *b,
                          void *out)
{
    put(out, 1, naive_mul(&p->muldiv, get(a, 1), get(b, 1)));
}

static void expect_mul_s16(const any_params *p, const void *a, const void *b,
                           void *out)
{
    put(out, 2, naive_mul(&p->muldiv, get(a, 2), get(b, 2)));
}

static void expect_div_s8(const any_params *p, const void *a, const void *b,
                          void *out)
{
    const tin_muldiv_params *q = &p->muldiv;
    const double x = (double)(get(a, 1) - q->a_zero);
    const double d = (double)(get(b, 1) - q->b_zero);
    const double y =
        d == 0 ? x * 1e9 : x / d * ldexp(q->multiplier, q->shift - 31);
    const double low = q->act_min, high = q->act_max;

    put(out, 1, (int64_t)fmin(fmax(round(y) + q->out_zero, low), high));
}

static int32_t accepted(int32_t accept, int less, int equal, int greater)
{
    return ((accept & 1) && less) || ((accept & 2) && equal) ||
           ((accept & 4) && greater) ||
           ((accept & 8) && !less && !equal && !greater);
}

static void expect_compare_f32(const any_params *p, const void *a,
                               const void *b, void *out)
{
    const float x = get_f32(a), y = get_f32(b);

    put(out, 1, accepted(p->compare_f32.accept, x<y, x == y, x> y));
}

static void expect_compare_int(const any_params *p, const void *a,
                               const void *b, void *out)
{
    const int64_t x = get(a, p->compare_int.elem_bytes);
    const int64_t y = get(b, p->compare_int.elem_bytes);

    put(out, 1, accepted(p->compare_int.accept, x<y, x == y, x> y));
}

static void expect_compare_s8(const any_params *p, const void *a, const void *b,
                              void *out)
{
    const tin_compare_s8_params *q = &p->compare_s8;
    const int64_t x =
        requantize((get(a, 1) - q->a_zero) * 256, q->a_multiplier, q->a_shift);
    const int64_t y =
        requantize((get(b, 1) - q->b_zero) * 256, q->b_multiplier, q->b_shift);

    put(out, 1, accepted(q->accept, x<y, x == y, x> y));
}

/* ---- Random params, but for the shape ----------------------------------- */

static void draw_f32(any_params *p, int32_t bytes)
{
    static const int32_t ops[] = {
        TIN_BINARY_SUB,     TIN_BINARY_MUL,     TIN_BINARY_DIV,
        TIN_BINARY_MINIMUM, TIN_BINARY_MAXIMUM, TIN_BINARY_SQUARED_DIFFERENCE};

    (void)bytes;
    p->f32.op = ops[between(0, 5)];
    p->f32.act_min = between(0, 1) ? -INFINITY : 0;
    p->f32.act_max = between(0, 1) ? INFINITY : 6;
}

static void draw_nothing(any_params *p, int32_t bytes)
{
    (void)p, (void)bytes;
}

static void draw_int(any_params *p, int32_t bytes)
{
    const int bounded = between(0, 2) == 0;

    p->whole.op = between(0, TIN_BINARY_COUNT - 1);
    p->whole.elem_bytes = bytes;
    p->whole.act_min = bounded ? between(-3, 0) : INT32_MIN;
    p->whole.act_max = bounded ? between(0, 9) : INT32_MAX;
}

static void draw_quant(any_params *p, int32_t bytes)
{
    tin_binary_quant_params *q = &p->quant;
    const int32_t top = bytes == 1 ? 127 : 32767;

    q->op = (int32_t[]){TIN_BINARY_ADD, TIN_BINARY_SUB,
                        TIN_BINARY_SQUARED_DIFFERENCE}[between(0, 2)];
    q->left_shift = bytes == 1 ? 20 : 15;
    if (q->op == TIN_BINARY_SQUARED_DIFFERENCE)
        q->left_shift = bytes == 1 ? 7 : 0;
    q->a_zero = bytes == 1 ? between(-128, 127) : 0;
    q->b_zero = bytes == 1 ? between(-128, 127) : 0;
    q->out_zero = bytes == 1 ? between(-128, 127) : 0;
    q->a_multiplier = between(1 << 29, 1 << 30);
    q->b_multiplier = between(1 << 29, 1 << 30);
    q->a_shift = between(-5, 0);
    q->b_shift = between(-5, 0);
    q->out_multiplier = between(1 << 30, INT32_MAX);
    q->out_shift = between(-22, -8);
    q->act_min = between(-top - 1, 0);
    q->act_max = between(0, top);
}

static void draw_muldiv(any_params *p, int32_t bytes)
{
    tin_muldiv_params *q = &p->muldiv;
    const int32_t top = bytes == 1 ? 127 : 32767;

    q->a_zero = bytes == 1 ? between(-128, 127) : 0;
    q->b_zero = bytes == 1 ? between(-128, 127) : 0;
    q->out_zero = bytes == 1 ? between(-128, 127) : 0;
    q->multiplier = between(1 << 30, INT32_MAX);
    q->shift = between(-20, 3);
    q->act_min = between(-top - 1, 0);
    q->act_max = between(0, top);
}

static void draw_compare_f32(any_params *p, int32_t bytes)
{
    (void)bytes;
    p->compare_f32.accept = between(0, 15);
}

static void draw_compare_int(any_params *p, int32_t bytes)
{
    p->compare_int.accept = between(0, 15);
    p->compare_int.elem_bytes = bytes;
}

static void draw_compare_s8(any_params *p, int32_t bytes)
{
    tin_compare_s8_params *q = &p->compare_s8;

    (void)bytes;
    q->accept = between(0, 15);
    q->a_zero = between(-128, 127);
    q->b_zero = between(-128, 127);
    q->a_multiplier = between(1 << 30, INT32_MAX);
    q->b_multiplier = between(1 << 30, INT32_MAX);
    q->a_shift = q->b_shift = between(-12, 20);
    if (between(0, 1))
        q->b_multiplier = q->a_multiplier;
}

static void draw_select(any_params *p, int32_t bytes)
{
    p->select.elem_bytes = bytes;
}

/* ---- Every kernel ------------------------------------------------------- */

typedef struct {
    const char *name;
    tin_kernel *run;
    tin_check *check;
    void (*draw)(any_params *p, int32_t bytes);
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
static const subject subjects[] = {
    KERNEL(binary_f32, draw_f32, expect_f32, 4, 4, 1, 1, 0),
    KERNEL(pow_f32, draw_nothing, expect_pow, 4, 4, 1, 1, 0),
    KERNEL(floor_div_f32, draw_nothing, expect_floor_div, 4, 4, 1, 1, 0),
    KERNEL(floor_mod_f32, draw_nothing, expect_floor_mod, 4, 4, 1, 1, 0),
    KERNEL(binary_int, draw_int, expect_int, 1, 1, 0, 1, 0),
    KERNEL(binary_int, draw_int, expect_int, 2, 2, 0, 1, 0),
    KERNEL(binary_int, draw_int, expect_int, 4, 4, 0, 1, 0),
    KERNEL(binary_int, draw_int, expect_int, 8, 8, 0, 1, 0),
    KERNEL(binary_s8, draw_quant, expect_quant_s8, 1, 1, 0, 1, 0),
    KERNEL(binary_s16, draw_quant, expect_quant_s16, 2, 2, 0, 1, 0),
    KERNEL(mul_s8, draw_muldiv, expect_mul_s8, 1, 1, 0, 1, 0),
    KERNEL(mul_s16, draw_muldiv, expect_mul_s16, 2, 2, 0, 1, 0),
    KERNEL(div_s8, draw_muldiv, expect_div_s8, 1, 1, 0, 1, 1),
    KERNEL(compare_f32, draw_compare_f32, expect_compare_f32, 4, 1, 1, 0, 0),
    KERNEL(compare_int, draw_compare_int, expect_compare_int, 1, 1, 0, 0, 0),
    KERNEL(compare_int, draw_compare_int, expect_compare_int, 2, 1, 0, 0, 0),
    KERNEL(compare_int, draw_compare_int, expect_compare_int, 4, 1, 0, 0, 0),
    KERNEL(compare_int, draw_compare_int, expect_compare_int, 8, 1, 0, 0, 0),
    KERNEL(compare_s8, draw_compare_s8, expect_compare_s8, 1, 1, 0, 1, 0),
    KERNEL(select, draw_select, NULL, 1, 1, 0, 1, 0),
    KERNEL(select, draw_select, NULL, 2, 2, 0, 1, 0),
    KERNEL(select, draw_select, NULL, 4, 4, 0, 1, 0),
    KERNEL(select, draw_select, NULL, 8, 8, 0, 1, 0),
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };

/* ---- Inputs and rings --------------------------------------------------- */

enum { MAX_IN = 3 };

/* A kernel with params and inputs. */
typedef struct {
    const subject *k;
    any_params p;
    int32_t n_in;
    int32_t *stride[MAX_IN]; /* in p */
    int32_t bytes[MAX_IN];   /* of an element */
    int whole[MAX_IN];       /* 1: not broadcast */
    tin_rows in[MAX_IN];
    tin_rows want;
} job;

/* Small numbers, so that pairs are equal now and then, and no int64 of the
 * naive version overflows. */
static void fill(tin_rows *r, int32_t bytes, int is_float)
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
static int32_t make_strides(const int32_t dim[TIN_DIMS], uint32_t kept,
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

static int32_t row_of(const job *j, const int32_t *stride, int32_t y)
{
    const int32_t *dim = j->p.shape.dim;

    return y / (dim[1] * dim[2]) * stride[0] + y / dim[2] % dim[1] * stride[1] +
           y % dim[2] * stride[2];
}

/* The element of an input that goes with element i of output row y. */
static const void *element(const job *j, int32_t input, int32_t y, int32_t i)
{
    const int32_t *s = j->stride[input], n = j->p.shape.dim[4];

    return (const unsigned char *)tin_row(&j->in[input], row_of(j, s, y)) +
           (i / n * s[3] + i % n * s[4]) * j->bytes[input];
}

static void compute_want(job *j)
{
    const int32_t *dim = j->p.shape.dim;

    for (int32_t y = 0; y < j->want.rows; y++)
        for (int32_t i = 0; i < dim[3] * dim[4]; i++) {
            unsigned char *to =
                (unsigned char *)tin_row(&j->want, y) + i * j->k->out_bytes;
            const void *e[MAX_IN] = {0};

            for (int32_t n = 0; n < j->n_in; n++)
                e[n] = element(j, n, y, i);
            if (j->k->expect)
                j->k->expect(&j->p, e[0], e[1], to);
            else
                memcpy(to, get(e[0], 1) ? e[1] : e[2], (size_t)j->k->out_bytes);
        }
}

static void job_new(job *j, const subject *k)
{
    int32_t rows;

    memset(j, 0, sizeof *j);
    j->k = k;
    k->draw(&j->p, k->in_bytes);
    for (int d = 0; d < TIN_DIMS; d++)
        j->p.shape.dim[d] = between(1, 3);
    j->n_in = k->expect ? 2 : 3;
    j->stride[j->n_in - 2] = j->p.shape.stride_a;
    j->stride[j->n_in - 1] = j->p.shape.stride_b;
    if (!k->expect)
        j->stride[0] = j->p.select.stride_c;
    for (int32_t n = 0; n < j->n_in; n++) {
        const uint32_t kept = between(0, 1) ? 31 : next_random() % 32;
        int32_t elems;

        j->whole[n] = kept == 31;
        j->bytes[n] = !k->expect && n == 0 ? 1 : k->in_bytes;
        elems = make_strides(j->p.shape.dim, kept, j->stride[n], &rows);
        j->in[n] = ring_new(rows, elems * j->bytes[n]);
        fill(&j->in[n], j->bytes[n], k->is_float);
    }
    rows = j->p.shape.dim[0] * j->p.shape.dim[1] * j->p.shape.dim[2];
    j->want =
        ring_new(rows, j->p.shape.dim[3] * j->p.shape.dim[4] * k->out_bytes);
    compute_want(j);
}

static void job_free(job *j)
{
    for (int32_t n = 0; n < j->n_in; n++)
        ring_free(&j->in[n]);
    ring_free(&j->want);
}

/* ---- Running ------------------------------------------------------------ */

static void compare_row(const job *j, const tin_rows *out, int32_t y)
{
    const unsigned char *got = tin_row(out, y), *want = tin_row(&j->want, y);

    for (int32_t i = 0; i < out->row_bytes; i++) {
        if (got[i] == want[i])
            continue;
        if (j->k->is_float && j->k->out_bytes == 4 &&
            isnan(get_f32(got + i / 4 * 4)) && isnan(get_f32(want + i / 4 * 4)))
            continue;
        cr_assert(fabs((double)((signed char)got[i] - (signed char)want[i])) <=
                      j->k->near,
                  "%s, %d bytes: row %d, byte %d: %d, not %d", j->k->name,
                  (int)j->k->in_bytes, (int)y, (int)i, got[i], want[i]);
    }
}

static void run_in_pieces(const job *j)
{
    tin_rows out = ring_new(j->want.rows, j->want.row_bytes);

    for (int32_t y = 0, end; y < out.rows; y = end) {
        end = between(y, out.rows);
        j->k->run(&j->p, j->in, &out, y, end, NULL);
    }
    for (int32_t y = 0; y < out.rows; y++)
        compare_row(j, &out, y);
    ring_free(&out);
}

/* Inputs that are not broadcast come in rings of one row. */
static void run_in_rings(const job *j)
{
    tin_rows out = ring_new(2, j->want.row_bytes), in[MAX_IN];

    for (int32_t y = 0; y < j->want.rows; y++) {
        for (int32_t n = 0; n < j->n_in; n++) {
            in[n] = j->in[n];
            if (!j->whole[n])
                continue;
            in[n].base = tin_row(&j->in[n], y);
            in[n].rows = 1;
        }
        j->k->run(&j->p, in, &out, y, y + 1, NULL);
        compare_row(j, &out, y);
    }
    ring_free(&out);
}

/* The output over input n. */
static void run_in_place(const job *j, int32_t n)
{
    const size_t bytes = (size_t)j->want.rows * (size_t)j->want.row_bytes;
    tin_rows in[MAX_IN], out = ring_new(j->want.rows, j->want.row_bytes);

    memcpy(in, j->in, sizeof in);
    memcpy(out.base, in[n].base, bytes);
    in[n] = out;
    j->k->run(&j->p, in, &out, 0, out.rows, NULL);
    for (int32_t y = 0; y < out.rows; y++)
        compare_row(j, &out, y);
    ring_free(&out);
}

Test(binary, seeded_shapes)
{
    for (int k = 0; k < SUBJECTS; k++)
        for (int i = 0; i < 200; i++) {
            const char *why = "";
            job j;

            job_new(&j, &subjects[k]);
            cr_assert_eq(j.k->check(&j.p, &why), TIN_OK, "%s: %s", j.k->name,
                         why);
            run_in_pieces(&j);
            run_in_rings(&j);
            for (int32_t n = 0; n < j.n_in && j.k->in_place; n++)
                if (j.whole[n] && j.bytes[n] == j.k->out_bytes)
                    run_in_place(&j, n);
            job_free(&j);
        }
}

/* ---- Values ------------------------------------------------------------- */

static const tin_broadcast four = {
    {1, 1, 1, 1, 4}, {0, 0, 0, 0, 1}, {0, 0, 0, 0, 1}};

static void run_four(tin_kernel *kernel, const void *params, void *a, void *b,
                     int32_t in_bytes, void *out, int32_t out_bytes)
{
    const tin_rows in[2] = {{a, 4 * in_bytes, 1, 0}, {b, 4 * in_bytes, 1, 0}};
    const tin_rows to = {out, 4 * out_bytes, 1, 0};

    kernel(params, in, &to, 0, 1, NULL);
}

Test(binary_f32, not_a_number)
{
    float a[4] = {NAN, 1, 0.0f, -0.0f}, b[4] = {1, NAN, -0.0f, 0.0f}, out[4];
    tin_binary_f32_params p = {four, TIN_BINARY_MINIMUM, -INFINITY, INFINITY};

    run_four(tin_binary_f32, &p, a, b, 4, out, 4);
    cr_assert(out[0] == 1 && isnan(out[1]) && signbit(out[2]) &&
              !signbit(out[3]));
    p.op = TIN_BINARY_MAXIMUM;
    run_four(tin_binary_f32, &p, a, b, 4, out, 4);
    cr_assert(out[0] == 1 && isnan(out[1]) && signbit(out[2]));
    p.op = TIN_BINARY_DIV;
    p.act_min = 0;
    run_four(tin_binary_f32, &p, a, b, 4, out, 4);
    cr_assert(isnan(out[0]) && isnan(out[1]) && isnan(out[2]));
}

Test(compare_f32, not_a_number)
{
    float a[4] = {NAN, 1, NAN, -0.0f}, b[4] = {1, NAN, NAN, 0.0f};
    const uint8_t equal[4] = {0, 0, 0, 1}, not_equal[4] = {1, 1, 1, 0};
    tin_compare_f32_params p = {four, TIN_COMPARE_EQUAL};
    uint8_t out[4];

    run_four(tin_compare_f32, &p, a, b, 4, out, 1);
    cr_assert_arr_eq(out, equal, 4);
    p.accept = 13;
    run_four(tin_compare_f32, &p, a, b, 4, out, 1);
    cr_assert_arr_eq(out, not_equal, 4);
}

Test(binary_int, hostile_numbers)
{
    int64_t a[4] = {INT64_MIN, INT64_MIN, INT64_MAX, 7}, out[4];
    int64_t b[4] = {-1, 0, INT64_MAX, -2};
    tin_binary_int_params p = {four, 0, 8, INT32_MIN, INT32_MAX};
    const struct {
        int32_t op;
        int64_t want[4];
    } cases[] = {
        {TIN_BINARY_ADD, {INT64_MAX, INT64_MIN, -2, 5}},
        {TIN_BINARY_SUB, {INT64_MIN + 1, INT64_MIN, 0, 9}},
        {TIN_BINARY_MUL, {INT64_MIN, 0, 1, -14}},
        {TIN_BINARY_DIV, {INT64_MIN, 0, 1, -3}},
        {TIN_BINARY_FLOOR_DIV, {INT64_MIN, 0, 1, -4}},
        {TIN_BINARY_FLOOR_MOD, {0, 0, 0, -1}},
        {TIN_BINARY_POW, {0, 1, INT64_MAX, 0}},
        {TIN_BINARY_SQUARED_DIFFERENCE, {1, 0, 0, 81}},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        p.op = cases[i].op;
        run_four(tin_binary_int, &p, a, b, 8, out, 8);
        cr_assert_arr_eq(out, cases[i].want, sizeof out, "operator %d", p.op);
    }
}

Test(div_s8, zeros)
{
    int8_t a[4] = {5, -5, 0, 0}, b[4] = {0, 0, 0, 9}, out[4];
    const int8_t want[4] = {100, -90, 3, 3};
    const tin_muldiv_params p = {four, 0, 0, 3, 1 << 30, 1, -90, 100};

    run_four(tin_div_s8, &p, a, b, 1, out, 1);
    cr_assert_arr_eq(out, want, 4);
}

/* A left shift beyond 32 bits saturates. */
Test(mul_s8, large_factor)
{
    int8_t a[4] = {127, -128, 1, 0}, b[4] = {127, 127, 1, 9}, out[4];
    const int8_t want[4] = {127, -128, 127, 0};
    const tin_muldiv_params p = {four, 0, 0, 0, INT32_MAX, 30, -128, 127};

    run_four(tin_mul_s8, &p, a, b, 1, out, 1);
    cr_assert_arr_eq(out, want, 4);
}

Test(add_n_s8, sums)
{
    enum { ROWS = 3, ELEMS = 5 };
    tin_add_n_s8_params p = {ELEMS, 0, 0, 0, 20, 1 << 30, 0, 0, 0};

    for (int i = 0; i < 200; i++) {
        tin_rows in[TIN_ADD_N_MAX], out = ring_new(ROWS, ELEMS), last;

        p.n_in = between(1, TIN_ADD_N_MAX);
        p.in_zero = between(-128, 127);
        p.out_zero = between(-128, 127);
        p.out_multiplier = between(1 << 30, INT32_MAX);
        p.out_shift = between(-22, -15);
        for (int32_t k = 0; k < p.n_in; k++) {
            in[k] = ring_new(ROWS, ELEMS);
            fill(&in[k], 1, 0);
        }
        cr_assert_eq(tin_add_n_s8_check(&p, NULL), TIN_OK);
        tin_add_n_s8(&p, in, &out, 0, 1, NULL);
        tin_add_n_s8(&p, in, &out, 1, ROWS, NULL);
        for (int32_t k = 0; k < ROWS * ELEMS; k++) {
            int64_t sum = requantize(-p.in_zero * (1 << 20), 1 << 30, 0);

            for (int32_t n = 0; n < p.n_in; n++)
                sum += requantize((((int8_t *)in[n].base)[k] - p.in_zero) *
                                      (1 << 20),
                                  1 << 30, 0);
            sum = requantize(sum, p.out_multiplier, p.out_shift) + p.out_zero;
            cr_assert_eq(((int8_t *)out.base)[k], clamp(sum, -128, 127));
        }
        last = in[p.n_in - 1];
        tin_add_n_s8(&p, in, &last, 0, ROWS, NULL);
        cr_assert_arr_eq(last.base, out.base, ROWS * ELEMS);
        for (int32_t k = 0; k < p.n_in; k++)
            ring_free(&in[k]);
        ring_free(&out);
    }
}

/* ---- Checks ------------------------------------------------------------- */

/* What all kernels refuse of a shape. */
Test(binary, check_shape)
{
    for (int k = 0; k < SUBJECTS; k++) {
        tin_check *check = subjects[k].check;
        any_params good = {.shape = four}, p;

        subjects[k].draw(&good, subjects[k].in_bytes);
        for (int i = 0; i < TIN_DIMS; i++) {
            REFUSE(p.shape.dim[i] = 0, check, TIN_ERR_SHAPE);
            REFUSE(p.shape.stride_a[i] = -1, check, TIN_ERR_SHAPE);
            REFUSE(p.shape.stride_b[i] = -1, check, TIN_ERR_SHAPE);
            REFUSE((p.shape.dim[i] = 5, p.shape.stride_b[i] = 0x7fffffff),
                   check, TIN_ERR_SHAPE);
        }
        p = good;
        p.shape.dim[0] = p.shape.dim[1] = 65536;
        cr_assert_neq(check(&p, NULL), TIN_OK);
        p = good;
        p.shape.dim[3] = p.shape.dim[4] = 65536;
        cr_assert_neq(check(&p, NULL), TIN_OK);
    }
}

Test(binary, check_arithmetic)
{
    {
        const tin_binary_f32_params good = {four, TIN_BINARY_MUL, 0, 1};
        tin_binary_f32_params p;

        REFUSE(p.op = TIN_BINARY_POW, tin_binary_f32_check, TIN_ERR_ARG);
        REFUSE(p.op = -1, tin_binary_f32_check, TIN_ERR_ARG);
        REFUSE(p.act_max = -1, tin_binary_f32_check, TIN_ERR_ARG);
        REFUSE(p.act_min = NAN, tin_binary_f32_check, TIN_ERR_ARG);
    }
    {
        const tin_binary_int_params good = {four, TIN_BINARY_POW, 4, 0, 1};
        tin_binary_int_params p;

        REFUSE(p.op = TIN_BINARY_COUNT, tin_binary_int_check, TIN_ERR_ARG);
        REFUSE(p.elem_bytes = 3, tin_binary_int_check, TIN_ERR_ARG);
        REFUSE(p.elem_bytes = 0, tin_binary_int_check, TIN_ERR_ARG);
        REFUSE(p.act_max = -1, tin_binary_int_check, TIN_ERR_ARG);
    }
}

Test(binary, check_quantized)
{
    const tin_binary_quant_params good = {
        four, TIN_BINARY_SUB, 0, 0,       0,   15,   1 << 30,
        0,    1 << 30,        0, 1 << 30, -14, -128, 127};
    tin_binary_quant_params p;
    tin_check *const checks[] = {tin_binary_s8_check, tin_binary_s16_check};

    for (int i = 0; i < 2; i++) {
        tin_check *check = checks[i];
        const int32_t top = i ? 32767 : 127;

        REFUSE(p.op = TIN_BINARY_MUL, check, TIN_ERR_ARG);
        REFUSE(p.a_zero = i ? 1 : 128, check, TIN_ERR_QUANT);
        REFUSE(p.b_zero = i ? -1 : -129, check, TIN_ERR_QUANT);
        REFUSE(p.out_zero = i ? 1 : 128, check, TIN_ERR_QUANT);
        REFUSE(p.left_shift = -1, check, TIN_ERR_QUANT);
        REFUSE(p.left_shift = i ? 16 : 24, check, TIN_ERR_QUANT);
        REFUSE(p.op = TIN_BINARY_SQUARED_DIFFERENCE, check, TIN_ERR_QUANT);
        REFUSE(p.a_multiplier = -1, check, TIN_ERR_QUANT);
        REFUSE(p.a_multiplier = (1 << 30) + 1, check, TIN_ERR_QUANT);
        REFUSE(p.b_multiplier = (1 << 30) + 1, check, TIN_ERR_QUANT);
        REFUSE(p.a_shift = 1, check, TIN_ERR_QUANT);
        REFUSE(p.b_shift = -32, check, TIN_ERR_QUANT);
        REFUSE(p.out_shift = 31, check, TIN_ERR_QUANT);
        REFUSE(p.act_min = -top - 2, check, TIN_ERR_QUANT);
        REFUSE(p.act_max = top + 1, check, TIN_ERR_QUANT);
        REFUSE(p.act_max = -129, check, TIN_ERR_QUANT);
    }
}

Test(binary, check_muldiv)
{
    const tin_muldiv_params good = {four, 0, 0, 0, 1 << 30, 0, -128, 127};
    tin_muldiv_params p;
    tin_check *const checks[] = {tin_mul_s8_check, tin_div_s8_check,
                                 tin_mul_s16_check};

    for (int i = 0; i < 3; i++) {
        tin_check *check = checks[i];
        const int32_t top = i == 2 ? 32767 : 127;

        REFUSE(p.a_zero = i == 2 ? 1 : 128, check, TIN_ERR_QUANT);
        REFUSE(p.b_zero = i == 2 ? -1 : -129, check, TIN_ERR_QUANT);
        REFUSE(p.out_zero = i == 2 ? 1 : 128, check, TIN_ERR_QUANT);
        REFUSE(p.multiplier = -1, check, TIN_ERR_QUANT);
        REFUSE(p.shift = -32, check, TIN_ERR_QUANT);
        REFUSE(p.shift = i == 1 ? 23 : 31, check, TIN_ERR_QUANT);
        REFUSE(p.act_min = -top - 2, check, TIN_ERR_QUANT);
        REFUSE(p.act_max = top + 1, check, TIN_ERR_QUANT);
    }
}

Test(binary, check_comparisons)
{
    {
        const tin_compare_f32_params good = {four, 1};
        tin_compare_f32_params p;

        REFUSE(p.accept = 16, tin_compare_f32_check, TIN_ERR_ARG);
        REFUSE(p.accept = -1, tin_compare_f32_check, TIN_ERR_ARG);
    }
    {
        const tin_compare_int_params good = {four, 1, 2};
        tin_compare_int_params p;

        REFUSE(p.accept = 16, tin_compare_int_check, TIN_ERR_ARG);
        REFUSE(p.elem_bytes = 5, tin_compare_int_check, TIN_ERR_ARG);
    }
    {
        const tin_compare_s8_params good = {four, 1, 0, 0, 9, 0, 9, 0};
        tin_compare_s8_params p;

        REFUSE(p.accept = 16, tin_compare_s8_check, TIN_ERR_ARG);
        REFUSE(p.a_zero = 128, tin_compare_s8_check, TIN_ERR_QUANT);
        REFUSE(p.b_zero = -129, tin_compare_s8_check, TIN_ERR_QUANT);
        REFUSE(p.a_multiplier = -1, tin_compare_s8_check, TIN_ERR_QUANT);
        REFUSE(p.b_shift = 31, tin_compare_s8_check, TIN_ERR_QUANT);
    }
    {
        const tin_select_params good = {four, {0, 0, 0, 0, 1}, 2};
        tin_select_params p;

        REFUSE(p.elem_bytes = 3, tin_select_check, TIN_ERR_ARG);
        REFUSE(p.stride_c[4] = -1, tin_select_check, TIN_ERR_SHAPE);
        REFUSE(p.stride_c[4] = 0x7fffffff, tin_select_check, TIN_ERR_SHAPE);
    }
}

Test(add_n_s8, check)
{
    const tin_add_n_s8_params good = {4, 2, 0, 0, 20, 1 << 30, 0, 1, -9};
    tin_add_n_s8_params p;

    REFUSE(p.row_elems = 0, tin_add_n_s8_check, TIN_ERR_SHAPE);
    REFUSE(p.n_in = 0, tin_add_n_s8_check, TIN_ERR_ARG);
    REFUSE(p.n_in = 8, tin_add_n_s8_check, TIN_ERR_ARG);
    REFUSE(p.in_zero = 128, tin_add_n_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_zero = -129, tin_add_n_s8_check, TIN_ERR_QUANT);
    REFUSE(p.left_shift = 21, tin_add_n_s8_check, TIN_ERR_QUANT);
    REFUSE(p.in_multiplier = (1 << 30) + 1, tin_add_n_s8_check, TIN_ERR_QUANT);
    REFUSE(p.in_shift = 1, tin_add_n_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_multiplier = -1, tin_add_n_s8_check, TIN_ERR_QUANT);
    REFUSE(p.out_shift = 31, tin_add_n_s8_check, TIN_ERR_QUANT);
}
