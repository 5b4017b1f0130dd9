/* SPDX-License-Identifier: MIT */
/*
 * measure.h: how long a network takes, layer by layer.
 *
 * The bench program and `tinyinfer bench` measure with the same code, so that
 * their figures can be compared.
 */
#ifndef TIN_MEASURE_H
#define TIN_MEASURE_H

#include "tinyinfer_compiler.h"

/* Nanoseconds since some moment that stays the same while the program runs.
 * On Unix a clock that nobody sets; elsewhere the processor time of clock(),
 * which C99 has everywhere. */
double tin_clock_ns(void);

/* Binds a model to memories from the pool, one block for each, no larger than
 * it needs. Returns TIN_OK or TIN_ERR_MEMORY. */
tin_status tin_net_open_pool(tin_pool *pool, const tin_model *model,
                             tin_net *net) TIN_WARN_UNUSED;

/* Time of one inference, or of one step in it. */
typedef struct {
    double median_ns, min_ns;
} tin_timing;

typedef struct {
    int32_t runs;           /* samples that the figures are made from */
    int32_t batch;          /* inferences in one sample: more than one where
                               a single one is too short for the clock */
    tin_timing total;       /* whole inferences, nothing in between */
    const tin_timing *step; /* [n_steps], each with one reading of the clock */
} tin_measurement;

/*
 * Measures a model on fixed pseudo-random inputs. If its input is streamed, an
 * inference begins with the first row and ends with the outputs; where the
 * window slides, what is measured is one hop, after a first window.
 *
 * runs    samples to take, >= 1, of whole inferences and again of steps.
 * warmup  inferences before the first sample, >= 0.
 * pool    holds the arenas and the result.
 *
 * Returns: TIN_OK; TIN_ERR_ARG; TIN_ERR_MEMORY.
 */
tin_status tin_measure(tin_pool *pool, const tin_model *model, int32_t runs,
                       int32_t warmup, tin_measurement *result) TIN_WARN_UNUSED;

/* Sorts n >= 1 samples and gives their median and minimum. */
tin_timing tin_timing_of(double *samples, int32_t n);

#endif /* TIN_MEASURE_H */
