/* What a host program may change in a simulation between two steps. */
#include "sim/sim_change.h"

#include "base/float_env.h"
#include "engine/change.h"
#include "sim/sim_handle.h"
#include "sim/sim_messages.h"
#include "sim/sim_range.h"
#include "sim/sim_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int by_id(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

static enum status inject(struct mlif_simulation *s, size_t population, const uint64_t *node_ids,
                          size_t count, struct error *err)
{
    enum status status = sim_state_check_change(s, err);
    if (!status)
        status = sim_range_population(s->setup.config, population, err);
    if (status || count == 0)
        return status;
    uint64_t *sorted = count <= SIZE_MAX / sizeof *sorted ? malloc(count * sizeof *sorted) : NULL;
    if (!sorted)
        return error_no_memory(err, "for %zu spikes", count);
    memcpy(sorted, node_ids, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_id);
    status = change_inject(s->engine, population, sorted, count, err);
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

/* STATUS_OK if the simulation can be changed and has these neurons. */
static enum status check_range(const struct mlif_simulation *s, const struct change_range *range,
                               struct error *err)
{
    enum status status = sim_state_check_change(s, err);
    return status
               ? status
               : sim_range_check(s->setup.config, range->population, range->begin, range->end, err);
}

enum mlif_status mlif_set_V_m(struct mlif_simulation *simulation, size_t population, uint64_t begin,
                              uint64_t end, const double *V_m, struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    struct error err = {STATUS_OK, ""};
    const struct change_range range = {population, begin, end};
    enum status status = check_range(simulation, &range, &err);
    if (!status)
        status = change_V_m(simulation->engine, &range, V_m, &err);
    return status ? sim_tell_error(errors, &err) : MLIF_OK;
}

enum mlif_status mlif_set_current(struct mlif_simulation *simulation, const char *input,
                                  size_t population, uint64_t begin, uint64_t end,
                                  const double *current, struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    struct error err = {STATUS_OK, ""};
    const struct change_range range = {population, begin, end};
    enum status status = check_range(simulation, &range, &err);
    if (!status)
        status = change_current(simulation->engine, input, &range, current, &err);
    return status ? sim_tell_error(errors, &err) : MLIF_OK;
}

enum mlif_status mlif_set_rate(struct mlif_simulation *simulation, const char *input,
                               size_t population, uint64_t begin, uint64_t end, const double *rate,
                               struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    struct error err = {STATUS_OK, ""};
    const struct change_range range = {population, begin, end};
    enum status status = check_range(simulation, &range, &err);
    if (!status)
        status = change_rate(simulation->engine, input, &range, rate, &err);
    return status ? sim_tell_error(errors, &err) : MLIF_OK;
}

void sim_change_warn(const struct engine *engine, struct messages *warnings)
{
    const struct engine_changes *c = change_counts(engine);
    if (c->spikes + c->V_m + c->currents + c->rates > 0)
        messages_add(warnings,
                     "a program has acted on this run: %" PRIu64 " spikes put in, %" PRIu64
                     " potentials, %" PRIu64 " currents and %" PRIu64
                     " rates set; the config alone does not give it again",
                     c->spikes, c->V_m, c->currents, c->rates);
}
