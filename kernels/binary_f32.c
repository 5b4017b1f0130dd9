/* SPDX-License-Identifier: MIT */
/* tin_binary_f32: see tinyinfer_binary.h. */
#include "tinyinfer_binary.h"

/* A loop over a stretch for one operator; where both inputs move by 1 the
 * compiler sees contiguous arrays. No restrict: out may be an input. */
#define LOOP(expression)                                                       \
 do {                                                                          \
  for (int32_t i = 0; contiguous && i < n; i++) {                              \
   const float x = a[i], y = b[i];                                             \
   out[i] = tin_clampf(expression, lo, hi);                                    \
  }                                                                            \
  for (int32_t i = 0; !contiguous && i < n; i++) {                             \
   const float x = a[i * step_a], y = b[i * step_b];                           \
   out[i] = tin_clampf(expression, lo, hi);                                    \
  }                                                                            \
 } while (0)

static void loop(const void *params, const tin_binary_run *run)
{
    const tin_binary_f32_params *p = params;
    const float *a = run->a, *b = run->b;
    const float lo = p->act_min, hi = p->act_max;
    const int32_t step_a = run->step_a, step_b = run->step_b, n = run->n;
    const int contiguous = step_a == 1 && step_b == 1;
    float *out = run->out;

    switch (p->op) {
    case TIN_BINARY_SUB: LOOP(x - y); break;
    case TIN_BINARY_MUL: LOOP(x * y); break;
    case TIN_BINARY_DIV: LOOP(x / y); break;
    case TIN_BINARY_MINIMUM: LOOP(x < y ? x : y); break;
    case TIN_BINARY_MAXIMUM: LOOP(x > y ? x : y); break;
    default: LOOP((x - y) * (x - y)); break;
    }
}

void tin_binary_f32(const void *params, const tin_rows *in, const tin_rows *out,
                    int32_t y0, int32_t y1, void *scratch)
{
    const tin_binary_f32_params *p = params;

    (void)scratch;
    tin_binary_rows(&p->shape, 4, 4, loop, p, in, out, y0, y1);
}

tin_status tin_binary_f32_check(const void *params, const char **why)
{
    const tin_binary_f32_params *p = params;
    const uint32_t allowed = 1u << TIN_BINARY_SUB | 1u << TIN_BINARY_MUL |
                             1u << TIN_BINARY_DIV | 1u << TIN_BINARY_MINIMUM |
                             1u << TIN_BINARY_MAXIMUM |
                             1u << TIN_BINARY_SQUARED_DIFFERENCE;
    tin_status status = tin_broadcast_check(&p->shape, 4, why);

    if (status == TIN_OK)
        status = tin_binary_op_check(p->op, allowed, why);
    if (status != TIN_OK)
        return status;
    return tin_act_check_f32(p->act_min, p->act_max, why);
}
