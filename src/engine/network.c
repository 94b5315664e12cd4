/* What a network must know of the spikes, and what a checkpoint must hold of them. */
#include "engine/network.h"

#include "base/decimal.h"
#include "engine/engine_private.h"
#include "population/population_plan.h"

#include <stdlib.h>
#include <string.h>

/* ---- of a block */

/* The ids of step k of the block, tile by tile: ascending. */
static uint32_t *copy_ids(const struct block *block, size_t k, uint32_t *ids)
{
    for (uint64_t tile = 0; tile < block->tiles; tile++) {
        const size_t at = tile * block->room + k;
        const uint16_t *from = block->ids[tile] + block->position[at];
        const uint64_t first = block_tile_id(block, tile);
        for (uint32_t i = 0; i < block->count[at]; i++)
            *ids++ = (uint32_t)(first + from[i]);
    }
    return ids;
}

char *network_copy_ids(const struct block *block, size_t k, char *to)
{
    return (char *)copy_ids(block, k, (uint32_t *)(void *)to);
}

static enum status take_step(struct engine *e, size_t population, size_t k, struct error *err)
{
    const struct block *block = &e->population[population].block;
    struct history *history = net_history(e->net);
    uint64_t step = block->first_step + k, count = 0;
    for (uint64_t tile = 0; tile < block->tiles; tile++)
        count += block->count[tile * block->room + k];
    enum status status = history_resize(history, population, step, count, err);
    if (!status)
        copy_ids(block, k, history_at(history, population, step)->ids);
    return status;
}

enum status network_take(struct engine *e, struct error *err)
{
    enum status status = net_failure(e->net, err);
    for (size_t i = 0; i < e->config->population_count; i++) {
        const size_t steps = net_is_source(e->config, i) ? e->population[i].block.steps : 0;
        for (size_t k = 0; k < steps && !status; k++)
            status = take_step(e, i, k, err);
    }
    return status;
}

/* ---- from outside */

/* Own and new ids of a step, in order. */
static void merge_ids(const struct step_spikes *own, const uint64_t *ids, size_t count,
                      uint32_t *all)
{
    for (size_t i = 0, k = 0; i < own->count || k < count;)
        if (k == count || (i < own->count && own->ids[i] <= ids[k]))
            *all++ = own->ids[i++];
        else
            *all++ = (uint32_t)ids[k++];
}

/* Sums have room for so many spikes of a neuron in a step. */
static enum status check_most(const struct engine *e, size_t population, const uint32_t *all,
                              size_t count, struct error *err)
{
    const uint32_t most = population_spikes_most(e->config, population);
    for (size_t i = most; i < count; i++)
        if (all[i] == all[i - most])
            return error_set(err, STATUS_CONFIG,
                             "neuron %lu of population %s would have more than %lu spike%s, its "
                             "own counted, in the step that ends at %.10g ms, which is the most "
                             "that it can have",
                             (unsigned long)all[i], e->config->population[population].name,
                             (unsigned long)most, most == 1 ? "" : "s",
                             decimal_times_steps(e->config->dt, e->steps_done));
    return STATUS_OK;
}

static enum status check_injected(const struct engine *e, size_t population, const uint64_t *ids,
                                  size_t count, struct error *err)
{
    const struct population_config *p = &e->config->population[population];
    if (!net_is_source(e->config, population))
        return error_set(err, STATUS_CONFIG,
                         "population %s is the source of no projection: nobody would receive its "
                         "spikes",
                         p->name);
    if (e->steps_done == 0)
        return error_set(err, STATUS_CONFIG,
                         "spikes put in are those of the last step done: take a step first");
    const struct population *neurons = &e->population[population].neurons;
    if (count > 0 && neurons->model->generator &&
        !generator_active(&neurons->generator, e->steps_done - 1))
        return error_set(err, STATUS_CONFIG,
                         "population %s has spikes between its start and stop only, not at %.10g "
                         "ms",
                         p->name, decimal_times_steps(e->config->dt, e->steps_done));
    if (count > 0 && ids[count - 1] >= p->size)
        return error_set(err, STATUS_CONFIG, "population %s has no neuron %llu, but 0 to %llu",
                         p->name, (unsigned long long)ids[count - 1],
                         (unsigned long long)p->size - 1);
    return STATUS_OK;
}

enum status network_inject(struct engine *e, size_t population, const uint64_t *ids, size_t count,
                           struct error *err)
{
    enum status status = check_injected(e, population, ids, count, err);
    if (status || count == 0)
        return status;
    struct history *history = net_history(e->net);
    const uint64_t step = e->steps_done - 1;
    struct step_spikes *own = history_at(history, population, step);
    const size_t sum = own->count + count;
    uint32_t *all = malloc(sum * sizeof *all);
    if (!all)
        return error_no_memory(err, "for %zu spikes", count);
    merge_ids(own, ids, count, all);
    status = check_most(e, population, all, sum, err);
    if (!status)
        status = history_resize(history, population, step, sum, err);
    if (!status)
        memcpy(own->ids, all, sum * sizeof *all);
    free(all);
    return status;
}

