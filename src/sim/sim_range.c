#include "sim/sim_range.h"

enum status sim_range_population(const struct config *config, size_t population, struct error *err)
{
    if (population < config->population_count)
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG, "there is no population %zu; there are %zu", population,
                     config->population_count);
}

enum status sim_range_check(const struct config *config, size_t population, uint64_t begin,
                            uint64_t end, struct error *err)
{
    enum status status = sim_range_population(config, population, err);
    if (status)
        return status;
    const struct population_config *p = &config->population[population];
    if (begin <= end && end <= p->size)
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG, "population %s has %llu neurons, and no range %llu:%llu",
                     p->name, (unsigned long long)p->size, (unsigned long long)begin,
                     (unsigned long long)end);
}
