/* What a host program may change in a simulation between two steps. */
#include "sim/sim_change.h"

#include "base/digest.h"
#include "base/float_env.h"
#include "engine/change.h"
#include "sim/sim_handle.h"
#include "sim/sim_messages.h"
#include "sim/sim_range.h"
#include "sim/sim_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What a call is given: ranks are all given the same, of which each takes its part. */
struct call {
    enum call_kind { CALL_SPIKES, CALL_V_M, CALL_CURRENT, CALL_RATE } kind;
    const char *input; /* or NULL */
    size_t population;
    uint64_t begin, count;
    const void *number; /* of 8 bytes each */
    uint64_t numbers;
};

static uint64_t hash_of(const struct call *call, bool numbers)
{
    uint64_t hash = mix64((uint64_t)call->kind ^ (call->input ? fnv1a64(call->input) : 0));
    hash = mix64(hash ^ call->population);
    hash = mix64(hash ^ call->begin);
    hash = mix64(hash ^ call->count);
    hash = mix64(hash ^ call->numbers);
    for (uint64_t i = 0; numbers && i < call->numbers; i++) {
        uint64_t bits;
        memcpy(&bits, (const char *)call->number + i * sizeof bits, sizeof bits);
        hash = mix64(hash ^ bits);
    }
    return hash;
}

/* Before anything is changed: `status` where all ranks call alike. */
static enum status check_alike(const struct mlif_simulation *s, const struct call *call,
                               enum status status, struct error *err)
{
    const struct comm *comm = s->setup.settings.comm;
    if (!comm_is_shared(comm))
        return status;
    const uint64_t hash = hash_of(call, status == STATUS_OK);
    if (comm_count_same(comm, &hash, sizeof hash) == comm->ranks)
        return status;
    return error_set(err, STATUS_CONFIG,
                     "the ranks do not set the same: each must call with the numbers of all");
}

/* Where only one rank had no memory for a change the ranks do not agree any more. */
static enum status settle(struct mlif_simulation *s, enum status status, struct error *err)
{
    const struct comm *comm = s->setup.settings.comm;
    status = comm_agree(comm, status, err);
    if (status == STATUS_MEMORY && comm_is_shared(comm)) {
        s->state = SIM_FAILED;
        s->failure = status;
    }
    return status;
}

static int by_id(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

static enum status inject(struct mlif_simulation *s, size_t population, const uint64_t *node_ids,
                          size_t count, struct error *err)
{
    const struct call call = {CALL_SPIKES, NULL, population, 0, count, node_ids, count};
    enum status status = sim_state_check(s, err);
    if (!status)
        status = sim_range_population(s->setup.config, population, err);
    status = check_alike(s, &call, status, err);
    if (status || count == 0)
        return status;
    uint64_t *sorted = count <= SIZE_MAX / sizeof *sorted ? malloc(count * sizeof *sorted) : NULL;
    if (!sorted)
        return settle(s, error_no_memory(err, "for %zu spikes", count), err);
    memcpy(sorted, node_ids, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_id);
    status = change_inject(s->engine, population, sorted, count, err);
    free(sorted);
    return settle(s, status, err);
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
static enum status check_range(const struct mlif_simulation *s, enum call_kind kind,
                               const char *input, const struct change_range *range,
                               const double *number, struct error *err)
{
    const struct call call = {.kind = kind,
                              .input = input,
                              .population = range->population,
                              .begin = range->begin,
                              .count = range->end - range->begin,
                              .number = number,
                              .numbers = change_numbers(range)};
    enum status status = sim_state_check(s, err);
    if (!status)
        status = sim_range_check(s->setup.config, range->population, range->begin, range->end, err);
    return check_alike(s, &call, status, err);
}

enum mlif_status mlif_set_V_m(struct mlif_simulation *simulation, size_t population, uint64_t begin,
                              uint64_t end, const double *V_m, struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    struct error err = {STATUS_OK, ""};
    const struct change_range range = {population, begin, end, false};
    enum status status = check_range(simulation, CALL_V_M, NULL, &range, V_m, &err);
    if (!status)
        status = settle(simulation, change_V_m(simulation->engine, &range, V_m, &err), &err);
    return status ? sim_tell_error(errors, &err) : MLIF_OK;
}

static enum mlif_status set_current(struct mlif_simulation *s, const char *input,
                                    const struct change_range *range, const double *current,
                                    struct mlif_messages *errors)
{
    struct error err = {STATUS_OK, ""};
    enum status status = check_range(s, CALL_CURRENT, input, range, current, &err);
    if (!status)
        status = settle(s, change_current(s->engine, input, range, current, &err), &err);
    return status ? sim_tell_error(errors, &err) : MLIF_OK;
}

enum mlif_status mlif_set_current(struct mlif_simulation *simulation, const char *input,
                                  size_t population, uint64_t begin, uint64_t end,
                                  const double *current, struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    const struct change_range range = {population, begin, end, false};
    return set_current(simulation, input, &range, current, errors);
}

enum mlif_status mlif_set_same_current(struct mlif_simulation *simulation, const char *input,
                                       size_t population, uint64_t begin, uint64_t end,
                                       double current, struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    const struct change_range range = {population, begin, end, true};
    return set_current(simulation, input, &range, &current, errors);
}

enum mlif_status mlif_set_rate(struct mlif_simulation *simulation, const char *input,
                               size_t population, uint64_t begin, uint64_t end, const double *rate,
                               struct mlif_messages *errors)
{
    WITH_OWN_FLOAT_ENV(env);
    struct error err = {STATUS_OK, ""};
    const struct change_range range = {population, begin, end, false};
    enum status status = check_range(simulation, CALL_RATE, input, &range, rate, &err);
    if (!status)
        status =
            settle(simulation, change_rate(simulation->engine, input, &range, rate, &err), &err);
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
