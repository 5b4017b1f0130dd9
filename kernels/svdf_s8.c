/* SPDX-License-Identifier: MIT */
/* tin_svdf_s8: see tinyinfer_state.h. Sums are unsigned, for they may wrap. */
#include "tinyinfer_state.h"

static int32_t feature_of(const tin_svdf_s8_params *p, const int8_t *in,
                          const int8_t *feature)
{
    uint32_t sum = 0;

    for (int32_t i = 0; i < p->in_c; i++)
        sum += (uint32_t)((in[i] - p->in_zero) * feature[i]);
    return tin_requantize((int32_t)sum, p->feature_multiplier,
                          p->feature_shift);
}

/* Takes over the newest feature; the sum of all with their weights of time. */
static uint32_t filter_s16(const tin_svdf_s8_params *p, int16_t *state,
                           const int16_t *time, int32_t newest)
{
    uint32_t sum = 0;

    newest = tin_clamp(newest, INT16_MIN, INT16_MAX);
    for (int32_t j = 0; j < p->memory; j++) {
        state[j] = j + 1 < p->memory ? state[j + 1] : (int16_t)newest;
        sum += (uint32_t)(time[j] * state[j]);
    }
    return sum;
}

static uint32_t filter_s8(const tin_svdf_s8_params *p, int8_t *state,
                          const int8_t *time, int32_t newest)
{
    uint32_t sum = 0;

    newest = tin_clamp(newest, INT8_MIN, INT8_MAX) + p->state_zero;
    for (int32_t j = 0; j < p->memory; j++) {
        state[j] = j + 1 < p->memory ? state[j + 1] : (int8_t)newest;
        sum += (uint32_t)(time[j] * (state[j] - p->state_zero));
    }
    return sum;
}

static void run_row(const tin_svdf_s8_params *p, const int8_t *in, void *state,
                    int8_t *out)
{
    const int8_t *feature = p->feature;
    size_t at = 0; // of the filter's memory

    for (int32_t unit = 0; unit < p->units; unit++) {
        uint32_t sum = p->bias ? (uint32_t)p->bias[unit] : 0;

        for (int32_t r = 0; r < p->rank; r++) {
            const int32_t newest = feature_of(p, in, feature);

            if (p->time_s16)
                sum += filter_s16(p, (int16_t *)state + at, p->time_s16 + at,
                                  newest);
            else
                sum +=
                    filter_s8(p, (int8_t *)state + at, p->time_s8 + at, newest);
            feature += p->in_c;
            at += (size_t)p->memory;
        }
        out[unit] = tin_output_s8((int32_t)sum, p->out_multiplier, p->out_shift,
                                  p->out_zero, -128, 127);
    }
}

void tin_svdf_s8(const void *params, const tin_rows *in, const tin_rows *out,
                 int32_t y0, int32_t y1, void *scratch)
{
    const tin_svdf_s8_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        run_row(p, tin_row(&in[0], y), tin_row(&in[1], y), tin_row(out, y));
}

tin_status tin_svdf_s8_check(const void *params, const char **why)
{
    const tin_svdf_s8_params *p = params;
    tin_status status =
        tin_svdf_shape_check(p->in_c, p->units, p->rank, p->memory, 2, why);

    if (status || (status = tin_zero_check(p->in_zero, why)) ||
        (status = tin_zero_check(p->state_zero, why)) ||
        (status = tin_zero_check(p->out_zero, why)) ||
        (status = tin_scale_check(p->feature_multiplier, p->feature_shift, 30,
                                  why)) ||
        (status = tin_scale_check(p->out_multiplier, p->out_shift, 30, why)))
        return status;
    if (!p->feature || (p->time_s16 != NULL) == (p->time_s8 != NULL))
        return TIN_WHY(why, "weights are NULL, or of two types"), TIN_ERR_ARG;
    if (p->time_s16 && p->state_zero != 0)
        return TIN_WHY(why, "states of int16 have a zero point"), TIN_ERR_QUANT;
    return TIN_OK;
}
