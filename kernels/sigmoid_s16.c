/* SPDX-License-Identifier: MIT */
/* tin_sigmoid_s16: see tinyinfer_unary.h. */
#include "tinyinfer_unary.h"

/*
 * The sigmoid s of k / 24 in Q0.16, below the curve by half of what a line to
 * the next value is off in the middle, as far as that can be told from the
 * curvature here: s - s * (1 - s) * (1 - 2 * s) / (16 * 24^2).
 */
static const uint16_t sigmoid[256] = {
    32768, 33451, 34133, 34813, 35493, 36169, 36843, 37513, 38180, 38841, 39498,
    40149, 40794, 41432, 42064, 42688, 43304, 43912, 44511, 45102, 45683, 46255,
    46817, 47369, 47911, 48443, 48964, 49475, 49975, 50464, 50942, 51409, 51865,
    52311, 52745, 53169, 53581, 53983, 54374, 54755, 55125, 55485, 55834, 56174,
    56503, 56823, 57133, 57433, 57724, 58007, 58280, 58544, 58800, 59048, 59288,
    59519, 59743, 59959, 60168, 60370, 60565, 60753, 60935, 61110, 61279, 61441,
    61599, 61750, 61896, 62036, 62172, 62302, 62428, 62549, 62666, 62778, 62886,
    62990, 63090, 63186, 63279, 63368, 63454, 63536, 63615, 63691, 63765, 63835,
    63903, 63968, 64030, 64090, 64148, 64204, 64257, 64308, 64357, 64405, 64450,
    64494, 64536, 64576, 64614, 64652, 64687, 64721, 64754, 64786, 64816, 64845,
    64873, 64900, 64926, 64950, 64974, 64997, 65019, 65039, 65060, 65079, 65097,
    65115, 65132, 65149, 65164, 65179, 65194, 65208, 65221, 65234, 65246, 65258,
    65269, 65280, 65291, 65301, 65310, 65319, 65328, 65337, 65345, 65352, 65360,
    65367, 65374, 65381, 65387, 65393, 65399, 65404, 65410, 65415, 65420, 65425,
    65429, 65433, 65438, 65442, 65445, 65449, 65453, 65456, 65459, 65462, 65465,
    65468, 65471, 65474, 65476, 65479, 65481, 65483, 65485, 65488, 65489, 65491,
    65493, 65495, 65497, 65498, 65500, 65501, 65503, 65504, 65505, 65507, 65508,
    65509, 65510, 65511, 65512, 65513, 65514, 65515, 65516, 65517, 65517, 65518,
    65519, 65520, 65520, 65521, 65522, 65522, 65523, 65523, 65524, 65524, 65525,
    65525, 65526, 65526, 65526, 65527, 65527, 65528, 65528, 65528, 65529, 65529,
    65529, 65529, 65530, 65530, 65530, 65530, 65531, 65531, 65531, 65531, 65531,
    65532, 65532, 65532, 65532, 65532, 65532, 65533, 65533, 65533, 65533, 65533,
    65533, 65533, 65533, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534,
    65534, 65534, 65535};

/* x to multiples of 1 / (3 * 2^12). */
static int32_t scaled(const tin_sigmoid_s16_params *p, int32_t x)
{
    const int32_t half = p->shift > 0 ? (int32_t)1 << (p->shift - 1) : 0;

    return (x * p->multiplier + half) >> p->shift;
}

/* The line between two entries in Q0.(16 + bits): x >= 0 is an index with
 * `bits` more bits behind the point. -1 where it is above the last line. */
static int32_t interpolate(int32_t x, int32_t bits)
{
    const int32_t k = x >> bits, f = x & ((1 << bits) - 1);

    if (k >= 255)
        return -1;
    return (sigmoid[k] << bits) + f * (sigmoid[k + 1] - sigmoid[k]);
}

static int32_t logistic(int32_t x)
{
    int32_t y = interpolate(x < 0 ? -x : x, 9);

    if (y < 0)
        y = 0x7fff << 10;
    return (x < 0 ? (1 << 25) - y + (1 << 9) - 1 : y + (1 << 9)) >> 10;
}

/* tanh(x) = 2 * logistic(2 * x) - 1. */
static int32_t hyperbolic_tangent(int32_t x)
{
    int32_t y = interpolate(x < 0 ? -x : x, 8);

    if (y < 0)
        y = 0xffff << 8;
    y -= 1 << 23;
    return (x < 0 ? -y + (1 << 7) - 1 : y + (1 << 7)) >> 8;
}

void tin_sigmoid_s16(const void *params, const tin_rows *in,
                     const tin_rows *out, int32_t y0, int32_t y1, void *scratch)
{
    const tin_sigmoid_s16_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++) {
        const int16_t *from = tin_row(in, y);
        int16_t *to = tin_row(out, y);

        for (int32_t i = 0; i < p->row_elems; i++) {
            const int32_t x = scaled(p, from[i]);

            to[i] = (int16_t)(p->is_tanh ? hyperbolic_tangent(x) : logistic(x));
        }
    }
}

tin_status tin_sigmoid_s16_check(const void *params, const char **why)
{
    const tin_sigmoid_s16_params *p = params;

    if (p->multiplier < 0 || p->multiplier > 32767 || p->shift < 0 ||
        p->shift > 31)
        return TIN_WHY(why, "multiplier or shift out of range"), TIN_ERR_QUANT;
    if (p->is_tanh != 0 && p->is_tanh != 1)
        return TIN_WHY(why, "is_tanh is neither 0 nor 1"), TIN_ERR_ARG;
    return tin_row_check(p->row_elems, 2, why);
}
