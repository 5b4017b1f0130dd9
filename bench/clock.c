/* SPDX-License-Identifier: MIT */
/*
 * tin_clock_ns: see measure.h.
 *
 * C99 has one clock for intervals, clock(), too coarse for a layer. The
 * monotonic clock of POSIX stays behind this fence, in a file of its own,
 * because the macro that asks for it must precede every header.
 */
#if defined(__unix__) || defined(__APPLE__)
# define _POSIX_C_SOURCE 199309L
#endif
#include <time.h>

#include "measure.h"

#if defined(__unix__) || defined(__APPLE__)

double tin_clock_ns(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

#else

double tin_clock_ns(void)
{
    return (double)clock() * (1e9 / CLOCKS_PER_SEC);
}

#endif
