/* SPDX-License-Identifier: MIT */
/* lower_reduce.h: what operators that look along axes build with. */
#ifndef TIN_LOWER_REDUCE_H
#define TIN_LOWER_REDUCE_H

#include "lower.h"

/* A reduction as kernels take it: `rows` of output, made of in_h rows of
 * input each, `count` elements becoming one. */
typedef struct {
    int32_t rows, count;
    tin_reduce_shape shape;
} tin_reduction;

/* Axis i of a constant list, as 0 .. rank of input 0 - 1. */
tin_status tin_read_axis(tin_lowering *lo, const tin_value *list, int32_t i,
                         int32_t *axis);

/* Refuses an output that is not input 0 without the axes or, if `keep`, with
 * extents of 1 in their place. */
tin_status tin_want_reduced_shape(tin_lowering *lo, uint32_t axes, int keep);

/* The reduction that the node asks for; checks type and shape of its output. */
tin_status tin_make_reduction(tin_lowering *lo, tin_reduction *r);

/* The step of a kernel whose params have the reduction's shape. */
tin_status tin_add_reduce_step(tin_lowering *lo, tin_kernel_id kernel,
                               const void *params, const tin_reduction *r);

/* The steps of tin_reduce_f32, and of tin_reduce_int: m is NULL where nothing
 * is scaled. */
tin_status tin_reduce_f32_step(tin_lowering *lo, const tin_reduction *r,
                               int32_t op);
tin_status tin_reduce_int_step(tin_lowering *lo, const tin_reduction *r,
                               int32_t op, const tin_multiplier *m);

/* Is it of a type whose sums need scales? */
int tin_is_scaled(const tin_value *v);
/* Refuses a value that has not one scale. */
tin_status tin_want_scaled(tin_lowering *lo, const tin_value *v);

#endif /* TIN_LOWER_REDUCE_H */
