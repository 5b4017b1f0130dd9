/* SPDX-License-Identifier: MIT */
/* lower_tables.c: operators of one input that become tables or multipliers in
 * int8 and int16: ELU, EXP, LOG, GELU, TANH, HARD_SWISH, RSQRT. */
#include "lower.h"

#include <math.h>

/* ---- Tables of functions computed in float ------------------------------- */

/*
 * The reference computes in float; a CPU with wider registers must round each
 * result to float as well, which is what assignments do. Functions of libm are
 * those of doubles, rounded: they come out alike whatever the host's libm.
 */

typedef float function(float x);

static float exponential(float x)
{
    return (float)exp((double)x);
}

static float logarithm(float x)
{
    return (float)log((double)x);
}

static float elu(float x)
{
    return x < 0 ? (float)expm1((double)x) : x;
}

static float gelu(float x)
{
    const float arg = x * -0.707106781f, y = (float)erfc((double)arg);

    return 0.5f * x * y; // the half is exact
}

static float gelu_tanh(float x)
{
    const float x1 = 0.044715f * x, x2 = x1 * x, x3 = x2 * x;
    const float sum = x + x3, arg = 0.797884561f * sum;
    const float t = (float)tanh((double)arg), y = 1.0f + t;

    return 0.5f * x * y;
}

static float tangent(float x)
{
    return (float)tanh((double)x);
}

/* A function between quantized numbers. */
typedef struct {
    function *f;
    float inverse;  /* of the output's scale */
    float smallest; /* real number that the output can be */
} transform;

/* f(x) in steps of the output, not yet rounded. What has no logarithm gives
 * the smallest number. Saturated far beyond every type, so that differences
 * stay numbers. */
static float steps_of(const transform *t, float x)
{
    const float y = t->f(x);
    const float steps = (y > -INFINITY ? y : t->smallest) * t->inverse;

    return tin_clampf(steps, -1e9f, 1e9f);
}

/* NaN, of scales beyond reason, gives `least`. */
static int32_t to_range(float x, int32_t least, int32_t most)
{
    if (!(x > (float)least))
        return least;
    return x < (float)most ? (int32_t)roundf(x) : most;
}

static tin_status table_s8(tin_lowering *lo, function *f)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const float scale = out->scales[0], zero = (float)out->zero_points[0];
    const float inverse = 1.0f / scale, smallest = scale * (-128.0f - zero);
    const transform t = {f, inverse, smallest};
    uint8_t *table = tin_new_constant(lo, TIN_U8, 256, "table");
    int32_t x;

    if (!table)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    for (x = -128; x < 128; x++) {
        const float real = in->scales[0] * (float)(x - in->zero_points[0]);
        const float y = roundf(steps_of(&t, real)) + zero;

        table[(uint8_t)x] = (uint8_t)to_range(y, -128, 127);
    }
    return tin_add_table_step(lo, table);
}

/* Values at the ends of 512 pieces, each moved by half of what the line
 * between two would be off in the middle. */
static void fill_table_s16(int16_t *table, float scale, const transform *t)
{
    const float first = scale * -32768.0f, last = scale * 32767.0f;
    const float range = last - first, step = range / 512.0f, half = step / 2.0f;
    int32_t i;

    for (i = 0; i < 512; i++) {
        const float from = (float)i * step, to = (float)(i + 1) * step;
        const float x = first + from, x_middle = x + half, x_next = first + to;
        const float here = roundf(steps_of(t, x));
        const float middle = roundf(steps_of(t, x_middle));
        const float both = steps_of(t, x_next) + here;
        const float line = roundf(both / 2.0f), gap = line - middle;
        const float off = roundf(gap / 2.0f);

        table[i] = (int16_t)to_range(here - off, -32768, 32767);
    }
    table[512] = (int16_t)to_range(steps_of(t, last), -32768, 32767);
}

