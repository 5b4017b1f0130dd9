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
    p->shown = tin_is_terminal(stderr);
    p->drawn = 0;
    p->start_ns = tin_clock_ns();
    p->last_ns = p->start_ns;
}

/* Is there someone to see it, and has it been a while since the last time? */
static int is_due(tin_progress *p, double *elapsed_ns)
{
    double now;

    if (!p->shown)
        return 0;
    now = tin_clock_ns();
    if (now - p->last_ns < redraw_ns || now <= p->start_ns)
        return 0;
    p->last_ns = now;
    p->drawn = 1;
    *elapsed_ns = now - p->start_ns;
    return 1;
}

void tin_progress_show(tin_progress *p, int64_t done)
{
    char bar[BAR_WIDTH + 1];
    double elapsed_ns, rate;
    long left;
    int64_t i;

    if (done <= 0 || !is_due(p, &elapsed_ns))
        return;
    for (i = 0; i < BAR_WIDTH; i++)
        bar[i] = i * p->total < done * BAR_WIDTH ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    rate = (double)done / elapsed_ns * 1e9;
    left = (long)((double)(p->total - done) / rate + 0.5);
    fprintf(stderr, "\r[%s] %lld of %lld  %.0f/s  %ld:%02ld left  ", bar,
            (long long)done, (long long)p->total, rate, left / 60, left % 60);
    fflush(stderr);
}

void tin_progress_say(tin_progress *p, const char *doing)
{
    double elapsed_ns;

    if (!is_due(p, &elapsed_ns))
        return;
    fprintf(stderr, "\r%s, %.1f s  ", doing, elapsed_ns / 1e9);
    fflush(stderr);
}

/* Leaves an empty line for what comes next. */
void tin_progress_end(const tin_progress *p)
{
    if (p->drawn)
        fprintf(stderr, "\r%78s\r", "");
}
