/* SPDX-License-Identifier: MIT */
/*
 * tflite_sparse.c: sparse constants, of which the file keeps only the parts
 * that are not zero, to dense ones.
 *
 * The elements stand at the leaves of a tree. Each of its levels is a
 * dimension, in an order of the file's own: one of the tensor's axes, or of the
 * blocks into which an axis is cut. A dense level has a branch for each index.
 * A sparse one (CSR) lists those there are: the branches of node p are numbers
 * segments[p] .. segments[p + 1] - 1, and indices[] says which index each is.
 */
#include "tflite.h"

enum { SPARSITY_ORDER = 0, SPARSITY_BLOCKS = 1, SPARSITY_LEVELS = 2 };
enum { LEVEL_FORMAT = 0, LEVEL_SIZE = 1 };
enum { LEVEL_SEGMENTS_TYPE = 2, LEVEL_SEGMENTS = 3 };
enum { LEVEL_INDICES_TYPE = 4, LEVEL_INDICES = 5 };
enum { MOST_LEVELS = 2 * TIN_MAX_RANK };

/* A list of numbers of 4, 2 or 1 bytes. */
typedef struct {
    tin_fb_vector v;
    int32_t bytes;
} numbers;

typedef struct {
    int32_t size, step; /* indices, and elements of the tensor between two */
    int is_sparse;
    numbers segments, indices;
} level;

typedef struct {
    tin_tflite *t;
    uint64_t at; /* of the sparsity's table, for messages */
    level levels[MOST_LEVELS];
    int32_t n;
} tree;

static tin_status damaged(const tree *tr, const char *what)
{
    return tin_fb_fail(&tr->t->fb, TIN_ERR_FORMAT, (int64_t)tr->at,
                       "its sparsity %s", what);
}

/* ---- Reading the levels ------------------------------------------------- */

static numbers read_numbers(tin_tflite *t, const tin_fb_table *table,
                            uint32_t type_slot, uint32_t slot)
{
    static const int32_t sizes[] = {0, 4, 2, 1}; // SparseIndexVector
    const int32_t type = tin_fb_u8(&t->fb, table, type_slot, 0);
    const tin_fb_table list =
        tin_fb_field_table(&t->fb, table, slot, "its sparse indices");
    numbers x = {{0, 0}, 4};

    if (type < 1 || type > 3 || list.at == 0)
        return x;
    x.bytes = sizes[type];
    x.v = tin_fb_field_vector(&t->fb, &list, 0, (uint32_t)x.bytes,
                              "its sparse indices");
    return x;
}

/* Number i, or -1 where there is none. */
static int64_t number_at(const tree *tr, const numbers *x, int64_t i)
{
    const uint8_t *p;

    if (i < 0 || i >= x->v.count)
        return -1;
    p = tr->t->fb.bytes + x->v.at + (uint64_t)i * (uint64_t)x->bytes;
    if (x->bytes == 1)
        return p[0];
    if (x->bytes == 2)
        return p[0] | p[1] << 8;
    return tin_fb_at_s32(&tr->t->fb, &x->v, (uint32_t)i);
}

/* Reads what level i says of itself. */
static tin_status read_level(tree *tr, const tin_fb_vector *all, int32_t i)
{
    tin_fb *fb = &tr->t->fb;
    const tin_fb_table table =
        tin_fb_at_table(fb, all, (uint32_t)i, "a level of its sparsity");
    const int32_t format = tin_fb_s8(fb, &table, LEVEL_FORMAT, 0);
    level *l = &tr->levels[i];

    if (fb->status == TIN_OK && format != 0 && format != 1)
        return damaged(tr, "has a format that is not in the schema");
    l->is_sparse = format == 1;
    l->size = tin_fb_s32(fb, &table, LEVEL_SIZE, 0);
    l->segments =
        read_numbers(tr->t, &table, LEVEL_SEGMENTS_TYPE, LEVEL_SEGMENTS);
    l->indices = read_numbers(tr->t, &table, LEVEL_INDICES_TYPE, LEVEL_INDICES);
    return fb->status;
}

/* The level of dimension d; -1: none. Of several the first. */
static int32_t level_of(const tree *tr, const tin_fb_vector *order, int32_t d)
{
    int32_t i;

    for (i = 0; i < tr->n; i++)
        if (tin_fb_at_s32(&tr->t->fb, order, (uint32_t)i) == d)
            return i;
    return -1;
}

/* Finds out how far each level moves on. Dimension d below the rank is an
 * axis, or its blocks; the others are places within a block. */
static tin_status measure_levels(tree *tr, const tin_value *v,
                                 const tin_fb_vector *order,
                                 const tin_fb_vector *blocks)
{
    int32_t step = 1, d, k;

    for (d = v->rank - 1; d >= 0; d--) {
        const int32_t outer = level_of(tr, order, d);
        int32_t block = 1, found = 0;

        for (k = 0; k < (int32_t)blocks->count; k++) {
            const int32_t inner = level_of(tr, order, v->rank + k);

            if (tin_fb_at_s32(&tr->t->fb, blocks, (uint32_t)k) != d)
                continue;
            if (inner < 0 || found++ || tr->levels[inner].is_sparse)
                return damaged(tr, "cuts an axis in two ways or sparsely");
            block = tr->levels[inner].size;
            tr->levels[inner].step = step;
        }
        if (block < 1 || v->shape[d] % block != 0 || outer < 0)
            return damaged(tr, "has blocks or axes that do not fit its shape");
        if (!tr->levels[outer].is_sparse &&
            tr->levels[outer].size != v->shape[d] / block)
            return damaged(tr, "has a level that does not fit its shape");
        tr->levels[outer].size = v->shape[d] / block;
        tr->levels[outer].step = step * block;
        step *= v->shape[d];
    }
    for (k = 0; k < tr->n; k++) // every level is one of the dimensions
        if (tr->levels[k].step == 0)
            return damaged(tr, "has a dimension that the tensor does not have");
    return TIN_OK;
}