/* ---- of a checkpoint */

static uint64_t steps_kept(const struct engine *e)
{
    struct net_delays delays;
    return net_delays(e->config, &delays) ? delays.greatest : 0;
}

/* The spikes of the i-th of these steps; NULL: before the first step of all. */
static struct step_spikes *at(const struct engine *e, size_t population, uint64_t i)
{
    uint64_t back = steps_kept(e) - i;
    return back > e->steps_done ? NULL
                                : history_at(net_history(e->net), population, e->steps_done - back);
}

static size_t count_at(const struct engine *e, size_t population, uint64_t i)
{
    const struct step_spikes *spikes = at(e, population, i);
    return spikes ? spikes->count : 0;
}

uint64_t network_under_way(const struct engine *e, size_t population, enum under_way what)
{
    uint64_t count = 0;
    if (what == UNDER_WAY_COUNTS)
        return steps_kept(e);
    for (uint64_t i = 0; i < steps_kept(e); i++)
        count += count_at(e, population, i);
    return count;
}

/* Calls copy for each stretch of ids [first, first + count), as they lie in the history. */
static void walk_ids(const struct engine *e, size_t population, uint64_t first, uint64_t count,
                     void (*copy)(uint32_t *ids, size_t count, void *to), char *to)
{
    for (uint64_t i = 0; i < steps_kept(e) && count > 0; i++) {
        struct step_spikes *spikes = at(e, population, i);
        uint64_t have = count_at(e, population, i);
        uint64_t skip = first < have ? first : have, n = have - skip;
        n = n < count ? n : count;
        if (n > 0)
            copy(spikes->ids + skip, (size_t)n, to);
        first -= skip;
        count -= n;
        to += n * sizeof *spikes->ids;
    }
}

static void copy_out(uint32_t *ids, size_t count, void *to)
{
    memcpy(to, ids, count * sizeof *ids);
}

static void copy_in(uint32_t *ids, size_t count, void *from)
{
    memcpy(ids, from, count * sizeof *ids);
}

void network_save(const struct engine *e, size_t population, enum under_way what, uint64_t first,
                  uint64_t count, void *out)
{
    uint64_t *counts = out;
    if (what == UNDER_WAY_IDS)
        walk_ids(e, population, first, count, copy_out, out);
    else
        for (uint64_t i = 0; i < count; i++)
            counts[i] = count_at(e, population, first + i);
}

/* Ids must be those of neurons: they index lists. */
static bool are_ids(const struct engine *e, size_t population, const uint32_t *ids, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        if (ids[i] >= e->config->population[population].size)
            return false;
    return true;
}

/* Once all are there: those between the first and the last source of a range are sources. */
static bool are_ascending(const struct engine *e, size_t population)
{
    for (uint64_t i = 0; i < steps_kept(e); i++) {
        const struct step_spikes *spikes = at(e, population, i);
        for (size_t k = 1; spikes && k < spikes->count; k++)
            if (spikes->ids[k - 1] > spikes->ids[k])
                return false;
    }
    return true;
}

/* No more than all neurons of a population can have in a step. */
static bool can_be(const struct engine *e, size_t population, uint64_t count)
{
    return count <=
           e->config->population[population].size * population_spikes_most(e->config, population);
}

static enum status restore_counts(struct engine *e, size_t population, uint64_t first,
                                  uint64_t count, const uint64_t *counts)
{
    enum status status = STATUS_OK;
    for (uint64_t i = 0; i < count && !status; i++) {
        bool before = at(e, population, first + i) == NULL;
        uint64_t step = e->steps_done - (steps_kept(e) - first - i);
        if (before ? counts[i] > 0 : !can_be(e, population, counts[i]))
            status = STATUS_CHECKPOINT;
        else if (!before)
            status = history_resize(net_history(e->net), population, step, counts[i], NULL);
    }
    return status;
}

enum status network_restore(struct engine *e, size_t population, enum under_way what,
                            uint64_t first, uint64_t count, const void *in)
{
    if (what == UNDER_WAY_COUNTS)
        return restore_counts(e, population, first, count, in);
    if (!are_ids(e, population, in, count))
        return STATUS_CHECKPOINT;
    walk_ids(e, population, first, count, copy_in, (char *)(uintptr_t)in);
    bool last = first + count == network_under_way(e, population, what);
    return last && !are_ascending(e, population) ? STATUS_CHECKPOINT : STATUS_OK;
}
