/* What a host program may change in a simulation between two steps. */
#include "base/float_env.h"
#include "engine/network.h"
#include "sim/sim_handle.h"
#include "sim/sim_messages.h"
#include "sim/sim_state.h"

#include <stdlib.h>
#include <string.h>

/* STATUS_OK if the simulation can be changed and has the population. */
static enum status check_population(const struct mlif_simulation *s, size_t population,
                                    struct error *err)
{
    const size_t count = s->setup.config->population_count;
    enum status status = sim_state_check(s, err);
    if (status || population < count)
        return status;
    return error_set(err, STATUS_CONFIG, "there is no population %zu; there are %zu", population,
                     count);
}

static int by_id(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

static enum status inject(struct mlif_simulation *s, size_t population, const uint64_t *node_ids,
                          size_t count, struct error *err)
{
    enum status status = check_population(s, population, err);
    if (status || count == 0)
        return status;
    uint64_t *sorted = count <= SIZE_MAX / sizeof *sorted ? malloc(count * sizeof *sorted) : NULL;
    if (!sorted)
        return error_no_memory(err, "for %zu spikes", count);
    memcpy(sorted, node_ids, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_id);
    status = network_inject(s->engine, population, sorted, count, err);
    free(sorted);
    return status;
}

enum mlif_status mlif_inject_spikes(struct mlif_simulation *simulation, size_t population,
                                    const uint64_t *node_ids, size_t count,
                                    struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    struct error err = {STATUS_OK, ""};
    enum status status = inject(simulation, population, node_ids, count, &err);
    return status ? sim_tell_error(errors, &err) : MLIF_OK;
}
