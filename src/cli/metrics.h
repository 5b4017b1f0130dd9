/* SPDX-License-Identifier: MIT */
/* metrics.h: how good a classifier is. */
#ifndef TIN_METRICS_H
#define TIN_METRICS_H

#include "running.h"

/* More classes than this have no confusion matrix worth its memory. */
enum { TIN_MOST_CLASSES = 4096 };

typedef struct {
    int32_t classes;
    int32_t *confusion; /* [true][predicted] samples */
    int64_t correct, total;
} tin_confusion;

tin_status tin_confusion_new(tin_pool *pool, tin_confusion *c, int64_t classes,
                             tin_diag *diag) TIN_WARN_UNUSED;
void tin_confusion_add(tin_confusion *c, int32_t truth, int32_t predicted);

/* Of one class, or averaged over several. What divides by no samples is 0. */
typedef struct {
    double precision; /* right among those predicted as the class */
    double recall;    /* right among those of the class */
    double f1;        /* 2 * precision * recall / (precision + recall) */
    int64_t support;  /* samples of the class */
    int64_t predicted;
} tin_score;

tin_score tin_class_score(const tin_confusion *c, int32_t class_index);
/* Over the classes that occur, as truth or as prediction, each counting the
 * same, or as much as it has samples. */
tin_score tin_macro_score(const tin_confusion *c);
tin_score tin_weighted_score(const tin_confusion *c);

/* Accuracy, a table for each class, the averages, and the matrix where it
 * fits a screen. */
void tin_metrics_print(tin_pool *pool, const tin_confusion *c,
                       const tin_labels *labels, FILE *to);
/* The keys correct, total, accuracy, confusion, per_class, macro_avg and
 * weighted_avg, into an open object. */
void tin_metrics_json(tin_json *j, const tin_confusion *c,
                      const tin_labels *labels);

#endif /* TIN_METRICS_H */
