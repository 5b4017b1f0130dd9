/* SPDX-License-Identifier: MIT */
/* progress.c: how far a long job is, for a person who waits. See running.h. */
#include "../../bench/measure.h"
#include "running.h"
#include "terminal.h"

enum { BAR_WIDTH = 30 };

static const double redraw_ns = 100e6;

void tin_progress_start(tin_progress *p, int64_t total)
{
    p->total = total;
    p->shown = tin_is_terminal(stderr) && total > 0;
    p->start_ns = tin_clock_ns();
    p->last_ns = p->start_ns;
}

void tin_progress_show(tin_progress *p, int64_t done)
{
    char bar[BAR_WIDTH + 1];
    double now, rate;
    long left;
    int64_t i;

    if (!p->shown)
        return;
    now = tin_clock_ns();
    if (now - p->last_ns < redraw_ns || now <= p->start_ns)
        return;
    p->last_ns = now;
    for (i = 0; i < BAR_WIDTH; i++)
        bar[i] = i * p->total < done * BAR_WIDTH ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    rate = (double)done / (now - p->start_ns) * 1e9;
    left = (long)((double)(p->total - done) / rate + 0.5);
    fprintf(stderr, "\r[%s] %lld of %lld  %.0f/s  %ld:%02ld left  ", bar,
            (long long)done, (long long)p->total, rate, left / 60, left % 60);
    fflush(stderr);
}

/* Leaves an empty line for what comes next. */
void tin_progress_end(const tin_progress *p)
{
    if (p->shown)
        fprintf(stderr, "\r%78s\r", "");
}
