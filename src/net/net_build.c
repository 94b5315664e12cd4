/* Which tables a network has, and their making, the dearest first, by all threads. */
#include "net/net_build.h"

#include "base/float_env.h"
#include "net/wiring_bounds.h"
#include "population/population_plan.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static uint64_t tiles_of(const struct net *net, size_t population)
{
    uint64_t padded = population_padded(net->config->population[population].size);
    return (padded + net->settings.tile - 1) / net->settings.tile;
}

/* ---- the list */

static struct net_table *add_table(struct net *net)
{
    size_t count = net->table_count;
    if ((count & (count - 1)) == 0) { /* room is a power of two */
        size_t room = count > 0 ? 2 * count : 1;
        struct net_table *table = realloc(net->table, room * sizeof *table);
        if (!table)
            return NULL;
        net->table = table;
    }
    net->table_count++;
    return memset(&net->table[count], 0, sizeof *net->table);
}

/* What goes to which receptor: one table where only one sign occurs, none for weights of 0. */
static bool add_receptors(struct net *net, const struct net_table *like)
{
    const struct population_config *target = &net->config->population[like->population];
    const struct projection_config *projection = &net->config->projection[like->projection];
    double least, most;
    wiring_weight_bounds(projection, &least, &most);
    const bool signs[2] = {most > 0, least < 0};
    for (enum receptor r = RECEPTOR_EX; r < RECEPTORS_MOST; r++) {
        struct synapses_part part = like->part;
        part.positive = signs[0] && weight_receptor(target, 1) == r;
        part.negative = signs[1] && weight_receptor(target, -1) == r;
        if (!part.positive && !part.negative)
            continue;
        part.zeros = part.negative || !signs[1];
        part.unit = weight_grid_unit(&net->grid, like->projection, like->population, r);
        struct net_table *table = add_table(net);
        if (!table)
            return false;
        *table = *like;
        table->receptor = r;
        table->part = part;
    }
    return true;
}

/* The part of a range of targets that lies in a tile. */
static bool add_tile(struct net *net, size_t projection, const struct target *range, uint64_t place,
                     uint64_t tile)
{
    uint64_t first = tile * net->settings.tile, behind = first + net->settings.tile;
    uint64_t begin = range->begin > first ? range->begin : first;
    uint64_t end = range->end < behind ? range->end : behind;
    struct net_table table = {.projection = projection,
                              .population = range->population,
                              .tile = tile,
                              .part = {.config = net->config,
                                       .projection = projection,
                                       .population = range->population,
                                       .id = begin,
                                       .progress = &net->progress,
                                       .begin = place + (begin - range->begin),
                                       .end = place + (end - range->begin),
                                       .local = (uint32_t)(begin - first),
                                       .tile = net->settings.tile}};
    const struct projection_config *p = &net->config->projection[projection];
    table.cost = wiring_expected_count(p) * (double)(end - begin) / (double)p->targets;
    return begin >= end || add_receptors(net, &table);
}

static bool add_projection(struct net *net, size_t projection)
{
    const struct projection_config *p = &net->config->projection[projection];
    uint64_t place = 0;
    for (size_t t = 0; t < p->target_count; t++) {
        for (uint64_t tile = 0; tile < tiles_of(net, p->target[t].population); tile++)
            if (!add_tile(net, projection, &p->target[t], place, tile))
                return false;
        place += p->target[t].end - p->target[t].begin;
    }
    return true;
}

static bool in_one_tile(const struct net_table *a, const struct net_table *b)
{
    return a->population == b->population && a->tile == b->tile;
}

static int by_tile(const void *left, const void *right)
{
    const struct net_table *a = left, *b = right;
    if (a->population != b->population)
        return a->population < b->population ? -1 : 1;
    if (a->tile != b->tile)
        return a->tile < b->tile ? -1 : 1;
    return a->projection < b->projection ? -1 : a->projection > b->projection;
}

/* Where each tile's tables begin. */
static bool index_tables(struct net *net)
{
    net->of_tile = calloc(net->config->population_count, sizeof *net->of_tile);
    size_t at = 0;
    for (size_t p = 0; net->of_tile && p < net->config->population_count; p++) {
        uint64_t tiles = tiles_of(net, p);
        net->of_tile[p] = calloc(tiles + 1, sizeof **net->of_tile);
        if (!net->of_tile[p])
            return false;
        for (uint64_t tile = 0; tile <= tiles; tile++) {
            while (at < net->table_count && net->table[at].population == p &&
                   net->table[at].tile < tile)
                at++;
            net->of_tile[p][tile] = at;
        }
    }
    return net->of_tile != NULL;
}

static enum status list_tables(struct net *net, struct error *err)
{
    bool good = true;
    for (size_t i = 0; good && i < net->config->projection_count; i++)
        good = add_projection(net, i);
    if (good && net->table_count > 0)
        qsort(net->table, net->table_count, sizeof *net->table, by_tile);
    good = good && index_tables(net);
    return good ? STATUS_OK : error_no_memory(err, "for the list of synapses");
}

/* ---- making them */

static int by_cost(const void *left, const void *right)
{
    const struct net_table *a = *(struct net_table *const *)left,
                           *b = *(struct net_table *const *)right;
    return a->cost > b->cost ? -1 : a->cost < b->cost;
}

/* Tables that threads take one by one. */
struct making {
    struct net *net;
    struct net_table **order; /* [net->table_count] */
    _Atomic size_t next;
    enum status status; /* of the first that failed */
    struct error err;
};

