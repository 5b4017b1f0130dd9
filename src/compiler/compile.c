/* SPDX-License-Identifier: MIT */
/* compile.c: the street from file to program, see tinyinfer_compiler.h. */
#include "cost.h"
#include "order.h"
#include "schedule.h"

#include <string.h>

static tin_status no_memory(tin_diag *diag)
{
    return tin_fail(diag, TIN_ERR_MEMORY, -1, "out of memory");
}

static int start_lowering(tin_lowering *lo, const tin_graph *g)
{
    const uint64_t n = (uint64_t)g->n_values;
    int32_t i;

    lo->graph = g;
    lo->tensor_of = tin_pool_alloc(lo->pool, n * sizeof *lo->tensor_of);
    lo->constant_of = tin_pool_alloc(lo->pool, n * sizeof *lo->constant_of);
    for (i = 0; lo->tensor_of && i < g->n_values; i++)
        lo->tensor_of[i] = -1;
    return lo->tensor_of && lo->constant_of;
}

/* a + b, or the largest number where that is larger. */
static int64_t add_up(int64_t a, int64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

static void total_up(tin_program *p)
{
    int32_t i;

    for (i = 0; i < p->n_layers; i++) {
        p->macs = add_up(p->macs, p->layers[i].macs);
        p->live_macs = add_up(p->live_macs, p->layers[i].live_macs);
        p->weight_bytes = add_up(p->weight_bytes, p->layers[i].weight_bytes);
    }
}

/* Lowers the graph and plans its memory. *turn: see tin_lowering; or NULL. */
static tin_status lower_and_place(const tin_lowering *start, tin_graph *g,
                                  const tin_compile_options *options,
                                  tin_program *p, int32_t *turn)
{
    tin_lowering lo = *start;
    tin_status status;

    lo.layers =
        tin_pool_alloc(lo.pool, (uint64_t)p->n_layers * sizeof *lo.layers);
    if (!lo.layers || !start_lowering(&lo, g))
        return no_memory(lo.diag);
    memcpy(lo.layers, start->layers, (size_t)p->n_layers * sizeof *lo.layers);
    p->layers = lo.layers;
    status = tin_lower(&lo, p);
    if (status == TIN_OK)
        status = tin_price_layers(&lo, p);
    if (status == TIN_OK)
        status = tin_layout(&lo, p, options);
    if (status == TIN_OK)
        total_up(p);
    if (turn)
        *turn = lo.turn;
    return status;
}

/* Orders of the nodes that were tried. */
typedef struct {
    tin_orders orders;
    const tin_node *nodes; /* in the order of the file */
    int32_t *best;         /* the order of the smallest arena */
} attempts;

/* Compiles the graph with its nodes in this order, and keeps the program if
 * its arena is the smallest so far. */
static tin_status try_order(const tin_lowering *start, tin_graph *g,
                            attempts *a, const tin_compile_options *options,
                            tin_program *best)
{
    const int32_t *order = a->orders.order;
    tin_program p = *best;
    tin_status status;
    int32_t i;

    p.macs = p.live_macs = p.weight_bytes = 0;
    for (i = 0; i < g->n_nodes; i++)
        g->nodes[i] = a->nodes[order[i]];
    status = lower_and_place(start, g, options, &p, NULL);
    if (status == TIN_OK && (best->plan.peak_bytes == 0 ||
                             p.plan.peak_bytes < best->plan.peak_bytes)) {
        if (best->plan.lower_bound_bytes &&
            best->plan.lower_bound_bytes < p.plan.lower_bound_bytes)
            p.plan.lower_bound_bytes = best->plan.lower_bound_bytes;
        *best = p;
        for (i = 0; i < g->n_nodes; i++)
            a->best[i] = order[i];
    } else if (status == TIN_OK &&
               p.plan.lower_bound_bytes < best->plan.lower_bound_bytes) {
        best->plan.lower_bound_bytes = p.plan.lower_bound_bytes;
    }
    return status;
}

/* The order of the file, two that are often good, and all others while there
 * are few. The bound holds for the orders that were tried; it is a proof for
 * the network when these were all. */
static tin_status try_all(const tin_lowering *start, tin_graph *g, attempts *a,
                          const tin_compile_options *options, tin_program *best)
{
    enum { MOST_ORDERS = 24 };
    tin_status status;
    int32_t tried = 0;
    int more;

    tin_first_order(&a->orders);
    do {
        status = try_order(start, g, a, options, best);
        more = tin_next_order(&a->orders);
    } while (status == TIN_OK && more && *start->work_left > 0 &&
             ++tried < MOST_ORDERS);
    best->searched_all = !more && !start->measured->left_out;
    best->plan.optimal = best->searched_all &&
                         best->plan.peak_bytes == best->plan.lower_bound_bytes;
    if (status != TIN_OK || !more)
        return status;
    tin_greedy_order(&a->orders);
    status = try_order(start, g, a, options, best);
    tin_deep_order(&a->orders);
    if (status == TIN_OK)
        status = try_order(start, g, a, options, best);
    best->plan.optimal = 0;
    return status;
}

/* Compiles the best order once more, with larger calls where these cost no
 * memory. */
static tin_status enlarge_calls(const tin_lowering *start, tin_graph *g,
                                const attempts *a,
                                const tin_compile_options *options,
                                tin_program *best)
{
    tin_lowering lo = *start;
    tin_program p = *best;
    tin_status status;
    int32_t i;

    lo.enlarge = 1;
    p.macs = p.live_macs = p.weight_bytes = 0;
    for (i = 0; i < g->n_nodes; i++)
        g->nodes[i] = a->nodes[a->best[i]];
    status = lower_and_place(&lo, g, options, &p, NULL);
    if (status == TIN_OK && p.plan.peak_bytes <= best->plan.peak_bytes) {
        p.plan.lower_bound_bytes = best->plan.lower_bound_bytes;
        p.plan.optimal = best->plan.optimal;
        p.searched_all = best->searched_all;
        *best = p;
    }
    return status;
}

/* Compiles the graph in the order that `best` has. */
static tin_status compile_again(const tin_lowering *start, tin_graph *g,
                                const tin_compile_options *options,
                                const tin_program *best, tin_program *p)
{
    *p = *best;
    p->macs = p->live_macs = p->weight_bytes = 0;
    return lower_and_place(start, g, options, p, NULL);
}

/* The same with what is for spare room. Where that makes the arena larger, but
 * saves more time than calls for single rows take, some layers run row by row
 * to make room. */
static tin_status compile_fuller(const tin_lowering *start, tin_graph *g,
                                 const tin_compile_options *options,
                                 const tin_program *best, tin_program *p)
{
    enum { CALL = 1000 }; // cycles: 500, and what rows alone leave over
    tin_lowering lo = *start;
    tin_status status = compile_again(&lo, g, options, best, p);

    lo.room = best->plan.peak_bytes;
    if (status != TIN_OK || options->optimize != TIN_OPTIMIZE_SPEED ||
        options->resident || p->plan.peak_bytes <= lo.room)
        return status;
    lo.more_calls = (best->cycles - p->cycles) / CALL;
    return compile_again(&lo, g, options, best, p);
}

/* Compiles the best order once more, with what is for spare room alone in the
 * layers first .. end - 1; keeps the program if its arena is no larger. */
static tin_status try_spare(const tin_lowering *start, tin_graph *g,
                            const tin_compile_options *options, int32_t first,
                            int32_t end, tin_program *best)
{
    tin_program p;
    tin_status status;
    int32_t i, n = 0;

    for (i = first; i < end; i++)
        if (start->lean[i] == TIN_LEAN_FELT) {
            start->lean[i] = TIN_LEAN_NOT;
            n++;
        }
    if (n == 0)
        return TIN_OK;
    status = compile_fuller(start, g, options, best, &p);
    if (status == TIN_OK && p.plan.peak_bytes <= best->plan.peak_bytes) {
        if (p.plan.lower_bound_bytes >= best->plan.lower_bound_bytes) {
            p.plan.lower_bound_bytes = best->plan.lower_bound_bytes;
            p.plan.optimal = best->plan.optimal;
        } else { // of this order alone
            p.plan.optimal = p.searched_all = 0;
        }
        *best = p;
        return TIN_OK;
    }
    for (i = first; i < end; i++)
        if (start->lean[i] == TIN_LEAN_NOT)
            start->lean[i] = TIN_LEAN_FELT;
    return status;
}

/* Gives the layers what is for spare room where the arena has it: all of them,
 * or else one after the other. */
static tin_status fill_room(const tin_lowering *start, tin_graph *g,
                            const attempts *a,
                            const tin_compile_options *options,
                            tin_program *best)
{
    const int32_t n = best->n_layers;
    tin_status status;
    int32_t i;

    for (i = 0; i < g->n_nodes; i++)
        g->nodes[i] = a->nodes[a->best[i]];
    status = try_spare(start, g, options, 0, n, best);
    for (i = 0; i < n && status == TIN_OK; i++)
        status = try_spare(start, g, options, i, i + 1, best);
    return status;
}

static tin_status try_orders(const tin_lowering *start, tin_graph *g,
                             const tin_compile_options *options,
                             tin_program *best)
{
    enum { MOST_NODES = 256 };
    const size_t bytes = (size_t)g->n_nodes * sizeof *g->nodes;
    tin_node *nodes = tin_pool_alloc(g->pool, bytes);
    tin_graph in_file_order = *g;
    attempts a;
    tin_status status;

    if (g->n_nodes > MOST_NODES) {
        status = lower_and_place(start, g, options, best, NULL);
        best->plan.optimal = 0;
        return status;
    }
    a.nodes = in_file_order.nodes = nodes;
    a.best = tin_pool_alloc(g->pool, (uint64_t)g->n_nodes * sizeof *a.best);
    if (!nodes || !a.best || !tin_orders_init(&a.orders, &in_file_order))
        return no_memory(start->diag);
    if (bytes > 0)
        memcpy(nodes, g->nodes, bytes);
    status = try_all(start, g, &a, options, best);
    if (status == TIN_OK)
        status = fill_room(start, g, &a, options, best);
    if (status == TIN_OK && options->optimize == TIN_OPTIMIZE_RAM &&
        !options->resident && start->target->isa)
        status = enlarge_calls(start, g, &a, options, best);
    return status;
}

/* Tries the orders. If there is more to try than there is work allowed, tries
 * them once more without rings that share their slots: of these simpler ways,
 * four times as many can be tried. */
static tin_status search(tin_lowering *start, tin_graph *g,
                         const tin_compile_options *options, tin_program *best)
{
    const int64_t work = *start->work_left;
    const size_t bytes = (size_t)g->n_nodes * sizeof *g->nodes;
    tin_node *nodes = tin_pool_alloc(g->pool, bytes);
    tin_program p = *best;
    tin_status status;

    if (!nodes)
        return no_memory(start->diag);
    if (bytes > 0)
        memcpy(nodes, g->nodes, bytes);
    status = try_orders(start, g, options, best);
    if (status != TIN_OK || *start->work_left >= 0)
        return status;
    if (bytes > 0)
        memcpy(g->nodes, nodes, bytes);
    memset(start->lean, TIN_LEAN, (size_t)best->n_layers);
    *start->work_left = work;
    start->apart = 1;
    status = try_orders(start, g, options, &p);
    if (status == TIN_OK && p.plan.peak_bytes < best->plan.peak_bytes) {
        if (p.plan.lower_bound_bytes > best->plan.lower_bound_bytes)
            p.plan.lower_bound_bytes = best->plan.lower_bound_bytes;
        p.plan.optimal = p.searched_all = 0;
        *best = p;
    }
    return status;
}

/* Chooses kernels so that all constants fit into the budget: lowers the graph
 * once to see what there is to choose from, and what it takes besides. */
static tin_status meet_budget(tin_lowering *start, tin_graph *g, int64_t budget,
                              tin_program p)
{
    tin_offers *offers = tin_pool_alloc(g->pool, sizeof *offers);
    tin_lowering lo = *start;
    int64_t others, taken;
    tin_status status;

    lo.layers =
        tin_pool_alloc(lo.pool, (uint64_t)p.n_layers * sizeof *lo.layers);
    if (!offers || !lo.layers || !start_lowering(&lo, g))
        return no_memory(lo.diag);
    memcpy(lo.layers, start->layers, (size_t)p.n_layers * sizeof *lo.layers);
    p.layers = lo.layers;
    lo.offers = offers;
    lo.offering = 1;
    status = tin_lower(&lo, &p);
    if (status == TIN_OK)
        status = tin_price_layers(&lo, &p);
    if (status != TIN_OK)
        return status;
    if (p.flash_bytes <= budget)
        return TIN_OK;
    others = p.flash_bytes - tin_first_offers(offers);
    taken = tin_spend(offers, budget - others);
    if (others + taken > budget)
        return tin_fail(lo.diag, TIN_ERR_ARG, -1,
                        "the network's constants take at least %lld bytes of "
                        "flash, the budget is %lld",
                        (long long)(others + taken), (long long)budget);
    start->offers = offers;
    return TIN_OK;
}

/* Passes may change shapes; the caller's view of the network stays. */
static tin_status keep_file_values(tin_graph *g, tin_diag *diag)
{
    const size_t bytes = (size_t)g->n_values * sizeof *g->values;
    tin_value *copy = tin_pool_alloc(g->pool, bytes);

    if (!copy)
        return no_memory(diag);
    if (bytes > 0)
        memcpy(copy, g->values, bytes);
    g->file_values = copy;
    g->n_file_values = g->n_values;
    return TIN_OK;
}

/* Compiles a window that slides: first for a few windows, to see how long the
 * rings are, then for as many as it takes until all of them begin anew. */
static tin_status compile_sliding(tin_lowering *lo, tin_graph *g,
                                  const tin_compile_options *options,
                                  tin_program *p)
{
    enum { A_FEW = 4 };
    const int32_t rows = g->values[g->inputs[0]].shape[1];
    tin_span *spans;
    int32_t turn = 0;
    tin_status status = tin_slide(g, options->hop, &spans, lo->diag);

    if (status != TIN_OK)
        return status;
    lo->spans = spans;
    status = tin_slide_stretch(g, spans, A_FEW, lo->diag);
    if (status == TIN_OK)
        status = lower_and_place(lo, g, options, p, &turn);
    if (status != TIN_OK)
        return status;
    if ((int64_t)rows + (turn + 2) * (int64_t)options->hop > INT16_MAX)
        return tin_fail(lo->diag, TIN_ERR_UNSUPPORTED, -1,
                        "with a hop of %d rows the rings begin anew only "
                        "after %d windows: try another hop",
                        (int)options->hop, (int)turn);
    p->macs = p->live_macs = p->weight_bytes = 0;
    status = tin_slide_stretch(g, spans, turn + 2, lo->diag);
    if (status == TIN_OK)
        status = lower_and_place(lo, g, options, p, &turn);
    p->model.pushed_rows = rows;
    return status;
}

static tin_status run_passes(tin_graph *g, const tin_compile_options *options,
                             tin_diag *diag)
{
    tin_status status = keep_file_values(g, diag);

    if (status == TIN_OK)
        status = tin_shift_uint8(g, diag);
    if (status == TIN_OK)
        tin_fold_constants(g);
    if (status == TIN_OK)
        status = tin_turn_rows_1d(g, diag);
    if (status == TIN_OK)
        status = tin_fold_pads(g, diag);
    if (status == TIN_OK && options->optimize != TIN_OPTIMIZE_RAM)
        status = tin_remove_dead_channels(g, diag);
    return status;
}

/* What the compilation of a graph begins with, besides its options. */
static void begin(tin_lowering *lo, tin_graph *g, tin_program *p,
                  int64_t *work_left, tin_diag *diag)
{
    memset(lo, 0, sizeof *lo);
    lo->work_left = work_left;
    lo->pool = g->pool;
    lo->diag = diag;
    lo->layers = tin_describe_layers(g);
    lo->measured = tin_measured_new(g->pool, g->n_nodes);
    lo->plans = tin_plans_new(g->pool);
    lo->lean = tin_pool_alloc(g->pool, (uint64_t)g->n_layers);
    if (lo->lean)
        memset(lo->lean, TIN_LEAN, (size_t)g->n_layers);
    p->n_layers = g->n_layers;
}

tin_status tin_compile_once(tin_graph *g, tin_program *p, tin_diag *diag)
{
    static const tin_compile_options in_order = {.optimize = TIN_OPTIMIZE_SPEED,
                                                 .plan_work_limit = 1};
    int64_t no_work = 0;
    tin_lowering lo;

    begin(&lo, g, p, &no_work, diag);
    if (!lo.layers || !lo.lean || !lo.measured || !lo.plans)
        return no_memory(diag);
    lo.target = tin_find_target("generic");
    lo.optimize = in_order.optimize;
    return lower_and_place(&lo, g, &in_order, p, NULL);
}

tin_status tin_compile_graph(tin_graph *g, const tin_compile_options *options,
                             const tin_program **program, tin_diag *diag)
{
    enum { DEFAULT_SEARCH = 30000000 };
    static const tin_compile_options defaults;
    tin_program *p = tin_pool_alloc(g->pool, sizeof *p);
    int64_t work_left = DEFAULT_SEARCH;
    tin_lowering lo;
    tin_status status;

    if (!p)
        return no_memory(diag);
    begin(&lo, g, p, &work_left, diag);
    if (!lo.layers || !lo.lean || !lo.measured || !lo.plans)
        return no_memory(diag);
    if (!options)
        options = &defaults;
    lo.target = tin_find_target(options->target);
    if (!lo.target)
        return tin_fail(diag, TIN_ERR_ARG, -1, "unknown target '%.40s'",
                        options->target);
    if (options->search_limit > 0)
        work_left = options->search_limit;
    lo.progress = options->progress;
    lo.progress_context = options->progress_context;
    lo.optimize = options->optimize;
    lo.resident = options->resident;
    p->target = lo.target->name;
    memcpy(p->regions, options->regions, sizeof p->regions);
    p->n_regions = options->n_regions;
    status = run_passes(g, options, diag);
    if (status == TIN_OK && options->flash_budget > 0)
        status = meet_budget(&lo, g, options->flash_budget, *p);
    if (status == TIN_OK)
        status = options->hop > 0 ? compile_sliding(&lo, g, options, p)
                                  : search(&lo, g, options, p);
    if (status == TIN_OK)
        *program = p;
    return status;
}

tin_status tin_compile(tin_pool *pool, const void *file, size_t file_bytes,
                       const tin_compile_options *options,
                       const tin_program **program, tin_diag *diag)
{
    tin_graph *g;
    const tin_status status =
        tin_import_tflite(pool, file, file_bytes, &g, diag);

    if (status != TIN_OK)
        return status;
    return tin_compile_graph(g, options, program, diag);
}
