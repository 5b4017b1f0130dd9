/* SPDX-License-Identifier: MIT */
/* metrics.c: see metrics.h. */
#include "metrics.h"

/* The matrix is printed up to this many classes. */
enum { MATRIX_CLASSES = 20 };

tin_status tin_confusion_new(tin_pool *pool, tin_confusion *c, int64_t classes,
                             tin_diag *diag)
{
    if (classes < 2 || classes > TIN_MOST_CLASSES)
        return tin_fail(diag, TIN_ERR_SHAPE, -1,
                        "labels need an output of 2 to %d classes, this one "
                        "has %lld elements",
                        TIN_MOST_CLASSES, (long long)classes);
    c->classes = (int32_t)classes;
    c->correct = 0;
    c->total = 0;
    c->confusion = tin_pool_alloc(pool, (uint64_t)(classes * classes) *
                                            sizeof *c->confusion);
    if (!c->confusion)
        return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
    return TIN_OK;
}

static int32_t *cell(const tin_confusion *c, int32_t truth, int32_t predicted)
{
    return &c->confusion[(ptrdiff_t)truth * c->classes + predicted];
}

void tin_confusion_add(tin_confusion *c, int32_t truth, int32_t predicted)
{
    ++*cell(c, truth, predicted);
    c->correct += truth == predicted;
    c->total++;
}

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

tin_score tin_class_score(const tin_confusion *c, int32_t class_index)
{
    const int32_t right = *cell(c, class_index, class_index);
    tin_score s = {0, 0, 0, 0, 0};

    for (int32_t i = 0; i < c->classes; i++) {
        s.support += *cell(c, class_index, i);
        s.predicted += *cell(c, i, class_index);
    }
    s.precision = ratio(right, (double)s.predicted);
    s.recall = ratio(right, (double)s.support);
    s.f1 = ratio(2.0 * right, (double)(s.predicted + s.support));
    return s;
}

/* Adds up the classes, each with its weight, and divides by the weights. */
static tin_score average(const tin_confusion *c, int weighted)
{
    tin_score sum = {0, 0, 0, 0, 0};
    double weights = 0;

    for (int32_t i = 0; i < c->classes; i++) {
        const tin_score s = tin_class_score(c, i);
        const double occurs = s.support + s.predicted > 0 ? 1 : 0;
        const double weight = weighted ? (double)s.support : occurs;

        sum.precision += weight * s.precision;
        sum.recall += weight * s.recall;
        sum.f1 += weight * s.f1;
        sum.support += s.support;
        sum.predicted += s.predicted;
        weights += weight;
    }
    sum.precision = ratio(sum.precision, weights);
    sum.recall = ratio(sum.recall, weights);
    sum.f1 = ratio(sum.f1, weights);
    return sum;
}

tin_score tin_macro_score(const tin_confusion *c)
{
    return average(c, 0);
}

tin_score tin_weighted_score(const tin_confusion *c)
{
    return average(c, 1);
}

/* ---- Text --------------------------------------------------------------- */

static const char *class_name(tin_pool *pool, const tin_labels *labels,
                              int32_t i, int32_t width)
{
    char number[TIN_NUMBER_SIZE];

    if (i < labels->count)
        return tin_clean(pool, tin_label(labels, i), width);
    snprintf(number, sizeof number, "%ld", (long)i);
    return tin_clean(pool, number, 0);
}

static void add_score(tin_table *t, const char *name, const tin_score *s)
{
    char n[TIN_NUMBER_SIZE];

    tin_table_add(t, "%s", name);
    tin_table_add(t, "%.3f", s->precision);
    tin_table_add(t, "%.3f", s->recall);
    tin_table_add(t, "%.3f", s->f1);
    tin_table_add(t, "%s", tin_format_count(n, s->support));
}

static void add_row(tin_table *t, const char *a, const char *b, const char *c,
                    const char *d, const char *e)
{
    const char *const cells[] = {a, b, c, d, e};

    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        tin_table_add(t, "%s", cells[i]);
}

