/* SPDX-License-Identifier: MIT */
/* results.c: what a network found. See running.h. */
#include <math.h>
#include <string.h>

#include "running.h"

/* Equal values keep their order; NaN goes before all. */
static int is_better(double a, double b)
{
    return (isnan(a) && !isnan(b)) || a > b;
}

int32_t tin_port_top(const tin_port *port, const void *data, int32_t most,
                     int64_t *best)
{
    const int64_t count = tin_port_count(port);
    int32_t n = 0;

    for (int64_t i = 0; i < count; i++) {
        const double x = tin_port_raw(port, data, i);
        int32_t at = n;

        while (at > 0 && is_better(x, tin_port_raw(port, data, best[at - 1])))
            at--;
        if (at == most)
            continue;
        if (n < most)
            n++;
        memmove(best + at + 1, best + at, (size_t)(n - 1 - at) * sizeof *best);
        best[at] = i;
    }
    return n;
}

const char *tin_score_name(const tin_program *program, int32_t output)
{
    const int32_t tensor = program->model.outputs[output].tensor;

    for (int32_t i = 0; i < program->n_layers; i++) {
        const tin_layer *l = &program->layers[i];

        if (l->tensor == tensor &&
            (strcmp(l->op, "SOFTMAX") == 0 || strcmp(l->op, "LOGISTIC") == 0))
            return "probability";
    }
    return "score";
}
