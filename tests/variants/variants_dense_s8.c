/* SPDX-License-Identifier: MIT */
/* variants_dense_s8.c: see variants.h. */
#include "variants.h"

#if TIN_HAVE_DSP

# include <string.h>

enum { MOST = 70 }; /* channels */

static const int32_t in_sizes[] = {1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 64, 129};
static const int32_t out_sizes[] = {1, 2, 3, 4, 5, 6, 7, 8, 12, 17, 64};

enum {
    IN_SIZES = sizeof in_sizes / sizeof in_sizes[0],
    OUT_SIZES = sizeof out_sizes / sizeof out_sizes[0]
};

static int8_t *make_bytes(uint32_t n, int extreme, int32_t lo)
{
    int8_t *bytes = variants_buffer(n, (uint32_t)variants_range(0, 3));

    for (uint32_t i = 0; i < n; i++) {
        if (extreme)
            bytes[i] = (int8_t)(bytes[i] & 2 ? 127 : lo);
        else if (bytes[i] < lo)
            bytes[i] = (int8_t)lo;
    }
    return bytes;
}

static void make_params(tin_dense_s8_params *p, int32_t in_c, int32_t out_c,
                        int extreme)
{
    static int32_t bias[MOST], multiplier[MOST];
    static int8_t shift[MOST];
    const int alike = variants_range(0, 1);
    const int32_t first = variants_range(-10, 0);

    p->in_c = in_c;
    p->out_c = out_c;
    p->in_zero =
        extreme ? -128 + 255 * variants_range(0, 1) : variants_range(-128, 127);
    p->out_zero = variants_range(0, 1) ? -128 : variants_range(-128, 127);
    p->act_min = variants_range(0, 2) ? -128 : p->out_zero;
    p->act_max = variants_range(0, 2) ? 127 : variants_range(p->act_min, 127);
    for (int32_t c = 0; c < out_c; c++) {
        bias[c] = variants_range(-20000, 20000);
        multiplier[c] = (int32_t)(variants_random() >> 1) | 1 << 30;
        shift[c] = (int8_t)(first - variants_range(0, 3));
        if (alike) {
            multiplier[c] = multiplier[0];
            shift[c] = (int8_t)first;
        }
    }
    p->bias = variants_range(0, 7) ? bias : NULL;
    p->multiplier = multiplier;
    p->shift = shift;
    p->weights = make_bytes((uint32_t)(in_c * out_c), extreme, -127);
}

static void run_case(variants_report *r, uint32_t seed)
{
    const int extreme = seed % 5 == 4;
    tin_dense_s8_dsp_params p;
    tin_rows from, to, ring;
    int32_t size, out_bytes, *packed;
    int8_t *want, *got;
    void *scratch;

    variants_begin(seed);
    make_params(&p.dense, in_sizes[seed % IN_SIZES],
                out_sizes[seed / IN_SIZES % OUT_SIZES], extreme);
    size = tin_dense_s8_dsp_packed_size(&p.dense);
    if (tin_dense_s8_check(&p.dense, NULL) || size < 0)
        return; // the portable kernel's case
    packed = variants_buffer((uint32_t)size, 0);
    tin_dense_s8_dsp_pack(&p.dense, packed);
    p.packed = packed;
    from.rows = to.rows = variants_range(1, 3);
    from.first = to.first = ring.first = 0;
    from.row_bytes = p.dense.in_c;
    from.base = make_bytes((uint32_t)(from.rows * p.dense.in_c), extreme, -128);
    to.row_bytes = p.dense.out_c;
    out_bytes = to.rows * to.row_bytes;
    want = to.base = variants_buffer((uint32_t)out_bytes, 0);
    tin_dense_s8(&p.dense, &from, &to, 0, to.rows, NULL);
    got = variants_buffer((uint32_t)out_bytes, 0);
    ring.rows = 1;
    ring.row_bytes = to.row_bytes;
    ring.base = variants_buffer((uint32_t)ring.row_bytes, 1);
    p.dense.weights = NULL; // all of it is in `packed`
    p.dense.bias = p.dense.multiplier = NULL;
    p.dense.shift = NULL;
    size = tin_dense_s8_dsp_scratch_size(&p);
    scratch = variants_buffer((uint32_t)size, 0);
    for (int32_t y = 0; y < to.rows; y++) {
        if (!tin_dense_s8_dsp_check(&p, NULL))
            variants_run(tin_dense_s8_dsp, &p, &from, &ring, y, y + 1, scratch);
        memcpy(got + y * to.row_bytes, ring.base, (size_t)to.row_bytes);
    }
    variants_check(r, "dense_s8_dsp", want, got, (uint32_t)out_bytes);
}

#endif /* TIN_HAVE_DSP */

void variants_dense_s8(variants_report *r)
{
#if TIN_HAVE_DSP
    for (uint32_t seed = 0; seed < 3 * IN_SIZES * OUT_SIZES; seed++)
        run_case(r, seed);
#else
    r->unavailable++;
#endif
}