/* Laid out as users of scikit-learn's classification_report know it. */
static void print_report(tin_pool *pool, const tin_confusion *c,
                         const tin_labels *labels, FILE *to)
{
    tin_table t = {.pool = pool, .align = "rrrrr"};
    const tin_score macro = tin_macro_score(c);
    const tin_score weighted = tin_weighted_score(c);
    char accuracy[TIN_NUMBER_SIZE], total[TIN_NUMBER_SIZE];

    add_row(&t, "", "precision", "recall", "f1-score", "support");
    add_row(&t, "", "", "", "", "");
    for (int32_t i = 0; i < c->classes; i++) {
        const tin_score s = tin_class_score(c, i);

        if (s.support + s.predicted > 0)
            add_score(&t, class_name(pool, labels, i, 24), &s);
    }
    snprintf(accuracy, sizeof accuracy, "%.3f",
             ratio((double)c->correct, (double)c->total));
    add_row(&t, "", "", "", "", "");
    add_row(&t, "accuracy", "", "", accuracy,
            tin_format_count(total, c->total));
    add_score(&t, "macro avg", &macro);
    add_score(&t, "weighted avg", &weighted);
    tin_table_print(&t, to);
}

/* A dot for none: what is confused stands out. */
static void add_count(tin_table *t, int32_t n)
{
    if (n == 0)
        tin_table_add(t, ".");
    else
        tin_table_add(t, "%ld", (long)n);
}

static void print_matrix(tin_pool *pool, const tin_confusion *c,
                         const tin_labels *labels, FILE *to)
{
    static const char align[MATRIX_CLASSES + 2] = "rrrrrrrrrrrrrrrrrrrrr";
    tin_table t = {.pool = pool};

    // The table has as many columns as letters are left.
    t.align = align + MATRIX_CLASSES - c->classes;
    tin_table_add(&t, "%s", "");
    for (int32_t i = 0; i < c->classes; i++)
        tin_table_add(&t, "%ld", (long)i);
    for (int32_t i = 0; i < c->classes; i++) {
        tin_table_add(&t, "%s", class_name(pool, labels, i, 16));
        for (int32_t k = 0; k < c->classes; k++)
            add_count(&t, *cell(c, i, k));
    }
    fputs("\nconfusion matrix, a row for each true class, "
          "a column for each predicted one\n",
          to);
    tin_table_print(&t, to);
}

void tin_metrics_print(tin_pool *pool, const tin_confusion *c,
                       const tin_labels *labels, FILE *to)
{
    char correct[TIN_NUMBER_SIZE], total[TIN_NUMBER_SIZE];

    fprintf(to, "%s of %s correct, accuracy %.2f %%\n\n",
            tin_format_count(correct, c->correct),
            tin_format_count(total, c->total),
            100 * ratio((double)c->correct, (double)c->total));
    print_report(pool, c, labels, to);
    if (c->classes <= MATRIX_CLASSES)
        print_matrix(pool, c, labels, to);
}

/* ---- JSON --------------------------------------------------------------- */

static void json_score(tin_json *j, const tin_score *s)
{
    tin_json_real(j, "precision", s->precision);
    tin_json_real(j, "recall", s->recall);
    tin_json_real(j, "f1", s->f1);
    tin_json_int(j, "support", s->support);
}

static void json_average(tin_json *j, const char *key, tin_score s)
{
    tin_json_open(j, key, '{');
    json_score(j, &s);
    tin_json_close(j, '}');
}

static void json_matrix(tin_json *j, const tin_confusion *c)
{
    tin_json_open(j, "confusion", '[');
    for (int32_t i = 0; i < c->classes; i++)
        tin_json_ints(j, NULL, cell(c, i, 0), c->classes);
    tin_json_close(j, ']');
}

void tin_metrics_json(tin_json *j, const tin_confusion *c,
                      const tin_labels *labels)
{
    tin_json_int(j, "correct", c->correct);
    tin_json_int(j, "total", c->total);
    tin_json_real(j, "accuracy", ratio((double)c->correct, (double)c->total));
    json_matrix(j, c);
    tin_json_open(j, "per_class", '[');
    for (int32_t i = 0; i < c->classes; i++) {
        const tin_score s = tin_class_score(c, i);

        tin_json_open(j, NULL, '{');
        tin_json_int(j, "index", i);
        if (labels->count > 0)
            tin_json_text(j, "label", tin_label(labels, i));
        json_score(j, &s);
        tin_json_close(j, '}');
    }
    tin_json_close(j, ']');
    json_average(j, "macro_avg", tin_macro_score(c));
    json_average(j, "weighted_avg", tin_weighted_score(c));
}