static tin_status read_tree(tree *tr, const tin_fb_table *table,
                            const tin_value *v)
{
    tin_fb *fb = &tr->t->fb;
    const tin_fb_vector order = tin_fb_field_vector(
        fb, table, SPARSITY_ORDER, 4, "the order of its dimensions");
    const tin_fb_vector blocks = tin_fb_field_vector(
        fb, table, SPARSITY_BLOCKS, 4, "the axes of its blocks");
    const tin_fb_vector levels = tin_fb_field_vector(
        fb, table, SPARSITY_LEVELS, 4, "the levels of its sparsity");
    uint32_t i;

    if (fb->status != TIN_OK)
        return fb->status;
    if (order.count != levels.count || levels.count > MOST_LEVELS ||
        levels.count != (uint32_t)v->rank + (uint64_t)blocks.count ||
        levels.count == 0)
        return damaged(tr, "does not have a level for each dimension");
    tr->n = (int32_t)levels.count;
    for (i = 0; i < levels.count; i++)
        if (read_level(tr, &levels, (int32_t)i) != TIN_OK)
            return fb->status;
    return measure_levels(tr, v, &order, &blocks);
}

/* ---- Walking the tree --------------------------------------------------- */

/* A way down: at each level the branch that is taken, of those up to `end`,
 * and the element of the tensor where its node begins. */
typedef struct {
    int64_t branch[MOST_LEVELS], end[MOST_LEVELS];
    int64_t at[MOST_LEVELS];
} way;

/* Begins level i below node p of the level above. */
static tin_status enter(const tree *tr, way *w, int32_t i, int64_t p)
{
    const level *l = &tr->levels[i];

    if (l->is_sparse) {
        w->branch[i] = number_at(tr, &l->segments, p);
        w->end[i] = number_at(tr, &l->segments, p + 1);
        if (w->branch[i] < 0 || w->end[i] < w->branch[i] ||
            w->end[i] > l->indices.v.count)
            return damaged(tr, "has a segment that is not there");
    } else {
        w->branch[i] = p * l->size;
        w->end[i] = w->branch[i] + l->size;
    }
    return TIN_OK;
}

/* Sets w->at for the branch that is taken at level i. */
static tin_status follow(const tree *tr, way *w, int32_t i)
{
    const level *l = &tr->levels[i];
    const int64_t index = l->is_sparse
                              ? number_at(tr, &l->indices, w->branch[i])
                              : w->branch[i] % l->size;

    if (index < 0 || index >= l->size)
        return damaged(tr, "has an index beyond its shape");
    w->at[i] = (i > 0 ? w->at[i - 1] : 0) + index * l->step;
    return tin_fb_work(&tr->t->fb, 1);
}

/* Copies the values at the leaves to where they belong. */
static tin_status scatter(const tree *tr, const tin_fb_vector *values,
                          int32_t elem_bytes, uint8_t *dense)
{
    const int32_t leaf = tr->n - 1;
    way w;
    int32_t i = 0, k;
    tin_status status = enter(tr, &w, 0, 0);

    while (status == TIN_OK && i >= 0) {
        if (w.branch[i] >= w.end[i]) {
            if (--i >= 0)
                w.branch[i]++;
            continue;
        }
        status = follow(tr, &w, i);
        if (status != TIN_OK)
            break;
        if (i < leaf) {
            status = enter(tr, &w, i + 1, w.branch[i]);
            i++;
            continue;
        }
        if (w.branch[i] >= values->count / (uint32_t)elem_bytes)
            return damaged(tr, "has more elements than its contents");
        for (k = 0; k < elem_bytes; k++)
            dense[w.at[i] * elem_bytes + k] =
                tr->t->fb.bytes[values->at +
                                (uint64_t)(w.branch[i] * elem_bytes + k)];
        w.branch[i]++;
    }
    return status;
}

const uint8_t *tin_tflite_densify(tin_tflite *t, const tin_fb_table *sparsity,
                                  const tin_fb_vector *values,
                                  const tin_value *v)
{
    const int32_t elem_bytes = tin_type_bytes(v->type);
    const uint64_t n = (uint64_t)tin_value_elements(v);
    tree tr = {t, sparsity->at, {{0}}, 0};
    uint8_t *dense;

    if (read_tree(&tr, sparsity, v) != TIN_OK ||
        tin_fb_work(&t->fb, n) != TIN_OK)
        return NULL;
    dense = tin_tflite_alloc(t, n, (size_t)elem_bytes);
    if (!dense || scatter(&tr, values, elem_bytes, dense) != TIN_OK)
        return NULL;
    return dense;
}
