/* SPDX-License-Identifier: MIT */
/* bench_report.c: results as text, CSV or JSON. See bench.h. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

int tin_bench_fail(int status, const char *format, ...)
{
    char text[512];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    for (char *p = text; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    }
    fprintf(stderr, "tinyinfer-bench: %s\n", text);
    return status;
}

/* ---- Figures ------------------------------------------------------------ */

/* What a kernel's work is counted in: multiply-accumulates where it has any,
 * else elements of its largest tensor. */
static const char *unit_of(const tin_bench_result *x)
{
    return x->macs > 0 ? "MAC" : "elem";
}

static int64_t count_of(const tin_bench_result *x)
{
    return x->macs > 0 ? x->macs : x->elements;
}

/* Rates are those of the median. 0 where nothing ran. */
static double per_second(const tin_bench_result *x)
{
    const double ns = x->time.median_ns;

    return ns > 0 ? (double)count_of(x) / ns * 1e9 : 0;
}

static double ns_each(const tin_bench_result *x)
{
    const int64_t n = count_of(x);

    return n > 0 ? x->time.median_ns / (double)n : 0;
}

/* ---- Text --------------------------------------------------------------- */

static void begin_text(const tin_bench_report *r)
{
    printf("libtinyinfer " TIN_VERSION
           ", target %s: %ld samples after %ld runs "
           "to warm up;\ncaches are warm, rates are those of the median\n",
           r->target, (long)r->runs, (long)r->warmup);
}

static void print_head(const char *group)
{
    putchar('\n');
    for (; *group; group++) // a file's name may hold anything
        putchar((unsigned char)*group < 0x20 || *group == 0x7f ? '?' : *group);
    printf("\n%4s %-18s %-35s %15s %10s %10s %9s %8s\n", "", "kernel", "shape",
           "work", "median us", "min us", "M/s", "ns each");
}

static void print_line(const tin_bench_result *x)
{
    char layer[16] = "", work[32];

    if (x->layer >= 0)
        (void)snprintf(layer, sizeof layer, "%ld", (long)x->layer);
    (void)snprintf(work, sizeof work, "%" PRId64 " %-4s", count_of(x),
                   unit_of(x));
    printf("%4s %-18s %-35s %15s %10.2f %10.2f %9.1f %8.3f\n", layer, x->kernel,
           x->shape, work, x->time.median_ns / 1e3, x->time.min_ns / 1e3,
           per_second(x) / 1e6, ns_each(x));
    fflush(stdout); // so that one sees how far it is
}

/* ---- CSV and JSON ------------------------------------------------------- */

/* A field in quotes, which are doubled inside. */
static void print_csv_text(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"')
            putchar('"');
        putchar((unsigned char)*text < 0x20 ? '?' : *text);
    }
    putchar('"');
}

static void print_csv(const tin_bench_result *x)
{
    print_csv_text(x->group);
    putchar(',');
    if (x->layer >= 0)
        printf("%ld", (long)x->layer);
    printf(",%s,%s,", x->op ? x->op : "", x->kernel);
    print_csv_text(x->shape);
    printf(",%s,%" PRId64 ",%.1f,%.1f,%.0f,%.4f\n", unit_of(x), count_of(x),
           x->time.median_ns, x->time.min_ns, per_second(x), ns_each(x));
}

/* The only texts from outside are names of files; bytes that are not ASCII
 * are replaced, for they need not be UTF-8. */
static void print_json_text(const char *key, const char *text)
{
    printf("\"%s\": ", key);
    if (!text) {
        printf("null");
        return;
    }
    putchar('"');
    for (; *text; text++) {
        const unsigned char byte = (unsigned char)*text;

        if (byte == '"' || byte == '\\')
            putchar('\\');
        putchar(byte < 0x20 || byte >= 0x7f ? '?' : byte);
    }
    putchar('"');
}

static void begin_json(const tin_bench_report *r)
{
    printf("{\n  ");
    print_json_text("version", TIN_VERSION);
    printf(",\n  ");
    print_json_text("target", r->target);
    printf(",\n  \"runs\": %ld,\n  \"warmup\": %ld,\n  ", (long)r->runs,
           (long)r->warmup);
    print_json_text("caches", "warm");
    printf(",\n  \"results\": [");
}

static void print_json(const tin_bench_report *r, const tin_bench_result *x)
{
    printf("%s\n    {", r->n_results ? "," : "");
    print_json_text("group", x->group);
    if (x->layer >= 0)
        printf(", \"layer\": %ld, ", (long)x->layer);
    else
        printf(", \"layer\": null, ");
    print_json_text("op", x->op);
    printf(", ");
    print_json_text("kernel", x->kernel);
    printf(", ");
    print_json_text("shape", x->shape);
    printf(", ");
    print_json_text("unit", unit_of(x));
    printf(", \"count\": %" PRId64 ", \"median_ns\": %.1f, \"min_ns\": %.1f, "
           "\"per_second\": %.0f, \"ns_each\": %.4f}",
           count_of(x), x->time.median_ns, x->time.min_ns, per_second(x),
           ns_each(x));
}

/* ---- The report --------------------------------------------------------- */

static void begin(const tin_bench_report *r)
{
    if (r->format == TIN_BENCH_TEXT)
        begin_text(r);
    else if (r->format == TIN_BENCH_CSV)
        puts("group,layer,op,kernel,shape,unit,count,median_ns,min_ns,"
             "per_second,ns_each");
    else
        begin_json(r);
}

void tin_bench_add(tin_bench_report *r, const tin_bench_result *x)
{
    if (r->n_results == 0)
        begin(r);
    if (r->format == TIN_BENCH_TEXT) {
        if (!r->group || strcmp(r->group, x->group) != 0)
            print_head(x->group);
        print_line(x);
    } else if (r->format == TIN_BENCH_CSV) {
        print_csv(x);
    } else {
        print_json(r, x);
    }
    r->group = x->group;
    r->n_results++;
}

void tin_bench_end(const tin_bench_report *r)
{
    if (r->format == TIN_BENCH_JSON && r->n_results > 0)
        printf("\n  ]\n}\n");
}
