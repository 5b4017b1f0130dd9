/* SPDX-License-Identifier: MIT */
/* bench_move.c: the layers on which the kernels of tinyinfer_move.h are
 * measured. See bench.h. */
#include "bench.h"

/* Height and width change places. */
static void make_strided_copy(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.strided_copy = (tin_strided_copy_params){
        .elem_bytes = 1,
        .in_rows = s->h,
        .in_elems = s->w * s->c,
        .dim = {1, 1, 1, s->w, 1, 1, s->h, s->c},
        .row_step = {0, 0, 0, 0, 0, 0, 1, 0},
        .elem_step = {0, 0, 0, s->c, 0, 0, 0, 1},
    };
    tin_bench_add_in(c, TIN_S8, s->h, (int64_t)s->w * s->c);
    tin_bench_add_out(c, TIN_S8, s->w, (int64_t)s->h * s->c);
}

/* n of h words of c numbers. */
static void make_gather(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.gather = (tin_gather_params){
        .elem_bytes = 1,
        .index_bytes = 4,
        .row_elems = s->c,
        .in_elems = s->h * s->c,
        .batch = 1,
        .outer = 1,
        .count = s->n,
        .inner = s->c,
        .depth = 1,
        .extent = {s->h},
        .step = {s->c},
    };
    tin_bench_add_in(c, TIN_S8, s->h, s->c);
    tin_bench_add_in(c, TIN_S32, 1, s->n);
    tin_bench_add_out(c, TIN_S8, s->n, s->c);
}

static void make_one_hot(tin_bench_case *c, const tin_bench_shape *s)
{
    c->params.one_hot = (tin_one_hot_params){
        .elem_bytes = 1,
        .index_bytes = 4,
        .row_elems = s->c,
        .outer = s->n,
        .depth = s->c,
        .inner = 1,
        .on = {1},
    };
    tin_bench_add_in(c, TIN_S32, 1, s->n);
    tin_bench_add_out(c, TIN_S8, s->n, s->c);
}

static void make_mirror_pad(tin_bench_case *c, const tin_bench_shape *s)
{
    tin_mirror_pad_params *p = &c->params.mirror_pad;
    const int32_t dim[TIN_DIMS] = {1, 1, s->h, s->w, s->c};

    p->elem_bytes = 1;
    for (int i = 0; i < TIN_DIMS; i++) {
        p->before[i] = i == 2 || i == 3 ? s->p : 0;
        p->in_dim[i] = dim[i];
        p->out_dim[i] = dim[i] + 2 * p->before[i];
    }
    tin_bench_add_in(c, TIN_S8, s->h, (int64_t)s->w * s->c);
    tin_bench_add_out(c, TIN_S8, p->out_dim[2], (int64_t)p->out_dim[3] * s->c);
}

static const char *const copy_shapes[] = {"h=32,w=32,c=16", "h=49,w=10,c=1",
                                          NULL};
static const char *const gather_shapes[] = {"n=16,h=64,c=16", NULL};
static const char *const one_hot_shapes[] = {"n=16,c=64", NULL};
static const char *const pad_shapes[] = {"h=32,w=32,c=16,p=1", NULL};

const tin_bench_family tin_bench_strided_copy = {make_strided_copy, " h w c ",
                                                 copy_shapes};
const tin_bench_family tin_bench_gather = {make_gather, " n h c ",
                                           gather_shapes};
const tin_bench_family tin_bench_one_hot = {make_one_hot, " n c ",
                                            one_hot_shapes};
const tin_bench_family tin_bench_mirror_pad = {make_mirror_pad, " h w c p ",
                                               pad_shapes};
