#include "population/part.h"

#include "kernel/kernel.h"

/* Neurons are dealt in whole groups, which random numbers serve together. Where there are fewer
 * groups than ranks, other ranks have them in each population. */
static uint64_t first_of(uint64_t size, size_t population, struct part part, int rank)
{
    const uint64_t ranks = (uint64_t)part.ranks, groups = (size + TILE_ALIGN - 1) / TILE_ALIGN;
    const uint64_t turn = groups < ranks ? population % ranks : 0;
    const unsigned __int128 scaled = (unsigned __int128)groups * (unsigned)rank + turn;
    const uint64_t first = (uint64_t)(scaled / ranks) * TILE_ALIGN;
    return first < size ? first : size;
}

struct part_range part_range(const struct config *config, size_t population, struct part part)
{
    const uint64_t size = config->population[population].size;
    if (part.ranks < 2)
        return (struct part_range){0, size};
    const uint64_t first = first_of(size, population, part, part.rank);
    return (struct part_range){first, first_of(size, population, part, part.rank + 1) - first};
}

struct part_range part_range_within(struct part_range range, uint64_t begin, uint64_t end)
{
    const uint64_t behind = range.first + range.neurons;
    const uint64_t first = begin > range.first ? begin : range.first;
    const uint64_t last = end < behind ? end : behind;
    return (struct part_range){first, first < last ? last - first : 0};
}

double part_share(const struct config *config, const struct target *target, size_t count,
                  struct part part)
{
    uint64_t own = 0, all = 0;
    for (size_t t = 0; t < count; t++) {
        const struct part_range range = part_range(config, target[t].population, part);
        const uint64_t behind = range.first + range.neurons;
        const uint64_t begin = target[t].begin > range.first ? target[t].begin : range.first;
        const uint64_t end = target[t].end < behind ? target[t].end : behind;
        own += begin < end ? end - begin : 0;
        all += target[t].end - target[t].begin;
    }
    return (double)own / (double)all;
}

uint64_t part_neurons(const struct config *config, struct part part)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < config->population_count; i++)
        sum += part_range(config, i, part).neurons;
    return sum;
}
