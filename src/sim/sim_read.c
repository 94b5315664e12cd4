/* What a host program may read from a simulation. */
#include "base/float_env.h"
#include "sim/sim_handle.h"

#include <string.h>

double mlif_dt_ms(const struct mlif_simulation *simulation)
{
    return simulation->setup.config->dt_ms;
}

uint64_t mlif_steps(const struct mlif_simulation *simulation)
{
    return simulation->setup.config->steps;
}

uint64_t mlif_steps_done(const struct mlif_simulation *simulation)
{
    return engine_steps_done(simulation->engine);
}

void mlif_digest(const struct mlif_simulation *simulation, char digest[33])
{
    struct digest of_all = engine_digest(simulation->engine);
    digest_format(&of_all, digest);
}

size_t mlif_population_count(const struct mlif_simulation *simulation)
{
    return simulation->setup.config->population_count;
}

const char *mlif_population_name(const struct mlif_simulation *simulation, size_t population)
{
    const struct config *config = simulation->setup.config;
    return population < config->population_count ? config->population[population].name : NULL;
}

uint64_t mlif_population_size(const struct mlif_simulation *simulation, size_t population)
{
    const struct config *config = simulation->setup.config;
    return population < config->population_count ? config->population[population].size : 0;
}

size_t mlif_population_find(const struct mlif_simulation *simulation, const char *name)
{
    const struct config *config = simulation->setup.config;
    for (size_t i = 0; i < config->population_count; i++)
        if (strcmp(config->population[i].name, name) == 0)
            return i;
    return MLIF_NONE;
}

enum mlif_status mlif_read_V_m(const struct mlif_simulation *simulation, size_t population,
                               uint64_t begin, uint64_t end, double *V_m)
{
    const bool good = mlif_population_name(simulation, population) && begin <= end &&
                      end <= mlif_population_size(simulation, population) &&
                      !simulation->setup.config->population[population].model->source_only;
    const uint64_t what[] = {population, begin, end};
    const struct comm *comm = simulation->setup.settings.comm;
    /* Asked of all ranks, also by one whose own call is wrong: the others wait for it. */
    if (comm_count_same(comm, what, sizeof what) != comm_ranks(comm) || !good)
        return MLIF_CONFIG;
    WITH_OWN_FLOAT_ENV(env);
    engine_read_V(simulation->engine, population, begin, end, V_m);
    return MLIF_OK;
}