static tin_status table_s16(tin_lowering *lo, function *f)
{
    const float scale = tin_out(lo, 0)->scales[0];
    const float smallest = scale * -32768.0f, largest = scale * 32767.0f;
    const float range = largest - smallest, inverse = 65536.0f / range;
    const transform t = {f, inverse, smallest};
    tin_table_s16_params *p = tin_new(lo, sizeof *p);
    int16_t *table = tin_new_constant(lo, TIN_S16, 513, "table");

    if (!p || !table)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    fill_table_s16(table, tin_in(lo, 0)->scales[0], &t);
    p->row_elems = tin_row_elements(tin_in(lo, 0));
    p->table = table;
    return tin_add_simple_step(lo, TIN_KERNEL_table_s16, p, &tin_need_same);
}

/* ELU, EXP, LOG. */
tin_status tin_lower_float_table(tin_lowering *lo)
{
    function *const f = lo->node->op == TIN_OP_ELU   ? elu
                        : lo->node->op == TIN_OP_EXP ? exponential
                                                     : logarithm;
    const tin_status status = tin_check_unary(lo);

    if (status != TIN_OK)
        return status;
    switch (tin_in(lo, 0)->type) {
    case TIN_S8: return table_s8(lo, f);
    case TIN_S16: return table_s16(lo, f);
    default: return tin_add_own_step(lo);
    }
}

tin_status tin_lower_gelu(tin_lowering *lo)
{
    const int approximate = lo->node->attr.approximate;
    const tin_status status = tin_check_unary(lo);

    if (status != TIN_OK)
        return status;
    if (tin_in(lo, 0)->type == TIN_S8)
        return table_s8(lo, approximate ? gelu_tanh : gelu);
    return tin_add_map_step(lo, approximate ? TIN_KERNEL_gelu_tanh_f32
                                            : TIN_KERNEL_gelu_f32);
}

/* ---- TANH, LOGISTIC of int16 --------------------------------------------- */

/* The exponent of a power of two, or what the reference takes for one: within
 * 1/1000 in the exponent. INT32_MIN: it is none. */
static int32_t near_log2(float x)
{
    const float exponent = log2f(x), nearest = roundf(exponent);

    return fabsf(exponent - nearest) < 1e-3f ? (int32_t)nearest : INT32_MIN;
}

/* Such a scale goes without rounding; see tin_sigmoid_s16. */
static int scale_sigmoid(float scale, int is_tanh, tin_sigmoid_s16_params *p)
{
    const int32_t exponent = near_log2(scale);
    double m = (double)scale * 4096.0 * 3.0;

    if (exponent == -12 || (exponent == -11 && is_tanh)) {
        p->multiplier = exponent == -12 ? 3 : 6;
        return 1;
    }
    for (; m <= 32767.0 / 2.0 && p->shift <= 30; p->shift++)
        m *= 2.0;
    p->multiplier = m < 32768.0 ? (int32_t)m : 0;
    return m < 32768.0;
}

tin_status tin_sigmoid_s16_step(tin_lowering *lo, int is_tanh)
{
    tin_sigmoid_s16_params *p = tin_new(lo, sizeof *p);

    if (near_log2(tin_out(lo, 0)->scales[0]) != -15)
        return tin_refuse(lo, TIN_ERR_QUANT,
                          "the output must have scale 1/32768");
    if (p && !scale_sigmoid(tin_in(lo, 0)->scales[0], is_tanh, p))
        return tin_refuse(lo, TIN_ERR_QUANT, "input scale too large");
    if (p) {
        p->row_elems = tin_row_elements(tin_in(lo, 0));
        p->is_tanh = is_tanh;
    }
    return tin_add_simple_step(lo, TIN_KERNEL_sigmoid_s16, p, &tin_need_same);
}

/* ---- TANH, HARD_SWISH, RSQRT of int8 ------------------------------------- */

