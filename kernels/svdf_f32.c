/* SPDX-License-Identifier: MIT */
/* tin_svdf_f32: see tinyinfer_state.h. */
#include "tinyinfer_state.h"

/* Takes over the newest feature; the sum of all with their weights of time. */
static float filter(float *state, const float *time, int32_t memory,
                    float newest)
{
    float sum = 0;

    for (int32_t j = 0; j < memory; j++) {
        state[j] = j + 1 < memory ? state[j + 1] : newest;
        sum += time[j] * state[j];
    }
    return sum;
}

static void run_row(const tin_svdf_f32_params *p, const float *in, float *state,
                    float *out)
{
    const float *feature = p->feature, *time = p->time;

    for (int32_t unit = 0; unit < p->units; unit++) {
        float sum = p->bias ? p->bias[unit] : 0;

        for (int32_t r = 0; r < p->rank; r++) {
            sum += filter(state, time, p->memory,
                          tin_dot_f32(0, in, feature, p->in_c));
            feature += p->in_c;
            time += p->memory;
            state += p->memory;
        }
        out[unit] = tin_clampf(sum, p->act_min, p->act_max);
    }
}

void tin_svdf_f32(const void *params, const tin_rows *in, const tin_rows *out,
                  int32_t y0, int32_t y1, void *scratch)
{
    const tin_svdf_f32_params *p = params;

    (void)scratch;
    for (int32_t y = y0; y < y1; y++)
        run_row(p, tin_row(&in[0], y), tin_row(&in[1], y), tin_row(out, y));
}

tin_status tin_svdf_f32_check(const void *params, const char **why)
{
    const tin_svdf_f32_params *p = params;
    tin_status status =
        tin_svdf_shape_check(p->in_c, p->units, p->rank, p->memory, 4, why);

    if (status == TIN_OK)
        status = tin_act_check_f32(p->act_min, p->act_max, why);
    if (status != TIN_OK)
        return status;
    if (!p->feature || !p->time)
        return TIN_WHY(why, "weights are NULL"), TIN_ERR_ARG;
    return TIN_OK;
}
