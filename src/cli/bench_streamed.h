/* SPDX-License-Identifier: MIT */
/* bench_streamed.h: how long a network takes whose input is streamed. */
#ifndef TIN_BENCH_STREAMED_H
#define TIN_BENCH_STREAMED_H

#include "../../bench/measure.h"
#include "running.h"

/* tin_measure for a model with pushed_rows > 0. An inference begins with its
 * first row and ends with the outputs; copying a row belongs to it, but to
 * none of its steps. runs >= 1, warmup >= 0. */
tin_status tin_measure_streamed(tin_pool *pool, const tin_program *program,
                                int32_t runs, int32_t warmup,
                                tin_measurement *result,
                                tin_diag *diag) TIN_WARN_UNUSED;

#endif /* TIN_BENCH_STREAMED_H */