static void make_table(struct making *making, struct net_table *table, struct synapses_work *work)
{
    struct error err = {STATUS_OK, ""};
    const struct wiring *wiring = making->net->projection[table->projection].wiring;
    enum status status = synapses_open(&table->synapses, wiring, &table->part, work, &err);
#pragma omp critical(net_make)
    if (status && !making->status) {
        making->status = status;
        making->err = err;
    }
}

static void make_some(struct making *making, struct synapses_work *work)
{
    WITH_OWN_FLOAT_ENV(env);
    size_t i;
    while ((i = atomic_fetch_add(&making->next, 1)) < making->net->table_count)
        make_table(making, making->order[i], work);
    synapses_work_close(work);
}

static double expected_synapses(const struct net *net)
{
    double count = 0;
    for (size_t i = 0; i < net->config->projection_count; i++)
        count += wiring_expected_count(&net->config->projection[i]);
    return count;
}

static enum status make_tables(struct net *net, struct error *err)
{
    const size_t count = net->table_count, threads = (size_t)net->settings.threads;
    struct making making = {.net = net, .order = calloc(count + 1, sizeof *making.order)};
    struct synapses_work *work = calloc(threads, sizeof *work);
    if (!making.order || !work) {
        free(making.order);
        free(work);
        return error_no_memory(err, "for making synapses");
    }
    for (size_t i = 0; i < count; i++)
        making.order[i] = &net->table[i];
    net_progress_begin(&net->progress, net->settings.watch, expected_synapses(net));
    qsort(making.order, count, sizeof *making.order, by_cost);
#pragma omp parallel for num_threads(threads) schedule(static, 1)
    for (size_t t = 0; t < threads; t++)
        make_some(&making, &work[t]);
    free(making.order);
    free(work);
    if (!making.status && net_progress_end(&net->progress))
        making.status = STATUS_INTERRUPTED;
    if (making.status == STATUS_INTERRUPTED)
        error_set(&making.err, STATUS_INTERRUPTED, "interrupted while synapses were made");
    if (making.status && err)
        *err = making.err;
    return making.status;
}

static void add_up(struct net *net)
{
    for (size_t i = 0; i < net->table_count; i++) {
        const struct synapses *s = &net->table[i].synapses;
        struct net_facts *made = &net->projection[net->table[i].projection].made;
        digest_merge(&made->digest, &s->digest);
        made->bytes += s->bytes + (s->sources + 1) * sizeof *s->first;
    }
}

/* The sums that a step can have, over all of a tile's tables. Their grid follows from bounds that
 * hold but for a chance of less than 1e-20, so this has not been seen. */
static enum status check_sums(const struct net *net, struct error *err)
{
    const uint64_t most = UINT64_C(1) << (net->grid.bits - 1);
    for (size_t i = 0; i < net->table_count;) {
        uint64_t sum[RECEPTORS_MOST] = {0, 0};
        size_t next = i;
        for (; next < net->table_count && in_one_tile(&net->table[i], &net->table[next]); next++)
            sum[net->table[next].receptor] += net->table[next].synapses.largest;
        for (enum receptor r = RECEPTOR_EX; r < RECEPTORS_MOST; r++)
            if (sum[r] >= most)
                return error_set(err, STATUS_CONFIG,
                                 "%s: the weights onto a neuron of %s add up to more than sums of "
                                 "%d bits hold; choose another seed, or precision = double",
                                 net->config->file,
                                 net->config->population[net->table[i].population].name,
                                 net->grid.bits);
        i = next;
    }
    return STATUS_OK;
}

/* ---- all of it */

static bool open_ranges(struct net_projection *out, const struct projection_config *projection)
{
    uint64_t place = 0;
    out->range = calloc(projection->source_count, sizeof *out->range);
    for (size_t s = 0; out->range && s < projection->source_count; s++) {
        const struct target *source = &projection->source[s];
        out->range[s] =
            (struct source_range){source->population, source->begin, source->end, place};
        place += source->end - source->begin;
    }
    return out->range != NULL;
}

static enum status open_projections(struct net *net, struct error *err)
{
    const struct config *config = net->config;
    enum status status = STATUS_OK;
    net->projection = calloc(config->projection_count, sizeof *net->projection);
    if (!net->projection)
        return error_no_memory(err, "for projections");
    for (size_t i = 0; i < config->projection_count && !status; i++) {
        if (!open_ranges(&net->projection[i], &config->projection[i]))
            return error_no_memory(err, "for projections");
        status = wiring_open(&net->projection[i].wiring, config, i,
                             kernels_for(net->settings.kernels->isa, 32), err);
    }
    return status;
}

enum status net_build(struct net *net, struct error *err)
{
    enum status status = open_projections(net, err);
    if (!status)
        status = list_tables(net, err);
    if (!status)
        status = make_tables(net, err);
    add_up(net);
    return status ? status : check_sums(net, err);
}

void net_build_close(struct net *net)
{
    for (size_t i = 0; i < net->table_count; i++) {
        synapses_close(&net->table[i].synapses);
        flights_close(&net->table[i].flights);
    }
    for (size_t p = 0; net->of_tile && p < net->config->population_count; p++)
        free(net->of_tile[p]);
    for (size_t i = 0; net->projection && i < net->config->projection_count; i++) {
        wiring_close(net->projection[i].wiring);
        free(net->projection[i].range);
    }
    free(net->table);
    free(net->of_tile);
    free(net->projection);
}