static tin_status tanh_s8(tin_lowering *lo)
{
    enum { INTEGER_BITS = 4 };
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    uint8_t *table = tin_new_constant(lo, TIN_U8, 256, "table");
    tin_multiplier m;

    if (!table)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    if (out->scales[0] != 1.0f / 128 || out->zero_points[0] != 0)
        return tin_refuse(lo, TIN_ERR_QUANT,
                          "the output must have scale 1/128 and zero point 0");
    if (!tin_quantize_multiplier(
            (double)in->scales[0] * (double)(1 << (31 - INTEGER_BITS)), &m))
        return tin_refuse(lo, TIN_ERR_QUANT, "input scale too large");
    tin_tanh_table_s8(table, in->zero_points[0], m.multiplier, m.shift,
                      tin_input_radius(INTEGER_BITS, m.shift));
    return tin_add_table_step(lo, table);
}

tin_status tin_lower_tanh(tin_lowering *lo)
{
    const tin_status status = tin_check_unary(lo);

    if (status != TIN_OK)
        return status;
    switch (tin_in(lo, 0)->type) {
    case TIN_S8: // of what was uint8 the reference has a table of floats
        return lo->node->attr.was_u8 ? table_s8(lo, tangent) : tanh_s8(lo);
    case TIN_S16: return tin_sigmoid_s16_step(lo, 1);
    default: return tin_add_own_step(lo);
    }
}

/* 31 bits to 15. */
static int32_t halve_multiplier(int32_t m)
{
    return m >= INT32_MAX - (1 << 15) ? 32767 : (m + (1 << 15)) >> 16;
}

static tin_status hard_swish_s8(tin_lowering *lo)
{
    const float relu_unit = 3.0f / 32768.0f;
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const float fine = in->scales[0] / 128.0f;
    const float ratio = fine / out->scales[0], relu_ratio = fine / relu_unit;
    uint8_t *table = tin_new_constant(lo, TIN_U8, 256, "table");
    tin_multiplier m, relu;

    if (!table)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    if (!tin_quantize_multiplier((double)ratio, &m) || m.shift > 0)
        return tin_refuse(lo, TIN_ERR_QUANT, "scales too far apart");
    if (!tin_quantize_multiplier((double)relu_ratio, &relu))
        return tin_refuse(lo, TIN_ERR_QUANT, "input scale too large");
    tin_hard_swish_table_s8(table, in->zero_points[0], out->zero_points[0],
                            halve_multiplier(m.multiplier), m.shift,
                            halve_multiplier(relu.multiplier), relu.shift);
    return tin_add_table_step(lo, table);
}

tin_status tin_lower_hard_swish(tin_lowering *lo)
{
    const tin_status status = tin_check_unary(lo);

    if (status != TIN_OK)
        return status;
    if (tin_in(lo, 0)->type == TIN_S8)
        return hard_swish_s8(lo);
    return tin_add_own_step(lo);
}

static tin_status rsqrt_s8(tin_lowering *lo, tin_multiplier m)
{
    uint8_t *table = tin_new_constant(lo, TIN_U8, 256, "table");

    if (!table)
        return tin_refuse(lo, TIN_ERR_MEMORY, "out of memory");
    tin_rsqrt_table_s8(table, tin_in(lo, 0)->zero_points[0],
                       tin_out(lo, 0)->zero_points[0], m.multiplier, m.shift);
    return tin_add_table_step(lo, table);
}

tin_status tin_lower_rsqrt(tin_lowering *lo)
{
    const tin_value *in = tin_in(lo, 0), *out = tin_out(lo, 0);
    const tin_status status = tin_check_unary(lo);
    tin_rsqrt_s16_params *p;
    tin_multiplier m;

    if (status != TIN_OK)
        return status;
    if (in->type == TIN_F32)
        return tin_add_own_step(lo);
    if (!tin_quantize_multiplier(
            1.0 / (sqrt((double)in->scales[0]) * (double)out->scales[0]), &m) ||
        m.shift < -11)
        return tin_refuse(lo, TIN_ERR_QUANT, "scales too small or too large");
    if (in->type == TIN_S8)
        return rsqrt_s8(lo, m);
    p = tin_new(lo, sizeof *p);
    if (p) {
        p->row_elems = tin_row_elements(in);
        p->multiplier = m.multiplier;
        p->shift = m.shift;
    }
    return tin_add_simple_step(lo, TIN_KERNEL_rsqrt_s16, p, &tin_need_same);
}
